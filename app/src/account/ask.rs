//! Whose orders? An address, then the code that was sent to it.

use domain::ids::EmailAddress;
use domain::written::{digit_of, is_invisible};
use leptos::prelude::*;

use crate::forms::Fields;
use crate::ports::{Mistake, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, Frame, mistake_at};

/// "Send me a code".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeAsked {
    /// As typed.
    pub typed: String,
    /// What was typed, where it is an address.
    pub email: Option<EmailAddress>,
}

impl CodeAsked {
    pub const EMAIL: &str = "email";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let typed = fields.short(Self::EMAIL);
        Self { email: typed.parse().ok(), typed }
    }
}

/// "Show my orders".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeTyped {
    /// Six digits, where it is a code.
    pub code: Option<String>,
}

impl CodeTyped {
    pub const CODE: &str = "code";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let typed = fields
            .get(Self::CODE)
            .chars()
            .map(|letter| digit_of(letter).unwrap_or(letter))
            .filter(|letter| !letter.is_whitespace() && !is_invisible(*letter) && *letter != '-');
        let code = Some(typed.collect::<String>()).filter(|code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        Self { code }
    }
}

/// Asks for the address.
#[component]
pub(super) fn Ask(email: String, mut mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    // Whoever comes here because others have guessed did nothing wrong.
    let guarded = mistake_at(&mistakes, CodeAsked::EMAIL) == Some(Mistake::Guarded);
    mistakes.retain(|noted| noted.mistake != Mistake::Guarded);
    let wrong = mistake_at(&mistakes, CodeAsked::EMAIL);
    view! {
        <Frame title=m.account_title() lead=m.account_lead()>
            <ErrorSummary mistakes=mistakes/>
            {guarded.then(|| view! { <p class="note heed" role="status">{m.account_guarded()}</p> })}
            <form class="card form" method="post" action="/account/code">
                <Field name=CodeAsked::EMAIL label=m.account_email() hint=m.account_email_hint() value=email wrong=wrong autocomplete="email" inputmode="email"/>
                <p class="acts"><button class="btn" type="submit">{m.account_ask_action()}</button></p>
            </form>
            <p><a href="/">{m.account_by_number()}</a></p>
        </Frame>
    }
}

/// Asks for the code, and offers a new one.
#[component]
pub(super) fn EnterCode(email: String, minutes: i64, mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let (code_wrong, email_wrong) = (mistake_at(&mistakes, CodeTyped::CODE), mistake_at(&mistakes, CodeAsked::EMAIL));
    let open = email_wrong.is_some() || code_wrong == Some(Mistake::CodeOver);
    view! {
        <Frame title=m.account_code_title() lead=m.account_code_lead(&email, minutes)>
            <ErrorSummary mistakes=mistakes/>
            <form class="card form" method="post" action="/account/enter">
                <Field name=CodeTyped::CODE label=m.account_code() hint=m.account_code_hint() value="" wrong=code_wrong autocomplete="one-time-code" inputmode="numeric"/>
                <p class="acts"><button class="btn" type="submit">{m.account_code_action()}</button></p>
            </form>
            <details class="card" open=open>
                <summary><h2 class="h">{m.account_no_mail()}</h2><span class="quiet">{m.account_no_mail_text()}</span></summary>
                <form class="form" method="post" action="/account/code">
                    <Field name=CodeAsked::EMAIL label=m.account_email() hint=m.account_email_hint() value=email wrong=email_wrong autocomplete="email" inputmode="email"/>
                    <p class="acts"><button class="btn second" type="submit">{m.account_again_action()}</button></p>
                </form>
            </details>
            <p><a href="/">{m.account_by_number()}</a></p>
        </Frame>
    }
}
