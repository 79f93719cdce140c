//! Test keys open a shop of their own in the same process, with a clock and a carrier that do as they are told (P31).

use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{order, request};
use crate::command_line::homebound;
use crate::databases::{Database, sqlite};
use crate::torture::serving::Serving;

fn key(database: &Database, arguments: &[&str]) -> String {
    let mut command = homebound(database.folder.path(), &[&["key", "add", "--scope", "write"], arguments].concat());
    let output = command.env("HOMEBOUND_DATABASE_URL", &database.address).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

struct Machine {
    base: String,
    key: String,
}

impl Machine {
    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let client = reqwest::Client::new();
        let asked = client.request(method.clone(), format!("{}/api/v1{path}", self.base)).bearer_auth(&self.key);
        let answer = if method == Method::GET { asked } else { asked.json(&body) }.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, Value::Null).await
    }
}

fn mails(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |files| {
        files.filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|end| end == "eml"))).count()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_return_is_tried_without_touching_the_shop() {
    let database = sqlite().await;
    let (own, tried) = (key(&database, &["--name", "shop"]), key(&database, &["--name", "trial", "--test"]));
    assert!(tried.starts_with("hb_test_") && !own.starts_with("hb_test_"));
    let serving = Serving::start(&database);
    serving.ready().await;
    let (own, tried) = (Machine { base: serving.base.clone(), key: own }, Machine { base: serving.base.clone(), key: tried });

    assert_eq!(tried.call(Method::PUT, "/orders/10248", order("10248")).await.0, StatusCode::CREATED);
    assert_eq!(own.get("/orders/10248").await.0, StatusCode::NOT_FOUND, "the shop has heard of none of it");
    let (status, opened) = tried.post("/returns", request("10248", "1", 1)).await;
    assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
    let rma = opened["rma"].as_str().unwrap().to_owned();
    for path in [format!("/returns/{rma}"), format!("/returns/{rma}/timeline"), format!("/returns/{rma}/label.pdf")] {
        assert_eq!(own.get(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(own.get("/returns").await.1["items"], json!([]));

    // The clock and the carrier do as they are told, and only there.
    let (_, before) = tried.post("/test/clock", json!({"by": "PT0S"})).await;
    let (status, after) = tried.post("/test/clock", json!({"by": "P3DT1H"})).await;
    let at = |clock: &Value| clock["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!((status, at(&after).duration_since(at(&before)).as_hours()), (StatusCode::OK, 73));
    for wrong in ["", "soon", "P1M", "-P1D", "P1Y"] {
        assert_eq!(tried.post("/test/clock", json!({"by": wrong})).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    for (call, body) in [("/test/clock", json!({"by": "P3D"})), ("/test/events", json!({"rma": rma, "event": "delivered"}))] {
        assert_eq!(own.post(call, body).await.0, StatusCode::NOT_FOUND, "{call} is not for the shop itself");
    }
    assert_eq!(tried.post("/test/events", json!({"rma": rma, "event": "eaten"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tried.post("/test/events", json!({"rma": "R-0000-0000", "event": "lost"})).await.0, StatusCode::NOT_FOUND);
    for (event, status) in [("accepted", "in_transit"), ("in_transit", "in_transit"), ("delivered", "in_transit")] {
        let (said, told) = tried.post("/test/events", json!({"rma": rma, "event": event, "location": "Hangzhou"})).await;
        assert_eq!((said, told["status"].as_str()), (StatusCode::OK, Some(status)), "{event}: {told}");
    }
    let timeline = tried.get(&format!("/returns/{rma}/timeline")).await.1.to_string();
    assert!(timeline.contains("delivered") && timeline.contains("Hangzhou"), "{timeline}");

    // Its mails stay there.
    let folder = database.folder.path();
    for _ in 0..100 {
        if mails(&folder.join("test/mail")) > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((mails(&folder.join("test/mail")) > 0, mails(&folder.join("mail"))), (true, 0));
    // A key that only looks like one opens nothing.
    let forged = Machine { base: serving.base.clone(), key: format!("hb_test_{}", own.key.trim_start_matches("hb_")) };
    assert_eq!(forged.get("/returns").await.0, StatusCode::UNAUTHORIZED);
    let forged = Machine { base: serving.base.clone(), key: tried.key.replace("hb_test_", "hb_") };
    assert_eq!(forged.get("/returns").await.0, StatusCode::UNAUTHORIZED);
}
