//! Devices of the house that people share, and what an admin lets become one.

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// A device. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    pub id: String,
    pub name: String,
    /// Where it stands; empty: wherever whoever uses it works.
    pub warehouses: Vec<String>,
    pub paired_at: i64,
    /// Somebody last signed in on it then.
    pub used_at: i64,
}

type Columns = (String, String, String, i64, i64);

fn row((id, name, warehouses, paired_at, used_at): Columns) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow { id, name, warehouses: read(&warehouses)?, paired_at, used_at })
}

/// Warehouses as they are stored.
pub(super) fn read(warehouses: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(warehouses).map_err(|error| StoreError::corrupt("warehouses of a device", error))
}

fn written(warehouses: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(warehouses).map_err(|error| StoreError::corrupt("warehouses of a device", error))
}

/// Lets a device be paired by whoever has the code of that seal; false where another has the same.
pub async fn put_pairing(conn: &mut Conn<'_>, seal: &str, device: &DeviceRow, expires_at: i64, now: i64) -> Result<bool, StoreError> {
    execute!(conn, "DELETE FROM staff_pairings WHERE expires_at <= $1", now)?;
    let put = execute!(
        conn,
        "INSERT INTO staff_pairings (seal, id, name, warehouses, expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (seal) DO NOTHING",
        seal,
        &device.id,
        &device.name,
        written(&device.warehouses)?,
        expires_at
    )?;
    Ok(put == 1)
}

/// Uses a code up: the device that it makes, which keeps what has that digest.
pub async fn pair_device(conn: &mut Conn<'_>, seal: &str, digest: &str, now: i64) -> Result<Option<DeviceRow>, StoreError> {
    let taken = fetch_optional!(
        conn,
        (String, String, String),
        "DELETE FROM staff_pairings WHERE seal = $1 AND expires_at > $2 RETURNING id, name, warehouses",
        seal,
        now
    )?;
    let Some((id, name, warehouses)) = taken else { return Ok(None) };
    let device = row((id, name, warehouses, now, now))?;
    execute!(
        conn,
        "INSERT INTO staff_devices (id, digest, name, warehouses, paired_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)",
        &device.id,
        digest,
        &device.name,
        written(&device.warehouses)?,
        now
    )?;
    Ok(Some(device))
}

pub async fn device_of(conn: &mut Conn<'_>, digest: &str) -> Result<Option<DeviceRow>, StoreError> {
    let found =
        fetch_optional!(conn, Columns, "SELECT id, name, warehouses, paired_at, used_at FROM staff_devices WHERE digest = $1", digest)?;
    found.map(row).transpose()
}

/// All of them by name.
pub async fn list_devices(conn: &mut Conn<'_>) -> Result<Vec<DeviceRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, "SELECT id, name, warehouses, paired_at, used_at FROM staff_devices ORDER BY name, id")?;
    rows.into_iter().map(row).collect()
}

pub async fn note_use_of_device(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff_devices SET used_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

/// It is none of the house's any more, and who was in on it is out; false where there is none.
pub async fn end_device(conn: &mut Conn<'_>, id: &str) -> Result<bool, StoreError> {
    execute!(conn, "DELETE FROM staff_sessions WHERE device = $1", id)?;
    Ok(execute!(conn, "DELETE FROM staff_devices WHERE id = $1", id)? == 1)
}
