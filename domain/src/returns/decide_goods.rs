//! Guards of what a warehouse says of goods: what came, and what was found.

use jiff::Timestamp;

use super::command::{CommandKind, Finding};
use super::event::Event;
use super::inspection::Inspection;
use super::lot::{Disposition, Lot};
use super::moves::{Move, Step};
use super::number::{LotNo, ReceiptNo};
use super::receipt::{Beside, Booked, Looked, Outcome, Receipt};
use super::refused::{Refused, unknown};
use super::request::Return;

impl Return {
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

    pub(super) fn receive(
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

    pub(super) fn inspect(&self, items: &[Finding]) -> Result<Vec<Event>, Refused> {
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
}
