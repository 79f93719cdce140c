//! What every handler can reach, and what stands around all of them. The routes are in [`super::routes`].

use std::ops::Deref;
use std::sync::Arc;

use app::ports::ShopFront;
use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use super::guard::Limiter;
use super::logo::Logo;
use super::routes::{self, Row};
use super::{api, assets, guard, pages, visitor};
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
    pub services: Services,
    /// The shop as pages show it.
    pub front: Arc<ShopFront>,
    pub metrics: PrometheusHandle,
    /// The shop's own logo.
    pub logo: Option<Arc<Logo>>,
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

pub fn router(state: AppState) -> Router {
    let limits = state.services.config.limits;
    let context = pages::context(state.clone());
    // Pages render on this runtime's tasks.
    let _ = any_spawner::Executor::init_tokio();
    let serve =
        |router: Router<AppState>, rows: Vec<Row>| rows.iter().fold(router, |router, row| router.route(&row.path, row.answering(&limits)));
    let shopper = serve(Router::new(), routes::shopper())
        .fallback(pages::not_found(context))
        .layer(from_fn_with_state(state.clone(), visitor::recognise))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));

    serve(Router::new().merge(shopper).nest("/api", api::routes(&state)), routes::plain())
        .layer(from_fn_with_state(state.clone(), guard::limit_rate))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn(guard::within_time))
        .layer(from_fn_with_state(state.clone(), guard::trace))
        .layer(from_fn(guard::headers))
        .with_state(state)
}
