//! The catalogue: every text of the product in both languages, one method each, made from `locales/*.toml` when the crate is
//! built. A text that one language lacks does not compile.

use domain::words::Locale;

/// The texts in one language. Parameters are in alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Messages {
    pub locale: Locale,
}

impl Messages {
    /// The texts of `locale`.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self { locale }
    }

    /// Several things in a row: `a, b and c`, `a、b、c`.
    #[must_use]
    pub fn list<S: AsRef<str>>(self, items: &[S]) -> String {
        let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
        match (self.locale, items.as_slice()) {
            (_, []) => String::new(),
            (Locale::ZhCn, items) => items.join("、"),
            (Locale::En, [one]) => (*one).to_owned(),
            (Locale::En, [rest @ .., last]) => format!("{} and {last}", rest.join(", ")),
        }
    }

    /// One of several things: `a, b or c`.
    #[must_use]
    pub fn either<S: AsRef<str>>(self, items: &[S]) -> String {
        let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
        match (self.locale, items.as_slice()) {
            (_, []) => String::new(),
            (_, [one]) => (*one).to_owned(),
            (Locale::ZhCn, [rest @ .., last]) => format!("{}或{last}", rest.join("、")),
            (Locale::En, [rest @ .., last]) => format!("{} or {last}", rest.join(", ")),
        }
    }
}

/// What a mail says on an occasion, with places for values: `{rma}`, `{date}`, `{shop}`, `{minutes}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailTexts {
    pub subject: &'static str,
    pub lead: &'static str,
    pub lead_in_review: Option<&'static str>,
    pub lead_declined: Option<&'static str>,
    pub note: Option<&'static str>,
}

/// A text with its values in place.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let (mut rest, mut filled) = (text, String::new());
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?))) {
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plural_forms_follow_the_number() {
        let en = Messages::new(Locale::En);
        assert_eq!((en.items_chosen(1), en.items_chosen(2)), ("1 item".into(), "2 items".into()));
        assert_eq!(Messages::new(Locale::ZhCn).items_chosen(1), "1 件商品");
    }

    #[test]
    fn values_are_put_in_once_whatever_they_hold() {
        assert_eq!(filled("{rma} by {date}.", &[("rma", "{date}"), ("date", "Friday")]), "{date} by Friday.");
        assert_eq!(filled("an open { brace", &[]), "an open { brace");
    }

    #[test]
    fn lists_read_well_in_both_languages() {
        let (en, zh) = (Messages::new(Locale::En), Messages::new(Locale::ZhCn));
        assert_eq!(en.list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(zh.list(&["甲", "乙", "丙"]), "甲、乙、丙");
        assert_eq!(en.either(&["a", "b"]), "a or b");
        assert_eq!(zh.either(&["甲", "乙"]), "甲或乙");
    }

    #[test]
    fn chinese_texts_use_full_width_punctuation() {
        let texts = [include_str!("../locales/zh-CN.toml"), include_str!("../locales/occasions.toml")];
        for line in texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains('=')) {
            let value = line.split_once('=').map(|(_, value)| value).unwrap_or_default();
            for pair in value.chars().collect::<Vec<_>>().windows(2) {
                let chinese = ('\u{4e00}'..='\u{9fff}').contains(&pair[0]);
                assert!(!(chinese && [',', ';', '?', '!', '('].contains(&pair[1])), "half-width sign after {}: {line}", pair[0]);
            }
        }
    }
}
