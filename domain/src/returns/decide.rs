//! From a command to the events it makes of a return, or to why it is refused. Every guard is here.

use jiff::Timestamp;

use super::command::{Command, CommandKind, Finding, Role, Which};
use super::event::{Event, LineAdded};
use super::grant::{Grant, GrantCause, PaidTo, Payment, PaymentState};
use super::line::ReturnLine;
use super::lot::{Authorization, Disposition, Inspection, Lot, Move, Reception, Step};
use super::number::{GrantNo, LotNo, OfferNo, PaymentNo, ReceiptNo, RemedyNo};
use super::offer::{Offer, OfferAnswer, OfferState};
use super::receipt::{Beside, Booked, Looked, Outcome, Receipt};
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use super::said::{LineAsked, Opening};
use super::status::Status;
use crate::ids::{LineId, OrderNumber};
use crate::money::Currency;
use crate::policy::{Decision, Resolution};

/// What a decision needs to know beyond the return.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The time.
    pub now: Timestamp,
    /// Of each order, what was captured and neither credited outside nor granted by any return: what can still be granted. Minor
    /// units. An order that is not named has nothing left.
    pub room: Vec<(OrderNumber, i64)>,
    /// Of each order line, units that are in no return. A line that is not named has none.
    pub free: Vec<(OrderNumber, LineId, u32)>,
}

impl Facts {
    /// At that time, with nothing left to grant and no unit free: for commands that neither promise money nor take units.
    pub fn at(now: Timestamp) -> Self {
        Self { now, room: Vec::new(), free: Vec::new() }
    }

    fn room(&self, order: &OrderNumber) -> i64 {
        self.room.iter().find(|(of, _)| of.key() == order.key()).map_or(0, |(_, left)| (*left).max(0))
    }

    fn free(&self, asked: &LineAsked) -> u32 {
        self.free.iter().find(|(order, line, _)| asked.is_of(order, line)).map_or(0, |(_, _, units)| *units)
    }
}

/// A command the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{command}` is not possible while the return is {status}")]
pub struct CommandRefused {
    /// What was asked.
    pub command: CommandKind,
    /// How it stands.
    pub status: Status,
    /// What could be done.
    pub possible: Vec<CommandKind>,
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Others may, not they.
    #[error("`{command}` is not for {}", role.code())]
    Role {
        /// What was asked.
        command: CommandKind,
        /// By whom; the command's row says who may.
        role: Role,
    },
    /// The state does not allow it.
    #[error(transparent)]
    State(#[from] CommandRefused),
    /// It names what the return does not have.
    #[error("this return has no {what} {name}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// More units than there are, or none.
    #[error("{asked} units of {lot}, which has {there}")]
    Units {
        /// The lot.
        lot: LotNo,
        /// Asked for.
        asked: u32,
        /// There are.
        there: u32,
    },
    /// A sum that cannot be. Minor units.
    #[error("{asked} of {currency} (minor units), where between {least} and {most} is possible")]
    Amount {
        /// Of all amounts.
        currency: Currency,
        /// What was asked.
        asked: i64,
        /// The least that is possible.
        least: i64,
        /// The most that is possible.
        most: i64,
    },
    /// It contradicts itself, or leaves out what it needs.
    #[error("{0}")]
    Senseless(&'static str),
}

impl Return {
    /// Opens a return: the events that say so, one for each answer of policy. `rma`, time and tracking number come from outside.
    pub fn open(opening: Opening) -> Vec<Event> {
        let lots: Vec<(LotNo, &LineAsked)> =
            opening.lines.iter().zip(0..).map(|(asked, place)| (LotNo::first(super::LineNo::after(place)), asked)).collect();
        let answers = answers(&lots);
        [vec![Event::Opened { opening: Box::new(opening.clone()) }], answers].concat()
    }

    /// The events that `command` makes of this return; none where it has been done before.
    pub fn decide(&self, command: &Command, role: Role, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let kind = command.kind();
        if !kind.is_for(role) {
            return Err(Refused::Role { command: kind, role });
        }
        let one = |event| Ok(vec![event]);
        match command {
            Command::Approve { lots } => {
                let lots = self.moved(kind, lots, Move::Approve)?;
                for (line, lot) in lots.iter().filter_map(|lot| self.lot(*lot)) {
                    // What was declined was free for others since.
                    let again = lot.state.authorization == Authorization::Declined;
                    if again && facts.free(&line.asked) < lot.units {
                        return Err(Refused::Units { lot: lot.id, asked: lot.units, there: facts.free(&line.asked) });
                    }
                }
                Ok(some(lots, |lots| Event::Approved { lots }))
            }
            Command::SendToReview { lots, ground } => {
                let ground = *ground;
                Ok(some(self.moved(kind, lots, Move::SendToReview)?, |lots| Event::SentToReview { lots, ground }))
            }
            Command::Decline { lots, reason } => {
                Ok(some(self.moved(kind, lots, Move::Decline)?, |lots| Event::Declined { lots, reason: reason.clone() }))
            }
            Command::AskEvidence { lots, note } => {
                let asked = self.named(lots)?;
                let waits = |lot: &LotNo| self.lot(*lot).is_some_and(|(_, lot)| lot.state.authorization == Authorization::InReview);
                let waiting: Vec<LotNo> = asked.into_iter().filter(waits).collect();
                if waiting.is_empty() {
                    return Err(self.refused(kind).into());
                }
                one(Event::EvidenceAsked { lots: waiting, note: said(note)? })
            }
            Command::Cancel { lots, reason } => {
                Ok(some(self.moved(kind, lots, Move::Cancel)?, |lots| Event::Cancelled { lots, reason: reason.clone() }))
            }
            Command::Lapse { lots } => Ok(some(self.moved(kind, lots, Move::Lapse)?, |lots| Event::Lapsed { lots })),
            Command::AddLines { lines, orders, promises } => {
                self.check_changeable()?;
                self.check_added(lines)?;
                let lots: Vec<(LotNo, &LineAsked)> = lines.iter().map(|added| (added.lot, &added.asked)).collect();
                let added = Event::LinesAdded { lines: lines.clone(), orders: orders.clone(), promises: *promises };
                Ok([vec![added], answers(&lots)].concat())
            }
            Command::SwitchMethod { method, pickup, terms, orders, promises } => {
                self.check_changeable()?;
                if self.method == *method && self.pickup == *pickup {
                    return Ok(Vec::new());
                }
                one(Event::MethodChanged {
                    method: *method,
                    pickup: pickup.clone(),
                    terms: terms.clone(),
                    orders: orders.clone(),
                    promises: *promises,
                })
            }
            Command::AddEvidence { lines, evidence } => {
                self.check_changeable()?;
                for id in lines {
                    self.line(*id).ok_or_else(|| unknown("line", id))?;
                }
                if lines.is_empty() || evidence.is_empty() {
                    return Err(Refused::Senseless("evidence is added to lines, and there must be some"));
                }
                one(Event::EvidenceAdded { lines: lines.clone(), evidence: evidence.clone() })
            }
            Command::IssueLabel { parcel, promises } => {
                self.check_changeable()?;
                one(Event::LabelIssued { parcel: parcel.clone(), promises: *promises })
            }
            Command::Settle { orders, because } => one(Event::ExpectedChanged { orders: orders.clone(), because: *because }),
            Command::Flag { ground } => one(Event::Flagged { ground: *ground }),
            Command::Scan { tracking_number, scan } => {
                let parcel = self.parcels.iter().find(|parcel| parcel.tracking_number == *tracking_number);
                let parcel = parcel.ok_or_else(|| unknown("parcel", tracking_number))?;
                if parcel.scans.contains(scan) {
                    return Ok(Vec::new());
                }
                one(Event::Scanned { tracking_number: tracking_number.clone(), scan: scan.clone() })
            }
            Command::Receive { warehouse, tracking_number, items, beside } => {
                self.receive(facts.now, warehouse.as_ref(), tracking_number.as_ref(), items, beside)
            }
            Command::Inspect { items } => self.inspect(items),
            Command::Dispose { lots, to } => {
                let to = *to;
                Ok(some(self.moved(kind, &Some(lots.clone()), Move::Dispose(to))?, |lots| Event::Disposed { lots, to }))
            }
            Command::SendBack { lots, tracking_number } => {
                let sent = self.moved(kind, lots, Move::SendBack)?;
                Ok(some(sent, |lots| Event::SentBack { lots, tracking_number: tracking_number.clone() }))
            }
            Command::Offer { order, lots, currency, expected, amount, until } => {
                self.check_lots(kind, order, *currency, lots, |line, lot| self.can_offer(line, lot))?;
                check_amount(*currency, *amount, 0, expected.saturating_sub(1))?;
                if *until <= facts.now {
                    return Err(Refused::Senseless("an offer stands for some time"));
                }
                one(Event::Offered {
                    offer: Offer {
                        id: OfferNo::after(self.offers.len()),
                        at: facts.now,
                        order: order.clone(),
                        lots: lots.clone(),
                        currency: *currency,
                        expected: *expected,
                        amount: *amount,
                        until: *until,
                        state: OfferState::Made,
                    },
                })
            }
            Command::AnswerOffer { offer, answer } => self.answer_offer(*offer, answer),
            Command::LapseOffer { offer: id } => {
                let offer = self.offers.iter().find(|offer| offer.id == *id).ok_or_else(|| unknown("offer", id))?;
                match offer.state {
                    OfferState::Lapsed => Ok(Vec::new()),
                    // Silence takes nothing from who withdraws.
                    OfferState::Made if !self.withdrawal && offer.until <= facts.now => one(Event::OfferLapsed { offer: *id }),
                    _ => Err(self.refused(kind).into()),
                }
            }
            Command::Grant { order, lots, cause, currency, amount, receipt } => self.grant(
                Grant {
                    id: GrantNo::after(self.grants.len()),
                    at: facts.now,
                    order: order.clone(),
                    lots: lots.clone(),
                    cause: *cause,
                    currency: *currency,
                    amount: *amount,
                    receipt: receipt.clone(),
                },
                facts,
            ),
            Command::Pay { grant, to, amount, reference } => self.pay(*grant, to, *amount, reference.as_ref(), facts),
            Command::ConfirmPayment { payment, reference } => {
                let known = self.payment(*payment)?;
                match known.state {
                    PaymentState::Paid => Ok(Vec::new()),
                    // An answer that was lost may say yes after all, as long as nothing else took its place.
                    PaymentState::Failed if self.left_of(known.grant) < known.amount => Err(self.refused(kind).into()),
                    PaymentState::Pending | PaymentState::Failed => {
                        one(Event::PaymentMade { payment: *payment, reference: reference.clone() })
                    }
                    PaymentState::Reversed => Err(self.refused(kind).into()),
                }
            }
            Command::FailPayment { payment, reason } => match self.payment(*payment)?.state {
                PaymentState::Failed => Ok(Vec::new()),
                PaymentState::Pending => one(Event::PaymentFailed { payment: *payment, reason: reason.clone() }),
                PaymentState::Paid | PaymentState::Reversed => Err(self.refused(kind).into()),
            },
            Command::ReversePayment { payment, reason } => match self.payment(*payment)?.state {
                PaymentState::Reversed => Ok(Vec::new()),
                PaymentState::Paid => one(Event::PaymentReversed { payment: *payment, reason: reason.clone() }),
                PaymentState::Pending | PaymentState::Failed => Err(self.refused(kind).into()),
            },
            Command::OweRemedy { lots } => self.owe_remedy(lots, facts.now),
            Command::MoveRemedy { remedy: id, to, reference } => {
                let remedy = self.remedies.iter().find(|remedy| remedy.id == *id).ok_or_else(|| unknown("remedy", id))?;
                if remedy.state == *to {
                    return Ok(Vec::new());
                }
                if !remedy.state.can_go(*to) {
                    return Err(self.refused(kind).into());
                }
                one(Event::RemedyMoved { remedy: *id, to: *to, reference: reference.clone() })
            }
        }
    }

    /// Whether items, the way back, the label or evidence can still be changed: everything live is with the customer.
    pub fn check_changeable(&self) -> Result<(), CommandRefused> {
        if self.is_changeable() { Ok(()) } else { Err(self.refused(CommandKind::SwitchMethod)) }
    }

    fn is_changeable(&self) -> bool {
        let live = || self.lots().filter(|(line, lot)| self.ended(line, lot).is_none());
        live().next().is_some() && live().all(|(_, lot)| self.step(lot, Move::Change) == Step::Already)
    }

    /// Whether it can still be called off.
    pub fn can_cancel(&self) -> bool {
        self.moved(CommandKind::Cancel, &None, Move::Cancel).is_ok_and(|lots| !lots.is_empty())
    }

    /// What could be done now, by somebody.
    pub fn possible(&self) -> Vec<CommandKind> {
        CommandKind::TABLE.iter().map(|row| row.kind).filter(|kind| self.is_possible(*kind)).collect()
    }

    fn is_possible(&self, kind: CommandKind) -> bool {
        let moves = |wanted: &dyn Fn(Move) -> bool| {
            self.lots().any(|(_, lot)| Move::all().filter(|to_do| wanted(*to_do)).any(|to_do| matches!(self.step(lot, to_do), Step::To(_))))
        };
        let payment = |states: &[PaymentState]| self.payments.iter().any(|payment| states.contains(&payment.state));
        match kind {
            CommandKind::Approve => moves(&|to_do| to_do == Move::Approve),
            CommandKind::SendToReview => moves(&|to_do| to_do == Move::SendToReview),
            CommandKind::Decline => moves(&|to_do| to_do == Move::Decline),
            CommandKind::AskEvidence => self.lots().any(|(_, lot)| lot.state.authorization == Authorization::InReview),
            CommandKind::Cancel => moves(&|to_do| to_do == Move::Cancel),
            CommandKind::Lapse => moves(&|to_do| to_do == Move::Lapse),
            CommandKind::AddLines | CommandKind::SwitchMethod | CommandKind::AddEvidence | CommandKind::IssueLabel => self.is_changeable(),
            CommandKind::Settle | CommandKind::Flag => !self.status().is_end(),
            CommandKind::Scan => !self.parcels.is_empty() && moves(&|to_do| matches!(to_do, Move::Ship | Move::Lose)),
            CommandKind::Receive => moves(&|to_do| matches!(to_do, Move::Receive | Move::ReceiveShort | Move::ReceiveWrong)),
            CommandKind::Inspect => moves(&|to_do| matches!(to_do, Move::Accept | Move::Downgrade | Move::Reject)),
            CommandKind::Dispose => moves(&|to_do| matches!(to_do, Move::Dispose(_))),
            CommandKind::SendBack => moves(&|to_do| to_do == Move::SendBack),
            CommandKind::Offer => self.lots().any(|(line, lot)| self.can_offer(line, lot)),
            CommandKind::AnswerOffer => self.offers.iter().any(Offer::is_open),
            CommandKind::LapseOffer => !self.withdrawal && self.offers.iter().any(|offer| offer.state == OfferState::Made),
            CommandKind::Grant => {
                self.lots().any(|(line, lot)| GrantCause::ALL.iter().any(|cause| self.can_grant(line, lot, *cause).is_some()))
            }
            CommandKind::Pay => self.grants.iter().any(|grant| self.left_of(grant.id) > 0),
            CommandKind::ConfirmPayment => {
                payment(&[PaymentState::Pending])
                    || self
                        .payments
                        .iter()
                        .any(|payment| payment.state == PaymentState::Failed && self.left_of(payment.grant) >= payment.amount)
            }
            CommandKind::FailPayment => payment(&[PaymentState::Pending]),
            CommandKind::ReversePayment => payment(&[PaymentState::Paid]),
            CommandKind::OweRemedy => self.lots().any(|(line, lot)| self.can_owe(line, lot)),
            CommandKind::MoveRemedy => self.remedies.iter().any(|remedy| remedy.state.is_open()),
        }
    }

    fn refused(&self, command: CommandKind) -> CommandRefused {
        CommandRefused { command, status: self.status(), possible: self.possible() }
    }

    fn step(&self, lot: &Lot, to_do: Move) -> Step {
        lot.state.step(to_do, self.standing(lot.id))
    }

    /// Lots that are named, or all.
    fn named(&self, which: &Which) -> Result<Vec<LotNo>, Refused> {
        let Some(named) = which else { return Ok(self.lots().map(|(_, lot)| lot.id).collect()) };
        let mut lots = Vec::with_capacity(named.len());
        for id in named {
            self.lot(*id).ok_or_else(|| unknown("lot", id))?;
            if !lots.contains(id) {
                lots.push(*id);
            }
        }
        Ok(lots)
    }

    /// The lots that a move moves. Of those named, each must allow it or have been moved so before; where none is named, the live ones
    /// must. Refused where nothing is moved and nothing was before.
    fn moved(&self, kind: CommandKind, which: &Which, to_do: Move) -> Result<Vec<LotNo>, Refused> {
        let mut moved = Vec::new();
        let mut done_before = false;
        for id in self.named(which)? {
            let Some((line, lot)) = self.lot(id) else { continue };
            match self.step(lot, to_do) {
                // A person who thinks again says of what.
                Step::To(_) if which.is_none() && !self.holds(line, lot) => {}
                Step::To(_) => moved.push(id),
                Step::Already => done_before = true,
                // What ended, or is not at that point, is left alone where nobody named it.
                Step::Refused if which.is_none() && (self.ended(line, lot).is_some() || to_do == Move::SendBack) => {}
                Step::Refused => return Err(self.refused(kind).into()),
            }
        }
        if moved.is_empty() && !done_before { Err(self.refused(kind).into()) } else { Ok(moved) }
    }

    fn check_added(&self, lines: &[LineAdded]) -> Result<(), Refused> {
        let mut next = self.next_line();
        for added in lines {
            if added.asked.quantity == 0 {
                return Err(Refused::Units { lot: added.lot, asked: 0, there: 0 });
            }
            match self.lot(added.lot) {
                // Grows: only what nothing has happened to.
                Some((_, lot)) if added.instead_of.is_none() && self.step(lot, Move::Change) == Step::Already => {}
                None if added.lot == LotNo::first(next) => next.0 += 1,
                _ => return Err(unknown("lot to add to", added.lot)),
            }
            if let Some(id) = added.instead_of {
                let line = self.line(id).ok_or_else(|| unknown("line", id))?;
                if self.units_held(line) > 0 {
                    return Err(Refused::Senseless("only a line that was declined or called off gives its place away"));
                }
            }
        }
        if lines.is_empty() { Err(Refused::Senseless("there must be something to add")) } else { Ok(()) }
    }

    /// Splits off what is named of lots: for each, the lot it becomes. `items`: lot and units, each checked by `may`.
    fn parted<'i, I: 'i>(
        &self,
        kind: CommandKind,
        items: &'i [I],
        of: impl Fn(&I) -> (LotNo, u32),
        may: impl Fn(&Lot, &I) -> Step,
    ) -> Result<Vec<(LotNo, &'i I)>, Refused> {
        let mut parted: Vec<(LotNo, &I)> = Vec::new();
        for line in &self.lines {
            let mut next = line.next_lot();
            for lot in &line.lots {
                let here: Vec<&I> = items.iter().filter(|item| of(item).0 == lot.id).collect();
                let asked: u64 = here.iter().map(|item| u64::from(of(item).1)).sum();
                if here.iter().any(|item| of(item).1 == 0) || asked > u64::from(lot.units) {
                    return Err(Refused::Units { lot: lot.id, asked: u32::try_from(asked).unwrap_or(u32::MAX), there: lot.units });
                }
                let mut left = lot.units;
                for item in here {
                    match may(lot, item) {
                        Step::Refused => return Err(self.refused(kind).into()),
                        // Said of all of it before.
                        Step::Already if of(item).1 == lot.units => {}
                        Step::Already => left -= of(item).1,
                        Step::To(_) => {
                            left -= of(item).1;
                            parted.push((if left == 0 { lot.id } else { next }, item));
                            next.lot += u32::from(left > 0);
                        }
                    }
                }
            }
        }
        match items.iter().map(|item| of(item).0).find(|id| self.lot(*id).is_none()) {
            Some(id) => Err(unknown("lot", id)),
            None => Ok(parted),
        }
    }

    fn receive(
        &self,
        now: Timestamp,
        warehouse: Option<&String>,
        tracking_number: Option<&String>,
        items: &[(LotNo, u32, Outcome)],
        beside: &[Beside],
    ) -> Result<Vec<Event>, Refused> {
        if items.is_empty() && beside.is_empty() {
            return Err(Refused::Senseless("something was looked for, or came beside"));
        }
        let to_do = |outcome| match outcome {
            Outcome::Received => Move::Receive,
            Outcome::Short | Outcome::Empty => Move::ReceiveShort,
            Outcome::WrongItem => Move::ReceiveWrong,
        };
        let parted = self.parted(
            CommandKind::Receive,
            items,
            |(lot, units, _)| (*lot, *units),
            |lot, (_, _, outcome)| self.step(lot, to_do(*outcome)),
        )?;
        let items: Vec<Booked> = parted.into_iter().map(|(lot, &(of, units, outcome))| Booked { of, lot, units, outcome }).collect();
        if items.is_empty() && beside.is_empty() {
            return Ok(Vec::new());
        }
        let receipt = Receipt {
            id: ReceiptNo::after(self.receipts.len()),
            at: now,
            warehouse: warehouse.cloned(),
            tracking_number: tracking_number.cloned(),
            items,
            beside: beside.to_vec(),
        };
        Ok(vec![Event::Received { receipt }])
    }

    fn inspect(&self, items: &[Finding]) -> Result<Vec<Event>, Refused> {
        if items.is_empty() {
            return Err(Refused::Senseless("something was looked at"));
        }
        for item in items {
            if item.found == Inspection::Pending || (item.deduct.is_some() && item.found != Inspection::Downgraded) {
                return Err(Refused::Senseless("an inspection says what was found, and takes off only where that is less than was said"));
            }
        }
        let to_do = |found| match found {
            Inspection::Accepted => Move::Accept,
            Inspection::Downgraded => Move::Downgrade,
            Inspection::Rejected | Inspection::Pending => Move::Reject,
        };
        let may = |lot: &Lot, item: &Finding| match self.step(lot, to_do(item.found)) {
            // Found the same, worth something else.
            Step::Already if item.deduct != lot.deduct || item.grade.is_some_and(|grade| Some(grade) != lot.grade) => {
                let stands = matches!(lot.state.disposition, Disposition::None | Disposition::Quarantine) && !self.standing(lot.id).settled;
                if stands { Step::To(lot.state) } else { Step::Refused }
            }
            step => step,
        };
        let parted = self.parted(CommandKind::Inspect, items, |item| (item.lot, item.units), may)?;
        let looked = |(lot, item): (LotNo, &Finding)| Looked {
            of: item.lot,
            lot,
            units: item.units,
            found: item.found,
            grade: item.grade,
            deduct: item.deduct,
            findings: item.findings.clone(),
            evidence: item.evidence.clone(),
        };
        let items: Vec<Looked> = parted.into_iter().map(looked).collect();
        Ok(if items.is_empty() { Vec::new() } else { vec![Event::Inspected { items }] })
    }

    fn check_lots(
        &self,
        kind: CommandKind,
        order: &OrderNumber,
        currency: Currency,
        lots: &[LotNo],
        may: impl Fn(&ReturnLine, &Lot) -> bool,
    ) -> Result<(), Refused> {
        let part = self.orders.iter().find(|part| part.number.key() == order.key()).ok_or_else(|| unknown("order", order))?;
        if part.settlement.currency != currency {
            return Err(Refused::Senseless("an order's money has the order's currency"));
        }
        if lots.is_empty() || lots.iter().enumerate().any(|(place, lot)| lots[..place].contains(lot)) {
            return Err(Refused::Senseless("lots are named, and each once"));
        }
        for id in lots {
            let (line, lot) = self.lot(*id).ok_or_else(|| unknown("lot", id))?;
            if line.asked.order.key() != order.key() {
                return Err(Refused::Senseless("money is for lots of one order"));
            }
            if !may(line, lot) {
                return Err(self.refused(kind).into());
            }
        }
        Ok(())
    }

    /// Looked at, and nothing is settled of it.
    fn can_offer(&self, line: &ReturnLine, lot: &Lot) -> bool {
        let less = matches!(lot.state.inspection, Inspection::Downgraded | Inspection::Rejected);
        let looked_at = less && lot.state.authorization == Authorization::Approved;
        let going_back = matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        looked_at && !going_back && line.asked.resolution.pays() && !self.standing(lot.id).settled
    }

    fn answer_offer(&self, id: OfferNo, answer: &OfferAnswer) -> Result<Vec<Event>, Refused> {
        let offer = self.offers.iter().find(|offer| offer.id == id).ok_or_else(|| unknown("offer", id))?;
        if let OfferAnswer::Appeal(words) = answer {
            said(words)?;
        }
        match (&offer.state, answer) {
            (OfferState::Accepted, OfferAnswer::Accept) | (OfferState::SendBack, OfferAnswer::SendBack) => return Ok(Vec::new()),
            (OfferState::Appealed { words }, OfferAnswer::Appeal(again)) if words == again => return Ok(Vec::new()),
            (OfferState::Made, OfferAnswer::SendBack) => {
                // Who withdraws is paid, not sent the goods; and what is partly paid stays.
                let goes = |id: &LotNo| {
                    self.lot(*id).is_some_and(|(_, lot)| self.step(lot, Move::Dispose(Disposition::SendBack)) != Step::Refused)
                };
                if self.withdrawal || !offer.lots.iter().all(goes) {
                    return Err(self.refused(CommandKind::AnswerOffer).into());
                }
            }
            (OfferState::Made, _) => {}
            // After an appeal a person may still be told yes.
            (OfferState::Appealed { .. }, OfferAnswer::Accept) => {}
            _ => return Err(self.refused(CommandKind::AnswerOffer).into()),
        }
        Ok(vec![Event::OfferAnswered { offer: id, answer: answer.clone() }])
    }

    /// Whether money can be granted for a lot; `Some(false)`: it was, for that cause.
    fn can_grant(&self, line: &ReturnLine, lot: &Lot, cause: GrantCause) -> Option<bool> {
        if self.grants_of(lot.id).any(|grant| grant.cause == cause) {
            return Some(false);
        }
        let approved = lot.state.authorization == Authorization::Approved;
        let settled = self.grants_of(lot.id).any(|grant| grant.cause.settles());
        let stays = !matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        let sound = matches!(lot.state.inspection, Inspection::Accepted | Inspection::Downgraded) && stays;
        // What the shop kept it pays for, whatever was found.
        let kept = stays && !matches!(lot.state.disposition, Disposition::None | Disposition::Quarantine);
        let done = sound || kept || lot.state.reception == Reception::Lost || !line.asked.sends_back();
        // Money is for who asked for money, or in place of what cannot come; an exchange for less has a rest.
        let pays = line.asked.resolution.pays()
            || line.asked.resolution == Resolution::Exchange
            || self.remedies.iter().any(|remedy| remedy.lots.contains(&lot.id) && remedy.state == RemedyState::CalledOff);
        let offer = self.open_offer(lot.id);
        // What was rejected and is neither sent back nor taken by the customer for what it is worth may be offered something all the same.
        let agreed = self
            .offers
            .iter()
            .any(|offer| offer.lots.contains(&lot.id) && matches!(offer.state, OfferState::Accepted | OfferState::Lapsed))
            && stays;
        let may = approved
            && match cause {
                GrantCause::Settled => stays && (done || agreed) && pays && !settled && offer.is_none(),
                GrantCause::Early => {
                    let on_its_way = matches!(lot.state.reception, Reception::Awaiting | Reception::InTransit);
                    on_its_way && line.asked.resolution.pays() && !settled
                }
                GrantCause::Undisputed => self.withdrawal && offer.is_some() && !settled,
                GrantCause::Appeal => settled && self.offers.iter().any(|offer| offer.lots.contains(&lot.id)),
            };
        may.then_some(true)
    }

    fn grant(&self, grant: Grant, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let (kind, cause) = (CommandKind::Grant, grant.cause);
        self.check_lots(kind, &grant.order, grant.currency, &grant.lots, |line, lot| self.can_grant(line, lot, cause).is_some())?;
        let fresh = |id: &&LotNo| self.lot(**id).is_some_and(|(line, lot)| self.can_grant(line, lot, cause) == Some(true));
        match grant.lots.iter().filter(fresh).count() {
            0 => return Ok(Vec::new()),
            count if count < grant.lots.len() => return Err(self.refused(kind).into()),
            _ => {}
        }
        let sum: i128 = grant.receipt.iter().map(|row| i128::from(row.amount)).sum();
        if sum != i128::from(grant.amount) {
            return Err(Refused::Senseless("a grant's receipt adds up to it"));
        }
        check_amount(grant.currency, grant.amount, 0, facts.room(&grant.order))?;
        Ok(vec![Event::Granted { grant }])
    }

    /// What of a grant has not left and is not on its way.
    fn left_of(&self, id: GrantNo) -> i64 {
        self.grants.iter().find(|grant| grant.id == id).map_or(0, |grant| grant.amount - self.sent_of(id))
    }

    fn payment(&self, id: PaymentNo) -> Result<&Payment, Refused> {
        self.payments.iter().find(|payment| payment.id == id).ok_or_else(|| unknown("payment", id))
    }

    fn pay(&self, id: GrantNo, to: &PaidTo, amount: i64, reference: Option<&String>, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let grant = self.grants.iter().find(|grant| grant.id == id).ok_or_else(|| unknown("grant", id))?;
        let left = self.left_of(id);
        if left <= 0 {
            // Paid, or on its way: pressing twice pays once.
            return Ok(Vec::new());
        }
        check_amount(grant.currency, amount, 1, left)?;
        let payment = Payment {
            id: PaymentNo::after(self.payments.len()),
            grant: id,
            at: facts.now,
            to: to.clone(),
            amount,
            state: PaymentState::Pending,
            reference: reference.cloned(),
        };
        Ok(vec![Event::PaymentStarted { payment }])
    }

    /// Whether an item can be owed for a lot instead of money.
    fn can_owe(&self, line: &ReturnLine, lot: &Lot) -> bool {
        let stays = !matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        let found = match lot.state.inspection {
            Inspection::Accepted => true,
            Inspection::Downgraded => self.open_offer(lot.id).is_none(),
            // At once, where policy says so: what goes out is not what comes back.
            Inspection::Pending => remedy_kind(line.asked.resolution) != Some(RemedyKind::Repair),
            Inspection::Rejected => false,
        };
        let approved = lot.state.authorization == Authorization::Approved && lot.state.reception != Reception::WrongItem;
        approved && found && stays && remedy_kind(line.asked.resolution).is_some() && !self.standing(lot.id).settled
    }

    fn owe_remedy(&self, lots: &[LotNo], now: Timestamp) -> Result<Vec<Event>, Refused> {
        let kind = CommandKind::OweRemedy;
        let held: Vec<(&ReturnLine, &Lot)> =
            lots.iter().map(|id| self.lot(*id).ok_or_else(|| unknown("lot", id))).collect::<Result<_, _>>()?;
        let Some((line, _)) = held.first().copied() else { return Err(Refused::Senseless("lots are named")) };
        if held.iter().any(|(other, _)| other.id != line.id) {
            return Err(Refused::Senseless("a remedy is for lots of one line"));
        }
        if held.iter().all(|(_, lot)| self.remedy_of(lot.id).is_some()) {
            return Ok(Vec::new());
        }
        let what = remedy_kind(line.asked.resolution).filter(|_| held.iter().all(|(line, lot)| self.can_owe(line, lot)));
        let Some(what) = what else { return Err(self.refused(kind).into()) };
        let remedy = Remedy {
            id: RemedyNo::after(self.remedies.len()),
            at: now,
            lots: lots.to_vec(),
            kind: what,
            sku: line.asked.exchange_sku.clone(),
            state: RemedyState::Due,
            reference: None,
        };
        Ok(vec![Event::RemedyDue { remedy }])
    }
}

fn remedy_kind(resolution: Resolution) -> Option<RemedyKind> {
    match resolution {
        Resolution::Exchange => Some(RemedyKind::Exchange),
        Resolution::Replacement => Some(RemedyKind::Replacement),
        Resolution::Repair => Some(RemedyKind::Repair),
        Resolution::Refund | Resolution::StoreCredit | Resolution::KeepRefund => None,
    }
}

fn some(lots: Vec<LotNo>, event: impl Fn(Vec<LotNo>) -> Event) -> Vec<Event> {
    if lots.is_empty() { Vec::new() } else { vec![event(lots)] }
}

fn said(words: &str) -> Result<String, Refused> {
    match words.trim() {
        "" => Err(Refused::Senseless("it must be said in words")),
        words => Ok(words.to_owned()),
    }
}

fn unknown(what: &'static str, name: impl ToString) -> Refused {
    Refused::Unknown { what, name: name.to_string() }
}

fn check_amount(currency: Currency, asked: i64, least: i64, most: i64) -> Result<(), Refused> {
    if (least..=most).contains(&asked) { Ok(()) } else { Err(Refused::Amount { currency, asked, least, most }) }
}

/// Policy's answers, as events.
fn answers(lots: &[(LotNo, &LineAsked)]) -> Vec<Event> {
    let of =
        |decision: Decision| -> Vec<LotNo> { lots.iter().filter(|(_, asked)| asked.verdict == decision).map(|(lot, _)| *lot).collect() };
    let ground = lots.iter().find_map(|(_, asked)| asked.review).unwrap_or_default();
    let mut events = some(of(Decision::Approved), |lots| Event::Approved { lots });
    events.extend(some(of(Decision::InReview), |lots| Event::SentToReview { lots, ground }));
    events.extend(some(of(Decision::Declined), |lots| Event::Declined { lots, reason: None }));
    events
}
