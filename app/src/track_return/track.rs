//! Where is my return, and what comes next?

use std::sync::Arc;

use domain::credit_note::CreditNoteNo;
use domain::money::Money;
use domain::policy::{Decision, Method, Resolution};
use domain::returns::{Entry, EntryState, Moment, Status};
use jiff::Timestamp;
use leptos::prelude::*;

use super::appeal::Appeal;
use super::bank::BankForm;
use super::changes::Changes;
use super::feedback::RateBox;
use super::label::LabelCard;
use super::pack::PackList;
use super::points::HandInPoints;
use super::rma;
use super::talk::WriteBox;
use crate::account::Gifts;
use crate::forms::CommandForm;
use crate::ports::{ItemHead, ReturnPage, ShopFront, ShopperDesk, Wanted};
use crate::say::{Say, WayCost, names_of};
use crate::ui::{ErrorSummary, Frame, ItemTile, Receipt, Thumbs, Wake, WhyList, load};

/// `/returns/{rma}`
#[component]
pub fn Track() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Story page=page/> })
}

#[component]
fn Story(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = page.request.rma;
    let source = format!("/returns/{rma}/live?after={}", page.request.version);
    let write = view! { <WriteBox rma=rma/><Wake/> };
    let mistakes = page.mistakes_at(&[""]);
    view! {
        <Frame title=say.stands(&page.request) chip=m.track_chip(rma) note=page.told.map(|told| say.told(told)).unwrap_or_default() lead=lead(&say, &page) live=source stays=write.into_any()>
            <ErrorSummary mistakes=mistakes/>
            <Moving page=page/>
        </Frame>
    }
}

/// What changes while the page is open.
#[component]
fn Moving(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = page.request.clone();
    let status = request.status();
    let sends = request.live_lines().any(|line| line.asked.sends_back());
    // Who waits for a decision must know meanwhile what not to post.
    let shown = matches!(status, Status::Approved | Status::InTransit) || status == Status::InReview && request.danger().is_some();
    // No label of ours is on what never reached them.
    let label = (sends && shown && request.outbound.is_none()).then(|| view! { <LabelCard page=page.clone()/> });
    let pack = view! { <PackList page=page.clone()/> };
    let changes = view! { <Changes page=page.clone()/> };
    let pay = view! { <PayFirst page=page.clone()/> };
    let rate = view! { <RateBox page=page.clone()/> };
    let items: Vec<_> = request
        .lines
        .iter()
        .map(|line| {
            let asked = &line.asked;
            let declined = line.is_declined();
            // What was called off by itself says so; of a whole return its heading does.
            let off = !declined && request.units_held(line) == 0 && !status.is_end();
            let arrow = !declined && !off && matches!(Wanted::of(asked), Some(Wanted::Named(_)));
            let head = ItemHead {
                key: asked.key(),
                name: asked.name.clone(),
                variant: asked.variant.clone().filter(|_| !arrow),
                category: asked.category.clone(),
                image: asked.image.clone(),
                units: asked.quantity,
            };
            let wish = match (declined, off) {
                (true, _) => m.check_declined_lines().to_owned(),
                (false, true) => m.status_cancelled().to_owned(),
                (false, false) if line.is_appealed() => m.appeal_waits().to_owned(),
                (false, false) => say.wish_of(asked),
            };
            let wish = match page.told_apart(line) {
                Some(reason) => format!("{} · {wish}", say.reason(reason)),
                None => wish,
            };
            let why = (declined && asked.verdict == Decision::Declined).then(|| view! { <WhyList why=asked.why.clone()/> });
            let again = page.appealable.contains(&line.id).then(|| {
                let named = m.format_pair(m.appeal_link(), &asked.name);
                view! { <p class="sm"><a href=format!("/returns/{}/{}?line={}", request.rma, Appeal::PAGE, line.id) aria-label=named>{m.appeal_link()}</a></p> }
            });
            let given = page.given.iter().filter(|given| asked.evidence.contains(&given.id)).cloned().collect();
            view! { <ItemTile head=head note=wish/>{why}{again}<Thumbs given=given captions=true/> }
        })
        .collect();
    let names = names_of(&request);
    let pays = request.live_lines().next().is_some() && request.orders.iter().any(|part| !part.settlement.receipt.is_empty());
    let receipts: Vec<_> = request
        .orders
        .iter()
        .filter(|part| request.is_live(part))
        .map(|part| view! { <Receipt settlement=part.settlement.clone() names=names.clone()/> })
        .collect();
    let keeps = page.keeps();
    let way = WayCost::of_return(&request).map(|cost| {
        let cost = m.format_pair(m.send_cost(), say.way_cost_line(cost));
        view! { <p class="quiet sm way">{say.method(request.method)} " · " {cost}</p> }
    });
    let again = (status == Status::Cancelled).then(|| {
        view! { <form method="post" action=format!("/returns/{}/add", request.rma)><p class="acts"><button class="btn" type="submit">{m.track_again()}</button></p></form> }
    });
    let show = shown_by(&page).map(|_| {
        view! { <p class="acts"><a class="btn" href=format!("/returns/{}/photos", request.rma)>{m.track_show_action()}</a></p> }
    });
    let account = page.account.clone().map(|known| {
        let (text, action) = match known {
            Some(account) => (m.bank_known(account), m.bank_change()),
            None => (m.bank_lead().to_owned(), m.bank_title()),
        };
        view! {
            <section class="card">
                <h2 class="h">{m.bank_title()}</h2>
                <p>{text}</p>
                <p class="acts"><a class="btn" href=format!("/returns/{}/{}", request.rma, BankForm::PAGE)>{action}</a></p>
            </section>
        }
    });
    let gifts = (!page.gifts.is_empty()).then(|| view! { <Gifts gifts=page.gifts.clone() title=m.policy_compensation()/> });
    let money = pays.then(|| view! { <section class="card"><h2 class="h">{m.track_money()}</h2>{receipts}</section> });
    view! {
        <section class="card">
            <h2 class="sr">{m.track_timeline()}</h2>
            <Timeline entries=page.entries over={status.is_end() && status != Status::Completed}/>
            {again}
            {show}
        </section>
        {rate}
        {account}
        {pay}
        {label}
        {pack}
        <HandInPoints points=page.hand_in.clone()/>
        <section class="card"><h2 class="h">{if keeps { m.track_items_keep() } else { m.track_items() }}</h2>{items}{way}</section>
        {money}
        {gifts}
        <CreditNotes notes=page.credit_notes.clone() place=format!("/returns/{}", request.rma)/>
        {changes}
    }
}

/// What is paid before something dearer goes out.
#[component]
fn PayFirst(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = page.request.rma;
    let rows: Vec<_> = page
        .request
        .awaited()
        .into_iter()
        .map(|awaited| {
            let amount = say.f.money(Money::new(awaited.amount, awaited.currency));
            let pay = page.pays_online.then(|| {
                let action = format!("/returns/{rma}/pay");
                view! { <form method="post" action=action><input type="hidden" name="order" value=awaited.order.to_string()/><p class="acts"><button class="btn" type="submit">{m.track_pay_action(amount.clone())}</button></p></form> }
            });
            let by_hand = (!page.pays_online).then(|| view! { <p class="quiet sm">{m.track_pay_by_hand()}</p> });
            view! { <p>{m.track_pay_lead(amount)}</p>{pay}{by_hand} }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.track_pay_title()}</h2>{rows}</section> })
}

/// Papers of what was paid back, below the page of a return at `place`.
#[component]
pub fn CreditNotes(
    notes: Vec<(CreditNoteNo, Money)>,
    place: String,
    /// The form that machines read, too.
    #[prop(optional)]
    xml: bool,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rows: Vec<_> = notes
        .into_iter()
        .map(|(number, amount)| {
            let at = format!("{place}/credit-notes/{number}/credit-note.pdf");
            let xml = xml.then(|| view! { " · " <a href=format!("{place}/credit-notes/{number}/credit-note.xml")>"XML"</a> });
            view! { <li><a href=at>{m.credit_note_open(number)}</a> " · " <span class="num">{say.f.money(amount)}</span>{xml}</li> }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.credit_note_list()}</h2><ul class="others">{rows}</ul></section> })
}

/// What a page that is open shows anew after something happened: its heading, and what moves below.
#[must_use]
pub fn news(say: Say, shop: Arc<ShopFront>, page: ReturnPage) -> String {
    let owner = Owner::new_root(None);
    owner.with(|| {
        provide_context(say.clone());
        provide_context(shop);
        let title = say.stands(&page.request);
        let lead = lead(&say, &page);
        view! {
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            <Moving page=page/>
        }
        .to_html()
    })
}

/// By when the customer is to show what they were asked for, where that is what comes next.
fn shown_by(page: &ReturnPage) -> Option<Timestamp> {
    page.entries.iter().find(|entry| entry.moment == Moment::Show)?.promised_by.filter(|_| page.can_show)
}

fn lead(say: &Say, page: &ReturnPage) -> String {
    let m = say.m;
    let request = &page.request;
    let status = request.status();
    let pays = request.live_lines().any(|line| line.asked.resolution.pays() && line.asked.resolution != Resolution::KeepRefund);
    if let Some(late) = page.entries.iter().find_map(|entry| say.late(entry, page.after_arrival)) {
        return late;
    }
    if let Some(by) = shown_by(page) {
        return m.track_lead_show(say.f.by(by));
    }
    match (status, &request.pickup) {
        (Status::InReview, _) => m.track_lead_review(say.f.by(request.promises.decided.unwrap_or(request.promises.sent))),
        (Status::Approved, Some(pickup)) if request.method == Method::Pickup => m.track_lead_pickup(say.f.date(pickup.date)),
        (Status::Approved, _) if request.method == Method::Arranged => m.track_lead_arranged().into(),
        (Status::Approved, _) if page.keeps() => m.track_lead_keep(say.expected(request), say.f.by(request.promises.refunded)),
        (Status::Approved, _) if request.method == Method::None => m.track_lead_agreed().into(),
        (Status::Approved, _) if pays => m.track_lead_approved(say.f.by(request.promises.sent), say.f.by(request.promises.refunded)),
        (Status::Approved, _) => m.track_lead_approved_plain(say.f.by(request.promises.sent)),
        (Status::Declined, _) => m.track_lead_declined().into(),
        (Status::Cancelled, _) => m.track_lead_cancelled().into(),
        _ => m.track_lead_other().into(),
    }
}

/// Done, now, next.
#[component]
pub fn Timeline(
    entries: Vec<Entry>,
    /// Nothing more comes of it.
    #[prop(optional)]
    over: bool,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let entries: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let class = match entry.state {
                EntryState::Done if entry.taken_back => "back",
                EntryState::Done => "",
                EntryState::Now if entry.late.is_some() => "now late",
                EntryState::Now => "now",
                EntryState::Next if entry.late.is_some() => "next late",
                EntryState::Next => "next",
            };
            let late = entry.late.map(|_| view! { " " <span class="chip heed">{m.track_overdue()}</span> });
            let back = entry.taken_back.then(|| view! { " " <span class="chip">{m.track_taken_back()}</span> });
            let current = (entry.state == EntryState::Now).then_some("step");
            let detail = match &entry.moment {
                Moment::Label { tracking_number, .. } | Moment::LabelVoided { tracking_number } => {
                    Some(m.moment_label_number(tracking_number))
                }
                Moment::Cancelled { reason, .. } => reason.clone(),
                _ => None,
            };
            let words = match &entry.moment {
                Moment::ShopWrote { words }
                | Moment::CustomerWrote { words }
                | Moment::Appealed { words }
                | Moment::Extended { words, .. } => Some(words.clone()),
                Moment::OutboundAnswered { words, .. } | Moment::FeedbackGiven { words, .. } => words.clone(),
                _ => None,
            };
            let words = words.filter(|words| !words.is_empty());
            let said = match entry.taken_back {
                true => view! { <del>{say.moment(&entry.moment)}</del> }.into_any(),
                false => view! { <b>{say.moment(&entry.moment)}</b> }.into_any(),
            };
            let time = match entry.at {
                Some(at) => Some((at, say.f.moment(at))),
                None => entry.promised_by.zip(say.promised(&entry)),
            };
            view! {
                <li class=class aria-current=current>
                    {said}{late}{back}
                    {words.map(|words| view! { <span class="block words">{words}</span> })}
                    {detail.map(|detail| view! { <span class="block quiet sm">{detail}</span> })}
                    {time.map(|(time, shown)| view! { <time datetime=time.to_string()>{shown}</time> })}
                </li>
            }
        })
        .collect();
    view! { <ol class="line" class:over=over>{entries}</ol> }
}
