//! Coupons, points and credit for what went wrong: what waits for a yes or a no, and what came of what was given (C34, C35, B43).

use domain::money::Money;
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::Fields;
use crate::ports::{CompensationsAsked, CompensationsPage, GiftFigure, GiftView};
use crate::say::Say;
use crate::ui::{ErrorSummary, load};

/// Of which days the figures are.
pub struct CompensationsForm;

impl CompensationsForm {
    pub const FROM: &'static str = "from";
    pub const UNTIL: &'static str = "until";

    /// What is no day is not asked for.
    #[must_use]
    pub fn asked(fields: &Fields) -> CompensationsAsked {
        let day = |name| fields.get(name).parse::<Date>().ok();
        CompensationsAsked { from: day(Self::FROM), until: day(Self::UNTIL) }
    }
}

/// `/staff/compensations`
#[component]
pub fn Compensations() -> impl IntoView {
    let desk = desk();
    let fields =
        use_query_map().with_untracked(|query| Fields::sent(query.clone().into_iter().map(|(name, value)| (name.to_string(), value))));
    let asked = CompensationsForm::asked(&fields);
    load(async move { desk.compensations_page(asked).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: CompensationsPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let CompensationsPage { rail, waiting, from, until, figures, latest, mistakes } = page;
    let waiting: Vec<_> = waiting.into_iter().map(|gift| view! { <Waits gift=gift/> }).collect();
    let waiting = if waiting.is_empty() {
        view! { <p class="quiet">{m.gift_waits_none()}</p> }.into_any()
    } else {
        view! { <ul class="others">{waiting}</ul> }.into_any()
    };
    let rows: Vec<_> = figures.into_iter().map(|row| view! { <Figure row=row/> }).collect();
    let figures = if rows.is_empty() {
        view! { <p class="quiet">{m.gift_figures_none()}</p> }.into_any()
    } else {
        let heads = [
            m.gift_rule(),
            m.gift_what(),
            m.gift_given(),
            m.gift_worth_all(),
            m.gift_redeemed(),
            m.gift_taken_off(),
            m.gift_withdrawn(),
            m.gift_expired(),
            m.gift_bought_again(),
        ];
        let heads: Vec<_> = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect();
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label=m.gift_figures()>
                <table class="table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            <p class="quiet sm">{m.gift_bought_again_hint()}</p>
        }
        .into_any()
    };
    let file = format!("/staff/compensations/file?{}={from}&{}={until}", CompensationsForm::FROM, CompensationsForm::UNTIL);
    let latest: Vec<_> = latest.into_iter().map(|gift| view! { <li><Given gift=gift/></li> }).collect();
    let latest = (!latest.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.gift_latest()}</h2><ul class="others">{latest}</ul></section> });
    view! {
        <StaffFrame rail=rail here=Here::Compensations title=m.gift_page_title()>
            <ErrorSummary mistakes=mistakes/>
            <section class="card"><h2 class="h">{m.gift_waits()}</h2>{waiting}</section>
            <section class="card">
                <h2 class="h">{m.gift_figures()}</h2>
                <form class="form" method="get" action="/staff/compensations">
                    <p class="field"><label for="gift-from">{m.gift_from_day()}</label><input id="gift-from" type="date" name=CompensationsForm::FROM value=from.to_string()/></p>
                    <p class="field"><label for="gift-until">{m.gift_until_day()}</label><input id="gift-until" type="date" name=CompensationsForm::UNTIL value=until.to_string()/></p>
                    <p class="acts"><button class="btn second" type="submit">{m.gift_show()}</button></p>
                </form>
                {figures}
                <p><a href=file>{m.gift_file()}</a></p>
            </section>
            {latest}
        </StaffFrame>
    }
}

#[component]
fn Given(gift: GiftView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let used = gift.used.map(|(order, amount)| format!(" · {} · {}", m.items_order(&order), say.f.money(amount)));
    view! {
        <b>{say.gift(&gift.gift)}</b> " " <span class="chip">{say.gift_state(gift.state)}</span>
        <span class="block quiet sm">
            <a href=format!("/staff/returns/{}", gift.rma)>{gift.rma.to_string()}</a> " · " {m.items_order(&gift.order)} " · " {say.gift_fault(gift.fault)} " · "
            {say.f.moment(gift.at)} {used}
        </span>
    }
}

/// Something above a rule's limit, with a yes and a no.
#[component]
fn Waits(gift: GiftView) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |what: &str| format!("/staff/compensations/{}/{what}", gift.id);
    let (yes, no) = (at("give"), at("refuse"));
    let named = gift.rma.to_string();
    let of = named.clone();
    view! {
        <li>
            <Given gift=gift/>
            <div class="acts">
                <form method="post" action=yes><button class="btn small" type="submit">{m.gift_give()}<span class="sr">" · " {named}</span></button></form>
                <form method="post" action=no><button class="btn second small" type="submit">{m.gift_refuse()}<span class="sr">" · " {of}</span></button></form>
            </div>
        </li>
    }
}

/// What of a return waits for a yes or a no, on its page.
#[component]
pub(super) fn GiftsOfReturn(gifts: Vec<GiftView>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rows: Vec<_> = gifts.into_iter().map(|gift| view! { <li><Given gift=gift/></li> }).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2 class="h">{m.gift_queue()}</h2>
                <ul class="others">{rows}</ul>
                <p><a href="/staff/compensations">{m.gift_decide()}</a></p>
            </section>
        }
    })
}

#[component]
fn Figure(row: GiftFigure) -> impl IntoView {
    let say = expect_context::<Say>();
    let what = say.gift_kind(row.kind);
    let money = |money: Money| say.f.money(money);
    view! {
        <tr>
            <th scope="row">{row.rule}</th>
            <td>{what} " " {row.currency.code()}</td>
            <td>{row.given}</td>
            <td>{money(row.worth)}</td>
            <td>{row.redeemed}</td>
            <td>{money(row.taken_off)}</td>
            <td>{row.withdrawn}</td>
            <td>{row.expired}</td>
            <td>{row.bought_again}</td>
        </tr>
    }
}
