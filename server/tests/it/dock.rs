//! The dock in a browser: a scan opens the case, what is found has photos of our own, and what was said without network is taken once, by who said it
//! (B33, N8, N16).

use domain::staff::Roles;
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use server::store::{Holder, Scope};

use crate::app::{TestApp, add_key, answer, order, request};
use crate::databases::on_both;
use crate::evidence::photo;
use crate::pages::Visitor;
use crate::review::{Machine, approved};
use crate::staff::{Browser, free, hire};
use crate::warehouse::five;

async fn version(app: &TestApp, rma: &str) -> u64 {
    app.get(&format!("/returns/{rma}")).await.1["version"].as_u64().unwrap()
}

impl Browser<'_> {
    async fn send(&self, path: &str, form: Form, accept: &str) -> Response {
        let asked = self.app.client.post(format!("{}{path}", self.app.base)).header(header::COOKIE, self.cookie());
        asked.header(header::ACCEPT, accept).multipart(form).send().await.unwrap()
    }

    /// What a browser is told of what it sends by itself.
    async fn later(&self, path: &str, fields: &[(&str, &str)], photos: &[Vec<u8>]) -> (StatusCode, Value) {
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        answer(self.send(path, with_photos(form, photos), "application/json").await).await
    }
}

fn with_photos(form: Form, photos: &[Vec<u8>]) -> Form {
    photos.iter().fold(form, |form, photo| form.part("photos|1", Part::bytes(photo.clone()).file_name("unit.jpg")))
}

on_both! {
    async fn a_scan_opens_the_case_shows_several_or_says_that_nothing_fits(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let (rma, number) = (opened["rma"].as_str().unwrap(), opened["parcels"][0]["tracking_number"].as_str().unwrap());
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let case = format!("/staff/returns/{rma}#scanned");
        for code in [rma.to_owned(), format!("]C1{number}"), format!("https%3A%2F%2Fshop.example%2Freturns%2F{rma}")] {
            assert_eq!(li.get(&format!("/staff/scan?code={code}")).await.1, case, "{code}");
        }
        assert_eq!(li.get(&format!("/staff/scan?code={number}&at=dock")).await.1, format!("/staff/dock/{rma}#scanned"));
        let (status, nothing) = li.get("/staff/scan?code=nothing-of-ours").await;
        assert!(status == 200 && nothing.contains("Nothing fits “nothing-of-ours”") && nothing.contains("data-signal=\"stop\""), "{nothing}");
        assert!(li.get("/staff/scan").await.1.contains("Scan a parcel, a return or a product"));

        // Two returns of one product: somebody chooses. One has ended: it is the other.
        let other = five(&app, "2").await;
        let third = five(&app, "3").await;
        let (status, several) = li.get("/staff/scan?code=TEE").await;
        assert!(status == 200 && several.contains("Which one is it?") && several.contains(&other) && several.contains(&third), "{several}");
        assert_eq!(app.post(&format!("/returns/{third}/cancel"), &json!({})).await.0, StatusCode::OK);
        assert_eq!(li.get("/staff/scan?code=TEE").await.1, format!("/staff/returns/{other}#scanned"));
        assert_eq!(li.get(&format!("/staff/scan?code={third}")).await.1, format!("/staff/returns/{third}#stopped"));
        // Nobody who is not in.
        assert_eq!(Browser::new(&app).get(&format!("/staff/scan?code={rma}")).await.1, "/staff/sign-in?next=%2Fstaff%2Fscan");
    }
}

on_both! {
    async fn the_number_of_a_logistic_unit_is_known_with_and_without_its_mark(database: Database) {
        let app = TestApp::start(database).await;
        let sscc = "106141412345678908";
        let mut bought = order("1");
        bought["deliveries"] = json!([{"shipped_at": bought["deliveries"][0]["shipped_at"], "delivered_at": bought["deliveries"][0]["delivered_at"], "tracking_number": sscc}]);
        app.put_order(&bought).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        for code in [sscc.to_owned(), format!("00{sscc}"), format!("]C100{sscc}")] {
            let (_, meant) = staff.post("/scans", &json!({"code": code})).await;
            assert_eq!(meant["candidates"][0]["rma"], opened["rma"], "{code}: {meant}");
        }
    }
}

on_both! {
    async fn who_looks_takes_photos_that_the_customer_does_not_see(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        staff.post(&format!("/returns/{rma}/receive"), &json!({})).await;
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let (page, seen) = (format!("/staff/returns/{rma}"), version(&app, &rma).await.to_string());
        let form = |units: &'static str| {
            let fields = [("line", "1"), ("version", seen.as_str()), ("units|1", units), ("result|1", "accepted"), ("grade|1", "A")];
            fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()))
        };
        // What is no picture is said at its field, and nothing is done.
        let sent = li.send(&format!("{page}/inspect"), form("2").part("photos|1", Part::bytes(b"hello".to_vec()).file_name("notes.txt")), "*/*").await;
        assert_eq!(sent.headers()[header::LOCATION], page);
        li.says(&page, "notes.txt").await;
        assert_eq!(version(&app, &rma).await.to_string(), seen);
        assert_eq!(app.database.texts("SELECT id FROM evidence").await, [""; 0]);

        let sent = li.send(&format!("{page}/inspect"), with_photos(form("2"), &[photo(1), photo(2)]), "*/*").await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        let ids = app.database.texts("SELECT id FROM evidence WHERE holder = 'house' ORDER BY id").await;
        assert_eq!(ids.len(), 2);
        let shown = li.get(&page).await.1;
        assert!(ids.iter().all(|id| shown.contains(&format!("/evidence/{id}/preview"))) && shown.contains("Our photos"), "{shown}");
        assert_eq!(li.get(&format!("/evidence/{}", ids[0])).await.0, 200);

        // The customer sees neither the photos nor that there are any; nor does who has a key for less.
        let mut shopper = Visitor::new(&app);
        shopper.post("/find-return", &[("rma", rma.as_str()), ("rma_contact", "c1@example.com")]).await;
        assert_eq!(shopper.get(&format!("/returns/{rma}")).await.status(), StatusCode::OK);
        assert_eq!(shopper.get(&format!("/evidence/{}", ids[0])).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(app.get(&format!("/returns/{rma}/evidence")).await.1["evidence"], json!([]));
        assert_eq!(app.get(&format!("/evidence/{}", ids[0])).await.0, StatusCode::NOT_FOUND);
        let held = app.services.evidence_held(&Holder::House(rma.parse().unwrap())).await.unwrap();
        assert_eq!((held.len(), held[0].line_id.as_deref()), (2, Some("1")));

        // By machine: uploaded, then named; of nobody else's key, and once.
        let key = add_key(&app.services, "scanner", Scope::Staff).await;
        let upload = async |bytes: Vec<u8>, key: &str| {
            let path = format!("{}/api/v1/returns/{rma}/inspect/evidence", app.base);
            let form = Form::new().part("file", Part::bytes(bytes).file_name("u.jpg")).text("line", "1");
            answer(app.client.post(path).bearer_auth(key).multipart(form).send().await.unwrap()).await
        };
        let (status, uploaded) = upload(photo(3), &key).await;
        assert_eq!(status, StatusCode::CREATED, "{uploaded}");
        assert_eq!(upload(photo(4), &app.key).await.0, StatusCode::FORBIDDEN, "who only writes for customers takes none");
        let named = |id: &Value| json!({"lines": [{"line": "1", "quantity": 1, "result": "accepted", "evidence": [id]}]});
        let inspect = async |key: &str, body: Value| {
            let path = format!("{}/api/v1/returns/{rma}/inspect", app.base);
            answer(app.client.post(path).bearer_auth(key).json(&body).send().await.unwrap()).await
        };
        let stranger = add_key(&app.services, "stranger", Scope::Staff).await;
        for (key, id) in [(&stranger, &uploaded["id"]), (&key, &json!("ev_0"))] {
            let (status, refused) = inspect(key, named(id)).await;
            assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0].evidence")), "{refused}");
        }
        let (status, looked) = inspect(&key, named(&uploaded["id"])).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        assert_eq!(app.database.texts("SELECT id FROM evidence WHERE holder = 'house'").await.len(), 3);
        assert!(li.get(&page).await.1.contains(uploaded["id"].as_str().unwrap()));
    }
}

on_both! {
    async fn what_was_said_without_network_is_taken_once_and_by_who_said_it(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        app.run_jobs().await;
        hire(&app, "Ada", "admin", free()).await;
        let (member, _, mut li) = hire(&app, "Li", "warehouse", free()).await;
        let (.., mei) = hire(&app, "Mei", "warehouse", free()).await;
        let (page, seen) = (format!("/staff/dock/{rma}"), version(&app, &rma).await.to_string());
        let (status, shown) = li.get(&page).await;
        assert!(status == 200 && shown.contains(&format!("name=\"clerk\" value=\"{}\"", member.id)) && shown.contains("data-later"), "{shown}");
        let (_, list) = li.get("/staff/dock").await;
        assert!(list.contains(&page) && list.contains("on its way"), "{list}");
        let kept: Value = serde_json::from_str(&li.get("/staff/dock/list").await.1).unwrap();
        assert_eq!((kept["clerk"].as_str(), kept["cases"][0]["rma"].as_str()), (Some(&*member.id), Some(&*rma)), "{kept}");
        assert!(kept["cases"][0]["codes"].as_array().unwrap().contains(&json!("tee")), "{kept}");
        assert_eq!(Browser::new(&app).get("/staff/dock/list").await.0, 401);
        let worker = app.client.get(format!("{}/staff/worker.js", app.base)).send().await.unwrap();
        assert!(worker.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; connect-src 'self';"));

        let came = [("came|1", "4"), ("short|1", "1"), ("version", seen.as_str()), ("clerk", &*member.id), ("key", "one")];
        let (status, other) = mei.later(&format!("{page}/receive"), &came, &[]).await;
        assert_eq!((status, &other["somebody_else"]), (StatusCode::FORBIDDEN, &json!(true)), "{other}");
        let (status, taken) = li.later(&format!("{page}/receive"), &came, &[]).await;
        assert_eq!(status, StatusCode::OK, "{taken}");
        let received = version(&app, &rma).await;
        assert_eq!(taken["version"], received);
        // Its answer was lost: sent again, also as of a later version, it is answered the same.
        let again = [&came[..2], &[("version", "999"), came[3], came[4]]].concat();
        for fields in [&came[..], &again] {
            assert_eq!(li.later(&format!("{page}/receive"), fields, &[]).await, (StatusCode::OK, taken.clone()));
        }
        assert_eq!(version(&app, &rma).await, received);

        let now = received.to_string();
        let looked = |key: &'static str, units: &'static str| {
            [("line", "1"), ("units|1", units), ("result|1", "accepted"), ("grade|1", "B"), ("version", now.as_str()), ("clerk", &*member.id), ("key", key)]
        };
        let (status, first) = li.later(&format!("{page}/inspect"), &looked("two", "1"), &[photo(1)]).await;
        assert_eq!(status, StatusCode::OK, "{first}");
        assert_eq!(li.later(&format!("{page}/inspect"), &looked("two", "1"), &[photo(1)]).await, (StatusCode::OK, first));
        assert_eq!(app.database.texts("SELECT id FROM evidence WHERE holder = 'house'").await.len(), 1, "the photo, once");

        // Somebody was there meanwhile: what was wanted stands beside how it is, and nothing is done.
        let stands = version(&app, &rma).await;
        let (status, conflict) = li.later(&format!("{page}/inspect"), &looked("three", "2"), &[photo(2)]).await;
        assert_eq!(status, StatusCode::CONFLICT, "{conflict}");
        assert_eq!(conflict["version"], stands);
        assert!(conflict["wanted"].to_string().contains("Grade: B") && conflict["wanted"].to_string().contains("Photos: 1"), "{conflict}");
        assert!(conflict["is"].as_array().unwrap().len() >= 3 && !conflict["why"].as_array().unwrap().is_empty(), "{conflict}");
        assert_eq!(version(&app, &rma).await, stands);

        // Their role was taken: said so, not dropped.
        app.services.change_person(None, &member.id, Roles::parse("support").unwrap(), member.limits.clone()).await.unwrap();
        let (status, lost) = li.later(&format!("{page}/inspect"), &looked("four", "1"), &[]).await;
        assert_eq!(status, StatusCode::CONFLICT, "{lost}");
        assert!(lost["why"].to_string().contains("Warehouse"), "{lost}");
        assert_eq!(version(&app, &rma).await, stands);
    }
}

on_both! {
    async fn who_forgets_themself_as_a_customer_forgets_nothing_of_the_dock(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        for (browser, cleared) in [(&mut li, "\"cache\""), (&mut Browser::new(&app), "\"cache\", \"storage\"")] {
            browser.post("/find-return", &[("rma", &rma), ("rma_contact", "c1@example.com")]).await;
            let leave = app.client.post(format!("{}/account/leave", app.base)).header(header::COOKIE, browser.cookie()).send().await.unwrap();
            assert_eq!(leave.headers()["clear-site-data"], cleared);
        }
    }
}

on_both! {
    async fn the_docks_own_pages_are_plain_forms(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        app.run_jobs().await;
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let (page, seen) = (format!("/staff/dock/{rma}"), version(&app, &rma).await.to_string());
        let fields = [("came|1", "9"), ("version", seen.as_str()), ("key", "k1")];
        assert_eq!(li.post(&format!("{page}/receive"), &fields).await, page);
        // What the browser keeps for later takes nothing from who reads the page.
        assert!(!li.get(&format!("{page}?quiet")).await.1.contains("at most 5"));
        li.says(&page, "at most 5").await;
        for _ in 0..2 {
            let fields = [("came|1", "5"), ("version", seen.as_str()), ("key", "k2")];
            assert_eq!(li.post(&format!("{page}/receive"), &fields).await, page);
        }
        li.says(&page, "booked in").await;
        li.says(&page, "look at each item").await;
        li.says("/staff/dock", "is here").await;
    }
}
