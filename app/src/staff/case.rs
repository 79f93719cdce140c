//! A return, as people at work see it: all that is needed to decide.
//! Long because all of it stands on one page, and nothing behind a tab.

use std::sync::Arc;

use domain::money::Money as Amount;
use domain::policy::{Basis, Decision as Verdict};
use domain::returns::{Disposition, LineNo, Reception, Role, StockState};
use domain::settlement::ReceiptLine;
use domain::staff::Room;
use domain::stray::StrayState;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::claims::{ClaimForm, ClaimsOfReturn};
use super::compensations::GiftsOfReturn;
use super::decisions::{Decide, DecideBar, Decision, Talk};
use super::desk;
use super::frame::{Here, StaffFrame};
use super::goods::Dock;
use super::goods_forms::DockForm;
use super::keys::{self, Key};
use super::outbound::{Known, OutboundForm, Tell};
use super::repairs::OfReturn;
use super::scan::Signs;
use super::settle::{Settle, SettleForm, payments_told};
use crate::islands::Live;
use crate::ports::{CaseLooked, CaseOrder, CasePage, ItemHead, MailState, OtherReturn, ShopFront};
use crate::say::{Say, name_of, names_of};
use crate::track_return::{CreditNotes, Timeline};
use crate::ui::{ErrorSummary, ItemTile, Receipt, Thumbs, Wake, load};

/// `/staff/returns/{rma}`
#[component]
pub fn Case() -> impl IntoView {
    let desk = desk();
    let rma = use_params_map().with_untracked(|params| params.get("rma").unwrap_or_default());
    load(async move { desk.case_page(&rma).await }, |page| view! { <Whole page=page/> })
}

#[component]
fn Whole(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let first = request.lines.first().map(|line| line.asked.name.clone()).unwrap_or_default();
    let reason = page.reasons.first().map(|reason| say.reason(reason));
    let who = request.contact.name.clone().unwrap_or_else(|| request.rma.to_string());
    let title = match &reason {
        Some(reason) => m.staff_case_title(&who, &first, reason),
        None => m.format_pair(&who, &first),
    };
    let numbers: Vec<String> = request.orders.iter().map(|part| part.number.to_string()).collect();
    let over = m.staff_case_over(m.list(&numbers), request.rma);
    let source = format!("/staff/returns/{}/live?after={}", request.rma, request.version);
    let decide = view! { <DecideBar page=page.clone()/> };
    let dock = view! { <Dock page=page.clone()/> };
    let settle = view! { <Settle page=page.clone()/> };
    let talk = view! { <Talk page=page.clone()/> };
    let tell = view! { <Tell page=page.clone()/> };
    let next = page.next.map(|next| view! { <p class="quiet sm"><a data-key=keys::NEXT aria-keyshortcuts=keys::NEXT href=format!("/staff/returns/{next}")>{m.staff_case_next()} " " <Key key=keys::NEXT/></a></p> });
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Queue title=title over=over>
            <Signs/>
            {next}
            <ErrorSummary mistakes=page.mistakes.clone()/>
            {dock}
            {settle}
            <Live source=source><Moving page=page.clone()/></Live>
            {tell}
            {talk}
            {decide}
            <Wake/>
        </StaffFrame>
    }
}

/// What changes while the page is open; the version that a decision is about is the one that is seen.
#[component]
fn Moving(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let tasks: Vec<_> = page
        .tasks
        .iter()
        .map(|task| {
            let late = task.due < say.f.now;
            let when = match (task.sleeps, task.sleeps_until) {
                (true, Some(until)) => m.staff_sleeps_until(say.f.moment(until)),
                (true, None) => m.staff_sleeps().to_owned(),
                (false, _) if late => m.staff_late(say.f.moment(task.due)),
                (false, _) => m.staff_due(say.f.moment(task.due)),
            };
            let has_it =
                task.has_it.as_ref().map(|(name, mine)| if *mine { m.staff_has_it_you().to_owned() } else { m.staff_has_it(name) });
            let by_rule = task.rule.as_ref().map(|rule| m.desk_by_rule(rule));
            let has_it = has_it.map(|text| [Some(text), by_rule].into_iter().flatten().collect::<Vec<_>>().join(" · "));
            let has_it = has_it.map(|text| view! { " " <span class="quiet sm">{text}</span> });
            view! { <li><b>{say.task(task.kind)}</b> " " <span class="chip" class:heed=late>{when}</span>{has_it}</li> }
        })
        .collect();
    let beside = (!page.beside.is_empty()).then(|| view! { <span class="chip heed">{m.staff_case_beside(m.list(&page.beside))}</span> });
    let versions: Vec<_> = Decision::ALL
        .into_iter()
        .map(|decision| view! { <input type="hidden" form=decision.form() name=Decide::VERSION value=request.version.to_string()/> })
        .collect();
    let settles = SettleForm::ids(&page).into_iter().map(str::to_owned);
    let forms: Vec<_> =
        DockForm::ids(&page).into_iter().chain(settles).chain(OutboundForm::ids(request).into_iter().map(str::to_owned)).collect();
    let forms: Vec<_> = forms
        .into_iter()
        .map(|id| view! { <input type="hidden" form=id name=Decide::VERSION value=request.version.to_string()/> })
        .collect();
    view! {
        <div class="stands"><span class="chip brand">{say.stands(request)}</span> {beside} {(!tasks.is_empty()).then(|| view! { <ul class="todo">{tasks}</ul> })}</div>
        {versions}
        {forms}
        <div class="case">
            <div><Asked page=page.clone()/><Decided page=page.clone()/></div>
            <div><Goods page=page.clone()/><Carried page=page.clone()/><Money page=page.clone()/><CreditNotes notes=page.credit_notes.clone() place=format!("/staff/returns/{}", request.rma) xml=true/><Known page=page.clone()/><Orders orders=page.orders.clone()/><Customer page=page.clone()/></div>
            <div><Story page=page.clone()/><Mails page=page.clone()/><OfReturn repairs=page.repairs.clone()/><ClaimsOfReturn claims=page.claims.clone()/><GiftsOfReturn gifts=page.gifts.clone()/></div>
        </div>
    }
}

/// What a page that is open shows anew after something happened.
#[must_use]
pub fn news(say: Say, shop: Arc<ShopFront>, page: CasePage) -> String {
    let owner = Owner::new_root(None);
    owner.with(|| {
        provide_context(say);
        provide_context(shop);
        view! { <Moving page=page/> }.to_html()
    })
}

/// What the customer asks for, why a person is asked, and the photos.
#[component]
fn Asked(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request.clone();
    let grounds: Vec<String> = {
        let mut said: Vec<String> = Vec::new();
        for sentence in request.lines.iter().flat_map(|line| &line.asked.why) {
            let text = say.sentence(sentence);
            if !said.contains(&text) {
                said.push(text);
            }
        }
        said
    };
    let waits = request.status() == domain::returns::Status::InReview;
    let why = view! {
        <section class="card" class:verdict=waits class:heed=waits>
            <h2 class="h">{if waits { m.staff_case_why_person() } else { m.staff_case_why() }}</h2>
            <ul class="why">{grounds.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
        </section>
    };
    let items: Vec<_> = request
        .lines
        .iter()
        .map(|line| {
            let asked = &line.asked;
            let head = ItemHead {
                key: asked.key(),
                name: asked.name.clone(),
                variant: asked.variant.clone(),
                category: asked.category.clone(),
                image: asked.image.clone(),
                units: asked.quantity,
            };
            let reason = page.reasons.iter().find(|reason| reason.code == *asked.sub_reason.as_ref().unwrap_or(&asked.reason));
            let about: Vec<String> = [reason.map(|reason| say.reason(reason)), Some(say.wish_of(asked))].into_iter().flatten().collect();
            let words = asked.said.comment.clone().map(|words| view! { <blockquote>{words}</blockquote> });
            let given: Vec<_> = page.given.iter().filter(|given| asked.evidence.contains(&given.id)).cloned().collect();
            view! { <ItemTile head=head note=about.join(" · ")/>{words}<Thumbs given=given/> }
        })
        .collect();
    view! {
        {why}
        <section class="card"><h2 class="h">{m.staff_case_asked()}</h2>{items}</section>
    }
}

/// By what each item was decided: the policy's version, its answer, what that rests on, and each sentence of it.
#[component]
fn Decided(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request;
    let items: Vec<_> = request
        .lines
        .iter()
        .map(|line| {
            let asked = &line.asked;
            let verdict = match asked.verdict {
                Verdict::Approved => m.trace_yes(),
                Verdict::InReview => m.trace_person(),
                Verdict::Declined => m.trace_no(),
            };
            let version = request.orders.iter().find(|part| part.number == asked.order).map(|part| m.trace_version(part.policy_version));
            let law = (asked.basis == Basis::Law).then(|| m.trace_law().to_owned());
            let ground = asked.review.map(|ground| say.review(ground).to_owned());
            let about: Vec<String> = [version, law, ground].into_iter().flatten().collect();
            let why: Vec<_> = asked.why.iter().map(|sentence| view! { <span class="block sm">{say.sentence(sentence)}</span> }).collect();
            view! { <li><b>{asked.name.clone()}</b> " " <span class="chip">{verdict}</span><span class="block quiet sm">{about.join(" · ")}</span>{why}</li> }
        })
        .collect();
    view! { <section class="card"><details><summary>{m.trace_title()}</summary><ul class="others trace">{items}</ul></details></section> }
}

/// What was told to the customer by mail, and what waits to be.
#[component]
fn Mails(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    if page.mails.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = page
        .mails
        .iter()
        .map(|mail| {
            let at = say.f.moment(mail.at);
            let (stands, heed) = match mail.state {
                MailState::Waiting => (m.mails_waiting(at), false),
                MailState::Sent => (m.mails_sent(at), false),
                MailState::GivenUp => (m.mails_given_up(at), true),
            };
            view! { <li><b>{say.mail_subject(mail.occasion, page.request.rma)}</b> <span class="block" class:quiet=!heed class:sm=true class:heed=heed>{stands}</span></li> }
        })
        .collect();
    view! { <section class="card mails"><h2 class="h">{m.mails_title()}</h2><ul class="others">{rows}</ul></section> }.into_any()
}

/// Where the goods are: units that share a fate, and how they came to lie where they lie.
#[component]
fn Goods(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let prints = page.rail.roles.is_admin() || page.rail.roles.has(Role::Warehouse);
    let request = page.request;
    if request.receipts.is_empty() {
        return ().into_any();
    }
    let named = |line: LineNo, units: u32| {
        let name = request.line(line).map(|line| line.asked.name.clone()).unwrap_or_default();
        say.units_of(&name, units)
    };
    let lots: Vec<_> = request
        .lots()
        .map(|(line, lot)| {
            let grade = lot.grade.map(|grade| m.dock_graded(grade));
            let place = (lot.state.disposition != Disposition::None).then(|| say.disposition(lot.state.disposition).to_owned());
            let about: Vec<String> =
                [Some(say.status(request.status_of(line, lot)).to_owned()), grade, place].into_iter().flatten().collect();
            let ours: Vec<_> = page.ours.iter().filter(|(of, _)| *of == lot.id).map(|(_, given)| given.clone()).collect();
            let found: Vec<_> =
                page.looked.iter().filter(|looked| looked.lot == lot.id).flat_map(|looked| found_text(&say, looked)).collect();
            let found: Vec<_> = found.into_iter().map(|text| view! { <span class="block sm">{text}</span> }).collect();
            let label = (prints && lot.state.reception == Reception::Received).then(|| {
                let at = format!("/staff/returns/{}/lots/{}/label.pdf", request.rma, lot.id);
                view! { <a class="block sm" href=at>{m.putaway_print()}</a> }
            });
            view! { <li><b>{named(line.id, lot.units)}</b> <span class="block quiet sm">{about.join(" · ")}</span>{found}<Thumbs given=ours/>{label}</li> }
        })
        .collect();
    let moves: Vec<_> = page
        .moves
        .into_iter()
        .map(|one| {
            let end = |state: Option<StockState>| state.map_or(m.dock_state_outside(), |state| state_name(&say, state));
            let way = m.dock_moved(end(one.from), end(one.to));
            view! { <li><b>{named(one.line, one.units)}</b> " " {way} <span class="block quiet sm">{one.warehouse} " · " {say.f.moment(one.at)}</span></li> }
        })
        .collect();
    let moves =
        (!moves.is_empty()).then(|| view! { <details><summary>{m.dock_moves()}</summary><ul class="others">{moves}</ul></details> });
    let sees = Room::Parcels.is_for(page.rail.roles.iter());
    let beside: Vec<_> = page
        .came_beside
        .iter()
        .map(|parcel| {
            let name = format!("P{}", parcel.number);
            let units = parcel.came_with.map_or(1, |(_, units)| units);
            let what = say.units_of(parcel.clues.codes.first().map_or(m.stray_nothing_known(), String::as_str), units);
            let known = match sees {
                true => view! { <a href=format!("/staff/parcels/{name}")>{m.format_pair(&name, &what)}</a> }.into_any(),
                false => view! { <b>{m.format_pair(&name, &what)}</b> }.into_any(),
            };
            let waits = parcel.state == StrayState::Waiting;
            let stands = if waits { say.shelf_of(parcel) } else { say.stray(parcel.state).to_owned() };
            let other = parcel
                .rma
                .filter(|rma| *rma != request.rma)
                .map(|rma| view! { " · " <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a> });
            view! { <li>{known} <span class="block quiet sm">{stands} " · " {parcel.owner.1.clone()}{other}</span></li> }
        })
        .collect();
    let beside = (!beside.is_empty()).then(|| view! { <h3 class="h">{m.stray_came_beside()}</h3><ul class="others">{beside}</ul> });
    view! { <section class="card goods"><h2 class="h">{m.dock_goods()}</h2><ul class="others">{lots}</ul>{beside}{moves}</section> }
        .into_any()
}

/// Where a claim is made against who carried it.
#[component]
fn Carried(page: CasePage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let carried = page.request.outbound.is_some() || page.request.parcels.iter().any(|parcel| !parcel.voided);
    let sees = carried && Room::Claims.is_for(page.rail.roles.iter());
    sees.then(|| view! { <p class="sm"><a href=ClaimForm::address_about(&page.request)>{m.claim_from_return()}</a></p> })
}

/// What was found of a lot, in lines: what is taken off, what was answered, what was written.
fn found_text(say: &Say, looked: &CaseLooked) -> Vec<String> {
    let m = say.m;
    let less = looked.deduct.as_ref().map(|(percent, rule)| {
        let less = m.dock_less(say.f.number(percent.percent()));
        rule.as_ref().map_or(less.clone(), |rule| m.format_pair(&less, m.dock_by_rule(rule)))
    });
    let answers = looked.answers.iter().map(|(question, answer, why)| {
        let ask = question.ask.get(m.locale).unwrap_or(question.id.as_str());
        let text = m.format_pair(ask, say.answer(question, answer));
        why.as_ref().map_or(text.clone(), |why| m.format_aside(&text, why))
    });
    less.into_iter().chain(answers).chain(looked.findings.clone()).collect()
}

/// How goods lie, in words.
pub(super) fn state_name(say: &Say, state: StockState) -> &'static str {
    say.stock_state(state)
}

/// What comes back if all is as said.
#[component]
fn Money(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request;
    let told: Vec<_> = payments_told(&say, &request).into_iter().map(|text| view! { <li class="num">{text}</li> }).collect();
    let told = (!told.is_empty()).then(|| view! { <ul class="others">{told}</ul> });
    let names = names_of(&request);
    let receipts: Vec<_> = request
        .orders
        .iter()
        .filter(|part| !part.settlement.receipt.is_empty())
        .map(|part| view! { <Receipt settlement=part.settlement.clone() names=names.clone()/> })
        .collect();
    // What was promised, and how it comes about: what is paid is checked against it (N7, B21).
    let promised: Vec<_> = request
        .grants
        .iter()
        .map(|grant| {
            let money = |minor: i64| say.f.money(Amount::new(minor, grant.currency));
            let row = |line: &ReceiptLine| view! { <div><dt>{say.receipt(line, |id| name_of(&request, id))}</dt><dd class="num">{money(line.amount)}</dd></div> };
            let rows: Vec<_> = grant.receipt.iter().map(row).collect();
            let title = m.settle_promised(money(grant.amount), say.f.date(say.f.day(grant.at)));
            view! { <details><summary>{title}</summary><dl class="receipt">{rows}</dl></details> }
        })
        .collect();
    (!receipts.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.staff_case_money()}</h2>{receipts}{promised}{told}</section> })
}

#[component]
pub(super) fn Orders(orders: Vec<CaseOrder>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let orders: Vec<_> = orders
        .into_iter()
        .map(|order| {
            let paid: Vec<String> =
                order.paid.iter().map(|(by, amount)| format!("{} · {}", say.f.money(*amount), say.means_of_payments(std::slice::from_ref(by)))).collect();
            let stays: Vec<String> =
                order.stays.iter().map(|(name, units)| say.units_of(name, *units)).collect();
            let deliveries: Vec<_> = order
                .deliveries
                .iter()
                .map(|delivery| {
                    let arrived = delivery.delivered_at.map_or_else(|| m.staff_case_not_delivered().to_owned(), |at| say.f.moment(at));
                    let about: Vec<String> =
                        [Some(arrived), delivery.carrier.clone(), delivery.tracking_number.clone()].into_iter().flatten().collect();
                    let packed = (!delivery.packed.is_empty()).then(|| view! { <span class="block quiet sm">{m.staff_case_packed(m.list(&delivery.packed))}</span> });
                    view! { <dd>{about.join(" · ")}{packed}</dd> }
                })
                .collect();
            view! {
                <dl class="facts-of">
                    <dt>{m.staff_case_order()}</dt><dd><a class="num" href=order.path.clone()>{order.number.clone()}</a> " · " {say.f.moment(order.placed_at)}</dd>
                    {(!paid.is_empty()).then(|| view! { <dt>{m.staff_case_paid()}</dt>{paid.into_iter().map(|text| view! { <dd>{text}</dd> }).collect_view()} })}
                    {(!deliveries.is_empty()).then(|| view! { <dt>{m.staff_case_delivered()}</dt>{deliveries} })}
                    {(!stays.is_empty()).then(|| view! { <dt>{m.staff_case_stays()}</dt><dd>{m.list(&stays)}</dd> })}
                </dl>
            }
        })
        .collect();
    (!orders.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.staff_case_orders()}</h2>{orders}</section> })
}

/// Who it is, and what they sent back before.
#[component]
fn Customer(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let contact = &page.request.contact;
    let name = contact.name.clone().unwrap_or_else(|| m.staff_case_customer().to_owned());
    let tier = page.tier.as_ref().map(|tier| say.code(tier.as_str()));
    let reach: Vec<String> =
        [contact.email.as_ref().map(ToString::to_string), contact.phone.as_ref().map(ToString::to_string)].into_iter().flatten().collect();
    let count = page.others.len() as u64;
    let rows: Vec<_> = page.others.into_iter().take(6).map(|other| view! { <Other other=other/> }).collect();
    view! {
        <section class="card">
            <h2 class="h">{name}{tier.map(|tier| view! { " " <span class="chip">{tier}</span> })}</h2>
            <p class="quiet sm">{reach.join(" · ")}</p>
            <p>{m.staff_case_others(count)}</p>
            {(!rows.is_empty()).then(|| view! { <ul class="others">{rows}</ul> })}
        </section>
    }
}

#[component]
pub(super) fn Other(other: OtherReturn) -> impl IntoView {
    let say = expect_context::<Say>();
    let amounts: Vec<String> = other.amounts.iter().map(|amount| say.f.money(*amount)).collect();
    view! {
        <li>
            <a href=format!("/staff/returns/{}", other.rma)>{other.item}</a>
            <span class="num">{say.m.list(&amounts)}</span>
            <span class="quiet sm">{say.f.date(say.f.day(other.opened_at))} " · " {say.status(other.status)}</span>
        </li>
    }
}

/// The one timeline, and what only people at work read.
#[component]
fn Story(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let over = page.request.status().is_end() && page.request.status() != domain::returns::Status::Completed;
    let notes: Vec<_> = page
        .notes
        .into_iter()
        .map(|mut note| {
            if let Some(place) = &note.instead_of {
                note.text = m.dock_otherwise(say.disposition(place.to), &place.rule, &note.text);
            }
            note
        })
        .map(|note| view! { <li><span class="quiet sm">{note.by} " · " {say.f.moment(note.at)}</span>{note.against.then(|| view! { " " <span class="chip heed">{m.staff_case_against()}</span> })}<p>{note.text}</p></li> })
        .collect();
    view! {
        <section class="card"><h2 class="h">{m.track_timeline()}</h2><Timeline entries=page.entries over=over/></section>
        {(!notes.is_empty()).then(|| view! { <section class="card private"><h2 class="h">{m.staff_case_notes()}</h2><ul>{notes}</ul></section> })}
    }
}
