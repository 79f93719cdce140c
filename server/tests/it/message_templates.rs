//! Messages in a shop's own words (19): by occasion, channel and language, with their versions, looked at before they are saved, said of what happens
//! afterwards and of nothing before; and nothing that is typed becomes anything but text.

use mail_parser::MessageParser;
use reqwest::{StatusCode, header};
use serde_json::json;
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::{Machine, waiting};
use crate::staff::{Browser, audit, free, hire};
use crate::talk::shopper;

const ALL: &str = "/staff/settings/messages";
const WROTE: &str = "/staff/settings/messages/shop_wrote";

fn last_mail(app: &TestApp) -> (String, String, String) {
    let mails = app.mails();
    let mail = MessageParser::default().parse(mails.last().unwrap().as_bytes()).unwrap();
    let part = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap_or_default().into_owned();
    (mail.subject().unwrap().to_owned(), part(mail.body_text(0)), part(mail.body_html(0)))
}

/// A preview, and what may run in it.
async fn looked(app: &TestApp, browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let sent =
        app.client.post(format!("{}{path}/preview", app.base)).header(header::COOKIE, browser.cookie()).form(fields).send().await.unwrap();
    let policy = sent.headers().get(header::CONTENT_SECURITY_POLICY).map(|policy| policy.to_str().unwrap().to_owned());
    (sent.status(), policy.unwrap_or_default(), sent.text().await.unwrap())
}

/// As a form of the page sends it.
fn mail<'a>(version: &'a str, subject: &'a str, lead: &'a str, note: &'a str) -> [(&'a str, &'a str); 6] {
    [("channel", "mail"), ("language", "en"), ("version", version), ("subject", subject), ("lead", lead), ("note", note)]
}

on_both! {
    async fn what_a_shop_words_is_said_of_what_happens_afterwards(database: Database) {
        let app = TestApp::start(database).await;
        let rma = waiting(&app, "1", "1").await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let write = async |text: &str| {
            staff.post(&format!("/returns/{rma}/messages"), &json!({ "text": text })).await;
            app.run_jobs().await;
        };
        write("Is it blue?").await;
        let before = last_mail(&app);
        assert_eq!(before.0, format!("A message about your return {rma}"));
        let (ada, .., mut admin) = hire(&app, "Ada", "admin", free()).await;
        let page = admin.get(WROTE).await.1;
        assert!(page.contains("These are the product’s words") && page.contains("name=\"subject\""), "{page}");

        // Another clock tick: what holds from then on holds of what happens then.
        app.services.clock.set_ahead(jiff::SignedDuration::from_secs(1));
        let own = mail("0", "News of {rma} <b>", "here is {shop}, about {items}:\n\nread <script>alert(1)</script>", "Bye & thanks.");
        assert_eq!(admin.post(WROTE, &own).await, format!("{WROTE}?channel=mail&language=en"));
        admin.says(&format!("{WROTE}?channel=mail&language=en"), "These are your words").await;
        app.services.clock.set_ahead(jiff::SignedDuration::from_secs(2));
        write("And now?").await;
        let (subject, text, html) = last_mail(&app);
        assert_eq!(subject, format!("News of {rma} <b>"));
        assert!(text.contains("here is Linden & Co., about ") && text.contains("read <script>alert(1)</script>") && text.contains("Bye & thanks."), "{text}");
        assert!(!html.contains("<script") && html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "{html}");

        // The inbox says what the mail says, each message as it was then.
        let visitor = shopper(&app, &rma, "1").await;
        let inbox = visitor.text("/account/inbox").await;
        assert!(inbox.contains(&format!("News of {rma} &lt;b&gt;")) && inbox.contains(&before.0), "{inbox}");
        assert!(!inbox.contains("<script>alert(1)"), "{inbox}");
        // Until it has words of its own; and another language has none of them.
        let of_inbox = [("channel", "inbox"), ("language", "en"), ("version", "0"), ("subject", "In here: {rma}"), ("lead", "look"), ("note", "")];
        admin.post(WROTE, &of_inbox).await;
        app.services.clock.set_ahead(jiff::SignedDuration::from_secs(3));
        write("Well?").await;
        assert_eq!(last_mail(&app).0, format!("News of {rma} <b>"));
        let inbox = visitor.text("/account/inbox").await;
        assert!(inbox.contains(&format!("In here: {rma}")) && inbox.contains(&format!("News of {rma} &lt;b&gt;")), "{inbox}");
        let chinese = admin.get(&format!("{WROTE}?channel=mail&language=zh-CN")).await.1;
        assert!(chinese.contains("These are the product’s words"), "{chinese}");
        let list = admin.get(ALL).await.1;
        assert!(list.contains("Email (English) and Inbox (English)"), "{list}");

        // Back to the product's, from whatever is in the form; what was told stays as it was.
        admin.post(WROTE, &[&mail("1", "", "", "")[..], &[("reset", "1")]].concat()).await;
        app.services.clock.set_ahead(jiff::SignedDuration::from_secs(4));
        write("So?").await;
        assert_eq!(last_mail(&app).0, before.0);
        assert!(visitor.text("/account/inbox").await.contains(&format!("News of {rma} &lt;b&gt;")));
        let page = admin.get(&format!("{WROTE}?channel=mail&language=en")).await.1;
        assert!(page.contains("These are the product’s words") && page.contains("Use again") && page.contains("Ada"), "{page}");
        let again = admin.get(&format!("{WROTE}?channel=mail&language=en&version=1")).await.1;
        assert!(again.contains("value=\"News of {rma} &lt;b&gt;\""), "{again}");
        let noted = audit(&app).await;
        let ours: Vec<_> = noted.iter().filter(|(what, _)| what == "word_message").collect();
        assert_eq!(ours.len(), 3, "{noted:?}");
        assert!(!ada.id.is_empty());
    }
}

on_both! {
    async fn mistakes_are_shown_at_their_place_and_nothing_typed_is_lost(database: Database) {
        let app = TestApp::start(database).await;
        let (.., mut admin) = hire(&app, "Ada", "admin", free()).await;
        let path = format!("{WROTE}?channel=mail&language=en");
        for (subject, lead, says) in [
            ("A {day}", "well", "Line 1, letter 3: nothing is filled in for {day} here"),
            ("A", "one\ntwo {amount}", "Line 2, letter 5: nothing is filled in for {amount} here"),
            ("", "well", "Please write something here"),
            (&"x".repeat(151), "well", "Please use at most 150 letters"),
        ] {
            admin.post(WROTE, &mail("0", subject, lead, "a note of ours")).await;
            let page = admin.get(&path).await.1;
            assert!(page.contains(says) && page.contains("a note of ours"), "{says}: {page}");
            assert!(page.contains("These are the product’s words"), "nothing was saved: {page}");
        }
        // Two people at once: the second is told, and keeps what they wrote; the same twice is once.
        let (.., mut bea) = hire(&app, "Bea", "admin", free()).await;
        admin.post(WROTE, &mail("0", "First", "lead", "")).await;
        admin.post(WROTE, &mail("0", "First", "lead", "")).await;
        admin.says(&path, "These are your words").await;
        bea.post(WROTE, &mail("0", "Second", "lead", "")).await;
        let page = bea.get(&path).await.1;
        assert!(page.contains("Someone else saved other words meanwhile") && page.contains("value=\"Second\""), "{page}");
        bea.post(WROTE, &mail("1", "Second", "lead", "")).await;
        bea.says(&path, "value=\"Second\"").await;
        let versions = app.database.texts("SELECT channel || ' ' || parts FROM message_templates ORDER BY version").await;
        assert_eq!(versions.len(), 2, "{versions:?}");
        // What says what the product says is the product's.
        let standard = app::messages::Occasion::ShopWrote.mail(domain::words::Locale::En);
        bea.post(WROTE, &mail("2", standard.subject, standard.lead, standard.note.unwrap_or_default())).await;
        bea.says(&path, "These are the product’s words").await;

        // Whoever may not, may not look either; and there is no such occasion.
        let (.., mut support) = hire(&app, "Sue", "support", free()).await;
        assert_eq!(support.get(ALL).await.0, 403);
        assert_eq!(support.get(WROTE).await.0, 403);
        assert_eq!(looked(&app, &support, WROTE, &mail("0", "a", "b", "")).await.0, StatusCode::FORBIDDEN);
        support.post(WROTE, &mail("3", "Mine", "lead", "")).await;
        bea.says(&path, "These are the product’s words").await;
        assert_eq!(bea.get(&format!("{ALL}/nothing")).await.0, 404);
        assert_eq!(looked(&app, &bea, &format!("{ALL}/nothing"), &[]).await.0, StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn what_is_written_is_looked_at_on_a_real_return(database: Database) {
        let app = TestApp::start(database).await;
        let (.., admin) = hire(&app, "Ada", "admin", free()).await;
        let opened = format!("{ALL}/return_opened");
        let lead = "it <img src=x onerror=alert(1)> is {items}";
        let typed = [&mail("0", "Your {rma}", lead, "")[..], &[("lead_in_review", lead), ("lead_declined", lead)]].concat();
        // Where there is no return yet, nobody's values are shown.
        let (status, policy, page) = looked(&app, &admin, &opened, &typed).await;
        assert!(status == StatusCode::OK && page.contains("R-7KQ4-M2XD") && page.contains("values made up"), "{page}");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"), "{policy}");
        app.put_order(&order("1")).await;
        let (_, told) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = told["rma"].as_str().unwrap();
        app.run_jobs().await;
        for field in ["", rma] {
            let (_, _, page) = looked(&app, &admin, &opened, &[&typed[..], &[("rma", field)]].concat()).await;
            assert!(page.contains(&format!("Your {rma}")) && !page.contains("values made up") && !page.contains("as if it had"), "{page}");
            assert!(!page.contains("<img src=x"), "{page}");
        }
        // What has not happened to it is shown as if it had.
        let paid = format!("{ALL}/money_paid");
        let (_, _, page) = looked(&app, &admin, &paid, &mail("0", "{amount}", "paid: {rma}", "")).await;
        assert!(page.contains(&format!("This has not happened to {rma}")), "{page}");
        let (_, _, page) = looked(&app, &admin, &paid, &[&mail("0", "a", "b", "")[..], &[("rma", "R-AAAA-AAAA")]].concat()).await;
        assert!(page.contains("We do not know this return"), "{page}");
        // A text is counted as phones count it.
        let text = [("channel", "text"), ("language", "zh-CN"), ("body", "{shop}：退货 {rma}，见 {link}")];
        let (_, _, page) = looked(&app, &admin, &opened, &text).await;
        assert!(page.contains(&format!("退货 {rma}")) && page.contains("text message"), "{page}");
        let (_, _, page) = looked(&app, &admin, &opened, &[("channel", "text"), ("language", "en"), ("body", "{shop} {dte}")]).await;
        assert!(page.contains("letter 8: nothing is filled in for {dte}"), "{page}");
        // What is not of a return has values made up.
        let (_, _, page) = looked(&app, &admin, &format!("{ALL}/login_code"), &mail("0", "Code", "it works {minutes} minutes", "")).await;
        assert!(page.contains("it works 15 minutes") && page.contains("values made up"), "{page}");
        let now = app.client.get(format!("{}{opened}/preview?channel=inbox&language=en", app.base)).header(header::COOKIE, admin.cookie());
        let now = now.send().await.unwrap().text().await.unwrap();
        assert!(now.contains(&format!("Your return {rma} is booked")), "{now}");
        assert_eq!(app.database.texts("SELECT occasion FROM message_templates").await, Vec::<String>::new(), "looking keeps nothing");
    }
}
