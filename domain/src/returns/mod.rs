//! Returns: what was asked for, decided and done, as a list of events and the state they lead to.

mod axes;
mod event;
mod request;
mod status;
mod timeline;

pub use axes::{Authorization, Command, Disposition, Inspection, LineState, Reception, Reimbursement, Step};
pub use event::{Actor, Because, Event, LineRef, OrderSettled, Recorded};
pub use request::{CommandRefused, Contact, LineAsked, Opening, OrderPart, Parcel, Pickup, Return, ReturnLine};
pub use status::Status;
pub use timeline::{Entry, EntryState, Moment, timeline};
