//! The machine interface, as machines use it.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, add_key, answer, days_ago, order, request};
use crate::databases::on_both;

on_both! {
    async fn an_order_comes_in_and_a_return_is_opened_on_it(database: Database) {
        let app = TestApp::start(database).await;
        let document = order("10248");
        let (status, body) = answer(app.api("PUT", "/orders/10248").json(&document).send().await.unwrap()).await;
        assert_eq!((status, body["outcome"].as_str()), (StatusCode::CREATED, Some("created")));
        let (status, body) = answer(app.api("PUT", "/orders/10248").json(&document).send().await.unwrap()).await;
        assert_eq!((status, body["outcome"].as_str()), (StatusCode::OK, Some("unchanged")), "sending it again changes nothing");

        let (_, seen) = app.get("/orders/%2310248").await;
        assert_eq!(seen["returnable"][0]["available"], 2);
        assert_eq!(seen["order"]["lines"][0]["sku"], "TEE-BLK-M");

        let (status, quote) = app.post("/returns/quote", &request("10248", "1", 1)).await;
        assert_eq!(status, StatusCode::OK, "{quote}");
        assert_eq!(quote["lines"][0]["verdict"], "approved");
        assert_eq!(quote["expected"], json!({"amount": "89.00", "currency": "CNY"}));
        assert!(quote["lines"][0]["trace"].as_array().unwrap().iter().any(|look| look["rule"] == "no-reason" && look["fired"] == true), "N1");
        assert!(quote.get("rma").is_none());

        let (status, opened) = app.post("/returns", &request("10248", "1", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        assert_eq!(opened["expected"], quote["expected"], "the preview is what is promised");
        assert_eq!(opened["status"], "approved");
        assert_eq!(opened["granted"]["amount"], "0.00", "nothing is granted before it has been seen");
        let sum: f64 = opened["settlement"].as_array().unwrap().iter().map(|line| line["amount"].as_str().unwrap().parse::<f64>().unwrap()).sum();
        assert!((sum - 89.0).abs() < 1e-9, "the receipt sums to the amount (N7)");
        let rma = opened["rma"].as_str().unwrap();
        assert!(opened["parcels"][0]["tracking_number"].as_str().unwrap().starts_with("HB"), "C6");

        let (_, again) = app.get(&format!("/returns/{}", rma.to_lowercase())).await;
        assert_eq!(again, opened);
        let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
        let kinds: Vec<_> = story["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["opened", "approved", "label_issued"]);
        assert_eq!(story["entries"][2]["state"], "now");
        let (_, seen) = app.get("/orders/10248").await;
        assert_eq!((&seen["returnable"][0]["available"], seen["returnable"][0]["in_returns"][0].as_str()), (&json!(1), Some(rma)));
    }
}

on_both! {
    async fn many_orders_come_in_at_once(database: Database) {
        let app = TestApp::with(database, |config| config.limits.import_body = 4_000).await;
        let first = order("1").to_string();
        let feed = [first.clone(), "{\"number\": \"2\"}".into(), order("3").to_string()].join("\n");
        let send = |key: &str, body: &str| {
            let request = app.client.post(format!("{}/api/v1/orders/import", app.base)).bearer_auth(key).body(body.to_owned());
            async { answer(request.send().await.unwrap()).await }
        };
        let (status, report) = send(&app.key, &feed).await;
        assert_eq!((status, &report["created"], &report["refused"]), (StatusCode::OK, &json!(2), &json!(1)), "{report}");
        assert_eq!((&report["refusals"][0]["line"], report["refusals"][0]["order"].as_str()), (&json!(2), Some("2")));
        let (_, again) = send(&app.key, &first).await;
        assert_eq!((&again["unchanged"], &again["refused"]), (&json!(1), &json!(0)));
        let (status, problem) = send(&app.key, &feed.repeat(3)).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
        assert_eq!(send(&add_key(&app.services, "reader", Scope::Read).await, &feed).await.0, StatusCode::FORBIDDEN);
        assert_eq!(send("hb_nobody", &feed).await.0, StatusCode::UNAUTHORIZED);
        let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
    }
}

on_both! {
    async fn what_never_arrived_is_not_sent_back(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let missing = json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "missing_item", "resolution": "refund"}]});
        let (status, opened) = app.post("/returns", &missing).await;
        assert_eq!((status, opened["method"].as_str()), (StatusCode::CREATED, Some("none")), "{opened}");
        assert_eq!((&opened["parcels"], opened["expected"]["amount"].as_str()), (&json!([]), Some("99.00")), "{opened}");
        let (_, story) = app.get(&format!("/returns/{}/timeline", opened["rma"].as_str().unwrap())).await;
        let codes: Vec<_> = story["entries"].as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["requested", "compensated", "refund"], "C34: what was missing is our fault, and nothing comes back that could be looked at");
    }
}

on_both! {
    async fn the_same_idempotency_key_opens_one_return(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let send = |body: Value| app.api("POST", "/returns").header("Idempotency-Key", "k-1").json(&body).send();
        let many = futures::future::join_all((0..8).map(|_| send(request("1", "1", 1)))).await;
        let mut numbers = Vec::new();
        for response in many {
            let (status, body) = answer(response.unwrap()).await;
            assert_eq!(status, StatusCode::CREATED, "{body}");
            numbers.push(body["rma"].as_str().unwrap().to_owned());
        }
        numbers.dedup();
        assert_eq!(numbers.len(), 1);
        let (_, list) = app.get("/returns").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let (status, problem) = answer(send(request("1", "2", 1)).await.unwrap()).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/idempotency-key-reused")));
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 1, "and one mail");
    }
}

on_both! {
    async fn the_same_unit_is_never_in_two_live_returns(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        // Twelve at once for the two tees there are (P10).
        let both = request("1", "1", 1);
        let sent = futures::future::join_all((0..12).map(|_| app.post("/returns", &both))).await;
        let opened = sent.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
        assert_eq!(opened, 2);
        let (_, problem) = sent.iter().find(|(status, _)| *status == StatusCode::CONFLICT).unwrap();
        assert_eq!(problem["errors"][0]["field"], "lines[0].quantity");

        let (_, list) = app.get("/returns?limit=1").await;
        assert!(list["next_cursor"].is_string());
        let rma = list["items"][0]["rma"].as_str().unwrap();
        let (status, cancelled) = app.post(&format!("/returns/{rma}/cancel"), &json!({"reason": "changed my mind"})).await;
        assert_eq!((status, cancelled["status"].as_str()), (StatusCode::OK, Some("cancelled")));
        assert_eq!(cancelled["expected"]["amount"], "0.00");
        let (status, again) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &cancelled["version"]), "done before: answered as it stands");
        let (status, _) = app.post("/returns", &both).await;
        assert_eq!(status, StatusCode::CREATED, "what was called off can be returned again");
    }
}

on_both! {
    async fn what_is_wrong_is_named_with_its_field_and_nothing_is_done(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let cases = [
            (json!({"lines": []}), "lines"),
            (json!({"lines": [{"line": "1", "quantity": 1}]}), "lines[0].order"),
            (json!({"orders": ["77"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike"}]}), "lines[0].order"),
            (json!({"orders": ["1"], "lines": [{"line": "9", "quantity": 1, "reason": "dislike"}]}), "lines[0].line"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 3, "reason": "dislike"}]}), "lines[0].quantity"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 0, "reason": "dislike"}]}), "lines[0].quantity"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1}]}), "lines[0].reason"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislke"}]}), "lines[0].reason"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "size", "sub_reason": "to_small"}]}), "lines[0].sub_reason"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "resolution": "money"}]}), "lines[0].resolution"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": "one", "reason": "dislike"}]}), "lines[0].quantity"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike"}, {"line": "1", "quantity": 2, "reason": "size"}]}), "lines[1].quantity"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "evidence": ["ev_1"]}]}), "lines[0].evidence"),
            (json!({"orders": ["1"], "customer": {"email": "other@example.com"}, "lines": [{"line": "1", "quantity": 1, "reason": "dislike"}]}), "lines[0].order"),
            (json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "resolution": "exchange"}]}), "lines[0].exchange_sku"),
        ];
        for (body, field) in cases {
            let (status, problem) = app.post("/returns", &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert_eq!(problem["errors"][0]["field"], field, "{body} {problem}");
        }
        let (_, problem) = app.post("/returns", &json!({"orders": ["1"], "lines": [{"line": "1", "quantity": 1, "reason": "dislke"}]})).await;
        assert_eq!(problem["errors"][0]["problem"], "there is no reason `dislke`; did you mean `dislike`?");
        let (status, _) = answer(app.api("POST", "/returns").body("{not json").send().await.unwrap()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let (_, list) = app.get("/returns").await;
        assert!(list["items"].as_array().unwrap().is_empty(), "nothing half done");
        let (status, problem) = answer(app.api("PUT", "/orders/2").json(&order("3")).send().await.unwrap()).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("number")));
    }
}

on_both! {
    async fn a_pickup_needs_a_day_that_is_offered(database: Database) {
        let app = TestApp::start(database).await;
        let mut diamond = order("1");
        diamond["customer"]["tier"] = "diamond".into();
        app.put_order(&diamond).await;
        let asking = |pickup: Value| {
            let mut body = request("1", "1", 1);
            body["method"] = "pickup".into();
            body["pickup"] = pickup;
            body
        };
        let day = |ahead: i64| jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().date().checked_add(jiff::Span::new().days(ahead)).unwrap().to_string();
        for pickup in [Value::Null, json!({"date": day(0), "slot": "09-12"}), json!({"date": day(30), "slot": "09-12"}), json!({"date": day(1), "slot": "03-04"})] {
            let (status, problem) = app.post("/returns", &asking(pickup.clone())).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("pickup")), "{pickup}");
        }
        let (status, opened) = app.post("/returns", &asking(json!({"date": day(2), "slot": "09-12"}))).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        assert_eq!(opened["method"], "pickup");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_s_day_is_its_own_whatever_zone_policies_are_in() {
    let noon: jiff::Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
    for (zone, first) in [("Pacific/Kiritimati", "2026-11-22"), ("Pacific/Honolulu", "2026-11-21")] {
        let app = TestApp::with(crate::databases::sqlite().await, |config| config.shop.zone = jiff::tz::TimeZone::get(zone).unwrap()).await;
        app.put_order(&order("1")).await;
        assert_eq!(app.post("/returns/quote", &request("1", "1", 1)).await.0, StatusCode::OK, "a policy of Shanghai was used");
        assert_eq!(app.services.shop_zone().iana_name(), Some(zone));
        let first: jiff::civil::Date = first.parse().unwrap();
        let can = |date: jiff::civil::Date| app.services.can_pick_up(&domain::returns::Pickup { date, slot: "09-12".into() }, noon);
        assert!(can(first) && !can(first.yesterday().unwrap()), "{zone}");
    }
}

on_both! {
    async fn a_way_back_that_is_not_offered_is_refused(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut by_pickup = request("1", "1", 1);
        by_pickup["method"] = "pickup".into();
        for path in ["/returns/quote", "/returns"] {
            let (status, problem) = app.post(path, &by_pickup).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("method")), "{problem}");
        }
        assert!(app.get("/returns").await.1["items"].as_array().unwrap().is_empty());
        by_pickup.as_object_mut().unwrap().remove("method");
        let (status, opened) = app.post("/returns", &by_pickup).await;
        assert_eq!((status, opened["method"].as_str()), (StatusCode::CREATED, Some("drop_off")), "the first that fits");
    }
}

on_both! {
    async fn what_policy_declines_is_kept_with_its_reasons_and_takes_no_units(database: Database) {
        let app = TestApp::start(database).await;
        let mut partly = order("1");
        partly["lines"][0]["final_sale"] = json!(true);
        partly["consumer"] = json!(false);
        app.put_order(&partly).await;
        let mut both = request("1", "1", 1);
        both["lines"].as_array_mut().unwrap().push(request("1", "2", 1)["lines"][0].clone());
        let (status, opened) = app.post("/returns", &both).await;
        assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
        assert_eq!((&opened["lines"][0]["verdict"], &opened["lines"][0]["why"][0]["code"]), (&json!("declined"), &json!("excluded")));
        let (_, seen) = app.get("/orders/1").await;
        assert_eq!((&seen["returnable"][0]["available"], &seen["returnable"][1]["available"]), (&json!(2), &json!(0)));
        // With the rest called off, what was declined is left: it has no label.
        let rma = opened["rma"].as_str().unwrap();
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        let (status, problem) = app.get(&format!("/returns/{rma}/label.pdf")).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/no-label")));
    }
}

on_both! {
    async fn a_request_of_which_nothing_may_come_back_opens_nothing_and_says_why(database: Database) {
        let app = TestApp::start(database).await;
        let mut late = order("1");
        late["placed_at"] = days_ago(60).into();
        late["deliveries"] = json!([{"delivered_at": days_ago(55)}]);
        app.put_order(&late).await;
        let (_, quoted) = app.post("/returns/quote", &request("1", "1", 1)).await;
        assert_eq!(quoted["lines"][0]["why"][0]["code"], "window_closed");
        let open = || app.api("POST", "/returns").header("Idempotency-Key", "late-1").json(&request("1", "1", 1)).send();
        for _ in 0..2 {
            let (status, problem) = answer(open().await.unwrap()).await;
            assert_eq!((status, problem["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/nothing-to-return")));
            let (field, said) = (&problem["errors"][0]["field"], problem["errors"][0]["problem"].as_str().unwrap());
            let why = quoted["lines"][0]["why"][0]["text"].as_str().unwrap();
            // On some days the law's period ends on another day, which is said, too.
            assert!(field == "lines[0]" && said.starts_with(why), "in words: {problem}");
        }
        assert!(app.get("/returns").await.1["items"].as_array().unwrap().is_empty());
        app.run_jobs().await;
        assert!(app.mails().is_empty());
        assert_eq!(app.get("/orders/1").await.1["returnable"][0]["available"], 2);
    }
}

on_both! {
    async fn one_request_may_span_several_orders_with_one_freight(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        app.put_order(&order("2")).await;
        let body = json!({"method": "drop_off", "lines": [
            {"order": "1", "line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"},
            {"order": "2", "line": "1", "quantity": 1, "reason": "size", "sub_reason": "too_small", "condition": "opened", "resolution": "refund"}]});
        let (status, opened) = app.post("/returns", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let freight: Vec<_> = opened["settlement"].as_array().unwrap().iter().filter(|line| line["kind"] == "freight").collect();
        let shares: Vec<&str> = freight.iter().map(|line| line["amount"].as_str().unwrap()).collect();
        assert_eq!(shares, ["-6.01", "-1.99"], "P9: one parcel, one freight of 8.00, shared by what of each order is in it");
        assert_eq!(opened["expected"]["amount"], "350.00");
        // What never arrived does not travel, and pays for nobody else's parcel.
        app.put_order(&order("4")).await;
        let apart = json!({"method": "drop_off", "lines": [
            {"order": "1", "line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"},
            {"order": "4", "line": "1", "quantity": 1, "reason": "missing_item", "resolution": "refund"}]});
        let (status, quoted) = app.post("/returns/quote", &apart).await;
        assert_eq!(status, StatusCode::OK, "{quoted}");
        let freight = quoted["settlement"].as_array().unwrap().iter().find(|line| line["kind"] == "freight");
        assert_eq!(freight.map(|line| (line["order"].as_str(), line["amount"].as_str())), Some((Some("1"), Some("-8.00"))), "{quoted}");
        let mut foreign = order("3");
        foreign["currency"] = "EUR".into();
        app.put_order(&foreign).await;
        let mixed = json!({"lines": [{"order": "1", "line": "1", "quantity": 1, "reason": "dislike"}, {"order": "3", "line": "1", "quantity": 1, "reason": "dislike"}]});
        let (status, problem) = app.post("/returns", &mixed).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[1].order")));
    }
}

on_both! {
    async fn keys_open_only_what_their_scope_says(database: Database) {
        let app = TestApp::start(database).await;
        let reader = add_key(&app.services, "reader", Scope::Read).await;
        let call = |method: &str, path: &str, key: Option<&str>| {
            let request = app.client.request(method.parse().unwrap(), format!("{}{path}", app.base));
            let request = match key { Some(key) => request.bearer_auth(key), None => request };
            async move { answer(request.json(&json!({})).send().await.unwrap()).await }
        };
        for (method, path) in [("GET", "/api/v1/returns"), ("PUT", "/api/v1/orders/1"), ("POST", "/api/v1/returns"), ("POST", "/api/v1/returns/quote"),
            ("GET", "/api/v1/returns/R-0000-0000"), ("GET", "/api/v1/returns/R-0000-0000/timeline"), ("GET", "/api/v1/returns/R-0000-0000/label.pdf"), ("POST", "/api/v1/returns/R-0000-0000/cancel"), ("GET", "/metrics")] {
            assert_eq!(call(method, path, None).await.0, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(call(method, path, Some("hb_wrong")).await.0, StatusCode::UNAUTHORIZED, "{path}");
        }
        let (status, problem) = call("POST", "/api/v1/returns", Some(&reader)).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::FORBIDDEN, Some("/problems/scope")));
        assert_eq!(call("PUT", "/api/v1/orders/1", Some(&reader)).await.0, StatusCode::FORBIDDEN);
        assert_eq!(call("GET", "/api/v1/returns", Some(&reader)).await.0, StatusCode::OK);
        assert_eq!(call("GET", "/metrics", Some(&reader)).await.0, StatusCode::OK);
        assert_eq!(call("GET", "/api/v1/nothing", Some(&reader)).await.0, StatusCode::NOT_FOUND);
        assert_eq!(call("DELETE", "/api/v1/returns", Some(&reader)).await.0, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(call("GET", "/healthz", None).await.0, StatusCode::OK);
        assert_eq!(call("GET", "/readyz", None).await.0, StatusCode::OK);
    }
}

on_both! {
    async fn an_order_keeps_the_policy_it_was_placed_under(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        // Stricter from yesterday on: nothing comes back (P2).
        let strict = domain::policy::DEFAULT.replace(r#"{ "id": "no-reason", "then": { "days": 7 } }"#, r#"{ "id": "no-reason", "then": { "closed": true } }"#);
        assert_ne!(strict, domain::policy::DEFAULT);
        let now = app.services.clock.now();
        let services = &app.services;
        let yesterday = now - jiff::SignedDuration::from_hours(24);
        let (version, _) = services.policies.publish(&services.store, &strict, services.policy_shop(), yesterday, now, false).await.unwrap();
        assert_eq!(version, 2);
        let mut new = order("2");
        new["placed_at"] = now.to_string().into();
        new["deliveries"] = json!([]);
        new["consumer"] = json!(false);
        app.put_order(&new).await;
        let (_, old) = app.post("/returns/quote", &request("1", "1", 1)).await;
        assert_eq!(old["lines"][0]["verdict"], "approved");
        let (_, new) = app.post("/returns/quote", &request("2", "1", 1)).await;
        assert_eq!(new["lines"][0]["verdict"], "declined");
        assert_eq!(app.get("/orders/2").await.1["policy_version"], 2);
    }
}

on_both! {
    async fn partial_returns_add_up_to_what_was_paid(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut total = 0.0;
        for (line, units) in [("1", 1), ("2", 1), ("1", 1)] {
            let (status, opened) = app.post("/returns", &request("1", line, units)).await;
            assert_eq!(status, StatusCode::CREATED, "{opened}");
            total += opened["expected"]["amount"].as_str().unwrap().parse::<f64>().unwrap();
        }
        assert!((total - 457.0).abs() < 1e-9, "P3: goods and, with the last of them, the shipping: {total}");
    }
}
