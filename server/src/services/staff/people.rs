//! Who works here: an admin, or whoever runs the server, says who they are and what they may. They choose their password themselves, by a link that works once.

use domain::ids::EmailAddress;
use domain::plain::maybe_line;
use domain::staff::{Member, Roles, StaffLimits};
use uuid::Uuid;

use super::factor::Factor;
use super::{OPERATOR, subject};
use crate::secrets;
use crate::services::Services;
use crate::store::{self, AuditNote, Conn, StaffLink, StaffRow, StoreError};

/// Letters of a name.
pub(super) const LONGEST_STAFF_NAME: usize = 80;
/// People at work: more are a slip.
pub(super) const MOST: usize = 2_000;
/// How long a link works, milliseconds.
const LINK_LIFE: i64 = 48 * 60 * 60 * 1000;

pub(super) fn new_id() -> String {
    format!("s_{}", Uuid::now_v7().simple())
}

/// What is told of somebody.
#[derive(Clone, Debug)]
pub struct PersonTold {
    pub name: String,
    pub email: EmailAddress,
    pub roles: Roles,
    pub limits: StaffLimits,
}

/// A link by which somebody chooses a password.
#[derive(Clone, Debug)]
pub struct LinkMade {
    pub member: Member,
    /// Path below the public address.
    pub path: String,
}

/// Why somebody was not let in, changed or let go.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("only an admin may do this")]
    NotAdmin,
    #[error("there is nobody of that name here")]
    Unknown,
    #[error("a name is needed")]
    Name,
    #[error("at least one role is needed")]
    Roles,
    #[error("somebody has that address")]
    Taken,
    #[error("there are too many people")]
    TooMany,
    /// Nobody could let anybody in any more.
    #[error("one admin must stay")]
    LastAdmin,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Everybody who works here, or did.
    pub async fn people(&self) -> Result<Vec<StaffRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_staff(&mut read.conn()).await
    }

    /// A link that makes the first admin; nothing where there is somebody.
    pub async fn first_admin_link(&self) -> Result<Option<String>, StoreError> {
        if !self.people().await?.is_empty() {
            return Ok(None);
        }
        let (token, now) = (secrets::token(), self.clock.millis());
        let link = StaffLink { staff: None, factor: Factor::new().locked(&self.secret) };
        let digest = secrets::digest(&token);
        self.store
            .write(move |mut conn| Box::pin(async move { store::put_staff_link(&mut conn, &digest, &link, now + LINK_LIFE).await }))
            .await?;
        Ok(Some(welcome_path(&token)))
    }

    /// Lets somebody work here; `by` whom: an admin, or whoever runs the server.
    pub async fn add_person(&self, by: Option<&Member>, told: PersonTold) -> Result<LinkMade, PeopleError> {
        let actor = actor(by)?;
        let name = maybe_line(Some(&told.name), LONGEST_STAFF_NAME).ok_or(PeopleError::Name)?;
        if told.roles.is_empty() {
            return Err(PeopleError::Roles);
        }
        let member = Member { id: new_id(), name, email: told.email, roles: told.roles, limits: told.limits };
        let (token, link, now) = (secrets::token(), self.link_of(&member), self.clock.millis());
        let (digest, added) = (secrets::digest(&token), member.clone());
        let note = self.people_note(actor, "add_person", &member.id, None, Some(&member));
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    store::lock_staff(&mut conn).await?;
                    if store::list_staff(&mut conn).await?.len() >= MOST {
                        return Err(PeopleError::TooMany);
                    }
                    if !store::add_staff(&mut conn, &added, now).await? {
                        return Err(PeopleError::Taken);
                    }
                    store::put_staff_link(&mut conn, &digest, &link, now + LINK_LIFE).await?;
                    Ok(store::note_audit(&mut conn, &note).await?)
                })
            })
            .await?;
        Ok(LinkMade { member, path: welcome_path(&token) })
    }

    /// Says anew what somebody may.
    pub async fn change_person(&self, by: Option<&Member>, id: &str, roles: Roles, limits: StaffLimits) -> Result<Member, PeopleError> {
        let actor = actor(by)?;
        if roles.is_empty() {
            return Err(PeopleError::Roles);
        }
        let (services, id) = (self.clone(), id.to_owned());
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let row = person(&mut conn, &id).await?;
                    let member = Member { roles, limits, ..row.member.clone() };
                    let note = services.people_note(actor, "change_person", &id, Some(&row.member), Some(&member));
                    store::change_staff(&mut conn, &member).await?;
                    an_admin_stays(&mut conn).await?;
                    store::note_audit(&mut conn, &note).await?;
                    Ok(member)
                })
            })
            .await
    }

    /// Takes password and second factor away, ends all sessions, and makes a link to choose new ones by.
    pub async fn reset_person(&self, by: Option<&Member>, id: &str) -> Result<LinkMade, PeopleError> {
        let actor = actor(by)?;
        let (services, id, token) = (self.clone(), id.to_owned(), secrets::token());
        let (digest, now) = (secrets::digest(&token), self.clock.millis());
        let reset = self.store.write(move |mut conn| {
            Box::pin(async move {
                let row = person(&mut conn, &id).await?;
                let note = services.people_note(actor, "reset_person", &id, None, None);
                store::clear_credentials(&mut conn, &id).await?;
                store::end_staff_sessions(&mut conn, &id, "").await?;
                store::put_staff_link(&mut conn, &digest, &services.link_of(&row.member), now + LINK_LIFE).await?;
                store::note_audit(&mut conn, &note).await?;
                Ok::<_, PeopleError>(row.member)
            })
        });
        Ok(LinkMade { member: reset.await?, path: welcome_path(&token) })
    }

    /// Takes the password away, ends all sessions, and makes a link to choose another by, with a code of the app that they have; who has none is
    /// reset.
    pub async fn reset_password(&self, by: Option<&Member>, id: &str) -> Result<LinkMade, PeopleError> {
        let actor = actor(by)?;
        let (services, id, token) = (self.clone(), id.to_owned(), secrets::token());
        let (digest, now) = (secrets::digest(&token), self.clock.millis());
        let reset = self.store.write(move |mut conn| {
            Box::pin(async move {
                let row = person(&mut conn, &id).await?;
                let note = services.people_note(actor, "reset_password", &id, None, None);
                let link = match row.factor {
                    Some(factor) => StaffLink { staff: Some(id.clone()), factor },
                    None => services.link_of(&row.member),
                };
                store::clear_password(&mut conn, &id).await?;
                store::end_staff_sessions(&mut conn, &id, "").await?;
                store::put_staff_link(&mut conn, &digest, &link, now + LINK_LIFE).await?;
                store::note_audit(&mut conn, &note).await?;
                Ok::<_, PeopleError>(row.member)
            })
        });
        Ok(LinkMade { member: reset.await?, path: welcome_path(&token) })
    }

    /// Ends all sessions of somebody; they sign in anew.
    pub async fn sign_out_person(&self, by: Option<&Member>, id: &str) -> Result<Member, PeopleError> {
        let actor = actor(by)?;
        let (services, id) = (self.clone(), id.to_owned());
        let ended = self.store.write(move |mut conn| {
            Box::pin(async move {
                let row = person(&mut conn, &id).await?;
                let note = services.people_note(actor, "sign_out_person", &id, None, None);
                store::end_staff_sessions(&mut conn, &id, "").await?;
                store::note_audit(&mut conn, &note).await?;
                Ok::<_, PeopleError>(row.member)
            })
        });
        ended.await
    }

    /// Ends every session there is, of people at work and of shoppers, as whoever runs the server. Answers how many of each.
    pub async fn sign_out_everybody(&self) -> Result<(u64, u64), StoreError> {
        let note = AuditNote {
            at: self.clock.millis(),
            actor: OPERATOR.to_owned(),
            what: "sign_out_everybody".to_owned(),
            subject: "sessions".to_owned(),
            ..AuditNote::default()
        };
        let ended = self.store.write(move |mut conn| {
            Box::pin(async move {
                let ended = store::end_every_session(&mut conn).await?;
                store::note_audit(&mut conn, &note).await?;
                Ok(ended)
            })
        });
        ended.await
    }

    /// They do not work here any more: nothing opens for them from now on. What they did stays.
    pub async fn end_person(&self, by: Option<&Member>, id: &str) -> Result<Member, PeopleError> {
        let actor = actor(by)?;
        let (services, id, now) = (self.clone(), id.to_owned(), self.clock.millis());
        let (theirs, by) = (id.clone(), actor.clone());
        let ended = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    let row = person(&mut conn, &id).await?;
                    let note = services.people_note(actor, "end_person", &id, Some(&row.member), None);
                    store::end_staff(&mut conn, &id, Some(now)).await?;
                    store::clear_credentials(&mut conn, &id).await?;
                    store::end_staff_sessions(&mut conn, &id, "").await?;
                    an_admin_stays(&mut conn).await?;
                    store::note_audit(&mut conn, &note).await?;
                    Ok::<_, PeopleError>(row.member)
                })
            })
            .await?;
        // What they had to do is anybody's.
        store::release_tasks_of(&self.store, &theirs, &by).await?;
        Ok(ended)
    }

    fn link_of(&self, member: &Member) -> StaffLink {
        StaffLink { staff: Some(member.id.clone()), factor: Factor::new().locked(&self.secret) }
    }

    pub(super) fn people_note(&self, actor: String, what: &str, id: &str, before: Option<&Member>, after: Option<&Member>) -> AuditNote {
        let stands = |member: &Member| {
            let limits = serde_json::to_value(&member.limits).unwrap_or_default();
            serde_json::json!({ "roles": member.roles.to_string(), "limits": limits }).to_string()
        };
        let who = |member: &Member| serde_json::json!({ "name": member.name, "email": member.email }).to_string();
        AuditNote {
            at: self.clock.millis(),
            actor,
            what: what.to_owned(),
            subject: subject(id),
            address: None,
            before: before.map(stands),
            after: after.map(stands),
            private: after.or(before).map(who),
        }
    }
}

fn welcome_path(token: &str) -> String {
    format!("/staff/welcome/{token}")
}

/// As the audit trail calls who does it.
pub(super) fn actor(by: Option<&Member>) -> Result<String, PeopleError> {
    match by {
        None => Ok(OPERATOR.to_owned()),
        Some(member) if member.roles.is_admin() => Ok(member.id.clone()),
        Some(_) => Err(PeopleError::NotAdmin),
    }
}

/// Somebody who works here, with everybody's rows locked.
async fn person(conn: &mut Conn<'_>, id: &str) -> Result<StaffRow, PeopleError> {
    store::lock_staff(conn).await?;
    store::find_staff(conn, id).await?.filter(|row| row.ended_at.is_none()).ok_or(PeopleError::Unknown)
}

async fn an_admin_stays(conn: &mut Conn<'_>) -> Result<(), PeopleError> {
    let people = store::list_staff(conn).await?;
    let admin = |row: &StaffRow| row.ended_at.is_none() && row.member.roles.is_admin();
    if people.iter().any(admin) { Ok(()) } else { Err(PeopleError::LastAdmin) }
}
