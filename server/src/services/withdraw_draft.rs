//! What somebody fills in before they withdraw, held on the server under a name that nobody guesses. Who has the name sees and changes it: it works
//! where browsers keep no cookies, too.

use app::ports::Noted;
use domain::ids::{LineId, OrderNumber};
use serde::{Deserialize, Serialize};

use super::Services;
use crate::store::{self, StoreError};

/// As it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WithdrawDraft {
    pub name: String,
    /// A number, or what stands in its place.
    pub order: String,
    /// Empty where the order's own is meant.
    pub email: String,
    /// Not the whole order.
    pub some: bool,
    /// Of an order that is theirs: lines, with units.
    pub items: Vec<(LineId, u32)>,
    /// Else, in their words.
    pub words: String,
    /// The order they were recognised for, where it is the one that is meant.
    pub known: Option<OrderNumber>,
    pub mistakes: Vec<Noted>,
}

/// A draft under its name.
#[derive(Clone, Debug)]
pub struct HeldDraft {
    pub draft: WithdrawDraft,
    /// Counts its changes.
    pub version: i64,
    /// The number of the withdrawal it became.
    pub became: Option<String>,
}

impl Services {
    /// Keeps what was filled in under `name`, a new one where there is none; answers it. Nothing where it has become a withdrawal.
    pub async fn keep_withdrawal_draft(&self, name: Option<&str>, draft: &WithdrawDraft) -> Result<Option<String>, StoreError> {
        let name = name.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
        let data = serde_json::to_string(draft).map_err(|error| StoreError::corrupt("draft", error))?;
        let (kept, now) = (name.clone(), self.clock.millis());
        let put =
            self.store.write(move |mut conn| Box::pin(async move { store::put_withdrawal_draft(&mut conn, &kept, &data, now).await }));
        let put: bool = put.await?;
        Ok(put.then_some(name))
    }

    /// The draft of that name.
    pub async fn withdrawal_draft(&self, name: &str) -> Result<Option<HeldDraft>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(stored) = store::find_withdrawal_draft(&mut read.conn(), name).await? else { return Ok(None) };
        let draft = serde_json::from_str(&stored.data).map_err(|error| StoreError::corrupt("draft", error))?;
        Ok(Some(HeldDraft { draft, version: stored.version, became: stored.became }))
    }
}
