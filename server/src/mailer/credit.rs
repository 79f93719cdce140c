//! What the mail about credit that ends says.

use app::messages::Texts;
use domain::order::Order;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;
use crate::services::EndsSoon;

/// How much it is, and until when it can be spent; `order` is the one that brought it, whose customer reads it.
pub fn credit_ending(
    soon: &EndsSoon,
    order: &Order,
    locale: Locale,
    texts: &Texts,
    config: &Config,
    zone: TimeZone,
    now: Timestamp,
) -> Result<Letter, askama::Error> {
    let customer = &order.customer;
    let say = say(locale, zone, now);
    let (m, shop) = (say.m, config.shop.name.get(say.m.locale).unwrap_or_default());
    let words = say.told_of_credit(texts, soon.left, soon.last, shop);
    let content = Content {
        subject: words.subject,
        hello: customer.name.as_deref().map_or_else(|| m.mail_hello_plain().to_owned(), |name| m.mail_hello(name)),
        lead: words.lead,
        notes: words.notes,
        footer: m.withdraw_told_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}
