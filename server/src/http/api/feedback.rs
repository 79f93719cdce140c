//! What customers say of how their returns went, by machine (A13, C37).

use app::ports::{Facet, FeedbackAsked, Score, Scored, Span};
use app::staff::TagsForm;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read};
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::AtFeedback;
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
    let (from, to) = (day(&mut fields, "from", query.from.as_deref()), day(&mut fields, "to", query.to.as_deref()));
    let known = |name: &str| name.parse::<RmaNumber>().ok().map(|rma| rma.to_string());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    let tag = tag(&mut fields, query.tag);
    fields.checked()?;
    let (from, to) = state.services.feedback_days(&FeedbackAsked { from, to, ..FeedbackAsked::default() });
    let within = state.services.feedback_within(from, to);
    let asked = FeedbackWanted { from: within.from, until: within.until, tag, after, limit: limit + 1 };
    let mut rows = state.services.feedback(asked).await?;
    let next_cursor = cut(&mut rows, limit, |row| (row.feedback.at.as_millisecond(), row.rma.to_string()));
    Ok(Json(FeedbackListOut { items: rows.into_iter().map(FeedbackOut::from).collect(), next_cursor }))
}

fn day(fields: &mut Fields, name: &str, text: Option<&str>) -> Option<Date> {
    let day = text.map(|text| text.parse::<Date>().ok().filter(|day| (1970..=9990).contains(&day.year())));
    if day == Some(None) {
        fields.wrong(name, "is no day: 2026-11-28");
    }
    day.flatten()
}

fn tag(fields: &mut Fields, tag: Option<String>) -> Option<String> {
    if tag.as_ref().is_some_and(|tag| tag.chars().count() > TagsForm::LONGEST) {
        fields.wrong("tag", format!("has {} letters at most", TagsForm::LONGEST));
    }
    tag.map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty())
}

/// Of what to report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day, by the shop's clock; left out: 90 days before the last.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<String>,
    /// The last day, no more than a year later; left out: today.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<String>,
    /// Only with this tag, as people at work gave it.
    #[param(max_length = 40)]
    pub tag: Option<String>,
    /// The day on which something changed: the 90 days before it are held against those from it on.
    #[param(value_type = Option<String>, format = Date)]
    pub since: Option<String>,
}

/// Ratings together.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackScore)]
pub struct ScoreOut {
    /// Customers who said something.
    count: u64,
    /// Stars on average, from 1.0 to 5.0; left out where nobody said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    stars: Option<String>,
    /// Ratings of one or two stars.
    low: u64,
}

impl From<Score> for ScoreOut {
    fn from(score: Score) -> Self {
        let stars = score.tenths().map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
        Self { count: score.count, stars, low: score.low }
    }
}

/// Some days, what was said in them, and how long money took that was paid in them.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackSpan)]
pub struct SpanOut {
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    score: ScoreOut,
    /// Hours from a request to its money, of the return in the middle; left out where none was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours_to_money: Option<u64>,
}

impl From<Span> for SpanOut {
    fn from(Span { from, to, score, hours }: Span) -> Self {
        Self { from, to, score: score.into(), hours_to_money: hours }
    }
}

/// Ratings of one week.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackWeek)]
pub struct WeekOut {
    /// Its Monday.
    #[schema(value_type = String, format = Date)]
    monday: Date,
    score: ScoreOut,
}

/// Ratings of what has something in common.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackGroup)]
pub struct GroupOut {
    /// `size`, `dhl`, `HZ1`, a SKU, a tag.
    value: String,
    /// What it is called; of a product as it was bought, else as `value`.
    name: String,
    score: ScoreOut,
}

/// Ratings before a change and since.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackChange)]
pub struct ChangeOut {
    before: SpanOut,
    since: SpanOut,
}

/// How returns went, as their customers say, taken together. Of each list of groups the 20 with the most ratings.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackReport, examples(json!({
    "whole": {"from": "2026-09-01", "to": "2026-11-28", "score": {"count": 3, "stars": "3.7", "low": 1}, "hours_to_money": 61},
    "weeks": [{"monday": "2026-11-23", "score": {"count": 3, "stars": "3.7", "low": 1}}],
    "reasons": [{"value": "size", "name": "size", "score": {"count": 2, "stars": "4.5", "low": 0}}],
    "carriers": [{"value": "dhl", "name": "dhl", "score": {"count": 3, "stars": "3.7", "low": 1}}],
    "warehouses": [{"value": "HZ1", "name": "HZ1", "score": {"count": 3, "stars": "3.7", "low": 1}}],
    "products": [{"value": "TEE-L", "name": "Cotton tee", "score": {"count": 2, "stars": "4.5", "low": 0}}],
    "tags": [{"value": "slow", "name": "slow", "score": {"count": 1, "stars": "2.0", "low": 1}}]
})))]
pub struct ReportOut {
    whole: SpanOut,
    /// The oldest first, those in which something was said.
    weeks: Vec<WeekOut>,
    /// By why it came back.
    reasons: Vec<GroupOut>,
    /// By who brought it back.
    carriers: Vec<GroupOut>,
    /// By where it was booked in.
    warehouses: Vec<GroupOut>,
    /// By what came back.
    products: Vec<GroupOut>,
    /// By what people at work sort it by.
    tags: Vec<GroupOut>,
    /// Where `since` is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<ChangeOut>,
}

/// What customers say of how their returns went, by week, reason, carrier, warehouse, product and tag; and, with `since`, what a change brought.
#[utoipa::path(
    get, path = "/v1/feedback/report", tag = "returns", operation_id = "get_feedback_report", params(ReportQuery),
    responses((status = 200, body = ReportOut), (status = 422, description = "No such day, or too long a tag"))
)]
pub async fn report(State(state): State<AppState>, Query(query): Query<ReportQuery>) -> Result<Json<ReportOut>, Problem> {
    let mut fields = Fields::default();
    let mut its = |name: &str, text: &Option<String>| day(&mut fields, name, text.as_deref());
    let (from, to, since) = (its("from", &query.from), its("to", &query.to), its("since", &query.since));
    let tag = tag(&mut fields, query.tag);
    fields.checked()?;
    let report = state.services.feedback_report(&FeedbackAsked { from, to, tag, since }).await?;
    let group = |(value, name, score): &Scored| GroupOut { value: value.clone(), name: name.clone(), score: (*score).into() };
    let by = |facet: Facet| {
        let found = report.by.iter().find(|(of, _)| *of == facet);
        found.map(|(_, groups)| groups.iter().map(group).collect()).unwrap_or_default()
    };
    Ok(Json(ReportOut {
        reasons: by(Facet::Reason),
        carriers: by(Facet::Carrier),
        warehouses: by(Facet::Warehouse),
        products: by(Facet::Product),
        tags: by(Facet::Tag),
        whole: report.whole.into(),
        weeks: report.weeks.into_iter().map(|(monday, score)| WeekOut { monday, score: score.into() }).collect(),
        changed: report.changed.map(|(before, since)| ChangeOut { before: before.into(), since: since.into() }),
    }))
}

/// What people at work sort a rating by.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = FeedbackTags, examples(json!({"tags": ["slow", "packaging"]})))]
pub struct FeedbackTags {
    /// Each of 1 to 40 characters, written in small letters on one line; none takes all of them away.
    #[schema(max_items = 10)]
    tags: Vec<String>,
}

fn at_feedback(desk: &MachineDesk) -> Result<AtFeedback, Problem> {
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to what customers say");
    AtFeedback::of_machine(&desk.key).ok_or_else(forbidden)
}

/// Sort what the customer of a return said by these tags from now on, in place of those it had. For keys of scope `staff`, `finance` or `admin`. 404: there
/// is no such return, or its customer said nothing.
#[utoipa::path(
    put, path = "/v1/returns/{rma}/feedback/tags", tag = "returns", operation_id = "put_feedback_tags", request_body = FeedbackTags,
    params(("rma" = String, Path, description = "The return's number")),
    responses((status = 200, body = FeedbackTags), (status = 404, description = "Nothing was said of it"))
)]
pub async fn put_tags(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Json<FeedbackTags>, Problem> {
    let FeedbackTags { tags } = read(&body)?;
    let access = at_feedback(&desk)?;
    let unknown = || Problem::not_found("its customer said nothing, or there is no such return");
    let rma: RmaNumber = rma.parse().map_err(|_| unknown())?;
    let fits = "at most ten, each of 1 to 40 characters and without a comma";
    let TagsForm(tags) = TagsForm::of(tags).ok_or_else(|| Problem::field("tags", fits))?;
    match state.services.tag_feedback(&access, rma, tags.clone()).await? {
        true => Ok(Json(FeedbackTags { tags })),
        false => Err(unknown()),
    }
}
