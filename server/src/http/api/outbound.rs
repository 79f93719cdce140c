//! Cases about goods on their way out, by machine (P23).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::LineId;
use domain::policy::Resolution;
use domain::returns::{NotOutbound, OutboundKind, ReportedBy};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{Fields, codes, read};
use super::call::Call;
use super::commands::maybe_words;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Access, OpenOutbound, OutboundError};

/// The most lines that a case names.
const MOST_LINES: usize = 200;

/// Something to ask about goods that have not reached the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OutboundCase, examples(
    json!({"kind": "cancel", "lines": [{"line": "1", "quantity": 1}], "words": "I ordered it twice."}),
    json!({"kind": "not_received", "delivery": 2, "reported_by": "customer", "resolution": "replacement", "until": "2026-12-24"})
))]
pub struct OutboundIn {
    /// `cancel`: hold it back before it leaves; `intercept`: call it back on its way; `refused`: the customer did not take it at the door, and it comes
    /// back; `not_received`: it should be there, and the customer does not have it.
    pub kind: String,
    /// Which of the order's deliveries, counted from 1; left out: the only one that fits, or, with `cancel`, all that has not left.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub delivery: Option<u32>,
    /// Units of lines, at most 200; left out: all that there are and are in no return.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub lines: Vec<OutboundLineIn>,
    /// Who said so: `customer`, `carrier` or `shop`; left out: the customer.
    #[serde(default)]
    pub reported_by: Option<String>,
    /// What the customer gets: `refund`, or with `not_received` also `replacement`; left out: a refund.
    #[serde(default)]
    pub resolution: Option<String>,
    /// What was said of it, at most 2,000 characters; the customer sees it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub words: Option<String>,
    /// For people at work, at most 2,000 characters; the customer never sees it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
    /// The day by whose end it is known what became of it, at most 90 days ahead; left out: as the policy's `promises` say (`stop`, `investigation`).
    #[serde(default)]
    #[schema(format = Date)]
    pub until: Option<String>,
}

/// Units of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OutboundLine)]
pub struct OutboundLineIn {
    /// The line's name in the order.
    pub line: String,
    /// So many units of it.
    #[schema(minimum = 1)]
    pub quantity: u32,
}

impl OutboundIn {
    fn parse(self) -> Result<OpenOutbound, Problem> {
        let mut fields = Fields::default();
        let mut one_of = |field: &str, text: Option<&str>, known: &[&str]| {
            let wrong = text.is_some_and(|text| !known.contains(&text));
            if wrong {
                fields.wrong(field, format!("is one of {}", known.join(", ")));
            }
        };
        one_of("kind", Some(&self.kind), &codes(OutboundKind::ALL, OutboundKind::code));
        one_of("reported_by", self.reported_by.as_deref(), &codes(ReportedBy::ALL, ReportedBy::code));
        one_of("resolution", self.resolution.as_deref(), &codes(OutboundKind::NotReceived.resolutions(), Resolution::code));
        if self.delivery == Some(0) {
            fields.wrong("delivery", "is counted from 1");
        }
        if self.lines.len() > MOST_LINES {
            fields.wrong("lines", format!("names more than {MOST_LINES} lines"));
        }
        let until: Option<Date> = self.until.as_deref().and_then(|text| {
            let day = text.parse().ok();
            if day.is_none() {
                fields.wrong("until", "is a date: `2026-12-24`");
            }
            day
        });
        let mut lines: Vec<(LineId, u32)> = Vec::new();
        for (place, named) in self.lines.iter().take(MOST_LINES).enumerate() {
            if let Some(line) = fields.parsed(format!("lines[{place}].line"), Some(&named.line)) {
                lines.push((line, named.quantity));
            }
        }
        fields.checked()?;
        Ok(OpenOutbound {
            kind: self.kind.parse().map_err(|()| Problem::field("kind", "is not known"))?,
            delivery: self.delivery.map(|place| place as usize - 1),
            lines,
            reported_by: self.reported_by.as_deref().and_then(|by| by.parse().ok()).unwrap_or(ReportedBy::Customer),
            resolution: self.resolution.as_deref().and_then(|code| code.parse::<Resolution>().ok()),
            words: maybe_words("words", self.words.as_deref())?,
            note: maybe_words("note", self.note.as_deref())?,
            until,
            channel: "api".parse().map_err(|error| Problem::failed(&error))?,
            locale: None,
        })
    }
}

/// Ask about goods of an order that have not reached the customer, for keys of scope `staff`: hold them back, call them back, book that they were refused
/// at the door, or find out where they are. It is a return of those units, in review until it is known what became of them; the customer is told at
/// once by mail. 409: the order was cancelled, or the goods are not where that could be asked.
#[utoipa::path(
    post, path = "/v1/orders/{number}/outbound", operation_id = "open_outbound_case", tag = "orders", request_body = OutboundIn,
    params(
        ("number" = String, Path, description = "The order's number, however it is written"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 201, body = super::shapes::ReturnOut))
)]
pub async fn open(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked = read::<OutboundIn>(&body)?.parse()?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let order = desk.find_order(&number).await?.ok_or_else(|| Problem::no_order(&number))?.order;
    let access = Access::machine_to_open_outbound(&desk.key, order.number.clone())
        .ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not ask about goods on their way out"))?;
    let opened = state.services.open_outbound(access, asked, key).await;
    Ok(call.answer(opened.map_err(|error| refusal(error, &number))?, StatusCode::CREATED))
}

fn refusal(error: OutboundError, number: &str) -> Problem {
    let conflict = |kind: &'static str, detail: String| Problem::new(StatusCode::CONFLICT, kind, detail);
    match error {
        OutboundError::Unknown => Problem::no_order(number),
        OutboundError::Refused(NotOutbound::UnknownDelivery | NotOutbound::WhichDelivery) => Problem::field("delivery", error.to_string()),
        OutboundError::Refused(_) => conflict("not-on-its-way", error.to_string()),
        OutboundError::UnknownLine(_) => Problem::field("lines", error.to_string()),
        OutboundError::Units { ref line, .. } => Problem::field("lines", format!("{error}: line `{line}`")),
        OutboundError::NothingLeft(ref returns) if returns.is_empty() => conflict("nothing-left", error.to_string()),
        OutboundError::NothingLeft(ref returns) => {
            let held: Vec<String> = returns.iter().map(ToString::to_string).collect();
            conflict("nothing-left", format!("{error}: it is in {}", held.join(", ")))
        }
        OutboundError::Resolution => Problem::field("resolution", error.to_string()),
        OutboundError::Day { .. } => Problem::field("until", error.to_string()),
        OutboundError::KeyReused => Problem::from(crate::services::ChangeError::KeyReused),
        OutboundError::Store(error) => error.into(),
    }
}
