//! A row of a receipt while it is counted, and rows by which one state of an order differs from another.

use std::collections::BTreeMap;

use super::receipt::ReceiptKind;
use super::terms::FeeTerms;

/// Where a row stands on a receipt, and what makes it the same row in two states.
pub(super) type Key = (u8, usize, u8, Option<FeeTerms>, i64);

/// A row of a receipt.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub kind: ReceiptKind,
    pub amount: i128,
    pub units: u64,
}

impl Row {
    /// What it is, with the units it is for.
    pub(super) fn kind(self) -> ReceiptKind {
        let mut kind = self.kind;
        match &mut kind {
            ReceiptKind::Goods { units, .. }
            | ReceiptKind::KeptItem { units, .. }
            | ReceiptKind::ExchangedItem { units, .. }
            | ReceiptKind::NewItem { units, .. }
            | ReceiptKind::PriceProtection { units, .. }
            | ReceiptKind::Deduction { units, .. }
            | ReceiptKind::GiftKept { units, .. } => *units = u32::try_from(self.units).unwrap_or(u32::MAX),
            _ => {}
        }
        kind
    }
}

/// Rows by which a state differs from the one before. What differs by nothing has no row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Changes(BTreeMap<Key, Row>);

impl Changes {
    pub(super) fn add(&mut self, key: Key, amount: i128, units: u64, kind: impl FnOnce() -> ReceiptKind) {
        if amount != 0 || units != 0 {
            let row = self.0.entry(key).or_insert_with(|| Row { kind: kind(), amount: 0, units: 0 });
            row.amount += amount;
            row.units += units;
        }
    }

    /// A row of the whole order, at its end.
    pub(super) fn put(&mut self, kind: ReceiptKind, amount: i128) {
        let place = match kind {
            ReceiptKind::Shipping => 3,
            ReceiptKind::Duties => 4,
            ReceiptKind::OtherCharges => 5,
            ReceiptKind::Freight => 6,
            ReceiptKind::Collected => 7,
            _ => 8,
        };
        self.add((place, 0, 0, None, 0), amount, 0, || kind);
    }

    pub(super) fn sum(&self) -> i128 {
        self.0.values().map(|row| row.amount).sum()
    }

    pub(super) fn of(&self, kind: &ReceiptKind) -> i128 {
        self.0.values().filter(|row| row.kind == *kind).map(|row| row.amount).sum()
    }

    /// Rows that come to anything, in the order they are shown.
    pub(super) fn into_rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().filter(|row| row.amount != 0)
    }
}
