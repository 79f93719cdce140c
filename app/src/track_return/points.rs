//! Where to hand the parcel in.

use leptos::prelude::*;

use crate::ports::HandIn;
use crate::say::Say;

/// The nearest places with address and hours; a link that opens the reader's own map. Nothing where the shop told of none.
#[component]
pub fn HandInPoints(points: Vec<HandIn>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    if points.is_empty() {
        return None;
    }
    let points: Vec<_> = points
        .into_iter()
        .map(|point| {
            let far = point.km.map(|km| m.points_far(say.f.number(format!("{km:.1}"))));
            let meta: Vec<String> = point.carrier.clone().into_iter().chain(far).collect();
            let meta = (!meta.is_empty()).then(|| view! { <span class="meta">{meta.join(" · ")}</span> });
            let address = say.f.address_within(&point.address).join(", ");
            // RFC 5870: nobody else is asked for a map.
            let map = point.spot.map(|(latitude, longitude)| {
                view! {
                    <a class="link" href=format!("geo:{latitude},{longitude}")>{m.points_map()}<span class="sr">": " {point.name.clone()}</span></a>
                }
            });
            view! {
                <li class="point">
                    <b>{point.name}</b>
                    {meta}
                    <span class="block">{address}</span>
                    {point.hours.map(|hours| view! { <span class="block quiet sm">{hours}</span> })}
                    {map}
                </li>
            }
        })
        .collect();
    Some(view! { <section class="card" id="points"><h2 class="h">{m.points_title()}</h2><ul class="points">{points}</ul></section> })
}
