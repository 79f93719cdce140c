//! Assessing a request: its orders, what came back before, policy's answer and the money. The same for a quote and for opening.

use std::sync::Arc;

use domain::money::Money;
use domain::policy::{
    Basis, CaseLine, Counterfactual, Decision, EvidenceEffect, LawLook, Method, Payer, Policy, PromisedDates, Resolution, ReviewGround,
    RuleLook, Sentence, WindowState, counterfactuals, judge, promised,
};
use domain::reason::ChosenReason;
use domain::rma::RmaNumber;
use domain::settlement::{Settlement, Terms};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Services;
use super::exchange::{Exchange, exchanges_of};
use super::gather::Reading;
use super::judged::{Judged, OfferAmount, both, settle_together};
use super::request::{LineRequest, RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, Conn, EvidenceRow, Holder, OrderRow, StoreError};

/// What policy and arithmetic say of a request.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// One for each order, in the order they are first named.
    pub parts: Vec<Part>,
    /// One for each line asked for, in that order.
    pub lines: Vec<LineAssessment>,
    /// Ways in which all of it can come back together, with what each costs the customer.
    pub methods: Vec<MethodPrice>,
    /// Promised dates.
    pub promises: PromisedDates,
}

/// One order's part.
#[derive(Clone, Debug)]
pub struct Part {
    /// The order.
    pub row: Arc<OrderRow>,
    /// The policy version it follows.
    pub policy_version: i64,
    /// That policy.
    pub policy: Arc<Policy>,
    /// What is granted, with every line as wished or as first offered.
    pub settlement: Settlement,
    /// Version of what may come back of the order, by which this was judged.
    pub version: i64,
    /// There is another return on the order.
    pub shared: bool,
}

/// A way to send everything back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodPrice {
    /// The way.
    pub method: Method,
    /// What it costs the customer, in the first order's currency.
    pub price: Money,
}

/// One line's answer.
#[derive(Clone, Debug)]
pub struct LineAssessment {
    /// What was asked.
    pub asked: LineRequest,
    /// The reason, resolved.
    pub reason: Option<ChosenReason>,
    /// Yes, ask, no.
    pub decision: Decision,
    /// Why.
    pub why: Vec<Sentence>,
    /// The window.
    pub window: WindowState,
    /// Possible resolutions with what each is worth.
    pub offers: Vec<OfferAmount>,
    /// The wish, or the first thing offered.
    pub resolution: Option<Resolution>,
    /// What can be had in exchange; looked up where it is wished for, or nothing is wished for yet.
    pub exchange: Exchange,
    /// What the answer rests on.
    pub basis: Basis,
    /// The last day, by whichever of policy and law lasts longer.
    pub until: Option<Date>,
    /// The exception that took a right of law away.
    pub exception: Option<&'static str>,
    /// By law the money must be back by then.
    pub refund_by: Option<Date>,
    /// By law the customer may take that long to send it.
    pub send_by: Option<Date>,
    /// Who pays the freight.
    pub payer: Payer,
    /// What the answer means in money, for the wish or the first thing offered; nothing where it is declined.
    pub terms: Option<Terms>,
    /// Evidence wanted.
    pub evidence: Vec<EvidenceEffect>,
    /// Evidence there is.
    pub given: Vec<EvidenceRow>,
    /// Why a person looks.
    pub review: Option<ReviewGround>,
    /// Every rule looked at; only where asked for.
    pub trace: Vec<RuleLook>,
    /// Every rule of the law looked at; only where asked for.
    pub law_trace: Vec<LawLook>,
    /// What would change the answer; only where asked for.
    pub counterfactuals: Vec<Counterfactual>,
}

impl LineAssessment {
    /// What that rests on which is taken.
    pub fn taken_basis(&self) -> Basis {
        let offers = || self.offers.iter().filter(|offer| Some(offer.resolution) == self.resolution);
        let wished = offers().find(|offer| Some(offer.basis) == self.asked.basis).or_else(|| offers().next());
        wished.map_or(Basis::Policy, |offer| offer.basis)
    }

    /// Whether the goods come back, if all goes as asked.
    pub fn sends_back(&self) -> bool {
        self.decision != Decision::Declined && self.resolution.is_some_and(|resolution| self.comes_back_for(resolution))
    }

    /// Whether the goods come back for a resolution: what never arrived does not.
    pub fn comes_back_for(&self, resolution: Resolution) -> bool {
        !self.reason.as_ref().is_some_and(|reason| reason.never_arrived) && resolution.sends_back()
    }
}

impl Services {
    /// Assesses `request` at `now`, or says all that is wrong with it. `explain` adds traces and counterfactuals.
    pub(super) async fn assess(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        now: Timestamp,
        explain: bool,
    ) -> Result<Result<Assessment, Vec<RequestProblem>>, StoreError> {
        let mut problems = Vec::new();
        let given = self.given(reading, request, &mut problems).await?;
        let gathered = self.gather(reading, request, &given, now, &mut problems).await?;
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        let reasons: Vec<Option<ChosenReason>> = {
            let mut reasons = vec![None; request.lines.len()];
            for part in &gathered {
                for (place, line) in part.places.iter().zip(&part.lines) {
                    reasons[*place].clone_from(&line.reason);
                }
            }
            reasons
        };

        let mut lines: Vec<Option<LineAssessment>> = request.lines.iter().map(|_| None).collect();
        let mut methods: Option<Vec<(Method, i64)>> = None;
        let mut judged = Vec::with_capacity(gathered.len());
        for part in &gathered {
            let case = part.case(request);
            let verdict = judge(&part.policy, &case, now);
            let asked: Vec<&LineRequest> = part.places.iter().map(|place| &request.lines[*place]).collect();
            let exchanges = exchanges_of(reading, &part.row.order, &case, &verdict, &asked).await?;
            judged.push(Judged { part, case, verdict, exchanges, ledger: part.ledger() });
        }
        for Judged { part, exchanges, .. } in &judged {
            for (place, exchange) in part.places.iter().zip(exchanges) {
                if let Some(wrong) = exchange.wrong(&request.lines[*place]) {
                    problems.push(RequestProblem { field: format!("lines[{place}].exchange_sku"), wrong });
                }
            }
        }
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        for said_of in &judged {
            let Judged { part, case, verdict, exchanges, .. } = said_of;
            let claims = said_of.claims_by_line(case);
            for (index, place) in part.places.iter().enumerate() {
                let mut offers = said_of.offers(index, now);
                let said = &verdict.lines[index];
                // What is sold out is not offered, unless there would be nothing left to choose.
                if offers.len() > 1 && exchanges[index].sold_out(case.lines[index].quantity) {
                    offers.retain(|offer| offer.resolution != Resolution::Exchange);
                }
                let resolution = case.lines[index].resolution.or(offers.first().map(|offer| offer.resolution));
                let taken = said.taken(&CaseLine { resolution, ..case.lines[index].clone() });
                if let Some(taken) = taken.filter(|taken| said.refusals.is_empty() && case.lines[index].sends_back(taken.resolution)) {
                    methods = Some(both(methods, &said.methods_of(taken)));
                }
                let ground = said.review.or_else(|| said_of.doubt(index, resolution));
                let decision = match said.decision {
                    Decision::Approved if ground.is_some() => Decision::InReview,
                    decision => decision,
                };
                let by_law = said.law.as_ref().filter(|law| request.withdrawal || law.basis == Basis::Law);
                lines[*place] = Some(LineAssessment {
                    asked: LineRequest { line: case.lines[index].line.clone(), ..request.lines[*place].clone() },
                    reason: reasons[*place].clone(),
                    decision,
                    terms: claims[index].as_ref().map(|claim| claim.terms.clone()),
                    why: said.sentences(&part.policy, case),
                    window: said.window.state,
                    offers,
                    resolution,
                    exchange: said_of.priced(index),
                    basis: said.basis(),
                    until: said.until(),
                    exception: said.law.as_ref().and_then(|law| law.exception),
                    refund_by: by_law.and_then(|law| law.refund_by),
                    send_by: by_law.and_then(|law| law.send_by),
                    payer: taken.map_or(said.payer, |offer| offer.payer),
                    evidence: said.evidence.iter().map(|effect| (*effect).clone()).collect(),
                    given: given[*place].clone(),
                    review: ground,
                    trace: if explain { verdict.looks(&part.policy, case, index, now) } else { Vec::new() },
                    law_trace: if explain { verdict.law_looks(&part.policy, case, index, now) } else { Vec::new() },
                    counterfactuals: Vec::new(),
                });
            }
            if explain {
                for (place, found) in part.places.iter().zip(counterfactuals(&part.policy, case, &self.reasons, now)) {
                    if let Some(line) = &mut lines[*place] {
                        line.counterfactuals = found;
                    }
                }
            }
        }

        let settlements = settle_together(&judged);
        drop(judged);
        let lines: Vec<LineAssessment> = lines.into_iter().flatten().collect();
        let worst =
            lines.iter().map(|line| line.decision).filter(|decision| *decision != Decision::Declined).max().unwrap_or(Decision::Declined);
        let policy = gathered.first().map(|part| part.policy.clone());
        let currency = gathered.first().map(|part| part.row.order.currency);
        let (Some(policy), Some(currency)) = (policy, currency) else {
            return Ok(Err(vec![RequestProblem { field: "lines".into(), wrong: Wrong::NoLines }]));
        };
        let promises = promised(
            &policy,
            worst,
            lines.iter().any(LineAssessment::sends_back),
            request.pickup.as_ref().filter(|_| request.method == Some(Method::Pickup)).map(|pickup| pickup.date),
            now,
        );
        let ahead = || lines.iter().filter(|line| line.decision != Decision::Declined);
        let refund_by = ahead().filter_map(|line| line.refund_by).min().and_then(|day| policy.end_of(day));
        let send_by = ahead().filter_map(|line| line.send_by).max().filter(|_| request.method != Some(Method::Pickup));
        let send_by = send_by.and_then(|day| policy.end_of(day));
        let priced = |(method, price): (Method, i64)| MethodPrice { method, price: Money::new(price, currency) };
        Ok(Ok(Assessment {
            promises: PromisedDates {
                // What the law gives a day for is promised by that day, and nobody has to hurry more than it says.
                sent: send_by.map_or(promises.sent, |by| by.max(promises.sent)),
                label: send_by.map_or(promises.label, |by| by.max(promises.label)),
                refunded: refund_by.map_or(promises.refunded, |by| by.min(promises.refunded)),
                ..promises
            },
            methods: methods.unwrap_or_default().into_iter().map(priced).collect(),
            lines,
            parts: gathered
                .into_iter()
                .zip(settlements)
                .map(|(part, settlement)| Part {
                    row: part.row,
                    policy_version: part.policy_version,
                    policy: part.policy,
                    settlement,
                    version: part.version,
                    shared: part.shared,
                })
                .collect(),
        }))
    }
}

impl Assessment {
    /// Whether something should be sent, and no way back is possible for all of it.
    pub fn lacks_a_way(&self) -> bool {
        self.methods.is_empty() && self.lines.iter().any(LineAssessment::sends_back)
    }

    /// Whether anything of it goes ahead.
    pub fn goes_ahead(&self) -> bool {
        self.lines.iter().any(|line| line.decision != Decision::Declined)
    }

    /// Evidence that lies with a draft or a key now and becomes the return's `rma`: in the same transaction.
    pub(super) async fn hand_over(&self, conn: &mut Conn<'_>, rma: RmaNumber) -> Result<(), StoreError> {
        let mut moved: Vec<&str> = Vec::new();
        for row in self.lines.iter().flat_map(|line| &line.given) {
            if !matches!(row.holder, Holder::Return(_)) && !moved.contains(&row.id.as_str()) {
                store::hand_over_evidence(conn, &row.id, &row.holder, &Holder::Return(rma)).await?;
                moved.push(&row.id);
            }
        }
        Ok(())
    }

    /// Keys of the orders, sorted: the order in which they are locked.
    pub fn order_keys(request: &ReturnRequest) -> Vec<String> {
        let mut keys: Vec<String> = request.lines.iter().map(|line| line.order.to_string()).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}
