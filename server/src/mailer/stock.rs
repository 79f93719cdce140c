//! What is told of stock, to people at work.

use domain::words::Locale;
use jiff::Timestamp;

use super::letter::{Content, Letter, say, write};
use crate::config::Config;
use crate::services::StockAlert;

/// That so many units lie so that somebody should look.
pub fn stock_alert(alert: &StockAlert, locale: Locale, config: &Config) -> Result<Letter, askama::Error> {
    let say = say(locale, config.shop.zone.clone(), Timestamp::UNIX_EPOCH);
    let m = say.m;
    let state = say.stock_state(alert.state);
    let place = [alert.sku.as_deref(), alert.warehouse.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let place = if place.is_empty() { m.stock_everything().to_owned() } else { place };
    let shop = config.shop.name.get(locale).unwrap_or_default();
    let content = Content {
        subject: m.stock_mail_subject(alert.lie.unsigned_abs(), state),
        hello: m.mail_hello(&alert.name),
        lead: m.stock_mail_lead(alert.lie.unsigned_abs(), state),
        facts: vec![(m.stock_what().to_owned(), place), (m.stock_alert_units().to_owned(), say.count(alert.units.unsigned_abs()))],
        follow: m.stock_title(),
        link: format!("{}/staff/stock", config.public_url),
        footer: m.stock_mail_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}
