//! What a story leaves to be done afterwards, and what it is told. `jobs` does it.

use app::messages::Occasion;
use domain::ids::EmailAddress;
use domain::returns::StockState;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::store::NewJob;

/// A kind of job that is not one of the catalogue's mails. Its code, as stored, begins with the name of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Buy a label that is wanted.
    LabelBuy,
    /// Call labels off that were bought.
    LabelVoid,
    /// Have money given back by a gateway.
    RefundPay,
    /// Open the return of a withdrawal.
    WithdrawalOpen,
    /// Acknowledge that a withdrawal was received.
    MailWithdrawalReceived,
    /// Tell the contact of an order that somebody with another address withdrew from it.
    MailWithdrawalTold,
    /// Tell whoever works in the warehouse that too many units lie so.
    MailStockAlert,
    /// Tell whoever works in the warehouse what is on its way to them.
    MailGoodsComing,
    /// Do to one of many cases what was chosen for all of them.
    BulkOne,
    /// Take silence for an answer.
    OfferLapse,
    /// Tell one of the shop's servers of something that happened.
    WebhookSend,
    /// Send a text of what a message says.
    TextSend,
    /// Delete the files of a customer who was erased.
    EraseFiles,
}

impl JobKind {
    pub const ALL: &[Self] = &[
        Self::LabelBuy,
        Self::LabelVoid,
        Self::RefundPay,
        Self::WithdrawalOpen,
        Self::MailWithdrawalReceived,
        Self::MailWithdrawalTold,
        Self::MailStockAlert,
        Self::MailGoodsComing,
        Self::BulkOne,
        Self::OfferLapse,
        Self::WebhookSend,
        Self::TextSend,
        Self::EraseFiles,
    ];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LabelBuy => "label.buy",
            Self::LabelVoid => "label.void",
            Self::RefundPay => "refund.pay",
            Self::WithdrawalOpen => "withdrawal.open",
            Self::MailWithdrawalReceived => "mail.withdrawal_received",
            Self::MailWithdrawalTold => "mail.withdrawal_told",
            Self::MailStockAlert => "mail.stock_alert",
            Self::MailGoodsComing => "mail.goods_coming",
            Self::BulkOne => "bulk.one",
            Self::OfferLapse => "rule.offer_lapse",
            Self::WebhookSend => "webhook.send",
            Self::TextSend => "sms.send",
            Self::EraseFiles => "erase.files",
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

/// What a job about money that was given beside returns is told: its name, and nothing of anybody's.
#[derive(Serialize, Deserialize)]
pub struct AboutConcession {
    /// The concession.
    pub id: String,
}

/// What a job about credit that ends is told: its entry in the ledger, and nothing of anybody's.
#[derive(Serialize, Deserialize)]
pub struct AboutCredit {
    /// The entry that ends.
    pub entry: String,
}

/// What a job about something that was given on top is told: its name, and nothing of anybody's.
#[derive(Serialize, Deserialize)]
pub struct AboutCompensation {
    /// The gift.
    pub id: String,
}

/// What a job about a withdrawal is told: its number, and nothing of anybody's.
#[derive(Serialize, Deserialize)]
pub struct AboutWithdrawal {
    /// The withdrawal.
    pub id: String,
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

/// What the mail about a limit that was reached is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StockAlert {
    /// To whom, as they are called here.
    pub to: EmailAddress,
    pub name: String,
    /// Where; nothing: in all warehouses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// Of what; nothing: of everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    pub state: StockState,
    /// From so many units on.
    pub units: i64,
    /// So many lie so.
    pub lie: i64,
}

/// What the mail about goods on their way is told: nothing of whoever sends them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoodsComing {
    /// To whom, as they are called here.
    pub to: EmailAddress,
    pub name: String,
    /// The earliest first.
    pub parcels: Vec<OneComing>,
    /// So many beside them.
    pub more: u64,
}

/// A parcel on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneComing {
    pub rma: RmaNumber,
    /// It should be here until then.
    pub by: Timestamp,
    /// What is in it: name and units.
    pub items: Vec<(String, u32)>,
}

impl StockAlert {
    /// The mail with this, to be sent from `now` (epoch milliseconds) on.
    pub fn mail(&self, now: i64) -> NewJob {
        NewJob::new(JobKind::MailStockAlert.code(), &json!(self), now)
    }
}

impl AboutReturn {
    /// A job of that code about a return, because of its event number `event`, to be done from `now` on.
    pub fn job(code: &'static str, rma: RmaNumber, event: u64, now: Timestamp) -> NewJob {
        NewJob::new(code, &json!(Self { rma, event: Some(event) }), now.as_millisecond()).about(rma.to_string())
    }
}

impl AboutWithdrawal {
    /// A job of that kind about a withdrawal, to be done from `at` (epoch milliseconds) on.
    pub fn job(kind: JobKind, id: &str, at: i64) -> NewJob {
        NewJob::new(kind.code(), &json!(Self { id: id.to_owned() }), at)
    }
}

impl LoginCode {
    /// The mail with this code, to be sent from `now` (epoch milliseconds) on.
    pub fn mail(&self, now: i64) -> NewJob {
        NewJob::new(Occasion::LoginCode.mail_job(), &json!(self), now)
    }
}
