//! What moves. Each island only saves a round trip: without it the page around it does the same.

mod live;
mod preview;
mod upload;

pub use live::Live;
pub use preview::Preview;
pub use upload::Upload;

/// Wakes the islands of a page. Called by the page's script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
