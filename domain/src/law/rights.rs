//! What the law gives for one line.

use jiff::civil::Date;

use super::calendar::Place;
use super::data::{DayType, Duty, Freight, Hierarchy, Law, RefundFrom, ThreeGuarantees};
use super::exceptions::{Exception, exception};
use super::facts::{Claim, Facts};
use super::windows::{Period, Sure, counted, period, place, rolled};
use crate::days::{plus_days, plus_months};

/// What the law may oblige a shop to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    Refund,
    Replacement,
    Repair,
}

/// How a right stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'l> {
    /// There is none: the law does not reach this contract, or knows no such right.
    None,
    /// It ended on that day.
    Over(Date),
    /// That exception took it away.
    Excepted(&'l str),
    /// It stands.
    Stands,
    /// A person must find out: a fact has no source, or nobody told what it hangs on.
    Unsettled,
}

/// A rule of the law that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look<'l> {
    /// The fact, as the law's file names it: `withdrawal.days`.
    pub fact: &'l str,
    /// It is one of several of that group: an exception's code.
    pub code: Option<&'l str>,
    /// Whether it gave or took something.
    pub fired: bool,
}

/// A right of one line, with its terms.
#[derive(Clone, Debug)]
pub struct Rights<'l> {
    pub law: &'l Law,
    pub claim: Claim,
    pub standing: Standing<'l>,
    /// What must be among the offers: one of them where `choice` is the shop's, else all. The first is proposed.
    pub remedies: &'static [Remedy],
    /// Any of these is granted where the customer wishes for it.
    pub choosable: &'static [Remedy],
    /// Its last day; nothing: it does not end yet.
    pub until: Option<Date>,
    /// Whether the shop must pay the way back; nothing: as agreed.
    pub trader_pays: Option<bool>,
    /// The standard outbound rate comes back with the last goods.
    pub outbound: bool,
    /// The money must be back by then, as far as that is known today.
    pub refund_by: Option<Date>,
    /// The customer may take that long to send it.
    pub send_by: Option<Date>,
    pub looks: Vec<Look<'l>>,
}

const REFUND: &[Remedy] = &[Remedy::Refund];
const ANY: &[Remedy] = &[Remedy::Refund, Remedy::Replacement, Remedy::Repair];
const REPLACEMENT_OR_REPAIR: &[Remedy] = &[Remedy::Replacement, Remedy::Repair];
const REFUND_OR_REPLACEMENT: &[Remedy] = &[Remedy::Refund, Remedy::Replacement];
const REPAIR: &[Remedy] = &[Remedy::Repair];
const REPLACEMENT: &[Remedy] = &[Remedy::Replacement];

/// What the law says of the claim.
pub fn rights<'l>(law: &'l Law, facts: &Facts<'_>) -> Rights<'l> {
    match facts.claim {
        Claim::Withdrawal => withdrawal(law, facts),
        Claim::Conformity { not_as_described } => conformity(law, facts, not_as_described),
    }
}

impl<'l> Rights<'l> {
    fn none(law: &'l Law, facts: &Facts<'_>) -> Self {
        Self {
            law,
            claim: facts.claim,
            standing: Standing::None,
            remedies: &[],
            choosable: &[],
            until: None,
            trader_pays: None,
            outbound: false,
            refund_by: None,
            send_by: None,
            looks: Vec::with_capacity(4),
        }
    }

    /// Whether it helps the customer today, perhaps by way of a person.
    pub fn is_live(&self) -> bool {
        matches!(self.standing, Standing::Stands | Standing::Unsettled)
    }

    fn look(&mut self, fact: &'l str, fired: bool) {
        self.looks.push(Look { fact, code: None, fired });
    }
}

fn withdrawal<'l>(law: &'l Law, facts: &Facts<'_>) -> Rights<'l> {
    let mut rights = Rights::none(law, facts);
    if !facts.consumer {
        return rights;
    }
    let Some(Period { last, sure, fact, code }) = period(law, facts) else {
        rights.look("withdrawal.nature", false);
        return rights;
    };
    let open = last.is_none_or(|last| facts.today <= last);
    rights.looks.push(Look { fact, code, fired: open });
    rights.until = last;
    let excepted = exception(law, facts);
    match excepted {
        Exception::Holds(code) | Exception::Perhaps(code) => rights.looks.push(Look { fact: "exceptions", code: Some(code), fired: true }),
        Exception::None => {}
    }
    rights.standing = match (excepted, last) {
        (Exception::Holds(code), _) => {
            rights.until = None;
            Standing::Excepted(code)
        }
        (_, Some(last)) if !open => Standing::Over(last),
        (Exception::Perhaps(_), _) => Standing::Unsettled,
        (Exception::None, _) if sure == Sure::Perhaps => Standing::Unsettled,
        (Exception::None, _) => Standing::Stands,
    };
    if !rights.is_live() {
        return rights;
    }
    (rights.remedies, rights.choosable) = (REFUND, REFUND);
    let shipment = &law.return_shipment;
    let (payer, fact) = match shipment.freight_payer {
        Some(Freight::ConsumerIfInformedElseTrader) if !facts.informed_of_return_cost => {
            (shipment.freight_payer_if_not_informed.or(Some(Freight::Trader)), "return_shipment.freight_payer_if_not_informed")
        }
        payer => (payer, "return_shipment.freight_payer"),
    };
    rights.trader_pays = match payer {
        Some(Freight::Trader) => Some(true),
        Some(Freight::Consumer | Freight::ConsumerIfInformedElseTrader | Freight::ConsumerUnlessAgreed) => Some(false),
        Some(Freight::AsAgreed | Freight::NotApplicable | Freight::Unsettled) | None => None,
    };
    if rights.trader_pays == Some(true) && !law.is_sourced(&[fact]) {
        rights.standing = Standing::Unsettled;
    }
    rights.look(fact, rights.trader_pays == Some(true));
    rights.outbound = law.refund.outbound_standard_shipping == Some(Duty::Required);
    rights.refund_by = refund_by(law, facts);
    rights.send_by = send_by(law, facts);
    rights.look("refund.deadline_days", rights.refund_by.is_some());
    rights
}

/// By when the money must be back, where what that counts from has happened. A last day that nobody works on is no later: a shop that pays
/// on it, or before, is in time everywhere.
fn refund_by(law: &Law, facts: &Facts<'_>) -> Option<Date> {
    let from = match law.refund.deadline_from? {
        RefundFrom::WithdrawalNoticeReceived | RefundFrom::Cancellation => facts.today,
        RefundFrom::GoodsReceived
        | RefundFrom::GoodsReceivedIntact
        | RefundFrom::GoodsCollectedOrReceived
        | RefundFrom::GoodsReceivedOrProofOfDispatchEarlier => facts.goods_received?,
        RefundFrom::Other => return None,
    };
    let days = law.refund.deadline_days?;
    Some(match law.refund.day_type {
        // The shop's days: what only some regions keep does not give it longer.
        Some(DayType::Business) => law.calendar.plus_working(from, days, Place::Country),
        _ => plus_days(from, i64::from(days)),
    })
}

/// How long the customer may take to send it, where that counts from what they say today.
fn send_by(law: &Law, facts: &Facts<'_>) -> Option<Date> {
    let shipment = &law.return_shipment;
    let from_today =
        matches!(shipment.deadline_from.as_deref()?, "withdrawal_notice_sent" | "cancellation" | "cancellation_or_delivery_later");
    let days = shipment.consumer_deadline_days.filter(|_| from_today)?;
    Some(match shipment.day_type {
        Some(DayType::Business) => law.calendar.plus_working(facts.today, days, place(law, facts)),
        _ => rolled(law, facts, plus_days(facts.today, i64::from(days))),
    })
}

const EXTENSION: &str = "conformity.extension_after_repair_months";
/// How long a person looks where the law says "a reasonable time", or no end was found, in months from receipt.
const REASONABLE_MONTHS: u32 = 24;

fn conformity<'l>(law: &'l Law, facts: &Facts<'_>, not_as_described: bool) -> Rights<'l> {
    let mut rights = Rights::none(law, facts);
    let (true, Some(received)) = (facts.consumer, facts.received) else { return rights };
    let terms = conformity_terms(law, facts, received, not_as_described);
    rights.look(terms.fact, facts.today <= terms.last);
    if let Some(code) = terms.code {
        rights.looks.last_mut().into_iter().for_each(|look| look.code = Some(code));
    }
    rights.until = Some(terms.last);
    rights.standing = match () {
        () if facts.today > terms.last => Standing::Over(terms.last),
        () if terms.sure == Sure::Yes => Standing::Stands,
        () => Standing::Unsettled,
    };
    if !rights.is_live() {
        return rights;
    }
    (rights.remedies, rights.choosable) = (terms.remedies, terms.choosable);
    rights.trader_pays = match law.return_shipment.freight_payer_if_defective_or_wrong {
        Some(Freight::Trader) => Some(true),
        Some(Freight::Unsettled) => {
            rights.standing = Standing::Unsettled;
            None
        }
        _ => None,
    };
    rights.look("return_shipment.freight_payer_if_defective_or_wrong", rights.trader_pays == Some(true));
    rights.outbound = rights.remedies.contains(&Remedy::Refund) && rights.trader_pays == Some(true);
    rights
}

struct Terms<'l> {
    last: Date,
    sure: Sure,
    fact: &'l str,
    code: Option<&'l str>,
    remedies: &'static [Remedy],
    choosable: &'static [Remedy],
}

/// The terms that help most today: money at once while that can be asked for, else what the shop answers for.
fn conformity_terms<'l>(law: &'l Law, facts: &Facts<'_>, received: Date, not_as_described: bool) -> Terms<'l> {
    let liability = liability(law, facts, received);
    let at_once = at_once(law, facts, received, not_as_described).filter(|terms| facts.today <= terms.last);
    match at_once {
        // A longer liability with the same money in it hides nothing.
        Some(terms) if !(liability.remedies.contains(&Remedy::Refund) && liability.sure >= terms.sure && liability.last >= terms.last) => {
            terms
        }
        _ => liability,
    }
}

/// China's terms for such goods, where it has some.
fn three_guarantees<'l>(law: &'l Law, facts: &Facts<'_>) -> Option<&'l ThreeGuarantees> {
    law.three_guarantees.iter().find(|terms| facts.goods.kinds.iter().any(|kind| kind.as_str() == terms.goods))
}

/// Money back at the customer's choice, for a while.
fn at_once<'l>(law: &'l Law, facts: &Facts<'_>, received: Date, not_as_described: bool) -> Option<Terms<'l>> {
    let window = |code: &str| law.withdrawal.special_windows.iter().find(|window| window.code == code);
    let sure = |fact: &str| if law.is_sourced(&[fact]) { Sure::Yes } else { Sure::Perhaps };
    let terms =
        |last: Date, sure: Sure, fact: &'l str, code: Option<&'l str>| Terms { last, sure, fact, code, remedies: REFUND, choosable: ANY };
    if let Some((goods, days)) = three_guarantees(law, facts).and_then(|goods| goods.refund_days.map(|days| (goods, days))) {
        let last = rolled(law, facts, plus_days(received, i64::from(days)));
        let found = sure(&format!("three_guarantees.{}", goods.goods)).max(sure("withdrawal.special_windows.quality_defect"));
        return Some(terms(last, found, "three_guarantees", Some(&goods.goods)));
    }
    if let Some((window, days)) = window("quality_defect").and_then(|window| Some((window, window.days?))) {
        let last = counted(law, facts, received, days, window.day_type, law.withdrawal.count_from);
        return Some(terms(last, sure("withdrawal.special_windows.quality_defect"), "withdrawal.special_windows", Some(&window.code)));
    }
    if not_as_described && let Some(window) = window("not_as_described_from_receipt") {
        let from_receipt = rolled(law, facts, plus_months(received, window.months?));
        let from_knowledge = facts.known.and_then(|known| {
            let days = law.withdrawal.special_windows.iter().find(|window| window.code == "not_as_described_from_knowledge")?.days?;
            Some(rolled(law, facts, plus_days(known, i64::from(days))))
        });
        let last = from_knowledge.map_or(from_receipt, |known| known.min(from_receipt));
        let found = sure("withdrawal.special_windows.not_as_described_from_receipt");
        return Some(terms(last, found, "withdrawal.special_windows", Some(&window.code)));
    }
    let days = law.conformity.short_term_reject_days?;
    let last = plus_days(received, i64::from(days));
    Some(terms(last, sure("conformity.short_term_reject_days"), "conformity.short_term_reject_days", None))
}

/// What the shop answers for, and how long.
fn liability<'l>(law: &'l Law, facts: &Facts<'_>, received: Date) -> Terms<'l> {
    let conformity = &law.conformity;
    let (remedies, choosable, settled) = match conformity.hierarchy {
        Some(
            Hierarchy::RepairOrReplacementThenPriceReductionOrTermination
            | Hierarchy::ShortTermRejectThenRepairOrReplacementThenPriceReductionOrFinalReject,
        ) => (REPLACEMENT_OR_REPAIR, REPLACEMENT_OR_REPAIR, true),
        Some(Hierarchy::RefundWithinDaysThenReplaceThenRepair | Hierarchy::RepairThenReplacementThenRefund) => {
            (REPLACEMENT_OR_REPAIR, REPLACEMENT_OR_REPAIR, false)
        }
        Some(Hierarchy::ConsumerChoiceRescissionOrReductionOrReplacement) => (REFUND_OR_REPLACEMENT, REFUND_OR_REPLACEMENT, true),
        Some(Hierarchy::ConsumerChoiceRepairReplaceOrRefund) => (ANY, ANY, true),
        Some(Hierarchy::RepairWithin30DaysThenConsumerChoice) => (REPAIR, REPAIR, true),
        Some(Hierarchy::RefundOrReplacementForDefectiveNotAsDescribedOrLate) => (REFUND_OR_REPLACEMENT, REFUND_OR_REPLACEMENT, true),
        // Whether a failure is a major one, or the time still reasonable, a person says.
        _ => (ANY, ANY, false),
    };
    // What shows a lack although it was repaired may be given back for money at the customer's choice (Directive (EU) 2019/771 art. 13(4)(b),
    // Consumer Rights Act 2015 s. 24(5)(a)).
    let then_money = matches!(
        conformity.hierarchy,
        Some(
            Hierarchy::RepairOrReplacementThenPriceReductionOrTermination
                | Hierarchy::ShortTermRejectThenRepairOrReplacementThenPriceReductionOrFinalReject
        )
    );
    let choosable = if then_money && facts.goods.repairs > 0 { ANY } else { choosable };
    if let Some((goods, months)) = three_guarantees(law, facts).and_then(|goods| goods.warranty_months.map(|months| (goods, months))) {
        let replace = goods.replace_days.map(|days| plus_days(received, i64::from(days))).is_some_and(|last| facts.today <= last);
        let often = goods.replace_after_failed_repairs.is_some_and(|most| facts.goods.repairs >= most);
        let choosable = if replace || often { REPLACEMENT_OR_REPAIR } else { REPAIR };
        // Whoever had it repaired twice need not have it repaired once more.
        let remedies = if often { REPLACEMENT } else { choosable };
        let sure = if law.source(&format!("three_guarantees.{}", goods.goods)).is_some() { Sure::Yes } else { Sure::Perhaps };
        let last = plus_months(received, months);
        return Terms { last, sure, fact: "three_guarantees", code: Some(&goods.goods), remedies, choosable };
    }
    let longer = conformity
        .extension_after_repair
        .as_ref()
        .filter(|extension| facts.goods.repairs > 0 && extension.applies_to_contracts_from.is_none_or(|from| from <= facts.contract));
    let reasonable = conformity.liability_is_reasonable_time == Some(true);
    let sourced = law.is_sourced(&["conformity.liability_months", "conformity.hierarchy"]);
    let by_days = conformity.liability_days.as_ref().and_then(|days| {
        // What is eaten or used up; all else lasts.
        let short_lived = facts.goods.kinds.iter().any(|kind| kind.as_str() == "perishable");
        if short_lived { days.non_durable } else { days.durable }
    });
    if let Some(days) = by_days {
        let sure =
            if settled && law.is_sourced(&["conformity.liability_days", "conformity.hierarchy"]) { Sure::Yes } else { Sure::Perhaps };
        let last = plus_days(received, i64::from(days));
        return Terms { last, sure, fact: "conformity.liability_days", code: None, remedies, choosable };
    }
    match conformity.liability_months {
        Some(months) => {
            let ordinary = plus_months(received, months);
            let more = longer.and_then(|extension| extension.months).unwrap_or(0);
            let read = law.is_sourced(&[EXTENSION]);
            let sure = if settled && sourced && !reasonable { Sure::Yes } else { Sure::Perhaps };
            // What was read nowhere makes a term no longer by itself: a person looks once it would be over without.
            let (last, fact, sure) = match more {
                1.. if read => (plus_months(received, months + more), EXTENSION, sure),
                1.. if facts.today > ordinary => (plus_months(received, months + more), EXTENSION, Sure::Perhaps),
                _ => (ordinary, "conformity.liability_months", sure),
            };
            Terms { last, sure, fact, code: None, remedies, choosable }
        }
        None => {
            let last = plus_months(received, REASONABLE_MONTHS);
            Terms { last, sure: Sure::Perhaps, fact: "conformity.liability_is_reasonable_time", code: None, remedies, choosable }
        }
    }
}
