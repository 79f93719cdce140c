//! The dock's own pages: scan, count, look, next (B33). They work as plain forms, and without network through `public/staff/worker.js`, which keeps
//! them and what is said on them (N16).

use domain::returns::CommandKind;
use domain::search::code;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use super::frame::{Here, StaffFrame};
use super::goods::{At, BookIn, LookAt, waiting};
use super::scan::{ScanField, Signs};
use crate::ports::{DockCasePage, DockPage, Expected};
use crate::say::Say;
use crate::ui::{ErrorSummary, Icon, Symbol, load};

/// Asked so by the browser, for what it keeps.
const QUIET: &str = "quiet";

fn quiet() -> bool {
    use_query_map().with_untracked(|query| query.get(QUIET).is_some())
}

/// `/staff/dock`
#[component]
pub fn AtDock() -> impl IntoView {
    let (desk, quiet) = (desk(), quiet());
    load(async move { desk.dock_page(quiet).await }, |page| view! { <List page=page/> })
}

#[component]
fn List(page: DockPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let nothing = page.expected.is_empty().then(|| view! { <p class="quiet">{m.bench_nothing()}</p> });
    let clerk = page.rail.id.clone();
    let rows: Vec<_> = page.expected.into_iter().map(|expected| view! { <Row expected=expected/> }).collect();
    view! {
        <StaffFrame rail=page.rail here=Here::Dock title=m.bench_title()>
            <Signs/>
            <section class="sign stop led" id="unknown" data-signal="stop"><p class="word"><Icon symbol=Symbol::Stop/>{m.scan_stop()}</p><p>{m.bench_unknown()}</p></section>
            <section class="sign led" id="several" data-signal="ok"><p class="word">{m.scan_which()}</p><p>{m.bench_several()}</p></section>
            <ScanField at_dock=true ready=true/>
            <Kept clerk=clerk/>
            <h2 class="h">{m.bench_expected()}</h2>
            {nothing}
            <ul class="tasks">{rows}</ul>
            {page.more.then(|| view! { <p class="quiet sm">{m.bench_more()}</p> })}
        </StaffFrame>
    }
}

#[component]
fn Row(expected: Expected) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let items: Vec<String> = expected.items.iter().map(|(name, units)| say.units_of(name, *units)).collect();
    let who = expected.customer.unwrap_or_else(|| expected.rma.to_string());
    let parcels = (!expected.parcels.is_empty()).then(|| format!(" · {}", expected.parcels.join(", ")));
    view! {
        <li>
            <a class="task" href=format!("/staff/dock/{}", expected.rma)>
                <b class="name">{who} " · " {m.list(&items)}</b>
                <span class="chip" class:brand=expected.came>{if expected.came { m.bench_came() } else { m.bench_coming() }}</span>
                <span class="quiet">{expected.rma.to_string()}{parcels}</span>
            </a>
        </li>
    }
}

/// `/staff/dock/{rma}`
#[component]
pub fn DockCase() -> impl IntoView {
    let (desk, quiet) = (desk(), quiet());
    let rma = use_params_map().with_untracked(|params| params.get("rma").unwrap_or_default());
    load(async move { desk.dock_case_page(&rma, quiet).await }, |page| view! { <Steps page=page/> })
}

#[component]
fn Steps(page: DockCasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DockCasePage { case: page, key } = page;
    let at = At::Dock { key };
    let can = |kind: CommandKind| page.can.contains(&kind);
    let (comes, lies) = (waiting(&page, CommandKind::Receive), waiting(&page, CommandKind::Inspect));
    let items: Vec<String> = page.request.lines.iter().map(|line| say.units_of(&line.asked.name, line.asked.quantity)).collect();
    let who = page.request.contact.name.clone().unwrap_or_else(|| page.request.rma.to_string());
    let next = match (can(CommandKind::Receive) && !comes.is_empty(), can(CommandKind::Inspect) && !lies.is_empty()) {
        (_, true) => m.bench_step_look(),
        (true, false) => m.bench_step_count(),
        (false, false) => m.bench_step_next(),
    };
    // What is counted without network can be looked at without it.
    let ahead: Vec<_> = comes.iter().filter(|(line, _)| !lies.iter().any(|(known, _)| known.id == line.id)).cloned().collect();
    let may_look = page.rail.roles.giving(CommandKind::Inspect).is_some() && can(CommandKind::Receive);
    let ahead = (may_look && !ahead.is_empty()).then(|| view! { <LookAt page=page.clone() lines=ahead at=at.clone() later=true/> });
    let inspects = (can(CommandKind::Inspect) && !lies.is_empty()).then(|| view! { <LookAt page=page.clone() lines=lies at=at.clone()/> });
    let receives =
        (can(CommandKind::Receive) && !comes.is_empty()).then(|| view! { <BookIn page=page.clone() lines=comes at=at.clone()/> });
    let parcels: Vec<String> =
        page.request.parcels.iter().filter(|parcel| !parcel.voided).map(|parcel| parcel.tracking_number.clone()).collect();
    let parcels = (!parcels.is_empty()).then(|| view! { <p class="quiet">{m.bench_parcels(m.list(&parcels))}</p> });
    let clerk = page.rail.id.clone();
    let rma = page.request.rma;
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Dock title=m.format_pair(&who, rma.to_string())>
            <Signs/>
            <section class="sign ok led" id="done" data-signal="ok"><p class="word"><Icon symbol=Symbol::Check/>{m.scan_ok()}</p><p>{m.bench_done()}</p></section>
            <section class="sign ok led" id="kept" data-signal="ok"><p class="word"><Icon symbol=Symbol::Check/>{m.bench_kept()}</p><p>{m.bench_kept_text()}</p></section>
            <p class="stands"><span class="chip brand">{say.stands(&page.request)}</span> <b>{m.list(&items)}</b></p>
            {parcels}
            <p class="prompt"><b>{m.bench_next()}</b> " " <span data-next="" data-look=m.bench_step_look()>{next}</span></p>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <div class="steps">{inspects}{receives}{ahead}</div>
            <Kept clerk=clerk of=rma.to_string()/>
            <ScanField at_dock=true/>
            <p><a href=format!("/staff/returns/{rma}")>{m.bench_whole()}</a></p>
        </StaffFrame>
    }
}

/// What was said and not sent yet, and what was sent and not taken; filled in by the page's script from what the browser keeps.
#[component]
fn Kept(
    /// Who reads it.
    clerk: String,
    /// Only what was said of this return.
    #[prop(optional, into)]
    of: String,
) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! {
        <section class="card kept" id="waits" hidden data-clerk=clerk data-of=of data-receive=m.dock_receive() data-inspect=m.bench_look() data-photos=m.bench_photos_kept("{n}")>
            <h2 class="h">{m.bench_waits()}</h2>
            <p role="status"><span class="chip heed" data-offline="" hidden>{m.bench_offline()}</span> <span data-mine=m.bench_mine("{n}")></span></p>
            <p class="quiet" data-others=m.bench_others("{n}") hidden></p>
            <ul class="others" data-list=""></ul>
            <p class="acts"><button class="btn second" type="button" data-send="">{m.bench_send()}</button></p>
        </section>
        <section class="card kept" id="conflicts" hidden>
            <h2 class="h">{m.bench_conflicts()}</h2>
            <p class="quiet">{m.bench_conflicts_text()}</p>
            <ul data-list=""></ul>
            <template>
                <li class="conflict">
                    <p><b data-what=""></b> <span class="quiet sm" data-when=""></span></p>
                    <div class="pair">
                        <div><h3 class="h">{m.bench_wanted()}</h3><ul data-wanted=""></ul></div>
                        <div><h3 class="h">{m.bench_is()}</h3><ul data-is=""></ul></div>
                    </div>
                    <ul class="why" data-why=m.bench_not_taken()></ul>
                    <p class="acts"><a class="btn second" data-open="">{m.scan_open()}</a> <button class="btn second" type="button" data-again="">{m.bench_again()}</button> <button class="btn second" type="button" data-drop=m.bench_drop_sure()>{m.bench_drop()}</button></p>
                </li>
            </template>
        </section>
        <script nonce=nonce>{SCRIPT}</script>
    }
}

/// Wakes the worker, and shows what it keeps. The names are those of `public/staff/worker.js`.
const SCRIPT: &str = r#"(function(){
var sw=navigator.serviceWorker,waits=document.getElementById('waits'),conflicts=document.getElementById('conflicts'),d=waits.dataset;
if(!sw||!window.indexedDB)return;
function tell(){sw.ready.then(function(r){if(r.active)r.active.postMessage(d.clerk)})}
sw.register('/staff/worker.js',{scope:'/staff/'}).then(function(){tell()},function(){});
function store(mode,then){var ask=indexedDB.open('dock',1);ask.onupgradeneeded=function(){ask.result.createObjectStore('said',{keyPath:'n',autoIncrement:true}).createIndex('rma','rma');ask.result.createObjectStore('known',{keyPath:'name'})};
ask.onsuccess=function(){var t=ask.result.transaction('said',mode,{durability:'strict'});t.oncomplete=t.onabort=function(){ask.result.close()};then(t.objectStore('said'),t)}}
function change(n,how,after){store('readwrite',function(s,t){var r=s.get(n);r.onsuccess=function(){if(r.result){var next=how(r.result);if(next)s.put(next);else s.delete(n)}};t.oncomplete=function(){s.transaction.db.close();after()}})}
function texts(ul,all){ul.textContent='';(all||[]).forEach(function(text){var li=document.createElement('li');li.textContent=text;ul.append(li)})}
function name(s){return s.rma+' \u00b7 '+(s.what=='receive'?d.receive:d.inspect)}
function when(s){return new Date(s.when).toLocaleTimeString(document.documentElement.lang,{hour:'2-digit',minute:'2-digit'})}
function show(){store('readonly',function(s){var all=s.getAll();all.onsuccess=function(){
var mine=all.result.filter(function(s){return s.clerk==d.clerk}),others=all.result.length-mine.length;
var here=mine.filter(function(s){return!d.of||s.rma==d.of}),wait=here.filter(function(s){return s.state!='conflict'}),bad=here.filter(function(s){return s.state=='conflict'});
var mineWait=mine.filter(function(s){return s.state!='conflict'}).length;
waits.hidden=!mineWait&&!others&&navigator.onLine;
waits.querySelector('[data-offline]').hidden=navigator.onLine;
var own=waits.querySelector('[data-mine]');own.textContent=own.dataset.mine.replace('{n}',mineWait);
var of=waits.querySelector('[data-others]');of.hidden=!others;of.textContent=of.dataset.others.replace('{n}',others);
waits.querySelector('[data-send]').hidden=!mineWait;
texts(waits.querySelector('[data-list]'),wait.slice(0,50).map(function(s){var p=s.fields.filter(function(f){return typeof f[1]!='string'}).length;return name(s)+' \u00b7 '+when(s)+(p?' \u00b7 '+d.photos.replace('{n}',p):'')}));
conflicts.hidden=!bad.length;var list=conflicts.querySelector('[data-list]');list.textContent='';
bad.forEach(function(s){var li=conflicts.querySelector('template').content.firstElementChild.cloneNode(true),q=function(w){return li.querySelector(w)};
q('[data-what]').textContent=name(s);q('[data-when]').textContent=when(s);
texts(q('[data-wanted]'),s.conflict.wanted);texts(q('[data-is]'),s.conflict.is);
var why=q('[data-why]');texts(why,s.conflict.why&&s.conflict.why.length?s.conflict.why:[why.dataset.why]);
q('[data-open]').href='/staff/dock/'+s.rma;
q('[data-again]').addEventListener('click',function(){change(s.n,function(s){s.state='waits';if(s.conflict.version)s.version=s.conflict.version;delete s.conflict;return s},function(){tell();show()})});
q('[data-drop]').addEventListener('click',function(){if(confirm(q('[data-drop]').dataset.drop))change(s.n,function(){return null},show)});
list.append(li)});
if(d.of&&wait.some(function(s){return s.what=='receive'})){document.querySelectorAll('[data-later]').forEach(function(l){l.hidden=false});var next=document.querySelector('[data-next]');next.textContent=next.dataset.look}
}})}
waits.querySelector('[data-send]').addEventListener('click',tell);
new BroadcastChannel('dock').onmessage=function(e){show();if(e.data)dispatchEvent(new CustomEvent('signal',{detail:e.data}))};
addEventListener('online',function(){tell();show()});addEventListener('offline',show);
setInterval(tell,15000);
show()})();"#;

/// What was said that could not be taken, beside how things are, in the reader's words.
pub mod beside {
    use domain::returns::{CommandKind, Inspection, LineNo};

    use super::super::goods_forms::{InspectForm, ReceiveForm};
    use crate::forms::Fields;
    use crate::ports::{CasePage, Noted};
    use crate::say::Say;

    /// Both, line by line, and why it was not taken.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Beside {
        pub wanted: Vec<String>,
        pub is: Vec<String>,
        pub why: Vec<String>,
    }

    /// Of a form of the dock that was sent, and the return as it stands.
    #[must_use]
    pub fn beside(say: &Say, kind: CommandKind, fields: &Fields, photos: usize, page: &CasePage, mistakes: &[Noted]) -> Beside {
        let wanted = if kind == CommandKind::Receive { counted(say, fields, page) } else { looked(say, fields, photos, page) };
        let of = |line: LineNo, units: u32| {
            let name = page.request.line(line).map(|line| line.asked.name.clone()).unwrap_or_default();
            say.units_of(&name, units)
        };
        let lots =
            page.request.lots().map(|(line, lot)| say.m.format_pair(of(line.id, lot.units), say.status(page.request.status_of(line, lot))));
        Beside {
            wanted,
            is: std::iter::once(say.stands(&page.request).to_owned()).chain(lots).collect(),
            why: mistakes.iter().map(|noted| say.mistake(&noted.mistake)).collect(),
        }
    }

    fn counted(say: &Say, fields: &Fields, page: &CasePage) -> Vec<String> {
        let m = say.m;
        let mut all = Vec::new();
        for line in &page.request.lines {
            for ((kind, _), label) in ReceiveForm::KINDS.iter().zip([m.bench_counted(), m.dock_short(), m.dock_wrong()]) {
                if let Some(units) = fields.maybe(&ReceiveForm::field(kind, line.id)) {
                    all.push(m.format_pair(&line.asked.name, m.format_pair(label, units)));
                }
            }
        }
        all.extend(fields.maybe(ReceiveForm::BESIDE).map(|units| m.format_pair(m.dock_beside(), units)));
        all.extend(fields.maybe(ReceiveForm::WAREHOUSE).map(|name| m.format_pair(m.dock_warehouse(), name)));
        all
    }

    fn looked(say: &Say, fields: &Fields, photos: usize, page: &CasePage) -> Vec<String> {
        let m = say.m;
        let Some(line) = InspectForm::line_of(fields) else { return Vec::new() };
        let get = |name: &str| fields.maybe(&InspectForm::field(name, line));
        let name = page.request.line(line).map(|line| line.asked.name.clone()).unwrap_or_default();
        let units = get(InspectForm::UNITS).unwrap_or_default();
        let labels = [m.dock_accepted(), m.dock_downgraded(), m.dock_rejected()];
        let result =
            get(InspectForm::RESULT).and_then(|code| Inspection::RESULTS.iter().zip(labels).find(|((known, _), _)| *known == code));
        let place = get(InspectForm::TO).and_then(|code| super::super::goods_forms::place_of(&code));
        let mut all = vec![m.format_pair(&name, units)];
        all.extend(result.map(|(_, label)| label.to_owned()));
        all.extend(get(InspectForm::GRADE).map(|grade| m.format_pair(m.dock_grade(), grade)));
        all.extend(get(InspectForm::PERCENT).map(|percent| m.format_pair(m.dock_percent(), percent)));
        all.extend(place.map(|to| say.disposition(to).to_owned()));
        all.extend(get(InspectForm::WORDS));
        all.extend((photos > 0).then(|| m.bench_photos_kept(photos)));
        all
    }
}

/// By what a scanner may know something, once each.
#[must_use]
pub fn codes<'c>(all: impl IntoIterator<Item = &'c str>) -> Vec<String> {
    let mut codes: Vec<String> =
        all.into_iter().flat_map(domain::scanned::forms).map(|form| code(&form)).filter(|code| !code.is_empty()).collect();
    codes.sort();
    codes.dedup();
    codes
}
