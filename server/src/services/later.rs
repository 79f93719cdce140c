//! What a story leaves to be done afterwards, and what it is told. `jobs` does it.

use app::messages::Occasion;
use domain::ids::EmailAddress;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::store::NewJob;

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
    pub locale: Locale,
    /// Works until then, epoch milliseconds.
    pub until: i64,
}

impl AboutReturn {
    /// The mail about a return on an occasion, because of its event number `event`, to be sent from `now` on.
    pub fn mail(occasion: Occasion, rma: RmaNumber, event: u64, now: Timestamp) -> NewJob {
        NewJob::new(occasion.mail_job(), &json!(Self { rma, event: Some(event) }), now.as_millisecond())
    }
}

impl LoginCode {
    /// The mail with this code, to be sent from `now` (epoch milliseconds) on.
    pub fn mail(&self, now: i64) -> NewJob {
        NewJob::new(Occasion::LoginCode.mail_job(), &json!(self), now)
    }
}
