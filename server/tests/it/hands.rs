//! Many hands at one desk: saved replies, macros, many cases at once, shared views, and who is given what.
//! Long because each of these is tried by whom it is for, and by whom it is not.

use domain::staff::StaffLimits;
use serde_json::json;
use server::store::Scope;

use crate::app::TestApp;
use crate::databases::on_both;
use crate::review::{Machine, waiting_of};
use crate::staff::{Browser, free, hire};
use crate::talk::last_mail;

/// A name for something new, as a page makes it.
fn name(number: usize) -> String {
    format!("{number:032x}")
}

/// A return of somebody's that waits for a person.
async fn asked(app: &TestApp, number: &str, line: &str, locale: &str, name: &str) -> String {
    waiting_of(app, number, line, json!({"name": name, "locale": locale})).await
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
        fu.post(&format!("/staff/replies/{}", name(9)), &[&[("name", "Mine")][..], &texts].concat()).await;
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
        assert_eq!(mei.post(&format!("/staff/replies/{}", "x"), &texts).await, "/not-found");
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
        // What a customer is called is text, in the box as well.
        mei.says(&page, &filled.replace('<', "&lt;")).await;
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
        let machine = Machine::with(&app, Scope::Staff).await;
        for (call, body) in [("messages", json!({"text": "{items}?"})), ("review", json!({"decision": "ask", "note": "{items}?"})), ("review", json!({"decision": "decline", "reason": "{items}?"}))] {
            let (status, problem) = machine.post(&format!("/returns/{rma}/{call}"), &body).await;
            assert_eq!((status.as_u16(), problem.to_string().contains("{items} to be filled in")), (422, true), "{call}: {problem}");
        }
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

async fn put_macro(browser: &mut Browser<'_>, id: &str, called: &str, does: &[(&str, &str)]) {
    let fields: Vec<(&str, &str)> = [("name", called), ("role", "support")].into_iter().chain(does.iter().copied()).collect();
    assert_eq!(browser.post(&format!("/staff/macros/{id}"), &fields).await, "/staff/macros");
}

/// The form of a macro's page, as a browser would send it.
fn press(page: &str) -> Vec<(String, String)> {
    let value = |name: &str| {
        let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
        let rest = &page[at..];
        rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    ["macro", "version", "key", "seal"].into_iter().map(|name| (name.to_owned(), value(name))).collect()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn status(app: &TestApp, rma: &str) -> String {
    app.get(&format!("/returns/{rma}")).await.1["status"].as_str().unwrap().to_owned()
}

async fn holder(app: &TestApp, rma: &str) -> Vec<String> {
    app.database.texts(&format!("SELECT COALESCE(assignee, '') FROM tasks WHERE subject = '{rma}'")).await
}

on_both! {
    async fn a_macro_does_what_its_dry_run_says_and_once(database: Database) {
        let app = TestApp::start(database).await;
        let (mei_is, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        put_reply(&mut mei, &name(1), "Photo", &[("text|en", "Dear {customer_name}, please show us {items}."), ("text|zh-CN", "{customer_name}您好，请补充{items}的照片。")]).await;
        put_reply(&mut mei, &name(2), "Sent", &[("text|en", "{tracking_number}"), ("text|zh-CN", "{tracking_number}")]).await;
        put_reply(&mut mei, &name(3), "Until", &[("text|en", "Send it by {send_by}."), ("text|zh-CN", "最晚{send_by}寄出。")]).await;
        put_macro(&mut mei, &name(11), "Ask for a photo", &[("ruling", "ask_evidence"), ("reply", &name(1)), ("hand", &mei_is.id)]).await;
        put_macro(&mut mei, &name(12), "Nothing to fill", &[("reply", &name(2))]).await;
        put_macro(&mut mei, &name(15), "A word", &[("reply", &name(1)), ("hand", &mei_is.id)]).await;
        put_macro(&mut mei, &name(13), "Yes", &[("ruling", "approve"), ("reply", &name(3))]).await;
        for (does, says) in [(&[][..], "at least one thing to do"), (&[("ruling", "decline")][..], "choose a saved reply")] {
            put_macro(&mut mei, &name(14), "Wrong", does).await;
            mei.says("/staff/macros", says).await;
        }
        let other = asked(&app, "2", "2", "zh-CN", "Anna").await;
        let page = format!("/staff/returns/{other}/macro");
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(15))).await;
        assert!(ahead.contains("Anna您好，请补充黄铜台灯的照片。") && !ahead.contains("Nothing is left"), "{ahead}");
        mei.post(&page, &pairs(&press(&ahead))).await;
        assert_eq!(holder(&app, &other).await, std::slice::from_ref(&mei_is.id));

        let rma = asked(&app, "1", "2", "en", "Anna").await;
        let page = format!("/staff/returns/{rma}/macro");

        app.run_jobs().await;
        let sent = app.mails().len();
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(11))).await;
        assert!(ahead.contains("Dear Anna, please show us 黄铜台灯.") && ahead.contains("Ask for more"), "{ahead}");
        let fields = press(&ahead);
        assert_eq!(status(&app, &rma).await, "in_review");
        assert_eq!(mei.post(&page, &pairs(&fields)).await, format!("/staff/returns/{other}"), "the next");
        mei.says("/staff", "Ask for a photo").await;
        assert_eq!(mei.post(&page, &pairs(&fields)).await, format!("/staff/returns/{rma}"), "the same form");
        mei.says("/staff", "done before").await;
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent + 1);
        assert!(last_mail(&app).1.contains("Dear Anna, please show us 黄铜台灯."));
        // Nobody has anything to do until the customer answers, so nobody has it; the page said so.
        assert!(ahead.contains("Nothing is left to do for the team then"), "{ahead}");
        assert_eq!(holder(&app, &rma).await, [""; 0]);

        // What cannot be done says why before it is tried, and after.
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(12))).await;
        assert!(ahead.contains("Still open: {tracking_number}") && !ahead.contains("name=\"seal\""), "{ahead}");
        // What was changed since it was looked at is looked at again: the return, the macro, its reply.
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(13))).await;
        assert!(ahead.contains("Send it by "), "filled with what comes of it: {ahead}");
        let old = press(&ahead);
        mei.post(&format!("/staff/returns/{rma}/decide"), &[("decision", "write"), ("write-words", "One moment.")]).await;
        assert_eq!(mei.post(&page, &pairs(&old)).await, format!("{page}?macro={}", name(13)));
        assert_eq!(status(&app, &rma).await, "in_review");
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(13))).await;
        let old = press(&ahead);
        put_reply(&mut mei, &name(3), "Until", &[("text|en", "Now: {send_by}."), ("text|zh-CN", "{send_by}")]).await;
        mei.post(&page, &pairs(&old)).await;
        let (_, ahead) = mei.get(&format!("{page}?macro={}", name(13))).await;
        assert!(ahead.contains("changed this macro or its reply") && ahead.contains("Now: "), "{ahead}");
        let says = ahead.split("class=\"letter\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        mei.post(&page, &pairs(&press(&ahead))).await;
        assert_eq!(status(&app, &rma).await, "approved");
        app.run_jobs().await;
        assert!(app.mails().iter().any(|mail| mail.contains(&says)), "{says}");
        mei.post(&format!("/staff/replies/{}/delete", name(3)), &[]).await;
        mei.says(&format!("{page}?macro={}", name(13)), "saved reply was deleted").await;
    }
}

on_both! {
    async fn a_macro_is_done_as_whoever_presses_it(database: Database) {
        let app = TestApp::start(database).await;
        let limited = StaffLimits { refund_up_to: Some(vec![("CNY".parse().unwrap(), 10_000)]), ..StaffLimits::default() };
        let (.., mut mei) = hire(&app, "Mei", "support", limited).await;
        let (.., mut wu) = hire(&app, "Wu", "warehouse", free()).await;
        let (.., mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        put_macro(&mut ravi, &name(11), "Yes", &[("ruling", "approve")]).await;
        wu.post(&format!("/staff/macros/{}", name(12)), &[("name", "Yes"), ("role", "warehouse"), ("ruling", "approve")]).await;
        assert_eq!(wu.post(&format!("/staff/macros/{}", name(13)), &[("name", "Yes"), ("role", "support"), ("hand", "me")]).await, "/not-found");
        assert_eq!(wu.post(&format!("/staff/macros/{}", name(11)), &[("name", "Mine"), ("role", "warehouse"), ("hand", "me")]).await, "/not-found");
        wu.post(&format!("/staff/macros/{}/delete", name(11)), &[]).await;
        assert_eq!(app.services.shared::<domain::desk::Deed>().await.unwrap().len(), 2);

        let rma = asked(&app, "1", "2", "en", "Anna").await;
        let page = format!("/staff/returns/{rma}/macro");
        assert_eq!(wu.get(&format!("{page}?macro={}", name(11))).await.0, 404, "of another role");
        wu.says(&format!("{page}?macro={}", name(12)), "This is for Support").await;
        mei.says(&format!("{page}?macro={}", name(11)), "more than you may approve").await;
        let (_, ahead) = ravi.get(&format!("{page}?macro={}", name(11))).await;
        // Somebody else's form says who may as little as their page does.
        let fields = press(&ahead);
        mei.post(&page, &pairs(&fields)).await;
        assert_eq!(status(&app, &rma).await, "in_review");
        ravi.post(&page, &pairs(&fields)).await;
        assert_eq!(status(&app, &rma).await, "approved");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert!(timeline.to_string().contains("approved"), "{timeline}");
        for number in 0..55 {
            put_macro(&mut mei, &name(100 + number), "More", &[("hand", "me")]).await;
        }
        mei.says("/staff/macros", "There are 50 already").await;
        assert_eq!(app.services.shared::<domain::desk::Deed>().await.unwrap().len(), 51);
    }
}

on_both! {
    async fn many_are_done_as_they_were_looked_at_each_once_also_after_a_kill(database: Database) {
        let app = TestApp::start(database).await;
        let limited = StaffLimits { refund_up_to: Some(vec![("CNY".parse().unwrap(), 10_000)]), ..StaffLimits::default() };
        let (.., mut mei) = hire(&app, "Mei", "support", limited).await;
        let (.., mut li) = hire(&app, "Li", "support", free()).await;
        put_reply(&mut mei, &name(1), "Yes", &[("text|en", "Dear {customer_name}, send it by {send_by}."), ("text|zh-CN", "{customer_name}您好，请最晚{send_by}寄出。")]).await;
        put_macro(&mut mei, &name(11), "Yes to all", &[("ruling", "approve"), ("reply", &name(1)), ("hand", "me")]).await;
        let mut tees = Vec::new();
        for number in 1..=4 {
            tees.push(asked(&app, &number.to_string(), "1", if number == 2 { "zh-CN" } else { "en" }, "Anna").await);
        }
        let lamp = asked(&app, "5", "2", "en", "Anna").await;
        let over = asked(&app, "6", "1", "en", "Anna").await;
        app.post(&format!("/returns/{over}/cancel"), &json!({})).await;
        app.run_jobs().await;
        let sent = app.mails().len();

        assert_eq!(mei.post("/staff/bulk", &[("key", "k"), ("ruling", "approve")]).await, "/staff");
        mei.says("/staff", "tick at least one").await;
        assert_eq!(mei.post("/staff/bulk", &[("key", "k"), ("case", &lamp), ("view", "nobodys")]).await, "/staff?view=nobodys");
        let shown = mei.get("/staff?view=nobodys").await.1;
        assert!(shown.contains("at least one thing to do") && shown.matches(" checked").count() == 1, "what was ticked still is: {shown}");
        let macro_id = name(11);
        let mut fields = vec![("key", "k"), ("macro", &macro_id), ("case", &lamp), ("case", &over)];
        fields.extend(tees.iter().chain(&tees).map(|rma| ("case", rma.as_str())));
        let page = mei.post("/staff/bulk", &fields).await;
        assert_eq!(mei.post("/staff/bulk", &fields).await, page, "the same form");
        let (_, ahead) = mei.get(&page).await;
        for says in ["4 fit.", "2 do not, and say why.", "more than you may approve", "As it stands now", "Dear Anna, send it by ", "Anna您好", "Do it for all 4"] {
            assert!(ahead.contains(says), "{says}: {ahead}");
        }
        assert_eq!(li.get(&page).await.0, 404, "it is done as whoever looked");
        assert_eq!(li.post(&page, &[]).await, "/not-found");
        for rma in &tees {
            assert_eq!(status(&app, rma).await, "in_review", "looked at, not done");
        }

        // One changes meanwhile; the server is killed after some, and once between doing one and noting that.
        li.post(&format!("/staff/returns/{}/decide", tees[3]), &[("decision", "write"), ("write-words", "One moment.")]).await;
        for _ in 0..2 {
            assert_eq!(mei.post(&page, &[]).await, page);
        }
        assert_eq!(app.database.texts("SELECT id FROM outbox WHERE kind = 'bulk.one'").await.len(), 4, "pressed twice, once");
        let worker = server::compose::worker(&app.services).unwrap();
        worker.once().await.unwrap();
        app.database.meddle(&format!("UPDATE bulk_items SET state = 'fits' WHERE rma = '{}'", tees[0])).await;
        app.database.meddle("UPDATE outbox SET done_at = NULL, leased_until = NULL WHERE kind = 'bulk.one'").await;
        mei.says(&page, "Under way").await;
        app.run_jobs().await;
        let (_, done) = mei.get(&page).await;
        for says in ["3 of 4 done.", "1 could not be done", "2 do not, and say why.", &tees[3]] {
            assert!(done.contains(says), "{says}: {done}");
        }
        for rma in &tees[..3] {
            assert_eq!(status(&app, rma).await, "approved");
            let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
            assert_eq!(timeline["entries"].to_string().matches("\"shop_wrote\"").count(), 1, "{timeline}");
        }
        assert_eq!((status(&app, &lamp).await.as_str(), status(&app, &tees[3]).await.as_str()), ("in_review", "in_review"));
        // An approval and a message for each of three, and the message of the fourth.
        assert_eq!(app.mails().len(), sent + 7);
    }
}

on_both! {
    async fn what_was_done_to_many_is_taken_back_as_one(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (.., mut li) = hire(&app, "Li", "support", free()).await;
        let mut tees = Vec::new();
        for number in 1..=3 {
            tees.push(asked(&app, &number.to_string(), "1", "en", "Anna").await);
        }
        app.run_jobs().await;
        let sent = app.mails().len();
        let worker = server::compose::worker(&app.services).unwrap();
        let mut fields = vec![("key", "k"), ("ruling", "approve")];
        fields.extend(tees.iter().map(|rma| ("case", rma.as_str())));
        let page = mei.post("/staff/bulk", &fields).await;
        let undo = format!("{page}/take-back");
        assert!(!mei.get(&page).await.1.contains("Take all of it back"), "nothing was done yet");
        assert_eq!(mei.post(&undo, &[]).await, page);
        mei.says(&page, "Do it for all 3").await;
        mei.post(&page, &[]).await;
        worker.once().await.unwrap();
        for rma in &tees {
            assert_eq!(status(&app, rma).await, "approved");
        }
        mei.says(&page, "Take all of it back").await;
        assert_eq!(li.post(&undo, &[]).await, "/not-found", "theirs alone");
        // Of one somebody else has gone on with: it stays.
        li.post(&format!("/staff/returns/{}/decide", tees[2]), &[("decision", "write"), ("write-words", "One moment.")]).await;
        for _ in 0..2 {
            assert_eq!(mei.post(&undo, &[]).await, page);
        }
        assert_eq!((status(&app, &tees[0]).await.as_str(), status(&app, &tees[1]).await.as_str()), ("in_review", "in_review"));
        assert_eq!(status(&app, &tees[2]).await, "approved");
        let (_, shown) = mei.get(&page).await;
        assert!(shown.matches("Taken back").count() == 2 && shown.contains("1 of 3 done."), "{shown}");

        // What was not done yet when it was taken back is not done any more.
        let page = mei.post("/staff/bulk", &[("key", "k2"), ("ruling", "approve"), ("case", &tees[0]), ("case", &tees[1])]).await;
        mei.post(&page, &[]).await;
        mei.post(&format!("{page}/take-back"), &[]).await;
        app.run_jobs().await;
        assert_eq!((status(&app, &tees[0]).await.as_str(), status(&app, &tees[1]).await.as_str()), ("in_review", "in_review"));
        // An approval and a message of the one that stays.
        assert_eq!(app.mails().len(), sent + 2);

        // Later it is too late.
        let page = mei.post("/staff/bulk", &[("key", "k3"), ("ruling", "approve"), ("case", &tees[0])]).await;
        mei.post(&page, &[]).await;
        worker.once().await.unwrap();
        app.database.meddle("UPDATE bulk_runs SET began_at = began_at - 11000").await;
        assert!(!mei.get(&page).await.1.contains("Take all of it back"));
        mei.post(&format!("{page}/take-back"), &[]).await;
        assert_eq!(status(&app, &tees[0]).await, "approved");
    }
}

on_both! {
    async fn all_of_a_view_is_handed_over_at_once(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (li_is, .., mut li) = hire(&app, "Li", "support", free()).await;
        let (.., mut wu) = hire(&app, "Wu", "warehouse", free()).await;
        let mut rmas = Vec::new();
        for number in 1..=3 {
            rmas.push(asked(&app, &number.to_string(), "1", "en", "Anna").await);
        }
        mei.post(&format!("/staff/returns/{}/hand", rmas[0]), &[("task", "review"), ("to", "me")]).await;
        // Not their tasks: each says so, and nothing can be begun.
        let page = wu.post("/staff/bulk", &[("key", "k"), ("hand", "me"), ("case", &rmas[0])]).await;
        let shown = wu.get(&page).await.1;
        assert!(shown.contains("This is for Support") && !shown.contains("Do it for"), "{shown}");
        let page = mei.post("/staff/bulk", &[("key", "k"), ("all", "1"), ("view", "nobodys"), ("hand", &li_is.id)]).await;
        mei.says(&page, "2 fit.").await;
        mei.post(&page, &[]).await;
        app.run_jobs().await;
        mei.says(&page, "2 of 2 done.").await;
        assert_eq!(app.database.texts("SELECT assignee FROM tasks WHERE assignee IS NOT NULL").await.iter().filter(|id| **id == li_is.id).count(), 2);
        let page = li.post("/staff/bulk", &[("key", "k"), ("all", "1"), ("view", "mine"), ("hand", "news")]).await;
        li.post(&page, &[]).await;
        app.run_jobs().await;
        assert_eq!(app.database.texts("SELECT subject FROM tasks WHERE snoozed_until IS NOT NULL").await.len(), 2);
        // Whoever left does nothing more.
        let page = mei.post("/staff/bulk", &[("key", "k"), ("case", &rmas[0]), ("ruling", "approve")]).await;
        mei.post(&page, &[]).await;
        app.database.meddle("UPDATE staff SET ended_at = 1 WHERE name = 'Mei'").await;
        app.run_jobs().await;
        assert_eq!(status(&app, &rmas[0]).await, "in_review");
        // What was done long ago is kept by the cases alone.
        app.services.clock.advance(jiff::SignedDuration::from_hours(24 * 31));
        let before = app.services.clock.millis() - 30 * 24 * 3_600_000;
        let gone = app.services.store.write(move |mut conn| Box::pin(async move { server::store::delete_old_bulk(&mut conn, before, 100).await })).await;
        assert_eq!(gone.unwrap(), 4);
    }
}

on_both! {
    async fn a_role_shares_views_of_its_list(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (.., mut li) = hire(&app, "Li", "support", free()).await;
        let (.., mut wu) = hire(&app, "Wu", "warehouse", free()).await;
        let (.., mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        for number in 1..=3 {
            asked(&app, &number.to_string(), "1", "en", "Anna").await;
        }
        let (id, put, page) = (name(1), format!("/staff/views/{}", name(1)), format!("/staff?saved={}", name(1)));
        let fields = [("name", "Free <reviews>"), ("role", "support"), ("sight", "nobodys"), ("kind", "review"), ("kind", "dance")];
        assert_eq!(wu.post(&put, &fields).await, "/not-found", "not for others");
        for _ in 0..2 {
            assert_eq!(mei.post(&put, &fields).await, page);
        }
        assert_eq!(app.database.texts("SELECT document FROM shared").await, [r#"{"kinds":["review"],"sight":"nobodys"}"#]);
        let mark = |count: u64| format!("href=\"{page}\">Free &lt;reviews&gt;<!> <span class=\"num quiet\">{count}</span>");
        li.says("/staff", &mark(3)).await;
        li.post("/staff/next", &[]).await;
        let shown = li.get(&page).await.1;
        assert_eq!(shown.matches("class=\"task\"").count(), 2, "{shown}");
        assert!(shown.contains("aria-current=\"page\">Free &lt;reviews&gt;<!> <span class=\"num quiet\">2</span>"), "{shown}");
        assert!(!shown.contains(&format!("{put}/delete")), "{shown}");
        // All of it can be chosen at once.
        let bulk = li.post("/staff/bulk", &[("key", "k"), ("all", "1"), ("saved", &id), ("hand", "me")]).await;
        li.says(&bulk, "2 fit.").await;
        assert_eq!(wu.get(&page).await.0, 404);
        assert!(!wu.get("/staff").await.1.contains("reviews"));
        assert_eq!(li.post(&put, &fields).await, "/not-found");
        assert_eq!(li.post(&format!("{put}/delete"), &[]).await, "/not-found");
        assert_eq!(mei.post(&put, &[("name", " "), ("role", "support")]).await, "/staff");
        mei.says("/staff", "Please enter a name").await;
        ravi.says(&page, &format!("{put}/delete")).await;
        assert_eq!(ravi.post(&format!("{put}/delete"), &[]).await, "/staff");
        assert_eq!(mei.get(&page).await.0, 404);
        for number in 0..22 {
            mei.post(&format!("/staff/views/{}", name(100 + number)), &[("name", "More"), ("role", "support")]).await;
        }
        mei.says("/staff", "There are 20 already").await;
    }
}

on_both! {
    async fn tasks_are_given_out_by_the_first_rule_that_fits_in_turn(database: Database) {
        let app = TestApp::start(database).await;
        let (mei_is, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (li_is, ..) = hire(&app, "Li", "support", free()).await;
        let (zhao_is, ..) = hire(&app, "Zhao", "support", free()).await;
        let (wu_is, ..) = hire(&app, "Wu", "warehouse", free()).await;
        let (.., mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        let put = |number: usize| format!("/staff/rules/{}", name(number));
        assert_eq!(mei.get("/staff/rules").await.0, 403);
        mei.post(&put(1), &[("name", "Mine"), ("person", &mei_is.id)]).await;
        for (fields, says) in [
            (&[("name", "Dear"), ("least", "a lot"), ("person", "s_1")][..], "Write amounts with their currency"),
            (&[("name", "Far"), ("countries", "Atlantis"), ("person", "s_1")][..], "two letters each"),
            (&[("name", "Nobody")][..], "at least one person"),
        ] {
            assert_eq!(ravi.post(&put(1), fields).await, "/staff/rules");
            ravi.says("/staff/rules", says).await;
        }
        assert_eq!(app.services.rules().await.unwrap(), []);

        let mut rmas = Vec::new();
        for number in 1..=4 {
            rmas.push(asked(&app, &number.to_string(), "2", "en", "Anna").await);
        }
        let chinese = asked(&app, "5", "2", "zh-CN", "王小明").await;
        let cheap = asked(&app, "6", "1", "en", "Anna").await;
        ravi.post(&put(2), &[("name", "Dear"), ("place", "2"), ("least", "200 CNY"), ("person", &mei_is.id), ("person", &li_is.id)]).await;
        // Of a rule's people those who do such tasks; one that has none of them keeps nothing from the next.
        ravi.post(&put(1), &[("name", "Chinese"), ("place", "1"), ("language", "zh-CN"), ("countries", "cn, TW"), ("person", &zhao_is.id), ("person", &wu_is.id)]).await;
        ravi.post(&put(3), &[("name", "Parcels"), ("place", "0"), ("kind", "receive"), ("person", &wu_is.id)]).await;
        ravi.post(&put(4), &[("name", "Strange"), ("place", "0"), ("person", &wu_is.id)]).await;
        ravi.says("/staff/rules", "from CN¥").await;
        assert_eq!(app.services.give_by_rules(None).await.unwrap().0, 5);
        assert_eq!(app.services.give_by_rules(None).await.unwrap().0, 0, "once");
        assert_eq!(holder(&app, &chinese).await, std::slice::from_ref(&zhao_is.id));
        assert_eq!(holder(&app, &cheap).await, [""], "anybody's");
        let mut each = Vec::new();
        let mei_had_first = holder(&app, &rmas[0]).await == std::slice::from_ref(&mei_is.id);
        for rma in &rmas {
            each.extend(holder(&app, rma).await);
        }
        each.sort();
        let mut turns = [&mei_is.id, &mei_is.id, &li_is.id, &li_is.id];
        turns.sort();
        assert_eq!(each.iter().collect::<Vec<_>>(), turns);
        mei.says(&format!("/staff/returns/{}", rmas[0]), "by the rule “Dear”").await;
        // Put off, it is still theirs by that rule; handed on, it is no more.
        mei.post(&format!("/staff/returns/{}/hand", rmas[0]), &[("task", "review"), ("to", "sleep"), ("days", "3")]).await;
        mei.says(&format!("/staff/returns/{}", rmas[0]), "by the rule “Dear”").await;
        mei.post(&format!("/staff/returns/{}/hand", rmas[0]), &[("task", "review"), ("to", &zhao_is.id)]).await;
        assert!(!mei.get(&format!("/staff/returns/{}", rmas[0])).await.1.contains("by the rule"));
        // Whoever asks for more gets what no rule means.
        assert_eq!(mei.post("/staff/next", &[]).await, format!("/staff/returns/{cheap}"));
        // Who left is out of turn, and what they had is given out anew.
        app.services.end_person(None, &mei_is.id).await.unwrap();
        assert_eq!(app.services.give_by_rules(None).await.unwrap().0, each.iter().filter(|id| **id == mei_is.id).count() as u64 - u64::from(mei_had_first));
        assert_eq!(app.database.texts("SELECT subject FROM tasks WHERE assignee IS NULL").await, [cheap], "no rule means it");
        ravi.post(&format!("{}/delete", put(2)), &[]).await;
        assert_eq!(app.services.rules().await.unwrap().len(), 3);
    }
}
