//! Repair orders (C23, C24): opened for what comes to the workshop, taken and carried on there, and ended by putting the goods where they go: in one
//! transaction with what happens to their return.

use domain::policy::{Instead, Resolution};
use domain::repair::{self, Repair, RepairCommand, RepairEvent, RepairRefused, RepairStep};
use domain::returns::{Command, Disposition, Entry, LotNo, RemedyKind, RemedyNo, RemedyState, RepairFor, Return};
use domain::rma::RmaNumber;
use domain::scrap::ScrapGround;
use domain::staff::Room;
use jiff::Timestamp;

use super::Services;
use super::access::{Access, AtRepairs};
use super::at_hand::LineAtHand;
use super::once::{Carried, IdempotencyKey};
use super::refusals::{ChangeError, OpenError};
use super::run::{Run, take_return};
use super::workshop::put;
use crate::store::{self, Conn, RepairRow, StoreError};

/// Repair orders of a list at once.
pub const MOST_REPAIRS: i64 = 200;

/// Why a repair order is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    #[error("there is no such repair order")]
    Unknown,
    #[error(transparent)]
    Refused(#[from] RepairRefused),
    #[error("this repair order was changed since")]
    Changed,
    /// Nobody of that name works here.
    #[error("nobody of that name works here")]
    NoTechnician,
    #[error(transparent)]
    Change(ChangeError),
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    /// They may look at it, and leave the work to others.
    #[error("repairs are the workshop's")]
    NotTheirs,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError> for RepairError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::Unknown,
            ChangeError::KeyReused => Self::KeyReused,
            ChangeError::Store(error) => Self::Store(error),
            other => Self::Change(other),
        }
    }
}

impl From<OpenError> for RepairError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

/// How a repair ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairEnd {
    /// It is repaired: it can be sold again, or goes back to the customer.
    Done {
        to: Disposition,
        /// Of the parcel in which it goes back.
        tracking_number: Option<String>,
    },
    /// It is not: where it goes then.
    GivenUp {
        to: Disposition,
        /// Why clothes or shoes may be destroyed (N20).
        ground: Option<ScrapGround>,
        /// For colleagues.
        reason: String,
    },
}

impl RepairEnd {
    fn command(&self) -> RepairCommand {
        match self {
            Self::Done { to, .. } => RepairCommand::Finish { to: *to },
            Self::GivenUp { to, reason, .. } => RepairCommand::GiveUp { to: *to, reason: reason.clone() },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Done { .. } => "finish_repair",
            Self::GivenUp { .. } => "give_up_repair",
        }
    }
}

impl Services {
    /// Says who repairs it: the named member of staff, or whoever says so. Said again, nothing happens.
    pub async fn take_repair(
        &self,
        access: AtRepairs,
        number: i64,
        technician: Option<String>,
        key: Option<IdempotencyKey>,
    ) -> Result<RepairRow, RepairError> {
        self.to_repair(access, number, None, key, "take_repair", move |conn, access| {
            Box::pin(async move {
                let technician = match technician.filter(|id| id != access.id()) {
                    None => access.id().to_owned(),
                    Some(id) => {
                        let row = store::find_staff(conn, &id).await?.filter(|row| row.ended_at.is_none());
                        row.map(|row| row.member.id).ok_or(RepairError::NoTechnician)?
                    }
                };
                Ok(RepairCommand::Take { technician })
            })
        })
        .await
    }

    /// Says what is new of a repair. Said again, nothing happens.
    pub async fn progress_repair(
        &self,
        access: AtRepairs,
        number: i64,
        seen: Option<i64>,
        command: RepairCommand,
        key: Option<IdempotencyKey>,
    ) -> Result<RepairRow, RepairError> {
        self.to_repair(access, number, seen, key, "progress_repair", move |_, _| Box::pin(async move { Ok(command) })).await
    }

    async fn to_repair<F>(
        &self,
        access: AtRepairs,
        number: i64,
        seen: Option<i64>,
        key: Option<IdempotencyKey>,
        what: &'static str,
        command: F,
    ) -> Result<RepairRow, RepairError>
    where
        F: for<'s, 'c> FnOnce(&'s mut Conn<'c>, &'s AtRepairs) -> futures::future::BoxFuture<'s, Result<RepairCommand, RepairError>>
            + Send
            + 'static,
    {
        working(&access)?;
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_repair(conn, number).await?.ok_or(RepairError::Unknown)?;
                // With its return locked it stays as it is now: what happens to the return moves it, too.
                take_return(conn, row.rma, &[]).await?;
                let row = store::find_repair(conn, number).await?.ok_or(RepairError::Unknown)?;
                if let Some(key) = &key
                    && key.before(conn).await?.is_some()
                {
                    return Ok((row, false));
                }
                let command = command(conn, &access).await?;
                let events = row.repair.decide(&command, access.id())?;
                let changes = !events.is_empty();
                let next = if changes {
                    if seen.is_some_and(|seen| seen != row.version) {
                        return Err(RepairError::Changed);
                    }
                    let next = stepped(&row, events, access.id(), now);
                    put(conn, Some(access.by()), what, Some(&row), &next, now).await?;
                    next
                } else {
                    row
                };
                if let Some(key) = key
                    && !key.keep_name(conn, format!("R{number}"), now).await?
                {
                    return Err(RepairError::KeyReused);
                }
                Ok((next, changes))
            })
        });
        let (row, changed): (RepairRow, bool) = written.await?;
        if changed {
            // Whose it is may have its page open.
            self.done(row.rma);
        }
        Ok(row)
    }

    /// Ends a repair, and puts the goods where they go. Said again, nothing happens.
    pub async fn end_repair(
        &self,
        access: AtRepairs,
        to_return: Access<Return>,
        number: i64,
        seen: Option<i64>,
        end: RepairEnd,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, RepairError> {
        working(&access)?;
        let services = self.clone();
        let story = self.run(to_return, key, Vec::new(), move |run| {
            Box::pin(async move {
                let row = store::find_repair(run.conn, number).await?.ok_or(RepairError::Unknown)?;
                if row.rma != run.request.rma {
                    return Err(RepairError::Unknown);
                }
                let events = row.repair.decide(&end.command(), access.id())?;
                if events.is_empty() {
                    return Ok(());
                }
                if seen.is_some_and(|seen| seen != row.version) {
                    return Err(RepairError::Changed);
                }
                match &end {
                    RepairEnd::Done { to, tracking_number } => finish(run, &row.repair, *to, tracking_number.clone())?,
                    RepairEnd::GivenUp { to, ground, .. } => {
                        give_up(run, &row.repair, *to, *ground)?;
                        services.make_good(run, &row.repair, *to).await?;
                    }
                }
                let next = stepped(&row, events, access.id(), run.now);
                Ok(put(run.conn, Some(access.by()), end.code(), Some(&row), &next, run.now).await?)
            })
        });
        story.await
    }

    /// Puts in the place of a repair that failed what a rule says, where its customer waits for it and the goods stay here: the same new, or
    /// money, promised at once. Where none says anything money is due, which a person promises or what `payout` says.
    async fn make_good(&self, run: &mut Run<'_, '_>, repair: &Repair, to: Disposition) -> Result<(), RepairError> {
        // Somebody looks at the money first.
        if repair.serves != RepairFor::Customer || to == Disposition::SendBack || !run.request.flags.is_empty() {
            return Ok(());
        }
        let Some(line) = repair.lots.first().map(|lot| lot.line) else { return Ok(()) };
        let hands = self.at_hand(run.conn, &run.request, &[line]).await?;
        let Some((instead, _)) = hands.first().and_then(LineAtHand::failed_repair) else { return Ok(()) };
        match instead {
            Instead::Replacement => run.decide_by_rule(&Command::OweRemedy { lots: repair.lots.clone() })?,
            Instead::Refund => {
                for group in run.request.grantable(Some(&repair.lots)) {
                    let (command, _) = self.grant_of(run, &group).await?;
                    run.decide_by_rule_knowing(self, &command).await?;
                    self.second_look(run).await?;
                }
            }
        }
        Ok(())
    }

    /// A repair order by its number.
    pub async fn repair(&self, _access: &AtRepairs, number: i64) -> Result<Option<RepairRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::find_repair(&mut read.conn(), number).await
    }

    /// Repair orders that go on, what is due first before the rest.
    pub async fn repairs(&self, _access: &AtRepairs, after: (i64, i64), limit: i64) -> Result<Vec<RepairRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::repairs_open(&mut read.conn(), after, limit.min(MOST_REPAIRS + 1)).await
    }

    /// Repair orders that are over, the youngest first.
    pub async fn repairs_ended(&self, _access: &AtRepairs, before: i64, limit: i64) -> Result<Vec<RepairRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::repairs_ended(&mut read.conn(), before, limit.min(MOST_REPAIRS + 1)).await
    }

    /// Puts into the timeline of a return what its reader is to know of repairs.
    pub async fn tell_repairs(&self, entries: &mut Vec<Entry>, request: &Return) -> Result<(), StoreError> {
        // Most returns have nothing to repair.
        let asks = |line: &domain::returns::ReturnLine| line.asked.resolution == Resolution::Repair;
        if request.lines.iter().any(asks) || request.remedies.iter().any(|remedy| remedy.kind == RemedyKind::Repair) {
            let orders: Vec<Repair> = self.repairs_of(request.rma).await?.into_iter().map(|row| row.repair).collect();
            repair::tell(entries, &orders, self.clock.now());
        }
        Ok(())
    }

    /// Repair orders of a return, the oldest first: for whoever may see the return.
    pub async fn repairs_of(&self, rma: RmaNumber) -> Result<Vec<RepairRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::repairs_of(&mut read.conn(), rma).await
    }
}

fn working(access: &AtRepairs) -> Result<(), RepairError> {
    if access.also(Room::Bench) { Ok(()) } else { Err(RepairError::NotTheirs) }
}

/// The repair that is owed for lots and has not left.
fn owed(request: &Return, lots: &[LotNo]) -> Option<RemedyNo> {
    let waits = |state| matches!(state, RemedyState::Due | RemedyState::Reserved);
    let of_them = |remedy: &&domain::returns::Remedy| {
        remedy.kind == RemedyKind::Repair && waits(remedy.state) && remedy.lots.iter().any(|lot| lots.contains(lot))
    };
    request.remedies.iter().find(of_them).map(|remedy| remedy.id)
}

/// The repair that is owed for lots; where nobody has promised it yet, it is promised now.
fn promised(run: &mut Run<'_, '_>, lots: &[LotNo]) -> Result<RemedyNo, ChangeError> {
    if owed(&run.request, lots).is_none() {
        run.decide_by_rule(&Command::OweRemedy { lots: lots.to_vec() })?;
    }
    owed(&run.request, lots).ok_or(ChangeError::Unknown)
}

fn finish(run: &mut Run<'_, '_>, repair: &Repair, to: Disposition, reference: Option<String>) -> Result<(), ChangeError> {
    if to == Disposition::SendBack && repair.serves == RepairFor::Customer {
        let remedy = promised(run, &repair.lots)?;
        return run.decide(&Command::MoveRemedy { remedy, to: RemedyState::Shipped, reference, at: None });
    }
    run.decide(&Command::Dispose { lots: repair.lots.clone(), to, ground: None, proposed: None })
}

fn give_up(run: &mut Run<'_, '_>, repair: &Repair, to: Disposition, ground: Option<ScrapGround>) -> Result<(), ChangeError> {
    if repair.serves == RepairFor::Customer {
        // What stays here is paid for in place of the repair; what goes back as it was, is not.
        let remedy = if to == Disposition::SendBack { owed(&run.request, &repair.lots) } else { Some(promised(run, &repair.lots)?) };
        if let Some(remedy) = remedy {
            run.decide(&Command::MoveRemedy { remedy, to: RemedyState::CalledOff, reference: None, at: None })?;
        }
    }
    run.decide(&Command::Dispose { lots: repair.lots.clone(), to, ground, proposed: None })
}

fn stepped(row: &RepairRow, events: Vec<RepairEvent>, by: &str, at: Timestamp) -> RepairRow {
    let mut next = RepairRow { version: row.version + 1, ..row.clone() };
    events.into_iter().for_each(|event| next.repair.evolve(RepairStep { at, by: by.to_owned(), event }));
    next
}
