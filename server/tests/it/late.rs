//! What the policy says of people at work: to whom reviews go, and to whom what is late (B5, P31).

use jiff::SignedDuration;
use serde_json::json;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::staff::{free, hire};

/// Who has the review of a return, and by which rule.
async fn who_has(app: &TestApp, rma: &str) -> Vec<String> {
    let sql = format!(
        "SELECT assignee || ' by ' || rule FROM task_assignments WHERE subject = '{rma}' AND kind = 'review' AND assignee IS NOT NULL"
    );
    app.database.texts(&sql).await
}

on_both! {
    async fn a_review_goes_to_whom_the_policy_names_and_late_to_somebody_else(database: Database) {
        let app = TestApp::start(database).await;
        let (mei, ..) = hire(&app, "Mei", "support", free()).await;
        let (jan, ..) = hire(&app, "Jan", "support", free()).await;
        let (ravi, ..) = hire(&app, "Ravi", "admin", free()).await;
        hire(&app, "Bo", "warehouse", free()).await;
        // Whoever does no such tasks is given none, named or not.
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 300}}],
            "review": [
                {"id": "dear", "when": {"paid": {"CNY": {"min": "200"}}}, "then": {"by": "person", "because": "high_value", "to": {"people": ["MEI@shop.example", "bo@shop.example", "gone@shop.example"]}}},
                {"id": "lamps", "when": {"category": "apparel"}, "then": {"by": "person", "to": {"role": "support"}}}],
            "escalation": [
                {"id": "much-later", "then": {"tasks": ["review"], "after_hours": 2000, "to": {"people": ["jan@shop.example"]}}},
                {"id": "late", "when": {"category": "home"}, "then": {"after_hours": 24, "to": {"role": "admin"}}}]})).await;
        let mut opened = Vec::new();
        for (number, line) in [("1", "2"), ("2", "1"), ("3", "1")] {
            app.put_order(&order(number)).await;
            let (_, told) = app.post("/returns", &request(number, line, 1)).await;
            assert_eq!(told["status"], "in_review", "{told}");
            opened.push(told["rma"].as_str().unwrap().to_owned());
        }
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 3);
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 0, "once");
        assert_eq!(who_has(&app, &opened[0]).await, [format!("{} by dear", mei.id)]);
        let mut others = [who_has(&app, &opened[1]).await.concat(), who_has(&app, &opened[2]).await.concat()];
        others.sort();
        let mut each = [format!("{} by lamps", mei.id), format!("{} by lamps", jan.id)];
        each.sort();
        assert_eq!(others, each, "in turn");

        // A day after it was due what is dear is the admin's; of the others the rule says nothing yet.
        let due: i64 = app.database.texts(&format!("SELECT CAST(due AS TEXT) FROM tasks WHERE kind = 'review' AND subject = '{}'", opened[0])).await[0].parse().unwrap();
        let till = |hours: i64| SignedDuration::from_millis(due - app.services.clock.millis()) + SignedDuration::from_hours(hours);
        app.services.clock.advance(till(23));
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 0);
        app.services.clock.advance(till(25));
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 1);
        assert_eq!(who_has(&app, &opened[0]).await, [format!("{} by late", ravi.id)]);
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 0, "once");
        app.services.clock.advance(till(2_050));
        assert!(app.services.give_by_policy(None).await.unwrap().0 >= 1);
        assert_eq!(who_has(&app, &opened[0]).await, [format!("{} by much-later", jan.id)], "the first rule that fires");
        assert_eq!(app.services.give_by_policy(None).await.unwrap().0, 0);
    }
}
