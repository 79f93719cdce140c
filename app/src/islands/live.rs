//! A part of a page that follows what happens on the server.

use leptos::html::Div;
use leptos::prelude::*;

/// Shows its children until the stream at `source` (server-sent events, each the part's new HTML, made by our own server) says
/// otherwise. A broken stream is taken up again by the browser, from the last event it saw.
#[island]
pub fn Live(
    /// Address of the stream.
    source: String,
    children: Children,
) -> impl IntoView {
    let part: NodeRef<Div> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(part) = part.get() {
            follow(&source, part);
        }
    });
    view! { <div node_ref=part>{children()}</div> }
}

#[cfg(feature = "hydrate")]
fn follow(source: &str, part: web_sys::HtmlDivElement) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;

    let Ok(stream) = web_sys::EventSource::new(source) else { return };
    let show = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        if let Some(html) = event.data().as_string() {
            part.set_inner_html(&html);
        }
    });
    stream.set_onmessage(Some(show.as_ref().unchecked_ref()));
    // The page's life is the stream's life.
    show.forget();
    let gone = stream.clone();
    let close = Closure::<dyn Fn()>::new(move || gone.close());
    let _ = window().add_event_listener_with_callback("pagehide", close.as_ref().unchecked_ref());
    close.forget();
}

#[cfg(not(feature = "hydrate"))]
fn follow<T>(_: &str, _: T) {}
