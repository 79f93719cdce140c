//! Money that a gateway gives back: once, whatever is lost on the way; what it tells by itself, doubled, late and in any order.
//! Long because each place where an answer can be lost has its case.

use std::sync::Arc;

use domain::returns::{
    Actor, Command, CommandId, Event, Facts, Finding, GrantCause, GrantNo, Inspection, LineNo, LotNo, Outcome, PaidTo, PaymentNo,
    PaymentState, Recorded, Return, Role,
};
use domain::rma::RmaNumber;
use domain::settlement::{ReceiptKind, ReceiptLine};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::services::{AboutReturn, JobKind, refund_name};
use server::store::{self, StoreError};

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both, sqlite};
use crate::fake_stripe::{Fake, KEY, SECRET, Turn, shop_with_stripe, sign};

/// What came back in the tests is worth that: minor units.
const WORTH: i64 = 8_900;

struct Shop {
    app: TestApp,
    fake: Arc<Fake>,
    rma: RmaNumber,
}

impl std::ops::Deref for Shop {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

/// A shop with Stripe, and a return of a tee that came back well and is worth 89.00.
async fn shop(database: Database) -> Shop {
    let (app, fake) = shop_with_stripe(database).await;
    fake.captured("pi_1", 45_700, "cny");
    let rma = granted(&app, &order("1")).await;
    Shop { app, fake, rma }
}

async fn granted(app: &TestApp, bought: &Value) -> RmaNumber {
    app.put_order(bought).await;
    let number = bought["number"].as_str().unwrap();
    let (status, opened) = app.post("/returns", &request(number, "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    let rma: RmaNumber = opened["rma"].as_str().unwrap().parse().unwrap();
    let lot = LotNo::first(LineNo(1));
    let receive = Command::Receive { warehouse: None, tracking_number: None, items: vec![(lot, 1, Outcome::Received)], beside: Vec::new() };
    let inspect = Command::Inspect { items: vec![Finding::plain(lot, 1, Inspection::Accepted)] };
    let grant = Command::Grant {
        order: number.parse().unwrap(),
        lots: vec![lot],
        cause: GrantCause::Settled,
        currency: "CNY".parse().unwrap(),
        amount: WORTH,
        bonus: 0,
        receipt: vec![ReceiptLine { kind: ReceiptKind::OtherCharges, amount: WORTH }],
    };
    done(app, rma, number, vec![receive, inspect, grant]).await;
    app.run_jobs().await;
    rma
}

/// Carries commands out that no page gives yet, and has the gateway asked where a payment began.
async fn done(app: &TestApp, rma: RmaNumber, order: &str, commands: Vec<Command>) {
    let now = app.services.clock.now();
    let room = (order.parse().unwrap(), 1_000_000);
    let write = app.services.store.write(move |mut conn| {
        Box::pin(async move {
            let mut request = store::find_return(&mut conn, rma).await?.unwrap();
            let before = request.version;
            let mut recorded = Vec::new();
            for command in commands {
                let role =
                    if matches!(command, Command::Receive { .. } | Command::Inspect { .. }) { Role::Warehouse } else { Role::Finance };
                let facts = Facts { room: vec![room.clone()], ..Facts::at(now) };
                for event in request.decide(&command, role, &facts).unwrap() {
                    request.evolve(&event);
                    let (actor, command_id) = (Actor::Staff { name: "Li".into() }, CommandId::new("c"));
                    if matches!(event, Event::PaymentStarted { .. }) {
                        let job = AboutReturn::job(JobKind::RefundPay.code(), rma, request.version, now);
                        store::enqueue(&mut conn, &job).await?;
                    }
                    recorded.push(Recorded { seq: request.version, at: now, actor, command_id, event });
                }
            }
            store::save_events(&mut conn, &request, before, &recorded).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
}

fn pay(place: usize, amount: i64) -> Command {
    Command::Pay { grant: GrantNo(1), to: PaidTo::Payment { place }, amount, reference: None }
}

impl Shop {
    async fn pays(&self) {
        done(&self.app, self.rma, "1", vec![pay(0, WORTH)]).await;
    }

    async fn request(&self) -> Return {
        let mut read = self.services.store.read().await.unwrap();
        store::find_return(&mut read.conn(), self.rma).await.unwrap().unwrap()
    }

    /// States of its payments.
    async fn payments(&self) -> Vec<PaymentState> {
        self.request().await.payments.iter().map(|payment| payment.state).collect()
    }

    fn name(&self, payment: u32) -> String {
        refund_name(self.rma, PaymentNo(payment))
    }

    /// Kinds of events after the grant.
    async fn kinds(&self) -> String {
        let (_, told) = self.get(&format!("/returns/{}/timeline", self.rma)).await;
        let kind = |entry: &Value| entry["event"].as_str().unwrap_or_default().to_owned();
        let all: Vec<String> = told["events"].as_array().unwrap().iter().map(kind).collect();
        let after = all.iter().position(|kind| kind == "granted").unwrap() + 1;
        all[after..].join(" ")
    }

    /// What people have to do about money; its goods lie where they came in.
    async fn tasks(&self) -> Vec<String> {
        self.database.texts("SELECT kind FROM tasks WHERE kind <> 'put_away' ORDER BY kind").await
    }

    /// How the gateway's refunds stand in our books.
    async fn asked_for(&self) -> Vec<String> {
        self.database.texts("SELECT id || ' ' || state || ' ' || COALESCE(reference, '-') FROM gateway_refunds ORDER BY id").await
    }

    async fn dead(&self) -> Vec<String> {
        self.database.texts("SELECT kind || ': ' || last_error FROM outbox WHERE dead_at IS NOT NULL").await
    }

    async fn tell(&self, (signature, body): (String, String)) -> StatusCode {
        let sent = self.client.post(format!("{}/hooks/stripe", self.base)).header("stripe-signature", signature).body(body);
        sent.send().await.unwrap().status()
    }

    /// Tries what is due now and in the next minutes, so often.
    async fn tries(&self, times: usize) {
        for _ in 0..times {
            self.run_jobs().await;
            self.services.clock.advance(SignedDuration::from_mins(3));
        }
    }

    async fn schedules(&self) {
        compose::worker(&self.services).unwrap().keep_time_once().await.unwrap();
    }
}

on_both! {
    async fn the_gateway_gives_it_back_and_the_return_is_paid(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        assert_eq!(shop.payments().await, [PaymentState::Pending]);
        assert!(shop.fake.asked().is_empty(), "nobody was asked while a database waited");
        shop.run_jobs().await;
        assert_eq!(shop.fake.asked(), [format!("refund {}", shop.name(1))]);
        assert_eq!(shop.fake.given(), [("pi_1".to_owned(), WORTH, shop.name(1), "succeeded".to_owned())]);
        assert_eq!(shop.kinds().await, "payment_started payment_made");
        assert_eq!(shop.request().await.payments[0].reference.as_deref(), Some("re_1"));
        assert_eq!(shop.asked_for().await, [format!("{} succeeded re_1", shop.name(1))]);
        let (_, told) = shop.get(&format!("/returns/{}", shop.rma)).await;
        assert_eq!((&told["status"], &told["paid"]["amount"]), (&json!("completed"), &json!("89.00")), "{told}");
        assert!(shop.dead().await.is_empty());
    }
}

on_both! {
    async fn killed_between_the_gateways_answer_and_ours(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Slow]);
        let worker = compose::worker(&shop.services).unwrap();
        let working = tokio::spawn(async move { worker.once().await });
        shop.fake.begun.acquire().await.unwrap().forget();
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Pending]));
        // It stood still for longer than Stripe remembers keys.
        shop.fake.forgets_keys();
        shop.database.meddle("UPDATE outbox SET leased_until = 1 WHERE done_at IS NULL").await;
        shop.run_jobs().await;
        assert_eq!(shop.fake.asked(), [format!("refund {}", shop.name(1)), "find pi_1".to_owned()]);
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Paid]));

        // Killed after it was written, before the job was done with.
        shop.database.meddle("UPDATE outbox SET done_at = NULL WHERE kind = 'refund.pay'").await;
        shop.run_jobs().await;
        assert!(shop.fake.asked().is_empty());
        assert_eq!(shop.kinds().await, "payment_started payment_made");
    }
}

on_both! {
    async fn what_was_lost_on_the_way_is_asked_about_before_it_is_asked_for_again(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        // Each but the first asks how things stand, and then again.
        shop.fake.will([Turn::Limited, Turn::Lost, Turn::Pending, Turn::Busy]);
        shop.tries(2).await;
        assert_eq!(shop.fake.asked(), [format!("refund {}", shop.name(1)), "find pi_1".to_owned()]);
        assert_eq!(shop.payments().await, [PaymentState::Pending]);
        shop.tries(1).await;
        assert_eq!(shop.fake.asked(), ["find pi_1".to_owned(), format!("refund {}", shop.name(1))], "a twin is under way");
        shop.fake.will([Turn::Slow, Turn::Lost]);
        shop.services.clock.advance(SignedDuration::from_mins(30));
        shop.tries(1).await;
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Pending]), "it did it, and nobody heard");
        shop.services.clock.advance(SignedDuration::from_hours(1));
        shop.tries(1).await;
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Paid]));
        assert!(shop.dead().await.is_empty());
    }
}

on_both! {
    async fn a_failure_that_it_remembers_does_not_hide_what_it_did(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::DownAfter]);
        shop.tries(2).await;
        assert_eq!(shop.fake.asked(), [format!("refund {}", shop.name(1)), "find pi_1".to_owned()]);
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Paid]));
    }
}

on_both! {
    async fn a_failure_that_it_remembers_for_a_day_is_outlived(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Down]);
        for _ in 0..8 {
            shop.run_jobs().await;
            shop.services.clock.advance(SignedDuration::from_hours(2));
        }
        assert_eq!((shop.fake.given().len(), shop.payments().await), (0, vec![PaymentState::Pending]), "the key answers as it did");
        shop.fake.forgets_keys();
        for _ in 0..2 {
            shop.services.clock.advance(SignedDuration::from_hours(13));
            shop.run_jobs().await;
        }
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Paid]));
    }
}

on_both! {
    async fn two_servers_at_once_pay_once(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.database.meddle("INSERT INTO outbox (id, queue, kind, payload, run_at) SELECT 'twin', queue, kind, payload, run_at FROM outbox WHERE kind = 'refund.pay'").await;
        shop.fake.will([Turn::Slow]);
        shop.fake.go.add_permits(1);
        let (one, other) = (compose::worker(&shop.services).unwrap(), compose::worker(&shop.services).unwrap());
        let (one, other) = tokio::join!(one.once(), other.once());
        assert!(one.unwrap() + other.unwrap() >= 2);
        assert_eq!((shop.fake.given().len(), shop.payments().await), (1, vec![PaymentState::Paid]));
        assert_eq!(shop.kinds().await, "payment_started payment_made");
    }
}

on_both! {
    async fn what_it_refuses_for_good_is_a_persons_business(database: Database) {
        let shop = shop(database).await;
        // Somebody gave all of it back there, by hand.
        shop.fake.refunded_by_hand("pi_1", 45_700);
        shop.pays().await;
        shop.run_jobs().await;
        assert_eq!(shop.fake.asked(), [format!("refund {}", shop.name(1)), "find pi_1".to_owned()]);
        assert_eq!(shop.kinds().await, "payment_started payment_failed");
        assert_eq!(shop.dead().await, ["refund.pay: charge_already_refunded: Charge pi_1 has already been refunded."]);
        assert_eq!((shop.tasks().await, shop.asked_for().await), (vec!["pay".to_owned()], vec![format!("{} given_up -", shop.name(1))]));

        // Likewise more than is left, and what a bank took back.
        let (_, told) = shop.get(&format!("/returns/{}/timeline", shop.rma)).await;
        assert!(!told.to_string().contains("charge_already"), "shoppers read nothing of the gateway's: {told}");
        shop.fake.captured("pi_1", 46_700, "cny");
        shop.pays().await;
        shop.run_jobs().await;
        shop.fake.captured("pi_1", 99_999, "cny");
        shop.fake.disputed("pi_1");
        shop.pays().await;
        shop.run_jobs().await;
        let dead = shop.dead().await.join("\n");
        assert!(dead.contains("greater than unrefunded amount") && dead.contains("charge_disputed"), "{dead}");
        assert_eq!(shop.payments().await, [PaymentState::Failed; 3]);
        assert_eq!(shop.fake.given().len(), 1);
    }
}

on_both! {
    async fn each_tender_goes_back_the_way_it_came(database: Database) {
        let shop = shop(database).await;
        shop.fake.captured("pi_2", 30_000, "cny");
        shop.fake.captured("ch_3", 15_700, "cny");
        let mut bought = order("2");
        bought["payments"] = json!([{"id": "pi_2", "method": "card", "amount": "300.00"}, {"id": "ch_3", "method": "card", "amount": "157.00"}, {"id": "voucher 9", "method": "gift_card", "amount": "0.00"}]);
        let rma = granted(&shop.app, &bought).await;
        done(&shop.app, rma, "2", vec![pay(0, 5_000), pay(1, 3_000), pay(2, 900)]).await;
        shop.fake.will([Turn::Lost]);
        shop.tries(2).await;
        let row = |payment: &str, amount, number| (payment.to_owned(), amount, refund_name(rma, PaymentNo(number)), "succeeded".to_owned());
        let mut given = shop.fake.given();
        given.sort();
        assert_eq!(given, [row("ch_3", 3_000, 2), row("pi_2", 5_000, 1)]);
        let shop = Shop { rma, ..shop };
        assert_eq!(shop.payments().await, [PaymentState::Paid, PaymentState::Paid, PaymentState::Failed]);
        assert_eq!(shop.dead().await, ["refund.pay: the order's payment is not one of the gateway's"]);
    }
}

on_both! {
    async fn what_takes_a_while_is_told_doubled_and_in_any_order(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Pending]);
        shop.run_jobs().await;
        assert_eq!((shop.payments().await, shop.asked_for().await), (vec![PaymentState::Pending], vec![format!("{} pending re_1", shop.name(1))]));
        let pending = shop.fake.message("refund.created");
        shop.fake.turns_out("succeeded");
        let succeeded = shop.fake.message("refund.updated");
        for message in [&succeeded, &pending, &succeeded, &pending] {
            assert_eq!(shop.tell(message.clone()).await, StatusCode::OK);
        }
        assert_eq!(shop.kinds().await, "payment_started payment_made");
        // The bank sends it back after all.
        shop.fake.turns_out("failed");
        let failed = shop.fake.message("refund.failed");
        for message in [&failed, &succeeded, &failed, &pending] {
            assert_eq!(shop.tell(message.clone()).await, StatusCode::OK);
        }
        assert_eq!(shop.kinds().await, "payment_started payment_made payment_reversed");
        assert_eq!(shop.tasks().await, ["pay"]);
        // Paid once more, by another name.
        shop.pays().await;
        shop.run_jobs().await;
        assert_eq!(shop.payments().await, [PaymentState::Reversed, PaymentState::Paid]);
        assert_eq!(shop.fake.given().last().unwrap().2, shop.name(2));
    }
}

on_both! {
    async fn failure_that_is_told_before_success_stays(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Pending]);
        shop.run_jobs().await;
        shop.fake.turns_out("succeeded");
        let succeeded = shop.fake.message("refund.updated");
        shop.fake.turns_out("failed");
        let failed = shop.fake.message("charge.refund.updated");
        for message in [failed, succeeded] {
            assert_eq!(shop.tell(message).await, StatusCode::OK);
        }
        assert_eq!(shop.kinds().await, "payment_started payment_failed");
        let reason = shop.database.texts("SELECT event FROM return_events ORDER BY seq").await.pop().unwrap();
        assert!(reason.contains("lost_or_stolen_card"), "{reason}");
        assert_eq!((shop.tasks().await, shop.asked_for().await), (vec!["pay".to_owned()], vec![format!("{} failed re_1", shop.name(1))]));
    }
}

on_both! {
    async fn it_may_tell_before_its_answer_is_here(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Slow]);
        let worker = compose::worker(&shop.services).unwrap();
        let working = tokio::spawn(async move { worker.once().await });
        shop.fake.begun.acquire().await.unwrap().forget();
        assert_eq!(shop.tell(shop.fake.message("refund.created")).await, StatusCode::OK);
        assert_eq!(shop.payments().await, [PaymentState::Paid]);
        shop.fake.go.add_permits(1);
        working.await.unwrap().unwrap();
        assert_eq!(shop.kinds().await, "payment_started payment_made");
        assert!(shop.dead().await.is_empty());
    }
}

on_both! {
    async fn what_fails_at_once_is_known_at_once(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Failed]);
        shop.run_jobs().await;
        assert_eq!((shop.kinds().await, shop.tasks().await), ("payment_started payment_failed".to_owned(), vec!["pay".to_owned()]));
    }
}

on_both! {
    async fn messages_of_others_change_nothing(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Pending]);
        shop.run_jobs().await;
        shop.fake.turns_out("succeeded");
        let (signature, body) = shop.fake.message("refund.updated");
        let now = jiff::Timestamp::now().as_second();
        let forged = |text: &str| (signature.clone(), text.to_owned());
        for message in [
            forged(&body.replace(&WORTH.to_string(), "1")),
            (String::new(), body.clone()),
            (signature.replace("v1=", "v0="), body.clone()),
            (sign(&body, now - 400), body.clone()),
            (sign("{", now), "{".to_owned()),
        ] {
            assert_eq!(shop.tell(message).await, StatusCode::BAD_REQUEST);
        }
        // Signed, and not what we asked for.
        let told = |text: String| (sign(&text, now), text);
        let name = shop.name(1);
        let nobody: RmaNumber = "R-0000-0000".parse().unwrap_or(shop.rma);
        assert_ne!(nobody, shop.rma);
        for text in [
            body.replace(&format!("\"amount\":{WORTH}"), "\"amount\":1"),
            body.replace("\"cny\"", "\"eur\""),
            body.replace(&name, "their own name"),
            body.replace(&name, &refund_name(nobody, PaymentNo(1))),
            body.replace("refund.updated", "charge.refunded"),
            body.replace("refund.updated", "charge.dispute.created"),
            body.replace("refund.updated", "invoice.paid"),
            body.replace("\"re_1\"", "\"re_2\""),
        ] {
            assert_ne!(text, body);
            assert_eq!(shop.tell(told(text)).await, StatusCode::OK);
        }
        // It may be on its way into our books.
        assert_eq!(shop.tell(told(body.replace(&name, &shop.name(2)))).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(shop.tell(told(format!("{body}{}", " ".repeat(256 << 10)))).await, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(shop.kinds().await, "payment_started");
        assert_eq!(shop.tell((signature, body)).await, StatusCode::OK);
        assert_eq!(shop.kinds().await, "payment_started payment_made");
    }
}

on_both! {
    async fn where_no_message_comes_it_is_asked_after_an_hour(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Pending]);
        shop.run_jobs().await;
        shop.fake.asked();
        shop.services.clock.advance(SignedDuration::from_mins(50));
        shop.schedules().await;
        assert!(shop.fake.asked().is_empty(), "not yet");
        shop.services.clock.advance(SignedDuration::from_mins(16));
        shop.schedules().await;
        assert_eq!((shop.fake.asked(), shop.payments().await), (vec!["find pi_1".to_owned()], vec![PaymentState::Pending]));
        shop.fake.turns_out("succeeded");
        shop.services.clock.advance(SignedDuration::from_mins(70));
        shop.schedules().await;
        assert_eq!(shop.kinds().await, "payment_started payment_made");
        shop.fake.asked();
        shop.services.clock.advance(SignedDuration::from_hours(24));
        shop.schedules().await;
        assert!(shop.fake.asked().is_empty(), "it is known how it went");
    }
}

on_both! {
    async fn a_gateway_that_is_never_there_is_given_up_in_the_end(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Limited; 10]);
        for _ in 0..10 {
            shop.run_jobs().await;
            shop.services.clock.advance(SignedDuration::from_hours(25));
        }
        assert_eq!(shop.asked_for().await, [format!("{} unheard -", shop.name(1))], "it may have done it");
        assert_eq!((shop.payments().await, shop.dead().await.len()), (vec![PaymentState::Pending], 1));
        shop.schedules().await;
        assert_eq!(shop.kinds().await, "payment_started payment_failed");
        assert_eq!((shop.tasks().await, shop.asked_for().await), (vec!["pay".to_owned()], vec![format!("{} given_up -", shop.name(1))]));
        assert_eq!(shop.fake.given(), []);
        // Tried again by whoever runs it: that payment is over.
        shop.database.meddle("UPDATE outbox SET dead_at = NULL, tried_before = attempts WHERE kind = 'refund.pay'").await;
        shop.run_jobs().await;
        assert_eq!(shop.fake.given(), []);
    }
}

on_both! {
    async fn of_many_refunds_ours_is_found_on_whichever_page(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Lost]);
        shop.run_jobs().await;
        for amount in 1..=7 {
            shop.fake.refunded_by_hand("pi_1", amount);
        }
        shop.fake.pages_of(3);
        shop.fake.forgets_keys();
        shop.fake.asked();
        shop.services.clock.advance(SignedDuration::from_mins(3));
        shop.run_jobs().await;
        assert_eq!(shop.fake.asked(), ["find pi_1"; 3]);
        assert_eq!((shop.fake.given().len(), shop.payments().await), (8, vec![PaymentState::Paid]));
    }
}

on_both! {
    async fn what_may_have_been_paid_is_not_paid_another_way(database: Database) {
        let shop = shop(database).await;
        shop.pays().await;
        shop.fake.will([Turn::Lost]);
        shop.run_jobs().await;
        // Nobody can ask any more.
        let lost = "UPDATE orders SET document = REPLACE(document, 'pi_1', 'gift'), first_document = REPLACE(first_document, 'pi_1', 'gift')";
        shop.database.meddle(lost).await;
        shop.services.clock.advance(SignedDuration::from_mins(3));
        shop.run_jobs().await;
        assert_eq!((shop.payments().await, shop.fake.given().len()), (vec![PaymentState::Pending], 1));
        assert_eq!(shop.dead().await, ["refund.pay: the order's payment is not one of the gateway's"]);
        // It tells by itself all the same.
        assert_eq!(shop.tell(shop.fake.message("refund.created")).await, StatusCode::OK);
        assert_eq!(shop.payments().await, [PaymentState::Paid]);
    }
}

on_both! {
    async fn without_a_gateway_a_person_pays(database: Database) {
        let app = TestApp::start(database).await;
        let rma = granted(&app, &order("1")).await;
        done(&app, rma, "1", vec![pay(0, WORTH)]).await;
        app.run_jobs().await;
        let shop = Shop { app, fake: Fake::start().await, rma };
        assert_eq!(shop.kinds().await, "payment_started payment_failed");
        assert_eq!((shop.dead().await, shop.tasks().await), (vec!["refund.pay: no gateway is set".to_owned()], vec!["pay".to_owned()]));
        assert_eq!(shop.tell(shop.fake.message("refund.updated")).await, StatusCode::NOT_FOUND, "and nobody listens");
        // What was written down as paid is left alone.
        let by_hand = Command::ConfirmPayment { payment: PaymentNo(2), reference: Some("bank 7".into()) };
        done(&shop.app, rma, "1", vec![pay(0, WORTH), by_hand]).await;
        shop.run_jobs().await;
        assert_eq!(shop.payments().await, [PaymentState::Failed, PaymentState::Paid]);
    }
}

/// `HOMEBOUND_TEST_STRIPE` names a Python that has Stripe's own client (PyPI `stripe`): it is served by the fake as by Stripe, and takes what the
/// fake signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stripes_own_client_agrees_with_the_fake() {
    let Some(python) = std::env::var_os("HOMEBOUND_TEST_STRIPE") else {
        println!("skipped: HOMEBOUND_TEST_STRIPE names no Python with Stripe's client");
        return;
    };
    let shop = shop(sqlite().await).await;
    shop.pays().await;
    shop.run_jobs().await;
    let (signature, body) = shop.fake.message("refund.updated");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/stripe_client.py");
    let mut command = tokio::process::Command::new(python);
    command.args([script, &shop.fake.base, KEY, SECRET, &shop.name(1), &signature, &body]);
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("agreed"), "{said}");
}
