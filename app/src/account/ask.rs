//! Whose orders? An address, then the code that was sent to it.

use leptos::prelude::*;

use crate::find_order::Field;
use crate::ports::{Mistake, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, Frame, mistake_at};

/// Asks for the address.
#[component]
pub(super) fn Ask(email: String, mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let wrong = mistake_at(&mistakes, "email");
    view! {
        <Frame title=m.account_title() lead=m.account_lead()>
            <ErrorSummary mistakes=mistakes/>
            <form class="card form" method="post" action="/account/code">
                <Field name="email" label=m.account_email() hint=m.account_email_hint() value=email wrong=wrong autocomplete="email" inputmode="email"/>
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
    let (code_wrong, email_wrong) = (mistake_at(&mistakes, "code"), mistake_at(&mistakes, "email"));
    let open = email_wrong.is_some() || code_wrong == Some(Mistake::CodeOver);
    view! {
        <Frame title=m.account_code_title() lead=m.account_code_lead(&email, minutes)>
            <ErrorSummary mistakes=mistakes/>
            <form class="card form" method="post" action="/account/enter">
                <Field name="code" label=m.account_code() hint=m.account_code_hint() value="" wrong=code_wrong autocomplete="one-time-code" inputmode="numeric"/>
                <p class="acts"><button class="btn" type="submit">{m.account_code_action()}</button></p>
            </form>
            <details class="card" open=open>
                <summary><h2 class="h">{m.account_no_mail()}</h2><span class="quiet">{m.account_no_mail_text()}</span></summary>
                <form class="form" method="post" action="/account/code">
                    <Field name="email" label=m.account_email() hint=m.account_email_hint() value=email wrong=email_wrong autocomplete="email" inputmode="email"/>
                    <p class="acts"><button class="btn second" type="submit">{m.account_again_action()}</button></p>
                </form>
            </details>
            <p><a href="/">{m.account_by_number()}</a></p>
        </Frame>
    }
}
