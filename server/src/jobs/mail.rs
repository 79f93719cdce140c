//! What mails have in common.

use std::time::Duration;

use app::messages::{MessageChannel, Occasion, TemplateOf};
use domain::ids::EmailAddress;
use domain::policy::Method;
use domain::returns::{Event, Lot, LotNo, Parcel, Reception, Recorded, Remedy, RemedyKind, RemedyState, Return, ScanStatus, Status};
use domain::rma::RmaNumber;
use domain::words::Locale;

use jiff::{SignedDuration, Timestamp};

use super::job::{JobError, LONGEST_WAIT, MAIL, Means, Terms, payload};
use crate::labels::LabelSize;
use crate::log::chain;
use crate::mailer::{self, Attached, Letter};
use crate::services::{AboutReturn, NoLabel, Purpose, Services, runs_late};
use crate::store::{self, InboxSubject, OutboxRow};

/// Mails are tried for five days, as RFC 5321, 4.5.4.1, asks of those who send; then they are parked, until somebody has put right what was
/// wrong (`homebound outbox retry`).
const WAITS: [SignedDuration; 12] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(24),
];

/// For a whole mail, from the first word to a mail server until it has taken the mail. Servers look closely at what they are to take: who gives
/// up too early sends it twice.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a mail asks for, by its kind.
pub(super) fn terms(kind: &'static str) -> Terms {
    Terms { waits: &WAITS, patience: PATIENCE, ..Terms::of(kind, MAIL) }
}

/// The hour at which people are told of tomorrow.
const MORNING: i8 = 9;
/// How long a message that is under way is waited for, with a place in the queue, before others go first.
const TURN: Duration = Duration::from_secs(10);
/// At the least, when it is looked for again.
const LOOK: SignedDuration = SignedDuration::from_millis(100);

/// Sends a mail about a return. One without a mail address gets no mail.
pub(super) async fn about_return(means: &Means, row: &OutboxRow, occasion: Occasion) -> Result<(), JobError> {
    let services = &means.services;
    let AboutReturn { rma, event } = payload(row)?;
    its_turn(services, row).await?;
    let mut read = services.store.read().await?;
    let found = store::find_return(&mut read.conn(), rma).await?;
    let request = found.ok_or_else(|| JobError::Permanent(format!("there is no return {rma}")))?;
    let mut events = store::events_of(&mut read.conn(), rma).await?;
    drop(read);
    // Who is reminded of something is told how it is now, and nothing where there is nothing to remind of any more.
    let reminds = reminds(occasion);
    if reminds && !is_still_so(occasion, &request, services.clock.now()) {
        return Ok(());
    }
    if occasion == Occasion::RunningLate {
        let mut read = services.store.read().await?;
        if !runs_late(&request, &events, services.clock.now()) || store::was_told(&mut read.conn(), rma, occasion, &row.id).await? {
            return Ok(());
        }
    }
    if occasion == Occasion::PickupTomorrow {
        // Only the time that was chosen last counts, also where it was chosen twice.
        let chosen = |recorded: &&Recorded| matches!(recorded.event, Event::Opened { .. } | Event::MethodChanged { .. });
        let booked = events.iter().rfind(chosen).filter(|recorded| Some(recorded.seq) == event);
        if !is_called_tomorrow(services, &request, booked)? {
            return Ok(());
        }
    }
    if occasion == Occasion::FeedbackAsked {
        let ended = event.and_then(|seq| events.iter().find(|recorded| recorded.seq == seq)).map(|ended| ended.at);
        if !is_asked(services, row, rma, ended.unwrap_or(request.opened_at)).await? {
            return Ok(());
        }
    }
    // However late it goes out, it says what was so then: with all that the same command did.
    let command =
        event.filter(|_| !reminds).and_then(|seq| events.iter().find(|recorded| recorded.seq == seq)).map(|then| then.command_id.clone());
    if let Some(last) = command.and_then(|command| events.iter().rposition(|recorded| recorded.command_id == command)) {
        events.truncate(last + 1);
    }
    let then = Return::replay(&events).unwrap_or_else(|| request.clone());
    if is_overtaken(occasion, &request) {
        return Ok(());
    }
    let reached = services.reached_of(&request).await?;
    if let Some(last) = events.last() {
        let subject = InboxSubject::Return { rma, event: last.seq };
        // How it went is not worth a text to anybody. It is asked now, whenever the return ended.
        let (at, by_text) = match occasion {
            Occasion::FeedbackAsked => (services.clock.now(), false),
            Occasion::RunningLate => (services.clock.now(), reached.number.is_some()),
            _ => (last.at, reached.number.is_some()),
        };
        services.note_message(row, occasion, subject, at, by_text).await?;
    }
    let Some(address) = request.contact.email.clone().filter(|_| reached.by_mail) else { return Ok(()) };
    let then = Return { locale: reached.locale.unwrap_or(then.locale), ..then };

    let zone = services.shop_zone();
    // Made now and kept nowhere: who has the mail sees the return, who has the database does not.
    let link = services.sign_link(Purpose::Return, &request.rma.to_string());
    let link = services.config.page_in(then.locale, &format!("/r/{link}"));
    // A label that nobody should use any more is not sent after all.
    let number = |of: &Return| of.parcel().map(|parcel| parcel.tracking_number.clone());
    let works = request.has_label() && number(&request) == number(&then);
    // Where the money goes is asked with the first word of it.
    let asks_account = occasion == Occasion::MoneyGranted && services.account_asked(&request).await? == Some(None);
    let at = events.last().map_or(then.opened_at, |last| last.at);
    let texts = services.texts(TemplateOf { occasion, locale: then.locale, channel: MessageChannel::Mail }, at).await?;
    let letter =
        mailer::about_return((occasion, &texts), &then, &events, &services.config, zone, &link, mailer::Now { label: works, asks_account });
    let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
    let label = label(services, &request, then.locale, &letter).await?;
    deliver(means, row, &address, request.contact.name.as_deref(), &letter, label).await
}

/// Whether the customer is told now that the door is called at tomorrow: of the time that was booked then, and not where it was booked on that very day.
/// Comes back in the morning.
fn is_called_tomorrow(services: &Services, request: &Return, booked: Option<&Recorded>) -> Result<bool, JobError> {
    let then = booked.and_then(|booked| match &booked.event {
        Event::Opened { opening } => Some((opening.pickup.clone()?, booked.at)),
        Event::MethodChanged { pickup, .. } => Some((pickup.clone()?, booked.at)),
        _ => None,
    });
    let Some((pickup, at)) = then.filter(|(pickup, _)| request.pickup.as_ref() == Some(pickup)) else { return Ok(false) };
    let zone = services.shop_zone();
    let morning = |day: jiff::civil::Date| day.at(MORNING, 0, 0, 0).to_zoned(zone.clone()).map(|at| at.timestamp());
    let told = pickup.date.yesterday().and_then(morning).map_err(|error| JobError::Permanent(error.to_string()))?;
    let now = services.clock.now();
    if at.to_zoned(zone.clone()).date() >= told.to_zoned(zone.clone()).date() || now.to_zoned(zone).date() >= pickup.date {
        return Ok(false);
    }
    if now < told {
        return Err(JobError::Later(told.duration_since(now).min(LONGEST_WAIT)));
    }
    Ok(true)
}

/// Whether the customer is asked now how it went: not where the shop asks nobody, nor a second time. Comes back where the shop asks later.
async fn is_asked(services: &Services, row: &OutboxRow, rma: RmaNumber, ended: Timestamp) -> Result<bool, JobError> {
    let days = services.config.feedback.ask_after_days;
    if days == 0 {
        return Ok(false);
    }
    let left = (ended + SignedDuration::from_hours(i64::from(days) * 24)).duration_since(services.clock.now());
    if left.is_positive() {
        return Err(JobError::Later(left.min(LONGEST_WAIT)));
    }
    let mut read = services.store.read().await?;
    Ok(!store::was_told(&mut read.conn(), rma, Occasion::FeedbackAsked, &row.id).await?)
}

/// Waits while an earlier message about the same return is under way, and comes back where that is due later: they arrive in their order.
async fn its_turn(services: &Services, row: &OutboxRow) -> Result<(), JobError> {
    let planned: Vec<&str> = Occasion::ALL.iter().filter(|occasion| reminds(**occasion)).map(|occasion| occasion.mail_job()).collect();
    if planned.contains(&row.kind.as_str()) {
        return Ok(());
    }
    let since = tokio::time::Instant::now();
    loop {
        let mut read = services.store.read().await?;
        let before = store::message_before(&mut read.conn(), &row.id, &planned).await?;
        drop(read);
        let Some((due, under_way)) = before else { return Ok(()) };
        if !under_way || since.elapsed() > TURN {
            let left = SignedDuration::from_millis(due.saturating_sub(services.clock.millis()));
            return Err(JobError::Later(left.clamp(LOOK, LONGEST_WAIT)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether it asks for something that a return which was called off since needs no more.
fn is_overtaken(occasion: Occasion, request: &Return) -> bool {
    match occasion {
        // It is here, or handed over.
        Occasion::ParcelOnItsWay => {
            let comes = |lot: &Lot| lot.state.is_live() && matches!(lot.state.reception, Reception::Awaiting | Reception::InTransit);
            let under_way =
                |parcel: &Parcel| !parcel.scans.is_empty() && parcel.scans.iter().all(|scan| scan.status != ScanStatus::Delivered);
            !(request.lots().any(|(_, lot)| comes(lot)) && request.parcels.iter().any(under_way))
        }
        // It was sent again.
        Occasion::MoneyFailed => request.grants.iter().all(|grant| grant.amount <= request.sent_of(grant.id)),
        // It is ready, or cannot be repaired.
        Occasion::RepairPromised => {
            let waits = |remedy: &Remedy| remedy.kind == RemedyKind::Repair && remedy.state < RemedyState::Shipped;
            !request.remedies.iter().any(waits)
        }
        Occasion::ReturnApproved | Occasion::EvidenceAsked | Occasion::DeadlineExtended | Occasion::PaymentAsked | Occasion::OfferMade => {
            request.status() == Status::Cancelled
        }
        _ => false,
    }
}

/// Whether it reminds of something, days after it was planned.
pub(super) fn reminds(occasion: Occasion) -> bool {
    matches!(
        occasion,
        Occasion::PaymentReminder | Occasion::GoodsMissing | Occasion::FeedbackAsked | Occasion::PickupTomorrow | Occasion::RunningLate
    )
}

/// Whether there is still something to remind of.
fn is_still_so(occasion: Occasion, request: &Return, now: Timestamp) -> bool {
    match occasion {
        Occasion::PaymentReminder => !request.awaited().is_empty(),
        Occasion::PickupTomorrow => {
            let waits = |lot: &Lot| lot.state.is_live() && lot.state.reception == Reception::Awaiting;
            request.method == Method::Pickup && request.lots().any(|(_, lot)| waits(lot))
        }
        Occasion::RunningLate => !request.status().is_end(),
        Occasion::FeedbackAsked => request.feedback.is_none() && request.takes_feedback(now),
        _ => {
            let awaited = |lot: &LotNo| request.lot(*lot).is_some_and(|(_, lot)| lot.state.reception == Reception::Awaiting);
            request.promises.sent <= now && request.given_ahead(false).iter().any(|given| given.lots.iter().any(awaited))
        }
    }
}

pub(super) async fn deliver(
    means: &Means,
    row: &OutboxRow,
    to: &EmailAddress,
    name: Option<&str>,
    letter: &Letter,
    attached: Option<Attached>,
) -> Result<(), JobError> {
    // A server that was held up for longer than its lease (a paused machine, say) must not send what another has sent since.
    let ours = async {
        let read = async {
            let mut read = means.services.store.read().await?;
            store::is_leased(&mut read.conn(), row).await
        };
        read.await.unwrap_or(false)
    };
    let sent = means.mailer.send(&row.id, to.as_str(), name, letter, attached, ours).await;
    sent.map_err(|error| {
        // Mail servers like to repeat whom they refuse; logs and dead letters need not know.
        let why = chain(&error).replace(to.as_str(), &to.masked());
        if error.is_permanent() { JobError::Permanent(why) } else { JobError::Passing(why) }
    })
}

async fn label(services: &Services, request: &Return, locale: Locale, letter: &Letter) -> Result<Option<Attached>, JobError> {
    if !letter.with_label {
        return Ok(None);
    }
    // A label that cannot be drawn must not keep the mail: the page says what to do.
    match services.label_pdf(request, locale, LabelSize::A6).await {
        Ok(pdf) => Ok(Some(Attached { name: "label.pdf", pdf })),
        Err(NoLabel::Drawing(error)) => {
            tracing::error!(%error, rma = %request.rma, "a label could not be drawn; its mail goes without");
            Ok(None)
        }
        Err(error) => Err(JobError::passing(&error)),
    }
}
