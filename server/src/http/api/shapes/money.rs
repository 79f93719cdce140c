//! Money of returns, for machines.

use domain::money::Money;
use domain::returns::{GrantNo, Return};
use domain::settlement::Settlement;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::code::code;

/// An amount.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyOut {
    /// Decimal, with all decimals of its currency.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

impl From<Money> for MoneyOut {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.to_string() }
    }
}

/// Less money than expected, offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferMadeOut {
    /// Its name in the return: `o1`.
    pub id: String,
    /// Order.
    pub order: String,
    /// For which lots.
    pub lots: Vec<String>,
    /// What was expected for them.
    pub expected: MoneyOut,
    /// What is offered.
    pub amount: MoneyOut,
    /// It stands until then.
    pub until: String,
    /// `made`, `accepted`, `appealed`, `send_back`, `lapsed`, `replaced`.
    pub state: String,
}

/// Money promised.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantOut {
    /// Its name in the return: `g1`.
    pub id: String,
    /// Order.
    pub order: String,
    /// For which lines, by their names in the return.
    pub lines: Vec<String>,
    /// For which lots.
    pub lots: Vec<String>,
    /// How much.
    pub amount: MoneyOut,
    /// Summands of it.
    pub receipt: Vec<ReceiptOut>,
    /// When.
    pub at: String,
}

/// An attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentOut {
    /// Its name in the return: `p1`.
    pub id: String,
    /// The grant it pays.
    pub grant: String,
    /// `payment`, `store_credit`, `manual`.
    #[schema(value_type = Object)]
    pub to: Value,
    /// How much.
    pub amount: MoneyOut,
    /// `pending`, `paid`, `failed`, `reversed`.
    pub state: String,
    /// The gateway's or bank's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A summand.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptOut {
    /// Order.
    pub order: String,
    /// What it is: `goods`, `order_discount`, `tax`, `fee`, `freight`, … with its values.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub kind: domain::settlement::ReceiptKind,
    /// Decimal; negative where it is taken off.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// One order's part of a return. Amounts are decimals in `currency`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettlementOut {
    /// Order.
    pub order: String,
    /// ISO 4217.
    pub currency: String,
    /// What comes back if all is as said.
    pub expected: String,
    /// What the customer owes.
    pub due: String,
    /// The part of `expected` that is paid as store credit.
    pub store_credit: String,
    /// On top of that credit, a present of the shop.
    pub bonus: String,
    /// The rest, by payment in the order they were made.
    pub tenders: Vec<TenderOut>,
    /// Summands of `expected` less `due`.
    pub receipt: Vec<ReceiptOut>,
}

/// What goes back to one payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenderOut {
    /// The gateway's name for the payment; not told: by hand.
    pub payment: Option<String>,
    /// `card`, `alipay`, …
    pub method: Option<String>,
    /// Decimal.
    pub amount: String,
}

impl SettlementOut {
    /// `live`: anything of it still stands.
    pub(super) fn of(order: &str, settlement: &Settlement, live: bool) -> Self {
        let text = |minor: i64| Money::new(if live { minor } else { 0 }, settlement.currency).decimal();
        let tender = |share: &domain::settlement::TenderShare| TenderOut {
            payment: share.id.clone(),
            method: share.method.clone(),
            amount: text(share.amount),
        };
        Self {
            order: order.to_owned(),
            currency: settlement.currency.to_string(),
            expected: text(settlement.expected),
            due: text(settlement.due),
            store_credit: text(settlement.store_credit),
            bonus: text(settlement.bonus),
            tenders: settlement.tenders.iter().filter(|_| live).map(tender).collect(),
            receipt: receipt(order, settlement),
        }
    }
}

pub(super) fn receipt(order: &str, settlement: &Settlement) -> Vec<ReceiptOut> {
    settlement.receipt.iter().map(|row| receipt_row(order, row, settlement.currency)).collect()
}

pub(super) fn receipt_row(order: &str, row: &domain::settlement::ReceiptLine, currency: domain::money::Currency) -> ReceiptOut {
    let amount = Money::new(row.amount, currency).decimal();
    ReceiptOut { order: order.to_owned(), kind: row.kind.clone(), amount, currency: currency.to_string() }
}

pub(super) fn sum<'s>(settlements: impl Iterator<Item = &'s Settlement>, of: impl Fn(&Settlement) -> i64) -> MoneyOut {
    let mut total: Option<Money> = None;
    for settlement in settlements {
        let sum = total.get_or_insert(Money::zero(settlement.currency));
        sum.minor += of(settlement);
    }
    // A return has one order at least, and all of one currency.
    total.map_or(MoneyOut { amount: "0".into(), currency: String::new() }, MoneyOut::from)
}

pub(super) fn offers(request: &Return) -> Vec<OfferMadeOut> {
    let offer = |offer: &domain::returns::Offer| OfferMadeOut {
        id: offer.id.to_string(),
        order: offer.order.to_string(),
        lots: offer.lots.iter().map(ToString::to_string).collect(),
        expected: Money::new(offer.expected, offer.currency).into(),
        amount: Money::new(offer.amount, offer.currency).into(),
        until: offer.until.to_string(),
        state: serde_json::to_value(&offer.state).ok().and_then(|state| Some(state["is"].as_str()?.to_owned())).unwrap_or_default(),
    };
    request.offers.iter().map(offer).collect()
}

pub(super) fn grants(request: &Return) -> Vec<GrantOut> {
    let grant = |grant: &domain::returns::Grant| {
        let mut lines: Vec<String> = grant.lots.iter().map(|lot| lot.line.to_string()).collect();
        lines.dedup();
        GrantOut {
            id: grant.id.to_string(),
            order: grant.order.to_string(),
            lines,
            lots: grant.lots.iter().map(ToString::to_string).collect(),
            amount: Money::new(grant.amount, grant.currency).into(),
            receipt: grant.receipt.iter().map(|row| receipt_row(grant.order.as_str(), row, grant.currency)).collect(),
            at: grant.at.to_string(),
        }
    };
    request.grants.iter().map(grant).collect()
}

pub(super) fn payments(request: &Return) -> Vec<PaymentOut> {
    let currency = |id: GrantNo| request.grants.iter().find(|grant| grant.id == id).map(|grant| grant.currency);
    let payment = |payment: &domain::returns::Payment| {
        Some(PaymentOut {
            id: payment.id.to_string(),
            grant: payment.grant.to_string(),
            to: serde_json::to_value(&payment.to).ok()?,
            amount: Money::new(payment.amount, currency(payment.grant)?).into(),
            state: code(payment.state),
            reference: payment.reference.clone(),
        })
    };
    request.payments.iter().filter_map(payment).collect()
}

/// Sums of one currency: a return has only one.
pub(super) fn one(sums: Vec<(domain::money::Currency, i64)>, request: &Return) -> MoneyOut {
    let nothing = || request.orders.first().map(|part| Money::zero(part.settlement.currency));
    let sum = sums.first().map(|(currency, minor)| Money::new(*minor, *currency)).or_else(nothing);
    sum.map_or(MoneyOut { amount: "0".into(), currency: String::new() }, MoneyOut::from)
}
