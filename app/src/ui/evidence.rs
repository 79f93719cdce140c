//! Photos and documents that were given, as small pictures.

use leptos::prelude::*;

use crate::ports::Given;
use crate::say::Say;

/// Field of the button that takes a file back: its name.
pub(crate) const REMOVE: &str = "remove";

/// A row of thumbnails; each opens what it shows.
#[component]
pub fn Thumbs(
    given: Vec<Given>,
    /// The list is there even where it is empty: files join it.
    #[prop(optional)]
    grows: bool,
    /// Each has a button that removes it.
    #[prop(optional)]
    removable: bool,
    /// Each says what it shows, where nothing around it does.
    #[prop(optional)]
    captions: bool,
) -> impl IntoView {
    let thumbs: Vec<_> = given.into_iter().map(|given| view! { <Thumb given=given removable=removable caption=captions/> }).collect();
    (grows || !thumbs.is_empty()).then(|| view! { <ul class="thumbs">{thumbs}</ul> })
}

#[component]
fn Thumb(given: Given, removable: bool, caption: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (page, picture) = (format!("/evidence/{}", given.id), format!("/evidence/{}/preview", given.id));
    let about = given.pages.map(|pages| view! { <span class="meta">{m.show_pages(u64::from(pages))}</span> });
    let shows = given.shows.filter(|_| caption).map(|shows| view! { <span class="meta shows">{say.shown(shows, 1)}</span> });
    let button = removable.then(|| view! { <Remove id=given.id.clone() name=given.name.clone()/> });
    view! {
        <li class="thumb" data-id=given.id>
            <a href=page target="_blank" rel="noopener" aria-label=m.show_open_file(&given.name)><img src=picture alt="" width="96" height="96" loading="lazy"/></a>
            <span class="about"><b class="name">{given.name}</b>{shows}{about}{button}</span>
        </li>
    }
}

#[component]
fn Remove(id: String, name: String) -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! { <button class="link" type="submit" name=REMOVE value=id aria-label=m.show_remove_file(name)>{m.show_remove()}</button> }
}

/// A thumbnail of a file that is on its way; the page's script fills it in.
#[component]
pub fn NewThumb() -> impl IntoView {
    let m = expect_context::<Say>().m;
    view! {
        <li class="thumb">
            <a target="_blank" rel="noopener" data-label=m.show_open_file("{name}")><img alt="" width="96" height="96"/></a>
            <span class="about">
                <b class="name"></b>
                <progress max="1" value="0" aria-label=m.show_sending("{name}")></progress>
                <span class="meta"></span>
                <button class="link again" type="button" hidden>{m.show_again()}</button>
                <Remove id=String::new() name="{name}".to_owned()/>
            </span>
        </li>
    }
}
