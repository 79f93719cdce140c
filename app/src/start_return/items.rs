//! What comes back?

use std::sync::Arc;

use domain::ids::{LineKey, OrderNumber};
use domain::item::UNOPENED;
use domain::policy::{Sentence, WindowState};
use domain::rma::RmaNumber;
use leptos::prelude::*;

use super::missing::Missing;
use super::{Foot, OtherDevice, Seen, Sum, draft, step, worth};
use crate::find_order::OrderSought;
use crate::forms::{Fields, noted};
use crate::islands::Preview;
use crate::ports::{Item, ItemsOrder, ItemsPage, Mistake, Noted, ShopFront, ShopperDesk, Worth};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, Picture, Units, Wake, field_id, load, mistake_at, tick_of, units_meant};

/// "What comes back?"
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemsChosen {
    /// Items, with how many units of each.
    pub items: Vec<(LineKey, u32)>,
}

impl ItemsChosen {
    const FORM: &str = "items";
    /// The number beside an item that is not chosen.
    const UNASKED: u32 = 1;

    /// Reads it, for the items shown. Of more units than there are, those there are.
    #[must_use]
    pub fn parse(fields: &Fields, orders: &[ItemsOrder]) -> (Self, Vec<Noted>) {
        let (mut items, mut mistakes) = (Vec::new(), Vec::new());
        for Item { head, available, .. } in orders.iter().flat_map(|order| &order.items).filter(|item| !item.over) {
            let Some(units) = units_meant(fields, &head.key, Self::UNASKED) else { continue };
            let available = *available;
            if units == 0 || units > available {
                mistakes.push(noted(tick_of(&head.key), Mistake::TooMany { available }));
            }
            items.push((head.key.clone(), units.clamp(1, available.max(1))));
        }
        if items.is_empty() {
            mistakes.push(noted(Self::FORM, Mistake::NothingChosen));
        }
        (Self { items }, mistakes)
    }
}

/// "Something from another order?", by its number or, where the visitor is known for it, with one click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherOrder {
    /// An order that the visitor says they are known for.
    pub known: Option<OrderNumber>,
}

impl OtherOrder {
    const KNOWN: &str = "known";

    /// Reads it; where nothing is known the rest of the form is an [`OrderSought`].
    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        Self { known: fields.get(Self::KNOWN).parse().ok() }
    }
}

/// `/return/{draft}/items`
#[component]
pub fn Items() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.items_page(&draft).await }, |page| view! { <Choose page=page/> })
}

#[component]
fn Choose(page: ItemsPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let action = format!("/return/{}/items", page.draft);
    let any = page.orders.iter().flat_map(|order| &order.items).any(|item| item.available > 0);
    if !any {
        return view! { <NothingLeft page=page/> }.into_any();
    }
    let any = page.orders.iter().flat_map(|order| &order.items).any(|item| item.available > 0 && !item.over);
    let preview = format!("/return/{}/preview/items", page.draft);
    let (sum, note) = worth(&expect_context::<Say>(), page.worth);
    let mistakes = page.mistakes.clone();
    let missing =
        page.joins.is_none().then(|| view! { <Missing draft=page.draft.clone() orders=page.orders.clone() mistakes=mistakes.clone()/> });
    let orders: Vec<_> = page.orders.into_iter().map(|order| view! { <OrderItems order=order mistakes=mistakes.clone()/> }).collect();
    let (title, lead, back) = match page.joins {
        Some(rma) => (m.items_joins_title(), m.items_joins_lead(rma), format!("/returns/{rma}")),
        None => (m.items_title(), m.items_lead().to_owned(), "/".to_owned()),
    };
    view! {
        <Frame title=title step=step(2, m.items_step()) lead=lead>
            <ErrorSummary mistakes=page.mistakes/>
            <form method="post" action=action id=field_id(ItemsChosen::FORM) class="asked">
                <Seen seen=page.seen/>
                <FieldError mistake=mistake_at(&mistakes, ItemsChosen::FORM) id=field_id(ItemsChosen::FORM)/>
                {orders}
                {any.then(|| view! { <Preview source=preview/><Foot sum=sum note=note back=back action=m.shell_continue()/><Wake/> })}
            </form>
            {missing}
            <FromOther draft=page.draft.clone() known=page.others sought=page.sought mistakes=mistakes/>
            <OtherDevice draft=page.draft/>
        </Frame>
    }
    .into_any()
}

/// Of an order that was never sent, or is all on its way back: why, and the way on.
#[component]
fn NothingLeft(page: ItemsPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let cancelled = page.orders.iter().all(|order| order.cancelled);
    let mut returns: Vec<RmaNumber> = Vec::new();
    for (rma, _) in page.orders.iter().flat_map(|order| &order.items).flat_map(|item| &item.in_returns) {
        if !returns.contains(rma) {
            returns.push(*rma);
        }
    }
    let numbers: Vec<String> = page.orders.iter().map(|order| order.number.to_string()).collect();
    let lead = if cancelled { m.items_not_sent() } else { m.items_nothing_left() };
    let other = if returns.is_empty() { "btn" } else { "btn second" };
    let returns: Vec<_> = returns
        .into_iter()
        .zip(0..)
        .map(|(rma, place)| {
            let class = if place == 0 { "btn" } else { "btn second" };
            view! { <a class=class href=format!("/returns/{rma}")>{m.items_to_return(rma)}</a> }
        })
        .collect();
    view! {
        <Frame title=m.items_none_title() chip=m.items_order(m.list(&numbers)) lead=lead>
            <p class="acts">{returns}<a class=other href="/">{m.error_not_found_action()}</a></p>
        </Frame>
    }
}

/// Another order of the same customer, for the same parcel (P9).
#[component]
fn FromOther(draft: String, known: Vec<OrderNumber>, sought: (String, String), mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let action = format!("/return/{draft}/orders");
    let wrong = |field: &str| mistake_at(&mistakes, field);
    let open = [OrderSought::NUMBER, OrderSought::CONTACT, OrderSought::FORM].into_iter().any(|field| wrong(field).is_some());
    let known: Vec<_> = known
        .into_iter()
        .map(|number| {
            view! {
                <form method="post" action=action.clone()>
                    <input type="hidden" name=OtherOrder::KNOWN value=number.to_string()/>
                    <button class="btn second small" type="submit">{m.items_other_known(number)}</button>
                </form>
            }
        })
        .collect();
    view! {
        <details class="card more" open=open>
            <summary><h2 class="h">{m.items_other_title()}</h2></summary>
            <p class="quiet">{m.items_other_text()}</p>
            <div class="acts">{known}</div>
            <form method="post" action=action class="form" id=field_id(OrderSought::FORM)>
                <FieldError mistake=wrong(OrderSought::FORM) id=field_id(OrderSought::FORM)/>
                <p class="field">
                    <label for=field_id(OrderSought::NUMBER)>{m.find_number()}</label>
                    <FieldError mistake=wrong(OrderSought::NUMBER) id=field_id(OrderSought::NUMBER)/>
                    <input id=field_id(OrderSought::NUMBER) name=OrderSought::NUMBER value=sought.0 autocomplete="off" maxlength="80" aria-invalid=wrong(OrderSought::NUMBER).map(|_| "true")/>
                </p>
                <p class="field">
                    <label for=field_id(OrderSought::CONTACT)>{m.find_contact()}</label>
                    <FieldError mistake=wrong(OrderSought::CONTACT) id=field_id(OrderSought::CONTACT)/>
                    <input id=field_id(OrderSought::CONTACT) name=OrderSought::CONTACT value=sought.1 autocomplete="email" maxlength="254" aria-invalid=wrong(OrderSought::CONTACT).map(|_| "true")/>
                </p>
                <p class="acts"><button class="btn second" type="submit">{m.items_other_action()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn OrderItems(order: ItemsOrder, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let when = match order.delivered {
        Some(day) => m.items_delivered(say.f.date(day)),
        None => m.items_ordered(say.f.date(order.placed)),
    };
    let cancelled = order.cancelled.then(|| view! { <p class="quiet">{m.items_not_sent()}</p> });
    let items: Vec<_> = order.items.into_iter().map(|item| view! { <ItemChoice item=item mistakes=mistakes.clone()/> }).collect();
    view! {
        <fieldset class="tiles">
            <legend>{m.items_order(order.number)}<span class="quiet">" · " {when}</span></legend>
            {cancelled}
            {items}
        </fieldset>
    }
}

#[component]
fn ItemChoice(item: Item, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let field = tick_of(&item.head.key);
    let id = field_id(&field);
    let wrong = mistake_at(&mistakes, &field);
    let notes: Vec<_> = notes(&say, &item).into_iter().map(|note| view! { <span class="meta">{note}</span> }).collect();
    let others: Vec<_> = item
        .in_returns
        .iter()
        .map(|(rma, units)| {
            let text = if item.available == 0 { m.items_in_return(rma) } else { m.items_some_in_return(u64::from(*units), rma) };
            view! { <span class="meta">{text} " " <a href=format!("/returns/{rma}")>{m.items_see_return()}</a></span> }
        })
        .collect();
    let several = item.available > 1;
    let price = say.f.money(item.price);
    let price = if item.head.units > 1 { m.items_each(price) } else { price };
    let all = (item.head.units > 1).then(|| m.items_all(say.f.money(item.total), item.head.units));
    let all = all.map(|all| view! { <span class="meta">{all}</span> });
    let variant = item.head.variant.clone().map(|variant| view! { <span class="meta">{variant}</span> });
    if item.available == 0 || item.over {
        return view! {
            <div class="tile product no">
                <span></span>
                <Picture image=item.head.image category=item.head.category/>
                <span class="name"><b>{item.head.name}</b></span>
                <span class="price num quiet">{price}</span>
                <div class="notes">{variant}{all}{notes}{others}{item.over.then(|| view! { <WhomToAsk/> })}</div>
            </div>
        }
        .into_any();
    }
    let units = several.then(|| {
        view! { <Units item=item.head.key.clone() total=item.available chosen=item.chosen unasked=ItemsChosen::UNASKED steps=true/> }
    });
    view! {
        <div class="tile product">
            <input class="check" type="checkbox" name=field value="1" id=id.clone() checked={item.chosen > 0} aria-describedby=format!("{id}-notes")/>
            <Picture image=item.head.image category=item.head.category/>
            <label class="name" for=id.clone()><b>{item.head.name}</b></label>
            <span class="price num">{price}</span>
            <div class="notes" id=format!("{id}-notes")>
                {variant}{all}{notes}{others}
                <FieldError mistake=wrong id=id.clone()/>
                {units}
            </div>
        </div>
    }
    .into_any()
}

/// Whom to ask about what cannot come back any more.
#[component]
fn WhomToAsk() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let shop = expect_context::<Arc<ShopFront>>();
    let mail = shop.email.clone().map(|email| view! { <a href=format!("mailto:{email}")>{m.shell_write_us(&email)}</a> });
    let phone = shop.phone.clone().map(|phone| view! { <span>" · " {m.shell_call_us(phone)}</span> });
    view! { <span class="meta">{m.items_over()} " " {mail} {phone}</span> }
}

/// What the foot shows while items are being chosen.
#[must_use]
pub fn preview_worth(say: &Say, chosen: Option<Worth>) -> String {
    let owner = Owner::new_root(None);
    let (sum, note) = worth(say, chosen);
    owner.with(|| view! { <Sum sum=Some(sum) note=Some(note) now=true/> }.to_html())
}

/// Until when, or why not and what is possible instead.
fn notes(say: &Say, item: &Item) -> Vec<String> {
    let m = say.m;
    let mut notes = Vec::new();
    if let Some(main) = &item.gift_of {
        notes.push(m.items_gift_of(main));
    }
    if let Some(bought) = &item.came_for {
        notes.push(m.items_came_for(bought));
    }
    if !item.gifts.is_empty() && item.available > 0 {
        notes.push(m.items_gifts(m.list(&item.gifts)));
    }
    if !item.set_with.is_empty() {
        notes.push(m.items_set_with(m.list(&item.set_with)));
    } else if item.bundle {
        notes.push(m.items_bundle().into());
    }
    if item.available == 0 && item.in_returns.is_empty() {
        notes.push(m.items_refunded().into());
        return notes;
    }
    if item.available == 0 {
        return notes;
    }
    if let Some(day) = item.delivered {
        notes.push(m.items_delivered(say.f.date(day)));
    }
    let mut until = match item.free {
        _ if item.early.is_some() && item.refusals.is_empty() => m.sentence_window_early(item.early.unwrap_or_default()),
        _ if !item.refusals.is_empty() => item.refusals.iter().map(|refusal| say.sentence(refusal)).collect::<Vec<_>>().join(" "),
        WindowState::Open(day) => m.items_until(say.f.date(day)),
        WindowState::Waits => m.items_not_arrived().into(),
        WindowState::Unlimited => m.items_any_time().into(),
        WindowState::Closed(day) => say.sentence(&Sentence::WindowClosed { last_day: day }),
        WindowState::Never => m.items_not_returnable().into(),
    };
    if let Some(Sentence::Fee { kind, percent: Some(percent), .. }) = &item.fee
        && item.refusals.is_empty()
    {
        until = format!("{until} · {}", m.items_fee(m.policy_percent_fee(say.fee(*kind), say.f.number(percent))));
    }
    notes.push(until);
    let unopened = m.condition(UNOPENED).unwrap_or(UNOPENED);
    notes.extend(item.early_unopened.map(|days| m.items_early_unopened(days, unopened)));
    notes.extend(item.in_state.as_ref().map(|still| say.still_possible(still)));
    match item.fault {
        _ if item.over || item.early.is_some() => {}
        WindowState::Open(day) if item.warranty => notes.push(m.items_warranty_until(say.f.short_date(day))),
        WindowState::Open(day) if !item.refusals.is_empty() || !item.free.is_open() => {
            notes.push(m.items_fault_until(say.f.short_date(day)))
        }
        _ => {}
    }
    notes
}
