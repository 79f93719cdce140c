//! One click from the shop: a ticket the shop has signed says whose orders the visitor may see.
//!
//! A ticket is a JSON Web Token (RFC 7519) signed with HMAC-SHA-256. It is checked here and not by a library: this shop's clock is one
//! that can be moved, one algorithm is all there is to choose from, and what is left is twenty lines.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::entry::{LEEWAY, Opens, Ticket, TicketError};
use hmac::Mac;
use jiff::SignedDuration;
use serde::Deserialize;

use super::Services;
use crate::config::SecretTexts;
use crate::secrets;
use crate::store::{self, StoreError};

/// No ticket is longer.
const LONGEST: usize = 4_096;

/// Why a ticket did not open. Visitors get one answer to all of these.
#[derive(Debug, thiserror::Error)]
pub enum StartRefused {
    /// It is no token of three parts, or has a header we do not understand.
    #[error("it is no signed token (JWS, compact)")]
    Form,
    /// Only one algorithm is taken, whatever the token says of itself.
    #[error("it is not signed by HS256")]
    Algorithm,
    /// None of our secrets made its signature.
    #[error("its signature is none of ours")]
    Signature,
    /// What it says.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// It opens once, and has.
    #[error("it was used before")]
    Used,
    /// There is no such order.
    #[error("there is no order of that number")]
    UnknownOrder,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Takes a ticket. One that opens once is used afterwards; of many at the same time, one comes in.
    pub async fn take_ticket(&self, token: &str) -> Result<Ticket, StartRefused> {
        let claims = claims_of(token, &self.config.start.secrets)?;
        let longest = SignedDuration::from_mins(self.config.start.longest_minutes);
        let mut ticket = Ticket::read(&claims, &self.config.public_url, longest, self.clock.now())?;
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    // First, so that a ticket is not used up by an order that has not come in yet.
                    if let Opens::Order(number) = &mut ticket.opens {
                        *number = store::number_meant(&mut conn, number.as_str()).await?.ok_or(StartRefused::UnknownOrder)?;
                    }
                    if let Some(name) = &ticket.once {
                        let until = (ticket.expires_at + LEEWAY).as_millisecond();
                        if !store::use_ticket(&mut conn, &secrets::digest(name), until).await? {
                            return Err(StartRefused::Used);
                        }
                    }
                    Ok(ticket)
                })
            })
            .await
    }
}

/// A token's header, as far as it matters.
#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Extensions that must be understood; we understand none.
    crit: Option<serde_json::Value>,
}

/// The claims of a token that one of the secrets has signed (RFC 7515, 5.2).
fn claims_of(token: &str, known: &SecretTexts) -> Result<Vec<u8>, StartRefused> {
    if token.len() > LONGEST {
        return Err(StartRefused::Form);
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| StartRefused::Form);
    let (signed, signature) = token.rsplit_once('.').ok_or(StartRefused::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(StartRefused::Form)?;
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| StartRefused::Form)?;
    if header.alg != "HS256" {
        return Err(StartRefused::Algorithm);
    }
    if header.crit.is_some() {
        return Err(StartRefused::Form);
    }
    let signature = decode(signature)?;
    let ours = |secret: &str| secrets::keyed(secret.as_bytes()).chain_update(signed).verify_slice(&signature).is_ok();
    if !known.iter().any(|secret| ours(secret.expose())) {
        return Err(StartRefused::Signature);
    }
    decode(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_made_elsewhere_is_read() {
        // The one that jwt.io shows to everybody: made by others, read by us.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
                     SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        let known = |secret: &str| [secret.into()].into_iter().collect();
        let claims = claims_of(token, &known("your-256-bit-secret")).unwrap();
        assert_eq!(claims, br#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#);
        assert!(matches!(claims_of(token, &known("another")), Err(StartRefused::Signature)));
        assert!(matches!(claims_of(token, &SecretTexts::default()), Err(StartRefused::Signature)));
    }
}
