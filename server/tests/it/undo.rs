//! What was done at work is taken back within ten seconds, once, by who did it, and before it took effect.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::store::Scope;

use crate::app::{TestApp, order};
use crate::databases::on_both;
use crate::review::{Machine, approved, kinds, waiting};
use crate::staff::{Browser, free, hire};
use crate::talk::shopper;

/// The command that the page says can be taken back.
async fn offered(browser: &mut Browser<'_>, path: &str) -> Option<String> {
    let page = browser.get(path).await.1;
    let form = page.split("/take-back\"").nth(1)?;
    form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)
}

async fn version(app: &TestApp, rma: &str) -> Value {
    app.get(&format!("/returns/{rma}")).await.1["version"].clone()
}

async fn decide(browser: &mut Browser<'_>, rma: &str, decision: &str, words: &str) -> String {
    let version = version(browser.app, rma).await.to_string();
    let field = format!("{}-words", if decision == "ask_evidence" { "ask" } else { decision });
    let fields = [("decision", decision), (field.as_str(), words), ("version", &version)];
    browser.post(&format!("/staff/returns/{rma}/decide"), &fields).await
}

async fn waiting_jobs(app: &TestApp) -> usize {
    app.database.texts("SELECT kind FROM outbox WHERE command IS NOT NULL AND done_at IS NULL").await.len()
}

on_both! {
    async fn what_was_done_by_mistake_is_as_if_it_had_not_happened(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        app.run_jobs().await;
        let mails = app.mails().len();
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let page = format!("/staff/returns/{rma}");
        let (_, before) = app.get(&format!("/returns/{rma}")).await;
        for (decision, words) in [("approve", "as agreed"), ("decline", "It is worn."), ("ask_evidence", "The label, please."), ("cancel", "twice"), ("write", "Not for you.")] {
            decide(&mut browser, &rma, decision, words).await;
            let command = offered(&mut browser, &page).await.unwrap_or_else(|| panic!("{decision} can be taken back"));
            assert!(waiting_jobs(&app).await > 0, "its mail waits");
            let worker = compose::worker(&app.services).unwrap();
            while worker.once().await.unwrap() > 0 {}
            assert_eq!(app.mails().len(), mails, "{decision}: it is not sent yet");
            for again in ["taken back", "taken back"] {
                assert_eq!(browser.post(&format!("{page}/take-back"), &[("command", &command)]).await, page);
                browser.says(&page, &format!("{rma}: {again}.")).await;
            }
            assert_eq!(waiting_jobs(&app).await, 0);
            let (_, mut after) = app.get(&format!("/returns/{rma}")).await;
            after["version"] = before["version"].clone();
            assert_eq!(after, before, "{decision}");
        }
        app.services.clock.set_ahead(SignedDuration::from_mins(5));
        app.run_jobs().await;
        assert_eq!(app.mails().len(), mails, "nobody is told of what was taken back");
        // Everybody reads that it was, and nobody what was written by mistake.
        let seen = shopper(&app, &rma, "1").await.text(&format!("/returns/{rma}")).await;
        assert_eq!(seen.matches("We took the last step back").count(), 5, "{seen}");
        assert!(seen.contains("<del>") && !seen.contains("It is worn.") && !seen.contains("Not for you."), "{seen}");
        let tasks = Machine::with(&app, Scope::Staff).await.get(&format!("/returns/{rma}")).await;
        assert_eq!(kinds(&tasks["tasks"]), ["review"]);
    }
}

on_both! {
    async fn it_is_too_late_once_it_took_effect_or_something_came_after(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut other) = hire(&app, "Jan", "support", free()).await;
        let (_, _, mut dock) = hire(&app, "Bo", "warehouse", free()).await;
        let too_late = async |browser: &mut Browser<'_>, rma: &str, command: &str, why: &str| {
            let page = format!("/staff/returns/{rma}");
            let stands = version(&app, rma).await;
            assert_eq!(browser.post(&format!("{page}/take-back"), &[("command", command)]).await, page, "{why}");
            browser.says(&page, "too late to undo this").await;
            assert_eq!(version(&app, rma).await, stands, "{why}");
        };
        // Its mail is begun.
        let rma = waiting(&app, "1", "1").await;
        decide(&mut browser, &rma, "approve", "").await;
        let command = offered(&mut browser, "/staff").await.unwrap();
        too_late(&mut other, &rma, &command, "somebody else's").await;
        too_late(&mut dock, &rma, &command, "somebody else's, with another role").await;
        too_late(&mut browser, &rma, "0199-nothing", "no such command").await;
        app.run_jobs().await;
        too_late(&mut browser, &rma, &command, "its mail is sent").await;
        // The customer wrote since.
        let rma = waiting(&app, "2", "1").await;
        decide(&mut browser, &rma, "decline", "It is worn.").await;
        let command = offered(&mut browser, "/staff").await.unwrap();
        assert_eq!(app.post(&format!("/returns/{rma}/answers"), &json!({"text": "But why?"})).await.0, StatusCode::OK);
        too_late(&mut browser, &rma, &command, "the customer answered").await;
        // Eleven seconds are over.
        let rma = waiting(&app, "3", "1").await;
        decide(&mut browser, &rma, "note", "Only a note.").await;
        let command = offered(&mut browser, &format!("/staff/returns/{rma}")).await.unwrap();
        app.services.clock.set_ahead(SignedDuration::from_secs(11));
        too_late(&mut browser, &rma, &command, "the time for it is over").await;
        // What a machine does takes effect at once.
        let rma = waiting(&app, "4", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        assert_eq!(staff.review(&rma, json!({"decision": "approve"})).await.0, StatusCode::OK);
        assert_eq!(app.database.texts("SELECT id FROM outbox WHERE command IS NOT NULL AND done_at IS NULL AND kind LIKE 'mail%' AND run_at > 0").await.len(), 1, "only the one of the decline");
    }
}

on_both! {
    async fn units_taken_by_another_return_meanwhile_stay_there(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let rma = waiting(&app, "9", "1").await;
        let asked = crate::app::request("9", "1", 1);
        decide(&mut browser, &rma, "decline", "It is worn.").await;
        let command = offered(&mut browser, "/staff").await.unwrap();
        // Whatever is left of the line is taken by others.
        let mut others = 0;
        while app.post("/returns", &asked).await.0 == StatusCode::CREATED {
            others += 1;
        }
        assert!(others > 0);
        let page = format!("/staff/returns/{rma}");
        assert_eq!(browser.post(&format!("{page}/take-back"), &[("command", &command)]).await, page);
        browser.says(&page, "too late to undo this").await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "declined");
    }
}

on_both! {
    async fn a_job_that_begins_and_an_undo_are_one_or_the_other(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let (mut undone, mut sent) = (0, 0);
        for round in 0..12 {
            let rma = waiting(&app, &format!("r{round}"), "1").await;
            app.run_jobs().await;
            let mails = app.mails().len();
            decide(&mut browser, &rma, "approve", "").await;
            let command = offered(&mut browser, "/staff").await.unwrap();
            app.database.meddle("UPDATE outbox SET run_at = run_at - 10000 WHERE command IS NOT NULL AND done_at IS NULL").await;
            let worker = Arc::new(compose::worker(&app.services).unwrap());
            let (page, at_it) = (format!("/staff/returns/{rma}"), worker.clone());
            let pause = std::time::Duration::from_micros(700 * round);
            let work = tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                while at_it.once().await.unwrap() > 0 {}
            });
            browser.post(&format!("{page}/take-back"), &[("command", &command)]).await;
            work.await.unwrap();
            while worker.once().await.unwrap() > 0 {}
            let status = app.get(&format!("/returns/{rma}")).await.1["status"].clone();
            let told = app.mails().len() - mails;
            match told {
                0 => assert_eq!(status, "in_review", "round {round}"),
                _ => assert_eq!(status, "approved", "round {round}"),
            }
            (undone, sent) = (undone + usize::from(told == 0), sent + usize::from(told > 0));
        }
        println!("undone {undone}, sent {sent}");
    }
}

on_both! {
    async fn what_was_decided_otherwise_than_policy_is_marked_and_counted(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut admin) = hire(&app, "Ada", "admin", free()).await;
        admin.says("/staff/people", "Nobody has.").await;
        let declined = async |number: &str| {
            let mut bought = order(number);
            bought["lines"][0]["final_sale"] = json!(true);
            bought["consumer"] = json!(false);
            app.put_order(&bought).await;
            let mut asked = crate::app::request(number, "1", 1);
            asked["lines"].as_array_mut().unwrap().push(crate::app::request(number, "2", 1)["lines"][0].clone());
            let (_, opened) = app.post("/returns", &asked).await;
            assert_eq!(opened["lines"][0]["verdict"], "declined", "{opened}");
            opened["rma"].as_str().unwrap().to_owned()
        };
        let approve = async |browser: &mut Browser<'_>, rma: &str| {
            let version = version(&app, rma).await.to_string();
            let fields = [("decision", "approve"), ("line", "1"), ("approve-words", "She is right."), ("version", &version)];
            browser.post(&format!("/staff/returns/{rma}/decide"), &fields).await;
        };
        let lines = |page: &str| page.matches("Mei</span>").count();
        for number in ["1", "2"] {
            let rma = declined(number).await;
            approve(&mut mei, &rma).await;
            mei.says(&format!("/staff/returns/{rma}"), "Otherwise than the policy").await;
        }
        let page = admin.get("/staff/people").await.1;
        assert!(lines(&page) == 1 && page.contains("2 times") && !page.contains("Nobody has."), "{page}");
        // Taken back at once, it was none.
        let rma = declined("3").await;
        approve(&mut mei, &rma).await;
        admin.says("/staff/people", "3 times").await;
        let command = offered(&mut mei, "/staff").await.unwrap();
        mei.post(&format!("/staff/returns/{rma}/take-back"), &[("command", &command)]).await;
        admin.says("/staff/people", "2 times").await;
    }
}

on_both! {
    async fn more_time_is_given_from_the_page(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let page = format!("/staff/returns/{rma}");
        browser.says(&page, "do-extend").await;
        let today = app.services.clock.now().to_zoned(app.services.shop_zone()).date();
        let day = |days: i64| (today + jiff::Span::new().days(days)).to_string();
        let version = version(&app, &rma).await.to_string();
        let mut give = async |until: &str, words: &str, says: &str| {
            let fields = [("decision", "extend"), ("extend-until", until), ("extend-words", words), ("version", version.as_str())];
            assert_eq!(browser.post(&format!("{page}/decide"), &fields).await, page);
            browser.says(&page, says).await;
        };
        give("", "You travel.", "f-extend-until").await;
        give("soon", "You travel.", "f-extend-until").await;
        give(&day(40), " ", "f-extend-words").await;
        give(&day(400), "You travel.", "Please choose a day from").await;
        give(&day(40), "You travel.", "more time given").await;
        app.run_jobs().await;
        assert!(app.mails().last().unwrap().contains("You travel."));
    }
}
