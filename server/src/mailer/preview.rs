//! A message as its reader will see it, for whoever words it. What is typed is text and stays text: the page that shows it runs nothing.

use std::collections::BTreeMap;

use app::format::Format;
use app::messages::{MessageChannel, Part, TemplateOf, Texts};
use app::say::{Say, Words};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::money::{Currency, Money};
use domain::returns::Return;
use domain::words::Locale;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::letter::{self, CODE, Content, Letter, Now};
use crate::config::Config;
use crate::services::Sample;
use crate::texting::segments;

/// A sum that nobody was promised: in minor units.
const EXAMPLE: i64 = 12_900;

#[derive(Default, Template)]
#[template(path = "mail/preview.html")]
struct Page<'a> {
    lang: &'a str,
    spoken: &'a str,
    title: &'a str,
    plain_title: &'a str,
    mistakes: &'a [String],
    aside: &'a str,
    subject: String,
    html: String,
    text: String,
    lines: Vec<String>,
    bubble: bool,
    quote: String,
    count: String,
}

/// What is looked at.
pub struct Looked<'a> {
    pub of: TemplateOf,
    pub parts: &'a BTreeMap<Part, String>,
    /// The return it is told of, where it is told of one.
    pub sample: Option<&'a Sample>,
    /// What is wrong with it, in words.
    pub mistakes: &'a [String],
}

/// The page, for `reader`, of what somebody in another language may read.
pub fn preview(looked: &Looked<'_>, reader: &Say, config: &Config, zone: TimeZone) -> Result<String, askama::Error> {
    let Looked { of, parts, sample, mistakes } = looked;
    let (m, spoken) = (reader.m, of.locale.tag());
    let page =
        Page { lang: m.locale.tag(), spoken, title: m.wording_preview(), plain_title: m.wording_plain(), mistakes, ..Page::default() };
    if !mistakes.is_empty() {
        return page.render();
    }
    let texts = Texts::of(of.occasion, of.locale).with(parts);
    let now = sample.and_then(|sample| sample.events.last()).map_or(reader.f.now, |last| last.at);
    let say = Say::new(Format::new(of.locale, zone.clone(), now));
    let shop = config.shop.name.get(of.locale).unwrap_or_default();
    let link = config.page_in(of.locale, "/r/…");
    let told = match sample {
        Some(sample) => say.told_of_return(of.occasion, &texts, &sample.request, &sample.events, shop),
        None => example(*of, &texts, &say, shop),
    };
    let aside = match sample {
        Some(sample) if sample.happened => String::new(),
        Some(sample) => m.wording_not_yet(sample.request.rma),
        None => m.wording_example().to_owned(),
    };
    let page = Page { aside: &aside, ..page };
    match of.channel {
        MessageChannel::Mail => {
            let letter = match sample {
                Some(sample) => {
                    let stands = Now { label: sample.request.has_label(), asks_account: false };
                    // All of it in the language of the words, whatever its customer reads.
                    let request = Return { locale: of.locale, ..sample.request.clone() };
                    letter::about_return((of.occasion, &texts), &request, &sample.events, config, zone, &link, stands)?
                }
                None => letter::write(by_itself(told, &say), config, &say)?,
            };
            let Letter { subject, text, html, code_picture, .. } = letter;
            let shown = code_picture.map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png)));
            let html = shown.map_or(html.clone(), |shown| html.replace(&format!("cid:{CODE}"), &shown));
            Page { subject, html, text, ..page }.render()
        }
        MessageChannel::Inbox => {
            let opening = told.opening();
            let Words { subject, quote, notes, .. } = told;
            let lines = std::iter::once(opening).chain(notes).collect();
            Page { subject, lines, quote: quote.unwrap_or_default(), ..page }.render()
        }
        MessageChannel::Text => {
            let body = told.text(parts.get(&Part::Body).map(String::as_str).unwrap_or_default(), &link);
            let segments = segments(&body);
            let count = m.wording_segments(segments.count as u64, segments.units);
            Page { lines: vec![body], bubble: true, count, ..page }.render()
        }
    }
}

/// With values that nobody has.
fn example(of: TemplateOf, texts: &Texts, say: &Say, shop: &str) -> Words {
    let currency = if say.m.locale == Locale::ZhCn { "CNY" } else { "EUR" }.parse::<Currency>();
    let amount = currency.map(|currency| say.f.money(Money::new(EXAMPLE, currency))).unwrap_or_default();
    let date = say.f.by(say.f.now + SignedDuration::from_hours(7 * 24));
    let value = |place: &'static str| {
        let value = match place {
            "shop" => shop.to_owned(),
            "rma" => "R-7KQ4-M2XD".to_owned(),
            "order" => "10248".to_owned(),
            "amount" | "expected" => amount.clone(),
            "date" => date.clone(),
            "minutes" => "15".to_owned(),
            _ => "…".to_owned(),
        };
        (place, value)
    };
    let values: Vec<(&'static str, String)> = of.occasion.places().into_iter().map(value).collect();
    let values: Vec<(&'static str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    say.told_with(texts, &values, None)
}

/// A letter that has nothing but its words.
fn by_itself(told: Words, say: &Say) -> Content {
    Content { subject: told.subject, hello: say.m.mail_hello_plain().to_owned(), lead: told.lead, notes: told.notes, ..Content::default() }
}
