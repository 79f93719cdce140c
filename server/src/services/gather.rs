//! What a request is judged by, read from the store: each order, product and upload once, however often it is judged.

use std::sync::Arc;

use domain::ids::{PhoneNumber, Sku};
use domain::order::OrderLine;
use domain::policy::{Case, CaseLine, EvidenceKind, History, Policy, Resolution, SaidOfLaw};
use domain::reason::ChosenReason;
use domain::returns::{Return, ReturnLine};
use domain::settlement::{Ledger, Outside, Part as BooksPart};
use jiff::Timestamp;

use super::Services;
use super::held::{YEAR, history_of, part_of, units_taken};
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::contact;
use crate::evidence::Media;
use crate::store::{self, Conn, EvidenceRow, Holder, OrderRow, OrderToReturn, StockRow, StoreError};

/// More lines than this are not assessed at once.
const MOST_LINES: usize = 200;

/// Reads each thing once. Made and dropped where nothing else is to be seen meanwhile: for one answer, or under the orders' locks.
pub(super) struct Reading<'a, 'c> {
    conn: &'a mut Conn<'c>,
    orders: Vec<Known>,
    variants: Vec<(Sku, Vec<StockRow>)>,
    products: Vec<(Sku, Vec<StockRow>)>,
    held: Vec<(Holder, Vec<EvidenceRow>)>,
    evidence: Vec<(String, Option<EvidenceRow>)>,
}

/// An order that was looked for, with the customer's returns since a moment (epoch milliseconds).
struct Known {
    key: String,
    since: i64,
    order: Option<Arc<OrderToReturn>>,
}

impl<'a, 'c> Reading<'a, 'c> {
    pub(super) fn conn(&mut self) -> &mut Conn<'c> {
        self.conn
    }

    pub(super) fn new(conn: &'a mut Conn<'c>) -> Self {
        Self { conn, orders: Vec::new(), variants: Vec::new(), products: Vec::new(), held: Vec::new(), evidence: Vec::new() }
    }

    /// The order of that key, with at least those returns of its customer that were opened since a moment.
    async fn order(&mut self, key: &str, since: i64) -> Result<Option<Arc<OrderToReturn>>, StoreError> {
        if let Some(known) = self.orders.iter().find(|known| known.key == key && known.since <= since) {
            return Ok(known.order.clone());
        }
        let order = store::find_order_to_return(self.conn, key, since).await?.map(Arc::new);
        self.orders.retain(|known| known.key != key);
        self.orders.push(Known { key: key.to_owned(), since, order: order.clone() });
        Ok(order)
    }

    /// What was paid for the live lines of a return, minor units.
    pub(super) async fn paid_for(&mut self, request: &Return) -> Result<i64, StoreError> {
        let mut paid = 0;
        for held in request.live_lines() {
            let known = self.order(held.asked.order.as_str(), i64::MAX).await?;
            let order = known.as_ref().map(|known| &known.row.order);
            paid += order.and_then(|order| Some(order.paid_for(order.line(&held.asked.line)?, request.units_held(held)))).unwrap_or(0);
        }
        Ok(paid)
    }

    /// A product and its variants.
    pub(super) async fn variants_of(&mut self, sku: &Sku) -> Result<Vec<StockRow>, StoreError> {
        if let Some((_, rows)) = self.variants.iter().find(|(known, _)| known == sku) {
            return Ok(rows.clone());
        }
        let rows = store::variants_of(self.conn, sku.as_str()).await?;
        self.variants.push((sku.clone(), rows.clone()));
        Ok(rows)
    }

    /// A product, in every warehouse.
    pub(super) async fn stock_of(&mut self, sku: &Sku) -> Result<Vec<StockRow>, StoreError> {
        if let Some((_, rows)) = self.products.iter().find(|(known, _)| known == sku) {
            return Ok(rows.clone());
        }
        let rows = store::stock_of(self.conn, sku.as_str()).await?;
        self.products.push((sku.clone(), rows.clone()));
        Ok(rows)
    }

    /// All that a draft or key holds.
    pub(super) async fn evidence_of(&mut self, holder: &Holder) -> Result<&[EvidenceRow], StoreError> {
        let known = self.held.iter().position(|(known, _)| known == holder);
        let place = match known {
            Some(place) => place,
            None => {
                let rows = store::evidence_of(self.conn, holder).await?;
                self.held.push((holder.clone(), rows));
                self.held.len() - 1
            }
        };
        Ok(&self.held[place].1)
    }

    /// Evidence by its name.
    pub(super) async fn find_evidence(&mut self, id: &str) -> Result<Option<EvidenceRow>, StoreError> {
        if let Some((_, row)) = self.evidence.iter().find(|(known, _)| known == id) {
            return Ok(row.clone());
        }
        let row = store::find_evidence(self.conn, id).await?;
        self.evidence.push((id.to_owned(), row.clone()));
        Ok(row)
    }
}

/// An order's part before judgement.
pub(super) struct Gathered {
    pub row: Arc<OrderRow>,
    pub version: i64,
    pub shared: bool,
    pub history: History,
    /// What is in the order's books already: of returns opened before this one.
    before: Vec<BooksPart>,
    outside: Vec<Outside>,
    pub policy_version: i64,
    pub policy: Arc<Policy>,
    /// Places in the request.
    pub places: Vec<usize>,
    pub lines: Vec<CaseLine>,
}

impl Services {
    /// The orders of a request with what else decides about them; what is wrong with the request goes to `problems`.
    pub(super) async fn gather(
        &self,
        reading: &mut Reading<'_, '_>,
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
        let mut orders: Vec<Arc<OrderToReturn>> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for (place, asked) in request.lines.iter().enumerate() {
            let key = asked.order.to_string();
            if unknown.contains(&key) {
                continue;
            }
            let known = gathered.iter().position(|part| part.row.order.number.as_str() == key);
            let index = match known {
                Some(index) => index,
                None => {
                    let since = now.as_millisecond() - YEAR;
                    let known = reading.order(&key, since).await?;
                    // What goes out for a return is asked back in place of what was bought.
                    let bought = |known: &Arc<OrderToReturn>| known.row.order.remedy.is_none();
                    let Some(order) = known.filter(|known| bought(known) && belongs_to(&known.row, request)) else {
                        problem(format!("lines[{place}].order"), Wrong::UnknownOrder(asked.order.clone()));
                        unknown.push(key);
                        continue;
                    };
                    let row = &order.row;
                    if gathered.first().is_some_and(|first| first.row.order.currency != row.order.currency) {
                        problem(format!("lines[{place}].order"), Wrong::OtherCurrency);
                        continue;
                    }
                    let (policy_version, policy) = self.policies.for_order(reading.conn, row.order.judged_as_of(now)).await?;
                    let earlier = order.returns.iter().take_while(|other| Some(other.rma) != request.within);
                    let before = earlier.map(|other| part_of(row, &policy, other)).collect();
                    let recent = order.recent.iter().filter(|opened| **opened >= since).count().try_into().unwrap_or(u32::MAX);
                    let prior = u32::saturating_sub(recent, u32::from(request.within.is_some()));
                    let history = history_of(row, others(&order, request), prior);
                    gathered.push(Gathered {
                        row: row.clone(),
                        version: order.version,
                        shared: !order.returns.is_empty(),
                        history,
                        before,
                        outside: row.outside(),
                        policy_version,
                        policy,
                        places: Vec::new(),
                        lines: Vec::new(),
                    });
                    orders.push(order);
                    gathered.len() - 1
                }
            };
            let part = &mut gathered[index];
            let Some(bought) = part.row.order.line(&asked.line) else {
                problem(format!("lines[{place}].line"), Wrong::UnknownLine(asked.order.clone(), asked.line.clone()));
                continue;
            };
            let left = |line: &OrderLine| {
                let taken = units_taken(&part.row, others(&orders[index], request), &line.id);
                // Two reasons for one line share its units.
                let before: u32 = part.lines.iter().filter(|known| known.line == line.id).map(|known| known.quantity).sum();
                (line.quantity.saturating_sub(taken.units).saturating_sub(before), taken)
            };
            let (mut line, (mut available, taken)) = (bought, left(bought));
            // Who names what was bought means what came in its place, where all of it was exchanged: what is asked twice is not asked of another unit.
            let otherwise = |held: &ReturnLine| held.asked.is_of(&asked.order, &bought.id) && held.asked.resolution != Resolution::Exchange;
            if available == 0 && !others(&orders[index], request).any(|other| other.live_lines().any(otherwise)) {
                let came = part.row.order.exchanged.iter().filter(|came| came.of == bought.id).map(|came| &came.line);
                if let Some((came, units)) = came.map(|came| (came, left(came).0)).find(|(_, units)| *units > 0) {
                    (line, available) = (came, units);
                }
            }
            if asked.quantity == 0 || asked.quantity > available {
                problem(format!("lines[{place}].quantity"), Wrong::NotAvailable { available, in_returns: taken.in_returns });
                continue;
            }
            let reason = match &asked.reason {
                // Who withdraws need not say why.
                None => request.withdrawal.then(ChosenReason::withdrawal),
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
                line: line.id.clone(),
                quantity: asked.quantity,
                reason,
                condition: asked.said.condition.clone(),
                resolution: asked.resolution,
                evidence: kinds(&given[place]),
                law: SaidOfLaw { seal_broken: asked.said.seal_broken, known: asked.said.known, basis: asked.basis },
            });
        }
        gathered.retain(|part| !part.lines.is_empty());
        let paid: Vec<i64> = gathered.iter().map(Gathered::paid).collect();
        let all = paid.iter().sum::<i64>() + request.beside;
        gathered.iter_mut().zip(paid).for_each(|(part, own)| part.history.beside = all - own);
        Ok(gathered)
    }
}

impl Gathered {
    /// What was paid for the units asked for, minor units.
    fn paid(&self) -> i64 {
        let order = &self.row.order;
        self.lines.iter().filter_map(|asked| Some(order.paid_for(order.line(&asked.line)?, asked.quantity))).sum()
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        let row = &self.row;
        let mut ledger = Ledger::beside(&row.order, self.policy.gifts, &self.outside, row.goodwill(), &row.lowered());
        self.before.iter().for_each(|part| drop(ledger.enter(part)));
        ledger
    }

    pub(super) fn case<'a>(&'a self, request: &'a ReturnRequest) -> Case<'a> {
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

/// Returns of an order that stand in a request's way.
fn others<'a>(order: &'a OrderToReturn, request: &ReturnRequest) -> impl Iterator<Item = &'a Return> {
    let within = request.within;
    order.returns.iter().filter(move |other| Some(other.rma) != within)
}

/// Whether the order is this customer's, where the request says who asks.
pub(super) fn belongs_to(row: &OrderRow, request: &ReturnRequest) -> bool {
    let customer = &row.order.customer;
    let by_mail = request.email.as_ref().map(|email| customer.email.as_ref().is_some_and(|known| known.key() == email.key()));
    let calls = |phone: &PhoneNumber| contact::is_phone_of(customer, row.order.country(), phone.as_str());
    let by_phone = request.phone.as_ref().map(calls);
    match (by_mail, by_phone) {
        (None, None) => true,
        (mail, phone) => mail == Some(true) || phone == Some(true),
    }
}

/// Kinds of evidence as policy counts them.
pub fn kinds(given: &[EvidenceRow]) -> Vec<EvidenceKind> {
    given.iter().map(kind).collect()
}

pub fn kind(row: &EvidenceRow) -> EvidenceKind {
    match row.media {
        Media::Jpeg => EvidenceKind::Photo,
        Media::Pdf => EvidenceKind::TestReport,
    }
}
