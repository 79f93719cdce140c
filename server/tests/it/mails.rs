//! Mails: written in the customer's language, sent once, tried again, never lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mail_parser::{MessageParser, MimeHeaders};
use server::compose;
use server::store::{self, OutboxState};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::app::{TestApp, days_ago, order, request};
use crate::databases::{on_both, sqlite};
use crate::printed::Printed;

async fn open(app: &TestApp, number: &str) -> String {
    let (_, opened) = app.post("/returns", &request(number, "1", 1)).await;
    opened["rma"].as_str().unwrap().to_owned()
}

on_both! {
    async fn we_have_your_return_comes_with_the_label_and_a_receipt(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let rma = open(&app, "1").await;
        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), 1);
        let mail = MessageParser::default().parse(mails[0].as_bytes()).unwrap();
        assert_eq!(mail.subject(), Some(format!("退货 {rma} 已提交").as_str()), "in the order's language");
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("wang@example.com"));
        let text = mail.body_text(0).unwrap();
        assert!(text.contains("王小明，您好！") && text.contains("89.00") && text.contains("https://returns.example/r/"), "{text}");
        assert!(mail.body_html(0).unwrap().contains("有机棉 T 恤"));
        let label = mail.attachments().next().unwrap();
        assert_eq!(label.attachment_name(), Some("label.pdf"));
        assert!(label.contents().starts_with(b"%PDF-"));

        app.post(&format!("/returns/{rma}/cancel"), &serde_json::json!({})).await;
        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), 2);
        let cancelled = mails.iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().subject().unwrap().to_owned());
        assert!(cancelled.into_iter().any(|subject| subject == format!("您的退货 {rma} 已取消")));
    }
}

on_both! {
    async fn a_customer_of_another_language_gets_it_in_mail_label_and_pages(database: Database) {
        let app = TestApp::start(database).await;
        assert_eq!(app.services.config.languages.len(), 2, "German and French are not offered");
        for (tag, subject, hello, label, page) in [
            ("de-AT", "Ihre Rücksendung {rma} ist angemeldet", "Guten Tag Anna Berg,", "Rücksendeetikett", "Ihr Rücksendeetikett"),
            ("fr_CA", "Votre retour {rma} est enregistré", "Bonjour Anna Berg,", "Étiquettederetour", "Votre étiquette de retour"),
        ] {
            let mut bought = order(tag);
            bought["customer"] = serde_json::json!({"name": "Anna Berg", "email": format!("{tag}@example.com"), "locale": tag});
            app.put_order(&bought).await;
            let rma = open(&app, tag).await;
            app.run_jobs().await;
            let mails = app.mails();
            let mail = mails.iter().find(|mail| mail.contains(&format!("{tag}@example.com"))).unwrap();
            let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
            assert_eq!(mail.subject(), Some(subject.replace("{rma}", &rma).as_str()));
            let text = mail.body_text(0).unwrap();
            assert!(text.contains(hello) && text.contains("89,00\u{a0}CN¥"), "{text}");
            let words = Printed::new(mail.attachments().next().unwrap().contents().to_vec()).words();
            assert!(words.to_lowercase().contains(&label.to_lowercase()), "{words}");

            // The link leads to a page in that language, whatever the browser wishes.
            let link = text.split_whitespace().find(|word| word.starts_with("https://returns.example/r/")).unwrap();
            let path = link.strip_prefix("https://returns.example").unwrap();
            assert!(path.ends_with(&format!("?lang={}", &tag[..2])), "{path}");
            let mut cookies: Vec<String> = Vec::new();
            let mut path = path.to_owned();
            let html = loop {
                let asked = app.client.get(format!("{}{path}", app.base)).header("accept-language", "zh-CN,en").header("cookie", cookies.join("; "));
                let answer = asked.send().await.unwrap();
                cookies.extend(answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()));
                match answer.headers().get("location") {
                    Some(next) => path = next.to_str().unwrap().to_owned(),
                    None => break answer.text().await.unwrap(),
                }
            };
            assert!(html.contains(&format!("<html lang=\"{}\"", &tag[..2])) && html.contains(page), "{html}");
        }
    }
}

on_both! {
    async fn a_mail_says_what_was_so_when_it_was_written_however_late_it_goes(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = english("1");
        bought["customer"]["tier"] = "diamond".into();
        app.put_order(&bought).await;
        let rma = open(&app, "1").await;
        let day = app.services.clock.now().to_zoned(app.services.config.shop.zone.clone()).date().tomorrow().unwrap();
        let pickup = serde_json::json!({"method": "pickup", "pickup": {"date": day.to_string(), "slot": "09-12"}});
        let (status, changed) = app.post(&format!("/returns/{rma}/method"), &pickup).await;
        assert_eq!(status, 200, "{changed}");
        app.run_jobs().await;
        let mails = texts(&app);
        assert_eq!(mails.len(), 2, "{mails:?}");
        let (changed, opened): (Vec<_>, Vec<_>) = mails.into_iter().partition(|mail| mail.contains("We collect it: "));
        assert!(!opened[0].contains("9:00") && opened[0].contains(&format!("Return number: {rma}")), "{opened:?}");
        for part in [", 9:00", "At: 310012 浙江省杭州市, 文三路 90 号", &format!("Return number: {rma}")] {
            assert!(changed[0].contains(part), "{part}: {changed:?}");
        }
    }
}

on_both! {
    async fn who_hands_a_parcel_in_has_the_code_and_pictures_in_the_mail(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = english("1");
        bought["lines"][0]["image"] = "https://cdn.shop.example/tee.jpg".into();
        bought["lines"][1]["image"] = "http://cdn.shop.example/lamp.jpg".into();
        app.put_order(&bought).await;
        let mut wanted = request("1", "1", 1);
        wanted["method"] = "drop_off".into();
        let lamp = serde_json::json!({"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        wanted["lines"].as_array_mut().unwrap().push(lamp);
        let (status, opened) = app.post("/returns", &wanted).await;
        assert_eq!(status, 201, "{opened}");
        let rma = opened["rma"].as_str().unwrap();
        app.run_jobs().await;
        let mails = app.mails();
        let mail = MessageParser::default().parse(mails[0].as_bytes()).unwrap();
        let number = opened["parcels"][0]["tracking_number"].as_str().unwrap();
        let picture = mail.attachments().find(|part| part.content_id() == Some("code")).unwrap();
        let picture = image::load_from_memory(picture.contents()).unwrap().into_luma8();
        let (width, height) = picture.dimensions();
        let (kind, mut hints) = (Some(rxing::BarcodeFormat::QR_CODE), rxing::DecodeHints::default());
        let found = rxing::helpers::detect_in_luma_slice_with_hints(&picture, width, height, kind, &mut hints).unwrap();
        assert_eq!(found.getText(), number, "what a clerk scans");
        let html = mail.body_html(0).unwrap();
        let fetched: Vec<&str> = html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(fetched, ["cid:code", "https://cdn.shop.example/tee.jpg"], "nothing else is fetched");
        assert!(!html.contains("url(") && !html.contains("<link") && !html.contains("<script"), "{html}");
        assert!(html.contains("prefers-color-scheme: dark") && html.contains(&format!(">{rma}</p>")), "{html}");
        let text = mail.body_text(0).unwrap();
        assert!(text.contains(&format!("Return number: {rma}")) && !text.contains('<'), "{text}");
        assert!(mail.attachments().any(|part| part.attachment_name() == Some("label.pdf")));
    }
}

on_both! {
    async fn a_mail_names_the_card_and_where_its_carrier_shows_the_parcel(database: Database) {
        let app = TestApp::with(database, |config| {
            config.carrier.tracking.insert("own".into(), "https://track.example/?n={number}".into());
        })
        .await;
        let mut bought = english("1");
        bought["payments"] = serde_json::json!([{"id": "pi_1", "method": "card", "amount": "457.00", "card_ending": "•••• 4242"}]);
        app.put_order(&bought).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(opened["settlements"][0]["tenders"][0]["card_ending"], "4242", "{opened}");
        app.run_jobs().await;
        let text = texts(&app).remove(0);
        let number = opened["parcels"][0]["tracking_number"].as_str().unwrap();
        for part in ["to your card ending 4242", &format!("Track the parcel: https://track.example/?n={number}")] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

/// The order, of somebody who reads English.
fn english(number: &str) -> serde_json::Value {
    let mut order = order(number);
    order["customer"]["locale"] = "en".into();
    order
}

/// What mails say to who reads no HTML.
fn texts(app: &TestApp) -> Vec<String> {
    let mails = app.mails();
    mails.iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().body_text(0).unwrap().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declined_of_a_request_is_told_why() {
    let app = TestApp::start(sqlite().await).await;
    let mut late = order("1");
    late["placed_at"] = days_ago(60).into();
    late["deliveries"] = serde_json::json!([{"delivered_at": days_ago(55)}]);
    late["customer"]["locale"] = "en".into();
    app.put_order(&late).await;
    let mut both = request("1", "1", 1);
    let lamp = serde_json::json!({"line": "2", "quantity": 1, "reason": "quality", "condition": "used", "resolution": "replacement"});
    both["lines"].as_array_mut().unwrap().push(lamp);
    let (status, opened) = app.post("/returns", &both).await;
    assert_eq!(status, 201, "{opened}");
    app.run_jobs().await;
    let mails = app.mails();
    let mail = MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    assert!(mail.body_text(0).unwrap().contains("The return period ended on"));
}

/// A mail server that answers the first recipients as told, then takes everything; and what it took.
pub async fn smtp(answers: &'static [&'static str]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let ready = || Arc::new(Semaphore::new(Semaphore::MAX_PERMITS / 2));
    slow_smtp(answers, ready(), ready()).await
}

/// Likewise, and says each time when it is told of a recipient, and waits until it may answer.
async fn slow_smtp(answers: &'static [&'static str], told: Arc<Semaphore>, go: Arc<Semaphore>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::<Mutex<Vec<String>>>::default();
    let (mails, asked) = (taken.clone(), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (mails, asked, told, go) = (mails.clone(), asked.clone(), told.clone(), go.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                stream.write_all(b"220 test\r\n").await.unwrap();
                let (mut line, mut data, mut mail) = (String::new(), false, String::new());
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    let said = line.trim_end().to_owned();
                    line.clear();
                    if !data && said.starts_with("RCPT") {
                        told.add_permits(1);
                        go.acquire().await.unwrap().forget();
                    }
                    let answer = match () {
                        () if data && said == "." => {
                            data = false;
                            mails.lock().unwrap().push(std::mem::take(&mut mail));
                            "250 taken"
                        }
                        () if data => {
                            mail += &said;
                            mail += "\r\n";
                            continue;
                        }
                        () if said.starts_with("RCPT") => answers.get(asked.fetch_add(1, Ordering::SeqCst)).copied().unwrap_or("250 ok"),
                        () if said == "DATA" => {
                            data = true;
                            "354 go on"
                        }
                        () if said.starts_with("EHLO") => "250 test",
                        () if said == "QUIT" => "221 bye",
                        () => "250 ok",
                    };
                    if stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, taken)
}

on_both! {
    async fn a_mail_server_that_is_busy_is_asked_again(database: Database) {
        let (port, taken) = smtp(&["451 busy", "451 still busy"]).await;
        let app = TestApp::with(database, |config| config.smtp_url = Some(format!("smtp://127.0.0.1:{port}"))).await;
        app.put_order(&order("1")).await;
        open(&app, "1").await;
        for (tries, wait) in [(1, 5), (2, 30)] {
            app.run_jobs().await;
            assert_eq!(taken.lock().unwrap().len(), 0, "after {tries} tries");
            app.run_jobs().await;
            app.services.clock.advance(jiff::SignedDuration::from_secs(wait + 1));
        }
        app.run_jobs().await;
        assert_eq!(taken.lock().unwrap().len(), 1);
        app.services.clock.advance(jiff::SignedDuration::from_hours(200));
        app.run_jobs().await;
        assert_eq!(taken.lock().unwrap().len(), 1, "and not sent again");
    }
}

on_both! {
    async fn a_mailbox_that_does_not_exist_is_kept_visible(database: Database) {
        let (port, taken) = smtp(&["550 no such mailbox"]).await;
        let app = TestApp::with(database, |config| config.smtp_url = Some(format!("smtp://127.0.0.1:{port}"))).await;
        app.put_order(&order("1")).await;
        open(&app, "1").await;
        app.run_jobs().await;
        let mut read = app.services.store.read().await.unwrap();
        let parked = store::list_outbox(&mut read.conn(), Some(OutboxState::Parked), Some("mail"), 10).await.unwrap();
        assert_eq!((parked.len(), parked[0].kind.as_str(), taken.lock().unwrap().len()), (1, "mail.return_opened", 0));
        assert!(parked[0].last_error.as_deref().unwrap().contains("no such mailbox"));
    }
}

on_both! {
    async fn a_mail_that_no_server_takes_is_parked_after_days_and_sent_once_somebody_says_so(database: Database) {
        // Nobody may sign in, or relay: whose fault it is can be put right.
        let (port, taken) = smtp(&["554 5.7.1 relay access denied"; 13]).await;
        let app = TestApp::with(database, |config| config.smtp_url = Some(format!("smtp://127.0.0.1:{port}"))).await;
        app.put_order(&order("1")).await;
        open(&app, "1").await;
        let first = app.services.clock.now();
        let figures = async || {
            let mut read = app.services.store.read().await.unwrap();
            store::outbox_figures(&mut read.conn(), app.services.clock.millis()).await.unwrap()
        };
        while figures().await.pending > 0 {
            app.run_jobs().await;
            app.services.clock.advance(jiff::SignedDuration::from_hours(1));
        }
        assert!(app.services.clock.now().duration_since(first) > jiff::SignedDuration::from_hours(4 * 24));
        assert_eq!((figures().await.parked, taken.lock().unwrap().len()), (1, 0));
        app.services.clock.advance(jiff::SignedDuration::from_hours(1_000));
        app.run_jobs().await;
        assert_eq!(figures().await.parked, 1, "it waits for somebody");
        let now = app.services.clock.millis();
        let again = app.services.store.write(move |mut conn| Box::pin(async move { store::retry_parked(&mut conn, None, Some("mail"), now).await }));
        let again: Result<u64, store::StoreError> = again.await;
        assert_eq!(again.unwrap(), 1);
        app.run_jobs().await;
        assert_eq!((figures().await, taken.lock().unwrap().len()), (store::OutboxFigures::default(), 1));
    }
}

on_both! {
    async fn the_outbox_says_for_how_long_something_is_due(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        open(&app, "1").await;
        app.services.clock.advance(jiff::SignedDuration::from_mins(90));
        let figures = app.client.get(format!("{}/metrics", app.base)).bearer_auth(&app.key).send().await.unwrap().text().await.unwrap();
        // The figures of all tests are in one place: this one is looked at in the database, too.
        assert!(figures.contains("outbox_oldest_due_seconds") && figures.contains("outbox_oldest_seconds"), "{figures}");
        let mut read = app.services.store.read().await.unwrap();
        let due = store::outbox_figures(&mut read.conn(), app.services.clock.millis()).await.unwrap().oldest_due;
        assert!((5_400_000..5_700_000).contains(&due), "{due}");
    }
}

on_both! {
    async fn a_mail_that_another_server_took_meanwhile_is_not_sent_by_the_first(database: Database) {
        let (told, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (port, taken) = slow_smtp(&[], told.clone(), go.clone()).await;
        let app = TestApp::with(database, |config| config.smtp_url = Some(format!("smtp://127.0.0.1:{port}"))).await;
        app.put_order(&order("1")).await;
        open(&app, "1").await;
        let worker = compose::worker(&app.services).unwrap();
        let sending = tokio::spawn(async move { worker.once().await });
        told.acquire().await.unwrap().forget();
        // Its machine stood still meanwhile: the lease is over, and another server has taken the mail.
        app.database.meddle("UPDATE outbox SET leased_until = 1").await;
        let other = compose::worker(&app.services).unwrap();
        let beside = tokio::spawn(async move { other.once().await });
        told.acquire().await.unwrap().forget();
        go.add_permits(2);
        assert_eq!((sending.await.unwrap().unwrap(), beside.await.unwrap().unwrap()), (1, 1));
        assert_eq!(taken.lock().unwrap().len(), 1);
        assert_eq!(app.database.texts("SELECT CAST(attempts AS TEXT) FROM outbox WHERE done_at IS NOT NULL").await, ["2"]);
    }
}
