//! Returns that are still being written: somebody was away, reloads, has two windows, chose a number and no tick, asks too late.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;

use crate::app::{TestApp, days_ago, order};
use crate::databases::{on_both, sqlite};
use crate::pages::Visitor;

/// The value of the page's field that says what it was made from.
fn seen(html: &str) -> String {
    html.split("name=\"seen\" value=\"").nth(1).unwrap_or_default().split('"').next().unwrap_or_default().to_owned()
}

/// Whether the field has the value and is chosen.
fn is_checked(html: &str, name: &str, value: &str) -> bool {
    let field = html.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")) && tag.contains(&format!("value=\"{value}\"")));
    field.unwrap_or_else(|| panic!("no {name}={value}")).contains(" checked")
}

async fn found(visitor: &mut Visitor<'_>, number: &str) -> String {
    visitor.post("/", &[("number", number), ("contact", "wang@example.com")]).await
}

/// The draft of the order, at its items.
async fn begun(visitor: &mut Visitor<'_>, number: &str) -> String {
    found(visitor, number).await.strip_suffix("/items").unwrap().to_owned()
}

on_both! {
    async fn who_was_away_goes_on_where_they_were(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = begun(&mut visitor, "10248").await;
        visitor.post(&format!("{draft}/items"), &[("units|10248|2", "1")]).await;
        visitor.post(&format!("{draft}/why"), &[("reason|10248|2", "dislike"), ("condition|10248|2", "opened"), ("comment|10248|2", "too bright")]).await;
        app.services.clock.advance(SignedDuration::from_hours(3));
        let gone = visitor.get(&format!("{draft}/wish")).await;
        assert_eq!(gone.status(), StatusCode::GONE);
        assert!(gone.text().await.unwrap().contains("go on where you were"), "what is promised");
        assert_eq!(found(&mut visitor, "10248").await, format!("{draft}/wish"), "is kept");
        assert!(visitor.text(&format!("{draft}/why")).await.contains("too bright"));
        // With a browser that kept nothing, too.
        let mut elsewhere = Visitor::new(&app);
        assert_eq!(found(&mut elsewhere, "10248").await, format!("{draft}/wish"));

        visitor.post(&format!("{draft}/wish"), &[("wish|10248|2", "refund")]).await;
        visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await;
        assert!(visitor.post(&format!("{draft}/check"), &[]).await.ends_with("/done"));
        app.services.clock.advance(SignedDuration::from_hours(3));
        assert_ne!(begun(&mut Visitor::new(&app), "10248").await, draft, "what was sent off is not begun again");
    }
}

on_both! {
    async fn a_draft_of_several_orders_is_found_again_by_who_knows_all_of_them(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        app.put_order(&order("10249")).await;
        let mut visitor = Visitor::new(&app);
        let draft = begun(&mut visitor, "10248").await;
        visitor.post(&format!("{draft}/orders"), &[("number", "10249"), ("contact", "wang@example.com")]).await;
        visitor.post(&format!("{draft}/items"), &[("units|10249|2", "1")]).await;
        app.services.clock.advance(SignedDuration::from_hours(3));
        let mut later = Visitor::new(&app);
        assert!(!found(&mut later, "10248").await.starts_with(&draft), "the other order is not theirs yet");
        assert_eq!(found(&mut later, "10249").await, format!("{draft}/why"));
    }
}

on_both! {
    async fn what_was_said_so_far_outlives_a_reload(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = begun(&mut visitor, "10248").await;
        visitor.post(&format!("{draft}/items"), &[("units|10248|2", "1")]).await;
        let why = format!("{draft}/why");
        let mark = seen(&visitor.text(&why).await);
        let asked = async |visitor: &Visitor<'_>, fields: &[(&str, &str)]| {
            let request = visitor.client.post(format!("{}{draft}/preview/why", app.base)).form(fields);
            visitor.with_cookies(request).send().await.unwrap()
        };
        let half = [("seen", mark.as_str()), ("reason|10248|2", "dislike"), ("comment|10248|2", "too bright")];
        let silent = asked(&visitor, &half).await;
        assert_eq!(silent.status(), StatusCode::NO_CONTENT, "nothing is decided before its state is told");
        let page = visitor.text(&why).await;
        assert!(is_checked(&page, "reason|10248|2", "dislike") && page.contains("too bright"), "kept");
        assert!(!page.contains("class=\"errors\""), "and nobody is blamed before they went on");
        assert!(visitor.get(&format!("{draft}/wish")).await.headers()["location"].to_str().unwrap().ends_with("/why"), "its state is asked for");
        let whole = asked(&visitor, &[&half[..], &[("condition|10248|2", "opened")]].concat()).await;
        assert!(whole.text().await.unwrap().contains("verdict"));

        // What comes late changes no answer that was given since.
        visitor.post(&why, &[("seen", &mark), ("reason|10248|2", "quality"), ("sub_reason|10248|2|quality", "functional_fault"), ("condition|10248|2", "used")]).await;
        asked(&visitor, &half).await;
        assert!(is_checked(&visitor.text(&why).await, "reason|10248|2", "quality"));
    }
}

on_both! {
    async fn two_windows_lose_nothing_and_are_told(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = begun(&mut visitor, "10248").await;
        let (items, why) = (format!("{draft}/items"), format!("{draft}/why"));
        visitor.post(&items, &[("units|10248|2", "1")]).await;
        let first = seen(&visitor.text(&why).await);
        // The other window chooses something else.
        visitor.post(&items, &[("units|10248|1", "1")]).await;
        let lamp = [("seen", first.as_str()), ("reason|10248|2", "dislike"), ("condition|10248|2", "opened"), ("comment|10248|2", "too bright")];
        assert_eq!(visitor.post(&why, &lamp).await, why);
        let page = visitor.text(&why).await;
        assert!(page.contains("changed in another window") && page.contains("What you said of 黄铜台灯 is kept"), "it is said");
        assert!(!page.contains("Choose what is the matter") && !page.contains("too bright"), "and nothing is asked in the wrong window’s name");
        visitor.post(&items, &[("units|10248|1", "1"), ("units|10248|2", "1")]).await;
        let page = visitor.text(&why).await;
        assert!(is_checked(&page, "reason|10248|2", "dislike") && page.contains("too bright"), "chosen again it has what was said");

        // What is sent off is what was shown.
        let tee = [("reason|10248|1", "dislike"), ("condition|10248|1", "opened")];
        visitor.post(&why, &[&tee[..], &lamp[1..]].concat()).await;
        visitor.post(&format!("{draft}/wish"), &[("wish|10248|1", "refund"), ("wish|10248|2", "refund")]).await;
        visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await;
        let check = format!("{draft}/check");
        let shown = seen(&visitor.text(&check).await);
        visitor.post(&items, &[("units|10248|1", "1")]).await;
        assert_eq!(visitor.post(&check, &[("seen", &shown)]).await, check);
        let page = visitor.text(&check).await;
        assert!(page.contains("changed in another window"), "{page}");
        assert_eq!(app.database.texts("SELECT rma FROM returns").await, Vec::<String>::new());
        assert!(visitor.post(&check, &[("seen", &seen(&page))]).await.ends_with("/done"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_a_number_means_the_item() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("10248")).await;
    let mut visitor = Visitor::new(&app);
    let draft = begun(&mut visitor, "10248").await;
    let (items, why) = (format!("{draft}/items"), format!("{draft}/why"));
    assert_eq!(visitor.post(&items, &[("count|10248|1", "1")]).await, items, "the number that stands there says nothing");
    let page = visitor.text(&items).await;
    assert!(page.contains("id=\"f-items-error\""), "the mistake stands at the list: {page}");
    assert_eq!(visitor.post(&items, &[("count|10248|1", "2")]).await, why);
    assert!(visitor.text(&why).await.contains("× 2"));
    assert!(visitor.text(&items).await.contains("name=\"before|10248|1\""));
    let without = [("count|10248|1", "2"), ("before|10248|1", "1"), ("units|10248|2", "1")];
    assert_eq!(visitor.post(&items, &without).await, why);
    assert!(!visitor.text(&why).await.contains("有机棉"), "its tick was taken away");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declined_says_what_is_still_possible_and_can_be_told_otherwise() {
    let app = TestApp::start(sqlite().await).await;
    // A last day that is a day off ends after it: five days late is late on each.
    let mut late = order("10255");
    late["deliveries"][0]["delivered_at"] = json!(days_ago(12));
    late["deliveries"][0]["shipped_at"] = json!(days_ago(13));
    late["placed_at"] = json!(days_ago(15));
    app.put_order(&late).await;
    let mut visitor = Visitor::new(&app);
    let draft = begun(&mut visitor, "10255").await;
    let (items, wish) = (format!("{draft}/items"), format!("{draft}/wish"));
    let page = visitor.text(&items).await;
    assert!(page.contains("It could come back until") || page.contains("The return period ended"), "the one deadline");
    assert!(page.contains("Unopened, as it came: Exchange or Store credit still possible until"), "and the other: {page}");
    visitor.post(&items, &[("units|10255|1", "1"), ("units|10255|2", "1")]).await;
    let why = ["1", "2"].map(|line| [(format!("reason|10255|{line}"), "dislike"), (format!("condition|10255|{line}"), "opened")]).concat();
    let why: Vec<(&str, &str)> = why.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    visitor.post(&format!("{draft}/why"), &why).await;
    let page = visitor.text(&wish).await;
    assert!(page.contains("Unopened, as it came: Exchange or Store credit still possible until"), "{page}");
    assert!(page.contains("name=\"condition|10255|1\" value=\"unopened\""), "it can be changed there");
    assert_eq!(visitor.post(&wish, &[("seen", &seen(&page)), ("condition|10255|1", "unopened")]).await, wish);
    let page = visitor.text(&wish).await;
    assert!(page.contains("name=\"wish|10255|1\" value=\"exchange\""), "{page}");
    assert!(!page.contains("class=\"errors\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_everything_cannot_be_ticked_and_says_whom_to_ask() {
    let app = TestApp::with(sqlite().await, |config| config.shop.email = "shop@example.com".parse().ok()).await;
    let mut late = order("10283");
    late["deliveries"][0]["delivered_at"] = json!(days_ago(1200));
    late["deliveries"][0]["shipped_at"] = json!(days_ago(1201));
    late["placed_at"] = json!(days_ago(1203));
    late["lines"][1]["warranty_months"] = json!(60);
    app.put_order(&late).await;
    let mut visitor = Visitor::new(&app);
    let items = found(&mut visitor, "10283").await;
    let page = visitor.text(&items).await;
    assert!(!page.contains("name=\"units|10283|1\""), "past everything");
    assert!(page.contains("Nothing can be asked for here any more") && page.contains("mailto:shop@example.com"), "{page}");
    assert!(page.contains("name=\"units|10283|2\""), "under guarantee something may be wrong with it");
    assert_eq!(visitor.post(&items, &[("units|10283|1", "1")]).await, items, "whatever is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_has_its_own_arrival_and_deadline() {
    let app = TestApp::start(sqlite().await).await;
    let mut parcels = order("10277");
    let parcel = |id: &str, line: &str, days: i64| json!({"id": id, "shipped_at": days_ago(days + 1), "delivered_at": days_ago(days), "lines": [{"id": line, "quantity": if line == "1" { 2 } else { 1 }}]});
    parcels["deliveries"] = json!([parcel("d1", "1", 6), parcel("d2", "2", 2)]);
    parcels["placed_at"] = json!(days_ago(8));
    app.put_order(&parcels).await;
    let mut under_way = order("10261");
    under_way["deliveries"] = json!([{"id": "d1", "shipped_at": days_ago(1)}]);
    under_way["placed_at"] = json!(days_ago(2));
    app.put_order(&under_way).await;
    let mut visitor = Visitor::new(&app);
    let items = found(&mut visitor, "10277").await;
    let page = visitor.text(&items).await;
    // Below the items stands what may not have arrived.
    let list = page.split("<main").nth(1).unwrap().split("id=\"f-missing\"").next().unwrap();
    assert_eq!(list.matches("delivered ").count(), 2, "{list}");
    let items = found(&mut visitor, "10261").await;
    let page = visitor.text(&items).await;
    assert_eq!(page.matches("It is not delivered yet; once it is, you have 7 days.").count(), 2, "{page}");
    assert_eq!(page.matches("Unopened, as it came: 15 days").count(), 2, "as the later pages say where that is chosen: {page}");
    assert!(!page.contains("until "), "no day is named before it arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_where_nothing_was_found_and_the_title_says_so() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("10248")).await;
    let mut visitor = Visitor::new(&app);
    visitor.post("/find-return", &[("rma", "R-7KQ4-M2XD"), ("rma_contact", "wang@wrong.example")]).await;
    let page = visitor.text("/").await;
    assert!(page.contains("value=\"wang@wrong.example\""), "{page}");
    assert!(page.contains("<title>Error: "), "{page}");
    assert!(page.contains(" autofocus"), "the reader begins with what is wrong");
    assert!(!visitor.text("/").await.contains("<title>Error: "), "said once");

    visitor.post("/returns/R-0000-0011/verify", &[("contact", "li@wrong.example")]).await;
    assert!(visitor.text("/returns/R-0000-0011").await.contains("value=\"li@wrong.example\""));

    let draft = begun(&mut visitor, "10248").await;
    let items = visitor.post(&format!("{draft}/orders"), &[("number", "10999"), ("contact", "zhao@wrong.example")]).await;
    let page = visitor.text(&items).await;
    assert!(page.contains("value=\"10999\"") && page.contains("value=\"zhao@wrong.example\""), "{page}");
    visitor.post(&items, &[]).await;
    assert!(!visitor.text(&items).await.contains("zhao@wrong.example"), "said no more, it stands there no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_one_item_can_go_for_all() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("10248")).await;
    let mut visitor = Visitor::new(&app);
    let draft = begun(&mut visitor, "10248").await;
    let (why, wish) = (format!("{draft}/why"), format!("{draft}/wish"));
    visitor.post(&format!("{draft}/items"), &[("units|10248|1", "2"), ("count|10248|1", "2"), ("units|10248|2", "1")]).await;
    let page = visitor.text(&why).await;
    assert!(page.contains("<b class=\"num\">CN¥\u{a0}447.00") && page.contains("3 items"), "what it comes to stands at the foot: {page}");
    let told = [("same", "10248|1"), ("reason|10248|1", "dislike"), ("condition|10248|1", "unopened"), ("comment|10248|1", "a gift")];
    assert_eq!(visitor.post(&why, &told).await, why);
    let page = visitor.text(&why).await;
    assert!(is_checked(&page, "reason|10248|2", "dislike") && is_checked(&page, "condition|10248|2", "unopened"));
    assert_eq!(page.matches("a gift").count(), 1, "words are of one item");
    let both = [
        ("reason|10248|1", "dislike"),
        ("condition|10248|1", "unopened"),
        ("reason|10248|2", "dislike"),
        ("condition|10248|2", "unopened"),
    ];
    assert_eq!(visitor.post(&why, &both).await, wish);
    assert_eq!(visitor.post(&wish, &[("same", "10248|1"), ("wish|10248|1", "store_credit")]).await, wish);
    let page = visitor.text(&wish).await;
    assert!(is_checked(&page, "wish|10248|2", "store_credit"));
    assert!(page.find("class=\"sr\">Continue").unwrap() < page.find("name=\"same\"").unwrap(), "Enter goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_comes_to_something_at_once() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("10248")).await;
    let mut visitor = Visitor::new(&app);
    let draft = begun(&mut visitor, "10248").await;
    let items = format!("{draft}/items");
    let mark = seen(&visitor.text(&items).await);
    let request = visitor.client.post(format!("{}{draft}/preview/items", app.base));
    let fields = [("seen", mark.as_str()), ("units|10248|1", "1"), ("count|10248|1", "1"), ("units|10248|2", "1")];
    let sum = visitor.with_cookies(request.form(&fields)).send().await.unwrap().text().await.unwrap();
    assert!(sum.contains("358.00") && sum.contains("2 items"), "{sum}");
    assert!(is_checked(&visitor.text(&items).await, "units|10248|2", "1"), "kept for a reload");
}
