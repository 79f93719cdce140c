//! People at work (P23, B4): who comes in, who does not, what each may do, and what is written down of it.
//! Long because each way in that does not open is tried.

use domain::ids::EmailAddress;
use domain::returns::{CommandKind, Role, TaskKind};
use domain::rma::RmaNumber;
use domain::staff::{Member, Roles, StaffLimits};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Response, StatusCode, header};
use server::compose;
use server::services::{PeopleError, PersonTold};
use server::store::{self, AuditFault, AuditNote, StoreError};
use sha1::Digest;
use totp_rs::{Builder, Secret};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;

const PASSWORD: &str = "vier Boote auf dem Kanal";

/// Somebody's phone.
pub struct Phone(String);

impl Phone {
    /// The code of now, or of so many steps later.
    pub fn code(&self, later: u64) -> String {
        let totp = Builder::new().with_secret(Secret::try_from_base32(&self.0).unwrap()).build().unwrap();
        totp.generate(Timestamp::now().as_second() as u64 + 30 * later).to_string()
    }
}

/// A browser of somebody at work.
pub struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: Vec::new() }
    }

    pub fn keep(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !cookie.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    pub fn cookie(&self) -> String {
        let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("lang=en; {}", all.join("; "))
    }

    /// Status and text of a page.
    pub async fn get(&mut self, path: &str) -> (u16, String) {
        let answer = self.app.client.get(format!("{}{path}", self.app.base)).header(header::COOKIE, self.cookie()).send().await.unwrap();
        self.keep(&answer);
        let status = answer.status().as_u16();
        let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (status, to.unwrap_or(answer.text().await.unwrap()))
    }

    /// Where a form leads.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let sent = self
            .app
            .client
            .post(format!("{}{path}", self.app.base))
            .header(header::COOKIE, self.cookie())
            .form(fields)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{path}");
        self.keep(&sent);
        sent.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Goes on from "show us" without a photo.
    pub async fn show_nothing(&mut self, path: &str) -> String {
        let form = reqwest::multipart::Form::new().text("without", "1");
        let sent = self.app.client.post(format!("{}{path}", self.app.base)).header(header::COOKIE, self.cookie()).multipart(form);
        let sent = sent.send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{path}");
        self.keep(&sent);
        sent.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    pub async fn sign_in(&mut self, email: &str, password: &str, code: &str) -> String {
        self.post("/staff/sign-in", &[("email", email), ("password", password), ("code", code), ("next", "")]).await
    }

    /// Says what was wrong on a page, and what was done.
    pub async fn says(&mut self, path: &str, text: &str) {
        let (status, page) = self.get(path).await;
        assert!(page.contains(text), "{path} ({status}) says `{text}`: {page}");
    }
}

fn told(name: &str, roles: &str, limits: StaffLimits) -> PersonTold {
    let email: EmailAddress = format!("{}@shop.example", name.to_lowercase()).parse().unwrap();
    PersonTold { name: name.to_owned(), email, roles: Roles::parse(roles).unwrap(), limits }
}

/// Lets somebody work here, who chooses a password; they are in.
pub async fn hire<'a>(app: &'a TestApp, name: &str, roles: &str, limits: StaffLimits) -> (Member, Phone, Browser<'a>) {
    let made = app.services.add_person(None, told(name, roles, limits)).await.unwrap();
    let token = made.path.rsplit('/').next().unwrap();
    let phone = Phone(app.services.welcome(token).await.unwrap().unwrap().typed.replace(' ', ""));
    let mut browser = Browser::new(app);
    let to = browser.post(&made.path, &[("password", PASSWORD), ("code", &phone.code(0))]).await;
    assert_eq!(to, "/staff", "{name} is in");
    (made.member, phone, browser)
}

/// Who may do everything that their roles may.
pub fn free() -> StaffLimits {
    StaffLimits { overrides: true, ..StaffLimits::default() }
}

pub async fn audit(app: &TestApp) -> Vec<(String, String)> {
    let worker = compose::worker(&app.services).unwrap();
    worker.seal().await.unwrap();
    let mut read = app.services.store.read().await.unwrap();
    let rows = store::audit_after(&mut read.conn(), 0, 1_000).await.unwrap();
    rows.into_iter().map(|row| (row.note.what, row.note.subject)).collect()
}

on_both! {
    async fn somebody_comes_in_by_password_and_code_and_by_nothing_less(database: Database) {
        let app = TestApp::start(database).await;
        let made = app.services.add_person(None, told("Mei", "support", free())).await.unwrap();
        let token = made.path.rsplit('/').next().unwrap();
        let phone = Phone(app.services.welcome(token).await.unwrap().unwrap().typed.replace(' ', ""));
        let mut browser = Browser::new(&app);
        let (status, page) = browser.get(&made.path).await;
        assert!(status == 200 && page.contains("Welcome, Mei") && page.contains("class=\"qr\""), "{page}");
        for (password, code, says) in [("kurz", phone.code(0), "choose a longer password"), (PASSWORD, "000000".to_owned(), "not the code of this moment")] {
            assert_eq!(browser.post(&made.path, &[("password", password), ("code", &code)]).await, made.path);
            browser.says(&made.path, says).await;
        }
        assert_eq!(browser.get("/staff").await.1, "/staff/sign-in?next=%2Fstaff", "not in yet");
        assert_eq!(browser.post(&made.path, &[("password", PASSWORD), ("code", &phone.code(0))]).await, "/staff");
        assert_eq!(browser.get("/staff").await.0, 200);
        // The link is used up.
        assert_eq!(Browser::new(&app).get(&made.path).await.0, 410);
        assert_eq!(Browser::new(&app).post(&made.path, &[("password", "ein ganz anderes Passwort hier"), ("code", &phone.code(0))]).await, made.path);

        let mut other = Browser::new(&app);
        let right = ("mei@shop.example", PASSWORD, phone.code(1));
        for (what, email, password, code) in [
            ("the code was used", right.0, right.1, phone.code(0)),
            ("another password", right.0, "drei Boote auf dem Kanal", right.2.clone()),
            ("nobody", "nobody@shop.example", right.1, right.2.clone()),
            ("no address", "Mei", right.1, right.2.clone()),
            ("no code", right.0, right.1, String::new()),
            ("nothing", "", "", String::new()),
        ] {
            assert_eq!(other.sign_in(email, password, &code).await, "/staff/sign-in", "{what}");
            other.says("/staff/sign-in", "do not fit together").await;
            assert!(!other.cookies.iter().any(|(name, _)| name.ends_with("-staff")), "{what}");
        }
        let to = other.post("/staff/sign-in", &[("email", "MEI@shop.example"), ("password", PASSWORD), ("code", &right.2), ("next", "/staff/me")]).await;
        assert_eq!(to, "/staff/me");
        let page = other.get("/staff/me").await.1;
        assert_eq!(page.matches("last used").count(), 2, "two sessions: {page}");
        assert_eq!(other.post("/staff/me/sessions", &[]).await, "/staff/me");
        assert_eq!(browser.get("/staff/me").await.0, 303, "the other device is out");
        other.says("/staff/me", "All other devices were signed out").await;
        assert_eq!(other.post("/staff/sign-out", &[]).await, "/staff/sign-in");
        assert_eq!(other.get("/staff/me").await.0, 303);
        let trail = audit(&app).await;
        let count = |what: &str| trail.iter().filter(|(done, _)| done == what).count();
        assert_eq!((count("add_person"), count("credentials_set"), count("sign_in"), count("sign_in_refused")), (1, 1, 1, 3), "{trail:?}");
    }
}

on_both! {
    async fn somebody_changes_their_own_password(database: Database) {
        const PAGE: &str = "/staff/me/password";
        const NEW: &str = "fünf Reiher an der Schleuse";
        let app = TestApp::start(database).await;
        let (_, phone, mut browser) = hire(&app, "Mei", "support", free()).await;
        let mut other = Browser::new(&app);
        assert_eq!(other.sign_in("mei@shop.example", PASSWORD, &phone.code(1)).await, "/staff");
        app.database.meddle("UPDATE staff SET factor_step = 0").await;
        browser.says("/staff/me", PAGE).await;
        let old = browser.cookies.clone();
        for (password, code, new, says) in [
            (PASSWORD, phone.code(0), "kurz", "choose a longer password"),
            (PASSWORD, phone.code(0), "mei@shop.example", "choose a longer password"),
            (PASSWORD, "000000".to_owned(), NEW, "Password and code do not fit together"),
            (PASSWORD, String::new(), NEW, "Password and code do not fit together"),
            ("drei Boote auf dem Kanal", phone.code(0), NEW, "Password and code do not fit together"),
            ("", phone.code(0), NEW, "Password and code do not fit together"),
        ] {
            assert_eq!(browser.post(PAGE, &[("password", password), ("code", &code), ("new-password", new)]).await, PAGE, "{new}");
            browser.says(PAGE, says).await;
        }
        let fields = [("password", PASSWORD), ("code", &phone.code(0)), ("new-password", NEW)];
        assert_eq!(browser.post(PAGE, &fields).await, "/staff/me");
        browser.says("/staff/me", "Your new password works from now on").await;
        assert_eq!(other.get("/staff").await.0, 303, "the other device is out");
        assert_eq!(Browser { app: &app, cookies: old }.get("/staff").await.0, 303, "and whoever copied this one's session");
        // The same code is not taken twice, and the old password not any more.
        assert_eq!(browser.post(PAGE, &[("password", NEW), ("code", &phone.code(0)), ("new-password", PASSWORD)]).await, PAGE);
        let mut again = Browser::new(&app);
        assert_eq!(again.sign_in("mei@shop.example", PASSWORD, &phone.code(1)).await, "/staff/sign-in");
        assert_eq!(again.sign_in("mei@shop.example", NEW, &phone.code(1)).await, "/staff");
        let trail = audit(&app).await;
        let count = |what: &str| trail.iter().filter(|(done, _)| done == what).count();
        assert_eq!((count("change_password"), count("proof_refused")), (1, 5), "{trail:?}");
        // Tries are counted as those of signing in are.
        for _ in 0..11 {
            browser.post(PAGE, &[("password", "geraten"), ("code", "000000"), ("new-password", NEW)]).await;
        }
        browser.says(PAGE, "a lot of tries").await;
    }
}

on_both! {
    async fn somebody_changes_their_code_app(database: Database) {
        const PAGE: &str = "/staff/me/factor";
        let app = TestApp::start(database).await;
        let (member, phone, mut browser) = hire(&app, "Mei", "support", free()).await;
        app.database.meddle("UPDATE staff SET factor_step = 0").await;
        let page = browser.get(PAGE).await.1;
        let between = |before: &str, after: &str| page.split_once(before).unwrap().1.split_once(after).unwrap().0.to_owned();
        let new = Phone(between("<code class=\"key\">", "</code>").replace(' ', ""));
        let locked = between("name=\"factor\" value=\"", "\"");
        let sent = |code: String, new: String| [("password", PASSWORD.to_owned()), ("code", code), ("factor", locked.clone()), ("new-code", new)];
        let post = async |browser: &mut Browser<'_>, fields: &[(&str, String)]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.post(PAGE, &fields).await
        };
        for (code, new_code, says) in [
            (phone.code(0), phone.code(0), "not the code of this moment"),
            (new.code(0), new.code(0), "Password and code do not fit together"),
        ] {
            assert_eq!(post(&mut browser, &sent(code, new_code)).await, PAGE);
            let again = browser.get(PAGE).await.1;
            assert!(again.contains(says), "{says}: {again}");
            assert_eq!(again.split_once("class=\"key\">").unwrap().1.split_once("</code>").unwrap().0.replace(' ', ""), new.0, "what was scanned stays");
        }
        let mut forged = sent(phone.code(0), new.code(0));
        forged[2].1 = "forged".into();
        assert_eq!(post(&mut browser, &forged).await, PAGE);
        assert_eq!(post(&mut browser, &sent(phone.code(0), new.code(0))).await, "/staff/me");
        browser.says("/staff/me", "Your new code app works from now on").await;
        let mut again = Browser::new(&app);
        assert_eq!(again.sign_in("mei@shop.example", PASSWORD, &phone.code(1)).await, "/staff/sign-in");
        assert_eq!(again.sign_in("mei@shop.example", PASSWORD, &new.code(1)).await, "/staff");
        assert!(audit(&app).await.iter().any(|(what, subject)| what == "change_factor" && *subject == format!("staff:{}", member.id)));
    }
}

on_both! {
    async fn nobody_is_led_elsewhere_after_signing_in(database: Database) {
        let app = TestApp::start(database).await;
        let (_, phone, _) = hire(&app, "Mei", "support", free()).await;
        for (later, next) in [(1, "//evil.example"), (1, "/staffevil"), (1, "https://evil.example/staff"), (1, "/staff/\\evil")] {
            app.database.meddle("UPDATE staff SET factor_step = 0").await;
            let mut browser = Browser::new(&app);
            let fields = [("email", "mei@shop.example"), ("password", PASSWORD), ("code", &phone.code(later)), ("next", next)];
            assert_eq!(browser.post("/staff/sign-in", &fields).await, "/staff", "{next}");
        }
    }
}

on_both! {
    async fn a_session_ends(database: Database) {
        let app = TestApp::start(database).await;
        let (member, ..) = hire(&app, "Mei", "support", free()).await;
        let reset = app.services.reset_person(None, &member.id).await.unwrap();
        let enter = async |made: &server::services::LinkMade| {
            let token = made.path.rsplit('/').next().unwrap();
            let phone = Phone(app.services.welcome(token).await.unwrap().unwrap().typed.replace(' ', ""));
            let mut browser = Browser::new(&app);
            assert_eq!(browser.post(&made.path, &[("password", PASSWORD), ("code", &phone.code(0))]).await, "/staff");
            browser
        };
        let mut browser = enter(&reset).await;
        // Used, it lasts; unused, an hour.
        for _ in 0..13 {
            app.services.clock.advance(SignedDuration::from_mins(50));
            assert_eq!(browser.get("/staff").await.0, 200);
        }
        app.services.clock.advance(SignedDuration::from_mins(61));
        assert_eq!(browser.get("/staff").await.0, 303, "an hour without use");
        let again = app.services.reset_person(None, &member.id).await.unwrap();
        let mut browser = enter(&again).await;
        for _ in 0..14 {
            app.services.clock.advance(SignedDuration::from_mins(50));
            browser.get("/staff").await;
        }
        app.services.clock.advance(SignedDuration::from_mins(50));
        assert_eq!(browser.get("/staff").await.0, 303, "twelve hours, however much it was used");
        // Taken away, it is over at once; and so is whoever left.
        let again = app.services.reset_person(None, &member.id).await.unwrap();
        let mut browser = enter(&again).await;
        app.services.add_person(None, told("Ravi", "admin", free())).await.unwrap();
        app.services.end_person(None, &member.id).await.unwrap();
        assert_eq!(browser.get("/staff").await.0, 303);
        assert_eq!(browser.sign_in("mei@shop.example", PASSWORD, "123456").await, "/staff/sign-in");
        assert!(matches!(app.services.end_person(None, &member.id).await, Err(PeopleError::Unknown)));
    }
}

on_both! {
    async fn strangers_who_guess_keep_nobody_out(database: Database) {
        let app = TestApp::with(database, |config| config.client_address_header = Some("x-forwarded-for".into())).await;
        let (_, phone, mut known) = hire(&app, "Mei", "support", free()).await;
        known.post("/staff/sign-out", &[]).await;
        let from = async |browser: &mut Browser<'_>, address: &str, code: &str, password: &str| {
            let fields = [("email", "mei@shop.example"), ("password", password), ("code", code)];
            let sent = app.client.post(format!("{}/staff/sign-in", app.base)).header(header::COOKIE, browser.cookie());
            let sent = sent.header("x-forwarded-for", address).form(&fields).send().await.unwrap();
            browser.keep(&sent);
            sent.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        let mut stranger = Browser::new(&app);
        for guess in 0..12 {
            assert_eq!(from(&mut stranger, &format!("203.0.113.{guess}"), "000000", "guessed").await, "/staff/sign-in");
        }
        // On a device that was never theirs, not even they come in: it could be the stranger who is right at last.
        app.database.meddle("UPDATE staff SET factor_step = 0").await;
        let mut new = Browser::new(&app);
        assert_eq!(from(&mut new, "198.51.100.7", &phone.code(0), PASSWORD).await, "/staff/sign-in");
        new.says("/staff/sign-in", "a lot of tries").await;
        // On their own they do.
        assert_eq!(from(&mut known, "198.51.100.8", &phone.code(0), PASSWORD).await, "/staff");
        // And an address that guesses at everybody is stopped itself.
        let mut many = Browser::new(&app);
        for guess in 0..31 {
            let fields = [("email", format!("p{guess}@shop.example")), ("password", "guessed".to_owned()), ("code", "000000".to_owned())];
            let sent = app.client.post(format!("{}/staff/sign-in", app.base)).header("x-forwarded-for", "192.0.2.1").header(header::COOKIE, many.cookie()).form(&fields).send().await.unwrap();
            many.keep(&sent);
        }
        many.says("/staff/sign-in", "a lot of tries").await;
    }
}

on_both! {
    async fn a_code_is_taken_once_also_by_two_at_once(database: Database) {
        let app = TestApp::start(database).await;
        let (_, phone, _) = hire(&app, "Mei", "support", free()).await;
        let code = phone.code(1);
        let mut browsers: Vec<Browser> = (0..4).map(|_| Browser::new(&app)).collect();
        let tries = browsers.iter_mut().map(|browser| browser.sign_in("mei@shop.example", PASSWORD, &code));
        let came_in = futures::future::join_all(tries).await.into_iter().filter(|to| to == "/staff").count();
        assert_eq!(came_in, 1);
    }
}

on_both! {
    async fn an_admin_says_who_works_here_and_one_stays(database: Database) {
        let app = TestApp::start(database).await;
        let link = app.services.first_admin_link().await.unwrap().unwrap();
        let token = link.rsplit('/').next().unwrap();
        let phone = Phone(app.services.welcome(token).await.unwrap().unwrap().typed.replace(' ', ""));
        let mut admin = Browser::new(&app);
        let fields = |name, email| [("name", name), ("email", email), ("password", PASSWORD)];
        assert_eq!(admin.post(&link, &[&fields("", "ravi@shop.example")[..], &[("code", &phone.code(0))]].concat()).await, link);
        admin.says(&link, "Please enter a name").await;
        assert_eq!(admin.post(&link, &[&fields("Ravi", "ravi@shop.example")[..], &[("code", &phone.code(0))]].concat()).await, "/staff");
        assert_eq!(app.services.first_admin_link().await.unwrap(), None, "somebody works here");

        assert_eq!(admin.post("/staff/people", &[("name", "Mei"), ("email", "mei"), ("limit", "lots")]).await, "/staff/people");
        let page = admin.get("/staff/people").await.1;
        for says in ["Please choose at least one role", "Write amounts with their currency", "value=\"Mei\""] {
            assert!(page.contains(says), "{says}: {page}");
        }
        let told = [("name", "Mei"), ("email", "mei@shop.example"), ("role", "support"), ("role", "finance"), ("limit", "500 EUR, 3000 CNY"), ("warehouses", "HZ1")];
        assert_eq!(admin.post("/staff/people", &told).await, "/staff/people");
        let page = admin.get("/staff/people").await.1;
        assert!(page.contains("https://returns.example/staff/welcome/") && page.contains("has not signed in yet"), "{page}");
        assert!(!admin.get("/staff/people").await.1.contains("/staff/welcome/"), "it is shown once");
        let people = app.services.people().await.unwrap();
        let mei = &people.iter().find(|row| row.member.name == "Mei").unwrap().member;
        assert_eq!((mei.roles.to_string().as_str(), mei.limits.warehouses.as_slice()), ("support,finance", &["HZ1".to_owned()][..]));
        assert_eq!(mei.limits.refund_up_to.as_ref().unwrap().iter().map(|(currency, minor)| format!("{minor} {currency}")).collect::<Vec<_>>(), ["50000 EUR", "300000 CNY"]);
        assert_eq!(admin.post("/staff/people", &told).await, "/staff/people");
        admin.says("/staff/people", "already signs in with this address").await;

        let ravi = &people.iter().find(|row| row.member.name == "Ravi").unwrap().member.id;
        assert_eq!(admin.post(&format!("/staff/people/{ravi}/change"), &[("role", "support")]).await, "/staff/people");
        admin.says("/staff/people", "One admin must stay").await;
        assert_eq!(admin.post(&format!("/staff/people/{ravi}/end"), &[]).await, "/staff/people");
        admin.says("/staff/people", "One admin must stay").await;
        assert_eq!(admin.post(&format!("/staff/people/{}/end", mei.id), &[]).await, "/staff/people");
        admin.says("/staff/people", "Mei can no longer sign in").await;
    }
}

on_both! {
    async fn a_forgotten_password_is_chosen_anew_with_the_app_that_they_have(database: Database) {
        const NEW: &str = "fünf Reiher an der Schleuse";
        let app = TestApp::start(database).await;
        let (_, _, mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        let (mei, phone, mut browser) = hire(&app, "Mei", "support", free()).await;
        assert_eq!(ravi.post(&format!("/staff/people/{}/reset", mei.id), &[("keeps", "1")]).await, "/staff/people");
        let page = ravi.get("/staff/people").await.1;
        let link = format!("/staff/welcome/{}", page.split("/staff/welcome/").nth(1).unwrap().split(['"', '<', '&']).next().unwrap());
        assert_eq!(browser.get("/staff").await.0, 303, "whoever was in is out");
        assert_eq!(browser.sign_in("mei@shop.example", PASSWORD, &phone.code(1)).await, "/staff/sign-in");
        // The page shows nobody what the app is made of.
        let mut other = Browser::new(&app);
        let page = other.get(&link).await.1;
        assert!(page.contains("name=\"code\"") && !page.contains("class=\"key\"") && !page.contains(&phone.0), "{page}");
        assert_eq!(other.post(&link, &[("password", NEW), ("code", "000000")]).await, link, "the link alone opens nothing");
        assert_eq!(other.post(&link, &[("password", NEW), ("code", &phone.code(1))]).await, "/staff");
        other.says("/staff/me", "mei@shop.example").await;
        assert_eq!(Browser::new(&app).get(&link).await.0, 410, "once");
        app.database.meddle("UPDATE staff SET factor_step = 0").await;
        assert_eq!(Browser::new(&app).sign_in("mei@shop.example", NEW, &phone.code(0)).await, "/staff", "the same app shows the codes");
        let trail = audit(&app).await;
        assert!(trail.iter().any(|(done, _)| done == "reset_password"), "{trail:?}");
        // Who has no app yet gets one.
        let made = app.services.add_person(None, told("Bo", "warehouse", free())).await.unwrap();
        let reset = app.services.reset_password(None, &made.member.id).await.unwrap();
        let token = reset.path.rsplit('/').next().unwrap();
        assert!(!app.services.welcome(token).await.unwrap().unwrap().typed.is_empty());
    }
}

on_both! {
    async fn sessions_are_ended_by_an_admin_and_by_whoever_runs_the_server(database: Database) {
        let app = TestApp::start(database).await;
        let (ravi_is, _, mut ravi) = hire(&app, "Ravi", "admin", free()).await;
        let (mei_is, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut bo) = hire(&app, "Bo", "support", free()).await;
        mei.post(&format!("/staff/people/{}/sign-out", ravi_is.id), &[]).await;
        assert_eq!(ravi.get("/staff").await.0, 200, "that is an admin's to do");
        assert_eq!(ravi.post(&format!("/staff/people/{}/sign-out", mei_is.id), &[]).await, "/staff/people");
        ravi.says("/staff/people", "Mei is signed out everywhere").await;
        assert_eq!((mei.get("/staff").await.0, bo.get("/staff").await.0), (303, 200));
        app.put_order(&order("1")).await;
        let mut shopper = crate::pages::Visitor::new(&app);
        let draft = shopper.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
        assert_eq!(shopper.text(&draft).await.matches("黄铜台灯").count().min(1), 1);
        let ended = app.services.sign_out_everybody().await.unwrap();
        assert!(ended.0 >= 2 && ended.1 >= 1, "{ended:?}");
        assert_eq!((ravi.get("/staff").await.0, bo.get("/staff").await.0), (303, 303));
        assert!(!shopper.text(&draft).await.contains("黄铜台灯"));
        let trail = audit(&app).await;
        assert!(["sign_out_person", "sign_out_everybody"].iter().all(|what| trail.iter().any(|(done, _)| done == what)), "{trail:?}");
    }
}

on_both! {
    async fn no_password_is_of_the_shops_words_or_was_stolen_elsewhere(database: Database) {
        const STOLEN: &str = "achtzehn Kraniche über Kyoto";
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("stolen.txt");
        // SHA-1 of it, as the list has it, between others.
        let mut lines = [format!("{}:7", sha1_of(STOLEN)), format!("{}:7", sha1_of("a")), format!("{}:9", sha1_of("b"))];
        lines.sort();
        std::fs::write(&list, lines.join("\r\n")).unwrap();
        let app = TestApp::with(database, |config| {
            config.breached_passwords = Some(list);
            config.shop.name = [(domain::words::Locale::En, "Zwiebelturm Kaffeeladen".to_owned())].into_iter().collect();
        })
        .await;
        let made = app.services.add_person(None, told("Mei", "support", free())).await.unwrap();
        let token = made.path.rsplit('/').next().unwrap();
        let phone = Phone(app.services.welcome(token).await.unwrap().unwrap().typed.replace(' ', ""));
        let mut browser = Browser::new(&app);
        for weak in ["Zwiebelturm1", "ZwiebelturmKaffeeladen", "kaffeeladen-zwiebelturm", STOLEN] {
            assert_eq!(browser.post(&made.path, &[("password", weak), ("code", &phone.code(0))]).await, made.path, "{weak}");
            browser.says(&made.path, "choose a longer password").await;
        }
        assert_eq!(browser.post(&made.path, &[("password", PASSWORD), ("code", &phone.code(0))]).await, "/staff");
    }
}

/// As the list of stolen passwords has it.
fn sha1_of(password: &str) -> String {
    sha1::Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

on_both! {
    async fn pages_of_admins_are_for_admins(database: Database) {
        let app = TestApp::start(database).await;
        hire(&app, "Ravi", "admin", free()).await;
        let (mei, _, mut browser) = hire(&app, "Mei", "support,warehouse,workshop,finance", free()).await;
        let (status, page) = browser.get("/staff/people").await;
        assert!(status == 403 && page.contains("This page is for Admin"), "{status} {page}");
        let before = app.services.people().await.unwrap();
        let own = format!("/staff/people/{}", mei.id);
        for (path, fields) in [
            ("/staff/people", &[("name", "Eve"), ("email", "eve@shop.example"), ("role", "admin")][..]),
            (&format!("{own}/change"), &[("role", "admin")][..]),
            (&format!("{own}/reset"), &[][..]),
            (&format!("{own}/end"), &[][..]),
        ] {
            browser.post(path, fields).await;
            assert_eq!(app.services.people().await.unwrap(), before, "{path}");
        }
        for by in [Some(&mei)] {
            assert!(matches!(app.services.add_person(by, told("Eve", "admin", free())).await, Err(PeopleError::NotAdmin)));
            assert!(matches!(app.services.end_person(by, &mei.id).await, Err(PeopleError::NotAdmin)));
        }
    }
}

/// A return that waits for a person: nobody said what state the goods are in.
async fn waiting(app: &TestApp, number: &str) -> (String, u64) {
    app.put_order(&order(number)).await;
    let mut asked = request(number, "2", 1);
    asked["lines"][0].as_object_mut().unwrap().remove("condition");
    let (status, opened) = app.post("/returns", &asked).await;
    assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("in_review")), "{opened}");
    (opened["rma"].as_str().unwrap().to_owned(), opened["version"].as_u64().unwrap())
}

on_both! {
    async fn a_decision_is_of_who_may_and_of_what_they_saw(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut support) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut warehouse) = hire(&app, "Jonas", "warehouse", free()).await;
        let (_, _, mut junior) = hire(&app, "Ana", "support", StaffLimits { refund_up_to: Some(vec![("CNY".parse().unwrap(), 10_00)]), ..StaffLimits::default() }).await;
        let (first, version) = waiting(&app, "70001").await;
        let (second, _) = waiting(&app, "70002").await;
        let page = format!("/staff/returns/{first}");
        let decide = format!("{page}/decide");
        let version = version.to_string();
        let stands = async |rma: &str| app.get(&format!("/returns/{rma}")).await.1["status"].as_str().unwrap().to_owned();

        support.says("/staff", &first).await;
        let seen = support.get(&page).await.1;
        for says in ["Someone must look at this", "王小明", "Approve", "Decline", "Ask for more", "黄铜台灯"] {
            assert!(seen.contains(says), "{says}: {seen}");
        }
        assert_eq!(warehouse.post(&decide, &[("decision", "approve"), ("version", &version)]).await, page);
        warehouse.says(&page, "This is for Support").await;
        assert_eq!(junior.post(&decide, &[("decision", "approve"), ("version", &version)]).await, page);
        junior.says(&page, "more than you may approve").await;
        for (fields, says) in [
            (&[("decision", "decline"), ("version", &version)][..], "say it in a sentence"),
            (&[("decision", "ask"), ("version", &version)][..], "answer this question"),
            (&[("decision", "ask_evidence"), ("version", &version)][..], "say it in a sentence"),
            (&[("decision", "approve"), ("version", "1000")][..], "changed in another window"),
            (&[("decision", "approve")][..], "changed in another window"),
            (&[("decision", "pay"), ("version", &version)][..], "answer this question"),
        ] {
            assert_eq!(support.post(&decide, fields).await, page, "{fields:?}");
            support.says(&page, says).await;
            assert_eq!(stands(&first).await, "in_review", "{fields:?}");
        }
        // What was typed stays.
        let long = "x".repeat(2_001);
        support.post(&decide, &[("decision", "decline"), ("version", &version), ("decline-words", &long)]).await;
        let shown = support.get(&page).await.1;
        assert!(shown.contains(&"x".repeat(2_000)) && shown.contains("keep it below 2000") || shown.contains("2,000"), "{shown}");

        // Decided, the next one opens by itself, and says what was done.
        let next = support.post(&decide, &[("decision", "decline"), ("version", &version), ("decline-words", "It was worn outdoors.")]).await;
        assert_eq!(next, format!("/staff/returns/{second}"));
        support.says(&next, "declined").await;
        assert_eq!(stands(&first).await, "declined");
        let timeline = app.get(&format!("/returns/{first}/timeline")).await.1.to_string();
        assert!(timeline.contains("It was worn outdoors."), "{timeline}");
        // Sent twice: the second hears how it stands.
        assert_eq!(support.post(&decide, &[("decision", "decline"), ("version", &version), ("decline-words", "no")]).await, page);
        support.says(&page, "changed in another window").await;

        let decide = format!("/staff/returns/{second}/decide");
        let version = app.get(&format!("/returns/{second}")).await.1["version"].to_string();
        assert_eq!(support.post(&decide, &[("decision", "approve"), ("version", &version)]).await, "/staff", "nothing is left");
        support.says("/staff", "Nothing to do right now").await;
        assert_eq!(stands(&second).await, "approved");
        let trail = audit(&app).await;
        let of = |rma: &str| trail.iter().filter(|(_, subject)| *subject == format!("return:{rma}")).map(|(what, _)| what.clone()).collect::<Vec<_>>();
        assert_eq!((of(&first), of(&second)), (vec!["decline".to_owned()], vec!["approve".to_owned()]), "{trail:?}");
    }
}

on_both! {
    async fn deciding_otherwise_than_policy_takes_leave_and_a_reason(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut senior) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut junior) = hire(&app, "Ana", "support", StaffLimits::default()).await;
        let (rma, _) = waiting(&app, "70003").await;
        let page = format!("/staff/returns/{rma}");
        let decide = format!("{page}/decide");
        // As if policy had said no.
        let version = app.get(&format!("/returns/{rma}")).await.1["version"].to_string();
        app.database.meddle(&format!("UPDATE returns SET state = REPLACE(state, '\"verdict\":\"in_review\"', '\"verdict\":\"declined\"') WHERE rma = '{rma}'")).await;
        assert_eq!(junior.post(&decide, &[("decision", "approve"), ("version", &version), ("approve-words", "She is right.")]).await, page);
        junior.says(&page, "The policy says no to this").await;
        assert_eq!(senior.post(&decide, &[("decision", "approve"), ("version", &version)]).await, page);
        senior.says(&page, "say why you decide otherwise").await;
        app.database.meddle(&format!("UPDATE returns SET state = REPLACE(state, '\"verdict\":\"declined\"', '\"verdict\":\"in_review\"') WHERE rma = '{rma}'")).await;
    }
}

#[test]
fn each_role_gives_the_commands_of_its_rows_and_no_other() {
    let member = |role| Member {
        id: "s".into(),
        name: "Li".into(),
        email: "li@shop.example".parse().unwrap(),
        roles: Roles::new([role]),
        limits: free(),
    };
    for row in CommandKind::TABLE {
        for role in Roles::ALL {
            let rma = (0..).find_map(RmaNumber::from_random).unwrap();
            let leave = server::services::Access::of_staff(&member(role), rma, row.kind, "seal".into());
            let of_people = row.who.iter().any(|who| !matches!(who, Role::System));
            let expected = row.who.contains(&role) || role == Role::Admin && of_people;
            assert_eq!(leave.is_some(), expected, "{} by {}", row.code, role.code());
        }
    }
}

on_both! {
    async fn what_was_done_stays_as_it_was_written(database: Database) {
        let app = TestApp::start(database).await;
        hire(&app, "Mei", "support", free()).await;
        hire(&app, "Ravi", "admin", free()).await;
        assert_eq!(audit(&app).await.len(), 4);
        let verify = async || {
            let mut read = app.services.store.read().await.unwrap();
            store::verify_audit(&mut read.conn()).await.unwrap()
        };
        let found = verify().await;
        assert_eq!((found.rows, found.erased, found.waiting, found.faults), (4, 0, 0, Vec::new()));
        // The database itself lets nothing be changed.
        for text in ["UPDATE audit SET what = 'nothing'", "UPDATE audit SET seq = 9 WHERE seq = 1", "UPDATE audit SET actor = 'x' WHERE seq = 2", "DELETE FROM audit"] {
            assert!(app.database.try_to_meddle(text).await.is_err(), "{text}");
        }
        // Values of a person can go; the chain stays whole, and says so.
        let of_mei = app.services.people().await.unwrap().into_iter().find(|row| row.member.name == "Mei").unwrap().member.id;
        app.database.meddle(&format!("DELETE FROM audit_private WHERE id IN (SELECT id FROM audit WHERE subject = 'staff:{of_mei}')")).await;
        let found = verify().await;
        assert_eq!((found.rows, found.erased, found.faults), (4, 1, Vec::new()));
        // Changed values are known.
        app.database.meddle("UPDATE audit_private SET value = '{}'").await;
        assert!(matches!(verify().await.faults[..], [AuditFault::PrivateChanged(_)]));
        // Whoever takes the triggers away is found out.
        for drop in app.database.without_audit_triggers() {
            app.database.meddle(drop).await;
        }
        app.database.meddle("UPDATE audit SET what = 'nothing' WHERE seq = 2").await;
        assert!(verify().await.faults.contains(&AuditFault::Changed(2)));
        app.database.meddle("DELETE FROM audit WHERE seq = 3").await;
        assert!(verify().await.faults.contains(&AuditFault::Missing(3)));
    }
}

on_both! {
    async fn many_rows_are_sealed_in_order_by_two_at_once(database: Database) {
        let app = TestApp::start(database).await;
        for batch in 0..3 {
            let note = move |place: i64| AuditNote { at: batch * 1_000 + place, actor: "operator".into(), what: "test".into(), subject: "test:1".into(), ..AuditNote::default() };
            app.services.store.write(move |mut conn| Box::pin(async move {
                for place in 0..300 {
                    store::note_audit(&mut conn, &note(place)).await?;
                }
                Ok::<_, StoreError>(())
            })).await.unwrap();
            let workers = [compose::worker(&app.services).unwrap(), compose::worker(&app.services).unwrap()];
            let sealed = futures::future::join_all(workers.iter().map(|worker| worker.seal())).await;
            assert!(sealed.iter().all(Result::is_ok), "{sealed:?}");
        }
        let mut read = app.services.store.read().await.unwrap();
        let found = store::verify_audit(&mut read.conn()).await.unwrap();
        assert_eq!((found.rows, found.waiting, found.faults), (900, 0, Vec::new()));
    }
}

on_both! {
    async fn the_demo_shop_opens_with_something_to_do_for_everybody(database: Database) {
        let app = TestApp::with(database, |config| config.demo = true).await;
        server::demo::seed(&app.services).await.unwrap();
        let now = app.services.clock.now();
        assert!((now - Timestamp::now()).abs().total(jiff::Unit::Second).unwrap() < 60.0, "the clock is where it was");
        let mut read = app.services.store.read().await.unwrap();
        let tasks = store::list_tasks(&mut read.conn(), &store::QueueView::of(TaskKind::ALL.iter().copied()), None, 1_000).await.unwrap();
        drop(read);
        // Labels of our own making are there at once, so nobody has to make one; and they run out on the day until which goods should be sent.
        for kind in TaskKind::ALL.iter().filter(|kind| !matches!(kind, TaskKind::IssueLabel | TaskKind::ChaseParcel)) {
            assert!(tasks.iter().any(|task| task.kind == kind.code()), "nothing of {kind}: {tasks:?}");
        }
        for role in Roles::ALL.into_iter().filter(|role| *role != Role::Admin) {
            assert!(tasks.iter().any(|task| task.role == role.code()), "nothing for {}", role.code());
        }
        let returns = app.database.texts("SELECT rma FROM returns").await.len();
        assert!(returns >= 30, "{returns}");
        // And with something that customers said of it (A13), some of it not so good.
        let said = app.database.texts("SELECT CAST(stars AS TEXT) FROM feedback ORDER BY stars").await;
        assert_eq!(said, ["2", "3", "4", "5", "5"], "C37");
        server::demo::seed(&app.services).await.unwrap();
        assert_eq!(app.database.texts("SELECT rma FROM returns").await.len(), returns, "seeded twice, it is the same shop");
        // Whoever looks is shown how to come in, and can.
        let mut browser = Browser::new(&app);
        let page = browser.get("/staff/sign-in").await.1;
        for login in server::demo::logins(&app.services).await.unwrap() {
            assert!(page.contains(&login.email) && page.contains(&login.password), "{page}");
            let mut browser = Browser::new(&app);
            assert_eq!(browser.sign_in(&login.email, &login.password, &login.code).await, "/staff", "{}", login.email);
            assert_eq!(browser.get("/staff").await.0, 200);
        }
        assert_eq!(server::demo::logins(&app.services).await.unwrap().len(), 5);
    }
}
