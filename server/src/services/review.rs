//! A person decides about a return. What was declined may be thought over, where nobody else has taken its units since.

use domain::returns::{Command, Facts, Return};

use super::Services;
use super::access::Access;
use super::held::units_taken;
use super::once::{Carried, IdempotencyKey};
use super::refusals::ChangeError;
use super::run::Run;
use crate::store::{self, StoreError};

impl Services {
    /// Carries out what was decided; the command is made of the return as it is then. Nothing happens where that has been done before.
    pub async fn review<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        command: impl FnOnce(&Return) -> Result<Command, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run(access, key, Vec::new(), move |run| {
            Box::pin(async move {
                let command = command(&run.request)?;
                let facts = with_free_units(run).await?;
                Ok(run.decide_with(&command, &facts)?)
            })
        });
        story.await
    }
}

/// What the command knows, with the units of its orders that are in no return.
async fn with_free_units(run: &mut Run<'_, '_>) -> Result<Facts, StoreError> {
    let mut free = Vec::new();
    for part in &run.request.orders {
        let Some((row, returns)) = store::find_order_with_returns(run.conn, part.number.as_str()).await? else { continue };
        let units = |line: &domain::order::OrderLine| line.quantity.saturating_sub(units_taken(&row, &returns, &line.id).units);
        free.extend(row.order.lines.iter().map(|line| (row.order.number.clone(), line.id.clone(), units(line))));
    }
    Ok(Facts { free, ..Facts::at(run.now) })
}
