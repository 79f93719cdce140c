//! Mails: written in the customer's language, sent through SMTP or into files.

mod letter;
mod transport;

pub use letter::{Letter, cancelled, changed, login_code, opened};
pub use transport::{Mailer, MailerError};
