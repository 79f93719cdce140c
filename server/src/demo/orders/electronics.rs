//! Cameras, computers, sound.

use serde_json::json;

use super::order::{Demo, Parcel, demo, item};
use super::people::{james, li, priya, tom};

pub(super) fn demos() -> Vec<Demo> {
    vec![
        demo("10249", li(), 14, 11)
            .shows("金卡会员 15 天；高价相机由专人查看。", "Gold has fifteen days; a costly camera is checked by someone on our team.")
            .first()
            .of([
                item("CAM-X100", "微单相机机身", "银色", "electronics", "8999.00")
                    .drawn("camera")
                    .guaranteed(12)
                    .with(json!({"serials": ["X100-55821"]})),
                item("STRAP-BRN", "真皮相机背带", "棕色", "electronics", "199.00").drawn("strap"),
            ]),
        demo("10267", li(), 805, 800)
            .shows("过了一年保修期：有故障也不能再退换。", "Past its guarantee of a year: even a fault comes too late.")
            .of([item("SPEAKER", "蓝牙音箱", "黑色", "electronics", "599.00").drawn("speaker").guaranteed(12)]),
        demo("10275", james(), 23, 20)
            .shows(
                "钻石会员 30 天；高价电脑报故障时请附检测报告。",
                "Diamond has thirty days; for a fault of a costly laptop a test report is asked for.",
            )
            .of([item("LAPTOP-14", "Laptop 14″", "graphite / 1 TB", "electronics", "8499.00")
                .drawn("laptop")
                .guaranteed(24)
                .with(json!({"serials": ["L14-00417"], "weight_grams": 1400}))]),
        demo("10276", tom(), 104, 100)
            .shows(
                "手表在保修期内可免费更换；耳机的保修期已过，由专人看一看。",
                "The watch is under guarantee and replaced free of charge; the earphones' guarantee is over, so somebody has a look.",
            )
            .of([
                item("WATCH-AUTO", "Automatic watch", "brown strap", "electronics", "1299.00").drawn("watch").guaranteed(24),
                item("EARPHONE-WHT", "In-ear earphones", "white", "electronics", "399.00").drawn("earphones").guaranteed(3),
            ]),
        demo("10277", priya(), 13, 1)
            .shows("分两个包裹：每件商品从自己签收那天算起。", "Two parcels: each item's days count from its own arrival.")
            .in_parcels([Parcel { delivered: 10, lines: &[("1", 1)] }, Parcel { delivered: 1, lines: &[("2", 1), ("3", 1)] }])
            .of([
                item("SPEAKER-BLK", "Bluetooth speaker", "black", "electronics", "599.00").drawn("speaker").guaranteed(12),
                item("PHONE-128", "Phone", "green / 128 GB", "electronics", "1899.00").drawn("phone").guaranteed(12),
                item("HEADPHONES-GRAPHITE", "Studio headphones", "graphite", "electronics", "999.00").drawn("headphones").guaranteed(24),
            ]),
    ]
}
