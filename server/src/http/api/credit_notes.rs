//! Credit notes by machine (P26).

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::credit_note::CreditNote;
use domain::en16931::NoInvoice;
use domain::ids::OrderNumber;
use domain::money::Money;
use domain::returns::PaymentNo;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::json::Json;
use super::problem::Problem;
use super::returns::found;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::labels::pdf_answer;
use crate::http::state::AppState;

/// What a credit note has at one rate of tax.
#[derive(Serialize, ToSchema)]
#[schema(as = CreditNoteTax)]
pub struct TaxOut {
    /// In percent: `19`, `5.5`.
    rate: String,
    /// Without tax.
    net: MoneyOut,
    tax: MoneyOut,
}

/// The credit note of a payment: written down in the moment in which its money left, and never changed; or what takes one back because the money came
/// back.
#[derive(Serialize, ToSchema)]
#[schema(as = CreditNote)]
pub struct CreditNoteOut {
    /// `CN-000012`: the shop's own row, from 1, with none left out.
    number: String,
    /// The credit note that it takes back: the money came back, and is owed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<String>,
    #[schema(value_type = String)]
    rma: RmaNumber,
    /// The payment in it: `p1`.
    #[schema(value_type = String)]
    payment: PaymentNo,
    #[schema(value_type = String)]
    order: OrderNumber,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// That day, by the shop's clock.
    #[schema(value_type = String, format = Date)]
    issued_on: Date,
    /// With tax: the payment.
    total: MoneyOut,
    /// By rate, the highest first; where the order tells no tax, one of rate `0`.
    taxes: Vec<TaxOut>,
}

impl From<&CreditNote> for CreditNoteOut {
    fn from(note: &CreditNote) -> Self {
        let money = |minor: i64| MoneyOut::from(Money::new(minor, note.currency));
        Self {
            number: note.number.to_string(),
            corrects: note.corrects.map(|number| number.to_string()),
            rma: note.rma,
            payment: note.payment,
            order: note.order.clone(),
            at: note.at,
            issued_on: note.issued_on,
            total: money(note.total),
            taxes: note.taxes.iter().map(|row| TaxOut { rate: row.rate.percent(), net: money(row.net), tax: money(row.tax) }).collect(),
        }
    }
}

/// Credit notes of a return: one of each payment that left, and what takes one back whose money came back, the oldest first.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/credit-notes", tag = "papers", operation_id = "list_credit_notes",
    params(("rma" = String, Path, description = "Its number")), responses((status = 200, body = Vec<CreditNoteOut>))
)]
pub async fn list(State(state): State<AppState>, desk: MachineDesk, Path(rma): Path<String>) -> Result<Json<Vec<CreditNoteOut>>, Problem> {
    let request = found(&desk, &rma).await?;
    let notes = state.services.credit_notes_of(request.rma).await?;
    Ok(Json(notes.iter().map(CreditNoteOut::from).collect()))
}

/// A credit note.
#[utoipa::path(
    get, path = "/v1/credit-notes/{number}", tag = "papers", operation_id = "get_credit_note",
    params(("number" = String, Path, description = "`CN-000012`")), responses((status = 200, body = CreditNoteOut))
)]
pub async fn get(State(state): State<AppState>, _: MachineDesk, Path(number): Path<String>) -> Result<Json<CreditNoteOut>, Problem> {
    Ok(Json(CreditNoteOut::from(&note(&state, &number).await?)))
}

/// A credit note as PDF, in the customer's language.
#[utoipa::path(
    get, path = "/v1/credit-notes/{number}/credit-note.pdf", tag = "papers", operation_id = "get_credit_note_pdf",
    params(("number" = String, Path, description = "`CN-000012`")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>))
)]
pub async fn pdf(State(state): State<AppState>, _: MachineDesk, Path(number): Path<String>) -> Result<Response, Problem> {
    let note = note(&state, &number).await?;
    let pdf = state.services.credit_note_pdf(&note).await;
    let pdf = pdf.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "paper", error.to_string()))?;
    Ok(pdf_answer(&note.number.to_string(), pdf))
}

/// A credit note as electronic invoice: EN 16931 in UBL 2.1. 409, `no-invoice`: something is not known that the standard asks for, such as the shop's number
/// for value added tax.
#[utoipa::path(
    get, path = "/v1/credit-notes/{number}/credit-note.xml", tag = "papers", operation_id = "get_credit_note_xml",
    params(("number" = String, Path, description = "`CN-000012`")),
    responses((status = 200, content_type = "application/xml", body = String), (status = 409, description = "It cannot be written so"))
)]
pub async fn xml(State(state): State<AppState>, _: MachineDesk, Path(number): Path<String>) -> Result<Response, Problem> {
    let note = note(&state, &number).await?;
    let xml = state.services.credit_note_xml(&note);
    let refused = |error: NoInvoice| Problem::new(StatusCode::CONFLICT, "no-invoice", error.to_string());
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))], xml.map_err(refused)?).into_response())
}

async fn note(state: &AppState, number: &str) -> Result<CreditNote, Problem> {
    let unknown = || Problem::not_found(format!("there is no credit note `{number}`"));
    let number = number.parse().map_err(|()| unknown())?;
    state.services.credit_note(number).await?.ok_or_else(unknown)
}
