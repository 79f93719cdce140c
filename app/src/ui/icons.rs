//! Drawings of our own: product pictures where the shop gives none, and signs beside words.

use domain::ids::Code;
use domain::policy::Shows;
use leptos::prelude::*;

/// Signs; never the only bearer of a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Symbol {
    Home,
    Check,
    Person,
    Stop,
    Camera,
    Bell,
}

/// A sign beside words.
#[component]
pub fn Icon(symbol: Symbol) -> impl IntoView {
    let path = match symbol {
        Symbol::Home => "M8 16.5 14 10l6 6.5M10.5 14.5V20h7v-5.5",
        Symbol::Check => "m8.500 14.500 4 4 7.500-9",
        Symbol::Person => "M14 13.500a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400M7.800 20.500a6.200 6.200 0 0 1 12.400 0",
        Symbol::Camera => "M6 10.5h3.500l1.600-2.500h5.800l1.600 2.500H22v9.500H6zM14 18a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
        Symbol::Bell => "M7.500 19.500h13l-2-3v-4a4.500 4.500 0 0 0-9 0v4zM12.500 22.500h3",
        Symbol::Stop => "M9.500 9.500l9 9M18.500 9.500l-9 9",
    };
    view! {
        <svg class="icon" viewBox="0 0 28 28" fill="none" aria-hidden="true">
            <path d=path stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>
        </svg>
    }
}

/// What a good photo of something shows, as a small drawing: the thing, and what matters of it in the shop's colour. Nothing: any photo.
#[component]
pub fn Example(shows: Option<Shows>) -> impl IntoView {
    let (thing, matters) = match shows {
        Some(Shows::Item) => ("M14 38h36M20 38V24h16v14", "M28 24v-7h16v21M28 17l8 4 8-4M36 21v3"),
        Some(Shows::Damage) => {
            ("M20 11h21v21a6 6 0 0 1-6 6h-9a6 6 0 0 1-6-6zM41 16h4a4 4 0 0 1 4 4v3a4 4 0 0 1-4 4h-4", "m29 11 4 7-5 5 6 5-3 5")
        }
        Some(Shows::Packaging) => ("M44 15H14v23h36V24M14 22h26M28 15v7M34 15v7", "m44 15 1 5-4 2 5 2-1 4 5-4"),
        Some(Shows::ShippingLabel) => ("M15 10h34v28H15zM21 16h14M21 21h9", "M21 28v5M25 28v5M28 28v5M33 28v5M36 28v5M40 28v5M43 28v5"),
        Some(Shows::SerialNumber) => (
            "M12 14h40v20H12zM16.500 18.500h.01M47.500 18.500h.01M16.500 29.500h.01M47.500 29.500h.01",
            "m22 22 2-1v7M29 21h4v3.500h-4V28h4M38 21h4v7h-4M39 24.500h3",
        ),
        Some(Shows::Fault) => ("M30 34a12 12 0 1 0 0-24 12 12 0 0 0 0 24M39 31l9 8", "m24 25 4-6 2 5 5-6"),
        Some(Shows::TestReport) => ("M20 8h16l9 8v24H20zM36 8v8h9", "M26 23h13M26 28h13m-13 6 2.500 2.500L34 32"),
        Some(Shows::Receipt) => ("M22 8h20v32l-4-3-3 3-3-3-3 3-3-3-4 3zM26 15h12M26 20h12", "M26 28h5M34 28h4"),
        None => ("M14 12h36v24H14z", "m14 33 11-10 8 7 6-5 11 9M41 18.500h.01"),
    };
    view! {
        <svg class="example" viewBox="0 0 64 48" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d="M4 12V4h9M51 4h9v8M60 36v8h-9M13 44H4v-8"></path>
            <path d=thing></path>
            <path class="matters" d=matters></path>
        </svg>
    }
}

/// A product: its picture, or a drawing of its kind.
#[component]
pub fn Picture(image: Option<String>, category: Option<Code>) -> impl IntoView {
    let drawing = match category.as_ref().map(Code::as_str) {
        Some("apparel" | "clothes" | "fashion") => "M17 8 6 14l4 8 4-2v20h20V20l4 2 4-8-11-6c-1.500 3-4 4-7 4s-5.500-1-7-4z",
        Some("shoes") => "M6 34v-8c6 0 8-4 9-10l7 4c1 6 6 10 14 10 4 0 6 2 6 4v4H6zM6 34h36",
        Some("electronics") => "M10 28v-4a14 14 0 0 1 28 0v4M7 28h8v13H10a3 3 0 0 1-3-3zM33 28h8v10a3 3 0 0 1-3 3h-5z",
        Some("furniture" | "home") => "M8 40V22a6 6 0 0 1 6-6h20a6 6 0 0 1 6 6v18M8 32h32M14 16v-4h20v4",
        Some("toys" | "gifts") => "M8 20h32v20H8zM6 14h36v6H6zM24 14v26M24 14c-4-8-12-6-10 0M24 14c4-8 12-6 10 0",
        Some("gift-card") => "M6 14h36v22H6zM6 21h36M12 30h8",
        Some("books") => "M24 12c-4-3-10-4-16-4v28c6 0 12 1 16 4 4-3 10-4 16-4V8c-6 0-12 1-16 4zM24 12v28",
        _ => "M24 6 8 14v20l16 8 16-8V14zM8 14l16 8 16-8M24 22v20",
    };
    match image {
        Some(address) => view! { <span class="pic"><img src=address alt="" width="72" height="72" loading="lazy" referrerpolicy="no-referrer"/></span> }.into_any(),
        None => view! {
            <span class="pic">
                <svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
                    <path d=drawing></path>
                </svg>
            </span>
        }
        .into_any(),
    }
}
