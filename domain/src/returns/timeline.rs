//! The timeline: what was done, what is now, what comes next and by when. A view of the events, so that everybody reads the
//! same story (A8, B16, B17).
//! Long because each event and each step ahead has its entry.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::actor::Actor;
use super::collected::CollectedFor;
use super::event::{Because, Event, Recorded};
use super::grant::{PaidTo, PaymentState};
use super::inspection::Inspection;
use super::late::Late;
use super::number::LotNo;
use super::offer::OfferAnswer;
use super::outbound::{OutboundKind, OutboundOutcome};
use super::parcel::ScanStatus;
use super::remedy::{RemedyKind, RemedyState};
use super::request::Return;
use super::said::Pickup;
use super::status::Status;
use super::workshop::went_back_repaired;
use crate::compensation::{GiftSaid, GiftState};
use crate::money::Currency;
use crate::policy::{Method, Resolution, ReviewGround};
use crate::reason::Fault;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    #[serde(flatten)]
    pub moment: Moment,
    /// Done, now, or next.
    pub state: EntryState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By when it is promised to have happened (for the customer's own steps: by when they should).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_by: Option<Timestamp>,
    /// That day is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// It was taken back at once: it is as if it had not happened.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub taken_back: bool,
}

/// Whether it has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    Done,
    /// This is where we are.
    Now,
    Next,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Moment {
    /// The customer asked; `at_once`: and was approved in the same moment.
    Requested {
        /// Approved at once.
        at_once: bool,
        /// By whom it was entered, where not by the customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    Approved,
    /// Some lines were declined.
    Declined {
        lines: usize,
        /// Why, in the words of who did it.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Decision,
    Added {
        /// What they are called.
        names: Vec<String>,
    },
    /// It comes back another way.
    MethodChanged {
        method: Method,
        /// When the door is called at.
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
    },
    /// Photos or documents were added.
    EvidenceAdded {
        files: usize,
    },
    /// The label is there.
    Label {
        carrier: String,
        tracking_number: String,
    },
    /// The carrier is making the label.
    LabelWanted,
    /// The carrier makes none; a person sees to it.
    LabelRefused,
    /// A label does not work any more.
    LabelVoided {
        tracking_number: String,
    },
    /// The customer sends it.
    Send {
        method: Method,
        /// When the door is called at.
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
    },
    /// It arrives and is checked.
    Checked,
    /// The money goes back.
    Refund {
        /// Minor units per currency.
        amounts: Vec<(Currency, i64)>,
        credit: bool,
    },
    /// The customer pays: for the way back, or for something dearer in exchange.
    Due {
        /// Minor units per currency.
        amounts: Vec<(Currency, i64)>,
    },
    /// The other item goes out.
    ExchangeSent,
    /// The repaired item goes back.
    RepairSent,
    /// The customer's item is with the workshop.
    InWorkshop,
    /// Somebody works on it.
    RepairBegun,
    /// A part for it is waited for.
    RepairAwaitsParts,
    /// What comes back is another amount now.
    ExpectedChanged {
        /// Minor units in the return's currency; negative: what the customer pays.
        amount: Option<(Currency, i64)>,
        because: Because,
    },
    /// A person looks at the money.
    Flagged {
        ground: ReviewGround,
    },
    /// Called off, all of it or some items.
    Cancelled {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What was called off, where the rest goes on.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
    },
    /// A person asks for more before deciding.
    EvidenceAsked {
        note: String,
    },
    /// It is not waited for any more.
    Lapsed,
    /// The carrier has it.
    OnItsWay,
    /// The carrier handed it over.
    Delivered,
    /// The carrier cannot find it.
    Lost,
    /// It was booked in.
    Received {
        /// Everything that was looked for was there.
        complete: bool,
        /// Something came beside it that was not announced.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        beside: bool,
    },
    /// Nothing that was looked for came, and something that was not announced.
    CameBeside,
    /// It was looked at.
    Inspected {
        /// It is as it was said to be.
        as_said: bool,
    },
    /// Less money than expected is offered.
    Offered {
        /// Minor units.
        amount: (Currency, i64),
        until: Timestamp,
    },
    /// The customer agreed to it.
    OfferAccepted,
    /// The customer did not agree.
    OfferAppealed,
    /// The customer wants it back.
    OfferSendBack,
    /// No answer came, which stands for yes.
    OfferLapsed,
    /// It left for the customer.
    SentBack,
    /// Money was promised.
    Granted {
        /// Minor units.
        amount: (Currency, i64),
    },
    /// Money has left.
    Paid {
        /// Minor units.
        amount: (Currency, i64),
        credit: bool,
    },
    /// Money did not arrive; it is tried again.
    PaymentFailed,
    /// The other item, the same again or the repaired one is on its way.
    RemedySent {
        remedy: RemedyKind,
    },
    RemedyDelivered {
        remedy: RemedyKind,
    },
    /// It will not come; money takes its place.
    RemedyCalledOff {
        remedy: RemedyKind,
    },
    /// The shop wrote to the customer.
    ShopWrote {
        words: String,
    },
    /// The customer wrote to the shop.
    CustomerWrote {
        words: String,
    },
    /// The customer said how it went.
    FeedbackGiven {
        stars: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// The customer says that a "no" seems wrong.
    Appealed {
        words: String,
    },
    /// The customer shows what they were asked for.
    Show,
    /// The customer has more time to send it.
    Extended {
        until: Date,
        /// Why, in words for the customer.
        words: String,
    },
    /// Something is asked about goods on their way out.
    OutboundOpened {
        kind: OutboundKind,
        /// By whom it was entered, where not by the customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Whoever carries them was asked.
    OutboundPursued {
        until: Timestamp,
    },
    /// It is known what became of them.
    OutboundAnswered {
        outcome: OutboundOutcome,
        /// In words for the customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// The customer paid: what was due, or back what was given ahead.
    Collected {
        /// Minor units.
        amount: (Currency, i64),
        cause: CollectedFor,
    },
    /// What was given ahead is not asked back.
    Waived,
    /// What the shop did just before was taken back.
    TakenBack,
    /// Something was given on top, because of whose fault it was.
    Compensated {
        gift: GiftSaid,
        fault: Fault,
    },
    /// What was given on top was used, is over, or was taken back.
    CompensationEnded {
        gift: GiftSaid,
        #[serde(serialize_with = "by_code")]
        how: GiftState,
    },
}

/// The timeline of a return from its events, as it stands at `now`.
pub fn timeline(request: &Return, events: &[Recorded], now: Timestamp) -> Vec<Entry> {
    let mut entries = done(request, events);
    entries.extend(ahead(request, now));
    mark_late(&mut entries, request.status(), now);
    entries
}

/// Says of each step that is left whether it is late. What waits for a late answer or parcel is promised for no day: nobody can say which.
fn mark_late(entries: &mut [Entry], status: Status, now: Timestamp) {
    let mut held_up = false;
    for entry in entries.iter_mut().filter(|entry| entry.state != EntryState::Done) {
        entry.promised_by = entry.promised_by.filter(|_| !held_up);
        entry.late = entry.promised_by.filter(|by| *by < now).and_then(|_| entry.moment.late(status));
        held_up |= entry.late.is_some_and(Late::holds_up);
    }
}

impl Moment {
    /// What it is called when it is late.
    fn late(&self, status: Status) -> Option<Late> {
        match self {
            Self::Decision => Some(Late::Decision),
            Self::Send { method: Method::Pickup, .. } => Some(Late::Pickup),
            Self::Send { .. } => Some(Late::Sending),
            Self::Checked if status > Status::InTransit => Some(Late::Check),
            Self::Checked => Some(Late::Arrival),
            Self::Refund { .. } => Some(Late::Money),
            Self::ExchangeSent => Some(Late::Item),
            Self::RepairSent => Some(Late::Repair),
            _ => None,
        }
    }

    /// Leaves out what somebody wrote by mistake.
    fn unsay(&mut self) {
        match self {
            Self::ShopWrote { words } | Self::EvidenceAsked { note: words } | Self::Extended { words, .. } => words.clear(),
            Self::Declined { reason: words, .. } | Self::Cancelled { reason: words, .. } | Self::OutboundAnswered { words, .. } => {
                *words = None;
            }
            _ => {}
        }
    }
}

fn done(request: &Return, events: &[Recorded]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let back = |recorded: &Recorded| match recorded.event {
        Event::TakenBack { from } => Some(from..recorded.seq),
        _ => None,
    };
    let taken_back: Vec<_> = events.iter().filter_map(back).collect();
    for recorded in events {
        let Some(mut moment) = moment(request, events, recorded) else { continue };
        let taken_back = taken_back.iter().any(|taken| taken.contains(&recorded.seq));
        if taken_back {
            moment.unsay();
        }
        // Several photos in a row are one entry: each file that is sent by itself is an event of its own.
        if let (Moment::EvidenceAdded { files }, Some(Entry { moment: Moment::EvidenceAdded { files: before }, at, .. })) =
            (&moment, entries.last_mut())
        {
            *before += files;
            *at = Some(recorded.at);
            continue;
        }
        // Unit after unit is looked at: that is one moment, the last of them, and something otherwise in it is otherwise in all of it.
        if let Moment::Inspected { as_said: now } = &mut moment
            && let Some(Entry { moment: Moment::Inspected { as_said: earlier }, taken_back: false, .. }) = entries.last()
            && !taken_back
        {
            *now &= *earlier;
            entries.pop();
        }
        entries.push(Entry { moment, state: EntryState::Done, at: Some(recorded.at), promised_by: None, late: None, taken_back });
    }
    entries
}

/// What an event says to people; nothing where another event says it, or it is the house's own business.
fn moment(request: &Return, events: &[Recorded], recorded: &Recorded) -> Option<Moment> {
    // The return as it was then.
    let before = || Return::replay(events.iter().take_while(|other| other.seq < recorded.seq));
    let of_the_same_command = |wanted: fn(&Event) -> bool| {
        events.iter().any(|other| other.command_id == recorded.command_id && other.seq != recorded.seq && wanted(&other.event))
    };
    let grant = |id| request.grants.iter().find(|grant| grant.id == id);
    let payment = |id| request.payments.iter().find(|payment| payment.id == id);
    let by = || match &recorded.actor {
        Actor::Staff { name } => Some(name.clone()),
        Actor::Api { key } => Some(key.clone()),
        Actor::Customer | Actor::System => None,
    };
    let answered = || of_the_same_command(|event| matches!(event, Event::OutboundAnswered { .. }));
    Some(match &recorded.event {
        // Said by what it is about.
        Event::Opened { .. } if of_the_same_command(|event| matches!(event, Event::OutboundOpened { .. })) => return None,
        Event::OutboundOpened { outbound } => Moment::OutboundOpened { kind: outbound.kind, by: by() },
        Event::OutboundPursued { until, .. } => Moment::OutboundPursued { until: *until },
        Event::OutboundAnswered { .. } if of_the_same_command(|event| matches!(event, Event::OutboundOpened { .. })) => return None,
        Event::OutboundAnswered { outcome, reason } => Moment::OutboundAnswered { outcome: *outcome, words: reason.clone() },
        Event::Approved { .. } | Event::Declined { .. } | Event::Lapsed { .. } if request.outbound.is_some() && answered() => return None,
        Event::Opened { .. } => {
            let approved = of_the_same_command(|event| matches!(event, Event::Approved { .. }));
            // What was approved with a gift that is called off later was approved at once all the same.
            let asks = |event: &Recorded| matches!(&event.event, Event::SentToReview { ground, .. } if *ground != ReviewGround::LeftBehind);
            let waits = events.iter().any(asks);
            Moment::Requested { at_once: approved && !waits, by: by() }
        }
        // Asked for and approved by one command: one entry.
        Event::Approved { .. } if of_the_same_command(|event| matches!(event, Event::Opened { .. } | Event::LinesAdded { .. })) => {
            return None;
        }
        Event::Approved { .. } => Moment::Approved,
        Event::Declined { lots, reason, .. } => {
            let mut lines: Vec<_> = lots.iter().map(|lot| lot.line).collect();
            lines.dedup();
            Moment::Declined { lines: lines.len(), reason: reason.clone() }
        }
        Event::EvidenceAsked { note, .. } => Moment::EvidenceAsked { note: note.clone() },
        Event::LinesAdded { lines, .. } => Moment::Added { names: lines.iter().map(|line| line.asked.name.clone()).collect() },
        Event::MethodChanged { method, pickup, .. } => Moment::MethodChanged { method: *method, pickup: pickup.clone() },
        Event::EvidenceAdded { evidence, .. } => Moment::EvidenceAdded { files: evidence.len() },
        Event::LabelIssued { parcel, .. } => {
            Moment::Label { carrier: parcel.carrier.clone(), tracking_number: parcel.tracking_number.clone() }
        }
        // Said as long as it is so: the label itself says the rest.
        Event::LabelWanted { .. } => {
            request.wanted.as_ref().filter(|wanted| wanted.event == recorded.seq && wanted.refused.is_none())?;
            Moment::LabelWanted
        }
        Event::LabelRefused { .. } => {
            request.wanted.as_ref().filter(|wanted| wanted.event < recorded.seq && wanted.refused.is_some())?;
            Moment::LabelRefused
        }
        Event::LabelVoided { tracking_number } => Moment::LabelVoided { tracking_number: tracking_number.clone() },
        Event::ExpectedChanged { orders, because } => {
            let amount = orders.iter().map(|settled| settled.settlement.expected - settled.settlement.due).sum();
            let currency = orders.first().map(|settled| settled.settlement.currency);
            Moment::ExpectedChanged { amount: currency.map(|currency| (currency, amount)), because: *because }
        }
        Event::Flagged { ground } => Moment::Flagged { ground: *ground },
        Event::Cancelled { lots, reason } => {
            let before = before();
            let stays = before.as_ref().is_some_and(|before| {
                let goes_on = |line: &super::ReturnLine| line.live_lots().any(|lot| !lots.contains(&lot.id));
                before.lines.iter().any(goes_on)
            });
            let named = |line: &&super::ReturnLine| lots.iter().any(|lot| lot.line == line.id);
            let names = before.iter().flat_map(|before| before.lines.iter().filter(named)).map(|line| line.asked.name.clone());
            Moment::Cancelled { reason: reason.clone(), names: names.filter(|_| stays).collect() }
        }
        Event::Lapsed { .. } => Moment::Lapsed,
        Event::Scanned { tracking_number, scan } => {
            let before = before();
            let known = before.as_ref().and_then(|before| before.parcels.iter().find(|parcel| parcel.tracking_number == *tracking_number));
            let seen = |status: fn(ScanStatus) -> bool| known.is_some_and(|parcel| parcel.scans.iter().any(|scan| status(scan.status)));
            match scan.status {
                ScanStatus::Delivered if !seen(|status| status == ScanStatus::Delivered) => Moment::Delivered,
                ScanStatus::Lost => Moment::Lost,
                ScanStatus::Accepted | ScanStatus::InTransit if !seen(|status| status != ScanStatus::Exception) => Moment::OnItsWay,
                _ => return None,
            }
        }
        Event::Received { receipt } if receipt.items.is_empty() => Moment::CameBeside,
        Event::Received { receipt } => Moment::Received { complete: receipt.is_complete(), beside: !receipt.beside.is_empty() },
        Event::Inspected { items } => Moment::Inspected { as_said: items.iter().all(|item| item.found == Inspection::Accepted) },
        Event::SentBack { .. } => Moment::SentBack,
        Event::Offered { offer } => Moment::Offered { amount: (offer.currency, offer.amount), until: offer.until },
        Event::OfferAnswered { answer, .. } => match answer {
            OfferAnswer::Accept => Moment::OfferAccepted,
            OfferAnswer::Appeal(_) => Moment::OfferAppealed,
            OfferAnswer::SendBack => Moment::OfferSendBack,
        },
        Event::OfferLapsed { .. } => Moment::OfferLapsed,
        Event::Granted { grant } => Moment::Granted { amount: (grant.currency, grant.amount) },
        Event::PaymentMade { payment: id, .. } => {
            let paid = payment(*id)?;
            Moment::Paid { amount: (grant(paid.grant)?.currency, paid.amount), credit: paid.to == PaidTo::StoreCredit }
        }
        // Tried again with success, it was never worth a word.
        Event::PaymentFailed { payment: id, .. } | Event::PaymentReversed { payment: id, .. } => {
            payment(*id).filter(|payment| payment.state != PaymentState::Paid)?;
            Moment::PaymentFailed
        }
        Event::RemedyMoved { remedy: id, to, .. } => {
            let remedy = request.remedies.iter().find(|remedy| remedy.id == *id)?.kind;
            match to {
                RemedyState::Shipped => Moment::RemedySent { remedy },
                RemedyState::Delivered => Moment::RemedyDelivered { remedy },
                RemedyState::CalledOff => Moment::RemedyCalledOff { remedy },
                RemedyState::Due | RemedyState::Reserved | RemedyState::Ordered => return None,
            }
        }
        Event::Collected { collected } => Moment::Collected { amount: (collected.currency, collected.amount), cause: collected.cause },
        Event::Waived { .. } => Moment::Waived,
        Event::ShopWrote { words } => Moment::ShopWrote { words: words.clone() },
        Event::CustomerWrote { words, .. } => Moment::CustomerWrote { words: words.clone() },
        Event::FeedbackGiven { feedback, .. } => Moment::FeedbackGiven { stars: feedback.stars, words: feedback.words.clone() },
        Event::Extended { until, reason, .. } => Moment::Extended { until: *until, words: reason.clone() },
        Event::Appealed { words, .. } => Moment::Appealed { words: words.clone() },
        Event::TakenBack { .. } => Moment::TakenBack,
        Event::SentToReview { .. }
        | Event::Disposed { .. }
        | Event::Held { .. }
        | Event::Released { .. }
        | Event::PaymentStarted { .. }
        | Event::RemedyDue { .. }
        | Event::Noted { .. }
        | Event::TalkSettled
        | Event::Awaited { .. }
        | Event::Promised { .. } => return None,
    })
}

fn by_code<S: serde::Serializer>(how: &GiftState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(how.code())
}

/// Puts what was given on top, which no event of the return says, where it happened.
pub fn with_gifts(entries: &mut Vec<Entry>, gifts: impl IntoIterator<Item = (Timestamp, Moment)>) {
    for (at, moment) in gifts {
        let place = entries.iter().position(|entry| entry.at.is_none_or(|then| then > at)).unwrap_or(entries.len());
        entries.insert(place, Entry { moment, state: EntryState::Done, at: Some(at), promised_by: None, late: None, taken_back: false });
    }
}

/// The steps that are left, the first of them now.
fn ahead(request: &Return, now: Timestamp) -> Vec<Entry> {
    let status = request.status();
    let promises = request.promises;
    let mut steps: Vec<(Moment, Option<Timestamp>)> = Vec::new();
    if status.is_end() {
        return Vec::new();
    }
    if status == Status::InReview {
        let awaits = request.awaits(now);
        steps.extend(awaits.map(|until| (Moment::Show, Some(until))));
        // How long it takes is said once it is there.
        steps.push((Moment::Decision, Some(promises.decided.unwrap_or(promises.sent)).filter(|_| awaits.is_none())));
    }
    // Whether it comes back at all is not known yet.
    let unknown = request.waits_for_outbound();
    let travels = request.live_lines().any(|line| line.asked.sends_back());
    if travels && status <= Status::Approved && request.outbound.is_none() {
        steps.push((Moment::Send { method: request.method, pickup: request.pickup.clone() }, Some(promises.sent)));
    }
    if travels && status <= Status::Received && !unknown {
        steps.push((Moment::Checked, Some(promises.inspected)));
    }
    if request.live_lines().any(|line| line.asked.resolution.pays()) && !(unknown && travels) {
        let credit =
            request.live_lines().filter(|line| line.asked.resolution.pays()).all(|line| line.asked.resolution == Resolution::StoreCredit);
        steps.push((Moment::Refund { amounts: request.expected(), credit }, Some(promises.refunded)));
    }
    let amounts: Vec<_> = request.due().into_iter().filter(|(_, amount)| *amount > 0).collect();
    if !amounts.is_empty() {
        steps.push((Moment::Due { amounts }, None));
    }
    let left =
        |lot: LotNo| request.remedy_of(lot).is_some_and(|remedy| matches!(remedy.state, RemedyState::Shipped | RemedyState::Delivered));
    let goes_out = |line: &super::ReturnLine| {
        matches!(line.asked.resolution, Resolution::Exchange | Resolution::Replacement)
            && line.live_lots().any(|lot| !left(lot.id) && !request.gets(line, lot).pays())
    };
    if request.live_lines().any(goes_out) {
        steps.push((Moment::ExchangeSent, Some(promises.refunded)));
    }
    let repaired = |line: &super::ReturnLine| {
        line.asked.resolution == Resolution::Repair && line.live_lots().any(|lot| !went_back_repaired(request, lot.id))
    };
    if request.live_lines().any(repaired) {
        steps.push((Moment::RepairSent, Some(promises.refunded)));
    }
    let state = |index: usize| if index == 0 { EntryState::Now } else { EntryState::Next };
    let entry = |(index, (moment, by)): (usize, (Moment, Option<Timestamp>))| Entry {
        moment,
        state: state(index),
        at: None,
        promised_by: by,
        late: None,
        taken_back: false,
    };
    steps.into_iter().enumerate().map(entry).collect()
}
