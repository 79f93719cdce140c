//! In and out.

use app::forms::{Fields, noted};
use app::ports::{DeskError, DoorPage, MePage, Mistake, SessionView, StaffTold, WelcomePage};
use app::staff::{SignInTyped, WelcomeForm};

use super::{StaffDesk, StaffNext};
use crate::demo;
use crate::desks::failed;
use crate::desks::session::StaffForm;
use crate::secrets;
use crate::security::{self, Incident};
use crate::services::{NotIn, SignIn, WelcomeTyped, WelcomeWrong};
use crate::store::{self, StoreError};

/// Where they begin.
pub(super) const HOME: &str = "/staff";
pub(super) const DOOR: &str = "/staff/sign-in";

impl StaffDesk {
    pub(super) async fn door(&self) -> Result<DoorPage, DeskError> {
        if self.who.is_some() {
            return Err(DeskError::Moved(HOME.to_owned()));
        }
        let form = self.visitor.session.data.staff.clone();
        // What was typed by a link, or of a device, is shown there.
        let StaffForm { email, next, mistakes, .. } = if form.link.is_empty() { form } else { StaffForm::default() };
        let demo = if self.services.config.demo { demo::logins(&self.services).await.map_err(|error| failed(&error))? } else { Vec::new() };
        Ok(DoorPage { email, next, mistakes, sign_on: self.provider(), shared: self.shared().await?, demo })
    }

    /// "Sign in".
    pub async fn sign_in(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let typed = SignInTyped::parse(fields);
        match self.services.sign_in(&typed.email, typed.password, &typed.code, &self.came()).await {
            Ok(signed_in) => {
                let next = if typed.next.is_empty() { HOME.to_owned() } else { typed.next };
                self.in_now(signed_in, next).await
            }
            Err(NotIn::Store(error)) => Err(failed(&error)),
            Err(refused) => {
                let (mistake, incident) = match refused {
                    NotIn::TooMany => (Mistake::SignInTooMany, Incident::TooMany),
                    _ => (Mistake::SignInWrong, Incident::WrongGuess),
                };
                self.note(incident);
                let mistakes = vec![noted(SignInTyped::FORM, mistake)];
                self.remember(StaffForm { email: typed.email, next: typed.next, mistakes, ..StaffForm::default() }, DOOR).await
            }
        }
    }

    pub(super) fn note(&self, incident: Incident) {
        incident.note("signing in", &security::visitor(&self.services.secret, self.visitor.address), None);
    }

    /// Keeps what was typed by somebody who is not in.
    pub(super) async fn remember(&mut self, form: StaffForm, path: &str) -> Result<StaffNext, DeskError> {
        self.visitor.session.data.staff = form;
        self.visitor.session.save(&self.services, false).await.map_err(|error| failed(&error))?;
        Ok(StaffNext::to(path))
    }

    /// What the visitor's own session has for a browser that knew none.
    pub fn visitor_token(&self) -> Option<&str> {
        self.visitor.session.token.as_deref()
    }

    pub(super) async fn in_now(&mut self, signed_in: SignIn, path: String) -> Result<StaffNext, DeskError> {
        if self.visitor.session.data.staff != StaffForm::default() {
            self.visitor.session.data.staff = StaffForm::default();
            // Whoever forgot it meanwhile has nothing to be emptied.
            let _ = self.visitor.session.save(&self.services, false).await;
        }
        Ok(StaffNext { session: Some(Some(signed_in.token)), device: Some(signed_in.device), ..StaffNext::to(path) })
    }

    /// "Sign out".
    pub async fn sign_out(&mut self, _: &Fields) -> Result<StaffNext, DeskError> {
        if let Some(who) = &self.who {
            self.services.sign_out(who).await.map_err(|error| failed(&error))?;
        }
        Ok(StaffNext { session: Some(None), ..StaffNext::to(DOOR) })
    }

    pub(super) async fn welcome(&self, link: &str) -> Result<WelcomePage, DeskError> {
        let welcome = self.services.welcome(link).await.map_err(|error| failed(&error))?.ok_or(DeskError::InviteOver)?;
        let StaffForm { email, name, mistakes, link: of, .. } = self.visitor.session.data.staff.clone();
        let kept = of == secrets::digest(link);
        let or_none = |text: String| if kept { text } else { String::new() };
        Ok(WelcomePage {
            link: link.to_owned(),
            member: welcome.member,
            address: welcome.address,
            key: welcome.typed,
            name: or_none(name),
            email: or_none(email),
            mistakes: if kept { mistakes } else { Vec::new() },
        })
    }

    /// "Begin".
    pub async fn begin(&mut self, link: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let WelcomeForm { name, typed_email, email, password, code } = WelcomeForm::parse(fields);
        let page = format!(
            "/staff/welcome/{}",
            link.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).take(64).collect::<String>()
        );
        let typed = WelcomeTyped { name: name.clone(), email, password, code };
        let (field, mistake) = match self.services.accept_welcome(link, typed, &self.came()).await {
            Ok(signed_in) => return self.in_now(signed_in, HOME.to_owned()).await,
            Err(WelcomeWrong::Store(error)) => return Err(failed(&error)),
            Err(WelcomeWrong::Over) => return Ok(StaffNext::to(page)),
            Err(WelcomeWrong::Name) => (WelcomeForm::NAME, Mistake::StaffNameMissing),
            Err(WelcomeWrong::Email) => (SignInTyped::EMAIL, Mistake::EmailForm),
            Err(WelcomeWrong::Password) => (SignInTyped::PASSWORD, Mistake::PasswordWeak),
            Err(WelcomeWrong::Code) => (SignInTyped::CODE, Mistake::FactorWrong),
            Err(WelcomeWrong::TooMany) => (SignInTyped::CODE, Mistake::SignInTooMany),
        };
        let form = StaffForm {
            email: typed_email,
            name,
            mistakes: vec![noted(field, mistake)],
            link: secrets::digest(link),
            ..StaffForm::default()
        };
        self.remember(form, &page).await
    }

    pub(super) async fn me(&self) -> Result<MePage, DeskError> {
        let who = self.who()?;
        let told = self.take_kept("/staff/me").await?.told;
        let now = self.services.clock.millis();
        let sessions = async {
            let mut read = self.services.store.read().await?;
            store::staff_sessions_of(&mut read.conn(), &who.member.id, now).await
        };
        let has_password = self.services.has_password(&who.member.id).await.map_err(|error| failed(&error))?;
        let sessions = sessions.await.map_err(|error: StoreError| failed(&error))?;
        let moment = |millis: i64| jiff::Timestamp::from_millisecond(millis).or(jiff::Timestamp::from_millisecond(now)).unwrap_or_default();
        let view = |session: store::StaffSession| SessionView {
            here: session.digest == who.session.digest,
            id: session.digest,
            agent: browser(&session.agent),
            began_at: moment(session.began_at),
            used_at: moment(session.used_at),
        };
        Ok(MePage {
            rail: self.rail(told).await?,
            email: who.member.email.clone(),
            limits: who.member.limits.clone(),
            has_password,
            sessions: sessions.into_iter().map(view).collect(),
        })
    }

    /// "Sign out everywhere else".
    pub async fn end_other_sessions(&mut self, _: &Fields) -> Result<StaffNext, DeskError> {
        let who = self.who()?;
        let (id, here) = (who.member.id.clone(), who.session.digest.clone());
        let ended =
            self.services.store.write(move |mut conn| Box::pin(async move { store::end_staff_sessions(&mut conn, &id, &here).await }));
        ended.await.map_err(|error: StoreError| failed(&error))?;
        self.told(StaffTold::SessionsEnded, "/staff/me").await
    }
}

/// A browser by its name and system, as far as it says.
fn browser(agent: &str) -> String {
    let named = |names: &[(&str, &str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    let name = named(&[("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = named(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    let both: Vec<String> = [name, system].into_iter().flatten().collect();
    if both.is_empty() { agent.chars().take(40).collect() } else { both.join(" · ") }
}
