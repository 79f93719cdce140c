//! Money that goes by bank transfer: what is due, to whose account, and files of it for the bank.

use domain::item::LONGEST_COMMENT;
use domain::plain::one_line;
use domain::returns::{GrantNo, PaymentState};
use domain::rma::RmaNumber;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use super::settle::state_name;
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted, TransferBatchView, TransferDueView, TransferPage, TransferView, TransfersPage};
use crate::say::Say;
use crate::track_return::bank::AccountFields;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// Transfers that are put into a file, and what the bank did with them: their forms.
pub struct TransferForm;

impl TransferForm {
    pub const DUE: &'static str = "due";
    pub const KEY: &'static str = "key";
    pub const RMA: &'static str = "rma";
    pub const REFERENCE: &'static str = "reference";
    pub const PLACE: &'static str = "place";
    pub const REASON: &'static str = "reason";

    /// What was ticked, each once.
    pub fn chosen(fields: &Fields) -> Result<Vec<(RmaNumber, GrantNo)>, Noted> {
        let mut chosen: Vec<(RmaNumber, GrantNo)> = Vec::new();
        for value in fields.all(Self::DUE) {
            let one = value.split_once('|').and_then(|(rma, grant)| Some((rma.parse().ok()?, grant.parse().ok()?)));
            chosen.extend(one.filter(|one| !chosen.contains(one)));
        }
        if chosen.is_empty() { Err(noted(Self::DUE, Mistake::TransfersNothing)) } else { Ok(chosen) }
    }

    /// What the bank calls what it did.
    #[must_use]
    pub fn reference(fields: &Fields) -> Option<String> {
        fields.maybe(Self::REFERENCE).map(|text| one_line(&text, 200)).filter(|text| !text.is_empty())
    }

    /// Which one did not leave, and why.
    pub fn failed(fields: &Fields) -> Result<(i64, Option<String>), Noted> {
        let place = fields.get(Self::PLACE).parse().map_err(|_| noted(Self::PLACE, Mistake::Unanswered))?;
        let reason = fields.maybe(Self::REASON).map(|words| words.replace("\r\n", "\n"));
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_COMMENT) {
            return Err(noted(Self::REASON, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok((place, reason))
    }
}

/// `/staff/payments/transfers`
#[component]
pub fn Transfers() -> impl IntoView {
    let desk = desk();
    load(async move { desk.transfers_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: TransfersPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let TransfersPage { rail, due, more, batches, key, typed, mistakes } = page;
    let any = due.iter().any(|due| due.to.is_some());
    let rows: Vec<_> = due.into_iter().map(|due| view! { <Due due=due/> }).collect();
    let files: Vec<_> = batches.into_iter().map(|batch| view! { <Batch batch=batch/> }).collect();
    let wrong = mistake_at(&mistakes, TransferForm::DUE);
    let (id, error_id) = (field_id(TransferForm::DUE), field_id(TransferForm::DUE));
    let list = if rows.is_empty() {
        view! { <p class="quiet">{m.transfer_none()}</p> }.into_any()
    } else {
        view! {
            <form method="post" action="/staff/payments/transfers">
                <input type="hidden" name=TransferForm::KEY value=key/>
                <fieldset class="tiles" id=id>
                    <legend class="sr">{m.transfer_due()}</legend>
                    <FieldError mistake=wrong id=error_id/>
                    {rows}
                </fieldset>
                {more.then(|| view! { <p class="quiet sm">{m.transfer_more()}</p> })}
                {any.then(|| view! { <p class="acts"><button class="btn" type="submit">{m.transfer_make()}</button></p> })}
            </form>
        }
        .into_any()
    };
    let of_account = mistakes.iter().any(|noted| noted.field != TransferForm::DUE && !noted.field.is_empty());
    view! {
        <StaffFrame rail=rail here=Here::Payments title=m.transfer_title() over=m.settle_room()>
            <p class="quiet">{m.transfer_text()}</p>
            <ErrorSummary mistakes=mistakes.clone()/>
            <section class="card"><h2 class="h">{m.transfer_due()}</h2>{list}</section>
            <details class="card" open=of_account>
                <summary><h2 class="h">{m.transfer_account()}</h2></summary>
                <form class="form" method="post" action="/staff/payments/accounts">
                    <Field name=TransferForm::RMA label=m.transfer_rma() hint="" value=typed wrong=mistake_at(&mistakes, TransferForm::RMA) autocomplete="off" inputmode="text"/>
                    <AccountFields mistakes=mistakes.clone()/>
                    <p class="quiet sm">{m.bank_kept()}</p>
                    <p class="acts"><button class="btn second" type="submit">{m.bank_save()}</button></p>
                </form>
            </details>
            {(!files.is_empty()).then(|| view! { <h2 class="h">{m.transfer_files()}</h2><ul class="tasks">{files}</ul> })}
            <p><a href="/staff/payments">{m.settle_room()}</a></p>
        </StaffFrame>
    }
}

#[component]
fn Due(due: TransferDueView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let late = due.due <= say.f.now;
    let known = due.to.is_some();
    let to = match due.to {
        Some((holder, account)) => m.transfer_to(holder, account),
        None => m.transfer_no_account().to_owned(),
    };
    let by = say.f.moment(due.due);
    let by = if late { m.staff_late(by) } else { m.staff_due(by) };
    view! {
        <label class="tile line">
            <input class="check" type="checkbox" name=TransferForm::DUE value=format!("{}|{}", due.rma, due.grant) checked=known disabled=!known/>
            <span>
                <b class="num">{say.f.money(due.amount)}</b> " · " {to}
                <span class="block quiet sm">{due.order} " · " {due.rma.to_string()} " · " <span class="chip" class:heed=late>{by}</span></span>
            </span>
        </label>
    }
}

#[component]
fn Batch(batch: TransferBatchView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let stands = if batch.pending > 0 { m.transfer_open(batch.pending) } else { m.transfer_done().to_owned() };
    view! {
        <li>
            <a class="task" href=format!("/staff/payments/transfers/T{}", batch.number)>
                <b class="name">{format!("T{}", batch.number)} " · " {m.transfer_count(batch.transfers)}</b>
                <span class="quiet">{say.f.moment(batch.at)} " · " {batch.who}</span>
                <span class="chip" class:heed={batch.pending > 0}>{stands}</span>
            </a>
        </li>
    }
}

/// `/staff/payments/transfers/{number}`
#[component]
pub fn OneTransfer() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.transfer_page(&number).await }, |page| view! { <File page=page/> })
}

#[component]
fn File(page: TransferPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let TransferPage { rail, batch, transfers, file, mistakes } = page;
    let name = format!("T{}", batch.number);
    let at = format!("/staff/payments/transfers/{name}");
    let rows: Vec<_> = transfers.iter().cloned().map(|transfer| view! { <Sent transfer=transfer/> }).collect();
    let file = match file {
        Ok(()) => view! { <a class="btn" href=format!("{at}/transfers.xml")>{m.transfer_get_xml()}</a> }.into_any(),
        Err(why) => {
            let why = match why.as_str() {
                "no_own_account" => m.transfer_no_own_account(),
                "not_sepa" => m.transfer_not_sepa(),
                "forgotten" => m.transfer_forgotten(),
                _ => m.transfer_done(),
            };
            view! { <span class="quiet sm">{why}</span> }.into_any()
        }
    };
    let choices: Vec<_> = transfers
        .iter()
        .filter(|transfer| transfer.state.holds())
        .map(|transfer| view! { <option value=transfer.nth.to_string()>{transfer.nth} " · " {transfer.rma.to_string()} " · " {say.f.money(transfer.amount)}</option> })
        .collect();
    let [reference, place, reason] = [TransferForm::REFERENCE, TransferForm::PLACE, TransferForm::REASON].map(field_id);
    let open = transfers.iter().any(|transfer| transfer.state == PaymentState::Pending);
    let failed = (!choices.is_empty()).then(|| view! {
        <section class="card">
            <h2 class="h">{m.transfer_failed()}</h2>
            <form class="form" method="post" action=format!("{at}/failed")>
                <p class="field"><label for=place.clone()>{m.transfer_which()}</label><FieldError mistake=mistake_at(&mistakes, TransferForm::PLACE) id=place.clone()/><select id=place name=TransferForm::PLACE>{choices}</select></p>
                <p class="field"><label for=reason.clone()>{m.settle_reason()}</label><FieldError mistake=mistake_at(&mistakes, TransferForm::REASON) id=reason.clone()/><input id=reason name=TransferForm::REASON maxlength="200" autocomplete="off"/></p>
                <p class="acts"><button class="btn second" type="submit">{m.transfer_failed_save()}</button></p>
            </form>
        </section>
    });
    let left = open.then(|| view! {
        <section class="card">
            <h2 class="h">{m.transfer_left()}</h2>
            <p class="quiet sm">{m.transfer_left_text()}</p>
            <form class="form" method="post" action=format!("{at}/left")>
                <p class="field"><label for=reference.clone()>{m.settle_reference()}</label><input id=reference name=TransferForm::REFERENCE maxlength="200" autocomplete="off"/></p>
                <p class="acts"><button class="btn" type="submit">{m.transfer_left_save()}</button></p>
            </form>
        </section>
    });
    view! {
        <StaffFrame rail=rail here=Here::Payments title=format!("{} {name}", m.transfer_file()) over=m.transfer_title()>
            <ErrorSummary mistakes=mistakes.clone()/>
            <section class="card">
                <p class="quiet">{say.f.moment(batch.at)} " · " {batch.who.clone()}</p>
                <p class="acts">{file} " " <a class="btn second" href=format!("{at}/transfers.csv")>{m.transfer_get_csv()}</a></p>
                <ul class="others">{rows}</ul>
            </section>
            {left}
            {failed}
            <p><a href="/staff/payments/transfers">{m.transfer_title()}</a></p>
        </StaffFrame>
    }
}

#[component]
fn Sent(transfer: TransferView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let heed = !transfer.state.holds();
    let to = transfer.to.map_or_else(|| m.transfer_forgotten().to_owned(), |(holder, account)| m.transfer_to(holder, account));
    view! {
        <li>
            <a class="num" href=format!("/staff/returns/{}", transfer.rma)>{format!("{}-{}", transfer.rma, transfer.payment)}</a>
            <span class="num"><b>{say.f.money(transfer.amount)}</b></span>
            <span class="quiet sm">{to} " " <span class="chip" class:heed=heed>{state_name(&say, transfer.state)}</span></span>
        </li>
    }
}
