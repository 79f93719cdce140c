//! What mails say about coupons, points and credit that are given on top because the shop or the carrier was at fault.

use app::messages::{Occasion, Texts};
use app::ports::GiftView;
use domain::order::Order;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;

/// What it is, with its code and how it is used; in the language that they chose, else in the order's.
pub fn compensation_told(
    (occasion, texts): (Occasion, &Texts),
    gift: &GiftView,
    order: &Order,
    locale: Locale,
    config: &Config,
    zone: TimeZone,
    now: Timestamp,
) -> Result<Letter, askama::Error> {
    let customer = &order.customer;
    let say = say(locale, zone, now);
    let (m, shop) = (say.m, config.shop.name.get(say.m.locale).unwrap_or_default());
    let words = say.told_of_gift(occasion, texts, gift, shop);
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
