//! The return was sent off: its number, and what happens next.

use domain::policy::Method;
use domain::returns::{Entry, EntryState, Moment, Return, Status};
use leptos::prelude::*;
use std::sync::Arc;

use super::label::{LabelCard, grouped};
use super::pack::PackList;
use super::points::HandInPoints;
use super::rma;
use crate::ports::{ReturnPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/returns/{rma}/done`
#[component]
pub fn Done() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Thanks page=page/> })
}

#[component]
fn Thanks(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let review = request.status() == Status::InReview;
    let title = match request.method {
        _ if review => m.done_title_review(),
        Method::None if page.keeps() => m.done_title_keep(),
        _ => m.done_title(),
    };
    let number = request.rma.to_string();
    let mailed = request.contact.email.as_ref().map(|email| view! { <p class="quiet mailed">{m.done_mailed(email.masked())}</p> });
    let steps = view! { <Steps page=page.clone()/> };
    let follow = format!("/returns/{}", request.rma);
    let dangerous = request.danger().is_some();
    let label = (page.label || request.live_lines().any(|line| line.asked.sends_back()) && (!review || dangerous))
        .then(|| view! { <LabelCard page=page.clone()/> });
    view! {
        <Frame title=title done=true>
            <p class="lead">{m.done_number()} " " <b class="num">{number}</b></p>
            {mailed}
            {label}
            {steps}
            <PackList page=page.clone()/>
            <HandInPoints points=page.hand_in.clone()/>
            <p class="acts"><a class="btn" href=follow>{m.done_follow()}</a> <a class="btn second" href="/">{m.done_another()}</a></p>
        </Frame>
    }
}

/// What is left, in few steps: pack it, hand it over, the money.
#[component]
fn Steps(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let ahead = page.entries.iter().filter(|entry| entry.state != EntryState::Done && entry.moment != Moment::Checked);
    let steps: Vec<_> = ahead
        .flat_map(|entry| {
            let step = (say.moment(&entry.moment), by(&say, entry));
            pack(&say, &page.request, entry).into_iter().chain([step])
        })
        .map(|(step, about)| view! { <li><b>{step}</b>{about.map(|about| view! { <span class="block quiet">{about}</span> })}</li> })
        .collect();
    (!steps.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.done_steps()}</h2><ol class="steps">{steps}</ol></section> })
}

/// By when a step is done; a pickup says its day and hours by itself.
fn by(say: &Say, entry: &Entry) -> Option<String> {
    say.promised(entry).and(entry.promised_by).map(|by| say.m.done_by(say.f.by(by)))
}

/// Before something is handed over it is packed.
fn pack(say: &Say, request: &Return, entry: &Entry) -> Option<(String, Option<String>)> {
    let Moment::Send { method, .. } = &entry.moment else { return None };
    let m = say.m;
    let about = match method {
        _ if request.danger().is_some() => return None,
        Method::SelfShip => m.done_pack_label().to_owned(),
        Method::DropOff => m.done_pack_box().to_owned(),
        Method::Pickup | Method::Counter => m.done_pack_number(grouped(request.rma)),
        Method::Arranged | Method::None => return None,
    };
    Some((m.done_pack().to_owned(), Some(about)))
}
