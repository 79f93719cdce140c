//! What the law gives a consumer who buys goods, as data with its sources: how long a contract can be withdrawn from, who pays what, what
//! must be put right, and what none of this holds for. [`rights`] reads the facts of one line and says it; what a shop's own rules make of
//! it is `policy`'s.
//!
//! Not legal advice. A fact without a public source is *unsettled*: it may lead to a person who decides, never to a refusal.

mod calendar;
mod data;
mod exceptions;
mod facts;
mod read;
mod regions;
mod rights;
mod windows;

#[cfg(test)]
mod tests;

pub use data::{Labels, Law};
pub use facts::{Claim, Concluded, Copy, Digital, Facts, Goods, Informed, State};
#[cfg(test)]
pub use read::all;
pub use read::{Residence, is_in_the_union, labels, law_of, plus_working_days};
pub use rights::{Look, Remedy, Rights, Standing, rights};
