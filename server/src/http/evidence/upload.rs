//! Files piece by piece, so that a broken connection loses nothing.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::words::Locale;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::forms::Sent;
use super::super::state::AppState;
use super::place::{Place, not_here, refused};
use crate::desks::{Desk, Showing, Visitor, sentence_of};
use crate::evidence::Media;
use crate::services::Upload;

/// `POST …/uploads` with `line`, `name` and `size`: begins an upload that can be taken up again.
pub async fn announce<P: Place>(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(subject): Path<String>,
    Sent(fields): Sent,
) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    let announced = match P::showing(&desk, &subject).await {
        Ok(showing) => desk.announce(showing, &fields).await,
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
    let keeper = match P::showing(&desk, &subject).await {
        Ok(showing) => showing.keeper,
        Err(error) => return not_here(locale, &error),
    };
    // A browser that goes away with its last piece finds the file when it comes back.
    let services = state.services.clone();
    let adding = tokio::spawn(async move { services.add_part(keeper, &id, offset, bytes, address).await });
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
    match P::showing(&desk, &subject).await {
        Ok(Showing { keeper, .. }) => match state.services.upload(&keeper.holder(), &id).await {
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
    match P::showing(&desk, &subject).await {
        Ok(Showing { keeper, .. }) => match state.services.give_up_upload(keeper.holder(), &id).await {
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
        Ok(Showing { keeper, .. }) => match state.services.remove_evidence(keeper.holder(), &id).await {
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
