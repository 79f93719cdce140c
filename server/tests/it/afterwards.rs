//! From the way back to the money: every page and the mail say the same of what it costs, of what was wished for, and of the days.

use jiff::SignedDuration;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use crate::app::{TestApp, order};
use crate::databases::{on_both, sqlite};
use crate::pages::Visitor;

/// Text without tags, entities of quotes undone, each run of spaces one.
pub fn words(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        if !tag.starts_with("script") && !tag.starts_with("style") {
            text.push(' ');
            text.push_str(rest);
        }
    }
    text.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is between two passages.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {text}")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?} in {rest}")).0
}

/// A visitor who has told all but the way back of line 1 of an order: the draft's address.
async fn wished(visitor: &mut Visitor<'_>, number: &str, why: &[(&str, &str)], wish: &[(&str, &str)]) -> String {
    let items = visitor.post("/", &[("number", number), ("contact", "wang@example.com")]).await;
    let draft = items.strip_suffix("/items").unwrap().to_owned();
    visitor.post(&items, &[("units|1|1", "1"), ("count|1|1", "1")]).await;
    let next = visitor.post(&format!("{draft}/why"), why).await;
    assert!(next.ends_with("/wish"), "{next}");
    visitor.post(&format!("{draft}/wish"), wish).await;
    draft
}

const DISLIKE: [(&str, &str); 2] = [("reason|1|1", "dislike"), ("condition|1|1", "opened")];
const REFUND: [(&str, &str); 1] = [("wish|1|1", "refund")];

async fn shown(visitor: &Visitor<'_>, path: &str) -> String {
    words(&visitor.text(path).await)
}

fn last_mail(app: &TestApp) -> String {
    let mails = app.mails();
    MessageParser::default().parse(mails.last().unwrap().as_bytes()).unwrap().body_text(0).unwrap().replace('\u{a0}', " ")
}

fn diamond() -> Value {
    let mut bought = order("1");
    bought["customer"]["tier"] = "diamond".into();
    bought
}

on_both! {
    async fn what_an_exchange_costs_and_what_was_written_for_it_stand_on_every_page_and_in_the_mail(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        let why = [("reason|1|1", "size"), ("sub_reason|1|1|size", "too_small"), ("condition|1|1", "unopened")];
        let draft = wished(&mut visitor, "1", &why, &[("wish|1|1", "exchange"), ("exchange|1|1", "the blue one, please")]).await;
        let send = shown(&visitor, &format!("{draft}/send")).await;
        assert!(between(&send, "Drop it off", "Send it").contains("you pay it before the new item is sent CN¥ 8.00"), "{send}");
        visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await;
        let check = shown(&visitor, &format!("{draft}/check")).await;
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let track = shown(&visitor, done.trim_end_matches("/done")).await;
        let done = shown(&visitor, &done).await;
        app.run_jobs().await;
        let mail = last_mail(&app);
        for (place, text) in [("check", &check), ("track", &track), ("mail", &mail)] {
            assert!(text.contains("CN¥ 8.00 · you pay it before the new item is sent"), "{place}: {text}");
            assert!(text.contains("“the blue one, please”"), "{place}: {text}");
        }
        for (place, text) in [("done", &done), ("track", &track), ("mail", &mail)] {
            assert!(text.contains("You pay CN¥ 8.00; we write to you how"), "{place}: {text}");
        }
        assert!(check.contains("What you pay") && !check.contains("Your refund"), "{check}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_off_a_refund_and_what_is_free_are_told_alike() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    for (method, said) in [("drop_off", "CN¥ 8.00 · taken off what you get back"), ("self_ship", "you pay the carrier")] {
        let mut visitor = Visitor::new(&app);
        let draft = wished(&mut visitor, "1", &DISLIKE, &REFUND).await;
        visitor.post(&format!("{draft}/send"), &[("method", method)]).await;
        let check = shown(&visitor, &format!("{draft}/check")).await;
        assert!(check.contains(&format!("Return shipping: {said}")), "{check}");
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let track = shown(&visitor, done.trim_end_matches("/done")).await;
        assert!(track.contains(&format!("Return shipping: {said}")), "{track}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_size_is_named_beside_the_one_that_comes_back() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    for (sku, variant) in [("TEE-BLK-M", "黑色 M"), ("TEE-BLK-L", "黑色 L")] {
        let told =
            json!({"quantity": 5, "variant_of": "TEE", "variant": variant, "name": "有机棉 T 恤", "price": "99.00", "currency": "CNY"});
        assert!(app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&told).send().await.unwrap().status().is_success());
    }
    let mut visitor = Visitor::new(&app);
    let why = [("reason|1|1", "size"), ("sub_reason|1|1|size", "too_small"), ("condition|1|1", "unopened")];
    let draft = wished(&mut visitor, "1", &why, &[("wish|1|1", "exchange"), ("exchange|1|1", "TEE-BLK-L")]).await;
    visitor.post(&format!("{draft}/send"), &[("method", "self_ship")]).await;
    let check = shown(&visitor, &format!("{draft}/check")).await;
    assert!(check.contains("You can exchange this: 黑色 M → 黑色 L.") && check.contains("Exchange: 黑色 M → 黑色 L"), "{check}");
    let done = visitor.post(&format!("{draft}/check"), &[]).await;
    let track = shown(&visitor, done.trim_end_matches("/done")).await;
    assert!(track.contains("Exchange: 黑色 M → 黑色 L"), "{track}");
}

on_both! {
    async fn no_day_is_promised_before_the_way_is_known_and_one_after(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&diamond()).await;
        let mut visitor = Visitor::new(&app);
        let draft = wished(&mut visitor, "1", &DISLIKE, &REFUND).await;
        let wish = shown(&visitor, &format!("{draft}/wish")).await;
        assert!(wish.contains("within 4 working days of arrival") && !wish.contains("with you by"), "{wish}");
        let send = visitor.text(&format!("{draft}/send")).await;
        assert_eq!(send.matches("type=\"radio\" name=\"pickup_date\"").count(), 7);
        let day = between(&send, "name=\"pickup_date\" value=\"", "\"").to_owned();
        visitor.post(&format!("{draft}/send"), &[("method", "pickup"), ("pickup_date", &day), ("pickup_slot", "09-12")]).await;
        let check = shown(&visitor, &format!("{draft}/check")).await;
        let money = between(&check, "with you by ", " Send it back").to_owned();
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let track = shown(&visitor, done.trim_end_matches("/done")).await;
        let done = shown(&visitor, &done).await;
        app.run_jobs().await;
        let mail = last_mail(&app);
        // The pickup has one time, and nothing else is promised for its day.
        let pickup = between(&track, "We collect it on ", ", 9:00 – 12:00").rsplit("We collect it on ").next().unwrap().to_owned();
        for (place, text) in [("done", &done), ("track", &track), ("mail", &mail)] {
            assert!(text.contains(&format!("{pickup}, 9:00 – 12:00")), "{place}: {text}");
            assert!(!text.to_lowercase().contains(&format!("by {}", pickup.to_lowercase())), "{place}: {text}");
            assert!(text.to_lowercase().contains(&format!("by {}", money.to_lowercase())), "{place} says {money}: {text}");
        }
    }
}

on_both! {
    async fn what_is_overdue_is_said_in_words_with_what_to_do(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&diamond()).await;
        app.put_order(&order("2")).await;
        let line = json!({"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        let (_, sent) = app.post("/returns", &json!({"orders": ["2"], "method": "self_ship", "lines": [line]})).await;
        let day = jiff::Timestamp::now() + SignedDuration::from_hours(48);
        let day = day.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
        let pickup = json!({"orders": ["1"], "method": "pickup", "pickup": {"date": day, "slot": "09-12"}, "lines": [line]});
        let (status, collected) = app.post("/returns", &pickup).await;
        assert_eq!(status, 201, "{collected}");
        app.services.clock.advance(SignedDuration::from_hours(24 * 30));
        for (opened, said) in [(&sent, "You can still send it: your money follows within 4 working days of arrival."), (&collected, "If nobody came, choose another day below.")] {
            let mut visitor = Visitor::new(&app);
            let rma = opened["rma"].as_str().unwrap();
            let page = visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
            let html = visitor.text(&page).await;
            let text = words(&html);
            assert!(text.contains(said), "{text}");
            assert!(text.contains("overdue") && html.contains("class=\"now late\""), "the late step is marked: {text}");
            assert!(!text.contains("Your money is with you by") && !text.contains("We collect it on Mon by"), "{text}");
            // What waits for the parcel has no day.
            assert_eq!(between(&text, "It arrives and is checked", "goes back to you").matches(" by ").count(), 0, "{text}");
            let (_, told) = app.get(&format!("/returns/{rma}/timeline")).await;
            assert!(told["entries"].as_array().unwrap().iter().any(|entry| entry["late"].is_string()), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_with_nothing_left_is_one_page_with_the_way_on() {
    let app = TestApp::start(sqlite().await).await;
    let mut cancelled = order("1");
    cancelled["cancelled"] = true.into();
    cancelled["deliveries"] = json!([]);
    app.put_order(&cancelled).await;
    let mut small = order("2");
    small["lines"] = json!([{"id": "1", "sku": "CUP", "name": "Cup", "category": "home", "quantity": 1, "unit_price": "20.00"}]);
    small["payments"] = json!([]);
    app.put_order(&small).await;
    let line = json!({"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
    let (_, opened) = app.post("/returns", &json!({"orders": ["2"], "method": "self_ship", "lines": [line]})).await;
    let of_return = format!("href=\"/returns/{}\"", opened["rma"].as_str().unwrap());
    for (number, said, way) in [("1", "cancelled before it was sent", "href=\"/\""), ("2", "on its way back", of_return.as_str())] {
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", number), ("contact", "wang@example.com")]).await;
        let html = visitor.text(&items).await;
        let main = between(&html, "<main", "</main>");
        assert!(words(main).contains("There is nothing left to send back") && words(main).contains(said), "{main}");
        assert!(main.contains(way) && !main.contains("<fieldset") && !main.contains("<form") && !main.contains("<details"), "{main}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stays_with_the_customer_is_not_spoken_of_as_a_parcel() {
    let app = TestApp::start(sqlite().await).await;
    let mut small = order("1");
    small["lines"] = json!([{"id": "1", "sku": "CUP", "name": "Cup", "category": "home", "quantity": 1, "unit_price": "39.00"}]);
    small["payments"] = json!([]);
    app.put_order(&small).await;
    let mut visitor = Visitor::new(&app);
    let why = [("reason|1|1", "quality"), ("sub_reason|1|1|quality", "cosmetic_flaw"), ("condition|1|1", "opened")];
    let draft = wished(&mut visitor, "1", &why, &[("wish|1|1", "keep_refund")]).await;
    let check = visitor.text(&format!("{draft}/check")).await;
    let done = visitor.post(&format!("{draft}/check"), &[]).await;
    let track = visitor.text(done.trim_end_matches("/done")).await;
    let done = visitor.text(&done).await;
    for (place, html) in [("check", &check), ("done", &done), ("track", &track)] {
        let main = between(html, "<main", "</main>");
        // What the rules say of other cases is not said of this one.
        let (before, after) = (main.split("<details").next().unwrap(), main.rsplit("</details>").next().unwrap());
        let text = words(&if before.len() < main.len() { format!("{before}{after}") } else { main.to_owned() }).to_lowercase();
        for of_sending in ["parcel", "send it", "ready to send", "return is booked", "label", "what comes back", "return shipping"] {
            assert!(!text.contains(of_sending), "{place} says {of_sending:?}: {text}");
        }
    }
    assert!(words(&done).contains("it stays with you") && words(&track).contains("What stays with you"));
}

on_both! {
    async fn what_was_done_is_said_on_top_once_and_a_cancelled_return_can_be_started_again(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        let draft = wished(&mut visitor, "1", &DISLIKE, &REFUND).await;
        visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await;
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let said = shown(&visitor, &done).await;
        assert!(said.contains("w…g@example.com") && !said.contains("wang@example.com"), "masked like everywhere: {said}");
        let page = done.trim_end_matches("/done").to_owned();
        visitor.post(&format!("{page}/method"), &[("method", "self_ship")]).await;
        let told = async |visitor: &Visitor<'_>| visitor.text(&page).await.matches("class=\"told\"").count();
        assert_eq!((told(&visitor).await, told(&visitor).await), (1, 0));
        visitor.post(&format!("{page}/cancel"), &[]).await;
        assert!(shown(&visitor, &page).await.contains("Your return is cancelled."));
        let again = visitor.text(&page).await;
        assert!(again.contains("class=\"line over\"") && words(&again).contains("Start again"), "{again}");
        let items = visitor.post(&format!("{page}/add"), &[]).await;
        assert!(items.starts_with("/return/") && visitor.text(&items).await.contains("name=\"units|1|1\""), "{items}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_stop_somebody_lead_on_and_a_number_can_be_called() {
    let app = TestApp::with(sqlite().await, |config| config.shop.phone = Some("400 000-0000".into())).await;
    let visitor = Visitor::new(&app);
    for path in ["/busy", "/updating", "/failed/abc", "/gone", "/nothing"] {
        let html = visitor.text(path).await;
        let main = between(&html, "<main", "</main>");
        assert!(main.contains("class=\"btn\"") && main.contains("href=\"/\""), "{path}: {main}");
        assert!(html.contains("href=\"tel:4000000000\""), "{path}");
    }
}
