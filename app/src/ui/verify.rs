//! Whose return is it? Asked before anything of it is shown.

use domain::rma::RmaNumber;
use leptos::prelude::*;

use super::field::Field;
use super::frame::Frame;
use super::mistakes::{ErrorSummary, mistake_at};
use crate::ports::Noted;
use crate::say::Say;

/// "Is this your return?": field of the contact it was opened with.
pub const CONTACT: &str = "contact";

/// Asks for the contact of a return.
#[component]
pub fn VerifyForm(rma: RmaNumber, typed: String, mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let wrong = mistake_at(&mistakes, CONTACT);
    view! {
        <Frame title=m.track_verify_title() lead=m.track_verify_lead() chip=m.track_chip(rma)>
            <ErrorSummary mistakes=mistakes/>
            <form class="card form" method="post" action=format!("/returns/{rma}/verify")>
                <Field name=CONTACT label=m.find_contact() hint=m.find_contact_hint() value=typed wrong=wrong autocomplete="email" inputmode="email"/>
                <p class="acts"><button class="btn" type="submit">{m.track_verify_action()}</button></p>
            </form>
        </Frame>
    }
}
