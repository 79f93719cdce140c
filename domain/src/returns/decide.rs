//! From a command to the events it makes of a return, or to why it is refused. Guards of goods and of money stand beside.

use super::collected::Collected;
use super::command::{Command, CommandKind, Role, Which};
use super::decide_goods::reasoned;
use super::event::{Event, LineAdded};
use super::grant::{Grant, PaymentState};
use super::moves::{Move, Step};
use super::number::{CollectedNo, GrantNo, LineNo, LotNo, OfferNo};
use super::offer::{Offer, OfferState};
use super::refused::{Facts, Refused, check_amount, said, unknown, written};
use super::remedy::{RemedyKind, RemedyState};
use super::request::Return;
use super::said::{LineAsked, Opening};
use crate::policy::Decision;

impl Return {
    /// Opens a return: the events that say so, one for each answer of policy. `rma`, time and tracking number come from outside.
    pub fn open(opening: Opening) -> Vec<Event> {
        let lots: Vec<(LotNo, &LineAsked)> =
            opening.lines.iter().zip(0..).map(|(asked, place)| (LotNo::first(LineNo::after(place)), asked)).collect();
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
            Command::Approve { .. } | Command::SendToReview { .. } | Command::Decline { .. } if self.outbound.is_some() => {
                Err(self.refused(kind).into())
            }
            Command::Approve { lots, note } => self.approve(lots, note.as_ref(), facts),
            Command::SendToReview { lots, ground } => {
                let ground = *ground;
                Ok(some(self.moved(kind, lots, Move::SendToReview)?, |lots| Event::SentToReview { lots, ground }))
            }
            Command::Decline { lots, reason, note } => {
                let declined = self.moved(kind, lots, Move::Decline)?;
                Ok(some(declined, |lots| Event::Declined { lots, reason: reason.clone(), note: note.clone() }))
            }
            Command::AskEvidence { lots, note } => self.ask_evidence(lots, note, facts),
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
            Command::SwitchMethod { method, pickup, from, terms, orders, promises } => {
                self.check_changeable()?;
                let from = from.clone().filter(|from| self.from.as_ref() != Some(from.as_ref()));
                if self.method == *method && self.pickup == *pickup && from.is_none() {
                    return Ok(Vec::new());
                }
                one(Event::MethodChanged {
                    method: *method,
                    pickup: pickup.clone(),
                    from,
                    terms: terms.clone(),
                    orders: orders.clone(),
                    promises: *promises,
                })
            }
            Command::AddEvidence { lines, evidence } => self.add_evidence(lines, evidence, facts),
            Command::IssueLabel { .. } | Command::WantLabel { .. } if self.danger().is_some() => Err(Refused::DangerousGoods),
            Command::WantLabel { carrier, promises } => match &self.wanted {
                Some(wanted) if wanted.refused.is_none() => Ok(Vec::new()),
                _ if self.awaits_parcel() => one(Event::LabelWanted { carrier: carrier.clone(), promises: *promises }),
                _ => Err(self.refused(kind).into()),
            },
            Command::RefuseLabel { reason } => match &self.wanted {
                Some(wanted) if wanted.refused.is_some() => Ok(Vec::new()),
                Some(wanted) => one(Event::LabelRefused { carrier: wanted.carrier.clone(), reason: said(reason)? }),
                None => Err(self.refused(kind).into()),
            },
            Command::VoidLabel { tracking_number } => {
                let parcel = self.parcels.iter().find(|parcel| parcel.tracking_number == *tracking_number);
                let parcel = parcel.ok_or_else(|| unknown("parcel", tracking_number))?;
                if parcel.voided {
                    return Ok(Vec::new());
                }
                // It is off, whatever became of the return since its carrier was asked.
                if parcel.reference.is_none() {
                    return Err(self.refused(kind).into());
                }
                one(Event::LabelVoided { tracking_number: tracking_number.clone() })
            }
            Command::IssueLabel { parcel, promises } => {
                // One that is wanted is made while its parcel is awaited, whatever became of the rest.
                if self.wanted.is_none() {
                    self.check_changeable()?;
                }
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
            Command::Dispose { lots, to, ground, proposed } => {
                let (to, ground) = (*to, *ground);
                let moved = self.moved(kind, &Some(lots.clone()), Move::Dispose(to))?;
                self.check_ground(&moved, to, ground, facts.now)?;
                let proposed = proposed.as_ref().filter(|_| !moved.is_empty()).map(|proposed| reasoned(proposed, to)).transpose()?;
                Ok(some(moved, |lots| Event::Disposed { lots, to, ground, proposed: proposed.clone() }))
            }
            Command::SendBack { lots, tracking_number } => {
                let sent = self.moved(kind, lots, Move::SendBack)?;
                Ok(some(sent, |lots| Event::SentBack { lots, tracking_number: tracking_number.clone() }))
            }
            Command::Offer { order, lots, currency, expected, amount, less, until } => {
                self.check_lots(kind, order, *currency, lots, |line, lot| self.can_offer(line, lot))?;
                // What is all of it is told to who says that less is wrong.
                let appealed = |offer: &Offer| matches!(offer.state, OfferState::Appealed { .. });
                let all = lots.iter().all(|lot| self.open_offer(*lot).is_some_and(appealed));
                check_amount(*currency, *amount, 0, if all { *expected } else { expected.saturating_sub(1) })?;
                let sum: i128 = less.iter().map(|(_, less)| i128::from(*less)).sum();
                let theirs = less.iter().all(|(lot, less)| *less >= 0 && lots.contains(lot));
                if !less.is_empty() && (!theirs || sum != i128::from(*expected) - i128::from(*amount)) {
                    return Err(Refused::Senseless("what lots are worth less adds up to what is offered less"));
                }
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
                        less: less.clone(),
                        until: *until,
                        state: if amount == expected { OfferState::Accepted } else { OfferState::Made },
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
            Command::Grant { order, lots, cause, currency, amount, bonus, receipt } => self.grant(
                Grant {
                    id: GrantNo::after(self.grants.len()),
                    at: facts.now,
                    order: order.clone(),
                    lots: lots.clone(),
                    cause: *cause,
                    currency: *currency,
                    amount: *amount,
                    bonus: *bonus,
                    receipt: receipt.clone(),
                },
                facts,
            ),
            Command::Hold { grant, ground, note, by } => self.hold(*grant, *ground, note.as_ref(), by, facts.now),
            Command::Release { grant, note, by } => self.release(*grant, note.as_ref(), by),
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
            Command::MoveRemedy { remedy: id, to, reference, at } => {
                let remedy = self.remedies.iter().find(|remedy| remedy.id == *id).ok_or_else(|| unknown("remedy", id))?;
                if remedy.state == *to {
                    return Ok(Vec::new());
                }
                if !remedy.state.can_go(*to) {
                    return Err(self.refused(kind).into());
                }
                let leaves = !matches!(to, RemedyState::Reserved | RemedyState::CalledOff);
                if let Some(awaited) = self.awaited_for(remedy).filter(|_| leaves) {
                    return Err(Refused::NotPaid { currency: awaited.currency, amount: awaited.amount });
                }
                // It is from then on that what came in exchange can come back.
                let goes = remedy.kind == RemedyKind::Exchange && matches!(to, RemedyState::Shipped | RemedyState::Delivered);
                let at = goes.then(|| at.map_or(facts.now, |at| at.clamp(remedy.at, facts.now.max(remedy.at))));
                one(Event::RemedyMoved { remedy: *id, to: *to, reference: reference.clone(), at })
            }
            Command::Collect { order, lots, cause, currency, amount, payment, reference } => self.collect(Collected {
                id: CollectedNo::after(self.collected.len()),
                at: facts.now,
                order: order.clone(),
                lots: lots.clone(),
                cause: *cause,
                currency: *currency,
                amount: *amount,
                payment: payment.clone(),
                reference: reference.clone(),
            }),
            Command::Waive { lots, reason } => self.waive(lots, reason),
            Command::Note { note } => one(Event::Noted { note: written(note)? }),
            Command::Write { words } => self.write(words),
            Command::Answer { words } => self.answer(words, facts),
            Command::SettleTalk => self.settle_talk(),
            Command::Rate { stars, words } => self.rate(*stars, words.as_ref(), facts),
            Command::Appeal { lots, words } => self.appeal(lots, words, facts),
            Command::Extend { until, reason } => self.extend(*until, reason, facts),
            Command::PursueOutbound { reference, until } => self.pursue_outbound(reference, *until, facts),
            Command::AnswerOutbound { outcome, reason, note } => self.answer_outbound(*outcome, reason.as_ref(), note.as_ref(), facts),
            Command::TakeBack { command } => self.take_back(command, facts),
        }
    }

    /// Lots that are named, or all.
    pub(super) fn named(&self, which: &Which) -> Result<Vec<LotNo>, Refused> {
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
    pub(super) fn moved(&self, kind: CommandKind, which: &Which, to_do: Move) -> Result<Vec<LotNo>, Refused> {
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
}

fn some(lots: Vec<LotNo>, event: impl Fn(Vec<LotNo>) -> Event) -> Vec<Event> {
    if lots.is_empty() { Vec::new() } else { vec![event(lots)] }
}

/// Policy's answers, as events.
fn answers(lots: &[(LotNo, &LineAsked)]) -> Vec<Event> {
    let of =
        |decision: Decision| -> Vec<LotNo> { lots.iter().filter(|(_, asked)| asked.verdict == decision).map(|(lot, _)| *lot).collect() };
    let ground = lots.iter().find_map(|(_, asked)| asked.review).unwrap_or_default();
    let mut events = some(of(Decision::Approved), |lots| Event::Approved { lots, note: None });
    events.extend(some(of(Decision::InReview), |lots| Event::SentToReview { lots, ground }));
    events.extend(some(of(Decision::Declined), |lots| Event::Declined { lots, reason: None, note: None }));
    events
}
