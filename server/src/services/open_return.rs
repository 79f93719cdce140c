//! Opening a return.

use domain::order::Address;
use domain::policy::{Decision, Method};
use domain::returns::{Actor, Contact, Event, Opening, Return, Role};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

use super::Services;
use super::assess::Assessment;
use super::doing::Doing;
use super::gather::Reading;
use super::kept::{incomplete, line_asked, order_parts};
use super::once::{Carried, IdempotencyKey};
use super::quote::choose_method;
use super::refusals::OpenError;
use super::request::{RequestProblem, ReturnRequest};
use crate::store::{self, Conn, NewReturn, StoreError};

impl Services {
    /// Opens a return: judged, settled, numbered, its label made where one is due, its events and mails written, all in one
    /// transaction. The same units are never in two live returns (P10): either nothing changed at its orders since it was judged, or they
    /// are locked first.
    pub async fn open_return(&self, request: ReturnRequest, actor: Actor, key: Option<IdempotencyKey>) -> Result<Carried, OpenError> {
        match self.open_exactly(&request, &actor, key.as_ref()).await {
            Err(OpenError::Problems(problems)) => match self.as_written(&request, &problems).await? {
                Some(request) => self.open_exactly(&request, &actor, key.as_ref()).await,
                None => Err(OpenError::Problems(problems)),
            },
            opened => opened,
        }
    }

    async fn open_exactly(&self, request: &ReturnRequest, actor: &Actor, key: Option<&IdempotencyKey>) -> Result<Carried, OpenError> {
        match self.open_unlocked(request, actor, key).await? {
            Some(opened) => {
                self.done(opened.request.rma);
                Ok(opened)
            }
            None => self.open_locked(request.clone(), actor.clone(), key.cloned()).await,
        }
    }

    /// As [`Services::open_return`], always with the orders locked before anything is read.
    pub async fn open_locked(&self, request: ReturnRequest, actor: Actor, key: Option<IdempotencyKey>) -> Result<Carried, OpenError> {
        let services = self.clone();
        let open = self.store.write(move |mut conn| Box::pin(async move { services.open(&mut conn, request, actor, key).await }));
        let opened = open.await?;
        self.done(opened.request.rma);
        Ok(opened)
    }

    async fn open(
        &self,
        conn: &mut Conn<'_>,
        request: ReturnRequest,
        actor: Actor,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, OpenError> {
        let doing = Doing::begin(actor, Role::Customer, self.clock.now(), self.hooks.current(conn).await?);
        let now = doing.now;
        for order in Assessment::order_keys(&request) {
            store::lock_order(conn, &order).await?;
        }
        if let Some(key) = &key
            && let Some((before, answer)) = key.before(conn).await?
        {
            let rma: RmaNumber = before.answer.parse().map_err(|error| StoreError::corrupt("answer", error))?;
            let request = store::find_return(conn, rma).await?.ok_or_else(|| StoreError::corrupt("answer", "its return is gone"))?;
            return Ok(Carried { request, again: true, answer, command: None });
        }

        let assessment = self
            .assess_with_a_way_back(&mut Reading::new(conn), &request, request.declared_at.unwrap_or(now), false)
            .await?
            .map_err(OpenError::Problems)?;
        let fixed = request.pickup.is_none() || !self.keeps_areas(conn).await?;
        let method = self.check_complete(&request, &assessment, fixed, now)?;
        let opened = loop {
            // 35 random bits: a number that is taken is drawn again.
            let mut begun = Begun::new(opening(drawn(), &request, &assessment, method, now))?;
            begun.take(self.label_due(conn, &begun.request, now).await?);
            if store::insert_return(conn, &begun.written(&doing)?).await? {
                break begun.request;
            }
        };
        if let Some(problem) = self.book_pickup(conn, &opened, now).await? {
            return Err(OpenError::Problems(vec![problem]));
        }
        assessment.hand_over(conn, opened.rma).await?;
        self.reserve(conn, &opened).await?;
        let opened = self.settle_opened(conn, opened, &doing).await?;
        let mut answer = None;
        if let Some(key) = &key {
            // It is kept already only for two requests of one key over different orders: the key decides.
            answer = key.keep(conn, &opened, now).await?.ok_or(OpenError::KeyReused)?;
        }
        Ok(Carried { request: opened, again: false, answer, command: None })
    }

    /// What opening needs beyond a quote: reasons, a product to exchange for, a time for the pickup; and that anything of it can come back.
    /// The way it comes back. `fixed`: pickups are at fixed hours, not in areas.
    pub(super) fn check_complete(
        &self,
        request: &ReturnRequest,
        assessment: &Assessment,
        fixed: bool,
        now: Timestamp,
    ) -> Result<Method, OpenError> {
        let method = choose_method(request, assessment);
        let mut problems: Vec<RequestProblem> = incomplete(assessment);
        if method == Method::Pickup {
            problems.extend(self.pickup_problem(request.pickup.as_ref(), fixed, now));
        }
        if !problems.is_empty() {
            return Err(OpenError::Problems(problems));
        }
        if assessment.lines.iter().all(|line| line.decision == Decision::Declined) {
            return Err(OpenError::NothingToReturn(Box::new(assessment.clone())));
        }
        Ok(method)
    }
}

/// A return at its beginning, with the events of it.
pub(super) struct Begun {
    pub request: Return,
    events: Vec<Event>,
}

impl Begun {
    pub(super) fn new(opening: Opening) -> Result<Self, StoreError> {
        Self::of(Return::open(opening))
    }

    /// Of the events of its opening.
    pub(super) fn of(events: Vec<Event>) -> Result<Self, StoreError> {
        let request = Return::from_events(&events).ok_or_else(|| StoreError::corrupt("return", "it does not open"))?;
        Ok(Self { request, events })
    }

    pub(super) fn take(&mut self, event: Option<Event>) {
        event.iter().for_each(|event| self.request.evolve(event));
        self.events.extend(event);
    }

    /// As it is to be written, with what is to be done because of it.
    pub(super) fn written(&self, doing: &Doing) -> Result<NewReturn, StoreError> {
        let recorded = doing.recorded(self.events.clone(), 1);
        let jobs = recorded.iter().flat_map(|recorded| doing.made_necessary(recorded, &self.request)).collect();
        NewReturn::new(&self.request, &recorded, jobs)
    }
}

pub(super) fn drawn() -> RmaNumber {
    loop {
        if let Some(rma) = RmaNumber::from_random(rand::random()) {
            return rma;
        }
    }
}

pub(super) fn opening(rma: RmaNumber, request: &ReturnRequest, assessment: &Assessment, method: Method, now: Timestamp) -> Opening {
    let customer = assessment.parts.first().map(|part| &part.row.order.customer);
    let ship_to = assessment.parts.first().and_then(|part| part.row.order.ship_to.clone());
    Opening {
        rma,
        opened_at: now,
        channel: request.channel.clone(),
        locale: request.locale.or(customer.and_then(|customer| customer.locale)).unwrap_or(Locale::En),
        contact: Contact {
            name: customer.and_then(|customer| customer.name.clone()),
            email: customer.and_then(|customer| customer.email.clone()),
            phone: customer.and_then(|customer| customer.phone.clone()),
        },
        from: request
            .from
            .clone()
            .or(ship_to)
            .map(|from| Address { name: from.name.or(customer.and_then(|customer| customer.name.clone())), ..from }),
        withdrawal: request.withdrawal,
        orders: order_parts(assessment),
        lines: assessment.lines.iter().filter_map(|line| line_asked(line, assessment)).collect(),
        method,
        pickup: if method == Method::Pickup { request.pickup.clone() } else { None },
        promises: assessment.promises,
    }
}
