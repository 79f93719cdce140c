//! What one return does to the others of its orders: their open promises are settled anew, together, in the same transaction.

use domain::order::OrderLine;
use domain::policy::{GiftRule, History, Policy, ReviewGround};
use domain::returns::{Actor, Authorization, Because, Event, LineRef, OrderSettled, Reception, Return};
use domain::rma::RmaNumber;
use domain::settlement::{Books, Part, books, gifts_missing};
use jiff::Timestamp;

use super::Services;
use super::assess::{history_of, part_of};
use super::change_return::record;
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
        now: Timestamp,
    ) -> Result<Vec<RmaNumber>, StoreError> {
        let mut changed = Vec::new();
        for key in orders {
            let Some((row, returns)) = store::find_order_with_returns(conn, key).await? else { continue };
            if !returns.iter().any(|other| Some(other.rma) != but && other.live_lines().next().is_some()) {
                continue;
            }
            let (_, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
            let books = books_by(&row, &policy, &returns);
            let history = (policy.gifts == GiftRule::Together).then(|| history_of(&row, &returns, 0));
            for (other, settled) in returns.iter().zip(&books.parts).filter(|(other, _)| Some(other.rma) != but) {
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
                    events.push(Event::SentToReview { lines: behind, ground: ReviewGround::LeftBehind });
                }
                let mut other = other.clone();
                record(conn, &mut other, events, &Actor::System, now).await?;
                changed.push(other.rma);
            }
        }
        Ok(changed)
    }

    /// Says on every return of an order that the shop told other money: a person looks before anything is paid.
    pub(super) async fn flag_told_anew(&self, conn: &mut Conn<'_>, key: &str, now: Timestamp) -> Result<Vec<RmaNumber>, StoreError> {
        let Some((row, returns)) = store::find_order_with_returns(conn, key).await? else { return Ok(Vec::new()) };
        let mut flagged = Vec::new();
        for mut request in returns.into_iter().filter(|request| row.told_anew && request.live_lines().next().is_some()) {
            let event = Event::Flagged { ground: ReviewGround::OrderToldAnew };
            record(conn, &mut request, vec![event], &Actor::System, now).await?;
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
    let parts: Vec<Part> = returns.iter().map(|request| part_of(row, policy, request)).collect();
    books(&row.order, policy.gifts, &row.outside(), &parts)
}

/// Approved lines of a return whose gift does not come back after all, where policy wants both: a person looks at them.
fn left_behind(row: &OrderRow, history: &History, request: &Return) -> Vec<LineRef> {
    let back = |line: &OrderLine| history.units(&line.id);
    let missing = |item: &OrderLine| {
        row.order
            .lines
            .iter()
            .any(|gift| gift.gift_with.as_ref() == Some(&item.id) && gifts_missing(item, back(item), gift, back(gift)) > 0)
    };
    let approved = request.lines.iter().filter(|line| {
        line.asked.order.key() == row.order.number.key()
            && line.state.authorization == Authorization::Approved
            && line.asked.resolution.pays()
            && line.state.reception == Reception::Awaiting
    });
    approved.filter(|line| row.order.line(&line.asked.line).is_some_and(missing)).map(|line| line.asked.reference()).collect()
}

/// Whether the customer gets and owes the same by both: how a receipt words it does not matter.
fn same_money(before: &domain::settlement::Settlement, now: &domain::settlement::Settlement) -> bool {
    (before.expected, before.due, before.store_credit, before.bonus, &before.tenders)
        == (now.expected, now.due, now.store_credit, now.bonus, &now.tenders)
}
