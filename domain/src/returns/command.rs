//! Every command on a return, as one table: who may, on what, what it asks for, which events come of it, and where machines find it.
//! Long because it is one table, with all that each of its rows asks for.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::actor::Actor;
use super::by_rule::{Answers, ByRule, Proposed};
use super::collected::CollectedFor;
use super::event::{Because, LineAdded, LineTerms, OrderSettled};
use super::grant::{GrantCause, PaidTo};
use super::hold::HoldGround;
use super::inspection::{Deduction, Inspection};
use super::lot::Disposition;
use super::number::{CommandId, GrantNo, LineNo, LotNo, OfferNo, PaymentNo, RemedyNo};
use super::offer::OfferAnswer;
use super::outbound::OutboundOutcome;
use super::parcel::{Parcel, Scan};
use super::receipt::{Beside, Outcome};
use super::remedy::RemedyState;
use super::said::{OrderPart, Pickup};
use crate::ids::OrderNumber;
use crate::money::Currency;
use crate::order::Address;
use crate::policy::{Grade, Method, PromisedDates, ReviewGround};
use crate::scrap::ScrapGround;
use crate::settlement::ReceiptLine;

/// In what capacity somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Whose return it is.
    Customer,
    /// A rule, a job or a schedule of ours.
    System,
    /// Who helps customers and decides.
    Support,
    /// Who books in, looks at and puts away.
    Warehouse,
    Workshop,
    Finance,
    /// Who may do everything that a person may.
    Admin,
}

impl Role {
    pub const ALL: [Self; 7] = [Self::Customer, Self::System, Self::Support, Self::Warehouse, Self::Workshop, Self::Finance, Self::Admin];

    pub fn code(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::System => "system",
            Self::Support => "support",
            Self::Warehouse => "warehouse",
            Self::Workshop => "workshop",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }
}

/// Which lots a command is about: all that it can move, or those named.
pub type Which = Option<Vec<LotNo>>;

/// Something to be done to a return.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Approve {
        lots: Which,
        /// For who works on it, never for the customer.
        note: Option<String>,
    },
    /// Have a person decide.
    SendToReview {
        lots: Which,
        ground: ReviewGround,
    },
    Decline {
        lots: Which,
        /// Why, in words for the customer.
        reason: Option<String>,
        /// For who works on it, never for the customer.
        note: Option<String>,
    },
    /// Ask the customer for more before deciding.
    AskEvidence {
        lots: Which,
        /// For what, in words for the customer.
        note: String,
    },
    Cancel {
        lots: Which,
        reason: Option<String>,
    },
    /// Give up waiting for it.
    Lapse {
        lots: Which,
    },
    /// Add items (N10).
    AddLines {
        lines: Vec<LineAdded>,
        /// Every order's part anew.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// Bring it back another way (N10).
    SwitchMethod {
        method: Method,
        /// When the door is called at.
        pickup: Option<Pickup>,
        /// Where, if it is another door than before.
        from: Option<Box<Address>>,
        /// The lines' terms anew.
        terms: Vec<LineTerms>,
        /// Every order's part anew.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// Add photos or documents.
    AddEvidence {
        lines: Vec<LineNo>,
        evidence: Vec<String>,
    },
    /// Have a carrier make a label; it replaces the last.
    WantLabel {
        carrier: String,
        /// Promised dates once it is there, where it replaces an earlier one.
        promises: Option<PromisedDates>,
    },
    /// Say that the carrier makes none.
    RefuseLabel {
        /// Why, as the carrier says.
        reason: String,
    },
    /// Say that a label was called off with its carrier.
    VoidLabel {
        tracking_number: String,
    },
    /// Make a label; it replaces the last.
    IssueLabel {
        /// The parcel it is for.
        parcel: Parcel,
        /// Promised dates from now on, where it replaces an earlier one.
        promises: Option<PromisedDates>,
    },
    /// Say what is expected now, because of something else in one of its orders.
    Settle {
        /// Every order's part anew.
        orders: Vec<OrderSettled>,
        because: Because,
    },
    /// Have a person look at the money before anything is paid.
    Flag {
        ground: ReviewGround,
    },
    /// Tell what a carrier saw.
    Scan {
        tracking_number: String,
        scan: Scan,
    },
    Receive {
        warehouse: Option<String>,
        tracking_number: Option<String>,
        /// What became of what was looked for.
        items: Vec<(LotNo, u32, Outcome)>,
        beside: Vec<Beside>,
    },
    /// Say what goods are like.
    Inspect {
        /// Which, and what was found.
        items: Vec<Finding>,
    },
    /// Decide what becomes of goods.
    Dispose {
        lots: Vec<LotNo>,
        to: Disposition,
        /// Why clothes or shoes may be destroyed (N20).
        ground: Option<ScrapGround>,
        /// Where a rule says that they go (C18).
        proposed: Option<Proposed>,
    },
    /// Send goods back to the customer.
    SendBack {
        lots: Which,
        tracking_number: Option<String>,
    },
    /// Offer less money than expected (N8).
    Offer {
        order: OrderNumber,
        lots: Vec<LotNo>,
        currency: Currency,
        /// What was expected, minor units.
        expected: i64,
        /// What is offered, minor units; all of it settles what an appeal was about, and asks nothing.
        amount: i64,
        /// What each lot is worth less, minor units.
        less: Vec<(LotNo, i64)>,
        until: Timestamp,
    },
    AnswerOffer {
        offer: OfferNo,
        answer: OfferAnswer,
    },
    /// Take silence for an answer.
    LapseOffer {
        offer: OfferNo,
    },
    Grant {
        order: OrderNumber,
        lots: Vec<LotNo>,
        cause: GrantCause,
        currency: Currency,
        /// Minor units.
        amount: i64,
        /// On top, as credit; minor units.
        bonus: i64,
        /// How it comes about.
        receipt: Vec<ReceiptLine>,
    },
    /// Keep promised money from being paid for now.
    Hold {
        grant: GrantNo,
        ground: HoldGround,
        /// For who works on it, never for the customer.
        note: Option<String>,
        /// Who asks: of a second pair of eyes, the first.
        by: Actor,
    },
    /// Let it be paid after all.
    Release {
        grant: GrantNo,
        /// For who works on it, never for the customer.
        note: Option<String>,
        /// Who asks: of a second pair of eyes, the second.
        by: Actor,
    },
    Pay {
        grant: GrantNo,
        to: PaidTo,
        /// Minor units.
        amount: i64,
        /// A name for it, where there is one already.
        reference: Option<String>,
    },
    /// Say that money has left.
    ConfirmPayment {
        payment: PaymentNo,
        /// The gateway's or bank's name for it.
        reference: Option<String>,
    },
    /// Say that money did not leave.
    FailPayment {
        payment: PaymentNo,
        reason: Option<String>,
    },
    /// Say that money came back.
    ReversePayment {
        payment: PaymentNo,
        reason: Option<String>,
    },
    /// Owe the item that was asked for instead of money.
    OweRemedy {
        lots: Vec<LotNo>,
    },
    /// Take a remedy further.
    MoveRemedy {
        remedy: RemedyNo,
        to: RemedyState,
        /// The outbound order's or parcel's name in the shop.
        reference: Option<String>,
        /// When it left or arrived, where somebody knows better than now.
        at: Option<Timestamp>,
    },
    /// Say that the customer paid: what was due, or back what was given for goods that did not come.
    Collect {
        order: OrderNumber,
        /// What it is for.
        lots: Vec<LotNo>,
        cause: CollectedFor,
        currency: Currency,
        /// Minor units.
        amount: i64,
        /// The gateway's name for the payment; nothing where it came by hand.
        payment: Option<String>,
        /// What bank or till call it.
        reference: Option<String>,
    },
    /// Ask nothing back of what was given for goods that did not come.
    Waive {
        lots: Which,
        /// For who works on it, never for the customer.
        reason: String,
    },
    /// Say something to who works on it, never to the customer.
    Note {
        note: String,
    },
    /// Write to the customer.
    Write {
        words: String,
    },
    /// Write to the shop.
    Answer {
        words: String,
    },
    /// Say that what the customer wrote needs no answer.
    SettleTalk,
    /// Say how it went, once it is over.
    Rate {
        /// From 1 to 5.
        stars: u8,
        words: Option<String>,
    },
    /// Say that a "no" seems wrong: a person looks again.
    Appeal {
        lots: Which,
        /// Why, in the customer's words.
        words: String,
    },
    /// Give the customer more time to send it.
    Extend {
        /// To the end of that day, by the shop's clock.
        until: Date,
        /// Why, in words for the customer.
        reason: String,
    },
    /// Say that whoever carries goods on their way out was asked about them.
    PursueOutbound {
        /// Their name for the inquiry or claim.
        reference: String,
        /// They answer to the end of that day, by the shop's clock; nothing: as the policy says.
        until: Option<Date>,
    },
    /// Say what became of goods on their way out.
    AnswerOutbound {
        outcome: OutboundOutcome,
        /// In words for the customer.
        reason: Option<String>,
        /// For who works on it, never for the customer.
        note: Option<String>,
    },
    /// Take back what was done by the last command, before it takes effect outside.
    TakeBack {
        command: CommandId,
    },
}

/// What was found when units of a lot were looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub lot: LotNo,
    pub units: u32,
    /// Whether they are as said.
    pub found: Inspection,
    /// How good they are.
    pub grade: Option<Grade>,
    /// How much less they are worth than said.
    pub deduct: Option<Deduction>,
    /// The rule that says how much less, where one does.
    pub deduct_rule: Option<ByRule>,
    pub findings: Option<String>,
    /// Photos, by name.
    pub evidence: Vec<String>,
    /// What was answered to the form of these goods (P28).
    pub answers: Answers,
}

impl Finding {
    /// What was found, and nothing more.
    pub fn plain(lot: LotNo, units: u32, found: Inspection) -> Self {
        Self {
            lot,
            units,
            found,
            grade: None,
            deduct: None,
            deduct_rule: None,
            findings: None,
            evidence: Vec::new(),
            answers: Answers::default(),
        }
    }
}

/// One row of the table of commands.
#[derive(Debug)]
pub struct CommandRow {
    pub kind: CommandKind,
    pub code: &'static str,
    /// In what capacity somebody may give it; an admin may give everything that a person may.
    pub who: &'static [Role],
    /// What must be said with it.
    pub asks: &'static [&'static str],
    /// Events that may come of it.
    pub events: &'static [&'static str],
    /// Its path below a return, for machines.
    pub api: Option<&'static str>,
}

macro_rules! commands {
    ($($kind:ident $code:literal, by $($who:ident)+, asks [$($asks:literal)*], gives [$($event:literal)+], at $api:expr;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CommandKind {
            $(#[doc = concat!("[`Command::", stringify!($kind), "`].")] $kind),+
        }

        impl CommandKind {
            /// The table, a row for each.
            pub const TABLE: &'static [CommandRow] = &[$(CommandRow {
                kind: Self::$kind,
                code: $code,
                who: &[$(Role::$who),+],
                asks: &[$($asks),*],
                events: &[$($event),+],
                api: $api,
            }),+];
        }

        impl Command {
            pub fn kind(&self) -> CommandKind {
                match self { $(Self::$kind { .. } => CommandKind::$kind),+ }
            }
        }
    };
}

commands! {
    Approve "approve", by System Support, asks [], gives ["approved" "promised"], at Some("review");
    SendToReview "send_to_review", by System Support Finance, asks ["ground"], gives ["sent_to_review"], at None;
    Decline "decline", by System Support, asks ["reason"], gives ["declined"], at Some("review");
    AskEvidence "ask_evidence", by Support, asks ["note"], gives ["evidence_asked" "awaited"], at Some("review");
    Cancel "cancel", by Customer Support, asks [], gives ["cancelled"], at Some("cancel");
    Lapse "lapse", by System Support, asks [], gives ["lapsed"], at None;
    AddLines "add_lines", by Customer Support, asks ["lines"],
        gives ["lines_added" "approved" "sent_to_review" "declined"], at Some("lines");
    SwitchMethod "switch_method", by Customer Support, asks ["method"], gives ["method_changed"], at Some("method");
    AddEvidence "add_evidence", by Customer Support, asks ["evidence"], gives ["evidence_added" "promised"], at Some("evidence");
    IssueLabel "issue_label", by Customer Support System, asks [], gives ["label_issued"], at Some("label");
    WantLabel "want_label", by Customer Support System, asks [], gives ["label_wanted"], at Some("label");
    RefuseLabel "refuse_label", by System, asks [], gives ["label_refused"], at None;
    VoidLabel "void_label", by System, asks [], gives ["label_voided"], at None;
    Settle "settle", by System, asks [], gives ["expected_changed"], at None;
    Flag "flag", by System Support Finance, asks ["ground"], gives ["flagged"], at None;
    Scan "scan", by System Support Warehouse, asks ["tracking_number" "status"], gives ["scanned"], at Some("scans");
    Receive "receive", by Warehouse, asks ["lines"], gives ["received"], at Some("receive");
    Inspect "inspect", by Warehouse Workshop, asks ["lines"], gives ["inspected"], at Some("inspect");
    Dispose "dispose", by System Warehouse Workshop, asks ["disposition"], gives ["disposed"], at Some("inspect");
    SendBack "send_back", by Warehouse Workshop, asks [], gives ["sent_back"], at Some("send-back");
    Offer "offer", by System Support Finance, asks ["amount"], gives ["offered"], at None;
    AnswerOffer "answer_offer", by Customer Support, asks ["answer"], gives ["offer_answered"], at Some("offer");
    LapseOffer "lapse_offer", by System, asks [], gives ["offer_lapsed"], at None;
    Grant "grant", by System Support Finance, asks [], gives ["granted"], at Some("grant");
    Hold "hold", by System Finance, asks [], gives ["held"], at Some("grants");
    Release "release", by Finance, asks [], gives ["released"], at Some("grants");
    Pay "pay", by System Finance, asks ["method"], gives ["payment_started"], at Some("pay");
    ConfirmPayment "confirm_payment", by System Finance, asks [], gives ["payment_made"], at Some("pay");
    FailPayment "fail_payment", by System Finance, asks [], gives ["payment_failed"], at None;
    ReversePayment "reverse_payment", by System Finance, asks [], gives ["payment_reversed"], at None;
    OweRemedy "owe_remedy", by System Support Warehouse Finance, asks [], gives ["remedy_due"], at Some("remedies");
    MoveRemedy "move_remedy", by System Support Warehouse Workshop, asks ["to"], gives ["remedy_moved"], at None;
    Collect "collect", by System Finance, asks ["reference"], gives ["collected" "lapsed"], at Some("collect");
    Waive "waive", by Support Finance, asks ["reason"], gives ["waived" "lapsed"], at Some("waive");
    Note "note", by Support Warehouse Workshop Finance, asks ["note"], gives ["noted"], at Some("notes");
    Write "write", by Support, asks ["words"], gives ["shop_wrote"], at Some("messages");
    Answer "answer", by Customer, asks ["words"], gives ["customer_wrote"], at Some("answers");
    SettleTalk "settle_talk", by Support, asks [], gives ["talk_settled"], at Some("messages");
    Rate "rate", by Customer, asks ["stars"], gives ["feedback_given"], at Some("feedback");
    Appeal "appeal", by Customer, asks ["words"], gives ["appealed"], at Some("appeal");
    Extend "extend", by Support, asks ["until" "reason"], gives ["extended"], at Some("extend");
    PursueOutbound "pursue_outbound", by Support, asks ["reference"], gives ["outbound_pursued" "promised"], at Some("outbound");
    AnswerOutbound "answer_outbound", by Support Warehouse, asks ["outcome"],
        gives ["outbound_answered" "approved" "declined" "lapsed" "promised" "noted"], at Some("outbound");
    TakeBack "take_back", by Support Warehouse Workshop Finance, asks ["command"], gives ["taken_back"], at None;
}

impl CommandKind {
    pub fn row(self) -> &'static CommandRow {
        &Self::TABLE[self as usize]
    }

    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// Whether somebody in that capacity may give it.
    pub fn is_for(self, role: Role) -> bool {
        let who = self.row().who;
        who.contains(&role) || (role == Role::Admin && who.iter().any(|who| *who != Role::System))
    }
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
