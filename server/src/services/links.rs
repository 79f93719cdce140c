//! Signed links: who has one is let in to one thing for a while, without saying who they are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use crate::secrets::ServerSecret;

/// What a link lets in to. A link for one is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A draft, to be continued on another device; the subject is its name.
    Draft,
    /// A return, from a mail about it; the subject is its number.
    Return,
    /// A courier's round; the subject is its name.
    Round,
}

impl Purpose {
    /// How long such a link works.
    pub fn life(self) -> SignedDuration {
        match self {
            // As long as it takes to fetch a phone.
            Self::Draft => SignedDuration::from_mins(30),
            // As long as a return takes at most, with some time to look back.
            Self::Return => SignedDuration::from_hours(90 * 24),
            // The round itself says when it is over.
            Self::Round => SignedDuration::from_hours(90 * 24),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Draft => "link.draft",
            Self::Return => "link.return",
            Self::Round => "link.round",
        }
    }
}

/// Why a link does not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made here, or for something else.
    #[error("this link was not made here")]
    Forged,
    /// It was good for this subject, and is over.
    #[error("this link is over")]
    Expired(String),
}

impl Services {
    /// The part of a link that lets in to `subject`: `subject.expires.seal`, all of it safe in an address.
    pub fn sign_link(&self, purpose: Purpose, subject: &str) -> String {
        self.sign_link_of(purpose, subject, self.clock.now())
    }

    /// Likewise, as it was signed at a moment: the same each time.
    pub fn sign_link_of(&self, purpose: Purpose, subject: &str, at: Timestamp) -> String {
        sign(&self.secret, purpose, subject, at + purpose.life())
    }

    /// Whom a link lets in to.
    pub fn open_link(&self, purpose: Purpose, link: &str) -> Result<String, LinkError> {
        open(&self.secret, purpose, link, self.clock.now())
    }
}

fn sign(secret: &ServerSecret, purpose: Purpose, subject: &str, expires: Timestamp) -> String {
    let said = format!("{}.{:x}", URL_SAFE_NO_PAD.encode(subject), expires.as_second());
    let seal = secret.seal(purpose.code(), &said);
    format!("{said}.{seal}")
}

fn open(secret: &ServerSecret, purpose: Purpose, link: &str, now: Timestamp) -> Result<String, LinkError> {
    let (said, seal) = link.rsplit_once('.').ok_or(LinkError::Forged)?;
    if !secret.has_sealed(purpose.code(), said, seal) {
        return Err(LinkError::Forged);
    }
    // From here on it is what was once signed.
    let (subject, expires) = said.split_once('.').ok_or(LinkError::Forged)?;
    let subject = URL_SAFE_NO_PAD.decode(subject).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(LinkError::Forged)?;
    let expires = i64::from_str_radix(expires, 16).map_err(|_| LinkError::Forged)?;
    // What would work for longer than twice its life was made by a clock that was set back since.
    let works = now.as_second() + 1..=now.as_second() + 2 * purpose.life().as_secs();
    if works.contains(&expires) { Ok(subject) } else { Err(LinkError::Expired(subject)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_thing_for_one_purpose_and_a_while() {
        let [secret, other] = ["one", "two"].map(|secret| ServerSecret::of([secret]).unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        let link = sign(&secret, Purpose::Return, "R-0000-0000", at(2_000));
        assert!(link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{link}");
        assert_eq!(open(&secret, Purpose::Return, &link, at(1_999)).as_deref(), Ok("R-0000-0000"));
        assert_eq!(open(&secret, Purpose::Return, &link, at(2_000)), Err(LinkError::Expired("R-0000-0000".into())));
        assert_eq!(open(&secret, Purpose::Draft, &link, at(1_999)), Err(LinkError::Forged));
        assert_eq!(open(&other, Purpose::Return, &link, at(1_999)), Err(LinkError::Forged));
        let longer = link.replace(".7d0.", ".7d1.");
        assert_ne!(longer, link);
        for forged in [longer.as_str(), "", ".", "..", "a.b.c", &link[..link.len() - 1], &format!("{link}A"), link.trim_start_matches('U')]
        {
            assert_eq!(open(&secret, Purpose::Return, forged, at(1_999)), Err(LinkError::Forged), "{forged}");
        }
    }
    #[test]
    fn a_link_of_a_clock_that_was_wrong_is_over() {
        let secret = ServerSecret::of(["one"]).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let month = 30 * 24 * 3_600;
        let made = |purpose: Purpose| sign(&secret, purpose, "1", at(month) + purpose.life());
        assert_eq!(open(&secret, Purpose::Draft, &made(Purpose::Draft), at(0)), Err(LinkError::Expired("1".into())));
        // A mailed one works for longer than a clock is ever wrong: it is a matter of a month more.
        assert!(open(&secret, Purpose::Return, &made(Purpose::Return), at(0)).is_ok());
    }
}
