//! What people have to do about a return: derived from it and the time, never kept by hand.
//! Long because each task has its row, and the table that tries all of them.

use jiff::Timestamp;

use super::collected::{DUE_TASK_AFTER, GivenAhead};
use super::command::Role;
use super::grant::Grant;
use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Authorization, Disposition, Lot, Reception};
use super::number::LotNo;
use super::offer::OfferState;
use super::parcel::{Parcel, ScanStatus};
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use super::status::Status;
use super::workshop::at_workshop;
use crate::coded::coded;
use crate::money::Money;
use crate::policy::Method;

/// Something that a person has to do. Of one kind a subject has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// What.
    pub kind: TaskKind,
    /// By when it must be done for what was promised to hold. It may be over.
    pub due: Timestamp,
    /// What is at stake: of two that are due together the larger comes first (B23). Of several currencies the first order's.
    pub value: Option<Money>,
}

impl Task {
    /// Who does it.
    pub fn role(&self) -> Role {
        self.kind.role()
    }
}

/// What is to be done about a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskKind {
    /// Decide whether lots may come back.
    Review,
    /// Look at the money before anything is paid.
    CheckMoney,
    /// Make the label that should be there.
    IssueLabel,
    /// See to the transport of what no plain label may carry.
    ArrangeTransport,
    /// Ask why nothing was sent, or collected, by the promised date.
    ChaseParcel,
    /// Give a new label in place of one that ran out unused, or give up waiting.
    RenewLabel,
    /// Find a parcel that should have arrived.
    TraceParcel,
    /// Book in what the carrier says was handed over.
    Receive,
    /// Look at what was booked in.
    Inspect,
    /// Decide about what came short, wrong or not at all, or was rejected.
    Resolve,
    /// Answer an appeal against less money.
    AnswerAppeal,
    /// Decide where goods go that were looked at.
    PutAway,
    /// Send goods back to the customer.
    SendBack,
    /// Promise what the customer is to get: the goods are done with.
    Settle,
    /// Look at what was promised and is on hold, and let it go or take it up with whoever stopped it.
    Release,
    /// Pay what was promised.
    Pay,
    /// Send the item that is owed.
    SendItem,
    /// Repair what is to be sold again, or to go back repaired.
    Repair,
    /// Hold back goods that have not left yet, or say that they have (P23).
    StopParcel,
    /// Ask after goods on their way out, and say what became of them (P23).
    TraceOutbound,
    /// Answer what the customer wrote, or say that it needs no answer.
    AnswerCustomer,
    /// Ask for what is due before an exchange goes out, or call it off (P21).
    CollectDue,
    /// Ask back what was given for goods that did not come, or let it be (P20).
    ClawBack,
}

coded!(TaskKind {
    Review => "review",
    CheckMoney => "check_money",
    IssueLabel => "issue_label",
    ArrangeTransport => "arrange_transport",
    ChaseParcel => "chase_parcel",
    RenewLabel => "renew_label",
    TraceParcel => "trace_parcel",
    Receive => "receive",
    Inspect => "inspect",
    Resolve => "resolve",
    AnswerAppeal => "answer_appeal",
    PutAway => "put_away",
    SendBack => "send_back",
    Settle => "settle",
    Release => "release",
    Pay => "pay",
    SendItem => "send_item",
    Repair => "repair",
    StopParcel => "stop_parcel",
    TraceOutbound => "trace_outbound",
    AnswerCustomer => "answer_customer",
    CollectDue => "collect_due",
    ClawBack => "claw_back",
});

impl TaskKind {
    /// Who does it.
    pub fn role(self) -> Role {
        match self {
            Self::Review | Self::IssueLabel | Self::ArrangeTransport | Self::ChaseParcel => Role::Support,
            Self::RenewLabel | Self::TraceParcel | Self::Resolve | Self::AnswerAppeal | Self::AnswerCustomer => Role::Support,
            Self::TraceOutbound | Self::CollectDue | Self::ClawBack => Role::Support,
            Self::Receive | Self::Inspect | Self::PutAway | Self::SendBack | Self::SendItem | Self::StopParcel => Role::Warehouse,
            Self::Repair => Role::Workshop,
            Self::CheckMoney | Self::Settle | Self::Release | Self::Pay => Role::Finance,
        }
    }
}

/// What is to be done about a return at `now`, and the earliest moment after it at which that changes though nothing happens.
pub fn tasks(request: &Return, now: Timestamp) -> (Vec<Task>, Option<Timestamp>) {
    let here = tasks_at(request, now);
    let promised = [request.promises.sent, request.promises.arrived];
    let awaited = request.lots().filter_map(|(_, lot)| lot.awaits);
    let outbound = request.outbound.iter().flat_map(|outbound| [outbound.ask_by, outbound.until]);
    let due = request.awaited().into_iter().map(|awaited| awaited.since + DUE_TASK_AFTER);
    let mut moments: Vec<Timestamp> =
        promised.into_iter().chain(due).chain(outbound).chain(request.parcel().map(|parcel| parcel.expires_at)).chain(awaited).collect();
    moments.sort();
    let next = moments.into_iter().find(|moment| *moment > now && tasks_at(request, *moment) != here);
    (here, next)
}

fn tasks_at(request: &Return, now: Timestamp) -> Vec<Task> {
    let at_stake = request.expected().into_iter().find(|(_, amount)| *amount > 0).map(|(currency, amount)| Money::new(amount, currency));
    let task = |kind: &TaskKind| {
        let due = due(request, *kind, now)?;
        let value = match kind {
            TaskKind::Pay => unpaid(request, false),
            TaskKind::Release => unpaid(request, true),
            TaskKind::CollectDue => request.awaited().first().map(|awaited| Money::new(awaited.amount, awaited.currency)),
            // What was sent ahead has no amount here.
            TaskKind::ClawBack => {
                let money = |given: &GivenAhead| (given.amount > 0).then(|| Money::new(given.amount, given.currency));
                request.given_ahead(false).iter().find_map(money)
            }
            _ => at_stake,
        };
        Some(Task { kind: *kind, due, value })
    };
    TaskKind::ALL.iter().filter_map(task).collect()
}

/// By when that is to be done, where it is to be done.
fn due(request: &Return, kind: TaskKind, now: Timestamp) -> Option<Timestamp> {
    let promises = &request.promises;
    let any = |fits: &dyn Fn(&ReturnLine, &Lot) -> bool| request.lots().any(|(line, lot)| lot.state.is_live() && fits(line, lot));
    let approved = |lot: &Lot| lot.state.authorization == Authorization::Approved;
    let travels = |line: &ReturnLine, lot: &Lot, at: Reception| approved(lot) && line.asked.sends_back() && lot.state.reception == at;
    let unsent = || any(&|line, lot| travels(line, lot, Reception::Awaiting)) && !request.needs_label();
    let by_hand = request.method == Method::Arranged || request.method.is_by_parcel() && request.danger().is_some();
    let ran_out = || request.parcel().is_some_and(|parcel| parcel.scans.is_empty() && parcel.expires_at <= now);
    let came = |lot: &Lot| request.parcels.iter().any(|parcel| is_in(lot, parcel) && was_delivered(parcel));
    let owed = || {
        let waits = |state| matches!(state, RemedyState::Due | RemedyState::Reserved);
        // What the customer pays first waits for them.
        let goes = |remedy: &Remedy| remedy.kind != RemedyKind::Repair && request.awaited_for(remedy).is_none();
        request.remedies.iter().any(|remedy| waits(remedy.state) && goes(remedy))
    };
    let (there, due) = match kind {
        TaskKind::Review => {
            // What was asked of the customer is waited for.
            let rests = |lot: &Lot| lot.awaits.is_some_and(|until| until > now);
            let waits = |lot: &Lot| matches!(lot.state.authorization, Authorization::Requested | Authorization::InReview) && !rests(lot);
            (!request.waits_for_outbound() && any(&|_, lot| waits(lot)), promises.decided.unwrap_or(promises.sent))
        }
        TaskKind::CheckMoney => (!request.flags.is_empty() && !request.status().is_end(), promises.refunded),
        TaskKind::IssueLabel => (request.needs_label(), promises.decided.unwrap_or(request.opened_at)),
        TaskKind::ArrangeTransport => (unsent() && by_hand, promises.decided.unwrap_or(promises.sent)),
        TaskKind::ChaseParcel => (promises.sent <= now && unsent() && !by_hand && !ran_out(), promises.arrived),
        TaskKind::RenewLabel => (unsent() && ran_out(), promises.arrived),
        TaskKind::TraceParcel => {
            let late = promises.arrived <= now && any(&|line, lot| travels(line, lot, Reception::InTransit) && !came(lot));
            (late, promises.inspected)
        }
        TaskKind::Receive => (any(&|line, lot| travels(line, lot, Reception::InTransit) && came(lot)), promises.inspected),
        TaskKind::Inspect => {
            let here = |lot: &Lot| approved(lot) && lot.state.reception == Reception::Received;
            (any(&|_, lot| here(lot) && lot.state.inspection == Inspection::Pending), promises.inspected)
        }
        TaskKind::Resolve => {
            let stuck = |line: &ReturnLine, lot: &Lot| {
                request.status_of(line, lot) == Status::Attention && lot.state.disposition != Disposition::SendBack
            };
            (any(&stuck), promises.refunded)
        }
        TaskKind::AnswerAppeal => {
            (request.offers.iter().any(|offer| matches!(offer.state, OfferState::Appealed { .. })), promises.refunded)
        }
        TaskKind::PutAway => {
            let looked_at = |lot: &Lot| matches!(lot.state.inspection, Inspection::Accepted | Inspection::Downgraded);
            // Until the customer has answered an offer, the goods may have to go back.
            let lies = |lot: &Lot| lot.state.disposition == Disposition::None && request.open_offer(lot.id).is_none();
            (any(&|_, lot| approved(lot) && looked_at(lot) && lies(lot)), promises.refunded)
        }
        TaskKind::SendBack => (any(&|_, lot| approved(lot) && lot.state.disposition == Disposition::SendBack), promises.refunded),
        TaskKind::Settle => {
            let open = |lot: &Lot| !request.standing(lot.id).settled && request.open_offer(lot.id).is_none();
            let ends =
                |line: &ReturnLine, lot: &Lot| Return::goods_are_done(line, lot) && request.status_of(line, lot) != Status::Attention;
            let paid_for_nothing = request.lots().any(|(_, lot)| request.was_paid_for_nothing(lot.id));
            (paid_for_nothing || any(&|line, lot| approved(lot) && ends(line, lot) && open(lot)), promises.refunded)
        }
        TaskKind::Release => (unpaid(request, true).is_some(), promises.refunded),
        TaskKind::Pay => (unpaid(request, false).is_some(), promises.refunded),
        TaskKind::SendItem => (owed(), promises.refunded),
        TaskKind::Repair => return at_workshop(request).iter().map(|work| work.due).min(),
        TaskKind::StopParcel | TaskKind::TraceOutbound => {
            let outbound = request.outbound.as_ref().filter(|_| request.waits_for_outbound())?;
            let theirs = outbound.kind.is_carried() == (kind == TaskKind::TraceOutbound);
            // Who was asked is waited for.
            match &outbound.pursued {
                None => (theirs, if outbound.kind.is_carried() { outbound.ask_by } else { outbound.until }),
                Some(_) => (theirs && outbound.until <= now, outbound.until),
            }
        }
        TaskKind::AnswerCustomer => return request.talk.due,
        TaskKind::CollectDue => {
            let asked = request.awaited().into_iter().map(|awaited| awaited.since + DUE_TASK_AFTER);
            return asked.filter(|due| *due <= now).min();
        }
        TaskKind::ClawBack => {
            // What is on its way is looked for first.
            let awaited = |lot: &LotNo| request.lot(*lot).is_some_and(|(_, lot)| lot.state.reception == Reception::Awaiting);
            let late = || request.given_ahead(false).iter().any(|given| given.lots.iter().any(awaited));
            let gone = !request.given_ahead(true).is_empty();
            (gone || promises.arrived <= now && late(), promises.refunded)
        }
    };
    there.then_some(due)
}

fn is_in(lot: &Lot, parcel: &Parcel) -> bool {
    parcel.contents.is_empty() || parcel.contents.contains(&lot.id)
}

/// Whether its carrier says that it was handed over.
fn was_delivered(parcel: &Parcel) -> bool {
    parcel.scans.last().is_some_and(|scan| scan.status == ScanStatus::Delivered)
}

/// What was promised and is neither paid nor on its way, `held` or not, in the currency of the first such grant.
fn unpaid(request: &Return, held: bool) -> Option<Money> {
    let left = |grant: &Grant| if request.held(grant.id).is_some() == held { grant.amount - request.sent_of(grant.id) } else { 0 };
    let currency = request.grants.iter().find(|grant| left(grant) > 0)?.currency;
    let minor = request.grants.iter().filter(|grant| grant.currency == currency).map(|grant| left(grant).max(0)).sum();
    Some(Money::new(minor, currency))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::SignedDuration;

    use super::super::testing::{Choices, receipt};
    use super::super::testing::{asked, at, commands, eur, facts, opened, opening, parcel, role_for};
    use super::super::*;
    use super::*;
    use crate::policy::{Decision, Resolution, ReviewGround};

    #[test]
    fn policies_name_what_there_is_to_do() {
        assert_eq!(TaskKind::ALL.iter().map(|kind| kind.code()).collect::<Vec<_>>(), crate::policy::TASKS);
    }

    /// Moments at which everything is tried: around and beyond every promise.
    fn moments(request: &Return) -> BTreeSet<Timestamp> {
        let promises = request.promises;
        let days = [promises.sent, promises.arrived, promises.inspected, promises.refunded].into_iter().chain(promises.decided);
        let labels = request.parcels.iter().map(|parcel| parcel.expires_at);
        let awaited = request.lots().filter_map(|(_, lot)| lot.awaits);
        let due = request.remedies.iter().map(|remedy| remedy.at + DUE_TASK_AFTER);
        let around = days
            .chain(labels)
            .chain(awaited)
            .chain(due)
            .flat_map(|moment| [-1, 0, 1].map(|second| moment + SignedDuration::from_secs(second)));
        (-1..61).map(at).chain(around).collect()
    }

    /// The set stays as it is until the moment that is told, and not beyond; and nothing that goes on is forgotten.
    pub(in super::super) fn check(request: &Return) {
        let told: BTreeMap<Timestamp, (Vec<Task>, Option<Timestamp>)> =
            moments(request).into_iter().map(|moment| (moment, tasks(request, moment))).collect();
        for (moment, (here, next)) in &told {
            let changes = told.iter().find(|(later, (there, _))| *later > moment && there != here).map(|(later, _)| *later);
            assert_eq!(*next, changes, "at {moment}: {here:?}");
            let mut kinds: Vec<TaskKind> = here.iter().map(|task| task.kind).collect();
            kinds.dedup();
            assert_eq!(kinds.len(), here.len(), "one of a kind");
        }
        let (late, _) = told.values().next_back().unwrap();
        let on_others = request.offers.iter().any(|offer| offer.state == OfferState::Made)
            || request.payments.iter().any(|payment| payment.state == PaymentState::Pending)
            || request.remedies.iter().any(|remedy| matches!(remedy.state, RemedyState::Ordered | RemedyState::Shipped));
        assert!(
            !late.is_empty() || request.status().is_end() || on_others,
            "a return that nobody would look at again: {} {:?}",
            request.status(),
            request.lines
        );
    }

    fn kinds(request: &Return, second: i64) -> String {
        let (tasks, _) = tasks(request, at(second));
        tasks.iter().map(|task| task.kind.code()).collect::<Vec<_>>().join(" ")
    }

    fn after(request: &Return, events: &[Event]) -> Return {
        let mut request = request.clone();
        events.iter().for_each(|event| request.evolve(event));
        request
    }

    #[test]
    fn each_state_and_time_asks_for_what_this_table_says() {
        let line = |resolution, decision| opened(vec![asked("1", 1, resolution, decision)], false);
        let sent = line(Resolution::Refund, Decision::Approved);
        let lot = LotNo::first(LineNo(1));
        let scanned = |status| Event::Scanned { tracking_number: "T1".into(), scan: Scan { status, at: at(5), location: None } };
        let moving = after(&sent, &[scanned(ScanStatus::InTransit)]);
        let came = |outcome| {
            let items = vec![Booked { of: lot, lot, units: 1, outcome }];
            let receipt =
                Receipt { id: "r1".parse().unwrap(), at: at(20), warehouse: None, tracking_number: None, items, beside: Vec::new() };
            after(&moving, &[Event::Received { receipt }])
        };
        let looked = |found| {
            let looked = Looked::plain(lot, 1, found);
            after(&came(Outcome::Received), &[Event::Inspected { items: vec![looked] }])
        };
        let put_away = |to| after(&looked(Inspection::Accepted), &[Event::Disposed { lots: vec![lot], to, ground: None, proposed: None }]);
        let granted = |before: &Return| {
            let grant = Grant {
                id: "g1".parse().unwrap(),
                at: at(31),
                order: "1".parse().unwrap(),
                lots: vec![lot],
                cause: GrantCause::Settled,
                currency: eur(),
                amount: 1_000,
                bonus: 0,
                receipt: receipt(1_000),
            };
            after(before, &[Event::Granted { grant }])
        };
        let held = |before: &Return| {
            let (grant, ground) = ("g1".parse().unwrap(), HoldGround::Stopped);
            after(before, &[Event::Held { hold: Hold { grant, at: at(31), ground, not_by: None, note: None } }])
        };
        let pay = |state, to| {
            let (id, grant) = ("p1".parse().unwrap(), "g1".parse().unwrap());
            let payment = Payment { id, grant, at: at(32), to: PaidTo::Manual, amount: 1_000, state, reference: None };
            after(&granted(&put_away(to)), &[Event::PaymentStarted { payment }])
        };
        let payment = |state| pay(state, Disposition::Restock);
        let paid_of = |to| pay(PaymentState::Paid, to);
        let offered = |state| {
            let offer = Offer {
                id: "o1".parse().unwrap(),
                at: at(31),
                order: "1".parse().unwrap(),
                lots: vec![lot],
                currency: eur(),
                expected: 1_000,
                amount: 500,
                less: Vec::new(),
                until: at(50),
                state,
            };
            after(&looked(Inspection::Downgraded), &[Event::Offered { offer }])
        };
        let owed = |kind, state| {
            let remedy = Remedy {
                id: "m1".parse().unwrap(),
                at: at(31),
                lots: vec![lot],
                kind,
                sku: None,
                state,
                reference: None,
                shipped_at: None,
                delivered_at: None,
            };
            after(&put_away(Disposition::Restock), &[Event::RemedyDue { remedy }])
        };
        let wrote = |second| Event::CustomerWrote { words: "hello?".into(), due: at(second) };
        let no_label = Return::from_events(&Return::open(opening(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false)));
        let longer = Event::LabelIssued { parcel: Parcel { expires_at: at(15), ..parcel() }, promises: None };
        for (what, request, second, expected) in [
            ("a person decides", line(Resolution::Refund, Decision::InReview), 0, "review"),
            ("no", line(Resolution::Refund, Decision::Declined), 60, ""),
            ("no label", no_label.unwrap(), 0, "issue_label"),
            ("a label", sent.clone(), 0, ""),
            ("a label", sent.clone(), 9, ""),
            ("it ran out", sent.clone(), 10, "renew_label"),
            ("a new one", after(&sent, std::slice::from_ref(&longer)), 9, ""),
            ("nothing was sent", after(&sent, std::slice::from_ref(&longer)), 10, "chase_parcel"),
            ("that ran out too", after(&sent, std::slice::from_ref(&longer)), 15, "renew_label"),
            ("called off", after(&sent, &[Event::Cancelled { lots: vec![lot], reason: None }]), 60, ""),
            ("on its way", moving.clone(), 19, ""),
            ("it should be here", moving.clone(), 20, "trace_parcel"),
            ("handed over", after(&sent, &[scanned(ScanStatus::Delivered)]), 6, "receive"),
            ("lost", after(&moving, &[scanned(ScanStatus::Lost)]), 6, "resolve"),
            ("it is here", came(Outcome::Received), 20, "inspect"),
            ("it came without it", came(Outcome::Short), 20, "resolve"),
            ("something else came", came(Outcome::WrongItem), 20, "resolve"),
            ("good", looked(Inspection::Accepted), 30, "put_away settle"),
            ("not good", looked(Inspection::Rejected), 30, "resolve"),
            ("put away", put_away(Disposition::Restock), 30, "settle"),
            ("less is offered", offered(OfferState::Made), 31, ""),
            ("they appeal", offered(OfferState::Appealed { words: "no".into() }), 31, "answer_appeal"),
            ("they agree", offered(OfferState::Accepted), 31, "put_away settle"),
            ("to go back", put_away(Disposition::SendBack), 31, "send_back"),
            ("promised", granted(&put_away(Disposition::Restock)), 31, "pay"),
            ("on hold", held(&granted(&put_away(Disposition::Restock))), 31, "release"),
            ("on the way", payment(PaymentState::Pending), 33, ""),
            ("it failed", payment(PaymentState::Failed), 33, "pay"),
            ("paid", payment(PaymentState::Paid), 33, ""),
            ("an item is owed", owed(RemedyKind::Replacement, RemedyState::Due), 33, "send_item"),
            ("it was ordered", owed(RemedyKind::Replacement, RemedyState::Ordered), 33, ""),
            ("to be repaired", owed(RemedyKind::Repair, RemedyState::Reserved), 33, "repair"),
            ("it went back", owed(RemedyKind::Repair, RemedyState::Shipped), 33, ""),
            ("in the workshop", put_away(Disposition::Repair), 31, "settle repair"),
            ("made as new", put_away(Disposition::Refurbish), 31, "settle repair"),
            ("in the workshop, and paid", paid_of(Disposition::Repair), 33, "repair"),
            ("nothing comes", line(Resolution::KeepRefund, Decision::Approved), 0, "settle"),
            ("they write", after(&moving, &[wrote(40)]), 6, "answer_customer"),
            ("and again", after(&moving, &[wrote(40), wrote(41)]), 41, "trace_parcel answer_customer"),
            ("it needs no answer", after(&moving, &[wrote(40), Event::TalkSettled]), 6, ""),
            ("we write", after(&moving, &[wrote(40), Event::ShopWrote { words: "hello".into() }]), 6, ""),
            ("they write after it ended", after(&payment(PaymentState::Paid), &[wrote(40)]), 33, "answer_customer"),
            ("flagged", after(&moving, &[Event::Flagged { ground: ReviewGround::OrderToldAnew }]), 6, "check_money"),
        ] {
            assert_eq!(kinds(&request, second), expected, "{what}, at {second}");
            check(&request);
        }
    }

    #[test]
    fn a_task_says_by_when_and_how_much_is_at_stake() {
        let request = opened(vec![asked("1", 3, Resolution::KeepRefund, Decision::Approved)], false);
        let grant = commands(&request, Choices::One).into_iter().find(|command| matches!(command, Command::Grant { .. })).unwrap();
        let events = request.decide(&grant, role_for(&grant), &facts(&request)).unwrap();
        let (tasks, next) = tasks(&after(&request, &events), at(50));
        let pay = Task { kind: TaskKind::Pay, due: at(40), value: Some(Money::new(3_000, eur())) };
        assert_eq!((tasks, next, pay.role()), (vec![pay], None, Role::Finance));
    }
}
