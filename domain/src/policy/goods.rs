//! What rules say of goods that somebody looks at: the form that is filled in, how much less they are worth, and where they go.

use jiff::Timestamp;

use super::amounts::BasisPoints;
use super::compensation::CompensationEffect;
use super::dock::{DispositionEffect, FailedRepairEffect, GradeEffect, Instead, PayoutEffect};
use super::document::{Policy, Rule};
use super::effects::ReviewEffect;
use super::facts::FactKind;
use super::form::InspectionEffect;
use super::known::Known;
use super::law_facts::{Gathered, conformity_of, law_for};
use super::people::EscalationEffect;
use super::request::Case;
use super::seen::{Grade, Seen};
use super::verdict::FactRead;
use crate::law::{Claim, Informed, Law, Remedy, rights};
use crate::money::Money;
use crate::reason::Fault;

/// A rule that fired, with the facts it read.
#[derive(Clone, Debug)]
pub struct Fired<'p, E> {
    pub rule: &'p Rule<E>,
    pub read: Vec<FactRead>,
}

/// What the `grade` table says of how much less goods are worth.
#[derive(Clone, Debug)]
pub enum Graded<'p> {
    /// So much, by that rule.
    By(Fired<'p, GradeEffect>, BasisPoints),
    /// The law gives the customer more than the rule would, or may: a person decides.
    ByLaw(Fired<'p, GradeEffect>),
    /// No rule fires, or the one that does says nothing of this grade: a person decides.
    Silent,
}

/// What the `failed_repair` table says of a repair that failed.
#[derive(Clone, Debug)]
pub enum Failed<'p> {
    /// This, by that rule.
    By(Fired<'p, FailedRepairEffect>),
    /// The customer may choose money by law where the rule gives the same again: a person asks them.
    ByLaw(Fired<'p, FailedRepairEffect>),
    /// No rule fires.
    Silent,
}

/// A line whose goods are at hand, with all that rules can ask about it.
pub struct AtHand<'p, 'c> {
    policy: &'p Policy,
    known: Known<'c>,
}

impl Policy {
    /// The first line of a case, whose goods are at hand, as it was `asked` for then. Nothing where the order has no such line.
    pub fn at_hand<'p, 'c>(&'p self, case: &'c Case<'c>, asked: Timestamp) -> Option<AtHand<'p, 'c>>
    where
        'p: 'c,
    {
        let said = case.lines.first()?;
        let line = case.order.line(&said.line)?;
        Some(AtHand { policy: self, known: Known::gather(self.shop_rules(), case, line, said, asked) })
    }
}

impl<'p> AtHand<'p, '_> {
    /// What is asked of whoever looks at it (P28).
    #[must_use]
    pub fn form(&self) -> Option<&'p Rule<InspectionEffect>> {
        fired(&self.policy.inspection, &self.known).map(|fired| fired.rule)
    }

    /// Where it goes, by rule; nothing where none fires, or the one that does names a place where it may not go.
    #[must_use]
    pub fn goes_to(&self, seen: Seen) -> Option<Fired<'p, DispositionEffect>> {
        fired(&self.policy.disposition, &self.known.with_seen(seen)).filter(|fired| fired.rule.then.to.fits(seen.found))
    }

    /// Who promises and pays what is due for it, by rule; before it was looked at, with nothing seen.
    #[must_use]
    pub fn payout(&self, seen: Option<Seen>) -> Option<Fired<'p, PayoutEffect>> {
        match seen {
            Some(seen) => fired(&self.policy.payout, &self.known.with_seen(seen)),
            None => fired(&self.policy.payout, &self.known),
        }
    }

    /// What stands in the place of a repair of it that failed, by rule. To be paid is more than to be given another one, so that the law stands
    /// in the way of a replacement alone.
    #[must_use]
    pub fn failed_repair(&self) -> Failed<'p> {
        match fired(&self.policy.failed_repair, &self.known) {
            None => Failed::Silent,
            Some(fired) if fired.rule.then.becomes == Instead::Replacement && self.law_gives_money() => Failed::ByLaw(fired),
            Some(fired) => Failed::By(fired),
        }
    }

    /// Whether the customer may have money by law once a repair of it failed.
    fn law_gives_money(&self) -> bool {
        let Some((law, claim)) = law_for(&self.known).zip(conformity_of(&self.known)) else { return false };
        let gathered = Gathered::of(&self.known, law);
        let mut facts = gathered.facts(&self.known, claim);
        facts.goods.repairs += 1;
        let rights = rights(law, &facts);
        rights.is_live() && rights.choosable.contains(&Remedy::Refund)
    }

    /// What is given on top for it, by rule, where the shop or the carrier is at fault; and what was paid for it.
    #[must_use]
    pub fn compensation(&self) -> Option<(Fired<'p, CompensationEffect>, Money)> {
        let theirs = matches!(self.known.fault, Some(Fault::Merchant | Fault::Carrier));
        let fired = fired(&self.policy.compensation, &self.known).filter(|_| theirs)?;
        Some((fired, self.known.paid))
    }

    /// What is given on top because what was promised was missed by so many days: by the first that fires of the rules that ask for it, for whatever reason
    /// it came back, but where nothing was missed only for what the shop or the carrier is at fault for. Beside what is given for the goods.
    #[must_use]
    pub fn compensation_for_delay(&self, days: u32) -> Option<(Fired<'p, CompensationEffect>, Money)> {
        let theirs = days > 0 || matches!(self.known.fault, Some(Fault::Merchant | Fault::Carrier));
        let asking = self.policy.compensation.iter().filter(|rule| rule.when.reads(FactKind::Delay));
        let known = self.known.with_delay(days);
        let rule = asking.filter(|_| theirs).find(|rule| rule.when.holds(&known))?;
        Some((Fired { rule, read: FactRead::of(&rule.when, &known) }, self.known.paid))
    }

    /// To whom the review of it goes, by rule: the first that fires of those that a person decides, with what is at stake in all, minor units.
    #[must_use]
    pub fn reviewed_by(&self, at_stake: Option<i64>) -> Option<Fired<'p, ReviewEffect>> {
        let known = at_stake.map_or_else(|| self.known.clone(), |minor| self.known.with_all_paid(minor));
        fired(&self.policy.review, &known)
    }

    /// To whom a task of that kind goes which is so many whole hours late, by rule.
    #[must_use]
    pub fn escalated(&self, kind: &str, hours: u32) -> Option<&'p Rule<EscalationEffect>> {
        let mut rules = self.policy.escalation.iter();
        rules.find(|rule| rule.then.is_of(kind) && rule.then.after_hours <= hours && rule.when.holds(&self.known))
    }

    /// How much less it is worth, by rule. The law's floor stands below: what it gives is not taken off by a table.
    #[must_use]
    pub fn graded(&self, seen: Seen) -> Graded<'p> {
        let known = self.known.with_seen(seen);
        let Some(grade) = seen.grade else { return Graded::Silent };
        let Some(fired) = fired(&self.policy.grade, &known) else { return Graded::Silent };
        match fired.rule.then.percent(grade) {
            None => Graded::Silent,
            Some(percent) if percent.0 > 0 && self.law_keeps(grade) => Graded::ByLaw(fired),
            Some(percent) => Graded::By(fired, percent),
        }
    }

    /// Whether the law may give the customer all of the money for goods of that grade.
    fn law_keeps(&self, grade: Grade) -> bool {
        let Some(law) = law_for(&self.known) else { return false };
        let gathered = Gathered::of(&self.known, law);
        let live = |claim: Claim| rights(law, &gathered.facts(&self.known, claim)).is_live();
        // For what was wrong from the start the shop answers in full.
        conformity_of(&self.known).is_some_and(live) || live(Claim::Withdrawal) && !self.may_take_off(law, grade)
    }

    /// Whether who withdraws from the contract may have to bear that goods of that grade are worth less.
    fn may_take_off(&self, law: &Law, grade: Grade) -> bool {
        let told = || !law.takes_nothing_unless_told() || self.known.order.contract.informed == Informed::InTime;
        // Where the right hangs on goods being whole there is none left once a person has found that they are not; slight traces are
        // those of trying it out.
        let lost = law.asks_for_whole_goods() && grade >= Grade::C;
        // As new is worth what it was worth.
        lost || grade > Grade::A && law.lets_take_off() && told()
    }
}

/// The first rule that fires, with what it read.
fn fired<'p, E>(rules: &'p [Rule<E>], known: &Known<'_>) -> Option<Fired<'p, E>> {
    let rule = rules.iter().find(|rule| rule.when.holds(known))?;
    Some(Fired { rule, read: FactRead::of(&rule.when, known) })
}
