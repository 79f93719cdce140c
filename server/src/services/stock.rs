//! What the shop tells beside its orders, stock and customers; and what returns do to the stock.

use domain::ids::Sku;
use domain::order::{Customer, CustomerDocument, FieldProblem};
use domain::returns::{Return, Role, StockState, stock_here, stock_moves};
use domain::stock::{StockDocument, StockItem};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Services;
use super::later::StockAlert;
use super::webhooks::{Hooks, tell_stock};
use crate::store::{self, Conn, Put, StockCause, StockRow, StoreError, Threshold};

/// Why what was told was refused.
#[derive(Debug, thiserror::Error)]
pub enum StockProblem {
    /// Fields that are wrong; never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldProblem>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, StockProblem> {
    domain::json::read(json).map_err(|wrong| StockProblem::Fields(vec![FieldProblem::not_read(wrong)]))
}

/// Writes down what a command did to the stock.
pub(super) async fn move_stock(
    conn: &mut Conn<'_>,
    stood: &Return,
    now: &Return,
    cause: &StockCause,
    hooks: &Hooks,
) -> Result<(), StoreError> {
    let moves = stock_moves(stood, now);
    if moves.is_empty() {
        return Ok(());
    }
    // What came before there was a ledger is in it first, or it would leave what it never came to. What was sellable then is in the shop's count.
    let mut here = stock_here(stood);
    here.retain(|one| one.to != Some(StockState::Sellable));
    if !here.is_empty() && store::stock_moves_of(conn, now.rma).await?.is_empty() {
        let first = StockCause { rma: now.rma, seq: stood.version, at: cause.at, undone: false };
        store::move_stock(conn, &first, here).await?;
    }
    tell_stock(conn, hooks, cause, &moves).await?;
    store::move_stock(conn, cause, moves).await?;
    alert(conn, cause.at).await
}

/// Tells whoever works in the warehouse of limits that were just reached (C25): of each once, until it is fallen below again.
async fn alert(conn: &mut Conn<'_>, now: i64) -> Result<(), StoreError> {
    let reached = store::thresholds_reached(conn, now).await?;
    if reached.is_empty() {
        return Ok(());
    }
    let there = |row: &store::StaffRow| row.ended_at.is_none() && row.member.roles.has(Role::Warehouse);
    let people: Vec<store::StaffRow> = store::list_staff(conn).await?.into_iter().filter(there).collect();
    for Threshold { warehouse, sku, state, units, lie } in reached {
        for row in people.iter().filter(|row| warehouse.is_none() || row.member.limits.allows_warehouse(warehouse.as_deref())) {
            let (to, name) = (row.member.email.clone(), row.member.name.clone());
            let alert = StockAlert { to, name, warehouse: warehouse.clone(), sku: sku.clone(), state, units, lie };
            store::enqueue(conn, &alert.mail(now)).await?;
        }
    }
    Ok(())
}

impl Services {
    /// Takes in how much of a product a warehouse has.
    pub async fn put_stock(&self, warehouse: &str, sku: &str, json: &[u8]) -> Result<(Put, StockRow), StockProblem> {
        let document: StockDocument = read(json)?;
        let item = StockItem::parse(sku, &document).map_err(StockProblem::Fields)?;
        // A warehouse's name has the form of a product's.
        let warehouse = warehouse.parse::<Sku>().map_err(|error| StockProblem::Fields(vec![FieldProblem::new("warehouse", error)]))?;
        let now = self.clock.millis();
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let known = store::stock_of(&mut conn, item.sku.as_str()).await?;
                    let known = known.iter().find(|row| row.warehouse == warehouse.as_str()).map_or(0, |row| row.item.quantity);
                    let put = store::put_stock(&mut conn, warehouse.as_str(), &item, now).await?;
                    if item.quantity != known {
                        let (id, units) = (Uuid::now_v7().to_string(), i64::from(item.quantity) - i64::from(known));
                        store::note_stock_told(&mut conn, &id, now, warehouse.as_str(), item.sku.as_str(), units).await?;
                    }
                    let rows = store::stock_of(&mut conn, item.sku.as_str()).await?;
                    let row = rows.into_iter().find(|row| row.warehouse == warehouse.as_str());
                    Ok((put, row.unwrap_or(StockRow { warehouse: warehouse.to_string(), item, reserved: 0 })))
                })
            })
            .await
    }

    /// Takes in what the shop knows of a customer: their tier of today counts for all their orders.
    pub async fn put_customer(&self, id: &str, json: &[u8]) -> Result<Put, StockProblem> {
        let mut document: CustomerDocument = read(json)?;
        let id = id.parse::<Sku>().map_err(|error| StockProblem::Fields(vec![FieldProblem::new("id", error)]))?.to_string();
        if let Some(said) = document.id.as_ref().filter(|said| **said != id) {
            return Err(StockProblem::Fields(vec![FieldProblem::new("id", format!("is `{said}`, but the address says `{id}`"))]));
        }
        document.id = Some(id.clone());
        let customer = Customer::parse(&document).map_err(StockProblem::Fields)?;
        let email_key = customer.email.as_ref().map(|email| email.key());
        let (now, seals) = (self.clock.millis(), self.seals_of_erased(&id));
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    if store::stays_erased(&mut conn, &id, &seals).await? {
                        let CustomerDocument { id: named, tier, locale, .. } = document;
                        let document = CustomerDocument { id: named, tier, locale, ..CustomerDocument::default() };
                        return Ok(store::put_customer(&mut conn, &id, None, &document, now).await?);
                    }
                    Ok(store::put_customer(&mut conn, &id, email_key.as_deref(), &document, now).await?)
                })
            })
            .await
    }
}
