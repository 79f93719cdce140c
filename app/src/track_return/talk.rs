//! What the customer writes to the shop, about a return.

use std::sync::Arc;

use domain::item::LONGEST_COMMENT;
use domain::returns::{Command, Return};
use domain::rma::RmaNumber;
use leptos::prelude::*;

use super::rma;
use crate::forms::{CommandForm, Fields, noted};
use crate::ports::{Mistake, Noted, ReturnPage, ShopperDesk, Told};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, field_id, load, mistake_at};

/// "Write to us".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub words: String,
}

impl Write {
    const WORDS: &str = "words";
}

impl CommandForm for Write {
    const PAGE: &str = "write";

    fn parse(fields: &Fields) -> Result<Self, Noted> {
        words_of(fields, Self::WORDS).map(|words| Self { words })
    }

    fn command(self, _: &Return) -> Command {
        Command::Answer { words: self.words }
    }

    fn told(_: &Return) -> Told {
        Told::Written
    }
}

/// What must be said in words. Browsers count a line's end as one character and send two.
pub(super) fn words_of(fields: &Fields, field: &str) -> Result<String, Noted> {
    let words = fields.get(field).replace("\r\n", "\n");
    match words.chars().count() {
        0 => Err(noted(field, Mistake::Unanswered)),
        count if count > LONGEST_COMMENT => Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 })),
        _ => Ok(words),
    }
}

/// Small, below the return: open where somebody wants it.
#[component]
pub(super) fn WriteBox(rma: RmaNumber) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <section class="card" id="write">
            <details>
                <summary><h2 class="h">{m.talk_title()}</h2><span class="quiet sm">{m.talk_lead()}</span></summary>
                <WriteForm rma=rma mistakes=Vec::new()/>
            </details>
        </section>
    }
}

/// `/returns/{rma}/write`
#[component]
pub fn WriteHere() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rma = page.request.rma;
    let mistakes = page.mistakes_at(&[Write::WORDS]);
    view! {
        <Frame title=m.talk_title() chip=m.track_chip(rma) lead=m.talk_lead()>
            <ErrorSummary mistakes=mistakes.clone()/>
            <div class="card"><WriteForm rma=rma mistakes=mistakes/></div>
            <p class="acts"><a class="btn second" href=format!("/returns/{rma}")>{m.shell_back()}</a></p>
        </Frame>
    }
}

#[component]
fn WriteForm(rma: RmaNumber, mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let id = field_id(Write::WORDS);
    let wrong = mistake_at(&mistakes, Write::WORDS);
    let (invalid, about) = (wrong.as_ref().map(|_| "true"), wrong.as_ref().map(|_| format!("{id}-error")));
    view! {
        <form method="post" action=format!("/returns/{rma}/{}", Write::PAGE)>
            <p class="field">
                <label for=id.clone()>{m.talk_words()}</label>
                <FieldError mistake=wrong id=id.clone()/>
                <textarea id=id.clone() name=Write::WORDS rows="4" maxlength=LONGEST_COMMENT aria-invalid=invalid aria-describedby=about></textarea>
            </p>
            <p class="acts"><button class="btn second" type="submit">{m.talk_send()}</button></p>
        </form>
    }
}
