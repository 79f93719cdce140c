//! Requests: to pages, to forms, with files, by machine. An example is a text: method and path, headers, an empty line, the body; `%%` on a
//! line of its own stands before the next request. What is in braces is filled in: see `portal.rs`.

use axum::body::{Body, Bytes};
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::{Duration, timeout};

use crate::portal::{self, Portal};

/// Requests of one input.
const MOST: usize = 4;
/// No answer is longer.
const LONGEST: usize = 4 << 20;
/// No answer takes longer. Far more than any needs: what is quadratic is found, a busy machine is not.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the requests; each is answered, within limits, and none fails on our side.
pub fn attack(data: &[u8]) {
    portal::with(|portal| {
        for text in split(data, b"\n%%\n").into_iter().take(MOST) {
            let text = portal.fill_in(text);
            if let Some(request) = parse(&text) {
                send(portal, request);
            }
        }
    });
}

fn split<'a>(data: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(by.len()).position(|window| window == by) {
        parts.push(&rest[..at]);
        rest = &rest[at + by.len()..];
    }
    parts.push(rest);
    parts
}

/// Nothing where it is no request that a server would hand on.
fn parse(text: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match text.windows(2).position(|window| window == b"\n\n") {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text.strip_suffix(b"\n").unwrap_or(text), &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = first.iter().position(|byte| *byte == b' ')?;
    let method = Method::from_bytes(&first[..space]).ok()?;
    let path = first[space + 1..].strip_suffix(b" HTTP/1.1").unwrap_or(&first[space + 1..]);
    let mut request = Request::builder().method(method).uri(path).body(Body::from(body.to_vec())).ok()?;
    request.uri().path().starts_with('/').then_some(())?;
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..at]).ok()?;
        request.headers_mut().try_append(name, HeaderValue::from_bytes(line[at + 1..].trim_ascii()).ok()?).ok()?;
    }
    Some(request)
}

fn send(portal: &mut Portal, request: Request<Body>) {
    let (method, path) = (request.method().clone(), request.uri().to_string());
    let asked = format!("{method} {path}");
    let response =
        portal.answer(async |app| timeout(PATIENCE, app.ask(request)).await).unwrap_or_else(|_| panic!("{asked} takes too long"));
    holds(&asked, &response);
    let (parts, body) = response.into_parts();
    let is = |kind: &str| parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()));
    if is("text/event-stream") {
        // It goes on; what comes at once is looked at.
        let mut body = body;
        portal.answer(async |_| timeout(Duration::from_millis(5), body.frame()).await.ok());
        return;
    }
    let body = portal.answer(async |_| read(body).await);
    assert!(body.len() <= LONGEST, "{asked}: {} bytes", body.len());
    // An import that broke off answers with what it did until then.
    let problem = path.starts_with("/api/v1/") && parts.status.as_u16() >= 400 && !path.starts_with("/api/v1/orders/import");
    if problem {
        assert!(is("application/problem+json"), "{asked}: {} {}", parts.status, String::from_utf8_lossy(&body));
    }
    if is("application/json") || is("application/problem+json") {
        let answer: Value = serde_json::from_slice(&body).unwrap();
        if let Some(cursor) = answer.get("next_cursor").and_then(Value::as_str) {
            let list = path.split('?').next().unwrap_or_default();
            let next = portal.request("GET", &format!("{list}?cursor={cursor}"), "", "");
            let response = portal.answer(async |app| app.ask(next).await);
            assert_eq!(response.status(), StatusCode::OK, "a cursor that was given out comes back");
        }
    }
}

async fn read(body: Body) -> Bytes {
    timeout(PATIENCE, axum::body::to_bytes(body, LONGEST + 1)).await.unwrap().unwrap()
}

/// What is true of every answer.
fn holds(asked: &str, response: &Response<Body>) {
    let status = response.status();
    // The pages that are there to say so.
    let says_so = ["/failed/", "/updating"]
        .iter()
        .any(|page| asked.starts_with(&format!("GET {page}")) || asked.starts_with(&format!("HEAD {page}")));
    assert!(status.as_u16() < 500 || says_so, "{asked}: {status}");
    if let Some(place) = response.headers().get(header::LOCATION) {
        // As browsers read it: tabs are nothing, and the other slash is one.
        let place = place.to_str().unwrap().replace('\t', "").replace('\\', "/");
        assert!(place.starts_with('/') && !place.starts_with("//"), "{asked} leads to {place}");
        assert!(!place.starts_with("/failed/") && place != "/updating", "{asked} failed: {place}");
    }
    assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{asked}");
    // A message that is being worded stands in a frame of ours.
    let framed = asked.contains("/staff/settings/messages/") && asked.contains("/preview");
    let frames = &response.headers()["x-frame-options"];
    assert!(frames == "DENY" || framed && frames == "SAMEORIGIN", "{asked}: {frames:?}");
}
