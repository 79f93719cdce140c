//! What is coming and what is due, by the shop's days.

use domain::returns::TaskKind;
use jiff::{SignedDuration, ToSpan};
use reqwest::StatusCode;
use serde_json::json;
use server::services::{AtWork, Until};
use server::store::{self, Scope, TaskName};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::Machine;
use crate::staff::{free, hire};

async fn opened(app: &TestApp, number: &str, line: &str) -> String {
    app.put_order(&order(number)).await;
    let (status, answer) = app.post("/returns", &request(number, line, 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["rma"].as_str().unwrap().to_owned()
}

on_both! {
    async fn parcels_are_counted_by_the_day_until_which_they_should_be_here(database: Database) {
        let app = TestApp::start(database).await;
        let who = AtWork::of_staff("wu", &[]);
        let mut rmas = vec![opened(&app, "1", "1").await, opened(&app, "2", "1").await];
        let (_, told) = app.get(&format!("/returns/{}", rmas[0])).await;
        let until = told["promises"]["arrived_by"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let day = until.to_zoned(app.services.shop_zone()).date();
        let coming = app.services.coming(&who, 31).await.unwrap();
        assert_eq!((coming.late, coming.more, coming.days.len()), (0, false, 31));
        let counted: Vec<_> = coming.days.iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [&(day, 2)]);
        assert_eq!(coming.days[0].0, app.services.clock.now().to_zoned(app.services.shop_zone()).date());

        // Page by page, with what is in them.
        let first = app.services.coming_on(&who, day, None, 1).await.unwrap();
        let second = app.services.coming_on(&who, day, Some(&first[0].parcel), 10).await.unwrap();
        let mut listed: Vec<String> = first.iter().chain(&second).map(|entry| entry.head.rma.to_string()).collect();
        listed.sort();
        rmas.sort();
        assert_eq!(listed, rmas);
        assert_eq!(app.services.coming_on(&who, day.tomorrow().unwrap(), None, 10).await.unwrap(), []);

        let staff = Machine::with(&app, Scope::Staff).await;
        let told = staff.get("/incoming?days=31").await;
        assert!(told["days"].as_array().unwrap().contains(&json!({"date": day.to_string(), "parcels": 2})), "{told}");
        assert_eq!(staff.get("/incoming").await["days"].as_array().unwrap().len(), 14);
        for days in [0, 32] {
            assert_eq!(staff.get(&format!("/incoming?days={days}")).await["errors"][0]["field"], "days");
        }

        // One is called off, the other late.
        app.post(&format!("/returns/{}/cancel", rmas[0]), &json!({})).await;
        let past = day.saturating_add(2.days()).to_zoned(app.services.shop_zone()).unwrap().timestamp();
        app.services.clock.set_ahead(past.duration_since(jiff::Timestamp::now()));
        store::keep_projections(&app.services.store, app.services.clock.now()).await.unwrap();
        let coming = app.services.coming(&who, 3).await.unwrap();
        assert_eq!((coming.late, coming.days.iter().map(|(_, count)| count).sum::<i64>()), (1, 0));
    }
}

on_both! {
    async fn money_is_summed_by_the_day_on_which_it_is_due(database: Database) {
        let app = TestApp::start(database).await;
        let who = AtWork::of_staff("fu", &[domain::returns::Role::Finance]);
        let rmas = [opened(&app, "1", "1").await, opened(&app, "2", "2").await, opened(&app, "3", "2").await];
        let now = app.services.clock.millis();
        // Three tasks of finance, as if goods were here: one was due yesterday, two are in two days.
        let day = 86_400_000;
        for (rma, due, value, currency) in [(&rmas[0], now - day, 100, "CNY"), (&rmas[1], now + 2 * day, 250, "CNY"), (&rmas[2], now + 2 * day, 70, "EUR")] {
            app.database.meddle(&format!(
                "INSERT INTO tasks (subject_kind, subject, kind, role, due, value, currency, weight) VALUES ('return', '{rma}', 'pay', 'finance', {due}, {value}, '{currency}', -{value})"
            )).await;
        }
        // What somebody sleeps on is due all the same.
        let task = TaskName { rma: rmas[1].parse().unwrap(), kind: TaskKind::Pay };
        app.services.snooze(&who, &[task], Until::Moment(app.services.clock.now() + SignedDuration::from_hours(1))).await.unwrap();
        let due = app.services.due(&who, 7).await.unwrap();
        let said = |day: &server::services::DueOfDay| {
            (day.tasks, day.sums.iter().map(|sum| format!("{} {}", sum.minor, sum.currency.code())).collect::<Vec<_>>().join(", "))
        };
        assert_eq!(said(&due.late), (1, "100 CNY".into()));
        let days: Vec<_> = due.days.iter().enumerate().filter(|(_, (_, day))| day.tasks > 0).map(|(place, (_, day))| (place, said(day))).collect();
        assert_eq!(days, [(2, (2, "250 CNY, 70 EUR".into()))]);
        assert!(!due.more);
        assert_eq!(app.services.overdue(&who).await.unwrap(), [(TaskKind::Pay, 1)]);
        assert_eq!(app.services.overdue(&AtWork::of_staff("li", &[domain::returns::Role::Support])).await.unwrap(), []);
        // They were none.
        store::rebuild_projections(&app.services.store, &store::Table::ALL, app.services.clock.now()).await.unwrap();
    }
}

on_both! {
    async fn the_warehouse_hears_each_morning_of_what_is_on_its_way(database: Database) {
        let app = TestApp::start(database).await;
        hire(&app, "Wim", "warehouse", free()).await;
        hire(&app, "Sue", "support", free()).await;
        let rma = opened(&app, "1", "1").await;
        app.run_jobs().await;
        let known = app.mails().len();
        let zone = app.services.shop_zone();
        let at = |days: i64, hour: i8| {
            let day = jiff::Timestamp::now().to_zoned(zone.clone()).date().saturating_add(days.days());
            app.services.clock.set_ahead(day.at(hour, 30, 0, 0).to_zoned(zone.clone()).unwrap().timestamp().duration_since(jiff::Timestamp::now()));
        };
        at(1, 5);
        app.services.announce_goods().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.mails().len(), known, "nobody is written to before the morning");
        at(1, 6);
        for _ in 0..2 {
            app.services.announce_goods().await.unwrap();
        }
        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), known + 1, "once, to who works there");
        let mail = mail_parser::MessageParser::default().parse(mails.last().unwrap().as_bytes()).unwrap();
        let (subject, text) = (mail.subject().unwrap().to_owned(), mail.body_text(0).unwrap().into_owned());
        assert!(mails.last().unwrap().contains("wim@shop.example"), "{mails:?}");
        assert!(subject.contains('1') && text.contains(&rma) && text.contains("/staff/coming") && !text.contains("王"), "{subject} {text}");
        // What comes in during the day is told of the next morning, and nothing twice; what was called off, not at all.
        let second = opened(&app, "2", "1").await;
        let third = opened(&app, "3", "1").await;
        app.post(&format!("/returns/{third}/cancel"), &json!({})).await;
        at(1, 12);
        app.services.announce_goods().await.unwrap();
        at(2, 7);
        app.services.announce_goods().await.unwrap();
        app.run_jobs().await;
        let of_warehouse: Vec<String> = app.mails().into_iter().filter(|mail| mail.contains("wim@shop.example")).collect();
        assert_eq!(of_warehouse.len(), 2);
        let last = of_warehouse.iter().find(|mail| mail.contains(&second)).unwrap();
        assert!(!last.contains(&rma) && !last.contains(&third), "{last}");
        at(3, 7);
        app.services.announce_goods().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.mails().into_iter().filter(|mail| mail.contains("wim@shop.example")).count(), 2, "nothing new, no mail");
    }
}
