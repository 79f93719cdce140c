//! What shops tell beside their orders, by machine: stock and customers.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::Sku;
use domain::returns::StockState;
use domain::stock::StockItem;
use serde::Serialize;
use utoipa::ToSchema;

use super::json::Json;
use super::problem::Problem;

use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::store::{Put, StockRow};

/// A product in a warehouse.
#[derive(Serialize, ToSchema)]
#[schema(as = Stock)]
pub struct StockOut {
    /// Where.
    warehouse: String,
    /// What.
    sku: String,
    /// Units that can be sold, as the shop told and returns changed since: `sellable`.
    quantity: u32,
    /// Units that can be sold, those held for exchanges included.
    sellable: u32,
    /// Units of those held for exchanges that were approved.
    reserved: u32,
    /// Units that can still be promised.
    available: u32,
    /// Came back, and nobody has decided yet where they go.
    quarantine: i64,
    /// Came back broken or worthless, and are kept apart.
    defective: i64,
    /// With the workshop.
    in_repair: i64,
    /// For less money, by another channel.
    promotion: i64,
    /// Gone as waste.
    scrapped: i64,
    /// Gone back to whoever sold them to the shop.
    returned_to_vendor: i64,
}

impl StockOut {
    fn of(row: StockRow, kept: &[(StockState, i64)]) -> Self {
        let lie = |state: StockState| kept.iter().filter(|(known, _)| *known == state).map(|(_, units)| units).sum();
        Self {
            available: row.available(),
            sku: row.item.sku.to_string(),
            quantity: row.item.quantity,
            sellable: row.item.quantity,
            reserved: row.reserved,
            warehouse: row.warehouse,
            quarantine: lie(StockState::Quarantine),
            defective: lie(StockState::Defective),
            in_repair: lie(StockState::InRepair),
            promotion: lie(StockState::Promotion),
            scrapped: lie(StockState::Scrapped),
            returned_to_vendor: lie(StockState::ReturnedToVendor),
        }
    }
}

fn status(put: Put) -> StatusCode {
    if put == Put::Created { StatusCode::CREATED } else { StatusCode::OK }
}

/// Tell how much of a product a warehouse can sell; what is held for exchanges is part of it. Products of the same `variant_of` can be
/// exchanged for each other, at the difference of their prices. Sending the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/stock/{warehouse}/{sku}", tag = "shop",
    params(("warehouse" = String, Path, description = "The warehouse"), ("sku" = String, Path, description = "The product")),
    request_body(content = ref("#/components/schemas/StockCount"), description = "All but `quantity` may be left out; a price needs its currency"),
    responses((status = 201, body = StockOut), (status = 200, body = StockOut))
)]
pub async fn put_stock(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path((warehouse, sku)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let (put, row) = state.services.put_stock(&warehouse, &sku, &body).await?;
    let kept = desk.stock_kept(&warehouse, &sku).await?;
    Ok((status(put), Json(StockOut::of(row, &kept))).into_response())
}

/// How much of a product a warehouse has.
#[utoipa::path(
    get, path = "/v1/stock/{warehouse}/{sku}", tag = "shop",
    params(("warehouse" = String, Path, description = "The warehouse"), ("sku" = String, Path, description = "The product")),
    responses((status = 200, body = StockOut))
)]
pub async fn get_stock(desk: MachineDesk, Path((warehouse, sku)): Path<(String, String)>) -> Result<Json<StockOut>, Problem> {
    let (row, kept) = (desk.stock(&warehouse, &sku).await?, desk.stock_kept(&warehouse, &sku).await?);
    // What came back is there, though the shop never told of the product.
    let row = match (row, sku.parse::<Sku>()) {
        (Some(row), _) => Some(row),
        (None, Ok(sku)) if !kept.is_empty() => {
            let item = StockItem { sku, quantity: 0, variant_of: None, name: None, variant: None, price: None };
            Some(StockRow { warehouse: warehouse.clone(), item, reserved: 0 })
        }
        (None, _) => None,
    };
    let unknown = || Problem::not_found(format!("nothing is known of `{sku}` in `{warehouse}`"));
    row.map(|row| Json(StockOut::of(row, &kept))).ok_or_else(unknown)
}

/// What became of a customer.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerOutcome)]
pub struct CustomerPut {
    /// The shop's name for them.
    id: String,
    /// `created`, `replaced` or `unchanged`.
    outcome: &'static str,
}

/// Tell what the shop knows of a customer: name, contacts, tier, language. The tier told here is that of today for all their orders: where an order told
/// another, the better of both counts by the policy's `tier_ranking`, or the one that its `tier_counts` names; of a policy without them that of today.
/// The rest fills in what an order leaves out.
#[utoipa::path(
    put, path = "/v1/customers/{id}", tag = "shop", params(("id" = String, Path, description = "The shop's name for them, as orders have it")),
    request_body(content = ref("#/components/schemas/Customer"), description = "`id` may be left out: the address has it"),
    responses((status = 201, body = CustomerPut), (status = 200, body = CustomerPut))
)]
pub async fn put_customer(State(state): State<AppState>, Path(id): Path<String>, body: Bytes) -> Result<Response, Problem> {
    let put = state.services.put_customer(&id, &body).await?;
    Ok((status(put), Json(CustomerPut { id, outcome: put.code() })).into_response())
}
