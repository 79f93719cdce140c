//! "This seems wrong": what was declined, by policy or by somebody, is looked at again.

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, answer, order, request};
use crate::databases::on_both;
use crate::evidence::photo;
use crate::review::{Machine, kinds, waiting};
use crate::talk::{last_mail, shopper};

/// A return whose tee policy declined (it was sold as final), beside a lamp that may come back.
async fn partly_declined(app: &TestApp) -> String {
    let mut bought = order("1");
    bought["lines"][0]["final_sale"] = json!(true);
    bought["consumer"] = json!(false);
    bought["customer"] = json!({"email": "c1@example.com", "locale": "en"});
    app.put_order(&bought).await;
    let mut asked = request("1", "1", 1);
    let lamp = request("1", "2", 1)["lines"][0].clone();
    asked["lines"].as_array_mut().unwrap().push(lamp);
    let (status, opened) = app.post("/returns", &asked).await;
    assert_eq!((status, opened["lines"][0]["verdict"].as_str()), (StatusCode::CREATED, Some("declined")), "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

fn lot_of(answer: &Value, line: usize) -> &str {
    answer["lines"][line]["lots"][0]["authorization"].as_str().unwrap()
}

on_both! {
    async fn what_somebody_declined_is_appealed_on_its_page_with_a_photo(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let page = format!("/returns/{rma}");
        let mut visitor = shopper(&app, &rma, "1").await;
        let appeal = format!("{page}/appeal");
        assert!(!visitor.text(&page).await.contains(&appeal), "nothing is declined");
        assert!(!visitor.text(&appeal).await.contains("<textarea"));
        let decline = json!({"decision": "decline", "reason": "It was worn."});
        assert_eq!(staff.post(&format!("{page}/review"), &decline).await.0, StatusCode::OK);
        app.run_jobs().await;
        let (_, text, _) = last_mail(&app);
        assert!(text.contains("Say so on the page of your return"), "{text}");
        let shown = visitor.text(&page).await;
        assert!(shown.contains(&format!("href=\"{appeal}?line=1\"")), "{shown}");

        // What is missing is asked for again.
        for (fields, field) in [(vec![("words", "It is new.")], "line"), (vec![("line", "1"), ("words", " ")], "words")] {
            assert_eq!(visitor.post(&appeal, &fields).await, appeal);
            assert!(visitor.text(&appeal).await.contains(&format!("#f-{field}")), "{field}");
        }
        let fields = [("line", "1"), ("words", "It was never worn.\r\nSee the <tag>.")];
        for _ in 0..2 {
            assert_eq!(visitor.post(&appeal, &fields).await, format!("{page}/photos"), "sent twice it is done once");
        }
        let photos = visitor.text(&format!("{page}/photos")).await;
        let field = photos.split("name=\"").find_map(|rest| rest.split('"').next().filter(|name| name.starts_with("files|"))).unwrap();
        let form = Form::new().part(field.to_owned(), Part::bytes(photo(1)).file_name("tag.jpg"));
        let sent = visitor.with_cookies(visitor.client.post(format!("{}{page}/photos", app.base))).multipart(form).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        let shown = visitor.text(&page).await;
        assert!(shown.contains("You asked us to look again") && shown.contains("It was never worn.\nSee the &lt;tag&gt;."), "{shown}");
        assert!(shown.contains("We are looking at this again") && shown.contains("role=\"status\"") && shown.contains("tag.jpg"), "{shown}");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert_eq!(subject, format!("We are looking at your return {rma} again"));
        assert!(text.contains("    It was never worn.\n    See the <tag>.\n") && text.contains("you hear from us by"), "{text}");

        let seen = staff.get(&page).await;
        assert_eq!((kinds(&seen["tasks"]), lot_of(&seen, 0), &seen["expected"]["amount"]), (vec!["review"], "in_review", &json!("89.00")), "{seen}");
        let timeline = staff.get(&format!("{page}/timeline")).await;
        let appealed: Vec<&Value> = timeline["events"].as_array().unwrap().iter().filter(|event| event["event"] == "appealed").collect();
        assert_eq!((appealed.len(), &appealed[0]["facts"]["words"]), (1, &json!("It was never worn.\nSee the <tag>.")));

        // Whoever says no again may be asked again.
        assert_eq!(staff.post(&format!("{page}/review"), &decline).await.0, StatusCode::OK);
        assert_eq!(visitor.post(&appeal, &[("line", "1"), ("words", "Look at the tag.")]).await, format!("{page}/photos"));
        let (status, approved) = staff.post(&format!("{page}/review"), &json!({"decision": "approve"})).await;
        assert_eq!((status, approved["status"].as_str()), (StatusCode::OK, Some("approved")), "{approved}");
        assert_eq!((approved["parcels"].as_array().unwrap().len(), &approved["expected"]["amount"]), (1, &json!("89.00")));
        assert_eq!(visitor.post(&appeal, &[("line", "1"), ("words", "And once more.")]).await, page, "nothing is declined any more");
        assert!(visitor.text(&page).await.contains("errors-title"));
    }
}

on_both! {
    async fn what_policy_declined_is_appealed_by_machine(database: Database) {
        let app = TestApp::start(database).await;
        let rma = partly_declined(&app).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (page, call) = (format!("/returns/{rma}"), format!("/returns/{rma}/appeal"));
        assert_eq!(app.get(&page).await.1["expected"]["amount"], "269.00");
        for (wrong, field) in [
            (json!({}), "text"), (json!({"text": " "}), "text"), (json!({"text": "x".repeat(2_001)}), "text"),
            (json!({"text": "why?", "lines": []}), "lines"), (json!({"text": "why?", "lines": [{"line": "9"}]}), "lines[0]"),
        ] {
            let (status, problem) = app.post(&call, &wrong).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{wrong}: {problem}");
        }
        let (status, problem) = app.post(&call, &json!({"text": "why?", "lines": [{"line": "2"}]})).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-possible")), "that was approved: {problem}");
        assert!(problem["possible"].as_array().unwrap().contains(&json!("appeal")));
        assert_eq!(app.post(&call, &json!({"text": "why?", "version": 1})).await.0, StatusCode::CONFLICT);
        assert_eq!(staff.post(&call, &json!({"text": "why?"})).await.0, StatusCode::FORBIDDEN, "that is the customer's");

        let (status, appealed) = app.post(&call, &json!({"text": "It says nothing of that."})).await;
        assert_eq!((status, appealed["status"].as_str(), lot_of(&appealed, 0)), (StatusCode::OK, Some("in_review"), "in_review"), "{appealed}");
        assert_eq!(appealed["expected"]["amount"], "358.00", "if it is approved");
        let (_, again) = app.post(&call, &json!({"text": "It says nothing of that."})).await;
        assert_eq!(again["version"], appealed["version"], "done before");
        let (status, _) = app.post(&call, &json!({"text": "Something else."})).await;
        assert_eq!(status, StatusCode::CONFLICT, "once for each decision");
        let timeline = app.get(&format!("{page}/timeline")).await.1["entries"].to_string();
        assert!(timeline.contains("If we approve it, your refund is") && !timeline.contains("Your refund is now"), "{timeline}");
        let form = Form::new().part("file", Part::bytes(photo(1)).file_name("a.jpg")).text("line", "1");
        let (status, kept) = answer(app.api("POST", &format!("{page}/evidence")).multipart(form).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::CREATED, "{kept}");

        // The other item goes its own way meanwhile, and the label that is there serves for both.
        let (status, approved) = staff.post(&format!("{page}/review"), &json!({"decision": "approve"})).await;
        assert_eq!((status, approved["status"].as_str(), approved["expected"]["amount"].as_str()), (StatusCode::OK, Some("approved"), Some("358.00")), "{approved}");
        let visitor = shopper(&app, &rma, "1").await;
        let shown = visitor.text(&page).await;
        assert!(!shown.contains("/appeal") && !shown.contains("sold as final"), "{shown}");
    }
}

on_both! {
    async fn what_somebody_else_took_since_is_not_asked_for_again(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "2").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let page = format!("/returns/{rma}");
        let declined = staff.post(&format!("{page}/review"), &json!({"decision": "decline", "reason": "no"})).await;
        assert_eq!(declined.0, StatusCode::OK);
        let visitor = shopper(&app, &rma, "1").await;
        assert!(visitor.text(&page).await.contains("/appeal?line=1"));
        // There is one lamp.
        let (status, other) = app.post("/returns", &request("1", "2", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{other}");
        let (status, problem) = app.post(&format!("{page}/appeal"), &json!({"text": "why?"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert!(!visitor.text(&page).await.contains("/appeal"), "nothing leads there");
        assert_eq!(lot_of(&app.get(&page).await.1, 0), "declined");
        app.post(&format!("/returns/{}/cancel", other["rma"].as_str().unwrap()), &json!({})).await;
        assert_eq!(app.post(&format!("{page}/appeal"), &json!({"text": "why?"})).await.0, StatusCode::OK, "it is free again");
    }
}
