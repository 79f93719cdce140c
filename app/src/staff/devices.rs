//! Devices of the house that people share, and how one becomes such.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::people::{PersonForm, warehouses_of};
use crate::forms::Fields;
use crate::ports::{DeviceView, DevicesPage, PairPage, PairingView};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, Frame, Qr, load, mistake_at};

/// What is said of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceForm {
    pub name: String,
    pub warehouses: Vec<String>,
    pub typed_warehouses: String,
}

impl DeviceForm {
    /// What is typed on the device.
    pub const CODE: &str = "code";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let typed_warehouses = fields.short(PersonForm::WAREHOUSES);
        Self { name: fields.short(PersonForm::NAME), warehouses: warehouses_of(&typed_warehouses), typed_warehouses }
    }
}

/// `/staff/devices`
#[component]
pub fn Devices() -> impl IntoView {
    let desk = desk();
    load(async move { desk.devices_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: DevicesPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let name_wrong = mistake_at(&page.mistakes, PersonForm::NAME);
    let devices: Vec<_> = page.devices.iter().cloned().map(|device| view! { <Device device=device/> }).collect();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Devices title=m.staff_devices()>
            <p class="quiet">{m.staff_devices_text()}</p>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            {page.pairing.clone().map(|pairing| view! { <Pairing pairing=pairing/> })}
            <details class="card" open=!page.mistakes.is_empty()>
                <summary><h2 class="h">{m.staff_devices_add()}</h2></summary>
                <form class="form" method="post" action="/staff/devices">
                    <Field name=PersonForm::NAME label=m.staff_person_name() hint=m.staff_device_name_hint() value=page.name.clone() wrong=name_wrong autocomplete="off" inputmode="text"/>
                    <Field name=PersonForm::WAREHOUSES label=m.staff_person_warehouses() hint=m.staff_device_warehouses_hint() value=page.warehouses.clone() wrong=None autocomplete="off" inputmode="text"/>
                    <p class="acts"><button class="btn" type="submit">{m.staff_devices_add()}</button></p>
                </form>
            </details>
            {if devices.is_empty() { view! { <p class="quiet">{m.staff_devices_none()}</p> }.into_any() } else { view! { <ul class="people">{devices}</ul> }.into_any() }}
        </StaffFrame>
    }
}

#[component]
fn Pairing(pairing: PairingView) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let PairingView { name, code, address, link } = pairing;
    view! {
        <section class="card factor" role="status">
            <p>{m.staff_pairing_text(address, name)}</p>
            <p><b class="key">{code}</b></p>
            <Qr text=link label=m.staff_pairing_qr()/>
        </section>
    }
}

#[component]
fn Device(device: DeviceView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DeviceView { id, name, warehouses, paired_at, used_at } = device;
    let warehouses =
        (!warehouses.is_empty()).then(|| view! { <span class="block quiet sm">{m.staff_limit_warehouses(m.list(&warehouses))}</span> });
    view! {
        <li class="card">
            <p><b class="name">{name}</b>{warehouses}<span class="block quiet sm">{m.staff_device_since(say.f.moment(paired_at), say.f.moment(used_at))}</span></p>
            <form method="post" action=format!("/staff/devices/{id}/end")><p class="acts"><button class="btn danger" type="submit">{m.staff_device_end()}</button></p><p class="quiet sm">{m.staff_device_end_text()}</p></form>
        </li>
    }
}

/// `/staff/pair`
#[component]
pub fn Pair() -> impl IntoView {
    let desk = desk();
    // From the QR code.
    let scanned = use_query_map().with_untracked(|query| query.get("code").unwrap_or_default()).chars().take(20).collect::<String>();
    load(async move { desk.pair_page().await }, move |page| {
        let code = if page.code.is_empty() { scanned } else { page.code.clone() };
        view! { <PairThis page=PairPage { code, ..page }/> }
    })
}

#[component]
fn PairThis(page: PairPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let wrong = mistake_at(&page.mistakes, DeviceForm::CODE);
    view! {
        <Frame title=m.staff_pair_title() lead=m.staff_pair_lead()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            {page.paired.clone().map(|name| view! { <p class="quiet">{m.staff_pair_already(name)}</p> })}
            <form class="card form" method="post" action="/staff/pair">
                <Field name=DeviceForm::CODE label=m.staff_pair_code() hint="" value=page.code.clone() wrong=wrong autocomplete="off" inputmode="text"/>
                <p class="acts"><button class="btn" type="submit">{m.staff_pair_action()}</button></p>
            </form>
        </Frame>
    }
}
