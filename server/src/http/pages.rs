//! Hands pages what they need: the reader's words, the shop, the desk.

use std::sync::Arc;

use app::format::Format;
use app::ports::{Answer, Place, ShopFront, ShopperDesk, StaffDesk};
use app::say::Say;
use app::shell::shell;
use app::start_return::FOR_CUSTOMER;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{ResponseOptions, redirect, render_app_async_with_context};

use super::state::AppState;
use super::whole::whole;
use super::{assets, staff};
use crate::desks::{Desk, Visitor};
use crate::services::Theirs;

/// Provides the ports to a page: the same for routes and for the page that is not there.
pub fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let Some(parts) = use_context::<Parts>() else { return };
        let Some(visitor) = parts.extensions.get::<Visitor>().cloned() else { return };
        let zone = visitor.zone.clone().unwrap_or_else(|| state.services.shop_zone());
        provide_context(reader(&state, &visitor, zone));
        provide_context::<Arc<ShopFront>>(state.front.clone());
        provide_context(Place {
            // Links of the page start with it: `//elsewhere` would lead away.
            path: format!("/{}", parts.uri.path().trim_start_matches(['/', '\\'])),
            session: visitor.session.token.is_some(),
            unread: parts.extensions.get::<Unread>().map(|unread| unread.0),
            helps: parts.uri.path().starts_with(&format!("/return/{FOR_CUSTOMER}")) && visitor.at_work.is_some(),
        });
        provide_context::<Arc<dyn ShopperDesk>>(Arc::new(Desk::new(state.services.clone(), visitor)));
        if let Some(desk) = staff::desk_of(&state.services, &parts) {
            provide_context::<Arc<dyn StaffDesk>>(Arc::new(desk));
        }
        provide_context(Answer { status: Arc::new(set_status), redirect: Arc::new(redirect) });
        protect();
    }
}

pub(super) fn reader(state: &AppState, visitor: &Visitor, zone: TimeZone) -> Say {
    Say::new(Format::new(visitor.locale, zone, state.services.clock.now()))
}

fn set_status(code: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code)) {
        response.set_status(status);
    }
}

/// Only this page's own scripts and styles run.
fn protect() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    // What keeps the dock going without network, and what shows a message as it will be read, is of people at work alone.
    let own = if use_context::<Place>().is_some_and(|place| place.path.starts_with("/staff")) {
        "worker-src 'self'; frame-src 'self'; "
    } else {
        ""
    };
    let policy = format!(
        "{own}default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' https: data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(HeaderName::from_static("vary"), HeaderValue::from_static("cookie, accept-language"));
}

/// How many messages a shopper has not read.
#[derive(Clone, Copy)]
struct Unread(u64);

/// Whose bell a page has; nobody's on pages of people at work, and where it is not known whose messages those would be.
fn bell_of(request: &Request) -> Option<Theirs> {
    let path = request.uri().path();
    let at_work = path.starts_with("/staff") || path.starts_with(&format!("/return/{FOR_CUSTOMER}"));
    let theirs = request.extensions().get::<Visitor>()?.session.data.theirs();
    Some(theirs).filter(|theirs| !at_work && !theirs.is_nobody())
}

/// How many messages are new. A page is worth more than its bell: it comes without where they cannot be counted.
async fn unread(state: &AppState, theirs: Option<Theirs>) -> Option<u64> {
    let theirs = theirs?;
    let count = async { state.services.unread(&state.services.subjects(&theirs).await?).await };
    count.await.inspect_err(|error| tracing::warn!(%error, "what is unread could not be counted")).ok()
}

/// A page of [`app::routes`].
pub async fn page(State(state): State<AppState>, mut request: Request) -> Response {
    let theirs = bell_of(&request);
    if let Some(unread) = unread(&state, theirs).await {
        request.extensions_mut().insert(Unread(unread));
    }
    whole(render_app_async_with_context(context(state), shell)(request).await).await
}

/// The page that is not there; or a file that is.
pub fn not_found(
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> impl Fn(State<AppState>, Request) -> BoxFuture<'static, Response> + Clone + Send + Sync + 'static {
    move |State(_), request: Request| {
        if let Some(file) = assets::find(request.uri().path()) {
            let answer = file.answer(request.headers());
            return Box::pin(async move { answer });
        }
        let render = render_app_async_with_context(context.clone(), shell);
        Box::pin(async move {
            let mut response = whole(render(request).await).await;
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        })
    }
}
