//! The dock: what came is booked in by the unit, looked at, and put where it belongs, once (A4, A5, C18-C20, P5, P11).

use domain::staff::StaffLimits;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::printed::Printed;
use crate::review::{Machine, approved, kinds};
use crate::staff::{Browser, free, hire};
use crate::talk::last_mail;

/// A return of five of one thing, approved.
pub async fn five(app: &TestApp, number: &str) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"][0]["quantity"] = json!(5);
    bought["lines"][0]["sku"] = json!("TEE");
    bought["payments"] = json!([]);
    app.put_order(&bought).await;
    let (_, opened) = app.post("/returns", &request(number, "1", 5)).await;
    assert_eq!(opened["status"], "approved", "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

/// Lots of the first line: units, reception, inspection, disposition.
fn lots(of: &Value) -> Vec<(u64, &str, &str, &str)> {
    let lots = of["lines"][0]["lots"].as_array().unwrap_or_else(|| panic!("{of}"));
    let text = |lot: &'_ Value, axis: &str| lot[axis].as_str().unwrap().to_owned().leak() as &str;
    lots.iter()
        .map(|lot| (lot["units"].as_u64().unwrap(), text(lot, "reception"), text(lot, "inspection"), text(lot, "disposition")))
        .collect()
}

async fn stock(machine: &Machine<'_>, warehouse: &str) -> [i64; 6] {
    let told = machine.get(&format!("/stock/{warehouse}/TEE")).await;
    ["sellable", "quarantine", "defective", "in_repair", "promotion", "scrapped"]
        .map(|state| told[state].as_i64().unwrap_or_else(|| panic!("{told}")))
}

on_both! {
    async fn goods_are_booked_in_looked_at_and_put_away_by_the_unit(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        app.run_jobs().await;
        assert!(app.api("PUT", "/stock/HZ1/TEE").json(&json!({"quantity": 10})).send().await.unwrap().status().is_success());
        let path = format!("/returns/{rma}");

        let came = json!({"warehouse": "HZ1", "lines": [{"order": "1", "line": "1", "quantity": 4}, {"line": "1", "quantity": 1, "outcome": "short"}, {"outcome": "unannounced", "quantity": 2, "sku": "SOCK"}]});
        let (status, received) = staff.post(&format!("{path}/receive"), &came).await;
        assert_eq!(status, StatusCode::OK, "{received}");
        assert_eq!(lots(&received), [(1, "short", "pending", "none"), (4, "received", "pending", "none")], "{received}");
        assert_eq!(stock(&staff, "HZ1").await, [10, 4, 0, 0, 0, 0]);
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("what was in it is not all that we expected"), "{}", last_mail(&app).1);
        assert_eq!(received["granted"]["amount"], "0.00", "no receipt promises money (P11)");
        let seen = staff.get(&path).await;
        assert_eq!(kinds(&seen["tasks"]), ["inspect", "resolve"], "{seen}");

        // The same again: what was said of all of it was said before.
        let sent = app.mails().len();
        let again = json!({"lines": [{"line": "1", "quantity": 4}]});
        let (status, refused) = staff.post(&format!("{path}/receive"), &again).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/units")), "four more are not there: {refused}");
        let short = json!({"lines": [{"line": "1", "quantity": 1, "outcome": "short"}]});
        let (status, same) = staff.post(&format!("{path}/receive"), &short).await;
        assert_eq!((status, &same["version"]), (StatusCode::OK, &received["version"]), "{same}");

        let found = json!({"version": received["version"], "lines": [
            {"line": "1", "quantity": 1, "grade": "A", "result": "accepted", "disposition": "restock"},
            {"line": "1", "quantity": 1, "grade": "B", "result": "accepted", "disposition": "resell"},
            {"line": "1", "quantity": 1, "grade": "D", "result": "downgraded", "deduct": {"percent": "50"}, "findings": "torn"},
            {"line": "1", "quantity": 1, "result": "rejected", "disposition": "send_back"}]});
        let (status, looked) = staff.post(&format!("{path}/inspect"), &found).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let mut now = lots(&looked);
        now.sort_unstable();
        assert_eq!(now, [
            (1, "received", "accepted", "resell"),
            (1, "received", "accepted", "restock"),
            (1, "received", "downgraded", "none"),
            (1, "received", "rejected", "send_back"),
            (1, "short", "pending", "none"),
        ], "{looked}");
        assert_eq!(stock(&staff, "HZ1").await, [11, 1, 1, 0, 1, 0]);
        let (status, stale) = staff.post(&format!("{path}/inspect"), &found).await;
        assert_eq!((status, stale["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/version")), "{stale}");
        assert_eq!(stock(&staff, "HZ1").await, [11, 1, 1, 0, 1, 0], "once (P5)");
        app.run_jobs().await;
        assert_eq!(app.mails().len(), sent + 1);
        assert!(last_mail(&app).1.contains("Something is not as described"), "{}", last_mail(&app).1);

        // The ledger tells how it came to that, and the sums of it are what lies there.
        let ledger = staff.get("/stock/HZ1/TEE/moves").await;
        let ledger = ledger.as_array().unwrap();
        let mut sums = [0_i64; 6];
        for entry in ledger {
            for (end, sign) in [("from", -1), ("to", 1)] {
                let states = ["sellable", "quarantine", "defective", "in_repair", "promotion", "scrapped"];
                if let Some(place) = entry[end].as_str().and_then(|state| states.iter().position(|known| *known == state)) {
                    sums[place] += sign * entry["quantity"].as_i64().unwrap();
                }
            }
        }
        assert_eq!(sums, [11, 1, 1, 0, 1, 0], "{ledger:?}");
        assert_eq!((ledger[0]["kind"].as_str(), ledger[0]["quantity"].as_i64()), (Some("told"), Some(10)));
        let rest = staff.get(&format!("/stock/HZ1/TEE/moves?limit=50&after={}", ledger[1]["id"].as_str().unwrap())).await;
        assert_eq!(rest.as_array().unwrap().len(), ledger.len() - 2);

        // The shopper reads of it, and of no finding that is for colleagues.
        let timeline = app.get(&format!("{path}/timeline")).await.1;
        assert!(!timeline.to_string().contains("torn"), "{timeline}");
    }
}

on_both! {
    async fn what_does_not_make_sense_is_said_field_by_field_and_changes_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let path = format!("/returns/{rma}");
        for (call, body, field) in [
            ("receive", json!({"lines": []}), "lines"),
            ("receive", json!({"lines": [{"quantity": 1}]}), "lines[0]"),
            ("receive", json!({"lines": [{"line": "9"}]}), "lines[0]"),
            ("receive", json!({"lines": [{"line": "1", "quantity": 0}]}), "lines[0].quantity"),
            ("receive", json!({"lines": [{"line": "1", "outcome": "stolen"}]}), "lines[0].outcome"),
            ("receive", json!({"lines": [{"line": "1", "outcome": "unannounced"}]}), "lines[0].outcome"),
            ("receive", json!({"lines": [{"line": "1", "sku": "X"}]}), "lines[0].sku"),
            ("inspect", json!({"lines": []}), "lines"),
            ("inspect", json!({"lines": [{"line": "1", "result": "fine"}]}), "lines[0].result"),
            ("inspect", json!({"lines": [{"line": "1", "result": "accepted", "grade": "E"}]}), "lines[0].grade"),
            ("inspect", json!({"lines": [{"line": "1", "result": "accepted", "deduct": {"percent": "10"}}]}), "lines[0].deduct"),
            ("inspect", json!({"lines": [{"line": "1", "result": "downgraded", "deduct": {"percent": "101"}}]}), "lines[0].deduct"),
            ("inspect", json!({"lines": [{"line": "1", "result": "downgraded", "deduct": {}}]}), "lines[0].deduct"),
            ("inspect", json!({"lines": [{"line": "1", "result": "accepted", "disposition": "bin"}]}), "lines[0].disposition"),
            ("inspect", json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock", "scrap_ground": "defective"}]}), "lines[0].scrap_ground"),
            ("scans", json!({"tracking_number": "T", "status": "seen", "at": "2026-01-01T00:00:00Z"}), "status"),
            ("scans", json!({"tracking_number": "T", "status": "delivered", "at": "2099-01-01T00:00:00Z"}), "at"),
            ("scans", json!({"tracking_number": "T", "status": "delivered", "at": "soon"}), "at"),
        ] {
            let (status, refused) = staff.post(&format!("{path}/{call}"), &body).await;
            assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{call} {body}: {refused}");
        }
        // What nobody has booked in cannot be looked at; who only reads books nothing in.
        let (status, refused) = staff.post(&format!("{path}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted"}]})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        assert!(refused["possible"].to_string().contains("receive"), "{refused}");
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let (status, _) = Machine::with(&app, scope).await.post(&format!("{path}/receive"), &json!({})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{}", scope.code());
        }
        let (status, unknown) = staff.post(&format!("{path}/scans"), &json!({"tracking_number": "T", "status": "delivered", "at": "2026-01-01T00:00:00Z"})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{unknown}");
        assert_eq!(app.database.texts("SELECT kind FROM stock_moves").await, [""; 0]);
    }
}

on_both! {
    async fn a_carrier_is_heard_and_a_code_says_what_it_is(database: Database) {
        let app = TestApp::start(database).await;
        let opened = approved(&app, "1").await;
        let (rma, number) = (opened["rma"].as_str().unwrap(), opened["parcels"][0]["tracking_number"].as_str().unwrap());
        let staff = Machine::with(&app, Scope::Staff).await;
        let now = app.services.clock.now();
        let scan = |status: &str, hours: i64| json!({"tracking_number": number, "status": status, "at": (now - jiff::SignedDuration::from_hours(hours)).to_string(), "location": "Hangzhou"});
        for (status, stands) in [("in_transit", "in_transit"), ("delivered", "in_transit")] {
            let hours = if status == "delivered" { 1 } else { 5 };
            let (code, seen) = staff.post(&format!("/returns/{rma}/scans"), &scan(status, hours)).await;
            assert_eq!((code, seen["status"].as_str()), (StatusCode::OK, Some(stands)), "{seen}");
            let (_, again) = staff.post(&format!("/returns/{rma}/scans"), &scan(status, hours)).await;
            assert_eq!(again["version"], seen["version"], "said twice");
        }
        let seen = staff.get(&format!("/returns/{rma}")).await;
        assert_eq!(kinds(&seen["tasks"]), ["receive"], "{seen}");
        for (code, kind) in [
            (rma.to_owned(), "return"),
            (rma.replace('-', " ").to_lowercase(), "return"),
            (format!("https://shop.example/returns/{rma}"), "return"),
            (number.to_owned(), "parcel"),
            ("1".to_owned(), "order"),
            ("nothing of ours".to_owned(), "unknown"),
            (String::new(), "unknown"),
        ] {
            let (status, meant) = staff.post("/scans", &json!({"code": code})).await;
            assert_eq!((status, meant["kind"].as_str()), (StatusCode::OK, Some(kind)), "{code}: {meant}");
            assert_eq!(kind == "unknown", meant["candidates"].as_array().unwrap().is_empty(), "{code}: {meant}");
        }
        // All that is waited for came: nothing need be named.
        let (status, received) = staff.post(&format!("/returns/{rma}/receive"), &json!({})).await;
        assert_eq!((status, received["status"].as_str()), (StatusCode::OK, Some("received")), "{received}");
    }
}

on_both! {
    async fn what_came_before_there_was_a_ledger_is_put_away_like_all_else(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let path = format!("/returns/{rma}");
        staff.post(&format!("{path}/receive"), &json!({"warehouse": "HZ1"})).await;
        for table in ["stock_moves", "stock_kept"] {
            app.database.texts(&format!("DELETE FROM {table} RETURNING sku")).await;
        }
        let found = json!({"lines": [{"line": "1", "quantity": 2, "result": "accepted", "disposition": "restock"}]});
        assert_eq!(staff.post(&format!("{path}/inspect"), &found).await.0, StatusCode::OK);
        assert_eq!(stock(&staff, "HZ1").await, [2, 3, 0, 0, 0, 0]);
    }
}

/// The form of a page that sends there: its fields as they stand.
async fn version(browser: &mut Browser<'_>, rma: &str) -> String {
    browser.app.get(&format!("/returns/{rma}")).await.1["version"].to_string()
}

on_both! {
    async fn at_the_dock_it_is_done_by_forms(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        app.run_jobs().await;
        let limits = StaffLimits { warehouses: vec!["HZ1".into()], ..StaffLimits::default() };
        let (.., mut li) = hire(&app, "Li", "warehouse", limits).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let page = format!("/staff/returns/{rma}");
        assert!(!mei.get(&page).await.1.contains("id=\"do-receive\""), "who does not work there books nothing in");
        let seen = version(&mut li, &rma).await;
        assert_eq!(mei.post(&format!("{page}/receive"), &[("came|1", "5"), ("version", &seen)]).await, page);
        mei.says(&page, "Warehouse").await;
        assert!(li.get(&page).await.1.contains("do-receive"));

        for (fields, says) in [
            (&[("came|1", "6"), ("warehouse", "HZ1")][..], "at most 5"),
            (&[("came|1", "many"), ("warehouse", "HZ1")][..], "at most 5"),
            (&[("came|1", ""), ("warehouse", "HZ1")][..], "Count something"),
            (&[("came|1", "5"), ("warehouse", "SH1")][..], "You do not work in that warehouse"),
        ] {
            assert_eq!(li.post(&format!("{page}/receive"), &[fields, &[("version", seen.as_str())]].concat()).await, page);
            li.says(&page, says).await;
        }
        let fields = [("came|1", "4"), ("short|1", "1"), ("warehouse", "HZ1"), ("version", &seen)];
        for _ in 0..2 {
            assert_eq!(li.post(&format!("{page}/receive"), &fields).await, page);
        }
        let shown = li.get(&page).await.1;
        assert!(shown.contains("do-inspect-1"), "{shown}");

        let seen = version(&mut li, &rma).await;
        let percent = "percent|1";
        for (fields, says) in [
            (&[("units|1", "1")][..], "Please answer this question"),
            (&[("units|1", "9"), ("result|1", "accepted")][..], "at most 4"),
            (&[("result|1", "downgraded"), (percent, "a lot")][..], "percentage"),
            (&[("result|1", "rejected"), ("to|1", "restock")][..], "still the customer"),
        ] {
            let sent = [fields, &[("line", "1"), ("version", seen.as_str()), ("findings|1", "typed before")]].concat();
            assert_eq!(li.post(&format!("{page}/inspect"), &sent).await, page);
            let shown = li.get(&page).await.1;
            assert!(shown.contains(says) && shown.contains("typed before"), "{says}: {shown}");
        }
        let sent = [("line", "1"), ("version", seen.as_str()), ("units|1", "3"), ("result|1", "accepted"), ("grade|1", "A"), ("to|1", "restock")];
        assert_eq!(li.post(&format!("{page}/inspect"), &sent).await, page);
        let staff = Machine::with(&app, Scope::Staff).await;
        assert_eq!(stock(&staff, "HZ1").await, [3, 1, 0, 0, 0, 0]);

        // Taken back at once: the goods lie where they lay, and can be looked at again.
        let shown = li.get(&page).await.1;
        let command = shown.split("/take-back\"").nth(1).and_then(|form| form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).unwrap();
        li.post(&format!("{page}/take-back"), &[("command", &command)]).await;
        assert_eq!(stock(&staff, "HZ1").await, [0, 4, 0, 0, 0, 0]);
        let seen = version(&mut li, &rma).await;
        let sent = [("line", "1"), ("version", seen.as_str()), ("result|1", "accepted"), ("to|1", "restock")];
        assert_eq!(li.post(&format!("{page}/inspect"), &sent).await, page);
        assert_eq!(stock(&staff, "HZ1").await, [4, 0, 0, 0, 0, 0]);
    }
}

on_both! {
    async fn what_was_left_lying_is_put_away_and_what_is_theirs_goes_back(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let page = format!("/staff/returns/{rma}");
        staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
        let found = json!({"lines": [{"line": "1", "quantity": 3, "result": "accepted"}, {"line": "1", "quantity": 2, "result": "rejected"}]});
        let (_, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
        let of = |result: &str| looked["lines"][0]["lots"].as_array().unwrap().iter().find(|lot| lot["inspection"] == result).unwrap()["id"].as_str().unwrap().to_owned();
        let (good, bad) = (format!("to|{}", of("accepted")), format!("to|{}", of("rejected")));
        let seen = version(&mut li, &rma).await;
        for (fields, says) in [
            (&[][..], "Choose a place"),
            (&[(bad.as_str(), "restock")][..], "still the customer"),
            (&[(good.as_str(), "send_back")][..], "not possible"),
        ] {
            assert_eq!(li.post(&format!("{page}/put"), &[fields, &[("version", seen.as_str())]].concat()).await, page);
            li.says(&page, says).await;
        }
        let fields = [(good.as_str(), "repair"), (bad.as_str(), "send_back"), ("version", &seen)];
        assert_eq!(li.post(&format!("{page}/put"), &fields).await, page);
        assert_eq!(stock(&staff, "HZ1").await, [0, 2, 0, 3, 0, 0]);
        let seen = version(&mut li, &rma).await;
        for _ in 0..2 {
            assert_eq!(li.post(&format!("{page}/send-back"), &[("tracking", "SF1"), ("version", &seen)]).await, page);
        }
        assert_eq!(stock(&staff, "HZ1").await, [0, 0, 0, 3, 0, 0]);
        let (status, again) = staff.post(&format!("/returns/{rma}/send-back"), &json!({"lines": [{"line": "1"}]})).await;
        assert_eq!((status, again["version"].as_u64()), (StatusCode::OK, Some(version(&mut li, &rma).await.parse().unwrap())), "{again}");
    }
}

on_both! {
    async fn a_label_to_put_goods_away_says_where_they_go_and_is_scanned_back(database: Database) {
        let app = TestApp::start(database).await;
        let rma = five(&app, "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let path = format!("/returns/{rma}");
        let label = async |lot: &str| staff.file(&format!("{path}/lots/{lot}/label.pdf")).await;
        assert_eq!(label("1.1").await.status(), StatusCode::CONFLICT, "it has not come");
        staff.post(&format!("{path}/receive"), &json!({"warehouse": "HZ1"})).await;
        let found = json!({"lines": [{"line": "1", "quantity": 2, "grade": "B", "result": "accepted", "disposition": "resell"}]});
        let (status, looked) = staff.post(&format!("{path}/inspect"), &found).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let lots = looked["lines"][0]["lots"].as_array().unwrap();
        let lot = lots.iter().find(|lot| lot["disposition"] == "resell").unwrap()["id"].as_str().unwrap();
        let answer = label(lot).await;
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        let pdf = answer.bytes().await.unwrap().to_vec();
        std::fs::write(format!("{}/put-away.pdf", env!("CARGO_TARGET_TMPDIR")), &pdf).unwrap();
        let printed = Printed::new(pdf);
        assert_eq!((printed.pages(), printed.size(0).0.round(), printed.size(0).1.round()), (1, 105.0, 74.0));
        let codes = printed.scan(203.2);
        assert_eq!(codes.iter().map(|code| code.format).collect::<Vec<_>>(), ["Code 128", "QR"]);
        // Each of them opens the return.
        let (.., mut clerk) = hire(&app, "Wera", "warehouse", free()).await;
        for code in &codes {
            let (status, meant) = staff.post("/scans", &json!({"code": code.text})).await;
            assert_eq!((status, meant["candidates"][0]["rma"].as_str()), (StatusCode::OK, Some(rma.as_str())), "{code:?}: {meant}");
        }
        let words = printed.words();
        for told in [format!("Return{rma},lot{lot}").as_str(), "Sellforless", "SKU:TEE", "Warehouse:HZ1", "Grade:B", "Units:2", "Lies:forless"] {
            assert!(words.contains(told), "{told}: {words}");
        }
        let place = format!("/staff/returns/{rma}/lots/{lot}/label.pdf");
        let (_, page) = clerk.get(&format!("/staff/returns/{rma}")).await;
        assert!(page.contains(&place), "{page}");
        let (.., mut money) = hire(&app, "Fina", "finance", free()).await;
        assert!(!money.get(&format!("/staff/returns/{rma}")).await.1.contains("label.pdf"), "not for finance");
        assert_eq!(clerk.get(&place).await.0, 200);
        assert_eq!(label("9.9").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(app.api("GET", &format!("{path}/lots/{lot}/label.pdf")).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    }
}
