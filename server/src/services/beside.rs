//! What came in a return's parcel beside what was announced waits for somebody, as a parcel does that nobody knows (P22, P11): with whatever command
//! booked it in, and no more once that is taken back.

use domain::returns::{Beside, Receipt, Return};
use domain::stray::{Clues, KEPT_DAYS, StrayState};
use jiff::{SignedDuration, Timestamp};

use super::access::Accountable;
use super::strays::note_of;
use super::workshop::SYSTEM;
use crate::store::{self, CameWith, Conn, MAIN_WAREHOUSE, StoreError, StrayRow};

/// Puts what came newly into the books of parcels, and takes out of them what waits there of receipts that are no more.
pub(super) async fn mind_beside(
    conn: &mut Conn<'_>,
    stood: &Return,
    now: &Return,
    by: Option<&Accountable>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let of = |request: &Return, other: &Return| -> Vec<Receipt> {
        let new = |receipt: &&Receipt| !receipt.beside.is_empty() && other.receipts.iter().all(|known| known.id != receipt.id);
        request.receipts.iter().filter(new).cloned().collect()
    };
    for receipt in of(now, stood) {
        for beside in &receipt.beside {
            let row = row_of(conn, now, &receipt, beside, by, at).await?;
            store::put_stray_parcel(conn, &row).await?;
            note(conn, by, "came_beside", None, Some(&row), at).await?;
        }
    }
    let gone = of(stood, now);
    if gone.is_empty() {
        return Ok(());
    }
    for row in store::stray_parcels_with(conn, now.rma).await? {
        let is_gone = row.with.is_some_and(|with| gone.iter().any(|receipt| receipt.id == with.receipt));
        // What somebody found a place for since lies there.
        if is_gone && store::forget_stray_parcel(conn, row.number).await? {
            note(conn, by, "take_back_parcel", Some(&row), None, at).await?;
        }
    }
    Ok(())
}

async fn row_of(
    conn: &mut Conn<'_>,
    request: &Return,
    receipt: &Receipt,
    beside: &Beside,
    by: Option<&Accountable>,
    at: Timestamp,
) -> Result<StrayRow, StoreError> {
    let of_line = || beside.of.and_then(|lot| request.line(lot.line)).map(|line| line.asked.sku.to_string());
    let sku = beside.sku.as_ref().map(ToString::to_string).or_else(of_line);
    Ok(StrayRow {
        number: store::next_number(conn, "stray_parcels").await?,
        at: receipt.at,
        warehouse: receipt.warehouse.clone().unwrap_or_else(|| MAIN_WAREHOUSE.to_owned()),
        shelf: None,
        clues: Clues { tracking_number: receipt.tracking_number.clone(), codes: sku.into_iter().collect(), ..Clues::default() },
        note: None,
        owner: by.map_or(SYSTEM, |by| by.actor.as_str()).to_owned(),
        due: at.saturating_add(SignedDuration::from_hours(24 * KEPT_DAYS)).unwrap_or(Timestamp::MAX),
        state: StrayState::Waiting,
        rma: None,
        reason: None,
        ended_at: None,
        version: 1,
        with: Some(CameWith { rma: request.rma, receipt: receipt.id, units: beside.units }),
    })
}

async fn note(
    conn: &mut Conn<'_>,
    by: Option<&Accountable>,
    what: &str,
    before: Option<&StrayRow>,
    after: Option<&StrayRow>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(by) = by else { return Ok(()) };
    store::note_audit(conn, &note_of(by, what, before, after, at)).await
}
