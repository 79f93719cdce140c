//! What whoever watches for attacks wants to see: counted, and logged with nothing private in it. Kinds are ours, never a visitor's words.

use std::net::IpAddr;

use crate::secrets::ServerSecret;

/// Something that an attack would bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// No key, or an unknown one (401).
    Unauthenticated,
    /// Something that is not theirs, or more than a key is good for (403).
    Forbidden,
    /// A form that another site sent.
    CrossSite,
    /// A wrong contact for an order or a return, a wrong code, a ticket that does not open.
    WrongGuess,
    /// A return, draft, order or photo that this visitor was not recognised for: asked for again, or proven first.
    NotTheirs,
    /// More requests or guesses than there may be (429).
    TooMany,
    /// A proxy's word that does not say where a visitor is.
    Unclear,
    /// A method that nobody here answers (405).
    UnknownMethod,
}

impl Incident {
    /// As it is counted and logged.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::CrossSite => "cross_site",
            Self::WrongGuess => "wrong_guess",
            Self::NotTheirs => "not_theirs",
            Self::TooMany => "too_many",
            Self::Unclear => "unclear_address",
            Self::UnknownMethod => "unknown_method",
        }
    }

    /// Counts it and logs it: `at` what (a route, or words of ours), by which [`visitor`], and with which key, by the name that the shop gave it.
    pub fn note(self, at: &str, visitor: &str, key: Option<&str>) {
        metrics::counter!("security_incidents_total", "kind" => self.kind()).increment(1);
        tracing::info!(incident = self.kind(), at, visitor, key, "somebody was refused");
    }
}

/// Name of the key that an answer refuses.
#[derive(Clone)]
pub struct RefusedKey(pub String);

/// An address as the log has it: the same for the same address, so that what one visitor does can be told together, and nobody without the
/// servers' secret can tell the address. Who needs it finds it by the request's id in the log of the proxy.
pub fn visitor(secret: &ServerSecret, address: IpAddr) -> String {
    secret.seal("log.address", &address.to_string())[..12].to_owned()
}
