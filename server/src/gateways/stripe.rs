//! Stripe, over HTTP.
//! Long because what goes back to a payment and what is paid on a page are asked for in the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use domain::money::Currency;
use domain::words::Locale;
use serde::Deserialize;
use url::Url;

use super::port::{Checkout, CheckoutAsk, CheckoutState, Gateway, GatewayError, RefundAsk, RefundState, Refunded};
use crate::asking::{Unread, body_of, client};
use crate::config::{SecretText, Stripe as Settings};

/// The contract that answers are read by; without it an account's own would count.
const VERSION: &str = "2025-09-30.clover";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(12);
/// Bytes of an answer: a page of refunds has far fewer.
const LONGEST: usize = 1 << 20;
/// Refunds of one page, the most there may be.
const PAGE: &str = "100";
/// Pages of one payment's refunds; more than anybody makes.
const MOST_PAGES: usize = 100;
/// Letters of an address of theirs.
const LONGEST_URL: usize = 5_000;
/// Letters of a name of theirs.
pub(super) const LONGEST_NAME: usize = 255;

/// Currencies whose amounts Stripe takes as they are (docs.stripe.com/currencies, "Zero-decimal currencies").
const WHOLE: [&str; 15] = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies whose amounts it takes in thousandths, of which the last is 0 ("Three-decimal currencies").
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Stripe, with a key of the shop's.
pub struct Stripe {
    base: Url,
    key: SecretText,
    http: reqwest::Client,
}

impl Stripe {
    /// Nothing where the settings have no key.
    pub fn of(settings: &Settings) -> Option<Self> {
        let key = settings.secret_key.clone()?;
        let base = settings.url.parse().ok()?;
        let http = client(PATIENCE).build().ok()?;
        Some(Self { base, key, http })
    }

    async fn ask(&self, method: Method, url: Url, body: Option<(String, &str)>) -> Result<Vec<u8>, GatewayError> {
        let mut request = self.http.request(method, url).header("Stripe-Version", VERSION).headers(self.leave()?);
        if let Some((form, key)) = body {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header("Idempotency-Key", key).body(form);
        }
        // Whatever was lost on the way may have been done.
        let lost = |error: Unread| GatewayError::Passing(error.to_string());
        let mut answer = request.send().await.map_err(|error| lost(error.into()))?;
        let text = body_of(&mut answer, LONGEST).await.map_err(lost)?;
        if answer.status().is_success() { Ok(text) } else { Err(refusal(answer.status(), &text)) }
    }

    fn leave(&self) -> Result<HeaderMap, GatewayError> {
        let bearer = HeaderValue::from_str(&format!("Bearer {}", self.key.expose()));
        let mut bearer = bearer.map_err(|_| GatewayError::permanent("no_key", "the key of the gateway has letters that no key has"))?;
        bearer.set_sensitive(true);
        Ok(HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]))
    }

    /// The address of pages, or of what is below them.
    fn checkouts(&self, below: &str) -> Result<Url, GatewayError> {
        let joined = self.base.join(&format!("v1/checkout/sessions{below}"));
        joined.map_err(|error| GatewayError::permanent("no_address", error.to_string()))
    }

    fn refunds(&self) -> Result<Url, GatewayError> {
        self.base.join("v1/refunds").map_err(|error| GatewayError::permanent("no_address", error.to_string()))
    }
}

#[async_trait]
impl Gateway for Stripe {
    fn knows(&self, payment: &str) -> bool {
        named(payment).is_some()
    }

    async fn refund(&self, ask: &RefundAsk) -> Result<Refunded, GatewayError> {
        let text = self.ask(Method::POST, self.refunds()?, Some((form_of(ask)?, &ask.id))).await?;
        // What it says that is no refund may have come of one.
        let document: RefundDocument = serde_json::from_slice(&text).map_err(|error| GatewayError::Passing(error.to_string()))?;
        document.refunded().map_err(GatewayError::Passing)
    }

    async fn find(&self, ask: &RefundAsk) -> Result<Option<Refunded>, GatewayError> {
        let mut after: Option<String> = None;
        let mut found: Option<Refunded> = None;
        for _ in 0..MOST_PAGES {
            let mut url = self.refunds()?;
            url.query_pairs_mut().append_pair(name_of(ask)?, &ask.payment).append_pair("limit", PAGE);
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("starting_after", after);
            }
            let text = self.ask(Method::GET, url, None).await?;
            let page: Page = serde_json::from_slice(&text).map_err(|error| GatewayError::Passing(error.to_string()))?;
            let last = page.data.last().map(|refund| refund.id.clone());
            for refund in page.data.into_iter().filter(|refund| refund.ours() == Some(&ask.id)) {
                let refunded = refund.refunded().map_err(GatewayError::Passing)?;
                // Of two by one name the one that holds money counts.
                if found.as_ref().is_none_or(|known| matches!(known.state, RefundState::Failed | RefundState::Canceled)) {
                    found = Some(refunded);
                }
            }
            after = last.filter(|_| page.has_more);
            if after.is_none() {
                return Ok(found);
            }
        }
        Err(GatewayError::Passing(format!("the payment has more than {MOST_PAGES} pages of refunds")))
    }

    async fn checkout(&self, ask: &CheckoutAsk) -> Result<Checkout, GatewayError> {
        let form = form_of_checkout(ask)?;
        page_of(&self.ask(Method::POST, self.checkouts("")?, Some((form, &ask.id))).await?)
    }

    async fn checkout_of(&self, reference: &str) -> Result<Checkout, GatewayError> {
        page_of(&self.ask(Method::GET, self.checkouts(&in_address(reference)?)?, None).await?)
    }

    async fn end_checkout(&self, reference: &str) -> Result<Checkout, GatewayError> {
        let at = self.checkouts(&format!("{}/expire", in_address(reference)?))?;
        page_of(&self.ask(Method::POST, at, Some((String::new(), &format!("{reference}-end")))).await?)
    }
}

/// A page as Stripe tells it (`checkout.session`): what of it is read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckoutDocument {
    pub id: String,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub payment_status: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub amount_total: Option<i64>,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

impl CheckoutDocument {
    /// Our name for it, where it is one that we asked for.
    pub fn ours(&self) -> Option<&String> {
        self.metadata.as_ref()?.get("due")
    }

    /// As we have it; in words what does not fit.
    pub fn checkout(self) -> Result<Checkout, String> {
        let payment = self.payment_intent.filter(|name| named(name).is_some());
        if !is_plain(&self.id) {
            return Err("a page has no name".to_owned());
        }
        let currency: Currency = self.currency.unwrap_or_default().parse().map_err(|error| format!("{error}"))?;
        let told = self.amount_total.unwrap_or_default();
        let amount = from_stripe(told, currency).ok_or_else(|| format!("{told} {currency} is no amount of ours"))?;
        let state = match (self.status.as_deref(), self.payment_status.as_deref()) {
            (_, Some("paid")) => CheckoutState::Paid,
            (Some("expired"), _) => CheckoutState::Expired,
            (Some("complete"), _) => CheckoutState::Waiting,
            // Not known yet, whatever it is called.
            _ => CheckoutState::Open,
        };
        let url = self.url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).filter(|url| url.len() <= LONGEST_URL);
        Ok(Checkout { reference: self.id, state, payment, amount, currency, url })
    }
}

/// Letters and digits of a name that stands in an address.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn form_of_checkout(ask: &CheckoutAsk) -> Result<String, GatewayError> {
    let amount = to_stripe(ask.amount, ask.currency)?;
    let locale = match ask.locale {
        Locale::ZhCn => "zh",
        Locale::De => "de",
        Locale::Fr => "fr",
        // A language that only tests have is shown in English, too.
        _ => "en",
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("mode", "payment").append_pair("locale", locale).append_pair("client_reference_id", &ask.id);
    form.append_pair("line_items[0][quantity]", "1");
    form.append_pair("line_items[0][price_data][currency]", &ask.currency.code().to_ascii_lowercase());
    form.append_pair("line_items[0][price_data][unit_amount]", &amount.to_string());
    form.append_pair("line_items[0][price_data][product_data][name]", &ask.what);
    form.append_pair("success_url", &ask.back).append_pair("cancel_url", &ask.back).append_pair("expires_at", &ask.until.to_string());
    // The payment bears the names, too: its refunds are of it.
    for place in ["metadata", "payment_intent_data[metadata]"] {
        for (name, value) in [("due", &ask.id), ("rma", &ask.rma), ("order", &ask.order)] {
            form.append_pair(&format!("{place}[{name}]"), value);
        }
    }
    Ok(form.finish())
}

/// What a payment is called in a request, by what its name begins with.
fn named(payment: &str) -> Option<&'static str> {
    let plain = payment.len() <= LONGEST_NAME && payment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match payment.split_once('_').filter(|(_, rest)| plain && !rest.is_empty())?.0 {
        "pi" => Some("payment_intent"),
        "ch" | "py" => Some("charge"),
        _ => None,
    }
}

fn form_of(ask: &RefundAsk) -> Result<String, GatewayError> {
    let amount = to_stripe(ask.amount, ask.currency)?;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair(name_of(ask)?, &ask.payment).append_pair("amount", &amount.to_string());
    form.append_pair("reason", "requested_by_customer");
    for (name, value) in [("refund", &ask.id), ("rma", &ask.rma), ("order", &ask.order)] {
        form.append_pair(&format!("metadata[{name}]"), value);
    }
    Ok(form.finish())
}

fn name_of(ask: &RefundAsk) -> Result<&'static str, GatewayError> {
    named(&ask.payment).ok_or_else(|| GatewayError::permanent("no_payment", "what was paid has no name that Stripe gives"))
}

/// A name of theirs as it stands in an address.
fn in_address(name: &str) -> Result<String, GatewayError> {
    if is_plain(name) { Ok(format!("/{name}")) } else { Err(GatewayError::permanent("no_page", "this is no name that Stripe gives")) }
}

fn page_of(text: &[u8]) -> Result<Checkout, GatewayError> {
    let document: CheckoutDocument = serde_json::from_slice(text).map_err(|error| GatewayError::Passing(error.to_string()))?;
    document.checkout().map_err(GatewayError::Passing)
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    data: Vec<RefundDocument>,
    has_more: bool,
}

/// A refund as Stripe tells it: what of it is read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RefundDocument {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub pending_reason: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
    /// The payment it went back to, by its two names; either may be told whole.
    #[serde(default)]
    pub charge: Option<serde_json::Value>,
    #[serde(default)]
    pub payment_intent: Option<serde_json::Value>,
}

/// Names of a payment, where they are told: by themselves, or with all that is known of it.
pub(super) fn payments_of(told: [Option<&serde_json::Value>; 2]) -> Vec<String> {
    let name = |value: &serde_json::Value| value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned);
    let named = told.into_iter().flatten().filter_map(name);
    named.filter(|name| self::named(name).is_some()).collect()
}

impl RefundDocument {
    /// Our name for it, where it is one that we asked for.
    pub fn ours(&self) -> Option<&String> {
        self.metadata.as_ref()?.get("refund")
    }

    /// As we have it; in words what does not fit.
    pub fn refunded(self) -> Result<Refunded, String> {
        if self.id.is_empty() || self.id.len() > LONGEST_NAME {
            return Err("a refund has no name".to_owned());
        }
        let currency: Currency = self.currency.parse().map_err(|error| format!("{error}"))?;
        let amount = from_stripe(self.amount, currency).ok_or_else(|| format!("{} {} is no amount of ours", self.amount, currency))?;
        let state = match self.status.as_deref() {
            Some("succeeded") => RefundState::Succeeded,
            Some("failed") => RefundState::Failed,
            Some("canceled") => RefundState::Canceled,
            Some("requires_action") => RefundState::RequiresAction,
            // Not known yet, whatever it is called.
            _ => RefundState::Pending,
        };
        let reason = self.failure_reason.or(self.pending_reason).map(|reason| cut(&reason));
        Ok(Refunded { reference: self.id, state, reason, amount, currency })
    }
}

/// No more of a text than anybody reads.
fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

/// How many decimals Stripe's amounts have: two also of ISK and UGX, which have none ("Special cases").
fn decimals(currency: Currency) -> u32 {
    match currency.code() {
        code if WHOLE.contains(&code) => 0,
        code if THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    }
}

/// Our minor units as Stripe's.
fn to_stripe(minor: i64, currency: Currency) -> Result<i64, GatewayError> {
    let (ours, theirs) = (currency.decimals(), decimals(currency));
    let inexact = || GatewayError::permanent("amount_not_possible", format!("Stripe moves no such part of {currency}"));
    let amount = if theirs >= ours {
        minor.checked_mul(10_i64.pow(theirs - ours)).ok_or_else(inexact)?
    } else {
        let part = 10_i64.pow(ours - theirs);
        (minor % part == 0).then_some(minor / part).ok_or_else(inexact)?
    };
    if theirs == 3 && amount % 10 != 0 { Err(inexact()) } else { Ok(amount) }
}

/// Stripe's minor units as ours, of what is told by itself; nothing where it cannot be.
pub(super) fn amount_of(amount: i64, currency: &str) -> Option<(i64, Currency)> {
    let currency: Currency = currency.parse().ok()?;
    Some((from_stripe(amount, currency)?, currency))
}

/// Stripe's minor units as ours; nothing where they are parts of ours.
fn from_stripe(amount: i64, currency: Currency) -> Option<i64> {
    let (ours, theirs) = (currency.decimals(), decimals(currency));
    if ours >= theirs {
        return amount.checked_mul(10_i64.pow(ours - theirs));
    }
    let part = 10_i64.pow(theirs - ours);
    (amount % part == 0).then_some(amount / part)
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalDocument,
}

#[derive(Default, Deserialize)]
struct RefusalDocument {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// What an answer means that is no success. What passes is asked again; what is not known to be refused for good passes.
fn refusal(status: StatusCode, text: &[u8]) -> GatewayError {
    let said = serde_json::from_slice::<Refusal>(text).map(|refusal| refusal.error).unwrap_or_default();
    match status {
        // Of a key nothing is repeated.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            GatewayError::Passing(format!("{status}: setting stripe.secret_key is not taken"))
        }
        StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED | StatusCode::NOT_FOUND if said.kind.is_some() || said.code.is_some() => {
            let code = said.code.or(said.kind).unwrap_or_default();
            GatewayError::permanent(cut(&code), cut(said.message.as_deref().unwrap_or("no more was said")))
        }
        _ => GatewayError::Passing(format!("it answered {status}: {}", cut(said.message.as_deref().unwrap_or("no more was said")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_told_as_stripe_counts_them() {
        for (code, ours, theirs) in [
            ("EUR", 1_234, Some(1_234)),
            ("CNY", 1, Some(1)),
            ("JPY", 500, Some(500)),
            ("KRW", 12_000, Some(12_000)),
            ("ISK", 500, Some(50_000)),
            ("UGX", 500, Some(50_000)),
            ("HUF", 1_050, Some(1_050)),
            ("KWD", 5_120, Some(5_120)),
            ("KWD", 5_124, None),
            ("TND", 10, Some(10)),
            ("MGA", 500, Some(5)),
            ("MGA", 550, None),
        ] {
            let told = to_stripe(ours, currency(code)).ok();
            assert_eq!(told, theirs, "{ours} {code}");
            if let Some(theirs) = theirs {
                assert_eq!(from_stripe(theirs, currency(code)), Some(ours), "{theirs} {code}");
            }
        }
        assert_eq!(from_stripe(50_050, currency("ISK")), None, "half a króna is nothing of ours");
        for code in ["ISK", "UGX"] {
            assert_eq!((currency(code).decimals(), decimals(currency(code))), (0, 2), "{code}");
        }
        assert_eq!(to_stripe(i64::MAX, currency("ISK")).unwrap_err().to_string().split(':').next(), Some("amount_not_possible"));
    }

    #[test]
    fn a_payment_is_known_by_its_name() {
        for (name, kind) in [
            ("pi_3PgafuB7WZ01zgkW", Some("payment_intent")),
            ("ch_1PgafuB7WZ01zgkW", Some("charge")),
            ("py_1PgafuB7WZ01zgkW", Some("charge")),
            ("pi_", None),
            ("pi", None),
            ("gift", None),
            ("re_1", None),
            ("pi_1&amount=9", None),
            ("", None),
        ] {
            assert_eq!(named(name), kind, "{name}");
        }
    }

    #[test]
    fn what_is_refused_for_good_is_told_from_what_passes() {
        let said = |status: u16, body: &str| refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let error = |kind: &str, code: &str| format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"No."}}}}"#);
        for (status, kind, code) in [
            (400, "invalid_request_error", "charge_already_refunded"),
            (400, "invalid_request_error", "charge_disputed"),
            (404, "invalid_request_error", "resource_missing"),
            (402, "card_error", "insufficient_funds"),
        ] {
            assert_eq!(said(status, &error(kind, code)), GatewayError::permanent(code, "No."));
        }
        let too_much = r#"{"error":{"type":"invalid_request_error","message":"Refund amount (¥9) is greater than charge amount (¥5)"}}"#;
        assert!(matches!(said(400, too_much), GatewayError::Permanent { code, .. } if code == "invalid_request_error"));
        let other =
            r#"{"error":{"type":"idempotency_error","message":"Keys for idempotent requests can only be used with the same parameters"}}"#;
        assert!(matches!(said(400, other), GatewayError::Permanent { code, .. } if code == "idempotency_error"));
        for (status, body) in [
            (409, error("idempotency_error", "idempotency_key_in_use")),
            (429, error("invalid_request_error", "rate_limit")),
            (500, error("api_error", "")),
            (503, "<html>".to_owned()),
            (400, "<html>from a proxy".to_owned()),
            (302, String::new()),
            (401, error("invalid_request_error", "sk_live_x")),
        ] {
            assert!(matches!(said(status, &body), GatewayError::Passing(why) if !why.contains("sk_live")), "{status} {body}");
        }
    }
}
