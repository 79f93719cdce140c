//! Texts (C33): who has no mail address, or asks for it, hears by text; by whoever takes texts to their number, once, not at night, and in few words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use serde_json::json;
use server::config::{Quiet, TextTemplate, TextsBy};
use server::store::Scope;
use sha1::Sha1;

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both};
use crate::entry::mailed_code;
use crate::fake_texts::{ACCOUNT, Fake, KEY, SECRET, TOKEN, Trouble};
use crate::pages::Visitor;
use crate::review::Machine;
use crate::staff::{free, hire};

const DELIVERIES: &str = "/staff/settings/deliveries";
const GERMAN: &str = "+4915112345678";

/// A shop that sends texts: to China by Aliyun, elsewhere by Twilio.
async fn shop(database: Database, quiet: Quiet) -> (TestApp, Fake) {
    let fake = Fake::default();
    let url = fake.start().await;
    let app = TestApp::with(database, |config| {
        let sms = &mut config.sms;
        sms.quiet = quiet;
        sms.routes = [("+86".to_owned(), TextsBy::Aliyun), ("+".to_owned(), TextsBy::Twilio)].into();
        sms.twilio.url = url.clone();
        sms.twilio.account_sid = Some(ACCOUNT.into());
        sms.twilio.auth_token = Some(TOKEN.into());
        sms.twilio.from = Some("+15550000".into());
        sms.aliyun.url = url;
        sms.aliyun.access_key_id = Some(KEY.into());
        sms.aliyun.access_key_secret = Some(SECRET.into());
        sms.aliyun.sign_name = Some("椴木生活".into());
        let template = TextTemplate { code: "SMS_1".into(), places: vec!["rma".into(), "shop".into()] };
        sms.aliyun.templates = [("return_opened".to_owned(), [("zh-CN".to_owned(), template)].into())].into();
    })
    .await;
    (app, fake)
}

const NEVER: Quiet = Quiet { from: 0, until: 0 };

/// A return of a customer with that much of theirs.
async fn opened(app: &TestApp, number: &str, customer: serde_json::Value) -> String {
    let mut bought = order(number);
    bought["customer"] = customer;
    app.put_order(&bought).await;
    let (status, opened) = app.post("/returns", &request(number, "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

/// What waits is tried again now.
async fn again(app: &TestApp) {
    app.database.meddle("UPDATE outbox SET run_at = 0 WHERE done_at IS NULL AND dead_at IS NULL").await;
    app.run_jobs().await;
}

async fn dead(app: &TestApp) -> Vec<String> {
    app.database.texts("SELECT kind || ' ' || last_error FROM outbox WHERE dead_at IS NOT NULL").await
}

on_both! {
    async fn who_has_no_mail_address_hears_by_text(database: Database) {
        let (app, fake) = shop(database, NEVER).await;
        let rma = opened(&app, "1", json!({"phone": "1234567", "locale": "en"})).await;
        app.run_jobs().await;
        assert!(fake.all().is_empty(), "no such number in the order's country: {:?}", fake.all());
        let rma_de = opened(&app, "2", json!({"phone": "+49 151 12345678", "locale": "en"})).await;
        app.run_jobs().await;
        let taken = fake.all();
        assert_eq!((taken.len(), taken[0].by, taken[0].to.as_str()), (1, "twilio", GERMAN), "{taken:?}");
        assert!(taken[0].said.starts_with("Linden & Co.: Your return ") && taken[0].said.contains(&rma_de), "{taken:?}");
        assert!(app.mails().is_empty());
        // The link in it opens the return, without a code.
        let link = taken[0].said.rsplit(' ').next().unwrap();
        let path = &link[link.find("/r/").unwrap()..];
        let mut visitor = Visitor::new(&app);
        let to = visitor.follow(path).await;
        assert_eq!(to, format!("/returns/{rma_de}"));
        assert_ne!(rma, rma_de);

        // By the platform's template, to a number as it writes them.
        let chinese = opened(&app, "3", json!({"phone": "13800138000", "locale": "zh-CN"})).await;
        app.run_jobs().await;
        let taken = fake.all();
        let last = taken.last().unwrap();
        assert_eq!((last.by, last.to.as_str()), ("aliyun", "13800138000"));
        assert_eq!(last.said, format!("SMS_1 {{\"rma\":\"{chinese}\",\"shop\":\"椴木生活\"}}"));
        // One without a template stays visible, and says what is missing.
        let staff = Machine::with(&app, Scope::Staff).await;
        staff.post(&format!("/returns/{chinese}/messages"), &json!({"text": "蓝色的吗？"})).await;
        app.database.meddle("UPDATE inbox SET texted_at = 0").await;
        app.run_jobs().await;
        assert_eq!(dead(&app).await, ["sms.send sms.aliyun.templates names none for shop_wrote"]);
    }
}

on_both! {
    async fn a_text_goes_once_whatever_breaks(database: Database) {
        let (app, fake) = shop(database, NEVER).await;
        for (number, trouble, texts) in [("1", Trouble::Lost, 1), ("2", Trouble::Busy, 1), ("3", Trouble::Number, 0)] {
            for (nth, phone) in ["+49 151 12345678", "138 0013 8000"].into_iter().enumerate() {
                let before = fake.all().len();
                fake.troubles.lock().unwrap().push_back(trouble);
                opened(&app, &format!("{number}{nth}"), json!({"phone": phone, "locale": "zh-CN"})).await;
                app.run_jobs().await;
                for _ in 0..2 {
                    again(&app).await;
                }
                assert_eq!(fake.all().len() - before, texts, "{trouble:?} {phone}");
            }
        }
        let dead = dead(&app).await;
        assert_eq!(dead.len(), 2, "{dead:?}");
        assert!(dead.iter().all(|why| !why.contains("151") && !why.contains("138")), "no number in what is kept: {dead:?}");
    }
}

on_both! {
    async fn nobody_is_woken_and_several_are_one(database: Database) {
        let (app, fake) = shop(database, Quiet { from: 21, until: 8 }).await;
        // Noon in the shop, on some day to come.
        let zone = app.services.shop_zone();
        let hour = |hour: i8| {
            let day = Timestamp::now().to_zoned(zone.clone()).date().tomorrow().unwrap();
            day.at(hour, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp().duration_since(Timestamp::now())
        };
        app.services.clock.set_ahead(hour(23));
        let rma = opened(&app, "1", json!({"phone": "+49 151 12345678", "locale": "en"})).await;
        app.run_jobs().await;
        assert!(fake.all().is_empty(), "at night");
        app.services.clock.set_ahead(hour(23) + SignedDuration::from_mins(9 * 60 + 1));
        app.run_jobs().await;
        assert_eq!(fake.all().len(), 1, "in the morning");

        let staff = Machine::with(&app, Scope::Staff).await;
        for nth in 0..3 {
            staff.post(&format!("/returns/{rma}/messages"), &json!({"text": format!("No. {nth}.")})).await;
        }
        app.run_jobs().await;
        assert_eq!(fake.all().len(), 1, "the last was less than a minute ago");
        app.services.clock.set_ahead(hour(23) + SignedDuration::from_mins(9 * 60 + 3));
        app.run_jobs().await;
        let taken = fake.all();
        assert_eq!(taken.len(), 2, "{taken:?}");
        assert!(taken[1].said.contains("A message about your return"), "{taken:?}");
    }
}

on_both! {
    async fn customers_choose_how_they_are_reached(database: Database) {
        let (app, fake) = shop(database, NEVER).await;
        let rma = opened(&app, "1", json!({"email": "c1@example.com", "phone": "+49 151 12345678", "locale": "en"})).await;
        app.run_jobs().await;
        assert_eq!((fake.all().len(), app.mails().len()), (0, 1), "who said nothing gets mails");
        let stranger = Visitor::new(&app);
        assert!(stranger.text("/account/reach").await.contains("href=\"/account\""));
        let mut visitor = Visitor::new(&app);
        visitor.post("/account/code", &[("email", "c1@example.com")]).await;
        app.run_jobs().await;
        let code = mailed_code(&app);
        visitor.post("/account/enter", &[("code", &code)]).await;
        let page = visitor.text("/account/reach").await;
        assert!(page.contains("c…@example.com") && page.contains("…678") && !page.contains("5678"), "{page}");
        assert_eq!(visitor.post("/account/reach", &[("by", "text"), ("language", "zh-CN")]).await, "/account/reach");
        let page = visitor.text("/account/reach").await;
        assert!(page.contains("role=\"status\"") && page.contains("value=\"text\" checked"), "{page}");
        assert!(!visitor.text("/account/reach").await.contains("role=\"status\"><svg"), "said once");
        let mails = app.mails().len();
        let staff = Machine::with(&app, Scope::Staff).await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "Is it blue?"})).await;
        app.run_jobs().await;
        assert_eq!((fake.all().len(), app.mails().len()), (1, mails));
        assert!(fake.all()[0].said.contains("您的退货") || fake.all()[0].said.contains("退货"), "{:?}", fake.all());

        // Both, in German; nonsense is no choice.
        visitor.post("/account/reach", &[("by", "both"), ("language", "de")]).await;
        app.database.meddle("UPDATE inbox SET texted_at = 0").await;
        staff.post(&format!("/returns/{rma}/messages"), &json!({"text": "And now?"})).await;
        app.run_jobs().await;
        assert_eq!((fake.all().len(), app.mails().len()), (2, mails + 1));
        visitor.post("/account/reach", &[("by", "pigeon"), ("language", "xx")]).await;
        let page = visitor.text("/account/reach").await;
        assert!(page.contains("value=\"mail\" checked"), "{page}");
    }
}

on_both! {
    async fn what_did_not_arrive_is_seen_and_sent_again(database: Database) {
        let (app, fake) = shop(database, NEVER).await;
        let (.., mut admin) = hire(&app, "Ada", "admin", free()).await;
        assert!(admin.get(DELIVERIES).await.1.contains("Everything has arrived"));
        fake.troubles.lock().unwrap().push_back(Trouble::Number);
        let rma = opened(&app, "1", json!({"phone": "+49 151 12345678", "locale": "en"})).await;
        app.run_jobs().await;
        let page = admin.get(DELIVERIES).await.1;
        assert!(page.contains(&format!("Your return {rma} is booked")) && page.contains("Twilio answered 400 (21610)"), "{page}");
        assert!(!admin.get(&format!("{DELIVERIES}?channel=mail")).await.1.contains(&rma), "of another channel");
        let id = page.split_once("name=\"id\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        assert_eq!(admin.post(DELIVERIES, &[("id", &id)]).await, DELIVERIES);
        assert!(admin.get(DELIVERIES).await.1.contains("1 message is being sent again"));
        app.run_jobs().await;
        assert_eq!(fake.all().len(), 1);
        assert!(admin.get(DELIVERIES).await.1.contains("Everything has arrived"));
        // What does not exist, or is no message, is left alone.
        admin.post(DELIVERIES, &[("id", "nothing")]).await;
        assert!(admin.get(DELIVERIES).await.1.contains("0 messages are being sent again"));
        let noted = app.database.texts("SELECT what || ' ' || subject FROM audit WHERE what = 'send_again'").await;
        assert_eq!(noted, [format!("send_again outbox:{id}")]);
        let (.., mut warehouse) = hire(&app, "Wim", "warehouse", free()).await;
        assert_eq!(warehouse.get(DELIVERIES).await.0, 403);
    }
}

/// As Twilio signs what it says.
fn signed(address: &str, fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let text = sorted.iter().fold(address.to_owned(), |text, (name, value)| text + name + value);
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

on_both! {
    async fn a_text_that_did_not_arrive_is_shown_and_sent_again(database: Database) {
        let (app, fake) = shop(database, NEVER).await;
        let (.., mut admin) = hire(&app, "Ada", "admin", free()).await;
        let rma = opened(&app, "1", json!({"phone": "+49 151 12345678", "locale": "en"})).await;
        app.run_jobs().await;
        let id = app.database.texts("SELECT id FROM outbox WHERE kind = 'sms.send' AND done_at IS NOT NULL").await.remove(0);
        let path = format!("/hooks/twilio/status?text={id}");
        let address = format!("{}{path}", app.services.config.public_url);
        let told = |status: &'static str| [("MessageSid", "SM0"), ("MessageStatus", status), ("ErrorCode", "30003"), ("To", GERMAN)];
        let tell = async |fields: &[(&str, &str)], signature: &str| {
            let sent = app.client.post(format!("{}{path}", app.base)).form(fields).header("x-twilio-signature", signature).send().await.unwrap();
            sent.status().as_u16()
        };
        for (fields, signature, status) in [
            (told("undelivered"), String::new(), 403),
            (told("undelivered"), signed(&address, &told("delivered")), 403),
            (told("undelivered"), signed(&format!("{}/hooks/twilio/status", app.services.config.public_url), &told("undelivered")), 403),
            (told("delivered"), signed(&address, &told("delivered")), 200),
        ] {
            assert_eq!(tell(&fields, &signature).await, status, "{fields:?}");
        }
        assert!(dead(&app).await.is_empty());
        // Twice, as they may.
        for _ in 0..2 {
            assert_eq!(tell(&told("undelivered"), &signed(&address, &told("undelivered"))).await, 200);
        }
        assert_eq!(dead(&app).await, ["sms.send Twilio: undelivered (30003)"]);
        let page = admin.get(DELIVERIES).await.1;
        assert!(page.contains(&format!("Your return {rma} is booked")) && page.contains("undelivered (30003)") && !page.contains("151"), "{page}");
        fake.undelivered.lock().unwrap().push(1);
        app.database.meddle("UPDATE inbox SET texted_at = 0").await;
        admin.post(DELIVERIES, &[("id", &id)]).await;
        app.run_jobs().await;
        assert_eq!(fake.all().len(), 2, "{:?}", fake.all());
        assert!(dead(&app).await.is_empty());
    }
}

on_both! {
    async fn aliyun_reports_by_an_address_that_nobody_guesses(database: Database) {
        let fake = Fake::default();
        let url = fake.start().await;
        let app = TestApp::with(database, |config| {
            config.sms.quiet = NEVER;
            config.sms.routes = [("+86".to_owned(), TextsBy::Aliyun)].into();
            let aliyun = &mut config.sms.aliyun;
            aliyun.url = url;
            (aliyun.access_key_id, aliyun.access_key_secret) = (Some(KEY.into()), Some(SECRET.into()));
            aliyun.sign_name = Some("椴木生活".into());
            aliyun.report_secret = Some("twenty-letters-or-more".into());
            let template = TextTemplate { code: "SMS_1".into(), places: vec!["rma".into()] };
            aliyun.templates = [("return_opened".to_owned(), [("zh-CN".to_owned(), template)].into())].into();
        })
        .await;
        opened(&app, "1", json!({"phone": "13800138000", "locale": "zh-CN"})).await;
        app.run_jobs().await;
        let id = fake.all()[0].out_id.clone();
        let tell = async |secret: &str, body: serde_json::Value| {
            let sent = app.client.post(format!("{}/hooks/aliyun/{secret}", app.base)).json(&body).send().await.unwrap();
            (sent.status().as_u16(), sent.text().await.unwrap())
        };
        let report = |success: bool| json!([{"phone_number": "13800138000", "success": success, "err_code": "MOBILE_NOT_ON_SERVICE", "out_id": id, "sms_size": "1"}]);
        assert_eq!(tell("guessed", report(false)).await.0, 404);
        assert_eq!(tell("twenty-letters-or-more", json!({"no": "list"})).await.0, 400);
        assert_eq!(tell("twenty-letters-or-more", report(true)).await.0, 200);
        assert!(dead(&app).await.is_empty());
        let (status, said) = tell("twenty-letters-or-more", report(false)).await;
        assert!(status == 200 && said.contains("\"code\":0"), "{said}");
        assert_eq!(dead(&app).await, ["sms.send Aliyun: MOBILE_NOT_ON_SERVICE"]);
    }
}

/// `HOMEBOUND_TEST_TEXTS` names a Python that has the vendors' own clients (PyPI `twilio`, `alibabacloud_dysmsapi20170525`): the fake serves them as it
/// serves ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_own_clients_agree_with_the_fake() {
    let Some(python) = std::env::var_os("HOMEBOUND_TEST_TEXTS") else {
        println!("skipped: HOMEBOUND_TEST_TEXTS names no Python with the clients of those who take texts");
        return;
    };
    let base = Fake::default().start().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/texts_client.py");
    let output = tokio::process::Command::new(python).args([script, &base, ACCOUNT, TOKEN, KEY, SECRET]).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("agreed"), "{said}");
}
