//! Something that was bought elsewhere, as somebody at work writes it down for a customer (P24).

use std::collections::BTreeMap;

use domain::ids::{Code, EmailAddress, Sku};
use domain::money::Currency;
use domain::order::{BoughtElsewhere, LEAST_BOUGHT, MOST_UNITS_ELSEWHERE};
use domain::plain::one_line;
use jiff::civil::Date;
use leptos::prelude::*;

use super::open_for::{CHANNELS, OpenFor};
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted};
use crate::say::Say;
use crate::ui::{Field, FieldError, field_id, mistake_at};

const LONGEST: usize = 200;
const LONGEST_KEY: usize = 100;

/// What somebody brought that this shop did not sell.
#[derive(Clone, Debug, PartialEq)]
pub struct ElsewhereForm {
    /// How the customer asks.
    pub channel: Code,
    pub bought: BoughtElsewhere,
    /// Names this form.
    pub key: String,
}

impl ElsewhereForm {
    pub const NAME: &'static str = "name";
    pub const EMAIL: &'static str = "email";
    pub const SHOP: &'static str = "shop";
    pub const BOUGHT: &'static str = "bought";
    pub const ITEM: &'static str = "item";
    pub const SKU: &'static str = "sku";
    pub const CATEGORY: &'static str = "category";
    pub const UNITS: &'static str = "units";
    pub const PRICE: &'static str = "price";
    pub const CURRENCY: &'static str = "currency";
    const KEY: &'static str = "key";
    const ALL: [&'static str; 10] = [
        Self::NAME,
        Self::EMAIL,
        Self::SHOP,
        Self::BOUGHT,
        Self::ITEM,
        Self::SKU,
        Self::CATEGORY,
        Self::UNITS,
        Self::PRICE,
        Self::CURRENCY,
    ];

    /// What was sent on that day; every mistake at its field.
    pub fn parse(fields: &Fields, today: Date) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let text = |name: &str| one_line(fields.get(name), LONGEST);
        let channel = fields.maybe(OpenFor::CHANNEL).filter(|channel| CHANNELS.contains(&channel.as_str()));
        let channel = channel.as_deref().and_then(Code::from_words);
        if channel.is_none() {
            mistakes.push(noted("", Mistake::Unanswered));
        }
        for name in [Self::NAME, Self::SHOP, Self::ITEM] {
            if text(name).is_empty() {
                mistakes.push(noted(name, Mistake::Unanswered));
            }
        }
        let email = text(Self::EMAIL).parse::<EmailAddress>();
        if email.is_err() {
            mistakes.push(noted(Self::EMAIL, Mistake::EmailForm));
        }
        let bought = fields.get(Self::BOUGHT).parse::<Date>().ok().filter(|day| (LEAST_BOUGHT..=today).contains(day));
        if bought.is_none() {
            mistakes.push(noted(Self::BOUGHT, Mistake::StaffDay { least: LEAST_BOUGHT, most: today }));
        }
        let sku = fields.maybe(Self::SKU).map(|sku| sku.parse::<Sku>());
        if matches!(sku, Some(Err(_))) {
            mistakes.push(noted(Self::SKU, Mistake::Unanswered));
        }
        let units = fields.get(Self::UNITS).parse::<u32>().ok().filter(|units| (1..=MOST_UNITS_ELSEWHERE).contains(units));
        if units.is_none() {
            mistakes.push(noted(Self::UNITS, Mistake::DockCount { most: MOST_UNITS_ELSEWHERE }));
        }
        let currency = fields.get(Self::CURRENCY).to_ascii_uppercase().parse::<Currency>();
        let price = match &currency {
            Ok(currency) => fields.amount(Self::PRICE, *currency).map_err(|mistake| mistakes.push(mistake)).ok(),
            Err(_) => {
                mistakes.push(noted(Self::CURRENCY, Mistake::Unanswered));
                None
            }
        };
        match (channel, email, bought, sku.transpose(), units, currency, price) {
            (Some(channel), Ok(email), Some(on), Ok(sku), Some(units), Ok(currency), Some(price)) if mistakes.is_empty() => Ok(Self {
                channel,
                bought: BoughtElsewhere {
                    name: text(Self::NAME),
                    email,
                    shop: text(Self::SHOP),
                    on,
                    item: text(Self::ITEM),
                    sku,
                    category: fields.maybe(Self::CATEGORY).and_then(|words| Code::from_words(&one_line(&words, LONGEST))),
                    units,
                    currency,
                    price,
                },
                key: fields.get(Self::KEY).chars().take(LONGEST_KEY).collect(),
            }),
            _ => Err(mistakes),
        }
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        Self::ALL.into_iter().filter_map(|name| Some((name.to_owned(), fields.maybe(name).map(|_| fields.short(name))?))).collect()
    }
}

/// The form, beside what can be found.
#[component]
pub(super) fn BoughtElsewhere(typed: BTreeMap<String, String>, mistakes: Vec<Noted>, key: String) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let names = [m.staff_open_phone(), m.staff_open_chat(), m.staff_open_counter(), m.staff_open_email()];
    let ways: Vec<_> = CHANNELS.into_iter().zip(names).map(|(code, name)| view! { <option value=code>{name}</option> }).collect();
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let field = |name: &'static str, label: &'static str, hint: &'static str, inputmode: &'static str| {
        view! { <Field name=name label=label hint=hint value=value(name) wrong=mistake_at(&mistakes, name) autocomplete="off" inputmode=inputmode/> }
    };
    let open = !typed.is_empty();
    let (day, wrong_day) = (field_id(ElsewhereForm::BOUGHT), mistake_at(&mistakes, ElsewhereForm::BOUGHT));
    let units = if typed.is_empty() { "1".to_owned() } else { value(ElsewhereForm::UNITS) };
    let bought = value(ElsewhereForm::BOUGHT);
    view! {
        <details class="card" open=open>
            <summary><h2 class="h">{m.staff_elsewhere_title()}</h2></summary>
            <p class="quiet">{m.staff_elsewhere_text()}</p>
            <form class="form" method="post" action="/staff/elsewhere">
                <input type="hidden" name=ElsewhereForm::KEY value=key/>
                {field(ElsewhereForm::ITEM, m.staff_elsewhere_item(), "", "text")}
                {field(ElsewhereForm::SHOP, m.staff_elsewhere_shop(), "", "text")}
                <p class="field"><label for=day.clone()>{m.staff_elsewhere_bought()}</label><FieldError mistake=wrong_day id=day.clone()/><input id=day.clone() type="date" name=ElsewhereForm::BOUGHT value=bought/></p>
                <Field name=ElsewhereForm::UNITS label=m.staff_elsewhere_units() hint="" value=units wrong=mistake_at(&mistakes, ElsewhereForm::UNITS) autocomplete="off" inputmode="numeric"/>
                {field(ElsewhereForm::PRICE, m.staff_elsewhere_price(), "", "decimal")}
                {field(ElsewhereForm::CURRENCY, m.staff_elsewhere_currency(), m.staff_elsewhere_currency_hint(), "text")}
                {field(ElsewhereForm::SKU, m.staff_elsewhere_sku(), m.staff_elsewhere_sku_hint(), "text")}
                {field(ElsewhereForm::CATEGORY, m.staff_elsewhere_category(), m.staff_elsewhere_category_hint(), "text")}
                {field(ElsewhereForm::NAME, m.staff_elsewhere_name(), "", "text")}
                {field(ElsewhereForm::EMAIL, m.staff_elsewhere_email(), m.staff_elsewhere_email_hint(), "email")}
                <p class="acts">
                    <select name=OpenFor::CHANNEL aria-label=m.staff_open_channel()>{ways}</select>
                    <button class="btn second" type="submit">{m.staff_open_action()}</button>
                </p>
            </form>
        </details>
    }
}
