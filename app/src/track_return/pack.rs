//! What belongs into the parcel.

use domain::policy::Method;
use domain::returns::{ReturnLine, Status};
use leptos::prelude::*;

use crate::ports::ReturnPage;
use crate::say::Say;

/// The items that come back with how many of each, what came with them, and a slip that says whose they are. Nothing where there is no parcel
/// to pack, or it is packed.
#[component]
pub fn PackList(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request;
    let packs = matches!(request.method, Method::Pickup | Method::DropOff | Method::SelfShip | Method::Counter);
    let comes = |line: &&ReturnLine| line.is_approved() && line.asked.sends_back() && request.units_held(line) > 0;
    let lines: Vec<&ReturnLine> = request.live_lines().filter(comes).collect();
    if lines.is_empty() || !packs || request.status() != Status::Approved || request.danger().is_some() {
        return None;
    }
    let items: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let (asked, units) = (&line.asked, request.units_held(line));
            let name = asked.variant.as_ref().map_or_else(|| asked.name.clone(), |variant| m.format_aside(&asked.name, variant));
            view! { <li>{if units > 1 { m.withdraw_units_of(units, name) } else { name }}</li> }
        })
        .collect();
    Some(view! {
        <section class="card" id="pack">
            <h2 class="h">{m.pack_title()}</h2>
            <ul class="list">{items}</ul>
            <p>{m.pack_along()}</p>
            <p class="quiet sm">{m.pack_slip(request.rma)}</p>
        </section>
    })
}
