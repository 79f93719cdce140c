//! Settings: defaults, then the file named by `HOMEBOUND_CONFIG`, then the environment. What is wrong is named.
//! Long because every setting, with what it may be and what is wrong with it, is read in one place.

mod brand;
mod credit;
mod feedback;
mod host;
mod secret;
mod sign_on;
mod sms;
mod stripe;
mod template;
mod warnings;
mod webhooks;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::http::{HeaderName, header};
use domain::order::{Address, AddressDocument};
use domain::reason::{Reason, ReasonTree};
use domain::returns::Parcel;
use domain::words::{Locale, Words};
use figment::Figment;
use figment::error::{Actual, Kind};
use figment::providers::{Env, Format};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};

pub use brand::Colour;
pub use credit::CreditTerms;
pub use feedback::{FeedbackAsks, LEAST_ASK_DAYS};

use crate::evidence::{EvidenceLimits, PREVIEW_SIDE};
use crate::store::PostgresLimits;
pub(crate) use host::is_own_machine;
pub use secret::{SecretText, SecretTexts};
pub use sign_on::SignOn;
pub use sms::{Aliyun, Quiet, Sms, TextTemplate, TextsBy, Twilio};
pub use stripe::Stripe;
pub use template::{Chosen, written};
pub use webhooks::Webhooks;

/// The commented defaults, as shipped.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address shoppers use.
    pub public_url: String,
    /// Where files live.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: Option<String>,
    /// That of the test shop.
    pub test_database_url: Option<String>,
    /// Where photos and documents lie.
    pub objects_url: Option<String>,
    /// The mail server.
    pub smtp_url: Option<String>,
    /// What links are signed with: the first; what the others signed still opens.
    pub secret: SecretTexts,
    /// Header with the visitor's address.
    pub client_address_header: Option<String>,
    /// How many proxies of the shop's own add to it, the last one included.
    pub client_address_hops: usize,
    /// Whose word that header is; everybody's who connects, where there is none.
    pub trusted_proxies: Vec<IpNet>,
    /// Own listener for metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What to log.
    pub log_filter: String,
    /// Whether this server does jobs.
    pub worker: bool,
    /// Demo shop.
    pub demo: bool,
    /// Languages that the menu offers.
    pub languages: Vec<Locale>,
    /// The shop.
    pub shop: Shop,
    /// One click from the shop.
    pub start: Start,
    /// Passwords that were stolen elsewhere.
    pub breached_passwords: Option<PathBuf>,
    /// How people at work may come in.
    pub sign_on: SignOn,
    /// Who gives money back.
    pub stripe: Stripe,
    /// Who is told of what happens.
    pub webhooks: Webhooks,
    /// Credit in the shop.
    pub credit: CreditTerms,
    /// Whether and when customers are asked how a return went.
    pub feedback: FeedbackAsks,
    /// Texts to phones.
    pub sms: Sms,
    /// Mail.
    pub mail: Mail,
    /// Pickup.
    pub pickup: PickupTimes,
    /// Own labels.
    pub carrier: OwnCarrier,
    /// Where parcels are handed in.
    pub drop_off: DropOff,
    /// Limits.
    pub limits: Limits,
    /// Own reasons.
    pub reasons: Vec<Reason>,
    /// The file the settings came from; set by `HOMEBOUND_CONFIG`.
    pub config: Option<PathBuf>,
    /// These are the settings of the test shop.
    #[serde(skip)]
    pub is_test: bool,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The shop as customers know it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shop {
    /// Its name.
    pub name: Words,
    /// Its brand's colour.
    pub colour: Colour,
    /// A picture that stands in place of ours at the head of every page: SVG, PNG, JPEG or WebP.
    pub logo: Option<PathBuf>,
    /// Mail for questions.
    pub email: Option<String>,
    /// Phone for questions.
    pub phone: Option<String>,
    /// When somebody answers, in words; empty: it is not said.
    pub hours: Words,
    /// Its number for value added tax, with the country before it; stands on credit notes.
    pub vat_id: Option<String>,
    /// Its own account, from which money leaves that goes by bank transfer.
    pub iban: Option<String>,
    /// Where it has that account, where the bank wants to be told.
    pub bic: Option<String>,
    /// Where returns go.
    pub address: AddressDocument,
    /// The same in Latin letters, on labels from abroad.
    pub address_latin: Option<AddressDocument>,
    /// Where its days begin and end.
    #[serde(deserialize_with = "zone")]
    pub zone: TimeZone,
}

/// One click from the shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Start {
    /// What the shop signs with; several while one follows another.
    pub secrets: SecretTexts,
    /// How long a ticket may be valid.
    pub longest_minutes: i64,
}

/// Mail settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Sender.
    pub from: String,
    /// Whoever works in the warehouse hears of limits of stock that were reached.
    pub stock_alerts: bool,
    /// They hear each morning of goods that are on their way to them.
    pub goods_coming: bool,
    /// What the mail server's key for signatures (DKIM) is called, so that `homebound doctor` can look whether it is published.
    pub dkim_selector: Option<String>,
    /// A file of certificates (PEM) of those who vouch for the mail server's own, where that is no public authority.
    pub trusted_certificates: Option<PathBuf>,
    /// Mails in a minute, over all servers; 0: no limit.
    pub per_minute: u32,
}

/// When the door can be called at.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PickupTimes {
    /// Hours: `09-12`.
    pub slots: Vec<String>,
    /// From tomorrow on.
    pub days_ahead: u32,
}

/// Labels of our own making.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnCarrier {
    /// GS1 company prefix, 7 to 10 digits.
    pub gs1_company_prefix: Option<String>,
    /// By a carrier's machine name, where it shows a parcel: an https address with `{number}` in it.
    pub tracking: BTreeMap<String, String>,
}

/// Where shoppers may hand parcels in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DropOff {
    /// The list: CSV, or JSON where its name ends so.
    pub points: Option<PathBuf>,
    /// Where postal codes are, as GeoNames has them.
    pub postal_codes: Option<PathBuf>,
}

/// Where a parcel's number stands in the address of a carrier's page.
const NUMBER: &str = "{number}";

/// Limits.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Wrong look-ups per address in 15 minutes.
    pub lookups_per_address: i64,
    /// Wrong look-ups per order in 15 minutes.
    pub lookups_per_order: i64,
    /// Mails asked for from one address in an hour: codes, and receipts of withdrawals, each counted by itself.
    pub codes_per_address: i64,
    /// Requests per second from one address.
    pub requests_per_second: u32,
    /// And in a burst.
    pub burst: u32,
    /// Connections at the same time.
    pub connections: usize,
    /// And from one address, or, behind a proxy, streams of news to one.
    pub connections_per_address: usize,
    /// Streams of news of one session.
    pub streams_per_session: usize,
    /// Seconds in which a new connection says what it wants.
    pub first_head_seconds: u64,
    /// Seconds after which a connection on which nothing moves is closed.
    pub patience_seconds: u64,
    /// Bytes of a body.
    pub body: usize,
    /// Bytes of an import by API.
    pub import_body: usize,
    /// Photos and documents of shoppers.
    pub evidence: EvidenceLimits,
    /// How long PostgreSQL is waited for.
    pub postgres: PostgresLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: "http://127.0.0.1:3000".into(),
            data_dir: "data".into(),
            database_url: None,
            test_database_url: None,
            is_test: false,
            objects_url: None,
            smtp_url: None,
            secret: SecretTexts::default(),
            client_address_header: None,
            client_address_hops: 1,
            trusted_proxies: Vec::new(),
            metrics_listen: None,
            log_format: LogFormat::Text,
            log_filter: "info".into(),
            worker: true,
            demo: false,
            languages: vec![Locale::ZhCn, Locale::En],
            shop: Shop::default(),
            start: Start::default(),
            breached_passwords: None,
            sign_on: SignOn::default(),
            stripe: Stripe::default(),
            webhooks: Webhooks::default(),
            credit: CreditTerms::default(),
            feedback: FeedbackAsks::default(),
            sms: Sms::default(),
            mail: Mail::default(),
            pickup: PickupTimes::default(),
            carrier: OwnCarrier::default(),
            drop_off: DropOff::default(),
            limits: Limits::default(),
            reasons: Vec::new(),
            config: None,
        }
    }
}

impl Default for Shop {
    fn default() -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            name: [(Locale::ZhCn, "椴木生活".to_owned()), (Locale::En, "Linden & Co.".to_owned())].into_iter().collect(),
            colour: Colour::of(0x1d, 0x5c, 0x4d),
            logo: None,
            email: text("help@linden.example"),
            phone: text("400 000 0000"),
            hours: Words::default(),
            vat_id: None,
            iban: None,
            bic: None,
            address: AddressDocument {
                name: text("椴木生活退货组 Linden & Co."),
                country: text("CN"),
                region: text("浙江省"),
                city: text("杭州市"),
                postal_code: text("310051"),
                line1: text("滨江区江南大道 100 号 3 号仓"),
                line2: None,
            },
            address_latin: None,
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
        }
    }
}

impl Default for Start {
    fn default() -> Self {
        Self { secrets: SecretTexts::default(), longest_minutes: 15 }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: "Linden & Co. <returns@linden.example>".into(),
            stock_alerts: true,
            goods_coming: true,
            dkim_selector: None,
            trusted_certificates: None,
            per_minute: 0,
        }
    }
}

impl Default for PickupTimes {
    fn default() -> Self {
        Self { slots: ["09-12", "13-16", "17-20"].map(str::to_owned).to_vec(), days_ahead: 7 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lookups_per_address: 20,
            lookups_per_order: 10,
            codes_per_address: 20,
            requests_per_second: 20,
            burst: 120,
            connections: 4_096,
            connections_per_address: 256,
            streams_per_session: 6,
            first_head_seconds: 10,
            patience_seconds: 75,
            body: 1 << 20,
            import_body: 64 << 20,
            evidence: EvidenceLimits::default(),
            postgres: PostgresLimits::default(),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named by `HOMEBOUND_CONFIG` is not there.
    #[error("HOMEBOUND_CONFIG names {0}, which is not there")]
    NoFile(PathBuf),
    /// A value of the wrong type, or a setting that does not exist.
    #[error("setting {name}: {problem}")]
    Setting {
        /// Which.
        name: String,
        /// What is wrong and what is expected.
        problem: String,
    },
}

impl ConfigError {
    fn setting(name: &str, problem: impl std::fmt::Display) -> Self {
        Self::Setting { name: name.to_owned(), problem: problem.to_string() }
    }
}

/// What may stand in a file of its own, which `HOMEBOUND_…_FILE` names: vaults and service managers hand secrets over that way.
const IN_FILES: [&str; 9] = [
    "secret",
    "database_url",
    "smtp_url",
    "start__secrets",
    "sign_on__client_secret",
    "stripe__secret_key",
    "stripe__webhook_secret",
    "sms__twilio__auth_token",
    "sms__aliyun__access_key_secret",
];

/// The file's form. Read by the same crate as everything else here; figment's own would be an older one.
struct Toml;

impl Format for Toml {
    type Error = serde::de::value::Error;

    const NAME: &'static str = "TOML";

    fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Self::Error> {
        // Where and what, without the line: it may hold a secret.
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            de::Error::custom(format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
        })
    }
}

impl Config {
    /// From file and environment.
    pub fn load() -> Result<Self, ConfigError> {
        let file = std::env::var_os("HOMEBOUND_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self::load_from(file.as_deref())
    }

    /// From a file, whatever `HOMEBOUND_CONFIG` says, and environment.
    pub fn load_file(file: &Path) -> Result<Self, ConfigError> {
        let config = Self::load_from(Some(file))?;
        Ok(Self { config: Some(file.to_owned()), ..config })
    }

    /// From the text of a file alone.
    pub fn of_text(text: &str) -> Result<Self, ConfigError> {
        Self::from(Figment::new().merge(Toml::string(text)))
    }

    fn load_from(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError::NoFile(path.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        // HOMEBOUND_TEST_… and HOMEBOUND_DATA are the tests' own.
        let named = |name: &str| format!("{name}_file");
        let ours = move |key: &figment::value::UncasedStr| {
            !key.starts_with("test_") && key != "data" && !IN_FILES.iter().any(|name| *key == *named(name))
        };
        figment = figment.merge(Env::prefixed("HOMEBOUND_").filter(ours).split("__"));
        for name in IN_FILES {
            let variable = format!("HOMEBOUND_{}", named(name).to_uppercase());
            let Some(path) = std::env::var_os(&variable).filter(|path| !path.is_empty()) else { continue };
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| ConfigError::setting(&variable, format!("{}: {error}", PathBuf::from(path).display())))?;
            figment = figment.merge((name.replace("__", "."), text.trim()));
        }
        Self::from(figment)
    }

    fn from(figment: Figment) -> Result<Self, ConfigError> {
        let mut config: Self = figment.extract().map_err(|error| {
            let name = if error.path.is_empty() { unknown_name(&error) } else { error.path.join(".") };
            let place = error.metadata.as_ref().map(|from| format!(" (from {})", from.name)).unwrap_or_default();
            ConfigError::setting(&name, format!("{}{place}", without_value(&error.kind)))
        })?;
        let blank = |text: &Option<String>| text.as_ref().is_some_and(|text| text.is_empty());
        let shop = &mut config.shop;
        let texts = [&mut config.database_url, &mut config.objects_url, &mut config.smtp_url, &mut config.client_address_header];
        let sign_on = &mut config.sign_on;
        sign_on.client_secret.take_if(|secret| secret.expose().is_empty());
        config.stripe.secret_key.take_if(|secret| secret.expose().is_empty());
        config.sms.twilio.auth_token.take_if(|secret| secret.expose().is_empty());
        config.sms.aliyun.access_key_secret.take_if(|secret| secret.expose().is_empty());
        config.sms.aliyun.report_secret.take_if(|secret| secret.expose().is_empty());
        let sms = &mut config.sms;
        for text in texts.into_iter().chain([
            &mut shop.email,
            &mut shop.phone,
            &mut shop.vat_id,
            &mut shop.iban,
            &mut shop.bic,
            &mut sms.twilio.account_sid,
            &mut sms.twilio.from,
            &mut sms.aliyun.access_key_id,
            &mut sms.aliyun.sign_name,
            &mut config.mail.dkim_selector,
            &mut sign_on.issuer,
            &mut sign_on.roles_claim,
        ]) {
            if blank(text) {
                *text = None;
            }
        }
        // Its table stands in the commented defaults, with nothing in it.
        shop.address_latin.take_if(|latin| *latin == AddressDocument::default());
        if config.demo && shop.address == Shop::default().address {
            shop.address_latin.get_or_insert_with(linden_in_latin);
        }
        config.public_url = config.public_url.trim_end_matches('/').to_owned();
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !self.public_url.starts_with("http://") && !self.public_url.starts_with("https://") {
            return Err(ConfigError::setting("public_url", "must start with http:// or https://"));
        }
        if self.shop.name.languages().is_empty() {
            return Err(ConfigError::setting("shop.name", format!("needs one or more of {}", Locale::ALL.map(Locale::tag).join(", "))));
        }
        if self.languages.is_empty() {
            return Err(ConfigError::setting("languages", "names at least one"));
        }
        if let Some(twice) = (1..self.languages.len())
            .map(|place| self.languages[place])
            .zip(1..)
            .find(|(locale, place)| self.languages[..*place].contains(locale))
        {
            return Err(ConfigError::setting("languages", format!("names {} twice", twice.0)));
        }
        let to = Address::parse(&self.shop.address).map_err(|problems| ConfigError::setting("shop.address", &problems[0]))?;
        if let Some(latin) = &self.shop.address_latin {
            let wrong = |problem: &dyn std::fmt::Display| ConfigError::setting("shop.address_latin", problem);
            let latin = Address::parse(latin).map_err(|problems| wrong(&problems[0]))?;
            if latin.country != to.country {
                return Err(wrong(&"is of the same country as shop.address: it is the same place in other letters"));
            }
        }
        if self.shop.iban.as_ref().is_some_and(|iban| iban.parse::<domain::bank::Iban>().is_err()) {
            return Err(ConfigError::setting("shop.iban", "is an account number (IBAN) whose check digits fit"));
        }
        let is_bic =
            |bic: &String| matches!(bic.len(), 8 | 11) && bic.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if self.shop.bic.as_ref().is_some_and(|bic| !is_bic(bic)) {
            return Err(ConfigError::setting("shop.bic", "is 8 or 11 capitals and digits"));
        }
        self.mail.from.parse::<lettre::message::Mailbox>().map_err(|error| ConfigError::setting("mail.from", error))?;
        self.reason_tree()?;
        self.check_secrets()?;
        self.sign_on.check().map_err(|(name, problem)| ConfigError::setting(&name, problem))?;
        self.stripe.check().map_err(|(name, problem)| ConfigError::setting(name, problem))?;
        self.feedback.check().map_err(|(name, problem)| ConfigError::setting(name, problem))?;
        self.credit.check().map_err(|(name, problem)| ConfigError::setting(name, problem))?;
        let occasions: Vec<&str> = app::messages::Occasion::ALL.iter().map(|occasion| occasion.code()).collect();
        self.sms.check(&occasions).map_err(|(name, problem)| ConfigError::setting(&name, problem))?;
        for slot in &self.pickup.slots {
            if !domain_slot(slot) {
                return Err(ConfigError::setting("pickup.slots", format!("`{slot}` is not hours such as 09-12")));
            }
        }
        if let Some(prefix) = &self.carrier.gs1_company_prefix
            && (!(7..=10).contains(&prefix.len()) || !prefix.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(ConfigError::setting("carrier.gs1_company_prefix", "is 7 to 10 digits"));
        }
        if let Some((carrier, _)) = self.carrier.tracking.iter().find(|(_, page)| !is_tracking_page(page)) {
            let problem = format!("is an address that starts with https:// and has {NUMBER} once, after its host");
            return Err(ConfigError::setting(&format!("carrier.tracking.{carrier}"), problem));
        }
        for (name, seconds) in [("patience", self.limits.patience_seconds), ("first_head", self.limits.first_head_seconds)] {
            if !(1..=3_600).contains(&seconds) {
                return Err(ConfigError::setting(&format!("limits.{name}_seconds"), "is between 1 and 3600"));
            }
        }
        let places = [
            ("connections", self.limits.connections),
            ("connections_per_address", self.limits.connections_per_address),
            ("streams_per_session", self.limits.streams_per_session),
        ];
        if let Some((name, _)) = places.iter().find(|(_, most)| *most == 0) {
            return Err(ConfigError::setting(&format!("limits.{name}"), "is at least 1"));
        }
        self.check_proxies()?;
        if self.limits.evidence.longest_side < PREVIEW_SIDE {
            return Err(ConfigError::setting("limits.evidence.longest_side", format!("is at least {PREVIEW_SIDE}, as previews are")));
        }
        let many = [("per_line", self.limits.evidence.per_line), ("at_once", self.limits.evidence.at_once)];
        if let Some((name, _)) = many.iter().find(|(_, most)| *most == 0) {
            return Err(ConfigError::setting(&format!("limits.evidence.{name}"), "is at least 1"));
        }
        Ok(())
    }

    /// A header that is not read as it is meant limits everybody as one, or nobody.
    fn check_proxies(&self) -> Result<(), ConfigError> {
        if let Some(name) = &self.client_address_header {
            let wrong = |problem: &str| Err(ConfigError::setting("client_address_header", problem));
            match name.parse::<HeaderName>() {
                Ok(name) if name == header::FORWARDED => return wrong("`Forwarded` is not read; let the proxy send X-Forwarded-For"),
                Ok(_) => {}
                Err(_) => return wrong("is no header's name"),
            }
        }
        if !(1..=16).contains(&self.client_address_hops) {
            return Err(ConfigError::setting("client_address_hops", "is between 1 and 16"));
        }
        if self.client_address_header.is_none() && (self.client_address_hops > 1 || !self.trusted_proxies.is_empty()) {
            return Err(ConfigError::setting("client_address_header", "is needed where client_address_hops or trusted_proxies is set"));
        }
        Ok(())
    }

    /// A secret that can be guessed protects nothing: RFC 7518, 3.2 asks for as many bits as the digest has.
    fn check_secrets(&self) -> Result<(), ConfigError> {
        const LEAST: usize = 32;
        let short = |name: &str, place: &str, length: usize| {
            ConfigError::setting(name, format!("{place}has {length} bytes and needs at least {LEAST}; `openssl rand -base64 48` makes one"))
        };
        for (name, secrets) in [("secret", &self.secret), ("start.secrets", &self.start.secrets)] {
            for (secret, place) in secrets.iter().zip(1..) {
                if secret.expose().len() < LEAST {
                    return Err(short(name, &format!("secret {place} "), secret.expose().len()));
                }
            }
        }
        if !(1..=60).contains(&self.start.longest_minutes) {
            return Err(ConfigError::setting("start.longest_minutes", "is between 1 and 60"));
        }
        Ok(())
    }

    /// The reasons this shop offers.
    pub fn reason_tree(&self) -> Result<ReasonTree, ConfigError> {
        ReasonTree::with_own(self.reasons.clone(), &self.shop.name.languages()).map_err(|error| ConfigError::setting("reasons", error))
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("homebound.db").display()))
    }

    /// The settings of the test shop (P31): the shop's own, with data, mail and photos of its own, so that nothing that is tried reaches anybody.
    pub fn test_shop(&self) -> Self {
        let data_dir = self.data_dir.join("test");
        let database = format!("sqlite://{}", data_dir.join("homebound.db").display());
        Self {
            database_url: Some(self.test_database_url.clone().unwrap_or(database)),
            test_database_url: None,
            data_dir,
            objects_url: None,
            smtp_url: None,
            metrics_listen: None,
            stripe: Stripe::default(),
            sms: Sms::default(),
            demo: false,
            is_test: true,
            ..self.clone()
        }
    }

    /// Whether there is one: its database was named, or somebody made a test key.
    pub fn has_test_shop(&self) -> bool {
        self.test_database_url.is_some() || self.data_dir.join("test/homebound.db").is_file()
    }

    /// The address of the place for photos and documents.
    pub fn objects_url(&self) -> String {
        self.objects_url.clone().unwrap_or_else(|| format!("file://{}", self.data_dir.join("objects").display()))
    }

    /// A page's address for somebody who reads `locale`: it says so where their browser's wishes would not lead there.
    pub fn page_in(&self, locale: Locale, path: &str) -> String {
        let language = if self.languages.contains(&locale) { String::new() } else { format!("?lang={locale}") };
        format!("{}{path}{language}", self.public_url)
    }

    /// Where its carrier shows a parcel.
    pub fn tracking_link(&self, parcel: &Parcel) -> Option<String> {
        let page = self.carrier.tracking.get(&parcel.carrier)?;
        Some(page.replace(NUMBER, &utf8_percent_encode(&parcel.tracking_number, NON_ALPHANUMERIC).to_string()))
    }

    /// Whether shoppers come over https.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The demo shop's address, as carriers of other countries read it.
fn linden_in_latin() -> AddressDocument {
    let text = |text: &str| Some(text.to_owned());
    AddressDocument {
        name: text("Linden & Co. Returns"),
        country: text("CN"),
        region: text("Zhejiang"),
        city: text("Hangzhou"),
        postal_code: text("310051"),
        line1: text("100 Jiangnan Avenue, Warehouse 3"),
        line2: text("Binjiang District"),
    }
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| de::Error::custom(format!("`{name}` is not a time zone of the IANA database, such as Europe/Berlin")))
}

fn is_tracking_page(page: &str) -> bool {
    let Some((host, rest)) = page.strip_prefix("https://").and_then(|page| page.split_once('/')) else { return false };
    !host.is_empty() && !host.contains('{') && rest.matches(NUMBER).count() == 1 && url::Url::parse(page).is_ok()
}

fn domain_slot(slot: &str) -> bool {
    let hours = slot.split_once('-').and_then(|(from, to)| Some((from.parse::<u8>().ok()?, to.parse::<u8>().ok()?)));
    slot.len() == 5 && hours.is_some_and(|(from, to)| from < to && to <= 24)
}

/// What is wrong, without the value that is: any may be a secret that was put in the wrong place, or one that reads like a number.
fn without_value(kind: &Kind) -> String {
    let found = |found: &Actual| match found {
        Actual::Bool(_) => "yes or no",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    };
    match kind {
        Kind::InvalidType(Actual::Bool(_) | Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_), expected)
            if expected.contains("string") =>
        {
            "reads as a number, and a text is needed: write it in quotation marks ('\"…\"' in the environment)".to_owned()
        }
        Kind::InvalidType(actual, expected) => format!("there is {}, where {expected} is needed", found(actual)),
        Kind::InvalidValue(actual, expected) => format!("{} that does not fit, where {expected} is needed", found(actual)),
        Kind::Unsupported(actual) => format!("{} cannot be used here", found(actual)),
        Kind::UnsupportedKey(actual, expected) => format!("a name is {}, where {expected} is needed", found(actual)),
        other => other.to_string(),
    }
}

/// A setting that does not exist is named by the error's kind only.
fn unknown_name(error: &figment::Error) -> String {
    match &error.kind {
        Kind::UnknownField(name, _) => name.clone(),
        _ => "file".into(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        Config::of_text(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_commented_defaults_are_the_defaults() {
        let uncommented: String = DEFAULTS
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if rest.starts_with(|first: char| first.is_ascii_lowercase()) && rest.contains(" = ") => rest,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n");
        let shown = read(&uncommented).unwrap();
        // Shown as examples, not set by default.
        let hours = [(Locale::ZhCn, "周一至周五 9:00–18:00".to_owned()), (Locale::En, "Monday to Friday, 9:00 to 18:00".to_owned())];
        let defaults = Config {
            database_url: Some("sqlite://data/homebound.db".into()),
            test_database_url: Some("sqlite://data/test/homebound.db".into()),
            objects_url: Some("file://data/objects".into()),
            client_address_header: Some("x-forwarded-for".into()),
            metrics_listen: Some("127.0.0.1:9464".parse().unwrap()),
            breached_passwords: Some("/var/lib/homebound/pwned-passwords-sha1.txt".into()),
            carrier: OwnCarrier { gs1_company_prefix: Some("4012345".into()), ..OwnCarrier::default() },
            mail: Mail { trusted_certificates: Some("mail-authority.pem".into()), ..Mail::default() },
            drop_off: DropOff { points: Some("drop-off.csv".into()), postal_codes: Some("postal-codes.tsv".into()) },
            shop: Shop {
                logo: Some("logo.svg".into()),
                hours: hours.into_iter().collect(),
                vat_id: Some("DE123456789".into()),
                iban: Some("DE89370400440532013000".into()),
                bic: Some("COBADEFFXXX".into()),
                address_latin: Some(linden_in_latin()),
                ..Shop::default()
            },
            ..Config::default()
        };
        assert_eq!(format!("{shown:?}"), format!("{defaults:?}"));
        assert!(read(DEFAULTS).is_ok());
    }

    #[test]
    fn a_carriers_page_is_asked_for_the_number_and_nothing_else() {
        let config = read("[carrier.tracking]\npost = \"https://post.example/t?n={number}&l=en\"").unwrap();
        let parcel = |carrier: &str, number: &str| Parcel {
            carrier: carrier.into(),
            tracking_number: number.into(),
            reference: None,
            file: None,
            voided: false,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            contents: Vec::new(),
            scans: Vec::new(),
        };
        let link = |carrier, number| config.tracking_link(&parcel(carrier, number));
        assert_eq!(link("post", "JD 1&l=x#/../\"<").as_deref(), Some("https://post.example/t?n=JD%201%26l%3Dx%23%2F%2E%2E%2F%22%3C&l=en"));
        assert_eq!(link("own", "HB1"), None);
    }

    #[test]
    fn secrets_are_never_shown() {
        let secret = "a secret that is quite long enough for it";
        let one = read(&format!("secret = \"{secret}\"\n[start]\nsecrets = \"{secret}\"")).unwrap();
        assert_eq!(one.start.secrets.iter().map(SecretText::expose).collect::<Vec<_>>(), [secret]);
        assert!(!format!("{one:?}").contains(secret));
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        for name in [
            "secret",
            "smtp_url",
            "database_url",
            "objects_url",
            "public_url",
            "start.secrets",
            "sign_on.client_secret",
            "stripe.secret_key",
            "stripe.webhook_secret",
            "sms.twilio.auth_token",
            "sms.aliyun.access_key_secret",
            "shop.email",
            "worker",
            "listen",
        ] {
            for value in
                ["31415926535897932384", "-271828182845", "3.14159265358", "['141421356237', 1732050807568]", "{ a = 1618033988749 }"]
            {
                let Err(error) = read(&format!("{name} = {value}")) else { continue };
                let shown = ["3141592", "271828", "3.1415", "141421", "173205", "161803"].into_iter().find(|digits| error.contains(digits));
                assert_eq!(shown, None, "{name} = {value}: {error}");
            }
        }
        let error = read("worker = true\nsecret = hushhush").unwrap_err();
        assert!(error.contains("line 2: ") && !error.contains("hush"), "{error}");
        let error = read("secret = 314159265358979").unwrap_err();
        assert!(error.starts_with("setting secret: reads as a number, and a text is needed"), "{error}");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (text, start) in [
            ("listen = \"nowhere\"", "setting listen: "),
            ("lissen = \"x\"", "setting lissen: "),
            ("[shop]\ncolour = \"green-ish\"", "setting shop.colour: "),
            ("[shop]\nname = {}", "setting shop.name: needs one or more of zh-CN, en, de, fr"),
            ("languages = []", "setting languages: names at least one"),
            ("languages = [\"de\", \"en\", \"de\"]", "setting languages: names de twice"),
            ("languages = [\"nl\"]", "setting languages.0: "),
            ("[shop]\nzone = \"Europe/Berlln\"", "setting shop.zone: `Europe/Berlln` is not a time zone of the IANA database"),
            ("public_url = \"shop.example\"", "setting public_url: must start with http:// or https://"),
            ("[shop.address_latin]\ncountry = \"DE\"", "setting shop.address_latin: is of the same country"),
            ("[mail]\nfrom = \"nobody\"", "setting mail.from: "),
            ("[pickup]\nslots = [\"9 to 12\"]", "setting pickup.slots: `9 to 12`"),
            ("[[reasons]]\ncode = \"smell\"\nfault = \"merchant\"", "setting reasons: reason `smell` needs a name"),
            ("[limits.evidence]\nlongest_side = 100", "setting limits.evidence.longest_side: is at least 320"),
            ("[limits]\nconnections = 0", "setting limits.connections: is at least 1"),
            ("[limits]\nfirst_head_seconds = 0", "setting limits.first_head_seconds: is between 1 and 3600"),
            ("client_address_header = \"for warded\"", "setting client_address_header: is no header's name"),
            ("client_address_header = \"Forwarded\"", "setting client_address_header: `Forwarded` is not read"),
            ("client_address_hops = 2", "setting client_address_header: is needed"),
            ("client_address_header = \"x-a\"\nclient_address_hops = 0", "setting client_address_hops: is between 1 and 16"),
            ("client_address_header = \"x-a\"\ntrusted_proxies = [\"10.0.0.0/33\"]", "setting trusted_proxies.0: "),
            ("[limits.evidence]\nat_once = 0", "setting limits.evidence.at_once: is at least 1"),
            ("[carrier]\ngs1_company_prefix = \"12\"", "setting carrier.gs1_company_prefix: "),
            ("[carrier.tracking]\npost = \"http://post.example/{number}\"", "setting carrier.tracking.post: "),
            ("[carrier.tracking]\npost = \"https://post.example/\"", "setting carrier.tracking.post: "),
            ("[carrier.tracking]\npost = \"https://{number}.example/\"", "setting carrier.tracking.post: "),
            ("secret = \"short\"", "setting secret: secret 1 has 5 bytes and needs at least 32"),
            (
                "[start]\nsecrets = [\"a secret that is quite long enough for it\", \"short\"]",
                "setting start.secrets: secret 2 has 5 bytes",
            ),
            ("[start]\nlongest_minutes = 600", "setting start.longest_minutes: is between 1 and 60"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
