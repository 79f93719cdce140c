//! What is filled in to withdraw.

use domain::ids::{EmailAddress, LineKey};
use domain::plain::{LONGEST_NAME, one_line};
use domain::withdrawal::{LONGEST_ITEMS, LONGEST_ORDER};

use crate::forms::{Fields, noted};
use crate::ports::{ItemHead, Mistake, Noted};
use crate::ui::units_meant;

/// "Continue": the statement as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementTyped {
    pub name: String,
    /// A number, or what stands in its place.
    pub order: String,
    /// As typed; empty where the order's own address is meant.
    pub email: String,
    /// Not the whole order.
    pub some: bool,
    /// Items, where they are known, with how many units of each.
    pub items: Vec<(LineKey, u32)>,
    /// Items in their own words.
    pub words: String,
}

impl StatementTyped {
    pub(super) const NAME: &str = "withdraw_name";
    pub const ORDER: &str = "withdraw_order";
    pub(super) const EMAIL: &str = "withdraw_email";
    pub(super) const WHAT: &str = "withdraw_what";
    pub(super) const SOME: &str = "some";
    pub(super) const WORDS: &str = "withdraw_items";

    /// Reads it. `known`: items of the order, where it is theirs; `reached`: whose address is known, so that none need be typed.
    #[must_use]
    pub fn parse(fields: &Fields, known: &[ItemHead], reached: bool) -> (Self, Vec<Noted>) {
        let line = |field: &str, most: usize| one_line(fields.get(field), most);
        let typed = Self {
            name: line(Self::NAME, LONGEST_NAME),
            order: line(Self::ORDER, LONGEST_ORDER),
            email: fields.short(Self::EMAIL),
            some: fields.get(Self::WHAT) == Self::SOME,
            items: known.iter().filter_map(|head| chosen(fields, head)).collect(),
            words: line(Self::WORDS, LONGEST_ITEMS),
        };
        let mut mistakes = Vec::new();
        if typed.name.is_empty() {
            mistakes.push(noted(Self::NAME, Mistake::WithdrawNameMissing));
        }
        if typed.order.is_empty() {
            mistakes.push(noted(Self::ORDER, Mistake::WithdrawOrderMissing));
        }
        if !(reached && typed.email.is_empty()) && typed.email.parse::<EmailAddress>().is_err() {
            mistakes.push(noted(Self::EMAIL, Mistake::EmailForm));
        }
        if typed.some && typed.items.is_empty() && typed.words.is_empty() {
            mistakes.push(noted(Self::WORDS, Mistake::WithdrawItemsMissing));
        }
        (typed, mistakes)
    }
}

/// Of more units than there are, those there are.
fn chosen(fields: &Fields, head: &ItemHead) -> Option<(LineKey, u32)> {
    let units = units_meant(fields, &head.key, head.units)?;
    Some((head.key.clone(), units.clamp(1, head.units.max(1))))
}
