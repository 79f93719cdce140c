//! What goes wrong around a server: its log, its disk, its database file. A visitor is served or told to come back; who runs it is told what is wrong.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store;

use crate::app::{TestApp, answer, order, request};
use crate::command_line::{free_address, homebound};
use crate::databases::{on_both, sqlite};

/// Looks until something is there.
async fn until<T>(look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come");
}

/// A real server whose log goes `to`, at its most talkative; with its address and a key.
async fn logging(folder: &std::path::Path, to: Stdio) -> (Child, String, String) {
    let key = homebound(folder, &["key", "add", "--name", "test", "--scope", "write"]).output().unwrap().stdout;
    let address = free_address();
    let child = homebound(folder, &["serve"])
        .env("HOMEBOUND_LISTEN", address.to_string())
        .env("HOMEBOUND_LOG_FILTER", "debug")
        .stdout(Stdio::null())
        .stderr(to)
        .spawn()
        .unwrap();
    let base = format!("http://{address}");
    until(async || reqwest::get(format!("{base}/readyz")).await.ok().filter(|answer| answer.status().is_success())).await;
    (child, base, String::from_utf8(key).unwrap().trim().to_owned())
}

/// Opens a return, and waits for its mail: `count` in all.
async fn a_return_and_its_mail(folder: &std::path::Path, base: &str, key: &str, count: usize) {
    let client = reqwest::Client::new();
    let number = count.to_string();
    client.put(format!("{base}/api/v1/orders/{number}")).bearer_auth(key).json(&order(&number)).send().await.unwrap();
    let asked = client.post(format!("{base}/api/v1/returns")).bearer_auth(key).header("idempotency-key", &number);
    assert_eq!(asked.json(&request(&number, "1", 1)).send().await.unwrap().status(), StatusCode::CREATED);
    let mails = folder.join("mail");
    until(async || (std::fs::read_dir(&mails).map_or(0, Iterator::count) >= count).then_some(())).await;
}

async fn goes_on(folder: &std::path::Path, mut child: Child, base: &str, key: &str, loses: bool) {
    for count in 1..=3 {
        a_return_and_its_mail(folder, base, key, count).await;
    }
    let client = reqwest::Client::new();
    let lost = async || {
        let figures = client.get(format!("{base}/metrics")).bearer_auth(key).send().await.unwrap().text().await.unwrap();
        figures.lines().find_map(|line| line.strip_prefix("log_lines_lost_total ")).filter(|count| *count != "0").map(str::to_owned)
    };
    if loses {
        until(&lost).await;
    }
    let ready = client.get(format!("{base}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_a_full_disk_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (child, base, key) = logging(folder.path(), full.into()).await;
    goes_on(folder.path(), child, &base, &key, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_reader_is_gone_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (read, write) = std::io::pipe().unwrap();
    let (child, base, key) = logging(folder.path(), write.into()).await;
    drop(read);
    goes_on(folder.path(), child, &base, &key, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_reader_reads_no_more_stops_nothing_and_what_follows_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut read, write) = std::io::pipe().unwrap();
    let (child, base, key) = logging(folder.path(), write.into()).await;
    // More than a pipe holds.
    let client = reqwest::Client::new();
    for _ in 0..600 {
        client.get(format!("{base}/healthz")).send().await.unwrap();
    }
    goes_on(folder.path(), child, &base, &key, false).await;
    let mut log = String::new();
    read.read_to_string(&mut log).unwrap();
    assert!(log.contains("homebound is ready"), "{log}");
}

/// Files that may not grow any more: what a full disk is to a program.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_visitors_are_told_to_come_back_and_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let key = homebound(folder.path(), &["key", "add", "--name", "test", "--scope", "write"]).output().unwrap().stdout;
    let key = String::from_utf8(key).unwrap().trim().to_owned();
    let serve = |limit: &str| {
        let address = free_address();
        // Without the signal that would end it, writing beyond the limit fails.
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("trap '' XFSZ; {limit} exec \"$0\" serve")).arg(env!("CARGO_BIN_EXE_homebound"));
        shell.env("HOMEBOUND_DATA_DIR", folder.path()).env("HOMEBOUND_LISTEN", address.to_string());
        shell.env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "100000").env("HOMEBOUND_LIMITS__BURST", "100000");
        (shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(), format!("http://{address}"))
    };
    let client = reqwest::Client::new();
    let put = async |base: &str, number: usize| {
        let number = number.to_string();
        let put = client.put(format!("{base}/api/v1/orders/{number}")).bearer_auth(&key).json(&order(&number)).send().await.unwrap();
        (put.status(), put.text().await.unwrap())
    };
    let is_up = async |base: &str| {
        until(async || reqwest::get(format!("{base}/readyz")).await.ok().filter(|answer| answer.status().is_success())).await;
    };
    let (mut child, base) = serve("ulimit -f 4096;");
    is_up(&base).await;
    let mut kept = 0;
    let (status, body) = loop {
        let (status, body) = put(&base, kept).await;
        if !status.is_success() || kept == 5_000 {
            break (status, body);
        }
        kept += 1;
    };
    assert!(kept > 0 && status == StatusCode::SERVICE_UNAVAILABLE, "{kept} {status} {body}");
    let unready = async || Some(client.get(format!("{base}/readyz")).send().await.unwrap()).filter(|answer| !answer.status().is_success());
    let said: Value = until(unready).await.json().await.unwrap();
    assert_eq!(said["checks"]["database"], "it cannot be read and written", "{said}");
    assert!(client.get(format!("{base}/")).send().await.unwrap().status().is_success(), "pages are shown");
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, base) = serve("");
    is_up(&base).await;
    for number in 0..kept {
        let found = client.get(format!("{base}/api/v1/orders/{number}")).bearer_auth(&key).send().await.unwrap();
        assert!(found.status().is_success(), "order {number} of {kept} is gone");
    }
    assert!(put(&base, kept).await.0.is_success());
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn readiness(app: &TestApp) -> (StatusCode, Value) {
    // What was found is kept for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    answer(app.client.get(format!("{}/readyz", app.base)).send().await.unwrap()).await
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_file_that_was_replaced_is_noticed_before_anything_is_lost() {
    let app = TestApp::start(sqlite().await).await;
    let file = app.database.folder.path().join("test.db");
    let away = app.database.folder.path().join("away.db");
    let well = json!({"ready": true, "checks": {"database": "ok", "files": "ok", "worker": "none here"}});
    assert_eq!(readiness(&app).await, (StatusCode::OK, well.clone()));
    app.put_order(&order("1")).await;

    std::fs::rename(&file, &away).unwrap();
    for replaced in [false, true] {
        if replaced {
            std::fs::copy(&away, &file).unwrap();
        }
        let (status, body) = readiness(&app).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["checks"]["database"], "another file is in its place, or none", "{body}");
        assert!(!body.to_string().contains(file.to_str().unwrap()), "{body}");
        // Nothing is acknowledged that would be gone with this process.
        let (status, body) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        let page = app.client.get(format!("{}/", app.base)).send().await.unwrap();
        assert!(page.status().is_success() || page.status() == StatusCode::SERVICE_UNAVAILABLE);
    }
    std::fs::rename(&away, &file).unwrap();
    assert_eq!(readiness(&app).await, (StatusCode::OK, well));
    let (status, body) = app.post("/returns", &request("1", "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_cannot_be_kept_are_said_by_name() {
    let app = TestApp::start(sqlite().await).await;
    let folder = app.database.folder.path().join("objects");
    std::fs::rename(&folder, app.database.folder.path().join("elsewhere")).unwrap();
    // Nobody can write into what is no folder.
    std::fs::write(&folder, b"").unwrap();
    let (status, body) = readiness(&app).await;
    assert_eq!((status, &body["checks"]["files"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("they cannot be written")), "{body}");
    assert_eq!(body["checks"]["database"], "ok");
}

on_both! {
    async fn a_worker_that_is_not_heard_of_makes_a_server_unready(database: Database) {
        let app = TestApp::start(database).await;
        app.services.pulse.beat("worker");
        let (status, body) = readiness(&app).await;
        assert_eq!((status, &body["checks"]["worker"]), (StatusCode::OK, &json!("ok")));
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(100)) else { return };
        app.services.pulse.heard("worker", long_ago);
        let (status, body) = readiness(&app).await;
        assert_eq!((status, &body["ready"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(false)));
        assert_eq!(body["checks"]["worker"], "it was not heard of for long");
        // What it writes is a row, for real.
        assert_eq!(app.database.texts("SELECT name FROM counters WHERE name = 'ready' AND value > 0").await, ["ready"]);
    }
}

on_both! {
    async fn a_clock_that_was_a_month_ahead_leaves_nobody_locked_out(database: Database) {
        let app = TestApp::with(database, |config| {
            (config.limits.lookups_per_address, config.limits.lookups_per_order) = (2, 2);
            config.limits.evidence.per_return = 1;
        })
        .await;
        app.put_order(&order("1")).await;
        let (opened, body) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(opened, StatusCode::CREATED, "{body}");
        let rma = body["rma"].as_str().unwrap().to_owned();
        let find = async |contact: &str| {
            let form = [("number", "1"), ("contact", contact)];
            app.client.post(format!("{}/", app.base)).form(&form).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned()
        };
        let code = async || {
            app.client.post(format!("{}/account/code", app.base)).form(&[("email", "wang@example.com")]).send().await.unwrap();
            app.run_jobs().await;
        };
        let labels = async || app.get(&format!("/returns/{rma}")).await.1["parcels"].as_array().map_or(0, Vec::len);

        app.services.clock.advance(SignedDuration::from_hours(30 * 24));
        let session = find("wang@example.com").await;
        assert!(session.starts_with("/return/"), "{session}");
        for _ in 0..3 {
            find("other@example.com").await;
        }
        assert!(!find("wang@example.com").await.starts_with("/return/"), "too many wrong guesses");
        code().await;
        let (status, body) = app.post(&format!("/returns/{rma}/label"), &json!({})).await;
        assert!(status.is_success(), "{body}");
        let before = labels().await;

        app.run_jobs().await;
        let mails = app.mails().len();
        app.services.clock.set_ahead(SignedDuration::ZERO);
        assert!(find("wang@example.com").await.starts_with("/return/"), "nobody guesses any more");
        code().await;
        assert_eq!(app.mails().len(), mails + 1, "a code may be asked for again");
        let (status, body) = app.post(&format!("/returns/{rma}/label"), &json!({})).await;
        assert!(status.is_success(), "{body}");
        assert_eq!(labels().await, before + 1, "the last one is none of a moment ago");
        // What would go on for a month is over.
        let now = app.services.clock.millis();
        let mut read = app.services.store.read().await.unwrap();
        for digest in app.database.texts(&format!("SELECT digest FROM sessions WHERE expires_at > {now} + 86400000")).await {
            let found = store::find_session(&mut read.conn(), &digest, now, 7_200_000).await.unwrap();
            assert_eq!(found, None, "a session of then");
        }
    }
}
