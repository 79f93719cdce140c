//! What the machine interface says of returns: one shape for answers, quotes and lists.

mod line;
mod money;
mod outbound;

use app::format::Format;
use app::say::Say;
use domain::ids::Code;
use domain::order::Address;
use domain::policy::{Method, PromisedDates};
use domain::returns::{Ended, Parcel, Receipt, Remedy, Return, Status};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::coupons::CompensationOut;
use super::tasks::TaskOut;
use crate::services::Assessment;
use line::{LineOut, line_out, quoted_line};
pub use money::MoneyOut;
use money::{
    CollectedOut, GrantOut, OfferMadeOut, PaymentOut, ReceiptOut, SettlementOut, collected, grants, offers, one, payments, receipt, sum,
};
use outbound::OutboundOut;

/// A return.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Return)]
pub struct ReturnOut {
    /// Its number; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rma: Option<RmaNumber>,
    /// `in_review`, `approved`, `in_transit`, `attention`, `received`, `inspected`, `offered`, `granted`, `completed`, `sent_back`, `lapsed`,
    /// `declined`, `cancelled`.
    #[schema(value_type = String)]
    pub status: Status,
    /// How it ended, where it has: `paid`, `exchanged`, `replaced`, `repaired`, `kept`, `sent_back`, `lapsed`, `declined`, `cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub ended: Option<Ended>,
    /// When it was opened; a quote was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<Timestamp>,
    /// `web`, `phone`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub channel: Option<Code>,
    /// Lines.
    pub lines: Vec<LineOut>,
    /// How it comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub method: Option<Method>,
    /// When and where the door is called at (of `pickup`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<PickupOut>,
    /// Ways offered for all of it together (quotes only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<MethodOut>,
    /// What the customer gets if everything is as said, the bonus of store credit aside. Sums are there whenever there is an order.
    #[schema(value_type = MoneyOut)]
    pub expected: Option<MoneyOut>,
    /// What the customer has to pay for something dearer in exchange.
    #[schema(value_type = MoneyOut)]
    pub due: Option<MoneyOut>,
    /// Promised after inspection.
    #[schema(value_type = MoneyOut)]
    pub granted: Option<MoneyOut>,
    /// Has left.
    #[schema(value_type = MoneyOut)]
    pub paid: Option<MoneyOut>,
    /// Parcels.
    pub parcels: Vec<ParcelOut>,
    /// Promised dates; none where a quote says that nothing can come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promises: Option<PromisesOut>,
    /// Summands of `expected`.
    pub settlement: Vec<ReceiptOut>,
    /// Each order's part: what comes back how, and to which payment.
    pub settlements: Vec<SettlementOut>,
    /// What was booked in (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub receipts: Option<Vec<Receipt>>,
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
    pub remedies: Option<Vec<Remedy>>,
    /// What the customer paid for it: what was due, or what had been given ahead (not in quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected: Option<Vec<CollectedOut>>,
    /// What was given on top because the shop or the carrier was at fault (where one return is asked for, and something was).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensations: Option<Vec<CompensationOut>>,
    /// What it is where it is about goods that have not reached the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<OutboundOut>,
    /// What people have to do about it (for keys of staff).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<TaskOut>>,
    /// Number of events; a quote has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// A way to send it back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MethodOffer)]
pub struct MethodOut {
    /// Which.
    #[schema(value_type = String)]
    pub method: Method,
    /// What it costs the customer.
    pub price: MoneyOut,
}

/// A door that is called at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PickupBooked)]
pub struct PickupOut {
    /// Day: `2026-11-24`.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Hours: `09-12`.
    pub slot: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub address: Option<Address>,
}

impl PickupOut {
    fn of(request: &Return) -> Option<Self> {
        let pickup = request.pickup.as_ref().filter(|_| request.method == Method::Pickup)?;
        Some(Self { date: pickup.date, slot: pickup.slot.clone(), address: request.from.clone() })
    }
}

/// A parcel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Parcel)]
pub struct ParcelOut {
    /// Who carries it.
    pub carrier: String,
    /// Their number.
    pub tracking_number: String,
    /// When the label was made.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Timestamp,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    pub label_expires_at: Timestamp,
    /// The carrier does not take it any more: the label was cancelled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub voided: bool,
}

impl From<&Parcel> for ParcelOut {
    fn from(parcel: &Parcel) -> Self {
        Self {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            issued_at: parcel.issued_at,
            label_expires_at: parcel.expires_at,
            voided: parcel.voided,
        }
    }
}

/// Promised dates.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Promises)]
pub struct PromisesOut {
    /// Someone on the shop's team has decided; only where one must.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_by: Option<Timestamp>,
    /// The customer has sent it, or it was collected.
    #[schema(value_type = String, format = DateTime)]
    pub sent_by: Timestamp,
    /// The label works until then.
    #[schema(value_type = String, format = DateTime)]
    pub label_until: Timestamp,
    /// It has arrived.
    #[schema(value_type = String, format = DateTime)]
    pub arrived_by: Timestamp,
    /// It has been inspected.
    #[schema(value_type = String, format = DateTime)]
    pub inspected_by: Timestamp,
    /// The money has left.
    #[schema(value_type = String, format = DateTime)]
    pub refunded_by: Timestamp,
}

impl From<PromisedDates> for PromisesOut {
    fn from(dates: PromisedDates) -> Self {
        Self {
            decided_by: dates.decided,
            sent_by: dates.sent,
            label_until: dates.label,
            arrived_by: dates.arrived,
            inspected_by: dates.inspected,
            refunded_by: dates.refunded,
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
            ended: request.how_ended(),
            receipts: Some(request.receipts.clone()),
            offers: Some(offers(request)),
            grants: Some(grants(request)),
            payments: Some(payments(request)),
            remedies: Some(request.remedies.clone()),
            collected: Some(collected(request)),
            rma: Some(request.rma),
            status: request.status(),
            opened_at: Some(request.opened_at),
            channel: Some(request.channel.clone()),
            lines: request.lines.iter().map(|line| line_out(request, line, say)).collect(),
            method: Some(request.method),
            pickup: PickupOut::of(request),
            methods: Vec::new(),
            expected: one(request.expected(), request),
            due: one(request.due(), request),
            granted: one(request.granted(), request),
            paid: one(request.paid(), request),
            parcels: request.parcels.iter().map(ParcelOut::from).collect(),
            promises: Some(request.promises.into()),
            settlements: request
                .orders
                .iter()
                .map(|part| SettlementOut::of(&part.number, &part.settlement, request.is_live(part)))
                .collect(),
            settlement: request
                .orders
                .iter()
                .flat_map(|part| receipt(&part.number, &part.settlement.receipt, part.settlement.currency))
                .collect(),
            compensations: None,
            outbound: request.outbound.as_ref().map(OutboundOut::from),
            tasks: None,
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
            collected: None,
            rma: None,
            status,
            opened_at: None,
            channel: None,
            lines: assessment.lines.iter().map(|line| quoted_line(line, say)).collect(),
            method: None,
            pickup: None,
            methods: assessment.methods.iter().map(|way| MethodOut { method: way.method, price: way.price.into() }).collect(),
            expected: sum(settlements(), |settled| settled.expected),
            due: sum(settlements(), |settled| settled.due),
            granted: sum(settlements(), |_| 0),
            paid: sum(settlements(), |_| 0),
            parcels: Vec::new(),
            promises: assessment.goes_ahead().then(|| assessment.promises.into()),
            settlements: assessment.parts.iter().map(|part| SettlementOut::of(&part.row.order.number, &part.settlement, true)).collect(),
            settlement: assessment
                .parts
                .iter()
                .flat_map(|part| receipt(&part.row.order.number, &part.settlement.receipt, part.settlement.currency))
                .collect(),
            compensations: None,
            outbound: None,
            tasks: None,
            version: None,
        }
    }
}
