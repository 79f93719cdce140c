//! A page as it is sent, as valid HTML: what the framework writes in the wrong place is put into the right one.

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const END: &str = "</body></html>";

/// Takes a rendered page, which comes in one piece, and mends it.
pub async fn whole(page: Response) -> Response {
    let (parts, body) = page.into_parts();
    let nonce = parts
        .headers
        .get(header::CONTENT_SECURITY_POLICY)
        .and_then(|policy| policy.to_str().ok()?.split("'nonce-").nth(1)?.split('\'').next());
    // Our own page: as long as it is.
    let Ok(html) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let html = match std::str::from_utf8(&html) {
        Ok(text) => Body::from(valid(text, nonce)),
        Err(_) => Body::from(html),
    };
    Response::from_parts(parts, html)
}

/// Leptos gives its preloads the scripts' nonce as `crossorigin`, which knows two words only; and it ends with scripts after the document's end.
fn valid(html: &str, nonce: Option<&str>) -> String {
    let html = match nonce {
        Some(nonce) => html.replace(&format!(" crossorigin=\"{nonce}\""), " crossorigin"),
        None => html.to_owned(),
    };
    match html.rsplit_once(END) {
        Some((page, late)) => format!("{page}{late}{END}"),
        None => html,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_framework_writes_late_comes_before_the_end() {
        let html =
            "<html><body><link rel=\"preload\" crossorigin=\"n1\"><p>crossorigin=\"n2\"</p></body></html><script nonce=\"n1\">1</script>";
        let mended = "<html><body><link rel=\"preload\" crossorigin><p>crossorigin=\"n2\"</p><script nonce=\"n1\">1</script></body></html>";
        assert_eq!(valid(html, Some("n1")), mended);
        assert_eq!(valid(mended, Some("n1")), mended);
        assert_eq!(valid("moved", None), "moved");
    }
}
