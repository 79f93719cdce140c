//! What came to the customer in exchange: it stands in the place of what was bought, and may come back in its place.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Order, OrderLine};
use crate::ids::LineId;
use crate::money::share;
use crate::rma::RmaNumber;

/// What goes out in place of money, as a shop's order names it: a return and its remedy there, `R-7KQ4-M2XD/m1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyRef {
    pub rma: RmaNumber,
    /// Its name in the return.
    pub remedy: String,
}

/// A text that names no remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a return's number and its remedy's name, such as `R-7KQ4-M2XD/m1`")]
pub struct NoRemedy;

impl fmt::Display for RemedyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.rma, self.remedy)
    }
}

impl FromStr for RemedyRef {
    type Err = NoRemedy;

    fn from_str(text: &str) -> Result<Self, NoRemedy> {
        let (rma, remedy) = text.trim().rsplit_once(['/', ':', ' ']).ok_or(NoRemedy)?;
        let remedy = remedy.trim().to_ascii_lowercase();
        let number = remedy.strip_prefix('m').and_then(|digits| digits.parse::<u32>().ok()).filter(|number| *number > 0);
        let remedy = format!("m{}", number.ok_or(NoRemedy)?);
        Ok(Self { rma: rma.trim().parse().map_err(|_| NoRemedy)?, remedy })
    }
}

/// Units that came in exchange for units of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Successor {
    /// As something that can come back, under a name of its own.
    pub line: OrderLine,
    /// The line of the order in whose place it stands, in the books.
    pub of: LineId,
    /// List price of one unit by which it was priced; nothing where it was not known.
    pub price: Option<i64>,
    pub shipped_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
}

impl Order {
    /// Its lines, and what came in exchange for them.
    pub fn items(&self) -> impl Iterator<Item = &OrderLine> {
        self.lines.iter().chain(self.exchanged.iter().map(|successor| &successor.line))
    }

    /// What came in exchange, by its name.
    pub fn successor(&self, id: &LineId) -> Option<&Successor> {
        self.exchanged.iter().find(|successor| successor.line.id == *id)
    }

    /// The name in the books of what is called so: that of the line in whose place it stands.
    pub fn in_books<'o>(&'o self, id: &'o LineId) -> &'o LineId {
        self.successor(id).map_or(id, |successor| &successor.of)
    }

    /// The line that was bought, of what came in exchange for it; nothing of what was bought itself.
    pub fn came_for(&self, id: &LineId) -> Option<&OrderLine> {
        self.successor(id).and_then(|successor| self.bought(&successor.of))
    }

    /// The line that was bought, of itself or of what came in exchange for it.
    pub fn bought(&self, id: &LineId) -> Option<&OrderLine> {
        let id = self.in_books(id);
        self.lines.iter().find(|line| line.id == *id)
    }
}

impl OrderLine {
    /// Another product that stands in the place of `units` of it, at a list price: with this line's discount at its rate, never more than these units had,
    /// and its tax.
    pub fn exchanged_for(&self, units: u32, price: Option<i64>) -> Self {
        let mut new = self.clone();
        let part = |amount: i64| share(amount, i64::from(units), i64::from(self.quantity.max(1)));
        let (gross, had) = (self.unit_price.saturating_mul(i64::from(self.quantity)), part(self.discount));
        (new.quantity, new.unit_price) = (units, price.unwrap_or(self.unit_price));
        let list = new.unit_price.saturating_mul(i64::from(units));
        new.discount = if gross > 0 { share(self.discount, list, gross).min(had) } else { 0 };
        let net = self.net();
        new.tax = if net > 0 { share(self.tax, list - new.discount, net) } else { part(self.tax) };
        // These are of what was bought.
        (new.gift_with, new.batch, new.serials) = (None, None, Vec::new());
        (new.image, new.weight_grams, new.exclusion_confirmed, new.final_sale) = (None, None, None, false);
        new
    }
}
