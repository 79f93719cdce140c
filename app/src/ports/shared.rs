//! What pages of people at work show of what they share.

use domain::words::Words;

use super::{Noted, Rail};

/// `/staff/replies`
#[derive(Clone, Debug)]
pub struct RepliesPage {
    pub rail: Rail,
    pub replies: Vec<ReplyView>,
    /// One that is not there yet.
    pub new: ReplyView,
    /// The one whose form is open.
    pub open: String,
    pub mistakes: Vec<Noted>,
}

/// A saved reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyView {
    pub id: String,
    pub name: String,
    pub words: Words,
}
