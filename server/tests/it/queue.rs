//! The queue: who does what, what sleeps, and what is next.

use std::collections::BTreeMap;

use domain::returns::{Role, TaskKind};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::services::{AtWork, QueueRefused, Until};
use server::store::{self, Asleep, Assigned, Held, QueueView, Scope, Table, TaskName, Whose};

use crate::app::TestApp;
use crate::databases::on_both;
use crate::review::{Machine, waiting};

fn support() -> AtWork {
    AtWork::of_staff("li", &[Role::Support])
}

fn reviews() -> QueueView {
    QueueView::of([TaskKind::Review])
}

/// Returns that wait for a person, and their tasks.
async fn some(app: &TestApp, count: usize) -> Vec<TaskName> {
    let mut tasks = Vec::new();
    for number in 0..count {
        // The lamp is worth more than the tee.
        let rma = waiting(app, &format!("{number}"), if number % 2 == 0 { "1" } else { "2" }).await;
        tasks.push(TaskName { rma: rma.parse().unwrap(), kind: TaskKind::Review });
    }
    tasks
}

async fn subjects(app: &TestApp, view: &QueueView) -> Vec<String> {
    app.services.queue(view, None, 100).await.unwrap().into_iter().map(|entry| entry.task.subject).collect()
}

fn of(view: &QueueView, whose: Whose) -> QueueView {
    QueueView { whose, ..view.clone() }
}

fn sleeping(view: &QueueView, asleep: Asleep) -> QueueView {
    QueueView { asleep, ..view.clone() }
}

on_both! {
    async fn a_row_of_the_queue_shows_what_to_decide_about(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 3).await;
        let rows = app.services.queue(&reviews(), None, 10).await.unwrap();
        let values: Vec<i64> = rows.iter().map(|row| row.task.value.unwrap()).collect();
        assert_eq!(values, [26_900, 8_900, 8_900], "due together: the more valuable first");
        let lamp = &rows[0].head;
        assert_eq!((lamp.rma, lamp.item.as_str(), lamp.lines, lamp.status.code()), (tasks[1].rma, "黄铜台灯", 1, "in_review"));
        assert_eq!((lamp.reason.as_ref().unwrap().as_str(), lamp.channel.as_str(), lamp.country.unwrap().as_str()), ("dislike", "api", "CN"));
        assert!(lamp.version > 0 && lamp.opened_at <= app.services.clock.now());

        // Page by page as at once, whatever is asked for together.
        let every = QueueView::of(TaskKind::ALL.iter().copied());
        let mut paged = Vec::new();
        let mut after = None;
        while let Some(row) = app.services.queue(&every, after.as_ref(), 1).await.unwrap().pop() {
            after = Some(row.task.position());
            paged.push(row);
        }
        assert_eq!(paged, rows);
        let position = rows[1].task.position();
        assert_eq!(app.services.place_in_queue(&every, &position).await.unwrap(), (2, 3));
        assert_eq!(app.services.next_in_queue(&every, Some(&position)).await.unwrap().unwrap(), rows[2].task);
        let last = rows[2].task.position();
        assert_eq!(app.services.next_in_queue(&every, Some(&last)).await.unwrap().unwrap(), rows[0].task, "from the top again");
        assert_eq!(app.services.queue(&QueueView::of([]), None, 10).await.unwrap(), []);

        let late = QueueView { due_before: app.services.clock.millis(), ..every.clone() };
        assert_eq!(subjects(&app, &late).await, [""; 0]);
        app.services.clock.advance(SignedDuration::from_hours(24 * 10));
        let late = QueueView { due_before: app.services.clock.millis(), ..every };
        assert_eq!(subjects(&app, &late).await.len(), 3);
    }
}

on_both! {
    async fn a_task_is_somebodys_and_that_is_said_once(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 3).await;
        let who = support();
        let give = async |task: TaskName, to: Option<&str>, held: Held| {
            app.services.assign(&who, &[task], to, &held).await.unwrap().pop().unwrap().1
        };
        assert_eq!(give(tasks[0], Some("li"), Held::ByNobody).await, Assigned::Done);
        assert_eq!(give(tasks[0], Some("li"), Held::ByNobody).await, Assigned::Already);
        assert_eq!(give(tasks[0], Some("wang"), Held::ByNobody).await, Assigned::Otherwise(Some("li".into())), "li was quicker");
        assert_eq!(give(tasks[1], Some("wang"), Held::ByWhoever).await, Assigned::Done);
        let gone = TaskName { kind: TaskKind::Pay, ..tasks[0] };
        assert_eq!(give(gone, Some("li"), Held::ByWhoever).await, Assigned::NotTheirs, "support does not pay");
        let finance = AtWork::of_staff("fu", &[Role::Finance]);
        let said = app.services.assign(&finance, &[gone, tasks[0]], Some("fu"), &Held::ByWhoever).await.unwrap();
        assert_eq!(said, [(gone, Assigned::Gone), (tasks[0], Assigned::NotTheirs)]);
        let admin = AtWork::of_staff("ad", &[Role::Admin]);
        assert_eq!(admin.kinds().len(), TaskKind::ALL.len());

        let seen = async |whose: Whose| {
            let mut seen = subjects(&app, &of(&reviews(), whose)).await;
            seen.sort();
            seen
        };
        assert_eq!(seen(Whose::Of("li".into())).await, [tasks[0].rma.to_string()]);
        assert_eq!(seen(Whose::Nobodys).await, [tasks[2].rma.to_string()]);
        assert_eq!(seen(Whose::Anybodys).await.len(), 3);
        let row = app.services.queue(&of(&reviews(), Whose::Of("wang".into())), None, 1).await.unwrap().remove(0).task;
        assert_eq!((row.assignee.as_deref(), row.said_by.as_deref()), (Some("wang"), Some("li")));
        let counts = app.services.queue_counts(&who).await.unwrap();
        assert_eq!((counts.all, counts.overdue, counts.nobodys, counts.mine, counts.asleep), (3, 0, 1, 1, 0));
        assert!(counts.kinds.contains(&(TaskKind::Review, 3, 0)) && counts.kinds.len() == who.kinds().len(), "{counts:?}");
        assert!(matches!(app.services.assign(&who, &[tasks[0]; 501], None, &Held::ByWhoever).await, Err(QueueRefused::TooMany)));

        // Who leaves, leaves it.
        assert_eq!(store::release_tasks_of(&app.services.store, "li", "ad").await.unwrap(), 1);
        assert_eq!(seen(Whose::Of("li".into())).await, [""; 0]);
        assert_eq!(give(tasks[1], None, Held::By("wang".into())).await, Assigned::Done);
        assert_eq!(seen(Whose::Nobodys).await.len(), 3);
    }
}

on_both! {
    async fn what_people_said_of_a_task_outlives_a_rebuild_and_ends_with_the_task(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 2).await;
        let who = support();
        app.services.assign(&who, &tasks, Some("li"), &Held::ByWhoever).await.unwrap();
        app.services.snooze(&who, &tasks[1..], Until::News).await.unwrap();
        let said = async || {
            let sql = "SELECT subject || COALESCE(assignee, '') || CASE WHEN snoozed_until IS NULL THEN ' awake' ELSE ' asleep' END FROM tasks ORDER BY subject";
            app.database.texts(sql).await
        };
        let before = said().await;
        let now = app.services.clock.now();
        for spoiling in [
            "DELETE FROM tasks", "UPDATE tasks SET assignee = NULL, weight = 7", "UPDATE tasks SET snoozed_until = 5",
            "INSERT INTO task_assignments (subject_kind, subject, kind, assignee) SELECT 'return', rma, 'pay', 'li' FROM returns",
        ] {
            app.database.meddle(spoiling).await;
            let found = store::check_projections(&app.services.store, &Table::ALL, now).await.unwrap();
            assert!(found.counts[&Table::tasks] >= 2, "{spoiling}: {found:?}");
            store::rebuild_projections(&app.services.store, &[Table::tasks], now).await.unwrap();
            assert_eq!(said().await, before, "{spoiling}");
            assert_eq!(app.database.texts("SELECT kind FROM task_assignments").await, ["review"; 2]);
        }
        // Called off, it is to be done no more; were it again, it would be anybody's.
        for task in &tasks {
            let (status, answer) = app.post(&format!("/returns/{}/cancel", task.rma), &json!({})).await;
            assert!(status.is_success(), "{answer}");
        }
        assert_eq!(app.database.texts("SELECT kind FROM task_assignments").await, [""; 0]);
        let said = app.services.assign(&who, &tasks[..1], Some("wang"), &Held::ByWhoever).await.unwrap();
        assert_eq!(said[0].1, Assigned::Gone);
        assert_eq!(app.database.texts("SELECT kind FROM task_assignments").await, [""; 0]);
    }
}

on_both! {
    async fn a_task_sleeps_until_a_moment_or_until_something_happens(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 3).await;
        let who = support();
        let soon = app.services.clock.now() + SignedDuration::from_hours(2);
        let sleep = async |task: TaskName, until: Until| app.services.snooze(&who, &[task], until).await.unwrap().remove(0).1;
        assert_eq!(sleep(tasks[0], Until::Moment(soon)).await, Assigned::Done);
        assert_eq!(sleep(tasks[0], Until::Moment(soon)).await, Assigned::Already);
        assert_eq!(sleep(tasks[1], Until::News).await, Assigned::Done);
        assert_eq!(sleep(tasks[2], Until::MomentOrNews(soon)).await, Assigned::Done);
        let over = app.services.clock.now() - SignedDuration::from_secs(1);
        assert!(matches!(app.services.snooze(&who, &tasks, Until::Moment(over)).await, Err(QueueRefused::Past)));
        let far = app.services.clock.now() + SignedDuration::from_hours(24 * 400);
        assert!(matches!(app.services.snooze(&who, &tasks, Until::Moment(far)).await, Err(QueueRefused::TooFar)));

        let awake = async || subjects(&app, &reviews()).await;
        assert_eq!(awake().await, [""; 0]);
        assert_eq!(subjects(&app, &sleeping(&reviews(), Asleep::Only)).await.len(), 3);
        assert_eq!(subjects(&app, &sleeping(&reviews(), Asleep::Too)).await.len(), 3);
        let nobodys = of(&sleeping(&reviews(), Asleep::Too), Whose::Nobodys);
        assert_eq!(subjects(&app, &nobodys).await.len(), 3);
        let counts = app.services.queue_counts(&who).await.unwrap();
        assert_eq!((counts.all, counts.nobodys, counts.asleep), (0, 0, 3));

        // The customer sends a photo for one of them, and for the one that waits for its moment alone.
        let photo = async |task: TaskName| {
            let form = reqwest::multipart::Form::new()
                .part("file", reqwest::multipart::Part::bytes(crate::evidence::photo(1)).file_name("plate.jpg"));
            let sent = app.api("POST", &format!("/returns/{}/evidence", task.rma)).multipart(form).send().await.unwrap();
            assert_eq!(sent.status(), reqwest::StatusCode::CREATED);
        };
        photo(tasks[0]).await;
        photo(tasks[1]).await;
        assert_eq!(awake().await, [tasks[1].rma.to_string()]);
        // What staff say is no news to them; who sleeps on it sleeps on.
        assert_eq!(sleep(tasks[1], Until::News).await, Assigned::Done);

        let keep = async || store::wake_due_tasks(&app.services.store, app.services.clock.millis()).await.unwrap();
        assert_eq!(keep().await, 0);
        app.services.clock.advance(SignedDuration::from_hours(2));
        assert_eq!(keep().await, 2);
        assert_eq!(keep().await, 0, "once");
        let mut woken = awake().await;
        woken.sort();
        let mut due = [tasks[0].rma.to_string(), tasks[2].rma.to_string()];
        due.sort();
        assert_eq!(woken, due);
        assert_eq!(sleep(tasks[1], Until::Now).await, Assigned::Done);
        assert_eq!(awake().await.len(), 3);
    }
}

on_both! {
    async fn everybody_present_is_given_work_in_turn_by_two_servers(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 12).await;
        let present: Vec<String> = ["chen", "li", "wang"].map(str::to_owned).to_vec();
        let other = store::Store::open(&app.database.address).await.unwrap();
        let stores = [app.services.store.clone(), other];
        let giving = (0..16).map(|turn| {
            let (store, present) = (stores[turn % 2].clone(), present.clone());
            async move {
                let given = store.write(move |mut conn| {
                    Box::pin(async move { store::assign_next_task(&mut conn, Role::Support, &present, "rota").await })
                });
                given.await.map_err(|error: store::StoreError| error).unwrap()
            }
        });
        let given: Vec<_> = futures::future::join_all(giving).await.into_iter().flatten().collect();
        let mut each: BTreeMap<&str, usize> = BTreeMap::new();
        given.iter().for_each(|(_, whose)| *each.entry(whose).or_default() += 1);
        assert_eq!(each, BTreeMap::from([("chen", 4), ("li", 4), ("wang", 4)]), "{given:?}");
        let mut named: Vec<_> = given.iter().map(|(task, _)| task.rma).collect();
        named.sort();
        let mut wanted: Vec<_> = tasks.iter().map(|task| task.rma).collect();
        wanted.sort();
        assert_eq!(named, wanted, "each task once");

        // Who comes later is next; whoever is away is left out; nobody there, nothing given.
        let who = AtWork::of_staff("ad", &[Role::Admin]);
        store::release_tasks_of(&app.services.store, "wang", "ad").await.unwrap();
        let next = async |present: &[&str]| {
            let present: Vec<String> = present.iter().map(|name| (*name).to_owned()).collect();
            app.services.assign_next(&who, Role::Support, &present).await.unwrap().map(|(_, whose)| whose)
        };
        assert_eq!(next(&["chen", "zhao"]).await.as_deref(), Some("zhao"));
        assert_eq!(next(&[]).await, None);
        assert_eq!(app.services.assign_next(&who, Role::Finance, &["fu".to_owned()]).await.unwrap(), None);
        assert!(next(&["chen"]).await.is_some() && next(&["chen"]).await.is_some() && next(&["chen"]).await.is_some());
        assert_eq!(next(&["chen"]).await, None, "all is given");
    }
}

on_both! {
    async fn of_two_who_take_a_task_at_once_one_has_it_and_none_outlives_its_end(database: Database) {
        let app = TestApp::start(database).await;
        for (round, task) in some(&app, 8).await.into_iter().enumerate() {
            let take = |name: &'static str| {
                let services = app.services.clone();
                async move {
                    let who = AtWork::of_staff(name, &[Role::Support]);
                    services.assign(&who, &[task], Some(name), &Held::ByNobody).await.unwrap().remove(0).1
                }
            };
            let end = async {
                if round % 2 == 1 {
                    let (status, answer) = app.post(&format!("/returns/{}/cancel", task.rma), &json!({})).await;
                    assert!(status.is_success(), "{answer}");
                }
            };
            let (li, wang, ()) = tokio::join!(take("li"), take("wang"), end);
            let had = [&li, &wang].into_iter().filter(|said| **said == Assigned::Done).count();
            match round % 2 {
                0 => assert_eq!(had, 1, "{li:?} {wang:?}"),
                _ => assert!(had <= 1, "{li:?} {wang:?}"),
            }
        }
        // Of what has ended nothing was said, and `TestApp` looks whether all else says the same.
        assert_eq!(app.database.texts("SELECT assignee FROM task_assignments").await.len(), 4);
    }
}

on_both! {
    async fn machines_see_who_has_what_and_what_sleeps(database: Database) {
        let app = TestApp::start(database).await;
        let tasks = some(&app, 3).await;
        let who = support();
        app.services.assign(&who, &tasks[..1], Some("li"), &Held::ByWhoever).await.unwrap();
        let soon = app.services.clock.now() + SignedDuration::from_hours(2);
        app.services.snooze(&who, &tasks[1..2], Until::MomentOrNews(soon)).await.unwrap();
        let staff = Machine::with(&app, Scope::Staff).await;
        let list = async |query: &str| staff.get(&format!("/tasks?{query}")).await;
        let rmas = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|task| task["rma"].as_str().unwrap().to_owned()).collect()
        };
        let mine = list("assignee=li").await;
        assert_eq!(rmas(&mine), [tasks[0].rma.to_string()]);
        assert_eq!(mine["items"][0]["assignee"], "li");
        assert_eq!(rmas(&list("assigned=false").await), [tasks[2].rma.to_string()]);
        let asleep = list("snoozed=true&kind=review").await;
        assert_eq!(rmas(&asleep), [tasks[1].rma.to_string()]);
        let until = asleep["items"][0]["snoozed"]["until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!((until.as_millisecond(), &asleep["items"][0]["snoozed"]["until_news"]), (soon.as_millisecond(), &json!(true)));
        assert_eq!(rmas(&list("kind=pay").await), [""; 0]);
        assert_eq!(rmas(&list("kind=review&role=finance").await), [""; 0]);
        assert_eq!(rmas(&list("role=support").await).len(), 2);
        for (query, field) in [("kind=dance", "kind"), ("assignee=", "assignee"), ("assignee=li&assigned=false", "assigned")] {
            let refused = list(query).await;
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
    }
}
