//! Two customers on one device: whose orders are to be seen?

use leptos::prelude::*;

use crate::say::Say;
use crate::ui::Frame;

/// Asks which of the two it is to be.
#[component]
pub(super) fn Which() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <Frame title=m.account_which_title() lead=m.account_which_lead()>
            <form method="post" action="/account/switch">
                <p class="acts">
                    <button class="btn" type="submit">{m.account_switch_action()}</button>
                    <button class="btn second" type="submit" formaction="/account/stay">{m.account_stay_action()}</button>
                </p>
            </form>
        </Frame>
    }
}
