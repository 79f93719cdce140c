//! A button that copies what stands beside it.

use leptos::prelude::*;

use crate::say::Say;

/// Copies `text`. It shows only where the page's script ([`crate::shell`]) can do it: without, the text beside it is there to be selected.
#[component]
pub fn Copy(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What that is, for those who do not see what the button stands beside.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <button type="button" class="copy" data-copy=text data-copied=m.copy_done() aria-live="polite">
            {m.copy_action()}<span class="sr">": " {what}</span>
        </button>
    }
}
