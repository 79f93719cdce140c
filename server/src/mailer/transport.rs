//! How mails leave: SMTP where it is set, else files.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::client::Certificate;

use super::letter::{CODE, Letter};
use super::smtp::{AddressProblem, Refused, Server};
use crate::config::Config;

/// What a file of certificates has at the least.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Letters of a recipient's name.
const LONGEST_NAME: usize = 200;

/// Sends mails.
pub struct Mailer {
    from: Mailbox,
    /// Mails go into files of the folder where there is none.
    server: Option<Server>,
    folder: PathBuf,
}

/// What goes with a mail.
pub struct Attached {
    /// The file's name.
    pub name: &'static str,
    pub pdf: Vec<u8>,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The setting names no mail server.
    #[error("smtp_url: {0}")]
    Address(#[from] AddressProblem),
    /// Those whom the mail server's certificate is from cannot be read.
    #[error("mail.trusted_certificates: {0}")]
    Certificates(PathBuf, #[source] std::io::Error),
    /// The sender or recipient cannot be written in a mail.
    #[error("this mail cannot be addressed")]
    Mailbox(#[from] lettre::address::AddressError),
    /// The mail cannot be put together.
    #[error("this mail cannot be put together")]
    Message(#[from] lettre::error::Error),
    /// The mail server did not take it.
    #[error("the mail server did not take it: {0}")]
    Smtp(Refused),
    /// The file cannot be written.
    #[error("{0}")]
    File(PathBuf, #[source] std::io::Error),
}

impl MailerError {
    /// Whether trying again cannot help: the mail cannot be written, or there is no such mailbox. All else may be put right, by us or by those
    /// who run the mail server.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Mailbox(_) | Self::Message(_) => true,
            Self::Smtp(refused) => matches!(refused, Refused::Recipient(_)),
            Self::Address(_) | Self::Certificates(..) | Self::File(..) => false,
        }
    }
}

impl Mailer {
    /// As the settings say.
    pub fn new(config: &Config) -> Result<Self, MailerError> {
        let from = config.mail.from.parse()?;
        let trusted = match &config.mail.trusted_certificates {
            None => None,
            Some(path) => {
                let pem = std::fs::read(path).map_err(|error| MailerError::Certificates(path.clone(), error))?;
                let read = Certificate::from_pem(&pem).ok().filter(|_| pem.windows(PEM.len()).any(|found| found == PEM));
                Some(read.ok_or_else(|| MailerError::Certificates(path.clone(), ErrorKind::InvalidData.into()))?)
            }
        };
        let server = config.smtp_url.as_deref().map(|address| Server::at(address, trusted.as_ref())).transpose()?;
        Ok(Self { from, server, folder: config.data_dir.join("mail") })
    }

    /// Greets the mail server, signs in and leaves, without a mail. Where mails go into files there is none to greet.
    pub async fn greet(&self) -> Result<(), MailerError> {
        match &self.server {
            Some(server) => server.greet().await.map_err(MailerError::Smtp),
            None => Ok(()),
        }
    }

    /// Sends a letter. `id` makes its Message-ID: sent twice after a crash, it is recognisably the same mail. `ours` is asked once all else is
    /// ready: nothing is sent where it says no.
    pub async fn send(
        &self,
        id: &str,
        to: &str,
        name: Option<&str>,
        letter: &Letter,
        attached: Option<Attached>,
        ours: impl Future<Output = bool>,
    ) -> Result<(), MailerError> {
        // A line break in a name would end its header.
        let name = name.map(|name| name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect());
        let to = Mailbox::new(name, to.parse()?);
        let host = self.from.email.domain().to_owned();
        let both = match &letter.code_picture {
            None => MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()),
            // With the mail itself, so that it is there wherever the mail is read.
            Some(png) => {
                let kind = ContentType::parse("image/png").unwrap_or(ContentType::TEXT_PLAIN);
                let picture = Attachment::new_inline(CODE.to_owned()).body(png.clone(), kind);
                let html = MultiPart::related().singlepart(SinglePart::html(letter.html.clone())).singlepart(picture);
                MultiPart::alternative().singlepart(SinglePart::plain(letter.text.clone())).multipart(html)
            }
        };
        let body = match attached {
            Some(attached) => MultiPart::mixed().multipart(both).singlepart(attached.part()),
            None => both,
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .message_id(Some(format!("<{id}@{host}>")))
            .multipart(body)?;
        match &self.server {
            Some(server) => server.send(message.envelope(), &message.formatted(), ours).await.map_err(MailerError::Smtp),
            None => {
                let path = self.folder.join(format!("{id}.eml"));
                let failed = |error| MailerError::File(path.clone(), error);
                tokio::fs::create_dir_all(&self.folder).await.map_err(failed)?;
                tokio::fs::write(&path, message.formatted()).await.map_err(failed)
            }
        }
    }

    /// Deletes mails that were written into files, of those whose recipient goes.
    pub async fn delete_to(&self, goes: impl Fn(&str) -> bool) -> Result<(), MailerError> {
        let failed = |error| MailerError::File(self.folder.clone(), error);
        let mut files = match tokio::fs::read_dir(&self.folder).await {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        while let Some(file) = files.next_entry().await.map_err(failed)? {
            if file.path().extension().is_none_or(|kind| kind != "eml") {
                continue;
            }
            let mail = tokio::fs::read(file.path()).await.map_err(failed)?;
            if recipient(&mail).is_some_and(|address| goes(&address)) {
                tokio::fs::remove_file(file.path()).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Deletes mails that were written into files before a moment.
    pub async fn delete_files(&self, before: Timestamp) -> Result<(), MailerError> {
        let failed = |error| MailerError::File(self.folder.clone(), error);
        let mut files = match tokio::fs::read_dir(&self.folder).await {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        while let Some(file) = files.next_entry().await.map_err(failed)? {
            let written = file.metadata().await.and_then(|known| known.modified()).map_err(failed)?;
            if file.path().extension().is_some_and(|kind| kind == "eml") && written < SystemTime::from(before) {
                tokio::fs::remove_file(file.path()).await.map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// The address that a mail's header `To` has; it may go on over several lines.
fn recipient(mail: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(mail);
    let head = text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    let to = head.lines().find_map(|line| line.strip_prefix("To:"))?.trim();
    let address = to.rsplit_once('<').map_or(to, |(_, within)| within.trim_end_matches('>'));
    Some(address.trim().to_owned())
}

impl Attached {
    fn part(self) -> SinglePart {
        let kind = ContentType::parse("application/pdf").unwrap_or(ContentType::TEXT_PLAIN);
        Attachment::new(self.name.to_owned()).body(self.pdf, kind)
    }
}
