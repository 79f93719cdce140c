//! Backups while everybody writes, restored elsewhere: what was acknowledged before one began is in it, whole, and the restored shop goes on.

use std::path::Path;
use std::time::Duration;

use super::books;
use super::killed::stand;
use super::load::{Load, customer as customer_of};
use super::serving::{Serving, complaints, key};
use super::{in_shops, rounds};
use crate::command_line::{homebound, text};
use crate::databases::{Database, drop_postgres, on_both, vacant};

const ROUNDS: usize = 12;
const CUSTOMERS: usize = 4;

on_both! {
    async fn nothing_from_before_a_backup_is_missing(database: Database) {
        in_shops(database, rounds(ROUNDS), async |database, turns| {
            let told = a_shop(&database, turns).await;
            (database, told)
        })
        .await;
    }
}

/// So many backups of one shop; how many returns were acknowledged before one of them.
async fn a_shop(database: &Database, turns: usize) -> usize {
    let key = key(database).await;
    let serving = Serving::start(database);
    serving.ready().await;
    let customer = customer_of(&serving.base, &key);
    let mut told = 0;
    for _ in 0..turns {
        let (before, meanwhile) = (Load::begin(CUSTOMERS, &customer), Load::begin(CUSTOMERS, &customer));
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..300))).await;
        let visits = before.end().await;
        let kept = tempfile::tempdir().unwrap();
        let file = kept.path().join("backup.tar.gz");
        let made = call(database, &["backup", file.to_str().unwrap()]).await;
        assert!(made.contains("all that was acknowledged before"), "{made}");
        meanwhile.end().await;

        let elsewhere = vacant(database).await;
        let done = call_at(&elsewhere.address, elsewhere.folder.path(), &["restore", file.to_str().unwrap()]).await;
        assert!(done.contains("restored"), "{done}");
        let restored = elsewhere.opened().await;
        books::are_right(&restored).await;
        let again = Serving::start(&restored);
        again.ready().await;
        let there = customer_of(&again.base, &key);
        stand(&there, &visits).await;
        again.kill();
        let complaints = complaints(&restored);
        assert!(complaints.is_empty(), "{complaints:#?}");
        drop_postgres(restored).await;
        told += visits.iter().filter(|visit| visit.rma.is_some()).count();
    }
    serving.kill();
    told
}

async fn call(database: &Database, arguments: &[&str]) -> String {
    call_at(&database.address, database.folder.path(), arguments).await
}

/// The program in a folder, with a database.
async fn call_at(address: &str, folder: &Path, arguments: &[&str]) -> String {
    let mut command = homebound(folder, arguments);
    command.env("HOMEBOUND_DATABASE_URL", address);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}
