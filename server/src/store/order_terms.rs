//! What orders are found by beside their number and mail address: names, phone numbers by their end, ends of card numbers, serial numbers, parcels.
//! Personal data: where a customer is erased, the rows of their orders go by `order_key`.

use std::collections::BTreeSet;

use domain::order::{Order, OrderDocument};
use domain::search::{self, TermKind};

use super::conn::{execute, fetch_all};
use super::counters::{counter, set_counter};
use super::{Conn, Store, StoreError};
use crate::contact::phone_key;

/// That the orders of before have theirs: those of before migration 27 had none, those of before 34 neither names nor cards.
const FILLED: &str = "order_terms_34";
/// Orders that are read in one transaction.
const BATCH: i64 = 500;

/// Of an order, as JSON: pairs of kind and term.
pub(super) fn terms_of(order: &Order) -> BTreeSet<(TermKind, String)> {
    let mut terms = BTreeSet::new();
    terms.extend(order.customer.phone.iter().map(|phone| (TermKind::Phone, search::phone(&phone_key(phone)))));
    let serials = order.lines.iter().flat_map(|line| &line.serials);
    terms.extend(serials.map(|serial| (TermKind::Serial, search::code(serial))));
    let parcels = order.deliveries.iter().filter_map(|delivery| delivery.tracking_number.as_deref());
    terms.extend(parcels.map(|number| (TermKind::Parcel, search::code(number))));
    let names = order.customer.name.iter().chain(order.ship_to.iter().filter_map(|address| address.name.as_ref()));
    terms.extend(names.flat_map(|name| search::names(name)).map(|term| (TermKind::Name, term)));
    let cards = order.payments.iter().filter_map(|payment| payment.card_ending.as_deref());
    terms.extend(cards.map(|ending| (TermKind::Card, search::code(ending))));
    terms.retain(|(_, term)| !term.is_empty());
    terms
}

/// An order's terms with its moment, to be written.
pub(super) type Terms<'t> = (&'t str, i64, &'t BTreeSet<(TermKind, String)>);

/// Writes the terms of orders that are new, or were told anew, in place of those they had.
pub(super) async fn put_terms(conn: &mut Conn<'_>, anew: &[&str], orders: &[Terms<'_>]) -> Result<(), StoreError> {
    let json = |value| serde_json::to_string(&value).map_err(|error| StoreError::corrupt("order", error));
    if !anew.is_empty() {
        execute!(
            conn,
            "DELETE FROM order_terms WHERE order_key IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
            "DELETE FROM order_terms WHERE order_key IN (SELECT value FROM JSON_EACH($1))",
            serde_json::to_string(anew).map_err(|error| StoreError::corrupt("order", error))?
        )?;
    }
    let rows: Vec<(&str, &str, &str, i64)> =
        orders.iter().flat_map(|(key, at, terms)| terms.iter().map(move |(kind, term)| (*key, kind.code(), term.as_str(), *at))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    execute!(
        conn,
        "INSERT INTO order_terms (order_key, kind, term, placed_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, (value ->> 3)::BIGINT FROM JSON_ARRAY_ELEMENTS($1::JSON) WHERE true ON CONFLICT DO NOTHING" =>
        "INSERT INTO order_terms (order_key, kind, term, placed_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM JSON_EACH($1) WHERE true ON CONFLICT DO NOTHING",
        json(rows)?
    )?;
    Ok(())
}

/// Once: gives their terms to the orders that a version before wrote. Answers how many were read; broken off, it begins again.
pub async fn fill_order_terms(store: &Store) -> Result<u64, StoreError> {
    if counter(&mut store.read().await?.conn(), FILLED).await? == 1 {
        return Ok(0);
    }
    let (mut filled, mut after) = (0, String::new());
    loop {
        let text = "SELECT number_key, document, placed_at FROM orders WHERE number_key > $1 ORDER BY number_key LIMIT $2";
        let batch = fetch_all!(&mut store.read().await?.conn(), (String, String, i64), text, &after, BATCH)?;
        let Some((last, ..)) = batch.last() else { break };
        after.clone_from(last);
        filled += batch.len() as u64;
        store.write(move |mut conn| Box::pin(async move { fill(&mut conn, &batch).await })).await?;
    }
    store.write(|mut conn| Box::pin(async move { set_counter(&mut conn, FILLED, 1).await })).await?;
    Ok(filled)
}

async fn fill(conn: &mut Conn<'_>, batch: &[(String, String, i64)]) -> Result<(), StoreError> {
    let mut read = Vec::with_capacity(batch.len());
    for (key, document, at) in batch {
        let document: OrderDocument = serde_json::from_str(document).map_err(|error| StoreError::corrupt("order", error))?;
        let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
        read.push((key.as_str(), *at, terms_of(&order)));
    }
    let terms: Vec<Terms<'_>> = read.iter().map(|(key, at, terms)| (*key, *at, terms)).collect();
    put_terms(conn, &[], &terms).await
}
