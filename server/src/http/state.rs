//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;

use app::ports::ShopFront;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;

use super::assets;
use super::brand::Logo;
use super::limiter::{Limiter, limiter};
use super::places::Places;
use super::ready::LastReadiness;
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
    /// What was found when somebody last asked whether the server is ready.
    pub(super) readiness: LastReadiness,
    /// Streams of news, by session and by address.
    pub streams: Places<String>,
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
            languages: config.languages.clone(),
            email: config.shop.email.clone(),
            phone: config.shop.phone.clone(),
            hours: config.shop.hours.clone(),
            brand: (config.shop.colour.hue, config.shop.colour.chroma),
            logo: logo.is_some().then(|| "/logo".to_owned()),
            demo: config.demo,
            public_url: config.public_url.clone(),
            style: assets::STYLE.to_owned(),
            islands: assets::SCRIPT.is_some().then(|| options.clone()),
        };
        let logo = logo.map(Arc::new);
        let limiter = limiter(services.config.limits);
        Self {
            reach: Arc::new(Reach {
                services,
                front: Arc::new(front),
                metrics,
                limiter,
                readiness: LastReadiness::default(),
                streams: Places::default(),
                logo,
                options,
            }),
        }
    }
}
