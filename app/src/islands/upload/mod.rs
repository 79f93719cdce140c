//! Photos on their way while the page stays: chosen, dropped or pasted, made small, sent in pieces, taken up again where the
//! connection broke. Around it stands a plain form that does the same in one go.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod queue;
#[cfg(feature = "hydrate")]
mod reduce;
#[cfg(feature = "hydrate")]
mod send;

use leptos::html::Div;
use leptos::prelude::*;

/// Takes over the fields for files within it (a `.upload` with a list `.thumbs`, fields and a `[role=status]`). Their form holds a `template` of
/// an entry of that list, and the words: `data-` attributes say what there is to say.
#[island]
pub fn Upload(
    /// Address of what the files are added to: `/return/{draft}`, `/returns/{rma}`.
    place: String,
    /// The line they are of: `order|line`.
    line: String,
    /// Code of what they show; empty where that is not said.
    shows: String,
    /// Bytes of the largest file that is taken.
    most: u32,
    children: Children,
) -> impl IntoView {
    let part: NodeRef<Div> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(part) = part.get() {
            wake(&part, &place, &line, &shows, most);
        }
    });
    view! { <div node_ref=part>{children()}</div> }
}

#[cfg(feature = "hydrate")]
fn wake(part: &web_sys::HtmlDivElement, place: &str, line: &str, shows: &str, most: u32) {
    queue::take_over(part, place, line, shows, most);
}

#[cfg(not(feature = "hydrate"))]
fn wake<T>(_: &T, _: &str, _: &str, _: &str, _: u32) {}
