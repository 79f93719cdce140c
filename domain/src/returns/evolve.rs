//! From an event to the state after it. It sets state and never refuses: what happened does not change when a rule does.

use super::event::{Event, LineAdded};
use super::grant::PaymentState;
use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Authorization, Disposition, Lot, LotState, Reception};
use super::number::{LotNo, OfferNo, PaymentNo};
use super::offer::{OfferAnswer, OfferState};
use super::outbound::OutboundOutcome;
use super::parcel::{LabelWanted, Scan, ScanStatus};
use super::receipt::{Looked, Outcome};
use super::remedy::RemedyState;
use super::request::Return;
use super::talk::Message;
use crate::order::Address;
use crate::policy::PromisedDates;

impl Return {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Opened { opening } => return *self = Self::from_opening(opening),
            Event::Approved { lots, .. } => {
                self.close_parcel();
                self.authorize(lots, Authorization::Approved);
            }
            Event::SentToReview { lots, .. } => self.authorize(lots, Authorization::InReview),
            Event::Declined { lots, .. } => self.authorize(lots, Authorization::Declined),
            Event::Cancelled { lots, .. } => self.authorize(lots, Authorization::Cancelled),
            Event::Lapsed { lots } => self.authorize(lots, Authorization::Lapsed),
            Event::EvidenceAsked { .. } => {}
            Event::Flagged { ground } if self.flags.contains(ground) => {}
            Event::Flagged { ground } => self.flags.push(*ground),
            Event::LinesAdded { lines, orders, promises } => {
                lines.iter().for_each(|line| self.add(line));
                self.orders.clone_from(orders);
                self.promises = *promises;
            }
            Event::ExpectedChanged { orders, .. } => {
                for settled in orders {
                    if let Some(part) = self.orders.iter_mut().find(|part| part.number == settled.order) {
                        part.settlement.clone_from(&settled.settlement);
                    }
                }
            }
            Event::MethodChanged { method, pickup, from, terms, orders, promises } => {
                for anew in terms {
                    if let Some(line) = self.lines.iter_mut().find(|line| line.id == anew.line) {
                        line.asked.terms = Some(anew.terms.clone());
                    }
                }
                self.method = *method;
                // What is asked of a carrier depends on the way: the first label is wanted anew.
                if self.parcel().is_none() {
                    self.wanted = None;
                }
                self.pickup.clone_from(pickup);
                if let Some(from) = from {
                    self.schema = self.schema.max(Self::SCHEMA_DOOR);
                    self.from = Some(Address::clone(from));
                }
                self.orders.clone_from(orders);
                self.promises = *promises;
            }
            Event::EvidenceAdded { lines, evidence } => {
                for line in self.lines.iter_mut().filter(|line| lines.contains(&line.id)) {
                    line.asked.evidence.extend(evidence.iter().cloned());
                    line.lots.iter_mut().for_each(|lot| lot.awaits = None);
                }
            }
            Event::LabelWanted { carrier, promises } => {
                let event = self.version + 1;
                self.wanted = Some(LabelWanted { event, carrier: carrier.clone(), promises: *promises, refused: None });
            }
            Event::LabelRefused { reason, .. } => {
                if let Some(wanted) = &mut self.wanted {
                    wanted.refused = Some(reason.clone());
                }
            }
            Event::LabelVoided { tracking_number } => {
                let named = self.parcels.iter_mut().filter(|parcel| parcel.tracking_number == *tracking_number);
                named.for_each(|parcel| parcel.voided = true);
            }
            Event::LabelIssued { parcel, promises } => {
                let mut parcel = parcel.clone();
                // What left before is in another.
                if parcel.contents.is_empty() && self.parcels.iter().any(|before| !before.contents.is_empty()) {
                    parcel.contents = self.to_send().map(|(_, lot)| lot.id).collect();
                }
                self.parcels.push(parcel);
                self.promises = promises.unwrap_or(self.promises);
                self.wanted = None;
            }
            Event::Scanned { tracking_number, scan } => self.scanned(tracking_number, scan),
            Event::Received { receipt } => {
                for item in &receipt.items {
                    let reception = match item.outcome {
                        Outcome::Received => Reception::Received,
                        Outcome::Short | Outcome::Empty => Reception::Short,
                        Outcome::WrongItem => Reception::WrongItem,
                    };
                    self.part(item.of, item.lot, item.units, |lot| lot.state.reception = reception);
                }
                self.receipts.push(receipt.clone());
            }
            Event::Inspected { items } => items.iter().for_each(|item| self.inspected(item)),
            Event::Disposed { lots, to, ground, .. } => {
                if *to == Disposition::ReturnToVendor {
                    // A server of before makes it anew from its events, and so learns that it knows too little.
                    self.schema = self.schema.max(Self::SCHEMA_VENDOR);
                }
                self.dispose(lots, *to);
                let named = self.lines.iter_mut().flat_map(|line| &mut line.lots).filter(|lot| lots.contains(&lot.id));
                named.for_each(|lot| lot.scrap_ground = *ground);
            }
            Event::SentBack { lots, .. } => self.dispose(lots, Disposition::SentBack),
            Event::Offered { offer } => {
                self.close_offers(|other| other.lots.iter().any(|lot| offer.lots.contains(lot)));
                self.offers.push(offer.clone());
            }
            Event::OfferAnswered { offer, answer } => {
                let lots = self.answered(*offer, answer);
                if *answer == OfferAnswer::SendBack {
                    self.dispose(&lots, Disposition::SendBack);
                }
            }
            Event::OfferLapsed { offer } => {
                if let Some(offer) = self.offers.iter_mut().find(|known| known.id == *offer) {
                    offer.state = OfferState::Lapsed;
                }
            }
            Event::Granted { grant } => self.grants.push(grant.clone()),
            Event::Held { hold } => {
                // A server of before makes it anew from its events, and so learns that it knows too little.
                self.schema = self.schema.max(Self::SCHEMA_MONEY);
                self.holds.push(hold.clone());
            }
            Event::Released { grant, .. } => self.holds.retain(|hold| hold.grant != *grant),
            Event::PaymentStarted { payment } => self.payments.push(payment.clone()),
            Event::PaymentMade { payment, reference } => self.payment_is(*payment, PaymentState::Paid, reference.as_ref()),
            Event::PaymentFailed { payment, .. } => self.payment_is(*payment, PaymentState::Failed, None),
            Event::PaymentReversed { payment, .. } => self.payment_is(*payment, PaymentState::Reversed, None),
            Event::RemedyDue { remedy } => self.remedies.push(remedy.clone()),
            Event::RemedyMoved { remedy, to, reference, at } => {
                if at.is_some() {
                    self.schema = self.schema.max(Self::SCHEMA_REMEDY);
                }
                if let Some(remedy) = self.remedies.iter_mut().find(|known| known.id == *remedy) {
                    remedy.state = *to;
                    match to {
                        RemedyState::Shipped => remedy.shipped_at = *at,
                        RemedyState::Delivered => remedy.delivered_at = *at,
                        _ => {}
                    }
                    remedy.reference = reference.clone().or(remedy.reference.take());
                }
            }
            Event::Collected { collected } => {
                self.schema = self.schema.max(Self::SCHEMA_MONEY);
                self.collected.push(collected.clone());
            }
            Event::Waived { lots, .. } => {
                self.schema = self.schema.max(Self::SCHEMA_MONEY);
                self.waived.extend(lots.iter().copied());
            }
            Event::Noted { .. } => {}
            Event::ShopWrote { words } => {
                self.talk.last = Some(Message::Shop(words.clone()));
                self.talk.answered();
            }
            Event::CustomerWrote { words, due } => {
                self.talk.last = Some(Message::Customer(words.clone()));
                self.talk.unanswered += 1;
                self.talk.due.get_or_insert(*due);
            }
            Event::TalkSettled => self.talk.answered(),
            Event::FeedbackGiven { feedback, due } => {
                self.schema = self.schema.max(Self::SCHEMA_FEEDBACK);
                self.feedback = Some(feedback.clone());
                if let Some(due) = due {
                    self.talk.unanswered += 1;
                    self.talk.due.get_or_insert(*due);
                }
            }
            Event::Appealed { lots, words, promises } => {
                self.authorize(lots, Authorization::InReview);
                let named = self.lines.iter_mut().flat_map(|line| &mut line.lots).filter(|lot| lots.contains(&lot.id));
                named.for_each(|lot| lot.appeal = Some(words.clone()));
                self.promise(*promises);
            }
            Event::Awaited { lots, until, promises } => {
                let named = self.lines.iter_mut().flat_map(|line| &mut line.lots).filter(|lot| lots.contains(&lot.id));
                named.for_each(|lot| lot.awaits = Some(*until));
                self.promise(*promises);
            }
            Event::Extended { promises, .. } | Event::Promised { promises } => self.promise(*promises),
            Event::OutboundOpened { outbound } => {
                // A server of before makes it anew from its events, and so learns that it knows too little.
                self.schema = self.schema.max(Self::SCHEMA_OUTBOUND);
                self.outbound = Some(outbound.clone());
            }
            Event::OutboundPursued { reference, until } => {
                if let Some(outbound) = &mut self.outbound {
                    (outbound.pursued, outbound.until) = (Some(reference.clone()), *until);
                }
            }
            Event::OutboundAnswered { outcome, .. } => self.outbound_is(*outcome),
            // Who has the events sets it back: see `Return::set_back`.
            Event::TakenBack { .. } => {}
        }
        self.version += 1;
        // Nobody wants a label any more for what will not come, or comes another way.
        if self.wanted.is_some() && !self.awaits_parcel() {
            self.wanted = None;
        }
    }

    fn each(&mut self, lots: &[LotNo], set: impl Fn(&mut LotState)) {
        let named = self.lines.iter_mut().flat_map(|line| &mut line.lots).filter(|lot| lots.contains(&lot.id));
        named.for_each(|lot| set(&mut lot.state));
    }

    /// It was decided about lots: what was asked about them before is answered.
    fn authorize(&mut self, lots: &[LotNo], to: Authorization) {
        for lot in self.lines.iter_mut().flat_map(|line| &mut line.lots).filter(|lot| lots.contains(&lot.id)) {
            lot.state.authorization = to;
            (lot.appeal, lot.awaits) = (None, None);
        }
    }

    /// Other dates are promised. A label of our own making works as long as there is to send; a carrier's as long as the carrier says.
    fn promise(&mut self, promises: PromisedDates) {
        self.promises = promises;
        if let Some(parcel) =
            self.parcels.last_mut().filter(|parcel| !parcel.voided && parcel.reference.is_none() && parcel.scans.is_empty())
        {
            parcel.expires_at = parcel.expires_at.max(promises.label);
        }
    }

    /// A parcel that has left carries what left with it, and nothing that is approved later.
    fn close_parcel(&mut self) {
        let travelled = |(line, lot): &(&ReturnLine, &Lot)| line.asked.sends_back() && lot.state.reception != Reception::Awaiting;
        let inside: Vec<LotNo> = self.lots().filter(travelled).map(|(_, lot)| lot.id).collect();
        if let Some(parcel) = self.parcels.last_mut().filter(|parcel| parcel.contents.is_empty() && !parcel.scans.is_empty()) {
            parcel.contents = inside;
        }
    }

    /// It is known what became of goods on their way out: they come back, or nothing is waited for.
    fn outbound_is(&mut self, outcome: OutboundOutcome) {
        if let Some(outbound) = &mut self.outbound {
            outbound.outcome = Some(outcome);
        }
        let comes = match outcome {
            OutboundOutcome::ComingBack => true,
            OutboundOutcome::Stopped | OutboundOutcome::Lost => false,
            OutboundOutcome::TooLate | OutboundOutcome::Delivered => return,
        };
        for line in &mut self.lines {
            line.asked.never_arrived = !comes;
            let (from, to) = if comes { (Reception::Awaiting, Reception::InTransit) } else { (Reception::InTransit, Reception::Awaiting) };
            let approved = |lot: &&mut Lot| lot.state.authorization == Authorization::Approved && lot.state.reception == from;
            line.lots.iter_mut().filter(approved).for_each(|lot| lot.state.reception = to);
        }
    }

    fn dispose(&mut self, lots: &[LotNo], to: Disposition) {
        self.each(lots, |state| state.disposition = to);
    }

    /// A line more, or more units of one that is there.
    fn add(&mut self, added: &LineAdded) {
        let asked = &added.asked;
        if let Some(line) = self.lines.iter_mut().find(|line| line.id == added.lot.line) {
            line.asked.quantity += asked.quantity;
            line.asked.evidence.extend(asked.evidence.iter().cloned());
            match line.lots.iter_mut().find(|lot| lot.id == added.lot) {
                Some(lot) => lot.units += asked.quantity,
                None => line.lots.push(Lot::requested(added.lot, asked.quantity)),
            }
            return;
        }
        let line = ReturnLine::requested(added.lot.line, asked.clone());
        match self.lines.iter_mut().find(|known| Some(known.id) == added.instead_of) {
            Some(place) => *place = line,
            None => self.lines.push(line),
        }
    }

    /// Units of a lot go their own way, as a lot of their own where others stay.
    fn part(&mut self, of: LotNo, to: LotNo, units: u32, set: impl Fn(&mut Lot)) {
        let Some(line) = self.lines.iter_mut().find(|line| line.id == of.line) else { return };
        let Some(place) = line.lots.iter().position(|lot| lot.id == of) else { return };
        if to == of {
            return set(&mut line.lots[place]);
        }
        let units = units.min(line.lots[place].units);
        line.lots[place].units -= units;
        let mut parted = Lot { id: to, units, ..line.lots[place].clone() };
        set(&mut parted);
        line.lots.push(parted);
        // Whatever is said of the lot it was part of holds for it too.
        let both = |lots: &mut Vec<LotNo>| {
            if lots.contains(&of) {
                lots.push(to);
            }
        };
        self.parcels.iter_mut().for_each(|parcel| both(&mut parcel.contents));
        self.offers.iter_mut().for_each(|offer| both(&mut offer.lots));
        self.grants.iter_mut().for_each(|grant| both(&mut grant.lots));
        self.remedies.iter_mut().for_each(|remedy| both(&mut remedy.lots));
        self.collected.iter_mut().for_each(|collected| both(&mut collected.lots));
        both(&mut self.waived);
    }

    fn inspected(&mut self, item: &Looked) {
        self.part(item.of, item.lot, item.units, |lot| {
            lot.state.inspection = item.found;
            lot.grade = item.grade.or(lot.grade);
            lot.deduct = item.deduct.filter(|_| item.found == Inspection::Downgraded);
        });
        // It was looked at again: what was offered on what was found before is over.
        self.close_offers(|offer| offer.lots.contains(&item.lot));
        // What was agreed on what was found before is over, too, where no money was promised on it.
        if !self.standing(item.lot).granted {
            let agreed = self.offers.iter_mut().filter(|offer| offer.is_agreed() && offer.lots.contains(&item.lot));
            agreed.for_each(|offer| offer.state = OfferState::Replaced);
        }
    }

    fn close_offers(&mut self, which: impl Fn(&super::offer::Offer) -> bool) {
        self.offers.iter_mut().filter(|offer| offer.is_open() && which(offer)).for_each(|offer| offer.state = OfferState::Replaced);
    }

    fn answered(&mut self, id: OfferNo, answer: &OfferAnswer) -> Vec<LotNo> {
        let Some(offer) = self.offers.iter_mut().find(|offer| offer.id == id) else { return Vec::new() };
        offer.state = match answer {
            OfferAnswer::Accept => OfferState::Accepted,
            OfferAnswer::Appeal(words) => OfferState::Appealed { words: words.clone() },
            OfferAnswer::SendBack => OfferState::SendBack,
        };
        offer.lots.clone()
    }

    fn payment_is(&mut self, id: PaymentNo, state: PaymentState, reference: Option<&String>) {
        if let Some(payment) = self.payments.iter_mut().find(|payment| payment.id == id) {
            payment.state = state;
            payment.reference = reference.cloned().or(payment.reference.take());
        }
    }

    fn scanned(&mut self, tracking_number: &str, scan: &Scan) {
        let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.tracking_number == tracking_number) else { return };
        parcel.scans.push(scan.clone());
        let inside = parcel.contents.clone();
        for line in self.lines.iter_mut().filter(|line| line.asked.sends_back()) {
            let inside = |lot: &Lot| inside.is_empty() || inside.contains(&lot.id);
            for lot in line.lots.iter_mut().filter(|lot| inside(lot) && lot.state.authorization == Authorization::Approved) {
                lot.state.reception = match (scan.status, lot.state.reception) {
                    (ScanStatus::Lost, Reception::InTransit) => Reception::Lost,
                    (ScanStatus::Lost, reception) => reception,
                    // What was lost has turned up.
                    (_, Reception::Awaiting | Reception::Lost) => Reception::InTransit,
                    (_, reception) => reception,
                };
            }
        }
    }
}
