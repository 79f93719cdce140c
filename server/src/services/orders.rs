//! Orders come in, one at a time.

use domain::ids::OrderNumber;
use domain::order::{Admitted, FieldProblem, Order, OrderDocument};
use domain::returns::{Actor, Because, Command, RemedyState, Role, has_left};
use domain::rma::RmaNumber;
use domain::written::loose_number;

use super::Services;
use super::access::Access;
use super::doing::Doing;
use super::refusals::ChangeError;
use super::run::lock_family;
use crate::store::{self, Conn, OrderToPut, Put, StoreError};

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
        let Admitted { order, document, mut notes } = document.admit().map_err(OrderProblem::Fields)?;
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
                let mut family = vec![key.clone()];
                family.extend(served_by(&mut conn, &order).await?);
                lock_family(&mut conn, &family).await?;
                let before = store::find_telling(&mut conn, &key).await?;
                if before.as_ref().is_some_and(|before| before.elsewhere) {
                    return Err(OrderProblem::Fields(vec![FieldProblem::new(
                        "number",
                        "is that of goods bought elsewhere, written down at work",
                    )]));
                }
                let put = store::put_orders(&mut conn, &told, now).await?;
                let (mut others, not_moved) = services.move_remedy_told(&mut conn, &order).await?;
                // What was promised on it may be another amount now.
                let Some(before) = before.filter(|_| put[0] == Put::Replaced) else { return Ok((put[0], others, not_moved)) };
                if !order.has_money_of(&before) {
                    others.extend(services.flag_told_anew(&mut conn, &key, &doing).await?);
                }
                let because = if order.refunds == before.refunds { Because::OrderToldAnew } else { Because::CreditedOutside };
                if order.refunds != before.refunds {
                    services.note_guessed(&mut conn, &key, doing.now).await?;
                }
                others.extend(services.settle_others(&mut conn, &[key], None, because, &doing).await?);
                Ok::<_, OrderProblem>((put[0], others, not_moved))
            })
        });
        let (put, others, not_moved) = put.await?;
        self.done_to(&others);
        notes.extend(not_moved);
        Ok((exactly, put, notes))
    }

    /// What an order says of goods that go out for a return is said of their remedy: that it was ordered, left, arrived, or will not come. Returns that
    /// changed, and why it could not be said.
    async fn move_remedy_told(&self, conn: &mut Conn<'_>, order: &Order) -> Result<(Vec<RmaNumber>, Option<FieldProblem>), OrderProblem> {
        let Some(named) = &order.remedy else { return Ok((Vec::new(), None)) };
        let left = order.deliveries.iter().filter(|delivery| has_left(delivery));
        let tracking = left.clone().filter_map(|delivery| delivery.tracking_number.clone()).next_back();
        let arrived = order.deliveries.iter().map(|delivery| delivery.delivered_at).collect::<Option<Vec<_>>>();
        let (to, at) = match arrived {
            _ if order.cancelled => (RemedyState::CalledOff, None),
            Some(arrived) if !arrived.is_empty() => (RemedyState::Delivered, arrived.into_iter().max()),
            _ if left.clone().next().is_some() => (RemedyState::Shipped, left.filter_map(|delivery| delivery.shipped_at).max()),
            _ => (RemedyState::Ordered, None),
        };
        let reference = Some(tracking.unwrap_or_else(|| order.number.to_string()));
        let of = named.clone();
        let moved = self.run_in(conn, Access::of_system(named.rma), None, &[], move |run| {
            Box::pin(async move {
                // Told late, or again: it is that far already.
                match run.request.remedy_named(&of).filter(|known| known.state < to).map(|known| known.id) {
                    Some(remedy) => run.decide(&Command::MoveRemedy { remedy, to, reference, at }),
                    None => Ok(()),
                }
            })
        });
        match moved.await {
            Ok((carried, others)) => Ok((others.into_iter().chain([carried.request.rma]).collect(), None)),
            Err(ChangeError::Store(error)) => Err(error.into()),
            Err(error) => Ok((Vec::new(), Some(FieldProblem::new("remedy", format!("`{named}` is not moved on: {error}"))))),
        }
    }
}

/// The orders for whose goods it goes out, where it does; wrong where there is no such remedy.
async fn served_by(conn: &mut Conn<'_>, order: &Order) -> Result<Vec<String>, OrderProblem> {
    let Some(named) = &order.remedy else { return Ok(Vec::new()) };
    let found = store::find_return(conn, named.rma).await?;
    let known = found.filter(|request| request.remedy_named(named).is_some());
    let unknown = || OrderProblem::Fields(vec![FieldProblem::new("remedy", format!("`{named}` is of no return here"))]);
    let orders: Vec<String> = known.ok_or_else(unknown)?.orders.iter().map(|part| part.number.to_string()).collect();
    if orders.contains(&order.number.to_string()) {
        return Err(OrderProblem::Fields(vec![FieldProblem::new(
            "remedy",
            "goes out for this order itself: give what goes out a number of its own",
        )]));
    }
    Ok(orders)
}
