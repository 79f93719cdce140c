//! A policy in words: conditions and effects as a shopper reads them, written out from the document (A7).
//! Long because each effect of each table has its sentence.

use domain::money::{Currency, Money};
use domain::policy::{
    Amounts, BasisPoints, Clause, ClockStart, CompensationEffect, Condition, DispositionEffect, EarlyAt, ElsewhereEffect, EscalationEffect,
    EvidenceKind, ExclusionEffect, FactKind, FailedRepairEffect, FeeEffect, FeePer, Found, FreightEffect, GivenAt, GoesTo, Grade,
    GradeEffect, InspectionEffect, Instead, MethodEffect, OutboundEffect, PaidBy, Payer, PayoutEffect, Policy, ResolutionEffect,
    ReviewEffect, Reviewer, ShipsAt, Wants, WindowEffect,
};
use domain::reason::{Fault, Reason};

use crate::say::Say;

/// Puts a policy into words.
pub struct PolicyWords<'a> {
    pub say: &'a Say,
    /// For the names of campaigns.
    pub policy: &'a Policy,
    /// For the names of reasons.
    pub reasons: &'a [Reason],
}

impl PolicyWords<'_> {
    /// A condition; nothing where it always holds.
    #[must_use]
    pub fn condition(&self, condition: &Condition) -> Option<String> {
        (!condition.is_always()).then(|| self.all_of(&condition.clauses()))
    }

    /// That all of these hold.
    pub(super) fn all_of(&self, clauses: &[Clause]) -> String {
        // "unless" reads better at the end.
        let (except, plain): (Vec<&Clause>, Vec<&Clause>) = clauses.iter().partition(|clause| matches!(clause, Clause::Not(_)));
        let plain: Vec<String> = plain.into_iter().map(|clause| self.clause(clause)).collect();
        let except = except.into_iter().map(|clause| self.clause(clause));
        let together = plain.join(self.say.m.fact_and());
        let parts: Vec<String> = Some(together).filter(|text| !text.is_empty()).into_iter().chain(except).collect();
        parts.join(self.say.m.fact_but())
    }

    /// One wish of a rule.
    #[must_use]
    pub fn clause(&self, clause: &Clause) -> String {
        let m = self.say.m;
        match clause {
            Clause::Fact(FactKind::Tier, Wants::OneOf(tiers)) if tiers == &["none"] => m.fact_tier_none().into(),
            Clause::Fact(fact, Wants::Is(wanted)) => m.fact(*fact, *wanted, ""),
            Clause::Fact(fact, Wants::Number(min, max)) => self.counted(*fact, *min, *max),
            Clause::Fact(fact, wants) => m.fact(*fact, true, &self.values(*fact, wants)),
            Clause::Any(groups) => groups.iter().map(|clauses| self.all_of(clauses)).collect::<Vec<_>>().join(m.fact_or()),
            Clause::All(groups) => groups.iter().map(|clauses| self.all_of(clauses)).collect::<Vec<_>>().join(m.fact_and()),
            Clause::Not(clauses) => {
                let own = match clauses.as_slice() {
                    [Clause::Fact(fact, wants)] => m.fact_not(*fact, &self.values(*fact, wants)),
                    _ => None,
                };
                own.unwrap_or_else(|| m.fact_all_but(self.all_of(clauses)))
            }
        }
    }

    fn values(&self, fact: FactKind, wants: &Wants) -> String {
        let m = self.say.m;
        match wants {
            Wants::OneOf(values) => m.either(&values.iter().map(|value| self.name(fact, value)).collect::<Vec<_>>()),
            Wants::Is(_) => String::new(),
            Wants::Number(min, max) => self.range(min.map(|min| self.say.f.number(min)), max.map(|max| self.say.f.number(max))),
            Wants::Dates(from, to) => {
                let shown = |day: &Option<jiff::civil::Date>| day.map(|day| self.say.f.short_date(day));
                match (shown(from), shown(to)) {
                    (Some(from), Some(to)) => m.fact_between(from, to),
                    (Some(from), None) => m.fact_since(from),
                    (None, to) => m.fact_up_to(to.unwrap_or_default()),
                }
            }
            Wants::Band(bands) => {
                let mine: Vec<_> = bands.iter().filter(|(currency, ..)| Some(*currency) == self.say.f.currency).copied().collect();
                let bands = if mine.is_empty() { bands } else { &mine };
                let band = |(currency, min, max): &(Currency, Option<i64>, Option<i64>)| {
                    let money = |minor: &Option<i64>| minor.map(|minor| self.say.f.money(Money::new(minor, *currency)));
                    self.range(money(min), money(max))
                };
                m.either(&bands.iter().map(band).collect::<Vec<_>>())
            }
            Wants::Faults(faults) => {
                let fault = |fault: &Fault| match fault {
                    Fault::Merchant => m.fact_fault_merchant(),
                    Fault::Carrier => m.fact_fault_carrier(),
                    Fault::Customer => m.fact_fault_customer(),
                    Fault::Nobody => m.fact_fault_nobody(),
                };
                m.either(&faults.iter().map(fault).collect::<Vec<_>>())
            }
            Wants::Resolutions(wanted) => m.either(&wanted.iter().map(|resolution| self.say.resolution(*resolution)).collect::<Vec<_>>()),
            Wants::Methods(wanted) => m.either(&wanted.iter().map(|method| self.say.method(*method)).collect::<Vec<_>>()),
        }
    }

    /// How many of something: "within 30 days of delivery".
    fn counted(&self, fact: FactKind, min: Option<i64>, max: Option<i64>) -> String {
        let (form, a, b) = match (min, max) {
            (Some(min), Some(max)) if min == max => ("exactly", min, max),
            // Nothing is counted below none.
            (None | Some(..=0), Some(max)) => ("at_most", max, max),
            (Some(min), None) => ("at_least", min, min),
            (Some(min), Some(max)) => ("between", min, max),
            (None, None) => ("at_least", 0, 0),
        };
        let number = |number: i64| self.say.f.number(number);
        let said = self.say.m.counted(fact, form, u64::try_from(a).unwrap_or(0), &number(a), &number(b));
        said.unwrap_or_else(|| self.range(min.map(number), max.map(number)))
    }

    fn range(&self, min: Option<String>, max: Option<String>) -> String {
        let m = self.say.m;
        match (min, max) {
            (Some(min), Some(max)) if min == max => min,
            (Some(min), Some(max)) => m.fact_between(min, max),
            (Some(min), None) => m.fact_at_least(min),
            (None, max) => m.fact_at_most(max.unwrap_or_default()),
        }
    }

    fn name(&self, kind: FactKind, value: &str) -> String {
        let reasons = || self.reasons.iter().flat_map(|reason| std::iter::once(reason).chain(&reason.sub_reasons));
        match kind {
            FactKind::Reason | FactKind::SubReason => {
                reasons().find(|reason| reason.code.as_str() == value).map_or_else(|| value.to_owned(), |reason| self.say.reason(reason))
            }
            FactKind::Condition => self.say.m.condition(value).unwrap_or(value).to_owned(),
            FactKind::Grade => value.parse().map_or_else(|()| value.to_owned(), |grade| self.grade_name(grade).to_owned()),
            FactKind::Result => value.parse().map_or_else(|()| value.to_owned(), |found| self.found(found).to_owned()),
            FactKind::Campaign => {
                let campaign = self.policy.campaigns.iter().find(|campaign| campaign.id.as_str() == value);
                campaign.and_then(|campaign| campaign.name.get(self.say.m.locale)).unwrap_or(value).to_owned()
            }
            FactKind::Country => self.say.m.country(value).unwrap_or(value).to_owned(),
            FactKind::Sku | FactKind::OrderHasSku | FactKind::Region | FactKind::ReturnRegion => value.to_owned(),
            _ => self.say.code(value),
        }
    }

    /// How long.
    #[must_use]
    pub fn window(&self, effect: &WindowEffect) -> String {
        let m = self.say.m;
        if effect.closed {
            return m.policy_no_return().into();
        }
        if effect.unlimited {
            return m.policy_unlimited().into();
        }
        let counted = match (effect.days, effect.months, effect.from) {
            (Some(n), _, ClockStart::Delivery) => Some(m.policy_days_delivery(u64::from(n))),
            (Some(n), _, ClockStart::Order) => Some(m.policy_days_order(u64::from(n))),
            (Some(n), _, ClockStart::Shipment) => Some(m.policy_days_shipment(u64::from(n))),
            (None, Some(n), ClockStart::Delivery) => Some(m.policy_months_delivery(u64::from(n))),
            (None, Some(n), ClockStart::Order) => Some(m.policy_months_order(u64::from(n))),
            (None, Some(n), ClockStart::Shipment) => Some(m.policy_months_shipment(u64::from(n))),
            (None, None, _) => None,
        };
        let until = effect.until.map(|day| m.policy_until(self.say.f.short_date(day)));
        let guarantee = effect.warranty.then(|| m.policy_as_guarantee().to_owned());
        let parts: Vec<String> = counted.into_iter().chain(until).chain(guarantee).collect();
        match parts.as_slice() {
            [a, b, ..] => m.policy_later_of(a, b),
            [one] => one.clone(),
            [] => String::new(),
        }
    }

    /// What does not come back.
    #[must_use]
    pub fn exclusion(&self, effect: &ExclusionEffect) -> String {
        let m = self.say.m;
        match &effect.refuse {
            None => m.policy_no_return().into(),
            Some(refused) => {
                m.policy_no_resolution(m.either(&refused.iter().map(|resolution| self.say.resolution(*resolution)).collect::<Vec<_>>()))
            }
        }
    }

    /// What is taken off.
    #[must_use]
    pub fn fee(&self, effect: &FeeEffect) -> String {
        let m = self.say.m;
        let fee = self.say.fee(effect.kind);
        let percent = (effect.percent.0 > 0).then(|| m.policy_percent_fee(fee, self.say.f.number(effect.percent.percent())));
        let flat = effect.flat.as_ref().map(|flat| {
            let amount = self.amounts(flat);
            match effect.per {
                FeePer::Unit => m.policy_flat_fee_unit(amount, fee),
                FeePer::Line => m.policy_flat_fee_line(amount, fee),
            }
        });
        let parts: Vec<String> = percent.into_iter().chain(flat).collect();
        if parts.is_empty() { m.policy_no_fee().into() } else { m.list(&parts) }
    }

    /// Who pays the way back.
    #[must_use]
    pub fn freight(&self, effect: &FreightEffect) -> String {
        let m = self.say.m;
        match (effect.payer, &effect.flat) {
            (Payer::Merchant, _) => m.policy_merchant_pays().into(),
            (Payer::Customer, Some(flat)) => m.policy_customer_pays_flat(self.amounts(flat)),
            (Payer::Customer, None) => m.policy_customer_pays().into(),
        }
    }

    /// What can be had.
    #[must_use]
    pub fn resolution(&self, effect: &ResolutionEffect) -> String {
        let m = self.say.m;
        let mut offered: Vec<String> = Vec::new();
        for resolution in &effect.offer {
            offered.push(match resolution {
                domain::policy::Resolution::StoreCredit if effect.store_credit_bonus != BasisPoints(0) => {
                    m.policy_bonus(self.say.f.number(effect.store_credit_bonus.percent()))
                }
                other => self.say.resolution(*other).to_owned(),
            });
        }
        m.either(&offered)
    }

    /// How it can come back.
    #[must_use]
    pub fn method(&self, effect: &MethodEffect) -> String {
        let offers = effect.offer.iter().map(|offer| match &offer.price {
            // What is never taken is not told.
            Some(price) if self.policy.takes_method_prices() => self.say.m.format_aside(self.say.method(offer.method), self.amounts(price)),
            _ => self.say.method(offer.method).to_owned(),
        });
        self.say.m.either(&offers.collect::<Vec<_>>())
    }

    /// What must be shown.
    #[must_use]
    pub fn evidence(&self, effect: &domain::policy::EvidenceEffect) -> String {
        match effect.ask {
            EvidenceKind::Photo => self.say.m.policy_photo(u64::from(effect.at_least), self.say.evidence_of(effect.shows())),
            EvidenceKind::TestReport => self.say.m.policy_test_report().into(),
        }
    }

    /// What is given on top.
    #[must_use]
    pub fn compensation(&self, effect: &CompensationEffect) -> String {
        let m = self.say.m;
        let share = |share: &Option<BasisPoints>| share.map(|share| self.say.f.number(share.percent()));
        let of_share = share(&effect.coupon_percent).map(|percent| match &effect.coupon_up_to {
            Some(most) => m.policy_coupon_share_up_to(self.amounts(most), percent),
            None => m.policy_coupon_share(percent),
        });
        let coupon = of_share
            .or_else(|| effect.coupon.as_ref().map(|coupon| m.policy_coupon(self.amounts(coupon))))
            .or_else(|| effect.coupon_free_shipping.then(|| m.policy_coupon_shipping().to_owned()));
        let points = (effect.points > 0).then(|| m.policy_points(u64::from(effect.points)));
        let credit = effect.credit.as_ref().map(|credit| m.policy_gift_credit(self.amounts(credit)));
        let credit_share = share(&effect.credit_percent).map(|percent| m.policy_gift_credit_share(percent));
        let mut parts: Vec<String> = coupon.into_iter().chain(points).chain(credit).chain(credit_share).collect();
        if parts.is_empty() {
            return m.policy_no_fee().into();
        }
        let terms = [
            effect.minimum_spend.as_ref().map(|least| m.policy_coupon_spend(self.amounts(least))),
            effect.transferable.then(|| m.policy_coupon_transferable().to_owned()),
            effect.days.map(|n| m.policy_gift_days(u64::from(n))),
            (effect.given == GivenAt::Approval).then(|| m.policy_gift_at_approval().to_owned()),
            effect.per_month.map(|n| m.policy_gift_month(u64::from(n))),
            effect.per_month_up_to.as_ref().map(|most| m.policy_gift_month_worth(self.amounts(most))),
            effect.review_above.as_ref().map(|most| m.policy_gift_review(self.amounts(most))),
        ];
        parts.extend(terms.into_iter().flatten());
        m.list(&parts)
    }

    /// How much less goods are worth, by grade.
    #[must_use]
    pub fn grade(&self, effect: &GradeEffect) -> String {
        let m = self.say.m;
        let rows =
            effect.rows().map(|(grade, percent)| m.policy_grade_percent(self.grade_name(grade), self.say.f.number(percent.percent())));
        m.list(&rows.collect::<Vec<_>>())
    }

    fn grade_name(&self, grade: Grade) -> &'static str {
        let m = self.say.m;
        match grade {
            Grade::A => m.policy_grade_a(),
            Grade::B => m.policy_grade_b(),
            Grade::C => m.policy_grade_c(),
            Grade::D => m.policy_grade_d(),
        }
    }

    /// What was found of goods.
    #[must_use]
    pub fn found(&self, found: Found) -> &'static str {
        self.say.found(found)
    }

    /// What is asked of whoever looks at goods.
    #[must_use]
    pub fn inspection(&self, effect: &InspectionEffect) -> String {
        let m = self.say.m;
        let asked = effect.questions.iter().map(|question| question.ask.get(m.locale).unwrap_or(question.id.as_str()).to_owned());
        m.list(&asked.collect::<Vec<_>>())
    }

    /// Where goods go.
    #[must_use]
    pub fn disposition(&self, effect: &DispositionEffect) -> String {
        let m = self.say.m;
        m.policy_disposed_to(match effect.to {
            GoesTo::Restock => m.policy_place_restock(),
            GoesTo::Refurbish => m.policy_place_refurbish(),
            GoesTo::Repair => m.policy_place_repair(),
            GoesTo::Resell => m.policy_place_resell(),
            GoesTo::Quarantine => m.policy_place_quarantine(),
            GoesTo::Donate => m.policy_place_donate(),
            GoesTo::Recycle => m.policy_place_recycle(),
            GoesTo::Scrap => m.policy_place_scrap(),
            GoesTo::SendBack => m.policy_place_send_back(),
        })
    }

    /// What stands in the place of a repair that failed.
    #[must_use]
    pub fn failed_repair(&self, effect: &FailedRepairEffect) -> &'static str {
        match effect.becomes {
            Instead::Refund => self.say.m.policy_repair_becomes_refund(),
            Instead::Replacement => self.say.m.policy_repair_becomes_replacement(),
        }
    }

    /// Who promises and pays what is due.
    #[must_use]
    pub fn payout(&self, effect: &PayoutEffect) -> String {
        let m = self.say.m;
        let by = match effect.by {
            PaidBy::Person => m.policy_paid_by_person(),
            PaidBy::Rules => m.policy_paid_by_rules(),
        };
        let early = effect.early.map(|early| match early {
            EarlyAt::Submission => m.policy_paid_at_submission(),
            EarlyAt::FirstScan => m.policy_paid_at_first_scan(),
        });
        let most = effect.up_to.as_ref().map(|most| m.policy_paid_up_to(self.amounts(most)));
        let second = effect.second_look_above.as_ref().map(|most| m.policy_paid_second_look(self.amounts(most)));
        let ships = match effect.ships {
            ShipsAt::Submission => Some(m.policy_ships_at_submission()),
            ShipsAt::FirstScan => Some(m.policy_ships_at_first_scan()),
            ShipsAt::Inspection => None,
        };
        let worth = effect.ships_up_to.as_ref().map(|most| m.policy_ships_up_to(self.amounts(most)));
        let ships = ships.map(str::to_owned).into_iter().chain(worth);
        let parts: Vec<String> = std::iter::once(by).chain(early).map(str::to_owned).chain(most).chain(second).chain(ships).collect();
        m.list(&parts)
    }

    /// Who reviews it.
    #[must_use]
    pub fn review(&self, effect: &ReviewEffect) -> String {
        let m = self.say.m;
        let why = match effect.by {
            Reviewer::Person => self.say.review(effect.because).to_owned(),
            Reviewer::Rules => m.policy_by_rules().to_owned(),
        };
        let whom = effect.to.as_ref().map(|to| m.policy_goes_to(m.list(&to.names())));
        std::iter::once(why).chain(whom).collect::<Vec<_>>().join(" ")
    }

    /// To whom late tasks go.
    #[must_use]
    pub fn escalation(&self, effect: &EscalationEffect) -> String {
        let m = self.say.m;
        let late = m.policy_escalated_after(u64::from(effect.after_hours));
        let tasks: Vec<String> = effect.tasks.iter().map(ToString::to_string).collect();
        let of = (!tasks.is_empty()).then(|| m.list(&tasks));
        of.into_iter().chain([late, m.policy_goes_to(m.list(&effect.to.names()))]).collect::<Vec<_>>().join(" · ")
    }

    /// What may be had for goods that were bought elsewhere.
    #[must_use]
    pub fn elsewhere(&self, effect: &ElsewhereEffect) -> String {
        let m = self.say.m;
        let offered: Vec<String> = effect.offer.iter().map(|one| self.say.resolution(*one).to_owned()).collect();
        let most = effect.up_to.as_ref().map(|most| m.policy_elsewhere_up_to(self.amounts(most)));
        let receipt = effect.receipt.then(|| m.policy_elsewhere_receipt().to_owned());
        let parts: Vec<String> = std::iter::once(m.list(&offered)).chain(most).chain(receipt).collect();
        parts.join("; ")
    }

    /// Whether outbound shipping comes back.
    #[must_use]
    pub fn outbound(&self, effect: &OutboundEffect) -> &'static str {
        match effect.refund {
            domain::policy::OutboundRefund::Never => self.say.m.policy_outbound_never(),
            domain::policy::OutboundRefund::WhenAllReturned => self.say.m.policy_outbound_all(),
            domain::policy::OutboundRefund::Always => self.say.m.policy_outbound_always(),
        }
    }

    fn amounts(&self, amounts: &Amounts) -> String {
        let mine = self.say.f.currency.and_then(|currency| Some(Money::new(amounts.in_currency(currency)?, currency)));
        if let Some(mine) = mine {
            return self.say.f.money(mine);
        }
        let shown: Vec<String> = amounts.iter().map(|money| self.say.f.money(money)).collect();
        shown.join(" / ")
    }

    /// What a rule that was looked at does, by table and id.
    #[must_use]
    pub fn rule(&self, table: domain::policy::Table, id: &str) -> Option<String> {
        use domain::policy::Table;
        let policy = self.policy;
        fn find<'p, E>(rules: &'p [domain::policy::Rule<E>], id: &str) -> Option<&'p E> {
            rules.iter().find(|rule| rule.id.as_str() == id).map(|rule| &rule.then)
        }
        match table {
            Table::Window => find(&policy.window, id).map(|effect| self.window(effect)),
            Table::Exclusion => find(&policy.exclusion, id)
                .map(|effect| self.say.m.format_aside(self.exclusion(effect), self.say.exclusion(effect.because))),
            Table::Resolution => find(&policy.resolution, id).map(|effect| self.resolution(effect)),
            Table::Fee => find(&policy.fee, id).map(|effect| self.fee(effect)),
            Table::Freight => find(&policy.freight, id).map(|effect| self.freight(effect)),
            Table::Outbound => find(&policy.outbound, id).map(|effect| self.outbound(effect).to_owned()),
            Table::Method => find(&policy.method, id).map(|effect| self.method(effect)),
            Table::Evidence => find(&policy.evidence, id).map(|effect| self.evidence(effect)),
            Table::Review => find(&policy.review, id).map(|effect| match effect.by {
                domain::policy::Reviewer::Person => self.say.review(effect.because).to_owned(),
                domain::policy::Reviewer::Rules => self.say.m.policy_by_rules().to_owned(),
            }),
            Table::Grade => find(&policy.grade, id).map(|effect| self.grade(effect)),
            // What shoppers are not told of here: their own page says what they get, and what becomes of goods is the shop's business.
            Table::Elsewhere => find(&policy.elsewhere, id).map(|effect| self.elsewhere(effect)),
            Table::Compensation | Table::Inspection | Table::Disposition | Table::FailedRepair | Table::Payout | Table::Escalation => None,
        }
    }

    #[must_use]
    pub fn table(&self, table: domain::policy::Table) -> &'static str {
        use domain::policy::Table;
        let m = self.say.m;
        match table {
            Table::Window => m.policy_windows(),
            Table::Exclusion => m.policy_exclusions(),
            Table::Resolution => m.policy_resolutions(),
            Table::Elsewhere => m.policy_elsewhere(),
            Table::Fee => m.policy_fees(),
            Table::Freight => m.policy_freight(),
            Table::Outbound => m.policy_outbound(),
            Table::Method => m.policy_methods(),
            Table::Evidence => m.policy_evidence(),
            Table::Review => m.policy_reviews(),
            Table::Compensation => m.policy_compensation(),
            Table::Grade => m.policy_grades(),
            Table::Inspection => m.policy_inspections(),
            Table::Disposition => m.policy_dispositions(),
            Table::FailedRepair => m.policy_failed_repairs(),
            Table::Payout => m.policy_payouts(),
            Table::Escalation => m.policy_escalations(),
        }
    }
}
