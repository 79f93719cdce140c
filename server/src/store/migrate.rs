//! Brings the database up to date, one process at a time: safe to repeat, and two servers may start at once.

use std::fs::File;
use std::path::Path;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, SqlSafeStr};

use super::StoreError;
use super::kind::DatabaseKind;

/// `migrations/0001_what_it_does.sql`, put in by `build.rs`: its number, what it does, and its text.
type Written = (i64, &'static str, &'static str);

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// What `sqlx::migrate!` makes of a folder, without its macros, for which both databases' drivers would be compiled a second time.
fn migrator(files: &[Written]) -> Migrator {
    let migrations = files.iter().map(|&(number, what, text)| {
        let alone = text.starts_with("-- no-transaction");
        Migration::new(number, what.into(), MigrationType::Simple, text.into_sql_str(), alone)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // What a newer version added is none of ours, as long as it says that we can work beside it.
    migrator.set_ignore_missing(true);
    migrator
}

/// Refuses tables for which this server is too old, by what they say themselves.
fn check(least: Option<i64>, files: &[Written]) -> Result<(), StoreError> {
    let knows = files.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    match least {
        Some(needs) if needs > knows => Err(StoreError::TooOld { needs, knows }),
        _ => Ok(()),
    }
}

fn written(database: DatabaseKind) -> &'static [Written] {
    match database {
        DatabaseKind::Sqlite => SQLITE,
        DatabaseKind::Postgres => POSTGRES,
    }
}

/// Refuses what has migrations of a newer version.
pub(super) fn knows(database: DatabaseKind, migrations: &[i64]) -> Result<(), StoreError> {
    let files = written(database);
    let newest = files.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    match migrations.iter().find(|number| !files.iter().any(|(known, ..)| known == *number)) {
        Some(unknown) => Err(StoreError::TooOld { needs: *unknown, knows: newest }),
        None => Ok(()),
    }
}

/// What an upgrade would do to a database.
#[derive(Debug)]
pub struct Plan {
    /// Of which kind it is.
    pub database: DatabaseKind,
    /// The newest migration that was done; 0 where there is none.
    pub newest: i64,
    /// What is to be done, in this order.
    pub pending: Vec<Planned>,
    /// Whether servers that know nothing newer than `newest` may go on beside, once it is done.
    pub beside: bool,
}

/// A migration that is to be done.
#[derive(Debug)]
pub struct Planned {
    /// Its number.
    pub number: i64,
    /// What it does.
    pub what: &'static str,
    /// Its statements, without comments.
    pub statements: Vec<String>,
}

/// What an upgrade would do to the database at an address. Nothing is changed.
pub async fn plan(address: &str) -> Result<Plan, StoreError> {
    let database = DatabaseKind::of(address)?;
    let (done, least) = match address.strip_prefix("sqlite://") {
        Some(file) if !Path::new(file).exists() => (Vec::new(), None),
        Some(file) => {
            let mut conn = SqliteConnectOptions::new().filename(file).create_if_missing(false).connect().await?;
            let tables: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'table'").fetch_all(&mut conn).await?;
            let has = |name: &str| tables.iter().any(|(table,)| table == name);
            let done: Vec<(i64,)> = if has("_sqlx_migrations") { sqlx::query_as(DONE).fetch_all(&mut conn).await? } else { Vec::new() };
            let least: Option<(i64,)> = if has("compatibility") { sqlx::query_as(LEAST).fetch_optional(&mut conn).await? } else { None };
            conn.close().await?;
            (done, least)
        }
        None => {
            let mut conn = PgConnection::connect(address).await?;
            let has = "SELECT TO_REGCLASS('_sqlx_migrations') IS NOT NULL, TO_REGCLASS('compatibility') IS NOT NULL";
            let has: (bool, bool) = sqlx::query_as(has).fetch_one(&mut conn).await?;
            let done: Vec<(i64,)> = if has.0 { sqlx::query_as(DONE).fetch_all(&mut conn).await? } else { Vec::new() };
            let least: Option<(i64,)> = if has.1 { sqlx::query_as(LEAST).fetch_optional(&mut conn).await? } else { None };
            conn.close().await?;
            (done, least)
        }
    };
    let least = least.map(|(least,)| least);
    check(least, written(database))?;
    let done: Vec<i64> = done.into_iter().map(|(number,)| number).collect();
    Ok(planned(database, written(database), &done, least))
}

const DONE: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
const LEAST: &str = "SELECT least FROM compatibility";

fn planned(database: DatabaseKind, files: &[Written], done: &[i64], least: Option<i64>) -> Plan {
    let newest = done.iter().copied().max().unwrap_or(0);
    let pending: Vec<&Written> = files.iter().filter(|(number, ..)| !done.contains(number)).collect();
    // Servers from before there was such a word do not read it.
    let beside = least.is_some_and(|least| {
        let raised = pending.iter().filter_map(|(.., text)| raised_to(text)).max();
        raised.unwrap_or(least).max(least) <= newest
    });
    let pending = pending.iter().map(|&&(number, what, text)| Planned { number, what, statements: statements(text) }).collect();
    Plan { database, newest, pending, beside }
}

/// The least migration that servers must know once this one is done, where it says so.
fn raised_to(text: &str) -> Option<i64> {
    let set = statements(text).into_iter().find(|statement| statement.starts_with("UPDATE compatibility"))?;
    set.rsplit_once("least = ")?.1.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Statements of a migration, each on one line. None of ours has a `;` or `--` within a text; a `;` within `$$` is part of a `DO`, and one between
/// `BEGIN` and `END` of its trigger.
fn statements(text: &str) -> Vec<String> {
    let bare: String = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let mut each = vec![String::new()];
    for (place, part) in bare.split("$$").enumerate() {
        let within = place % 2 == 1;
        for (next, piece) in part.split(';').enumerate() {
            match each.last_mut() {
                Some(last) if next == 0 => last.push_str(if place == 0 { "" } else { "$$" }),
                Some(last) if within => last.push(';'),
                _ => each.push(String::new()),
            }
            if let Some(last) = each.last_mut() {
                last.push_str(piece);
            }
        }
    }
    let each = each.iter().map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut whole: Vec<String> = Vec::new();
    for statement in each.filter(|statement| !statement.is_empty()) {
        match whole.last_mut() {
            // What a trigger does ends with its own word.
            Some(last) if last.starts_with("CREATE TRIGGER") && last.contains(" BEGIN ") && !last.ends_with(" END") => {
                last.push_str("; ");
                last.push_str(&statement);
            }
            _ => whole.push(statement),
        }
    }
    whole
}

/// The table that a statement of ours locks in PostgreSQL, how, and what that means to servers (PostgreSQL, "Explicit Locking"); nothing where it
/// locks none that is in use.
pub fn lock_of(statement: &str) -> Option<(String, &'static str)> {
    const ALL: &str = "ACCESS EXCLUSIVE: reading and writing wait";
    const WRITES: &str = "SHARE: writing waits";
    const ROWS: &str = "ROW EXCLUSIVE: others go on";
    let words: Vec<&str> = statement.split([' ', '(']).filter(|word| !word.is_empty()).collect();
    let after = |word: &str| words.iter().position(|found| *found == word).and_then(|place| words.get(place + 1));
    let (table, lock) = match words.as_slice() {
        ["DO", ..] if words.contains(&"ALTER") => (after("TABLE"), ALL),
        ["ALTER", "TABLE", table, ..] | ["DROP", "TABLE", table, ..] => (Some(table), ALL),
        // Of the table that it was of.
        ["DROP", "INDEX", index, ..] => return Some((format!("the table of {index}"), ALL)),
        ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..] => (after("ON"), WRITES),
        ["CREATE", "TABLE", ..] => (after("REFERENCES"), "SHARE ROW EXCLUSIVE: writing waits"),
        ["CREATE", "TRIGGER", ..] => (after("ON"), "SHARE ROW EXCLUSIVE: writing waits"),
        ["INSERT", "INTO", table, ..] | ["UPDATE", table, ..] | ["DELETE", "FROM", table, ..] => (Some(table), ROWS),
        _ => (None, ROWS),
    };
    table.map(|table| ((*table).to_owned(), lock))
}

/// Makes the tables that come of these migrations alone.
pub(super) async fn postgres_as_of(migrations: &[i64], conn: &mut PgConnection) -> Result<(), StoreError> {
    let files: Vec<Written> = POSTGRES.iter().copied().filter(|(number, ..)| migrations.contains(number)).collect();
    Ok(migrator(&files).run(conn).await?)
}

/// PostgreSQL: under an advisory lock.
pub(super) async fn postgres(pool: &PgPool) -> Result<(), StoreError> {
    let (known,): (bool,) = sqlx::query_as("SELECT TO_REGCLASS('compatibility') IS NOT NULL").fetch_one(pool).await?;
    let least: Option<(i64,)> = match known {
        true => sqlx::query_as("SELECT least FROM compatibility").fetch_optional(pool).await?,
        false => None,
    };
    check(least.map(|(least,)| least), POSTGRES)?;
    Ok(migrator(POSTGRES).run(pool).await?)
}

/// SQLite: under a lock on a file beside the database.
pub(super) async fn sqlite(options: &SqliteConnectOptions, path: &str) -> Result<(), StoreError> {
    let lock_path = format!("{path}.lock");
    let failed = |source| StoreError::File { path: lock_path.clone(), source };
    let lock = File::create(&lock_path).map_err(failed)?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(|_| StoreError::Stopping)?.map_err(failed)?;
    let mut conn = options.connect().await?;
    let known: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'compatibility'").fetch_optional(&mut conn).await?;
    let least: Option<(i64,)> = match known {
        Some(_) => sqlx::query_as("SELECT least FROM compatibility").fetch_optional(&mut conn).await?,
        None => None,
    };
    check(least.map(|(least,)| least), SQLITE)?;
    migrator(SQLITE).run(&mut conn).await?;
    conn.close().await?;
    lock.unlock().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_is_locked_and_who_may_go_on() {
        let files: &[Written] = &[
            (14, "least version", "CREATE TABLE compatibility (one BIGINT); INSERT INTO compatibility (one, least) VALUES (1, 14)"),
            (20, "harmless", "-- Why.\nALTER TABLE returns ADD COLUMN a BIGINT;\nCREATE INDEX b ON returns\n  (a); -- So.\nSELECT 1;"),
            (21, "another world", "UPDATE compatibility SET least = 21;"),
        ];
        let plan = |files: &[Written], done: &[i64], least| planned(DatabaseKind::Postgres, files, done, least);
        let harmless = plan(&files[..2], &[14], Some(14));
        assert!(harmless.beside && harmless.newest == 14);
        assert_eq!(
            harmless.pending[0].statements,
            ["ALTER TABLE returns ADD COLUMN a BIGINT", "CREATE INDEX b ON returns (a)", "SELECT 1"]
        );
        let locks: Vec<_> = harmless.pending[0].statements.iter().map(|statement| lock_of(statement)).collect();
        let locked =
            |lock: &Option<(String, &str)>| lock.as_ref().map(|(table, lock)| format!("{table} {}", lock.split(':').next().unwrap()));
        assert_eq!(
            locks.iter().map(locked).collect::<Vec<_>>(),
            [Some("returns ACCESS EXCLUSIVE".into()), Some("returns SHARE".into()), None]
        );
        assert!(!plan(files, &[14], Some(14)).beside, "who knows 14 may not work after 21");
        assert!(plan(files, &[14, 20, 21], Some(21)).pending.is_empty());
        let done = "DO $$ BEGIN ALTER TABLE orders X; EXCEPTION WHEN OTHERS THEN NULL; END $$; SELECT 1";
        assert_eq!(statements(done), [&done[..done.len() - 10], "SELECT 1"]);
        assert_eq!(lock_of(&statements(done)[0]).unwrap().0, "orders");
        assert!(!plan(files, &[1], None).beside, "servers from before 14 do not ask");
    }

    #[test]
    fn every_statement_is_understood() {
        for files in [POSTGRES, SQLITE] {
            for (number, _, text) in files {
                for statement in statements(text) {
                    let known =
                        ["ALTER TABLE", "CREATE", "DROP", "INSERT INTO", "UPDATE", "DELETE FROM", "SELECT", "PRAGMA", "DO $$ BEGIN ALTER"];
                    assert!(known.iter().any(|start| statement.starts_with(start)), "{number}: {statement}");
                    assert_eq!(statement.matches('\'').count() % 2, 0, "{number} is cut within a text: {statement}");
                }
            }
        }
    }
}
