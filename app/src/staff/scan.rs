//! A scan opens the case: what a code on a parcel, a slip or a thing is of (B33).

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::search::One;
use crate::ports::{ScanAsked, ScanPage};
use crate::say::Say;
use crate::ui::{Icon, Symbol, escaped, load};

/// Field of what was read.
const CODE: &str = "code";
/// Field of where it was read.
const AT: &str = "at";
const DOCK: &str = "dock";
/// Characters of a code.
const LONGEST: usize = 200;

/// Where a page is opened that a scan led to; it says so then.
pub const SCANNED: &str = "scanned";
/// Likewise, where the return has ended.
pub const STOPPED: &str = "stopped";

/// `/staff/scan`
#[component]
pub fn Scan() -> impl IntoView {
    let desk = desk();
    let query = use_query_map();
    let code = query.with_untracked(|query| query.get(CODE).unwrap_or_default()).chars().take(LONGEST).collect();
    let at_dock = query.with_untracked(|query| query.get(AT).is_some_and(|at| at == DOCK));
    load(async move { desk.scan_page(ScanAsked { code, at_dock }).await }, |page| view! { <Read page=page/> })
}

#[component]
fn Read(page: ScanPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let ScanPage { rail, code, found, at_dock, shelve } = page;
    let sign = match (code.is_empty(), found.is_empty()) {
        (true, _) => None,
        (false, true) => Some(
            view! { <Sign stop=true word=m.scan_stop() title=m.scan_stop_nothing(&code) text=m.scan_stop_nothing_text()/> }.into_any(),
        ),
        (false, false) => {
            Some(view! { <section class="sign" data-signal="ok" role="status"><h2 class="h">{m.scan_which()}</h2><p>{m.scan_which_text(&code)}</p></section> }.into_any())
        }
    };
    let found: Vec<_> = found.into_iter().map(|found| view! { <One found=found at_dock=at_dock/> }).collect();
    view! {
        <StaffFrame rail=rail here=Here::Dock title=m.scan_title()>
            {sign}
            {shelve.map(|path| view! { <p class="acts"><a class="btn second" href=path>{m.stray_add()}</a></p> })}
            {(!found.is_empty()).then(|| view! { <ul class="tasks">{found}</ul> })}
            <ScanField at_dock=at_dock ready=true/>
        </StaffFrame>
    }
}

/// The field that a scanner writes into, with the camera and the switch for sounds where the browser has them.
#[component]
pub(super) fn ScanField(
    /// It leads to the dock's own page of the return.
    at_dock: bool,
    /// The page is there for it.
    #[prop(optional)]
    ready: bool,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <form class="card scan" action="/staff/scan" role="search" aria-label=m.scan_title()>
            {at_dock.then(|| view! { <input type="hidden" name=AT value=DOCK/> })}
            <label class="h" for="scan">{m.scan_field()}</label>
            <input id="scan" name=CODE maxlength=LONGEST required autofocus=ready autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" data-scan="" aria-describedby="scan-hint"/>
            <p class="hint" id="scan-hint">{m.scan_hint()}</p>
            <p class="acts">
                <button class="btn" type="submit">{m.scan_open()}</button>
                <button class="btn second" type="button" hidden data-camera=m.scan_camera_close() data-refused=m.scan_camera_refused()><Icon symbol=Symbol::Camera/>{m.scan_camera()}</button>
                <button class="btn second" type="button" hidden data-sound="" aria-pressed="true">{m.scan_sound()}</button>
            </p>
            <p class="error" role="status" data-camera-says=""></p>
        </form>
    }
}

/// A sign that is read from a metre away: a colour, a word, and what it is about. The page's script gives it a sound.
#[component]
fn Sign(stop: bool, word: &'static str, #[prop(into)] title: String, text: &'static str) -> impl IntoView {
    let symbol = if stop { Symbol::Stop } else { Symbol::Check };
    view! {
        <section class="sign" class:stop=stop class:ok=!stop data-signal=if stop { "stop" } else { "ok" } role="status">
            <p class="word"><Icon symbol=symbol/>{word}</p>
            <p><b>{escaped(&title)}</b></p>
            <p>{text}</p>
        </section>
    }
}

/// What a page says that a scan led to: shown where its address says so (`#scanned`, `#stopped`), with or without a script.
#[component]
pub(super) fn Signs() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <section class="sign ok led" id=SCANNED data-signal="ok"><p class="word"><Icon symbol=Symbol::Check/>{m.scan_ok()}</p><p>{m.scan_ok_text()}</p></section>
        <section class="sign stop led" id=STOPPED data-signal="stop"><p class="word"><Icon symbol=Symbol::Stop/>{m.scan_stop()}</p><p>{m.scan_stop_ended()}</p></section>
    }
}
