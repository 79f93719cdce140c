//! Withdrawing from a contract (Directive 2011/83/EU, art. 11a): taken from anybody, once, with its moment, whatever is to be said of the order.
//! Long because each way in and each thing that may be wrong with the order has its case.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use mail_parser::{MessageParser, MimeHeaders};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use server::compose;
use server::store;

use crate::app::{TestApp, answer, days_ago, order, request};
use crate::command_line::{homebound, text};
use crate::databases::{Database, on_both, sqlite};
use crate::entry::{SECRET, another, sign};
use crate::pages::Visitor;
use crate::printed::Printed;

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn typed<'a>(name: &'a str, order: &'a str, email: &'a str) -> Fields<'a> {
    vec![("withdraw_name", name), ("withdraw_order", order), ("withdraw_email", email), ("withdraw_what", "whole")]
}

/// Fills in, and stands before the statement.
async fn begun(visitor: &mut Visitor<'_>, fields: &Fields<'_>) -> String {
    let here = visitor.post("/withdraw", fields).await;
    assert!(here.starts_with("/withdraw/") && !here.ends_with("/change"), "{here}");
    here
}

/// Presses the one button.
async fn confirmed(visitor: &mut Visitor<'_>, here: &str) -> String {
    let page = visitor.text(here).await;
    let version = field(&page, "version");
    assert_eq!(visitor.post(here, &[("version", &version)]).await, here);
    visitor.text(here).await
}

async fn withdrawn(visitor: &mut Visitor<'_>, fields: &Fields<'_>) -> String {
    let here = begun(visitor, fields).await;
    confirmed(visitor, &here).await
}

/// The value of a hidden field.
fn field(page: &str, name: &str) -> String {
    let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name}: {page}"));
    after.split('"').next().unwrap().to_owned()
}

/// The number of a withdrawal on its receipt.
fn number(page: &str) -> String {
    let form = regex::Regex::new(r"\bW-[0-9A-Z]{4}-[0-9A-Z]{4}\b").unwrap();
    form.find(page).unwrap_or_else(|| panic!("{page}")).as_str().to_owned()
}

/// A mail, as it is read.
struct Mail {
    to: String,
    subject: String,
    text: String,
    attached: Option<(String, Vec<u8>)>,
}

fn mails(app: &TestApp) -> Vec<Mail> {
    let read = |mail: String| {
        let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
        // What is shown within the mail is no file.
        let attached = mail.attachments().find(|file| file.attachment_name().is_some());
        Mail {
            to: mail.to().unwrap().first().unwrap().address().unwrap().to_owned(),
            subject: mail.subject().unwrap().to_owned(),
            text: mail.body_text(0).unwrap().into_owned(),
            attached: attached.map(|file| (file.attachment_name().unwrap().to_owned(), file.contents().to_vec())),
        }
    };
    app.mails().into_iter().map(read).collect()
}

async fn waiting(app: &TestApp) -> Vec<Value> {
    let (status, page) = app.get("/withdrawals?waiting=true").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().unwrap().clone()
}

async fn told(app: &TestApp, id: &str) -> Value {
    let (status, told) = app.get(&format!("/withdrawals/{id}")).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

on_both! {
    async fn a_guest_withdraws_in_two_steps_and_has_it_in_writing(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        visitor.keep_cookie("tz", "Europe/Berlin");
        assert!(visitor.text("/policy").await.contains("<a href=\"/withdraw\">Withdraw from contract here</a>"), "on every page");
        let form = visitor.text("/withdraw").await;
        for asked_for in ["reason", "photo", "code", "condition", "resolution"] {
            assert!(!form.contains(&format!("name=\"{asked_for}")), "{asked_for} is not asked for");
        }
        let before = app.services.clock.now();
        let here = begun(&mut visitor, &typed("Wang Xiaoming", "10248", "Wang@example.com")).await;
        let page = visitor.text(&here).await;
        assert!(page.contains("I withdraw from the contract of order 10248, the whole order."), "{page}");
        assert_eq!(page.matches("type=\"submit\"").count(), 1, "one button: {page}");
        assert!(page.contains(">Confirm withdrawal</button>") && page.contains(&format!("href=\"{here}/change\"")), "{page}");
        assert!(app.database.texts("SELECT id FROM withdrawals").await.is_empty(), "nothing is declared before it is confirmed");

        let receipt = confirmed(&mut visitor, &here).await;
        let id = number(&receipt);
        assert!(receipt.contains("We have received your withdrawal") && !receipt.contains("accepted"), "{receipt}");
        assert!(receipt.contains("(Europe/Berlin, UTC+01:00)") || receipt.contains("(Europe/Berlin, UTC+02:00)"), "{receipt}");
        assert!(!receipt.contains("/returns/R-"), "who has not shown that it is theirs is not told that it is there");

        app.run_jobs().await;
        let found = told(&app, &id).await;
        let received: Timestamp = found["received_at"].as_str().unwrap().parse().unwrap();
        assert!(before <= received && received <= app.services.clock.now());
        assert_eq!((found["known_by"].as_str(), found["waits_for"].as_str(), found["zone"].as_str()), (Some("email"), None, Some("Europe/Berlin")));
        assert!(!visitor.text(&here).await.contains("/returns/R-"), "nor once its return is opened");
        let (_, opened) = app.get(&format!("/returns/{}", found["rma"].as_str().unwrap())).await;
        let lines: Vec<(&str, u64, &str)> = opened["lines"].as_array().unwrap().iter()
            .map(|line| (line["line"].as_str().unwrap(), line["quantity"].as_u64().unwrap(), line["resolution"].as_str().unwrap())).collect();
        assert_eq!(lines, [("1", 2, "refund"), ("2", 1, "refund")]);
        assert!(app.database.texts("SELECT state FROM returns").await[0].contains("\"withdrawal\":true"));

        let mails = mails(&app);
        let (mail, other) = (mails.iter().find(|mail| mail.subject.contains(&id)).unwrap(), mails.iter().find(|mail| !mail.subject.contains(&id)).unwrap());
        assert_eq!((mails.len(), mail.to.as_str(), other.to.as_str()), (2, "Wang@example.com", "wang@example.com"));
        let local = received.in_tz("Europe/Berlin").unwrap();
        let moment = format!("{} (Europe/Berlin, UTC{})", local.strftime("%H:%M:%S"), local.strftime("%:z"));
        for part in ["I withdraw from the contract of order 10248, the whole order.", "Wang Xiaoming", &moment, &local.strftime("%Y").to_string(), &id] {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
        }
        assert!(mail.text.contains("received") && !mail.text.contains("accept"), "{}", mail.text);
        let (name, pdf) = mail.attached.clone().unwrap();
        let words = Printed::new(pdf).words();
        assert_eq!(name, "withdrawal.pdf");
        for part in ["Iwithdrawfromthecontractoforder10248,thewholeorder.", "WangXiaoming", &moment.replace(' ', ""), &id, "Wang@example.com"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let saved = visitor.get(&format!("{here}/receipt.pdf")).await;
        assert_eq!(saved.headers()[header::CONTENT_TYPE], "application/pdf");
        assert_eq!(Printed::new(saved.bytes().await.unwrap().to_vec()).words(), words);
    }
}

on_both! {
    async fn who_has_the_order_open_chooses_items_and_types_nothing_twice(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        visitor.post("/", &[("number", "10248"), ("contact", "138 0000 0001")]).await;
        let form = visitor.text("/withdraw").await;
        for part in ["value=\"王小明\"", "value=\"10248\"", "w…g@example.com", "name=\"units|10248|1\"", "黄铜台灯"] {
            assert!(form.contains(part), "{part}: {form}");
        }
        assert!(!form.contains("wang@example.com"), "who knows the phone number is not told the mail address");
        let mut fields = vec![("withdraw_name", "王小明"), ("withdraw_order", "10248"), ("withdraw_email", ""), ("withdraw_what", "some")];
        assert!(visitor.post("/withdraw", &fields).await.ends_with("/change"), "some of it, and which is not said");
        fields.extend([("units|10248|1", "1"), ("count|10248|1", "1")]);
        let here = begun(&mut visitor, &fields).await;
        assert!(visitor.text(&here).await.contains("for these items: 1 × 有机棉 T 恤 (黑色 M)."));
        let receipt = confirmed(&mut visitor, &here).await;
        let found = told(&app, &number(&receipt)).await;
        let rma = found["rma"].as_str().unwrap();
        assert!(receipt.contains(&format!("href=\"/returns/{rma}\"")), "{receipt}");
        assert_eq!((found["known_by"].as_str(), found["email"].as_str(), found["zone"].as_str()), (Some("session"), Some("wang@example.com"), Some("Asia/Shanghai")));
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((opened["lines"].as_array().unwrap().len(), opened["lines"][0]["quantity"].as_u64()), (1, Some(1)), "{opened}");
        assert!(!receipt.contains("wang@example.com"));
        app.run_jobs().await;
        assert_eq!(app.database.texts("SELECT rma FROM returns").await.len(), 1, "the job has nothing left to do");

        // What is left of it, by somebody who only has the link.
        let here = begun(&mut visitor, &typed("王小明", "10248", "")).await;
        let mut elsewhere = Visitor::new(&app);
        let receipt = confirmed(&mut elsewhere, &here).await;
        let rest = told(&app, &number(&receipt)).await;
        let (_, opened) = app.get(&format!("/returns/{}", rest["rma"].as_str().unwrap())).await;
        let units: Vec<u64> = opened["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_u64().unwrap()).collect();
        assert_eq!(units, [1, 1], "what is not in a return yet");
    }
}

on_both! {
    async fn before_it_is_declared_stands_what_comes_of_it_for_whoever_has_the_order_open(database: Database) {
        let app = TestApp::start(database).await;
        let german = |number: &str, days: i64| {
            let mut order = order(number);
            order["ship_to"] = json!({"country": "DE", "city": "Berlin", "postal_code": "10115", "line1": "Invalidenstr. 1"});
            order["placed_at"] = json!(days_ago(days + 3));
            order["deliveries"] = json!([{"shipped_at": days_ago(days + 2), "delivered_at": days_ago(days)}]);
            order
        };
        app.put_order(&german("10248", 10)).await;
        app.put_order(&german("10249", 40)).await;
        let mut visitor = Visitor::new(&app);
        for number in ["10248", "10249"] {
            let found = visitor.post("/", &[("number", number), ("contact", "+8613800000001")]).await;
            assert!(found.starts_with("/return/"), "{found}");
        }
        let fields = typed("Anna Berg", "10248", "");
        let here = begun(&mut visitor, &fields).await;
        let page = visitor.text(&here).await;
        let told_to_others = { Visitor::new(&app).text(&begun(&mut Visitor::new(&app), &typed("Anna Berg", "10248", "anna@example.com")).await).await };
        let late = begun(&mut visitor, &typed("Anna Berg", "10249", "")).await;
        let late = visitor.text(&late).await;
        let receipt = confirmed(&mut visitor, &here).await;
        let rma = told(&app, &number(&receipt)).await["rma"].as_str().unwrap().to_owned();
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        let day = |name: &str| {
            let at: Timestamp = opened["promises"][name].as_str().unwrap().parse().unwrap();
            at.to_zoned(app.services.shop_zone()).strftime("%A %-d %B").to_string()
        };
        let amount = opened["expected"]["amount"].as_str().unwrap();
        for part in [
            format!("Send it back by {}", day("sent_by")),
            format!("{amount} comes back to your Alipay"),
            format!("By {}, once it is here", day("refunded_by")),
            "You are in time: you can withdraw until".into(),
        ] {
            assert!(page.contains(&part), "{part}: {page}\n{opened}");
        }
        for (whose, page) in [("of another", told_to_others), ("too late", late)] {
            assert!(!page.contains("comes back to your") && !page.contains("Send it back by"), "{whose}: {page}");
            assert!(page.contains("someone on our team answers by"), "{whose}: {page}");
        }
    }
}

on_both! {
    async fn the_shop_s_link_leads_to_the_withdrawal_with_what_it_knows(database: Database) {
        let app = TestApp::with(database, |config| config.start.secrets = [SECRET.into()].into_iter().collect()).await;
        for order in [order("#1001"), another("3")] {
            app.put_order(&order).await;
        }
        let now = app.services.clock.now().as_second();
        let ticket = |more: Value| {
            let mut claims = json!({"iat": now, "exp": now + 300, "page": "withdraw", "locale": "en"});
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            format!("/start?token={}", sign(&json!({"alg": "HS256"}), &claims, SECRET))
        };
        let mut visitor = Visitor::new(&app);
        let form = visitor.follow(&ticket(json!({"order": "1001"}))).await;
        assert_eq!(form, "/withdraw?order=%231001");
        assert!(visitor.text(&form).await.contains("value=\"#1001\""));
        let receipt = withdrawn(&mut visitor, &typed("Wang", "#1001", "")).await;
        assert_eq!(told(&app, &number(&receipt)).await["known_by"], "session");
        // All orders of somebody: their address is known, the order they type; another's is not theirs.
        let mut other = Visitor::new(&app);
        assert_eq!(other.follow(&ticket(json!({"email": "li@example.com"}))).await, "/withdraw");
        assert!(other.text("/withdraw").await.contains("value=\"li@example.com\""));
        let receipt = withdrawn(&mut other, &typed("Li", "3", "li@example.com")).await;
        assert_eq!(told(&app, &number(&receipt)).await["known_by"], "session");
        let foreign = other.text("/withdraw?order=%231001").await;
        assert!(!foreign.contains("王小明") && !foreign.contains("黄铜台灯"), "{foreign}");
    }
}

/// What differs between any two withdrawals: their names and moments.
fn without_names(page: &str, link: &str) -> String {
    let id = number(page);
    let mut page = page.replace(&id, "W").replace(link, "LINK");
    // Nonces, and the moment.
    for start in ["nonce=\"", ", 2026 ", ", 2027 "] {
        while let Some(at) = page.find(start) {
            let end = page[at + start.len()..].find(['"', ')']).map_or(page.len(), |end| at + start.len() + end);
            page.replace_range(at..end, "…");
        }
    }
    let digits = |letter: char| if letter.is_ascii_digit() { '0' } else { letter };
    page.chars().map(digits).collect()
}

on_both! {
    async fn a_stranger_learns_nothing_and_a_person_looks_first(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut pages = Vec::new();
        let mut ids = Vec::new();
        for typed_order in ["10248", "40404"] {
            let mut visitor = Visitor::new(&app);
            let held_back = app.services.clock.held_back();
            let fields = typed("Mallory", typed_order, "mallory@example.com");
            let here = begun(&mut visitor, &fields).await;
            let receipt = confirmed(&mut visitor, &here).await;
            assert_eq!(app.services.clock.held_back(), held_back + 1, "its time tells nothing");
            ids.push(number(&receipt));
            pages.push(without_names(&receipt, &here));
        }
        assert_eq!(pages[0], pages[1], "whether there is such an order is not told");
        app.run_jobs().await;
        assert_eq!(app.database.texts("SELECT rma FROM returns").await, Vec::<String>::new());
        let waits = waiting(&app).await;
        let mut why: Vec<&str> = waits.iter().map(|found| found["waits_for"].as_str().unwrap()).collect();
        why.sort_unstable();
        assert_eq!(why, ["order_unknown", "other_contact"]);
        assert_eq!(told(&app, &ids[0]).await["order_meant"], "10248");
        let due: Timestamp = waits[0]["due_at"].as_str().unwrap().parse().unwrap();
        assert!(due > app.services.clock.now() && due < app.services.clock.now() + SignedDuration::from_hours(5 * 24));

        let mails = mails(&app);
        let to = |address: &str| mails.iter().filter(|mail| mail.to == address).collect::<Vec<_>>();
        let (to_stranger, to_owner) = (to("mallory@example.com"), to("wang@example.com"));
        assert_eq!((to_stranger.len(), to_owner.len()), (2, 1));
        let alike: Vec<String> = to_stranger.iter().map(|mail| without_names(&mail.text, "-")).collect();
        assert_eq!(alike[0], alike[1], "nor by mail");
        assert!(to_stranger[0].text.contains("Someone on our team looks at it and answers by"), "{}", to_stranger[0].text);
        assert!(to_owner[0].subject.contains("10248") && !to_owner[0].text.to_lowercase().contains("mallory"), "{}", to_owner[0].text);

        // A person has seen to it.
        let folder: PathBuf = app.database.folder.path().to_owned();
        let run = |arguments: &[&str]| {
            let done = homebound(&folder, arguments).env("HOMEBOUND_DATABASE_URL", &app.database.address).output().unwrap();
            (done.status.success(), text(&done.stdout) + &text(&done.stderr))
        };
        let (_, listed) = run(&["withdrawals", "list"]);
        assert!(ids.iter().all(|id| listed.contains(id)) && listed.contains("mallory@example.com") && listed.contains("other_contact"), "{listed}");
        let (_, shown) = run(&["withdrawals", "show", &ids[1]]);
        assert!(shown.contains("I withdraw from the contract of order 40404") && shown.contains("no order is written like that"), "{shown}");
        assert!(run(&["withdrawals", "settle", &ids[1]]).0 && !run(&["withdrawals", "settle", &ids[1]]).0);
        assert_eq!(waiting(&app).await.len(), 1);
        assert!(told(&app, &ids[1]).await["settled_at"].is_string());
    }
}

on_both! {
    async fn it_is_received_however_the_order_stands(database: Database) {
        let app = TestApp::start(database).await;
        let mut late = order("late");
        late["placed_at"] = days_ago(400).into();
        late["deliveries"] = json!([{"delivered_at": days_ago(390)}]);
        let mut cancelled = order("cancelled");
        cancelled["cancelled"] = true.into();
        for order in [late, cancelled, order("back"), order("words"), order("1a"), order("1A")] {
            app.put_order(&order).await;
        }
        let mut both = request("back", "1", 2);
        both["lines"].as_array_mut().unwrap().push(request("back", "2", 1)["lines"][0].clone());
        assert_eq!(app.post("/returns", &both).await.0, StatusCode::CREATED);
        for (number_typed, waits_for) in [
            ("late", Some("not_opened")),
            ("cancelled", Some("not_opened")),
            ("back", Some("not_opened")),
            ("10428", Some("order_unknown")),
            ("two lamps, some time in October", Some("order_unknown")),
            (" 1 a", Some("order_unknown")),
            ("1A", None),
        ] {
            let mut visitor = Visitor::new(&app);
            let receipt = withdrawn(&mut visitor, &typed("Wang", number_typed, "wang@example.com")).await;
            app.run_jobs().await;
            assert_eq!(told(&app, &number(&receipt)).await["waits_for"].as_str(), waits_for, "{number_typed}");
        }
        // Which items is said in words: a person reads them.
        let mut visitor = Visitor::new(&app);
        let mut fields = typed("Wang", "words", "wang@example.com");
        fields[3].1 = "some";
        fields.push(("withdraw_items", "the lamp."));
        let here = begun(&mut visitor, &fields).await;
        assert!(visitor.text(&here).await.contains("for these items: the lamp."));
        let receipt = confirmed(&mut visitor, &here).await;
        let found = told(&app, &number(&receipt)).await;
        assert_eq!((found["waits_for"].as_str(), found["items"].as_str(), found["rma"].as_str()), (Some("items_unclear"), Some("the lamp."), None));
        app.run_jobs().await;
        let acknowledged = mails(&app).iter().filter(|mail| mail.attached.as_ref().is_some_and(|(name, _)| name == "withdrawal.pdf")).count();
        assert_eq!(acknowledged, 8);
    }
}

on_both! {
    async fn pressed_twice_or_in_two_windows_it_is_one_statement_and_one_mail(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(app.database.folder.path().join("secret"), folder.path().join("secret")).unwrap();
        let beside = Database { store: app.database.store.clone(), address: app.database.address.clone(), folder };
        let beside = TestApp::with_key(beside, "beside").await;
        let mut visitor = Visitor::new(&app);
        let here = begun(&mut visitor, &typed("Wang", "10248", "wang@example.com")).await;
        let version = field(&visitor.text(&here).await, "version");
        let press = |app: &TestApp| {
            let asked = app.client.post(format!("{}{here}", app.base)).form(&[("version", version.as_str())]);
            async move { asked.send().await.unwrap().headers()[header::LOCATION].to_str().unwrap().to_owned() }
        };
        let led = futures::future::join_all((0..10).map(|place| press(if place % 2 == 0 { &app } else { &beside }))).await;
        assert!(led.iter().all(|to| *to == here), "{led:?}");
        assert_eq!(press(&app).await, here, "and back, and again");
        assert_eq!(app.database.texts("SELECT id FROM withdrawals").await.len(), 1);
        // The form, sent once more by the back button, shows what was received.
        assert_eq!(visitor.post(&format!("{here}/change"), &typed("Somebody else", "1", "x@example.com")).await, here);
        assert!(visitor.text(&here).await.contains("We have received your withdrawal"));
        assert!(visitor.text(&format!("{here}/change")).await.contains(&format!("<a href=\"{here}\">")), "it leads on");
        app.run_jobs().await;
        beside.run_jobs().await;
        assert_eq!(app.database.texts("SELECT id FROM outbox WHERE kind = 'mail.withdrawal_received'").await.len(), 1);
        assert_eq!(app.database.texts("SELECT rma FROM returns").await.len(), 1);
    }
}

on_both! {
    async fn what_is_confirmed_is_what_was_read(database: Database) {
        let app = TestApp::start(database).await;
        let mut visitor = Visitor::new(&app);
        let here = begun(&mut visitor, &typed("Wang", "1", "wang@example.com")).await;
        let version = field(&visitor.text(&here).await, "version");
        assert_eq!(visitor.post(&format!("{here}/change"), &typed("Wang", "2", "wang@example.com")).await, here, "in another window");
        let again = visitor.post(&here, &[("version", &version)]).await;
        assert_eq!(again, format!("{here}?changed=yes"));
        let page = visitor.text(&again).await;
        assert!(page.contains("was changed in another window") && page.contains("order 2, the whole order"), "{page}");
        assert!(app.database.texts("SELECT id FROM withdrawals").await.is_empty());
        assert!(confirmed(&mut visitor, &here).await.contains("order 2, the whole order"));
    }
}

on_both! {
    async fn a_server_that_dies_in_between_loses_nothing_and_does_nothing_twice(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let id = {
            let mut visitor = Visitor::new(&app);
            number(&withdrawn(&mut visitor, &typed("Wang", "10248", "wang@example.com")).await)
        };
        // It died right after: the next one finds what is to be done.
        let TestApp { database, .. } = app;
        let app = TestApp::with_key(database, "next").await;
        assert_eq!(told(&app, &id).await["waits_for"], "to_open");
        app.run_jobs().await;
        let rma = told(&app, &id).await["rma"].as_str().unwrap().to_owned();
        assert_eq!(mails(&app).len(), 2);
        // It died after the return was opened, before that was noted.
        app.database.meddle("UPDATE withdrawal_standing SET rma = NULL, waits_for = 'to_open'").await;
        let both = (app.services.open_withdrawn(&id), app.services.open_withdrawn(&id));
        let (one, other) = tokio::join!(both.0, both.1);
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(told(&app, &id).await["rma"], rma);
        assert_eq!(app.database.texts("SELECT rma FROM returns").await, [rma]);
    }
}

on_both! {
    async fn declared_in_the_last_minute_it_is_in_time_however_late_its_return_is_opened(database: Database) {
        let app = TestApp::start(database).await;
        let mut german = order("D-1");
        german["ship_to"] = json!({"country": "DE", "city": "Berlin", "postal_code": "10115", "line1": "Invalidenstr. 1"});
        (german["informed_of_withdrawal"], german["concluded"]) = (true.into(), "online".into());
        // Delivered on 2 March, in Berlin; the fourteenth day after it ends where it is latest on earth that Germans live: in Berlin.
        (german["placed_at"], german["deliveries"]) = ("2027-02-25T10:00:00Z".into(), json!([{"delivered_at": "2027-03-02T10:00:00Z"}]));
        let at = |moment: &str| {
            let moment: Timestamp = moment.parse().unwrap();
            app.services.clock.set_ahead(moment.duration_since(Timestamp::now()));
        };
        at("2027-03-16T22:59:30Z");
        app.put_order(&german).await;
        let mut visitor = Visitor::new(&app);
        let in_time = number(&withdrawn(&mut visitor, &typed("Anna", "D-1", "wang@example.com")).await);
        at("2027-03-17T09:00:00Z");
        app.run_jobs().await;
        let found = told(&app, &in_time).await;
        assert!(found["rma"].is_string() && found["waits_for"].is_null(), "{found}");
        let (_, opened) = app.get(&format!("/returns/{}", found["rma"].as_str().unwrap())).await;
        assert_eq!(opened["status"], "approved", "{opened}");
        // A minute later it is not: taken all the same, for a person to say so.
        german["number"] = "D-2".into();
        app.put_order(&german).await;
        let late = number(&withdrawn(&mut visitor, &typed("Anna", "D-2", "wang@example.com")).await);
        app.run_jobs().await;
        assert_eq!(told(&app, &late).await["waits_for"], "not_opened");
    }
}

on_both! {
    async fn a_mail_that_cannot_go_out_now_goes_out_later(database: Database) {
        let app = TestApp::with(database, |config| config.smtp_url = Some("smtp://127.0.0.1:1".into())).await;
        let mut visitor = Visitor::new(&app);
        let receipt = withdrawn(&mut visitor, &typed("Wang", "1", "wang@example.com")).await;
        app.run_jobs().await;
        assert!(receipt.contains("We have received your withdrawal"));
        assert_eq!(app.database.texts("SELECT kind FROM outbox WHERE done_at IS NULL AND dead_at IS NULL").await, ["mail.withdrawal_received"]);
    }
}

on_both! {
    async fn no_statement_changes_and_none_goes_before_its_time(database: Database) {
        let app = TestApp::start(database).await;
        let mut visitor = Visitor::new(&app);
        withdrawn(&mut visitor, &typed("Wang", "1", "wang@example.com")).await;
        let (kept, address) = (app.database.texts("SELECT statement FROM withdrawals").await, &app.database.address);
        for meddling in [
            "UPDATE withdrawals SET statement = '{}'",
            "UPDATE withdrawals SET received_at = received_at - 1",
            "UPDATE withdrawals SET id = 'W-0'",
            "DELETE FROM withdrawal_standing; DELETE FROM withdrawals",
        ] {
            let sql = sqlx::AssertSqlSafe(meddling.to_owned());
            let refused = if address.starts_with("sqlite") {
                let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(address).await.unwrap();
                sqlx::raw_sql(sqlx::AssertSqlSafe("BEGIN".to_owned())).execute(&mut conn).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut conn).await.err()
            } else {
                let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(address).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut conn).await.err()
            };
            assert!(refused.is_some_and(|error| error.to_string().contains("a statement of withdrawal")), "{meddling}");
        }
        assert_eq!(app.database.texts("SELECT statement FROM withdrawals").await, kept);
        // One of five years ago goes, with how it stood; drafts after two days, even where the clock is moved by a rehearsal.
        let old = (Timestamp::now() - SignedDuration::from_hours(5 * 366 * 24)).as_millisecond();
        app.database.meddle(&format!("INSERT INTO withdrawals (id, received_at, zone, statement) SELECT 'W-OLD', {old}, zone, statement FROM withdrawals")).await;
        app.database.meddle(&format!("INSERT INTO withdrawal_standing (id, due_at, acknowledged) VALUES ('W-OLD', {old}, 1)")).await;
        app.services.clock.advance(SignedDuration::from_hours(10 * 366 * 24));
        let worker = compose::worker(&app.services).unwrap();
        worker.keep_time_once().await.unwrap();
        assert_eq!(app.database.texts("SELECT statement FROM withdrawals").await, kept);
        assert_eq!(app.database.texts("SELECT id FROM withdrawal_standing WHERE id = 'W-OLD'").await, Vec::<String>::new());
        assert_eq!(app.database.texts("SELECT id FROM withdrawal_drafts").await, Vec::<String>::new());
    }
}

on_both! {
    async fn by_machine_it_is_received_once_for_each_key(database: Database) {
        let app = TestApp::start(database).await;
        let mut german = order("D-1");
        german["ship_to"] = json!({"country": "DE", "city": "Berlin", "postal_code": "10115", "line1": "Invalidenstr. 1"});
        app.put_order(&german).await;
        let ask = |key: &str, body: &Value| {
            let asked = app.api("POST", "/withdrawals").header("idempotency-key", key.to_owned()).json(body);
            async move { answer(asked.send().await.unwrap()).await }
        };
        let body = json!({"name": "Anna Berg", "order": "d-1", "email": "wang@example.com", "lines": [{"line": "1", "quantity": 1}, {"line": "2"}], "received_at": "2020-01-01T00:00:00Z"});
        let (status, received) = ask("k1", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{received}");
        let (id, rma) = (received["id"].as_str().unwrap(), received["rma"].as_str().unwrap());
        let said = received["acknowledgement"].as_str().unwrap();
        for part in ["We have received your withdrawal", "order d-1, for these items: 1 × line 1 and line 2.", "Anna Berg", "(Europe/Berlin, UTC+0", id] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let at: Timestamp = received["received_at"].as_str().unwrap().parse().unwrap();
        assert!(app.services.clock.now().duration_since(at) < SignedDuration::from_hours(1), "the moment is ours");
        let all = futures::future::join_all((0..6).map(|_| ask("k2", &body))).await;
        assert!(all.iter().all(|(status, said)| *status == StatusCode::CREATED && said == &all[0].1), "{all:?}");
        assert_eq!(ask("k1", &body).await, (StatusCode::CREATED, received.clone()), "the same again");
        assert_eq!(app.database.texts("SELECT id FROM withdrawals").await.len(), 2);
        let other = json!({"name": "Anna Berg", "order": "D-1", "email": "wang@example.com"});
        let (status, refused) = ask("k1", &other).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/idempotency-key-reused")));
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!(opened["lines"].as_array().unwrap().len(), 2, "{opened}");

        let (status, unknown) = app.post("/withdrawals", &json!({"name": "王", "order": "无", "email": "w@example.cn", "locale": "zh-CN", "items": "台灯"})).await;
        assert_eq!((status, unknown.get("rma")), (StatusCode::CREATED, None));
        assert!(unknown["acknowledgement"].as_str().unwrap().contains("我撤回订单 无 的合同，涉及以下商品：台灯。"), "{unknown}");
        app.run_jobs().await;
        let mail = mails(&app).into_iter().find(|mail| mail.to == "w@example.cn").unwrap();
        let words = Printed::new(mail.attached.unwrap().1).words();
        assert!(mail.subject.contains("已收到您的撤回声明") && words.contains("我撤回订单无的合同，涉及以下商品：台灯。") && words.contains("（北京时间，UTC+08:00）"), "{words}");

        let mut seen = Vec::new();
        let mut next = "/withdrawals?limit=2".to_owned();
        loop {
            let (_, page) = app.get(&next).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("/withdrawals?limit=2&cursor={cursor}");
        }
        assert_eq!((seen.len(), seen[2].as_str()), (3, id), "the latest first, each once");
        for (field, wrong) in [("name", json!(" ")), ("order", json!("")), ("email", json!("anna")), ("name", json!("x".repeat(201))), ("items", json!("x".repeat(501))), ("lines", json!([{"line": "1", "quantity": 0}]))] {
            let mut body = other.clone();
            body[field] = wrong;
            let (status, refused) = app.post("/withdrawals", &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert!(refused["errors"][0]["field"].as_str().unwrap().starts_with(field), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_said_and_what_was_typed_stays() {
    let app = TestApp::start(sqlite().await).await;
    for (lang, said) in [
        (
            "en",
            [
                "Enter your name",
                "Enter the order number, or say what you ordered and when",
                "Enter a full email address",
                "Say which items",
            ],
        ),
        ("zh-CN", ["请填写您的姓名", "请填写订单号，或写明何时购买了什么", "请填写完整的邮箱", "请写明要撤回哪些商品"]),
    ] {
        let mut visitor = Visitor::new(&app);
        visitor.keep_cookie("lang", lang);
        let fields = [("withdraw_name", " "), ("withdraw_order", ""), ("withdraw_email", "anna@"), ("withdraw_what", "some")];
        let change = visitor.post("/withdraw", &fields).await;
        assert!(change.ends_with("/change"), "{change}");
        let page = visitor.text(&change).await;
        assert!(said.iter().all(|said| page.contains(said)) && page.contains("value=\"anna@\""), "{page}");
        let moved = visitor.text(change.trim_end_matches("/change")).await;
        assert!(moved.contains(&format!("href=\"{change}\"")) && !moved.contains("name=\"version\""), "nothing to confirm yet: {moved}");
        let here = visitor.post(&change, &typed("<b>Anna</b>", "1", "anna@example.com")).await;
        assert_eq!(format!("{here}/change"), change, "the same statement");
        let page = visitor.text(&here).await;
        assert!(page.contains("&lt;b>Anna") || page.contains("&lt;b&gt;Anna"), "{page}");
    }
}

on_both! {
    async fn nobody_s_mailbox_is_filled_and_no_address_sends_without_end(database: Database) {
        let app = TestApp::with(database, |config| config.limits.codes_per_address = 12).await;
        let mut visitor = Visitor::new(&app);
        let mut last = String::new();
        for _ in 0..11 {
            last = begun(&mut visitor, &typed("Mallory", "1", "victim@example.com")).await;
            confirmed(&mut visitor, &last).await;
        }
        app.run_jobs().await;
        assert_eq!(mails(&app).len(), 10, "those that are too many wait for an hour");
        assert_eq!(visitor.post(&format!("{last}/again"), &[]).await, last);
        let here = begun(&mut visitor, &typed("Mallory", "1", "victim@example.com")).await;
        let version = field(&visitor.text(&here).await, "version");
        assert_eq!(visitor.post(&here, &[("version", &version)]).await, "/busy");
        assert_eq!(visitor.post(&format!("{last}/again"), &[]).await, "/busy");
        app.services.clock.advance(SignedDuration::from_mins(61));
        app.run_jobs().await;
        assert_eq!(mails(&app).len(), 12, "nothing is lost");
        // One receipt is sent four times at most.
        for _ in 0..5 {
            assert_eq!(visitor.post(&format!("{last}/again"), &[]).await, last);
        }
        let page = visitor.text(&last).await;
        assert!(page.contains("We have sent the confirmation 4 times") && !page.contains("Send it again"), "{page}");
        let mut read = app.services.store.read().await.unwrap();
        let page = store::WithdrawalPage { waiting: true, after: None, limit: 100 };
        assert_eq!(store::list_withdrawals(&mut read.conn(), &page).await.unwrap().len(), 11, "each statement was taken");
    }
}
