//! The label and the code: to print, to show, to read out (P18, N11).

use std::sync::Arc;

use domain::danger::Danger;
use domain::policy::Method;
use domain::rma::RmaNumber;
use leptos::prelude::*;

use super::parcel::ParcelFacts;
use crate::ports::{ReturnPage, ShopFront};
use crate::say::Say;
use crate::ui::{Copy, Qr};

/// The QR code, the number in groups of four, the label to print.
#[component]
pub fn LabelCard(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let shop = expect_context::<Arc<ShopFront>>();
    let request = page.request.clone();
    let rma = request.rma;
    if let Some(danger) = request.danger() {
        return view! { <Handling danger=danger method=request.method rma=rma/> }.into_any();
    }
    let title = match request.method {
        Method::DropOff => m.track_code_title(),
        Method::Counter => m.track_code_counter(),
        Method::Pickup => m.done_door(),
        _ => m.track_label_title(),
    };
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
    let parcel = request.parcel();
    let number = view! { <ParcelFacts page=page.clone()/> };
    let until = parcel.map(|parcel| say.f.by(parcel.expires_at));
    if let (Method::Pickup, Some(pickup)) = (request.method, &request.pickup) {
        let at = format!("/returns/{rma}");
        let (weekday, day, month) = say.f.day_parts(pickup.date);
        let from: Vec<_> =
            request.from.iter().flat_map(|from| say.f.address(from)).map(|line| view! { <span class="block">{line}</span> }).collect();
        let change = page.can_change.then(|| view! { <a class="change" href=format!("{at}/method")>{m.shell_change()}<span class="sr">{": "}{say.method(Method::Pickup)}</span></a> });
        return view! {
            <section class="card" id="label">
                <div class="row head"><h2 class="h grow">{title}</h2>{change}</div>
                <div class="row when">
                    <p class="leaf" aria-hidden="true"><span>{weekday}</span><b>{day}</b><span>{month}</span></p>
                    <p class="grow"><span class="sr">{say.f.date(pickup.date)} ", "</span><b class="num">{say.slot(&pickup.slot)}</b><span class="block quiet">{m.done_door_text()}</span></p>
                </div>
                <address class="quiet">{from}</address>
                {making}
                <p class="acts"><a class="btn second small" href=format!("{at}/pickup.ics")>{m.done_calendar()}</a></p>
            </section>
        }
        .into_any();
    }
    // What a clerk scans is the parcel's number; at our own counter a return's page is opened.
    let scanned = parcel.filter(|_| request.method != Method::Counter).map(|parcel| parcel.tracking_number.clone());
    let print = page.label.then(|| {
        let made = parcel.is_some_and(|parcel| parcel.file.is_some());
        view! { <Print rma=rma made=made instead={request.method == Method::DropOff}/> }
    });
    let code = grouped(rma);
    let spelled = read_out(&say, rma);
    if matches!(request.method, Method::DropOff | Method::Counter) {
        let clerk = until.filter(|_| request.method == Method::DropOff).map(|until| view! { <p class="quiet">{m.done_clerk(until)}</p> });
        let text = scanned.unwrap_or_else(|| format!("{}/returns/{rma}", shop.public_url));
        return view! {
            <section class="card ticket" id="label">
                <h2 class="h">{title}</h2>
                <Qr text=text.clone() label=text/>
                <p class="code num">{code}</p>
                <Copy text=rma.to_string() what=m.label_return_number()/>
                {spelled}
                {number}
                {clerk}
                {making}
                {print}
            </section>
        }
        .into_any();
    }
    let until = until.map(|until| view! { <p class="quiet sm">{m.track_label_until(until)}</p> });
    view! {
        <section class="card" id="label">
            <h2 class="h">{title}</h2>
            <p class="code num">{code}</p>
            <Copy text=rma.to_string() what=m.label_return_number()/>
            {spelled}
            {number}
            {until}
            {making}
            {print}
        </section>
    }
    .into_any()
}

/// One label to print; its other sizes in a menu.
#[component]
fn Print(
    rma: RmaNumber,
    /// A carrier's own, which has the one size that it was made in.
    made: bool,
    /// It can do without: a code is enough.
    instead: bool,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |size: &str| format!("/returns/{rma}/label.pdf{size}");
    let name = if instead { m.done_print_instead() } else { m.done_print() };
    let sizes = (!made).then(|| {
        let sizes = [("?size=a4", m.done_label_a4()), ("?size=large", m.done_label_large())];
        let sizes: Vec<_> = sizes.into_iter().map(|(size, name)| view! { <li><a class="tap" href=at(size)>{name}</a></li> }).collect();
        view! { <details class="sizes"><summary>{m.done_sizes()}</summary><ul>{sizes}</ul></details> }
    });
    view! {
        <div class="acts"><a class="btn second" href=at(if made { "" } else { "?size=a6" })>{name}</a>{sizes}</div>
    }
}

/// In place of a label: what to do with what none may carry.
#[component]
fn Handling(danger: Danger, method: Method, rma: RmaNumber) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let code = grouped(rma);
    let spelled = read_out(&say, rma);
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

/// The number in groups of four, without its letter.
#[must_use]
pub fn grouped(rma: RmaNumber) -> String {
    let symbols = rma.symbols();
    format!("{} {}", &symbols[..4], &symbols[4..])
}

/// The return's number to read out.
fn read_out(say: &Say, rma: RmaNumber) -> Option<impl IntoView + use<>> {
    let words = say.spelled(rma)?;
    Some(view! { <p class="quiet sm"><span class="sr">{say.m.done_spelled()} ": "</span>{words}</p> })
}
