//! What a story leaves to be done afterwards: the kinds of jobs in the outbox, and what each is told. `jobs` does them.

use domain::ids::EmailAddress;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::store::NewJob;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// A kind of job. Its code, as stored, begins with the name of its queue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum JobKind { $($(#[$doc])* $name),+ }

        impl JobKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As stored.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

kinds! {
    /// Mail: we have your return.
    MailReturnOpened = "mail.return_opened",
    /// Mail: it was changed, or has a new label.
    MailReturnChanged = "mail.return_changed",
    /// Mail: it was called off.
    MailReturnCancelled = "mail.return_cancelled",
    /// Mail: a code that opens all orders.
    MailLoginCode = "mail.login_code",
    /// Buy a label that is wanted.
    LabelBuy = "label.buy",
    /// Call labels off that were bought.
    LabelVoid = "label.void",
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
    pub locale: Locale,
    /// Works until then, epoch milliseconds.
    pub until: i64,
}

impl JobKind {
    /// What is to be done about a return because of its event number `event`, from `now` on.
    pub fn about(self, rma: RmaNumber, event: u64, now: Timestamp) -> NewJob {
        NewJob::new(self.code(), &json!(AboutReturn { rma, event: Some(event) }), now.as_millisecond())
    }
}

impl LoginCode {
    /// The mail with this code, to be sent from `now` (epoch milliseconds) on.
    pub fn mail(&self, now: i64) -> NewJob {
        NewJob::new(JobKind::MailLoginCode.code(), &json!(self), now)
    }
}
