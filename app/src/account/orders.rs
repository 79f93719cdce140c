//! Every order, the latest first, with what became of it.

use domain::money::Money;
use domain::returns::Status;
use leptos::prelude::*;

use crate::ports::{AccountOrder, AccountReturn};
use crate::say::Say;
use crate::ui::{Frame, ItemTile};

/// Field of the order that something comes back of.
pub const ORDER: &str = "order";

#[component]
pub(super) fn Orders(
    email: Option<String>,
    orders: Vec<AccountOrder>,
    only: Option<u64>,
    /// `None`: they never had any.
    credit: Option<Vec<Money>>,
    /// `None`: they never had a coupon or points.
    points: Option<i64>,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let credit = credit.map(|balances| {
        let amounts = m.list(&balances.into_iter().map(|money| say.f.money(money)).collect::<Vec<_>>());
        let shown = if amounts.is_empty() { m.account_credit_title().to_owned() } else { m.account_credit(amounts) };
        view! { <p class="card"><a href="/account/credit">{shown}</a></p> }
    });
    let gifts = points.map(|points| {
        let shown =
            if points > 0 { m.format_pair(m.gift_title(), m.policy_points(points.unsigned_abs())) } else { m.gift_title().to_owned() };
        view! { <p class="card"><a href="/account/gifts">{shown}</a></p> }
    });
    let lead = email.map_or_else(|| m.account_yours_lead_plain().to_owned(), |email| m.account_yours_lead(email));
    let none = orders.is_empty().then(|| view! { <p class="card">{m.account_none()}</p> });
    let mut returns: Vec<AccountReturn> = Vec::new();
    for found in orders.iter().flat_map(|order| &order.returns) {
        if !returns.iter().any(|known| known.rma == found.rma) {
            returns.push(*found);
        }
    }
    // What is over is told with its order.
    returns.retain(|found| !found.status.is_end());
    let returns: Vec<_> = returns.into_iter().map(|found| view! { <OneReturn found=found/> }).collect();
    let returns = (!returns.is_empty()).then(|| {
        view! { <section class="card own"><h2 class="h">{m.account_returns()}</h2><ul class="found">{returns}</ul></section> }
    });
    let orders: Vec<_> = orders.into_iter().map(|order| view! { <OneOrder order=order/> }).collect();
    view! {
        <Frame title=m.account_title() lead=lead>
            {none}
            {credit}
            {gifts}
            {returns}
            {orders}
            <p><a href="/account/data">{m.erasure_title()}</a></p>
            {only.map(|n| view! { <p class="quiet">{m.account_only(n)} " " <a href="/">{m.account_by_number()}</a></p> })}
        </Frame>
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
            <h2 class="h" id=id>{m.items_order(&number)}</h2>
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
    let class = match found.status {
        Status::Completed | Status::Granted => "chip good",
        Status::InTransit | Status::Received | Status::Inspected | Status::Approved => "chip brand",
        Status::InReview
        | Status::Attention
        | Status::Offered
        | Status::SentBack
        | Status::Lapsed
        | Status::Declined
        | Status::Cancelled => "chip",
    };
    view! {
        <li><a href=format!("/returns/{}", found.rma)>{say.m.track_chip(found.rma)}</a> <span class=class>{say.status(found.status)}</span></li>
    }
}
