//! One box that finds returns and orders by whatever somebody has of them.

use domain::policy::PROOFS;
use domain::returns::CommandKind;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::elsewhere::BoughtElsewhere;
use super::frame::{Here, StaffFrame, TEXT};
use super::open_for::{CHANNELS, OpenFor};
use crate::ports::{FoundOrder, OtherReturn, SearchPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, load};

/// `/staff/search`
#[component]
pub fn Search() -> impl IntoView {
    let desk = desk();
    let text: String = use_query_map().with_untracked(|query| query.get(TEXT).unwrap_or_default()).chars().take(100).collect();
    load(async move { desk.search_page(&text).await }, |page| view! { <Found page=page/> })
}

#[component]
fn Found(page: SearchPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let SearchPage { rail, text, returns, more, orders, typed, key, mistakes } = page;
    let opens = rail.roles.giving(CommandKind::AddLines).is_some();
    let nothing = returns.is_empty() && orders.is_empty();
    // Where the order was found there is nothing to write down.
    let returns_none = text.is_empty() || nothing;
    let returns: Vec<_> = returns.into_iter().map(|found| view! { <One found=found/> }).collect();
    let orders: Vec<_> = orders.into_iter().map(|found| view! { <Order found=found opens=opens/> }).collect();
    let title = if text.is_empty() { m.staff_search().to_owned() } else { m.staff_search_title(&text) };
    view! {
        <StaffFrame rail=rail here=Here::Queue title=title sought=text.clone()>
            {(nothing && !text.is_empty()).then(|| view! { <section class="card empty"><h2 class="h">{m.staff_search_nothing()}</h2><p class="quiet">{m.staff_search_nothing_text()}</p></section> })}
            <ErrorSummary mistakes=mistakes.clone()/>
            {text.is_empty().then(|| view! { <p class="quiet">{if opens { m.staff_open_hint() } else { m.staff_search_hint() }}</p> })}
            {(!returns.is_empty()).then(|| view! { <ul class="tasks">{returns}</ul> })}
            {more.then(|| view! { <p class="quiet">{m.staff_search_more()}</p> })}
            {(!orders.is_empty()).then(|| view! { <h2 class="h">{m.staff_search_orders()}</h2><ul class="tasks">{orders}</ul> })}
            {(opens && returns_none).then(|| view! { <BoughtElsewhere typed=typed mistakes=mistakes key=key/> })}
        </StaffFrame>
    }
}

#[component]
pub(super) fn One(
    found: OtherReturn,
    /// It is opened at the dock.
    #[prop(optional)]
    at_dock: bool,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let amounts: Vec<String> = found.amounts.iter().map(|amount| say.f.money(*amount)).collect();
    let who = found.customer.clone().unwrap_or_else(|| found.rma.to_string());
    view! {
        <li>
            <a class="task" href=format!("/staff/{}/{}", if at_dock { "dock" } else { "returns" }, found.rma)>
                <b class="name">{who} " · " {found.item}</b>
                <b class="num">{say.m.list(&amounts)}</b>
                <span class="quiet">{found.rma.to_string()} " · " {say.f.date(say.f.day(found.opened_at))}</span>
                <span class="chip">{say.status(found.status)}</span>
            </a>
        </li>
    }
}

#[component]
fn Order(found: FoundOrder, opens: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let who = found.customer.clone().unwrap_or_else(|| found.number.clone());
    let open = opens.then(|| {
        let names = [m.staff_open_phone(), m.staff_open_chat(), m.staff_open_counter(), m.staff_open_email()];
        let ways: Vec<_> = CHANNELS.into_iter().zip(names).map(|(code, name)| view! { <option value=code>{name}</option> }).collect();
        let proofs: Vec<_> = PROOFS.into_iter().map(|code| view! { <option value=code>{say.code(code)}</option> }).collect();
        view! {
            <form class="acts open-for" method="post" action="/staff/open">
                <input type="hidden" name=OpenFor::ORDER value=found.number.clone()/>
                <select name=OpenFor::PROOF aria-label=m.staff_open_proof()>{proofs}</select>
                <select name=OpenFor::CHANNEL aria-label=m.staff_open_channel()>{ways}</select>
                <button class="btn second small" type="submit">{m.staff_open_action()}<span class="sr">" " {found.number.clone()}</span></button>
            </form>
        }
    });
    view! {
        <li class="task">
            <a class="name" href=found.path><b>{who} " · " {found.item}</b></a>
            <span class="chip">{m.staff_search_returns(found.returns)}</span>
            <span class="quiet">{m.staff_case_order()} " " {found.number} " · " {say.f.date(say.f.day(found.placed_at))}</span>
            {open}
        </li>
    }
}
