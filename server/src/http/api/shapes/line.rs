//! Lines of returns, for machines.

use app::say::Say;
use domain::item::ItemSaid;
use domain::policy::{Counterfactual, RuleLook, Sentence};
use domain::returns::{GrantNo, Lot, PaymentState, Return, ReturnLine};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::services::{ExchangeChoice, LineAssessment};

use super::code::code;
use super::money::MoneyOut;

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

pub(super) fn why(say: &Say, sentences: &[Sentence]) -> Vec<WhyOut> {
    sentences.iter().map(|sentence| WhyOut { sentence: sentence.clone(), text: say.sentence(sentence) }).collect()
}

/// Whether the customer has the money of a line: `none`, `granted`, `paid`, `failed`.
pub(super) fn reimbursement(request: &Return, line: &ReturnLine) -> &'static str {
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

pub(super) fn line_out(request: &Return, line: &ReturnLine, say: &Say) -> LineOut {
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

pub(super) fn quoted_line(line: &LineAssessment, say: &Say) -> LineOut {
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
