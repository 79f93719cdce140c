//! Dangerous goods: no plain label by whatever way, and another way for all of them (N22).

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;

/// An order whose lamp has a lithium battery in it.
fn lit(number: &str) -> Value {
    let mut order = order(number);
    order["lines"][1]["kinds"] = json!(["electronics", "hazmat:lithium"]);
    order
}

fn without_method(number: &str, line: &str) -> Value {
    let mut asked = request(number, line, 1);
    asked.as_object_mut().unwrap().remove("method");
    asked
}

fn codes(line: &Value) -> Vec<&str> {
    line["why"].as_array().unwrap().iter().filter_map(|why| why["code"].as_str()).collect()
}

on_both! {
    async fn dangerous_goods_get_no_label_and_are_refused_to_nobody(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&lit("1")).await;
        for method in ["self_ship", "drop_off", "pickup"] {
            let mut posted = request("1", "2", 1);
            (posted["method"], posted["pickup"]) = (json!(method), json!({"date": "2027-01-01", "slot": "09-12"}));
            let (status, problem) = app.post("/returns", &posted).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("method")), "{problem}");
        }
        let (status, opened) = app.post("/returns", &without_method("1", "2")).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        assert_eq!((opened["status"].as_str(), opened["method"].as_str()), (Some("in_review"), Some("arranged")), "{opened}");
        assert_eq!((opened["parcels"].clone(), opened["lines"][0]["verdict"].as_str()), (json!([]), Some("in_review")), "{opened}");
        assert!(codes(&opened["lines"][0]).contains(&"dangerous_goods"), "{opened}");
        let rma = opened["rma"].as_str().unwrap().to_owned();

        let (status, problem) = app.get(&format!("/returns/{rma}/label.pdf")).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(status == StatusCode::CONFLICT && detail.contains("dangerous goods"), "{problem}");
        assert_eq!(app.post(&format!("/returns/{rma}/label"), &json!({})).await.0, StatusCode::CONFLICT);
        for method in ["self_ship", "drop_off"] {
            let (status, problem) = app.post(&format!("/returns/{rma}/method"), &json!({"method": method})).await;
            assert!(matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY), "{method}: {problem}");
        }
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["parcels"], json!([]));

        let mut visitor = Visitor::new(&app);
        visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        for page in [format!("/returns/{rma}"), format!("/returns/{rma}/done")] {
            let shown = visitor.text(&page).await;
            assert!(shown.contains("id=\"handling\"") && shown.contains("do not post it"), "{page}: {shown}");
            assert!(!shown.contains("label.pdf"), "{page}: {shown}");
        }
        app.run_jobs().await;
        let mails = app.mails();
        assert!(!mails.is_empty() && mails.iter().all(|mail| !mail.contains("label.pdf")), "{mails:?}");
    }
}

on_both! {
    async fn what_shares_a_return_with_it_is_seen_to_as_well(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&lit("1")).await;
        app.put_order(&order("2")).await;
        let mut both = without_method("1", "2");
        both["lines"].as_array_mut().unwrap().push(request("1", "1", 1)["lines"][0].clone());
        let (status, opened) = app.post("/returns", &both).await;
        assert_eq!((status, opened["method"].as_str()), (StatusCode::CREATED, Some("arranged")), "{opened}");
        assert!(opened["lines"].as_array().unwrap().iter().all(|line| line["verdict"] != json!("declined")), "{opened}");
        let rma = opened["rma"].as_str().unwrap();
        let (status, added) = app.post(&format!("/returns/{rma}/lines"), &json!({"lines": request("1", "1", 1)["lines"]})).await;
        assert_eq!((status, added["parcels"].clone()), (StatusCode::OK, json!([])), "{added}");

        // Nobody has what anybody could post seen to.
        let mut plain = request("2", "1", 1);
        plain["method"] = json!("arranged");
        let (status, problem) = app.post("/returns", &plain).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("method")), "{problem}");
        let (_, posted) = app.post("/returns", &request("2", "1", 1)).await;
        let rma = posted["rma"].as_str().unwrap();
        assert_eq!(posted["parcels"].as_array().unwrap().len(), 1, "{posted}");
        let (status, problem) = app.post(&format!("/returns/{rma}/method"), &json!({"method": "arranged"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        // What is in a parcel already stays a parcel that may be posted.
        let mut lamp = request("1", "2", 1)["lines"][0].clone();
        lamp["order"] = json!("1");
        let (status, problem) = app.post(&format!("/returns/{rma}/lines"), &json!({"lines": [lamp]})).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY || status == StatusCode::CONFLICT, "{problem}");
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["lines"].as_array().unwrap().len(), 1);
    }
}

on_both! {
    async fn a_damaged_battery_is_told_to_stay_away_from_heat(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&lit("1")).await;
        let mut broken = without_method("1", "2");
        (broken["lines"][0]["reason"], broken["lines"][0]["condition"]) = (json!("damaged_in_transit"), json!("damaged"));
        let (status, opened) = app.post("/returns", &broken).await;
        assert_eq!((status, opened["method"].as_str()), (StatusCode::CREATED, Some("arranged")), "{opened}");
        let told = opened["lines"][0]["why"].as_array().unwrap().iter().find(|why| why["code"] == json!("dangerous_goods")).unwrap();
        assert_eq!(told["damaged_battery"], json!(true));
        let rma = opened["rma"].as_str().unwrap();
        let mut visitor = Visitor::new(&app);
        visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
        let shown = visitor.text(&format!("/returns/{rma}")).await;
        assert!(shown.contains("keep it away from heat") && shown.contains("never post it"), "{shown}");
    }
}
