//! What Stripe tells by itself: signed, doubled, in any order.

use hmac::Mac;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use domain::money::Currency;

use super::port::{Checkout, CheckoutState, Refunded};
use super::stripe::{CheckoutDocument, LONGEST_NAME, RefundDocument, amount_of, payments_of};
use crate::secrets::keyed;

/// Seconds that may lie between its clock and ours (docs.stripe.com/webhooks, "Preventing replay attacks").
const TOLERANCE: i64 = 300;
/// Signatures of one message: one for each secret that is still in use there, and no more than anybody has.
const MOST_SIGNATURES: usize = 16;

/// Something that happened at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayEvent {
    /// Its name for it, the same however often it is told.
    pub id: String,
    /// When, by its clock; epoch seconds. Later ones may come first.
    pub created: i64,
    pub kind: GatewayEventKind,
    /// The refund it is about, where that is one that we asked for.
    pub refund: Option<RefundSaid>,
    /// The refund it is about, where somebody else asked for it.
    pub outside: Option<OutsideSaid>,
    /// The dispute it is about.
    pub dispute: Option<DisputeSaid>,
    /// The page it is about, where that is one that we asked for.
    pub checkout: Option<CheckoutSaid>,
}

/// How a refund of somebody else's stood when that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideSaid {
    /// Names of the payment that it went back to; never empty.
    pub payments: Vec<String>,
    pub refunded: Refunded,
}

/// How a dispute stood when that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeSaid {
    /// The gateway's name for it.
    pub reference: String,
    /// Names of the payment that is disputed; never empty.
    pub payments: Vec<String>,
    /// Minor units, as ours.
    pub amount: i64,
    pub currency: Currency,
    /// Why, and how it stands, in the gateway's words for it.
    pub reason: String,
    pub status: String,
    /// Nothing more comes of it.
    pub over: bool,
    /// The customer has the money.
    pub lost: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayEventKind {
    RefundCreated,
    RefundUpdated,
    RefundFailed,
    /// Money of a payment went back, by whomever.
    ChargeRefunded,
    /// A customer's bank took a payment back, or may.
    Dispute,
    /// A customer is done with a page, has paid there, has not, or cannot any more.
    CheckoutDone,
    CheckoutPaid,
    CheckoutFailed,
    CheckoutExpired,
    /// What we do not ask for.
    Other,
}

impl GatewayEventKind {
    fn of(code: &str) -> Self {
        match code {
            "refund.created" => Self::RefundCreated,
            // Its name before there was the other.
            "refund.updated" | "charge.refund.updated" => Self::RefundUpdated,
            "refund.failed" => Self::RefundFailed,
            "checkout.session.completed" => Self::CheckoutDone,
            "checkout.session.async_payment_succeeded" => Self::CheckoutPaid,
            "checkout.session.async_payment_failed" => Self::CheckoutFailed,
            "checkout.session.expired" => Self::CheckoutExpired,
            "charge.refunded" => Self::ChargeRefunded,
            code if code.starts_with("charge.dispute.") => Self::Dispute,
            _ => Self::Other,
        }
    }
}

/// How a refund of ours stood when that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundSaid {
    /// Our name for it.
    pub id: String,
    pub refunded: Refunded,
}

/// How a page of ours stood when that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSaid {
    /// Our name for it.
    pub id: String,
    pub checkout: Checkout,
}

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    #[error("the signature is missing, or not as Stripe writes it")]
    Unsigned,
    #[error("the signature is of another secret or text")]
    Forged,
    #[error("the signature is not of the last five minutes")]
    Old,
    #[error("this is no event of Stripe's: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct EventDocument {
    id: String,
    created: i64,
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: Value,
}

/// Reads a message whose header `Stripe-Signature` shows that it is of whoever has one of the secrets, and of now:
/// `t=1700000000,v1=…`, HMAC with SHA-256 of the time, a dot and the body, in hexadecimal digits; several `v1` while one secret follows another.
pub fn verify<'s>(
    secrets: impl IntoIterator<Item = &'s str>,
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<GatewayEvent, HookError> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let told = parts().find(|(name, _)| *name == "t").map(|(_, told)| told).ok_or(HookError::Unsigned)?;
    let seconds: i64 = told.parse().map_err(|_| HookError::Unsigned)?;
    let signatures = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, digits)| bytes_of(digits));
    let signatures: Vec<Vec<u8>> = signatures.take(MOST_SIGNATURES).collect();
    if signatures.is_empty() {
        return Err(HookError::Unsigned);
    }
    let signed = secrets.into_iter().any(|secret| {
        let mac = keyed(secret.as_bytes()).chain_update(told).chain_update(".").chain_update(body);
        signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    });
    if !signed {
        return Err(HookError::Forged);
    }
    if now.as_second().abs_diff(seconds) > TOLERANCE.unsigned_abs() {
        return Err(HookError::Old);
    }
    read(body)
}

/// Bytes of hexadecimal digits.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    digits.len().is_multiple_of(2).then(|| digits.as_bytes().chunks_exact(2).map(pair).collect())?
}

fn read(body: &[u8]) -> Result<GatewayEvent, HookError> {
    let malformed = |error: &dyn std::fmt::Display| HookError::Malformed(error.to_string());
    let event: EventDocument = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    if event.id.is_empty() || event.id.len() > LONGEST_NAME {
        return Err(malformed(&"it has no name"));
    }
    let kind = GatewayEventKind::of(&event.kind);
    let about_refund = matches!(kind, GatewayEventKind::RefundCreated | GatewayEventKind::RefundUpdated | GatewayEventKind::RefundFailed);
    let about_checkout = matches!(
        kind,
        GatewayEventKind::CheckoutDone
            | GatewayEventKind::CheckoutPaid
            | GatewayEventKind::CheckoutFailed
            | GatewayEventKind::CheckoutExpired
    );
    let checkout = if about_checkout {
        let document: CheckoutDocument = serde_json::from_value(event.data.object.clone()).map_err(|error| malformed(&error))?;
        match document.ours().cloned() {
            Some(id) => {
                let mut checkout = document.checkout().map_err(|error| malformed(&error))?;
                // The page itself does not say that nothing comes any more.
                if kind == GatewayEventKind::CheckoutFailed && checkout.state == CheckoutState::Waiting {
                    checkout.state = CheckoutState::Failed;
                }
                Some(CheckoutSaid { id, checkout })
            }
            None => None,
        }
    } else {
        None
    };
    let mut told = GatewayEvent { id: event.id, created: event.created, kind, refund: None, outside: None, dispute: None, checkout };
    if about_refund {
        let document: RefundDocument = serde_json::from_value(event.data.object).map_err(|error| malformed(&error))?;
        let payments = payments_of([document.charge.as_ref(), document.payment_intent.as_ref()]);
        match document.ours().cloned() {
            Some(id) => told.refund = Some(RefundSaid { id, refunded: document.refunded().map_err(|error| malformed(&error))? }),
            // Of others nothing has to fit.
            None if payments.is_empty() => {}
            None => told.outside = document.refunded().ok().map(|refunded| OutsideSaid { payments, refunded }),
        }
    } else if kind == GatewayEventKind::Dispute {
        told.dispute = dispute(event.data.object);
    }
    Ok(told)
}

/// A dispute as Stripe tells it: what of it is read (docs.stripe.com/api/disputes/object).
#[derive(Deserialize)]
struct DisputeDocument {
    id: String,
    amount: i64,
    currency: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    charge: Option<Value>,
    #[serde(default)]
    payment_intent: Option<Value>,
}

/// Nothing where it is of no payment that has a name.
fn dispute(object: Value) -> Option<DisputeSaid> {
    let document: DisputeDocument = serde_json::from_value(object).ok()?;
    let payments = payments_of([document.charge.as_ref(), document.payment_intent.as_ref()]);
    let (amount, currency) = amount_of(document.amount, &document.currency)?;
    let word = |text: &str| text.chars().filter(|letter| !letter.is_control()).take(100).collect::<String>();
    let known = !payments.is_empty() && !document.id.is_empty() && document.id.len() <= LONGEST_NAME;
    known.then(|| DisputeSaid {
        payments,
        amount,
        currency,
        reason: word(document.reason.as_deref().unwrap_or_default()),
        over: matches!(document.status.as_str(), "won" | "lost" | "warning_closed" | "prevented"),
        lost: document.status == "lost",
        status: word(&document.status),
        reference: document.id,
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::super::port::RefundState;
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn signature(secret: &str, seconds: i64, body: &[u8]) -> String {
        let mac = keyed(secret.as_bytes()).chain_update(format!("{seconds}.")).chain_update(body).finalize().into_bytes();
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn event(kind: &str, object: &Value) -> Vec<u8> {
        json!({"id": "evt_1", "object": "event", "created": 1_700_000_000, "type": kind, "data": {"object": object}})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn the_known_answer_is_taken_within_five_minutes_and_no_other() {
        // Computed by Stripe's own rule, of that body, secret and time.
        let (secret, body) = ("whsec_test", &br#"{"id":820982911946154508}"#[..]);
        let header = "t=1700000000,v1=dfc48fe03ac16de00efb83383e428d66ed93f1b1fd4f0537ec7a6ceb093dbcda";
        // Signed well, and no event: so far it comes.
        let taken = |header: &str, body: &[u8], now: i64| verify([secret], header, body, at(now)).unwrap_err();
        assert!(matches!(taken(header, body, 1_700_000_000), HookError::Malformed(_)));
        assert!(matches!(taken(header, body, 1_700_000_300), HookError::Malformed(_)));
        assert_eq!(taken(header, body, 1_700_000_301), HookError::Old);
        assert_eq!(taken(header, body, 1_699_999_699), HookError::Old);
        assert_eq!(taken(header, br#"{"id":820982911946154509}"#, 1_700_000_000), HookError::Forged);
        assert_eq!(taken(&header.replace("1700000000", "1700000001"), body, 1_700_000_000), HookError::Forged);
        assert_eq!(verify(["whsec_other"], header, body, at(1_700_000_000)), Err(HookError::Forged));
        assert_eq!(verify([], header, body, at(1_700_000_000)), Err(HookError::Forged), "without a secret nobody is known");
        for unsigned in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=1700000000,v1=+f", "t=1700000000,v1=abc", "t=1700000000,v0=00"] {
            assert_eq!(taken(unsigned, body, 1_700_000_000), HookError::Unsigned, "{unsigned}");
        }
        assert_eq!(taken("t=1700000000,v1=", body, 1_700_000_000), HookError::Forged);
    }

    #[test]
    fn one_secret_may_follow_another() {
        let body = event("invoice.paid", &json!({}));
        let (old, new) = (signature("whsec_old", 1_700_000_000, &body), signature("whsec_new", 1_700_000_000, &body));
        let both = format!("t=1700000000,v1={old},v1={new},v0=6f");
        for secrets in [vec!["whsec_old"], vec!["whsec_new"], vec!["whsec_new", "whsec_old"]] {
            assert!(verify(secrets, &both, &body, at(1_700_000_000)).is_ok());
        }
        assert!(verify(["whsec_new", "whsec_old"], &format!("t=1700000000, v1={old}"), &body, at(1_700_000_000)).is_ok());
    }

    #[test]
    fn a_refund_of_ours_is_told_from_one_of_others() {
        let refund = json!({"id": "re_1", "object": "refund", "amount": 1_500, "currency": "eur", "status": "failed",
            "failure_reason": "expired_or_canceled_card", "metadata": {"refund": "R-1-p1", "rma": "R-1"}, "charge": {"id": "ch_1"}});
        let told = read(&event("refund.failed", &refund)).unwrap();
        let said = told.refund.unwrap();
        assert_eq!((told.kind, said.id.as_str(), said.refunded.state), (GatewayEventKind::RefundFailed, "R-1-p1", RefundState::Failed));
        assert_eq!((said.refunded.amount, said.refunded.reason.as_deref()), (1_500, Some("expired_or_canceled_card")));
        // Of others nothing has to fit.
        let other = json!({"id": "re_2", "amount": 5, "currency": "zzz", "status": null, "metadata": {}});
        assert_eq!(read(&event("refund.updated", &other)).unwrap().refund, None);
        assert!(matches!(read(&event("refund.updated", &json!({"id": 5}))), Err(HookError::Malformed(_))));
        for (kind, known) in [
            ("charge.refunded", GatewayEventKind::ChargeRefunded),
            ("charge.dispute.created", GatewayEventKind::Dispute),
            ("charge.dispute.funds_withdrawn", GatewayEventKind::Dispute),
            ("charge.refund.updated", GatewayEventKind::RefundUpdated),
            ("customer.created", GatewayEventKind::Other),
        ] {
            let told = read(&event(kind, &refund)).unwrap();
            assert_eq!((told.kind, told.refund.is_some()), (known, known == GatewayEventKind::RefundUpdated), "{kind}");
        }
    }

    #[test]
    fn stripes_own_examples_are_read() {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
        let folder = std::env::var_os("HOMEBOUND_DATA").map_or_else(|| beside.into(), PathBuf::from);
        let Ok(text) = std::fs::read(folder.join("stripe/fixtures3.json")) else {
            println!("skipped: Stripe's examples are not at hand (HOMEBOUND_DATA names the folder)");
            return;
        };
        let examples: Value = serde_json::from_slice(&text).unwrap();
        let resources = examples["resources"].as_object().unwrap();
        assert!(resources.len() > 100, "{}", resources.len());
        let mut refund = resources["refund"].clone();
        for kind in ["refund.created", "refund.updated", "refund.failed"] {
            assert_eq!(read(&event(kind, &refund)).unwrap().refund, None, "Stripe's own example is none of ours");
        }
        refund["metadata"] = json!({"refund": "R-1-p1"});
        let said = read(&event("refund.updated", &refund)).unwrap().refund.unwrap();
        assert_eq!((said.refunded.state, said.refunded.amount, said.refunded.currency.code()), (RefundState::Succeeded, 100, "USD"));
        for (name, kind) in [("charge", "charge.refunded"), ("dispute", "charge.dispute.created")] {
            assert!(read(&event(kind, &resources[name])).is_ok(), "{name}");
        }
        // Whatever else it tells: events of all its objects, and its own event.
        for (name, object) in resources {
            assert_eq!(read(&event(&format!("{name}.updated.all"), object)).unwrap().kind, GatewayEventKind::Other, "{name}");
        }
        assert_eq!(read(resources["event"].to_string().as_bytes()).unwrap().kind, GatewayEventKind::Other);
    }
}
