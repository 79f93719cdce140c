//! What a decision needs to know beyond the return, and why it says no.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::command::{CommandKind, Role};
use super::feedback::CHANGED_WITHIN;
use super::hold::HoldGround;
use super::lot::Disposition;
use super::number::{CommandId, GrantNo, LotNo};
use super::request::Return;
use super::said::LineAsked;
use super::status::Status;
use crate::ids::{Code, LineId, OrderNumber};
use crate::item::LONGEST_COMMENT;
use crate::money::Currency;
use crate::plain::several_lines;
use crate::policy::Policy;
use crate::scrap::ScrapGround;

/// What a decision needs to know beyond the return.
#[derive(Clone, Debug)]
pub struct Facts {
    pub now: Timestamp,
    /// Of each order, what was captured and neither credited outside nor granted by any return: what can still be granted. Minor
    /// units. An order that is not named has nothing left.
    pub room: Vec<(OrderNumber, i64)>,
    /// Of each order line, units that are in no return. A line that is not named has none.
    pub free: Vec<(OrderNumber, LineId, u32)>,
    /// The policy that the return follows; told where days are promised.
    pub policy: Option<Arc<Policy>>,
    /// What was done last, where whoever asks may take it back.
    pub last: Option<Last>,
}

/// What was done by the last command, and has had no effect outside.
#[derive(Clone, Debug)]
pub struct Last {
    pub command: CommandId,
    /// The number of the first event that came of it.
    pub from: u64,
    /// The return as it was before.
    pub before: Box<Return>,
}

impl Facts {
    /// At that time, with nothing left to grant, no unit free and no policy: for commands that promise neither money nor days, and take no
    /// units.
    pub fn at(now: Timestamp) -> Self {
        Self { now, room: Vec::new(), free: Vec::new(), policy: None, last: None }
    }

    pub(super) fn policy(&self) -> Result<&Policy, Refused> {
        self.policy.as_deref().ok_or(Refused::Senseless("no day can be promised without the policy that the return follows"))
    }

    pub(super) fn room(&self, order: &OrderNumber) -> i64 {
        self.room.iter().find(|(of, _)| of == order).map_or(0, |(_, left)| (*left).max(0))
    }

    pub(super) fn free(&self, asked: &LineAsked) -> u32 {
        self.free.iter().find(|(order, line, _)| asked.is_of(order, line)).map_or(0, |(_, _, units)| *units)
    }
}

/// A command the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{command}` is not possible while the return is {status}")]
pub struct CommandRefused {
    pub command: CommandKind,
    pub status: Status,
    /// What could be done.
    pub possible: Vec<CommandKind>,
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Others may, not they.
    #[error("`{command}` is not for {}", role.code())]
    Role {
        command: CommandKind,
        /// By whom; the command's row says who may.
        role: Role,
    },
    /// The state does not allow it.
    #[error(transparent)]
    State(#[from] CommandRefused),
    /// It names what the return does not have.
    #[error("this return has no {what} {name}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        name: String,
    },
    /// More units than there are, or none.
    #[error("{asked} units of {lot}, which has {there}")]
    Units { lot: LotNo, asked: u32, there: u32 },
    /// Of so many units it cannot be newly said: somebody was there first, or there never were so many.
    #[error("{asked} units, where it can be said of {left} at the most")]
    Left {
        /// The first lot of them.
        lot: LotNo,
        asked: u32,
        left: u32,
    },
    /// A sum that cannot be. Minor units.
    #[error("{asked} of {currency} (minor units), where between {least} and {most} is possible")]
    Amount {
        currency: Currency,
        asked: i64,
        /// The least that is possible.
        least: i64,
        /// The most that is possible.
        most: i64,
    },
    /// What goes out costs more than what comes back, and the customer has not paid that. Minor units.
    #[error("{amount} of {currency} (minor units) are due before it goes out")]
    NotPaid { currency: Currency, amount: i64 },
    /// No plain label may carry what comes back (N22).
    #[error("it has dangerous goods, which travel with no plain label: have them brought to the counter, or see to their transport")]
    DangerousGoods,
    /// Clothes or shoes are destroyed on a lawful ground only (N20).
    #[error(
        "clothes and shoes are destroyed only on a lawful ground (Regulation (EU) 2024/1781 art. 25): name one of {}, or restock, resell, refurbish, repair or donate them",
        ScrapGround::ALL.iter().map(|ground| ground.code()).collect::<Vec<_>>().join(", ")
    )]
    NoGround,
    /// A rule says where they go, and nobody says why they go elsewhere (C18).
    #[error("by the rule `{rule}` they go to `{to}`; say in `reason` why they go elsewhere", to = to.name())]
    NotAsProposed { to: Disposition, rule: Code },
    /// More was written than is taken.
    #[error("it is longer than {most} characters")]
    TooLong { most: usize },
    /// No such day can be given.
    #[error("the day is one from {least} to {most}")]
    Day { least: Date, most: Date },
    /// Promised money that is not paid for now.
    #[error("the grant {grant} is on hold ({}): somebody releases it first", ground.code())]
    Held { grant: GrantNo, ground: HoldGround },
    /// A second pair of eyes is another person's.
    #[error("somebody else has to look at it: who promised it cannot release it")]
    SamePerson,
    /// It took effect, something else came after it, or somebody else did it.
    #[error("it is too late to take that back: it has taken effect, or something else has happened since")]
    TooLate,
    /// It was said how it went, so long ago that reports were read since.
    #[error("it was rated more than {} days ago, and stays as it is", CHANGED_WITHIN.as_hours() / 24)]
    RatedBefore,
    /// So much was written that nobody has answered yet.
    #[error("{most} messages wait for an answer already")]
    Unanswered { most: u32 },
    /// It contradicts itself, or leaves out what it needs.
    #[error("{0}")]
    Senseless(&'static str),
}

pub(super) fn said(words: &str) -> Result<String, Refused> {
    match words.trim() {
        "" => Err(Refused::Senseless("it must be said in words")),
        words => Ok(words.to_owned()),
    }
}

/// What somebody wrote, as it is kept and shown: several lines, no more than are read.
pub(super) fn written(words: &str) -> Result<String, Refused> {
    let words = several_lines(words);
    if words.chars().count() > LONGEST_COMMENT {
        return Err(Refused::TooLong { most: LONGEST_COMMENT });
    }
    said(&words)
}

pub(super) fn unknown(what: &'static str, name: impl ToString) -> Refused {
    Refused::Unknown { what, name: name.to_string() }
}

pub(super) fn check_amount(currency: Currency, asked: i64, least: i64, most: i64) -> Result<(), Refused> {
    if (least..=most).contains(&asked) { Ok(()) } else { Err(Refused::Amount { currency, asked, least, most }) }
}
