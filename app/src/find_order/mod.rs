//! Find my order, or a return that was asked for before.

use std::sync::Arc;

use domain::ids::PhoneNumber;
use domain::rma::RmaNumber;
use leptos::prelude::*;

use crate::forms::{Fields, noted};
use crate::ports::{DemoDepartment, DemoOrder, FindPage, Mistake, Noted, ShopperDesk};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, Frame, field_id, load, mistake_at};

/// `/`
#[component]
pub fn FindOrder() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.find_page().await }, |page| view! { <Find page=page/> })
}

/// "Find my order": also in a draft, for an order that joins it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderSought {
    /// As typed.
    pub number: String,
    /// As typed: a mail address or a phone number.
    pub contact: String,
}

impl OrderSought {
    pub const NUMBER: &str = "number";
    pub const CONTACT: &str = "contact";
    /// The form itself, for what is wrong with both together.
    pub const FORM: &str = "find";

    #[must_use]
    pub fn parse(fields: &Fields) -> (Self, Vec<Noted>) {
        let (number, contact) = (fields.short(Self::NUMBER), fields.short(Self::CONTACT));
        let mut mistakes = Vec::new();
        if number.is_empty() {
            mistakes.push(noted(Self::NUMBER, Mistake::NumberMissing));
        }
        if contact.is_empty() {
            mistakes.push(noted(Self::CONTACT, Mistake::ContactMissing));
        } else if !contact.contains(['@', '＠']) && contact.parse::<PhoneNumber>().is_err() {
            mistakes.push(noted(Self::CONTACT, Mistake::ContactForm));
        }
        (Self { number, contact }, mistakes)
    }
}

/// "Show my return".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnSought {
    /// As typed.
    pub typed: String,
    /// As typed.
    pub contact: String,
    /// What was typed, where it is a number.
    pub rma: Option<RmaNumber>,
}

impl ReturnSought {
    pub const RMA: &str = "rma";
    const CONTACT: &str = "rma_contact";

    #[must_use]
    pub fn parse(fields: &Fields) -> (Self, Vec<Noted>) {
        let (typed, contact) = (fields.short(Self::RMA), fields.short(Self::CONTACT));
        let rma = typed.parse().ok();
        let mut mistakes = Vec::new();
        if typed.is_empty() {
            mistakes.push(noted(Self::RMA, Mistake::ReturnMissing));
        } else if rma.is_none() {
            mistakes.push(noted(Self::RMA, Mistake::ReturnSlip));
        }
        if contact.is_empty() {
            mistakes.push(noted(Self::CONTACT, Mistake::ContactMissing));
        }
        (Self { typed, contact, rma }, mistakes)
    }
}

#[component]
fn Find(page: FindPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let FindPage { number, contact, rma, rma_contact, mistakes, demo } = page;
    let at = |field: &str| mistake_at(&mistakes, field);
    let (number_wrong, contact_wrong, form_wrong) = (at(OrderSought::NUMBER), at(OrderSought::CONTACT), at(OrderSought::FORM));
    let (rma_wrong, rma_contact_wrong) = (at(ReturnSought::RMA), at(ReturnSought::CONTACT));
    view! {
        <Frame title=m.find_title() lead=m.find_lead()>
            <ErrorSummary mistakes=mistakes/>
            <div class="two">
            <form class="card form" method="post" action="/" id=field_id(OrderSought::FORM)>
                <FieldError mistake=form_wrong id=field_id(OrderSought::FORM)/>
                <Field name=OrderSought::NUMBER label=m.find_number() hint=m.find_number_hint() value=number wrong=number_wrong autocomplete="off" inputmode="text"/>
                <Field name=OrderSought::CONTACT label=m.find_contact() hint=m.find_contact_hint() value=contact wrong=contact_wrong autocomplete="email" inputmode="email"/>
                <p class="acts"><button class="btn" type="submit">{m.find_action()}</button></p>
            </form>
            <section class="card" aria-labelledby="find-return">
                <h2 class="h" id="find-return">{m.find_return_title()}</h2>
                <p class="quiet">{m.find_return_lead()}</p>
                <form class="form" method="post" action="/find-return">
                    <Field name=ReturnSought::RMA label=m.find_return_number() hint=m.find_return_number_hint() value=rma wrong=rma_wrong autocomplete="off" inputmode="text"/>
                    <Field name=ReturnSought::CONTACT label=m.find_contact() hint=m.find_contact_hint() value=rma_contact wrong=rma_contact_wrong autocomplete="email" inputmode="email"/>
                    <p class="acts"><button class="btn second" type="submit">{m.find_return_action()}</button></p>
                </form>
            </section>
            </div>
            <p><a class="tap" href="/account">{m.find_account()}</a></p>
            <Demo shop=demo/>
        </Frame>
    }
}

/// Orders to try: a few, and below them all of the shop.
#[component]
fn Demo(shop: Vec<DemoDepartment>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rows = |orders: Vec<DemoOrder>| view! { <ul>{orders.into_iter().map(|order| view! { <ToTry order=order/> }).collect_view()}</ul> };
    (!shop.is_empty()).then(|| {
        let orders = || shop.iter().flat_map(|department| &department.orders);
        let count = orders().count();
        let first: Vec<_> = orders().filter(|order| order.highlight).cloned().collect();
        let departments = shop.into_iter().map(|department| {
            let name = department.name.get(m.locale).unwrap_or_default().to_owned();
            view! { <h3>{name}</h3>{rows(department.orders)} }
        });
        view! {
            <section class="card demo">
                <h2 class="h">{m.find_demo_title()}</h2>
                <p class="quiet">{m.find_demo_lead()}</p>
                {rows(first)}
                <details>
                    <summary>{m.find_demo_all(count)}</summary>
                    {departments.collect_view()}
                </details>
                <p><a class="tap" href="/staff/sign-in">{m.staff_demo_link()}</a></p>
            </section>
        }
    })
}

#[component]
fn ToTry(order: DemoOrder) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let shows = order.shows.get(m.locale).unwrap_or_default().to_owned();
    view! {
        <li>
            <form method="post" action="/">
                <input type="hidden" name=OrderSought::CONTACT value=order.contact.clone()/>
                <button class="link" name=OrderSought::NUMBER value=order.number.clone()>{order.number.clone()}</button>
            </form>
            <span class="quiet">{order.contact}</span>
            <span>{shows}</span>
        </li>
    }
}
