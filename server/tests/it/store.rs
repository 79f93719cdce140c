//! The store's promises: all or nothing, nobody waits for ever, one text for both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::returns::Event;
use domain::rma::RmaNumber;
use serde_json::json;
use server::store::{self, NewAnswer, NewJob, NewReturn, Store, StoreError};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;

async fn count(store: &Store) -> i64 {
    let mut read = store.read().await.unwrap();
    store::outbox_figures(&mut read.conn(), 0).await.unwrap().pending
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
    async fn a_return_is_written_only_by_what_it_was_judged_by(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let store = &app.database.store;
        let (_, like) = app.post("/returns", &request("1", "1", 1)).await;
        let like = like["rma"].as_str().unwrap().parse().unwrap();
        let mut read = store.read().await.unwrap();
        let events = store::events_of(&mut read.conn(), like).await.unwrap();
        let like = store::find_return(&mut read.conn(), like).await.unwrap().unwrap();
        drop(read);
        // Opening it counted the order's version to 1.
        let write = |version: i64, key: Option<&str>| {
            let mut request = like.clone();
            request.rma = std::iter::repeat_with(rand::random).find_map(RmaNumber::from_random).unwrap();
            let mut events = events.clone();
            if let Event::Opened { opening } = &mut events[0].event {
                opening.rma = request.rma;
            }
            let answer = key.map(|key| NewAnswer {
                scope: "s".into(),
                key: key.into(),
                digest: String::new(),
                answer: request.rma.to_string(),
                request: None,
                response: None,
            });
            let new = NewReturn::new(&request, &events, vec![NewJob::new("mail", &json!({}), 1)]).unwrap();
            let new = new.judged_by(&[("1".to_owned(), version)].into()).unwrap();
            let new = match answer {
                Some(answer) => new.answering(answer),
                None => new,
            };
            store.write_whole(move |mut conn| Box::pin(async move { store::insert_return(&mut conn, &new).await }))
        };
        let refused = |written: &Result<bool, StoreError>| match written {
            Ok(written) => !written,
            Err(error) => error.is_conflict(),
        };
        assert!(refused(&write(0, None).await), "by an earlier version");
        assert!(refused(&write(2, None).await));
        assert!(write(1, None).await.unwrap());
        assert!(write(2, Some("k")).await.unwrap());
        assert!(refused(&write(3, Some("k")).await), "its key has an answer");
        store.write(|mut conn| Box::pin(async move { store::lock_order(&mut conn, "1").await })).await.unwrap();
        assert!(refused(&write(3, None).await), "somebody had the order in between");
        assert!(write(4, None).await.unwrap());
        assert_eq!(app.database.texts("SELECT rma FROM returns").await.len(), 4);
        assert_eq!(app.database.texts("SELECT id FROM outbox").await.len(), 4, "and nothing of those that were refused");
        assert_eq!(app.database.texts("SELECT key FROM idempotency").await, ["k"]);

        // Many at once share a commit, and one alone has one of its own.
        let both = futures::future::join_all((0..8).map(|_| write(5, None))).await;
        assert_eq!(both.iter().filter(|written| !refused(written)).count(), 1);
    }
}

on_both! {
    async fn what_stands_beside_a_text_that_cannot_be_written_is_told_so(database: Database) {
        let store = &database.store;
        let commands = (0..60).map(|number| async move {
            let job = NewJob::new("mail", &json!({"number": number}), 1);
            if number % 10 == 0 {
                let twice = job.clone();
                store.write(|mut conn| Box::pin(async move { store::enqueue(&mut conn, &twice).await })).await?;
                return store.write_whole(|mut conn| Box::pin(async move { store::enqueue(&mut conn, &job).await })).await;
            }
            store.write(|mut conn| Box::pin(async move { store::enqueue(&mut conn, &job).await })).await
        });
        let answers = futures::future::join_all(commands).await;
        let good = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(answers[0].is_err());
        let there = count(store).await;
        // Of the six that failed the first half stands.
        assert!(there <= good as i64 + 6 && there >= good as i64, "{there} {good}");
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
            started.unwrap().try_both(1).await.unwrap();
        }
    }
}

on_both! {
    async fn an_outbox_row_is_given_to_one_worker_and_again_when_its_lease_is_over(database: Database) {
        let store = database.store.clone();
        store.write(|mut conn| Box::pin(async move {
            for _ in 0..20 {
                store::enqueue(&mut conn, &NewJob::new("mail", &json!({}), 1_000)).await?;
            }
            Ok::<_, StoreError>(())
        })).await.unwrap();
        let claim = |now: i64| {
            let store = store.clone();
            async move {
                let claim = store.write(move |mut conn| {
                    Box::pin(async move { store::claim_due(&mut conn, "mail", store::Kinds { known: &["mail"], planned: &[] }, now, 86_400_000, 60_000, 5).await })
                });
                claim.await.unwrap()
            }
        };
        assert!(claim(999).await.is_empty(), "not due yet");
        let claimed = futures::future::join_all((0..6).map(|_| claim(1_000))).await;
        let mut ids: Vec<String> = claimed.into_iter().flatten().map(|row| row.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20, "each row to one worker");
        assert!(claim(1_000_000).await.is_empty(), "however far the shop's clock is");
        database.meddle("UPDATE outbox SET leased_until = leased_until - 60000").await;
        let again = claim(1_000).await;
        assert_eq!((again.len(), again[0].attempts), (5, 2), "the worker died: somebody else gets it");
        database.meddle("UPDATE outbox SET leased_until = leased_until + 31536000000").await;
        assert_eq!(claim(1_000).await.len(), 5, "a lease of a year is none: the clock was wrong");
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

    let indexes = "SELECT name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let mut of_lite = lite.texts(indexes).await;
    let indexes = "SELECT indexname || ' on ' || tablename FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)";
    let mut of_pg = pg.texts(indexes).await;
    of_lite.sort();
    of_pg.sort();
    assert_eq!(of_lite, of_pg);
    assert!(of_lite.iter().any(|index| index == "outbox_due on outbox"), "{of_lite:?}");
}

#[tokio::test]
async fn an_earlier_database_keeps_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite")).unwrap() {
        let file = file.unwrap();
        if file.file_name() < *"0011" {
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let address = format!("sqlite://{}", folder.path().join("earlier.db").display());
    let options: sqlx::sqlite::SqliteConnectOptions = address.parse().unwrap();
    let mut conn = sqlx::ConnectOptions::connect(&options.create_if_missing(true)).await.unwrap();
    sqlx::migrate::Migrator::new(folder.path()).await.unwrap().run(&mut conn).await.unwrap();
    let written = "INSERT INTO orders VALUES ('A1', 1, 'a@b', NULL, 'c', '{}', 3, 2);
        INSERT INTO returns VALUES ('R-1', 'approved', 5, 'a@b', '{}', 2);
        INSERT INTO return_orders VALUES ('A1', 'R-1');
        INSERT INTO return_events VALUES ('R-1', 1, 5, '{}', '{\"a\":1}'), ('R-1', 2, 6, '{}', '{}');
        INSERT INTO sessions VALUES ('s', '{}', 9);
        INSERT INTO drafts VALUES ('d', '{}', 4, 8)";
    sqlx::raw_sql(written).execute(&mut conn).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();

    let store = Store::open(&address).await.unwrap();
    store.close().await;
    let database = crate::databases::Database { store, address, folder };
    let rows = "SELECT number_key || placed_at || email_key || customer_ref || document || revision || updated_at FROM orders
        UNION ALL SELECT rma || status || opened_at || email_key || state || version FROM returns
        UNION ALL SELECT order_key || rma FROM return_orders
        UNION ALL SELECT rma || seq || at || actor || event FROM return_events
        UNION ALL SELECT digest || data || expires_at FROM sessions
        UNION ALL SELECT id || data || version || updated_at FROM drafts";
    let kept = database.texts(rows).await;
    assert_eq!(kept, ["A11a@bc{}32", "R-1approved5a@b{}2", "A1R-1", "R-115{}{\"a\":1}", "R-126{}{}", "s{}9", "d{}48"]);
    assert!(database.texts("SELECT \"table\" FROM pragma_foreign_key_check").await.is_empty());
    let parents = database.texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list('return_events')").await;
    assert_eq!(parents, ["returns"]);
}
