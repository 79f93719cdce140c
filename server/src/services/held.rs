//! What the returns of an order hold of it: units, history, and their parts of its books.

use domain::ids::LineId;
use domain::policy::{Case, CaseLine, History, Method, Policy, Resolution, SaidOfLaw, judge};
use domain::reason::ChosenReason;
use domain::returns::Return;
use domain::rma::RmaNumber;
use domain::settlement::{Claim, Part as BooksPart, Terms, freight_charge};

use crate::store::OrderRow;

/// Units of a line that are not there to return any more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// How many.
    pub units: u32,
    /// Live returns that hold them.
    pub in_returns: Vec<RmaNumber>,
}

/// Units of `line` in live returns, or credited elsewhere.
pub fn units_taken<'a>(row: &OrderRow, returns: impl IntoIterator<Item = &'a Return>, line: &LineId) -> Taken {
    let key = row.order.number.to_string();
    let mut taken = Taken { units: units_outside(row).filter(|(id, _)| id == line).map(|(_, units)| units).sum(), ..Taken::default() };
    for request in returns {
        let units: u32 = request
            .live_lines()
            .filter(|held| held.asked.order.as_str() == key && held.asked.line == *line)
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
pub fn history_of<'a>(row: &OrderRow, returns: impl IntoIterator<Item = &'a Return>, prior_returns: u32) -> History {
    let key = row.order.number.to_string();
    let mut history = History { prior_returns, ..History::default() };
    history.returned.extend(units_outside(row));
    for request in returns {
        for line in request.live_lines().filter(|line| line.asked.order.as_str() == key) {
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
    let key = row.order.number.to_string();
    let held: Vec<_> = request.live_lines().filter(|line| line.asked.order.as_str() == key).collect();
    let stored = request.orders.iter().find(|part| part.number.as_str() == key).map(|part| &part.settlement);
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
    let key = row.order.number.to_string();
    let mut untold = request.live_lines().filter(|line| line.asked.order.as_str() == key && line.asked.terms.is_none()).peekable();
    if untold.peek().is_none() {
        return false;
    }
    let judged = judged_again(row, policy, request);
    untold.any(|line| judged.iter().all(|claim| claim.line != line.asked.line))
}

fn judged_again(row: &OrderRow, policy: &Policy, request: &Return) -> Vec<Claim> {
    let key = row.order.number.to_string();
    let lines: Vec<CaseLine> = request
        .live_lines()
        .filter(|line| line.asked.order.as_str() == key)
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
            law: SaidOfLaw { seal_broken: line.asked.said.seal_broken, known: line.asked.said.known, basis: Some(line.asked.basis) },
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
