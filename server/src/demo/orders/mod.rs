//! The demo shop's orders, department by department. Days are counted back from now, so that every rule can be met whenever the
//! shop is seeded.

mod apparel;
mod cross_border;
mod electronics;
mod furniture;
mod order;
pub(super) mod people;
mod toys_and_gifts;

pub(super) use order::{Demo, Item, demo, item};

/// A part of the shop, with its orders.
pub(super) struct Department {
    pub zh: &'static str,
    pub en: &'static str,
    pub demos: Vec<Demo>,
}

/// Every order of the demo shop.
pub(super) fn departments() -> [Department; 5] {
    [
        Department { zh: "服饰鞋包", en: "Clothes and shoes", demos: apparel::demos() },
        Department { zh: "数码电器", en: "Electronics", demos: electronics::demos() },
        Department { zh: "玩具与礼品", en: "Toys and gifts", demos: toys_and_gifts::demos() },
        Department { zh: "家具与家居", en: "Furniture and home", demos: furniture::demos() },
        Department { zh: "跨境订单", en: "Across the border", demos: cross_border::demos() },
    ]
}
