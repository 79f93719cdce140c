//! Forms: each is taken by the desk, and answered with where to go.

use axum::extract::{Extension, FromRequest, Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::state::AppState;
use super::visitor;
use crate::desks::{Desk, Next, Visitor};
use app::forms::{CommandForm, Fields};
use app::ports::DeskError;

pub(super) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// No form of ours has more, though every line of a long order has several.
const MOST_FIELDS: usize = 10_000;

/// The fields of a form, in order, as a handler takes them.
pub(super) struct Sent(pub Fields);

impl FromRequest<AppState> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let most = state.services.config.limits.body;
        let bytes = axum::body::to_bytes(request.into_body(), most).await;
        let too_large = || (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large. 表单内容过大。\n").into_response();
        let bytes = bytes.map_err(|_| too_large())?;
        // Each field takes many times the memory of its two bytes.
        if bytes.iter().filter(|byte| **byte == b'&').count() >= MOST_FIELDS {
            return Err(too_large());
        }
        Ok(Self(Fields::sent(form_urlencoded::parse(&bytes).into_owned())))
    }
}

/// Where the browser goes next, with the cookies it then has.
pub(super) fn answer(state: &AppState, desk: &Desk, next: Result<Next, DeskError>) -> Response {
    match next {
        Ok(next) => {
            let mut response = if next.path.starts_with('/') { to(&next.path) } else { leading_away(&next.path) };
            let token = desk.visitor.session.token.as_deref();
            let session = next.session.then(|| visitor::set_session(&state.services.config, token)).flatten();
            let language = next.language.and_then(|locale| visitor::set_language(&state.services.config, locale));
            for cookie in [session, language].into_iter().flatten() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            if next.session && token.is_none() {
                // Nothing of theirs stays in the browser; language and time zone, which are in cookies, do.
                response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\", \"storage\""));
            }
            response
        }
        // The page at the other address says it in the reader's words.
        Err(DeskError::Moved(path)) => to(&path),
        Err(DeskError::Verify { rma, .. }) => to(&format!("/returns/{rma}")),
        Err(DeskError::NotFound) => to("/not-found"),
        Err(DeskError::Gone) => to("/gone"),
        Err(DeskError::Busy) => to("/busy"),
        Err(DeskError::Updating) => to("/updating"),
        Err(DeskError::NotForYou { .. } | DeskError::InviteOver) => to("/not-found"),
        Err(DeskError::Failed { reference }) => to(&format!("/failed/{reference}")),
    }
}

/// To another's page: whoever signs people on, or takes payments. Not by a redirect: what a form of ours leads to, and what that leads to, would have to
/// stand in `form-action`, and nobody but they know where they send people on to.
pub(super) fn leading_away(address: &str) -> Response {
    let host = address.split('/').nth(2).map(html_escape::encode_text).unwrap_or_default();
    let link = html_escape::encode_double_quoted_attribute(address);
    let page = format!("<!doctype html><title>{host}</title><p><a href=\"{link}\">{host}</a>");
    ([(header::REFRESH, format!("0;url={address}"))], Html(page)).into_response()
}

/// 303: the browser fetches the next page, and "back" does not send the form again.
pub(super) fn to(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

macro_rules! form {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub async fn $name(State(state): State<AppState>, Extension(visitor): Extension<Visitor>, Sent(fields): Sent) -> Response {
            let mut desk = Desk::new(state.services.clone(), visitor);
            let next = desk.$name(&fields).await;
            answer(&state, &desk, next)
        }
    };
    ($(#[$doc:meta])* $name:ident $(<$form:ident: $bound:ident>)? of $subject:literal) => {
        $(#[$doc])*
        pub async fn $name$(<$form: $bound>)?(
            State(state): State<AppState>,
            Extension(visitor): Extension<Visitor>,
            Path(subject): Path<String>,
            Sent(fields): Sent,
        ) -> Response {
            let mut desk = Desk::new(state.services.clone(), visitor);
            let next = desk.$name$(::<$form>)?(&subject, &fields).await;
            answer(&state, &desk, next)
        }
    };
}

form! {
    /// `POST /`
    find_order
}
form! {
    /// `POST /find-return`
    find_return
}
form! {
    /// `POST /account/code`
    send_code
}
form! {
    /// `POST /account/enter`
    enter_code
}
form! {
    /// `POST /account/return`
    return_from_account
}
form! {
    /// `POST /account/switch`
    switch_account
}
form! {
    /// `POST /account/stay`
    stay_in_account
}
form! {
    /// `POST /account/leave`
    leave
}
form! {
    /// `POST /account/reach`
    choose_reach
}
form! {
    /// `POST /account/erase`
    erase_own
}
form! {
    /// `POST /return/{draft}/items`
    choose_items of "draft"
}
form! {
    /// `POST /return/{draft}/missing`
    not_arrived of "draft"
}
form! {
    /// `POST /return/{draft}/why`
    tell_why of "draft"
}
form! {
    /// `POST /return/{draft}/wish`
    choose_wish of "draft"
}
form! {
    /// `POST /return/{draft}/send`
    choose_method of "draft"
}
form! {
    /// `POST /return/{draft}/orders`
    add_order of "draft"
}
form! {
    /// `POST /returns/{rma}/add`
    add_items of "rma"
}
form! {
    /// `POST /returns/{rma}/label`
    new_label of "rma"
}
form! {
    /// `POST /returns/{rma}/pay`
    pay_due of "rma"
}
form! {
    /// `POST /returns/{rma}/method`
    switch_method of "rma"
}
form! {
    /// `POST /returns/{rma}/door`
    another_door of "rma"
}
form! {
    /// `POST /returns/{rma}/bank`
    name_account of "rma"
}
form! {
    /// `POST /return/{draft}/check`
    submit of "draft"
}
form! {
    /// `POST /returns/{rma}/verify`
    verify of "rma"
}
form! {
    /// `POST /withdraw`
    begin_withdrawal
}
form! {
    /// `POST /withdraw/{link}/change`
    change_withdrawal of "link"
}
form! {
    /// `POST /withdraw/{link}`
    confirm_withdrawal of "link"
}
form! {
    /// `POST /withdraw/{link}/again`
    acknowledge_again of "link"
}
form! {
    /// A form that gives a command on a return.
    command<F: CommandForm> of "rma"
}
