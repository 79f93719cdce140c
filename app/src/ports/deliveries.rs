//! What the page of deliveries shows.

use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Rail;
use crate::messages::Occasion;

/// By what something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Text,
    Webhook,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Mail, Self::Text, Self::Webhook];

    /// As its queue is called.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "sms",
            Self::Webhook => "webhook",
        }
    }
}

/// `/staff/settings/deliveries`
#[derive(Clone, Debug)]
pub struct DeliveriesPage {
    pub rail: Rail,
    /// Channel, how much waits, how much was given up.
    pub channels: Vec<(Channel, u64, u64)>,
    /// Only of this one.
    pub channel: Option<Channel>,
    /// The latest first.
    pub failed: Vec<FailedView>,
    /// The last of these, where there are more.
    pub older: Option<String>,
    /// The shop's servers that are told nothing any more: name, and why.
    pub off: Vec<(String, String)>,
}

/// Something that did not arrive.
#[derive(Clone, Debug)]
pub struct FailedView {
    pub id: String,
    pub channel: Channel,
    /// What it tells, where it is one of the catalogue.
    pub occasion: Option<Occasion>,
    /// Else as its kind, or the message, is called.
    pub named: String,
    pub rma: Option<RmaNumber>,
    /// The webhook it was for.
    pub hook: Option<String>,
    pub tries: u64,
    /// When it was given up.
    pub at: Timestamp,
    pub why: String,
    /// It can be sent again.
    pub can_again: bool,
}
