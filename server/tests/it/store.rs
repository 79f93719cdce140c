//! The store's promises: all or nothing, nobody waits for ever, one text for both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use server::store::{self, NewJob, Store, StoreError};

use crate::databases::on_both;

async fn count(store: &Store) -> i64 {
    let mut read = store.read().await.unwrap();
    store::pending(&mut read.conn()).await.unwrap().0
}

on_both! {
    async fn what_fails_leaves_nothing_behind(database: Database) {
        let store = &database.store;
        let failed: Result<(), StoreError> = store
            .write(|mut conn| Box::pin(async move {
                store::enqueue(&mut conn, &NewJob::new("mail", &json!({}), 1)).await?;
                Err(StoreError::Stale("test"))
            }))
            .await;
        assert!(matches!(failed, Err(StoreError::Stale(_))));
        assert_eq!(count(store).await, 0);
    }
}

on_both! {
    async fn a_failing_command_does_not_harm_those_it_shares_a_commit_with(database: Database) {
        let store = database.store;
        let commands = (0..60).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |mut conn| Box::pin(async move {
                        store::enqueue(&mut conn, &NewJob::new("mail", &json!({}), 1)).await?;
                        match number % 3 {
                            0 => Err(StoreError::Stale("test")),
                            1 => panic!("a bug in one command"),
                            _ => Ok(()),
                        }
                    }))
                    .await
            })
        });
        let answers = futures::future::join_all(commands).await;
        let good = answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(())))).count();
        assert_eq!(good, 20);
        assert_eq!(count(&store).await, 20);
    }
}

on_both! {
    async fn a_command_goes_on_when_its_caller_has_gone(database: Database) {
        let store = database.store;
        let begun = Arc::new(AtomicUsize::new(0));
        let (inner, signal) = (store.clone(), begun.clone());
        let caller = tokio::spawn(async move {
            let _: Result<(), StoreError> = inner
                .write(move |mut conn| Box::pin(async move {
                    signal.store(1, Ordering::SeqCst);
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    store::enqueue(&mut conn, &NewJob::new("mail", &json!({}), 1)).await
                }))
                .await;
        });
        while begun.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        caller.abort();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert_eq!(count(&store).await, 1);
    }
}

on_both! {
    async fn two_servers_may_start_at_once(database: Database) {
        let starts = (0..4).map(|_| Store::open(&database.address));
        for started in futures::future::join_all(starts).await {
            assert!(started.unwrap().is_ready().await);
        }
    }
}

on_both! {
    async fn an_outbox_row_is_given_to_one_worker_and_again_when_its_lease_is_over(database: Database) {
        let store = database.store;
        store.write(|mut conn| Box::pin(async move {
            for _ in 0..20 {
                store::enqueue(&mut conn, &NewJob::new("mail", &json!({}), 1_000)).await?;
            }
            Ok::<_, StoreError>(())
        })).await.unwrap();
        let claim = |now: i64| {
            let store = store.clone();
            async move { store.write(move |mut conn| Box::pin(async move { store::claim_due(&mut conn, now, 500, 5).await })).await.unwrap() }
        };
        assert!(claim(999).await.is_empty(), "not due yet");
        let claimed = futures::future::join_all((0..6).map(|_| claim(1_000))).await;
        let mut ids: Vec<String> = claimed.into_iter().flatten().map(|row| row.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20, "each row to one worker");
        assert!(claim(1_499).await.is_empty());
        let again = claim(1_500).await;
        assert_eq!((again.len(), again[0].attempts), (5, 2), "the worker died: somebody else gets it");
    }
}

on_both! {
    async fn attempts_are_counted_within_a_window(database: Database) {
        let store = database.store;
        let count = |now: i64| {
            let store = store.clone();
            async move { store.write(move |mut conn| Box::pin(async move { store::count_attempt(&mut conn, "order:1", 100, now).await })).await.unwrap() }
        };
        assert_eq!((count(1_000).await, count(1_050).await, count(1_099).await), (1, 2, 3));
        assert_eq!((count(1_101).await, count(1_102).await), (1, 2), "a new window");
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let folder = |name: &str| format!("{}/../migrations/{name}", env!("CARGO_MANIFEST_DIR"));
    let names = |name: &str| {
        let mut names: Vec<_> = std::fs::read_dir(folder(name)).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    let lite = crate::databases::sqlite().await;
    let pg = crate::databases::postgres().await;
    let options: sqlx::sqlite::SqliteConnectOptions = lite.address.parse().unwrap();
    let mut conn = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let of_lite: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT m.name, p.name, replace(replace(upper(p.type), 'INTEGER', 'BIGINT'), 'BLOB', 'BYTEA') FROM sqlite_master m JOIN pragma_table_info(m.name) p
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(&pg.address).await.unwrap();
    let of_pg: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, upper(data_type::text) FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' ORDER BY table_name::text COLLATE \"C\", column_name::text COLLATE \"C\"",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert!(of_lite.len() > 40);
    assert_eq!(of_lite, of_pg);
}
