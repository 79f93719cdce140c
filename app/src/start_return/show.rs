//! Show us: photos and documents, where policy asks for them; and, later, added to a return.

use std::sync::Arc;

use domain::ids::LineKey;
use leptos::prelude::*;

use super::{Foot, OtherDevice, draft, step};
use crate::forms::{Fields, of_item};
use crate::islands::Upload;
use crate::ports::{Noted, ShopperDesk, ShowItem, ShowPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Frame, Icon, ItemTile, NewThumb, REMOVE, Symbol, Thumbs, Wake, field_id, load};

/// What the server can open. A telephone turns its own format into JPEG where it is not named here.
const ACCEPT: &str = "image/jpeg,image/png,image/webp,application/pdf";

/// "Show us", of a draft or a return, files aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowForm {
    /// A file to take back.
    pub remove: Option<String>,
    /// To stay on the page.
    pub stay: bool,
    /// To go on without what is asked for.
    pub without: bool,
}

impl ShowForm {
    const FILES: &str = "files";
    const ACTION: &str = "action";
    const WITHOUT: &str = "without";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let remove = fields.maybe(REMOVE);
        Self { stay: remove.is_some() || !fields.get(Self::ACTION).is_empty(), without: !fields.get(Self::WITHOUT).is_empty(), remove }
    }

    /// The field for files of an item.
    #[must_use]
    pub fn files_of(item: &LineKey) -> String {
        of_item(Self::FILES, item)
    }

    /// The one of these items that a field for files is of.
    #[must_use]
    pub fn item_of<'i>(field: &str, items: &'i [LineKey]) -> Option<&'i LineKey> {
        items.iter().find(|item| Self::files_of(item) == field)
    }
}

/// `/return/{draft}/show`
#[component]
pub fn Show() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.show_page(&draft).await }, |page| view! { <Ask page=page/> })
}

/// `/returns/{rma}/photos`
#[component]
pub fn AddPhotos() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = crate::track_return::rma();
    load(async move { desk.photos_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ShowPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let (place, action, back) = match (&page.draft, page.rma) {
        (Some(draft), _) => (format!("/return/{draft}"), "show", format!("/return/{draft}/why")),
        (None, rma) => {
            let place = format!("/returns/{}", rma.map(|rma| rma.to_string()).unwrap_or_default());
            (place.clone(), "photos", place)
        }
    };
    let action = format!("{place}/{action}");
    let of_draft = page.draft.is_some();
    let complete = page.items.iter().all(|item| item.given.len() >= item.wanted_files());
    let items: Vec<_> = page
        .items
        .into_iter()
        .map(|item| view! { <ShowOf place=place.clone() item=item mistakes=page.mistakes.clone() most_bytes=page.most_bytes removable=of_draft/> })
        .collect();
    let without = of_draft.then(|| {
        view! {
            <p class="without" hidden=complete>
                <button class="link" type="submit" name=ShowForm::WITHOUT value="1">{m.show_without()}</button>
                <span class="quiet sm">{m.show_without_text()}</span>
            </p>
        }
    });
    let form = view! {
        <ErrorSummary mistakes=page.mistakes/>
        <form method="post" action=action enctype="multipart/form-data" class="shows">
            {items}
            {without}
            <Foot back=back action=if of_draft { m.shell_continue() } else { m.show_done() }/>
        </form>
        <Wake/>
        {page.draft.map(|draft| view! { <OtherDevice draft=draft/> })}
    };
    match page.rma {
        Some(rma) => view! { <Frame title=m.show_add_title() chip=m.track_chip(rma) lead=m.show_add_lead()>{form}</Frame> }.into_any(),
        // A part of "why?": the steps are the same for everybody.
        None => view! { <Frame title=m.show_title() step=step(3, m.show_step()) lead=m.show_lead()>{form}</Frame> }.into_any(),
    }
}

#[component]
fn ShowOf(place: String, item: ShowItem, mistakes: Vec<Noted>, most_bytes: usize, removable: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let most_bytes = u32::try_from(most_bytes).unwrap_or(u32::MAX);
    let field = ShowForm::files_of(&item.head.key);
    let id = field_id(&field);
    let named = item.head.name.clone();
    let legend = m.show_files(&named);
    let wanted_files = item.wanted_files();
    let mut wanted: Vec<(String, &str)> = item.wanted.iter().map(|effect| say.wanted(effect)).collect();
    if wanted.is_empty() {
        wanted.push((m.show_anything().to_owned(), ""));
    }
    let wanted: Vec<_> = wanted.into_iter().map(|(what, why)| view! { <li><b>{what}</b><span class="meta">{why}</span></li> }).collect();
    let wrong: Vec<_> = mistakes
        .iter()
        .filter(|noted| noted.field == field)
        .map(|noted| view! { <p class="error">{say.mistake(&noted.mistake)}</p> })
        .collect();
    let invalid = (!wrong.is_empty()).then_some("true");
    view! {
        <section class="card about" aria-label=named>
            <ItemTile head=item.head.clone()/>
            <ul class="wanted">{wanted}</ul>
            <Upload place=place line=item.head.key.to_string() most=most_bytes>
            <fieldset
                class="upload" id=id.clone() data-want=wanted_files
                data-sending=m.show_sending("{name}") data-kept=m.show_kept("{name}") data-removed=m.show_removed("{name}")
                data-offline=m.show_offline() data-broken=m.show_broken() data-waiting=m.show_waiting()
                data-large=m.evidence_error("too_large").unwrap_or_default()
            >
                <legend class="sr">{legend}</legend>
                <div class="errors-here" id=format!("{id}-error")>{wrong}</div>
                <Thumbs given=item.given grows=true removable=removable/>
                <template><NewThumb/></template>
                <div class="drop">
                    <span class="sign"><Icon symbol=Symbol::Camera/></span>
                    <label for=format!("{id}-input")>{m.show_choose()}</label>
                    <span class="hint" id=format!("{id}-hint")><span class="awake">{m.show_ways()} " · "</span>{m.show_hint(most_bytes >> 20)}</span>
                    <input
                        type="file" id=format!("{id}-input") name=field multiple accept=ACCEPT aria-invalid=invalid
                        aria-describedby=format!("{id}-hint {id}-error")
                    />
                    <button class="btn second small asleep" type="submit" name=ShowForm::ACTION value="upload">{m.show_upload()}</button>
                </div>
                <p class="sr" role="status"></p>
            </fieldset>
            </Upload>
        </section>
    }
}
