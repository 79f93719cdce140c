//! What a gateway says is held against our books: each difference is found, and no other; what it tells by itself is booked once.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, answer, order, request};
use crate::databases::{Database, on_both};
use crate::fake_stripe::{shop_with_stripe, sign};
use crate::review::Machine;
use crate::staff::{free, hire};

/// A shop with Stripe.
async fn shop(database: Database) -> TestApp {
    let (app, fake) = shop_with_stripe(database).await;
    fake.captured("pi_1", 45_700, "cny");
    // It lives as long as the shop.
    std::mem::forget(fake);
    app
}

async fn opened(app: &TestApp) -> String {
    app.put_order(&order("1")).await;
    let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

async fn report(app: &TestApp, name: &str, csv: String) -> (StatusCode, Value) {
    let finance = Machine::with(app, Scope::Finance).await;
    let path = format!("/reconciliations?name={name}");
    let sent = app.client.post(format!("{}/api/v1{path}", app.base)).bearer_auth(finance.key()).header("content-type", "text/csv");
    answer(sent.body(csv).send().await.unwrap()).await
}

async fn open(app: &TestApp) -> Vec<Value> {
    let finance = Machine::with(app, Scope::Finance).await;
    let mut all = Vec::new();
    let mut path = "/differences?limit=40".to_owned();
    loop {
        let page = finance.get(&path).await;
        all.extend(page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/differences?limit=40&cursor={cursor}"),
            None => return all,
        }
    }
}

/// What is in a report, as Stripe lists refunds.
fn row(csv: &mut String, reference: &str, amount: &str, currency: &str, status: &str, at: i64, name: &str) {
    writeln!(csv, "{reference},{amount},{currency},{status},{at},{name}").unwrap();
}

const HEAD: &str = "id,amount,currency,status,created,metadata[refund]\n";

on_both! {
    async fn a_hundred_planted_differences_are_found_and_no_other(database: Database) {
        let app = shop(database).await;
        let rma = opened(&app).await;
        let now = app.services.clock.now();
        // 160 refunds, a second from each other, as our books have them.
        for n in 100..260 {
            let at = now.as_millisecond() + n * 1_000;
            app.database.meddle(&format!(
                "INSERT INTO payments (rma, payment, grant_no, order_key, currency, amount, way, state, reference, started_at)
                 VALUES ('{rma}', {n}, 1, '1', 'CNY', {}, 'gateway', 'paid', 're_{n}', {at})", n * 100
            )).await;
            app.database.meddle(&format!(
                "INSERT INTO gateway_refunds (id, rma, payment, state, reference, asked_at, looked_at)
                 VALUES ('{rma}-p{n}', '{rma}', 'p{n}', 'succeeded', 're_{n}', {at}, {at})"
            )).await;
        }
        let (mut csv, mut right, mut planted) = (HEAD.to_owned(), HEAD.to_owned(), BTreeSet::new());
        for n in 100..260_i64 {
            let (at, name) = (now.as_second() + n, format!("{rma}-p{n}"));
            let (reference, amount) = (format!("re_{n}"), format!("{n}.00"));
            row(&mut right, &reference, &amount, "cny", "succeeded", at, &name);
            // The first and the last fit: they say of when the report tells.
            let plant = if (110..210).contains(&n) { n % 6 } else { 9 };
            let mut differs = |kind: &str, about: &str| assert!(planted.insert((kind.to_owned(), about.to_owned())));
            match plant {
                0 => differs("missing", &name),
                1 => {
                    differs("amount", &name);
                    row(&mut csv, &reference, &format!("{n}.01"), "cny", "succeeded", at, &name);
                }
                2 => {
                    differs("currency", &name);
                    row(&mut csv, &reference, &amount, "usd", "succeeded", at, &name);
                }
                3 => {
                    differs("state", &name);
                    row(&mut csv, &reference, &amount, "cny", "failed", at, &name);
                }
                4 => {
                    differs("twice", &name);
                    row(&mut csv, &reference, &amount, "cny", "succeeded", at, &name);
                    row(&mut csv, &reference, &amount, "cny", "succeeded", at, "");
                }
                5 => {
                    differs("unknown", &format!("re_other_{n}"));
                    row(&mut csv, &format!("re_other_{n}"), &amount, "cny", "succeeded", at, "");
                    row(&mut csv, &reference, &amount, "cny", "succeeded", at, "");
                }
                _ => row(&mut csv, &reference, &amount, "cny", "succeeded", at, &name),
            }
        }
        assert_eq!(planted.len(), 100);
        let (status, first) = report(&app, "may.csv", csv.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{first}");
        assert_eq!((&first["found"], &first["ended"]), (&json!(100), &json!(0)), "{first}");
        let about = |one: &Value| one["name"].as_str().or(one["reference"].as_str()).unwrap().to_owned();
        let found: BTreeSet<_> = open(&app).await.iter().map(|one| (one["kind"].as_str().unwrap().to_owned(), about(one))).collect();
        assert_eq!(found, planted);
        let one = open(&app).await.into_iter().find(|one| one["kind"] == "amount").unwrap();
        assert_eq!((&one["order"], &one["rma"]), (&json!("1"), &json!(rma)), "{one}");
        assert_ne!(one["ours"]["amount"], one["theirs"]["amount"], "{one}");

        // The same again is no news.
        let (_, again) = report(&app, "may.csv", csv).await;
        assert_eq!(open(&app).await.len(), 100, "{again}");

        // A person settles one; a later report that agrees ends the others of ours. What is unknown stays.
        let finance = Machine::with(&app, Scope::Finance).await;
        let (status, none) = finance.post(&format!("/differences/{}/settle", one["id"].as_str().unwrap()), &json!({"reason": " "})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{none}");
        let (status, settled) = finance.post(&format!("/differences/{}/settle", one["id"].as_str().unwrap()), &json!({"reason": "A cent."})).await;
        assert_eq!((status, &settled["state"], &settled["reason"]), (StatusCode::OK, &json!("settled"), &json!("A cent.")), "{settled}");
        let unknown = planted.iter().filter(|(kind, _)| kind == "unknown").count();
        let (_, better) = report(&app, "june.csv", right).await;
        assert_eq!((better["found"].as_u64(), better["ended"].as_u64()), (Some(0), Some((99 - unknown) as u64)), "{better}");
        let left = open(&app).await;
        assert!(left.len() == unknown && left.iter().all(|one| one["kind"] == "unknown"), "{left:?}");
        let (_, gone) = finance.send("GET", "/differences?state=settled&limit=200", None, &Value::Null).await;
        assert_eq!(gone["items"].as_array().unwrap().len(), 100 - unknown);
        assert!(gone["items"].as_array().unwrap().iter().any(|one| one["settled_by"].as_str().is_some_and(|who| who.starts_with("report:"))));
        // No event tells of what was planted.
        app.database.meddle("DELETE FROM payments").await;
    }
}

on_both! {
    async fn a_report_that_cannot_be_read_changes_nothing(database: Database) {
        let app = shop(database).await;
        opened(&app).await;
        for (csv, field) in [
            ("nothing".to_owned(), ""),
            (format!("{HEAD}re_1,1.005,eur,succeeded,1763719200,\nre_2,x,eur,succeeded,1763719200,\n"), "line 2"),
            (format!("{HEAD}re_1,1.00,eur,succeeded,soon,\n"), "line 2"),
        ] {
            let (status, refused) = report(&app, "x", csv).await;
            assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{refused}");
        }
        let (status, read) = report(&app, "x", format!("{HEAD}re_1,1.00,eur,succeeded,1763719200,\n")).await;
        assert_eq!((status, &read["found"]), (StatusCode::CREATED, &json!(1)), "{read}");
        let staff = Machine::with(&app, Scope::Staff).await;
        let (status, _) = staff.send("GET", "/differences", None, &Value::Null).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}

/// What Stripe tells by itself.
async fn tell(app: &TestApp, kind: &str, object: Value) -> StatusCode {
    let now = Timestamp::now().as_second();
    let body = json!({"id": "evt_1", "object": "event", "created": now, "type": kind, "data": {"object": object}}).to_string();
    let sent = app.client.post(format!("{}/hooks/stripe", app.base)).header("stripe-signature", sign(&body, now)).body(body);
    sent.send().await.unwrap().status()
}

async fn outside(app: &TestApp) -> String {
    let books = Machine::with(app, Scope::Read).await.get("/orders/1/books").await;
    books["outside"].as_str().unwrap_or_else(|| panic!("{books}")).to_owned()
}

on_both! {
    async fn money_given_back_in_the_dashboard_is_booked_once(database: Database) {
        let app = shop(database).await;
        let rma = opened(&app).await;
        let refund = |status: &str| json!({"id": "re_9", "object": "refund", "amount": 5_000, "currency": "cny", "status": status, "payment_intent": "pi_1", "charge": "ch_1", "metadata": {}});
        for (kind, status) in [("refund.created", "pending"), ("refund.updated", "succeeded"), ("charge.refund.updated", "succeeded")] {
            assert_eq!(tell(&app, kind, refund(status)).await, StatusCode::OK);
        }
        assert_eq!(outside(&app).await, "50.00");
        let known = open(&app).await;
        assert_eq!((known.len(), &known[0]["kind"], &known[0]["order"], &known[0]["theirs"]["amount"]), (1, &json!("outside_refund"), &json!("1"), &json!("50.00")), "{known:?}");
        // A report knows it by then.
        let (_, read) = report(&app, "x", format!("{HEAD}re_9,50.00,cny,succeeded,1763719200,\n")).await;
        assert_eq!((&read["fit"], &read["found"]), (&json!(1), &json!(0)), "{read}");
        // The shop tells it too, by its name, or without: it counts once.
        for told in [json!({"id": "r1", "amount": "50.00", "payment": "pi_1"}), json!({"id": "r1", "amount": "50.00", "payment": "pi_1", "reference": "re_9"})] {
            let mut again = order("1");
            again["refunds"] = json!([told]);
            app.put_order(&again).await;
            assert_eq!(outside(&app).await, "50.00", "{told}");
        }
        app.put_order(&order("1")).await;
        // It came back: as if it had never been.
        assert_eq!(tell(&app, "refund.failed", refund("failed")).await, StatusCode::OK);
        assert_eq!(outside(&app).await, "0.00");
        assert!(open(&app).await.is_empty());
        // What is no order's of ours is nothing to us.
        let other = json!({"id": "re_10", "amount": 5_000, "currency": "cny", "status": "succeeded", "payment_intent": "pi_other", "metadata": {}});
        assert_eq!(tell(&app, "refund.created", other).await, StatusCode::OK);
        assert!(open(&app).await.is_empty());
        let _ = rma;
    }
}

on_both! {
    async fn an_echo_of_our_own_refund_is_not_counted(database: Database) {
        let app = shop(database).await;
        let rma = opened(&app).await;
        app.database.meddle(&format!(
            "INSERT INTO gateway_refunds (id, rma, payment, state, reference, asked_at, looked_at) VALUES ('{rma}-p1', '{rma}', 'p1', 'succeeded', 're_1', 1, 1)"
        )).await;
        for echo in [json!({"id": "re_1"}), json!({"id": "77", "reference": "re_1"}), json!({"id": format!("{rma}-p1")})] {
            let mut again = order("1");
            let mut told = echo;
            (told["amount"], told["payment"]) = (json!("89.00"), json!("pi_1"));
            again["refunds"] = json!([told]);
            app.put_order(&again).await;
            assert_eq!(outside(&app).await, "0.00", "{again}");
        }
        let mut again = order("1");
        again["refunds"] = json!([{"id": "re_1", "amount": "89.00", "payment": "pi_1"}, {"id": "re_2", "amount": "10.00", "payment": "pi_1"}]);
        app.put_order(&again).await;
        assert_eq!(outside(&app).await, "10.00", "another's is");
        // Told by the gateway without our name, ours is ours.
        let nameless = json!({"id": "re_1", "amount": 8_900, "currency": "cny", "status": "succeeded", "payment_intent": "pi_1"});
        assert_eq!(tell(&app, "refund.updated", nameless).await, StatusCode::OK);
        assert_eq!((outside(&app).await, open(&app).await.len()), ("10.00".to_owned(), 0));
    }
}

on_both! {
    async fn what_the_shop_tells_without_a_name_while_ours_is_on_its_way_counts_once(database: Database) {
        let app = shop(database).await;
        let rma = opened(&app).await;
        app.database.meddle(&format!(
            "INSERT INTO gateway_refunds (id, rma, payment, state, reference, asked_at, looked_at) VALUES ('{rma}-p1', '{rma}', 'p1', 'asked', NULL, 1, 1)"
        )).await;
        app.database.meddle(&format!(
            "INSERT INTO payments (rma, payment, grant_no, order_key, currency, amount, way, state, reference, started_at)
             VALUES ('{rma}', 1, 1, '1', 'CNY', 8900, 'gateway', 'pending', NULL, 1)"
        )).await;
        let mut again = order("1");
        again["refunds"] = json!([{"id": "77", "amount": "89.00", "payment": "pi_1"}, {"id": "78", "amount": "89.00", "payment": "pi_1"}]);
        app.put_order(&again).await;
        assert_eq!(outside(&app).await, "89.00", "one may be ours, the other is not");
        let known = open(&app).await;
        assert_eq!((known.len(), &known[0]["kind"], &known[0]["name"]), (1, &json!("odd"), &json!(format!("{rma}-p1"))), "{known:?}");
        // Once the gateway has said which is ours, what has another name is not.
        app.database.meddle("UPDATE gateway_refunds SET state = 'succeeded', reference = 're_1'").await;
        assert_eq!(outside(&app).await, "178.00");
        app.database.meddle("DELETE FROM payments").await;
    }
}

on_both! {
    async fn what_is_disputed_is_not_paid_until_that_is_over(database: Database) {
        let app = shop(database).await;
        let rma = opened(&app).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        desk.post(&format!("/returns/{rma}/receive"), &json!({})).await;
        desk.post(&format!("/returns/{rma}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})).await;
        let (status, promised) = desk.post(&format!("/returns/{rma}/grant"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{promised}");
        let dispute = |status: &str| json!({"id": "dp_1", "object": "dispute", "amount": 45_700, "currency": "cny", "charge": "ch_1", "payment_intent": "pi_1", "reason": "fraudulent", "status": status});
        assert_eq!(tell(&app, "charge.dispute.created", dispute("needs_response")).await, StatusCode::OK);
        assert_eq!(tell(&app, "charge.dispute.updated", dispute("under_review")).await, StatusCode::OK);
        let known = open(&app).await;
        assert_eq!((known.len(), &known[0]["kind"], &known[0]["said"]), (1, &json!("dispute"), &json!("fraudulent")), "{known:?}");
        for method in ["gateway", "manual"] {
            let (status, refused) = desk.post(&format!("/returns/{rma}/pay"), &json!({"method": method})).await;
            assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/disputed")), "{refused}");
        }
        assert_eq!(tell(&app, "charge.dispute.closed", dispute("won")).await, StatusCode::OK);
        // Told late, it is over all the same.
        assert_eq!(tell(&app, "charge.dispute.created", dispute("needs_response")).await, StatusCode::OK);
        assert!(open(&app).await.is_empty());
        let (status, paid) = desk.post(&format!("/returns/{rma}/pay"), &json!({"method": "gateway"})).await;
        assert_eq!(status, StatusCode::OK, "{paid}");
        assert_eq!(outside(&app).await, "0.00");
        // One that is lost: the customer has it by their bank.
        let mut lost = dispute("lost");
        lost["id"] = json!("dp_2");
        assert_eq!(tell(&app, "charge.dispute.closed", lost.clone()).await, StatusCode::OK);
        assert_eq!(tell(&app, "charge.dispute.closed", lost).await, StatusCode::OK);
        assert_eq!(outside(&app).await, "457.00");
    }
}

on_both! {
    async fn finance_reads_and_settles_on_its_page(database: Database) {
        let app = shop(database).await;
        opened(&app).await;
        let (.., mut clerk) = hire(&app, "Fina", "finance", free()).await;
        let (status, page) = clerk.get("/staff/differences").await;
        assert!(status == 200 && page.contains("No differences here."), "{page}");
        let file = |text: &str| {
            let part = reqwest::multipart::Part::bytes(text.as_bytes().to_vec()).file_name("may.csv").mime_str("text/csv").unwrap();
            reqwest::multipart::Form::new().text("from", "").text("to", "").part("file", part)
        };
        let send = async |form: reqwest::multipart::Form, cookie: String| {
            let sent = clerk_client().post(format!("{}/staff/differences/reports", app.base)).header("cookie", cookie).multipart(form);
            sent.send().await.unwrap().status()
        };
        assert_eq!(send(file("x"), clerk.cookie()).await, StatusCode::SEE_OTHER);
        clerk.says("/staff/differences", "Nothing was compared.").await;
        assert_eq!(send(file(&format!("{HEAD}re_1,1.00,eur,succeeded,1763719200,\n")), clerk.cookie()).await, StatusCode::SEE_OTHER);
        let (_, page) = clerk.get("/staff/differences").await;
        assert!(page.contains("Report K1: 1 new or open difference.") && page.contains("Refund we do not know") && page.contains("may.csv"), "{page}");
        clerk.says("/staff", "/staff/differences").await;
        clerk.post("/staff/differences", &[("number", "D1"), ("reason", "")]).await;
        clerk.says("/staff/differences", "error").await;
        assert_eq!(clerk.post("/staff/differences", &[("number", "D1"), ("reason", "A test of theirs.")]).await, "/staff/differences");
        clerk.says("/staff/differences", "No differences here.").await;
        clerk.says("/staff/differences?state=settled", "A test of theirs.").await;
        let (.., mut helper) = hire(&app, "Sue", "support", free()).await;
        assert!(helper.get("/staff/differences").await.0 != 200, "that is for finance");
    }
}

fn clerk_client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
