//! Goods that lie apart: marked down and scrapped many at once, thresholds, and the ledger of all of it (C20-C22, C25, B31).

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::Machine;
use crate::staff::{free, hire};

/// Returns that were received and looked at: one unit broken, one accepted and undecided, one of which nobody looked at.
pub async fn lying(app: &TestApp, staff: &Machine<'_>, numbers: &[&str]) -> Vec<String> {
    let mut rmas = Vec::new();
    for number in numbers {
        let mut bought = order(number);
        bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
        bought["lines"][0]["quantity"] = json!(3);
        bought["lines"][0]["sku"] = json!("TEE");
        bought["payments"] = json!([]);
        app.put_order(&bought).await;
        let (_, opened) = app.post("/returns", &request(number, "1", 3)).await;
        let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        let (status, _) = staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
        assert_eq!(status, StatusCode::OK);
        let found = json!({"lines": [
            {"line": "1", "quantity": 1, "grade": "D", "result": "accepted"},
            {"line": "1", "quantity": 1, "grade": "B", "result": "accepted"}]});
        let (status, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        rmas.push(rma);
    }
    rmas
}

fn units(batch: &Value) -> Vec<(u64, &str, Option<&str>)> {
    let all = batch["units"].as_array().unwrap_or_else(|| panic!("{batch}"));
    all.iter().map(|one| (one["quantity"].as_u64().unwrap(), one["state"].as_str().unwrap(), one["why"].as_str())).collect()
}

async fn stands(staff: &Machine<'_>) -> [i64; 4] {
    let told = staff.get("/stock/HZ1/TEE").await;
    ["quarantine", "defective", "promotion", "scrapped"].map(|state| told[state].as_i64().unwrap_or_else(|| panic!("{told}")))
}

on_both! {
    async fn many_are_marked_down_or_scrapped_once(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rmas = lying(&app, &staff, &["1", "2", "3"]).await;
        assert_eq!(stands(&staff).await, [6, 3, 0, 0]);
        let ask = json!({"kind": "scrap", "warehouse": "HZ1", "condition": "defective", "reason": "cannot be mended"});
        let (status, planned) = staff.post("/stock-batches", &ask).await;
        assert_eq!(status, StatusCode::CREATED, "{planned}");
        assert_eq!(units(&planned), [(1, "fits", None); 3], "{planned}");
        assert_eq!(stands(&staff).await, [6, 3, 0, 0], "nothing is moved yet");
        // Meanwhile somebody puts one of them elsewhere.
        let lot = planned["units"].as_array().unwrap().iter().find(|one| one["rma"] == rmas[0].as_str()).unwrap();
        assert_eq!(lot["sku"], "TEE");
        let again = json!({"lines": [{"line": "1", "quantity": 1, "grade": "C", "result": "accepted", "disposition": "repair"}]});
        let (status, _) = staff.post(&format!("/returns/{}/inspect", rmas[0]), &again).await;
        assert_eq!(status, StatusCode::OK);
        let path = format!("/stock-batches/{}", planned["id"]);
        let (status, ran) = staff.post(&format!("{path}/run"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{ran}");
        let (_, twice) = staff.post(&format!("{path}/run"), &json!({})).await;
        assert_eq!(ran, twice, "done once");
        let [quarantine, defective, promotion, scrapped] = stands(&staff).await;
        let done = units(&ran).iter().filter(|(_, state, _)| *state == "done").count() as i64;
        assert_eq!((scrapped, defective, promotion), (done, 3 - done, 0), "{ran}");
        assert!(done >= 2, "{ran}");
        // What nobody looked at stays; the rest is sold for less, and how much less is told.
        let ask = json!({"kind": "markdown", "warehouse": "HZ1", "condition": "quarantine", "percent": 40, "sku": "TEE", "reason": "end of season"});
        let (_, planned) = staff.post("/stock-batches", &ask).await;
        assert!(units(&planned).iter().any(|(_, state, why)| (*state, *why) == ("refused", Some("not_inspected"))), "{planned}");
        let (_, ran) = staff.post(&format!("/stock-batches/{}/run", planned["id"]), &json!({})).await;
        let sold: u64 = units(&ran).iter().filter(|(_, state, _)| *state == "done").map(|(units, ..)| units).sum();
        let now = stands(&staff).await;
        assert_eq!((now[2] as u64, now[0]), (sold, quarantine - sold as i64), "{ran}");
        let apart = staff.get("/stock?condition=promotion").await;
        assert_eq!((apart["items"][0]["percent_off"].as_u64(), apart["items"][0]["units"].as_u64()), (Some(40), Some(sold)), "{apart}");
        // Bad words are refused at their field.
        for wrong in [
            json!({"kind": "markdown", "condition": "defective", "reason": "x"}),
            json!({"kind": "scrap", "condition": "sellable", "reason": "x"}),
            json!({"kind": "scrap", "condition": "defective", "reason": " "}),
            json!({"kind": "markdown", "condition": "defective", "percent": 100, "reason": "x"}),
        ] {
            assert_eq!(staff.post("/stock-batches", &wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        let write = Machine::with(&app, Scope::Write).await;
        assert_eq!(write.post("/stock-batches", &ask).await.0, StatusCode::FORBIDDEN);
    }
}

on_both! {
    async fn thresholds_are_told_and_the_feed_is_whole(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        hire(&app, "Bo", "warehouse", free()).await;
        hire(&app, "Eva", "support", free()).await;
        let (status, _) = staff.send("PUT", "/stock-alerts", None, &json!({"condition": "defective", "units": 2})).await;
        assert_eq!(status, StatusCode::OK);
        staff.send("PUT", "/stock-alerts", None, &json!({"condition": "defective", "units": 1, "warehouse": "BER"})).await;
        lying(&app, &staff, &["1"]).await;
        let reached = async || {
            let all = staff.get("/stock-alerts").await;
            all.as_array().unwrap().iter().map(|one| one["reached"].as_bool().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(reached().await, [false, false]);
        lying(&app, &staff, &["2"]).await;
        assert_eq!(reached().await, [true, false], "of all warehouses two, of Berlin none");
        let (_, left) = staff.send("PUT", "/stock-alerts", None, &json!({"condition": "defective", "warehouse": "BER"})).await;
        assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
        // Whoever works there hears of it, once each time it is reached.
        let mails = async || {
            app.run_jobs().await;
            app.mails().iter().filter(|mail| mail.contains("bo@shop.example")).count()
        };
        assert_eq!(mails().await, 1, "of two in all");
        lying(&app, &staff, &["3"]).await;
        assert_eq!(mails().await, 1, "it is known");
        let raised = json!({"condition": "defective", "units": 4});
        staff.send("PUT", "/stock-alerts", None, &raised).await;
        lying(&app, &staff, &["4"]).await;
        assert_eq!(mails().await, 2, "fallen below, and reached again");
        // The feed is what the product's own ledger is, in pieces.
        let own = staff.get("/stock/HZ1/TEE/moves").await;
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let piece = staff.get(&format!("/stock-moves?limit=3&after={after}")).await;
            let piece = piece.as_array().unwrap_or_else(|| panic!("{piece}")).clone();
            let Some(last) = piece.last() else { break };
            after = last["id"].as_str().unwrap().replace('/', "%2F");
            all.extend(piece);
        }
        let ids = |moves: &[Value]| moves.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&all), ids(own.as_array().unwrap()));
        assert!(all.iter().all(|one| one["warehouse"] == "HZ1" && one["sku"] == "TEE"));
    }
}

on_both! {
    async fn whoever_follows_the_feed_misses_nothing_and_reads_nothing_twice(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let mut rmas = Vec::new();
        for number in 0..24 {
            let mut bought = order(&format!("feed-{number}"));
            bought["customer"] = json!({"id": format!("c-feed-{number}"), "email": format!("feed{number}@example.com")});
            app.put_order(&bought).await;
            let (_, opened) = app.post("/returns", &request(&format!("feed-{number}"), "1", 2)).await;
            rmas.push(opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned());
        }
        let stop = std::sync::atomic::AtomicBool::new(false);
        let piece = async |after: &str| {
            let piece = staff.get(&format!("/stock-moves?limit=5&after={}", after.replace('/', "%2F"))).await;
            piece.as_array().unwrap_or_else(|| panic!("{piece}")).iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let follow = async {
            let (mut read, mut empty) = (Vec::<String>::new(), false);
            while !(empty && stop.load(std::sync::atomic::Ordering::Relaxed)) {
                let over = stop.load(std::sync::atomic::Ordering::Relaxed);
                let more = piece(read.last().map_or("", String::as_str)).await;
                empty = over && more.is_empty();
                read.extend(more);
            }
            read
        };
        let work = async {
            let one = |rma: String| {
                let staff = &staff;
                async move {
                    for (step, body) in [
                        ("receive", json!({"warehouse": "HZ1", "lines": [{"line": "1", "quantity": 1}]})),
                        ("receive", json!({"warehouse": "HZ1"})),
                        ("inspect", json!({"lines": [{"line": "1", "quantity": 1, "grade": "D", "result": "accepted"}]})),
                        ("inspect", json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})),
                    ] {
                        let (status, told) = staff.post(&format!("/returns/{rma}/{step}"), &body).await;
                        assert_eq!(status, StatusCode::OK, "{told}");
                    }
                }
            };
            for some in rmas.chunks(6) {
                futures::future::join_all(some.iter().cloned().map(one)).await;
                // What another server's clock calls long ago is news all the same.
                let told = app.services.store.write(|mut conn| {
                    Box::pin(async move {
                        let id = format!("told-{}", uuid::Uuid::now_v7());
                        store::note_stock_told(&mut conn, &id, 1_000, "HZ1", "TEE", 1).await
                    })
                });
                told.await.unwrap();
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        };
        let (read, ()) = futures::join!(follow, work);
        let mut all = app.database.texts("SELECT id FROM stock_moves").await;
        let (mut once, count) = (read.clone(), read.len());
        once.sort();
        once.dedup();
        all.sort();
        assert_eq!((once.len(), &once), (count, &all), "each entry once");
        assert!(count > 24 * 3 && all.iter().filter(|id| id.starts_with("told-")).count() == 4, "{count}");
        // Read anew from the beginning, it is the same.
        let (mut again, mut after) = (Vec::new(), String::new());
        loop {
            let more = piece(&after).await;
            let Some(last) = more.last() else { break };
            after.clone_from(last);
            again.extend(more);
        }
        assert_eq!(again, read);
    }
}

on_both! {
    async fn people_plan_and_carry_out_on_pages(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        lying(&app, &staff, &["1", "2"]).await;
        let (.., mut clerk) = hire(&app, "Wera", "warehouse", free()).await;
        let (.., mut other) = hire(&app, "Sven", "support", free()).await;
        clerk.says("/staff/stock", "TEE").await;
        assert_eq!(clerk.post("/staff/stock/batches", &[("kind", "markdown"), ("condition", "defective"), ("percent", "0")]).await, "/staff/stock");
        let (_, page) = clerk.get("/staff/stock").await;
        assert!(page.contains("Enter a whole percentage from 1 to 99."), "{page}");
        let form = [("kind", "markdown"), ("condition", "defective"), ("warehouse", "HZ1"), ("percent", "30"), ("reason", "old")];
        assert_eq!(clerk.post("/staff/stock/batches", &form).await, "/staff/stock/batches/1");
        clerk.says("/staff/stock/batches/1", "Do it: 2 units").await;
        assert_eq!(clerk.post("/staff/stock/batches/1", &[]).await, "/staff/stock/batches/1");
        clerk.says("/staff/stock/batches/1", "Done: 2. Left alone: 0.").await;
        assert_eq!(stands(&staff).await, [4, 0, 2, 0]);
        clerk.says("/staff/stock", "30% off").await;
        assert_eq!(clerk.post("/staff/stock/alerts", &[("of-condition", "promotion"), ("units", "2")]).await, "/staff/stock");
        clerk.says("/staff/stock", "2 lie so: too many").await;
        assert_ne!(other.post("/staff/stock/batches/1", &[]).await, "/staff/stock/batches/1", "support does not");
    }
}
