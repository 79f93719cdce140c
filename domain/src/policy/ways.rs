//! What ways back cost.

use super::document::Rule;
use super::effects::{MethodEffect, MethodOffer, Payer};
use super::known::Known;
use super::resolution::Method;
use super::verdict::LineVerdict;

/// Methods with what is taken for each, in minor units: `flat`, where a rule of freight names it. And whether none of those offered has a
/// price in the order's currency: all of them are offered then, at nothing, and a person says what they cost. Dangerous goods go by none
/// that has our plain label: they are brought, or the shop says how they travel, which costs nothing that nobody named (N22).
pub(super) fn ways(rule: Option<&Rule<MethodEffect>>, known: &Known<'_>, payer: Payer, flat: Option<i64>) -> (Vec<(Method, i64)>, bool) {
    let dangerous = known.danger().is_some();
    let arranged = dangerous.then_some((Method::Arranged, 0));
    let Some(rule) = rule else {
        return (vec![arranged.unwrap_or((Method::SelfShip, flat.unwrap_or(0)))], false);
    };
    let price = |offer: &MethodOffer| match (&offer.price, payer) {
        (_, Payer::Merchant) => Some(0),
        (_, Payer::Customer) if flat.is_some() => flat,
        (None, Payer::Customer) => Some(0),
        // A way we cannot price in this currency is not offered.
        (Some(price), Payer::Customer) => price.in_currency(known.order.currency),
    };
    let offered = || rule.then.offer.iter().filter(|offer| !(dangerous && offer.method.is_by_parcel()));
    let priced: Vec<(Method, i64)> = offered().filter_map(|offer| Some((offer.method, price(offer)?))).chain(arranged).collect();
    if priced.is_empty() { (offered().map(|offer| (offer.method, 0)).collect(), true) } else { (priced, false) }
}

/// Whether it can come back that way. What the shop sees to may bring along whatever is in the same return.
pub(super) fn allows(methods: &[(Method, i64)], method: Method) -> bool {
    method == Method::Arranged || methods.iter().any(|(offered, _)| *offered == method)
}

/// Whether a person must see to the transport: of goods that come back, and by no other way.
pub(super) fn is_arranged(said: &LineVerdict<'_>, known: &Known<'_>) -> bool {
    said.danger.is_some()
        && known.resolution.is_none_or(super::resolution::Resolution::sends_back)
        && known.case.method.map_or_else(|| said.methods.iter().all(|(way, _)| *way == Method::Arranged), |way| way == Method::Arranged)
}
