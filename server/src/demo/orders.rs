//! The demo shop's orders. Days are counted back from now, so that every rule can be met whenever the shop is seeded.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Demo, ago, customer};

/// A line.
struct Item {
    sku: &'static str,
    name: &'static str,
    variant: &'static str,
    category: &'static str,
    price: &'static str,
    units: u32,
    more: Value,
}

fn item(sku: &'static str, name: &'static str, variant: &'static str, category: &'static str, price: &'static str) -> Item {
    Item { sku, name, variant, category, price, units: 1, more: json!({}) }
}

impl Item {
    fn units(mut self, units: u32) -> Self {
        self.units = units;
        self
    }

    fn with(mut self, more: Value) -> Self {
        self.more = more;
        self
    }
}

/// What an order is beside its lines.
struct Facts {
    currency: &'static str,
    customer: Value,
    ship_to: Value,
    /// Days ago: ordered and delivered (none: on its way).
    ordered: i64,
    delivered: Option<i64>,
    means: &'static str,
    more: Value,
}

fn order(now: Timestamp, number: &str, facts: Facts, items: Vec<Item>) -> Value {
    let lines: Vec<Value> = items
        .into_iter()
        .enumerate()
        .map(|(place, item)| {
            let mut line = json!({
                "id": (place + 1).to_string(), "sku": item.sku, "name": item.name, "variant": item.variant, "category": item.category,
                "quantity": item.units, "unit_price": item.price,
            });
            merge(&mut line, &item.more);
            line
        })
        .collect();
    let delivered = facts.delivered.map(|days| ago(now, days, 0));
    let mut order = json!({
        "number": number, "placed_at": ago(now, facts.ordered, 3), "currency": facts.currency, "channel": "web",
        "customer": facts.customer, "ship_to": facts.ship_to, "lines": lines, "shipping": "10.00",
        "deliveries": [{"id": "d1", "shipped_at": ago(now, facts.ordered - 1, 0), "delivered_at": delivered, "warehouse": "HZ1",
            "carrier": "sf", "tracking_number": format!("SF{number}0001"), "picker": "p07", "packer": "k03"}],
    });
    merge(&mut order, &facts.more);
    // What was captured is what the order comes to.
    let total = serde_json::from_value::<domain::order::OrderDocument>(order.clone())
        .ok()
        .and_then(|document| domain::order::Order::parse(&document).ok());
    if let Some(parsed) = total
        && order.get("payments").is_none()
    {
        let amount = parsed.money(parsed.computed_total()).decimal();
        order["payments"] = json!([{"id": format!("pi_{number}"), "method": facts.means, "amount": amount}]);
    }
    order
}

fn merge(into: &mut Value, more: &Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        for (name, value) in more {
            into.insert(name.clone(), value.clone());
        }
    }
}

fn hangzhou() -> Value {
    json!({"country": "CN", "region": "浙江省", "city": "杭州市", "postal_code": "310012", "line1": "文三路 90 号 3 幢 1204 室"})
}

fn shanghai() -> Value {
    json!({"country": "CN", "region": "上海市", "city": "上海市", "postal_code": "200040", "line1": "静安区南京西路 1266 号"})
}

fn berlin() -> Value {
    json!({"country": "DE", "city": "Berlin", "postal_code": "10115", "line1": "Invalidenstraße 1"})
}

fn wang() -> Value {
    customer("c-1001", "王小明", "wang@example.com", "+8613800000001", Some("diamond"), "zh-CN")
}

fn li() -> Value {
    customer("c-1002", "李薇", "liwei@example.com", "+8613800000002", Some("gold"), "zh-CN")
}

fn chen() -> Value {
    customer("c-1003", "陈宇", "chenyu@example.com", "+8613800000003", None, "zh-CN")
}

fn zhang() -> Value {
    customer("c-1004", "张敏", "zhangmin@example.com", "+8613800000004", None, "zh-CN")
}

fn tom() -> Value {
    customer("c-1005", "Tom Hale", "tom@example.com", "+8613800000005", None, "en")
}

fn anna() -> Value {
    customer("c-1006", "Anna Berg", "anna@example.com", "+4915100000006", None, "en")
}

fn facts(customer: Value, ordered: i64, delivered: Option<i64>) -> Facts {
    Facts { currency: "CNY", customer, ship_to: hangzhou(), ordered, delivered, means: "alipay", more: json!({}) }
}

fn tee() -> Item {
    item("TEE-BLK-M", "有机棉 T 恤", "黑色 M", "apparel", "99.00")
}

/// Every order of the demo shop.
pub(super) fn all(now: Timestamp) -> Vec<Demo> {
    let demo = |number, contact, zh, en, facts, items| Demo { number, contact, zh, en, order: order(now, number, facts, items) };
    vec![
        demo(
            "10248",
            "wang@example.com",
            "钻石会员：上门取件，免运费；满减按比例分摊",
            "Diamond: door pickup, free freight; a threshold discount is shared",
            Facts {
                more: json!({"discounts": [{"code": "夏季两件减 20", "amount": "20.00", "minimum_spend": "150.00"}]}),
                ..facts(wang(), 6, Some(3))
            },
            vec![tee().units(2), item("CAP-NAVY", "棉质棒球帽", "藏青", "apparel", "59.00")],
        ),
        demo(
            "10249",
            "liwei@example.com",
            "黄金会员：15 天；高价商品由专人查看",
            "Gold: 15 days; a costly item is looked at by a person",
            Facts { ship_to: shanghai(), ..facts(li(), 14, Some(11)) },
            vec![
                item("CAM-X100", "微单相机机身", "银色", "electronics", "8999.00")
                    .with(json!({"warranty_months": 12, "serials": ["X100-55821"]})),
                item("STRAP-BRN", "真皮相机背带", "棕色", "electronics", "199.00"),
            ],
        ),
        demo(
            "10250",
            "chenyu@example.com",
            "家具：30 天，扣 10% 折旧费",
            "Furniture: 30 days, less 10 % for wear",
            facts(chen(), 25, Some(20)),
            vec![item("TABLE-OAK", "橡木床头柜", "原木色", "furniture", "1680.00").with(json!({"weight_grams": 12000}))],
        ),
        demo(
            "10251",
            "chenyu@example.com",
            "已过 7 天：未拆封可换货",
            "Past seven days: unopened goods can be exchanged",
            facts(chen(), 14, Some(11)),
            vec![item("LAMP-BRASS", "黄铜台灯", "小号", "home", "269.00")],
        ),
        demo(
            "10252",
            "zhangmin@example.com",
            "特价商品：不退不换；有质量问题除外",
            "Special price: no return, unless it is faulty",
            facts(zhang(), 5, Some(2)),
            vec![
                item("COAT-SALE", "羊毛大衣（特价）", "驼色 S", "apparel", "459.00")
                    .with(json!({"tags": ["special-price"], "final_sale": true})),
                tee(),
            ],
        ),
        demo(
            "10253",
            "zhangmin@example.com",
            "赠品要和主商品一起退",
            "A gift comes back with what it came with",
            facts(zhang(), 6, Some(4)),
            vec![
                item("ROBOT-KIT", "积木机器人套装", "标准版", "toys", "329.00"),
                item("STICKER", "贴纸（赠品）", "", "gifts", "15.00").with(json!({"discount": "15.00", "gift_with": "1"})),
            ],
        ),
        demo(
            "10254",
            "tom@example.com",
            "7 天内、会员等级无：可退，运费自付",
            "Within seven days, no tier: can come back, the customer pays the way",
            facts(tom(), 5, Some(2)),
            vec![
                item("JACKET-RAIN-M", "Rain jacket", "green / M", "apparel", "589.00"),
                item("SOCKS", "Merino socks", "grey / 42", "apparel", "89.00").units(3),
            ],
        ),
        demo(
            "10255",
            "tom@example.com",
            "刚过 7 天：不能退",
            "One day late: declined, with the reason",
            facts(tom(), 11, Some(8)),
            vec![item("BAG-CANVAS", "Canvas bag", "sand", "apparel", "239.00")],
        ),
        demo(
            "10256",
            "anna@example.com",
            "跨境订单，欧元",
            "Across the border, in euro",
            Facts { currency: "EUR", ship_to: berlin(), means: "card", ..facts(anna(), 9, Some(3)) },
            vec![
                item("PHONES-GRAPHITE", "Studio headphones", "Graphite", "electronics", "129.00").with(json!({"warranty_months": 24})),
                item("TEE-WHT-S", "Organic cotton tee", "white / S", "apparel", "24.50").units(2),
            ],
        ),
        demo(
            "10257",
            "anna@example.com",
            "保修期内：免费更换",
            "Under guarantee: a fault is replaced free",
            Facts { currency: "EUR", ship_to: berlin(), means: "paypal", ..facts(anna(), 200, Some(195)) },
            vec![item("KETTLE", "Gooseneck kettle", "black", "electronics", "89.00").with(json!({"warranty_months": 24}))],
        ),
        demo(
            "10258",
            "liwei@example.com",
            "定制商品：不退；卫生用品拆封不退",
            "Made for one person, and goods with a hygiene seal",
            Facts { ship_to: shanghai(), ..facts(li(), 6, Some(3)) },
            vec![
                item("MUG-NAME", "刻字马克杯“小明”", "白色", "home", "129.00").with(json!({"tags": ["personalised"]})),
                item("EARPHONE", "入耳式耳机", "白色", "electronics", "399.00").with(json!({"tags": ["hygiene"], "warranty_months": 12})),
            ],
        ),
        demo(
            "10259",
            "wang@example.com",
            "运输损坏：请拍照，运费我们承担",
            "Damaged in transit: two photos, the way back is on us",
            facts(wang(), 4, Some(1)),
            vec![item("VASE-BLUE", "青瓷花瓶", "中号", "home", "359.00")],
        ),
        demo(
            "10260",
            "chenyu@example.com",
            "两种支付方式：先退礼品卡",
            "Two means of payment: the gift card is refunded first",
            Facts {
                more: json!({"payments": [{"id": "gc_1", "method": "gift_card", "amount": "100.00"}, {"id": "pi_10260", "method": "card", "amount": "308.00"}]}),
                ..facts(chen(), 5, Some(2))
            },
            vec![item("SHOES-RUN-42", "跑步鞋", "42 码", "shoes", "398.00")],
        ),
        demo(
            "10261",
            "zhangmin@example.com",
            "还没签收",
            "Not delivered yet",
            facts(zhang(), 2, None),
            vec![item("SCARF-WOOL", "羊毛围巾", "灰色", "apparel", "189.00")],
        ),
        demo(
            "10262",
            "liwei@example.com",
            "发货前取消的订单",
            "Cancelled before it was sent",
            Facts { more: json!({"cancelled": true, "deliveries": []}), ..facts(li(), 3, None) },
            vec![item("BELT", "皮带", "黑色", "apparel", "159.00")],
        ),
        demo(
            "10263",
            "tom@example.com",
            "礼品卡与数字商品",
            "A gift card and a digital good",
            facts(tom(), 5, Some(3)),
            vec![
                item("GIFTCARD-200", "Gift card", "200", "gift-card", "200.00"),
                item("PATTERN-PDF", "Sewing pattern (PDF)", "", "books", "39.00").with(json!({"tags": ["digital"]})),
            ],
        ),
        demo(
            "10264",
            "anna@example.com",
            "价外税（美元）",
            "Tax on top of the price, in dollars",
            Facts {
                currency: "USD",
                ship_to: json!({"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94103", "line1": "969 Market St"}),
                means: "card",
                more: json!({"prices_include_tax": false, "shipping": "8.00"}),
                ..facts(anna(), 8, Some(4))
            },
            vec![item("PAN-IRON", "Cast-iron pan", "26 cm", "home", "49.00").with(json!({"tax": "4.23"}))],
        ),
        demo(
            "10265",
            "wang@example.com",
            "同一商品多件，可分次退",
            "Several units of one item, returned bit by bit",
            facts(wang(), 9, Some(6)),
            vec![item("TOWEL", "毛巾", "米白", "home", "49.90").units(5).with(json!({"discount": "24.95"}))],
        ),
        demo(
            "10266",
            "chenyu@example.com",
            "易变质食品",
            "Food that does not keep",
            facts(chen(), 3, Some(1)),
            vec![
                item("MOONCAKE", "鲜肉月饼", "6 只装", "food", "68.00").with(json!({"tags": ["perishable"]})),
                item("TEA-TIN", "龙井茶", "100 克", "food", "158.00"),
            ],
        ),
        demo(
            "10267",
            "liwei@example.com",
            "保修期外",
            "Past its guarantee",
            Facts { ship_to: shanghai(), ..facts(li(), 420, Some(415)) },
            vec![item("SPEAKER", "蓝牙音箱", "黑色", "electronics", "599.00").with(json!({"warranty_months": 12}))],
        ),
        demo(
            "10268",
            "zhangmin@example.com",
            "便宜商品的瑕疵不用拍照",
            "A flaw of a cheap item needs no photo",
            facts(zhang(), 4, Some(2)),
            vec![item("NOTEBOOK", "布面笔记本", "A5", "books", "29.00").units(2)],
        ),
        demo(
            "10269",
            "tom@example.com",
            "套装中的商品",
            "Parts of a set",
            facts(tom(), 6, Some(3)),
            vec![
                item("DESK-SET-LAMP", "Desk lamp", "oak", "home", "259.00").with(json!({"bundle": "desk-set"})),
                item("DESK-SET-TRAY", "Desk tray", "oak", "home", "119.00").with(json!({"bundle": "desk-set"})),
            ],
        ),
        demo(
            "10270",
            "liwei@example.com",
            "店庆周订单：退货期更长",
            "Ordered in our anniversary week: it can come back for longer",
            Facts { ship_to: shanghai(), ..facts(li(), 33, Some(30)) },
            vec![item("SHIRT-LINEN", "亚麻衬衫", "白色 L", "apparel", "299.00")],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use domain::order::{Order, OrderDocument};

    use super::*;

    #[test]
    fn every_order_of_the_demo_shop_is_a_whole_order_and_can_be_found() {
        let now = Timestamp::now();
        let demos = all(now);
        assert!(demos.len() >= 20);
        for demo in demos {
            let document: OrderDocument = serde_json::from_value(demo.order).unwrap();
            let order = Order::parse(&document).unwrap_or_else(|problems| panic!("{}: {problems:?}", demo.number));
            assert_eq!(order.captured(), order.computed_total(), "{}", demo.number);
            assert_eq!(order.customer.email.unwrap().as_str(), demo.contact);
        }
    }
}
