//! What was paid of all returns, and what is on its way: finance's list.

use domain::returns::PaymentState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::settle::{state_name, way_name};
use crate::ports::PaymentsPage;
use crate::say::Say;
use crate::ui::{field_id, load};

/// Of the page: how far the payments are that are shown.
const STATE: &str = "state";
const FROM: &str = "from";
const TO: &str = "to";

/// `/staff/payments`
#[component]
pub fn Payments() -> impl IntoView {
    let desk = desk();
    let state = use_query_map().with_untracked(|query| query.get(STATE).unwrap_or_default());
    load(async move { desk.payments_page(&state).await }, |page| view! { <List page=page/> })
}

#[component]
fn List(page: PaymentsPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let tabs: Vec<_> =
        [None, Some(PaymentState::Pending), Some(PaymentState::Failed), Some(PaymentState::Reversed), Some(PaymentState::Paid)]
            .into_iter()
            .map(|state| {
                let to = state.map_or_else(|| "/staff/payments".to_owned(), |state| format!("/staff/payments?{STATE}={state}"));
                let name = state.map_or(m.settle_all(), |state| state_name(&say, state));
                view! { <li><a href=to aria-current=(state == page.state).then_some("page")>{name}</a></li> }
            })
            .collect();
    let rows: Vec<_> = page
        .rows
        .iter()
        .map(|row| {
            let heed = !row.state.holds();
            let about: Vec<String> =
                [Some(say.f.moment(row.at)), Some(way_name(&say, &row.way).to_owned()), Some(row.order.clone()), row.reference.clone()]
                    .into_iter()
                    .flatten()
                    .collect();
            view! {
                <li>
                    <a class="num" href=format!("/staff/returns/{}", row.rma)>{row.rma.to_string()}</a>
                    <span class="num"><b>{say.f.money(row.amount)}</b></span>
                    <span class="quiet sm">{about.join(" · ")} " " <span class="chip" class:heed=heed>{state_name(&say, row.state)}</span></span>
                </li>
            }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <p class="quiet">{m.settle_none()}</p> }.into_any()
    } else {
        view! { <ul class="others">{rows}</ul> }.into_any()
    };
    let (a, b) = (field_id(FROM), field_id(TO));
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Payments title=m.settle_room()>
            <p><a href="/staff/payments/transfers">{m.transfer_title()}</a> " · " <a href="/staff/differences">{m.difference_title()}</a></p>
            <nav aria-label=m.settle_state()><ul class="views">{tabs}</ul></nav>
            <section class="card">
                {list}
                {page.more.then(|| view! { <p class="quiet sm">{m.settle_more()}</p> })}
            </section>
            <section class="card">
                <h2 class="h">{m.settle_books()}</h2>
                <p class="quiet sm">{m.settle_books_text()}</p>
                <form class="form" method="get" action="/staff/payments/file">
                    <p class="field"><label for=a.clone()>{m.settle_from()}</label><input id=a type="date" name=FROM value=page.from.to_string() required/></p>
                    <p class="field"><label for=b.clone()>{m.settle_to()}</label><input id=b type="date" name=TO value=page.to.to_string() required/></p>
                    <p class="acts"><button class="btn second" type="submit">{m.settle_file()}</button></p>
                </form>
            </section>
        </StaffFrame>
    }
}
