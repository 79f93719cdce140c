//! Every way on from what a receipt or an inspection may say (P11): which commands are possible then stands in a table, each of them is taken once, and
//! from each an end is reached by commands of people. No receipt forces a refund: an end without money is reached as well.

use std::collections::{BTreeSet, VecDeque};

use domain::returns::{
    Command, CommandKind, Disposition, Facts, Finding, GrantCause, Inspection, OfferAnswer, Outcome, PaidTo, RemedyState, Return, Role,
    Scan, ScanStatus, TaskKind, tasks,
};
use domain::settlement::{ReceiptKind, ReceiptLine};
use domain::staff::Member;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::services::{Access, ChangeError};
use server::store::{self, Scope};

use crate::app::{TestApp, request};
use crate::databases::on_both;
use crate::review::Machine;
use crate::staff::{free, hire};

/// What comes, and what is found of it; then the ways on, besides what is always possible.
const TABLE: &[(&str, &str)] = &[
    ("received", "inspect"),
    ("short", "lapse scan receive"),
    ("wrong_item", "receive inspect"),
    ("empty", "lapse scan receive"),
    ("extra", "inspect"),
    ("unannounced", "inspect"),
    ("lost", "lapse receive grant"),
    ("accepted", "inspect dispose grant"),
    ("downgraded", "inspect dispose offer grant"),
    ("rejected", "inspect dispose offer"),
];

/// Possible whatever came of it, or of no bearing on where the goods and the money go.
const ALWAYS: [CommandKind; 7] = [
    CommandKind::Note,
    CommandKind::Write,
    CommandKind::Answer,
    CommandKind::Settle,
    CommandKind::Flag,
    CommandKind::Extend,
    CommandKind::AddEvidence,
];

/// What people, carriers and customers can say of a return that came, with one value of each.
fn commands(request: &Return) -> Vec<Command> {
    let order = request.orders[0].number.clone();
    let currency = request.orders[0].settlement.currency;
    let now = Timestamp::now();
    let mut all = Vec::new();
    for (line, lot) in request.lots() {
        let lots = || Some(vec![lot.id]);
        all.extend([
            Command::Cancel { lots: lots(), reason: None },
            Command::Lapse { lots: lots() },
            Command::SendBack { lots: lots(), tracking_number: None },
        ]);
        all.extend([
            Command::Decline { lots: lots(), reason: None, note: None },
            Command::Approve { lots: lots(), note: None },
            Command::OweRemedy { lots: vec![lot.id] },
        ]);
        for outcome in Outcome::ALL {
            all.push(Command::Receive {
                warehouse: None,
                tracking_number: None,
                items: vec![(lot.id, lot.units, outcome)],
                beside: Vec::new(),
            });
        }
        for found in [Inspection::Accepted, Inspection::Downgraded, Inspection::Rejected] {
            all.push(Command::Inspect { items: vec![Finding::plain(lot.id, lot.units, found)] });
        }
        for to in [Disposition::Restock, Disposition::SendBack] {
            all.push(Command::Dispose { lots: vec![lot.id], to, ground: None, proposed: None });
        }
        let of = || (order.clone(), vec![lot.id]);
        let ((for_offer, offered), (for_grant, granted)) = (of(), of());
        let until = now + SignedDuration::from_hours(24);
        all.push(Command::Offer { order: for_offer, lots: offered, currency, expected: 1_000, amount: 500, less: Vec::new(), until });
        let kind = ReceiptKind::Goods { line: line.asked.line.clone(), units: lot.units };
        let receipt = vec![ReceiptLine { kind, amount: 500 }];
        all.push(Command::Grant { order: for_grant, lots: granted, cause: GrantCause::Settled, currency, amount: 500, bonus: 0, receipt });
    }
    for parcel in &request.parcels {
        for status in [ScanStatus::InTransit, ScanStatus::Delivered, ScanStatus::Lost] {
            let scan = Scan { status, at: now, location: None };
            all.push(Command::Scan { tracking_number: parcel.tracking_number.clone(), scan });
        }
    }
    for offer in &request.offers {
        all.extend([OfferAnswer::Accept, OfferAnswer::SendBack].map(|answer| Command::AnswerOffer { offer: offer.id, answer }));
    }
    for grant in &request.grants {
        all.push(Command::Pay { grant: grant.id, to: PaidTo::Manual, amount: grant.amount - request.sent_of(grant.id), reference: None });
    }
    for payment in &request.payments {
        all.push(Command::ConfirmPayment { payment: payment.id, reference: Some("B-1".into()) });
    }
    for remedy in &request.remedies {
        all.push(Command::MoveRemedy { remedy: remedy.id, to: RemedyState::CalledOff, reference: None, at: None });
    }
    all
}

/// In what capacity a person gives it; nothing where none does.
fn by(kind: CommandKind) -> Option<Role> {
    kind.row().who.iter().copied().find(|role| *role != Role::System)
}

/// The return after a command, where it can be given and does something.
fn after(request: &Return, command: &Command) -> Option<Return> {
    let room = request.orders.iter().map(|part| (part.number.clone(), 10_000)).collect();
    let events = request.decide(command, by(command.kind())?, &Facts { room, ..Facts::at(Timestamp::now()) }).ok()?;
    let mut then = request.clone();
    events.iter().for_each(|event| then.evolve(event));
    (!events.is_empty()).then_some(then)
}

/// The shortest way to an end; without money where that is asked for.
fn way_to_an_end(from: &Return, unpaid: bool) -> Option<Vec<Command>> {
    let key = |request: &Return| {
        let mut state = serde_json::to_value(request).unwrap();
        for name in ["version", "receipts", "parcels"] {
            state.as_object_mut().unwrap().remove(name);
        }
        state.to_string()
    };
    let (mut seen, mut next) = (BTreeSet::from([key(from)]), VecDeque::from([(from.clone(), Vec::new())]));
    while let Some((request, way)) = next.pop_front() {
        if request.status().is_end() {
            return Some(way);
        }
        if way.len() == 6 {
            continue;
        }
        for command in commands(&request) {
            if unpaid && command.kind() == CommandKind::Grant {
                continue;
            }
            let Some(then) = after(&request, &command) else { continue };
            if seen.insert(key(&then)) {
                next.push_back((then, way.iter().cloned().chain([command]).collect()));
            }
        }
    }
    None
}

struct Shop<'a> {
    app: &'a TestApp,
    staff: Machine<'a>,
    member: Member,
    opened: u32,
}

impl Shop<'_> {
    /// A return of two of one thing to which that happened.
    async fn stands(&mut self, what: &str) -> Return {
        self.opened += 1;
        let number = format!("W-{}", self.opened);
        let bought = json!({
            "number": number, "placed_at": crate::app::days_ago(6), "currency": "CNY",
            "customer": {"email": format!("c{}@example.com", self.opened), "locale": "en"}, "ship_to": {"country": "CN"},
            "lines": [{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 2, "unit_price": "100.00"}],
            "deliveries": [{"delivered_at": crate::app::days_ago(3)}],
        });
        self.app.put_order(&bought).await;
        let (_, opened) = self.app.post("/returns", &request(&number, "1", 2)).await;
        let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        let path = |what: &str| format!("/returns/{rma}/{what}");
        let say = async |at: &str, body: Value| {
            let (status, told) = self.staff.post(&path(at), &body).await;
            assert_eq!(status, StatusCode::OK, "{what}: {told}");
        };
        match what {
            "received" => say("receive", json!({"warehouse": "HZ1"})).await,
            "short" | "wrong_item" | "empty" => say("receive", json!({"lines": [{"line": "1", "outcome": what}]})).await,
            // The two that were announced came, too.
            "extra" => say("receive", json!({"lines": [{"line": "1"}, {"line": "1", "quantity": 1, "outcome": "extra"}]})).await,
            "unannounced" => {
                say("receive", json!({"lines": [{"line": "1"}, {"sku": "SOCK", "quantity": 1, "outcome": "unannounced"}]})).await
            }
            "lost" => {
                let label = self.staff.get(&format!("/returns/{rma}")).await["parcels"][0]["tracking_number"].clone();
                for status in ["in_transit", "lost"] {
                    say("scans", json!({"tracking_number": label, "status": status, "at": (Timestamp::now() - jiff::SignedDuration::from_mins(5)).to_string()})).await;
                }
            }
            found => {
                say("receive", json!({"warehouse": "HZ1"})).await;
                // What is taken off is a person's to say.
                let line = match found {
                    "downgraded" => json!({"line": "1", "result": found, "deduct": {"percent": "50"}}),
                    _ => json!({"line": "1", "result": found}),
                };
                say("inspect", json!({"lines": [line]})).await;
            }
        }
        self.find(&rma).await
    }

    async fn find(&self, rma: &str) -> Return {
        let mut read = self.app.services.store.read().await.unwrap();
        store::find_return(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap()
    }

    /// Gives a command as who may.
    async fn give(&self, request: &Return, command: &Command) -> Return {
        let kind = command.kind();
        let access = match Access::of_staff(&self.member, request.rma, kind, String::new()) {
            Some(access) => access,
            None => panic!("nobody at work gives {kind}"),
        };
        let given = command.clone();
        let carried = self.app.services.carry_out(access, None, move |_| Ok::<_, ChangeError>(given)).await;
        let carried = carried.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(carried.request.version > request.version, "{command:?} did nothing");
        carried.request
    }

    async fn go(&self, mut request: Return, way: &[Command]) -> Return {
        for command in way {
            request = self.give(&request, command).await;
        }
        request
    }
}

on_both! {
    async fn every_way_on_from_a_receipt_or_an_inspection_ends(database: Database) {
        let app = TestApp::start(database).await;
        let (member, ..) = hire(&app, "Ada", "support,warehouse,workshop,finance", free()).await;
        let mut shop = Shop { app: &app, staff: Machine::with(&app, Scope::Staff).await, member, opened: 0 };
        for (what, listed) in TABLE {
            let stands = shop.stands(what).await;
            let possible: Vec<CommandKind> = stands.possible().into_iter().filter(|kind| !ALWAYS.contains(kind)).collect();
            let codes: Vec<&str> = possible.iter().map(|kind| kind.code()).collect();
            assert_eq!(codes.join(" "), *listed, "{what}");
            // Nothing of it promises money, and nobody is asked to pay.
            assert_eq!((stands.grants.len(), stands.payments.len()), (0, 0), "{what}");
            let (to_do, _) = tasks(&stands, Timestamp::now());
            assert!(to_do.iter().all(|task| task.kind != TaskKind::Pay) && !to_do.is_empty(), "{what}: {to_do:?}");
            for kind in possible {
                let request = shop.stands(what).await;
                let first = commands(&request).into_iter().find(|command| command.kind() == kind && after(&request, command).is_some());
                let first = first.unwrap_or_else(|| panic!("{what}: {kind} is listed and cannot be given"));
                let then = shop.give(&request, &first).await;
                let way = way_to_an_end(&then, false).unwrap_or_else(|| panic!("{what}: no end after {kind}"));
                let end = shop.go(then, &way).await;
                assert!(end.status().is_end(), "{what}, {kind}: {}", end.status());
                let units: u32 = end.lots().map(|(_, lot): (_, &domain::returns::Lot)| lot.units).sum();
                assert_eq!(units, 2, "{what}, {kind}");
            }
            let way = way_to_an_end(&stands, true).unwrap_or_else(|| panic!("{what}: nothing but a refund ends it"));
            let end = shop.go(stands, &way).await;
            assert!(end.status().is_end() && end.grants.is_empty(), "{what}: {}", end.status());

        }
    }
}
