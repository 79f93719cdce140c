//! What figures are measured against: an axum that makes one insert a request, each its own commit, on the same kind of database; that
//! reads one row by its key; and that says hello. In a process of its own, as the portal is. Disks and neighbours differ by a factor of ten; ratios to these do
//! not.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, SqlitePool};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

const INSERT: &str = "INSERT INTO floor (id, body) VALUES ($1, $2)";
const SELECT: &str = "SELECT body FROM floor WHERE id = 'row'";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS floor (id TEXT PRIMARY KEY, body TEXT NOT NULL)";
/// Bytes a row holds.
pub const BYTES: usize = 2_000;
/// The argument with which this program is the floor; the database's address follows.
pub const ARGUMENT: &str = "--floor";

/// A running one.
pub struct Floor {
    child: Child,
    pub base: String,
}

impl Floor {
    /// Starts one on the database at `address`.
    pub fn start(address: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap()).args([ARGUMENT, address]).stdout(Stdio::piped()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }

    /// Number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves, until it is killed.
pub async fn serve(address: &str) {
    let app = if address.starts_with("sqlite") {
        let options: SqliteConnectOptions = address.parse().unwrap();
        let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut conn = options.clone().connect().await.unwrap();
        sqlx::query(TABLE).execute(&mut conn).await.unwrap();
        sqlx::query(INSERT).bind("row").bind("x".repeat(BYTES)).execute(&mut conn).await.unwrap();
        let conn = Arc::new(Mutex::new(conn));
        let insert = move |body: String| {
            let conn = conn.clone();
            async move {
                let id = uuid::Uuid::now_v7().to_string();
                sqlx::query(INSERT).bind(id).bind(body).execute(&mut *conn.lock().await).await.unwrap();
                "done"
            }
        };
        let readers = SqlitePool::connect_with(options).await.unwrap();
        let read = move || {
            let readers = readers.clone();
            async move { sqlx::query_scalar::<_, String>(SELECT).fetch_one(&readers).await.unwrap() }
        };
        Router::new().route("/", post(insert)).route("/row", get(read))
    } else {
        let mut conn = PgConnection::connect(address).await.unwrap();
        sqlx::query(TABLE).execute(&mut conn).await.unwrap();
        sqlx::query(INSERT).bind("row").bind("x".repeat(BYTES)).execute(&mut conn).await.unwrap();
        let pool = PgPool::connect(address).await.unwrap();
        let readers = pool.clone();
        let read = move || {
            let readers = readers.clone();
            async move { sqlx::query_scalar::<_, String>(SELECT).fetch_one(&readers).await.unwrap() }
        };
        let insert = move |body: String| {
            let pool = pool.clone();
            async move {
                let id = uuid::Uuid::now_v7().to_string();
                sqlx::query(INSERT).bind(id).bind(body).execute(&pool).await.unwrap();
                "done"
            }
        };
        Router::new().route("/", post(insert)).route("/row", get(read))
    };
    let app = app.route("/hello", get(|| async { "hello" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    axum::serve(listener, app).await.unwrap();
}
