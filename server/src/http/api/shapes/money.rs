//! Money of returns, for machines.

use domain::ids::OrderNumber;
use domain::money::{Currency, Decimals, Money};
use domain::returns::{CollectedNo, GrantNo, LineNo, LotNo, OfferNo, OfferState, PaidTo, PaymentNo, PaymentState, Return};
use domain::settlement::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An amount.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyOut {
    /// Decimal, with all decimals of its currency.
    #[schema(value_type = String)]
    pub amount: Decimals,
    /// ISO 4217.
    #[schema(value_type = String)]
    pub currency: Currency,
}

impl From<Money> for MoneyOut {
    fn from(Money { minor, currency }: Money) -> Self {
        Self { amount: Decimals { minor, currency }, currency }
    }
}

/// Less money than expected, offered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferMadeOut {
    /// Its name in the return: `o1`.
    #[schema(value_type = String)]
    pub id: OfferNo,
    /// Order.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// For which lots.
    #[schema(value_type = Vec<String>)]
    pub lots: Vec<LotNo>,
    /// What was expected for them.
    pub expected: MoneyOut,
    /// What is offered.
    pub amount: MoneyOut,
    /// It stands until then.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// `made`, `accepted`, `appealed`, `send_back`, `lapsed`, `replaced`.
    pub state: &'static str,
}

/// Money promised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub struct GrantOut {
    /// Its name in the return: `g1`.
    #[schema(value_type = String)]
    pub id: GrantNo,
    /// Order.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// For which lines, by their names in the return.
    #[schema(value_type = Vec<String>)]
    pub lines: Vec<LineNo>,
    /// For which lots.
    #[schema(value_type = Vec<String>)]
    pub lots: Vec<LotNo>,
    /// How much.
    pub amount: MoneyOut,
    /// On top, as credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus: Option<MoneyOut>,
    /// Why it is not paid for now, where it is not: `stopped`, `second_look`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<&'static str>,
    /// Summands of it.
    pub receipt: Vec<ReceiptOut>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// An attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantPayment)]
pub struct PaymentOut {
    /// Its name in the return: `p1`.
    #[schema(value_type = String)]
    pub id: PaymentNo,
    /// The grant it pays.
    #[schema(value_type = String)]
    pub grant: GrantNo,
    /// `payment`, `store_credit`, `manual`.
    #[schema(value_type = Object)]
    pub to: PaidTo,
    /// How much.
    pub amount: MoneyOut,
    /// `pending`, `paid`, `failed`, `reversed`.
    #[schema(value_type = String)]
    pub state: PaymentState,
    /// The gateway's or bank's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Money that the customer paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Collected)]
pub struct CollectedOut {
    /// Its name in the return: `c1`.
    #[schema(value_type = String)]
    pub id: CollectedNo,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The order whose money it is.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// What it is for.
    #[schema(value_type = Vec<String>)]
    pub lots: Vec<LotNo>,
    /// `due`: what something dearer in exchange costs more; `back`: what was given before goods came.
    #[serde(rename = "for")]
    pub cause: &'static str,
    /// How much.
    pub amount: MoneyOut,
    /// The gateway's name for the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// What bank or till call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A summand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptLine)]
pub struct ReceiptOut {
    /// Order.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// What it is: `goods`, `order_discount`, `tax`, `fee`, `freight`, … with its values.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub kind: ReceiptKind,
    /// Decimal; negative where it is taken off.
    #[schema(value_type = String)]
    pub amount: Decimals,
    /// ISO 4217.
    #[schema(value_type = String)]
    pub currency: Currency,
}

/// One order's part of a return. Amounts are decimals in `currency`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settlement)]
pub struct SettlementOut {
    /// Order.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// ISO 4217.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// What comes back if all is as said.
    #[schema(value_type = String)]
    pub expected: Decimals,
    /// What the customer owes.
    #[schema(value_type = String)]
    pub due: Decimals,
    /// The part of `expected` that is paid as store credit.
    #[schema(value_type = String)]
    pub store_credit: Decimals,
    /// On top of that credit, a present of the shop.
    #[schema(value_type = String)]
    pub bonus: Decimals,
    /// The rest, by payment in the order they were made.
    pub tenders: Vec<TenderOut>,
    /// Summands of `expected` less `due`.
    pub receipt: Vec<ReceiptOut>,
}

/// What goes back to one payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tender)]
pub struct TenderOut {
    /// The gateway's name for the payment; not told: by hand.
    pub payment: Option<String>,
    /// `card`, `alipay`, …
    pub method: Option<String>,
    /// The last four digits of the card, where told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_ending: Option<String>,
    /// Decimal.
    #[schema(value_type = String)]
    pub amount: Decimals,
}

impl SettlementOut {
    /// `live`: anything of it still stands.
    pub(super) fn of(order: &OrderNumber, settlement: &Settlement, live: bool) -> Self {
        let currency = settlement.currency;
        let amount = |minor: i64| Decimals { minor: if live { minor } else { 0 }, currency };
        let tender = |share: &TenderShare| TenderOut {
            payment: share.id.clone(),
            method: share.method.clone(),
            card_ending: share.card_ending.clone(),
            amount: amount(share.amount),
        };
        Self {
            order: order.clone(),
            currency,
            expected: amount(settlement.expected),
            due: amount(settlement.due),
            store_credit: amount(settlement.store_credit),
            bonus: amount(settlement.bonus),
            tenders: settlement.tenders.iter().filter(|_| live).map(tender).collect(),
            receipt: receipt(order, &settlement.receipt, currency),
        }
    }
}

pub(super) fn receipt(order: &OrderNumber, rows: &[ReceiptLine], currency: Currency) -> Vec<ReceiptOut> {
    let row = |row: &ReceiptLine| ReceiptOut {
        order: order.clone(),
        kind: row.kind.clone(),
        amount: Decimals { minor: row.amount, currency },
        currency,
    };
    rows.iter().map(row).collect()
}

/// Sums of what stands in each: a return has one order at least, and all of one currency.
pub(super) fn sum<'s>(settlements: impl Iterator<Item = &'s Settlement>, of: impl Fn(&Settlement) -> i64) -> Option<MoneyOut> {
    let add = |total: Option<Money>, settlement: &Settlement| {
        let before = total.map_or(0, |total| total.minor);
        Some(Money::new(before + of(settlement), settlement.currency))
    };
    settlements.fold(None, add).map(MoneyOut::from)
}

pub(super) fn offers(request: &Return) -> Vec<OfferMadeOut> {
    let state = |state: &OfferState| match state {
        OfferState::Made => "made",
        OfferState::Accepted => "accepted",
        OfferState::Appealed { .. } => "appealed",
        OfferState::SendBack => "send_back",
        OfferState::Lapsed => "lapsed",
        OfferState::Replaced => "replaced",
    };
    let offer = |offer: &domain::returns::Offer| OfferMadeOut {
        id: offer.id,
        order: offer.order.clone(),
        lots: offer.lots.clone(),
        expected: Money::new(offer.expected, offer.currency).into(),
        amount: Money::new(offer.amount, offer.currency).into(),
        until: offer.until,
        state: state(&offer.state),
    };
    request.offers.iter().map(offer).collect()
}

pub(super) fn grants(request: &Return) -> Vec<GrantOut> {
    let grant = |grant: &domain::returns::Grant| {
        let mut lines: Vec<LineNo> = grant.lots.iter().map(|lot| lot.line).collect();
        lines.dedup();
        GrantOut {
            id: grant.id,
            order: grant.order.clone(),
            lines,
            lots: grant.lots.clone(),
            amount: Money::new(grant.amount, grant.currency).into(),
            bonus: (grant.bonus > 0).then(|| Money::new(grant.bonus, grant.currency).into()),
            hold: request.held(grant.id).map(|hold| hold.ground.code()),
            receipt: receipt(&grant.order, &grant.receipt, grant.currency),
            at: grant.at,
        }
    };
    request.grants.iter().map(grant).collect()
}

pub(super) fn collected(request: &Return) -> Vec<CollectedOut> {
    let one = |known: &domain::returns::Collected| CollectedOut {
        id: known.id,
        at: known.at,
        order: known.order.clone(),
        lots: known.lots.clone(),
        cause: known.cause.code(),
        amount: Money::new(known.amount, known.currency).into(),
        payment: known.payment.clone(),
        reference: known.reference.clone(),
    };
    request.collected.iter().map(one).collect()
}

pub(super) fn payments(request: &Return) -> Vec<PaymentOut> {
    let currency = |id: GrantNo| request.grants.iter().find(|grant| grant.id == id).map(|grant| grant.currency);
    let payment = |payment: &domain::returns::Payment| {
        Some(PaymentOut {
            id: payment.id,
            grant: payment.grant,
            to: payment.to.clone(),
            amount: Money::new(payment.amount, currency(payment.grant)?).into(),
            state: payment.state,
            reference: payment.reference.clone(),
        })
    };
    request.payments.iter().filter_map(payment).collect()
}

/// Sums of one currency: a return has only one.
pub(super) fn one(sums: Vec<(Currency, i64)>, request: &Return) -> Option<MoneyOut> {
    let nothing = || request.orders.first().map(|part| Money::zero(part.settlement.currency));
    let sum = sums.first().map(|(currency, minor)| Money::new(*minor, *currency)).or_else(nothing);
    sum.map(MoneyOut::from)
}
