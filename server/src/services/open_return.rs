//! Opening a return, and its quote: the same assessment, with and without effects.

use domain::ids::Sku;
use domain::order::Address;
use domain::policy::{Decision, Method, Resolution, Sentence};
use domain::returns::{Actor, Contact, Event, LineAsked, Opening, OrderPart, Parcel, Pickup, Return};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

use super::Services;
use super::assess::{Assessment, LineAssessment, Part};
use super::doing::Doing;
use super::exchange::ExchangeChoice;
use super::later::JobKind;
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::carriers::Shipment;
use crate::store::{self, Conn, NewAnswer, NewReturn, StoreError};

/// Names a request, so that sending it again does not open a second return.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Whose keys these are.
    pub scope: String,
    /// The key.
    pub key: String,
    /// Digest of the request it came with.
    pub digest: String,
}

/// A return that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// It.
    pub request: Return,
    /// It had been opened by the same key before.
    pub again: bool,
}

/// Why no return was opened. Nothing has happened then.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The request is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<RequestProblem>),
    /// Policy says no to all of it.
    #[error("nothing of it can come back")]
    NothingToReturn(Box<Assessment>),
    /// The key came with another request before.
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// What would happen if `request` were opened now, without doing it.
    pub async fn quote(&self, request: &ReturnRequest, explain: bool) -> Result<Assessment, OpenError> {
        let (mut read, now) = (self.store.read().await?, self.clock.now());
        let mut assessment = self.assess(&mut read.conn(), request, now, explain).await?.map_err(OpenError::Problems)?;
        self.keep_what_comes_true(&mut read.conn(), request, &mut assessment, now, false).await?;
        Ok(assessment)
    }

    /// As [`Services::quote`], with the way back that opening would choose: what is said is what will be charged.
    pub async fn quote_to_open(&self, request: &ReturnRequest, explain: bool) -> Result<Assessment, OpenError> {
        let (mut read, now) = (self.store.read().await?, self.clock.now());
        let assessed = self.assess_with_a_way_back(&mut read.conn(), request, now, explain).await?;
        let mut assessment = assessed.map_err(OpenError::Problems)?;
        self.keep_what_comes_true(&mut read.conn(), request, &mut assessment, now, true).await?;
        Ok(assessment)
    }

    /// Assesses a request; where it names no way back, by the first that fits everything, and where it names one that is not offered, not
    /// at all.
    pub(super) async fn assess_with_a_way_back(
        &self,
        conn: &mut Conn<'_>,
        request: &ReturnRequest,
        now: Timestamp,
        explain: bool,
    ) -> Result<Result<Assessment, Vec<RequestProblem>>, StoreError> {
        let assessed = self.assess(conn, request, now, explain).await?;
        match &assessed {
            Ok(assessment) if request.method.is_none() => match choose_method(request, assessment) {
                Method::None => Ok(assessed),
                method => self.assess(conn, &ReturnRequest { method: Some(method), ..request.clone() }, now, explain).await,
            },
            Ok(assessment) => Ok(method_problem(request, assessment).map_or(assessed, |problem| Err(vec![problem]))),
            Err(_) => Ok(assessed),
        }
    }

    /// Opens a return: judged, settled, numbered, its label made where one is due, its events and mails written, all in one
    /// transaction. The same units are never in two live returns (P10): either nothing changed at its orders since it was judged, or they
    /// are locked first.
    pub async fn open_return(&self, request: ReturnRequest, actor: Actor, key: Option<IdempotencyKey>) -> Result<Opened, OpenError> {
        let opened = match self.open_unlocked(&request, &actor, key.as_ref()).await? {
            Some(opened) => opened,
            None => {
                let services = self.clone();
                let open = self.store.write(move |mut conn| Box::pin(async move { services.open(&mut conn, request, actor, key).await }));
                open.await?
            }
        };
        self.done(opened.request.rma);
        Ok(opened)
    }

    /// Judges before anything is locked, and writes only if that still stands. Nothing where it does not, or where more is to be done than
    /// one text can; what is wrong with a request is told here only where it cannot have been answered before.
    async fn open_unlocked(
        &self,
        request: &ReturnRequest,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Opened>, OpenError> {
        let doing = Doing::begin(actor.clone(), self.clock.now());
        let now = doing.now;
        let mut read = self.store.read().await?;
        let assessed = self.assess_with_a_way_back(&mut read.conn(), request, now, false).await?;
        drop(read);
        let checked = assessed.map_err(OpenError::Problems).and_then(|assessment| {
            let method = choose_method(request, &assessment);
            self.check_complete(request, &assessment, method, now).map(|()| (assessment, method))
        });
        let (assessment, method) = match checked {
            Ok(checked) => checked,
            Err(_) if key.is_some() => return Ok(None),
            Err(error) => return Err(error),
        };
        let exchanged = assessment.lines.iter().any(|line| line.resolution == Some(Resolution::Exchange));
        if exchanged || assessment.lines.iter().any(|line| !line.given.is_empty()) {
            return Ok(None);
        }
        let rma = drawn();
        let (mut opened, mut events) = begun(opening(rma, request, &assessment, method, now))?;
        if opened.needs_label() {
            let Some(number) = self.carrier.number(&Shipment { rma, parcel: 1 }) else { return Ok(None) };
            let label = Event::LabelIssued { parcel: self.parcel_of(number, opened.promises.label, now), promises: None };
            opened.evolve(&label);
            events.push(label);
        }
        let versions = assessment.parts.iter().map(|part| (part.row.order.number.key(), part.version)).collect();
        let answer = key.map(|key| NewAnswer { scope: key.scope.clone(), key: key.key.clone(), digest: key.digest.clone() });
        let new = NewReturn::new(&opened, &doing.recorded(events, 1), JobKind::MailReturnOpened.about(rma, now))?;
        let new = new.judged_by(&versions)?.answering(answer);
        let written = self.store.write_whole(move |mut conn| Box::pin(async move { store::insert_return(&mut conn, &new).await })).await;
        match written {
            Ok(true) => Ok(Some(Opened { request: opened, again: false })),
            Ok(false) => Ok(None),
            // The key was used in this moment.
            Err(error) if error.is_conflict() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn open(
        &self,
        conn: &mut Conn<'_>,
        request: ReturnRequest,
        actor: Actor,
        key: Option<IdempotencyKey>,
    ) -> Result<Opened, OpenError> {
        let doing = Doing::begin(actor, self.clock.now());
        let now = doing.now;
        for order in Assessment::order_keys(&request) {
            store::lock_order(conn, &order).await?;
        }
        if let Some(key) = &key
            && let Some(before) = store::find_answer(conn, &key.scope, &key.key).await?
        {
            if before.digest != key.digest {
                return Err(OpenError::KeyReused);
            }
            let rma: RmaNumber = before.answer.parse().map_err(|error| StoreError::Corrupt { what: "answer", why: format!("{error}") })?;
            let request =
                store::find_return(conn, rma).await?.ok_or(StoreError::Corrupt { what: "answer", why: "its return is gone".into() })?;
            return Ok(Opened { request, again: true });
        }

        let assessment = self.assess_with_a_way_back(conn, &request, now, false).await?.map_err(OpenError::Problems)?;
        let method = choose_method(&request, &assessment);
        self.check_complete(&request, &assessment, method, now)?;

        let opened = loop {
            // 35 random bits: a number that is taken is drawn again.
            let rma = drawn();
            let (mut opened, mut events) = begun(opening(rma, &request, &assessment, method, now))?;
            if let Some(label) = self.label_due(conn, &opened, now).await? {
                opened.evolve(&label);
                events.push(label);
            }
            let new = NewReturn::new(&opened, &doing.recorded(events, 1), JobKind::MailReturnOpened.about(rma, now))?;
            if store::insert_return(conn, &new).await? {
                break opened;
            }
        };

        assessment.hand_over(conn, opened.rma).await?;
        self.reserve(conn, &opened).await?;
        if let Some(key) = &key
            && !store::keep_answer(conn, &key.scope, &key.key, &key.digest, &opened.rma.to_string(), now.as_millisecond()).await?
        {
            // Only possible for two requests of one key over different orders: the key decides.
            return Err(OpenError::KeyReused);
        }
        Ok(Opened { request: opened, again: false })
    }

    /// The label of a return that needs its first.
    pub(super) async fn label_due(&self, conn: &mut Conn<'_>, request: &Return, now: Timestamp) -> Result<Option<Event>, StoreError> {
        if !request.needs_label() {
            return Ok(None);
        }
        let parcel = self.parcel(conn, request, request.promises.label, now).await?;
        Ok(Some(Event::LabelIssued { parcel, promises: None }))
    }

    /// A label for the next parcel of a return.
    pub(super) async fn parcel(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Parcel, StoreError> {
        let shipment = Shipment { rma: request.rma, parcel: request.parcels.len() + 1 };
        let number = self.carrier.issue(conn, &shipment).await?;
        Ok(self.parcel_of(number, expires_at, now))
    }

    fn parcel_of(&self, tracking_number: String, expires_at: Timestamp, now: Timestamp) -> Parcel {
        Parcel {
            carrier: self.carrier.code().to_owned(),
            tracking_number,
            issued_at: now,
            expires_at,
            contents: Vec::new(),
            scans: Vec::new(),
        }
    }

    /// What opening needs beyond a quote: reasons, a product to exchange for, a time for the pickup; and that anything of it can come back.
    fn check_complete(&self, request: &ReturnRequest, assessment: &Assessment, method: Method, now: Timestamp) -> Result<(), OpenError> {
        let mut problems = incomplete(assessment);
        if method == Method::Pickup {
            problems.extend(self.pickup_problem(request.pickup.as_ref(), now));
        }
        if !problems.is_empty() {
            return Err(OpenError::Problems(problems));
        }
        if assessment.lines.iter().all(|line| line.decision == Decision::Declined) {
            return Err(OpenError::NothingToReturn(Box::new(assessment.clone())));
        }
        Ok(())
    }

    /// What is wrong with the time of a pickup.
    pub(super) fn pickup_problem(&self, pickup: Option<&Pickup>, now: Timestamp) -> Option<RequestProblem> {
        let wrong = match pickup {
            None => Wrong::Missing("day and slot of the pickup"),
            Some(pickup) if !self.can_pick_up(pickup, now) => Wrong::PickupTime,
            Some(_) => return None,
        };
        Some(RequestProblem { field: "pickup".into(), wrong })
    }

    /// Whether the door can be called at then.
    pub fn can_pick_up(&self, pickup: &Pickup, now: Timestamp) -> bool {
        let ahead = domain::policy::days_between(domain::policy::local_day(now, &self.shop_zone()), pickup.date);
        (1..=i64::from(self.config.pickup.days_ahead)).contains(&ahead) && self.config.pickup.slots.contains(&pickup.slot)
    }
}

fn drawn() -> RmaNumber {
    loop {
        if let Some(rma) = RmaNumber::from_random(rand::random()) {
            return rma;
        }
    }
}

/// A return at its beginning, with the events of it.
fn begun(opening: Opening) -> Result<(Return, Vec<Event>), StoreError> {
    let events = Return::open(opening);
    let request = Return::from_events(&events).ok_or(StoreError::Corrupt { what: "return", why: "it does not open".into() })?;
    Ok((request, events))
}

/// What lines need beyond a quote: reasons, a product to exchange for.
pub(super) fn incomplete(assessment: &Assessment) -> Vec<RequestProblem> {
    let mut problems = Vec::new();
    for (place, line) in assessment.lines.iter().enumerate() {
        let missing =
            |field: &str, what: &'static str| RequestProblem { field: format!("lines[{place}].{field}"), wrong: Wrong::Missing(what) };
        if line.asked.reason.is_none() {
            problems.push(missing("reason", "why it comes back"));
        }
        if line.resolution == Some(Resolution::Exchange) && line.asked.exchange_sku.is_none() && line.decision != Decision::Declined {
            problems.push(missing("exchange_sku", "what is wanted in exchange"));
        }
    }
    problems
}

/// The way back that was asked for, where something that could come back is not offered it.
fn method_problem(request: &ReturnRequest, assessment: &Assessment) -> Option<RequestProblem> {
    let barred = |line: &LineAssessment| line.why.iter().any(|why| matches!(why, Sentence::MethodNotOffered { .. }));
    let method = request.method.filter(|_| assessment.lines.iter().any(barred))?;
    Some(RequestProblem { field: "method".into(), wrong: Wrong::Method(method) })
}

/// The chosen method, or the first that fits everything. Nothing travels where everything is kept or declined.
fn choose_method(request: &ReturnRequest, assessment: &Assessment) -> Method {
    if !assessment.lines.iter().any(LineAssessment::sends_back) {
        return Method::None;
    }
    request.method.or(assessment.methods.first().map(|offered| offered.method)).unwrap_or(Method::SelfShip)
}

fn opening(rma: RmaNumber, request: &ReturnRequest, assessment: &Assessment, method: Method, now: Timestamp) -> Opening {
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

/// Each order's part, as it is kept.
pub(super) fn order_parts(assessment: &Assessment) -> Vec<OrderPart> {
    let part = |part: &Part| OrderPart {
        number: part.row.order.number.clone(),
        placed_at: part.row.order.placed_at,
        policy_version: part.policy_version,
        settlement: part.settlement.clone(),
    };
    assessment.parts.iter().map(part).collect()
}

/// A line, as it is kept.
pub(super) fn line_asked(line: &LineAssessment, assessment: &Assessment) -> Option<LineAsked> {
    let part = assessment.parts.iter().find(|part| part.row.order.number.key() == line.asked.order.key())?;
    let product = part.row.order.line(&line.asked.line)?;
    let reason = line.reason.clone()?;
    let resolution = line.resolution.unwrap_or(Resolution::Refund);
    let exchanged = resolution == Resolution::Exchange;
    let exchange_sku: Option<Sku> = line.asked.exchange_sku.clone().filter(|_| exchanged);
    let wanted = line.exchange.wanted().filter(|_| exchanged);
    Some(LineAsked {
        order: part.row.order.number.clone(),
        line: line.asked.line.clone(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        variant: product.variant.clone(),
        category: product.category.clone(),
        image: product.image.clone(),
        quantity: line.asked.quantity,
        reason: reason.reason,
        sub_reason: reason.sub_reason,
        fault: reason.fault,
        never_arrived: reason.never_arrived,
        comment: line.asked.comment.clone(),
        condition: line.asked.condition.clone(),
        fit: line.asked.fit.clone(),
        resolution,
        exchange_sku,
        exchange_name: wanted.and_then(ExchangeChoice::label),
        exchange_price: wanted.and_then(|wanted| wanted.price).map(|price| price.minor),
        evidence: line.given.iter().map(|row| row.id.clone()).collect(),
        evidence_wanted: line.evidence.clone(),
        verdict: line.decision,
        why: line.why.clone(),
        review: line.review,
        terms: line.terms.clone(),
    })
}
