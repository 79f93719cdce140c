//! What pages ask of the server: one trait for each visitor, and the values they get. The server implements them in `desks`;
//! page tests use fakes.
//! Long because all that can be wrong with any form stands in one list.

mod account;
mod claims;
mod deliveries;
mod differences;
mod dock;
mod feedback;
mod find_order;
mod gifts;
mod goods;
mod messages;
mod parcels;
mod payments;
mod people;
mod pickups;
mod privacy;
mod rail;
mod repairs;
mod shared;
mod staff;
mod staff_order;
mod start_return;
mod stock;
mod track_return;
mod transfers;
mod withdraw;

use std::sync::Arc;

use async_trait::async_trait;
use domain::money::Currency;
use domain::policy::Policy;
use domain::reason::Reason;
use domain::returns::Role;
use domain::rma::RmaNumber;
use domain::words::{Locale, Words};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use account::{
    AccountHome, AccountOrder, AccountPage, AccountReturn, CreditPage, CreditRow, DataPage, InboxPage, InboxSaid, InboxView, Lost,
    NotErasedNow, OwnPerks, OwnReturn, ReachPage, Waits,
};
pub use claims::{ClaimPage, ClaimStepView, ClaimView, ClaimsAsked, ClaimsPage, ClaimsShown};
pub use deliveries::{Channel, DeliveriesPage, FailedView};
pub use differences::{DifferenceView, DifferencesPage, ReportView};
pub use dock::{DockPage, Expected, ScanAsked, ScanPage};
pub use feedback::{Facet, FeedbackAsked, FeedbackPage, SaidView, Score, Scored, Span};
pub use find_order::{DemoDepartment, DemoOrder, FindPage};
pub use gifts::{CompensationsAsked, CompensationsPage, GiftFigure, GiftView, GiftsPage, PointsRow};
pub use goods::{CaseLooked, DockLine, DockPlace, DockWay};
pub use messages::{MessageAsked, MessagePage, MessageVersion, MessagesPage};
pub use parcels::{MayBeView, ParcelPage, ParcelView, ParcelsPage};
pub use payments::{PaymentRow, PaymentsPage};
pub use people::{
    DeviceView, DevicesPage, FactorPage, MePage, OverrideView, PairPage, PairingView, PasswordPage, PeoplePage, PersonView, SessionView,
};
pub use pickups::{DoorView, PickupsPage, RoundPage, RoundView};
pub use privacy::{Held, PrivacyPage};
pub use rail::{Rail, StaffTold};
pub use repairs::{CaseRepair, RepairPage, RepairView, RepairsPage};
pub use shared::{
    BulkCase, BulkChoice, BulkPage, MacroPage, MacroSeen, MacroView, MacrosPage, RepliesPage, ReplyView, RuleView, RulesPage, SavedMark,
};
pub use staff::{
    CaseMail, CaseMove, CaseNote, CasePage, CaseTask, ComingDay, ComingPage, DemoLogin, DockCasePage, DoorPage, FoundOrder, MailState,
    OrderPage, QueueAsked, QueuePage, QueueSight, SearchPage, StaffDesk, TaskMark, TaskView, WelcomePage,
};
pub use staff_order::{CaseDelivery, CaseOrder, GivenBack, OrderItem, OtherReturn};
pub use start_return::{
    CheckLine, CheckPage, ElsewherePage, ExchangeChoice, ExchangeView, Given, Item, ItemHead, ItemsOrder, ItemsPage, OfferView, PaidBy,
    SendPage, SentDelivery, ShowItem, ShowPage, ShowSlot, StillPossible, Wanted, WhyItem, WhyPage, WishItem, WishPage, Worth,
};
pub use stock::{AlertView, BatchHead, BatchLotState, BatchLotView, BatchPage, KeptView, StockPage};
pub use track_return::{HandIn, ReturnPage, Told};
pub use transfers::{TransferBatchView, TransferDueView, TransferPage, TransferView, TransfersPage};
pub use withdraw::{StatementPage, WithdrawItem, WithdrawPage, WithdrawalAhead, WithdrawalReceipt};

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
    async fn door_page(&self, rma: &str) -> Result<SendPage, DeskError>;
    /// `/returns/{rma}/photos`
    async fn photos_page(&self, rma: &str) -> Result<ShowPage, DeskError>;
    /// `/returns/{rma}` and what is below it.
    async fn return_page(&self, rma: &str) -> Result<ReturnPage, DeskError>;
    /// `/account`
    async fn account_page(&self) -> Result<AccountPage, DeskError>;
    /// `/account/credit`
    async fn credit_page(&self) -> Result<CreditPage, DeskError>;
    /// `/account/data` and `/account/erase`
    async fn data_page(&self) -> Result<DataPage, DeskError>;
    /// `/account/gifts`
    async fn gifts_page(&self) -> Result<GiftsPage, DeskError>;
    /// `/account/inbox`, from before a message.
    async fn inbox_page(&self, before: Option<&str>) -> Result<InboxPage, DeskError>;
    /// `/account/reach`
    async fn reach_page(&self) -> Result<ReachPage, DeskError>;
    /// `/return/{draft}/elsewhere`
    async fn elsewhere_page(&self, draft: &str) -> Result<ElsewherePage, DeskError>;
    /// `/policy`
    async fn policy_page(&self) -> Result<PolicyPage, DeskError>;
    /// `/withdraw`, perhaps from an order.
    async fn withdraw_page(&self, order: Option<&str>) -> Result<WithdrawPage, DeskError>;
    /// `/withdraw/{link}/change`
    async fn change_statement_page(&self, link: &str) -> Result<WithdrawPage, DeskError>;
    /// `/round/{link}`
    async fn round_page(&self, link: &str) -> Result<RoundPage, DeskError>;
    /// `/withdraw/{link}`
    async fn statement_page(&self, link: &str) -> Result<StatementPage, DeskError>;
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
        /// Typed at the last try.
        typed: String,
        /// What was wrong with the last try.
        mistakes: Vec<Noted>,
    },
    /// Too many wrong guesses.
    Busy,
    /// A newer version of this server, which runs beside, has changed it: in a moment it answers.
    Updating,
    /// A page for people at work with another role.
    NotForYou {
        /// Who it is for.
        who: Vec<Role>,
    },
    /// A link by which somebody chooses a password, used or too old.
    InviteOver,
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
    /// Those that the menu offers.
    pub languages: Vec<Locale>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// When somebody is there, in the shop's own words; empty where it does not say.
    pub hours: Words,
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

/// Where the visitor is: for the frame around the page.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Path of this page.
    pub path: String,
    /// This device is remembered, and may be forgotten.
    pub session: bool,
    /// Somebody at work writes here for a customer.
    pub helps: bool,
    /// How many messages they have not read; nothing where nobody knows whose those would be.
    pub unread: Option<u64>,
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
    /// A number written a little differently is of this contact.
    NumberMeant {
        number: String,
    },
    /// Several of this contact are written like it.
    SeveralNumbers {
        numbers: Vec<String>,
    },
    ReturnMissing,
    ReturnSlip,
    ReturnNoMatch,
    VerifyNoMatch,
    NothingChosen,
    TooMany {
        available: u32,
    },
    ReasonMissing {
        name: String,
    },
    SubReasonMissing,
    ConditionMissing,
    CommentLong {
        most: u32,
    },
    /// Too many tags, or too long.
    FeedbackTags {
        most: u32,
        longest: u32,
    },
    EvidenceMissing {
        name: String,
        photos: u32,
        reports: u32,
        /// Code of what it should show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shows: Option<String>,
    },
    EvidenceRefused {
        file: String,
        code: String,
    },
    WishMissing {
        name: String,
    },
    ExchangeMissing {
        name: String,
    },
    ExchangeGone {
        name: String,
    },
    OtherCurrency,
    Apart,
    NoSharedWay,
    NoLonger,
    TooManyLabels,
    MethodMissing,
    PickupMissing,
    /// Somebody else was faster.
    PickupFull,
    /// No courier goes round there.
    NobodyCalls,
    /// At the other door there is no room at the time that was chosen before.
    DoorTime {
        address: String,
    },
    /// An area that cannot be, by the field that is wrong.
    PickupArea {
        field: String,
    },
    PickupAreas {
        most: u32,
    },
    EmailForm,
    CodeForm,
    CodeWrong {
        left: u32,
    },
    CodeOver,
    CodeTooSoon,
    CodeTooOften,
    Guarded,
    Changed,
    /// Likewise, and what was said of these items is kept for when they are chosen again.
    ChangedWithout {
        names: Vec<String>,
    },
    Unanswered,
    SignInWrong,
    SignInTooMany,
    ProofWrong,
    PairWrong,
    SignOnOver,
    SignOnDeclined,
    SignOnAway,
    SignOnRefused,
    SignOnUnverified,
    SignOnNobody,
    SignOnOther,
    PasswordWeak,
    FactorWrong,
    StaffNameMissing,
    StaffEmailTaken,
    StaffRolesMissing,
    StaffLimitForm,
    StaffLastAdmin,
    StaffWordsMissing,
    /// More than they may approve.
    StaffOverLimit {
        limits: Vec<(Currency, i64)>,
    },
    StaffAmountForm,
    /// No gateway takes so much back.
    SettleByHand {
        amount: (Currency, i64),
    },
    /// Who promised it cannot release it.
    SettleSecondPerson,
    SettleAsCredit,
    /// A payment of its order is disputed.
    SettleDisputed,
    /// So much is due before it goes out.
    SettleNotPaid {
        amount: (Currency, i64),
    },
    /// Whoever takes payments does not answer.
    PayNotNow,
    SettleNotCredit,
    /// Between nothing and so much.
    SettleAmount {
        most: (Currency, i64),
    },
    /// Nobody is named whom a claim is against.
    ClaimParty,
    /// No currency that there is.
    ClaimCurrency,
    ClaimReason,
    /// Somebody did something else with a claim.
    ClaimMoved,
    /// Somebody decided about compensation, or it turned out otherwise.
    GiftDecided,
    /// What was typed is not the customer who is shown.
    EraseOther,
    /// Something stands against erasing them.
    EraseNotNow,
    /// The days of a report.
    GiftDays,
    /// No file of a report came.
    ReportMissing,
    /// Not all of a report can be read.
    ReportUnread,
    /// Nobody is named whose account it is.
    AccountHolder,
    AccountIban,
    AccountNumber,
    /// Nobody said at which bank it is.
    AccountBank,
    TransfersNothing,
    /// Nothing of a return goes by bank transfer.
    TransferNotDue,
    /// More than can be given; nothing where it is not known how much that is.
    StaffMoreThanLeft {
        left: (Currency, i64),
    },
    StaffNotLower,
    StaffUnitsStay {
        stay: u32,
    },
    StaffOverrideMissing,
    StaffOverrideReason,
    StaffMayNot {
        who: Vec<String>,
    },
    StaffNotNow,
    /// Nothing can be asked about goods on their way out; why, by its code.
    NotOutbound {
        why: String,
    },
    /// So many units of it can be asked about.
    OutboundUnits {
        left: u32,
    },
    /// Places of a saved reply that are still empty, as they stand in the text.
    Unfilled {
        names: Vec<String>,
    },
    /// Places that nothing is known by.
    PlaceUnknown {
        names: Vec<String>,
    },
    /// A part of a message without which it says nothing.
    MessageEmpty,
    MessageLong {
        most: u32,
    },
    /// A place that is not filled on that occasion, and where it stands.
    MessagePlace {
        name: String,
        line: u32,
        letter: u32,
    },
    /// Somebody else saved other words meanwhile.
    MessageChanged,
    BulkNothing,
    /// It was taken back together with the others.
    BulkTakenBack,
    RuleCountries,
    RulePeople,
    DeedNothing,
    DeedWords,
    ReplyGone,
    ColleagueGone,
    /// It is no more what was looked at.
    MacroChanged,
    ReplyTextMissing {
        language: String,
    },
    SharedTooMany {
        most: u32,
    },
    /// So many units are left of it.
    DockCount {
        most: u32,
    },
    /// Nothing was counted.
    DockNothing,
    /// They do not work in that warehouse.
    DockElsewhere,
    /// What is not a percentage.
    DockPercent,
    /// Clothes or shoes are destroyed only for a reason.
    DockGround,
    /// What was not accepted is still the customer's: it goes back, or waits.
    DockTheirs,
    /// For nothing it was said where it goes.
    DockNowhere,
    /// No percentage that a price can be lowered by.
    StockPercent {
        most: u32,
    },
    /// Nobody said where a parcel lies.
    ShelfMissing,
    /// A parcel went elsewhere by now, or is of another return.
    ParcelEnded,
    /// There is no return of that number.
    NoReturn,
    /// A rule sends it there, and nobody says why it goes elsewhere. `to`: as machines name it.
    DockElsewhereWhy {
        rule: String,
        to: String,
    },
    DockAnswerNumber,
    DockAnswerLong {
        most: u32,
    },
    /// One serial number for each unit.
    DockAnswerSerials {
        units: u32,
    },
    DockAnswerTwice {
        serial: String,
    },
    /// It is not what was sold.
    DockAnswerNotSold {
        serial: String,
    },
    /// A repair order is over by now.
    RepairEnded,
    /// What is no cost of a part.
    RepairCost,
    /// Of a part it was said what it cost, and not what it is.
    RepairPart,
    /// It cannot be taken back any more.
    StaffTooLate,
    /// No such day can be given.
    StaffDay {
        least: Date,
        most: Date,
    },
    /// So many messages wait for an answer already.
    TalkFull {
        most: u32,
    },
    WithdrawNameMissing,
    WithdrawOrderMissing,
    WithdrawItemsMissing,
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
    /// What the visitor's last order was paid in, where they opened one.
    pub currency: Option<Currency>,
}
