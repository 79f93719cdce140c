//! Files as they are shown to those who may see them.

use app::ports::DeskError;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::state::AppState;
use crate::desks::{Desk, Visitor, failed};
use crate::evidence::Media;
use crate::services::StaffIn;
use crate::store::{EvidenceRow, Holder};

/// `GET /evidence/{id}`
pub async fn file(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    staff: Option<Extension<StaffIn>>,
    Path(id): Path<String>,
) -> Response {
    for_whom(&state, visitor, staff.is_some(), &id, false).await
}

/// `GET /evidence/{id}/preview`
pub async fn preview(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    staff: Option<Extension<StaffIn>>,
    Path(id): Path<String>,
) -> Response {
    for_whom(&state, visitor, staff.is_some(), &id, true).await
}

/// People at work see what was given to returns and what they took themselves, others what is theirs.
async fn for_whom(state: &AppState, visitor: Visitor, staff: bool, id: &str, preview: bool) -> Response {
    let found = match state.services.evidence(id).await {
        Ok(found) => found.filter(|row| staff && matches!(row.holder, Holder::Return(_) | Holder::House(_))),
        Err(error) => {
            failed(&error);
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    if let Some(row) = found {
        return file_answer(state, &row, preview).await;
    }
    let desk = Desk::new(state.services.clone(), visitor);
    match desk.evidence(id).await {
        Ok(row) => file_answer(state, &row, preview).await,
        Err(DeskError::Failed { .. }) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A cleaned file as an answer: kept by nobody on the way, and unable to do anything where it is shown.
pub(in crate::http) async fn file_answer(state: &AppState, row: &EvidenceRow, preview: bool) -> Response {
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
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
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
