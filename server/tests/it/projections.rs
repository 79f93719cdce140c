//! What is derived from events is what they say: written with them, brought up to date when its time comes, and made anew by
//! `homebound rebuild`, beside servers that go on. That it is so after every other test, `TestApp` looks itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::returns::{Actor, CommandId, Event, Grant, GrantCause, LineNo, LotNo, Recorded};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::store::{self, StoreError, Table};

use crate::app::{TestApp, order, request};
use crate::command_line::homebound;
use crate::databases::on_both;

/// Opens a return on an order of its own.
async fn opened(app: &TestApp, number: &str) -> String {
    app.put_order(&order(number)).await;
    let (status, answer) = app.post("/returns", &request(number, "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["rma"].as_str().unwrap().to_owned()
}

/// Spoils every table of projections.
async fn spoil(app: &TestApp) {
    for spoiling in [
        "UPDATE returns SET status = 'lapsed', opened_at = 1, email_key = 'x', next_change_at = NULL",
        "DELETE FROM return_orders",
        "UPDATE return_lines SET held = 7",
        "INSERT INTO return_lines SELECT 'X' || rma, line, order_key, order_line, sku, units, held, status, resolution, reason FROM return_lines",
        "INSERT INTO tasks (subject_kind, subject, kind, role, due) SELECT 'return', rma, 'repair', 'workshop', 1 FROM returns",
        "UPDATE expected_parcels SET void = 1",
        "INSERT INTO expected_parcels SELECT 'elsewhere', rma, 1, NULL, 0 FROM returns",
        "INSERT INTO money SELECT rma, 'EUR', 1, 1, 7 FROM returns",
        "INSERT INTO payments SELECT rma, 1, 1, '1', 'EUR', 1, 'manual', 'paid', NULL, 7 FROM returns",
        "INSERT INTO remedies SELECT rma, 1, '1', 'exchange', 'A', 1, 'due', 0, NULL, 7 FROM returns",
        "UPDATE search_terms SET ended = 1",
    ] {
        app.database.meddle(spoiling).await;
    }
}

on_both! {
    async fn each_table_says_what_there_is_of_a_return(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, "1").await;
        let texts = async |sql: &str| app.database.texts(sql).await;
        let lines = "SELECT rma || ' ' || line || ' ' || order_key || ' ' || sku || ' ' || units || ' ' || held || ' ' || status || ' ' || reason FROM return_lines";
        assert_eq!(texts(lines).await, [format!("{rma} 1 1 TEE-BLK-M 1 1 approved dislike")]);
        let (_, told) = app.get(&format!("/returns/{rma}")).await;
        let tracked = told["parcels"][0]["tracking_number"].as_str().unwrap().to_owned();
        let parcels = "SELECT tracking_number || ' ' || rma || ' ' || parcel || ' ' || void || ' ' || COALESCE(expected_until, 0) FROM expected_parcels";
        let until = told["promises"]["arrived_by"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert_eq!(texts(parcels).await, [format!("{tracked} {rma} 1 0 {until}")]);
        assert_eq!(texts("SELECT currency FROM money").await, [""; 0]);
        assert_eq!(texts("SELECT kind FROM tasks").await, [""; 0]);

        // It ran out, another label takes its place, and then it is called off.
        app.services.clock.advance(SignedDuration::from_hours(24 * 60));
        let (status, _) = app.post(&format!("/returns/{rma}/label"), &json!(null)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(texts("SELECT parcel || ' ' || void FROM expected_parcels ORDER BY parcel").await, ["1 1", "2 0"]);
        let (status, _) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(texts("SELECT held || ' ' || status FROM return_lines").await, ["0 cancelled"]);
        assert_eq!(texts("SELECT void || ' ' || COALESCE(expected_until, 0) FROM expected_parcels ORDER BY parcel").await, ["1 0", "1 0"]);
    }
}

on_both! {
    async fn what_is_promised_is_money_and_a_task(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, "1").await.parse().unwrap();
        let now = app.services.clock.now();
        let (store, done) = (&app.services.store, || CommandId::new("c"));
        store.write(move |mut conn| Box::pin(async move {
            let mut request = store::find_return(&mut conn, rma).await?.unwrap();
            let (before, lot) = (request.version, LotNo::first(LineNo(1)));
            let grant = Grant {
                id: "g1".parse().unwrap(), at: now, order: "1".parse().unwrap(), lots: vec![lot], cause: GrantCause::Early,
                currency: "CNY".parse().unwrap(), amount: 5_000, bonus: 0, receipt: Vec::new(),
            };
            let event = Event::Granted { grant };
            request.evolve(&event);
            let recorded = Recorded { seq: before + 1, at: now, actor: Actor::System, command_id: done(), event };
            store::save_events(&mut conn, &request, before, &[recorded]).await
        })).await.map_err(|error: StoreError| error).unwrap();
        let money = "SELECT currency || ' ' || expected || ' ' || granted || ' ' || paid FROM money";
        assert_eq!(app.database.texts(money).await, ["CNY 8900 5000 0"]);
        assert_eq!(app.database.texts("SELECT kind || ' ' || role || ' ' || value FROM tasks").await, ["pay finance 5000"]);
    }
}

on_both! {
    async fn tasks_change_when_their_time_comes(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, "1").await;
        let tasks = async || app.database.texts("SELECT subject || ' ' || kind || ' ' || role || ' ' || value || ' ' || currency FROM tasks").await;
        let keep = async || store::keep_projections(&app.services.store, app.services.clock.now()).await.unwrap();
        assert_eq!(keep().await, 0);
        assert_eq!(tasks().await, [""; 0]);
        // The label ran out, and nothing was sent: the schedule sees it.
        app.services.clock.advance(SignedDuration::from_hours(24 * 60));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert_eq!(tasks().await, [format!("{rma} renew_label support 8900 CNY")]);
        assert_eq!(keep().await, 0, "once");
        let (status, _) = app.post(&format!("/returns/{rma}/label"), &json!(null)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(tasks().await, [""; 0]);
    }
}

on_both! {
    async fn in_a_rehearsal_tasks_follow_the_clock_there_and_back(database: Database) {
        let app = TestApp::with(database, |config| config.demo = true).await;
        let rma = opened(&app, "1").await;
        let tasks = async || app.database.texts(&format!("SELECT kind FROM tasks WHERE subject = '{rma}'")).await;
        app.services.move_clock(60).await.unwrap();
        assert_eq!(tasks().await, ["renew_label"]);
        app.services.move_clock(0).await.unwrap();
        assert_eq!(tasks().await, [""; 0]);
    }
}

on_both! {
    async fn what_a_server_of_the_version_before_wrote_is_brought_up_to_date(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, "1").await;
        opened(&app, "2").await;
        // It opens without projections, and changes without them.
        for before in [
            "DELETE FROM return_lines", "DELETE FROM tasks", "DELETE FROM expected_parcels", "DELETE FROM money",
            "DELETE FROM search_terms", "UPDATE returns SET projected = 0, projected_27 = 0, next_change_at = NULL",
        ] {
            app.database.meddle(before).await;
        }
        let servers = [app.services.store.clone(), app.database.store.clone()];
        let kept = servers.map(|store| async move { store::keep_projections(&store, jiff::Timestamp::now()).await.unwrap() });
        assert!(futures::future::join_all(kept).await.iter().sum::<u64>() >= 2, "two servers at once");
        assert_eq!(app.database.texts("SELECT sku FROM return_lines").await.len(), 2);

        // What only a newer version understands is left to it.
        let newer = format!(
            "INSERT INTO return_events (rma, seq, at, actor, event) SELECT rma, version + 1, 1, '{{\"kind\":\"system\"}}',
               '{{\"kind\":\"beamed_up\",\"schema\":2}}' FROM returns WHERE rma = '{rma}'"
        );
        app.database.meddle(&newer).await;
        app.database.meddle(&format!("UPDATE returns SET version = version + 1 WHERE rma = '{rma}'")).await;
        app.database.meddle("UPDATE return_lines SET held = 7").await;
        let now = app.services.clock.now();
        let rebuilt = store::rebuild_projections(&app.services.store, &Table::ALL, now).await.unwrap();
        assert_eq!((rebuilt.returns, rebuilt.newer, rebuilt.count()), (2, 1, 1), "{rebuilt:?}");
        assert_eq!(app.database.texts(&format!("SELECT held || '' FROM return_lines WHERE rma = '{rma}'")).await, ["7"]);
        assert_eq!(store::keep_projections(&app.services.store, now).await.unwrap(), 1, "it is found, and left alone");
    }
}

on_both! {
    async fn a_rebuild_puts_right_what_was_spoiled(database: Database) {
        let app = TestApp::start(database).await;
        for number in ["1", "2", "3"] {
            opened(&app, number).await;
        }
        spoil(&app).await;
        let now = app.services.clock.now();
        let look = async |tables: &[Table]| store::check_projections(&app.services.store, tables, now).await.unwrap();
        let found = look(&Table::ALL).await;
        for table in Table::ALL {
            assert!(found.differences.iter().any(|difference| difference.table == table), "{}: {found:?}", table.name());
        }
        let mended = store::rebuild_projections(&app.services.store, &[Table::money], now).await.unwrap();
        assert_eq!((mended.returns, mended.count()), (3, 3));
        store::rebuild_projections(&app.services.store, &Table::ALL, now).await.unwrap();
        assert_eq!(look(&Table::ALL).await.differences, []);
        assert_eq!(app.database.texts("SELECT order_key FROM return_orders ORDER BY order_key").await, ["1", "2", "3"]);
    }
}

on_both! {
    async fn a_rebuild_goes_on_beside_commands(database: Database) {
        let app = TestApp::start(database).await;
        let over = Arc::new(AtomicBool::new(false));
        let (store, done) = (app.database.store.clone(), over.clone());
        let rebuilding = tokio::spawn(async move {
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) || rounds == 0 {
                let rebuilt = store::rebuild_projections(&store, &Table::ALL, jiff::Timestamp::now()).await.unwrap();
                assert_eq!(rebuilt.differences, [], "nothing was wrong");
                rounds += 1;
            }
        });
        let commands = (0..12).map(|number| {
            let app = &app;
            async move {
                let rma = opened(app, &format!("{number}")).await;
                let lines = json!({"lines": [{"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]});
                let (status, answer) = app.post(&format!("/returns/{rma}/lines"), &lines).await;
                assert_eq!(status, StatusCode::OK, "{answer}");
                let (status, answer) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
                assert_eq!(status, StatusCode::OK, "{answer}");
            }
        });
        futures::future::join_all(commands).await;
        over.store(true, Ordering::Relaxed);
        rebuilding.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_it_did() {
    let app = TestApp::start(crate::databases::sqlite().await).await;
    opened(&app, "1").await;
    let run = |arguments: &[&str]| {
        let arguments = [&["rebuild"], arguments].concat();
        let done = homebound(app.database.folder.path(), &arguments).env("HOMEBOUND_DATABASE_URL", &app.database.address).output().unwrap();
        let texts = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (done.status.success(), texts.concat())
    };
    let (good, said) = run(&["--check"]);
    assert!(good && said.contains("1  returns read"), "{said}");
    spoil(&app).await;
    let (good, said) = run(&["--check", "money"]);
    assert!(!good && said.contains("1  money not as the events say") && said.contains("\"paid\":7"), "{said}");
    assert!(!said.contains("tasks"), "{said}");
    let (good, said) = run(&[]);
    assert!(good && said.contains("2  return_lines put right"), "{said}");
    assert!(run(&["--check"]).0);
    let (good, said) = run(&["orders"]);
    assert!(!good && said.contains("it is derived: returns, return_orders, return_lines"), "{said}");
    let told: Value = app.get("/returns").await.1;
    assert_eq!(told["items"][0]["status"], "approved");
}
