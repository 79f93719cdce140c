//! What a return is that is about goods on their way out (P23).

use domain::returns::{Outbound, OutboundKind, OutboundOutcome, ReportedBy};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What a return is that is about goods on their way out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outbound)]
pub struct OutboundOut {
    /// `cancel`, `intercept`, `refused` or `not_received`.
    #[schema(value_type = String)]
    kind: OutboundKind,
    /// `customer`, `carrier` or `shop`.
    #[schema(value_type = String)]
    reported_by: ReportedBy,
    /// Who carries it, as the order told then.
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    /// Their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    /// When it left, as the order told then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    shipped_at: Option<Timestamp>,
    /// When it was delivered, as the order told then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// By then it is known what became of it, or a person decides without.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// Whoever carries it was asked.
    asked: bool,
    /// What became of it, once that is known: `stopped`, `too_late`, `coming_back`, `delivered` or `lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    outcome: Option<OutboundOutcome>,
}

impl From<&Outbound> for OutboundOut {
    fn from(outbound: &Outbound) -> Self {
        let delivery = outbound.delivery.clone().unwrap_or_default();
        Self {
            kind: outbound.kind,
            reported_by: outbound.reported_by,
            carrier: delivery.carrier,
            tracking_number: delivery.tracking_number,
            shipped_at: delivery.shipped_at,
            delivered_at: delivery.delivered_at,
            until: outbound.until,
            asked: outbound.pursued.is_some(),
            outcome: outbound.outcome,
        }
    }
}
