//! A settlement as a summary list, the sum in bold.

use domain::ids::LineId;
use domain::money::Money;
use domain::settlement::Settlement;
use leptos::prelude::*;

use crate::say::Say;

/// What comes back, line by line. `names`: products by line.
#[component]
pub fn Receipt(settlement: Settlement, names: Vec<(String, String)>, #[prop(optional)] freight_free: bool) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let currency = settlement.currency;
    let money = move |minor: i64| Money::new(minor, currency);
    let name = |line: &LineId| names.iter().find(|(id, _)| id == line.as_str()).map_or_else(|| line.to_string(), |(_, name)| name.clone());
    let mut rows: Vec<(String, String)> =
        settlement.receipt.iter().map(|line| (say.receipt(line, name), say.f.amount(money(line.amount)))).collect();
    if freight_free {
        rows.push((m.receipt_freight_free().to_owned(), say.f.amount(money(0))));
    }
    let rows: Vec<_> = rows.into_iter().map(|(what, amount)| view! { <div><dt>{what}</dt><dd class="num">{amount}</dd></div> }).collect();
    let refund = settlement.refund();
    let credit = settlement.store_credit;
    let shares = if settlement.tenders.len() > 1 { settlement.tenders.as_slice() } else { &[] };
    // Which card it is, where there is but one.
    let one = settlement.tenders.first().filter(|one| shares.is_empty() && one.card_ending.is_some() && refund > 0);
    let one = one.map(|one| view! { <div class="part"><dt>{m.receipt_all_to_tender(say.means_of_tender(one))}</dt><dd></dd></div> });
    let tenders: Vec<_> = shares
        .iter()
        .map(|share| {
            let means = say.means_of_tender(share);
            view! { <div class="part"><dt>{m.receipt_to_tender(means)}</dt><dd class="num">{say.f.amount(money(share.amount))}</dd></div> }
        })
        .collect();
    view! {
        <dl class="receipt">
            {rows}
            {(settlement.due > 0).then(|| view! { <div class="total"><dt>{m.receipt_total_due()}</dt><dd class="num">{say.f.money(money(settlement.due))}</dd></div> })}
            {(settlement.due == 0 && (refund > 0 || credit == 0)).then(|| view! { <div class="total"><dt>{m.receipt_total()}</dt><dd class="num">{say.f.money(money(refund))}</dd></div> })}
            {one}
            {tenders}
            {(credit > 0).then(|| view! { <div class="total"><dt>{m.receipt_total_credit()}</dt><dd class="num">{say.f.money(money(credit))}</dd></div> })}
            {(settlement.bonus > 0).then(|| view! { <div class="part"><dt>{m.receipt_bonus()}</dt><dd class="num">{say.f.amount(money(settlement.bonus))}</dd></div> })}
        </dl>
        {(settlement.due > 0).then(|| view! { <p class="quiet sm">{m.receipt_due_text()}</p> })}
    }
}
