//! A timeline that is open hears of news: at once, without gap or doubling, and across servers on one PostgreSQL.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::json;

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both, postgres};
use crate::review::waiting;
use crate::talk::shopper;

/// A visitor recognised for the return; their cookie.
async fn recognised(app: &TestApp, rma: &str) -> String {
    let fields = [("rma", rma), ("rma_contact", "wang@example.com")];
    let answer = app.client.post(format!("{}/find-return", app.base)).form(&fields).send().await.unwrap();
    assert_eq!(answer.headers()["location"], format!("/returns/{rma}"));
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn follow(app: &TestApp, rma: &str, cookie: &str, after: u64, last: Option<&str>) -> Response {
    let mut asked = app.client.get(format!("{}/returns/{rma}/live?after={after}", app.base)).header("cookie", cookie);
    if let Some(last) = last {
        asked = asked.header("last-event-id", last);
    }
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer
}

/// The next event's id and text; nothing where none comes soon.
pub async fn heard(stream: &mut Response, wait: Duration) -> Option<(String, String)> {
    let mut text = String::new();
    let read = async {
        while !text.contains("\n\n") || !text.contains("data:") {
            text.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap()?));
        }
        Some(())
    };
    tokio::time::timeout(wait, read).await.ok()??;
    let id = text.lines().find_map(|line| line.strip_prefix("id:")).unwrap_or_default().trim().to_owned();
    Some((id, text))
}

const SOON: Duration = Duration::from_secs(10);
const QUIET: Duration = Duration::from_millis(400);

on_both! {
    async fn news_comes_once_and_a_broken_stream_goes_on_where_it_broke(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let (rma, version) = (opened["rma"].as_str().unwrap(), opened["version"].as_u64().unwrap());
        let cookie = recognised(&app, rma).await;

        let mut stream = follow(&app, rma, &cookie, version, None).await;
        assert_eq!(heard(&mut stream, QUIET).await, None, "what the page shows already is not said again");
        let added = json!({"lines": [{"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]});
        assert_eq!(app.post(&format!("/returns/{rma}/lines"), &added).await.0, StatusCode::OK);
        let (id, text) = heard(&mut stream, SOON).await.unwrap();
        assert!(text.contains("黄铜台灯"), "{text}");
        drop(stream);

        // While nobody listens it is called off; who comes back hears of that, and of nothing twice.
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        let mut stream = follow(&app, rma, &cookie, version, Some(&id)).await;
        let (later, _) = heard(&mut stream, SOON).await.unwrap();
        assert!(later.parse::<u64>().unwrap() > id.parse::<u64>().unwrap());
        assert_eq!(heard(&mut stream, QUIET).await, None);
        let mut again = follow(&app, rma, &cookie, version, Some(&later)).await;
        assert_eq!(heard(&mut again, QUIET).await, None);

        // "Forget me" in another tab: nothing more is told here.
        let left = app.client.post(format!("{}/account/leave", app.base)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(left.headers()["clear-site-data"], "\"cache\", \"storage\"");
        app.services.live.announce(rma.parse().unwrap());
        let end = async { while let Ok(Some(piece)) = again.chunk().await { assert!(!piece.starts_with(b"id:"), "{piece:?}") } };
        tokio::time::timeout(SOON, end).await.expect("the stream ends");
    }
}

on_both! {
    async fn what_is_said_once_is_left_for_the_page_that_comes_next(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let page = format!("/returns/{rma}");
        let mut visitor = shopper(&app, &rma, "1").await;
        assert_eq!(visitor.post(&format!("{page}/write"), &[("words", "It is red.")]).await, page);
        // The page that was sent from hears of it before the next one is asked for.
        let mut before = visitor.get(&format!("{page}/live?after=1")).await;
        let (_, news) = heard(&mut before, SOON).await.unwrap();
        assert!(news.contains("It is red."), "{news}");
        let shown = visitor.text(&page).await;
        assert!(shown.contains("class=\"told\""), "{shown}");
        let again = visitor.text(&page).await;
        assert!(!again.contains("class=\"told\""), "{again}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_on_one_server_is_heard_on_the_other() {
    let database = postgres().await;
    let second = Database { store: database.store.clone(), address: database.address.clone(), folder: tempfile::tempdir().unwrap() };
    let one = TestApp::start(database).await;
    // What both servers of a shop have.
    std::fs::copy(one.database.folder.path().join("secret"), second.folder.path().join("secret")).unwrap();
    let other = TestApp::with_key(second, "other").await;
    one.put_order(&order("1")).await;
    let (_, opened) = one.post("/returns", &request("1", "1", 1)).await;
    let (rma, version) = (opened["rma"].as_str().unwrap(), opened["version"].as_u64().unwrap());
    // Recognised on one, known on both: sessions are in the database.
    let cookie = recognised(&one, rma).await;
    let mut stream = follow(&other, rma, &cookie, version, None).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(one.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
    assert!(heard(&mut stream, SOON).await.is_some());
}
