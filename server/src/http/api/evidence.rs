//! Photos and documents by machine: before a return is opened, added to one, and read back.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::policy::Shows;
use domain::returns::{CommandKind, Return};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::call::{say, writing};
use super::json::Json;
use super::people::leave;
use super::problem::{FieldError, Problem};
use super::returns::found;
use crate::desks::MachineDesk;
use crate::http::evidence::{EvidenceOrForm, file_answer, only_file, status_of};
use crate::http::state::AppState;
use crate::services::{EvidenceError, Keeper, Received, Subject};
use crate::store::{EvidenceRow, Holder};

/// A photo or a document.
#[derive(Deserialize, ToSchema)]
#[schema(as = EvidenceForm)]
#[allow(dead_code, reason = "describes the form")]
pub struct EvidenceIn {
    /// JPEG, PNG, WebP, GIF, BMP or PDF. What is kept is written anew, without anything but what can be seen.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
    /// Order it is of.
    #[schema(nullable = false)]
    order: Option<String>,
    /// Line of the order it is of; left out: all of them.
    #[schema(nullable = false)]
    line: Option<String>,
    /// What it shows; left out: whatever is asked for and not there yet.
    #[schema(nullable = false)]
    shows: Option<String>,
}

/// A photo or a document of what the address says.
#[derive(Deserialize, ToSchema)]
#[schema(as = EvidenceFile)]
#[allow(dead_code, reason = "describes the form")]
pub struct FileIn {
    /// As in `EvidenceForm`.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
    /// Likewise.
    #[schema(nullable = false)]
    shows: Option<String>,
}

/// What is kept of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceOut {
    /// Its name: `ev_…`
    pub id: String,
    /// `image/jpeg` or `application/pdf`.
    pub media: String,
    /// Bytes.
    pub bytes: i64,
    /// Pixels across the picture, or the first page.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Pages; a picture has one.
    pub pages: u32,
    /// What it shows, as whoever gave it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<&'static str>,
}

/// Photos and documents of a return, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = EvidenceList)]
pub struct EvidenceListOut {
    /// Its lines name them in `evidence`.
    pub evidence: Vec<EvidenceOut>,
}

impl From<&EvidenceRow> for EvidenceOut {
    fn from(row: &EvidenceRow) -> Self {
        Self {
            id: row.id.clone(),
            media: row.media.mime().to_owned(),
            bytes: row.bytes,
            width: row.width,
            height: row.height,
            pages: row.pages,
            shows: row.shows.map(Shows::code),
        }
    }
}

/// What it is of.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfQuery {
    /// The order a return will be asked for.
    #[param(required = true)]
    pub order: Option<String>,
    /// Its line; left out: all of them.
    pub line: Option<String>,
}

fn problem(error: EvidenceError, state: &AppState, headers: &HeaderMap) -> Problem {
    let m = say(state, headers).m;
    let sentence = error.code().and_then(|code| m.evidence_error(code));
    match (error, sentence) {
        (EvidenceError::Gone, _) => {
            Problem::fields(vec![FieldError { field: "line".into(), problem: "there is no such line in the return".into() }])
        }
        (EvidenceError::Refused(refused), _) => refused.into(),
        (EvidenceError::Store(error), _) => error.into(),
        (error, Some(sentence)) => {
            Problem::new(status_of(&error), &format!("evidence-{}", error.code().unwrap_or_default().replace('_', "-")), sentence)
        }
        (error, None) => Problem::failed(&error),
    }
}

type Form = Result<Multipart, MultipartRejection>;

/// The file, and what the form says of it.
struct Taken {
    file: Received,
    shows: Option<Shows>,
    fields: app::forms::Fields,
}

async fn taken(state: &AppState, headers: &HeaderMap, form: Form) -> Result<Taken, Problem> {
    let form = form.map_err(|error| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-multipart", error.body_text()))?;
    match only_file(state, form).await {
        Ok((fields, Some(file))) => {
            let mut checked = Fields::default();
            let shows = checked.one_of("shows", fields.maybe("shows").as_deref(), &Shows::ALL.map(Shows::code));
            checked.checked()?;
            Ok(Taken { file, shows, fields })
        }
        Ok((_, None)) => Err(Problem::fields(vec![FieldError { field: "file".into(), problem: "is missing".into() }])),
        Err(EvidenceOrForm::Evidence(error)) => Err(problem(error, state, headers)),
        Err(EvidenceOrForm::Form(why)) => Err(Problem::new(StatusCode::BAD_REQUEST, "multipart", why)),
    }
}

/// Of which line of a return the form says that it is.
fn subject(request: &Return, fields: &app::forms::Fields, shows: Option<Shows>) -> Subject {
    let order = fields.maybe("order").map(|order| request.order_meant(&order).map_or(order, ToString::to_string));
    Subject { order, line: fields.maybe("line"), shows }
}

/// Gives a file to who keeps it; `gone`: what is said where nobody does.
async fn hold(
    state: &AppState,
    headers: &HeaderMap,
    keeper: Keeper,
    subject: Subject,
    file: Received,
    gone: impl FnOnce() -> Problem,
) -> Result<Response, Problem> {
    let held = state.services.hold(keeper, vec![(subject, file)]).await.map_err(|error| problem(error, state, headers))?;
    held.first().map(created).ok_or_else(gone)
}

fn no_return() -> Problem {
    Problem::not_found("there is no such return")
}

fn created(row: &EvidenceRow) -> Response {
    let place = format!("/api/v1/evidence/{}", row.id);
    (StatusCode::CREATED, [(header::LOCATION, place)], Json(EvidenceOut::from(row))).into_response()
}

/// Add a photo or a document to a return, while everything is with the customer. 413, 415 and 422 say what is wrong with the file.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/evidence", tag = "evidence",
    request_body(content = EvidenceIn, content_type = "multipart/form-data"), params(("rma" = String, Path, description = "Its number")),
    responses(
        (status = 201, body = EvidenceOut)
    )
)]
pub async fn add_evidence(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Path(rma): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let request = found(&desk, &rma).await?;
    if !request.lines.iter().any(|line| request.takes_evidence(line.id)) {
        request.check_changeable()?;
    }
    let Taken { file, shows, fields } = taken(&state, &headers, form).await?;
    let (keeper, subject) = (Keeper::Return(writing(&desk.key, request.rma)?), subject(&request, &fields, shows));
    hold(&state, &headers, keeper, subject, file, no_return).await
}

/// What there is of a return.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/evidence", tag = "evidence", params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = EvidenceListOut))
)]
pub async fn list_evidence(State(state): State<AppState>, desk: MachineDesk, Path(rma): Path<String>) -> Result<Response, Problem> {
    let request = found(&desk, &rma).await?;
    let held = state.services.evidence_held(&Holder::Return(request.rma)).await?;
    Ok(Json(EvidenceListOut { evidence: held.iter().map(EvidenceOut::from).collect() }).into_response())
}

/// Upload a photo or a document before a return is opened; its name then goes into `lines[].evidence`, with the same key. What is not
/// named within seven days is forgotten.
#[utoipa::path(
    post, path = "/v1/evidence", tag = "evidence", params(OfQuery),
    request_body(content = FileIn, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = EvidenceOut)
    )
)]
pub async fn upload_evidence(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Query(of): Query<OfQuery>,
    form: Form,
) -> Result<Response, Problem> {
    let missing = || Problem::fields(vec![FieldError { field: "order".into(), problem: "is missing".into() }]);
    let order = of.order.filter(|order| !order.trim().is_empty()).ok_or_else(missing)?;
    let known = desk.find_order(&order).await?;
    let wrong = |field: &str, problem: String| Problem::fields(vec![FieldError { field: field.into(), problem }]);
    let row = known.ok_or_else(|| wrong("order", format!("there is no order `{order}`")))?;
    if let Some(line) = of.line.as_ref().filter(|line| !row.order.items().any(|known| known.id.as_str() == line.as_str())) {
        return Err(wrong("line", format!("order `{order}` has no line `{line}`")));
    }
    let Taken { file, shows, .. } = taken(&state, &headers, form).await?;
    let subject = Subject { order: Some(row.order.number.to_string()), line: of.line, shows };
    hold(&state, &headers, Keeper::Key(desk.key.digest.clone()), subject, file, missing).await
}

/// Upload a photo that who looks at goods of a return took of them; its name then goes into `lines[].evidence` of `inspect`, with the same key. What
/// is not named within seven days is forgotten. Customers do not see it.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/inspect/evidence", tag = "warehouse", operation_id = "add_inspection_evidence",
    request_body(content = EvidenceIn, content_type = "multipart/form-data"), params(("rma" = String, Path, description = "Its number")),
    responses(
        (status = 201, body = EvidenceOut)
    )
)]
pub async fn add_inspection_evidence(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Path(rma): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let request = found(&desk, &rma).await?;
    leave(&desk, &rma, CommandKind::Inspect)?;
    let Taken { file, shows, fields } = taken(&state, &headers, form).await?;
    let subject = subject(&request, &fields, shows);
    if !request.lines.iter().any(|line| subject.is(&line.asked)) {
        state.services.discard([file]).await;
        return Err(problem(EvidenceError::Gone, &state, &headers));
    }
    hold(&state, &headers, Keeper::Key(desk.key.digest.clone()), subject, file, no_return).await
}

/// The file as it is kept: of a return, or uploaded with this key.
#[utoipa::path(
    get, path = "/v1/evidence/{id}", tag = "evidence", params(("id" = String, Path, description = "Its name")),
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "application/pdf"))))
)]
pub async fn get_evidence(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Response, Problem> {
    let row = desk.evidence(&id).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("there is no evidence `{id}`")))?;
    Ok(file_answer(&state, &row, false).await)
}
