//! Which shop a machine speaks to: what a test key asks, the test shop answers (P31).

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use tower::ServiceExt;

/// With what keys of the test shop begin.
pub const TEST_KEY: &str = "hb_test_";

/// The shop, and beside it the test shop for whoever comes with a key of it.
pub fn beside(shop: Router, test_shop: Router) -> Router {
    Router::new().fallback_service(tower::service_fn(move |request: Request| {
        let chosen = if is_tried(&request) { test_shop.clone() } else { shop.clone() };
        chosen.oneshot(request)
    }))
}

fn is_tried(request: &Request) -> bool {
    let key = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let of_test = key.is_some_and(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key.trim_start().starts_with(TEST_KEY));
    of_test && request.uri().path().starts_with("/api/")
}
