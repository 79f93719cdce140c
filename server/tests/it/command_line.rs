//! The program, as it is called from a shell.
//! Long because each command has its cases.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::app::{order, request};
use crate::databases::sqlite;

/// The program: as the tests were built with it, or another build of the same, which `HOMEBOUND_TEST_PROGRAM` names (an optimised one, say).
pub fn program() -> OsString {
    std::env::var_os("HOMEBOUND_TEST_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_homebound").into())
}

pub fn homebound(folder: &Path, arguments: &[&str]) -> Command {
    version(&program(), folder, arguments)
}

/// The same of another version of the program.
pub fn version(program: &OsStr, folder: &Path, arguments: &[&str]) -> Command {
    // Whoever talks to it from here needs one too, whichever test comes first.
    server::objects::ready_for_tls();
    let mut command = Command::new(program);
    // Whatever is set for the tests, or for a server of one's own, is not for this one.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOMEBOUND_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("HOMEBOUND_DATA_DIR", folder).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    homebound(folder, arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_policy_is_checked_and_published() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(&file, "{\n  \"homebound_policy\": 1, \"time_zone\": \"UTC\",\n  \"windw\": []\n}").unwrap();
    let path = file.to_str().unwrap();
    let wrong = run(folder.path(), &["policy", "check", path]);
    assert!(!wrong.status.success());
    assert!(
        text(&wrong.stderr).contains("policy.json:3:3: windw: there is no field `windw`; did you mean `window`?"),
        "{}",
        text(&wrong.stderr)
    );
    assert!(!run(folder.path(), &["policy", "publish", path]).status.success());

    std::fs::write(&file, domain::policy::DEFAULT).unwrap();
    let good = run(folder.path(), &["policy", "check", path]);
    assert!(good.status.success() && text(&good.stdout).contains("no mistakes"));
    let published = run(folder.path(), &["policy", "publish", path, "--from", "2026-12-01T00:00:00+08:00"]);
    assert!(
        text(&published.stdout).contains("published as version 2, in force for orders placed from 2026-11-30T16:00:00Z"),
        "{}",
        text(&published.stderr)
    );
    assert!(text(&run(folder.path(), &["policy", "schema"]).stdout).contains("homebound_policy"));
}

#[test]
fn what_is_set_wrongly_is_named_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, said) in [
        ("HOMEBOUND_LISTEN", "nowhere", "setting listen"),
        ("HOMEBOUND_SHOP__COLOUR", "greenish", "setting shop.colour"),
        ("HOMEBOUND_DATABASE_URL", "mysql://x", "setting database_url"),
        ("HOMEBOUND_SMTP_URL", "mailto:x", "setting smtp_url"),
        ("HOMEBOUND_CONFIG", "/not/there.toml", "HOMEBOUND_CONFIG names /not/there.toml"),
        ("HOMEBOUND_LISSEN", "x", "setting lissen"),
    ] {
        let output = homebound(folder.path(), &["worker"]).env(name, value).output().unwrap();
        assert!(!output.status.success(), "{name}");
        assert!(text(&output.stderr).contains(said), "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn a_shop_is_begun_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("homebound.toml");
    let (path, data) = (file.to_str().unwrap(), folder.path().join("files"));
    let init = |arguments: &[&str]| {
        homebound(folder.path(), &[&["init", path], arguments].concat()).env_remove("HOMEBOUND_DATA_DIR").output().unwrap()
    };
    let nobody = init(&["--name", "Linde"]);
    assert!(!nobody.status.success() && text(&nobody.stderr).contains("--email, --street"), "{}", text(&nobody.stderr));
    assert!(!file.exists());
    let said =
        ["--name", "Linde \"Buch\"", "--email", "help@linde.example", "--street", "Weg 1", "--postal-code", "10115", "--city", "Berlin"];
    let more = [
        "--country",
        "DE",
        "--zone",
        "Europe/Berlin",
        "--public-url",
        "https://returns.linde.example",
        "--data-dir",
        data.to_str().unwrap(),
    ];
    let wrong = init(&[&said[..], &more[..3], &["Europe/Berlln"], &more[4..]].concat());
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("shop.zone") && !file.exists(), "{}", text(&wrong.stderr));
    let done = init(&[&said[..], &more[..]].concat());
    assert!(done.status.success() && text(&done.stdout).contains("Next:"), "{}{}", text(&done.stdout), text(&done.stderr));
    assert!(text(&done.stderr).contains("mail_unset") && text(&done.stderr).contains("client_address_header"), "{}", text(&done.stderr));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
    let settings = std::fs::read_to_string(&file).unwrap();
    assert!(settings.contains("#colour = ") && settings.contains("zone = \"Europe/Berlin\""), "{settings}");
    let keys = homebound(folder.path(), &["key", "list"]).env_remove("HOMEBOUND_DATA_DIR").env("HOMEBOUND_CONFIG", path).output().unwrap();
    assert!(text(&keys.stdout).contains("shop"), "{}", text(&keys.stderr));
    let again = init(&[&said[..], &more[..]].concat());
    assert!(!again.status.success() && text(&again.stderr).contains("is not changed"), "{}", text(&again.stderr));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), settings);
}

#[test]
fn every_command_helps_with_an_example() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        &["serve"][..],
        &["worker"],
        &["migrate"],
        &["seed", "demo"],
        &["import", "orders"],
        &["key", "add"],
        &["outbox", "list"],
        &["outbox", "retry"],
        &["policy", "check"],
        &["policy", "try"],
        &["policy", "diff"],
        &["policy", "list"],
        &["policy", "show"],
        &["policy", "schema"],
        &["policy", "publish"],
        &["init"],
        &["doctor"],
        &["backup"],
        &["restore"],
        &["rebuild"],
        &["openapi"],
    ] {
        let help = run(folder.path(), &[command, &["--help"]].concat());
        assert!(help.status.success() && text(&help.stdout).contains("Example:"), "{command:?}");
    }
    let api: Value = serde_json::from_slice(&run(folder.path(), &["openapi"]).stdout).unwrap();
    assert!(api["paths"].is_object());
    assert!(run(folder.path(), &["migrate"]).status.success());
    assert!(run(folder.path(), &["migrate"]).status.success(), "safe to repeat");
    assert!(text(&run(folder.path(), &["seed", "demo"]).stdout).contains("orders"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_sweeps_without_any_portal() {
    let database = sqlite().await;
    database.meddle("INSERT INTO sessions (digest, data, expires_at) VALUES ('old', '', 1)").await;
    let mut worker = homebound(database.folder.path(), &["worker"])
        .env("HOMEBOUND_DATABASE_URL", &database.address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let swept = "SELECT name FROM schedules WHERE leased_until IS NULL AND last_error IS NULL";
    for _ in 0..1_200 {
        if database.texts(swept).await.len() == 19 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.kill().unwrap();
    worker.wait().unwrap();
    assert_eq!(database.texts(swept).await.len(), 19);
    assert!(database.texts("SELECT digest FROM sessions").await.is_empty());
}

/// An address to listen on. Its port is none of those that the system hands out to whoever connects: it is still free in a moment.
pub fn free_address() -> SocketAddr {
    let addresses = std::iter::repeat_with(|| SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..30_000))));
    addresses.into_iter().find(|address| std::net::TcpListener::bind(address).is_ok()).unwrap()
}

/// Starts the real server on a free port; answers with its address.
fn serve(folder: &Path) -> (std::process::Child, String) {
    let address = free_address();
    let child = homebound(folder, &["serve"])
        .env("HOMEBOUND_LISTEN", address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (child, format!("http://{address}"))
}

async fn ready(base: &str) {
    for _ in 0..300 {
        if reqwest::get(format!("{base}/readyz")).await.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not start");
}

#[test]
fn keys_are_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let key = |arguments: &[&str]| run(folder.path(), &[&["key"], arguments].concat());
    assert!(key(&["add", "--name", "shop", "--scope", "write"]).status.success());
    assert!(key(&["add", "--name", "graphs", "--scope", "metrics", "--days", "30"]).status.success());
    let listed = text(&key(&["list"]).stdout);
    let rows: Vec<Vec<&str>> = listed.lines().map(|row| row.split('\t').collect()).collect();
    let [graphs, shop] = &rows[..] else { panic!("{listed}") };
    assert_eq!((graphs[0], graphs[1], shop[0], shop[1]), ("graphs", "metrics", "shop", "write"));
    assert_eq!((shop[3], shop[4]), ("never ends", "never used"));
    assert!(graphs[3].starts_with("20"), "{listed}");
    assert!(key(&["remove", "--name", "shop"]).status.success());
    assert!(!text(&key(&["list"]).stdout).contains("shop"));
    let none = key(&["remove", "--name", "shop"]);
    assert!(!none.status.success() && text(&none.stderr).contains("there is no key `shop`"));
    assert!(!key(&["add", "--name", "x", "--scope", "read", "--days", "0"]).status.success());
}

#[cfg(unix)]
#[test]
fn what_it_keeps_nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["key", "add", "--name", "shop", "--scope", "write"]).status.success());
    let mut looked = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(place) = folders.pop() {
        for entry in std::fs::read_dir(place).unwrap().map(Result::unwrap) {
            let found = entry.metadata().unwrap();
            assert_eq!(found.permissions().mode() & 0o077, 0, "{}", entry.path().display());
            looked += 1;
            if found.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    assert!(looked >= 3, "database, files and the secret are there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let key = text(&run(folder.path(), &["key", "add", "--name", "test", "--scope", "write"]).stdout).trim().to_owned();
    let client = reqwest::Client::new();
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    let answered = Arc::new(AtomicUsize::new(0));
    for round in 0..3 {
        let (mut child, base) = serve(folder.path());
        ready(&base).await;
        let opening = (0..40).map(|number| {
            let (client, base, key, answered) = (client.clone(), base.clone(), key.clone(), answered.clone());
            let number = format!("{round}-{number}");
            tokio::spawn(async move {
                client.put(format!("{base}/api/v1/orders/{number}")).bearer_auth(&key).json(&order(&number)).send().await.ok()?;
                let open = client
                    .post(format!("{base}/api/v1/returns"))
                    .bearer_auth(&key)
                    .header("idempotency-key", &number)
                    .json(&request(&number, "1", 1));
                let answer: Value = open.send().await.ok()?.json().await.ok()?;
                let rma = answer["rma"].as_str()?.to_owned();
                answered.fetch_add(1, Ordering::Relaxed);
                Some((number, rma))
            })
        });
        let opening: Vec<_> = opening.collect();
        tokio::time::sleep(Duration::from_millis(60 + 270 * round)).await;
        // However slow the machine is, something was acknowledged.
        while round == 2 && answered.load(Ordering::Relaxed) == 0 && opening.iter().any(|one| !one.is_finished()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for one in opening {
            acknowledged.extend(one.await.unwrap());
        }
    }
    // Two minutes later: what the killed servers had begun is free again.
    let database = format!("sqlite://{}", folder.path().join("homebound.db").display());
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&database).await.unwrap();
    sqlx::query("UPDATE outbox SET leased_until = 0 WHERE leased_until IS NOT NULL").execute(&mut conn).await.unwrap();
    drop(conn);
    let (mut child, base) = serve(folder.path());
    ready(&base).await;
    let get = |path: String| client.get(format!("{base}/api/v1{path}")).bearer_auth(&key).send();
    for (number, rma) in &acknowledged {
        let answer: Value = get(format!("/returns/{rma}")).await.unwrap().json().await.unwrap();
        assert_eq!(answer["rma"].as_str(), Some(rma.as_str()), "an acknowledged return is gone");
        // Asked again with its key, it is the same return.
        let again = client
            .post(format!("{base}/api/v1/returns"))
            .bearer_auth(&key)
            .header("idempotency-key", number)
            .json(&request(number, "1", 1));
        let again: Value = again.send().await.unwrap().json().await.unwrap();
        assert!(again["rma"].as_str() == Some(rma) || again["type"] == "/problems/idempotency-key-reused", "{again}");
    }
    // No message unsent: one for every return there is, acknowledged or not.
    let list: Value = get("/returns?limit=200".into()).await.unwrap().json().await.unwrap();
    let opened = list["items"].as_array().unwrap().len();
    assert!(opened >= acknowledged.len() && !acknowledged.is_empty(), "{opened} {}", acknowledged.len());
    let mail = folder.path().join("mail");
    let sent = || std::fs::read_dir(&mail).map_or(0, Iterator::count);
    for _ in 0..600 {
        if sent() >= opened {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(sent(), opened);
}

#[test]
fn orders_are_imported_from_files_and_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.ndjson");
    let first = order("1").to_string();
    std::fs::write(&file, format!("{first}\nnonsense\n{}\n", order("2"))).unwrap();
    let path = file.to_str().unwrap();
    let done = run(folder.path(), &["import", "orders", path, "--format", "json"]);
    assert_eq!(done.status.code(), Some(3), "one was refused: {}", text(&done.stderr));
    assert!(text(&done.stdout).contains("2  orders taken (2 new, 0 replaced, 0 unchanged)"), "{}", text(&done.stdout));
    let refused = std::fs::read_to_string(folder.path().join("orders.ndjson.refused.csv")).unwrap();
    assert!(refused.starts_with("line,order,reason\n2,,"), "{refused}");

    let mut child = homebound(folder.path(), &["import", "orders", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), first.as_bytes()).unwrap();
    let again = child.wait_with_output().unwrap();
    assert_eq!(again.status.code(), Some(0), "everything is in");
    assert!(text(&again.stdout).contains("1  orders taken (0 new, 0 replaced, 1 unchanged)"), "{}", text(&again.stdout));

    // Beside the file where that can be, else here, else where it is told.
    std::fs::remove_file(folder.path().join("orders.ndjson.refused.csv")).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir_all(elsewhere.join("orders.ndjson.refused.csv")).unwrap();
    std::fs::copy(&file, elsewhere.join("orders.ndjson")).unwrap();
    let moved = elsewhere.join("orders.ndjson");
    let mut here = homebound(folder.path(), &["import", "orders", moved.to_str().unwrap(), "--format", "json"]);
    let here = here.current_dir(folder.path()).output().unwrap();
    assert_eq!((here.status.code(), folder.path().join("orders.ndjson.refused.csv").is_file()), (Some(3), true), "{}", text(&here.stderr));
    let told = folder.path().join("told.csv");
    let there = run(folder.path(), &["import", "orders", path, "--format", "json", "--refusals", told.to_str().unwrap()]);
    assert_eq!((there.status.code(), told.is_file()), (Some(3), true), "{}", text(&there.stderr));
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, format!("[{first},")).unwrap();
    let broken = run(folder.path(), &["import", "orders", broken.to_str().unwrap(), "--format", "json"]);
    assert_eq!(broken.status.code(), Some(1), "not to its end: {}", text(&broken.stdout));

    for (arguments, said) in [
        (&["--format", "csv"][..], "a CSV file needs a mapping"),
        (&["--format", "csv", "--mapping", "olits"][..], "olits"),
        (&["--format", "json", "--time-zone", "Mars"][..], "`Mars` is no time zone; write it as Asia/Shanghai"),
    ] {
        let wrong = run(folder.path(), &[&["import", "orders", path][..], arguments].concat());
        assert!(!wrong.status.success() && text(&wrong.stderr).contains(said), "{}", text(&wrong.stderr));
    }
    let missing = run(folder.path(), &["import", "orders", "/not/there.csv", "--format", "shopify-csv"]);
    assert!(!missing.status.success() && text(&missing.stderr).contains("/not/there.csv"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_up_is_listed_and_tried_again() {
    let database = sqlite().await;
    let rows = "INSERT INTO outbox (id, queue, kind, payload, run_at, attempts, last_error, dead_at) VALUES
        ('a', 'mail', 'mail.return_opened', '{\"rma\":\"R-1\"}', 1, 13, 'connecting: 554 go away', 9), ('b', 'mail', 'mail.login_code', '{}', 1, 13, 'late', 9),
        ('c', 'label', 'label.buy', '{\"rma\":\"R-1\"}', 1, 10, 'no answer', 9)";
    database.meddle(rows).await;
    let outbox = |arguments: &[&str]| {
        let mut command = homebound(database.folder.path(), &[&["outbox"], arguments].concat());
        let output = command.env("HOMEBOUND_DATABASE_URL", &database.address).output().unwrap();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (_, listed, _) = outbox(&["list", "--state", "parked", "--kind", "mail"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("a ") && lines[1].contains("cannot be tried again"), "{listed}");
    assert!(lines[0].contains("parked") && lines[0].contains("mail.return_opened") && lines[0].contains("554 go away"), "{listed}");
    assert!(!listed.contains("R-1"), "not what it is about: {listed}");
    let (done, _, said) = outbox(&["retry", "b"]);
    assert!(!done && said.contains("its text is gone"), "{said}");
    assert!(!outbox(&["retry"]).0, "all, or which?");
    let (done, said, _) = outbox(&["retry", "a"]);
    assert!(done && said == "a: tried again\n", "{said}");
    let waiting = "SELECT id FROM outbox WHERE dead_at IS NULL AND tried_before = attempts ORDER BY id";
    assert_eq!(database.texts(waiting).await, ["a"]);
    assert!(outbox(&["list"]).1.lines().next().unwrap().contains("waiting"));
    let (_, said, _) = outbox(&["retry", "--all", "--kind", "label.buy"]);
    assert_eq!((said.as_str(), database.texts(waiting).await.as_slice()), ("1 tried again\n", &["a".to_owned(), "c".to_owned()][..]));
}

#[test]
fn a_command_whose_words_nobody_takes_fails_and_does_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let told = homebound(folder.path(), &["policy", "schema"]).stdout(full).output().unwrap();
    assert!(told.status.code() == Some(1) && text(&told.stderr).contains("standard output: "), "{}", text(&told.stderr));
    let (read, write) = std::io::pipe().unwrap();
    drop(read);
    let told = homebound(folder.path(), &["policy", "schema"]).stdout(write).output().unwrap();
    assert!(told.status.code() == Some(1) && told.stderr.is_empty(), "{}", text(&told.stderr));
}
