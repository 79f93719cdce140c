//! How does it come back?

use std::sync::Arc;

use domain::policy::Method;
use leptos::prelude::*;

use super::{Foot, OtherDevice, draft, step};
use crate::islands::Preview;
use crate::ports::{SendPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, Wake, field_id, load, mistake_at};

/// `/return/{draft}/send`
#[component]
pub fn Send() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.send_page(&draft).await }, |page| view! { <Choose page=page/> })
}

/// `/returns/{rma}/method`
#[component]
pub fn SwitchMethod() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = crate::track_return::rma();
    load(async move { desk.method_page(&rma).await }, |page| view! { <Choose page=page/> })
}

#[component]
fn Choose(page: SendPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (action, back) = match (&page.draft, page.rma) {
        (Some(draft), _) => (format!("/return/{draft}/send"), format!("/return/{draft}/wish")),
        (None, rma) => {
            let rma = rma.map(|rma| rma.to_string()).unwrap_or_default();
            (format!("/returns/{rma}/method"), format!("/returns/{rma}"))
        }
    };
    let switching = page.draft.is_none();
    let only = page.methods.len() == 1;
    let ways: Vec<_> = page
        .methods
        .iter()
        .map(|(method, price)| {
            let chosen = page.chosen == Some(*method) || (page.chosen.is_none() && only);
            let cost = match (price.minor, page.free, method) {
                (0, true, _) | (0, _, Method::Counter) => view! { <span class="chip good">{m.send_free()}</span> }.into_any(),
                (0, false, _) => view! { <span class="quiet sm">{m.send_paid_by_you()}</span> }.into_any(),
                _ => view! { <span class="price num">{say.f.money(*price)}</span> }.into_any(),
            };
            view! {
                <label class="tile line" data-method=method.code()>
                    <input class="check radio" type="radio" name="method" value=method.code() checked=chosen/>
                    <span><b>{say.method(*method)}</b><span class="meta">{say.method_text(*method)}</span></span>
                    {cost}
                </label>
            }
        })
        .collect();
    let pickup = page.methods.iter().any(|(method, _)| *method == Method::Pickup).then(|| view! { <PickupTime page=page.clone()/> });
    let wrong = mistake_at(&page.mistakes, "method");
    let form = view! {
        <ErrorSummary mistakes=page.mistakes/>
        <form method="post" action=action class="ways asked">
            <fieldset class="tiles" id=field_id("method")>
                <legend class="sr">{m.send_title()}</legend>
                <FieldError mistake=wrong id=field_id("method")/>
                {ways}
            </fieldset>
            {pickup}
            {page.draft.as_ref().map(|draft| view! { <Preview source=format!("/return/{draft}/preview/send")/><Wake/> })}
            <Foot back=back action=if switching { m.track_change_method_action() } else { m.shell_continue() }/>
        </form>
    };
    let lead = m.send_lead(say.f.by(page.label_until));
    match page.rma {
        Some(rma) => view! { <Frame title=m.track_change_method_title() chip=m.track_chip(rma) lead=lead>{form}</Frame> }.into_any(),
        None => view! { <Frame title=m.send_title() step=step(5, m.send_step()) lead=lead>{form}{page.draft.map(|draft| view! { <OtherDevice draft=draft/> })}</Frame> }.into_any(),
    }
}

#[component]
fn PickupTime(page: SendPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let wrong = mistake_at(&page.mistakes, "pickup");
    let chosen = page.pickup.as_ref();
    let days: Vec<_> = page
        .days
        .iter()
        .map(|day| view! { <option value=day.to_string() selected={chosen.is_some_and(|pickup| pickup.date == *day)}>{say.f.date(*day)}</option> })
        .collect();
    let slots: Vec<_> = page
        .slots
        .iter()
        .map(|slot| view! { <option value=slot.clone() selected={chosen.is_some_and(|pickup| pickup.slot == *slot)}>{say.slot(slot)}</option> })
        .collect();
    let from = page.from.as_ref().map(|address| {
        let lines: Vec<_> = say.f.address(address).into_iter().map(|line| view! { <span class="block">{line}</span> }).collect();
        view! { <div class="quiet"><span class="sm">{m.send_from()}</span><address>{lines}</address></div> }
    });
    view! {
        <fieldset class="card pickup" id=field_id("pickup")>
            <legend class="h">{m.send_pickup_when()}</legend>
            <FieldError mistake=wrong id=field_id("pickup")/>
            <div class="row">
                <label class="grow"><span class="sm">{m.send_pickup_day()}</span><select name="pickup_date">{days}</select></label>
                <label class="grow"><span class="sm">{m.send_pickup_slot()}</span><select name="pickup_slot">{slots}</select></label>
            </div>
            {from}
        </fieldset>
    }
}
