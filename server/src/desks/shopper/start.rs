//! Visitors who are recognised by a link: from the shop, from another device of theirs, from a mail.

use app::forms::CommandForm;
use app::ports::DeskError;
use app::track_return::feedback::Rate;
use domain::entry::{Account, Opens};
use domain::returns::MOST_STARS;
use domain::rma::RmaNumber;

use super::{Desk, Next, SLOW_NO};
use crate::desks::session::LoginForm;
use crate::services::{LinkError, Purpose, StartRefused};

/// Where a ticket of the shop leads that does not open.
const AGAIN: &str = "/start/again";
/// Where the way from the shop leads without a ticket, or in a shop that has none.
const BY_NUMBER: &str = "/start/by-number";
/// Where a link leads that is over.
const OVER: &str = "/link-over";

/// Where a ticket leads that is for a withdrawal.
const WITHDRAW: &str = "/withdraw";

impl Desk {
    /// One click from the shop. What is wrong with a ticket is told to operators, not to visitors; wrong ones are limited like guesses.
    pub async fn start(&mut self, token: Option<&str>) -> Result<Next, DeskError> {
        let Some(token) = token.filter(|_| !self.services.config.start.secrets.is_empty()) else { return Ok(Next::to(BY_NUMBER)) };
        let guess = self.guess("a ticket").await?;
        let asked = tokio::time::Instant::now();
        let ticket = match self.services.take_ticket(token).await {
            Ok(ticket) => ticket,
            Err(StartRefused::Store(error)) => return Err(error.into()),
            Err(refused) => {
                tracing::info!(why = %refused, "a ticket of the shop did not open");
                self.was_wrong(&guess);
                self.services.clock.hold_back(asked, SLOW_NO).await;
                return Ok(Next::to(AGAIN));
            }
        };
        self.was_right(guess).await?;
        let next = match ticket.opens {
            Opens::Order(number) if ticket.withdraws => {
                self.visitor.session.recognise_order(number.as_str());
                self.keep_session(true).await?;
                let order: String = form_urlencoded::byte_serialize(number.as_str().as_bytes()).collect();
                Next::with_session(format!("{WITHDRAW}?order={order}"))
            }
            Opens::Account(account) if ticket.withdraws => {
                let next = self.come_as(account).await?;
                // Who is asked first whose orders it is to be finds the way from there.
                if self.visitor.session.data.other_account.is_some() { next } else { Next { path: WITHDRAW.into(), ..next } }
            }
            Opens::Order(number) => self.begin(number, ticket.wanted.as_ref()).await?,
            Opens::Account(account) => self.come_as(account).await?,
        };
        Ok(Next { language: ticket.locale, ..next })
    }

    /// Who already sees another account's orders here is asked first: a link that somebody else made must not put them into an account of
    /// that person's, and one device may serve two customers.
    async fn come_as(&mut self, account: Account) -> Result<Next, DeskError> {
        let data = &mut self.visitor.session.data;
        if data.account.as_ref().is_none_or(|known| *known == account) {
            return self.sign_in(account).await;
        }
        data.other_account = Some(account);
        self.keep_session(false).await?;
        Ok(Next::with_session("/account"))
    }

    /// Lets a visitor see all orders of an account from here on.
    pub(super) async fn sign_in(&mut self, account: Account) -> Result<Next, DeskError> {
        let session = &mut self.visitor.session;
        session.recognise_account(account);
        session.data.login = LoginForm::default();
        self.keep_session(true).await?;
        Ok(Next::with_session("/account"))
    }

    /// A draft, continued on this device.
    pub async fn carry_on(&mut self, link: &str) -> Result<Next, DeskError> {
        let Ok(id) = self.services.open_link(Purpose::Draft, link) else { return Ok(Next::to(OVER)) };
        let found = self.services.draft(&id).await?;
        let Some((draft, _)) = found else { return Ok(Next::to(OVER)) };
        if let Some(rma) = draft.rma {
            return self.show(rma).await;
        }
        let session = &mut self.visitor.session;
        let renew = !draft.orders.iter().all(|order| session.data.knows_order(order.as_str()));
        for order in &draft.orders {
            session.hold_draft(order.as_str(), &id);
        }
        self.keep_session(renew).await?;
        Ok(Next::with_session(format!("/return/{id}/{}", draft.stands_at())))
    }

    /// A return, from a mail about it. A link that is over leads to the same page, which then asks whose return it is.
    pub async fn follow_mail(&mut self, link: &str) -> Result<Next, DeskError> {
        self.follow_mail_to(link, "").await
    }

    /// What is asked once a return is over, with the stars that were clicked.
    pub async fn rate_by_mail(&mut self, link: &str, stars: &str) -> Result<Next, DeskError> {
        let stars: u8 = stars.parse().ok().filter(|stars| (1..=MOST_STARS).contains(stars)).ok_or(DeskError::NotFound)?;
        self.follow_mail_to(link, &format!("/{}?{}={stars}", <Rate as CommandForm>::PAGE, Rate::STARS)).await
    }

    /// `page`: which of the return's, and what is asked of it.
    async fn follow_mail_to(&mut self, link: &str, page: &str) -> Result<Next, DeskError> {
        let (subject, over) = match self.services.open_link(Purpose::Return, link) {
            Ok(subject) => (subject, false),
            Err(LinkError::Expired(subject)) => (subject, true),
            Err(LinkError::Forged) => return Ok(Next::to(OVER)),
        };
        let rma: RmaNumber = subject.parse().map_err(|_| DeskError::NotFound)?;
        if over || self.visitor.session.data.knows_return(rma) {
            return Ok(Next::to(format!("/returns/{rma}{page}")));
        }
        self.show_at(rma, page).await
    }
}
