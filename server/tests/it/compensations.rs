//! What customers are given because the shop or the carrier was at fault (C34, C35, P2, B43): by itself, once for each cause, taken back where it turns out
//! otherwise; used once by the shop's checkout, whoever asks at the same moment; told by mail, in the inbox, on pages and to the shop.
//! Long because each way to give and to take back has its story.

use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, days_ago, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::entry::mailed_code;
use crate::pages::Visitor;
use crate::review::Machine;
use crate::staff::{free, hire};
use crate::talk::last_mail;

/// A policy that gives this for what others are at fault for.
fn policy(then: Value) -> Value {
    json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 3650}}],
        "compensation": [{"id": "ours", "when": {"fault": "merchant"}, "then": then}]})
}

/// An order of five at 100.00 each, of the customer c-1.
async fn buy(app: &TestApp, number: &str) {
    let mut bought = order(number);
    bought["customer"] = json!({"id": "c-1", "email": "wang@example.com", "locale": "en"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 5, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "amount": "500.00"}]);
    app.put_order(&bought).await;
}

/// A return of one that has a flaw.
async fn flawed(app: &TestApp, number: &str) -> String {
    buy(app, number).await;
    back(app, number).await
}

async fn back(app: &TestApp, number: &str) -> String {
    let mut asked = request(number, "1", 1);
    (asked["lines"][0]["reason"], asked["lines"][0]["sub_reason"]) = (json!("quality"), json!("functional_fault"));
    let (_, opened) = app.post("/returns", &asked).await;
    assert_eq!(opened["status"], "approved", "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

async fn looked(desk: &Machine<'_>, rma: &str, result: Value) {
    let (status, received) = desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    assert_eq!(status, StatusCode::OK, "{received}");
    let (status, found) = desk.post(&format!("/returns/{rma}/inspect"), &json!({"lines": [result]})).await;
    assert_eq!(status, StatusCode::OK, "{found}");
}

/// What was given in a return: kind, value and state of each.
async fn given(desk: &Machine<'_>, rma: &str) -> Vec<(String, String, String)> {
    let found = desk.get(&format!("/returns/{rma}")).await["compensations"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    found.as_array().into_iter().flatten().map(|one| (text(&one["kind"]), text(&one["value"]), text(&one["state"]))).collect()
}

fn is(kind: &str, value: &str, state: &str) -> (String, String, String) {
    (kind.to_owned(), value.to_owned(), state.to_owned())
}

async fn code_of(desk: &Machine<'_>, rma: &str) -> String {
    desk.get(&format!("/returns/{rma}")).await["compensations"][0]["code"].as_str().unwrap().to_owned()
}

fn use_on(order: &str, amount: &str) -> Value {
    json!({"order": order, "amount": amount, "currency": "CNY"})
}

fn kind_of(problem: &Value) -> &str {
    problem["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default()
}

on_both! {
    async fn what_rules_pay_at_once_keeps_nothing_from_being_given(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let mut both = policy(json!({"coupon_percent": 10, "given": "approval"}));
        both["payout"] = json!([{"id": "early", "then": {"by": "rules", "early": "submission", "up_to": {"CNY": "200.00"}}}]);
        publish(&app, &both).await;
        let rma = flawed(&app, "1").await;
        let told = desk.get(&format!("/returns/{rma}")).await;
        assert_eq!(told["grants"].as_array().map(Vec::len), Some(1), "paid as soon as it was opened: {told}");
        assert_eq!(given(&desk, &rma).await, [is("coupon", "10", "given")]);
    }
}

on_both! {
    async fn a_coupon_is_given_once_somebody_found_it_so_told_everywhere_and_used_once(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, finance) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Finance).await);
        let hook = json!({"url": "https://shop.example/hooks", "events": ["coupon.*"]});
        assert_eq!(desk.send("PUT", "/webhooks/shop", None, &hook).await.0, StatusCode::CREATED);
        publish(&app, &policy(json!({"coupon_percent": 10, "coupon_up_to": {"CNY": "30.00"}, "minimum_spend": {"CNY": "50.00"}, "days": 60}))).await;
        let rma = flawed(&app, "1").await;
        assert_eq!(given(&desk, &rma).await, [], "somebody looks first");
        looked(&desk, &rma, json!({"line": "1", "result": "accepted", "disposition": "scrap"})).await;
        assert_eq!(given(&desk, &rma).await, [is("coupon", "10", "given")]);
        let code = code_of(&desk, &rma).await;

        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("a coupon of 10%") && text.contains(&code) && text.contains("order 1"), "{subject} {text}");
        let entries = desk.get(&format!("/returns/{rma}/timeline")).await["entries"].to_string();
        assert!(entries.contains("\"compensated\"") && entries.contains("our fault"), "{entries}");
        let mut visitor = Visitor::new(&app);
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        let login = mailed_code(&app);
        visitor.post("/account/enter", &[("code", &login)]).await;
        assert!(visitor.text("/account").await.contains("/account/gifts"));
        for page in ["/account/gifts", "/account/inbox", &format!("/returns/{rma}")] {
            assert!(visitor.text(page).await.contains(&code), "{page}");
        }
        assert!(!Visitor::new(&app).text("/account/gifts").await.contains(&code));

        // Read by its code however that is written; a code that is none finds nothing.
        let path = format!("/coupons/{code}");
        let coupon = finance.get(&format!("/coupons/{}", code.to_lowercase().replace('-', ""))).await;
        assert_eq!((&coupon["coupon"], &coupon["up_to"], &coupon["customer"]), (&json!("percent"), &json!("30.00"), &json!("c-1")), "{coupon}");
        assert_eq!(finance.file("/coupons/7KQ4-M2XD-09HZ-T3WA").await.status(), StatusCode::NOT_FOUND);
        let reader = Machine::with(&app, Scope::Staff).await;
        assert_eq!(reader.post(&format!("{path}/redeem"), &use_on("2", "10.00")).await.0, StatusCode::FORBIDDEN);

        // Not on too little, for too much, in another currency, or by somebody else.
        buy(&app, "2").await;
        let mut small = order("3");
        small["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "quantity": 1, "unit_price": "20.00"}]);
        small["payments"] = json!([]);
        app.put_order(&small).await;
        let mut other = order("4");
        other["customer"] = json!({"id": "c-2", "email": "li@example.com"});
        app.put_order(&other).await;
        for (asked, status, kind) in [
            (use_on("3", "2.00"), StatusCode::CONFLICT, "coupon-minimum"),
            (use_on("4", "2.00"), StatusCode::CONFLICT, "coupon-not-theirs"),
            (use_on("2", "30.01"), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            (json!({"order": "2", "amount": "1.00", "currency": "EUR"}), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            (use_on("2", "-1"), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ] {
            let (found, problem) = finance.post(&format!("{path}/redeem"), &asked).await;
            assert_eq!(found, status, "{asked} {problem}");
            assert!(kind == "invalid" || kind_of(&problem) == kind, "{asked} {problem}");
        }

        // Eight checkouts at the same moment: one has it.
        let at_once = (0..8).map(|n| {
            let (finance, path) = (&finance, &path);
            async move { finance.post(&format!("{path}/redeem"), &use_on(&format!("new-{n}"), "12.00")).await }
        });
        let answers = join_all(at_once).await;
        let taken: Vec<&Value> = answers.iter().filter(|(status, _)| *status == StatusCode::OK).map(|(_, answer)| answer).collect();
        assert_eq!(taken.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(status, answer)| *status == StatusCode::OK || kind_of(answer) == "coupon-used"), "{answers:?}");
        let on = taken[0]["uses"][0]["order"].as_str().unwrap().to_owned();
        assert_eq!(finance.post(&format!("{path}/redeem"), &use_on(&on, "12.00")).await.0, StatusCode::OK, "the same again");
        assert_eq!(finance.post(&format!("{path}/redeem"), &use_on(&on, "11.00")).await.0, StatusCode::CONFLICT);

        // Nothing came of that order: it is free again, once, and used on another.
        assert_eq!(kind_of(&finance.post(&format!("{path}/release"), &json!({"order": "2"})).await.1), "coupon-not-used");
        for _ in 0..2 {
            let (status, free) = finance.post(&format!("{path}/release"), &json!({"order": on})).await;
            assert_eq!((status, free["state"].as_str()), (StatusCode::OK, Some("given")), "{free}");
        }
        assert_eq!(finance.post(&format!("{path}/redeem"), &use_on("2", "30.00")).await.0, StatusCode::OK);
        let uses = finance.get(&path).await["uses"].clone();
        assert_eq!((uses.as_array().unwrap().len(), uses[1]["released_at"].is_null()), (2, true), "{uses}");
        let told = app.database.texts("SELECT payload FROM outbox WHERE kind = 'webhook.send' ORDER BY id").await;
        let said = |text: &String| serde_json::from_str::<Value>(text).unwrap()["type"].as_str().unwrap().to_owned();
        let told: Vec<String> = told.iter().map(said).collect();
        assert_eq!(told, ["coupon.given", "coupon.redeemed", "coupon.released", "coupon.redeemed"]);
        // Nobody's name is kept beside it but the shop's own for the customer.
        let kept = app.database.texts("SELECT holder FROM compensations").await;
        assert_eq!(kept, ["c-1"]);
        let audit = app.database.texts("SELECT COALESCE(after, '') FROM audit").await.join(" ");
        assert!(!audit.contains(&code), "{audit}");
    }
}

on_both! {
    async fn what_was_given_ahead_is_taken_back_where_it_turns_out_otherwise(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, finance) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Finance).await);
        let before = flawed(&app, "0").await;
        assert_eq!(given(&desk, &before).await, [], "no rule, nothing (P2)");
        publish(&app, &policy(json!({"coupon": {"CNY": "20.00"}, "points": 50, "credit": {"CNY": "5.00"}, "given": "approval"}))).await;
        let rma = flawed(&app, "1").await;
        let all = |state: &str| [is("coupon", "20.00", state), is("points", "50", state), is("credit", "5.00", state)];
        assert_eq!(given(&desk, &rma).await, all("given"));
        assert_eq!(finance.get("/customers/c-1/points").await["balance"], 50);
        assert_eq!(finance.get("/customers/c-1/credit").await["balances"][0]["amount"], "5.00");
        app.run_jobs().await;
        looked(&desk, &rma, json!({"line": "1", "result": "rejected", "findings": "worn"})).await;
        assert_eq!(given(&desk, &rma).await, all("withdrawn"));
        assert_eq!(finance.get("/customers/c-1/points").await["balance"], 0);
        assert_eq!(finance.get("/customers/c-1/credit").await["balances"], json!([]));
        app.run_jobs().await;
        assert!(app.mails().iter().filter(|mail| mail.contains("taken back")).count() >= 3, "{:?}", last_mail(&app));
        let code = code_of(&desk, &rma).await;
        let (status, gone) = finance.post(&format!("/coupons/{code}/redeem"), &use_on("9", "1.00")).await;
        assert_eq!((status, kind_of(&gone)), (StatusCode::CONFLICT, "coupon-withdrawn"), "{gone}");

        // What was used stays used; the rest goes. And of the same item nothing is given again.
        let mut five = Vec::new();
        for number in ["2", "3"] {
            five.push(flawed(&app, number).await);
        }
        let used = code_of(&desk, &five[0]).await;
        assert_eq!(finance.post(&format!("/coupons/{used}/redeem"), &use_on("9", "20.00")).await.0, StatusCode::OK);
        let spent = json!({"points": 60, "reference": "k-1"});
        assert_eq!(finance.post("/customers/c-1/points/redeem", &spent).await.0, StatusCode::OK);
        let (status, again) = finance.post("/customers/c-1/points/redeem", &spent).await;
        assert_eq!((status, &again["points"]), (StatusCode::OK, &json!(-60)), "once");
        assert_eq!(kind_of(&finance.post("/customers/c-1/points/redeem", &json!({"points": 61, "reference": "k-2"})).await.1), "too-few-points");
        assert_eq!(desk.post(&format!("/returns/{}/cancel", five[0]), &json!({})).await.0, StatusCode::OK);
        assert_eq!(given(&desk, &five[0]).await, [is("coupon", "20.00", "redeemed"), is("points", "50", "given"), is("credit", "5.00", "withdrawn")]);
        let more = finance.get("/customers/c-1/points").await;
        assert_eq!(more["balance"], 40, "{more}");
        let (status, back_again) = finance.post("/customers/c-1/points/release", &json!({"reference": "k-1"})).await;
        assert_eq!((status, &back_again["points"]), (StatusCode::OK, &json!(60)), "{back_again}");
        // Its five items come back one after another: the one that something was used for is not paid for twice.
        let mut times = 0;
        for _ in 0..5 {
            times += given(&desk, &back(&app, "2").await).await.iter().filter(|(kind, ..)| kind == "coupon").count();
        }
        assert_eq!(times, 4);
    }
}

on_both! {
    async fn a_month_has_its_limit_and_much_waits_for_a_person(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        publish(&app, &policy(json!({"coupon": {"CNY": "20.00"}, "given": "approval", "per_month": 2, "review_above": {"CNY": "15.00"}}))).await;
        let first = flawed(&app, "1").await;
        assert_eq!(given(&desk, &first).await, [is("coupon", "20.00", "waiting")]);
        let shopper = Machine::with(&app, Scope::Read).await;
        assert_eq!(given(&shopper, &first).await, [], "nobody promised it yet");
        let waiting = staff.get("/compensations").await["compensations"].clone();
        let id = waiting[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(shopper.post(&format!("/compensations/{id}/decide"), &json!({"give": true})).await.0, StatusCode::FORBIDDEN);
        for _ in 0..2 {
            let (status, yes) = staff.post(&format!("/compensations/{id}/decide"), &json!({"give": true})).await;
            assert_eq!((status, yes["state"].as_str()), (StatusCode::OK, Some("given")), "{yes}");
        }
        let (status, late) = staff.post(&format!("/compensations/{id}/decide"), &json!({"give": false})).await;
        assert_eq!((status, kind_of(&late)), (StatusCode::CONFLICT, "compensation-state"), "{late}");
        assert!(code_of(&desk, &first).await.len() == 19);
        // A no is a no, and does not count in the month.
        let second = flawed(&app, "2").await;
        let id = staff.get("/compensations").await["compensations"][0]["id"].as_str().unwrap().to_owned();
        let (_, no) = staff.post(&format!("/compensations/{id}/decide"), &json!({"give": false})).await;
        assert_eq!(no["state"], "refused");
        assert_eq!(given(&desk, &second).await, [is("coupon", "20.00", "refused")]);
        // Two at the same moment, of whom the month has room for one.
        buy(&app, "3").await;
        buy(&app, "4").await;
        let (third, fourth) = tokio::join!(back(&app, "3"), back(&app, "4"));
        let mut states = vec![given(&desk, &third).await[0].2.clone(), given(&desk, &fourth).await[0].2.clone()];
        states.sort();
        assert_eq!(states, ["capped", "waiting"]);
        // Next month there is room again.
        app.services.clock.advance(SignedDuration::from_hours(24 * 32));
        assert_eq!(given(&desk, &flawed(&app, "5").await).await[0].2, "waiting");
    }
}

on_both! {
    async fn who_has_not_used_it_is_reminded_once_and_then_it_is_over(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, finance) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Finance).await);
        publish(&app, &policy(json!({"coupon_free_shipping": true, "points": 10, "days": 30, "given": "approval"}))).await;
        let rma = flawed(&app, "1").await;
        app.run_jobs().await;
        let mails = app.mails().len();
        let tick = async || {
            app.services.end_compensations().await.unwrap();
            app.services.end_points().await.unwrap();
            app.run_jobs().await;
        };
        tick().await;
        assert_eq!(app.mails().len(), mails);
        app.services.clock.advance(SignedDuration::from_hours(24 * 25));
        tick().await;
        tick().await;
        assert_eq!(app.mails().len(), mails + 1, "once");
        assert!(last_mail(&app).0.starts_with("Still yours until"), "{}", last_mail(&app).0);
        app.services.clock.advance(SignedDuration::from_hours(24 * 7));
        let code = code_of(&desk, &rma).await;
        let (status, over) = finance.post(&format!("/coupons/{code}/redeem"), &use_on("9", "0")).await;
        assert_eq!((status, kind_of(&over)), (StatusCode::CONFLICT, "coupon-over"), "before anybody noted it: {over}");
        tick().await;
        assert_eq!(given(&desk, &rma).await, [is("coupon", "", "expired"), is("points", "10", "given")]);
        let points = finance.get("/customers/c-1/points").await;
        assert_eq!((&points["balance"], &points["entries"][0]["kind"]), (&json!(0), &json!("expire")), "{points}");
        assert_eq!(app.mails().len(), mails + 1);

        // What came of it: the customer ordered again.
        let mut more = order("7");
        more["placed_at"] = json!(days_ago(-20));
        more["deliveries"] = json!([]);
        app.put_order(&more).await;
        let now = app.services.clock.now();
        let figures = app.services.gift_figures(now - SignedDuration::from_hours(24 * 90), now).await.unwrap();
        let coupon = figures.iter().find(|row| row.kind.is_coupon()).unwrap();
        assert_eq!((coupon.given, coupon.expired, coupon.redeemed, coupon.bought_again), (1, 1, 0, 1), "{figures:?}");
    }
}

on_both! {
    async fn what_waits_for_a_yes_is_in_the_queue_of_who_may_say_it_until_it_is_said(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &policy(json!({"coupon": {"CNY": "20.00"}, "given": "approval", "review_above": {"CNY": "15.00"}}))).await;
        let rma = flawed(&app, "1").await;
        let (.., mut sue) = hire(&app, "Sue", "support", free()).await;
        let (.., mut will) = hire(&app, "Will", "warehouse", free()).await;
        let (line, page) = ("Compensation that waits for a yes or no", format!("/staff/returns/{rma}"));
        sue.says("/staff", line).await;
        sue.says("/staff?role=support", "href=\"/staff/compensations\"").await;
        sue.says(&page, line).await;
        for place in ["/staff", &page] {
            assert!(!will.get(place).await.1.contains(line), "the warehouse does not decide it: {place}");
        }
        let id = Machine::with(&app, Scope::Staff).await.get("/compensations").await["compensations"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(sue.post(&format!("/staff/compensations/{id}/refuse"), &[]).await, "/staff/compensations");
        for place in ["/staff", &page] {
            assert!(!sue.get(place).await.1.contains(line), "it was decided: {place}");
        }
    }
}

on_both! {
    async fn the_policy_we_start_with_gives_a_tenth_for_our_fault_and_orders_of_before_follow_theirs(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, found) = (Machine::with(&app, Scope::Admin).await, json!({"line": "1", "result": "accepted", "disposition": "scrap"}));
        let ours = flawed(&app, "1").await;
        assert_eq!(given(&desk, &ours).await, [], "somebody looks first");
        looked(&desk, &ours, found.clone()).await;
        assert_eq!(given(&desk, &ours).await, [is("coupon", "10", "given")], "C34");
        // What was published before there was such a rule goes on saying what it said (P2).
        let mut before: Value = serde_json::from_str(domain::policy::DEFAULT).unwrap();
        assert!(before.as_object_mut().unwrap().remove("compensation").is_some());
        publish(&app, &before).await;
        let theirs = flawed(&app, "2").await;
        looked(&desk, &theirs, found).await;
        assert_eq!(given(&desk, &theirs).await, [], "P2");
    }
}

on_both! {
    async fn what_was_promised_and_missed_is_made_good_once_all_is_paid(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, finance) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Finance).await);
        let promises = json!({"send_back": {"days": 14}, "transit": {"days": 3}, "inspection": {"days": 2}, "refund": {"days": 2}});
        let rules = json!([{"id": "ours", "when": {"fault": "merchant"}, "then": {"coupon_percent": 10}}, {"id": "slow", "when": {"delay": {"min": 3}}, "then": {"points": 50}}]);
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 3650}}],
            "promises": promises, "compensation": rules})).await;
        // Sent and there within its days, looked at and paid at once, or nine days after the nineteenth, which was promised.
        let pay = async |rma: &str, weeks: i64| {
            let (status, received) = desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
            assert_eq!(status, StatusCode::OK, "{received}");
            app.services.clock.advance(SignedDuration::from_hours(24 * 7 * weeks));
            let (_, found) = desk.post(&format!("/returns/{rma}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "scrap"}]})).await;
            assert_eq!(found["status"], "inspected", "{found}");
            let (_, granted) = desk.post(&format!("/returns/{rma}/grant"), &json!({})).await;
            assert_eq!(granted["status"], "granted", "{granted}");
            let before = given(&desk, rma).await.len();
            let (_, paid) = finance.post(&format!("/returns/{rma}/pay"), &json!({"method": "manual", "reference": rma})).await;
            assert_eq!(paid["status"], "completed", "{paid}");
            before
        };
        buy(&app, "1").await;
        let mut disliked = request("1", "1", 1);
        disliked["lines"][0]["reason"] = json!("dislike");
        let prompt = app.post("/returns", &disliked).await.1["rma"].as_str().unwrap().to_owned();
        pay(&prompt, 0).await;
        assert_eq!(given(&desk, &prompt).await, [], "all was in time");
        buy(&app, "2").await;
        disliked["orders"] = json!(["2"]);
        let slow = app.post("/returns", &disliked).await.1["rma"].as_str().unwrap().to_owned();
        assert_eq!(pay(&slow, 4).await, 0, "nobody knows yet how late it will be");
        assert_eq!(given(&desk, &slow).await, [is("points", "50", "given")], "C34, C38: nobody's fault that it came back, and ours that it took so long");
        // Whatever happens afterwards, it is given once, beside what is given for the goods, and stays.
        let rated = app.post(&format!("/returns/{slow}/feedback"), &json!({"stars": 2})).await;
        assert_eq!(rated.0, StatusCode::OK, "{}", rated.1);
        assert_eq!(given(&desk, &slow).await.len(), 1);
        let both = flawed(&app, "3").await;
        pay(&both, 4).await;
        let mut all = given(&desk, &both).await;
        all.sort();
        assert_eq!(all, [is("coupon", "10", "given"), is("points", "50", "given")]);
        assert_eq!(finance.get("/customers/c-1/points").await["balance"], 100);
        app.run_jobs().await;
        assert_eq!(given(&desk, &both).await.len(), 2);
    }
}
