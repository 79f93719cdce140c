//! Somebody at work opens a return for a customer who called, wrote or stands at the counter (C2), also without the order's number.

use mail_parser::MessageParser;
use serde_json::json;

use crate::app::{TestApp, order};
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::staff::{Browser, free, hire};

/// The address of a draft that is written for a customer.
async fn opened(browser: &mut Browser<'_>, number: &str, channel: &str) -> String {
    let items = browser.post("/staff/open", &[("order", number), ("channel", channel), ("proof", "receipt")]).await;
    items.strip_suffix("/items").unwrap_or_else(|| panic!("{items}")).to_owned()
}

on_both! {
    async fn a_return_is_opened_for_a_customer_by_phone(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = order("10248");
        bought["payments"][0] = json!({"id": "pi_1", "method": "card", "card_ending": "4242", "amount": "457.00"});
        bought["lines"][1]["serials"] = json!(["LMP-0042-77"]);
        app.put_order(&bought).await;
        let mut other = order("10249");
        other["customer"] = json!({"id": "c-2", "name": "王小红", "email": "hong@example.com"});
        app.put_order(&other).await;
        let (_, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut jan) = hire(&app, "Jan", "support", free()).await;
        let (_, _, mut dock) = hire(&app, "Bo", "warehouse", free()).await;
        // The order is found by what a customer has at hand.
        for sought in ["10248", "4242", "王小明", "小明", "wang@example.com", "0001", "LMP-0042-77"] {
            let page = mei.get(&format!("/staff/search?q={sought}")).await.1;
            assert!(page.contains("value=\"10248\"") && page.contains("action=\"/staff/open\""), "{sought}: {page}");
            assert!(!page.contains("value=\"10249\""), "{sought}");
        }
        assert!(!dock.get("/staff/search?q=10248").await.1.contains("/staff/open"), "that is not for the warehouse");
        dock.post("/staff/open", &[("order", "10248"), ("channel", "phone")]).await;
        dock.says("/staff/search", "This is for Support").await;
        for wrong in [[("order", "nothing"), ("channel", "phone")], [("order", "10248"), ("channel", "pigeon")]] {
            assert_eq!(mei.post("/staff/open", &wrong).await, "/staff/search");
            mei.says("/staff/search", "errors-title").await;
        }

        let draft = opened(&mut mei, "10248", "phone").await;
        mei.says(&format!("{draft}/items"), "You fill this in for the customer").await;
        // Nobody else has it: not a colleague, not the customer, nobody who was told its address.
        for somebody in [&mut jan, &mut dock, &mut Browser::new(&app)] {
            let page = somebody.get(&format!("{draft}/items")).await.1;
            assert!(!page.contains("黄铜台灯"), "{page}");
            somebody.post(&format!("{draft}/items"), &[("units|10248|2", "1"), ("count|10248|2", "1")]).await;
        }
        let mut customer = Visitor::new(&app);
        let own = customer.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        assert!(!own.starts_with(&draft), "the customer's own is another");
        assert!(!customer.text(&format!("{draft}/items")).await.contains("黄铜台灯"));

        assert_eq!(mei.post(&format!("{draft}/items"), &[("units|10248|1", "1"), ("count|10248|1", "1")]).await, format!("{draft}/why"));
        let why = [("reason|10248|1", "dislike"), ("condition|10248|1", "opened")];
        assert_eq!(mei.post(&format!("{draft}/why"), &why).await, format!("{draft}/wish"));
        assert_eq!(mei.post(&format!("{draft}/wish"), &[("wish|10248|1", "refund")]).await, format!("{draft}/send"));
        assert_eq!(mei.post(&format!("{draft}/send"), &[("method", "drop_off")]).await, format!("{draft}/check"));
        let done = mei.post(&format!("{draft}/check"), &[]).await;
        let rma = done.strip_prefix("/staff/returns/").unwrap_or_else(|| panic!("{done}")).to_owned();
        assert_eq!(mei.post(&format!("{draft}/check"), &[]).await, done, "sent twice, opened once");
        assert_eq!(mei.get(&done).await.0, 200);

        let (_, told) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((told["channel"].as_str(), told["status"].as_str()), (Some("phone"), Some("approved")), "{told}");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert_eq!(timeline["events"][0]["actor"], json!({"kind": "staff", "name": "Mei"}), "{timeline}");
        // The customer hears of it in their language, and sees it among their returns.
        app.run_jobs().await;
        let mail = app.mails().pop().unwrap();
        let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert!(mail.body_text(0).unwrap().contains("您"), "{:?}", mail.body_text(0));
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("wang@example.com"));
        let seen = customer.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        assert!(customer.text(&seen).await.contains(&rma));
        // Who is out at work has none of it any more.
        let draft = opened(&mut mei, "10249", "counter").await;
        mei.post("/staff/sign-out", &[]).await;
        assert!(!mei.get(&format!("{draft}/items")).await.1.contains("黄铜台灯"));
        let trail = app.database.texts("SELECT what FROM audit WHERE what = 'write_for_customer'").await;
        assert_eq!(trail.len(), 2);
    }
}
