//! What is held of somebody: theirs to take along in one file, and to have erased.

use std::sync::Arc;

use leptos::prelude::*;

use super::Unknown;
use crate::forms::Fields;
use crate::ports::{DataPage, NotErasedNow, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// "Erase my data".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EraseForm {
    /// They have read that it cannot be undone.
    pub sure: bool,
}

impl EraseForm {
    pub const SURE: &'static str = "sure";
    const YES: &'static str = "yes";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        Self { sure: fields.get(Self::SURE) == Self::YES }
    }
}

/// `/account/data`
#[component]
pub fn MyData() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.data_page().await }, |page| {
        let m = expect_context::<Say>().m;
        match page {
            DataPage::Unknown => view! { <Unknown title=m.erasure_title() lead=m.account_lead()/> }.into_any(),
            DataPage::Theirs { .. } => view! {
                <Frame title=m.erasure_title() lead=m.erasure_lead()>
                    <section class="card own">
                        <h2 class="h">{m.erasure_export()}</h2>
                        <p>{m.erasure_export_text()}</p>
                        <p class="acts"><a class="btn" href="/account/data/export" download="my-data.json">{m.erasure_export_action()}</a></p>
                    </section>
                    <section class="card own">
                        <h2 class="h">{m.erasure_erase()}</h2>
                        <p>{m.erasure_erase_text()}</p>
                        <p><a href="/account/erase">{m.erasure_erase_link()}</a></p>
                    </section>
                    <p><a href="/account">{m.account_title()}</a></p>
                </Frame>
            }
            .into_any(),
        }
    })
}

/// `/account/erase`
#[component]
pub fn EraseMe() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.data_page().await }, |page| {
        let m = expect_context::<Say>().m;
        match page {
            DataPage::Unknown => view! { <Unknown title=m.erasure_erase() lead=m.account_lead()/> }.into_any(),
            DataPage::Theirs { against: Some(against), .. } => view! { <NotNow against=against/> }.into_any(),
            DataPage::Theirs { against: None, lost } => view! { <Sure lost=lost/> }.into_any(),
        }
    })
}

#[component]
fn NotNow(against: NotErasedNow) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let (why, open) = match against {
        NotErasedNow::Open(open) => (m.erasure_open(), open),
        NotErasedNow::Owed => (m.erasure_owed(), Vec::new()),
        NotErasedNow::Withdrawal => (m.erasure_withdrawal(), Vec::new()),
    };
    let open: Vec<_> = open.into_iter().map(|rma| view! { <li><a href=format!("/returns/{rma}")>{m.track_chip(rma)}</a></li> }).collect();
    let open = (!open.is_empty()).then(|| view! { <ul class="found">{open}</ul> });
    view! {
        <Frame title=m.erasure_not_now() lead=why>
            <section class="card own">
                {open}
                <p>{m.erasure_then()}</p>
                <p class="acts"><a class="btn" href="/account">{m.account_title()}</a></p>
            </section>
            <p><a href="/account/data">{m.erasure_title()}</a></p>
        </Frame>
    }
}

#[component]
fn Sure(lost: Vec<crate::ports::Lost>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let lost: Vec<_> = lost
        .into_iter()
        .map(|lost| match lost {
            crate::ports::Lost::Credit(money) => m.erasure_lost_credit(say.f.money(money)),
            crate::ports::Lost::Points(points) => m.erasure_lost_points(points),
            crate::ports::Lost::Coupons(count) => m.erasure_lost_coupons(count),
        })
        .map(|text| view! { <li>{text}</li> })
        .collect();
    let lost = (!lost.is_empty()).then(|| {
        view! { <section class="card own"><h2 class="h">{m.erasure_lost()}</h2><ul>{lost}</ul><p class="quiet sm">{m.erasure_lost_text()}</p></section> }
    });
    view! {
        <Frame title=m.erasure_sure() lead=m.erasure_sure_lead()>
            {lost}
            <section class="card own">
                <h2 class="h">{m.erasure_goes()}</h2>
                <ul>
                    <li>{m.erasure_goes_names()}</li>
                    <li>{m.erasure_goes_words()}</li>
                    <li>{m.erasure_goes_photos()}</li>
                    <li>{m.erasure_goes_ways()}</li>
                </ul>
            </section>
            <section class="card own">
                <h2 class="h">{m.erasure_stays()}</h2>
                <ul>
                    <li>{m.erasure_stays_books()}</li>
                    <li>{m.erasure_stays_that()}</li>
                </ul>
                <p class="quiet sm">{m.erasure_stays_after()}</p>
            </section>
            <form class="card form" method="post" action="/account/erase">
                <label class="tile line"><input class="check" type="checkbox" name=EraseForm::SURE value=EraseForm::YES required/><span>{m.erasure_sure_box()}</span></label>
                <p class="acts"><button class="btn" type="submit">{m.erasure_action()}</button></p>
            </form>
            <p><a href="/account/data">{m.erasure_keep()}</a></p>
        </Frame>
    }
}

/// `/account/erased`
#[component]
pub fn Erased() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <Frame title=m.erasure_done() lead=m.erasure_done_lead()>
            <p class="card">{m.erasure_done_text()}</p>
        </Frame>
    }
}
