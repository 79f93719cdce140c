//! Orders come in, one at a time.

use domain::ids::OrderNumber;
use domain::order::{Admitted, FieldProblem, OrderDocument};
use domain::returns::{Actor, Because, Role};
use domain::written::loose_number;

use super::Services;
use super::doing::Doing;
use super::run::lock_family;
use crate::store::{self, OrderToPut, Put, StoreError};

/// Why an order was refused.
#[derive(Debug, thiserror::Error)]
pub enum OrderProblem {
    /// Fields that are wrong; never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldProblem>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Creates or replaces an order from JSON; answers its number, and what was left out of it or changed. `number`: the one it must have, however
    /// it is written.
    pub async fn put_order(&self, number: &str, json: &[u8]) -> Result<(OrderNumber, Put, Vec<FieldProblem>), OrderProblem> {
        let document = OrderDocument::from_json(json).map_err(|problem| OrderProblem::Fields(vec![problem]))?;
        let Admitted { order, document, notes } = document.admit().map_err(OrderProblem::Fields)?;
        // Not every address can hold every number: `#` and spaces are easily lost on the way. The document says it exactly.
        if loose_number(number) != loose_number(order.number.as_str()) {
            let problem = FieldProblem::new("number", format!("is `{}`, but the address says `{number}`", order.number));
            return Err(OrderProblem::Fields(vec![problem]));
        }
        let (now, exactly) = (self.clock.millis(), order.number.clone());
        let told = [OrderToPut::new(&order, &document)?];
        let (services, key) = (self.clone(), order.number.to_string());
        let doing = Doing::begin(Actor::System, Role::System, self.clock.now(), self.hooks().await?);
        let put = self.store.write(move |mut conn| {
            Box::pin(async move {
                // Before it is written: only what differs from the telling before this one is news.
                lock_family(&mut conn, std::slice::from_ref(&key)).await?;
                let before = store::find_telling(&mut conn, &key).await?;
                if before.as_ref().is_some_and(|before| before.elsewhere) {
                    return Err(OrderProblem::Fields(vec![FieldProblem::new(
                        "number",
                        "is that of goods bought elsewhere, written down at work",
                    )]));
                }
                let put = store::put_orders(&mut conn, &told, now).await?;
                // What was promised on it may be another amount now.
                let Some(before) = before.filter(|_| put[0] == Put::Replaced) else { return Ok((put[0], Vec::new())) };
                let mut others = Vec::new();
                if !order.has_money_of(&before) {
                    others = services.flag_told_anew(&mut conn, &key, &doing).await?;
                }
                let because = if order.refunds == before.refunds { Because::OrderToldAnew } else { Because::CreditedOutside };
                if order.refunds != before.refunds {
                    services.note_guessed(&mut conn, &key, doing.now).await?;
                }
                others.extend(services.settle_others(&mut conn, &[key], None, because, &doing).await?);
                Ok::<_, OrderProblem>((put[0], others))
            })
        });
        let (put, others) = put.await?;
        self.done_to(&others);
        Ok((exactly, put, notes))
    }
}
