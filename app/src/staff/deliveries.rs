//! What people and systems were to be told and were not, to be sent again.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::ports::{Channel, DeliveriesPage, FailedView};
use crate::say::Say;
use crate::ui::load;

/// What is sent again: by its name, or all of a channel.
pub struct AgainForm;

impl AgainForm {
    pub const ID: &'static str = "id";
    pub const CHANNEL: &'static str = "channel";
}

impl Say {
    fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Mail => self.m.deliveries_mail(),
            Channel::Text => self.m.deliveries_text(),
            Channel::Webhook => self.m.deliveries_webhook(),
        }
    }
}

/// `/staff/settings/deliveries`
#[component]
pub fn Deliveries() -> impl IntoView {
    let desk = desk();
    let (channel, before) = use_query_map().with_untracked(|query| (query.get(AgainForm::CHANNEL), query.get("before")));
    load(async move { desk.deliveries_page(channel.as_deref(), before.as_deref()).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: DeliveriesPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DeliveriesPage { rail, channels, channel, failed, older, off } = page;
    let waiting: u64 = channels.iter().map(|(_, waiting, _)| waiting).sum();
    let all: u64 = channels.iter().map(|(_, _, failed)| failed).sum();
    let of_all = {
        let current = channel.is_none().then_some("page");
        view! { <li><a href="/staff/settings/deliveries" aria-current=current>{m.deliveries_all()} " · " {say.count(all)}</a></li> }
    };
    let filters: Vec<_> = channels
        .iter()
        .map(|(one, _, failed)| {
            let current = (channel == Some(*one)).then_some("page");
            let to = format!("/staff/settings/deliveries?channel={}", one.code());
            view! { <li><a href=to aria-current=current>{say.channel(*one)} " · " {say.count(*failed)}</a></li> }
        })
        .collect();
    let off: Vec<_> = off.into_iter().map(|(name, why)| view! { <li class="heed">{m.deliveries_off(name, why)}</li> }).collect();
    let off = (!off.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.deliveries_off_title()}</h2><ul class="others">{off}</ul></section> });
    let can_all = failed.iter().any(|failed| failed.can_again);
    let rows: Vec<_> = failed.into_iter().map(|failed| view! { <Failed failed=failed/> }).collect();
    let more = older.map(|id| {
        let of = channel.map(|channel| format!("&channel={}", channel.code())).unwrap_or_default();
        view! { <p><a href=format!("/staff/settings/deliveries?before={id}{of}")>{m.deliveries_older()}</a></p> }
    });
    view! {
        <StaffFrame rail=rail here=Here::Deliveries title=m.deliveries_title()>
            <p class="quiet">{m.deliveries_lead()}</p>
            <p>{m.deliveries_waiting(waiting)}</p>
            <nav aria-label=m.deliveries_by()><ul class="views">{of_all}{filters}</ul></nav>
            {off}
            {if rows.is_empty() {
                view! { <p class="card">{m.deliveries_none()}</p> }.into_any()
            } else {
                view! {
                    {can_all.then(|| view! {
                        <form method="post" action="/staff/settings/deliveries">
                            {channel.map(|channel| view! { <input type="hidden" name=AgainForm::CHANNEL value=channel.code()/> })}
                            <p class="acts"><button class="btn" type="submit">{m.deliveries_again_all()}</button></p>
                        </form>
                    })}
                    <ul class="people">{rows}</ul>
                    {more}
                }.into_any()
            }}
        </StaffFrame>
    }
}

#[component]
fn Failed(failed: FailedView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let FailedView { id, channel, occasion, named, rma, hook, tries, at, why, can_again } = failed;
    let what = match (occasion, rma) {
        (Some(occasion), Some(rma)) => say.mail_subject(occasion, rma),
        _ => named,
    };
    let of = rma.map(|rma| view! { " · " <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a> });
    let to = hook.map(|hook| view! { " · " {hook} });
    let again = can_again.then(|| {
        let label = what.clone();
        view! {
            <form method="post" action="/staff/settings/deliveries">
                <input type="hidden" name=AgainForm::ID value=id/>
                <p class="acts"><button class="btn second small" type="submit">{m.deliveries_again()}<span class="sr">" · " {label}</span></button></p>
            </form>
        }
    });
    let gone = (!can_again).then(|| view! { <p class="quiet sm">{m.deliveries_gone()}</p> });
    view! {
        <li class="card">
            <p><b class="name">{what}</b><span class="block quiet sm">{say.channel(channel)}{of}{to} " · " {m.deliveries_tried(tries)} " · " {say.f.moment(at)}</span></p>
            <p class="why">{why}</p>
            {again}{gone}
        </li>
    }
}
