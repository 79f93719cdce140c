//! What a list shows of a return.

use domain::ids::{Code, CountryCode};
use domain::returns::{Return, Status};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

/// A return in a list of people at work.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub rma: RmaNumber,
    pub status: Status,
    /// What commands from the list are given for.
    pub version: u64,
    pub opened_at: Timestamp,
    /// The customer's name.
    pub customer: Option<String>,
    /// The first item's name.
    pub item: String,
    /// How many lines there are.
    pub lines: usize,
    /// Why the first item comes back.
    pub reason: Option<Code>,
    /// Where it comes from.
    pub country: Option<CountryCode>,
    pub channel: Code,
    /// What the customer reads.
    pub language: Locale,
}

impl From<&Return> for Head {
    fn from(request: &Return) -> Self {
        let first = request.lines.first().map(|line| &line.asked);
        Self {
            rma: request.rma,
            status: request.status(),
            version: request.version,
            opened_at: request.opened_at,
            customer: request.contact.name.clone(),
            item: first.map(|asked| asked.name.clone()).unwrap_or_default(),
            lines: request.lines.len(),
            reason: first.map(|asked| asked.reason.clone()),
            country: request.from.as_ref().and_then(|from| from.country),
            channel: request.channel.clone(),
            language: request.locale,
        }
    }
}
