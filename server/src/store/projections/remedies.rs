//! What goes out instead of money.

use domain::returns::{Remedy, Return};

table! {
    /// An item that goes out to the customer.
    remedies, key "rma, remedy", rma, {
        remedy: i64 as "BIGINT",
        order_key: String as "TEXT",
        kind: String as "TEXT",
        sku: String as "TEXT",
        units: i64 as "BIGINT",
        state: String as "TEXT",
        waits: i64 as "BIGINT",
        reference: Option<String> as "TEXT",
        since: i64 as "BIGINT",
    }
}

pub(super) fn of(request: &Return) -> Vec<Row> {
    let row = |remedy: &Remedy| {
        let (line, _) = request.lot(*remedy.lots.first()?)?;
        let units = remedy.lots.iter().filter_map(|lot| request.lot(*lot)).map(|(_, lot)| i64::from(lot.units)).sum();
        Some(Row {
            rma: request.rma.to_string(),
            remedy: i64::from(remedy.id.0),
            order_key: line.asked.order.to_string(),
            kind: remedy.kind.code().to_owned(),
            sku: remedy.sku.as_ref().unwrap_or(&line.asked.sku).to_string(),
            units,
            state: remedy.state.code().to_owned(),
            waits: i64::from(request.awaited_for(remedy).is_some()),
            reference: remedy.reference.clone(),
            since: remedy.at.as_millisecond(),
        })
    };
    request.remedies.iter().filter_map(row).collect()
}
