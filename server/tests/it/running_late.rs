//! What is later than the shop promised is told before anybody asks, once (C38).

use jiff::SignedDuration;
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::json;
use server::compose;
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::Machine;

async fn sweeps(app: &TestApp) {
    compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
    app.run_jobs().await;
}

on_both! {
    async fn who_waits_longer_than_was_promised_is_told_so_once(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let mut opened = Vec::new();
        for number in ["1", "2", "3"] {
            let mut bought = order(number);
            bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en"});
            app.put_order(&bought).await;
            let mut asked = request(number, "2", 1);
            asked["lines"][0].as_object_mut().unwrap().remove("condition");
            let (status, answer) = app.post("/returns", &asked).await;
            assert_eq!((status, answer["status"].as_str()), (StatusCode::CREATED, Some("in_review")), "{answer}");
            opened.push(answer["rma"].as_str().unwrap().to_owned());
        }
        // The second is answered in time; the third is called off by the customer.
        desk.post(&format!("/returns/{}/review", opened[1]), &json!({"decision": "approve"})).await;
        app.post(&format!("/returns/{}/cancel", opened[2]), &json!({})).await;
        sweeps(&app).await;
        let late = |number: &str| {
            let to = format!("c{number}@example.com");
            let is = |mail: &String| {
                let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
                mail.to().unwrap().first().unwrap().address() == Some(&to) && mail.subject().unwrap().contains("takes longer than we said")
            };
            app.mails().iter().filter(|mail| is(mail)).count()
        };
        assert_eq!(["1", "2", "3"].map(late), [0, 0, 0], "nobody is late yet");
        app.services.clock.advance(SignedDuration::from_hours(24 * 5));
        for _ in 0..3 {
            sweeps(&app).await;
            app.services.clock.advance(SignedDuration::from_hours(2));
        }
        assert_eq!(["1", "2", "3"].map(late), [1, 0, 0]);
        // Settled since, it is not told again, and nobody is told of what is long over.
        desk.post(&format!("/returns/{}/review", opened[0]), &json!({"decision": "approve"})).await;
        app.services.clock.advance(SignedDuration::from_hours(24 * 60));
        sweeps(&app).await;
        assert_eq!(["1", "2", "3"].map(late), [1, 0, 0]);
    }
}
