//! Clothes, shoes, bags.

use serde_json::json;

use super::order::{Demo, Item, demo, item};
use super::people::{chen, emma, li, priya, tom, wang, zhang, zhao};

fn tee() -> Item {
    item("TEE-BLK-M", "有机棉 T 恤", "黑色 M", "apparel", "99.00").drawn("tee")
}

fn socks() -> Item {
    item("SOCKS-GRY-42", "Merino socks", "grey / 42", "apparel", "89.00").drawn("socks")
}

pub(super) fn demos() -> Vec<Demo> {
    vec![
        demo("10248", wang(), 6, 3)
            .shows(
                "钻石会员：上门取件，免运费；满减优惠按比例分摊。",
                "Diamond: collected at the door, free of charge; a discount on the whole order is shared out.",
            )
            .first()
            .with(json!({"discounts": [{"code": "夏季满 150 减 20", "amount": "20.00", "minimum_spend": "150.00"}]}))
            .of([tee().units(2), item("CAP-NAVY", "棉质棒球帽", "藏青", "apparel", "59.00").drawn("cap")]),
        demo("10252", zhang(), 5, 2)
            .shows(
                "微瑕特价大衣：下单时已说明并确认，不退不换，有质量问题除外。",
                "A coat sold cheaply for a flaw that was told and agreed to stays sold, unless something else is wrong with it.",
            )
            .of([
                item("COAT-SALE", "羊毛大衣（微瑕特价）", "驼色 S", "apparel", "459.00")
                    .drawn("coat")
                    .with(json!({"tags": ["special-price"], "final_sale": true, "kinds": ["near_expiry_or_flawed_disclosed"], "exclusion_confirmed": true})),
                tee(),
            ]),
        demo("10254", tom(), 5, 2)
            .shows(
                "没有会员等级：7 天内可退，运费自付。",
                "No membership: seven days to send it back, and the customer pays for the parcel.",
            )
            .first()
            .of([item("JACKET-GRN-M", "Rain jacket", "green / M", "apparel", "589.00").drawn("jacket"), socks().units(3)]),
        demo("10255", tom(), 15, 12)
            .shows(
                "晚了几天：拆过就不能退，未拆封还能换货。",
                "A few days late: once opened it is declined, unopened it can still be exchanged.",
            )
            .first()
            .of([item("BAG-CANVAS", "Canvas bag", "sand", "apparel", "239.00").drawn("bag")]),
        demo("10260", chen(), 5, 2)
            .shows(
                "礼品卡加银行卡付款：先退礼品卡；尺码不合可以换。",
                "Paid by gift card and card: the gift card is refunded first. Another size is possible, too.",
            )
            .with(json!({"payments": [
                {"id": "gc_1", "method": "gift_card", "amount": "100.00"},
                {"id": "pi_10260", "method": "card", "amount": "308.00"},
            ]}))
            .of([item("SHOES-RUN-42", "跑步鞋", "42 码", "shoes", "398.00").drawn("sneakers")]),
        demo("10261", zhang(), 2, 0)
            .shows("还在路上：没签收也可以先申请。", "Still on its way: a return can already be asked for.")
            .under_way()
            .of([item("SCARF-WOOL", "羊毛围巾", "灰色", "apparel", "189.00").drawn("scarf")]),
        demo("10262", li(), 3, 0)
            .shows("发货前已取消：没有可退的商品。", "Cancelled before it was sent: there is nothing to send back.")
            .under_way()
            .with(json!({"cancelled": true, "deliveries": []}))
            .of([item("BELT", "皮带", "黑色", "apparel", "159.00").drawn("belt")]),
        demo("10270", li(), 33, 30)
            .shows("店庆周下的单：退货期延长。", "Ordered in our anniversary week: it can come back for longer.")
            .of([item("SHIRT-LINEN-L", "亚麻衬衫", "白色 L", "apparel", "299.00").drawn("shirt")]),
        demo("10271", emma(), 15, 12)
            .shows("金卡会员：第 12 天仍可退（金卡会员 15 天）。", "Gold: the twelfth day is in time, members have fifteen.")
            .of([
                item("DRESS-RED-S", "Summer dress", "terracotta / S", "apparel", "329.00").drawn("dress"),
                item("JEANS-BLU-30", "Straight jeans", "blue / 30", "apparel", "399.00").drawn("jeans"),
            ]),
        demo("10272", emma(), 8, 5)
            .shows("与 10271 是同一位顾客：两单可以一起退。", "The same customer as 10271: both orders can come back together.")
            .of([item("TEE-WHT-S", "Organic cotton tee", "white / S", "apparel", "99.00").drawn("tee-white").units(2)]),
        demo("10273", priya(), 6, 3).shows("一单十二行：只选要退的那几件。", "Twelve lines in one order: tick only what comes back.").of([
            item("TEE-BLK-S", "Organic cotton tee", "black / S", "apparel", "99.00").drawn("tee"),
            item("TEE-WHT-M", "Organic cotton tee", "white / M", "apparel", "99.00").drawn("tee-white"),
            item("SHIRT-LINEN-M", "Linen shirt", "white / M", "apparel", "299.00").drawn("shirt"),
            item("DRESS-RED-M", "Summer dress", "terracotta / M", "apparel", "329.00").drawn("dress"),
            item("JEANS-BLU-28", "Straight jeans", "blue / 28", "apparel", "399.00").drawn("jeans"),
            item("JACKET-GRN-S", "Rain jacket", "green / S", "apparel", "589.00").drawn("jacket"),
            item("SOCKS-GRY-38", "Merino socks", "grey / 38", "apparel", "89.00").drawn("socks").units(2),
            item("CAP-BLUE", "Cotton cap", "blue", "apparel", "59.00").drawn("cap"),
            item("SCARF-GRY", "Wool scarf", "grey", "apparel", "189.00").drawn("scarf"),
            item("BELT-BLK-85", "Leather belt", "black / 85 cm", "apparel", "159.00").drawn("belt"),
            item("BAG-CANVAS", "Canvas bag", "sand", "apparel", "239.00").drawn("bag"),
            item("SHOES-RUN-38", "Running shoes", "38", "shoes", "398.00").drawn("sneakers"),
        ]),
        demo("10274", zhao(), 7, 4)
            .shows(
                "没有邮箱也行：用手机号查找（银卡会员，按标准 7 天）。",
                "No email address: found by phone number. Silver has the standard seven days.",
            )
            .of([item("COAT-WOOL-L", "羊毛大衣", "驼色 L", "apparel", "899.00").drawn("coat")]),
        demo("10278", tom(), 4, 1)
            .shows(
                "试穿过可以退；穿出门的由专人看一看。",
                "Tried on is fine; of shoes worn outdoors somebody has a look: their state decides.",
            )
            .of([item("SHOES-RUN-43", "Running shoes", "43", "shoes", "398.00").drawn("sneakers")]),
    ]
}
