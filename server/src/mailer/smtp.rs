//! One mail to a mail server, step by step: what a refusal means depends on the step at which it comes.
//!
//! lettre's own transport says which code came, and not at which step: a server that greets with 554, or wants us to sign in (530), would look
//! like a mailbox that does not exist.

use std::borrow::Cow;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::Url;

use crate::config::is_own_machine;

/// How long a step may take, up to the mail itself. What the server says to the end of the mail may take as long as a job may: whoever gives up
/// there does not know whether the mail was taken (RFC 5321, 4.5.3.2.6, asks for ten minutes).
const STEP: Duration = Duration::from_secs(30);
/// For saying goodbye, when all is done.
const GOODBYE: Duration = Duration::from_secs(5);

/// A mail server.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    /// How long a step may take.
    patience: Duration,
}

enum Tls {
    Never,
    Offered(TlsParameters),
    Always(TlsParameters),
    FromTheStart(TlsParameters),
}

/// Why an address names no mail server.
#[derive(Debug, thiserror::Error)]
pub enum AddressProblem {
    /// No address.
    #[error("{0}")]
    Url(#[from] url::ParseError),
    /// Codes and links go by mail, and nobody has said that they may be read on the way.
    #[error(
        "mails would go to another machine unencrypted: write smtps:// or ?tls=required, or ?tls=never where nobody else is on the way"
    )]
    Plain,
    /// Of another kind.
    #[error("must be smtps://host, or smtp://host with tls=required, tls=opportunistic or tls=never")]
    Kind,
    /// A user or password that is no text.
    #[error("user and password are percent-encoded UTF-8")]
    Credentials(#[from] std::str::Utf8Error),
    /// A host no certificate can name.
    #[error("{0}")]
    Tls(#[from] Error),
}

/// Why a mail server did not take a mail.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It has no such recipient, and never will.
    #[error("it refuses the recipient for good: {0}")]
    Recipient(#[source] Error),
    /// Whatever else: a server that is not set up yet, or asks for what we do not offer, can be put right.
    #[error("{0}: {1}")]
    Step(&'static str, #[source] Error),
    /// It said nothing in time.
    #[error("{0}: no answer in time")]
    Late(&'static str),
    /// Somebody else sends it.
    #[error("it is somebody else's to send by now")]
    NotOurs,
}

impl Server {
    /// The server at an address as lettre writes them: `smtps://user:password@host:port`, `smtp://host:port?tls=required`. `trusted`: who may vouch for
    /// it, besides public authorities.
    pub(super) fn at(address: &str, trusted: Option<&Certificate>) -> Result<Self, AddressProblem> {
        let url = Url::parse(address)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(AddressProblem::Kind)?.to_owned();
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let safe = || {
            let parameters = TlsParameters::builder(host.trim_matches(['[', ']']).to_owned());
            trusted.cloned().into_iter().fold(parameters, TlsParametersBuilder::add_root_certificate).build()
        };
        let (tls, port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) if !is_own_machine(host.trim_matches(['[', ']'])) => return Err(AddressProblem::Plain),
            ("smtp", None | Some("never")) => (Tls::Never, 25),
            ("smtp", Some("required")) => (Tls::Always(safe()?), 587),
            ("smtp", Some("opportunistic")) => (Tls::Offered(safe()?), 587),
            ("smtps", _) => (Tls::FromTheStart(safe()?), 465),
            _ => return Err(AddressProblem::Kind),
        };
        let decoded = |text| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        let name = url.path().trim_matches('/');
        let hello = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { port: url.port().unwrap_or(port), host, tls, credentials, hello, patience: STEP })
    }

    /// Greets it and signs in, as for a mail, and leaves.
    pub(super) async fn greet(&self) -> Result<(), Refused> {
        let mut conn = self.open().await?;
        let _ = timeout(GOODBYE, conn.quit()).await;
        Ok(())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Refused> {
        let at_start = if let Tls::FromTheStart(tls) = &self.tls { Some(tls.clone()) } else { None };
        let server = (self.host.as_str(), self.port);
        let connect = AsyncSmtpConnection::connect_tokio1(server, Some(self.patience), &self.hello, at_start, None);
        let mut conn = self.step("connecting", connect).await?;
        match &self.tls {
            Tls::Offered(tls) if conn.can_starttls() => self.step("STARTTLS", conn.starttls(tls.clone(), &self.hello)).await?,
            Tls::Always(tls) => self.step("STARTTLS", conn.starttls(tls.clone(), &self.hello)).await?,
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            self.step("signing in", conn.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(conn)
    }

    /// Sends a mail. `ours` is asked last, before the mail itself goes out: nothing is sent where it says no.
    pub(super) async fn send(&self, envelope: &Envelope, mail: &[u8], ours: impl Future<Output = bool>) -> Result<(), Refused> {
        let mut conn = self.open().await?;
        let mut parameters = Vec::new();
        let beyond_ascii = |address: &lettre::Address| !AsRef::<str>::as_ref(address).is_ascii();
        if envelope.from().into_iter().chain(envelope.to()).any(beyond_ascii)
            && conn.server_info().supports_feature(Extension::SmtpUtfEight)
        {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.step("MAIL FROM", conn.command(Mail::new(envelope.from().cloned(), parameters))).await?;
        for to in envelope.to() {
            match self.step("RCPT TO", conn.command(Rcpt::new(to.clone(), Vec::new()))).await {
                Err(Refused::Step(_, error)) if is_about_the_recipient(&error) => return Err(Refused::Recipient(error)),
                answer => answer?,
            };
        }
        if !ours.await {
            return Err(Refused::NotOurs);
        }
        self.step("DATA", conn.command(Data)).await?;
        conn.message(mail).await.map_err(|error| Refused::Step("the mail itself", error))?;
        // It is taken: nobody waits for a server that is slow to say goodbye.
        tokio::spawn(async move {
            let _ = timeout(GOODBYE, conn.quit()).await;
        });
        Ok(())
    }

    async fn step<T>(&self, name: &'static str, taken: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
        match timeout(self.patience, taken).await {
            Ok(done) => done.map_err(|error| Refused::Step(name, error)),
            Err(_) => Err(Refused::Late(name)),
        }
    }
}

/// Whether a refusal of a recipient is about that mailbox. Of enhanced status codes (RFC 3463, 3.2 and 3.3): its address is wrong or has moved
/// (5.1.0 to 5.1.6, 5.1.10 of RFC 7505), or it is closed (5.2.1). Without one: 550, 551, 553 (RFC 5321, 4.2.3) and 556 (RFC 7504). A full mailbox
/// is emptied, relaying can be allowed, and a blocked sender is taken off the list.
fn is_about_the_recipient(error: &Error) -> bool {
    let Some(code) = error.status().filter(|_| error.is_permanent()) else { return false };
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match enhanced(&said) {
        Some((1, detail)) => matches!(detail, 0..=6 | 10),
        Some((2, detail)) => detail == 1,
        Some(_) => false,
        None => matches!(u16::from(code), 550 | 551 | 553 | 556),
    }
}

/// Subject and detail of `5.1.1`, at the start of what was said.
fn enhanced(said: &str) -> Option<(u16, u16)> {
    let mut numbers = said.split_whitespace().next()?.split('.').map(str::parse);
    match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
        (Ok(5), Ok(subject), Ok(detail), None) => Some((subject, detail)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// What a mail server does at one step, where it does not say that all is well.
    #[derive(Clone, Copy, Debug)]
    enum Fault {
        Says(&'static str),
        Hangs,
        Leaves,
    }

    const STEPS: [&str; 6] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."];

    /// A mail server with a fault at one of [`STEPS`]; and how many mails it took.
    async fn server(faulty: &'static str, fault: Fault) -> (Server, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut server = Server::at(&format!("smtp://{}", listener.local_addr().unwrap()), None).unwrap();
        server.patience = Duration::from_millis(200);
        let taken = Arc::<AtomicUsize>::default();
        let count = taken.clone();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let (mut line, mut step) = (String::new(), "greeting");
            loop {
                let well = match step {
                    "greeting" => "220 test",
                    "DATA" => "354 go on",
                    _ => "250 ok",
                };
                let said = match (step == faulty).then_some(fault) {
                    None => well,
                    Some(Fault::Says(said)) => said,
                    Some(Fault::Hangs) => std::future::pending().await,
                    Some(Fault::Leaves) => return,
                };
                let data = step == "DATA" && said == well;
                if step == "." && said == well {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                if stream.write_all(format!("{said}\r\n").as_bytes()).await.is_err() {
                    return;
                }
                step = loop {
                    line.clear();
                    if stream.read_line(&mut line).await.is_ok_and(|read| read == 0) {
                        return;
                    }
                    let known = STEPS.into_iter().find(|known| line.starts_with(known));
                    if !data || line == ".\r\n" {
                        break known.unwrap_or("");
                    }
                };
            }
        });
        (server, taken)
    }

    async fn send(server: &Server, ours: bool) -> Result<(), Refused> {
        let [from, to] = ["shop@example.com", "wang@example.com"].map(|address| address.parse().unwrap());
        let envelope = Envelope::new(Some(from), vec![to]).unwrap();
        server.send(&envelope, b"Subject: test\r\n\r\nA mail.\r\n", std::future::ready(ours)).await
    }

    #[tokio::test]
    async fn only_a_refusal_of_the_recipient_is_for_good() {
        let refusals = ["554 5.7.1 go away", "554 no", "530 sign in first", "552 too full", "550 we do not know you", "421 not now"];
        for step in STEPS.into_iter().filter(|step| *step != "RCPT") {
            for said in refusals {
                let (server, taken) = server(step, Fault::Says(said)).await;
                let refused = send(&server, true).await;
                assert!(matches!(refused, Err(Refused::Step(..))), "{step} {said}: {refused:?}");
                assert_eq!(taken.load(Ordering::SeqCst), 0);
            }
        }
        for (said, for_good) in [
            ("550 no such mailbox", true),
            ("550 5.1.1 no such mailbox", true),
            ("551 gone elsewhere", true),
            ("553 no such name", true),
            ("556 no mail here", true),
            ("550 5.2.1 closed", true),
            ("550 5.7.1 you are blocked", false),
            ("554 5.7.1 relay access denied", false),
            ("550 5.1.8 nobody knows the sender", false),
            ("552 5.2.2 mailbox full", false),
            ("552 mailbox full", false),
            ("530 sign in first", false),
            ("451 come again", false),
            ("450 4.1.1 not yet", false),
        ] {
            let (server, _) = server("RCPT", Fault::Says(said)).await;
            let refused = send(&server, true).await;
            assert_eq!(matches!(refused, Err(Refused::Recipient(_))), for_good, "{said}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn a_server_that_hangs_or_leaves_is_tried_again() {
        for step in STEPS {
            let (server, taken) = server(step, Fault::Leaves).await;
            let refused = send(&server, true).await;
            assert!(matches!(refused, Err(Refused::Step(..))), "{step}: {refused:?}");
            assert_eq!(taken.load(Ordering::SeqCst), 0);
        }
        // What comes after the mail is waited for as long as the whole job may take.
        for step in STEPS.into_iter().filter(|step| *step != ".") {
            let (server, _) = server(step, Fault::Hangs).await;
            let refused = send(&server, true).await;
            assert!(matches!(refused, Err(Refused::Late(_))), "{step}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn what_is_not_ours_any_more_is_not_sent() {
        for (ours, count) in [(true, 1), (false, 0)] {
            let (server, taken) = server("", Fault::Hangs).await;
            let sent = send(&server, ours).await;
            assert_eq!((sent.is_ok(), taken.load(Ordering::SeqCst)), (ours, count), "{sent:?}");
        }
    }

    #[test]
    fn enhanced_codes_are_read_where_there_are_any() {
        for (said, expected) in [
            ("5.1.1 no such person", Some((1, 1))),
            ("5.7.1 <a@b.example>: Relay access denied", Some((7, 1))),
            ("no such mailbox", None),
            ("10.5.1.1 says no", None),
            ("", None),
        ] {
            assert_eq!(enhanced(said), expected, "{said}");
        }
    }

    #[test]
    fn addresses_say_where_and_how_safely() {
        for (address, port) in [
            ("smtp://localhost", 25),
            ("smtp://127.0.0.1:1025", 1025),
            ("smtp://[::1]", 25),
            ("smtp://mail.example?tls=never", 25),
            ("smtps://me:pass%40word@mail.example", 465),
            ("smtp://me:p@mail.example?tls=required", 587),
            ("smtp://mail.example?tls=opportunistic", 587),
        ] {
            assert_eq!(Server::at(address, None).map(|server| server.port).ok(), Some(port), "{address}");
        }
        for wrong in [
            "mailto:x",
            "smtp://mail.example",
            "SMTP://me:tls=never@mail.example:25",
            "http://mail.example",
            "smtp://mail.example?tls=perhaps",
            "smtp://",
            "mail.example",
            "smtps://a:%ff@mail.example",
        ] {
            assert!(Server::at(wrong, None).is_err(), "{wrong}");
        }
    }
}
