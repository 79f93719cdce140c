//! What would change the answer: whoever does what is told gets the answer that was told.

use domain::item::ItemSaid;
use domain::order::OrderLine;
use domain::policy::{Change, Counterfactual, Resolution};
use serde_json::json;
use server::services::{LineAssessment, LineRequest, ReturnRequest, Shown};
use server::store::{self, OrderRow};

use crate::app::TestApp;
use crate::databases::sqlite;

fn asking(row: &OrderRow, line: &OrderLine, reason: &str, condition: &str, resolution: Option<Resolution>) -> ReturnRequest {
    let asked = LineRequest {
        order: row.order.number.clone(),
        line: line.id.clone(),
        quantity: 1,
        reason: Some(reason.to_owned()),
        sub_reason: None,
        said: ItemSaid { condition: condition.parse().ok(), ..ItemSaid::default() },
        resolution,
        basis: None,
        exchange_sku: None,
        evidence: Shown::Nothing,
        agreed: None,
    };
    ReturnRequest {
        lines: vec![asked],
        email: None,
        phone: None,
        channel: "api".parse().unwrap(),
        locale: None,
        method: None,
        pickup: None,
        withdrawal: false,
        from: None,
        proof: None,
        within: None,
        beside: 0,
        declared_at: None,
    }
}

/// What the first line of a request is answered; nothing where the request is refused.
async fn answered(app: &TestApp, request: &ReturnRequest) -> Option<LineAssessment> {
    app.services.quote_to_open(request, true).await.ok().map(|mut assessment| assessment.lines.swap_remove(0))
}

/// What the request is answered by who does as told.
async fn followed(app: &TestApp, request: &ReturnRequest, found: &Counterfactual) -> Option<LineAssessment> {
    let mut request = request.clone();
    match &found.change {
        Change::Resolution { resolution } => request.lines[0].resolution = Some(*resolution),
        Change::Include { line, units } => {
            let more = LineRequest { line: line.clone(), quantity: *units, resolution: None, ..request.lines[0].clone() };
            request.lines.push(more);
        }
        Change::Fault => {
            request.lines[0].reason = Some("quality".to_owned());
            request.lines[0].resolution = None;
        }
        Change::Later { day } => {
            let zone = app.services.shop_zone();
            let ahead = app.services.clock.ahead();
            app.services.clock.advance(zone.to_timestamp(day.at(12, 0, 0, 0)).unwrap().duration_since(app.services.clock.now()));
            let then = answered(app, &request).await;
            app.services.clock.set_ahead(jiff::SignedDuration::from_millis(ahead));
            return then;
        }
    }
    let then = answered(app, &request).await?;
    let units = request.lines[0].quantity;
    let wanted = then.exchange.choices.iter().filter(|choice| choice.available >= units).min_by_key(|choice| choice.price.is_none());
    match wanted.filter(|_| request.lines[0].resolution == Some(Resolution::Exchange)) {
        Some(wanted) => {
            request.lines[0].exchange_sku = Some(wanted.sku.clone());
            answered(app, &request).await
        }
        None if request.lines[0].resolution == Some(Resolution::Exchange) && then.exchange.known => None,
        None => Some(then),
    }
}

/// Follows all that is told of all that can be asked; answers how much that was.
async fn follow_all(app: &TestApp) -> usize {
    let mut count = 0;
    let shown = server::demo::orders_to_try();
    for number in shown.iter().flat_map(|department| &department.orders).map(|order| &order.number) {
        let row = store::find_order(&mut app.services.store.read().await.unwrap().conn(), number).await.unwrap().unwrap();
        for line in &row.order.lines {
            for (reason, condition) in [("dislike", "unopened"), ("dislike", "opened"), ("quality", "used"), ("wrong_item", "opened")] {
                for resolution in [None, Some(Resolution::Refund), Some(Resolution::Exchange), Some(Resolution::Replacement)] {
                    let request = asking(&row, line, reason, condition, resolution);
                    let Some(now) = answered(app, &request).await else { continue };
                    for found in &now.counterfactuals {
                        count += 1;
                        let then = followed(app, &request, found).await;
                        let then = then.map(|then| (then.decision, then.offers.iter().map(|offer| offer.resolution).collect::<Vec<_>>()));
                        assert_eq!(
                            then,
                            Some((found.decision, found.offers.clone())),
                            "{number} {} {reason} {condition} {resolution:?}: {found:?}",
                            line.id
                        );
                        assert_ne!(found.decision, now.decision);
                    }
                }
            }
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_to_change_the_answer_does_when_it_is_done() {
    let app = TestApp::with(sqlite().await, |config| config.demo = true).await;
    server::demo::seed(&app.services).await.unwrap();
    let open = follow_all(&app).await;
    // Gifts and parts of sets that others hold, and shelves that are empty.
    let shown = server::demo::orders_to_try();
    for number in shown.iter().flat_map(|department| &department.orders).map(|order| &order.number) {
        let row = store::find_order(&mut app.services.store.read().await.unwrap().conn(), number).await.unwrap().unwrap();
        let along = row.order.lines.iter().filter(|line| line.gift_with.is_some() || line.bundle.is_some());
        for line in along.skip(usize::from(row.order.lines.iter().any(|line| line.bundle.is_some()))) {
            let held = json!({"orders": [number], "lines": [{"line": line.id, "quantity": line.quantity, "reason": "quality",
                "sub_reason": "cosmetic_flaw", "condition": "opened", "resolution": "replacement"}]});
            let (status, body) = app.post("/returns", &held).await;
            assert_eq!(status, 201, "{number} {}: {body}", line.id);
        }
    }
    app.database.meddle("UPDATE stock SET quantity = 0").await;
    let scarce = follow_all(&app).await;
    println!("{open} and {scarce} were followed");
    assert!(open > 300 && scarce > 200 && scarce < open, "{open} {scarce}");
}
