//! What a right to withdraw does not hold for, and what kind of goods each exception is about.

use super::data::{ExceptionEffect, ExceptionLaw, Law};
use super::facts::{Facts, Goods, State};
use crate::ids::Code;

/// Kinds of goods as orders tell them, with the codes of exceptions they could fall under. A code itself is a kind too.
const KINDS: &[(&str, &[&str])] = &[
    ("personalised", &["custom_made_or_personalised"]),
    ("sealed_hygiene", &["sealed_hygiene_unsealed"]),
    ("sealed_media", &["sealed_media_or_software_unsealed"]),
    ("digital", &["digital_content_started", "digital_content_downloaded"]),
    ("newspaper", &["newspaper_periodical"]),
    ("dated_service", &["dated_accommodation_transport_catering_leisure"]),
    ("grocery_delivery", &["food_and_daily_consumption_home_delivery"]),
    ("value_loss_on_activation", &["value_loss_on_activation_or_trial"]),
    // A mattress is no such thing: it keeps its right when unwrapped (CJEU C-681/17).
    ("mattress", &[]),
];

/// Whether goods of the kinds `told` could fall under the exception `code`.
fn could_be(told: &[Code], code: &str) -> bool {
    told.iter()
        .map(Code::as_str)
        .any(|kind| same(kind, code) || KINDS.iter().any(|(named, codes)| same(kind, named) && codes.contains(&code)))
}

/// Codes are written with `_` by laws and with `-` or `_` by shops.
fn same(kind: &str, code: &str) -> bool {
    kind.len() == code.len() && kind.bytes().zip(code.bytes()).all(|(a, b)| a == b || a == b'-' && b == b'_')
}

/// What an exception comes to for some goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception<'l> {
    /// None holds.
    None,
    /// That one holds.
    Holds(&'l str),
    /// That one may hold; a person must find out.
    Perhaps(&'l str),
}

/// The exception that holds for a line; of several the first that surely does.
pub(super) fn exception<'l>(law: &'l Law, facts: &Facts<'_>) -> Exception<'l> {
    // Of goods of no special kind, in the state they came in, nothing is excepted.
    if facts.goods.kinds.is_empty() && matches!(facts.goods.state, State::Intact | State::Untold) {
        return Exception::None;
    }
    let mut perhaps = Exception::None;
    for known in &law.exceptions {
        let found = match holds(known, facts) {
            Holds::No => continue,
            // What was not read anywhere excludes nothing by itself.
            Holds::Yes if law.source(&format!("exceptions.{}", known.code)).is_some() => return Exception::Holds(&known.code),
            Holds::Yes | Holds::Perhaps => Exception::Perhaps(&known.code),
        };
        if perhaps == Exception::None {
            perhaps = found;
        }
    }
    match (intact(law, facts), perhaps) {
        (Holds::No, perhaps) => perhaps,
        (Holds::Yes, _) => Exception::Holds(NOT_INTACT),
        (Holds::Perhaps, Exception::None) => Exception::Perhaps(NOT_INTACT),
        (Holds::Perhaps, perhaps) => perhaps,
    }
}

/// Goods must come back as they were.
const NOT_INTACT: &str = "goods_not_intact";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    No,
    Yes,
    Perhaps,
}

fn holds(known: &ExceptionLaw, facts: &Facts<'_>) -> Holds {
    let goods = &facts.goods;
    match known.code.as_str() {
        "merchant_policy_displayed" | "none_in_statute" => return Holds::No,
        "lost_or_damaged_by_consumer" => return state_says(goods, &[State::Broken]),
        "value_materially_reduced_by_use" => return state_says(goods, &[State::Used]),
        _ => {}
    }
    if !could_be(goods.kinds, &known.code) {
        return Holds::No;
    }
    let act = match known.code.as_str() {
        "sealed_hygiene_unsealed" | "sealed_media_or_software_unsealed" => unsealed(goods),
        "digital_content_started" => started(goods),
        _ => Holds::Yes,
    };
    let agreed = match (known.effect, goods.exclusion_confirmed) {
        (ExceptionEffect::None, _) => Holds::No,
        // What the law wants agreed for this purchase must have been.
        (ExceptionEffect::ExcludableWithConfirmation | ExceptionEffect::ExcludableWithConsent, Some(true)) => Holds::Yes,
        (ExceptionEffect::ExcludableWithConfirmation | ExceptionEffect::ExcludableWithConsent, _) => Holds::No,
        (ExceptionEffect::ExcludableWithNotice, Some(false)) => Holds::No,
        (ExceptionEffect::ExcludableWithNotice, None) if !facts.policy_displayed => Holds::No,
        _ => Holds::Yes,
    };
    match (act, agreed) {
        (Holds::No, _) | (_, Holds::No) => Holds::No,
        (Holds::Yes, Holds::Yes) => Holds::Yes,
        _ => Holds::Perhaps,
    }
}

/// Goods that were sealed, and are not any more. Who opened the parcel has not broken a seal yet.
fn unsealed(goods: &Goods<'_>) -> Holds {
    match (goods.sealed_on_delivery, goods.seal_broken) {
        (Some(false), _) | (_, Some(false)) => Holds::No,
        (_, Some(true)) => Holds::Yes,
        (_, None) => Holds::Perhaps,
    }
}

/// Content that was begun, as the customer had agreed and was confirmed: all three, or the right stays.
fn started(goods: &Goods<'_>) -> Holds {
    match goods.digital {
        None => Holds::Perhaps,
        Some(digital) if digital.started && digital.consented && digital.confirmed => Holds::Yes,
        Some(_) => Holds::No,
    }
}

/// Whose doing a state is, and how much it takes off the value, only a person can say.
fn state_says(goods: &Goods<'_>, states: &[State]) -> Holds {
    if states.contains(&goods.state) { Holds::Perhaps } else { Holds::No }
}

/// Where the right hangs on goods being whole.
fn intact(law: &Law, facts: &Facts<'_>) -> Holds {
    if law.diminished_value.intact_required != Some(true) {
        return Holds::No;
    }
    let sourced = law.is_sourced(&["diminished_value.intact_required"]);
    match facts.goods.state {
        State::Intact | State::Untold => Holds::No,
        State::Broken if sourced => Holds::Yes,
        // To try it out is no use of it; where one ends and the other begins, a person sees.
        State::Used | State::Broken => Holds::Perhaps,
    }
}
