//! The decision while a form is being filled in.

use leptos::html::Div;
use leptos::prelude::*;

/// Shows what our own server makes of the form of class `asked` on this page, whenever an answer changes: the form is sent to `source`
/// and nothing is kept.
#[island]
pub fn Preview(
    /// Address to ask.
    source: String,
) -> impl IntoView {
    let part: NodeRef<Div> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(part) = part.get() {
            watch(&source, part);
        }
    });
    view! { <div node_ref=part class="preview" aria-live="polite"></div> }
}

#[cfg(feature = "hydrate")]
fn watch(source: &str, part: web_sys::HtmlDivElement) {
    use std::cell::Cell;
    use std::rc::Rc;

    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;

    let Some(form) =
        document().query_selector("form.asked").ok().flatten().and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok())
    else {
        return;
    };
    // Only the answer to the latest question is shown.
    let latest = Rc::new(Cell::new(0_u32));
    let (source, watched) = (source.to_owned(), form.clone());
    let ask = move || {
        let number = latest.get() + 1;
        latest.set(number);
        let (source, form, part, latest) = (source.clone(), watched.clone(), part.clone(), latest.clone());
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(html) = answer(&source, &form).await
                && latest.get() == number
            {
                part.set_inner_html(&html);
            }
        });
    };
    ask();
    let changed = Closure::<dyn Fn()>::new(ask);
    let _ = form.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
    // The page's life is the form's life.
    changed.forget();
}

#[cfg(feature = "hydrate")]
async fn answer(source: &str, form: &web_sys::HtmlFormElement) -> Option<String> {
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;

    let fields = web_sys::FormData::new_with_form(form).ok()?.into();
    let fields = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    let request = web_sys::RequestInit::new();
    request.set_method("POST");
    request.set_body(&fields);
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str_and_init(source, &request)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

#[cfg(not(feature = "hydrate"))]
fn watch<T>(_: &str, _: T) {}
