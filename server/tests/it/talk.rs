//! Shop and customer write to each other about a return, and people at work note things for each other.

use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::review::{Machine, approved, kinds, waiting};
use crate::staff::{free, hire};

/// The customer of a return, on its page.
pub async fn shopper<'a>(app: &'a TestApp, rma: &str, number: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    let contact = format!("c{number}@example.com");
    assert_eq!(visitor.post("/find-return", &[("rma", rma), ("rma_contact", &contact)]).await, format!("/returns/{rma}"));
    visitor
}

/// The last mail: subject, text, HTML.
pub fn last_mail(app: &TestApp) -> (String, String, String) {
    let mails = app.mails();
    let mail = MessageParser::default().parse(mails.last().unwrap().as_bytes()).unwrap();
    let lines = |text: std::borrow::Cow<'_, str>| text.replace("\r\n", "\n");
    (mail.subject().unwrap().to_owned(), lines(mail.body_text(0).unwrap()), lines(mail.body_html(0).unwrap()))
}

async fn timeline(machine: &Machine<'_>, rma: &str) -> Value {
    machine.get(&format!("/returns/{rma}/timeline")).await
}

on_both! {
    async fn the_shop_writes_and_the_customer_answers(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        app.run_jobs().await;
        let page = format!("/returns/{rma}");

        let (status, written) = staff.post(&format!("{page}/messages"), &json!({"text": "Is <b>it</b> blue?\r\nThe label says red."})).await;
        assert_eq!(status, StatusCode::OK, "{written}");
        app.run_jobs().await;
        let (subject, text, html) = last_mail(&app);
        assert_eq!(subject, format!("A message about your return {rma}"));
        assert!(text.contains("    Is <b>it</b> blue?\n    The label says red.\n"), "{text}");
        assert!(html.contains("Is &#60;b&#62;it&#60;/b&#62; blue?\nThe label says red."), "{html}");
        let sent = app.mails().len();
        let (_, again) = staff.post(&format!("{page}/messages"), &json!({"text": "Is <b>it</b> blue?\nThe label says red."})).await;
        app.run_jobs().await;
        assert_eq!((&again["version"], app.mails().len()), (&written["version"], sent), "the same twice in a row is sent once");

        let mut visitor = shopper(&app, &rma, "1").await;
        let shown = visitor.text(&page).await;
        assert!(shown.contains("We wrote to you") && shown.contains("Is &lt;b&gt;it&lt;/b&gt; blue?\nThe label says red."), "{shown}");
        assert!(shown.contains(&format!("action=\"{page}/write\"")), "it can be answered there: {shown}");

        // What is missing is asked for again; what was sent twice is said once.
        let write = format!("{page}/write");
        for words in [" \r\n", "x".repeat(2_001).as_str()] {
            assert_eq!(visitor.post(&write, &[("words", words)]).await, write);
            assert!(visitor.text(&write).await.contains("#f-words"));
        }
        assert_eq!(kinds(&staff.get(&page).await["tasks"]), ["review"]);
        for _ in 0..2 {
            assert_eq!(visitor.post(&write, &[("words", "It is red.\r\nHonestly.")]).await, page);
        }
        let shown = visitor.text(&page).await;
        assert!(shown.contains("role=\"status\"") && shown.contains("You wrote to us") && shown.contains("It is red.\nHonestly."), "{shown}");
        assert_eq!(shown.matches("It is red.").count(), 1);
        let seen = staff.get(&page).await;
        assert_eq!(kinds(&seen["tasks"]), ["review", "answer_customer"]);
        assert_eq!((&seen["tasks"][1]["role"], &seen["tasks"][1]["overdue"]), (&json!("support"), &json!(false)));
        assert_eq!(kinds(&staff.get("/tasks?role=support").await["items"]), ["answer_customer", "review"], "due together");
        app.services.clock.set_ahead(jiff::SignedDuration::from_hours(24 * 5));
        assert_eq!(staff.get(&page).await["tasks"][1]["overdue"], true, "a working day is over by then");

        staff.post(&format!("{page}/messages"), &json!({"text": "Thank you."})).await;
        assert_eq!(kinds(&staff.get("/tasks?role=support").await["items"]), ["review"]);
        let entries = timeline(&staff, &rma).await["entries"].clone();
        let codes: Vec<&str> = entries.as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap()).collect();
        assert_eq!(codes[..4], ["requested", "shop_wrote", "customer_wrote", "shop_wrote"], "{entries}");
        assert_eq!(entries[2]["words"], "It is red.\nHonestly.");
    }
}

on_both! {
    async fn a_machine_writes_for_the_customer_until_nobody_answers(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (answers, messages) = (format!("/returns/{rma}/answers"), format!("/returns/{rma}/messages"));
        for wrong in [json!({}), json!({"text": " "}), json!({"text": "x".repeat(2_001)}), json!({"text": 7})] {
            let (status, problem) = app.post(&answers, &wrong).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("text")), "{wrong}: {problem}");
        }
        let (status, _) = app.post(&answers, &json!({"text": "Hello?", "version": 1})).await;
        assert_eq!(status, StatusCode::CONFLICT);
        for count in 1..=20 {
            let (status, problem) = app.post(&answers, &json!({"text": format!("Hello {count}?")})).await;
            assert_eq!(status, StatusCode::OK, "{problem}");
        }
        let (status, problem) = app.post(&answers, &json!({"text": "Hello?"})).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/unanswered")), "{problem}");
        let mut visitor = shopper(&app, &rma, "1").await;
        assert_eq!(visitor.post(&format!("/returns/{rma}/write"), &[("words", "Anybody?")]).await, format!("/returns/{rma}"));
        assert!(visitor.text(&format!("/returns/{rma}")).await.contains("20 messages"), "it says why");

        for wrong in [json!({}), json!({"text": "a", "no_answer_needed": true}), json!({"no_answer_needed": false})] {
            assert_eq!(staff.post(&messages, &wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        app.run_jobs().await;
        let sent = app.mails().len();
        let (status, settled) = staff.post(&messages, &json!({"no_answer_needed": true})).await;
        assert_eq!(status, StatusCode::OK, "{settled}");
        assert_eq!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]), ["review"]);
        let (_, again) = staff.post(&messages, &json!({"no_answer_needed": true})).await;
        assert_eq!(again["version"], settled["version"], "done before");
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent, "nobody is told");
        assert_eq!(app.post(&answers, &json!({"text": "Hello?"})).await.0, StatusCode::OK);
    }
}

on_both! {
    async fn a_note_is_for_people_at_work_alone(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let page = format!("/returns/{rma}");
        app.post(&format!("{page}/cancel"), &json!({})).await;
        app.run_jobs().await;
        let sent = app.mails().len();
        let staff = Machine::with(&app, Scope::Staff).await;
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let machine = Machine::with(&app, scope).await;
            for call in ["notes", "messages"] {
                let (status, _) = machine.post(&format!("{page}/{call}"), &json!({"text": "a secret"})).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{call} by {}", scope.code());
            }
        }
        assert_eq!(staff.post(&format!("{page}/answers"), &json!({"text": "as the customer"})).await.0, StatusCode::FORBIDDEN);
        let (status, noted) = staff.post(&format!("{page}/notes"), &json!({"text": "a secret"})).await;
        assert_eq!(status, StatusCode::OK, "at an end, too: {noted}");

        let events = timeline(&staff, &rma).await["events"].clone();
        let last = events.as_array().unwrap().last().unwrap();
        assert_eq!((&last["event"], &last["facts"]["note"], &last["actor"]["key"]), (&json!("noted"), &json!("a secret"), &json!("staff")));
        for scope in [Scope::Read, Scope::Write] {
            let machine = Machine::with(&app, scope).await;
            for told in [timeline(&machine, &rma).await, machine.get(&page).await] {
                assert!(!told.to_string().contains("secret") && !told.to_string().contains("noted"), "{told}");
            }
        }
        let visitor = shopper(&app, &rma, "1").await;
        assert!(!visitor.text(&page).await.contains("secret"));
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent);
    }
}

on_both! {
    async fn people_at_work_read_what_was_mailed_and_by_what_it_was_decided(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let rma = opened["rma"].as_str().unwrap();
        let (.., mut sue) = hire(&app, "Sue", "support", free()).await;
        let page = format!("/staff/returns/{rma}");
        let (_, before) = sue.get(&page).await;
        let subject = format!("Your return {rma} is booked");
        assert!(before.contains("Mails to the customer") && before.contains(&subject) && before.contains("To be sent, from"), "{before}");
        app.run_jobs().await;
        let (_, sent) = sue.get(&page).await;
        assert!(sent.contains(&subject) && sent.contains("Sent ") && !sent.contains("To be sent, from"), "{sent}");
        assert!(sent.contains("How it was decided") && sent.contains("by version 1 of the policy") && sent.contains("Policy: yes"), "{sent}");
        let staff = Machine::with(&app, Scope::Staff).await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "Hello!"})).await;
        let (_, two) = sue.get(&page).await;
        assert_eq!(two.matches("A message about your return").count(), 1, "{two}");
        assert!(two.find("A message about your return") < two.find(&subject), "the latest first");
        app.database.meddle("UPDATE outbox SET dead_at = run_at WHERE done_at IS NULL").await;
        sue.says(&page, "Could not be sent, given up").await;
        // Who has no address is sent nothing, and nothing of it is shown.
        let mut bought = order("2");
        bought["customer"] = json!({"phone": "+8613800000001", "locale": "en"});
        app.put_order(&bought).await;
        let (_, opened) = app.post("/returns", &request("2", "1", 1)).await;
        let (_, plain) = sue.get(&format!("/staff/returns/{}", opened["rma"].as_str().unwrap())).await;
        assert!(!plain.contains("Mails to the customer"), "{plain}");
        // The customer reads neither.
        let own = shopper(&app, rma, "1").await.text(&format!("/returns/{rma}")).await;
        assert!(!own.contains("How it was decided") && !own.contains("Mails to the customer"), "{own}");
    }
}
