//! What would change the answer, tried out: policy knows neither what others hold nor what is sold out, so what it says would help is told
//! only where the request, altered so, comes to it.

use domain::policy::{Change, Counterfactual, Decision, Resolution};
use domain::reason::{ChosenReason, Fault};
use jiff::Timestamp;

use super::Services;
use super::assess::{Assessment, LineAssessment};
use super::gather::Reading;
use super::request::{LineRequest, ReturnRequest, Shown};
use crate::store::StoreError;

impl Services {
    /// Keeps those counterfactuals of a request's assessment that come true, with the answer that they then get. `to_open`: a way back is
    /// chosen where the request names none.
    pub(super) async fn keep_what_comes_true(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        assessment: &mut Assessment,
        now: Timestamp,
        to_open: bool,
    ) -> Result<(), StoreError> {
        for place in 0..assessment.lines.len() {
            let line = &mut assessment.lines[place];
            let (before, found) = (line.decision, std::mem::take(&mut line.counterfactuals));
            let mut true_ones: Vec<Counterfactual> = Vec::new();
            // Where nothing was explained, or nothing found, there is nothing to try.
            let mut tries_fault = before == Decision::Declined && !found.is_empty();
            for found in found {
                tries_fault &= found.change != Change::Fault;
                true_ones.extend(self.followed(reading, request, assessment, place, found, now, to_open).await?);
            }
            // What policy took for a help may be none: then it is worth knowing whether a fault would be one.
            if tries_fault && !true_ones.iter().any(|found| found.decision < before) {
                let fault =
                    Counterfactual { line: request.lines[place].line.clone(), change: Change::Fault, decision: before, offers: Vec::new() };
                true_ones.extend(self.followed(reading, request, assessment, place, fault, now, to_open).await?);
            }
            assessment.lines[place].counterfactuals = true_ones;
        }
        Ok(())
    }

    /// A counterfactual with the answer that following it gets; nothing where that is no other than now, or it cannot be followed.
    #[allow(clippy::too_many_arguments, reason = "what is asked, and how")]
    async fn followed(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        assessment: &Assessment,
        place: usize,
        found: Counterfactual,
        now: Timestamp,
        to_open: bool,
    ) -> Result<Option<Counterfactual>, StoreError> {
        let line = &assessment.lines[place];
        let part = assessment.parts.iter().find(|part| part.row.order.number == line.asked.order);
        let item = part.and_then(|part| part.row.order.line(&line.asked.line));
        let fault = item.and_then(|item| self.reasons.typical(Fault::Merchant, item.category.as_ref()));
        let mut altered = altered(request, place, &found.change, fault);
        let at = match found.change {
            Change::Later { day } => part.and_then(|part| part.policy.time_zone.to_timestamp(day.at(12, 0, 0, 0)).ok()).unwrap_or(now),
            _ => now,
        };
        let mut then = self.line_then(reading, &altered, place, at, to_open).await?;
        if let Some(said) = then.as_ref().filter(|_| matches!(found.change, Change::Resolution { resolution: Resolution::Exchange })) {
            let units = altered.lines[place].quantity;
            let there = said.exchange.choices.iter().filter(|choice| choice.available >= units);
            match there.min_by_key(|choice| choice.price.is_none()) {
                Some(choice) => {
                    altered.lines[place].exchange_sku = Some(choice.sku.clone());
                    then = self.line_then(reading, &altered, place, at, to_open).await?;
                }
                None if said.exchange.known => return Ok(None),
                None => {}
            }
        }
        let then = then.filter(|then| then.decision != line.decision);
        Ok(then.map(|then| Counterfactual {
            decision: then.decision,
            offers: then.offers.iter().map(|offer| offer.resolution).collect(),
            ..found
        }))
    }

    async fn line_then(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        place: usize,
        at: Timestamp,
        to_open: bool,
    ) -> Result<Option<LineAssessment>, StoreError> {
        let assessed = if to_open {
            self.assess_with_a_way_back(reading, request, at, false).await?
        } else {
            self.assess(reading, request, at, false).await?
        };
        Ok(assessed.ok().map(|mut assessment| assessment.lines.swap_remove(place)))
    }
}

/// A request with one thing done otherwise about a line of it. `fault`: the reason of whom something is wrong for.
fn altered(request: &ReturnRequest, place: usize, change: &Change, fault: Option<ChosenReason>) -> ReturnRequest {
    let mut altered = request.clone();
    let asked = &mut altered.lines[place];
    let wish = |asked: &mut LineRequest, resolution: Option<Resolution>| {
        (asked.resolution, asked.exchange_sku, asked.agreed) = (resolution, None, None);
    };
    match change {
        Change::Resolution { resolution } => wish(asked, Some(*resolution)),
        Change::Fault => {
            if let Some(fault) = fault {
                (asked.reason, asked.sub_reason) = (Some(fault.reason.to_string()), fault.sub_reason.map(|code| code.to_string()));
            }
            wish(asked, None);
        }
        Change::Include { line, units } => {
            let mut more = LineRequest { line: line.clone(), quantity: *units, ..asked.clone() };
            more.said.comment = None;
            if !matches!(more.evidence, Shown::InDraft(_)) {
                more.evidence = Shown::Nothing;
            }
            wish(&mut more, None);
            match altered.lines.iter_mut().find(|known| known.line == more.line && known.order == more.order) {
                Some(known) => known.quantity += units,
                None => altered.lines.push(more),
            }
        }
        Change::Later { .. } => {}
    }
    altered
}
