//! What is held of a customer: found by who they are, handed out in one file, and erased.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::feedback::encoded;
use super::frame::{Here, StaffFrame};
use crate::forms::Fields;
use crate::ports::{Held, Lost, NotErasedNow, Noted, PrivacyPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, load, mistake_at};

/// "Erase for good".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyForm {
    /// Who is shown.
    pub customer: String,
    /// The same, typed once more.
    typed: String,
}

impl PrivacyForm {
    pub const CUSTOMER: &'static str = "customer";
    pub const TYPED: &'static str = "typed";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        Self { customer: fields.short(Self::CUSTOMER), typed: fields.short(Self::TYPED) }
    }

    /// Whether both are the same, however capital.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        !self.customer.is_empty() && self.customer.to_lowercase() == self.typed.to_lowercase()
    }

    /// Where they are shown.
    #[must_use]
    pub fn page_of(customer: &str) -> String {
        format!("/staff/privacy?{}={}", Self::CUSTOMER, encoded(customer))
    }
}

/// `/staff/privacy`
#[component]
pub fn Privacy() -> impl IntoView {
    let desk = desk();
    let asked = use_query_map().with_untracked(|query| query.get(PrivacyForm::CUSTOMER)).unwrap_or_default();
    load(async move { desk.privacy_page(&asked).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: PrivacyPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let PrivacyPage { rail, asked, held, mistakes } = page;
    let nobody = (held.is_none() && !asked.is_empty()).then(|| view! { <p class="card quiet" role="status">{m.privacy_none(&asked)}</p> });
    let held = held.map(|held| view! { <Found asked=asked.clone() held=held mistakes=mistakes.clone()/> });
    view! {
        <StaffFrame rail=rail here=Here::Privacy title=m.privacy_title()>
            <ErrorSummary mistakes=mistakes/>
            <form class="card form" role="search" aria-label=m.privacy_who() method="get" action="/staff/privacy">
                <Field name=PrivacyForm::CUSTOMER label=m.privacy_who() hint=m.privacy_who_hint() value=asked wrong=None autocomplete="off" inputmode="text"/>
                <p class="acts"><button class="btn second" type="submit">{m.privacy_find()}</button></p>
            </form>
            {nobody}
            {held}
        </StaffFrame>
    }
}

#[component]
fn Found(asked: String, held: Held, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let Held { orders, returns, against, lost } = held;
    let file = PrivacyForm::page_of(&asked).replacen("/staff/privacy?", "/staff/privacy/file?", 1);
    let erase = match against {
        Some(against) => view! { <NotNow against=against/> }.into_any(),
        None => view! { <Erase asked=asked lost=lost mistakes=mistakes/> }.into_any(),
    };
    view! {
        <section class="card">
            <h2 class="h">{m.privacy_held()}</h2>
            <ul><li>{m.privacy_orders(orders)}</li><li>{m.privacy_returns(returns)}</li></ul>
            <p class="quiet">{m.privacy_file_text()}</p>
            <p class="acts"><a class="btn second" href=file download="customer.json">{m.privacy_file()}</a></p>
        </section>
        {erase}
    }
}

#[component]
fn NotNow(against: NotErasedNow) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let (why, open) = match against {
        NotErasedNow::Open(open) => (m.privacy_open(), open),
        NotErasedNow::Owed => (m.privacy_owed(), Vec::new()),
        NotErasedNow::Withdrawal => (m.privacy_withdrawal(), Vec::new()),
    };
    let open: Vec<_> =
        open.into_iter().map(|rma| view! { <li><a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a></li> }).collect();
    let open = (!open.is_empty()).then(|| view! { <ul class="others">{open}</ul> });
    view! { <section class="card"><h2 class="h">{m.privacy_not_now()}</h2><p>{why}</p>{open}</section> }
}

#[component]
fn Erase(asked: String, lost: Vec<Lost>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let lost: Vec<_> = lost
        .into_iter()
        .map(|lost| match lost {
            Lost::Credit(money) => m.erasure_lost_credit(say.f.money(money)),
            Lost::Points(points) => m.erasure_lost_points(points),
            Lost::Coupons(count) => m.erasure_lost_coupons(count),
        })
        .map(|text| view! { <li>{text}</li> })
        .collect();
    let lost = (!lost.is_empty()).then(|| view! { <h3>{m.privacy_lost()}</h3><ul>{lost}</ul> });
    let wrong = mistake_at(&mistakes, PrivacyForm::TYPED);
    view! {
        <section class="card">
            <h2 class="h">{m.privacy_erase()}</h2>
            <p>{m.privacy_erase_text()}</p>
            {lost}
            <form class="form" method="post" action="/staff/privacy/erase">
                <input type="hidden" name=PrivacyForm::CUSTOMER value=asked.clone()/>
                <Field name=PrivacyForm::TYPED label=m.privacy_type() hint=m.privacy_type_hint(&asked) value=String::new() wrong=wrong autocomplete="off" inputmode="text"/>
                <p class="acts"><button class="btn" type="submit">{m.privacy_action()}</button></p>
            </form>
        </section>
    }
}
