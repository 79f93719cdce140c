//! Starting a return: one question a page. Every answer goes to the server-held draft and back, so that reload, back and a
//! second tab behave by themselves.

mod check;
mod elsewhere;
mod items;
mod send;
mod show;
mod why;
mod wish;

pub use check::{Check, preview};
pub use elsewhere::Elsewhere;
pub use items::{Items, ItemsChosen, OtherOrder};
pub use send::{Send, SwitchMethod, WayBack};
pub use show::{AddPhotos, Show, ShowForm};
pub use why::{ItemWhy, Why};
pub use wish::{ItemWish, Wish};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::Step;

/// How many steps a shopper sees; the first was finding the order.
const STEPS: u32 = 6;

fn step(number: u32, name: &'static str) -> Step {
    Step { number, of: STEPS, name }
}

/// The draft named by the page's address.
fn draft() -> String {
    use_params_map().with_untracked(|params| params.get("draft").unwrap_or_default())
}

/// A quiet way to another device.
#[component]
fn OtherDevice(draft: String) -> impl IntoView {
    let m = expect_context::<crate::say::Say>().m;
    view! { <p class="quiet sm"><a href=format!("/return/{draft}/elsewhere")>{m.elsewhere_link()}</a></p> }
}

/// The bar with the primary action; sticks to the bottom on phones.
#[component]
fn Foot(
    /// What it comes to.
    #[prop(optional, into)]
    sum: Option<String>,
    /// Small print below.
    #[prop(optional, into)]
    note: Option<String>,
    /// Where "back" leads.
    back: String,
    /// What the button says.
    action: &'static str,
) -> impl IntoView {
    let m = expect_context::<crate::say::Say>().m;
    view! {
        <div class="foot"><div>
            <a class="btn second" href=back>{m.shell_back()}</a>
            <span class="sum"><b class="num">{sum}</b><span class="quiet sm">{note}</span></span>
            <button class="btn" type="submit">{action}</button>
        </div></div>
    }
}
