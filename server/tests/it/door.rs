//! Who comes in: what they call their methods, and where they come from.

use std::net::SocketAddr;
use std::time::Duration;

use regex::Regex;
use reqwest::{StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::TestApp;
use crate::databases::sqlite;

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
