//! What a code on a parcel or a thing is, and the ledger of the stock, by machine.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use domain::ids::Sku;
use domain::returns::StockState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::read;
use super::json::Json;
use super::problem::Problem;
use super::search::FoundReturnOut;
use crate::desks::MachineDesk;
use crate::services::Meant;
use crate::store::StockEntry;

/// Characters of a code.
const LONGEST_CODE: usize = 200;
/// Entries of the ledger at once.
const MOST_MOVES: i64 = 1_000;

/// What a scanner read.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ScannedCode)]
pub struct CodeIn {
    /// As it was read; spaces, dashes, the frame of a link and the scanner's mark (`]C1`) do not matter. The number of a logistic unit (SSCC) is
    /// known with and without the `00` before it.
    #[schema(max_length = 200)]
    pub code: String,
}

/// What a code is.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeMeant)]
pub struct MeantOut {
    /// `return`, `parcel`, `serial`, `sku`, `order`, or `unknown`.
    kind: &'static str,
    /// Returns it can be of: open ones before those that have ended, of each the newest first.
    candidates: Vec<FoundReturnOut>,
}

/// What a code on a parcel, a slip or a thing is, and the returns that it can be of.
#[utoipa::path(
    post, path = "/v1/scans", tag = "warehouse", operation_id = "identify_code", request_body = CodeIn,
    responses((status = 200, body = MeantOut))
)]
pub async fn identify(desk: MachineDesk, body: Bytes) -> Result<Json<MeantOut>, Problem> {
    let given: CodeIn = read(&body)?;
    if given.code.chars().count() > LONGEST_CODE {
        return Err(Problem::field("code", format!("is longer than {LONGEST_CODE} characters")));
    }
    let Meant { kind, returns } = desk.meant(&given.code).await?;
    Ok(Json(MeantOut { kind, candidates: returns.into_iter().map(FoundReturnOut::from).collect() }))
}

/// Which entries of the ledger to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MovesQuery {
    /// `id` of the last entry that is known; left out: from the beginning.
    #[param(max_length = 200, pattern = "^[ -~]*$")]
    pub after: Option<String>,
    /// At most so many; 1,000 where left out.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<i64>,
}

impl MovesQuery {
    /// How many entries are wanted, after one that can be one.
    pub(super) fn checked(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(MOST_MOVES);
        if !(1..=MOST_MOVES).contains(&limit) {
            return Err(Problem::field("limit", format!("is between 1 and {MOST_MOVES}")));
        }
        let plain = |after: &String| after.len() <= LONGEST_CODE && after.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if self.after.as_ref().is_some_and(|after| !plain(after)) {
            return Err(Problem::field("after", "is no entry's id"));
        }
        Ok(limit)
    }
}

/// Units that came, went, or lie otherwise than before.
#[derive(Serialize, ToSchema)]
#[schema(as = StockMove)]
pub struct MoveOut {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The return it came of; left out where the shop told a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lot: Option<String>,
    /// `received`, `moved`, `left`, `undone` (taken back by who did it), or `told` (the shop counted anew).
    kind: String,
    /// Of `told`: so many more, or fewer.
    quantity: i64,
    /// How they lay: `sellable`, `quarantine`, `defective`, `in_repair`, `promotion`, `scrapped`, `returned_to_vendor`; left out: they were not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    /// How they lie; left out: they are not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'static str>,
}

/// The ledger of a product in a warehouse, the oldest entry first.
#[utoipa::path(
    get, path = "/v1/stock/{warehouse}/{sku}/moves", tag = "warehouse", operation_id = "list_stock_moves",
    params(("warehouse" = String, Path, description = "The warehouse"), ("sku" = String, Path, description = "The product"), MovesQuery),
    responses((status = 200, body = Vec<MoveOut>), (status = 422, description = "Another limit"))
)]
pub async fn list_moves(
    desk: MachineDesk,
    Path((warehouse, sku)): Path<(String, String)>,
    Query(query): Query<MovesQuery>,
) -> Result<Json<Vec<MoveOut>>, Problem> {
    let limit = query.checked()?;
    // What cannot be a name is of nothing that is there.
    if warehouse.parse::<Sku>().is_err() || sku.parse::<Sku>().is_err() {
        return Err(Problem::not_found(format!("nothing is known of `{sku}` in `{warehouse}`")));
    }
    let moves = desk.stock_moves(&warehouse, &sku, query.after.as_deref(), limit).await?;
    Ok(Json(moves.into_iter().map(MoveOut::from).collect()))
}

impl From<StockEntry> for MoveOut {
    fn from(entry: StockEntry) -> Self {
        Self {
            at: Timestamp::from_millisecond(entry.at).unwrap_or_default(),
            id: entry.id,
            rma: entry.rma,
            lot: entry.lot,
            kind: entry.kind,
            quantity: entry.units,
            from: entry.from.map(StockState::code),
            to: entry.to.map(StockState::code),
        }
    }
}
