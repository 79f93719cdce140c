//! How it went: one question once a return is over, and what can be done better (A13, C37).

use std::sync::Arc;

use domain::item::LONGEST_COMMENT;
use domain::returns::{Command, Feedback, MOST_STARS, Return};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::rma;
use crate::forms::{CommandForm, Fields, noted};
use crate::ports::{Mistake, Noted, ReturnPage, ShopperDesk, Told};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, escaped, field_id, load, mistake_at};

/// "Send my rating".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    pub stars: u8,
    pub words: Option<String>,
}

impl Rate {
    pub const STARS: &str = "stars";
    const WORDS: &str = "words";

    fn stars(text: &str) -> Option<u8> {
        text.parse().ok().filter(|stars| (1..=MOST_STARS).contains(stars))
    }
}

impl CommandForm for Rate {
    const PAGE: &str = "feedback";

    fn parse(fields: &Fields) -> Result<Self, Noted> {
        let stars = Self::stars(fields.get(Self::STARS)).ok_or_else(|| noted(Self::STARS, Mistake::Unanswered))?;
        let words = fields.maybe(Self::WORDS).map(|words| words.replace("\r\n", "\n"));
        if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
            return Err(noted(Self::WORDS, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok(Self { stars, words })
    }

    fn command(self, _: &Return) -> Command {
        Command::Rate { stars: self.stars, words: self.words }
    }

    fn told(request: &Return) -> Told {
        if request.feedback.as_ref().is_some_and(Feedback::is_low) { Told::RatedLow } else { Told::Rated }
    }
}

impl Say {
    /// So many stars, in a word: "5 – very good".
    #[must_use]
    pub fn stars(&self, stars: u8) -> String {
        let word = usize::from(stars).checked_sub(1).and_then(|place| self.m.feedback_stars().get(place));
        word.map_or_else(|| stars.to_string(), |word| self.m.feedback_star(stars, word))
    }
}

/// On the return's page: the question, a click away from each answer, or what was answered.
#[component]
pub(super) fn RateBox(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request;
    let open = request.takes_feedback(say.f.now);
    let at = |stars: u8| format!("/returns/{}/{}?{}={stars}", request.rma, Rate::PAGE, Rate::STARS);
    match (&request.feedback, open) {
        (Some(said), open) => {
            let change = open.then(|| view! { <p class="sm"><a href=at(said.stars)>{m.feedback_change()}</a></p> });
            Some(view! { <section class="card"><h2 class="h">{m.feedback_title()}</h2><p>{m.feedback_given(say.stars(said.stars))}</p>{change}</section> }.into_any())
        }
        (None, true) => {
            let stars: Vec<_> =
                (1..=MOST_STARS).map(|stars| view! { <a class="btn second small" href=at(stars)>{say.stars(stars)}</a> }).collect();
            Some(view! { <section class="card"><h2 class="h">{m.feedback_title()}</h2><p>{m.feedback_lead()}</p><p class="acts">{stars}</p></section> }.into_any())
        }
        (None, false) => None,
    }
}

/// `/returns/{rma}/feedback`, with the stars that were clicked already chosen.
#[component]
pub fn RateHere() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    let clicked = use_query_map().with_untracked(|query| query.get(Rate::STARS)).and_then(|stars| Rate::stars(&stars));
    load(async move { desk.return_page(&rma).await }, move |page| view! { <Ask page=page clicked=clicked/> })
}

#[component]
fn Ask(page: ReturnPage, clicked: Option<u8>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    if !page.request.takes_feedback(say.f.now) {
        let lead = if page.request.feedback.is_some() { m.feedback_over() } else { m.feedback_early() };
        return view! {
            <Frame title=m.feedback_title() chip=m.track_chip(rma) lead=lead>
                <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p>
            </Frame>
        }
        .into_any();
    }
    let mistakes = page.mistakes_at(&[Rate::STARS, Rate::WORDS]);
    let (wrong, words_wrong) = (mistake_at(&mistakes, Rate::STARS), mistake_at(&mistakes, Rate::WORDS));
    let said = page.request.feedback.clone();
    let chosen = clicked.or(said.as_ref().map(|said| said.stars));
    let words = said.and_then(|said| said.words).unwrap_or_default();
    let stars: Vec<_> = (1..=MOST_STARS)
        .rev()
        .map(|stars| {
            view! {
                <label class="tile line">
                    <input class="check" type="radio" name=Rate::STARS value=stars.to_string() checked=chosen == Some(stars) required/>
                    <span><b>{say.stars(stars)}</b></span>
                </label>
            }
        })
        .collect();
    let id = field_id(Rate::WORDS);
    let about = if words_wrong.is_some() { format!("{id}-hint {id}-error") } else { format!("{id}-hint") };
    let invalid = words_wrong.as_ref().map(|_| "true");
    view! {
        <Frame title=m.feedback_title() chip=m.track_chip(rma) lead=m.feedback_lead()>
            <ErrorSummary mistakes=mistakes/>
            <form method="post" action=format!("/returns/{rma}/{}", Rate::PAGE)>
                <fieldset class="tiles" id=field_id(Rate::STARS)>
                    <legend class="h">{m.feedback_question()}</legend>
                    <FieldError mistake=wrong id=field_id(Rate::STARS)/>
                    {stars}
                </fieldset>
                <p class="field">
                    <label for=id.clone()>{m.feedback_words()}</label>
                    <span class="quiet sm block" id=format!("{id}-hint")>{m.feedback_hint()}</span>
                    <FieldError mistake=words_wrong id=id.clone()/>
                    <textarea id=id name=Rate::WORDS rows="4" maxlength=LONGEST_COMMENT aria-invalid=invalid aria-describedby=about>{escaped(&words)}</textarea>
                </p>
                <p class="acts"><button class="btn" type="submit">{m.feedback_send()}</button> <a class="btn second" href=back>{m.shell_back()}</a></p>
            </form>
        </Frame>
    }
    .into_any()
}
