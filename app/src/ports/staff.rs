//! What pages of people at work show.
//! Long because every page of theirs is asked for at one desk.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::credit_note::CreditNoteNo;
use domain::ids::Code;
use domain::money::Money;
use domain::reason::Reason;
use domain::returns::{CommandKind, Entry, LineNo, LotNo, Return, Role, StockState, TaskKind};
use domain::rma::RmaNumber;
use domain::staff::{Member, Roles, StaffLimits};
use domain::words::Locale;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{
    BatchPage, BulkChoice, BulkPage, CaseLooked, CaseOrder, CaseRepair, ClaimPage, ClaimView, ClaimsAsked, ClaimsPage, CompensationsAsked,
    CompensationsPage, DeliveriesPage, DeskError, DevicesPage, DifferencesPage, DockLine, DockPage, DockPlace, FactorPage, FeedbackAsked,
    FeedbackPage, GiftView, Given, GivenBack, MacroPage, MacrosPage, MePage, MessageAsked, MessagePage, MessagesPage, Noted, OrderItem,
    OtherReturn, PairPage, ParcelPage, ParcelView, ParcelsPage, PasswordPage, PaymentsPage, PeoplePage, PickupsPage, PrivacyPage, Rail,
    RepairPage, RepairsPage, RepliesPage, RulesPage, SavedMark, ScanAsked, ScanPage, StockPage, TransferPage, TransfersPage,
};
use crate::messages::Occasion;

/// What staff pages ask for. Every method checks that whoever asks is in, and may see what it answers.
#[async_trait]
pub trait StaffDesk: Send + Sync {
    /// `/staff/sign-in`
    async fn door_page(&self) -> Result<DoorPage, DeskError>;
    /// `/staff/welcome/{link}`
    async fn welcome_page(&self, link: &str) -> Result<WelcomePage, DeskError>;
    /// `/staff`
    async fn queue_page(&self, asked: QueueAsked) -> Result<QueuePage, DeskError>;
    /// `/staff/returns/{rma}`
    async fn case_page(&self, rma: &str) -> Result<CasePage, DeskError>;
    /// `/staff/search`
    async fn search_page(&self, text: &str) -> Result<SearchPage, DeskError>;
    /// `/staff/orders/{number}`
    async fn order_page(&self, number: &str) -> Result<OrderPage, DeskError>;
    /// `/staff/coming`
    async fn coming_page(&self) -> Result<ComingPage, DeskError>;
    /// Payments so far; any other word: all.
    async fn payments_page(&self, state: &str) -> Result<PaymentsPage, DeskError>;
    /// `/staff/differences`: those that are open, or settled.
    async fn differences_page(&self, settled: bool) -> Result<DifferencesPage, DeskError>;
    /// `/staff/payments/transfers`
    async fn transfers_page(&self) -> Result<TransfersPage, DeskError>;
    /// `/staff/payments/transfers/{number}`
    async fn transfer_page(&self, number: &str) -> Result<TransferPage, DeskError>;
    /// `/staff/stock`
    async fn stock_page(&self) -> Result<StockPage, DeskError>;
    /// `/staff/stock/batches/{number}`
    async fn batch_page(&self, number: &str) -> Result<BatchPage, DeskError>;
    /// `/staff/claims`
    async fn claims_page(&self, asked: ClaimsAsked) -> Result<ClaimsPage, DeskError>;
    /// `/staff/compensations`
    async fn compensations_page(&self, asked: CompensationsAsked) -> Result<CompensationsPage, DeskError>;
    /// `/staff/claims/{number}`
    async fn claim_page(&self, number: &str) -> Result<ClaimPage, DeskError>;
    /// `/staff/reports/feedback`
    async fn feedback_page(&self, asked: FeedbackAsked) -> Result<FeedbackPage, DeskError>;
    /// `/staff/pickups`, of a day; nothing: today
    async fn pickups_page(&self, day: Option<Date>) -> Result<PickupsPage, DeskError>;
    /// `/staff/parcels`
    async fn parcels_page(&self) -> Result<ParcelsPage, DeskError>;
    /// `/staff/parcels/{number}`
    async fn parcel_page(&self, number: &str) -> Result<ParcelPage, DeskError>;
    /// `/staff/scan`
    async fn scan_page(&self, asked: ScanAsked) -> Result<ScanPage, DeskError>;
    /// `/staff/dock`; `quiet`: for the browser to keep, not for somebody to read now.
    async fn dock_page(&self, quiet: bool) -> Result<DockPage, DeskError>;
    /// `/staff/dock/{rma}`, likewise
    async fn dock_case_page(&self, rma: &str, quiet: bool) -> Result<DockCasePage, DeskError>;
    /// `/staff/repairs`
    async fn repairs_page(&self) -> Result<RepairsPage, DeskError>;
    /// `/staff/repairs/{number}`
    async fn repair_page(&self, number: &str) -> Result<RepairPage, DeskError>;
    /// `/staff/replies`
    async fn replies_page(&self) -> Result<RepliesPage, DeskError>;
    /// `/staff/macros`
    async fn macros_page(&self) -> Result<MacrosPage, DeskError>;
    /// `/staff/returns/{rma}/macro`
    async fn macro_page(&self, rma: &str, id: &str) -> Result<MacroPage, DeskError>;
    /// `/staff/bulk/{id}`
    async fn bulk_page(&self, id: &str) -> Result<BulkPage, DeskError>;
    /// `/staff/rules`
    async fn rules_page(&self) -> Result<RulesPage, DeskError>;
    /// `/staff/me`
    async fn me_page(&self) -> Result<MePage, DeskError>;
    /// `/staff/me/password`
    async fn password_page(&self) -> Result<PasswordPage, DeskError>;
    /// `/staff/me/factor`
    async fn factor_page(&self) -> Result<FactorPage, DeskError>;
    /// `/staff/settings/deliveries`, of one channel, from before one of it.
    async fn deliveries_page(&self, channel: Option<&str>, before: Option<&str>) -> Result<DeliveriesPage, DeskError>;
    /// `/staff/settings/messages`
    async fn messages_page(&self) -> Result<MessagesPage, DeskError>;
    /// `/staff/settings/messages/{occasion}`
    async fn message_page(&self, occasion: &str, asked: MessageAsked) -> Result<MessagePage, DeskError>;
    /// `/staff/devices`
    async fn devices_page(&self) -> Result<DevicesPage, DeskError>;
    /// `/staff/pair`
    async fn pair_page(&self) -> Result<PairPage, DeskError>;
    /// `/staff/privacy`: of the customer of that name or mail address.
    async fn privacy_page(&self, customer: &str) -> Result<PrivacyPage, DeskError>;

    /// `/staff/people`
    async fn people_page(&self) -> Result<PeoplePage, DeskError>;
}

/// `/staff/sign-in`
#[derive(Clone, Debug, Default)]
pub struct DoorPage {
    /// As typed.
    pub email: String,
    /// Where they wanted to go.
    pub next: String,
    pub mistakes: Vec<Noted>,
    /// What the provider is called by which people here may sign in, too, where there is one.
    pub sign_on: Option<String>,
    /// What this device is called, where it is one of the house that people share.
    pub shared: Option<String>,
    /// In a demo shop: who can sign in, and how.
    pub demo: Vec<DemoLogin>,
}

/// Who can sign in to a demo shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoLogin {
    pub name: String,
    pub roles: Roles,
    pub email: String,
    pub password: String,
    /// The code of now.
    pub code: String,
}

/// `/staff/welcome/{link}`
#[derive(Clone, Debug)]
pub struct WelcomePage {
    pub link: String,
    /// Who it is for; nobody yet: the first admin.
    pub member: Option<Member>,
    /// What the app reads from a QR code; empty where the one they have goes on.
    pub address: String,
    /// The same, to be typed.
    pub key: String,
    /// As typed, of the first admin.
    pub name: String,
    pub email: String,
    pub mistakes: Vec<Noted>,
}

/// A way to look at the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueSight {
    #[default]
    All,
    Mine,
    Nobodys,
    Late,
    /// Put off.
    Asleep,
}

impl QueueSight {
    pub const ALL: [Self; 5] = [Self::All, Self::Mine, Self::Nobodys, Self::Late, Self::Asleep];

    /// As it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Nobodys => "nobodys",
            Self::Late => "late",
            Self::Asleep => "asleep",
        }
    }
}

/// A way to look, with how much there is to see, up to a thousand and one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskMark {
    pub sight: QueueSight,
    pub count: u64,
}

/// Which tasks to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueAsked {
    /// Only of that role.
    pub role: Option<Role>,
    pub sight: QueueSight,
    /// A view that was kept, by its name for addresses, instead of role and sight.
    pub saved: Option<String>,
    /// Where the page starts.
    pub after: Option<String>,
}

/// `/staff`
#[derive(Clone, Debug)]
pub struct QueuePage {
    pub rail: Rail,
    pub asked: QueueAsked,
    /// The most urgent first.
    pub tasks: Vec<TaskView>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// The ways to look, with what there is.
    pub marks: Vec<TaskMark>,
    /// Those that were kept, likewise.
    pub saved: Vec<SavedMark>,
    /// What can be done to many of them.
    pub choice: BulkChoice,
    /// What was ticked when that went wrong.
    pub ticked: Vec<RmaNumber>,
    /// Parcels that nobody knows: how many wait, and how many of them should have been decided by now. For those who see to them, where some wait.
    pub strays: Option<(u64, u64)>,
    /// What gateways say that does not fit our books: how many are open. For those who see to them, where some are.
    pub differences: Option<u64>,
    /// Claims that are still to be filed, and those of them whose day is over, of whoever sees to them; nothing: none.
    pub claims: Option<(u64, u64)>,
    /// Gifts above a rule's limit that wait for a yes or a no, of whoever may decide that; nothing: none.
    pub gifts: Option<u64>,
    pub mistakes: Vec<Noted>,
}

/// A task as a row.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskView {
    pub rma: RmaNumber,
    pub kind: TaskKind,
    pub due: Timestamp,
    /// What is at stake.
    pub value: Option<Money>,
    /// Whose return.
    pub customer: Option<String>,
    /// Its first item, and how many more there are.
    pub item: String,
    pub more: usize,
    /// Why that comes back.
    pub reason: Option<Reason>,
    /// Who has it.
    pub has_it: Option<String>,
    /// It was put off.
    pub sleeps: bool,
    /// Till then; nothing: till something comes from outside.
    pub sleeps_until: Option<Timestamp>,
}

/// A mail about a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseMail {
    pub occasion: Occasion,
    pub state: MailState,
    /// When it was sent or given up, else from when on it is due.
    pub at: Timestamp,
}

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    Waiting,
    Sent,
    /// It was tried too often, or cannot be sent; it stays until somebody has it tried again.
    GivenUp,
}

/// `/staff/returns/{rma}`
#[derive(Clone, Debug)]
pub struct CasePage {
    pub rail: Rail,
    pub request: Return,
    pub entries: Vec<Entry>,
    /// Photos and documents that were given.
    pub given: Vec<Given>,
    /// Photos that who looked at the goods took, each of a lot.
    pub ours: Vec<(LotNo, Given)>,
    pub orders: Vec<CaseOrder>,
    /// The customer's tier, as the first order tells it.
    pub tier: Option<Code>,
    /// Their other returns, the latest first, and how many there are in all.
    pub others: Vec<OtherReturn>,
    pub tasks: Vec<CaseTask>,
    /// Colleagues who do such tasks: their account's name, and what they are called.
    pub colleagues: Vec<(String, String)>,
    pub notes: Vec<CaseNote>,
    /// Numbers of the credit notes of what was paid back, with what each is of.
    pub credit_notes: Vec<(CreditNoteNo, Money)>,
    /// Mails about it to the customer, the latest first.
    pub mails: Vec<CaseMail>,
    /// What whoever reads this may do with it now.
    pub can: Vec<CommandKind>,
    /// Colleagues who have it open, too.
    pub beside: Vec<String>,
    /// What comes after it in the queue.
    pub next: Option<RmaNumber>,
    /// What was wrong with the last try.
    pub mistakes: Vec<Noted>,
    /// How its goods came to lie where they lie.
    pub moves: Vec<CaseMove>,
    /// What came in its parcels beside what was announced, and where that stands; the oldest first.
    pub came_beside: Vec<ParcelView>,
    /// Its repair orders, of whoever may read them; the oldest first.
    pub repairs: Vec<CaseRepair>,
    /// Claims about it, of whoever sees to claims; the oldest first.
    pub claims: Vec<ClaimView>,
    /// Gifts of it that wait for a yes or a no, of whoever may decide that.
    pub gifts: Vec<GiftView>,
    /// Warehouses in which they work; none named: everywhere.
    pub warehouses: Vec<String>,
    /// What was typed then, or a saved reply filled in.
    pub typed: String,
    /// What was counted then, field by field.
    pub counted: Vec<(String, String)>,
    /// The field it was filled into, or the form it was typed into.
    pub open: String,
    /// Saved replies: their names for forms, and what they are called.
    pub replies: Vec<(String, String)>,
    /// Macros of theirs, likewise.
    pub macros: Vec<(String, String)>,
    /// The reasons that its lines name.
    pub reasons: Vec<Reason>,
    /// What the policies of its orders say of goods that are looked at.
    pub dock: Vec<DockLine>,
    /// What was found of lots that were looked at.
    pub looked: Vec<CaseLooked>,
    /// Where rules send lots that lie there.
    pub proposed: Vec<(LotNo, DockPlace)>,
    /// What is due to be promised now, and whether as credit; of whoever may promise it.
    pub due: Vec<(Money, bool)>,
}

impl CasePage {
    /// Whether there is a task of that kind, and whoever reads this does such.
    #[must_use]
    pub fn has_task(&self, kind: TaskKind) -> bool {
        self.tasks.iter().any(|task| task.theirs && task.kind == kind)
    }
}

/// `/staff/dock/{rma}`
#[derive(Clone, Debug)]
pub struct DockCasePage {
    pub case: CasePage,
    /// Names the next thing that is said on it, so that it is taken once.
    pub key: String,
}

/// Units of a return that came, went, or lie otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseMove {
    pub at: Timestamp,
    pub line: LineNo,
    pub units: u32,
    pub warehouse: String,
    /// How they lay; nothing: they were not there.
    pub from: Option<StockState>,
    pub to: Option<StockState>,
}

/// Something to be done about the return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTask {
    pub kind: TaskKind,
    pub due: Timestamp,
    /// Whoever reads this does such tasks.
    pub theirs: bool,
    /// Who has it, and whether that is whoever reads this.
    pub has_it: Option<(String, bool)>,
    /// The rule that gave it to them.
    pub rule: Option<String>,
    pub sleeps: bool,
    /// Till then; nothing: till something comes from outside.
    pub sleeps_until: Option<Timestamp>,
}

/// A word for who works on it, which the customer never sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseNote {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
    /// It says why something was decided otherwise than policy.
    pub against: bool,
    /// Where a rule would have sent goods of which it says why they went elsewhere.
    pub instead_of: Option<DockPlace>,
}

/// `/staff/search`
#[derive(Clone, Debug)]
pub struct SearchPage {
    pub rail: Rail,
    /// As typed.
    pub text: String,
    /// Open ones before those that have ended, of each the newest first.
    pub returns: Vec<OtherReturn>,
    /// There are more than these.
    pub more: bool,
    pub orders: Vec<FoundOrder>,
    /// Of something that was bought elsewhere, as typed.
    pub typed: BTreeMap<String, String>,
    /// Names the form of it.
    pub key: String,
    pub mistakes: Vec<Noted>,
}

/// An order that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOrder {
    pub number: String,
    /// Where it is shown.
    pub path: String,
    pub placed_at: Timestamp,
    pub customer: Option<String>,
    pub item: String,
    /// Returns on it.
    pub returns: u64,
}

/// `/staff/orders/{number}`
#[derive(Clone, Debug)]
pub struct OrderPage {
    pub rail: Rail,
    pub order: CaseOrder,
    pub customer: Option<String>,
    /// Address and phone.
    pub reach: Vec<String>,
    /// In which language mails are.
    pub reads: Locale,
    /// The return for which its goods go out, where they do.
    pub goes_out_for: Option<RmaNumber>,
    pub items: Vec<OrderItem>,
    /// The order's books.
    pub captured: Money,
    pub outside: Money,
    pub expected: Money,
    pub granted: Money,
    pub goodwill: Money,
    /// What could be given at the most.
    pub left: Money,
    pub returns: Vec<OtherReturn>,
    pub given: Vec<GivenBack>,
    /// Whoever reads this may ask about the delivery.
    pub may_ask: bool,
    /// Whoever reads this may give something back, within these limits.
    pub may: bool,
    pub limits: StaffLimits,
    /// Names the forms on it.
    pub key: String,
    /// What was typed, by field, and what it would come to.
    pub typed: BTreeMap<String, String>,
    pub preview: Option<Money>,
    pub mistakes: Vec<Noted>,
}

/// `/staff/coming`: what is coming, and what is due (B19).
#[derive(Clone, Debug)]
pub struct ComingPage {
    pub rail: Rail,
    /// Parcels that should have been here before today.
    pub parcels_late: u64,
    /// From today on, with parcels and money of each day.
    pub days: Vec<ComingDay>,
    /// Money that was due before today.
    pub money_late: Vec<Money>,
    /// Overdue tasks, by what is to be done.
    pub overdue: Vec<(TaskKind, u64)>,
    /// There is more than is counted.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ComingDay {
    pub day: Date,
    pub parcels: u64,
    pub money: Vec<Money>,
}
