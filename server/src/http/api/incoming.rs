//! What is coming, by machine.

use axum::extract::Query;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::json::Json;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::services::MOST_DAYS;

/// How far to look ahead.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncomingQuery {
    /// Days from today on, in the shop's zone; 14 where left out.
    #[param(minimum = 1, maximum = 31)]
    pub days: Option<i64>,
}

/// Parcels that are waited for.
#[derive(Serialize, ToSchema)]
#[schema(as = Incoming)]
pub struct IncomingOut {
    /// That should have been here before today.
    late: i64,
    /// Each day from today on.
    days: Vec<IncomingDayOut>,
    /// There are more than are counted here: those of later days.
    more: bool,
}

/// Parcels that should be here by the end of a day.
#[derive(Serialize, ToSchema)]
#[schema(as = IncomingDay)]
pub struct IncomingDayOut {
    #[schema(value_type = String, format = Date)]
    date: Date,
    parcels: i64,
}

/// How many parcels are waited for, by the day until which each should be here.
#[utoipa::path(
    get, path = "/v1/incoming", tag = "tasks", operation_id = "list_incoming", params(IncomingQuery),
    responses((status = 200, body = IncomingOut), (status = 422, description = "More days than are looked ahead"))
)]
pub async fn list_incoming(desk: MachineDesk, Query(query): Query<IncomingQuery>) -> Result<Json<IncomingOut>, Problem> {
    let mut fields = Fields::default();
    let days = query.days.unwrap_or(14);
    if !(1..=MOST_DAYS).contains(&days) {
        fields.wrong("days", format!("is between 1 and {MOST_DAYS}"));
    }
    fields.checked()?;
    let coming = desk.coming(days).await?;
    let day = |(date, parcels)| IncomingDayOut { date, parcels };
    Ok(Json(IncomingOut { late: coming.late, days: coming.days.into_iter().map(day).collect(), more: coming.more }))
}
