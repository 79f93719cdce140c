//! The facts that rules test, one row each: its name in a policy, its kind, and where it comes from. Its words stand in
//! `app/locales/facts.toml`; there is no third place.

use schemars::JsonSchema;
use serde::Deserialize;

use super::days::days_between;
use super::declare::facts;
use super::effects::ClockStart;
use super::kinds::{Codes, Country, Day, FaultOf, Flag, Kind, MethodOf, Number, OneCode, Price, ResolutionOf, Skus, Text, Wants};
use super::known::Known;
use crate::ids::Code;
use crate::item::UNOPENED;

facts! {
    /// The item's category.
    category => Category: OneCode, |known| known.line.category.as_ref();
    /// The item's SKU; `TEE-*` means all that start so.
    sku => Sku: Skus, |known| std::iter::once(&known.line.sku);
    /// The item has one of these tags.
    tag => Tag: Codes, |known| known.line.tags.iter();
    /// List price of one unit.
    price => Price: Price, |known| known.order.money(known.line.unit_price);
    /// What the customer paid for the units that come back, discounts taken off.
    paid => Paid: Price, |known| known.paid;
    /// Units that come back.
    quantity => Quantity: Number, |known| i64::from(known.asked.quantity);
    /// Sold as final.
    final_sale => FinalSale: Flag, |known| known.line.final_sale;
    /// The item was a gift that came with another.
    gift => Gift: Flag, |known| known.line.gift_with.is_some();
    /// The item is part of a bundle.
    bundle => Bundle: Flag, |known| known.line.bundle.is_some();
    /// Within its own guarantee (`warranty_months` from delivery).
    warranty => Warranty: Flag, |known| known.warranty_until().is_some_and(|until| known.today <= until);
    /// Reason given.
    reason => Reason: OneCode, |known| known.asked.reason.as_ref().map(|reason| &reason.reason);
    /// Sub-reason given.
    sub_reason => SubReason: OneCode, |known| known.asked.reason.as_ref().and_then(|reason| reason.sub_reason.as_ref());
    /// Whose fault the reason is.
    fault => Fault: FaultOf, |known| known.fault;
    /// State of the item as the customer tells it: `unopened`, `opened`, `used`, `damaged`, `incomplete`, `dirty`, `altered`, `assembled`.
    condition => Condition: OneCode, |known| known.asked.condition.as_ref();
    /// Whether the item was opened; known as soon as its condition is.
    opened => Opened: Flag, |known| known.asked.condition.as_ref().map(|condition| condition.as_str() != UNOPENED);
    /// What the customer would get.
    resolution => Resolution: ResolutionOf, |known| known.resolution;
    /// How it would come back.
    method => Method: MethodOf, |known| known.method;
    /// Declared as a statutory withdrawal.
    withdrawal => Withdrawal: Flag, |known| known.case.withdrawal;
    /// Calendar days since the item was delivered (0: today); where the feed names no delivery, since it was sent, or ordered.
    days_since_delivery => DaysSinceDelivery: Number, |known| days_between(known.arrived, known.today);
    /// Calendar days since the order.
    days_since_order => DaysSinceOrder: Number, |known| days_between(known.ordered, known.today);
    /// Calendar days since the item was sent.
    days_since_shipment => DaysSinceShipment: Number, |known| days_between(known.start(ClockStart::Shipment), known.today);
    /// The day of the order.
    ordered => Ordered: Day, |known| known.ordered;
    /// The day of delivery.
    delivered => Delivered: Day, |known| known.delivered;
    /// The day of the request.
    requested => Requested: Day, |known| known.today;
    /// Ordered during one of these campaigns.
    campaign => Campaign: Codes, |known| known.campaigns();
    /// Membership tier; `none` for those who have none.
    tier => Tier: OneCode, |known| Some(known.tier());
    /// Country the order went to.
    country => Country: Country, |known| known.country();
    /// Province or state the order went to, as the order names it.
    region => Region: Text, |known| known.region();
    /// Province or state it comes back from; the same as `region` where not said otherwise.
    return_region => ReturnRegion: Text, |known| known.case.return_region.or_else(|| known.region());
    /// Where the order was placed: `web`, `store`, ….
    channel => Channel: OneCode, |known| known.order.channel.as_ref();
    /// One of the order's payments was made so: `card`, `gift_card`, ….
    payment => Payment: Codes, |known| known.order.payments.iter().filter_map(|payment| payment.method.as_ref());
    /// Proof of purchase: `order` (found in the shop's records), `receipt`, `gift_receipt`, `none`.
    proof => Proof: OneCode, |known| Some(known.proof());
    /// Returns by the same customer in the last 365 days.
    prior_returns => PriorReturns: Number, |known| i64::from(known.case.history.prior_returns);
    /// Goods value of the order, discounts taken off.
    order_value => OrderValue: Price, |known| known.order.money(known.order.goods_value());
    /// The order has a line with this SKU.
    order_has_sku => OrderHasSku: Skus, |known| known.order.lines.iter().map(|line| &line.sku);
    /// The order has a line with this tag.
    order_has_tag => OrderHasTag: Codes, |known| known.order.lines.iter().flat_map(|line| &line.tags);
}
