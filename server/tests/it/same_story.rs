//! Whatever a shopper sees of a return, people at work see, in the same order; and nothing that they say among themselves reaches the shopper:
//! whatever was done, in whatever order (B16, B17).

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::app::TestApp;
use crate::databases::on_both;
use crate::review::waiting;
use crate::staff::{Browser, free, hire};
use crate::talk::shopper;

/// What stands in the timeline of a page, entry by entry, without marks of form.
fn entries(page: &str) -> Vec<String> {
    let list = page.split("<ol class=\"line").nth(1).unwrap_or_else(|| panic!("no timeline: {page}")).split("</ol>").next().unwrap();
    let item = |item: &str| {
        let mut text = String::new();
        let mut inside = true;
        for letter in item.split("</li>").next().unwrap().chars() {
            match letter {
                '<' => inside = true,
                '>' => inside = false,
                _ if !inside => text.push(letter),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    list.split("<li").skip(1).map(item).collect()
}

/// What only people at work may read, of a step.
fn secret(step: usize) -> String {
    format!("among-us-{step}")
}

async fn step(app: &TestApp, browser: &mut Browser<'_>, rma: &str, place: usize, chance: &mut StdRng) -> &'static str {
    let decide = format!("/staff/returns/{rma}/decide");
    let version = app.get(&format!("/returns/{rma}")).await.1["version"].to_string();
    let (said, hidden) = (format!("Said in step {place}."), secret(place));
    let known = [
        "approve",
        "decline",
        "ask_evidence",
        "note",
        "note",
        "write",
        "cancel",
        "extend",
        "settle_talk",
        "take_back",
        "answer",
        "appeal",
        "mail",
    ];
    let what = *known.choose(chance).unwrap();
    let call = format!("/returns/{rma}");
    match what {
        "answer" => drop(app.post(&format!("{call}/answers"), &json!({"text": said})).await),
        "appeal" => drop(app.post(&format!("{call}/appeal"), &json!({"text": said})).await),
        "mail" => app.run_jobs().await,
        "take_back" => {
            let page = browser.get("/staff").await.1;
            let command =
                page.split("/take-back\"").nth(1).and_then(|form| form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned));
            if let Some(command) = command {
                browser.post(&format!("/staff/returns/{rma}/take-back"), &[("command", &command)]).await;
            }
        }
        _ => {
            let field = format!("{}-words", if what == "ask_evidence" { "ask" } else { what });
            let words = if matches!(what, "approve" | "note") { &hidden } else { &said };
            let until =
                app.services.clock.now().to_zoned(app.services.shop_zone()).date() + jiff::Span::new().days(chance.random_range(20..80));
            let until = until.to_string();
            let fields = [("decision", what), (field.as_str(), words.as_str()), ("version", &version), ("extend-until", &until)];
            browser.post(&decide, &fields).await;
        }
    }
    what
}

on_both! {
    async fn everybody_reads_the_same_story_and_nobody_overhears(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut browser) = hire(&app, "Mei", "support", free()).await;
        let mut chance = StdRng::seed_from_u64(16);
        let mut longest = 0;
        for round in 0..12 {
            let number = format!("s{round}");
            let rma = waiting(&app, &number, "1").await;
            let customer = shopper(&app, &rma, &number).await;
            let mut done = Vec::new();
            for place in 0..9 {
                done.push(step(&app, &mut browser, &rma, place, &mut chance).await);
                let seen = customer.text(&format!("/returns/{rma}")).await;
                let at_work = browser.get(&format!("/staff/returns/{rma}")).await.1;
                let theirs = entries(&seen);
                assert_eq!(theirs, entries(&at_work), "{done:?}");
                assert!(!theirs.is_empty());
                longest = longest.max(theirs.len());
                assert!(!seen.contains("among-us-"), "{done:?}: {seen}");
                let photos = customer.text(&format!("/returns/{rma}/photos")).await;
                assert!(!photos.contains("among-us-"), "{done:?}");
            }
            app.run_jobs().await;
            let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1.to_string();
            assert!(!timeline.contains("among-us-"), "what a shop's own machine hears it may tell the customer: {timeline}");
        }
        assert!(app.mails().iter().all(|mail| !mail.contains("among-us-")));
        let kept = app.database.texts("SELECT event FROM return_events").await;
        assert!(kept.iter().filter(|event| event.contains("among-us-")).count() > 10, "they did say it");
        assert!(longest > 8, "{longest}");
    }
}
