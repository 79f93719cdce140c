//! Requests for returns by machine, read with all that is wrong with them.

use domain::ids::Code;
use domain::item::{ItemSaid, NotTaken};
use domain::order::{Address, AddressDocument, FieldProblem};
use domain::policy::{Method, PROOFS, Resolution};
use domain::returns::Pickup;
use domain::written::loose_number;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

use super::problem::{FieldError, Problem};
use crate::services::{LineRequest, ReturnRequest, Shown};
use crate::store::{self};

pub(super) fn address() -> Schema {
    or_nothing("Address")
}

/// An amount that may be left out.
pub(super) fn amount() -> Schema {
    or_nothing("Amount")
}

/// What may be `null`, of a schema of that name.
fn or_nothing(name: &str) -> Schema {
    OneOfBuilder::new().item(Ref::from_schema_name(name)).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

/// A request for a return, version 1.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReturnRequest)]
pub struct ReturnIn {
    /// Orders; left out: those that `lines` name.
    #[serde(default)]
    pub orders: Vec<String>,
    /// Who asks; where given, must be the customer of every order.
    #[serde(default)]
    pub customer: CustomerIn,
    /// `web`, `phone`, `chat`, …; left out: `api`.
    #[serde(default)]
    pub channel: Option<String>,
    /// Lines.
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<LineIn>,
    /// How it comes back; left out: the first that fits.
    #[serde(default)]
    pub method: Option<String>,
    /// When the door is called at.
    #[serde(default)]
    pub pickup: Option<PickupIn>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    /// Language of the mails: `zh-CN`, `en`, `de`, `fr`, by the language alone (`de-AT` is `de`); left out: the order's.
    #[serde(default)]
    pub locale: Option<String>,
    /// Where it comes from; left out: where the order went.
    #[serde(default)]
    #[schema(schema_with = address)]
    pub from: Option<AddressDocument>,
    /// Proof of purchase where not the order itself.
    #[serde(default)]
    pub proof: Option<String>,
}

/// Who asks.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Asker)]
pub struct CustomerIn {
    /// Mail address.
    #[serde(default)]
    #[schema(max_length = 254, pattern = r"^[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}@([0-9A-Za-z-]{1,63}\.)+[0-9A-Za-z-]{1,63}$")]
    pub email: Option<String>,
    /// Phone.
    #[serde(default)]
    #[schema(min_length = 5, max_length = 40)]
    pub phone: Option<String>,
}

/// Units of an order line.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LineRequest)]
pub struct LineIn {
    /// Order; may be left out where the request names one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order.
    pub line: String,
    /// Units.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: u32,
    /// Why: a code of the reason tree. Needed to open a return, not for a quote nor for a withdrawal.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why, more finely.
    #[serde(default)]
    pub sub_reason: Option<String>,
    /// What they say of it: read, and described, by [`ItemSaid`].
    #[serde(flatten)]
    #[schema(ignore)]
    pub said: Map<String, Value>,
    /// What they would like; left out: the first that is offered.
    #[serde(default)]
    pub resolution: Option<String>,
    /// On which terms, where the quote offers it on two: `policy` or `law`; left out: by law where `withdrawal` is declared, else the first.
    #[serde(default)]
    pub basis: Option<String>,
    /// The product wanted in exchange.
    #[serde(default)]
    pub exchange_sku: Option<String>,
    /// Evidence that was uploaded with the same key: `POST /v1/evidence`.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// When the door is called at.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Pickup)]
pub struct PickupIn {
    /// Day: `2026-11-24`.
    #[schema(format = Date)]
    pub date: String,
    /// Hours: `09-12`.
    pub slot: String,
}

/// What was sent, as JSON; told with the field where it is something else.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    domain::json::read(json).map_err(|wrong| Problem::fields(vec![FieldProblem::not_read(wrong).into()]))
}

/// Likewise, where nothing is as good as `{}`.
pub(super) fn read_or_nothing<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    read(if json.is_empty() { b"{}" } else { json })
}

/// Collects what is wrong with a request's fields.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    /// Refuses where anything is wrong.
    pub(super) fn checked(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(self.0)) }
    }

    pub(super) fn wrong(&mut self, field: impl Into<String>, problem: impl std::fmt::Display) {
        self.0.push(FieldError { field: field.into(), problem: problem.to_string() });
    }

    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: impl Into<String>,
        text: Option<&str>,
    ) -> Option<T> {
        let text = text?;
        text.parse().map_err(|error| self.wrong(field, error)).ok()
    }

    /// What is meant by a name of a list.
    pub(super) fn listed<T: Copy>(&mut self, field: impl Into<String>, text: Option<&str>, list: &[(&str, T)]) -> Option<T> {
        let text = text?;
        let found = list.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            self.wrong(field, format!("`{text}` is not one of {}", list.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")));
        }
        found
    }

    pub(super) fn one_of<T: std::str::FromStr>(&mut self, field: impl Into<String>, text: Option<&str>, known: &[&str]) -> Option<T> {
        let text = text?;
        let value = text.parse().ok().filter(|_| known.contains(&text));
        if value.is_none() {
            self.wrong(field, format!("`{text}` is not one of {}", known.join(", ")));
        }
        value
    }
}

/// Names of a list's values.
pub(super) fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| code(*value)).collect()
}

/// How it can come back. `arranged` is offered for dangerous goods only: the shop sees to the transport.
pub(super) const METHODS: [&str; 5] = ["pickup", "drop_off", "self_ship", "counter", "arranged"];

/// Lines of a request; `orders`: those it names.
pub(super) fn lines_of(lines_in: &[LineIn], orders: &[String], key: &store::ApiKey, fields: &mut Fields) -> Vec<LineRequest> {
    let resolutions: Vec<&str> = Resolution::ALL.iter().map(|resolution| resolution.code()).collect();
    let mut lines = Vec::new();
    for (place, line) in lines_in.iter().enumerate() {
        let at = |name: &str| format!("lines[{place}].{name}");
        let only = || Some(orders.first()?).filter(|_| orders.len() == 1);
        let Some(order) = line.order.as_ref().or_else(only) else {
            fields.wrong(at("order"), "is missing, and the request does not name one order");
            continue;
        };
        if !orders.is_empty() && !orders.iter().any(|named| loose_number(named) == loose_number(order)) {
            fields.wrong(at("order"), format!("`{order}` is not among `orders`"));
        }
        let (said, not_taken) = ItemSaid::read(|name| match line.said.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Bool(is)) if name == ItemSaid::SEAL_BROKEN => Ok(Some(is.to_string())),
            Some(_) => Err(NotTaken::NoText),
        });
        not_taken.into_iter().for_each(|(name, why)| fields.wrong(at(name), why));
        let (order, id) = (fields.parsed(at("order"), Some(order)), fields.parsed(at("line"), Some(&line.line)));
        let resolution = fields.one_of(at("resolution"), line.resolution.as_deref(), &resolutions);
        let basis = fields.one_of(at("basis"), line.basis.as_deref(), &["policy", "law"]);
        let exchange_sku = fields.parsed(at("exchange_sku"), line.exchange_sku.as_deref());
        if let (Some(order), Some(id)) = (order, id) {
            lines.push(LineRequest {
                order,
                line: id,
                quantity: line.quantity,
                reason: line.reason.clone(),
                sub_reason: line.sub_reason.clone(),
                said,
                resolution,
                basis,
                exchange_sku,
                evidence: match line.evidence.as_slice() {
                    [] => Shown::Nothing,
                    ids => Shown::Named { ids: ids.to_vec(), key: key.digest.clone() },
                },
                agreed: None,
            });
        }
    }
    lines
}

pub(super) fn request_of(json: &[u8], key: &store::ApiKey) -> Result<ReturnRequest, Problem> {
    let mut fields = Fields::default();
    let request = request_in(&read(json)?, key, &mut fields);
    fields.checked()?;
    Ok(request)
}

/// Where it is to come from, with all that is wrong with that in `fields`.
pub(super) fn address_in(from: &AddressDocument, fields: &mut Fields) -> Option<Address> {
    match Address::parse(from) {
        Ok(address) => Some(address),
        Err(problems) => {
            problems.into_iter().for_each(|problem| fields.wrong(problem.field.replacen("address", "from", 1), problem.problem));
            None
        }
    }
}

/// What is asked, with all that is wrong with it in `fields`.
pub(super) fn request_in(given: &ReturnIn, key: &store::ApiKey, fields: &mut Fields) -> ReturnRequest {
    let lines = lines_of(&given.lines, &given.orders, key, fields);
    let pickup = given.pickup.as_ref().and_then(|pickup| {
        let date = fields.parsed("pickup.date", Some(&pickup.date))?;
        Some(Pickup { date, slot: pickup.slot.clone() })
    });
    let from = given.from.as_ref().and_then(|from| address_in(from, fields));
    ReturnRequest {
        lines,
        email: fields.parsed("customer.email", given.customer.email.as_deref()),
        phone: fields.parsed("customer.phone", given.customer.phone.as_deref()),
        channel: given.channel.as_deref().map_or_else(|| Code::from_words("api"), Code::from_words).unwrap_or_else(crate::services::web),
        locale: given.locale.as_deref().and_then(|locale| locale.parse().ok()),
        method: fields.one_of::<Method>("method", given.method.as_deref(), &METHODS),
        pickup,
        withdrawal: given.withdrawal,
        from,
        proof: fields.one_of("proof", given.proof.as_deref(), &PROOFS),
        within: None,
        beside: 0,
        declared_at: None,
    }
}
