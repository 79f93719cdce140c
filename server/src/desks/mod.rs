//! Desks: who may ask, and what they may see. They implement the pages' ports and take the forms' answers.

mod erasing;
mod failed;
mod gifts;
mod machine;
mod session;
mod shopper;
mod staff;

pub use failed::failed;
pub(crate) use gifts::{gift_view, last_day};
pub use machine::MachineDesk;
pub use session::{FindForm, LoginForm, Session, SessionData, Visitor};
pub use shopper::{Desk, Next, NotKept, Photo, Showing, sentence_of};
pub(crate) use staff::door_view;
pub(crate) use staff::is_late;
pub use staff::{NoTable, SaidLater, StaffDesk, StaffNext, claims_table};
