//! The law's part of a trace.

use jiff::civil::Date;

use super::effects::Payer;
use super::known::Known;
use super::law_facts::Gathered;
use super::verdict::{ByLaw, LawFact, LawLook};
use crate::ids::Code;
use crate::law::{Facts, Look, Rights};

impl ByLaw<'_> {
    /// Every rule of the law that was looked at, with what it read and changed.
    pub(super) fn looks(&self, known: &Known<'_>) -> Vec<LawLook> {
        let mut looks: Vec<LawLook> = Vec::new();
        for right in &self.rights {
            let gathered = Gathered::of(known, right.law);
            let facts = gathered.facts(known, right.claim);
            looks.extend(right.looks.iter().map(|look| shown(right, look, &facts)));
        }
        if let Some(first) = looks.iter_mut().find(|look| look.fired) {
            first.changed.clone_from(&self.changed);
        }
        looks
    }
}

fn shown(right: &Rights<'static>, look: &Look<'static>, facts: &Facts<'_>) -> LawLook {
    let rule = look.code.map_or_else(|| look.fact.to_owned(), |code| format!("{}.{code}", look.fact));
    let exception = look.code.and_then(|code| right.law.exceptions.iter().find(|known| known.code == code));
    let article = exception.and_then(|known| known.article.clone()).unwrap_or_else(|| right.law.article(look.fact).to_owned());
    let fact = |fact: &'static str, value: Option<String>| LawFact { fact, value };
    let of_day = |date: Option<Date>| date.map(|date| date.to_string());
    let yes = |is: bool| Some(is.to_string());
    let mut read = vec![fact("consumer", yes(facts.consumer)), fact("concluded", Some(facts.concluded.to_string()))];
    match look.fact.split('.').next().unwrap_or_default() {
        "withdrawal" | "conformity" | "three_guarantees" => read.extend([
            fact("contract", of_day(Some(facts.contract))),
            fact("received", of_day(facts.received)),
            fact("received_all", of_day(facts.received_all)),
            fact("informed_of_withdrawal", Some(facts.informed.to_string())),
            fact("policy_displayed", yes(facts.policy_displayed)),
            fact("contract_copy", Some(facts.contract_copy.to_string())),
            fact("known", of_day(facts.known)),
            fact("today", of_day(Some(facts.today))),
            fact("last_day", of_day(right.until)),
        ]),
        "exceptions" => read.extend([
            fact(
                "kinds",
                Some(facts.goods.kinds.iter().map(Code::as_str).collect::<Vec<_>>().join(", ")).filter(|kinds| !kinds.is_empty()),
            ),
            fact("sealed_on_delivery", facts.goods.sealed_on_delivery.map(|is| is.to_string())),
            fact("seal_broken", facts.goods.seal_broken.map(|is| is.to_string())),
            fact("exclusion_confirmed", facts.goods.exclusion_confirmed.map(|is| is.to_string())),
        ]),
        "return_shipment" => read.extend([
            fact("informed_of_return_cost", yes(facts.informed_of_return_cost)),
            fact("freight", right.trader_pays.map(|trader| (if trader { Payer::Merchant } else { Payer::Customer }).to_string())),
        ]),
        "refund" => read.extend([fact("today", of_day(Some(facts.today))), fact("refund_by", of_day(right.refund_by))]),
        _ => {}
    }
    LawLook {
        table: "floor",
        source: right.law.source(&rule),
        rule,
        fired: look.fired,
        law: &right.law.jurisdiction,
        version: right.law.as_of,
        article,
        facts: read,
        changed: Vec::new(),
    }
}
