//! Credit in the shop, by machine (P16): what a customer has, and what the shop's checkout takes of it.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::ids::OrderNumber;
use domain::money::{Amount, Currency, Money};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::openapi::Ref;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read};
use super::json::Json;
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{AtCredit, CreditError, Redeem};
use crate::store::CreditEntry;

/// Characters of a customer's name.
pub(super) const LONGEST_HOLDER: usize = 320;
/// Characters of a reference.
const LONGEST_REFERENCE: usize = 100;
/// Entries at once.
const MOST_ENTRIES: i64 = 1_000;

fn amount() -> Ref {
    Ref::from_schema_name("Amount")
}

/// Credit to spend.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreditRedemption, examples(json!({"amount": "20.00", "currency": "EUR", "reference": "checkout-991", "order": "10311"})))]
pub struct RedeemIn {
    /// Above 0.
    #[schema(schema_with = amount)]
    pub amount: Amount,
    /// ISO 4217.
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: String,
    /// Your name for it: sent again with the same it is spent once.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]+$")]
    pub reference: String,
    /// The order it is spent on.
    #[serde(default)]
    pub order: Option<String>,
}

impl RedeemIn {
    fn parse(self) -> Result<Redeem, Problem> {
        let mut fields = Fields::default();
        let currency: Option<Currency> = fields.parsed("currency", Some(&self.currency));
        let order: Option<OrderNumber> = fields.parsed("order", self.order.as_deref());
        let minor = currency.and_then(|currency| match self.amount.minor(currency) {
            Ok(minor) if minor > 0 => Some(Money::new(minor, currency)),
            Ok(_) => {
                fields.wrong("amount", "is above 0");
                None
            }
            Err(error) => {
                fields.wrong("amount", error);
                None
            }
        });
        check_reference(&mut fields, &self.reference);
        fields.checked()?;
        let amount = minor.ok_or_else(|| Problem::field("amount", "is missing"))?;
        Ok(Redeem { amount, reference: self.reference, order: order.map(|order| order.to_string()) })
    }
}

/// Credit to give back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreditRelease, examples(json!({"reference": "checkout-991"})))]
pub struct ReleaseIn {
    /// By which it was spent.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]+$")]
    pub reference: String,
}

pub(super) fn check_reference(fields: &mut Fields, reference: &str) {
    if !(1..=LONGEST_REFERENCE).contains(&reference.len()) || !reference.bytes().all(|byte| byte.is_ascii_graphic()) {
        fields.wrong("reference", format!("has 1 to {LONGEST_REFERENCE} plain characters and no spaces"));
    }
}

/// An entry of the ledger of credit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditEntry)]
pub struct EntryOut {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `refund` (in place of money), `bonus` (on top of it), `redeem` (it was spent), `release` (it was not after all), `adjust` (a person put it right),
    /// `expire` (its time was over).
    kind: &'static str,
    /// Negative where it was spent.
    amount: MoneyOut,
    /// Your name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The return it came of.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    /// The order it came of, or was spent on.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// From then on what is left of it cannot be spent; left out: it has no end. What ends first is spent first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<CreditEntry> for EntryOut {
    fn from(entry: CreditEntry) -> Self {
        Self {
            amount: entry.money().into(),
            id: entry.id,
            at: entry.at,
            kind: entry.kind.code(),
            reference: entry.reference,
            rma: entry.rma.map(|rma| rma.to_string()),
            order: entry.order,
            expires_at: entry.expires_at,
        }
    }
}

/// A customer's credit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Credit)]
pub struct CreditOut {
    /// What there is, by currency; a currency that is not named has none.
    balances: Vec<MoneyOut>,
    /// Where it came from and went, the newest first.
    entries: Vec<EntryOut>,
}

/// Which entries to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// `id` of the last entry that is known; left out: from the newest on.
    #[param(max_length = 200, pattern = "^[ -~]*$")]
    pub before: Option<String>,
    /// At most so many; 1,000 where left out.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<i64>,
}

impl EntriesQuery {
    pub(super) fn checked(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(MOST_ENTRIES);
        if !(1..=MOST_ENTRIES).contains(&limit) {
            return Err(Problem::field("limit", format!("is between 1 and {MOST_ENTRIES}")));
        }
        let plain = |before: &String| before.len() <= 200 && before.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if self.before.as_ref().is_some_and(|before| !plain(before)) {
            return Err(Problem::field("before", "is no entry's id"));
        }
        Ok(limit)
    }
}

/// What a customer has as credit in the shop, and how it came about. Customers are named as orders name them (`customer.id`); who has no name there is
/// named by their mail address, in small letters. Who has none has empty lists.
#[utoipa::path(
    get, path = "/v1/customers/{id}/credit", operation_id = "get_credit", tag = "shop",
    params(("id" = String, Path, description = "The customer"), EntriesQuery),
    responses((status = 200, body = CreditOut), (status = 422, description = "Another limit"))
)]
pub async fn get(desk: MachineDesk, Path(id): Path<String>, Query(query): Query<EntriesQuery>) -> Result<Json<CreditOut>, Problem> {
    let most = query.checked()?;
    let credit = desk.credit(&named(&id)?, query.before.as_deref(), most).await?;
    let balances = credit.balances.into_iter().map(MoneyOut::from).collect();
    Ok(Json(CreditOut { balances, entries: credit.entries.into_iter().map(EntryOut::from).collect() }))
}

/// Spend credit of a customer's, once for each `reference`: sent again it is answered the same. 409: there is not so much; the reference was used for
/// another amount, currency or order; or what was spent by it was given back.
#[utoipa::path(
    post, path = "/v1/customers/{id}/credit/redeem", operation_id = "redeem_credit", tag = "shop", request_body = RedeemIn,
    params(("id" = String, Path, description = "The customer")), responses((status = 200, body = EntryOut))
)]
pub async fn redeem(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<EntryOut>, Problem> {
    let asked = read::<RedeemIn>(&body)?.parse()?;
    let holder = named(&id)?;
    let entry = state.services.redeem_credit(leave(&desk)?, &holder, asked).await.map_err(refusal)?;
    Ok(Json(entry.into()))
}

/// Give back what was spent by a `reference`, whole and once: sent again it is answered the same. 404: nothing was spent by it.
#[utoipa::path(
    post, path = "/v1/customers/{id}/credit/release", operation_id = "release_credit", tag = "shop", request_body = ReleaseIn,
    params(("id" = String, Path, description = "The customer")), responses((status = 200, body = EntryOut))
)]
pub async fn release(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<EntryOut>, Problem> {
    let ReleaseIn { reference } = read(&body)?;
    let mut fields = Fields::default();
    check_reference(&mut fields, &reference);
    fields.checked()?;
    let holder = named(&id)?;
    let entry = state.services.release_credit(leave(&desk)?, &holder, &reference).await.map_err(refusal)?;
    Ok(Json(entry.into()))
}

/// What can be a customer's name.
pub(super) fn named(id: &str) -> Result<String, Problem> {
    let fits = !id.is_empty() && id.chars().count() <= LONGEST_HOLDER && !id.contains(char::is_control);
    if fits { Ok(id.to_owned()) } else { Err(Problem::not_found("no customer has such a name")) }
}

pub(super) fn leave(desk: &MachineDesk) -> Result<AtCredit, Problem> {
    AtCredit::of_machine(&desk.key).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not spend credit"))
}

fn refusal(error: CreditError) -> Problem {
    let refused = |kind: &str, why: &CreditError| Problem::new(StatusCode::CONFLICT, kind, why.to_string());
    match error {
        CreditError::TooMuch(_) => refused("too-little-credit", &error),
        CreditError::OtherTerms => refused("reference-used", &error),
        CreditError::Released => refused("released", &error),
        CreditError::Unknown => Problem::not_found(error.to_string()),
        CreditError::Store(error) => error.into(),
    }
}
