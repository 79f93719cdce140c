//! Goods that lie apart: what, how many, from how many on somebody is told, and what is done with many of them at once (C20-C22, C25, B31, P27).
//! Long because the forms of a limit and of a batch stand on the page that shows what they are of.

use std::collections::BTreeMap;

use domain::claim::{Against, ClaimGround};
use domain::item::LONGEST_COMMENT;
use domain::money::Money;
use domain::plain::one_line;
use domain::returns::{BatchKind, MOST_PERCENT, NotTaken, StockState};
use domain::scrap::ScrapGround;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::case::state_name;
use super::claims::expected;
use super::desk;
use super::frame::{Here, StaffFrame};
use super::goods::ground_name;
use crate::forms::{Fields, noted};
use crate::ports::{AlertView, BatchHead, BatchLotState, BatchLotView, BatchPage, KeptView, Mistake, Noted, StockPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, FieldError, field_id, load, mistake_at};

/// Days that goods may lie before they are looked for.
const MOST_DAYS: u32 = 3_650;
const MOST_UNITS: u32 = 1_000_000_000;
/// Letters of a supplier's name.
const LONGEST_NAME: usize = 200;

/// What is to be done with goods that lie apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchForm {
    pub kind: BatchKind,
    pub warehouse: Option<String>,
    pub state: StockState,
    pub sku: Option<String>,
    pub days: Option<u32>,
    pub percent: Option<u32>,
    pub ground: Option<ScrapGround>,
    /// To whom goods go back, why, and what is expected of them for it.
    pub vendor: Option<(String, ClaimGround, Option<Money>)>,
    pub reason: String,
}

impl BatchForm {
    pub const KIND: &'static str = "kind";
    pub const WAREHOUSE: &'static str = "warehouse";
    pub const STATE: &'static str = "condition";
    pub const SKU: &'static str = "sku";
    pub const DAYS: &'static str = "days";
    pub const PERCENT: &'static str = "percent";
    pub const GROUND: &'static str = "ground";
    pub const REASON: &'static str = "reason";
    pub const SUPPLIER: &'static str = "supplier";
    pub const CLAIM: &'static str = "claim";
    pub const EXPECTED: &'static str = "expected";
    pub const CURRENCY: &'static str = "currency";
    const ALL: [&'static str; 12] = [
        Self::KIND,
        Self::WAREHOUSE,
        Self::STATE,
        Self::SKU,
        Self::DAYS,
        Self::PERCENT,
        Self::GROUND,
        Self::REASON,
        Self::SUPPLIER,
        Self::CLAIM,
        Self::EXPECTED,
        Self::CURRENCY,
    ];

    /// To whom goods go back, why, and what is expected of them for it.
    fn vendor(fields: &Fields, mistakes: &mut Vec<Noted>) -> Option<(String, ClaimGround, Option<Money>)> {
        let supplier = fields.maybe(Self::SUPPLIER).map(|name| one_line(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
        if supplier.is_none() {
            mistakes.push(noted(Self::SUPPLIER, Mistake::ClaimParty));
        }
        let ground: Option<ClaimGround> = match fields.get(Self::CLAIM) {
            "" => Some(ClaimGround::Defective),
            code => code.parse().ok().filter(|ground: &ClaimGround| ground.against() == Against::Supplier),
        };
        if ground.is_none() {
            mistakes.push(noted(Self::CLAIM, Mistake::Unanswered));
        }
        let credit = expected(fields, Self::EXPECTED, Self::CURRENCY).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        Some((supplier?, ground?, credit))
    }

    /// What was sent; every mistake at its field.
    pub fn parse(fields: &Fields) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let kind: Option<BatchKind> = fields.get(Self::KIND).parse().ok();
        if kind.is_none() {
            mistakes.push(noted(Self::KIND, Mistake::Unanswered));
        }
        let state: Option<StockState> = fields.get(Self::STATE).parse().ok().filter(|state| BatchKind::FROM.contains(state));
        if state.is_none() {
            mistakes.push(noted(Self::STATE, Mistake::Unanswered));
        }
        let days = whole(fields, Self::DAYS, MOST_DAYS).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let percent = match kind {
            Some(BatchKind::Markdown) => match fields.get(Self::PERCENT).parse::<u32>() {
                Ok(percent) if (1..=MOST_PERCENT).contains(&percent) => Some(percent),
                _ => {
                    mistakes.push(noted(Self::PERCENT, Mistake::StockPercent { most: MOST_PERCENT }));
                    None
                }
            },
            _ => None,
        };
        let ground = fields.get(Self::GROUND).parse().ok().filter(|_| kind == Some(BatchKind::Scrap));
        let vendor = match kind {
            Some(BatchKind::ReturnToVendor) => Self::vendor(fields, &mut mistakes),
            _ => None,
        };
        let reason = fields.maybe(Self::REASON).map(|words| words.replace("\r\n", "\n"));
        match &reason {
            None => mistakes.push(noted(Self::REASON, Mistake::StaffWordsMissing)),
            Some(words) if words.chars().count() > LONGEST_COMMENT => {
                mistakes.push(noted(Self::REASON, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
            }
            Some(_) => {}
        }
        let (Some(kind), Some(state), Some(reason), true) = (kind, state, reason, mistakes.is_empty()) else { return Err(mistakes) };
        let (warehouse, sku) = (fields.maybe(Self::WAREHOUSE), fields.maybe(Self::SKU));
        Ok(Self { kind, warehouse, state, sku, days, percent, ground, vendor, reason })
    }
}

/// From how many units on somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertForm {
    pub warehouse: Option<String>,
    pub sku: Option<String>,
    pub state: StockState,
    /// Nobody is any more.
    pub units: Option<u32>,
}

impl AlertForm {
    pub const WAREHOUSE: &'static str = "of-warehouse";
    pub const SKU: &'static str = "of-sku";
    pub const STATE: &'static str = "of-condition";
    pub const UNITS: &'static str = "units";
    const ALL: [&'static str; 4] = [Self::WAREHOUSE, Self::SKU, Self::STATE, Self::UNITS];

    /// What was sent; every mistake at its field.
    pub fn parse(fields: &Fields) -> Result<Self, Vec<Noted>> {
        let state: Option<StockState> = fields.get(Self::STATE).parse().ok().filter(|state| *state != StockState::Sellable);
        let units = whole(fields, Self::UNITS, MOST_UNITS);
        match (state, units) {
            (Some(state), Ok(units)) => {
                let units = units.filter(|units| *units > 0);
                Ok(Self { warehouse: fields.maybe(Self::WAREHOUSE), sku: fields.maybe(Self::SKU), state, units })
            }
            (None, _) => Err(vec![noted(Self::STATE, Mistake::Unanswered)]),
            (_, Err(mistake)) => Err(vec![mistake]),
        }
    }

    /// What was typed in either form, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let value = |name: &str| fields.maybe(name).map(|value| (name.to_owned(), value.chars().take(LONGEST_COMMENT).collect()));
        Self::ALL.into_iter().chain(BatchForm::ALL).filter_map(value).collect()
    }
}

/// A whole number, or nothing.
fn whole(fields: &Fields, name: &str, most: u32) -> Result<Option<u32>, Noted> {
    let read = fields.maybe(name).map(|text| text.parse::<u32>().ok().filter(|number| *number <= most));
    if read == Some(None) { Err(noted(name, Mistake::DockCount { most })) } else { Ok(read.flatten()) }
}

impl Say {
    fn batch_kind(&self, kind: BatchKind) -> &'static str {
        match kind {
            BatchKind::Markdown => self.m.stock_markdown(),
            BatchKind::Scrap => self.m.stock_scrap(),
            BatchKind::ReturnToVendor => self.m.stock_return_to_vendor(),
        }
    }

    fn not_taken(&self, why: NotTaken) -> &'static str {
        let m = self.m;
        match why {
            NotTaken::NotInspected => m.stock_not_inspected(),
            NotTaken::Theirs => m.stock_theirs(),
            NotTaken::Offered => m.stock_offered(),
            NotTaken::NoGround => m.stock_no_ground(),
            NotTaken::Gone => m.stock_gone(),
            NotTaken::NotPossible => m.stock_not_possible(),
        }
    }
}

/// `/staff/stock`
#[component]
pub fn Stock() -> impl IntoView {
    let desk = desk();
    load(async move { desk.stock_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: StockPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let kept: Vec<_> = page.kept.iter().cloned().map(|kept| view! { <Kept kept=kept/> }).collect();
    let alerts: Vec<_> = page.alerts.iter().cloned().map(|alert| view! { <Alert alert=alert/> }).collect();
    let batches: Vec<_> = page.batches.iter().cloned().map(|batch| view! { <Head batch=batch/> }).collect();
    view! {
        <StaffFrame rail=page.rail.clone() here=Here::Stock title=m.stock_title()>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <section class="card">
                <h2 class="h">{m.stock_apart()}</h2>
                {if kept.is_empty() {
                    view! { <p class="quiet">{m.stock_apart_none()}</p> }.into_any()
                } else {
                    view! {
                        <table class="table">
                            <caption class="sr">{m.stock_apart()}</caption>
                            <thead><tr><th scope="col">{m.stock_what()}</th><th scope="col">{m.stock_how()}</th><th scope="col" class="num">{m.stock_units()}</th></tr></thead>
                            <tbody>{kept}</tbody>
                        </table>
                    }.into_any()
                }}
                {page.more.then(|| view! { <p class="quiet sm">{m.stock_more()}</p> })}
            </section>
            <section class="card">
                <h2 class="h">{m.stock_alerts()}</h2>
                <p class="quiet">{m.stock_alerts_text()}</p>
                {(!alerts.is_empty()).then(|| view! { <ul class="others">{alerts}</ul> })}
                <AlertAdd typed=page.typed.clone() mistakes=page.mistakes.clone()/>
            </section>
            <BatchAdd typed=page.typed.clone() mistakes=page.mistakes.clone()/>
            {(!batches.is_empty()).then(|| view! { <h2 class="h">{m.stock_batches()}</h2><ul class="tasks">{batches}</ul> })}
        </StaffFrame>
    }
}

/// How goods lie, to be chosen from.
fn options(say: &Say, states: Vec<StockState>, chosen: &str) -> Vec<impl IntoView + use<>> {
    let option = |state: StockState| view! { <option value=state.code() selected=state.code() == chosen>{state_name(say, state)}</option> };
    states.into_iter().map(option).collect()
}

/// A limit, to be told.
#[component]
fn AlertAdd(typed: BTreeMap<String, String>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&mistakes, name);
    let of_alert = mistakes.iter().any(|noted| AlertForm::ALL.contains(&noted.field.as_str()));
    let apart = StockState::ALL.iter().copied().filter(|state| *state != StockState::Sellable).collect();
    let apart = options(&say, apart, &value(AlertForm::STATE));
    let alert_id = field_id(AlertForm::STATE);
    view! {
                <details open=of_alert>
                    <summary>{m.stock_alert_add()}</summary>
                    <form class="form" method="post" action="/staff/stock/alerts">
                        <p class="field"><label for=alert_id.clone()>{m.stock_how()}</label><select id=alert_id.clone() name=AlertForm::STATE>{apart}</select></p>
                        <Field name=AlertForm::UNITS label=m.stock_alert_units() hint=m.stock_alert_units_hint() value=value(AlertForm::UNITS) wrong=wrong(AlertForm::UNITS) autocomplete="off" inputmode="numeric"/>
                        <Field name=AlertForm::WAREHOUSE label=m.dock_warehouse() hint=m.stock_of_all() value=value(AlertForm::WAREHOUSE) wrong=wrong(AlertForm::WAREHOUSE) autocomplete="off" inputmode="text"/>
                        <Field name=AlertForm::SKU label=m.stock_sku() hint=m.stock_of_all() value=value(AlertForm::SKU) wrong=wrong(AlertForm::SKU) autocomplete="off" inputmode="text"/>
                        <p class="acts"><button class="btn second" type="submit">{m.stock_alert_save()}</button></p>
                    </form>
                </details>
    }
}

/// What is to be done with many, to be told.
#[component]
fn BatchAdd(typed: BTreeMap<String, String>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str| mistake_at(&mistakes, name);
    let of_batch = mistakes.iter().any(|noted| BatchForm::ALL.contains(&noted.field.as_str()));
    let from = options(&say, BatchKind::FROM.to_vec(), &value(BatchForm::STATE));
    let (chosen, ground) = (value(BatchForm::KIND), value(BatchForm::GROUND));
    let kinds: Vec<_> = BatchKind::ALL
        .iter()
        .map(|kind| view! { <option value=kind.code() selected=kind.code() == chosen>{say.batch_kind(*kind)}</option> })
        .collect();
    let grounds: Vec<_> = ScrapGround::ALL
        .iter()
        .map(|known| view! { <option value=known.code() selected=known.code() == ground>{ground_name(&say, *known)}</option> })
        .collect();
    let claim = value(BatchForm::CLAIM);
    let claims: Vec<_> = ClaimGround::ALL
        .iter()
        .filter(|ground| ground.against() == Against::Supplier)
        .map(|known| view! { <option value=known.code() selected=known.code() == claim>{say.claim_ground(*known)}</option> })
        .collect();
    let [kind_id, state_id, ground_id, reason_id, claim_id] =
        [BatchForm::KIND, BatchForm::STATE, BatchForm::GROUND, BatchForm::REASON, BatchForm::CLAIM].map(field_id);
    view! {
            <details class="card" open=of_batch>
                <summary><h2 class="h">{m.stock_batch_add()}</h2><span class="quiet">{m.stock_batch_text()}</span></summary>
                <form class="form" method="post" action="/staff/stock/batches">
                    <p class="field"><label for=kind_id.clone()>{m.stock_batch_kind()}</label><FieldError mistake=wrong(BatchForm::KIND) id=kind_id.clone()/><select id=kind_id.clone() name=BatchForm::KIND>{kinds}</select></p>
                    <p class="field"><label for=state_id.clone()>{m.stock_how()}</label><FieldError mistake=wrong(BatchForm::STATE) id=state_id.clone()/><select id=state_id.clone() name=BatchForm::STATE>{from}</select></p>
                    <Field name=BatchForm::WAREHOUSE label=m.dock_warehouse() hint="" value=value(BatchForm::WAREHOUSE) wrong=wrong(BatchForm::WAREHOUSE) autocomplete="off" inputmode="text"/>
                    <Field name=BatchForm::SKU label=m.stock_sku() hint=m.stock_of_all() value=value(BatchForm::SKU) wrong=wrong(BatchForm::SKU) autocomplete="off" inputmode="text"/>
                    <Field name=BatchForm::DAYS label=m.stock_days() hint="" value=value(BatchForm::DAYS) wrong=wrong(BatchForm::DAYS) autocomplete="off" inputmode="numeric"/>
                    <Field name=BatchForm::PERCENT label=m.stock_percent() hint=m.stock_percent_hint() value=value(BatchForm::PERCENT) wrong=wrong(BatchForm::PERCENT) autocomplete="off" inputmode="numeric"/>
                    <p class="field"><label for=ground_id.clone()>{m.dock_ground()}</label><select id=ground_id.clone() name=BatchForm::GROUND><option value="">{m.dock_ground_none()}</option>{grounds}</select></p>
                    <fieldset>
                        <legend>{m.stock_return_to_vendor()}</legend>
                        <p class="quiet sm">{m.stock_vendor_text()}</p>
                        <Field name=BatchForm::SUPPLIER label=m.stock_supplier() hint="" value=value(BatchForm::SUPPLIER) wrong=wrong(BatchForm::SUPPLIER) autocomplete="off" inputmode="text"/>
                        <p class="field"><label for=claim_id.clone()>{m.claim_ground()}</label><FieldError mistake=wrong(BatchForm::CLAIM) id=claim_id.clone()/><select id=claim_id.clone() name=BatchForm::CLAIM>{claims}</select></p>
                        <Field name=BatchForm::EXPECTED label=m.claim_expected() hint=m.claim_expected_hint() value=value(BatchForm::EXPECTED) wrong=wrong(BatchForm::EXPECTED) autocomplete="off" inputmode="decimal"/>
                        <Field name=BatchForm::CURRENCY label=m.claim_currency() hint=m.claim_currency_hint() value=value(BatchForm::CURRENCY) wrong=wrong(BatchForm::CURRENCY) autocomplete="off" inputmode="text"/>
                    </fieldset>
                    <p class="field"><label for=reason_id.clone()>{m.stock_reason()}</label><FieldError mistake=wrong(BatchForm::REASON) id=reason_id.clone()/><textarea id=reason_id.clone() name=BatchForm::REASON rows="2" maxlength=LONGEST_COMMENT.to_string()>{value(BatchForm::REASON)}</textarea></p>
                    <p class="acts"><button class="btn" type="submit">{m.stock_batch_plan()}</button></p>
                </form>
            </details>
    }
}

#[component]
fn Kept(kept: KeptView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let off = kept.percent.map(|percent| view! { " · " {m.stock_off(u64::from(percent))} });
    view! {
        <tr>
            <th scope="row">{kept.sku} <span class="block quiet sm">{kept.warehouse}</span></th>
            <td>{state_name(&say, kept.state)}{off}</td>
            <td class="num">{say.count(kept.units)}</td>
        </tr>
    }
}

#[component]
fn Alert(alert: AlertView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let of: Vec<String> = [alert.sku.clone(), alert.warehouse.clone()].into_iter().flatten().collect();
    let of = if of.is_empty() { m.stock_everything().to_owned() } else { m.list(&of) };
    let reached = alert.is_reached();
    let chip = if reached { m.stock_reached(alert.lie) } else { m.stock_below(alert.lie) };
    let form = view! {
        <form method="post" action="/staff/stock/alerts">
            <input type="hidden" name=AlertForm::STATE value=alert.state.code()/>
            <input type="hidden" name=AlertForm::WAREHOUSE value=alert.warehouse.clone().unwrap_or_default()/>
            <input type="hidden" name=AlertForm::SKU value=alert.sku.clone().unwrap_or_default()/>
            <button class="link" type="submit">{m.stock_alert_end()}<span class="sr">" " {of.clone()}</span></button>
        </form>
    };
    view! {
        <li>
            <span><b>{state_name(&say, alert.state)}</b> " · " {of} " · " {m.stock_from(alert.units)}</span>
            <span class=if reached { "chip heed" } else { "chip" }>{chip}</span>
            {form}
        </li>
    }
}

#[component]
fn Head(batch: BatchHead) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let stands = if batch.began { m.stock_batch_begun() } else { m.stock_batch_planned() };
    view! {
        <li>
            <a class="task" href=format!("/staff/stock/batches/{}", batch.number)>
                <b class="name">{say.batch_kind(batch.kind)} " · " {state_name(&say, batch.state)} " · " {batch.warehouse}</b>
                <span class="quiet">{say.f.date(say.f.day(batch.at))} " · " {batch.who} " · " {batch.reason}</span>
                <span class="chip">{stands}</span>
            </a>
        </li>
    }
}

/// `/staff/stock/batches/{number}`
#[component]
pub fn OneBatch() -> impl IntoView {
    let desk = desk();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    load(async move { desk.batch_page(&number).await }, |page| view! { <Batch page=page/> })
}

#[component]
fn Batch(page: BatchPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let BatchPage { rail, batch, lots, claim } = page;
    let sum = |is: fn(&BatchLotState) -> bool| -> u64 { lots.iter().filter(|lot| is(&lot.state)).map(|lot| u64::from(lot.units)).sum() };
    let fits = sum(|state| *state == BatchLotState::Fits);
    let done = sum(|state| *state == BatchLotState::Done);
    let not = sum(|state| matches!(state, BatchLotState::Not(_)));
    let rows: Vec<_> = lots.iter().cloned().map(|lot| view! { <Lot lot=lot/> }).collect();
    let off = batch.percent.map(|percent| view! { <p>{m.stock_off(u64::from(percent))}</p> });
    let vendor = batch.vendor.clone().map(|(supplier, ground, credit)| {
        let credit = credit.map(|credit| m.format_pair(m.claim_expected(), say.f.money(credit)));
        let about: Vec<String> = [Some(supplier), Some(say.claim_ground(ground).to_owned()), credit].into_iter().flatten().collect();
        view! { <p>{about.join(" · ")}</p> }
    });
    let claim = claim.map(|number| view! { <p><a href=format!("/staff/claims/C{number}")>{m.claim_one(format!("C{number}"))}</a></p> });
    let title = format!("{} · {}", say.batch_kind(batch.kind), batch.warehouse);
    let button = if batch.began { m.stock_batch_go_on().to_owned() } else { m.stock_batch_do(fits) };
    view! {
        <StaffFrame rail=rail here=Here::Stock title=title over=m.stock_title()>
            <section class="card">
                <p class="quiet">{say.f.moment(batch.at)} " · " {batch.who.clone()}</p>
                <p>{batch.reason.clone()}</p>
                {off}
                {vendor}
                {claim}
                <p class="chips"><span class="chip">{m.stock_fits(fits)}</span> " " <span class="chip">{m.stock_done(done)}</span> " " <span class="chip">{m.stock_not(not)}</span></p>
                {(fits > 0).then(|| view! {
                    <form method="post" action=format!("/staff/stock/batches/{}", batch.number)><p class="acts"><button class="btn" type="submit">{button}</button></p></form>
                })}
            </section>
            {if rows.is_empty() {
                view! { <p class="quiet">{m.stock_batch_empty()}</p> }.into_any()
            } else {
                view! { <ul class="others">{rows}</ul> }.into_any()
            }}
        </StaffFrame>
    }
}

#[component]
fn Lot(lot: BatchLotView) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let (text, class) = match lot.state {
        BatchLotState::Fits => (m.stock_lot_fits(), "chip"),
        BatchLotState::Done => (m.stock_lot_done(), "chip"),
        BatchLotState::Not(why) => (say.not_taken(why), "chip heed"),
    };
    view! {
        <li>
            <a href=format!("/staff/returns/{}", lot.rma)>{say.units_of(&lot.sku, lot.units)}</a>
            <span class="quiet">{lot.rma.to_string()}</span>
            <span class=class>{text}</span>
        </li>
    }
}
