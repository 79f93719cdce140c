//! What the machine interface says of returns: one shape for answers, quotes and lists.

use app::format::Format;
use app::say::Say;
use domain::money::Money;
use domain::policy::{Counterfactual, PromisedDates, RuleLook, Sentence};
use domain::returns::{Parcel, Reimbursement, Return, ReturnLine};
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
    /// `in_review`, `approved`, `in_transit`, `attention`, `received`, `inspected`, `granted`, `completed`, `declined`, `cancelled`.
    pub status: String,
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
    /// Number of events; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// A line of a return.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
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
    let line = |line: &domain::settlement::ReceiptLine| {
        let money = Money::new(line.amount, settlement.currency);
        ReceiptOut { order: order.to_owned(), kind: line.kind.clone(), amount: money.decimal(), currency: settlement.currency.to_string() }
    };
    settlement.receipt.iter().map(line).collect()
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

impl ReturnOut {
    /// A return as it stands.
    pub fn of(request: &Return, say: &Say) -> Self {
        let has = |wanted: &[Reimbursement]| request.live_lines().any(|line| wanted.contains(&line.state.reimbursement));
        let granted = has(&[Reimbursement::Granted, Reimbursement::Paid, Reimbursement::Failed]);
        let paid = has(&[Reimbursement::Paid]);
        let settlements = || request.orders.iter().map(|part| &part.settlement);
        let live = request.live_lines().next().is_some();
        Self {
            rma: Some(request.rma.to_string()),
            status: request.status().to_string(),
            opened_at: Some(request.opened_at.to_string()),
            channel: Some(request.channel.to_string()),
            lines: request.lines.iter().map(|line| line_out(line, say)).collect(),
            method: Some(request.method.to_string()),
            methods: Vec::new(),
            expected: sum(settlements(), |settled| if live { settled.expected } else { 0 }),
            due: sum(settlements(), |settled| if live { settled.due } else { 0 }),
            granted: sum(settlements(), |settled| if granted { settled.expected } else { 0 }),
            paid: sum(settlements(), |settled| if paid { settled.expected } else { 0 }),
            parcels: request.parcels.iter().map(ParcelOut::from).collect(),
            promises: request.promises.into(),
            settlements: request.orders.iter().map(|part| SettlementOut::of(part.number.as_str(), &part.settlement, live)).collect(),
            settlement: request.orders.iter().flat_map(|part| receipt(part.number.as_str(), &part.settlement)).collect(),
            version: Some(request.version),
        }
    }

    /// What a request would become.
    pub fn quoted(assessment: &Assessment, say: &Say) -> Self {
        let settlements = || assessment.parts.iter().map(|part| &part.settlement);
        let status = domain::returns::Status::of(assessment.lines.iter().map(|line| domain::returns::LineState {
            authorization: match line.decision {
                domain::policy::Decision::Approved => domain::returns::Authorization::Approved,
                domain::policy::Decision::InReview => domain::returns::Authorization::InReview,
                domain::policy::Decision::Declined => domain::returns::Authorization::Declined,
            },
            ..domain::returns::LineState::REQUESTED
        }));
        Self {
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

fn line_out(line: &ReturnLine, say: &Say) -> LineOut {
    let asked = &line.asked;
    LineOut {
        order: asked.order.to_string(),
        line: asked.line.to_string(),
        sku: Some(asked.sku.to_string()),
        quantity: asked.quantity,
        reason: Some(asked.reason.to_string()),
        sub_reason: asked.sub_reason.as_ref().map(ToString::to_string),
        resolution: Some(asked.resolution.to_string()),
        exchange_sku: asked.exchange_sku.as_ref().map(ToString::to_string),
        verdict: code(asked.verdict),
        authorization: Some(code(line.state.authorization)),
        reception: Some(code(line.state.reception)),
        inspection: Some(code(line.state.inspection)),
        disposition: Some(code(line.state.disposition)),
        reimbursement: Some(code(line.state.reimbursement)),
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
        order: line.asked.order.to_string(),
        line: line.asked.line.to_string(),
        sku: None,
        quantity: line.asked.quantity,
        reason: line.asked.reason.clone(),
        sub_reason: line.asked.sub_reason.clone(),
        resolution: line.resolution.map(|resolution| resolution.to_string()),
        exchange_sku: line.asked.exchange_sku.as_ref().map(ToString::to_string),
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
