//! What pages of people at work stand in: the rail with the rooms, and what was just done.

use std::sync::Arc;

use domain::money::Money;
use domain::returns::{CommandKind, Role};
use domain::staff::Room;
use leptos::prelude::*;
use leptos_meta::Title;

use super::keys::{self, Key, Keys, QUEUE};
use super::leaving::Leaving;
use super::scanner::Scanner;
use crate::ports::{Place, Rail, ShopFront, StaffTold};
use crate::say::Say;
use crate::ui::{Copy, Icon, Languages, Rehearsal, Symbol, escaped};

/// Field of the box that finds returns.
pub(super) const TEXT: &str = "q";

/// Field of the command that is taken back.
pub const TAKEN_BACK: &str = "command";

/// Which room a page is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    Queue,
    Coming,
    Payments,
    Parcels,
    Stock,
    Claims,
    Compensations,
    Privacy,
    Dock,
    Repairs,
    Replies,
    Macros,
    Rules,
    People,
    Devices,
    Messages,
    Deliveries,
    Feedback,
    Pickups,
    Me,
}

/// A page's frame. The heading is also the window's title.
#[component]
pub fn StaffFrame(
    rail: Rail,
    here: Here,
    /// The heading, as text.
    #[prop(into)]
    title: String,
    /// Above the heading.
    #[prop(optional, into)]
    over: Option<String>,
    /// What was looked for.
    #[prop(optional, into)]
    sought: String,
    children: Children,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let shop = expect_context::<Arc<ShopFront>>();
    let place = use_context::<Place>().unwrap_or_default();
    let m = say.m;
    let name = shop.name.get(m.locale).unwrap_or_default().to_owned();
    let room = |room: Here, to: &'static str, text: &'static str, key: Option<&'static str>, count: Option<u64>| {
        let current = (here == room).then_some("page");
        view! {
            <li><a href=to aria-current=current data-key=key data-name=key.map(|_| text) aria-keyshortcuts=key>
                <span>{text} {key.map(|key| view! { " " <Key key=key/> })}</span>
                {count.map(|count| view! { <span class="num">{say.count(count)}</span> })}
            </a></li>
        }
    };
    let roles = m.list(&rail.roles.iter().map(|role| say.role(role)).collect::<Vec<_>>());
    let told = rail.told.clone().map(|told| view! { <Told told=told/> });
    view! {
        <Title text=escaped(&format!("{title} · {name}"))/>
        <a class="skip" href="#content">{m.shell_skip()}</a>
        <div class="desk">
            <header class="rail">
                <a class="mark" href="/staff">{match shop.logo.clone() {
                    Some(logo) => view! { <img class="own-logo" src=logo alt="" height="32"/> }.into_any(),
                    None => view! { <span class="logo"><Icon symbol=Symbol::Home/></span> }.into_any(),
                }}<span>{name.clone()}</span></a>
                <form class="find" role="search" action="/staff/search">
                    <label class="sr" for="find">{m.staff_search()}</label>
                    <input id="find" type="search" name=TEXT value=sought placeholder=m.staff_search_hint() maxlength="100" autocomplete="off" data-key=keys::FIND data-name=m.staff_search() aria-keyshortcuts=keys::FIND/>
                </form>
                <nav aria-label=m.staff_rooms()>
                    <ul>
                        {room(Here::Queue, "/staff", m.staff_queue(), Some(QUEUE), Some(rail.open))}
                        {room(Here::Coming, "/staff/coming", m.staff_coming(), None, None)}
                        {Room::Payments.is_for(rail.roles.iter()).then(|| room(Here::Payments, "/staff/payments", m.settle_room(), None, None))}
                        {Room::Parcels.is_for(rail.roles.iter()).then(|| room(Here::Parcels, "/staff/parcels", m.stray_room(), None, None))}
                        {Room::Pickups.is_for(rail.roles.iter()).then(|| room(Here::Pickups, "/staff/pickups", m.pickups_room(), None, None))}
                        {Room::Stock.is_for(rail.roles.iter()).then(|| room(Here::Stock, "/staff/stock", m.stock_room(), None, None))}
                        {Room::Claims.is_for(rail.roles.iter()).then(|| room(Here::Claims, "/staff/claims", m.claim_room(), None, None))}
                        {Room::Compensations.is_for(rail.roles.iter()).then(|| room(Here::Compensations, "/staff/compensations", m.gift_room(), None, None))}
                        {(rail.roles.is_admin() || rail.roles.has(Role::Warehouse)).then(|| room(Here::Dock, "/staff/dock", m.bench_title(), None, None))}
                        {Room::Repairs.is_for(rail.roles.iter()).then(|| room(Here::Repairs, "/staff/repairs", m.repair_room(), None, None))}
                        {Room::Feedback.is_for(rail.roles.iter()).then(|| room(Here::Feedback, "/staff/reports/feedback", m.feedback_room(), None, None))}
                        {(rail.roles.is_admin() || rail.roles.has(Role::Support)).then(|| room(Here::Replies, "/staff/replies", m.desk_replies(), None, None))}
                        {room(Here::Macros, "/staff/macros", m.desk_macros(), None, None)}
                        {rail.roles.is_admin().then(|| room(Here::Rules, "/staff/rules", m.desk_rules(), None, None))}
                        {rail.roles.is_admin().then(|| room(Here::People, "/staff/people", m.staff_people(), None, None))}
                        {rail.roles.is_admin().then(|| room(Here::Devices, "/staff/devices", m.staff_devices(), None, None))}
                        {Room::Messages.is_for(rail.roles.iter()).then(|| room(Here::Messages, "/staff/settings/messages", m.wording_room(), None, None))}
                        {Room::Privacy.is_for(rail.roles.iter()).then(|| room(Here::Privacy, "/staff/privacy", m.privacy_room(), None, None))}
                        {Room::Deliveries.is_for(rail.roles.iter()).then(|| room(Here::Deliveries, "/staff/settings/deliveries", m.deliveries_room(), None, None))}
                    </ul>
                </nav>
                <div class="whose">
                    <a href="/staff/me" aria-current=(here == Here::Me).then_some("page")><b>{rail.name.clone()}</b></a>
                    <span class="quiet">{roles}</span>
                    <Languages path=place.path.clone()/>
                    <form method="post" action="/staff/sign-out" data-clerk=rail.id.clone() data-lost=m.bench_leave("{n}")><button class="link" type="submit">{m.staff_sign_out()}</button></form>
                </div>
            </header>
            <main id="content" class="bench">
                {told}
                {over.map(|over| view! { <p class="quiet sm over">{over}</p> })}
                <h1>{title}</h1>
                {children()}
                {shop.demo.then(|| view! { <footer class="bottom"><Rehearsal next=place.path.clone()/></footer> })}
            </main>
        </div>
        <Scanner/>
        <Leaving/>
        <Keys/>
        <p class="wait" id="wait" role="status" data-text=m.shell_wait()></p>
    }
}

/// What was just done.
#[component]
fn Told(told: StaffTold) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let text = match &told {
        StaffTold::Done { rma, command, .. } => {
            let kind = CommandKind::TABLE.iter().find(|row| row.code == command).map(|row| row.kind);
            m.staff_told_done(rma, kind.map(|kind| say.done(kind)).unwrap_or_default())
        }
        StaffTold::Handed { rma, what } => {
            let what = match what.as_str() {
                "me" => m.staff_handed_me(),
                "nobody" => m.staff_handed_nobody(),
                "sleep" => m.staff_handed_sleep(),
                "wake" => m.staff_handed_wake(),
                _ => m.staff_handed_colleague(),
            };
            m.staff_told_done(rma, what)
        }
        StaffTold::GivenBack { order, currency, amount } => m.staff_told_given(say.f.money(Money::new(*amount, *currency)), order),
        StaffTold::Compared { number, found } => m.difference_told(*found, format!("K{number}")),
        StaffTold::TransfersMade { number, left_out } => match *left_out {
            0 => m.transfer_told(format!("T{number}")),
            left_out => m.transfer_told_but(left_out, format!("T{number}")),
        },
        StaffTold::AlertSaved => m.stock_told_alert().into(),
        StaffTold::BatchRun { done, not } => m.stock_told_run(*done, *not),
        StaffTold::Erased => m.privacy_told().to_owned(),
        StaffTold::CompensationDecided { given } => if *given { m.gift_told_given() } else { m.gift_told_refused() }.to_owned(),
        StaffTold::ClaimOpened { number } => m.claim_told(format!("C{number}")),
        StaffTold::Shelved { number } => m.stray_told_shelved(format!("P{number}")),
        StaffTold::ParcelChanged { number } => m.staff_told_changed(format!("P{number}")),
        StaffTold::ParcelLinked { rma, number } => m.stray_told_linked(format!("P{number}"), rma),
        StaffTold::ParcelEnded { number } => m.stray_told_ended(format!("P{number}")),
        StaffTold::RepairChanged { number } => m.staff_told_changed(format!("R{number}")),
        StaffTold::Already { rma } => m.staff_told_already(rma),
        StaffTold::Link { name, .. } => m.staff_told_link(name),
        StaffTold::Changed { name } => m.staff_told_changed(name),
        StaffTold::Acted { rma, name, .. } => m.staff_told_done(rma, name),
        StaffTold::Saved { name } => m.desk_told_saved(name),
        StaffTold::Deleted => m.desk_told_deleted().into(),
        StaffTold::Ended { name } => m.staff_told_ended(name),
        StaffTold::SignedOut { name } => m.staff_person_signed_out(name),
        StaffTold::SessionsEnded => m.staff_told_sessions().into(),
        StaffTold::PasswordChanged => m.staff_told_password().into(),
        StaffTold::FactorChanged => m.staff_told_factor().into(),
        // Its own page shows it, with what to do.
        StaffTold::Pairing { name, code } => format!("{name}: {code}"),
        StaffTold::DeviceEnded { name } => m.staff_told_device_ended(name),
        StaffTold::SentAgain { count } => m.deliveries_told(*count),
    };
    let to = match &told {
        StaffTold::Done { rma, .. } | StaffTold::Acted { rma, .. } | StaffTold::Already { rma } | StaffTold::Handed { rma, .. } => {
            Some(view! { <a href=format!("/staff/returns/{rma}")>{m.staff_told_look()}</a> }.into_any())
        }
        StaffTold::Link { address, .. } => {
            Some(view! { <span class="address"><code>{address.clone()}</code> <Copy text=address.clone() what=m.staff_told_link_what()/></span> }.into_any())
        }
        _ => None,
    };
    let undo = match &told {
        StaffTold::Done { rma, undo: Some(command), .. } | StaffTold::Acted { rma, undo: Some(command), .. } => Some(view! {
            <form class="undo" method="post" action=format!("/staff/returns/{rma}/take-back")>
                <input type="hidden" name=TAKEN_BACK value=command.clone()/>
                <button class="btn second small" type="submit" data-key=keys::UNDO aria-keyshortcuts=keys::UNDO>{m.staff_told_undo()} " " <Key key=keys::UNDO/></button>
            </form>
        }),
        _ => None,
    };
    view! { <div class="told"><p role="status"><Icon symbol=Symbol::Check/><span>{text} " " {to}</span></p>{undo}</div> }
}
