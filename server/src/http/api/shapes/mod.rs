//! What the machine interface says of returns: one shape for answers, quotes and lists.

mod code;
mod line;
mod money;

use app::format::Format;
use app::say::Say;
use domain::policy::PromisedDates;
use domain::returns::{Parcel, Return, Status};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::services::Assessment;
use line::{LineOut, line_out, quoted_line};
use money::{GrantOut, MoneyOut, OfferMadeOut, PaymentOut, ReceiptOut, SettlementOut, grants, offers, one, payments, receipt, sum};

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
    /// The carrier does not take it any more: the label was called off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub voided: bool,
}

impl From<&Parcel> for ParcelOut {
    fn from(parcel: &Parcel) -> Self {
        Self {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            issued_at: parcel.issued_at.to_string(),
            label_expires_at: parcel.expires_at.to_string(),
            voided: parcel.voided,
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

/// Words for the language of a request.
pub fn words(locale: domain::words::Locale, now: jiff::Timestamp, zone: TimeZone) -> Say {
    Say::new(Format::new(locale, zone, now))
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
