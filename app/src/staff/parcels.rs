//! Parcels that nobody knows: the list of them, and one with what it may be of (P22).
//! Long because the form of a parcel and the two pages it stands on belong together.

use std::collections::BTreeMap;

use domain::item::LONGEST_COMMENT;
use domain::plain::one_line;
use domain::stray::{Clues, Fit, MOST_CODES, MOST_KEPT_DAYS, StrayState};
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{MayBeView, Mistake, Noted, ParcelPage, ParcelView, ParcelsPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// Letters of a name, a number or a place.
const LONGEST: usize = 200;
/// Of the page of all: what was scanned on one of them.
pub const PARCEL_CODE: &str = "code";
/// More than anybody lifts.
const MOST_GRAMS: u32 = 1_000_000_000;

/// What is said of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelForm {
    pub warehouse: Option<String>,
    pub shelf: String,
    pub clues: Clues,
    pub note: Option<String>,
    /// Who sees to it, by the name of their account.
    pub owner: Option<String>,
    /// The last day on which it is decided; nothing: as long as they are kept.
    pub due: Option<Date>,
    /// The state that was looked at.
    pub version: Option<i64>,
    /// Names this form.
    pub key: String,
}

impl ParcelForm {
    pub const WAREHOUSE: &'static str = "warehouse";
    pub const SHELF: &'static str = "shelf";
    pub const TRACKING: &'static str = "tracking";
    pub const SENDER: &'static str = "sender";
    pub const PHONE: &'static str = "phone";
    pub const POSTAL: &'static str = "postal";
    pub const CODES: &'static str = "codes";
    pub const WEIGHT: &'static str = "grams";
    pub const NOTE: &'static str = "note";
    pub const OWNER: &'static str = "owner";
    pub const DUE: &'static str = "until";
    const VERSION: &'static str = "version";
    const KEY: &'static str = "key";
    const ALL: [&'static str; 11] = [
        Self::WAREHOUSE,
        Self::SHELF,
        Self::TRACKING,
        Self::SENDER,
        Self::PHONE,
        Self::POSTAL,
        Self::CODES,
        Self::WEIGHT,
        Self::NOTE,
        Self::OWNER,
        Self::DUE,
    ];

    /// What was sent on that day; every mistake at its field.
    pub fn parse(fields: &Fields, today: Date) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let text = |name: &str| fields.maybe(name).map(|text| one_line(&text, LONGEST)).filter(|text| !text.is_empty());
        let shelf = text(Self::SHELF);
        if shelf.is_none() {
            mistakes.push(noted(Self::SHELF, Mistake::ShelfMissing));
        }
        let separates = |letter: char| matches!(letter, ',' | '，' | '、' | ';' | '\n' | '\r');
        let all = fields.get(Self::CODES);
        let codes: Vec<String> = all.split(separates).map(|code| one_line(code, LONGEST)).filter(|code| !code.is_empty()).collect();
        if codes.len() > MOST_CODES {
            mistakes.push(noted(Self::CODES, Mistake::DockCount { most: MOST_CODES as u32 }));
        }
        let weight_grams = fields.maybe(Self::WEIGHT).map(|text| text.parse::<u32>().ok().filter(|grams| (1..=MOST_GRAMS).contains(grams)));
        if weight_grams == Some(None) {
            mistakes.push(noted(Self::WEIGHT, Mistake::DockCount { most: MOST_GRAMS }));
        }
        let note = fields.maybe(Self::NOTE).map(|words| words.replace("\r\n", "\n"));
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_COMMENT) {
            mistakes.push(noted(Self::NOTE, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        let most = today.saturating_add(jiff::Span::new().days(MOST_KEPT_DAYS - 1));
        let due: Option<Option<Date>> = fields.maybe(Self::DUE).map(|text| text.parse().ok().filter(|day| (today..=most).contains(day)));
        if due == Some(None) {
            mistakes.push(noted(Self::DUE, Mistake::StaffDay { least: today, most }));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let clues = Clues {
            tracking_number: text(Self::TRACKING),
            sender: text(Self::SENDER),
            phone: text(Self::PHONE),
            postal_code: text(Self::POSTAL),
            codes,
            weight_grams: weight_grams.flatten(),
        };
        Ok(Self {
            warehouse: text(Self::WAREHOUSE),
            shelf: shelf.unwrap_or_default(),
            clues,
            note,
            owner: text(Self::OWNER),
            due: due.flatten(),
            version: fields.get(Self::VERSION).parse().ok(),
            key: fields.get(Self::KEY).chars().take(100).collect(),
        })
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let value = |name: &str| fields.maybe(name).map(|value| (name.to_owned(), value.chars().take(LONGEST_COMMENT).collect()));
        Self::ALL.into_iter().filter_map(value).collect()
    }

    /// As it stands, as it would be typed; of a day only where it is one.
    fn stands(parcel: &ParcelView, due: Date) -> BTreeMap<String, String> {
        let ParcelView { warehouse, shelf, clues, note, owner, .. } = parcel.clone();
        let values = [
            (Self::WAREHOUSE, Some(warehouse)),
            (Self::SHELF, shelf),
            (Self::TRACKING, clues.tracking_number),
            (Self::SENDER, clues.sender),
            (Self::PHONE, clues.phone),
            (Self::POSTAL, clues.postal_code),
            (Self::CODES, Some(clues.codes.join(", "))),
            (Self::WEIGHT, clues.weight_grams.map(|grams| grams.to_string())),
            (Self::NOTE, note),
            (Self::OWNER, Some(owner.0)),
            (Self::DUE, Some(due.to_string())),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Where a parcel goes that is of no return: its form.
pub struct EndForm;

impl EndForm {
    pub const TO: &'static str = "to";
    pub const REASON: &'static str = "reason";

    /// What was sent.
    pub fn parse(fields: &Fields) -> Result<(StrayState, String), Noted> {
        let to: Option<StrayState> = fields.get(Self::TO).parse().ok().filter(|to| StrayState::ENDS.contains(to));
        let to = to.ok_or_else(|| noted(Self::TO, Mistake::Unanswered))?;
        let reason = fields.maybe(Self::REASON).map(|words| words.replace("\r\n", "\n"));
        let reason = reason.ok_or_else(|| noted(Self::REASON, Mistake::StaffWordsMissing))?;
        if reason.chars().count() > LONGEST_COMMENT {
            return Err(noted(Self::REASON, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok((to, reason))
    }
}

/// The return that a parcel is of: its form.
pub struct LinkForm;

impl LinkForm {
    pub const RMA: &'static str = "rma";
}

impl Say {
    fn fit(&self, fit: Fit) -> &'static str {
        let m = self.m;
        match fit {
            Fit::CameWith => m.stray_fit_came_with(),
            Fit::TrackingNumber => m.stray_fit_tracking_number(),
            Fit::Serial => m.stray_fit_serial(),
            Fit::Phone => m.stray_fit_phone(),
            Fit::Sender => m.stray_fit_sender(),
            Fit::Sku => m.stray_fit_sku(),
            Fit::PostalCode => m.stray_fit_postal_code(),
            Fit::Weight => m.stray_fit_weight(),
        }
    }

    /// Where a parcel lies.
    pub(super) fn shelf_of(&self, parcel: &ParcelView) -> String {
        match &parcel.shelf {
            Some(shelf) => self.m.stray_shelf_at(shelf, &parcel.warehouse),
            None => self.m.stray_unshelved(&parcel.warehouse),
        }
    }

    pub(super) fn stray(&self, state: StrayState) -> &'static str {
        let m = self.m;
        match state {
            StrayState::Waiting => m.stray_waiting(),
            StrayState::Linked => m.stray_linked(),
            StrayState::SentBack => m.stray_sent_back(),
            StrayState::GivenAway => m.stray_given_away(),
            StrayState::Destroyed => m.stray_destroyed(),
        }
    }
}

/// `/staff/parcels`
#[component]
pub fn Parcels() -> impl IntoView {
    let desk = desk();
    let scanned =
        use_query_map().with_untracked(|query| query.get(PARCEL_CODE)).map(|code| one_line(&code, LONGEST)).filter(|code| !code.is_empty());
    load(async move { desk.parcels_page().await }, |page| view! { <All page=page scanned=scanned/> })
}

/// `scanned`: what was read on a parcel that nothing was found of; a form with mistakes has what was typed.
#[component]
fn All(mut page: ParcelsPage, scanned: Option<String>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let waiting: Vec<_> = page.waiting.iter().cloned().map(|parcel| view! { <One parcel=parcel/> }).collect();
    let ended: Vec<_> = page.ended.iter().cloned().map(|parcel| view! { <One parcel=parcel/> }).collect();
    let open = !page.mistakes.is_empty() || scanned.is_some();
    if let Some(code) = scanned.filter(|_| page.typed.is_empty()) {
        page.typed.insert(ParcelForm::TRACKING.to_owned(), code);
    }
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Parcels title=m.stray_title()>
            <p class="quiet">{m.stray_text()}</p>
            <ErrorSummary mistakes=page.mistakes.clone()/>
                <details class="card" open=open>
                    <summary><h2 class="h">{m.stray_add()}</h2></summary>
                    <Told at="/staff/parcels".into() typed=page.typed.clone() mistakes=page.mistakes.clone() colleagues=Vec::new() key=page.key.clone() version=None action=m.stray_add_action()/>
                </details>
            {if waiting.is_empty() {
                view! { <section class="card empty"><h2 class="h">{m.stray_none()}</h2><p class="quiet">{m.stray_none_text()}</p></section> }.into_any()
            } else {
                view! { <ul class="tasks">{waiting}</ul> }.into_any()
            }}
            {page.more.then(|| view! { <p class="quiet">{m.stray_more()}</p> })}
            {(!ended.is_empty()).then(|| view! { <h2 class="h">{m.stray_ended()}</h2><ul class="tasks">{ended}</ul> })}
        </StaffFrame>
    }
}

#[component]
fn One(parcel: ParcelView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let clues = &parcel.clues;
    let known = [&clues.sender, &clues.tracking_number, &clues.phone, &clues.postal_code].into_iter().flatten().cloned();
    let known: Vec<String> = known.chain(clues.codes.iter().cloned()).take(3).collect();
    let known = if known.is_empty() { m.stray_nothing_known().to_owned() } else { known.join(" · ") };
    let stands = match parcel.state {
        StrayState::Waiting => {
            let until = m.stray_until(say.f.date(say.f.day(parcel.due)));
            view! { <span class=if parcel.late { "chip heed" } else { "chip" }>{until}</span> }.into_any()
        }
        state => view! { <span class="chip">{say.stray(state)}</span> }.into_any(),
    };
    let with = parcel.came_with.map(|(rma, units)| view! { <span class="quiet">{m.stray_came_with(u64::from(units), rma)}</span> });
    let shelf = say.shelf_of(&parcel);
    view! {
        <li>
            <a class="task" href=format!("/staff/parcels/P{}", parcel.number)>
                <b class="name">{format!("P{}", parcel.number)} " · " {known}</b>
                {with}
                <span class="quiet">{shelf} " · " {parcel.owner.1}</span>
                {stands}
            </a>
        </li>
    }
}

/// What is said of a parcel, to be told.
#[component]
fn Told(
    at: String,
    typed: BTreeMap<String, String>,
    mistakes: Vec<Noted>,
    colleagues: Vec<(String, String)>,
    key: String,
    version: Option<i64>,
    action: &'static str,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&mistakes, name);
    let (shelf, codes, weight, until, note) =
        (wrong(ParcelForm::SHELF), wrong(ParcelForm::CODES), wrong(ParcelForm::WEIGHT), wrong(ParcelForm::DUE), wrong(ParcelForm::NOTE));
    let warehouse = wrong(ParcelForm::WAREHOUSE);
    let owner = value(ParcelForm::OWNER);
    let (note_id, due_id, owner_id) = (field_id(ParcelForm::NOTE), field_id(ParcelForm::DUE), field_id(ParcelForm::OWNER));
    let owners: Vec<_> =
        colleagues.iter().map(|(id, name)| view! { <option value=id.clone() selected=*id == owner>{name.clone()}</option> }).collect();
    view! {
        <form class="form" method="post" action=at>
            {(!key.is_empty()).then(|| view! { <input type="hidden" name=ParcelForm::KEY value=key.clone()/> })}
            {version.map(|version| view! { <input type="hidden" name=ParcelForm::VERSION value=version.to_string()/> })}
            <Field name=ParcelForm::TRACKING label=m.stray_tracking() hint="" value=value(ParcelForm::TRACKING) wrong=None autocomplete="off" inputmode="text"/>
            <Field name=ParcelForm::SENDER label=m.stray_sender() hint="" value=value(ParcelForm::SENDER) wrong=None autocomplete="off" inputmode="text"/>
            <Field name=ParcelForm::PHONE label=m.stray_phone() hint="" value=value(ParcelForm::PHONE) wrong=None autocomplete="off" inputmode="tel"/>
            <Field name=ParcelForm::POSTAL label=m.stray_postal() hint="" value=value(ParcelForm::POSTAL) wrong=None autocomplete="off" inputmode="text"/>
            <Field name=ParcelForm::CODES label=m.stray_codes() hint=m.stray_codes_hint() value=value(ParcelForm::CODES) wrong=codes autocomplete="off" inputmode="text"/>
            <Field name=ParcelForm::WEIGHT label=m.stray_weight() hint="" value=value(ParcelForm::WEIGHT) wrong=weight autocomplete="off" inputmode="numeric"/>
            <Field name=ParcelForm::SHELF label=m.stray_shelf() hint=m.stray_shelf_hint() value=value(ParcelForm::SHELF) wrong=shelf autocomplete="off" inputmode="text"/>
            <Field name=ParcelForm::WAREHOUSE label=m.dock_warehouse() hint="" value=value(ParcelForm::WAREHOUSE) wrong=warehouse autocomplete="off" inputmode="text"/>
            {(!owners.is_empty()).then(|| view! { <p class="field"><label for=owner_id.clone()>{m.stray_owner()}</label><select id=owner_id.clone() name=ParcelForm::OWNER>{owners}</select></p> })}
            <p class="field"><label for=due_id.clone()>{m.stray_due()}</label><FieldError mistake=until id=due_id.clone()/><input id=due_id.clone() type="date" name=ParcelForm::DUE value=value(ParcelForm::DUE)/></p>
            <p class="field"><label for=note_id.clone()>{m.stray_note()}</label><FieldError mistake=note id=note_id.clone()/><textarea id=note_id.clone() name=ParcelForm::NOTE rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(ParcelForm::NOTE)}</textarea></p>
            <p class="acts"><button class="btn" type="submit">{action}</button></p>
        </form>
    }
}

/// `/staff/parcels/{number}`
#[component]
pub fn OneParcel() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.parcel_page(&number).await }, |page| view! { <Whole page=page/> })
}

#[component]
fn Whole(page: ParcelPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let ParcelPage { rail, parcel, candidates, colleagues, typed, mistakes } = page;
    let waits = parcel.state == StrayState::Waiting;
    let at = |what: &str| format!("/staff/parcels/P{}/{what}", parcel.number);
    let (link, end, change) = (at("link"), at("end"), at("change"));
    let clues = parcel.clues.clone();
    let facts = [
        (m.stray_tracking(), clues.tracking_number.clone()),
        (m.stray_sender(), clues.sender.clone()),
        (m.stray_phone(), clues.phone.clone()),
        (m.stray_postal(), clues.postal_code.clone()),
        (m.stray_codes(), Some(clues.codes.join(", ")).filter(|codes| !codes.is_empty())),
        (m.stray_weight(), clues.weight_grams.map(|grams| say.count(u64::from(grams)))),
        (m.stray_shelf(), Some(say.shelf_of(&parcel))),
        (m.stray_owner(), Some(parcel.owner.1.clone())),
        (m.stray_came(), Some(say.f.moment(parcel.at))),
        (m.stray_due(), waits.then(|| say.f.date(say.f.day(parcel.due)))),
        (m.stray_note(), parcel.note.clone()),
        (m.stray_reason(), parcel.reason.clone()),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
        .collect();
    let with = parcel.came_with.map(|(rma, units)| {
        view! { <p><a href=format!("/staff/returns/{rma}")>{m.stray_came_with(u64::from(units), rma)}</a></p> }
    });
    let linked = parcel.rma.map(|rma| view! { <p><a href=format!("/staff/returns/{rma}")>{m.stray_linked_to(rma)}</a></p> });
    let state = (!waits).then(|| view! { <p><span class="chip">{say.stray(parcel.state)}</span></p> });
    let found: Vec<_> = candidates.into_iter().map(|found| view! { <MayBe found=found link=link.clone()/> }).collect();
    let open_change = mistakes.iter().any(|noted| ParcelForm::ALL.contains(&noted.field.as_str()));
    let told = if typed.is_empty() { ParcelForm::stands(&parcel, say.f.day(parcel.due)) } else { typed.clone() };
    let (rma_wrong, to_wrong, reason_wrong) =
        (mistake_at(&mistakes, LinkForm::RMA), mistake_at(&mistakes, EndForm::TO), mistake_at(&mistakes, EndForm::REASON));
    let open_end = to_wrong.is_some() || reason_wrong.is_some();
    let (to_id, reason_id) = (field_id(EndForm::TO), field_id(EndForm::REASON));
    let ends: Vec<_> = StrayState::ENDS.into_iter().map(|to| view! { <option value=to.code()>{say.stray(to)}</option> }).collect();
    let title = m.stray_one(format!("P{}", parcel.number));
    let acts = waits.then(|| {
        view! {
            <section class="card">
                <h2 class="h">{m.stray_link_title()}</h2>
                <form class="form" method="post" action=link.clone()>
                    <Field name=LinkForm::RMA label=m.stray_link_number() hint="" value=typed.get(LinkForm::RMA).cloned().unwrap_or_default() wrong=rma_wrong autocomplete="off" inputmode="text"/>
                    <p class="acts"><button class="btn second" type="submit">{m.stray_link_action()}</button></p>
                </form>
            </section>
            <details class="card" open=open_change>
                <summary><h2 class="h">{m.stray_change()}</h2></summary>
                <Told at=change typed=told mistakes=mistakes.clone() colleagues=colleagues key=String::new() version=Some(parcel.version) action=m.stray_change_action()/>
            </details>
            <details class="card" open=open_end>
                <summary><h2 class="h">{m.stray_end()}</h2></summary>
                <form class="form" method="post" action=end>
                    <p class="field"><label for=to_id.clone()>{m.stray_end_to()}</label><FieldError mistake=to_wrong id=to_id.clone()/><select id=to_id.clone() name=EndForm::TO>{ends}</select></p>
                    <p class="field"><label for=reason_id.clone()>{m.stray_reason()}</label><FieldError mistake=reason_wrong id=reason_id.clone()/><textarea id=reason_id.clone() name=EndForm::REASON rows="2" maxlength=LONGEST_COMMENT.to_string()>{typed.get(EndForm::REASON).cloned().unwrap_or_default()}</textarea></p>
                    <p class="acts"><button class="btn second" type="submit">{m.stray_end_action()}</button></p>
                </form>
            </details>
        }
    });
    view! {
        <StaffFrame rail=rail here=Here::Parcels title=title>
            <ErrorSummary mistakes=mistakes.clone()/>
            {state}
            {with}
            {linked}
            <section class="card"><dl class="facts">{facts}</dl></section>
            {waits.then(|| view! {
                <h2 class="h">{m.stray_may_be()}</h2>
                {if found.is_empty() {
                    view! { <p class="quiet">{m.stray_may_be_none()}</p> }.into_any()
                } else {
                    view! { <ul class="tasks">{found}</ul> }.into_any()
                }}
            })}
            {acts}
        </StaffFrame>
    }
}

#[component]
fn MayBe(found: MayBeView, link: String) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let MayBeView { found, order, customer, item, at, awaited, fits } = found;
    let fits = m.list(&fits.into_iter().map(|fit| say.fit(fit)).collect::<Vec<_>>());
    let waits = awaited.then(|| view! { <span class="chip">{m.stray_awaited()}</span> });
    let date = say.f.date(say.f.day(at));
    match (found, order) {
        (Some((rma, status)), _) => {
            let who = customer.unwrap_or_else(|| rma.to_string());
            let form = view! {
                    <form class="acts" method="post" action=link>
                        <input type="hidden" name=LinkForm::RMA value=rma.to_string()/>
                        <button class="btn small" type="submit">{m.stray_link_action()}<span class="sr">" " {rma.to_string()}</span></button>
                    </form>
            };
            view! {
                <li class="task">
                    <a class="name" href=format!("/staff/returns/{rma}")><b>{who} " · " {item}</b></a>
                    {waits}
                    <span class="quiet">{rma.to_string()} " · " {date} " · " {say.status(status)}</span>
                    <span class="quiet">{m.stray_fits(fits)}</span>
                    {form}
                </li>
            }
            .into_any()
        }
        (None, order) => {
            let (number, path, search) = order.unwrap_or_default();
            let who = customer.unwrap_or_else(|| number.clone());
            view! {
                <li class="task">
                    <a class="name" href=path><b>{who} " · " {item}</b></a>
                    <span class="quiet">{m.staff_case_order()} " " {number.clone()} " · " {date}</span>
                    <span class="quiet">{m.stray_fits(fits)}</span>
                    <span class="quiet"><a href=search>{m.stray_no_return()}</a></span>
                </li>
            }
            .into_any()
        }
    }
}
