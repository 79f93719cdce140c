//! Where somebody is in, and what they may.

use leptos::prelude::*;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::ports::{MePage, SessionView};
use crate::say::Say;
use crate::ui::load;

/// `/staff/me`
#[component]
pub fn Me() -> impl IntoView {
    let desk = desk();
    load(async move { desk.me_page().await }, |page| view! { <Own page=page/> })
}

#[component]
fn Own(page: MePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let others = page.sessions.iter().any(|session| !session.here);
    let sessions: Vec<_> = page.sessions.iter().cloned().map(|session| view! { <Session session=session/> }).collect();
    let limits = say.limits(&page.limits);
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Me title=page.rail.name.clone() over=page.email.to_string()>
            <section class="card"><h2 class="h">{m.staff_me_may()}</h2><ul class="short">
                {page.rail.roles.iter().map(|role| view! { <li><b>{say.role(role)}</b> ": " {say.role_text(role)}</li> }).collect_view()}
                {limits.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}
            </ul></section>
            {page.has_password.then(|| view! {
                <section class="card">
                    <h2 class="h">{m.staff_me_entry()}</h2>
                    <p class="acts"><a class="btn second" href="/staff/me/password">{m.staff_own_password_action()}</a> <a class="btn second" href="/staff/me/factor">{m.staff_own_factor_action()}</a></p>
                </section>
            })}
            <section class="card">
                <h2 class="h">{m.staff_me_sessions()}</h2>
                <ul class="people">{sessions}</ul>
                {others.then(|| view! { <form method="post" action="/staff/me/sessions"><p class="acts"><button class="btn second" type="submit">{m.staff_me_end_others()}</button></p></form> })}
            </section>
        </StaffFrame>
    }
}

#[component]
fn Session(session: SessionView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let SessionView { agent, began_at, used_at, here, .. } = session;
    let name = if agent.is_empty() { m.staff_me_unknown_browser().to_owned() } else { agent };
    view! {
        <li>
            <span><b class="name">{name}</b>{here.then(|| view! { " " <span class="chip good">{m.staff_me_here()}</span> })}
            <span class="block quiet sm">{m.staff_me_since(say.f.moment(began_at), say.f.moment(used_at))}</span></span>
        </li>
    }
}
