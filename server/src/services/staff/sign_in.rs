//! Coming in and going out. Who says that an account is theirs may be guessing: each try is counted before it is made, by address, then by device or account, so
//! that strangers who guess at somebody keep nobody out but themselves.

use std::net::IpAddr;

use domain::ids::EmailAddress;
use domain::plain::maybe_line;
use domain::returns::Role;
use domain::staff::{Member, Roles, StaffLimits};
use jiff::Timestamp;

use super::factor::Factor;
use super::people::{LONGEST_STAFF_NAME, new_id};
use super::{password, subject};
use crate::secrets;
use crate::security;
use crate::services::Services;
use crate::store::{self, AuditNote, Conn, StaffRow, StaffSession, StoreError};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
/// In which tries are counted.
const WINDOW: i64 = 15 * MINUTE;
/// Tries from one address: several people may sit behind it.
const OF_ADDRESS: i64 = 30;
/// Tries at one account, from devices that it was never opened on together; and from each that it was.
const OF_ACCOUNT: i64 = 10;
/// How long a session lasts after its last use, and at most.
const LIFE: i64 = HOUR;
const LONGEST: i64 = 12 * HOUR;
/// A use is noted where the last that was is longer ago.
const NOTED: i64 = MINUTE;
/// Characters of what a browser calls itself.
const AGENT: usize = 200;

const DEVICE: &str = "staff.device";

/// From where somebody comes.
#[derive(Clone, Debug)]
pub struct Came {
    pub address: IpAddr,
    /// How the browser calls itself.
    pub agent: String,
    /// What a browser keeps of an account that was opened on it before.
    pub device: Option<String>,
    /// What a device of the house keeps, which people share.
    pub shared: Option<String>,
}

/// Somebody who came in.
#[derive(Clone, Debug)]
pub struct StaffIn {
    pub member: Member,
    pub session: StaffSession,
}

/// Who has just come in, with what their browser keeps.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub member: Member,
    pub token: String,
    pub device: String,
}

/// Why somebody did not come in.
#[derive(Debug, thiserror::Error)]
pub enum NotIn {
    /// Address, password or code is not right, or nobody has that address: all the same answer.
    #[error("this does not fit")]
    Wrong,
    /// Too many tries.
    #[error("too many tries")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Behind a link by which somebody chooses a password.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// Who it is for; nobody yet: it makes the first admin.
    pub member: Option<Member>,
    /// For the app: as a QR code's text, and to be typed; empty where the app they have goes on showing codes.
    pub address: String,
    pub typed: String,
}

/// What is typed there. Of the first admin, name and address too.
#[derive(Clone, Debug, Default)]
pub struct WelcomeTyped {
    pub name: String,
    pub email: Option<EmailAddress>,
    pub password: String,
    pub code: String,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum WelcomeWrong {
    #[error("this link is over")]
    Over,
    #[error("the name is missing")]
    Name,
    #[error("this is no address, or somebody has it")]
    Email,
    #[error("this password is short or easy to guess")]
    Password,
    #[error("this is not the code of now")]
    Code,
    #[error("too many tries")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Lets somebody in who knows their password and the code of now; on a shared device the code may be missing.
    pub async fn sign_in(&self, email: &str, password: String, code: &str, came: &Came) -> Result<SignIn, NotIn> {
        if code.is_empty()
            && let Some(device) = self.shared_device(came.shared.as_deref()).await?
        {
            return self.sign_in_on(device, email, password, came).await;
        }
        let email: Option<EmailAddress> = email.parse().ok();
        let key = email.as_ref().map_or_else(String::new, EmailAddress::key);
        let device = self.known_device(came, &key);
        let counted = self.count_tries(came, &key, device).await?;
        let mut read = self.store.read().await?;
        let found = store::find_staff_of_email(&mut read.conn(), &key).await?;
        drop(read);
        let found = found.filter(|row| row.ended_at.is_none());
        // Whether the first is right is told with the second only.
        let fits = password::fits(password, found.as_ref().and_then(|row| row.password.clone())).await;
        let step = found.as_ref().and_then(|row| self.step_of(row, code));
        let (row, step) = match (found, fits, step) {
            (Some(row), true, Some(step)) => (row, step),
            (found, ..) => {
                if let Some(row) = found {
                    self.audit_sign_in(&row.member.id, "sign_in_refused", came).await?;
                }
                return Err(NotIn::Wrong);
            }
        };
        let factor =
            row.factor.as_deref().and_then(|locked| Factor::unlocked(&self.secret, locked)).map(|factor| factor.locked(&self.secret));
        let (token, session) = self.session_from(came);
        let note = self.note_of_sign_in(&row.member.id, "sign_in", came);
        let member = row.member;
        let id = member.id.clone();
        let kept_device = device.map_or_else(|| self.device_of(&key), str::to_owned);
        let came_in = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    // A code is taken once, also by two at once.
                    if !store::use_factor_step(&mut conn, &id, step).await? {
                        return Err(NotIn::Wrong);
                    }
                    if let (Some(factor), Some(password)) = (factor, &row.password) {
                        // Locked anew: with the secret of today.
                        store::set_credentials(&mut conn, &id, password, &factor, step).await?;
                    }
                    store::begin_staff_session(&mut conn, &id, &session).await?;
                    for subject in &counted {
                        store::give_back(&mut conn, subject).await?;
                    }
                    Ok(store::note_audit(&mut conn, &note).await?)
                })
            })
            .await;
        if matches!(came_in, Err(NotIn::Wrong)) {
            self.audit_sign_in(&member.id, "sign_in_refused", came).await?;
        }
        came_in?;
        Ok(SignIn { member, token, device: kept_device })
    }

    pub(super) fn step_of(&self, row: &StaffRow, code: &str) -> Option<i64> {
        let factor = Factor::unlocked(&self.secret, row.factor.as_deref()?)?;
        factor.step_of(code, Timestamp::now().as_second())
    }

    /// Counts a try; answers what is to be given back where it was right.
    pub(super) async fn count_tries(&self, came: &Came, key: &str, device: Option<&str>) -> Result<Vec<String>, NotIn> {
        let seal = |subject: String| format!("staff:{}", self.secret.seal("guess", &subject));
        let address = seal(format!("staff address:{}", came.address));
        let account = match device {
            Some(device) => seal(format!("staff device:{device}")),
            None => seal(format!("staff account:{key}")),
        };
        let now = self.clock.millis();
        let subjects = vec![address, account];
        let counted = subjects.clone();
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    for (subject, most) in counted.iter().zip([OF_ADDRESS, OF_ACCOUNT]) {
                        if store::count_attempt(&mut conn, subject, WINDOW, now).await? > most {
                            return Err(NotIn::TooMany);
                        }
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(subjects)
    }

    pub(super) fn device_of(&self, key: &str) -> String {
        let name = secrets::token();
        let seal = self.secret.seal(DEVICE, &format!("{name}.{key}"));
        format!("{name}.{seal}")
    }

    /// What the browser keeps, where that account was opened on it before.
    pub(super) fn known_device<'c>(&self, came: &'c Came, key: &str) -> Option<&'c str> {
        let is_of = |(name, seal): (&str, &str)| self.secret.has_sealed(DEVICE, &format!("{name}.{key}"), seal);
        came.device.as_deref().filter(|device| device.split_once('.').is_some_and(is_of))
    }

    pub(super) fn session_from(&self, came: &Came) -> (String, StaffSession) {
        let (token, now) = (secrets::token(), self.clock.millis());
        let session = StaffSession {
            digest: secrets::digest(&token),
            began_at: now,
            used_at: now,
            expires_at: now + self.staff_life(LIFE),
            address: self.seal_of(came.address),
            agent: came.agent.chars().filter(|letter| !letter.is_control()).take(AGENT).collect(),
            told: None,
            device: None,
        };
        (token, session)
    }

    /// An address as the audit trail has it, and the log.
    pub fn seal_of(&self, address: IpAddr) -> String {
        security::visitor(&self.secret, address)
    }

    /// A rehearsal moves the clock by weeks without asking who one is again.
    fn staff_life(&self, life: i64) -> i64 {
        if self.config.demo { 400 * 24 * HOUR } else { life }
    }

    pub(super) fn note_of_sign_in(&self, id: &str, what: &str, came: &Came) -> AuditNote {
        AuditNote {
            at: self.clock.millis(),
            actor: id.to_owned(),
            what: what.to_owned(),
            subject: subject(id),
            address: Some(self.seal_of(came.address)),
            ..AuditNote::default()
        }
    }

    pub(super) async fn audit_sign_in(&self, id: &str, what: &str, came: &Came) -> Result<(), StoreError> {
        let note = self.note_of_sign_in(id, what, came);
        self.store.write(move |mut conn| Box::pin(async move { store::note_audit(&mut conn, &note).await })).await
    }

    /// Who has a session of that token, which is used by that.
    pub async fn staff_of(&self, token: &str) -> Result<Option<StaffIn>, StoreError> {
        let (digest, now) = (secrets::digest(token), self.clock.millis());
        let Some(StaffIn { mut session, member }) = self.staff_of_session(&digest).await? else { return Ok(None) };
        if (now - session.used_at).abs() >= NOTED {
            session.used_at = now;
            session.expires_at = (now + self.staff_life(LIFE)).min(session.began_at + self.staff_life(LONGEST));
            let until = session.expires_at;
            self.store
                .write(move |mut conn| Box::pin(async move { store::note_use_of_staff_session(&mut conn, &digest, now, until).await }))
                .await?;
        }
        Ok(Some(StaffIn { member, session }))
    }

    /// Who has a session, by its digest; it is not used by that.
    pub async fn staff_of_session(&self, digest: &str) -> Result<Option<StaffIn>, StoreError> {
        let mut read = self.store.read().await?;
        let found = store::find_staff_session(&mut read.conn(), digest, self.clock.millis(), self.staff_life(LIFE)).await?;
        Ok(found.map(|(session, member)| StaffIn { member, session }))
    }

    /// Ends a session.
    pub async fn sign_out(&self, who: &StaffIn) -> Result<(), StoreError> {
        let (id, digest) = (who.member.id.clone(), who.session.digest.clone());
        self.store.write(move |mut conn| Box::pin(async move { store::end_staff_session(&mut conn, &id, &digest).await.map(|_| ()) })).await
    }

    /// What is behind a link, where it works.
    pub async fn welcome(&self, token: &str) -> Result<Option<Welcome>, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let Some(link) = store::find_staff_link(&mut conn, &secrets::digest(token), self.clock.millis()).await? else { return Ok(None) };
        let member = match &link.staff {
            Some(id) => match store::find_staff(&mut conn, id).await?.filter(|row| row.ended_at.is_none()) {
                // Only the password was forgotten: the secret of their app is shown to nobody.
                Some(row) if row.factor.as_ref() == Some(&link.factor) => {
                    return Ok(Some(Welcome { member: Some(row.member), address: String::new(), typed: String::new() }));
                }
                Some(row) => Some(row.member),
                None => return Ok(None),
            },
            None if !store::list_staff(&mut conn).await?.is_empty() => return Ok(None),
            None => None,
        };
        let Some(factor) = Factor::unlocked(&self.secret, &link.factor) else { return Ok(None) };
        let account = member.as_ref().map_or("admin", |member| member.email.as_str());
        let address = factor.address(self.shop_name(), account);
        Ok(Some(Welcome { address, typed: factor.typed(), member }))
    }

    pub(super) fn shop_name(&self) -> &str {
        self.own_languages
            .iter()
            .chain(domain::words::Locale::ALL.iter())
            .find_map(|locale| self.config.shop.name.get(*locale))
            .unwrap_or_default()
    }

    /// Takes a password, and the proof that the app has the second factor; whoever that was for is in then.
    pub async fn accept_welcome(&self, token: &str, typed: WelcomeTyped, came: &Came) -> Result<SignIn, WelcomeWrong> {
        let counted = self.count_tries(came, &secrets::digest(token), None).await.map_err(|error| match error {
            NotIn::Store(error) => WelcomeWrong::Store(error),
            _ => WelcomeWrong::TooMany,
        })?;
        let Some(welcome) = self.welcome(token).await? else { return Err(WelcomeWrong::Over) };
        let (member, is_new) = match welcome.member {
            Some(member) => (member, false),
            None => {
                let name = maybe_line(Some(&typed.name), LONGEST_STAFF_NAME).ok_or(WelcomeWrong::Name)?;
                let email = typed.email.clone().ok_or(WelcomeWrong::Email)?;
                let limits = StaffLimits { overrides: true, ..StaffLimits::default() };
                (Member { id: new_id(), name, email, roles: Roles::new([Role::Admin]), limits }, true)
            }
        };
        if !self.may_choose(&typed.password, &member).await {
            return Err(WelcomeWrong::Password);
        }
        let digest = secrets::digest(token);
        let mut read = self.store.read().await?;
        let link = store::find_staff_link(&mut read.conn(), &digest, self.clock.millis()).await?.ok_or(WelcomeWrong::Over)?;
        drop(read);
        let factor = Factor::unlocked(&self.secret, &link.factor).ok_or(WelcomeWrong::Over)?;
        let keeps = welcome.address.is_empty();
        let step = factor.step_of(&typed.code, Timestamp::now().as_second()).ok_or(WelcomeWrong::Code)?;
        let password = password::hash(typed.password).await;
        let (token, session) = self.session_from(came);
        let note = self.note_of_sign_in(&member.id, "credentials_set", came);
        let (device, now) = (self.device_of(&member.email.key()), self.clock.millis());
        let whose = member.clone();
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    // A code that was seen once opens nothing; wrong, the link is as it was.
                    if keeps && !store::use_factor_step(&mut conn, &whose.id, step).await? {
                        return Err(WelcomeWrong::Code);
                    }
                    if !store::use_staff_link(&mut conn, &digest).await? {
                        return Err(WelcomeWrong::Over);
                    }
                    if is_new {
                        store::lock_staff(&mut conn).await?;
                        if !store::list_staff(&mut conn).await?.is_empty() {
                            return Err(WelcomeWrong::Over);
                        }
                        add(&mut conn, &whose, now).await?;
                    }
                    store::set_credentials(&mut conn, &whose.id, &password, &link.factor, step).await?;
                    // Whoever was in with what they had before is out.
                    store::end_staff_sessions(&mut conn, &whose.id, "").await?;
                    store::begin_staff_session(&mut conn, &whose.id, &session).await?;
                    for subject in &counted {
                        store::give_back(&mut conn, subject).await?;
                    }
                    Ok(store::note_audit(&mut conn, &note).await?)
                })
            })
            .await?;
        Ok(SignIn { member, token, device })
    }
}

async fn add(conn: &mut Conn<'_>, member: &Member, now: i64) -> Result<(), WelcomeWrong> {
    if store::add_staff(conn, member, now).await? { Ok(()) } else { Err(WelcomeWrong::Email) }
}
