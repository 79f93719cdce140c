//! The inbox (C33): every mail about a return or an order is a message there, too, in the words and the state of its moment; counted at the bell of
//! every page, read by whom it concerns and nobody else.

use std::time::Duration;

use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::json;
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::entry::mailed_code;
use crate::live::heard;
use crate::pages::Visitor;
use crate::review::{Machine, approved, waiting};
use crate::talk::shopper;

const INBOX: &str = "/account/inbox";

/// Titles of the messages on the page, the newest first.
fn titles(page: &str) -> Vec<String> {
    let titles = page.split("message\"><h2 class=\"h\">").skip(1);
    titles.map(|title| title.split('<').next().unwrap_or_default().trim().to_owned()).collect()
}

fn subjects(app: &TestApp) -> Vec<String> {
    app.mails().iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().subject().unwrap().to_owned()).collect()
}

fn bell(page: &str) -> Option<&str> {
    page.split_once("data-unread=\"")?.1.split('"').next()
}

async fn signed_in<'a>(app: &'a TestApp, email: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    visitor.post("/account/code", &[("email", email)]).await;
    app.run_jobs().await;
    let code = mailed_code(app);
    visitor.post("/account/enter", &[("code", &code)]).await;
    visitor
}

on_both! {
    async fn what_mails_say_the_inbox_says(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        app.run_jobs().await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "Is <b>it</b> blue?"})).await;
        app.run_jobs().await;
        let mailed = subjects(&app);
        assert_eq!(mailed.len(), 2, "{mailed:?}");

        let stranger = Visitor::new(&app);
        let page = stranger.text(INBOX).await;
        assert!(titles(&page).is_empty() && bell(&page).is_none() && page.contains("href=\"/account\""), "{page}");

        // By the link of one return as by the account.
        let visitor = shopper(&app, &rma, "1").await;
        let tracking = visitor.text(&format!("/returns/{rma}")).await;
        assert_eq!(bell(&tracking), Some("2"));
        assert!(tracking.contains("Messages: 2 new"), "{tracking}");
        let page = visitor.text(INBOX).await;
        let expected: Vec<String> = mailed.iter().rev().cloned().collect();
        assert_eq!(titles(&page), expected);
        assert!(page.contains("Is &lt;b&gt;it&lt;/b&gt; blue?") && page.contains(&format!("href=\"/returns/{rma}\"")), "{page}");
        assert!(page.contains("<p>Someone on our team has written"), "no greeting goes before: {page}");
        assert_eq!(page.matches(">New<").count(), 2);
        let again = visitor.text(INBOX).await;
        assert_eq!((again.matches(">New<").count(), titles(&again).len()), (0, 2), "what was read is no more new");
        assert_eq!(bell(&visitor.text("/policy").await), Some("0"));

        // It stays what it was when it was told, also when the return is cancelled since; and in the reader's language.
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        app.run_jobs().await;
        let mut owner = signed_in(&app, "c1@example.com").await;
        let page = owner.text(INBOX).await;
        assert_eq!((titles(&page).len(), page.matches(">New<").count()), (3, 1), "{page}");
        assert_eq!(titles(&page)[1..], expected);
        owner.keep_cookie("lang", "zh-CN");
        let chinese = owner.text(INBOX).await;
        assert!(chinese.contains(&format!("查看退货 {rma}")) && titles(&chinese)[0].contains("取消"), "{chinese}");

        app.put_order(&order("2")).await;
        let other = signed_in(&app, "c2@example.com").await;
        assert!(titles(&other.text(INBOX).await).is_empty(), "another's messages are nobody else's");
    }
}

on_both! {
    async fn a_job_done_twice_leaves_one_message(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        app.run_jobs().await;
        let before = app.mails().len();
        // As if the worker had died between the message and the note that it is done.
        app.database.meddle("UPDATE outbox SET done_at = NULL, leased_until = NULL WHERE queue = 'mail'").await;
        app.run_jobs().await;
        assert!(app.mails().len() >= before);
        let visitor = shopper(&app, &rma, "1").await;
        assert_eq!(titles(&visitor.text(INBOX).await).len(), 1);
    }
}

on_both! {
    async fn the_bell_rings_while_a_page_is_open(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        app.run_jobs().await;
        let visitor = shopper(&app, &rma, "1").await;
        let stranger = app.client.get(format!("{}{INBOX}/live?unread=0", app.base)).send().await.unwrap();
        assert_eq!(stranger.status(), StatusCode::NO_CONTENT);
        let asked = visitor.with_cookies(app.client.get(format!("{}{INBOX}/live?unread=1", app.base)));
        let mut stream = asked.send().await.unwrap();
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(heard(&mut stream, Duration::from_millis(400)).await, None, "what the page shows already is not said again");
        let staff = Machine::with(&app, Scope::Staff).await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "Is it blue?"})).await;
        app.run_jobs().await;
        let (id, text) = heard(&mut stream, Duration::from_secs(10)).await.unwrap();
        assert!(id == "2" && text.contains("Messages: 2 new") && !text.contains("<!DOCTYPE"), "{text}");
        visitor.text(INBOX).await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "Thank you."})).await;
        app.run_jobs().await;
        // That what was new has been read may be heard first.
        let mut counts = Vec::new();
        while counts.last().is_none_or(|count| count != "1") {
            counts.push(heard(&mut stream, Duration::from_secs(10)).await.unwrap().0);
        }
        assert!(counts.len() <= 2, "{counts:?}");
    }
}

on_both! {
    async fn long_inboxes_have_pages(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let staff = Machine::with(&app, Scope::Staff).await;
        for nth in 0..34 {
            let (status, said) = staff.post(&format!("/returns/{rma}/messages"), &json!({"text": format!("No. {nth}.")})).await;
            assert_eq!(status, StatusCode::OK, "{said}");
            app.run_jobs().await;
        }
        let owner = signed_in(&app, "wang@example.com").await;
        let first = owner.text(INBOX).await;
        assert_eq!(titles(&first).len(), 30);
        let next = first.split_once("?before=").unwrap().1.split('"').next().unwrap().to_owned();
        let rest = owner.text(&format!("{INBOX}?before={next}")).await;
        assert_eq!(titles(&rest).len(), 5);
        assert!(rest.contains("No. 0.") && !first.contains("No. 0.") && first.contains("No. 33."), "{rest}");
        for odd in ["x", "%27", &"z".repeat(500)] {
            assert_ne!(owner.text(&format!("{INBOX}?before={odd}")).await.len(), 0);
        }
    }
}
