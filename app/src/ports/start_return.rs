//! What the pages of a draft show, question by question.
//! Long because each page of the journey shows things of its own.

use std::sync::Arc;

use domain::ids::{Code, LineKey, OrderNumber};
use domain::item::ItemSaid;
use domain::money::Money;
use domain::order::Address;
use domain::policy::{
    Basis, Counterfactual, Decision, Method, Payer, Policy, PromisedDates, Resolution, ReviewGround, RuleLook, Sentence, Shows, Span,
    WindowState,
};
use domain::reason::Reason;
use domain::returns::{LineAsked, Pickup};
use domain::rma::RmaNumber;
use domain::settlement::Settlement;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Noted;

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
    /// What the page was made from; its form carries it.
    pub seen: String,
    pub orders: Vec<ItemsOrder>,
    /// The return that what is chosen joins.
    pub joins: Option<RmaNumber>,
    /// Other orders this visitor was recognised for.
    pub others: Vec<OrderNumber>,
    /// What is chosen so far.
    pub worth: Option<Worth>,
    /// Typed before, for another order: number and contact.
    pub sought: (String, String),
    pub mistakes: Vec<Noted>,
}

#[derive(Clone, Debug)]
pub struct ItemsOrder {
    pub number: OrderNumber,
    /// The day it was placed.
    pub placed: Date,
    /// The day it was delivered, where all of it came on one.
    pub delivered: Option<Date>,
    /// It was cancelled before it was sent.
    pub cancelled: bool,
    pub items: Vec<Item>,
    /// What left, as far as the shop tells.
    pub sent: Vec<SentDelivery>,
}

/// A delivery that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentDelivery {
    /// Its place among the order's, from 0.
    pub place: usize,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub delivered: Option<Date>,
}

/// An item of an order, as something that could come back.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is; `units`: how many were bought.
    pub head: ItemHead,
    /// Paid for one.
    pub price: Money,
    /// Paid for all of them.
    pub total: Money,
    /// The day it was delivered, where other things of the order came on another.
    pub delivered: Option<Date>,
    /// It is not delivered yet, and once it is there are so many days.
    pub early: Option<u32>,
    /// So many as long as nobody opens it, where these are others.
    pub early_unopened: Option<u32>,
    /// Declined as most would ask, and possible all the same in this state of it.
    pub in_state: Option<StillPossible>,
    /// Nothing can be asked for any more, whatever the reason and its state.
    pub over: bool,
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
    /// What it came for in exchange.
    pub came_for: Option<String>,
    /// Gifts that came with it and must come back with it.
    pub gifts: Vec<String>,
    /// Part of a bundle.
    pub bundle: bool,
    /// The other parts of the bundle, where it only comes back whole.
    pub set_with: Vec<String>,
    /// Units in other returns.
    pub in_returns: Vec<(RmaNumber, u32)>,
}

/// What chosen items were paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    pub units: u32,
    pub amount: Money,
}

/// What can still be had for an item in a state of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillPossible {
    /// Code of the state.
    pub condition: &'static str,
    pub window: WindowState,
    pub offers: Vec<Resolution>,
}

/// `/return/{draft}/why`
#[derive(Clone, Debug)]
pub struct WhyPage {
    pub draft: String,
    /// As in [`ItemsPage`].
    pub seen: String,
    /// Items to tell about.
    pub items: Vec<WhyItem>,
    /// What they were paid for.
    pub worth: Option<Worth>,
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
    /// Whether it came sealed, and a broken seal ends a right.
    pub ask_seal: bool,
    /// Said before.
    pub said: ItemSaid,
}

/// `/return/{draft}/show`, `/returns/{rma}/photos`
#[derive(Clone, Debug)]
pub struct ShowPage {
    /// The draft; none where it is for a return.
    pub draft: Option<String>,
    pub rma: Option<RmaNumber>,
    /// What somebody asked for, in their words.
    pub asked: Option<String>,
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
    /// A place for each piece that policy asks for.
    pub slots: Vec<ShowSlot>,
    /// Given beyond them.
    pub beyond: Vec<Given>,
    /// Nothing that policy asks for is missing.
    pub complete: bool,
}

/// The place of one photo or document that is asked for.
#[derive(Clone, Debug)]
pub struct ShowSlot {
    pub shows: Shows,
    /// Which of several of the same, from 1.
    pub nth: u32,
    pub given: Vec<Given>,
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
    /// What it was said to show.
    pub shows: Option<Shows>,
}

/// `/return/{draft}/wish`
#[derive(Clone, Debug)]
pub struct WishPage {
    pub draft: String,
    /// As in [`ItemsPage`].
    pub seen: String,
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
    pub chosen: Option<(Resolution, Option<Basis>)>,
    /// What it can be exchanged for.
    pub exchange: ExchangeView,
    /// What would change the answer.
    pub changes: Vec<Counterfactual>,
    /// Where it is declined: states of it in which it is not.
    pub states: Vec<StillPossible>,
    /// What the order was paid with.
    pub means: Vec<PaidBy>,
    /// Products of the same order, by line: for sentences that name them.
    pub names: Vec<(String, String)>,
}

/// What a payment was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidBy {
    /// `card`, `alipay`, …; empty where nobody says.
    pub method: String,
    /// The last four digits of the card, where told.
    pub card_ending: Option<String>,
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
    /// So long after the goods have arrived, where they must first: no day is known before the way back is.
    pub within: Option<Span>,
    /// What it rests on.
    pub basis: Basis,
    /// Taken off.
    pub fee: Money,
    /// Who pays the way back.
    pub payer: Payer,
}

/// `/return/{draft}/send`, `/returns/{rma}/method`
#[derive(Clone, Debug)]
pub struct SendPage {
    /// The draft; none where a return is changed.
    pub draft: Option<String>,
    /// As in [`ItemsPage`]; of a draft.
    pub seen: Option<String>,
    /// The return that is changed.
    pub rma: Option<RmaNumber>,
    /// Ways, with what each costs the customer.
    pub methods: Vec<(Method, Money)>,
    /// The way back is free of charge.
    pub free: bool,
    /// What comes back before the way back is paid for, minor units of the prices' currency; negative: what the customer pays.
    pub worth: i64,
    /// Chosen before.
    pub chosen: Option<Method>,
    /// Where it is collected.
    pub from: Option<Address>,
    /// Days on which the door can be called at.
    pub days: Vec<Date>,
    /// Hours.
    pub slots: Vec<String>,
    /// Of those days and hours, what is taken.
    pub full: Vec<Pickup>,
    /// It could be collected, but nobody goes round there.
    pub nowhere: bool,
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
    /// As in [`ItemsPage`].
    pub seen: String,
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
    pub exchange: Option<Wanted>,
    /// Why a person looks.
    pub review: Option<ReviewGround>,
    /// The policy that judged it.
    pub policy: Arc<Policy>,
    /// Every rule looked at.
    pub trace: Vec<RuleLook>,
    /// What would change the answer.
    pub changes: Vec<Counterfactual>,
}

/// What is wanted in exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One of what the shop has, by what tells it from the others.
    Named(String),
    /// In the customer's own words.
    Words(String),
}

impl Wanted {
    /// Of a line of a return.
    #[must_use]
    pub fn of(asked: &LineAsked) -> Option<Self> {
        if asked.resolution != Resolution::Exchange {
            return None;
        }
        let named = asked.exchange_name.as_deref().map(|name| {
            let same = name.strip_prefix(asked.name.as_str()).and_then(|rest| rest.strip_prefix(" · "));
            Self::Named(same.unwrap_or(name).to_owned())
        });
        named.or_else(|| asked.exchange_sku.as_ref().map(|words| Self::Words(words.to_string())))
    }
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
