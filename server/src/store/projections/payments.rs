//! Attempts to pay what was promised.

use domain::returns::{Payment, Return};

table! {
    /// An attempt to pay a grant, or part of it.
    payments, key "rma, payment", rma, {
        payment: i64 as "BIGINT",
        grant_no: i64 as "BIGINT",
        order_key: String as "TEXT",
        currency: String as "TEXT",
        amount: i64 as "BIGINT",
        way: String as "TEXT",
        state: String as "TEXT",
        reference: Option<String> as "TEXT",
        started_at: i64 as "BIGINT",
    }
}

pub(super) fn of(request: &Return) -> Vec<Row> {
    let row = |payment: &Payment| {
        let grant = request.grants.iter().find(|grant| grant.id == payment.grant)?;
        Some(Row {
            rma: request.rma.to_string(),
            payment: i64::from(payment.id.0),
            grant_no: i64::from(payment.grant.0),
            order_key: grant.order.to_string(),
            currency: grant.currency.code().to_owned(),
            amount: payment.amount,
            way: payment.to.way().to_owned(),
            state: payment.state.code().to_owned(),
            reference: payment.reference.clone(),
            started_at: payment.at.as_millisecond(),
        })
    };
    request.payments.iter().filter_map(row).collect()
}
