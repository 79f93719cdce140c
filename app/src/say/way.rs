//! The way back and the wish: who pays, how much and when, what is had instead, what is late. The same words on every page and in every mail.

use domain::money::Money;
use domain::policy::{Method, Payer, Resolution, Span};
use domain::returns::{Entry, Late, LineAsked, Moment, Return};
use domain::settlement::Settlement;

use super::Say;
use crate::ports::{Told, Wanted};

/// What the way back costs the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayCost {
    Free,
    /// They pay whoever carries it.
    Carrier,
    /// Taken off what comes back.
    Deducted(Money),
    /// More than comes back: they pay it to us.
    Due(Money),
}

impl WayCost {
    /// For the customer, in a request that comes to `settlements`, all in one currency. `free`: the shop pays. Nothing where nothing comes back.
    pub fn of<'s>(method: Method, free: bool, settlements: impl IntoIterator<Item = &'s Settlement>) -> Option<Self> {
        let (mut charge, mut due) = (None::<Money>, false);
        for settlement in settlements {
            due |= settlement.due > 0;
            let freight = settlement.freight();
            if freight > 0 {
                let before = charge.map_or(0, |charge| charge.minor);
                charge = Some(Money::new(before + freight, settlement.currency));
            }
        }
        Some(match (method, charge) {
            (Method::None, _) => return None,
            (_, Some(charge)) if due => Self::Due(charge),
            (_, Some(charge)) => Self::Deducted(charge),
            (Method::Counter | Method::Arranged, None) => Self::Free,
            (_, None) if free => Self::Free,
            (_, None) => Self::Carrier,
        })
    }

    /// Of a return. Nothing where nothing comes back, or where it is too old for anybody to know.
    #[must_use]
    pub fn of_return(request: &Return) -> Option<Self> {
        let travelling = || request.live_lines().filter(|line| line.asked.sends_back());
        let payers: Vec<Payer> = travelling().filter_map(|line| line.asked.terms.as_ref().map(|terms| terms.payer)).collect();
        travelling().next()?;
        let parts = request.orders.iter().filter(|part| request.is_live(part)).map(|part| &part.settlement);
        let cost = Self::of(request.method, payers.contains(&Payer::Merchant), parts);
        cost.filter(|cost| *cost != Self::Carrier || !payers.is_empty())
    }
}

impl Say {
    /// How much the way back costs, where that is an amount, and who pays it when.
    #[must_use]
    pub fn way_cost(&self, cost: WayCost) -> (Option<Money>, &'static str) {
        match cost {
            WayCost::Free => (None, self.m.send_free()),
            WayCost::Carrier => (None, self.m.send_paid_by_you()),
            WayCost::Deducted(money) => (Some(money), self.m.send_deducted()),
            WayCost::Due(money) => (Some(money), self.m.send_due()),
        }
    }

    /// That in one line.
    #[must_use]
    pub fn way_cost_line(&self, cost: WayCost) -> String {
        let (amount, when) = self.way_cost(cost);
        amount.map_or_else(|| when.to_owned(), |amount| format!("{} · {when}", self.f.money(amount)))
    }

    /// A wish with what is wanted in exchange: `Exchange: 42 → 38`. `variant`: of what comes back.
    #[must_use]
    pub fn wish(&self, resolution: Resolution, variant: Option<&str>, wanted: Option<&Wanted>) -> String {
        let name = self.resolution(resolution);
        match (wanted, variant) {
            (Some(Wanted::Named(other)), Some(variant)) => self.m.format_pair(name, format!("{variant} → {other}")),
            (Some(Wanted::Named(other)), None) => self.m.format_pair(name, other),
            (Some(Wanted::Words(words)), _) => self.m.format_pair(name, self.m.wish_words(words)),
            (None, _) => name.to_owned(),
        }
    }

    /// The wish of a line of a return.
    #[must_use]
    pub fn wish_of(&self, asked: &LineAsked) -> String {
        self.wish(asked.resolution, asked.variant.as_deref(), Wanted::of(asked).as_ref())
    }

    /// By when an entry is promised. A pickup says its day and hours by itself.
    #[must_use]
    pub fn promised(&self, entry: &Entry) -> Option<String> {
        match (&entry.moment, entry.promised_by) {
            (Moment::Send { pickup: Some(_), method: Method::Pickup }, _) | (_, None) => None,
            (_, Some(by)) => Some(self.m.track_promised(self.f.by(by))),
        }
    }

    /// What is late, and what to do about it. `after_arrival`: from the arrival of the goods until the money has left.
    #[must_use]
    pub fn late(&self, entry: &Entry, after_arrival: Span) -> Option<String> {
        let (late, by) = (entry.late?, self.f.by(entry.promised_by?));
        let m = self.m;
        Some(match late {
            Late::Decision => m.track_late_decision(by),
            Late::Sending => m.track_late_sending(by, self.span(after_arrival)),
            Late::Pickup => m.track_late_pickup(by),
            Late::Arrival => m.track_late_arrival(by),
            Late::Check => m.track_late_check(by),
            Late::Money => m.track_late_money(by),
            Late::Item => m.track_late_item(by),
            Late::Repair => m.repair_late_text(by),
        })
    }
}

impl Say {
    /// What was just done to a return.
    #[must_use]
    pub fn told(&self, told: Told) -> &'static str {
        match told {
            Told::Added => self.m.told_added(),
            Told::Way => self.m.told_way(),
            Told::Label => self.m.told_label(),
            Told::Cancelled => self.m.told_cancelled(),
            Told::Part => self.m.told_part(),
            Told::Answered => self.m.told_answered(),
            Told::Written => self.m.told_written(),
            Told::Rated => self.m.told_rated(),
            Told::RatedLow => self.m.told_rated_low(),
            Told::Account => self.m.bank_told(),
            Told::Appealed => self.m.told_appealed(),
        }
    }
}
