//! What is to be done, the most urgent first.

use domain::returns::Role;
use domain::staff::Roles;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::ports::{QueueAsked, QueuePage, TaskView};
use crate::say::Say;
use crate::ui::load;

/// `/staff`
#[component]
pub fn Queue() -> impl IntoView {
    let desk = desk();
    let asked = use_query_map().with_untracked(|query| QueueAsked {
        role: query.get("role").and_then(|code| Roles::ALL.into_iter().find(|role| role.code() == code)),
        overdue: query.get("late").is_some(),
        after: query.get("after").filter(|after| after.len() <= 200),
    });
    load(async move { desk.queue_page(asked).await }, |page| view! { <List page=page/> })
}

#[component]
fn List(page: QueuePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let QueuePage { rail, asked, tasks, next } = page;
    let roles = rail.roles.of_tasks();
    let address = |role: Option<Role>, late: bool, after: Option<&str>| {
        let mut said: Vec<String> = Vec::new();
        said.extend(role.map(|role| format!("role={}", role.code())));
        said.extend(late.then(|| "late=1".to_owned()));
        said.extend(after.map(|after| format!("after={after}")));
        if said.is_empty() { "/staff".to_owned() } else { format!("/staff?{}", said.join("&")) }
    };
    let tab = |text: String, to: String, here: bool| view! { <li><a href=to aria-current=here.then_some("true")>{text}</a></li> };
    let mut tabs = vec![tab(m.staff_view_all().into(), address(None, false, None), asked.role.is_none() && !asked.overdue)];
    if roles.len() > 1 {
        let of_role = |role: &Role| tab(say.role(*role).into(), address(Some(*role), asked.overdue, None), asked.role == Some(*role));
        tabs.extend(roles.iter().map(of_role));
    }
    tabs.push(tab(m.staff_view_late().into(), address(asked.role, !asked.overdue, None), asked.overdue));
    let more = next.map(|after| {
        view! { <p class="acts"><a class="btn second" href=address(asked.role, asked.overdue, Some(&after))>{m.staff_more()}</a></p> }
    });
    let empty = tasks.is_empty();
    let rows: Vec<_> = tasks.into_iter().map(|task| view! { <Task task=task/> }).collect();
    view! {
        <StaffFrame rail=rail here=Here::Queue title=m.staff_queue()>
            <nav aria-label=m.staff_views()><ul class="views">{tabs}</ul></nav>
            {if empty {
                view! { <section class="card empty"><h2 class="h">{m.staff_queue_empty()}</h2><p class="quiet">{m.staff_queue_empty_text()}</p></section> }.into_any()
            } else {
                view! { <ul class="tasks">{rows}</ul> }.into_any()
            }}
            {more}
        </StaffFrame>
    }
}

#[component]
fn Task(task: TaskView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let late = task.due < say.f.now;
    let due = if late { m.staff_late(say.f.moment(task.due)) } else { m.staff_due(say.f.moment(task.due)) };
    let item = if task.more > 0 { m.staff_and_more(&task.item, task.more as u64) } else { task.item.clone() };
    let who = task.customer.clone().unwrap_or_else(|| task.rma.to_string());
    let about: Vec<String> =
        [Some(say.task(task.kind).to_owned()), task.reason.as_ref().map(|reason| say.reason(reason))].into_iter().flatten().collect();
    view! {
        <li>
            <a class="task" href=format!("/staff/returns/{}", task.rma)>
                <b class="name">{who} " · " {item}</b>
                <b class="num">{task.value.map(|value| say.f.money(value))}</b>
                <span class="quiet">{about.join(" · ")}</span>
                <span class="chip" class:heed=late>{due}</span>
            </a>
        </li>
    }
}
