//! How mails leave: SMTP where it is set, else files.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::letter::Letter;
use crate::config::Config;

/// Letters of a recipient's name.
const LONGEST_NAME: usize = 200;

/// Sends mails.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Files(PathBuf),
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The setting names no mail server.
    #[error("smtp_url: {0}")]
    Address(#[source] lettre::transport::smtp::Error),
    /// The sender or recipient cannot be written in a mail.
    #[error("this mail cannot be addressed")]
    Mailbox(#[from] lettre::address::AddressError),
    /// The mail cannot be put together.
    #[error("this mail cannot be put together")]
    Message(#[from] lettre::error::Error),
    /// The mail server did not take it.
    #[error("the mail server did not take it")]
    Smtp(#[source] lettre::transport::smtp::Error),
    /// The file cannot be written.
    #[error("{0}")]
    File(PathBuf, #[source] std::io::Error),
}

impl MailerError {
    /// Whether trying again cannot help.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Mailbox(_) | Self::Message(_) => true,
            Self::Smtp(error) => error.is_permanent(),
            Self::Address(_) | Self::File(..) => false,
        }
    }
}

impl Mailer {
    /// As the settings say.
    pub fn new(config: &Config) -> Result<Self, MailerError> {
        let from = config.mail.from.parse()?;
        let way = match &config.smtp_url {
            Some(address) => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(address).map_err(MailerError::Address)?;
                // Within a job's patience: what the mail server did not say is in the dead letter then.
                Way::Smtp(Box::new(transport.timeout(Some(Duration::from_secs(20))).build()))
            }
            None => Way::Files(config.data_dir.join("mail")),
        };
        Ok(Self { from, way })
    }

    /// Sends a letter. `id` makes its Message-ID: sent twice after a crash, it is recognisably the same mail.
    pub async fn send(&self, id: &str, to: &str, name: Option<&str>, letter: &Letter, label: Option<Vec<u8>>) -> Result<(), MailerError> {
        // A line break in a name would end its header.
        let name = name.map(|name| name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect());
        let to = Mailbox::new(name, to.parse()?);
        let host = self.from.email.domain().to_owned();
        let both = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        let body = match label {
            Some(pdf) => {
                let kind = ContentType::parse("application/pdf").unwrap_or(ContentType::TEXT_PLAIN);
                MultiPart::mixed().multipart(both).singlepart(attached(pdf, kind))
            }
            None => both,
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .message_id(Some(format!("<{id}@{host}>")))
            .multipart(body)?;
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(|_| ()).map_err(MailerError::Smtp),
            Way::Files(folder) => {
                let path = folder.join(format!("{id}.eml"));
                let failed = |error| MailerError::File(path.clone(), error);
                tokio::fs::create_dir_all(folder).await.map_err(failed)?;
                tokio::fs::write(&path, message.formatted()).await.map_err(failed)
            }
        }
    }
}

fn attached(pdf: Vec<u8>, kind: ContentType) -> SinglePart {
    Attachment::new("label.pdf".into()).body(pdf, kind)
}
