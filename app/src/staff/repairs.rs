//! Repair orders: the list of them, and one with all that is done about it (C23, C24).

use domain::item::LONGEST_COMMENT;
use domain::repair::{DONE_TO, GIVEN_UP_TO, MOST_PARTS, RepairEvent, RepairState};
use domain::returns::{Disposition, RepairFor};
use domain::scrap::ScrapGround;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::goods::ground_name;
use super::repair_forms::{RepairDoneForm, RepairForm, RepairGiveUpForm, RepairProgressForm, RepairTakeForm};
use crate::ports::{CaseRepair, RepairPage, RepairView, RepairsPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, field_id, load, mistake_at};

/// Empty rows for parts, beside those that are known.
const MORE_PARTS: usize = 3;

impl Say {
    pub(super) fn repair_state(&self, state: RepairState) -> &'static str {
        let m = self.m;
        match state {
            RepairState::Waiting => m.repair_waiting(),
            RepairState::InWork => m.repair_in_work(),
            RepairState::AwaitsParts => m.repair_awaits_parts(),
            RepairState::Done => m.repair_done(),
            RepairState::GivenUp => m.repair_given_up(),
            RepairState::Left => m.repair_left(),
        }
    }
}

/// `/staff/repairs`
#[component]
pub fn Repairs() -> impl IntoView {
    let desk = desk();
    load(async move { desk.repairs_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: RepairsPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let (waiting, in_work): (Vec<_>, Vec<_>) = page.open.into_iter().partition(|repair| repair.state == RepairState::Waiting);
    let none = waiting.is_empty() && in_work.is_empty();
    let group = |title: &'static str, all: Vec<RepairView>| {
        let rows: Vec<_> = all.into_iter().map(|repair| view! { <One repair=repair/> }).collect();
        (!rows.is_empty()).then(|| view! { <h2 class="h">{title}</h2><ul class="tasks">{rows}</ul> })
    };
    view! {
        <StaffFrame rail=page.rail here=Here::Repairs title=m.repair_title()>
            <p class="quiet">{m.repair_text()}</p>
            {none.then(|| view! { <section class="card empty"><h2 class="h">{m.repair_none()}</h2><p class="quiet">{m.repair_none_text()}</p></section> })}
            {group(m.repair_waiting_title(), waiting)}
            {group(m.repair_work_title(), in_work)}
            {page.more.then(|| view! { <p class="quiet">{m.repair_more()}</p> })}
            {group(m.repair_ended_title(), page.ended)}
        </StaffFrame>
    }
}

#[component]
fn One(repair: RepairView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let who = repair.technician.map_or_else(|| m.repair_nobody().to_owned(), |(_, name)| name);
    let until = repair.state.is_open().then(|| {
        let until = m.repair_until(say.f.date(say.f.day(repair.due)));
        view! { <span class=if repair.late { "chip heed" } else { "chip" }>{until}</span> }
    });
    view! {
        <li>
            <a class="task" href=format!("/staff/repairs/R{}", repair.number)>
                <b class="name">{format!("R{}", repair.number)} " · " {say.units_of(&repair.name, repair.units)}</b>
                <span class="quiet">{say.repair_state(repair.state)} " · " {who} " · " {repair.warehouse}</span>
                {until}
            </a>
        </li>
    }
}

/// `/staff/repairs/{number}`
#[component]
pub fn OneRepair() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.repair_page(&number).await }, |page| view! { <Whole page=page/> })
}

#[component]
fn Whole(page: RepairPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let repair = page.repair.clone();
    let title = m.repair_one(format!("R{}", repair.number));
    let who = repair.technician.clone().map_or_else(|| m.repair_nobody().to_owned(), |(_, name)| name);
    let serves = match repair.serves {
        RepairFor::Stock => m.repair_for_stock(),
        RepairFor::Customer => m.repair_for_customer(),
    };
    let went = repair.to.map(|to| view! { <dt>{m.repair_went()}</dt><dd>{say.disposition(to)}</dd> });
    let cost = |cost: &Option<String>| cost.as_ref().map(|cost| format!(" · {cost} {}", page.currency)).unwrap_or_default();
    let parts: Vec<_> =
        page.parts.iter().map(|(what, pieces, paid)| view! { <dd>{format!("{pieces} × {what}")}{cost(paid)}</dd> }).collect();
    let acts = (page.may && repair.state.is_open()).then(|| view! { <Acts page=page.clone()/> });
    let called = |id: &str| page.names.iter().find(|(known, _)| known == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone());
    let steps: Vec<_> = page
        .steps
        .iter()
        .map(|(step, by)| {
            let (what, words) = match &step.event {
                RepairEvent::Opened { .. } => (m.repair_step_opened().to_owned(), None),
                RepairEvent::Meant { .. } => (m.repair_step_meant().to_owned(), None),
                RepairEvent::Taken { technician } => (m.repair_step_taken(called(technician)), None),
                RepairEvent::Moved { to } => (say.repair_state(*to).to_owned(), None),
                RepairEvent::PartsUsed { .. } => (m.repair_step_parts().to_owned(), None),
                RepairEvent::Promised { due } => (m.repair_until(say.f.date(say.f.day(*due))), None),
                RepairEvent::Noted { note } => (m.repair_step_note().to_owned(), Some(note.clone())),
                RepairEvent::Done { to } => (m.repair_step_ended(m.repair_done(), say.disposition(*to)), None),
                RepairEvent::GivenUp { to, reason } => {
                    (m.repair_step_ended(m.repair_given_up(), say.disposition(*to)), Some(reason.clone()))
                }
                RepairEvent::Left => (m.repair_left().to_owned(), None),
                RepairEvent::Reopened => (m.repair_step_reopened().to_owned(), None),
            };
            view! { <li><span class="quiet sm">{by.clone()} " · " {say.f.moment(step.at)}</span><p>{what}</p>{words.map(|words| view! { <p>{words}</p> })}</li> }
        })
        .collect();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Repairs title=title>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <section class="card">
                <p><b>{say.units_of(&repair.name, repair.units)}</b> " " <span class="quiet sm">{repair.sku.clone()}</span> " " <span class="chip">{say.repair_state(repair.state)}</span></p>
                <dl class="facts">
                    <dt>{m.repair_return()}</dt><dd><a href=format!("/staff/returns/{}", repair.rma)>{repair.rma.to_string()}</a></dd>
                    <dt>{m.repair_for()}</dt><dd>{serves}</dd>
                    <dt>{m.dock_warehouse()}</dt><dd>{repair.warehouse.clone()}</dd>
                    <dt>{m.repair_technician()}</dt><dd>{who}</dd>
                    <dt>{m.repair_due()}</dt><dd>{say.f.date(say.f.day(repair.due))}{repair.late.then(|| view! { " " <span class="chip heed">{m.repair_late()}</span> })}</dd>
                    {(!parts.is_empty()).then(|| view! { <dt>{m.repair_parts()}</dt>{parts} })}
                    {went}
                </dl>
            </section>
            {acts}
            <section class="card private"><h2 class="h">{m.repair_history()}</h2><ul>{steps}</ul></section>
        </StaffFrame>
    }
}

/// All that whoever works on it can do.
#[component]
fn Acts(page: RepairPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let repair = page.repair.clone();
    let at = |what: &str| format!("/staff/repairs/R{}/{what}", repair.number);
    let value = |name: &str| page.typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&page.mistakes, name);
    let version = || view! { <input type="hidden" name=RepairForm::VERSION value=repair.version.to_string()/> };
    let who = field_id(RepairTakeForm::WHO);
    let owner = repair.technician.as_ref().map_or_else(|| page.me.clone(), |(id, _)| id.clone());
    let people: Vec<_> =
        page.colleagues.iter().map(|(id, name)| view! { <option value=id.clone() selected=*id == owner>{name.clone()}</option> }).collect();
    let free = repair.technician.is_none();
    let taking = view! {
        <details class="card" open=free>
            <summary class="h">{if free { m.repair_take() } else { m.repair_hand_over() }}</summary>
            <form class="form" method="post" action=at("take")>
                <p class="field"><label for=who.clone()>{m.repair_technician()}</label><FieldError mistake=wrong(RepairTakeForm::WHO) id=who.clone()/><select id=who.clone() name=RepairTakeForm::WHO>{people}</select></p>
                <p class="acts"><button class="btn" type="submit">{m.repair_take_action()}</button></p>
            </form>
        </details>
    };
    let blank = page.typed.is_empty();
    let stands = |name: &str, place: usize| -> String {
        let known = page.parts.get(place);
        let known = known.map(|(what, pieces, cost)| match name {
            RepairProgressForm::WHAT => what.clone(),
            RepairProgressForm::QUANTITY => pieces.to_string(),
            _ => cost.clone().unwrap_or_default(),
        });
        if blank { known.unwrap_or_default() } else { value(&RepairProgressForm::field(name, place)) }
    };
    let rows: Vec<_> = (0..(page.parts.len() + MORE_PARTS).min(MOST_PARTS))
        .map(|place| {
            let cell = |name: &'static str, label: &'static str, mode: &'static str| {
                let field = RepairProgressForm::field(name, place);
                let (id, wrong) = (field_id(&field), wrong(&field));
                view! { <p class="field"><label for=id.clone()>{label}</label><FieldError mistake=wrong id=id.clone()/><input id=id.clone() name=field value=stands(name, place) inputmode=mode maxlength="200" autocomplete="off"/></p> }
            };
            view! {
                <fieldset class="row">
                    <legend>{m.repair_part((place + 1).to_string())}</legend>
                    {cell(RepairProgressForm::WHAT, m.repair_part_what(), "text")}
                    {cell(RepairProgressForm::QUANTITY, m.repair_part_quantity(), "numeric")}
                    {cell(RepairProgressForm::COST, m.repair_part_cost(), "decimal")}
                </fieldset>
            }
        })
        .collect();
    let state = value(RepairProgressForm::STATE);
    let states = [RepairState::InWork, RepairState::AwaitsParts].map(|to| {
        let chosen = state == to.code();
        view! { <option value=to.code() selected=chosen>{say.repair_state(to)}</option> }
    });
    let (state_id, due_id, note_id) =
        (field_id(RepairProgressForm::STATE), field_id(RepairProgressForm::DUE), field_id(RepairProgressForm::NOTE));
    let due = if blank { say.f.day(repair.due).to_string() } else { value(RepairProgressForm::DUE) };
    let progress = view! {
        <details class="card" open=true>
            <summary class="h">{m.repair_progress()}</summary>
            <form class="form" method="post" action=at("progress")>
                {version()}
                <p class="field"><label for=state_id.clone()>{m.repair_state()}</label><select id=state_id.clone() name=RepairProgressForm::STATE><option value="">{m.repair_state_same()}</option>{states.into_iter().collect_view()}</select></p>
                {rows}
                <p class="quiet sm">{m.repair_part_hint(page.currency.clone())}</p>
                <p class="field"><label for=due_id.clone()>{m.repair_due()}</label><FieldError mistake=wrong(RepairProgressForm::DUE) id=due_id.clone()/><input id=due_id.clone() type="date" name=RepairProgressForm::DUE value=due/></p>
                <p class="field"><label for=note_id.clone()>{m.repair_note()}</label><FieldError mistake=wrong(RepairProgressForm::NOTE) id=note_id.clone()/><textarea id=note_id.clone() name=RepairProgressForm::NOTE rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(RepairProgressForm::NOTE)}</textarea></p>
                <p class="acts"><button class="btn" type="submit">{m.repair_progress_action()}</button></p>
            </form>
        </details>
    };
    // What the customer wants repaired is theirs; what is the shop's is sold.
    let first = if repair.serves == RepairFor::Customer { Disposition::SendBack } else { Disposition::Restock };
    let places = |list: &[(&'static str, Disposition)], chosen: String| {
        let option = |(code, to): &(&'static str, Disposition)| view! { <option value=*code selected=*code == chosen>{say.disposition(*to)}</option> };
        list.iter().map(option).collect::<Vec<_>>()
    };
    let mut done_to: Vec<(&'static str, Disposition)> = DONE_TO.to_vec();
    done_to.retain(|(_, to)| repair.serves == RepairFor::Stock || *to == first);
    let (to_id, number_id) = (field_id(RepairDoneForm::TO), field_id(RepairDoneForm::NUMBER));
    let done = view! {
        <details class="card" open=wrong(RepairDoneForm::TO).is_some()>
            <summary class="h">{m.repair_finish()}</summary>
            <form class="form" method="post" action=at("done")>
                {version()}
                <p class="field"><label for=to_id.clone()>{m.dock_to()}</label><FieldError mistake=wrong(RepairDoneForm::TO) id=to_id.clone()/><select id=to_id.clone() name=RepairDoneForm::TO>{places(&done_to, value(RepairDoneForm::TO))}</select></p>
                <p class="field"><label for=number_id.clone()>{m.repair_tracking()}</label><input id=number_id.clone() name=RepairDoneForm::NUMBER value=value(RepairDoneForm::NUMBER) maxlength="200" autocomplete="off"/></p>
                <p class="acts"><button class="btn" type="submit">{m.repair_finish_action()}</button></p>
            </form>
        </details>
    };
    let (drop_id, ground_id, reason_id) =
        (field_id(RepairGiveUpForm::TO), field_id(RepairGiveUpForm::GROUND), field_id(RepairGiveUpForm::REASON));
    let ground = value(RepairGiveUpForm::GROUND);
    let grounds: Vec<_> = ScrapGround::ALL
        .iter()
        .map(|of| view! { <option value=of.code() selected=of.code() == ground>{ground_name(&say, *of)}</option> })
        .collect();
    let open = [RepairGiveUpForm::TO, RepairGiveUpForm::GROUND, RepairGiveUpForm::REASON].iter().any(|name| wrong(name).is_some());
    let drop = view! {
        <details class="card" open=open>
            <summary class="h">{m.repair_give_up()}</summary>
            <form class="form" method="post" action=at("give-up")>
                {version()}
                <p class="field"><label for=drop_id.clone()>{m.dock_to()}</label><FieldError mistake=wrong(RepairGiveUpForm::TO) id=drop_id.clone()/><select id=drop_id.clone() name=RepairGiveUpForm::TO>{places(&GIVEN_UP_TO, value(RepairGiveUpForm::TO))}</select></p>
                <p class="field"><label for=ground_id.clone()>{m.dock_ground()}</label><FieldError mistake=wrong(RepairGiveUpForm::GROUND) id=ground_id.clone()/><select id=ground_id.clone() name=RepairGiveUpForm::GROUND><option value="">{m.dock_ground_none()}</option>{grounds}</select></p>
                <p class="field"><label for=reason_id.clone()>{m.repair_reason()}</label><FieldError mistake=wrong(RepairGiveUpForm::REASON) id=reason_id.clone()/><textarea id=reason_id.clone() name=RepairGiveUpForm::REASON rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(RepairGiveUpForm::REASON)}</textarea></p>
                <p class="acts"><button class="btn second" type="submit">{m.repair_give_up_action()}</button></p>
            </form>
        </details>
    };
    view! { {taking}{progress}{done}{drop} }
}

/// The repair orders of a return, on its page.
#[component]
pub(super) fn OfReturn(repairs: Vec<CaseRepair>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rows: Vec<_> = repairs
        .into_iter()
        .map(|repair| {
            let name = format!("R{}", repair.number);
            view! { <li><a href=format!("/staff/repairs/{name}")>{name.clone()} " · " {say.units_of(&repair.name, repair.units)}</a> " " <span class="chip">{say.repair_state(repair.state)}</span></li> }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.repair_title()}</h2><ul class="others">{rows}</ul></section> })
}
