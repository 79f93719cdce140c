//! Text within `<textarea>` and `<title>`, which Leptos writes as it is.

/// `text` as HTML that reads as that text.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
