//! How a command on a return is carried out: taken, decided, written with all that follows from it, in one transaction. A story file holds
//! what is particular to its command, and nothing else.
//! Long because what follows from a command, whichever it is, stands here and in no story.

use std::collections::BTreeSet;

use domain::ids::{LineId, OrderNumber};
use domain::order::OrderLine;
use domain::policy::Decision;
use domain::returns::{Actor, Because, Command, CommandKind, Event, Facts, Last, LineNo, OfferAnswer, Recorded, RemedyState, Return};
use domain::rma::RmaNumber;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::Services;
use super::access::{Access, Accountable};
use super::beside::mind_beside;
use super::doing::{Doing, write};
use super::feedback::mind_feedback;
use super::held::units_taken;
use super::once::{Carried, IdempotencyKey};
use super::pickup::mind_door;
use super::refusals::ChangeError;
use super::stock::move_stock;
use super::webhooks::Hooks;
use super::workshop::mind_repairs;
use crate::store::{self, AuditNote, Conn, NewJob, OrderRow, Override, StockCause, StoreError};

/// What the name of a rule of the policy's `disposition` table begins with, where decisions against it are counted.
pub const DISPOSITION: &str = "disposition:";

/// A command that is being carried out.
pub(super) struct Run<'r, 'c> {
    pub conn: &'r mut Conn<'c>,
    /// The return, with all that was decided till now.
    pub request: Return,
    pub now: Timestamp,
    doing: Doing,
    /// As it was before.
    stood: Return,
    /// Who answers for what is done, where somebody does.
    answers: Option<Accountable>,
    commands: Vec<&'static str>,
    recorded: Vec<Recorded>,
    jobs: Vec<NewJob>,
}

impl<'r, 'c> Run<'r, 'c> {
    /// A command that is only tried: it is decided as it would be, and what comes of it is written nowhere.
    pub(super) async fn tried(conn: &'r mut Conn<'c>, access: Access<Return>, now: Timestamp) -> Result<Self, ChangeError> {
        let request = store::find_return(conn, access.subject).await?.ok_or(ChangeError::Unknown)?;
        if request.newer {
            return Err(StoreError::Newer.into());
        }
        Ok(Self::begin(conn, request, Doing::begin(access.actor, access.role, now, Hooks::default()), None))
    }

    fn begin(conn: &'r mut Conn<'c>, request: Return, doing: Doing, answers: Option<Accountable>) -> Self {
        let (stood, now) = (request.clone(), doing.now);
        Self { conn, request, now, doing, stood, answers, commands: Vec::new(), recorded: Vec::new(), jobs: Vec::new() }
    }
}

impl Run<'_, '_> {
    /// Decides a command, and takes in what comes of it.
    pub(super) fn decide(&mut self, command: &Command) -> Result<(), ChangeError> {
        let facts = self.doing.facts();
        self.decide_with(command, &facts)
    }

    /// As [`Run::decide`], of what must know more than the return.
    pub(super) async fn decide_knowing(&mut self, services: &Services, command: &Command) -> Result<(), ChangeError> {
        let facts = self.facts_for(services, command).await?;
        self.decide_with(command, &facts)
    }

    /// What a command must know beyond the return: by which policy days are promised; what was declined may be thought over where nobody else
    /// has taken its units since; what is promised, over all returns, is no more than what was captured and did not go back elsewhere.
    async fn facts_for(&mut self, services: &Services, command: &Command) -> Result<Facts, StoreError> {
        let version = self.request.orders.first().map_or(0, |part| part.policy_version);
        let mut facts = Facts { policy: services.policies.version(self.conn, version).await?, ..self.doing.facts() };
        if matches!(command, Command::Approve { .. } | Command::Appeal { .. }) {
            facts.free = units_free(self.conn, &self.request).await?;
        }
        if matches!(command, Command::Grant { .. }) {
            for part in &self.request.orders {
                let Some((row, returns)) = with_returns(self.conn, &part.number, &self.request).await? else { continue };
                let books = services.books_of(self.conn, &row, &returns).await?;
                facts.room.push((row.order.number.clone(), books.captured - books.outside - books.granted));
            }
        }
        Ok(facts)
    }

    /// Decides a command that follows by rule from what was decided before it.
    pub(super) fn decide_by_rule(&mut self, command: &Command) -> Result<(), ChangeError> {
        let facts = self.doing.facts();
        self.decide_by_rule_with(command, &facts)
    }

    /// As [`Run::decide_by_rule`], of what must know more than the return.
    pub(super) async fn decide_by_rule_knowing(&mut self, services: &Services, command: &Command) -> Result<(), ChangeError> {
        let facts = self.facts_for(services, command).await?;
        self.decide_by_rule_with(command, &facts)
    }

    /// Decides a command that somebody gave, or that follows by rule.
    pub(super) fn decide_as(&mut self, by_rule: bool, command: &Command) -> Result<(), ChangeError> {
        if by_rule { self.decide_by_rule(command) } else { self.decide(command) }
    }

    fn decide_by_rule_with(&mut self, command: &Command, facts: &Facts) -> Result<(), ChangeError> {
        let by_rule = self.doing.by_rule();
        let events = self.request.decide(command, by_rule.role, facts)?;
        self.commands.push(command.kind().code());
        self.take(&by_rule, events);
        Ok(())
    }

    /// An order of the return, with all its returns as they stand with what was decided till now.
    pub(super) async fn with_returns(&mut self, order: &OrderNumber) -> Result<(OrderRow, Vec<Return>), StoreError> {
        let found = with_returns(self.conn, order, &self.request).await?;
        found.ok_or_else(|| StoreError::corrupt("return", format!("its order {order} is gone")))
    }

    /// All that happened to it till now.
    pub(super) async fn events(&mut self) -> Result<Vec<Recorded>, StoreError> {
        Ok(store::history_of(self.conn, self.request.rma).await?.map(|history| history.events).unwrap_or_default())
    }

    /// Decides to take back what was done `last`, and sets the return back to how it was before that.
    pub(super) async fn undo(&mut self, command: &Command, last: Last) -> Result<(), ChangeError> {
        let before = Return::clone(&last.before);
        let facts = Facts { free: units_free(self.conn, &self.request).await?, last: Some(last), ..self.doing.facts() };
        let events = self.request.decide(command, self.doing.role, &facts)?;
        self.request.set_back(before);
        self.carry(command, events);
        Ok(())
    }

    /// What came of it till now.
    pub(super) fn since(&self) -> &[Recorded] {
        &self.recorded
    }

    /// Who gave the command.
    pub(super) fn actor(&self) -> &Actor {
        &self.doing.actor
    }

    fn decide_with(&mut self, command: &Command, facts: &Facts) -> Result<(), ChangeError> {
        let events = self.request.decide(command, self.doing.role, facts)?;
        self.carry(command, events);
        Ok(())
    }

    fn carry(&mut self, command: &Command, events: Vec<Event>) {
        self.commands.push(command.kind().code());
        let doing = self.doing.clone();
        self.take(&doing, events);
    }

    fn take(&mut self, doing: &Doing, events: Vec<Event>) {
        let (recorded, jobs) = doing.take(&mut self.request, events);
        self.recorded.extend(recorded);
        self.jobs.extend(jobs);
    }

    fn order_keys(&self) -> Vec<String> {
        self.request.orders.iter().map(|part| part.number.to_string()).collect()
    }
}

impl Services {
    /// Lines of a return about which the customer may ask to look again.
    pub async fn appealable(&self, request: &Return) -> Result<Vec<LineNo>, StoreError> {
        if !request.possible().contains(&CommandKind::Appeal) {
            return Ok(Vec::new());
        }
        let mut read = self.store.read().await?;
        let free = units_free(&mut read.conn(), request).await?;
        Ok(request.appealable(&Facts { free, ..Facts::at(self.clock.now()) }))
    }

    /// Carries out a command that needs nothing but the return; it is made of the return as it is then. Nothing happens where that has been
    /// done before.
    pub async fn carry_out<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        command: impl FnOnce(&Return) -> Result<Command, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, command, |services, run, command| {
            Box::pin(async move { run.decide_knowing(&services, &command).await })
        });
        story.await
    }

    /// Carries out what is asked of a return as it is then, by its story.
    pub(super) async fn run_asked<A, E, F>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<A, E> + Send + 'static,
        story: F,
    ) -> Result<Carried, E>
    where
        A: Send + 'static,
        E: From<ChangeError> + From<StoreError> + Send + 'static,
        F: for<'s, 'r, 'c> FnOnce(Services, &'s mut Run<'r, 'c>, A) -> BoxFuture<'s, Result<(), ChangeError>> + Send + 'static,
    {
        let services = self.clone();
        let run = self.run(access, key, Vec::new(), move |run| {
            Box::pin(async move {
                let asked = asked(&run.request)?;
                Ok(story(services, run, asked).await?)
            })
        });
        run.await
    }

    /// Carries out a command on a return, by its story. What the orders of the return and `more` share with other returns is locked; what
    /// was answered by the same key before is answered so again.
    pub(super) async fn run<E, F>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        more: Vec<String>,
        story: F,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
        F: for<'s, 'r, 'c> FnOnce(&'s mut Run<'r, 'c>) -> BoxFuture<'s, Result<(), E>> + Send + 'static,
    {
        let (services, rma) = (self.clone(), access.rma());
        let run = self.store.write(move |mut conn| Box::pin(async move { services.run_in(&mut conn, access, key, &more, story).await }));
        let (carried, others) = run.await?;
        if !carried.again {
            self.done(rma);
            self.done_to(&others);
        }
        Ok(carried)
    }

    /// As [`Services::run`], within a transaction that does more; the returns beside it whose amounts changed are to be told after it.
    pub(super) async fn run_in<E, F>(
        &self,
        conn: &mut Conn<'_>,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        more: &[String],
        story: F,
    ) -> Result<(Carried, Vec<RmaNumber>), E>
    where
        E: From<ChangeError>,
        F: for<'s, 'r, 'c> FnOnce(&'s mut Run<'r, 'c>) -> BoxFuture<'s, Result<(), E>> + Send,
    {
        let hooks = self.hooks.current(conn).await.map_err(ChangeError::from)?;
        let (doing, by) = (Doing::begin(access.actor, access.role, self.clock.now(), hooks), access.by);
        let taken = take_return(conn, access.subject, more).await.map_err(ChangeError::from)?;
        let request = taken.ok_or(ChangeError::Unknown)?;
        if let Some(key) = &key
            && let Some((_, answer)) = key.before(conn).await.map_err(ChangeError::from)?
        {
            return Ok((Carried { request, again: true, answer, command: None }, Vec::new()));
        }
        let mut run = Run::begin(conn, request, doing, by);
        story(&mut run).await?;
        if run.recorded.iter().any(|recorded| may_be_due(&recorded.event)) {
            self.settle_by_rule(&mut run).await.map_err(ChangeError::from)?;
        }
        Ok(self.finish_run(run, key).await?)
    }

    /// What rules pay and owe of a return as soon as it is opened, in the transaction that opened it.
    pub(super) async fn settle_opened(&self, conn: &mut Conn<'_>, opened: Return, doing: &Doing) -> Result<Return, StoreError> {
        let mut run = Run::begin(conn, opened, doing.by_rule(), None);
        self.settle_by_rule(&mut run).await?;
        let settled = if run.recorded.is_empty() {
            run.request
        } else {
            match self.finish_run(run, None).await {
                Ok((carried, _)) => carried.request,
                Err(ChangeError::Store(error)) => return Err(error),
                Err(why) => return Err(StoreError::corrupt("return", why)),
            }
        };
        // It was opened, whatever rules made of it.
        self.compensate(conn, &settled, &doing.by_rule()).await?;
        Ok(settled)
    }

    /// Writes what was decided, and what follows from it by rule.
    async fn finish_run(&self, mut run: Run<'_, '_>, key: Option<IdempotencyKey>) -> Result<(Carried, Vec<RmaNumber>), ChangeError> {
        let mut others = Vec::new();
        let command = (!run.recorded.is_empty()).then(|| run.doing.command().clone());
        let answers = run.answers.take();
        if let (Some(by), false) = (&answers, run.recorded.is_empty()) {
            let (before, after) = (Some(stands(&run.stood)), Some(stands(&run.request)));
            let note = by.note(run.now, run.commands.join(" "), format!("return:{}", run.request.rma));
            let note = AuditNote { before, after, private: words_of(&run.recorded), ..note };
            for taken in overrides_of(&note.actor, &run) {
                store::note_override(run.conn, &taken).await.map_err(ChangeError::from)?;
            }
            store::note_audit(run.conn, &note).await.map_err(ChangeError::from)?;
        }
        if !run.recorded.is_empty() {
            let label = self.label_due(run.conn, &run.request, run.now).await?;
            let by_rule = run.doing.by_rule();
            run.take(&by_rule, label.into_iter().collect());
            let (rma, orders) = (run.request.rma, run.order_keys());
            write(run.conn, &run.request, run.stood.version, &run.recorded, &run.jobs).await?;
            mind_door(run.conn, &run.stood, &run.request, run.now).await?;
            mind_feedback(run.conn, &run.request, &run.recorded).await?;
            let undone = run.recorded.iter().any(|recorded| matches!(recorded.event, Event::TakenBack { .. }));
            let cause = StockCause { rma, seq: run.request.version, at: run.now.as_millisecond(), undone };
            move_stock(run.conn, &run.stood, &run.request, &cause, &run.doing.hooks).await?;
            mind_repairs(run.conn, &run.stood, &run.request, answers.as_ref(), &cause).await?;
            mind_beside(run.conn, &run.stood, &run.request, answers.as_ref(), run.now).await?;
            if run.recorded.iter().any(|recorded| moves_units(&recorded.event)) {
                store::release(run.conn, rma).await?;
                self.reserve(run.conn, &run.request).await?;
            }
            if let Some((own, of_others)) = run.recorded.iter().find_map(|recorded| moves_books(&recorded.event)) {
                let because = |other| if other == rma { own } else { Some(of_others) };
                others = self.settle(run.conn, &orders, because, &run.doing).await?;
                if others.contains(&rma) {
                    run.request = store::find_return(run.conn, rma).await?.ok_or(ChangeError::Unknown)?;
                }
            }
        }
        self.mind_compensations(run.conn, &run.request, &run.recorded, &run.doing).await?;
        self.book_paid_credit(run.conn, &run.request, &run.recorded).await?;
        self.issue_credit_notes(run.conn, &run.request, &run.recorded).await?;
        self.mind_accounts(run.conn, run.request.rma, &run.recorded).await?;
        let mut answer = None;
        if let Some(key) = key {
            answer = key.keep(run.conn, &run.request, run.now).await?.ok_or(ChangeError::KeyReused)?;
        }
        Ok((Carried { request: run.request, again: false, answer, command }, others))
    }
}

/// What was decided otherwise than policy says: approved although it had said no, or put elsewhere than its rule.
fn overrides_of(who: &str, run: &Run<'_, '_>) -> Vec<Override> {
    let mut taken: Vec<Override> = Vec::new();
    for recorded in &run.recorded {
        let mut mark = |line: LineNo, rule: String, sentence: String| {
            taken.push(Override {
                rma: run.request.rma.to_string(),
                seq: recorded.seq,
                line: line.to_string(),
                staff: who.to_owned(),
                rule,
                sentence,
                at: recorded.at.as_millisecond(),
            });
        };
        match &recorded.event {
            Event::Approved { lots, .. } => {
                let against = run.request.lines.iter().filter(|line| line.asked.verdict == Decision::Declined);
                for line in against.filter(|line| lots.iter().any(|lot| lot.line == line.id)) {
                    let sentence = line.asked.why.first().and_then(|sentence| serde_json::to_value(sentence).ok()).unwrap_or_default();
                    mark(line.id, sentence["code"].as_str().unwrap_or("unknown").to_owned(), sentence.to_string());
                }
            }
            Event::Disposed { lots, proposed: Some(proposed), .. } if proposed.otherwise.is_some() => {
                let rule = format!("{DISPOSITION}{}", proposed.by.rule);
                for line in run.request.lines.iter().filter(|line| lots.iter().any(|lot| lot.line == line.id)) {
                    let sentence = serde_json::json!({"rule": proposed.by.rule, "to": proposed.to.name()});
                    mark(line.id, rule.clone(), sentence.to_string());
                }
            }
            _ => {}
        }
    }
    taken
}

/// How a return stands, for the audit trail.
fn stands(request: &Return) -> String {
    format!("{} at {}", request.status(), request.version)
}

/// What somebody said with a command in their own words, JSON: the events themselves.
fn words_of(recorded: &[Recorded]) -> Option<String> {
    let said = |recorded: &Recorded| serde_json::to_value(&recorded.event).ok();
    let events: Vec<serde_json::Value> = recorded.iter().filter_map(said).collect();
    (!events.is_empty()).then(|| serde_json::Value::from(events).to_string())
}

/// Whether other units may be wanted in exchange after an event.
fn moves_units(event: &Event) -> bool {
    matches!(
        event,
        Event::LinesAdded { .. }
            | Event::Approved { .. }
            | Event::Declined { .. }
            | Event::Cancelled { .. }
            | Event::Lapsed { .. }
            | Event::TakenBack { .. }
    )
}

/// Whether an event moves the books of its orders: why the return's own amounts change by it (nothing where the event says them), and
/// those of the returns beside it.
fn moves_books(event: &Event) -> Option<(Option<Because>, Because)> {
    match event {
        Event::LinesAdded { .. } | Event::MethodChanged { .. } => Some((None, Because::ReturnChanged)),
        Event::Cancelled { .. } | Event::Lapsed { .. } => Some((Some(Because::ItemsCancelled), Because::ReturnCancelled)),
        Event::Declined { .. } => Some((Some(Because::ItemsDeclined), Because::ReturnDeclined)),
        Event::Appealed { .. } => Some((Some(Because::ItemsAppealed), Because::ReturnChanged)),
        // What was declined before counts again; what only waited counted already.
        Event::Approved { .. } => Some((Some(Because::ItemsApproved), Because::ReturnChanged)),
        Event::OfferAnswered { answer: OfferAnswer::Accept, .. } | Event::OfferLapsed { .. } => {
            Some((Some(Because::ReturnChanged), Because::ReturnChanged))
        }
        // The customer has it again; and what is not coming is paid for, or stays as bought.
        Event::SentBack { .. } => Some((Some(Because::ItemsDeclined), Because::ReturnDeclined)),
        Event::RemedyMoved { to: RemedyState::CalledOff | RemedyState::Delivered, .. } => {
            Some((Some(Because::ReturnChanged), Because::ReturnChanged))
        }
        Event::TakenBack { .. } => Some((Some(Because::ReturnChanged), Because::ReturnChanged)),
        Event::Collected { .. } => Some((Some(Because::CustomerPaid), Because::ReturnChanged)),
        _ => None,
    }
}

/// Whether something may be due after an event that was not before.
fn may_be_due(event: &Event) -> bool {
    matches!(
        event,
        Event::Approved { .. }
            | Event::Scanned { .. }
            | Event::Received { .. }
            | Event::Inspected { .. }
            | Event::Disposed { .. }
            | Event::OfferAnswered { .. }
            | Event::OfferLapsed { .. }
            | Event::RemedyMoved { .. }
            | Event::OutboundAnswered { .. }
    )
}

/// An order with all its returns, that one as it stands now.
async fn with_returns(conn: &mut Conn<'_>, order: &OrderNumber, now: &Return) -> Result<Option<(OrderRow, Vec<Return>)>, StoreError> {
    let mut found = store::find_order_with_returns(conn, order.as_str()).await?;
    for other in found.iter_mut().flat_map(|(_, returns)| returns).filter(|other| other.rma == now.rma) {
        other.clone_from(now);
    }
    Ok(found)
}

/// Of each line of a return's orders, units that are in no return.
pub(super) async fn units_free(conn: &mut Conn<'_>, request: &Return) -> Result<Vec<(OrderNumber, LineId, u32)>, StoreError> {
    let mut free = Vec::new();
    for part in &request.orders {
        let Some((row, returns)) = store::find_order_with_returns(conn, part.number.as_str()).await? else { continue };
        let units = |line: &OrderLine| line.quantity.saturating_sub(units_taken(&row, &returns, &line.id).units);
        free.extend(row.order.items().map(|line| (row.order.number.clone(), line.id.clone(), units(line))));
    }
    Ok(free)
}

/// Locks orders, and what shares a return with them, for this transaction: in one order, so that nobody waits for anybody in a circle.
/// To be called before anything is locked.
pub(super) async fn lock_family(conn: &mut Conn<'_>, keys: &[String]) -> Result<(), StoreError> {
    let holding = store::Holding::begin(conn).await?;
    let mut locked: BTreeSet<String> = BTreeSet::new();
    loop {
        let family: BTreeSet<String> = store::orders_beside(conn, keys).await?.into_iter().chain(keys.iter().cloned()).collect();
        if family.is_subset(&locked) {
            return Ok(());
        }
        // A return came meanwhile whose orders may stand before those that are held: to wait for them with these in hand would be the circle.
        if !locked.is_empty() {
            holding.let_go(conn).await?;
        }
        locked.extend(family);
        for key in &locked {
            store::lock_order(conn, key).await?;
        }
    }
}

/// A return, with its orders and `more` locked for this transaction, so that units and state stay what they are.
pub(super) async fn take_return(conn: &mut Conn<'_>, rma: RmaNumber, more: &[String]) -> Result<Option<Return>, StoreError> {
    let Some(found) = store::find_return(conn, rma).await? else { return Ok(None) };
    let keys: Vec<String> = found.orders.iter().map(|part| part.number.to_string()).chain(more.iter().cloned()).collect();
    lock_family(conn, &keys).await?;
    match store::find_return(conn, rma).await? {
        Some(request) if request.newer => Err(StoreError::Newer),
        found => Ok(found),
    }
}
