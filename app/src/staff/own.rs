//! What somebody changes of their own: the password, and the app that shows their codes.

use leptos::prelude::*;

use super::desk;
use super::door::SignInTyped;
use super::frame::{Here, StaffFrame};
use crate::forms::Fields;
use crate::ports::{FactorPage, PasswordPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, Qr, field_id, load, mistake_at};

/// "Change your password".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordForm {
    pub password: String,
    pub code: String,
    pub new: String,
}

impl PasswordForm {
    pub const NEW: &str = "new-password";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let SignInTyped { password, code, .. } = SignInTyped::parse(fields);
        Self { password, code, new: fields.secret(Self::NEW) }
    }
}

/// "Change your code app".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorForm {
    pub password: String,
    pub code: String,
    /// What the new app's codes are made of, locked.
    pub factor: String,
    pub new: String,
}

impl FactorForm {
    pub const FACTOR: &str = "factor";
    pub const NEW: &str = "new-code";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let SignInTyped { password, code, .. } = SignInTyped::parse(fields);
        Self { password, code, factor: fields.short(Self::FACTOR), new: fields.short(Self::NEW) }
    }
}

/// `/staff/me/password`
#[component]
pub fn ChangePassword() -> impl IntoView {
    let desk = desk();
    load(async move { desk.password_page().await }, |page| view! { <Password page=page/> })
}

#[component]
fn Password(page: PasswordPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |field: &str| mistake_at(&page.mistakes, field);
    let (wrong, new_wrong) = (at(SignInTyped::FORM), at(PasswordForm::NEW));
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Me title=m.staff_own_password_title()>
            <p class="quiet">{m.staff_own_lead()}</p>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <form class="card form" method="post" action="/staff/me/password" id=field_id(SignInTyped::FORM)>
                <FieldError mistake=wrong id=field_id(SignInTyped::FORM)/>
                // A password keeper files it under this.
                <input type="hidden" name="username" autocomplete="username" value=page.email.to_string()/>
                <Field name=SignInTyped::PASSWORD label=m.staff_own_password() hint="" value="" wrong=None autocomplete="current-password" inputmode="text" kind="password"/>
                <Field name=SignInTyped::CODE label=m.staff_door_code() hint=m.staff_own_code_hint() value="" wrong=None autocomplete="one-time-code" inputmode="numeric"/>
                <Field name=PasswordForm::NEW label=m.staff_welcome_password() hint=m.staff_welcome_password_hint() value="" wrong=new_wrong autocomplete="new-password" inputmode="text" kind="password"/>
                <p class="acts"><button class="btn" type="submit">{m.staff_own_password_action()}</button></p>
            </form>
        </StaffFrame>
    }
}

/// `/staff/me/factor`
#[component]
pub fn ChangeFactor() -> impl IntoView {
    let desk = desk();
    load(async move { desk.factor_page().await }, |page| view! { <Factor page=page/> })
}

#[component]
fn Factor(page: FactorPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |field: &str| mistake_at(&page.mistakes, field);
    let (wrong, new_wrong) = (at(SignInTyped::FORM), at(FactorForm::NEW));
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Me title=m.staff_own_factor_title()>
            <p class="quiet">{m.staff_own_lead()}</p>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <form class="card form" method="post" action="/staff/me/factor" id=field_id(SignInTyped::FORM)>
                <FieldError mistake=wrong id=field_id(SignInTyped::FORM)/>
                <input type="hidden" name=FactorForm::FACTOR value=page.factor.clone()/>
                <Field name=SignInTyped::PASSWORD label=m.staff_door_password() hint="" value="" wrong=None autocomplete="current-password" inputmode="text" kind="password"/>
                <Field name=SignInTyped::CODE label=m.staff_own_code() hint=m.staff_own_code_hint() value="" wrong=None autocomplete="one-time-code" inputmode="numeric"/>
                <div class="factor">
                    <p><b>{m.staff_own_factor()}</b><span class="block quiet">{m.staff_welcome_factor_text()}</span></p>
                    <Qr text=page.address.clone() label=m.staff_welcome_factor_qr()/>
                    <p class="quiet sm">{m.staff_welcome_factor_key()} " " <code class="key">{page.key.clone()}</code></p>
                </div>
                <Field name=FactorForm::NEW label=m.staff_own_new_code() hint=m.staff_welcome_code_hint() value="" wrong=new_wrong autocomplete="off" inputmode="numeric"/>
                <p class="acts"><button class="btn" type="submit">{m.staff_own_factor_action()}</button></p>
            </form>
        </StaffFrame>
    }
}
