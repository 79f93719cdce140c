//! The statement: read once and confirmed, then received.

use std::sync::Arc;

use domain::money::Money;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{link, step};
use crate::ports::{ShopFront, ShopperDesk, StatementPage, WithdrawalAhead, WithdrawalReceipt};
use crate::say::Say;
use crate::ui::{Frame, Receipt, load};

/// The field that says which of its changes is confirmed.
pub const VERSION: &str = "version";
/// The question in the page's address that says: this is another than the one that was to be confirmed.
pub const CHANGED: &str = "changed";

/// `/withdraw/{link}`
#[component]
pub fn ShowStatement() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let link = link();
    load(async move { desk.statement_page(&link).await }, |page| match page.received.clone() {
        Some(receipt) => view! { <Received page=page receipt=receipt/> }.into_any(),
        None => view! { <Confirm page=page/> }.into_any(),
    })
}

#[component]
fn Confirm(page: StatementPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (here, change) = (format!("/withdraw/{}", page.link), format!("/withdraw/{}/change", page.link));
    let changed = use_query_map().with_untracked(|query| query.get(CHANGED).is_some());
    let changed = changed.then(|| view! { <p class="note heed" role="status">{m.withdraw_changed()}</p> });
    view! {
        <Frame title=m.withdraw_confirm_title() step=step(2, m.withdraw_step_confirm())>
            {changed}
            <div class="card">
                <Sentence page=page.clone()/>
                <p><a href=change>{m.shell_change()}</a></p>
            </div>
            <Then due=say.f.by(page.due) ahead=page.ahead.clone()/>
            <form method="post" action=here>
                <input type="hidden" name=VERSION value=page.version.to_string()/>
                <div class="foot"><div><button class="btn" type="submit">{m.withdrawal_labels().confirm}</button></div></div>
            </form>
        </Frame>
    }
}

/// What is declared, in the customer's own words.
#[component]
fn Sentence(page: StatementPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let shop = expect_context::<Arc<ShopFront>>();
    let name = shop.name.get(m.locale).unwrap_or_default().to_owned();
    view! {
        <h2 class="h">{m.withdraw_statement_to(name)}</h2>
        <blockquote>{page.statement.sentence}</blockquote>
        <dl class="said">
            <div><dt>{m.withdraw_by()}</dt><dd>{page.statement.name}</dd></div>
            <div><dt>{m.withdraw_answer_to()}</dt><dd>{page.to}</dd></div>
        </dl>
    }
}

/// What follows: with amounts and days, as far as they are known.
#[component]
fn Then(due: String, ahead: Option<WithdrawalAhead>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (sends, person) = ahead.as_ref().map_or((true, true), |ahead| (ahead.send_by.is_some(), ahead.person));
    let send =
        ahead.as_ref().and_then(|ahead| ahead.send_by).map_or(m.withdraw_then_return().to_owned(), |by| m.withdraw_then_send(say.f.by(by)));
    let label = if ahead.is_some() { m.withdraw_then_send_text() } else { m.withdraw_then_return_text() };
    let send = sends.then(|| view! { <li><b>{send}</b><span class="meta">{label}</span></li> });
    let person_text = if ahead.is_some() { m.withdraw_then_look_text(due) } else { m.withdraw_then_person_text(due) };
    let person_title = if ahead.is_some() { m.withdraw_then_look() } else { m.withdraw_then_person() };
    let person = person.then(|| view! { <li><b>{person_title}</b><span class="meta">{person_text}</span></li> });
    let money = ahead.clone().filter(|ahead| ahead.settlement.worth() > 0).map(|ahead| {
        let amount = say.f.money(Money::new(ahead.settlement.worth(), ahead.settlement.currency));
        let means = say.means_of_settlement(&ahead.settlement);
        let by = say.f.by(ahead.refund_by);
        let text = if sends { m.withdraw_then_money_text(by) } else { m.withdraw_then_money_now(by) };
        view! {
            <li>
                <b>{m.withdraw_then_money(amount, means)}</b>
                <span class="meta">{text}</span>
                <Receipt settlement=ahead.settlement names=ahead.names freight_free=ahead.freight_free/>
            </li>
        }
    });
    let in_time =
        ahead.and_then(|ahead| ahead.until).map(|until| view! { <p class="quiet sm">{m.withdraw_in_time(say.f.date(until))}</p> });
    view! {
        <section class="card">
            <h2 class="h">{m.withdraw_then_title()}</h2>
            <ol class="steps">
                <li><b>{m.withdraw_then_receipt()}</b><span class="meta">{m.withdraw_then_receipt_text()}</span></li>
                {send}
                {money}
                {person}
            </ol>
        </section>
        {in_time}
    }
}

#[component]
fn Received(page: StatementPage, receipt: WithdrawalReceipt) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let moment = say.received(receipt.at, &receipt.zone);
    let to = page.to.clone();
    let mailed = if receipt.times > 1 { m.withdraw_mailed_again(to, receipt.times) } else { m.withdraw_mailed(to) };
    let (again, pdf) = (format!("/withdraw/{}/again", page.link), format!("/withdraw/{}/receipt.pdf", page.link));
    let again = receipt.again.then(|| {
        view! {
            <p class="quiet sm">{m.withdraw_again_text()}</p>
            <form method="post" action=again><button class="btn second small" type="submit">{m.withdraw_again()}</button></form>
        }
    });
    let opened =
        receipt.rma.map(|rma| view! { <p class="acts"><a class="btn" href=format!("/returns/{rma}")>{m.withdraw_to_return(rma)}</a></p> });
    let due = (receipt.rma.is_none()).then(|| view! { <p>{m.withdraw_then_person_text(say.f.by(page.due))}</p> });
    view! {
        <Frame title=m.withdraw_received_title() lead=m.withdraw_received_lead(receipt.id, moment)>
            <p>{m.withdraw_received_what()}</p>
            {opened}
            <div class="card">
                <Sentence page=page/>
                <p><a href=pdf>{m.withdraw_pdf()}</a></p>
            </div>
            <div class="card"><p>{mailed}</p>{again}</div>
            {due}
        </Frame>
    }
}
