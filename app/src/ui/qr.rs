//! QR codes, drawn on the server.

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code as a drawing.
#[component]
pub fn Qr(
    /// What it says to a camera.
    text: String,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    QrCode::encode_text(&text, QrCodeEcc::Medium).ok().map(|code| {
        let size = code.size();
        let mut path = String::new();
        for y in 0..size {
            let mut x = 0;
            while x < size {
                let start = x;
                while x < size && code.get_module(x, y) {
                    x += 1;
                }
                if x > start {
                    path.push_str(&format!("M{start} {y}h{}v1H{start}z", x - start));
                }
                x += 1;
            }
        }
        let view_box = format!("-4 -4 {0} {0}", size + 8);
        view! { <svg class="qr" viewBox=view_box shape-rendering="crispEdges" role="img" aria-label=label><path d=path></path></svg> }
    })
}
