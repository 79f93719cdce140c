//! What policy answers, in words.

use domain::danger::Danger;
use domain::ids::LineId;
use domain::policy::{Change, ClockStart, Decision, EvidenceEffect, EvidenceKind, ExclusionGround, FeePer, ReviewGround, Sentence};

use super::Say;
use crate::ports::StillPossible;

impl Say {
    /// What is asked for, as a list says it.
    #[must_use]
    pub fn wanted(&self, effect: &EvidenceEffect) -> String {
        match effect.ask {
            EvidenceKind::Photo => self.m.show_photo(u64::from(effect.at_least), self.evidence_of(effect.shows())),
            EvidenceKind::TestReport => self.m.show_report().to_owned(),
        }
    }

    /// Why things are excluded, for the policy page.
    #[must_use]
    pub fn exclusion(&self, ground: ExclusionGround) -> &'static str {
        match ground {
            ExclusionGround::FinalSale => self.m.ground_final_sale(),
            ExclusionGround::SpecialPrice => self.m.ground_special_price(),
            ExclusionGround::Hygiene => self.m.ground_hygiene(),
            ExclusionGround::Personalised => self.m.ground_personalised(),
            ExclusionGround::Perishable => self.m.ground_perishable(),
            ExclusionGround::Digital => self.m.ground_digital(),
            ExclusionGround::GiftCard => self.m.ground_gift_card(),
            ExclusionGround::Opened => self.m.ground_opened(),
            ExclusionGround::Used => self.m.ground_used(),
            ExclusionGround::Incomplete => self.m.ground_incomplete(),
            ExclusionGround::Service => self.m.ground_service(),
            ExclusionGround::Policy => self.m.ground_policy(),
        }
    }

    /// Why a person looks, for the policy page.
    #[must_use]
    pub fn review(&self, ground: ReviewGround) -> &'static str {
        match ground {
            ReviewGround::HighValue => self.m.ground_high_value(),
            ReviewGround::Evidence => self.m.ground_evidence(),
            ReviewGround::SerialReturner => self.m.ground_serial_returner(),
            ReviewGround::UnclearReason => self.m.ground_unclear_reason(),
            ReviewGround::AmountUnknown => self.m.ground_amount_unknown(),
            ReviewGround::LeftBehind => self.m.ground_left_behind(),
            ReviewGround::OrderToldAnew => self.m.ground_order_told_anew(),
            ReviewGround::Unexplained => self.m.ground_unexplained(),
            ReviewGround::ArrivalUnknown => self.m.ground_arrival_unknown(),
            ReviewGround::ConditionUnknown => self.m.ground_condition_unknown(),
            ReviewGround::LawUnsettled => self.m.ground_law_unsettled(),
            ReviewGround::DangerousGoods => self.m.ground_dangerous_goods(),
            ReviewGround::Outbound => self.m.ground_outbound(),
            ReviewGround::Elsewhere => self.m.ground_elsewhere(),
            ReviewGround::Policy => self.m.ground_policy(),
        }
    }

    /// What to do with what no plain label may carry.
    #[must_use]
    pub fn danger(&self, danger: Danger) -> &'static str {
        match danger {
            Danger::Goods => self.m.sentence_dangerous_goods(),
            Danger::DamagedBattery => self.m.sentence_damaged_battery(),
        }
    }

    /// One reason of a verdict.
    #[must_use]
    pub fn sentence(&self, sentence: &Sentence) -> String {
        let m = self.m;
        match sentence {
            Sentence::WindowDays { day, days, .. } if *day < 0 => m.sentence_window_early(days),
            Sentence::WindowDays { day, days, from, last_day } => {
                let date = self.f.date(*last_day);
                match from {
                    ClockStart::Delivery => m.sentence_window_days_delivery(date, day, days),
                    ClockStart::Order => m.sentence_window_days_order(date, day, days),
                    ClockStart::Shipment => m.sentence_window_days_shipment(date, day, days),
                }
            }
            Sentence::WindowUntil { last_day } => m.sentence_window_until(self.f.date(*last_day)),
            Sentence::WindowCampaign { campaign, last_day } => {
                m.sentence_window_campaign(campaign.get(m.locale).unwrap_or_default(), self.f.date(*last_day))
            }
            Sentence::UnderWarranty { last_day: Some(last_day) } => m.sentence_under_warranty_until(self.f.date(*last_day)),
            Sentence::UnderWarranty { last_day: None } => m.sentence_under_warranty().into(),
            Sentence::WindowUnlimited {} => m.sentence_window_unlimited().into(),
            Sentence::WindowClosed { last_day } => m.sentence_window_closed(self.f.date(*last_day)),
            Sentence::WindowWaits {} => m.sentence_window_waits().into(),
            Sentence::WindowNever { if_faulty: false } => m.sentence_window_never().into(),
            Sentence::WindowNever { if_faulty: true } => m.sentence_window_never_but_faulty().into(),
            Sentence::LawWithdrawal { last_day: Some(last_day) } => m.sentence_law_withdrawal(self.f.date(*last_day)),
            Sentence::LawWithdrawal { last_day: None } => m.sentence_law_withdrawal_open().into(),
            Sentence::LawConformity { last_day: Some(last_day) } => m.sentence_law_conformity(self.f.date(*last_day)),
            Sentence::LawConformity { last_day: None } => m.sentence_law_conformity_open().into(),
            Sentence::LawOver { last_day } => m.sentence_law_over(self.f.date(*last_day)),
            Sentence::LawExcepted { exception } => m.exception(exception).unwrap_or(m.sentence_law_excepted()).into(),
            Sentence::OrderCancelled {} => m.sentence_order_cancelled().into(),
            Sentence::Excluded { ground } => self.excluded(*ground).into(),
            Sentence::NotOffered { resolution } => m.sentence_not_offered(self.resolution(*resolution)),
            Sentence::MethodNotOffered { method } => m.sentence_method_not_offered(self.method(*method)),
            Sentence::GiftMissing { name, units, .. } => m.sentence_gift_missing(u64::from(*units), name),
            Sentence::BundleIncomplete { name, units, .. } => m.sentence_bundle_incomplete(u64::from(*units), name),
            Sentence::GiftDeducted { name, units } => m.sentence_gift_deducted(u64::from(*units), name),
            Sentence::Fee { kind, percent, flat, per } => {
                let fee = self.fee(*kind);
                let flat = flat.as_ref().map(|flat| self.f.price(&flat.amount, flat.currency));
                match (percent, flat, per) {
                    (Some(percent), _, _) => m.sentence_fee_percent(fee, self.f.number(percent)),
                    (None, Some(amount), FeePer::Unit) => m.sentence_fee_flat_unit(amount, fee),
                    (None, amount, _) => m.sentence_fee_flat_line(amount.unwrap_or_default(), fee),
                }
            }
            Sentence::FreightFreeTier { tier } => m.sentence_freight_free_tier(self.code(tier)),
            Sentence::FreightFreeFault {} => m.sentence_freight_free_fault().into(),
            Sentence::FreightFreeLaw {} => m.sentence_freight_free_law().into(),
            Sentence::FreightFree {} => m.sentence_freight_free().into(),
            Sentence::FreightCustomer {} => m.sentence_freight_customer().into(),
            Sentence::DangerousGoods { damaged_battery } => {
                self.danger(if *damaged_battery { Danger::DamagedBattery } else { Danger::Goods }).into()
            }
            Sentence::Review { ground } => match ground {
                ReviewGround::HighValue => m.sentence_review_high_value(),
                ReviewGround::Evidence => m.sentence_review_evidence(),
                ReviewGround::SerialReturner => m.sentence_review_serial_returner(),
                ReviewGround::UnclearReason => m.sentence_review_unclear_reason(),
                ReviewGround::AmountUnknown => m.sentence_review_amount_unknown(),
                ReviewGround::LeftBehind => m.sentence_review_left_behind(),
                ReviewGround::OrderToldAnew => m.sentence_review_order_told_anew(),
                ReviewGround::Unexplained => m.sentence_review_unexplained(),
                ReviewGround::ArrivalUnknown => m.sentence_review_arrival_unknown(),
                ReviewGround::ConditionUnknown => m.sentence_review_condition_unknown(),
                ReviewGround::LawUnsettled => m.sentence_review_law_unsettled(),
                ReviewGround::DangerousGoods => m.sentence_review_dangerous_goods(),
                ReviewGround::Outbound => m.sentence_review_outbound(),
                ReviewGround::Elsewhere => m.sentence_review_elsewhere(),
                ReviewGround::Policy => m.sentence_review_policy(),
            }
            .into(),
            Sentence::Own { words } => words.get(m.locale).unwrap_or_default().to_owned(),
        }
    }

    fn excluded(&self, ground: ExclusionGround) -> &'static str {
        match ground {
            ExclusionGround::FinalSale => self.m.sentence_excluded_final_sale(),
            ExclusionGround::SpecialPrice => self.m.sentence_excluded_special_price(),
            ExclusionGround::Hygiene => self.m.sentence_excluded_hygiene(),
            ExclusionGround::Personalised => self.m.sentence_excluded_personalised(),
            ExclusionGround::Perishable => self.m.sentence_excluded_perishable(),
            ExclusionGround::Digital => self.m.sentence_excluded_digital(),
            ExclusionGround::GiftCard => self.m.sentence_excluded_gift_card(),
            ExclusionGround::Opened => self.m.sentence_excluded_opened(),
            ExclusionGround::Used => self.m.sentence_excluded_used(),
            ExclusionGround::Incomplete => self.m.sentence_excluded_incomplete(),
            ExclusionGround::Service => self.m.sentence_excluded_service(),
            ExclusionGround::Policy => self.m.sentence_excluded_policy(),
        }
    }

    /// What can still be had for an item in another state.
    #[must_use]
    pub fn still_possible(&self, still: &StillPossible) -> String {
        let m = self.m;
        let state = m.condition(still.condition).unwrap_or(still.condition);
        let what = m.either(&still.offers.iter().map(|offer| self.resolution(*offer).to_owned()).collect::<Vec<_>>());
        match still.window.last_day() {
            Some(day) => m.items_in_state_until(self.f.date(day), state, what),
            None => m.items_in_state(state, what),
        }
    }

    /// What would change an answer. `name`: the product of a line.
    #[must_use]
    pub fn change(&self, change: &Change, then: Decision, name: impl Fn(&LineId) -> String) -> String {
        let answer = match then {
            Decision::Approved => self.m.change_then_approved(),
            Decision::InReview => self.m.change_then_in_review(),
            Decision::Declined => self.m.change_then_declined(),
        };
        match change {
            Change::Resolution { resolution } => self.m.change_resolution(answer, self.resolution(*resolution)),
            Change::Include { line, units } => self.m.change_include(answer, u64::from(*units), name(line)),
            Change::Fault => self.m.change_fault(answer),
            Change::Later { day } => self.m.change_later(answer, self.f.date(*day)),
        }
    }
}
