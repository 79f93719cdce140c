//! What is known of one line of a request, gathered once and read by every rule.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::effects::{Campaign, ClockStart, KindRule, TierRule};
use super::request::{Case, CaseLine};
use super::resolution::{Method, Resolution};
use super::seen::Seen;
use crate::danger::{Danger, Told, danger_of};
use crate::days::{local_day, plus_days, plus_months};
use crate::ids::{Code, CountryCode};
use crate::money::Money;
use crate::order::{Order, OrderLine};
use crate::reason::Fault;

/// What a policy says of all lines alike.
#[derive(Clone, Copy, Debug)]
pub struct ShopRules<'a> {
    pub(super) time_zone: &'a TimeZone,
    pub(super) assumed_transit_days: u32,
    pub(super) campaigns: &'a [Campaign],
    pub(super) kinds: &'a [KindRule],
    pub(super) tiers: TierRule<'a>,
}

/// Everything a rule can ask about one line of a request.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    pub(super) order: &'a Order,
    pub(super) line: &'a OrderLine,
    pub(super) asked: &'a CaseLine,
    pub(super) case: &'a Case<'a>,
    pub(super) shop: ShopRules<'a>,
    pub(super) fault: Option<Fault>,
    pub(super) resolution: Option<Resolution>,
    pub(super) method: Option<Method>,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    pub(super) ordered: Date,
    shipped: Option<Date>,
    pub(super) delivered: Option<Date>,
    pub(super) arrived: Date,
    pub(super) paid: Money,
    /// What was found of the goods, once somebody has looked at them.
    pub(super) seen: Option<Seen>,
    /// Days by which what was promised was missed, once all was paid.
    pub(super) delay: Option<u32>,
}

impl<'a> Known<'a> {
    pub(super) fn gather(shop: ShopRules<'a>, case: &'a Case<'a>, line: &'a OrderLine, asked: &'a CaseLine, now: Timestamp) -> Self {
        let order = case.order;
        let day = |time: Timestamp| local_day(time, shop.time_zone);
        let shipped = order.shipped_at(&line.id).map(day);
        let delivered = order.delivered_at(&line.id).map(day);
        let ordered = day(order.placed_at);
        let arrived = delivered.unwrap_or_else(|| plus_days(shipped.unwrap_or(ordered), i64::from(shop.assumed_transit_days)));
        Self {
            order,
            line,
            asked,
            case,
            shop,
            fault: asked.reason.as_ref().map(|reason| reason.fault),
            resolution: asked.resolution,
            method: case.method,
            now,
            today: day(now),
            ordered,
            shipped,
            delivered,
            arrived,
            paid: order.money(order.paid_for(line, asked.quantity)),
            seen: None,
            delay: None,
        }
    }

    /// The same facts, with what was found of the goods.
    pub(super) fn with_seen(&self, seen: Seen) -> Self {
        Self { seen: Some(seen), ..self.clone() }
    }

    /// The same facts, once it is known by how many days what was promised was missed.
    pub(super) fn with_delay(&self, days: u32) -> Self {
        Self { delay: Some(days), ..self.clone() }
    }

    /// The same facts, were it somebody's fault.
    pub(super) fn with_fault(&self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self.clone() }
    }

    /// The same facts as they are for the review: `paid` is what was paid for all that comes back.
    pub(super) fn with_all_paid(&self, minor: i64) -> Self {
        Self { paid: self.order.money(minor), ..self.clone() }
    }

    /// The same facts with another resolution in mind.
    pub(super) fn with_resolution(&self, resolution: Option<Resolution>) -> Self {
        Self { resolution, ..self.clone() }
    }

    pub(super) fn country(&self) -> Option<CountryCode> {
        self.order.ship_to.as_ref().and_then(|address| address.country)
    }

    /// Whether what starts a window's clock has not been told of: day 0 is then the day on which it should have happened.
    pub(super) fn start_is_guessed(&self, from: ClockStart) -> bool {
        match from {
            ClockStart::Delivery => self.delivered.is_none(),
            ClockStart::Order => false,
            ClockStart::Shipment => self.shipped.is_none() && self.delivered.is_none(),
        }
    }

    /// Day 0 of a window.
    pub(super) fn start(&self, from: ClockStart) -> Date {
        match from {
            ClockStart::Delivery => self.arrived,
            ClockStart::Order => self.ordered,
            ClockStart::Shipment => self.shipped.unwrap_or(self.ordered),
        }
    }

    /// Last day of the item's own guarantee.
    pub(super) fn warranty_until(&self) -> Option<Date> {
        self.line.warranty_months.filter(|months| *months > 0).map(|months| plus_months(self.arrived, months))
    }

    pub(super) fn region(&self) -> Option<&'a str> {
        self.order.ship_to.as_ref().and_then(|address| address.region.as_deref())
    }

    /// The campaigns during which it was ordered.
    pub(super) fn campaigns(&self) -> impl Iterator<Item = &'a Code> {
        self.shop.campaigns.iter().filter(|campaign| campaign.holds(self.ordered)).map(|campaign| &campaign.id)
    }

    /// What the law calls it: as the order says, else by the shop's own table.
    pub(super) fn kinds(&self) -> Cow<'a, [Code]> {
        if !self.line.kinds.is_empty() || self.shop.kinds.is_empty() {
            return Cow::Borrowed(&self.line.kinds);
        }
        kinds_by_table(self.line, self.shop.kinds).cloned().collect()
    }

    /// All that the order and the shop's table call it.
    pub(super) fn all_kinds(&self) -> impl Iterator<Item = &'a Code> {
        self.line.kinds.iter().chain(kinds_by_table(self.line, self.shop.kinds))
    }

    /// Whether it comes back, and no plain label may carry it: by what the order says of it, or the shop's table.
    pub(super) fn danger(&self) -> Option<Danger> {
        let reason = self.asked.reason.as_ref();
        if reason.is_some_and(|reason| reason.never_arrived) {
            return None;
        }
        let told = Told {
            condition: self.asked.condition.as_ref(),
            reason: reason.map(|reason| &reason.reason),
            sub_reason: reason.and_then(|reason| reason.sub_reason.as_ref()),
        };
        danger_of(self.all_kinds(), told)
    }

    /// How often the line was repaired before because the shop answers for it, by return.
    pub(super) fn repairs(&self) -> u32 {
        self.case.history.repaired.iter().filter(|line| **line == self.line.id).count().try_into().unwrap_or(u32::MAX)
    }

    /// The customer's tier that counts; `none` for those who have none.
    pub(super) fn tier(&self) -> &'a Code {
        static NONE: LazyLock<Code> = LazyLock::new(|| "none".parse().expect("a code"));
        self.shop.tiers.of(&self.order.customer).unwrap_or(&NONE)
    }

    /// Proof of purchase; `order` where the shop's own record of the order is.
    pub(super) fn proof(&self) -> &'a Code {
        static ORDER: LazyLock<Code> = LazyLock::new(|| "order".parse().expect("a code"));
        self.case.proof.unwrap_or(&ORDER)
    }
}

/// What the shop's own table calls a line.
pub(super) fn kinds_by_table<'a>(line: &'a OrderLine, table: &'a [KindRule]) -> impl Iterator<Item = &'a Code> {
    let fits = |rule: &&KindRule| {
        line.category.as_ref().is_some_and(|category| rule.categories.contains(category)) || rule.tags.iter().any(|tag| line.has_tag(tag))
    };
    table.iter().filter(fits).map(|rule| &rule.kind)
}
