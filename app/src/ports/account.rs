//! What "all my orders" shows.

use std::sync::Arc;

use domain::credit::CreditKind;
use domain::ids::{Code, OrderNumber};
use domain::money::{Currency, Money};
use domain::policy::Policy;
use domain::reason::Reason;
use domain::returns::{Recorded, Return, Status};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{GiftView, ItemHead, Noted};
use crate::messages::{Occasion, Texts};

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
    Home(Box<AccountHome>),
}

/// What somebody has here.
#[derive(Clone, Debug, Default)]
pub struct AccountHome {
    /// Who they are to the shop, by their latest order.
    pub name: Option<String>,
    /// The address they are found by, in part, where they are found by one.
    pub email: Option<String>,
    /// Returns: those that wait for the customer first, then what is under way, then a few that ended.
    pub returns: Vec<OwnReturn>,
    /// Messages that nobody has read.
    pub unread: u64,
    /// The latest messages.
    pub messages: Vec<InboxView>,
    /// What they have to spend in the shop, by currency; nothing where they never had any.
    pub credit: Option<Vec<Money>>,
    /// Coupons that can be used.
    pub coupons: Vec<GiftView>,
    /// Their points, where they were ever given a coupon or points.
    pub points: Option<i64>,
    /// What the policy gives them as members, and would give them above that.
    pub perks: Option<OwnPerks>,
    /// Orders, the latest first.
    pub orders: Vec<AccountOrder>,
    /// There are more orders than these.
    pub only: Option<u64>,
}

/// A return among one's own.
#[derive(Clone, Debug)]
pub struct OwnReturn {
    pub request: Box<Return>,
    /// What it waits for from the customer, where it does.
    pub waits: Option<Waits>,
}

/// What a return waits for from the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// An answer to an offer, until then.
    Answer(Timestamp),
    /// Photos, until then.
    Photos(Timestamp),
    /// Money that the customer owes before something goes out.
    Payment,
    /// An account for the money to go to.
    Account,
    /// The goods, until then.
    Sending(Timestamp),
}

/// What somebody's tier gives them.
#[derive(Clone, Debug)]
pub struct OwnPerks {
    /// The policy of today.
    pub policy: Arc<Policy>,
    pub reasons: Vec<Reason>,
    /// What they pay in.
    pub currency: Option<Currency>,
    /// Theirs; nothing where they have none.
    pub tier: Option<Code>,
}

/// `/account/data` and `/account/erase`
#[derive(Clone, Debug)]
pub enum DataPage {
    /// Whose?
    Unknown,
    Theirs {
        /// What stands against erasing it now, where something does.
        against: Option<NotErasedNow>,
        /// What they could still spend, which goes with it.
        lost: Vec<Lost>,
    },
}

/// Why nothing is erased now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotErasedNow {
    /// Returns that are open, at most some of them.
    Open(Vec<RmaNumber>),
    /// Money is still to be paid, by us or by them.
    Owed,
    /// Somebody answers their withdrawal first.
    Withdrawal,
}

/// What somebody could still spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Credit(Money),
    Points(u64),
    Coupons(u64),
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

/// `/account/inbox`
#[derive(Clone, Debug)]
pub enum InboxPage {
    /// Whose?
    Unknown,
    Messages {
        /// The newest first.
        messages: Vec<InboxView>,
        /// The last of these, where there are older ones.
        older: Option<String>,
        /// These are not the newest.
        is_older: bool,
    },
}

/// `/account/reach`
#[derive(Clone, Debug)]
pub enum ReachPage {
    /// Whose?
    Unknown,
    Choices {
        /// Where mails go, in part.
        mail: Option<String>,
        /// Where texts would go, in part; nothing where none can.
        number: Option<String>,
        by_mail: bool,
        by_text: bool,
        /// The language that they chose.
        locale: Option<Locale>,
        /// It was just kept.
        saved: bool,
    },
}

/// A message.
#[derive(Clone, Debug)]
pub struct InboxView {
    pub occasion: Occasion,
    /// How it was worded then.
    pub texts: Texts,
    /// When it was so.
    pub at: Timestamp,
    /// Nobody has read it yet.
    pub is_new: bool,
    pub said: InboxSaid,
}

/// What a message is about.
#[derive(Clone, Debug)]
pub enum InboxSaid {
    /// A return with its events, as they were then.
    Return(Box<Return>, Vec<Recorded>),
    /// Money given on an order although nothing comes back.
    Concession { order: String, amount: Money, reason: String },
    /// Something that was given on top.
    Gift(Box<GiftView>),
    /// Credit of which so much was left, and that ends with that day.
    Credit { left: Money, last: Date },
}
