//! What the shop tells beside its orders: stock, and customers.

use domain::ids::Sku;
use domain::order::{Customer, CustomerDocument, FieldProblem};
use domain::stock::{StockDocument, StockItem};
use serde::de::DeserializeOwned;

use super::Services;
use crate::store::{self, Put, StockRow, StoreError};

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
                    let put = store::put_stock(&mut conn, warehouse.as_str(), &item, now).await?;
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
        let now = self.clock.millis();
        self.store
            .write(move |mut conn| {
                Box::pin(async move { Ok(store::put_customer(&mut conn, &id, email_key.as_deref(), &document, now).await?) })
            })
            .await
    }
}
