//! What is on a label.

use app::say::Say;
use domain::order::Address;
use domain::policy::Method;
use domain::returns::Pickup;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::codes::Bars;
use super::error::LabelError;

/// Everything on a label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Language, dates.
    pub say: Say,
    /// The shop's name in that language.
    pub shop: String,
    /// The shop's phone: some carriers call before they deliver.
    pub phone: Option<String>,
    /// Where the parcel goes.
    pub to: Address,
    /// Where it comes from.
    pub from: Option<Address>,
    /// The return.
    pub rma: RmaNumber,
    /// The parcel's number.
    pub tracking_number: String,
    /// The number is a serial shipping container code: its bar code is GS1-128.
    pub sscc: bool,
    /// How it travels.
    pub method: Method,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// The label works until then.
    pub expires_at: Timestamp,
    /// What is in the parcel.
    pub contents: Vec<Content>,
    /// The return's page, for the QR code.
    pub address: String,
}

/// Some units of a product in the parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Product.
    pub name: String,
    /// Size, colour.
    pub variant: Option<String>,
    /// Units.
    pub units: u32,
}

impl Label {
    /// The parcel's number as bars.
    pub(super) fn bars(&self) -> Result<Bars, LabelError> {
        if self.sscc { Bars::gs1_128(&self.tracking_number) } else { Bars::code_128(&self.tracking_number) }
    }

    /// The lines of the address the parcel goes to. Across a border its country is named, whatever its country's habit.
    pub fn to_lines(&self) -> Vec<String> {
        let mut lines = self.say.f.address(&self.to);
        if let (Some(to), Some(from)) = (self.to.country, self.from.as_ref().and_then(|from| from.country))
            && to != from
            && lines.last().is_none_or(|last| *last != to.to_string())
        {
            lines.push(to.to_string());
        }
        lines
    }
}
