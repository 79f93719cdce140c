//! What somebody has here: what waits for them first, then what they were told, what they can spend, and what their tier gives them.

use std::collections::HashSet;
use std::sync::Arc;

use domain::money::Money;
use domain::policy::{Payer, Perk, Policy, Table};
use domain::returns::{Return, Status};
use leptos::prelude::*;

use super::orders::{Orders, chip};
use crate::ports::{AccountHome, GiftView, InboxView, OwnPerks, OwnReturn, ShopFront, Waits};
use crate::read_policy::PolicyWords;
use crate::say::{Say, paid};
use crate::ui::{Frame, Icon, Picture, Symbol};

/// Where the orders of the page are.
const ORDERS: &str = "orders";

#[component]
pub(super) fn Home(home: AccountHome) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let AccountHome { name, email, returns, unread, messages, credit, coupons, points, perks, orders, only } = home;
    let title = name.map_or_else(|| m.account_home_title().to_owned(), |name| m.account_hello(name));
    let member = perks.as_ref().and_then(|perks| perks.tier.as_ref()).map(|tier| m.account_member(say.code(tier.as_str())));
    let lead: Vec<String> = member.into_iter().chain(email).collect();
    let can_return = orders.iter().any(|order| order.left > 0);
    let act = can_return.then(|| view! { <p class="acts"><a class="btn" href=format!("#{ORDERS}")>{m.account_return_action()}</a></p> });
    view! {
        <Frame title=title lead=lead.join(" · ")>
            <Returns returns=returns/>
            {act}
            <Told unread=unread messages=messages/>
            <ToSpend credit=credit coupons=coupons points=points/>
            {perks.map(|perks| view! { <Perks perks=perks/> })}
            <Orders orders=orders only=only id=ORDERS/>
            <p><a href="/account/data">{m.erasure_title()}</a></p>
        </Frame>
    }
}

#[component]
fn Returns(returns: Vec<OwnReturn>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rows: Vec<_> = returns.into_iter().map(|own| view! { <Row own=own/> }).collect();
    (!rows.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.account_returns()}</h2><ul class="rows">{rows}</ul></section> })
}

#[component]
fn Row(own: OwnReturn) -> impl IntoView {
    let say = expect_context::<Say>();
    let OwnReturn { request, waits } = own;
    let (class, stands) = match waits {
        Some(waits) => ("chip heed", say.waits(waits)),
        None => (chip(request.status()), say.stands(&request).to_owned()),
    };
    let first = request.lines.first().map(|line| &line.asked);
    let picture = first.map(|asked| view! { <Picture image=asked.image.clone() category=asked.category.clone()/> });
    let amount = say.row_amount(&request).map(|amount| view! { <span class="meta">{amount}</span> });
    view! {
        <li><a class="go" href=format!("/returns/{}", request.rma)>
            {picture}
            <span><span class=class>{stands}</span><b>{say.row_items(&request)}</b>{amount}</span>
        </a></li>
    }
}

impl Say {
    /// What a return waits for.
    fn waits(&self, waits: Waits) -> String {
        let m = self.m;
        match waits {
            Waits::Answer(until) => m.account_waits_answer(self.f.by(until)),
            Waits::Photos(until) => m.account_waits_photos(self.f.by(until)),
            Waits::Payment => m.account_waits_payment().to_owned(),
            Waits::Account => m.account_waits_account().to_owned(),
            Waits::Sending(until) => m.account_waits_sending(self.f.by(until)),
        }
    }

    /// What a return is of.
    fn row_items(&self, request: &Return) -> String {
        let Some(first) = request.lines.first().map(|line| &line.asked) else { return self.m.track_chip(request.rma) };
        let name = if first.quantity > 1 { format!("{} × {}", first.quantity, first.name) } else { first.name.clone() };
        match request.lines.len() {
            1 => name,
            more => self.m.account_row_more(more as u64 - 1, name),
        }
    }

    /// What is offered, was paid or is to come of it.
    fn row_amount(&self, request: &Return) -> Option<String> {
        let m = self.m;
        let money = |minor, currency| self.f.money(Money::new(minor, currency));
        let open: Vec<_> = request.offers.iter().filter(|offer| offer.is_open()).collect();
        if !open.is_empty() {
            let amounts: Vec<String> = open.iter().map(|offer| money(offer.amount, offer.currency)).collect();
            return Some(m.account_row_offer(m.list(&amounts)));
        }
        let sent: Vec<_> = request.payments.iter().filter(|payment| payment.state.holds()).collect();
        if let Some(last) = sent.iter().map(|payment| payment.at).max() {
            let amounts: Vec<String> =
                sent.iter().filter_map(|sent| paid(request, sent.id)).map(|(paid, grant)| money(paid.amount, grant.currency)).collect();
            return Some(m.account_row_paid(m.list(&amounts), self.f.by(last)));
        }
        let ahead =
            matches!(request.status(), Status::InReview | Status::Approved | Status::InTransit | Status::Received | Status::Inspected);
        let worth: Vec<String> =
            request.expected().iter().filter(|(_, minor)| *minor > 0).map(|(currency, minor)| money(*minor, *currency)).collect();
        (ahead && !worth.is_empty()).then(|| m.account_row_expected(m.list(&worth), self.f.by(request.promises.refunded)))
    }
}

#[component]
fn Told(unread: u64, messages: Vec<InboxView>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let shop = expect_context::<Arc<ShopFront>>().name.get(m.locale).unwrap_or_default().to_owned();
    let row = |message: InboxView| {
        let subject = say.told_by(&message, &shop).subject;
        let day = say.f.moment(message.at);
        let said = match message.is_new {
            true => view! { <b>{subject}</b><span class="meta">{m.inbox_new()} " · " {day}</span> }.into_any(),
            false => view! { {subject}<span class="meta">{day}</span> }.into_any(),
        };
        view! { <li><a class="go" href="/account/inbox"><span>{said}</span></a></li> }
    };
    let rows: Vec<_> = messages.into_iter().map(row).collect();
    let new = (unread > 0).then(|| view! { " " <span class="chip brand">{m.account_new(unread)}</span> });
    (!rows.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.inbox_title()} {new}</h2><ul class="rows">{rows}</ul></section> })
}

#[component]
fn ToSpend(credit: Option<Vec<Money>>, coupons: Vec<GiftView>, points: Option<i64>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let credit = credit.map(|balances| {
        let amounts = m.list(&balances.into_iter().map(|money| say.f.money(money)).collect::<Vec<_>>());
        let amounts = if amounts.is_empty() { m.account_nothing_left().to_owned() } else { amounts };
        view! { <li><a class="go" href="/account/credit"><span>{m.account_store_credit()}</span><b class="num">{amounts}</b></a></li> }
    });
    let coupon = |gift: GiftView| {
        let terms = say.gift_terms(&gift).join(" · ");
        let terms = (!terms.is_empty()).then(|| view! { <span class="meta">{terms}</span> });
        let code = gift.code.clone().map(|code| view! { <span class="meta">{m.gift_code(code)}</span> });
        view! { <li><a class="go" href="/account/gifts"><span>{say.gift(&gift.gift)} {code} {terms}</span></a></li> }
    };
    let gave = points.is_some();
    let none_open = coupons.is_empty();
    let coupons: Vec<_> = coupons.into_iter().map(coupon).collect();
    let points = points.filter(|points| *points > 0).map(|points| {
        view! { <li><a class="go" href="/account/gifts"><span>{m.gift_points()}</span><b class="num">{m.policy_points(points.unsigned_abs())}</b></a></li> }
    });
    let before = (gave && none_open && points.is_none())
        .then(|| view! { <li><a class="go" href="/account/gifts"><span>{m.gift_title()}</span><b>{m.account_nothing_left()}</b></a></li> });
    (credit.is_some() || gave).then(|| {
        view! { <section class="card"><h2 class="h">{m.account_spend()}</h2><ul class="rows">{credit}{coupons}{points}{before}</ul></section> }
    })
}

#[component]
fn Perks(perks: OwnPerks) -> impl IntoView {
    let mut say = expect_context::<Say>();
    let m = say.m;
    let OwnPerks { policy, reasons, currency, tier } = perks;
    say.f.currency = currency.or(say.f.currency);
    let words = PolicyWords { say: &say, policy: &policy, reasons: &reasons };
    let mine = tier.as_ref().map(|tier| policy.perks(tier, say.f.today)).unwrap_or_default();
    let said = in_words(&words, &mine);
    let known: HashSet<String> = said.iter().cloned().collect();
    let list = |said: Vec<String>| {
        let rows = said.into_iter().map(|said| view! { <li><Icon symbol=Symbol::Check/><span>{said}</span></li> }).collect_view();
        view! { <ul class="perks">{rows}</ul> }
    };
    let here = tier.as_ref().filter(|_| !said.is_empty()).map(|tier| {
        view! { <section class="card"><h2 class="h">{m.account_perks(say.code(tier.as_str()))}</h2>{list(said)}</section> }
    });
    let above = policy.next_tier(tier.as_ref()).and_then(|next| {
        let said: Vec<String> =
            in_words(&words, &policy.perks(next, say.f.today)).into_iter().filter(|said| !known.contains(said)).collect();
        let name = say.code(next.as_str());
        (!said.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.account_next(name)}</h2>{list(said)}</section> })
    });
    view! { {here}{above} }
}

/// Each perk in words: "Return shipping: we pay it".
fn in_words(words: &PolicyWords<'_>, perks: &[Perk<'_>]) -> Vec<String> {
    let free = |perk: &Perk<'_>| perk.table == Table::Freight && perk.when.is_always() && is_ours(words.policy, perk);
    let free = perks.iter().any(free);
    perks.iter().filter_map(|perk| perk_in_words(words, perk, free)).collect()
}

/// Whether the shop pays the way back by that rule.
fn is_ours(policy: &Policy, perk: &Perk<'_>) -> bool {
    policy.freight.iter().any(|rule| rule.id == *perk.rule && rule.then.payer == Payer::Merchant)
}

/// What it gives, with what else it asks, and what others have where that is a time limit; `free`: what a way back would cost is taken of nobody.
fn perk_in_words(words: &PolicyWords<'_>, perk: &Perk<'_>, free: bool) -> Option<String> {
    let m = words.say.m;
    let effect = match perk.table {
        Table::Method if free => {
            let rule = words.policy.method.iter().find(|rule| rule.id == *perk.rule)?;
            m.either(&rule.then.offer.iter().map(|offer| words.say.method(offer.method)).collect::<Vec<_>>())
        }
        _ => words.rule(perk.table, perk.rule.as_str())?,
    };
    let usual = perk.instead.filter(|_| perk.table == Table::Window).and_then(|rule| words.rule(perk.table, rule.as_str()));
    let effect = usual.map_or_else(|| effect.clone(), |usual| m.account_perk_instead(&effect, usual));
    let said = m.format_pair(words.table(perk.table), effect);
    Some(match words.condition(&perk.when) {
        Some(condition) => m.format_aside(said, condition),
        None => said,
    })
}
