//! What lies apart in warehouses, what is done with many units of it at once, and the ledger of all of it, by machine (C21, C22, C25, B31, P27).
//! Long because each kind of batch has its fields, which are read and told here.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::claim::ClaimGround;
use domain::ids::Sku;
use domain::money::Amount;
use domain::plain::one_line;
use domain::returns::{BatchKind, CommandKind, MOST_PERCENT, StockState};
use domain::rma::RmaNumber;
use domain::scrap::ScrapGround;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, amount, codes, read};
use super::claims::{money, of_suppliers};
use super::commands::in_words;
use super::json::Json;
use super::ledger::{MoveOut, MovesQuery};
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Access, AtStock, BatchTold};
use crate::store::{BatchLot, BatchRow, KeptRow, LotInBatch, MAIN_WAREHOUSE, StockEntry, Threshold, VendorReturn};

/// Days that goods may lie before they are looked for.
const MOST_DAYS: u32 = 3_650;
const MOST_UNITS: i64 = 1_000_000_000;
/// Characters of a supplier's name.
const LONGEST_NAME: usize = 200;

fn at_stock(desk: &MachineDesk) -> Result<AtStock, Problem> {
    AtStock::of_machine(&desk.key).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to the stock"))
}

/// Which of what lies apart to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct KeptQuery {
    /// Only what lies so: `quarantine`, `defective`, `in_repair`, `promotion`, `scrapped`, `returned_to_vendor`.
    pub condition: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// So many units of a product lie so in a warehouse.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockApart)]
pub struct KeptOut {
    warehouse: String,
    sku: String,
    /// `quarantine`, `defective`, `in_repair`, `promotion`, `scrapped`, `returned_to_vendor`.
    condition: &'static str,
    units: i64,
    /// Of `promotion`: so much is taken off the price, in percent, as it was marked down last.
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_off: Option<u32>,
}

/// A page of what lies apart.
#[derive(Serialize, ToSchema)]
#[schema(as = StockApartPage)]
pub struct KeptPageOut {
    /// By condition, warehouse and product.
    items: Vec<KeptOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<KeptRow> for KeptOut {
    fn from(row: KeptRow) -> Self {
        let KeptRow { warehouse, sku, state, units, percent } = row;
        Self { warehouse, sku, condition: state.code(), units, percent_off: percent }
    }
}

/// What lies apart in all warehouses: kept apart, broken, with the workshop, for less by another channel, gone as waste.
#[utoipa::path(
    get, path = "/v1/stock", tag = "warehouse", operation_id = "list_stock_apart", params(KeptQuery),
    responses((status = 200, body = KeptPageOut), (status = 422, description = "A cursor that this call did not give"))
)]
pub async fn list_kept(State(state): State<AppState>, Query(query): Query<KeptQuery>) -> Result<Json<KeptPageOut>, Problem> {
    let mut fields = Fields::default();
    let condition: Option<StockState> = fields.one_of("condition", query.condition.as_deref(), &conditions());
    let (after, limit) = super::page::wanted(query.cursor.as_deref(), query.limit, |name| Some(name.to_owned()), &mut fields);
    fields.checked()?;
    let after = after.map(|(_, name)| name).unwrap_or_default();
    let mut parts = after.splitn(3, '\n').map(str::to_owned);
    let (one, two, three) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut rows = state.services.kept(condition, (&one, &two, &three), limit + 1).await?;
    let name = |row: &KeptRow| (0, format!("{}\n{}\n{}", row.state.code(), row.warehouse, row.sku));
    let next_cursor = super::page::cut(&mut rows, limit, name);
    Ok(Json(KeptPageOut { items: rows.into_iter().map(KeptOut::from).collect(), next_cursor }))
}

/// How goods lie that cannot be sold as new.
pub(super) fn conditions() -> Vec<&'static str> {
    StockState::ALL.iter().filter(|state| **state != StockState::Sellable).map(|state| state.code()).collect()
}

/// A move of any product.
#[derive(Serialize, ToSchema)]
#[schema(as = StockMoveAnywhere)]
pub struct AnyMoveOut {
    warehouse: String,
    sku: String,
    #[serde(flatten)]
    moved: MoveOut,
}

impl From<StockEntry> for AnyMoveOut {
    fn from(entry: StockEntry) -> Self {
        Self { warehouse: entry.warehouse.clone(), sku: entry.sku.clone(), moved: entry.into() }
    }
}

/// The ledger of all products in all warehouses, in the order in which entries could first be seen: what a shop reads to keep its own stock right. Whoever
/// goes on `after` the last entry they read misses none and reads none twice, however many write at the same time.
#[utoipa::path(
    get, path = "/v1/stock-moves", tag = "warehouse", operation_id = "list_all_stock_moves", params(MovesQuery),
    responses((status = 200, body = Vec<AnyMoveOut>), (status = 422, description = "Another limit"))
)]
pub async fn list_all_moves(State(state): State<AppState>, Query(query): Query<MovesQuery>) -> Result<Json<Vec<AnyMoveOut>>, Problem> {
    let limit = query.checked()?;
    let moves = state.services.stock_feed(query.after.as_deref(), limit).await?;
    Ok(Json(moves.into_iter().map(AnyMoveOut::from).collect()))
}

/// What to do with goods that lie apart.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = StockBatchIn, examples(json!({"kind": "markdown", "warehouse": "HZ1", "condition": "defective", "days": 30, "percent": 40, "reason": "end of season"})))]
pub struct BatchIn {
    /// `markdown` (sold for less by the promotion channel), `scrap`, or `return_to_vendor`, which opens a claim against the supplier with what goes first.
    pub kind: String,
    /// Where; left out: where the shop keeps its goods.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// How they lie: `defective` or `quarantine`.
    pub condition: String,
    /// Of this product alone.
    #[serde(default)]
    pub sku: Option<String>,
    /// Only of returns nothing of which came to lie so in the last so many days.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 3_650)]
    pub days: Option<u32>,
    /// Of `markdown`, where it is needed: taken off the price.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 99)]
    pub percent: Option<u32>,
    /// Of `scrap`: why clothes or shoes may be destroyed, where the law asks for a reason (Delegated Regulation (EU) 2026/296).
    #[serde(default)]
    pub scrap_ground: Option<String>,
    /// Of `return_to_vendor`, where it is needed: to whom.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub supplier: Option<String>,
    /// Of `return_to_vendor`: why the claim is made; left out: `defective`.
    #[serde(default)]
    pub claim_ground: Option<String>,
    /// Of `return_to_vendor`: the credit that is expected, above 0.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub expected: Option<Amount>,
    /// ISO 4217; goes with `expected`.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: Option<String>,
    /// Why, at most 2,000 characters.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

impl BatchIn {
    fn parse(self) -> Result<BatchTold, Problem> {
        let mut fields = Fields::default();
        let kind: Option<BatchKind> = fields.one_of("kind", Some(&self.kind), &codes(BatchKind::ALL, BatchKind::code));
        let state: Option<StockState> = fields.one_of("condition", Some(&self.condition), &codes(&BatchKind::FROM, StockState::code));
        let warehouse: Option<Sku> = fields.parsed("warehouse", self.warehouse.as_deref());
        let sku: Option<Sku> = fields.parsed("sku", self.sku.as_deref());
        let grounds = codes(ScrapGround::ALL, ScrapGround::code);
        let ground: Option<ScrapGround> = fields.one_of("scrap_ground", self.scrap_ground.as_deref(), &grounds);
        if self.days.is_some_and(|days| days > MOST_DAYS) {
            fields.wrong("days", format!("is at most {MOST_DAYS}"));
        }
        if self.percent.is_some_and(|percent| !(1..=MOST_PERCENT).contains(&percent)) {
            fields.wrong("percent", format!("is between 1 and {MOST_PERCENT}"));
        }
        match kind {
            Some(BatchKind::Markdown) if self.percent.is_none() => fields.wrong("percent", "goes with `markdown`, and is missing"),
            Some(BatchKind::Scrap | BatchKind::ReturnToVendor) if self.percent.is_some() => fields.wrong("percent", "goes with `markdown`"),
            _ => {}
        }
        let claim_ground: Option<ClaimGround> = fields.one_of("claim_ground", self.claim_ground.as_deref(), &of_suppliers());
        let expected = money("expected", self.expected, self.currency.as_deref(), &mut fields);
        let supplier = self.supplier.as_deref().map(|name| one_line(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        if kind == Some(BatchKind::ReturnToVendor) {
            if supplier.is_none() || self.supplier.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
                fields.wrong("supplier", format!("goes with `return_to_vendor`, and has 1 to {LONGEST_NAME} characters"));
            }
        } else {
            for (field, told) in [
                ("supplier", self.supplier.is_some()),
                ("claim_ground", self.claim_ground.is_some()),
                ("expected", self.expected.is_some()),
                ("currency", self.currency.is_some()),
            ] {
                if told {
                    fields.wrong(field, "goes with `return_to_vendor`");
                }
            }
        }
        let vendor = supplier.map(|supplier| VendorReturn { supplier, ground: claim_ground.unwrap_or(ClaimGround::Defective), expected });
        if kind.is_some_and(|kind| kind != BatchKind::Scrap) && ground.is_some() {
            fields.wrong("scrap_ground", "goes with `scrap`");
        }
        fields.checked()?;
        let reason = in_words("reason", &self.reason)?;
        let (Some(kind), Some(state)) = (kind, state) else { return Err(Problem::field("kind", "is missing")) };
        let warehouse = warehouse.map_or_else(|| MAIN_WAREHOUSE.to_owned(), |name| name.to_string());
        Ok(BatchTold {
            kind,
            warehouse,
            state,
            sku: sku.map(|sku| sku.to_string()),
            days: self.days,
            percent: self.percent,
            ground,
            vendor,
            reason,
        })
    }
}

/// Something done with goods that lie apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockBatch)]
pub struct BatchOut {
    id: i64,
    /// When it was planned.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who planned it: an account, or `key:` and a key's name.
    who: String,
    /// `markdown`, `scrap`, `return_to_vendor`.
    kind: &'static str,
    warehouse: String,
    /// How the goods lay.
    condition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scrap_ground: Option<&'static str>,
    /// Of `return_to_vendor`: to whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    /// Of `return_to_vendor`: why its claim is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim_ground: Option<&'static str>,
    /// Of `return_to_vendor`: the credit that is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<MoneyOut>,
    /// Of `return_to_vendor`: the name of the claim that it opened, `C12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    reason: String,
    /// When it began; left out while it is only planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    began_at: Option<Timestamp>,
    /// What it is of.
    units: Vec<BatchUnitsOut>,
}

/// Units of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockBatchUnits)]
pub struct BatchUnitsOut {
    #[schema(value_type = String)]
    rma: RmaNumber,
    lot: String,
    sku: String,
    quantity: u32,
    /// `fits` (it is to be done), `refused`, `done`, or `failed` (it could not be done after all).
    state: &'static str,
    /// Why not: `not_inspected`, `theirs`, `offered`, `no_ground`, `gone`, `not_possible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl BatchOut {
    fn of(row: BatchRow, lots: Vec<BatchLot>, claim: Option<i64>) -> Self {
        let moment = |at: i64| Timestamp::from_millisecond(at).unwrap_or_default();
        Self {
            id: row.number,
            at: moment(row.at),
            who: row.who,
            kind: row.kind.code(),
            warehouse: row.warehouse,
            condition: row.state.code(),
            percent: row.percent,
            scrap_ground: row.ground.map(ScrapGround::code),
            claim_ground: row.vendor.as_ref().map(|vendor| vendor.ground.code()),
            expected: row.vendor.as_ref().and_then(|vendor| vendor.expected).map(MoneyOut::from),
            supplier: row.vendor.map(|vendor| vendor.supplier),
            claim: claim.map(|number| format!("C{number}")),
            reason: row.reason,
            began_at: row.began_at.map(moment),
            units: lots.into_iter().map(BatchUnitsOut::from).collect(),
        }
    }
}

impl From<BatchLot> for BatchUnitsOut {
    fn from(lot: BatchLot) -> Self {
        let (state, why) = match lot.state {
            LotInBatch::Fits => ("fits", None),
            LotInBatch::Refused(why) => ("refused", Some(why.code())),
            LotInBatch::Done => ("done", None),
            LotInBatch::Failed(why) => ("failed", Some(why.code())),
        };
        Self { rma: lot.rma, lot: lot.lot.to_string(), sku: lot.sku, quantity: lot.units, state, why }
    }
}

/// Plan what is to be done with goods that lie apart: of which units it would be, and which cannot be taken, and why. Nothing is moved yet. Units of at
/// most 200 returns are taken at once.
#[utoipa::path(
    post, path = "/v1/stock-batches", tag = "warehouse", operation_id = "plan_stock_batch", request_body = BatchIn,
    responses((status = 201, body = BatchOut))
)]
pub async fn plan(State(state): State<AppState>, desk: MachineDesk, body: Bytes) -> Result<Response, Problem> {
    let told = read::<BatchIn>(&body)?.parse()?;
    let access = at_stock(&desk)?;
    let row = state.services.plan_batch(access.clone(), told).await?;
    let found = state.services.batch(&access, row.number).await?;
    let (row, lots) = found.ok_or_else(|| no_batch(&row.number.to_string()))?;
    Ok((StatusCode::CREATED, Json(BatchOut::of(row, lots, None))).into_response())
}

/// What was planned, and how far it is.
#[utoipa::path(
    get, path = "/v1/stock-batches/{id}", tag = "warehouse", operation_id = "get_stock_batch",
    params(("id" = String, Path, description = "Its number")), responses((status = 200, body = BatchOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<BatchOut>, Problem> {
    let access = at_stock(&desk)?;
    let found = state.services.batch(&access, number_of(&id)?).await?;
    let (row, lots) = found.ok_or_else(|| no_batch(&id))?;
    let claim = state.services.claim_of_batch(row.number).await?;
    Ok(Json(BatchOut::of(row, lots, claim)))
}

/// Do what was planned. What has changed since is left as it is, and said. Sent again, what is left to do is done, and nothing twice.
#[utoipa::path(
    post, path = "/v1/stock-batches/{id}/run", tag = "warehouse", operation_id = "run_stock_batch",
    params(("id" = String, Path, description = "Its number")), responses((status = 200, body = BatchOut))
)]
pub async fn run(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<BatchOut>, Problem> {
    let key = desk.key.clone();
    let leave = move |rma| Access::of_people(&key, rma, CommandKind::Dispose);
    let access = at_stock(&desk)?;
    let found = state.services.carry_batch(access, number_of(&id)?, leave).await?;
    let (row, lots) = found.ok_or_else(|| no_batch(&id))?;
    let claim = state.services.claim_of_batch(row.number).await?;
    Ok(Json(BatchOut::of(row, lots, claim)))
}

fn number_of(id: &str) -> Result<i64, Problem> {
    let number = if id.bytes().all(|byte| byte.is_ascii_digit()) { id.parse().ok() } else { None };
    number.ok_or_else(|| no_batch(id))
}

fn no_batch(id: &str) -> Problem {
    Problem::not_found(format!("there is no such batch: `{id}`"))
}

/// From how many units on somebody is to be told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockAlert)]
pub struct ThresholdOut {
    /// Left out: of every warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    warehouse: Option<String>,
    /// Left out: of every product.
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    condition: &'static str,
    /// From so many on.
    units: i64,
    /// How many lie so now.
    lie: i64,
    /// There are that many.
    reached: bool,
}

impl From<Threshold> for ThresholdOut {
    fn from(told: Threshold) -> Self {
        let reached = told.lie >= told.units;
        Self { warehouse: told.warehouse, sku: told.sku, condition: told.state.code(), units: told.units, lie: told.lie, reached }
    }
}

/// All thresholds of the stock, and which are reached.
#[utoipa::path(
    get, path = "/v1/stock-alerts", tag = "warehouse", operation_id = "list_stock_alerts",
    responses((status = 200, body = Vec<ThresholdOut>))
)]
pub async fn alerts(State(state): State<AppState>) -> Result<Json<Vec<ThresholdOut>>, Problem> {
    let all = state.services.thresholds().await?;
    Ok(Json(all.into_iter().map(ThresholdOut::from).collect()))
}

/// A threshold.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = StockAlertIn, examples(json!({"condition": "defective", "units": 50})))]
pub struct ThresholdIn {
    /// Left out: of every warehouse.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// Left out: of every product.
    #[serde(default)]
    pub sku: Option<String>,
    /// `quarantine`, `defective`, `in_repair`, `promotion`, `scrapped`, `returned_to_vendor`.
    pub condition: String,
    /// From so many on; left out: nobody is told any more.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub units: Option<i64>,
}

/// Say from how many units on somebody is to be told that they lie so (C25).
#[utoipa::path(
    put, path = "/v1/stock-alerts", tag = "warehouse", operation_id = "put_stock_alert", request_body = ThresholdIn,
    responses((status = 200, body = Vec<ThresholdOut>))
)]
pub async fn put_alert(State(state): State<AppState>, desk: MachineDesk, body: Bytes) -> Result<Json<Vec<ThresholdOut>>, Problem> {
    let given: ThresholdIn = read(&body)?;
    let mut fields = Fields::default();
    let warehouse: Option<Sku> = fields.parsed("warehouse", given.warehouse.as_deref());
    let sku: Option<Sku> = fields.parsed("sku", given.sku.as_deref());
    let condition: Option<StockState> = fields.one_of("condition", Some(&given.condition), &conditions());
    if given.units.is_some_and(|units| !(1..=MOST_UNITS).contains(&units)) {
        fields.wrong("units", format!("is between 1 and {MOST_UNITS}"));
    }
    fields.checked()?;
    let condition = condition.ok_or_else(|| Problem::field("condition", "is missing"))?;
    let name = |name: Option<Sku>| name.map(|name| name.to_string());
    state.services.put_threshold(at_stock(&desk)?, name(warehouse), name(sku), condition, given.units).await?;
    alerts(State(state)).await
}
