//! Furniture, and what stands on it.

use serde_json::json;

use super::order::{Demo, demo, item};
use super::people::{chen, james, tom, wang, zhao};

pub(super) fn demos() -> Vec<Demo> {
    vec![
        demo("10250", chen(), 25, 20)
            .shows(
                "家具 30 天内可退，扣 10% 折旧费；可预约上门取件。",
                "Furniture has thirty days, less 10% for wear; it can be collected at the door.",
            )
            .of([item("TABLE-OAK", "橡木床头柜", "原木色", "furniture", "1680.00")
                .drawn("nightstand")
                .with(json!({"weight_grams": 12000}))]),
        demo("10251", chen(), 14, 11)
            .shows("过了 7 天：未拆封可换货或换成购物金。", "Past seven days: unopened goods can be exchanged or turned into store credit.")
            .of([item("LAMP-BRASS", "黄铜台灯", "小号", "home", "269.00").drawn("lamp")]),
        demo("10259", wang(), 4, 1)
            .shows("运输中碎了：拍两张照片，退货运费由我们承担。", "Broken on the way: two photos, and return shipping is on us.")
            .first()
            .of([item("VASE-BLUE", "青瓷花瓶", "中号", "home", "359.00").drawn("vase")]),
        demo("10265", wang(), 9, 6)
            .shows("同款五件：可以分次退，每次按实付金额计算。", "Five of one kind: returned bit by bit, each for what was paid for it.")
            .of([item("TOWEL", "毛巾", "米白", "home", "49.90").drawn("towel").units(5).with(json!({"discount": "24.95"}))]),
        demo("10269", tom(), 6, 3).shows("套装：其中一件也可以单独退。", "Parts of a set: one of them may come back alone.").of([
            item("DESK-SET-LAMP", "Desk lamp", "oak", "home", "259.00").drawn("desk-lamp").with(json!({"bundle": "desk-set"})),
            item("DESK-SET-TRAY", "Desk tray", "oak", "home", "119.00").drawn("tray").with(json!({"bundle": "desk-set"})),
        ]),
        demo("10282", james(), 12, 6)
            .shows(
                "钻石会员的沙发：免费上门取件，仍扣折旧费；金额高，由专人查看。",
                "A Diamond member's sofa: collected free of charge, less 10% for wear; someone on our team checks such a sum.",
            )
            .of([
                item("SOFA-3-GRN", "Three-seat sofa", "forest green", "furniture", "5999.00")
                    .drawn("sofa")
                    .with(json!({"weight_grams": 64000})),
                item("ARMCHAIR", "Armchair", "terracotta", "furniture", "1899.00").drawn("armchair").with(json!({"weight_grams": 24000})),
            ]),
        demo("10283", chen(), 46, 41)
            .shows("家具过了 30 天：不能再退。", "Furniture after more than thirty days: too late to come back.")
            .of([item("DESK-OAK-120", "橡木书桌", "120 厘米", "furniture", "1299.00").drawn("desk").with(json!({"weight_grams": 31000}))]),
        demo("10285", zhao(), 9, 5).shows("名字特别长的商品，也要看得清楚。", "A product with a very long name still reads well.").of([
            item(
                "SHELF-OAK-5-EXTRA-WIDE",
                "北欧风白橡木实木五层落地书架 加宽加厚 可调节层板 客厅书房儿童房通用 环保水性漆 免安装整装发货",
                "白橡木本色 / 五层 / 宽 80 厘米 / 深 30 厘米 / 高 180 厘米",
                "furniture",
                "1980.00",
            )
            .drawn("bookshelf")
            .with(json!({"weight_grams": 38000})),
        ]),
    ]
}
