//! Changes to a return while its goods are with the customer: items added, another way back, a new label (N10). Always the same
//! return, the same number, one parcel.

use domain::policy::{Decision, Method, PromisedDates, promised};
use domain::returns::{
    Actor, Authorization, Because, Command, CommandRefused, Facts, LineAdded, LineAsked, LineTerms, LotNo, Move, Pickup, Refused, Return,
    ReturnLine, Role, Step,
};
use domain::rma::RmaNumber;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::assess::{Assessment, LineAssessment};
use super::doing::Doing;
use super::later::JobKind;
use super::open_return::{IdempotencyKey, OpenError, incomplete, line_asked, order_parts};
use super::request::{LineRequest, RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, Conn, StoreError};

/// A label younger than this is not replaced: pressing twice makes one.
const FRESH: SignedDuration = SignedDuration::from_mins(2);
/// More labels than this are a person's business.
const MOST_LABELS: usize = 8;

/// Why a return was not changed. Nothing has happened then.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is none of that number.
    #[error("there is no such return")]
    Unknown,
    /// It is too late for that.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What was asked for is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<RequestProblem>),
    /// Policy says no to everything that should be added.
    #[error("none of it can come back")]
    Declined(Box<Assessment>),
    /// What should be added cannot share a parcel, a day or a policy with what is there.
    #[error("this cannot join the return; open another one for it")]
    Apart,
    /// It has had as many labels as it gets.
    #[error("this return has had {MOST_LABELS} labels; a person must help")]
    TooManyLabels,
    /// It has no label to replace.
    #[error("this return has no label")]
    NoLabel,
    /// The key came with another request before.
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommandRefused> for ChangeError {
    fn from(refused: CommandRefused) -> Self {
        Self::Refused(refused.into())
    }
}

impl From<OpenError> for ChangeError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Problems(problems) => Self::Problems(problems),
            OpenError::NothingToReturn(assessment) => Self::Declined(assessment),
            OpenError::KeyReused => Self::KeyReused,
            OpenError::Store(error) => Self::Store(error),
        }
    }
}

/// Locks orders, and what shares a return with them, for this transaction: in one order, so that nobody waits for anybody in a circle.
pub(super) async fn lock_family(conn: &mut Conn<'_>, keys: &[String]) -> Result<(), StoreError> {
    let mut locked: Vec<String> = Vec::new();
    loop {
        let mut keys: Vec<String> = store::orders_beside(conn, keys).await?.into_iter().chain(keys.iter().cloned()).collect();
        keys.sort();
        keys.dedup();
        let missing: Vec<String> = keys.into_iter().filter(|key| !locked.contains(key)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for key in &missing {
            store::lock_order(conn, key).await?;
        }
        locked.extend(missing);
    }
}

/// A return, with its orders and `more` locked for this transaction, so that units and state stay what they are.
pub(super) async fn take_return(conn: &mut Conn<'_>, rma: RmaNumber, more: &[String]) -> Result<Option<Return>, StoreError> {
    let Some(found) = store::find_return(conn, rma).await? else { return Ok(None) };
    let keys: Vec<String> = found.orders.iter().map(|part| part.number.key()).chain(more.iter().cloned()).collect();
    lock_family(conn, &keys).await?;
    match store::find_return(conn, rma).await? {
        Some(request) if request.newer => Err(StoreError::Newer),
        found => Ok(found),
    }
}

async fn tell(conn: &mut Conn<'_>, rma: RmaNumber, now: Timestamp) -> Result<(), StoreError> {
    store::enqueue(conn, &JobKind::MailReturnChanged.about(rma, now)).await
}

impl Services {
    /// Adds items to a return, or units to its lines. Judged as they are now; the money is that of everything together.
    pub async fn add_lines(
        &self,
        rma: RmaNumber,
        lines: Vec<LineRequest>,
        actor: Actor,
        key: Option<IdempotencyKey>,
    ) -> Result<Return, ChangeError> {
        let (services, doing) = (self.clone(), Doing::begin(actor, self.clock.now()));
        let (changed, others) =
            self.store.write(move |mut conn| Box::pin(async move { services.add(&mut conn, rma, lines, key, &doing).await })).await?;
        self.done(rma);
        self.done_to(&others);
        Ok(changed)
    }

    async fn add(
        &self,
        conn: &mut Conn<'_>,
        rma: RmaNumber,
        lines: Vec<LineRequest>,
        key: Option<IdempotencyKey>,
        doing: &Doing,
    ) -> Result<(Return, Vec<RmaNumber>), ChangeError> {
        let now = doing.now;
        let orders: Vec<String> = lines.iter().map(|line| line.order.key()).collect();
        let mut request = take_return(conn, rma, &orders).await?.ok_or(ChangeError::Unknown)?;
        if let Some(key) = &key
            && let Some(before) = store::find_answer(conn, &key.scope, &key.key).await?
        {
            return if before.digest == key.digest { Ok((request, Vec::new())) } else { Err(ChangeError::KeyReused) };
        }
        request.check_changeable()?;

        let added = self.assess_added(conn, &request, lines, now, false).await?;
        let mut problems = incomplete(&added);
        if request.method != Method::None
            && added.methods.iter().all(|offered| offered.method != request.method)
            && added.lines.iter().any(LineAssessment::sends_back)
        {
            problems.push(RequestProblem { field: "method".into(), wrong: Wrong::Method(request.method) });
        }
        if !problems.is_empty() {
            return Err(ChangeError::Problems(problems));
        }
        if added.lines.iter().all(|line| line.decision == Decision::Declined) {
            return Err(ChangeError::Declined(Box::new(added)));
        }
        let lines = joining(&request, added.lines.iter().filter_map(|line| line_asked(line, &added)));
        let settled = self.settle_with(conn, &request, &lines, now).await?;
        let waits = added.lines.iter().any(|line| line.decision == Decision::InReview);
        let promises = if waits { added.promises } else { request.promises };
        let known: Vec<String> = request.orders.iter().map(|part| part.number.key()).collect();
        let command = Command::AddLines { lines, orders: order_parts(&settled), promises };
        let events = request.decide(&command, doing.role(), &doing.facts())?;
        doing.record(conn, &mut request, events).await?;
        added.hand_over(conn, rma).await?;
        for part in request.orders.iter().filter(|part| !known.contains(&part.number.key())) {
            store::add_order_to_return(conn, &part.number.key(), rma).await?;
        }
        self.give_label(conn, &mut request, doing).await?;
        store::release(conn, rma).await?;
        self.reserve(conn, &request).await?;
        tell(conn, rma, now).await?;
        if let Some(key) = &key
            && !store::keep_answer(conn, &key.scope, &key.key, &key.digest, &rma.to_string(), now.as_millisecond()).await?
        {
            return Err(ChangeError::KeyReused);
        }
        let orders: Vec<String> = request.orders.iter().map(|part| part.number.key()).collect();
        let others = self.settle_others(conn, &orders, Some(rma), Because::ReturnChanged, doing).await?;
        Ok((request, others))
    }

    /// What `add_lines` would come to, without doing it: the added items, and all of the return together (nothing where none of them can
    /// come back).
    pub async fn quote_added(
        &self,
        request: &Return,
        lines: Vec<LineRequest>,
        explain: bool,
    ) -> Result<(Assessment, Option<Assessment>), ChangeError> {
        request.check_changeable()?;
        let now = self.clock.now();
        let mut read = self.store.read().await?;
        let added = self.assess_added(&mut read.conn(), request, lines, now, explain).await?;
        let asked = joining(request, added.lines.iter().filter_map(|line| line_asked(line, &added)));
        if added.lines.iter().all(|line| line.decision == Decision::Declined) {
            return Ok((added, None));
        }
        let whole = self.settle_with(&mut read.conn(), request, &asked, now).await?;
        Ok((added, Some(whole)))
    }

    /// What is added, judged by itself: it comes back the way the rest does, and only the customer's own orders join.
    async fn assess_added(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        lines: Vec<LineRequest>,
        now: Timestamp,
        explain: bool,
    ) -> Result<Assessment, ChangeError> {
        let (email, phone) = (request.contact.email.clone(), request.contact.phone.clone());
        let wanted = ReturnRequest { lines, email, phone, within: None, ..ReturnRequest::of(request) };
        let mut added = self.assess(conn, &wanted, now, explain).await?.map_err(ChangeError::Problems)?;
        self.keep_what_comes_true(conn, &wanted, &mut added, now, false).await?;
        Ok(added)
    }

    /// The return as it will be with `asked`, settled all at once.
    async fn settle_with(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        lines: &[LineAdded],
        now: Timestamp,
    ) -> Result<Assessment, ChangeError> {
        let mut whole = request.clone();
        let add = Command::AddLines { lines: lines.to_vec(), orders: request.orders.clone(), promises: request.promises };
        for event in request.decide(&add, Role::Customer, &Facts::at(now))? {
            whole.evolve(&event);
        }
        self.settle_anew(conn, &whole, now).await?.ok_or(ChangeError::Apart)
    }

    /// All live lines of a return settled together: on the day it was opened, or (for what could not come back then) today. Nothing
    /// where neither day fits all of them.
    async fn settle_anew(&self, conn: &mut Conn<'_>, request: &Return, now: Timestamp) -> Result<Option<Assessment>, ChangeError> {
        let asked = ReturnRequest::of(request);
        for at in [request.opened_at, now] {
            match self.assess(conn, &asked, at, false).await? {
                Ok(settled) if settled.lines.iter().all(|line| line.decision != Decision::Declined) => return Ok(Some(settled)),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Ways in which a return can come back, with what each costs the customer.
    pub async fn ways_back(&self, request: &Return) -> Result<Option<Assessment>, ChangeError> {
        let mut read = self.store.read().await?;
        let mut open = request.clone();
        open.method = Method::None;
        self.settle_anew(&mut read.conn(), &open, self.clock.now()).await
    }

    /// Another way back, or another time for the pickup.
    pub async fn switch_method(&self, rma: RmaNumber, method: Method, pickup: Option<Pickup>, actor: Actor) -> Result<Return, ChangeError> {
        let (services, doing) = (self.clone(), Doing::begin(actor, self.clock.now()));
        let changed = self
            .store
            .write(move |mut conn| Box::pin(async move { services.switch(&mut conn, rma, method, pickup, &doing).await }))
            .await?;
        self.done(rma);
        Ok(changed)
    }

    async fn switch(
        &self,
        conn: &mut Conn<'_>,
        rma: RmaNumber,
        method: Method,
        pickup: Option<Pickup>,
        doing: &Doing,
    ) -> Result<Return, ChangeError> {
        let now = doing.now;
        let mut request = take_return(conn, rma, &[]).await?.ok_or(ChangeError::Unknown)?;
        let pickup = pickup.filter(|_| method == Method::Pickup);
        if request.method == method && request.pickup == pickup {
            return Ok(request);
        }
        request.check_changeable()?;
        let mut changed = request.clone();
        (changed.method, changed.pickup) = (method, pickup.clone());
        let settled = self.settle_anew(conn, &changed, now).await?.ok_or(ChangeError::Apart)?;
        let mut problems = Vec::new();
        if !settled.methods.iter().any(|offered| offered.method == method) {
            problems.push(RequestProblem { field: "method".into(), wrong: Wrong::Method(method) });
        } else if method == Method::Pickup {
            problems.extend(self.pickup_problem(pickup.as_ref(), now));
        }
        if !problems.is_empty() {
            return Err(ChangeError::Problems(problems));
        }
        let promises = promises_from(&settled, &changed, changed.pickup.as_ref(), now);
        let terms = terms_anew(&request, &settled);
        let command = Command::SwitchMethod { method, pickup, terms, orders: order_parts(&settled), promises };
        let events = request.decide(&command, doing.role(), &doing.facts())?;
        doing.record(conn, &mut request, events).await?;
        self.give_label(conn, &mut request, doing).await?;
        tell(conn, rma, now).await?;
        Ok(request)
    }

    /// The first label, where it is due now.
    async fn give_label(&self, conn: &mut Conn<'_>, request: &mut Return, doing: &Doing) -> Result<(), StoreError> {
        let label = self.label_due(conn, request, doing.now).await?;
        doing.by_rule().record(conn, request, label.into_iter().collect()).await
    }

    /// A new label, where the last has expired or was lost. The one before is void.
    pub async fn reissue_label(&self, rma: RmaNumber, actor: Actor) -> Result<Return, ChangeError> {
        let (services, doing) = (self.clone(), Doing::begin(actor, self.clock.now()));
        let changed = self.store.write(move |mut conn| Box::pin(async move { services.reissue(&mut conn, rma, &doing).await })).await?;
        self.done(rma);
        Ok(changed)
    }

    async fn reissue(&self, conn: &mut Conn<'_>, rma: RmaNumber, doing: &Doing) -> Result<Return, ChangeError> {
        let now = doing.now;
        let mut request = take_return(conn, rma, &[]).await?.ok_or(ChangeError::Unknown)?;
        request.check_changeable()?;
        let last = request.parcel().ok_or(ChangeError::NoLabel)?;
        if now.duration_since(last.issued_at) < FRESH && last.expires_at > now {
            return Ok(request);
        }
        if request.parcels.len() >= MOST_LABELS {
            return Err(ChangeError::TooManyLabels);
        }
        let settled = self.settle_anew(conn, &request, now).await?.ok_or(ChangeError::Apart)?;
        // A pickup that was missed has no new day by itself.
        let pickup = request.pickup.as_ref().filter(|_| request.promises.sent >= now);
        let promises = promises_from(&settled, &request, pickup, now);
        let parcel = self.parcel(conn, &request, promises.label, now).await?;
        let command = Command::IssueLabel { parcel, promises: Some(promises) };
        let events = request.decide(&command, doing.role(), &doing.facts())?;
        doing.record(conn, &mut request, events).await?;
        tell(conn, rma, now).await?;
        Ok(request)
    }
}

/// The live lines' terms anew: another way back costs something else. `settled` has them in their order.
fn terms_anew(request: &Return, settled: &Assessment) -> Vec<LineTerms> {
    let anew = |(line, said): (&ReturnLine, &LineAssessment)| Some(LineTerms { line: line.id, terms: said.terms.clone()? });
    request.live_lines().zip(&settled.lines).filter_map(anew).collect()
}

/// What is promised from now on, where it is collected at `pickup`.
fn promises_from(settled: &Assessment, request: &Return, pickup: Option<&Pickup>, now: Timestamp) -> PromisedDates {
    let worst = settled.lines.iter().map(|line| line.decision).max().unwrap_or(Decision::Approved);
    let waits = request.live_lines().any(|line| line.live_lots().any(|lot| lot.state.authorization != Authorization::Approved));
    let decision = if waits { worst } else { Decision::Approved };
    let day = pickup.filter(|_| request.method == Method::Pickup).map(|pickup| pickup.date);
    settled.parts.first().map_or(request.promises, |part| promised(&part.policy, decision, request.method != Method::None, day, now))
}

/// What is added, as lots: units of a line whose story they share join it, others are lines of their own. A line that was declined or
/// called off gives its place to what is now said of the same item.
fn joining(request: &Return, asked: impl Iterator<Item = LineAsked>) -> Vec<LineAdded> {
    let mut next = request.next_line();
    let mut given: Vec<_> = Vec::new();
    let mut join = |asked: LineAsked| {
        let same = |line: &&ReturnLine| line.asked.is_of(&asked.order, &asked.line);
        let held = request.lines.iter().filter(same).filter(|line| same_story(line, &asked)).find_map(|line| {
            let stays = |lot: &&domain::returns::Lot| lot.state.step(Move::Change, request.standing(lot.id)) == Step::Already;
            line.live_lots().find(stays).map(|lot| lot.id)
        });
        if let Some(lot) = held {
            return LineAdded { lot, instead_of: None, asked };
        }
        let over = |line: &&ReturnLine| request.units_held(line) == 0 && !given.contains(&line.id);
        let instead_of = request.lines.iter().filter(same).find(over).map(|line| line.id);
        given.extend(instead_of);
        let lot = LotNo::first(next);
        next.0 += 1;
        LineAdded { lot, instead_of, asked }
    };
    asked.map(&mut join).collect()
}

/// Whether further units of an item have the story of those in the return: one reason, one state, one wish and one answer.
fn same_story(held: &ReturnLine, more: &LineAsked) -> bool {
    let answer = match more.verdict {
        Decision::Approved => Authorization::Approved,
        Decision::InReview => Authorization::InReview,
        Decision::Declined => return false,
    };
    let told = |asked: &LineAsked| {
        (asked.reason.clone(), asked.sub_reason.clone(), asked.condition.clone(), asked.resolution, asked.exchange_sku.clone())
    };
    held.state().authorization == answer && told(&held.asked) == told(more)
}
