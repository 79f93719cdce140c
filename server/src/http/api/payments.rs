//! Attempts to pay what was promised, of all returns: what finance lists, and hands to its books.

use axum::extract::Query;
use domain::money::{Currency, Decimals};
use domain::returns::PaymentState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, codes};
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::store::{PAYMENT_WAYS, PaymentEntry, PaymentsWanted};

/// Which payments to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentsQuery {
    /// `pending`, `paid`, `failed`, `reversed`; left out: all.
    #[param(pattern = "^(pending|paid|failed|reversed)$")]
    pub state: Option<String>,
    /// `manual`, `gateway`, `store_credit`; left out: all.
    #[param(pattern = "^(manual|gateway|store_credit)$")]
    pub method: Option<String>,
    /// Begun at that moment or later.
    #[param(format = DateTime)]
    pub from: Option<String>,
    /// Begun before that moment.
    #[param(format = DateTime)]
    pub to: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
}

/// An attempt to pay a grant, or part of it.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentListed)]
pub struct PaymentListedOut {
    /// The return's number.
    rma: String,
    /// Its name in it: `p1`. With the number it is its name everywhere, `RX-…-p1`, at the gateway too.
    payment: String,
    /// The grant it pays.
    grant: String,
    /// The order whose money it is.
    order: String,
    /// Decimal.
    #[schema(value_type = String)]
    amount: Decimals,
    /// ISO 4217.
    #[schema(value_type = String)]
    currency: Currency,
    /// `manual`, `gateway`, `store_credit`.
    method: String,
    /// `pending`, `paid`, `failed`, `reversed`.
    state: &'static str,
    /// The gateway's or bank's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Some payments, and where the next page starts.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentPage)]
pub struct PaymentPageOut {
    items: Vec<PaymentListedOut>,
    next_cursor: Option<String>,
}

impl From<PaymentEntry> for PaymentListedOut {
    fn from(entry: PaymentEntry) -> Self {
        Self {
            payment: format!("p{}", entry.payment),
            grant: format!("g{}", entry.grant),
            rma: entry.rma,
            order: entry.order,
            amount: Decimals { minor: entry.amount.minor, currency: entry.amount.currency },
            currency: entry.amount.currency,
            method: entry.way,
            state: entry.state.code(),
            reference: entry.reference,
            at: entry.at,
        }
    }
}

/// Attempts to pay what was promised, of all returns, the oldest first: for bookkeeping, and to compare with what a gateway or bank tells.
#[utoipa::path(
    get, path = "/v1/payments", tag = "money", operation_id = "list_payments", params(PaymentsQuery),
    responses((status = 200, body = PaymentPageOut), (status = 422, description = "A state, method, moment or cursor that there is not"))
)]
pub async fn list(desk: MachineDesk, Query(query): Query<PaymentsQuery>) -> Result<Json<PaymentPageOut>, Problem> {
    let mut fields = Fields::default();
    let state: Option<PaymentState> = fields.one_of("state", query.state.as_deref(), &codes(PaymentState::ALL, PaymentState::code));
    let way: Option<String> = fields.one_of("method", query.method.as_deref(), &PAYMENT_WAYS);
    let from: Option<Timestamp> = fields.parsed("from", query.from.as_deref());
    let to: Option<Timestamp> = fields.parsed("to", query.to.as_deref());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, |name| Some(name.to_owned()), &mut fields);
    fields.checked()?;
    let wanted = PaymentsWanted {
        state,
        way,
        from: from.map(Timestamp::as_millisecond),
        to: to.map(Timestamp::as_millisecond),
        after: after.and_then(|(at, name)| {
            let (rma, payment) = name.split_once('/')?;
            Some((at, rma.to_owned(), payment.parse().ok()?))
        }),
        newest: false,
        limit: limit + 1,
    };
    let mut found = desk.payments(&wanted).await?;
    let next_cursor = cut(&mut found, limit, |entry| (entry.at.as_millisecond(), format!("{}/{}", entry.rma, entry.payment)));
    Ok(Json(PaymentPageOut { items: found.into_iter().map(PaymentListedOut::from).collect(), next_cursor }))
}
