//! Money that goes by bank transfer, by machine: what is due, to whose account, and files of it for a bank.
//! Long because each call stands beside what it takes and answers.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::bank::{Payee, PayeeWrong};
use domain::plain::one_line;
use domain::returns::{CommandKind, GrantNo};
use domain::rma::RmaNumber;
use domain::staff::StaffLimits;
use domain::written::numbered;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read, read_or_nothing};
use super::call::Call;
use super::commands::maybe_words;
use super::json::Json;
use super::page::{cursor, wanted};
use super::problem::{FieldError, Problem};
use super::returns::rma_of;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{
    Access, AtPayments, ChangeError, LeftOut, MOST_TRANSFERS, NoBankFile, TransferDue, TransferError, batch_name, transfers_table,
};
use crate::store::{TransferBatch, TransferRow};

/// Characters of a bank's name for something.
const LONGEST_REFERENCE: usize = 200;

pub(super) fn at_payments(desk: &MachineDesk) -> Result<AtPayments, Problem> {
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to payments");
    AtPayments::of_machine(&desk.key).ok_or_else(forbidden)
}

/// Which of what is due to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransfersQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// So many; 50 where left out. Of the last return all that is due is told, which may be a few more.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// Money that is promised and that no gateway takes back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferDue)]
pub struct DueOut {
    /// The return's number.
    rma: String,
    /// The grant it is of.
    grant: String,
    /// The order whose money it is.
    order: String,
    amount: MoneyOut,
    /// By when it was promised.
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    /// The end of the account that it goes to: `DE…3000`; missing where nobody has named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
}

impl From<TransferDue> for DueOut {
    fn from(due: TransferDue) -> Self {
        Self {
            rma: due.rma.to_string(),
            grant: due.grant.to_string(),
            order: due.order.to_string(),
            amount: due.amount.into(),
            due: due.due,
            account: due.payee.map(|payee| payee.account.hinted()),
        }
    }
}

/// Some of what is due, and where the next page starts.
#[derive(Serialize, ToSchema)]
#[schema(as = TransferDuePage)]
pub struct DuePageOut {
    items: Vec<DueOut>,
    /// Nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What is due by bank transfer, what is due first before the rest: promised money that no gateway takes back to where it came from.
#[utoipa::path(
    get, path = "/v1/transfers", tag = "money", operation_id = "list_transfers_due", params(TransfersQuery),
    responses((status = 200, body = DuePageOut), (status = 422, description = "A cursor that this call did not give"))
)]
pub async fn list(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<TransfersQuery>,
) -> Result<Json<DuePageOut>, Problem> {
    let mut fields = Fields::default();
    let known = |name: &str| name.parse::<RmaNumber>().ok().map(|rma| rma.to_string());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    fields.checked()?;
    let (due, next) = state.services.transfers_due(&at_payments(&desk)?, after, limit as usize).await?;
    // The cursor is where it stopped looking, which may be behind the last that was found.
    let next_cursor = next.map(cursor);
    Ok(Json(DuePageOut { items: due.into_iter().map(DueOut::from).collect(), next_cursor }))
}

/// What is to go into a batch.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TransfersToMake, examples(json!({"items": [{"rma": "R-7KQ4-M2XD", "grant": "g1"}]})))]
pub struct MakeIn {
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<ItemIn>,
}

/// A grant, by its names.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GrantName)]
pub struct ItemIn {
    /// The return's number.
    pub rma: String,
    /// The grant's name in it.
    #[schema(pattern = "^g[1-9][0-9]{0,8}$")]
    pub grant: String,
}

/// Transfers that go to the bank together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferBatch)]
pub struct BatchOut {
    /// Its name: `T12`.
    id: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// An account, or `key:` and a key's name.
    by: String,
    transfers: Vec<TransferOut>,
    /// What was asked for and is not in it; only as it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<Vec<LeftOutOut>>,
}

/// A payment in a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferMade)]
pub struct TransferOut {
    /// Its place in it, from 1.
    place: i64,
    rma: String,
    /// The payment's name in the return; with that it is the transfer's end-to-end id: `R-…-p1`.
    payment: String,
    order: String,
    amount: MoneyOut,
    /// The end of the account that it goes to; missing once it is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// `pending`, `paid`, `failed`, `reversed`.
    state: &'static str,
}

/// What is not in a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferLeftOut)]
pub struct LeftOutOut {
    rma: String,
    grant: String,
    /// `not_due` (it was paid since, is in another batch, or never was to be paid by hand), `no_account`, `over_limit`, `may_not`, `disputed`.
    why: &'static str,
}

impl BatchOut {
    fn of(batch: TransferBatch, transfers: Vec<TransferRow>, left_out: Option<Vec<(RmaNumber, GrantNo, LeftOut)>>) -> Self {
        let transfer = |row: TransferRow| TransferOut {
            place: row.nth,
            rma: row.rma.to_string(),
            payment: row.payment.to_string(),
            order: row.order.to_string(),
            amount: row.amount.into(),
            account: row.payee.map(|payee| payee.account.hinted()),
            state: row.state.code(),
        };
        let left = |(rma, grant, why): (RmaNumber, GrantNo, LeftOut)| LeftOutOut {
            rma: rma.to_string(),
            grant: grant.to_string(),
            why: why.code(),
        };
        Self {
            id: batch_name(batch.number),
            at: batch.at,
            by: batch.who,
            transfers: transfers.into_iter().map(transfer).collect(),
            left_out: left_out.map(|all| all.into_iter().map(left).collect()),
        }
    }
}

fn number_of(id: &str) -> Result<i64, Problem> {
    numbered('T', id).ok_or_else(|| no_batch(id))
}

fn no_batch(id: &str) -> Problem {
    Problem::not_found(format!("there is no batch of transfers `{id}`"))
}

fn refusal(error: TransferError, id: &str) -> Problem {
    match error {
        TransferError::UnknownReturn => Problem::not_found("there is no such return"),
        TransferError::Unknown => no_batch(id),
        TransferError::NotDue => Problem::new(StatusCode::CONFLICT, "not-due", error.to_string()),
        TransferError::KeyReused => ChangeError::KeyReused.into(),
        TransferError::Store(error) => error.into(),
    }
}

/// Make a batch of what is due: each becomes a payment that is on its way, and is in no other batch. What cannot be in it is told with why.
#[utoipa::path(
    post, path = "/v1/transfers", tag = "money", operation_id = "make_transfers", request_body = MakeIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 201, body = BatchOut))
)]
pub async fn make(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let given: MakeIn = read(&body)?;
    let mut fields = Fields::default();
    if !(1..=MOST_TRANSFERS).contains(&given.items.len()) {
        fields.wrong("items", format!("has 1 to {MOST_TRANSFERS} entries"));
    }
    let mut chosen: Vec<(RmaNumber, GrantNo)> = Vec::new();
    for (place, item) in given.items.iter().enumerate().take(MOST_TRANSFERS) {
        let grant: Option<GrantNo> = fields.parsed(format!("items[{place}].grant"), Some(&item.grant));
        match (item.rma.parse::<RmaNumber>(), grant) {
            (Ok(rma), Some(grant)) if chosen.contains(&(rma, grant)) => fields.wrong(format!("items[{place}]"), "is there twice"),
            (Ok(rma), Some(grant)) => chosen.push((rma, grant)),
            (Ok(_), None) => {}
            (Err(_), _) => fields.wrong(format!("items[{place}].rma"), format!("there is no return `{}`", one_line(&item.rma, 40))),
        }
    }
    fields.checked()?;
    let access = at_payments(&desk)?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let leave = |rma| Access::of_people(&desk.key, rma, CommandKind::Pay);
    let made = state.services.make_transfers(&access, &StaffLimits::default(), chosen, leave, key).await;
    let made = made.map_err(|error| refusal(error, ""))?;
    Ok((StatusCode::CREATED, Json(BatchOut::of(made.batch, made.transfers, Some(made.left_out)))).into_response())
}

/// A batch of transfers, and what became of each.
#[utoipa::path(
    get, path = "/v1/transfers/{batch}", tag = "money", operation_id = "get_transfers",
    params(("batch" = String, Path, description = "Its name: `T12`")), responses((status = 200, body = BatchOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<BatchOut>, Problem> {
    let found = state.services.transfers(&at_payments(&desk)?, number_of(&id)?).await?;
    let (batch, transfers) = found.ok_or_else(|| no_batch(&id))?;
    Ok(Json(BatchOut::of(batch, transfers, None)))
}

/// A batch as a file for the bank: SEPA credit transfers (ISO 20022, pain.001.001.09) of what nobody has said anything of yet. 409, `no-file`: something
/// is not euros to an account with an IBAN, the shop's own account is not set (`shop.iban`), or nothing is left in it.
#[utoipa::path(
    get, path = "/v1/transfers/{batch}/transfers.xml", tag = "money", operation_id = "get_transfers_xml",
    params(("batch" = String, Path, description = "Its name: `T12`")),
    responses((status = 200, content_type = "application/xml", body = String), (status = 409, description = "There is no such file"))
)]
pub async fn xml(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Response, Problem> {
    let found = state.services.transfers(&at_payments(&desk)?, number_of(&id)?).await?;
    let (batch, transfers) = found.ok_or_else(|| no_batch(&id))?;
    let refused = |error: NoBankFile| Problem::new(StatusCode::CONFLICT, "no-file", error.to_string());
    let xml = state.services.bank_file(&batch, &transfers).map_err(refused)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))], xml).into_response())
}

/// A batch as a table, whatever was said of it: RFC 4180 in UTF-8, with a line that names its columns (`place`, `reference`, `return`, `order`, `currency`,
/// `amount`, `holder`, `iban`, `account`, `bank`, `state`). It has the whole accounts, as long as they are kept: for where no `transfers.xml` will do.
#[utoipa::path(
    get, path = "/v1/transfers/{batch}/transfers.csv", tag = "money", operation_id = "get_transfers_csv",
    params(("batch" = String, Path, description = "Its name: `T12`")),
    responses((status = 200, content_type = "text/csv", body = String))
)]
pub async fn csv(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Response, Problem> {
    let found = state.services.transfers(&at_payments(&desk)?, number_of(&id)?).await?;
    let (_, transfers) = found.ok_or_else(|| no_batch(&id))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, transfers_table(&transfers)?).into_response())
}

/// What the bank did.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = TransfersOutcome, examples(json!({"reference": "SEPA 2026-11-27/3"})))]
pub struct LeftIn {
    /// What the bank calls it; left out: the batch's name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub reference: Option<String>,
}

/// Say that the bank did what is in a batch: all of it that nobody has said anything else of has left. Said again, it answers as it stands.
#[utoipa::path(
    post, path = "/v1/transfers/{batch}/left", tag = "money", operation_id = "transfers_left",
    request_body(content = Option<LeftIn>, description = "Nothing is as good as `{}`"),
    params(("batch" = String, Path, description = "Its name: `T12`")), responses((status = 200, body = BatchOut))
)]
pub async fn left(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<BatchOut>, Problem> {
    let given: LeftIn = read_or_nothing(&body)?;
    let mut fields = Fields::default();
    let reference = given.reference.as_deref().map(|text| one_line(text, LONGEST_REFERENCE + 1));
    if reference.as_ref().is_some_and(|text| !(1..=LONGEST_REFERENCE).contains(&text.chars().count())) {
        fields.wrong("reference", format!("has 1 to {LONGEST_REFERENCE} characters"));
    }
    fields.checked()?;
    let leave = |rma| Access::of_people(&desk.key, rma, CommandKind::ConfirmPayment);
    let said = state.services.transfers_left(&at_payments(&desk)?, number_of(&id)?, reference, leave).await;
    let (batch, transfers) = said.map_err(|error| refusal(error, &id))?;
    Ok(Json(BatchOut::of(batch, transfers, None)))
}

/// Why it did not leave.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = TransferFailure, examples(json!({"reason": "The account is closed."})))]
pub struct FailedIn {
    /// For people at work, in at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
}

/// Say that one transfer of a batch did not leave, or came back: what was promised is due again. Said again, it answers as it stands.
#[utoipa::path(
    post, path = "/v1/transfers/{batch}/{place}/failed", tag = "money", operation_id = "transfer_failed",
    request_body(content = Option<FailedIn>, description = "Nothing is as good as `{}`"),
    params(("batch" = String, Path, description = "Its name: `T12`"), ("place" = String, Path, description = "Its place in it")),
    responses((status = 200, body = BatchOut))
)]
pub async fn failed(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path((id, place)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<BatchOut>, Problem> {
    let given: FailedIn = read_or_nothing(&body)?;
    let reason = maybe_words("reason", given.reason.as_deref())?;
    let nth = place.parse().map_err(|_| Problem::not_found(format!("there is no transfer `{place}` in this batch")))?;
    let leave = |rma| Access::of_people(&desk.key, rma, CommandKind::FailPayment);
    let said = state.services.transfer_failed(&at_payments(&desk)?, number_of(&id)?, nth, reason, leave).await;
    let (batch, transfers) = said.map_err(|error| refusal(error, &id))?;
    Ok(Json(BatchOut::of(batch, transfers, None)))
}

/// An account that money of a return goes to: an IBAN, or, where accounts have none, a number with its bank.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BankAccount, examples(json!({"holder": "Anna Müller", "iban": "DE89 3704 0044 0532 0130 00"})))]
pub struct AccountIn {
    /// Whose account it is.
    #[schema(min_length = 1, max_length = 70)]
    pub holder: String,
    /// However it is grouped; its check digits are looked at.
    #[serde(default)]
    pub iban: Option<String>,
    /// 6 to 34 digits, where there is no IBAN.
    #[serde(default)]
    pub number: Option<String>,
    /// Goes with `number`.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub bank: Option<String>,
}

/// Say to which account money of a return goes. It is kept apart and forgotten: 30 days after the money has left, or 180 days after it was said. No event,
/// list or log has more of it than its end. 409, `not-due`: nothing goes by transfer now.
#[utoipa::path(
    put, path = "/v1/returns/{rma}/bank-account", tag = "money", operation_id = "put_bank_account", request_body = AccountIn,
    params(("rma" = String, Path, description = "Its number")), responses((status = 204, description = "It is kept"))
)]
pub async fn put_account(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let given: AccountIn = read(&body)?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let payee = Payee::read(&given.holder, &text(&given.iban), &text(&given.number), &text(&given.bank));
    let payee = payee.map_err(|wrong| Problem::fields(wrong.into_iter().map(wrong_field).collect()))?;
    state.services.type_account(&at_payments(&desk)?, rma_of(&rma)?, payee).await.map_err(|error| refusal(error, ""))?;
    Ok(StatusCode::NO_CONTENT)
}

fn wrong_field(wrong: PayeeWrong) -> FieldError {
    let (field, problem) = match wrong {
        PayeeWrong::Holder => ("holder", "has 1 to 70 characters"),
        PayeeWrong::Iban => ("iban", "is an account number whose check digits fit, or left out where there is a `number`"),
        PayeeWrong::Number => ("number", "is 6 to 34 digits, and goes without `iban`"),
        PayeeWrong::Bank => ("bank", "has 1 to 100 characters where there is a `number`"),
    };
    FieldError { field: field.to_owned(), problem: problem.to_owned() }
}
