//! A person decides by machine, and the queue says what is left to do.

use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use server::compose;
use server::store::Scope;

use crate::app::{TestApp, add_key, answer, order, request};
use crate::databases::on_both;
use crate::evidence::photo;
use crate::talk::{last_mail, shopper};

/// A machine with a key of its own.
pub struct Machine<'a> {
    app: &'a TestApp,
    key: String,
}

impl<'a> Machine<'a> {
    pub async fn with(app: &'a TestApp, scope: Scope) -> Self {
        Self::named(app, scope.code(), scope).await
    }

    /// One of several keys of that scope.
    pub async fn named(app: &'a TestApp, name: &str, scope: Scope) -> Self {
        Self { app, key: add_key(&app.services, name, scope).await }
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    pub async fn get(&self, path: &str) -> Value {
        answer(self.file(path).await).await.1
    }

    /// What is answered, whatever it is.
    pub async fn file(&self, path: &str) -> Response {
        self.app.client.get(format!("{}/api/v1{path}", self.app.base)).bearer_auth(&self.key).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let path = format!("{}/api/v1{path}", self.app.base);
        answer(self.app.client.post(path).bearer_auth(&self.key).json(body).send().await.unwrap()).await
    }

    /// Any call; `name`: its `Idempotency-Key`.
    pub async fn send(&self, method: &str, path: &str, name: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let path = format!("{}/api/v1{path}", self.app.base);
        let asked = self.app.client.request(method.parse().unwrap(), path).bearer_auth(&self.key).json(body);
        let asked = name.into_iter().fold(asked, |asked, name| asked.header("idempotency-key", name));
        answer(asked.send().await.unwrap()).await
    }

    pub async fn review(&self, rma: &str, body: Value) -> (StatusCode, Value) {
        self.post(&format!("/returns/{rma}/review"), &body).await
    }
}

/// A return that waits for a person: nobody said what state the goods are in.
pub async fn waiting(app: &TestApp, number: &str, line: &str) -> String {
    waiting_of(app, number, line, json!({"locale": "en"})).await
}

/// Likewise, of a customer of whom more is known.
pub async fn waiting_of(app: &TestApp, number: &str, line: &str, mut customer: Value) -> String {
    customer["email"] = json!(format!("c{number}@example.com"));
    let mut order = order(number);
    order["customer"] = customer;
    app.put_order(&order).await;
    let mut asked = request(number, line, 1);
    asked["lines"][0].as_object_mut().unwrap().remove("condition");
    let (_, opened) = app.post("/returns", &asked).await;
    assert_eq!(opened["status"], "in_review", "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

/// A return that is approved, of a customer who reads English.
pub async fn approved(app: &TestApp, number: &str) -> Value {
    let mut bought = order(number);
    bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
    app.put_order(&bought).await;
    app.post("/returns", &request(number, "1", 1)).await.1
}

pub fn kinds(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|task| task["kind"].as_str().unwrap()).collect()
}

on_both! {
    async fn what_waits_is_asked_about_then_approved(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let seen = staff.get(&format!("/returns/{rma}")).await;
        assert_eq!(kinds(&seen["tasks"]), ["review"]);
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1.get("tasks"), None, "a shop's own machine is not at work");

        let (status, refused) = staff.review(&rma, json!({"decision": "ask"})).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("note")), "{refused}");
        let (status, asked) = staff.review(&rma, json!({"decision": "ask", "note": "A photo of the label, please."})).await;
        assert_eq!((status, asked["status"].as_str()), (StatusCode::OK, Some("in_review")), "{asked}");
        let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1;
        let entries: Vec<&str> = timeline["entries"].as_array().unwrap().iter().map(|entry| entry["text"].as_str().unwrap()).collect();
        assert!(entries.iter().any(|text| text.contains("A photo of the label, please.")), "{entries:?}");

        app.run_jobs().await;
        let told = || app.mails().concat().replace("=\r\n", "");
        assert!(told().contains("A photo of the label, please."), "{}", told());
        let before = seen["version"].as_u64().unwrap();
        let (status, stale) = staff.review(&rma, json!({"decision": "approve", "version": before})).await;
        assert_eq!((status, stale["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/version")), "{stale}");
        let now = asked["version"].as_u64().unwrap();
        let (status, approved) = staff.review(&rma, json!({"decision": "approve", "note": "a regular", "version": now})).await;
        assert_eq!((status, approved["status"].as_str()), (StatusCode::OK, Some("approved")), "{approved}");
        assert_eq!(approved["parcels"].as_array().unwrap().len(), 1, "its label is made");
        app.run_jobs().await;
        assert!(told().contains("is approved") && told().contains("label.pdf") && !told().contains("a regular"), "{}", told());
        let sent = app.mails().len();
        let (status, again) = staff.review(&rma, json!({"decision": "approve"})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &approved["version"]), "done before");
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent, "and told before");
        assert_eq!(kinds(&staff.get("/tasks").await["items"]), Vec::<&str>::new());

        // What is for who works on it goes to nobody else.
        let note = |timeline: &Value| {
            let events = timeline["events"].as_array().unwrap().clone();
            events.into_iter().find(|event| event["event"] == "approved").unwrap()["facts"]["note"].clone()
        };
        assert_eq!(note(&staff.get(&format!("/returns/{rma}/timeline")).await), "a regular");
        assert_eq!(note(&app.get(&format!("/returns/{rma}/timeline")).await.1), Value::Null);
    }
}

on_both! {
    async fn what_is_declined_may_be_thought_over(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (status, declined) = staff.review(&rma, json!({"decision": "decline", "reason": "It was worn."})).await;
        assert_eq!((status, declined["status"].as_str()), (StatusCode::OK, Some("declined")), "{declined}");
        assert_eq!(declined["expected"]["amount"], "0.00");
        app.run_jobs().await;
        let mail = app.mails().concat();
        assert!(mail.contains("We have looked at your return") && mail.contains("It was worn."), "{mail}");
        let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1;
        assert!(timeline["entries"].to_string().contains("It was worn."), "{timeline}");
        // A person who thinks again says of what.
        let (status, refused) = staff.review(&rma, json!({"decision": "approve"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        let (status, approved) = staff.review(&rma, json!({"decision": "approve", "lines": [{"order": "1", "line": "1"}]})).await;
        assert_eq!((status, approved["status"].as_str(), approved["expected"]["amount"].as_str()), (StatusCode::OK, Some("approved"), Some("89.00")), "{approved}");
        let (status, unknown) = staff.review(&rma, json!({"decision": "decline", "lines": [{"line": "9"}]})).await;
        assert_eq!((status, unknown["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0]")), "{unknown}");
        let (status, unread) = staff.review(&rma, json!({"decision": "maybe"})).await;
        assert_eq!((status, unread["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("decision")), "{unread}");
        let (status, _) = staff.review("R-AAAA-AAAA", json!({"decision": "approve"})).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn only_keys_of_staff_decide(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let machine = Machine::with(&app, scope).await;
            let (status, refused) = machine.review(&rma, json!({"decision": "approve"})).await;
            assert_eq!((status, refused["type"].as_str()), (StatusCode::FORBIDDEN, Some("/problems/scope")), "{}: {refused}", scope.code());
        }
        let staff = Machine::with(&app, Scope::Staff).await;
        let put = app.client.put(format!("{}/api/v1/orders/2", app.base)).bearer_auth(&staff.key).json(&order("2"));
        assert_eq!(answer(put.send().await.unwrap()).await.0, StatusCode::FORBIDDEN, "orders are the shop's");
        let admin = Machine::with(&app, Scope::Admin).await;
        assert_eq!(admin.review(&rma, json!({"decision": "approve"})).await.0, StatusCode::OK);
    }
}

on_both! {
    async fn the_queue_is_listed_by_promise_then_value_a_page_at_a_time(database: Database) {
        let app = TestApp::start(database).await;
        let mut opened = Vec::new();
        // The lamp is worth more than the tee; all were opened on one day, so they are due together.
        for (number, line) in [("1", "1"), ("2", "2"), ("3", "1"), ("4", "2")] {
            opened.push(waiting(&app, number, line).await);
        }
        let staff = Machine::with(&app, Scope::Staff).await;
        let mut listed: Vec<Value> = Vec::new();
        let mut path = "/tasks?role=support&limit=1".to_owned();
        loop {
            let page = staff.get(&path).await;
            listed.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/tasks?role=support&limit=1&cursor={cursor}");
        }
        assert_eq!(listed, *staff.get("/tasks").await["items"].as_array().unwrap(), "page by page as at once, of one role as of all");
        let found: Vec<(&str, &str)> = listed.iter().map(|task| (task["rma"].as_str().unwrap(), task["value"]["amount"].as_str().unwrap())).collect();
        let (mut lamps, mut tees) = ([&opened[1], &opened[3]], [&opened[0], &opened[2]]);
        lamps.sort();
        tees.sort();
        let wanted: Vec<(&str, &str)> =
            lamps.iter().map(|rma| (rma.as_str(), "269.00")).chain(tees.iter().map(|rma| (rma.as_str(), "89.00"))).collect();
        assert_eq!(found, wanted);
        assert_eq!(staff.get("/tasks?role=warehouse").await["items"], json!([]));
        assert_eq!(staff.get("/tasks?status=overdue").await["items"], json!([]));
        app.services.clock.set_ahead(jiff::SignedDuration::from_hours(24 * 10));
        let late = staff.get("/tasks?status=overdue").await;
        assert!(late["items"].as_array().unwrap().len() == 4 && late["items"][0]["overdue"] == true, "{late}");
        for (query, field) in [("role=cook", "role"), ("status=late", "status"), ("limit=0", "limit"), ("cursor=x", "cursor")] {
            let refused = staff.get(&format!("/tasks?{query}")).await;
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
    }
}

on_both! {
    async fn what_is_asked_for_rests_until_it_is_there_and_is_judged_anew(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let page = format!("/returns/{rma}");
        let due = async || staff.get("/tasks?role=support").await["items"][0]["due"].as_str().map(str::to_owned);
        let first = due().await.unwrap();
        let (_, asked) = staff.review(&rma, json!({"decision": "ask", "note": "A photo of the label,\nplease."})).await;
        assert_eq!((asked["status"].as_str(), due().await), (Some("in_review"), None), "nobody has to do anything");
        app.run_jobs().await;
        let (_, text, _) = last_mail(&app);
        assert!(text.contains("    A photo of the label,\n    please.\n") && text.contains("Add it on the page of your return by "), "{text}");
        let visitor = shopper(&app, &rma, "1").await;
        let shown = visitor.text(&page).await;
        assert!(shown.contains("Please add what we asked for by") && shown.contains(&format!("href=\"{page}/photos\"")), "{shown}");
        assert!(visitor.text(&format!("{page}/photos")).await.contains("A photo of the label,\nplease."), "there it says what for");

        // Nothing comes for a week: somebody decides without.
        app.services.clock.set_ahead(jiff::SignedDuration::from_hours(24 * 6));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert_eq!(due().await, None);
        app.services.clock.set_ahead(jiff::SignedDuration::from_hours(24 * 9));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert!(due().await.is_some_and(|due| due > first), "by another day");
        staff.review(&rma, json!({"decision": "ask", "note": "Still the label."})).await;
        assert_eq!(due().await, None);

        let visitor = shopper(&app, &rma, "1").await;
        let photos = visitor.text(&format!("{page}/photos")).await;
        let field = photos.split("name=\"").find_map(|rest| rest.split('"').next().filter(|name| name.starts_with("files|"))).unwrap();
        let form = Form::new().part(field.to_owned(), Part::bytes(photo(1)).file_name("label.jpg"));
        let sent = visitor.with_cookies(visitor.client.post(format!("{}{page}/photos", app.base))).multipart(form).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        let anew = due().await.unwrap();
        assert!(anew > first, "within the time that a judgement takes, from now: {anew}");
        let shown = visitor.text(&page).await;
        assert!(!shown.contains("Please add what we asked for") && shown.contains("You hear from us by"), "{shown}");
        let (status, approved) = staff.review(&rma, json!({"decision": "approve"})).await;
        assert_eq!((status, approved["status"].as_str()), (StatusCode::OK, Some("approved")), "{approved}");
        assert_eq!(approved["promises"]["sent_by"], approved["parcels"][0]["label_expires_at"]);
    }
}

on_both! {
    async fn more_time_is_given_told_and_kept(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let staff = Machine::with(&app, Scope::Staff).await;
        let (page, call) = (format!("/returns/{rma}"), format!("/returns/{rma}/extend"));
        let today = app.services.clock.now().to_zoned(app.services.shop_zone()).date();
        let day = |days: i64| (today + jiff::Span::new().days(days)).to_string();
        for (wrong, field) in [(json!({"until": "soon", "reason": "a"}), "until"), (json!({"until": day(30), "reason": " "}), "reason")] {
            let (status, problem) = staff.post(&call, &wrong).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{problem}");
        }
        for (until, status) in [(day(3), 422), (day(91), 422)] {
            let (said, problem) = staff.post(&call, &json!({"until": until, "reason": "a"})).await;
            assert_eq!(said.as_u16(), status, "{problem}");
        }
        assert_eq!(app.post(&call, &json!({"until": day(30), "reason": "a"})).await.0, StatusCode::FORBIDDEN, "a shop's own machine is not at work");
        assert_eq!(staff.post(&call, &json!({"until": day(30), "reason": "a", "version": 1})).await.0, StatusCode::CONFLICT);

        let asked = json!({"until": day(90), "reason": "You are on a journey."});
        let (status, extended) = staff.post(&call, &asked).await;
        assert_eq!(status, StatusCode::OK, "{extended}");
        let sent_by: jiff::Timestamp = extended["promises"]["sent_by"].as_str().unwrap().parse().unwrap();
        assert_eq!(sent_by.to_zoned(app.services.shop_zone()).date().to_string(), day(90));
        assert_eq!(extended["parcels"][0]["label_expires_at"], extended["promises"]["sent_by"], "our own label works as long");
        assert!(extended["promises"]["refunded_by"].as_str() > opened["promises"]["refunded_by"].as_str());
        assert_eq!(staff.post(&call, &asked).await.1["version"], extended["version"], "done before");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert_eq!(subject, format!("You have more time for your return {rma}"));
        assert!(text.contains("please send your return") && text.contains("    You are on a journey.\n"), "{text}");
        let visitor = shopper(&app, &rma, "1").await;
        let shown = visitor.text(&page).await;
        assert!(shown.contains("You have more time: send it by") && shown.contains("You are on a journey."), "{shown}");
        app.services.clock.set_ahead(jiff::SignedDuration::from_hours(24 * 60));
        compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        assert_eq!(kinds(&staff.get("/tasks").await["items"]), Vec::<&str>::new(), "nobody asks why nothing came");
        app.post(&format!("{page}/cancel"), &json!({})).await;
        assert_eq!(staff.post(&call, &json!({"until": day(80), "reason": "a"})).await.0, StatusCode::CONFLICT);
    }
}
