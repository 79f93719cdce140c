//! A form with files: read field by field, under limits.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use app::forms::Fields;
use app::ports::DeskError;
use app::staff::InspectForm;
use app::start_return::FilesField;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Extension, FromRequest, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::super::forms::{Sent, answer, to};
use super::super::state::AppState;
use super::place::Place;
use crate::desks::{Desk, NotKept, Photo, Visitor, failed};
use crate::services::{EvidenceError, Received};

/// Text fields of a form with files are not longer.
const TEXT: usize = 10_000;

/// And there are no more of them, files included.
const FIELDS: usize = 500;

/// Files held in memory at once, over all visitors; the others wait before they are read.
const IN_MEMORY: usize = 8;

/// `POST /return/{draft}/show`, `POST /returns/{rma}/photos`: the whole form, with its files.
pub async fn form<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(subject): Path<String>,
    form: Multipart,
) -> Response {
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = match P::showing(&desk, &subject).await {
        Err(error) => Err(error),
        Ok(showing) => match take_all(&state, desk.visitor.address, |name| FilesField::named(name, &showing.items), form).await {
            Err(Broken::Form) => return not_whole(),
            Err(Broken::Server(error)) => Err(failed(&error)),
            Ok(Taken { fields, files, mut not_kept }) => {
                let files = files.into_iter().map(|(of, name, file)| Photo { of, name, file }).collect();
                match desk.hold(&showing, files, &mut not_kept).await {
                    Ok(()) => P::answer(&mut desk, &subject, &fields, not_kept).await,
                    Err(error) => Err(error),
                }
            }
        },
    };
    answer(&state, &desk, next)
}

fn not_whole() -> Response {
    (StatusCode::BAD_REQUEST, "This form did not arrive whole. 表单没有完整送达。\n").into_response()
}

/// A form of people at work that may bring photos of goods, as a handler takes it: with its files, or as any other.
pub(in crate::http) struct SentFiles(pub Taken<String>);

impl FromRequest<AppState> for SentFiles {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let Sent(fields) = Sent::from_request(request, state).await?;
            return Ok(Self(Taken { fields, files: Vec::new(), not_kept: Vec::new() }));
        }
        let visitor = request.extensions().get::<Visitor>().map(|visitor| visitor.address);
        let address = visitor.ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())?;
        let form = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let photos = |name: &str| InspectForm::is_of_photos(name).then(|| name.to_owned());
        match take_all(state, address, photos, form).await {
            Ok(taken) => Ok(Self(taken)),
            Err(Broken::Form) => Err(not_whole()),
            Err(Broken::Server(error)) => match failed(&error) {
                DeskError::Failed { reference } => Err(to(&format!("/failed/{reference}"))),
                _ => Err(to("/updating")),
            },
        }
    }
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

/// A form that was read: its fields, its files with what each is of and what it is called, and those that were not kept.
pub(in crate::http) struct Taken<T> {
    pub fields: Fields,
    pub files: Vec<(T, String, Received)>,
    pub not_kept: Vec<NotKept>,
}

/// Reads a form field by field; each file is read and cleaned before the next is looked at.
async fn take_all<T>(
    state: &AppState,
    address: IpAddr,
    named: impl Fn(&str) -> Option<T>,
    mut form: Multipart,
) -> Result<Taken<T>, Broken> {
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
        let of = named(&name);
        let bytes = read(field, state.services.config.limits.evidence.bytes).await?;
        // A field in which nothing was chosen is sent as a file without a name.
        let Some(of) = of.filter(|_| !file.is_empty() || bytes.as_ref().is_none_or(|bytes| !bytes.is_empty())) else { continue };
        match take(state, address, &file, bytes).await {
            Ok(received) => files.push((of, file, received)),
            Err(error) => match error.code() {
                Some(code) => not_kept.push(NotKept { field: name, file, code: code.to_owned() }),
                None => return Err(Broken::Server(error)),
            },
        }
    }
    Ok(Taken { fields: Fields::sent(texts), files, not_kept })
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
pub(in crate::http) async fn only_file(state: &AppState, mut form: Multipart) -> Result<(Fields, Option<Received>), EvidenceOrForm> {
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
    Ok((Fields::sent(texts), received))
}

/// What can be wrong with a machine's form.
pub(in crate::http) enum EvidenceOrForm {
    Evidence(EvidenceError),
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
