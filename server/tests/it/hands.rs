//! Many hands at one desk: saved replies, macros, many cases at once, shared views, and who is given what.

use domain::staff::StaffLimits;
use serde_json::json;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::staff::{Browser, free, hire};
use crate::talk::last_mail;

/// A name for something new, as a page makes it.
fn name(number: usize) -> String {
    format!("{number:032x}")
}

/// A return of somebody's that waits for a person: nobody said what state the goods are in.
async fn asked(app: &TestApp, number: &str, line: &str, locale: &str, name: &str) -> String {
    let mut order = order(number);
    order["customer"] = json!({"name": name, "email": format!("c{number}@example.com"), "locale": locale});
    app.put_order(&order).await;
    let mut asked = request(number, line, 1);
    asked["lines"][0].as_object_mut().unwrap().remove("condition");
    let (_, opened) = app.post("/returns", &asked).await;
    assert_eq!(opened["status"], "in_review", "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

async fn put_reply(browser: &mut Browser<'_>, id: &str, called: &str, texts: &[(&str, &str)]) {
    let fields: Vec<(&str, &str)> = [("name", called)].into_iter().chain(texts.iter().copied()).collect();
    assert_eq!(browser.post(&format!("/staff/replies/{id}"), &fields).await, "/staff/replies");
}

on_both! {
    async fn who_writes_to_customers_keeps_replies(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (.., mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        let (.., mut fu) = hire(&app, "Fu", "finance,warehouse,workshop", free()).await;
        let texts = [("text|zh-CN", "{customer_name}您好"), ("text|en", "Dear {customer_name}")];
        put_reply(&mut fu, &name(9), "Mine", &texts).await;
        assert_eq!(fu.get("/staff/replies").await.0, 403);
        assert_eq!(app.database.texts("SELECT name FROM shared").await, [""; 0]);

        // A form that was sent twice keeps one; a colleague may change it.
        for _ in 0..2 {
            put_reply(&mut mei, &name(1), "Hello", &texts).await;
        }
        assert_eq!(app.database.texts("SELECT name FROM shared").await, ["Hello"]);
        put_reply(&mut ravi, &name(1), "Greeting", &texts).await;
        assert_eq!(app.database.texts("SELECT name FROM shared").await, ["Greeting"]);
        for (fields, says) in [
            (&[("name", ""), ("text|en", "Hi")][..], "Please enter a name"),
            (&[("name", "Hi"), ("text|de", "Hallo")][..], "at least one of the shop&#39;s languages"),
            (&[("name", "Hi"), ("text|en", "Hi {custmer_name}, {boss}")][..], "We do not know {custmer_name} and {boss}"),
        ] {
            assert_eq!(mei.post(&format!("/staff/replies/{}", name(2)), fields).await, "/staff/replies");
            let page = mei.get("/staff/replies").await.1;
            assert!(page.contains(says) || page.contains(&says.replace("&#39;", "'")), "{says}: {page}");
        }
        assert_eq!(mei.post(&format!("/staff/replies/{}", "../x"), &texts).await, "/not-found");
        assert_eq!(mei.post(&format!("/staff/replies/{}/delete", name(1)), &[]).await, "/staff/replies");
        mei.says("/staff/replies", "Deleted.").await;
        assert_eq!(app.database.texts("SELECT name FROM shared").await, [""; 0]);
    }
}

on_both! {
    async fn a_reply_is_filled_in_the_customers_language_and_goes_out_when_nothing_is_missing(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (id, both) = (name(1), name(2));
        put_reply(&mut mei, &id, "Where is it", &[("text|zh-CN", "{customer_name}您好：{items}（{order_number}）"), ("text|en", "Dear {customer_name}, is {items} of order {order_number} sent? {return_number} {tracking_number}")]).await;
        put_reply(&mut mei, &both, "Chinese alone", &[("text|zh-CN", "{wish}，{amount}。")]).await;
        let rma = asked(&app, "1", "2", "en", "Anna <b>").await;
        let page = format!("/staff/returns/{rma}");
        assert!(mei.get(&page).await.1.contains("Where is it"));
        let to = mei.post(&format!("{page}/fill"), &[("decision", "write"), ("reply", &id), ("write-words", "By the way:")]).await;
        assert_eq!(to, format!("{page}#f-write-words"));
        let filled = format!("By the way:\n\nDear Anna <b>, is 黄铜台灯 of order 1 sent? {rma} {{tracking_number}}");
        mei.says(&page, &filled.replace('<', "&lt;").replace('>', "&gt;")).await;
        // Nothing was sent by that, and nothing is while a place is empty: whichever way staff write to the customer.
        app.run_jobs().await;
        let sent = app.mails().len();
        for decision in ["write", "decline", "ask_evidence", "cancel"] {
            let words = format!("{}-words", if decision == "ask_evidence" { "ask" } else { decision });
            assert_eq!(mei.post(&format!("{page}/decide"), &[("decision", decision), ("version", "2"), (&words, &filled)]).await, page);
            let shown = mei.get(&page).await.1;
            assert!(shown.contains("Still open: {tracking_number}") && shown.contains("Dear Anna"), "{decision}: {shown}");
        }
        assert_eq!(app.services.shared::<domain::words::Words>().await.unwrap().len(), 2);
        let whole = filled.replace(" {tracking_number}", "");
        assert_eq!(mei.post(&format!("{page}/decide"), &[("decision", "write"), ("write-words", &whole)]).await, page);
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent + 1);
        assert!(last_mail(&app).1.contains("Dear Anna <b>, is 黄铜台灯 of order 1 sent?"), "{}", last_mail(&app).1);
        // A note is for colleagues, who know what is meant.
        assert_eq!(mei.post(&format!("{page}/decide"), &[("decision", "note"), ("note-words", "{tracking_number}?")]).await, page);
        mei.says(&page, "{tracking_number}?").await;

        // A language that it lacks is the shop's.
        let german = asked(&app, "2", "2", "de", "Anna").await;
        let page = format!("/staff/returns/{german}");
        mei.post(&format!("{page}/fill"), &[("decision", "write"), ("reply", &both)]).await;
        mei.says(&page, "退款，¥\u{a0}").await;
        let (.., mut fu) = hire(&app, "Fu", "finance", StaffLimits::default()).await;
        assert!(!fu.get(&page).await.1.contains("Chinese alone"));
    }
}
