//! What is on a label.

use app::say::Say;
use domain::ids::CountryCode;
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
    /// The same in Latin letters, for carriers of other countries.
    pub to_latin: Option<Address>,
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

    /// The country the parcel goes to, where that is another than it comes from.
    fn abroad(&self) -> Option<CountryCode> {
        let from = self.from.as_ref().and_then(|from| from.country)?;
        self.to.country.filter(|to| *to != from)
    }

    /// The lines of the address the parcel goes to. Across a border as the Universal Postal Union has it (Convention Regulations, "Addressing"):
    /// in Latin letters, where the shop told them, and last the country in capitals, in a language known everywhere.
    pub fn to_lines(&self) -> Vec<String> {
        let to = if self.abroad().is_some() { self.to_latin.as_ref().unwrap_or(&self.to) } else { &self.to };
        let country = self.abroad().map(|country| country.name().to_uppercase());
        self.say.f.address_within(to).into_iter().chain(country).collect()
    }

    /// For who brings it there: the address as it is written at home, where [`Label::to_lines`] has it in other letters.
    pub(super) fn to_at_home(&self) -> Option<Vec<String>> {
        let other = self.abroad().is_some() && self.to_latin.is_some();
        other.then(|| self.say.f.address_within(&self.to)).filter(|lines| !lines.is_empty())
    }

    /// Where it comes from: the name first, whatever the country's habit; then the place, with its country where it leaves that.
    pub(super) fn sender_lines(&self) -> Option<(Vec<String>, Vec<String>)> {
        let from = self.from.as_ref()?;
        let (name, mut place): (Vec<_>, Vec<_>) =
            self.say.f.address_within(from).into_iter().partition(|line| from.name.as_ref() == Some(line));
        place.extend(from.country.filter(|_| self.abroad().is_some()).map(|country| country.name().to_uppercase()));
        Some((name, place))
    }
}
