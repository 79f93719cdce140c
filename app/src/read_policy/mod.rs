//! The policy, the process and its time limits, written out from the document (A7).

mod differences;
mod words;

use std::sync::Arc;

use domain::policy::{BundleRule, Clause, Condition, FactKind, GiftRule, Table, Wants, days_between};
use jiff::civil::Date;
use leptos::prelude::*;

use crate::ports::{PolicyPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, load};
pub use differences::differences;
pub use words::PolicyWords;

/// `/policy`
#[component]
pub fn ReadPolicy() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.policy_page().await }, |page| view! { <Written page=page/> })
}

#[component]
fn Written(page: PolicyPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let policy = page.policy.clone();
    let words = PolicyWords { say: &say, policy: &policy, reasons: &page.reasons };
    let version = match page.since {
        Some(since) => m.policy_version(say.f.by(since), page.version),
        None => m.policy_version_first(page.version),
    };
    let promises = policy.promises;
    let zone = say.zone(&policy.time_zone);
    let sections = sections(&words, say.f.today);
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
                <h2 class="h">{m.policy_process()}</h2>
                <ol class="steps">
                    <li>{m.policy_process_ask(say.span(promises.review))}</li>
                    <li>{m.policy_process_send(say.span(promises.send_back))}</li>
                    <li>{m.policy_process_check(say.span(promises.inspection))}</li>
                    <li>{m.policy_process_money(say.span(promises.refund))}</li>
                </ol>
            </section>
            {sections}
            <section class="card">
                <h2 class="h">{m.policy_law()}</h2>
                <p>{m.policy_law_first()}</p>
                <p>{m.policy_law_rights()}</p>
                <p><a href="/withdraw">{m.withdraw_entry()}</a></p>
            </section>
            <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect::<Vec<_>>()}</ul>
        </Frame>
    }
}

/// A table of the policy, written out.
struct Section {
    title: &'static str,
    /// Condition (none: always) and effect.
    rows: Vec<(Option<String>, String)>,
    first_wins: bool,
}

fn sections(words: &PolicyWords<'_>, today: Date) -> Vec<Section> {
    let policy = words.policy;
    // A campaign that ended long ago concerns nobody who reads this.
    let past = |condition: &Condition| {
        condition.clauses().iter().any(|clause| match clause {
            Clause::Fact(FactKind::Campaign, Wants::OneOf(ids)) => {
                let named = policy.campaigns.iter().filter(|campaign| ids.iter().any(|id| id == campaign.id.as_str()));
                named.into_iter().all(|campaign| days_between(campaign.to, today) > 60)
            }
            _ => false,
        })
    };
    let section = |table: &Table| {
        let rules = policy.heads(*table).into_iter().filter(|rule| !past(rule.when));
        let rows = rules.filter_map(|rule| Some((words.condition(rule.when), words.rule(*table, rule.id.as_str())?)));
        // Who decides where no rule asks for a person needs no telling.
        let rows = rows.filter(|(condition, _)| *table != Table::Review || condition.is_some()).collect();
        Section { title: words.table(*table), rows, first_wins: table.first_wins() && *table != Table::Review }
    };
    Table::ALL.iter().map(section).filter(|section| !section.rows.is_empty()).collect()
}

#[component]
fn Rules(section: Section) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let Section { title, rows, first_wins } = section;
    let only = rows.len() == 1;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(condition, effect)| {
            let condition = condition.unwrap_or_else(|| if only { m.policy_always() } else { m.policy_everything() }.to_owned());
            view! { <div><dt>{condition}</dt><dd>{effect}</dd></div> }
        })
        .collect();
    let how = (!only).then(|| if first_wins { m.policy_first_rule() } else { m.policy_all_rules() });
    view! {
        <section class="card">
            <h2 class="h">{title}</h2>
            {how.map(|how| view! { <p class="quiet sm">{how}</p> })}
            <dl class="rulebook">{rows}</dl>
        </section>
    }
}
