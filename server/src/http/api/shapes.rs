//! What the machine interface says of returns: one shape for answers, quotes and lists.

use app::format::Format;
use app::say::Say;
use domain::item::ItemSaid;
use domain::money::Money;
use domain::policy::{Counterfactual, PromisedDates, RuleLook, Sentence};
use domain::returns::{GrantNo, Lot, Parcel, PaymentState, Return, ReturnLine, Status};
use domain::settlement::Settlement;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::services::{Assessment, ExchangeChoice, LineAssessment};

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

/// A return.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnOut {
    /// Its number; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// `in_review`, `approved`, `in_transit`, `attention`, `received`, `inspected`, `offered`, `granted`, `completed`, `sent_back`, `lapsed`,
    /// `declined`, `cancelled`.
    pub status: String,
    /// How it ended, where it has: `paid`, `exchanged`, `replaced`, `repaired`, `kept`, `sent_back`, `lapsed`, `declined`, `cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// When it was opened; a quote was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<String>,
    /// `web`, `phone`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Lines.
    pub lines: Vec<LineOut>,
    /// How it comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Ways offered for all of it together (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<MethodOut>,
    /// What the customer gets if everything is as said, the bonus of store credit aside.
    pub expected: MoneyOut,
    /// What the customer has to pay for something dearer in exchange.
    pub due: MoneyOut,
    /// Promised after inspection.
    pub granted: MoneyOut,
    /// Has left.
    pub paid: MoneyOut,
    /// Parcels.
    pub parcels: Vec<ParcelOut>,
    /// Promised dates.
    pub promises: PromisesOut,
    /// Summands of `expected`.
    pub settlement: Vec<ReceiptOut>,
    /// Each order's part: what comes back how, and to which payment.
    pub settlements: Vec<SettlementOut>,
    /// What was booked in (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub receipts: Option<Vec<Value>>,
    /// Less money than expected, offered (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<OfferMadeOut>>,
    /// Money promised (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<GrantOut>>,
    /// Attempts to pay it (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<Vec<PaymentOut>>,
    /// What goes out instead of money (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub remedies: Option<Vec<Value>>,
    /// Number of events; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// Units of a line that share a fate.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotOut {
    /// Its name in the return: `1.2`.
    pub id: String,
    /// How many.
    pub units: u32,
    /// Axis: may it come back?
    pub authorization: String,
    /// Axis: where is it?
    pub reception: String,
    /// Axis: is it as said?
    pub inspection: String,
    /// Axis: what becomes of it?
    pub disposition: String,
}

impl From<&Lot> for LotOut {
    fn from(lot: &Lot) -> Self {
        Self {
            id: lot.id.to_string(),
            units: lot.units,
            authorization: code(lot.state.authorization),
            reception: code(lot.state.reception),
            inspection: code(lot.state.inspection),
            disposition: code(lot.state.disposition),
        }
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

/// A line of a return.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
    /// Its name in the return; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Order.
    pub order: String,
    /// Line of the order.
    pub line: String,
    /// Stock keeping unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Units.
    pub quantity: u32,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, more finely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_reason: Option<String>,
    /// What the customer gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// The product wanted in exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_sku: Option<String>,
    /// What the customer said of it, described by the same type.
    #[serde(flatten)]
    #[schema(ignore)]
    pub said: ItemSaid,
    /// `approved`, `in_review`, `declined`.
    pub verdict: String,
    /// Axis: may it come back?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// Axis: where is it?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reception: Option<String>,
    /// Axis: is it as said?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection: Option<String>,
    /// Axis: what becomes of it?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// Axis: has the customer their money?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reimbursement: Option<String>,
    /// Its units by their fate (not in quotes); the axes above are those of the lot that is least far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lots: Option<Vec<LotOut>>,
    /// Why, as codes with values and as a sentence in the language asked for.
    pub why: Vec<WhyOut>,
    /// Evidence there is, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Evidence wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence_wanted: Vec<Value>,
    /// What it can be exchanged for, where the shop tells its stock (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeOut>,
    /// What can be had, with what it is worth (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<OfferOut>,
    /// Every rule looked at (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub trace: Vec<RuleLook>,
    /// What would change the answer (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub counterfactuals: Vec<Counterfactual>,
}

/// One reason of a verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyOut {
    /// Code with its values.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub sentence: Sentence,
    /// As a sentence.
    pub text: String,
}

/// Something to exchange for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangeOut {
    /// The product.
    pub sku: String,
    /// Its name, where told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Size, colour, where told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Units that can be promised.
    pub available: u32,
    /// What the customer gets back for all units asked for, negative where they pay more; left out where no price was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<MoneyOut>,
}

impl From<&ExchangeChoice> for ExchangeOut {
    fn from(choice: &ExchangeChoice) -> Self {
        Self {
            sku: choice.sku.to_string(),
            name: choice.name.clone(),
            variant: choice.variant.clone(),
            available: choice.available,
            difference: choice.difference.map(MoneyOut::from),
        }
    }
}

/// A resolution that can be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferOut {
    /// Which.
    pub resolution: String,
    /// What it is worth, freight aside.
    pub amount: MoneyOut,
    /// Of which a present of the shop.
    pub bonus: MoneyOut,
}

/// A way to send it back.
#[derive(Debug, Serialize, ToSchema)]
pub struct MethodOut {
    /// Which.
    pub method: String,
    /// What it costs the customer.
    pub price: MoneyOut,
}

/// A parcel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParcelOut {
    /// Who carries it.
    pub carrier: String,
    /// Their number.
    pub tracking_number: String,
    /// When the label was made.
    pub issued_at: String,
    /// Until when it works.
    pub label_expires_at: String,
}

impl From<&Parcel> for ParcelOut {
    fn from(parcel: &Parcel) -> Self {
        Self {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            issued_at: parcel.issued_at.to_string(),
            label_expires_at: parcel.expires_at.to_string(),
        }
    }
}

/// Promised dates.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromisesOut {
    /// A person has decided; only where one must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// The customer has sent it, or it was collected.
    pub sent_by: String,
    /// The label works until then.
    pub label_until: String,
    /// It has arrived.
    pub arrived_by: String,
    /// It has been inspected.
    pub inspected_by: String,
    /// The money has left.
    pub refunded_by: String,
}

impl From<PromisedDates> for PromisesOut {
    fn from(dates: PromisedDates) -> Self {
        Self {
            decided_by: dates.decided.map(|time| time.to_string()),
            sent_by: dates.sent.to_string(),
            label_until: dates.label.to_string(),
            arrived_by: dates.arrived.to_string(),
            inspected_by: dates.inspected.to_string(),
            refunded_by: dates.refunded.to_string(),
        }
    }
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
    fn of(order: &str, settlement: &Settlement, live: bool) -> Self {
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

fn receipt(order: &str, settlement: &Settlement) -> Vec<ReceiptOut> {
    settlement.receipt.iter().map(|row| receipt_row(order, row, settlement.currency)).collect()
}

fn receipt_row(order: &str, row: &domain::settlement::ReceiptLine, currency: domain::money::Currency) -> ReceiptOut {
    let amount = Money::new(row.amount, currency).decimal();
    ReceiptOut { order: order.to_owned(), kind: row.kind.clone(), amount, currency: currency.to_string() }
}

fn code(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn why(say: &Say, sentences: &[Sentence]) -> Vec<WhyOut> {
    sentences.iter().map(|sentence| WhyOut { sentence: sentence.clone(), text: say.sentence(sentence) }).collect()
}

fn sum<'s>(settlements: impl Iterator<Item = &'s Settlement>, of: impl Fn(&Settlement) -> i64) -> MoneyOut {
    let mut total: Option<Money> = None;
    for settlement in settlements {
        let sum = total.get_or_insert(Money::zero(settlement.currency));
        sum.minor += of(settlement);
    }
    // A return has one order at least, and all of one currency.
    total.map_or(MoneyOut { amount: "0".into(), currency: String::new() }, MoneyOut::from)
}

/// Words for the language of a request.
pub fn words(locale: domain::words::Locale, now: jiff::Timestamp, zone: TimeZone) -> Say {
    Say::new(Format::new(locale, zone, now))
}

fn offers(request: &Return) -> Vec<OfferMadeOut> {
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

fn grants(request: &Return) -> Vec<GrantOut> {
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

fn payments(request: &Return) -> Vec<PaymentOut> {
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

/// Whether the customer has the money of a line: `none`, `granted`, `paid`, `failed`.
fn reimbursement(request: &Return, line: &ReturnLine) -> &'static str {
    let of_line = |lots: &[domain::returns::LotNo]| lots.iter().any(|lot| lot.line == line.id);
    let grants: Vec<_> = request.grants.iter().filter(|grant| of_line(&grant.lots)).collect();
    let failed = |id: GrantNo| {
        let last = request.payments.iter().rfind(|payment| payment.grant == id);
        last.is_some_and(|payment| matches!(payment.state, PaymentState::Failed | PaymentState::Reversed))
    };
    if grants.is_empty() {
        "none"
    } else if grants.iter().all(|grant| request.paid_of(grant.id) >= grant.amount) {
        "paid"
    } else if grants.iter().any(|grant| failed(grant.id)) {
        "failed"
    } else {
        "granted"
    }
}

/// Sums of one currency: a return has only one.
fn one(sums: Vec<(domain::money::Currency, i64)>, request: &Return) -> MoneyOut {
    let nothing = || request.orders.first().map(|part| Money::zero(part.settlement.currency));
    let sum = sums.first().map(|(currency, minor)| Money::new(*minor, *currency)).or_else(nothing);
    sum.map_or(MoneyOut { amount: "0".into(), currency: String::new() }, MoneyOut::from)
}

impl ReturnOut {
    /// A return as it stands.
    pub fn of(request: &Return, say: &Say) -> Self {
        Self {
            ended: request.how_ended().map(|ended| ended.to_string()),
            receipts: Some(request.receipts.iter().filter_map(|receipt| serde_json::to_value(receipt).ok()).collect()),
            offers: Some(offers(request)),
            grants: Some(grants(request)),
            payments: Some(payments(request)),
            remedies: Some(request.remedies.iter().filter_map(|remedy| serde_json::to_value(remedy).ok()).collect()),
            rma: Some(request.rma.to_string()),
            status: request.status().to_string(),
            opened_at: Some(request.opened_at.to_string()),
            channel: Some(request.channel.to_string()),
            lines: request.lines.iter().map(|line| line_out(request, line, say)).collect(),
            method: Some(request.method.to_string()),
            methods: Vec::new(),
            expected: one(request.expected(), request),
            due: one(request.due(), request),
            granted: one(request.granted(), request),
            paid: one(request.paid(), request),
            parcels: request.parcels.iter().map(ParcelOut::from).collect(),
            promises: request.promises.into(),
            settlements: request
                .orders
                .iter()
                .map(|part| SettlementOut::of(part.number.as_str(), &part.settlement, request.is_live(part)))
                .collect(),
            settlement: request.orders.iter().flat_map(|part| receipt(part.number.as_str(), &part.settlement)).collect(),
            version: Some(request.version),
        }
    }

    /// What a request would become.
    pub fn quoted(assessment: &Assessment, say: &Say) -> Self {
        let settlements = || assessment.parts.iter().map(|part| &part.settlement);
        let status = Status::answered(assessment.lines.iter().map(|line| line.decision));
        Self {
            ended: None,
            receipts: None,
            offers: None,
            grants: None,
            payments: None,
            remedies: None,
            rma: None,
            status: status.to_string(),
            opened_at: None,
            channel: None,
            lines: assessment.lines.iter().map(|line| quoted_line(line, say)).collect(),
            method: None,
            methods: assessment.methods.iter().map(|way| MethodOut { method: way.method.to_string(), price: way.price.into() }).collect(),
            expected: sum(settlements(), |settled| settled.expected),
            due: sum(settlements(), |settled| settled.due),
            granted: sum(settlements(), |_| 0),
            paid: sum(settlements(), |_| 0),
            parcels: Vec::new(),
            promises: assessment.promises.into(),
            settlements: assessment
                .parts
                .iter()
                .map(|part| SettlementOut::of(part.row.order.number.as_str(), &part.settlement, true))
                .collect(),
            settlement: assessment.parts.iter().flat_map(|part| receipt(part.row.order.number.as_str(), &part.settlement)).collect(),
            version: None,
        }
    }
}

fn line_out(request: &Return, line: &ReturnLine, say: &Say) -> LineOut {
    let (asked, state) = (&line.asked, line.state());
    LineOut {
        id: Some(line.id.to_string()),
        lots: Some(line.lots.iter().map(LotOut::from).collect()),
        order: asked.order.to_string(),
        line: asked.line.to_string(),
        sku: Some(asked.sku.to_string()),
        quantity: asked.quantity,
        reason: Some(asked.reason.to_string()),
        sub_reason: asked.sub_reason.as_ref().map(ToString::to_string),
        resolution: Some(asked.resolution.to_string()),
        exchange_sku: asked.exchange_sku.as_ref().map(ToString::to_string),
        said: asked.said.clone(),
        verdict: code(asked.verdict),
        authorization: Some(code(state.authorization)),
        reception: Some(code(state.reception)),
        inspection: Some(code(state.inspection)),
        disposition: Some(code(state.disposition)),
        reimbursement: Some(reimbursement(request, line).to_owned()),
        why: why(say, &asked.why),
        evidence: asked.evidence.clone(),
        evidence_wanted: asked.evidence_wanted.iter().filter_map(|wanted| serde_json::to_value(wanted).ok()).collect(),
        exchanges: Vec::new(),
        resolutions: Vec::new(),
        trace: Vec::new(),
        counterfactuals: Vec::new(),
    }
}

fn quoted_line(line: &LineAssessment, say: &Say) -> LineOut {
    LineOut {
        id: None,
        lots: None,
        order: line.asked.order.to_string(),
        line: line.asked.line.to_string(),
        sku: None,
        quantity: line.asked.quantity,
        reason: line.asked.reason.clone(),
        sub_reason: line.asked.sub_reason.clone(),
        resolution: line.resolution.map(|resolution| resolution.to_string()),
        exchange_sku: line.asked.exchange_sku.as_ref().map(ToString::to_string),
        said: line.asked.said.clone(),
        verdict: code(line.decision),
        authorization: None,
        reception: None,
        inspection: None,
        disposition: None,
        reimbursement: None,
        why: why(say, &line.why),
        evidence: line.given.iter().map(|row| row.id.clone()).collect(),
        evidence_wanted: line.evidence.iter().filter_map(|wanted| serde_json::to_value(wanted).ok()).collect(),
        exchanges: line.exchange.choices.iter().map(ExchangeOut::from).collect(),
        resolutions: line
            .offers
            .iter()
            .map(|offer| OfferOut { resolution: offer.resolution.to_string(), amount: offer.amount.into(), bonus: offer.bonus.into() })
            .collect(),
        trace: line.trace.clone(),
        counterfactuals: line.counterfactuals.clone(),
    }
}
