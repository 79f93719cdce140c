//! Pickups (B9, C48): areas with so much room a slot, places that are taken once however many ask for them, and doors at which somebody was at home or not.
//! Long because booking, the round and its door each have their story.

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

/// The part of the address of a link that a courier is given on that page of staff.
fn link_on(page: &str) -> String {
    let after = page.split("/round/").nth(1).unwrap_or_else(|| panic!("no link: {page}"));
    after.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))).next().unwrap().to_owned()
}

on_both! {
    async fn a_pickup_is_moved_to_another_day_and_another_door_and_cancelled(database: Database) {
        let app = TestApp::start(database).await;
        put_area(&app, 1).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let near = json!({"name": "Shanghai", "country": "CN", "prefixes": ["200"], "weekdays": [1, 2, 3, 4, 5, 6, 7], "slots": [{"slot": "10-14", "room": 1}]});
        assert_eq!(staff.send("PUT", "/pickup-areas/shanghai", None, &near).await.0, StatusCode::OK);
        for (number, postal) in [("1", "310012"), ("2", "310012"), ("3", "200040")] {
            put_order(&app, number, postal).await;
        }
        let (when, later) = (day(&app, 2), day(&app, 3));
        let (status, opened) = app.post("/returns", &asking("1", when, "09-12")).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let method = format!("/returns/{rma}/method");

        // On pages, without a script: the same time at another door of the area, whose place is taken by nobody else.
        let mut visitor = Visitor::new(&app);
        let page = visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "c1@example.com")]).await;
        assert_eq!(page, format!("/returns/{rma}"));
        let shown = visitor.text(&page).await;
        assert!(shown.contains(&format!("{page}/door")) && shown.contains("Another day or time for the pickup"), "{shown}");
        assert!(visitor.text(&format!("{page}/door")).await.contains("文三路 90 号"));
        let door = |line1: &'static str, postal: &'static str| {
            [("name", "Li Wei"), ("line1", line1), ("line2", ""), ("postal_code", postal), ("city", "杭州市"), ("region", "浙江省")]
        };
        assert_eq!(visitor.post(&format!("{page}/door"), &door("西溪路 5 号", "310013")).await, page);
        let now = app.get(&format!("/returns/{rma}")).await.1;
        assert_eq!((&now["pickup"]["date"], &now["pickup"]["address"]["line1"]), (&json!(when), &json!("西溪路 5 号")), "{now}");
        let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1.to_string();
        assert!(timeline.contains("method_changed"), "{timeline}");

        // Where nobody calls it is refused, and stays.
        assert_eq!(visitor.post(&format!("{page}/door"), &door("长安街 1 号", "100000")).await, format!("{page}/door"));
        let refused = visitor.text(&format!("{page}/door")).await;
        assert!(refused.contains("We do not collect at that address yet") && refused.contains("长安街 1 号"), "{refused}");
        assert_eq!(visitor.post(&format!("{page}/door"), &door("", "310013")).await, format!("{page}/door"), "no street");
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["pickup"]["address"]["line1"], "西溪路 5 号");

        // In another area the time is another: it is asked for, with what that area has.
        assert_eq!(visitor.post(&format!("{page}/door"), &door("南京西路 8 号", "200041")).await, format!("{page}/method"));
        let asked = visitor.text(&format!("{page}/method")).await;
        assert!(asked.contains("We have no room there at your time") && asked.contains("南京西路 8 号") && asked.contains("10-14") && !asked.contains("13-18"), "{asked}");
        let chosen = later.to_string();
        assert_eq!(visitor.post(&format!("{page}/method"), &[("method", "pickup"), ("pickup_date", &chosen), ("pickup_slot", "10-14")]).await, page);
        let now = app.get(&format!("/returns/{rma}")).await.1;
        assert_eq!((&now["pickup"]["slot"], &now["pickup"]["address"]["postal_code"]), (&json!("10-14"), &json!("200041")), "{now}");
        // The place that was left is another's, the one that was taken is not.
        assert_eq!(app.post("/returns", &asking("2", when, "09-12")).await.0, StatusCode::CREATED);
        assert_eq!(app.post("/returns", &asking("3", later, "10-14")).await.0, StatusCode::UNPROCESSABLE_ENTITY);

        // By machine: another country, another way with a door, and back into what is full.
        let body = |from: Value| json!({"method": "pickup", "pickup": {"date": later, "slot": "10-14"}, "from": from});
        let (status, refused) = app.post(&method, &body(json!({"country": "DE", "line1": "Lindenweg 1", "postal_code": "10115"}))).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("from.country")), "{refused}");
        let (status, refused) = app.post(&method, &json!({"method": "drop_off", "from": {"country": "CN", "line1": "x", "postal_code": "310000"}})).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("from")), "{refused}");
        let back = json!({"method": "pickup", "pickup": {"date": when, "slot": "09-12"}, "from": {"country": "CN", "line1": "西溪路 5 号", "postal_code": "310013"}});
        let (status, full) = app.post(&method, &back).await;
        assert_eq!((status, &full["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("pickup")), "{full}");
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["pickup"]["address"]["postal_code"], "200041", "it stays as it was");
        assert_eq!(app.post(&method, &body(json!({"country": "CN", "line1": "x", "postal_code": "100000"}))).await.1["errors"][0]["field"], "method");

        // Cancelled, the place is free.
        assert_eq!(visitor.post(&format!("{page}/cancel"), &[]).await, page);
        assert_eq!(app.post("/returns", &asking("3", later, "10-14")).await.0, StatusCode::CREATED);
    }
}

on_both! {
    async fn a_quote_offers_no_pickup_where_nobody_calls(database: Database) {
        let app = TestApp::start(database).await;
        put_order(&app, "1", "310012").await;
        put_order(&app, "2", "100000").await;
        let quote = async |number: &str, method: Option<&str>| {
            let mut asked = request(number, "1", 1);
            match method {
                Some(method) => asked["method"] = json!(method),
                None => drop(asked.as_object_mut().unwrap().remove("method")),
            }
            app.post("/returns/quote", &asked).await
        };
        let offers = |quoted: &Value| quoted["methods"].to_string().contains("pickup");
        assert!(offers(&quote("2", None).await.1), "without areas it is offered everywhere");
        put_area(&app, 1).await;
        let (status, near) = quote("1", None).await;
        assert_eq!(status, StatusCode::OK, "{near}");
        assert!(offers(&near), "{near}");
        let (status, far) = quote("2", None).await;
        assert_eq!(status, StatusCode::OK, "{far}");
        assert!(!offers(&far) && far["method"] != "pickup", "{far}");
        let (status, refused) = quote("2", Some("pickup")).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("method")), "{refused}");
        assert!(refused.to_string().contains("nobody calls at the door"), "{refused}");
    }
}

on_both! {
    async fn a_courier_sees_one_round_and_says_what_came_of_it_once(database: Database) {
        let app = TestApp::start(database).await;
        put_area(&app, 9).await;
        let mut numbers = Vec::new();
        for (number, postal, ahead) in [("1", "310012", 2), ("2", "310011", 2), ("3", "310012", 3)] {
            put_order(&app, number, postal).await;
            let (status, opened) = app.post("/returns", &asking(number, day(&app, ahead), "09-12")).await;
            assert_eq!(status, StatusCode::CREATED, "{opened}");
            numbers.push(opened["rma"].as_str().unwrap().to_owned());
        }
        let when = day(&app, 2);
        let shown = when.to_string();
        let (_, _, mut desk) = hire(&app, "Bo", "warehouse", free()).await;
        let given = [("day", shown.as_str()), ("round", "hangzhou")];
        assert_eq!(desk.post(&format!("{PAGE}/rounds"), &given).await, format!("{PAGE}?day={when}#rounds"));
        let page = desk.get(&format!("{PAGE}?day={when}")).await.1;
        let (link, id) = (link_on(&page), page.split("/staff/pickups/rounds/").nth(1).unwrap().split('/').next().unwrap().to_owned());

        // By machine it is listed with its link, for whoever sees to pickups.
        let staff = Machine::with(&app, Scope::Staff).await;
        assert_eq!(Machine::with(&app, Scope::Write).await.send("GET", "/pickups/rounds", None, &Value::Null).await.0, StatusCode::FORBIDDEN);
        let listed = staff.get(&format!("/pickups/rounds?date={when}")).await;
        let [round] = &listed.as_array().unwrap()[..] else { panic!("{listed}") };
        assert_eq!((&round["area"], &round["date"]), (&json!("hangzhou"), &json!(shown)), "{listed}");
        assert!(round["link"].as_str().unwrap().ends_with(&format!("/round/{link}")), "{listed}");
        let stops: Vec<&str> = round["stops"].as_array().unwrap().iter().map(|stop| stop["rma"].as_str().unwrap()).collect();
        assert_eq!((stops, &round["stops"][0]["state"]), (vec![numbers[1].as_str(), &numbers[0]], &json!("booked")), "{listed}");
        assert_eq!(staff.get("/pickups/rounds").await, json!([]), "none is given out today");
        assert_eq!(staff.send("GET", "/pickups/rounds?date=soon", None, &Value::Null).await.0, StatusCode::UNPROCESSABLE_ENTITY);

        // Whoever has it sees the stops of that day and area in their order, and of each what a courier needs.
        let mut courier = Visitor::new(&app);
        let round = format!("/round/{link}");
        let seen = courier.text(&round).await;
        let place = |rma: &str| seen.find(&format!("id=\"{rma}\"")).unwrap_or_else(|| panic!("{rma} is missing: {seen}"));
        assert!(place(&numbers[1]) < place(&numbers[0]) && !seen.contains(&numbers[2]), "{seen}");
        assert!(seen.contains("Li Wei") && seen.contains("文三路 90 号") && seen.contains("tel:+8613800000007"), "{seen}");
        for private in ["c1@example.com", "CNY", "dislike", "refund"] {
            assert!(!seen.contains(private), "{private}: {seen}");
        }
        let say = |rma: &str| format!("{round}/{rma}");
        assert!(!seen.contains("value=\"collected\""), "nothing to say before the day");
        courier.post(&say(&numbers[0]), &[("what", "collected")]).await;
        assert_ne!(app.get(&format!("/returns/{}", numbers[0])).await.1["status"], "in_transit");

        app.services.clock.advance(SignedDuration::from_hours(24 * 2));
        // By the browser itself, several times at the same moment: done once.
        let post = |rma: &str, what: &'static str| {
            let asked = app.client.post(format!("{}{}", app.base, say(rma))).header("accept", "application/json");
            asked.header("content-type", "application/x-www-form-urlencoded").body(format!("what={what}&note=+Rang+twice+&when=17")).send()
        };
        let answers = futures::future::join_all((0..5).map(|_| post(&numbers[0], "collected"))).await;
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status() == 200), "{answers:?}");
        let scans = format!("SELECT event FROM return_events WHERE rma = '{}' AND event LIKE '%\"scanned\"%'", numbers[0]);
        assert_eq!(app.database.texts(&scans).await.len(), 1);
        assert_eq!(app.get(&format!("/returns/{}", numbers[0])).await.1["status"], "in_transit");
        for _ in 0..2 {
            assert_eq!(post(&numbers[1], "missed").await.unwrap().status(), 200);
        }
        app.run_jobs().await;
        let (subject, ..) = last_mail(&app);
        assert!(subject.contains("could not collect") && subject.contains(&numbers[1]), "{subject}");
        assert_eq!(app.database.texts("SELECT kind FROM outbox WHERE kind LIKE '%pickup_missed%'").await.len(), 1, "they are told once");
        let (_, _, mut desk) = hire(&app, "Cy", "warehouse", free()).await;
        let page = desk.get(&format!("{PAGE}?day={when}")).await.1;
        assert!(page.contains("Rang twice"), "{page}");
        // They come by again and somebody is there after all.
        assert_eq!(courier.post(&say(&numbers[1]), &[("what", "collected")]).await, format!("{round}#{}", numbers[1]));
        assert_eq!(app.get(&format!("/returns/{}", numbers[1])).await.1["status"], "in_transit");

        // A door of another round is none of theirs, nor is one that was given up.
        assert_eq!(post(&numbers[2], "collected").await.unwrap().status(), 409);
        assert_eq!(courier.post(&say(&numbers[2]), &[("what", "missed")]).await, format!("{round}?away={}", numbers[2]));
        assert!(courier.text(&format!("{round}?away={}", numbers[2])).await.contains("is no longer on this round"));
        assert_ne!(app.get(&format!("/returns/{}", numbers[2])).await.1["status"], "in_transit");

        // Withdrawn, over, forged: nobody is let in, and nothing is said.
        assert_eq!(courier.get(&format!("/round/{link}x")).await.status(), 404);
        assert_eq!(desk.post(&format!("{PAGE}/rounds/{id}/withdraw"), &given).await, format!("{PAGE}?day={when}#rounds"));
        assert_eq!(courier.get(&round).await.status(), 410);
        assert!(!courier.text(&round).await.contains("Li Wei"));
        assert_eq!(post(&numbers[0], "collected").await.unwrap().status(), 410);
        desk.post(&format!("{PAGE}/rounds"), &given).await;
        let again = format!("/round/{}", link_on(&desk.get(&format!("{PAGE}?day={when}")).await.1));
        assert_eq!(courier.get(&again).await.status(), 200);
        app.services.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(courier.get(&again).await.status(), 410);
        let audit = app.database.texts("SELECT what FROM audit WHERE what LIKE '%round%' ORDER BY what").await;
        assert_eq!(audit, ["give_out_round", "give_out_round", "withdraw_round"]);
    }
}
