//! Twilio's Messages, over HTTP (twilio.com/docs/messaging/api/message-resource).

use std::time::Duration;

use async_trait::async_trait;
use axum::http::{StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::tz::TimeZone;
use serde::Deserialize;
use sha1::Sha1;
use url::Url;

use super::port::{NotSent, Text, TextPort};
use crate::asking::{Unread, body_of, client};
use crate::config::{SecretText, Twilio as Settings};

const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer.
const LONGEST: usize = 1 << 20;
/// Messages of a page, the most there may be.
const PAGE: &str = "1000";

/// What they refuse for the number's sake (twilio.com/docs/api/errors): no such number, no mobile one, not to be reached from ours, who asked not to be
/// written to, a region that is closed.
const OF_THE_NUMBER: [i64; 8] = [21_211, 21_214, 21_217, 21_408, 21_610, 21_612, 21_614, 63_003];

/// Twilio, with an account of the shop's.
pub(super) struct Twilio {
    messages: Url,
    account: String,
    token: SecretText,
    from: String,
    /// Where they say whether it arrived.
    told_at: Option<Url>,
    http: reqwest::Client,
}

impl Twilio {
    /// Nothing where the settings name no account.
    pub(super) fn of(settings: &Settings, public_url: &str) -> Option<Self> {
        let (account, token, from) = (settings.account_sid.clone()?, settings.auth_token.clone()?, settings.from.clone()?);
        let base: Url = settings.url.parse().ok()?;
        let messages = base.join(&format!("2010-04-01/Accounts/{account}/Messages.json")).ok()?;
        let http = client(PATIENCE).build().ok()?;
        // They come to nobody whom they cannot reach.
        let told_at =
            public_url.starts_with("https://").then(|| format!("{}{TOLD_AT}", public_url.trim_end_matches('/')).parse().ok()).flatten();
        Some(Self { messages, account, token, from, told_at, http })
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, NotSent> {
        let lost = |error: Unread| NotSent::Passing(error.to_string());
        let request = request.basic_auth(&self.account, Some(self.token.expose()));
        let mut answer = request.send().await.map_err(|error| lost(error.into()))?;
        let text = body_of(&mut answer, LONGEST).await.map_err(lost)?;
        if answer.status().is_success() { Ok(text) } else { Err(refusal(answer.status(), &text)) }
    }
}

/// Where they say how it went (twilio.com/docs/messaging/guides/track-outbound-message-status).
pub const TOLD_AT: &str = "/hooks/twilio/status";
/// The field of that address that has our name of the text.
pub const OURS: &str = "text";

/// Whether they signed a form that came to an address: base64 of HMAC-SHA1, by the account's token, of the address with all fields behind it, in the order
/// of their names (twilio.com/docs/usage/security).
pub fn is_twilios(token: &SecretText, address: &str, fields: &[(String, String)], signature: &str) -> bool {
    let mut sorted: Vec<&(String, String)> = fields.iter().collect();
    sorted.sort();
    let signed = sorted.iter().fold(address.to_owned(), |signed, (name, value)| signed + name + value);
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()) else { return false };
    mac.chain_update(signed).verify_slice(&signature).is_ok()
}

/// What they say of a message.
#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: i64,
}

/// Their words are not repeated: they have the number in them.
fn refusal(status: StatusCode, text: &[u8]) -> NotSent {
    let code = serde_json::from_slice::<Refusal>(text).map(|refusal| refusal.code).unwrap_or_default();
    let why = format!("Twilio answered {} ({code})", status.as_u16());
    if OF_THE_NUMBER.contains(&code) { NotSent::Permanent(why) } else { NotSent::Passing(why) }
}

#[async_trait]
impl TextPort for Twilio {
    async fn send(&self, text: &Text) -> Result<String, NotSent> {
        // A messaging service goes by a name that begins so.
        let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let form = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs([("To", text.to.as_str()), (sender, self.from.as_str()), ("Body", text.body.as_str())]);
            if let Some(mut told_at) = self.told_at.clone() {
                told_at.query_pairs_mut().append_pair(OURS, &text.id);
                form.append_pair("StatusCallback", told_at.as_str());
            }
            form.finish()
        };
        let request = self.http.post(self.messages.clone()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        // What it says that is no message may have come of one.
        let message: Message = serde_json::from_slice(&self.ask(request).await?).map_err(|error| NotSent::Passing(error.to_string()))?;
        Ok(message.sid)
    }

    async fn find(&self, text: &Text) -> Result<Option<String>, NotSent> {
        let mut url = self.messages.clone();
        let day = text.since.to_zoned(TimeZone::UTC).date();
        url.query_pairs_mut().append_pair("To", &text.to).append_pair("DateSent>", &day.to_string()).append_pair("PageSize", PAGE);
        let page: Page =
            serde_json::from_slice(&self.ask(self.http.get(url)).await?).map_err(|error| NotSent::Passing(error.to_string()))?;
        // One that did not arrive is one that may be sent again.
        let same =
            |message: &Message| message.body == text.body && !matches!(message.status.as_str(), "failed" | "undelivered" | "canceled");
        Ok(page.messages.into_iter().find(same).map(|message| message.sid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_say_is_theirs_by_its_signature() {
        let fields = |status: &str| {
            [("To", "+15551230000"), ("MessageStatus", status), ("MessageSid", "SM1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let (token, address) = (SecretText::from("12345"), "https://returns.example.com/hooks/twilio/status");
        let signature = "rjiH25JLBl8Oh4O3Yex4ER4q4CI=";
        assert!(is_twilios(&token, address, &fields("delivered"), signature));
        assert!(!is_twilios(&token, address, &fields("failed"), signature));
        assert!(!is_twilios(&SecretText::from("12346"), address, &fields("delivered"), signature));
        assert!(!is_twilios(&token, &format!("{address}?text=1"), &fields("delivered"), signature));
        for nonsense in ["", "rjiH", "!", "rjiH25JLBl8Oh4O3Yex4ER4q4CI"] {
            assert!(!is_twilios(&token, address, &fields("delivered"), nonsense));
        }
    }
}
