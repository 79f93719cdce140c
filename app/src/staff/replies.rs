//! Saved replies.

use domain::item::LONGEST_COMMENT;
use domain::plain::{maybe_line, several_lines};
use domain::replies::{Place, places_of};
use domain::rma::RmaNumber;
use domain::words::{Locale, Words};
use leptos::prelude::*;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::messages::Messages;
use crate::ports::{Mistake, Noted, RepliesPage, ReplyView};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, escaped, field_id, load, mistake_at};

/// Letters of the name of what is shared.
const LONGEST_NAME: usize = 80;

/// A saved reply, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyForm {
    pub name: String,
    pub words: Words,
    pub mistakes: Vec<Noted>,
}

impl ReplyForm {
    pub(super) const NAME: &str = "name";

    fn text(locale: Locale) -> String {
        format!("text|{}", locale.tag())
    }

    /// What was sent; `own`: languages of the shop, one of which it must have.
    #[must_use]
    pub fn parse(fields: &Fields, own: &[Locale]) -> Self {
        let mut mistakes = Vec::new();
        let name = name_of(fields, Self::NAME, &mut mistakes);
        let texts = Locale::ALL.into_iter().map(|locale| (locale, several_lines(fields.get(&Self::text(locale)))));
        let words: Words = texts.filter(|(_, text)| !text.is_empty()).collect();
        for locale in words.languages() {
            let text = words.own(locale).unwrap_or_default();
            let unknown: Vec<String> = places_of(text).into_iter().filter(|name| Place::named(name).is_none()).map(braced).collect();
            if !unknown.is_empty() {
                mistakes.push(noted(Self::text(locale), Mistake::PlaceUnknown { names: unknown }));
            }
            if text.chars().count() > LONGEST_COMMENT {
                mistakes.push(noted(Self::text(locale), Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
            }
        }
        if let Some(main) = own.first()
            && own.iter().all(|locale| words.own(*locale).is_none())
        {
            mistakes.push(noted(Self::text(*main), Mistake::ReplyTextMissing { language: main.tag().to_owned() }));
        }
        Self { name, words, mistakes }
    }
}

/// The name of what is to be shared.
pub(super) fn name_of(fields: &Fields, field: &'static str, mistakes: &mut Vec<Noted>) -> String {
    let name = maybe_line(Some(fields.get(field)), LONGEST_NAME);
    if name.is_none() {
        mistakes.push(noted(field, Mistake::StaffNameMissing));
    }
    name.unwrap_or_default()
}

/// A place's name as it stands in a text.
pub(super) fn braced(name: impl AsRef<str>) -> String {
    format!("{{{}}}", name.as_ref())
}

/// The field of a reply that is chosen.
pub(super) const REPLY: &str = "reply";

/// Saved replies to choose from, above the box that they fill. `/` at the box's start leads here.
#[component]
pub(super) fn FillIn(id: String, rma: RmaNumber, replies: Vec<(String, String)>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let replies: Vec<_> = replies.into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect();
    (!replies.is_empty()).then(|| {
        view! {
            <p class="field">
                <label for=id.clone()>{m.desk_reply_pick()}</label>
                <span class="pick">
                    <select id=id name=REPLY data-slash="">{replies}</select>
                    <button class="btn second small" type="submit" formaction=format!("/staff/returns/{rma}/fill")>{m.desk_reply_fill()}</button>
                </span>
            </p>
        }
    })
}

/// `/staff/replies`
#[component]
pub fn Replies() -> impl IntoView {
    let desk = desk();
    load(async move { desk.replies_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: RepliesPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let RepliesPage { rail, replies, new, open, mistakes } = page;
    let of = |id: &str| if id == open { mistakes.clone() } else { Vec::new() };
    let places: Vec<_> = Place::ALL
        .iter()
        .map(|place| view! { <div><dt><code>{braced(place.code())}</code></dt><dd>{say.place(*place)}</dd></div> })
        .collect();
    let empty = replies.is_empty();
    let rows: Vec<_> = replies
        .into_iter()
        .map(|reply| {
            let (id, name, of_it) = (reply.id.clone(), reply.name.clone(), of(&reply.id));
            let languages: Vec<&str> = reply.words.languages().into_iter().map(|locale| Messages::new(locale).language_name()).collect();
            view! {
                <li class="card">
                    <p><b class="name">{name}</b><span class="block quiet sm">{m.list(&languages)}</span></p>
                    <details open=id == open>
                        <summary>{m.staff_person_change()}</summary>
                        <One reply=reply mistakes=of_it/>
                        <form method="post" action=format!("/staff/replies/{id}/delete")><p class="acts"><button class="btn danger" type="submit">{m.desk_delete()}</button></p></form>
                    </details>
                </li>
            }
        })
        .collect();
    let (is_open, of_new) = (new.id == open || empty, of(&new.id));
    view! {
        <StaffFrame rail=rail here=Here::Replies title=m.desk_replies()>
            <ErrorSummary mistakes=mistakes.clone()/>
            <p class="quiet">{m.desk_replies_lead()}</p>
            <details class="card" open=is_open>
                <summary>{m.desk_reply_add()}</summary>
                <One reply=new mistakes=of_new/>
            </details>
            <ul class="people">{rows}</ul>
            <section class="card"><h2 class="h">{m.desk_places()}</h2><p class="quiet sm">{m.desk_places_text()}</p><dl class="places">{places}</dl></section>
        </StaffFrame>
    }
}

#[component]
fn One(reply: ReplyView, mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let named = |field: &str, wrong: bool| if wrong { field_id(field) } else { format!("{}-{}", field_id(field), reply.id) };
    let wrong = mistake_at(&mistakes, ReplyForm::NAME);
    let name_id = named(ReplyForm::NAME, wrong.is_some());
    let texts: Vec<_> = Locale::ALL
        .into_iter()
        .map(|locale| {
            let field = ReplyForm::text(locale);
            let wrong = mistake_at(&mistakes, &field);
            let id = named(&field, wrong.is_some());
            let text = reply.words.own(locale).unwrap_or_default();
            view! {
                <p class="field">
                    <label for=id.clone()>{m.desk_reply_text(Messages::new(locale).language_name())}</label>
                    <FieldError mistake=wrong id=id.clone()/>
                    <textarea id=id name=field lang=locale.tag() rows="4" maxlength=LONGEST_COMMENT>{escaped(text)}</textarea>
                </p>
            }
        })
        .collect();
    view! {
        <form class="form" method="post" action=format!("/staff/replies/{}", reply.id)>
            <p class="field">
                <label for=name_id.clone()>{m.desk_name()}</label>
                <span class="hint">{m.desk_reply_name_hint()}</span>
                <FieldError mistake=wrong id=name_id.clone()/>
                <input id=name_id name=ReplyForm::NAME value=reply.name.clone() maxlength=LONGEST_NAME autocomplete="off"/>
            </p>
            {texts}
            <p class="acts"><button class="btn" type="submit">{m.staff_person_save()}</button></p>
        </form>
    }
}
