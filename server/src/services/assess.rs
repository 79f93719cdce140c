//! Assessing a request: its orders, what came back before, policy's answer and the money. The same for a quote and for opening.

use std::sync::Arc;

use domain::ids::{LineId, order_key};
use domain::money::Money;
use domain::policy::{
    Case, CaseLine, Counterfactual, Decision, EvidenceEffect, History, Method, Payer, Policy, PromisedDates, Resolution, ReviewGround,
    RuleLook, Sentence, Verdict, WindowState, counterfactuals, judge, promised,
};
use domain::reason::ChosenReason;
use domain::returns::Return;
use domain::rma::RmaNumber;
use domain::settlement::{Claim, Ledger, Outside, Part as BooksPart, Settlement, Terms, claim, freight_charge, unexplained};
use jiff::Timestamp;

use super::Services;
use super::evidence::kinds;
use super::exchange::{Exchange, exchanges_of};
use super::request::{LineRequest, RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, Conn, EvidenceRow, Holder, OrderRow, OrderToReturn, StoreError};

/// More lines than this are not assessed at once.
const MOST_LINES: usize = 200;
/// In which a customer's returns are counted, in milliseconds.
const YEAR: i64 = 365 * 86_400_000;

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
    pub row: OrderRow,
    /// The policy version it follows.
    pub policy_version: i64,
    /// That policy.
    pub policy: Arc<Policy>,
    /// What is granted, with every line as wished or as first offered.
    pub settlement: Settlement,
    /// Version of what may come back of the order, by which this was judged.
    pub version: i64,
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
    /// What would change the answer; only where asked for.
    pub counterfactuals: Vec<Counterfactual>,
}

impl LineAssessment {
    /// Whether the goods come back, if all goes as asked.
    pub fn sends_back(&self) -> bool {
        let never_arrived = self.reason.as_ref().is_some_and(|reason| reason.never_arrived);
        self.decision != Decision::Declined && !never_arrived && self.resolution.is_some_and(Resolution::sends_back)
    }
}

/// A resolution with what it adds to the customer's side, freight aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferAmount {
    /// What.
    pub resolution: Resolution,
    /// How much; 0 where nothing is paid.
    pub amount: Money,
    /// Of which a present of the shop.
    pub bonus: Money,
    /// The money is with the customer, or the other item leaves, by then.
    pub by: Timestamp,
}

/// Units of a line that are not there to return any more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// How many.
    pub units: u32,
    /// Live returns that hold them.
    pub in_returns: Vec<RmaNumber>,
}

/// Units of `line` in live returns, or credited elsewhere.
pub fn units_taken(row: &OrderRow, returns: &[Return], line: &LineId) -> Taken {
    let key = row.order.number.key();
    let mut taken = Taken { units: units_outside(row).filter(|(id, _)| id == line).map(|(_, units)| units).sum(), ..Taken::default() };
    for request in returns {
        let units: u32 = request
            .live_lines()
            .filter(|held| held.asked.order.key() == key && held.asked.line == *line)
            .map(|held| request.units_held(held))
            .sum();
        if units > 0 {
            taken.units += units;
            taken.in_returns.push(request.rma);
        }
    }
    taken
}

/// What came back of an order before, as settlement counts it.
pub fn history_of(row: &OrderRow, returns: &[Return], prior_returns: u32) -> History {
    let key = row.order.number.key();
    let mut history = History { prior_returns, ..History::default() };
    history.returned.extend(units_outside(row));
    for request in returns {
        for line in request.live_lines().filter(|line| line.asked.order.key() == key) {
            if matches!(line.asked.resolution, Resolution::Refund | Resolution::StoreCredit) {
                history.returned.push((line.asked.line.clone(), request.units_held(line)));
            }
        }
    }
    history
}

/// Units that came back elsewhere.
fn units_outside(row: &OrderRow) -> impl Iterator<Item = (LineId, u32)> {
    row.outside().into_iter().filter_map(|credit| credit.units)
}

/// A return's part of an order's books. What it was opened with before terms were kept is read from the policy it was judged by, else from
/// its receipt.
pub fn part_of(row: &OrderRow, policy: &Policy, request: &Return) -> BooksPart {
    let key = row.order.number.key();
    let held: Vec<_> = request.live_lines().filter(|line| line.asked.order.key() == key).collect();
    let stored = request.orders.iter().find(|part| part.number.key() == key).map(|part| &part.settlement);
    let judged = if held.iter().all(|line| line.asked.terms.is_some()) { Vec::new() } else { judged_again(row, policy, request) };
    let claims: Vec<Claim> = held
        .iter()
        .map(|line| {
            let asked = &line.asked;
            // What has no terms is of a time when a return named a line once.
            let of_policy = || judged.iter().find(|claim| claim.line == asked.line).map(|claim| claim.terms.clone());
            let terms = asked.terms.clone().or_else(of_policy).unwrap_or_else(|| Terms::from_receipt(&asked.line, stored));
            let units = request.units_held(line);
            Claim { line: asked.line.clone(), units, resolution: asked.resolution, terms, price: asked.exchange_price }
        })
        .collect();
    let one_order = request.orders.len() == 1;
    let freight = match stored.filter(|_| !one_order) {
        // The parcel's freight is shared among its orders: what was fixed stays.
        Some(stored) if !claims.is_empty() => stored.freight(),
        _ => freight_charge(claims.iter().map(|claim| &claim.terms)).unwrap_or(0),
    };
    BooksPart { claims, freight, ..BooksPart::default() }
}

/// Whether a return's part of an order is known from its receipt alone: it was opened before terms were kept, and its policy would not
/// answer so any more. What it said stands; what it comes to otherwise is a guess, at which a person looks.
pub fn is_guessed(row: &OrderRow, policy: &Policy, request: &Return) -> bool {
    let key = row.order.number.key();
    let mut untold = request.live_lines().filter(|line| line.asked.order.key() == key && line.asked.terms.is_none()).peekable();
    if untold.peek().is_none() {
        return false;
    }
    let judged = judged_again(row, policy, request);
    untold.any(|line| judged.iter().all(|claim| claim.line != line.asked.line))
}

fn judged_again(row: &OrderRow, policy: &Policy, request: &Return) -> Vec<Claim> {
    let key = row.order.number.key();
    let lines: Vec<CaseLine> = request
        .live_lines()
        .filter(|line| line.asked.order.key() == key)
        .map(|line| CaseLine {
            line: line.asked.line.clone(),
            quantity: request.units_held(line),
            reason: Some(ChosenReason {
                reason: line.asked.reason.clone(),
                sub_reason: line.asked.sub_reason.clone(),
                fault: line.asked.fault,
                never_arrived: line.asked.never_arrived,
            }),
            condition: line.asked.said.condition.clone(),
            resolution: Some(line.asked.resolution),
            evidence: Vec::new(),
        })
        .collect();
    let history = History::default();
    let case = Case {
        order: &row.order,
        history: &history,
        lines: &lines,
        method: Some(request.method).filter(|method| *method != Method::None),
        withdrawal: request.withdrawal,
        return_region: request.from.as_ref().and_then(|address| address.region.as_deref()),
        proof: None,
    };
    domain::settlement::claims(&case, &judge(policy, &case, request.opened_at).lines)
}

/// An order's part before judgement.
struct Gathered {
    row: OrderRow,
    version: i64,
    history: History,
    /// What is in the order's books already: of returns opened before this one.
    before: Vec<BooksPart>,
    outside: Vec<Outside>,
    policy_version: i64,
    policy: Arc<Policy>,
    /// Places in the request.
    places: Vec<usize>,
    lines: Vec<CaseLine>,
}

impl Services {
    /// Assesses `request` at `now`, or says all that is wrong with it. `explain` adds traces and counterfactuals.
    pub(super) async fn assess(
        &self,
        conn: &mut Conn<'_>,
        request: &ReturnRequest,
        now: Timestamp,
        explain: bool,
    ) -> Result<Result<Assessment, Vec<RequestProblem>>, StoreError> {
        let mut problems = Vec::new();
        let given = self.given(conn, request, &mut problems).await?;
        let gathered = self.gather(conn, request, &given, now, &mut problems).await?;
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
            let exchanges = exchanges_of(conn, &part.row.order, &case, &verdict, &asked).await?;
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
                if said.refusals.is_empty() && resolution.is_some_and(|resolution| case.lines[index].sends_back(resolution)) {
                    methods = Some(both(methods, &said.methods));
                }
                let ground = said.review.or_else(|| said_of.doubt(index, resolution));
                let decision = match said.decision {
                    Decision::Approved if ground.is_some() => Decision::InReview,
                    decision => decision,
                };
                lines[*place] = Some(LineAssessment {
                    asked: request.lines[*place].clone(),
                    reason: reasons[*place].clone(),
                    decision,
                    terms: claims[index].as_ref().map(|claim| claim.terms.clone()),
                    why: said.sentences(&part.policy, case),
                    window: said.window.state,
                    offers,
                    resolution,
                    exchange: said_of.priced(index),
                    payer: said.payer,
                    evidence: said.evidence.iter().map(|effect| (*effect).clone()).collect(),
                    given: given[*place].clone(),
                    review: ground,
                    trace: if explain { verdict.looks(&part.policy, case, index, now) } else { Vec::new() },
                    counterfactuals: Vec::new(),
                });
            }
            if explain {
                for found in counterfactuals(&part.policy, case, &self.reasons, now) {
                    let place = part.lines.iter().position(|line| line.line == found.line).map(|index| part.places[index]);
                    if let Some(line) = place.and_then(|place| lines[place].as_mut()) {
                        line.counterfactuals.push(found);
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
        let priced = |(method, price): (Method, i64)| MethodPrice { method, price: Money::new(price, currency) };
        Ok(Ok(Assessment {
            promises: promised(
                &policy,
                worst,
                lines.iter().any(LineAssessment::sends_back),
                request.pickup.as_ref().filter(|_| request.method == Some(Method::Pickup)).map(|pickup| pickup.date),
                now,
            ),
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
                })
                .collect(),
        }))
    }

    async fn gather(
        &self,
        conn: &mut Conn<'_>,
        request: &ReturnRequest,
        given: &[Vec<EvidenceRow>],
        now: Timestamp,
        problems: &mut Vec<RequestProblem>,
    ) -> Result<Vec<Gathered>, StoreError> {
        let mut problem = |field: String, wrong: Wrong| problems.push(RequestProblem { field, wrong });
        if request.lines.is_empty() {
            problem("lines".into(), Wrong::NoLines);
        }
        if request.lines.len() > MOST_LINES {
            problem("lines".into(), Wrong::TooManyLines(MOST_LINES));
            return Ok(Vec::new());
        }
        let mut gathered: Vec<Gathered> = Vec::new();
        let mut returns: Vec<Vec<Return>> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for (place, asked) in request.lines.iter().enumerate() {
            let key = asked.order.key();
            if unknown.contains(&key) {
                continue;
            }
            let known = gathered.iter().position(|part| part.row.order.number.key() == key);
            let index = match known {
                Some(index) => index,
                None => {
                    let since = now.as_millisecond() - YEAR;
                    let known = store::find_order_to_return(conn, asked.order.as_str(), since).await?;
                    let Some(OrderToReturn { row, returns: mut held, recent, version }) =
                        known.filter(|known| belongs_to(&known.row, request))
                    else {
                        problem(format!("lines[{place}].order"), Wrong::UnknownOrder(asked.order.clone()));
                        unknown.push(key);
                        continue;
                    };
                    if gathered.first().is_some_and(|first| first.row.order.currency != row.order.currency) {
                        problem(format!("lines[{place}].order"), Wrong::OtherCurrency);
                        continue;
                    }
                    let (policy_version, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
                    let earlier = held.iter().take_while(|other| Some(other.rma) != request.within);
                    let before = earlier.map(|other| part_of(&row, &policy, other)).collect();
                    held.retain(|other| Some(other.rma) != request.within);
                    let prior = recent.saturating_sub(u32::from(request.within.is_some()));
                    let history = history_of(&row, &held, prior);
                    let outside = row.outside();
                    gathered.push(Gathered {
                        row,
                        version,
                        history,
                        before,
                        outside,
                        policy_version,
                        policy,
                        places: Vec::new(),
                        lines: Vec::new(),
                    });
                    returns.push(held);
                    gathered.len() - 1
                }
            };
            let part = &mut gathered[index];
            let Some(line) = part.row.order.line(&asked.line) else {
                problem(format!("lines[{place}].line"), Wrong::UnknownLine(asked.order.clone(), asked.line.clone()));
                continue;
            };
            let taken = units_taken(&part.row, &returns[index], &asked.line);
            // Two reasons for one line share its units.
            let before: u32 = part.lines.iter().filter(|known| known.line == asked.line).map(|known| known.quantity).sum();
            let available = line.quantity.saturating_sub(taken.units).saturating_sub(before);
            if asked.quantity == 0 || asked.quantity > available {
                problem(format!("lines[{place}].quantity"), Wrong::NotAvailable { available, in_returns: taken.in_returns });
                continue;
            }
            let reason = match &asked.reason {
                None => None,
                Some(reason) => match self.reasons.choose(reason, asked.sub_reason.as_deref(), line.category.as_ref()) {
                    Ok(chosen) => Some(chosen),
                    Err(error) => {
                        let field = if matches!(error, domain::reason::ReasonError::UnknownSub(..)) { "sub_reason" } else { "reason" };
                        problem(format!("lines[{place}].{field}"), Wrong::Reason(error));
                        continue;
                    }
                },
            };
            part.places.push(place);
            part.lines.push(CaseLine {
                line: asked.line.clone(),
                quantity: asked.quantity,
                reason,
                condition: asked.said.condition.clone(),
                resolution: asked.resolution,
                evidence: kinds(&given[place]),
            });
        }
        gathered.retain(|part| !part.lines.is_empty());
        Ok(gathered)
    }
}

/// An order's part with its judgement.
struct Judged<'a> {
    part: &'a Gathered,
    case: Case<'a>,
    verdict: Verdict<'a>,
    exchanges: Vec<Exchange>,
    /// The order with the returns opened before this one.
    ledger: Ledger<'a>,
}

impl Judged<'_> {
    /// What goes into the books, with the wishes of `case`.
    fn claims(&self, case: &Case<'_>) -> Vec<Claim> {
        self.claims_by_line(case).into_iter().flatten().collect()
    }

    /// What goes into the books for each line.
    fn claims_by_line(&self, case: &Case<'_>) -> Vec<Option<Claim>> {
        let lines = self.verdict.lines.iter().zip(case.lines).enumerate();
        let claimed = lines.map(|(index, (said, asked))| {
            let price = self.exchanges[index].wanted_price();
            claim(case, said, asked).map(|claim| Claim { price: price.filter(|_| claim.resolution == Resolution::Exchange), ..claim })
        });
        claimed.collect()
    }

    fn settle(&self, claims: Vec<Claim>, freight: i64) -> (Settlement, i64) {
        self.ledger.with(&BooksPart { claims, freight, ..BooksPart::default() })
    }

    /// What the customer gets of it, freight aside; negative: what they pay.
    fn worth(&self, claims: Vec<Claim>) -> (i64, i64) {
        let (settled, _) = self.settle(claims, 0);
        (settled.worth() - settled.due, settled.bonus)
    }

    fn others(&self, index: usize) -> Vec<Claim> {
        let claims = self.claims_by_line(&self.case).into_iter().enumerate();
        claims.filter(|(other, _)| *other != index).filter_map(|(_, claim)| claim).collect()
    }

    /// What each resolution offered for line `index` adds to what the other lines are worth.
    fn offers(&self, index: usize, now: Timestamp) -> Vec<OfferAmount> {
        let order = &self.part.row.order;
        let said = &self.verdict.lines[index];
        let mut asked = self.case.lines.to_vec();
        let without = self.worth(self.others(index));
        let offers = said.offers.iter().map(|offer| {
            asked[index].resolution = Some(offer.resolution);
            let (total, bonus) = self.worth(self.claims(&Case { lines: &asked, ..self.case }));
            OfferAmount {
                resolution: offer.resolution,
                amount: order.money((total - without.0).max(0)),
                bonus: order.money((bonus - without.1).max(0)),
                by: promised(&self.part.policy, said.decision, self.case.lines[index].sends_back(offer.resolution), None, now).refunded,
            }
        });
        offers.collect()
    }

    /// What can be had in exchange, with what each choice pays back or costs beside the other lines.
    fn priced(&self, index: usize) -> Exchange {
        let mut exchange = self.exchanges[index].clone();
        if exchange.choices.iter().all(|choice| choice.price.is_none()) {
            return exchange;
        }
        let said = &self.verdict.lines[index];
        let mut asked = self.case.lines.to_vec();
        asked[index].resolution = Some(Resolution::Exchange);
        let case = Case { lines: &asked, ..self.case };
        let Some(swapped) = claim(&case, said, &asked[index]) else { return exchange };
        let others = self.others(index);
        let without = self.worth(others.clone()).0;
        for choice in &mut exchange.choices {
            choice.difference = choice.price.map(|price| {
                let with = others.iter().cloned().chain([Claim { price: Some(price.minor), ..swapped.clone() }]).collect();
                self.part.row.order.money(self.worth(with).0 - without)
            });
        }
        exchange
    }

    /// Why a person must look though no rule says so: nobody knows what an exchange comes to, or what was paid.
    fn doubt(&self, index: usize, resolution: Option<Resolution>) -> Option<ReviewGround> {
        let order = &self.part.row.order;
        let asked = &self.case.lines[index];
        let line = order.line(&asked.line)?;
        if resolution == Some(Resolution::Exchange) {
            let exchange = &self.exchanges[index];
            if exchange.is_agreed() || asked.resolution.is_none() {
                return None;
            }
            let known = exchange.wanted_price().is_some_and(|price| {
                let fits = price.checked_mul(i64::from(asked.quantity)).is_some_and(|list| list <= domain::money::LARGEST_MINOR);
                fits && (line.net() > 0 || price <= line.unit_price)
            });
            return (!known).then_some(ReviewGround::AmountUnknown);
        }
        let all_back = || {
            let back = |id: &LineId| {
                let now: u32 = self.case.lines.iter().filter(|asked| asked.line == *id).map(|asked| asked.quantity).sum();
                self.part.history.units(id) + now
            };
            order.lines.iter().filter(|line| line.net() > 0).all(|line| back(&line.id) >= line.quantity)
        };
        // What was paid in another currency is not in the amount.
        let doubtful = !order.payments_abroad.is_empty() || unexplained(order) > 0 && all_back();
        (resolution.is_some_and(Resolution::pays) && doubtful).then_some(ReviewGround::Unexplained)
    }
}

/// Settles every order's part of one parcel: one freight, the least that any line in it asks, shared among the orders by what of them is in
/// the parcel.
fn settle_together(judged: &[Judged<'_>]) -> Vec<Settlement> {
    let claims: Vec<Vec<Claim>> = judged.iter().map(|part| part.claims(&part.case)).collect();
    let charge = freight_charge(claims.iter().flatten().map(|claim| &claim.terms)).unwrap_or(0);
    let free: Vec<(Settlement, i64)> = judged.iter().zip(&claims).map(|(part, claims)| part.settle(claims.clone(), 0)).collect();
    if charge == 0 {
        return free.into_iter().map(|(settlement, _)| settlement).collect();
    }
    // What stays with the customer or never arrived pays for no other order's parcel.
    let travels = |claims: &[Claim]| claims.iter().any(|claim| claim.terms.freight.is_some());
    let bearers: Vec<usize> = (0..judged.len()).filter(|index| travels(&claims[*index])).collect();
    let weights: Vec<i64> = bearers.iter().map(|index| free[*index].1).collect();
    let mut settlements: Vec<Settlement> = free.into_iter().map(|(settlement, _)| settlement).collect();
    for (index, freight) in bearers.into_iter().zip(domain::money::split(charge, &weights)) {
        settlements[index] = judged[index].settle(claims[index].clone(), freight).0;
    }
    settlements
}

impl Gathered {
    fn ledger(&self) -> Ledger<'_> {
        let mut ledger = Ledger::of(&self.row.order, self.policy.gifts, &self.outside);
        self.before.iter().for_each(|part| drop(ledger.enter(part)));
        ledger
    }

    fn case<'a>(&'a self, request: &'a ReturnRequest) -> Case<'a> {
        Case {
            order: &self.row.order,
            history: &self.history,
            lines: &self.lines,
            method: request.method,
            withdrawal: request.withdrawal,
            return_region: request.from.as_ref().and_then(|address| address.region.as_deref()),
            proof: request.proof.as_ref(),
        }
    }
}

/// Methods that both allow, at the lower price: one parcel, one freight.
fn both(methods: Option<Vec<(Method, i64)>>, more: &[(Method, i64)]) -> Vec<(Method, i64)> {
    let Some(methods) = methods else { return more.to_vec() };
    let shared: Vec<_> = methods
        .iter()
        .filter_map(|(method, price)| more.iter().find(|(other, _)| other == method).map(|(_, other)| (*method, *price.min(other))))
        .collect();
    shared
}

/// Whether the order is this customer's, where the request says who asks.
fn belongs_to(row: &OrderRow, request: &ReturnRequest) -> bool {
    let customer = &row.order.customer;
    let by_mail = request.email.as_ref().map(|email| customer.email.as_ref().is_some_and(|known| known.key() == email.key()));
    let by_phone = request.phone.as_ref().map(|phone| customer.phone.as_ref().is_some_and(|known| known.key() == phone.key()));
    match (by_mail, by_phone) {
        (None, None) => true,
        (mail, phone) => mail == Some(true) || phone == Some(true),
    }
}

impl Assessment {
    /// Evidence that lies with a draft or a key now and becomes the return's `rma`: in the same transaction.
    pub(super) async fn hand_over(&self, conn: &mut Conn<'_>, rma: RmaNumber) -> Result<(), StoreError> {
        let mut moved: Vec<&str> = Vec::new();
        for row in self.lines.iter().flat_map(|line| &line.given) {
            if !matches!(row.holder, Holder::Return(_)) && !moved.contains(&row.id.as_str()) {
                store::hand_over_evidence(conn, &row.id, &row.holder, rma).await?;
                moved.push(&row.id);
            }
        }
        Ok(())
    }

    /// Keys of the orders, sorted: the order in which they are locked.
    pub fn order_keys(request: &ReturnRequest) -> Vec<String> {
        let mut keys: Vec<String> = request.lines.iter().map(|line| order_key(line.order.as_str())).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}
