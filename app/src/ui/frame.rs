//! What every page stands in: header, step line, one heading, foot.

use std::sync::Arc;

use domain::words::Locale;
use leptos::prelude::*;
use leptos_meta::Title;

use super::escaped;
use super::icons::{Icon, Symbol};
use crate::islands::Live;
use crate::messages::Messages;
use crate::ports::{Place, ShopFront};
use crate::say::Say;

/// Where a page is in a row of questions.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    pub name: &'static str,
}

/// A page's frame. The heading is also the window's title.
#[component]
pub fn Frame(
    /// The heading, as text.
    #[prop(into)]
    title: String,
    /// Where we are in a row of questions.
    #[prop(optional)]
    step: Option<Step>,
    /// Above the heading.
    #[prop(optional, into)]
    chip: Option<String>,
    /// Below the heading.
    #[prop(optional, into)]
    lead: Option<String>,
    /// On top of all: what was just done.
    #[prop(optional, into)]
    note: String,
    /// It is done: a sign above the heading.
    #[prop(optional)]
    done: bool,
    /// Where the heading and the parts below it hear of news: they follow it while the page is open.
    #[prop(optional, into)]
    live: Option<String>,
    /// Below what moves: what a reader is doing there is not taken from them by news.
    #[prop(optional)]
    stays: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let shop = expect_context::<Arc<ShopFront>>();
    let place = use_context::<Place>().unwrap_or_default();
    let m = say.m;
    let name = shop.name.get(m.locale).unwrap_or_default().to_owned();
    let window = format!("{title} · {name}");
    let heading = view! { {done.then(|| view! { <p class="booked"><Icon symbol=Symbol::Check/></p> })}<h1>{title}</h1>{lead.map(|lead| view! { <p class="lead">{lead}</p> })} };
    view! {
        <Title text=escaped(&window)/>
        <a class="skip" href="#content">{m.shell_skip()}</a>
        <header class="top">
            <a class="mark" href="/">{match shop.logo.clone() {
                Some(logo) => view! { <img class="own-logo" src=logo alt="" height="32"/> }.into_any(),
                None => view! { <span class="logo"><Icon symbol=Symbol::Home/></span> }.into_any(),
            }}{name.clone()}</a>
            {place.unread.map(|unread| view! { <a class="plain bell" id="bell" href="/account/inbox" data-unread=unread><Rung unread=unread/></a> })}
            <Languages path=place.path.clone()/>
            <a class="plain" href="/help">{m.shell_help()}</a>
        </header>
        <main id="content" class="page">
            {place.helps.then(|| view! { <p class="told" role="note"><Icon symbol=Symbol::Check/><span>{m.shell_helps()} " " <a href="/staff">{m.shell_helps_leave()}</a></span></p> })}
            {(!note.is_empty()).then(|| view! { <p class="told" role="status"><Icon symbol=Symbol::Check/>{note}</p> })}
            {step.map(|step| {
                view! {
                    <p class="step"><progress value=step.number max=step.of aria-hidden="true"></progress>{m.shell_step(step.name, step.number, step.of)}</p>
                }
            })}
            {chip.map(|chip| view! { <p><span class="chip brand">{chip}</span></p> })}
            {match live {
                Some(source) => view! { <Live source=source>{heading}{children()}</Live> }.into_any(),
                None => view! { {heading}{children()} }.into_any(),
            }}
            {stays}
        </main>
        <footer class="bottom">
            {shop.demo.then(|| view! { <Rehearsal next=place.path.clone()/> })}
            <p><a href="/policy">{m.shell_policy()}</a></p>
            <p><a href="/help">{m.shell_help()}</a></p>
            <p><a href="/withdraw">{m.withdrawal_labels().withdraw}</a></p>
            {place.session.then(|| view! {
                <form method="post" action="/account/leave"><button class="link" type="submit">{m.account_leave_action()}</button></form>
            })}
            <p>
                {m.shell_questions()} " "
                {shop.email.clone().map(|email| view! { <a href=format!("mailto:{email}")>{m.shell_write_us(&email)}</a> })}
                {shop.phone.clone().map(|phone| view! { " " <Call phone=phone/> })}
            </p>
        </footer>
        <p class="wait" id="wait" role="status" data-text=m.shell_wait()></p>
    }
}

/// The bell, with how many messages are new.
#[component]
fn Rung(unread: u64) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let said = if unread > 0 { m.inbox_bell(unread) } else { m.inbox_title().to_owned() };
    let shown = if unread < 100 { unread.to_string() } else { "99+".to_owned() };
    view! { <Icon symbol=Symbol::Bell/><span class="sr">{said}</span>{(unread > 0).then(|| view! { <b class="count" aria-hidden="true">{shown}</b> })} }
}

/// What the bell shows while the page is open, as HTML.
#[must_use]
pub fn rung(say: Say, unread: u64) -> String {
    let owner = Owner::new_root(None);
    owner.with(|| {
        provide_context(say);
        view! { <Rung unread=unread/> }.to_html()
    })
}

/// A telephone number that can be called with a tap, and stays on one line.
#[component]
fn Call(phone: String) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let dialled: String = phone.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect();
    view! { <a class="num" href=format!("tel:{dialled}")>{m.shell_call_us(phone)}</a> }
}

/// The way to the other languages: a link to the one, or a list.
#[component]
pub fn Languages(path: String) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let others: Vec<Locale> = expect_context::<Arc<ShopFront>>().languages.iter().copied().filter(|locale| *locale != m.locale).collect();
    let link = move |locale: Locale| {
        let (switch, name) = (format!("{path}?lang={locale}"), Messages::new(locale).language_name());
        view! { <a class="plain" href=switch lang=locale.tag() hreflang=locale.tag() rel="alternate">{name}</a> }
    };
    match others.as_slice() {
        [] => ().into_any(),
        [other] => link(*other).into_any(),
        _ => view! {
            <details class="languages">
                <summary class="plain"><span class="sr">{m.shell_language()}": "</span>{m.language_name()}</summary>
                <ul>{others.into_iter().map(|locale| view! { <li>{link(locale)}</li> }).collect_view()}</ul>
            </details>
        }
        .into_any(),
    }
}

/// The clock of a demo shop (N12).
#[component]
pub fn Rehearsal(next: String) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let step = |days: i64, text: String| {
        view! { <button class="btn second small" type="submit" name="days" value=days.to_string()>{text}</button> }
    };
    view! {
        <details class="rehearsal"><summary>{m.shell_rehearsal(say.f.date(say.f.today))}</summary>
        <form method="post" action="/demo/clock">
            <input type="hidden" name="next" value=next/>
            {step(1, m.shell_rehearsal_days(1))}
            {step(7, m.shell_rehearsal_days(7))}
            {step(30, m.shell_rehearsal_days(30))}
            {step(0, m.shell_rehearsal_today().to_owned())}
        </form></details>
    }
}

/// The script that wakes the islands of a page; only on pages that have some.
#[component]
pub fn Wake() -> impl IntoView {
    let shop = use_context::<Arc<ShopFront>>();
    shop.and_then(|shop| shop.islands.clone()).map(|options| view! { <HydrationScripts options=options islands=true/> })
}
