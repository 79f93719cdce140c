//! The desk of people at work: who is in, and what they may see and do.
//! Long because each page of theirs has its way to the room that makes it.

mod bulk;
mod case;
mod claims;
mod coming;
mod compensations;
mod decide;
mod deliveries;
mod devices;
mod differences;
mod dock;
mod door;
mod feedback;
mod goods;
mod macros;
mod messages;
mod open;
mod order;
mod outbound;
mod own;
mod parcels;
mod payments;
mod people;
mod pickups;
pub(crate) use pickups::view as door_view;
mod privacy;
mod queue;
mod repairs;
mod replies;
mod rules;
mod scan;
mod settle;
mod shared;
mod sign_on;
mod stock;
mod transfers;
mod views;

use app::forms::Fields;
use app::ports::{
    BatchPage, BulkPage, CasePage, ClaimPage, ClaimsAsked, ClaimsPage, ComingPage, CompensationsAsked, CompensationsPage, DeliveriesPage,
    DeskError, DevicesPage, DifferencesPage, DockCasePage, DockPage, DoorPage, FactorPage, FeedbackAsked, FeedbackPage, MacroPage,
    MacrosPage, MePage, MessageAsked, MessagePage, MessagesPage, Noted, OrderPage, PairPage, ParcelPage, ParcelsPage, PasswordPage,
    PeoplePage, PickupsPage, PrivacyPage, QueueAsked, QueuePage, Rail, RepairPage, RepairsPage, RepliesPage, RulesPage, ScanAsked,
    ScanPage, SearchPage, StaffDesk as Port, StaffTold, StockPage, TransferPage, TransfersPage, WelcomePage,
};
use async_trait::async_trait;
use domain::policy::local_day;
use domain::returns::Role;
use domain::staff::Member;
use domain::written::numbered;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::failed;
use super::session::Visitor;
use crate::live::Colleague;
use crate::services::{Came, Services, StaffIn};
use crate::store;

pub(crate) use claims::is_late;
pub use claims::{NoTable, claims_table};
pub use dock::SaidLater;

/// Characters of a field that are kept of a form that was not taken.
const LONGEST_TYPED: usize = 2_000;

/// Somebody at the desk of people at work: a visitor, and who they are where they are in.
#[derive(Clone)]
pub struct StaffDesk {
    services: Services,
    visitor: Visitor,
    who: Option<StaffIn>,
    /// How their browser calls itself, and what it keeps of accounts.
    agent: String,
    device: Option<String>,
    /// What it keeps as a device of the house.
    shared: Option<String>,
}

/// Where the browser goes next, and what it keeps from then on.
#[derive(Debug, Default)]
pub struct StaffNext {
    pub path: String,
    /// That is an address of somebody else.
    pub elsewhere: bool,
    /// A session: nothing inside where it has ended.
    pub session: Option<Option<String>>,
    /// What it keeps of an account that was opened on it.
    pub device: Option<String>,
    /// What it keeps as a device of the house.
    pub shared: Option<String>,
}

impl StaffNext {
    fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// What is kept of a form that was not taken, until its page is shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    told: Option<StaffTold>,
    /// Of which page: an address.
    at: String,
    /// What is open on it: the field of what was filled in, or the name of what is being changed.
    open: String,
    typed: String,
    name: String,
    mistakes: Vec<Noted>,
}

impl Kept {
    /// What was typed into a form.
    fn fields(&self) -> Fields {
        Fields(serde_json::from_str(&self.typed).unwrap_or_default())
    }
}

/// The number of something that is called by a letter and a number, however it is written: `P12`.
fn number_of(letter: char, text: &str) -> Result<i64, DeskError> {
    numbered(letter, text.trim()).ok_or(DeskError::NotFound)
}

/// Where an order is shown.
pub(in crate::desks) fn order_path(number: &str) -> String {
    format!("/staff/orders/{}", utf8_percent_encode(number, NON_ALPHANUMERIC))
}

impl StaffDesk {
    pub fn new(services: Services, visitor: Visitor, who: Option<StaffIn>, agent: String, kept: [Option<String>; 2]) -> Self {
        let [device, shared] = kept;
        Self { services, visitor, who, agent, device, shared }
    }

    fn came(&self) -> Came {
        Came { address: self.visitor.address, agent: self.agent.clone(), device: self.device.clone(), shared: self.shared.clone() }
    }

    /// Who is in. Only pages and forms of their own come here without, and nothing is answered to them.
    fn who(&self) -> Result<&StaffIn, DeskError> {
        self.who.as_ref().ok_or(DeskError::NotFound)
    }

    fn member(&self) -> Result<&Member, DeskError> {
        self.who().map(|who| &who.member)
    }

    fn admin(&self) -> Result<&Member, DeskError> {
        let member = self.member()?;
        if member.roles.is_admin() { Ok(member) } else { Err(DeskError::NotForYou { who: vec![Role::Admin] }) }
    }

    /// What was kept for this page; it is shown once. What was done is shown on whichever page comes next.
    async fn take_kept(&self, at: &str) -> Result<Kept, DeskError> {
        let who = self.who()?;
        let Some(kept) = who.session.told.as_deref().and_then(|text| serde_json::from_str::<Kept>(text).ok()) else {
            return Ok(Kept::default());
        };
        let digest = who.session.digest.clone();
        let forgotten =
            self.services.store.write(move |mut conn| Box::pin(async move { store::tell_staff_session(&mut conn, &digest, None).await }));
        forgotten.await.map_err(|error| failed(&error))?;
        Ok(if kept.at == at { kept } else { Kept { told: kept.told, ..Kept::default() } })
    }

    async fn keep(&self, kept: Kept) -> Result<(), DeskError> {
        let text = serde_json::to_string(&kept).map_err(|error| failed(&error))?;
        let digest = self.who()?.session.digest.clone();
        let kept = self
            .services
            .store
            .write(move |mut conn| Box::pin(async move { store::tell_staff_session(&mut conn, &digest, Some(&text)).await }));
        kept.await.map_err(|error| failed(&error))
    }

    /// To a page that says on top what was done.
    async fn told(&self, told: StaffTold, path: impl Into<String>) -> Result<StaffNext, DeskError> {
        self.keep(Kept { told: Some(told), ..Kept::default() }).await?;
        Ok(StaffNext::to(path))
    }

    /// Back to the page of a form, with what was typed into its first fields (`most`) and what was wrong. What is kept between two pages is small.
    async fn form_again(
        &self,
        path: String,
        open: String,
        fields: &Fields,
        most: usize,
        mistakes: Vec<Noted>,
    ) -> Result<StaffNext, DeskError> {
        let short: Vec<(String, String)> =
            fields.0.iter().take(most).map(|(name, value)| (name.clone(), value.chars().take(LONGEST_TYPED).collect())).collect();
        let typed = serde_json::to_string(&short).map_err(|error| failed(&error))?;
        self.keep(Kept { at: path.clone(), open, typed, mistakes, ..Kept::default() }).await?;
        Ok(StaffNext::to(path))
    }

    /// By the shop's clock.
    fn today(&self) -> Date {
        local_day(self.services.clock.now(), &self.services.shop_zone())
    }

    /// The last moment of a day, by the shop's clock.
    fn last_of(&self, day: Date) -> Option<Timestamp> {
        Some(day.tomorrow().ok()?.to_zoned(self.services.shop_zone()).ok()?.timestamp() - SignedDuration::from_secs(1))
    }

    /// Back to the page of a form, with what was wrong.
    async fn mistaken(&self, path: String, typed: String, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        self.keep(Kept { at: path.clone(), typed, mistakes, ..Kept::default() }).await?;
        Ok(StaffNext::to(path))
    }

    /// Their session's name, and what colleagues call them.
    pub fn session(&self) -> Option<(String, Colleague)> {
        let who = self.who.as_ref()?;
        Some((who.session.digest.clone(), Colleague { id: who.member.id.clone(), name: who.member.name.clone() }))
    }

    /// A return as it stands, for a page that is open; nothing where the session has ended since.
    pub async fn case_as_it_stands(&mut self, rma: &str) -> Result<Option<CasePage>, DeskError> {
        let digest = self.who()?.session.digest.clone();
        self.who = self.services.staff_of_session(&digest).await.map_err(|error| failed(&error))?;
        if self.who.is_none() {
            return Ok(None);
        }
        self.case(rma, Kept::default()).await.map(Some)
    }

    async fn rail(&self, told: Option<StaffTold>) -> Result<Rail, DeskError> {
        let member = self.member()?;
        let open = self.counts().await?.all.unsigned_abs();
        Ok(Rail { id: member.id.clone(), name: member.name.clone(), roles: member.roles.clone(), open, told })
    }
}

#[async_trait]
impl Port for StaffDesk {
    async fn door_page(&self) -> Result<DoorPage, DeskError> {
        self.door().await
    }

    async fn welcome_page(&self, link: &str) -> Result<WelcomePage, DeskError> {
        self.welcome(link).await
    }

    async fn queue_page(&self, asked: QueueAsked) -> Result<QueuePage, DeskError> {
        self.queue(asked).await
    }

    async fn case_page(&self, rma: &str) -> Result<CasePage, DeskError> {
        let kept = self.take_kept(&format!("/staff/returns/{rma}")).await?;
        self.case(rma, kept).await
    }

    async fn search_page(&self, text: &str) -> Result<SearchPage, DeskError> {
        self.search(text).await
    }

    async fn order_page(&self, number: &str) -> Result<OrderPage, DeskError> {
        self.order(number).await
    }

    async fn payments_page(&self, state: &str) -> Result<app::ports::PaymentsPage, DeskError> {
        self.payments(state).await
    }

    async fn differences_page(&self, settled: bool) -> Result<DifferencesPage, DeskError> {
        self.differences(settled).await
    }

    async fn transfers_page(&self) -> Result<TransfersPage, DeskError> {
        self.transfers().await
    }

    async fn transfer_page(&self, number: &str) -> Result<TransferPage, DeskError> {
        self.transfer(number).await
    }

    async fn coming_page(&self) -> Result<ComingPage, DeskError> {
        self.coming().await
    }

    async fn stock_page(&self) -> Result<StockPage, DeskError> {
        self.stock().await
    }

    async fn batch_page(&self, number: &str) -> Result<BatchPage, DeskError> {
        self.stock_batch(number).await
    }

    async fn claims_page(&self, asked: ClaimsAsked) -> Result<ClaimsPage, DeskError> {
        self.claims(asked).await
    }

    async fn compensations_page(&self, asked: CompensationsAsked) -> Result<CompensationsPage, DeskError> {
        self.compensations(asked).await
    }

    async fn claim_page(&self, number: &str) -> Result<ClaimPage, DeskError> {
        self.claim(number).await
    }

    async fn feedback_page(&self, asked: FeedbackAsked) -> Result<FeedbackPage, DeskError> {
        self.feedback(asked).await
    }

    async fn pickups_page(&self, day: Option<Date>) -> Result<PickupsPage, DeskError> {
        self.pickups(day).await
    }

    async fn parcels_page(&self) -> Result<ParcelsPage, DeskError> {
        self.parcels().await
    }

    async fn parcel_page(&self, number: &str) -> Result<ParcelPage, DeskError> {
        self.parcel(number).await
    }

    async fn scan_page(&self, asked: ScanAsked) -> Result<ScanPage, DeskError> {
        self.scan(asked).await
    }

    async fn dock_page(&self, quiet: bool) -> Result<DockPage, DeskError> {
        self.dock(quiet).await
    }

    async fn dock_case_page(&self, rma: &str, quiet: bool) -> Result<DockCasePage, DeskError> {
        self.dock_case(rma, quiet).await
    }

    async fn repairs_page(&self) -> Result<RepairsPage, DeskError> {
        self.repairs().await
    }

    async fn repair_page(&self, number: &str) -> Result<RepairPage, DeskError> {
        self.repair(number).await
    }

    async fn replies_page(&self) -> Result<RepliesPage, DeskError> {
        self.replies().await
    }

    async fn macros_page(&self) -> Result<MacrosPage, DeskError> {
        self.macros().await
    }

    async fn macro_page(&self, rma: &str, id: &str) -> Result<MacroPage, DeskError> {
        self.macro_ahead(rma, id).await
    }

    async fn bulk_page(&self, id: &str) -> Result<BulkPage, DeskError> {
        self.bulk(id).await
    }

    async fn rules_page(&self) -> Result<RulesPage, DeskError> {
        self.rules().await
    }

    async fn me_page(&self) -> Result<MePage, DeskError> {
        self.me().await
    }

    async fn password_page(&self) -> Result<PasswordPage, DeskError> {
        self.password().await
    }

    async fn factor_page(&self) -> Result<FactorPage, DeskError> {
        self.factor().await
    }

    async fn deliveries_page(&self, channel: Option<&str>, before: Option<&str>) -> Result<DeliveriesPage, DeskError> {
        self.deliveries(channel, before).await
    }

    async fn messages_page(&self) -> Result<MessagesPage, DeskError> {
        self.messages().await
    }

    async fn message_page(&self, occasion: &str, asked: MessageAsked) -> Result<MessagePage, DeskError> {
        self.message(occasion, asked).await
    }

    async fn devices_page(&self) -> Result<DevicesPage, DeskError> {
        self.devices().await
    }

    async fn pair_page(&self) -> Result<PairPage, DeskError> {
        self.pair_form().await
    }

    async fn privacy_page(&self, customer: &str) -> Result<PrivacyPage, DeskError> {
        self.privacy(customer).await
    }

    async fn people_page(&self) -> Result<PeoplePage, DeskError> {
        self.people().await
    }
}
