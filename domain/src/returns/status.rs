//! The one word that says how a return stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::axes::{Authorization, Inspection, LineState, Reception, Reimbursement};

/// How a return stands, derived from its lines: that of the live line which is least far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A person decides.
    InReview,
    /// It can be sent.
    Approved,
    /// On its way.
    InTransit,
    /// Something did not come as it should: short, wrong, lost, rejected.
    Attention,
    /// Booked in.
    Received,
    /// Looked at.
    Inspected,
    /// Money promised.
    Granted,
    /// Paid.
    Completed,
    /// No.
    Declined,
    /// Called off.
    Cancelled,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::InReview,
        Self::Approved,
        Self::InTransit,
        Self::Attention,
        Self::Received,
        Self::Inspected,
        Self::Granted,
        Self::Completed,
        Self::Declined,
        Self::Cancelled,
    ];

    /// The machine name.
    pub fn code(self) -> &'static str {
        match self {
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::InTransit => "in_transit",
            Self::Attention => "attention",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Granted => "granted",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }

    /// Of the lines together.
    pub fn of(lines: impl Iterator<Item = LineState>) -> Self {
        let mut least: Option<Self> = None;
        let mut cancelled = false;
        for line in lines {
            if line.is_live() {
                let here = Self::of_line(line);
                least = Some(least.map_or(here, |least| least.min(here)));
            }
            cancelled |= line.authorization == Authorization::Cancelled;
        }
        least.unwrap_or(if cancelled { Self::Cancelled } else { Self::Declined })
    }

    fn of_line(line: LineState) -> Self {
        match line.reimbursement {
            Reimbursement::Paid => return Self::Completed,
            Reimbursement::Granted | Reimbursement::Failed => return Self::Granted,
            Reimbursement::None => {}
        }
        if line.authorization != Authorization::Approved {
            return Self::InReview;
        }
        match (line.reception, line.inspection) {
            (Reception::Awaiting, _) => Self::Approved,
            (Reception::InTransit, _) => Self::InTransit,
            (Reception::Short | Reception::WrongItem | Reception::Lost, _) | (_, Inspection::Rejected) => Self::Attention,
            (Reception::Received, Inspection::Pending) => Self::Received,
            (Reception::Received, _) => Self::Inspected,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.code() == text).ok_or(())
    }
}
