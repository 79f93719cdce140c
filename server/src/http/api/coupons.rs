//! Coupons and points, by machine (C34, C35): what the shop's checkout looks at, takes and gives back; and what people decide about.
//! Long because what is sent and answered of coupons, points and gifts stands beside what reads it.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::compensation::CouponCode;
use domain::ids::OrderNumber;
use domain::money::{Amount, Currency, Money};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;

use super::asked::{Fields, read};
use super::credit::{EntriesQuery, check_reference, leave, named};
use super::json::Json;
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{AtCompensations, Coupon, CouponError, CouponRedeem, DecideGiftError, PointsError, RedeemPoints, state_at};
use crate::store::{CompensationRow, CouponUse, PointsEntry};

/// The most points that are spent at once.
const MOST_POINTS: i64 = 1_000_000_000;

fn amount() -> Ref {
    Ref::from_schema_name("Amount")
}

/// Something that was given on top because the shop or the carrier was at fault.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Compensation)]
pub struct CompensationOut {
    id: String,
    /// `coupon`, `points`, `credit`.
    kind: &'static str,
    /// Of a coupon: `percent`, `amount`, `free_shipping`.
    #[serde(skip_serializing_if = "Option::is_none")]
    coupon: Option<&'static str>,
    /// Of a coupon that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    code: Option<CouponCode>,
    /// A percentage, an amount, or points; of free shipping nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// In which a coupon is good, and credit is.
    currency: String,
    /// The most that a percentage comes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    up_to: Option<String>,
    /// The least that is bought with a coupon.
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_spend: Option<String>,
    /// Whoever has the code may use it.
    transferable: bool,
    /// `waiting` (a person decides), `given`, `redeemed`, `expired`, `withdrawn`, `refused`, `capped` (the customer had as much as one gets in a month).
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// `merchant`, `carrier`.
    fault: String,
    /// The reason that the goods were sent back for.
    reason: String,
    /// The rule that gave it.
    rule: String,
    rma: String,
    /// The order that it was given for.
    order: String,
}

impl CompensationOut {
    /// As it stands at that moment.
    pub(super) fn of(row: &CompensationRow, now: Timestamp) -> Self {
        let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, row.currency).decimal());
        let coupon = row.kind.is_coupon();
        Self {
            id: row.id.clone(),
            kind: if coupon { "coupon" } else { row.kind.code() },
            coupon: coupon.then(|| row.kind.code()),
            code: row.code,
            value: row.said().value(),
            currency: row.currency.to_string(),
            up_to: money(row.up_to),
            minimum_spend: money(row.minimum),
            transferable: row.transferable,
            state: state_at(row, now).code(),
            at: row.given_at.unwrap_or(row.at),
            expires_at: row.expires_at,
            fault: row.fault.clone(),
            reason: row.reason.clone(),
            rule: row.rule.clone(),
            rma: row.rma.to_string(),
            order: row.order.clone(),
        }
    }
}

/// A use of a coupon.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CouponUse)]
pub struct UseOut {
    /// The order that it was used on.
    order: String,
    /// What it took off.
    amount: MoneyOut,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Nothing came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    released_at: Option<Timestamp>,
}

impl From<CouponUse> for UseOut {
    fn from(used: CouponUse) -> Self {
        Self { order: used.order, amount: used.amount.into(), at: used.at, released_at: used.released_at }
    }
}

/// A coupon.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CouponHeld)]
pub struct CouponOut {
    #[serde(flatten)]
    compensation: CompensationOut,
    /// Your name for the customer whose it is, or their mail address where you gave none; of a transferable one, too.
    customer: String,
    /// The oldest first.
    uses: Vec<UseOut>,
}

impl CouponOut {
    fn of(coupon: Coupon, now: Timestamp) -> Self {
        let Coupon { row, uses, .. } = coupon;
        Self { compensation: CompensationOut::of(&row, now), customer: row.holder, uses: uses.into_iter().map(UseOut::from).collect() }
    }
}

/// A coupon to use.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CouponRedemption, examples(json!({"order": "10311", "amount": "5.00", "currency": "EUR"})))]
pub struct CouponIn {
    /// The order it is used on.
    pub order: String,
    /// What it takes off; 0 or more.
    #[schema(schema_with = amount)]
    pub amount: Amount,
    /// ISO 4217; left out: the coupon's.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: Option<String>,
}

/// A coupon to give free.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CouponRelease, examples(json!({"order": "10311"})))]
pub struct CouponReleaseIn {
    /// The order it was used on.
    pub order: String,
}

fn code_of(text: &str) -> Result<CouponCode, Problem> {
    text.parse().map_err(|error: domain::compensation::NoCoupon| Problem::not_found(error.to_string()))
}

fn coupon_refusal(error: CouponError) -> Problem {
    let refused = |kind: &str, why: &CouponError| Problem::new(StatusCode::CONFLICT, kind, why.to_string());
    match error {
        CouponError::Unknown => Problem::not_found(error.to_string()),
        CouponError::Used(_) => refused("coupon-used", &error),
        CouponError::Over(_) => refused("coupon-over", &error),
        CouponError::Withdrawn => refused("coupon-withdrawn", &error),
        CouponError::NotTheirs => refused("coupon-not-theirs", &error),
        CouponError::NotUsed => refused("coupon-not-used", &error),
        CouponError::TooLittle(_) => refused("coupon-minimum", &error),
        CouponError::Currency(_) => Problem::field("currency", error.to_string()),
        CouponError::TooMuch(_) => Problem::field("amount", error.to_string()),
        CouponError::Store(error) => error.into(),
    }
}

/// A coupon by its code: what it takes off, how it stands, and what it was used on. 404: there is none; letters that look alike, case and dashes do not matter.
#[utoipa::path(
    get, path = "/v1/coupons/{code}", operation_id = "get_coupon", tag = "shop",
    params(("code" = String, Path, description = "Its code")), responses((status = 200, body = CouponOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(code): Path<String>) -> Result<Json<CouponOut>, Problem> {
    leave(&desk)?;
    let coupon = state.services.coupon(code_of(&code)?).await?;
    let coupon = coupon.ok_or_else(|| Problem::not_found(CouponError::Unknown.to_string()))?;
    Ok(Json(CouponOut::of(coupon, state.services.clock.now())))
}

/// Use a coupon on an order, once, however many ask at the same moment; sent again for the same order and amount it is answered the same. 409: it was used, is
/// over, was taken back, belongs to another customer, or the order is too small. 422: it takes off less.
#[utoipa::path(
    post, path = "/v1/coupons/{code}/redeem", operation_id = "redeem_coupon", tag = "shop", request_body = CouponIn,
    params(("code" = String, Path, description = "Its code")), responses((status = 200, body = CouponOut))
)]
pub async fn redeem(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<Json<CouponOut>, Problem> {
    let access = leave(&desk)?;
    let asked: CouponIn = read(&body)?;
    let code = code_of(&code)?;
    let mut fields = Fields::default();
    let order: Option<OrderNumber> = fields.parsed("order", Some(&asked.order));
    let named: Option<Currency> = fields.parsed("currency", asked.currency.as_deref());
    fields.checked()?;
    let currency = match named {
        Some(currency) => currency,
        None => {
            let coupon = state.services.coupon(code).await?;
            coupon.ok_or_else(|| Problem::not_found(CouponError::Unknown.to_string()))?.row.currency
        }
    };
    let minor = asked.amount.minor(currency).map_err(|error| Problem::field("amount", error.to_string()))?;
    if minor < 0 {
        return Err(Problem::field("amount", "is 0 or more"));
    }
    let order = order.ok_or_else(|| Problem::field("order", "is missing"))?.to_string();
    let asked = CouponRedeem { order, amount: Money::new(minor, currency) };
    let coupon = state.services.redeem_coupon(access, code, asked).await.map_err(coupon_refusal)?;
    Ok(Json(CouponOut::of(coupon, state.services.clock.now())))
}

/// Give a coupon free again, because nothing came of the order it was used on; sent again it is answered the same. 409: it was not used on that order.
#[utoipa::path(
    post, path = "/v1/coupons/{code}/release", operation_id = "release_coupon", tag = "shop", request_body = CouponReleaseIn,
    params(("code" = String, Path, description = "Its code")), responses((status = 200, body = CouponOut))
)]
pub async fn release(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<Json<CouponOut>, Problem> {
    let access = leave(&desk)?;
    let CouponReleaseIn { order } = read(&body)?;
    let code = code_of(&code)?;
    let mut fields = Fields::default();
    let order: Option<OrderNumber> = fields.parsed("order", Some(&order));
    fields.checked()?;
    let order = order.ok_or_else(|| Problem::field("order", "is missing"))?.to_string();
    let coupon = state.services.release_coupon(access, code, order).await.map_err(coupon_refusal)?;
    Ok(Json(CouponOut::of(coupon, state.services.clock.now())))
}

/// Points to spend.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PointsRedemption, examples(json!({"points": 50, "reference": "checkout-991", "order": "10311"})))]
pub struct PointsIn {
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub points: i64,
    /// Your name for it: sent again with the same they are spent once.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]+$")]
    pub reference: String,
    /// The order they are spent on.
    #[serde(default)]
    pub order: Option<String>,
}

/// Points to give back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PointsRelease, examples(json!({"reference": "checkout-991"})))]
pub struct PointsReleaseIn {
    /// By which they were spent.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]+$")]
    pub reference: String,
}

/// An entry of the ledger of points.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PointsEntry)]
pub struct PointsEntryOut {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `give`, `redeem` (they were spent), `release` (they were not after all), `withdraw` (it turned out otherwise), `expire` (their time was over).
    kind: &'static str,
    /// Negative where they went.
    points: i64,
    /// Your name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The return they came of.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    /// The order they came of, or were spent on.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// From then on what is left of them cannot be spent. What ends first is spent first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<PointsEntry> for PointsEntryOut {
    fn from(entry: PointsEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            kind: entry.kind.code(),
            points: entry.amount,
            reference: entry.reference,
            rma: entry.rma.map(|rma| rma.to_string()),
            order: entry.order,
            expires_at: entry.expires_at,
        }
    }
}

/// A customer's points.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Points)]
pub struct PointsOut {
    balance: i64,
    /// Where they came from and went, the newest first.
    entries: Vec<PointsEntryOut>,
}

fn points_refusal(error: PointsError) -> Problem {
    let refused = |kind: &str, why: &PointsError| Problem::new(StatusCode::CONFLICT, kind, why.to_string());
    match error {
        PointsError::TooMuch(_) => refused("too-few-points", &error),
        PointsError::OtherTerms => refused("reference-used", &error),
        PointsError::Released => refused("released", &error),
        PointsError::Unknown => Problem::not_found(error.to_string()),
        PointsError::Store(error) => error.into(),
    }
}

/// A customer's points, and how they came about. Customers are named as for their credit.
#[utoipa::path(
    get, path = "/v1/customers/{id}/points", operation_id = "get_points", tag = "shop",
    params(("id" = String, Path, description = "The customer"), EntriesQuery),
    responses((status = 200, body = PointsOut), (status = 422, description = "Another limit"))
)]
pub async fn get_points(
    State(state): State<AppState>,
    _desk: MachineDesk,
    Path(id): Path<String>,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<PointsOut>, Problem> {
    let most = query.checked()?;
    let points = state.services.points_of(&named(&id)?, query.before.as_deref(), most).await?;
    Ok(Json(PointsOut { balance: points.balance, entries: points.entries.into_iter().map(PointsEntryOut::from).collect() }))
}

/// Spend points of a customer's, once for each `reference`: sent again it is answered the same. 409: there are not so many; the reference was used for another
/// number or order; or what was spent by it was given back.
#[utoipa::path(
    post, path = "/v1/customers/{id}/points/redeem", operation_id = "redeem_points", tag = "shop", request_body = PointsIn,
    params(("id" = String, Path, description = "The customer")), responses((status = 200, body = PointsEntryOut))
)]
pub async fn redeem_points(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<PointsEntryOut>, Problem> {
    let asked: PointsIn = read(&body)?;
    let mut fields = Fields::default();
    let order: Option<OrderNumber> = fields.parsed("order", asked.order.as_deref());
    if !(1..=MOST_POINTS).contains(&asked.points) {
        fields.wrong("points", format!("is between 1 and {MOST_POINTS}"));
    }
    check_reference(&mut fields, &asked.reference);
    fields.checked()?;
    let asked = RedeemPoints { points: asked.points, reference: asked.reference, order: order.map(|order| order.to_string()) };
    let entry = state.services.redeem_points(leave(&desk)?, &named(&id)?, asked).await.map_err(points_refusal)?;
    Ok(Json(entry.into()))
}

/// Give back points that were spent by a `reference`, all and once: sent again it is answered the same. 404: nothing was spent by it.
#[utoipa::path(
    post, path = "/v1/customers/{id}/points/release", operation_id = "release_points", tag = "shop", request_body = PointsReleaseIn,
    params(("id" = String, Path, description = "The customer")), responses((status = 200, body = PointsEntryOut))
)]
pub async fn release_points(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<PointsEntryOut>, Problem> {
    let PointsReleaseIn { reference } = read(&body)?;
    let mut fields = Fields::default();
    check_reference(&mut fields, &reference);
    fields.checked()?;
    let entry = state.services.release_points(leave(&desk)?, &named(&id)?, &reference).await.map_err(points_refusal)?;
    Ok(Json(entry.into()))
}

/// What waits for a yes or a no.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompensationList)]
pub struct CompensationsOut {
    /// The oldest first.
    compensations: Vec<CompensationOut>,
}

/// A yes or a no.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CompensationDecision, examples(json!({"give": true})))]
pub struct DecisionIn {
    /// `false`: it is not given.
    pub give: bool,
}

fn at_compensations(desk: &MachineDesk) -> Result<AtCompensations, Problem> {
    let refused = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not decide about compensation");
    AtCompensations::of_machine(&desk.key).ok_or_else(refused)
}

/// Coupons, points and credit that a rule gives above its limit, and that wait for somebody to decide, the oldest first; at most 1,000.
#[utoipa::path(
    get, path = "/v1/compensations", operation_id = "list_compensations", tag = "shop", responses((status = 200, body = CompensationsOut))
)]
pub async fn list(State(state): State<AppState>, desk: MachineDesk) -> Result<Json<CompensationsOut>, Problem> {
    at_compensations(&desk)?;
    let (rows, now) = (state.services.compensations_waiting().await?, state.services.clock.now());
    Ok(Json(CompensationsOut { compensations: rows.iter().map(|row| CompensationOut::of(row, now)).collect() }))
}

/// Give what waits, or do not; what the same rule gave beside it is decided with it. Sent again it is answered the same. 409: somebody decided otherwise, or it
/// was taken back since.
#[utoipa::path(
    post, path = "/v1/compensations/{id}/decide", operation_id = "decide_compensation", tag = "shop", request_body = DecisionIn,
    params(("id" = String, Path, description = "Its `id`")), responses((status = 200, body = CompensationOut))
)]
pub async fn decide(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<CompensationOut>, Problem> {
    let access = at_compensations(&desk)?;
    let DecisionIn { give } = read(&body)?;
    let decided = state.services.decide_compensation(&access, &id, give).await.map_err(|error| match error {
        DecideGiftError::Unknown => Problem::not_found(error.to_string()),
        DecideGiftError::Decided(_) => Problem::new(StatusCode::CONFLICT, "compensation-state", error.to_string()),
        DecideGiftError::Store(error) => error.into(),
    })?;
    Ok(Json(CompensationOut::of(&decided, state.services.clock.now())))
}
