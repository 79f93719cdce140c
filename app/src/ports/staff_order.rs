//! What pages of people at work show of an order.

use domain::money::Money;
use domain::returns::Status;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::PaidBy;

/// An order of a return.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseOrder {
    pub number: String,
    /// Where it is shown.
    pub path: String,
    pub placed_at: Timestamp,
    /// By what it was paid, and how much.
    pub paid: Vec<(PaidBy, Money)>,
    pub deliveries: Vec<CaseDelivery>,
    /// Items that are not in this return, with their units.
    pub stays: Vec<(String, u32)>,
}

/// A parcel that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDelivery {
    pub delivered_at: Option<Timestamp>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    /// Who packed it, and where (C14).
    pub packed: Vec<String>,
}

/// Another return of the same customer.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherReturn {
    pub rma: RmaNumber,
    pub opened_at: Timestamp,
    pub status: Status,
    /// Whose it is, where that is not clear.
    pub customer: Option<String>,
    pub item: String,
    pub amounts: Vec<Money>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    pub line: String,
    pub name: String,
    pub units: u32,
    /// Of them, units that are in returns or were credited elsewhere.
    pub in_returns: u32,
    /// For all of them.
    pub paid: Money,
    /// What it came for in exchange.
    pub came_for: Option<String>,
}

/// Money that was given back although nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenBack {
    pub at: Timestamp,
    pub by: String,
    pub amount: Money,
    /// For a price that was lowered: item, units, price of one.
    pub lower: Option<(String, u32, Money)>,
    pub reason: String,
    pub note: Option<String>,
}
