//! The parcel's number, and where its carrier shows it.

use leptos::prelude::*;

use crate::ports::ReturnPage;
use crate::say::Say;
use crate::ui::Copy;

/// The number of the parcel whose label counts, and its carrier's page, where the shop has told it.
#[component]
pub fn ParcelFacts(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let parcel = page.request.parcel()?;
    let follow = page.tracking.map(|link| view! { " · " <a href=link rel="noreferrer">{m.parcel_follow()}</a> });
    Some(view! {
        <p class="quiet sm">
            {m.track_number()} " " <span class="num">{parcel.tracking_number.clone()}</span>" "
            <Copy text=parcel.tracking_number.clone() what=m.parcel_number()/>{follow}
        </p>
    })
}
