//! Begun on a laptop, the photos are taken with the phone: the way to the other device.

use std::sync::Arc;

use leptos::prelude::*;

use super::draft;
use crate::ports::{ElsewherePage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, Qr, load};

/// `/return/{draft}/elsewhere`
#[component]
pub fn Elsewhere() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.elsewhere_page(&draft).await }, |page| view! { <Bridge page=page/> })
}

#[component]
fn Bridge(page: ElsewherePage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let ElsewherePage { link, minutes, back } = page;
    view! {
        <Frame title=m.elsewhere_title() lead=m.elsewhere_lead()>
            <div class="card bridge">
                <Qr text=link.clone() label=m.elsewhere_qr()/>
                <p class="field">
                    <label for="f-link">{m.elsewhere_address()}</label>
                    <span class="hint" id="f-link-hint">{m.elsewhere_address_hint()}</span>
                    <input id="f-link" type="url" value=link readonly=true aria-describedby="f-link-hint"/>
                </p>
                <p class="quiet sm">{m.elsewhere_private(minutes)}</p>
            </div>
            <p class="acts"><a class="btn second" href=back>{m.elsewhere_back()}</a></p>
        </Frame>
    }
}
