//! The return of a withdrawal: everything it is about that is not in a return yet, refunded. Opened once, however often it is tried.

use domain::ids::{Code, OrderNumber};
use domain::policy::{Decision, Resolution};
use domain::returns::{Actor, Return};
use domain::rma::RmaNumber;
use domain::withdrawal::{Items, WaitsFor};
use domain::words::Locale;
use jiff::Timestamp;

use super::Services;
use super::assess::Assessment;
use super::drafts::web;
use super::held::units_taken;
use super::once::IdempotencyKey;
use super::refusals::OpenError;
use super::request::{LineRequest, ReturnRequest, Shown};
use crate::store::{self, OrderRow, StoreError, Withdrawal};

/// Scope of the keys under which withdrawals open their returns, once each.
const WITHDRAWN: &str = "withdrawal";

impl Services {
    /// Opens the return that a withdrawal asks for, where that was not done. What stands in its way waits for a person.
    pub async fn open_withdrawn(&self, id: &str) -> Result<(), StoreError> {
        let Some(found) = self.withdrawal(id).await?.filter(|found| found.waits_for == Some(WaitsFor::ToOpen)) else { return Ok(()) };
        let request = self.what_is_left(&found).await?;
        let opened = match request {
            Some(request) => {
                let key =
                    IdempotencyKey { scope: WITHDRAWN.into(), key: id.to_owned(), digest: String::new(), request: None, answer: None };
                match self.open_return(request, Actor::Customer, Some(key)).await {
                    Ok(opened) => Some(opened.request.rma),
                    Err(OpenError::Store(error)) => return Err(error),
                    Err(refused) => {
                        tracing::info!(withdrawal = id, why = %refused, "a withdrawal waits for a person");
                        None
                    }
                }
            }
            None => None,
        };
        self.note_opened(id, opened).await
    }

    /// Somebody else may have opened it in the same moment, and left nothing to be returned.
    async fn note_opened(&self, id: &str, opened: Option<RmaNumber>) -> Result<(), StoreError> {
        let id = id.to_owned();
        let noted = self.store.write(move |mut conn| {
            Box::pin(async move {
                let rma = match opened {
                    Some(rma) => Some(rma),
                    None => store::find_answer(&mut conn, WITHDRAWN, &id).await?.and_then(|kept| kept.answer.parse().ok()),
                };
                let request = match rma {
                    Some(rma) => store::find_return(&mut conn, rma).await?,
                    None => None,
                };
                let declined =
                    request.as_ref().is_some_and(|request| request.lines.iter().any(|line| line.asked.verdict == Decision::Declined));
                let waits_for = match (rma, declined) {
                    (None, _) => Some(WaitsFor::NotOpened),
                    (Some(_), true) => Some(WaitsFor::PartDeclined),
                    (Some(_), false) => None,
                };
                store::note_opening(&mut conn, &id, rma, waits_for).await
            })
        });
        noted.await.map(|_: bool| ())
    }

    /// What withdrawing from `items` of an order would come to, if it were declared now; nothing where none of it would go ahead.
    pub async fn withdrawal_ahead(&self, order: &OrderNumber, items: &Items) -> Result<Option<Assessment>, StoreError> {
        let mut read = self.store.read().await?;
        let Some((row, returns)) = store::find_order_with_returns(&mut read.conn(), order.as_str()).await? else { return Ok(None) };
        drop(read);
        let request = request_for(&row, &returns, items, &Declaration { channel: web(), locale: None, at: self.clock.now() });
        let Some(request) = request else { return Ok(None) };
        match self.quote_to_open(&request, false).await {
            Ok(assessment) => Ok(Some(assessment).filter(Assessment::goes_ahead)),
            Err(OpenError::Store(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// A request for the units that are not in a return; nothing where there are none.
    async fn what_is_left(&self, found: &Withdrawal) -> Result<Option<ReturnRequest>, StoreError> {
        let Some(number) = &found.order else { return Ok(None) };
        let mut read = self.store.read().await?;
        let Some((row, returns)) = store::find_order_with_returns(&mut read.conn(), number).await? else { return Ok(None) };
        let (channel, locale) = (found.statement.channel.clone(), Some(found.statement.locale));
        Ok(request_for(&row, &returns, &found.statement.items, &Declaration { channel, locale, at: found.received_at }))
    }
}

/// How and when something is declared.
struct Declaration {
    channel: Code,
    locale: Option<Locale>,
    at: Timestamp,
}

/// A request for those of `items` that are not in a return; nothing where there are none.
fn request_for(row: &OrderRow, returns: &[Return], items: &Items, declared: &Declaration) -> Option<ReturnRequest> {
    let mut lines = Vec::new();
    for line in row.order.items() {
        let left = line.quantity.saturating_sub(units_taken(row, returns, &line.id).units);
        let wanted = match items {
            Items::Whole => left,
            Items::Lines(named) => {
                let of_it = named.iter().filter(|named| named.line == line.id);
                of_it.map(|named| named.quantity.unwrap_or(line.quantity)).fold(0, u32::saturating_add).min(left)
            }
            Items::Words(_) => 0,
        };
        if wanted > 0 {
            lines.push(LineRequest {
                order: row.order.number.clone(),
                line: line.id.clone(),
                quantity: wanted,
                // Who withdraws need not say why.
                reason: None,
                sub_reason: None,
                said: Default::default(),
                resolution: Some(Resolution::Refund),
                basis: None,
                exchange_sku: None,
                evidence: Shown::Nothing,
                agreed: None,
            });
        }
    }
    (!lines.is_empty()).then(|| ReturnRequest {
        lines,
        email: None,
        phone: None,
        channel: declared.channel.clone(),
        locale: declared.locale,
        method: None,
        pickup: None,
        withdrawal: true,
        from: None,
        proof: None,
        within: None,
        beside: 0,
        declared_at: Some(declared.at),
    })
}
