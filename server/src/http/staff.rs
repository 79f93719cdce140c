//! People at work: who is in, what their browser keeps, and their forms.
//! Long because each form of people at work has its row.

use axum::extract::{FromRequestParts, Multipart, Path, RawQuery, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::entry::Visiting;
use super::evidence::SentFiles;
use super::forms::{CLEAR_SITE_DATA, Sent, leading_away, to};
use super::row::Kind;
use super::state::AppState;
use super::visitor::cookie;
use crate::config::Config;
use crate::desks::{StaffDesk, StaffNext, Visitor};
use crate::services::{Services, StaffIn};
use app::forms::Fields;
use app::ports::DeskError;
use app::staff::PrivacyForm;
use domain::returns::CommandKind;
use serde_json::Value;

/// Parts of a form with a report, and letters of each that is no file.
const MOST_PARTS: usize = 8;
const LONGEST_PART: usize = 200;
/// A year: what a browser keeps of an account that was opened on it.
const LONG: u32 = 31_536_000;

/// Who is in, where the request says so; whoever asks for a page of people at work and is not in comes to the door.
pub(super) async fn known(State((state, kind)): State<(AppState, Kind)>, request: Request, next: Next) -> Response {
    let Ok((request, is_in)) = find(&state.services, request).await else { return unavailable() };
    if is_in {
        return next.run(request).await;
    }
    match kind {
        Kind::Data => StatusCode::UNAUTHORIZED.into_response(),
        Kind::Form => to("/staff/sign-in"),
        Kind::Page => to(&format!("/staff/sign-in?next={}", utf8_percent_encode(request.uri().path(), NON_ALPHANUMERIC))),
    }
}

/// Who is in, of pages that are for those who are not, too.
pub(super) async fn perhaps_known(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match find(&state.services, request).await {
        Ok((request, _)) => next.run(request).await,
        Err(_) => unavailable(),
    }
}

/// Whoever forgets themself as a customer forgets nothing of who works here in the same browser: what was said at the dock and not sent yet stays.
pub(super) async fn keep_what_waits(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let config = &state.services.config;
    let works =
        [session_name(config), device_name(config), shared_name(config)].iter().any(|name| cookie(request.headers(), name).is_some());
    let mut response = next.run(request).await;
    if works && response.headers().contains_key(CLEAR_SITE_DATA) {
        response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
    response
}

async fn find(services: &Services, mut request: Request) -> Result<(Request, bool), crate::store::StoreError> {
    let token = cookie(request.headers(), session_name(&services.config)).map(str::to_owned);
    let found = match token {
        Some(token) => {
            services.staff_of(&token).await.inspect_err(|error| tracing::error!(%error, "a session of staff could not be read"))?
        }
        None => None,
    };
    let is_in = found.is_some();
    if let Some(found) = found {
        if let Some(visitor) = request.extensions_mut().get_mut::<Visitor>().filter(|_| may_help(&found)) {
            visitor.at_work = Some(found.member.id.clone());
        }
        request.extensions_mut().insert(found);
    }
    Ok((request, is_in))
}

fn may_help(found: &StaffIn) -> bool {
    found.member.roles.giving(CommandKind::AddLines).is_some()
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a minute. 请稍后再试。\n").into_response()
}

fn session_name(config: &Config) -> &'static str {
    if config.is_secure() { "__Host-homebound-staff" } else { "homebound-staff" }
}

fn device_name(config: &Config) -> &'static str {
    if config.is_secure() { "__Host-homebound-device" } else { "homebound-device" }
}

fn shared_name(config: &Config) -> &'static str {
    if config.is_secure() { "__Host-homebound-shared" } else { "homebound-shared" }
}

fn set(config: &Config, name: &str, value: Option<&str>, age: Option<u32>) -> Option<HeaderValue> {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let age = match (value, age) {
        (None, _) => "; Max-Age=0".to_owned(),
        (Some(_), Some(age)) => format!("; Max-Age={age}"),
        (Some(_), None) => String::new(),
    };
    HeaderValue::from_str(&format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", value.unwrap_or_default())).ok()
}

/// The desk of whoever asks.
pub(super) fn desk_of(services: &Services, parts: &Parts) -> Option<StaffDesk> {
    let visitor = parts.extensions.get::<Visitor>().cloned()?;
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned();
    let kept = [device_name(&services.config), shared_name(&services.config)].map(|name| cookie(&parts.headers, name).map(str::to_owned));
    Some(StaffDesk::new(services.clone(), visitor, parts.extensions.get::<StaffIn>().cloned(), agent, kept))
}

/// As a handler takes it.
pub(super) struct AtDesk(pub StaffDesk);

impl FromRequestParts<AppState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        desk_of(&state.services, parts).map(Self).ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())
    }
}

pub(super) fn answer(state: &AppState, headers: &HeaderMap, desk: &StaffDesk, next: Result<StaffNext, DeskError>) -> Response {
    let config = &state.services.config;
    match next {
        Ok(next) => {
            let mut response = if next.elsewhere { leading_away(&next.path) } else { to(&next.path) };
            let session = next.session.and_then(|token| set(config, session_name(config), token.as_deref(), None));
            let device = next.device.and_then(|device| set(config, device_name(config), Some(&device), Some(LONG)));
            let shared = next.shared.and_then(|shared| set(config, shared_name(config), Some(&shared), Some(LONG)));
            // What was typed by somebody who is not in is kept with the session of a visitor, which may have begun with that.
            let had = cookie(headers, super::visitor::session_cookie(config));
            let visitor = desk.visitor_token().filter(|token| had != Some(*token));
            let visitor = visitor.and_then(|token| super::visitor::set_session(config, Some(token)));
            for cookie in [session, device, shared, visitor].into_iter().flatten() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(DeskError::NotForYou { .. }) => to("/staff/people"),
        Err(DeskError::Failed { reference }) => to(&format!("/failed/{reference}")),
        Err(DeskError::Updating) => to("/updating"),
        Err(_) => to("/not-found"),
    }
}

/// `GET /staff/sign-on/back?state=…&code=…`
pub(super) async fn sign_on_back(
    State(state): State<AppState>,
    _: Visiting,
    method: Method,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    RawQuery(query): RawQuery,
) -> Response {
    // It works once: for who goes there, not for who looks ahead.
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    let next = desk.sign_on_back(&fields).await;
    answer(&state, &headers, &desk, next)
}

/// `POST /staff/returns/{rma}/inspect`, with photos.
pub(super) async fn inspect(
    State(state): State<AppState>,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    Path(rma): Path<String>,
    SentFiles(taken): SentFiles,
) -> Response {
    let next = desk.inspect(&rma, &taken.fields, taken.files, taken.not_kept).await;
    answer(&state, &headers, &desk, next)
}

/// `GET /staff/payments/file?from=…&to=…`
pub(super) async fn payments_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    file(desk.payments_file(&fields).await.map(|(name, text)| (name, "text/csv; charset=utf-8", text)))
}

/// `GET /staff/payments/transfers/{number}/transfers.xml`, or `….csv`
pub(super) async fn transfers_file(AtDesk(desk): AtDesk, Path((number, named)): Path<(String, String)>) -> Response {
    file(desk.transfers_file(&number, &named).await)
}

/// `GET /staff/claims/file?against=…&state=…`
pub(super) async fn claims_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    file(desk.claims_file(&fields).await.map(|(name, text)| (name, "text/csv; charset=utf-8", text)))
}

/// `GET /staff/settings/messages/{occasion}/preview`: what is said now.
pub(super) async fn message_now(AtDesk(desk): AtDesk, Path(occasion): Path<String>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    framed(desk.preview_message(&occasion, &fields, false).await)
}

/// `POST /staff/settings/messages/{occasion}/preview`: what is being written, and kept nowhere.
pub(super) async fn message_ahead(AtDesk(desk): AtDesk, Path(occasion): Path<String>, Sent(fields): Sent) -> Response {
    framed(desk.preview_message(&occasion, &fields, true).await)
}

/// A page that stands in a frame of ours. Nothing in it runs, and nothing is sent from it.
fn framed(page: Result<String, DeskError>) -> Response {
    const POLICY: &str =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
    match page {
        Ok(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
            ];
            (headers, html).into_response()
        }
        Err(DeskError::NotForYou { .. }) => StatusCode::FORBIDDEN.into_response(),
        Err(DeskError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => unavailable(),
    }
}

/// `GET /staff/pickups/file?day=…`
pub(super) async fn pickups_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    file(desk.pickups_file(&fields).await.map(|(name, text)| (name, "text/csv; charset=utf-8", text)))
}

/// `POST /staff/pickups/{rma}/{state}`
pub(super) async fn end_door(
    State(state): State<AppState>,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    Path((rma, what)): Path<(String, String)>,
    Sent(fields): Sent,
) -> Response {
    let next = desk.end_door(&rma, &what, &fields).await;
    answer(&state, &headers, &desk, next)
}

/// `GET /staff/reports/feedback/file?from=…&to=…&tag=…`
pub(super) async fn feedback_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    file(desk.feedback_file(&fields).await.map(|(name, text)| (name, "text/csv; charset=utf-8", text)))
}

/// `GET /staff/compensations/file?from=…&until=…`
pub(super) async fn compensations_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    file(desk.compensations_file(&fields).await.map(|(name, text)| (name, "text/csv; charset=utf-8", text)))
}

/// `GET /staff/privacy/file?customer=…`
pub(super) async fn customer_file(AtDesk(desk): AtDesk, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::sent(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    let text = desk.customer_file(fields.get(PrivacyForm::CUSTOMER)).await.map(|document| Value::Object(document).to_string());
    file(text.map(|text| ("customer.json".to_owned(), "application/json", text)))
}

/// `POST /staff/compensations/{id}/{what}`
pub(super) async fn decide_compensation(
    State(state): State<AppState>,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    Path((id, what)): Path<(String, String)>,
    Sent(fields): Sent,
) -> Response {
    let next = desk.decide_compensation(&id, &what, &fields).await;
    answer(&state, &headers, &desk, next)
}

/// `POST /staff/claims/{number}/{step}`
pub(super) async fn step_claim(
    State(state): State<AppState>,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    Path((number, step)): Path<(String, String)>,
    Sent(fields): Sent,
) -> Response {
    let next = desk.step_claim(&number, &step, &fields).await;
    answer(&state, &headers, &desk, next)
}

/// `POST /staff/differences/reports`: a report as a file.
pub(super) async fn reconcile(
    State(state): State<AppState>,
    headers: HeaderMap,
    AtDesk(mut desk): AtDesk,
    mut form: Multipart,
) -> Response {
    let (mut fields, mut sent) = (Vec::new(), None);
    // No more fields than the form has, and each of them within what the route takes.
    for _ in 0..MOST_PARTS {
        let Ok(Some(part)) = form.next_field().await else { break };
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let Ok(bytes) = part.bytes().await else { break };
        match file_name {
            Some(file_name) => sent = Some((file_name, bytes.to_vec())),
            None => fields.push((name, String::from_utf8_lossy(&bytes).chars().take(LONGEST_PART).collect())),
        }
    }
    let next = desk.reconcile(&Fields::sent(fields), sent).await;
    answer(&state, &headers, &desk, next)
}

/// A file to be kept: its name, kind and text.
fn file(made: Result<(String, &'static str, String), DeskError>) -> Response {
    match made {
        Ok((name, kind, text)) => {
            let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
            let kind = HeaderValue::from_static(kind);
            let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
            if let Ok(disposition) = disposition {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
            }
            response
        }
        Err(DeskError::NotForYou { .. }) => to("/staff"),
        Err(DeskError::Failed { reference }) => to(&format!("/failed/{reference}")),
        Err(_) => to("/not-found"),
    }
}

macro_rules! form {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub async fn $name(State(state): State<AppState>, headers: HeaderMap, AtDesk(mut desk): AtDesk, Sent(fields): Sent) -> Response {
            let next = desk.$name(&fields).await;
            answer(&state, &headers, &desk, next)
        }
    };
    ($(#[$doc:meta])* $name:ident of $subject:literal) => {
        $(#[$doc])*
        pub async fn $name(
            State(state): State<AppState>,
            headers: HeaderMap,
            AtDesk(mut desk): AtDesk,
            Path(subject): Path<String>,
            Sent(fields): Sent,
        ) -> Response {
            let next = desk.$name(&subject, &fields).await;
            answer(&state, &headers, &desk, next)
        }
    };
}

form! {
    /// `POST /staff/sign-in`
    sign_in
}
form! {
    /// `POST /staff/sign-on`
    sign_on
}
form! {
    /// `POST /staff/sign-out`
    sign_out
}
form! {
    /// `POST /staff/welcome/{link}`
    begin of "link"
}
form! {
    /// `POST /staff/me/sessions`
    end_other_sessions
}
form! {
    /// `POST /staff/me/password`
    change_password
}
form! {
    /// `POST /staff/me/factor`
    change_factor
}
form! {
    /// `POST /staff/devices`
    make_pairing
}
form! {
    /// `POST /staff/settings/deliveries`
    send_again
}
form! {
    /// `POST /staff/settings/messages/{occasion}`
    word_message of "occasion"
}
form! {
    /// `POST /staff/devices/{id}/end`
    end_device of "id"
}
form! {
    /// `POST /staff/pair`
    pair
}
form! {
    /// `POST /staff/privacy/erase`
    erase_customer
}
form! {
    /// `POST /staff/people`
    add_person
}
form! {
    /// `POST /staff/people/{id}/change`
    change_person of "id"
}
form! {
    /// `POST /staff/people/{id}/reset`
    reset_person of "id"
}
form! {
    /// `POST /staff/people/{id}/sign-out`
    sign_out_person of "id"
}
form! {
    /// `POST /staff/people/{id}/end`
    end_person of "id"
}
form! {
    /// `POST /staff/returns/{rma}/decide`
    decide of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/receive`
    receive of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/put`
    put_away of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/send-back`
    send_back of "rma"
}
form! {
    /// `POST /staff/differences`
    settle_difference
}
form! {
    /// `POST /staff/payments/transfers`
    make_transfers
}
form! {
    /// `POST /staff/payments/accounts`
    type_account
}
form! {
    /// `POST /staff/payments/transfers/{number}/left`
    transfers_left of "number"
}
form! {
    /// `POST /staff/payments/transfers/{number}/failed`
    transfer_failed of "number"
}
form! {
    /// `POST /staff/returns/{rma}/offer`
    offer of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/grant`
    grant of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/hold`
    hold of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/release`
    release of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/pay`
    pay of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/payment`
    payment of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/replace`
    replace of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/remedy`
    remedy of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/collect`
    collect of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/waive`
    waive of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/take-back`
    take_back of "rma"
}
form! {
    /// `POST /staff/returns/{rma}/hand`
    hand of "rma"
}
form! {
    /// `POST /staff/open`
    open_for
}
form! {
    /// `POST /staff/elsewhere`
    open_elsewhere
}
form! {
    /// `POST /staff/orders/{number}/goodwill`
    concede of "number"
}
form! {
    /// `POST /staff/stock/batches`
    plan_batch
}
form! {
    /// `POST /staff/stock/batches/{number}`
    run_batch of "number"
}
form! {
    /// `POST /staff/stock/alerts`
    put_alert
}
form! {
    /// `POST /staff/claims`
    open_claim
}
form! {
    /// `POST /staff/pickups/areas`
    put_pickup_area
}
form! {
    /// `POST /staff/pickups/areas/{id}/delete`
    delete_pickup_area of "id"
}
form! {
    /// `POST /staff/pickups/rounds`
    give_out_round
}
form! {
    /// `POST /staff/pickups/rounds/{id}/withdraw`
    withdraw_round of "id"
}
form! {
    /// `POST /staff/reports/feedback`
    tag_feedback
}
form! {
    /// `POST /staff/parcels`
    shelve_parcel
}
form! {
    /// `POST /staff/parcels/{number}/change`
    change_parcel of "number"
}
form! {
    /// `POST /staff/parcels/{number}/link`
    link_parcel of "number"
}
form! {
    /// `POST /staff/parcels/{number}/end`
    end_parcel of "number"
}
form! {
    /// `POST /staff/orders/{number}/outbound`
    open_outbound of "number"
}
form! {
    /// `POST /staff/returns/{rma}/outbound`
    outbound of "rma"
}
form! {
    /// `POST /staff/repairs/{number}/take`
    take_repair of "number"
}
form! {
    /// `POST /staff/repairs/{number}/progress`
    progress_repair of "number"
}
form! {
    /// `POST /staff/repairs/{number}/done`
    finish_repair of "number"
}
form! {
    /// `POST /staff/repairs/{number}/give-up`
    give_up_repair of "number"
}
form! {
    /// `POST /staff/next`
    take_next
}
form! {
    /// `POST /staff/returns/{rma}/fill`
    fill of "rma"
}
form! {
    /// `POST /staff/replies/{id}`
    put_reply of "id"
}
form! {
    /// `POST /staff/replies/{id}/delete`
    drop_reply of "id"
}
form! {
    /// `POST /staff/returns/{rma}/macro`
    press_macro of "rma"
}
form! {
    /// `POST /staff/macros/{id}`
    put_macro of "id"
}
form! {
    /// `POST /staff/macros/{id}/delete`
    drop_macro of "id"
}
form! {
    /// `POST /staff/bulk`
    look_ahead
}
form! {
    /// `POST /staff/bulk/{id}`
    begin_bulk of "id"
}
form! {
    /// `POST /staff/bulk/{id}/take-back`
    take_back_bulk of "id"
}
form! {
    /// `POST /staff/views/{id}`
    put_view of "id"
}
form! {
    /// `POST /staff/views/{id}/delete`
    drop_view of "id"
}
form! {
    /// `POST /staff/rules/{id}`
    put_rule of "id"
}
form! {
    /// `POST /staff/rules/{id}/delete`
    drop_rule of "id"
}
