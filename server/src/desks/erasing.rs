//! What stands against erasing somebody, and what they would lose: the same for themselves and for people at work.

use app::ports::{Lost, NotErasedNow};
use domain::compensation::GiftState;
use domain::entry::Account;

use crate::services::{EraseError, Services, state_at};
use crate::store::StoreError;

/// Why somebody cannot be erased now, where something stands against it; and what they could still spend.
pub(super) async fn against_and_lost(services: &Services, account: &Account) -> Result<(Option<NotErasedNow>, Vec<Lost>), StoreError> {
    let against = match services.stands_against_erasing(account).await? {
        None => None,
        Some(EraseError::Open(open)) => Some(NotErasedNow::Open(open)),
        Some(EraseError::Withdrawal) => Some(NotErasedNow::Withdrawal),
        Some(EraseError::Store(error)) => return Err(error),
        Some(EraseError::Owed | EraseError::Unknown) => Some(NotErasedNow::Owed),
    };
    let mut lost: Vec<Lost> = services.credit_of_account(account).await?.balances.into_iter().map(Lost::Credit).collect();
    let points = services.points_of_account(account).await?.balance;
    lost.extend(u64::try_from(points).ok().filter(|points| *points > 0).map(Lost::Points));
    let now = services.clock.now();
    let coupons = services.compensations_of_account(account).await?;
    let coupons = coupons.iter().filter(|row| row.code.is_some() && state_at(row, now) == GiftState::Given).count() as u64;
    lost.extend((coupons > 0).then_some(Lost::Coupons(coupons)));
    Ok((against, lost))
}
