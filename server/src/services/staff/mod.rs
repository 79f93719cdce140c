//! People at work: how they come in, and who may let them.

mod breached;
mod devices;
mod factor;
mod own;
mod password;
mod people;
mod sign_in;
mod sign_on;

pub use devices::PairingMade;
pub use factor::Factor;
pub use own::{NewFactor, OwnWrong, Proof};
pub use password::hash as hash_password;
pub use people::{LinkMade, PeopleError, PersonTold};
pub use sign_in::{Came, NotIn, SignIn, StaffIn, Welcome, WelcomeTyped, WelcomeWrong};
pub use sign_on::{SignOnAnswer, SignOnWrong};

/// The actor of what is done on the command line, in the audit trail.
pub const OPERATOR: &str = "operator";

/// How a member of staff is called as the subject of the audit trail.
fn subject(id: &str) -> String {
    format!("staff:{id}")
}
