//! Force: many at once, and killed at any moment. The pieces (start, race, load, books) are here for whatever comes next; see README.md.

mod aborted;
mod at_dock;
mod at_erasure;
mod at_members;
mod at_messages;
mod at_money;
mod at_work;
mod books;
mod killed;
mod load;
mod proxy;
mod races;
mod restored;
pub mod serving;
mod shopper;
mod two_servers;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::sync::Barrier;

use crate::app::{answer, order};
use crate::databases::{Database, drop_postgres, vacant};
use crate::evidence::photo;

/// How often to do it: `HOMEBOUND_ROUNDS`, else as many as a run of all tests has time for; the integration server has less.
fn rounds(otherwise: usize) -> usize {
    let otherwise = if std::env::var_os("HOMEBOUND_TEST_SHORT").is_some() { otherwise.div_ceil(4) } else { otherwise };
    std::env::var("HOMEBOUND_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(otherwise)
}

/// A shop that grows with every round would be measured in the end, not tried.
const ROUNDS_OF_A_SHOP: usize = 10;

/// So many rounds, a few in each of several shops. `a_shop` does some in one, and says how often something was acknowledged there.
async fn in_shops(first: Database, rounds: usize, mut a_shop: impl AsyncFnMut(Database, usize) -> (Database, usize)) {
    let (began, mut done, mut told, mut shop) = (Instant::now(), 0, 0, first);
    while done < rounds {
        let turns = ROUNDS_OF_A_SHOP.min(rounds - done);
        let (left, acknowledged) = a_shop(shop, turns).await;
        done += turns;
        told += acknowledged;
        println!("{}: {done} of {rounds} rounds, {told} acknowledged, {} s", left.store.kind(), began.elapsed().as_secs());
        shop = vacant(&left).await.opened().await;
        drop_postgres(left).await;
    }
    drop_postgres(shop).await;
    assert!(told > rounds, "only {told} were acknowledged");
}

/// An order of a customer of its own: who sends back a lot is looked at by a person, and gets no label meanwhile.
fn bought(number: &str) -> Value {
    let mut bought = order(number);
    (bought["customer"]["id"], bought["customer"]["email"]) = (format!("c-{number}").into(), mail_of(number).into());
    bought["customer"]["phone"] = phone_of(number).into();
    bought
}

/// Another for each number.
fn phone_of(number: &str) -> String {
    let digest = number.bytes().fold(14_695_981_039_346_656_037_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(1_099_511_628_211));
    format!("+86139{:08}", digest % 100_000_000)
}

fn mail_of(number: &str) -> String {
    format!("c-{number}@example.com")
}

/// A small photo.
fn picture() -> Vec<u8> {
    static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();
    PICTURE.get_or_init(|| photo(7)).clone()
}

/// Sends all of them at the same moment.
async fn at_once(requests: Vec<RequestBuilder>) -> Vec<(StatusCode, Value)> {
    let start = Arc::new(Barrier::new(requests.len()));
    let racers = requests.into_iter().map(|request| {
        let start = start.clone();
        tokio::spawn(async move {
            start.wait().await;
            answer(request.send().await.unwrap()).await
        })
    });
    let racers: Vec<_> = racers.collect();
    let mut answers = Vec::with_capacity(racers.len());
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers
}
