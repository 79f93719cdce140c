//! Returns to try things on, and every command that makes sense for one.
//! Long because each command that makes sense for a return is made here.

use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::ids::{Code, LineId, OrderNumber};
use crate::item::ItemSaid;
use crate::money::Currency;
use crate::policy::{Basis, Decision, Method, Policy, PromisedDates, Resolution, ReviewGround, reload};
use crate::reason::Fault;
use crate::settlement::{ReceiptKind, ReceiptLine, Settlement};
use crate::words::Locale;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn promises() -> PromisedDates {
    PromisedDates { decided: None, sent: at(10), label: at(10), arrived: at(20), inspected: at(30), refunded: at(40) }
}

pub(super) fn eur() -> Currency {
    "EUR".parse().unwrap()
}

/// Some units of line `line`, worth 10.00 each.
pub(super) fn asked(line: &str, quantity: u32, resolution: Resolution, verdict: Decision) -> LineAsked {
    LineAsked {
        order: "1".parse().unwrap(),
        line: line.parse().unwrap(),
        sku: "A".parse().unwrap(),
        name: "A thing".into(),
        variant: None,
        category: None,
        kinds: Vec::new(),
        image: None,
        quantity,
        reason: "other".parse().unwrap(),
        sub_reason: None,
        fault: Fault::Customer,
        said: ItemSaid::default(),
        resolution,
        basis: Basis::Policy,
        exchange_sku: None,
        exchange_name: None,
        exchange_price: None,
        succeeds: None,
        never_arrived: false,
        evidence: Vec::new(),
        evidence_wanted: Vec::new(),
        verdict,
        why: Vec::new(),
        review: None,
        terms: None,
    }
}

pub(super) fn opening(lines: Vec<LineAsked>, withdrawal: bool) -> Opening {
    Opening {
        rma: crate::rma::RmaNumber::from_random(1).unwrap(),
        opened_at: at(0),
        channel: "web".parse::<Code>().unwrap(),
        locale: Locale::En,
        contact: Contact::default(),
        from: None,
        withdrawal,
        orders: vec![OrderPart {
            number: "1".parse().unwrap(),
            placed_at: at(-100),
            policy_version: 1,
            settlement: Settlement::nothing(eur()),
        }],
        lines,
        method: Method::SelfShip,
        pickup: None,
        promises: promises(),
    }
}

pub(super) fn opened(lines: Vec<LineAsked>, withdrawal: bool) -> Return {
    let mut request = Return::from_events(&Return::open(opening(lines, withdrawal))).unwrap();
    if request.needs_label() {
        request.evolve(&Event::LabelIssued { parcel: parcel(), promises: None });
    }
    request
}

/// A return of goods on their way out, with the events of its opening.
pub(super) fn on_its_way(kind: OutboundKind, lines: Vec<LineAsked>) -> Vec<Event> {
    let decision = if kind.is_certain() { Decision::Approved } else { Decision::InReview };
    let never_arrived = matches!(kind, OutboundKind::Cancel | OutboundKind::NotReceived);
    let lines = lines.into_iter().map(|asked| LineAsked { verdict: decision, never_arrived, ..asked }).collect();
    let opening = Opening { method: Method::None, promises: kind.promises(&policy(), at(45), at(0)), ..opening(lines, false) };
    let delivery = OutboundDelivery {
        carrier: Some("post".into()),
        tracking_number: Some("O1".into()),
        shipped_at: Some(at(-50)),
        delivered_at: None,
    };
    let outbound = Outbound {
        kind,
        reported_by: ReportedBy::Customer,
        delivery: kind.is_carried().then_some(delivery),
        ask_by: at(5),
        until: at(45),
        pursued: None,
        outcome: None,
    };
    Return::open_outbound(opening, outbound)
}

pub(super) fn parcel() -> Parcel {
    Parcel {
        carrier: "post".into(),
        tracking_number: "T1".into(),
        reference: None,
        file: None,
        voided: false,
        issued_at: at(0),
        expires_at: at(10),
        contents: Vec::new(),
        scans: Vec::new(),
    }
}

/// A parcel whose label was bought.
pub(super) fn bought(tracking_number: &str) -> Parcel {
    Parcel {
        tracking_number: tracking_number.into(),
        reference: Some(format!("shp_{tracking_number}")),
        file: Some(format!("labels/{tracking_number}")),
        ..parcel()
    }
}

pub(super) fn receipt(amount: i64) -> Vec<ReceiptLine> {
    vec![ReceiptLine { kind: ReceiptKind::OtherCharges, amount }]
}

/// One that says nothing but what must be said, by the clock of Greenwich.
pub(super) fn policy() -> Arc<Policy> {
    static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(reload(r#"{"homebound_policy": 1, "time_zone": "UTC"}"#).unwrap()));
    POLICY.clone()
}

/// 10.00 a unit that was asked for, less what was granted.
pub(super) fn facts(request: &Return) -> Facts {
    let order: OrderNumber = "1".parse().unwrap();
    let captured: i64 = request.lines.iter().map(|line| i64::from(line.asked.quantity) * 1_000).sum();
    let granted: i64 = request.grants.iter().map(|grant| grant.amount).sum();
    let let_go = |line: &ReturnLine| line.asked.quantity - request.units_held(line);
    let of = |id: &LineId| request.lines.iter().filter(|line| line.asked.line == *id).map(let_go).sum();
    let free = request.lines.iter().map(|line| (order.clone(), line.asked.line.clone(), of(&line.asked.line))).collect();
    Facts { now: at(50), room: vec![(order, captured - granted)], free, policy: Some(policy()), last: None }
}

/// What a choice is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Choices {
    /// Every value of everything.
    All,
    /// One value for each way on.
    One,
    /// What bears on labels.
    Labels,
}

/// Every command that bears on labels, up to three of them.
fn about_labels(request: &Return) -> Vec<Command> {
    let place = request.parcels.len() + 1;
    let of_lots = request.lots().flat_map(|(_, lot)| {
        let lots = || Some(vec![lot.id]);
        [
            Command::Approve { lots: lots(), note: None },
            Command::SendToReview { lots: lots(), ground: ReviewGround::LeftBehind },
            Command::Decline { lots: lots(), reason: None, note: None },
            Command::Cancel { lots: lots(), reason: None },
            Command::Lapse { lots: lots() },
            Command::Receive { warehouse: None, tracking_number: None, items: vec![(lot.id, 1, Outcome::Received)], beside: Vec::new() },
        ]
    });
    let of_parcels = request.parcels.iter().flat_map(|parcel| {
        let tracking_number = || parcel.tracking_number.clone();
        let scan = Scan { status: ScanStatus::InTransit, at: at(15), location: None };
        [Command::Scan { tracking_number: tracking_number(), scan }, Command::VoidLabel { tracking_number: tracking_number() }]
    });
    let ways = [Method::SelfShip, Method::Counter].map(|method| Command::SwitchMethod {
        method,
        pickup: None,
        from: None,
        terms: Vec::new(),
        orders: request.orders.clone(),
        promises: request.promises,
    });
    let issued = (place <= 3).then(|| Command::IssueLabel { parcel: bought(&format!("T{place}")), promises: None });
    let asked = [
        Command::WantLabel { carrier: "post".into(), promises: None },
        Command::RefuseLabel { reason: "no such street".into() },
        Command::VoidLabel { tracking_number: "T1".into() },
    ];
    of_lots.chain(of_parcels).chain(ways).chain(issued).chain(asked).collect()
}

/// Every command that names what the return has, each with some values of what it asks for.
pub(super) fn commands(request: &Return, choices: Choices) -> Vec<Command> {
    if choices == Choices::Labels {
        return about_labels(request);
    }
    let all = choices == Choices::All;
    let some = |wanted: bool, command: Command| wanted.then_some(command);
    let mut found = Vec::new();
    for (line, lot) in request.lots() {
        let lots = || Some(vec![lot.id]);
        let words = || "because".to_owned();
        found.extend([
            Command::Approve { lots: lots(), note: None },
            Command::Decline { lots: lots(), reason: None, note: None },
            Command::Cancel { lots: lots(), reason: None },
            Command::Lapse { lots: lots() },
            Command::SendBack { lots: lots(), tracking_number: None },
        ]);
        found.extend(some(request.remedies.len() < 2, Command::OweRemedy { lots: vec![lot.id] }));
        found.extend(some(all, Command::SendToReview { lots: lots(), ground: ReviewGround::Policy }));
        found.extend(some(all, Command::AskEvidence { lots: lots(), note: words() }));
        found.extend(some(all, Command::AddEvidence { lines: vec![line.id], evidence: vec!["ev_1".into()] }));
        for outcome in Outcome::ALL.into_iter().take(if all { 4 } else { 3 }) {
            for units in [1, lot.units] {
                found.push(Command::Receive {
                    warehouse: None,
                    tracking_number: None,
                    items: vec![(lot.id, units, outcome)],
                    beside: Vec::new(),
                });
            }
        }
        for inspection in [Inspection::Accepted, Inspection::Downgraded, Inspection::Rejected] {
            let deductions: &[Option<Deduction>] =
                if all && inspection == Inspection::Downgraded { &[None, Some(Deduction::Amount(100))] } else { &[None] };
            for deduct in deductions {
                found.push(Command::Inspect { items: vec![Finding { deduct: *deduct, ..Finding::plain(lot.id, lot.units, inspection) }] });
            }
        }
        for to in Disposition::ALL {
            if all || matches!(to, Disposition::Restock | Disposition::SendBack) {
                found.push(Command::Dispose { lots: vec![lot.id], to: *to, ground: None, proposed: None });
            }
        }
        let worth = i64::from(lot.units) * 1_000 - request.grants_of(lot.id).map(|grant| grant.amount).sum::<i64>();
        for amount in [worth / 2] {
            if request.offers.len() < 2 && amount >= 0 {
                found.push(Command::Offer {
                    order: line.asked.order.clone(),
                    lots: vec![lot.id],
                    currency: eur(),
                    expected: worth,
                    amount,
                    less: Vec::new(),
                    until: at(60),
                });
            }
        }
        for cause in GrantCause::ALL {
            for amount in if all { vec![0, worth] } else { vec![worth] } {
                if all || matches!(cause, GrantCause::Settled | GrantCause::Undisputed) {
                    found.push(Command::Grant {
                        order: line.asked.order.clone(),
                        lots: vec![lot.id],
                        cause,
                        currency: eur(),
                        amount,
                        bonus: 0,
                        receipt: receipt(amount),
                    });
                }
            }
        }
    }
    for parcel in &request.parcels {
        for status in ScanStatus::ALL.iter().copied() {
            let scan = Scan { status, at: at(15), location: None };
            if all || matches!(status, ScanStatus::InTransit | ScanStatus::Lost) {
                found.push(Command::Scan { tracking_number: parcel.tracking_number.clone(), scan });
            }
        }
    }
    if all {
        let words = |by: &str| format!("{by} wrote");
        found.extend([
            Command::Note { note: words("staff") },
            Command::Write { words: words("the shop") },
            Command::Answer { words: words("the customer") },
            Command::SettleTalk,
            Command::Rate { stars: 2, words: Some(words("the customer")) },
            Command::Appeal { lots: None, words: words("the customer") },
            Command::Extend { until: jiff::civil::date(2027, 2, 12), reason: words("the shop") },
        ]);
        found.push(Command::WantLabel { carrier: "post".into(), promises: None });
        found.push(Command::RefuseLabel { reason: "no such street".into() });
        found.push(Command::VoidLabel { tracking_number: "T1".into() });
    }
    if let Some(outbound) = &request.outbound {
        found.push(Command::PursueOutbound { reference: "C-1".into(), until: None });
        for outcome in outbound.kind.outcomes() {
            found.push(Command::AnswerOutbound { outcome: *outcome, reason: Some("so it is".into()), note: None });
        }
    }
    for (line, lot) in request.lots().filter(|_| request.collected.len() < 2) {
        for cause in CollectedFor::ALL {
            let by_gateway = (all && *cause == CollectedFor::Due).then(|| "pi_1".to_owned());
            for payment in [None].into_iter().chain(by_gateway.map(Some)) {
                found.push(Command::Collect {
                    order: line.asked.order.clone(),
                    lots: vec![lot.id],
                    cause: *cause,
                    currency: eur(),
                    amount: 500,
                    reference: payment.is_none().then(|| format!("bank {}", request.collected.len())),
                    payment,
                });
            }
        }
        found.push(Command::Waive { lots: Some(vec![lot.id]), reason: "too little".into() });
    }
    for offer in &request.offers {
        found.push(Command::LapseOffer { offer: offer.id });
        for answer in [OfferAnswer::Accept, OfferAnswer::Appeal("no".into()), OfferAnswer::SendBack] {
            found.push(Command::AnswerOffer { offer: offer.id, answer });
        }
    }
    for grant in request.grants.iter().filter(|_| all) {
        let (by, note) = (Actor::System, None);
        for ground in HoldGround::ALL {
            found.push(Command::Hold { grant: grant.id, ground: *ground, note: note.clone(), by: by.clone() });
        }
        found.push(Command::Release { grant: grant.id, note, by: Actor::Customer });
    }
    for grant in &request.grants {
        let attempts = request.payments.iter().filter(|payment| payment.grant == grant.id).count();
        let left = grant.amount - request.sent_of(grant.id);
        if attempts < 2 {
            found.push(Command::Pay { grant: grant.id, to: PaidTo::Manual, amount: left, reference: None });
        }
    }
    for payment in &request.payments {
        found.push(Command::ConfirmPayment { payment: payment.id, reference: None });
        // A grant has two attempts here, of which the first may go wrong: with more it is the same again.
        if request.payments.iter().filter(|other| other.grant == payment.grant).count() < 2 {
            found.push(Command::FailPayment { payment: payment.id, reason: None });
            found.extend(some(all, Command::ReversePayment { payment: payment.id, reason: None }));
        }
    }
    for remedy in &request.remedies {
        for to in RemedyState::ALL {
            if all || matches!(to, RemedyState::Shipped | RemedyState::Delivered | RemedyState::CalledOff) {
                found.push(Command::MoveRemedy { remedy: remedy.id, to, reference: None, at: None });
            }
        }
    }
    found
}

/// By whom a command may be given.
pub(super) fn role_for(command: &Command) -> Role {
    command.kind().row().who[0]
}

/// A later moment: offers have run out.
pub(super) fn later(facts: Facts) -> Facts {
    Facts { now: facts.now + SignedDuration::from_hours(1), ..facts }
}

/// What holds in every state, whatever led there.
pub(super) fn check(request: &Return) {
    for line in &request.lines {
        let units: u32 = line.lots.iter().map(|lot| lot.units).sum();
        assert_eq!(units, line.asked.quantity, "units appear or vanish: {:?}", line.lots);
        assert!(line.lots.iter().all(|lot| lot.units > 0), "a lot of nothing: {:?}", line.lots);
        let mut names: Vec<LotNo> = line.lots.iter().map(|lot| lot.id).collect();
        names.dedup();
        assert_eq!(names.len(), line.lots.len(), "two lots of one name");
    }
    let captured: i64 = request.lines.iter().map(|line| i64::from(line.asked.quantity) * 1_000).sum();
    let granted: i64 = request.grants.iter().map(|grant| grant.amount).sum();
    assert!(granted <= captured, "granted {granted} of {captured}");
    for grant in &request.grants {
        assert!(grant.amount >= 0 && request.sent_of(grant.id) <= grant.amount, "paid more than granted: {grant:?}");
    }
    for (line, lot) in request.lots() {
        let settling = request.grants_of(lot.id).filter(|grant| grant.cause.settles()).count();
        assert!(settling <= 1, "settled twice: {lot:?}");
        let money = request.grants_of(lot.id).any(|grant| grant.cause.settles() && grant.amount > 0);
        let sent_back = lot.state.disposition == Disposition::SentBack;
        assert!(!(money && sent_back), "money and goods: {lot:?}");
        let offered = request.open_offer(lot.id).is_some();
        assert!(!(offered && settling > 0), "offered and settled: {lot:?}");
        if request.ended(line, lot) == Some(Ended::Paid) {
            assert!(settling == 1, "paid for nothing granted: {lot:?}");
        }
    }
    if let Some(wanted) = &request.wanted {
        assert!(request.awaits_parcel(), "a label is wanted for nothing: {wanted:?}");
        assert!(!request.needs_label(), "a label is wanted twice: {wanted:?}");
    }
    for parcel in request.labels_to_void() {
        assert!(parcel.reference.is_some() && !parcel.voided && parcel.scans.is_empty(), "nothing to call off: {parcel:?}");
        let counts = request.parcel() == Some(parcel);
        assert!(!counts || request.status().is_end(), "the label that counts would be void: {parcel:?}");
    }
    // What is possible is exactly what some command does.
    let status = request.status();
    assert_eq!(request.how_ended().is_some(), status.is_end(), "{status}");
}
