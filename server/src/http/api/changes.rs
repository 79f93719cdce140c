//! Changes to a return by machine (N10): items added, another way back, a new label.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::order::AddressDocument;
use domain::policy::Method;
use domain::returns::Pickup;
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{Fields, LineIn, METHODS, PickupIn, address_in, lines_of, read};
use super::call::{Call, writing};
use super::problem::Problem;
use super::returns::{found, rma_of};
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::OtherWay;

/// Items to add.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LinesAdded)]
pub struct AddIn {
    /// Lines; `order` may be left out where the return is about one order.
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<LineIn>,
}

/// Another way of sending it back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MethodSwitch)]
pub struct SwitchIn {
    /// The way.
    pub method: String,
    /// When the door is called at.
    #[serde(default)]
    pub pickup: Option<PickupIn>,
    /// Where, if it is another door than before, in the same country. Only of `pickup`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub from: Option<AddressDocument>,
}

/// Add items to a return, or units to its lines, while everything is with the customer: the same number, one parcel, the money of all of
/// it together. 409: it is too late, or policy says no to all of it. With `Idempotency-Key`, sending it again adds nothing.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/lines", tag = "returns", request_body = AddIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn add_lines(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let request = found(&desk, &rma).await?;
    let given: AddIn = read(&body)?;
    let orders: Vec<String> = match request.orders.as_slice() {
        [one] if given.lines.iter().all(|line| line.order.is_none()) => vec![one.number.to_string()],
        _ => Vec::new(),
    };
    let mut fields = Fields::default();
    let lines = lines_of(&given.lines, &orders, &desk.key, &mut fields);
    fields.checked()?;
    let changed = state.services.add_lines(writing(&desk.key, request.rma)?, lines, named).await;
    Ok(call.answer(changed.map_err(|error| Problem::of_change(error, &call.say))?, StatusCode::OK))
}

/// Switch to another way of sending it back, or to another time or address of the pickup. 422 at `method`: nobody calls at the door there; at
/// `pickup`: not a day and slot of that area, or its last place is taken. What was booked before is free from then on, and stays where this is refused.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/method", tag = "returns", request_body = SwitchIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn switch_method(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: SwitchIn = read(&body)?;
    let mut fields = Fields::default();
    let method: Option<Method> = fields.one_of("method", Some(&given.method), &METHODS);
    let pickup = given.pickup.as_ref().and_then(|pickup| {
        let date = fields.parsed("pickup.date", Some(&pickup.date))?;
        Some(Pickup { date, slot: pickup.slot.clone() })
    });
    let from = given.from.as_ref().and_then(|from| address_in(from, &mut fields));
    fields.checked()?;
    let way = OtherWay { method: method.unwrap_or(Method::SelfShip), pickup, from };
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let changed = state.services.switch_method(writing(&desk.key, rma_of(&rma)?)?, way, named).await?;
    Ok(call.answer(changed, StatusCode::OK))
}

/// Make a new label in place of the last one, which is void from then on.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/label", tag = "returns",
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn reissue_label(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
) -> Result<Response, Problem> {
    let named = call.named(&desk.key, &[], StatusCode::OK)?;
    let changed = state.services.reissue_label(writing(&desk.key, rma_of(&rma)?)?, named).await?;
    Ok(call.answer(changed, StatusCode::OK))
}
