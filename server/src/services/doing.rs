//! Who does something, by which command, and when: what every event says of itself.

use domain::returns::{Actor, CommandId, Event, Facts, Recorded, Return, Role};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::reactions::{ended_reaction, pickup_reaction, reactions};
use super::webhooks::{Hooks, told};
use crate::store::{self, Conn, NewJob, StoreError};

/// How long what people do on their pages can be taken back.
pub(super) const TAKEN_BACK_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// A command that is being carried out.
#[derive(Clone, Debug)]
pub(super) struct Doing {
    /// Who gave it.
    pub(super) actor: Actor,
    /// In what capacity.
    pub(super) role: Role,
    /// When.
    pub(super) now: Timestamp,
    /// Its name, which all that comes of it bears, in other returns too.
    command: CommandId,
    /// How long what it makes necessary waits for being taken back; nothing where it cannot be.
    waits: Option<SignedDuration>,
    /// Which of the shop's servers are told.
    pub(super) hooks: Hooks,
}

impl Doing {
    /// Begins a command.
    pub(super) fn begin(actor: Actor, role: Role, now: Timestamp, hooks: Hooks) -> Self {
        // What people do on their pages waits until it cannot be taken back any more.
        let waits = matches!(actor, Actor::Staff { .. }).then_some(TAKEN_BACK_WITHIN);
        Self { actor, role, now, command: CommandId::new(Uuid::now_v7().to_string()), waits, hooks }
    }

    /// The command's name.
    pub(super) fn command(&self) -> &CommandId {
        &self.command
    }

    /// What follows from it by rule.
    pub(super) fn by_rule(&self) -> Self {
        Self { actor: Actor::System, role: Role::System, ..self.clone() }
    }

    /// What a decision needs to know where it neither promises money nor takes units.
    pub(super) fn facts(&self) -> Facts {
        Facts::at(self.now)
    }

    /// Events as they are written, the first of them number `first`. What policy answered to a request, and what follows from its
    /// answers, the system decided.
    pub(super) fn recorded(&self, events: Vec<Event>, first: u64) -> Vec<Recorded> {
        let asked = events.iter().any(|event| matches!(event, Event::Opened { .. } | Event::LinesAdded { .. }));
        let actor = |event: &Event| match event {
            Event::Approved { .. }
            | Event::SentToReview { .. }
            | Event::Declined { .. }
            | Event::LabelIssued { .. }
            | Event::LabelWanted { .. }
                if asked =>
            {
                Actor::System
            }
            _ => self.actor.clone(),
        };
        let record =
            |(event, seq): (Event, u64)| Recorded { seq, at: self.now, actor: actor(&event), command_id: self.command.clone(), event };
        events.into_iter().zip(first..).map(record).collect()
    }

    /// What is to be done because of an event, with the return as it is after it.
    pub(super) fn made_necessary(&self, recorded: &Recorded, after: &Return) -> impl Iterator<Item = NewJob> + use<> {
        reactions(recorded, after).into_iter().chain(pickup_reaction(recorded, after)).chain(told(recorded, after, &self.hooks))
    }

    /// Something that is done because of the command: it waits as long as that can be taken back, and goes with it.
    pub(super) fn waiting(&self, job: NewJob) -> NewJob {
        match self.waits {
            Some(waits) => job.of_command(&self.command.to_string(), waits),
            None => job,
        }
    }

    /// Takes events in: as they are to be written, and what each makes necessary.
    pub(super) fn take(&self, request: &mut Return, events: Vec<Event>) -> (Vec<Recorded>, Vec<NewJob>) {
        let recorded = self.recorded(events, request.version + 1);
        let mut jobs = Vec::new();
        for recorded in &recorded {
            let before = request.status();
            request.evolve(&recorded.event);
            let ended = ended_reaction(recorded, before, request);
            jobs.extend(self.made_necessary(recorded, request).chain(ended).map(|job| self.waiting(job)));
        }
        (recorded, jobs)
    }

    /// Takes events in, and writes them with what they make necessary.
    pub(super) async fn record(&self, conn: &mut Conn<'_>, request: &mut Return, events: Vec<Event>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let before = request.version;
        let (recorded, jobs) = self.take(request, events);
        write(conn, request, before, &recorded, &jobs).await
    }
}

/// Writes what was taken in since a return was at `before` events.
pub(super) async fn write(
    conn: &mut Conn<'_>,
    request: &Return,
    before: u64,
    recorded: &[Recorded],
    jobs: &[NewJob],
) -> Result<(), StoreError> {
    store::save_events(conn, request, before, recorded).await?;
    for job in jobs {
        store::enqueue(conn, job).await?;
    }
    Ok(())
}
