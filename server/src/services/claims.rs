//! Claims against suppliers and carriers (P27): opened by somebody or by a batch of goods that went back, filed, agreed to or declined, and paid or given up.

use domain::claim::{Against, Answered, ClaimGround, ClaimRefused, ClaimState, ClaimStep, check_settled};
use domain::ids::OrderNumber;
use domain::money::Money;
use domain::policy::local_day;
use domain::returns::{Return, ScanStatus};
use domain::rma::RmaNumber;
use domain::search;
use domain::staff::Room;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Services;
use super::access::{Accountable, AtClaims};
use super::once::IdempotencyKey;
use super::refusals::OpenError;
use crate::store::{self, AuditNote, BatchRow, ClaimRow, ClaimStepRow, ClaimsWanted, Conn, StoreError};

/// Claims of a list at once.
pub const MOST_CLAIMS: i64 = 1_000;

/// What is said of a claim that is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimTold {
    pub party: String,
    pub ground: ClaimGround,
    pub rma: Option<RmaNumber>,
    /// The parcel's number.
    pub tracking: Option<String>,
    pub order: Option<OrderNumber>,
    pub expected: Option<Money>,
    /// The last day for it; nothing: as the law has it, where it has one.
    pub due: Option<Date>,
    /// When it was delivered, or should have been; nothing: as the return knows it, else today.
    pub since: Option<Date>,
    /// For colleagues.
    pub note: Option<String>,
}

/// What is done with a claim, and what is said with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimStepTold {
    /// `reference`: their name for it, where they gave one.
    File {
        reference: Option<String>,
    },
    Agree,
    Settle {
        paid: Money,
    },
    Decline {
        reason: String,
    },
    Drop {
        reason: String,
    },
}

/// Why a claim is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    #[error("there is no such claim")]
    Unknown,
    #[error("there is no such return")]
    UnknownReturn,
    #[error(transparent)]
    Refused(#[from] ClaimRefused),
    /// What they paid is for who sees to payments.
    #[error("what was paid is for who sees to payments")]
    NotYours,
    #[error("this claim was changed since")]
    Changed,
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for ClaimError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

impl ClaimStepTold {
    pub fn step(&self) -> ClaimStep {
        match self {
            Self::File { .. } => ClaimStep::File,
            Self::Agree => ClaimStep::Agree,
            Self::Settle { .. } => ClaimStep::Settle,
            Self::Decline { .. } => ClaimStep::Decline,
            Self::Drop { .. } => ClaimStep::Drop,
        }
    }

    fn said(&self) -> Option<String> {
        match self {
            Self::File { reference } => reference.clone(),
            Self::Agree => None,
            Self::Settle { paid } => Some(paid.to_string()),
            Self::Decline { reason } | Self::Drop { reason } => Some(reason.clone()),
        }
    }
}

impl Services {
    /// Opens a claim; by the same key once.
    pub async fn open_claim(&self, access: &AtClaims, told: ClaimTold, key: Option<IdempotencyKey>) -> Result<ClaimRow, ClaimError> {
        let (now, zone, by) = (self.clock.now(), self.shop_zone(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if let Some(key) = &key
                    && let Some((before, _)) = key.before(conn).await?
                {
                    let number = before.answer.parse().map_err(|_| ClaimError::KeyReused)?;
                    return store::find_claim(conn, number).await?.ok_or(ClaimError::KeyReused);
                }
                let ClaimTold { party, ground, rma, tracking, order, expected, due, since, note } = told;
                let request = match rma {
                    None => None,
                    Some(rma) => Some(store::find_return(conn, rma).await?.ok_or(ClaimError::UnknownReturn)?),
                };
                let came = || request.as_ref().and_then(|request| came_at(request, tracking.as_deref()));
                let since = since.unwrap_or_else(|| local_day(came().unwrap_or(now), &zone));
                let row = ClaimRow {
                    number: store::next_number(conn, "claims").await?,
                    rma,
                    due: due.or(ground.default_due(since)),
                    tracking,
                    order,
                    note,
                    ..new(&by, party, ground, expected, now)
                };
                open(conn, &by, &row).await?;
                if let Some(key) = key
                    && !key.keep_name(conn, row.number.to_string(), now).await?
                {
                    return Err(ClaimError::KeyReused);
                }
                Ok(row)
            })
        });
        written.await
    }

    /// Does something with a claim. What was done before is not done again. `seen`: the version that was looked at.
    pub async fn step_claim(&self, access: &AtClaims, number: i64, told: ClaimStepTold, seen: Option<i64>) -> Result<ClaimRow, ClaimError> {
        if told.step() == ClaimStep::Settle && !access.also(Room::Payments) {
            return Err(ClaimError::NotYours);
        }
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let before = store::find_claim(conn, number).await?.ok_or(ClaimError::Unknown)?;
                let state = match before.state.step(told.step()) {
                    Answered::Already => return Ok(before),
                    Answered::Refused => return Err(ClaimRefused::State(before.state).into()),
                    Answered::To(state) => state,
                };
                if seen.is_some_and(|seen| seen != before.version) {
                    return Err(ClaimError::Changed);
                }
                let mut row = ClaimRow { state, version: before.version + 1, ..before.clone() };
                match &told {
                    ClaimStepTold::File { reference } => {
                        row.filed_at = Some(now);
                        row.reference = reference.clone().or(row.reference);
                    }
                    ClaimStepTold::Settle { paid } => {
                        check_settled(row.expected, *paid)?;
                        (row.settled, row.settled_at) = (Some(*paid), Some(now));
                    }
                    ClaimStepTold::Agree | ClaimStepTold::Decline { .. } | ClaimStepTold::Drop { .. } => {}
                }
                if !store::update_claim(conn, &row).await? {
                    return Err(ClaimError::Changed);
                }
                let step = ClaimStepRow { at: now, who: by.actor.clone(), step: told.step(), said: told.said() };
                store::insert_claim_step(conn, number, row.version, &step).await?;
                let note = by.note(now, format!("{}_claim", told.step()), format!("claim:{number}"));
                let paid = row.settled.map(|paid| format!(" {paid}")).unwrap_or_default();
                let (before, after) = (Some(before.state.to_string()), Some(format!("{state}{paid}")));
                let private = step.said.map(|said| serde_json::json!({"said": said}).to_string());
                store::note_audit(conn, &AuditNote { before, after, private, ..note }).await?;
                Ok(row)
            })
        });
        written.await
    }

    /// A claim, and what was done with it.
    pub async fn claim(&self, number: i64) -> Result<Option<(ClaimRow, Vec<ClaimStepRow>)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(row) = store::find_claim(&mut read.conn(), number).await? else { return Ok(None) };
        let steps = store::claim_steps(&mut read.conn(), number).await?;
        Ok(Some((row, steps)))
    }

    /// Claims, those whose day is first before the rest.
    pub async fn claims(&self, wanted: ClaimsWanted) -> Result<Vec<ClaimRow>, StoreError> {
        let wanted = ClaimsWanted { limit: wanted.limit.min(MOST_CLAIMS), ..wanted };
        store::list_claims(&mut self.store.read().await?.conn(), &wanted).await
    }

    /// Claims about a return, the oldest first.
    pub async fn claims_of_return(&self, rma: RmaNumber) -> Result<Vec<ClaimRow>, StoreError> {
        store::claims_of_return(&mut self.store.read().await?.conn(), rma).await
    }

    /// How many are still to be filed, and how many of them by a day that is over, as far as [`store::COUNTED`].
    pub async fn claims_counted(&self) -> Result<(i64, i64), StoreError> {
        let today = local_day(self.clock.now(), &self.shop_zone());
        store::count_claims(&mut self.store.read().await?.conn(), today).await
    }

    /// The number of the claim that a batch of goods opened.
    pub async fn claim_of_batch(&self, batch: i64) -> Result<Option<i64>, StoreError> {
        let found = store::claim_of_batch(&mut self.store.read().await?.conn(), batch).await?;
        Ok(found.map(|row| row.number))
    }
}

/// A claim that was just opened, about nothing yet.
fn new(by: &Accountable, party: String, ground: ClaimGround, expected: Option<Money>, now: Timestamp) -> ClaimRow {
    ClaimRow {
        number: 0,
        opened_at: now,
        who: by.actor.clone(),
        party,
        ground,
        state: ClaimState::Open,
        rma: None,
        tracking: None,
        order: None,
        batch: None,
        expected,
        due: None,
        filed_at: None,
        reference: None,
        settled: None,
        settled_at: None,
        note: None,
        version: 1,
    }
}

/// Writes a new claim. Whether it did: of a batch there is one.
async fn open(conn: &mut Conn<'_>, by: &Accountable, row: &ClaimRow) -> Result<bool, StoreError> {
    if !store::insert_claim(conn, row).await? {
        return Ok(false);
    }
    let note = by.note(row.opened_at, "open_claim", format!("claim:{}", row.number));
    let expected = row.expected.map(|expected| format!(" {expected}")).unwrap_or_default();
    let after = Some(format!("{} {}{expected}", row.ground.against(), row.ground));
    let private = Some(serde_json::json!({"party": row.party, "note": row.note}).to_string());
    store::note_audit(conn, &AuditNote { after, private, ..note }).await?;
    Ok(true)
}

/// Opens the claim of a batch of which something went back just now, unless it was opened before: with what went first, in its transaction, so that goods
/// are never gone without it.
pub(super) async fn open_of_batch(conn: &mut Conn<'_>, by: &Accountable, batch: &BatchRow, now: Timestamp) -> Result<(), StoreError> {
    let Some(vendor) = batch.vendor.clone() else { return Ok(()) };
    debug_assert_eq!(vendor.ground.against(), Against::Supplier);
    if store::claim_of_batch(conn, batch.number).await?.is_some() {
        return Ok(());
    }
    let row = ClaimRow {
        number: store::next_number(conn, "claims").await?,
        batch: Some(batch.number),
        note: Some(batch.reason.clone()),
        ..new(by, vendor.supplier, vendor.ground, vendor.expected, now)
    };
    open(conn, by, &row).await?;
    Ok(())
}

/// When what a return is of came: as the parcel's carrier saw it, else as it was booked in first.
fn came_at(request: &Return, tracking: Option<&str>) -> Option<Timestamp> {
    let same = |number: &str| tracking.is_none_or(|tracking| search::code(tracking) == search::code(number));
    let seen = request.parcels.iter().filter(|parcel| same(&parcel.tracking_number)).flat_map(|parcel| &parcel.scans);
    let delivered = seen.filter(|scan| scan.status == ScanStatus::Delivered).map(|scan| scan.at).min();
    delivered.or_else(|| request.receipts.iter().map(|receipt| receipt.at).min())
}
