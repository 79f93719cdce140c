//! What goes out instead of money, of all returns, for the system that sends it: it asks for what is due, and answers how far it is.

use axum::extract::{Query, State};
use domain::ids::{OrderNumber, Sku};
use domain::order::Address;
use domain::returns::{RemedyNo, RemedyState, Return};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::store::RemediesWanted;

/// Which items to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RemediesQuery {
    /// `due` (left out: that), `reserved`, `ordered`, `shipped`, `delivered`, `called_off`.
    #[param(pattern = "^(due|reserved|ordered|shipped|delivered|called_off)$")]
    pub state: Option<String>,
    /// `true`: those for which the customer pays first. They are on no other list, and cannot be sent before.
    pub waiting: Option<bool>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
}

/// An item that goes out, with all that is needed to send it.
#[derive(Serialize, ToSchema)]
#[schema(as = RemedyListed)]
pub struct RemedyListedOut {
    /// The return's number.
    #[schema(value_type = String)]
    rma: RmaNumber,
    /// Its name in it: `m1`. `POST …/returns/{rma}/remedies/{remedy}` says how far it is.
    #[schema(value_type = String)]
    remedy: RemedyNo,
    /// The order that it is of.
    #[schema(value_type = String)]
    order: OrderNumber,
    /// `exchange`, `replacement`, `repair`: then it is the customer's own that goes back.
    kind: &'static str,
    /// `due`, `reserved`, `ordered`, `shipped`, `delivered`, `called_off`.
    state: &'static str,
    /// What goes out.
    #[schema(value_type = String)]
    sku: Sku,
    /// What it is called.
    name: String,
    units: u32,
    /// Since when it is owed.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// By when it was promised to leave.
    #[schema(value_type = String, format = DateTime)]
    promised_by: Timestamp,
    /// What the customer pays first.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_first: Option<MoneyOut>,
    /// The shop's name for the order that goes out, or its parcel's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Who gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Where it goes, as the order told it or the customer said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    address: Option<Address>,
}

/// Some items that go out, and where the next page starts.
#[derive(Serialize, ToSchema)]
#[schema(as = RemedyPage)]
pub struct RemedyPageOut {
    items: Vec<RemedyListedOut>,
    next_cursor: Option<String>,
}

impl RemedyListedOut {
    fn of(request: &Return, number: i64) -> Option<Self> {
        let remedy = request.remedies.iter().find(|remedy| i64::from(remedy.id.0) == number)?;
        let (line, _) = request.lot(*remedy.lots.first()?)?;
        let asked = &line.asked;
        let named = remedy.sku.as_ref().and(asked.exchange_name.as_ref());
        Some(Self {
            rma: request.rma,
            remedy: remedy.id,
            order: asked.order.clone(),
            kind: remedy.kind.code(),
            state: remedy.state.code(),
            sku: remedy.sku.clone().unwrap_or_else(|| asked.sku.clone()),
            name: named.unwrap_or(&asked.name).clone(),
            units: remedy.lots.iter().filter_map(|lot| request.lot(*lot)).map(|(_, lot)| lot.units).sum(),
            since: remedy.at,
            promised_by: request.promises.refunded,
            due_first: request.awaited_for(remedy).map(|awaited| domain::money::Money::new(awaited.amount, awaited.currency).into()),
            reference: remedy.reference.clone(),
            customer: request.contact.name.clone(),
            email: request.contact.email.as_ref().map(ToString::to_string),
            phone: request.contact.phone.as_ref().map(ToString::to_string),
            address: request.from.clone(),
        })
    }
}

/// Items that go out instead of money, of all returns, the longest owed first: exchanges, replacements, what was repaired. A shop's own system asks for
/// what is `due`, makes an order of each, and answers with `POST …/returns/{rma}/remedies/{remedy}`: `ordered` with its number, `shipped` with the
/// parcel's, `delivered`, or `called_off`. If it tells that order here, too, with the return's number and the remedy's name in `remedy`
/// (`R-7KQ4-M2XD/m1`), its deliveries say how far it is, and the order brings no money of its own.
#[utoipa::path(
    get, path = "/v1/remedies", tag = "money", operation_id = "list_remedies", params(RemediesQuery),
    responses((status = 200, body = RemedyPageOut), (status = 422, description = "A state or cursor that there is not"))
)]
pub async fn list(
    State(_): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<RemediesQuery>,
) -> Result<Json<RemedyPageOut>, Problem> {
    let mut fields = Fields::default();
    let names: Vec<(&str, RemedyState)> = RemedyState::ALL.iter().map(|state| (state.code(), *state)).collect();
    let state = query.state.as_deref().map_or(Some(RemedyState::Due), |state| fields.listed("state", Some(state), &names));
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, |name| Some(name.to_owned()), &mut fields);
    fields.checked()?;
    let wanted = RemediesWanted {
        state: state.unwrap_or(RemedyState::Due),
        waiting: query.waiting.unwrap_or(false),
        after: after.and_then(|(since, name)| {
            let (rma, remedy) = name.split_once('/')?;
            Some((since, rma.to_owned(), remedy.parse().ok()?))
        }),
        limit: limit + 1,
    };
    let mut found = desk.remedies(&wanted).await?;
    let next_cursor = cut(&mut found, limit, |(since, request, remedy)| (*since, format!("{}/{remedy}", request.rma)));
    let items = found.iter().filter_map(|(_, request, remedy)| RemedyListedOut::of(request, *remedy)).collect();
    Ok(Json(RemedyPageOut { items, next_cursor }))
}
