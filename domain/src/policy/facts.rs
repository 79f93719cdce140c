//! The facts of one line of a request, gathered once and read by every rule.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Policy;
use super::condition::FactKind;
use super::effects::ClockStart;
use super::request::{Case, CaseLine};
use super::resolution::{Method, Resolution};
use crate::ids::{Code, CountryCode};
use crate::money::{Currency, share};
use crate::order::{Order, OrderLine};
use crate::reason::Fault;

/// Everything a rule can ask about one line of a request.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub(super) order: &'a Order,
    pub(super) line: &'a OrderLine,
    pub(super) asked: &'a CaseLine,
    case: &'a Case<'a>,
    policy: &'a Policy,
    pub(super) fault: Option<Fault>,
    pub(super) resolution: Option<Resolution>,
    pub(super) method: Option<Method>,
    pub(super) today: Date,
    ordered: Date,
    shipped: Option<Date>,
    delivered: Option<Date>,
    arrived: Date,
    paid: i64,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(policy: &'a Policy, case: &'a Case<'a>, line: &'a OrderLine, asked: &'a CaseLine, now: Timestamp) -> Self {
        let order = case.order;
        let day = |time: Timestamp| local_day(time, &policy.time_zone);
        let shipped = order.shipped_at(&line.id).map(day);
        let delivered = order.delivered_at(&line.id).map(day);
        let ordered = day(order.placed_at);
        let arrived = delivered.unwrap_or_else(|| plus_days(shipped.unwrap_or(ordered), i64::from(policy.assumed_transit_days)));
        Self {
            order,
            line,
            asked,
            case,
            policy,
            fault: asked.reason.as_ref().map(|reason| reason.fault),
            resolution: asked.resolution,
            method: case.method,
            today: day(now),
            ordered,
            shipped,
            delivered,
            arrived,
            paid: share(line.net(), i64::from(asked.quantity), i64::from(line.quantity)),
        }
    }

    /// The same facts with another resolution in mind.
    pub(super) fn with_resolution(&self, resolution: Option<Resolution>) -> Self {
        Self { resolution, ..self.clone() }
    }

    pub(super) fn currency(&self) -> Currency {
        self.order.currency
    }

    pub(super) fn country(&self) -> Option<CountryCode> {
        self.order.ship_to.as_ref().and_then(|address| address.country)
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

    pub(super) fn any_code(&self, kind: FactKind, wanted: impl Fn(&Code) -> bool) -> bool {
        let one = |code: Option<&Code>| code.is_some_and(&wanted);
        match kind {
            FactKind::Category => one(self.line.category.as_ref()),
            FactKind::Tag => self.line.tags.iter().any(wanted),
            FactKind::Reason => one(self.asked.reason.as_ref().map(|reason| &reason.reason)),
            FactKind::SubReason => one(self.asked.reason.as_ref().and_then(|reason| reason.sub_reason.as_ref())),
            FactKind::Condition => one(self.asked.condition.as_ref()),
            FactKind::Campaign => {
                self.policy.campaigns.iter().any(|campaign| (campaign.from..=campaign.to).contains(&self.ordered) && wanted(&campaign.id))
            }
            FactKind::Tier => wanted(self.order.customer.tier.as_ref().unwrap_or(&self.policy.no_tier)),
            FactKind::Channel => one(self.order.channel.as_ref()),
            FactKind::Payment => self.order.payments.iter().filter_map(|payment| payment.method.as_ref()).any(wanted),
            FactKind::Proof => wanted(self.case.proof.unwrap_or(&self.policy.proof_by_order)),
            FactKind::OrderHasTag => self.order.lines.iter().flat_map(|line| &line.tags).any(wanted),
            _ => false,
        }
    }

    pub(super) fn any_sku(&self, kind: FactKind, wanted: impl Fn(&str) -> bool) -> bool {
        match kind {
            FactKind::Sku => wanted(self.line.sku.as_str()),
            FactKind::OrderHasSku => self.order.lines.iter().any(|line| wanted(line.sku.as_str())),
            _ => false,
        }
    }

    pub(super) fn text(&self, kind: FactKind) -> Option<&str> {
        let region = || self.order.ship_to.as_ref().and_then(|address| address.region.as_deref());
        match kind {
            FactKind::Region => region(),
            FactKind::ReturnRegion => self.case.return_region.or_else(region),
            _ => None,
        }
    }

    pub(super) fn flag(&self, kind: FactKind) -> Option<bool> {
        match kind {
            FactKind::FinalSale => Some(self.line.final_sale),
            FactKind::Gift => Some(self.line.gift_with.is_some()),
            FactKind::Bundle => Some(self.line.bundle.is_some()),
            FactKind::Warranty => Some(self.warranty_until().is_some_and(|until| self.today <= until)),
            FactKind::Opened => self.asked.condition.as_ref().map(|condition| condition.as_str() != "unopened"),
            FactKind::Withdrawal => Some(self.case.withdrawal),
            _ => None,
        }
    }

    pub(super) fn number(&self, kind: FactKind) -> Option<i64> {
        match kind {
            FactKind::Quantity => Some(i64::from(self.asked.quantity)),
            FactKind::DaysSinceDelivery => Some(days_between(self.arrived, self.today)),
            FactKind::DaysSinceOrder => Some(days_between(self.ordered, self.today)),
            FactKind::DaysSinceShipment => Some(days_between(self.start(ClockStart::Shipment), self.today)),
            FactKind::PriorReturns => Some(i64::from(self.case.history.prior_returns)),
            _ => None,
        }
    }

    pub(super) fn date(&self, kind: FactKind) -> Option<Date> {
        match kind {
            FactKind::Ordered => Some(self.ordered),
            FactKind::Delivered => self.delivered,
            FactKind::Requested => Some(self.today),
            _ => None,
        }
    }

    pub(super) fn amount(&self, kind: FactKind) -> Option<i64> {
        match kind {
            FactKind::Price => Some(self.line.unit_price),
            FactKind::Paid => Some(self.paid),
            FactKind::OrderValue => Some(self.order.goods_value()),
            _ => None,
        }
    }

    /// The fact in words, for a trace: codes joined by commas, dates and numbers as written in a policy; nothing where it is
    /// not known.
    pub(super) fn shown(&self, kind: FactKind) -> Option<String> {
        let code = |code: Option<&Code>| code.map(|code| code.as_str().to_owned());
        match kind {
            FactKind::Fault => self.fault.map(|fault| fault.to_string()),
            FactKind::Resolution => self.resolution.map(|resolution| resolution.code().to_owned()),
            FactKind::Method => self.method.map(|method| method.code().to_owned()),
            FactKind::Country => self.country().map(|country| country.to_string()),
            FactKind::Region | FactKind::ReturnRegion => self.text(kind).map(str::to_owned),
            FactKind::Sku => Some(self.line.sku.to_string()),
            FactKind::OrderHasSku => Some(joined(self.order.lines.iter().map(|line| line.sku.as_str()))),
            FactKind::Category => code(self.line.category.as_ref()),
            FactKind::Reason => code(self.asked.reason.as_ref().map(|reason| &reason.reason)),
            FactKind::SubReason => code(self.asked.reason.as_ref().and_then(|reason| reason.sub_reason.as_ref())),
            FactKind::Condition => code(self.asked.condition.as_ref()),
            FactKind::Tier => code(Some(self.order.customer.tier.as_ref().unwrap_or(&self.policy.no_tier))),
            FactKind::Channel => code(self.order.channel.as_ref()),
            FactKind::Proof => code(Some(self.case.proof.unwrap_or(&self.policy.proof_by_order))),
            FactKind::Tag => Some(joined(self.line.tags.iter().map(Code::as_str))),
            FactKind::OrderHasTag => Some(joined(self.order.lines.iter().flat_map(|line| &line.tags).map(Code::as_str))),
            FactKind::Payment => Some(joined(self.order.payments.iter().filter_map(|payment| payment.method.as_ref()).map(Code::as_str))),
            FactKind::Campaign => Some(joined(
                self.policy
                    .campaigns
                    .iter()
                    .filter(|campaign| (campaign.from..=campaign.to).contains(&self.ordered))
                    .map(|campaign| campaign.id.as_str()),
            )),
            FactKind::Price | FactKind::Paid | FactKind::OrderValue => self.amount(kind).map(|minor| self.order.money(minor).to_string()),
            FactKind::Any | FactKind::All | FactKind::Not => None,
            _ => (self.flag(kind).map(|flag| flag.to_string()))
                .or_else(|| self.number(kind).map(|number| number.to_string()))
                .or_else(|| self.date(kind).map(|date| date.to_string())),
        }
    }
}

fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

/// The calendar day of a moment in the shop's time zone.
pub fn local_day(time: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(time).date()
}

pub(super) fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days.clamp(-100_000, 100_000)))
}

pub(super) fn plus_months(date: Date, months: u32) -> Date {
    date.saturating_add(jiff::Span::new().months(i64::from(months.min(12_000))))
}

/// Whole calendar days from `start` to `end`; negative where `end` is earlier.
pub fn days_between(start: Date, end: Date) -> i64 {
    start.until(end).map(|span| i64::from(span.get_days())).unwrap_or(0)
}
