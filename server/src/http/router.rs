//! The whole server: the rows of [`super::routes`], and what stands around all of them.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use super::row::{Body, Row};
use super::state::AppState;
use super::{api, guard, pages, routes, visitor};

pub fn router(state: AppState) -> Router {
    let limits = state.services.config.limits;
    // Whole files come over slow lines.
    let files = routes::table().into_iter().filter(|row| row.method == "POST" && row.body != Body::Text);
    let slow: guard::Slow = Arc::new(files.map(|row| row.path).collect());
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
        .layer(from_fn_with_state((state.clone(), slow), guard::door))
        .with_state(state)
}
