//! Call it off? Asked once more, as a page of its own.

use std::sync::Arc;

use leptos::prelude::*;

use super::rma;
use crate::ports::{ReturnPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/returns/{rma}/cancel`
#[component]
pub fn CancelReturn() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    let text = if page.can_cancel { m.track_cancel_text() } else { m.track_cancel_late() };
    view! {
        <Frame title=m.track_cancel_title() chip=m.track_chip(rma) lead=text>
            {if page.can_cancel {
                view! {
                    <form method="post" action=format!("/returns/{rma}/cancel")>
                        <p class="acts"><button class="btn danger" type="submit">{m.track_cancel_action()}</button> <a class="btn second" href=back>{m.track_cancel_keep()}</a></p>
                    </form>
                }
                .into_any()
            } else {
                view! { <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p> }.into_any()
            }}
        </Frame>
    }
}
