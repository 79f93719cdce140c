//! Every page on one screen.

use leptos::prelude::*;
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_params_map;
use leptos_router::path;

use crate::account::MyOrders;
use crate::find_order::FindOrder;
use crate::ports::DeskError;
use crate::read_policy::ReadPolicy;
use crate::start::{ByNumber, LinkOver, StartAgain};
use crate::start_return::{AddPhotos, Check, Elsewhere, Items, Send, Show, SwitchMethod, Why, Wish};
use crate::track_return::{CancelReturn, Done, Track};
use crate::ui::Refusal;

/// All pages.
#[component]
pub fn Pages() -> impl IntoView {
    // Async: a page is sent whole, with its status, and works without JavaScript.
    view! {
        <Router>
            <Routes fallback=|| view! { <Refusal error=DeskError::NotFound/> }>
                <Route path=path!("/") view=FindOrder ssr=SsrMode::Async/>
                <Route path=path!("/start/again") view=StartAgain ssr=SsrMode::Async/>
                <Route path=path!("/start/by-number") view=ByNumber ssr=SsrMode::Async/>
                <Route path=path!("/account") view=MyOrders ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/items") view=Items ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/why") view=Why ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/show") view=Show ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/wish") view=Wish ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/send") view=Send ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/check") view=Check ssr=SsrMode::Async/>
                <Route path=path!("/return/:draft/elsewhere") view=Elsewhere ssr=SsrMode::Async/>
                <Route path=path!("/returns/:rma") view=Track ssr=SsrMode::Async/>
                <Route path=path!("/returns/:rma/done") view=Done ssr=SsrMode::Async/>
                <Route path=path!("/returns/:rma/cancel") view=CancelReturn ssr=SsrMode::Async/>
                <Route path=path!("/returns/:rma/method") view=SwitchMethod ssr=SsrMode::Async/>
                <Route path=path!("/returns/:rma/photos") view=AddPhotos ssr=SsrMode::Async/>
                <Route path=path!("/policy") view=ReadPolicy ssr=SsrMode::Async/>
                <Route path=path!("/link-over") view=LinkOver ssr=SsrMode::Async/>
                <Route path=path!("/gone") view=|| view! { <Refusal error=DeskError::Gone/> } ssr=SsrMode::Async/>
                <Route path=path!("/busy") view=|| view! { <Refusal error=DeskError::Busy/> } ssr=SsrMode::Async/>
                <Route path=path!("/updating") view=|| view! { <Refusal error=DeskError::Updating/> } ssr=SsrMode::Async/>
                <Route path=path!("/failed/:reference") view=Failed ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

/// Where a form leads that could not be taken.
#[component]
fn Failed() -> impl IntoView {
    let named = use_params_map().with_untracked(|params| params.get("reference").unwrap_or_default());
    let reference: String = named.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    view! { <Refusal error=DeskError::Failed { reference }/> }
}
