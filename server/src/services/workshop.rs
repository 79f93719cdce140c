//! What is with the workshop has a repair order, and nothing else has: written down with whatever command moved it there or away (C23).

use domain::repair::{Mend, Repair, RepairStep, mend};
use domain::returns::{AtWorkshop, Return, at_workshop, warehouse_of};
use jiff::Timestamp;

use super::access::Accountable;
use crate::store::{self, AuditNote, Conn, MAIN_WAREHOUSE, RepairRow, StockCause, StoreError};

/// Who does what follows by rule.
pub(super) const SYSTEM: &str = "system";

/// Opens, turns or closes the orders of a return, so that what is with the workshop has one, and nothing else has.
pub(super) async fn mind_repairs(
    conn: &mut Conn<'_>,
    stood: &Return,
    now: &Return,
    by: Option<&Accountable>,
    cause: &StockCause,
) -> Result<(), StoreError> {
    let works = at_workshop(now);
    if works.is_empty() && at_workshop(stood).is_empty() {
        return Ok(());
    }
    let rows = store::repairs_of(conn, now.rma).await?;
    let orders: Vec<Repair> = rows.iter().map(|row| row.repair.clone()).collect();
    let at = Timestamp::from_millisecond(cause.at).map_err(|error| StoreError::corrupt("repair", error))?;
    let name = by.map_or(SYSTEM, |by| by.actor.as_str()).to_owned();
    let mut changed: Vec<RepairRow> = Vec::new();
    for one in mend(&orders, &works, cause.undone) {
        match one {
            Mend::Open(work) => {
                let Some(row) = opened(conn, now, &work, at, &name).await? else { continue };
                put(conn, by, "open_repair", None, &row, at).await?;
            }
            Mend::Step(place, event) => {
                let row = &rows[place];
                let step = RepairStep { at, by: name.clone(), event };
                match changed.iter_mut().find(|known| known.number == row.number) {
                    Some(known) => known.repair.evolve(step),
                    None => {
                        let mut next = RepairRow { version: row.version + 1, ..row.clone() };
                        next.repair.evolve(step);
                        changed.push(next);
                    }
                }
            }
        }
    }
    for row in changed {
        let before = rows.iter().find(|before| before.number == row.number);
        put(conn, by, "mend_repair", before, &row, at).await?;
    }
    Ok(())
}

/// A new order, for what came to the workshop; nothing where the return does not know it.
async fn opened(
    conn: &mut Conn<'_>,
    request: &Return,
    work: &AtWorkshop,
    at: Timestamp,
    by: &str,
) -> Result<Option<RepairRow>, StoreError> {
    let Some(first) = work.lots.first() else { return Ok(None) };
    let Some(line) = request.line(first.line) else { return Ok(None) };
    let Some(part) = request.orders.iter().find(|part| part.number == line.asked.order) else { return Ok(None) };
    let Some(repair) = Repair::open(work, part.settlement.currency, at, by.to_owned()) else { return Ok(None) };
    Ok(Some(RepairRow {
        number: store::next_number(conn, "repairs").await?,
        rma: request.rma,
        sku: line.asked.sku.to_string(),
        name: line.asked.name.clone(),
        warehouse: warehouse_of(request, *first).unwrap_or_else(|| MAIN_WAREHOUSE.to_owned()),
        repair,
        version: 1,
    }))
}

/// Writes an order down as it is now, and who says so.
pub(super) async fn put(
    conn: &mut Conn<'_>,
    by: Option<&Accountable>,
    what: &str,
    before: Option<&RepairRow>,
    row: &RepairRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !store::put_repair(conn, row).await? {
        return Err(StoreError::Stale("repair order"));
    }
    // What follows by rule is in the trail with the command that it follows from.
    let Some(by) = by else { return Ok(()) };
    let known = before.map_or(0, |before| before.repair.steps.len());
    let stands = |row: &RepairRow| {
        let technician = row.repair.technician.as_deref().unwrap_or("nobody");
        format!("{} of {}, by {technician}, due {}", row.repair.state, row.rma, row.repair.due)
    };
    let private = serde_json::to_value(row.repair.steps.iter().skip(known).collect::<Vec<_>>()).ok().map(|value| value.to_string());
    let note = by.note(now, what, format!("repair:R{}", row.number));
    let note = AuditNote { before: before.map(stands), after: Some(stands(row)), private, ..note };
    store::note_audit(conn, &note).await
}
