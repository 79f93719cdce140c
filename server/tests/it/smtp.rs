//! A mail server as they are: encrypted, and slow, choosy, full, or gone in the middle of a mail (issue 19, "Real mail"). Each mail arrives, once, but
//! where nobody can know whether it did. What arrived is read by another library than the one that wrote it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use mail_parser::MessageParser;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use server::store::{self, OutboxState};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both};

/// How a connection comes to be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secured {
    FromTheStart,
    /// By STARTTLS; nothing else is taken before.
    Later,
    /// Not at all, as behind somebody who takes the offer out.
    Stripped,
}

/// A server that is told by the recipient's name how to behave, each time once: `grey`, `full`, `slow`, `broken` (off in the middle of the mail),
/// `lost` (the mail is kept, and nothing said), `later` (refused when all was sent), `nobody` (for good); others are taken at once.
struct MailServer {
    port: u16,
    /// Who vouches for it (PEM).
    authority: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// Recipients and what came to them, in the order they came.
    mails: Vec<(String, String)>,
    /// Steps at which a recipient was named.
    seen: Vec<String>,
    /// Commands that came on a line that was not encrypted.
    in_clear: Vec<String>,
}

impl Kept {
    /// Whether a recipient is named at that step for the first time.
    fn first(&mut self, step: &str, to: &str) -> bool {
        let seen = format!("{step} {to}");
        let first = !self.seen.contains(&seen);
        self.seen.push(seen);
        first
    }
}

impl MailServer {
    async fn start(secured: Secured) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let (acceptor, kept) = (TlsAcceptor::from(Arc::new(tls)), Arc::<Mutex<Kept>>::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = kept.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, acceptor.clone(), secured, shared.clone()));
            }
        });
        Self { port, authority: authority.pem(), kept }
    }

    fn url(&self, secured: Secured) -> String {
        let (scheme, more) = if secured == Secured::FromTheStart { ("smtps", "") } else { ("smtp", "?tls=required") };
        format!("{scheme}://localhost:{}{more}", self.port)
    }

    fn mails_to(&self, name: &str) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.mails.iter().filter(|(to, _)| to.starts_with(&format!("{name}@"))).map(|(_, mail)| mail.clone()).collect()
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, secured: Secured, kept: Arc<Mutex<Kept>>) {
    if secured == Secured::FromTheStart {
        let Ok(stream) = acceptor.accept(stream).await else { return };
        talk(BufReader::new(stream), Line::Safe, &kept).await;
        return;
    }
    let line = if secured == Secured::Later { Line::Offers } else { Line::Clear };
    let Some(stream) = talk(BufReader::new(stream), line, &kept).await else { return };
    let Ok(stream) = acceptor.accept(stream.into_inner()).await else { return };
    talk(BufReader::new(stream), Line::Secured, &kept).await;
}

/// A line as it is while somebody talks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Encrypted from the start, or since.
    Safe,
    Secured,
    /// In clear, and may be encrypted.
    Offers,
    Clear,
}

/// Talks until the other side leaves; the line, where it is to be encrypted from here on.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut line: BufReader<S>, how: Line, kept: &Mutex<Kept>) -> Option<BufReader<S>> {
    let (safe, offers) = (matches!(how, Line::Safe | Line::Secured), how == Line::Offers);
    // Who has just encrypted a line was greeted before (RFC 3207, 4.2).
    if how != Line::Secured {
        line.write_all(b"220 mail.test ESMTP\r\n").await.ok()?;
    }
    let (mut to, mut said) = (String::new(), String::new());
    loop {
        said.clear();
        if line.read_line(&mut said).await.ok()? == 0 {
            return None;
        }
        let command = said.trim_end().to_owned();
        if !safe {
            kept.lock().unwrap().in_clear.push(command.clone());
        }
        let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let is = |name: &str| to.starts_with(name);
        let answer = match verb.as_str() {
            "EHLO" if offers => "250-mail.test\r\n250 STARTTLS",
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "STARTTLS" if offers => {
                line.write_all(b"220 go on\r\n").await.ok()?;
                return Some(line);
            }
            "QUIT" => "221 bye",
            _ if offers => "530 5.7.0 encrypt first",
            "MAIL" | "RSET" | "NOOP" => "250 ok",
            "RCPT" => {
                to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let first = kept.lock().unwrap().first("RCPT", &to);
                match to.split('@').next().unwrap_or_default() {
                    "grey" if first => "451 4.7.1 greylisted, come again",
                    "full" if first => "452 4.2.2 mailbox full",
                    "nobody" => "550 5.1.1 no such mailbox",
                    _ => "250 ok",
                }
            }
            "DATA" => {
                line.write_all(b"354 go on\r\n").await.ok()?;
                let first = kept.lock().unwrap().first("DATA", &to);
                let mut mail = String::new();
                loop {
                    said.clear();
                    if line.read_line(&mut said).await.ok()? == 0 {
                        return None;
                    }
                    if said == ".\r\n" {
                        break;
                    }
                    mail += said.strip_prefix('.').unwrap_or(&said);
                    if first && is("broken") && mail.len() > 500 {
                        return None;
                    }
                }
                if first && is("later") {
                    "451 4.3.0 not now after all"
                } else {
                    kept.lock().unwrap().mails.push((to.clone(), mail));
                    if first && is("lost") {
                        return None;
                    }
                    if is("slow") {
                        tokio::time::sleep(Duration::from_millis(1_500)).await;
                    }
                    "250 2.0.0 taken"
                }
            }
            _ => "502 what?",
        };
        line.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        if verb == "QUIT" {
            return None;
        }
    }
}

/// A shop whose mails go there.
async fn shop(database: Database, url: String, authority: Option<&str>) -> TestApp {
    let path = database.folder.path().join("authority.pem");
    if let Some(authority) = authority {
        std::fs::write(&path, authority).unwrap();
    }
    let trusted = authority.is_some().then_some(path);
    TestApp::with(database, |config| {
        config.smtp_url = Some(url);
        config.mail.trusted_certificates = trusted;
    })
    .await
}

/// Opens a return of an order of somebody of that name.
async fn open(app: &TestApp, name: &str) {
    let mut bought = order(name);
    bought["customer"] = json!({"name": "Zoë 王", "email": format!("{name}@example.com"), "locale": "en"});
    app.put_order(&bought).await;
    let (status, opened) = app.post("/returns", &request(name, "1", 1)).await;
    assert!(status.is_success(), "{opened}");
}

async fn waiting(app: &TestApp, state: OutboxState) -> Vec<String> {
    let mut read = app.services.store.read().await.unwrap();
    let rows = store::list_outbox(&mut read.conn(), Some(state), Some("mail"), 100).await.unwrap();
    rows.into_iter().map(|row| row.last_error.unwrap_or_default()).collect()
}

const NAMES: [&str; 7] = ["plain", "grey", "full", "slow", "broken", "lost", "later"];

async fn all_arrive(database: Database, secured: Secured) {
    let server = MailServer::start(secured).await;
    let app = shop(database, server.url(secured), Some(&server.authority)).await;
    for name in NAMES.into_iter().chain(["nobody"]) {
        open(&app, name).await;
    }
    for _ in 0..8 {
        app.run_jobs().await;
        app.services.clock.advance(SignedDuration::from_mins(31));
    }
    for name in NAMES {
        let came = server.mails_to(name);
        // Whether the one that was lost had arrived the sender cannot know: it comes again, by the same name.
        assert_eq!(came.len(), if name == "lost" { 2 } else { 1 }, "{name}");
        let mut ids = BTreeMap::new();
        for mail in &came {
            let read = MessageParser::default().parse(mail.as_bytes()).unwrap();
            *ids.entry(read.message_id().unwrap().to_owned()).or_insert(0) += 1;
            assert_eq!(read.to().unwrap().first().unwrap().name(), Some("Zoë 王"));
            assert!(read.subject().unwrap().contains("Your return R-"), "{:?}", read.subject());
            assert!(read.body_text(0).unwrap().contains("http") && read.body_html(0).unwrap().contains("</html>"));
        }
        assert_eq!(ids.len(), 1, "{name}: {ids:?}");
    }
    assert_eq!(server.mails_to("nobody").len(), 0);
    assert!(waiting(&app, OutboxState::Parked).await[0].contains("no such mailbox"), "who runs the shop sees that one");
    assert_eq!(waiting(&app, OutboxState::Waiting).await, Vec::<String>::new());
    let in_clear = server.kept.lock().unwrap().in_clear.clone();
    assert!(in_clear.iter().all(|said| said.starts_with("EHLO") || said == "STARTTLS"), "nothing of a mail is said in clear: {in_clear:?}");
}

on_both! {
    async fn every_mail_arrives_at_a_server_that_is_encrypted_from_the_start(database: Database) {
        all_arrive(database, Secured::FromTheStart).await;
    }
}

on_both! {
    async fn every_mail_arrives_at_a_server_that_encrypts_later(database: Database) {
        all_arrive(database, Secured::Later).await;
    }
}

on_both! {
    async fn nothing_is_sent_to_who_cannot_prove_who_they_are_nor_in_clear(database: Database) {
        // Nobody vouches for this one: its mail waits, and arrives once somebody does.
        let server = MailServer::start(Secured::FromTheStart).await;
        let folder: &Path = database.folder.path();
        let other = MailServer::start(Secured::Stripped).await;
        let path = folder.join("authority.pem");
        let app = shop(database, server.url(Secured::FromTheStart), None).await;
        open(&app, "plain").await;
        app.run_jobs().await;
        assert_eq!(server.mails_to("plain").len(), 0);
        let why = waiting(&app, OutboxState::Waiting).await;
        assert!(why.len() == 1 && why[0].contains("connecting") && !why[0].contains("plain@"), "{why:?}");
        let mut config = app.services.config.as_ref().clone();
        // Nor one to which the offer to encrypt never came.
        config.smtp_url = Some(other.url(Secured::Stripped));
        config.mail.trusted_certificates = Some(path.clone());
        std::fs::write(&path, &other.authority).unwrap();
        let again = async |config: server::config::Config, hours: i64| {
            let services = server::compose::services(config).await.unwrap();
            services.clock.advance(SignedDuration::from_hours(hours));
            let worker = server::compose::worker(&services).unwrap();
            while worker.once().await.unwrap() > 0 {}
        };
        again(config.clone(), 2).await;
        assert_eq!(other.mails_to("plain").len(), 0);
        let in_clear = other.kept.lock().unwrap().in_clear.clone();
        assert!(!in_clear.is_empty() && in_clear.iter().all(|said| !said.contains('@')), "{in_clear:?}");
        config.smtp_url = Some(server.url(Secured::FromTheStart));
        std::fs::write(&path, &server.authority).unwrap();
        again(config.clone(), 9).await;
        assert_eq!(server.mails_to("plain").len(), 1);
        // What is no certificate is said at once.
        std::fs::write(&path, "no certificate").unwrap();
        let refused = server::mailer::Mailer::new(&config).err().map(|error| error.to_string());
        assert!(refused.as_ref().is_some_and(|said| said.contains("mail.trusted_certificates")), "{refused:?}");
    }
}
