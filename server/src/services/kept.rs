//! An assessment as a return keeps it, and what it lacks for that.

use domain::ids::Sku;
use domain::policy::{Decision, Resolution};
use domain::returns::{LineAsked, OrderPart, Succeeds};

use super::assess::{Assessment, LineAssessment, Part};
use super::exchange::ExchangeChoice;
use super::request::{RequestProblem, Wrong};

/// What lines need beyond a quote: reasons, a product to exchange for.
pub(super) fn incomplete(assessment: &Assessment) -> Vec<RequestProblem> {
    let mut problems = Vec::new();
    for (place, line) in assessment.lines.iter().enumerate() {
        let missing =
            |field: &str, what: &'static str| RequestProblem { field: format!("lines[{place}].{field}"), wrong: Wrong::Missing(what) };
        if line.reason.is_none() {
            problems.push(missing("reason", "why it comes back"));
        }
        if line.resolution == Some(Resolution::Exchange) && line.asked.exchange_sku.is_none() && line.decision != Decision::Declined {
            problems.push(missing("exchange_sku", "what is wanted in exchange"));
        }
    }
    problems
}

/// Each order's part, as it is kept.
pub(super) fn order_parts(assessment: &Assessment) -> Vec<OrderPart> {
    let part = |part: &Part| OrderPart {
        number: part.row.order.number.clone(),
        placed_at: part.row.order.placed_at,
        policy_version: part.policy_version,
        settlement: part.settlement.clone(),
    };
    assessment.parts.iter().map(part).collect()
}

/// A line, as it is kept.
pub(super) fn line_asked(line: &LineAssessment, assessment: &Assessment) -> Option<LineAsked> {
    let part = assessment.parts.iter().find(|part| part.row.order.number == line.asked.order)?;
    let product = part.row.order.line(&line.asked.line)?;
    let reason = line.reason.clone()?;
    let resolution = line.resolution.unwrap_or(Resolution::Refund);
    let exchanged = resolution == Resolution::Exchange;
    let exchange_sku: Option<Sku> = line.asked.exchange_sku.clone().filter(|_| exchanged);
    let wanted = line.exchange.wanted().filter(|_| exchanged);
    Some(LineAsked {
        order: part.row.order.number.clone(),
        line: line.asked.line.clone(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        variant: product.variant.clone(),
        category: product.category.clone(),
        kinds: part.policy.kinds_of(product),
        image: product.image.clone(),
        quantity: line.asked.quantity,
        reason: reason.reason,
        sub_reason: reason.sub_reason,
        fault: reason.fault,
        never_arrived: reason.never_arrived,
        said: line.asked.said.clone(),
        resolution,
        basis: line.taken_basis(),
        exchange_sku,
        exchange_name: wanted.and_then(ExchangeChoice::label),
        exchange_price: wanted.and_then(|wanted| wanted.price).map(|price| price.minor),
        succeeds: part.row.order.successor(&line.asked.line).map(|known| Succeeds { line: known.of.clone(), price: known.price }),
        evidence: line.given.iter().map(|row| row.id.clone()).collect(),
        evidence_wanted: line.evidence.clone(),
        verdict: line.decision,
        why: line.why.clone(),
        review: line.review,
        terms: line.terms.clone(),
    })
}
