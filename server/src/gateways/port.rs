//! The port to a gateway.

use async_trait::async_trait;
use domain::money::Currency;
use domain::words::Locale;

/// Money that is to go back to the payment it came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundAsk {
    /// Our name for it, the same however often it is asked for: `R-7KQ4-M2XD-p1`.
    pub id: String,
    /// The gateway's name for the payment.
    pub payment: String,
    /// Minor units; above 0.
    pub amount: i64,
    /// The payment's.
    pub currency: Currency,
    /// The order that was paid, for whoever reads along there.
    pub order: String,
    /// The return.
    pub rma: String,
}

/// A refund as the gateway has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Its name for it.
    pub reference: String,
    /// How it stands.
    pub state: RefundState,
    /// Why it failed or waits, in the gateway's word for it.
    pub reason: Option<String>,
    /// Minor units, as ours.
    pub amount: i64,
    pub currency: Currency,
}

/// How a refund stands with its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// It is on its way.
    Pending,
    /// The customer has to do something first.
    RequiresAction,
    /// The money has left. It may still come back.
    Succeeded,
    /// The money did not leave, or came back.
    Failed,
    /// It was called off.
    Canceled,
}

/// What a customer is to pay on a page of the gateway's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutAsk {
    /// Our name for it, the same however often it is asked for: `R-7KQ4-M2XD-d1`.
    pub id: String,
    /// Minor units; above 0.
    pub amount: i64,
    pub currency: Currency,
    /// The order whose money it is, for whoever reads along there.
    pub order: String,
    /// The return.
    pub rma: String,
    /// What it is for, in the customer's words.
    pub what: String,
    /// Where the browser comes back to.
    pub back: String,
    /// The page's language.
    pub locale: Locale,
    /// Nobody can pay there after that, epoch seconds by the true clock: half an hour to a day from now.
    pub until: i64,
}

/// A page on which a customer pays, as the gateway has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The gateway's name for it.
    pub reference: String,
    pub state: CheckoutState,
    /// The gateway's name for the payment, once there is one.
    pub payment: Option<String>,
    /// Minor units, as ours.
    pub amount: i64,
    pub currency: Currency,
    /// Where it is, while somebody can pay there.
    pub url: Option<String>,
}

/// How a page stands on which a customer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutState {
    Open,
    /// The customer is done, and the money is on its way.
    Waiting,
    Paid,
    /// The money did not come.
    Failed,
    Expired,
}

/// Why a gateway did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It may do it later, or has done it and its answer was lost.
    #[error("{0}")]
    Passing(String),
    /// It will never do it.
    #[error("{code}: {message}")]
    Permanent {
        /// The gateway's word for why, or ours where it was not asked.
        code: String,
        /// In its own words, for people at work.
        message: String,
    },
}

impl GatewayError {
    /// It will never do it.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Permanent { code: code.into(), message: message.into() }
    }
}

/// A gateway. It is asked by jobs, never while the database waits.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Whether a payment of that name is one of its own.
    fn knows(&self, payment: &str) -> bool;

    /// Gives money back. Asked again by the same `id` within a day it answers what it did then, and does nothing; later [`Gateway::find`] goes before.
    async fn refund(&self, ask: &RefundAsk) -> Result<Refunded, GatewayError>;

    /// What was done by that `id`, without doing anything.
    async fn find(&self, ask: &RefundAsk) -> Result<Option<Refunded>, GatewayError>;

    /// A page on which a customer pays. Asked for again by the same `id` and words within a day it answers with the same page.
    async fn checkout(&self, ask: &CheckoutAsk) -> Result<Checkout, GatewayError>;

    /// How a page stands that the gateway calls so.
    async fn checkout_of(&self, reference: &str) -> Result<Checkout, GatewayError>;

    /// Has nobody pay there any more. What was paid before stays paid: refused for good then.
    async fn end_checkout(&self, reference: &str) -> Result<Checkout, GatewayError>;
}
