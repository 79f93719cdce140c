//! The outbound leg (P23): goods that have not reached the customer. A case of it is a return whose goods are still on their way out: it takes their
//! units, so that nothing is asked for twice (P10), and ends in the same books, tasks, letters and timeline as any other. What is its own is here:
//! what was asked for, what was known of the parcel then, a clock, and what became of it.
//!
//! | asked for | what may become of it |
//! |---|---|
//! | `cancel`: hold it back before it leaves | stopped: the money goes back; too late: it has left |
//! | `intercept`: call it back on its way | coming back; delivered all the same; lost |
//! | `refused` at the door | coming back, at once; delivered after all; lost |
//! | `not_received` | delivered: it was found; coming back; lost |
//!
//! What comes back is booked in and looked at like any return, with no label; for what was stopped or lost nothing is waited for. While nobody
//! knows, lots are in review, and only this answers them: [`Command::AnswerOutbound`](super::Command::AnswerOutbound).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::ids::LineId;
use crate::order::{Delivery, Order, OrderLine};
use crate::policy::{OutboundRefund, Resolution};
use crate::reason::Fault;
use crate::settlement::Terms;

/// What is asked of a delivery on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundKind {
    /// Hold it back before it leaves.
    Cancel,
    /// Call it back on its way.
    Intercept,
    /// The customer did not take it at the door.
    Refused,
    /// It should be there, and the customer does not have it.
    NotReceived,
}

coded!(OutboundKind {
    Cancel => "cancel",
    Intercept => "intercept",
    Refused => "refused",
    NotReceived => "not_received",
});

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundOutcome {
    /// It never left.
    Stopped,
    /// It had left before it could be held back.
    TooLate,
    /// Whoever carries it brings it back.
    ComingBack,
    /// The customer has it.
    Delivered,
    /// Nobody finds it.
    Lost,
}

coded!(OutboundOutcome {
    Stopped => "stopped",
    TooLate => "too_late",
    ComingBack => "coming_back",
    Delivered => "delivered",
    Lost => "lost",
});

/// Who said so first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedBy {
    Customer,
    Carrier,
    Shop,
}

coded!(ReportedBy {
    Customer => "customer",
    Carrier => "carrier",
    Shop => "shop",
});

/// The longest name of an inquiry or claim with a carrier, in characters.
pub const LONGEST_REFERENCE: usize = 100;

/// What a return is that is about goods on their way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    pub kind: OutboundKind,
    pub reported_by: ReportedBy,
    /// What the order told of the delivery then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<OutboundDelivery>,
    /// Somebody asks whoever has it by then.
    pub ask_by: Timestamp,
    /// It is known what became of it by then, or a person decides without.
    pub until: Timestamp,
    /// The name of the inquiry or claim with whoever carries it, once they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pursued: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutboundOutcome>,
}

/// A delivery as the order told it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutboundDelivery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
}

impl From<&Delivery> for OutboundDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            carrier: delivery.carrier.clone(),
            tracking_number: delivery.tracking_number.clone(),
            shipped_at: delivery.shipped_at,
            delivered_at: delivery.delivered_at,
        }
    }
}

/// Why nothing of an order's outbound leg can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOutbound {
    #[error("the order was cancelled")]
    OrderCancelled,
    #[error("the order has no such delivery")]
    UnknownDelivery,
    #[error("it has several deliveries: say which")]
    WhichDelivery,
    #[error("it has left: have it called back on its way")]
    Left,
    #[error("it has not left yet: hold it back before it does")]
    NotLeft,
    #[error("it was delivered")]
    Delivered,
}

impl NotOutbound {
    /// As pages look up its words.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrderCancelled => "order_cancelled",
            Self::UnknownDelivery => "unknown_delivery",
            Self::WhichDelivery => "which_delivery",
            Self::Left => "left",
            Self::NotLeft => "not_left",
            Self::Delivered => "delivered",
        }
    }
}

/// What a case is about: the delivery, where it is of one, and units of lines.
#[derive(Clone, Debug, PartialEq)]
pub struct OnItsWay<'o> {
    pub delivery: Option<&'o Delivery>,
    pub units: Vec<(LineId, u32)>,
}

impl OutboundKind {
    /// What may become of it.
    pub fn outcomes(self) -> &'static [OutboundOutcome] {
        use OutboundOutcome::{ComingBack, Delivered, Lost, Stopped, TooLate};
        match self {
            Self::Cancel => &[Stopped, TooLate],
            Self::Intercept | Self::Refused | Self::NotReceived => &[ComingBack, Delivered, Lost],
        }
    }

    /// What the customer may get for it.
    pub fn resolutions(self) -> &'static [Resolution] {
        match self {
            Self::NotReceived => &[Resolution::Refund, Resolution::Replacement],
            Self::Cancel | Self::Intercept | Self::Refused => &[Resolution::Refund],
        }
    }

    /// Whether somebody carries it, who can be asked.
    pub fn is_carried(self) -> bool {
        self != Self::Cancel
    }

    /// Whether nobody need find out anything first.
    pub fn is_certain(self) -> bool {
        self == Self::Refused
    }

    /// The reason that its lines have.
    pub fn reason(self) -> &'static str {
        if self == Self::NotReceived { "missing_item" } else { "other" }
    }

    pub fn fault(self) -> Fault {
        if self == Self::NotReceived { Fault::Carrier } else { Fault::Customer }
    }

    /// What it means in money: nothing is taken off, nobody pays a way back, and of what never came the shipping goes back too.
    pub fn terms(self) -> Terms {
        let outbound = if self == Self::NotReceived { OutboundRefund::Always } else { OutboundRefund::WhenAllReturned };
        Terms { outbound, ..Terms::OUTSIDE }
    }

    /// What of an order it may be about; `delivery`: which of those that the order tells, by its place from 0.
    pub fn on_its_way(self, order: &Order, delivery: Option<usize>) -> Result<OnItsWay<'_>, NotOutbound> {
        if order.cancelled {
            return Err(NotOutbound::OrderCancelled);
        }
        let named = delivery.map(|place| order.deliveries.get(place).ok_or(NotOutbound::UnknownDelivery)).transpose()?;
        if self == Self::Cancel {
            if named.is_some_and(has_left) {
                return Err(NotOutbound::Left);
            }
            let units = units(order, |line| match named {
                Some(delivery) => carried(delivery, line),
                None => line.quantity.saturating_sub(gone(order, line)),
            });
            return if units.is_empty() { Err(NotOutbound::Left) } else { Ok(OnItsWay { delivery: named, units }) };
        }
        let fits = |delivery: &Delivery| match delivery {
            delivery if !has_left(delivery) => Err(NotOutbound::NotLeft),
            delivery if self == Self::Intercept && delivery.delivered_at.is_some() => Err(NotOutbound::Delivered),
            _ => Ok(()),
        };
        let found = match (named, order.deliveries.as_slice()) {
            (Some(delivery), _) => Some(delivery),
            // Shops need not tell how it goes.
            (None, []) => None,
            (None, [only]) => Some(only),
            (None, several) => {
                let mut fitting = several.iter().filter(|delivery| fits(delivery).is_ok());
                match (fitting.next(), fitting.next()) {
                    (Some(one), None) => Some(one),
                    (Some(_), Some(_)) => return Err(NotOutbound::WhichDelivery),
                    (None, _) => several.first(),
                }
            }
        };
        if let Some(delivery) = found {
            fits(delivery)?;
        }
        let units = units(order, |line| found.map_or(line.quantity, |delivery| carried(delivery, line)));
        Ok(OnItsWay { delivery: found, units })
    }
}

impl OutboundOutcome {
    /// Whether the customer gets what they asked for.
    pub fn gives(self) -> bool {
        matches!(self, Self::Stopped | Self::ComingBack | Self::Lost)
    }
}

impl Outbound {
    /// Whether nobody knows yet what became of it.
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }
}

/// Whether a delivery has left, as far as the order tells.
pub fn has_left(delivery: &Delivery) -> bool {
    delivery.shipped_at.is_some() || delivery.delivered_at.is_some()
}

/// Units of a line in a delivery.
fn carried(delivery: &Delivery, line: &OrderLine) -> u32 {
    if delivery.lines.is_empty() {
        return line.quantity;
    }
    let units = delivery.lines.iter().filter(|(id, _)| *id == line.id).map(|(_, units)| *units);
    units.fold(0, u32::saturating_add).min(line.quantity)
}

/// Units of a line that have left.
fn gone(order: &Order, line: &OrderLine) -> u32 {
    order.deliveries.iter().filter(|delivery| has_left(delivery)).map(|delivery| carried(delivery, line)).fold(0, u32::saturating_add)
}

/// Units of each line that travels at all.
fn units(order: &Order, of: impl Fn(&OrderLine) -> u32) -> Vec<(LineId, u32)> {
    let travels = order.lines.iter().filter(|line| line.digital.is_none());
    travels.map(|line| (line.id.clone(), of(line))).filter(|(_, units)| *units > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::OrderDocument;

    /// Two of line 1 and one of line 2, in the deliveries that are told.
    fn order(deliveries: &str) -> Order {
        let told = format!(
            r#"{{"number": "1", "placed_at": "2026-09-01T08:00:00Z", "currency": "EUR", "prices_include_tax": true,
                "lines": [{{"id": "1", "sku": "A", "name": "A", "quantity": 2, "unit_price": "10.00"}},
                          {{"id": "2", "sku": "B", "name": "B", "quantity": 1, "unit_price": "5.00"}}],
                "deliveries": {deliveries}}}"#
        );
        let document: OrderDocument = serde_json::from_str(&told).unwrap();
        Order::parse(&document).unwrap()
    }

    fn said(kind: OutboundKind, order: &Order, delivery: Option<usize>) -> String {
        match kind.on_its_way(order, delivery) {
            Ok(found) => found.units.iter().map(|(line, units)| format!("{units}x{line}")).collect::<Vec<_>>().join(" "),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn what_can_be_asked_follows_from_how_far_it_is() {
        let one = r#"{"lines": [{"id": "1", "quantity": 1}], "shipped_at": "2026-09-02T08:00:00Z"}"#;
        let (sent, there) = (r#"[{"shipped_at": "2026-09-02T08:00:00Z"}]"#, r#"[{"delivered_at": "2026-09-04T08:00:00Z"}]"#);
        let packed = r#"[{"warehouse": "HZ1"}]"#;
        let two = format!(r#"[{one}, {{"lines": [{{"id": "1", "quantity": 1}}], "delivered_at": "2026-09-03T08:00:00Z"}}]"#);
        let part = format!("[{one}]");
        for (deliveries, named, cancel, intercept, refused, missing) in [
            ("[]", None, "2x1 1x2", "2x1 1x2", "2x1 1x2", "2x1 1x2"),
            (packed, None, "2x1 1x2", "NotLeft", "NotLeft", "NotLeft"),
            (sent, None, "Left", "2x1 1x2", "2x1 1x2", "2x1 1x2"),
            (there, None, "Left", "Delivered", "2x1 1x2", "2x1 1x2"),
            (&part, None, "1x1 1x2", "1x1", "1x1", "1x1"),
            (&two, None, "1x2", "1x1", "WhichDelivery", "WhichDelivery"),
            (&two, Some(1), "Left", "Delivered", "1x1", "1x1"),
            (&two, Some(2), "UnknownDelivery", "UnknownDelivery", "UnknownDelivery", "UnknownDelivery"),
        ] {
            let order = order(deliveries);
            let answers: Vec<String> = OutboundKind::ALL.iter().map(|kind| said(*kind, &order, named)).collect();
            assert_eq!(answers, [cancel, intercept, refused, missing], "{deliveries} {named:?}");
        }
        let cancelled = Order { cancelled: true, ..order("[]") };
        assert!(OutboundKind::ALL.iter().all(|kind| kind.on_its_way(&cancelled, None) == Err(NotOutbound::OrderCancelled)));
    }
}
