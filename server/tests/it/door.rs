//! Who comes in: what they call their methods, where they come from, how many of them and for how long.

use std::net::SocketAddr;
use std::time::Duration;

use regex::Regex;
use reqwest::{StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::{TestApp, order, request};
use crate::command_line::{free_address, homebound};
use crate::databases::sqlite;
use crate::pages::Visitor;
use crate::torture::serving::{Serving, complaints, key};

/// What comes on a connection until it ends; a minute is many times what any of them may take.
async fn rest_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await;
    // A reset ends it as well.
    let _ = ended.expect("a connection is kept for ever");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A connection from one of this machine's own addresses.
async fn from(last: u8, to: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
    socket.connect(to.trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

/// What is answered to a request as it was written.
async fn answer_to(mut stream: TcpStream, text: &str) -> String {
    let _ = stream.write_all(text.as_bytes()).await;
    rest_of(&mut stream).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_visitor_names_makes_no_figure() {
    let app = TestApp::with(sqlite().await, |config| config.client_address_header = Some("x-forwarded-for".into())).await;
    for number in 0..40 {
        let own = format!("Madeup{number}");
        for line in [
            format!("{own} / HTTP/1.1"),
            format!("{own} /healthz HTTP/1.1"),
            format!("{own} /api/v1/returns HTTP/1.1"),
            format!("GET /{own} HTTP/1.1"),
            format!("GET /api/{own} HTTP/1.1"),
            format!("GET /assets/{own} HTTP/1.1"),
            format!("GET /r/{own} HTTP/1.1"),
            format!("POST /returns/{own}/{own} HTTP/1.1"),
            format!("GET http://{own}.example/{own}?{own} HTTP/1.1"),
        ] {
            let request =
                format!("{line}\r\nhost: {own}\r\nuser-agent: {own}\r\nx-forwarded-for: {own}, 192.0.2.1\r\nconnection: close\r\n\r\n");
            let answer = answer_to(from(1, &app.base).await, &request).await;
            let refused = answer.contains("Nobody here answers this method") || answer.contains("method-not-allowed");
            assert_eq!(refused, line.starts_with(&own), "{line}: {answer}");
            assert!(answer.starts_with("HTTP/1.1 4") || line.contains("/r/") || line.starts_with("POST"), "{line}: {answer}");
        }
    }
    let figures = app.client.get(format!("{}/metrics", app.base)).bearer_auth(&app.key).send().await.unwrap().text().await.unwrap();
    assert!(figures.contains("method=\"other\"") && figures.contains("route=\"unmatched\""), "{figures}");
    let named = figures.lines().find(|line| line.to_lowercase().contains("madeup"));
    assert_eq!(named, None);
    let methods = Regex::new("method=\"([^\"]*)\"").unwrap();
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "other"];
    assert!(methods.captures_iter(&figures).all(|found| known.contains(&&found[1])), "{figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn methods_that_nobody_answers_are_refused_first() {
    let app = TestApp::start(sqlite().await).await;
    for line in [
        "CONNECT returns.example:443 HTTP/1.1",
        "CONNECT / HTTP/1.1",
        "CONNECT http://returns.example/ HTTP/1.1",
        "TRACE / HTTP/1.1",
        "PROPFIND / HTTP/1.1",
        "get / HTTP/1.1",
    ] {
        let answer = answer_to(from(1, &app.base).await, &format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("Nobody here answers this method"), "{line}: {answer}");
        assert!(answer.contains("x-content-type-options: nosniff") && answer.contains("allow: GET, "), "{line}: {answer}");
    }
    for method in ["PATCH", "OPTIONS", "DELETE"] {
        let asked = app.client.request(method.parse().unwrap(), format!("{}/policy", app.base)).send().await.unwrap();
        assert_eq!(asked.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(asked.headers().contains_key(header::ALLOW));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_of_a_visitors_own_escapes_the_limit() {
    let app = TestApp::with(sqlite().await, |config| {
        config.client_address_header = Some("x-forwarded-for".into());
        (config.limits.requests_per_second, config.limits.burst) = (1, 5);
    })
    .await;
    let asked = async |lines: Vec<String>| {
        let asked = lines.iter().fold(app.client.get(format!("{}/policy", app.base)), |asked, line| asked.header("x-forwarded-for", line));
        asked.send().await.unwrap().status()
    };
    type Lines = fn(usize) -> Vec<String>;
    let ways: [(&str, Lines); 4] = [
        ("another line first", |n| vec![format!("198.51.100.{n}"), "192.0.2.1".to_owned()]),
        ("another of the same line first", |n| vec![format!("198.51.100.{n}, 192.0.2.2")]),
        ("another port", |n| vec![format!("192.0.2.3:{}", 2_000 + n)]),
        ("another address of one network", |n| vec![format!("2001:db8:1:2::{n:x}")]),
    ];
    for (way, lines) in ways {
        let mut answers = Vec::new();
        for number in 0..12 {
            answers.push(asked(lines(number)).await);
        }
        let limited = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
        assert!(limited >= 4, "{way}: {answers:?}");
    }
    assert_eq!(asked(vec!["2001:db8:1:3::1".to_owned()]).await, StatusCode::OK, "the network beside it is another's");
    for _ in 0..12 {
        assert_eq!(asked(vec!["unknown".to_owned()]).await, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_is_kept_to_by_the_public_address() {
    let secure = TestApp::start(sqlite().await).await;
    let plain = TestApp::with(sqlite().await, |config| config.public_url = "http://returns.example".into()).await;
    for (app, kept) in [(&secure, true), (&plain, false)] {
        for path in ["/", "/healthz", "/nothing", "/api/v1/returns"] {
            let asked = app.client.get(format!("{}{path}", app.base)).header("x-forwarded-proto", "https").send().await.unwrap();
            assert_eq!(asked.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), kept, "{path}");
            let asked = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
            assert_eq!(asked.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), kept, "{path}");
        }
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_shut_nobody_out() {
    let app = TestApp::with(sqlite().await, |config| {
        (config.limits.connections, config.limits.connections_per_address, config.limits.first_head_seconds) = (60, 40, 3);
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..50 {
        idle.push(from(2, &app.base).await);
    }
    assert!(answer_to(from(2, &app.base).await, HEALTH).await.starts_with("HTTP/1.1 503 "), "one address has so many");
    for _ in 0..20 {
        assert!(answer_to(from(1, &app.base).await, HEALTH).await.starts_with("HTTP/1.1 200 "), "others are served meanwhile");
    }
    // From many addresses there are no more than there are places.
    for _ in 0..30 {
        idle.push(from(3, &app.base).await);
    }
    let answer = answer_to(from(1, &app.base).await, HEALTH).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("Too many visitors at once") && answer.ends_with("。\n"), "{answer}");
    let mut told = 0;
    for mut stream in idle {
        told += usize::from(rest_of(&mut stream).await.starts_with("HTTP/1.1 503 "));
    }
    assert!((20..60).contains(&told), "{told} were told that there is no place, the others were ended in time");
    assert!(answer_to(from(1, &app.base).await, HEALTH).await.starts_with("HTTP/1.1 200 "));
    let figures = app.client.get(format!("{}/metrics", app.base)).bearer_auth(&app.key).send().await.unwrap().text().await.unwrap();
    assert!(
        figures.contains("connections_refused_total{by=\"address\"}") && figures.contains("connections_refused_total{by=\"all\"}"),
        "{figures}"
    );
}

/// As many as an attack on one machine brings, at the limits that are set by default.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_idle_connections_shut_nobody_out() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let database = sqlite().await;
    let key = key(&database).await;
    let serving = Serving::with(&database, &[("HOMEBOUND_CLIENT_ADDRESS_HEADER", "")]);
    serving.ready().await;
    let mut idle = Vec::new();
    for last in 2..10 {
        for _ in 0..250 {
            idle.push(from(last, &serving.base).await);
        }
    }
    for _ in 0..20 {
        assert!(answer_to(from(1, &serving.base).await, HEALTH).await.starts_with("HTTP/1.1 200 "), "others are served meanwhile");
    }
    let client = reqwest::Client::new();
    let figures = client.get(format!("{}/metrics", serving.base)).bearer_auth(&key).send().await.unwrap().text().await.unwrap();
    let open = figures.lines().find_map(|line| line.strip_prefix("connections_open ")?.parse::<usize>().ok());
    assert!(open.is_some_and(|open| open >= 2_000), "{open:?} are open");
    for mut stream in idle {
        assert_eq!(rest_of(&mut stream).await, "", "it was let in, and ended");
    }
    assert!(answer_to(from(1, &serving.base).await, HEALTH).await.starts_with("HTTP/1.1 200 "));
    assert!(serving.terminate());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_asked_once_may_take_their_time() {
    let app = TestApp::with(sqlite().await, |config| config.limits.first_head_seconds = 1).await;
    let mut silent = from(1, &app.base).await;
    let mut stream = from(1, &app.base).await;
    let mut answer = [0; 15];
    for _ in 0..2 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        // The other one, which has said nothing, is gone by then.
        rest_of(&mut silent).await;
        let mut rest = [0; 4_096];
        while !rest.starts_with(b"ok") && !rest.windows(7).any(|window| window == b"\r\n\r\nok\n") {
            assert_ne!(stream.read(&mut rest).await.unwrap(), 0, "it was closed");
        }
    }
}

/// A return, and the cookie of a visitor who may see it.
async fn recognised(app: &TestApp) -> (String, String) {
    app.put_order(&order("1")).await;
    let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
    let rma = opened["rma"].as_str().unwrap().to_owned();
    let mut visitor = Visitor::new(app);
    visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
    (
        format!("/returns/{rma}/live?after={}", opened["version"]),
        format!("__Host-homebound={}", visitor.cookie("__Host-homebound").unwrap()),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_has_so_many_streams() {
    let app = TestApp::with(sqlite().await, |config| {
        config.client_address_header = Some("x-forwarded-for".into());
        (config.limits.streams_per_session, config.limits.connections_per_address) = (3, 4);
    })
    .await;
    let (one, other) = (recognised(&app).await, recognised(&app).await);
    let follow = async |(path, cookie): &(String, String), address: &str| {
        let asked = app.client.get(format!("{}{path}", app.base)).header("cookie", cookie).header("x-forwarded-for", address);
        asked.send().await.unwrap()
    };
    let mut streams = Vec::new();
    for _ in 0..3 {
        let stream = follow(&one, "192.0.2.1").await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    assert_eq!(follow(&one, "192.0.2.9").await.status(), StatusCode::TOO_MANY_REQUESTS, "from wherever");
    let fourth = follow(&other, "192.0.2.1").await;
    assert_eq!(fourth.status(), StatusCode::OK);
    assert_eq!(follow(&other, "192.0.2.1").await.status(), StatusCode::TOO_MANY_REQUESTS, "for one address");
    drop((streams, fourth));
    for _ in 0..600 {
        if follow(&one, "192.0.2.1").await.status() == StatusCode::OK {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("places are never free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_ends_streams_and_finishes_requests() {
    let database = sqlite().await;
    let key = key(&database).await;
    let serving = Serving::with(&database, &[("HOMEBOUND_LIMITS__STREAMS_PER_SESSION", "100")]);
    serving.ready().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let api =
        |method: &str, path: &str| client.request(method.parse().unwrap(), format!("{}/api/v1{path}", serving.base)).bearer_auth(&key);
    api("PUT", "/orders/1").json(&order("1")).send().await.unwrap();
    let opened: serde_json::Value = api("POST", "/returns").json(&request("1", "1", 1)).send().await.unwrap().json().await.unwrap();
    let rma = opened["rma"].as_str().unwrap().to_owned();
    let fields = [("rma", rma.as_str()), ("rma_contact", "wang@example.com")];
    let shown = client.post(format!("{}/find-return", serving.base)).form(&fields).send().await.unwrap();
    let cookie = shown.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut streams = Vec::new();
    for _ in 0..100 {
        let stream = client.get(format!("{}/returns/{rma}/live?after={}", serving.base, opened["version"])).header("cookie", &cookie);
        let stream = stream.send().await.unwrap();
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    // Who has said nothing yet, and who is in the middle of a request.
    let mut silent = from(1, &serving.base).await;
    let mut asking = from(1, &serving.base).await;
    let body = serde_json::json!({}).to_string();
    let head = format!(
        "POST /api/v1/returns/{rma}/cancel HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
    );
    asking.write_all(format!("{head}content-length: {}\r\n\r\n{{", body.len()).as_bytes()).await.unwrap();
    // The request has come in once another after it was answered.
    assert!(api("GET", "/orders/1").send().await.unwrap().status().is_success());
    let told = std::time::Instant::now();
    let ended = tokio::task::spawn_blocking(move || serving.terminate());
    for mut stream in streams {
        let rest = async { while stream.chunk().await.expect("a stream ends as it should").is_some() {} };
        tokio::time::timeout(Duration::from_secs(60), rest).await.expect("a stream goes on");
    }
    rest_of(&mut silent).await;
    asking.write_all(&body.as_bytes()[1..]).await.unwrap();
    let answer = rest_of(&mut asking).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "what was under way is finished: {answer}");
    assert!(ended.await.unwrap());
    println!("100 streams, a silent connection and a request under way: ended after {} ms", told.elapsed().as_millis());
    assert_eq!(complaints(&database), Vec::<String>::new(), "nobody was cut off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_files_are_open_as_the_system_allows() {
    let database = sqlite().await;
    let address = free_address();
    let plain = homebound(database.folder.path(), &["serve"]);
    // As a shell or a service manager may have it.
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -S -n 128 && exec \"$0\" serve"]).arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let mut child = limited
        .env("HOMEBOUND_LISTEN", address.to_string())
        .env("HOMEBOUND_DATABASE_URL", &database.address)
        .env("HOMEBOUND_LIMITS__FIRST_HEAD_SECONDS", "3600")
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let base = format!("http://{address}");
    for _ in 0..600 {
        if reqwest::get(format!("{base}/readyz")).await.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(from(2, &base).await);
    }
    let answer = answer_to(from(1, &base).await, HEALTH).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
