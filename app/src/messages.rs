//! The catalogue: every text of the product in each language, one method each, made from `locales/*.toml` when the crate is
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
        self.joined(items, |rest, last| self.format_list_and(rest, last))
    }

    /// One of several things: `a, b or c`.
    #[must_use]
    pub fn either<S: AsRef<str>>(self, items: &[S]) -> String {
        self.joined(items, |rest, last| self.format_list_or(rest, last))
    }

    fn joined<S: AsRef<str>>(self, items: &[S], last_two: impl Fn(&str, &str) -> String) -> String {
        let [rest @ .., last] = items else { return String::new() };
        let rest = rest.iter().map(|item| item.as_ref().to_owned()).reduce(|before, item| self.format_list(before, item));
        rest.map_or_else(|| last.as_ref().to_owned(), |rest| last_two(&rest, last.as_ref()))
    }
}

/// What a mail says on an occasion, with places for values: `{rma}`, `{date}`, `{shop}`, `{minutes}`, `{order}`, `{amount}`.
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
        let [de, fr] = [Locale::De, Locale::Fr].map(Messages::new);
        assert_eq!((de.show_pages(0), de.show_pages(1)), ("PDF, 0 Seiten".into(), "PDF, 1 Seite".into()));
        assert_eq!(
            (fr.show_pages(0), fr.show_pages(1), fr.show_pages(2)),
            ("PDF, 0 page".into(), "PDF, 1 page".into(), "PDF, 2 pages".into())
        );
        let zh = Messages::new(Locale::ZhCn);
        assert_ne!(zh.sentence_gift_missing(1, "杯"), zh.sentence_gift_missing(2, "杯"), "exactly one may be said apart");
    }

    #[test]
    fn values_are_put_in_once_whatever_they_hold() {
        assert_eq!(filled("{rma} by {date}.", &[("rma", "{date}"), ("date", "Friday")]), "{date} by Friday.");
        assert_eq!(filled("an open { brace", &[]), "an open { brace");
    }

    #[test]
    fn lists_read_well_in_each_language() {
        let (en, zh) = (Messages::new(Locale::En), Messages::new(Locale::ZhCn));
        assert_eq!(en.list(&["a", "b", "c"]), "a, b and c");
        assert_eq!((en.list::<&str>(&[]), en.list(&["a"]), en.either(&["a"])), (String::new(), "a".into(), "a".into()));
        assert_eq!(Messages::new(Locale::De).list(&["a", "b", "c"]), "a, b und c");
        assert_eq!(Messages::new(Locale::Fr).either(&["a", "b", "c"]), "a, b ou c");
        assert_eq!(zh.list(&["甲", "乙", "丙"]), "甲、乙、丙");
        assert_eq!(en.either(&["a", "b"]), "a or b");
        assert_eq!(zh.either(&["甲", "乙"]), "甲或乙");
    }

    /// What stands after each name of a file, and its line.
    fn said(text: &str) -> impl Iterator<Item = (&str, &str)> {
        text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| Some((line.split_once('=')?.1, line)))
    }

    /// French sets `?`, `!`, `;`, `%`, `»` and what follows `«` apart by a narrow space that does not break, `:` by one that does not (Imprimerie
    /// nationale, Lexique des règles typographiques).
    #[test]
    fn french_texts_have_their_spaces() {
        for (value, line) in said(include_str!("../locales/fr.toml")) {
            for pair in value.chars().collect::<Vec<_>>().windows(2) {
                let right = match pair {
                    [before, '?' | '!' | ';' | '%' | '»'] => *before == '\u{202f}',
                    ['«', after] => *after == '\u{202f}',
                    [before, ':'] => *before == '\u{a0}',
                    _ => true,
                };
                assert!(right, "{pair:?} in {line}");
                assert!(!pair.contains(&'\''), "an apostrophe is ’: {line}");
            }
        }
    }

    #[test]
    fn german_texts_have_their_quotes() {
        for (value, line) in said(include_str!("../locales/de.toml")) {
            assert_eq!(value.matches('„').count(), value.matches('“').count(), "{line}");
            assert!(!value.contains(['”', '‘', '\'']), "{line}");
        }
    }

    #[test]
    fn chinese_texts_use_full_width_punctuation() {
        for (value, line) in said(include_str!("../locales/zh-CN.toml")) {
            for pair in value.chars().collect::<Vec<_>>().windows(2) {
                let chinese = ('\u{4e00}'..='\u{9fff}').contains(&pair[0]);
                assert!(!(chinese && [',', ';', '?', '!', '('].contains(&pair[1])), "half-width sign after {}: {line}", pair[0]);
            }
        }
    }
}
