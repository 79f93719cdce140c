//! Mails: written in the customer's language, sent once, tried again, never lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mail_parser::{MessageParser, MimeHeaders};
use server::store;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::app::{TestApp, days_ago, order, request};
use crate::databases::{on_both, sqlite};

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
        assert_eq!(mail.subject(), Some(format!("已收到您的退货 {rma}").as_str()), "in the order's language");
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
    assert!(mail.body_text(0).unwrap().contains("It could come back until"));
}

/// A mail server that answers the first recipients as told, then takes everything; and what it took.
pub async fn smtp(answers: &'static [&'static str]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::<Mutex<Vec<String>>>::default();
    let (mails, asked) = (taken.clone(), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (mails, asked) = (mails.clone(), asked.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                stream.write_all(b"220 test\r\n").await.unwrap();
                let (mut line, mut data, mut mail) = (String::new(), false, String::new());
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    let said = line.trim_end().to_owned();
                    line.clear();
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
        let dead = store::dead_letters(&mut read.conn()).await.unwrap();
        assert_eq!((dead.len(), dead[0].kind.as_str(), taken.lock().unwrap().len()), (1, "mail.return_opened", 0));
        assert!(dead[0].last_error.as_deref().unwrap().contains("no such mailbox"));
    }
}
