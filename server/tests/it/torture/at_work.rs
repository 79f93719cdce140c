//! People at work decide, write, and take back, two and a machine at once, on a server that is killed at any moment: what was acknowledged happened
//! once, what was taken back is told to nobody, and everything else is told once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::returns::{Actor, Event};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use server::store::{self, Scope};

use super::load::{Customer, CutOff, customer, heard, sent};
use super::serving::{Serving, complaints};
use super::{bought, in_shops, rounds};
use crate::app::{TestApp, add_key, request};
use crate::databases::{Database, on_both};
use crate::staff::{free, hire};

const ROUNDS: usize = 24;
/// Cases that are new in each round, and those of before that are looked at again.
const NEW: usize = 4;
const OLD: usize = 8;

/// Somebody at work, by page or by machine.
#[derive(Clone)]
struct Colleague {
    at: Customer,
    /// Their session's cookie; a machine has none.
    cookie: Option<String>,
}

/// What somebody was told was done, by the words that nobody else says: written to the customer, or noted.
type Acknowledged = Vec<String>;

static NEXT: AtomicU64 = AtomicU64::new(0);

impl Colleague {
    async fn page(&self, path: &str, fields: Option<&[(&str, &str)]>) -> Result<(StatusCode, String, String), CutOff> {
        let address = format!("{}{path}", self.at.base);
        let asked = match fields {
            Some(fields) => self.at.client.post(address).form(fields),
            None => self.at.client.get(address),
        };
        let answer = sent(asked.header(header::COOKIE, format!("lang=en; {}", self.cookie.as_deref().unwrap_or_default()))).await?;
        let (status, to) = (answer.status(), answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()));
        Ok((status, to.unwrap_or_default(), answer.text().await.map_err(|_| CutOff)?))
    }

    /// One thing at a case. Words that were acknowledged are kept.
    async fn act(&self, rma: &str, acknowledged: &mut Acknowledged) -> Result<(), CutOff> {
        let (_, now) = heard(self.at.call("GET", &format!("/returns/{rma}"))).await?;
        let version = now["version"].to_string();
        let words = format!("w{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let what = ["approve", "decline", "ask_evidence", "note", "write", "write"][rand::random_range(0..6)];
        if self.cookie.is_none() {
            let (path, body) = match what {
                "note" => ("notes", json!({"text": words})),
                "write" => ("messages", json!({"text": words})),
                "approve" => ("review", json!({"decision": "approve"})),
                "decline" => ("review", json!({"decision": "decline", "reason": words})),
                _ => ("review", json!({"decision": "ask", "note": words})),
            };
            let (status, body) = heard(self.at.call("POST", &format!("/returns/{rma}/{path}")).json(&body)).await?;
            assert!(status == StatusCode::OK || status == StatusCode::CONFLICT, "{what}: {status} {body}");
            if status == StatusCode::OK && matches!(what, "note" | "write") {
                acknowledged.push(words);
            }
            return Ok(());
        }
        let page = format!("/staff/returns/{rma}");
        let field = format!("{}-words", if what == "ask_evidence" { "ask" } else { what });
        let fields = [("decision", what), (field.as_str(), words.as_str()), ("version", version.as_str())];
        let (status, to, _) = self.page(&format!("{page}/decide"), Some(&fields)).await?;
        assert!(status == StatusCode::SEE_OTHER && to.starts_with("/staff") && !to.contains("sign-in"), "{what}: {status} {to}");
        // The page says what was done, and how it is taken back.
        let (_, _, shown) = self.page(&to, None).await?;
        let done = shown.contains("class=\"told\"") && !shown.contains("errors-title");
        let command =
            shown.split("/take-back\"").nth(1).and_then(|form| form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned));
        match command {
            Some(command) if rand::random_range(0..2) == 0 => {
                self.page(&format!("{page}/take-back"), Some(&[("command", &command)])).await?;
            }
            _ if done && matches!(what, "note" | "write") => acknowledged.push(words),
            _ => {}
        }
        Ok(())
    }
}

/// A return that waits for a person.
async fn case(at: &Customer) -> Result<String, CutOff> {
    let number = format!("work-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    heard(at.call("PUT", &format!("/orders/{number}")).json(&bought(&number))).await?;
    let mut asked = request(&number, "2", 1);
    asked["lines"][0].as_object_mut().unwrap().remove("condition");
    let (status, opened) = heard(at.call("POST", "/returns").json(&asked)).await?;
    assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("in_review")), "{opened}");
    Ok(opened["rma"].as_str().unwrap().to_owned())
}

/// Each event of people at work that has a mail has one, but those that were taken back; and what was acknowledged is there once.
async fn holds(database: &Database, cases: &[String], acknowledged: &Acknowledged) {
    let mut mails: BTreeMap<(String, u64), usize> = BTreeMap::new();
    for payload in database.texts("SELECT payload FROM outbox WHERE kind LIKE 'mail.%' AND payload <> '{}'").await {
        let payload: Value = serde_json::from_str(&payload).unwrap();
        *mails.entry((payload["rma"].as_str().unwrap().to_owned(), payload["event"].as_u64().unwrap())).or_default() += 1;
    }
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut read = database.store.read().await.unwrap();
    for rma in cases {
        let history = store::history_of(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        let (request, events) = (history.request, history.events);
        assert_eq!(domain::returns::Return::replay(&events).as_ref(), Some(&request), "{rma}");
        let stored = store::find_return(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(stored, request, "{rma}: what is kept is what its events say");
        let back: Vec<_> = events
            .iter()
            .filter_map(|event| match event.event {
                Event::TakenBack { from } => Some(from..event.seq),
                _ => None,
            })
            .collect();
        for event in events.iter().filter(|event| matches!(event.actor, Actor::Staff { .. } | Actor::Api { .. })) {
            if let Event::ShopWrote { words } | Event::Noted { note: words } = &event.event {
                *said.entry(words.clone()).or_default() += 1;
            }
            let told = matches!(
                event.event,
                Event::Opened { .. }
                    | Event::Approved { .. }
                    | Event::Declined { .. }
                    | Event::EvidenceAsked { .. }
                    | Event::ShopWrote { .. }
            );
            let taken_back = back.iter().any(|range| range.contains(&event.seq));
            let found = mails.get(&(rma.clone(), event.seq)).copied().unwrap_or(0);
            assert_eq!(found, usize::from(told && !taken_back), "{rma} event {}: {:?}, taken back: {taken_back}", event.seq, event.event);
        }
    }
    assert!(said.values().all(|count| *count == 1), "said twice: {said:?}");
    let lost: Vec<_> = acknowledged.iter().filter(|words| !said.contains_key(*words)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
}

on_both! {
    async fn what_is_decided_and_taken_back_at_work_stands_or_falls_whole(database: Database) {
        in_shops(database, rounds(ROUNDS), a_shop).await;
    }
}

async fn a_shop(database: Database, turns: usize) -> (Database, usize) {
    let app = TestApp::start(database).await;
    let machine = add_key(&app.services, "staff", Scope::Staff).await;
    let mut cookies = Vec::new();
    for name in ["Mei", "Jan"] {
        let (_, _, browser) = hire(&app, name, "support", free()).await;
        let (_, token) = browser.cookies.iter().find(|(name, _)| name.ends_with("-staff")).cloned().unwrap();
        cookies.push(format!("__Host-homebound-staff={token}"));
    }
    let (mut cases, mut acknowledged): (Vec<String>, Acknowledged) = (Vec::new(), Vec::new());
    let (mut back, mut round) = (0, 0);
    // On a machine that is busy with something else little is done in a round: then there are more of them.
    while round < turns || (acknowledged.len() <= turns || back == 0) && round < turns * 10 {
        round += 1;
        let serving = Serving::start(&app.database);
        serving.ready().await;
        let shop = customer(&serving.base, &app.key);
        for _ in 0..NEW {
            cases.push(case(&shop).await.unwrap());
        }
        let open: Arc<Vec<String>> = Arc::new(cases.iter().rev().take(OLD).cloned().collect());
        let stop = Arc::new(AtomicBool::new(false));
        let people = cookies.iter().map(|cookie| Colleague { at: shop.clone(), cookie: Some(cookie.clone()) });
        let people = people.chain([Colleague { at: customer(&serving.base, &machine), cookie: None }]);
        let working: Vec<_> = people
            .map(|colleague| {
                let (open, stop) = (open.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut acknowledged = Acknowledged::new();
                    while !stop.load(Ordering::Relaxed) {
                        let rma = &open[rand::random_range(0..open.len())];
                        if colleague.act(rma, &mut acknowledged).await.is_err() {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..900))).await;
        // Some mails are due while others can still be taken back.
        app.database.meddle("UPDATE outbox SET run_at = run_at - 8000 WHERE command IS NOT NULL AND done_at IS NULL").await;
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..300))).await;
        serving.kill();
        stop.store(true, Ordering::Relaxed);
        for one in working {
            acknowledged.extend(one.await.unwrap());
        }
        holds(&app.database, &cases, &acknowledged).await;
        back = app.database.texts("SELECT rma FROM return_events WHERE event LIKE '%\"taken_back\"%'").await.len();
    }
    assert!(back > 0, "nothing was taken back");
    assert_eq!(complaints(&app.database), [""; 0]);
    (app.end(), acknowledged.len())
}
