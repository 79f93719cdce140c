//! Hostile input. Each target takes any bytes as something that reads what comes from outside would get them; it must neither panic, nor
//! fail on our side, nor break a promise that is written down beside it. See README.md.

#![allow(clippy::unwrap_used, reason = "a target that cannot be set up, or a promise that does not hold, stops")]

mod evidence;
mod imports;
mod labels;
mod order;
mod policy;
mod portal;
mod reasons;
mod requests;
mod ticket;
mod words;

pub use portal::served;

/// Something that reads what comes from outside.
pub struct Target {
    /// Its name: that of its folder in `corpus/`.
    pub name: &'static str,
    /// Gives it these bytes.
    pub attack: fn(&[u8]),
    /// How many inputs a run of all tests has time for.
    pub cases: u32,
}

/// All of them. A new parser gets a line here, a function in a file named for what it attacks, and a folder of examples.
pub const TARGETS: &[Target] = &[
    Target { name: "calls", attack: requests::attack, cases: 3_000 },
    Target { name: "evidence", attack: evidence::attack, cases: 1_500 },
    Target { name: "files", attack: requests::attack, cases: 2_000 },
    Target { name: "forms", attack: requests::attack, cases: 3_000 },
    Target { name: "import_csv", attack: imports::csv, cases: 2_000 },
    Target { name: "import_json", attack: imports::json, cases: 2_000 },
    Target { name: "import_mapping", attack: imports::mapping, cases: 2_000 },
    Target { name: "import_shopify_csv", attack: imports::shopify_csv, cases: 2_000 },
    Target { name: "import_shopify_json", attack: imports::shopify_json, cases: 2_000 },
    Target { name: "import_woocommerce", attack: imports::woocommerce, cases: 2_000 },
    Target { name: "labels", attack: labels::attack, cases: 120 },
    Target { name: "order", attack: order::attack, cases: 5_000 },
    Target { name: "pages", attack: requests::attack, cases: 3_000 },
    Target { name: "policy", attack: policy::attack, cases: 3_000 },
    Target { name: "reasons", attack: reasons::attack, cases: 5_000 },
    Target { name: "ticket", attack: ticket::attack, cases: 5_000 },
    Target { name: "words", attack: words::attack, cases: 10_000 },
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
