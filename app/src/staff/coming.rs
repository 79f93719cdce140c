//! What is coming, and what is due (B19).

use domain::money::Money;
use leptos::prelude::*;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::ports::ComingPage;
use crate::say::Say;
use crate::ui::load;

/// `/staff/coming`
#[component]
pub fn Coming() -> impl IntoView {
    let desk = desk();
    load(async move { desk.coming_page().await }, |page| view! { <Days page=page/> })
}

#[component]
fn Days(page: ComingPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let sums = |money: &[Money]| {
        let all: Vec<String> = money.iter().map(|amount| say.f.money(*amount)).collect();
        if all.is_empty() { "–".to_owned() } else { m.list(&all) }
    };
    let count = |count: u64| if count == 0 { "–".to_owned() } else { say.count(count) };
    let late = (page.parcels_late > 0 || !page.money_late.is_empty()).then(|| {
        view! { <tr class="late"><th scope="row">{m.staff_coming_late()}</th><td class="num">{count(page.parcels_late)}</td><td class="num">{sums(&page.money_late)}</td></tr> }
    });
    let rows: Vec<_> = page
        .days
        .iter()
        .map(|day| view! { <tr><th scope="row">{say.f.date(day.day)}</th><td class="num">{count(day.parcels)}</td><td class="num">{sums(&day.money)}</td></tr> })
        .collect();
    let overdue: Vec<_> = page
        .overdue
        .iter()
        .map(|(kind, many)| view! { <li><span>{say.task(*kind)}</span><b class="num">{say.count(*many)}</b></li> })
        .collect();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Coming title=m.staff_coming()>
            <div class="pair">
                <section class="card">
                    <table class="table">
                        <caption class="sr">{m.staff_coming()}</caption>
                        <thead><tr><th scope="col">{m.staff_coming_day()}</th><th scope="col" class="num">{m.staff_coming_parcels()}</th><th scope="col" class="num">{m.staff_coming_money()}</th></tr></thead>
                        <tbody>{late}{rows}</tbody>
                    </table>
                    {page.more.then(|| view! { <p class="quiet sm">{m.staff_coming_more()}</p> })}
                </section>
                <section class="card">
                    <h2 class="h">{m.staff_coming_overdue()}</h2>
                    {if overdue.is_empty() {
                        view! { <p class="quiet">{m.staff_coming_nothing_late()}</p> }.into_any()
                    } else {
                        view! { <ul class="counts">{overdue}</ul> }.into_any()
                    }}
                </section>
            </div>
        </StaffFrame>
    }
}
