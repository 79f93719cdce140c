//! Parcels of which the warehouse was told before they arrived.

use super::conn::{execute, fetch_all, fetch_optional};
use super::{ComingParcel, Conn, StoreError};

/// Whether something was told on that day (`2026-11-24`, of the shop).
pub async fn was_announced(conn: &mut Conn<'_>, day: &str) -> Result<bool, StoreError> {
    Ok(fetch_optional!(conn, (String,), "SELECT rma FROM goods_announced WHERE day = $1 LIMIT 1", day)?.is_some())
}

/// Parcels that are waited for after `now` (epoch milliseconds) and of which nobody was told, the earliest first.
pub async fn parcels_to_announce(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<Vec<ComingParcel>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, String, String),
        "SELECT coming.expected_until, coming.rma, coming.tracking_number FROM expected_parcels AS coming
         WHERE coming.expected_until IS NOT NULL AND coming.expected_until >= $1 AND NOT EXISTS
           (SELECT 1 FROM goods_announced AS told WHERE told.rma = coming.rma AND told.tracking_number = coming.tracking_number)
         ORDER BY coming.expected_until, coming.rma LIMIT $2",
        now,
        most
    )?;
    let parcel = |(expected_until, rma, tracking_number)| ComingParcel { expected_until, rma, tracking_number };
    Ok(rows.into_iter().map(parcel).collect())
}

/// They were told of on that day: return and tracking number. Answers how many had not been.
pub async fn note_announced(conn: &mut Conn<'_>, parcels: &[(String, String)], day: &str) -> Result<u64, StoreError> {
    let mut noted = 0;
    for (rma, tracking_number) in parcels {
        noted += execute!(
            conn,
            "INSERT INTO goods_announced (rma, tracking_number, day) VALUES ($1, $2, $3) ON CONFLICT (rma, tracking_number) DO NOTHING",
            rma,
            tracking_number,
            day
        )?;
    }
    Ok(noted)
}
