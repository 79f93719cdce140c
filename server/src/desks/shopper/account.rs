//! "All my orders": a code by mail, then every order of that mail address.

use app::account::{CodeAsked, CodeTyped, ORDER, ReachForm};
use app::forms::{Fields, noted};
use app::ports::{
    AccountHome, AccountOrder, AccountPage, AccountReturn, CreditPage, CreditRow, DeskError, ElsewherePage, GiftsPage, InboxPage,
    InboxSaid, InboxView, Mistake, OwnPerks, OwnReturn, PointsRow, ReachPage, Waits,
};
use domain::compensation::{GiftKind, GiftState};
use domain::entry::Account;
use domain::ids::EmailAddress;
use domain::policy::local_day;
use domain::returns::{OfferState, Return, Status};

use super::{Desk, Next, SLOW_NO, head};
use crate::desks::session::LoginForm;
use crate::desks::{gift_view, last_day};
use crate::secrets;
use crate::security::Incident;
use crate::services::{
    CODE_LIFE, Choices, CodeEntered, CodeRefused, Credit, EndsSoon, InboxMessage, MOST_CREDIT_ENTRIES, MOST_ORDERS, MOST_POINTS_ENTRIES,
    OwnOrder, PointsHeld, Purpose, Said,
};
use crate::store::{self, CreditEntry, PointsEntry, Reach};

/// Where somebody chooses how they are reached.
const REACH: &str = "/account/reach";
/// Letters of a message's name.
const LONGEST_ID: usize = 64;
/// How many items of an order are shown.
const MOST_ITEMS: usize = 4;
/// How many of the latest messages.
const MOST_NEWS: usize = 3;
/// How many returns, where fewer are open.
const MOST_RETURNS: usize = 5;

impl Desk {
    /// "Send me a code". An address that has orders and one that has none get the same answer, in the same time.
    pub async fn send_code(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let CodeAsked { typed, email } = CodeAsked::parse(fields);
        let asked = tokio::time::Instant::now();
        // The code they may still have stays theirs.
        let before = &self.visitor.session.data.login;
        let asked_by = if before.asked_by.is_empty() { secrets::token() } else { before.asked_by.clone() };
        let mistake = match email {
            None => Some(Mistake::EmailForm),
            Some(email) => match self.services.send_login_code(&email, &asked_by, self.visitor.locale, self.visitor.address).await {
                Ok(()) => None,
                Err(CodeRefused::TooSoon) => Some(Mistake::CodeTooSoon),
                Err(CodeRefused::TooOften) => Some(Mistake::CodeTooOften),
                Err(CodeRefused::Busy) => return Err(DeskError::Busy),
                Err(CodeRefused::Store(error)) => return Err(error.into()),
            },
        };
        self.services.clock.hold_back(asked, SLOW_NO).await;
        let before = &self.visitor.session.data.login;
        // Who asks again too soon can enter the code they have.
        let waiting = matches!(mistake, None | Some(Mistake::CodeTooSoon)) || before.waiting && before.email == typed;
        let mistakes = mistake.map(|mistake| noted(CodeAsked::EMAIL, mistake)).into_iter().collect();
        self.visitor.session.data.login = LoginForm { email: typed, waiting, asked_by, mistakes };
        self.keep_session(false).await?;
        Ok(Next::with_session("/account"))
    }

    /// "Show my orders".
    pub async fn enter_code(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let form = self.visitor.session.data.login.clone();
        let email = form.email.parse::<EmailAddress>().ok().filter(|_| form.waiting);
        // The session ended in between, or the form is old: the page asks for the address again.
        let Some(email) = email else { return Ok(Next::to("/account")) };
        let mistake = if let Some(typed) = CodeTyped::parse(fields).code {
            let guess = self.guess("a code").await?;
            let mistake = match self.services.enter_login_code(&email, &form.asked_by, &typed).await? {
                CodeEntered::Right => {
                    self.was_right(guess).await?;
                    return self.sign_in(Account::Email(email.key())).await;
                }
                CodeEntered::Wrong(left) => Mistake::CodeWrong { left },
                CodeEntered::Over => Mistake::CodeOver,
            };
            self.was_wrong(&guess);
            mistake
        } else {
            Mistake::CodeForm
        };
        self.visitor.session.data.login.mistakes = vec![noted(CodeTyped::CODE, mistake)];
        self.keep_session(false).await?;
        Ok(Next::with_session("/account"))
    }

    /// "Send something back", of one of the orders shown.
    pub async fn return_from_account(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let Some(account) = self.visitor.session.data.account.clone() else { return Ok(Next::to("/account")) };
        let mut read = self.services.store.read().await?;
        let found = store::find_order(&mut read.conn(), fields.get(ORDER)).await?;
        drop(read);
        let Some(own) = found.filter(|row| account.owns(&row.order.customer)) else {
            self.note(Incident::NotTheirs, "an order");
            return Err(DeskError::NotFound);
        };
        self.begin(own.order.number, None).await
    }

    /// "Go on as the customer I just came as": nothing of the other one stays here.
    pub async fn switch_account(&mut self, _: &Fields) -> Result<Next, DeskError> {
        let Some(account) = self.visitor.session.data.other_account.take() else { return Ok(Next::to("/account")) };
        self.visitor.session.end(&self.services).await?;
        self.sign_in(account).await
    }

    /// "Stay as before".
    pub async fn stay_in_account(&mut self, _: &Fields) -> Result<Next, DeskError> {
        if self.visitor.session.data.other_account.take().is_some() {
            self.keep_session(false).await?;
        }
        Ok(Next::to("/account"))
    }

    /// "Forget me on this device".
    pub async fn leave(&mut self, _: &Fields) -> Result<Next, DeskError> {
        self.visitor.session.end(&self.services).await?;
        Ok(Next::with_session("/account"))
    }

    pub(super) async fn account(&self) -> Result<AccountPage, DeskError> {
        if self.visitor.session.data.other_account.is_some() {
            return Ok(AccountPage::Which);
        }
        if let Some(account) = &self.visitor.session.data.account {
            return Ok(AccountPage::Home(Box::new(self.home(account).await?)));
        }
        let LoginForm { email, waiting, mistakes, .. } = self.visitor.session.data.login.clone();
        if !mistakes.is_empty() {
            // Shown once.
            let mut session = self.visitor.session.clone();
            session.data.login.mistakes.clear();
            self.kept_if_it_lives(session).await?;
        }
        Ok(if waiting { AccountPage::Code { email, minutes: CODE_LIFE.as_mins(), mistakes } } else { AccountPage::Ask { email, mistakes } })
    }

    async fn home(&self, account: &Account) -> Result<AccountHome, DeskError> {
        let (services, locale) = (&self.services, self.visitor.locale);
        let (zone, now) = (services.shop_zone(), services.clock.now());
        let (orders, more) = services.own_orders(account).await?;
        let email = match account {
            Account::Email(email) => Some(email.parse::<EmailAddress>().map_or_else(|_| email.clone(), |email| email.masked())),
            Account::Customer(_) => None,
        };
        let latest = orders.first().map(|own| &own.row.order);
        let (messages, unread) = services.peek_inbox(&self.visitor.session.data.theirs(), locale, MOST_NEWS).await?;
        let Credit { balances, entries } = services.credit_of_account(account).await?;
        let points = services.points_of_account(account).await?;
        let gifts = services.compensations_of_account(account).await?;
        let gave = !points.entries.is_empty() || !gifts.is_empty();
        let gifts = gifts.into_iter().filter(|row| row.kind != GiftKind::Points).map(|row| gift_view(row, &zone, now));
        let mut read = services.store.read().await?;
        let (_, policy) = services.policies.current(&mut read.conn(), now).await?;
        drop(read);
        let perks = OwnPerks {
            tier: latest.and_then(|order| policy.tier_of(&order.customer)).cloned(),
            reasons: services.reasons.all().to_vec(),
            currency: latest.map(|order| order.currency),
            policy,
        };
        Ok(AccountHome {
            name: latest.and_then(|order| order.customer.name.clone()),
            email,
            returns: self.own_returns(&orders).await?,
            unread,
            messages: messages.into_iter().map(|message| self.inbox_view(message)).collect(),
            credit: (!entries.is_empty()).then_some(balances),
            coupons: gifts.filter(|gift| gift.state == GiftState::Given && gift.code.is_some()).collect(),
            points: gave.then_some(points.balance),
            perks: Some(perks),
            orders: orders.into_iter().map(|own| self.own_order(own)).collect(),
            only: more.then_some(MOST_ORDERS as u64),
        })
    }

    /// Their returns, those that wait for them first, then what is under way, and then some that ended, the latest of each first.
    async fn own_returns(&self, orders: &[OwnOrder]) -> Result<Vec<OwnReturn>, DeskError> {
        let mut known: Vec<&Return> = Vec::new();
        for request in orders.iter().flat_map(|own| &own.returns) {
            if !known.iter().any(|seen| seen.rma == request.rma) {
                known.push(request);
            }
        }
        let mut own = Vec::with_capacity(known.len());
        for request in known {
            own.push(OwnReturn { waits: self.waits(request).await?, request: Box::new(request.clone()) });
        }
        own.sort_by_key(|own| {
            let rank = match own.waits {
                Some(Waits::Sending(_)) => 1,
                Some(_) => 0,
                None if own.request.status().is_end() => 3,
                None => 2,
            };
            (rank, std::cmp::Reverse(own.request.opened_at))
        });
        let open = own.iter().filter(|own| own.waits.is_some() || !own.request.status().is_end()).count();
        own.truncate(open.max(MOST_RETURNS));
        Ok(own)
    }

    /// What a return waits for from the customer: what they would lose by waiting first.
    async fn waits(&self, request: &Return) -> Result<Option<Waits>, DeskError> {
        let now = self.services.clock.now();
        let offered = request.offers.iter().filter(|offer| offer.state == OfferState::Made).map(|offer| offer.until).min();
        if let Some(until) = offered {
            return Ok(Some(Waits::Answer(until)));
        }
        if let Some(until) = request.awaits(now) {
            return Ok(Some(Waits::Photos(until)));
        }
        if !request.awaited().is_empty() {
            return Ok(Some(Waits::Payment));
        }
        if self.services.account_asked(request).await? == Some(None) {
            return Ok(Some(Waits::Account));
        }
        let sends = request.status() == Status::Approved && request.method.is_by_parcel() && request.has_label();
        Ok(sends.then_some(Waits::Sending(request.promises.sent)))
    }

    fn inbox_view(&self, message: InboxMessage) -> InboxView {
        let InboxMessage { occasion, at, is_new, texts, said, .. } = message;
        let said = match said {
            Said::Return(request, events) => InboxSaid::Return(request, events),
            Said::Gift(row) => InboxSaid::Gift(Box::new(gift_view(*row, &self.services.shop_zone(), self.services.clock.now()))),
            Said::Concession { order, amount, reason } => InboxSaid::Concession { order, amount, reason },
            Said::Credit(EndsSoon { left, last, .. }) => InboxSaid::Credit { left, last },
        };
        InboxView { occasion, at, is_new, texts, said }
    }

    pub(super) async fn credit(&self) -> Result<CreditPage, DeskError> {
        let data = &self.visitor.session.data;
        let Some(account) = data.account.as_ref().filter(|_| data.other_account.is_none()) else { return Ok(CreditPage::Unknown) };
        let Credit { balances, mut entries } = self.services.credit_of_account(account).await?;
        let only = (entries.len() > MOST_CREDIT_ENTRIES).then_some(MOST_CREDIT_ENTRIES as u64);
        entries.truncate(MOST_CREDIT_ENTRIES);
        let zone = self.services.shop_zone();
        let row = |entry: CreditEntry| CreditRow {
            day: local_day(entry.at, &zone),
            amount: entry.money(),
            kind: entry.kind,
            rma: entry.rma,
            order: entry.order,
            until: entry.expires_at.map(|until| local_day(until, &zone)),
        };
        Ok(CreditPage::Credit { balances, entries: entries.into_iter().map(row).collect(), only })
    }

    pub(super) async fn gifts(&self) -> Result<GiftsPage, DeskError> {
        let data = &self.visitor.session.data;
        let Some(account) = data.account.as_ref().filter(|_| data.other_account.is_none()) else { return Ok(GiftsPage::Unknown) };
        let (zone, now) = (self.services.shop_zone(), self.services.clock.now());
        let rows = self.services.compensations_of_account(account).await?;
        let PointsHeld { balance, mut entries } = self.services.points_of_account(account).await?;
        entries.truncate(MOST_POINTS_ENTRIES);
        let row = |entry: PointsEntry| PointsRow {
            day: local_day(entry.at, &zone),
            points: entry.amount,
            kind: entry.kind,
            rma: entry.rma,
            until: entry.expires_at.map(|end| last_day(end, &zone)),
        };
        let coupons = rows.into_iter().filter(|row| row.kind != GiftKind::Points).map(|row| gift_view(row, &zone, now));
        Ok(GiftsPage::Gifts { coupons: coupons.collect(), points: balance, entries: entries.into_iter().map(row).collect() })
    }

    pub(super) async fn inbox(&self, before: Option<&str>) -> Result<InboxPage, DeskError> {
        let theirs = self.visitor.session.data.theirs();
        if theirs.is_nobody() {
            return Ok(InboxPage::Unknown);
        }
        let before = before.filter(|id| id.len() <= LONGEST_ID);
        let (messages, older) = self.services.read_inbox(&theirs, self.visitor.locale, before).await?;
        Ok(InboxPage::Messages {
            messages: messages.into_iter().map(|message| self.inbox_view(message)).collect(),
            older,
            is_older: before.is_some(),
        })
    }

    pub(super) async fn reach(&self) -> Result<ReachPage, DeskError> {
        let data = &self.visitor.session.data;
        let Some(choices) = self.services.choices(&data.theirs()).await? else { return Ok(ReachPage::Unknown) };
        let Choices { mail, number, chosen, .. } = choices;
        if data.reach_kept {
            // Said once.
            let mut session = self.visitor.session.clone();
            session.data.reach_kept = false;
            self.kept_if_it_lives(session).await?;
        }
        let by_text = chosen.as_ref().map_or(mail.is_none(), |chosen| chosen.by_text) && number.is_some();
        let by_mail = chosen.as_ref().is_none_or(|chosen| chosen.by_mail) && mail.is_some() || !by_text;
        let locale = chosen.and_then(|chosen| chosen.locale);
        Ok(ReachPage::Choices { mail, number, by_mail, by_text, locale, saved: data.reach_kept })
    }

    /// "Save", of how they want to be reached.
    pub async fn choose_reach(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let Some(choices) = self.services.choices(&self.visitor.session.data.theirs()).await? else { return Ok(Next::to(REACH)) };
        let ReachForm { by_mail, by_text, locale } = ReachForm::parse(fields);
        let zone = self.visitor.zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned);
        // A language that the shop does not offer is none that was chosen.
        let locale = locale.filter(|locale| self.services.config.languages.contains(locale));
        self.services.choose_reach(choices.holder, Reach { by_mail, by_text, locale, zone }).await?;
        self.visitor.session.data.reach_kept = true;
        self.keep_session(false).await?;
        Ok(Next::with_session(REACH))
    }

    fn own_order(&self, own: OwnOrder) -> AccountOrder {
        let OwnOrder { row, returns, left, until } = own;
        AccountOrder {
            placed: local_day(row.order.placed_at, &self.services.shop_zone()),
            cancelled: row.order.cancelled,
            items: row.order.lines.iter().take(MOST_ITEMS).map(|line| head(line, &row, line.quantity)).collect(),
            more: row.order.lines.len().saturating_sub(MOST_ITEMS) as u64,
            returns: returns.iter().map(|request| AccountReturn { rma: request.rma, status: request.status() }).collect(),
            left,
            until,
            number: row.order.number,
        }
    }

    pub(super) async fn elsewhere(&self, id: &str) -> Result<ElsewherePage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let link = self.services.sign_link(Purpose::Draft, id);
        Ok(ElsewherePage {
            link: format!("{}/continue/{link}", self.services.config.public_url),
            minutes: Purpose::Draft.life().as_mins(),
            back: format!("/return/{id}/{}", draft.stands_at()),
        })
    }
}
