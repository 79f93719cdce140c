//! What is due before something dearer goes out, paid on a page of the gateway's (P21): asked for once, heard however often and in whatever order, and
//! in the books once.

use domain::ids::OrderNumber;
use domain::money::Money;
use domain::returns::{Awaited, CollectedFor, Command, LotNo, RemedyKind, Return};
use domain::rma::RmaNumber;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::Access;
use super::gateway::Heard;
use super::refusals::{ChangeError, or_gone};
use super::run::Run;
use crate::gateways::{Checkout, CheckoutAsk, CheckoutState, Gateway, GatewayError};
use crate::store::{self, CheckoutIs, GatewayCheckout, StoreError};

/// A customer has so long to pay on a page: shorter than the gateway remembers our names.
const OPEN_FOR: SignedDuration = SignedDuration::from_hours(2);
/// Letters of what the page says it is for.
const LONGEST_WHAT: usize = 200;

/// Where a customer goes to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayPage {
    /// To that page of the gateway's.
    At(String),
    /// Nowhere: nothing is due, or they have paid.
    Nowhere,
}

/// Why there is no page to pay on.
#[derive(Debug, thiserror::Error)]
pub enum NoPage {
    /// No gateway is set, or it does not answer, or not as it should.
    #[error("{0}")]
    NotNow(String),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GatewayError> for NoPage {
    fn from(error: GatewayError) -> Self {
        Self::NotNow(error.to_string())
    }
}

/// Our name for a page at its gateway, the so-manieth of a return.
fn checkout_name(rma: RmaNumber, place: usize) -> String {
    format!("{rma}-d{place}")
}

impl Services {
    /// The page on which what is due for `order` (nothing: for the first order that waits) is paid. The one that is open already, where it is of the same
    /// amount: how it stands is asked first.
    pub async fn pay_page(&self, rma: RmaNumber, order: Option<&OrderNumber>) -> Result<PayPage, NoPage> {
        let Some(gateway) = self.gateway.clone() else { return Err(NoPage::NotNow("no gateway is set".to_owned())) };
        let (request, rows) = {
            let mut read = self.store.read().await?;
            let request = store::find_return(&mut read.conn(), rma).await?.ok_or(ChangeError::Unknown)?;
            (request, store::gateway_checkouts_of(&mut read.conn(), rma).await?)
        };
        if request.newer {
            return Err(StoreError::Newer.into());
        }
        let theirs = |awaited: &Awaited| order.is_none_or(|order| *order == awaited.order);
        let Some(awaited) = request.awaited().into_iter().find(theirs) else { return Ok(PayPage::Nowhere) };
        let amount = Money::new(awaited.amount, awaited.currency);
        for row in rows.iter().filter(|row| row.order == awaited.order && row.state.goes_on()) {
            match self.stands(gateway.as_ref(), row, &request, &awaited).await? {
                // It takes another amount, or nobody knows of it any more: nobody pays there.
                Some(page) if row.amount != amount && page.state == CheckoutState::Open => {
                    let ended = self.ended(gateway.as_ref(), row, &page.reference).await?;
                    if matches!(ended, CheckoutState::Paid | CheckoutState::Waiting) {
                        return Ok(PayPage::Nowhere);
                    }
                }
                Some(page) => match (page.state, page.url) {
                    (CheckoutState::Open, Some(url)) => return Ok(PayPage::At(url)),
                    (CheckoutState::Paid | CheckoutState::Waiting, _) => return Ok(PayPage::Nowhere),
                    (CheckoutState::Open | CheckoutState::Failed | CheckoutState::Expired, _) => {}
                },
                None => {}
            }
        }
        let id = checkout_name(rma, rows.len() + 1);
        let (now, until) = (self.clock.millis(), (Timestamp::now() + OPEN_FOR).as_second());
        let state = CheckoutIs::Asked;
        let new =
            GatewayCheckout { id, rma, order: awaited.order.clone(), amount, state, reference: None, until, asked_at: now, looked_at: now };
        // Written before it is asked for: whoever comes after a crash asks for the same page.
        let written = new.clone();
        let row = self.store.write(move |mut conn| {
            Box::pin(async move {
                match store::find_gateway_checkout(&mut conn, &written.id).await? {
                    // Pressed twice at once.
                    Some(known) => Ok(known),
                    None => store::put_gateway_checkout(&mut conn, &written).await.map(|()| written),
                }
            })
        });
        let row: GatewayCheckout = row.await.map_err(|error: StoreError| error)?;
        let page = self.asked(gateway.as_ref(), &row, &request, &awaited).await?;
        match (page.state, page.url) {
            (CheckoutState::Open, Some(url)) => Ok(PayPage::At(url)),
            (CheckoutState::Paid | CheckoutState::Waiting, _) => Ok(PayPage::Nowhere),
            _ => Err(NoPage::NotNow("the page is over already".to_owned())),
        }
    }

    /// How a page stands, as its gateway says; nothing where it is over without anybody having been there.
    async fn stands(
        &self,
        gateway: &dyn Gateway,
        row: &GatewayCheckout,
        request: &Return,
        awaited: &Awaited,
    ) -> Result<Option<Checkout>, NoPage> {
        match &row.reference {
            Some(reference) => {
                let page = gateway.checkout_of(reference).await?;
                self.heard(&row.id, page).await.map(Some)
            }
            // Its answer was lost: the same name and words bring the same page.
            None if row.until > Timestamp::now().as_second() && row.amount.minor == awaited.amount => {
                match self.asked(gateway, row, request, awaited).await {
                    Ok(page) => Ok(Some(page)),
                    Err(NoPage::NotNow(why)) => {
                        tracing::info!(page = row.id, why, "a page is asked for anew");
                        self.checkout_looked_at(&row.id, true).await?;
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            }
            None => {
                self.checkout_looked_at(&row.id, true).await?;
                Ok(None)
            }
        }
    }

    /// Asks for a page, and writes down where it is.
    async fn asked(&self, gateway: &dyn Gateway, row: &GatewayCheckout, request: &Return, awaited: &Awaited) -> Result<Checkout, NoPage> {
        let names: Vec<String> = awaited.lots.iter().filter_map(|lot| request.lot(*lot)).map(|(line, _)| wanted_of(line)).collect();
        let what: String = names.join(", ").chars().take(LONGEST_WHAT).collect();
        let ask = CheckoutAsk {
            id: row.id.clone(),
            amount: row.amount.minor,
            currency: row.amount.currency,
            order: row.order.to_string(),
            rma: row.rma.to_string(),
            what: if what.is_empty() { row.rma.to_string() } else { what },
            back: self.config.page_in(request.locale, &format!("/returns/{}", row.rma)),
            locale: request.locale,
            until: row.until,
        };
        let page = gateway.checkout(&ask).await?;
        self.heard(&row.id, page).await
    }

    /// Has nobody pay on a page any more; how it ended.
    async fn ended(&self, gateway: &dyn Gateway, row: &GatewayCheckout, reference: &str) -> Result<CheckoutState, NoPage> {
        let page = match gateway.end_checkout(reference).await {
            // It was paid in this moment.
            Err(GatewayError::Permanent { .. }) => gateway.checkout_of(reference).await?,
            ended => ended?,
        };
        Ok(self.heard(&row.id, page).await?.state)
    }

    async fn heard(&self, id: &str, page: Checkout) -> Result<Checkout, NoPage> {
        match self.checkout_said(id, page.clone()).await? {
            Heard::Odd(why) => {
                tracing::error!(page = id, why, "what the gateway says of a payment does not fit");
                Err(NoPage::NotNow(why))
            }
            Heard::Done | Heard::NotOurs | Heard::NotYet => Ok(page),
        }
    }

    /// Takes in how a page stands, as its gateway says, however often and in whatever order it says so.
    pub async fn checkout_said(&self, id: &str, page: Checkout) -> Result<Heard, ChangeError> {
        let found = store::find_gateway_checkout(&mut self.store.read().await?.conn(), id).await?;
        let Some(row) = found else { return Ok(Heard::NotOurs) };
        let (told, heard) = tokio::sync::oneshot::channel();
        let story = self.run(Access::of_system(row.rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                let came = take_in(run, &row.id, page).await?;
                let _ = told.send(came);
                Ok::<_, ChangeError>(())
            })
        });
        match or_gone(story.await)? {
            Some(_) => Ok(heard.await.unwrap_or(Heard::Done)),
            None => Ok(Heard::NotOurs),
        }
    }

    /// Up to `most` pages of which it is not known how they ended, and that nobody looked at since `before` (epoch milliseconds), with whether what they
    /// take is still due.
    pub async fn checkouts_open(&self, before: i64, most: i64) -> Result<Vec<(GatewayCheckout, bool)>, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let mut open = Vec::new();
        for row in store::open_gateway_checkouts(&mut conn, before, most).await? {
            let request = store::find_return(&mut conn, row.rma).await?;
            let takes = |awaited: &Awaited| awaited.order == row.order && awaited.amount == row.amount.minor;
            let wanted = request.is_some_and(|request| request.awaited().iter().any(takes));
            open.push((row, wanted));
        }
        Ok(open)
    }

    /// Writes down that the gateway was asked how a page stands; `over`: that nobody was ever led there.
    pub async fn checkout_looked_at(&self, id: &str, over: bool) -> Result<(), StoreError> {
        let (id, now) = (id.to_owned(), self.clock.millis());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if let Some(known) = store::find_gateway_checkout(&mut conn, &id).await? {
                    let ends = over && known.reference.is_none() && known.state.goes_on();
                    let state = if ends { CheckoutIs::Expired } else { known.state };
                    store::put_gateway_checkout(&mut conn, &GatewayCheckout { state, looked_at: now, ..known }).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        written.await
    }
}

/// What the customer gets for a line, by its name.
fn wanted_of(line: &domain::returns::ReturnLine) -> String {
    let asked = &line.asked;
    asked.exchange_name.clone().or_else(|| asked.exchange_sku.as_ref().map(ToString::to_string)).unwrap_or_else(|| asked.name.clone())
}

/// What a gateway's word makes of a page. What was paid stays so: what says otherwise is older.
async fn take_in(run: &mut Run<'_, '_>, id: &str, page: Checkout) -> Result<Heard, ChangeError> {
    let Some(known) = store::find_gateway_checkout(run.conn, id).await? else { return Ok(Heard::NotOurs) };
    if known.reference.as_ref().is_some_and(|reference| *reference != page.reference) {
        return Ok(Heard::Odd(format!("{} and {} bear one name of ours", known.reference.unwrap_or_default(), page.reference)));
    }
    if (page.amount, page.currency) != (known.amount.minor, known.amount.currency) {
        return Ok(Heard::Odd(format!(
            "{} takes {} {} (minor units) and not {}",
            page.reference, page.amount, page.currency, known.amount.minor
        )));
    }
    let state = now_stands(known.state, page.state);
    let (order, amount) = (known.order.clone(), known.amount);
    if state == CheckoutIs::Paid && known.state != CheckoutIs::Paid {
        let Some(payment) = page.payment else { return Ok(Heard::Odd(format!("{} was paid by no payment", page.reference))) };
        let lots = paid_for(&run.request, &order);
        let (cause, currency, amount) = (CollectedFor::Due, amount.currency, amount.minor);
        run.decide(&Command::Collect { order, lots, cause, currency, amount, payment: Some(payment), reference: None })?;
    }
    let row = GatewayCheckout { state, reference: Some(page.reference), looked_at: run.now.as_millisecond(), ..known };
    store::put_gateway_checkout(run.conn, &row).await?;
    Ok(Heard::Done)
}

/// What was paid for: exchanges of the order that wait, else its last, else all of it.
fn paid_for(request: &Return, order: &OrderNumber) -> Vec<LotNo> {
    if let Some(awaited) = request.awaited().into_iter().find(|awaited| awaited.order == *order) {
        return awaited.lots;
    }
    let theirs = |lot: &LotNo| request.lot(*lot).is_some_and(|(line, _)| line.asked.order == *order);
    let mut exchanges = request.remedies.iter().rev().filter(|remedy| remedy.kind == RemedyKind::Exchange);
    match exchanges.find(|remedy| remedy.lots.iter().all(theirs)) {
        Some(remedy) => remedy.lots.clone(),
        None => request.lots().filter(|(line, _)| line.asked.order == *order).map(|(_, lot)| lot.id).collect(),
    }
}

/// How a page stands that stood so when its gateway says that it stands so. Money that came stays; what is over does not open again.
fn now_stands(known: CheckoutIs, said: CheckoutState) -> CheckoutIs {
    let said = match said {
        CheckoutState::Open => CheckoutIs::Open,
        CheckoutState::Waiting => CheckoutIs::Waiting,
        CheckoutState::Paid => CheckoutIs::Paid,
        CheckoutState::Failed => CheckoutIs::Failed,
        CheckoutState::Expired => CheckoutIs::Expired,
    };
    match known {
        CheckoutIs::Paid => known,
        CheckoutIs::Failed | CheckoutIs::Expired if said != CheckoutIs::Paid => known,
        CheckoutIs::Waiting if said == CheckoutIs::Open => known,
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_order_a_gateway_tells_in_money_that_came_stays() {
        use CheckoutState::{Expired, Failed, Open, Paid, Waiting};
        let end = |told: &[CheckoutState]| told.iter().fold(CheckoutIs::Asked, |known, said| now_stands(known, *said));
        for told in [[Open, Waiting, Paid], [Waiting, Paid, Open], [Paid, Open, Waiting], [Expired, Paid, Open], [Failed, Open, Paid]] {
            assert_eq!(end(&told), CheckoutIs::Paid, "{told:?}");
        }
        assert_eq!(
            (end(&[Waiting, Open]), end(&[Failed, Open]), end(&[Expired, Open])),
            (CheckoutIs::Waiting, CheckoutIs::Failed, CheckoutIs::Expired)
        );
    }
}
