//! Returns: what was asked for, decided and done, as a list of events and the state they lead to.

mod actor;
mod axis;
mod batch;
mod by_rule;
mod collected;
mod command;
mod compensated;
mod decide;
mod decide_again;
mod decide_back;
mod decide_collected;
mod decide_feedback;
mod decide_goods;
mod decide_hold;
mod decide_money;
mod decide_outbound;
mod decide_talk;
mod delay;
mod event;
mod evolve;
mod feedback;
mod grant;
mod grantable;
mod hand_out;
mod hold;
mod inspection;
mod late;
mod line;
mod lot;
mod moves;
mod number;
mod offer;
mod outbound;
mod parcel;
mod possible;
mod receipt;
mod refused;
mod remedy;
mod request;
mod said;
mod status;
mod stocked;
mod stored;
mod successors;
mod talk;
mod tasks;
mod timeline;
mod upcast;
mod workshop;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod model_check;
#[cfg(test)]
mod overdue;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use crate::policy::Grade;
pub use actor::Actor;
pub use batch::{BatchKind, MOST_PERCENT, NotTaken, units_lying};
pub use by_rule::{Answered, Answers, ByRule, Proposed, ReadThen};
pub use collected::{Awaited, Collectable, Collected, CollectedFor, DUE_REMINDED_AFTER, DUE_TASK_AFTER, GivenAhead};
pub use command::{Command, CommandKind, CommandRow, Finding, Role, Which};
pub use compensated::{Cause, Compensated, CompensationsDue, Ruled, compensations_due, is_established};
pub use delay::days_missed;
pub use event::{Because, Event, LineAdded, LineTerms, OrderSettled, Recorded};
pub use feedback::{CHANGED_WITHIN, Feedback, LOW_STARS, MOST_STARS};
pub use grant::{Grant, GrantCause, PaidTo, Payment, PaymentState};
pub use grantable::Grantable;
pub use hand_out::HandOut;
pub use hold::{Hold, HoldGround};
pub use inspection::{Deduction, Inspection};
pub use late::Late;
pub use line::ReturnLine;
pub use lot::{Authorization, Disposition, Lot, LotState, Reception};
pub use moves::{Move, Standing, Step};
pub use number::{CollectedNo, CommandId, GrantNo, LineNo, LotNo, NoSuchName, OfferNo, PaymentNo, ReceiptNo, RemedyNo};
pub use offer::{Offer, OfferAnswer, OfferState};
pub use outbound::{
    LONGEST_REFERENCE, NotOutbound, OnItsWay, Outbound, OutboundDelivery, OutboundKind, OutboundOutcome, ReportedBy, has_left,
};
pub use parcel::{LabelWanted, Parcel, Scan, ScanStatus};
pub use receipt::{Beside, Booked, Looked, Outcome, Receipt};
pub use refused::{CommandRefused, Facts, Last, Refused};
pub use remedy::{Remedy, RemedyKind, RemedyState};
pub use request::Return;
pub use said::{Contact, LineAsked, Opening, OrderPart, Pickup, Succeeds};
pub use status::{Ended, Status};
pub use stocked::{StockMove, StockState, stock_here, stock_moves, warehouse_of};
pub use stored::{History, Unreadable, write_event};
pub use talk::{MOST_UNANSWERED, Message, Talk};
pub use tasks::{Task, TaskKind, tasks};
pub use timeline::{Entry, EntryState, Moment, timeline, with_gifts};
pub use workshop::{AtWorkshop, RepairFor, at_workshop};
