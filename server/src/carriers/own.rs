//! Labels of the shop's own making.

use futures::future::BoxFuture;

use super::Shipment;
use crate::store::{self, Conn, StoreError};

/// Labels of the shop's own, with numbers given within the transaction that needs them.
pub trait OwnPort: Send + Sync {
    /// The machine name, stored with each parcel.
    fn code(&self) -> &'static str;

    /// The number of a parcel, where it follows from the return's.
    fn number(&self, shipment: &Shipment) -> Option<String>;

    /// A number for the parcel, unique among these.
    fn issue<'a>(&'a self, conn: &'a mut Conn<'_>, shipment: &'a Shipment) -> BoxFuture<'a, Result<String, StoreError>>;
}

/// Numbers parcels `HB7KQ4M2XD01` (the return's number and the parcel's place), or, with a GS1 company prefix, by serial shipping
/// container codes of 18 digits (GS1 General Specifications, section 3.2, AI 00).
#[derive(Clone, Debug, Default)]
pub struct OwnLabels {
    /// GS1 company prefix, 7 to 10 digits.
    pub gs1_company_prefix: Option<String>,
}

impl OwnLabels {
    /// Its machine name.
    pub const CODE: &str = "own";
}

impl OwnPort for OwnLabels {
    fn code(&self) -> &'static str {
        Self::CODE
    }

    fn number(&self, shipment: &Shipment) -> Option<String> {
        self.gs1_company_prefix.is_none().then(|| following(shipment))
    }

    fn issue<'a>(&'a self, conn: &'a mut Conn<'_>, shipment: &'a Shipment) -> BoxFuture<'a, Result<String, StoreError>> {
        Box::pin(async move {
            let Some(prefix) = &self.gs1_company_prefix else { return Ok(following(shipment)) };
            let serial = store::next_number(conn, "sscc").await?;
            Ok(sscc(prefix, serial))
        })
    }
}

/// The return's number and the parcel's place.
fn following(shipment: &Shipment) -> String {
    format!("HB{}{:02}", shipment.rma.symbols(), shipment.parcel)
}

/// Extension digit 0, company prefix, serial, check digit.
fn sscc(prefix: &str, serial: i64) -> String {
    let width = 16 - prefix.len();
    let serial = serial.rem_euclid(10_i64.pow(width as u32));
    let digits = format!("0{prefix}{serial:0width$}");
    let check = gs1_check_digit(&digits);
    format!("{digits}{check}")
}

/// GS1 General Specifications, section 7.9: weights 3 and 1 from the right.
fn gs1_check_digit(digits: &str) -> u32 {
    let weighted = digits.bytes().rev().enumerate().map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 });
    (10 - weighted.sum::<u32>() % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_gs1_specifications() {
        assert_eq!(gs1_check_digit("37610425002123456"), 9, "example of the specifications");
        assert_eq!(sscc("4012345", 1), "040123450000000016");
        assert_eq!(sscc("4012345", 1).len(), 18);
        assert_eq!(sscc("4012345678", 1_000_001).len(), 18, "a serial that has run over starts again");
    }
}
