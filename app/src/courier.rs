//! A courier's round on their phone: where to go next, whom to ask for, what to take, and what came of it (C48). It works as plain forms, and without
//! network through `public/round/worker.js`, which keeps the page and what is said on it.

use std::sync::Arc;

use domain::pickup::DoorState;
use jiff::Timestamp;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::forms::Fields;
use crate::ports::{DoorView, RoundPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};

/// What is said at a door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopForm {
    pub what: Option<DoorState>,
    /// In the courier's words, for people at work.
    pub note: Option<String>,
    /// When, as the phone says it.
    pub when: Option<Timestamp>,
}

impl StopForm {
    pub const WHAT: &'static str = "what";
    pub const NOTE: &'static str = "note";
    pub const WHEN: &'static str = "when";
    /// The question in the page's address that names a door that is not on the round any more.
    pub const AWAY: &'static str = "away";
    /// Characters of a note.
    pub const LONGEST: usize = 300;

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let note: String = fields.get(Self::NOTE).chars().take(Self::LONGEST).collect();
        Self {
            what: fields.get(Self::WHAT).parse().ok().filter(|what| *what != DoorState::Booked),
            note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
            when: fields.get(Self::WHEN).parse().ok().and_then(|when| Timestamp::from_millisecond(when).ok()),
        }
    }
}

/// `/round/{link}`
#[component]
pub fn CourierRound() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let link = use_params_map().with_untracked(|params| params.get("link").unwrap_or_default());
    load(async move { desk.round_page(&link).await }, |page| view! { <Stops page=page/> })
}

#[component]
fn Stops(page: RoundPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let away = use_query_map().with_untracked(|query| query.get(StopForm::AWAY)).filter(|rma| rma.len() <= 20);
    let away = away.map(|rma| view! { <p class="note heed" role="alert">{m.courier_away(rma)}</p> });
    let RoundPage { link, area, day, can_say, until, stops } = page;
    let left = stops.iter().filter(|stop| stop.state == DoorState::Booked).count();
    let next = stops.iter().position(|stop| stop.state == DoorState::Booked);
    let none = stops.is_empty();
    let lead = if none { m.courier_none().to_owned() } else { m.courier_left(left as u64) };
    let here = format!("/round/{link}");
    let stops: Vec<_> = stops
        .into_iter()
        .enumerate()
        .map(|(place, stop)| view! { <Stop here=here.clone() place=place + 1 next=next == Some(place) can_say=can_say stop=stop/> })
        .collect();
    let early = (!can_say && !none).then(|| view! { <p class="note">{m.courier_early()}</p> });
    view! {
        <Frame title=m.courier_title(say.f.date(day)) chip=area lead=lead>
            {away}
            {early}
            <section class="note heed" id="waits" role="status" hidden data-here=here data-waiting=m.courier_waiting() data-away=m.courier_away("{rma}")>
                <p data-offline="" hidden>{m.courier_offline()}</p>
                <p data-mine=m.courier_waits("{n}")></p>
                <ul data-list=""></ul>
                <p class="acts"><button class="btn second" type="button" data-send="">{m.bench_send()}</button></p>
            </section>
            <ol class="stops">{stops}</ol>
            <p class="quiet sm">{m.courier_until(say.f.moment(until))}</p>
        </Frame>
        <script nonce=nonce>{SCRIPT}</script>
    }
}

#[component]
fn Stop(here: String, place: usize, next: bool, can_say: bool, stop: DoorView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DoorView { rma, state, slot, name, address, phone, units, things, tracking, note, .. } = stop;
    // The name stands above it.
    let address = address.map(|address| domain::order::Address { name: None, ..address });
    let lines: Vec<_> = address
        .map(|address| say.f.address_within(&address))
        .unwrap_or_default()
        .into_iter()
        .map(|line| view! { <span class="block">{line}</span> })
        .collect();
    let who = name.clone().unwrap_or_default();
    let call = phone.map(|phone| {
        view! { <p class="acts"><a class="btn second" href=format!("tel:{}", phone.replace(' ', ""))>{m.courier_call()} "\u{a0}" <span class="num">{phone.clone()}</span></a></p> }
    });
    let things: Vec<_> = things.into_iter().map(|(name, units)| view! { <li>{m.courier_thing(units.to_string(), name)}</li> }).collect();
    let parcel = tracking.map(|number| view! { <span class="block quiet sm">{m.courier_parcel(number)}</span> });
    let chip = match state {
        DoorState::Booked => None,
        DoorState::Collected => Some(("chip good", m.pickups_collected())),
        DoorState::Missed => Some(("chip heed", m.pickups_missed())),
    };
    let action = format!("{here}/{rma}");
    let named = format!("{rma} {who}");
    let collect = (can_say && state != DoorState::Collected).then(|| {
        view! {
            <form method="post" action=action.clone()>
                <p class="acts"><button class=if next { "btn" } else { "btn second" } type="submit" name=StopForm::WHAT value=DoorState::Collected.code()>{m.pickups_collect()}<span class="sr">" " {named.clone()}</span></button></p>
            </form>
        }
    });
    let id = format!("note-{rma}");
    let miss = (can_say && state == DoorState::Booked).then(|| {
        view! {
            <details>
                <summary>{m.pickups_miss()}<span class="sr">" " {named.clone()}</span></summary>
                <form method="post" action=action class="form">
                    <p class="field">
                        <label for=id.clone()>{m.courier_note()}</label>
                        <textarea id=id name=StopForm::NOTE rows="2" maxlength=StopForm::LONGEST></textarea>
                    </p>
                    <p class="acts"><button class="btn second" type="submit" name=StopForm::WHAT value=DoorState::Missed.code()>{m.courier_miss()}<span class="sr">" " {named}</span></button></p>
                </form>
            </details>
        }
    });
    view! {
        <li class="card" id=rma.to_string() data-stop=rma.to_string()>
            <h2 class="h">{place} ". " {say.slot(&slot)} " " {who}</h2>
            <p>{chip.map(|(class, text)| view! { <span class=class>{text}</span> })} " " <span class="chip heed" data-kept="" hidden>{m.courier_waiting()}</span></p>
            <address>{lines}</address>
            {call}
            <ul>{things}</ul>
            <p class="quiet sm">{m.pickups_units(u64::from(units))} " · " {rma.to_string()} {parcel}</p>
            {note.map(|note| view! { <p class="quiet">{m.wish_words(note)}</p> })}
            {collect}
            {miss}
        </li>
    }
}

/// Wakes the worker, and shows what it keeps. The names are those of `public/round/worker.js`.
const SCRIPT: &str = r#"(function(){
var sw=navigator.serviceWorker,waits=document.getElementById('waits'),d=waits.dataset;
if(!sw||!window.indexedDB)return;
function tell(){sw.ready.then(function(r){if(r.active)r.active.postMessage(d.here)})}
sw.register('/round/worker.js',{scope:'/round/'}).then(tell,function(){});
function all(then){var ask=indexedDB.open('round',1);ask.onupgradeneeded=function(){ask.result.createObjectStore('said',{keyPath:'n',autoIncrement:true})};
ask.onsuccess=function(){var got=ask.result.transaction('said').objectStore('said').getAll();got.onsuccess=function(){ask.result.close();then(got.result)}}}
function show(){all(function(said){
var mine=said.filter(function(s){return s.path.indexOf(d.here+'/')==0}),wait=mine.filter(function(s){return s.state!='away'}),away=mine.filter(function(s){return s.state=='away'});
waits.hidden=!mine.length&&navigator.onLine;
waits.querySelector('[data-offline]').hidden=navigator.onLine;
var own=waits.querySelector('[data-mine]');own.hidden=!wait.length;own.textContent=own.dataset.mine.replace('{n}',wait.length);
waits.querySelector('[data-send]').hidden=!wait.length;
var list=waits.querySelector('[data-list]');list.textContent='';
away.forEach(function(s){var li=document.createElement('li');li.textContent=d.away.replace('{rma}',s.rma);list.append(li)});
document.querySelectorAll('[data-stop]').forEach(function(li){li.querySelector('[data-kept]').hidden=!wait.some(function(s){return s.rma==li.dataset.stop})})
})}
waits.querySelector('[data-send]').addEventListener('click',tell);
new BroadcastChannel('round').onmessage=function(e){if(e.data=='taken')location.reload();else show()};
addEventListener('online',function(){tell();show()});addEventListener('offline',show);
setInterval(tell,15000);
show()})();"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> StopForm {
        StopForm::parse(&Fields::sent(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))))
    }

    #[test]
    fn what_is_said_at_a_door_is_one_of_two_things() {
        assert_eq!(sent(&[("what", "booked")]).what, None);
        assert_eq!(sent(&[("what", "collected"), ("note", "  ")]), StopForm { what: Some(DoorState::Collected), ..StopForm::default() });
        let missed = sent(&[("what", "missed"), ("note", &"字".repeat(400)), ("when", "1795000000000")]);
        assert_eq!(missed.note.unwrap().chars().count(), StopForm::LONGEST);
        assert_eq!(missed.when, Timestamp::from_millisecond(1_795_000_000_000).ok());
        assert_eq!(sent(&[("when", "soon")]).when, None);
    }
}
