//! Mails: written in the customer's language, sent through SMTP or into files.

mod coming;
mod compensation;
mod concession;
mod credit;
mod letter;
mod preview;
mod smtp;
mod stock;
mod transport;
mod withdrawal;

pub use coming::goods_coming;
pub use compensation::compensation_told;
pub use concession::concession_made;
pub use credit::credit_ending;
pub use letter::{Letter, Now, about_return, login_code};
pub use preview::{Looked, preview};
pub use stock::stock_alert;
pub use transport::{Attached, Mailer, MailerError};
pub use withdrawal::{withdrawal_received, withdrawal_told};
