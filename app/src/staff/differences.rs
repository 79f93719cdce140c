//! What a gateway says that does not fit our books: reports come in, and each difference is settled with a reason.

use domain::item::LONGEST_COMMENT;
use domain::reconcile::DifferenceKind;
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{DifferenceView, DifferencesPage, Mistake, Noted, ReportView};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, escaped, field_id, load, mistake_at};

/// A report that is sent, and why a difference is none any more: their forms.
pub struct DifferenceForm;

impl DifferenceForm {
    pub const FILE: &'static str = "file";
    pub const FROM: &'static str = "from";
    pub const TO: &'static str = "to";
    pub const NUMBER: &'static str = "number";
    pub const REASON: &'static str = "reason";
    /// Of the page: which are shown.
    pub const STATE: &'static str = "state";

    /// Why it is settled.
    pub fn reason(fields: &Fields) -> Result<String, Noted> {
        let reason = fields.maybe(Self::REASON).map(|words| words.replace("\r\n", "\n"));
        let reason = reason.ok_or_else(|| noted(Self::REASON, Mistake::StaffWordsMissing))?;
        if reason.chars().count() > LONGEST_COMMENT {
            return Err(noted(Self::REASON, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok(reason)
    }

    /// The first and last day of which a report tells; nothing where neither was said.
    pub fn days(fields: &Fields) -> Result<Option<(Date, Date)>, Noted> {
        let day = |name: &str| match fields.maybe(name) {
            None => Ok(None),
            Some(text) => text.parse::<Date>().map(Some).map_err(|_| noted(name, Mistake::Unanswered)),
        };
        match (day(Self::FROM)?, day(Self::TO)?) {
            (Some(from), Some(to)) if from <= to => Ok(Some((from, to))),
            (None, None) => Ok(None),
            _ => Err(noted(Self::TO, Mistake::Unanswered)),
        }
    }
}

impl Say {
    fn difference(&self, kind: DifferenceKind) -> &'static str {
        let m = self.m;
        match kind {
            DifferenceKind::Unknown => m.difference_unknown(),
            DifferenceKind::Missing => m.difference_missing(),
            DifferenceKind::Amount => m.difference_amount(),
            DifferenceKind::Currency => m.difference_currency(),
            DifferenceKind::State => m.difference_state(),
            DifferenceKind::Twice => m.difference_twice(),
            DifferenceKind::Odd => m.difference_odd(),
            DifferenceKind::Dispute => m.difference_dispute(),
            DifferenceKind::OutsideRefund => m.difference_outside(),
        }
    }
}

/// `/staff/differences`
#[component]
pub fn Differences() -> impl IntoView {
    let desk = desk();
    let state = use_query_map().with_untracked(|query| query.get(DifferenceForm::STATE).unwrap_or_default());
    load(async move { desk.differences_page(state == "settled").await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: DifferencesPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DifferencesPage { rail, settled, rows, more, reports, today, open, typed, unread, mistakes } = page;
    let tab = |of_settled: bool, to: &'static str, name: &'static str| {
        view! { <li><a href=to aria-current=(of_settled == settled).then_some("page")>{name}</a></li> }
    };
    let tabs =
        [tab(false, "/staff/differences", m.difference_open()), tab(true, "/staff/differences?state=settled", m.difference_settled())];
    let none = rows.is_empty();
    let wrong = mistake_at(&mistakes, DifferenceForm::REASON);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let here = open == Some(row.number);
            let (typed, wrong) = if here { (typed.clone(), wrong.clone()) } else { (String::new(), None) };
            view! { <One row=row typed=typed wrong=wrong open=here/> }
        })
        .collect();
    let reports: Vec<_> = reports.into_iter().map(|report| view! { <Report report=report/> }).collect();
    let unread: Vec<_> =
        unread.into_iter().map(|(line, why)| view! { <li>{m.difference_line(line)} " " <code>{why}</code></li> }).collect();
    let [file, from, to] = [DifferenceForm::FILE, DifferenceForm::FROM, DifferenceForm::TO].map(field_id);
    let of_report = mistakes.iter().any(|noted| noted.field != DifferenceForm::REASON && !noted.field.is_empty());
    view! {
        <StaffFrame rail=rail here=Here::Payments title=m.difference_title() over=m.settle_room()>
            <p class="quiet">{m.difference_text()}</p>
            <ErrorSummary mistakes=mistakes.clone()/>
            {(!unread.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.difference_unread()}</h2><ul>{unread}</ul></section> })}
            <nav aria-label=m.settle_state()><ul class="views">{tabs}</ul></nav>
            {if none {
                view! { <section class="card empty"><p class="quiet">{m.difference_none()}</p></section> }.into_any()
            } else {
                view! { <ul class="others card">{rows}</ul> }.into_any()
            }}
            {more.then(|| view! { <p class="quiet sm">{m.difference_more()}</p> })}
            <details class="card" open=of_report>
                <summary><h2 class="h">{m.difference_report()}</h2></summary>
                <p class="quiet sm">{m.difference_report_text()}</p>
                <form class="form" method="post" action="/staff/differences/reports" enctype="multipart/form-data">
                    <p class="field"><label for=file.clone()>{m.difference_file()}</label><FieldError mistake=mistake_at(&mistakes, DifferenceForm::FILE) id=file.clone()/><input id=file type="file" name=DifferenceForm::FILE accept=".csv,text/csv" required/></p>
                    <p class="field"><label for=from.clone()>{m.settle_from()}</label><FieldError mistake=mistake_at(&mistakes, DifferenceForm::FROM) id=from.clone()/><input id=from type="date" name=DifferenceForm::FROM max=today.to_string()/></p>
                    <p class="field"><label for=to.clone()>{m.settle_to()}</label><FieldError mistake=mistake_at(&mistakes, DifferenceForm::TO) id=to.clone()/><input id=to type="date" name=DifferenceForm::TO/></p>
                    <p class="acts"><button class="btn" type="submit">{m.difference_compare()}</button></p>
                </form>
            </details>
            {(!reports.is_empty()).then(|| view! { <section class="card"><h2 class="h">{m.difference_reports()}</h2><ul class="others">{reports}</ul></section> })}
            <p><a href="/staff/payments">{m.settle_room()}</a></p>
        </StaffFrame>
    }
}

#[component]
fn One(row: DifferenceView, typed: String, wrong: Option<Mistake>, open: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let DifferenceView { number, at, what, rma, order, settled } = row;
    let name = format!("D{number}");
    let amounts: Vec<String> =
        [what.ours.map(|ours| m.difference_ours(say.f.money(ours))), what.theirs.map(|theirs| m.difference_theirs(say.f.money(theirs)))]
            .into_iter()
            .flatten()
            .collect();
    let names: Vec<String> =
        [order.map(|order| order.to_string()), what.name, what.reference, Some(what.said).filter(|said| !said.is_empty())]
            .into_iter()
            .flatten()
            .collect();
    let rma = rma.map(|rma| view! { " · " <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a> });
    let id = format!("{}-{number}", field_id(DifferenceForm::REASON));
    let ended = settled.clone().map(|(at, who, reason)| {
        let why = reason.map(|reason| view! { <span class="block">{reason}</span> });
        view! { <span class="quiet sm">{m.difference_ended(say.f.moment(at), who)} {why}</span> }
    });
    let form = settled.is_none().then(|| {
        let error = id.clone();
        view! {
            <details open=open>
                <summary>{m.difference_settle()}<span class="sr">" " {name.clone()}</span></summary>
                <form class="form" method="post" action="/staff/differences">
                    <input type="hidden" name=DifferenceForm::NUMBER value=name.clone()/>
                    <p class="field"><label for=id.clone()>{m.difference_why()}</label><FieldError mistake=wrong id=error/><input id=id name=DifferenceForm::REASON maxlength="500" autocomplete="off" value=escaped(&typed)/></p>
                    <p class="acts"><button class="btn second" type="submit">{m.difference_settle()}</button></p>
                </form>
            </details>
        }
    });
    view! {
        <li>
            <b>{say.difference(what.kind)}</b> <span class="num">{amounts.join(" · ")}</span>
            <span class="quiet sm">{name} " · " {say.f.moment(at)} " · " {names.join(" · ")} {rma}</span>
            {ended}
            {form}
        </li>
    }
}

#[component]
fn Report(report: ReportView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let found = report.found > 0;
    view! {
        <li>
            <b>{format!("K{}", report.number)}</b> " " {report.name}
            <span class="quiet sm">{say.f.moment(report.at)} " · " {report.who} " · " {m.difference_fit(report.fit, report.refunds)}</span>
            <span class="chip" class:heed=found>{m.difference_found(report.found)}</span>
            {(report.ended > 0).then(|| view! { <span class="chip">{m.difference_closed(report.ended)}</span> })}
        </li>
    }
}
