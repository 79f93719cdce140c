//! Money given back on an order although nothing comes back, by machine (P25).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::LineId;
use domain::money::{Amount, Currency};
use domain::order::Order;
use domain::settlement::{Concession, NotConceded};
use domain::staff::StaffLimits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Fields, amount, read};
use super::call::Call;
use super::commands::{in_words, maybe_words};
use super::json::Json;
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Access, Concede, ConcedeError, Wanted};
use crate::store::ConcessionRow;

/// Money to give back although nothing comes back: an `amount` with its `currency`, or the difference to the `price` at which a `line` is sold now.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Goodwill, examples(
    json!({"amount": "10.00", "currency": "EUR", "reason": "Sorry that it came so late.", "note": "second complaint"}),
    json!({"line": "1", "quantity": 2, "price": "19.50", "reason": "It is on sale since yesterday."})
))]
pub struct GoodwillIn {
    /// A present of so much, above 0 and at most what was captured and is left.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
    /// ISO 4217, the order's; needed with `amount`.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: Option<String>,
    /// The line whose price is lower now. What its units cost less is taken off what they bring if they come back.
    #[serde(default)]
    pub line: Option<String>,
    /// For so many units of it in all, of those that are in no return.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub quantity: Option<u32>,
    /// Of one unit now, with tax or without, as the order has its prices.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub price: Option<Amount>,
    /// Why, in words for the customer, at most 2,000 characters: it is mailed to them.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
    /// For people at work, at most 2,000 characters; the customer never sees it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
}

impl GoodwillIn {
    fn parse(self) -> Result<Concede, Problem> {
        let mut fields = Fields::default();
        let currency: Option<Currency> = self.currency.as_deref().and_then(|text| fields.parsed("currency", Some(text)));
        let line: Option<LineId> = self.line.as_deref().and_then(|text| fields.parsed("line", Some(text)));
        let wanted = match (self.amount, self.line.is_some() || self.quantity.is_some() || self.price.is_some()) {
            (Some(amount), false) => {
                if self.currency.is_none() {
                    fields.wrong("currency", "is missing");
                }
                Some(Wanted::Goodwill { amount })
            }
            (None, true) => {
                for (field, missing) in
                    [("line", self.line.is_none()), ("quantity", self.quantity.is_none()), ("price", self.price.is_none())]
                {
                    if missing {
                        fields.wrong(field, "is missing");
                    }
                }
                line.zip(self.quantity).zip(self.price).map(|((line, units), price)| Wanted::LowerPrice { line, units, price })
            }
            _ => {
                fields.wrong("", "says either `amount` and `currency`, or `line`, `quantity` and `price`");
                None
            }
        };
        fields.checked()?;
        let reason = in_words("reason", &self.reason)?;
        let note = maybe_words("note", self.note.as_deref())?;
        let wanted = wanted.ok_or_else(|| Problem::field("", "says nothing"))?;
        Ok(Concede { wanted, currency, reason, note, seen: None })
    }
}

/// Money that was given back although nothing came back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Concession)]
pub struct ConcessionOut {
    /// Its name.
    id: String,
    /// The order's number.
    order: String,
    /// `goodwill` or `price_protection`.
    kind: &'static str,
    /// How much; promised, and paid later.
    amount: MoneyOut,
    /// The line whose price is lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    /// For so many units of it in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u32>,
    /// Of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<MoneyOut>,
    /// What the customer was told.
    reason: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: jiff::Timestamp,
}

impl ConcessionOut {
    pub(super) fn of(row: &ConcessionRow, order: &Order) -> Self {
        let money = |minor| MoneyOut::from(order.money(minor));
        let lower = match &row.what {
            Concession::Goodwill { .. } => None,
            Concession::LowerPrice(lower) => Some(lower),
        };
        Self {
            id: row.id.clone(),
            order: row.order.to_string(),
            kind: row.kind(),
            amount: money(row.amount),
            line: lower.map(|lower| lower.line.to_string()),
            quantity: lower.map(|lower| lower.units),
            price: lower.map(|lower| money(lower.price)),
            reason: row.reason.clone(),
            at: row.at,
        }
    }
}

/// Give money back on an order although nothing comes back, for keys of scope `staff` and `finance`: goodwill, or the difference to a lower price
/// (price protection). The customer is told at once by mail; returns of the order are settled anew. 409: no more than that is left of what was
/// captured, or the price is not lower than what was paid.
#[utoipa::path(
    post, path = "/v1/orders/{number}/goodwill", operation_id = "give_goodwill", tag = "orders", request_body = GoodwillIn,
    params(
        ("number" = String, Path, description = "The order's number, however it is written"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 201, body = ConcessionOut))
)]
pub async fn give(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked = read::<GoodwillIn>(&body)?.parse()?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let order = desk.find_order(&number).await?.ok_or_else(|| Problem::no_order(&number))?.order;
    let access = Access::machine_to_concede(&desk.key, order.number.clone())
        .ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not give money back"))?;
    let field = if let Wanted::Goodwill { .. } = asked.wanted { "amount" } else { "price" };
    let refused = |error| refusal(error, field, &order, &number);
    let row = state.services.concede(access, StaffLimits::default(), asked, key).await.map_err(refused)?.row;
    Ok((StatusCode::CREATED, Json(ConcessionOut::of(&row, &order))).into_response())
}

fn refusal(error: ConcedeError, field: &str, order: &Order, number: &str) -> Problem {
    match error {
        ConcedeError::Unknown => Problem::no_order(number),
        ConcedeError::OtherCurrency(_) => Problem::field("currency", error.to_string()),
        ConcedeError::Amount(_) | ConcedeError::Nothing => Problem::field(field, error.to_string()),
        ConcedeError::Refused(NotConceded::UnknownLine) => Problem::field("line", "is not in this order"),
        ConcedeError::Refused(NotConceded::NotSoMany { stay }) => {
            Problem::field("quantity", format!("{stay} units of it are in no return"))
        }
        ConcedeError::Refused(NotConceded::MoreThanLeft { left }) => {
            Problem::new(StatusCode::CONFLICT, "more-than-left", format!("{} is left of what was captured", order.money(left)))
        }
        ConcedeError::Refused(NotConceded::NotLower) => {
            Problem::new(StatusCode::CONFLICT, "not-lower", "this is not less than what the units cost by now")
        }
        ConcedeError::Changed => Problem::new(StatusCode::CONFLICT, "changed", error.to_string()),
        ConcedeError::OverLimit(_) => Problem::new(StatusCode::FORBIDDEN, "over-limit", error.to_string()),
        ConcedeError::KeyReused => Problem::from(crate::services::ChangeError::KeyReused),
        ConcedeError::Store(error) => error.into(),
    }
}
