//! Who withdraws, from which order, and where the receipt is acknowledged.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::form::StatementTyped;
use super::{link, step};
use crate::ports::{Mistake, ShopperDesk, WithdrawItem, WithdrawPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, Frame, Picture, Units, field_id, load, mistake_at, tick_of};

/// `/withdraw`
#[component]
pub fn Withdraw() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let order = use_query_map().with_untracked(|query| query.get("order"));
    load(async move { desk.withdraw_page(order.as_deref()).await }, |page| view! { <Ask page=page/> })
}

/// `/withdraw/{link}/change`
#[component]
pub fn ChangeStatement() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let link = link();
    load(async move { desk.change_statement_page(&link).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: WithdrawPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |field: &str| mistake_at(&page.mistakes, field);
    let (name_wrong, order_wrong, email_wrong) = (at(StatementTyped::NAME), at(StatementTyped::ORDER), at(StatementTyped::EMAIL));
    let words_wrong = at(StatementTyped::WORDS);
    let action = page.link.map_or_else(|| "/withdraw".to_owned(), |link| format!("/withdraw/{link}/change"));
    let email_hint = page.known_email.map_or_else(|| m.withdraw_email_hint().to_owned(), |email| m.withdraw_email_known(email));
    view! {
        <Frame title=m.withdraw_title() step=step(1, m.withdraw_step_statement()) lead=m.withdraw_lead()>
            <ErrorSummary mistakes=page.mistakes/>
            <form class="withdraw" method="post" action=action>
                <div class="form card">
                    <Field name=StatementTyped::NAME label=m.withdraw_name() hint=m.withdraw_name_hint() value=page.name wrong=name_wrong autocomplete="name" inputmode="text"/>
                    <Field name=StatementTyped::ORDER label=m.withdraw_order() hint=m.withdraw_order_hint() value=page.order wrong=order_wrong autocomplete="off" inputmode="text"/>
                    <Field name=StatementTyped::EMAIL label=m.withdraw_email() hint=email_hint value=page.email wrong=email_wrong autocomplete="email" inputmode="email"/>
                </div>
                <fieldset class="tiles">
                    <legend>{m.withdraw_what()}</legend>
                    <Choice value="whole" checked=!page.some label=m.withdraw_whole()/>
                    <Choice value=StatementTyped::SOME checked=page.some label=m.withdraw_some()/>
                </fieldset>
                <Which items=page.items words=page.words wrong=words_wrong/>
                <div class="foot"><div><button class="btn" type="submit">{m.shell_continue()}</button></div></div>
            </form>
            <p class="quiet sm">{m.withdraw_return_instead()} " " <a href="/">{m.withdraw_return_instead_link()}</a></p>
        </Frame>
    }
}

#[component]
fn Choice(value: &'static str, checked: bool, label: &'static str) -> impl IntoView {
    let id = format!("{}-{value}", field_id(StatementTyped::WHAT));
    view! {
        <label class="tile line" for=id.clone()>
            <input class="check radio" type="radio" name=StatementTyped::WHAT value=value id=id.clone() checked=checked/>
            <b>{label}</b>
        </label>
    }
}

/// What of it, where it is not the whole order: items, where the order is known, else in words.
#[component]
fn Which(items: Vec<WithdrawItem>, words: String, wrong: Option<Mistake>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let id = field_id(StatementTyped::WORDS);
    if items.is_empty() {
        return view! {
            <div class="form card which">
                <Field name=StatementTyped::WORDS label=m.withdraw_which() hint=m.withdraw_which_hint() value=words wrong=wrong autocomplete="off" inputmode="text"/>
            </div>
        }
        .into_any();
    }
    let items: Vec<_> = items.into_iter().map(|item| view! { <WhichItem item=item/> }).collect();
    view! {
        <fieldset class="tiles which" id=id.clone()>
            <legend>{m.withdraw_which()}</legend>
            <FieldError mistake=wrong id=id.clone()/>
            {items}
        </fieldset>
    }
    .into_any()
}

#[component]
fn WhichItem(item: WithdrawItem) -> impl IntoView {
    let WithdrawItem { head, chosen } = item;
    let field = tick_of(&head.key);
    let id = field_id(&field);
    let units = (head.units > 1).then(|| view! { <Units item=head.key.clone() total=head.units chosen=chosen unasked=head.units/> });
    let variant = head.variant.clone().map(|variant| view! { <span class="meta">{variant}</span> });
    view! {
        <div class="tile product">
            <input class="check" type="checkbox" name=field value="1" id=id.clone() checked={chosen > 0}/>
            <Picture image=head.image category=head.category/>
            <label class="name" for=id><b>{head.name}</b></label>
            <div class="notes">{variant}{units}</div>
        </div>
    }
}
