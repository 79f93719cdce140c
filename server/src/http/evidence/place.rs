//! Where photos and documents are added, and what is said where they are not.

use app::forms::Fields;
use app::ports::DeskError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::words::Locale;
use serde_json::json;

use crate::desks::{Desk, Next, NotKept, Showing, failed, sentence_of};
use crate::services::EvidenceError;

/// Where files are added: to a draft, or to a return.
pub trait Place: Send + Sync + 'static {
    /// Who will hold them, and the items they can be of.
    fn showing(desk: &Desk, subject: &str) -> impl Future<Output = Result<Showing, DeskError>> + Send;
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
    async fn showing(desk: &Desk, subject: &str) -> Result<Showing, DeskError> {
        desk.draft_to_show(subject).await
    }

    async fn answer(desk: &mut Desk, subject: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        desk.show_us(subject, fields, not_kept).await
    }
}

impl Place for OfReturn {
    async fn showing(desk: &Desk, subject: &str) -> Result<Showing, DeskError> {
        desk.return_to_show(subject).await
    }

    async fn answer(desk: &mut Desk, subject: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        desk.add_photos(subject, fields, not_kept).await
    }
}

/// What went wrong, in the reader's words where they can do something about it.
pub(super) fn refused(locale: Locale, error: &EvidenceError) -> Response {
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
pub(in crate::http) fn status_of(error: &EvidenceError) -> StatusCode {
    use crate::evidence::Unreadable;
    match error {
        EvidenceError::Unreadable(Unreadable::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        EvidenceError::Unreadable(Unreadable::Unknown | Unreadable::Heic | Unreadable::Video) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        EvidenceError::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        EvidenceError::TooMany { .. } | EvidenceError::Refused(_) | EvidenceError::Offset { .. } => StatusCode::CONFLICT,
        EvidenceError::TooMuch => StatusCode::TOO_MANY_REQUESTS,
        EvidenceError::Gone => StatusCode::NOT_FOUND,
        EvidenceError::Store(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
        EvidenceError::Reader(_) | EvidenceError::Objects(_) | EvidenceError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The draft or return is not this visitor's, or not any more.
pub(super) fn not_here(locale: Locale, error: &DeskError) -> Response {
    match error {
        DeskError::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        DeskError::Updating => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        DeskError::Busy => StatusCode::TOO_MANY_REQUESTS.into_response(),
        _ => refused(locale, &EvidenceError::Gone),
    }
}
