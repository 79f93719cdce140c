//! Claims against suppliers and carriers: the list of them, and one with what can be done with it (P27).
//! Long because the two forms of a claim and the two pages they stand on belong together.

use std::collections::BTreeMap;

use domain::claim::{Against, ClaimGround, ClaimState, ClaimStep, deadline_runs};
use domain::ids::OrderNumber;
use domain::item::LONGEST_COMMENT;
use domain::money::{Currency, Money};
use domain::plain::one_line;
use domain::returns::Return;
use domain::rma::RmaNumber;
use jiff::Span;
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{ClaimPage, ClaimStepView, ClaimView, ClaimsAsked, ClaimsPage, ClaimsShown, Mistake, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// Letters of a name or a number.
const LONGEST: usize = 200;
/// Years before and after today in which a claim's days lie.
const MOST_YEARS: i64 = 10;

/// A claim to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimForm {
    pub ground: ClaimGround,
    pub party: String,
    pub rma: Option<RmaNumber>,
    pub order: Option<OrderNumber>,
    /// The parcel's number.
    pub tracking: Option<String>,
    pub expected: Option<Money>,
    /// When it was delivered, or should have been.
    pub since: Option<Date>,
    /// The last day for it; nothing: as the law has it.
    pub due: Option<Date>,
    pub note: Option<String>,
    /// Names this form.
    pub key: String,
}

/// An amount above 0 with its currency, where one was typed.
pub(super) fn expected(fields: &Fields, amount: &str, currency: &str) -> Result<Option<Money>, Noted> {
    if fields.get(amount).is_empty() {
        return Ok(None);
    }
    let code: Currency = fields.get(currency).parse().map_err(|_| noted(currency, Mistake::ClaimCurrency))?;
    let minor = fields.amount(amount, code)?.minor(code).ok().filter(|minor| *minor > 0);
    Ok(Some(Money::new(minor.ok_or_else(|| noted(amount, Mistake::StaffAmountForm))?, code)))
}

impl ClaimForm {
    pub const GROUND: &'static str = "ground";
    pub const PARTY: &'static str = "party";
    pub const RMA: &'static str = "rma";
    pub const ORDER: &'static str = "order";
    pub const TRACKING: &'static str = "tracking";
    pub const EXPECTED: &'static str = "expected";
    pub const CURRENCY: &'static str = "currency";
    pub const SINCE: &'static str = "since";
    pub const DUE: &'static str = "due";
    pub const NOTE: &'static str = "note";
    const KEY: &'static str = "key";
    pub const ALL: [&'static str; 10] = [
        Self::GROUND,
        Self::PARTY,
        Self::RMA,
        Self::ORDER,
        Self::TRACKING,
        Self::EXPECTED,
        Self::CURRENCY,
        Self::SINCE,
        Self::DUE,
        Self::NOTE,
    ];
    /// Of the page: whom the claims are against, and how they stand.
    const AGAINST: &'static str = "against";
    const STATE: &'static str = "state";
    const EVERY: &'static str = "all";

    /// What was sent on that day; every mistake at its field.
    pub fn parse(fields: &Fields, today: Date) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let text = |name: &str| fields.maybe(name).map(|text| one_line(&text, LONGEST)).filter(|text| !text.is_empty());
        let ground: Option<ClaimGround> = fields.get(Self::GROUND).parse().ok();
        if ground.is_none() {
            mistakes.push(noted(Self::GROUND, Mistake::Unanswered));
        }
        let party = text(Self::PARTY);
        if party.is_none() {
            mistakes.push(noted(Self::PARTY, Mistake::ClaimParty));
        }
        let rma: Option<Option<RmaNumber>> = text(Self::RMA).map(|text| text.parse().ok());
        if rma == Some(None) {
            mistakes.push(noted(Self::RMA, Mistake::NoReturn));
        }
        let order: Option<Option<OrderNumber>> = text(Self::ORDER).map(|text| text.parse().ok());
        if order == Some(None) {
            mistakes.push(noted(Self::ORDER, Mistake::Unanswered));
        }
        let money = expected(fields, Self::EXPECTED, Self::CURRENCY).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let (least, most) = (today.saturating_sub(Span::new().years(MOST_YEARS)), today.saturating_add(Span::new().years(MOST_YEARS)));
        let mut day = |name: &str, least: Date, most: Date| {
            let read: Option<Option<Date>> = fields.maybe(name).map(|text| text.parse().ok().filter(|day| (least..=most).contains(day)));
            if read == Some(None) {
                mistakes.push(noted(name, Mistake::StaffDay { least, most }));
            }
            read.flatten()
        };
        let (since, due) = (day(Self::SINCE, least, today), day(Self::DUE, least, most));
        let note = fields.maybe(Self::NOTE).map(|words| words.replace("\r\n", "\n"));
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_COMMENT) {
            mistakes.push(noted(Self::NOTE, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        let (Some(ground), Some(party), true) = (ground, party, mistakes.is_empty()) else { return Err(mistakes) };
        Ok(Self {
            ground,
            party,
            rma: rma.flatten(),
            order: order.flatten(),
            tracking: text(Self::TRACKING),
            expected: money,
            since,
            due,
            note,
            key: fields.get(Self::KEY).chars().take(100).collect(),
        })
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let value = |name: &str| fields.maybe(name).map(|value| (name.to_owned(), value.chars().take(LONGEST_COMMENT).collect()));
        Self::ALL.into_iter().filter_map(value).collect()
    }

    /// What is asked of the page.
    #[must_use]
    pub fn asked(fields: &Fields) -> ClaimsAsked {
        let shown = match fields.get(Self::STATE) {
            Self::EVERY => ClaimsShown::All,
            state => state.parse().map_or(ClaimsShown::Going, ClaimsShown::State),
        };
        ClaimsAsked { against: fields.get(Self::AGAINST).parse().ok(), shown, rma: fields.get(Self::RMA).parse().ok() }
    }

    /// What is known of a return whose parcel a claim is about, by field: its order, and the parcel that was labelled last.
    #[must_use]
    pub fn about(request: &Return) -> BTreeMap<String, String> {
        let parcel = request.parcels.iter().rfind(|parcel| !parcel.voided);
        let order = request.orders.first();
        let told = [
            (Self::RMA, Some(request.rma.to_string())),
            (Self::ORDER, order.map(|order| order.number.to_string())),
            (Self::CURRENCY, order.map(|order| order.settlement.currency.to_string())),
            (Self::TRACKING, parcel.map(|parcel| parcel.tracking_number.clone())),
            (Self::PARTY, parcel.map(|parcel| parcel.carrier.clone())),
        ];
        told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Where a claim about a return is opened.
    pub(super) fn address_about(request: &Return) -> String {
        format!("/staff/claims?{}={}#open", Self::RMA, request.rma)
    }

    /// Where a list is shown, or, with another path, is had as a file.
    fn address(path: &str, against: Option<Against>, shown: ClaimsShown) -> String {
        let state = match shown {
            ClaimsShown::Going => None,
            ClaimsShown::State(state) => Some(state.code()),
            ClaimsShown::All => Some(Self::EVERY),
        };
        let told = [(Self::AGAINST, against.map(Against::code)), (Self::STATE, state)];
        let told: Vec<String> = told.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect();
        if told.is_empty() { path.to_owned() } else { format!("{path}?{}", told.join("&")) }
    }
}

/// What is done with a claim.
pub struct ClaimStepForm;

impl ClaimStepForm {
    pub const REFERENCE: &'static str = "reference";
    pub const PAID: &'static str = "paid";
    pub const CURRENCY: &'static str = "paid-currency";
    pub const VERSION: &'static str = "version";
    const DECLINED: &'static str = "declined";
    const DROPPED: &'static str = "dropped";
    pub const ALL: [&'static str; 5] = [Self::REFERENCE, Self::PAID, Self::CURRENCY, Self::DECLINED, Self::DROPPED];

    /// The field that says why.
    fn reason_of(step: ClaimStep) -> &'static str {
        if step == ClaimStep::Decline { Self::DECLINED } else { Self::DROPPED }
    }

    #[must_use]
    pub fn reference(fields: &Fields) -> Option<String> {
        fields.maybe(Self::REFERENCE).map(|text| one_line(&text, LONGEST)).filter(|text| !text.is_empty())
    }

    /// What they paid: above 0, in a currency that there is.
    pub fn paid(fields: &Fields) -> Result<Money, Noted> {
        expected(fields, Self::PAID, Self::CURRENCY)?.ok_or_else(|| noted(Self::PAID, Mistake::StaffAmountForm))
    }

    /// Why they decline, or it is given up.
    pub fn reason(fields: &Fields, step: ClaimStep) -> Result<String, Noted> {
        let field = Self::reason_of(step);
        let reason = fields.maybe(field).map(|words| words.replace("\r\n", "\n")).ok_or_else(|| noted(field, Mistake::ClaimReason))?;
        if reason.chars().count() > LONGEST_COMMENT {
            return Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok(reason)
    }
}

impl Say {
    fn claim_against(&self, against: Against) -> &'static str {
        match against {
            Against::Supplier => self.m.claim_suppliers(),
            Against::Carrier => self.m.claim_carriers(),
        }
    }

    pub(super) fn claim_ground(&self, ground: ClaimGround) -> &'static str {
        let m = self.m;
        match ground {
            ClaimGround::Lost => m.claim_lost(),
            ClaimGround::Damaged => m.claim_damaged(),
            ClaimGround::Short => m.claim_short(),
            ClaimGround::Late => m.claim_late(),
            ClaimGround::Defective => m.claim_defective(),
            ClaimGround::WrongGoods => m.claim_wrong_goods(),
            ClaimGround::NotAsDescribed => m.claim_not_as_described(),
            ClaimGround::Recalled => m.claim_recalled(),
        }
    }

    fn claim_state(&self, state: ClaimState) -> &'static str {
        let m = self.m;
        match state {
            ClaimState::Open => m.claim_open(),
            ClaimState::Filed => m.claim_filed(),
            ClaimState::Agreed => m.claim_agreed(),
            ClaimState::Settled => m.claim_settled(),
            ClaimState::Declined => m.claim_declined(),
            ClaimState::Dropped => m.claim_dropped(),
        }
    }

    fn claim_step(&self, step: ClaimStep) -> &'static str {
        let m = self.m;
        match step {
            ClaimStep::File => m.claim_filed(),
            ClaimStep::Agree => m.claim_agreed(),
            ClaimStep::Settle => m.claim_settled(),
            ClaimStep::Decline => m.claim_declined(),
            ClaimStep::Drop => m.claim_dropped(),
        }
    }

    /// Its last day, in words, while that matters.
    fn claim_day(&self, claim: &ClaimView) -> Option<String> {
        let due = claim.due.filter(|_| deadline_runs(claim.ground, claim.state))?;
        let day = self.f.date(due);
        Some(if claim.late { self.m.claim_overdue(day) } else { self.m.claim_until(day) })
    }
}

/// `/staff/claims`
#[component]
pub fn Claims() -> impl IntoView {
    let desk = desk();
    let fields =
        use_query_map().with_untracked(|query| Fields::sent(query.clone().into_iter().map(|(name, value)| (name.to_string(), value))));
    let asked = ClaimForm::asked(&fields);
    load(async move { desk.claims_page(asked).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: ClaimsPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let ClaimsPage { rail, asked, rows, more, key, typed, mistakes } = page;
    let at = |against, shown| ClaimForm::address("/staff/claims", against, shown);
    let of_state = |shown: ClaimsShown, name: &'static str| {
        view! { <li><a href=at(asked.against, shown) aria-current=(shown == asked.shown).then_some("page")>{name}</a></li> }
    };
    let mut tabs = vec![of_state(ClaimsShown::Going, m.claim_going())];
    tabs.extend(ClaimState::ALL.iter().map(|state| of_state(ClaimsShown::State(*state), say.claim_state(*state))));
    tabs.push(of_state(ClaimsShown::All, m.claim_all()));
    let of = |against: Option<Against>, name: &'static str| {
        view! { <li><a href=at(against, asked.shown) aria-current=(against == asked.against).then_some("true")>{name}</a></li> }
    };
    let mut sides = vec![of(None, m.claim_both())];
    sides.extend(Against::ALL.iter().map(|against| of(Some(*against), say.claim_against(*against))));
    let file = ClaimForm::address("/staff/claims/file", asked.against, asked.shown);
    let rows: Vec<_> = rows.into_iter().map(|claim| view! { <Row claim=claim/> }).collect();
    let list = if rows.is_empty() {
        view! { <p class="quiet">{m.claim_none()}</p> }.into_any()
    } else {
        view! { <ul class="others">{rows}</ul> }.into_any()
    };
    view! {
        <StaffFrame rail=rail here=Here::Claims title=m.claim_title()>
            <p class="quiet">{m.claim_text()}</p>
            <ErrorSummary mistakes=mistakes.clone()/>
            <nav aria-label=m.claim_how()><ul class="views">{tabs}</ul></nav>
            <nav aria-label=m.claim_against()><ul class="views small">{sides}</ul></nav>
            <section class="card">
                {list}
                {more.then(|| view! { <p class="quiet sm">{m.claim_more()}</p> })}
                <p><a href=file>{m.claim_file()}</a></p>
            </section>
            <Add typed=typed mistakes=mistakes key=key/>
        </StaffFrame>
    }
}

#[component]
fn Row(claim: ClaimView) -> impl IntoView {
    let say = expect_context::<Say>();
    let name = format!("C{}", claim.number);
    let day = say.claim_day(&claim).map(|day| view! { " " <span class="chip" class:heed=claim.late>{day}</span> });
    let amount = claim
        .settled
        .map(|(paid, _)| paid)
        .or(claim.expected)
        .map(|amount| view! { <span class="num"><b>{say.f.money(amount)}</b></span> });
    let about = [claim.rma.map(|rma| rma.to_string()), claim.tracking.clone(), claim.reference.clone()];
    let about: Vec<String> = [Some(say.claim_ground(claim.ground).to_owned())].into_iter().chain(about).flatten().collect();
    view! {
        <li>
            <a href=format!("/staff/claims/{name}")>{say.m.format_pair(&name, &claim.party)}</a> " " {amount}
            <span class="quiet sm">{about.join(" · ")} " " <span class="chip">{say.claim_state(claim.state)}</span>{day}</span>
        </li>
    }
}

/// Claims about a return, on its page.
#[component]
pub(super) fn ClaimsOfReturn(claims: Vec<ClaimView>) -> impl IntoView {
    let say = expect_context::<Say>();
    let rows: Vec<_> = claims.into_iter().map(|claim| view! { <Row claim=claim/> }).collect();
    (!rows.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{say.m.claim_title()}</h2><ul class="others">{rows}</ul></section> })
}

/// Grounds to choose from, under whom they are against.
fn grounds(say: &Say, chosen: &str) -> Vec<impl IntoView + use<>> {
    let of = |against: Against| {
        let known = ClaimGround::ALL.iter().copied().filter(|ground| ground.against() == against);
        let options: Vec<_> = known
            .map(|ground| view! { <option value=ground.code() selected=ground.code() == chosen>{say.claim_ground(ground)}</option> })
            .collect();
        view! { <optgroup label=say.claim_against(against)>{options}</optgroup> }
    };
    [Against::Carrier, Against::Supplier].into_iter().map(of).collect()
}

/// A claim, to be told.
#[component]
fn Add(typed: BTreeMap<String, String>, mistakes: Vec<Noted>, key: String) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&mistakes, name);
    let open = !typed.is_empty() || mistakes.iter().any(|noted| ClaimForm::ALL.contains(&noted.field.as_str()));
    let grounds = grounds(&say, &value(ClaimForm::GROUND));
    let [ground_id, since_id, due_id, note_id] = [ClaimForm::GROUND, ClaimForm::SINCE, ClaimForm::DUE, ClaimForm::NOTE].map(field_id);
    let [since_hint, due_hint] = [&since_id, &due_id].map(|id| format!("{id}-hint"));
    view! {
        <details class="card" id="open" open=open>
            <summary><h2 class="h">{m.claim_add()}</h2></summary>
            <form class="form" method="post" action="/staff/claims">
                <input type="hidden" name=ClaimForm::KEY value=key/>
                <p class="field"><label for=ground_id.clone()>{m.claim_ground()}</label><FieldError mistake=wrong(ClaimForm::GROUND) id=ground_id.clone()/><select id=ground_id.clone() name=ClaimForm::GROUND>{grounds}</select></p>
                <Field name=ClaimForm::PARTY label=m.claim_party() hint=m.claim_party_hint() value=value(ClaimForm::PARTY) wrong=wrong(ClaimForm::PARTY) autocomplete="off" inputmode="text"/>
                <Field name=ClaimForm::RMA label=m.claim_rma() hint=m.claim_maybe() value=value(ClaimForm::RMA) wrong=wrong(ClaimForm::RMA) autocomplete="off" inputmode="text"/>
                <Field name=ClaimForm::ORDER label=m.claim_order() hint=m.claim_maybe() value=value(ClaimForm::ORDER) wrong=wrong(ClaimForm::ORDER) autocomplete="off" inputmode="text"/>
                <Field name=ClaimForm::TRACKING label=m.stray_tracking() hint=m.claim_maybe() value=value(ClaimForm::TRACKING) wrong=wrong(ClaimForm::TRACKING) autocomplete="off" inputmode="text"/>
                <Field name=ClaimForm::EXPECTED label=m.claim_expected() hint=m.claim_expected_hint() value=value(ClaimForm::EXPECTED) wrong=wrong(ClaimForm::EXPECTED) autocomplete="off" inputmode="decimal"/>
                <Field name=ClaimForm::CURRENCY label=m.claim_currency() hint=m.claim_currency_hint() value=value(ClaimForm::CURRENCY) wrong=wrong(ClaimForm::CURRENCY) autocomplete="off" inputmode="text"/>
                <p class="field"><label for=since_id.clone()>{m.claim_since()}</label><span class="hint" id=since_hint.clone()>{m.claim_since_hint()}</span><FieldError mistake=wrong(ClaimForm::SINCE) id=since_id.clone()/><input id=since_id.clone() type="date" name=ClaimForm::SINCE value=value(ClaimForm::SINCE) aria-describedby=since_hint/></p>
                <p class="field"><label for=due_id.clone()>{m.claim_due()}</label><span class="hint" id=due_hint.clone()>{m.claim_due_hint()}</span><FieldError mistake=wrong(ClaimForm::DUE) id=due_id.clone()/><input id=due_id.clone() type="date" name=ClaimForm::DUE value=value(ClaimForm::DUE) aria-describedby=due_hint/></p>
                <p class="field"><label for=note_id.clone()>{m.claim_note()}</label><FieldError mistake=wrong(ClaimForm::NOTE) id=note_id.clone()/><textarea id=note_id.clone() name=ClaimForm::NOTE rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(ClaimForm::NOTE)}</textarea></p>
                <p class="acts"><button class="btn" type="submit">{m.claim_add_action()}</button></p>
            </form>
        </details>
    }
}

/// `/staff/claims/{number}`
#[component]
pub fn OneClaim() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.claim_page(&number).await }, |page| view! { <Whole page=page/> })
}

#[component]
fn Whole(page: ClaimPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let ClaimPage { rail, claim, order_path, steps, may_settle, typed, mistakes } = page;
    let name = format!("C{}", claim.number);
    let to_return = claim.rma.map(|rma| view! { <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a> }.into_any());
    let to_order = claim.order.as_ref().zip(order_path).map(|(order, at)| view! { <a href=at>{order.to_string()}</a> }.into_any());
    let to_batch =
        claim.batch.map(|batch| view! { <a href=format!("/staff/stock/batches/{batch}")>{m.stock_return_to_vendor()}</a> }.into_any());
    let text = |text: Option<String>| text.map(IntoAny::into_any);
    let facts = [
        (m.claim_against(), text(Some(claim.party.clone()))),
        (m.claim_ground(), text(Some(say.claim_ground(claim.ground).to_owned()))),
        (m.claim_due(), text(claim.due.map(|due| say.f.date(due)))),
        (m.claim_expected(), text(claim.expected.map(|amount| say.f.money(amount)))),
        (m.claim_paid(), text(claim.settled.map(|(amount, at)| format!("{} · {}", say.f.money(amount), say.f.moment(at))))),
        (m.claim_reference(), text(claim.reference.clone())),
        (m.claim_rma(), to_return),
        (m.claim_order(), to_order),
        (m.stray_tracking(), text(claim.tracking.clone())),
        (m.claim_batch(), to_batch),
        (m.claim_opened(), text(Some(format!("{} · {}", say.f.moment(claim.opened_at), claim.who)))),
        (m.claim_note(), text(claim.note.clone())),
    ];
    let facts: Vec<_> = facts.into_iter().filter_map(|(name, value)| Some(view! { <dt>{name}</dt><dd>{value?}</dd> })).collect();
    let day = say.claim_day(&claim).map(|day| view! { " " <span class="chip" class:heed=claim.late>{day}</span> });
    let steps: Vec<_> = steps.into_iter().map(|step| view! { <Done step=step paid=claim.settled.map(|(paid, _)| paid)/> }).collect();
    let steps = (!steps.is_empty())
        .then(|| view! { <section class="card"><h2 class="h">{m.claim_steps()}</h2><ul class="others">{steps}</ul></section> });
    let forms: Vec<_> = claim
        .state
        .possible()
        .map(|step| view! { <Step claim=claim.clone() step=step may_settle=may_settle typed=typed.clone() mistakes=mistakes.clone()/> })
        .collect();
    view! {
        <StaffFrame rail=rail here=Here::Claims title=m.claim_one(&name) over=claim.party.clone()>
            <ErrorSummary mistakes=mistakes.clone()/>
            <section class="card">
                <p class="chips"><span class="chip brand">{say.claim_state(claim.state)}</span>{day}</p>
                <dl class="facts-of">{facts}</dl>
            </section>
            {forms}
            {steps}
            <p><a href="/staff/claims">{m.claim_title()}</a></p>
        </StaffFrame>
    }
}

#[component]
fn Done(step: ClaimStepView, paid: Option<Money>) -> impl IntoView {
    let say = expect_context::<Say>();
    let said = if step.step == ClaimStep::Settle { paid.map(|paid| say.f.money(paid)) } else { step.said };
    view! {
        <li><b>{say.claim_step(step.step)}</b> " " {said} <span class="block quiet sm">{say.f.moment(step.at)} " · " {step.who}</span></li>
    }
}

/// Something that can be done with a claim as it stands.
#[component]
fn Step(claim: ClaimView, step: ClaimStep, may_settle: bool, typed: BTreeMap<String, String>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&mistakes, name);
    let again = claim.state == ClaimState::Declined;
    let (title, action) = match step {
        ClaimStep::File if again => (m.claim_file_again(), m.claim_file_again_action()),
        ClaimStep::File => (m.claim_to_file(), m.claim_to_file_action()),
        ClaimStep::Agree => (m.claim_to_agree(), m.claim_to_agree_action()),
        ClaimStep::Settle => (m.claim_to_settle(), m.claim_to_settle_action()),
        ClaimStep::Decline => (m.claim_to_decline(), m.claim_to_decline_action()),
        ClaimStep::Drop => (m.claim_to_drop(), m.claim_to_drop_action()),
    };
    if step == ClaimStep::Settle && !may_settle {
        return view! { <section class="card"><h2 class="h">{title}</h2><p class="quiet">{m.claim_settle_finance()}</p></section> }
            .into_any();
    }
    let fields = match step {
        ClaimStep::File => view! { <Field name=ClaimStepForm::REFERENCE label=m.claim_reference() hint=m.claim_reference_hint() value=value(ClaimStepForm::REFERENCE) wrong=wrong(ClaimStepForm::REFERENCE) autocomplete="off" inputmode="text"/> }.into_any(),
        ClaimStep::Agree => ().into_any(),
        ClaimStep::Settle => {
            let amount = view! { <Field name=ClaimStepForm::PAID label=m.claim_paid() hint="" value=value(ClaimStepForm::PAID) wrong=wrong(ClaimStepForm::PAID) autocomplete="off" inputmode="decimal"/> };
            let currency = match claim.expected {
                Some(expected) => view! { <input type="hidden" name=ClaimStepForm::CURRENCY value=expected.currency.code()/> <p class="quiet sm">{m.claim_paid_against(say.f.money(expected))}</p> }.into_any(),
                None => view! { <Field name=ClaimStepForm::CURRENCY label=m.claim_currency() hint=m.claim_currency_hint() value=value(ClaimStepForm::CURRENCY) wrong=wrong(ClaimStepForm::CURRENCY) autocomplete="off" inputmode="text"/> }.into_any(),
            };
            view! { {amount} {currency} }.into_any()
        }
        ClaimStep::Decline | ClaimStep::Drop => {
            let name = ClaimStepForm::reason_of(step);
            let id = field_id(name);
            view! { <p class="field"><label for=id.clone()>{m.claim_reason()}</label><FieldError mistake=wrong(name) id=id.clone()/><textarea id=id.clone() name=name rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(name)}</textarea></p> }.into_any()
        }
    };
    let ends = matches!(step, ClaimStep::Decline | ClaimStep::Drop);
    let form = view! {
        <form class="form" method="post" action=format!("/staff/claims/C{}/{step}", claim.number)>
            <input type="hidden" name=ClaimStepForm::VERSION value=claim.version.to_string()/>
            {fields}
            <p class="acts"><button class="btn" class:second=ends type="submit">{action}</button></p>
        </form>
    };
    let open = mistakes.iter().any(|noted| noted.field == ClaimStepForm::reason_of(step)) && ends;
    if ends {
        view! { <details class="card" open=open><summary><h2 class="h">{title}</h2></summary>{form}</details> }.into_any()
    } else {
        view! { <section class="card"><h2 class="h">{title}</h2>{form}</section> }.into_any()
    }
}
