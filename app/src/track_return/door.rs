//! "Collect it somewhere else": another door of a pickup that is booked (C48).

use std::sync::Arc;

use domain::order::{Address, AddressDocument};
use leptos::prelude::*;

use super::rma;
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted, SendPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, Frame, load, mistake_at};

/// Where it is collected from now on. The country stays: what leaves it is a return of its own.
pub struct DoorForm;

impl DoorForm {
    /// The page below the return where it stands.
    pub const PAGE: &'static str = "door";
    pub const NAME: &'static str = "name";
    pub const LINE1: &'static str = "line1";
    pub const LINE2: &'static str = "line2";
    pub const POSTAL: &'static str = "postal_code";
    pub const CITY: &'static str = "city";
    pub const REGION: &'static str = "region";
    const ALL: [&'static str; 6] = [Self::NAME, Self::LINE1, Self::LINE2, Self::POSTAL, Self::CITY, Self::REGION];

    /// What was typed, in the country of the door before; with what is wrong with it.
    #[must_use]
    pub fn parse(fields: &Fields, before: Option<&Address>) -> (Address, Vec<Noted>) {
        let text = |name: &str| Some(fields.short(name)).filter(|text| !text.is_empty());
        let country = before.and_then(|before| before.country);
        let document = AddressDocument {
            name: text(Self::NAME),
            country: country.map(|country| country.to_string()),
            region: text(Self::REGION),
            city: text(Self::CITY),
            postal_code: text(Self::POSTAL),
            line1: text(Self::LINE1),
            line2: text(Self::LINE2),
        };
        match Address::parse(&document) {
            Ok(address) => {
                let missing = address.line1.is_none().then(|| noted(Self::LINE1, Mistake::Unanswered));
                (address, missing.into_iter().collect())
            }
            Err(problems) => {
                let field = |field: &str| Self::ALL.into_iter().find(|known| field.ends_with(known)).unwrap_or(Self::LINE1);
                let mistakes = problems.iter().map(|problem| noted(field(&problem.field), Mistake::Unanswered)).collect();
                (Address { country, ..Address::default() }, mistakes)
            }
        }
    }
}

/// `/returns/{rma}/door`
#[component]
pub fn AnotherDoor() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.door_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: SendPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let SendPage { rma, from, mistakes, .. } = page;
    let chip = rma.map(|rma| m.track_chip(rma)).unwrap_or_default();
    let back = format!("/returns/{}", rma.map(|rma| rma.to_string()).unwrap_or_default());
    let from = from.unwrap_or_default();
    let action = format!("{back}/{}", DoorForm::PAGE);
    let [name, line1, line2, postal, city, region] = DoorForm::ALL.map(|name| mistake_at(&mistakes, name));
    let text = |text: Option<String>| text.unwrap_or_default();
    let country = from.country.map(|country| view! { <p class="quiet sm">{m.doorstep_country(country.name())}</p> });
    view! {
        <Frame title=m.doorstep_title() chip=chip lead=m.doorstep_lead()>
            <ErrorSummary mistakes=mistakes/>
            <form class="form" method="post" action=action>
                <Field name=DoorForm::NAME label=m.doorstep_name() hint="" value=text(from.name) wrong=name autocomplete="name" inputmode="text"/>
                <Field name=DoorForm::LINE1 label=m.doorstep_line1() hint="" value=text(from.line1) wrong=line1 autocomplete="address-line1" inputmode="text"/>
                <Field name=DoorForm::LINE2 label=m.doorstep_line2() hint=m.doorstep_line2_hint() value=text(from.line2) wrong=line2 autocomplete="address-line2" inputmode="text"/>
                <Field name=DoorForm::POSTAL label=m.doorstep_postal() hint="" value=text(from.postal_code) wrong=postal autocomplete="postal-code" inputmode="text"/>
                <Field name=DoorForm::CITY label=m.doorstep_city() hint="" value=text(from.city) wrong=city autocomplete="address-level2" inputmode="text"/>
                <Field name=DoorForm::REGION label=m.doorstep_region() hint="" value=text(from.region) wrong=region autocomplete="address-level1" inputmode="text"/>
                {country}
                <p class="acts"><button class="btn" type="submit">{m.doorstep_save()}</button> <a class="btn second" href=back>{m.shell_back()}</a></p>
            </form>
        </Frame>
    }
}
