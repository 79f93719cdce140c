//! The machine interface is as its document and the README say.

use reqwest::StatusCode;

use crate::app::{TestApp, answer, order, request};
use crate::databases::on_both;

on_both! {
    async fn a_list_is_no_object_and_nothing_stands_behind_one(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap();
        let asked = request("1", "1", 1).to_string();
        let told = order("9").to_string();
        for (method, path, body) in [
            ("POST", format!("/returns/{rma}/cancel"), "[]".to_owned()),
            ("POST", format!("/returns/{rma}/cancel"), "{} {}".to_owned()),
            ("POST", format!("/returns/{rma}/offer"), "[]".to_owned()),
            ("POST", format!("/returns/{rma}/method"), r#"["drop_off"]"#.to_owned()),
            ("POST", "/returns/quote".to_owned(), asked.replacen('{', r#"{"customer":[],"#, 1)),
            ("POST", "/returns".to_owned(), format!("{asked}]")),
            ("PUT", "/stock/W/S".to_owned(), "[3]".to_owned()),
            ("PUT", "/customers/c".to_owned(), "[]".to_owned()),
            ("PUT", "/orders/9".to_owned(), told.replacen(r#""deliveries":[{"#, r#""deliveries":[[],{"#, 1)),
        ] {
            let (status, problem) = answer(app.api(method, &path).body(body.clone()).send().await.unwrap()).await;
            assert_eq!((status, problem["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/validation")), "{method} {path} {body}: {problem}");
        }
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, opened, "nothing was done");
    }
}
