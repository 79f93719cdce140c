//! What rules do that are read when goods are looked at: how much is taken off, and where goods go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amounts::{Amounts, BasisPoints};
use super::effects::Effect;
use super::seen::{Found, Grade};
use crate::coded::coded;
use crate::money::Money;

/// How much less goods are worth, by grade: a percentage of what they would be worth. A grade that is not named is left to a person.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GradeEffect {
    /// As new.
    #[serde(rename = "A")]
    pub a: Option<BasisPoints>,
    /// Slight traces.
    #[serde(rename = "B")]
    pub b: Option<BasisPoints>,
    /// Clear traces, works.
    #[serde(rename = "C")]
    pub c: Option<BasisPoints>,
    /// Broken or worthless.
    #[serde(rename = "D")]
    pub d: Option<BasisPoints>,
}

impl GradeEffect {
    /// What is taken off for a grade, where that is said.
    #[must_use]
    pub const fn percent(&self, grade: Grade) -> Option<BasisPoints> {
        match grade {
            Grade::A => self.a,
            Grade::B => self.b,
            Grade::C => self.c,
            Grade::D => self.d,
        }
    }

    /// All that is said, from the best grade to the worst.
    pub fn rows(&self) -> impl Iterator<Item = (Grade, BasisPoints)> {
        Grade::ALL.iter().filter_map(|grade| Some((*grade, self.percent(*grade)?)))
    }

    /// A worse grade for which less is taken off than for a better one.
    pub(super) fn backwards(&self) -> Option<Grade> {
        let rows: Vec<_> = self.rows().collect();
        rows.windows(2).find(|pair| pair[1].1 < pair[0].1).map(|pair| pair[1].0)
    }
}

impl Effect for GradeEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        self.rows()
            .next()
            .is_none()
            .then_some(("", "names no grade; say how much is taken off, such as {\"B\": 10, \"C\": 30}"))
            .into_iter()
            .collect()
    }
}

/// Where goods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoesTo {
    /// Back to sellable stock (C19).
    Restock,
    /// Made as new.
    Refurbish,
    /// To the workshop.
    Repair,
    /// For less money, by another channel.
    Resell,
    /// Kept apart (C20).
    Quarantine,
    Donate,
    Recycle,
    Scrap,
    /// Back to the customer.
    SendBack,
}

coded!(GoesTo {
    Restock => "restock",
    Refurbish => "refurbish",
    Repair => "repair",
    Resell => "resell",
    Quarantine => "quarantine",
    Donate => "donate",
    Recycle => "recycle",
    Scrap => "scrap",
    SendBack => "send_back",
});

impl GoesTo {
    /// Whether goods of which that was found may go there: what was not accepted is still the customer's, and what was is not any more.
    #[must_use]
    pub const fn fits(self, found: Found) -> bool {
        match found {
            Found::Accepted => !matches!(self, Self::SendBack),
            Found::Downgraded => true,
            Found::Rejected => matches!(self, Self::SendBack | Self::Quarantine),
        }
    }
}

/// Where goods go once they were looked at (C18).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionEffect {
    /// Where.
    pub to: GoesTo,
}

impl Effect for DispositionEffect {}

/// What stands in the place of a repair that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// Money, promised at once.
    Refund,
    /// The same product, new.
    Replacement,
}

/// What becomes of a repair that the workshop gave up while its customer waits for it, where the goods stay here (C24).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedRepairEffect {
    /// What.
    pub becomes: Instead,
}

impl Effect for FailedRepairEffect {}

/// Who promises and pays what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// Rules alone: as soon as it is due.
    Rules,
    #[default]
    Person,
}

/// When money is promised before goods came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarlyAt {
    /// When it is approved.
    Submission,
    /// When its carrier has seen it.
    FirstScan,
}

/// When what goes out instead of money is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShipsAt {
    /// When the return is approved.
    Submission,
    /// When the carrier has seen what comes back.
    FirstScan,
    /// Once it was looked at.
    #[default]
    Inspection,
}

/// Who promises and pays what is due once goods were looked at (A10), and what is paid or goes out before they came (P20, B32).
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PayoutEffect {
    /// Left out: a person.
    pub by: PaidBy,
    /// Before anything came; left out: never.
    pub early: Option<EarlyAt>,
    /// The most that rules promise of one order; what is more is left to a person, and what is in another currency.
    pub up_to: Option<Amounts>,
    /// Promised of one order above that, or in another currency, it is paid once a second person has looked at it; left out: one is enough.
    pub second_look_above: Option<Amounts>,
    /// When an item that goes out in exchange or as a replacement is owed; a repair waits for what is repaired. Left out: once goods were looked at.
    pub ships: ShipsAt,
    /// The most that the units of one line may cost at list price to go out before; what is more waits, what is in another currency, and what
    /// has no price.
    pub ships_up_to: Option<Amounts>,
}

impl PayoutEffect {
    /// Whether somebody else looks at so much of one order, in minor units of its currency, before it is paid.
    pub fn wants_second_look(&self, amount: Money) -> bool {
        self.second_look_above.as_ref().is_some_and(|most| !most.cover(amount))
    }

    /// Whether rules owe an item before goods were looked at, that costs so much (nothing: nobody knows); `seen`: a carrier has seen what comes back.
    pub fn ships_ahead(&self, costs: Option<Money>, seen: bool) -> bool {
        let now = match self.ships {
            ShipsAt::Submission => true,
            ShipsAt::FirstScan => seen,
            ShipsAt::Inspection => false,
        };
        let within = |most: &Amounts| costs.is_some_and(|costs| most.cover(costs));
        self.allows_any() && now && self.ships_up_to.as_ref().is_none_or(within)
    }

    /// Whether rules promise anything.
    pub fn allows_any(&self) -> bool {
        self.by == PaidBy::Rules
    }

    /// Whether rules may do something as soon as a return is approved.
    pub fn is_at_submission(&self) -> bool {
        self.allows_any() && (self.early == Some(EarlyAt::Submission) || self.ships == ShipsAt::Submission)
    }

    /// Whether rules may promise so much of one order, in minor units of its currency.
    pub fn allows(&self, amount: Money) -> bool {
        self.allows_any() && self.up_to.as_ref().is_none_or(|most| most.cover(amount))
    }
}

impl Effect for PayoutEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let person = self.by == PaidBy::Person;
        let early = (person && self.early.is_some()).then_some(("early", "is paid by rules: say `\"by\": \"rules\"`"));
        let limit = (person && self.up_to.is_some()).then_some(("up_to", "limits rules: say `\"by\": \"rules\"`"));
        let ahead = self.ships != ShipsAt::Inspection;
        let ships = (person && ahead).then_some(("ships", "is owed by rules: say `\"by\": \"rules\"`"));
        let most = (!ahead && self.ships_up_to.is_some()).then_some((
            "ships_up_to",
            "limits what goes out before it was looked at: say `\"ships\": \"submission\"` or `\"first_scan\"`",
        ));
        early.into_iter().chain(limit).chain(ships).chain(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_before_goods_were_looked_at_is_what_a_rule_lets_out() {
        let effect = |text: &str| serde_json::from_str::<PayoutEffect>(text).unwrap();
        let euros = |minor| Some(Money::new(minor, "EUR".parse().unwrap()));
        let dollars = Some(Money::new(100, "USD".parse().unwrap()));
        let limited = r#"{"by": "rules", "ships": "submission", "ships_up_to": {"EUR": "50.00"}}"#;
        for (text, costs, seen, ahead) in [
            (r#"{"by": "rules"}"#, euros(100), true, false),
            (r#"{"by": "rules", "ships": "inspection"}"#, euros(100), true, false),
            (r#"{"ships": "submission"}"#, euros(100), true, false),
            (r#"{"by": "rules", "ships": "submission"}"#, None, false, true),
            (r#"{"by": "rules", "ships": "first_scan"}"#, euros(100), false, false),
            (r#"{"by": "rules", "ships": "first_scan"}"#, euros(100), true, true),
            (limited, euros(5_000), false, true),
            (limited, euros(5_001), false, false),
            (limited, dollars, false, false),
            (limited, None, false, false),
        ] {
            assert_eq!(effect(text).ships_ahead(costs, seen), ahead, "{text} {costs:?} {seen}");
        }
        assert!(effect(limited).is_at_submission() && effect(r#"{"by": "rules", "early": "submission"}"#).is_at_submission());
        assert!(!effect(r#"{"by": "rules", "ships": "first_scan"}"#).is_at_submission());
    }
}
