//! Claims against suppliers and carriers: opened, filed, agreed to, declined, paid and dropped, listed by their day; and goods that go back to a vendor (P27).

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::apart::lying;
use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::Machine;
use crate::staff::{audit, free, hire};

/// A claim against a carrier, with these fields.
fn against_dhl(more: &Value) -> Value {
    let mut told = json!({"against": "carrier", "ground": "damaged", "party": "DHL"});
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    told
}

async fn opened(machine: &Machine<'_>, told: &Value) -> Value {
    let (status, claim) = machine.post("/claims", told).await;
    assert_eq!(status, StatusCode::CREATED, "{claim}");
    claim
}

/// The day so many days from today, by the shop's clock.
fn day(app: &TestApp, days: i64) -> String {
    let today = domain::policy::local_day(app.services.clock.now(), &app.services.shop_zone());
    (today + jiff::Span::new().days(days)).to_string()
}

/// Takes a new claim where it is asked for: its name.
async fn brought(finance: &Machine<'_>, state: &str) -> String {
    let claim = opened(finance, &against_dhl(&json!({"expected": "10.00", "currency": "EUR"}))).await;
    let name = claim["id"].as_str().unwrap().to_owned();
    let steps: &[&str] = match state {
        "open" => &[],
        "filed" => &["file"],
        "agreed" => &["file", "agree"],
        "settled" => &["file", "agree", "settle"],
        "declined" => &["file", "decline"],
        _ => &["drop"],
    };
    for step in steps {
        let (status, told) = finance.post(&format!("/claims/{name}/{step}"), &said(step)).await;
        assert_eq!(status, StatusCode::OK, "{step}: {told}");
    }
    assert_eq!(finance.get(&format!("/claims/{name}")).await["state"], state);
    name
}

/// What is said with a step.
fn said(step: &str) -> Value {
    match step {
        "settle" => json!({"amount": "9.50", "currency": "EUR"}),
        "decline" | "drop" => json!({"reason": "badly packed"}),
        _ => json!({}),
    }
}

on_both! {
    async fn every_step_from_every_state_is_taken_or_refused(database: Database) {
        let app = TestApp::start(database).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        for (from, answers) in [
            ("open", ["filed", "", "", "", "dropped"]),
            ("filed", ["filed", "agreed", "", "declined", "dropped"]),
            ("agreed", ["", "agreed", "settled", "declined", "dropped"]),
            ("settled", ["", "", "settled", "", ""]),
            ("declined", ["filed", "", "", "declined", "dropped"]),
            ("dropped", ["", "", "", "", "dropped"]),
        ] {
            for (step, expected) in ["file", "agree", "settle", "decline", "drop"].into_iter().zip(answers) {
                let name = brought(&finance, from).await;
                let before = finance.get(&format!("/claims/{name}")).await;
                let (status, after) = finance.post(&format!("/claims/{name}/{step}"), &said(step)).await;
                match expected {
                    "" => {
                        assert_eq!((status, after["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/claim-state")), "{from} {step}: {after}");
                        assert_eq!(finance.get(&format!("/claims/{name}")).await, before, "{from} {step}: nothing was done");
                    }
                    same if same == from => assert_eq!((status, &after), (StatusCode::OK, &before), "{from} {step}: done before"),
                    state => {
                        assert_eq!((status, after["state"].as_str()), (StatusCode::OK, Some(state)), "{from} {step}: {after}");
                        let steps = after["steps"].as_array().unwrap();
                        assert_eq!(steps.last().unwrap()["step"], step, "{after}");
                        assert_eq!(after["version"].as_u64(), Some(steps.len() as u64 + 1), "{after}");
                    }
                }
            }
        }
        let (status, _) = finance.post("/claims/C1/eat", &json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(finance.post("/claims/C999/file", &json!({})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(finance.file("/claims/X1").await.status(), StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn what_they_paid_is_money_and_said_by_finance(database: Database) {
        let app = TestApp::start(database).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let name = brought(&finance, "agreed").await;
        let settle = format!("/claims/{name}/settle");
        let (status, refused) = staff.post(&settle, &said("settle")).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{refused}");
        for (wrong, field) in [
            (json!({}), "amount"),
            (json!({"amount": "0", "currency": "EUR"}), "amount"),
            (json!({"amount": "1.001", "currency": "EUR"}), "amount"),
            (json!({"amount": "1"}), "currency"),
            (json!({"amount": "1", "currency": "CNY"}), "currency"),
            (json!({"amount": "1", "currency": "XXY"}), "currency"),
            (json!({"amount": "1", "currency": "EUR", "reason": "x"}), "reason"),
        ] {
            let (status, told) = finance.post(&settle, &wrong).await;
            assert_eq!((status, told["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{wrong}: {told}");
        }
        // More than was expected is theirs to give.
        let (status, settled) = finance.post(&settle, &json!({"amount": "12.00", "currency": "eur"})).await;
        assert_eq!((status, &settled["settled"]), (StatusCode::OK, &json!({"amount": "12.00", "currency": "EUR"})), "{settled}");
        assert!(settled["settled_at"].is_string() && settled["expected"]["amount"] == "10.00", "{settled}");
        // Where nobody knew what to expect, the currency is theirs.
        let claim = opened(&finance, &against_dhl(&json!({"ground": "lost"}))).await;
        assert!(claim.get("expected").is_none(), "{claim}");
        for step in ["file", "agree"] {
            finance.post(&format!("/claims/{}/{step}", claim["id"].as_str().unwrap()), &json!({})).await;
        }
        let (_, settled) = finance.post(&format!("/claims/{}/settle", claim["id"].as_str().unwrap()), &json!({"amount": "500", "currency": "JPY"})).await;
        assert_eq!(settled["settled"], json!({"amount": "500", "currency": "JPY"}), "{settled}");
        let trail = audit(&app).await;
        for what in ["open_claim", "file_claim", "agree_claim", "settle_claim"] {
            assert!(trail.contains(&(what.to_owned(), format!("claim:{}", name.trim_start_matches('C')))), "{what}: {trail:?}");
        }
    }
}

on_both! {
    async fn carriers_have_their_days_and_whoever_may_opens_once(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let came = day(&app, -3);
        for (ground, since, due) in [
            ("damaged", Some(&came), Some(day(&app, 4))),
            ("short", Some(&came), Some(day(&app, 4))),
            ("late", Some(&came), Some(day(&app, 18))),
            ("damaged", None, Some(day(&app, 7))),
        ] {
            let claim = opened(&staff, &against_dhl(&json!({"ground": ground, "delivered_on": since}))).await;
            assert_eq!(claim["due"].as_str().map(str::to_owned), due, "{claim}");
        }
        let lost = opened(&staff, &against_dhl(&json!({"ground": "lost", "delivered_on": came}))).await;
        let year = came.parse::<jiff::civil::Date>().unwrap() + jiff::Span::new().years(1);
        assert_eq!(lost["due"].as_str(), Some(year.to_string().as_str()));
        let own = opened(&staff, &against_dhl(&json!({"due": day(&app, 30)}))).await;
        assert_eq!(own["due"].as_str(), Some(day(&app, 30).as_str()), "somebody names another");
        let supplier = opened(&staff, &json!({"against": "supplier", "ground": "recalled", "party": "Acme"})).await;
        assert!(supplier.get("due").is_none() && supplier["overdue"] == false, "{supplier}");
        // Of a return that came, the day is known.
        app.put_order(&order("1")).await;
        let (_, asked) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = asked["rma"].as_str().unwrap();
        assert_eq!(staff.post(&format!("/returns/{rma}/receive"), &json!({})).await.0, StatusCode::OK);
        app.services.clock.advance(jiff::SignedDuration::from_hours(48));
        let claim = opened(&staff, &against_dhl(&json!({"rma": rma, "order": "1", "tracking_number": " 00340 "}))).await;
        assert_eq!((claim["due"].as_str(), claim["rma"].as_str()), (Some(day(&app, 5).as_str()), Some(rma)), "{claim}");
        assert_eq!((claim["order"].as_str(), claim["tracking_number"].as_str()), (Some("1"), Some("00340")));
        for (wrong, field) in [
            (json!({"ground": "recalled"}), "ground"),
            (json!({"ground": "eaten"}), "ground"),
            (json!({"party": " "}), "party"),
            (json!({"rma": "R-1"}), "rma"),
            (json!({"expected": "1"}), "currency"),
            (json!({"expected": "0", "currency": "EUR"}), "expected"),
            (json!({"due": "soon"}), "due"),
            (json!({"due": "2999-01-01"}), "due"),
            (json!({"delivered_on": day(&app, 1)}), "delivered_on"),
        ] {
            let (status, told) = staff.post("/claims", &against_dhl(&wrong)).await;
            assert_eq!((status, told["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{wrong}: {told}");
        }
        // Sent twice, opened once; whoever may only write, or read, opens none, and reading is for all of them.
        let told = against_dhl(&json!({}));
        let (_, once) = staff.send("POST", "/claims", Some("k-1"), &told).await;
        let (_, twice) = staff.send("POST", "/claims", Some("k-1"), &told).await;
        assert_eq!(once["id"], twice["id"]);
        assert_eq!(staff.send("POST", "/claims", Some("k-1"), &against_dhl(&json!({"note": "x"}))).await.0, StatusCode::UNPROCESSABLE_ENTITY, "another request");
        for scope in [Scope::Read, Scope::Write] {
            let other = Machine::with(&app, scope).await;
            assert_eq!(other.post("/claims", &told).await.0, StatusCode::FORBIDDEN);
            assert_eq!(other.post("/claims/C1/file", &json!({})).await.0, StatusCode::FORBIDDEN);
            assert_eq!(other.get("/claims/C1").await["id"], "C1");
        }
        // Two look at the same, one is first.
        let (status, _) = staff.post("/claims/C1/file", &json!({"version": 1, "reference": "DHL 4711"})).await;
        assert_eq!(status, StatusCode::OK);
        let (status, late) = staff.post("/claims/C1/drop", &json!({"version": 1, "reason": "x"})).await;
        assert_eq!((status, late["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/version")), "{late}");
        let filed = staff.get("/claims/C1").await;
        assert_eq!((filed["reference"].as_str(), filed["steps"][0]["said"].as_str()), (Some("DHL 4711"), Some("DHL 4711")), "{filed}");
    }
}

on_both! {
    async fn the_list_goes_by_the_day_and_its_table_holds_no_formulas(database: Database) {
        let app = TestApp::start(database).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        let due = |days: i64| json!({"due": day(&app, days)});
        for days in [5, -2, 30] {
            opened(&finance, &against_dhl(&due(days))).await;
        }
        opened(&finance, &json!({"against": "supplier", "ground": "defective", "party": "=HYPERLINK(1)", "note": "a,\"b\"\nc", "expected": "7.00", "currency": "EUR"})).await;
        opened(&finance, &json!({"against": "supplier", "ground": "wrong_goods", "party": "Acme"})).await;
        let names = async |query: &str| -> Vec<String> {
            let (mut all, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = finance.get(&format!("/claims?limit=2{query}{cursor}")).await;
                all.extend(page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().map(|one| one["id"].as_str().unwrap().to_owned()));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return all,
                }
            }
        };
        assert_eq!(names("").await, ["C2", "C1", "C3", "C4", "C5"], "by the day, those without one last");
        assert_eq!(names("&against=supplier").await, ["C4", "C5"]);
        assert_eq!(finance.get("/claims/C2").await["overdue"], true);
        assert_eq!(finance.get("/claims/C1").await["overdue"], false);
        // Filed in time is filed in time, or not: the day matters no more.
        finance.post("/claims/C2/file", &json!({})).await;
        assert_eq!(finance.get("/claims/C2").await["overdue"], false);
        finance.post("/claims/C1/drop", &json!({"reason": "too little"})).await;
        assert_eq!(names("").await, ["C2", "C3", "C4", "C5"]);
        assert_eq!(names("&state=all").await, ["C2", "C1", "C3", "C4", "C5"]);
        assert_eq!(names("&state=dropped").await, ["C1"]);
        assert_eq!(names("&state=open&against=carrier").await, ["C3"]);
        for wrong in ["state=eaten", "against=all", "cursor=x", "limit=0"] {
            assert_eq!(finance.file(&format!("/claims?{wrong}")).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        let file = finance.file("/claims.csv?state=all").await;
        assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
        let text = file.text().await.unwrap();
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let head = rows.headers().unwrap().clone();
        let at = |name: &str| head.iter().position(|known| known == name).unwrap();
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.iter().map(|row| row[0].to_owned()).collect::<Vec<_>>(), ["C2", "C1", "C3", "C4", "C5"]);
        assert_eq!((&rows[3][at("party")], &rows[3][at("note")]), ("'=HYPERLINK(1)", "a,\"b\"\nc"));
        assert_eq!((&rows[3][at("expected")], &rows[3][at("currency")], &rows[3][at("state")]), ("7.00", "EUR", "open"));
        assert_eq!(text.lines().count(), 7, "{text}");
        assert_eq!(finance.file("/claims.csv?against=carrier").await.text().await.unwrap().lines().count(), 3);
        assert_eq!(finance.file("/claims.csv?state=eaten").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// How many units lie so: quarantine, defective, gone back.
async fn stands(staff: &Machine<'_>) -> [i64; 3] {
    let told = staff.get("/stock/HZ1/TEE").await;
    ["quarantine", "defective", "returned_to_vendor"].map(|state| told[state].as_i64().unwrap_or_else(|| panic!("{told}")))
}

on_both! {
    async fn goods_go_back_to_a_vendor_and_claim_their_credit_once(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rmas = lying(&app, &staff, &["1", "2", "3"]).await;
        let ask = json!({"kind": "return_to_vendor", "warehouse": "HZ1", "condition": "defective", "supplier": "Acme Ltd", "expected": "60.00", "currency": "EUR", "reason": "seams come apart"});
        let (status, planned) = staff.post("/stock-batches", &ask).await;
        assert_eq!(status, StatusCode::CREATED, "{planned}");
        assert_eq!((&planned["expected"], &planned["supplier"], &planned["claim_ground"]), (&json!({"amount": "60.00", "currency": "EUR"}), &json!("Acme Ltd"), &json!("defective")));
        assert_eq!(staff.get("/claims").await["items"], json!([]), "nothing went back yet");
        let run = format!("/stock-batches/{}/run", planned["id"]);
        // Two at once, and once more: each unit and the claim once.
        let nothing = json!({});
        let ((first, one), (second, _)) = futures::join!(staff.post(&run, &nothing), staff.post(&run, &nothing));
        assert!(first.is_success() && second.is_success(), "{one}");
        let (_, ran) = staff.post(&run, &nothing).await;
        assert_eq!(ran["claim"], "C1", "{ran}");
        assert!(ran["units"].as_array().unwrap().iter().all(|unit| unit["state"] == "done"), "{ran}");
        assert_eq!(stands(&staff).await, [6, 0, 3]);
        let claims = staff.get("/claims?state=all").await;
        assert_eq!(claims["items"].as_array().unwrap().len(), 1, "{claims}");
        let claim = staff.get("/claims/C1").await;
        assert_eq!((claim["against"].as_str(), claim["party"].as_str(), claim["ground"].as_str()), (Some("supplier"), Some("Acme Ltd"), Some("defective")), "{claim}");
        assert_eq!((&claim["expected"], &claim["batch"]), (&json!({"amount": "60.00", "currency": "EUR"}), &planned["id"]), "{claim}");
        assert_eq!(claim["note"], "seams come apart");
        assert_eq!(audit(&app).await.iter().filter(|(what, _)| what == "open_claim").count(), 1);
        // It stands so on the return, and goes nowhere else from there.
        let back = staff.get(&format!("/returns/{}", rmas[0])).await;
        let lots = back["lines"][0]["lots"].as_array().unwrap();
        assert!(lots.iter().any(|lot| lot["disposition"] == "return_to_vendor"), "{back}");
        let again = json!({"lines": [{"line": "1", "quantity": 1, "grade": "D", "result": "accepted", "disposition": "return_to_vendor"}]});
        assert_eq!(staff.post(&format!("/returns/{}/inspect", rmas[0]), &again).await.0, StatusCode::UNPROCESSABLE_ENTITY, "by a batch alone, which claims");
        let ledger = staff.get("/stock/HZ1/TEE/moves").await;
        let went = ledger.as_array().unwrap().iter().filter(|one| one["to"] == "returned_to_vendor").count();
        assert_eq!(went, 3, "{ledger}");
        // Where nothing can go, nothing is claimed.
        let (_, empty) = staff.post("/stock-batches", &ask).await;
        let (_, ran) = staff.post(&format!("/stock-batches/{}/run", empty["id"]), &nothing).await;
        assert!(ran.get("claim").is_none(), "{ran}");
        for (wrong, field) in [
            (json!({"supplier": null}), "supplier"),
            (json!({"claim_ground": "damaged"}), "claim_ground"),
            (json!({"expected": "0"}), "expected"),
            (json!({"currency": null}), "currency"),
            (json!({"percent": 10}), "percent"),
            (json!({"scrap_ground": "defective"}), "scrap_ground"),
            (json!({"kind": "scrap"}), "supplier"),
        ] {
            let mut told = ask.clone();
            told.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            let (status, told) = staff.post("/stock-batches", &told).await;
            assert_eq!((status, told["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{wrong}: {told}");
        }
    }
}

on_both! {
    async fn people_work_on_claims_on_pages(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rmas = lying(&app, &staff, &["1"]).await;
        let (.., mut clerk) = hire(&app, "Wera", "warehouse", free()).await;
        let (.., mut fina) = hire(&app, "Fina", "finance", free()).await;
        let (.., mut bench) = hire(&app, "Toni", "workshop", free()).await;
        clerk.says("/staff/claims", "No claims here.").await;
        assert!(bench.get("/staff/claims").await.0 != 200, "that is not for the workshop");
        // From the return, with what is known of it.
        let (_, page) = clerk.get(&format!("/staff/returns/{}", rmas[0])).await;
        if page.contains("Claim against the carrier") {
            assert!(page.contains(&format!("/staff/claims?rma={}#open", rmas[0])), "{page}");
        }
        clerk.says(&format!("/staff/claims?rma={}", rmas[0]), &format!("value=\"{}\"", rmas[0])).await;
        // Each mistake at its field, and what was typed stays.
        let form = [("ground", "damaged"), ("party", ""), ("rma", "R-1"), ("expected", "0"), ("currency", "euro"), ("since", "2999-01-01"), ("note", "torn open")];
        assert_eq!(clerk.post("/staff/claims", &form).await, "/staff/claims");
        let (_, page) = clerk.get("/staff/claims").await;
        for text in ["Say whom the claim is against.", "There is no return of that number.", "Write the currency in three letters", "torn open", "id=\"f-party-error\"", "id=\"f-since-error\""] {
            assert!(page.contains(text), "{text}: {page}");
        }
        let due = day(&app, -1);
        let form = [("key", "k1"), ("ground", "damaged"), ("party", "DHL <b>"), ("rma", rmas[0].as_str()), ("expected", "49,90"), ("currency", "EUR"), ("due", due.as_str())];
        assert_eq!(clerk.post("/staff/claims", &form).await, "/staff/claims/C1");
        assert_eq!(clerk.post("/staff/claims", &form).await, "/staff/claims/C1", "sent twice, opened once");
        let (_, page) = clerk.get("/staff/claims/C1").await;
        for text in ["Claim C1 is open.", "DHL &lt;b&gt;", "€\u{a0}49.90", "Overdue since", "It is filed", "Drop it"] {
            assert!(page.contains(text), "{text}: {page}");
        }
        clerk.says("/staff/claims", "Overdue since").await;
        let (_, page) = clerk.get(&format!("/staff/returns/{}", rmas[0])).await;
        assert!(page.contains("href=\"/staff/claims/C1\""), "its return leads to it: {page}");
        let (_, page) = bench.get(&format!("/staff/returns/{}", rmas[0])).await;
        assert!(!page.contains("/staff/claims"), "{page}");
        let (_, queue) = clerk.get("/staff").await;
        assert!(queue.contains("Claims to be filed") && queue.contains("1 late"), "{queue}");
        assert_eq!(clerk.post("/staff/claims/C1/file", &[("version", "1"), ("reference", "DHL 4711")]).await, "/staff/claims/C1");
        clerk.says("/staff/claims/C1", "DHL 4711").await;
        // Somebody looked at it as it was.
        clerk.post("/staff/claims/C1/drop", &[("version", "1"), ("dropped", "late")]).await;
        clerk.says("/staff/claims/C1", "Somebody has changed this claim since.").await;
        clerk.post("/staff/claims/C1/decline", &[("version", "2"), ("declined", " ")]).await;
        clerk.says("/staff/claims/C1", "Say why, so that colleagues can follow it.").await;
        clerk.post("/staff/claims/C1/agree", &[("version", "2")]).await;
        clerk.says("/staff/claims/C1", "Finance enters what they paid.").await;
        assert_ne!(clerk.post("/staff/claims/C1/settle", &[("paid", "10"), ("paid-currency", "EUR")]).await, "/staff/claims/C1", "nor do they by hand");
        fina.says("/staff/claims/C1", "Settle it").await;
        fina.post("/staff/claims/C1/settle", &[("version", "3"), ("paid", "nothing"), ("paid-currency", "EUR")]).await;
        fina.says("/staff/claims/C1", "Write an amount above 0").await;
        assert_eq!(fina.post("/staff/claims/C1/settle", &[("version", "3"), ("paid", "40"), ("paid-currency", "EUR")]).await, "/staff/claims/C1");
        fina.says("/staff/claims/C1", "€\u{a0}40.00").await;
        fina.says("/staff/claims", "No claims here.").await;
        fina.says("/staff/claims?state=settled", "C1").await;
        let (status, file) = fina.get("/staff/claims/file?state=all").await;
        assert!(status == 200 && file.contains("C1,") && file.contains("40.00"), "{file}");
        // Many go back to who sold them.
        let form = [("kind", "return_to_vendor"), ("condition", "defective"), ("warehouse", "HZ1"), ("reason", "broken"), ("expected", "5"), ("currency", "")];
        clerk.post("/staff/stock/batches", &form).await;
        let (_, page) = clerk.get("/staff/stock").await;
        assert!(page.contains("Say whom the claim is against.") && page.contains("Write the currency in three letters"), "{page}");
        let form = [("kind", "return_to_vendor"), ("condition", "defective"), ("warehouse", "HZ1"), ("reason", "broken"), ("supplier", "Acme"), ("claim", "recalled"), ("expected", "5"), ("currency", "EUR")];
        assert_eq!(clerk.post("/staff/stock/batches", &form).await, "/staff/stock/batches/1");
        clerk.says("/staff/stock/batches/1", "Acme · Recalled · Expected credit: €\u{a0}5.00").await;
        clerk.post("/staff/stock/batches/1", &[]).await;
        clerk.says("/staff/stock/batches/1", "/staff/claims/C2").await;
        clerk.says("/staff/claims/C2", "/staff/stock/batches/1").await;
        clerk.says("/staff/claims?against=supplier", "Acme").await;
    }
}
