//! A page with its data, or the page instead of it.

use leptos::prelude::*;

use super::frame::Frame;
use super::verify::VerifyForm;
use crate::ports::{Answer, DeskError};
use crate::say::Say;

/// Shows `page` with what `data` answers, or the page that says why not.
pub fn load<T, V, D, P>(data: D, page: P) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
    D: Future<Output = Result<T, DeskError>> + Send + 'static,
    P: FnOnce(T) -> V + Send + 'static,
{
    let owner = Owner::current().unwrap_or_default();
    Suspend::new(async move {
        let answer = data.await;
        owner.with(|| match answer {
            Ok(data) => page(data).into_any(),
            Err(error) => view! { <Refusal error=error/> }.into_any(),
        })
    })
}

/// The page instead of a page.
#[component]
pub fn Refusal(error: DeskError) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let answer = use_context::<Answer>();
    let status = |code: u16| {
        if let Some(answer) = &answer {
            (answer.status)(code);
        }
    };
    match error {
        DeskError::Moved(to) => {
            if let Some(answer) = &answer {
                (answer.redirect)(&to);
            }
            view! { <p><a href=to.clone()>{to.clone()}</a></p> }.into_any()
        }
        DeskError::Verify { rma, typed, mistakes } => {
            status(if mistakes.is_empty() { 200 } else { 422 });
            view! { <VerifyForm rma=rma typed=typed mistakes=mistakes/> }.into_any()
        }
        DeskError::NotFound => {
            status(404);
            view! {
                <Frame title=m.error_not_found_title() lead=m.error_not_found_text()>
                    <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::Gone => {
            status(410);
            view! {
                <Frame title=m.error_gone_title() lead=m.error_gone_text()>
                    <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::Busy => {
            status(429);
            view! {
                <Frame title=m.error_too_many_title() lead=m.error_too_many_text()>
                    <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::Updating => {
            status(503);
            view! {
                <Frame title=m.error_updating_title() lead=m.error_updating_text()>
                    <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::NotForYou { who } => {
            status(403);
            let roles: Vec<&str> = who.into_iter().map(|role| say.role(role)).collect();
            view! {
                <Frame title=m.staff_not_for_you_title(m.list(&roles)) lead=m.staff_not_for_you_text()>
                    <p class="acts"><a class="btn" href="/staff">{m.staff_back_to_queue()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::InviteOver => {
            status(410);
            view! {
                <Frame title=m.staff_welcome_over_title() lead=m.staff_welcome_over_text()>
                    <p class="acts"><a class="btn" href="/staff/sign-in">{m.staff_door_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
        DeskError::Failed { reference } => {
            status(500);
            view! {
                <Frame title=m.error_failed_title() lead=m.error_failed_text(reference)>
                    <p class="acts"><a class="btn" href="/">{m.error_not_found_action()}</a></p>
                </Frame>
            }
            .into_any()
        }
    }
}
