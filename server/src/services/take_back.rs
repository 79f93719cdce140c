//! What somebody at work did just now is taken back: by themselves, before anything of it took effect outside, and nothing else came after it.

use domain::returns::{Actor, Command, CommandId, Event, Last, Recorded, Refused, Return};
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::Access;
use super::doing::TAKEN_BACK_WITHIN;
use super::once::Carried;
use super::refusals::ChangeError;
use crate::store;

impl Services {
    /// Takes back what was done by a command. Nothing happens where that has been taken back before.
    pub async fn take_back(&self, access: Access<Return>, command: CommandId) -> Result<Carried, ChangeError> {
        let services = self.clone();
        let story = self.run(access, None, Vec::new(), move |run| {
            Box::pin(async move {
                if was_taken_back(&run.events().await?, &command) {
                    return Ok(());
                }
                // Before anything else: what is begun meanwhile waits for this transaction, or was begun.
                if !store::take_out(run.conn, &command.to_string()).await? {
                    return Err(ChangeError::Refused(Refused::TooLate));
                }
                let numbers = |request: &Return| request.parcels.iter().map(|parcel| parcel.tracking_number.clone()).collect::<Vec<_>>();
                let before = numbers(&run.request);
                run.decide_knowing(&services, &Command::TakeBack { command }).await?;
                let left = numbers(&run.request);
                let gone: Vec<String> = before.into_iter().filter(|number| !left.contains(number)).collect();
                Ok(store::forget_parcels(run.conn, &run.request.rma.to_string(), &gone).await?)
            })
        });
        story.await
    }
}

fn was_taken_back(events: &[Recorded], command: &CommandId) -> bool {
    let ranges = events.iter().filter_map(|recorded| match recorded.event {
        Event::TakenBack { from } => Some(from..recorded.seq),
        _ => None,
    });
    let of_it = |seq: &u64| events.iter().any(|recorded| recorded.seq == *seq && recorded.command_id == *command);
    ranges.into_iter().any(|range| of_it(&range.start))
}

/// What was done last, where `actor` did it, and can take it back at `now`.
pub(super) fn last_of(events: &[Recorded], actor: &Actor, now: Timestamp) -> Option<Last> {
    let last = events.last()?;
    let first = events.iter().rposition(|recorded| recorded.command_id != last.command_id)? + 1;
    let (before, since) = events.split_at(first);
    let within = SignedDuration::try_from(TAKEN_BACK_WITHIN).ok()?;
    let theirs = since.iter().any(|recorded| recorded.actor == *actor)
        && since.iter().all(|recorded| recorded.actor == *actor || recorded.actor == Actor::System)
        && !since.iter().any(|recorded| matches!(recorded.event, Event::TakenBack { .. }));
    let last = Last { command: last.command_id.clone(), from: since.first()?.seq, before: Box::new(Return::replay(before)?) };
    (theirs && now.duration_since(since.first()?.at) <= within).then_some(last)
}
