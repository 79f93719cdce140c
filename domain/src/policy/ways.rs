//! What ways back cost.

use super::document::Rule;
use super::effects::{MethodEffect, MethodOffer, Payer};
use super::known::Known;
use super::resolution::Method;

/// Methods with what is taken for each, in minor units: `flat`, where a rule of freight names it. And whether none of those offered has a
/// price in the order's currency: all of them are offered then, at nothing, and a person says what they cost.
pub(super) fn ways(rule: Option<&Rule<MethodEffect>>, known: &Known<'_>, payer: Payer, flat: Option<i64>) -> (Vec<(Method, i64)>, bool) {
    let Some(rule) = rule else {
        return (vec![(Method::SelfShip, flat.unwrap_or(0))], false);
    };
    let price = |offer: &MethodOffer| match (&offer.price, payer) {
        (_, Payer::Merchant) => Some(0),
        (_, Payer::Customer) if flat.is_some() => flat,
        (None, Payer::Customer) => Some(0),
        // A way we cannot price in this currency is not offered.
        (Some(price), Payer::Customer) => price.in_currency(known.order.currency),
    };
    let priced: Vec<(Method, i64)> = rule.then.offer.iter().filter_map(|offer| Some((offer.method, price(offer)?))).collect();
    if priced.is_empty() { (rule.then.offer.iter().map(|offer| (offer.method, 0)).collect(), true) } else { (priced, false) }
}
