//! Everything that is held of a customer: handed out in one file, and erased (GDPR, art. 15 to 20; PIPL, art. 45 and 47). What was bought, returned and
//! paid stays as long as books are kept, under a name that leads to nobody.

use std::collections::BTreeMap;

use domain::entry::Account;
use domain::erasure::STANDS_FOR;
use domain::ids::EmailAddress;
use domain::rma::RmaNumber;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Services;
use super::access::{Accountable, AtPrivacy};
use super::evidence::files_of_evidence;
use super::later::JobKind;
use crate::secrets;
use crate::store::{self, Conn, Erasing, ErasureRow, NewJob, Person, StoreError};

/// What seals of erased names are made for.
const NAMES: &str = "erased.name";
/// A mail that was being sent when its customer was erased is written by then.
const LATER: i64 = 15 * 60 * 1000;

/// Why somebody is not erased now.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("nothing is held of such a customer")]
    Unknown,
    /// Returns that are not at their end, at most some of them.
    #[error("returns are open: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Open(Vec<RmaNumber>),
    #[error("money is still to be paid")]
    Owed,
    #[error("a withdrawal waits for an answer")]
    Withdrawal,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who asks for it.
#[derive(Clone, Debug)]
pub enum Asks {
    /// The customer.
    Themselves,
    /// Somebody at work, or a machine of theirs.
    AtWork(AtPrivacy),
}

/// What the job that deletes files is told: nothing that leads to anybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilesErased {
    pub erasure: String,
    /// Names among the objects.
    pub files: Vec<String>,
    /// Seals of the addresses whose mails go.
    pub mails: Vec<String>,
    /// It looks once more for mails that were on their way.
    pub again: bool,
}

impl FilesErased {
    fn job(&self, at: i64) -> NewJob {
        NewJob::new(JobKind::EraseFiles.code(), &json!(self), at)
    }
}

impl Services {
    /// Seals of a name, as they are kept of those who were erased.
    pub(super) fn seals_of_erased(&self, name: &str) -> Vec<String> {
        self.secret.seals(NAMES, name)
    }

    /// The one of them that is made with the secret of today.
    fn seal_of_erased(&self, name: &str) -> Option<String> {
        self.seals_of_erased(name).into_iter().next()
    }

    /// All that is held of somebody, as one document.
    pub async fn export_account(&self, account: &Account, whole: bool) -> Result<Option<Map<String, Value>>, StoreError> {
        let mut read = self.store.read().await?;
        let person = store::person_of(&mut read.conn(), account).await?;
        if person.is_nobody() {
            return Ok(None);
        }
        let mut file = Map::new();
        file.insert("made_at".into(), self.clock.now().to_string().into());
        file.insert("shop".into(), json!(self.config.shop.name));
        file.extend(store::export_of(&mut read.conn(), &person, whole).await?);
        Ok(Some(file))
    }

    /// Everything that is held of somebody, for somebody at work who hands it out: whoever did stands in the trail, and of whom as a seal.
    pub async fn export_at_work(&self, access: &AtPrivacy, account: &Account) -> Result<Option<Map<String, Value>>, StoreError> {
        let Some(file) = self.export_account(account, true).await? else { return Ok(None) };
        let name = match account {
            Account::Email(name) | Account::Customer(name) => name,
        };
        let whose = self.seal_of_erased(name).unwrap_or_default();
        let note = access.by().note(self.clock.now(), "export_customer", format!("customer:{whose}"));
        self.store.write(move |mut conn| Box::pin(async move { store::note_audit(&mut conn, &note).await })).await?;
        Ok(Some(file))
    }

    /// How many orders and returns are held of somebody; nothing where nothing is.
    pub async fn held_of(&self, _access: &AtPrivacy, account: &Account) -> Result<Option<(u64, u64)>, StoreError> {
        let person = store::person_of(&mut self.store.read().await?.conn(), account).await?;
        Ok((!person.is_nobody()).then_some((person.orders.len() as u64, person.returns.len() as u64)))
    }

    /// What stands against erasing somebody, nothing where nothing does.
    pub async fn stands_against_erasing(&self, account: &Account) -> Result<Option<EraseError>, StoreError> {
        let mut read = self.store.read().await?;
        let person = store::person_of(&mut read.conn(), account).await?;
        against(&mut read.conn(), &person).await
    }

    /// Whose account is meant by the shop's name for somebody, or by a mail address where they have none.
    pub async fn account_named(&self, name: &str) -> Result<Account, StoreError> {
        let by_name = Account::Customer(name.to_owned());
        let Ok(email) = name.parse::<EmailAddress>() else { return Ok(by_name) };
        let mut read = self.store.read().await?;
        let known = !store::person_of(&mut read.conn(), &by_name).await?.is_nobody();
        Ok(if known { by_name } else { Account::Email(email.key()) })
    }

    /// Erases somebody: what is in the database in one transaction, files and mails by a job that goes on until they are gone. Asked again, it answers
    /// what was done then.
    pub async fn erase_account(&self, account: &Account, asks: Asks) -> Result<ErasureRow, EraseError> {
        let (services, account, now) = (self.clone(), account.clone(), self.clock.now());
        let row = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    let person = services.locked(&mut conn, &account).await?;
                    let name = match &account {
                        Account::Email(name) | Account::Customer(name) => name,
                    };
                    if person.is_nobody() {
                        let before = store::find_erasure(&mut conn, &services.seals_of_erased(name)).await?;
                        return before.ok_or(EraseError::Unknown);
                    }
                    if let Some(against) = against(&mut conn, &person).await? {
                        return Err(against);
                    }
                    let (by, note) = match asks {
                        Asks::Themselves => (Accountable { actor: "customer".to_owned(), address: None }, "erase_themselves"),
                        Asks::AtWork(access) => (access.by().clone(), "erase_customer"),
                    };
                    let seal = |name: &String| services.seal_of_erased(name);
                    let fresh = || format!("{STANDS_FOR}{}", &secrets::token()[..22]);
                    let mut names: Vec<String> = person.holders().cloned().collect();
                    names.push(name.clone());
                    let row = ErasureRow {
                        id: fresh(),
                        at: now,
                        actor: by.actor.clone(),
                        orders: person.orders.len() as i64,
                        returns: person.returns.len() as i64,
                        files: 0,
                        files_gone_at: None,
                    };
                    let erasing = Erasing {
                        seals: names.iter().filter_map(seal).collect(),
                        stand_ins: person.holders().map(|holder| (holder.clone(), fresh())).collect::<BTreeMap<_, _>>(),
                        stand_in: fresh(),
                        person,
                        row,
                    };
                    let files = store::erase(&mut conn, &erasing, files_of_evidence).await?;
                    let Erasing { mut row, person, .. } = erasing;
                    row.files = files.len() as i64;
                    let mut note = by.note(now, note, format!("erasure:{}", row.id));
                    note.after = Some(format!("{} orders, {} returns, {} files", row.orders, row.returns, row.files));
                    store::note_audit(&mut conn, &note).await?;
                    let mails = person.emails.iter().filter_map(seal).collect();
                    let job = FilesErased { erasure: row.id.clone(), files, mails, again: false };
                    store::enqueue(&mut conn, &job.job(now.as_millisecond())).await?;
                    let again = FilesErased { files: Vec::new(), again: true, ..job };
                    store::enqueue(&mut conn, &again.job(now.as_millisecond() + LATER)).await?;
                    Ok::<_, EraseError>(row)
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(row)
    }

    /// Whose account it is, with all their orders locked: they stay what they are.
    async fn locked(&self, conn: &mut Conn<'_>, account: &Account) -> Result<Person, StoreError> {
        let mut person = store::person_of(conn, account).await?;
        loop {
            super::run::lock_family(conn, &person.orders).await?;
            let anew = store::person_of(conn, account).await?;
            if anew == person {
                return Ok(person);
            }
            person = anew;
        }
    }

    /// Deletes what an erasure left outside of the database, as far as it is there.
    pub async fn delete_erased_files(&self, told: &FilesErased) -> Result<(), crate::objects::ObjectsError> {
        for file in &told.files {
            self.objects.delete(file).await?;
        }
        Ok(())
    }

    /// Whether mails to an address go: one of the seals is its own.
    pub fn is_erased_address(&self, told: &FilesErased, address: &str) -> bool {
        let Ok(email) = address.parse::<EmailAddress>() else { return false };
        self.seals_of_erased(&email.key()).iter().any(|seal| told.mails.contains(seal))
    }

    /// That all that was an erasure's is gone.
    pub async fn note_erased_files_gone(&self, told: &FilesErased) -> Result<(), StoreError> {
        let (id, now) = (told.erasure.clone(), self.clock.millis());
        self.store.write(move |mut conn| Box::pin(async move { store::note_files_gone(&mut conn, &id, now).await })).await
    }
}

/// Returns that are named where they stand against it.
const MOST_NAMED: usize = 5;

async fn against(conn: &mut Conn<'_>, person: &Person) -> Result<Option<EraseError>, StoreError> {
    let mut open = Vec::new();
    for rma in person.returns.iter().filter_map(|rma| rma.parse::<RmaNumber>().ok()) {
        if let Some(request) = store::find_return(conn, rma).await?
            && !request.status().is_end()
        {
            open.push(rma);
        }
    }
    if !open.is_empty() {
        open.truncate(MOST_NAMED);
        return Ok(Some(EraseError::Open(open)));
    }
    if store::money_waits(conn, person).await? || store::is_owed(conn, person).await? {
        return Ok(Some(EraseError::Owed));
    }
    Ok(store::withdrawals_wait(conn, person).await?.then_some(EraseError::Withdrawal))
}
