//! The shopper's desk: recognises visitors, and answers only what is theirs (P13).

use std::time::Duration;

use app::ports::{DeskError, Mistake, Noted};
use domain::ids::{OrderNumber, phone_key};
use domain::order::Customer;
use domain::returns::Return;
use domain::rma::RmaNumber;

use super::draft::Draft;
use super::session::Visitor;
use crate::secrets;
use crate::services::Services;
use crate::store::{self, OrderRow, StoreError};

/// In which wrong guesses are counted.
pub(super) const WINDOW: i64 = 15 * 60 * 1000;
/// Every "no" takes this long, so that its time tells nothing.
pub(super) const SLOW_NO: Duration = Duration::from_millis(150);

/// A shopper at the desk.
#[derive(Clone)]
pub struct Desk {
    pub(super) services: Services,
    /// Who.
    pub visitor: Visitor,
}

/// Logs what failed and answers with a reference to it.
pub fn failed(error: &(dyn std::error::Error + 'static)) -> DeskError {
    let store = std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref::<StoreError>());
    match store {
        Some(StoreError::Newer) => return DeskError::Updating,
        Some(busy) if busy.is_passing() => {
            tracing::warn!(error = busy as &dyn std::error::Error, "the database was too busy for a page");
            return DeskError::Updating;
        }
        _ => {}
    }
    let reference: String = secrets::token().chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain = format!("{chain}: {cause}");
        source = cause.source();
    }
    tracing::error!(%reference, error = chain, "a page failed");
    DeskError::Failed { reference }
}

impl Desk {
    /// For a visitor.
    pub fn new(services: Services, visitor: Visitor) -> Self {
        Self { services, visitor }
    }

    /// The draft, if it is this visitor's.
    pub(super) async fn own_draft(&self, id: &str) -> Result<(Draft, i64), DeskError> {
        let found = self.services.draft(id).await.map_err(|error| failed(&error))?;
        let Some((draft, version)) = found else { return Err(DeskError::NotFound) };
        let data = &self.visitor.session.data;
        if let Some(rma) = draft.rma
            && self.may_see(rma).await?
        {
            return Err(DeskError::Moved(format!("/returns/{rma}")));
        }
        if draft.orders.iter().all(|order| data.knows_order(&order.key())) { Ok((draft, version)) } else { Err(DeskError::Gone) }
    }

    /// The return, if it is this visitor's.
    pub(super) async fn own_return(&self, rma: &str) -> Result<Return, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let mistake = self.visitor.session.data.verify.clone().filter(|(of, _)| *of == rma).map(|(_, noted)| noted);
        let verify = || DeskError::Verify { rma, mistakes: mistake.into_iter().collect() };
        if !self.may_see(rma).await? {
            // Whether there is such a return is not told either.
            return Err(verify());
        }
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        store::find_return(&mut read.conn(), rma).await.map_err(|error| failed(&error))?.ok_or_else(verify)
    }

    /// Whether this visitor may see a return: they were recognised for it, or it is of orders that are theirs.
    pub async fn may_see(&self, rma: RmaNumber) -> Result<bool, DeskError> {
        let data = &self.visitor.session.data;
        let Some(account) = data.account.as_ref().filter(|_| !data.knows_return(rma)) else { return Ok(data.knows_return(rma)) };
        self.services.is_of_account(rma, account).await.map_err(|error| failed(&error))
    }

    pub(super) async fn order(&self, number: &OrderNumber) -> Result<OrderRow, DeskError> {
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        store::find_order(&mut read.conn(), number.as_str()).await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)
    }

    /// Recognises a visitor for an order. Unknown and mismatched answer the same, in the same time.
    pub(super) async fn recognise_order(&self, number: &str, contact: &str) -> Result<Option<OrderNumber>, DeskError> {
        let key = domain::ids::order_key(number);
        self.check_guesses(&[self.by_address(), format!("order:{key}")]).await?;
        let asked = tokio::time::Instant::now();
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let found = store::find_order(&mut read.conn(), number).await.map_err(|error| failed(&error))?;
        drop(read);
        if let Some(row) = found.filter(|row| is_contact_of(&row.order.customer, contact)) {
            return Ok(Some(row.order.number));
        }
        self.count_guess(&[self.by_address(), format!("order:{key}")]).await?;
        self.services.clock.hold_back(asked, SLOW_NO).await;
        Ok(None)
    }

    /// Recognises a visitor for a return, likewise.
    pub(super) async fn recognise_return(&self, rma: RmaNumber, contact: &str) -> Result<bool, DeskError> {
        let subjects = [self.by_address(), format!("return:{rma}")];
        self.check_guesses(&subjects).await?;
        let asked = tokio::time::Instant::now();
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let found = store::find_return(&mut read.conn(), rma).await.map_err(|error| failed(&error))?;
        drop(read);
        let theirs = found.is_some_and(|request| {
            let contact_of =
                Customer { id: None, name: None, email: request.contact.email, phone: request.contact.phone, tier: None, locale: None };
            is_contact_of(&contact_of, contact)
        });
        if !theirs {
            self.count_guess(&subjects).await?;
            self.services.clock.hold_back(asked, SLOW_NO).await;
        }
        Ok(theirs)
    }

    pub(super) fn by_address(&self) -> String {
        format!("address:{}", self.visitor.address)
    }

    /// Whether there were too many wrong guesses from an address and, where there is one, at a second subject.
    pub(super) async fn check_guesses(&self, subjects: &[String]) -> Result<(), DeskError> {
        let limits = self.services.config.limits;
        let now = self.services.clock.millis();
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        for (subject, most) in subjects.iter().zip([limits.lookups_per_address, limits.lookups_per_order]) {
            if store::attempts(&mut read.conn(), subject, WINDOW, now).await.map_err(|error| failed(&error))? >= most {
                // What was typed as a number may be a mail address.
                let at = if subject.starts_with("order:") { "an order" } else { subject };
                tracing::warn!(at, "too many wrong guesses");
                return Err(DeskError::Busy);
            }
        }
        Ok(())
    }

    pub(super) async fn count_guess(&self, subjects: &[String]) -> Result<(), DeskError> {
        let (subjects, now) = (subjects.to_vec(), self.services.clock.millis());
        self.services
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    for subject in &subjects {
                        store::count_attempt(&mut conn, subject, WINDOW, now).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(|error| failed(&error))
    }
}

/// Whether what somebody typed is this customer's mail address or phone number.
fn is_contact_of(customer: &Customer, typed: &str) -> bool {
    let typed_mail: String = typed.trim().chars().map(domain::ids::half_width).collect::<String>().to_lowercase();
    let by_mail = customer.email.as_ref().is_some_and(|email| email.key() == typed_mail);
    let by_phone = match (&customer.phone, phone_key(typed)) {
        (Some(phone), Some(key)) if !typed.contains(['@', '＠']) => phone.key() == key,
        _ => false,
    };
    by_mail || by_phone
}

/// A mistake at a field.
pub(super) fn noted(field: impl Into<String>, mistake: Mistake) -> Noted {
    Noted { field: field.into(), mistake }
}
