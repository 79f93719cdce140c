//! Labels that are bought of a carrier: once, whatever is lost on the way; called off when nobody needs them.
//! Long because each place where an answer can be lost has its case.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::policy::Method;
use jiff::SignedDuration;
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::carriers::{Bought, BoughtPort, CarrierError, Consignment};
use server::compose;
use tokio::sync::Semaphore;

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both};
use crate::pages::Visitor;

/// How the carrier takes the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It does what it is asked for, and its answer is lost.
    Lost,
    /// It does nothing just now.
    Down,
    /// It will not.
    Refused,
    /// It does what it is asked for, and takes its time to say so.
    Slow,
    /// It sends a page that says sorry.
    NoPdf,
}

#[derive(Default)]
struct Ledger {
    /// By key.
    bought: BTreeMap<String, Bought>,
    void: Vec<String>,
    turns: VecDeque<Turn>,
    asked: Vec<String>,
    told: Vec<Consignment>,
}

/// A carrier with a memory.
#[derive(Default)]
struct Post {
    ledger: Mutex<Ledger>,
    begun: Gate,
    go: Gate,
}

struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Gate {
    async fn wait(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

impl Post {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    fn will(&self, turns: impl IntoIterator<Item = Turn>) {
        self.ledger().turns.extend(turns);
    }

    /// How many labels it sold, and which are void.
    fn books(&self) -> (usize, Vec<String>) {
        let ledger = self.ledger();
        (ledger.bought.len(), ledger.void.clone())
    }

    /// What it was asked for since it was asked that.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.ledger().asked)
    }

    fn turn(&self, call: String) -> Result<Option<Turn>, CarrierError> {
        let mut ledger = self.ledger();
        ledger.asked.push(call);
        match ledger.turns.pop_front() {
            Some(Turn::Down) => Err(CarrierError::Passing("closed for lunch".into())),
            Some(Turn::Refused) => Err(CarrierError::Permanent("no such street".into())),
            turn => Ok(turn),
        }
    }
}

fn lost() -> CarrierError {
    CarrierError::Passing("the line went dead".into())
}

#[async_trait]
impl BoughtPort for Post {
    fn code(&self) -> &'static str {
        "post"
    }

    async fn buy(&self, consignment: &Consignment, key: &str) -> Result<Bought, CarrierError> {
        let turn = self.turn(format!("buy {key}"))?;
        let mut bought = {
            let mut ledger = self.ledger();
            ledger.told.push(consignment.clone());
            let number = ledger.bought.len() + 1;
            let new = Bought {
                reference: format!("shp_{number}"),
                tracking_number: format!("PO{number:08}"),
                label: format!("%PDF-1.7 label {number}").into_bytes(),
                expires_at: None,
            };
            ledger.bought.entry(key.to_owned()).or_insert(new).clone()
        };
        match turn {
            Some(Turn::Lost) => return Err(lost()),
            Some(Turn::Slow) => {
                self.begun.0.add_permits(1);
                self.go.wait().await;
            }
            Some(Turn::NoPdf) => bought.label = b"<html>sorry".to_vec(),
            _ => {}
        }
        Ok(bought)
    }

    async fn find(&self, key: &str) -> Result<Option<Bought>, CarrierError> {
        self.turn(format!("find {key}"))?;
        Ok(self.ledger().bought.get(key).cloned())
    }

    async fn void(&self, reference: &str) -> Result<(), CarrierError> {
        let turn = self.turn(format!("void {reference}"))?;
        let mut ledger = self.ledger();
        if !ledger.void.iter().any(|void| void == reference) {
            ledger.void.push(reference.to_owned());
        }
        if turn == Some(Turn::Lost) { Err(lost()) } else { Ok(()) }
    }
}

async fn buying(database: Database) -> (TestApp, Arc<Post>) {
    let post = Arc::new(Post::default());
    let app = TestApp::buying(database, post.clone()).await;
    app.put_order(&order("1")).await;
    (app, post)
}

async fn open(app: &TestApp) -> String {
    let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    assert_eq!(opened["parcels"], json!([]), "nobody waits for a carrier");
    opened["rma"].as_str().unwrap().to_owned()
}

/// Kinds of events, and codes of what is told.
async fn story(app: &TestApp, rma: &str) -> (Vec<String>, Vec<String>) {
    let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
    let texts = |list: &str, key: &str| -> Vec<String> {
        story[list].as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    (texts("events", "event"), texts("entries", "code"))
}

async fn kinds(app: &TestApp, rma: &str) -> String {
    story(app, rma).await.0.join(" ")
}

async fn parcels(app: &TestApp, rma: &str) -> Vec<(String, bool)> {
    let (_, seen) = app.get(&format!("/returns/{rma}")).await;
    let parcel = |parcel: &Value| (parcel["tracking_number"].as_str().unwrap().to_owned(), parcel["voided"] == json!(true));
    seen["parcels"].as_array().unwrap().iter().map(parcel).collect()
}

async fn label(app: &TestApp, rma: &str) -> (StatusCode, Vec<u8>) {
    let answer = app.api("GET", &format!("/returns/{rma}/label.pdf")).send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap().to_vec())
}

/// What is attached to each mail, the first first.
fn attached(app: &TestApp) -> Vec<Option<Vec<u8>>> {
    let mut mails: Vec<_> = app.mails().iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().into_owned()).collect();
    mails.sort_by_key(|mail| mail.message_id().map(str::to_owned));
    mails.iter().map(|mail| mail.attachments().next().map(|label| label.contents().to_vec())).collect()
}

async fn dead(app: &TestApp) -> Vec<String> {
    app.database.texts("SELECT kind || ': ' || last_error FROM outbox WHERE dead_at IS NOT NULL").await
}

async fn left(app: &TestApp) -> Vec<String> {
    app.database.texts("SELECT kind FROM outbox WHERE done_at IS NULL AND dead_at IS NULL").await
}

fn files(app: &TestApp) -> usize {
    let folder = app.services.config.data_dir.join("objects/labels");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

on_both! {
    async fn no_label_is_bought_for_dangerous_goods(database: Database) {
        let (app, post) = buying(database).await;
        let mut lit = order("2");
        lit["lines"][0]["kinds"] = json!(["hazmat:aerosol"]);
        app.put_order(&lit).await;
        let mut asked = request("2", "1", 1);
        asked.as_object_mut().unwrap().remove("method");
        let (status, opened) = app.post("/returns", &asked).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let rma = opened["rma"].as_str().unwrap();
        app.run_jobs().await;
        assert_eq!((kinds(&app, rma).await, post.asked(), post.books()), ("opened sent_to_review".into(), vec![], (0, vec![])));
    }
}

on_both! {
    async fn a_label_is_bought_and_sent_after(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted");
        assert!(story(&app, &rma).await.1.contains(&"label_wanted".to_owned()), "the customer knows");
        let (status, problem) = app.get(&format!("/returns/{rma}/label.pdf")).await;
        assert_eq!((status, problem["detail"].as_str()), (StatusCode::CONFLICT, Some("its carrier is making the label")));
        assert_eq!(post.books(), (0, vec![]), "nobody was asked while a database waited");
        let mut visitor = Visitor::new(&app);
        visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        let (page, pdf) = (format!("/returns/{rma}"), format!("/returns/{rma}/label.pdf"));
        let shown = visitor.text(&page).await;
        assert!(shown.contains("Your label is being made") && !shown.contains("label.pdf"), "{shown}");

        app.run_jobs().await;
        assert_eq!(post.asked(), [format!("buy {rma}-3")]);
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_issued");
        let (_, told) = story(&app, &rma).await;
        assert!(told.contains(&"label".to_owned()) && !told.contains(&"label_wanted".to_owned()), "{told:?}");
        let (_, seen) = app.get(&format!("/returns/{rma}")).await;
        let parcel = &seen["parcels"][0];
        assert_eq!((parcel["carrier"].as_str(), parcel["tracking_number"].as_str()), (Some("post"), Some("PO00000001")));
        assert_eq!(parcel["label_expires_at"], seen["promises"]["label_until"]);
        assert_eq!(label(&app, &rma).await, (StatusCode::OK, b"%PDF-1.7 label 1".to_vec()));
        let shown = visitor.text(&page).await;
        assert!(shown.contains(&format!("\"{pdf}\"")) && !shown.contains("being made") && !shown.contains("size=a4"), "{shown}");
        assert_eq!(visitor.get(&pdf).await.bytes().await.unwrap(), &b"%PDF-1.7 label 1"[..]);
        let mails = attached(&app);
        assert_eq!(mails.len(), 2, "we have your return; your label");
        assert!(mails.contains(&None) && mails.contains(&Some(b"%PDF-1.7 label 1".to_vec())));

        let told = post.ledger().told[0].clone();
        assert_eq!((told.shipment.parcel, told.shipment.rma.to_string()), (1, rma));
        assert_eq!(told.from.unwrap().city.as_deref(), Some("杭州市"));
        assert_eq!((told.to.postal_code.as_deref(), told.email.as_deref()), (Some("310051"), Some("wang@example.com")));
        assert_eq!(told.contents.iter().map(|packed| (packed.sku.as_str(), packed.units)).collect::<Vec<_>>(), [("TEE-BLK-M", 1)]);
    }
}

on_both! {
    async fn what_was_lost_on_the_way_is_asked_for_again_by_the_same_name(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        post.will([Turn::Down, Turn::Lost, Turn::NoPdf]);
        for _ in 0..3 {
            app.run_jobs().await;
            assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted");
            app.services.clock.advance(SignedDuration::from_mins(3));
        }
        app.run_jobs().await;
        assert_eq!(post.asked(), vec![format!("buy {rma}-3"); 4]);
        assert_eq!(post.books(), (1, vec![]), "one label, however often it was asked for");
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_issued");
        assert_eq!((attached(&app).len(), dead(&app).await), (2, vec![]));

        // Killed after it was written, before the job was done with.
        app.database.meddle("UPDATE outbox SET done_at = NULL WHERE kind = 'label.buy'").await;
        app.run_jobs().await;
        assert!(post.asked().is_empty());
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_issued");
        assert_eq!((attached(&app).len(), files(&app)), (2, 1));
    }
}

on_both! {
    async fn killed_between_the_carriers_answer_and_ours(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        post.will([Turn::Slow]);
        let worker = compose::worker(&app.services).unwrap();
        let working = tokio::spawn(async move { worker.once().await });
        post.begun.wait().await;
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        assert_eq!((post.books(), files(&app)), ((1, vec![]), 0));
        app.database.meddle("UPDATE outbox SET leased_until = 1 WHERE done_at IS NULL").await;
        app.run_jobs().await;
        assert_eq!(post.asked(), vec![format!("buy {rma}-3"); 2]);
        assert_eq!((post.books(), files(&app)), ((1, vec![]), 1));
        assert_eq!(parcels(&app, &rma).await, [("PO00000001".to_owned(), false)]);
    }
}

on_both! {
    async fn a_label_that_is_replaced_is_called_off(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        let anew = format!("/returns/{rma}/label");
        assert_eq!(app.post(&anew, &json!({})).await.1["type"], "/problems/no-label", "there is none to replace yet");
        app.run_jobs().await;
        app.services.clock.advance(SignedDuration::from_mins(5));
        for _ in 0..2 {
            let (status, changed) = app.post(&anew, &json!({})).await;
            assert_eq!(status, StatusCode::OK, "{changed}");
        }
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_issued label_wanted", "pressed twice, wanted once");
        assert_eq!(label(&app, &rma).await.1, b"%PDF-1.7 label 1", "the one there is works until the other is there");
        post.asked();
        app.run_jobs().await;
        assert_eq!(post.asked(), [format!("buy {rma}-5"), "void shp_1".to_owned()]);
        let all = "opened approved label_wanted label_issued label_wanted label_issued label_voided";
        assert_eq!(kinds(&app, &rma).await, all);
        assert_eq!(parcels(&app, &rma).await, [("PO00000001".to_owned(), true), ("PO00000002".to_owned(), false)]);
        assert_eq!(label(&app, &rma).await.1, b"%PDF-1.7 label 2");
        assert!(story(&app, &rma).await.1.contains(&"label_voided".to_owned()));
        assert_eq!((attached(&app).len(), files(&app)), (3, 1), "the file of what is void is gone");
        let (_, seen) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!(seen["promises"]["label_until"], seen["parcels"][1]["label_expires_at"], "what was promised with the new one");
    }
}

on_both! {
    async fn a_return_that_is_called_off_needs_no_label(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        app.run_jobs().await;
        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        post.asked();
        post.will([Turn::Down, Turn::Lost]);
        for _ in 0..3 {
            app.run_jobs().await;
            app.services.clock.advance(SignedDuration::from_mins(3));
        }
        assert_eq!(post.asked(), ["void shp_1"; 3]);
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_issued cancelled label_voided");
        assert_eq!((parcels(&app, &rma).await, files(&app)), (vec![("PO00000001".to_owned(), true)], 0));
        assert_eq!(label(&app, &rma).await.0, StatusCode::CONFLICT);
        assert!(left(&app).await.is_empty() && dead(&app).await.is_empty());
    }
}

on_both! {
    async fn a_label_that_cannot_be_called_off_stays_visible(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        app.run_jobs().await;
        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        post.will([Turn::Refused]);
        app.run_jobs().await;
        assert_eq!(dead(&app).await, [format!("label.void: PO00000001 of {rma}: no such street")]);
        assert_eq!(parcels(&app, &rma).await, [("PO00000001".to_owned(), false)]);
    }
}

on_both! {
    async fn called_off_while_the_label_is_being_bought(database: Database) {
        let (app, post) = buying(database).await;
        let cancel = async |rma: &str| app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        // Before anybody asked: nothing is bought.
        let rma = open(&app).await;
        cancel(&rma).await;
        app.run_jobs().await;
        assert_eq!((post.asked(), post.books()), (vec![format!("find {rma}-3")], (0, vec![])));

        // While the carrier is at it.
        let rma = open(&app).await;
        post.will([Turn::Slow]);
        let worker = compose::worker(&app.services).unwrap();
        let working = tokio::spawn(async move { worker.once().await });
        post.begun.wait().await;
        cancel(&rma).await;
        post.go.0.add_permits(1);
        working.await.unwrap().unwrap();
        app.run_jobs().await;
        assert_eq!(post.books(), (1, vec!["shp_1".to_owned()]));
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted cancelled", "nobody has seen it");
        assert_eq!((parcels(&app, &rma).await, files(&app)), (vec![], 0));

        // When its answer was lost.
        let rma = open(&app).await;
        post.asked();
        post.will([Turn::Lost]);
        app.run_jobs().await;
        cancel(&rma).await;
        app.services.clock.advance(SignedDuration::from_mins(3));
        app.run_jobs().await;
        assert_eq!(post.asked(), [format!("buy {rma}-3"), format!("find {rma}-3"), "void shp_2".to_owned()]);
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted cancelled");
        assert!(left(&app).await.is_empty() && dead(&app).await.is_empty());
    }
}

on_both! {
    async fn what_the_carrier_refuses_is_a_persons_business(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        post.will([Turn::Refused]);
        app.run_jobs().await;
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_refused");
        let (_, told) = story(&app, &rma).await;
        assert!(told.contains(&"label_refused".to_owned()) && !told.contains(&"label_wanted".to_owned()), "{told:?}");
        let (_, problem) = app.get(&format!("/returns/{rma}/label.pdf")).await;
        assert_eq!(problem["detail"], "its carrier makes no label; a person sees to it");
        assert_eq!(dead(&app).await, ["label.buy: no such street"]);
        let mut visitor = Visitor::new(&app);
        visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        let shown = visitor.text(&format!("/returns/{rma}")).await;
        assert!(shown.contains("Your label could not be made; someone on our team sees to it"), "{shown}");
        assert_eq!(attached(&app), [None]);

        // Another way back may have another label: it is wanted anew.
        let (status, changed) = app.post(&format!("/returns/{rma}/method"), &json!({"method": "drop_off"})).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        app.run_jobs().await;
        let all = "opened approved label_wanted label_refused method_changed label_wanted label_issued";
        assert_eq!(kinds(&app, &rma).await, all);
        assert_eq!(post.ledger().told[0].method, Method::DropOff);
    }
}

on_both! {
    async fn a_carrier_that_is_never_there_is_given_up_in_the_end(database: Database) {
        let (app, post) = buying(database).await;
        let rma = open(&app).await;
        // Its first try sold one, and said so to nobody.
        post.will([Turn::Lost].into_iter().chain([Turn::Down; 9]));
        for _ in 0..10 {
            app.run_jobs().await;
            app.services.clock.advance(SignedDuration::from_hours(25));
        }
        assert_eq!(kinds(&app, &rma).await, "opened approved label_wanted label_refused");
        assert_eq!(dead(&app).await, ["label.buy: closed for lunch"]);
        assert_eq!(post.books(), (1, vec!["shp_1".to_owned()]), "what it sold is called off");
        assert!(parcels(&app, &rma).await.is_empty());
    }
}

on_both! {
    async fn labels_of_our_own_wait_for_nobody(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap();
        assert_eq!(kinds(&app, rma).await, "opened approved label_issued");
        let number = format!("HB{}01", rma.trim_start_matches("R-").replace('-', ""));
        assert_eq!(opened["parcels"][0]["tracking_number"], number);
        let event = app.database.texts("SELECT event FROM return_events WHERE seq = 3").await;
        let event: Value = serde_json::from_str(&event[0]).unwrap();
        let parcel: Vec<&String> = event["parcel"].as_object().unwrap().keys().collect();
        assert_eq!(parcel, ["carrier", "expires_at", "issued_at", "tracking_number"], "as it was ever written");
        app.services.clock.advance(SignedDuration::from_mins(5));
        app.post(&format!("/returns/{rma}/label"), &json!({})).await;
        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(kinds(&app, rma).await, "opened approved label_issued label_issued cancelled");
        assert!(app.database.texts("SELECT kind FROM outbox WHERE queue = 'label'").await.is_empty(), "there is nobody to ask");
    }
}
