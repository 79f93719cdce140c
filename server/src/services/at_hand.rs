//! Goods that somebody looks at, beside the order they are of and the policy that judged them: what its rules ask, and say of them.

use std::sync::Arc;

use domain::money::Money;
use domain::order::OrderLine;
use domain::policy::{
    AtHand, BasisPoints, Case, CaseLine, CompensationEffect, Failed, Found, Grade, Graded, History, InspectionEffect, Instead, Method,
    NoAnswer, PayoutEffect, Policy, Resolution, Rule, SaidOfLaw, Seen, Sold, Whom,
};
use domain::reason::ChosenReason;
use domain::returns::{Answered, Answers, ByRule, Deduction, LineNo, Lot, Proposed, Return};
use jiff::Timestamp;

use super::Services;
use super::held::YEAR;
use crate::store::{self, Conn, OrderRow, StoreError};

/// An answer as it was given: the question, what was answered, and why it is taken although it was not sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub question: String,
    pub answer: String,
    pub why: Option<String>,
}

/// Why an answer cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The form has no such question, or there is no form.
    Unknown,
    No(NoAnswer),
}

/// Answers as they are kept, with the worst grade and result that they mean.
pub type AnswersTaken = (Answers, Option<Grade>, Option<Found>);

/// Questions whose answers cannot be taken, and why.
pub type AnswersWrong = Vec<(String, NotTaken)>;

/// A line of a return whose goods are at hand.
pub struct LineAtHand {
    pub line: LineNo,
    row: Arc<OrderRow>,
    policy: Arc<Policy>,
    version: i64,
    asked: CaseLine,
    method: Method,
    withdrawal: bool,
    region: Option<String>,
    opened_at: Timestamp,
    /// What rules may ask of the time before the return: how often its customer sent back, and what of the order was repaired.
    before: Arc<History>,
}

/// Where a rule sends goods of which that is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub seen: Seen,
    pub proposed: Proposed,
}

impl Services {
    /// What the policies of a return's orders say of the goods of those lines. Of an order that is gone nothing is said.
    pub async fn at_hand(&self, conn: &mut Conn<'_>, request: &Return, lines: &[LineNo]) -> Result<Vec<LineAtHand>, StoreError> {
        self.at_hand_by(conn, request, lines, None).await
    }

    /// The same, by another policy than those that judged it: a version, and what it says.
    pub(super) async fn at_hand_by(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        lines: &[LineNo],
        by: Option<(i64, Arc<Policy>)>,
    ) -> Result<Vec<LineAtHand>, StoreError> {
        let mut found: Vec<LineAtHand> = Vec::new();
        for line in request.lines.iter().filter(|line| lines.contains(&line.id)) {
            let asked = &line.asked;
            let Some(part) = request.orders.iter().find(|part| part.number == asked.order) else { continue };
            let known = found.iter().find(|known| known.row.order.number == asked.order);
            let (row, policy, before) = match known.map(|known| (known.row.clone(), known.policy.clone(), known.before.clone())) {
                Some(known) => known,
                None => {
                    // By the policy that judged it, whatever was published since (P2).
                    let policy = match &by {
                        Some((_, policy)) => Some(policy.clone()),
                        None => self.policies.version(conn, part.policy_version).await?,
                    };
                    let Some(policy) = policy else { continue };
                    let beside = policy.asks_of_history().then_some(request);
                    let Some((row, before)) = order_of(conn, asked.order.as_str(), beside).await? else { continue };
                    (row, policy, Arc::new(before))
                }
            };
            found.push(LineAtHand {
                line: line.id,
                row,
                policy,
                version: by.as_ref().map_or(part.policy_version, |(version, _)| *version),
                asked: CaseLine {
                    line: asked.line.clone(),
                    quantity: asked.quantity,
                    reason: Some(ChosenReason {
                        reason: asked.reason.clone(),
                        sub_reason: asked.sub_reason.clone(),
                        fault: asked.fault,
                        never_arrived: asked.never_arrived,
                    }),
                    condition: asked.said.condition.clone(),
                    resolution: Some(asked.resolution),
                    evidence: Vec::new(),
                    law: SaidOfLaw { seal_broken: asked.said.seal_broken, known: asked.said.known, basis: Some(asked.basis) },
                },
                method: request.method,
                withdrawal: request.withdrawal,
                region: request.from.as_ref().and_then(|address| address.region.clone()),
                opened_at: request.opened_at,
                before,
            });
        }
        Ok(found)
    }
}

/// An order, and what happened before a return of it: how many returns its customer opened within a year before, those that were called off since
/// aside, and what of the order was repaired on others. Without a return nobody asks, and nothing is counted.
async fn order_of(conn: &mut Conn<'_>, number: &str, request: Option<&Return>) -> Result<Option<(Arc<OrderRow>, History)>, StoreError> {
    let Some(request) = request else {
        return Ok(store::find_order(conn, number).await?.map(|row| (Arc::new(row), History::default())));
    };
    let before = request.opened_at.as_millisecond();
    let found = store::find_order_to_return(conn, number, before - YEAR).await?;
    Ok(found.map(|order| {
        let prior = order.recent.iter().filter(|opened| **opened < before).count();
        let others = order.returns.iter().filter(|other| other.rma != request.rma);
        let history = History {
            prior_returns: prior.try_into().unwrap_or(u32::MAX),
            repaired: others.flat_map(|other| other.repaired_of(&order.row.order.number)).collect(),
            ..History::default()
        };
        (order.row, history)
    }))
}

impl LineAtHand {
    fn with<T>(&self, look: impl FnOnce(&AtHand<'_, '_>) -> T) -> Option<T> {
        let case = Case {
            order: &self.row.order,
            history: &self.before,
            lines: std::slice::from_ref(&self.asked),
            method: Some(self.method).filter(|method| *method != Method::None),
            withdrawal: self.withdrawal,
            return_region: self.region.as_deref(),
            proof: None,
        };
        self.policy.at_hand(&case, self.opened_at).map(|hand| look(&hand))
    }

    fn sold(&self) -> Sold<'_> {
        let line: Option<&OrderLine> = self.row.order.line(&self.asked.line);
        line.map(|line| Sold { serials: &line.serials, batch: line.batch.as_deref() }).unwrap_or_default()
    }

    /// The form of these goods, where there is one.
    pub fn form(&self) -> Option<Rule<InspectionEffect>> {
        self.with(|hand| hand.form().cloned()).flatten()
    }

    /// Where a rule sends them, once that was found.
    pub fn goes_to(&self, seen: Seen) -> Option<Proposed> {
        self.with(|hand| {
            let fired = hand.goes_to(seen)?;
            Some(Proposed { to: fired.rule.then.to.into(), by: ByRule::of(self.version, &fired), otherwise: None })
        })
        .flatten()
    }

    /// Where a rule sends a lot that lies here, if not where it is already.
    pub fn lot_goes_to(&self, lot: &Lot) -> Option<Proposed> {
        let found = lot.state.inspection.found()?;
        self.goes_to(Seen { found, grade: lot.grade }).filter(|proposed| proposed.to != lot.state.disposition)
    }

    /// Who promises and pays what is due for them; before they were looked at, with nothing seen.
    pub fn payout(&self, seen: Option<Seen>) -> PayoutEffect {
        self.with(|hand| hand.payout(seen).map(|fired| fired.rule.then.clone())).flatten().unwrap_or_default()
    }

    /// What a rule puts in the place of a repair of them that failed; nothing: none does, or a person asks the customer first.
    pub fn failed_repair(&self) -> Option<(Instead, ByRule)> {
        self.with(|hand| match hand.failed_repair() {
            Failed::By(fired) => Some((fired.rule.then.becomes, ByRule::of(self.version, &fired))),
            Failed::ByLaw(_) | Failed::Silent => None,
        })
        .flatten()
    }

    /// What a rule gives on top for them, where the shop or the carrier is at fault, and the rule.
    pub fn compensation(&self) -> Option<(CompensationEffect, ByRule)> {
        self.with(|hand| hand.compensation().map(|(fired, _)| (fired.rule.then.clone(), ByRule::of(self.version, &fired)))).flatten()
    }

    /// Whether a rule asks by how many days what was promised was missed.
    pub fn asks_of_delay(&self) -> bool {
        self.policy.asks_of_delay()
    }

    /// What a rule that asks for it gives because what was promised was missed by so many days, and the rule.
    pub fn compensation_for_delay(&self, days: u32) -> Option<(CompensationEffect, ByRule)> {
        let given = self.with(|hand| {
            let (fired, _) = hand.compensation_for_delay(days)?;
            Some((fired.rule.then.clone(), ByRule::of(self.version, &fired)))
        });
        given.flatten()
    }

    /// What was paid for so many units of them, all discounts taken off.
    pub fn paid_for(&self, units: u32) -> Money {
        let minor = self.row.order.line(&self.asked.line).map_or(0, |line| self.row.order.paid_for(line, units));
        self.row.order.money(minor)
    }

    /// The order they are of.
    pub fn order(&self) -> &OrderRow {
        &self.row
    }

    /// To whom a rule gives the review of them, with its name; nothing: to nobody in particular. `at_stake`: in all, minor units.
    pub fn reviewed_by(&self, at_stake: Option<i64>) -> Option<(String, Whom)> {
        self.with(|hand| {
            let fired = hand.reviewed_by(at_stake)?;
            Some((fired.rule.id.to_string(), fired.rule.then.to.clone()?))
        })
        .flatten()
    }

    /// To whom a rule gives a task that is so many hours late, with its name.
    pub fn escalated(&self, kind: &str, hours: u32) -> Option<(String, Whom)> {
        self.with(|hand| hand.escalated(kind, hours).map(|rule| (rule.id.to_string(), rule.then.to.clone()))).flatten()
    }

    /// What so many units of what goes out instead cost at list price, where that is known.
    pub fn costs_to_ship(&self, units: u32, exchange_price: Option<i64>) -> Option<Money> {
        let same = || self.row.order.line(&self.asked.line).map(|line| line.unit_price);
        let one = if self.asked.resolution == Some(Resolution::Exchange) { exchange_price } else { same() };
        Some(self.row.order.money(one?.checked_mul(i64::from(units))?))
    }

    /// How much less they are worth, and the rule that says so; nothing: a person says so.
    pub fn graded(&self, seen: Seen) -> Option<(Deduction, ByRule)> {
        self.with(|hand| match hand.graded(seen) {
            Graded::By(fired, percent) => Some((Deduction::Percent(percent), ByRule::of(self.version, &fired))),
            Graded::ByLaw(_) | Graded::Silent => None,
        })
        .flatten()
    }

    /// How much less they are worth by grade, as far as a rule says so and the law leaves it to one.
    pub fn percents(&self) -> Vec<(Grade, BasisPoints)> {
        let of = |grade: &Grade| match self.graded(Seen { found: Found::Downgraded, grade: Some(*grade) }) {
            Some((Deduction::Percent(percent), _)) => Some((*grade, percent)),
            _ => None,
        };
        Grade::ALL.iter().filter_map(of).collect()
    }

    /// All that rules say of where they go, whatever is found.
    pub fn ways(&self) -> Vec<Way> {
        let grades = || Grade::ALL.iter().copied().map(Some).chain([None]);
        let seen = Found::ALL.iter().flat_map(|found| grades().map(|grade| Seen { found: *found, grade }));
        seen.filter_map(|seen| Some(Way { seen, proposed: self.goes_to(seen)? })).collect()
    }

    /// What was answered to their form, as it is kept, with the worst that it means. `units`: how many were looked at.
    pub fn answered(&self, given: &[Answer], units: u32, found: Option<Found>) -> Result<AnswersTaken, AnswersWrong> {
        let mut wrong: AnswersWrong = Vec::new();
        let Some(form) = self.form() else {
            wrong.extend(given.iter().map(|one| (one.question.clone(), NotTaken::Unknown)));
            return if wrong.is_empty() { Ok((Answers::default(), None, None)) } else { Err(wrong) };
        };
        let unknown = given.iter().filter(|one| form.then.question(&one.question).is_none());
        wrong.extend(unknown.map(|one| (one.question.clone(), NotTaken::Unknown)));
        let mut kept: Vec<Answered> = Vec::new();
        for question in &form.then.questions {
            let one = given.iter().find(|one| one.question == question.id.as_str());
            match question.answer(one.map_or("", |one| one.answer.as_str()), units) {
                Ok(None) => {}
                Ok(Some(answer)) => kept.push(Answered { question: question.id.clone(), answer, why: one.and_then(|one| one.why.clone()) }),
                Err(why) => wrong.push((question.id.to_string(), NotTaken::No(why))),
            }
        }
        let (grade, meant) = form.then.meant(kept.iter().map(|one| (one.question.as_str(), one.answer.as_str())));
        // Another article than was sold is no way to be accepted, unless somebody says why.
        let rejected = found.or(meant) == Some(Found::Rejected);
        for one in &mut kept {
            let not_sold = form.then.question(one.question.as_str()).and_then(|question| question.not_sold(&one.answer, self.sold()));
            match not_sold {
                None => one.why = None,
                Some(what) if one.why.is_none() && !rejected => {
                    wrong.push((one.question.to_string(), NotTaken::No(NoAnswer::NotSold(what))));
                }
                Some(_) => {}
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let form = (!kept.is_empty()).then(|| ByRule::named(self.version, &form));
        Ok((Answers { form, given: kept }, grade, meant))
    }
}
