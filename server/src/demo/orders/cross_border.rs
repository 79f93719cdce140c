//! Orders from other countries, in other currencies.

use serde_json::json;

use super::order::{Demo, demo, item};
use super::people::{anna, kenji, sophie};

pub(super) fn demos() -> Vec<Demo> {
    vec![
        demo("10256", anna(), 9, 3)
            .shows("寄往德国，欧元：送到网点 6.90 欧元。", "Sent to Germany, in euro: a parcel shop takes it back for 6.90.")
            .first()
            .of([
                item("PHONES-GRAPHITE", "Studio headphones", "Graphite", "electronics", "129.00").drawn("headphones").guaranteed(24),
                item("TEE-EU-WHT-S", "Organic cotton tee", "white / S", "apparel", "24.50").drawn("tee-white").units(2),
            ]),
        demo("10257", anna(), 200, 195)
            .shows("保修期内，半年后出故障：免费更换。", "Under guarantee: it failed after half a year and is replaced free of charge.")
            .paid_by("paypal")
            .of([item("KETTLE", "Gooseneck kettle", "black", "electronics", "89.00").drawn("kettle").guaranteed(24)]),
        demo("10264", anna().in_california(), 8, 4)
            .shows("价外税（美元）：退商品时税也一起退。", "Tax on top, in dollars: it comes back with the goods.")
            .with(json!({"prices_include_tax": false, "shipping": "8.00"}))
            .of([item("PAN-IRON", "Cast-iron pan", "26 cm", "home", "49.00").drawn("pan").with(json!({"tax": "4.23"}))]),
        demo("10286", kenji(), 10, 5)
            .shows(
                "日元没有小数；没有日元价格的寄回方式不会出现。",
                "Yen have no decimals, and a way without a price in yen is not offered.",
            )
            .with(json!({"shipping": "1200"}))
            .of([
                item("TEA-SET", "Longjing tea", "100 g", "food", "3200").drawn("tea-tin").units(2),
                item("SCARF-JP", "Wool scarf", "grey", "apparel", "5800").drawn("scarf"),
            ]),
        demo("10287", sophie(), 12, 5)
            .shows("付过进口关税：关税随商品按比例退。", "Import duties were paid: their share comes back with the goods.")
            .with(json!({"shipping": "12.00", "duties": "27.60"}))
            .of([
                item("PERFUME-50", "Eau de parfum", "50 ml", "beauty", "78.00").drawn("perfume").tagged("hygiene"),
                item("DRESS-EU-38", "Summer dress", "terracotta / 38", "apparel", "59.00").drawn("dress"),
            ]),
    ]
}
