//! What is held of a customer: handed out, and erased.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::credit::named;
use super::json::Json;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Asks, AtPrivacy, EraseError};
use crate::store::ErasureRow;

/// That a customer was erased.
#[derive(Serialize, ToSchema)]
#[schema(as = Erasure, example = json!({"id": "erased-Zk1v0m2pXw9aBcDeFgHiJk", "erased_at": "2026-11-28T09:30:00Z", "orders": 3, "returns": 2, "files": 4,
    "files_gone_at": null}))]
pub struct ErasureOut {
    /// Names the erasure, in the audit trail too; nothing in it leads to the customer.
    id: String,
    #[schema(format = DateTime)]
    erased_at: String,
    /// Orders that nobody's name stands on any more.
    orders: i64,
    /// Returns likewise.
    returns: i64,
    /// Photos, documents and labels.
    files: i64,
    /// When those and the mails were gone, too: within seconds, later where the place they lie in does not answer.
    #[schema(format = DateTime)]
    files_gone_at: Option<String>,
}

impl From<ErasureRow> for ErasureOut {
    fn from(row: ErasureRow) -> Self {
        let ErasureRow { id, at, orders, returns, files, files_gone_at, .. } = row;
        Self { id, erased_at: at.to_string(), orders, returns, files, files_gone_at: files_gone_at.map(|at| at.to_string()) }
    }
}

/// All that is held of a customer, in one document: what the shop told of them, their orders as they were told, returns with every event, statements of
/// withdrawal, messages, ledgers, and where their photos are (`GET /api/v1/evidence/{id}`). Also what people at work noted for each other: look at it
/// before you hand it out. Customers are named as orders name them (`customer.id`); who has no name there is named by their mail address. Orders without
/// a name belong to a customer whose mail address they have, where nobody else has it. 404: nothing is held of them.
#[utoipa::path(
    get, path = "/v1/customers/{id}/export", operation_id = "export_customer", tag = "shop",
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = Object, description = "One JSON document"), (status = 404, description = "Nothing is held of them"))
)]
pub async fn export(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<Map<String, Value>>, Problem> {
    leave(&desk)?;
    let account = state.services.account_named(&named(&id)?).await?;
    let file = state.services.export_account(&account, true).await?;
    file.map(Json).ok_or_else(|| Problem::not_found(EraseError::Unknown.to_string()))
}

/// Erase a customer: what names, reaches or describes them goes from orders, returns, messages and the trail, and so do all words, photos, labels and
/// mails. What was bought, returned and paid stays, with its ledgers, under a name that leads to nobody. It cannot be undone. Sent again it answers what
/// was done. An order of theirs that the shop tells again is taken in without them; a new order is a new customer's. 409: a return is open
/// (`returns-open`), money is still to be paid (`money-owed`), or a withdrawal waits for an answer (`withdrawal-waits`). 404: nothing is held of them.
#[utoipa::path(
    post, path = "/v1/customers/{id}/erase", operation_id = "erase_customer", tag = "shop",
    params(("id" = String, Path, description = "The customer, as in `export`")),
    responses((status = 200, body = ErasureOut), (status = 409, description = "Not now"), (status = 404, description = "Nothing is held of them"))
)]
pub async fn erase(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    _: Bytes,
) -> Result<Json<ErasureOut>, Problem> {
    let access = leave(&desk)?;
    let account = state.services.account_named(&named(&id)?).await?;
    let row = state.services.erase_account(&account, Asks::AtWork(access)).await.map_err(refusal)?;
    Ok(Json(row.into()))
}

fn leave(desk: &MachineDesk) -> Result<AtPrivacy, Problem> {
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to what is held of customers");
    AtPrivacy::of_machine(&desk.key).ok_or_else(forbidden)
}

fn refusal(error: EraseError) -> Problem {
    let not_now = |kind: &str, why: &EraseError| Problem::new(StatusCode::CONFLICT, kind, why.to_string());
    match error {
        EraseError::Unknown => Problem::not_found(error.to_string()),
        EraseError::Open(_) => not_now("returns-open", &error),
        EraseError::Owed => not_now("money-owed", &error),
        EraseError::Withdrawal => not_now("withdrawal-waits", &error),
        EraseError::Store(error) => error.into(),
    }
}
