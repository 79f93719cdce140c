//! Settings of credit in the shop.

use domain::credit_term::{EndsIn, MOST_MONTHS};
use serde::Deserialize;

/// Whether, where and when credit ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreditTerms {
    /// Months from when it was given; 0: never.
    pub ends_after_months: u32,
    /// Places where it does.
    pub ends_in: Vec<EndsIn>,
}

impl CreditTerms {
    /// Whether any credit ends.
    pub fn ends(&self) -> bool {
        self.ends_after_months > 0 && !self.ends_in.is_empty()
    }

    /// The setting that is wrong, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.ends_after_months > MOST_MONTHS {
            return Err(("credit.ends_after_months", "is at most 1200; 0: never"));
        }
        if (self.ends_after_months > 0) == self.ends_in.is_empty() {
            return Err(("credit.ends_in", "goes with credit.ends_after_months: both, or neither"));
        }
        Ok(())
    }
}
