//! Returns: what was asked for, decided and done, as a list of events and the state they lead to.

mod command;
mod decide;
mod event;
mod evolve;
mod grant;
mod line;
mod lot;
mod number;
mod offer;
mod parcel;
mod receipt;
mod remedy;
mod request;
mod said;
mod status;
mod stored;
mod tasks;
mod timeline;
mod upcast;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod model_check;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use command::{Command, CommandKind, CommandRow, Finding, Role, Which};
pub use decide::{CommandRefused, Facts, Refused};
pub use event::{Actor, Because, Event, LineAdded, LineTerms, OrderSettled, Recorded};
pub use grant::{Grant, GrantCause, PaidTo, Payment, PaymentState};
pub use line::ReturnLine;
pub use lot::{Authorization, Disposition, Inspection, Lot, LotState, Move, Reception, Standing, Step};
pub use number::{CommandId, GrantNo, LineNo, LotNo, NoSuchName, OfferNo, PaymentNo, ReceiptNo, RemedyNo};
pub use offer::{Offer, OfferAnswer, OfferState};
pub use parcel::{Parcel, Scan, ScanStatus};
pub use receipt::{Beside, Booked, Deduction, Grade, Looked, Outcome, Receipt};
pub use remedy::{Remedy, RemedyKind, RemedyState};
pub use request::Return;
pub use said::{Contact, LineAsked, Opening, OrderPart, Pickup};
pub use status::{Ended, Status};
pub use stored::{History, Unreadable, write_event};
pub use tasks::{Task, TaskKind, tasks};
pub use timeline::{Entry, EntryState, Moment, timeline};
