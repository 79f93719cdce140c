//! Where links lead that do not open: from the shop, from another device, from a mail.

use leptos::prelude::*;

use crate::ports::Answer;
use crate::say::Say;
use crate::ui::Frame;

/// `/start/again`: the shop's link does not open; the same page whatever is wrong with it.
#[component]
pub fn StartAgain() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <Instead status=410 title=m.start_again_title() lead=m.start_again_lead() text=m.start_again_text()/> }
}

/// `/start/by-number`: the shop did not say which order is meant.
#[component]
pub fn ByNumber() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <Instead status=200 title=m.start_by_number_title() lead=m.start_by_number_lead() text=""/> }
}

/// `/link-over`
#[component]
pub fn LinkOver() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <Instead status=410 title=m.start_over_title() lead=m.start_over_lead() text=m.start_over_text()/> }
}

#[component]
fn Instead(status: u16, title: &'static str, lead: &'static str, text: &'static str) -> impl IntoView {
    let m = expect_context::<Say>().m;
    if let Some(answer) = use_context::<Answer>() {
        (answer.status)(status);
    }
    let text = (!text.is_empty()).then(|| view! { <p>{text}</p> });
    view! {
        <Frame title=title lead=lead>
            {text}
            <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a> <a class="btn second" href="/account">{m.account_title()}</a></p>
        </Frame>
    }
}
