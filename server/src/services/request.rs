//! A request for a return, parsed, and what can be wrong with it.

use std::fmt;

use domain::ids::{Code, EmailAddress, LineId, OrderNumber, PhoneNumber, Sku};
use domain::item::ItemSaid;
use domain::money::AmountError;
use domain::order::Address;
use domain::policy::{Basis, Method, NoAnswer, Resolution};
use domain::reason::{ChosenReason, ReasonError};
use domain::returns::{Disposition, Pickup, Return, ReturnLine};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

use super::at_hand::NotTaken;

/// A request for a return of units of one or more orders.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnRequest {
    /// Units.
    pub lines: Vec<LineRequest>,
    /// Who asks; must be the customer of every order, where given.
    pub email: Option<EmailAddress>,
    /// Who asks, by phone.
    pub phone: Option<PhoneNumber>,
    /// Where it was asked for: `web`, `phone`, … (C2).
    pub channel: Code,
    /// Language; the order's customer's where not given.
    pub locale: Option<Locale>,
    /// How it comes back.
    pub method: Option<Method>,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// A statutory withdrawal.
    pub withdrawal: bool,
    /// Where it comes from, where not the order's address.
    pub from: Option<Address>,
    /// Proof of purchase, where not the order itself.
    pub proof: Option<Code>,
    /// The return these units belong to already: it does not stand in their way.
    pub within: Option<RmaNumber>,
    /// What was paid for what is in the return already that these units join: minor units of its currency.
    pub beside: i64,
    /// When it was declared, where that was before it is judged: what ends in time ends by that moment (art. 11(2) of Directive 2011/83/EU).
    pub declared_at: Option<Timestamp>,
}

/// Units of one order line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineRequest {
    /// Order.
    pub order: OrderNumber,
    /// Line of the order.
    pub line: LineId,
    /// Units.
    pub quantity: u32,
    /// Why; needed to open a return, not for a quote.
    pub reason: Option<String>,
    /// Why, more finely.
    pub sub_reason: Option<String>,
    /// What they say of it.
    pub said: ItemSaid,
    /// What the customer would like; the first thing offered, where not given.
    pub resolution: Option<Resolution>,
    /// On which terms, where it is offered on two; nothing: by law where a withdrawal is declared, else as it is offered first.
    pub basis: Option<Basis>,
    /// The product wanted in exchange.
    pub exchange_sku: Option<Sku>,
    /// Evidence.
    pub evidence: Shown,
    /// What was agreed before on the exchange; it is not looked up anew.
    pub agreed: Option<AgreedExchange>,
}

/// What was shown of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shown {
    /// Nothing.
    #[default]
    Nothing,
    /// All that was uploaded for it in the draft of that name.
    InDraft(String),
    /// Evidence by name, uploaded before by whoever has the key.
    Named {
        /// Names.
        ids: Vec<String>,
        /// The key's digest.
        key: String,
    },
    /// What the return has already.
    Agreed(Vec<String>),
}

/// An exchange that was agreed on: what is wanted is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgreedExchange {
    /// Price of one, minor units, where it was known.
    pub price: Option<i64>,
}

impl ReturnRequest {
    /// The live lines of a return, as they were asked for.
    pub fn of(request: &Return) -> Self {
        let line = |line: &ReturnLine| LineRequest {
            order: line.asked.order.clone(),
            line: line.asked.line.clone(),
            quantity: request.units_held(line),
            reason: Some(line.asked.reason.to_string()).filter(|reason| reason != ChosenReason::WITHDRAWAL),
            sub_reason: line.asked.sub_reason.as_ref().map(ToString::to_string),
            said: line.asked.said.clone(),
            resolution: Some(line.asked.resolution),
            basis: Some(line.asked.basis),
            exchange_sku: line.asked.exchange_sku.clone(),
            evidence: Shown::Agreed(line.asked.evidence.clone()),
            agreed: Some(AgreedExchange { price: line.asked.exchange_price }),
        };
        Self {
            lines: request.live_lines().map(line).collect(),
            email: None,
            phone: None,
            channel: request.channel.clone(),
            locale: Some(request.locale),
            method: Some(request.method).filter(|method| *method != Method::None),
            pickup: request.pickup.clone(),
            withdrawal: request.withdrawal,
            from: request.from.clone(),
            proof: None,
            within: Some(request.rma),
            beside: 0,
            declared_at: None,
        }
    }
}

/// Something wrong with a request, at a field of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestProblem {
    /// `lines[0].quantity`.
    pub field: String,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong with a request. `Display` is for developers; pages have their own words.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// Nothing was asked for.
    NoLines,
    /// More than anybody returns at once.
    TooManyLines(usize),
    /// There is no such order, or it is not this customer's: the same answer to both.
    UnknownOrder(OrderNumber),
    /// The order has no such line.
    UnknownLine(OrderNumber, LineId),
    /// Orders of different currencies cannot share a return.
    OtherCurrency,
    /// So many are not there to return.
    NotAvailable {
        /// Still there to return.
        available: u32,
        /// Live returns that hold the others.
        in_returns: Vec<RmaNumber>,
    },
    /// Nothing was said.
    Missing(&'static str),
    /// A reason that is not offered.
    Reason(ReasonError),
    /// The way back is not possible for it.
    Method(Method),
    /// No way back is possible for all of it together.
    NoSharedWay,
    /// Nothing that this can be exchanged for.
    UnknownExchange(Sku),
    /// Not so many of it are left to exchange for.
    SoldOut {
        /// What.
        sku: Sku,
        /// How many there are.
        available: u32,
    },
    /// No such evidence.
    UnknownEvidence(String),
    /// More evidence than is taken of one line.
    TooMuchEvidence(usize),
    /// The chosen pickup is not one of those offered.
    PickupTime,
    /// Its slot is taken.
    PickupFull,
    /// No courier of the shop's goes round where it is to be collected.
    NobodyCalls,
    /// Only what is collected has a door that can be another.
    NoDoor,
    /// The other door is in another country.
    OtherCountry,
    /// No answer to the question of a form.
    Answer(NoAnswer),
    /// The form of these goods asks no such thing, or they have none.
    UnknownQuestion,
    /// No such amount of the order's currency.
    Amount(AmountError),
    /// A rule of the policy sends goods there, and nobody says why they go elsewhere.
    Elsewhere { rule: Code, to: Disposition },
}

impl From<NotTaken> for Wrong {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::Unknown => Self::UnknownQuestion,
            NotTaken::No(why) => Self::Answer(why),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(why) => why.fmt(f),
            Self::Amount(error) => error.fmt(f),
            Self::UnknownQuestion => write!(f, "is no question of the form of these goods"),
            Self::Elsewhere { rule, to } => {
                write!(f, "by the rule `{rule}` of the policy they go to `{}`; say why they go elsewhere", to.name())
            }
            Self::NoLines => write!(f, "names nothing to return"),
            Self::TooManyLines(most) => write!(f, "names more than {most} lines"),
            Self::UnknownOrder(number) => write!(f, "there is no order `{number}` of this customer"),
            Self::UnknownLine(order, line) => write!(f, "order `{order}` has no line `{line}`"),
            Self::OtherCurrency => write!(f, "is in another currency than the first order; make a return of its own"),
            Self::NotAvailable { available: 0, in_returns } if in_returns.is_empty() => write!(f, "none of it is left to return"),
            Self::NotAvailable { available, in_returns } if in_returns.is_empty() => write!(f, "only {available} can be returned"),
            Self::NotAvailable { available, in_returns } => {
                let held: Vec<String> = in_returns.iter().map(ToString::to_string).collect();
                write!(f, "only {available} can be returned; the others are in {}", held.join(", "))
            }
            Self::Missing(what) => write!(f, "is missing: {what}"),
            Self::Reason(error) => error.fmt(f),
            Self::Method(method) => write!(f, "`{method}` is not possible for all of it"),
            Self::NoSharedWay => write!(f, "nothing takes all of it back together; make a return of each"),
            Self::UnknownExchange(sku) => write!(f, "`{sku}` is nothing that this can be exchanged for"),
            Self::SoldOut { sku, available: 0 } => write!(f, "`{sku}` is sold out"),
            Self::SoldOut { sku, available } => write!(f, "only {available} of `{sku}` are left"),
            Self::UnknownEvidence(id) => write!(f, "there is no evidence `{id}`"),
            Self::TooMuchEvidence(most) => write!(f, "names more than {most} files"),
            Self::PickupFull => write!(f, "is a slot of which the last place is taken: choose another"),
            Self::NobodyCalls => write!(f, "`pickup` is not possible: nobody calls at the door at that address"),
            Self::NoDoor => write!(f, "is for method `pickup` only: nothing else is collected"),
            Self::OtherCountry => write!(f, "is another country than the one it was to come from; open a return of its own there"),
            Self::PickupTime => write!(f, "is not a day and slot at which the door can be called at"),
        }
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.wrong)
    }
}
