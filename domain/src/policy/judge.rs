//! `judge`: what policy says of a request. Total, deterministic, pure.
//! Long because each table is asked where its answer is needed, in one go.

use jiff::Timestamp;
use jiff::civil::Date;

use super::amounts::BasisPoints;
use super::condition::Lack;
use super::document::{Policy, Rule, Table};
use super::effects::{
    BundleRule, ClockStart, ElsewhereEffect, ExclusionEffect, GiftRule, OutboundRefund, Payer, ReviewGround, Reviewer, WindowEffect,
};
use super::evidence::{EvidenceEffect, EvidenceKind, EvidenceOf, still_wanted};
use super::floor::floor;
use super::known::Known;
use super::request::{Basis, Case, CaseLine};
use super::resolution::Resolution;
use super::verdict::{Decision, LawLook, LineVerdict, Offer, Refusal, RuleLook, Trace, Verdict, Window, WindowState};
use super::ways::{allows, is_arranged, ways};
use crate::days::{days_between, plus_days, plus_months};
use crate::order::OrderLine;
use crate::reason::Fault;

/// Days after which what was sent is not under way any more, whatever is not told of it.
const LONGEST_WAY: i64 = 365;

/// What shows that goods were bought elsewhere, and for how much.
static RECEIPT: EvidenceEffect = EvidenceEffect { ask: EvidenceKind::Photo, of: EvidenceOf::Receipt, at_least: 1 };

/// Judges every line of a request against a policy at a moment. Lines that the order does not have are left out: they are
/// refused before anything is judged.
pub fn judge<'p>(policy: &'p Policy, case: &Case<'_>, now: Timestamp) -> Verdict<'p> {
    judged(policy, case, now, keep_together)
}

/// `then`: what may still be declined once every line was judged by itself.
pub(super) fn judged<'p>(
    policy: &'p Policy,
    case: &Case<'_>,
    now: Timestamp,
    then: impl Fn(&'p Policy, &Case<'_>, &mut [LineVerdict<'p>]),
) -> Verdict<'p> {
    let lines = case.lines.iter().enumerate().filter_map(|(index, asked)| {
        let line = case.order.line(&asked.line)?;
        Some(judge_line(policy, case, line, index, now))
    });
    let mut verdict = Verdict { lines: lines.collect() };
    then(policy, case, &mut verdict.lines);
    let all_paid = verdict.all_paid(case);
    verdict.lines.iter_mut().for_each(|said| review(policy, case, said, all_paid, now));
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
            .map(|asked| (case.order.in_books(&asked.line), asked.quantity))
            .collect();
        let found = verdicts.iter().enumerate().filter(|(_, said)| said.refusals.is_empty()).find_map(|(index, said)| {
            let pays = |asked: &&CaseLine| asked.resolution.is_none_or(Resolution::pays);
            case.lines.get(said.index).filter(pays)?;
            // Units of one order line may be asked back for several reasons.
            let bought = case.order.bought(&said.line)?;
            let same = verdicts.iter().filter(|other| *case.order.in_books(&other.line) == bought.id && other.refusals.is_empty());
            let units = same.filter_map(|other| case.lines.get(other.index)).filter(pays).map(|asked| asked.quantity).sum();
            let refusals = left_behind(policy, case, bought, units, &coming);
            (!refusals.is_empty()).then_some((index, refusals))
        });
        let Some((index, refusals)) = found else { return };
        let said = &mut verdicts[index];
        said.refusals = refusals;
    }
}

impl<'p> Verdict<'p> {
    /// Every rule looked at for line `index`, with the known it read.
    pub fn looks(&self, policy: &'p Policy, case: &Case<'_>, index: usize, now: Timestamp) -> Vec<RuleLook> {
        let Some(verdict) = self.lines.get(index) else { return Vec::new() };
        let asked = case.lines.get(verdict.index);
        let (Some(asked), Some(line)) = (asked, case.order.line(&verdict.line)) else { return Vec::new() };
        verdict.looks(policy, &Known::gather(policy.shop_rules(), case, line, asked, now), self.all_paid(case))
    }

    /// Every rule of the law looked at for line `index`, likewise.
    pub fn law_looks(&self, policy: &'p Policy, case: &Case<'_>, index: usize, now: Timestamp) -> Vec<LawLook> {
        let Some(verdict) = self.lines.get(index) else { return Vec::new() };
        let asked = case.lines.get(verdict.index);
        let (Some(asked), Some(line), Some(law)) = (asked, case.order.line(&verdict.line), &verdict.law) else { return Vec::new() };
        law.looks(&Known::gather(policy.shop_rules(), case, line, asked, now))
    }

    /// What was paid for all that comes back, minor units: a request in ten parts is looked at as one.
    fn all_paid(&self, case: &Case<'_>) -> i64 {
        let going = self.lines.iter().filter(|said| said.refusals.is_empty());
        let paid = going.filter_map(|said| Some(case.order.paid_for(case.order.line(&said.line)?, said.quantity)));
        paid.sum::<i64>() + case.history.beside
    }

    /// Whether any line can go ahead.
    pub fn any_goes_ahead(&self) -> bool {
        self.lines.iter().any(|line| line.decision != Decision::Declined)
    }
}

fn judge_line<'p>(policy: &'p Policy, case: &Case<'_>, line: &OrderLine, index: usize, now: Timestamp) -> LineVerdict<'p> {
    let asked = &case.lines[index];
    let mut known = Known::gather(policy.shop_rules(), case, line, asked, now);
    let mut tables = Tables { trace: Vec::with_capacity(policy.rules()), amount_lacks: false };
    let mut refusals = Vec::new();
    if case.order.cancelled {
        refusals.push(Refusal::OrderCancelled);
    }

    // What is not said is neither the best nor the worst that could have been: where it would exclude the item, a person asks.
    let arrived = !asked.reason.as_ref().is_some_and(|reason| reason.never_arrived);
    let untold = |rule: &Rule<ExclusionEffect>| arrived && rule.when.hangs_on(Lack::Condition, &known);
    let mut excluded = tables.all(Table::Exclusion, &policy.exclusion, &known);
    excluded.retain(|rule| !untold(rule) && !rule.when.hangs_on(Lack::Amount, &known));
    let hangs: Vec<_> = policy.exclusion.iter().filter(|rule| untold(rule)).collect();
    for rule in &excluded {
        if rule.then.refuse.is_none() {
            refusals.push(Refusal::Excluded(rule.then.because, &rule.id, &rule.say));
        }
    }

    let elsewhere = case.order.elsewhere;
    let taken = if elsewhere { tables.first(Table::Elsewhere, &policy.elsewhere, &known) } else { None };
    let window = if elsewhere { never_over(&known) } else { window(policy, &mut tables, &known) };
    match window.state {
        WindowState::Open(_) | WindowState::Waits | WindowState::Unlimited => {}
        WindowState::Closed(on) => refusals.push(Refusal::Window(Some(on), own_words(window.rule))),
        WindowState::Never => refusals.push(Refusal::Window(None, own_words(window.rule))),
    }

    let resolution_rule = if elsewhere { None } else { tables.first(Table::Resolution, &policy.resolution, &known) };
    let offered = match (elsewhere, taken) {
        (true, Some(rule)) => &rule.then.offer[..],
        (true, None) => &ElsewhereEffect::OFFERED,
        (false, _) => resolution_rule.map_or(&[Resolution::Refund][..], |rule| &rule.then.offer),
    };
    let bars = |refused: &Option<Vec<Resolution>>| refused.as_ref().is_none_or(|refused| offered.iter().any(|one| refused.contains(one)));
    let untold = hangs.iter().any(|rule| bars(&rule.then.refuse));
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
        let fee = fee.filter(|rule| !rule.then.is_free());
        // Who pays the way is not known yet.
        offers.push(Offer {
            resolution,
            fee,
            share,
            basis: Basis::Policy,
            payer: Payer::Customer,
            outbound: OutboundRefund::WhenAllReturned,
        });
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

    offers.iter_mut().for_each(|offer| (offer.payer, offer.outbound) = (payer, outbound));

    // One amount for all ways, where a rule names one: what is shown is what is taken.
    let currency = case.order.currency;
    let flat = freight.and_then(|rule| rule.then.flat.as_ref()).filter(|_| payer == Payer::Customer);
    let way = tables.first(Table::Method, &policy.method, &known);
    let (methods, unpriced_way) = ways(way, &known, payer, flat.and_then(|flat| flat.in_currency(currency)));
    if let Some(method) = case.method
        && asked.sends_back(asked.resolution.unwrap_or(Resolution::Refund))
        && !allows(&methods, method)
        && refusals.is_empty()
    {
        refusals.push(Refusal::MethodNotOffered(method));
    }

    let mut evidence: Vec<&EvidenceEffect> =
        tables.all(Table::Evidence, &policy.evidence, &known).into_iter().map(|rule| &rule.then).collect();
    if taken.is_some_and(|rule| rule.then.receipt) && !evidence.iter().any(|effect| effect.of == EvidenceOf::Receipt) {
        evidence.push(&RECEIPT);
    }
    let compensation = tables.first(Table::Compensation, &policy.compensation, &known).map(|rule| &rule.then);

    // An amount that the policy does not name for this currency is never guessed: a person looks.
    let unpriced = |flat: &super::amounts::Amounts| flat.in_currency(currency).is_none();
    let unpriced_fee = offers.iter().filter_map(|offer| offer.fee).any(|rule| rule.then.flat.as_ref().is_some_and(unpriced));
    let grounds = [
        (elsewhere && !taken.is_some_and(|rule| rule.then.allows(known.paid)), ReviewGround::Elsewhere),
        (unpriced_way || unpriced_fee || flat.is_some_and(unpriced) || tables.amount_lacks, ReviewGround::AmountUnknown),
        (window.state == WindowState::Waits, ReviewGround::ArrivalUnknown),
        (untold, ReviewGround::ConditionUnknown),
        // No dead end for who cannot show it: a person looks, and may ask.
        (!still_wanted(evidence.iter().copied(), &asked.evidence).is_empty(), ReviewGround::Evidence),
    ];
    LineVerdict {
        index,
        line: line.id.clone(),
        quantity: asked.quantity,
        decision: Decision::Declined,
        tier: policy.shop_rules().tiers.of(&case.order.customer).cloned(),
        refusals,
        window,
        offers,
        payer,
        freight,
        outbound,
        methods,
        evidence,
        review: grounds.into_iter().find(|(found, _)| *found).map(|(_, ground)| ground),
        compensation,
        danger: known.danger(),
        trace: tables.trace,
        law: None,
    }
}

/// Who decides on a line, once it is known what comes back with it; of what is declined nothing is offered.
fn review<'p>(policy: &'p Policy, case: &Case<'_>, said: &mut LineVerdict<'p>, all_paid: i64, now: Timestamp) {
    let (Some(asked), Some(line)) = (case.lines.get(said.index), case.order.line(&said.line)) else { return };
    let known = Known::gather(policy.shop_rules(), case, line, asked, now).with_all_paid(all_paid);
    let known = known.with_resolution(known.resolution.or(said.offers.first().map(|offer| offer.resolution)));
    let mut tables = Tables { trace: std::mem::take(&mut said.trace), amount_lacks: false };
    let rule = tables.first(Table::Review, &policy.review, &known);
    let ground = rule.filter(|rule| rule.then.by == Reviewer::Person).map(|rule| rule.then.because);
    // Whoever looks sees to the transport first, whatever else is to be looked at.
    let arranged = is_arranged(said, &known).then_some(ReviewGround::DangerousGoods);
    said.review = arranged.or(ground).or(said.review).or(tables.amount_lacks.then_some(ReviewGround::AmountUnknown));
    said.trace = tables.trace;
    said.decision = match (said.refusals.is_empty(), said.review) {
        (false, _) => Decision::Declined,
        (true, Some(_)) => Decision::InReview,
        (true, None) => Decision::Approved,
    };
    floor(policy, &known, said);
    if said.decision == Decision::Declined {
        said.offers.clear();
    }
}

/// Looks rules up and notes each look.
struct Tables {
    trace: Vec<Trace>,
    /// A rule compares amounts and names none of the order's currency.
    amount_lacks: bool,
}

impl Tables {
    fn look<'p, E>(&mut self, table: Table, index: usize, rule: &'p Rule<E>, known: &Known<'_>) -> Option<&'p Rule<E>> {
        let missed = rule.when.first_miss(known);
        let resolution = if table == Table::Fee { known.resolution } else { None };
        self.amount_lacks |= rule.when.hangs_on(Lack::Amount, known);
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
        let day = days_between(known.start(Default::default()), known.today);
        return Window { rule: None, state: WindowState::Never, day, if_faulty: open_for_faults(policy, known) };
    };
    let state = state_of(rule, known);
    let if_faulty = state == WindowState::Never && open_for_faults(policy, known);
    Window { rule: Some(rule), state, day: days_between(known.start(rule.then.from), known.today), if_faulty }
}

/// Goods that were bought elsewhere: how long ago is for the rules that take them.
fn never_over<'p>(known: &Known<'_>) -> Window<'p> {
    Window { rule: None, state: WindowState::Unlimited, day: days_between(known.ordered, known.today), if_faulty: false }
}

/// Whether there would be a window if something were wrong with the item.
fn open_for_faults(policy: &Policy, known: &Known<'_>) -> bool {
    let faulty = known.with_fault(Fault::Merchant);
    policy.window.iter().find(|rule| rule.when.holds(&faulty)).is_some_and(|rule| state_of(rule, &faulty).is_open())
}

fn state_of(rule: &Rule<WindowEffect>, known: &Known<'_>) -> WindowState {
    let start = known.start(rule.then.from);
    let counted = rule.then.days.is_some() || rule.then.months.is_some();
    let guessed = counted && known.start_is_guessed(rule.then.from) || rule.then.warranty && known.start_is_guessed(ClockStart::Delivery);
    match last_day(&rule.then, start, known.warranty_until()) {
        _ if rule.then.unlimited => WindowState::Unlimited,
        None => WindowState::Never,
        Some(last) if known.today <= last => WindowState::Open(last),
        // What has not arrived cannot be too late.
        Some(last) if guessed && known.today <= plus_days(last, LONGEST_WAY) => WindowState::Waits,
        Some(last) => WindowState::Closed(last),
    }
}

fn last_day(effect: &WindowEffect, start: Date, warranty: Option<Date>) -> Option<Date> {
    let counted = match (effect.days, effect.months) {
        (Some(days), _) => Some(plus_days(start, i64::from(days))),
        (None, Some(months)) => Some(plus_months(start, months)),
        (None, None) => None,
    };
    counted.max(effect.until).max(warranty.filter(|_| effect.warranty))
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
    let line = case.order.bought(&line.id).unwrap_or(line);
    let back = case.history.units(&line.id) + quantity;
    let gifts = case.order.lines.iter().filter(|other| other.gift_with.as_ref() == Some(&line.id));
    let kept = gifts.filter_map(|gift| {
        let due = |back: u32| u64::from(back) * u64::from(gift.quantity) / u64::from(line.quantity);
        let coming: u64 =
            case.lines.iter().filter(|asked| *case.order.in_books(&asked.line) == gift.id).map(|asked| u64::from(asked.quantity)).sum();
        let units = (due(back) - due(back - quantity)).saturating_sub(coming + u64::from(case.history.units(&gift.id))) as u32;
        (units > 0).then(|| (gift.id.clone(), units))
    });
    kept.collect()
}
