//! Whether what is kept agrees with itself, and whether what is to be done is done.

use super::finding::Finding;
use crate::services::Services;
use crate::store::{self, StoreError, Table};

/// Order lines that are looked at together.
const PAGE: i64 = 500;
/// Seconds after which a job that is due should have been done; the README's alert.
const DUE: i64 = 300;

/// What is derived from events, against the events: states, orders, lines, tasks, parcels, money.
pub(super) async fn derived(services: &Services, fix: bool) -> Result<Option<Finding>, StoreError> {
    let now = services.clock.now();
    let mended = match fix {
        true => store::rebuild_projections(&services.store, &Table::ALL, now).await?,
        false => store::check_projections(&services.store, &Table::ALL, now).await?,
    };
    if mended.count() == 0 {
        return Ok(None);
    }
    let first = mended.differences.first().map(|first| format!("; the first: {first}")).unwrap_or_default();
    let text = format!("{} rows are not as the events of {} returns say{first}", mended.count(), mended.returns);
    Ok(Some(Finding { mended: fix, ..Finding::error("books", text, "homebound rebuild") }))
}

/// Units: no more come back than were bought, and what is held in stock is what exchanges hold.
pub(super) async fn units(services: &Services) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut read = services.store.read().await?;
    for (warehouse, sku, reserved, held) in store::unbalanced_stock(&mut read.conn()).await? {
        let text = format!("{sku} in {warehouse}: {reserved} units are held, and exchanges hold {held}");
        findings.push(Finding::error("stock", text, format!("count it, then PUT /api/v1/stock/{warehouse}/{sku}")));
    }
    let (mut order, mut line) = (String::new(), String::new());
    loop {
        let held = store::units_held(&mut read.conn(), (&order, &line), PAGE).await?;
        let Some((last_order, last_line, _)) = held.last() else { return Ok(findings) };
        order.clone_from(last_order);
        line.clone_from(last_line);
        for (order, line, units) in held {
            let row = store::find_order(&mut read.conn(), &order).await?;
            let bought = row.and_then(|row| row.order.lines.iter().find(|bought| bought.id.as_str() == line).map(|line| line.quantity));
            if i64::from(bought.unwrap_or(0)) < units {
                let text = format!("order {order}, line {line}: {units} units are in returns, {} were bought", bought.unwrap_or(0));
                findings.push(Finding::error(
                    "units",
                    text,
                    format!("look at GET /api/v1/orders/{order}; call off what is not coming back"),
                ));
            }
        }
    }
}

/// What lies apart in warehouses, against the ledger of moves.
pub(super) async fn ledger(services: &Services, fix: bool) -> Result<Option<Finding>, StoreError> {
    let mut read = services.store.read().await?;
    let differ = store::unbalanced_ledger(&mut read.conn(), PAGE).await?;
    drop(read);
    let Some((warehouse, sku, state, kept, moved)) = differ.first() else { return Ok(None) };
    let first = format!("{kept} units of {sku} are said to lie as {state} in {warehouse}, and moves come to {moved}");
    let text = format!("{} sums of the stock are not what the ledger says; the first: {first}", differ.len());
    if fix {
        services.store.write(|mut conn| Box::pin(async move { store::mend_ledger(&mut conn).await })).await?;
    }
    Ok(Some(Finding { mended: fix, ..Finding::error("stock", text, "homebound doctor --fix") }))
}

/// What customers have as credit, against the ledger. Whose it is stands in the database, not here.
pub(super) async fn credit(services: &Services, fix: bool) -> Result<Option<Finding>, StoreError> {
    let mut read = services.store.read().await?;
    let differ = store::unbalanced_credit(&mut read.conn(), PAGE).await?;
    drop(read);
    let Some((_, currency, kept, booked)) = differ.first() else { return Ok(None) };
    let first = format!("{kept} {currency} (minor units) is said to be there, and entries come to {booked}");
    let text = format!("{} balances of store credit are not what their entries say; the first: {first}", differ.len());
    // What comes to less than nothing no balance can say.
    let mends = fix && differ.iter().all(|(.., booked)| *booked >= 0);
    if mends {
        services.store.write(|mut conn| Box::pin(async move { store::mend_credit(&mut conn).await })).await?;
    }
    Ok(Some(Finding { mended: mends, ..Finding::error("credit", text, "homebound doctor --fix") }))
}

/// Points, likewise.
pub(super) async fn points(services: &Services, fix: bool) -> Result<Option<Finding>, StoreError> {
    let mut read = services.store.read().await?;
    let differ = store::unbalanced_points(&mut read.conn(), PAGE).await?;
    drop(read);
    let Some((_, kept, booked)) = differ.first() else { return Ok(None) };
    let first = format!("{kept} points are said to be there, and entries come to {booked}");
    let text = format!("{} balances of points are not what their entries say; the first: {first}", differ.len());
    // What comes to less than nothing no balance can say.
    let mends = fix && differ.iter().all(|(.., booked)| *booked >= 0);
    if mends {
        services.store.write(|mut conn| Box::pin(async move { store::mend_points(&mut conn).await })).await?;
    }
    Ok(Some(Finding { mended: mends, ..Finding::error("points", text, "homebound doctor --fix") }))
}

/// Jobs that nobody does, or that were given up.
pub(super) async fn outbox(services: &Services) -> Result<Vec<Finding>, StoreError> {
    let mut read = services.store.read().await?;
    let figures = store::outbox_figures(&mut read.conn(), services.clock.millis()).await?;
    let mut findings = Vec::new();
    if figures.oldest_due > DUE * 1_000 {
        let text = format!("a job has been due for {} minutes: nobody does them, or they fail", figures.oldest_due / 60_000);
        findings.push(Finding::error("outbox_late", text, "homebound outbox list; and see that a server or `homebound worker` runs"));
    }
    if figures.parked > 0 {
        let text = format!("{} mails, labels or messages were given up", figures.parked);
        findings.push(Finding::warning("outbox_parked", text, "homebound outbox list --state parked, then homebound outbox retry --all"));
    }
    Ok(findings)
}
