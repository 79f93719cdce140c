//! A product in a line: picture, name, variant, units.

use leptos::prelude::*;

use super::icons::Picture;
use crate::ports::ItemHead;

/// A product with its picture, and what stands beside it.
#[component]
pub fn ItemTile(head: ItemHead, #[prop(optional, into)] note: Option<String>) -> impl IntoView {
    let units = (head.units > 1).then(|| format!("× {}", head.units));
    let meta: Vec<String> = head.variant.into_iter().chain(units).chain(note).collect();
    view! {
        <div class="item">
            <Picture image=head.image category=head.category/>
            <span><b>{head.name}</b><span class="meta">{meta.join(" · ")}</span></span>
        </div>
    }
}
