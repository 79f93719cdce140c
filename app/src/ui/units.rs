//! How many units of an item: a tick, and a number beside it. Who chooses another number than the one that stands there means the item, tick or
//! not.

use domain::ids::LineKey;
use leptos::prelude::*;

use super::mistakes::field_id;
use crate::forms::{Fields, of_item};
use crate::say::Say;

/// The tick.
const UNITS: &str = "units";
/// The number, of an item of which there are several.
const COUNT: &str = "count";
/// That the item was ticked when the page was shown: without its tick it is not meant any more, whatever its number.
const BEFORE: &str = "before";

/// The field of an item's tick.
#[must_use]
pub fn tick_of(item: &LineKey) -> String {
    of_item(UNITS, item)
}

/// How many units of an item a form asks for; none where it is not meant. What cannot be read as a number is 0. `unasked`: the number that
/// stands beside an item that is not ticked.
#[must_use]
pub fn units_meant(fields: &Fields, item: &LineKey, unasked: u32) -> Option<u32> {
    let typed = fields.maybe(&of_item(COUNT, item)).map(|count| count.parse().unwrap_or(0));
    if !fields.get(&tick_of(item)).is_empty() {
        return Some(typed.unwrap_or(1));
    }
    typed.filter(|count| *count != unasked && *count > 0 && fields.get(&of_item(BEFORE, item)).is_empty())
}

/// The number, with steps up and down where the page is awake.
#[component]
pub fn Units(
    item: LineKey,
    /// How many there are.
    total: u32,
    /// Chosen before.
    chosen: u32,
    /// What stands there where nothing is chosen.
    unasked: u32,
    /// The page has an island that listens to the steps.
    #[prop(optional)]
    steps: bool,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let value = if chosen == 0 { unasked } else { chosen };
    let name = of_item(COUNT, &item);
    let id = field_id(&name);
    view! {
        <span class="units">
            <label for=id.clone()>{m.items_units()}</label>
            {steps.then(|| view! { <button type="button" class="bump awake" data-step="-1" aria-label=m.items_fewer()>"−"</button> })}
            <input type="number" id=id name=name min="1" max=total value=value inputmode="numeric" data-unasked=unasked/>
            {steps.then(|| view! { <button type="button" class="bump awake" data-step="1" aria-label=m.items_more()>"+"</button> })}
            <span class="quiet">{m.items_units_from(total)}</span>
            {(chosen > 0).then(|| view! { <input type="hidden" name=of_item(BEFORE, &item) value="1"/> })}
        </span>
    }
}
