//! The policy, the process and its time limits, written out from the document (A7).

mod differences;
mod help;
mod products;
mod short;
mod words;

use std::sync::Arc;

use domain::money::Currency;
use domain::policy::{BundleRule, Clause, Condition, FactKind, GiftRule, Policy, Table, Wants, days_between};
use domain::words::Locale;
use jiff::civil::Date;
use leptos::prelude::*;

use crate::ports::{PolicyPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};
pub use differences::differences;
use help::Process;
pub use help::ReadHelp;
use products::products;
pub use short::short;
pub use words::PolicyWords;

/// `/policy`
#[component]
pub fn ReadPolicy() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.policy_page().await }, |page| view! { <Written page=page/> })
}

#[component]
fn Written(page: PolicyPage) -> impl IntoView {
    let mut say = expect_context::<Say>();
    say.f.currency = page.currency.or_else(|| usual(say.m.locale));
    let m = say.m;
    let policy = page.policy.clone();
    let words = PolicyWords { say: &say, policy: &policy, reasons: &page.reasons };
    let version = match page.since {
        Some(since) => m.policy_version(say.f.by(since), page.version),
        None => m.policy_version_first(page.version),
    };
    let zone = say.zone(&policy.time_zone);
    let past = past(&policy, say.f.today);
    let short = short(&words).map(|sentence| view! { <li>{sentence}</li> });
    let products = products(&words, &past);
    let sections = sections(&words, &past);
    let mut contents = vec![(PROCESS, m.policy_process())];
    contents.extend((!products.is_empty()).then_some((PRODUCTS, m.policy_products())));
    contents.extend(sections.iter().map(|section| (section.id.as_str(), section.title)));
    contents.push((LAW, m.policy_law()));
    contents.push((TOLD, m.inbox_sent_title()));
    let contents: Vec<_> = contents.into_iter().map(|(id, name)| view! { <li><a href=format!("#{id}")>{name}</a></li> }).collect();
    let products = (!products.is_empty()).then(|| {
        let products: Vec<_> = products.into_iter().map(|product| view! { <h3>{product.name}</h3><Rulebook rows=product.rows.into_iter().map(|(name, said)| (name.to_owned(), said)).collect()/> }).collect();
        view! { <section class="card" id=PRODUCTS><h2 class="h">{m.policy_products()}</h2><p class="quiet sm">{m.policy_products_lead()}</p>{products}</section> }
    });
    let sections: Vec<_> = sections.into_iter().map(|section| view! { <Rules section=section/> }).collect();
    let notes: Vec<&'static str> = [
        match policy.gifts {
            GiftRule::Together => m.policy_gifts_together(),
            GiftRule::Deduct => m.policy_gifts_deduct(),
            GiftRule::Keep => m.policy_gifts_keep(),
        },
        if policy.bundles == BundleRule::Together { m.policy_bundles_together() } else { "" },
    ]
    .into_iter()
    .filter(|note| !note.is_empty())
    .collect();
    view! {
        <Frame title=m.policy_title() lead=m.policy_lead()>
            <p class="quiet sm">{version} " · " {m.policy_time_zone(zone)}</p>
            <section class="card">
                <h2 class="h">{m.policy_short()}</h2>
                <ul class="short">{short.into_iter().collect_view()}</ul>
            </section>
            <nav class="card" aria-labelledby="contents">
                <h2 class="h" id="contents">{m.policy_contents()}</h2>
                <ul class="contents">{contents}</ul>
            </nav>
            <section class="card" id=PROCESS>
                <h2 class="h">{m.policy_process()}</h2>
                <Process page=page/>
                <p><a href="/help">{m.shell_help()}</a></p>
            </section>
            {products}
            {sections}
            <section class="card" id=LAW>
                <h2 class="h">{m.policy_law()}</h2>
                <p>{m.policy_law_first()}</p>
                <p>{m.policy_law_rights()}</p>
                <p><a href="/withdraw">{m.withdrawal_labels().withdraw}</a></p>
            </section>
            <Told/>
            <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect::<Vec<_>>()}</ul>
        </Frame>
    }
}

const PROCESS: &str = "process";
const PRODUCTS: &str = "products";
const LAW: &str = "law";
const TOLD: &str = "told";

/// Of what customers hear.
#[component]
fn Told() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let occasions = [
        m.inbox_sent_booked(),
        m.inbox_sent_decided(),
        m.inbox_sent_goods(),
        m.inbox_sent_money(),
        m.inbox_sent_item(),
        m.inbox_sent_wrote(),
        m.inbox_sent_remind(),
    ];
    view! {
        <section class="card" id=TOLD>
            <h2 class="h">{m.inbox_sent_title()}</h2>
            <p>{m.inbox_sent_lead()}</p>
            <ul class="short">{occasions.map(|occasion| view! { <li>{occasion}</li> }).into_iter().collect_view()}</ul>
        </section>
    }
}

/// What readers of a language mostly pay in, where we know no order of theirs; none of one that is read all over the world.
fn usual(locale: Locale) -> Option<Currency> {
    let code = match locale {
        Locale::ZhCn => "CNY",
        Locale::De | Locale::Fr => "EUR",
        _ => return None,
    };
    code.parse().ok()
}

/// A table of the policy, written out.
struct Section {
    id: String,
    title: &'static str,
    /// Condition (none: always) and effect.
    rows: Vec<(Option<String>, String)>,
    first_wins: bool,
}

/// Whether a rule is of a campaign that ended long ago: it concerns nobody who reads this.
fn past(policy: &Policy, today: Date) -> impl Fn(&Condition) -> bool {
    move |condition| {
        condition.clauses().iter().any(|clause| match clause {
            Clause::Fact(FactKind::Campaign, Wants::OneOf(ids)) => {
                let named = policy.campaigns.iter().filter(|campaign| ids.iter().any(|id| id == campaign.id.as_str()));
                named.into_iter().all(|campaign| days_between(campaign.to, today) > 60)
            }
            _ => false,
        })
    }
}

fn sections(words: &PolicyWords<'_>, past: impl Fn(&Condition) -> bool) -> Vec<Section> {
    let section = |(place, table): (usize, &Table)| {
        let rules = words.policy.heads(*table).into_iter().filter(|rule| !past(rule.when));
        let rows = rules.filter_map(|rule| Some((words.condition(rule.when), words.rule(*table, rule.id.as_str())?)));
        // Who decides where no rule asks for a person needs no telling.
        let rows = rows.filter(|(condition, _)| *table != Table::Review || condition.is_some()).collect();
        Section {
            id: format!("rules-{}", place + 1),
            title: words.table(*table),
            rows,
            first_wins: table.first_wins() && *table != Table::Review,
        }
    };
    Table::ALL.iter().enumerate().map(section).filter(|section| !section.rows.is_empty()).collect()
}

#[component]
fn Rules(section: Section) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let Section { id, title, rows, first_wins } = section;
    let only = rows.len() == 1;
    let always = if only { m.policy_always() } else { m.policy_everything() };
    let rows = rows.into_iter().map(|(condition, effect)| (condition.unwrap_or_else(|| always.to_owned()), effect)).collect();
    let how = (!only).then(|| if first_wins { m.policy_first_rule() } else { m.policy_all_rules() });
    view! {
        <section class="card" id=id>
            <h2 class="h">{title}</h2>
            {how.map(|how| view! { <p class="quiet sm">{how}</p> })}
            <Rulebook rows=rows/>
        </section>
    }
}

/// Names and what is so of them: each name once, with all that is.
#[component]
fn Rulebook(rows: Vec<(String, String)>) -> impl IntoView {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for (name, said) in rows {
        match named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => all.push(said),
            None => named.push((name, vec![said])),
        }
    }
    let rows = named.into_iter().map(|(name, said)| {
        let said: Vec<_> = said.into_iter().map(|said| view! { <dd>{said}</dd> }).collect();
        view! { <div><dt>{name}</dt>{said}</div> }
    });
    view! { <dl class="rulebook">{rows.collect::<Vec<_>>()}</dl> }
}
