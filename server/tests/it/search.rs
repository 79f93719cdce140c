//! One box: whatever somebody has of a return or an order finds it.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::services::{AtWork, Found};
use server::store::{self, Scope, Table};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::Machine;

/// An order of somebody of that name, with a serial number and a parcel of its own.
fn of_somebody(number: &str, name: &str, phone: &str) -> Value {
    let mut order = order(number);
    order["customer"] = json!({"name": name, "email": format!("c{number}@example.com"), "phone": phone, "locale": "en"});
    order["lines"][1]["serials"] = json!([format!("SN-{number}-77")]);
    order["deliveries"][0]["tracking_number"] = json!(format!("SF 000{number}"));
    order
}

async fn opened(app: &TestApp, order: &Value, line: &str) -> String {
    app.put_order(order).await;
    let (status, answer) = app.post("/returns", &request(order["number"].as_str().unwrap(), line, 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["rma"].as_str().unwrap().to_owned()
}

async fn found(app: &TestApp, text: &str) -> Found {
    app.services.search(&AtWork::of_staff("li", &[]), text, 20).await.unwrap()
}

async fn returns(app: &TestApp, text: &str) -> Vec<String> {
    found(app, text).await.returns.iter().map(|head| head.rma.to_string()).collect()
}

on_both! {
    async fn a_return_is_found_by_whatever_somebody_has_of_it(database: Database) {
        let app = TestApp::start(database).await;
        let wang = opened(&app, &of_somebody("10248", "王小明", "+8613800000001"), "1").await;
        let anna = opened(&app, &of_somebody("#EU-77a", "Anna-Lena Müller", "(020) 7946 0018"), "2").await;
        let parcel = app.get(&format!("/returns/{anna}")).await.1["parcels"][0]["tracking_number"].as_str().unwrap().to_owned();
        let symbols = anna.trim_start_matches("R-").replace('-', "");
        for text in [
            anna.clone(), anna.to_lowercase(), symbols.clone(), format!("r {symbols}"), format!(" “{anna}” "), symbols.replace('0', "o"),
            "eu-77a".into(), "Order #EU-77a".into(), "c#EU-77a@example.com".into(), " C#eu-77A@EXAMPLE.com".into(),
            "02079460018".into(), "+44 20 7946 0018".into(), "0044 20 7946 0018".into(), "0018".into(), "7946-0018".into(), "60018 müller".into(),
            parcel.clone(), parcel.to_lowercase(), "SF000#EU-77a".into(), "sf 000 eu77a".into(),
            "LAMP".into(), "lam".into(), "SN-#EU-77a-77".into(), "sneu77a".into(),
            "Müller".into(), "muller".into(), "MÜL".into(), "mu\u{308}ller anna".into(), "anna lena mull".into(), "Anna-Lena".into(), "lena-anna".into(), "ａｎｎａ".into(),
            "Müller lamp".into(), "Müller EU-77a 0018".into(),
        ] {
            assert_eq!(returns(&app, &text).await, [anna.as_str()], "{text}");
        }
        for text in ["王小明", "王", "小明", "13800000001", "+86 138 0000 0001", "8613800000001", "0001", "10248", "1O248", "订单 10248", "TEE-BLK", "teeblkm", "王 tee"] {
            assert_eq!(returns(&app, text).await, [wang.as_str()], "{text}");
        }
        for text in ["", " -- ", "明", "Anna 王小明", "Anna tee", "0019", "001", "Anna-Maria", "ller", "R-7KQ4-M2X0", "10249", "%", "王_明", "'; DROP TABLE orders"] {
            assert_eq!(returns(&app, text).await, [""; 0], "{text}");
        }
        let head = found(&app, "müller").await.returns.remove(0);
        assert_eq!((head.customer.as_deref(), head.item.as_str(), head.status.code()), (Some("Anna-Lena Müller"), "黄铜台灯", "approved"));
    }
}

on_both! {
    async fn orders_are_found_that_nobody_sent_anything_back_of(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&of_somebody("20001", "Li Wei", "13911112222")).await;
        opened(&app, &of_somebody("20002", "Li Wei", "13911113333"), "1").await;
        let numbers = async |text: &str| {
            found(&app, text).await.orders.iter().map(|head| format!("{} {}", head.number, head.returns)).collect::<Vec<_>>()
        };
        for text in ["20001", "No. 20001", "c20001@example.com", "139 1111 2222", "+86 139 1111 2222", "2222", "SN-20001-77", "SF 00020001", "sf-00020001"] {
            assert_eq!(numbers(text).await, ["20001 0"], "{text}");
        }
        assert_eq!(numbers("20002").await, ["20002 1"]);
        assert_eq!(returns(&app, "20001").await, [""; 0]);
        let head = found(&app, "20001").await.orders.remove(0);
        assert_eq!((head.customer.as_deref(), head.item.as_str(), head.lines), (Some("Li Wei"), "有机棉 T 恤", 2));

        // Told anew, it is found as it is told now.
        app.put_order(&of_somebody("20001", "Li Wei", "13944445555")).await;
        assert_eq!((numbers("2222").await, numbers("5555").await), (vec![], vec!["20001 0".to_owned()]));
    }
}

on_both! {
    async fn open_returns_come_before_ended_ones_and_the_newest_first(database: Database) {
        let app = TestApp::start(database).await;
        let mut rmas = Vec::new();
        for number in 1..=4 {
            rmas.push(opened(&app, &of_somebody(&number.to_string(), "Chen Yu", "13800000001"), "1").await);
            app.services.clock.advance(SignedDuration::from_secs(60));
        }
        let (status, answer) = app.post(&format!("/returns/{}/cancel", rmas[3]), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let wanted = [&rmas[2], &rmas[1], &rmas[0], &rmas[3]].map(String::as_str);
        assert_eq!(returns(&app, "chen").await, wanted);
        assert_eq!(app.database.texts("SELECT DISTINCT rma FROM search_terms WHERE ended = 1").await, [wanted[3]]);
        let few = app.services.search(&AtWork::of_staff("li", &[]), "chen yu", 2).await.unwrap();
        assert_eq!((few.returns.len(), few.more), (2, true));
        assert!(!found(&app, "chen").await.more);
    }
}

on_both! {
    async fn what_begins_as_very_many_do_is_looked_through_no_further_than_it_pays(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, &of_somebody("1", "Zhang Min", "13800000001"), "1").await;
        // Three thousand that have no more than their names.
        let many = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)
            INSERT INTO search_terms (rma, kind, term, ended, opened_at) SELECT 'X-' || n, 'name', 'zhang', 0, 4000000000000 + n FROM numbers";
        app.database.meddle(many).await;
        assert!(found(&app, "zhang").await.more);
        for text in ["zhang min", "zhang 0001", "zhang tee", "zhang 1"] {
            let found = found(&app, text).await;
            assert_eq!(found.returns.iter().map(|head| head.rma.to_string()).collect::<Vec<_>>(), [rma.as_str()], "{text}");
            assert!(!found.more, "{text}");
        }
        assert_eq!(returns(&app, "zhang wei").await, [""; 0]);
        store::rebuild_projections(&app.services.store, &[Table::search_terms], app.services.clock.now()).await.unwrap();
        assert_eq!(app.database.texts("SELECT term FROM search_terms WHERE rma LIKE 'X-%'").await, [""; 0]);
    }
}

on_both! {
    async fn what_a_version_before_wrote_is_found_after_the_upgrade(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, &of_somebody("1", "Zhang Min", "13800000001"), "1").await;
        for before in [
            "DELETE FROM search_terms", "DELETE FROM order_terms", "UPDATE returns SET projected_27 = 0", "DELETE FROM counters WHERE name = 'order_terms_34'",
        ] {
            app.database.meddle(before).await;
        }
        assert_eq!(returns(&app, "zhang").await, [""; 0]);
        assert_eq!(returns(&app, "SN-1-77").await, [""; 0]);
        assert_eq!(store::keep_projections(&app.services.store, app.services.clock.now()).await.unwrap(), 1);
        assert_eq!(returns(&app, "zhang").await, [rma.as_str()]);
        assert_eq!(returns(&app, "SN-1-77").await, [rma.as_str()]);
    }
}

on_both! {
    async fn machines_of_people_at_work_search_and_no_others(database: Database) {
        let app = TestApp::start(database).await;
        let rma = opened(&app, &of_somebody("10248", "王小明", "+8613800000001"), "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let answer = staff.get("/search?q=%E7%8E%8B").await;
        assert_eq!((&answer["returns"][0]["rma"], &answer["more"]), (&json!(rma), &json!(false)), "{answer}");
        assert_eq!(staff.get("/search?q=10248").await["orders"][0]["returns"], 1);
        assert_eq!(app.get("/search?q=10248").await.0, StatusCode::FORBIDDEN, "a shop's own machine has its own ways");
        let long = "x".repeat(101);
        for (query, field) in [(format!("q={long}"), "q"), ("q=a&limit=51".into(), "limit"), ("q=a&limit=0".into(), "limit")] {
            let refused = staff.get(&format!("/search?{query}")).await;
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
    }
}
