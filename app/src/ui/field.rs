//! A line of text to fill in.

use leptos::prelude::*;

use super::mistakes::{FieldError, field_id};
use crate::ports::Mistake;

/// A text field with its label, hint and mistake.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(into)] hint: String,
    #[prop(into)] value: String,
    wrong: Option<Mistake>,
    autocomplete: &'static str,
    inputmode: &'static str,
) -> impl IntoView {
    let id = field_id(name);
    let described = if wrong.is_some() { format!("{id}-hint {id}-error") } else { format!("{id}-hint") };
    let invalid = wrong.is_some().then_some("true");
    view! {
        <p class="field">
            <label for=id.clone()>{label}</label>
            <span class="hint" id=format!("{id}-hint")>{hint}</span>
            <FieldError mistake=wrong id=id.clone()/>
            <input id=id.clone() name=name value=value autocomplete=autocomplete inputmode=inputmode autocapitalize="off" spellcheck="false" aria-describedby=described aria-invalid=invalid maxlength="200"/>
        </p>
    }
}
