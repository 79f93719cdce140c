//! What is held of somebody: handed out to them, and erased.

use app::account::EraseForm;
use app::forms::Fields;
use app::ports::{DataPage, DeskError};
use domain::entry::Account;
use serde_json::{Map, Value};

use super::{Desk, Next};
use crate::desks::erasing::against_and_lost;
use crate::services::{Asks, EraseError};

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
        let (against, lost) = against_and_lost(&self.services, account).await?;
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
