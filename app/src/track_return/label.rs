//! The label and the code: to print, to show, to read out (P18, N11).

use std::sync::Arc;

use domain::danger::Danger;
use domain::policy::Method;
use domain::rma::RmaNumber;
use leptos::prelude::*;

use crate::ports::{ReturnPage, ShopFront};
use crate::say::Say;
use crate::ui::Qr;

/// The QR code, the number in groups of four, the label to print.
#[component]
pub fn LabelCard(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let shop = expect_context::<Arc<ShopFront>>();
    let request = page.request;
    let rma = request.rma;
    let symbols = rma.symbols();
    if let Some(danger) = request.danger() {
        return view! { <Handling danger=danger method=request.method rma=rma/> }.into_any();
    }
    let spelled = read_out(&say, rma);
    let title = match request.method {
        Method::DropOff => m.track_code_title(),
        Method::Counter => m.track_code_counter(),
        _ => m.track_label_title(),
    };
    let address = format!("{}/returns/{rma}", shop.public_url);
    let making = request.wanted.as_ref().map(|wanted| {
        let said = if wanted.refused.is_none() { m.moment_label_wanted() } else { m.moment_label_refused() };
        view! { <p class="note">{said}</p> }
    });
    let waits = request.wanted.as_ref().is_some_and(|wanted| wanted.refused.is_none());
    let expired = page.label_expired.then(|| request.parcel()).flatten().map(|parcel| {
        view! {
            <div class="note heed">
                <p><b>{m.track_label_expired(say.f.by(parcel.expires_at))}</b></p>
                <p>{m.track_label_expired_text()}</p>
                {(page.can_change && !waits).then(|| view! {
                    <form method="post" action=format!("/returns/{rma}/label")><p class="acts"><button class="btn" type="submit">{m.track_change_label()}</button></p></form>
                })}
            </div>
        }
    });
    if expired.is_some() {
        return view! { <section class="card" id="label"><h2 class="h">{title}</h2>{expired}{making}</section> }.into_any();
    }
    let parcel = request.parcel().map(|parcel| {
        view! { <p class="quiet sm">{m.track_tracking(&parcel.tracking_number)} " · " {m.track_label_until(say.f.by(parcel.expires_at))}</p> }
    });
    let calendar = (request.method == Method::Pickup && request.pickup.is_some()).then(|| {
        view! { <a class="btn second small" href=format!("/returns/{rma}/pickup.ics")>{m.done_calendar()}</a> }
    });
    // A carrier's label has the one size that it was made in.
    let made = request.parcel().is_some_and(|parcel| parcel.file.is_some());
    let sizes = match made {
        true => vec![("", m.done_label_pdf())],
        false => vec![("?size=a6", m.done_label_a6()), ("?size=a4", m.done_label_a4()), ("?size=large", m.done_label_large())],
    };
    let sizes = sizes.into_iter().map(|(size, name)| {
        view! { <a class="btn second small" href=format!("/returns/{rma}/label.pdf{size}")>{name}</a> }
    });
    let sizes: Vec<_> = sizes.collect();
    let label = page.label.then(|| view! { <p class="acts">{sizes}{calendar}</p> });
    view! {
        <section class="card" id="label">
            <div class="row top-row">
                <Qr text=address.clone() label=address/>
                <div class="grow">
                    <h2 class="h">{title}</h2>
                    <p class="code num">{format!("{} {}", &symbols[..4], &symbols[4..])}</p>
                    {spelled}
                    {parcel}
                </div>
            </div>
            {making}
            {label}
        </section>
    }
    .into_any()
}

/// In place of a label: what to do with what none may carry.
#[component]
fn Handling(danger: Danger, method: Method, rma: RmaNumber) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let spelled = read_out(&say, rma);
    let symbols = rma.symbols();
    let code = format!("{} {}", &symbols[..4], &symbols[4..]);
    let (title, next) = match method {
        Method::Counter => (m.track_code_counter(), m.track_dangerous_counter()),
        _ => (m.track_dangerous_title(), m.track_dangerous_arranged()),
    };
    view! {
        <section class="card" id="handling">
            <h2 class="h">{title}</h2>
            <div class="note heed"><p><b>{say.danger(danger)}</b></p><p>{next}</p></div>
            <p class="code num">{code}</p>
            {spelled}
        </section>
    }
}

/// The return's number to read out.
fn read_out(say: &Say, rma: RmaNumber) -> Option<impl IntoView + use<>> {
    let words = say.spelled(rma)?;
    Some(view! { <p class="quiet sm"><span class="sr">{say.m.done_spelled()} ": "</span>{words}</p> })
}
