//! What policy said of a line in money. Kept with the line: whoever settles later never judges again, and a policy or an order told
//! anew changes nothing that was promised (P2).

use serde::{Deserialize, Serialize};

use super::receipt::{ReceiptKind, Settlement};
use crate::ids::LineId;
use crate::money::{Amount, Currency};
use crate::policy::{BasisPoints, FeeEffect, FeeKind, FeePer, OutboundRefund, Payer};

/// The terms on which units of a line come back, or stay for part of the price. Amounts are minor units of the order's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Taken off, where anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<FeeTerms>,
    /// Store credit bonus, or the share of the price paid for keeping the item.
    #[serde(default, skip_serializing_if = "nothing")]
    pub share: BasisPoints,
    /// When outbound shipping comes back.
    pub outbound: OutboundRefund,
    /// Who pays the way back.
    pub payer: Payer,
    /// What the way back costs the customer by the method chosen, once a parcel; nothing where nothing travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight: Option<i64>,
}

fn nothing(share: &BasisPoints) -> bool {
    share.0 == 0
}

/// A fee, in the currency of its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FeeTerms {
    pub kind: FeeKind,
    /// Of what the goods were paid with, tax on top aside.
    #[serde(default, skip_serializing_if = "nothing")]
    pub percent: BasisPoints,
    /// Per unit or line.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flat: i64,
    /// What `flat` is counted by.
    #[serde(default)]
    pub per: FeePer,
}

fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

impl FeeTerms {
    /// A rule's fee in a currency; nothing where it takes nothing off.
    pub fn of(effect: &FeeEffect, currency: Currency) -> Option<Self> {
        let flat = effect.flat.as_ref().and_then(|flat| flat.in_currency(currency)).unwrap_or(0);
        (effect.percent.0 > 0 || flat > 0).then_some(Self { kind: effect.kind, percent: effect.percent, flat, per: effect.per })
    }
}

impl Terms {
    /// Terms of units that were credited by somebody else: no fee, no freight, nothing of the whole order's.
    pub const OUTSIDE: Self =
        Self { fee: None, share: BasisPoints(0), outbound: OutboundRefund::WhenAllReturned, payer: Payer::Merchant, freight: None };
}

impl Terms {
    /// The terms of a line as its return's receipt shows them: for what was opened before terms were kept, and that no policy explains.
    pub fn from_receipt(line: &LineId, settlement: Option<&Settlement>) -> Self {
        let mut terms = Self::OUTSIDE;
        let Some(settlement) = settlement else { return terms };
        for row in &settlement.receipt {
            match &row.kind {
                ReceiptKind::Fee { line: of, fee, .. } if of == line => {
                    terms.fee = Some(FeeTerms { kind: *fee, percent: BasisPoints(0), flat: -row.amount, per: FeePer::Line });
                }
                ReceiptKind::KeptItem { line: of, percent, .. } if of == line => {
                    terms.share = percent.parse::<Amount>().ok().and_then(|percent| percent.try_into().ok()).unwrap_or_default();
                }
                ReceiptKind::Freight => (terms.payer, terms.freight) = (Payer::Customer, Some(-row.amount)),
                _ => {}
            }
        }
        if settlement.outbound > 0 {
            terms.outbound = OutboundRefund::Always;
        }
        if settlement.store_credit > 0 && settlement.bonus > 0 {
            terms.share = BasisPoints((i128::from(settlement.bonus) * 10_000 / i128::from(settlement.store_credit)) as i64);
        }
        terms
    }
}
