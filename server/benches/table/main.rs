//! `make bench`: one table of figures, all of one run, each beside what it is to be compared with.
//!
//! `BENCH_ONLY`: `judge`, `sqlite`, `sqlite-scale`, `postgres`, `postgres-scale`; `slow-disk`, for the disk that `tools/bench` makes
//! slow; or `soak`, which is not part of all, and goes on for `BENCH_MINUTES` (60). `BENCH_ORDERS`: orders and returns of the large shop (a
//! million). With a PostgreSQL in `HOMEBOUND_TEST_POSTGRES`, as `tools/with-postgres` starts one, its figures are measured too.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement stops where it cannot measure")]

mod clients;
mod floor;
mod judging;
mod messages;
mod money;
mod pages;
mod returns;
mod scale;
mod shop;
mod soak;

use std::path::Path;

use pages::Visit;
use shop::Shop;
use sqlx::Connection;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only asks whether it starts.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if let Some(place) = arguments.iter().position(|argument| argument == floor::ARGUMENT) {
        return floor::serve(&arguments[place + 1]).await;
    }
    server::objects::ready_for_tls();
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let asked = |part: &str| only.is_empty() || only == part;
    if only != "slow-disk" {
        println!("| what | figure | beside |\n|---|---|---|");
    }
    if asked("judge") {
        judging::measure();
        money::books_of_many();
    }
    if only == "soak" {
        soak::measure().await;
    }
    for postgres in [false, true] {
        let kind = if postgres { "postgres" } else { "sqlite" };
        let Some(root) = root(postgres) else { continue };
        if asked(kind) {
            small(&root, postgres).await;
        }
        if only == "slow-disk" {
            slow_disk(&root).await;
        }
        if asked(&format!("{kind}-scale")) {
            scale::measure(&root).await;
        }
    }
}

fn row(what: &str, figure: impl std::fmt::Display, beside: impl std::fmt::Display) {
    println!("| {what} | {figure} | {beside} |");
}

/// Where databases of that kind are made; nothing where there is no such server.
fn root(postgres: bool) -> Option<String> {
    if postgres { std::env::var("HOMEBOUND_TEST_POSTGRES").ok() } else { Some("sqlite://".to_owned()) }
}

/// A fresh database.
async fn database(root: &str, folder: &Path, name: &str) -> String {
    if root.starts_with("sqlite") {
        return format!("sqlite://{}", folder.join(format!("{name}.db")).display());
    }
    let mut admin = sqlx::PgConnection::connect(root).await.unwrap();
    for order in [format!("DROP DATABASE IF EXISTS bench_{name}"), format!("CREATE DATABASE bench_{name}")] {
        sqlx::query(sqlx::AssertSqlSafe(order)).execute(&mut admin).await.unwrap();
    }
    root.replacen("/postgres?", &format!("/bench_{name}?"), 1)
}

/// Only what waits for the disk.
async fn slow_disk(root: &str) {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(folder.path(), &database(root, folder.path(), "shop").await, true).await;
    shop.import("B", 0..returns::ORDERS).await;
    let floor = floor::Floor::start(&database(root, folder.path(), "floor").await);
    returns::writing(&shop, &floor, ", a disk that syncs in 1 ms").await;
    shop.stop();
}

/// A shop of the size of a test.
async fn small(root: &str, postgres: bool) {
    let folder = tempfile::tempdir().unwrap();
    let address = database(root, folder.path(), "shop").await;
    let shop = Shop::start(folder.path(), &address, true).await;
    let kind = shop.kind();
    row(&format!("start to ready, {kind} migrated, demo shop seeded"), format!("{:.0} ms", shop.started.as_secs_f64() * 1000.0), "");
    row(&format!("resident memory, idle, {kind}"), format!("{:.0} MB", shop.resident()), "aim: 60 MB");
    let report = shop.import("B", 0..returns::ORDERS).await;
    row(
        &format!("import, order documents of two lines, {kind}"),
        format!("{:.0} lines/s", report.lines_per_second()),
        "aim: 20000 lines/s",
    );
    let floor = floor::Floor::start(&database(root, folder.path(), "floor").await);
    returns::measure(&shop, &floor).await;
    shop.import("M", 0..money::WAITING).await;
    money::measure(&shop, &floor).await;
    shop.import("N", 0..messages::ORDERS).await;
    messages::measure(&shop).await;
    drop(floor);
    if !postgres {
        let visit = Visit::make(&shop, "B", returns::ORDERS - 10).await;
        pages::rendering(&shop, &visit).await;
        pages::weights(&shop, &visit).await;
        pages::listening(&shop, &visit).await;
    }
    shop.stop();
}
