//! Lines of returns, by product: which are asked back, why, and how they stand.

use domain::returns::{Return, ReturnLine, Status};

table! {
    /// A line of a return.
    return_lines, key "rma, line", rma, {
        line: i64 as "BIGINT",
        order_key: String as "TEXT",
        order_line: String as "TEXT",
        sku: String as "TEXT",
        units: i64 as "BIGINT",
        held: i64 as "BIGINT",
        status: String as "TEXT",
        resolution: String as "TEXT",
        reason: String as "TEXT",
    }
}

pub(super) fn of(request: &Return) -> Vec<Row> {
    let row = |line: &ReturnLine| Row {
        rma: request.rma.to_string(),
        line: i64::from(line.id.0),
        order_key: line.asked.order.to_string(),
        order_line: line.asked.line.to_string(),
        sku: line.asked.sku.to_string(),
        units: i64::from(line.asked.quantity),
        held: i64::from(request.units_held(line)),
        status: Status::of(line.lots.iter().map(|lot| request.status_of(line, lot))).code().to_owned(),
        resolution: line.asked.resolution.code().to_owned(),
        reason: line.asked.reason.to_string(),
    };
    let mut rows: Vec<Row> = request.lines.iter().map(row).collect();
    rows.sort_by_key(|row| row.line);
    rows
}
