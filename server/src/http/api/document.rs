//! The document that describes the interface (OpenAPI 3.1). What calls have in common is said once, here: which problems a call can answer with
//! follows from what it takes; what machines send is described by the types that read it, closed lists by the lists they are read with, and
//! examples are the README's calls.
//! Long because what generated schemas do not say is said here for every call, list by list.

use axum::http::StatusCode;
use domain::claim::{Against, ClaimGround, ClaimStep};
use domain::item::{CONDITIONS, FITS, ItemSaid, LONGEST_COMMENT, PACKAGINGS};
use domain::order::PLAIN;
use domain::plain::LONGEST_NAME as LONGEST_PERSON;
use domain::policy::{Basis, PROOFS, Resolution, Shows};
use domain::repair::{DONE_TO, GIVEN_UP_TO, RepairState};
use domain::returns::{
    BatchKind, Disposition, Grade, Inspection, OutboundKind, OutboundOutcome, RemedyState, ReportedBy, Role, ScanStatus, Status,
    StockState, TaskKind,
};
use domain::schemas;
use domain::scrap::ScrapGround;
use domain::stray::StrayState;
use domain::withdrawal::{LONGEST_ITEMS, LONGEST_ORDER};
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::asked::{METHODS, codes};
use super::call::LONGEST_NAME;
use super::claims;
use super::credit::LONGEST_HOLDER;
use super::parcels::STATES as PARCEL_STATES;
use super::people::DECISIONS;
use super::problem::Problem;
use super::readme::{self, ANSWERED, Call, Sent};
use super::repairs::{LISTS as REPAIR_LISTS, WORKING};
use super::settle::{CAUSES, HOLDS, PAYMENT_FATES};
use super::stock;
use super::tasks::{ROLES, STATUSES as TASK_STATUSES};
use super::warehouse::OUTCOMES;
use crate::http::labels::SIZES;
use crate::http::row::KeyedCall;
use crate::http::state::AppState;
use crate::services::PayBy;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Homebound",
        description = "Returns for shops: orders in, returns out. Money is a decimal string with its currency (ISO 4217); times are RFC 3339 in UTC. \
                       Errors are problem documents (RFC 9457). Every call needs `Authorization: Bearer KEY`. Answers may gain fields, and texts \
                       that are one of a list may gain values.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/api")),
    tags(
        (name = "orders", description = "Orders come in, and say what may still be returned."),
        (name = "returns", description = "Returns are asked for, followed and changed."),
        (name = "evidence", description = "Photos and documents."),
        (name = "withdrawals", description = "Customers withdraw from a contract, by law."),
        (name = "tasks", description = "What people at work have to do."),
        (name = "warehouse", description = "What comes, what it is like, where it goes."),
        (name = "money", description = "What is offered, promised and paid, and what goes out instead."),
        (name = "claims", description = "What suppliers and carriers are asked for."),
        (name = "papers", description = "Credit notes of what was paid back."),
        (name = "shop", description = "What the shop tells beside its orders: stock and customers."),
        (name = "webhooks", description = "Servers of the shop that are told of what happens."),
        (name = "test", description = "What only keys of the test shop have.")
    ),
    components(schemas(Problem)),
    modifiers(&BearerKey),
    security(("key" = []))
)]
struct Api;

struct BearerKey;

impl Modify for BearerKey {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        api.components.get_or_insert_default().add_security_scheme("key", scheme);
    }
}

/// Statuses of problems, their names in the document, and what they say.
const REFUSALS: [(StatusCode, &str, &str); 11] = [
    (StatusCode::BAD_REQUEST, "Malformed", "The request cannot be taken apart: its address, a header or its form."),
    (StatusCode::UNAUTHORIZED, "KeyMissing", "The key is missing, or not known."),
    (StatusCode::FORBIDDEN, "KeyTooSmall", "The key's scope is too small."),
    (StatusCode::NOT_FOUND, "NotFound", "There is no such thing."),
    (StatusCode::CONFLICT, "NotPossible", "Not possible as things stand; `possible` says what is."),
    (StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", "More was sent than is taken."),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "WrongMediaType", "Not a form, or not a file of a kind that is taken."),
    (StatusCode::UNPROCESSABLE_ENTITY, "Invalid", "What was sent does not make sense; `errors` says which fields."),
    (StatusCode::TOO_MANY_REQUESTS, "TooMany", "Too much within too short a time."),
    (StatusCode::INTERNAL_SERVER_ERROR, "Failed", "Something failed on the server's side; nothing was done."),
    (StatusCode::SERVICE_UNAVAILABLE, "Busy", "It passes: try again in a moment."),
];

/// Closed lists: what is not on them is refused.
fn lists() -> [(&'static str, Vec<&'static str>); 43] {
    [
        ("Resolution", codes(Resolution::ALL, Resolution::code)),
        ("Basis", codes(Basis::ALL, Basis::code)),
        ("ReturnMethod", METHODS.to_vec()),
        ("Proof", PROOFS.to_vec()),
        ("ReturnStatus", codes(Status::ALL, Status::code)),
        ("EvidenceShows", Shows::ALL.map(Shows::code).to_vec()),
        ("OutboundResolution", codes(OutboundKind::NotReceived.resolutions(), Resolution::code)),
        ("OutboundKind", codes(OutboundKind::ALL, OutboundKind::code)),
        ("OutboundOutcome", codes(OutboundOutcome::ALL, OutboundOutcome::code)),
        ("OutboundReporter", codes(ReportedBy::ALL, ReportedBy::code)),
        ("LabelSize", SIZES.to_vec()),
        ("ItemCondition", CONDITIONS.to_vec()),
        ("ItemFit", FITS.to_vec()),
        ("ItemPackaging", PACKAGINGS.to_vec()),
        ("TaskRole", ROLES.map(Role::code).to_vec()),
        ("TaskStatus", TASK_STATUSES.to_vec()),
        ("TaskKind", codes(TaskKind::ALL, TaskKind::code)),
        ("CarrierStatus", codes(ScanStatus::ALL, ScanStatus::code)),
        ("ReviewDecision", DECISIONS.map(|(name, _)| name).to_vec()),
        ("ReceiptOutcome", OUTCOMES.to_vec()),
        ("InspectionResult", Inspection::RESULTS.map(|(name, _)| name).to_vec()),
        ("Grade", codes(Grade::ALL, Grade::code)),
        ("Disposition", Disposition::PLACES.map(|(name, _)| name).to_vec()),
        ("StockBatchKind", codes(BatchKind::ALL, BatchKind::code)),
        ("StockBatchFrom", codes(&BatchKind::FROM, StockState::code)),
        ("StockCondition", stock::conditions()),
        ("ParcelState", PARCEL_STATES.to_vec()),
        ("ParcelOutcome", StrayState::ENDS.map(StrayState::code).to_vec()),
        ("RepairList", REPAIR_LISTS.to_vec()),
        ("RepairWork", WORKING.map(RepairState::code).to_vec()),
        ("RepairDoneTo", DONE_TO.map(|(name, _)| name).to_vec()),
        ("RepairGivenUpTo", GIVEN_UP_TO.map(|(name, _)| name).to_vec()),
        ("ScrapGround", codes(ScrapGround::ALL, ScrapGround::code)),
        ("PayMethod", PayBy::NAMES.map(|(name, _)| name).to_vec()),
        ("GrantHeld", HOLDS.to_vec()),
        ("PaymentFate", PAYMENT_FATES.to_vec()),
        ("RemedyState", RemedyState::MOVES.map(|(name, _)| name).to_vec()),
        ("CollectedFor", CAUSES.map(|(name, _)| name).to_vec()),
        ("ClaimAgainst", codes(Against::ALL, Against::code)),
        ("ClaimGround", codes(ClaimGround::ALL, ClaimGround::code)),
        ("SupplierClaimGround", claims::of_suppliers()),
        ("ClaimList", claims::lists()),
        ("ClaimStep", codes(ClaimStep::ALL, ClaimStep::code)),
    ]
}

/// Which fields of requests are on which list.
const CHOICES: [(&str, &str, &str); 41] = [
    ("ClaimIn", "against", "ClaimAgainst"),
    ("ClaimIn", "ground", "ClaimGround"),
    ("StockBatchIn", "claim_ground", "SupplierClaimGround"),
    ("GrantHold", "state", "GrantHeld"),
    ("CollectedMoney", "for", "CollectedFor"),
    ("PaymentToMake", "method", "PayMethod"),
    ("PaymentOutcome", "state", "PaymentFate"),
    ("RemedyStep", "state", "RemedyState"),
    ("StockBatchIn", "kind", "StockBatchKind"),
    ("StockBatchIn", "condition", "StockBatchFrom"),
    ("StockBatchIn", "scrap_ground", "ScrapGround"),
    ("StockAlertIn", "condition", "StockCondition"),
    ("ParcelEnd", "to", "ParcelOutcome"),
    ("RepairProgress", "state", "RepairWork"),
    ("RepairDone", "to", "RepairDoneTo"),
    ("RepairGivenUp", "to", "RepairGivenUpTo"),
    ("RepairGivenUp", "scrap_ground", "ScrapGround"),
    ("CarrierScan", "status", "CarrierStatus"),
    ("ReceivedLine", "outcome", "ReceiptOutcome"),
    ("InspectedLine", "result", "InspectionResult"),
    ("InspectedLine", "grade", "Grade"),
    ("InspectedLine", "disposition", "Disposition"),
    ("InspectedLine", "scrap_ground", "ScrapGround"),
    ("SimulatedEvent", "event", "CarrierStatus"),
    ("LineRequest", ItemSaid::CONDITION, "ItemCondition"),
    ("LineRequest", ItemSaid::FIT, "ItemFit"),
    ("LineRequest", ItemSaid::PACKAGING, "ItemPackaging"),
    ("LineRequest", "resolution", "Resolution"),
    ("LineRequest", "basis", "Basis"),
    ("ReturnRequest", "method", "ReturnMethod"),
    ("ReturnElsewhere", "method", "ReturnMethod"),
    ("ReturnElsewhere", "proof", "Proof"),
    ("MethodSwitch", "method", "ReturnMethod"),
    ("ReturnRequest", "proof", "Proof"),
    ("Review", "decision", "ReviewDecision"),
    ("OutboundCase", "kind", "OutboundKind"),
    ("OutboundCase", "reported_by", "OutboundReporter"),
    ("OutboundCase", "resolution", "OutboundResolution"),
    ("OutboundAnswer", "outcome", "OutboundOutcome"),
    ("EvidenceForm", "shows", "EvidenceShows"),
    ("EvidenceFile", "shows", "EvidenceShows"),
];

/// Fields of requests that name something, and in how many characters at most. They are read by `domain::ids`.
const NAMES: [(&str, &str, usize); 21] = [
    ("ClaimIn", "order", 80),
    ("CollectedMoney", "order", 80),
    ("CreditRedemption", "order", 80),
    ("StockBatchIn", "warehouse", 120),
    ("StockBatchIn", "sku", 120),
    ("StockAlertIn", "warehouse", 120),
    ("StockAlertIn", "sku", 120),
    ("UnidentifiedParcelIn", "warehouse", 120),
    ("Bought", "sku", 120),
    ("Goodwill", "line", 80),
    ("OutboundLine", "line", 80),
    ("Receiving", "warehouse", 120),
    ("ReceivedLine", "sku", 120),
    ("LineRequest", "order", 80),
    ("LineRequest", "line", 80),
    ("LineRequest", "exchange_sku", 120),
    ("ReturnRequest", "orders", 80),
    ("WithdrawalRequest", "name", LONGEST_PERSON),
    ("WithdrawalRequest", "order", LONGEST_ORDER),
    ("WithdrawalRequest", "items", LONGEST_ITEMS),
    ("WithdrawnLine", "line", 80),
];

/// Fields of requests that are a text in one line, or nothing.
const ONE_LINE: [(&str, &str); 4] =
    [("CarrierScan", "tracking_number"), ("CarrierScan", "location"), ("Receiving", "tracking_number"), ("SendingBack", "tracking_number")];

/// A pattern: something that can be seen.
const WORDS: &str = r"[^\s\u0000-\u001f\u007f-\u009f]";

/// What must be said in words.
const IN_WORDS: [(&str, &str); 24] = [
    ("ClaimIn", "party"),
    ("StockBatchIn", "supplier"),
    ("Bought", "shop"),
    ("Bought", "item"),
    ("BoughtBy", "name"),
    ("BankAccount", "holder"),
    ("DifferenceEnd", "reason"),
    ("TransfersOutcome", "reference"),
    ("CollectedMoney", "reference"),
    ("Waiver", "reason"),
    ("PaymentToMake", "reference"),
    ("PaymentOutcome", "reference"),
    ("RemedyStep", "reference"),
    ("StockBatchIn", "reason"),
    ("UnidentifiedParcelIn", "shelf"),
    ("ParcelEnd", "reason"),
    ("RepairPartIn", "what"),
    ("RepairGivenUp", "reason"),
    ("Goodwill", "reason"),
    ("Note", "text"),
    ("MessageToCustomer", "text"),
    ("MessageOfCustomer", "text"),
    ("Appeal", "text"),
    ("Extension", "reason"),
];

/// Likewise in addresses; those that are looked for and not there are answered 404.
const NAMES_IN_ADDRESSES: [(&str, usize); 6] = [("number", 80), ("warehouse", 120), ("sku", 120), ("id", 120), ("order", 80), ("line", 80)];

/// Files that are taken as evidence.
const TAKEN: &str = "image/jpeg, image/png, image/webp, image/gif, image/bmp, application/pdf";

/// The moment that dates of the document's examples are counted back from.
const EXAMPLE_DAY: &str = "2026-11-20T09:30:00Z";

/// Describes these calls.
pub(super) fn of(calls: Vec<KeyedCall>) -> Value {
    let all = OpenApiRouter::<AppState>::with_openapi(Api::openapi());
    let rows: Vec<(&'static str, String)> = calls.iter().map(|call| (call.method(), call.path())).collect();
    let add = |all: OpenApiRouter<AppState>, call: KeyedCall| all.routes(call.route);
    let (_, api) = calls.into_iter().fold(all, add).split_for_parts();
    let mut document = serde_json::to_value(api).unwrap_or_default();
    describe(&mut document["components"]);
    for (method, path) in &rows {
        let operation = &mut document["paths"][path.as_str()][method.to_lowercase()];
        parameters(operation);
        answers(method, path, operation);
    }
    for call in readme::calls(days_before).unwrap_or_default() {
        example(&mut document, &rows, &call);
    }
    let text = document.to_string().replace("#/$defs/", "#/components/schemas/");
    serde_json::from_str(&text).unwrap_or(document)
}

fn days_before(days: i64) -> String {
    let day: jiff::Timestamp = EXAMPLE_DAY.parse().unwrap_or_default();
    (day - jiff::SignedDuration::from_hours(days * 24)).to_string()
}

/// Components: schemas of what is sent, closed lists, problems.
fn describe(components: &mut Value) {
    let schemas = &mut components["schemas"];
    for (name, schema) in schemas::documents() {
        schemas[name] = schema;
    }
    for line in ["LineRequest", "ReturnLine"] {
        for (name, field) in ItemSaid::properties() {
            schemas[line]["properties"][name] = field;
        }
    }
    schemas["LineRequest"]["properties"][ItemSaid::COMMENT]["maxLength"] = json!(LONGEST_COMMENT);
    for (name, codes) in lists() {
        schemas[name] = json!({"type": "string", "enum": codes});
    }
    for (schema, field, list) in CHOICES {
        let field = &mut schemas[schema]["properties"][field];
        let one = json!({"$ref": format!("#/components/schemas/{list}")});
        let may_be_null = field["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
        let description = field["description"].take();
        *field = if may_be_null { json!({"anyOf": [one, {"type": "null"}]}) } else { one };
        field["description"] = description;
    }
    for (schema, field, most) in NAMES {
        let field = &mut schemas[schema]["properties"][field];
        let name = if field["type"] == "array" { &mut field["items"] } else { field };
        named(name, most);
        if schema == "WithdrawalRequest" {
            // In people's own words: what cannot be seen is left out, and something must be left.
            name["pattern"] = json!(WORDS);
        }
    }
    for (schema, field) in ONE_LINE {
        schemas[schema]["properties"][field]["pattern"] = json!(r"^[^\u0000-\u001f\u007f-\u009f]*$");
    }
    for (schema, field) in IN_WORDS {
        schemas[schema]["properties"][field]["pattern"] = json!(WORDS);
    }
    bounded(schemas);
    let refusals = REFUSALS.iter().map(|(status, name, description)| {
        let mut refusal = json!({
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        match *status {
            StatusCode::UNAUTHORIZED => refusal["headers"] = json!({"WWW-Authenticate": {"schema": {"type": "string"}}}),
            StatusCode::TOO_MANY_REQUESTS => {
                refusal["headers"] = json!({"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}});
            }
            _ => {}
        }
        ((*name).to_owned(), refusal)
    });
    components["responses"] = refusals.collect::<Map<_, _>>().into();
    components["parameters"] = json!({"IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Names this request: sent again under the same name it is answered the same, and nothing is done twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": "^[ -~]*[!-~][ -~]*$"},
    }});
}

fn named(schema: &mut Value, most: usize) {
    schema["minLength"] = json!(1);
    schema["maxLength"] = json!(most);
    schema["pattern"] = json!(PLAIN);
}

/// Whole numbers say how far they go: `format` alone is no bound to a validator. And that nothing is told where nothing is told goes without
/// saying: generators make a field that must be there of a default.
fn bounded(value: &mut Value) {
    if let Value::Object(fields) = value {
        if fields.get("default").is_some_and(|value| value.is_null() || *value == json!([])) {
            fields.remove("default");
        }
        let (least, most) = match fields.get("format").and_then(Value::as_str) {
            Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
            Some("int32") if fields.get("minimum") == Some(&json!(0)) => (json!(0), json!(u32::MAX)),
            _ => (Value::Null, Value::Null),
        };
        if !least.is_null() {
            fields.entry("minimum").or_insert(least);
            fields.entry("maximum").or_insert(most);
            fields.insert("format".into(), json!("int64"));
        }
        fields.values_mut().for_each(bounded);
    } else if let Value::Array(values) = value {
        values.iter_mut().for_each(bounded);
    }
}

fn parameters(operation: &mut Value) {
    let of_tasks = operation["operationId"] == "list_tasks";
    let of_repairs = operation["operationId"] == "list_repairs";
    let of_payments =
        ["list_payments", "list_differences", "list_remedies", "list_webhook_deliveries"].iter().any(|id| operation["operationId"] == **id);
    let of_claims = operation["tags"][0] == "claims";
    let of_credit = operation["operationId"].as_str().is_some_and(|id| id.ends_with("_credit") || id.ends_with("_points"));
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let list = match name.as_str() {
            "Idempotency-Key" => {
                *parameter = json!({"$ref": "#/components/parameters/IdempotencyKey"});
                continue;
            }
            "status" if of_tasks => Some("TaskStatus"),
            "role" if of_tasks => Some("TaskRole"),
            "kind" if of_tasks => Some("TaskKind"),
            "status" => Some("ReturnStatus"),
            "state" if of_repairs => Some("RepairList"),
            "state" if of_claims => Some("ClaimList"),
            "against" if of_claims => Some("ClaimAgainst"),
            "step" if of_claims => Some("ClaimStep"),
            // What they may be stands with them.
            "state" if of_payments => None,
            "state" => Some("ParcelState"),
            "condition" => Some("StockCondition"),
            "size" => Some("LabelSize"),
            _ => None,
        };
        if let Some(list) = list {
            parameter["schema"] = json!({"$ref": format!("#/components/schemas/{list}")});
        }
        // An address has no `null`; what is optional is left out.
        if let Some(types) = parameter["schema"]["type"].as_array().cloned() {
            parameter["schema"]["type"] = types.into_iter().find(|kind| kind != "null").unwrap_or_default();
        }
        if let Some((_, most)) = NAMES_IN_ADDRESSES.iter().find(|(known, _)| *known == name) {
            // Who has credit may be named by a mail address.
            named(&mut parameter["schema"], if of_credit { LONGEST_HOLDER } else { *most });
        }
    }
}

/// How a call answers: what it says itself, and the problems that follow from what it takes.
fn answers(method: &str, path: &str, operation: &mut Value) {
    let sends = operation.get_mut("requestBody").map(body).is_some();
    let form = operation.pointer("/requestBody/content/multipart~1form-data").is_some();
    let writes = method != "GET";
    let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = parameters.iter().any(|parameter| parameter["$ref"].is_string());
    let can = |status: StatusCode| match status {
        StatusCode::BAD_REQUEST => writes || !parameters.is_empty(),
        StatusCode::NOT_FOUND => path.contains('{'),
        StatusCode::CONFLICT => writes,
        StatusCode::PAYLOAD_TOO_LARGE => sends,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => form,
        StatusCode::UNPROCESSABLE_ENTITY => sends || named,
        _ => true,
    };
    for (status, name, _) in REFUSALS {
        let Some(answers) = operation["responses"].as_object_mut() else { continue };
        if let Some(content) = answers.get_mut(status.as_str()).and_then(|answer| answer.get_mut("content")) {
            content["application/problem+json"] = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        } else if can(status) || answers.contains_key(status.as_str()) {
            answers.insert(status.as_str().to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
        }
    }
    for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
        binary(answer);
        if answer.get("$ref").is_none() && answer.get("description").is_none() {
            let reason = status.parse::<u16>().ok().and_then(|status| StatusCode::from_u16(status).ok()?.canonical_reason());
            answer["description"] = reason.unwrap_or_default().into();
        }
    }
}

/// What is sent is needed, or may be left out; it is never `null`.
fn body(sent: &mut Value) {
    binary(sent);
    // A file of no orders is a file of orders.
    let mut needed = sent.pointer("/content/application~1x-ndjson").is_none();
    if let Some(schema) = sent.pointer_mut("/content/application~1json/schema")
        && let Some(one) = schema["oneOf"].as_array().and_then(|either| either.iter().find(|one| one["$ref"].is_string())).cloned()
    {
        *schema = one;
        needed = false;
    }
    sent["required"] = json!(needed);
}

/// Bytes are bytes, not a list of numbers.
fn binary(brings: &mut Value) {
    for (media, content) in brings.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        if media == "multipart/form-data" {
            content["encoding"] = json!({"file": {"contentType": TAKEN}});
        } else if content["schema"]["type"] == "array" && !media.ends_with("/json") {
            content["schema"] = json!({"type": "string", "format": "binary"});
        }
    }
}

/// What the README sends is the example of what it is sent to.
fn example(document: &mut Value, rows: &[(&'static str, String)], call: &Call) {
    let named = |(method, path): &&(&'static str, String)| *method == call.method && in_path(path, &call.path).is_some();
    // A path without a name in it comes first: `/v1/returns/quote` is no return.
    let Some((method, path)) = rows.iter().filter(named).min_by_key(|(_, path)| path.matches('{').count()) else { return };
    let operation = &mut document["paths"][path.as_str()][method.to_lowercase()];
    for (name, value) in in_path(path, &call.path).unwrap_or_default() {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["name"] == name && value != ANSWERED) {
            parameter["example"] = json!(value);
        }
    }
    if let Sent::Json(body) = &call.sent {
        let examples = &mut operation["requestBody"]["content"]["application/json"]["examples"];
        let count = examples.as_object().map_or(0, Map::len);
        examples[if count == 0 { "readme".to_owned() } else { format!("readme_{}", count + 1) }] = json!({"value": body});
    }
}

/// What stands for the names of a path: nothing where it is another one.
fn in_path(path: &str, asked: &str) -> Option<Vec<(String, String)>> {
    let (parts, asked): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), asked.split('/').collect());
    let mut names = Vec::new();
    for (part, asked) in parts.iter().zip(&asked) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => names.push((name.to_owned(), (*asked).to_owned())),
            None if part == asked => {}
            None => return None,
        }
    }
    (parts.len() == asked.len()).then_some(names)
}
