//! How a customer is reached: by mail, by text, in which language; as they chose, else by what the shop has of them.

use domain::entry::Account;
use domain::order::{Customer, Order};
use domain::returns::Return;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Services;
use super::credit::holder_of;
use crate::contact::to_dial;
use crate::store::{self, InboxSubject, Reach, StoreError};

/// Whose messages: of an account, and of returns that were opened by a link of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theirs {
    pub account: Option<Account>,
    pub returns: Vec<RmaNumber>,
}

impl Theirs {
    /// Whether there can be none.
    pub fn is_nobody(&self) -> bool {
        self.account.is_none() && self.returns.is_empty()
    }
}

/// How somebody is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    pub by_mail: bool,
    /// The number that texts go to (E.164); nothing where none do.
    pub number: Option<String>,
    /// The language that they chose.
    pub locale: Option<Locale>,
    /// Their time zone (IANA), where it is known.
    pub zone: Option<String>,
}

/// What the job of a text is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AboutText {
    /// As a mail on that occasion is called.
    pub occasion: String,
    #[serde(flatten)]
    pub subject: InboxSubject,
}

/// What somebody may choose from.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// As the choice is kept.
    pub holder: String,
    /// Where mails go, in part.
    pub mail: Option<String>,
    /// Where texts would go, in part; nothing where none can.
    pub number: Option<String>,
    /// What they chose.
    pub chosen: Option<Reach>,
}

/// A number of which others can only tell whether it is theirs.
fn masked(number: &str) -> String {
    let last: String = number.chars().skip(number.chars().count().saturating_sub(3)).collect();
    format!("…{last}")
}

fn names_of(customer: &Customer) -> Vec<String> {
    customer.id.iter().cloned().chain(customer.email.as_ref().map(|email| email.key())).collect()
}

impl Services {
    /// Where a text to this customer would go; nothing where they have no number that somebody takes texts to.
    fn number_of(&self, order: &Order, request: Option<&Return>) -> Option<String> {
        let phone = request.and_then(|request| request.contact.phone.clone()).or_else(|| order.customer.phone.clone())?;
        let country = order.ship_to.as_ref().and_then(|to| to.country);
        to_dial(&phone, country).filter(|number| self.texting.to(number).is_some())
    }

    /// How the customer of an order is reached, about a return of it or without one. Who did not choose gets mails, and texts where there is no address for
    /// mails.
    pub async fn reached(&self, order: &Order, request: Option<&Return>) -> Result<Reached, StoreError> {
        let mut read = self.store.read().await?;
        let chosen = store::find_reach(&mut read.conn(), &names_of(&order.customer)).await?;
        drop(read);
        let mail = request.map_or(&order.customer.email, |request| &request.contact.email);
        let number = self.number_of(order, request).filter(|_| chosen.as_ref().map_or(mail.is_none(), |chosen| chosen.by_text));
        // Nobody is left untold because a number of theirs is gone.
        let by_mail = chosen.as_ref().is_none_or(|chosen| chosen.by_mail) || number.is_none();
        let (locale, zone) = chosen.map(|chosen| (chosen.locale, chosen.zone)).unwrap_or_default();
        Ok(Reached { by_mail, number, locale, zone })
    }

    /// How the customer of a return is reached.
    pub async fn reached_of(&self, request: &Return) -> Result<Reached, StoreError> {
        let mut read = self.store.read().await?;
        let found = match request.orders.first() {
            Some(part) => store::find_order(&mut read.conn(), part.number.as_str()).await?,
            None => None,
        };
        drop(read);
        match found {
            Some(row) => self.reached(&row.order, Some(request)).await,
            None => Ok(Reached { by_mail: true, ..Reached::default() }),
        }
    }

    /// What somebody may choose from, by their latest order; nothing where they have none.
    pub async fn choices(&self, theirs: &Theirs) -> Result<Option<Choices>, StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let (row, request) = match (&theirs.account, theirs.returns.last()) {
            (Some(account), _) => (store::orders_of_account(conn, account, 1).await?.pop().map(|(row, _)| row), None),
            (None, Some(rma)) => {
                let request = store::find_return(conn, *rma).await?;
                let first = request.as_ref().and_then(|request| request.orders.first());
                let row = match first {
                    Some(part) => store::find_order(conn, part.number.as_str()).await?,
                    None => None,
                };
                (row, request)
            }
            (None, None) => (None, None),
        };
        let Some(row) = row else { return Ok(None) };
        let holder = match &theirs.account {
            Some(Account::Email(name) | Account::Customer(name)) => Some(name.clone()),
            None => holder_of(&row),
        };
        let Some(holder) = holder else { return Ok(None) };
        let chosen = store::find_reach(conn, &names_of(&row.order.customer)).await?;
        let mail = request.as_ref().map_or(&row.order.customer.email, |request| &request.contact.email);
        let number = self.number_of(&row.order, request.as_ref()).as_deref().map(masked);
        Ok(Some(Choices { holder, mail: mail.as_ref().map(|mail| mail.masked()), number, chosen }))
    }

    /// A text said that message.
    pub async fn note_texted(&self, subject: InboxSubject) -> Result<(), StoreError> {
        let now = self.clock.millis();
        self.store.write(move |mut conn| Box::pin(async move { store::note_texted(&mut conn, &subject, now).await })).await
    }

    /// Keeps what somebody chose.
    pub async fn choose_reach(&self, holder: String, reach: Reach) -> Result<(), StoreError> {
        let now = self.clock.millis();
        self.store.write(move |mut conn| Box::pin(async move { store::put_reach(&mut conn, &holder, &reach, now).await })).await
    }

    /// The link in a text that lets in to a return: the same however often the text is made, so that it can be found where it was sent to.
    pub fn text_link(&self, rma: RmaNumber, locale: Locale, made: Timestamp) -> String {
        let link = self.sign_link_of(super::links::Purpose::Return, &rma.to_string(), made);
        self.config.page_in(locale, &format!("/r/{link}"))
    }
}
