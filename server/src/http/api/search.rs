//! One box by machine: returns and orders by whatever somebody has of them.

use axum::extract::Query;
use domain::rma::RmaNumber;
use domain::search::LONGEST_SEARCH;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::json::Json;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::services::{Head, MOST_FOUND, OrderHead};

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// A return's number, an order's, an e-mail address, a phone number or its end (four digits at the least), a parcel's number, a product's, a serial
    /// number, words of the customer's name by their beginning. Of several words each is to be found.
    #[param(example = "王小明", max_length = 100)]
    pub q: String,
    /// At most so many returns; 20 where left out.
    #[param(minimum = 1, maximum = 50)]
    pub limit: Option<i64>,
}

/// A return that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundReturn)]
pub struct FoundReturnOut {
    #[schema(value_type = String)]
    rma: RmaNumber,
    status: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// The customer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// The first item's name.
    item: String,
    /// How many lines there are.
    lines: usize,
}

/// An order that was found.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundOrder)]
pub struct FoundOrderOut {
    number: String,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    /// The customer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// The first item's name.
    item: String,
    /// How many lines there are.
    lines: usize,
    /// How many returns there are on it.
    returns: i64,
}

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(as = Found)]
pub struct FoundOut {
    /// Open ones before those that have ended, of each the newest first.
    returns: Vec<FoundReturnOut>,
    /// The newest first, whether or not there are returns on them.
    orders: Vec<FoundOrderOut>,
    /// There are more returns than these.
    more: bool,
}

/// Returns and orders that a text means.
#[utoipa::path(
    get, path = "/v1/search", tag = "tasks", operation_id = "search", params(SearchQuery),
    responses((status = 200, body = FoundOut), (status = 422, description = "More letters than are read, or another limit"))
)]
pub async fn search(desk: MachineDesk, Query(query): Query<SearchQuery>) -> Result<Json<FoundOut>, Problem> {
    let mut fields = Fields::default();
    if query.q.chars().count() > LONGEST_SEARCH {
        fields.wrong("q", format!("is at most {LONGEST_SEARCH} letters long"));
    }
    let limit = query.limit.unwrap_or(20);
    if !(1..=MOST_FOUND as i64).contains(&limit) {
        fields.wrong("limit", format!("is between 1 and {MOST_FOUND}"));
    }
    fields.checked()?;
    let found = desk.search(&query.q, limit as usize).await?;
    Ok(Json(FoundOut {
        returns: found.returns.into_iter().map(FoundReturnOut::from).collect(),
        orders: found.orders.into_iter().map(FoundOrderOut::from).collect(),
        more: found.more,
    }))
}

impl From<Head> for FoundReturnOut {
    fn from(head: Head) -> Self {
        let Head { rma, opened_at, customer, item, lines, .. } = head;
        Self { rma, status: head.status.code().to_owned(), opened_at, customer, item, lines }
    }
}

impl From<OrderHead> for FoundOrderOut {
    fn from(head: OrderHead) -> Self {
        let OrderHead { number, placed_at, customer, item, lines, returns } = head;
        Self { number: number.to_string(), placed_at, customer, item, lines, returns }
    }
}
