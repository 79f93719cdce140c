//! What "all my orders" shows.

use domain::credit::CreditKind;
use domain::ids::OrderNumber;
use domain::money::Money;
use domain::returns::Status;
use domain::rma::RmaNumber;
use jiff::civil::Date;

use super::{ItemHead, Noted};

/// `/account`
#[derive(Clone, Debug)]
pub enum AccountPage {
    /// Whose orders?
    Ask {
        /// Typed before.
        email: String,
        mistakes: Vec<Noted>,
    },
    /// A code was asked for.
    Code {
        /// For this address.
        email: String,
        /// It works so long.
        minutes: i64,
        mistakes: Vec<Noted>,
    },
    /// They came with a ticket of another customer than the one whose orders are open here. Which is it to be?
    Which,
    Orders {
        /// The address they are found by, where they are found by one.
        email: Option<String>,
        /// The latest first.
        orders: Vec<AccountOrder>,
        /// There are more than these.
        only: Option<u64>,
        /// What they have to spend in the shop, by currency; nothing where they never had any.
        credit: Option<Vec<Money>>,
    },
}

/// `/account/credit`
#[derive(Clone, Debug)]
pub enum CreditPage {
    /// Whose?
    Unknown,
    Credit {
        /// What there is, by currency.
        balances: Vec<Money>,
        /// The newest first.
        entries: Vec<CreditRow>,
        /// There are more than these.
        only: Option<u64>,
    },
}

/// Credit that came or went.
#[derive(Clone, Debug)]
pub struct CreditRow {
    pub day: Date,
    /// Negative where it was spent.
    pub amount: Money,
    pub kind: CreditKind,
    /// The return it came of.
    pub rma: Option<RmaNumber>,
    /// The order it came of, or was spent on.
    pub order: Option<String>,
    /// To be spent until then.
    pub until: Option<Date>,
}

/// An order among others.
#[derive(Clone, Debug)]
pub struct AccountOrder {
    pub number: OrderNumber,
    /// The day it was placed.
    pub placed: Date,
    /// It was cancelled before it was sent.
    pub cancelled: bool,
    /// Its first items; `units`: how many were bought.
    pub items: Vec<ItemHead>,
    /// Items beside those.
    pub more: u64,
    pub returns: Vec<AccountReturn>,
    /// Units that are in no return.
    pub left: u32,
    /// The last day on which something of it can come back without a reason; none where that is over, or nobody can say.
    pub until: Option<Date>,
}

/// A return of an order.
#[derive(Clone, Copy, Debug)]
pub struct AccountReturn {
    pub rma: RmaNumber,
    pub status: Status,
}
