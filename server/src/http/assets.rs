//! What browsers fetch besides pages; all of it is in the binary.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file, as it is and packed.
pub struct File {
    address: &'static str,
    bytes: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file at an address.
pub fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.address == path)
}

/// Answers with the file the request asks for, packed if the browser takes that.
pub async fn serve(request: Request) -> Response {
    match find(request.uri().path()) {
        Some(file) => file.answer(request.headers()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl File {
    /// The answer to a request with these headers.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |coding: &str| accepted.split(',').any(|item| item.trim().split(';').next() == Some(coding));
        let (bytes, coding) = match (self.br, self.gz) {
            (Some(br), _) if takes("br") => (br, Some("br")),
            (_, Some(gz)) if takes("gzip") => (gz, Some("gzip")),
            _ => (self.bytes, None),
        };
        // Names under /assets/ change with their content.
        let forever = self.address.starts_with("/assets/") && self.address.matches('.').count() > 1;
        let caching = if forever { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }

    fn kind(&self) -> &'static str {
        match self.address.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("svg") => "image/svg+xml; charset=utf-8",
            Some("png") => "image/png",
            Some("ico") => "image/x-icon",
            Some("txt") => "text/plain; charset=utf-8",
            Some("webmanifest") => "application/manifest+json",
            _ => "application/octet-stream",
        }
    }
}
