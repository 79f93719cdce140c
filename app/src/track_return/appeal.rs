//! "This seems wrong": a person looks again at what was declined.

use std::sync::Arc;

use domain::item::LONGEST_COMMENT;
use domain::returns::{Authorization, Command, LineNo, Return};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::rma;
use super::talk::words_of;
use crate::forms::{CommandForm, Fields, noted};
use crate::ports::{Mistake, Noted, ReturnPage, ShopperDesk, Told};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, field_id, load, mistake_at};

/// "Ask to look again".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    pub lines: Vec<LineNo>,
    pub words: String,
}

impl Appeal {
    const LINE: &str = "line";
    const WORDS: &str = "words";
}

impl CommandForm for Appeal {
    const PAGE: &str = "appeal";
    const NEXT: &str = "/photos";

    fn parse(fields: &Fields) -> Result<Self, Noted> {
        let lines: Vec<LineNo> = fields.all(Self::LINE).filter_map(|line| line.parse().ok()).collect();
        if lines.is_empty() {
            return Err(noted(Self::LINE, Mistake::NothingChosen));
        }
        Ok(Self { lines, words: words_of(fields, Self::WORDS)? })
    }

    fn command(self, request: &Return) -> Command {
        let about = |line: &LineNo| self.lines.contains(line);
        // Sent twice, they are looked at again already.
        let asked = |lot: &&domain::returns::Lot| lot.state.authorization == Authorization::Declined || lot.appeal.is_some();
        let lots = request.lines.iter().filter(|line| about(&line.id)).flat_map(|line| &line.lots).filter(asked).map(|lot| lot.id);
        Command::Appeal { lots: Some(lots.collect()), words: self.words }
    }

    fn told(_: &Return) -> Told {
        Told::Appealed
    }
}

/// `/returns/{rma}/appeal`
#[component]
pub fn LookAgain() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    let meant = use_query_map().with_untracked(|query| query.get(Appeal::LINE)).and_then(|line| line.parse::<LineNo>().ok());
    load(async move { desk.return_page(&rma).await }, move |page| view! { <Ask page=page meant=meant/> })
}

#[component]
fn Ask(page: ReturnPage, meant: Option<LineNo>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    if page.appealable.is_empty() {
        return view! {
            <Frame title=m.appeal_title() chip=m.track_chip(rma) lead=m.appeal_none()>
                <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p>
            </Frame>
        }
        .into_any();
    }
    let (wrong, words_wrong) = (mistake_at(&page.mistakes, Appeal::LINE), mistake_at(&page.mistakes, Appeal::WORDS));
    let (id, only) = (field_id(Appeal::WORDS), page.appealable.len() == 1);
    let about = if words_wrong.is_some() { format!("{id}-hint {id}-error") } else { format!("{id}-hint") };
    let invalid = words_wrong.as_ref().map(|_| "true");
    let items: Vec<_> = page
        .request
        .lines
        .iter()
        .filter(|line| page.appealable.contains(&line.id))
        .map(|line| {
            let about: Vec<String> =
                line.asked.variant.clone().into_iter().chain(page.told_apart(line).map(|reason| say.reason(reason))).collect();
            let variant = (!about.is_empty()).then(|| view! { <span class="block quiet sm">{about.join(" · ")}</span> });
            view! {
                <label class="tile line">
                    <input class="check" type="checkbox" name=Appeal::LINE value=line.id.to_string() checked=only || meant == Some(line.id)/>
                    <span><b>{line.asked.name.clone()}</b>{variant}</span>
                </label>
            }
        })
        .collect();
    let action = format!("{back}/{}", Appeal::PAGE);
    view! {
        <Frame title=m.appeal_title() chip=m.track_chip(rma) lead=m.appeal_lead()>
            <ErrorSummary mistakes=page.mistakes_at(&[Appeal::LINE, Appeal::WORDS])/>
            <form method="post" action=action>
                <fieldset class="tiles" id=field_id(Appeal::LINE)>
                    <legend class="h">{m.appeal_which()}</legend>
                    <FieldError mistake=wrong id=field_id(Appeal::LINE)/>
                    {items}
                </fieldset>
                <p class="field">
                    <label for=id.clone()>{m.appeal_words()}</label>
                    <span class="quiet sm block" id=format!("{id}-hint")>{m.appeal_hint()}</span>
                    <FieldError mistake=words_wrong id=id.clone()/>
                    <textarea id=id name=Appeal::WORDS rows="4" maxlength=LONGEST_COMMENT aria-invalid=invalid aria-describedby=about></textarea>
                </p>
                <p class="acts"><button class="btn" type="submit">{m.appeal_send()}</button> <a class="btn second" href=back>{m.shell_back()}</a></p>
            </form>
        </Frame>
    }
    .into_any()
}
