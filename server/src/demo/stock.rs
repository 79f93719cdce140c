//! What the demo shop has on its shelves, so that goods can be exchanged for another size, colour or model.

use domain::order::FieldProblem;
use domain::stock::{StockDocument, StockItem};

/// Sellable units of a variant in a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stocked {
    /// Where it lies.
    pub warehouse: &'static str,
    /// The variant.
    pub sku: &'static str,
    /// Variants of one family can be exchanged for each other.
    pub variant_of: &'static str,
    /// What tells it from the rest of its family, in the language of the order it is for.
    pub variant: &'static str,
    /// Of one unit, decimal, in `currency`.
    pub price: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// Sellable units; 0: sold out.
    pub quantity: u32,
}

impl Stocked {
    /// As a shop would tell it.
    pub(super) fn item(&self) -> Result<StockItem, Vec<FieldProblem>> {
        let document = StockDocument {
            quantity: i64::from(self.quantity),
            variant_of: Some(self.variant_of.into()),
            name: None,
            variant: Some(self.variant.into()),
            price: self.price.parse().ok(),
            currency: Some(self.currency.into()),
        };
        StockItem::parse(self.sku, &document)
    }
}

/// A family: its code and currency, and of each variant the SKU, what tells it apart, price and sellable units.
struct Family(&'static str, &'static str, &'static [(&'static str, &'static str, &'static str, u32)]);

/// Everything in stock: of each product of the orders that comes in variants its family, with one that is sold out, one dearer
/// and one cheaper than what was bought.
pub fn all() -> Vec<Stocked> {
    let stocked = |&Family(variant_of, currency, variants): &Family| {
        let one =
            move |&(sku, variant, price, quantity): &_| Stocked { warehouse: "HZ1", sku, variant_of, variant, price, currency, quantity };
        variants.iter().map(one)
    };
    FAMILIES.iter().flat_map(stocked).collect()
}

const FAMILIES: [Family; 21] = [
    Family(
        "TEE",
        "CNY",
        &[
            ("TEE-BLK-S", "黑色 S", "99.00", 14),
            ("TEE-BLK-M", "黑色 M", "99.00", 32),
            ("TEE-BLK-L", "黑色 L", "99.00", 0),
            ("TEE-BLK-XXL", "黑色 XXL", "119.00", 6),
            ("TEE-SAND-M", "沙色 M（旧款）", "79.00", 9),
        ],
    ),
    Family(
        "TEE-WHT",
        "CNY",
        &[
            ("TEE-WHT-S", "white / S", "99.00", 11),
            ("TEE-WHT-M", "white / M", "99.00", 20),
            ("TEE-WHT-L", "white / L", "99.00", 0),
            ("TEE-WHT-XXL", "white / XXL", "119.00", 5),
            ("TEE-WHT-KID", "white / children's 152", "69.00", 8),
        ],
    ),
    Family(
        "TEE-EU",
        "EUR",
        &[
            ("TEE-EU-WHT-S", "white / S", "24.50", 12),
            ("TEE-EU-WHT-M", "white / M", "24.50", 7),
            ("TEE-EU-WHT-L", "white / L", "24.50", 0),
            ("TEE-EU-WHT-XXL", "white / XXL", "27.50", 4),
            ("TEE-EU-BLK-S", "black / S (last season)", "19.50", 3),
        ],
    ),
    Family(
        "SHIRT-LINEN",
        "CNY",
        &[
            ("SHIRT-LINEN-M", "白色 M", "299.00", 8),
            ("SHIRT-LINEN-L", "白色 L", "299.00", 5),
            ("SHIRT-LINEN-XL", "白色 XL", "299.00", 0),
            ("SHIRT-LINEN-XXL", "白色 XXL", "319.00", 2),
            ("SHIRT-LINEN-SS-L", "短袖，白色 L", "259.00", 10),
        ],
    ),
    Family(
        "DRESS",
        "CNY",
        &[
            ("DRESS-RED-XS", "terracotta / XS", "329.00", 0),
            ("DRESS-RED-S", "terracotta / S", "329.00", 4),
            ("DRESS-RED-M", "terracotta / M", "329.00", 9),
            ("DRESS-SILK-M", "silk, terracotta / M", "459.00", 2),
            ("DRESS-BLU-M", "blue / M (last season)", "269.00", 6),
        ],
    ),
    Family(
        "DRESS-EU",
        "EUR",
        &[
            ("DRESS-EU-36", "terracotta / 36", "59.00", 0),
            ("DRESS-EU-38", "terracotta / 38", "59.00", 3),
            ("DRESS-EU-40", "terracotta / 40", "59.00", 5),
            ("DRESS-EU-SILK-38", "silk, terracotta / 38", "79.00", 1),
            ("DRESS-EU-BLU-38", "blue / 38 (last season)", "49.00", 4),
        ],
    ),
    Family(
        "COAT-WOOL",
        "CNY",
        &[
            ("COAT-WOOL-M", "驼色 M", "899.00", 3),
            ("COAT-WOOL-L", "驼色 L", "899.00", 2),
            ("COAT-WOOL-XL", "驼色 XL", "899.00", 0),
            ("COAT-CASH-L", "含羊绒，驼色 L", "1299.00", 1),
            ("COAT-SHORT-L", "短款，驼色 L", "759.00", 4),
        ],
    ),
    Family(
        "JACKET",
        "CNY",
        &[
            ("JACKET-GRN-S", "green / S", "589.00", 4),
            ("JACKET-GRN-M", "green / M", "589.00", 6),
            ("JACKET-GRN-L", "green / L", "589.00", 0),
            ("JACKET-LINED-M", "lined, green / M", "789.00", 3),
            ("JACKET-LIGHT-M", "light, green / M", "489.00", 7),
        ],
    ),
    Family(
        "JEANS",
        "CNY",
        &[
            ("JEANS-BLU-28", "blue / 28", "399.00", 5),
            ("JEANS-BLU-30", "blue / 30", "399.00", 8),
            ("JEANS-BLU-32", "blue / 32", "399.00", 0),
            ("JEANS-SELV-30", "selvedge, blue / 30", "559.00", 2),
            ("JEANS-GRY-30", "grey / 30 (last season)", "319.00", 5),
        ],
    ),
    Family(
        "SOCKS",
        "CNY",
        &[
            ("SOCKS-GRY-38", "grey / 38", "89.00", 30),
            ("SOCKS-GRY-42", "grey / 42", "89.00", 24),
            ("SOCKS-GRY-46", "grey / 46", "89.00", 0),
            ("SOCKS-LONG-42", "knee-high, grey / 42", "119.00", 12),
            ("SOCKS-COT-42", "cotton, grey / 42", "49.00", 40),
        ],
    ),
    Family(
        "CAP",
        "CNY",
        &[
            ("CAP-NAVY", "藏青", "59.00", 15),
            ("CAP-BLUE", "blue", "59.00", 12),
            ("CAP-BLACK", "黑色", "59.00", 0),
            ("CAP-CORD", "灯芯绒，藏青", "89.00", 6),
            ("CAP-KID", "儿童，藏青", "49.00", 9),
        ],
    ),
    Family(
        "SCARF",
        "CNY",
        &[
            ("SCARF-WOOL", "灰色", "189.00", 10),
            ("SCARF-GRY", "grey", "189.00", 8),
            ("SCARF-RED", "砖红", "189.00", 0),
            ("SCARF-CASH", "含羊绒，灰色", "329.00", 3),
            ("SCARF-COT", "棉，灰色", "129.00", 14),
        ],
    ),
    Family(
        "SHOES-RUN",
        "CNY",
        &[
            ("SHOES-RUN-38", "38", "398.00", 5),
            ("SHOES-RUN-41", "41 码", "398.00", 6),
            ("SHOES-RUN-42", "42 码", "398.00", 4),
            ("SHOES-RUN-43", "43", "398.00", 0),
            ("SHOES-RUN-PRO-42", "竞速款，42 码", "598.00", 2),
            ("SHOES-WALK-42", "健走款，42 码", "298.00", 7),
        ],
    ),
    Family(
        "BAG",
        "CNY",
        &[
            ("BAG-CANVAS", "sand", "239.00", 9),
            ("BAG-CANVAS-NAVY", "navy", "239.00", 0),
            ("BAG-CANVAS-L", "large, sand", "299.00", 5),
            ("BAG-CANVAS-MINI", "small, sand", "179.00", 11),
        ],
    ),
    Family(
        "LAMP",
        "CNY",
        &[
            ("LAMP-BRASS", "小号", "269.00", 7),
            ("LAMP-BRASS-L", "大号", "369.00", 3),
            ("LAMP-BLACK", "小号，黑色", "269.00", 0),
            ("LAMP-STEEL", "小号，不锈钢", "229.00", 5),
        ],
    ),
    Family(
        "TOWEL",
        "CNY",
        &[
            ("TOWEL", "米白", "49.90", 60),
            ("TOWEL-CLAY", "砖红", "49.90", 0),
            ("TOWEL-BATH", "浴巾，米白", "89.90", 25),
            ("TOWEL-FACE", "方巾，米白", "19.90", 80),
        ],
    ),
    Family(
        "PHONE",
        "CNY",
        &[
            ("PHONE-128", "green / 128 GB", "1899.00", 6),
            ("PHONE-128-BLK", "black / 128 GB", "1899.00", 0),
            ("PHONE-256", "green / 256 GB", "2199.00", 4),
            ("PHONE-64", "green / 64 GB", "1699.00", 9),
        ],
    ),
    Family(
        "HEADPHONES",
        "CNY",
        &[
            ("HEADPHONES-GRAPHITE", "graphite", "999.00", 5),
            ("HEADPHONES-WHITE", "white", "999.00", 0),
            ("HEADPHONES-WIRELESS", "wireless, graphite", "1299.00", 3),
            ("HEADPHONES-LITE", "light, graphite", "699.00", 8),
        ],
    ),
    Family(
        "SOFA",
        "CNY",
        &[
            ("SOFA-3-GRN", "forest green", "5999.00", 2),
            ("SOFA-3-GREY", "stone grey", "5999.00", 0),
            ("SOFA-3-LEATHER", "leather, cognac", "7999.00", 1),
            ("SOFA-2-GRN", "two seats, forest green", "4699.00", 3),
        ],
    ),
    Family(
        "PUZZLE",
        "CNY",
        &[
            ("PUZZLE-1000", "1000 pieces, Harbour", "129.00", 12),
            ("PUZZLE-1000-WOOD", "1000 pieces, Wood", "129.00", 0),
            ("PUZZLE-2000", "2000 pieces, Harbour", "189.00", 4),
            ("PUZZLE-500", "500 pieces, Harbour", "89.00", 10),
        ],
    ),
    Family(
        "TEDDY",
        "CNY",
        &[
            ("TEDDY", "honey", "149.00", 16),
            ("TEDDY-GREY", "grey", "149.00", 0),
            ("TEDDY-BIG", "large, honey", "249.00", 5),
            ("TEDDY-MINI", "small, honey", "89.00", 20),
        ],
    ),
];
