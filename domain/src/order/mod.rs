//! Orders: what was bought, paid and delivered. [`OrderDocument::admit`] is the gate for a shop's document, [`Order::parse`] turns it into values
//! that are already true.
//! Long because each part of an order, and what it adds up to, is told here.

mod admit;
mod contract;
mod described;
mod document;
mod elsewhere;
mod parse;
mod parts;
mod problem;
mod quantity;
mod successor;

use jiff::Timestamp;

pub use admit::Admitted;
pub use described::PLAIN;
pub use document::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DigitalDocument, DiscountDocument, ElsewhereDocument, LineDocument,
    OrderDocument, PaymentDocument, RefundDocument, RefundedLine, Told, card_ending,
};
pub use elsewhere::{BoughtElsewhere, LEAST_BOUGHT, MOST_UNITS_ELSEWHERE};
pub use parse::MOST_LINES;
pub use parts::LARGEST_QUANTITY;
pub use problem::FieldProblem;
pub use quantity::Quantity;
pub use successor::{NoRemedy, RemedyRef, Successor};

use crate::ids::{Code, CountryCode, EmailAddress, LineId, OrderNumber, PhoneNumber, Sku};
use crate::law::{self, Concluded, Digital, Informed};
use crate::money::{Currency, Money, share};
use crate::words::Locale;

/// An order, checked. All amounts are minor units of `currency`.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The number the customer knows.
    pub number: OrderNumber,
    /// When it was placed: decides which policy version applies (P2).
    pub placed_at: Timestamp,
    /// Of every amount below.
    pub currency: Currency,
    /// Whether prices contain tax.
    pub prices_include_tax: bool,
    /// Where it was bought: `web`, `store`, …
    pub channel: Option<Code>,
    pub customer: Customer,
    /// Where it was sent.
    pub ship_to: Option<Address>,
    /// What was bought; at least one line.
    pub lines: Vec<OrderLine>,
    /// Discounts on the whole order.
    pub discounts: Vec<OrderDiscount>,
    /// Outbound shipping paid.
    pub shipping: i64,
    /// What the cheapest way that was offered would have cost.
    pub shipping_standard: Option<i64>,
    /// Import duties paid.
    pub duties: i64,
    /// Captured payments, in the order they were made.
    pub payments: Vec<Payment>,
    /// Captured in other currencies, in minor units of those: kept, and never added to anything.
    pub payments_abroad: Vec<(Currency, Payment)>,
    /// Money that somebody else gave back on it.
    pub refunds: Vec<Refund>,
    /// Given back in other currencies, in minor units of those: kept, and never added to anything.
    pub refunds_abroad: Vec<(Currency, Refund)>,
    pub deliveries: Vec<Delivery>,
    /// How the contract came about, as the law asks.
    pub contract: ContractTerms,
    /// Cancelled before it was sent.
    pub cancelled: bool,
    /// Bought from somebody else, and taken back here all the same (P24): no money of it ever reached this shop, so none leaves it.
    pub elsewhere: bool,
    /// What it is where the shop tells of goods that go out in exchange for goods of another order: it brings no money of its own.
    pub remedy: Option<RemedyRef>,
    /// What came in exchange for its goods, as its returns say: no document tells it.
    pub exchanged: Vec<Successor>,
}

/// What the law asks of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractTerms {
    pub concluded: Concluded,
    /// A consumer bought it.
    pub consumer: bool,
    /// Of the right to withdraw.
    pub informed: Informed,
    /// That the way back is the customer's to pay.
    pub informed_of_return_cost: bool,
    /// The policy was shown before the purchase.
    pub policy_displayed: bool,
    pub copy: law::Copy,
    /// What had to be said before was missing or wrong.
    pub disclosure_defective: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// The shop's name for them.
    pub id: Option<String>,
    pub name: Option<String>,
    pub email: Option<EmailAddress>,
    pub phone: Option<PhoneNumber>,
    /// Their tier of today, as far as it was told; else that of the order.
    pub tier: Option<Code>,
    /// The order's own, where another was told since.
    pub tier_then: Option<Code>,
    /// Their language, where it is one of ours.
    pub locale: Option<Locale>,
}

impl Customer {
    /// Whether another order names the same customer: by the shop's name for them, by address, or by number.
    pub fn is_also(&self, other: &Self) -> bool {
        let mail = |customer: &Self| customer.email.as_ref().map(EmailAddress::key);
        let same = |a: Option<String>, b: Option<String>| a.is_some() && a == b;
        same(self.id.clone(), other.id.clone())
            || same(mail(self), mail(other))
            || same(self.phone.as_ref().map(ToString::to_string), other.phone.as_ref().map(ToString::to_string))
    }

    /// Takes in what the shop told of this customer since: the tier of today, and whatever the order does not say itself.
    pub fn take_in(&mut self, told: Self) {
        if let Some(today) = told.tier
            && self.tier.as_ref() != Some(&today)
        {
            self.tier_then = self.tier.replace(today);
        }
        self.name = self.name.take().or(told.name);
        self.email = self.email.take().or(told.email);
        self.phone = self.phone.take().or(told.phone);
        self.locale = self.locale.or(told.locale);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Address {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
}

/// Some units of one product.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    /// Its name within the order.
    pub id: LineId,
    pub sku: Sku,
    /// What the customer knows it as.
    pub name: String,
    /// Size, colour.
    pub variant: Option<String>,
    pub category: Option<Code>,
    pub tags: Vec<Code>,
    /// Units, at least 1.
    pub quantity: u32,
    /// List price of one unit.
    pub unit_price: i64,
    /// Off the whole line; at most its list price.
    pub discount: i64,
    /// On the whole line.
    pub tax: i64,
    pub final_sale: bool,
    /// The line this came with as a gift.
    pub gift_with: Option<LineId>,
    /// Bundle it is part of.
    pub bundle: Option<String>,
    pub batch: Option<String>,
    pub serials: Vec<String>,
    /// Of one unit.
    pub weight_grams: Option<u32>,
    /// Guarantee in months from delivery.
    pub warranty_months: Option<u32>,
    /// Address of a picture.
    pub image: Option<String>,
    /// What it is, as law and carriers look at it.
    pub kinds: Vec<Code>,
    /// Sealed when it arrived; nothing: its kind says so.
    pub sealed_on_delivery: Option<bool>,
    pub digital: Option<Digital>,
    /// The customer agreed, for this purchase, that it does not come back.
    pub exclusion_confirmed: Option<bool>,
}

/// A discount on the whole order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDiscount {
    pub code: Option<String>,
    /// Taken off.
    pub amount: i64,
    /// The goods' value it needed.
    pub minimum_spend: Option<i64>,
}

/// Payments of this method are the shop's own credit.
pub const STORE_CREDIT: &str = "store_credit";
/// Payments of this method were made to somebody else: what is given for them is the shop's own credit.
pub const ELSEWHERE: &str = "elsewhere";

/// A captured payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The gateway's name for it.
    pub id: Option<String>,
    /// `card`, `alipay`, …
    pub method: Option<Code>,
    /// Captured.
    pub amount: i64,
    /// The last four digits of the card it was paid with, where told.
    pub card_ending: Option<String>,
}

impl Payment {
    /// Whether what it brought is given back as the shop's own credit: it was paid with it, or to somebody else.
    pub fn is_credit(&self) -> bool {
        self.method.as_ref().is_some_and(|method| [STORE_CREDIT, ELSEWHERE].contains(&method.as_str()))
    }
}

/// Money given back elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Whoever gave it calls it so.
    pub id: String,
    /// The payment it went back to, where told.
    pub payment: Option<String>,
    /// The gateway's name for it, where told.
    pub reference: Option<String>,
    /// In all, minor units.
    pub amount: i64,
    /// Units that came back for it, with what of the amount was given for them.
    pub lines: Vec<(LineId, u32, i64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its name within the order.
    pub id: Option<String>,
    /// Units per line; empty: the whole order.
    pub lines: Vec<(LineId, u32)>,
    pub shipped_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub warehouse: Option<String>,
    /// Who picked it (C14).
    pub picker: Option<String>,
    /// Who packed it (C14).
    pub packer: Option<String>,
    /// Who carried it (C13).
    pub carrier: Option<String>,
    /// The carrier's number.
    pub tracking_number: Option<String>,
}

impl Order {
    /// The moment whose policy it is judged by: when it was placed (P2); what was bought elsewhere comes under the policy of the day it is brought.
    pub fn judged_as_of(&self, now: Timestamp) -> Timestamp {
        if self.elsewhere { now } else { self.placed_at }
    }

    /// The line of that name, or what came in exchange under it.
    pub fn line(&self, id: &LineId) -> Option<&OrderLine> {
        self.items().find(|line| line.id == *id)
    }

    /// Where it goes, as far as is known.
    pub fn country(&self) -> Option<CountryCode> {
        self.ship_to.as_ref().and_then(|address| address.country)
    }

    /// Deliveries that carried units of `line`.
    pub fn deliveries_of<'o>(&'o self, line: &'o LineId) -> impl Iterator<Item = &'o Delivery> {
        let bought = self.successor(line).is_none();
        let carried = move |delivery: &&Delivery| delivery.lines.is_empty() || delivery.lines.iter().any(|(id, _)| id == line);
        self.deliveries.iter().filter(move |delivery| bought && carried(delivery))
    }

    /// When the last units of `line` reached the customer; nothing while any parcel with it is under way.
    pub fn delivered_at(&self, line: &LineId) -> Option<Timestamp> {
        if let Some(successor) = self.successor(line) {
            return successor.delivered_at;
        }
        let mut last = None;
        for delivery in self.deliveries_of(line) {
            last = last.max(Some(delivery.delivered_at?));
        }
        last
    }

    /// When the last units of `line` left.
    pub fn shipped_at(&self, line: &LineId) -> Option<Timestamp> {
        match self.successor(line) {
            Some(successor) => successor.shipped_at,
            None => self.deliveries_of(line).filter_map(|delivery| delivery.shipped_at).max(),
        }
    }

    /// Goods after line discounts, before order discounts and tax on top.
    pub fn goods_value(&self) -> i64 {
        self.lines.iter().map(OrderLine::net).sum()
    }

    /// The same after order discounts.
    pub fn goods_paid(&self) -> i64 {
        let goods = self.goods_value();
        let discounts: i64 = self.discounts.iter().map(|discount| discount.amount).sum();
        goods - discounts.clamp(0, goods.max(0))
    }

    /// What was paid for so many units of a line: after its own discount and its share of the order's, tax on top aside.
    pub fn paid_for(&self, line: &OrderLine, units: u32) -> i64 {
        let net = line.net();
        let paid = net - share(self.goods_value() - self.goods_paid(), net, self.goods_value());
        share(paid, i64::from(units), i64::from(line.quantity))
    }

    /// What the lines, discounts, taxes, shipping and duties add up to; never below nothing.
    pub fn computed_total(&self) -> i64 {
        let tax: i64 = if self.prices_include_tax { 0 } else { self.lines.iter().map(|line| line.tax).sum() };
        let all = self.goods_value() + tax + self.shipping + self.duties;
        let discounts: i64 = self.discounts.iter().map(|discount| discount.amount).sum();
        all - discounts.min(all)
    }

    /// What was captured: the payments, or the computed total where the feed names none.
    pub fn captured(&self) -> i64 {
        if self.remedy.is_some() {
            return 0;
        }
        if self.names_no_payment() { self.computed_total() } else { self.payments.iter().map(|payment| payment.amount).sum() }
    }

    fn names_no_payment(&self) -> bool {
        self.payments.is_empty() && self.payments_abroad.is_empty()
    }

    /// Whether money came or went in another currency: what is left to give back in its own, a person must say.
    pub fn has_money_abroad(&self) -> bool {
        !self.payments_abroad.is_empty() || !self.refunds_abroad.is_empty()
    }

    /// The order with the money it had at an earlier telling: nothing that is told later changes what a return was promised by, and what was
    /// captured is the lower of both.
    #[must_use]
    pub fn with_money_of(self, first: Self) -> Self {
        let lower = self.currency == first.currency && self.captured() < first.captured();
        let (payments, payments_abroad) = match (lower, self.names_no_payment()) {
            (false, _) => (first.payments, first.payments_abroad),
            (true, true) => (vec![Payment { id: None, method: None, amount: self.captured(), card_ending: None }], Vec::new()),
            (true, false) => (self.payments, self.payments_abroad),
        };
        Self {
            placed_at: first.placed_at,
            currency: first.currency,
            prices_include_tax: first.prices_include_tax,
            lines: first.lines,
            discounts: first.discounts,
            shipping: first.shipping,
            shipping_standard: first.shipping_standard,
            duties: first.duties,
            payments,
            payments_abroad,
            elsewhere: first.elsewhere,
            ..self
        }
    }

    /// Whether another telling of the order has the same money in it.
    pub fn has_money_of(&self, other: &Self) -> bool {
        let money = |order: &Self| {
            let lines: Vec<_> =
                order.lines.iter().map(|line| (line.id.clone(), line.quantity, line.unit_price, line.discount, line.tax)).collect();
            let charges = (order.shipping, order.shipping_standard, order.duties);
            // Which card it was says nothing of the money.
            let bare = |payment: &Payment| Payment { card_ending: None, ..payment.clone() };
            let abroad: Vec<_> = order.payments_abroad.iter().map(|(paid_in, payment)| (*paid_in, bare(payment))).collect();
            let payments = (order.payments.iter().map(bare).collect::<Vec<_>>(), abroad);
            (order.currency, order.prices_include_tax, lines, order.discounts.clone(), charges, payments)
        };
        money(self) == money(other)
    }

    /// An amount in the order's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

impl OrderLine {
    /// The whole line after its own discount, before tax on top and order discounts.
    pub fn net(&self) -> i64 {
        self.unit_price * i64::from(self.quantity) - self.discount
    }

    /// Whether `tag` is among its tags.
    pub fn has_tag(&self, tag: &Code) -> bool {
        self.tags.contains(tag)
    }
}
