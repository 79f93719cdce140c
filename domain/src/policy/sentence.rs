//! The reasons of a verdict as sentences: typed, so that each language can say them in its own way.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::document::{Policy, Rule};
use super::effects::{ClockStart, ExclusionGround, FeeKind, FeePer, GiftRule, Payer, ReviewGround, WindowEffect};
use super::facts::FactKind;
use super::request::{Basis, Case};
use super::resolution::{Method, Resolution};
use super::verdict::{LineVerdict, Refusal, WindowState};
use crate::danger::Danger;
use crate::days::local_day;
use crate::ids::LineId;
use crate::law::Claim;
use crate::money::Money;
use crate::reason::Fault;
use crate::words::Words;

/// One reason, for the customer. Money fields are decimals with their currency; days are calendar days in the shop's zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Sentence {
    /// Within a window counted in days: today is `day`.
    WindowDays {
        day: i64,
        days: u32,
        from: ClockStart,
        last_day: Date,
    },
    /// Within a window with a last day.
    WindowUntil {
        last_day: Date,
    },
    /// Within a campaign's window.
    WindowCampaign {
        campaign: Words,
        last_day: Date,
    },
    UnderWarranty {
        last_day: Option<Date>,
    },
    /// Nobody has told yet that it arrived: the time is not up.
    WindowWaits {},
    WindowUnlimited {},
    WindowClosed {
        last_day: Date,
    },
    /// It cannot come back; `if_faulty`: unless something is wrong with it.
    WindowNever {
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        if_faulty: bool,
    },
    /// By law the contract can be withdrawn from until then; without a day: until some time after it has arrived.
    LawWithdrawal {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_day: Option<Date>,
    },
    /// By law the shop answers for what is wrong with it until then.
    LawConformity {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_day: Option<Date>,
    },
    /// The time that the law gives was up on that day, too.
    LawOver {
        last_day: Date,
    },
    /// The law makes an exception for it: a code of `domain/law`.
    LawExcepted {
        exception: String,
    },
    OrderCancelled {},
    Excluded {
        ground: ExclusionGround,
    },
    NotOffered {
        resolution: Resolution,
    },
    MethodNotOffered {
        method: Method,
    },
    /// `name` came with it as a gift and must come back too.
    GiftMissing {
        line: LineId,
        name: String,
        units: u32,
    },
    BundleIncomplete {
        line: LineId,
        name: String,
        units: u32,
    },
    /// A gift stays and its price is taken off.
    GiftDeducted {
        name: String,
        units: u32,
    },
    Fee {
        kind: FeeKind,
        percent: Option<String>,
        flat: Option<MoneyText>,
        per: FeePer,
    },
    FreightFreeTier {
        tier: String,
    },
    FreightFreeFault {},
    FreightFree {},
    /// The law wants the shop to pay.
    FreightFreeLaw {},
    FreightCustomer {},
    /// It may not be posted: how it comes back otherwise. `damaged_battery`: and it may catch fire.
    DangerousGoods {
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        damaged_battery: bool,
    },
    Review {
        ground: ReviewGround,
    },
    /// The merchant's own words.
    Own {
        words: Words,
    },
}

/// An amount as the machine interface writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyText {
    /// Decimal.
    pub amount: String,
    /// ISO 4217.
    pub currency: crate::money::Currency,
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency }
    }
}

impl LineVerdict<'_> {
    /// Why, in the order people ask: whether, until when, what it costs, who looks. For the resolution that was chosen, or
    /// the first that is offered.
    pub fn sentences(&self, policy: &Policy, case: &Case<'_>) -> Vec<Sentence> {
        if !self.refusals.is_empty() {
            let mut sentences: Vec<Sentence> = self.refusals.iter().map(|refusal| self.refused(refusal, case)).collect();
            sentences.extend(self.law_takes());
            return sentences;
        }
        let asked = case.lines.get(self.index);
        let wish = asked.and_then(|asked| asked.resolution).or_else(|| self.offers.first().map(|offer| offer.resolution));
        let mut sentences = Vec::new();
        sentences.extend(self.law_gives());
        // What the shop's own rule would have said counts for nothing where the law overruled it.
        if self.law.as_ref().is_none_or(|law| law.struck.is_empty()) {
            sentences.push(self.window_sentence(policy, case));
        }
        if let Some(rule) = asked.map_or(self.offers.first(), |asked| self.taken(asked)).and_then(|offer| offer.fee)
            && wish.is_some_and(Resolution::pays)
        {
            sentences.push(own_or(&rule.say, || Sentence::Fee {
                kind: rule.then.kind,
                percent: (rule.then.percent.0 > 0).then(|| rule.then.percent.percent()),
                flat: rule
                    .then
                    .flat
                    .as_ref()
                    .and_then(|flat| flat.in_currency(case.order.currency))
                    .map(|minor| case.order.money(minor).into()),
                per: rule.then.per,
            }));
        }
        if policy.gifts == GiftRule::Deduct
            && let (Some(asked), Some(line)) = (asked, case.order.line(&self.line))
        {
            for (gift, units) in super::judge::gifts_kept(policy, case, line, asked.quantity) {
                sentences.push(Sentence::GiftDeducted { name: name_of(case, &gift), units });
            }
        }
        if asked.is_none_or(|asked| wish.is_none_or(|wish| asked.sends_back(wish)) && asked.sends_back(Resolution::Refund)) {
            // What the shop sees to is paid for by nobody yet.
            let freight = self.freight_sentence(case);
            if self.review != Some(ReviewGround::DangerousGoods) || freight != (Sentence::FreightCustomer {}) {
                sentences.push(freight);
            }
            sentences.extend(self.danger.map(|danger| Sentence::DangerousGoods { damaged_battery: danger == Danger::DamagedBattery }));
        }
        if let Some(ground) = self.review {
            sentences.push(Sentence::Review { ground });
        }
        sentences
    }

    fn window_sentence(&self, policy: &Policy, case: &Case<'_>) -> Sentence {
        let plain = |rule: Option<&Rule<WindowEffect>>| match (self.window.state, rule.and_then(|rule| rule.then.days)) {
            (WindowState::Open(last_day), Some(days)) if rule.is_some_and(|rule| rule.then.until != Some(last_day)) => {
                Sentence::WindowDays { day: self.window.day, days, from: rule.map(|rule| rule.then.from).unwrap_or_default(), last_day }
            }
            (WindowState::Open(last_day), _) => Sentence::WindowUntil { last_day },
            (WindowState::Waits, _) => Sentence::WindowWaits {},
            (WindowState::Unlimited, _) => Sentence::WindowUnlimited {},
            (WindowState::Closed(last_day), _) => Sentence::WindowClosed { last_day },
            (WindowState::Never, _) => Sentence::WindowNever { if_faulty: self.window.if_faulty },
        };
        let Some(rule) = self.window.rule.filter(|_| self.window.state != WindowState::Waits) else { return plain(None) };
        own_or(&rule.say, || {
            if rule.when.reads(FactKind::Warranty) {
                let last_day = match self.window.state {
                    WindowState::Open(last_day) => Some(last_day),
                    _ => None,
                };
                return Sentence::UnderWarranty { last_day };
            }
            let campaign = policy
                .campaigns
                .iter()
                .find(|campaign| rule.when.reads(FactKind::Campaign) && campaign.holds(local_day(case.order.placed_at, &policy.time_zone)));
            match (campaign, self.window.state) {
                (Some(campaign), WindowState::Open(last_day)) => Sentence::WindowCampaign { campaign: campaign.name.clone(), last_day },
                _ => plain(Some(rule)),
            }
        })
    }

    fn law_gives(&self) -> Option<Sentence> {
        let law = self.law.as_ref().filter(|law| law.basis == Basis::Law)?;
        let right = law.rights.iter().find(|right| right.is_live())?;
        Some(match right.claim {
            Claim::Withdrawal => Sentence::LawWithdrawal { last_day: right.until },
            Claim::Conformity { .. } => Sentence::LawConformity { last_day: right.until },
        })
    }

    fn law_takes(&self) -> Option<Sentence> {
        let law = self.law.as_ref()?;
        if let Some(exception) = law.exception {
            return Some(Sentence::LawExcepted { exception: exception.to_owned() });
        }
        // Only what was later than the shop's own last day is news.
        let by_policy = match self.window.state {
            WindowState::Closed(last) => Some(last),
            _ => None,
        };
        let late = self.refusals.iter().any(|refusal| matches!(refusal, Refusal::Window(..)));
        law.until.filter(|until| late && Some(*until) > by_policy).map(|last_day| Sentence::LawOver { last_day })
    }

    fn refused(&self, refusal: &Refusal<'_>, case: &Case<'_>) -> Sentence {
        match refusal {
            Refusal::OrderCancelled => Sentence::OrderCancelled {},
            Refusal::Window(_, Some(words)) => Sentence::Own { words: (*words).clone() },
            Refusal::Window(Some(last_day), None) => Sentence::WindowClosed { last_day: *last_day },
            Refusal::Window(None, None) => Sentence::WindowNever { if_faulty: self.window.if_faulty },
            Refusal::Excluded(ground, _, say) => own_or(say, || Sentence::Excluded { ground: *ground }),
            Refusal::NotOffered(resolution) => Sentence::NotOffered { resolution: *resolution },
            Refusal::MethodNotOffered(method) => Sentence::MethodNotOffered { method: *method },
            Refusal::GiftMissing(line, units) => Sentence::GiftMissing { line: line.clone(), name: name_of(case, line), units: *units },
            Refusal::BundleIncomplete(line, units) => {
                Sentence::BundleIncomplete { line: line.clone(), name: name_of(case, line), units: *units }
            }
        }
    }

    fn freight_sentence(&self, case: &Case<'_>) -> Sentence {
        let asked = case.lines.get(self.index);
        let fault = asked.and_then(|asked| asked.reason.as_ref()).map(|reason| reason.fault);
        let taken = asked.map_or(self.offers.first(), |asked| self.taken(asked));
        let by_law = taken.is_some_and(|offer| offer.basis == Basis::Law);
        if let Some(rule) = self.freight.filter(|_| !by_law)
            && !rule.say.is_empty()
        {
            return Sentence::Own { words: rule.say.clone() };
        }
        let by_tier = !by_law && self.freight.is_some_and(|rule| rule.when.reads(FactKind::Tier));
        match (taken.map_or(self.payer, |offer| offer.payer), by_tier, &self.tier) {
            (Payer::Merchant, true, Some(tier)) => Sentence::FreightFreeTier { tier: tier.to_string() },
            (Payer::Merchant, ..) if matches!(fault, Some(Fault::Merchant | Fault::Carrier)) => Sentence::FreightFreeFault {},
            (Payer::Merchant, ..) if by_law => Sentence::FreightFreeLaw {},
            (Payer::Merchant, ..) => Sentence::FreightFree {},
            (Payer::Customer, ..) => Sentence::FreightCustomer {},
        }
    }
}

fn own_or(say: &Words, plain: impl FnOnce() -> Sentence) -> Sentence {
    if say.is_empty() { plain() } else { Sentence::Own { words: say.clone() } }
}

fn name_of(case: &Case<'_>, line: &LineId) -> String {
    case.order.line(line).map(|line| line.name.clone()).unwrap_or_default()
}
