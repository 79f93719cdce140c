//! How an order's document tells of its contract.

use super::ContractTerms;
use super::document::{OrderDocument, Told};
use super::problem::Problems;
use crate::law::{Concluded, Copy, Informed};

impl Default for ContractTerms {
    /// As a shop on the web that does what it must.
    fn default() -> Self {
        Self {
            concluded: Concluded::Online,
            consumer: true,
            informed: Informed::InTime,
            informed_of_return_cost: true,
            policy_displayed: true,
            copy: Copy::InTime,
            disclosure_defective: false,
        }
    }
}

/// What the document tells; where it tells nothing, a shop did what it must.
pub(super) fn contract_of(document: &OrderDocument, problems: &mut Problems) -> ContractTerms {
    let concluded = match document.concluded.as_deref().map(str::trim).filter(|told| !told.is_empty()) {
        None => by_channel(document.channel.as_deref()),
        Some("online") => Concluded::Online,
        Some("distance") => Concluded::Distance,
        Some("off_premises") => Concluded::OffPremises,
        Some("premises") => Concluded::Premises,
        Some(other) => {
            problems.add("concluded", format!("`{other}` is not one of online, distance, off_premises, premises"));
            Concluded::Online
        }
    };
    let mut plausible = |field: &str, told: Option<Told>| match told {
        Some(Told::On(day)) if !(1990..2100).contains(&day.year()) => {
            problems.add(field, format!("{day} is not between 1990 and 2100: two digits of a year, a zero or a slip?"));
            None
        }
        told => told,
    };
    let informed = match plausible("informed_of_withdrawal", document.informed_of_withdrawal) {
        None | Some(Told::Yes(true)) => Informed::InTime,
        Some(Told::Yes(false)) => Informed::Never,
        Some(Told::On(day)) => Informed::Late(day),
    };
    let copy = match plausible("contract_copy", document.contract_copy) {
        None | Some(Told::Yes(true)) => Copy::InTime,
        Some(Told::Yes(false)) => Copy::Never,
        Some(Told::On(day)) => Copy::On(day),
    };
    ContractTerms {
        concluded,
        consumer: document.consumer.unwrap_or(true),
        informed,
        informed_of_return_cost: document.informed_of_return_cost.unwrap_or(informed == Informed::InTime),
        policy_displayed: document.policy_displayed.unwrap_or(true),
        copy,
        disclosure_defective: document.disclosure_defective.unwrap_or(false),
    }
}

/// Where it was bought says how, unless the shop says otherwise.
fn by_channel(channel: Option<&str>) -> Concluded {
    let channel = channel.unwrap_or_default().trim().to_ascii_lowercase();
    match channel.as_str() {
        "store" | "shop" | "pos" | "counter" | "retail" | "in_store" | "in-store" | "offline" => Concluded::Premises,
        "phone" | "telephone" | "mail" | "fax" => Concluded::Distance,
        _ => Concluded::Online,
    }
}
