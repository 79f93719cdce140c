//! What may be asked for is bounded: the real program is given what takes the most memory for the fewest bytes, and is measured.

use std::io::Write;
use std::process::{Child, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use server::secrets;
use server::store::{self, ApiKey, Scope, StoreError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::order;
use crate::command_line::{free_address, homebound};
use crate::databases::sqlite;

/// Megabytes that it may ever have taken, whatever was sent to it.
const MOST: u64 = 600;
/// How many send the same at the same moment.
const AT_ONCE: usize = 3;
/// Bytes of a bomb once it is unpacked: more than is kept of any order.
const UNPACKED: usize = 40 << 20;

struct Measured(Child);

impl Measured {
    /// Megabytes of memory it ever had at once.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `part` again and again, packed.
fn bomb(begin: &str, part: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(begin.as_bytes()).unwrap();
    let block = part.repeat((1 << 20) / part.len());
    for _ in 0..UNPACKED / block.len() {
        packed.write_all(block.as_bytes()).unwrap();
    }
    packed.finish().unwrap()
}

/// Sends the same several times at once and answers what was said to the first.
async fn all_at_once(what: &str, request: RequestBuilder) -> StatusCode {
    let sent = (0..AT_ONCE).map(|_| tokio::spawn(request.try_clone().unwrap().send()));
    let mut first = None;
    for answer in sent.collect::<Vec<_>>() {
        // Who is told that a body is too large may be told so before it was sent.
        let Ok(answer) = answer.await.unwrap() else { continue };
        let status = answer.status();
        assert!(status.as_u16() < 500, "{what}: {status}");
        let text = answer.bytes().await.unwrap_or_default();
        assert!(text.len() < 8 << 20, "{what}: {} bytes", text.len());
        first = first.or(Some(status));
    }
    first.unwrap_or(StatusCode::PAYLOAD_TOO_LARGE)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_bytes_never_take_much_memory() {
    let database = sqlite().await;
    let (address, folder) = (free_address(), database.folder.path());
    let secret = format!("hb_{}", secrets::token());
    let key = ApiKey { digest: secrets::digest(&secret), name: "bounds".to_owned(), scope: Scope::Write };
    let added = database.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, None, 0).await }));
    added.await.map_err(|error: StoreError| error).unwrap();
    let child = homebound(folder, &["serve"])
        .env("HOMEBOUND_LISTEN", address.to_string())
        .env("HOMEBOUND_DATABASE_URL", &database.address)
        .env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "100000")
        .env("HOMEBOUND_LIMITS__BURST", "100000")
        .stdout(Stdio::null())
        .spawn();
    let server = Measured(child.unwrap());
    let base = format!("http://{address}");
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    for _ in 0..600 {
        if client.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let before = server.peak();
    let call = |method: &str, path: &str| client.request(method.parse().unwrap(), format!("{base}/api/v1{path}")).bearer_auth(&secret);
    let said = |what: &str| println!("{what}: {} MB", server.peak());

    let deep = [("lists", "["), ("objects", "{\"a\":"), ("orders", "{\"lines\":[")];
    for (what, part) in deep {
        let deep = part.repeat(1_000_000 / part.len());
        for (method, path) in
            [("PUT", "/orders/1"), ("POST", "/returns"), ("POST", "/returns/quote"), ("PUT", "/stock/A/B"), ("PUT", "/customers/1")]
        {
            let status = all_at_once(what, call(method, path).body(deep.clone())).await;
            assert!(status.is_client_error(), "{what} to {path}: {status}");
        }
    }
    said("a million levels");

    let put = call("PUT", "/orders/1").json(&order("1")).send().await.unwrap();
    assert!(put.status().is_success());
    let reason = format!("{{\"orders\":[\"1\"],\"lines\":[{{\"line\":\"1\",\"quantity\":1,\"reason\":\"{}\"}}]}}", "a".repeat(1_000_000));
    let status = all_at_once("a reason", call("POST", "/returns").body(reason)).await;
    assert!(status.is_client_error(), "{status}");
    said("a long reason");

    let line = "{\"line\":\"1\",\"quantity\":1,\"reason\":\"dislike\"},";
    let lines = format!("{{\"orders\":[\"1\"],\"lines\":[{}", line.repeat(1_000_000 / line.len()));
    let lines = format!("{}]}}", lines.trim_end_matches(','));
    let status = all_at_once("lines", call("POST", "/returns/quote").body(lines)).await;
    assert!(status.is_client_error(), "{status}");
    said("as many lines as fit");

    for (what, part) in [("fields", "a&"), ("named fields", "number=1&"), ("escapes", "%00=%ff&")] {
        let form = part.repeat(1_000_000 / part.len());
        for path in ["/", "/find-return", "/account/code", "/account/enter", "/returns/R-0000-0000/verify", "/return/x/items"] {
            let form = client.post(format!("{base}{path}")).header("content-type", "application/x-www-form-urlencoded").body(form.clone());
            let status = all_at_once(what, form).await;
            assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{what} to {path}");
        }
    }
    said("half a million fields");

    let part = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\r\n";
    let header = "a: b\r\n".repeat(100_000);
    for (what, body) in [
        ("parts", part.repeat(2_000_000 / part.len())),
        ("a part's headers", format!("--x\r\n{header}\r\n\r\n--x--\r\n")),
        ("a part's name", format!("--x\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n\r\n--x--\r\n", "a".repeat(1_000_000))),
    ] {
        let form = call("POST", "/evidence?order=1&line=1").header("content-type", "multipart/form-data; boundary=x").body(body);
        let status = all_at_once(what, form).await;
        assert!(status.is_client_error(), "{what}: {status}");
    }
    said("forms with files");

    for (what, begin, part) in [
        ("commas", "[{", ","),
        ("line ends", "[{", "\n"),
        ("empty lines", "", "\n"),
        ("a string", "[\"", "aaaaaaaa"),
        ("a name", "[{\"number\":1,\"currency\":\"", "aaaaaaaa"),
        ("lists", "", "["),
        ("orders", "[", &format!("{{\"a\":\"{}\"}},", "a".repeat(500))),
        (
            "lines",
            "{\"number\":1,\"placed_at\":\"2026-01-01T00:00:00Z\",\"currency\":\"EUR\",\"customer\":{},\"lines\":[",
            "{\"sku\":\"a\",\"name\":\"a\",\"quantity\":1},",
        ),
    ] {
        let bomb = bomb(begin, part);
        all_at_once(what, call("POST", "/orders/import").body(bomb)).await;
        said(what);
    }

    for (what, text) in [
        ("many headers", format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(50_000))),
        ("a long header", format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(4 << 20))),
        ("many cookies", format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", "a=b; ".repeat(60_000))),
        ("a long address", format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(1 << 20))),
        (
            "endless chunks",
            format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{}", "1;a=bbbbbbbb\r\na\r\n".repeat(200_000)),
        ),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        // It may be refused before it was all sent.
        let _ = stream.write_all(text.as_bytes()).await;
        let mut answer = [0; 12];
        let status = match stream.read_exact(&mut answer).await {
            Ok(_) => String::from_utf8_lossy(&answer).into_owned(),
            Err(_) => String::new(),
        };
        assert!(!status.starts_with("HTTP/1.1 5"), "{what}: {status}");
        said(what);
    }

    let still = client.get(format!("{base}/readyz")).send().await.unwrap();
    assert_eq!(still.status(), StatusCode::OK);
    println!("{before} MB before, {} MB at most", server.peak());
    assert!(server.peak() < MOST, "{} MB", server.peak());
}
