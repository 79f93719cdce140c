//! What somebody at work does to a case in one press: words, a decision, and who has it from then on. Tried before it is done, by the same story.

use app::ports::Mistake;
use app::staff::{Decide, Decision, unfilled};
use domain::desk::{Act, Hand, Ruling};
use domain::money::Money;
use domain::policy::Decision as Verdict;
use domain::returns::{CommandKind, LineNo, Return, Role, TaskKind, tasks};
use domain::rma::RmaNumber;
use domain::staff::{Member, StaffLimits};
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::{Access, AtWork};
use super::once::{Carried, IdempotencyKey};
use super::refusals::ChangeError;
use super::run::Run;
use crate::store::{self, Assigned, Conn, Held, StoreError, TaskName, UNTIL_NEWS};

/// Who does it, on what they have looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    pub member: Member,
    /// From where, as a seal.
    pub address: String,
    pub rma: RmaNumber,
    pub version: u64,
}

/// What it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What the customer would read, if anything.
    pub words: Option<String>,
    /// Nothing would be left that could be handed over.
    pub idle: bool,
}

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// In words for whoever does it.
    #[error("refused: {0:?}")]
    Refused(Mistake),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl NotDone {
    /// What to tell whoever wanted it; nothing where something failed that is not about the case.
    pub fn told(self) -> Result<Mistake, ChangeError> {
        match self {
            Self::Refused(mistake) => Ok(mistake),
            Self::Change(ChangeError::Refused(_) | ChangeError::Unknown | ChangeError::KeyReused) => Ok(Mistake::StaffNotNow),
            Self::Change(ChangeError::Store(StoreError::Newer)) => Ok(Mistake::Changed),
            Self::Change(error) => Err(error),
        }
    }
}

/// Who may give a command instead.
pub fn may_not(kind: CommandKind) -> Mistake {
    let people = |role: &&Role| !matches!(role, Role::Customer | Role::System);
    Mistake::StaffMayNot { who: kind.row().who.iter().filter(people).map(|role| role.code().to_owned()).collect() }
}

/// Somebody decides on what they have seen, within what they may promise, and otherwise than policy only where they may and say why.
pub fn within_limits(member: &Member, form: &Decide, request: &Return) -> Result<(), Mistake> {
    // What is said is said, however the return stands by now.
    if form.decision.decides() && form.version != request.version {
        return Err(Mistake::Changed);
    }
    if form.decision != Decision::Approve {
        return Ok(());
    }
    let named = |line: &LineNo| form.lines.is_empty() || form.lines.contains(line);
    let against = request.lines.iter().any(|line| line.asked.verdict == Verdict::Declined && named(&line.id));
    if against && !member.limits.overrides {
        return Err(Mistake::StaffOverrideMissing);
    }
    if against && form.words.is_none() {
        return Err(Mistake::StaffOverrideReason);
    }
    within_refunds(&member.limits, request)
}

/// All that a return is expected to come to is within what somebody may promise.
pub fn within_refunds(limits: &StaffLimits, request: &Return) -> Result<(), Mistake> {
    match request.expected().into_iter().find_map(|(currency, minor)| limits.exceeded_by(Money::new(minor, currency))) {
        Some(limits) => Err(Mistake::StaffOverLimit { limits: limits.to_vec() }),
        None => Ok(()),
    }
}

impl Services {
    /// Does it, all of it or nothing; by the same key once.
    pub async fn act(&self, looked: Looked, act: Act, key: IdempotencyKey) -> Result<Carried, NotDone> {
        let (services, rma) = (self.clone(), looked.rma);
        let done = self.store.write(move |mut conn| {
            Box::pin(async move {
                let (access, who) = (access(&looked, &act)?, AtWork::of_member(&looked.member));
                let (story, of_it) = (services.clone(), (looked.clone(), act.clone()));
                let (carried, others) = services
                    .run_in(&mut conn, access, Some(key), &[], move |run| {
                        Box::pin(async move { story.play(run, &of_it.0, &of_it.1).await.map(|_| ()) })
                    })
                    .await?;
                if let (Some(hand), false) = (&act.hand, carried.again) {
                    let tasks = theirs(&mut conn, &who, rma, &act).await?;
                    services.hand_over(&mut conn, &who, &tasks, hand).await?;
                }
                Ok::<_, NotDone>((carried, others))
            })
        });
        let (carried, others) = done.await?;
        if !carried.again {
            self.done(rma);
            self.done_to(&others);
        }
        Ok(carried)
    }

    /// What it would be, or why it would not.
    pub async fn try_act(&self, looked: &Looked, act: &Act) -> Result<Tried, NotDone> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let access = access(looked, act)?;
        let mut run = Run::tried(&mut conn, access, self.clock.now()).await?;
        let words = self.play(&mut run, looked, act).await?;
        let (left, _) = tasks(&run.request, run.now);
        let Some(hand) = &act.hand else { return Ok(Tried { words, idle: false }) };
        let who = AtWork::of_member(&looked.member);
        theirs(&mut conn, &who, looked.rma, act).await?;
        there_is(&mut conn, hand).await?;
        Ok(Tried { words, idle: !left.iter().any(|task| who.does(task.kind)) })
    }

    /// Decides what there is to decide; answers the text that the customer reads.
    async fn play(&self, run: &mut Run<'_, '_>, looked: &Looked, act: &Act) -> Result<Option<String>, NotDone> {
        if !act.only_hands() && looked.version != run.request.version {
            return Err(NotDone::Refused(Mistake::Changed));
        }
        let mut said = None;
        for kind in act.commands() {
            let decision = match kind {
                CommandKind::Write => Decision::Write,
                _ => match act.ruling {
                    Some(Ruling::Decline) => Decision::Decline,
                    Some(Ruling::Ask) => Decision::Ask,
                    _ => Decision::Approve,
                },
            };
            // What is written beside a decision is filled with what has come of it.
            let words = decision.is_read().then(|| self.filled(&act.words, &run.request));
            if let Some(mistake) = words.as_deref().and_then(unfilled) {
                return Err(NotDone::Refused(mistake));
            }
            if decision.is_read() && words.as_deref().is_none_or(str::is_empty) {
                return Err(NotDone::Refused(Mistake::StaffWordsMissing));
            }
            let form = Decide { decision, lines: Vec::new(), words: words.clone(), until: None, version: run.request.version };
            within_limits(&looked.member, &form, &run.request).map_err(NotDone::Refused)?;
            let command = form.command(&run.request);
            run.decide_knowing(self, &command).await?;
            said = words.or(said);
        }
        Ok(said)
    }

    async fn hand_over(&self, conn: &mut Conn<'_>, who: &AtWork, tasks: &[TaskName], hand: &Hand) -> Result<(), NotDone> {
        there_is(conn, hand).await?;
        let now = self.clock.now();
        for task in tasks {
            let became = match hand {
                Hand::Me => store::assign_task(conn, *task, Some(who.id()), &Held::ByWhoever, who.id()).await?,
                Hand::Nobody => store::assign_task(conn, *task, None, &Held::ByWhoever, who.id()).await?,
                Hand::Colleague(id) => store::assign_task(conn, *task, Some(id), &Held::ByWhoever, who.id()).await?,
                Hand::Days(days) => store::let_sleep(conn, *task, Some(self.morning(now, *days).as_millisecond()), true, who.id()).await?,
                Hand::News => store::let_sleep(conn, *task, Some(UNTIL_NEWS), true, who.id()).await?,
            };
            debug_assert!(!matches!(became, Assigned::NotTheirs | Assigned::Otherwise(_)), "{became:?}");
        }
        Ok(())
    }

    /// Nine in the morning in so many days, by the shop's clock.
    pub fn morning(&self, now: Timestamp, days: i64) -> Timestamp {
        let zone = self.shop_zone();
        let day = now.to_zoned(zone.clone()).date().saturating_add(jiff::Span::new().days(days));
        let nine = day.at(9, 0, 0, 0).to_zoned(zone).map(|moment| moment.timestamp());
        nine.unwrap_or(now + SignedDuration::from_hours(24 * days))
    }
}

/// Leave to do it: of whoever may give each of its commands. Whoever is at work may note something, and hand over.
fn access(looked: &Looked, act: &Act) -> Result<Access<Return>, NotDone> {
    let refused = act.commands().find(|kind| looked.member.roles.giving(*kind).is_none());
    let first = act.commands().next().unwrap_or(CommandKind::Note);
    let access = Access::of_staff(&looked.member, looked.rma, first, looked.address.clone());
    match (refused, access) {
        (None, Some(access)) => Ok(access),
        (refused, _) => Err(NotDone::Refused(may_not(refused.unwrap_or(first)))),
    }
}

/// Tasks that are theirs to hand over. With a decision it is no matter that none is left of them.
async fn theirs(conn: &mut Conn<'_>, who: &AtWork, rma: RmaNumber, act: &Act) -> Result<Vec<TaskName>, NotDone> {
    let kinds: Vec<TaskKind> = store::tasks_of(conn, rma).await?.iter().filter_map(|row| row.kind.parse().ok()).collect();
    let theirs: Vec<TaskName> = kinds.iter().filter(|kind| who.does(**kind)).map(|kind| TaskName { rma, kind: *kind }).collect();
    match kinds.first() {
        _ if !theirs.is_empty() || !act.only_hands() => Ok(theirs),
        Some(kind) => Err(NotDone::Refused(Mistake::StaffMayNot { who: vec![kind.role().code().to_owned()] })),
        None => Err(NotDone::Refused(Mistake::StaffNotNow)),
    }
}

/// Whoever it is handed to works here.
async fn there_is(conn: &mut Conn<'_>, hand: &Hand) -> Result<(), NotDone> {
    let Hand::Colleague(id) = hand else { return Ok(()) };
    let works = store::find_staff(conn, id).await?.is_some_and(|row| row.ended_at.is_none());
    if works { Ok(()) } else { Err(NotDone::Refused(Mistake::ColleagueGone)) }
}
