//! What the law asks of a line, from what is known of it.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::known::Known;
use crate::days::{local_day, plus_days};
use crate::ids::Code;
use crate::law::{Claim, Facts, Goods, Law, Residence, State, law_of};
use crate::order::Order;
use crate::reason::Fault;

/// Parcels are not under way for longer.
const LONGEST_WAY: i64 = 365;

/// The law a customer lives under, of the day of their contract.
pub(super) fn law_for(known: &Known<'_>) -> Option<&'static Law> {
    law_of(Residence { country: known.country()?, region: known.region() }, known.ordered)
}

/// Whether it is claimed that something is not as it should be.
pub(super) fn conformity_of(known: &Known<'_>) -> Option<Claim> {
    let reason = known.asked.reason.as_ref()?;
    let faulty = match reason.fault {
        Fault::Merchant => true,
        // Late is late, and nothing is wrong with the goods.
        Fault::Carrier => reason.reason.as_str() != "late",
        Fault::Customer | Fault::Nobody => false,
    };
    let sub = reason.sub_reason.as_ref().map_or("", Code::as_str);
    let not_as_described = reason.reason.as_str() == "wrong_item" || matches!(sub, "not_as_specified" | "missing_accessory");
    (faulty && !reason.never_arrived && !known.case.withdrawal).then_some(Claim::Conformity { not_as_described })
}

/// What the law asks, of a line.
pub(super) struct Gathered<'a> {
    kinds: Cow<'a, [Code]>,
    received: Option<Date>,
    received_all: Option<Date>,
    arrival_guessed: bool,
    today: Date,
    contract: Date,
}

impl<'a> Gathered<'a> {
    pub(super) fn of(known: &Known<'a>, law: &Law) -> Self {
        let order = known.order;
        let zone = law.zone(known.region());
        let today = local_day(known.now, zone);
        // Where nothing is told the shop's own guess is as good as any; before that day it has not come.
        let guess = known.arrived;
        let guessed = |arrived: Date| (arrived < today).then_some(arrived);
        let arrival = order.delivered_at(&known.line.id).map(|time| local_day(time, zone));
        // One parcel for all is the usual.
        let exchanged = order.successor(&known.line.id).is_some();
        let at_once = exchanged || matches!(order.deliveries.as_slice(), [only] if only.lines.is_empty()) && arrival.is_some();
        let undelivered = !at_once && order.lines.iter().any(|line| order.delivered_at(&line.id).is_none());
        let last = if at_once { arrival } else { last_arrival(order, zone) };
        // Of the rest of the order, too, nobody may have told.
        let rest = plus_days(known.ordered, i64::from(known.shop.assumed_transit_days));
        let received_all = match (undelivered, last) {
            (false, last) => last,
            (true, None) => guessed(guess),
            (true, Some(last)) if today > plus_days(rest, LONGEST_WAY) => Some(last),
            (true, Some(_)) => None,
        };
        Self {
            kinds: known.kinds(),
            received: arrival.or_else(|| guessed(guess)),
            received_all,
            arrival_guessed: arrival.is_none() || undelivered,
            today,
            contract: local_day(order.placed_at, zone),
        }
    }

    pub(super) fn facts<'f>(&'f self, known: &'f Known<'_>, claim: Claim) -> Facts<'f> {
        let terms = &known.order.contract;
        let (line, asked) = (known.line, known.asked);
        Facts {
            today: self.today,
            region: known.region(),
            consumer: terms.consumer,
            concluded: terms.concluded,
            contract: self.contract,
            informed: terms.informed,
            informed_of_return_cost: terms.informed_of_return_cost,
            policy_displayed: terms.policy_displayed,
            contract_copy: terms.copy,
            disclosure_defective: terms.disclosure_defective,
            received: self.received,
            received_all: self.received_all,
            arrival_guessed: self.arrival_guessed,
            goods: Goods {
                kinds: &self.kinds,
                sealed_on_delivery: line.sealed_on_delivery,
                seal_broken: asked.law.seal_broken.or_else(|| whole(asked.condition.as_ref())),
                digital: line.digital,
                exclusion_confirmed: line.exclusion_confirmed,
                state: state_of(asked.condition.as_ref()),
                repairs: known.repairs(),
            },
            claim,
            known: asked.law.known,
            goods_received: known.case.history.received_back,
        }
    }
}

/// When the last parcel came of which that is known.
fn last_arrival(order: &Order, zone: &TimeZone) -> Option<Date> {
    order.deliveries.iter().filter_map(|delivery| delivery.delivered_at).max().map(|time| local_day(time, zone))
}

/// Nobody breaks the seal of what they did not open.
fn whole(condition: Option<&Code>) -> Option<bool> {
    condition.filter(|condition| condition.as_str() == crate::item::UNOPENED).map(|_| false)
}

fn state_of(condition: Option<&Code>) -> State {
    match condition.map_or("", Code::as_str) {
        "unopened" | "opened" => State::Intact,
        "used" | "dirty" | "assembled" => State::Used,
        "damaged" | "incomplete" | "altered" => State::Broken,
        _ => State::Untold,
    }
}
