//! What `homebound doctor` finds, and what it mends; and what `migrate --plan` says.

use std::path::Path;
use std::process::Output;

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::app::{TestApp, answer, order, request};
use crate::command_line::{homebound, text};
use crate::databases::{on_both, sqlite, vacant};
use crate::evidence::photo;
use crate::torture::serving::Serving;

fn doctor(address: &str, folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let arguments = [&["doctor"], arguments].concat();
    homebound(folder, &arguments).env("HOMEBOUND_DATABASE_URL", address).envs(settings.iter().copied()).output().unwrap()
}

/// The codes of what is found, each once, and the exit status.
fn found(output: &Output) -> (Vec<String>, i32) {
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let findings = findings.as_array().unwrap();
    assert!(findings.iter().all(|finding| !finding["mend"].as_str().unwrap().is_empty()), "{findings:?}");
    let mut codes: Vec<String> = findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes.dedup();
    (codes, output.status.code().unwrap())
}

/// Nothing that a shop on one's own machine is told.
const QUIET: [(&str, &str); 1] = [("HOMEBOUND_DEMO", "true")];

#[cfg(unix)]
fn tidy(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for (name, mode) in
        [("", 0o700), ("objects", 0o700), ("mail", 0o700), ("test.db", 0o600), ("test.db-wal", 0o600), ("test.db-shm", 0o600)]
    {
        let _ = std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode));
    }
}

on_both! {
    async fn a_shop_that_is_well_is_told_so_and_what_is_wrong_is_named(database: Database) {
        let app = TestApp::start(database).await;
        let (folder, address) = (app.database.folder.path(), app.database.address.as_str());
        app.put_order(&order("1")).await;
        let form = Form::new().part("file", Part::bytes(photo(1)).file_name("crack.jpg"));
        let (status, shown) = answer(app.api("POST", "/evidence?order=1").multipart(form).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::CREATED, "{shown}");
        let mut wanted = request("1", "1", 1);
        wanted["lines"][0]["evidence"] = Value::Array(vec![shown["id"].clone()]);
        let (status, opened) = app.post("/returns", &wanted).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let rma = opened["rma"].as_str().unwrap();
        app.run_jobs().await;
        tidy(folder);
        let well = doctor(address, folder, &[], &QUIET);
        assert!(well.status.success() && text(&well.stdout).contains("nothing is wrong"), "{}{}", text(&well.stdout), text(&well.stderr));

        for (wrong, right, code) in [
            (format!("UPDATE returns SET status = 'closed' WHERE rma = '{rma}'"), None, "books"),
            (format!("DELETE FROM return_lines WHERE rma = '{rma}'"), None, "books"),
            (
                "INSERT INTO stock (warehouse, sku, quantity, reserved, updated_at) VALUES ('HZ1', 'X', 5, 2, 1)".into(),
                Some("DELETE FROM stock WHERE sku = 'X'"),
                "stock",
            ),
            (
                "INSERT INTO outbox (id, kind, payload, run_at, dead_at, queue) VALUES ('0', 'mail.x', '{}', 1, 1, 'mail')".into(),
                Some("DELETE FROM outbox WHERE id = '0'"),
                "outbox_parked",
            ),
            (
                "INSERT INTO outbox (id, kind, payload, run_at, queue) VALUES ('0', 'future.x', '{}', 1, 'future')".into(),
                Some("DELETE FROM outbox WHERE id = '0'"),
                "outbox_late",
            ),
        ] {
            app.database.meddle(&wrong).await;
            let (codes, status) = found(&doctor(address, folder, &["--json"], &QUIET));
            assert_eq!((codes, status), (vec![code.to_owned()], if code == "outbox_parked" { 1 } else { 2 }), "{wrong}");
            match right {
                Some(right) => app.database.meddle(right).await,
                None => {
                    let mended = doctor(address, folder, &["--fix"], &QUIET);
                    assert!(mended.status.success() && text(&mended.stdout).contains("mended"), "{}", text(&mended.stdout));
                }
            }
            let (codes, status) = found(&doctor(address, folder, &["--json"], &QUIET));
            assert_eq!((codes, status), (vec![], 0), "after {wrong}");
        }

        let bought = app.database.texts("SELECT document FROM orders WHERE number_key = '1'").await.remove(0);
        let mut fewer: Value = serde_json::from_str(&bought).unwrap();
        fewer["lines"].as_array_mut().unwrap().retain(|line| line["id"] != "1");
        app.database.meddle(&format!("UPDATE orders SET document = '{}' WHERE number_key = '1'", fewer.to_string().replace('\'', "''"))).await;
        assert_eq!(found(&doctor(address, folder, &["--json"], &QUIET)), (vec!["units".to_owned()], 2));
        app.database.meddle(&format!("UPDATE orders SET document = '{}' WHERE number_key = '1'", bought.replace('\'', "''"))).await;

        let file = folder.join("objects/evidence").join(shown["id"].as_str().unwrap());
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(found(&doctor(address, folder, &["--json"], &QUIET)), (vec!["evidence_lost".to_owned()], 2));
        std::fs::write(&file, bytes).unwrap();
        for number in 0..30 {
            std::fs::write(folder.join(format!("objects/evidence/ev_{number}")), "nobody's").unwrap();
        }
        assert_eq!(found(&doctor(address, folder, &["--json"], &QUIET)), (vec!["evidence_beyond".to_owned()], 1));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_told_and_mended() {
    use std::os::unix::fs::PermissionsExt;
    let database = sqlite().await;
    let (folder, address) = (database.folder.path(), database.address.as_str());
    let mode = |name: &str| std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    std::fs::write(folder.join("secret"), "hush, and thirty-two letters at the least").unwrap();
    for (name, wide) in [("", 0o755), ("secret", 0o644), ("test.db", 0o664)] {
        tidy(folder);
        std::fs::set_permissions(folder.join("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(wide)).unwrap();
        assert_eq!(found(&doctor(address, folder, &["--json"], &QUIET)), (vec!["rights".to_owned()], 1), "{name}");
        assert_eq!(mode(name), wide, "only told");
        assert_eq!(doctor(address, folder, &["--fix"], &QUIET).status.code(), Some(0));
        assert_eq!(mode(name) & 0o077, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_mail_and_the_public_address_are_tried() {
    let database = sqlite().await;
    let (folder, address) = (database.folder.path().to_owned(), database.address.clone());
    tidy(&folder);
    let codes =
        |settings: &[(&str, &str)], arguments: &[&str]| found(&doctor(&address, &folder, &[&["--json"], arguments].concat(), settings));
    assert_eq!(codes(&[], &[]), (vec!["mail_unset".to_owned()], 1));
    let weak = ("HOMEBOUND_SECRET", "abababababababababababababababababab");
    assert_eq!(codes(&[QUIET[0], weak], &[]), (vec!["secret_weak".to_owned()], 2));
    let plain = ("HOMEBOUND_PUBLIC_URL", "http://returns.shop.example");
    assert_eq!(codes(&[QUIET[0], plain], &[]).0, ["setting_unsafe"]);

    // Nobody listens there; somebody refuses us; somebody greets.
    assert_eq!(codes(&[("HOMEBOUND_SMTP_URL", "smtp://127.0.0.1:9")], &[]), (vec!["mail".to_owned()], 2));
    for (greeting, wanted) in [("554 not here\r\n", vec!["mail".to_owned()]), ("220 hello\r\n", vec![])] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mail = format!("smtp://{}", listener.local_addr().unwrap());
        let said = std::thread::spawn(move || greet(&listener.accept().unwrap().0, greeting));
        assert_eq!(codes(&[("HOMEBOUND_SMTP_URL", &mail)], &[]).0, wanted, "{greeting}");
        assert!(!said.join().unwrap().contains("MAIL"), "no mail is sent");
    }

    let serving = Serving::with(&database, &QUIET);
    serving.ready().await;
    let base = serving.base.clone();
    let own = ("HOMEBOUND_PUBLIC_URL", base.as_str());
    assert_eq!(codes(&[QUIET[0], own], &["--public"]), (vec![], 0));
    let other = sqlite().await;
    let beside = Serving::with(&other, &QUIET);
    beside.ready().await;
    let wrong = ("HOMEBOUND_PUBLIC_URL", beside.base.as_str());
    database.meddle("UPDATE counters SET value = 1 WHERE name = 'ready'").await;
    serving.kill();
    assert_eq!(codes(&[QUIET[0], wrong], &["--public"]), (vec!["public_url".to_owned()], 2));
    assert_eq!(codes(&[QUIET[0], own], &["--public"]), (vec!["public_url".to_owned()], 2), "nobody is there any more");
}

/// A mail server that greets, and what it heard.
fn greet(mut stream: &std::net::TcpStream, greeting: &str) -> String {
    use std::io::{BufRead, BufReader, Write};
    stream.write_all(greeting.as_bytes()).unwrap();
    let mut heard = String::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    while lines.read_line(&mut heard).is_ok_and(|length| length > 0) {
        let bye = heard.ends_with("QUIT\r\n");
        if stream.write_all(if bye { b"221 bye\r\n" } else { b"250 fine\r\n" }).is_err() || bye {
            break;
        }
    }
    heard
}

on_both! {
    async fn a_database_that_is_behind_or_absent_is_told_and_planned(database: Database) {
        let elsewhere = vacant(&database).await;
        let plan = |address: &str| {
            let output = homebound(elsewhere.folder.path(), &["migrate", "--plan"]).env("HOMEBOUND_DATABASE_URL", address).output().unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
            text(&output.stdout)
        };
        let fresh = plan(&elsewhere.address);
        assert!(fresh.contains("0001 foundation") && fresh.contains("There is no database yet"), "{fresh}");
        tidy(elsewhere.folder.path());
        assert_eq!(found(&doctor(&elsewhere.address, elsewhere.folder.path(), &["--json"], &QUIET)), (vec!["database_absent".to_owned()], 1));
        assert!(server::store::is_vacant(&elsewhere.address).await.unwrap(), "who only looks makes nothing");
        assert!(plan(&database.address).contains("nothing is to be done"));

        let last: i64 = database.texts("SELECT CAST(MAX(version) AS TEXT) FROM _sqlx_migrations").await[0].parse().unwrap();
        database.meddle(&format!("DELETE FROM _sqlx_migrations WHERE version = {last}")).await;
        let behind = plan(&database.address);
        assert!(behind.contains(&format!("{last:04} ")) && behind.contains("version before"), "{behind}");
        assert_eq!(behind.contains("locks "), database.store.kind() == "postgres", "{behind}");
        let folder = database.folder.path();
        tidy(folder);
        assert_eq!(found(&doctor(&database.address, folder, &["--json"], &QUIET)), (vec!["database_behind".to_owned()], 2));
        database.meddle("UPDATE compatibility SET least = 9999").await;
        assert_eq!(found(&doctor(&database.address, folder, &["--json"], &QUIET)), (vec!["database_newer".to_owned()], 2));
    }
}
