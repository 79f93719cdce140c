//! What somebody brought that this shop did not sell (P24).

use jiff::civil::Date;

use crate::ids::{Code, EmailAddress, Sku};
use crate::money::{Amount, Currency};

/// Nobody keeps a receipt for longer.
pub const LEAST_BOUGHT: Date = Date::constant(1990, 1, 2);
/// Units that are written down at once, at the most.
pub const MOST_UNITS_ELSEWHERE: u32 = 100;

/// Goods that were bought elsewhere, as somebody at work writes them down for a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct BoughtElsewhere {
    /// Whose it is.
    pub name: String,
    /// Who has the credit, and hears of it.
    pub email: EmailAddress,
    /// Where it was bought.
    pub shop: String,
    pub on: Date,
    pub item: String,
    /// As it is known here; nothing: it is not.
    pub sku: Option<Sku>,
    pub category: Option<Code>,
    /// At least 1.
    pub units: u32,
    pub currency: Currency,
    /// Of one unit.
    pub price: Amount,
}
