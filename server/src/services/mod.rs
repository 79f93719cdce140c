//! Stories: one a file, one transaction each.

mod access;
mod account;
mod acts;
mod announce;
mod api_keys;
mod assess;
mod at_hand;
mod beside;
mod bought_label;
mod bulk;
mod change_return;
pub use change_return::OtherWay;
mod checkout;
mod claims;
mod coming;
mod compensations;
mod concede;
mod coupons;
mod credit;
mod credit_ends;
mod credit_notes;
mod deliveries;
mod doing;
mod drafts;
mod elsewhere;
mod erasure;
mod evidence;
mod exchange;
mod feedback;
mod gateway;
mod gateway_news;
mod gather;
mod goods;
mod head;
mod held;
mod hold;
mod inbox;
mod judged;
mod kept;
mod label;
mod later;
mod links;
mod message_templates;
mod money;
mod once;
mod open_fast;
mod open_return;
mod orders;
mod outbound;
mod outlook;
mod own_photos;
mod parcels;
mod pickup;
mod points;
mod policies;
mod queue;
mod quote;
mod reach;
mod reactions;
mod receipts;
mod reconcile;
mod refund_names;
mod refusals;
mod rehearse;
mod repairs;
mod replies;
mod request;
mod reserve;
mod rounds;
mod rules;
mod run;
mod running_late;
mod search;
mod settle_by_rule;
mod settle_orders;
mod shared;
mod shown;
mod staff;
mod start;
mod stock;
mod stock_batches;
mod strays;
mod take_back;
mod transfer_table;
mod transfers;
mod uploads;
mod webhooks;
mod what_if;
mod withdraw;
mod withdraw_draft;
mod withdrawal_receipt;
mod withdrawal_return;
mod workshop;
mod written;

use std::ops::Deref;
use std::sync::Arc;

use domain::policy::{Shop, local_day};
use domain::reason::ReasonTree;
use domain::words::Locale;
use tokio::sync::Notify;

pub use access::{
    Access, Accountable, AtClaims, AtCompensations, AtCredit, AtDeliveries, AtFeedback, AtMessages, AtParcels, AtPayments, AtPickups,
    AtPrivacy, AtRepairs, AtRound, AtStock, AtWebhooks, AtWork, CONCEDING, Keeper, RoundOver,
};
pub use account::{CODE_LIFE, CODE_TRIES, CodeEntered, CodeRefused, MOST_ORDERS, OwnOrder};
pub use acts::{Looked, NotDone, may_not, within_limits, within_refunds};
pub use api_keys::ApiKeys;
pub use assess::{Assessment, LineAssessment, MethodPrice, Part};
pub use at_hand::{Answer as FormAnswer, LineAtHand, NotTaken, Way};
pub use bought_label::{LabelDue, NotBought, label_key};
pub use bulk::{Bulk, OneOfMany, can_be_taken_back};
pub use checkout::{NoPage, PayPage};
pub use claims::{ClaimError, ClaimStepTold, ClaimTold, MOST_CLAIMS};
pub use coming::{Coming, ComingEntry, Due, DueOfDay, MOST_DAYS};
pub use compensations::{DecideGiftError, MOST_GIFTS};
pub use concede::{Concede, ConcedeError, Conceded, Wanted};
pub use coupons::state_at;
pub use coupons::{Coupon, CouponError, CouponRedeem};
pub use credit::{Credit, CreditError, MOST_CREDIT_ENTRIES, Redeem, holder_of};
pub use credit_ends::EndsSoon;
pub use deliveries::ChannelCount;
pub use drafts::{Draft, DraftLine, Helper, web};
pub use erasure::{Asks, EraseError, FilesErased};
pub use evidence::{EvidenceError, Received, Subject, files_of_evidence};
pub use exchange::{Exchange, ExchangeChoice};
pub use feedback::{FeedbackReport, MOST_FEEDBACK};
pub use gateway::{Heard, RefundDue};
pub use gather::{kind, kinds};
pub use goods::{Arrival, Booking, Found as FoundGoods, PutAway};
pub use head::Head;
pub use held::units_taken;
pub use hold::HoldAsked;
pub use inbox::{Message as InboxMessage, Said};
pub use judged::OfferAmount;
pub use label::NoLabel;
pub use later::{
    AboutCompensation, AboutConcession, AboutCredit, AboutReturn, AboutWithdrawal, GoodsComing, JobKind, LoginCode, OneComing, StockAlert,
};
pub use links::{LinkError, Purpose};
pub use message_templates::{NotKept, OwnWords, Sample};
pub use money::{OfferAsked, PayAsked, PayBy, PaymentFate};
pub use once::{Answered, Carried, IdempotencyKey};
pub use orders::OrderProblem;
pub use outbound::{OpenOutbound, OutboundError};
pub use outlook::{Answer, LineOutlook, Outlook};
pub use own_photos::OwnPhotos;
pub use pickup::{Calls, Door, MOST_AREAS};
pub use points::{MOST_POINTS_ENTRIES, PointsError, PointsHeld, RedeemPoints};
pub use policies::{Changed, Policies, PublishError, Published};
pub use queue::{MOST_TASKS, QueueEntry, QueueRefused, Until};
pub use reach::{AboutText, Choices, Reached, Theirs};
pub use reconcile::{DifferenceError, MOST_DIFFERENCES, Report};
pub use refund_names::refund_name;
pub use refusals::{ChangeError, OpenError};
pub use repairs::{MOST_REPAIRS, RepairEnd, RepairError};
pub use request::{LineRequest, RequestProblem, ReturnRequest, Shown, Wrong};
pub use rounds::MOST_ROUNDS;
pub use run::DISPOSITION;
pub use running_late::runs_late;
pub use search::{Found, MOST_FOUND, Meant, OrderHead};
pub use shared::{Kind as SharedKind, NotShared, Shared, is_shared_name, new_shared};
pub use staff::{
    Came, Factor, LinkMade, NewFactor, NotIn, OPERATOR, OwnWrong, PairingMade, PeopleError, PersonTold, Proof, SignIn, SignOnAnswer,
    SignOnWrong, StaffIn, Welcome, WelcomeTyped, WelcomeWrong, hash_password,
};
pub use start::StartRefused;
pub use stock::StockProblem;
pub use stock_batches::{BatchTold, MOST_IN_BATCH};
pub use strays::{Candidate, MOST_PARCELS, MayBe, StrayError, StrayTold};
pub use transfer_table::transfers_table;
pub use transfers::{DuePosition, LeftOut, MOST_TRANSFERS, NoBankFile, TransferDue, TransferError, TransfersMade, batch_name};
pub use uploads::{UPLOAD_LIFE, Upload};
pub use webhooks::{
    KnownHooks, MOST_DELIVERIES, MOST_WEBHOOKS, Message, Replay, STOCK_CHANGED, Webhook, WebhookError, event_names, is_event_name,
};
pub use withdraw::{Declared, MOST_ACKNOWLEDGED, NotReceived, WITHDRAWALS_KEPT};
pub use withdraw_draft::{HeldDraft, WithdrawDraft};
pub use written::in_place_of;

use crate::carriers::Carrier;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateways::Gateway;
use crate::live::Live;
use crate::load::Load;
use crate::objects::Objects;
use crate::points::Points;
use crate::reading::ReadingRoom;
use crate::secrets::ServerSecret;
use crate::sign_on::Provider;
use crate::store::Store;
use crate::texting::Texting;
use crate::watch::Pulse;

/// The stories. Cheap to clone: each request does.
#[derive(Clone)]
pub struct Services {
    tools: Arc<Tools>,
}

impl From<Tools> for Services {
    fn from(tools: Tools) -> Self {
        Self { tools: Arc::new(tools) }
    }
}

impl Deref for Services {
    type Target = Tools;

    fn deref(&self) -> &Tools {
        &self.tools
    }
}

/// What every story needs.
pub struct Tools {
    /// The database.
    pub store: Store,
    /// Photos and documents.
    pub objects: Objects,
    /// Who reads uploads.
    pub reading: Arc<dyn ReadingRoom>,
    /// What it answers at the moment.
    pub load: Load,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Arc<Config>,
    /// Seals links and codes.
    pub secret: ServerSecret,
    /// The shop's reasons.
    pub reasons: Arc<ReasonTree>,
    /// Languages in which the shop's own texts are wanted.
    pub own_languages: Vec<Locale>,
    /// Policy versions.
    pub policies: Policies,
    /// Keys of machines.
    pub api_keys: ApiKeys,
    /// Which of the shop's servers are told of what happens.
    pub hooks: KnownHooks,
    /// Who carries returns.
    pub carrier: Carrier,
    /// Who takes texts to phones.
    pub texting: Texting,
    /// Who gives money back, where the settings name somebody.
    pub gateway: Option<Arc<dyn Gateway>>,
    /// Where parcels are handed in.
    pub points: Arc<Points>,
    /// Who says who people at work are, where the settings name one.
    pub sign_on: Option<Provider>,
    /// Rung when the outbox has something new.
    pub wake: Arc<Notify>,
    /// Which of this process's tasks are alive.
    pub pulse: Pulse,
    /// Told when something happened to a return.
    pub live: Live,
}

impl Services {
    /// What policies of this shop are checked against, today.
    pub fn policy_shop(&self) -> Shop<'_> {
        let today = local_day(self.clock.now(), &self.shop_zone());
        Shop { reasons: &self.reasons, languages: &self.own_languages, today: Some(today) }
    }

    /// As [`Services::done`], for all whose amounts a command changed.
    fn done_to(&self, others: &[domain::rma::RmaNumber]) {
        others.iter().for_each(|rma| self.store.tell(*rma, &self.live));
    }

    /// Tells whoever waits that a command on `rma` is done: the worker, and open pages.
    fn done(&self, rma: domain::rma::RmaNumber) {
        self.wake.notify_one();
        self.store.tell(rma, &self.live);
    }

    /// Where the shop's days begin and end. Windows follow their policy.
    pub fn shop_zone(&self) -> jiff::tz::TimeZone {
        self.config.shop.zone.clone()
    }
}
