//! The label, and the receipt of a withdrawal, to print.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::credit_note::CreditNote;
use domain::rma::RmaNumber;
use serde::Deserialize;

use super::staff::{self, AtDesk};
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

/// `GET /returns/{rma}/credit-notes/{number}/credit-note.pdf`
pub async fn credit_note(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((rma, number)): Path<(String, String)>,
) -> Response {
    let desk = Desk::new(state.services.clone(), visitor);
    match desk.credit_note(&rma, &number).await {
        Ok(note) => credit_note_pdf(&state, &note).await,
        Err(_) => to_return(&rma),
    }
}

async fn credit_note_pdf(state: &AppState, note: &CreditNote) -> Response {
    match state.services.credit_note_pdf(note).await {
        Ok(pdf) => pdf_answer(&note.number.to_string(), pdf),
        Err(error) => {
            tracing::error!(%error, "a credit note could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// `GET /staff/returns/{rma}/credit-notes/{number}/{file}`: `credit-note.pdf`, or `credit-note.xml`, the electronic form. Where that cannot be written, it
/// leads back to the return.
pub(super) async fn credit_note_at_work(
    State(state): State<AppState>,
    AtDesk(desk): AtDesk,
    Path((rma, number, file)): Path<(String, String, String)>,
) -> Response {
    let note = match desk.credit_note(&rma, &number).await {
        Ok(note) => note,
        Err(error) => return staff::answer(&state, &HeaderMap::new(), &desk, Err(error)),
    };
    match file.as_str() {
        "credit-note.pdf" => credit_note_pdf(&state, &note).await,
        "credit-note.xml" => match state.services.credit_note_xml(&note) {
            Ok(xml) => {
                let named = HeaderValue::from_str(&format!("attachment; filename=\"{}.xml\"", note.number));
                let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))], xml).into_response();
                response.headers_mut().extend(named.ok().map(|named| (header::CONTENT_DISPOSITION, named)));
                response
            }
            Err(error) => {
                tracing::warn!(%error, number = %note.number, "a credit note cannot be written as an electronic invoice");
                Redirect::to(&format!("/staff/returns/{rma}")).into_response()
            }
        },
        _ => Redirect::to("/not-found").into_response(),
    }
}

/// `GET /staff/returns/{rma}/lots/{lot}/label.pdf`: of goods to put away.
pub(super) async fn putaway(State(state): State<AppState>, AtDesk(desk): AtDesk, Path((rma, lot)): Path<(String, String)>) -> Response {
    match desk.putaway(&rma, &lot).await {
        Ok(Some(pdf)) => pdf_answer(&format!("{rma}-{}", lot.replace('.', "-")), pdf),
        Ok(None) => Redirect::to(&format!("/staff/returns/{rma}")).into_response(),
        Err(error) => staff::answer(&state, &HeaderMap::new(), &desk, Err(error)),
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
