//! What mails about money say that is given back although nothing comes back.

use app::messages::{Occasion, filled};
use domain::order::Order;
use domain::settlement::{Concession, ReceiptKind, ReceiptLine};
use domain::words::Locale;
use jiff::tz::TimeZone;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;
use crate::store::ConcessionRow;

/// How much it is, for what, and why.
pub fn concession_made(
    occasion: Occasion,
    made: &ConcessionRow,
    order: &Order,
    config: &Config,
    zone: TimeZone,
) -> Result<Letter, askama::Error> {
    let customer = &order.customer;
    let say = say(customer.locale.unwrap_or(Locale::En), zone, made.at);
    let (m, shop) = (say.m, config.shop.name.get(say.m.locale).unwrap_or_default());
    let amount = say.f.money(order.money(made.amount));
    let values = [("order", made.order.as_str()), ("amount", amount.as_str()), ("shop", shop)];
    let texts = occasion.mail(m.locale);
    let row = match &made.what {
        Concession::Goodwill { .. } => None,
        Concession::LowerPrice(lower) => {
            let kind = ReceiptKind::PriceProtection { line: lower.line.clone(), units: lower.units };
            let name = |id: &_| order.line(id).map(|line| line.name.clone()).unwrap_or_default();
            Some((say.receipt(&ReceiptLine { kind, amount: made.amount }, name), amount.clone()))
        }
    };
    let content = Content {
        subject: filled(texts.subject, &values),
        hello: customer.name.as_deref().map_or_else(|| m.mail_hello_plain().to_owned(), |name| m.mail_hello(name)),
        lead: filled(texts.lead, &values),
        quote: made.reason.clone(),
        rows: row.into_iter().collect(),
        notes: texts.note.map(|note| filled(note, &values)).into_iter().collect(),
        footer: m.withdraw_told_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}
