//! Lines of returns, for machines.

use app::say::Say;
use domain::ids::{LineId, OrderNumber, Sku};
use domain::item::ItemSaid;
use domain::policy::{Basis, Counterfactual, Decision, EvidenceEffect, LawLook, Payer, Resolution, RuleLook, Sentence};
use domain::returns::{Authorization, Disposition, GrantNo, Inspection, LineNo, Lot, LotNo, PaymentState, Reception, Return, ReturnLine};
use domain::scrap::ScrapGround;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::services::{ExchangeChoice, LineAssessment};

use super::money::MoneyOut;

/// Units of a line that share a fate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lot)]
pub struct LotOut {
    /// Its name in the return: `1.2`.
    #[schema(value_type = String)]
    pub id: LotNo,
    /// How many.
    pub units: u32,
    /// Axis: may it come back?
    #[schema(value_type = String)]
    pub authorization: Authorization,
    /// Axis: where is it?
    #[schema(value_type = String)]
    pub reception: Reception,
    /// Axis: is it as said?
    #[schema(value_type = String)]
    pub inspection: Inspection,
    /// Axis: what becomes of it?
    #[schema(value_type = String)]
    pub disposition: Disposition,
    /// Why clothes or shoes are destroyed: a derogation of Commission Delegated Regulation (EU) 2026/296, where one had to be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub scrap_ground: Option<ScrapGround>,
}

impl From<&Lot> for LotOut {
    fn from(lot: &Lot) -> Self {
        let state = lot.state;
        Self {
            id: lot.id,
            units: lot.units,
            authorization: state.authorization,
            reception: state.reception,
            inspection: state.inspection,
            disposition: state.disposition,
            scrap_ground: lot.scrap_ground,
        }
    }
}

/// A line of a return.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReturnLine)]
pub struct LineOut {
    /// Its name in the return; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub id: Option<LineNo>,
    /// Order.
    #[schema(value_type = String)]
    pub order: OrderNumber,
    /// Line of the order.
    #[schema(value_type = String)]
    pub line: LineId,
    /// Stock keeping unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sku: Option<Sku>,
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
    #[schema(value_type = Option<String>)]
    pub resolution: Option<Resolution>,
    /// The product wanted in exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub exchange_sku: Option<Sku>,
    /// The line in whose place it came, where it came in exchange: receipts name that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub in_exchange_for: Option<LineId>,
    /// What the customer said of it, described by the same type.
    #[serde(flatten)]
    #[schema(ignore)]
    pub said: ItemSaid,
    /// `approved`, `in_review`, `declined`.
    #[schema(value_type = String)]
    pub verdict: Decision,
    /// What that rests on: `policy` or `law`.
    #[schema(value_type = String)]
    pub basis: Basis,
    /// The last day on which it can be asked for, by whichever of policy and law lasts longer (quotes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub last_day: Option<Date>,
    /// The exception that took a right of law away: `perishable`, … (quotes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<&'static str>,
    /// By law the money must be back by then, as far as that is known (quotes only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub refund_by: Option<Date>,
    /// Axis: may it come back?
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub authorization: Option<Authorization>,
    /// Axis: where is it?
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reception: Option<Reception>,
    /// Axis: is it as said?
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub inspection: Option<Inspection>,
    /// Axis: what becomes of it?
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub disposition: Option<Disposition>,
    /// Axis: has the customer their money?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reimbursement: Option<&'static str>,
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
    #[schema(value_type = Vec<Object>)]
    pub evidence_wanted: Vec<EvidenceEffect>,
    /// What it can be exchanged for, where the shop tells its stock (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeOut>,
    /// What can be had, with what it is worth (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<OfferOut>,
    /// Every rule looked at (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub trace: Vec<LookOut>,
    /// What would change the answer (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub counterfactuals: Vec<Counterfactual>,
}

/// One reason of a verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Why)]
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
#[schema(as = ExchangeChoice)]
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
#[schema(as = ResolutionOffer)]
pub struct OfferOut {
    /// Which.
    pub resolution: String,
    /// What it is worth, freight aside.
    pub amount: MoneyOut,
    /// Of which a present of the shop.
    pub bonus: MoneyOut,
    /// What it rests on: `policy` or `law`. The terms below are those of one of them, never mixed.
    #[schema(value_type = String)]
    pub basis: Basis,
    /// Taken off for it.
    pub fee: MoneyOut,
    /// Who pays return shipping: `merchant` or `customer`.
    #[schema(value_type = String)]
    pub freight: Payer,
    /// Of the outbound shipping that much comes back by it; contained in `amount`.
    pub outbound: MoneyOut,
}

/// A rule that was looked at: of the policy, or (table `floor`) of the law.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum LookOut {
    /// The policy's.
    Rule(RuleLook),
    /// The law's.
    Law(LawLook),
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
        id: Some(line.id),
        lots: Some(line.lots.iter().map(LotOut::from).collect()),
        order: asked.order.clone(),
        line: asked.line.clone(),
        sku: Some(asked.sku.clone()),
        quantity: asked.quantity,
        reason: Some(asked.reason.to_string()),
        sub_reason: asked.sub_reason.as_ref().map(ToString::to_string),
        resolution: Some(asked.resolution),
        exchange_sku: asked.exchange_sku.clone(),
        in_exchange_for: asked.succeeds.as_ref().map(|succeeds| succeeds.line.clone()),
        said: asked.said.clone(),
        verdict: asked.verdict,
        basis: asked.basis,
        last_day: None,
        exception: None,
        refund_by: None,
        authorization: Some(state.authorization),
        reception: Some(state.reception),
        inspection: Some(state.inspection),
        disposition: Some(state.disposition),
        reimbursement: Some(reimbursement(request, line)),
        why: why(say, &asked.why),
        evidence: asked.evidence.clone(),
        evidence_wanted: asked.evidence_wanted.clone(),
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
        order: line.asked.order.clone(),
        line: line.asked.line.clone(),
        sku: None,
        quantity: line.asked.quantity,
        reason: line.asked.reason.clone(),
        sub_reason: line.asked.sub_reason.clone(),
        resolution: line.resolution,
        exchange_sku: line.asked.exchange_sku.clone(),
        in_exchange_for: None,
        said: line.asked.said.clone(),
        verdict: line.decision,
        basis: line.basis,
        last_day: line.until,
        exception: line.exception,
        refund_by: line.refund_by,
        authorization: None,
        reception: None,
        inspection: None,
        disposition: None,
        reimbursement: None,
        why: why(say, &line.why),
        evidence: line.given.iter().map(|row| row.id.clone()).collect(),
        evidence_wanted: line.evidence.clone(),
        exchanges: line.exchange.choices.iter().map(ExchangeOut::from).collect(),
        resolutions: line
            .offers
            .iter()
            .map(|offer| OfferOut {
                resolution: offer.resolution.to_string(),
                amount: offer.amount.into(),
                bonus: offer.bonus.into(),
                basis: offer.basis,
                fee: offer.fee.into(),
                freight: offer.payer,
                outbound: offer.outbound.into(),
            })
            .collect(),
        trace: line.trace.iter().cloned().map(LookOut::Rule).chain(line.law_trace.iter().cloned().map(LookOut::Law)).collect(),
        counterfactuals: line.counterfactuals.clone(),
    }
}
