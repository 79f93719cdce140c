//! Money on a return's page: less is offered, what is due is promised and paid, and what goes out instead is followed.
//! Long because each form of whoever settles a return stands here.

use domain::money::{Amount, Currency, Money};
use domain::returns::{
    Collectable, CollectedFor, CommandKind, Grant, GrantNo, HoldGround, Payment, PaymentNo, PaymentState, RemedyNo, RemedyState, Return,
    TaskKind,
};
use leptos::prelude::*;

use super::goods::typed;
use super::keys::{self, Key};
use crate::forms::{Fields, noted};
use crate::ports::{CasePage, Mistake, Noted};
use crate::say::Say;
use crate::ui::{FieldError, escaped, field_id, mistake_at};

/// Characters of a bank's or shop's name for something.
const LONGEST_REFERENCE: usize = 200;

/// The forms of whoever settles a return.
pub struct SettleForm;

impl SettleForm {
    pub const OFFER: &'static str = "do-offer";
    pub const GRANT: &'static str = "do-grant";
    pub const REPLACE: &'static str = "do-replace";
    pub const HOLD: &'static str = "do-hold";
    pub const RELEASE: &'static str = "do-release";
    pub const PAY: &'static str = "do-pay";
    pub const PAYMENT: &'static str = "do-payment";
    pub const REMEDY: &'static str = "do-remedy";
    pub const AMOUNT: &'static str = "offer-amount";
    pub const METHOD: &'static str = "pay-method";
    pub const REFERENCE: &'static str = "reference";
    pub const COLLECT: &'static str = "do-collect";
    pub const WAIVE: &'static str = "do-waive";
    pub const COLLECT_FOR: &'static str = "collect-for";
    pub const COLLECT_AMOUNT: &'static str = "collect-amount";
    pub const COLLECT_REFERENCE: &'static str = "collect-reference";
    pub const WAIVE_REASON: &'static str = "waive-reason";
    const WHICH: &'static str = "which";
    pub const STATE: &'static str = "state";
    const REASON: &'static str = "reason";

    /// Their names: what they are about is said beside them while the page is open.
    #[must_use]
    pub fn ids(page: &CasePage) -> Vec<&'static str> {
        let forms = [
            (CommandKind::Offer, Self::OFFER),
            (CommandKind::Grant, Self::GRANT),
            (CommandKind::OweRemedy, Self::REPLACE),
            (CommandKind::Hold, Self::HOLD),
            (CommandKind::Pay, Self::PAY),
            (CommandKind::ConfirmPayment, Self::PAYMENT),
            (CommandKind::MoveRemedy, Self::REMEDY),
            (CommandKind::Collect, Self::COLLECT),
            (CommandKind::Waive, Self::WAIVE),
        ];
        forms.into_iter().filter(|(kind, _)| page.can.contains(kind)).map(|(_, id)| id).collect()
    }

    /// An amount of that currency, where one was typed.
    pub fn amount(fields: &Fields, currency: Currency) -> Result<Option<Amount>, Noted> {
        if fields.get(Self::AMOUNT).is_empty() { Ok(None) } else { fields.amount(Self::AMOUNT, currency).map(Some) }
    }

    /// What bank or shop call it.
    #[must_use]
    pub fn reference(fields: &Fields) -> Option<String> {
        fields.maybe(Self::REFERENCE).map(|text| domain::plain::one_line(&text, LONGEST_REFERENCE)).filter(|text| !text.is_empty())
    }

    /// What bank or till call what the customer paid.
    #[must_use]
    pub fn collected_as(fields: &Fields) -> Option<String> {
        fields.maybe(Self::COLLECT_REFERENCE).map(|text| domain::plain::one_line(&text, LONGEST_REFERENCE)).filter(|text| !text.is_empty())
    }

    /// A payment, and what became of it: its state, and why.
    pub fn payment(fields: &Fields) -> Result<(PaymentNo, PaymentState, Option<String>), Noted> {
        let which = fields.get(Self::WHICH).parse().map_err(|_| noted(Self::WHICH, Mistake::Unanswered))?;
        let said = fields.get(Self::STATE).parse().ok().filter(|state| *state != PaymentState::Pending);
        let state = said.ok_or_else(|| noted(Self::STATE, Mistake::Unanswered))?;
        let reason = fields.maybe(Self::REASON).map(|text| domain::plain::one_line(&text, LONGEST_REFERENCE));
        Ok((which, state, reason.filter(|_| state != PaymentState::Paid)))
    }

    /// A grant, and what is said of holding it or letting it go.
    pub fn hold(fields: &Fields) -> Result<(GrantNo, Option<String>), Noted> {
        let which = fields.get(Self::WHICH).parse().map_err(|_| noted(Self::WHICH, Mistake::Unanswered))?;
        let note = fields.maybe(Self::REASON).map(|text| domain::plain::one_line(&text, LONGEST_REFERENCE));
        Ok((which, note.filter(|note| !note.is_empty())))
    }

    /// A remedy, and how far it is.
    pub fn remedy(fields: &Fields) -> Result<(RemedyNo, RemedyState), Noted> {
        let which = fields.get(Self::WHICH).parse().map_err(|_| noted(Self::WHICH, Mistake::Unanswered))?;
        let to = RemedyState::MOVES.into_iter().find(|(name, _)| *name == fields.get(Self::STATE));
        to.map(|(_, to)| (which, to)).ok_or_else(|| noted(Self::STATE, Mistake::Unanswered))
    }
}

/// What whoever settles it can do with it now.
#[component]
pub(super) fn Settle(page: CasePage) -> impl IntoView {
    let request = &page.request;
    let can = |kind| page.can.contains(&kind);
    let lesser = !request.lines_worth_less().is_empty();
    let offer = (can(CommandKind::Offer) && lesser).then(|| view! { <Offer page=page.clone()/> });
    let due = !page.due.is_empty() || !request.owable().is_empty();
    let grant = (can(CommandKind::Grant) && due).then(|| view! { <Promise page=page.clone()/> });
    let replace = (can(CommandKind::OweRemedy) && !request.replaceable().is_empty()).then(|| view! { <Replace page=page.clone()/> });
    let held = can(CommandKind::Release).then(|| view! { <OnHold page=page.clone()/> });
    let hold = can(CommandKind::Hold).then(|| view! { <PutOnHold page=page.clone()/> });
    let owed = owed(request).any(|grant| request.held(grant.id).is_none());
    let pay = (can(CommandKind::Pay) && owed).then(|| view! { <Pay page=page.clone()/> });
    let became = (can(CommandKind::ConfirmPayment) && request.payments.iter().any(|payment| payment.state.holds()))
        .then(|| view! { <Became page=page.clone()/> });
    let moves = request.remedies.iter().any(|remedy| remedy.state.is_open());
    let remedy = (can(CommandKind::MoveRemedy) && moves).then(|| view! { <OnItsWay page=page.clone()/> });
    let given = !request.given_ahead(false).is_empty();
    let collect = (can(CommandKind::Collect) && (given || !request.awaited().is_empty())).then(|| view! { <Paid page=page.clone()/> });
    let waive = (can(CommandKind::Waive) && given).then(|| view! { <LetBe page=page.clone()/> });
    view! { {offer}{grant}{replace}{held}{pay}{hold}{became}{remedy}{collect}{waive} }
}

/// What was promised of which some has not left.
fn owed(request: &Return) -> impl Iterator<Item = &Grant> {
    request.grants.iter().filter(|grant| grant.amount > request.sent_of(grant.id))
}

/// What of a grant has not left, in words.
fn left(say: &Say, request: &Return, grant: &Grant) -> String {
    say.f.money(Money::new(grant.amount - request.sent_of(grant.id), grant.currency))
}

/// All that the customer may have paid for, each by its name on the form.
pub fn collectable(request: &Return) -> impl Iterator<Item = (String, Collectable)> {
    request.collectable().into_iter().zip(1..).map(|(one, place)| (format!("{}-{place}", one.cause), one))
}

#[component]
fn Paid(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let before = typed(&page, SettleForm::COLLECT);
    let which: Vec<_> = collectable(&page.request)
        .map(|(code, one)| {
            let amount = say.f.money(one.amount);
            let text = match (one.cause, one.amount.minor) {
                (CollectedFor::Due, _) => m.settle_collect_due(amount),
                (CollectedFor::Back, 0) => m.settle_collect_unknown().to_owned(),
                (CollectedFor::Back, _) => m.settle_collect_back(amount),
            };
            view! { <option value=code>{text}</option> }
        })
        .collect();
    let value = |name: &str| before.as_ref().map(|fields| fields.short(name)).unwrap_or_default();
    let (a, b, c) = (field_id(SettleForm::COLLECT_FOR), field_id(SettleForm::COLLECT_AMOUNT), field_id(SettleForm::COLLECT_REFERENCE));
    let wrong = |name: &str| mistake_at(&page.mistakes, name);
    view! {
        <details class="card dock" open=before.is_some() || page.has_task(TaskKind::ClawBack) || page.has_task(TaskKind::CollectDue)>
            <summary class="h">{m.settle_collect()}</summary>
            <form class="form" method="post" action=action(&page.request, "collect") id=SettleForm::COLLECT>
                <p class="field"><label for=a.clone()>{m.settle_collect_for()}</label><FieldError mistake=wrong(SettleForm::COLLECT_FOR) id=a.clone()/><select id=a name=SettleForm::COLLECT_FOR>{which}</select></p>
                <p class="field"><label for=b.clone()>{m.settle_collect_amount()}</label><FieldError mistake=wrong(SettleForm::COLLECT_AMOUNT) id=b.clone()/><input id=b name=SettleForm::COLLECT_AMOUNT inputmode="decimal" maxlength="20" autocomplete="off" value=escaped(&value(SettleForm::COLLECT_AMOUNT))/></p>
                <p class="field"><label for=c.clone()>{m.settle_collect_reference()}</label><FieldError mistake=wrong(SettleForm::COLLECT_REFERENCE) id=c.clone()/><input id=c name=SettleForm::COLLECT_REFERENCE maxlength="200" autocomplete="off" value=escaped(&value(SettleForm::COLLECT_REFERENCE))/></p>
                <p class="acts"><button class="btn" type="submit">{m.settle_collect_save()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn LetBe(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let before = typed(&page, SettleForm::WAIVE);
    let id = field_id(SettleForm::WAIVE_REASON);
    let value = before.as_ref().map(|fields| fields.short(SettleForm::WAIVE_REASON)).unwrap_or_default();
    view! {
        <details class="card dock" open=before.is_some()>
            <summary class="h">{m.settle_waive()}</summary>
            <form class="form" method="post" action=action(&page.request, "waive") id=SettleForm::WAIVE>
                <p class="field"><label for=id.clone()>{m.settle_waive_reason()}</label><FieldError mistake=mistake_at(&page.mistakes, SettleForm::WAIVE_REASON) id=id.clone()/><input id=id name=SettleForm::WAIVE_REASON maxlength="500" autocomplete="off" value=escaped(&value)/></p>
                <p class="acts"><button class="btn second" type="submit">{m.settle_waive_save()}</button></p>
            </form>
        </details>
    }
}

/// Where a form of the page leads.
fn action(request: &Return, what: &str) -> String {
    format!("/staff/returns/{}/{what}", request.rma)
}

#[component]
fn Offer(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let before = typed(&page, SettleForm::OFFER);
    let id = field_id(SettleForm::AMOUNT);
    let appealed = page.has_task(TaskKind::AnswerAppeal);
    let names: Vec<String> = page
        .request
        .lots()
        .filter(|(_, lot)| lot.state.inspection.is_less() && lot.state.is_live())
        .map(|(line, lot)| say.units_of(&line.asked.name, lot.units))
        .collect();
    let known = page.request.offerable().iter().map(|(_, lots)| lots.len()).sum::<usize>() > 0;
    let value = before.as_ref().map(|fields| fields.short(SettleForm::AMOUNT)).unwrap_or_default();
    let hint = if known { m.settle_offer_known() } else { m.settle_offer_hint() };
    view! {
        <details class="card dock" open=before.is_some() || known || appealed>
            <summary class="h" data-key=keys::OFFER aria-keyshortcuts=keys::OFFER>{m.settle_offer(m.list(&names))} " " <Key key=keys::OFFER/></summary>
            <form class="form" method="post" action=action(&page.request, "offer") id=SettleForm::OFFER>
                <p class="field"><label for=id.clone()>{m.settle_offer_amount()}</label><FieldError mistake=mistake_at(&page.mistakes, SettleForm::AMOUNT) id=id.clone()/><input id=id.clone() name=SettleForm::AMOUNT inputmode="decimal" maxlength="20" autocomplete="off" aria-describedby=format!("{id}-hint") value=escaped(&value)/><span class="quiet sm block" id=format!("{id}-hint")>{hint}</span></p>
                <p class="acts"><button class="btn" type="submit">{m.settle_offer_send()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn Promise(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let money: Vec<String> = page
        .due
        .iter()
        .map(|(amount, credit)| if *credit { m.settle_as_credit(say.f.money(*amount)) } else { say.f.money(*amount) })
        .collect();
    let items: Vec<String> = request
        .owable()
        .iter()
        .flatten()
        .filter_map(|lot| request.lot(*lot))
        .map(|(line, lot)| m.settle_item(say.units_of(&line.asked.name, lot.units)))
        .collect();
    let all: Vec<String> = money.into_iter().chain(items).collect();
    view! {
        <section class="card dock">
            <h2 class="h">{m.settle_due()}</h2>
            <p><b class="num">{m.list(&all)}</b></p>
            <form class="form" method="post" action=action(request, "grant") id=SettleForm::GRANT>
                <p class="acts"><button class="btn" type="submit" data-key=keys::PROMISE aria-keyshortcuts=keys::PROMISE>{m.settle_promise()} " " <Key key=keys::PROMISE/></button></p>
            </form>
        </section>
    }
}

/// The customer's choice once a repair failed: the same new, where money would be due.
#[component]
fn Replace(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let lots = request.replaceable().into_iter().flatten().filter_map(|lot| request.lot(lot));
    let names: Vec<String> = lots.map(|(line, lot)| say.units_of(&line.asked.name, lot.units)).collect();
    view! {
        <section class="card dock">
            <h2 class="h">{m.settle_replace(m.list(&names))}</h2>
            <p class="quiet">{m.settle_replace_text()}</p>
            <form class="form" method="post" action=action(request, "replace") id=SettleForm::REPLACE>
                <p class="acts"><button class="btn second" type="submit">{m.settle_replace_save()}</button></p>
            </form>
        </section>
    }
}

/// What is on hold, and why; each is let go on its own.
#[component]
fn OnHold(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let mistake = mistake_at(&page.mistakes, SettleForm::RELEASE);
    let held: Vec<_> = owed(request)
        .filter_map(|grant| Some((grant, request.held(grant.id)?)))
        .enumerate()
        .map(|(place, (grant, hold))| {
            let first = place == 0;
            let why = match hold.ground {
                HoldGround::Stopped => m.settle_hold_stopped(),
                HoldGround::SecondLook => m.settle_hold_second(),
            };
            let amount = left(&say, request, grant);
            let id = field_id(&format!("{}-{}", SettleForm::REASON, grant.id));
            let note = hold.note.clone().map(|note| view! { <p class="words">{note}</p> });
            view! {
                <form class="form" method="post" action=action(request, "release")>
                    <p><b class="num">{amount}</b> " " <span class="quiet sm">{why}</span></p>
                    {note}
                    <input type="hidden" name=SettleForm::WHICH value=grant.id.to_string()/>
                    <input type="hidden" name=crate::staff::Decide::VERSION value=request.version.to_string()/>
                    <p class="field"><label for=id.clone()>{m.settle_reason()}</label><input id=id name=SettleForm::REASON maxlength="200" autocomplete="off"/></p>
                    <p class="acts"><button class="btn" type="submit" data-key=first.then_some(keys::RELEASE) aria-keyshortcuts=first.then_some(keys::RELEASE)>{m.settle_release()} {first.then(|| view! { " " <Key key=keys::RELEASE/> })}</button></p>
                </form>
            }
        })
        .collect();
    view! {
        <section class="card dock" id=SettleForm::RELEASE>
            <h2 class="h">{m.settle_on_hold()}</h2>
            <p><FieldError mistake=mistake id=SettleForm::RELEASE.to_owned()/></p>
            {held}
        </section>
    }
}

#[component]
fn PutOnHold(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let before = typed(&page, SettleForm::HOLD);
    let which: Vec<_> = owed(request)
        .filter(|grant| request.held(grant.id).is_none())
        .map(|grant| view! { <option value=grant.id.to_string()>{left(&say, request, grant)}</option> })
        .collect();
    let (a, b) = (field_id("hold-which"), field_id("hold-reason"));
    let value = before.as_ref().map(|fields| fields.short(SettleForm::REASON)).unwrap_or_default();
    view! {
        <details class="card dock" open=before.is_some()>
            <summary class="h" data-key=keys::HOLD aria-keyshortcuts=keys::HOLD>{m.settle_hold()} " " <Key key=keys::HOLD/></summary>
            <form class="form" method="post" action=action(request, "hold") id=SettleForm::HOLD>
                <p class="field"><label for=a.clone()>{m.settle_hold_which()}</label><select id=a name=SettleForm::WHICH>{which}</select></p>
                <p class="field"><label for=b.clone()>{m.settle_reason()}</label><input id=b name=SettleForm::REASON maxlength="200" autocomplete="off" value=escaped(&value)/></p>
                <p class="acts"><button class="btn second" type="submit">{m.settle_hold()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn Pay(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let before = typed(&page, SettleForm::PAY);
    let request = &page.request;
    let owed: Vec<String> =
        owed(request).filter(|grant| request.held(grant.id).is_none()).map(|grant| left(&say, request, grant)).collect();
    let chosen = before.as_ref().map_or("manual".to_owned(), |fields| fields.short(SettleForm::METHOD));
    let ways: Vec<_> = ["manual", "gateway", "store_credit"]
        .into_iter()
        .map(|code| {
            let selected = chosen == code;
            view! { <option value=code selected=selected>{way_name(&say, code)}</option> }
        })
        .collect();
    let how = field_id(SettleForm::METHOD);
    let id = field_id(SettleForm::REFERENCE);
    let value = before.as_ref().map(|fields| fields.short(SettleForm::REFERENCE)).unwrap_or_default();
    view! {
        <section class="card dock">
            <h2 class="h">{m.settle_to_pay(m.list(&owed))}</h2>
            <form class="form" method="post" action=action(request, "pay") id=SettleForm::PAY>
                <p class="field"><label for=how.clone()>{m.settle_how()}</label><FieldError mistake=mistake_at(&page.mistakes, SettleForm::METHOD) id=how.clone()/><select id=how name=SettleForm::METHOD>{ways}</select></p>
                <p class="field"><label for=id.clone()>{m.settle_reference()} " " <Key key=keys::PAY/></label><input id=id name=SettleForm::REFERENCE maxlength="200" autocomplete="off" value=escaped(&value) data-key=keys::PAY data-name=m.settle_pay() aria-keyshortcuts=keys::PAY/></p>
                <p class="acts"><button class="btn" type="submit">{m.settle_pay()}</button></p>
            </form>
        </section>
    }
}

/// How far a payment is, in words.
pub(super) fn state_name(say: &Say, state: PaymentState) -> &'static str {
    let m = say.m;
    match state {
        PaymentState::Pending => m.settle_pending(),
        PaymentState::Paid => m.settle_paid(),
        PaymentState::Failed => m.settle_failed(),
        PaymentState::Reversed => m.settle_reversed(),
    }
}

/// How money leaves, in words.
pub(super) fn way_name(say: &Say, way: &str) -> &'static str {
    let m = say.m;
    match way {
        "manual" => m.settle_by_hand(),
        "store_credit" => m.settle_by_credit(),
        _ => m.settle_by_gateway(),
    }
}

/// A payment in a line.
fn told(say: &Say, request: &Return, payment: &Payment) -> String {
    let currency = |id: GrantNo| request.grants.iter().find(|grant| grant.id == id).map(|grant| grant.currency);
    let amount = currency(payment.grant).map(|currency| say.f.money(Money::new(payment.amount, currency))).unwrap_or_default();
    let (way, state) = (way_name(say, payment.to.way()), state_name(say, payment.state));
    let parts = [Some(amount), Some(way.to_owned()), Some(state.to_owned()), payment.reference.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What left and what did not, for who looks at the money.
pub(super) fn payments_told(say: &Say, request: &Return) -> Vec<String> {
    request.payments.iter().map(|payment| told(say, request, payment)).collect()
}

#[component]
fn Became(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let before = typed(&page, SettleForm::PAYMENT);
    let which: Vec<_> = request
        .payments
        .iter()
        .filter(|payment| payment.state.holds())
        .map(|payment| view! { <option value=payment.id.to_string()>{told(&say, request, payment)}</option> })
        .collect();
    let states: Vec<_> = PaymentState::ALL
        .iter()
        .filter(|state| **state != PaymentState::Pending)
        .map(|state| view! { <option value=state.code()>{state_name(&say, *state)}</option> })
        .collect();
    let (a, b, c) = (field_id(SettleForm::WHICH), field_id(SettleForm::STATE), field_id(SettleForm::REASON));
    let pending = request.payments.iter().any(|payment| payment.state == PaymentState::Pending);
    view! {
        <details class="card dock" open=before.is_some() || pending>
            <summary class="h">{m.settle_became()}</summary>
            <form class="form" method="post" action=action(request, "payment") id=SettleForm::PAYMENT>
                <p class="field"><label for=a.clone()>{m.settle_payment()}</label><select id=a name=SettleForm::WHICH>{which}</select></p>
                <p class="field"><label for=b.clone()>{m.settle_state()}</label><FieldError mistake=mistake_at(&page.mistakes, SettleForm::STATE) id=b.clone()/><select id=b name=SettleForm::STATE>{states}</select></p>
                <p class="field"><label for=c.clone()>{m.settle_reason()}</label><input id=c name=SettleForm::REASON maxlength="200" autocomplete="off"/></p>
                <p class="acts"><button class="btn second" type="submit">{m.settle_became_save()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn OnItsWay(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let request = &page.request;
    let state = |state: RemedyState| match state {
        RemedyState::Due => m.settle_item_due(),
        RemedyState::Reserved => m.settle_item_reserved(),
        RemedyState::Ordered => m.settle_item_ordered(),
        RemedyState::Shipped => m.settle_item_shipped(),
        RemedyState::Delivered => m.settle_item_delivered(),
        RemedyState::CalledOff => m.settle_item_off(),
    };
    let open: Vec<_> = request.remedies.iter().filter(|remedy| remedy.state.is_open()).collect();
    let which: Vec<_> = open
        .iter()
        .map(|remedy| {
            let lots = remedy.lots.iter().filter_map(|lot| request.lot(*lot));
            let names: Vec<String> = lots.map(|(line, lot)| say.units_of(&line.asked.name, lot.units)).collect();
            let sku = remedy.sku.as_ref().map(ToString::to_string);
            let parts: Vec<String> = [Some(m.list(&names)), sku, Some(state(remedy.state).to_owned())].into_iter().flatten().collect();
            view! { <option value=remedy.id.to_string()>{parts.join(" · ")}</option> }
        })
        .collect();
    let can = |to: &RemedyState| open.iter().any(|remedy| remedy.state.can_go(*to));
    let states: Vec<_> = RemedyState::MOVES
        .into_iter()
        .filter(|(_, to)| can(to))
        .map(|(code, to)| view! { <option value=code>{state(to)}</option> })
        .collect();
    let (a, b, c) = (field_id(SettleForm::WHICH), field_id(SettleForm::STATE), field_id(SettleForm::REFERENCE));
    let open = page.has_task(TaskKind::SendItem);
    view! {
        <details class="card dock" open=open>
            <summary class="h">{m.settle_items()}</summary>
            <form class="form" method="post" action=action(request, "remedy") id=SettleForm::REMEDY>
                <p class="field"><label for=a.clone()>{m.settle_item_which()}</label><select id=a name=SettleForm::WHICH>{which}</select></p>
                <p class="field"><label for=b.clone()>{m.settle_state()}</label><FieldError mistake=mistake_at(&page.mistakes, SettleForm::STATE) id=b.clone()/><select id=b name=SettleForm::STATE>{states}</select></p>
                <p class="field"><label for=c.clone()>{m.settle_item_number()}</label><input id=c name=SettleForm::REFERENCE maxlength="200" autocomplete="off" data-takes=""/></p>
                <p class="acts"><button class="btn" type="submit">{m.settle_item_save()}</button></p>
            </form>
        </details>
    }
}
