//! Sent off: the number, the label, what happens next.

use std::sync::Arc;

use domain::returns::Status;
use leptos::prelude::*;

use super::label::LabelCard;
use super::pack::PackList;
use super::points::HandInPoints;
use super::rma;
use super::track::Timeline;
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
    let title = if review { m.done_title_review() } else { m.done_title() };
    let mailed = request.contact.email.as_ref().map(|email| view! { <p class="quiet">{m.done_mailed(email)}</p> });
    let entries = page.entries.clone();
    let follow = format!("/returns/{}", request.rma);
    let dangerous = request.danger().is_some();
    let label = (page.label || request.live_lines().any(|line| line.asked.sends_back()) && (!review || dangerous))
        .then(|| view! { <LabelCard page=page.clone()/> });
    view! {
        <Frame title=title lead=m.done_lead(request.rma)>
            {mailed}
            {label}
            <PackList page=page.clone()/>
            <HandInPoints points=page.hand_in.clone()/>
            <section class="card">
                <h2 class="h">{m.done_next()}</h2>
                <Timeline entries=entries/>
            </section>
            <p class="acts"><a class="btn" href=follow>{m.done_follow()}</a> <a class="btn second" href="/">{m.done_another()}</a></p>
        </Frame>
    }
}
