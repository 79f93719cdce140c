//! Coming in, and choosing a password for the first time.

use domain::ids::EmailAddress;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use crate::forms::Fields;
use crate::ports::{DemoLogin, DoorPage, WelcomePage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, Frame, Qr, field_id, load, mistake_at};

/// "Sign in".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInTyped {
    /// As typed.
    pub email: String,
    pub password: String,
    pub code: String,
    /// Where they wanted to go.
    pub next: String,
}

impl SignInTyped {
    pub const EMAIL: &str = "email";
    pub const PASSWORD: &str = "password";
    pub const CODE: &str = "code";
    pub const NEXT: &str = "next";
    /// The form itself, for what is wrong with all of it.
    pub const FORM: &str = "sign-in";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        Self {
            email: fields.short(Self::EMAIL),
            password: fields.secret(Self::PASSWORD),
            code: fields.short(Self::CODE),
            next: own_path(fields.get(Self::NEXT)),
        }
    }
}

/// Only a page of people at work: nothing leads elsewhere.
fn own_path(path: &str) -> String {
    let fits = path == "/staff" || path.starts_with("/staff/") && !path.contains(['\\', '\r', '\n']) && path.len() <= 300;
    if fits { path.to_owned() } else { String::new() }
}

/// `/staff/sign-in`
#[component]
pub fn Door() -> impl IntoView {
    let desk = desk();
    // From the page that they wanted to see.
    let next = use_query_map().with_untracked(|query| query.get("next").map(|next| own_path(&next)).unwrap_or_default());
    load(async move { desk.door_page().await }, move |page| {
        let next = if next.is_empty() { page.next.clone() } else { next };
        view! { <SignIn page=DoorPage { next, ..page }/> }
    })
}

#[component]
fn SignIn(page: DoorPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let DoorPage { email, next, mistakes, sign_on, shared, demo } = page;
    let code_hint = shared.map_or_else(|| m.staff_door_code_hint().to_owned(), |name| m.staff_door_shared(name));
    let sign_on = sign_on.map(|name| {
        let text = if name.is_empty() { m.staff_sign_on_action().to_owned() } else { m.staff_sign_on_with(name) };
        view! {
            <form class="card form" method="post" action="/staff/sign-on">
                <input type="hidden" name=SignInTyped::NEXT value=next.clone()/>
                <p class="acts"><button class="btn" type="submit">{text}</button></p>
            </form>
        }
    });
    let wrong = mistake_at(&mistakes, SignInTyped::FORM);
    view! {
        <Frame title=m.staff_door_title() lead=m.staff_door_lead()>
            <ErrorSummary mistakes=mistakes/>
            {sign_on}
            <form class="card form" method="post" action="/staff/sign-in" id=field_id(SignInTyped::FORM)>
                <FieldError mistake=wrong id=field_id(SignInTyped::FORM)/>
                <input type="hidden" name=SignInTyped::NEXT value=next.clone()/>
                <Field name=SignInTyped::EMAIL label=m.staff_door_email() hint="" value=email wrong=None autocomplete="username" inputmode="email"/>
                <Field name=SignInTyped::PASSWORD label=m.staff_door_password() hint="" value="" wrong=None autocomplete="current-password" inputmode="text" kind="password"/>
                <Field name=SignInTyped::CODE label=m.staff_door_code() hint=code_hint value="" wrong=None autocomplete="one-time-code" inputmode="numeric"/>
                <p class="acts"><button class="btn" type="submit">{m.staff_door_action()}</button></p>
            </form>
            <p class="quiet">{m.staff_door_help()}</p>
            <Demo logins=demo next=next/>
        </Frame>
    }
}

/// Who can sign in to a demo shop, and with one click.
#[component]
fn Demo(logins: Vec<DemoLogin>, next: String) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rows = logins.clone().into_iter().map(|login| {
        let roles = m.list(&login.roles.iter().map(|role| say.role(role)).collect::<Vec<_>>());
        view! {
            <li>
                <form method="post" action="/staff/sign-in">
                    <input type="hidden" name=SignInTyped::NEXT value=next.clone()/>
                    <input type="hidden" name=SignInTyped::EMAIL value=login.email.clone()/>
                    <input type="hidden" name=SignInTyped::PASSWORD value=login.password.clone()/>
                    <input type="hidden" name=SignInTyped::CODE value=login.code.clone()/>
                    <button class="link" type="submit">{login.name.clone()}</button>
                    <span class="quiet">{roles}</span>
                </form>
                <span class="quiet sm">{login.email.clone()} " · " <code>{login.password.clone()}</code> " · " <code>{login.code.clone()}</code></span>
            </li>
        }
    });
    let rows: Vec<_> = rows.collect();
    (!logins.is_empty()).then(|| {
        view! {
            <section class="card logins">
                <h2 class="h">{m.staff_demo_title()}</h2>
                <p class="quiet">{m.staff_demo_text()}</p>
                <ul>{rows}</ul>
            </section>
        }
    })
}

/// "Begin": the first password, and the proof that the app has the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WelcomeForm {
    /// Of the first admin, as typed.
    pub name: String,
    pub typed_email: String,
    pub email: Option<EmailAddress>,
    pub password: String,
    pub code: String,
}

impl WelcomeForm {
    pub const NAME: &str = "name";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let SignInTyped { email, password, code, .. } = SignInTyped::parse(fields);
        Self { name: fields.short(Self::NAME), email: email.parse().ok(), typed_email: email, password, code }
    }
}

/// `/staff/welcome/{link}`
#[component]
pub fn WelcomePerson() -> impl IntoView {
    let desk = desk();
    let link = use_params_map().with_untracked(|params| params.get("link").unwrap_or_default());
    load(async move { desk.welcome_page(&link).await }, |page| view! { <Begin page=page/> })
}

#[component]
fn Begin(page: WelcomePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let at = |field: &str| mistake_at(&page.mistakes, field);
    let (name_wrong, email_wrong) = (at(WelcomeForm::NAME), at(SignInTyped::EMAIL));
    let (password_wrong, code_wrong) = (at(SignInTyped::PASSWORD), at(SignInTyped::CODE));
    let title = page.member.as_ref().map_or_else(|| m.staff_welcome_first().to_owned(), |member| m.staff_welcome_title(&member.name));
    let who = page.member.is_none().then(|| {
        view! {
            <Field name=WelcomeForm::NAME label=m.staff_person_name() hint=m.staff_person_name_hint() value=page.name.clone() wrong=name_wrong autocomplete="name" inputmode="text"/>
            <Field name=SignInTyped::EMAIL label=m.staff_door_email() hint="" value=page.email.clone() wrong=email_wrong autocomplete="username" inputmode="email"/>
        }
    });
    let new = !page.address.is_empty();
    let code_hint = if new { m.staff_welcome_code_hint() } else { m.staff_door_code_hint() };
    let app = new.then(|| {
        view! {
            <div class="factor">
                <p><b>{m.staff_welcome_factor()}</b><span class="block quiet">{m.staff_welcome_factor_text()}</span></p>
                <Qr text=page.address.clone() label=m.staff_welcome_factor_qr()/>
                <p class="quiet sm">{m.staff_welcome_factor_key()} " " <code class="key">{page.key.clone()}</code></p>
            </div>
        }
    });
    // A password keeper files it under this.
    let known = page.member.as_ref().map(|member| {
        view! { <input type="hidden" name="username" autocomplete="username" value=member.email.to_string()/> }
    });
    view! {
        <Frame title=title lead=m.staff_welcome_lead()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <form class="card form" method="post" action=format!("/staff/welcome/{}", page.link)>
                {known}
                {who}
                <Field name=SignInTyped::PASSWORD label=m.staff_welcome_password() hint=m.staff_welcome_password_hint() value="" wrong=password_wrong autocomplete="new-password" inputmode="text" kind="password"/>
                {app}
                <Field name=SignInTyped::CODE label=m.staff_door_code() hint=code_hint value="" wrong=code_wrong autocomplete="one-time-code" inputmode="numeric"/>
                <p class="acts"><button class="btn" type="submit">{m.staff_welcome_action()}</button></p>
            </form>
        </Frame>
    }
}
