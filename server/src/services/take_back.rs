//! What somebody at work did just now is taken back: by themselves, before anything of it took effect outside, and nothing else came after it.

use domain::returns::{Actor, Command, CommandId, Event, Last, Recorded, Refused, Return};
use jiff::Timestamp;

use super::Services;
use super::access::Access;
use super::doing::TAKEN_BACK_WITHIN;
use super::once::Carried;
use super::refusals::ChangeError;
use crate::store;

impl Services {
    /// Takes back what was done by a command. Nothing happens where that has been taken back before.
    pub async fn take_back(&self, access: Access<Return>, command: CommandId) -> Result<Carried, ChangeError> {
        let story = self.run(access, None, Vec::new(), move |run| {
            Box::pin(async move {
                let events = run.events().await?;
                if was_taken_back(&events, &command) {
                    return Ok(());
                }
                // Before anything else: what is begun meanwhile waits for this transaction, or was begun.
                if !store::take_out(run.conn, &command.to_string()).await? {
                    return Err(ChangeError::Refused(Refused::TooLate));
                }
                let last = last_of(&events, run.actor(), run.now).ok_or(Refused::TooLate)?;
                let (rma, from) = (run.request.rma.to_string(), last.from);
                let numbers = |request: &Return| request.parcels.iter().map(|parcel| parcel.tracking_number.clone()).collect::<Vec<_>>();
                let mut gone = numbers(&run.request);
                run.undo(&Command::TakeBack { command }, last).await?;
                let left = numbers(&run.request);
                gone.retain(|number| !left.contains(number));
                store::forget_parcels(run.conn, &rma, &gone).await?;
                Ok(store::unmark_overrides(run.conn, &rma, from).await?)
            })
        });
        story.await
    }
}

fn was_taken_back(events: &[Recorded], command: &CommandId) -> bool {
    let first = |from: u64| events.iter().any(|recorded| recorded.seq == from && recorded.command_id == *command);
    events.iter().any(|recorded| matches!(recorded.event, Event::TakenBack { from } if first(from)))
}

/// What was done last, where `actor` did it, and can take it back at `now`.
fn last_of(events: &[Recorded], actor: &Actor, now: Timestamp) -> Option<Last> {
    let last = events.last()?;
    let first = events.iter().rposition(|recorded| recorded.command_id != last.command_id)? + 1;
    let (before, since) = events.split_at(first);
    let theirs = since.iter().any(|recorded| recorded.actor == *actor)
        && since.iter().all(|recorded| recorded.actor == *actor || recorded.actor == Actor::System)
        // A payment has its credit note at once, whose number is taken for good (P26).
        && !since.iter().any(|recorded| matches!(recorded.event, Event::TakenBack { .. } | Event::PaymentMade { .. }));
    let begun = since.first()?;
    if !theirs || now.duration_since(begun.at) > TAKEN_BACK_WITHIN {
        return None;
    }
    Some(Last { command: last.command_id.clone(), from: begun.seq, before: Box::new(Return::replay(before)?) })
}
