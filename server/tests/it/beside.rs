//! What came in a return's parcel beside what was announced: it waits for somebody, its customer hears of it, and it ends (P22, P11).

use domain::returns::{CommandKind, Refused};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::services::{Access, Arrival, ChangeError};
use server::store::Scope;

use crate::app::TestApp;
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::review::{Machine, kinds};
use crate::staff::{audit, free, hire};
use crate::talk::{last_mail, shopper};
use crate::warehouse::five;

async fn parcels(staff: &Machine<'_>) -> Vec<Value> {
    staff.get("/parcels").await["items"].as_array().unwrap().clone()
}

fn fits(parcel: &Value) -> Vec<(String, String, bool)> {
    let of = |one: &Value| one["return"]["rma"].as_str().or(one["order"].as_str()).unwrap().to_owned();
    let fits = |one: &Value| one["fits"].as_array().unwrap().iter().map(|fit| fit.as_str().unwrap()).collect::<Vec<_>>().join(" ");
    parcel["candidates"].as_array().unwrap().iter().map(|one| (of(one), fits(one), one["awaited"].as_bool().unwrap())).collect()
}

on_both! {
    async fn what_came_beside_waits_once_with_an_owner_and_its_return_first(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let other = five(&app, "2").await;
        app.run_jobs().await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let receive = format!("/returns/{rma}/receive");
        let came = json!({"warehouse": "HZ1", "tracking_number": "T-77", "lines": [
            {"line": "1", "quantity": 5}, {"line": "1", "quantity": 1, "outcome": "extra"}, {"outcome": "unannounced", "quantity": 2, "sku": "SOCK"}]});
        let (status, received) = staff.send("POST", &receive, Some("c-1"), &came).await;
        assert_eq!(status, StatusCode::OK, "{received}");
        let (status, again) = staff.send("POST", &receive, Some("c-1"), &came).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &received["version"]), "{again}");
        // Without a name, too: what it is told with was booked in before.
        let (status, again) = staff.post(&receive, &came).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &received["version"]), "{again}");
        let all = parcels(&staff).await;
        let said: Vec<Value> = all.iter().map(|one| json!([one["id"], one["clues"]["codes"], one["units"], one["came_with"], one["state"]])).collect();
        let with = json!({"rma": rma, "receipt": "r1"});
        assert_eq!(said, [json!(["P1", ["TEE"], 1, with, "waiting"]), json!(["P2", ["SOCK"], 2, with, "waiting"])]);
        for one in &all {
            assert_eq!((one["owner"].as_str(), one["warehouse"].as_str(), one["shelf"].as_str()), (Some("key:staff"), Some("HZ1"), Some("")), "{one}");
            assert_eq!(one["clues"]["tracking_number"], "T-77");
            let due: jiff::Timestamp = one["due"].as_str().unwrap().parse().unwrap();
            let days = due.duration_since(jiff::Timestamp::now()).as_hours();
            assert!((13 * 24..=14 * 24).contains(&days), "{one}");
        }
        // Whose parcel it came in is asked first, and what they bought; then what else fits.
        let parcel = staff.get("/parcels/P1").await;
        let found = fits(&parcel);
        assert_eq!(found[0], (rma.clone(), "came_with sku".into(), false), "{parcel}");
        assert_eq!(found[1], ("1".into(), "came_with sku".into(), false), "a return of it can be opened: {parcel}");
        assert_eq!(found[2], (other.clone(), "sku".into(), true), "{parcel}");
        assert_eq!(fits(&staff.get("/parcels/P2").await)[0], (rma.clone(), "came_with".into(), false));
        // By itself it is more of the same.
        let more = json!({"warehouse": "HZ1", "lines": [{"outcome": "unannounced", "sku": "SOCK"}]});
        for name in ["c-2", "c-2", "c-3"] {
            assert_eq!(staff.send("POST", &receive, Some(name), &more).await.0, StatusCode::OK);
        }
        let with: Vec<Value> = parcels(&staff).await.iter().map(|one| one["came_with"]["receipt"].clone()).collect();
        assert_eq!(with, ["r1", "r1", "r2", "r3"]);
        let trail = audit(&app).await;
        let noted: Vec<&str> = trail.iter().filter(|(what, _)| what == "came_beside").map(|(_, subject)| subject.as_str()).collect();
        assert_eq!(noted, ["parcel:P1", "parcel:P2", "parcel:P3", "parcel:P4"]);
        // Nothing of it promises money, and nobody else than who sees to parcels reads of it.
        assert_eq!(received["granted"]["amount"], "0.00", "{received}");
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let machine = Machine::with(&app, scope).await;
            assert_eq!(machine.file("/parcels/P1").await.status(), StatusCode::FORBIDDEN, "{scope:?}");
            assert_eq!(machine.post(&receive, &more).await.0, StatusCode::FORBIDDEN, "{scope:?}");
        }
        assert_eq!(parcels(&staff).await.len(), 4);
    }
}

on_both! {
    async fn what_came_beside_goes_to_a_shelf_to_another_return_and_to_an_end(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        app.run_jobs().await;
        let came = json!({"warehouse": "HZ1", "lines": [{"line": "1"}, {"outcome": "unannounced", "quantity": 5, "sku": "TEE"}, {"outcome": "unannounced"}]});
        let (status, told) = staff.post(&format!("/returns/{rma}/receive"), &came).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        // It gets a place, and what can be read of it is emptied as of any other.
        let (status, changed) = staff.send("PUT", "/parcels/P1", None, &json!({"warehouse": "HZ1", "shelf": "Q3", "clues": {}})).await;
        assert_eq!((status, changed["shelf"].as_str(), &changed["clues"]), (StatusCode::OK, Some("Q3"), &json!({"codes": []})), "{changed}");
        assert_eq!((&changed["units"], &changed["came_with"]["rma"]), (&json!(5), &json!(rma)), "{changed}");
        assert_eq!(fits(&staff.get("/parcels/P1").await)[0], (rma.clone(), "came_with".into(), false));
        // Support opens a return of these units for the customer; there it is booked in.
        let other = five(&app, "2").await;
        app.run_jobs().await;
        let (status, linked) = staff.post("/parcels/P1/link", &json!({"rma": other})).await;
        assert_eq!(status, StatusCode::OK, "{linked}");
        let (status, booked) = staff.post(&format!("/returns/{other}/receive"), &json!({"warehouse": "HZ1"})).await;
        assert_eq!((status, booked["status"].as_str()), (StatusCode::OK, Some("received")), "{booked}");
        let one = staff.get("/parcels/P1").await;
        assert_eq!((one["state"].as_str(), one["rma"].as_str(), one["came_with"]["rma"].as_str()), (Some("linked"), Some(&*other), Some(&*rma)), "{one}");
        // What nobody wants goes elsewhere, once.
        let end = json!({"to": "given_away", "reason": "a box of paper"});
        let (status, ended) = staff.post("/parcels/P2/end", &end).await;
        assert_eq!((status, ended["state"].as_str()), (StatusCode::OK, Some("given_away")), "{ended}");
        assert_eq!(staff.post("/parcels/P2/link", &json!({"rma": other})).await.0, StatusCode::CONFLICT);
        assert_eq!(parcels(&staff).await, Vec::<Value>::new());
        // Who works there sees on the return where it stands.
        let (.., mut clerk) = hire(&app, "Wera", "warehouse", free()).await;
        let (_, page) = clerk.get(&format!("/staff/returns/{rma}")).await;
        assert!(page.contains("Came beside it") && page.contains("href=\"/staff/parcels/P1\"") && page.contains("Given away"), "{page}");
        assert!(page.contains(&format!("href=\"/staff/returns/{other}\"")), "{page}");
        let (.., mut till) = hire(&app, "Fina", "finance", free()).await;
        let (_, page) = till.get(&format!("/staff/returns/{rma}")).await;
        assert!(page.contains("Came beside it") && !page.contains("/staff/parcels/P1"), "{page}");
    }
}

on_both! {
    async fn a_receipt_that_is_taken_back_leaves_nothing_beside(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        app.run_jobs().await;
        let (member, _, mut clerk) = hire(&app, "Wera", "warehouse,support", free()).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let number = rma.parse().unwrap();
        let access = |kind| Access::of_staff(&member, number, kind, String::new()).unwrap();
        let book_in = async |sku: &str| {
            let arrival = Arrival { beside: vec![(None, Some(sku.parse().unwrap()), 2)], ..Arrival::default() };
            app.services.book_in(access(CommandKind::Receive), None, move |_| Ok::<_, ChangeError>(arrival)).await.unwrap()
        };
        let booked = book_in("SOCK").await;
        let waiting = parcels(&staff).await;
        assert_eq!((waiting.len(), &waiting[0]["owner"]), (1, &json!(member.id)), "{waiting:?}");
        clerk.says("/staff/parcels", &format!("came with {rma}, 2 units")).await;
        clerk.says("/staff/parcels/P1", "not on a shelf yet, main").await;
        let (_, page) = clerk.get("/staff/parcels/P1").await;
        assert!(page.contains("Fits: it came in this parcel") && page.contains(&format!("<a href=\"/staff/returns/{rma}\">came with")), "{page}");
        let undone = app.services.take_back(access(CommandKind::TakeBack), booked.command.clone().unwrap()).await.unwrap();
        assert!(undone.request.receipts.is_empty());
        assert_eq!(parcels(&staff).await, Vec::<Value>::new());
        assert_eq!(staff.file("/parcels/P1").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(staff.get("/parcels?state=ended").await["items"], json!([]));
        assert_eq!(staff.send("PUT", "/parcels/P1", None, &json!({"shelf": "Q1"})).await.0, StatusCode::NOT_FOUND);
        let sent = app.mails().len();
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent, "nobody is told of what did not happen");
        // Taken back twice, it is so once; the next has a number of its own.
        app.services.take_back(access(CommandKind::TakeBack), booked.command.unwrap()).await.unwrap();
        let booked = book_in("CAP").await;
        assert_eq!(parcels(&staff).await[0]["id"], "P2");
        // What found its place since stays there.
        let (_, other) = (five(&app, "2").await, five(&app, "3").await);
        assert_eq!(staff.post("/parcels/P2/link", &json!({"rma": other})).await.0, StatusCode::OK);
        app.services.take_back(access(CommandKind::TakeBack), booked.command.unwrap()).await.unwrap();
        assert_eq!(staff.get("/parcels/P2").await["state"], "linked");
        let trail = audit(&app).await;
        let of = |subject: &str| trail.iter().filter(|(_, of)| of == subject).map(|(what, _)| what.as_str()).collect::<Vec<_>>();
        assert_eq!((of("parcel:P1"), of("parcel:P2")), (vec!["came_beside", "take_back_parcel"], vec!["came_beside", "link_parcel"]));
        let booked = book_in("CAP").await.command.unwrap();
        app.run_jobs().await;
        let late = app.services.take_back(access(CommandKind::TakeBack), booked).await;
        assert!(matches!(late, Err(ChangeError::Refused(Refused::TooLate))), "they were told: {late:?}");
        assert_eq!(parcels(&staff).await.len(), 1);
    }
}

on_both! {
    async fn the_customer_hears_that_something_else_came_and_nothing_of_shelves(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let table = [
            (json!([{"line": "1"}, {"outcome": "unannounced", "sku": "SOCK"}]), "has arrived. We look", "We have your items, and something else", true),
            (
                json!([{"line": "1", "quantity": 4}, {"line": "1", "outcome": "short"}, {"line": "1", "outcome": "extra"}]),
                "not all that we expected",
                "and there is more in it than that",
                true,
            ),
            (json!([{"outcome": "unannounced", "sku": "SOCK"}]), "something came with your return", "Something came that you had not announced", false),
            (json!([{"line": "1"}]), "has arrived. We look", "We have your items", false),
        ];
        for (place, (lines, lead, moment, note)) in table.into_iter().enumerate() {
            let order = (place + 1).to_string();
            let rma = five(&app, &order).await;
            app.run_jobs().await;
            let sent = app.mails().len();
            let (status, told) = staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1", "lines": lines})).await;
            assert_eq!(status, StatusCode::OK, "{told}");
            app.run_jobs().await;
            assert_eq!(app.mails().len(), sent + 1, "{lines}");
            let (_, text, html) = last_mail(&app);
            assert!(text.contains(lead), "{text}");
            for said in [&text, &html] {
                assert_eq!(said.contains("There was also something in your parcel"), note, "{said}");
            }
            // Names and links are drawn: they may hold any letters.
            let written: String = text.lines().filter(|line| !line.contains("/r/")).map(|line| line.replace(&rma, "")).collect();
            for inner in ["HZ1", "SOCK", "P1", "key:", "staff"] {
                assert!(!written.contains(inner), "{inner}: {text}");
            }
            let customer: Visitor = shopper(&app, &rma, &order).await;
            let page = customer.text(&format!("/returns/{rma}")).await.replace(&rma, "");
            assert!(page.contains(moment), "{page}");
            for inner in ["HZ1", "SOCK", "shelf"] {
                assert!(!page.contains(inner), "{inner}: {page}");
            }
        }
        // What is still waited for is waited for.
        let seen = staff.get(&format!("/returns/{}", parcels(&staff).await[2]["came_with"]["rma"].as_str().unwrap())).await;
        assert_eq!((seen["status"].as_str(), kinds(&seen["tasks"]).len()), (Some("approved"), 0), "{seen}");
    }
}
