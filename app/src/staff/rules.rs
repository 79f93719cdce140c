//! Rules by which tasks are given out.

use domain::desk::Rule;
use domain::ids::CountryCode;
use domain::money::Money;
use domain::words::Locale;
use leptos::prelude::*;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::people::limits_of;
use super::replies::name_of;
use super::views::{KindTicks, kinds_of};
use crate::forms::{Fields, noted};
use crate::messages::Messages;
use crate::ports::{Mistake, Noted, RuleView, RulesPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, field_id, load, mistake_at};

/// A rule, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleForm {
    pub name: String,
    pub rule: Rule,
    pub mistakes: Vec<Noted>,
}

impl RuleForm {
    const NAME: &str = "name";
    const PLACE: &str = "place";
    const LEAST: &str = "least";
    const COUNTRIES: &str = "countries";
    const LANGUAGE: &str = "language";
    const PERSON: &str = "person";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let mut mistakes = Vec::new();
        let name = name_of(fields, Self::NAME, &mut mistakes);
        let least = limits_of(&fields.short(Self::LEAST)).map(Option::unwrap_or_default);
        if least.as_ref().is_none_or(|least| least.len() > 1) {
            mistakes.push(noted(Self::LEAST, Mistake::StaffLimitForm));
        }
        let typed = fields.short(Self::COUNTRIES).to_uppercase();
        let codes = typed.split([',', '，', '、', ' ']).map(str::trim).filter(|code| !code.is_empty());
        let countries: Option<Vec<String>> =
            codes.map(|code| code.parse::<CountryCode>().ok().map(|code| code.as_str().to_owned())).collect();
        if countries.is_none() {
            mistakes.push(noted(Self::COUNTRIES, Mistake::RuleCountries));
        }
        let people: Vec<String> = fields.all(Self::PERSON).map(|id| id.chars().take(64).collect()).collect();
        if people.is_empty() {
            mistakes.push(noted(Self::PERSON, Mistake::RulePeople));
        }
        let languages = fields.all(Self::LANGUAGE).filter_map(|tag| tag.parse().ok()).collect();
        let rule = Rule {
            place: fields.get(Self::PLACE).parse().unwrap_or(1),
            kinds: kinds_of(fields),
            least: least.unwrap_or_default().into_iter().next(),
            countries: countries.unwrap_or_default(),
            languages,
            people,
        };
        Self { name, rule, mistakes }
    }
}

impl Say {
    /// When a rule is meant, and whom it names.
    fn rule(&self, rule: &Rule, people: &[(String, String)]) -> Vec<String> {
        let m = self.m;
        let kinds: Vec<&str> = rule.kinds.iter().filter_map(|code| code.parse().ok()).map(|kind| self.task(kind)).collect();
        let countries: Vec<String> = rule.countries.iter().map(|code| m.country(code).unwrap_or(code.as_str()).to_owned()).collect();
        let languages: Vec<&str> = rule.languages.iter().map(|locale| Messages::new(*locale).language_name()).collect();
        let called =
            |id: &String| people.iter().find(|(known, _)| known == id).map_or_else(|| m.desk_gone().to_owned(), |(_, name)| name.clone());
        let whom: Vec<String> = rule.people.iter().map(called).collect();
        [
            (!kinds.is_empty()).then(|| m.either(&kinds)),
            rule.least.map(|(currency, minor)| m.desk_rule_from(self.f.money(Money::new(minor, currency)))),
            (!countries.is_empty()).then(|| m.either(&countries)),
            (!languages.is_empty()).then(|| m.either(&languages)),
            Some(m.desk_rule_to(m.list(&whom))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// `/staff/rules`
#[component]
pub fn Rules() -> impl IntoView {
    let desk = desk();
    load(async move { desk.rules_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: RulesPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (open, mistakes) = (page.open.clone(), page.mistakes.clone());
    let of = move |id: &str| if id == open { mistakes.clone() } else { Vec::new() };
    let rows: Vec<_> = page
        .rules
        .iter()
        .map(|rule| {
            let does = say.rule(&rule.rule, &page.people).join(" · ");
            let of_it = of(&rule.id);
            view! {
                <li class="card">
                    <p><b class="name">{rule.rule.place.to_string()} ". " {rule.name.clone()}</b><span class="block quiet sm">{does}</span></p>
                    <details open=rule.id == page.open>
                        <summary>{m.staff_person_change()}</summary>
                        <One rule=rule.clone() people=page.people.clone() mistakes=of_it/>
                        <form method="post" action=format!("/staff/rules/{}/delete", rule.id)><p class="acts"><button class="btn danger" type="submit">{m.desk_delete()}</button></p></form>
                    </details>
                </li>
            }
        })
        .collect();
    let is_open = page.new.id == page.open || page.rules.is_empty();
    let of_new = of(&page.new.id);
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Rules title=m.desk_rules()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <p class="quiet">{m.desk_rules_lead()}</p>
            <details class="card" open=is_open>
                <summary>{m.desk_rule_add()}</summary>
                <One rule=page.new.clone() people=page.people.clone() mistakes=of_new/>
            </details>
            <ul class="people">{rows}</ul>
        </StaffFrame>
    }
}

#[component]
fn One(rule: RuleView, people: Vec<(String, String)>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let RuleView { id, name, rule } = rule;
    let least = rule.least.map(|(currency, minor)| Money::new(minor, currency).to_string()).unwrap_or_default();
    let fields: Vec<_> = [
        (RuleForm::NAME, m.desk_name(), m.desk_rule_name_hint(), name),
        (RuleForm::PLACE, m.desk_rule_place(), m.desk_rule_place_hint(), rule.place.to_string()),
        (RuleForm::LEAST, m.desk_rule_least(), m.desk_rule_least_hint(), least),
        (RuleForm::COUNTRIES, m.desk_rule_countries(), m.desk_rule_countries_hint(), rule.countries.join(", ")),
    ]
    .into_iter()
    .map(|(field, label, hint, value)| {
        let wrong = mistake_at(&mistakes, field);
        let of_it = if wrong.is_some() { field_id(field) } else { format!("{field}-{id}") };
        view! {
            <p class="field">
                <label for=of_it.clone()>{label}</label>
                <span class="hint">{hint}</span>
                <FieldError mistake=wrong id=of_it.clone()/>
                <input id=of_it name=field value=value maxlength="80" autocomplete="off"/>
            </p>
        }
    })
    .collect();
    let languages: Vec<_> = Locale::ALL
        .into_iter()
        .map(|locale| {
            let checked = rule.languages.contains(&locale);
            view! { <label class="tick"><input class="check" type="checkbox" name=RuleForm::LANGUAGE value=locale.tag() checked=checked/> <span>{Messages::new(locale).language_name()}</span></label> }
        })
        .collect();
    let whom: Vec<_> = people
        .into_iter()
        .map(|(person, name)| {
            let checked = rule.people.contains(&person);
            view! { <label class="tick"><input class="check" type="checkbox" name=RuleForm::PERSON value=person checked=checked/> <span>{name}</span></label> }
        })
        .collect();
    let wrong = mistake_at(&mistakes, RuleForm::PERSON);
    let people_id = if wrong.is_some() { field_id(RuleForm::PERSON) } else { format!("people-{id}") };
    view! {
        <form class="form" method="post" action=format!("/staff/rules/{id}")>
            {fields}
            <KindTicks roles=domain::staff::Roles::ALL.to_vec() ticked=rule.kinds.clone()/>
            <fieldset class="which ticks"><legend>{m.desk_rule_languages()}</legend><span class="hint">{m.desk_view_kinds_hint()}</span>{languages}</fieldset>
            <fieldset class="which ticks" id=people_id.clone()><legend>{m.desk_rule_people()}</legend><FieldError mistake=wrong id=people_id.clone()/>{whom}</fieldset>
            <p class="acts"><button class="btn" type="submit">{m.staff_person_save()}</button></p>
        </form>
    }
}
