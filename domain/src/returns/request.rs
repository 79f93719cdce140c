//! A return as it stands, and what can be read from it.
//! Long because everything that a return is made of stands here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::collected::Collected;
use super::event::{Event, Recorded};
use super::feedback::Feedback;
use super::grant::{Grant, GrantCause, Payment, PaymentState};
use super::hold::Hold;
use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Authorization, Lot, Reception};
use super::moves::Standing;
use super::number::{GrantNo, LineNo, LotNo};
use super::offer::{Offer, OfferState};
use super::outbound::Outbound;
use super::parcel::{LabelWanted, Parcel};
use super::receipt::Receipt;
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::said::{Contact, Opening, OrderPart, Pickup};
use super::status::{Ended, Status};
use super::talk::Talk;
use crate::danger::Danger;
use crate::ids::{Code, OrderNumber};
use crate::money::Currency;
use crate::order::Address;
use crate::policy::{Method, PromisedDates, Resolution, ReviewGround};
use crate::rma::RmaNumber;
use crate::settlement::Settlement;
use crate::words::Locale;
use crate::written::loose_number;

/// A return as it stands: the sum of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Return {
    /// Which shape this is written in; of another it is made anew from its events.
    pub schema: u32,
    pub rma: RmaNumber,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it was asked for.
    pub channel: Code,
    /// Language of the mails.
    #[serde(flatten, with = "crate::words::kept")]
    pub locale: Locale,
    /// How to reach the customer.
    pub contact: Contact,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    pub orders: Vec<OrderPart>,
    pub lines: Vec<ReturnLine>,
    /// How it comes back.
    pub method: Method,
    /// When the door is called at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Pickup>,
    /// Promised dates.
    pub promises: PromisedDates,
    /// Parcels; the last one's label counts.
    pub parcels: Vec<Parcel>,
    /// A label that a carrier is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<LabelWanted>,
    /// What was booked in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// Less money than expected, offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// Money promised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// What of it is not paid for now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Attempts to pay it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Items that go out instead of money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Remedy>,
    /// What the customer paid for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected: Vec<Collected>,
    /// What was given for these is not asked back, though they did not come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<LotNo>,
    /// Why a person must look at the money before anything is paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<ReviewGround>,
    /// What it is where it is about goods on their way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<Outbound>,
    /// What shop and customer write to each other.
    #[serde(default, skip_serializing_if = "Talk::is_empty")]
    pub talk: Talk,
    /// What the customer said of how it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// Number of events so far.
    pub version: u64,
    /// Some of its events are of a kind or shape that only a newer version knows: it can be read here, and not changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
}

impl Return {
    /// The shape in which a return is written now.
    pub const SCHEMA: u32 = 5;
    /// That of a return of goods on their way out.
    pub const SCHEMA_OUTBOUND: u32 = 6;
    /// That of a return of which promised money was held, for which the customer paid, or of which something was waived.
    pub const SCHEMA_MONEY: u32 = 7;
    /// That of a return of which something went back to a vendor.
    pub const SCHEMA_VENDOR: u32 = 8;
    /// That of a return of which the customer said how it went.
    pub const SCHEMA_FEEDBACK: u32 = 9;
    /// That of a return that is collected at another door than it was opened with.
    pub const SCHEMA_DOOR: u32 = 10;
    /// That of a return of which it is known when something left, or arrived, in place of money.
    pub const SCHEMA_REMEDY: u32 = 11;

    /// A return just asked for.
    pub(super) fn from_opening(opening: &Opening) -> Self {
        Self {
            schema: Self::SCHEMA,
            rma: opening.rma,
            opened_at: opening.opened_at,
            channel: opening.channel.clone(),
            locale: opening.locale,
            contact: opening.contact.clone(),
            from: opening.from.clone(),
            withdrawal: opening.withdrawal,
            orders: opening.orders.clone(),
            lines: opening.lines.iter().zip(1..).map(|(asked, place)| ReturnLine::requested(LineNo(place), asked.clone())).collect(),
            method: opening.method,
            pickup: opening.pickup.clone(),
            promises: opening.promises,
            parcels: Vec::new(),
            wanted: None,
            receipts: Vec::new(),
            offers: Vec::new(),
            grants: Vec::new(),
            holds: Vec::new(),
            payments: Vec::new(),
            remedies: Vec::new(),
            collected: Vec::new(),
            waived: Vec::new(),
            flags: Vec::new(),
            outbound: None,
            talk: Talk::default(),
            feedback: None,
            version: 1,
            newer: false,
        }
    }

    /// Rebuilds a return from its events. Nothing where the first is not its opening.
    pub fn from_events<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Self> {
        Self::rebuilt(&(1..).zip(events).collect::<Vec<_>>())
    }

    /// Rebuilds a return from its recorded events.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e Recorded>) -> Option<Self> {
        Self::rebuilt(&events.into_iter().map(|recorded| (recorded.seq, &recorded.event)).collect::<Vec<_>>())
    }

    /// Of events with their numbers.
    fn rebuilt(events: &[(u64, &Event)]) -> Option<Self> {
        let ((_, Event::Opened { opening }), rest) = events.split_first()? else { return None };
        let mut request = Self::from_opening(opening);
        for (_, event) in rest {
            request.evolve_after(event, events.iter().copied())?;
        }
        Some(request)
    }

    /// Takes in an event that may go back to how it was before others, those of `events` (with their numbers) among them.
    pub(super) fn evolve_after<'e>(&mut self, event: &Event, events: impl Iterator<Item = (u64, &'e Event)>) -> Option<()> {
        if let Event::TakenBack { from } = event {
            let before: Vec<_> = events.take_while(|(seq, _)| seq < from).collect();
            self.set_back(Self::rebuilt(&before)?);
        }
        self.evolve(event);
        Some(())
    }

    /// Its lots, each with its line.
    pub fn lots(&self) -> impl Iterator<Item = (&ReturnLine, &Lot)> {
        self.lines.iter().flat_map(|line| line.lots.iter().map(move |lot| (line, lot)))
    }

    /// The lots of lines, by the lines' names.
    pub fn lots_of(&self, lines: &[LineNo]) -> Vec<LotNo> {
        self.lots().filter(|(line, _)| lines.contains(&line.id)).map(|(_, lot)| lot.id).collect()
    }

    /// The line of that name.
    pub fn line(&self, id: LineNo) -> Option<&ReturnLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The lot of that name, with its line.
    pub fn lot(&self, id: LotNo) -> Option<(&ReturnLine, &Lot)> {
        let line = self.line(id.line)?;
        Some((line, line.lot(id)?))
    }

    /// The name of the next line.
    pub fn next_line(&self) -> LineNo {
        LineNo(self.lines.iter().map(|line| line.id.0).max().unwrap_or(0) + 1)
    }

    /// What stands beside a lot's axes.
    pub fn standing(&self, lot: LotNo) -> Standing {
        let settled = self.grants_of(lot).any(|grant| grant.cause.settles()) || self.remedy_of(lot).is_some();
        Standing { settled, granted: self.grants_of(lot).any(|grant| grant.amount > 0 && grant.cause != GrantCause::PaidBack) }
    }

    pub(super) fn grants_of(&self, lot: LotNo) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |grant| grant.lots.contains(&lot))
    }

    /// The remedy of a lot that was not called off.
    pub fn remedy_of(&self, lot: LotNo) -> Option<&Remedy> {
        self.remedies.iter().find(|remedy| remedy.lots.contains(&lot) && remedy.state != RemedyState::CalledOff)
    }

    /// The offer on a lot that waits for somebody.
    pub fn open_offer(&self, lot: LotNo) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.is_open() && offer.lots.contains(&lot))
    }

    /// What has left, or is on its way, of a grant. Minor units.
    pub fn sent_of(&self, grant: GrantNo) -> i64 {
        self.payments.iter().filter(|payment| payment.grant == grant && payment.state.holds()).map(|payment| payment.amount).sum()
    }

    /// What has left of a grant. Minor units.
    pub fn paid_of(&self, grant: GrantNo) -> i64 {
        let paid = |payment: &&Payment| payment.grant == grant && payment.state == PaymentState::Paid;
        self.payments.iter().filter(paid).map(|payment| payment.amount).sum()
    }

    /// Whether nothing more is to be known of the goods: they were looked at, are lost, or do not come.
    pub(super) fn goods_are_done(line: &ReturnLine, lot: &Lot) -> bool {
        !line.asked.sends_back() || lot.state.inspection != Inspection::Pending || lot.state.reception == Reception::Lost
    }

    /// How a lot ended, where it has.
    pub fn ended(&self, line: &ReturnLine, lot: &Lot) -> Option<Ended> {
        let of_axes = Status::of_axes(lot.state);
        match of_axes {
            Status::Declined => return Some(Ended::Declined),
            Status::Cancelled => return Some(Ended::Cancelled),
            Status::Lapsed => return Some(Ended::Lapsed),
            Status::SentBack => return Some(Ended::SentBack),
            _ => {}
        }
        if !self.standing(lot.id).settled || !Self::goods_are_done(line, lot) || self.open_offer(lot.id).is_some() {
            return None;
        }
        if self.grants_of(lot.id).any(|grant| self.paid_of(grant.id) < grant.amount) {
            return None;
        }
        match self.remedy_of(lot.id) {
            Some(remedy) if remedy.state != RemedyState::Delivered => None,
            Some(remedy) => Some(match remedy.kind {
                RemedyKind::Exchange => Ended::Exchanged,
                RemedyKind::Replacement => Ended::Replaced,
                RemedyKind::Repair => Ended::Repaired,
            }),
            None if line.asked.resolution == Resolution::KeepRefund => Some(Ended::Kept),
            None => Some(Ended::Paid),
        }
    }

    /// Whether a lot's units are taken: it goes on, or ended with the units with the shop or made good for (P10).
    pub fn holds(&self, line: &ReturnLine, lot: &Lot) -> bool {
        match self.ended(line, lot) {
            Some(Ended::Lapsed) => self.standing(lot.id).settled && !self.is_paid_back(lot.id),
            Some(ended) => !ended.frees_units(),
            None => true,
        }
    }

    /// Units of a line that are taken.
    pub fn units_held(&self, line: &ReturnLine) -> u32 {
        line.lots.iter().filter(|lot| self.holds(line, lot)).map(|lot| lot.units).sum()
    }

    /// How a lot stands.
    pub fn status_of(&self, line: &ReturnLine, lot: &Lot) -> Status {
        if let Some(ended) = self.ended(line, lot) {
            return ended.status();
        }
        match self.open_offer(lot.id).map(|offer| &offer.state) {
            Some(OfferState::Made) => return Status::Offered,
            Some(_) => return Status::InReview,
            None => {}
        }
        if self.standing(lot.id).settled && Self::goods_are_done(line, lot) { Status::Granted } else { Status::of_axes(lot.state) }
    }

    /// Derived from the lots; never stored as a truth of its own.
    pub fn status(&self) -> Status {
        Status::of(self.lots().map(|(line, lot)| self.status_of(line, lot)))
    }

    /// How it ended, where all of it has: of several ends the first in [`Ended::ALL`].
    pub fn how_ended(&self) -> Option<Ended> {
        let ends: Option<Vec<Ended>> = self.lots().map(|(line, lot)| self.ended(line, lot)).collect();
        let status = self.status();
        ends?.into_iter().filter(|end| end.status() == status).min()
    }

    /// The order of this return that a number means, however it is written: exactly that one, else the only one that is written like it.
    pub fn order_meant(&self, typed: &str) -> Option<&OrderNumber> {
        let numbers = || self.orders.iter().map(|part| &part.number);
        let exactly = numbers().find(|number| number.as_str() == typed.trim());
        exactly.or_else(|| {
            let mut like = numbers().filter(|number| loose_number(number.as_str()) == loose_number(typed));
            like.next().filter(|_| like.next().is_none())
        })
    }

    /// Lines whose units are taken, all or some.
    pub fn live_lines(&self) -> impl Iterator<Item = &ReturnLine> {
        self.lines.iter().filter(|line| self.units_held(line) > 0)
    }

    /// Whether a label is due: something approved is to travel, nothing waits for a person, and there is none that counts or is wanted.
    pub fn needs_label(&self) -> bool {
        let mut lots = self.lots().filter(|(_, lot)| lot.state.is_live());
        let waits = lots.any(|(_, lot)| lot.state.authorization != Authorization::Approved);
        let carried = |lot: &Lot| self.parcel().is_some_and(|parcel| parcel.contents.is_empty() || parcel.contents.contains(&lot.id));
        self.awaits_parcel() && !waits && self.wanted.is_none() && self.to_send().any(|(_, lot)| !carried(lot))
    }

    /// Until when somebody waits for what was asked of the customer; nothing where nobody does.
    pub fn awaits(&self, now: Timestamp) -> Option<Timestamp> {
        self.lots().filter(|(_, lot)| lot.state.is_live()).filter_map(|(_, lot)| lot.awaits).filter(|until| *until > now).min()
    }

    /// Whether something approved is still to travel by parcel.
    pub(super) fn awaits_parcel(&self) -> bool {
        self.method.is_by_parcel() && self.danger().is_none() && self.to_send().next().is_some()
    }

    /// What may be sent and is with the customer.
    pub(super) fn to_send(&self) -> impl Iterator<Item = (&ReturnLine, &Lot)> {
        self.lots().filter(|(line, lot)| {
            let state = lot.state;
            line.asked.sends_back() && state.authorization == Authorization::Approved && state.reception == Reception::Awaiting
        })
    }

    /// Why no plain label may carry it, where none may: a damaged battery before everything else (N22).
    pub fn danger(&self) -> Option<Danger> {
        let dangers = || self.live_lines().filter_map(|line| line.asked.danger());
        dangers().find(|danger| *danger == Danger::DamagedBattery).or_else(|| dangers().next())
    }

    /// Parcels whose labels were bought and are to be called off: another replaced them, or nothing of the return comes; and no carrier has
    /// seen them.
    pub fn labels_to_void(&self) -> impl Iterator<Item = &Parcel> {
        let off = !self.lots().any(|(line, lot)| line.asked.sends_back() && lot.state.is_live());
        let replaced = self.parcels.len().saturating_sub(1);
        let stands = move |place: usize| !off && place == replaced;
        let void = move |(place, parcel): &(usize, &Parcel)| {
            parcel.reference.is_some() && !parcel.voided && parcel.scans.is_empty() && !stands(*place)
        };
        self.parcels.iter().enumerate().filter(void).map(|(_, parcel)| parcel)
    }

    /// Whether its label can be printed: there is one, and something may come back with it.
    pub fn has_label(&self) -> bool {
        self.parcel().is_some() && self.danger().is_none() && self.lines.iter().any(ReturnLine::is_approved)
    }

    /// The parcel whose label counts: the last, unless that was called off.
    pub fn parcel(&self) -> Option<&Parcel> {
        self.parcels.last().filter(|parcel| !parcel.voided)
    }

    /// What is granted (if all is as said) of the lines that are live, per currency, orders together. Minor units.
    pub fn expected(&self) -> Vec<(Currency, i64)> {
        self.of_live(|settlement| settlement.expected)
    }

    /// What the customer owes if all is as said, per currency, orders together. Minor units.
    pub fn due(&self) -> Vec<(Currency, i64)> {
        self.of_live(|settlement| settlement.due)
    }

    /// Whether anything of an order's part still stands.
    pub fn is_live(&self, part: &OrderPart) -> bool {
        self.live_lines().any(|line| line.asked.order == part.number)
    }

    fn of_live(&self, amount: impl Fn(&Settlement) -> i64) -> Vec<(Currency, i64)> {
        let parts = self.orders.iter().filter(|part| self.is_live(part));
        summed(parts.map(|part| (part.settlement.currency, amount(&part.settlement))))
    }

    /// What was promised, per currency. Minor units.
    pub fn granted(&self) -> Vec<(Currency, i64)> {
        summed(self.grants.iter().map(|grant| (grant.currency, grant.amount)))
    }

    /// What has left, per currency. Minor units.
    pub fn paid(&self) -> Vec<(Currency, i64)> {
        summed(self.grants.iter().map(|grant| (grant.currency, self.paid_of(grant.id))))
    }
}

fn summed(amounts: impl Iterator<Item = (Currency, i64)>) -> Vec<(Currency, i64)> {
    let mut sums: Vec<(Currency, i64)> = Vec::new();
    for (currency, amount) in amounts {
        match sums.iter_mut().find(|(of, _)| *of == currency) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((currency, amount)),
        }
    }
    sums
}
