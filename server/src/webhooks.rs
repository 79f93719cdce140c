//! Messages to the shop's own servers, as Standard Webhooks has them (github.com/standard-webhooks): signed, and only to where nobody else's network is.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::asking::client;
use crate::log::chain;
use crate::secrets::keyed;

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// Letters of an address.
pub const LONGEST_URL: usize = 2_000;
/// Bytes of a secret.
const SECRET: usize = 32;
const PREFIX: &str = "whsec_";

/// Why an address cannot be told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    #[error("is no address of at most {LONGEST_URL} characters")]
    NoUrl,
    #[error("begins with https://")]
    NotHttps,
    #[error("has no name and password in it, and no #")]
    NotPlain,
    #[error("is on this machine or in a private network; the setting webhooks.allow_private allows that")]
    Private,
}

/// An address that messages may go to. `private`: where nobody else's network is, and without TLS, too.
pub fn address(text: &str, private: bool) -> Result<Url, NoAddress> {
    let url: Url = text.parse().map_err(|_| NoAddress::NoUrl)?;
    if text.chars().count() > LONGEST_URL || url.host().is_none() {
        return Err(NoAddress::NoUrl);
    }
    if !(url.scheme() == "https" || private && url.scheme() == "http") {
        return Err(NoAddress::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(NoAddress::NotPlain);
    }
    let near = match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => true,
    };
    if near && !private { Err(NoAddress::Private) } else { Ok(url) }
}

/// A new secret.
pub fn new_secret() -> [u8; SECRET] {
    rand::random()
}

/// As the shop gets it.
pub fn written(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// What a message is signed with (symmetric scheme, v1).
pub fn signature(secret: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mac = keyed(secret).chain_update(id).chain_update(".").chain_update(seconds.to_string()).chain_update(".").chain_update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Taken,
    /// Nobody is there any more, and asks not to be told.
    Gone,
    /// Why it was not taken.
    Not(String),
}

/// Sends messages.
pub struct Messenger {
    http: reqwest::Client,
    private: bool,
}

impl Messenger {
    /// Nothing where this machine cannot send.
    pub fn new(private: bool) -> Option<Self> {
        let http = client(PATIENCE).no_proxy().dns_resolver(Arc::new(Resolver { private })).build().ok()?;
        Some(Self { http, private })
    }

    /// Tells a server; `secrets`: each signs.
    pub async fn tell(&self, url: &str, secrets: &[Vec<u8>], id: &str, body: String) -> Told {
        // It may have been allowed when it was named.
        let url = match address(url, self.private) {
            Ok(url) => url,
            Err(why) => return Told::Not(format!("its address {why}")),
        };
        let seconds = jiff::Timestamp::now().as_second();
        let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, id, seconds, &body)).collect();
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("Homebound/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Told::Taken,
            Ok(answer) if answer.status() == StatusCode::GONE => Told::Gone,
            Ok(answer) if answer.status().is_redirection() => Told::Not(format!("{}: it sends on elsewhere", answer.status())),
            Ok(answer) => Told::Not(answer.status().to_string()),
            // The address may hold what nobody should read.
            Err(error) => Told::Not(chain(&error.without_url())),
        }
    }
}

/// Looks names up, and answers only with where messages may go: asked anew for each connection, so that a name that means something else by now is not
/// followed.
struct Resolver {
    private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let there: Vec<SocketAddr> = found.filter(|address| private || is_public(address.ip())).collect();
            if there.is_empty() {
                return Err(Box::<dyn Error + Send + Sync>::from("the name leads to no address that messages may go to"));
            }
            Ok(Box::new(there.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is anybody's (IANA special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [first, second, third, _] = ip.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let protocol = (first, second, third) == (192, 0, 0);
    let relay = (first, second, third) == (192, 88, 99);
    let benchmark = first == 198 && (18..20).contains(&second);
    !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation() || ip.is_multicast())
        && !(first == 0 || first >= 240 || shared || protocol || relay || benchmark)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let last = |high: u16, low: u16| is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    // Within them another address is named.
    match parts {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => return last(high, low),
        _ => {}
    }
    // What is given out to be used; of that not what is for texts (RFC 3849), Teredo and the rest of the protocols' block (RFC 2928).
    let given = parts[0] & 0xe000 == 0x2000;
    given && !(parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8)) && !(parts[0] == 0x3fff && parts[1] < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_the_published_example_is() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(written(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn messages_leave_for_addresses_that_are_everybodys() {
        for (text, expected) in [
            ("https://shop.example/hooks?key=1", None),
            ("https://93.184.215.14/", None),
            ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None),
            ("http://shop.example/", Some(NoAddress::NotHttps)),
            ("ftp://shop.example/", Some(NoAddress::NotHttps)),
            ("shop.example/hooks", Some(NoAddress::NoUrl)),
            ("https://", Some(NoAddress::NoUrl)),
            ("https://me:word@shop.example/", Some(NoAddress::NotPlain)),
            ("https://shop.example/#here", Some(NoAddress::NotPlain)),
            ("https://localhost/", Some(NoAddress::Private)),
            ("https://a.localhost/", Some(NoAddress::Private)),
            ("https://127.1/", Some(NoAddress::Private)),
            ("https://2130706433/", Some(NoAddress::Private)),
            ("https://0x7f.1/", Some(NoAddress::Private)),
            ("https://10.0.0.1/", Some(NoAddress::Private)),
            ("https://172.16.0.1/", Some(NoAddress::Private)),
            ("https://192.168.1.1/", Some(NoAddress::Private)),
            ("https://169.254.169.254/latest/meta-data", Some(NoAddress::Private)),
            ("https://100.64.0.1/", Some(NoAddress::Private)),
            ("https://0.0.0.0/", Some(NoAddress::Private)),
            ("https://255.255.255.255/", Some(NoAddress::Private)),
            ("https://[::1]/", Some(NoAddress::Private)),
            ("https://[::]/", Some(NoAddress::Private)),
            ("https://[fe80::1]/", Some(NoAddress::Private)),
            ("https://[fd00::1]/", Some(NoAddress::Private)),
            ("https://[::ffff:10.0.0.1]/", Some(NoAddress::Private)),
            ("https://[64:ff9b::a00:1]/", Some(NoAddress::Private)),
            ("https://[2002:a00:1::]/", Some(NoAddress::Private)),
            ("https://[2001:db8::1]/", Some(NoAddress::Private)),
            ("https://[ff02::1]/", Some(NoAddress::Private)),
        ] {
            assert_eq!(address(text, false).err(), expected, "{text}");
            let with = expected.filter(|why| !matches!(why, NoAddress::Private)).filter(|_| !text.starts_with("http:"));
            assert_eq!(address(text, true).err(), with, "{text}, where private networks are allowed");
        }
        let long = format!("https://shop.example/{}", "a".repeat(LONGEST_URL));
        assert_eq!(address(&long, false), Err(NoAddress::NoUrl));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_leads_nowhere() {
        let resolved = |private| Resolver { private }.resolve("localhost".parse().unwrap());
        assert!(resolved(false).await.is_err());
        assert!(resolved(true).await.unwrap().all(|address| address.ip().is_loopback()));
        // Where a client asks by such a name nothing is sent.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        let client = client(PATIENCE).no_proxy().dns_resolver(Arc::new(Resolver { private: false })).build().unwrap();
        let error = client.post(url).send().await.unwrap_err();
        assert!(chain(&error).contains("no address that messages may go to"), "{}", chain(&error));
        assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err());
    }
}
