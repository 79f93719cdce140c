//! What is coming and what is due (B19): read from indexes by their moment, and no further than it pays.

use domain::returns::TaskKind;

use super::conn::fetch_all;
use super::{Conn, StoreError};

/// Parcels that are counted at once.
const MOST_PARCELS: i64 = 100_000;
/// Tasks about money that are summed at once.
const MOST_MONEY: i64 = 10_000;

/// Counts up to a moment, and whether there are more than were counted: then those of the last moment are not complete, and later ones left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted<T> {
    pub counts: Vec<T>,
    pub more: bool,
}

/// How many parcels are waited for until each moment (epoch milliseconds) before `until`, the earliest first.
pub async fn parcels_coming(conn: &mut Conn<'_>, until: i64) -> Result<Counted<(i64, i64)>, StoreError> {
    let counts = fetch_all!(
        conn,
        (i64, i64),
        "SELECT expected_until, COUNT(*) FROM
           (SELECT expected_until FROM expected_parcels WHERE expected_until IS NOT NULL AND expected_until < $1 ORDER BY expected_until LIMIT $2) AS coming
         GROUP BY expected_until ORDER BY expected_until" =>
        "SELECT expected_until, COUNT(*) FROM
           (SELECT expected_until FROM expected_parcels INDEXED BY expected_parcels_by_day
            WHERE expected_until IS NOT NULL AND expected_until < $1 ORDER BY expected_until LIMIT $2) AS coming
         GROUP BY expected_until ORDER BY expected_until",
        until,
        MOST_PARCELS
    )?;
    let more = counts.iter().map(|(_, count)| count).sum::<i64>() >= MOST_PARCELS;
    Ok(Counted { counts, more })
}

/// A parcel that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComingParcel {
    /// Epoch milliseconds.
    pub expected_until: i64,
    pub rma: String,
    pub tracking_number: String,
}

/// Parcels that are waited for from one moment until another, the earliest first, behind the last of the page before.
pub async fn list_coming(
    conn: &mut Conn<'_>,
    from: i64,
    until: i64,
    after: Option<&ComingParcel>,
    limit: i64,
) -> Result<Vec<ComingParcel>, StoreError> {
    let first = ComingParcel { expected_until: i64::MIN, rma: String::new(), tracking_number: String::new() };
    let after = after.unwrap_or(&first);
    let rows = fetch_all!(
        conn,
        (i64, String, String),
        "SELECT expected_until, rma, tracking_number FROM expected_parcels
         WHERE expected_until IS NOT NULL AND expected_until >= $1 AND expected_until < $2 AND (expected_until, rma, tracking_number) > ($3, $4, $5)
         ORDER BY expected_until, rma, tracking_number LIMIT $6",
        from.max(after.expected_until),
        until,
        after.expected_until,
        &after.rma,
        &after.tracking_number,
        limit
    )?;
    let parcel = |(expected_until, rma, tracking_number)| ComingParcel { expected_until, rma, tracking_number };
    Ok(rows.into_iter().map(parcel).collect())
}

/// Money that somebody has to promise or to pay until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyDue {
    /// Epoch milliseconds.
    pub due: i64,
    /// Nothing where nobody knows how much it is.
    pub currency: Option<String>,
    pub tasks: i64,
    /// Minor units.
    pub value: i64,
}

/// What has to be paid by each moment (epoch milliseconds) before `until`, or promised so that it can be, whether or not somebody sleeps on it.
pub async fn money_due(conn: &mut Conn<'_>, until: i64) -> Result<Counted<MoneyDue>, StoreError> {
    let text = |sqlite: bool| {
        let of = |kind: TaskKind, index: &str, asleep: &str| {
            let by = if sqlite { format!(" INDEXED BY {index}") } else { String::new() };
            format!(
                "SELECT * FROM (SELECT due, currency, value FROM tasks{by} WHERE kind = '{kind}' AND snoozed_until IS {asleep} AND due < $1
                   ORDER BY due LIMIT $2) AS piece"
            )
        };
        let each = [TaskKind::CheckMoney, TaskKind::Settle, TaskKind::Pay].into_iter();
        let pieces = each.flat_map(|kind| [of(kind, "tasks_awake", "NULL"), of(kind, "tasks_asleep", "NOT NULL")]);
        let all = pieces.collect::<Vec<_>>().join(" UNION ALL ");
        let number = if sqlite { "" } else { "::BIGINT" };
        format!(
            "SELECT due, currency, COUNT(*), COALESCE(SUM(value), 0){number}
             FROM (SELECT * FROM ({all}) AS pieces ORDER BY due LIMIT $2) AS money GROUP BY due, currency ORDER BY due, currency"
        )
    };
    let (postgres, sqlite) = (text(false), text(true));
    let rows = fetch_all!(
        conn,
        (i64, Option<String>, i64, i64),
        sqlx::AssertSqlSafe(postgres.as_str()) => sqlx::AssertSqlSafe(sqlite.as_str()),
        until,
        MOST_MONEY
    )?;
    let due = |(due, currency, tasks, value)| MoneyDue { due, currency, tasks, value };
    let counts: Vec<MoneyDue> = rows.into_iter().map(due).collect();
    let more = counts.iter().map(|due| due.tasks).sum::<i64>() >= MOST_MONEY;
    Ok(Counted { counts, more })
}
