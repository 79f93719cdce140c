//! Parcels that nobody knows: shelved, held against what is known, linked to their return, or ended otherwise (P22).

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::{Machine, kinds};
use crate::staff::{free, hire};

/// Two returns of two people, both waited for; their labels' numbers, too.
async fn two(app: &TestApp) -> Vec<(String, String)> {
    let mut opened = Vec::new();
    for (number, name, phone, serial) in [("1", "Anna Müller", "+491700004567", "SN-1"), ("2", "王小明", "+8613800000001", "SN-2")] {
        let mut bought = order(number);
        bought["customer"] = json!({"name": name, "phone": phone, "email": format!("c{number}@example.com"), "locale": "en"});
        bought["lines"][0]["sku"] = json!("TEE");
        bought["lines"][0]["quantity"] = json!(1);
        bought["lines"][0]["serials"] = json!([serial]);
        bought["payments"] = json!([]);
        app.put_order(&bought).await;
        let (_, told) = app.post("/returns", &request(number, "1", 1)).await;
        let rma = told["rma"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
        opened.push(rma);
    }
    app.run_jobs().await;
    let mut all = Vec::new();
    for rma in opened {
        let (_, told) = app.get(&format!("/returns/{rma}")).await;
        let label = told["parcels"][0]["tracking_number"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
        all.push((rma, label));
    }
    all
}

fn candidates(parcel: &Value) -> Vec<(String, String)> {
    let all = parcel["candidates"].as_array().unwrap_or_else(|| panic!("{parcel}"));
    let fits = |one: &Value| one["fits"].as_array().unwrap().iter().map(|fit| fit.as_str().unwrap()).collect::<Vec<_>>().join(" ");
    let of = |one: &Value| one["return"]["rma"].as_str().or(one["order"].as_str()).unwrap().to_owned();
    all.iter().map(|one| (of(one), fits(one))).collect()
}

on_both! {
    async fn a_parcel_that_nobody_knows_is_held_against_all_that_is_known(database: Database) {
        let app = TestApp::start(database).await;
        let all = two(&app).await;
        let [(anna, anna_label), (wang, _)] = all.as_slice() else { panic!("{all:?}") };
        app.put_order(&{
            let mut bought = order("3");
            bought["customer"] = json!({"name": "Anna Müller", "email": "other@example.com"});
            bought["lines"][0]["sku"] = json!("CUP");
            bought
        }).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let shelve = async |clues: Value| {
            let (status, parcel) = staff.post("/parcels", &json!({"warehouse": "HZ1", "shelf": "Q3", "clues": clues})).await;
            assert_eq!(status, StatusCode::CREATED, "{parcel}");
            parcel
        };
        // What only one can have comes first, whatever else fits the other.
        let parcel = shelve(json!({"tracking_number": anna_label.to_lowercase(), "sender": "王小明", "codes": ["TEE"]})).await;
        assert_eq!(candidates(&parcel)[0], (anna.clone(), "tracking_number sku".to_owned()), "{parcel}");
        assert_eq!(candidates(&parcel)[1], (wang.clone(), "sender sku".to_owned()), "{parcel}");
        let parcel = shelve(json!({"codes": ["sn 2"]})).await;
        assert_eq!(candidates(&parcel), [(wang.clone(), "serial".to_owned())], "{parcel}");
        let parcel = shelve(json!({"sender": "Muller Anna", "phone": "4567"})).await;
        assert_eq!(candidates(&parcel), [(anna.clone(), "phone sender".to_owned()), ("3".into(), "sender".into())], "an order without a return, too: {parcel}");
        let parcel = shelve(json!({})).await;
        assert_eq!(candidates(&parcel), [], "{parcel}");
        assert_eq!((parcel["state"].as_str(), parcel["owner"].as_str()), (Some("waiting"), Some("key:staff")), "{parcel}");
        // What is due first comes first; pages go on where they ended.
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
        let (_, urgent) = staff.post("/parcels", &json!({"shelf": "Q4", "due": soon.to_string()})).await;
        let page = staff.get("/parcels?limit=2").await;
        let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&page)[0], urgent["id"].as_str().unwrap(), "{page}");
        let rest = staff.get(&format!("/parcels?limit=10&cursor={}", page["next_cursor"].as_str().unwrap())).await;
        assert_eq!(ids(&rest).len(), 3, "{rest}");
        assert!(ids(&page).iter().all(|id| !ids(&rest).contains(id)));
    }
}

on_both! {
    async fn a_parcel_is_linked_once_and_then_booked_in(database: Database) {
        let app = TestApp::start(database).await;
        let all = two(&app).await;
        let [(anna, anna_label), (wang, _)] = all.as_slice() else { panic!("{all:?}") };
        let staff = Machine::with(&app, Scope::Staff).await;
        let (_, parcel) = staff.post("/parcels", &json!({"shelf": "Q3", "clues": {"tracking_number": anna_label}})).await;
        let id = parcel["id"].as_str().unwrap();
        let (status, linked) = staff.post(&format!("/parcels/{id}/link"), &json!({"rma": anna})).await;
        assert_eq!(status, StatusCode::OK, "{linked}");
        let seen = staff.get(&format!("/returns/{anna}")).await;
        assert_eq!(kinds(&seen["tasks"]), ["receive"], "its label was on it: {seen}");
        let (status, again) = staff.post(&format!("/parcels/{id}/link"), &json!({"rma": anna})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &linked["version"]), "{again}");
        let (status, other) = staff.post(&format!("/parcels/{id}/link"), &json!({"rma": wang})).await;
        assert_eq!((status, other["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/parcel-ended")), "{other}");
        let (status, ended) = staff.post(&format!("/parcels/{id}/end"), &json!({"to": "destroyed", "reason": "wet"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{ended}");
        let told = staff.get(&format!("/parcels/{id}")).await;
        assert_eq!((told["state"].as_str(), told["rma"].as_str()), (Some("linked"), Some(anna.as_str())), "{told}");
        let (status, received) = staff.post(&format!("/returns/{anna}/receive"), &json!({})).await;
        assert_eq!((status, received["status"].as_str()), (StatusCode::OK, Some("received")), "{received}");
        // The customer reads nothing of shelves.
        let (_, timeline) = app.get(&format!("/returns/{anna}/timeline")).await;
        assert!(!timeline.to_string().contains("shelf"), "{timeline}");

        // What is of no return goes elsewhere, once, with a reason.
        let (_, parcel) = staff.post("/parcels", &json!({"shelf": "Q3"})).await;
        let id = parcel["id"].as_str().unwrap();
        let end = format!("/parcels/{id}/end");
        let (status, wrong) = staff.post(&end, &json!({"to": "linked", "reason": "no"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let (status, ended) = staff.post(&end, &json!({"to": "sent_back", "reason": "to the sender"})).await;
        assert_eq!((status, ended["state"].as_str()), (StatusCode::OK, Some("sent_back")), "{ended}");
        let (status, same) = staff.post(&end, &json!({"to": "sent_back", "reason": "again"})).await;
        assert_eq!((status, &same["version"], &same["reason"]), (StatusCode::OK, &ended["version"], &ended["reason"]), "{same}");
        assert_eq!(staff.post(&end, &json!({"to": "destroyed", "reason": "no"})).await.0, StatusCode::CONFLICT);
        let (status, _) = staff.post(&format!("/parcels/{id}/link"), &json!({"rma": anna})).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(staff.get("/parcels").await["items"], json!([]));
        assert_eq!(staff.get("/parcels?state=ended").await["items"].as_array().unwrap().len(), 2);
    }
}

on_both! {
    async fn two_clerks_change_a_parcel_one_after_the_other_and_strangers_see_none(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let shelf = json!({"shelf": "Q3"});
        let (_, once) = staff.send("POST", "/parcels", Some("p-1"), &shelf).await;
        let (_, twice) = staff.send("POST", "/parcels", Some("p-1"), &shelf).await;
        assert_eq!(once["id"], twice["id"], "sent twice, shelved once");
        let path = format!("/parcels/{}", once["id"].as_str().unwrap());
        let put = async |body: Value| staff.send("PUT", &path, None, &body).await;
        let (status, changed) = put(json!({"shelf": "Q9", "version": 1, "clues": {"sender": "Anna"}})).await;
        assert_eq!((status, changed["shelf"].as_str(), changed["version"].as_i64()), (StatusCode::OK, Some("Q9"), Some(2)), "{changed}");
        assert_eq!(put(json!({"shelf": "Q8", "version": 1})).await.0, StatusCode::CONFLICT);
        assert_eq!(put(json!({"shelf": "Q8", "owner": "nobody"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(put(json!({"shelf": " "})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(put(json!({"shelf": "Q8", "due": "2020-01-01T00:00:00Z"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let other = Machine::with(&app, scope).await;
            let (status, _) = other.post("/parcels", &json!({"shelf": "Q1"})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{scope:?}");
        }
        for nobody in ["/parcels/P99", "/parcels/x", "/parcels/P"] {
            assert_eq!(staff.send("GET", nobody, None, &json!({})).await.0, StatusCode::NOT_FOUND, "{nobody}");
        }
    }
}

on_both! {
    async fn people_shelve_and_link_on_pages(database: Database) {
        let app = TestApp::start(database).await;
        let all = two(&app).await;
        let (anna, _) = &all[0];
        let (.., mut clerk) = hire(&app, "Wera", "warehouse", free()).await;
        let (.., mut other) = hire(&app, "Fina", "finance", free()).await;
        clerk.says("/staff/parcels", "No parcel waits").await;
        let (_, queue) = clerk.get("/staff").await;
        assert!(!queue.contains("<a href=\"/staff/parcels\">Unknown parcels<!> <span"), "nothing waits");
        // What nothing fits is put on a shelf under what was read on it.
        let (_, nothing) = clerk.get("/staff/scan?code=%5DC1ZZ%2F9%26").await;
        assert!(nothing.contains("href=\"/staff/parcels?code=9%26\""), "{nothing}");
        let (_, form) = clerk.get("/staff/parcels?code=9%26").await;
        assert!(form.contains("value=\"9&amp;\"") && form.contains("<details open class=\"card\""), "{form}");
        assert_eq!(clerk.post("/staff/parcels", &[("shelf", ""), ("sender", "Anna Müller"), ("grams", "much")]).await, "/staff/parcels");
        let (_, refused) = clerk.get("/staff/parcels").await;
        assert!(refused.contains("Say on which shelf it lies.") && refused.contains("Anna Müller") && refused.contains("whole number"), "{refused}");
        let form = [("shelf", "Q3"), ("sender", "Anna Müller"), ("key", "k-1")];
        assert_eq!(clerk.post("/staff/parcels", &form).await, "/staff/parcels/P1");
        let (_, one) = clerk.get("/staff/parcels/P1").await;
        assert!(one.contains("P1 is on its shelf") && one.contains(anna) && one.contains("Fits: name"), "{one}");
        assert_eq!(clerk.post("/staff/parcels", &form).await, "/staff/parcels/P1", "the same form again");
        let (_, queue) = clerk.get("/staff").await;
        assert!(queue.contains("<a href=\"/staff/parcels\">Unknown parcels<!> <span") && !queue.contains("1 late"), "{queue}");
        let later = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 15)).as_millisecond();
        let counted = async |now| store::count_stray_parcels(&mut app.services.store.read().await.unwrap().conn(), now).await.unwrap();
        assert_eq!((counted(0).await, counted(later).await), ((1, 0), (1, 1)), "late once its day is over");
        let (_, queue) = other.get("/staff").await;
        assert!(!queue.contains("Unknown parcels"), "not for finance: {queue}");
        assert_eq!(clerk.post("/staff/parcels/P1/link", &[("rma", "RET-0")]).await, "/staff/parcels/P1");
        clerk.says("/staff/parcels/P1", "There is no return of that number").await;
        assert_eq!(clerk.post("/staff/parcels/P1/link", &[("rma", anna)]).await, format!("/staff/returns/{anna}"));
        let (_, linked) = clerk.get(&format!("/staff/returns/{anna}")).await;
        assert!(linked.contains(&format!("P1 is of {anna}")) && linked.contains("Parcel P1 from shelf Q3"), "{linked}");
        clerk.post("/staff/parcels/P1/end", &[("to", "destroyed"), ("reason", "wet")]).await;
        clerk.says("/staff/parcels/P1", "Somebody has settled this parcel already").await;
        let (_, page) = other.get("/staff/parcels").await;
        assert!(!page.contains("P1"), "not for finance: {page}");
        assert_ne!(other.post("/staff/parcels", &form).await, "/staff/parcels/P1");
    }
}
