//! What we told somebody, message by message.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::Unknown;
use crate::ports::{InboxPage, InboxSaid, InboxView, ShopFront, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// `/account/inbox`
#[component]
pub fn Inbox() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let before = use_query_map().with_untracked(|query| query.get("before"));
    load(async move { desk.inbox_page(before.as_deref()).await }, |page| match page {
        InboxPage::Unknown => {
            let m = expect_context::<Say>().m;
            view! { <Unknown title=m.inbox_title() lead=m.inbox_unknown()/> }.into_any()
        }
        InboxPage::Messages { messages, older, is_older } => view! { <All messages=messages older=older is_older=is_older/> }.into_any(),
    })
}

#[component]
fn All(messages: Vec<InboxView>, older: Option<String>, is_older: bool) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let none = messages.is_empty().then(|| view! { <p class="card">{m.inbox_none()}</p> });
    let messages: Vec<_> = messages.into_iter().map(|message| view! { <Message message=message/> }).collect();
    view! {
        <Frame title=m.inbox_title() lead=m.inbox_lead()>
            {none}
            {messages}
            {is_older.then(|| view! { <p><a href="/account/inbox">{m.inbox_newest()}</a></p> })}
            {older.map(|id| view! { <p><a href=format!("/account/inbox?before={id}")>{m.inbox_older()}</a></p> })}
            <p><a href="/account/reach">{m.inbox_reach()}</a></p>
            <p><a href="/account">{m.account_title()}</a></p>
        </Frame>
    }
}

#[component]
fn Message(message: InboxView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let shop = expect_context::<Arc<ShopFront>>().name.get(m.locale).unwrap_or_default().to_owned();
    let words = say.told_by(&message, &shop);
    let rma = match &message.said {
        InboxSaid::Return(request, _) => Some(request.rma),
        InboxSaid::Concession { .. } | InboxSaid::Credit { .. } => None,
        InboxSaid::Gift(gift) => Some(gift.rma),
    };
    let opening = words.opening();
    let new = message.is_new.then(|| view! { " " <span class="chip brand">{m.inbox_new()}</span> });
    let notes: Vec<_> = words.notes.into_iter().map(|note| view! { <p>{note}</p> }).collect();
    view! {
        <article class="card own message">
            <h2 class="h">{words.subject}{new}</h2>
            <p class="quiet sm">{say.f.moment(message.at)}</p>
            <p>{opening}</p>
            {words.quote.map(|quote| view! { <blockquote>{quote}</blockquote> })}
            {notes}
            {rma.map(|rma| view! { <p><a href=format!("/returns/{rma}")>{m.inbox_view(rma)}</a></p> })}
        </article>
    }
}
