//! A shop's own reasons, as its settings have them.

use domain::reason::{Reason, ReasonTree};
use domain::words::Locale;
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    reasons: Vec<Reason>,
}

/// Adds them to the built-in ones; every reason can then be found and chosen.
pub fn attack(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(settings) = toml::from_str::<Settings>(text) else { return };
    let Ok(tree) = ReasonTree::with_own(settings.reasons, &[Locale::ZhCn, Locale::En]) else { return };
    for reason in tree.all() {
        assert!(tree.find(reason.code.as_str()).is_some());
        let category = reason.categories.first();
        let sub = reason.sub_reasons.first().map(|sub| sub.code.as_str());
        assert!(tree.choose(reason.code.as_str(), sub, category).is_ok(), "{reason:?}");
    }
}
