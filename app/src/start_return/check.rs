//! Check and send it off: the decision, why, the receipt, the way back.

use std::sync::Arc;

use domain::money::Money;
use domain::policy::{Change, Decision, Method, Resolution, RuleLook, Sentence};
use leptos::prelude::*;

use super::{Foot, OtherDevice, Seen, draft, step};
use crate::ports::{CheckLine, CheckPage, ShopperDesk, Wanted};
use crate::read_policy::PolicyWords;
use crate::say::{Say, WayCost};
use crate::ui::{ErrorSummary, Frame, ItemTile, Receipt, VerdictPanel, WhyList, load};

/// `/return/{draft}/check`
#[component]
pub fn Check() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.check_page(&draft).await }, |page| view! { <Review page=page/> })
}

#[component]
fn Review(page: CheckPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let action = format!("/return/{}/check", page.draft);
    let draft = page.draft.clone();
    let other = page.draft.clone();
    let seen = page.seen.clone();
    let edit = move |step: &str| format!("/return/{draft}/{step}");
    let goes = goes(&page);
    let declined: Vec<_> = page
        .lines
        .iter()
        .filter(|line| line.decision == Decision::Declined)
        .map(|line| view! { <ItemTile head=line.head.clone()/><WhyList why=line.why.clone()/> })
        .collect();
    let some_declined = !declined.is_empty() && !goes.is_empty();
    let none_goes = goes.is_empty();
    let why: Vec<Sentence> = goes.iter().flat_map(|line| line.why.clone()).collect();
    let pays = goes.iter().any(|line| line.resolution.is_some_and(Resolution::pays));
    let due = due(&page);
    let (sum, sum_note) = match (due, sum(&say, &page)) {
        (Some(due), _) => (Some(say.f.money(due)), Some(m.check_due().to_owned())),
        (None, sum) => (sum, pays.then(|| m.check_by(say.f.by(page.promises.refunded)))),
    };
    let button = match page.decision {
        _ if page.joins.is_some() => m.check_action_add(),
        Decision::InReview => m.check_action_review(),
        _ if page.method == Method::None => m.check_action_keep(),
        _ => m.check_action(),
    };
    let wishes: Vec<_> = goes
        .iter()
        .map(|line| {
            let mut head = line.head.clone();
            let variant = head.variant.clone();
            // An arrow names it already.
            head.variant = variant.clone().filter(|_| !matches!(line.exchange, Some(Wanted::Named(_))));
            let wish = line.resolution.map(|resolution| say.wish(resolution, variant.as_deref(), line.exchange.as_ref()));
            view! { <ItemTile head=head note=wish.unwrap_or_default()/> }
        })
        .collect();
    let receipts: Vec<_> = page
        .settlements
        .iter()
        .map(|settlement| view! { <Receipt settlement=settlement.clone() names=page.names.clone() freight_free=page.freight_free/> })
        .collect();
    let contact = match &page.email {
        Some(email) => m.check_contact(email),
        None => m.check_contact_none().to_owned(),
    };
    let title = headline(&say, &page);
    let title_of_page = if page.method == Method::None { m.check_title_keep() } else { m.check_title() };
    let back = edit(if page.method == Method::None || page.joins.is_some() { "wish" } else { "send" });
    let differs = page.settlements.iter().any(|settlement| !settlement.receipt.is_empty());
    let joins = page.joins.map(|rma| view! { <p class="quiet">{m.check_joins(rma)}</p> });
    let way = (page.method != Method::None && !none_goes).then(|| view! { <Way page=page.clone()/> });
    let receipt = (!none_goes).then(|| {
        view! {
            <section class="card">
                <h2 class="h">{if due.is_some() { m.check_receipt_due() } else { m.check_receipt() }}</h2>
                {joins}
                {if pays || differs { receipts.into_any() } else { view! { <p class="quiet">{m.check_no_money()}</p> }.into_any() }}
            </section>
            <section class="card">
                <div class="row head"><h2 class="h grow">{m.check_wish()}</h2><a class="change" href=edit("wish")>{m.shell_change()}<span class="sr">{": "}{m.check_wish()}</span></a></div>
                {wishes}
            </section>
        }
    });
    view! {
        <Frame title=title_of_page step=step(6, m.check_step())>
            <ErrorSummary mistakes=page.mistakes.clone()/>
            <VerdictPanel decision=page.decision title=title why=why>
                <Explanation page=page.clone()/>
            </VerdictPanel>
            {(some_declined || none_goes).then(|| view! { <section class="card declined"><h2 class="h stop">{m.check_declined_lines()}</h2>{declined}</section> })}
            {receipt}
            {way}
            {if none_goes {
                view! { <p>{m.check_nothing_goes()}</p><p class="acts"><a class="btn" href=edit("items")>{m.shell_back()}</a></p> }.into_any()
            } else {
                view! {
                    <p class="quiet sm">{contact}</p>
                    <form method="post" action=action><Seen seen=seen/><Foot sum=sum.unwrap_or_default() note=sum_note.unwrap_or_default() back=back action=button/></form>
                }
                .into_any()
            }}
            <OtherDevice draft=other/>
        </Frame>
    }
}

/// What a page's answers come to while they are being given: the decision, why, and the money as far as it is known.
#[must_use]
pub fn preview(say: Say, step: &str, page: CheckPage) -> String {
    let owner = Owner::new_root(None);
    owner.with(|| {
        provide_context(say.clone());
        let goes = goes(&page);
        // Before a wish is said, the money is not known.
        let title = if step == "why" { bare_headline(&say, &page) } else { headline(&say, &page) };
        let why: Vec<Sentence> = page
            .lines
            .iter()
            // On the later pages the reasons stand beside each item already.
            .filter(|line| goes.is_empty() || (step == "why" && line.decision != Decision::Declined))
            .flat_map(|line| line.why.clone())
            .collect();
        let some_declined = (!goes.is_empty()).then(|| page.lines.iter().filter(|line| line.decision == Decision::Declined));
        let declined: Vec<_> = some_declined
            .into_iter()
            .flatten()
            .map(|line| view! { <ItemTile head=line.head.clone() note=say.m.check_declined_lines()/><WhyList why=line.why.clone()/> })
            .collect();
        let receipts = (step != "why" && !goes.is_empty()).then(|| {
            let shown = page.settlements.iter().filter(|settlement| !settlement.receipt.is_empty());
            shown
                .map(|settlement| view! { <Receipt settlement=settlement.clone() names=page.names.clone() freight_free=page.freight_free && step == "send"/> })
                .collect::<Vec<_>>()
        });
        view! { <VerdictPanel decision=page.decision title=title why=why>{declined}{receipts}</VerdictPanel> }.to_html()
    })
}

/// The way back, with pickup and address.
#[component]
fn Way(page: CheckPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let when = page.pickup.as_ref().map(|pickup| format!("{} {}", say.f.date(pickup.date), say.slot(&pickup.slot)));
    let detail = when.unwrap_or_else(|| say.method_text(page.method).to_owned());
    let from = page.from.as_ref().filter(|_| page.method == Method::Pickup).map(|from| say.f.address(from).join(" · "));
    let cost = WayCost::of(page.method, page.freight_free, &page.settlements);
    let free = cost == Some(WayCost::Free);
    let cost = cost.filter(|_| !free).map(|cost| view! { <p class="quiet">{m.format_pair(m.send_cost(), say.way_cost_line(cost))}</p> });
    let change = page.joins.is_none().then(|| {
        let href = format!("/return/{}/send", page.draft);
        view! { <a class="change" href=href>{m.shell_change()}<span class="sr">{": "}{say.method(page.method)}</span></a> }
    });
    view! {
        <section class="card way">
            <div class="row head">
                <h2 class="h grow">{say.method(page.method)}</h2>
                {free.then(|| view! { <span class="chip good">{m.send_free()}</span> })}
                {change}
            </div>
            <p class="quiet">{detail}</p>
            {from.map(|from| view! { <p class="quiet">{from}</p> })}
            {cost}
        </section>
    }
}

/// "Why?": what would change the answer (N1), and every rule looked at, in words.
#[component]
fn Explanation(page: CheckPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let names = page.names.clone();
    let of = move |line: &domain::ids::LineId| {
        names.iter().find(|(id, _)| id == line.as_str()).map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let mut changes: Vec<String> = Vec::new();
    let of_lines = page.lines.iter().flat_map(|line| line.changes.iter().map(|found| (line.decision, found)));
    // What would be worse helps nobody, except to know from when on.
    for (_, found) in of_lines.filter(|(now, found)| found.decision < *now || matches!(found.change, Change::Later { .. })) {
        let text = say.change(&found.change, found.decision, &of);
        if !changes.contains(&text) {
            changes.push(text);
        }
    }
    let many = page.lines.len() > 1;
    let rules: Vec<_> = page
        .lines
        .iter()
        .map(|line| {
            let name = many.then(|| view! { <h4>{line.head.name.clone()}</h4> });
            let words = PolicyWords { say: &say, policy: &line.policy, reasons: &page.reasons };
            let looks: Vec<_> = line.trace.iter().filter_map(|look| LookText::of(&words, look)).collect();
            view! { {name}<Looks looks=looks/> }
        })
        .collect();
    view! {
        <details>
            <summary>{m.check_why()}</summary>
            {(!changes.is_empty()).then(|| view! {
                <h3>{m.check_would_change()}</h3>
                <ul>{changes.into_iter().map(|text| view! { <li>{text}</li> }).collect::<Vec<_>>()}</ul>
            })}
            <h3>{m.check_all_rules()}</h3>
            {rules}
        </details>
    }
}

/// A rule that was looked at, in words.
struct LookText {
    table: &'static str,
    effect: String,
    /// What it wanted, and whether that was so.
    wanted: Vec<(String, bool)>,
    fired: bool,
}

impl LookText {
    fn of(words: &PolicyWords<'_>, look: &RuleLook) -> Option<Self> {
        let effect = words.rule(look.table, &look.rule)?;
        let wanted = look.facts.iter().map(|read| (words.clause(&read.wants), read.holds)).collect();
        Some(Self { table: words.table(look.table), effect, wanted, fired: look.fired })
    }
}

#[component]
fn Looks(looks: Vec<LookText>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let applied: Vec<_> = looks
        .iter()
        .filter(|look| look.fired)
        .map(|look| view! { <li class="fired"><span class="quiet">{look.table} ": "</span>{look.effect.clone()}</li> })
        .collect();
    let all: Vec<_> = looks
        .into_iter()
        .map(|look| {
            let wanted: Vec<_> = look
                .wanted
                .into_iter()
                .map(|(text, holds)| view! { <span class=if holds { "yes" } else { "no" }>{if holds { "✓ " } else { "✗ " }}{text}</span> })
                .collect();
            view! {
                <li class=if look.fired { "fired" } else { "" }>
                    <span class="quiet">{look.table} ": "</span>{look.effect}
                    {(!wanted.is_empty()).then(|| view! { <span class="facts">{wanted}</span> })}
                </li>
            }
        })
        .collect();
    let count = all.len() as u64;
    view! {
        <ul class="rules">{applied}</ul>
        {(count > 0).then(|| view! { <details><summary>{m.check_rules_all(count)}</summary><ul class="rules">{all}</ul></details> })}
    }
}

fn goes(page: &CheckPage) -> Vec<&CheckLine> {
    page.lines.iter().filter(|line| line.decision != Decision::Declined).collect()
}

/// What comes back in all, per currency.
fn sum(say: &Say, page: &CheckPage) -> Option<String> {
    let mut sums: Vec<Money> = Vec::new();
    for settlement in &page.settlements {
        match sums.iter_mut().find(|sum| sum.currency == settlement.currency) {
            Some(sum) => sum.minor += settlement.worth(),
            None => sums.push(Money::new(settlement.worth(), settlement.currency)),
        }
    }
    let shown: Vec<String> = sums.into_iter().filter(|sum| sum.minor > 0).map(|sum| say.f.money(sum)).collect();
    (!shown.is_empty()).then(|| say.m.list(&shown))
}

/// What the customer pays in all: a request is in one currency.
fn due(page: &CheckPage) -> Option<Money> {
    let currency = page.settlements.first()?.currency;
    let minor = page.settlements.iter().map(|settlement| settlement.due).sum();
    (minor > 0).then(|| Money::new(minor, currency))
}

/// The decision in one sentence, before anything is wished for.
fn bare_headline(say: &Say, page: &CheckPage) -> String {
    let m = say.m;
    match page.decision {
        Decision::Approved => m.verdict_approved().into(),
        Decision::InReview => m.verdict_review(say.f.by(page.promises.decided.unwrap_or(page.promises.sent))),
        Decision::Declined => m.verdict_declined().into(),
    }
}

/// The decision in one sentence.
fn headline(say: &Say, page: &CheckPage) -> String {
    let m = say.m;
    let amount = sum(say, page);
    let wishes: Vec<Resolution> = goes(page).iter().filter_map(|line| line.resolution).collect();
    let all = |wanted: Resolution| !wishes.is_empty() && wishes.iter().all(|wish| *wish == wanted);
    let means = match page.settlements.as_slice() {
        [one] => say.means_of_settlement(one),
        _ => m.verdict_means_several().into(),
    };
    let credit = all(Resolution::StoreCredit);
    match (page.decision, amount) {
        (Decision::Declined, _) => m.verdict_declined().into(),
        (Decision::InReview, Some(amount)) if !credit => {
            m.verdict_review_amount(amount, say.f.by(page.promises.decided.unwrap_or(page.promises.sent)), means)
        }
        (Decision::InReview, _) => {
            let review = m.verdict_review(say.f.by(page.promises.decided.unwrap_or(page.promises.sent)));
            due(page).map_or(review.clone(), |due| m.format_sentences(review, m.verdict_pay_then(say.f.money(due))))
        }
        (Decision::Approved, amount) if all(Resolution::Exchange) => {
            let swap = match goes(page).as_slice() {
                [CheckLine { exchange: Some(Wanted::Named(other)), head, .. }] => {
                    m.verdict_swap_to(head.variant.as_ref().map_or_else(|| other.clone(), |variant| format!("{variant} → {other}")))
                }
                _ => m.verdict_approved_swap().to_owned(),
            };
            match (amount, due(page)) {
                (_, Some(due)) => m.format_sentences(swap, m.verdict_pay(say.f.money(due))),
                (Some(amount), None) => m.format_sentences(swap, m.verdict_back(amount, means)),
                (None, None) => swap,
            }
        }
        (Decision::Approved, Some(amount)) if credit => m.verdict_approved_credit(amount),
        (Decision::Approved, Some(amount)) if all(Resolution::KeepRefund) => m.verdict_approved_keep(amount, means),
        (Decision::Approved, Some(amount)) => m.verdict_approved_amount(amount, means),
        (Decision::Approved, None) if all(Resolution::Replacement) => m.verdict_approved_replacement().into(),
        (Decision::Approved, None) => m.verdict_approved().into(),
    }
}
