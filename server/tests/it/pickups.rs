//! Pickups (B9, C48): areas with so much room a slot, places that are taken once however many ask for them, and doors at which somebody was at home or not.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::review::Machine;
use crate::staff::{free, hire};
use crate::talk::last_mail;

const PAGE: &str = "/staff/pickups";

fn day(app: &TestApp, ahead: i64) -> Date {
    app.services.clock.now().to_zoned(app.services.shop_zone()).date().saturating_add(ahead.days())
}

fn area(room: u32) -> Value {
    json!({"name": "Hangzhou", "country": "CN", "prefixes": ["310"], "weekdays": [1, 2, 3, 4, 5, 6, 7], "slots": [{"slot": "09-12", "room": room}, {"slot": "13-18", "room": 1}]})
}

async fn put_order(app: &TestApp, number: &str, postal: &str) {
    let mut bought = order(number);
    bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "name": "Li Wei", "phone": "+8613800000007", "locale": "en", "tier": "diamond"});
    bought["ship_to"]["postal_code"] = json!(postal);
    app.put_order(&bought).await;
}

fn asking(number: &str, day: Date, slot: &str) -> Value {
    let mut asked = request(number, "1", 1);
    (asked["method"], asked["pickup"]) = (json!("pickup"), json!({"date": day, "slot": slot}));
    asked
}

async fn put_area(app: &TestApp, room: u32) {
    let staff = Machine::with(app, Scope::Staff).await;
    let (status, kept) = staff.send("PUT", "/pickup-areas/hangzhou", None, &area(room)).await;
    assert_eq!(status, StatusCode::OK, "{kept}");
}

on_both! {
    async fn the_last_place_of_a_slot_is_taken_once(database: Database) {
        let app = TestApp::start(database).await;
        put_area(&app, 2).await;
        let tomorrow = day(&app, 2);
        for number in 1..=6 {
            put_order(&app, &number.to_string(), "310012").await;
        }
        let asked = (1..=6).map(|number| asking(&number.to_string(), tomorrow, "09-12")).collect::<Vec<_>>();
        let answers = futures::future::join_all(asked.iter().map(|asked| app.post("/returns", asked))).await;
        let opened = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
        assert_eq!(opened, 2, "{answers:?}");
        for (_, refused) in answers.iter().filter(|(status, _)| *status != StatusCode::CREATED) {
            assert_eq!(refused["errors"][0]["field"], "pickup", "{refused}");
            assert!(refused.to_string().contains("choose another"), "{refused}");
        }
        assert_eq!(app.get("/returns").await.1["items"].as_array().unwrap().len(), 2, "who came second has nothing half done");

        // A place that is given up is another's.
        let (rma, taken) = answers.iter().enumerate().find(|(_, (status, _))| *status == StatusCode::CREATED).map(|(place, (_, opened))| (opened["rma"].as_str().unwrap().to_owned(), place)).unwrap();
        let free_again = (0..6).find(|place| *place != taken && answers[*place].0 != StatusCode::CREATED).unwrap();
        assert_eq!(app.post("/returns", &asked[free_again]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        let (status, now) = app.post("/returns", &asked[free_again]).await;
        assert_eq!(status, StatusCode::CREATED, "{now}");

        // Another time leaves the place, another way too.
        let path = format!("/returns/{}/method", now["rma"].as_str().unwrap());
        let other = json!({"method": "pickup", "pickup": {"date": tomorrow, "slot": "13-18"}});
        assert_eq!(app.post(&path, &other).await.0, StatusCode::OK);
        let last = (0..6).find(|place| ![taken, free_again].contains(place) && answers[*place].0 != StatusCode::CREATED).unwrap();
        assert_eq!(app.post("/returns", &asked[last]).await.0, StatusCode::CREATED);
        let (status, full) = app.post(&path, &json!({"method": "pickup", "pickup": {"date": tomorrow, "slot": "09-12"}})).await;
        assert_eq!((status, &full["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("pickup")), "{full}");
        assert_eq!(app.get(path.trim_end_matches("/method")).await.1["method"], "pickup", "it stays as it was");
    }
}

on_both! {
    async fn pages_offer_what_has_room_and_who_comes_second_chooses_another(database: Database) {
        let app = TestApp::start(database).await;
        put_area(&app, 1).await;
        for (number, postal) in [("1", "310012"), ("2", "310012"), ("3", "200000")] {
            put_order(&app, number, postal).await;
        }
        let chosen = day(&app, 2).to_string();
        let begun = async |number: &str| {
            let mut visitor = Visitor::new(&app);
            let items = visitor.post("/", &[("number", number), ("contact", &format!("c{number}@example.com"))]).await;
            let draft = items.trim_end_matches("/items").to_owned();
            let (units, reason, condition, wish) = (format!("units|{number}|1"), format!("reason|{number}|1"), format!("condition|{number}|1"), format!("wish|{number}|1"));
            visitor.post(&items, &[(&units, "1")]).await;
            visitor.post(&format!("{draft}/why"), &[(&reason, "dislike"), (&condition, "opened")]).await;
            assert_eq!(visitor.post(&format!("{draft}/wish"), &[(&wish, "refund")]).await, format!("{draft}/send"));
            (visitor, draft)
        };
        let (mut first, one) = begun("1").await;
        let (mut second, two) = begun("2").await;
        let way = [("method", "pickup"), ("pickup_date", chosen.as_str()), ("pickup_slot", "09-12")];
        assert_eq!(first.post(&format!("{one}/send"), &way).await, format!("{one}/check"));
        assert_eq!(second.post(&format!("{two}/send"), &way).await, format!("{two}/check"));
        assert!(first.post(&format!("{one}/check"), &[]).await.ends_with("/done"));
        assert_eq!(second.post(&format!("{two}/check"), &[]).await, format!("{two}/send"), "somebody was faster");
        let page = second.text(&format!("{two}/send")).await;
        assert!(page.contains("Somebody else has just taken the last place") && page.contains("Already full:"), "{page}");
        assert_eq!(second.post(&format!("{two}/send"), &way).await, format!("{two}/send"), "a full one is not taken");
        let other = [("method", "pickup"), ("pickup_date", chosen.as_str()), ("pickup_slot", "13-18")];
        assert_eq!(second.post(&format!("{two}/send"), &other).await, format!("{two}/check"), "all else was kept");
        assert!(second.post(&format!("{two}/check"), &[]).await.ends_with("/done"));
        let (third, three) = begun("3").await;
        let page = third.text(&format!("{three}/send")).await;
        assert!(!page.contains("value=\"pickup\"") && page.contains("value=\"drop_off\""), "nobody goes round there: {page}");
        let (status, refused) = app.post("/returns", &asking("3", day(&app, 2), "09-12")).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("method")), "{refused}");
        for wrong in [asking("3", day(&app, 0), "09-12"), asking("3", day(&app, 2), "03-04")] {
            put_order(&app, "3", "310012").await;
            let (status, refused) = app.post("/returns", &wrong).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("pickup")), "{refused}");
        }
    }
}

on_both! {
    async fn who_goes_round_says_what_was_collected_and_where_nobody_was(database: Database) {
        let app = TestApp::start(database).await;
        put_area(&app, 5).await;
        let when = day(&app, 2);
        let mut numbers = Vec::new();
        for number in ["1", "2"] {
            put_order(&app, number, "310012").await;
            let (_, opened) = app.post("/returns", &asking(number, when, "09-12")).await;
            numbers.push(opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned());
        }
        app.run_jobs().await;
        // They are told the morning before, once, and not of a time that was changed since.
        let later = json!({"method": "pickup", "pickup": {"date": day(&app, 4), "slot": "09-12"}});
        assert_eq!(app.post(&format!("/returns/{}/method", numbers[1]), &later).await.0, StatusCode::OK);
        assert_eq!(app.post(&format!("/returns/{}/method", numbers[1]), &json!({"method": "pickup", "pickup": {"date": when, "slot": "09-12"}})).await.0, StatusCode::OK);
        app.services.clock.advance(SignedDuration::from_hours(24));
        app.run_jobs().await;
        app.services.clock.advance(SignedDuration::from_hours(12));
        app.run_jobs().await;
        for rma in &numbers {
            let told = app.mails().into_iter().filter(|mail| mail.contains(&format!("Subject: Your return {rma} is collected tomorrow"))).count();
            assert_eq!(told, 1, "{rma}");
        }

        app.services.clock.advance(SignedDuration::from_hours(24));
        let (_, _, mut round) = hire(&app, "Bea", "warehouse", free()).await;
        let at = format!("{PAGE}?day={when}");
        let page = round.get(&at).await.1;
        assert!(page.contains("Li Wei") && page.contains("文三路 90 号") && page.contains("tel:+8613800000007") && page.contains("2 doors are left"), "{page}");
        let file = round.get(&format!("{PAGE}/file?day={when}")).await.1;
        assert!(file.starts_with("day,slot,area,return,state,name") && file.lines().count() == 3, "{file}");

        let shown = when.to_string();
        let sent = [("day", shown.as_str())];
        assert_eq!(round.post(&format!("{PAGE}/{}/collected", numbers[0]), &sent).await, at);
        assert_eq!(round.post(&format!("{PAGE}/{}/collected", numbers[0]), &sent).await, at, "said twice it is said once");
        let collected = app.get(&format!("/returns/{}", numbers[0])).await.1;
        assert_eq!(collected["status"], "in_transit", "{collected}");
        assert_eq!(round.post(&format!("{PAGE}/{}/missed", numbers[1]), &sent).await, at);
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("could not collect") && subject.contains(&numbers[1]) && text.contains("choose another time"), "{subject} {text}");
        let page = round.get(&at).await.1;
        assert!(page.contains("nobody at home") && page.contains("0 doors are left"), "{page}");
        // They choose another day, and are on that round.
        let again = day(&app, 1);
        let (status, changed) = app.post(&format!("/returns/{}/method", numbers[1]), &json!({"method": "pickup", "pickup": {"date": again, "slot": "13-18"}})).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        assert!(round.get(&format!("{PAGE}?day={again}")).await.1.contains(&numbers[1]));
        assert!(!round.get(&at).await.1.contains(&numbers[1]));
    }
}

on_both! {
    async fn areas_are_kept_at_work_and_by_machine(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut browser) = hire(&app, "Bo", "warehouse", free()).await;
        let sent = [
            ("area", "berlin"),
            ("name", "Berlin <b>"),
            ("country", "de"),
            ("prefixes", "10, 12"),
            ("slots", "09-12: 20"),
            ("weekdays", "1"),
            ("weekdays", "5"),
        ];
        assert_eq!(browser.post(&format!("{PAGE}/areas"), &sent).await, PAGE);
        let page = browser.get(PAGE).await.1;
        assert!(page.contains("Berlin &lt;b&gt;") && !page.contains("Berlin <b>"), "{page}");
        let mut wrong = sent;
        wrong[4] = ("slots", "morning");
        browser.post(&format!("{PAGE}/areas"), &wrong).await;
        assert!(browser.get(PAGE).await.1.contains("Write each slot once"), "said at its field");
        let staff = Machine::with(&app, Scope::Staff).await;
        let listed = staff.get("/pickup-areas").await;
        assert_eq!((&listed[0]["id"], &listed[0]["country"], &listed[0]["weekdays"]), (&json!("berlin"), &json!("DE"), &json!([1, 5])), "{listed}");
        let mut bad = area(1);
        bad["slots"] = json!([]);
        let (status, refused) = staff.send("PUT", "/pickup-areas/a", None, &bad).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("slots")), "{refused}");
        let read = Machine::with(&app, Scope::Read).await;
        assert_eq!(read.send("PUT", "/pickup-areas/a", None, &area(1)).await.0, StatusCode::FORBIDDEN);
        assert_eq!(browser.post(&format!("{PAGE}/areas/berlin/delete"), &[]).await, PAGE);
        assert_eq!(staff.get("/pickup-areas").await, json!([]));
        assert_eq!(staff.send("DELETE", "/pickup-areas/berlin", None, &Value::Null).await.0, StatusCode::NOT_FOUND);
        let (_, _, mut finance) = hire(&app, "Fin", "finance", free()).await;
        assert_eq!(finance.get(PAGE).await.0, 403);
    }
}
