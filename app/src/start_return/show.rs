//! Show us: photos and documents, where policy asks for them; and, later, added to a return.

use std::sync::Arc;

use domain::ids::LineKey;
use domain::policy::Shows;
use leptos::prelude::*;

use super::{Foot, OtherDevice, draft, step};
use crate::forms::{Fields, of_item};
use crate::islands::Upload;
use crate::ports::{Given, Noted, ShopperDesk, ShowItem, ShowPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Example, Frame, Icon, ItemTile, NewThumb, REMOVE, Symbol, Thumbs, Wake, field_id, load};

/// What the server can open. A telephone turns its own format into JPEG where it is not named here.
const PICTURES: &str = "image/jpeg,image/png,image/webp";
const FILES: &str = "image/jpeg,image/png,image/webp,application/pdf";

/// A field for files: of an item, and of one slot or of what is given beyond those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesField {
    pub item: LineKey,
    slot: Option<(Shows, u32)>,
}

impl FilesField {
    const FILES: &str = "files";

    #[must_use]
    pub fn beyond(item: LineKey) -> Self {
        Self { item, slot: None }
    }

    /// `nth`: which of several that show the same, from 1.
    #[must_use]
    pub fn slot(item: LineKey, shows: Shows, nth: u32) -> Self {
        Self { item, slot: Some((shows, nth)) }
    }

    /// What is given in it is said to show.
    #[must_use]
    pub fn shows(&self) -> Option<Shows> {
        self.slot.map(|(shows, _)| shows)
    }

    /// `files|10248|2`, `files.damage|10248|2`, `files.damage.2|10248|2`.
    #[must_use]
    pub fn name(&self) -> String {
        let question = match self.slot {
            None => Self::FILES.to_owned(),
            Some((shows, 1)) => format!("{}.{}", Self::FILES, shows.code()),
            Some((shows, nth)) => format!("{}.{}.{nth}", Self::FILES, shows.code()),
        };
        of_item(&question, &self.item)
    }

    /// The field of that name, of one of these items.
    #[must_use]
    pub fn named(name: &str, items: &[LineKey]) -> Option<Self> {
        let (question, item) = name.split_once('|')?;
        let item = items.iter().find(|known| known.to_string() == item)?.clone();
        let mut parts = question.split('.');
        if parts.next() != Some(Self::FILES) {
            return None;
        }
        let Some(shows) = parts.next() else { return Some(Self::beyond(item)) };
        let nth = parts.next().map_or(Ok(1), str::parse).ok().filter(|nth| *nth > 0)?;
        Some(Self::slot(item, shows.parse().ok()?, nth))
    }
}

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
    const ACTION: &str = "action";
    const WITHOUT: &str = "without";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let remove = fields.maybe(REMOVE);
        Self { stay: remove.is_some() || !fields.get(Self::ACTION).is_empty(), without: !fields.get(Self::WITHOUT).is_empty(), remove }
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
    let complete = page.items.iter().all(|item| item.complete);
    let size = u64::try_from(page.most_bytes >> 20).unwrap_or(u64::MAX);
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
    let asked = page.asked.map(|asked| {
        view! { <section class="card"><h2 class="h">{m.show_asked()}</h2><p class="words">{asked}</p></section> }
    });
    let form = view! {
        <ErrorSummary mistakes=page.mistakes/>
        {asked}
        <form
            method="post" action=action enctype="multipart/form-data" class="shows"
            data-sending=m.show_sending("{name}") data-kept=m.show_kept("{name}") data-removed=m.show_removed("{name}")
            data-offline=m.show_offline() data-broken=m.show_broken() data-waiting=m.show_waiting()
            data-large=m.evidence_error("too_large").unwrap_or_default()
        >
            <p class="hint"><span class="awake">{m.show_ways()} " · "</span>{m.show_hint(size)}</p>
            <template><NewThumb/></template>
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
    let m = expect_context::<Say>().m;
    let key = item.head.key.clone();
    let (wanted, named) = (item.slots.len(), item.head.name.clone());
    let mut slots: Vec<(FilesField, Vec<Given>)> =
        item.slots.into_iter().map(|slot| (FilesField::slot(key.clone(), slot.shows, slot.nth), slot.given)).collect();
    slots.push((FilesField::beyond(key), item.beyond));
    let slots: Vec<_> = slots
        .into_iter()
        .map(|(field, given)| {
            let several = wanted > 0;
            view! { <Slot place=place.clone() field=field given=given several=several mistakes=mistakes.clone() most_bytes=most_bytes removable=removable/> }
        })
        .collect();
    view! {
        <section class="card about" aria-label=named data-want=wanted>
            <ItemTile head=item.head/>
            {slots}
            <button class="btn second small asleep" type="submit" name=ShowForm::ACTION value="upload">{m.show_upload()}</button>
        </section>
    }
}

/// The place of one photo or document that is asked for, or of whatever is given beyond: what it should show, a small example, what is there.
#[component]
fn Slot(
    place: String,
    field: FilesField,
    given: Vec<Given>,
    /// It is one of several.
    several: bool,
    mistakes: Vec<Noted>,
    most_bytes: usize,
    removable: bool,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (name, shows) = (field.name(), field.shows());
    let id = field_id(&name);
    let (title, tip) = match field.slot {
        Some((shows, nth)) => (say.shown(shows, nth), say.tip(shows)),
        None if several => (m.show_beyond().to_owned(), m.show_beyond_tip().to_owned()),
        None => (m.show_files().to_owned(), m.show_anything().to_owned()),
    };
    let (accept, choose) = match shows {
        Some(shows) if shows != Shows::TestReport => (PICTURES, m.show_choose_photo()),
        _ => (FILES, m.show_choose()),
    };
    let wrong: Vec<_> = mistakes
        .iter()
        .filter(|noted| noted.field == name)
        .map(|noted| view! { <p class="error">{say.mistake(&noted.mistake)}</p> })
        .collect();
    let invalid = (!wrong.is_empty()).then_some("true");
    let about = format!("{id}-tip {id}-error");
    view! {
        <Upload
            place=place line=field.item.to_string() shows=shows.map(Shows::code).unwrap_or_default().to_owned()
            most=u32::try_from(most_bytes).unwrap_or(u32::MAX)
        >
        <fieldset class="upload" id=id.clone()>
            <legend>{title}</legend>
            <div class="sample"><Example shows=shows/><p class="meta" id=format!("{id}-tip")>{tip}</p></div>
            <div class="errors-here" id=format!("{id}-error")>{wrong}</div>
            <Thumbs given=given grows=true removable=removable captions=shows.is_none()/>
            <div class="picks">
                <div class="drop">
                    <label for=format!("{id}-input")>{choose}</label>
                    <input
                        type="file" id=format!("{id}-input") name=name.clone() multiple accept=accept aria-invalid=invalid
                        aria-describedby=about.clone()
                    />
                </div>
                <div class="drop camera">
                    <label for=format!("{id}-camera")><Icon symbol=Symbol::Camera/>{m.show_camera()}</label>
                    <input type="file" id=format!("{id}-camera") name=name accept="image/*" capture="environment" aria-describedby=about/>
                </div>
            </div>
            <p class="sr" role="status"></p>
        </fieldset>
        </Upload>
    }
}
