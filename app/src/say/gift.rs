//! Coupons, points and credit that are given on top because the shop or the carrier was at fault, in words.

use domain::compensation::{GiftKind, GiftSaid, GiftState, PointsKind};
use domain::money::Money;
use domain::policy::BasisPoints;
use domain::reason::Fault;

use super::Say;
use super::told::Words;
use crate::messages::{Occasion, Texts};
use crate::ports::GiftView;

impl Say {
    /// What it is, and how much: "a coupon of 10%".
    #[must_use]
    pub fn gift(&self, gift: &GiftSaid) -> String {
        let m = self.m;
        let money = |minor| self.f.money(Money::new(minor, gift.currency));
        let percent = || self.f.number(BasisPoints(gift.value).percent());
        match (gift.kind, gift.up_to) {
            (GiftKind::Percent, Some(most)) => m.policy_coupon_share_up_to(money(most), percent()),
            (GiftKind::Percent, None) => m.policy_coupon_share(percent()),
            (GiftKind::Amount, _) => m.policy_coupon(money(gift.value)),
            (GiftKind::FreeShipping, _) => m.policy_coupon_shipping().to_owned(),
            (GiftKind::Points, _) => m.policy_points(gift.value.unsigned_abs()),
            (GiftKind::Credit, _) => m.policy_gift_credit(money(gift.value)),
        }
    }

    /// Of which kind it is.
    #[must_use]
    pub fn gift_kind(&self, kind: GiftKind) -> &'static str {
        match kind {
            GiftKind::Percent | GiftKind::Amount | GiftKind::FreeShipping => self.m.gift_kind_coupon(),
            GiftKind::Points => self.m.gift_kind_points(),
            GiftKind::Credit => self.m.gift_kind_credit(),
        }
    }

    /// Why it is given.
    #[must_use]
    pub fn gift_fault(&self, fault: Fault) -> &'static str {
        if fault == Fault::Carrier { self.m.gift_because_carrier() } else { self.m.gift_because_shop() }
    }

    /// How it stands.
    #[must_use]
    pub fn gift_state(&self, state: GiftState) -> &'static str {
        let m = self.m;
        match state {
            GiftState::Waiting => m.gift_state_waiting(),
            GiftState::Given => m.gift_state_given(),
            GiftState::Redeemed => m.gift_state_redeemed(),
            GiftState::Expired => m.gift_state_expired(),
            GiftState::Withdrawn => m.gift_state_withdrawn(),
            GiftState::Refused => m.gift_state_refused(),
            GiftState::Capped => m.gift_state_capped(),
        }
    }

    /// Why points came or went.
    #[must_use]
    pub fn points_kind(&self, kind: PointsKind) -> &'static str {
        let m = self.m;
        match kind {
            PointsKind::Give => m.gift_points_give(),
            PointsKind::Redeem => m.account_credit_redeem(),
            PointsKind::Release => m.account_credit_release(),
            PointsKind::Withdraw => m.gift_state_withdrawn(),
            PointsKind::Expire => m.gift_state_expired(),
        }
    }

    /// How it is used: its code, until when, from which purchase on, and by whom.
    #[must_use]
    pub fn gift_terms(&self, gift: &GiftView) -> Vec<String> {
        let m = self.m;
        let open = gift.state == GiftState::Given;
        let until = gift.until.filter(|_| open).map(|day| m.account_credit_until(self.f.date(day)));
        let least = gift.minimum.map(|least| m.gift_from(self.f.money(least)));
        let by = (gift.code.is_some() && open).then(|| if gift.transferable { m.gift_by_anybody() } else { m.gift_by_you() }.to_owned());
        until.into_iter().chain(least).chain(by).collect()
    }

    /// What is said of something that was given on top.
    #[must_use]
    pub fn told_of_gift(&self, occasion: Occasion, texts: &Texts, gift: &GiftView, shop: &str) -> Words {
        let (amount, rma) = (self.gift(&gift.gift), gift.rma.to_string());
        let date = gift.until.map(|day| self.f.date(day)).unwrap_or_default();
        let values =
            [("amount", amount.as_str()), ("rma", rma.as_str()), ("order", gift.order.as_str()), ("date", date.as_str()), ("shop", shop)];
        let code = gift.code.as_ref().filter(|_| occasion != Occasion::CompensationWithdrawn).map(|code| self.m.gift_code(code));
        let terms = if occasion == Occasion::CompensationWithdrawn { Vec::new() } else { self.gift_terms(gift) };
        let words = self.told_with(texts, &values, None);
        Words { notes: code.into_iter().chain(terms).chain(words.notes).collect(), ..words }
    }
}
