//! What holds whatever happens to an order, in whatever sequence.
//! Long because the shop that is tried, its steps and what holds stand together.

use std::time::Instant;

use proptest::prelude::*;

use super::{
    Account, Books, Cause, Claim, FeeTerms, Granted, Ledger, Leg, LegState, Outside, PaidHere, Part, Protection, STORE_CREDIT, Settlement,
    Terms,
};
use super::{any, books};
use crate::order::{Order, OrderDiscount, OrderLine};
use crate::policy::{BasisPoints, FeeKind, FeePer, GiftRule, Resolution};

/// Sequences tried: 20,000, a million where `HOMEBOUND_LONG` is set, or as many as `HOMEBOUND_SEQUENCES` says.
fn sequences() -> ProptestConfig {
    let said = std::env::var("HOMEBOUND_SEQUENCES").ok().and_then(|count| count.parse().ok());
    let cases = said.unwrap_or(if std::env::var_os("HOMEBOUND_LONG").is_some() { 1_000_000 } else { 20_000 });
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

/// What may happen next. Numbers say which of what there is, over and over.
#[derive(Clone, Debug)]
enum Step {
    Opened(Part),
    Protected(Protection),
    CalledOff(usize),
    Declined(usize, usize),
    /// What somebody looked at is worth so much less, minor units: the customer is asked. Who withdraws gets at once what nobody disputes.
    Offered {
        part: usize,
        claim: usize,
        less: i64,
        withdraws: bool,
    },
    Answered(usize, Answer),
    /// A person looked again at what is worth less: so much in a hundred of what was taken off is given after all. Nothing: it stays as it is.
    Appealed(usize, u8),
    Accepted(usize),
    AcceptedInPart(usize, usize),
    PaymentStarted(usize),
    PaymentEnded(usize, LegState),
    CreditedOutside(Outside),
    Goodwill(i64),
    /// What a return owes is paid.
    DuePaid(usize),
}

/// What becomes of an offer without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// They agree, or say nothing in time: in money the same.
    Yes,
    /// They say why not, and a person looks at it.
    No,
    /// They want the goods back.
    SendBack,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0usize..6;
    let offered = (0usize..6, 0usize..4, prop_oneof![0i64..3_000, 0i64..40_000], any::<bool>())
        .prop_map(|(part, claim, less, withdraws)| Step::Offered { part, claim, less, withdraws });
    let answer = prop_oneof![3 => Just(Answer::Yes), 2 => Just(Answer::No), 1 => Just(Answer::SendBack)];
    let given = prop_oneof![1 => Just(0u8), 2 => 1u8..100, 1 => Just(100u8)];
    let protection = (0usize..5, 1u32..4, 1i64..2_000).prop_map(|(line, units, amount)| Protection {
        line: line.to_string().parse().unwrap(),
        units,
        amount,
    });
    let ended = prop_oneof![3 => Just(LegState::Paid), 1 => Just(LegState::Failed), 1 => Just(LegState::Reversed)];
    prop_oneof![
        6 => any::part().prop_map(Step::Opened),
        1 => protection.prop_map(Step::Protected),
        1 => which.clone().prop_map(Step::CalledOff),
        1 => (which.clone(), which.clone()).prop_map(|(part, claim)| Step::Declined(part, claim)),
        3 => offered,
        2 => (which.clone(), answer).prop_map(|(offer, answer)| Step::Answered(offer, answer)),
        2 => (which.clone(), given).prop_map(|(offer, given)| Step::Appealed(offer, given)),
        4 => which.clone().prop_map(Step::Accepted),
        2 => (which.clone(), which.clone()).prop_map(|(part, claim)| Step::AcceptedInPart(part, claim)),
        3 => which.clone().prop_map(Step::PaymentStarted),
        3 => (which, ended).prop_map(|(leg, state)| Step::PaymentEnded(leg, state)),
        1 => any::outside().prop_map(Step::CreditedOutside),
        1 => (0i64..3_000).prop_map(Step::Goodwill),
        2 => (0usize..6).prop_map(Step::DuePaid),
    ]
}

/// A shop with one order.
struct Shop {
    order: Order,
    gifts: GiftRule,
    /// All that comes back comes back for money, and costs nothing.
    plain: bool,
    outside: Vec<Outside>,
    /// What is asked; what of it is accepted is in the other.
    open: Vec<Part>,
    taken: Vec<Part>,
    /// By grant.
    accepted: Vec<Part>,
    grants: Vec<Granted>,
    /// Of each open part, about which claims the customer is asked and how far that is; a claim's place is its own.
    offers: Vec<Vec<Talk>>,
}

/// Whether money or credit is paid for what comes back: of nothing else less is offered.
fn is_paid_for(claim: &Claim) -> bool {
    matches!(claim.resolution, Resolution::Refund | Resolution::StoreCredit)
}

/// How far the talk about what a claim is worth has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Talk {
    /// Nothing is asked, or it is agreed.
    Nothing,
    Made,
    /// A person looks again.
    Appealed,
}

impl Shop {
    fn new(order: Order, gifts: GiftRule, plain: bool) -> Self {
        Self { order, gifts, plain, outside: vec![], open: vec![], taken: vec![], accepted: vec![], grants: vec![], offers: vec![] }
    }

    fn asked(&self) -> Vec<Part> {
        let both = |(open, taken): (&Part, &Part)| {
            let join = |claims: fn(&Part) -> &[Claim]| [claims(taken), claims(open)].concat();
            let claims = join(|part| &part.claims);
            let freight = if claims.is_empty() { 0 } else { open.freight.max(taken.freight) };
            Part {
                claims,
                protections: [&taken.protections[..], &open.protections].concat(),
                freight,
                paid: [&taken.paid[..], &open.paid].concat(),
            }
        };
        self.open.iter().zip(&self.taken).map(both).collect()
    }

    fn account<'a>(&'a self, asked: &'a [Part]) -> Account<'a> {
        Account {
            order: &self.order,
            gifts: self.gifts,
            outside: &self.outside,
            asked,
            accepted: &self.accepted,
            grants: &self.grants,
            lowered: &[],
        }
    }

    fn books(&self) -> Books {
        self.account(&self.asked()).books()
    }

    fn free(&self, claim: &Claim) -> u32 {
        let held: u32 =
            self.asked().iter().flat_map(|part| &part.claims).filter(|held| held.line == claim.line).map(|held| held.units).sum();
        let gone = self.outside.iter().filter_map(|credit| credit.units.as_ref()).filter(|(line, _)| *line == claim.line);
        let gone: u32 = gone.map(|(_, units)| *units).sum();
        self.order.line(&claim.line).map_or(0, |line| line.quantity.saturating_sub(held + gone))
    }

    fn ask(&mut self, part: Part) {
        self.open.push(Part { claims: Vec::new(), ..part.clone() });
        self.taken.push(Part::default());
        self.offers.push(Vec::new());
        for claim in part.claims {
            let units = claim.units.min(self.free(&claim));
            let claim = if self.plain { Claim { resolution: Resolution::Refund, terms: Terms::OUTSIDE, less: 0, ..claim } } else { claim };
            if let Some(part) = self.open.last_mut().filter(|_| units > 0) {
                part.claims.push(Claim { units, ..claim });
                self.offers.last_mut().expect("one for each part").push(Talk::Nothing);
            }
        }
        if let Some(part) = self.open.last_mut().filter(|part| self.plain || part.claims.is_empty()) {
            part.freight = 0;
        }
    }

    /// A claim of which a talk is open or is not: which part, and its place there.
    fn talk(&self, which: usize, is: impl Fn(Talk) -> bool) -> Option<(usize, usize)> {
        let all = self
            .offers
            .iter()
            .enumerate()
            .flat_map(|(part, talks)| talks.iter().enumerate().map(move |(claim, talk)| (part, claim, *talk)));
        all.filter(|(.., talk)| is(*talk)).map(|(part, claim, _)| (part, claim)).nth(which)
    }

    fn drop_claim(&mut self, part: usize, claim: usize) {
        self.open[part].claims.remove(claim);
        self.offers[part].remove(claim);
    }

    /// More for what was granted already, at most what was taken off and what is left: it is not taken off any more.
    fn grant_on_appeal(&mut self, which: usize, given: u8) {
        let is_lowered = |claim: &Claim| claim.less > 0 && is_paid_for(claim);
        let lowered = |part: &Part| part.claims.iter().filter(|claim| is_lowered(claim)).count();
        let (mut place, mut nth) = (0, which);
        while let Some(part) = self.accepted.get(place) {
            let there = lowered(part);
            if nth < there {
                break;
            }
            (place, nth) = (place + 1, nth - there);
        }
        let books = self.books();
        let Some(claim) = self.accepted.get_mut(place).and_then(|part| part.claims.iter_mut().filter(|claim| is_lowered(claim)).nth(nth))
        else {
            return;
        };
        let before = claim.clone();
        let amount = (claim.less * i64::from(given) / 100).min(books.captured - books.outside - books.granted);
        if amount <= 0 {
            return;
        }
        claim.less -= amount;
        let after = claim.clone();
        // The same claim as the return has it.
        let same = self.taken.iter_mut().flat_map(|part| &mut part.claims).find(|claim| **claim == before);
        *same.expect("what is accepted is taken") = after;
        let credit = if before.resolution == Resolution::StoreCredit { amount } else { 0 };
        self.accepted.push(Part::default());
        self.grants.push(Granted { id: self.grants.len() as u64, cause: Cause::Worth, amount, credit, legs: vec![] });
    }

    /// Accepts what `which` takes out of an open part, but for what the customer is still asked about.
    fn accept(&mut self, place: usize, which: impl Fn(usize) -> bool) {
        let talks = std::mem::take(&mut self.offers[place]);
        let which = |index: usize| which(index) && talks[index] == Talk::Nothing;
        self.offers[place] = talks.iter().enumerate().filter(|(index, _)| !which(*index)).map(|(_, talk)| *talk).collect();
        let part = &mut self.open[place];
        let mut now =
            Part { freight: part.freight, protections: std::mem::take(&mut part.protections), claims: Vec::new(), paid: Vec::new() };
        let mut index = 0;
        part.claims.retain(|claim| {
            let takes = which(index);
            index += 1;
            if takes {
                now.claims.push(claim.clone());
            }
            !takes
        });
        if now.claims.is_empty() && now.protections.is_empty() {
            return;
        }
        if now.claims.is_empty() {
            now.freight = 0;
        } else {
            part.freight = 0;
            // What was paid for it is accepted with the first of it.
            now.paid = std::mem::take(&mut part.paid);
        }
        let taken = &mut self.taken[place];
        taken.claims.extend(now.claims.iter().cloned());
        taken.protections.extend(now.protections.iter().cloned());
        taken.freight += now.freight;
        taken.paid.extend(now.paid.iter().cloned());
        self.grant(now);
    }

    fn grant(&mut self, part: Part) {
        let asked = self.asked();
        let settled = self.account(&asked).grantable(&part);
        sums(&settled);
        self.accepted.push(part);
        let id = self.grants.len() as u64;
        self.grants.push(Granted { id, cause: Cause::Worth, amount: settled.expected, credit: settled.store_credit, legs: vec![] });
    }

    fn accept_all(&mut self) {
        // Silence agrees.
        self.offers.iter_mut().flatten().for_each(|talk| *talk = Talk::Nothing);
        for place in 0..self.open.len() {
            self.accept(place, |_| true);
        }
        // What changed since.
        self.grant(Part::default());
    }

    /// Every grant can be paid whole, whatever failed or came back before.
    fn pay_all(&mut self) {
        for grant in 0..self.grants.len() {
            self.take(Step::PaymentStarted(grant));
            for leg in self.grants[grant].legs.iter_mut().filter(|leg| leg.state == LegState::Pending) {
                leg.state = LegState::Paid;
            }
        }
        self.check();
        let books = self.books();
        assert_eq!(books.paid, books.granted, "{books:?}");
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Opened(part) => self.ask(part),
            Step::Protected(protection) => self.ask(Part { protections: vec![protection], ..Part::default() }),
            Step::CalledOff(part) if part < self.open.len() => {
                // What was paid for it goes back.
                let paid = std::mem::take(&mut self.open[part]).paid;
                self.offers[part].clear();
                if !paid.is_empty() {
                    self.taken[part].paid.extend(paid.iter().cloned());
                    self.grant(Part { paid, ..Part::default() });
                }
            }
            Step::DuePaid(part) if part < self.open.len() && !self.open[part].claims.is_empty() => {
                let (due, payments) = (self.books().parts[part].due, self.books().payments.len());
                if due > 0 {
                    self.open[part].paid.push(PaidHere { payment: Some(format!("due{payments}")), amount: due });
                    assert_eq!(self.books().parts[part].due, 0, "what is due is paid once");
                }
            }
            // What was paid for is decided.
            Step::Declined(part, claim)
                if part < self.open.len() && claim < self.open[part].claims.len() && self.open[part].paid.is_empty() =>
            {
                self.drop_claim(part, claim);
            }
            Step::Offered { part, claim, less, withdraws }
                if !self.plain && part < self.open.len() && self.open[part].claims.get(claim).is_some_and(is_paid_for) =>
            {
                self.open[part].claims[claim].less = less;
                if withdraws {
                    // The part that nobody disputes; what they say of the rest may add a grant.
                    self.offers[part][claim] = Talk::Nothing;
                    self.accept(part, |index| index == claim);
                } else {
                    self.offers[part][claim] = Talk::Made;
                }
            }
            Step::Answered(which, answer) => {
                let Some((part, claim)) = self.talk(which, |talk| talk == Talk::Made) else { return };
                match answer {
                    Answer::Yes => self.offers[part][claim] = Talk::Nothing,
                    Answer::No => self.offers[part][claim] = Talk::Appealed,
                    Answer::SendBack if self.open[part].paid.is_empty() => self.drop_claim(part, claim),
                    Answer::SendBack => {}
                }
            }
            // Before anything was granted, another offer takes the place of the first; afterwards there is one grant more.
            Step::Appealed(which, given) => match self.talk(which, |talk| talk == Talk::Appealed) {
                Some((part, claim)) => {
                    let held = &mut self.open[part].claims[claim];
                    held.less -= held.less * i64::from(given) / 100;
                    self.offers[part][claim] = if given == 0 || given == 100 { Talk::Nothing } else { Talk::Made };
                }
                None => self.grant_on_appeal(which, given),
            },
            Step::Accepted(part) if part < self.open.len() => self.accept(part, |_| true),
            Step::AcceptedInPart(part, claim) if part < self.open.len() => self.accept(part, |index| index == claim),
            Step::PaymentStarted(grant) if grant < self.grants.len() => {
                let asked = self.asked();
                let placed = self.account(&asked).place(&self.grants[grant], &[]);
                assert_eq!(placed.unplaced, 0, "all that was captured was captured by some payment");
                assert!(placed.legs.iter().all(|leg| leg.amount > 0), "nothing negative is paid");
                self.grants[grant].legs.extend(placed.legs);
            }
            Step::PaymentEnded(which, state) => {
                let mut legs: Vec<&mut Leg> = self.grants.iter_mut().flat_map(|grant| &mut grant.legs).collect();
                if let Some(leg) = legs.get_mut(which) {
                    match (leg.state, state) {
                        (LegState::Pending, LegState::Paid | LegState::Failed) | (LegState::Paid, LegState::Reversed) => leg.state = state,
                        _ => {}
                    }
                }
            }
            Step::CreditedOutside(mut credit) => {
                // Nobody gives back more than there is.
                let books = self.books();
                let of = books
                    .payments
                    .iter()
                    .find(|row| row.id == credit.payment)
                    .map(|row| row.brought - row.back - row.pending - row.outside);
                credit.amount = credit.amount.min(books.captured - books.outside - books.granted).min(of.unwrap_or(i64::MAX)).max(0);
                let line = |(line, units): &(_, u32)| Claim::of(Clone::clone(line), *units, Resolution::Refund, Terms::OUTSIDE);
                credit.units = credit.units.filter(|units| !self.plain && self.free(&line(units)) >= units.1);
                self.outside.push(credit);
            }
            Step::Goodwill(wanted) => {
                let amount = self.account(&[]).goodwill(wanted);
                self.grants.push(Granted { id: self.grants.len() as u64, cause: Cause::Goodwill, amount, credit: 0, legs: vec![] });
            }
            _ => {}
        }
    }

    /// What holds at any time.
    fn check(&self) {
        let books = self.books();
        assert!(books.captured >= books.granted + books.outside, "no more is given back than was captured: {books:?}");
        assert!(books.captured >= books.granted + books.outside + books.expected, "nor promised: {books:?}");
        assert!(
            books.granted >= books.paid && books.paid >= 0 && books.granted >= books.goodwill,
            "no more is paid than was granted: {books:?}"
        );
        assert!(books.expected >= 0 && books.due >= 0 && books.offsets >= 0 && books.unplaced == 0, "{books:?}");
        assert!(books.offsets <= books.granted - books.goodwill, "{books:?}");
        for row in &books.payments {
            let back = row.back + row.pending + row.outside;
            assert!(back >= 0 && row.brought >= back, "no payment takes back more than it brought: {row:?}");
            assert!(row.expected >= 0 && row.brought >= back + row.expected, "nor is it promised more: {row:?}");
        }
        books.parts.iter().for_each(sums);
        assert!(self.grants.iter().all(|grant| grant.amount >= 0 && grant.credit >= 0 && grant.credit <= grant.amount));
        // What was paid for a return is money.
        let paid_here = self.asked().iter().any(|part| !part.paid.is_empty());
        if !paid_here
            && self.order.payments.iter().all(|payment| payment.method.as_ref().is_some_and(|method| method.as_str() == STORE_CREDIT))
        {
            assert!(books.parts.iter().all(|part| part.bonus == 0), "credit breeds no credit");
        }
    }
}

/// A receipt sums to its amount.
fn sums(settled: &Settlement) {
    assert_eq!(settled.receipt.iter().map(|row| row.amount).sum::<i64>(), settled.expected - settled.due, "{settled:?}");
    assert!(settled.expected >= 0 && settled.due >= 0 && settled.store_credit >= 0 && settled.refund() >= 0 && settled.bonus >= 0);
}

fn every_unit(order: &Order) -> Part {
    let claim = |line: &OrderLine| Claim::of(line.id.clone(), line.quantity, Resolution::Refund, Terms::OUTSIDE);
    Part { claims: order.lines.iter().map(claim).collect(), ..Part::default() }
}

proptest! {
    #![proptest_config(sequences())]

    #[test]
    fn whatever_happens_the_books_hold(
        order in any::order(true), steps in prop::collection::vec(step(), 1..12), deduct in any::<bool>(), plain in prop::bool::weighted(0.3)
    ) {
        let gifts = if deduct { GiftRule::Deduct } else { GiftRule::Keep };
        let mut shop = Shop::new(order, gifts, plain);
        for step in steps {
            shop.take(step);
            shop.check();
        }
        // What is opened and called off again changes nothing.
        let before = shop.books();
        let opened = (shop.open.len(), shop.taken.len());
        shop.ask(every_unit(&shop.order));
        shop.open[opened.0] = Part::default();
        shop.offers.truncate(opened.0);
        let after = shop.books();
        prop_assert_eq!((before.expected, before.due, before.payments), (after.expected, after.due, after.payments));
        shop.open.truncate(opened.0);
        shop.taken.truncate(opened.1);
        // Nothing back is worth nothing.
        let nothing = Account { accepted: &[], grants: &[], ..shop.account(&[]) }.books();
        prop_assert_eq!((nothing.expected, nothing.due), (0, 0));
        // Whatever way it came to this, it comes to the same.
        shop.accept_all();
        shop.check();
        let one = shop.books();
        let mut other = Shop::new(shop.order.clone(), gifts, plain);
        other.outside.clone_from(&shop.outside);
        other.grants = shop.grants.iter().filter(|grant| grant.cause == Cause::Goodwill).cloned().collect();
        for part in shop.accepted.iter().rev() {
            other.open.push(Part::default());
            other.taken.push(part.clone());
            other.grant(part.clone());
        }
        let way = other.books();
        prop_assert_eq!(one.granted - one.offsets, way.granted - way.offsets);
        prop_assert_eq!(one.due, way.due);
        shop.pay_all();
        if plain {
            shop.ask(every_unit(&shop.order));
            shop.accept_all();
            let all = shop.books();
            prop_assert_eq!(all.granted, all.captured - all.outside, "all back: all that was captured");
            prop_assert_eq!((all.expected, all.offsets, all.due), (0, 0, 0));
        }
    }

    #[test]
    fn returns_entered_one_by_one_come_to_what_they_come_to_at_once(
        order in any::order(true), gone in prop::collection::vec(any::outside(), 0..2), parts in prop::collection::vec(any::part(), 0..6), deduct in any::<bool>()
    ) {
        let gifts = if deduct { GiftRule::Deduct } else { GiftRule::Keep };
        let apart = books(&order, gifts, &gone, &parts);
        let all = Part { claims: parts.iter().flat_map(|part| part.claims.clone()).collect(), freight: parts.iter().map(|part| part.freight).sum(), ..Part::default() };
        let together = books(&order, gifts, &gone, [&all]);
        prop_assert_eq!((apart.expected, apart.due), (together.expected, together.due));
        prop_assert_eq!(&apart.weights.iter().sum::<i64>(), &together.weights[0]);
        prop_assert_eq!(apart.parts.iter().map(|part| part.outbound).sum::<i64>(), together.parts[0].outbound);
        for part in apart.parts.iter().chain(&together.parts) {
            prop_assert_eq!(part.receipt.iter().map(|row| row.amount).sum::<i64>(), part.expected - part.due);
        }
    }
}

/// `cargo test --release -p domain two_hundred -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn two_hundred_returns_are_settled_in_a_millisecond() {
    let mut order = any::model();
    let pattern = order.lines.remove(0);
    let line = |place: i64| OrderLine { id: place.to_string().parse().unwrap(), unit_price: 1_000 + 7 * place, ..pattern.clone() };
    order.lines = (0..200).map(line).collect();
    order.discounts = vec![OrderDiscount { code: None, amount: 5_000, minimum_spend: Some(90_000) }];
    let fee = FeeTerms { kind: FeeKind::Restocking, percent: BasisPoints(1_000), flat: 0, per: FeePer::Unit };
    for (name, resolution, fee) in [
        ("refunds", Resolution::Refund, None),
        ("with a fee", Resolution::Refund, Some(fee)),
        ("as credit", Resolution::StoreCredit, None),
        ("kept for part", Resolution::KeepRefund, None),
        ("exchanged", Resolution::Exchange, None),
    ] {
        let terms = Terms { fee, share: BasisPoints(1_000), ..Terms::OUTSIDE };
        let claim =
            |line: &OrderLine| Claim { price: Some(line.unit_price - 50), ..Claim::of(line.id.clone(), 1, resolution, terms.clone()) };
        let parts: Vec<Part> = order.lines.iter().map(|line| Part { claims: vec![claim(line)], ..Part::default() }).collect();
        let best = |run: &dyn Fn()| {
            let once = |_| {
                let start = Instant::now();
                run();
                start.elapsed()
            };
            (0..9).map(once).min().unwrap_or_default()
        };
        let all = best(&|| drop(books(&order, GiftRule::Keep, &[], &parts)));
        let mut before = Ledger::of(&order, GiftRule::Keep, &[]);
        parts[1..].iter().for_each(|part| drop(before.enter(part)));
        let offer = best(&|| drop(before.with(&parts[0])));
        eprintln!("{name}: {all:?}; one offer more {offer:?}");
    }
}
