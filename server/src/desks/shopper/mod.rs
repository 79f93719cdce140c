//! The shopper's desk: recognises visitors, and answers only what is theirs (P13). A file for each task: what its page shows, the form's answer,
//! and who may have either.
//! Long because every page of the port is named here.

mod account;
mod change;
mod check;
mod data;
mod find;
mod guess;
mod items;
mod missing;
mod round;
mod send;
pub(super) mod show;
mod start;
pub(in crate::desks) mod track;
mod why;
mod wish;
mod withdraw;

use std::time::Duration;

use app::forms::{Fields, noted};
use app::ports::{
    AccountPage, CheckPage, CreditPage, DeskError, ElsewherePage, FindPage, GiftsPage, InboxPage, ItemHead, ItemsPage, Mistake, Noted,
    PolicyPage, ReachPage, ReturnPage, RoundPage, SendPage, ShopperDesk, ShowPage, StatementPage, WhyPage, WishPage, WithdrawPage,
};
use async_trait::async_trait;
use domain::ids::{LineKey, OrderNumber};
use domain::order::OrderLine;
use domain::returns::{History, Return};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

pub use show::{NotKept, Photo, Showing, sentence_of};

use super::failed;
use super::session::{self, Visitor};
use crate::security::{self, Incident};
use crate::services::{Access, Assessment, Draft, LineAssessment, OpenError, Outlook, Services, Wrong};
use crate::store::{self, OrderRow, StoreError};

/// Where the browser goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    pub path: String,
    /// The session changed, or ended: its cookie is sent, or taken back.
    pub session: bool,
    /// The visitor's language from here on, where the way they came says it.
    pub language: Option<Locale>,
}

impl Next {
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), session: false, language: None }
    }

    pub(super) fn with_session(path: impl Into<String>) -> Self {
        Self { path: path.into(), session: true, language: None }
    }
}

/// Every "no" takes this long, so that its time tells nothing.
pub(super) const SLOW_NO: Duration = Duration::from_millis(150);

/// How often an answer is taken into a draft that other windows change meanwhile.
const TRIES: usize = 5;

/// What a form says of the draft it asked about.
fn seen(fields: &Fields) -> Option<String> {
    fields.maybe(app::start_return::SEEN)
}

/// The item of which a form says that what is told of it goes for all.
fn same_as(fields: &Fields) -> Option<String> {
    fields.maybe(app::start_return::SAME)
}

/// A shopper at the desk.
#[derive(Clone)]
pub struct Desk {
    pub(super) services: Services,
    pub visitor: Visitor,
}

impl Desk {
    pub fn new(services: Services, visitor: Visitor) -> Self {
        Self { services, visitor }
    }

    /// The draft, if it is this visitor's.
    pub(super) async fn own_draft(&self, id: &str) -> Result<(Draft, i64), DeskError> {
        let found = self.draft_if_own(id).await;
        if matches!(found, Err(DeskError::Gone)) {
            self.note(Incident::NotTheirs, "a draft");
        }
        found
    }

    async fn draft_if_own(&self, id: &str) -> Result<(Draft, i64), DeskError> {
        let found = self.services.draft(id).await?;
        let Some((draft, version)) = found else { return Err(DeskError::NotFound) };
        let data = &self.visitor.session.data;
        if let Some(by) = &draft.by {
            return match (self.visitor.at_work.as_ref() == Some(&by.id), draft.rma) {
                (true, Some(rma)) => Err(DeskError::Moved(format!("/staff/returns/{rma}"))),
                (true, None) => Ok((draft, version)),
                (false, _) => Err(DeskError::Gone),
            };
        }
        if let Some(rma) = draft.rma
            && self.may_see(rma).await?
        {
            return Err(DeskError::Moved(format!("/returns/{rma}")));
        }
        if draft.orders.iter().all(|order| data.knows_order(order.as_str())) { Ok((draft, version)) } else { Err(DeskError::Gone) }
    }

    /// Leave to see and to change the return, if it is this visitor's. Whether there is such a return is not told to others either.
    pub(super) async fn own(&self, rma: &str) -> Result<Access<Return>, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        self.access(rma).await?.ok_or_else(|| self.not_theirs(rma))
    }

    /// The return, if it is this visitor's.
    pub(super) async fn own_return(&self, rma: &str) -> Result<Return, DeskError> {
        let access = self.own(rma).await?;
        self.return_of(&access).await
    }

    pub(super) async fn return_of(&self, access: &Access<Return>) -> Result<Return, DeskError> {
        let mut read = self.services.store.read().await?;
        store::find_return(&mut read.conn(), access.rma()).await?.ok_or_else(|| self.not_theirs(access.rma()))
    }

    /// Likewise, with its events.
    pub(super) async fn own_history(&self, rma: &str) -> Result<History, DeskError> {
        let rma = self.own(rma).await?.rma();
        let mut read = self.services.store.read().await?;
        store::history_of(&mut read.conn(), rma).await?.ok_or_else(|| self.not_theirs(rma))
    }

    fn not_theirs(&self, rma: RmaNumber) -> DeskError {
        self.note(Incident::NotTheirs, "a return");
        let data = &self.visitor.session.data;
        let mistake = data.verify.clone().filter(|(of, _)| *of == rma).map(|(_, noted)| noted);
        let typed = mistake.as_ref().map(|_| data.verify_typed.clone()).unwrap_or_default();
        DeskError::Verify { rma, typed, mistakes: mistake.into_iter().collect() }
    }

    /// Whether this visitor may see a return: they were recognised for it, or it is of orders that are theirs. Who may, may change it.
    pub async fn may_see(&self, rma: RmaNumber) -> Result<bool, DeskError> {
        Ok(self.access(rma).await?.is_some())
    }

    async fn access(&self, rma: RmaNumber) -> Result<Option<Access<Return>>, DeskError> {
        let data = &self.visitor.session.data;
        Ok(Access::of_shopper(&self.services, rma, &data.returns, data.account.as_ref()).await?)
    }

    /// An order, with what may still be returned of it.
    pub(super) async fn returnable(&self, number: &OrderNumber) -> Result<(OrderRow, Outlook), DeskError> {
        self.services.returnable(number.as_str()).await?.ok_or(DeskError::NotFound)
    }

    pub(super) async fn order(&self, number: &OrderNumber) -> Result<OrderRow, DeskError> {
        let mut read = self.services.store.read().await?;
        let found = store::find_order_with_returns(&mut read.conn(), number.as_str()).await?;
        found.map(|(row, _)| row).ok_or(DeskError::NotFound)
    }
}

impl Desk {
    pub(super) async fn keep_session(&mut self, renew: bool) -> Result<(), DeskError> {
        match self.visitor.session.save(&self.services, renew).await {
            Ok(()) => {
                // A new token is given to nobody else.
                if renew {
                    let visitor = security::visitor(&self.services.secret, self.visitor.address);
                    tracing::info!(visitor, "a visitor was recognised");
                }
                Ok(())
            }
            Err(session::KeepError::Ended) => Err(DeskError::Gone),
            Err(session::KeepError::Store(error)) => Err(failed(&error)),
        }
    }

    /// Keeps what a page changes by being shown; a session that ended meanwhile stays ended.
    async fn kept_if_it_lives(&self, mut session: session::Session) -> Result<(), DeskError> {
        match session.save(&self.services, false).await {
            Ok(()) | Err(session::KeepError::Ended) => Ok(()),
            Err(session::KeepError::Store(error)) => Err(failed(&error)),
        }
    }

    /// Takes an answer into the draft as it is now, again where another window was faster: `take` keeps it, or gives nothing.
    pub(super) async fn on_draft<'d, F>(&'d self, id: &str, take: impl Fn(&'d Self, Draft, i64) -> F) -> Result<Next, DeskError>
    where
        F: Future<Output = Result<Option<Next>, DeskError>>,
    {
        for _ in 0..TRIES {
            let (draft, version) = self.own_draft(id).await?;
            if let Some(next) = take(self, draft, version).await? {
                return Ok(next);
            }
        }
        Err(DeskError::Updating)
    }

    /// Keeps an answer and says where to go: on, or back to the page with what is wrong.
    pub(super) async fn answer(
        &self,
        id: &str,
        page: &str,
        draft: Draft,
        version: i64,
        mistakes: Vec<Noted>,
        next: &str,
    ) -> Result<Next, DeskError> {
        // Another window was faster: its answer stands, and this one is asked again with it.
        Ok(self.kept(id, page, draft, version, mistakes, next).await?.unwrap_or_else(|| Next::to(format!("/return/{id}/{page}"))))
    }

    /// Likewise; nothing where the draft was changed since it was read: who can takes the answer into the draft as it is now.
    pub(super) async fn kept(
        &self,
        id: &str,
        page: &str,
        mut draft: Draft,
        version: i64,
        mistakes: Vec<Noted>,
        next: &str,
    ) -> Result<Option<Next>, DeskError> {
        let stay = !mistakes.is_empty();
        draft.mistakes = mistakes;
        draft.mistakes_on = page.to_owned();
        draft.answers += 1;
        match self.services.keep_draft(id, &draft, version).await {
            Ok(()) => Ok(Some(Next::to(format!("/return/{id}/{}", if stay { page } else { next })))),
            Err(StoreError::Stale(_)) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The form on `page` asked about what another window has changed since. Nothing is lost: what it said of items that are not chosen any more
    /// (`kept`: their names) is kept with them, and the page, or the one that must come before it, shows how the return stands now.
    pub(super) async fn overtaken(
        &self,
        id: &str,
        page: &str,
        draft: Draft,
        version: i64,
        kept: Vec<String>,
    ) -> Result<Option<Next>, DeskError> {
        let changed = if kept.is_empty() { Mistake::Changed } else { Mistake::ChangedWithout { names: kept } };
        let next = self.kept(id, "", draft, version, vec![noted("", changed)], page).await?;
        Ok(next.map(|_| Next::to(format!("/return/{id}/{page}"))))
    }

    /// Keeps what was said so far on a page that is still being filled in, so that a reload or another language has it. What is `missing` is
    /// told when the page is sent; what was told before and is mended by now is not told again.
    pub(super) async fn keep_so_far(
        &self,
        id: &str,
        (before, version): (&Draft, i64),
        draft: &mut Draft,
        fields: &Fields,
        missing: &[Noted],
    ) -> Result<(), DeskError> {
        draft.mistakes.retain(|mistake| missing.contains(mistake));
        if draft == before || !draft.unanswered_since(seen(fields).as_deref()) {
            return Ok(());
        }
        match self.services.keep_draft(id, draft, version).await {
            // Another window was faster: this page sends all of it again when it is answered.
            Ok(()) | Err(StoreError::Stale(_)) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Assesses a draft. What is wrong with it leads back to the page where it can be mended.
    pub(super) async fn assess(&self, id: &str, draft: &Draft, explain: bool) -> Result<Assessment, DeskError> {
        if let Some(step) = draft.unanswered() {
            return Err(DeskError::Moved(format!("/return/{id}/{step}")));
        }
        match self.services.quote(&draft.request(self.visitor.locale), explain).await {
            Ok(assessment) => Ok(assessment),
            Err(OpenError::Problems(problems)) => {
                let why = problems.iter().any(|problem| matches!(problem.wrong, Wrong::Reason(_)));
                Err(DeskError::Moved(format!("/return/{id}/{}", if why { "why" } else { "items" })))
            }
            Err(error) => Err(failed(&error)),
        }
    }
}

#[async_trait]
impl ShopperDesk for Desk {
    async fn find_page(&self) -> Result<FindPage, DeskError> {
        self.find().await
    }

    async fn items_page(&self, id: &str) -> Result<ItemsPage, DeskError> {
        self.items(id).await
    }

    async fn why_page(&self, id: &str) -> Result<WhyPage, DeskError> {
        self.why(id).await
    }

    async fn show_page(&self, id: &str) -> Result<ShowPage, DeskError> {
        self.show_of(id).await
    }

    async fn photos_page(&self, rma: &str) -> Result<ShowPage, DeskError> {
        self.photos_of(rma).await
    }

    async fn wish_page(&self, id: &str) -> Result<WishPage, DeskError> {
        self.wish(id).await
    }

    async fn send_page(&self, id: &str) -> Result<SendPage, DeskError> {
        self.send(id).await
    }

    async fn method_page(&self, rma: &str) -> Result<SendPage, DeskError> {
        self.other_way(rma).await
    }

    async fn door_page(&self, rma: &str) -> Result<SendPage, DeskError> {
        self.other_door(rma).await
    }

    async fn check_page(&self, id: &str) -> Result<CheckPage, DeskError> {
        self.check(id).await
    }

    async fn return_page(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        self.track(rma).await
    }

    async fn account_page(&self) -> Result<AccountPage, DeskError> {
        self.account().await
    }

    async fn gifts_page(&self) -> Result<GiftsPage, DeskError> {
        self.gifts().await
    }
    async fn credit_page(&self) -> Result<CreditPage, DeskError> {
        self.credit().await
    }

    async fn inbox_page(&self, before: Option<&str>) -> Result<InboxPage, DeskError> {
        self.inbox(before).await
    }

    async fn data_page(&self) -> Result<app::ports::DataPage, DeskError> {
        self.data().await
    }

    async fn reach_page(&self) -> Result<ReachPage, DeskError> {
        self.reach().await
    }

    async fn elsewhere_page(&self, id: &str) -> Result<ElsewherePage, DeskError> {
        self.elsewhere(id).await
    }

    async fn withdraw_page(&self, order: Option<&str>) -> Result<WithdrawPage, DeskError> {
        self.withdraw(order).await
    }

    async fn change_statement_page(&self, link: &str) -> Result<WithdrawPage, DeskError> {
        self.change_statement(link).await
    }

    async fn round_page(&self, link: &str) -> Result<RoundPage, DeskError> {
        self.round(link).await
    }

    async fn statement_page(&self, link: &str) -> Result<StatementPage, DeskError> {
        self.statement(link).await
    }

    async fn policy_page(&self) -> Result<PolicyPage, DeskError> {
        let mut read = self.services.store.read().await?;
        let (row, policy) = self.services.policies.current(&mut read.conn(), self.services.clock.now()).await?;
        let since = (row.effective_from > 0).then(|| Timestamp::from_millisecond(row.effective_from).ok()).flatten();
        let currency = match self.visitor.session.data.orders.last() {
            Some(key) => store::find_order(&mut read.conn(), key).await?.map(|row| row.order.currency),
            None => None,
        };
        Ok(PolicyPage { policy, version: row.version, since, reasons: self.services.reasons.all().to_vec(), currency })
    }
}

/// A product as a tile shows it.
fn head(line: &OrderLine, order: &OrderRow, units: u32) -> ItemHead {
    ItemHead {
        key: LineKey { order: order.order.number.clone(), line: line.id.clone() },
        name: line.name.clone(),
        variant: line.variant.clone(),
        category: line.category.clone(),
        image: line.image.clone(),
        units,
    }
}

/// What was assessed of a line, with the order and the product it is of.
fn product_of<'a>(said: &LineAssessment, assessment: &'a Assessment) -> Option<(&'a crate::services::Part, &'a OrderLine)> {
    let part = assessment.parts.iter().find(|part| part.row.order.number == said.asked.order)?;
    Some((part, part.row.order.line(&said.asked.line)?))
}

fn names(rows: &[&OrderRow]) -> Vec<(String, String)> {
    rows.iter().flat_map(|row| row.order.items()).map(|line| (line.id.to_string(), line.name.clone())).collect()
}

/// Whether anything of it comes back in a parcel or by hand.
fn travels(assessment: &Assessment) -> bool {
    assessment.lines.iter().any(LineAssessment::sends_back)
}

fn freight_is_free(assessment: &Assessment) -> bool {
    // What stays with the customer makes nothing free.
    assessment.lines.iter().any(|line| line.sends_back() && line.payer == domain::policy::Payer::Merchant)
}
