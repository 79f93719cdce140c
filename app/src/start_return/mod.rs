//! Starting a return: one question a page. Every answer goes to the server-held draft and back, so that reload, back and a
//! second tab behave by themselves.

mod check;
mod elsewhere;
mod items;
mod missing;
mod send;
mod show;
mod why;
mod wish;

pub use check::{Check, preview};
pub use elsewhere::Elsewhere;
pub use items::{Items, ItemsChosen, OtherOrder, preview_worth};
pub use missing::NotArrived;
pub use send::{Send, SwitchMethod, WayBack};
pub use show::{AddPhotos, FilesField, Show, ShowForm};
pub use why::{ItemWhy, Why};
pub use wish::{ItemWish, Wish};

use domain::ids::LineKey;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ports::Worth;
use crate::say::Say;
use crate::ui::Step;

/// How many steps a shopper sees; the first was finding the order.
const STEPS: u32 = 6;

/// The field that says what a page of a draft was made from, so that what another window changed meanwhile is noticed.
pub const SEEN: &str = "seen";

/// With what the name of a draft begins that somebody at work writes for a customer.
pub const FOR_CUSTOMER: &str = "w";

/// That field.
#[component]
fn Seen(seen: String) -> impl IntoView {
    view! { <input type="hidden" name=SEEN value=seen/> }
}

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

/// The button of a form that says that what is told of one item goes for all of them; its value names the item.
pub const SAME: &str = "same";

/// What Enter presses in a form that has other buttons before the one at its foot.
#[component]
fn EnterGoesOn() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <button class="sr" type="submit" tabindex="-1" aria-hidden="true">{m.shell_continue()}</button> }
}

/// "Same for all".
#[component]
fn SameForAll(item: LineKey) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <p class="acts"><button class="btn second small" type="submit" name=SAME value=item.to_string()>{m.why_same()}</button></p> }
}

/// What it comes to so far, in the bar with the primary action; `now`: as the island puts it there.
#[component]
fn Sum(sum: Option<String>, note: Option<String>, now: bool) -> impl IntoView {
    view! { <span class=if now { "sum now" } else { "sum" }><b class="num">{sum}</b><span class="quiet sm">{note}</span></span> }
}

/// What chosen items were paid for, and how many they are.
fn worth(say: &Say, worth: Option<Worth>) -> (String, String) {
    let Some(worth) = worth else { return Default::default() };
    (say.f.money(worth.amount), say.m.items_chosen(u64::from(worth.units)))
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
    let [sum, note] = [sum, note].map(|text| text.filter(|text| !text.is_empty()));
    view! {
        <div class="foot"><div>
            <a class="btn second" href=back>{m.shell_back()}</a>
            <Sum sum=sum note=note now=false/>
            <button class="btn" type="submit">{action}</button>
        </div></div>
    }
}
