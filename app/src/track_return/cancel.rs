//! Call it off? Asked once more, as a page of its own.

use std::sync::Arc;

use domain::returns::LineNo;
use leptos::prelude::*;

use super::rma;
use crate::forms::Fields;
use crate::ports::{ReturnPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// "Call it off".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// All of it: nothing could be chosen.
    Whole,
    /// Lines that were ticked; none is a mistake.
    Lines(Vec<LineNo>),
}

impl Cancel {
    const LINE: &str = "line";
    const CHOOSE: &str = "choose";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let ticked: Vec<LineNo> = fields.all(Self::LINE).filter_map(|line| line.parse().ok()).collect();
        if ticked.is_empty() && fields.get(Self::CHOOSE).is_empty() { Self::Whole } else { Self::Lines(ticked) }
    }
}

/// `/returns/{rma}/cancel`
#[component]
pub fn CancelReturn() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    let several = page.request.live_lines().count() > 1;
    let text = match (page.can_cancel, several) {
        (false, _) => m.track_cancel_late(),
        (true, false) => m.track_cancel_text(),
        (true, true) => m.track_cancel_rest(),
    };
    let choice = several.then(|| view! { <Choice page=page.clone()/> });
    view! {
        <Frame title=m.track_cancel_title() chip=m.track_chip(rma) lead=text>
            {if page.can_cancel {
                view! {
                    <form method="post" action=format!("/returns/{rma}/cancel")>
                        {choice}
                        <p class="acts"><button class="btn danger" type="submit">{m.track_cancel_action()}</button> <a class="btn second" href=back>{m.track_cancel_keep()}</a></p>
                    </form>
                }
                .into_any()
            } else {
                view! { <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p> }.into_any()
            }}
        </Frame>
    }
}

/// Of several items, which: all are ticked, and what is not stays in the return.
#[component]
fn Choice(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let tiles: Vec<_> = page
        .request
        .live_lines()
        .map(|line| {
            let units = page.request.units_held(line);
            let name = if units > 1 { m.track_units_of(&line.asked.name, units) } else { line.asked.name.clone() };
            let about: Vec<String> =
                line.asked.variant.clone().into_iter().chain(page.told_apart(line).map(|reason| say.reason(reason))).collect();
            let variant = (!about.is_empty()).then(|| view! { <span class="block quiet sm">{about.join(" · ")}</span> });
            view! {
                <label class="tile line">
                    <input class="check" type="checkbox" name=Cancel::LINE value=line.id.to_string() checked=true/>
                    <span><b>{name}</b>{variant}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="tiles">
            <legend class="h">{m.track_cancel_which()}</legend>
            {tiles}
        </fieldset>
        <input type="hidden" name=Cancel::CHOOSE value="1"/>
    }
}
