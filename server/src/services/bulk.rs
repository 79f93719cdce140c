//! Many cases at once: each is tried first, then done by itself, so that what cannot be done to one keeps nothing from the others.

use domain::desk::{Act, Deed};
use domain::returns::{CommandId, CommandKind, Refused};
use domain::rma::RmaNumber;
use domain::staff::Member;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Services;
use super::access::Access;
use super::acts::{Looked, NotDone};
use super::doing::TAKEN_BACK_WITHIN;
use super::later::JobKind;
use super::once::IdempotencyKey;
use super::refusals::ChangeError;
use crate::secrets;
use crate::store::{self, BulkItem, BulkRun, BulkState, NewJob, StoreError};

/// What is to be done to many.
#[derive(Clone, Debug)]
pub struct Bulk {
    pub name: String,
    pub deed: Deed,
    pub act: Act,
    pub cases: Vec<RmaNumber>,
}

/// What a job about one of many is told.
#[derive(Serialize, Deserialize)]
pub struct OneOfMany {
    pub run: String,
    pub rma: RmaNumber,
}

/// Whether what was done of it can be taken back at `now` (epoch milliseconds): as long as what somebody does to one case.
pub fn can_be_taken_back(run: &BulkRun, now: i64) -> bool {
    let within = i64::try_from(TAKEN_BACK_WITHIN.as_millis()).unwrap_or(i64::MAX);
    run.began_at.is_some_and(|began| now - began <= within)
}

/// How many there may be: [`MOST_TASKS`](super::MOST_TASKS).
const MOST: usize = super::MOST_TASKS;

impl Services {
    /// Tries it on each case and keeps what came of that, for whoever wants it to look at; `key` names the form: sent twice, it is looked at once.
    pub async fn look_ahead(&self, member: &Member, address: String, bulk: Bulk, key: &str) -> Result<String, ChangeError> {
        let written = |error| ChangeError::from(StoreError::corrupt("bulk", error));
        let act = serde_json::to_string(&bulk.act).map_err(written)?;
        let deed = serde_json::to_string(&bulk.deed).map_err(written)?;
        let mut cases = bulk.cases;
        let mut seen = std::collections::HashSet::new();
        cases.retain(|rma| seen.insert(*rma));
        cases.truncate(MOST);
        let named: Vec<String> = cases.iter().map(ToString::to_string).collect();
        let id = secrets::digest(&format!("{key} {} {act} {}", member.id, named.join(" ")));
        if self.bulk(&id).await?.is_some() {
            return Ok(id);
        }
        let mut items = Vec::with_capacity(cases.len());
        for rma in cases {
            let found = store::find_return(&mut self.store.read().await?.conn(), rma).await?;
            let Some(request) = found else { continue };
            let looked = Looked { member: member.clone(), address: address.clone(), rma, version: request.version };
            let (state, why) = match self.try_act(&looked, &bulk.act).await {
                Ok(_) => (BulkState::Fits, None),
                Err(error) => (BulkState::Refused, Some(self.why(error)?)),
            };
            items.push(BulkItem { rma, version: request.version, state, why, command: None });
        }
        let run = BulkRun {
            id: id.clone(),
            staff: member.id.clone(),
            address,
            name: bulk.name,
            deed,
            act,
            made_at: self.clock.millis(),
            began_at: None,
            stopped_at: None,
        };
        self.store
            .write(move |mut conn| Box::pin(async move { store::insert_bulk(&mut conn, &run, &items).await }))
            .await
            .map_err(|error: StoreError| error)?;
        Ok(id)
    }

    /// Why a case cannot be done, as it is kept.
    fn why(&self, error: NotDone) -> Result<String, ChangeError> {
        let mistake = error.told()?;
        serde_json::to_string(&mistake).map_err(|error| StoreError::corrupt("bulk", error).into())
    }

    pub async fn bulk(&self, id: &str) -> Result<Option<(BulkRun, Vec<BulkItem>)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(run) = store::find_bulk(&mut read.conn(), id).await? else { return Ok(None) };
        let items = store::bulk_items(&mut read.conn(), id).await?;
        Ok(Some((run, items)))
    }

    /// Has it done, case by case, in the background; pressed twice, once.
    pub async fn begin_bulk(&self, run: &BulkRun) -> Result<(), StoreError> {
        let (id, now) = (run.id.clone(), self.clock.millis());
        let begun = self.store.write(move |mut conn| {
            Box::pin(async move {
                if !store::begin_bulk(&mut conn, &id, now).await? {
                    return Ok(());
                }
                for item in store::bulk_items(&mut conn, &id).await?.iter().filter(|item| item.state == BulkState::Fits) {
                    let told = json!(OneOfMany { run: id.clone(), rma: item.rma });
                    store::enqueue(&mut conn, &NewJob::new(JobKind::BulkOne.code(), &told, now)).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        begun.await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Does it to one case, as whoever wanted it, on what they have seen. Done before, it is not done again.
    pub async fn do_one_of_many(&self, one: OneOfMany) -> Result<(), ChangeError> {
        let OneOfMany { run, rma } = one;
        let mut read = self.store.read().await?;
        let Some(found) = store::find_bulk(&mut read.conn(), &run).await? else { return Ok(()) };
        let item = store::bulk_item(&mut read.conn(), &run, rma).await?;
        let Some(item) = item.filter(|item| item.state == BulkState::Fits) else { return Ok(()) };
        let person = store::find_staff(&mut read.conn(), &found.staff).await?.filter(|row| row.ended_at.is_none());
        drop(read);
        let act: Act = serde_json::from_str(&found.act).map_err(|error| StoreError::corrupt("bulk", error))?;
        let done = match person {
            Some(row) => {
                let looked = Looked { member: row.member, address: found.address, rma, version: item.version };
                let key =
                    IdempotencyKey { scope: format!("bulk:{run}"), key: rma.to_string(), digest: run.clone(), request: None, answer: None };
                self.act(looked, act, key).await.map(|carried| carried.command)
            }
            None => Err(NotDone::Refused(app::ports::Mistake::StaffNotNow)),
        };
        let done = match done {
            Ok(command) => Ok(command.map(|command| command.to_string())),
            Err(error) => Err(self.why(error)?),
        };
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let done = done.as_ref().map(Option::as_deref).map_err(String::as_str);
                    store::settle_bulk_item(&mut conn, &run, rma, done).await
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }

    /// Takes all of it back: what was not done yet is not done any more, and what was done is taken back as far as that is still possible, case by case.
    /// Nothing happens where that was done before, or it began too long ago.
    pub async fn take_back_bulk(&self, member: &Member, address: String, run: &BulkRun) -> Result<(), ChangeError> {
        let now = self.clock.millis();
        if !can_be_taken_back(run, now) {
            return Err(ChangeError::Refused(Refused::TooLate));
        }
        let why = self.why(NotDone::Refused(app::ports::Mistake::BulkTakenBack))?;
        let (id, of) = (run.id.clone(), why.clone());
        let stopped = self.store.write(move |mut conn| Box::pin(async move { store::stop_bulk(&mut conn, &id, &of, now).await }));
        stopped.await.map_err(|error: StoreError| error)?;
        // What is being done at this moment is taken back when it is done: by whoever presses again.
        let items = store::bulk_items(&mut self.store.read().await?.conn(), &run.id).await?;
        for item in items.into_iter().filter(|item| item.state == BulkState::Done) {
            let Some(command) = item.command else { continue };
            let Some(access) = Access::of_staff(member, item.rma, CommandKind::TakeBack, address.clone()) else { continue };
            match self.take_back(access, CommandId::new(command)).await {
                Ok(_) => {}
                // It took effect, or something else came after it: it stays.
                Err(ChangeError::Refused(_) | ChangeError::Unknown) => continue,
                Err(error) => return Err(error),
            }
            let (id, why) = (run.id.clone(), why.clone());
            let undone =
                self.store.write(move |mut conn| Box::pin(async move { store::undo_bulk_item(&mut conn, &id, item.rma, &why).await }));
            undone.await.map_err(|error: StoreError| error)?;
        }
        Ok(())
    }
}
