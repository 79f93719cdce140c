//! What people at work share: saved replies, macros, views of the queue, rules by which tasks are given out.

use domain::desk::{Deed, Rule, SavedView};
use domain::returns::Role;
use domain::staff::Member;
use domain::words::Words;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Services;
use crate::store::{self, AuditNote, SharedRow, StoreError};

/// A kind of what is shared.
pub trait Kind: Serialize + DeserializeOwned + Send + Sync {
    /// As stored.
    const KIND: &'static str;
    /// How many a role can have: a list that nobody reads to its end helps nobody.
    const MOST: usize;
}

/// Something shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared<T> {
    pub id: String,
    /// Whom it is for.
    pub role: Role,
    pub name: String,
    /// The account of who made it.
    pub made_by: String,
    pub of: T,
}

/// A saved reply: its text in each language that somebody wrote it in.
impl Kind for Words {
    const KIND: &'static str = "reply";
    const MOST: usize = 200;
}

/// A macro.
impl Kind for Deed {
    const KIND: &'static str = "macro";
    const MOST: usize = 50;
}

impl Kind for SavedView {
    const KIND: &'static str = "view";
    const MOST: usize = 20;
}

impl Kind for Rule {
    const KIND: &'static str = "rule";
    const MOST: usize = 100;
}

/// Why something was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotShared {
    /// So many are there for that role.
    #[error("there are {most} already")]
    TooMany { most: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A name for what is to be shared.
pub fn new_shared() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Whether a name is one of ours: forms send them.
pub fn is_shared_name(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Services {
    /// All of a kind, by name. What a newer server wrote in a way that this one does not know is left out.
    pub async fn shared<T: Kind>(&self) -> Result<Vec<Shared<T>>, StoreError> {
        let rows = store::list_shared(&mut self.store.read().await?.conn(), T::KIND).await?;
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Keeps something, in place of what has its name; twice the same is kept once.
    pub async fn share<T: Kind>(&self, by: &Member, thing: &Shared<T>) -> Result<(), NotShared> {
        let document = serde_json::to_string(&thing.of).map_err(|error| StoreError::corrupt(T::KIND, error))?;
        let row = SharedRow {
            kind: T::KIND,
            id: thing.id.clone(),
            role: thing.role.code().to_owned(),
            name: thing.name.clone(),
            document,
            made_by: by.id.clone(),
            changed_at: self.clock.millis(),
        };
        let note = self.shared_note(by, "share", T::KIND, &row.id, Some(row.document.clone()));
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let there = store::list_shared(&mut conn, T::KIND).await?;
                    let beside = there.iter().filter(|other| other.role == row.role && other.id != row.id).count();
                    if beside >= T::MOST {
                        return Err(NotShared::TooMany { most: T::MOST });
                    }
                    store::put_shared(&mut conn, &row).await?;
                    Ok(store::note_audit(&mut conn, &note).await?)
                })
            })
            .await
    }

    pub async fn share_no_more<T: Kind>(&self, by: &Member, id: &str) -> Result<(), StoreError> {
        let (note, id) = (self.shared_note(by, "share_no_more", T::KIND, id, None), id.to_owned());
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    store::delete_shared(&mut conn, T::KIND, &id).await?;
                    store::note_audit(&mut conn, &note).await
                })
            })
            .await
    }

    fn shared_note(&self, by: &Member, what: &str, kind: &str, id: &str, private: Option<String>) -> AuditNote {
        AuditNote {
            at: self.clock.millis(),
            actor: by.id.clone(),
            what: format!("{what}_{kind}"),
            subject: format!("{kind}:{id}"),
            private,
            ..AuditNote::default()
        }
    }
}

fn read<T: Kind>(row: SharedRow) -> Option<Shared<T>> {
    let of = serde_json::from_str(&row.document)
        .inspect_err(|error| tracing::warn!(%error, kind = T::KIND, id = row.id, "not readable"))
        .ok()?;
    let role = domain::staff::Roles::ALL.into_iter().find(|role| role.code() == row.role)?;
    Some(Shared { id: row.id, role, name: row.name, made_by: row.made_by, of })
}
