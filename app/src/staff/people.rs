//! Who works here, and what they may.

use domain::ids::EmailAddress;
use domain::money::{Amount, Currency, Money};
use domain::returns::{Disposition, Role};
use domain::staff::{Roles, StaffLimits};
use leptos::prelude::*;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted, PeoplePage, PersonView};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// What is said of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonForm {
    /// As typed.
    pub name: String,
    pub typed_email: String,
    pub email: Option<EmailAddress>,
    pub roles: Roles,
    pub limits: StaffLimits,
    pub mistakes: Vec<Noted>,
}

impl PersonForm {
    pub const NAME: &str = "name";
    pub const EMAIL: &str = "email";
    pub const ROLE: &str = "role";
    /// With a new link: their app goes on.
    pub const KEEPS: &str = "keeps";
    const LIMIT: &str = "limit";
    const OVERRIDES: &str = "overrides";
    pub(super) const WAREHOUSES: &str = "warehouses";

    /// What was sent of roles and limits, and of name and address where those can be told.
    #[must_use]
    pub fn parse(fields: &Fields, is_new: bool) -> Self {
        let mut mistakes = Vec::new();
        let (name, typed_email) = (fields.short(Self::NAME), fields.short(Self::EMAIL));
        let email: Option<EmailAddress> = typed_email.parse().ok();
        let roles = Roles::new(fields.all(Self::ROLE).filter_map(|code| Roles::ALL.into_iter().find(|role| role.code() == code)));
        if is_new && name.is_empty() {
            mistakes.push(noted(Self::NAME, Mistake::StaffNameMissing));
        }
        if is_new && email.is_none() {
            mistakes.push(noted(Self::EMAIL, Mistake::EmailForm));
        }
        if roles.is_empty() {
            mistakes.push(noted(Self::ROLE, Mistake::StaffRolesMissing));
        }
        let typed_limit = fields.short(Self::LIMIT);
        let refund_up_to = limits_of(&typed_limit);
        if refund_up_to.is_none() {
            mistakes.push(noted(Self::LIMIT, Mistake::StaffLimitForm));
        }
        let warehouses = warehouses_of(&fields.short(Self::WAREHOUSES));
        let limits = StaffLimits { refund_up_to: refund_up_to.flatten(), overrides: !fields.get(Self::OVERRIDES).is_empty(), warehouses };
        Self { name, typed_email, email, roles, limits, mistakes }
    }
}

/// `HZ1, HZ2`
pub(super) fn warehouses_of(text: &str) -> Vec<String> {
    text.split([',', '，', '、']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// `500 EUR, 3000 CNY`; nothing inside where there is no limit, nothing at all where it cannot be read.
pub(super) fn limits_of(text: &str) -> Option<Option<Vec<(Currency, i64)>>> {
    let parts: Vec<&str> = text.split([',', '，', '、', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Some(None);
    }
    let amount = |part: &&str| {
        let (number, code) = part.split_at_checked(part.len().checked_sub(3)?)?;
        let currency: Currency = code.to_uppercase().parse().ok()?;
        let minor = number.trim().parse::<Amount>().ok()?.minor(currency).ok()?;
        (minor >= 0).then_some((currency, minor))
    };
    parts.iter().map(amount).collect::<Option<Vec<_>>>().map(Some)
}

/// `/staff/people`
#[component]
pub fn People() -> impl IntoView {
    let desk = desk();
    load(async move { desk.people_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: PeoplePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let overrides: Vec<_> = page
        .overrides
        .iter()
        .map(|one| {
            let elsewhere = |(rule, to): &(String, Disposition)| m.dock_proposed(say.disposition(*to), rule);
            let rule = one.sentence.as_ref().map(|sentence| say.sentence(sentence)).or_else(|| one.sent_elsewhere.as_ref().map(elsewhere));
            view! { <li><span>{one.name.clone()}</span><b class="num">{m.staff_overrides_times(one.count)}</b><span class="quiet sm">{rule}</span></li> }
        })
        .collect();
    let at = |field: &str| mistake_at(&page.mistakes, field);
    let (name_wrong, email_wrong) = (at(PersonForm::NAME), at(PersonForm::EMAIL));
    let people: Vec<_> = page.people.iter().cloned().map(|person| view! { <Person person=person/> }).collect();
    let open = !page.mistakes.is_empty();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::People title=m.staff_people()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <details class="card" open=open>
                <summary><h2 class="h">{m.staff_people_add()}</h2><span class="quiet">{m.staff_people_add_text()}</span></summary>
                <form class="form" method="post" action="/staff/people">
                    <Field name=PersonForm::NAME label=m.staff_person_name() hint=m.staff_person_name_hint() value=page.name.clone() wrong=name_wrong autocomplete="off" inputmode="text"/>
                    <Field name=PersonForm::EMAIL label=m.staff_door_email() hint="" value=page.email.clone() wrong=email_wrong autocomplete="off" inputmode="email"/>
                    <May id="new" roles=Roles::default() limits=StaffLimits::default() mistakes=page.mistakes.clone()/>
                    <p class="acts"><button class="btn" type="submit">{m.staff_people_add()}</button></p>
                </form>
            </details>
            <ul class="people">{people}</ul>
            <section class="card">
                <h2 class="h">{m.staff_overrides()}</h2>
                {overrides.is_empty().then(|| view! { <p class="quiet">{m.staff_overrides_none()}</p> })}
                {(!overrides.is_empty()).then(|| view! { <ul class="others">{overrides}</ul> })}
            </section>
        </StaffFrame>
    }
}

/// Roles and limits, to be told.
#[component]
fn May(
    /// Apart from the other forms of the page.
    #[prop(into)]
    id: String,
    roles: Roles,
    limits: StaffLimits,
    mistakes: Vec<Noted>,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (roles_wrong, limit_wrong) = (mistake_at(&mistakes, PersonForm::ROLE), mistake_at(&mistakes, PersonForm::LIMIT));
    let named = |field: &str| if id == "new" { field_id(field) } else { format!("{}-{id}", field_id(field)) };
    let ticks: Vec<_> = Roles::ALL
        .into_iter()
        .map(|role: Role| {
            view! {
                <label class="tick"><input class="check" type="checkbox" name=PersonForm::ROLE value=role.code() checked=roles.has(role)/>
                <span><b>{say.role(role)}</b><span class="block quiet sm">{say.role_text(role)}</span></span></label>
            }
        })
        .collect();
    let limit = limits.refund_up_to.as_ref().map_or_else(String::new, |limits| {
        let said: Vec<String> = limits.iter().map(|(currency, minor)| Money::new(*minor, *currency).to_string()).collect();
        said.join(", ")
    });
    let (limit_id, houses_id) = (named(PersonForm::LIMIT), named(PersonForm::WAREHOUSES));
    view! {
        <fieldset class="which" id=named(PersonForm::ROLE)>
            <legend>{m.staff_person_roles()}</legend>
            <FieldError mistake=roles_wrong id=named(PersonForm::ROLE)/>
            {ticks}
        </fieldset>
        <p class="field">
            <label for=limit_id.clone()>{m.staff_person_limit()}</label>
            <span class="hint" id=format!("{limit_id}-hint")>{m.staff_person_limit_hint()}</span>
            <FieldError mistake=limit_wrong id=limit_id.clone()/>
            <input id=limit_id.clone() name=PersonForm::LIMIT value=limit maxlength="200" autocomplete="off" aria-describedby=format!("{limit_id}-hint")/>
        </p>
        <label class="tick"><input class="check" type="checkbox" name=PersonForm::OVERRIDES value="1" checked=limits.overrides/> <span>{m.staff_person_overrides()}</span></label>
        <p class="field">
            <label for=houses_id.clone()>{m.staff_person_warehouses()}</label>
            <span class="hint" id=format!("{houses_id}-hint")>{m.staff_person_warehouses_hint()}</span>
            <input id=houses_id.clone() name=PersonForm::WAREHOUSES value=limits.warehouses.join(", ") maxlength="200" autocomplete="off" aria-describedby=format!("{houses_id}-hint")/>
        </p>
    }
}

#[component]
fn Person(person: PersonView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let PersonView { member, ready, left } = person;
    let roles = m.list(&member.roles.iter().map(|role| say.role(role)).collect::<Vec<_>>());
    let stands = match (left, ready) {
        (true, _) => Some((m.staff_person_left(), "chip")),
        (false, false) => Some((m.staff_person_waits(), "chip heed")),
        (false, true) => None,
    };
    let at = |what: &str| format!("/staff/people/{}/{what}", member.id);
    let forms = (!left).then(|| {
        view! {
            <details>
                <summary>{m.staff_person_change()}</summary>
                <form class="form" method="post" action=at("change")>
                    <May id=member.id.clone() roles=member.roles.clone() limits=member.limits.clone() mistakes=Vec::new()/>
                    <p class="acts"><button class="btn" type="submit">{m.staff_person_save()}</button></p>
                </form>
                <form method="post" action=at("reset")><p class="acts"><button class="btn second" type="submit">{m.staff_person_reset()}</button></p><p class="quiet sm">{m.staff_person_reset_text()}</p></form>
                <form method="post" action=at("reset")><input type="hidden" name=PersonForm::KEEPS value="1"/><p class="acts"><button class="btn second" type="submit">{m.staff_person_password()}</button></p><p class="quiet sm">{m.staff_person_password_text()}</p></form>
                <form method="post" action=at("sign-out")><p class="acts"><button class="btn second" type="submit">{m.staff_person_sign_out()}</button></p><p class="quiet sm">{m.staff_person_sign_out_text()}</p></form>
                <form method="post" action=at("end")><p class="acts"><button class="btn danger" type="submit">{m.staff_person_end()}</button></p><p class="quiet sm">{m.staff_person_end_text()}</p></form>
            </details>
        }
    });
    view! {
        <li class="card">
            <p><b class="name">{member.name.clone()}</b> {stands.map(|(text, class)| view! { " " <span class=class>{text}</span> })}<span class="block quiet sm">{member.email.to_string()} " · " {roles}</span></p>
            {forms}
        </li>
    }
}
