//! What is held of a customer, for people at work who hand it out or erase it.

use super::{Lost, NotErasedNow, Noted, Rail};

/// `/staff/privacy`
#[derive(Clone, Debug)]
pub struct PrivacyPage {
    pub rail: Rail,
    /// The name or mail address that was asked for; empty where none was.
    pub asked: String,
    /// What is held of them, where anything is.
    pub held: Option<Held>,
    pub mistakes: Vec<Noted>,
}

/// What is held of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub orders: u64,
    pub returns: u64,
    /// What stands against erasing them now, where something does.
    pub against: Option<NotErasedNow>,
    /// What they could still spend, which goes with it.
    pub lost: Vec<Lost>,
}
