//! How it went (A13, C37, C38): asked once after the money has left, answered with a click and a form, seen to where it did not go well, and read as a report.

use jiff::SignedDuration;
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::review::{Machine, kinds};
use crate::staff::{free, hire};
use crate::talk::shopper;

const REPORT: &str = "/staff/reports/feedback";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

/// A return that came, was looked at and promised; its money has not left.
async fn promised(app: &TestApp, number: &str) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 2, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "amount": "200.00"}]);
    app.put_order(&bought).await;
    let (_, opened) = app.post("/returns", &request(number, "1", 1)).await;
    let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    let desk = Machine::with(app, Scope::Admin).await;
    desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    let found = json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]});
    desk.post(&format!("/returns/{rma}/inspect"), &found).await;
    let (status, granted) = desk.post(&format!("/returns/{rma}/grant"), &json!({})).await;
    assert_eq!((status, &granted["status"]), (StatusCode::OK, &json!("granted")), "{granted}");
    rma
}

async fn paid(app: &TestApp, number: &str) -> String {
    let rma = promised(app, number).await;
    let desk = Machine::with(app, Scope::Finance).await;
    let (status, paid) = desk.post(&format!("/returns/{rma}/pay"), &json!({"method": "manual", "reference": number})).await;
    assert_eq!((status, &paid["status"]), (StatusCode::OK, &json!("completed")), "{paid}");
    rma
}

async fn rate(app: &TestApp, rma: &str, stars: u8, words: Option<&str>) -> (StatusCode, Value) {
    app.post(&format!("/returns/{rma}/feedback"), &json!({"stars": stars, "words": words})).await
}

/// The mails that ask: subject, text, HTML.
fn asking(app: &TestApp) -> Vec<(String, String, String)> {
    let read = |mail: &String| {
        let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
        let part = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap().replace("\r\n", "\n");
        (mail.subject().unwrap().to_owned(), part(mail.body_text(0)), part(mail.body_html(0)))
    };
    app.mails().iter().map(read).filter(|(subject, ..)| subject.starts_with("How was your return")).collect()
}

fn asked(app: &TestApp) -> usize {
    asking(app).len()
}

fn asked_mail(app: &TestApp) -> (String, String, String) {
    asking(app).pop().unwrap()
}

on_both! {
    async fn it_is_asked_once_after_the_money_has_left(database: Database) {
        let app = TestApp::start(database).await;
        let rma = promised(&app, "1").await;
        app.services.clock.advance(days(10));
        app.run_jobs().await;
        assert_eq!(asked(&app), 0, "nobody is asked before");
        let desk = Machine::with(&app, Scope::Finance).await;
        desk.post(&format!("/returns/{rma}/pay"), &json!({"method": "manual", "reference": "SEPA"})).await;
        app.run_jobs().await;
        app.services.clock.advance(days(4));
        app.run_jobs().await;
        assert_eq!(asked(&app), 0, "money takes days to arrive");
        app.services.clock.advance(days(1));
        app.run_jobs().await;
        assert_eq!(asked(&app), 1);
        // Done twice, and reversed and paid once more: they were asked.
        app.database.meddle("UPDATE outbox SET done_at = NULL, leased_until = NULL WHERE kind = 'mail.feedback_asked'").await;
        let failed = desk.post(&format!("/returns/{rma}/payments/p1"), &json!({"state": "reversed"})).await;
        assert_eq!(failed.0, StatusCode::OK, "{}", failed.1);
        desk.post(&format!("/returns/{rma}/pay"), &json!({"method": "manual", "reference": "SEPA 2"})).await;
        app.services.clock.advance(days(30));
        app.run_jobs().await;
        let visitor = shopper(&app, &rma, "1").await;
        let inbox = visitor.text("/account/inbox").await;
        assert_eq!(inbox.matches(&format!("How was your return {rma}?")).count(), 1, "{inbox}");
    }
}

on_both! {
    async fn who_has_said_it_and_where_the_shop_asks_nobody_there_is_no_mail(database: Database) {
        let app = TestApp::with(database, |config| config.feedback.ask_after_days = 10).await;
        let (said, silent) = (paid(&app, "1").await, paid(&app, "2").await);
        assert_eq!(rate(&app, &said, 5, None).await.0, StatusCode::OK);
        app.services.clock.advance(days(9));
        app.run_jobs().await;
        assert_eq!(asked(&app), 0, "later, as the shop says");
        app.services.clock.advance(days(1));
        app.run_jobs().await;
        assert_eq!(asked(&app), 1);
        assert!(asked_mail(&app).0.contains(&silent));
    }
}

on_both! {
    async fn where_the_shop_asks_nobody_there_is_no_mail(database: Database) {
        let app = TestApp::with(database, |config| config.feedback.ask_after_days = 0).await;
        let rma = paid(&app, "1").await;
        app.services.clock.advance(days(90));
        app.run_jobs().await;
        assert_eq!(asked(&app), 0);
        let page = shopper(&app, &rma, "1").await.text(&format!("/returns/{rma}")).await;
        assert!(page.contains(&format!("/returns/{rma}/feedback?stars=5")), "they may say it all the same: {page}");
    }
}

on_both! {
    async fn a_click_in_the_mail_chooses_and_the_form_says_it(database: Database) {
        let app = TestApp::start(database).await;
        let rma = paid(&app, "1").await;
        app.services.clock.advance(days(5));
        app.run_jobs().await;
        let (subject, text, html) = asked_mail(&app);
        assert!(subject.contains(&rma), "{subject}");
        let link_of = |stars: u8| {
            let links = html.split("href=\"").filter_map(|part| part.split('"').next()?.split_once("/r/")).map(|(_, link)| link);
            let is_its = |link: &&str| link.split('?').next().is_some_and(|path| path.ends_with(&format!("/{stars}")));
            links.into_iter().find(is_its).map(str::to_owned)
        };
        for stars in 1..=5 {
            let link = link_of(stars).unwrap_or_else(|| panic!("{stars}: {html}"));
            assert!(text.contains(&link), "{stars}: {text}");
        }
        let path = format!("/r/{}", link_of(2).unwrap());
        // Whoever reads mails for others follows the link, and says nothing by it.
        let mut visitor = Visitor::new(&app);
        let page = visitor.follow(&path).await;
        assert_eq!(page, format!("/returns/{rma}/feedback?stars=2"));
        let form = visitor.text(&page).await;
        let chosen: Vec<&str> = form.split("<input ").filter(|input| input.contains("type=\"radio\"") && input.split('>').next().unwrap().contains("checked")).collect();
        assert_eq!(chosen.len(), 1, "{form}");
        assert!(chosen[0].contains("value=\"2\""), "{form}");
        let report = Machine::with(&app, Scope::Read).await.get("/feedback").await;
        assert_eq!(report["items"], json!([]), "a link that was followed says nothing");

        assert_eq!(visitor.post(&format!("/returns/{rma}/feedback"), &[("words", "no stars")]).await, format!("/returns/{rma}/feedback"));
        assert!(visitor.text(&format!("/returns/{rma}/feedback")).await.contains("Please answer this question"));
        let told = visitor.post(&format!("/returns/{rma}/feedback"), &[("stars", "2"), ("words", "</textarea><b>slow</b>")]).await;
        assert_eq!(told, format!("/returns/{rma}"));
        let page = visitor.text(&told).await;
        assert!(page.contains("we are sorry") && page.contains("Your rating: 2"), "{page}");
        assert!(page.contains("&lt;b&gt;slow&lt;/b&gt;") && !page.contains("<b>slow"), "{page}");
        let again = visitor.text(&format!("/returns/{rma}/feedback")).await;
        assert!(!again.contains("<b>slow"), "{again}");

        let stranger = Visitor::new(&app);
        let theirs = stranger.text(&format!("/returns/{rma}/feedback")).await;
        assert!(!theirs.contains("slow") && !theirs.contains("type=\"radio\""), "{theirs}");
    }
}

on_both! {
    async fn a_low_rating_is_seen_to_and_may_be_changed_for_a_month(database: Database) {
        let app = TestApp::start(database).await;
        let early = promised(&app, "1").await;
        let (status, refused) = rate(&app, &early, 5, None).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-possible")), "{refused}");
        let rma = paid(&app, "2").await;
        for stars in [0, 6] {
            let (status, refused) = rate(&app, &rma, stars, None).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("stars")), "{refused}");
        }
        let long = "字".repeat(2_001);
        let (status, refused) = rate(&app, &rma, 1, Some(&long)).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("words")), "{refused}");
        let (status, told) = rate(&app, &rma, 1, Some("Nobody answered.")).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let (_, again) = rate(&app, &rma, 1, Some("Nobody answered.")).await;
        assert_eq!(again["version"], told["version"], "said twice it is said once");
        let staff = Machine::with(&app, Scope::Staff).await;
        let tasks = staff.get("/tasks?role=support").await;
        let theirs = |task: &&Value| task["kind"] == "answer_customer" && task.to_string().contains(&rma);
        assert_eq!(tasks["items"].as_array().unwrap().iter().filter(theirs).count(), 1, "{tasks}");
        assert_eq!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]), ["answer_customer"]);
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "We are sorry."})).await;
        assert!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]).is_empty());

        app.services.clock.advance(days(29));
        assert_eq!(rate(&app, &rma, 4, Some("They called me.")).await.0, StatusCode::OK);
        app.services.clock.advance(days(2));
        let (status, refused) = rate(&app, &rma, 5, None).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/rated-before")), "{refused}");
        let rows = staff.get("/feedback").await;
        assert_eq!(rows["items"].as_array().unwrap().len(), 1, "{rows}");
        assert_eq!((&rows["items"][0]["stars"], &rows["items"][0]["words"]), (&json!(4), &json!("They called me.")), "{rows}");
        let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1.to_string();
        assert!(timeline.contains("feedback_given") && timeline.contains("They called me."), "{timeline}");
        let page = shopper(&app, &rma, "2").await.text(&format!("/returns/{rma}/feedback")).await;
        assert!(!page.contains("<textarea") && page.contains("stays as it is"), "{page}");
    }
}

on_both! {
    async fn the_report_says_what_was_said_by_whom_it_depends_on_and_what_changed(database: Database) {
        let app = TestApp::start(database).await;
        let slow = paid(&app, "1").await;
        rate(&app, &slow, 1, Some("=slow <i>")).await;
        app.services.clock.advance(days(2));
        let changed = app.services.clock.now().to_zoned(app.services.shop_zone()).date();
        let (good, other) = (paid(&app, "2").await, paid(&app, "3").await);
        rate(&app, &good, 5, None).await;
        rate(&app, &other, 4, Some("Quick.")).await;

        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let page = browser.get(REPORT).await.1;
        assert!(page.contains("3 ratings") && page.contains("3.3") && page.contains("1 with one or two stars"), "{page}");
        assert!(page.contains("=slow &lt;i&gt;") && !page.contains("<i>"), "{page}");
        for title in ["By week", "By reason", "By warehouse", "By product", "HZ1", "Tee"] {
            assert!(page.contains(title), "{title}: {page}");
        }
        assert!(!page.contains("What changed<"), "{page}");
        let compared = browser.get(&format!("{REPORT}?since={changed}")).await.1;
        let part = compared.split("What changed<").nth(1).unwrap().split("</section>").next().unwrap();
        let averages: Vec<&str> = part.split("<span class=\"num\">").skip(1).map(|part| part.split('<').next().unwrap()).collect();
        assert_eq!(averages, ["1.0", "4.5"], "{part}");
        assert!(part.contains("From request to money"), "{part}");

        // Tags are given, changed and looked for; what cannot be a tag is said at its field.
        assert_eq!(browser.post(REPORT, &[("rma", &slow), ("tags", "Slow, 包装，slow")]).await, REPORT);
        let tagged = browser.get(&format!("{REPORT}?tag=slow")).await.1;
        assert!(tagged.contains("1 rating") && tagged.contains(&slow) && !tagged.contains(&format!("/staff/returns/{good}")), "{tagged}");
        browser.post(REPORT, &[("rma", &slow), ("tags", &"x".repeat(41))]).await;
        let wrong = browser.get(REPORT).await.1;
        assert!(wrong.contains("At most 10 tags"), "{wrong}");
        browser.post(REPORT, &[("rma", &slow), ("tags", "包装")]).await;
        let staff = Machine::with(&app, Scope::Read).await;
        let rows = staff.get("/feedback?tag=%E5%8C%85%E8%A3%85").await;
        assert_eq!((rows["items"].as_array().unwrap().len(), &rows["items"][0]["tags"]), (1, &json!(["包装"])), "{rows}");
        assert_eq!((&rows["items"][0]["products"], &rows["items"][0]["warehouses"]), (&json!(["TEE"]), &json!(["HZ1"])), "{rows}");
        let unknown = browser.post(REPORT, &[("rma", "R-0000-0000"), ("tags", "a")]).await;
        assert!(unknown.contains("not-found"), "{unknown}");

        // By machine, in pages.
        let first = staff.get("/feedback?limit=2").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 2, "{first}");
        let rest = staff.get(&format!("/feedback?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        assert_eq!((&rest["items"][0]["rma"], rest["next_cursor"].is_null()), (&json!(slow), true), "{rest}");
        let (status, refused) = staff.send("GET", "/feedback?from=soon", None, &Value::Null).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("from")), "{refused}");

        // The same report by machine.
        let desk = Machine::with(&app, Scope::Staff).await;
        let report = staff.get(&format!("/feedback/report?since={changed}")).await;
        assert_eq!(report["whole"]["score"], json!({"count": 3, "stars": "3.3", "low": 1}), "{report}");
        assert!(report["whole"]["hours_to_money"].is_u64(), "C38: {report}");
        let weeks = report["weeks"].as_array().unwrap();
        assert_eq!(weeks.iter().map(|week| week["score"]["count"].as_u64().unwrap()).sum::<u64>(), 3, "{report}");
        assert_eq!(report["reasons"][0]["score"]["count"], 3, "{report}");
        assert_eq!((&report["warehouses"][0]["value"], &report["products"][0]["name"]), (&json!("HZ1"), &json!("Tee")), "{report}");
        assert_eq!((&report["tags"][0]["value"], &report["tags"][0]["score"]["low"]), (&json!("包装"), &json!(1)), "{report}");
        let stars = |part: &str| report["changed"][part]["score"]["stars"].as_str().unwrap_or_default().to_owned();
        assert_eq!((stars("before"), stars("since")), ("1.0".to_owned(), "4.5".to_owned()), "{report}");
        assert_eq!(desk.get("/feedback/report?tag=nothing").await["whole"]["score"], json!({"count": 0, "low": 0}));
        let (status, refused) = desk.send("GET", "/feedback/report?since=then", None, &Value::Null).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("since")), "{refused}");

        // So are tags: as written on the page, once each; what cannot be one changes nothing.
        let path = format!("/returns/{good}/feedback/tags");
        assert_eq!(staff.send("PUT", &path, None, &json!({"tags": ["kind"]})).await.0, StatusCode::FORBIDDEN);
        let (status, tagged) = desk.send("PUT", &path, None, &json!({"tags": [" Kind ", "kind", "called"]})).await;
        assert_eq!((status, &tagged["tags"]), (StatusCode::OK, &json!(["called", "kind"])), "{tagged}");
        for wrong in [json!(["a,b"]), json!([" "]), json!(["x".repeat(41)]), json!((0..11).map(|tag| tag.to_string()).collect::<Vec<_>>())] {
            let (status, refused) = desk.send("PUT", &path, None, &json!({"tags": wrong})).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("tags")), "{refused}");
        }
        assert_eq!(desk.get("/feedback?tag=called").await["items"][0]["tags"], json!(["called", "kind"]));
        assert_eq!(desk.send("PUT", "/returns/R-0000-0000/feedback/tags", None, &json!({"tags": []})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(desk.send("PUT", &path, None, &json!({"tags": []})).await.0, StatusCode::OK);
        assert_eq!(desk.get("/feedback?tag=called").await["items"], json!([]));

        let file = browser.get(&format!("{REPORT}/file")).await.1;
        assert!(file.starts_with("return,given,stars,words") && file.lines().count() == 4, "{file}");
        assert!(file.contains(",'=slow <i>,"), "no cell is a formula: {file}");

        let (_, _, mut bench) = hire(&app, "Ben", "workshop", free()).await;
        assert_eq!(bench.get(REPORT).await.0, 403);
        assert!(!bench.get("/staff").await.1.contains(REPORT));
    }
}
