//! Every route on one screen.

use std::ops::Deref;
use std::sync::Arc;

use app::ports::ShopFront;
use app::shell::shell;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use super::evidence::{OfDraft, OfReturn};
use super::guard::Limiter;
use super::logo::Logo;
use super::{api, assets, calendar, entry, evidence, forms, guard, health, labels, live, logo, pages, preview, rehearsal, visitor};
use crate::services::Services;

/// What every handler can reach. Cheap to clone: each layer does.
#[derive(Clone)]
pub struct AppState {
    reach: Arc<Reach>,
}

impl Deref for AppState {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.reach
    }
}

/// What every handler can reach.
pub struct Reach {
    /// Stories.
    pub services: Services,
    /// The shop as pages show it.
    pub front: Arc<ShopFront>,
    /// Figures.
    pub metrics: PrometheusHandle,
    /// The shop's own logo.
    pub logo: Option<Arc<Logo>>,
    /// Requests by address.
    pub limiter: Limiter,
    options: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl AppState {
    /// For these services.
    pub fn new(services: Services, metrics: PrometheusHandle) -> Self {
        let config = &services.config;
        let logo = config.shop.logo.as_deref().and_then(Logo::read);
        let options = LeptosOptions::builder().output_name(assets::SCRIPT.unwrap_or("app")).site_pkg_dir("assets").build();
        let front = ShopFront {
            name: config.shop.name.clone(),
            email: config.shop.email.clone(),
            phone: config.shop.phone.clone(),
            brand: (config.shop.colour.hue, config.shop.colour.chroma),
            logo: logo.is_some().then(|| "/logo".to_owned()),
            demo: config.demo,
            public_url: config.public_url.clone(),
            style: assets::STYLE.to_owned(),
            islands: assets::SCRIPT.is_some().then(|| options.clone()),
        };
        let logo = logo.map(Arc::new);
        let limiter = guard::limiter(services.config.limits);
        Self { reach: Arc::new(Reach { services, front: Arc::new(front), metrics, limiter, logo, options }) }
    }
}

/// The whole server.
pub fn router(state: AppState) -> Router {
    let limits = state.services.config.limits;
    let context = pages::context(state.clone());
    // Forms with files: as many as there can be of one line, at their largest.
    let files = DefaultBodyLimit::max(limits.evidence.bytes.saturating_mul(limits.evidence.per_line).saturating_add(limits.body));

    // Pages answer GET; the forms on them POST to the same or a neighbouring address.
    let shopper = Router::new()
        .leptos_routes_with_context(&state, generate_route_list(shell), context.clone(), shell)
        .route("/start", get(entry::start))
        .route("/continue/{link}", get(entry::carry_on))
        .route("/r/{link}", get(entry::follow_mail))
        .route("/", post(forms::find_order))
        .route("/find-return", post(forms::find_return))
        .route("/account/code", post(forms::send_code))
        .route("/account/enter", post(forms::enter_code))
        .route("/account/return", post(forms::return_from_account))
        .route("/account/leave", post(forms::leave))
        .route("/return/{draft}/items", post(forms::choose_items))
        .route("/return/{draft}/orders", post(forms::add_order))
        .route("/return/{draft}/why", post(forms::tell_why))
        .route("/return/{draft}/wish", post(forms::choose_wish))
        .route("/return/{draft}/send", post(forms::choose_method))
        .route("/return/{draft}/preview/{step}", post(preview::preview))
        .route("/return/{draft}/check", post(forms::submit))
        .route("/return/{draft}/show", post(evidence::form::<OfDraft>).layer(files))
        .route("/return/{draft}/uploads", post(evidence::announce::<OfDraft>))
        .route(
            "/return/{draft}/uploads/{id}",
            get(evidence::upload::<OfDraft>).put(evidence::piece::<OfDraft>).delete(evidence::give_up::<OfDraft>),
        )
        .route("/return/{draft}/evidence/{id}", delete(evidence::remove))
        .route("/returns/{rma}/photos", post(evidence::form::<OfReturn>).layer(files))
        .route("/returns/{rma}/uploads", post(evidence::announce::<OfReturn>))
        .route(
            "/returns/{rma}/uploads/{id}",
            get(evidence::upload::<OfReturn>).put(evidence::piece::<OfReturn>).delete(evidence::give_up::<OfReturn>),
        )
        .route("/evidence/{id}", get(evidence::file))
        .route("/evidence/{id}/preview", get(evidence::preview))
        .route("/returns/{rma}/verify", post(forms::verify))
        .route("/returns/{rma}/add", post(forms::add_items))
        .route("/returns/{rma}/method", post(forms::switch_method))
        .route("/returns/{rma}/label", post(forms::new_label))
        .route("/returns/{rma}/cancel", post(forms::cancel))
        .route("/returns/{rma}/label.pdf", get(labels::label))
        .route("/returns/{rma}/pickup.ics", get(calendar::pickup))
        .route("/demo/clock", post(rehearsal::move_clock))
        .route("/returns/{rma}/live", get(live::follow))
        .fallback(pages::not_found(context))
        .layer(from_fn_with_state(state.clone(), visitor::recognise))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));

    let machine = api::routes(&state);

    let plain = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/assets/{*path}", get(assets::serve))
        .route("/demo/{*path}", get(assets::serve))
        .route("/logo", get(logo::serve))
        .route("/icon.svg", get(assets::serve))
        .route("/robots.txt", get(assets::serve));

    Router::new()
        .merge(shopper)
        .nest("/api", machine)
        .merge(plain)
        .layer(from_fn_with_state(state.clone(), guard::limit_rate))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn(guard::within_time))
        .layer(from_fn_with_state(state.clone(), guard::trace))
        .layer(from_fn(guard::headers))
        .with_state(state)
}
