//! What mails about money say that is given back although nothing comes back.

use app::messages::Texts;
use domain::order::Order;
use domain::settlement::{Concession, ReceiptKind, ReceiptLine};
use domain::words::Locale;
use jiff::tz::TimeZone;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;
use crate::store::ConcessionRow;

/// How much it is, for what, and why; in the language that they chose, else in the order's.
pub fn concession_made(
    texts: &Texts,
    made: &ConcessionRow,
    order: &Order,
    locale: Locale,
    config: &Config,
    zone: TimeZone,
) -> Result<Letter, askama::Error> {
    let customer = &order.customer;
    let say = say(locale, zone, made.at);
    let (m, shop) = (say.m, config.shop.name.get(say.m.locale).unwrap_or_default());
    let words = say.told_of_concession(texts, made.order.as_str(), order.money(made.amount), &made.reason, shop);
    let row = match &made.what {
        Concession::Goodwill { .. } => None,
        Concession::LowerPrice(lower) => {
            let kind = ReceiptKind::PriceProtection { line: lower.line.clone(), units: lower.units };
            let name = |id: &_| order.line(id).map(|line| line.name.clone()).unwrap_or_default();
            Some((say.receipt(&ReceiptLine { kind, amount: made.amount }, name), say.f.money(order.money(made.amount))))
        }
    };
    let content = Content {
        subject: words.subject,
        hello: customer.name.as_deref().map_or_else(|| m.mail_hello_plain().to_owned(), |name| m.mail_hello(name)),
        lead: words.lead,
        quote: words.quote.unwrap_or_default(),
        rows: row.into_iter().collect(),
        notes: words.notes,
        footer: m.withdraw_told_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}
