//! The whole server: the rows of [`super::routes`], and what stands around all of them.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use super::row::{Body, Row, Who};
use super::state::AppState;
use super::{api, guard, pages, routes, staff, visitor};

pub fn router(state: AppState) -> Router {
    let limits = state.services.config.limits;
    // Whole files come over slow lines.
    let files = routes::table().into_iter().filter(|row| row.method == "POST" && !matches!(row.body, Body::Text | Body::Hook));
    let slow: guard::Slow = Arc::new(files.map(|row| row.path).collect());
    let context = pages::context(state.clone());
    // Pages render on this runtime's tasks.
    let _ = any_spawner::Executor::init_tokio();
    let answering = |row: &Row| {
        let answers = row.answering(&limits);
        match row.who {
            Who::Staff => answers.route_layer(from_fn_with_state((state.clone(), row.kind), staff::known)),
            _ if row.path == "/account/leave" => answers.route_layer(from_fn_with_state(state.clone(), staff::keep_what_waits)),
            // Somebody at work may write for a customer.
            _ if ["/staff", "/evidence", "/return/"].iter().any(|start| row.path.starts_with(start)) => {
                answers.route_layer(from_fn_with_state(state.clone(), staff::perhaps_known))
            }
            _ => answers,
        }
    };
    let serve = |router: Router<AppState>, rows: Vec<Row>| rows.iter().fold(router, |router, row| router.route(&row.path, answering(row)));
    let shopper = serve(Router::new(), routes::shopper())
        .fallback(pages::not_found(context))
        .layer(from_fn_with_state(state.clone(), visitor::recognise))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));

    serve(Router::new().merge(shopper).nest("/api", api::routes(&state)), routes::plain())
        .layer(from_fn_with_state((state.clone(), slow), guard::door))
        .with_state(state)
}
