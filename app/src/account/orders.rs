//! Every order, the latest first, with what became of it.

use domain::returns::Status;
use leptos::prelude::*;

use crate::ports::{AccountOrder, AccountReturn};
use crate::say::Say;
use crate::ui::ItemTile;

/// Field of the order that something comes back of.
pub const ORDER: &str = "order";

#[component]
pub(super) fn Orders(orders: Vec<AccountOrder>, only: Option<u64>, id: &'static str) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let none = orders.is_empty().then(|| view! { <p class="card">{m.account_none()}</p> });
    let orders: Vec<_> = orders.into_iter().map(|order| view! { <OneOrder order=order/> }).collect();
    view! {
        <div id=id>
            <h2 class="h part">{m.account_orders()}</h2>
            {none}
            {orders}
            {only.map(|n| view! { <p class="quiet">{m.account_only(n)} " " <a href="/">{m.account_by_number()}</a></p> })}
        </div>
    }
}

#[component]
fn OneOrder(order: AccountOrder) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let number = order.number.to_string();
    let id =
        format!("order-{}", number.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect::<String>());
    let labelled = id.clone();
    let items: Vec<_> = order.items.into_iter().map(|head| view! { <ItemTile head=head/> }).collect();
    let more = (order.more > 0).then(|| view! { <p class="quiet sm more">{m.account_more_items(order.more)}</p> });
    let returns: Vec<_> = order.returns.iter().map(|found| view! { <OneReturn found=*found/> }).collect();
    let returns = (!returns.is_empty()).then(|| view! { <ul class="found">{returns}</ul> });
    let until = order.until.filter(|_| order.left > 0).map(|day| view! { " · " {m.items_until(say.f.date(day))} });
    let act = if order.cancelled {
        view! { <p class="quiet sm more">{m.items_not_sent()}</p> }.into_any()
    } else if order.left == 0 {
        view! { <p class="quiet sm more">{m.account_all_back()}</p> }.into_any()
    } else {
        view! {
            <form method="post" action="/account/return">
                <input type="hidden" name=ORDER value=number.clone()/>
                <p class="acts"><button class="btn second small" type="submit">{m.account_return_action()}<span class="sr">" · " {m.items_order(&number)}</span></button></p>
            </form>
        }
        .into_any()
    };
    view! {
        <section class="card own" aria-labelledby=labelled>
            <h3 class="h" id=id>{m.items_order(&number)}</h3>
            <p class="quiet sm">{m.items_ordered(say.f.date(order.placed))}{until}</p>
            {items}
            {more}
            {returns}
            {act}
        </section>
    }
}

#[component]
fn OneReturn(found: AccountReturn) -> impl IntoView {
    let say = expect_context::<Say>();
    let class = chip(found.status);
    view! {
        <li><a href=format!("/returns/{}", found.rma)>{say.m.track_chip(found.rma)}</a> <span class=class>{say.status(found.status)}</span></li>
    }
}

/// How a status looks.
pub(super) fn chip(status: Status) -> &'static str {
    match status {
        Status::Completed | Status::Granted => "chip good",
        Status::InTransit | Status::Received | Status::Inspected | Status::Approved => "chip brand",
        Status::InReview
        | Status::Attention
        | Status::Offered
        | Status::SentBack
        | Status::Lapsed
        | Status::Declined
        | Status::Cancelled => "chip",
    }
}
