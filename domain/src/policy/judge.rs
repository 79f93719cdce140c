//! `judge`: what policy says of a request. Total, deterministic, pure.

use jiff::Timestamp;
use jiff::civil::Date;

use super::amounts::BasisPoints;
use super::days::{days_between, plus_days, plus_months};
use super::document::{Policy, Rule, Table};
use super::effects::{BundleRule, FeeEffect, GiftRule, OutboundRefund, Payer, ReviewGround, Reviewer, WindowEffect};
use super::evidence::{EvidenceEffect, still_wanted};
use super::known::Known;
use super::request::{Case, CaseLine};
use super::resolution::{Method, Resolution};
use super::verdict::{Decision, LineVerdict, Offer, Refusal, RuleLook, Trace, Verdict, Window, WindowState};
use crate::ids::Code;
use crate::item::ALWAYS_ASKED;
use crate::order::OrderLine;
use crate::reason::{Fault, Reason, ReasonTree};

/// Judges every line of a request against a policy at a moment. Lines that the order does not have are left out: they are
/// refused before anything is judged.
pub fn judge<'p>(policy: &'p Policy, case: &Case<'_>, now: Timestamp) -> Verdict<'p> {
    let lines = case.lines.iter().enumerate().filter_map(|(index, asked)| {
        let line = case.order.line(&asked.line)?;
        Some(judge_line(policy, case, line, index, now))
    });
    let mut verdict = Verdict { lines: lines.collect() };
    keep_together(policy, case, &mut verdict.lines);
    verdict
}

/// Declines what leaves behind what must come along. What is named and does not really come (declined, or kept) does not count; and
/// what is declined here may leave others behind, so it is asked until nothing changes.
fn keep_together<'p>(policy: &'p Policy, case: &Case<'_>, verdicts: &mut [LineVerdict<'p>]) {
    if policy.gifts != GiftRule::Together && policy.bundles != BundleRule::Together {
        return;
    }
    loop {
        let coming: Vec<(&crate::ids::LineId, u32)> = verdicts
            .iter()
            .filter(|said| said.refusals.is_empty())
            .filter_map(|said| case.lines.get(said.index))
            .filter(|asked| asked.resolution.is_none_or(Resolution::sends_back))
            .map(|asked| (&asked.line, asked.quantity))
            .collect();
        let found = verdicts.iter().enumerate().filter(|(_, said)| said.refusals.is_empty()).find_map(|(index, said)| {
            let pays = |asked: &&CaseLine| asked.resolution.is_none_or(Resolution::pays);
            case.lines.get(said.index).filter(pays)?;
            // Units of one order line may be asked back for several reasons.
            let same = verdicts.iter().filter(|other| other.line == said.line && other.refusals.is_empty());
            let units = same.filter_map(|other| case.lines.get(other.index)).filter(pays).map(|asked| asked.quantity).sum();
            let refusals = left_behind(policy, case, case.order.line(&said.line)?, units, &coming);
            (!refusals.is_empty()).then_some((index, refusals))
        });
        let Some((index, refusals)) = found else { return };
        let said = &mut verdicts[index];
        said.refusals = refusals;
        said.decision = Decision::Declined;
    }
}

impl<'p> Verdict<'p> {
    /// Every rule looked at for line `index`, with the known it read.
    pub fn looks(&self, policy: &'p Policy, case: &Case<'_>, index: usize, now: Timestamp) -> Vec<RuleLook> {
        let Some(verdict) = self.lines.get(index) else { return Vec::new() };
        let asked = case.lines.get(verdict.index);
        let (Some(asked), Some(line)) = (asked, case.order.line(&verdict.line)) else { return Vec::new() };
        verdict.looks(policy, &Known::gather(policy.shop_rules(), case, line, asked, now))
    }

    /// Whether any line can go ahead.
    pub fn any_goes_ahead(&self) -> bool {
        self.lines.iter().any(|line| line.decision != Decision::Declined)
    }
}

fn judge_line<'p>(policy: &'p Policy, case: &Case<'_>, line: &OrderLine, index: usize, now: Timestamp) -> LineVerdict<'p> {
    let asked = &case.lines[index];
    let mut known = Known::gather(policy.shop_rules(), case, line, asked, now);
    let mut tables = Tables { trace: Vec::with_capacity(policy.rules()) };
    let mut refusals = Vec::new();
    if case.order.cancelled {
        refusals.push(Refusal::OrderCancelled);
    }

    let excluded = tables.all(Table::Exclusion, &policy.exclusion, &known);
    for rule in &excluded {
        if rule.then.refuse.is_none() {
            refusals.push(Refusal::Excluded(rule.then.because, &rule.id, &rule.say));
        }
    }

    let window = window(policy, &mut tables, &known);
    match window.state {
        WindowState::Open(_) | WindowState::Unlimited => {}
        WindowState::Closed(on) => refusals.push(Refusal::Window(Some(on), own_words(window.rule))),
        WindowState::Never => refusals.push(Refusal::Window(None, own_words(window.rule))),
    }

    let resolution_rule = tables.first(Table::Resolution, &policy.resolution, &known);
    let offered = resolution_rule.map_or(&[Resolution::Refund][..], |rule| &rule.then.offer);
    let barred = |resolution: Resolution| {
        excluded.iter().find(|rule| rule.then.refuse.as_ref().is_some_and(|refused| refused.contains(&resolution)))
    };
    let mut offers: Vec<Offer<'p>> = Vec::with_capacity(offered.len());
    let fee_rule = if policy.fees_read_resolution { None } else { Some(tables.first(Table::Fee, &policy.fee, &known)) };
    for &resolution in offered {
        if barred(resolution).is_some() {
            continue;
        }
        let fee = fee_rule.unwrap_or_else(|| tables.first(Table::Fee, &policy.fee, &known.with_resolution(Some(resolution))));
        let share = resolution_rule.map_or(BasisPoints(0), |rule| match resolution {
            Resolution::StoreCredit => rule.then.store_credit_bonus,
            Resolution::KeepRefund => rule.then.keep_share,
            _ => BasisPoints(0),
        });
        offers.push(Offer { resolution, fee: fee.filter(|rule| !rule.then.is_free()), share });
    }
    if offers.is_empty()
        && refusals.is_empty()
        && let Some(rule) = offered.iter().find_map(|&resolution| barred(resolution))
    {
        refusals.push(Refusal::Excluded(rule.then.because, &rule.id, &rule.say));
    }
    if let Some(wish) = asked.resolution
        && !offers.iter().any(|offer| offer.resolution == wish)
        && refusals.is_empty()
    {
        match barred(wish) {
            Some(rule) => refusals.push(Refusal::Excluded(rule.then.because, &rule.id, &rule.say)),
            None => refusals.push(Refusal::NotOffered(wish)),
        }
    }
    known.resolution = known.resolution.or(offers.first().map(|offer| offer.resolution));

    // Whoever caused it bears the costs, where no rule says otherwise (PRC Consumer Protection Law art. 24; Directive (EU) 2019/771 art. 14).
    let blameless = matches!(known.fault, Some(Fault::Merchant | Fault::Carrier));
    let freight = tables.first(Table::Freight, &policy.freight, &known);
    let payer = freight.map_or(if blameless { Payer::Merchant } else { Payer::Customer }, |rule| rule.then.payer);
    let outbound = tables
        .first(Table::Outbound, &policy.outbound, &known)
        .map_or(if blameless { OutboundRefund::Always } else { OutboundRefund::WhenAllReturned }, |rule| rule.then.refund);

    let methods = methods(policy, &mut tables, &known, payer);
    if let Some(method) = case.method
        && asked.sends_back(asked.resolution.unwrap_or(Resolution::Refund))
        && !methods.iter().any(|(offered, _)| *offered == method)
        && refusals.is_empty()
    {
        refusals.push(Refusal::MethodNotOffered(method));
    }

    let evidence: Vec<&EvidenceEffect> = tables.all(Table::Evidence, &policy.evidence, &known).into_iter().map(|rule| &rule.then).collect();
    let mut review =
        tables.first(Table::Review, &policy.review, &known).filter(|rule| rule.then.by == Reviewer::Person).map(|rule| rule.then.because);
    let compensation = tables.first(Table::Compensation, &policy.compensation, &known).map(|rule| &rule.then);

    // An amount that the policy does not name for this currency is never guessed: a person looks.
    let unpriced_fee = |fee: &FeeEffect| fee.flat.as_ref().is_some_and(|flat| flat.in_currency(case.order.currency).is_none());
    let unpriced_freight = payer == Payer::Customer
        && freight.and_then(|rule| rule.then.flat.as_ref()).is_some_and(|flat| flat.in_currency(case.order.currency).is_none());
    if unpriced_freight || offers.iter().filter_map(|offer| offer.fee).any(|rule| unpriced_fee(&rule.then)) {
        review = review.or(Some(ReviewGround::AmountUnknown));
    }

    // No dead end for who cannot show it: a person looks, and may ask.
    if !still_wanted(evidence.iter().copied(), &asked.evidence).is_empty() {
        review = review.or(Some(ReviewGround::Evidence));
    }

    let decision = match (refusals.is_empty(), review) {
        (false, _) => Decision::Declined,
        (true, Some(_)) => Decision::InReview,
        (true, None) => Decision::Approved,
    };
    LineVerdict {
        index,
        line: line.id.clone(),
        quantity: asked.quantity,
        decision,
        refusals,
        window,
        offers,
        payer,
        freight,
        outbound,
        methods,
        evidence,
        review,
        compensation,
        trace: tables.trace,
    }
}

/// Looks rules up and notes each look.
struct Tables {
    trace: Vec<Trace>,
}

impl Tables {
    fn look<'p, E>(&mut self, table: Table, index: usize, rule: &'p Rule<E>, known: &Known<'_>) -> Option<&'p Rule<E>> {
        let missed = rule.when.first_miss(known);
        let resolution = if table == Table::Fee { known.resolution } else { None };
        self.trace.push(Trace { table, rule: index as u16, missed: missed.map(|test| test as u16), resolution });
        missed.is_none().then_some(rule)
    }

    fn first<'p, E>(&mut self, table: Table, rules: &'p [Rule<E>], known: &Known<'_>) -> Option<&'p Rule<E>> {
        rules.iter().enumerate().find_map(|(index, rule)| self.look(table, index, rule, known))
    }

    fn all<'p, E>(&mut self, table: Table, rules: &'p [Rule<E>], known: &Known<'_>) -> Vec<&'p Rule<E>> {
        rules.iter().enumerate().filter_map(|(index, rule)| self.look(table, index, rule, known)).collect()
    }
}

fn own_words(rule: Option<&Rule<WindowEffect>>) -> Option<&crate::words::Words> {
    rule.map(|rule| &rule.say).filter(|say| !say.is_empty())
}

fn window<'p>(policy: &'p Policy, tables: &mut Tables, known: &Known<'_>) -> Window<'p> {
    let Some(rule) = tables.first(Table::Window, &policy.window, known) else {
        return Window { rule: None, state: WindowState::Never, day: days_between(known.start(Default::default()), known.today) };
    };
    let start = known.start(rule.then.from);
    let state = match last_day(&rule.then, start, known.warranty_until()) {
        _ if rule.then.unlimited => WindowState::Unlimited,
        None => WindowState::Never,
        Some(last) if known.today <= last => WindowState::Open(last),
        Some(last) => WindowState::Closed(last),
    };
    Window { rule: Some(rule), state, day: days_between(start, known.today) }
}

fn last_day(effect: &WindowEffect, start: Date, warranty: Option<Date>) -> Option<Date> {
    let counted = match (effect.days, effect.months) {
        (Some(days), _) => Some(plus_days(start, i64::from(days))),
        (None, Some(months)) => Some(plus_months(start, months)),
        (None, None) => None,
    };
    counted.max(effect.until).max(warranty.filter(|_| effect.warranty))
}

/// Methods with what each costs this customer, in minor units.
fn methods(policy: &Policy, tables: &mut Tables, known: &Known<'_>, payer: Payer) -> Vec<(Method, i64)> {
    let Some(rule) = tables.first(Table::Method, &policy.method, known) else { return vec![(Method::SelfShip, 0)] };
    let priced = rule.then.offer.iter().filter_map(|offer| {
        let price = match (&offer.price, payer) {
            (None, _) | (_, Payer::Merchant) => 0,
            // A way we cannot price in this currency is not offered.
            (Some(price), Payer::Customer) => price.in_currency(known.order.currency)?,
        };
        Some((offer.method, price))
    });
    priced.collect()
}

/// Gifts and bundle parts that must come along and do not.
fn left_behind<'p>(
    policy: &'p Policy,
    case: &Case<'_>,
    line: &OrderLine,
    units: u32,
    coming: &[(&crate::ids::LineId, u32)],
) -> Vec<Refusal<'p>> {
    let after = |line: &OrderLine| {
        let now: u32 = coming.iter().filter(|(id, _)| **id == line.id).map(|(_, units)| units).sum();
        u64::from(case.history.units(&line.id)) + u64::from(now)
    };
    let mine = u64::from(case.history.units(&line.id)) + u64::from(units);
    // As many as belong to the units that are back by then, rounded down.
    let due = |other: &OrderLine| mine * u64::from(other.quantity) / u64::from(line.quantity);
    let missing = |other: &OrderLine| due(other).checked_sub(after(other)).filter(|units| *units > 0);
    let mut refusals = Vec::new();
    for other in &case.order.lines {
        if policy.gifts == GiftRule::Together
            && other.gift_with.as_ref() == Some(&line.id)
            && let Some(units) = missing(other)
        {
            refusals.push(Refusal::GiftMissing(other.id.clone(), units as u32));
        }
        if policy.bundles == BundleRule::Together
            && other.id != line.id
            && line.bundle.is_some()
            && other.bundle == line.bundle
            && let Some(units) = missing(other)
        {
            refusals.push(Refusal::BundleIncomplete(other.id.clone(), units as u32));
        }
    }
    refusals
}

/// Units of gifts that stay behind though their item comes back, where the policy deducts their price.
pub fn gifts_kept(policy: &Policy, case: &Case<'_>, line: &OrderLine, quantity: u32) -> Vec<(crate::ids::LineId, u32)> {
    if policy.gifts != GiftRule::Deduct {
        return Vec::new();
    }
    let back = case.history.units(&line.id) + quantity;
    let gifts = case.order.lines.iter().filter(|other| other.gift_with.as_ref() == Some(&line.id));
    let kept = gifts.filter_map(|gift| {
        let due = |back: u32| u64::from(back) * u64::from(gift.quantity) / u64::from(line.quantity);
        let coming: u64 = case.lines.iter().filter(|asked| asked.line == gift.id).map(|asked| u64::from(asked.quantity)).sum();
        let units = (due(back) - due(back - quantity)).saturating_sub(coming + u64::from(case.history.units(&gift.id))) as u32;
        (units > 0).then(|| (gift.id.clone(), units))
    });
    kept.collect()
}

/// States of an item between which the answer for a line differs, whatever its reason turns out to be: what a customer must
/// be asked. Empty where the answer never depends on it (B22).
pub fn conditions_that_matter(policy: &Policy, case: &Case<'_>, line: &CaseLine, reasons: &ReasonTree, now: Timestamp) -> Vec<Code> {
    let mut states: Vec<Code> = ALWAYS_ASKED.iter().filter_map(|code| code.parse().ok()).collect();
    policy.each_condition_code(&mut |code| {
        if !states.contains(code) {
            states.push(code.clone());
        }
    });
    let category = case.order.line(&line.line).and_then(|product| product.category.as_ref());
    let subs = |reason: &Reason| reason.sub_reasons.iter().map(|sub| Some(sub.code.clone())).collect::<Vec<_>>();
    let chosen = reasons.offered(category).flat_map(|reason| {
        std::iter::once(None)
            .chain(subs(reason))
            .filter_map(|sub| reasons.choose(reason.code.as_str(), sub.as_ref().map(Code::as_str), category).ok())
            .collect::<Vec<_>>()
    });
    for reason in chosen {
        let answer = |state: &Code| {
            let asked = CaseLine { reason: Some(reason.clone()), condition: Some(state.clone()), resolution: None, ..line.clone() };
            let verdict = judge(policy, &Case { lines: &[asked], method: None, ..*case }, now);
            verdict.lines.first().map(|said| {
                let offers: Vec<_> = said.offers.iter().map(|offer| (offer.resolution, offer.fee.map(|rule| rule.id.clone()))).collect();
                (said.decision, offers, said.payer, said.evidence.len())
            })
        };
        let first = answer(&states[0]);
        if states[1..].iter().any(|state| answer(state) != first) {
            return states;
        }
    }
    Vec::new()
}
