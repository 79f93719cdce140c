//! Twilio's Messages, over HTTP (twilio.com/docs/messaging/api/message-resource).

use std::time::Duration;

use async_trait::async_trait;
use axum::http::{StatusCode, header};
use jiff::tz::TimeZone;
use serde::Deserialize;
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
    http: reqwest::Client,
}

impl Twilio {
    /// Nothing where the settings name no account.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let (account, token, from) = (settings.account_sid.clone()?, settings.auth_token.clone()?, settings.from.clone()?);
        let base: Url = settings.url.parse().ok()?;
        let messages = base.join(&format!("2010-04-01/Accounts/{account}/Messages.json")).ok()?;
        let http = client(PATIENCE).build().ok()?;
        Some(Self { messages, account, token, from, http })
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, NotSent> {
        let lost = |error: Unread| NotSent::Passing(error.to_string());
        let request = request.basic_auth(&self.account, Some(self.token.expose()));
        let mut answer = request.send().await.map_err(|error| lost(error.into()))?;
        let text = body_of(&mut answer, LONGEST).await.map_err(lost)?;
        if answer.status().is_success() { Ok(text) } else { Err(refusal(answer.status(), &text)) }
    }
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
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("To", text.to.as_str()), (sender, self.from.as_str()), ("Body", text.body.as_str())])
            .finish();
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
        let same = |message: &Message| message.body == text.body && !matches!(message.status.as_str(), "failed" | "canceled");
        Ok(page.messages.into_iter().find(same).map(|message| message.sid))
    }
}
