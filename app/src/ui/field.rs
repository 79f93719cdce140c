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
    /// `password` hides what is typed.
    #[prop(default = "text")]
    kind: &'static str,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = [(!hint.is_empty()).then_some(hint_id.as_str()), wrong.is_some().then_some(error_id.as_str())];
    let described = described.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let described = (!described.is_empty()).then_some(described);
    let invalid = wrong.is_some().then_some("true");
    view! {
        <p class="field">
            <label for=id.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <span class="hint" id=hint_id>{hint}</span> })}
            <FieldError mistake=wrong id=id.clone()/>
            <input id=id.clone() name=name type=kind value=value autocomplete=autocomplete inputmode=inputmode autocapitalize="off" spellcheck="false" aria-describedby=described aria-invalid=invalid maxlength="200"/>
        </p>
    }
}
