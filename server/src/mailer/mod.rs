//! Mails: written in the customer's language, sent through SMTP or into files.

mod letter;
mod smtp;
mod transport;

pub use letter::{Letter, about_return, login_code};
pub use transport::{Mailer, MailerError};
