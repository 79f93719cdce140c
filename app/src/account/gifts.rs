//! Coupons and points that somebody has, and how they came about.

use std::sync::Arc;

use leptos::prelude::*;

use super::Unknown;
use crate::ports::{GiftView, GiftsPage, PointsRow, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/account/gifts`
#[component]
pub fn MyGifts() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.gifts_page().await }, |page| match page {
        GiftsPage::Unknown => {
            let m = expect_context::<Say>().m;
            view! { <Unknown title=m.gift_title() lead=m.account_lead()/> }.into_any()
        }
        GiftsPage::Gifts { coupons, points, entries } => {
            let m = expect_context::<Say>().m;
            let none = (coupons.is_empty() && entries.is_empty()).then(|| view! { <p class="card">{m.gift_none()}</p> });
            let coupons = (!coupons.is_empty()).then(|| view! { <Gifts gifts=coupons title=m.gift_coupons()/> });
            let balance = (!entries.is_empty()).then(|| {
                let points = m.policy_points(points.unsigned_abs());
                view! { <section class="card own"><h2 class="h">{m.gift_points()}</h2><ul class="found"><li><strong>{points}</strong></li></ul></section> }
            });
            let rows: Vec<_> = entries.into_iter().map(|row| view! { <Row row=row/> }).collect();
            let rows = (!rows.is_empty()).then(|| {
                view! { <section class="card own"><h2 class="h">{m.account_credit_entries()}</h2><ul class="found">{rows}</ul></section> }
            });
            view! {
                <Frame title=m.gift_title() lead=m.gift_lead()>
                    {none}
                    {coupons}
                    {balance}
                    {rows}
                    <p><a href="/account">{m.account_title()}</a></p>
                </Frame>
            }
            .into_any()
        }
    })
}

/// What was given, each with its code and how it is used.
#[component]
pub(crate) fn Gifts(gifts: Vec<GiftView>, title: &'static str) -> impl IntoView {
    let rows: Vec<_> = gifts.into_iter().map(|gift| view! { <OneGift gift=gift/> }).collect();
    view! { <section class="card own"><h2 class="h">{title}</h2><ul class="found">{rows}</ul></section> }
}

#[component]
fn OneGift(gift: GiftView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let open = gift.state == domain::compensation::GiftState::Given;
    let code = gift.code.clone().filter(|_| open).map(|code| view! { <span class="block">{m.gift_code(code)}</span> });
    let state = (!open).then(|| view! { " " <span class="chip">{say.gift_state(gift.state)}</span> });
    let terms = say.gift_terms(&gift).join(" · ");
    let terms = (!terms.is_empty()).then(|| view! { <span class="block quiet sm">{terms}</span> });
    let because = m.format_pair(say.gift_fault(gift.fault), m.items_order(&gift.order));
    view! {
        <li>
            <strong>{say.gift(&gift.gift)}</strong> {state}
            {code}
            {terms}
            <span class="block quiet sm">{because} " · " <a href=format!("/returns/{}", gift.rma)>{m.track_chip(gift.rma)}</a></span>
        </li>
    }
}

#[component]
fn Row(row: PointsRow) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = row.rma.map(|rma| view! { " · " <a href=format!("/returns/{rma}")>{m.track_chip(rma)}</a> });
    let until = row.until.map(|day| view! { " · " {m.account_credit_until(say.f.date(day))} });
    let sign = if row.points < 0 { "−" } else { "+" };
    view! {
        <li>
            <strong>{sign} {m.policy_points(row.points.unsigned_abs())}</strong> " · " {say.points_kind(row.kind)}
            <span class="quiet sm">" · " {say.f.full_date(row.day)} {rma} {until}</span>
        </li>
    }
}
