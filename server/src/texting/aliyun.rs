//! Aliyun's short messages (dysmsapi, 2017-05-25), over HTTP, signed as its V3 signatures are (help.aliyun.com, "V3版本请求体&签名机制"). What a text
//! says is a template of the platform's: ours are named in the settings, by occasion and language.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use hmac::Mac;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::port::{NotSent, Text, TextPort};
use crate::asking::{Unread, body_of, client};
use crate::config::{Aliyun as Settings, SecretText, TextTemplate};
use crate::secrets::keyed;

const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer.
const LONGEST: usize = 1 << 20;
const VERSION: &str = "2017-05-25";
const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// Messages of a page, the most there may be.
const PAGE: u32 = 50;
/// Pages of one number's day; more than anybody gets.
const MOST_PAGES: u32 = 10;
/// What stays as it is in a query (RFC 3986, 2.3).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What they refuse for the number's sake (help.aliyun.com, "API错误码").
const OF_THE_NUMBER: [&str; 3] = ["isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.MOBILE_COUNT_OVER_LIMIT"];

/// Aliyun, with a key of the shop's.
pub(super) struct Aliyun {
    url: Url,
    key: String,
    secret: SecretText,
    sign_name: String,
    templates: BTreeMap<String, BTreeMap<String, TextTemplate>>,
    http: reqwest::Client,
}

impl Aliyun {
    /// Nothing where the settings name no key.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let key = settings.access_key_id.clone()?;
        let (secret, sign_name) = (settings.access_key_secret.clone()?, settings.sign_name.clone()?);
        let url = settings.url.parse().ok()?;
        let http = client(PATIENCE).build().ok()?;
        Some(Self { url, key, secret, sign_name, templates: settings.templates.clone(), http })
    }

    async fn call(&self, action: &str, parameters: BTreeMap<&str, String>) -> Result<Vec<u8>, NotSent> {
        let query = parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query = query.collect::<Vec<_>>().join("&");
        let host = self.url.host_str().unwrap_or_default().to_owned() + &self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let (date, nonce) = (Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), uuid::Uuid::new_v4().simple().to_string());
        let signed = Signed { host: &host, action, version: VERSION, date: &date, nonce: &nonce, query: &query };
        let mut url = self.url.clone();
        url.set_query(Some(&query));
        let request = self
            .http
            .post(url)
            .header("host", &host)
            .header("x-acs-action", action)
            .header("x-acs-version", VERSION)
            .header("x-acs-date", &date)
            .header("x-acs-signature-nonce", &nonce)
            .header("x-acs-content-sha256", hex(&Sha256::digest(b"")))
            .header("authorization", signed.authorization(&self.key, self.secret.expose()));
        let lost = |error: Unread| NotSent::Passing(error.to_string());
        let mut answer = request.send().await.map_err(|error| lost(error.into()))?;
        let text = body_of(&mut answer, LONGEST).await.map_err(lost)?;
        let status = answer.status();
        let read: Answer = serde_json::from_slice(&text).map_err(|_| NotSent::Passing(format!("Aliyun answered {}", status.as_u16())))?;
        match read.code.as_str() {
            "OK" => Ok(text),
            // Their words are not repeated: they may have the number in them.
            code if OF_THE_NUMBER.contains(&code) => Err(NotSent::Permanent(format!("Aliyun answered {code}"))),
            code => Err(NotSent::Passing(format!("Aliyun answered {} ({code})", status.as_u16()))),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    #[serde(default)]
    biz_id: String,
    #[serde(default)]
    sms_send_detail_d_t_os: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default, rename = "SmsSendDetailDTO")]
    sent: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default, rename = "OutId")]
    out_id: String,
    /// 1: under way, 2: failed, 3: arrived.
    #[serde(default, rename = "SendStatus")]
    status: i64,
}

/// What is signed of a request without a body.
struct Signed<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    date: &'a str,
    nonce: &'a str,
    query: &'a str,
}

impl Signed<'_> {
    const HEADERS: &'static str = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

    fn signature(&self, secret: &str) -> String {
        let Self { host, action, version, date, nonce, query } = self;
        let body = hex(&Sha256::digest(b""));
        let canonical = format!(
            "POST\n/\n{query}\nhost:{host}\nx-acs-action:{action}\nx-acs-content-sha256:{body}\nx-acs-date:{date}\nx-acs-signature-nonce:{nonce}\n\
             x-acs-version:{version}\n\n{}\n{body}",
            Self::HEADERS
        );
        let mut keyed = keyed(secret.as_bytes());
        keyed.update(format!("{ALGORITHM}\n{}", hex(&Sha256::digest(canonical.as_bytes()))).as_bytes());
        hex(&keyed.finalize().into_bytes())
    }

    fn authorization(&self, key: &str, secret: &str) -> String {
        format!("{ALGORITHM} Credential={key},SignedHeaders={},Signature={}", Self::HEADERS, self.signature(secret))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As they write numbers: those of the mainland without the country's code, others without the sign.
fn number(e164: &str) -> String {
    e164.strip_prefix("+86").unwrap_or(e164).trim_start_matches('+').to_owned()
}

#[async_trait]
impl TextPort for Aliyun {
    async fn send(&self, text: &Text) -> Result<String, NotSent> {
        let by_language = self.templates.get(text.occasion);
        let template = by_language.and_then(|of| of.get(text.locale.tag()).or_else(|| of.values().next()));
        let template = template.ok_or_else(|| NotSent::Permanent(format!("sms.aliyun.templates names none for {}", text.occasion)))?;
        let value = |name: &String| text.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
        let places: BTreeMap<&str, String> = template.places.iter().map(|name| (name.as_str(), value(name))).collect();
        let parameters = BTreeMap::from([
            ("PhoneNumbers", number(&text.to)),
            ("SignName", self.sign_name.clone()),
            ("TemplateCode", template.code.clone()),
            ("TemplateParam", serde_json::json!(places).to_string()),
            ("OutId", text.id.clone()),
        ]);
        let answer: Answer =
            serde_json::from_slice(&self.call("SendSms", parameters).await?).map_err(|error| NotSent::Passing(error.to_string()))?;
        Ok(answer.biz_id)
    }

    async fn find(&self, text: &Text) -> Result<Option<String>, NotSent> {
        // Their days are those of China.
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let (mut day, today) =
            (text.since.to_zoned(zone.clone()).date(), (Timestamp::now() + SignedDuration::from_hours(8)).to_zoned(TimeZone::UTC).date());
        while day <= today {
            for page in 1..=MOST_PAGES {
                let parameters = BTreeMap::from([
                    ("PhoneNumber", number(&text.to)),
                    ("SendDate", day.strftime("%Y%m%d").to_string()),
                    ("PageSize", PAGE.to_string()),
                    ("CurrentPage", page.to_string()),
                ]);
                let answer = self.call("QuerySendDetails", parameters).await?;
                let answer: Answer = serde_json::from_slice(&answer).map_err(|error| NotSent::Passing(error.to_string()))?;
                let sent = answer.sms_send_detail_d_t_os.sent;
                if let Some(found) = sent.iter().find(|detail| detail.out_id == text.id && detail.status != 2) {
                    return Ok(Some(found.out_id.clone()));
                }
                if sent.len() < PAGE as usize {
                    break;
                }
            }
            day = day.tomorrow().map_err(|error| NotSent::Passing(error.to_string()))?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of their description of V3 signatures.
    #[test]
    fn a_request_is_signed_as_they_sign_it() {
        let signed = Signed {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        };
        assert_eq!(signed.signature("YourAccessKeySecret"), "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
        assert_eq!(encoded("a b*c~d+中"), "a%20b%2Ac~d%2B%E4%B8%AD");
        assert_eq!([number("+8613800000000"), number("+49301234")], ["13800000000", "49301234"]);
    }
}
