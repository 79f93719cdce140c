//! Doors that are called at on a day, as who goes round sees them, and the areas in which somebody does (B9, C48).

use std::collections::BTreeMap;

use domain::ids::{Code, CountryCode};
use domain::pickup::{AreaWrong, DoorState, PickupArea, SlotRoom};
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{DoorView, Mistake, Noted, PickupsPage, RoundView};
use crate::say::Say;
use crate::ui::{Copy, ErrorSummary, FieldError, field_id, load, mistake_at};

/// An area, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaForm;

impl AreaForm {
    pub const ID: &'static str = "area";
    pub const NAME: &'static str = "name";
    pub const COUNTRY: &'static str = "country";
    pub const PREFIXES: &'static str = "prefixes";
    pub const WEEKDAYS: &'static str = "weekdays";
    pub const SLOTS: &'static str = "slots";
    pub const CLOSED: &'static str = "closed";
    /// Of which area a courier gets the link.
    pub const ROUND: &'static str = "round";
    /// The day that is shown.
    pub const DAY: &'static str = "day";
    const ALL: [&'static str; 7] = [Self::ID, Self::NAME, Self::COUNTRY, Self::PREFIXES, Self::WEEKDAYS, Self::SLOTS, Self::CLOSED];

    /// Parts of what is typed in one field.
    fn parts(text: &str) -> impl Iterator<Item = &str> {
        text.split([',', '，', '、', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty())
    }

    /// `09-12: 20` as a slot with room for twenty.
    fn slot(text: &str) -> Option<SlotRoom> {
        let (slot, room) = text.split_once([':', '：'])?;
        Some(SlotRoom { slot: slot.trim().to_owned(), room: room.trim().parse().ok()? })
    }

    /// What was sent; every mistake at its field.
    pub fn parse(fields: &Fields) -> Result<PickupArea, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let id: Option<Code> = fields.get(Self::ID).parse().ok();
        let country: Option<CountryCode> = fields.get(Self::COUNTRY).to_uppercase().parse().ok();
        for (field, there) in [(Self::ID, id.is_some()), (Self::COUNTRY, country.is_some())] {
            if !there {
                mistakes.push(noted(field, Mistake::Unanswered));
            }
        }
        let slots: Option<Vec<SlotRoom>> = Self::parts(fields.get(Self::SLOTS)).map(Self::slot).collect();
        let closed: Option<Vec<Date>> = Self::parts(fields.get(Self::CLOSED)).map(|day| day.parse().ok()).collect();
        for (wrong, there) in [(AreaWrong::Slots, slots.is_some()), (AreaWrong::Closed, closed.is_some())] {
            if !there {
                mistakes.push(noted(wrong.field(), Mistake::PickupArea { field: wrong.field().to_owned() }));
            }
        }
        let (Some(id), Some(country), Some(slots), Some(closed)) = (id, country, slots, closed) else { return Err(mistakes) };
        let area = PickupArea {
            id,
            name: fields.get(Self::NAME).to_owned(),
            country,
            prefixes: Self::parts(fields.get(Self::PREFIXES)).map(str::to_owned).collect(),
            weekdays: fields.all(Self::WEEKDAYS).filter_map(|day| day.parse().ok()).collect(),
            slots,
            closed,
        };
        area.tidy().map_err(|wrong| vec![noted(wrong.field(), Mistake::PickupArea { field: wrong.field().to_owned() })])
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let value = |name: &str| {
            let all: Vec<&str> = fields.all(name).filter(|value| !value.is_empty()).collect();
            (!all.is_empty()).then(|| (name.to_owned(), all.join(",")))
        };
        Self::ALL.into_iter().filter_map(value).collect()
    }

    /// An area that is there, as it would be typed.
    fn of(area: &PickupArea) -> BTreeMap<String, String> {
        let slots: Vec<String> = area.slots.iter().map(|slot| format!("{}: {}", slot.slot, slot.room)).collect();
        let days: Vec<String> = area.weekdays.iter().map(ToString::to_string).collect();
        let closed: Vec<String> = area.closed.iter().map(ToString::to_string).collect();
        [
            (Self::ID, area.id.to_string()),
            (Self::NAME, area.name.clone()),
            (Self::COUNTRY, area.country.to_string()),
            (Self::PREFIXES, area.prefixes.join(", ")),
            (Self::WEEKDAYS, days.join(",")),
            (Self::SLOTS, slots.join(", ")),
            (Self::CLOSED, closed.join(", ")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The day that is asked for.
    #[must_use]
    pub fn day(fields: &Fields) -> Option<Date> {
        fields.get(Self::DAY).parse::<Date>().ok().filter(|day| (1970..=9990).contains(&day.year()))
    }
}

impl Say {
    fn door_state(&self, state: DoorState) -> &'static str {
        match state {
            DoorState::Booked => self.m.pickups_booked(),
            DoorState::Collected => self.m.pickups_collected(),
            DoorState::Missed => self.m.pickups_missed(),
        }
    }
}

/// `/staff/pickups`
#[component]
pub fn Pickups() -> impl IntoView {
    let desk = desk();
    let fields =
        use_query_map().with_untracked(|query| Fields::sent(query.clone().into_iter().map(|(name, value)| (name.to_string(), value))));
    let day = AreaForm::day(&fields);
    load(async move { desk.pickups_page(day).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: PickupsPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let PickupsPage { rail, day, today, doors, areas, rounds, can_give, typed, mistakes } = page;
    let rounds = (can_give && !areas.is_empty() || !rounds.is_empty())
        .then(|| view! { <Rounds day=day areas=areas.clone() rounds=rounds can_give=can_give/> });
    let none = doors.is_empty();
    let left = doors.iter().filter(|door| door.state == DoorState::Booked).count() as u64;
    // What is of a day that has not come cannot have been collected.
    let can = day <= today;
    let doors: Vec<_> = doors.into_iter().map(|door| view! { <Door door=door day=day can=can/> }).collect();
    let changed = typed.get(AreaForm::ID).cloned();
    let known: Vec<_> = areas
        .iter()
        .map(|area| {
            let here = changed.as_deref() == Some(area.id.as_str());
            let (typed, mistakes) = if here { (typed.clone(), mistakes.clone()) } else { (AreaForm::of(area), Vec::new()) };
            view! {
                <details class="card" open=here>
                    <summary><b class="name">{area.name.clone()}</b> " " <span class="quiet sm">{area.country.name().to_owned()} " · " {m.pickups_slots_of(area.slots.len() as u64)}</span></summary>
                    <Area typed=typed mistakes=mistakes known=true/>
                    <form method="post" action=format!("/staff/pickups/areas/{}/delete", area.id)><p class="acts"><button class="btn second" type="submit">{m.pickups_delete()}<span class="sr">" " {area.name.clone()}</span></button></p></form>
                </details>
            }
        })
        .collect();
    let is_new =
        changed.as_ref().is_some_and(|id| !areas.iter().any(|area| area.id.as_str() == id)) || (changed.is_none() && !mistakes.is_empty());
    let (new_typed, new_mistakes) = if is_new { (typed, mistakes.clone()) } else { (BTreeMap::new(), Vec::new()) };
    let id = field_id(AreaForm::DAY);
    view! {
        <StaffFrame rail=rail here=Here::Pickups title=m.pickups_title(say.f.date(day))>
            <ErrorSummary mistakes=mistakes/>
            <form class="form" action="/staff/pickups">
                <p class="field"><label for=id.clone()>{m.pickups_day()}</label><input id=id type="date" name=AreaForm::DAY value=day.to_string()/></p>
                <p class="acts"><button class="btn second" type="submit">{m.pickups_show()}</button></p>
            </form>
            {if none {
                view! { <section class="card empty"><p class="quiet">{m.pickups_none()}</p></section> }.into_any()
            } else {
                view! {
                    <p class="quiet">{m.pickups_left(left)}</p>
                    <ul class="others card">{doors}</ul>
                    <p><a href=format!("/staff/pickups/file?day={day}")>{m.pickups_file()}</a></p>
                }.into_any()
            }}
            {rounds}
            <section>
                <h2 class="h">{m.pickups_areas()}</h2>
                <p class="quiet">{m.pickups_areas_text()}</p>
                {known}
                <details class="card" open=is_new>
                    <summary>{m.pickups_new()}</summary>
                    <Area typed=new_typed mistakes=new_mistakes known=false/>
                </details>
            </section>
        </StaffFrame>
    }
}

/// Links that couriers were given, and one more.
#[component]
fn Rounds(day: Date, areas: Vec<PickupArea>, rounds: Vec<RoundView>, can_give: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rounds: Vec<_> = rounds
        .into_iter()
        .map(|round| {
            let RoundView { id, area, url, until } = round;
            view! {
                <li>
                    <b>{area.clone()}</b> " " <span class="quiet sm">{m.pickups_round_until(say.f.moment(until))}</span>
                    <p class="name"><a href=url.clone()>{url.clone()}</a> " " <Copy text=url what=area.clone()/></p>
                    <form method="post" action=format!("/staff/pickups/rounds/{id}/withdraw")>
                        <input type="hidden" name=AreaForm::DAY value=day.to_string()/>
                        <p class="acts"><button class="btn second" type="submit">{m.pickups_withdraw()}<span class="sr">" " {area}</span></button></p>
                    </form>
                </li>
            }
        })
        .collect();
    let id = field_id(AreaForm::ROUND);
    let options: Vec<_> = areas.into_iter().map(|area| view! { <option value=area.id.to_string()>{area.name}</option> }).collect();
    let give = (can_give && !options.is_empty()).then(|| {
        view! {
            <form class="form" method="post" action="/staff/pickups/rounds">
                <input type="hidden" name=AreaForm::DAY value=day.to_string()/>
                <p class="field"><label for=id.clone()>{m.pickups_round_area()}</label><select id=id name=AreaForm::ROUND>{options}</select></p>
                <p class="acts"><button class="btn second" type="submit">{m.pickups_give()}</button></p>
            </form>
        }
    });
    view! {
        <section class="card" id="rounds">
            <h2 class="h">{m.pickups_rounds()}</h2>
            <p class="quiet">{m.pickups_rounds_text()}</p>
            <ul class="others">{rounds}</ul>
            {give}
        </section>
    }
}

#[component]
fn Door(door: DoorView, day: Date, can: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DoorView { rma, state, area, slot, name, address, phone, units, note, .. } = door;
    let note = note.map(|note| view! { <p class="quiet">{m.wish_words(note)}</p> });
    let lines: Vec<_> = address
        .map(|address| say.f.address(&address))
        .unwrap_or_default()
        .into_iter()
        .map(|line| view! { <span class="block">{line}</span> })
        .collect();
    let call = phone.map(|phone| view! { <p><a href=format!("tel:{}", phone.replace(' ', ""))>{phone.clone()}</a></p> });
    let open = state == DoorState::Booked && can;
    let act = |what: DoorState, class: &'static str, text: &'static str| {
        view! {
            <form method="post" action=format!("/staff/pickups/{rma}/{}", what.code())>
                <input type="hidden" name=AreaForm::DAY value=day.to_string()/>
                <button class=class type="submit">{text}<span class="sr">" " {rma.to_string()}</span></button>
            </form>
        }
    };
    let acts = open.then(|| {
        view! { <div class="acts">{act(DoorState::Collected, "btn", m.pickups_collect())} {act(DoorState::Missed, "btn second", m.pickups_miss())}</div> }
    });
    view! {
        <li>
            <b class="num">{say.slot(&slot)}</b> " " <b>{name.unwrap_or_default()}</b> " " <span class="chip" class:heed={state == DoorState::Missed}>{say.door_state(state)}</span>
            <address>{lines}</address>
            {call}
            <span class="quiet sm">{rma.to_string()} " · " {m.pickups_units(u64::from(units))} " · " {area}</span>
            {note}
            {acts}
        </li>
    }
}

/// The form of an area.
#[component]
fn Area(typed: BTreeMap<String, String>, mistakes: Vec<Noted>, known: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let suffix = if known { value(AreaForm::ID) } else { "new".to_owned() };
    let line = |name: &'static str, label: &'static str, hint: Option<&'static str>, longest: usize| {
        // The summary of what is wrong leads to the form that was sent.
        let id = if mistakes.is_empty() { format!("{}-{suffix}", field_id(name)) } else { field_id(name) };
        let error = id.clone();
        let hint = hint.map(|hint| view! { <span class="quiet sm block">{hint}</span> });
        view! {
            <p class="field"><label for=id.clone()>{label}</label>{hint}<FieldError mistake=mistake_at(&mistakes, name) id=error/><input id=id name=name value=value(name) maxlength=longest autocomplete="off"/></p>
        }
    };
    let chosen: Vec<i8> = value(AreaForm::WEEKDAYS).split(',').filter_map(|day| day.parse().ok()).collect();
    let days: Vec<_> = (1_i8..=7)
        .zip(m.format_weekdays())
        .map(|(day, name)| {
            let on = chosen.contains(&day) || (!known && chosen.is_empty() && day <= 5);
            view! { <label><input class="check" type="checkbox" name=AreaForm::WEEKDAYS value=day.to_string() checked=on/> {*name}</label> " " }
        })
        .collect();
    let its_name = match known {
        true => view! { <input type="hidden" name=AreaForm::ID value=value(AreaForm::ID)/> }.into_any(),
        false => line(AreaForm::ID, m.pickups_id(), Some(m.pickups_id_hint()), 100).into_any(),
    };
    view! {
        <form class="form" method="post" action="/staff/pickups/areas">
            {its_name}
            {line(AreaForm::NAME, m.pickups_name(), None, 100)}
            {line(AreaForm::COUNTRY, m.pickups_country(), Some(m.pickups_country_hint()), 2)}
            {line(AreaForm::PREFIXES, m.pickups_prefixes(), Some(m.pickups_prefixes_hint()), 2_500)}
            {line(AreaForm::SLOTS, m.pickups_slots(), Some(m.pickups_slots_hint()), 300)}
            <fieldset class="field"><legend>{m.pickups_weekdays()}</legend><FieldError mistake=mistake_at(&mistakes, AreaForm::WEEKDAYS) id=format!("{}-{suffix}", field_id(AreaForm::WEEKDAYS))/>{days}</fieldset>
            {line(AreaForm::CLOSED, m.pickups_closed(), Some(m.pickups_closed_hint()), 1_000)}
            <p class="acts"><button class="btn second" type="submit">{m.pickups_save()}</button></p>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_typed_as_it_is_shown() {
        let fields = Fields::sent(
            [
                ("area", "berlin"),
                ("name", "Berlin"),
                ("country", "de"),
                ("prefixes", "10, 12，13"),
                ("slots", "09-12: 20, 13-18：5"),
                ("weekdays", "1"),
                ("weekdays", "2"),
                ("closed", "2026-12-25"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let area = AreaForm::parse(&fields).unwrap();
        assert_eq!((area.prefixes.len(), area.room("09-12"), area.room("13-18"), area.weekdays.clone()), (3, 20, 5, vec![1, 2]));
        let again = AreaForm::of(&area);
        assert_eq!(again[AreaForm::SLOTS], "09-12: 20, 13-18: 5");
        let field_of = |name: &str, value: &str| {
            let all = fields_with(&fields, name, value);
            AreaForm::parse(&all).unwrap_err().into_iter().map(|noted| noted.field).collect::<Vec<_>>()
        };
        for (name, value) in
            [("area", ""), ("country", "XX1"), ("slots", "morning"), ("slots", ""), ("closed", "soon"), ("name", ""), ("prefixes", "---")]
        {
            assert_eq!(field_of(name, value), [name], "{name}: {value}");
        }
    }

    fn fields_with(fields: &Fields, name: &str, value: &str) -> Fields {
        let others = AreaForm::ALL.into_iter().filter(|known| *known != name);
        let kept = others.flat_map(|known| fields.all(known).map(move |value| (known.to_owned(), value.to_owned())));
        Fields::sent(kept.chain([(name.to_owned(), value.to_owned())]))
    }
}
