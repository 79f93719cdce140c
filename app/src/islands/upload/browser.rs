//! What the other parts ask of the browser.

use leptos::prelude::window;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, EventTarget};

/// The first element that fits, as what it is.
pub(super) fn find<T: JsCast>(within: &Element, what: &str) -> Option<T> {
    within.query_selector(what).ok().flatten()?.dyn_into().ok()
}

/// All elements that fit.
pub(super) fn all(within: &Element, what: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(what) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.get(place)?.dyn_into().ok()).collect()
}

/// Calls back for as long as the page lives.
pub(super) fn on<E: JsCast>(target: &EventTarget, event: &str, what: impl Fn(E) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(move |event: Event| what(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    heard.forget();
}

/// A member of an object that came as JSON.
pub(super) fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

pub(super) async fn pause(milliseconds: i32) {
    let waited = js_sys::Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(waited).await;
}
