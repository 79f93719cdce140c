//! What is to be done, the most urgent first.

use domain::returns::{Role, TaskKind};
use domain::staff::Roles;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::bulk::{BulkForm, Choose};
use super::desk;
use super::frame::{Here, StaffFrame};
use super::keys::{self, Key};
use super::views::Keep;
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted, QueueAsked, QueuePage, QueueSight, TaskMark, TaskView};
use crate::say::Say;
use crate::ui::{ErrorSummary, load};

/// What becomes of tasks of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandTo {
    Me,
    Nobody,
    /// By their account's name.
    Colleague(String),
    /// For so many days, till news come, or whichever is first.
    Sleep {
        days: Option<i64>,
        news: bool,
    },
    Wake,
}

impl HandTo {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::Nobody => "nobody",
            Self::Colleague(_) => "colleague",
            Self::Sleep { .. } => "sleep",
            Self::Wake => "wake",
        }
    }
}

/// "Hand over" and "Put it off".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    pub kinds: Vec<TaskKind>,
    pub to: HandTo,
}

impl Handing {
    pub(super) const TASK: &str = "task";
    pub(super) const TO: &str = "to";
    pub(super) const DAYS: &str = "days";

    /// What was sent. A mistake is of the whole.
    pub fn parse(fields: &Fields) -> Result<Self, Noted> {
        let unclear = || noted("", Mistake::Unanswered);
        let kinds: Vec<TaskKind> = fields.all(Self::TASK).filter_map(|code| code.parse().ok()).collect();
        if kinds.is_empty() {
            return Err(unclear());
        }
        let to = match fields.get(Self::TO) {
            "me" => HandTo::Me,
            "nobody" => HandTo::Nobody,
            "wake" => HandTo::Wake,
            "sleep" => match fields.get(Self::DAYS) {
                "news" => HandTo::Sleep { days: None, news: true },
                days => {
                    let days: i64 = days.parse().map_err(|_| unclear())?;
                    HandTo::Sleep { days: Some(days.clamp(1, 366)), news: true }
                }
            },
            id if id.starts_with("s_") && id.len() <= 64 => HandTo::Colleague(id.to_owned()),
            _ => return Err(unclear()),
        };
        Ok(Self { kinds, to })
    }
}

/// Which tasks are asked for, by an address or a form.
#[must_use]
pub fn asked(get: impl Fn(&str) -> Option<String>) -> QueueAsked {
    QueueAsked {
        role: get("role").and_then(|code| Roles::ALL.into_iter().find(|role| role.code() == code)),
        sight: get("view").and_then(|code| QueueSight::ALL.into_iter().find(|sight| sight.code() == code)).unwrap_or_default(),
        saved: get("saved").filter(|saved| saved.len() == 32),
        after: get("after").filter(|after| after.len() <= 200),
    }
}

/// `/staff`
#[component]
pub fn Queue() -> impl IntoView {
    let desk = desk();
    let asked = use_query_map().with_untracked(|query| asked(|name| query.get(name)));
    load(async move { desk.queue_page(asked).await }, |page| view! { <List page=page/> })
}

/// The address of a list, from its top.
#[must_use]
pub fn list_address(asked: &QueueAsked) -> String {
    address(asked.role, asked.sight, asked.saved.as_deref(), None)
}

/// The address of a list, from a place in it on.
fn address(role: Option<Role>, sight: QueueSight, saved: Option<&str>, after: Option<&str>) -> String {
    let mut said: Vec<String> = Vec::new();
    said.extend(role.map(|role| format!("role={}", role.code())));
    said.extend((sight != QueueSight::All).then(|| format!("view={}", sight.code())));
    said.extend(saved.map(|saved| format!("saved={saved}")));
    said.extend(after.map(|after| format!("after={after}")));
    if said.is_empty() { "/staff".to_owned() } else { format!("/staff?{}", said.join("&")) }
}

impl Say {
    /// A way to look at the list.
    #[must_use]
    pub fn sight(&self, sight: QueueSight) -> &'static str {
        let m = self.m;
        match sight {
            QueueSight::All => m.staff_view_all(),
            QueueSight::Mine => m.staff_view_mine(),
            QueueSight::Nobodys => m.staff_view_nobodys(),
            QueueSight::Late => m.staff_view_late(),
            QueueSight::Asleep => m.staff_view_asleep(),
        }
    }
}

#[component]
fn List(page: QueuePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let QueuePage { rail, asked, tasks, next, marks, saved: kept, choice, ticked, strays, differences, claims, gifts, mistakes } = page;
    let QueueAsked { role, sight, saved, .. } = asked;
    let shown = kept.iter().find(|mark| saved.as_ref() == Some(&mark.id)).cloned();
    let key = choice.key.clone();
    let roles = rail.roles.of_tasks();
    let tabs: Vec<_> = marks
        .into_iter()
        .map(|TaskMark { sight: other, count }| {
            let name = say.sight(other);
            view! { <li><a href=address(role, other, None, None) aria-current=(other == sight && saved.is_none()).then_some("page")>{name} " " <span class="num quiet">{say.count(count)}</span></a></li> }
        })
        .collect();
    let kept: Vec<_> = kept
        .into_iter()
        .map(|mark| {
            let here = saved.as_ref() == Some(&mark.id);
            view! { <li><a href=address(None, QueueSight::All, Some(&mark.id), None) aria-current=here.then_some("page")>{mark.name} " " <span class="num quiet">{say.count(mark.count)}</span></a></li> }
        })
        .collect();
    let by_role = (roles.len() > 1 && saved.is_none()).then(|| {
        let one = |other: Option<Role>, name: &'static str| {
            view! { <li><a href=address(other, sight, None, None) aria-current=(other == role).then_some("true")>{name}</a></li> }
        };
        let mut all = vec![one(None, m.staff_view_every_role())];
        all.extend(roles.iter().map(|role| one(Some(*role), say.role(*role))));
        view! { <nav aria-label=m.staff_person_roles()><ul class="views small">{all}</ul></nav> }
    });
    let more = next.map(|after| {
        view! { <p class="acts"><a class="btn second" href=address(role, sight, saved.as_deref(), Some(&after))>{m.staff_more()}</a></p> }
    });
    let empty = tasks.is_empty();
    let rows: Vec<_> = tasks.into_iter().map(|task| view! { <Task ticked=ticked.contains(&task.rma) task=task/> }).collect();
    view! {
        <StaffFrame rail=rail here=Here::Queue title=m.staff_queue()>
            <ErrorSummary mistakes=mistakes/>
            <div class="row spread">
                <nav aria-label=m.staff_views()><ul class="views">{tabs}{kept}</ul></nav>
                <form method="post" action="/staff/next"><button class="btn small" type="submit" data-key=keys::TAKE aria-keyshortcuts=keys::TAKE>{m.staff_take_next()} " " <Key key=keys::TAKE/></button></form>
            </div>
            {by_role}
            {strays.map(|(waiting, late)| {
                let late = (late > 0).then(|| view! { <span class="chip heed">{m.stray_late(say.count(late))}</span> });
                view! { <p class="row"><a href="/staff/parcels">{m.stray_room()} " " <span class="num quiet">{say.count(waiting)}</span></a> {late}</p> }
            })}
            {claims.map(|(open, late)| {
                let late = (late > 0).then(|| view! { <span class="chip heed">{m.stray_late(say.count(late))}</span> });
                view! { <p class="row"><a href="/staff/claims">{m.claim_queue()} " " <span class="num quiet">{say.count(open)}</span></a> {late}</p> }
            })}
            {gifts.map(|waiting| view! { <p class="row"><a href="/staff/compensations">{m.gift_queue()} " " <span class="num quiet">{say.count(waiting)}</span></a></p> })}
            {differences.map(|open| view! { <p class="row"><a href="/staff/differences">{m.difference_title()} " " <span class="num quiet">{say.count(open)}</span></a></p> })}
            {if empty {
                view! { <section class="card empty"><h2 class="h">{m.staff_queue_empty()}</h2><p class="quiet">{m.staff_queue_empty_text()}</p></section> }.into_any()
            } else {
                view! {
                    <form method="post" action="/staff/bulk" id="bulk">
                        {role.map(|role| view! { <input type="hidden" name="role" value=role.code()/> })}
                        <input type="hidden" name="view" value=sight.code()/>
                        {saved.clone().map(|saved| view! { <input type="hidden" name="saved" value=saved/> })}
                        <ul class="tasks">{rows}</ul>
                        <Choose choice=choice open=!ticked.is_empty()/>
                    </form>
                }
                .into_any()
            }}
            {more}
            <Keep roles=roles.clone() key=key shown=shown/>
        </StaffFrame>
    }
}

#[component]
fn Task(task: TaskView, ticked: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let late = task.due < say.f.now;
    let due = match (task.sleeps, task.sleeps_until) {
        (true, Some(until)) => m.staff_sleeps_until(say.f.moment(until)),
        (true, None) => m.staff_sleeps().to_owned(),
        (false, _) if late => m.staff_late(say.f.moment(task.due)),
        (false, _) => m.staff_due(say.f.moment(task.due)),
    };
    let item = if task.more > 0 { m.staff_and_more(&task.item, task.more as u64) } else { task.item.clone() };
    let who = task.customer.clone().unwrap_or_else(|| task.rma.to_string());
    let about = [Some(say.task(task.kind).to_owned()), task.reason.as_ref().map(|reason| say.reason(reason)), task.has_it.clone()];
    let about: Vec<String> = about.into_iter().flatten().collect();
    view! {
        <li>
            <label class="tick"><input class="check" type="checkbox" name=BulkForm::CASE value=task.rma.to_string() checked=ticked/><span class="sr">{m.desk_bulk_tick(&item, &who)}</span></label>
            <a class="task" href=format!("/staff/returns/{}", task.rma)>
                <b class="name">{who} " · " {item}</b>
                <b class="num">{task.value.map(|value| say.f.money(value))}</b>
                <span class="quiet">{about.join(" · ")}</span>
                <span class="chip" class:heed=late>{due}</span>
            </a>
        </li>
    }
}
