//! What would you like? The decision on each item, and what can be had for it.

use std::sync::Arc;

use domain::ids::LineKey;
use domain::item::ItemSaid;
use domain::policy::{Basis, Decision, Payer, Resolution};
use leptos::prelude::*;

use super::{EnterGoesOn, Foot, OtherDevice, SameForAll, Seen, draft, step};
use crate::forms::{Fields, noted, of_item};
use crate::islands::Preview;
use crate::ports::{ExchangeView, Mistake, Noted, OfferView, ShopperDesk, StillPossible, WishItem, WishPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, ItemTile, Wake, WhyList, field_id, load, mistake_at};

/// "What would you like?", of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemWish {
    /// One of what can be had.
    pub resolution: Option<Resolution>,
    /// On which terms.
    pub basis: Option<Basis>,
    /// The product wanted in exchange, or what was written of it.
    pub exchange: String,
}

impl ItemWish {
    /// Whether a form says that an item is in another state.
    #[must_use]
    pub fn says_state(fields: &Fields, item: &LineKey) -> bool {
        !fields.get(&of_item(ItemSaid::CONDITION, item)).is_empty()
    }

    /// The state that the item is said to be in after all, where that is one of those shown.
    #[must_use]
    pub fn other_state(fields: &Fields, item: &WishItem) -> Option<&'static str> {
        let said = fields.get(&of_item(ItemSaid::CONDITION, &item.head.key)).to_owned();
        item.states.iter().map(|still| still.condition).find(|condition| *condition == said)
    }

    const WISH: &str = "wish";
    const EXCHANGE: &str = "exchange";
    /// Longest name of a product.
    const LONGEST: usize = 120;

    /// Reads what was wished for the item shown; of what is declined nothing can be.
    #[must_use]
    pub fn parse(fields: &Fields, item: &WishItem) -> (Self, Vec<Noted>) {
        if item.decision == Decision::Declined {
            return (Self { resolution: None, basis: None, exchange: item.exchange.wanted.clone() }, Vec::new());
        }
        let (wish, field) = (of_item(Self::WISH, &item.head.key), of_item(Self::EXCHANGE, &item.head.key));
        let name = item.head.name.clone();
        let typed = fields.get(&wish);
        let offer = item.offers.iter().find(|offer| choice(offer) == typed).or_else(|| {
            let typed = typed.parse::<Resolution>().ok()?;
            item.offers.iter().find(|offer| offer.resolution == typed)
        });
        let (resolution, basis) = (offer.map(|offer| offer.resolution), offer.map(|offer| offer.basis));
        let exchange: String = fields.get(&field).chars().filter(|letter| !letter.is_control()).take(Self::LONGEST).collect();
        let chosen = item.exchange.choices.iter().find(|choice| choice.sku == exchange);
        let mistake = match resolution {
            None => return (Self { resolution, basis, exchange }, vec![noted(wish, Mistake::WishMissing { name })]),
            Some(Resolution::Exchange) if item.exchange.known => match chosen {
                Some(choice) if choice.enough => None,
                Some(_) => Some(Mistake::ExchangeGone { name }),
                None => Some(Mistake::ExchangeMissing { name }),
            },
            Some(Resolution::Exchange) if exchange.is_empty() => Some(Mistake::ExchangeMissing { name }),
            Some(_) => None,
        };
        let exchange = if mistake.is_some() { String::new() } else { exchange };
        (Self { resolution, basis, exchange }, mistake.into_iter().map(|mistake| noted(field.clone(), mistake)).collect())
    }
}

/// How an offer is called in the form: what the law gives beside the shop's own has a name of its own.
fn choice(offer: &OfferView) -> String {
    match offer.basis {
        Basis::Policy => offer.resolution.code().to_owned(),
        Basis::Law => format!("{}.law", offer.resolution),
    }
}

/// Whether it is the first offer of its resolution.
fn first_of(offers: &[OfferView], offer: &OfferView) -> bool {
    offers.iter().find(|other| other.resolution == offer.resolution).is_some_and(|first| first.basis == offer.basis)
}

/// `/return/{draft}/wish`
#[component]
pub fn Wish() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.wish_page(&draft).await }, |page| view! { <Choose page=page/> })
}

#[component]
fn Choose(page: WishPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let action = format!("/return/{}/wish", page.draft);
    let back = format!("/return/{}/{}", page.draft, if page.shown { "show" } else { "why" });
    let preview = format!("/return/{}/preview/wish", page.draft);
    let any = page.items.iter().any(|item| item.decision != Decision::Declined);
    // What goes for one can go for all where there are several to wish for.
    let first = page.items.iter().position(|item| item.decision != Decision::Declined);
    let several = page.items.iter().filter(|item| item.decision != Decision::Declined).count() > 1;
    let wish = |(place, item)| view! { <WishFor item=item mistakes=page.mistakes.clone() same=several && first == Some(place)/> };
    let items: Vec<_> = page.items.into_iter().enumerate().map(wish).collect();
    view! {
        <Frame title=m.wish_title() step=step(4, m.wish_step()) lead=if any { m.wish_lead() } else { m.wish_none_left() }>
            <ErrorSummary mistakes=page.mistakes/>
            <form method="post" action=action class="asked">
                <Seen seen=page.seen/>
                <EnterGoesOn/>
                {items}
                {if any {
                    view! { <Preview source=preview/><Foot back=back action=m.shell_continue()/><Wake/> }.into_any()
                } else {
                    view! { <p>{m.wish_none_left_text()}</p><p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p> }.into_any()
                }}
            </form>
            <OtherDevice draft=page.draft/>
        </Frame>
    }
}

#[component]
fn WishFor(item: WishItem, mistakes: Vec<Noted>, same: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let field = of_item(ItemWish::WISH, &item.head.key);
    let id = field_id(&field);
    let name = item.head.name.clone();
    if item.decision == Decision::Declined {
        let names = item.names.clone();
        let of = move |line: &domain::ids::LineId| {
            names.iter().find(|(id, _)| id == line.as_str()).map(|(_, name)| name.clone()).unwrap_or_default()
        };
        let better = item.changes.iter().filter(|found| found.decision < Decision::Declined);
        let changes: Vec<_> = better.map(|found| say.change(&found.change, found.decision, &of)).collect();
        let states = (!item.states.is_empty()).then(|| view! { <OtherState key=item.head.key.clone() states=item.states/> });
        let changes = (!changes.is_empty())
            .then(|| view! { <ul class="instead">{changes.into_iter().map(|text| view! { <li>{text}</li> }).collect::<Vec<_>>()}</ul> });
        return view! {
            <section class="card declined" aria-label=name>
                <ItemTile head=item.head/>
                <h2 class="h stop">{m.wish_declined_title()}</h2>
                <WhyList why=item.why/>
                {states}
                {changes}
            </section>
        }
        .into_any();
    }
    let wrong = mistake_at(&mistakes, &field);
    let key = item.head.key.clone();
    let means = say.means_of_payments(&item.means);
    let only = item.offers.len() == 1;
    let offers: Vec<_> = item
        .offers
        .iter()
        .map(|offer| {
            let mine = |(resolution, basis): (Resolution, Option<Basis>)| {
                resolution == offer.resolution && (basis == Some(offer.basis) || basis.is_none() && first_of(&item.offers, offer))
            };
            let chosen = item.chosen.map_or(only, mine);
            view! { <OfferTile offer=*offer field=field.clone() means=means.clone() chosen=chosen/> }
        })
        .collect();
    let exchange = item.offers.iter().any(|offer| offer.resolution == Resolution::Exchange).then(|| {
        let field = of_item(ItemWish::EXCHANGE, &item.head.key);
        let wrong = mistake_at(&mistakes, &field);
        view! { <ExchangeFor exchange=item.exchange field=field wrong=wrong/> }
    });
    view! {
        <section class="card about wishes" aria-label=name>
            <ItemTile head=item.head/>
            <WhyList why=item.why/>
            <fieldset class="tiles" id=id.clone()>
                <legend class="sr">{m.wish_title()}</legend>
                <FieldError mistake=wrong id=id.clone()/>
                {offers}
            </fieldset>
            {only.then(|| view! { <p class="quiet sm">{m.wish_only()}</p> })}
            {exchange}
            {same.then(|| view! { <SameForAll item=key/> })}
        </section>
    }
    .into_any()
}

/// What is still possible where the item is in another state than was said, with a button for each that says it is.
#[component]
fn OtherState(key: LineKey, states: Vec<StillPossible>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let states: Vec<_> = states
        .into_iter()
        .map(|still| {
            let text = say.still_possible(&still);
            let state = m.condition(still.condition).unwrap_or(still.condition);
            view! {
                <p>{text}</p>
                <p class="acts"><button class="btn second small" type="submit" name=of_item(ItemSaid::CONDITION, &key) value=still.condition>{m.wish_in_state(state)}</button></p>
            }
        })
        .collect();
    view! { <div class="instead">{states}</div> }
}

/// What it is exchanged for: one of what there is, or (where the shop tells nothing of its stock) in words.
#[component]
fn ExchangeFor(exchange: ExchangeView, field: String, wrong: Option<Mistake>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let id = field_id(&field);
    if !exchange.known {
        return view! {
            <p class="field exchange">
                <label for=id.clone()>{m.wish_exchange_sku()}</label>
                <span class="hint" id=format!("{id}-hint")>{m.wish_exchange_hint()}</span>
                <FieldError mistake=wrong id=id.clone()/>
                <input id=id.clone() name=field value=exchange.wanted maxlength=ItemWish::LONGEST aria-describedby=format!("{id}-hint")/>
            </p>
        }
        .into_any();
    }
    let none =
        (!exchange.choices.iter().any(|choice| choice.enough)).then(|| view! { <p class="quiet sm">{m.wish_exchange_all_sold_out()}</p> });
    let choices: Vec<_> = exchange
        .choices
        .into_iter()
        .map(|choice| {
            let stock = match choice.available {
                _ if !choice.enough => Some(m.wish_exchange_sold_out().to_owned()),
                few @ 1..=3 => Some(m.wish_exchange_few(u64::from(few))),
                _ => None,
            };
            let price = choice.difference.filter(|_| choice.enough).map(|difference| match difference.minor {
                0 => m.wish_exchange_even().to_owned(),
                1.. => m.wish_exchange_back(say.f.money(difference)),
                _ => m.wish_exchange_pay(say.f.money(domain::money::Money::new(-difference.minor, difference.currency))),
            });
            let notes: Vec<String> = [stock, price].into_iter().flatten().collect();
            let chosen = choice.enough && choice.sku == exchange.wanted;
            view! {
                <label class="pill" class:gone=!choice.enough>
                    <input class="sr" type="radio" name=field.clone() value=choice.sku checked=chosen disabled=!choice.enough/>
                    <span><b>{choice.label}</b><span class="meta">{notes.join(" · ")}</span></span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="exchange choices" id=id.clone()>
            <legend>{m.wish_exchange_choose()}</legend>
            <FieldError mistake=wrong id=id.clone()/>
            {none}
            <div class="pills">{choices}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn OfferTile(offer: OfferView, field: String, means: String, chosen: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let bonus = (offer.bonus.minor > 0).then(|| view! { <span class="meta good">{m.wish_bonus(say.f.money(offer.bonus))}</span> });
    let by = match (offer.within, offer.resolution.pays()) {
        (Some(within), true) => m.resolution_within(say.span(within)),
        (Some(within), false) => m.resolution_within_sent(say.span(within)),
        (None, true) => m.resolution_time(say.f.by(offer.by)),
        (None, false) => m.resolution_time_sent(say.f.by(offer.by)),
    };
    let amount = offer.resolution.pays().then(|| view! { <span class="price num">{say.f.money(offer.amount)}</span> });
    let code = choice(&offer);
    let value = code.clone();
    // What the law and the shop give is never mixed: where they differ, each says its own terms.
    let by_law = (offer.basis == Basis::Law).then(|| view! { <span class="meta">{m.wish_by_law()}</span> });
    let fee = (offer.fee.minor > 0).then(|| view! { <span class="meta">{m.wish_fee(say.f.money(offer.fee))}</span> });
    let freight = (offer.basis == Basis::Law && offer.resolution.sends_back()).then(|| {
        let text = if offer.payer == Payer::Merchant { m.wish_freight_shop() } else { m.wish_freight_customer() };
        view! { <span class="meta">{text}</span> }
    });
    view! {
        <label class="tile line" data-wish=code>
            <input class="check radio" type="radio" name=field value=value checked=chosen/>
            <span><b>{say.resolution(offer.resolution)}</b><span class="meta">{say.resolution_text(offer.resolution, &means)}</span><span class="meta">{by}</span>{by_law}{freight}{fee}{bonus}</span>
            {amount}
        </label>
    }
}
