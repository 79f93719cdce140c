//! What the real program writes to its log, at its most talkative, while everything goes wrong that can: nothing that is private.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::Duration;

use reqwest::{Client, header, redirect};
use serde_json::json;
use server::secrets;

use crate::app::order;
use crate::command_line::{free_address, homebound};
use crate::entry::{SECRET, sign};

/// Where the visitor comes from.
const ADDRESS: &str = "198.51.100.77";

/// A mail server that refuses everybody, and repeats whom it refuses.
fn refusing_mail_server() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let _ = stream.write_all(b"220 mail\r\n");
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    let said = match line.get(..4) {
                        Some("EHLO") => "250-mail\r\n250 AUTH PLAIN LOGIN\r\n".to_owned(),
                        Some("AUTH") => "235 it is you\r\n".to_owned(),
                        Some("RCPT") => format!("550 5.1.1 no such person: {line}\r\n"),
                        _ => "250 ok\r\n".to_owned(),
                    };
                    if stream.write_all(said.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_private_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let mail = refusing_mail_server();
    let program = |arguments: &[&str]| {
        let mut command = homebound(folder.path(), arguments);
        command
            .env("HOMEBOUND_LISTEN", address.to_string())
            .env("HOMEBOUND_LOG_FILTER", "debug")
            .env("NO_COLOR", "1")
            .env("HOMEBOUND_SECRET", "the secret that links are sealed with")
            .env("HOMEBOUND_START__SECRETS", format!("[\"{SECRET}\"]"))
            .env("HOMEBOUND_SMTP_URL", format!("smtp://who:smtp-password@127.0.0.1:{mail}"))
            .env("HOMEBOUND_CLIENT_ADDRESS_HEADER", "x-forwarded-for")
            .env("HOMEBOUND_LIMITS__LOOKUPS_PER_ORDER", "3");
        command
    };
    let key = String::from_utf8(program(&["key", "add", "--name", "test", "--scope", "write"]).output().unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned();
    let mut child = program(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let read = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let logs = [read(Box::new(child.stdout.take().unwrap())), read(Box::new(child.stderr.take().unwrap()))];
    let base = format!("http://{address}");
    for _ in 0..300 {
        if reqwest::get(format!("{base}/readyz")).await.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let visitor =
        header::HeaderMap::from_iter([(header::HeaderName::from_static("x-forwarded-for"), header::HeaderValue::from_static(ADDRESS))]);
    let client = Client::builder().redirect(redirect::Policy::none()).default_headers(visitor).build().unwrap();
    let post = |path: &str, fields: &[(&str, &str)], cookie: &str| {
        client.post(format!("{base}{path}")).header("cookie", cookie.to_owned()).form(fields).send()
    };
    let mut private: Vec<String> = [
        "wang@example.com",
        "13800000001",
        "王小明",
        "文三路",
        "wrongfield@example.com",
        "the secret that",
        SECRET,
        "smtp-password",
        "a private comment",
        "hb_unknown",
        ADDRESS,
        "a-method-of-mine",
        "other.example",
    ]
    .map(str::to_owned)
    .to_vec();
    private.push(key.clone());
    let api = |method: &str, path: &str| client.request(method.parse().unwrap(), format!("{base}/api/v1{path}")).bearer_auth(&key);
    api("PUT", "/orders/1").json(&order("1")).send().await.unwrap();
    api("PUT", "/orders/2")
        .body("{\"number\": \"2\", \"customer\": {\"email\": \"wang@example.com\", \"phone\": \"+8613800000001\"}, \"lines\": 1}")
        .send()
        .await
        .unwrap();
    api("PUT", "/customers/c-1").body("{\"email\": \"wang@example.com\"}").send().await.unwrap();
    let asked = json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "comment": "a private comment", "resolution": "refund"}]});
    let opened = api("POST", "/returns").header("idempotency-key", "k-1").json(&asked).send().await.unwrap();
    let opened: serde_json::Value = opened.json().await.unwrap();
    assert!(opened["rma"].is_string(), "{opened}");
    client.get(format!("{base}/api/v1/returns")).bearer_auth("hb_unknown").send().await.unwrap();
    client.request("A-METHOD-OF-MINE".parse().unwrap(), format!("{base}/")).send().await.unwrap();
    client.post(format!("{base}/account/leave")).header("origin", "https://other.example").send().await.unwrap();
    reqwest::Client::new().get(&base).header("x-forwarded-for", "wang@example.com").send().await.unwrap();
    let read_only = program(&["key", "add", "--name", "reads", "--scope", "read"]).output().unwrap().stdout;
    let read_only = String::from_utf8(read_only).unwrap().trim().to_owned();
    client.put(format!("{base}/api/v1/orders/1")).bearer_auth(&read_only).json(&order("1")).send().await.unwrap();
    private.push(read_only);
    // A mail address in the field for the number, until that is too often.
    for _ in 0..6 {
        post("/", &[("number", "wrongfield@example.com"), ("contact", "wang@example.com")], "").await.unwrap();
    }
    let found = post("/", &[("number", "1"), ("contact", "wang@example.com")], "").await.unwrap();
    let cookie = found.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    private.push(cookie.split_once('=').unwrap().1.to_owned());
    let draft = found.headers()["location"].to_str().unwrap().split('/').nth(2).unwrap().to_owned();
    for page in ["items", "why", "elsewhere"] {
        client.get(format!("{base}/return/{draft}/{page}")).header("cookie", &cookie).send().await.unwrap();
    }
    // Somebody whom nobody has recognised.
    for theirs in [format!("return/{draft}/why"), format!("returns/{}", opened["rma"].as_str().unwrap())] {
        client.get(format!("{base}/{theirs}")).send().await.unwrap();
    }
    private.push(draft);
    post("/account/code", &[("email", "wang@example.com")], &cookie).await.unwrap();
    post("/account/enter", &[("code", "271828")], &cookie).await.unwrap();
    private.push("271828".to_owned());
    let now = jiff::Timestamp::now().as_second();
    for claims in [json!({"iat": now, "exp": now + 300, "email": "wang@example.com", "jti": "once"}), json!({"email": "wang@example.com"})]
    {
        let ticket = sign(&json!({"alg": "HS256"}), &claims, SECRET);
        client.get(format!("{base}/start?token={ticket}")).send().await.unwrap();
        private.push(ticket);
    }
    private.push(secrets::digest(&key));
    // The refused mails are in the log by now.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let log = logs.map(|log| log.join().unwrap()).join("\n");
    assert!(log.contains("homebound is ready") && log.contains("answered") && log.contains("no such person"), "the log is there: {log}");
    for incident in
        ["unauthenticated", "forbidden", "cross_site", "wrong_guess", "not_theirs", "too_many", "unclear_address", "unknown_method"]
    {
        let noted = log.lines().find(|line| line.contains("somebody was refused") && line.contains(incident));
        assert!(noted.is_some_and(|line| line.contains("request{id=")), "{incident}: {noted:?} {log}");
    }
    for (incident, at) in [
        ("wrong_guess", "an order"),
        ("wrong_guess", "a code"),
        ("wrong_guess", "a ticket"),
        ("not_theirs", "a draft"),
        ("not_theirs", "a return"),
        ("forbidden", "key=\"reads\""),
    ] {
        assert!(log.lines().any(|line| line.contains(incident) && line.contains(at)), "{incident}, {at}: {log}");
    }
    // Times are written with six digits, as codes are: neither when a line was written nor how long anything took is what is looked for.
    let timeless = |line: &str| {
        let words = line.split(' ').skip(1).filter(|word| !word.starts_with("elapsed") && !word.starts_with("ms="));
        words.collect::<Vec<_>>().join(" ")
    };
    let log = log.lines().map(timeless).collect::<Vec<_>>().join("\n");
    for private in private {
        let line = log.lines().find(|line| line.to_lowercase().contains(&private.to_lowercase()));
        assert_eq!(line, None, "{private}");
    }
}
