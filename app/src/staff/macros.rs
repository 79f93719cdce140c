//! Macros: what is often done, in one press, and seen before it is done.

use domain::desk::{Deed, Hand, Ruling};
use domain::returns::Role;
use domain::rma::RmaNumber;
use domain::staff::Roles;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use super::frame::{Here, StaffFrame};
use super::replies::name_of;
use crate::forms::{Fields, noted};
use crate::ports::{MacroPage, MacroSeen, MacroView, MacrosPage, Mistake, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, field_id, load, mistake_at};

/// What is chosen to be done, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeedForm {
    pub deed: Deed,
    pub mistakes: Vec<Noted>,
}

impl DeedForm {
    const REPLY: &str = "reply";
    const RULING: &str = "ruling";
    const HAND: &str = "hand";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let ruling = Ruling::ALL.into_iter().find(|ruling| ruling.kind().code() == fields.get(Self::RULING));
        let reply = fields.maybe(Self::REPLY).map(|id| id.chars().take(64).collect());
        let deed = Deed { reply, ruling, hand: Hand::named(fields.get(Self::HAND)) };
        let mut mistakes = Vec::new();
        if deed.is_nothing() {
            mistakes.push(noted(Self::RULING, Mistake::DeedNothing));
        }
        if deed.reply.is_none() && ruling.is_some_and(Ruling::needs_words) {
            mistakes.push(noted(Self::REPLY, Mistake::DeedWords));
        }
        Self { deed, mistakes }
    }
}

/// A macro, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroForm {
    pub name: String,
    pub role: Option<Role>,
    pub deed: Deed,
    pub mistakes: Vec<Noted>,
}

impl MacroForm {
    const NAME: &str = "name";
    pub const ROLE: &str = "role";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let DeedForm { deed, mut mistakes } = DeedForm::parse(fields);
        let name = name_of(fields, Self::NAME, &mut mistakes);
        let role = Roles::ALL.into_iter().find(|role| role.code() == fields.get(Self::ROLE));
        Self { name, role, deed, mistakes }
    }
}

const MACRO: &str = "macro";
const VERSION: &str = "version";
const KEY: &str = "key";
const SEAL: &str = "seal";

impl MacroSeen {
    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let short = |name: &str| fields.get(name).chars().take(80).collect();
        Self { id: short(MACRO), version: fields.get(VERSION).parse().unwrap_or_default(), key: short(KEY), seal: short(SEAL) }
    }
}

impl Say {
    /// What a deed does, sentence by sentence.
    #[must_use]
    pub fn deed(&self, deed: &Deed, replies: &[(String, String)], colleagues: &[(String, String)]) -> Vec<String> {
        let m = self.m;
        let named = |of: &[(String, String)], id: &str| of.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
        let ruling = deed.ruling.map(|ruling| self.ruling(ruling).to_owned());
        let reply = deed.reply.as_ref().map(|id| m.desk_deed_reply(named(replies, id).unwrap_or_else(|| m.desk_gone().to_owned())));
        let hand = deed.hand.as_ref().map(|hand| self.hand(hand, |id| named(colleagues, id).unwrap_or_else(|| m.desk_gone().to_owned())));
        [ruling, reply, hand].into_iter().flatten().collect()
    }

    #[must_use]
    pub fn ruling(&self, ruling: Ruling) -> &'static str {
        match ruling {
            Ruling::Approve => self.m.staff_decide_approve(),
            Ruling::Decline => self.m.staff_decide_decline(),
            Ruling::Ask => self.m.staff_decide_ask(),
        }
    }

    #[must_use]
    pub fn hand(&self, hand: &Hand, called: impl Fn(&str) -> String) -> String {
        let m = self.m;
        match hand {
            Hand::Me => m.staff_hand_me().into(),
            Hand::Nobody => m.staff_hand_nobody().into(),
            Hand::Colleague(id) => m.desk_hand_to(called(id)),
            Hand::Days(days) => m.desk_hand_days(days.unsigned_abs()),
            Hand::News => m.desk_hand_news().into(),
        }
    }
}

/// The fields of a deed.
#[component]
pub(super) fn DeedFields(
    deed: Deed,
    replies: Vec<(String, String)>,
    colleagues: Vec<(String, String)>,
    mistakes: Vec<Noted>,
    /// Apart from the other forms of the page.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let chosen = |value: &str, now: &str, name: String| view! { <option value=value.to_owned() selected=value == now>{name}</option> };
    let reply = deed.reply.clone().unwrap_or_default();
    let ruling = deed.ruling.map(|ruling| ruling.kind().code()).unwrap_or_default();
    let hand = deed.hand.as_ref().map(Hand::code).unwrap_or_default();
    let hands = [Hand::Me, Hand::Nobody, Hand::Days(1), Hand::Days(3), Hand::Days(7), Hand::News];
    let hands = hands.into_iter().chain(colleagues.iter().map(|(id, _)| Hand::Colleague(id.clone())));
    let called = |id: &str| colleagues.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone()).unwrap_or_default();
    let selects: Vec<_> = [
        (
            DeedForm::RULING,
            m.desk_deed_ruling(),
            ruling.to_owned(),
            Ruling::ALL.into_iter().map(|ruling| (ruling.kind().code().to_owned(), say.ruling(ruling).to_owned())).collect::<Vec<_>>(),
        ),
        (DeedForm::REPLY, m.desk_reply_pick(), reply, replies),
        (DeedForm::HAND, m.desk_deed_hand(), hand, hands.map(|hand| (hand.code(), say.hand(&hand, called))).collect()),
    ]
    .into_iter()
    .map(|(field, label, now, all)| {
        let wrong = mistake_at(&mistakes, field);
        let id = if wrong.is_some() { field_id(field) } else { format!("{}-{id}", field_id(field)) };
        let all: Vec<_> = all.into_iter().map(|(value, name)| chosen(&value, &now, name)).collect();
        view! {
            <p class="field">
                <label for=id.clone()>{label}</label>
                <FieldError mistake=wrong id=id.clone()/>
                <select id=id name=field><option value="">{m.desk_deed_none()}</option>{all}</select>
            </p>
        }
    })
    .collect();
    view! { {selects} }
}

/// Macros to choose from, on the page of a return.
#[component]
pub(super) fn Pick(rma: RmaNumber, macros: Vec<(String, String)>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let macros: Vec<_> = macros.into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect();
    (!macros.is_empty()).then(|| {
        view! {
            <form class="field" action=format!("/staff/returns/{rma}/macro")>
                <label for="macro">{m.desk_macro_pick()}</label>
                <span class="pick"><select id="macro" name=MACRO>{macros}</select><button class="btn second small" type="submit">{m.desk_macro_look()}</button></span>
            </form>
        }
    })
}

/// `/staff/macros`
#[component]
pub fn Macros() -> impl IntoView {
    let desk = desk();
    load(async move { desk.macros_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: MacrosPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let roles = page.rail.roles.of_tasks();
    let one = |one: &MacroView| {
        let of_it = if one.id == page.open { page.mistakes.clone() } else { Vec::new() };
        let wrong = mistake_at(&of_it, MacroForm::NAME);
        let name_id = if wrong.is_some() { field_id(MacroForm::NAME) } else { format!("name-{}", one.id) };
        let role_id = format!("role-{}", one.id);
        let choices: Vec<_> =
            roles.iter().map(|role| view! { <option value=role.code() selected=*role == one.role>{say.role(*role)}</option> }).collect();
        view! {
            <form class="form" method="post" action=format!("/staff/macros/{}", one.id)>
                <p class="field">
                    <label for=name_id.clone()>{m.desk_name()}</label>
                    <FieldError mistake=wrong id=name_id.clone()/>
                    <input id=name_id name=MacroForm::NAME value=one.name.clone() maxlength="80" autocomplete="off"/>
                </p>
                <p class="field"><label for=role_id.clone()>{m.desk_macro_role()}</label><select id=role_id name=MacroForm::ROLE>{choices}</select></p>
                <DeedFields deed=one.deed.clone() replies=page.replies.clone() colleagues=page.colleagues.clone() mistakes=of_it id=one.id.clone()/>
                <p class="acts"><button class="btn" type="submit">{m.staff_person_save()}</button></p>
            </form>
        }
    };
    let rows: Vec<_> = page
        .macros
        .iter()
        .map(|of| {
            let does = say.deed(&of.deed, &page.replies, &page.colleagues).join(" · ");
            view! {
                <li class="card">
                    <p><b class="name">{of.name.clone()}</b><span class="block quiet sm">{say.role(of.role)} " · " {does}</span></p>
                    <details open=of.id == page.open>
                        <summary>{m.staff_person_change()}</summary>
                        {one(of)}
                        <form method="post" action=format!("/staff/macros/{}/delete", of.id)><p class="acts"><button class="btn danger" type="submit">{m.desk_delete()}</button></p></form>
                    </details>
                </li>
            }
        })
        .collect();
    let is_open = page.new.id == page.open || page.macros.is_empty();
    let new = one(&page.new);
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Macros title=m.desk_macros()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <p class="quiet">{m.desk_macros_lead(page.most as u64)}</p>
            <details class="card" open=is_open><summary>{m.desk_macro_add()}</summary>{new}</details>
            <ul class="people">{rows}</ul>
        </StaffFrame>
    }
}

/// `/staff/returns/{rma}/macro`
#[component]
pub fn MacroAhead() -> impl IntoView {
    let desk = desk();
    let rma = use_params_map().with_untracked(|params| params.get("rma").unwrap_or_default());
    let id = use_query_map().with_untracked(|query| query.get(MACRO).unwrap_or_default());
    load(async move { desk.macro_page(&rma, &id).await }, |page| view! { <Ahead page=page/> })
}

/// What would be done, before it is.
#[component]
fn Ahead(page: MacroPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let case = format!("/staff/returns/{}", page.rma);
    let does: Vec<_> = say.deed(&page.deed, &page.replies, &page.colleagues).into_iter().map(|text| view! { <li>{text}</li> }).collect();
    let words = page.words.clone().map(|words| view! { <section class="card"><h2 class="h">{m.desk_macro_reads()}</h2><blockquote class="letter">{words}</blockquote></section> });
    let go = match &page.refused {
        Some(mistake) => {
            view! { <section class="card verdict heed"><h2 class="h">{m.desk_macro_cannot()}</h2><p>{say.mistake(mistake)}</p></section> }
                .into_any()
        }
        None => view! {
            <form method="post" action=format!("{case}/macro")>
                <input type="hidden" name=MACRO value=page.press.id.clone()/>
                <input type="hidden" name=VERSION value=page.press.version.to_string()/>
                <input type="hidden" name=KEY value=page.press.key.clone()/>
                <input type="hidden" name=SEAL value=page.press.seal.clone()/>
                <p class="acts"><button class="btn" type="submit">{m.desk_macro_go()}</button></p>
            </form>
        }
        .into_any(),
    };
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Queue title=page.name.clone() over=m.desk_macro_over(page.rma)>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <section class="card"><h2 class="h">{m.desk_macro_does()}</h2><ul class="why">{does}</ul>{page.idle.then(|| view! { <p class="quiet sm">{m.desk_macro_idle()}</p> })}</section>
            {words}
            {go}
            <p><a href=case.clone()>{m.desk_macro_back()}</a></p>
        </StaffFrame>
    }
}
