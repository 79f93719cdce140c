//! Money that no gateway takes back goes by bank transfer: to an account that is kept apart, in one file, once.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both};
use crate::review::Machine;
use crate::staff::{free, hire};
use crate::talk::shopper;

const IBAN: &str = "DE89 3704 0044 0532 0130 00";

async fn shop(database: Database) -> TestApp {
    TestApp::with(database, |config| {
        config.shop.iban = Some("FR1420041010050500013M02606".into());
        config.shop.bic = Some("PSSTFRPPMON".into());
    })
    .await
}

/// A return of one thing at 100.00 euros, promised and not paid.
async fn granted(app: &TestApp, number: &str) -> String {
    let mut bought = order(number);
    bought["currency"] = json!("EUR");
    bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 1, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "amount": "100.00"}]);
    app.put_order(&bought).await;
    let (_, opened) = app.post("/returns", &request(number, "1", 1)).await;
    let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    let desk = Machine::with(app, Scope::Admin).await;
    desk.post(&format!("/returns/{rma}/receive"), &json!({})).await;
    let accepted = json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]});
    let (status, looked) = desk.post(&format!("/returns/{rma}/inspect"), &accepted).await;
    assert_eq!(status, StatusCode::OK, "{looked}");
    let (status, promised) = desk.post(&format!("/returns/{rma}/grant"), &json!({})).await;
    assert_eq!((status, &promised["granted"]["amount"]), (StatusCode::OK, &json!("100.00")), "{promised}");
    rma
}

fn chosen(rmas: &[&String]) -> Value {
    json!({"items": rmas.iter().map(|rma| json!({"rma": rma, "grant": "g1"})).collect::<Vec<_>>()})
}

fn left_out(made: &Value) -> Vec<&str> {
    made["left_out"].as_array().unwrap_or_else(|| panic!("{made}")).iter().map(|one| one["why"].as_str().unwrap()).collect()
}

on_both! {
    async fn what_is_due_by_hand_goes_to_the_bank_once(database: Database) {
        let app = shop(database).await;
        let (first, second) = (granted(&app, "1").await, granted(&app, "2").await);
        let finance = Machine::with(&app, Scope::Finance).await;
        let due = finance.get("/transfers").await;
        assert_eq!(due["items"].as_array().unwrap().len(), 2, "{due}");
        assert_eq!((&due["items"][0]["amount"]["amount"], &due["items"][0]["account"]), (&json!("100.00"), &Value::Null), "{due}");
        let one = finance.get("/transfers?limit=1").await;
        let cursor = one["next_cursor"].as_str().unwrap();
        let rest = finance.get(&format!("/transfers?limit=1&cursor={cursor}")).await;
        assert_ne!(one["items"][0]["rma"], rest["items"][0]["rma"], "{one} {rest}");

        // Nobody has named an account yet.
        let (status, made) = finance.post("/transfers", &chosen(&[&first, &second])).await;
        assert_eq!((status, left_out(&made)), (StatusCode::CREATED, vec!["no_account"; 2]), "{made}");
        for (account, field) in [
            (json!({"holder": "Anna Müller", "iban": "DE89 3704 0044 0532 0130 01"}), "iban"),
            (json!({"holder": " ", "iban": IBAN}), "holder"),
            (json!({"holder": "Anna", "number": "12345"}), "number"),
            (json!({"holder": "Anna", "number": "123456", "iban": IBAN}), "number"),
        ] {
            let (status, wrong) = finance.send("PUT", &format!("/returns/{first}/bank-account"), None, &account).await;
            assert_eq!((status, wrong["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{wrong}");
        }
        let account = json!({"holder": "Anna Müller", "iban": IBAN});
        let (status, kept) = finance.send("PUT", &format!("/returns/{first}/bank-account"), None, &account).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{kept}");

        // The first word of the money asks whoever has not said where it goes, and nobody else.
        app.run_jobs().await;
        let mails: Vec<String> = app.mails().into_iter().filter(|mail| mail.contains("is settled")).collect();
        let asks = |rma: &String| mails.iter().any(|mail| mail.contains(rma.as_str()) && mail.contains("Tell us which account"));
        assert_eq!((mails.len(), asks(&first), asks(&second)), (2, false, true), "{mails:#?}");

        // The other's customer names theirs.
        let mut customer = shopper(&app, &second, "2").await;
        let page = customer.text(&format!("/returns/{second}")).await;
        assert!(page.contains("Your bank account") && page.contains(&format!("/returns/{second}/bank")), "{page}");
        let wrong = [("holder", "Li Lei"), ("iban", "DE89370400440532013009"), ("account", ""), ("bank", "")];
        assert_eq!(customer.post(&format!("/returns/{second}/bank"), &wrong).await, format!("/returns/{second}/bank"));
        let page = customer.text(&format!("/returns/{second}/bank")).await;
        assert!(page.contains("Check the IBAN") && !page.contains("370400440532013009"), "{page}");
        let right = [("holder", "Li Lei"), ("iban", "GB29 NWBK 6016 1331 9268 19")];
        assert_eq!(customer.post(&format!("/returns/{second}/bank"), &right).await, format!("/returns/{second}"));
        assert!(customer.text(&format!("/returns/{second}")).await.contains("GB…6819"));
        // A stranger names nobody's.
        let mut stranger = shopper(&app, &first, "1").await;
        assert_eq!(stranger.post(&format!("/returns/{second}/bank"), &right).await, format!("/returns/{second}"));

        let (status, made) = finance.send("POST", "/transfers", Some("k1"), &chosen(&[&first, &second])).await;
        assert_eq!((status, left_out(&made)), (StatusCode::CREATED, vec![]), "{made}");
        let batch = made["id"].as_str().unwrap().to_owned();
        let sent: Vec<_> = made["transfers"].as_array().unwrap().iter().map(|one| (one["state"].as_str().unwrap(), one["account"].as_str().unwrap())).collect();
        assert_eq!(sent, [("pending", "DE…3000"), ("pending", "GB…6819")]);
        let (_, again) = finance.send("POST", "/transfers", Some("k1"), &chosen(&[&first, &second])).await;
        assert_eq!((&again["id"], again["transfers"].as_array().unwrap().len()), (&made["id"], 2), "{again}");
        let (_, other) = finance.post("/transfers", &chosen(&[&first, &second])).await;
        assert_eq!((left_out(&other), other["transfers"].as_array().unwrap().len()), (vec!["not_due"; 2], 0), "each is in one batch");
        assert_eq!(finance.get("/transfers").await["items"], json!([]));
        let (_, paid) = finance.post(&format!("/returns/{first}/pay"), &json!({"method": "manual"})).await;
        assert_eq!(paid["payments"].as_array().unwrap().len(), 1, "it is on its way: {paid}");

        let file = finance.file(&format!("/transfers/{batch}/transfers.xml")).await;
        assert_eq!(file.headers()["content-type"], "application/xml");
        let xml = file.text().await.unwrap();
        for part in [
            "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
            "<NbOfTxs>2</NbOfTxs>",
            "<CtrlSum>200.00</CtrlSum>",
            &format!("<EndToEndId>{first}-p1</EndToEndId>"),
            "<InstdAmt Ccy=\"EUR\">100.00</InstdAmt>",
            "<Nm>Anna Mueller</Nm>",
            "<IBAN>FR1420041010050500013M02606</IBAN>",
            "<BICFI>PSSTFRPPMON</BICFI>",
            "<IBAN>GB29NWBK60161331926819</IBAN>",
        ] {
            assert!(xml.contains(part), "{part}: {xml}");
        }

        // The same for whatever reads tables, with the whole accounts.
        let file = finance.file(&format!("/transfers/{batch}/transfers.csv")).await;
        assert_eq!((&file.headers()["content-type"], &file.headers()["cache-control"]), (&"text/csv; charset=utf-8".parse().unwrap(), &"no-store".parse().unwrap()));
        let table = file.text().await.unwrap();
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines[0], "place,reference,return,order,currency,amount,holder,iban,account,bank,state");
        let paid = format!("1,{first}-p1,{first},1,EUR,100.00,Anna M");
        assert!(lines[1].starts_with(&paid) && lines[1].ends_with(",,,pending"), "{table}");
        assert!(lines[2].contains(",GB29NWBK60161331926819,,,pending") && lines.len() == 4, "{table}");
        let support = Machine::with(&app, Scope::Staff).await;
        assert_eq!(support.get(&format!("/transfers/{batch}/transfers.csv")).await["status"], 403, "accounts are for finance alone");
        assert_eq!(finance.get("/transfers/T99/transfers.csv").await["status"], 404);

        // One did not arrive: it is due again. The bank did the other.
        let (status, failed) = finance.post(&format!("/transfers/{batch}/1/failed"), &json!({"reason": "closed"})).await;
        assert_eq!((status, &failed["transfers"][0]["state"]), (StatusCode::OK, &json!("failed")), "{failed}");
        let (status, left) = finance.post(&format!("/transfers/{batch}/left"), &json!({"reference": "SEPA 7"})).await;
        assert_eq!((status, &left["transfers"][0]["state"], &left["transfers"][1]["state"]), (StatusCode::OK, &json!("failed"), &json!("paid")), "{left}");
        let (_, told) = app.get(&format!("/returns/{second}")).await;
        assert_eq!((&told["status"], &told["payments"][0]["reference"]), (&json!("completed"), &json!("SEPA 7")), "{told}");
        let due = finance.get("/transfers").await;
        assert_eq!((due["items"].as_array().unwrap().len(), &due["items"][0]["rma"]), (1, &json!(first)), "{due}");
        let (status, late) = finance.send("PUT", &format!("/returns/{second}/bank-account"), None, &account).await;
        assert_eq!(status, StatusCode::CONFLICT, "nothing goes there any more: {late}");
        let (status, none) = finance.post("/transfers/T999/left", &json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{none}");
    }
}

on_both! {
    async fn an_account_stands_in_its_own_table_and_is_forgotten(database: Database) {
        let app = shop(database).await;
        let rma = granted(&app, "1").await;
        let finance = Machine::with(&app, Scope::Finance).await;
        finance.send("PUT", &format!("/returns/{rma}/bank-account"), None, &json!({"holder": "Anna Zwiebel", "iban": IBAN})).await;
        let (_, made) = finance.post("/transfers", &chosen(&[&rma])).await;
        let batch = made["id"].as_str().unwrap();
        finance.post(&format!("/transfers/{batch}/left"), &json!({})).await;
        app.run_jobs().await;
        for all in [
            "SELECT event FROM return_events",
            "SELECT state FROM returns",
            "SELECT payload FROM outbox",
            "SELECT COALESCE(private, '') || COALESCE(after, '') FROM audit",
            "SELECT COALESCE(reference, '') FROM payments",
            "SELECT document FROM credit_notes",
        ] {
            for text in app.database.texts(all).await {
                assert!(!text.contains("37040044") && !text.contains("Zwiebel"), "{all}: {text}");
            }
        }
        let known = async || (app.database.texts("SELECT payee FROM bank_accounts").await, app.database.texts("SELECT payee FROM transfers").await);
        let (of_returns, of_transfers) = known().await;
        assert!(of_returns[0].contains("Zwiebel") && of_transfers[0].contains("Zwiebel"));
        app.services.clock.advance(SignedDuration::from_hours(24 * 29));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert_eq!(known().await, (of_returns, of_transfers), "it may come back yet");
        app.services.clock.advance(SignedDuration::from_hours(24 * 2));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert_eq!(known().await, (Vec::new(), vec![String::new()]));
        let told = finance.get(&format!("/transfers/{batch}")).await;
        assert_eq!((&told["transfers"][0]["account"], &told["transfers"][0]["state"]), (&Value::Null, &json!("paid")), "{told}");
        let (status, _) = finance.send("GET", &format!("/transfers/{batch}/transfers.xml"), None, &Value::Null).await;
        assert_eq!(status, StatusCode::CONFLICT);
    }
}

on_both! {
    async fn two_at_once_put_it_into_one_batch(database: Database) {
        let app = shop(database).await;
        let mut rmas = Vec::new();
        let finance = Machine::with(&app, Scope::Finance).await;
        for number in ["1", "2", "3"] {
            let rma = granted(&app, number).await;
            finance.send("PUT", &format!("/returns/{rma}/bank-account"), None, &json!({"holder": "Anna", "iban": IBAN})).await;
            rmas.push(rma);
        }
        let all = chosen(&rmas.iter().collect::<Vec<_>>());
        let made = futures::future::join_all((0..4).map(|_| finance.post("/transfers", &all))).await;
        let transfers = |made: &Value| made["transfers"].as_array().unwrap().iter().map(|one| one["rma"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let mut sent: Vec<String> = made.iter().flat_map(|(_, made)| transfers(made)).collect();
        sent.sort();
        rmas.sort();
        assert_eq!(sent, rmas, "each once: {made:?}");
        assert_eq!(app.database.texts("SELECT rma FROM payments").await.len(), 3);
    }
}

on_both! {
    async fn finance_does_it_on_its_pages(database: Database) {
        let app = shop(database).await;
        let (first, second) = (granted(&app, "1").await, granted(&app, "2").await);
        let (.., mut clerk) = hire(&app, "Fina", "finance", free()).await;
        let (status, page) = clerk.get("/staff/payments/transfers").await;
        assert!(status == 200 && page.contains(&first) && page.contains("no account yet"), "{page}");
        assert_eq!(clerk.post("/staff/payments/transfers", &[("key", "k")]).await, "/staff/payments/transfers");
        clerk.says("/staff/payments/transfers", "Choose one that has an account.").await;
        let typed = [("rma", first.as_str()), ("holder", "Li Lei"), ("account", "6222021234567890"), ("bank", "")];
        clerk.post("/staff/payments/accounts", &typed).await;
        let (_, page) = clerk.get("/staff/payments/transfers").await;
        assert!(page.contains("Enter the name of the bank.") && !page.contains("6222021234567890"), "{page}");
        let typed = [("rma", first.as_str()), ("holder", "Li Lei"), ("account", "6222021234567890"), ("bank", "ICBC")];
        assert_eq!(clerk.post("/staff/payments/accounts", &typed).await, "/staff/payments/transfers");
        clerk.says("/staff/payments/transfers", "ICBC …7890").await;
        let both = [&first, &second].map(|rma| format!("{rma}|g1"));
        let due = [("key", "k"), ("due", both[0].as_str()), ("due", both[1].as_str())];
        assert_eq!(clerk.post("/staff/payments/transfers", &due).await, "/staff/payments/transfers/T1");
        let (_, page) = clerk.get("/staff/payments/transfers/T1").await;
        assert!(page.contains("File T1 is ready. 1 could not be included.") && page.contains("Use the table."), "{page}");
        let (status, table) = clerk.get("/staff/payments/transfers/T1/transfers.csv").await;
        assert!(status == 200 && table.contains(&format!("{first}-p1,{first},1,EUR,100.00,Li Lei,,6222021234567890,ICBC,pending")), "{table}");
        assert_eq!(clerk.get("/staff/payments/transfers/T1/transfers.xml").await.0, 303, "that is no transfer of SEPA's");
        clerk.post("/staff/payments/transfers/T1/left", &[("reference", "7")]).await;
        clerk.says("/staff/payments/transfers/T1", "has left").await;
        let (.., mut helper) = hire(&app, "Sue", "support", free()).await;
        assert!(helper.get("/staff/payments/transfers").await.0 != 200, "that is for finance");
    }
}
