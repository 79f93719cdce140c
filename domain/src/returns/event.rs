//! What happened to a return.
//! Long because each kind of it has its shape here.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::by_rule::Proposed;
use super::collected::Collected;
use super::feedback::Feedback;
use super::grant::{Grant, GrantCause, PaidTo, Payment};
use super::hold::Hold;
use super::lot::Disposition;
use super::number::{CommandId, GrantNo, LineNo, LotNo, OfferNo, PaymentNo, RemedyNo};
use super::offer::{Offer, OfferAnswer};
use super::outbound::{Outbound, OutboundOutcome};
use super::parcel::{Parcel, Scan};
use super::receipt::{Looked, Receipt};
use super::remedy::{Remedy, RemedyState};
use super::said::{LineAsked, Opening, OrderPart, Pickup};
use crate::ids::OrderNumber;
use crate::order::Address;
use crate::policy::{Method, PromisedDates, ReviewGround};
use crate::scrap::ScrapGround;
use crate::settlement::{Settlement, Terms, names_collected};

/// Items that join a return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineAdded {
    /// The lot they are: a new one of a new line, or one of a line that is there, which then grows.
    pub lot: LotNo,
    /// A line that was declined or called off, whose place the new one takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<LineNo>,
    /// What was said and answered.
    pub asked: LineAsked,
}

/// What policy said of a line in money, said anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineTerms {
    pub line: LineNo,
    /// Its terms from now on.
    pub terms: Terms,
}

/// One order's part, settled anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderSettled {
    pub order: OrderNumber,
    /// What is expected now.
    pub settlement: Settlement,
}

/// Why what is expected of a return changed, though nothing was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Another return on the order was opened.
    ReturnOpened,
    /// Another return on the order changed.
    ReturnChanged,
    /// Another return on the order, or part of one, was called off.
    ReturnCancelled,
    /// Something of another return on the order may not come back.
    ReturnDeclined,
    /// Some of its own items were called off.
    ItemsCancelled,
    /// Some of its own items may not come back.
    ItemsDeclined,
    /// Some of its own items may come back after all.
    ItemsApproved,
    /// Some of its own items are looked at again; since schema 3.
    ItemsAppealed,
    /// The shop gave money back itself.
    CreditedOutside,
    /// The shop told the order anew.
    OrderToldAnew,
    /// The customer paid what was due, or back what was given; since schema 4.
    CustomerPaid,
}

/// A fact about a return; past tense, never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// It was asked for.
    Opened {
        /// All that was said and answered then.
        opening: Box<Opening>,
    },
    /// Lines may come back.
    Approved {
        lots: Vec<LotNo>,
        /// For who works on it, never for the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A person will decide on lines.
    SentToReview { lots: Vec<LotNo>, ground: ReviewGround },
    /// Lines may not come back.
    Declined {
        lots: Vec<LotNo>,
        /// Why, in the words of who did it; nothing where policy did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// For who works on it, never for the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A person asks the customer for more before deciding.
    EvidenceAsked {
        lots: Vec<LotNo>,
        /// For what, in their words.
        note: String,
    },
    /// Items were added (N10); their answers follow as events of their own. Units of a line that is in the return already join it.
    LinesAdded {
        lines: Vec<LineAdded>,
        /// Every order's part anew.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// It comes back another way (N10).
    MethodChanged {
        method: Method,
        /// When the door is called at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
        /// Where, if it is another door than before; since schema 4.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Box<Address>>,
        /// The lines' terms anew: the freight may differ.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        terms: Vec<LineTerms>,
        /// Every order's part anew: the freight may differ.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// Photos or documents were added.
    EvidenceAdded { lines: Vec<LineNo>, evidence: Vec<String> },
    /// A carrier is asked for a label.
    LabelWanted {
        carrier: String,
        /// Promised dates once it is there, where it replaces an earlier one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promises: Option<PromisedDates>,
    },
    /// The carrier makes none; a person sees to it.
    LabelRefused {
        carrier: String,
        /// Why, as the carrier says.
        reason: String,
    },
    /// A label was called off with its carrier.
    LabelVoided { tracking_number: String },
    /// A label was made; a later one replaces it.
    LabelIssued {
        /// The parcel it is for.
        parcel: Parcel,
        /// Promised dates from now on, where it replaces an earlier one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promises: Option<PromisedDates>,
    },
    /// What is expected changed, because of something else in one of its orders.
    ExpectedChanged {
        /// Every order's part anew.
        orders: Vec<OrderSettled>,
        because: Because,
    },
    /// A person must look at the money before anything is paid.
    Flagged { ground: ReviewGround },
    /// Lots were called off.
    Cancelled {
        lots: Vec<LotNo>,
        /// Why, in the words of who did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// They never came, and are not waited for any more.
    Lapsed { lots: Vec<LotNo> },
    /// A carrier saw a parcel.
    Scanned { tracking_number: String, scan: Scan },
    /// Goods were booked in.
    Received {
        /// Which, and what else came.
        receipt: Receipt,
    },
    /// Goods were looked at.
    Inspected {
        /// Which, and what was found.
        items: Vec<Looked>,
    },
    /// It was decided what becomes of goods.
    Disposed {
        lots: Vec<LotNo>,
        to: Disposition,
        /// Why clothes or shoes may be destroyed (N20).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<ScrapGround>,
        /// Where a rule says that they go, and why elsewhere (C18).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposed: Option<Proposed>,
    },
    /// Goods left for the customer.
    SentBack {
        lots: Vec<LotNo>,
        /// The parcel's number, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tracking_number: Option<String>,
    },
    /// Less money than expected was offered.
    Offered { offer: Offer },
    /// The customer answered an offer.
    OfferAnswered { offer: OfferNo, answer: OfferAnswer },
    /// An offer was answered by silence.
    OfferLapsed { offer: OfferNo },
    /// Money was promised.
    Granted { grant: Grant },
    /// Promised money is not paid for now.
    Held { hold: Hold },
    /// It may be paid after all.
    Released {
        grant: GrantNo,
        /// For who works on it, never for the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// An attempt to pay began.
    PaymentStarted { payment: Payment },
    /// Money has left.
    PaymentMade {
        payment: PaymentNo,
        /// The gateway's or bank's name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// Money did not leave.
    PaymentFailed {
        payment: PaymentNo,
        /// Why, as the gateway says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Money came back.
    PaymentReversed {
        payment: PaymentNo,
        /// Why, as the gateway says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Another item, the same again or repaired is owed.
    RemedyDue { remedy: Remedy },
    /// A remedy went on.
    RemedyMoved {
        remedy: RemedyNo,
        /// How far it is.
        to: RemedyState,
        /// The outbound order's or parcel's name in the shop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// When it left, or arrived, where that is what happened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The customer paid what was due, or back what was given ahead.
    Collected { collected: Collected },
    /// What was given for goods that did not come is not asked back.
    Waived {
        lots: Vec<LotNo>,
        /// For who works on it, never for the customer.
        reason: String,
    },
    /// Who works on it said something to the others, never to the customer.
    Noted { note: String },
    /// The shop wrote to the customer.
    ShopWrote { words: String },
    /// The customer wrote to the shop.
    CustomerWrote {
        words: String,
        /// Somebody answers by then.
        due: Timestamp,
    },
    /// What the customer wrote needs no answer.
    TalkSettled,
    /// The customer said how it went, or said it otherwise.
    FeedbackGiven {
        feedback: Feedback,
        /// Somebody asks by then what went wrong.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// The customer says that a "no" seems wrong; a person looks again.
    Appealed {
        lots: Vec<LotNo>,
        /// Why, in their words.
        words: String,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// More was asked of the customer: nobody decides about these lots until it is there, or until then.
    Awaited {
        lots: Vec<LotNo>,
        until: Timestamp,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// The customer has more time to send it.
    Extended {
        until: Date,
        /// Why, in words for the customer.
        reason: String,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// Other dates are promised, because of what is decided by the same command.
    Promised { promises: PromisedDates },
    /// It is about goods on their way out.
    OutboundOpened { outbound: Outbound },
    /// Whoever carries goods on their way out was asked about them.
    OutboundPursued {
        /// Their name for the inquiry or claim.
        reference: String,
        /// A person decides without an answer after that.
        until: Timestamp,
    },
    /// It is known what became of goods on their way out.
    OutboundAnswered {
        outcome: OutboundOutcome,
        /// In words for the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Taken back at once by who did it: all since event number `from` is as if it had not happened.
    TakenBack { from: u64 },
}

macro_rules! kinds {
    ($($variant:ident $kind:literal $schema:literal),+ $(,)?) => {
        impl Event {
            /// Every kind there is, with the schema of what is written of it now.
            pub const KINDS: &'static [(&'static str, u32)] = &[$(($kind, $schema)),+];

            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $kind),+ }
            }

            /// Whether it is for who works on the return, and for nobody else.
            pub fn is_internal(&self) -> bool {
                Self::is_internal_kind(self.kind())
            }

            /// Likewise of all of a kind.
            pub fn is_internal_kind(kind: &str) -> bool {
                matches!(kind, "noted" | "held" | "released" | "waived")
            }

            /// Which shape of its kind it is written in. It grows where a kind's shape changes, so that an older server knows what it
            /// cannot read.
            pub fn schema(&self) -> u32 {
                match self {
                    // Servers of before read what they know.
                    Self::ExpectedChanged { because, orders }
                        if *because != Because::CustomerPaid && !orders.iter().any(|order| order.settlement.names_collected()) =>
                    {
                        if *because == Because::ItemsAppealed { 3 } else { 2 }
                    }
                    Self::Granted { grant } if grant.cause != GrantCause::PaidBack && !names_collected(&grant.receipt) => 2,
                    Self::Disposed { to, .. } if *to != Disposition::ReturnToVendor => 2,
                    Self::PaymentStarted { payment } if !matches!(payment.to, PaidTo::Collected { .. }) => 2,
                    Self::LinesAdded { orders, .. } | Self::MethodChanged { orders, from: None, .. }
                        if !orders.iter().any(|order| order.settlement.names_collected()) => 2,
                    Self::MethodChanged { from: None, .. } => 3,
                    Self::RemedyMoved { at: None, .. } => 2,
                    $(Self::$variant { .. } => $schema),+
                }
            }
        }
    };
}

kinds! {
    Opened "opened" 2,
    Approved "approved" 2,
    SentToReview "sent_to_review" 2,
    Declined "declined" 2,
    EvidenceAsked "evidence_asked" 2,
    LinesAdded "lines_added" 3,
    MethodChanged "method_changed" 4,
    EvidenceAdded "evidence_added" 2,
    LabelIssued "label_issued" 2,
    LabelWanted "label_wanted" 2,
    LabelRefused "label_refused" 2,
    LabelVoided "label_voided" 2,
    ExpectedChanged "expected_changed" 4,
    Flagged "flagged" 2,
    Cancelled "cancelled" 2,
    Lapsed "lapsed" 2,
    Scanned "scanned" 2,
    Received "received" 2,
    Inspected "inspected" 2,
    Disposed "disposed" 3,
    SentBack "sent_back" 2,
    Offered "offered" 2,
    OfferAnswered "offer_answered" 2,
    OfferLapsed "offer_lapsed" 2,
    Granted "granted" 3,
    Held "held" 2,
    Released "released" 2,
    PaymentStarted "payment_started" 3,
    PaymentMade "payment_made" 2,
    PaymentFailed "payment_failed" 2,
    PaymentReversed "payment_reversed" 2,
    RemedyDue "remedy_due" 2,
    RemedyMoved "remedy_moved" 3,
    Collected "collected" 2,
    Waived "waived" 2,
    Noted "noted" 2,
    ShopWrote "shop_wrote" 2,
    CustomerWrote "customer_wrote" 2,
    TalkSettled "talk_settled" 2,
    FeedbackGiven "feedback_given" 2,
    Appealed "appealed" 2,
    Awaited "awaited" 2,
    Extended "extended" 2,
    Promised "promised" 2,
    OutboundOpened "outbound_opened" 2,
    OutboundPursued "outbound_pursued" 2,
    OutboundAnswered "outbound_answered" 2,
    TakenBack "taken_back" 2,
}

/// An event with its place in the return's list, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Place in the list.
    pub seq: u64,
    pub at: Timestamp,
    /// Who decided it: of a rule's answer, the system.
    pub actor: Actor,
    /// The command it came of; all of one command have the same.
    pub command_id: CommandId,
    pub event: Event,
}

impl Recorded {
    /// Whether it is news to people at work: the customer's, a carrier's, a bank's or another system's word, and not what they or a rule said
    /// themselves.
    pub fn is_from_outside(&self) -> bool {
        match self.actor {
            Actor::Customer | Actor::Api { .. } => true,
            Actor::Staff { .. } => false,
            Actor::System => matches!(
                self.event,
                Event::Scanned { .. }
                    | Event::LabelRefused { .. }
                    | Event::OfferLapsed { .. }
                    | Event::PaymentMade { .. }
                    | Event::PaymentFailed { .. }
                    | Event::PaymentReversed { .. }
                    | Event::Collected { .. }
            ),
        }
    }
}
