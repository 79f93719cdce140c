//! Send a text: what a message of the inbox says, in a line with a link. Never at night; of several about one return within a minute the last speaks for
//! all; what may have gone already is looked for first.

use std::time::Duration;

use app::format::Format;
use app::messages::{MessageChannel, Occasion};
use app::say::Say;
use async_trait::async_trait;
use domain::returns::Return;
use domain::words::Locale;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::job::{Job, JobError, Means, SMS, Terms, payload};
use crate::config::Quiet;
use crate::desks::gift_view;
use crate::services::{AboutText, JobKind, OwnWords, Reached, Services};
use crate::store::{self, InboxSubject, OutboxRow};
use crate::texting::{NotSent, Text};

/// A text that comes a day late is none.
const LATE: SignedDuration = SignedDuration::from_hours(24);
/// Of one return there is a text a minute.
const APART: SignedDuration = SignedDuration::from_mins(1);

pub(super) struct TextSend;

#[async_trait]
impl Job for TextSend {
    fn terms(&self) -> Terms {
        let terms = Terms::of(JobKind::TextSend.code(), SMS);
        let soon = terms.waits.iter().take_while(|wait| **wait < LATE).count();
        Terms { waits: &terms.waits[..soon], patience: Duration::from_secs(45), ..terms }
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let AboutText { occasion, subject } = payload(row)?;
        // Of an occasion that a version before knew nothing is told.
        let Some(occasion) = Occasion::ALL.iter().copied().find(|known| known.mail_job() == occasion) else { return Ok(()) };
        let Some((reached, say, text)) = text_of(services, row, occasion, &subject).await? else { return Ok(()) };
        let Some(port) = services.texting.to(&text.to) else { return Ok(()) };
        let now = services.clock.now();
        let zone = reached.zone.as_deref().and_then(|zone| TimeZone::get(zone).ok()).unwrap_or_else(|| say.f.zone.clone());
        if let Some(wait) = until_morning(services.config.sms.quiet, now, &zone) {
            return Err(JobError::Later(wait));
        }
        let mut read = services.store.read().await?;
        let (others_wait, last) =
            (store::has_later(&mut read.conn(), &row.id).await?, store::last_texted(&mut read.conn(), &subject).await?);
        drop(read);
        if others_wait {
            return Ok(());
        }
        let left = last.map(|last| APART - SignedDuration::from_millis(now.as_millisecond().saturating_sub(last)));
        if let Some(left) = left.filter(|left| left.is_positive()) {
            return Err(JobError::Later(left.min(APART)));
        }
        let failed = |error| match error {
            NotSent::Permanent(why) => JobError::Permanent(why),
            NotSent::Passing(why) => JobError::Passing(why),
        };
        // Whoever had it before may have sent it.
        if row.attempts == 1 || port.find(&text).await.map_err(failed)?.is_none() {
            port.send(&text).await.map_err(failed)?;
        }
        services.note_texted(subject).await?;
        Ok(())
    }
}

/// The text, to whom, and in whose words; nothing where nobody is to get one any more.
async fn text_of(
    services: &Services,
    row: &OutboxRow,
    occasion: Occasion,
    subject: &InboxSubject,
) -> Result<Option<(Reached, Say, Text)>, JobError> {
    let since = store::put_in_at(&row.id).and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
    let mut read = services.store.read().await?;
    let conn = &mut read.conn();
    let say_in = |locale: Locale, at: Timestamp| Say::new(Format::new(locale, services.shop_zone(), at));
    let shop_in = |locale: Locale| services.config.shop.name.get(locale).unwrap_or_default().to_owned();
    let mailed = |own: &OwnWords, at: Timestamp| own.texts(occasion, MessageChannel::Mail, at);
    let (reached, say, (own, at), words, link, locale) = match subject {
        InboxSubject::Return { rma, event } => {
            let Some(request) = store::find_return(conn, *rma).await? else { return Ok(None) };
            let mut events = store::events_of(conn, *rma).await?;
            drop(read);
            events.retain(|recorded| recorded.seq <= *event);
            let Some(then) = Return::replay(&events) else { return Ok(None) };
            let reached = services.reached_of(&request).await?;
            let locale = reached.locale.unwrap_or(request.locale);
            let say = say_in(locale, events.last().map_or(then.opened_at, |last| last.at));
            let (own, at) = (services.own_words(occasion, locale).await?, say.f.now);
            let words = say.told_of_return(occasion, &mailed(&own, at), &then, &events, &shop_in(locale));
            let link = services.text_link(*rma, locale, since);
            (reached, say, (own, at), words, link, locale)
        }
        InboxSubject::Gift { rma, gift } => {
            let Some(row) = store::find_compensation(conn, gift).await? else { return Ok(None) };
            let order = store::find_order(conn, &row.order).await?;
            drop(read);
            let Some(order) = order else { return Ok(None) };
            let reached = services.reached(&order.order, None).await?;
            let locale = reached.locale.or(order.order.customer.locale).unwrap_or(Locale::En);
            let say = say_in(locale, row.at);
            let own = services.own_words(occasion, locale).await?;
            let view = gift_view(row, &services.shop_zone(), services.clock.now());
            let words = say.told_of_gift(occasion, &mailed(&own, since), &view, &shop_in(locale));
            (reached, say, (own, since), words, services.text_link(*rma, locale, since), locale)
        }
        InboxSubject::Credit { order, entry, .. } => {
            let order = store::find_order(conn, order).await?;
            drop(read);
            // What was spent since is no longer of interest.
            let (Some(soon), Some(order)) = (services.credit_that_ends(entry).await?, order) else { return Ok(None) };
            let reached = services.reached(&order.order, None).await?;
            let locale = reached.locale.or(order.order.customer.locale).unwrap_or(Locale::En);
            let say = say_in(locale, since);
            let own = services.own_words(occasion, locale).await?;
            let words = say.told_of_credit(&mailed(&own, since), soon.left, soon.last, &shop_in(locale));
            (reached, say, (own, since), words, services.config.page_in(locale, "/account/credit"), locale)
        }
        InboxSubject::Concession { order, id } => {
            let made = store::find_concession(conn, id).await?;
            let order = store::find_order(conn, order).await?;
            drop(read);
            let Some((made, order)) = made.zip(order) else { return Ok(None) };
            let reached = services.reached(&order.order, None).await?;
            let locale = reached.locale.or(order.order.customer.locale).unwrap_or(Locale::En);
            let say = say_in(locale, made.at);
            let amount = order.order.money(made.amount);
            let own = services.own_words(occasion, locale).await?;
            let words = say.told_of_concession(&mailed(&own, made.at), made.order.as_str(), amount, &made.reason, &shop_in(locale));
            (reached, say, (own, made.at), words, services.config.page_in(locale, "/account/inbox"), locale)
        }
    };
    let Some(to) = reached.number.clone() else { return Ok(None) };
    let body = match own.body(occasion, at) {
        Some(own) => words.text(own, &link),
        None => say.m.inbox_text(&link, shop_in(locale), &words.subject),
    };
    let values = words.values.into_iter().chain([("link", link)]).collect();
    let text = Text { id: row.id.clone(), to, occasion: occasion.code(), locale, body, values, since };
    Ok(Some((reached, say, text)))
}

/// How long until texts may go, where it is night there.
fn until_morning(quiet: Quiet, now: Timestamp, zone: &TimeZone) -> Option<SignedDuration> {
    let here = now.to_zoned(zone.clone());
    let hour = here.hour();
    let is_quiet =
        if quiet.from <= quiet.until { (quiet.from..quiet.until).contains(&hour) } else { hour >= quiet.from || hour < quiet.until };
    if !is_quiet {
        return None;
    }
    let day = if hour < quiet.until { here.clone() } else { here.checked_add(1.day()).ok()? };
    let morning = day.date().at(quiet.until, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(morning.timestamp().duration_since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_woken() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| until_morning(Quiet { from: 21, until: 8 }, text.parse().unwrap(), &zone).map(|wait| wait.as_mins());
        assert_eq!(at("2026-11-25T12:00:00Z"), None);
        assert_eq!(at("2026-11-25T19:59:00Z"), None, "20:59 there");
        assert_eq!(at("2026-11-25T20:00:00Z"), Some(11 * 60));
        assert_eq!(at("2026-11-25T23:30:00Z"), Some(7 * 60 + 30));
        assert_eq!(at("2026-11-26T06:59:30Z"), Some(0));
        assert_eq!(at("2026-11-26T07:00:00Z"), None);
        // The night in which the clock is put back has an hour more.
        assert_eq!(at("2026-10-24T19:00:00Z"), Some(12 * 60));
        let never = Quiet { from: 0, until: 0 };
        assert_eq!(until_morning(never, "2026-11-25T23:30:00Z".parse().unwrap(), &zone), None);
        let noon = Quiet { from: 12, until: 14 };
        assert_eq!(until_morning(noon, "2026-11-25T11:30:00Z".parse().unwrap(), &zone).map(|wait| wait.as_mins()), Some(90));
    }
}
