//! What is held of a customer, as an admin hands it out or erases it.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Held, Mistake, PrivacyPage, StaffTold};
use app::staff::PrivacyForm;
use domain::staff::Room;
use serde_json::{Map, Value};

use super::{Kept, StaffDesk, StaffNext};
use crate::desks::erasing::against_and_lost;
use crate::desks::failed;
use crate::services::{Asks, AtPrivacy, EraseError};
use crate::store::StoreError;

const PAGE: &str = "/staff/privacy";
/// Letters of a name or address.
const LONGEST: usize = 320;

impl StaffDesk {
    fn at_privacy(&self) -> Result<AtPrivacy, DeskError> {
        let access = AtPrivacy::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Privacy.who().to_vec() })
    }

    pub(super) async fn privacy(&self, customer: &str) -> Result<PrivacyPage, DeskError> {
        let access = self.at_privacy()?;
        let kept = self.take_kept(PAGE).await?;
        let asked = asked(customer);
        let name = asked.clone();
        let found = async {
            let account = self.services.account_named(&name).await?;
            let Some((orders, returns)) = self.services.held_of(&access, &account).await? else { return Ok(None) };
            let (against, lost) = against_and_lost(&self.services, &account).await?;
            Ok(Some(Held { orders, returns, against, lost }))
        };
        let held = match asked.is_empty() {
            true => None,
            false => found.await.map_err(|error: StoreError| failed(&error))?,
        };
        Ok(PrivacyPage { rail: self.rail(kept.told).await?, asked, held, mistakes: kept.mistakes })
    }

    /// "Download everything": one document.
    pub async fn customer_file(&self, customer: &str) -> Result<Map<String, Value>, DeskError> {
        let access = self.at_privacy()?;
        let account = self.services.account_named(&asked(customer)).await.map_err(|error| failed(&error))?;
        let file = self.services.export_at_work(&access, &account).await.map_err(|error| failed(&error))?;
        file.ok_or(DeskError::NotFound)
    }

    /// "Erase for good".
    pub async fn erase_customer(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_privacy()?;
        let form = PrivacyForm::parse(fields);
        let page = PrivacyForm::page_of(&form.customer);
        if !form.is_sure() {
            return self.not_erased(page, PrivacyForm::TYPED, Mistake::EraseOther).await;
        }
        let account = self.services.account_named(&form.customer).await.map_err(|error| failed(&error))?;
        match self.services.erase_account(&account, Asks::AtWork(access)).await {
            Ok(_) => self.told(StaffTold::Erased, PAGE).await,
            // The page says that nothing is held of them.
            Err(EraseError::Unknown) => Ok(StaffNext::to(page)),
            Err(EraseError::Store(error)) => Err(failed(&error)),
            // And it says why.
            Err(EraseError::Open(_) | EraseError::Owed | EraseError::Withdrawal) => self.not_erased(page, "", Mistake::EraseNotNow).await,
        }
    }

    /// Back to the customer, with what was wrong; what names them is in the address alone.
    async fn not_erased(&self, page: String, field: &str, mistake: Mistake) -> Result<StaffNext, DeskError> {
        self.keep(Kept { at: PAGE.to_owned(), mistakes: vec![noted(field, mistake)], ..Kept::default() }).await?;
        Ok(StaffNext::to(page))
    }
}

/// Whom somebody means.
fn asked(customer: &str) -> String {
    customer.trim().chars().take(LONGEST).collect()
}
