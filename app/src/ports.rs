//! What pages ask of the server: one trait for each visitor, and the values they get. The server implements them in `desks`;
//! page tests use fakes.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::{Code, LineKey, OrderNumber};
use domain::item::ItemSaid;
use domain::money::Money;
use domain::order::Address;
use domain::policy::{
    Counterfactual, Decision, EvidenceEffect, Method, Policy, PromisedDates, Resolution, ReviewGround, RuleLook, Sentence, WindowState,
};
use domain::reason::Reason;
use domain::returns::{Entry, Pickup, Return, ReturnLine, Status};
use domain::rma::RmaNumber;
use domain::settlement::Settlement;
use domain::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a shopper's pages ask for. Every method checks that this visitor may see what it answers.
#[async_trait]
pub trait ShopperDesk: Send + Sync {
    /// `/`
    async fn find_page(&self) -> Result<FindPage, DeskError>;
    /// `/return/{draft}/items`
    async fn items_page(&self, draft: &str) -> Result<ItemsPage, DeskError>;
    /// `/return/{draft}/why`
    async fn why_page(&self, draft: &str) -> Result<WhyPage, DeskError>;
    /// `/return/{draft}/show`
    async fn show_page(&self, draft: &str) -> Result<ShowPage, DeskError>;
    /// `/return/{draft}/wish`
    async fn wish_page(&self, draft: &str) -> Result<WishPage, DeskError>;
    /// `/return/{draft}/send`
    async fn send_page(&self, draft: &str) -> Result<SendPage, DeskError>;
    /// `/return/{draft}/check`
    async fn check_page(&self, draft: &str) -> Result<CheckPage, DeskError>;
    /// `/returns/{rma}/method`
    async fn method_page(&self, rma: &str) -> Result<SendPage, DeskError>;
    /// `/returns/{rma}/photos`
    async fn photos_page(&self, rma: &str) -> Result<ShowPage, DeskError>;
    /// `/returns/{rma}` and what is below it.
    async fn return_page(&self, rma: &str) -> Result<ReturnPage, DeskError>;
    /// `/account`
    async fn account_page(&self) -> Result<AccountPage, DeskError>;
    /// `/return/{draft}/elsewhere`
    async fn elsewhere_page(&self, draft: &str) -> Result<ElsewherePage, DeskError>;
    /// `/policy`
    async fn policy_page(&self) -> Result<PolicyPage, DeskError>;
}

/// Why a page is not shown.
#[derive(Clone, Debug)]
pub enum DeskError {
    /// There is no such thing, or it is not this visitor's: the same answer to both.
    NotFound,
    /// The visitor was recognised too long ago.
    Gone,
    /// It is somewhere else now.
    Moved(String),
    /// The visitor must first say who they are, for this return.
    Verify {
        rma: RmaNumber,
        /// What was wrong with the last try.
        mistakes: Vec<Noted>,
    },
    /// Too many wrong guesses.
    Busy,
    /// A newer version of this server, which runs beside, has changed it: in a moment it answers.
    Updating,
    /// Something failed; operators find it by this reference.
    Failed {
        /// Shown to the visitor, logged with the cause.
        reference: String,
    },
}

/// The shop as its pages show it.
#[derive(Clone, Debug)]
pub struct ShopFront {
    pub name: Words,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Hue (degrees) and chroma of the brand, OKLCH.
    pub brand: (f32, f32),
    /// Address of the shop's logo, where it has one.
    pub logo: Option<String>,
    /// A rehearsal shop, whose clock can be moved.
    pub demo: bool,
    /// Address of the portal, without a slash at its end.
    pub public_url: String,
    /// Address of the style sheet.
    pub style: String,
    /// Where the islands' script is; none where nothing was built for browsers.
    pub islands: Option<leptos::config::LeptosOptions>,
}

/// How a page answers beyond its text.
#[derive(Clone)]
pub struct Answer {
    /// Sets the HTTP status.
    pub status: Arc<dyn Fn(u16) + Send + Sync>,
    /// Sends the browser elsewhere.
    pub redirect: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Where the visitor is: for the language switch.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Path of this page.
    pub path: String,
}

/// A mistake at a field of a form; kept with the draft until it is mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Name of the field.
    pub field: String,
    pub mistake: Mistake,
}

/// What can be mistaken in a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mistake", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is a sentence of the catalogue")]
pub enum Mistake {
    NumberMissing,
    ContactMissing,
    ContactForm,
    NoMatch,
    ReturnMissing,
    ReturnSlip,
    ReturnNoMatch,
    VerifyNoMatch,
    NothingChosen,
    TooMany { available: u32 },
    ReasonMissing { name: String },
    SubReasonMissing,
    ConditionMissing,
    CommentLong { most: u32 },
    EvidenceMissing { name: String, photos: u32, reports: u32 },
    EvidenceRefused { file: String, code: String },
    WishMissing { name: String },
    ExchangeMissing { name: String },
    ExchangeGone { name: String },
    OtherCurrency,
    Apart,
    NoLonger,
    TooManyLabels,
    MethodMissing,
    PickupMissing,
    EmailForm,
    CodeForm,
    CodeWrong { left: u32 },
    CodeOver,
    CodeTooSoon,
    CodeTooOften,
    Changed,
}

/// `/`
#[derive(Clone, Debug, Default)]
pub struct FindPage {
    /// Typed before.
    pub number: String,
    /// Typed before.
    pub contact: String,
    /// Typed before, for a return.
    pub rma: String,
    pub mistakes: Vec<Noted>,
    /// Orders to try, in a demo shop.
    pub demo: Vec<DemoDepartment>,
}

/// A part of the demo shop.
#[derive(Clone, Debug)]
pub struct DemoDepartment {
    pub name: Words,
    pub orders: Vec<DemoOrder>,
}

/// An order of the demo shop.
#[derive(Clone, Debug)]
pub struct DemoOrder {
    pub number: String,
    /// The contact that finds it.
    pub contact: String,
    pub shows: Words,
    /// Among the few that are named first.
    pub highlight: bool,
}

/// A product as a tile shows it.
#[derive(Clone, Debug)]
pub struct ItemHead {
    /// Names it in forms.
    pub key: LineKey,
    pub name: String,
    /// Size, colour.
    pub variant: Option<String>,
    /// Category; chooses the picture where there is none.
    pub category: Option<Code>,
    /// Address of a picture.
    pub image: Option<String>,
    /// Units meant.
    pub units: u32,
}

/// `/return/{draft}/items`
#[derive(Clone, Debug)]
pub struct ItemsPage {
    pub draft: String,
    pub orders: Vec<ItemsOrder>,
    /// The return that what is chosen joins.
    pub joins: Option<RmaNumber>,
    /// Other orders this visitor was recognised for.
    pub others: Vec<OrderNumber>,
    pub mistakes: Vec<Noted>,
}

#[derive(Clone, Debug)]
pub struct ItemsOrder {
    pub number: OrderNumber,
    /// The day it was placed.
    pub placed: Date,
    /// The day the last of it was delivered.
    pub delivered: Option<Date>,
    /// It was cancelled before it was sent.
    pub cancelled: bool,
    pub items: Vec<Item>,
}

/// An item of an order, as something that could come back.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is; `units`: how many were bought.
    pub head: ItemHead,
    /// Paid for one.
    pub price: Money,
    /// Still there to return.
    pub available: u32,
    /// Chosen before.
    pub chosen: u32,
    /// Without a reason.
    pub free: WindowState,
    /// Why not, without a reason; empty where it is possible.
    pub refusals: Vec<Sentence>,
    /// Where something is wrong with it.
    pub fault: WindowState,
    /// It has a guarantee, which makes `fault` last.
    pub warranty: bool,
    /// Percentage or amount taken off.
    pub fee: Option<Sentence>,
    /// The gift's main item.
    pub gift_of: Option<String>,
    /// Gifts that came with it and must come back with it.
    pub gifts: Vec<String>,
    /// Part of a bundle.
    pub bundle: bool,
    /// The other parts of the bundle, where it only comes back whole.
    pub set_with: Vec<String>,
    /// Units in other returns.
    pub in_returns: Vec<(RmaNumber, u32)>,
}

/// `/return/{draft}/why`
#[derive(Clone, Debug)]
pub struct WhyPage {
    pub draft: String,
    /// Items to tell about.
    pub items: Vec<WhyItem>,
    pub mistakes: Vec<Noted>,
}

/// One item to tell about.
#[derive(Clone, Debug)]
pub struct WhyItem {
    pub head: ItemHead,
    /// Reasons offered.
    pub reasons: Vec<Reason>,
    /// Chosen before.
    pub reason: Option<String>,
    /// Chosen before.
    pub sub_reason: Option<String>,
    /// States of the item, where the answer depends on it (B22); else nothing is asked.
    pub conditions: Vec<&'static str>,
    /// Whether the fit is asked for (C28).
    pub ask_fit: bool,
    /// Said before.
    pub said: ItemSaid,
}

/// `/return/{draft}/show`, `/returns/{rma}/photos`
#[derive(Clone, Debug)]
pub struct ShowPage {
    /// The draft; none where it is for a return.
    pub draft: Option<String>,
    pub rma: Option<RmaNumber>,
    /// Items that something should, or can, be shown of.
    pub items: Vec<ShowItem>,
    /// Largest file that is taken, bytes.
    pub most_bytes: usize,
    pub mistakes: Vec<Noted>,
}

/// One item to show something of.
#[derive(Clone, Debug)]
pub struct ShowItem {
    pub head: ItemHead,
    /// What policy asks for.
    pub wanted: Vec<EvidenceEffect>,
    pub given: Vec<Given>,
}

impl ShowItem {
    /// How many files policy asks for.
    #[must_use]
    pub fn wanted_files(&self) -> usize {
        self.wanted.iter().map(|effect| effect.at_least as usize).sum()
    }
}

/// A photo or a document that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its name in addresses.
    pub id: String,
    /// What the file was called.
    pub name: String,
    /// Pages of a document; none: a photo.
    pub pages: Option<u32>,
}

/// `/return/{draft}/wish`
#[derive(Clone, Debug)]
pub struct WishPage {
    pub draft: String,
    /// The question before this one was "show us".
    pub shown: bool,
    pub items: Vec<WishItem>,
    pub mistakes: Vec<Noted>,
}

/// One item with its answer and what can be had for it.
#[derive(Clone, Debug)]
pub struct WishItem {
    pub head: ItemHead,
    pub decision: Decision,
    pub why: Vec<Sentence>,
    /// What can be had.
    pub offers: Vec<OfferView>,

    /// Chosen before.
    pub chosen: Option<Resolution>,
    /// What it can be exchanged for.
    pub exchange: ExchangeView,
    /// What would change the answer.
    pub changes: Vec<Counterfactual>,
    /// Means the order was paid with.
    pub means: Vec<String>,
    /// Products of the same order, by line: for sentences that name them.
    pub names: Vec<(String, String)>,
}

/// What an item can be exchanged for.
#[derive(Clone, Debug, Default)]
pub struct ExchangeView {
    /// The shop tells its stock: one of `choices`. Else it is asked for in words.
    pub known: bool,
    pub choices: Vec<ExchangeChoice>,
    /// Chosen, or written, before.
    pub wanted: String,
}

/// Something to exchange for.
#[derive(Clone, Debug)]
pub struct ExchangeChoice {
    pub sku: String,
    /// What tells it from the others.
    pub label: String,
    /// Units there are of it.
    pub available: u32,
    /// There are enough.
    pub enough: bool,
    /// What comes back, or (negative) is paid; none where no price is known.
    pub difference: Option<Money>,
}

/// A resolution with its worth.
#[derive(Clone, Copy, Debug)]
pub struct OfferView {
    pub resolution: Resolution,
    /// Worth.
    pub amount: Money,
    /// Of which a present.
    pub bonus: Money,
    /// The money is with the customer, or the other item leaves us, by then.
    pub by: Timestamp,
}

/// `/return/{draft}/send`, `/returns/{rma}/method`
#[derive(Clone, Debug)]
pub struct SendPage {
    /// The draft; none where a return is changed.
    pub draft: Option<String>,
    /// The return that is changed.
    pub rma: Option<RmaNumber>,
    /// Ways, with what each costs the customer.
    pub methods: Vec<(Method, Money)>,
    /// The way back is free of charge.
    pub free: bool,
    /// Chosen before.
    pub chosen: Option<Method>,
    /// Where it is collected.
    pub from: Option<Address>,
    /// Days on which the door can be called at.
    pub days: Vec<Date>,
    /// Hours.
    pub slots: Vec<String>,
    /// Chosen before.
    pub pickup: Option<Pickup>,
    /// The label works until then.
    pub label_until: Timestamp,
    pub mistakes: Vec<Noted>,
}

/// `/return/{draft}/check`
#[derive(Clone, Debug)]
pub struct CheckPage {
    pub draft: String,
    pub lines: Vec<CheckLine>,
    /// The answer to all of it: the most reserved of those that go ahead.
    pub decision: Decision,
    /// Receipts, one for each order.
    pub settlements: Vec<Settlement>,
    /// Products by line, for receipts.
    pub names: Vec<(String, String)>,
    /// The return that it joins.
    pub joins: Option<RmaNumber>,
    /// How it comes back.
    pub method: Method,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// Where it comes from.
    pub from: Option<Address>,
    /// Where we write to.
    pub email: Option<String>,
    pub promises: PromisedDates,
    /// Nothing is taken off for the way back.
    pub freight_free: bool,
    /// The shop's reasons, for their names.
    pub reasons: Vec<Reason>,
    pub mistakes: Vec<Noted>,
}

/// One line, as it will be sent off.
#[derive(Clone, Debug)]
pub struct CheckLine {
    pub head: ItemHead,
    pub decision: Decision,
    pub why: Vec<Sentence>,
    /// What the customer gets.
    pub resolution: Option<Resolution>,
    /// What they get in exchange.
    pub exchange: Option<String>,
    /// Why a person looks.
    pub review: Option<ReviewGround>,
    /// The policy that judged it.
    pub policy: Arc<Policy>,
    /// Every rule looked at.
    pub trace: Vec<RuleLook>,
    /// What would change the answer.
    pub changes: Vec<Counterfactual>,
}

/// `/returns/{rma}`
#[derive(Clone, Debug)]
pub struct ReturnPage {
    pub request: Return,
    pub entries: Vec<Entry>,
    /// Photos and documents that were given.
    pub given: Vec<Given>,
    /// A label can be printed.
    pub label: bool,
    /// The label has expired.
    pub label_expired: bool,
    /// It can still be changed.
    pub can_change: bool,
    /// What was wrong with the last change.
    pub mistakes: Vec<Noted>,
    /// It can still be called off.
    pub can_cancel: bool,
    /// Days from arrival to the money, at most.
    pub days_to_money: i64,
    /// The reasons that its lines name.
    pub reasons: Vec<Reason>,
}

impl ReturnPage {
    /// Why a line comes back, where the return has the same item for another reason too: it is told apart by that.
    #[must_use]
    pub fn told_apart(&self, line: &ReturnLine) -> Option<&Reason> {
        let twice = self.request.lines.iter().any(|other| other.id != line.id && other.asked.is_of(&line.asked.order, &line.asked.line));
        let code = line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason);
        self.reasons.iter().find(|reason| reason.code == *code).filter(|_| twice)
    }
}

/// `/account`
#[derive(Clone, Debug)]
pub enum AccountPage {
    /// Whose orders?
    Ask {
        /// Typed before.
        email: String,
        mistakes: Vec<Noted>,
    },
    /// A code was asked for.
    Code {
        /// For this address.
        email: String,
        /// It works so long.
        minutes: i64,
        mistakes: Vec<Noted>,
    },
    Orders {
        /// The address they are found by, where they are found by one.
        email: Option<String>,
        /// The latest first.
        orders: Vec<AccountOrder>,
        /// There are more than these.
        only: Option<u64>,
    },
}

/// An order among others.
#[derive(Clone, Debug)]
pub struct AccountOrder {
    pub number: OrderNumber,
    /// The day it was placed.
    pub placed: Date,
    /// It was cancelled before it was sent.
    pub cancelled: bool,
    /// Its first items; `units`: how many were bought.
    pub items: Vec<ItemHead>,
    /// Items beside those.
    pub more: u64,
    pub returns: Vec<AccountReturn>,
    /// Units that are in no return.
    pub left: u32,
}

/// A return of an order.
#[derive(Clone, Copy, Debug)]
pub struct AccountReturn {
    pub rma: RmaNumber,
    pub status: Status,
}

/// `/return/{draft}/elsewhere`
#[derive(Clone, Debug)]
pub struct ElsewherePage {
    /// Opened on another device it leads to the draft.
    pub link: String,
    /// It works so long.
    pub minutes: i64,
    /// Where the draft stands.
    pub back: String,
}

/// `/policy`
#[derive(Clone)]
pub struct PolicyPage {
    /// The policy new orders follow.
    pub policy: Arc<Policy>,
    pub version: i64,
    /// In force since; none for the first.
    pub since: Option<Timestamp>,
    /// The shop's reasons, for their names.
    pub reasons: Vec<Reason>,
}
