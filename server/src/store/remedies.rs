//! What goes out instead of money, of all returns, as the shop's own system asks for it.

use domain::returns::RemedyState;

use super::conn::fetch_all;
use super::{Conn, StoreError};

/// Which remedies are wanted.
#[derive(Clone, Debug)]
pub struct RemediesWanted {
    pub state: RemedyState,
    /// Those for which the customer pays first, and no others.
    pub waiting: bool,
    /// Those after it: since when it is owed (epoch milliseconds), its return, its number.
    pub after: Option<(i64, String, i64)>,
    pub limit: i64,
}

/// Names of remedies: since when each is owed (epoch milliseconds), its return, its number; the longest owed first.
pub async fn list_remedies(conn: &mut Conn<'_>, wanted: &RemediesWanted) -> Result<Vec<(i64, String, i64)>, StoreError> {
    let (since, rma, remedy) = wanted.after.clone().unwrap_or((i64::MIN, String::new(), 0));
    let text = "SELECT since, rma, remedy FROM remedies
                WHERE state = $1 AND waits = $2 AND (since, rma, remedy) > ($3, $4, $5) ORDER BY since, rma, remedy LIMIT $6";
    let found =
        fetch_all!(conn, (i64, String, i64), text, wanted.state.code(), i64::from(wanted.waiting), since, rma, remedy, wanted.limit)?;
    Ok(found)
}
