//! Claims against suppliers and carriers, by machine (P27).
//! Long because what is sent and answered of a claim stands beside what reads it.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::claim::{Against, ClaimGround, ClaimState, ClaimStep};
use domain::ids::OrderNumber;
use domain::money::{Amount, Currency, Money};
use domain::plain::one_line;
use domain::policy::local_day;
use domain::rma::RmaNumber;
use domain::written::numbered;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, amount, codes, read, read_or_nothing};
use super::call::Call;
use super::commands::{in_words, maybe_words};
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::{MachineDesk, claims_table, is_late};
use crate::http::state::AppState;
use crate::services::{AtClaims, ChangeError, ClaimError, ClaimStepTold, ClaimTold};
use crate::store::{ClaimRow, ClaimStepRow, ClaimsIn, ClaimsWanted};

/// Characters of a name or a number.
const LONGEST: usize = 200;
/// Years before and after today in which a claim's days lie.
const MOST_YEARS: i64 = 10;
/// Of those that are not at their end nothing is said; this is every one.
const EVERY: &str = "all";

/// How claims stand that are listed.
pub(super) fn lists() -> Vec<&'static str> {
    codes(ClaimState::ALL, ClaimState::code).into_iter().chain([EVERY]).collect()
}

/// Grounds of claims against suppliers.
pub(super) fn of_suppliers() -> Vec<&'static str> {
    let known = ClaimGround::ALL.iter().filter(|ground| ground.against() == Against::Supplier);
    known.map(|ground| ground.code()).collect()
}

fn at_claims(desk: &MachineDesk) -> Result<AtClaims, Problem> {
    AtClaims::of_machine(&desk.key).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to claims"))
}

fn number_of(id: &str) -> Result<i64, Problem> {
    numbered('C', id).ok_or_else(|| no_claim(id))
}

fn no_claim(id: &str) -> Problem {
    Problem::not_found(format!("there is no claim `{id}`"))
}

fn refusal(error: ClaimError, id: &str) -> Problem {
    match error {
        ClaimError::Unknown => no_claim(id),
        ClaimError::UnknownReturn => Problem::field("rma", error.to_string()),
        ClaimError::Refused(domain::claim::ClaimRefused::State(_)) => Problem::new(StatusCode::CONFLICT, "claim-state", error.to_string()),
        ClaimError::Refused(domain::claim::ClaimRefused::Nothing) => Problem::field("amount", error.to_string()),
        ClaimError::Refused(domain::claim::ClaimRefused::Currency(_)) => Problem::field("currency", error.to_string()),
        ClaimError::NotYours => Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not say what was paid"),
        ClaimError::Changed => Problem::new(StatusCode::CONFLICT, "version", error.to_string()),
        ClaimError::KeyReused => ChangeError::KeyReused.into(),
        ClaimError::Store(error) => error.into(),
    }
}

/// An amount above 0 with its currency; nothing where neither is told.
pub(super) fn money(field: &str, amount: Option<Amount>, currency: Option<&str>, fields: &mut Fields) -> Option<Money> {
    let known: Option<Currency> = fields.parsed("currency", currency);
    match (amount, currency) {
        (Some(amount), Some(_)) => match amount.minor(known?) {
            Ok(minor) if minor > 0 => Some(Money::new(minor, known?)),
            Ok(_) => {
                fields.wrong(field, "is above 0");
                None
            }
            Err(error) => {
                fields.wrong(field, error);
                None
            }
        },
        (Some(_), None) => {
            fields.wrong("currency", "is missing");
            None
        }
        (None, _) => None,
    }
}

/// A claim to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClaimIn, examples(
    json!({"against": "carrier", "ground": "damaged", "party": "DHL", "rma": "R-7KQ4-M2XD", "tracking_number": "00340434161094000000", "expected": "49.90", "currency": "EUR", "delivered_on": "2026-11-20"})
))]
pub struct ClaimIn {
    /// Whom it is against: `supplier` or `carrier`.
    pub against: String,
    /// Of a carrier: `lost`, `damaged`, `short` (some of the contents are missing), `late`; of a supplier: `defective`, `wrong_goods`,
    /// `not_as_described`, `recalled`.
    pub ground: String,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub party: String,
    /// The return that it is about.
    #[serde(default)]
    pub rma: Option<String>,
    /// The order that it is about.
    #[serde(default)]
    pub order: Option<String>,
    /// The parcel that it is about.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub tracking_number: Option<String>,
    /// What is expected of them, above 0.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub expected: Option<Amount>,
    /// ISO 4217; goes with `expected`.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: Option<String>,
    /// The last day for it. Left out, of a carrier: 7 days after delivery of what is `damaged` or `short`, 21 of what is `late` (CMR art. 30, HGB § 438), one
    /// year of what is `lost` (CMR art. 32, HGB § 439); of a supplier none.
    #[serde(default)]
    #[schema(format = Date)]
    pub due: Option<String>,
    /// When it was delivered, or, where it is lost, should have been; left out: as the return knows it, else today.
    #[serde(default)]
    #[schema(format = Date)]
    pub delivered_on: Option<String>,
    /// For people at work, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
}

impl ClaimIn {
    fn parse(self, today: Date) -> Result<ClaimTold, Problem> {
        let mut fields = Fields::default();
        let against: Option<Against> = fields.one_of("against", Some(&self.against), &codes(Against::ALL, Against::code));
        let ground: Option<ClaimGround> = fields.one_of("ground", Some(&self.ground), &codes(ClaimGround::ALL, ClaimGround::code));
        if let (Some(against), Some(ground)) = (against, ground)
            && ground.against() != against
        {
            fields.wrong("ground", format!("goes with `{}`", ground.against()));
        }
        let party = one_line(&self.party, LONGEST);
        if party.is_empty() || self.party.chars().count() > LONGEST {
            fields.wrong("party", format!("has 1 to {LONGEST} characters"));
        }
        let rma = self.rma.as_deref().map(|text| text.parse::<RmaNumber>().ok());
        if rma == Some(None) {
            fields.wrong("rma", "is no number of a return");
        }
        let order: Option<OrderNumber> = fields.parsed("order", self.order.as_deref());
        if self.tracking_number.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
            fields.wrong("tracking_number", format!("has {LONGEST} characters at most"));
        }
        let tracking = self.tracking_number.map(|text| one_line(&text, LONGEST)).filter(|text| !text.is_empty());
        let expected = money("expected", self.expected, self.currency.as_deref(), &mut fields);
        let years = Span::new().years(MOST_YEARS);
        let (least, most) = (today.saturating_sub(years), today.saturating_add(years));
        let mut day = |name: &str, text: Option<&str>, most: Date| {
            let day: Option<Date> = fields.parsed(name, text);
            if day.is_some_and(|day| !(least..=most).contains(&day)) {
                fields.wrong(name, format!("is between {least} and {most}"));
            }
            day
        };
        let (due, since) = (day("due", self.due.as_deref(), most), day("delivered_on", self.delivered_on.as_deref(), today));
        fields.checked()?;
        let note = maybe_words("note", self.note.as_deref())?;
        let ground = ground.ok_or_else(|| Problem::field("ground", "is missing"))?;
        Ok(ClaimTold { party, ground, rma: rma.flatten(), tracking, order, expected, due, since, note })
    }
}

/// A claim.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claim)]
pub struct ClaimOut {
    /// Its name: `C12`.
    id: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// Who opened it: an account, or `key:` and a key's name.
    opened_by: String,
    /// `supplier`, `carrier`.
    against: &'static str,
    party: String,
    /// `lost`, `damaged`, `short`, `late`; `defective`, `wrong_goods`, `not_as_described`, `recalled`.
    ground: &'static str,
    /// `open`, `filed`, `agreed`, `settled`, `declined`, `dropped`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    /// The stock batch by which the goods went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<MoneyOut>,
    /// The last day for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
    /// That day matters still, and is over.
    overdue: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    filed_at: Option<Timestamp>,
    /// Their name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// What they paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<MoneyOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// What was done with it, the oldest first; of one claim only.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<ClaimStepOut>>,
    version: i64,
}

/// Something that was done with a claim.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimStepTaken)]
pub struct ClaimStepOut {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// An account, or `key:` and a key's name.
    by: String,
    /// `file`, `agree`, `settle`, `decline`, `drop`.
    step: &'static str,
    /// Their name for it, what they paid, or why.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
}

impl From<ClaimStepRow> for ClaimStepOut {
    fn from(row: ClaimStepRow) -> Self {
        Self { at: row.at, by: row.who, step: row.step.code(), said: row.said }
    }
}

impl ClaimOut {
    fn of(row: ClaimRow, today: Date, steps: Option<Vec<ClaimStepRow>>) -> Self {
        Self {
            overdue: is_late(&row, today),
            id: format!("C{}", row.number),
            opened_at: row.opened_at,
            opened_by: row.who,
            against: row.ground.against().code(),
            party: row.party,
            ground: row.ground.code(),
            state: row.state.code(),
            rma: row.rma.map(|rma| rma.to_string()),
            order: row.order.map(|order| order.to_string()),
            tracking_number: row.tracking,
            batch: row.batch,
            expected: row.expected.map(MoneyOut::from),
            due: row.due,
            filed_at: row.filed_at,
            reference: row.reference,
            settled: row.settled.map(MoneyOut::from),
            settled_at: row.settled_at,
            note: row.note,
            steps: steps.map(|steps| steps.into_iter().map(ClaimStepOut::from).collect()),
            version: row.version,
        }
    }
}

fn today(state: &AppState) -> Date {
    local_day(state.services.clock.now(), &state.services.shop_zone())
}

/// Open a claim against a supplier or a carrier, for keys of scope `staff` and `finance`. What goes back to a vendor by a stock batch opens its own.
#[utoipa::path(
    post, path = "/v1/claims", tag = "claims", operation_id = "open_claim", request_body = ClaimIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 201, body = ClaimOut))
)]
pub async fn open(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let today = today(&state);
    let told = read::<ClaimIn>(&body)?.parse(today)?;
    let access = at_claims(&desk)?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let row = state.services.open_claim(&access, told, key).await.map_err(|error| refusal(error, ""))?;
    Ok((StatusCode::CREATED, Json(ClaimOut::of(row, today, Some(Vec::new())))).into_response())
}

/// Which claims to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClaimsQuery {
    /// `supplier` or `carrier`; left out: both.
    pub against: Option<String>,
    /// `open`, `filed`, `agreed`, `settled`, `declined`, `dropped`, or `all`; left out: those that are not at their end.
    pub state: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// Which claims a table has.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClaimsTableQuery {
    /// `supplier` or `carrier`; left out: both.
    pub against: Option<String>,
    /// `open`, `filed`, `agreed`, `settled`, `declined`, `dropped`, or `all`; left out: those that are not at their end.
    pub state: Option<String>,
}

/// Reads whom claims are against, and how they stand.
fn which(against: Option<&str>, state: Option<&str>, fields: &mut Fields) -> ClaimsWanted {
    let against: Option<Against> = fields.one_of("against", against, &codes(Against::ALL, Against::code));
    let of = match state {
        None => ClaimsIn::Going,
        Some(EVERY) => ClaimsIn::All,
        state => fields.one_of("state", state, &lists()).map(ClaimsIn::State).unwrap_or_default(),
    };
    ClaimsWanted { against, of, ..ClaimsWanted::default() }
}

/// A page of claims.
#[derive(Serialize, ToSchema)]
#[schema(as = ClaimPage)]
pub struct ClaimsOut {
    items: Vec<ClaimOut>,
    /// Nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Claims against suppliers and carriers: those whose day is first before the rest, those without one last.
#[utoipa::path(
    get, path = "/v1/claims", tag = "claims", operation_id = "list_claims", params(ClaimsQuery),
    responses((status = 200, body = ClaimsOut), (status = 422, description = "A state that there is not, or a cursor that this call did not give"))
)]
pub async fn list(State(state): State<AppState>, Query(query): Query<ClaimsQuery>) -> Result<Json<ClaimsOut>, Problem> {
    let mut fields = Fields::default();
    let asked = which(query.against.as_deref(), query.state.as_deref(), &mut fields);
    let known = |name: &str| name.parse::<i64>().ok().map(|number| number.to_string());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    // The day is the moment that it begins; none is the last of all.
    let after = after.map(|(due, number)| {
        let day = Timestamp::from_millisecond(due).ok().filter(|_| due != i64::MAX);
        (day.map(|at| local_day(at, &jiff::tz::TimeZone::UTC)), number.parse().unwrap_or_default())
    });
    fields.checked()?;
    let asked = ClaimsWanted { after, limit: limit + 1, ..asked };
    let mut rows = state.services.claims(asked).await?;
    let start = |day: Date| day.to_zoned(jiff::tz::TimeZone::UTC).map_or(i64::MAX, |at| at.timestamp().as_millisecond());
    let next_cursor = cut(&mut rows, limit, |row| (row.due.map_or(i64::MAX, start), row.number.to_string()));
    let today = today(&state);
    Ok(Json(ClaimsOut { items: rows.into_iter().map(|row| ClaimOut::of(row, today, None)).collect(), next_cursor }))
}

/// All of these claims as a table (CSV, RFC 4180, UTF-8, with a line of names): no cell is a formula. Amounts are decimals, days and times as elsewhere.
#[utoipa::path(
    get, path = "/v1/claims.csv", tag = "claims", operation_id = "get_claims_csv", params(ClaimsTableQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 422, description = "A state that there is not"))
)]
pub async fn csv(State(state): State<AppState>, Query(query): Query<ClaimsTableQuery>) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let asked = which(query.against.as_deref(), query.state.as_deref(), &mut fields);
    fields.checked()?;
    let text = claims_table(&state.services, asked).await.map_err(|error| match error {
        crate::desks::NoTable::Store(error) => error.into(),
        error => Problem::failed(&error),
    })?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))], text).into_response())
}

/// A claim, and what was done with it.
#[utoipa::path(
    get, path = "/v1/claims/{claim}", tag = "claims", operation_id = "get_claim",
    params(("claim" = String, Path, description = "Its name: `C12`")), responses((status = 200, body = ClaimOut))
)]
pub async fn get(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<ClaimOut>, Problem> {
    let found = state.services.claim(number_of(&id)?).await?;
    let (row, steps) = found.ok_or_else(|| no_claim(&id))?;
    Ok(Json(ClaimOut::of(row, today(&state), Some(steps))))
}

/// What is said with a step of a claim.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = ClaimStepIn, examples(
    json!({"reference": "DHL 4711"}),
    json!({"amount": "49.90", "currency": "EUR"}),
    json!({"reason": "They say that it was packed badly."})
))]
pub struct ClaimStepIn {
    /// With `file`: their name for it.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub reference: Option<String>,
    /// With `settle`, where it is needed: what they paid, above 0; less or more than was expected.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
    /// With `settle`: ISO 4217, that of what was expected.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$")]
    pub currency: Option<String>,
    /// With `decline` and `drop`, where it is needed: why, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
    /// The `version` of the claim that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

impl ClaimStepIn {
    fn parse(self, step: ClaimStep) -> Result<(ClaimStepTold, Option<i64>), Problem> {
        let mut fields = Fields::default();
        for (field, told, goes) in [
            ("reference", self.reference.is_some(), step == ClaimStep::File),
            ("amount", self.amount.is_some(), step == ClaimStep::Settle),
            ("currency", self.currency.is_some(), step == ClaimStep::Settle),
            ("reason", self.reason.is_some(), matches!(step, ClaimStep::Decline | ClaimStep::Drop)),
        ] {
            if told && !goes {
                fields.wrong(field, format!("does not go with `{step}`"));
            }
        }
        if self.reference.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
            fields.wrong("reference", format!("has {LONGEST} characters at most"));
        }
        if self.version.is_some_and(|version| version < 1) {
            fields.wrong("version", "is 1 at the least");
        }
        let paid = match step {
            ClaimStep::Settle => money("amount", self.amount, self.currency.as_deref(), &mut fields),
            _ => None,
        };
        if step == ClaimStep::Settle && self.amount.is_none() {
            fields.wrong("amount", "is missing");
        }
        fields.checked()?;
        let reason = || in_words("reason", self.reason.as_deref().unwrap_or_default());
        let told = match step {
            ClaimStep::File => {
                let reference = self.reference.as_deref().map(|text| one_line(text, LONGEST)).filter(|text| !text.is_empty());
                ClaimStepTold::File { reference }
            }
            ClaimStep::Agree => ClaimStepTold::Agree,
            ClaimStep::Settle => ClaimStepTold::Settle { paid: paid.ok_or_else(|| Problem::field("amount", "is missing"))? },
            ClaimStep::Decline => ClaimStepTold::Decline { reason: reason()? },
            ClaimStep::Drop => ClaimStepTold::Drop { reason: reason()? },
        };
        Ok((told, self.version))
    }
}

/// Go on with a claim: `file` it (again, as an objection, where they declined), say that they `agree` or `decline`, `settle` it with what they paid (for keys of
/// scope `finance`), or `drop` it. Said again, it answers as it stands. 409, `claim-state`: it stands otherwise.
#[utoipa::path(
    post, path = "/v1/claims/{claim}/{step}", tag = "claims", operation_id = "step_claim",
    request_body(content = Option<ClaimStepIn>, description = "Nothing is as good as `{}`"),
    params(
        ("claim" = String, Path, description = "Its name: `C12`"),
        ("step" = String, Path, description = "What is done: `file`, `agree`, `settle`, `decline`, `drop`")
    ),
    responses((status = 200, body = ClaimOut))
)]
pub async fn step(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path((id, step)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<ClaimOut>, Problem> {
    let step: ClaimStep =
        step.parse().map_err(|()| Problem::not_found(format!("nothing is done with a claim by `{}`", one_line(&step, 40))))?;
    let (told, seen) = read_or_nothing::<ClaimStepIn>(&body)?.parse(step)?;
    let (access, number) = (at_claims(&desk)?, number_of(&id)?);
    state.services.step_claim(&access, number, told, seen).await.map_err(|error| refusal(error, &id))?;
    let found = state.services.claim(number).await?;
    let (row, steps) = found.ok_or_else(|| no_claim(&id))?;
    Ok(Json(ClaimOut::of(row, today(&state), Some(steps))))
}
