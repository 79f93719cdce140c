//! Less money than expected is offered after a look at the goods, and the customer answers (N8): by form, by machine, twice, too late, and for
//! somebody else's return.

use domain::returns::{Actor, Command, CommandId, Deduction, Facts, Finding, Grade, Inspection, LineNo, LotNo, Outcome, Recorded, Role};
use domain::rma::RmaNumber;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, StoreError};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;

/// Carries commands out that no page gives yet.
async fn done(app: &TestApp, rma: RmaNumber, commands: Vec<(Role, Command)>) {
    let now = app.services.clock.now();
    let write = app.services.store.write(move |mut conn| {
        Box::pin(async move {
            let mut request = store::find_return(&mut conn, rma).await?.unwrap();
            let before = request.version;
            let mut recorded = Vec::new();
            for (role, command) in commands {
                for event in request.decide(&command, role, &Facts::at(now)).unwrap() {
                    request.evolve(&event);
                    let (actor, command_id) = (Actor::Staff { name: "Li".into() }, CommandId::new("c"));
                    recorded.push(Recorded { seq: request.version, at: now, actor, command_id, event });
                }
            }
            store::save_events(&mut conn, &request, before, &recorded).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
}

/// A return of two, of which one came back worn, and 60.00 instead of 99.00 is offered for it.
pub async fn offered(app: &TestApp) -> String {
    app.put_order(&order("1")).await;
    let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    let rma: RmaNumber = opened["rma"].as_str().unwrap().parse().unwrap();
    let lot = LotNo::first(LineNo(1));
    let finding = Finding {
        grade: Some(Grade::B),
        deduct: Some(Deduction::Amount(3_900)),
        findings: Some("worn".into()),
        ..Finding::plain(lot, 1, Inspection::Downgraded)
    };
    let offer = Command::Offer {
        order: "1".parse().unwrap(),
        lots: vec![lot],
        currency: "CNY".parse().unwrap(),
        expected: 9_900,
        amount: 6_000,
        less: Vec::new(),
        until: app.services.clock.now() + SignedDuration::from_hours(24 * 7),
    };
    let received =
        Command::Receive { warehouse: None, tracking_number: None, items: vec![(lot, 1, Outcome::Received)], beside: Vec::new() };
    done(app, rma, vec![(Role::Warehouse, received), (Role::Warehouse, Command::Inspect { items: vec![finding] }), (Role::Support, offer)])
        .await;
    rma.to_string()
}

async fn state(app: &TestApp, rma: &str) -> Value {
    app.get(&format!("/returns/{rma}")).await.1["offers"][0]["state"].clone()
}

async fn found<'a>(app: &'a TestApp, rma: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
    visitor
}

on_both! {
    async fn the_customer_answers_an_offer_on_its_page(database: Database) {
        let app = TestApp::start(database).await;
        let rma = offered(&app).await;
        let mut visitor = found(&app, &rma).await;
        let (page, answer) = (format!("/returns/{rma}/offer"), format!("/returns/{rma}/offer"));
        let told = visitor.text(&format!("/returns/{rma}")).await;
        assert!(told.contains(&format!("href=\"{page}\"")), "the return leads to it: {told}");
        let asked = visitor.text(&page).await;
        assert!(asked.contains("99.00") && asked.contains("60.00"), "both amounts at once: {asked}");
        assert!(!asked.contains("checked"), "nothing is chosen beforehand");

        // What is missing is asked for again, on the page.
        for (fields, field) in [(vec![("offer", "o1")], "answer"), (vec![("offer", "o1"), ("answer", "appeal"), ("words", "  ")], "words")] {
            assert_eq!(visitor.post(&answer, &fields).await, page);
            assert!(visitor.text(&page).await.contains(&format!("#f-{field}")), "{field}");
            assert!(!visitor.text(&format!("/returns/{rma}")).await.contains("errors-title"), "and not beside the return");
        }
        let long = "x".repeat(2_001);
        assert_eq!(visitor.post(&answer, &[("offer", "o1"), ("answer", "appeal"), ("words", &long)]).await, page);
        assert_eq!(state(&app, &rma).await, "made");

        // Words without a choice are an objection, and not lost.
        assert_eq!(visitor.post(&answer, &[("offer", "o1"), ("words", "it was new")]).await, format!("/returns/{rma}"));
        assert_eq!(state(&app, &rma).await, "appealed");
        // Twice is once; another answer is too late.
        let version = app.get(&format!("/returns/{rma}")).await.1["version"].clone();
        visitor.post(&answer, &[("offer", "o1"), ("answer", "appeal"), ("words", "it was new")]).await;
        visitor.post(&answer, &[("offer", "o1"), ("answer", "send_back")]).await;
        assert_eq!((state(&app, &rma).await, &app.get(&format!("/returns/{rma}")).await.1["version"]), (json!("appealed"), &version));
        assert!(visitor.text(&format!("/returns/{rma}")).await.contains("errors-title"), "it says so");
        assert!(!visitor.text(&page).await.contains("type=\"radio\""), "nothing waits any more");
        visitor.post(&answer, &[("offer", "o7"), ("answer", "accept")]).await;
        visitor.post(&answer, &[("offer", "nonsense"), ("answer", "accept")]).await;
        assert_eq!(state(&app, &rma).await, "appealed");
    }
}

on_both! {
    async fn nobody_answers_for_somebody_else(database: Database) {
        let app = TestApp::start(database).await;
        let rma = offered(&app).await;
        let mut stranger = Visitor::new(&app);
        stranger.post(&format!("/returns/{rma}/offer"), &[("offer", "o1"), ("answer", "accept")]).await;
        assert!(!stranger.text(&format!("/returns/{rma}/offer")).await.contains("60.00"));
        assert_eq!(state(&app, &rma).await, "made");
    }
}

on_both! {
    async fn a_machine_answers_an_offer(database: Database) {
        let app = TestApp::start(database).await;
        let rma = offered(&app).await;
        let call = format!("/returns/{rma}/offer");
        for wrong in [
            json!({}), json!({"accept": true, "send_back": true}), json!({"accept": false}), json!({"offer": "first", "accept": true}),
            json!({"appeal": "x".repeat(2_001)}), json!({"appeal": " "}), json!({"accept": "yes"}),
        ] {
            let (status, problem) = app.post(&call, &wrong).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {problem}");
        }
        let (status, _) = app.post(&call, &json!({"offer": "o2", "accept": true})).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, answered) = app.post(&call, &json!({"accept": true})).await;
        assert_eq!((status, &answered["offers"][0]["state"]), (StatusCode::OK, &json!("accepted")));
        let (status, again) = app.post(&call, &json!({"offer": "o1", "accept": true})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &answered["version"]), "done before: answered as it stands");
        let (status, problem) = app.post(&call, &json!({"send_back": true})).await;
        assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/not-possible")), "{problem}");

        app.put_order(&order("2")).await;
        let (_, opened) = app.post("/returns", &request("2", "1", 1)).await;
        let (status, problem) = app.post(&format!("/returns/{}/offer", opened["rma"].as_str().unwrap()), &json!({"accept": true})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "nothing was offered: {problem}");
    }
}
