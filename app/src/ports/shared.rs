//! What pages of people at work show of what they share.

use domain::desk::{Deed, Rule};
use domain::returns::Role;
use domain::rma::RmaNumber;
use domain::words::Words;

use super::{Mistake, Noted, Rail};

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

/// `/staff/macros`
#[derive(Clone, Debug)]
pub struct MacrosPage {
    pub rail: Rail,
    pub macros: Vec<MacroView>,
    /// One that is not there yet.
    pub new: MacroView,
    /// The one whose form is open.
    pub open: String,
    /// How many a role can have.
    pub most: usize,
    /// Saved replies, and colleagues: their names for forms, and what they are called.
    pub replies: Vec<(String, String)>,
    pub colleagues: Vec<(String, String)>,
    pub mistakes: Vec<Noted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroView {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub deed: Deed,
}

/// `/staff/returns/{rma}/macro`: what a macro would do to a return.
#[derive(Clone, Debug)]
pub struct MacroPage {
    pub rail: Rail,
    pub rma: RmaNumber,
    pub name: String,
    pub deed: Deed,
    pub replies: Vec<(String, String)>,
    pub colleagues: Vec<(String, String)>,
    /// What the customer would read.
    pub words: Option<String>,
    /// Nothing would be left that somebody could have.
    pub idle: bool,
    /// Why it cannot be.
    pub refused: Option<Mistake>,
    /// The form that does it.
    pub press: MacroSeen,
    pub mistakes: Vec<Noted>,
}

/// A macro as it was seen, and a name for pressing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MacroSeen {
    pub id: String,
    pub version: u64,
    pub key: String,
    pub seal: String,
}

/// What can be done to cases that are ticked.
#[derive(Clone, Debug)]
pub struct BulkChoice {
    /// Names the form.
    pub key: String,
    /// How many there may be.
    pub most: usize,
    pub macros: Vec<(String, String)>,
    pub replies: Vec<(String, String)>,
    pub colleagues: Vec<(String, String)>,
}

/// `/staff/bulk/{id}`: what would become of each case, then what has.
#[derive(Clone, Debug)]
pub struct BulkPage {
    pub rail: Rail,
    pub id: String,
    /// Of a macro; empty where something else was chosen.
    pub name: String,
    pub deed: Deed,
    pub replies: Vec<(String, String)>,
    pub colleagues: Vec<(String, String)>,
    pub begun: bool,
    /// What was done of it a moment ago can still be taken back.
    pub can_take_back: bool,
    /// What can be done, and is not yet.
    pub fit: Vec<BulkCase>,
    pub refused: Vec<BulkCase>,
    pub done: Vec<BulkCase>,
    pub failed: Vec<BulkCase>,
    /// As many as there may be: perhaps there were more.
    pub capped: bool,
    pub most: usize,
    /// What some of them would read.
    pub letters: Vec<(RmaNumber, String)>,
    pub mistakes: Vec<Noted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCase {
    pub rma: RmaNumber,
    /// Whose return, and what comes back.
    pub who: String,
    /// Why not.
    pub why: Option<Mistake>,
}

/// A view that was kept, with how much there is to see, up to a thousand and one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMark {
    pub id: String,
    pub name: String,
    pub count: u64,
    pub may_delete: bool,
}

/// `/staff/rules`
#[derive(Clone, Debug)]
pub struct RulesPage {
    pub rail: Rail,
    /// In the order in which they are asked.
    pub rules: Vec<RuleView>,
    /// One that is not there yet.
    pub new: RuleView,
    /// The one whose form is open.
    pub open: String,
    /// Who works here: their account's name, and what they are called.
    pub people: Vec<(String, String)>,
    pub mistakes: Vec<Noted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleView {
    pub id: String,
    pub name: String,
    pub rule: Rule,
}
