//! Money of returns, per currency: expected if all is as said, promised, paid. From the first promise on: before, all of it is expected, as the
//! state says, and a row more would be written by every opening.

use domain::money::Currency;
use domain::returns::Return;

table! {
    /// A return's money in one currency, minor units.
    money, key "rma, currency", rma, {
        currency: String as "TEXT",
        expected: i64 as "BIGINT",
        granted: i64 as "BIGINT",
        paid: i64 as "BIGINT",
    }
}

/// One for every currency in which something was promised.
pub(super) fn of(request: &Return) -> Vec<Row> {
    let (expected, granted, paid) = (request.expected(), request.granted(), request.paid());
    let of = |sums: &[(Currency, i64)], currency| sums.iter().find(|(of, _)| *of == currency).map_or(0, |(_, sum)| *sum);
    let mut currencies: Vec<Currency> = granted.iter().map(|(currency, _)| *currency).collect();
    currencies.sort();
    let row = |currency: Currency| Row {
        rma: request.rma.to_string(),
        currency: currency.code().to_owned(),
        expected: of(&expected, currency),
        granted: of(&granted, currency),
        paid: of(&paid, currency),
    };
    currencies.into_iter().map(row).collect()
}
