//! Many cases at once: what would become of each, then what has.

use domain::desk::Deed;
use domain::rma::RmaNumber;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::macros::{DeedFields, DeedForm};
use crate::forms::Fields;
use crate::ports::{BulkCase, BulkChoice, BulkPage, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, load};

/// What is chosen to be done to which cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkForm {
    /// Names the form.
    pub key: String,
    pub cases: Vec<RmaNumber>,
    /// All that the list shows, page after page.
    pub all: bool,
    /// A macro; else what was chosen by itself.
    pub of_macro: Option<String>,
    pub deed: Deed,
    pub mistakes: Vec<Noted>,
}

impl BulkForm {
    const KEY: &str = "key";
    pub(super) const CASE: &str = "case";
    const ALL: &str = "all";
    const MACRO: &str = "macro";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let DeedForm { deed, mistakes } = DeedForm::parse(fields);
        let of_macro = fields.maybe(Self::MACRO);
        Self {
            key: fields.get(Self::KEY).chars().take(64).collect(),
            cases: fields.all(Self::CASE).filter_map(|rma| rma.parse().ok()).collect(),
            all: !fields.get(Self::ALL).is_empty(),
            mistakes: if of_macro.is_some() { Vec::new() } else { mistakes },
            of_macro,
            deed,
        }
    }
}

/// What can be done to what is ticked in a list; the form is named `bulk`.
#[component]
pub(super) fn Choose(choice: BulkChoice, open: bool) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let macros: Vec<_> = choice.macros.iter().map(|(id, name)| view! { <option value=id.clone()>{name.clone()}</option> }).collect();
    let macros = (!macros.is_empty()).then(|| {
        view! { <p class="field"><label for="bulk-macro">{m.desk_macro_pick()}</label><select id="bulk-macro" name=BulkForm::MACRO><option value="">{m.desk_bulk_no_macro()}</option>{macros}</select></p> }
    });
    view! {
        <details class="card bulk" open=open>
            <summary>{m.desk_bulk()}</summary>
            <div class="form">
                <input type="hidden" name=BulkForm::KEY value=choice.key.clone()/>
                <p class="quiet sm">{m.desk_bulk_text()}</p>
                <label class="tick"><input class="check" type="checkbox" name=BulkForm::ALL value="1"/> <span>{m.desk_bulk_all(choice.most as u64)}</span></label>
                {macros}
                <DeedFields deed=Deed::default() replies=choice.replies colleagues=choice.colleagues mistakes=Vec::new() id="bulk"/>
                <p class="acts"><button class="btn second" type="submit">{m.desk_bulk_look()}</button></p>
            </div>
        </details>
    }
}

/// `/staff/bulk/{id}`
#[component]
pub fn Bulk() -> impl IntoView {
    let desk = desk();
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    load(async move { desk.bulk_page(&id).await }, |page| view! { <Ahead page=page/> })
}

#[component]
fn Ahead(page: BulkPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let count = |cases: &[BulkCase]| cases.len() as u64;
    let (fit, refused, done, failed) = (count(&page.fit), count(&page.refused), count(&page.done), count(&page.failed));
    let does: Vec<_> = say.deed(&page.deed, &page.replies, &page.colleagues).into_iter().map(|text| view! { <li>{text}</li> }).collect();
    let list = move |title: String, cases: Vec<BulkCase>| {
        let rows: Vec<_> = cases
            .into_iter()
            .map(|BulkCase { rma, who, why }| {
                let why = why.map(|why| view! { <span class="block">{say.mistake(&why)}</span> });
                view! { <li><a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a> " " <span class="quiet">{who}</span>{why}</li> }
            })
            .collect();
        (!rows.is_empty()).then(|| view! { <section class="card"><h2 class="h">{title}</h2><ul class="cases">{rows}</ul></section> })
    };
    let title = match (page.begun, fit) {
        (false, _) => m.desk_bulk_ahead(),
        (true, 0) => m.desk_bulk_done(),
        (true, _) => m.desk_bulk_going(),
    };
    let going = page.begun && fit > 0;
    let standing = match page.begun {
        false => {
            let letters: Vec<_> = page
                .letters
                .into_iter()
                .map(|(rma, words)| view! { <section class="card"><h2 class="h">{m.desk_bulk_reads(rma)}</h2><blockquote class="letter">{words}</blockquote></section> })
                .collect();
            let go = (fit > 0).then(|| {
                view! { <form method="post" action=format!("/staff/bulk/{}", page.id)><p class="acts"><button class="btn" type="submit">{m.desk_bulk_go(fit)}</button></p></form> }
            });
            view! {
                <p class="lead">{m.desk_bulk_fit(fit)} " " {(refused > 0).then(|| m.desk_bulk_refused(refused))}</p>
                {page.capped.then(|| view! { <p class="chip heed">{m.desk_bulk_capped(page.most as u64)}</p> })}
                {letters}
                {go}
            }
            .into_any()
        }
        true => {
            let all = fit + done + failed;
            view! {
                <p><progress max=all.to_string() value=(done + failed).to_string() aria-label=m.desk_bulk_going()></progress></p>
                <p role="status">{m.desk_bulk_progress(all, done)} " " {(failed > 0).then(|| m.desk_bulk_failed(failed))}</p>
                {going.then(|| view! { <p><a href=format!("/staff/bulk/{}", page.id)>{m.desk_bulk_again()}</a></p> })}
                {(page.can_take_back && fit + done > 0).then(|| view! { <form method="post" action=format!("/staff/bulk/{}/take-back", page.id)><p class="acts"><button class="btn second" type="submit">{m.desk_bulk_undo()}</button></p></form> })}
            }
            .into_any()
        }
    };
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Queue title=title over=page.name.clone()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <section class="card"><h2 class="h">{m.desk_macro_does()}</h2><ul class="why">{does}</ul></section>
            {standing}
            {list(m.desk_bulk_failed(failed), page.failed)}
            {list(m.desk_bulk_refused(refused), page.refused)}
            {list(m.desk_bulk_fit(fit), page.fit)}
            {list(m.desk_bulk_did(done), page.done)}
            <p><a href="/staff">{m.staff_back_to_queue()}</a></p>
            {going.then(|| view! { <script nonce=nonce>"setTimeout(function(){location.reload()},2000)"</script> })}
        </StaffFrame>
    }
}
