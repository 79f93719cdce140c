//! What withdrawing from a contract shows.

use domain::rma::RmaNumber;
use domain::settlement::Settlement;
use domain::withdrawal::Statement;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{ItemHead, Noted};

/// `/withdraw` and `/withdraw/{link}/change`: what is filled in.
#[derive(Clone, Debug, Default)]
pub struct WithdrawPage {
    /// What was begun; nothing at first.
    pub link: Option<String>,
    /// Typed before, or known.
    pub name: String,
    /// Typed before, or known.
    pub order: String,
    /// Typed before, or known.
    pub email: String,
    /// Where the order is known to be theirs: its mail address, as far as it may be shown.
    pub known_email: Option<String>,
    /// Not the whole order.
    pub some: bool,
    /// What they wrote of the items, where these are not known.
    pub words: String,
    /// Items of the order, where it is known to be theirs.
    pub items: Vec<WithdrawItem>,
    pub mistakes: Vec<Noted>,
}

/// An item of the order.
#[derive(Clone, Debug)]
pub struct WithdrawItem {
    /// `units`: how many are not in a return.
    pub head: ItemHead,
    /// How many were chosen.
    pub chosen: u32,
}

/// `/withdraw/{link}`: a statement, to be confirmed or received.
#[derive(Clone, Debug)]
pub struct StatementPage {
    pub link: String,
    /// Which of its changes this is.
    pub version: i64,
    pub statement: Statement,
    /// Where its receipt is acknowledged, as far as it may be shown.
    pub to: String,
    /// By when a person answers, where one has to.
    pub due: Timestamp,
    /// What it comes to, where the order is known to be theirs and any of it goes ahead.
    pub ahead: Option<WithdrawalAhead>,
    /// Once it is confirmed.
    pub received: Option<WithdrawalReceipt>,
}

/// What a withdrawal comes to, if it were declared now.
#[derive(Clone, Debug)]
pub struct WithdrawalAhead {
    pub settlement: Settlement,
    /// Products by line.
    pub names: Vec<(String, String)>,
    /// The last moment to send it; nothing: there is nothing to send.
    pub send_by: Option<Timestamp>,
    /// The way back costs nothing.
    pub freight_free: bool,
    /// The money is back by then.
    pub refund_by: Timestamp,
    /// The last day on which it could be declared, where the law says one.
    pub until: Option<Date>,
    /// Somebody has to look at some of it, or all.
    pub person: bool,
}

/// That a statement was received.
#[derive(Clone, Debug)]
pub struct WithdrawalReceipt {
    /// Its number: `W-7KQ4-M2XD`.
    pub id: String,
    pub at: Timestamp,
    /// In which that is told (IANA).
    pub zone: String,
    /// The return that was opened for it, where the order is known to be theirs.
    pub rma: Option<RmaNumber>,
    /// How often the acknowledgement was sent.
    pub times: i64,
    /// It may be sent again.
    pub again: bool,
}
