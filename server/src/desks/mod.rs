//! Desks: who may ask, and what they may see. They implement the pages' ports and take the forms' answers.

mod account;
mod draft;
mod forms;
mod session;
mod shopper;
mod show;
mod start;
mod views;

pub use draft::{Draft, DraftLine, web};
pub use forms::{Fields, Next};
pub use session::{FindForm, LoginForm, Session, SessionData, Visitor};
pub use shopper::{Desk, failed};
pub use show::{NotKept, sentence_of};
