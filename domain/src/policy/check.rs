//! What the shape of a policy does not tell: names that exist, rules that can fire, ranges that hold something, texts in the shop's
//! languages. Beside mistakes, what is allowed and seldom meant.
//! Long because each kind of mistake is looked for in its own way.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use super::condition::Clause;
use super::dock::GoesTo;
use super::document::{Policy, Table};
use super::effects::Payer;
use super::facts::FactKind;
use super::kinds::Wants;
use super::names::{told, zone_problem};
use super::seen::Found as FoundOfGoods;
use super::source::{PolicyProblem, Source};
use crate::days::days_between;
use crate::item::CONDITIONS;
use crate::money::Amount;
use crate::reason::ReasonTree;
use crate::words::{Locale, Words, nearest};

/// How a purchase is shown; the first is what goes without saying.
pub const PROOFS: [&str; 4] = ["order", "receipt", "gift_receipt", "none"];

/// Days after which what is over is taken for a slip.
const LONG_OVER: i64 = 60;

/// What a policy is checked against beside itself.
#[derive(Clone, Copy, Debug)]
pub struct Shop<'s> {
    /// The shop's own reasons.
    pub reasons: &'s ReasonTree,
    /// Languages in which the shop's own texts are needed.
    pub languages: &'s [Locale],
    /// The day, for what is over by then; nothing where that does not matter.
    pub today: Option<Date>,
}

impl<'s> Shop<'s> {
    /// A shop of Chinese and English, on whatever day.
    pub fn of(reasons: &'s ReasonTree) -> Self {
        Self { reasons, languages: &[Locale::ZhCn, Locale::En], today: None }
    }
}

/// What was found: mistakes, and what is worth a second look.
#[derive(Default)]
pub(super) struct Found {
    pub mistakes: Vec<PolicyProblem>,
    pub notes: Vec<PolicyProblem>,
}

/// Looks through a document that has the right shape.
pub(super) fn found(policy: &Policy, source: &Source, shop: Shop<'_>) -> Found {
    let mut look = Look { policy, source, shop, found: Found::default() };
    if let Some(problem) = source.value["time_zone"].as_str().and_then(zone_problem) {
        look.mistake("time_zone", &problem);
    }
    look.campaigns();
    for table in Table::ALL {
        look.rules(*table);
    }
    look.windows();
    look.method_prices();
    look.goods();
    look.found
}

struct Look<'l> {
    policy: &'l Policy,
    source: &'l Source,
    shop: Shop<'l>,
    found: Found,
}

impl Look<'_> {
    fn mistake(&mut self, path: &str, problem: &str) {
        self.found.mistakes.push(self.source.problem(path, problem));
    }

    fn note(&mut self, path: &str, problem: &str) {
        self.found.notes.push(self.source.problem(path, problem));
    }

    fn campaigns(&mut self) {
        let mut seen = HashMap::new();
        for (index, campaign) in self.policy.campaigns.iter().enumerate() {
            let path = format!("campaigns[{index}]");
            if let Some(first) = seen.insert(campaign.id.clone(), index) {
                self.mistake(&format!("{path}.id"), &format!("`{}` is already the id of campaigns[{first}]", campaign.id));
            }
            if campaign.to < campaign.from {
                self.mistake(&format!("{path}.to"), &format!("{} is before `from`, which is {}", campaign.to, campaign.from));
            }
            if campaign.name.is_empty() {
                self.mistake(&path, &format!("needs a `name` that shoppers read, in {}", languages(self.shop.languages)));
            } else {
                self.words(&campaign.name, &format!("{path}.name"));
            }
        }
    }

    /// The shop's own words, in its languages.
    fn words(&mut self, words: &Words, path: &str) {
        if let Some(lacks) = words.lacks(self.shop.languages) {
            self.mistake(path, &format!("is not said in {}; say it in {}, or leave it out", lacks.tag(), languages(self.shop.languages)));
        }
    }

    fn rules(&mut self, table: Table) {
        let policy = self.policy;
        let mut seen = HashMap::new();
        for (index, rule) in policy.heads(table).into_iter().enumerate() {
            let path = format!("{}[{index}]", table.name());
            if let Some(first) = seen.insert(rule.id.as_str().to_owned(), index) {
                self.mistake(&format!("{path}.id"), &format!("`{}` is already the id of {}[{first}]", rule.id, table.name()));
            }
            let when = format!("{path}.when");
            let written = self.source.value[table.name()][index]["when"].clone();
            self.condition(&written, &when, table, false);
            if rule.when.clauses().iter().any(never) {
                self.mistake(&when, "can never fire: it excludes everything, or names no alternative");
            }
            if !rule.say.is_empty() {
                self.words(rule.say, &format!("{path}.say"));
            }
        }
        for (index, effect) in policy.effects(table).into_iter().enumerate() {
            let path = format!("{}[{index}].then", table.name());
            for (field, problem) in effect.problems() {
                let path = if field.is_empty() { path.clone() } else { format!("{path}.{field}") };
                self.mistake(&path, problem);
            }
        }
        self.unreachable(table);
    }

    /// A rule after one that always fires can never fire itself, where the first one wins.
    fn unreachable(&mut self, table: Table) {
        let rules = self.policy.heads(table);
        // How late a task is asks of it what `when` does not.
        let by_when = table.first_wins() && table != Table::Escalation;
        let always = rules.iter().position(|rule| rule.when.is_always()).filter(|_| by_when);
        // What asks for a delay is looked at later than what does not, and by itself.
        let after = always.and_then(|always| (always + 1..rules.len()).find(|place| !rules[*place].when.reads(FactKind::Delay)));
        if let Some((always, after)) = always.zip(after) {
            let problem = format!("can never fire: `{}` above it always does; move it up", rules[always].id);
            self.mistake(&format!("{}[{after}]", table.name()), &problem);
        }
    }

    /// A condition as it is written, with those inside it.
    fn condition(&mut self, when: &Value, path: &str, table: Table, inside: bool) {
        for (name, wanted) in when.as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            // By what else it asks a rule gives early, by this late: which of both is meant has to be plain.
            let alone =
                |fact| (inside && fact == FactKind::Delay).then_some("stands by itself in `when`, and not inside `any`, `all` or `not`");
            if let Some(why) = FactKind::of(name).and_then(|fact| unknown_in(fact, table).or_else(|| alone(fact))) {
                self.mistake(&path, &format!("`{name}` {why}"));
                continue;
            }
            match (name.as_str(), wanted) {
                ("any" | "all", Value::Array(conditions)) => {
                    conditions
                        .iter()
                        .enumerate()
                        .for_each(|(index, inner)| self.condition(inner, &format!("{path}[{index}]"), table, true));
                }
                ("not", inner) => self.condition(inner, &path, table, true),
                (_, Value::String(text)) => self.name(name, text, &path),
                (_, Value::Array(values)) => {
                    let texts = values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_str()?)));
                    texts.for_each(|(index, text)| self.name(name, text, &format!("{path}[{index}]")));
                }
                (_, Value::Object(range)) => self.range(range, &path),
                _ => {}
            }
        }
    }

    /// A name that a fact is compared with.
    fn name(&mut self, fact: &str, typed: &str, path: &str) {
        let reasons = self.shop.reasons;
        let tops = || reasons.all().iter().map(|reason| reason.code.as_str());
        let subs = || reasons.all().iter().flat_map(|reason| &reason.sub_reasons).map(|reason| reason.code.as_str());
        let policy = self.policy;
        let mut known: Vec<&str> = match fact {
            "reason" => tops().collect(),
            "sub_reason" => subs().collect(),
            "condition" => CONDITIONS.to_vec(),
            "proof" => PROOFS.to_vec(),
            "campaign" => policy.campaigns.iter().map(|campaign| campaign.id.as_str()).collect(),
            "tier" if !policy.tiers.is_empty() => {
                policy.tiers.iter().chain(&policy.tier_ranking).map(|tier| tier.as_str()).chain(["none"]).collect()
            }
            "tier" => return self.tier_like_another(typed, path),
            _ => return,
        };
        known.dedup();
        if known.contains(&typed) {
            return;
        }
        let meant = nearest(typed, known.iter().copied());
        let there = if known.is_empty() { "the policy has none".to_owned() } else { format!("there are {}", known.join(", ")) };
        // A sub-reason in the place of a reason, or the other way about.
        let elsewhere = match fact {
            "reason" if subs().any(|sub| sub == typed) => "; it is a `sub_reason`",
            "sub_reason" if tops().any(|top| top == typed) => "; it is a `reason`",
            _ => "",
        };
        self.mistake(path, &told(&format!("there is no {fact} `{typed}`{elsewhere}"), meant.as_deref(), &there));
    }

    /// Without a list of tiers, one that is written almost like another is taken for a slip.
    fn tier_like_another(&mut self, typed: &str, path: &str) {
        let mut tiers: Vec<(String, usize)> = Vec::new();
        for rule in Table::ALL.iter().flat_map(|table| self.policy.heads(*table)) {
            rule.when.each_code(&mut |fact, code| {
                if fact == FactKind::Tier {
                    match tiers.iter_mut().find(|(known, _)| known == code.as_str()) {
                        Some((_, times)) => *times += 1,
                        None => tiers.push((code.to_string(), 1)),
                    }
                }
            });
        }
        let times = |tier: &str| tiers.iter().find(|(known, _)| known == tier).map_or(0, |(_, times)| *times);
        let others = tiers.iter().map(|(tier, _)| tier.as_str()).chain(["none"]).filter(|tier| *tier != typed);
        let Some(near) = nearest(typed, others) else { return };
        if near == "none" || times(&near) > times(typed) {
            let problem = format!(
                "tier `{typed}` is written almost like `{near}`; did you mean `{near}`? A list `\"tiers\": [\"{near}\", …]` at the top says which there are"
            );
            self.note(path, &problem);
        }
    }

    /// A range that holds nothing.
    fn range(&mut self, range: &serde_json::Map<String, Value>, path: &str) {
        let text = |name: &str| range.get(name).and_then(Value::as_str);
        let day = |name: &str| text(name).and_then(|text| text.parse::<Date>().ok());
        if let (Some(from), Some(to)) = (day("from"), day("to"))
            && to < from
        {
            return self.mistake(path, &format!("no day fits: `to` ({to}) is before `from` ({from})"));
        }
        let amount = |name: &str| range.get(name).and_then(|value| serde_json::from_value::<Amount>(value.clone()).ok());
        if let (Some(min), Some(max)) = (amount("min"), amount("max"))
            && max < min
        {
            let shown = |amount: Decimal| amount.normalize().to_string();
            return self.mistake(path, &format!("nothing fits: `min` ({}) is above `max` ({})", shown(min.0), shown(max.0)));
        }
        for (currency, inner) in range {
            if let Value::Object(inner) = inner {
                self.range(inner, &format!("{path}.{currency}"));
            }
        }
    }

    fn windows(&mut self) {
        let windows = &self.policy.window;
        let Some(last) = windows.last() else {
            const HOW: &str = r#"there is no `window`, so that nothing could ever come back; say how long, such as "window": [{"id": "all", "then": {"days": 14}}], or that nothing does: {"closed": true}"#;
            return self.mistake(if self.source.value.get("window").is_some() { "window" } else { "" }, HOW);
        };
        if !last.when.is_always() {
            let problem = format!(
                "after `{}` no rule is left for everything else, which cannot come back at all then; end with a rule without `when`, such as {{\"id\": \"rest\", \"then\": {{\"days\": 14}}}} or {{\"closed\": true}}",
                last.id
            );
            let path = format!("window[{}]", windows.len() - 1);
            self.note(&path, &problem);
        }
        let Some(today) = self.shop.today else { return };
        for (index, rule) in self.policy.window.iter().enumerate() {
            let counted = rule.then.days.is_some() || rule.then.months.is_some() || rule.then.warranty;
            let over = rule.then.until.filter(|until| days_between(*until, today) > LONG_OVER && !rule.when.reads(FactKind::Campaign));
            if let Some(until) = over {
                let then = if counted { "it makes nothing longer any more" } else { "whatever this rule is for is too late" };
                self.note(&format!("window[{index}].then.until"), &format!("ended on {until}: {then}"));
            }
        }
    }

    /// What is said of goods that are looked at.
    fn goods(&mut self) {
        let policy = self.policy;
        for table in
            [Table::Elsewhere, Table::Compensation, Table::Grade, Table::Inspection, Table::Disposition, Table::FailedRepair, Table::Payout]
        {
            self.said_before(table);
        }
        for (index, rule) in policy.grade.iter().enumerate() {
            if let Some(grade) = rule.then.backwards() {
                self.note(&format!("grade[{index}].then.{grade}"), "takes off less than for a better grade");
            }
        }
        for (index, rule) in policy.disposition.iter().enumerate() {
            let to = rule.then.to;
            let only = only_found(&rule.when.clauses());
            if let Some(found) = only.filter(|found| !found.iter().any(|found| to.fits(*found))) {
                let places: Vec<&str> =
                    GoesTo::ALL.iter().filter(|place| found.iter().any(|found| place.fits(*found))).map(|place| place.code()).collect();
                let problem = format!(
                    "`{to}` is never where goods go that were {}: what was not accepted is still the customer's, and what was is not any more; there are {}",
                    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
                    places.join(", ")
                );
                self.mistake(&format!("disposition[{index}].then.to"), &problem);
            }
        }
        for (index, rule) in policy.inspection.iter().enumerate() {
            let mut seen = HashMap::new();
            for (place, question) in rule.then.questions.iter().enumerate() {
                let path = format!("inspection[{index}].then.questions[{place}]");
                if let Some(first) = seen.insert(question.id.clone(), place) {
                    self.mistake(&format!("{path}.id"), &format!("`{}` is already the id of questions[{first}] of this form", question.id));
                }
                self.words(&question.ask, &format!("{path}.ask"));
                for (choice, one) in question.choices.iter().enumerate() {
                    self.words(&one.name, &format!("{path}.choices[{choice}].name"));
                }
                for (field, problem) in question.slips() {
                    self.mistake(&format!("{path}.{field}"), &problem);
                }
            }
        }
    }

    /// A rule that asks for just what one above it asks for can never fire itself, where the first one wins.
    fn said_before(&mut self, table: Table) {
        let rules = self.policy.heads(table);
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.when.is_always()) {
            if let Some(first) = rules[..index].iter().find(|above| above.when == rule.when) {
                self.mistake(
                    &format!("{}[{index}].when", table.name()),
                    &format!("can never fire: `{}` above it asks for just this", first.id),
                );
            }
        }
    }

    /// Prices of methods that no rule ever takes.
    fn method_prices(&mut self) {
        let prices = self.policy.takes_method_prices();
        for (index, rule) in self.policy.method.iter().enumerate().filter(|_| !prices) {
            if let Some(offer) = rule.then.offer.iter().position(|offer| offer.price.is_some()) {
                let path = format!("method[{index}].then.offer[{offer}].price");
                self.note(&path, "is never taken: each rule of `freight` that lets the customer pay names an amount of its own (`flat`)");
            }
        }
        for (index, rule) in self.policy.freight.iter().enumerate() {
            if rule.then.payer == Payer::Merchant && rule.then.flat.is_some() {
                self.note(&format!("freight[{index}].then.flat"), "is never taken: the shop pays");
            }
        }
    }
}

fn languages(languages: &[Locale]) -> String {
    languages.iter().map(|locale| locale.tag()).collect::<Vec<_>>().join(" and ")
}

/// Why a table cannot ask about a fact, where it cannot: it is not known when the table is read, or not any more.
fn unknown_in(fact: FactKind, table: Table) -> Option<&'static str> {
    match fact {
        FactKind::Grade | FactKind::Result if !matches!(table, Table::Grade | Table::Disposition | Table::Payout) => {
            Some("is known once goods were looked at: in `grade`, `disposition` and `payout` alone")
        }
        // What goods are worth, what is asked of them and where they go does not hang on whose they are.
        FactKind::PriorReturns if matches!(table, Table::Grade | Table::Inspection | Table::Disposition) => {
            Some("is of the customer and not of the goods: in `payout`, in `escalation`, and where requests are judged")
        }
        FactKind::Delay if table != Table::Compensation => Some("is known once all was paid: in `compensation` alone"),
        _ => None,
    }
}

/// What must have been found for a rule to fire, where it asks for that.
fn only_found(clauses: &[Clause]) -> Option<Vec<FoundOfGoods>> {
    clauses.iter().find_map(|clause| match clause {
        Clause::Fact(FactKind::Result, Wants::OneOf(found)) => Some(found.iter().filter_map(|found| found.parse().ok()).collect()),
        _ => None,
    })
}

/// Whether a wish can never come true: `not` of what always holds, `any` of nothing.
fn never(clause: &Clause) -> bool {
    let possible = |clauses: &Vec<Clause>| !clauses.iter().any(never);
    match clause {
        Clause::Not(clauses) => clauses.is_empty(),
        Clause::Any(groups) => !groups.iter().any(possible),
        Clause::All(groups) => !groups.iter().all(possible),
        Clause::Fact(..) => false,
    }
}
