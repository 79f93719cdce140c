//! An order, as people at work see it: what it comes to, and what can be given back on it although nothing comes back.

use std::collections::BTreeMap;

use domain::ids::LineId;
use domain::item::LONGEST_COMMENT;
use domain::money::{Amount, Currency, Money};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::case::{Orders, Other};
use super::desk;
use super::frame::{Here, StaffFrame};
use super::outbound::Ask;
use crate::forms::{Fields, noted};
use crate::messages::Messages;
use crate::ports::{GivenBack, Mistake, Noted, OrderPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// Money to give back although nothing comes back.
#[derive(Clone, Debug)]
pub struct Giving {
    pub gives: Gives,
    /// In words for the customer.
    pub reason: String,
    /// For colleagues.
    pub note: Option<String>,
    /// Names this form.
    pub key: String,
    /// The amount that was looked at, minor units; nothing: it is to be looked at first.
    pub seen: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Gives {
    Goodwill { amount: Amount },
    LowerPrice { line: LineId, units: u32, price: Amount },
}

impl Giving {
    const WHAT: &str = "what";
    const GOODWILL: &str = "goodwill";
    const PRICE: &str = "price";
    pub const AMOUNT: &str = "amount";
    pub const LINE: &str = "line";
    pub const UNITS: &str = "units";
    pub const NOW: &str = "now";
    const KEY: &str = "key";
    const SEEN: &str = "seen";
    const ALL: [&str; 9] =
        [Self::WHAT, Self::AMOUNT, Self::LINE, Self::UNITS, Self::NOW, "goodwill-reason", "goodwill-note", "price-reason", "price-note"];

    fn words(what: &str) -> (&'static str, &'static str) {
        if what == Self::PRICE { ("price-reason", "price-note") } else { ("goodwill-reason", "goodwill-note") }
    }

    /// What was sent of an order in that currency; a mistake is shown at its field.
    pub fn parse(fields: &Fields, currency: Currency) -> Result<Self, Noted> {
        let what = fields.get(Self::WHAT);
        let amount = |field: &str| fields.amount(field, currency);
        let gives = match what {
            Self::GOODWILL => Gives::Goodwill { amount: amount(Self::AMOUNT)? },
            Self::PRICE => Gives::LowerPrice {
                line: fields.get(Self::LINE).parse().map_err(|_| noted(Self::LINE, Mistake::Unanswered))?,
                units: fields.get(Self::UNITS).parse().map_err(|_| noted(Self::UNITS, Mistake::Unanswered))?,
                price: amount(Self::NOW)?,
            },
            _ => return Err(noted("", Mistake::Unanswered)),
        };
        let (reason_at, note_at) = Self::words(what);
        // Browsers count a line's end as one character and send two.
        let words = |field: &'static str| {
            let words = fields.maybe(field).map(|words| words.replace("\r\n", "\n"));
            let long = words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT);
            if long { Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 })) } else { Ok(words) }
        };
        let reason = words(reason_at)?.ok_or_else(|| noted(reason_at, Mistake::StaffWordsMissing))?;
        let key: String = fields.get(Self::KEY).chars().take(100).collect();
        let seen = fields.get(Self::SEEN).parse().ok().filter(|_| !key.is_empty());
        Ok(Self { gives, reason, note: words(note_at)?, key, seen })
    }

    /// The field that says how much.
    #[must_use]
    pub fn amount_field(&self) -> &'static str {
        if let Gives::Goodwill { .. } = self.gives { Self::AMOUNT } else { Self::NOW }
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let value = |name: &str| fields.maybe(name).map(|value| (name.to_owned(), value.chars().take(LONGEST_COMMENT).collect()));
        Self::ALL.into_iter().filter_map(value).collect()
    }
}

/// `/staff/orders/{number}`
#[component]
pub fn OneOrder() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.order_page(&number).await }, |page| view! { <Whole page=page/> })
}

#[component]
fn Whole(page: OrderPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let title = m.staff_order_title(&page.order.number);
    let items: Vec<_> = page
        .items
        .iter()
        .map(|item| {
            let name = say.units_of(&item.name, item.units);
            let away = (item.in_returns > 0)
                .then(|| view! { " " <span class="chip">{m.staff_order_in_returns(u64::from(item.in_returns))}</span> });
            let came = item.came_for.as_ref().map(|bought| view! { <span class="block quiet sm">{m.items_came_for(bought)}</span> });
            view! { <li>{name} " · " <span class="num">{say.f.money(item.paid)}</span>{away}{came}</li> }
        })
        .collect();
    let books = [
        (m.staff_books_captured(), page.captured),
        (m.staff_books_outside(), page.outside),
        (m.staff_books_expected(), page.expected),
        (m.staff_books_granted(), page.granted),
        (m.staff_books_goodwill(), page.goodwill),
        (m.staff_books_left(), page.left),
    ];
    let books: Vec<_> = books
        .into_iter()
        .filter(|(_, amount)| amount.minor != 0)
        .map(|(name, amount)| view! { <dt>{name}</dt><dd class="num">{say.f.money(amount)}</dd> })
        .collect();
    let returns: Vec<_> = page.returns.iter().cloned().map(|other| view! { <Other other=other/> }).collect();
    let given: Vec<_> = page.given.iter().cloned().map(|given| view! { <Given given=given/> }).collect();
    let reach = page.customer.iter().chain(&page.reach).cloned().collect::<Vec<_>>().join(" · ");
    let ask = page.may_ask.then(|| view! { <Ask page=page.clone()/> });
    let goes_out = page.goes_out_for.map(|rma| {
        view! { <p>{m.staff_order_goes_out()} " " <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a></p> }
    });
    let give = page.may.then(|| view! { <Give page=page.clone()/> });
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Queue title=title over=reach>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <div class="case">
                <div>
                    <section class="card"><h2 class="h">{m.staff_order_items()}</h2>{goes_out}<ul class="why">{items}</ul></section>
                    <Orders orders=vec![page.order.clone()]/>
                </div>
                <div>
                    <section class="card"><h2 class="h">{m.staff_case_money()}</h2><dl class="facts-of">{books}</dl></section>
                    {(!given.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.staff_given()}</h2><ul>{given}</ul></section> })}
                </div>
                <div>
                    <section class="card">
                        <h2 class="h">{m.staff_order_returns()}</h2>
                        {if returns.is_empty() { view! { <p class="quiet">{m.staff_order_no_returns()}</p> }.into_any() } else { view! { <ul class="others">{returns}</ul> }.into_any() }}
                    </section>
                    {ask}
                    {give}
                </div>
            </div>
        </StaffFrame>
    }
}

/// What was given before.
#[component]
fn Given(given: GivenBack) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let what = match &given.lower {
        None => m.staff_give_goodwill().to_owned(),
        Some((name, units, price)) => m.staff_given_price(u64::from(*units), name, say.f.money(*price)),
    };
    let note = given.note.map(|note| view! { <p class="private"><span class="quiet sm">{m.staff_talk_note()}</span> " " {note}</p> });
    view! {
        <li>
            <b>{what}</b> " · " <b class="num">{say.f.money(given.amount)}</b>
            <span class="block quiet sm">{given.by} " · " {say.f.moment(given.at)}</span>
            <blockquote>{given.reason}</blockquote>
            {note}
        </li>
    }
}

/// Two ways to give something back, each looked at before it is given.
#[component]
fn Give(page: OrderPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let currency = page.captured.currency.to_string();
    let typed = |name: &str| page.typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&page.mistakes, name);
    let chosen = typed(Giving::LINE);
    let options: Vec<_> = page
        .items
        .iter()
        .filter(|item| item.units > item.in_returns && item.came_for.is_none())
        .map(|item| view! { <option value=item.line.clone() selected=item.line == chosen>{item.name.clone()}</option> })
        .collect();
    let any = !options.is_empty();
    let units = Some(typed(Giving::UNITS)).filter(|units| !units.is_empty()).unwrap_or_else(|| "1".into());
    let line_id = field_id(Giving::LINE);
    let goodwill = view! {
        <Field name=Giving::AMOUNT label=m.staff_give_amount() hint=currency.clone() value=typed(Giving::AMOUNT) wrong=wrong(Giving::AMOUNT) autocomplete="off" inputmode="decimal"/>
    }
    .into_any();
    let price = view! {
        <p class="field">
            <label for=line_id.clone()>{m.staff_give_line()}</label>
            <FieldError mistake=wrong(Giving::LINE) id=line_id.clone()/>
            <select id=line_id name=Giving::LINE>{options}</select>
        </p>
        <Field name=Giving::UNITS label=m.staff_give_units() hint=m.staff_give_units_hint() value=units wrong=wrong(Giving::UNITS) autocomplete="off" inputmode="numeric"/>
        <Field name=Giving::NOW label=m.staff_give_now() hint=currency value=typed(Giving::NOW) wrong=wrong(Giving::NOW) autocomplete="off" inputmode="decimal"/>
    }
    .into_any();
    view! {
        <section class="talk" aria-label=m.staff_give()>
            <h2 class="h">{m.staff_give()}</h2>
            <p class="quiet">{m.staff_give_text(say.limits(&page.limits).remove(0))}</p>
            <Form page=page.clone() what=Giving::GOODWILL name=m.staff_give_goodwill() fields=goodwill/>
            {any.then(|| view! { <Form page=page.clone() what=Giving::PRICE name=m.staff_give_price() fields=price/> })}
        </section>
    }
}

/// One of the two: what says how much, why, and what it comes to.
#[component]
fn Form(page: OrderPage, what: &'static str, name: &'static str, fields: AnyView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (reason, note) = Giving::words(what);
    let mine = page.typed.get(Giving::WHAT).is_some_and(|typed| typed == what);
    let preview: Option<Money> = page.preview.filter(|_| mine);
    let reads = Messages::new(page.reads).language_name();
    let text = |field: &'static str, label: &'static str, hint: Option<String>| {
        let id = field_id(field);
        let typed = page.typed.get(field).cloned().unwrap_or_default();
        view! {
            <p class="field">
                <label for=id.clone()>{label}</label>
                {hint.map(|hint| view! { <span class="hint">{hint}</span> })}
                <FieldError mistake=mistake_at(&page.mistakes, field) id=id.clone()/>
                <textarea id=id name=field rows="3" maxlength=LONGEST_COMMENT>{typed}</textarea>
            </p>
        }
    };
    let give = preview.map(|amount| {
        let said = say.f.money(amount);
        view! {
            <p class="grow" role="status">{m.staff_give_comes_to(&said)}</p>
            <p class="acts"><button class="btn" type="submit" name=Giving::SEEN value=amount.minor.to_string()>{m.staff_give_action(&said)}</button></p>
        }
    });
    let look = if preview.is_some() { "btn second small" } else { "btn" };
    view! {
        <details class="card" open=mine>
            <summary>{name}</summary>
            <form class="form" method="post" action=format!("{}/goodwill", page.order.path)>
                <input type="hidden" name=Giving::WHAT value=what/>
                <input type="hidden" name=Giving::KEY value=page.key.clone()/>
                {fields}
                {text(reason, m.staff_give_reason(), Some(m.staff_give_reason_hint(reads)))}
                {text(note, m.staff_talk_note(), None)}
                {give}
                <p class="acts"><button class=look type="submit">{m.staff_give_look()}</button></p>
            </form>
        </details>
    }
}
