//! What forms send. Each form is a type beside its page: it holds the names of its fields, and reads what was sent as far as it can be taken, with
//! what is wrong with it; both are kept until the page is shown again.

use domain::ids::LineKey;
use domain::money::{Amount, Currency};
use domain::returns::{Command, Return};

use crate::ports::{Mistake, Noted, Told};

/// More than any number, name or address has; mail addresses have at most 254 characters.
const SHORT: usize = 300;

/// Names and values, in order.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// What was sent, without NUL: no database keeps it, and nobody typed it.
    pub fn sent(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let without = |text: String| if text.contains('\0') { text.replace('\0', "") } else { text };
        Self(fields.into_iter().map(|(name, value)| (without(name), without(value))).collect())
    }

    /// The value of a field, trimmed; empty where it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The values of a field that may be sent several times, trimmed.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The beginning of a field that is kept as it was typed: 300 characters.
    #[must_use]
    pub fn short(&self, name: &str) -> String {
        self.get(name).chars().take(SHORT).collect()
    }

    /// A secret of a field, all of it: it may begin or end with a space.
    #[must_use]
    pub fn secret(&self, name: &str) -> String {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// An amount of that currency. Comma and point both begin decimals; more digits behind one than the currency has stand for thousands: a thousand is
    /// not one.
    pub fn amount(&self, name: &str, currency: Currency) -> Result<Amount, Noted> {
        let text = self.get(name).replace(',', ".");
        let decimals = text.rsplit_once('.').map_or(0, |(_, decimals)| decimals.trim().len());
        let read = if decimals > currency.decimals() as usize { None } else { text.parse().ok() };
        read.ok_or_else(|| noted(name, Mistake::StaffAmountForm))
    }

    /// The value of a field, where it was sent and is not empty.
    #[must_use]
    pub fn maybe(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(fields: [(&str, &str); N]) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A form that gives a command on a return.
pub trait CommandForm: Sized + Send + 'static {
    /// The page below the return where it stands.
    const PAGE: &'static str;

    /// The page below the return that comes next; the return's own where nothing is said.
    const NEXT: &'static str = "";

    /// What was sent. A mistake is shown at its field, on the page.
    fn parse(fields: &Fields) -> Result<Self, Noted>;

    /// The command that it is then.
    fn command(self, request: &Return) -> Command;

    /// What was done, of a return as it stands then.
    fn told(request: &Return) -> Told;
}

/// A mistake at a field.
pub fn noted(field: impl Into<String>, mistake: Mistake) -> Noted {
    Noted { field: field.into(), mistake }
}

/// The field of a question that is asked of each item: `reason|10248|2`.
#[must_use]
pub fn of_item(question: &str, item: &LineKey) -> String {
    format!("{question}|{item}")
}
