//! What customers say of how their returns went, by machine (A13, C37).

use app::ports::{Facet, FeedbackAsked};
use app::staff::TagsForm;
use axum::extract::{Query, State};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use crate::http::state::AppState;
use crate::store::{FeedbackRow, FeedbackWanted};

/// Which ratings to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackQuery {
    /// The first day, by the shop's clock; left out: 90 days before the last.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<String>,
    /// The last day, no more than a year later; left out: today.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<String>,
    /// Only with this tag, as people at work gave it.
    #[param(max_length = 40)]
    pub tag: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// How a return went, as its customer says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feedback, examples(json!({
    "rma": "R-7KQ4-M2XD", "stars": 2, "words": "It took three weeks.", "given_at": "2026-11-27T08:15:00Z",
    "reasons": ["size"], "products": ["TEE-L"], "carriers": ["dhl"], "warehouses": ["HZ1"], "tags": ["slow"]
})))]
pub struct FeedbackOut {
    rma: String,
    /// From 1, very poor, to 5, very good.
    stars: u8,
    /// In their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// When it was said first.
    #[schema(value_type = String, format = DateTime)]
    given_at: Timestamp,
    /// Why it came back.
    reasons: Vec<String>,
    /// What came back: SKUs.
    products: Vec<String>,
    /// Who brought it back.
    carriers: Vec<String>,
    /// Where it was booked in.
    warehouses: Vec<String>,
    /// What people at work sort it by.
    tags: Vec<String>,
}

impl From<FeedbackRow> for FeedbackOut {
    fn from(row: FeedbackRow) -> Self {
        let of = |facet: Facet| row.about.iter().filter(|(of, _)| of == facet.code()).map(|(_, value)| value.clone()).collect();
        Self {
            rma: row.rma.to_string(),
            stars: row.feedback.stars,
            given_at: row.feedback.at,
            reasons: of(Facet::Reason),
            products: of(Facet::Product),
            carriers: of(Facet::Carrier),
            warehouses: of(Facet::Warehouse),
            words: row.feedback.words,
            tags: row.tags,
        }
    }
}

/// A page of ratings.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackPage)]
pub struct FeedbackListOut {
    items: Vec<FeedbackOut>,
    /// Nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What customers say of how their returns went, the newest first.
#[utoipa::path(
    get, path = "/v1/feedback", tag = "returns", operation_id = "list_feedback", params(FeedbackQuery),
    responses((status = 200, body = FeedbackListOut), (status = 422, description = "No such day, or a cursor that this call did not give"))
)]
pub async fn list(State(state): State<AppState>, Query(query): Query<FeedbackQuery>) -> Result<Json<FeedbackListOut>, Problem> {
    let mut fields = Fields::default();
    let mut day = |name: &str, text: Option<&str>| {
        let day = text.map(|text| text.parse::<Date>().ok().filter(|day| (1970..=9990).contains(&day.year())));
        if day == Some(None) {
            fields.wrong(name, "is no day: 2026-11-28");
        }
        day.flatten()
    };
    let (from, to) = (day("from", query.from.as_deref()), day("to", query.to.as_deref()));
    let known = |name: &str| name.parse::<RmaNumber>().ok().map(|rma| rma.to_string());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    if query.tag.as_ref().is_some_and(|tag| tag.chars().count() > TagsForm::LONGEST) {
        fields.wrong("tag", format!("has {} letters at most", TagsForm::LONGEST));
    }
    fields.checked()?;
    let tag = query.tag.map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty());
    let (from, to) = state.services.feedback_days(&FeedbackAsked { from, to, ..FeedbackAsked::default() });
    let within = state.services.feedback_within(from, to);
    let asked = FeedbackWanted { from: within.from, until: within.until, tag, after, limit: limit + 1 };
    let mut rows = state.services.feedback(asked).await?;
    let next_cursor = cut(&mut rows, limit, |row| (row.feedback.at.as_millisecond(), row.rma.to_string()));
    Ok(Json(FeedbackListOut { items: rows.into_iter().map(FeedbackOut::from).collect(), next_cursor }))
}
