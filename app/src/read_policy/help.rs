//! Help: how it works, whom to ask and when, in which languages.

use std::sync::Arc;

use leptos::prelude::*;

use crate::messages::Messages;
use crate::ports::{PolicyPage, ShopFront, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/help`
#[component]
pub fn ReadHelp() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.policy_page().await }, |page| view! { <Helped page=page/> })
}

#[component]
fn Helped(page: PolicyPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let asked = [
        (m.help_number(), m.help_number_text(), Some(("/account", m.find_account()))),
        (m.help_where(), m.help_where_text(), Some(("/", m.find_return_action()))),
        (m.help_forgotten(), m.help_forgotten_text(), None),
        (m.help_printer(), m.help_printer_text(), None),
    ];
    let asked = asked.map(|(question, answer, way)| {
        let way = way.map(|(path, name)| view! { " " <a href=path>{name}</a> });
        view! { <dt>{question}</dt><dd>{answer}{way}</dd> }
    });
    view! {
        <Frame title=m.shell_help() lead=m.help_lead()>
            <section class="card">
                <h2 class="h">{m.help_how()}</h2>
                <Process page=page/>
                <p class="acts"><a class="btn" href="/">{m.find_title()}</a> <a class="btn second" href="/policy">{m.shell_policy()}</a></p>
            </section>
            <Contact/>
            <section class="card"><h2 class="h">{m.help_asked()}</h2><dl class="faq">{asked.into_iter().collect_view()}</dl></section>
            <Spoken/>
        </Frame>
    }
}

/// What happens from asking to the money.
#[component]
pub fn Process(page: PolicyPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let promises = page.policy.promises;
    view! {
        <ol class="steps">
            <li>{m.policy_process_ask(say.span(promises.review))}</li>
            <li>{m.policy_process_send(say.span(promises.send_back))}</li>
            <li>{m.policy_process_check(say.span(promises.inspection))}</li>
            <li>{m.policy_process_money(say.span(promises.refund))}</li>
        </ol>
    }
}

/// How the shop is reached; nothing where it says nothing.
#[component]
fn Contact() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let shop = expect_context::<Arc<ShopFront>>();
    let mail = shop.email.clone().map(|email| view! { <p><a href=format!("mailto:{email}")>{m.shell_write_us(&email)}</a></p> });
    let phone = shop.phone.clone().map(|phone| {
        let call = format!("tel:{}", phone.chars().filter(|sign| sign.is_ascii_digit() || *sign == '+').collect::<String>());
        view! { <p><a href=call>{m.help_call(phone)}</a></p> }
    });
    let hours = shop.hours.get(m.locale).map(|hours| view! { <p class="quiet">{m.help_hours(hours)}</p> });
    (mail.is_some() || phone.is_some()).then(|| {
        view! { <section class="card" id="contact"><h2 class="h">{m.help_contact()}</h2>{mail}{phone}{hours}</section> }
    })
}

/// The languages that the pages are in.
#[component]
fn Spoken() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let languages = expect_context::<Arc<ShopFront>>().languages.clone();
    (languages.len() > 1).then(|| {
        let links = languages.into_iter().map(|locale| {
            let current = (locale == m.locale).then_some("true");
            view! { <li><a href=format!("/help?lang={locale}") lang=locale.tag() hreflang=locale.tag() aria-current=current>{Messages::new(locale).language_name()}</a></li> }
        });
        let links: Vec<_> = links.collect();
        view! { <section class="card"><h2 class="h">{m.help_languages()}</h2><ul class="contents">{links}</ul></section> }
    })
}
