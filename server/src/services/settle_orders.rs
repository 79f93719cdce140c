//! What one return does to the others of its orders: their open promises are settled anew, together, in the same transaction.
//! Long because what each return is in the books of its order is put together here, in one way.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::money::split;
use domain::order::OrderLine;
use domain::policy::{GiftRule, History, Policy, Resolution, ReviewGround};
use domain::returns::{
    Authorization, Because, Collected, CollectedFor, CollectedNo, Event, Grant, GrantCause, GrantNo, Grantable, LineNo, Lot, LotNo,
    OrderPart, OrderSettled, PaidTo, Payment, PaymentState, Reception, RemedyKind, RemedyState, Return,
};
use domain::rma::RmaNumber;
use domain::settlement::{
    Account, Books, Cause, Concession, Granted, Leg, LegState, NotConceded, PaidHere, Part, Placed, Settlement, Tender, freight_charge,
    gifts_missing,
};

use super::Services;
use super::doing::Doing;
use super::held::{accepted_of, history_of, is_guessed, paid_here, part_of, units_taken};
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

    /// As [`Services::settle_others`], for those returns for which `because` has a reason. What shares a parcel with one of them bears
    /// another share of its freight where its worth changed.
    pub(super) async fn settle(
        &self,
        conn: &mut Conn<'_>,
        orders: &[String],
        because: impl Fn(RmaNumber) -> Option<Because>,
        doing: &Doing,
    ) -> Result<Vec<RmaNumber>, StoreError> {
        let mut sheets: BTreeMap<String, Sheet> = BTreeMap::new();
        for key in orders {
            self.add_sheet(conn, &mut sheets, key).await?;
        }
        let live = |request: &Return| request.live_lines().next().is_some();
        let spans = |request: &&Return| request.orders.len() > 1 && request.grants.is_empty() && live(request);
        let spanning: BTreeMap<RmaNumber, Return> =
            sheets.values().flat_map(|sheet| &sheet.returns).filter(spans).map(|request| (request.rma, request.clone())).collect();
        for request in spanning.values() {
            for part in &request.orders {
                self.add_sheet(conn, &mut sheets, part.number.as_str()).await?;
            }
            share_freight(&mut sheets, request);
        }

        let mut anew: BTreeMap<RmaNumber, Anew> = BTreeMap::new();
        for (key, sheet) in &sheets {
            let named = orders.contains(key);
            let touched = |other: &Return| because(other.rma).is_some() && (named || spanning.contains_key(&other.rma));
            if !sheet.returns.iter().any(|other| touched(other) && live(other)) {
                continue;
            }
            let books = sheet.books();
            let together = named && sheet.policy.gifts == GiftRule::Together;
            let history = together.then(|| history_of(&sheet.row, &sheet.returns, 0));
            for (other, settled) in sheet.returns.iter().zip(books.parts).filter(|(other, _)| touched(other)) {
                if !other.live_lines().any(|line| line.asked.order.as_str() == *key) {
                    continue;
                }
                let entry = anew.entry(other.rma).or_insert_with(|| Anew::of(other));
                entry.behind.extend(history.as_ref().map_or_else(Vec::new, |history| left_behind(&sheet.row, history, other)));
                entry.settle(key, settled, is_guessed(&sheet.row, &sheet.policy, other));
            }
        }
        let mut changed = Vec::new();
        for Anew { mut request, orders, behind, differs, guessed } in anew.into_values() {
            let mut events = Vec::new();
            if let Some(because) = because(request.rma).filter(|_| differs) {
                events.push(Event::ExpectedChanged { orders, because });
            }
            if differs && guessed {
                events.push(Event::Flagged { ground: ReviewGround::Policy });
            }
            if !behind.is_empty() {
                events.push(Event::SentToReview { lots: behind, ground: ReviewGround::LeftBehind });
            }
            if !events.is_empty() {
                doing.by_rule().record(conn, &mut request, events).await?;
                changed.push(request.rma);
            }
        }
        Ok(changed)
    }

    async fn add_sheet(&self, conn: &mut Conn<'_>, sheets: &mut BTreeMap<String, Sheet>, key: &str) -> Result<(), StoreError> {
        if sheets.contains_key(key) {
            return Ok(());
        }
        let Some((row, returns)) = store::find_order_with_returns(conn, key).await? else { return Ok(()) };
        let (policy, asked) = self.parts(conn, &row, &returns).await?;
        sheets.insert(key.to_owned(), Sheet { row, policy, returns, asked });
        Ok(())
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

    /// What giving `asked` on an order comes to; the order is locked by the caller where it is to be given.
    pub(super) async fn conceding(
        &self,
        conn: &mut Conn<'_>,
        row: &OrderRow,
        returns: &[Return],
        asked: &Concession,
    ) -> Result<Result<i64, NotConceded>, StoreError> {
        let (policy, parts) = self.parts(conn, row, returns).await?;
        let stay = units_staying(row, returns, asked);
        Ok(with_account(row, &policy, returns, &parts, &[], |account| account.concede(asked, stay)))
    }

    /// What granting those lots of one of an order's returns comes to, as it stands.
    pub(super) async fn comes_to_grant(
        &self,
        conn: &mut Conn<'_>,
        row: &OrderRow,
        returns: &[Return],
        rma: RmaNumber,
        group: &Grantable,
    ) -> Result<Settlement, StoreError> {
        let (policy, asked) = self.parts(conn, row, returns).await?;
        let Some((request, theirs)) = returns.iter().zip(&asked).find(|(request, _)| request.rma == rma) else {
            return Ok(Settlement::nothing(row.order.currency));
        };
        let mut shares = Shares::of(request);
        request.grants.iter().filter(|grant| grant.order == group.order).for_each(|grant| drop(shares.next(grant.cause, &grant.lots)));
        let part = shares.next(group.cause, &group.lots).part(row, &policy, request, theirs.freight);
        let but: Vec<(RmaNumber, LotNo)> = group.lots.iter().map(|lot| (rma, *lot)).collect();
        Ok(with_account(row, &policy, returns, &asked, &but, |account| account.grantable(&part)))
    }

    /// The legs by which what one of their grants still owes goes back as it was paid.
    pub(super) async fn legs_of(
        &self,
        conn: &mut Conn<'_>,
        row: &OrderRow,
        returns: &[Return],
        rma: RmaNumber,
        grant: GrantNo,
    ) -> Result<Placed, StoreError> {
        let (policy, asked) = self.parts(conn, row, returns).await?;
        let owed = returns.iter().find(|request| request.rma == rma).and_then(|request| {
            let grant = request.grants.iter().find(|known| known.id == grant)?;
            // What was paid for something that does not come goes back where it came from.
            let theirs = |collected: &&Collected| collected.lots.iter().any(|lot| grant.lots.contains(lot));
            let first = request.collected.iter().filter(|_| grant.cause == GrantCause::PaidBack).filter(theirs);
            let first: Vec<String> = first.filter_map(|collected| collected.payment.clone()).collect();
            Some((entry(row, request, grant, 0), first))
        });
        let placed = |(owed, first): (Granted, Vec<String>)| {
            with_account(row, &policy, returns, &asked, &[], |account| account.place(&owed, &first))
        };
        Ok(owed.map(placed).unwrap_or_default())
    }

    /// An order's books with its returns, the oldest first.
    pub async fn books_of(&self, conn: &mut Conn<'_>, row: &OrderRow, returns: &[Return]) -> Result<Books, StoreError> {
        let (policy, asked) = self.parts(conn, row, returns).await?;
        Ok(books_by(row, &policy, returns, &asked))
    }

    /// What is asked of an order by each of its returns, and the policy that it follows.
    async fn parts(&self, conn: &mut Conn<'_>, row: &OrderRow, returns: &[Return]) -> Result<(Arc<Policy>, Vec<Part>), StoreError> {
        let (_, policy) = self.policies.for_order(conn, row.order.placed_at).await?;
        let asked = returns.iter().map(|request| part_of(row, &policy, request)).collect();
        Ok((policy, asked))
    }
}

/// An order with all that was asked of it.
struct Sheet {
    row: OrderRow,
    policy: Arc<Policy>,
    /// The oldest first.
    returns: Vec<Return>,
    /// Each return's part.
    asked: Vec<Part>,
}

impl Sheet {
    fn books(&self) -> Books {
        books_by(&self.row, &self.policy, &self.returns, &self.asked)
    }

    fn place(&self, rma: RmaNumber) -> Option<usize> {
        self.returns.iter().position(|request| request.rma == rma)
    }
}

/// A return that is settled anew.
struct Anew {
    request: Return,
    /// Every order's part, as it is now.
    orders: Vec<OrderSettled>,
    /// What its gift was called off from.
    behind: Vec<LotNo>,
    /// The customer gets or owes something else.
    differs: bool,
    /// Nobody knows its terms for sure.
    guessed: bool,
}

impl Anew {
    fn of(request: &Return) -> Self {
        let stored = |part: &OrderPart| OrderSettled { order: part.number.clone(), settlement: part.settlement.clone() };
        let orders = request.orders.iter().map(stored).collect();
        Self { request: request.clone(), orders, behind: Vec::new(), differs: false, guessed: false }
    }

    fn settle(&mut self, key: &str, settled: Settlement, guessed: bool) {
        let Some(part) = self.orders.iter_mut().find(|part| part.order.as_str() == key) else { return };
        if !same_money(&part.settlement, &settled) {
            part.settlement = settled;
            self.differs = true;
            self.guessed |= guessed;
        }
    }
}

/// Shares a parcel's freight among its orders by what of them is in it now.
fn share_freight(sheets: &mut BTreeMap<String, Sheet>, request: &Return) {
    let mut bearers: Vec<(String, usize, i64)> = Vec::new();
    let mut charge: Option<i64> = None;
    for part in &request.orders {
        let key = part.number.to_string();
        let Some((sheet, place)) = sheets.get(&key).and_then(|sheet| Some((sheet, sheet.place(request.rma)?))) else { continue };
        // What stays with the customer or never arrived pays for no other order's parcel.
        let Some(asks) = freight_charge(sheet.asked[place].claims.iter().map(|claim| &claim.terms)) else { continue };
        charge = Some(charge.map_or(asks, |charge| charge.min(asks)));
        bearers.push((key, place, sheet.books().weights.get(place).copied().unwrap_or(0)));
    }
    let weights: Vec<i64> = bearers.iter().map(|(.., weight)| *weight).collect();
    for ((key, place, _), share) in bearers.into_iter().zip(split(charge.unwrap_or(0), &weights)) {
        if let Some(sheet) = sheets.get_mut(&key) {
            sheet.asked[place].freight = share;
        }
    }
}

fn books_by(row: &OrderRow, policy: &Policy, returns: &[Return], asked: &[Part]) -> Books {
    with_account(row, policy, returns, asked, &[], |account| account.books())
}

/// An order with all that was asked, accepted and granted, to be looked at; what goes out in exchange for the lots of `but` aside.
fn with_account<T>(
    row: &OrderRow,
    policy: &Policy,
    returns: &[Return],
    asked: &[Part],
    but: &[(RmaNumber, LotNo)],
    look: impl FnOnce(&Account<'_>) -> T,
) -> T {
    let (mut accepted, grants) = grants_of(row, policy, returns, asked);
    accepted.extend(returns.iter().filter_map(|request| exchanged(row, policy, request, but)));
    let (outside, lowered) = (row.outside(), row.lowered());
    let (accepted, grants, lowered) = (&accepted[..], &grants[..], &lowered[..]);
    look(&Account { order: &row.order, gifts: policy.gifts, outside: &outside, asked, accepted, grants, lowered })
}

/// What was accepted of returns, and all that was granted, the oldest first. What several grants are for is accepted with the first.
fn grants_of(row: &OrderRow, policy: &Policy, returns: &[Return], asked: &[Part]) -> (Vec<Part>, Vec<Granted>) {
    let mut granted: Vec<(&Grant, &Return, Part)> = Vec::new();
    for (request, part) in returns.iter().zip(asked) {
        let mut shares = Shares::of(request);
        for grant in request.grants.iter().filter(|grant| grant.order == row.order.number) {
            granted.push((grant, request, shares.next(grant.cause, &grant.lots).part(row, policy, request, part.freight)));
        }
    }
    granted.sort_by_key(|(grant, ..)| grant.at);
    let mut grants: Vec<Granted> = granted.iter().zip(0..).map(|((grant, request, _), id)| entry(row, request, grant, id)).collect();
    let conceded = row.conceded.iter().zip(grants.len() as u64..);
    grants.extend(conceded.map(|((what, amount), id)| what.granted(id, *amount)));
    (granted.into_iter().map(|(.., part)| part).collect(), grants)
}

/// What of a return is accepted with each of its grants of an order, in turn: each lot, what the customer paid, and the freight once.
struct Shares<'r> {
    request: &'r Return,
    before: Vec<LotNo>,
    /// Of what the customer paid, what was accepted.
    paid: Vec<CollectedNo>,
}

/// What is accepted with a grant.
struct Share {
    lots: Vec<LotNo>,
    again: Vec<LineNo>,
    first: bool,
    paid: Vec<PaidHere>,
}

impl<'r> Shares<'r> {
    fn of(request: &'r Return) -> Self {
        Self { request, before: Vec::new(), paid: Vec::new() }
    }

    fn next(&mut self, cause: GrantCause, lots: &[LotNo]) -> Share {
        let for_them = |collected: &&Collected| {
            // What came back of what was given ahead is the order's with what was given.
            let ours = collected.cause == CollectedFor::Due || collected.lots.iter().any(|lot| self.request.is_paid_back(*lot));
            ours && !self.paid.contains(&collected.id) && collected.lots.first().is_some_and(|lot| lots.contains(lot))
        };
        let found: Vec<&Collected> = self.request.collected.iter().filter(for_them).collect();
        let paid = found.iter().map(|collected| paid_here(collected)).collect();
        self.paid.extend(found.iter().map(|collected| collected.id));
        // Of the goods nothing is accepted with it.
        let goods = cause != GrantCause::PaidBack;
        let fresh: Vec<LotNo> = lots.iter().copied().filter(|lot| goods && !self.before.contains(lot)).collect();
        let (again, first) = (lines_of(&self.before), self.before.is_empty() && goods);
        self.before.extend(&fresh);
        // The customer has again what the money came back for.
        Share { lots: fresh.into_iter().filter(|lot| !self.request.is_paid_back(*lot)).collect(), again, first, paid }
    }
}

impl Share {
    fn part(self, row: &OrderRow, policy: &Policy, request: &Return, freight: i64) -> Part {
        let freight = if self.first { freight } else { 0 };
        Part { paid: self.paid, ..accepted_of(row, policy, request, &self.lots, &self.again, freight) }
    }
}

/// The lines of lots, as often as there are lots.
fn lines_of(lots: &[LotNo]) -> Vec<LineNo> {
    lots.iter().map(|lot| lot.line).collect()
}

/// Lots of which something else goes out, and no money was granted for them: the new item stands in their place.
fn exchanged(row: &OrderRow, policy: &Policy, request: &Return, but: &[(RmaNumber, LotNo)]) -> Option<Part> {
    let granted = |lot: &LotNo| request.grants.iter().any(|grant| grant.lots.contains(lot));
    let owed = request.remedies.iter().filter(|remedy| remedy.kind == RemedyKind::Exchange && remedy.state != RemedyState::CalledOff);
    let lots: Vec<LotNo> =
        owed.flat_map(|remedy| remedy.lots.iter().copied()).filter(|lot| !granted(lot) && !but.contains(&(request.rma, *lot))).collect();
    // What was paid for it beside.
    let for_them = |collected: &&Collected| collected.lots.first().is_some_and(|lot| lots.contains(lot));
    let paid = request.collected_of(&row.order.number).filter(for_them).map(paid_here).collect();
    let part = Part { paid, ..accepted_of(row, policy, request, &lots, &[], 0) };
    (!part.claims.is_empty()).then_some(part)
}

fn entry(row: &OrderRow, request: &Return, grant: &Grant, id: u64) -> Granted {
    let credit = |lot: &LotNo| request.line(lot.line).is_some_and(|line| line.asked.resolution == Resolution::StoreCredit);
    let leg = |payment: &Payment| Leg {
        to: match &payment.to {
            PaidTo::Payment { place } => Tender::Payment(row.order.payments.get(*place).and_then(|payment| payment.id.clone())),
            PaidTo::Collected { payment } => Tender::Payment(Some(payment.clone())),
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

/// Units of the line that a concession is about which are in no return.
fn units_staying(row: &OrderRow, returns: &[Return], asked: &Concession) -> u32 {
    let Concession::LowerPrice(lower) = asked else { return 0 };
    let bought = row.order.line(&lower.line).map_or(0, |line| line.quantity);
    bought.saturating_sub(units_taken(row, returns, &lower.line).units)
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
    let of_order = request.lots().filter(|(line, _)| line.asked.order == row.order.number && line.asked.resolution.pays());
    let waits = |lot: &Lot| lot.state.authorization == Authorization::Approved && lot.state.reception == Reception::Awaiting;
    let open = of_order.filter(|(_, lot)| waits(lot) && !request.standing(lot.id).settled);
    open.filter(|(line, _)| row.order.line(&line.asked.line).is_some_and(missing)).map(|(_, lot)| lot.id).collect()
}

/// Whether the customer gets and owes the same by both: how a receipt words it does not matter.
fn same_money(before: &Settlement, now: &Settlement) -> bool {
    (before.expected, before.due, before.store_credit, before.bonus, &before.tenders)
        == (now.expected, now.due, now.store_credit, now.bonus, &now.tenders)
}
