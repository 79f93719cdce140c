//! What the returns of an order hold of it: units, history, and their parts of its books.

use domain::ids::LineId;
use domain::order::{ContractTerms, Order};
use domain::policy::{Case, CaseLine, History, Method, Policy, Resolution, SaidOfLaw, judge};
use domain::reason::ChosenReason;
use domain::returns::{Collected, LineNo, Lot, LotNo, Return, ReturnLine};
use domain::rma::RmaNumber;
use domain::settlement::{Claim, PaidHere, Part as BooksPart, Settlement, Terms, freight_charge};

use crate::store::OrderRow;

/// Units of a line that are not there to return any more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// How many.
    pub units: u32,
    /// Live returns that hold them.
    pub in_returns: Vec<RmaNumber>,
}

/// In which a customer's returns are counted, in milliseconds.
pub const YEAR: i64 = 365 * 86_400_000;

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
        history.repaired.extend(request.repaired_of(&row.order.number));
        for line in request.live_lines().filter(|line| line.asked.order.as_str() == key) {
            if matches!(line.asked.resolution, Resolution::Refund | Resolution::StoreCredit) {
                history.returned.push((line.asked.in_books().clone(), request.units_held(line)));
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
        .flat_map(|line| {
            let terms = terms_of(line, &judged, stored);
            let lots = line.lots.iter().filter(|lot| request.holds(line, lot));
            claims_of(request, line, &terms, lots, false, false)
        })
        .collect();
    let one_order = request.orders.len() == 1;
    let freight = match stored.filter(|_| !one_order) {
        // The parcel's freight is shared among its orders: what was fixed stays.
        Some(stored) if !claims.is_empty() => stored.freight(),
        _ => freight_charge(claims.iter().map(|claim| &claim.terms)).unwrap_or(0),
    };
    let number = &row.order.number;
    BooksPart { claims, freight, paid: request.collected_of(number).map(paid_here).collect(), ..BooksPart::default() }
}

/// What a customer paid, as the books have it.
pub fn paid_here(collected: &Collected) -> PaidHere {
    PaidHere { payment: collected.payment.clone(), amount: collected.amount }
}

/// What of a return's order is accepted with some of its lots. `again`: lines of which others were accepted before; `freight`: they bear that of the
/// return.
pub fn accepted_of(row: &OrderRow, policy: &Policy, request: &Return, lots: &[LotNo], again: &[LineNo], freight: i64) -> BooksPart {
    let key = row.order.number.to_string();
    let stored = request.orders.iter().find(|part| part.number.as_str() == key).map(|part| &part.settlement);
    let lines: Vec<&ReturnLine> = request.lines.iter().filter(|line| line.asked.order.as_str() == key).collect();
    let judged = if lines.iter().all(|line| line.asked.terms.is_some()) { Vec::new() } else { judged_again(row, policy, request) };
    let of_line = |line: &&ReturnLine| {
        let terms = terms_of(line, &judged, stored);
        let lots = line.lots.iter().filter(|lot| lots.contains(&lot.id));
        claims_of(request, line, &terms, lots, true, again.contains(&line.id))
    };
    BooksPart { claims: lines.iter().flat_map(of_line).collect(), freight, ..BooksPart::default() }
}

/// On which terms a line comes back.
fn terms_of(line: &ReturnLine, judged: &[Claim], stored: Option<&Settlement>) -> Terms {
    let asked = &line.asked;
    // What has no terms is of a time when a return named a line once.
    let of_policy = || judged.iter().find(|claim| claim.line == asked.line).map(|claim| claim.terms.clone());
    asked.terms.clone().or_else(of_policy).unwrap_or_else(|| Terms::from_receipt(asked.in_books(), stored))
}

/// Lots of a line as the books have them: alike in one, and each apart that is worth less. `open`: what is only offered is taken off, too.
fn claims_of<'l>(
    request: &Return,
    line: &ReturnLine,
    terms: &Terms,
    lots: impl Iterator<Item = &'l Lot>,
    open: bool,
    again: bool,
) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for lot in lots {
        let (resolution, less) = (request.gets(line, lot), request.reduction(lot.id, open));
        match claims.iter_mut().find(|claim| claim.resolution == resolution && less == 0 && claim.less == 0) {
            Some(claim) => claim.units += lot.units,
            None => {
                let claim = Claim::of(line.asked.in_books().clone(), lot.units, resolution, terms.clone());
                let succeeds = line.asked.succeeds.as_ref().and_then(|succeeds| succeeds.price);
                claims.push(Claim { price: line.asked.exchange_price, succeeds, less, again: again || !claims.is_empty(), ..claim });
            }
        }
    }
    claims
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
    // When these were opened nobody looked at the law.
    let contract = ContractTerms { consumer: false, ..row.order.contract };
    let order = Order { contract, ..row.order.clone() };
    let case = Case {
        order: &order,
        history: &history,
        lines: &lines,
        method: Some(request.method).filter(|method| *method != Method::None),
        withdrawal: request.withdrawal,
        return_region: request.from.as_ref().and_then(|address| address.region.as_deref()),
        proof: None,
    };
    domain::settlement::claims(&case, &judge(policy, &case, request.opened_at).lines)
}
