//! The floor: no policy gives less than the law. Evaluated last; it only ever helps the customer.

use jiff::civil::Date;

use super::amounts::BasisPoints;
use super::document::Policy;
use super::effects::{OutboundRefund, Payer, ReviewGround};
use super::known::Known;
use super::law_facts::{Gathered, conformity_of, law_for};
use super::request::Basis;
use super::resolution::Resolution;
use super::verdict::{ByLaw, Changed, Decision, LineVerdict, Offer, Refusal, WindowState};
use super::ways::{allows, ways};
use crate::law::{Claim, Remedy, Rights, Standing, rights};

/// What the law gives for the line, beside what policy said of it.
pub(super) fn floor<'p>(policy: &'p Policy, known: &Known<'_>, said: &mut LineVerdict<'p>) {
    // What the law gives is for whoever sold it to give.
    if known.order.elsewhere {
        return;
    }
    let Some(law) = law_for(known) else { return };
    let gathered = Gathered::of(known, law);
    let conformity = conformity_of(known);
    // Who has money back for a fault, at no cost, gains nothing by withdrawing.
    let free = |offer: &Offer<'_>| {
        offer.resolution == Resolution::Refund
            && offer.fee.is_none()
            && offer.bears_no_more(Payer::Merchant, OutboundRefund::WhenAllReturned)
    };
    let paid = conformity.is_some() && said.refusals.is_empty() && said.offers.iter().any(free);
    let claims = [conformity, (!paid).then_some(Claim::Withdrawal)];
    let rights: Vec<Rights<'static>> = claims
        .into_iter()
        .flatten()
        .map(|claim| rights(law, &gathered.facts(known, claim)))
        .filter(|right| !right.looks.is_empty())
        .collect();
    if rights.is_empty() {
        return;
    }
    let by_policy = said.window.state.last_day();
    let mut floor = Floor { known, said, changed: Vec::new(), struck: Vec::new(), by_law: false, last: None };
    // What one right opens the door for, another may add to.
    let live = || rights.iter().filter(|right| right.is_live());
    live().chain(live().take(rights.len() - 1)).for_each(|right| floor.grant(right));
    let Floor { changed, struck, by_law, last, .. } = floor;

    let excepted = rights.iter().find_map(|right| match right.standing {
        Standing::Excepted(code) => Some(code),
        _ => None,
    });
    let over = rights.iter().filter(|right| matches!(right.standing, Standing::Over(_))).filter_map(|right| right.until).max();
    let exception = excepted.filter(|_| !rights.iter().any(Rights::is_live));
    let declined = said.decision == Decision::Declined;
    // What a policy refuses although the time is up by law as well is the policy's; what the law itself takes away is the law's.
    let basis = if by_law || declined && exception.is_some() { Basis::Law } else { Basis::Policy };
    let until = match (by_law, said.window.state) {
        (true, _) => last,
        (false, WindowState::Unlimited) => None,
        (false, _) if declined && exception.is_some() => None,
        (false, _) if declined => by_policy.max(over),
        (false, _) => by_policy,
    };
    let withdrawal = rights.iter().find(|right| right.claim == Claim::Withdrawal && right.is_live());
    let (refund_by, send_by) = withdrawal.map_or((None, None), |right| (right.refund_by, right.send_by));
    let pays = |offer: &Offer<'_>| offer.basis == Basis::Law && offer.payer == Payer::Customer;
    let methods = match said.offers.iter().any(pays) {
        true => ways(policy.method.iter().find(|rule| rule.when.holds(known)), known, Payer::Customer, None).0,
        false => Vec::new(),
    };
    said.law = Some(Box::new(ByLaw { rights, basis, until, exception, struck, methods, refund_by, send_by, changed }));
}

struct Floor<'f, 'p, 'k> {
    known: &'f Known<'k>,
    said: &'f mut LineVerdict<'p>,
    changed: Vec<Changed>,
    struck: Vec<Refusal<'p>>,
    /// What is taken rests on the law.
    by_law: bool,
    last: Option<Date>,
}

impl<'p> Floor<'_, 'p, '_> {
    /// Sees to it that the customer can have what the right gives.
    fn grant(&mut self, right: &Rights<'static>) {
        let wish = self.known.asked.resolution;
        let granted = |remedies: &[Remedy]| remedies.iter().map(|remedy| resolution_of(*remedy)).collect::<Vec<_>>();
        let wished = wish.is_none_or(|wish| granted(right.choosable).contains(&wish));
        let refused = !self.said.refusals.is_empty();
        if refused && !(wished && self.may_strike(right)) {
            return;
        }
        let declared = self.known.case.withdrawal;
        let settled = right.standing == Standing::Stands;
        // Only what was refused for the whole item takes the shop's own offers away.
        let only_the_wish = refused && self.said.refusals.iter().all(|refusal| matches!(refusal, Refusal::NotOffered(_)));
        let left_behind =
            self.said.refusals.iter().any(|refusal| matches!(refusal, Refusal::GiftMissing(..) | Refusal::BundleIncomplete(..)));
        if refused && !only_the_wish {
            self.said.offers.clear();
        }
        let mut better = false;
        let any_lawful = granted(right.remedies).iter().any(|resolution| self.is_lawful(*resolution, right));
        let must: Vec<Resolution> = match wish {
            Some(wish) if wished => vec![wish],
            // To be paid is more than to be given another one; of the rest any one suffices where nothing was wished for.
            _ if right.remedies.contains(&Remedy::Refund) => vec![Resolution::Refund],
            _ if any_lawful || self.is_lawful(Resolution::Refund, right) => Vec::new(),
            _ => granted(right.remedies),
        };
        for resolution in must {
            if !self.is_lawful(resolution, right) {
                self.add(resolution, right);
                better = true;
            }
        }
        if refused {
            let struck = std::mem::take(&mut self.said.refusals);
            let ground = (!settled || left_behind).then_some(ReviewGround::LawUnsettled);
            self.said.review = ground.or(self.said.review.filter(|ground| only_the_wish && !declared || is_beside_the_law(*ground)));
            let decision = if self.said.review.is_some() { Decision::InReview } else { Decision::Approved };
            self.note("decision", Decision::Declined, decision);
            self.said.decision = decision;
            if let Some(Refusal::Window(last, _)) = struck.iter().find(|refusal| matches!(refusal, Refusal::Window(..))) {
                self.note("last_day", day(*last), day(right.until));
            }
            self.struck = struck;
            if right.claim == Claim::Withdrawal {
                self.said.evidence.clear();
            }
            self.open_window(right);
        } else if declared && right.claim == Claim::Withdrawal && settled && self.said.decision == Decision::InReview {
            // Who looks may look when the goods are back.
            if !self.said.review.is_some_and(|ground| is_beside_the_law(ground) || ground == ReviewGround::LawUnsettled) {
                self.said.review = None;
                self.said.evidence.clear();
                self.note("decision", Decision::InReview, Decision::Approved);
                better = true;
                self.said.decision = Decision::Approved;
            }
        }
        let taken = self.said.taken(self.known.asked).map(|offer| offer.basis);
        let outlasts = match self.said.window.state {
            WindowState::Open(last) => right.until.is_some_and(|until| last > until),
            WindowState::Unlimited => true,
            _ => false,
        };
        let by_law = taken == Some(Basis::Law) || refused || better || declared && !outlasts && right.claim == Claim::Withdrawal;
        if by_law && !self.by_law {
            self.by_law = true;
            self.last = right.until;
        }
    }

    /// Whether all that stands against it is the shop's own rule, and none that the law lets it have.
    fn may_strike(&self, right: &Rights<'_>) -> bool {
        let parts = &right.law.partial_and_gifts;
        let own = |refusal: &Refusal<'_>| match refusal {
            Refusal::Window(..) | Refusal::Excluded(..) | Refusal::NotOffered(_) => true,
            Refusal::GiftMissing(..) => right.claim != Claim::Withdrawal || !parts.gift_must_follow(),
            Refusal::BundleIncomplete(..) => right.claim != Claim::Withdrawal || !parts.whole_or_nothing(),
            Refusal::OrderCancelled | Refusal::MethodNotOffered(_) => false,
        };
        let way = self.known.case.method.is_none_or(|method| allows(&self.said.methods, method));
        way && self.said.refusals.iter().all(own)
    }

    /// Whether that is offered already, on terms that are no worse than the law's.
    fn is_lawful(&self, resolution: Resolution, right: &Rights<'_>) -> bool {
        let (payer, outbound) = (least_payer(right), least_outbound(right));
        let fits = |offer: &Offer<'_>| offer.resolution == resolution && offer.fee.is_none() && offer.bears_no_more(payer, outbound);
        self.said.offers.iter().any(fits)
    }

    fn add(&mut self, resolution: Resolution, right: &Rights<'_>) {
        let agreed = right.trader_pays.is_none().then_some(self.said.payer);
        let payer = agreed.unwrap_or_else(|| least_payer(right));
        let outbound = least_outbound(right);
        let was = self.said.offers.iter().find(|offer| offer.resolution == resolution).copied();
        match was {
            None => self.note("offers", "", resolution),
            Some(was) => {
                if let Some(fee) = was.fee {
                    self.note("fee", &fee.id, "0");
                }
                if was.payer != payer {
                    self.note("freight", was.payer, payer);
                }
                if was.outbound != outbound {
                    self.note("outbound", was.outbound, outbound);
                }
            }
        }
        // The shop's own offer goes only where it is worse in everything.
        let offer = Offer { resolution, fee: None, share: BasisPoints(0), basis: Basis::Law, payer, outbound };
        self.said.offers.retain(|shops| shops.resolution != resolution || !offer.bears_no_more(shops.payer, shops.outbound));
        // What is offered on both terms is taken by law where the law was called upon, else as the shop offers it.
        let place = if self.known.case.withdrawal { 0 } else { self.said.offers.len() };
        self.said.offers.insert(place, offer);
    }

    /// The window as the customer has it.
    fn open_window(&mut self, right: &Rights<'_>) {
        if !self.said.window.state.is_open() {
            self.said.window.state = right.until.map_or(WindowState::Unlimited, WindowState::Open);
            self.said.window.rule = None;
        }
    }

    fn note(&mut self, what: &'static str, from: impl ToString, to: impl ToString) {
        self.changed.push(Changed { what, from: from.to_string(), to: to.to_string() });
    }
}

/// What no law decides: what something costs, what was paid, or how dangerous goods travel.
fn is_beside_the_law(ground: ReviewGround) -> bool {
    matches!(ground, ReviewGround::AmountUnknown | ReviewGround::Unexplained | ReviewGround::OrderToldAnew | ReviewGround::DangerousGoods)
}

fn least_payer(right: &Rights<'_>) -> Payer {
    if right.trader_pays == Some(true) { Payer::Merchant } else { Payer::Customer }
}

fn least_outbound(right: &Rights<'_>) -> OutboundRefund {
    if right.outbound { OutboundRefund::WhenAllReturned } else { OutboundRefund::Never }
}

fn resolution_of(remedy: Remedy) -> Resolution {
    match remedy {
        Remedy::Refund => Resolution::Refund,
        Remedy::Replacement => Resolution::Replacement,
        Remedy::Repair => Resolution::Repair,
    }
}

fn day(date: Option<Date>) -> String {
    date.map_or_else(|| "none".to_owned(), |date| date.to_string())
}
