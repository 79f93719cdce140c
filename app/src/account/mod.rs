//! What somebody has here: a code by mail, then their returns, messages, credit, perks and orders.

mod ask;
mod credit;
mod data;
mod gifts;
mod home;
mod inbox;
mod orders;
mod reach;
mod which;

use std::sync::Arc;

use leptos::prelude::*;

use crate::ports::{AccountPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};
use ask::{Ask, EnterCode};
pub use ask::{CodeAsked, CodeTyped};
pub use credit::MyCredit;
pub use data::{EraseForm, EraseMe, Erased, MyData};
pub(crate) use gifts::Gifts;
pub use gifts::MyGifts;
use home::Home;
pub use inbox::Inbox;
pub use orders::ORDER;
pub use reach::{HowReached, ReachForm};
use which::Which;

/// `/account`
#[component]
pub fn MyOrders() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.account_page().await }, |page| match page {
        AccountPage::Ask { email, mistakes } => view! { <Ask email=email mistakes=mistakes/> }.into_any(),
        AccountPage::Code { email, minutes, mistakes } => view! { <EnterCode email=email minutes=minutes mistakes=mistakes/> }.into_any(),
        AccountPage::Which => view! { <Which/> }.into_any(),
        AccountPage::Home(home) => view! { <Home home=*home/> }.into_any(),
    })
}

/// A page of somebody's own, of whom nobody knows yet who they are.
#[component]
fn Unknown(title: &'static str, lead: &'static str) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <Frame title=title lead=lead>
            <p class="acts"><a class="btn" href="/account">{m.account_title()}</a></p>
        </Frame>
    }
}
