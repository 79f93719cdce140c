//! The books are right: whatever happened, and wherever it was cut off, all that is kept agrees with itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use domain::policy::Resolution;
use domain::returns::{Authorization, Event, Recorded, Return};
use serde_json::Value;
use server::store::{self, ReturnPage, Table};

use crate::databases::Database;

/// Checks everything there is.
pub async fn are_right(database: &Database) {
    let returns = all_returns(database).await;
    each_is_the_sum_of_its_events(database, &returns).await;
    no_unit_is_in_two(database, &returns).await;
    stock_is_held_for_who_waits(database, &returns).await;
    every_change_has_its_mail(database, &returns).await;
    every_key_has_its_return(database, &returns).await;
    evidence_is_where_it_belongs(database, &returns).await;
    let looked = store::check_projections(&database.store, &Table::ALL, jiff::Timestamp::now()).await.unwrap();
    assert_eq!(looked.differences, [], "projections are what the events say");
}

type Kept = BTreeMap<String, (Return, Vec<Recorded>)>;

async fn all_returns(database: &Database) -> Kept {
    let mut read = database.store.read().await.unwrap();
    let (mut kept, mut after) = (Kept::new(), None);
    loop {
        let page = store::list_returns(&mut read.conn(), &ReturnPage { status: None, after: after.clone(), limit: 500 }).await.unwrap();
        let Some(last) = page.last() else { return kept };
        after = Some(last.position.clone());
        for listed in page {
            let events = store::events_of(&mut read.conn(), listed.request.rma).await.unwrap();
            kept.insert(listed.request.rma.to_string(), (listed.request, events));
        }
    }
}

async fn each_is_the_sum_of_its_events(database: &Database, returns: &Kept) {
    let mut parcels = BTreeSet::new();
    for (rma, (request, events)) in returns {
        assert_eq!(Return::replay(events).as_ref(), Some(request), "{rma} is not what its events say");
        assert!(events.iter().map(|event| event.seq).eq(1..=request.version), "{rma} lacks an event");
        assert!(request.parcels.iter().all(|parcel| parcels.insert(parcel.tracking_number.clone())), "{rma}: a parcel number twice");
        assert!(!request.needs_label(), "{rma} lacks its label");
    }
    let said = returns.values().map(|(request, _)| format!("{} {} {}", request.rma, request.status().code(), request.version));
    let columns = database.texts("SELECT rma || ' ' || status || ' ' || version FROM returns").await;
    assert_eq!(columns.into_iter().collect::<BTreeSet<_>>(), said.collect::<BTreeSet<_>>());
    let orders = returns.values().flat_map(|(request, _)| request.orders.iter().map(|part| format!("{} {}", part.number, request.rma)));
    let columns = database.texts("SELECT order_key || ' ' || rma FROM return_orders").await;
    assert_eq!(columns.into_iter().collect::<BTreeSet<_>>(), orders.collect::<BTreeSet<_>>());
    assert_eq!(
        database.texts("SELECT rma FROM return_events WHERE rma NOT IN (SELECT rma FROM returns)").await,
        [""; 0],
        "events of no return"
    );
}

/// P10: the same unit is never in two live returns.
async fn no_unit_is_in_two(database: &Database, returns: &Kept) {
    let mut units: BTreeMap<(String, String), u32> = BTreeMap::new();
    for line in returns.values().flat_map(|(request, _)| request.live_lines()) {
        *units.entry((line.asked.order.to_string(), line.asked.line.to_string())).or_default() += line.asked.quantity;
    }
    let mut read = database.store.read().await.unwrap();
    for ((order, line), units) in units {
        let row = store::find_order(&mut read.conn(), &order).await.unwrap().unwrap();
        let bought = row.order.lines.iter().find(|bought| bought.id.as_str() == line).unwrap().quantity;
        assert!(units <= bought, "{units} of {bought} units of {order}/{line} are in returns");
    }
}

/// P6: what is held is what approved exchanges wait for, and never more than there is.
async fn stock_is_held_for_who_waits(database: &Database, returns: &Kept) {
    let stock = database.texts("SELECT warehouse || '|' || sku || '|' || quantity || '|' || reserved FROM stock").await;
    let held = database
        .texts("SELECT warehouse || '|' || sku || '|' || rma || '|' || order_key || '|' || line_id || '|' || quantity FROM reservations")
        .await;
    let (mut by_product, mut holders) = (BTreeMap::<String, i64>::new(), BTreeSet::new());
    for row in &held {
        let fields: Vec<&str> = row.split('|').collect();
        *by_product.entry(format!("{}|{}", fields[0], fields[1])).or_default() += fields[5].parse::<i64>().unwrap();
        holders.insert(fields[1..].join("|"));
    }
    let mut known = BTreeSet::new();
    for row in &stock {
        let fields: Vec<&str> = row.split('|').collect();
        let (quantity, reserved): (i64, i64) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
        let held = by_product.remove(&format!("{}|{}", fields[0], fields[1])).unwrap_or(0);
        assert!(reserved == held && reserved <= quantity, "{row}: {held} are held");
        known.insert(fields[1]);
    }
    assert_eq!(by_product, BTreeMap::new(), "held, but not there");
    let mut waiting = BTreeSet::new();
    for (rma, (request, _)) in returns {
        for line in request.live_lines().filter(|line| line.state().authorization == Authorization::Approved) {
            let asked = &line.asked;
            let Some(sku) = asked.exchange_sku.as_ref().filter(|_| asked.resolution == Resolution::Exchange) else { continue };
            if known.contains(sku.as_str()) {
                waiting.insert(format!("{sku}|{rma}|{}|{}|{}", asked.order, line.id, request.units_held(line)));
            }
        }
    }
    assert_eq!(holders, waiting);
}

/// One mail for the opening, for each change, and for calling off; none of them gave up.
async fn every_change_has_its_mail(database: &Database, returns: &Kept) {
    let mut due: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (rma, (_, events)) in returns {
        for event in events {
            let kind = match &event.event {
                Event::Opened { .. } => "mail.return_opened",
                Event::LinesAdded { .. } | Event::MethodChanged { .. } | Event::LabelIssued { promises: Some(_), .. } => {
                    "mail.return_changed"
                }
                Event::Cancelled { .. } => "mail.return_cancelled",
                _ => continue,
            };
            *due.entry((rma.clone(), kind.to_owned())).or_default() += 1;
        }
    }
    let mut there: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in database.texts("SELECT kind || ' ' || payload FROM outbox WHERE kind LIKE 'mail.return%'").await {
        let (kind, payload) = row.split_once(' ').unwrap();
        let payload: Value = serde_json::from_str(payload).unwrap();
        *there.entry((payload["rma"].as_str().unwrap().to_owned(), kind.to_owned())).or_default() += 1;
    }
    assert_eq!(there, due, "mails in the outbox, and mails that are due");
    assert_eq!(database.texts("SELECT kind || ' ' || last_error FROM outbox WHERE dead_at IS NOT NULL").await, [""; 0]);
}

async fn every_key_has_its_return(database: &Database, returns: &Kept) {
    for answer in database.texts("SELECT answer FROM idempotency").await {
        assert!(returns.contains_key(&answer), "a key answers {answer}, which is not there");
    }
}

/// What a return shows it holds, and what it holds it shows; and each has its file.
async fn evidence_is_where_it_belongs(database: &Database, returns: &Kept) {
    let mut named = BTreeSet::new();
    for (rma, (request, _)) in returns {
        named.extend(request.lines.iter().flat_map(|line| &line.asked.evidence).map(|id| format!("{id} {rma}")));
    }
    let held = database.texts("SELECT id || ' ' || holder_id FROM evidence WHERE holder = 'return'").await;
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), named);
    let (files, owned) = (names_of_files(database), owned_files(database).await);
    assert!(owned.is_subset(&files), "without its file: {:?}", owned.difference(&files));
}

/// Whether every file belongs to evidence. Only a sweep makes that so.
pub async fn files_are_owned(database: &Database) -> Result<(), String> {
    let (files, owned) = (names_of_files(database), owned_files(database).await);
    if files == owned { Ok(()) } else { Err(format!("{:?}", files.symmetric_difference(&owned))) }
}

async fn owned_files(database: &Database) -> BTreeSet<String> {
    let ids = database.texts("SELECT id FROM evidence").await;
    ids.into_iter().flat_map(|id| [format!("{id}.preview"), id]).collect()
}

fn names_of_files(database: &Database) -> BTreeSet<String> {
    files(database).iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// All that lies in the place for files, finished or not.
pub fn files(database: &Database) -> Vec<PathBuf> {
    let objects = database.folder.path().join("objects");
    let folder = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    folder(objects.join("evidence"))
        .chain(folder(objects).filter(|path| path.is_file() && !path.ends_with("ready") && !path.ends_with("name")))
        .collect()
}
