//! How does it come back?

use std::sync::Arc;

use domain::policy::Method;
use domain::returns::Pickup;
use leptos::prelude::*;

use super::{Foot, OtherDevice, Seen, draft, step};
use crate::forms::{Fields, noted};
use crate::islands::Preview;
use crate::ports::{Mistake, Noted, SendPage, ShopperDesk};
use crate::say::{Say, WayCost};
use crate::ui::{ErrorSummary, FieldError, Frame, Wake, field_id, load, mistake_at};

/// "How does it come back?", of a draft or a return.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayBack {
    /// The way, where one is chosen.
    pub method: Option<Method>,
    /// When the door is called at, where that was said.
    pub pickup: Option<Pickup>,
}

impl WayBack {
    pub const METHOD: &str = "method";
    /// Day and hours.
    pub const PICKUP: &str = "pickup";
    const DATE: &str = "pickup_date";
    const SLOT: &str = "pickup_slot";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let pickup = fields.get(Self::DATE).parse().ok().map(|date| Pickup { date, slot: fields.short(Self::SLOT) });
        Self { method: fields.get(Self::METHOD).parse().ok(), pickup }
    }

    /// What of it the page offers.
    #[must_use]
    pub fn among(self, page: &SendPage) -> (Self, Vec<Noted>) {
        let method = self.method.filter(|chosen| page.methods.iter().any(|(offered, _)| offered == chosen));
        let fits = |pickup: &Pickup| page.days.contains(&pickup.date) && page.slots.contains(&pickup.slot);
        let mistakes = match method {
            None => vec![noted(Self::METHOD, Mistake::MethodMissing)],
            Some(Method::Pickup) if self.pickup.as_ref().is_some_and(|pickup| page.full.contains(pickup)) => {
                vec![noted(Self::PICKUP, Mistake::PickupFull)]
            }
            Some(Method::Pickup) if !self.pickup.as_ref().is_some_and(fits) => vec![noted(Self::PICKUP, Mistake::PickupMissing)],
            Some(_) => Vec::new(),
        };
        (Self { method, ..self }, mistakes)
    }
}

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
            let cost = match (price.minor, method) {
                (0, _) if page.free => WayCost::Free,
                (0, Method::Counter | Method::Arranged) => WayCost::Free,
                (0, _) => WayCost::Carrier,
                (asked, _) if asked > page.worth => WayCost::Due(*price),
                _ => WayCost::Deducted(*price),
            };
            let (amount, when) = say.way_cost(cost);
            let at_once = amount.map(|amount| view! { <span class="price num">{say.f.money(amount)}</span> }.into_any());
            let at_once = at_once.unwrap_or_else(|| match cost {
                WayCost::Free => view! { <span class="chip good">{when}</span> }.into_any(),
                _ => ().into_any(),
            });
            let when = (cost != WayCost::Free).then(|| view! { <span class="meta">{when}</span> });
            view! {
                <label class="tile line" data-method=method.code()>
                    <input class="check radio" type="radio" name=WayBack::METHOD value=method.code() checked=chosen/>
                    <span><b>{say.method(*method)}</b><span class="meta">{say.method_text(*method)}</span>{when}</span>
                    {at_once}
                </label>
            }
        })
        .collect();
    let pickup = page.methods.iter().any(|(method, _)| *method == Method::Pickup).then(|| view! { <PickupTime page=page.clone()/> });
    let wrong = mistake_at(&page.mistakes, WayBack::METHOD);
    let form = view! {
        <ErrorSummary mistakes=page.mistakes/>
        <form method="post" action=action class="ways asked">
            {page.seen.map(|seen| view! { <Seen seen=seen/> })}
            <fieldset class="tiles" id=field_id(WayBack::METHOD)>
                <legend class="sr">{m.send_title()}</legend>
                <FieldError mistake=wrong id=field_id(WayBack::METHOD)/>
                {ways}
            </fieldset>
            {pickup}
            {page.nowhere.then(|| view! { <p class="quiet sm">{m.send_pickup_nowhere()}</p> })}
            {page.draft.as_ref().map(|draft| view! { <Preview source=format!("/return/{draft}/preview/send")/><Wake/> })}
            <Foot back=back action=if switching { m.track_change_method_action() } else { m.shell_continue() }/>
        </form>
    };
    let labelled = page.methods.iter().any(|(method, _)| method.is_by_parcel());
    let lead = if labelled { m.send_lead(say.f.by(page.label_until)) } else { m.send_lead_dangerous().to_owned() };
    match page.rma {
        Some(rma) => view! { <Frame title=m.track_change_method_title() chip=m.track_chip(rma) lead=lead>{form}</Frame> }.into_any(),
        None => view! { <Frame title=m.send_title() step=step(5, m.send_step()) lead=lead>{form}{page.draft.map(|draft| view! { <OtherDevice draft=draft/> })}</Frame> }.into_any(),
    }
}

#[component]
fn PickupTime(page: SendPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let wrong = mistake_at(&page.mistakes, WayBack::PICKUP);
    let chosen = page.pickup.as_ref();
    let days: Vec<_> = page
        .days
        .iter()
        .map(|day| {
            let (weekday, number, month) = say.f.day_parts(*day);
            view! {
                <label class="pill day">
                    <input class="sr" type="radio" name=WayBack::DATE value=day.to_string() checked={chosen.is_some_and(|pickup| pickup.date == *day)}/>
                    <span><span class="sr">{say.f.date(*day)}</span><span class="meta" aria-hidden="true">{weekday}</span><b aria-hidden="true">{number}</b><span class="meta" aria-hidden="true">{month}</span></span>
                </label>
            }
        })
        .collect();
    let only = page.slots.len() == 1;
    let slots: Vec<_> = page
        .slots
        .iter()
        .map(|slot| {
            view! {
                <label class="pill">
                    <input class="sr" type="radio" name=WayBack::SLOT value=slot.clone() checked={only || chosen.is_some_and(|pickup| pickup.slot == *slot)}/>
                    <span class="num">{say.slot(slot)}</span>
                </label>
            }
        })
        .collect();
    // A day that has places left may have none in one of its slots.
    let taken: Vec<String> = page.full.iter().map(|pickup| m.mail_pickup_time(say.f.date(pickup.date), say.slot(&pickup.slot))).collect();
    let taken = (!taken.is_empty()).then(|| view! { <p class="quiet sm">{m.send_pickup_taken(m.list(&taken))}</p> });
    let from = page.from.as_ref().map(|address| {
        let lines: Vec<_> = say.f.address(address).into_iter().map(|line| view! { <span class="block">{line}</span> }).collect();
        let other = page.rma.map(|rma| view! { <a class="sm" href=format!("/returns/{rma}/door")>{m.track_change_door()}</a> });
        view! { <div class="quiet"><span class="sm">{m.send_from()}</span><address>{lines}</address>{other}</div> }
    });
    view! {
        <fieldset class="card pickup" id=field_id(WayBack::PICKUP)>
            <legend class="h">{m.send_pickup_when()}</legend>
            <FieldError mistake=wrong id=field_id(WayBack::PICKUP)/>
            <fieldset class="pills days"><legend>{m.send_pickup_day()}</legend>{days}</fieldset>
            <fieldset class="pills slots"><legend>{m.send_pickup_slot()}</legend>{slots}</fieldset>
            {taken}
            {from}
        </fieldset>
    }
}
