//! How long a right lasts.

use jiff::civil::Date;

use super::calendar::Place;
use super::data::{CountFrom, DayType, Law, Nature, Rollover, SpecialWindow, StartEvent};
use super::facts::{Concluded, Copy, Facts, Informed};
use crate::days::{plus_days, plus_months};

/// After this nobody's parcel is still under way.
const LONGEST_WAY: i64 = 365;
/// Where it is not clear whether there is a right at all, a person looks for so many days: no law compiled here gives longer.
const UNCLEAR_DAYS: i64 = 30;

/// A period in which a contract can be withdrawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Period<'l> {
    /// Nothing: it has not begun, and does not end yet.
    pub last: Option<Date>,
    /// How sure that is.
    pub sure: Sure,
    /// The fact that says so.
    pub fact: &'l str,
    /// Which of several.
    pub code: Option<&'l str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// What was read nowhere, or hangs on what nobody told.
    Perhaps,
    Yes,
}

impl Period<'_> {
    pub(super) fn is_open(&self, today: Date) -> bool {
        self.last.is_none_or(|last| today <= last)
    }
}

/// The period that decides: of those that are open the one that is surest, then the one that lasts longest; where all are over, the last to end.
pub(super) fn period<'l>(law: &'l Law, facts: &Facts<'_>) -> Option<Period<'l>> {
    let all =
        ordinary(law, facts).into_iter().chain(law.withdrawal.special_windows.iter().filter_map(|window| special(law, window, facts)));
    let end = |period: &Period<'_>| period.last.unwrap_or(Date::MAX);
    all.max_by_key(|period| {
        let open = period.is_open(facts.today);
        (open, open.then_some(period.sure), end(period))
    })
}

/// The right of everybody who buys at a distance.
fn ordinary<'l>(law: &'l Law, facts: &Facts<'_>) -> impl IntoIterator<Item = Period<'l>> {
    let withdrawal = &law.withdrawal;
    let unclear = || {
        let last = facts.received.map(|received| plus_days(received, UNCLEAR_DAYS));
        Period { last, sure: Sure::Perhaps, fact: "withdrawal.nature", code: None }
    };
    let from_purchase = withdrawal.start_event == Some(StartEvent::ContractConclusion);
    let reaches = match facts.concluded {
        Concluded::Online => withdrawal.applies_online != Some(false),
        Concluded::Distance | Concluded::OffPremises => true,
        Concluded::Premises => from_purchase && withdrawal.nature == Nature::WaivableByDisclosedPolicy,
    };
    match withdrawal.nature {
        _ if !reaches => None,
        Nature::Mandatory => by_days(law, facts),
        Nature::WaivableByDisclosedPolicy if facts.policy_displayed => None,
        Nature::WaivableByDisclosedPolicy => by_days(law, facts).map(|period| {
            // An act about shops may mean pages too, or not.
            let told = facts.concluded == Concluded::Premises || withdrawal.applies_online.is_some();
            Period { sure: if told { period.sure } else { Sure::Perhaps }, ..period }
        }),
        Nature::Unclear => Some(unclear()),
        Nature::ConditionalOnBreach | Nature::None => None,
    }
}

fn by_days<'l>(law: &'l Law, facts: &Facts<'_>) -> Option<Period<'l>> {
    let withdrawal = &law.withdrawal;
    let days = withdrawal.days?;
    let event = withdrawal.start_event?;
    let sourced = law.is_sourced(&["withdrawal.days", "withdrawal.start_event"]);
    let sure = if sourced { Sure::Yes } else { Sure::Perhaps };
    let Some(start) = start(event, facts) else {
        return Some(Period { last: None, sure, fact: "withdrawal.may_withdraw_before_receipt", code: None });
    };
    let normal = counted(law, facts, start, days, withdrawal.day_type, withdrawal.count_from);
    let period = |last: Date, fact: &'l str, sure: Sure| guessed(law, facts, Period { last: Some(last), sure, fact, code: None });
    let longer = withdrawal.extended_if_not_informed.days_after_late_information;
    let extended = &withdrawal.extended_if_not_informed;
    let by_silence = match (extended.extra_months, extended.extra_days, extended.max_months_from_start) {
        (Some(months), ..) => Some((plus_months(normal, months), "withdrawal.extended_if_not_informed.extra_months")),
        (_, Some(days), _) => {
            let all = withdrawal.days.unwrap_or(0) + days;
            Some((
                counted(law, facts, start, all, withdrawal.day_type, withdrawal.count_from),
                "withdrawal.extended_if_not_informed.extra_days",
            ))
        }
        (_, _, Some(months)) => Some((plus_months(start, months), "withdrawal.extended_if_not_informed.max_months_from_start")),
        _ => None,
    };
    let extension = |(last, fact): (Date, &'l str)| {
        let sure = if law.is_sourced(&[fact]) { sure } else { Sure::Perhaps };
        (rolled(law, facts, last), fact, sure)
    };
    let (last, fact, sure) = match (facts.informed, by_silence, longer) {
        (Informed::InTime, ..) | (_, None, None) => (normal, "withdrawal.days", sure),
        (Informed::Never, Some(silence), _) => extension(silence),
        // Nothing ends before it was said, and nobody knows when it will have been.
        (Informed::Never, None, Some(_)) => {
            let fact = "withdrawal.extended_if_not_informed.days_after_late_information";
            if facts.today <= normal { (normal, "withdrawal.days", sure) } else { (plus_days(normal, LONGEST_WAY), fact, Sure::Perhaps) }
        }
        (Informed::Late(_), Some(silence), None) => extension(silence),
        (Informed::Late(day), silence, Some(after)) => {
            let (late, fact, sure) =
                extension((plus_days(day, i64::from(after)), "withdrawal.extended_if_not_informed.days_after_late_information"));
            match silence.map(extension) {
                Some(silence) if late > silence.0 => silence,
                _ => (late.max(normal), if late > normal { fact } else { "withdrawal.days" }, sure),
            }
        }
    };
    Some(period(last, fact, sure))
}

/// A period that counts from an arrival nobody told of is open a while for a person to ask; one that may have rolled over a day off, too, be it a
/// day off in some regions only, and nobody said in which they live.
fn guessed<'l>(law: &Law, facts: &Facts<'_>, period: Period<'l>) -> Period<'l> {
    let Some(last) = period.last.filter(|last| facts.today > *last) else { return period };
    if facts.arrival_guessed && facts.today <= plus_days(last, LONGEST_WAY) {
        return Period { last: Some(plus_days(last, LONGEST_WAY)), sure: Sure::Perhaps, ..period };
    }
    let (rollover, known) = (law.withdrawal.last_day_rollover, law.place(facts.region));
    let next = law.calendar.roll(last, known.unwrap_or(Place::Anywhere));
    if (rollover == Rollover::Unknown || known.is_none()) && facts.today <= next {
        return Period { last: Some(next), sure: Sure::Perhaps, fact: "withdrawal.last_day_rollover", code: None };
    }
    period
}

/// A right for a way of selling, or for a duty that was not done.
fn special<'l>(law: &'l Law, window: &'l SpecialWindow, facts: &Facts<'_>) -> Option<Period<'l>> {
    use Concluded::{Distance, OffPremises};
    let at_the_door = matches!(facts.concluded, OffPremises);
    let by_phone = matches!(facts.concluded, Distance | OffPremises);
    // Whether the visit was asked for, or the price high enough, no order tells.
    let (applies, told) = match window.code.as_str() {
        "unsolicited_visit_or_excursion"
        | "door_to_door"
        | "unsolicited_agreement"
        | "uninvited_direct_sale"
        | "direct_sales_timeshare" => (at_the_door, false),
        "doorstep_or_telephone" | "door_to_door_or_telephone_sale" => (by_phone, at_the_door),
        "direct_marketing" => (by_phone, false),
        "internet_agreement_disclosure_missing" | "distance_contract_defective" => (facts.disclosure_defective, true),
        "internet_agreement_copy_missing" | "distance_contract_copy_missing" => (facts.contract_copy == Copy::Never, true),
        _ => (false, false),
    };
    if !applies || facts.concluded == Concluded::Premises {
        return None;
    }
    let start = start(window.start_event?, facts)?;
    let last = match (window.days, window.months) {
        (Some(days), _) => counted(law, facts, start, days, window.day_type, Some(CountFrom::DayAfterEvent)),
        (None, months) => rolled(law, facts, plus_months(start, months?)),
    };
    let sourced = law.source(&format!("withdrawal.special_windows.{}", window.code)).is_some();
    let sure = if told && sourced { Sure::Yes } else { Sure::Perhaps };
    Some(Period { last: Some(last), sure, fact: "withdrawal.special_windows", code: Some(&window.code) })
}

/// When a period starts; nothing: it has not.
pub(super) fn start(event: StartEvent, facts: &Facts<'_>) -> Option<Date> {
    let copy = match facts.contract_copy {
        Copy::On(day) => Some(day),
        Copy::InTime => Some(facts.contract),
        Copy::Never => None,
    };
    match event {
        StartEvent::Receipt => facts.received,
        StartEvent::ReceiptLastItem => facts.received_all,
        StartEvent::ReceiptOrContractLater => facts.received.max(Some(facts.contract)).filter(|_| facts.received.is_some()),
        StartEvent::ContractDocumentOrReceiptLater => Some(facts.received?.max(copy?)),
        StartEvent::ContractConclusion => Some(facts.contract),
        StartEvent::ContractConclusionAndInformation => match facts.informed {
            Informed::InTime => Some(facts.contract),
            Informed::Late(day) => Some(facts.contract.max(day)),
            Informed::Never => None,
        },
        StartEvent::ContractConclusionOrCopyReceived => Some(copy.unwrap_or(facts.contract).max(facts.contract)),
        StartEvent::ContractCopyReceived | StartEvent::AgreementCopyReceived => copy,
        StartEvent::Knowledge => facts.known,
        StartEvent::AgreedDeliveryDate | StartEvent::ShipmentDueDate | StartEvent::Other => None,
    }
}

/// The last of so many days.
pub(super) fn counted(law: &Law, facts: &Facts<'_>, start: Date, days: u32, kind: Option<DayType>, from: Option<CountFrom>) -> Date {
    if kind == Some(DayType::Business) {
        return law.calendar.plus_working(start, days, place(law, facts));
    }
    let days = if from == Some(CountFrom::EventDay) { days.saturating_sub(1) } else { days };
    rolled(law, facts, plus_days(start, i64::from(days)))
}

/// A last day on which nobody works, moved where the law moves it.
pub(super) fn rolled(law: &Law, facts: &Facts<'_>, last: Date) -> Date {
    if law.withdrawal.last_day_rollover == Rollover::NextWorkingDay { law.calendar.roll(last, place(law, facts)) } else { last }
}

pub(super) fn place(law: &Law, facts: &Facts<'_>) -> Place<'static> {
    law.place(facts.region).unwrap_or(Place::Country)
}
