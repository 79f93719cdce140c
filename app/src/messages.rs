//! The catalogue: every text of the product in each language, one method each, made from `locales/*.toml` when the crate is
//! built. A text that one language lacks does not compile.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::replies::fill_named;
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

/// What is said on an occasion: the catalogue's words, or a shop's own in their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    pub subject: Cow<'static, str>,
    pub lead: Cow<'static, str>,
    pub lead_in_review: Option<Cow<'static, str>>,
    pub lead_declined: Option<Cow<'static, str>>,
    pub note: Option<Cow<'static, str>>,
}

/// Parts of what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Subject,
    Lead,
    LeadInReview,
    LeadDeclined,
    Note,
    /// All that a text to a phone says.
    Body,
}

impl Part {
    pub const ALL: [Self; 6] = [Self::Subject, Self::Lead, Self::LeadInReview, Self::LeadDeclined, Self::Note, Self::Body];

    /// As stored, and as a field of a form.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Lead => "lead",
            Self::LeadInReview => "lead_in_review",
            Self::LeadDeclined => "lead_declined",
            Self::Note => "note",
            Self::Body => "body",
        }
    }

    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// Letters, at most.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Subject => 150,
            Self::Lead | Self::LeadInReview | Self::LeadDeclined | Self::Note => 2_000,
            // Three texts in one, in any alphabet: what a link takes is beside it.
            Self::Body => 400,
        }
    }
}

impl Texts {
    /// As the catalogue has them.
    #[must_use]
    pub fn of(occasion: Occasion, locale: Locale) -> Self {
        let MailTexts { subject, lead, lead_in_review, lead_declined, note } = occasion.mail(locale);
        Self {
            subject: subject.into(),
            lead: lead.into(),
            lead_in_review: lead_in_review.map(Into::into),
            lead_declined: lead_declined.map(Into::into),
            note: note.map(Into::into),
        }
    }

    /// With a shop's own words for parts that there are; an empty note is none, anything else empty stays as it was.
    #[must_use]
    pub fn with(mut self, own: &BTreeMap<Part, String>) -> Self {
        for (part, text) in own {
            let text = Cow::from(text.clone());
            match part {
                Part::Note => self.note = Some(text).filter(|text| !text.is_empty()),
                _ if text.is_empty() => {}
                Part::Subject => self.subject = text,
                Part::Lead => self.lead = text,
                Part::LeadInReview if self.lead_in_review.is_some() => self.lead_in_review = Some(text),
                Part::LeadDeclined if self.lead_declined.is_some() => self.lead_declined = Some(text),
                Part::LeadInReview | Part::LeadDeclined | Part::Body => {}
            }
        }
        self
    }

    /// What a part says; nothing where it is none of this occasion's. There may always be a note.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&str> {
        match part {
            Part::Subject => Some(&self.subject),
            Part::Lead => Some(&self.lead),
            Part::LeadInReview => self.lead_in_review.as_deref(),
            Part::LeadDeclined => self.lead_declined.as_deref(),
            Part::Note => Some(self.note.as_deref().unwrap_or_default()),
            Part::Body => None,
        }
    }
}

/// How customers are told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageChannel {
    Mail,
    Inbox,
    Text,
}

impl MessageChannel {
    pub const ALL: [Self; 3] = [Self::Mail, Self::Inbox, Self::Text];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Inbox => "inbox",
            Self::Text => "text",
        }
    }

    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

/// What is said: on which occasion, in which language, by which channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateOf {
    pub occasion: Occasion,
    pub locale: Locale,
    pub channel: MessageChannel,
}

impl TemplateOf {
    /// What the product says there, part by part.
    #[must_use]
    pub fn standard(self) -> BTreeMap<Part, String> {
        let texts = Texts::of(self.occasion, self.locale);
        if self.channel == MessageChannel::Text {
            let subject = texts.subject.into_owned();
            return BTreeMap::from([(Part::Body, Messages::new(self.locale).inbox_text("{link}", "{shop}", subject))]);
        }
        Part::ALL.into_iter().filter_map(|part| Some((part, texts.part(part)?.to_owned()))).collect()
    }

    /// Places that can be filled in.
    #[must_use]
    pub fn places(self) -> Vec<&'static str> {
        let link = (self.channel == MessageChannel::Text).then_some("link");
        self.occasion.places().into_iter().chain(link).collect()
    }
}

impl Occasion {
    /// How it is told.
    #[must_use]
    pub fn channels(self) -> &'static [MessageChannel] {
        match self {
            Self::LoginCode => &[MessageChannel::Mail],
            _ => &MessageChannel::ALL,
        }
    }

    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|occasion| occasion.code() == code)
    }

    /// What it is told of: a return, rather than an order or an account.
    #[must_use]
    pub fn is_of_return(self) -> bool {
        !matches!(self, Self::CompensationGiven | Self::CompensationEnding | Self::CompensationWithdrawn) && self.values().contains(&"rma")
    }

    /// Places that can be filled in what is told.
    #[must_use]
    pub fn places(self) -> Vec<&'static str> {
        let always: &[&str] = if self.is_of_return() { &["rma", "shop", "date", "order", "items"] } else { &["shop"] };
        let mut places = always.to_vec();
        places.extend(self.values().iter().filter(|value| !always.contains(value)));
        places
    }
}

/// A text with its values in place; a place without one is left out.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    fill_named(text, |name| Some(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value)))
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
    fn a_shops_own_words_stand_where_the_products_stood() {
        let own = |part, text: &str| BTreeMap::from([(part, text.to_owned())]);
        let standard = Texts::of(Occasion::ReturnCancelled, Locale::En);
        assert!(standard.note.is_some() && standard.lead_declined.is_none());
        assert_eq!(standard.clone().with(&own(Part::Note, "")).note, None, "an empty note is none");
        assert_eq!(standard.clone().with(&own(Part::Subject, "")).subject, standard.subject, "a message has a subject");
        assert_eq!(standard.clone().with(&own(Part::LeadDeclined, "x")), standard, "what it has no place for is left out");
        assert_eq!(standard.clone().with(&own(Part::Lead, "{rma}: over.")).lead, "{rma}: over.");
        for occasion in Occasion::ALL {
            for (locale, channel) in Locale::ALL.into_iter().flat_map(|locale| MessageChannel::ALL.map(|channel| (locale, channel))) {
                let of = TemplateOf { occasion: *occasion, locale, channel };
                for (part, text) in of.standard() {
                    assert_eq!(domain::replies::unknown_places(&text, &of.places()), [], "{occasion:?} {locale:?} {part:?}");
                    let most = if channel == MessageChannel::Text { Part::Body.most() } else { part.most() };
                    assert!(text.chars().count() <= most, "{occasion:?} {locale:?} {part:?}");
                }
            }
        }
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
