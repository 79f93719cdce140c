//! The decision while a form is being filled in.

use leptos::html::Div;
use leptos::prelude::*;

/// Shows what our own server makes of the form of class `asked` on this page, whenever an answer changes: the form is sent to `source`, which
/// keeps it as far as it goes. A sum that comes with it goes where the page has its sum. A number beside an item ticks it.
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
                show(&part, &html);
            }
        });
    };
    ask();
    let asks = ask.clone();
    on(&form, "change", move |change| {
        counted(&change);
        asks();
    });
    // What is being typed is told when the fingers rest; what was ticked, at once.
    let typed = Rc::new(Cell::new(0_u32));
    on(&form, "input", move |_| {
        let (number, typed, ask) = (typed.get() + 1, typed.clone(), ask.clone());
        typed.set(number);
        set_timeout(
            move || {
                if typed.get() == number {
                    ask();
                }
            },
            REST,
        );
    });
    on(&form, "click", |click| step(&click));
}

/// Fingers that do not move for so long rest.
#[cfg(feature = "hydrate")]
const REST: std::time::Duration = std::time::Duration::from_millis(400);

/// Calls back for as long as the page lives.
#[cfg(feature = "hydrate")]
fn on(form: &web_sys::HtmlFormElement, event: &str, what: impl Fn(web_sys::Event) + 'static) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;

    let heard = Closure::<dyn Fn(web_sys::Event)>::new(what);
    let _ = form.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    heard.forget();
}

/// Puts what came from our server where it belongs.
#[cfg(feature = "hydrate")]
fn show(part: &web_sys::HtmlDivElement, html: &str) {
    part.set_inner_html(html);
    let Some(now) = part.query_selector(".sum.now").ok().flatten() else { return };
    if let Some(sum) = document().query_selector(".foot .sum").ok().flatten() {
        sum.set_inner_html(&now.inner_html());
    }
    now.remove();
}

/// The tick and the number of an item go together: a number ticks it, and without its tick the number is what it was at first.
#[cfg(feature = "hydrate")]
fn counted(change: &web_sys::Event) {
    use wasm_bindgen::JsCast;
    use web_sys::HtmlInputElement;

    let Some(changed) = change.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    let Some(tile) = changed.closest(".tile").ok().flatten() else { return };
    let find = |what: &str| tile.query_selector(what).ok().flatten().and_then(|found| found.dyn_into::<HtmlInputElement>().ok());
    match (find("input[type=checkbox]"), find("input[data-unasked]")) {
        (Some(tick), Some(number)) if changed == number => tick.set_checked(true),
        (Some(tick), Some(number)) if changed == tick && !tick.checked() => {
            number.set_value(&number.get_attribute("data-unasked").unwrap_or_default());
        }
        _ => {}
    }
}

/// One more, or one fewer.
#[cfg(feature = "hydrate")]
fn step(click: &web_sys::Event) {
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlInputElement};

    let Some(button) = click.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest(".bump").ok()?) else { return };
    let number = button.parent_element().and_then(|units| units.query_selector("input[type=number]").ok()?);
    let Some(number) = number.and_then(|number| number.dyn_into::<HtmlInputElement>().ok()) else { return };
    let read = |text: String| text.parse::<i32>().ok();
    let (least, most) = (read(number.min()).unwrap_or(1), read(number.max()).unwrap_or(i32::MAX));
    let by = button.get_attribute("data-step").and_then(read).unwrap_or_default();
    number.set_value(&read(number.value()).unwrap_or(least).saturating_add(by).clamp(least, most.max(least)).to_string());
    let bubbling = web_sys::EventInit::new();
    bubbling.set_bubbles(true);
    if let Ok(change) = Event::new_with_event_init_dict("change", &bubbling) {
        let _ = number.dispatch_event(&change);
    }
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
    // What was said last is kept though the reader is on their way to another page.
    let _ = js_sys::Reflect::set(&request, &"keepalive".into(), &true.into());
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str_and_init(source, &request)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

#[cfg(not(feature = "hydrate"))]
fn watch<T>(_: &str, _: T) {}
