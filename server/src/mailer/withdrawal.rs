//! What mails about a withdrawal say.

use app::say::Say;
use domain::withdrawal::WaitsFor;
use domain::words::Locale;
use jiff::tz::TimeZone;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;
use crate::store::Withdrawal;

/// That a withdrawal was received: with its content, day and time, and never that it was accepted.
pub fn withdrawal_received(withdrawal: &Withdrawal, config: &Config) -> Result<Letter, askama::Error> {
    let (say, shop) = of(withdrawal, withdrawal.statement.locale, config);
    let m = say.m;
    let received = say.received(withdrawal.received_at, &withdrawal.zone);
    // What was opened since, and what could not be, is told elsewhere: this says the same however often it is sent.
    let opens = withdrawal.known_by.is_some() && withdrawal.waits_for != Some(WaitsFor::ItemsUnclear);
    let next = if opens { m.withdraw_mail_return().to_owned() } else { m.withdraw_mail_person(say.f.by(withdrawal.due_at)) };
    let content = Content {
        subject: m.withdraw_mail_subject(&withdrawal.id),
        hello: m.mail_hello(&withdrawal.statement.name),
        lead: m.withdraw_mail_lead(&received),
        quote: withdrawal.statement.sentence.clone(),
        facts: say.withdrawal_facts(&withdrawal.statement, &withdrawal.id, &received),
        notes: vec![next, m.withdraw_mail_note().to_owned()],
        footer: m.withdraw_mail_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}

/// To the contact of an order: somebody who gave another address withdrew from it. Nothing of theirs is told.
pub fn withdrawal_told(
    withdrawal: &Withdrawal,
    order: &str,
    name: Option<&str>,
    locale: Locale,
    config: &Config,
) -> Result<Letter, askama::Error> {
    let (say, shop) = of(withdrawal, locale, config);
    let m = say.m;
    let zone = config.shop.zone.iana_name().unwrap_or("UTC");
    let content = Content {
        subject: m.withdraw_told_subject(order),
        hello: name.map_or_else(|| m.mail_hello_plain().to_owned(), |name| m.mail_hello(name)),
        lead: m.withdraw_told_lead(say.received(withdrawal.received_at, zone), order),
        notes: vec![m.withdraw_told_note(say.f.by(withdrawal.due_at))],
        footer: m.withdraw_told_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}

/// Words of a language, dates as the shop counts them, and the shop's name.
fn of<'c>(withdrawal: &Withdrawal, locale: Locale, config: &'c Config) -> (Say, &'c str) {
    let zone: TimeZone = config.shop.zone.clone();
    (say(locale, zone, withdrawal.received_at), config.shop.name.get(locale).unwrap_or_default())
}
