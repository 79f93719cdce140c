//! The decision: a sign, one sentence, the reasons as a short list.

use domain::policy::{Decision, Sentence};
use leptos::prelude::*;

use super::icons::{Icon, Symbol};
use crate::say::Say;

#[component]
pub fn VerdictPanel(
    decision: Decision,
    /// The decision in one sentence.
    #[prop(into)]
    title: String,
    why: Vec<Sentence>,
    /// Opened by "Why?".
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, symbol) = match decision {
        Decision::Approved => ("card verdict", Symbol::Check),
        Decision::InReview => ("card verdict heed", Symbol::Person),
        Decision::Declined => ("card verdict stop", Symbol::Stop),
    };
    view! {
        <section class=class>
            <h2><Icon symbol=symbol/><span>{title}</span></h2>
            <WhyList why=why/>
            {children.map(|children| children())}
        </section>
    }
}

/// Reasons, each once.
#[component]
pub fn WhyList(why: Vec<Sentence>) -> impl IntoView {
    let say = expect_context::<Say>();
    let mut said: Vec<String> = Vec::new();
    for sentence in &why {
        let text = say.sentence(sentence);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    (!said.is_empty()).then(|| view! { <ul class="why">{said.into_iter().map(|text| view! { <li>{text}</li> }).collect::<Vec<_>>()}</ul> })
}
