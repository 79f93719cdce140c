//! What somebody has here, on one page: what waits for them first, what they were told, what they can spend, and what their tier gives them (C47–C49).

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::afterwards;
use crate::app::{TestApp, order, request};
use crate::credit::code_of;
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::offers::offered;
use crate::pages::Visitor;

/// The words of what a page is about.
fn words(html: &str) -> String {
    afterwards::words(html.split("<main").nth(1).unwrap().split("</main>").next().unwrap())
}

/// They come in that order, each of them.
fn follow(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        from += at + part.len();
    }
}

async fn member(app: &TestApp, tier: Value) {
    let told = app.api("PUT", "/customers/c-1").json(&json!({"email": "wang@example.com", "name": "王小明", "tier": tier}));
    assert!(told.send().await.unwrap().status().is_success());
}

on_both! {
    async fn what_waits_for_an_answer_stands_first(database: Database) {
        let app = TestApp::start(database).await;
        // The offer was made before the other was opened: what waits for an answer comes first all the same.
        let asked = offered(&app).await;
        app.put_order(&order("2")).await;
        let (status, opened) = app.post("/returns", &request("2", "2", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        app.run_jobs().await;
        let mut visitor = Visitor::new(&app);
        visitor.follow("/?lang=en").await;
        code_of(&app, &mut visitor, "wang@example.com").await;
        let page = visitor.text("/account").await;
        let said = words(&page);
        follow(&said, &[
            "王小明", "Your returns", "Your answer by", "CN¥ 60.00 offered", "Send it by", "黄铜台灯", "CN¥ ", " by ",
            "Send something back", "Messages", "2 new", "is booked", "New ·", "Your orders", "Order 2", "Order 1",
        ]);
        assert!(page.contains(&format!("href=\"/returns/{asked}\"")), "{page}");
        assert!(!said.contains("Yours to spend") && !said.contains("Because you are"), "they have neither: {said}");
        // Whoever sees how it begins has not read it.
        let again = words(&visitor.text("/account").await);
        assert!(again.contains("New ·"), "{again}");
        visitor.text("/account/inbox").await;
        let read = words(&visitor.text("/account").await);
        assert!(!read.contains("New ·") && read.contains("Messages"), "{read}");
        // Answered, it waits no more.
        visitor.post(&format!("/returns/{asked}/offer"), &[("answer", "accept"), ("offer", "o1")]).await;
        let settled = words(&visitor.text("/account").await);
        assert!(!settled.contains("Your answer by") && settled.contains("Send it by"), "{settled}");
    }
}

on_both! {
    async fn a_tier_says_what_it_gives_and_what_the_next_would(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        visitor.follow("/?lang=en").await;
        code_of(&app, &mut visitor, "wang@example.com").await;
        let none = words(&visitor.text("/account").await);
        assert!(!none.contains(" member") && none.contains("With Gold you would also have"), "who has no tier reads what the lowest gives: {none}");
        member(&app, json!("diamond")).await;
        follow(&words(&visitor.text("/account").await), &[
            "Diamond member", "Because you are Diamond", "How long: 30 days from delivery instead of 7 days from delivery", "Who pays return shipping: we do", "How to send it: Pickup at your door, Drop it off",
        ]);
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "tier_ranking": ["silver", "gold", "diamond"],
            "window": [{"id": "gold", "when": {"tier": ["gold", "diamond"]}, "then": {"days": 30}}, {"id": "all", "then": {"days": 14}}],
            "freight": [{"id": "best", "when": {"tier": "diamond", "category": "shoes"}, "then": {"payer": "merchant"}}, {"id": "all", "then": {"payer": "customer"}}]})).await;
        member(&app, json!("gold")).await;
        let gold = words(&visitor.text("/account").await);
        follow(&gold, &["Because you are Gold", "30 days from delivery instead of 14 days", "With Diamond you would also have", "Who pays return shipping: we do", "hoes"]);
        assert_eq!(gold.matches("How long").count(), 1, "what they have already is not promised again: {gold}");
        member(&app, json!(null)).await;
        let none = words(&visitor.text("/account").await);
        assert!(!none.contains("Because you are") && !none.contains("With Silver"), "a tier that gives nothing is no promise: {none}");
        member(&app, json!("silver")).await;
        follow(&words(&visitor.text("/account").await), &["Silver member", "With Gold you would also have", "How long: 30 days"]);
        for (language, said) in [("zh-CN", "升级到金卡还会有"), ("de", "Mit Gold hätten Sie außerdem"), ("fr", "Avec Or, vous auriez aussi")] {
            visitor.follow(&format!("/account?lang={language}")).await;
            let page = words(&visitor.text("/account").await);
            assert!(page.contains(said), "{language}: {page}");
        }
    }
}
