//! A photo made as small as is kept, before it is sent; where it was taken stays behind.

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap};

/// Pixels on the longer side: what the server keeps.
const LONGEST: f64 = 2400.0;
const QUALITY: f64 = 0.85;

/// The photo as a smaller JPEG. Nothing where it is none, where this browser cannot read it (the server tries then), or where it
/// would not become smaller.
pub(super) async fn reduced(file: &File) -> Option<Blob> {
    if !file.type_().starts_with("image/") {
        return None;
    }
    let reading = window().create_image_bitmap_with_blob(file).ok()?;
    let picture: ImageBitmap = JsFuture::from(reading).await.ok()?.dyn_into().ok()?;
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let scale = (LONGEST / width.max(height)).min(1.0);
    let (width, height) = ((width * scale).round().max(1.0), (height * scale).round().max(1.0));
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let paper: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    paper.set_fill_style_str("#fff");
    paper.fill_rect(0.0, 0.0, width, height);
    paper.draw_image_with_image_bitmap_and_dw_and_dh(&picture, 0.0, 0.0, width, height).ok()?;
    picture.close();
    let small = jpeg(&canvas).await?;
    (scale < 1.0 || small.size() < file.size()).then_some(small)
}

async fn jpeg(canvas: &HtmlCanvasElement) -> Option<Blob> {
    let drawn = js_sys::Promise::new(&mut |done, _| {
        let keep = Closure::once_into_js(move |blob: JsValue| {
            let _ = done.call1(&JsValue::UNDEFINED, &blob);
        });
        let _ = canvas.to_blob_with_type_and_encoder_options(keep.unchecked_ref(), "image/jpeg", &QUALITY.into());
    });
    JsFuture::from(drawn).await.ok()?.dyn_into().ok()
}
