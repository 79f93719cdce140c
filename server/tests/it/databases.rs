//! A fresh database of each kind for every test.

use server::store::Store;
use sqlx::Connection;
use tempfile::TempDir;

/// A database that vanishes with the test.
pub struct Database {
    pub store: Store,
    pub address: String,
    /// Files beside it: mails, say.
    pub folder: TempDir,
}

impl Database {
    /// Rows of one text column each, looked at behind the server's back.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows: Vec<(String,)> = if self.address.starts_with("sqlite") {
            let mut conn = sqlx::SqliteConnection::connect(&self.address).await.unwrap();
            sqlx::query_as(sql).fetch_all(&mut conn).await.unwrap()
        } else {
            let mut conn = sqlx::PgConnection::connect(&self.address).await.unwrap();
            sqlx::query_as(sql).fetch_all(&mut conn).await.unwrap()
        };
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// Does something behind the server's back.
    pub async fn meddle(&self, sql: &str) {
        self.try_to_meddle(sql).await.unwrap();
    }

    /// Likewise, where the database may refuse it.
    pub async fn try_to_meddle(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.address.starts_with("sqlite") {
            let mut conn = sqlx::SqliteConnection::connect(&self.address).await?;
            sqlx::query(sql).execute(&mut conn).await.map(|_| ())
        } else {
            let mut conn = sqlx::PgConnection::connect(&self.address).await?;
            sqlx::query(sql).execute(&mut conn).await.map(|_| ())
        }
    }

    /// What takes away that the audit trail cannot be changed.
    pub fn without_audit_triggers(&self) -> [&'static str; 2] {
        if self.address.starts_with("sqlite") {
            ["DROP TRIGGER audit_never_changes", "DROP TRIGGER audit_is_kept"]
        } else {
            ["DROP TRIGGER audit_never_changes ON audit", "DROP TRIGGER audit_is_kept ON audit"]
        }
    }
}

/// Runs a test once on SQLite and once on PostgreSQL.
macro_rules! on_both {
    ($(#[$meta:meta])* async fn $name:ident($database:ident: Database) $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($database: $crate::databases::Database) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::databases::sqlite().await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::databases::postgres().await).await;
            }
        }
    };
}
pub(crate) use on_both;

pub async fn sqlite() -> Database {
    server::objects::ready_for_tls();
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("test.db").display());
    Database { store: Store::open(&address).await.unwrap(), address, folder }
}

pub async fn postgres() -> Database {
    let address = empty_postgres().await;
    Database { store: Store::open(&address).await.unwrap(), address, folder: tempfile::tempdir().unwrap() }
}

/// The address of a database without any table.
pub async fn empty_postgres() -> String {
    server::objects::ready_for_tls();
    let base = std::env::var("HOMEBOUND_TEST_POSTGRES")
        .expect("HOMEBOUND_TEST_POSTGRES names no PostgreSQL to test on: run `make test`, or `tools/with-postgres cargo test`");
    let name = format!("t_{}", uuid::Uuid::new_v4().simple());
    let mut admin = sqlx::PgConnection::connect(&base).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    base.replacen("/postgres?", &format!("/{name}?"), 1)
}

/// Where a database of some kind may be put: there is none yet.
pub struct Vacant {
    pub address: String,
    pub folder: TempDir,
}

/// Of the same kind as another.
pub async fn vacant(like: &Database) -> Vacant {
    let folder = tempfile::tempdir().unwrap();
    let address = match like.store.kind() {
        "sqlite" => format!("sqlite://{}", folder.path().join("test.db").display()),
        _ => empty_postgres().await,
    };
    Vacant { address, folder }
}

impl Vacant {
    /// With what is there by now.
    pub async fn opened(self) -> Database {
        let Self { address, folder } = self;
        Database { store: Store::open(&address).await.unwrap(), address, folder }
    }
}

/// Takes away what would else stay until the end of all tests.
pub async fn drop_postgres(database: Database) {
    database.store.close().await;
    let Some((_, rest)) = database.address.split_once("/t_") else { return };
    let name = rest.split('?').next().unwrap();
    let base = std::env::var("HOMEBOUND_TEST_POSTGRES").unwrap();
    let mut admin = sqlx::PgConnection::connect(&base).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("DROP DATABASE t_{name} WITH (FORCE)"))).execute(&mut admin).await.unwrap();
}
