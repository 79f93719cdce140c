//! What one return does to the others of its orders: their open promises are settled anew, together, in the same transaction.

use domain::order::OrderLine;
use domain::policy::{GiftRule, History, Policy, Resolution, ReviewGround};
use domain::returns::{
    Authorization, Because, Event, Grant, Lot, LotNo, OrderSettled, PaidTo, Payment, PaymentState, Reception, Return, ReturnLine,
};
use domain::rma::RmaNumber;
use domain::settlement::{Account, Books, Cause, Claim, Granted, Leg, LegState, Part, Tender, gifts_missing};

use super::Services;
use super::assess::{history_of, part_of};
use super::doing::Doing;
use crate::store::{self, Conn, OrderRow, StoreError};

impl Services {
    /// Settles every return of these orders anew, but `but`, which says its own amounts. Those whose amount changed get an event that says
    /// why, and are told. The orders are locked by the caller; what else shares a return with them is left as it is.
    pub(super) async fn settle_others(
        &self,
        conn: &mut Conn<'_>,
        orders: &[String],
        but: Option<RmaNumber>,
        because: Because,
        doing: &Doing,
    ) -> Result<Vec<RmaNumber>, StoreError> {
        self.settle(conn, orders, |rma| (Some(rma) != but).then_some(because), doing).await
    }

    /// As [`Services::settle_others`], for those returns for which `because` has a reason.
    pub(super) async fn settle(
        &self,
        conn: &mut Conn<'_>,
        orders: &[String],
        because: impl Fn(RmaNumber) -> Option<Because>,
        doing: &Doing,
    ) -> Result<Vec<RmaNumber>, StoreError> {
        let doing = doing.by_rule();
        let mut changed = Vec::new();
        for key in orders {
            let Some((row, returns)) = store::find_order_with_returns(conn, key).await? else { continue };
            if !returns.iter().any(|other| because(other.rma).is_some() && other.live_lines().next().is_some()) {
                continue;
            }
            let (_, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
            let books = books_by(&row, &policy, &returns);
            let history = (policy.gifts == GiftRule::Together).then(|| history_of(&row, &returns, 0));
            for (other, settled) in returns.iter().zip(&books.parts) {
                let Some(because) = because(other.rma) else { continue };
                let live = other.live_lines().any(|line| line.asked.order.key() == *key);
                let stored = other.orders.iter().find(|part| part.number.key() == *key);
                let behind = history.as_ref().map_or_else(Vec::new, |history| left_behind(&row, history, other));
                let same = stored.is_none_or(|part| same_money(&part.settlement, settled));
                if !live || (behind.is_empty() && same) {
                    continue;
                }
                let anew = |part: &domain::returns::OrderPart| OrderSettled {
                    order: part.number.clone(),
                    settlement: if part.number.key() == *key { settled.clone() } else { part.settlement.clone() },
                };
                let mut events = Vec::new();
                if !same {
                    events.push(Event::ExpectedChanged { orders: other.orders.iter().map(anew).collect(), because });
                }
                if !behind.is_empty() {
                    events.push(Event::SentToReview { lots: behind, ground: ReviewGround::LeftBehind });
                }
                let mut other = other.clone();
                doing.record(conn, &mut other, events).await?;
                changed.push(other.rma);
            }
        }
        Ok(changed)
    }

    /// Says on every return of an order that the shop told other money: a person looks before anything is paid.
    pub(super) async fn flag_told_anew(&self, conn: &mut Conn<'_>, key: &str, doing: &Doing) -> Result<Vec<RmaNumber>, StoreError> {
        let Some((row, returns)) = store::find_order_with_returns(conn, key).await? else { return Ok(Vec::new()) };
        let mut flagged = Vec::new();
        for mut request in returns.into_iter().filter(|request| row.told_anew && request.live_lines().next().is_some()) {
            let event = Event::Flagged { ground: ReviewGround::OrderToldAnew };
            doing.by_rule().record(conn, &mut request, vec![event]).await?;
            flagged.push(request.rma);
        }
        Ok(flagged)
    }

    /// An order's books with its returns, the oldest first.
    pub async fn books_of(&self, conn: &mut Conn<'_>, row: &OrderRow, returns: &[Return]) -> Result<Books, StoreError> {
        let (_, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
        Ok(books_by(row, &policy, returns))
    }
}

fn books_by(row: &OrderRow, policy: &Policy, returns: &[Return]) -> Books {
    let asked: Vec<Part> = returns.iter().map(|request| part_of(row, policy, request)).collect();
    let mut granted: Vec<(&Grant, &Return, Part)> = Vec::new();
    for (request, part) in returns.iter().zip(&asked) {
        let of_order = request.grants.iter().filter(|grant| grant.order.key() == row.order.number.key());
        for grant in of_order {
            let first = granted.iter().all(|(_, other, _)| other.rma != request.rma);
            granted.push((grant, request, accepted(request, part, grant, first)));
        }
    }
    granted.sort_by_key(|(grant, ..)| grant.at);
    let grants: Vec<Granted> = granted.iter().zip(0..).map(|((grant, request, _), id)| entry(row, request, grant, id)).collect();
    let accepted: Vec<Part> = granted.into_iter().map(|(.., part)| part).collect();
    let outside = row.outside();
    Account { order: &row.order, gifts: policy.gifts, outside: &outside, asked: &asked, accepted: &accepted, grants: &grants }.books()
}

/// What a grant accepted of its return's part; the parcel's freight goes with the `first`.
fn accepted(request: &Return, part: &Part, grant: &Grant, first: bool) -> Part {
    let held = request.live_lines().filter(|line| line.asked.order.key() == grant.order.key());
    let units = |line: &ReturnLine| line.lots.iter().filter(|lot| grant.lots.contains(&lot.id)).map(|lot| lot.units).sum::<u32>();
    let claims = held.zip(&part.claims).map(|(line, claim)| Claim { units: units(line), ..claim.clone() });
    let freight = if first { part.freight } else { 0 };
    Part { claims: claims.filter(|claim| claim.units > 0).collect(), freight, ..part.clone() }
}

fn entry(row: &OrderRow, request: &Return, grant: &Grant, id: u64) -> Granted {
    let credit = |lot: &LotNo| request.line(lot.line).is_some_and(|line| line.asked.resolution == Resolution::StoreCredit);
    let leg = |payment: &Payment| Leg {
        to: match &payment.to {
            PaidTo::Payment { place } => Tender::Payment(row.order.payments.get(*place).and_then(|payment| payment.id.clone())),
            PaidTo::StoreCredit => Tender::Credit,
            PaidTo::Manual => Tender::Payment(None),
        },
        amount: payment.amount,
        state: match payment.state {
            PaymentState::Pending => LegState::Pending,
            PaymentState::Paid => LegState::Paid,
            PaymentState::Failed => LegState::Failed,
            PaymentState::Reversed => LegState::Reversed,
        },
    };
    Granted {
        id,
        cause: Cause::Worth,
        amount: grant.amount,
        credit: if grant.lots.iter().all(credit) { grant.amount } else { 0 },
        legs: request.payments.iter().filter(|payment| payment.grant == grant.id).map(leg).collect(),
    }
}

/// Approved lots of a return whose gift does not come back after all, where policy wants both: a person looks at them.
fn left_behind(row: &OrderRow, history: &History, request: &Return) -> Vec<LotNo> {
    let back = |line: &OrderLine| history.units(&line.id);
    let missing = |item: &OrderLine| {
        row.order
            .lines
            .iter()
            .any(|gift| gift.gift_with.as_ref() == Some(&item.id) && gifts_missing(item, back(item), gift, back(gift)) > 0)
    };
    let of_order = request.lots().filter(|(line, _)| line.asked.order.key() == row.order.number.key() && line.asked.resolution.pays());
    let waits = |lot: &Lot| lot.state.authorization == Authorization::Approved && lot.state.reception == Reception::Awaiting;
    let open = of_order.filter(|(_, lot)| waits(lot) && !request.standing(lot.id).settled);
    open.filter(|(line, _)| row.order.line(&line.asked.line).is_some_and(missing)).map(|(_, lot)| lot.id).collect()
}

/// Whether the customer gets and owes the same by both: how a receipt words it does not matter.
fn same_money(before: &domain::settlement::Settlement, now: &domain::settlement::Settlement) -> bool {
    (before.expected, before.due, before.store_credit, before.bonus, &before.tenders)
        == (now.expected, now.due, now.store_credit, now.bonus, &now.tenders)
}
