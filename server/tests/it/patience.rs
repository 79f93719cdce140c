//! How long PostgreSQL is waited for: what takes too long is undone, told as something that passes, and works when it is tried again.

use reqwest::StatusCode;
use serde_json::json;
use server::store::{ApiKey, PostgresLimits, Scope, Store, StoreError, add_api_key, counter, set_counter};
use sqlx::Connection;

use crate::app::{TestApp, answer, order, request};
use crate::databases::{Database, empty_postgres, postgres};
use crate::pages::Visitor;

/// A connection that has locked something, and says nothing more.
async fn locking(database: &Database, sql: &str) -> sqlx::PgConnection {
    let mut conn = sqlx::PgConnection::connect(&database.address).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("BEGIN; {sql}"))).execute(&mut conn).await.unwrap();
    conn
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_lock_is_told_to_try_again() {
    let app = TestApp::with(postgres().await, |config| {
        config.limits.postgres = PostgresLimits { lock_seconds: 1, ..PostgresLimits::NONE };
    })
    .await;
    app.put_order(&order("1")).await;
    app.post("/returns", &request("1", "1", 1)).await;
    let (returns, events) = ("SELECT rma FROM returns", "SELECT event FROM return_events");
    let before = (app.database.texts(returns).await, app.database.texts(events).await);
    let lock = locking(&app.database, "LOCK TABLE order_versions IN EXCLUSIVE MODE").await;

    let open = || app.api("POST", "/returns").header("idempotency-key", "k").json(&request("1", "2", 1));
    let (status, busy) = answer(open().send().await.unwrap()).await;
    assert_eq!((status, &busy["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/busy")), "{busy}");
    let cancel = format!("/returns/{}/cancel", before.0[0]);
    let (status, busy) = app.post(&cancel, &json!({})).await;
    assert_eq!((status, &busy["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/busy")), "{busy}");
    let waiting = app.database.texts("SELECT id FROM outbox").await.len();
    assert_eq!((app.database.texts(returns).await, app.database.texts(events).await, waiting), (before.0, before.1, 1), "nothing was done");

    lock.close().await.unwrap();
    assert_eq!(answer(open().send().await.unwrap()).await.0, StatusCode::CREATED);
    assert_eq!(app.post(&cancel, &json!({})).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_is_broken_off() {
    let app = TestApp::with(postgres().await, |config| {
        config.limits.postgres = PostgresLimits { statement_seconds: 1, ..PostgresLimits::NONE };
    })
    .await;
    app.put_order(&order("1")).await;
    let lock = locking(&app.database, "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await;
    let (status, busy) = app.get("/orders/1").await;
    assert_eq!((status, &busy["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/busy")), "{busy}");
    let mut visitor = Visitor::new(&app);
    let found = visitor.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
    assert_eq!(found, "/updating", "pages ask for patience");
    lock.close().await.unwrap();
    assert_eq!(app.get("/orders/1").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_in_which_nobody_says_anything_is_ended() {
    let address = empty_postgres().await;
    let store = Store::open_within(&address, PostgresLimits { idle_seconds: 1, ..PostgresLimits::NONE }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = Database { store: store.clone(), address, folder };
    let silent = store.write(|mut conn| {
        Box::pin(async move {
            set_counter(&mut conn, "test", 1).await?;
            // As if the server hung, until PostgreSQL has had enough: its lock is free then.
            let mut other = sqlx::PgConnection::connect(&database.address).await?;
            sqlx::query("INSERT INTO counters (name, value) VALUES ('test', 2)").execute(&mut other).await?;
            set_counter(&mut conn, "test", 3).await
        })
    });
    let error: StoreError = silent.await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    let mut read = store.read().await.unwrap();
    assert_eq!(counter(&mut read.conn(), "test").await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_after_a_statement_failed_is_not_taken_for_done() {
    let database = postgres().await;
    let done: Result<(), StoreError> = database
        .store
        .write(|mut conn| {
            Box::pin(async move {
                set_counter(&mut conn, "test", 1).await?;
                // There is such a key already: PostgreSQL gives the transaction up, and would commit nothing without a word.
                let key = ApiKey { digest: "d".into(), name: "n".into(), scope: Scope::Read };
                add_api_key(&mut conn, &key, None, 0).await?;
                add_api_key(&mut conn, &key, None, 0).await.unwrap_err();
                Ok(())
            })
        })
        .await;
    assert!(done.is_err());
    database.store.try_both(1).await.expect("and the connection is used again");
}
