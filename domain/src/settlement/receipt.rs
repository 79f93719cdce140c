//! The receipt of a settlement.

use serde::{Deserialize, Serialize};

use crate::ids::LineId;
use crate::money::Currency;
use crate::policy::FeeKind;

/// What is expected of one order's part of a return if all is as said, line by line. Amounts are minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    pub currency: Currency,
    /// Summands; their sum is `expected` less `due`.
    pub receipt: Vec<ReceiptLine>,
    /// What the customer gets of what they paid, if all is as said.
    #[serde(alias = "granted")]
    pub expected: i64,
    /// What the customer has to pay, for something dearer in exchange (P7).
    #[serde(default)]
    pub due: i64,
    /// The part of `expected` that is paid as store credit.
    pub store_credit: i64,
    /// On top of `store_credit`, a present of the shop (P16); not part of `expected`.
    pub bonus: i64,
    /// The part of `expected` that goes back to the payments, in the order they were made, each at most what it brought.
    pub tenders: Vec<TenderShare>,
    /// Outbound shipping in `expected`.
    pub outbound: i64,
}

/// A summand of a settlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptLine {
    #[serde(flatten)]
    pub kind: ReceiptKind,
    /// Minor units; negative where it is taken off.
    pub amount: i64,
}

/// What a summand is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReceiptKind {
    /// Units at their list price.
    Goods {
        /// Line of the order.
        line: LineId,
        units: u32,
    },
    /// The line's own discount on them.
    LineDiscount {
        /// Line of the order.
        line: LineId,
    },
    /// An order discount's share, or all of it where the kept goods no longer reach its minimum.
    OrderDiscount {
        code: Option<String>,
        /// The kept goods no longer reach its minimum.
        minimum_lost: bool,
    },
    /// What was paid less than the order's document adds up to.
    UnlistedDiscount,
    /// Tax on top of the price.
    Tax {
        /// Line of the order.
        line: LineId,
    },
    /// A fee by policy.
    Fee {
        /// Line of the order.
        line: LineId,
        fee: FeeKind,
        /// Percentage, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent: Option<String>,
    },
    /// Part of the price for keeping the item.
    KeptItem {
        /// Line of the order.
        line: LineId,
        units: u32,
        /// Share of the price.
        percent: String,
    },
    /// What was paid for units that are exchanged.
    ExchangedItem {
        /// Line of the order.
        line: LineId,
        units: u32,
    },
    /// What comes in exchange for them; above nothing: what came in exchange, and comes back.
    NewItem {
        /// Line of the order.
        line: LineId,
        units: u32,
    },
    /// What units cost less since the price was lowered after the purchase.
    PriceProtection {
        /// Line of the order.
        line: LineId,
        units: u32,
    },
    /// What units were found to be worth less than said.
    Deduction {
        /// Line of the order.
        line: LineId,
        units: u32,
    },
    /// A gift that stays with the customer.
    GiftKept {
        /// Line of the gift.
        line: LineId,
        units: u32,
    },
    Shipping,
    Duties,
    /// What was captured beyond the order's document.
    OtherCharges,
    Freight,
    /// What the customer paid since: what was due, or what had been given ahead.
    Collected,
    /// Nothing above what was paid, less what was granted before.
    Cap,
}

/// What goes back to one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenderShare {
    /// Place among the order's payments.
    pub payment: usize,
    /// The gateway's name for the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `card`, `alipay`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The last four digits of the card, where told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_ending: Option<String>,
    /// Minor units.
    pub amount: i64,
}

/// Whether a receipt says what the customer paid, of which servers of before know nothing.
pub fn names_collected(receipt: &[ReceiptLine]) -> bool {
    receipt.iter().any(|row| row.kind == ReceiptKind::Collected)
}

impl Settlement {
    /// As [`names_collected`], of its receipt.
    pub fn names_collected(&self) -> bool {
        names_collected(&self.receipt)
    }

    /// Nothing comes back and nothing is owed.
    pub fn nothing(currency: Currency) -> Self {
        Self { currency, receipt: Vec::new(), expected: 0, due: 0, store_credit: 0, bonus: 0, tenders: Vec::new(), outbound: 0 }
    }

    /// What the way back costs the customer in it.
    pub fn freight(&self) -> i64 {
        self.receipt.iter().filter(|row| row.kind == ReceiptKind::Freight).map(|row| -row.amount).sum()
    }

    /// The part of `expected` that goes back as money.
    pub fn refund(&self) -> i64 {
        self.expected - self.store_credit
    }

    /// What the customer gets in all, the bonus included.
    pub fn worth(&self) -> i64 {
        self.expected + self.bonus
    }
}
