//! Who does a task, and when.

use leptos::prelude::*;

use super::keys::{self, Key};
use super::queue::Handing;
use crate::ports::{CasePage, CaseTask};
use crate::say::Say;

/// Who does it, and when: taken, handed over, put off.
#[component]
pub(super) fn HandOver(page: CasePage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let theirs: Vec<&CaseTask> = page.tasks.iter().filter(|task| task.theirs).collect();
    if theirs.is_empty() {
        return ().into_any();
    }
    let action = format!("/staff/returns/{}/hand", page.request.rma);
    let tasks = || theirs.iter().map(|task| view! { <input type="hidden" name=Handing::TASK value=task.kind.code()/> }).collect_view();
    let mine = theirs.iter().any(|task| task.has_it.as_ref().is_some_and(|(_, mine)| *mine));
    let asleep = theirs.iter().any(|task| task.sleeps);
    let colleagues: Vec<_> = page.colleagues.iter().map(|(id, name)| view! { <option value=id.clone()>{name.clone()}</option> }).collect();
    let days =
        [("1", m.staff_sleep_tomorrow()), ("3", m.staff_sleep_three_days()), ("7", m.staff_sleep_week()), ("news", m.staff_sleep_news())];
    let days: Vec<_> = days
        .into_iter()
        .map(|(value, name)| view! { <button class="btn second small" type="submit" name=Handing::DAYS value=value>{name}</button> })
        .collect();
    let sleep = match asleep {
        true => view! {
            <form method="post" action=action.clone()>{tasks()}<button class="btn second small" type="submit" name=Handing::TO value="wake" data-key=keys::SNOOZE aria-keyshortcuts=keys::SNOOZE>{m.staff_wake()} " " <Key key=keys::SNOOZE/></button></form>
        }
        .into_any(),
        false => view! {
            <details class="decide">
                <summary class="btn second small" data-key=keys::SNOOZE aria-keyshortcuts=keys::SNOOZE>{m.staff_sleep()} " " <Key key=keys::SNOOZE/></summary>
                <form class="form card" method="post" action=action.clone()>
                    {tasks()}
                    <input type="hidden" name=Handing::TO value="sleep"/>
                    <p>{m.staff_sleep_text()}</p>
                    <p class="acts">{days}</p>
                </form>
            </details>
        }
        .into_any(),
    };
    let take =
        (!mine).then(|| view! { <button class="btn second small" type="submit" name=Handing::TO value="me">{m.staff_hand_me()}</button> });
    let free = theirs
        .iter()
        .any(|task| task.has_it.is_some())
        .then(|| view! { <button class="btn second small" type="submit" name=Handing::TO value="nobody">{m.staff_hand_nobody()}</button> });
    let to_colleague = (!colleagues.is_empty()).then(|| {
        view! {
            <form class="form" method="post" action=action.clone()>
                {tasks()}
                <p class="field"><label for="hand-to">{m.staff_hand_to()}</label><select id="hand-to" name=Handing::TO>{colleagues}</select></p>
                <p class="acts"><button class="btn second small" type="submit">{m.staff_hand()}</button></p>
            </form>
        }
    });
    view! {
        {sleep}
        <details class="decide">
            <summary class="btn second small" data-key=keys::HAND aria-keyshortcuts=keys::HAND>{m.staff_hand()} " " <Key key=keys::HAND/></summary>
            <div class="form card">
                <form method="post" action=action.clone()>{tasks()}<p class="acts">{take}{free}</p></form>
                {to_colleague}
            </div>
        </details>
    }
    .into_any()
}
