//! Coupons (C34): looked at, used once and given free again by the shop's checkout.

use domain::compensation::{CouponCode, GiftKind, GiftState};
use domain::entry::Account;
use domain::money::Money;
use domain::policy::BasisPoints;
use jiff::Timestamp;

use super::Services;
use super::access::AtCredit;
use super::compensations::MOST_GIFTS;
use super::credit::{holder_of, holders};
use super::webhooks::told_of_coupon;
use crate::store::{self, AuditNote, CompensationRow, Conn, CouponUse, StoreError};

/// A coupon, with its uses, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    pub row: CompensationRow,
    pub uses: Vec<CouponUse>,
    /// As it stands now: what is over is, whether it was noted yet or not.
    pub state: GiftState,
}

/// A coupon that is to be used.
#[derive(Clone, Debug)]
pub struct CouponRedeem {
    /// Number of the order.
    pub order: String,
    /// What it takes off; for free shipping that may be nothing.
    pub amount: Money,
}

/// Why a coupon was not used, or not given free.
#[derive(Debug, thiserror::Error)]
pub enum CouponError {
    #[error("there is no such coupon")]
    Unknown,
    #[error("it was used on order {0}")]
    Used(String),
    #[error("its time is over since {0}")]
    Over(Timestamp),
    #[error("it was taken back: what it was given for turned out otherwise")]
    Withdrawn,
    #[error("it is good in {0} only")]
    Currency(domain::money::Currency),
    #[error("it takes off {} {} at most", .0.decimal(), .0.currency)]
    TooMuch(Money),
    #[error("it is good for purchases of {} {} or more", .0.decimal(), .0.currency)]
    TooLittle(Money),
    #[error("it belongs to another customer")]
    NotTheirs,
    #[error("it was not used on that order")]
    NotUsed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// A coupon by its code; nothing where there is none.
    pub async fn coupon(&self, code: CouponCode) -> Result<Option<Coupon>, StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        match store::find_coupon(conn, code).await? {
            Some(row) => Ok(Some(whole(conn, row, self.clock.now()).await?)),
            None => Ok(None),
        }
    }

    /// Uses a coupon on an order, once, whoever does so at the same moment. Asked again for the same it is answered the same.
    pub async fn redeem_coupon(&self, access: AtCredit, code: CouponCode, asked: CouponRedeem) -> Result<Coupon, CouponError> {
        let (hooks, now) = (self.hooks().await?, self.clock.now());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_coupon(conn, code).await?.ok_or(CouponError::Unknown)?;
                if is_same(&row, &asked) {
                    return whole(conn, row, now).await.map_err(Into::into);
                }
                check(conn, &row, &asked, now).await?;
                let used = CouponUse { order: asked.order.clone(), amount: asked.amount, at: now, released_at: None };
                let done = store::redeem_coupon(conn, &row.id, &used).await?;
                let row = store::find_coupon(conn, code).await?.ok_or(CouponError::Unknown)?;
                if !done {
                    // Somebody was there at this moment.
                    if is_same(&row, &asked) {
                        return whole(conn, row, now).await.map_err(Into::into);
                    }
                    check(conn, &row, &asked, now).await?;
                    return Err(CouponError::Used(row.used_on.unwrap_or_default()));
                }
                for job in told_of_coupon(&hooks, "coupon.redeemed", &row, now) {
                    store::enqueue(conn, &job).await?;
                }
                note(conn, &access, "redeem_coupon", &row, now).await?;
                whole(conn, row, now).await.map_err(Into::into)
            })
        });
        let coupon: Coupon = written.await?;
        self.done(coupon.row.rma);
        Ok(coupon)
    }

    /// Gives a coupon free again that was used on that order. Asked again it is answered the same.
    pub async fn release_coupon(&self, access: AtCredit, code: CouponCode, order: String) -> Result<Coupon, CouponError> {
        let (hooks, now) = (self.hooks().await?, self.clock.now());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_coupon(conn, code).await?.ok_or(CouponError::Unknown)?;
                let done = store::release_coupon(conn, &row.id, &order, now.as_millisecond()).await?;
                let row = store::find_coupon(conn, code).await?.ok_or(CouponError::Unknown)?;
                if !done {
                    let coupon = whole(conn, row, now).await?;
                    let was = |used: &CouponUse| used.order == order && used.released_at.is_some();
                    return if coupon.uses.iter().any(was) { Ok(coupon) } else { Err(CouponError::NotUsed) };
                }
                for job in told_of_coupon(&hooks, "coupon.released", &row, now) {
                    store::enqueue(conn, &job).await?;
                }
                note(conn, &access, "release_coupon", &row, now).await?;
                whole(conn, row, now).await.map_err(Into::into)
            })
        });
        let coupon: Coupon = written.await?;
        self.done(coupon.row.rma);
        Ok(coupon)
    }

    /// What somebody was given who showed that an account is theirs, the newest first.
    pub async fn compensations_of_account(&self, account: &Account) -> Result<Vec<CompensationRow>, StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let mut rows = Vec::new();
        for holder in holders(conn, account).await? {
            rows.extend(store::compensations_of_holder(conn, &holder, MOST_GIFTS).await?);
        }
        rows.retain(|row| row.given_at.is_some());
        rows.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(rows)
    }
}

fn is_same(row: &CompensationRow, asked: &CouponRedeem) -> bool {
    let same =
        row.used_on.as_deref() == Some(&asked.order) && row.used == Some(asked.amount.minor) && row.currency == asked.amount.currency;
    row.state == GiftState::Redeemed && same
}

/// How a coupon stands at that moment.
pub fn state_at(row: &CompensationRow, now: Timestamp) -> GiftState {
    let over = row.kind.is_coupon() && row.state == GiftState::Given && row.expires_at.is_some_and(|end| end <= now);
    if over { GiftState::Expired } else { row.state }
}

/// Whether a coupon may be used so.
async fn check(conn: &mut Conn<'_>, row: &CompensationRow, asked: &CouponRedeem, now: Timestamp) -> Result<(), CouponError> {
    match state_at(row, now) {
        GiftState::Given => {}
        GiftState::Redeemed => return Err(CouponError::Used(row.used_on.clone().unwrap_or_default())),
        GiftState::Expired => return Err(CouponError::Over(row.expires_at.unwrap_or(now))),
        GiftState::Withdrawn => return Err(CouponError::Withdrawn),
        GiftState::Waiting | GiftState::Refused | GiftState::Capped => return Err(CouponError::Unknown),
    }
    let money = |minor| Money::new(minor, row.currency);
    if asked.amount.currency != row.currency {
        return Err(CouponError::Currency(row.currency));
    }
    let most = if row.kind == GiftKind::Amount { Some(row.value) } else { row.up_to };
    if let Some(most) = most.filter(|most| asked.amount.minor > *most) {
        return Err(CouponError::TooMuch(money(most)));
    }
    // Where the shop has told us the order, we look at it, too; else only the shop knows.
    let Some(order) = store::find_order(conn, &asked.order).await? else { return Ok(()) };
    if !row.transferable && holder_of(&order).is_some_and(|holder| holder != row.holder) {
        return Err(CouponError::NotTheirs);
    }
    let goods = order.order.goods_value();
    if let Some(least) = row.minimum.filter(|least| order.order.currency == row.currency && goods < *least) {
        return Err(CouponError::TooLittle(money(least)));
    }
    if row.kind == GiftKind::Percent && order.order.currency == asked.amount.currency {
        let most = BasisPoints(row.value).of(goods);
        if asked.amount.minor > most {
            return Err(CouponError::TooMuch(Money::new(most, asked.amount.currency)));
        }
    }
    Ok(())
}

async fn whole(conn: &mut Conn<'_>, row: CompensationRow, now: Timestamp) -> Result<Coupon, StoreError> {
    let uses = store::coupon_uses(conn, &row.id).await?;
    Ok(Coupon { state: state_at(&row, now), row, uses })
}

async fn note(conn: &mut Conn<'_>, access: &AtCredit, what: &str, row: &CompensationRow, now: Timestamp) -> Result<(), StoreError> {
    // Its code would let whoever reads this use it.
    let note = access.by().note(now, what, format!("coupon:{}", row.id));
    let after = Some(format!("{} on {}", row.state, row.used_on.as_deref().unwrap_or("nothing")));
    store::note_audit(conn, &AuditNote { after, ..note }).await
}
