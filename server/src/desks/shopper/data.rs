//! What is held of somebody: handed out to them, and erased.

use app::account::EraseForm;
use app::forms::Fields;
use app::ports::{DataPage, DeskError, Lost, NotErasedNow};
use domain::compensation::GiftState;
use domain::entry::Account;
use serde_json::{Map, Value};

use super::{Desk, Next};
use crate::services::{Asks, EraseError, state_at};

/// Where somebody says that they are sure.
const ERASE: &str = "/account/erase";

impl Desk {
    /// Whose account this is, while it is not asked whose.
    fn own_account(&self) -> Option<&Account> {
        let data = &self.visitor.session.data;
        data.account.as_ref().filter(|_| data.other_account.is_none())
    }

    pub(super) async fn data(&self) -> Result<DataPage, DeskError> {
        let Some(account) = self.own_account() else { return Ok(DataPage::Unknown) };
        let against = match self.services.stands_against_erasing(account).await? {
            None => None,
            Some(EraseError::Open(open)) => Some(NotErasedNow::Open(open)),
            Some(EraseError::Withdrawal) => Some(NotErasedNow::Withdrawal),
            Some(EraseError::Store(error)) => return Err(error.into()),
            Some(EraseError::Owed | EraseError::Unknown) => Some(NotErasedNow::Owed),
        };
        let mut lost: Vec<Lost> = self.services.credit_of_account(account).await?.balances.into_iter().map(Lost::Credit).collect();
        let points = self.services.points_of_account(account).await?.balance;
        lost.extend(u64::try_from(points).ok().filter(|points| *points > 0).map(Lost::Points));
        let now = self.services.clock.now();
        let coupons = self.services.compensations_of_account(account).await?;
        let coupons = coupons.iter().filter(|row| row.code.is_some() && state_at(row, now) == GiftState::Given).count() as u64;
        lost.extend((coupons > 0).then_some(Lost::Coupons(coupons)));
        Ok(DataPage::Theirs { against, lost })
    }

    /// "Download my data": one document.
    pub async fn export_own(&self) -> Result<Map<String, Value>, DeskError> {
        let account = self.own_account().ok_or(DeskError::NotFound)?;
        self.services.export_account(account, false).await?.ok_or(DeskError::NotFound)
    }

    /// "Erase my data".
    pub async fn erase_own(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let Some(account) = self.own_account().cloned() else { return Ok(Next::to(ERASE)) };
        if !EraseForm::parse(fields).sure {
            return Ok(Next::to(ERASE));
        }
        match self.services.erase_account(&account, Asks::Themselves).await {
            // Nothing is held of them: that is what they want.
            Ok(_) | Err(EraseError::Unknown) => {}
            Err(EraseError::Store(error)) => return Err(error.into()),
            // The page says why.
            Err(_) => return Ok(Next::to(ERASE)),
        }
        self.visitor.session.end(&self.services).await?;
        Ok(Next::with_session("/account/erased"))
    }
}
