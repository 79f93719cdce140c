//! Changes to a return while its goods are with the customer: items added, another way back, a new label (N10). Always the same
//! return, the same number, one parcel.

use domain::order::Address;
use domain::policy::{Decision, Method, PromisedDates, promised};
use domain::returns::{
    Authorization, Command, Facts, LineAdded, LineAsked, LineTerms, LotNo, Move, Pickup, Return, ReturnLine, Role, Step,
};
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::Access;
use super::assess::{Assessment, LineAssessment};
use super::gather::Reading;
use super::kept::{incomplete, line_asked, order_parts};
use super::once::{Carried, IdempotencyKey};
use super::refusals::{ChangeError, MOST_LABELS};
use super::request::{LineRequest, RequestProblem, ReturnRequest, Wrong};
use super::run::Run;
use crate::store::Conn;

/// A label younger than this is not replaced: pressing twice makes one.
const FRESH: SignedDuration = SignedDuration::from_mins(2);

impl Services {
    /// Adds items to a return, or units to its lines. Judged as they are now; the money is that of everything together.
    pub async fn add_lines(
        &self,
        access: Access<Return>,
        lines: Vec<LineRequest>,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, ChangeError> {
        let services = self.clone();
        let orders = lines.iter().map(|line| line.order.to_string()).collect();
        self.run(access, key, orders, move |run| Box::pin(async move { services.add(run, lines).await })).await
    }

    async fn add(&self, run: &mut Run<'_, '_>, lines: Vec<LineRequest>) -> Result<(), ChangeError> {
        let (request, now) = (run.request.clone(), run.now);
        request.check_changeable()?;
        let added = self.assess_added(run.conn, &request, lines, now, false).await?;
        let mut problems = incomplete(&added);
        if !matches!(request.method, Method::None | Method::Arranged)
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
        let settled = self.settle_with(run.conn, &request, &lines, now).await?;
        let waits = added.lines.iter().any(|line| line.decision == Decision::InReview);
        let promises = if waits { added.promises } else { request.promises };
        run.decide(&Command::AddLines { lines, orders: order_parts(&settled), promises })?;
        Ok(added.hand_over(run.conn, request.rma).await?)
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
        let mut reading = Reading::new(conn);
        // Added bit by bit it is worth as much as asked for at once.
        let beside = reading.paid_for(request).await?;
        let wanted = ReturnRequest { lines, email, phone, within: None, beside, ..ReturnRequest::of(request) };
        let mut added = self.assess(&mut reading, &wanted, now, explain).await?.map_err(ChangeError::Problems)?;
        self.keep_what_comes_true(&mut reading, &wanted, &mut added, now, false).await?;
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
        let mut reading = Reading::new(conn);
        for at in [request.opened_at, now] {
            match self.assess(&mut reading, &asked, at, false).await? {
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

    /// Another way back, or another time or door for the pickup.
    pub async fn switch_method(&self, access: Access<Return>, way: OtherWay, key: Option<IdempotencyKey>) -> Result<Carried, ChangeError> {
        let services = self.clone();
        self.run(access, key, Vec::new(), move |run| Box::pin(async move { services.switch(run, way).await })).await
    }

    async fn switch(&self, run: &mut Run<'_, '_>, way: OtherWay) -> Result<(), ChangeError> {
        let OtherWay { method, pickup, from } = way;
        let (now, pickup) = (run.now, pickup.filter(|_| method == Method::Pickup));
        let from = from.filter(|from| run.request.from.as_ref() != Some(from));
        if run.request.method == method && run.request.pickup == pickup && from.is_none() {
            return Ok(());
        }
        run.request.check_changeable()?;
        if let Some(problem) = from.as_ref().and_then(|from| door_problem(&run.request, method, from)) {
            return Err(ChangeError::Problems(vec![problem]));
        }
        let mut changed = run.request.clone();
        (changed.method, changed.pickup) = (method, pickup.clone());
        changed.from = from.clone().or(changed.from);
        let settled = self.settle_anew(run.conn, &changed, now).await?.ok_or(ChangeError::Apart)?;
        let mut problems = Vec::new();
        if !settled.methods.iter().any(|offered| offered.method == method) {
            problems.push(RequestProblem { field: "method".into(), wrong: Wrong::Method(method) });
        } else if method == Method::Pickup {
            let fixed = !self.keeps_areas(run.conn).await?;
            problems.extend(self.pickup_problem(pickup.as_ref(), fixed, now));
        }
        if problems.is_empty() {
            problems.extend(self.book_pickup(run.conn, &changed, now).await?);
        }
        if !problems.is_empty() {
            return Err(ChangeError::Problems(problems));
        }
        let promises = promises_from(&settled, &changed, changed.pickup.as_ref(), now);
        let terms = terms_anew(&run.request, &settled);
        run.decide(&Command::SwitchMethod { method, pickup, from: from.map(Box::new), terms, orders: order_parts(&settled), promises })
    }

    /// A new label, where the last has expired or was lost. The one before is void.
    pub async fn reissue_label(&self, access: Access<Return>, key: Option<IdempotencyKey>) -> Result<Carried, ChangeError> {
        let services = self.clone();
        self.run(access, key, Vec::new(), move |run| Box::pin(async move { services.reissue(run).await })).await
    }

    async fn reissue(&self, run: &mut Run<'_, '_>) -> Result<(), ChangeError> {
        let (request, now) = (run.request.clone(), run.now);
        request.check_changeable()?;
        let last = request.parcel().ok_or(ChangeError::NoLabel)?;
        if now.duration_since(last.issued_at).abs() < FRESH && last.expires_at > now {
            return Ok(());
        }
        if request.parcels.len() >= MOST_LABELS {
            return Err(ChangeError::TooManyLabels);
        }
        let settled = self.settle_anew(run.conn, &request, now).await?.ok_or(ChangeError::Apart)?;
        // A pickup that was missed has no new day by itself.
        let pickup = request.pickup.as_ref().filter(|_| request.promises.sent >= now);
        let promises = promises_from(&settled, &request, pickup, now);
        let anew = self.label_anew(run.conn, &request, promises, now).await?;
        run.decide(&anew)
    }
}

/// How a return comes back from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherWay {
    pub method: Method,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// Where, if it is another door than before.
    pub from: Option<Address>,
}

/// What is wrong with another door: only who is called at has one, and it is in the country from which it was to come.
fn door_problem(request: &Return, method: Method, from: &Address) -> Option<RequestProblem> {
    let country = request.from.as_ref().and_then(|before| before.country);
    let at = |field: &str, wrong| Some(RequestProblem { field: field.into(), wrong });
    if method != Method::Pickup {
        return at("from", Wrong::NoDoor);
    }
    if country.is_some() && from.country != country {
        return at("from.country", Wrong::OtherCountry);
    }
    let missing = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    if missing(&from.line1) {
        return at("from.line1", Wrong::Missing("street and number"));
    }
    None
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
        (asked.reason.clone(), asked.sub_reason.clone(), asked.said.condition.clone(), asked.resolution, asked.exchange_sku.clone())
    };
    held.state().authorization == answer && told(&held.asked) == told(more)
}
