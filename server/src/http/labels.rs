//! The label, and the receipt of a withdrawal, to print.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::rma::RmaNumber;
use serde::Deserialize;

use super::state::AppState;
use crate::desks::{Desk, Visitor};
use crate::labels::LabelSize;

/// What labels there are.
pub(super) const SIZES: [&str; 3] = ["a6", "a4", "large"];

/// What kind of label is wanted.
#[derive(Deserialize)]
pub struct Wanted {
    /// `a6`, `a4` or `large`.
    #[serde(default = "a6")]
    pub size: LabelSize,
}

fn a6() -> LabelSize {
    LabelSize::A6
}

/// `GET /returns/{rma}/label.pdf?size=a6`
pub async fn label(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(rma): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    match desk.label(&rma).await {
        Ok(request) => match state.services.label_pdf(&request, locale, wanted.size).await {
            Ok(pdf) => pdf_answer(&rma, pdf),
            Err(error) => {
                tracing::error!(%error, "a label could not be drawn");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        },
        Err(_) => to_return(&rma),
    }
}

/// `GET /withdraw/{link}/receipt.pdf`
pub async fn receipt(State(state): State<AppState>, Extension(visitor): Extension<Visitor>, Path(link): Path<String>) -> Response {
    let desk = Desk::new(state.services.clone(), visitor);
    let Ok(withdrawal) = desk.receipt(&link).await else { return Redirect::to("/not-found").into_response() };
    match state.services.withdrawal_pdf(&withdrawal).await {
        Ok(pdf) => pdf_answer(&withdrawal.id, pdf),
        Err(error) => {
            tracing::error!(%error, "a receipt could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// To the page of a return, which says why there is nothing else. What is no number is not repeated.
pub fn to_return(rma: &str) -> Response {
    let page = rma.parse::<RmaNumber>().map_or_else(|_| "/not-found".to_owned(), |rma| format!("/returns/{rma}"));
    Redirect::to(&page).into_response()
}

/// A PDF, shown in the browser, saved under the number of what it is about.
pub fn pdf_answer(rma: &str, pdf: Vec<u8>) -> Response {
    let mut response = pdf.into_response();
    let safe: String = rma.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    if let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{safe}.pdf\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
