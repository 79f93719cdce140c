//! Credit in the shop: why it came and went.

use std::str::FromStr;

/// Why credit came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditKind {
    /// In place of money that was granted.
    Refund,
    /// What the shop adds to it.
    Bonus,
    /// It was spent.
    Redeem,
    /// What was to be spent was not.
    Release,
    /// A person put it right.
    Adjust,
}

impl CreditKind {
    pub const ALL: [Self; 5] = [Self::Refund, Self::Bonus, Self::Redeem, Self::Release, Self::Adjust];

    /// As stored, and as machines read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Bonus => "bonus",
            Self::Redeem => "redeem",
            Self::Release => "release",
            Self::Adjust => "adjust",
        }
    }
}

/// What is no kind of credit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of credit")]
pub struct NoSuchKind(String);

impl FromStr for CreditKind {
    type Err = NoSuchKind;

    fn from_str(text: &str) -> Result<Self, NoSuchKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == text).ok_or_else(|| NoSuchKind(text.to_owned()))
    }
}
