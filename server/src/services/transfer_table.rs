//! A batch of transfers as a table (CSV, RFC 4180), for whatever is no bank that reads ISO 20022: pages and the machine interface give the same.

use domain::bank::Account;

use super::refund_names::refund_name;
use crate::store::{StoreError, TransferRow};
use crate::tables::Table;

/// What each column is, in the file's first line. Amounts are decimals in `currency`; `iban` or `account` with `bank` is the whole account, and
/// nothing once it is forgotten.
const COLUMNS: [&str; 11] = ["place", "reference", "return", "order", "currency", "amount", "holder", "iban", "account", "bank", "state"];

/// Transfers as lines of a table, in their order, UTF-8. No cell is a formula to a spreadsheet.
pub fn transfers_table(transfers: &[TransferRow]) -> Result<String, StoreError> {
    written(transfers).map_err(|error| StoreError::corrupt("transfers", error))
}

fn written(transfers: &[TransferRow]) -> Result<String, csv::Error> {
    let mut table = Table::with(COLUMNS)?;
    for row in transfers {
        let (iban, number, bank) = match row.payee.as_ref().map(|payee| &payee.account) {
            Some(Account::Iban { iban }) => (iban.as_str().to_owned(), String::new(), String::new()),
            Some(Account::Number { number, bank }) => (String::new(), number.clone(), bank.clone()),
            None => Default::default(),
        };
        let cells = [
            row.nth.to_string(),
            refund_name(row.rma, row.payment),
            row.rma.to_string(),
            row.order.to_string(),
            row.amount.currency.to_string(),
            row.amount.decimal(),
            row.payee.as_ref().map(|payee| payee.holder.clone()).unwrap_or_default(),
            iban,
            number,
            bank,
            row.state.code().to_owned(),
        ];
        table.row(cells)?;
    }
    table.text()
}
