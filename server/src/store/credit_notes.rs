//! Credit notes: one of each payment that left, numbered without a gap (P26).

use domain::credit_note::{CreditNote, CreditNoteNo};
use domain::returns::PaymentNo;
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::counters::next_number;
use super::returns::write_json;
use super::{Conn, StoreError};

/// The row of numbers they have.
const NUMBERS: &str = "credit_notes";

/// The next number. It is taken in the transaction that writes the note, and holds up others that take one until that ends: where it is undone, the next
/// has the same number.
pub async fn next_credit_note(conn: &mut Conn<'_>) -> Result<CreditNoteNo, StoreError> {
    let number = next_number(conn, NUMBERS).await?;
    u32::try_from(number).map(CreditNoteNo).map_err(|error| StoreError::corrupt("credit note", error))
}

/// Writes a credit note down.
pub async fn insert_credit_note(conn: &mut Conn<'_>, note: &CreditNote) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO credit_notes (number, rma, payment, at, document) VALUES ($1, $2, $3, $4, $5)",
        i64::from(note.number.0),
        note.rma.to_string(),
        place_of(note),
        note.at.as_millisecond(),
        write_json("credit note", note)?
    )?;
    Ok(())
}

/// What it is of, in its column: a payment has one credit note, and one that takes that back.
fn place_of(note: &CreditNote) -> String {
    if note.corrects.is_some() { format!("{}:back", note.payment) } else { note.payment.to_string() }
}

/// Whether a payment has its credit note.
pub async fn has_credit_note(conn: &mut Conn<'_>, rma: RmaNumber, payment: PaymentNo) -> Result<bool, StoreError> {
    let text = "SELECT number FROM credit_notes WHERE rma = $1 AND payment = $2";
    Ok(fetch_optional!(conn, (i64,), text, rma.to_string(), payment.to_string())?.is_some())
}

/// A credit note by its number.
pub async fn find_credit_note(conn: &mut Conn<'_>, number: CreditNoteNo) -> Result<Option<CreditNote>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT document FROM credit_notes WHERE number = $1", i64::from(number.0))?;
    row.map(read).transpose()
}

/// Those of a return, by their numbers.
pub async fn credit_notes_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<CreditNote>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT document FROM credit_notes WHERE rma = $1 ORDER BY number", rma.to_string())?;
    rows.into_iter().map(read).collect()
}

fn read((document,): (String,)) -> Result<CreditNote, StoreError> {
    serde_json::from_str(&document).map_err(|error| StoreError::corrupt("credit note", error))
}
