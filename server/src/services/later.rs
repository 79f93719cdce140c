//! What a story leaves to be done afterwards, and what it is told. `jobs` does it.

use app::messages::Occasion;
use domain::ids::EmailAddress;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::store::NewJob;

/// A kind of job about a return, mails aside. Its code, as stored, begins with the name of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Buy a label that is wanted.
    LabelBuy,
    /// Call labels off that were bought.
    LabelVoid,
}

impl JobKind {
    pub const ALL: &[Self] = &[Self::LabelBuy, Self::LabelVoid];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LabelBuy => "label.buy",
            Self::LabelVoid => "label.void",
        }
    }
}

/// What a job about a return is told.
#[derive(Serialize, Deserialize)]
pub struct AboutReturn {
    /// The return.
    pub rma: RmaNumber,
    /// The number of the event that made it necessary; nothing where a server of before 0015 wrote it.
    #[serde(default)]
    pub event: Option<u64>,
}

/// What the mail with a code is told.
#[derive(Serialize, Deserialize)]
pub struct LoginCode {
    /// To whom.
    pub to: EmailAddress,
    /// What they type.
    pub code: String,
    /// In which language.
    #[serde(flatten, with = "domain::words::kept")]
    pub locale: Locale,
    /// Works until then, epoch milliseconds.
    pub until: i64,
}

impl AboutReturn {
    /// A job of that code about a return, because of its event number `event`, to be done from `now` on.
    pub fn job(code: &'static str, rma: RmaNumber, event: u64, now: Timestamp) -> NewJob {
        NewJob::new(code, &json!(Self { rma, event: Some(event) }), now.as_millisecond())
    }
}

impl LoginCode {
    /// The mail with this code, to be sent from `now` (epoch milliseconds) on.
    pub fn mail(&self, now: i64) -> NewJob {
        NewJob::new(Occasion::LoginCode.mail_job(), &json!(self), now)
    }
}
