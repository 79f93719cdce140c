//! What somebody has as credit in the shop, and how it came about.

use std::sync::Arc;

use domain::credit::CreditKind;
use leptos::prelude::*;

use super::Unknown;
use crate::ports::{CreditPage, CreditRow, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/account/credit`
#[component]
pub fn MyCredit() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.credit_page().await }, |page| match page {
        CreditPage::Unknown => {
            let m = expect_context::<Say>().m;
            view! { <Unknown title=m.account_credit_title() lead=m.account_lead()/> }.into_any()
        }
        CreditPage::Credit { balances, entries, only } => {
            let m = expect_context::<Say>().m;
            let say = expect_context::<Say>();
            let none = (balances.is_empty() && entries.is_empty()).then(|| view! { <p class="card">{m.account_credit_none()}</p> });
            let now: Vec<_> = balances.into_iter().map(|money| view! { <li><strong>{say.f.money(money)}</strong></li> }).collect();
            let now = (!now.is_empty()).then(|| {
                view! { <section class="card own"><h2 class="h">{m.account_credit_now()}</h2><ul class="found">{now}</ul></section> }
            });
            let rows: Vec<_> = entries.into_iter().map(|row| view! { <Row row=row/> }).collect();
            let rows = (!rows.is_empty()).then(|| {
                view! { <section class="card own"><h2 class="h">{m.account_credit_entries()}</h2><ul class="found">{rows}</ul></section> }
            });
            view! {
                <Frame title=m.account_credit_title() lead=m.account_credit_lead()>
                    {none}
                    {now}
                    {rows}
                    {only.map(|n| view! { <p class="quiet">{m.account_credit_only(n)}</p> })}
                    <p><a href="/account">{m.account_title()}</a></p>
                </Frame>
            }
            .into_any()
        }
    })
}

#[component]
fn Row(row: CreditRow) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let why = match row.kind {
        CreditKind::Refund => m.account_credit_refund(),
        CreditKind::Bonus => m.account_credit_bonus(),
        CreditKind::Redeem => m.account_credit_redeem(),
        CreditKind::Release => m.account_credit_release(),
        CreditKind::Adjust => m.account_credit_adjust(),
        CreditKind::Expire => m.account_credit_expire(),
    };
    let rma = row.rma.map(|rma| view! { " · " <a href=format!("/returns/{rma}")>{m.track_chip(rma)}</a> });
    let order = row.order.map(|order| view! { " · " {m.items_order(order)} });
    let until = row.until.map(|day| view! { " · " {m.account_credit_until(say.f.date(day))} });
    view! {
        <li>
            <strong>{say.f.money(row.amount)}</strong> " · " {why}
            <span class="quiet sm">" · " {say.f.full_date(row.day)} {order} {rma} {until}</span>
        </li>
    }
}
