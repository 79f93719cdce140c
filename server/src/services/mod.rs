//! Stories: one a file, one transaction each.

mod access;
mod account;
mod acts;
mod api_keys;
mod assess;
mod bought_label;
mod bulk;
mod change_return;
mod coming;
mod concede;
mod doing;
mod drafts;
mod evidence;
mod exchange;
mod gather;
mod goods;
mod head;
mod held;
mod judged;
mod kept;
mod label;
mod later;
mod links;
mod once;
mod open_fast;
mod open_return;
mod orders;
mod outlook;
mod parcels;
mod pickup;
mod policies;
mod queue;
mod quote;
mod reactions;
mod refusals;
mod rehearse;
mod replies;
mod request;
mod reserve;
mod rules;
mod run;
mod search;
mod settle_orders;
mod shared;
mod shown;
mod staff;
mod start;
mod stock;
mod take_back;
mod uploads;
mod what_if;
mod withdraw;
mod withdraw_draft;
mod withdrawal_receipt;
mod withdrawal_return;
mod written;

use std::ops::Deref;
use std::sync::Arc;

use domain::policy::{Shop, local_day};
use domain::reason::ReasonTree;
use domain::words::Locale;
use tokio::sync::Notify;

pub use access::{Access, Accountable, AtWork, CONCEDING, Keeper};
pub use account::{CODE_LIFE, CODE_TRIES, CodeEntered, CodeRefused, MOST_ORDERS, OwnOrder};
pub use acts::{Looked, NotDone, may_not, within_limits};
pub use api_keys::ApiKeys;
pub use assess::{Assessment, LineAssessment, MethodPrice, Part};
pub use bought_label::{LabelDue, NotBought, label_key};
pub use bulk::{Bulk, OneOfMany};
pub use coming::{Coming, ComingEntry, Due, DueOfDay, MOST_DAYS};
pub use concede::{Concede, ConcedeError, Conceded, Wanted};
pub use drafts::{Draft, DraftLine, Helper, web};
pub use evidence::{EvidenceError, Received, Subject, files_of_evidence};
pub use exchange::{Exchange, ExchangeChoice};
pub use gather::{kind, kinds};
pub use goods::{Arrival, Booking, Found as FoundGoods};
pub use head::Head;
pub use held::units_taken;
pub use judged::OfferAmount;
pub use label::NoLabel;
pub use later::{AboutConcession, AboutReturn, AboutWithdrawal, JobKind, LoginCode};
pub use links::{LinkError, Purpose};
pub use once::{Answered, Carried, IdempotencyKey};
pub use orders::OrderProblem;
pub use outlook::{Answer, LineOutlook, Outlook};
pub use policies::{Changed, Policies, PublishError, Published};
pub use queue::{MOST_TASKS, QueueEntry, QueueRefused, Until};
pub use refusals::{ChangeError, OpenError};
pub use request::{LineRequest, RequestProblem, ReturnRequest, Shown, Wrong};
pub use search::{Found, MOST_FOUND, Meant, OrderHead};
pub use shared::{Kind as SharedKind, NotShared, Shared, is_shared_name, new_shared};
pub use staff::{
    Came, Factor, LinkMade, NewFactor, NotIn, OPERATOR, OwnWrong, PairingMade, PeopleError, PersonTold, Proof, SignIn, SignOnAnswer,
    SignOnWrong, StaffIn, Welcome, WelcomeTyped, WelcomeWrong, hash_password,
};
pub use start::StartRefused;
pub use stock::StockProblem;
pub use uploads::{UPLOAD_LIFE, Upload};
pub use withdraw::{Declared, MOST_ACKNOWLEDGED, NotReceived, WITHDRAWALS_KEPT};
pub use withdraw_draft::{HeldDraft, WithdrawDraft};

use crate::carriers::Carrier;
use crate::clock::Clock;
use crate::config::Config;
use crate::live::Live;
use crate::objects::Objects;
use crate::points::Points;
use crate::reading::ReadingRoom;
use crate::secrets::ServerSecret;
use crate::sign_on::Provider;
use crate::store::Store;
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
    /// Who carries returns.
    pub carrier: Carrier,
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
