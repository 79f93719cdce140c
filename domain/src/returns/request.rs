//! A return: opened, decided, called off.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::axes::{Authorization, Command, LineState, Step};
use super::event::{Event, LineRef, Recorded};
use super::status::Status;
use crate::ids::{Code, EmailAddress, LineId, OrderNumber, PhoneNumber, Sku};
use crate::money::Currency;
use crate::order::Address;
use crate::policy::{Decision, EvidenceEffect, Method, PromisedDates, Resolution, ReviewGround, Sentence};
use crate::reason::Fault;
use crate::rma::RmaNumber;
use crate::settlement::{Settlement, Terms};
use crate::words::Locale;

/// How to reach the customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
}

/// When the door is called at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickup {
    /// Day.
    pub date: Date,
    /// Hours: `09-12`.
    pub slot: String,
}

/// One order's part of a return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPart {
    /// The order.
    pub number: OrderNumber,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Version of the policy that judged it (P2).
    pub policy_version: i64,
    /// What is granted if everything is as said.
    pub settlement: Settlement,
}

/// What was asked for one line, and what policy answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineAsked {
    /// Order.
    pub order: OrderNumber,
    /// Line of the order.
    pub line: LineId,
    /// Product.
    pub sku: Sku,
    /// Its name then.
    pub name: String,
    /// Size, colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Category then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Code>,
    /// Picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Units.
    pub quantity: u32,
    /// Why.
    pub reason: Code,
    /// Why, more finely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_reason: Option<Code>,
    /// Whose fault that is.
    pub fault: Fault,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// State of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Code>,
    /// How it fits: `small`, `large` (C28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Code>,
    /// What the customer gets.
    pub resolution: Resolution,
    /// The product wanted in exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_sku: Option<Sku>,
    /// Its name, where the shop told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_name: Option<String>,
    /// Its price then, minor units, where the shop told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_price: Option<i64>,
    /// It never arrived: nothing has to come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_arrived: bool,
    /// Evidence given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Evidence asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_wanted: Vec<EvidenceEffect>,
    /// Policy's answer.
    pub verdict: Decision,
    /// Why, for the customer.
    pub why: Vec<Sentence>,
    /// Why a person looks, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewGround>,
    /// What that means in money. Missing in what was opened before terms were kept: they are then read from the policy version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

/// All that was said and answered when a return was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Its number.
    pub rma: RmaNumber,
    /// When.
    pub opened_at: Timestamp,
    /// `web`, `phone`, `chat`, `api`, … (C2).
    pub channel: Code,
    /// Language of the mails.
    pub locale: Locale,
    /// How to reach the customer.
    pub contact: Contact,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    /// Orders.
    pub orders: Vec<OrderPart>,
    /// Lines.
    pub lines: Vec<LineAsked>,
    /// How it comes back.
    pub method: Method,
    /// When the door is called at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Pickup>,
    /// Promised dates.
    pub promises: PromisedDates,
}

/// A parcel coming back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    /// Who carries it.
    pub carrier: String,
    /// Their number for it (C6).
    pub tracking_number: String,
    /// When the label was made.
    pub issued_at: Timestamp,
    /// The label works until then.
    pub expires_at: Timestamp,
}

/// A return line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnLine {
    /// What was asked and answered.
    #[serde(flatten)]
    pub asked: LineAsked,
    /// Where it stands.
    #[serde(flatten)]
    pub state: LineState,
}

/// A return as it stands: the sum of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Return {
    /// Its number.
    pub rma: RmaNumber,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it was asked for.
    pub channel: Code,
    /// Language of the mails.
    pub locale: Locale,
    /// How to reach the customer.
    pub contact: Contact,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    /// Orders.
    pub orders: Vec<OrderPart>,
    /// Lines.
    pub lines: Vec<ReturnLine>,
    /// How it comes back.
    pub method: Method,
    /// When the door is called at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Pickup>,
    /// Promised dates.
    pub promises: PromisedDates,
    /// Parcels; the last one's label counts.
    pub parcels: Vec<Parcel>,
    /// Number of events so far.
    pub version: u64,
}

/// A command the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{command}` is not possible while the return is {status}")]
pub struct CommandRefused {
    /// What was asked.
    pub command: Command,
    /// How it stands.
    pub status: Status,
    /// What could be done.
    pub possible: Vec<Command>,
}

impl Return {
    /// Opens a return: the events that say so, one for each answer of policy. `rma`, time and tracking number come from outside.
    pub fn open(opening: Opening) -> Vec<Event> {
        let answers = answers(&opening.lines);
        [vec![Event::Opened { opening: Box::new(opening) }], answers].concat()
    }

    /// Rebuilds a return from its events. Nothing where the first is not its opening.
    pub fn from_events<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let Event::Opened { opening } = events.next()? else { return None };
        let mut request = Self::from_opening(opening);
        events.for_each(|event| request.apply(event));
        Some(request)
    }

    fn from_opening(opening: &Opening) -> Self {
        let line = |asked: &LineAsked| ReturnLine { asked: asked.clone(), state: LineState::REQUESTED };
        Self {
            rma: opening.rma,
            opened_at: opening.opened_at,
            channel: opening.channel.clone(),
            locale: opening.locale,
            contact: opening.contact.clone(),
            from: opening.from.clone(),
            withdrawal: opening.withdrawal,
            orders: opening.orders.clone(),
            lines: opening.lines.iter().map(line).collect(),
            method: opening.method,
            pickup: opening.pickup.clone(),
            promises: opening.promises,
            parcels: Vec::new(),
            version: 1,
        }
    }

    /// Takes an event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { opening } => *self = Self::from_opening(opening),
            Event::Approved { lines } => self.step(Command::Approve, lines),
            Event::SentToReview { lines, .. } => self.step(Command::SendToReview, lines),
            Event::Declined { lines } => self.step(Command::Decline, lines),
            Event::Cancelled { lines, .. } => self.step(Command::Cancel, lines),
            Event::LinesAdded { lines, orders, promises } => {
                lines.iter().for_each(|line| self.add(line));
                self.orders.clone_from(orders);
                self.promises = *promises;
            }
            Event::ExpectedChanged { orders, .. } => {
                for settled in orders {
                    if let Some(part) = self.orders.iter_mut().find(|part| part.number == settled.order) {
                        part.settlement.clone_from(&settled.settlement);
                    }
                }
            }
            Event::Flagged { .. } => {}
            Event::MethodChanged { method, pickup, terms, orders, promises } => {
                for (line, terms) in self.lines.iter_mut().zip(terms) {
                    line.asked.terms.clone_from(terms);
                }
                self.method = *method;
                self.pickup.clone_from(pickup);
                self.orders.clone_from(orders);
                self.promises = *promises;
            }
            Event::EvidenceAdded { lines, evidence } => {
                for line in self.lines.iter_mut().filter(|line| lines.contains(&line.asked.reference())) {
                    line.asked.evidence.extend(evidence.iter().cloned());
                }
            }
            Event::LabelIssued { parcel, promises } => {
                self.parcels.push(parcel.clone());
                self.promises = promises.unwrap_or(self.promises);
            }
        }
        if !matches!(event, Event::Opened { .. }) {
            self.version += 1;
        }
    }

    /// A line more, or more units of a live one; what was declined or called off before makes room.
    fn add(&mut self, asked: &LineAsked) {
        match self.lines.iter_mut().find(|line| line.asked.reference() == asked.reference()) {
            Some(line) if line.state.is_live() => {
                line.asked.quantity += asked.quantity;
                line.asked.evidence.extend(asked.evidence.iter().cloned());
            }
            Some(line) => *line = ReturnLine { asked: asked.clone(), state: LineState::REQUESTED },
            None => self.lines.push(ReturnLine { asked: asked.clone(), state: LineState::REQUESTED }),
        }
    }

    fn step(&mut self, command: Command, lines: &[LineRef]) {
        for line in self.lines.iter_mut().filter(|line| lines.contains(&line.asked.reference())) {
            if let Step::To(state) = line.state.step(command, line.keeps_item()) {
                line.state = state;
            }
        }
    }

    /// Takes in recorded events.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e Recorded>) -> Option<Self> {
        Self::from_events(events.into_iter().map(|recorded| &recorded.event))
    }

    /// Calls the whole return off. No events where it has been called off before.
    pub fn cancel(&self, reason: Option<String>) -> Result<Vec<Event>, CommandRefused> {
        let lines = self.moved_by(Command::Cancel)?;
        Ok(if lines.is_empty() { Vec::new() } else { vec![Event::Cancelled { lines, reason }] })
    }

    /// The live lines that `command` would move; refused where any of them does not allow it, or none is live and none has been
    /// moved so before.
    fn moved_by(&self, command: Command) -> Result<Vec<LineRef>, CommandRefused> {
        let mut moved = Vec::new();
        let mut done_before = false;
        for line in &self.lines {
            match line.state.step(command, line.keeps_item()) {
                Step::To(_) => moved.push(line.asked.reference()),
                Step::Already => done_before = true,
                Step::Refused if !line.state.is_live() => {}
                Step::Refused => return Err(self.refused(command)),
            }
        }
        if moved.is_empty() && !done_before { Err(self.refused(command)) } else { Ok(moved) }
    }

    /// Whether items, the way back, the label or evidence can still be changed: everything live is with the customer.
    pub fn check_changeable(&self) -> Result<(), CommandRefused> {
        self.moved_by(Command::Change).map(|_| ())
    }

    /// The events of items that were added, one for each answer of policy.
    pub fn add_lines(lines: Vec<LineAsked>, orders: Vec<OrderPart>, promises: PromisedDates) -> Vec<Event> {
        let answers = answers(&lines);
        [vec![Event::LinesAdded { lines, orders, promises }], answers].concat()
    }

    fn refused(&self, command: Command) -> CommandRefused {
        let mut possible: Vec<Command> = Vec::new();
        for line in &self.lines {
            for other in line.state.possible(line.keeps_item()) {
                if !possible.contains(&other) {
                    possible.push(other);
                }
            }
        }
        CommandRefused { command, status: self.status(), possible }
    }

    /// Whether it can still be called off.
    pub fn can_cancel(&self) -> bool {
        self.moved_by(Command::Cancel).is_ok_and(|lines| !lines.is_empty())
    }

    /// Derived from the lines; never stored as a truth of its own.
    pub fn status(&self) -> Status {
        Status::of(self.lines.iter().map(|line| line.state))
    }

    /// Lines whose units are taken.
    pub fn live_lines(&self) -> impl Iterator<Item = &ReturnLine> {
        self.lines.iter().filter(|line| line.state.is_live())
    }

    /// Whether a label is due: something approved travels, nothing waits for a person, and none was made.
    pub fn needs_label(&self) -> bool {
        let travels = self.live_lines().any(|line| line.state.authorization == Authorization::Approved && line.asked.sends_back());
        let waits = self.live_lines().any(|line| line.state.authorization != Authorization::Approved);
        let by_parcel = matches!(self.method, Method::Pickup | Method::DropOff | Method::SelfShip);
        travels && !waits && by_parcel && self.parcels.is_empty()
    }

    /// The parcel whose label counts.
    pub fn parcel(&self) -> Option<&Parcel> {
        self.parcels.last()
    }

    /// What is granted (if all is as said) of the lines that are live, per currency, orders together. Minor units.
    pub fn expected(&self) -> Vec<(Currency, i64)> {
        let mut sums: Vec<(Currency, i64)> = Vec::new();
        for part in self.orders.iter().filter(|part| self.live_lines().any(|line| line.asked.order == part.number)) {
            match sums.iter_mut().find(|(currency, _)| *currency == part.settlement.currency) {
                Some((_, sum)) => *sum += part.settlement.expected,
                None => sums.push((part.settlement.currency, part.settlement.expected)),
            }
        }
        sums
    }
}

/// Policy's answers, as events.
fn answers(lines: &[LineAsked]) -> Vec<Event> {
    let of =
        |decision: Decision| -> Vec<LineRef> { lines.iter().filter(|line| line.verdict == decision).map(LineAsked::reference).collect() };
    let (approved, in_review, declined) = (of(Decision::Approved), of(Decision::InReview), of(Decision::Declined));
    let ground = lines.iter().find_map(|line| line.review).unwrap_or_default();
    let mut events = Vec::new();
    if !approved.is_empty() {
        events.push(Event::Approved { lines: approved });
    }
    if !in_review.is_empty() {
        events.push(Event::SentToReview { lines: in_review, ground });
    }
    if !declined.is_empty() {
        events.push(Event::Declined { lines: declined });
    }
    events
}

impl LineAsked {
    /// Whether the goods come back.
    pub fn sends_back(&self) -> bool {
        self.resolution.sends_back() && !self.never_arrived
    }

    /// Order and line.
    pub fn reference(&self) -> LineRef {
        LineRef { order: self.order.clone(), line: self.line.clone() }
    }
}

impl ReturnLine {
    fn keeps_item(&self) -> bool {
        !self.asked.sends_back()
    }
}
