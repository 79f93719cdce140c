//! Photos and documents over HTTP: in a form without JavaScript, piece by piece with it, and back to those who may see them.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use app::ports::DeskError;
use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Extension, Multipart, Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::returns::Actor;
use domain::words::Locale;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::forms::{answer, fields};
use super::router::AppState;
use crate::desks::{Desk, Fields, Next, NotKept, Visitor, failed, sentence_of};
use crate::evidence::Media;
use crate::services::{EvidenceError, Received, Upload};
use crate::store::{EvidenceRow, Holder};

/// Text fields of a form with files are not longer.
const TEXT: usize = 10_000;
/// And there are no more of them, files included.
const FIELDS: usize = 500;
/// Files held in memory at once, over all visitors; the others wait before they are read.
const IN_MEMORY: usize = 8;

/// Where files are added: to a draft, or to a return.
pub trait Place: Send + Sync + 'static {
    /// Who will hold them, and lines they can be of.
    fn holder(desk: &Desk, subject: &str) -> impl Future<Output = Result<(Holder, Vec<String>), DeskError>> + Send;
    /// Takes the rest of the form.
    fn answer(
        desk: &mut Desk,
        subject: &str,
        fields: &Fields,
        not_kept: Vec<NotKept>,
    ) -> impl Future<Output = Result<Next, DeskError>> + Send;
}

/// `/return/{draft}/…`
pub struct OfDraft;

/// `/returns/{rma}/…`
pub struct OfReturn;

impl Place for OfDraft {
    async fn holder(desk: &Desk, subject: &str) -> Result<(Holder, Vec<String>), DeskError> {
        desk.draft_to_show(subject).await
    }

    async fn answer(desk: &mut Desk, subject: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        desk.show_us(subject, fields, not_kept).await
    }
}

impl Place for OfReturn {
    async fn holder(desk: &Desk, subject: &str) -> Result<(Holder, Vec<String>), DeskError> {
        desk.return_to_show(subject).await
    }

    async fn answer(desk: &mut Desk, subject: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        desk.add_photos(subject, fields, not_kept).await
    }
}

/// `POST /return/{draft}/show`, `POST /returns/{rma}/photos`: the whole form, with its files.
pub async fn form<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(subject): Path<String>,
    form: Multipart,
) -> Response {
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = match P::holder(&desk, &subject).await {
        Err(error) => Err(error),
        Ok((holder, lines)) => match take_all(&state, &desk, &lines, form).await {
            Err(Broken::Form) => return (StatusCode::BAD_REQUEST, "This form did not arrive whole. 表单没有完整送达。\n").into_response(),
            Err(Broken::Server(error)) => Err(failed(&error)),
            Ok((fields, files, mut not_kept)) => match desk.hold(holder, files, &mut not_kept).await {
                Ok(()) => P::answer(&mut desk, &subject, &fields, not_kept).await,
                Err(error) => Err(error),
            },
        },
    };
    answer(&state, &desk, next)
}

/// Why a form could not be taken at all.
enum Broken {
    /// It is none, or it broke off.
    Form,
    /// We failed.
    Server(EvidenceError),
}

impl From<MultipartError> for Broken {
    fn from(_: MultipartError) -> Self {
        Self::Form
    }
}

type Taken = (Fields, Vec<(String, String, Received)>, Vec<NotKept>);

/// Reads a form field by field; each file is read and cleaned before the next is looked at.
async fn take_all(state: &AppState, desk: &Desk, lines: &[String], mut form: Multipart) -> Result<Taken, Broken> {
    let _place = in_memory().acquire_owned().await.map_err(|_| Broken::Form)?;
    let (mut texts, mut files, mut not_kept) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if texts.len() + files.len() + not_kept.len() >= FIELDS {
            return Err(Broken::Form);
        }
        let Some(file) = field.file_name().map(str::to_owned) else {
            let value = read(field, TEXT).await?.unwrap_or_default();
            texts.push((name, String::from_utf8_lossy(&value).into_owned()));
            continue;
        };
        let known = name.strip_prefix("files|").is_some_and(|line| lines.iter().any(|known| known == line));
        let bytes = read(field, state.services.config.limits.evidence.bytes).await?;
        // A field in which nothing was chosen is sent as a file without a name.
        if !known || (file.is_empty() && bytes.as_ref().is_some_and(Vec::is_empty)) {
            continue;
        }
        match take(state, desk.visitor.address, &file, bytes).await {
            Ok(received) => files.push((name, file, received)),
            Err(error) => match error.code() {
                Some(code) => not_kept.push(NotKept { field: name, file, code: code.to_owned() }),
                None => return Err(Broken::Server(error)),
            },
        }
    }
    Ok((Fields(texts), files, not_kept))
}

/// The content of a field; nothing where it is longer than `most`, of which the rest is read past.
async fn read(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.chunk().await? {
        fits &= bytes.len() + chunk.len() <= most;
        if fits {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok(fits.then_some(bytes))
}

async fn take(state: &AppState, from: IpAddr, name: &str, bytes: Option<Vec<u8>>) -> Result<Received, EvidenceError> {
    let most = state.services.config.limits.evidence.bytes;
    let bytes = bytes.ok_or(crate::evidence::Unreadable::TooLarge { bytes: most + 1, most })?;
    state.services.count_bytes(from, bytes.len()).await?;
    state.services.receive(name, bytes).await
}

fn in_memory() -> Arc<Semaphore> {
    static PLACES: OnceLock<Arc<Semaphore>> = OnceLock::new();
    PLACES.get_or_init(|| Arc::new(Semaphore::new(IN_MEMORY))).clone()
}

/// The one file of a machine's form, and its other fields.
pub(super) async fn only_file(state: &AppState, mut form: Multipart) -> Result<(Fields, Option<Received>), EvidenceOrForm> {
    let _place = in_memory().acquire_owned().await.map_err(|_| EvidenceOrForm::Form("the server is stopping".into()))?;
    let (mut texts, mut received) = (Vec::new(), None);
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let value = read(field, TEXT).await?.unwrap_or_default();
            texts.push((name, String::from_utf8_lossy(&value).into_owned()));
            continue;
        }
        let file = field.file_name().unwrap_or_default().to_owned();
        let most = state.services.config.limits.evidence.bytes;
        let bytes = read(field, most).await?;
        let bytes = bytes.ok_or(EvidenceError::from(crate::evidence::Unreadable::TooLarge { bytes: most + 1, most }))?;
        if received.is_some() {
            return Err(EvidenceOrForm::Form("one call takes one `file`".into()));
        }
        received = Some(state.services.receive(&file, bytes).await?);
    }
    Ok((Fields(texts), received))
}

/// What can be wrong with a machine's form.
pub(super) enum EvidenceOrForm {
    /// The file.
    Evidence(EvidenceError),
    /// The form.
    Form(String),
}

impl From<EvidenceError> for EvidenceOrForm {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}

impl From<MultipartError> for EvidenceOrForm {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::Evidence(crate::evidence::Unreadable::TooLarge { bytes: 0, most: 0 }.into());
        }
        Self::Form(error.body_text())
    }
}

/// `POST …/uploads` with `line`, `name` and `size`: begins an upload that can be taken up again.
pub async fn announce<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(subject): Path<String>,
    request: Request,
) -> Response {
    let fields = match fields(&state, request).await {
        Ok(fields) => fields,
        Err(response) => return response,
    };
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    let announced = match P::holder(&desk, &subject).await {
        Ok(holder) => desk.announce(holder, &fields).await,
        Err(error) => return not_here(locale, &error),
    };
    match announced {
        Ok(upload) => (StatusCode::CREATED, Json(shown(locale, &upload))).into_response(),
        Err(error) => refused(locale, &error),
    }
}

/// Where a piece belongs.
#[derive(Deserialize)]
pub struct At {
    offset: i64,
}

/// `PUT …/uploads/{id}?offset=`: the next piece. 409 tells where to go on instead. With the last piece the file is read.
pub async fn piece<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((subject, id)): Path<(String, String)>,
    Query(At { offset }): Query<At>,
    bytes: Bytes,
) -> Response {
    let (locale, address) = (visitor.locale, visitor.address);
    let desk = Desk::new(state.services.clone(), visitor);
    let holder = match P::holder(&desk, &subject).await {
        Ok((holder, _)) => holder,
        Err(error) => return not_here(locale, &error),
    };
    // A browser that goes away with its last piece finds the file when it comes back.
    let services = state.services.clone();
    let adding = tokio::spawn(async move { services.add_part(holder, &id, offset, bytes, address, Actor::Customer).await });
    match adding.await {
        Ok(Ok(upload)) => Json(shown(locale, &upload)).into_response(),
        Ok(Err(error)) => refused(locale, &error),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `GET …/uploads/{id}`: how far it has come.
pub async fn upload<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((subject, id)): Path<(String, String)>,
) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    match P::holder(&desk, &subject).await {
        Ok((holder, _)) => match state.services.upload(&holder, &id).await {
            Ok(upload) => Json(shown(locale, &upload)).into_response(),
            Err(error) => refused(locale, &error),
        },
        Err(error) => not_here(locale, &error),
    }
}

/// `DELETE …/uploads/{id}`
pub async fn give_up<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((subject, id)): Path<(String, String)>,
) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    match P::holder(&desk, &subject).await {
        Ok((holder, _)) => match state.services.give_up_upload(holder, &id).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => refused(locale, &error.into()),
        },
        Err(error) => not_here(locale, &error),
    }
}

/// `DELETE /return/{draft}/evidence/{id}`. What is in a return stays there.
pub async fn remove(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((draft, id)): Path<(String, String)>,
) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    match desk.draft_to_show(&draft).await {
        Ok((holder, _)) => match state.services.remove_evidence(holder, &id).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => refused(locale, &error.into()),
        },
        Err(error) => not_here(locale, &error),
    }
}

fn shown(locale: Locale, upload: &Upload) -> Value {
    let mut answer = json!({ "id": upload.id, "offset": upload.received, "size": upload.size });
    match &upload.outcome {
        None => {}
        Some(Ok(row)) => {
            answer["evidence"] = json!({ "id": row.id, "name": row.name, "pages": row.pages, "pdf": row.media == Media::Pdf });
        }
        Some(Err(code)) => answer["refused"] = sentence_of(locale, code).unwrap_or(code).into(),
    }
    answer
}

/// What went wrong, in the reader's words where they can do something about it.
fn refused(locale: Locale, error: &EvidenceError) -> Response {
    if let EvidenceError::Offset { received } = error {
        return (StatusCode::CONFLICT, Json(json!({ "offset": received }))).into_response();
    }
    let Some(sentence) = error.code().and_then(|code| sentence_of(locale, code)) else {
        failed(error);
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (status_of(error), Json(json!({ "refused": sentence }))).into_response()
}

/// The status that says what is wrong with a file.
pub(super) fn status_of(error: &EvidenceError) -> StatusCode {
    use crate::evidence::Unreadable;
    match error {
        EvidenceError::Unreadable(Unreadable::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        EvidenceError::Unreadable(Unreadable::Unknown | Unreadable::Heic | Unreadable::Video) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        EvidenceError::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        EvidenceError::TooMany { .. } | EvidenceError::Refused(_) | EvidenceError::Offset { .. } => StatusCode::CONFLICT,
        EvidenceError::TooMuch => StatusCode::TOO_MANY_REQUESTS,
        EvidenceError::Gone => StatusCode::NOT_FOUND,
        EvidenceError::Store(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
        EvidenceError::Objects(_) | EvidenceError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The draft or return is not this visitor's, or not any more.
fn not_here(locale: Locale, error: &DeskError) -> Response {
    match error {
        DeskError::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        DeskError::Updating => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        DeskError::Busy => StatusCode::TOO_MANY_REQUESTS.into_response(),
        _ => refused(locale, &EvidenceError::Gone),
    }
}

/// `GET /evidence/{id}`
pub async fn file(State(state): State<AppState>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    for_visitor(&state, visitor, &id, false).await
}

/// `GET /evidence/{id}/preview`
pub async fn preview(State(state): State<AppState>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    for_visitor(&state, visitor, &id, true).await
}

async fn for_visitor(state: &AppState, visitor: Visitor, id: &str, preview: bool) -> Response {
    let desk = Desk::new(state.services.clone(), visitor);
    match desk.evidence(id).await {
        Ok(row) => file_answer(state, &row, preview).await,
        Err(DeskError::Failed { .. }) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A cleaned file as an answer: kept by nobody on the way, and unable to do anything where it is shown.
pub(super) async fn file_answer(state: &AppState, row: &EvidenceRow, preview: bool) -> Response {
    let bytes = match state.services.evidence_file(row, preview).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            failed(&error);
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let media = if preview { Media::Jpeg } else { row.media };
    // Browsers refuse to show a PDF in a sandbox: it is saved.
    let place = if media == Media::Pdf { "attachment" } else { "inline" };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.mime()));
    if let Ok(value) = HeaderValue::from_str(&format!("{place}; {}", named(&row.name, media))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "private, no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `filename=…` in plain letters, and whole (RFC 6266, RFC 8187). It ends as what the file is now.
fn named(name: &str, media: Media) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let end = media.extension();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ' ');
    let ascii: String = stem.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let whole: String = stem
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                (byte as char).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("filename=\"{ascii}.{end}\"; filename*=UTF-8''{whole}.{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_its_name_and_what_it_is_now() {
        assert_eq!(named("flaw 1.PNG", Media::Jpeg), "filename=\"flaw 1.jpg\"; filename*=UTF-8''flaw%201.jpg");
        assert_eq!(named("检测报告.pdf", Media::Pdf), "filename=\"____.pdf\"; filename*=UTF-8''%E6%A3%80%E6%B5%8B%E6%8A%A5%E5%91%8A.pdf");
        assert_eq!(named("a\"; x=\"b", Media::Jpeg), "filename=\"a__ x__b.jpg\"; filename*=UTF-8''a%22%3B%20x%3D%22b.jpg");
    }
}
