//! What customers are given on top because the shop or the carrier was at fault (C34, C35): given with the command that establishes it, taken back with the one
//! by which it turns out otherwise, decided by a person where it is much, and told.
//! Long because giving and taking back of each kind stand beside each other.

use app::messages::Occasion;
use domain::compensation::{CouponCode, GiftKind, GiftState, PointsKind};
use domain::credit::CreditKind;
use domain::ids::Code;
use domain::money::Money;
use domain::policy::{CompensationEffect, Gift, GivenAt, local_day};
use domain::reason::Fault;
use domain::returns::{
    Authorization, ByRule, Cause, Compensated, Entry, Event, LineNo, Lot, Moment, Recorded, Return, Ruled, Status, compensations_due,
    days_missed, is_established, with_gifts,
};
use domain::rma::RmaNumber;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use uuid::Uuid;

use super::Services;
use super::access::AtCompensations;
use super::at_hand::LineAtHand;
use super::credit::holder_of;
use super::credit_ends::{WITHDRAWS, left_of_credit};
use super::doing::Doing;
use super::later::AboutCompensation;
use super::points::left_of_points;
use super::webhooks::{Hooks, told_of_coupon};
use crate::store::{self, AuditNote, CauseRow, CompensationRow, Conn, CreditEntry, GiftFigures, NewJob, OrderRow, PointsEntry, StoreError};

/// So long before its end the holder of a coupon is reminded of it.
const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// At once; the rest waits for the next time.
const MOST: i64 = 200;
/// Gifts of a list at once.
pub const MOST_GIFTS: i64 = 1_000;
/// As far as what waits is counted.
const COUNTED: i64 = 1_000;
/// Rows of the report.
const MOST_FIGURES: i64 = 1_000;

/// Among causes, before an order's key: what was promised in a return of it was missed.
const DELAY: &str = "delay:";

/// For what something is given.
#[derive(Clone, Copy)]
struct Why<'a> {
    fault: &'a str,
    reason: &'a str,
    at_approval: bool,
}

/// What one firing of a rule gives, for goods that so much was paid for.
struct Firing<'a> {
    id: &'a str,
    why: Why<'a>,
    paid: Money,
    gifts: Vec<Gift>,
}

/// Why nobody decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideGiftError {
    #[error("there is no such gift")]
    Unknown,
    /// Somebody decided before, or it turned out otherwise.
    #[error("this does not wait any more")]
    Decided(GiftState),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// By whom, and when, something is given or taken back.
struct Giving<'a> {
    now: Timestamp,
    hooks: &'a Hooks,
    /// What is told waits while the command can be taken back.
    doing: Option<&'a Doing>,
}

impl Giving<'_> {
    async fn enqueue(&self, conn: &mut Conn<'_>, job: NewJob) -> Result<(), StoreError> {
        let job = match self.doing {
            Some(doing) => doing.waiting(job),
            None => job,
        };
        store::enqueue(conn, &job).await
    }

    async fn tell_shop(&self, conn: &mut Conn<'_>, event: &str, row: &CompensationRow) -> Result<(), StoreError> {
        if row.code.is_some() {
            for job in told_of_coupon(self.hooks, event, row, self.now) {
                self.enqueue(conn, job).await?;
            }
        }
        Ok(())
    }

    async fn tell_customer(&self, conn: &mut Conn<'_>, occasion: Occasion, row: &CompensationRow) -> Result<(), StoreError> {
        self.enqueue(conn, AboutCompensation::job(occasion, row.rma, &row.id, self.now)).await
    }
}

/// A firing counts no more in its month, where `row`, which ends, is the one of it that was counted.
async fn uncount(conn: &mut Conn<'_>, rows: &[CompensationRow], row: &CompensationRow) -> Result<(), StoreError> {
    if !row.counted {
        return Ok(());
    }
    let worth: i64 = rows.iter().filter(|other| other.firing == row.firing).map(|other| other.worth).sum();
    store::count_in_month(conn, &row.holder, &row.month, -1, Money::new(-worth, row.currency)).await
}

/// Whether something may be given, or taken back, after an event.
fn may_compensate(event: &Event) -> bool {
    matches!(
        event,
        Event::Opened { .. }
            | Event::LinesAdded { .. }
            | Event::Approved { .. }
            | Event::Declined { .. }
            | Event::Cancelled { .. }
            | Event::Lapsed { .. }
            | Event::Received { .. }
            | Event::Inspected { .. }
            | Event::OutboundAnswered { .. }
            | Event::TakenBack { .. }
    )
}

/// Whether something is given as soon as such a return is opened, by any of its policies' rules.
pub(super) fn gives_at_once<'p>(request: &Return, mut rules: impl Iterator<Item = &'p CompensationEffect>) -> bool {
    rules.any(|rule| request.lots().any(|(line, lot)| is_established(request, line, lot, rule.given)))
}

impl Services {
    /// Gives what is due in a return, and takes back what was given for what turned out otherwise, in the transaction in which it became so. The orders of the
    /// return are locked.
    pub(super) async fn mind_compensations(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        recorded: &[Recorded],
        doing: &Doing,
    ) -> Result<(), StoreError> {
        if recorded.iter().any(|recorded| may_compensate(&recorded.event)) {
            self.compensate(conn, request, doing).await?;
        }
        if !recorded.is_empty() && request.status() == Status::Completed {
            self.compensate_delay(conn, request, doing).await?;
        }
        Ok(())
    }

    /// The same, whatever happened.
    pub(super) async fn compensate(&self, conn: &mut Conn<'_>, request: &Return, doing: &Doing) -> Result<(), StoreError> {
        let established = |line: &LineNo| {
            let lots = || request.lots().filter(|(of, _)| of.id == *line);
            lots().any(|(line, lot)| is_established(request, line, lot, GivenAt::Approval))
        };
        let lines: Vec<LineNo> = request.lines.iter().map(|line| line.id).filter(established).collect();
        let rows = store::compensations_of(conn, request.rma).await?;
        if lines.is_empty() && rows.is_empty() {
            return Ok(());
        }
        let giving = Giving { now: doing.now, hooks: &doing.hooks, doing: Some(doing) };
        let hands = self.at_hand(conn, request, &lines).await?;
        let by_rule: Vec<(&LineAtHand, CompensationEffect, ByRule)> =
            hands.iter().filter_map(|hand| hand.compensation().map(|(effect, by)| (hand, effect, by))).collect();
        let ruled: Vec<Ruled<'_>> = by_rule
            .iter()
            .filter_map(|(hand, effect, by)| Some(Ruled { line: request.line(hand.line)?, rule: by.rule.clone(), given: effect.given }))
            .collect();
        let known = known(&rows, &store::causes_of(conn, request.rma).await?);
        let due = compensations_due(request, &ruled, &known);
        for firing in &due.withdraw {
            self.withdraw_gift(conn, &rows, request.rma, firing, &giving).await?;
        }
        for cause in due.give {
            let of_it = |(hand, _, by): &&(&LineAtHand, CompensationEffect, ByRule)| {
                by.rule == cause.rule && cause.lots.iter().any(|(lot, ..)| lot.line == hand.line)
            };
            if let Some((hand, effect, by)) = by_rule.iter().find(of_it) {
                self.give_for(conn, request, &hands, &cause, (hand.order(), effect, by), &giving).await?;
            }
        }
        Ok(())
    }

    /// Gives for a cause what the rule says, as far as nothing was given for its goods before.
    async fn give_for(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        hands: &[LineAtHand],
        cause: &Cause,
        (order, effect, by): (&OrderRow, &CompensationEffect, &ByRule),
        giving: &Giving<'_>,
    ) -> Result<(), StoreError> {
        let (key, fault) = (order.order.number.to_string(), cause.fault.to_string());
        let mut lots = Vec::new();
        let mut paid = 0;
        for (lot, line, units) in &cause.lots {
            // Units that were asked back before, and for which something was used since, are not paid for twice.
            let had = store::units_compensated(conn, &key, line.as_str(), &fault).await?;
            let bought = order.order.line(line).map_or(0, |line| i64::from(line.quantity));
            let before: i64 = lots.iter().filter(|(_, known, _)| *known == line).map(|(_, _, units): &(_, _, u32)| i64::from(*units)).sum();
            if had + before + i64::from(*units) > bought {
                continue;
            }
            paid += hands.iter().find(|hand| hand.line == lot.line).map_or(0, |hand| hand.paid_for(*units).minor);
            lots.push((*lot, line, *units));
        }
        let paid = order.order.money(paid);
        let gifts = effect.gifts(paid, cause.joins.is_none());
        if lots.is_empty() || (gifts.is_empty() && cause.joins.is_none()) {
            return Ok(());
        }
        let new = Uuid::now_v7().to_string();
        let firing = cause.joins.clone().filter(|_| gifts.is_empty()).unwrap_or(new);
        let mut put = false;
        for (lot, line, units) in lots {
            let row = CauseRow {
                rma: request.rma,
                lot: lot.to_string(),
                firing: firing.clone(),
                order: key.clone(),
                line: line.to_string(),
                fault: fault.clone(),
                units: i64::from(units),
            };
            put |= store::put_cause(conn, &row).await?;
        }
        if !put {
            return Ok(());
        }
        let why = Why { fault: &fault, reason: cause.reason.as_str(), at_approval: cause.given == GivenAt::Approval };
        self.hand_out(conn, request, (order, effect, by), Firing { id: &firing, why, paid, gifts }, giving).await
    }

    /// Gives what one firing of a rule gives, as far as the customer's month has room, or has a person asked first.
    async fn hand_out(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        (order, effect, by): (&OrderRow, &CompensationEffect, &ByRule),
        Firing { id: firing, why, paid, gifts }: Firing<'_>,
        giving: &Giving<'_>,
    ) -> Result<(), StoreError> {
        let key = order.order.number.to_string();
        let holder = holder_of(order).unwrap_or_else(|| format!("order:{key}"));
        let worths: Vec<i64> = gifts.iter().map(|gift| CompensationEffect::worth(*gift, paid, order.order.shipping)).collect();
        let worth = order.order.money(worths.iter().sum());
        let today = local_day(giving.now, &self.shop_zone());
        let month = format!("{:04}-{:02}", today.year(), today.month());
        let state = if gifts.is_empty() {
            GiftState::Given
        } else {
            let (often, before) = store::lock_month(conn, &holder, &month, worth.currency).await?;
            let fits = effect.fits_month(u32::try_from(often).unwrap_or(u32::MAX), before, worth);
            if !fits {
                GiftState::Capped
            } else {
                store::count_in_month(conn, &holder, &month, 1, worth).await?;
                if effect.wants_review(worth) { GiftState::Waiting } else { GiftState::Given }
            }
        };
        for (place, (gift, worth)) in gifts.into_iter().zip(worths).enumerate() {
            let mut row = CompensationRow {
                id: Uuid::now_v7().to_string(),
                firing: firing.to_owned(),
                rma: request.rma,
                order: key.clone(),
                holder: holder.clone(),
                policy: by.policy,
                rule: by.rule.to_string(),
                at_approval: why.at_approval,
                fault: why.fault.to_owned(),
                reason: why.reason.to_owned(),
                kind: GiftKind::of(gift),
                value: value_of(gift),
                currency: order.order.currency,
                worth,
                up_to: if let Gift::Percent { up_to, .. } = gift { up_to } else { None },
                minimum: effect
                    .minimum_spend
                    .as_ref()
                    .and_then(|least| least.in_currency(order.order.currency))
                    .filter(|_| gift.is_coupon()),
                transferable: effect.transferable,
                days: i64::from(effect.good_for()),
                code: None,
                state,
                month: month.clone(),
                counted: place == 0 && state != GiftState::Capped,
                at: giving.now,
                given_at: None,
                expires_at: None,
                told_at: None,
                ended_at: None,
                decided_by: None,
                used_on: None,
                used: None,
            };
            if state == GiftState::Given {
                self.make_gift_good(&mut row, giving.now);
            }
            store::insert_compensation(conn, &row).await?;
            if state == GiftState::Given {
                self.hand_gift_over(conn, &row, order, giving).await?;
            }
        }
        Ok(())
    }

    /// Gives in a return that is over what rules give because what was promised in it was missed, once for each of its orders. That stays given: what was
    /// late was late.
    async fn compensate_delay(&self, conn: &mut Conn<'_>, request: &Return, doing: &Doing) -> Result<(), StoreError> {
        let approved = |lot: &&Lot| lot.state.authorization == Authorization::Approved;
        let stood = request.lines.iter().filter(|line| line.lots.iter().any(|lot| approved(&lot)));
        let lines: Vec<LineNo> = stood.map(|line| line.id).collect();
        let mut hands = self.at_hand(conn, request, &lines).await?;
        hands.retain(LineAtHand::asks_of_delay);
        if hands.is_empty() {
            return Ok(());
        }
        let days = days_missed(&store::events_of(conn, request.rma).await?, &self.shop_zone());
        let giving = Giving { now: doing.now, hooks: &doing.hooks, doing: Some(doing) };
        for part in &request.orders {
            let key = part.number.to_string();
            let of_it = || hands.iter().filter(|hand| hand.order().order.number == part.number);
            let given = of_it().find_map(|hand| hand.compensation_for_delay(days).map(|(effect, by)| (hand, effect, by)));
            let Some((hand, effect, by)) = given else { continue };
            let units = |hand: &LineAtHand| {
                let lots = request.line(hand.line).map_or(&[][..], |line| &line.lots);
                lots.iter().filter(approved).map(|lot| lot.units).sum()
            };
            let paid = hand.order().order.money(of_it().map(|hand| hand.paid_for(units(hand)).minor).sum());
            let gifts = effect.gifts(paid, true);
            let (firing, fault) = (Uuid::now_v7().to_string(), Fault::Merchant.to_string());
            let cause = CauseRow {
                rma: request.rma,
                lot: format!("{DELAY}{key}"),
                firing: firing.clone(),
                order: key,
                line: String::new(),
                fault: fault.clone(),
                units: 0,
            };
            if gifts.is_empty() || !store::put_cause(conn, &cause).await? {
                continue;
            }
            let reason = request.line(hand.line).map(|line| line.asked.reason.to_string()).unwrap_or_default();
            let why = Why { fault: &fault, reason: &reason, at_approval: false };
            let firing = Firing { id: &firing, why, paid, gifts };
            self.hand_out(conn, request, (hand.order(), &effect, &by), firing, &giving).await?;
        }
        Ok(())
    }

    /// From now on a gift is good.
    fn make_gift_good(&self, row: &mut CompensationRow, now: Timestamp) {
        row.given_at = Some(now);
        row.state = GiftState::Given;
        if row.kind.is_coupon() {
            row.code = Some(drawn());
        }
        if row.kind != GiftKind::Credit {
            let zone = self.shop_zone();
            let last = local_day(now, &zone).checked_add(row.days.days()).ok();
            let end = last.and_then(|last| last.checked_add(1.day()).ok()).and_then(|day| day.to_zoned(zone).ok());
            row.expires_at = end.map(|end| end.timestamp());
        }
    }

    /// Books what goes into a ledger, and has those told whom it concerns.
    async fn hand_gift_over(
        &self,
        conn: &mut Conn<'_>,
        row: &CompensationRow,
        order: &OrderRow,
        giving: &Giving<'_>,
    ) -> Result<(), StoreError> {
        match row.kind {
            GiftKind::Points => {
                let entry = PointsEntry {
                    rma: Some(row.rma),
                    order: Some(row.order.clone()),
                    expires_at: row.expires_at,
                    ..PointsEntry::new(row.holder.clone(), PointsKind::Give, row.value, cause_of(row), giving.now)
                };
                store::book_points(conn, &entry).await?;
            }
            GiftKind::Credit => {
                let amount = Money::new(row.value, row.currency);
                let entry = CreditEntry {
                    rma: Some(row.rma),
                    order: Some(row.order.clone()),
                    expires_at: self.credit_ends_at(order, giving.now),
                    ..CreditEntry::new(row.holder.clone(), CreditKind::Bonus, amount, cause_of(row), giving.now)
                };
                store::book_credit(conn, &entry).await?;
            }
            GiftKind::Percent | GiftKind::Amount | GiftKind::FreeShipping => giving.tell_shop(conn, "coupon.given", row).await?,
        }
        giving.tell_customer(conn, Occasion::CompensationGiven, row).await
    }

    /// Takes back what of a firing was not used; where nothing of it is left, something may be given for its goods again.
    async fn withdraw_gift(
        &self,
        conn: &mut Conn<'_>,
        rows: &[CompensationRow],
        rma: RmaNumber,
        firing: &str,
        giving: &Giving<'_>,
    ) -> Result<(), StoreError> {
        let mut all = true;
        for row in rows.iter().filter(|row| row.firing == firing && row.state != GiftState::Withdrawn) {
            let gone = row.state.is_open() && take_from_ledger(conn, row, giving.now).await? && {
                let now = giving.now.as_millisecond();
                store::end_compensation(conn, &row.id, row.state, GiftState::Withdrawn, now, None).await?
            };
            all &= gone;
            if !gone {
                continue;
            }
            uncount(conn, rows, row).await?;
            if row.state == GiftState::Given {
                giving.tell_shop(conn, "coupon.withdrawn", row).await?;
                giving.tell_customer(conn, Occasion::CompensationWithdrawn, row).await?;
            }
        }
        if all {
            store::forget_causes(conn, rma, firing).await?;
        }
        Ok(())
    }

    /// Somebody says yes, or no, to what waits for them.
    pub async fn decide_compensation(&self, access: &AtCompensations, id: &str, give: bool) -> Result<CompensationRow, DecideGiftError> {
        let hooks = self.hooks().await?;
        let (services, by, id, now) = (self.clone(), access.by().clone(), id.to_owned(), self.clock.now());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let asked = store::find_compensation(conn, &id).await?.ok_or(DecideGiftError::Unknown)?;
                store::lock_order(conn, &asked.order).await?;
                let rows = store::compensations_of(conn, asked.rma).await?;
                let order = store::find_order(conn, &asked.order).await?.ok_or(DecideGiftError::Unknown)?;
                let giving = Giving { now, hooks: &hooks, doing: None };
                let mut answer = asked.clone();
                // What one firing of a rule gives is decided together.
                for row in rows.iter().filter(|row| row.firing == asked.firing) {
                    if row.state != GiftState::Waiting {
                        let same = if give { row.state == GiftState::Given } else { row.state == GiftState::Refused };
                        if same {
                            answer = row.clone();
                            continue;
                        }
                        return Err(DecideGiftError::Decided(row.state));
                    }
                    let mut row = CompensationRow { decided_by: Some(by.actor.clone()), ..row.clone() };
                    if give {
                        services.make_gift_good(&mut row, now);
                        store::give_compensation(conn, &row).await?;
                        services.hand_gift_over(conn, &row, &order, &giving).await?;
                    } else {
                        let at = now.as_millisecond();
                        store::end_compensation(conn, &row.id, GiftState::Waiting, GiftState::Refused, at, Some(&by.actor)).await?;
                        (row.state, row.ended_at) = (GiftState::Refused, Some(now));
                        uncount(conn, &rows, &row).await?;
                    }
                    let note = by.note(now, if give { "give_compensation" } else { "refuse_compensation" }, format!("return:{}", row.rma));
                    let after = Some(format!("{} {} {}", row.kind, row.value, row.state));
                    store::note_audit(conn, &AuditNote { before: Some(GiftState::Waiting.to_string()), after, ..note }).await?;
                    if row.id == asked.id {
                        answer = row;
                    }
                }
                Ok(answer)
            })
        });
        let decided = written.await?;
        self.done(decided.rma);
        Ok(decided)
    }

    /// Has holders reminded, each once, of coupons that end within a week, and ends what is over.
    pub async fn end_compensations(&self) -> Result<(), StoreError> {
        let (now, hooks) = (self.clock.now(), self.hooks().await?);
        let by = now.checked_add(REMINDED_BEFORE).unwrap_or(Timestamp::MAX).as_millisecond();
        loop {
            let hooks = hooks.clone();
            let done = self.store.write(move |mut conn| {
                Box::pin(async move {
                    let conn = &mut conn;
                    let giving = Giving { now, hooks: &hooks, doing: None };
                    let over = store::coupons_over(conn, now.as_millisecond(), MOST).await?;
                    for row in &over {
                        let ended =
                            store::end_compensation(conn, &row.id, GiftState::Given, GiftState::Expired, now.as_millisecond(), None);
                        if ended.await? {
                            giving.tell_shop(conn, "coupon.expired", row).await?;
                        }
                    }
                    let soon = store::coupons_to_remind(conn, by, MOST).await?;
                    for id in &soon {
                        if store::note_coupon_reminded(conn, id, now.as_millisecond()).await?
                            && let Some(row) = store::find_compensation(conn, id).await?
                        {
                            giving.tell_customer(conn, Occasion::CompensationEnding, &row).await?;
                        }
                    }
                    Ok::<_, StoreError>(over.len().max(soon.len()))
                })
            });
            if done.await? < MOST as usize {
                return Ok(());
            }
        }
    }

    /// All that was given in a return, the oldest first.
    pub async fn compensations_of(&self, rma: RmaNumber) -> Result<Vec<CompensationRow>, StoreError> {
        store::compensations_of(&mut self.store.read().await?.conn(), rma).await
    }

    /// Puts what was given on top into a return's timeline, and answers it.
    pub async fn tell_gifts(&self, entries: &mut Vec<Entry>, rma: RmaNumber) -> Result<Vec<CompensationRow>, StoreError> {
        let mut rows = self.compensations_of(rma).await?;
        rows.retain(|row| row.given_at.is_some() && row.state.is_told());
        let moments = rows.iter().flat_map(|row| {
            let gift = row.said();
            let given = row.given_at.map(|at| (at, Moment::Compensated { gift, fault: row.fault() }));
            let ended = row.ended_at.map(|at| (at, Moment::CompensationEnded { gift, how: row.state }));
            given.into_iter().chain(ended)
        });
        with_gifts(entries, moments);
        Ok(rows)
    }

    /// A gift with the order that it was given for.
    pub async fn compensation(&self, id: &str) -> Result<Option<(CompensationRow, OrderRow)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(row) = store::find_compensation(&mut read.conn(), id).await? else { return Ok(None) };
        let order = store::find_order(&mut read.conn(), &row.order).await?;
        Ok(order.map(|order| (row, order)))
    }

    /// Notes that the customer was told of a gift.
    pub async fn note_compensation_told(&self, id: &str) -> Result<(), StoreError> {
        let (id, now) = (id.to_owned(), self.clock.millis());
        self.store.write(move |mut conn| Box::pin(async move { store::note_compensation_told(&mut conn, &id, now).await })).await
    }

    /// What waits for a person, the oldest first.
    pub async fn compensations_waiting(&self) -> Result<Vec<CompensationRow>, StoreError> {
        store::compensations_waiting(&mut self.store.read().await?.conn(), MOST_GIFTS).await
    }

    /// How much waits for a person.
    pub async fn count_compensations_waiting(&self) -> Result<i64, StoreError> {
        store::count_compensations_waiting(&mut self.store.read().await?.conn(), COUNTED).await
    }

    /// What was given, the newest first, from before one of it.
    pub async fn compensations_given(&self, before: Option<(i64, &str)>, most: i64) -> Result<Vec<CompensationRow>, StoreError> {
        store::compensations_given(&mut self.store.read().await?.conn(), before, most.min(MOST_GIFTS)).await
    }

    /// What was given in that time, and what came of it.
    pub async fn gift_figures(&self, from: Timestamp, until: Timestamp) -> Result<Vec<GiftFigures>, StoreError> {
        let (from, until) = (from.as_millisecond(), until.as_millisecond());
        store::gift_figures(&mut self.store.read().await?.conn(), from, until, MOST_FIGURES).await
    }
}

/// What was given and not taken back, by firing.
fn known(rows: &[CompensationRow], causes: &[CauseRow]) -> Vec<Compensated> {
    let mut known: Vec<Compensated> = Vec::new();
    // What was given for a delay is of no goods, and stays.
    let for_delay = |row: &&CompensationRow| causes.iter().any(|cause| cause.firing == row.firing && cause.lot.starts_with(DELAY));
    for row in rows.iter().filter(|row| row.state != GiftState::Withdrawn).filter(|row| !for_delay(row)) {
        if let Some(one) = known.iter_mut().find(|one| one.id == row.firing) {
            one.open |= row.state.is_open();
            continue;
        }
        let (Ok(order), Ok(rule)) = (row.order.parse(), row.rule.parse::<Code>()) else { continue };
        known.push(Compensated {
            id: row.firing.clone(),
            order,
            rule,
            given: if row.at_approval { GivenAt::Approval } else { GivenAt::Inspection },
            lots: causes.iter().filter(|cause| cause.firing == row.firing).filter_map(|cause| cause.lot.parse().ok()).collect(),
            open: row.state.is_open(),
        });
    }
    known
}

fn value_of(gift: Gift) -> i64 {
    match gift {
        Gift::Percent { share, .. } => share.0,
        Gift::Amount(minor) | Gift::Credit(minor) => minor,
        Gift::FreeShipping => 0,
        Gift::Points(points) => points,
    }
}

/// A code that nobody guesses.
fn drawn() -> CouponCode {
    loop {
        if let Some(code) = CouponCode::from_random(rand::random()) {
            return code;
        }
    }
}

/// Why a ledger has an entry of a gift.
pub(super) fn cause_of(row: &CompensationRow) -> String {
    format!("compensation:{}", row.id)
}

/// Takes points or credit back that nobody used any of. Whether that could be done; a coupon is in no ledger.
async fn take_from_ledger(conn: &mut Conn<'_>, row: &CompensationRow, now: Timestamp) -> Result<bool, StoreError> {
    if row.state != GiftState::Given {
        return Ok(true);
    }
    match row.kind {
        GiftKind::Points => {
            let Some(entry) = store::find_points_entry(conn, &cause_of(row)).await? else { return Ok(true) };
            if left_of_points(conn, &entry).await? < row.value {
                return Ok(false);
            }
            let cause = format!("{WITHDRAWS}{}", entry.id);
            let back =
                PointsEntry { rma: Some(row.rma), ..PointsEntry::new(row.holder.clone(), PointsKind::Withdraw, -row.value, cause, now) };
            Ok(store::book_points(conn, &back).await? != store::Booked::TooMuch)
        }
        GiftKind::Credit => {
            let Some(entry) = store::find_credit_entry(conn, &cause_of(row)).await? else { return Ok(true) };
            if left_of_credit(conn, &entry, true).await? < row.value {
                return Ok(false);
            }
            let (cause, amount) = (format!("{WITHDRAWS}{}", entry.id), Money::new(-row.value, row.currency));
            let back = CreditEntry { rma: Some(row.rma), ..CreditEntry::new(row.holder.clone(), CreditKind::Adjust, amount, cause, now) };
            Ok(store::book_credit(conn, &back).await? != store::Booked::TooMuch)
        }
        GiftKind::Percent | GiftKind::Amount | GiftKind::FreeShipping => Ok(true),
    }
}

impl AboutCompensation {
    fn job(occasion: Occasion, rma: RmaNumber, id: &str, now: Timestamp) -> NewJob {
        NewJob::new(occasion.mail_job(), &json!(Self { id: id.to_owned() }), now.as_millisecond()).about(rma.to_string())
    }
}
