//! Looks whether projections are what their events say, and puts right what is not: after an upgrade, where a server of the version before
//! wrote, when the time has come for other tasks, and whenever somebody asks.
//! Long because what is read, compared and written of each table stands side by side: a table left out of one would be left out unseen.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use domain::returns::{History, Return};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::super::assignments::say_again;
use super::super::conn::{execute, fetch_all};
use super::super::order_terms::fill_order_terms;
use super::super::returns::{find_returns, histories, is_kept_as, write_json};
use super::super::{Conn, Store, StoreError};
use super::{Projected, Projection, Table, expected_parcels, money, payments, put, remedies, return_lines, search_terms, tasks};

/// Returns looked at in one transaction: commands on them wait for so long.
const BATCH: i64 = 100;
/// How long to wait for a return that somebody else has.
const PAUSE: Duration = Duration::from_millis(50);
/// How often, before it is given up: half a minute.
const PAUSES: u32 = 600;

/// Rows that are not what the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub table: Table,
    /// Of which return.
    pub rma: String,
    /// What is there.
    pub there: String,
    /// What should be there.
    pub right: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: there is {}, the events say {}", self.rma, self.table.name(), self.there, self.right)
    }
}

/// How a rebuild went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Returns that were looked at.
    pub returns: u64,
    /// Of these, left alone: a newer version wrote them.
    pub newer: u64,
    /// Rows of how many returns were not as they should be, per table.
    pub counts: BTreeMap<Table, u64>,
    /// The first of them.
    pub differences: Vec<Difference>,
}

impl Mended {
    /// How many differences are kept to be shown.
    pub const SHOWN: usize = 100;

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    fn add(&mut self, differences: impl IntoIterator<Item = Difference>) {
        for difference in differences {
            *self.counts.entry(difference.table).or_default() += 1;
            if self.differences.len() < Self::SHOWN {
                self.differences.push(difference);
            }
        }
    }

    fn and(&mut self, more: Self) {
        self.returns += more.returns;
        self.newer += more.newer;
        more.counts.iter().for_each(|(table, count)| *self.counts.entry(*table).or_default() += count);
        self.differences.extend(more.differences);
        self.differences.truncate(Self::SHOWN);
    }
}

/// Looks at every return, and at rows of none.
pub async fn check_projections(store: &Store, tables: &[Table], now: Timestamp) -> Result<Mended, StoreError> {
    look(store, tables, now, false).await
}

/// Makes the projections of every return anew from its events, beside servers that go on: what is right is not touched.
pub async fn rebuild_projections(store: &Store, tables: &[Table], now: Timestamp) -> Result<Mended, StoreError> {
    look(store, tables, now, true).await
}

/// Brings projections up to date where that is due: of returns that a server without these projections wrote, and of those whose tasks have
/// changed by now. Answers how many there were. Several servers may do it at once, and again after it was broken off.
pub async fn keep_projections(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    fill_order_terms(store).await?;
    let mut kept = 0;
    for due in [Due::Behind, Due::Tasks] {
        let mut after = String::new();
        loop {
            let batch = due.after(&mut store.read().await?.conn(), &after, now).await?;
            let Some(last) = batch.last() else { break };
            after.clone_from(last);
            kept += batch.len() as u64;
            mend(store, batch, Table::ALL.to_vec(), now, true).await?;
        }
    }
    Ok(kept)
}

/// Has every projection brought up to date, when somebody next looks for what is behind.
pub async fn forget_projections(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    execute!(conn, "UPDATE returns SET projected = 0, projected_27 = 0")?;
    Ok(())
}

/// What is to be brought up to date.
#[derive(Clone, Copy)]
enum Due {
    Behind,
    Tasks,
}

impl Due {
    async fn after(self, conn: &mut Conn<'_>, after: &str, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let rows = match self {
            Self::Behind => fetch_all!(
                conn,
                (String,),
                "SELECT rma FROM returns WHERE projected_27 <> version AND rma > $1 ORDER BY rma LIMIT $2" =>
                "SELECT rma FROM returns INDEXED BY returns_unprojected_27 WHERE projected_27 <> version AND rma > $1 ORDER BY rma LIMIT $2",
                after,
                BATCH
            )?,
            Self::Tasks => fetch_all!(
                conn,
                (String,),
                "SELECT rma FROM returns WHERE next_change_at <= $1 AND rma > $2 ORDER BY rma LIMIT $3",
                now.as_millisecond(),
                after,
                BATCH
            )?,
        };
        Ok(rows.into_iter().map(|(rma,)| rma).collect())
    }
}

async fn look(store: &Store, tables: &[Table], now: Timestamp, write: bool) -> Result<Mended, StoreError> {
    let mut all = Mended::default();
    let mut after = String::new();
    loop {
        let text = "SELECT rma FROM returns WHERE rma > $1 ORDER BY rma LIMIT $2";
        let batch = fetch_all!(&mut store.read().await?.conn(), (String,), text, &after, BATCH)?;
        let Some((last,)) = batch.last() else { break };
        after.clone_from(last);
        let mut left: Vec<String> = batch.into_iter().map(|(rma,)| rma).collect();
        let mut pauses = 0;
        while !left.is_empty() {
            let (seen, mended) = mend(store, left.clone(), tables.to_vec(), now, write).await?;
            all.and(mended);
            left.retain(|rma| !seen.contains(rma));
            if !left.is_empty() {
                if pauses == PAUSES {
                    return Err(StoreError::Stale("return"));
                }
                pauses += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    if tables.contains(&Table::expected_parcels) {
        all.add(stray_parcels(store, write).await?);
    }
    let tables = tables.to_vec();
    let strays = store.write(move |mut conn| Box::pin(async move { strays(&mut conn, &tables, write).await })).await;
    all.add(strays?);
    Ok(all)
}

/// Of these returns, looks at those that nobody else has; tells which.
async fn mend(
    store: &Store,
    numbers: Vec<String>,
    tables: Vec<Table>,
    now: Timestamp,
    write: bool,
) -> Result<(Vec<String>, Mended), StoreError> {
    store.write(move |mut conn| Box::pin(async move { mend_batch(&mut conn, &numbers, &tables, now, write).await })).await
}

/// A return's row: number, status, opened at, mail, state, version, version projected, when its tasks change.
type Kept = (String, String, i64, Option<String>, String, i64, i64, Option<i64>);

/// A return's row as it should be.
struct Right {
    request: Return,
    projection: Projection,
}

impl Right {
    /// As it is at `now`, and at its last event.
    fn of(history: History, now: Timestamp) -> Self {
        let last = history.events.last().map_or(now, |recorded| recorded.at);
        let projection = Projection::of(&history.request, now.max(last));
        Self { request: history.request, projection }
    }

    fn email_key(&self) -> Option<String> {
        self.request.contact.email.as_ref().map(|email| email.key())
    }
}

async fn mend_batch(
    conn: &mut Conn<'_>,
    numbers: &[String],
    tables: &[Table],
    now: Timestamp,
    write: bool,
) -> Result<(Vec<String>, Mended), StoreError> {
    let numbers = write_json("return", &numbers)?;
    // Nobody is waited for: whoever has one of them may wait for another.
    let kept = fetch_all!(
        conn,
        Kept,
        "SELECT rma, status, opened_at, email_key, state, version, projected_27, next_change_at FROM returns
         WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) ORDER BY rma FOR UPDATE SKIP LOCKED" =>
        "SELECT rma, status, opened_at, email_key, state, version, projected_27, next_change_at FROM returns
         WHERE rma IN (SELECT value FROM JSON_EACH($1)) ORDER BY rma",
        numbers
    )?;
    let number = |rma: &String| rma.parse::<RmaNumber>().map_err(|error| StoreError::corrupt("return", format!("{rma}: {error}")));
    let held: Vec<RmaNumber> = kept.iter().map(|(rma, ..)| number(rma)).collect::<Result<_, _>>()?;
    let mut histories = histories(conn, held.iter().copied()).await?;
    let mut mended = Mended { returns: kept.len() as u64, ..Mended::default() };
    let mut found: BTreeMap<String, Right> = BTreeMap::new();
    for ((rma, .., next_change_at), number) in kept.iter().zip(&held) {
        let history = histories.remove(number).ok_or_else(|| StoreError::corrupt("return", format!("{rma}: its events are gone")))?;
        if history.request.newer {
            mended.newer += 1;
            continue;
        }
        // Tasks that have changed by now are no mistake before somebody has come to bring them up to date.
        let before = next_change_at.filter(|_| !write).and_then(|next| Timestamp::from_millisecond(next - 1).ok());
        found.insert(rma.clone(), Right::of(history, before.map_or(now, |before| before.min(now))));
    }
    let there = There::read(conn, &found).await?;
    for (rma, status, opened_at, email_key, state, version, projected, next_change_at) in &kept {
        let Some(right) = found.get(rma) else { continue };
        let mut differences = there.differences(rma, &right.projection);
        let kept = (status.as_str(), *opened_at, email_key.as_ref(), *version, *projected, *next_change_at);
        let (version, key) = (right.request.version as i64, right.email_key());
        let opened_at = right.request.opened_at.as_millisecond();
        let should = (right.request.status().code(), opened_at, key.as_ref(), version, version, right.projection.next_change_at);
        let same_state = is_kept_as(state, &right.request);
        if kept != should || !same_state {
            let text = |columns, state: &str| Ok::<_, StoreError>(format!("{} {state}", write_json("return", &columns)?));
            let anew = if same_state { String::new() } else { write_json("return", &right.request)? };
            let (there, right) = (text(kept, if same_state { "" } else { state })?, text(should, &anew)?);
            differences.push(Difference { table: Table::returns, rma: rma.clone(), there, right });
        }
        differences.retain(|difference| tables.contains(&difference.table));
        if write && !differences.is_empty() {
            put_right(conn, rma, right).await?;
        }
        mended.add(differences);
    }
    Ok((kept.into_iter().map(|(rma, ..)| rma).collect(), mended))
}

async fn put_right(conn: &mut Conn<'_>, rma: &str, right: &Right) -> Result<(), StoreError> {
    execute!(
        conn,
        "UPDATE returns SET status = $2, opened_at = $3, email_key = $4, state = $5, version = $6, projected = $6, projected_27 = $6, next_change_at = $7
         WHERE rma = $1",
        rma,
        right.request.status().code(),
        right.request.opened_at.as_millisecond(),
        right.email_key(),
        write_json("return", &right.request)?,
        right.request.version as i64,
        right.projection.next_change_at
    )?;
    put(conn, rma, &right.projection).await?;
    say_again(conn, rma).await
}

/// The rows that are there.
struct There {
    orders: Vec<(String, String)>,
    lines: Vec<return_lines::Row>,
    tasks: Vec<tasks::Row>,
    /// What people said of tasks, and what stands with the tasks of that.
    said: Vec<Said>,
    repeated: Vec<Said>,
    parcels: Vec<expected_parcels::Row>,
    money: Vec<money::Row>,
    payments: Vec<payments::Row>,
    remedies: Vec<remedies::Row>,
    terms: Vec<search_terms::Row>,
}

/// Of a return's task of a kind: who has it, and until when it sleeps.
type Said = (String, String, Option<String>, Option<i64>);

impl There {
    async fn read(conn: &mut Conn<'_>, of: &BTreeMap<String, Right>) -> Result<Self, StoreError> {
        let numbers = write_json("return", &of.keys().collect::<Vec<_>>())?;
        let orders: Vec<&String> = of.values().flat_map(|right| &right.projection.orders).collect();
        let parcels: Vec<&String> = of.values().flat_map(|right| right.projection.parcels.iter().map(|row| &row.tracking_number)).collect();
        Ok(Self {
            orders: fetch_all!(
                conn,
                (String, String),
                "SELECT rma, order_key FROM return_orders WHERE order_key IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))
                   AND rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($2::JSON))" =>
                "SELECT rma, order_key FROM return_orders WHERE order_key IN (SELECT value FROM JSON_EACH($1))
                   AND rma IN (SELECT value FROM JSON_EACH($2))",
                write_json("order", &orders)?,
                &numbers
            )?,
            lines: fetch_all!(
                conn,
                return_lines::Row,
                concat!(return_lines!(select), " WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(return_lines!(select), " WHERE rma IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
            tasks: fetch_all!(
                conn,
                tasks::Row,
                concat!(tasks!(select), " WHERE subject_kind = 'return' AND subject IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(tasks!(select), " WHERE subject_kind = 'return' AND subject IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
            said: fetch_all!(
                conn,
                Said,
                "SELECT subject, kind, assignee, snoozed_until FROM task_assignments WHERE subject_kind = 'return'
                   AND subject IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) AND (assignee IS NOT NULL OR snoozed_until IS NOT NULL)" =>
                "SELECT subject, kind, assignee, snoozed_until FROM task_assignments WHERE subject_kind = 'return'
                   AND subject IN (SELECT value FROM JSON_EACH($1)) AND (assignee IS NOT NULL OR snoozed_until IS NOT NULL)",
                &numbers
            )?,
            repeated: fetch_all!(
                conn,
                Said,
                "SELECT subject, kind, assignee, snoozed_until FROM tasks WHERE subject_kind = 'return'
                   AND subject IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) AND (assignee IS NOT NULL OR snoozed_until IS NOT NULL)" =>
                "SELECT subject, kind, assignee, snoozed_until FROM tasks WHERE subject_kind = 'return'
                   AND subject IN (SELECT value FROM JSON_EACH($1)) AND (assignee IS NOT NULL OR snoozed_until IS NOT NULL)",
                &numbers
            )?,
            parcels: fetch_all!(
                conn,
                expected_parcels::Row,
                concat!(
                    expected_parcels!(select),
                    " WHERE tracking_number IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))
                        AND rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($2::JSON))"
                ) =>
                concat!(
                    expected_parcels!(select),
                    " WHERE tracking_number IN (SELECT value FROM JSON_EACH($1)) AND rma IN (SELECT value FROM JSON_EACH($2))"
                ),
                write_json("parcel", &parcels)?,
                &numbers
            )?,
            money: fetch_all!(
                conn,
                money::Row,
                concat!(money!(select), " WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(money!(select), " WHERE rma IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
            payments: fetch_all!(
                conn,
                payments::Row,
                concat!(payments!(select), " WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(payments!(select), " WHERE rma IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
            remedies: fetch_all!(
                conn,
                remedies::Row,
                concat!(remedies!(select), " WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(remedies!(select), " WHERE rma IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
            terms: fetch_all!(
                conn,
                search_terms::Row,
                concat!(search_terms!(select), " WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
                concat!(search_terms!(select), " WHERE rma IN (SELECT value FROM JSON_EACH($1))"),
                &numbers
            )?,
        })
    }

    fn differences(&self, rma: &str, right: &Projection) -> Vec<Difference> {
        let mut orders: Vec<&String> = self.orders.iter().filter(|(of, _)| of == rma).map(|(_, key)| key).collect();
        orders.sort();
        let differ = orders != right.orders.iter().collect::<Vec<_>>();
        let of_orders = differ.then(|| Difference {
            table: Table::return_orders,
            rma: rma.to_owned(),
            there: format!("{orders:?}"),
            right: format!("{:?}", right.orders),
        });
        let said = |rows: &[Said]| {
            let mut said: Vec<Said> = rows.iter().filter(|(of, ..)| of == rma).cloned().collect();
            said.sort();
            said
        };
        let (said, repeated) = (said(&self.said), said(&self.repeated));
        let of_people = (said != repeated).then(|| Difference {
            table: Table::tasks,
            rma: rma.to_owned(),
            there: format!("{repeated:?}"),
            right: format!("{said:?}, as people said"),
        });
        let others = [
            compared(rma, &self.lines, &right.lines),
            compared(rma, &self.tasks, &right.tasks),
            compared(rma, &self.parcels, &right.parcels),
            compared(rma, &self.money, &right.money),
            compared(rma, &self.payments, &right.payments),
            compared(rma, &self.remedies, &right.remedies),
            compared(rma, &self.terms, &right.terms),
        ];
        of_orders.into_iter().chain(of_people).chain(others.into_iter().flatten()).collect()
    }
}

/// Rows as text, in one order.
fn texts<'r, R: Projected + 'r>(rows: impl Iterator<Item = &'r R>) -> Vec<String> {
    let mut texts: Vec<String> = rows.map(|row| serde_json::to_string(row).unwrap_or_default()).collect();
    texts.sort();
    texts
}

fn compared<R: Projected>(rma: &str, there: &[R], right: &[R]) -> Option<Difference> {
    let (there, right) = (texts(there.iter().filter(|row| row.about() == rma)), texts(right.iter()));
    (there != right).then(|| Difference { table: R::TABLE, rma: rma.to_owned(), there: there.join(", "), right: right.join(", ") })
}

/// Rows of no return.
async fn strays(conn: &mut Conn<'_>, tables: &[Table], write: bool) -> Result<Vec<Difference>, StoreError> {
    let mut differences = Vec::new();
    for (table, about, condition) in [
        (Table::return_lines, "rma", "NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = return_lines.rma)"),
        (Table::tasks, "subject", "subject_kind = 'return' AND NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = tasks.subject)"),
        (Table::money, "rma", "NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = money.rma)"),
        (Table::remedies, "rma", "NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = remedies.rma)"),
        (Table::payments, "rma", "NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = payments.rma)"),
        (Table::search_terms, "rma", "NOT EXISTS (SELECT 1 FROM returns WHERE returns.rma = search_terms.rma)"),
    ] {
        if !tables.contains(&table) {
            continue;
        }
        let name = table.name();
        let text = match write {
            true => format!("DELETE FROM {name} WHERE {condition} RETURNING {about}"),
            false => format!("SELECT {about} FROM {name} WHERE {condition}"),
        };
        let rows = fetch_all!(conn, (String,), sqlx::AssertSqlSafe(text.as_str()))?;
        let stray = |(rma,)| Difference { table, rma, there: "a row".into(), right: "there is none".into() };
        differences.extend(rows.into_iter().map(stray));
    }
    Ok(differences)
}

/// Parcels that their return does not have.
async fn stray_parcels(store: &Store, write: bool) -> Result<Vec<Difference>, StoreError> {
    let (mut strays, mut after) = (Vec::new(), (String::new(), String::new()));
    loop {
        let mut read = store.read().await?;
        let rows = fetch_all!(
            &mut read.conn(),
            (String, String),
            "SELECT tracking_number, rma FROM expected_parcels WHERE (tracking_number, rma) > ($1, $2)
             ORDER BY tracking_number, rma LIMIT $3",
            &after.0,
            &after.1,
            BATCH
        )?;
        let Some(last) = rows.last() else { return Ok(strays) };
        after.clone_from(last);
        // Read after the rows: a return never loses a parcel.
        let numbers: Vec<&String> = rows.iter().map(|(_, rma)| rma).collect();
        let returns = find_returns(&mut read.conn(), &numbers).await?;
        drop(read);
        for (tracking_number, rma) in rows {
            let its = returns.iter().filter(|request| request.rma.to_string() == rma).flat_map(|request| &request.parcels);
            if its.into_iter().any(|parcel| parcel.tracking_number == tracking_number) {
                continue;
            }
            strays.push(Difference {
                table: Table::expected_parcels,
                rma: rma.clone(),
                there: tracking_number.clone(),
                right: "there is none".into(),
            });
            if write {
                let text = "DELETE FROM expected_parcels WHERE tracking_number = $1 AND rma = $2";
                let delete = store.write(move |mut conn| Box::pin(async move { Ok(execute!(&mut conn, text, tracking_number, rma)?) }));
                delete.await.map_err(|error: StoreError| error)?;
            }
        }
    }
}
