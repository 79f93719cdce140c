//! A gateway's report is held against our books: each difference is finance's to look at, until somebody says why it is none or a later report agrees.

use std::collections::{HashMap, HashSet};

use domain::ids::OrderNumber;
use domain::money::Money;
use domain::reconcile::{Compared, Difference, DifferenceKind, Ours, Theirs, compare};
use domain::returns::PaymentNo;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Services;
use super::access::AtPayments;
use super::once::IdempotencyKey;
use super::refund_names::{named, refund_name};
use super::refusals::OpenError;
use crate::gateways::MOST_ROWS;
use crate::store::{self, AuditNote, Conn, DifferenceRow, ReportRow, StoreError};

/// Letters of what is said.
const LONGEST_SAID: usize = 300;
/// Differences of a list at once.
pub const MOST_DIFFERENCES: i64 = 200;

/// A report that was sent.
#[derive(Clone, Debug)]
pub struct Report {
    /// What its file is called.
    pub name: String,
    pub refunds: Vec<Theirs>,
    /// From when to when it tells, both included; nothing: from its first moment to its last.
    pub within: Option<(Timestamp, Timestamp)>,
}

/// Why something about differences was not done.
#[derive(Debug, thiserror::Error)]
pub enum DifferenceError {
    #[error("there is no such difference")]
    Unknown,
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for DifferenceError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

impl Services {
    /// Holds a report against our books, by the same key once; what it shows is written down with it, and what it agrees with is settled.
    pub async fn reconcile(&self, access: &AtPayments, report: Report, key: Option<IdempotencyKey>) -> Result<ReportRow, DifferenceError> {
        let (services, now, by) = (self.clone(), self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if let Some(key) = &key
                    && let Some((before, _)) = key.before(conn).await?
                {
                    let number = before.answer.parse().map_err(|_| DifferenceError::KeyReused)?;
                    return store::find_report(conn, number).await?.ok_or(DifferenceError::KeyReused);
                }
                let moments = report.refunds.iter().filter_map(|told| told.at);
                let spans = moments.clone().min().zip(moments.max());
                let within = report.within.or(spans);
                let compared = services.held_against(conn, &report.refunds, within).await?;
                let number = store::next_number(conn, "reconciliations").await?;
                let mut found = 0;
                for difference in &compared.differences {
                    let (rma, order) = whose(conn, difference).await?;
                    found += i64::from(store::put_difference(conn, difference, (rma, order.as_ref()), Some(number), now).await?);
                }
                let mut agreed: Vec<&String> = compared.agreed.iter().collect();
                agreed.sort_unstable();
                let mut ended = 0;
                for about in agreed {
                    ended += store::end_reported(conn, about, number, now).await?;
                }
                let row = ReportRow {
                    number,
                    at: now,
                    who: by.actor.clone(),
                    name: report.name,
                    refunds: report.refunds.len() as i64,
                    within: within.map(|(first, last)| (first.as_millisecond(), last.as_millisecond())),
                    fit: compared.fit as i64,
                    found,
                    ended: ended as i64,
                };
                store::insert_report(conn, &row).await?;
                let note = by.note(now, "reconcile", format!("report:{number}"));
                let after = Some(format!("{} refunds, {} fit, {found} found, {ended} ended", row.refunds, row.fit));
                store::note_audit(conn, &AuditNote { after, ..note }).await?;
                if let Some(key) = key
                    && !key.keep_name(conn, number.to_string(), now).await?
                {
                    return Err(DifferenceError::KeyReused);
                }
                Ok(row)
            })
        });
        written.await
    }

    /// What of a report fits our books, and what does not.
    async fn held_against(
        &self,
        conn: &mut Conn<'_>,
        theirs: &[Theirs],
        within: Option<(Timestamp, Timestamp)>,
    ) -> Result<Compared, StoreError> {
        let mut ours: HashMap<String, Ours> = HashMap::new();
        if let Some((first, last)) = within {
            let rows = store::refunds_within(conn, first.as_millisecond(), last.as_millisecond(), 5 * MOST_ROWS as i64).await?;
            ours.extend(rows.into_iter().map(|row| (row.name.clone(), row)));
        }
        let mut references: HashSet<String> = ours.values().filter_map(|row| row.reference.clone()).collect();
        let mut known = HashSet::new();
        for told in theirs.iter().filter(|told| told.name.as_ref().is_none_or(|name| !ours.contains_key(name))).cloned().collect::<Vec<_>>()
        {
            if references.contains(&told.reference) {
                continue;
            }
            // It was begun at another time, or nobody here began it.
            let name = match store::name_of_refund(conn, &told.reference).await? {
                Some(name) => Some(name),
                None => told.name.clone(),
            };
            let found = match name.as_deref().and_then(named) {
                Some((rma, payment)) => store::refund_of_name(conn, rma, i64::from(payment.0)).await?,
                None => None,
            };
            match found {
                Some(row) => {
                    references.extend(row.reference.clone());
                    ours.insert(row.name.clone(), row);
                }
                None if store::is_outside_refund(conn, &told.reference).await? => {
                    known.insert(told.reference.clone());
                }
                None => {}
            }
        }
        let ours: Vec<Ours> = ours.into_values().collect();
        Ok(compare(theirs, &ours, &known, within))
    }

    /// Differences that are open, the oldest first, after a number.
    pub async fn differences(&self, _access: &AtPayments, after: i64, limit: i64) -> Result<Vec<DifferenceRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::differences_open(&mut read.conn(), after, limit.min(MOST_DIFFERENCES + 1)).await
    }

    /// Differences that are settled, the youngest first, before a number.
    pub async fn differences_settled(&self, _access: &AtPayments, before: i64, limit: i64) -> Result<Vec<DifferenceRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::differences_settled(&mut read.conn(), before, limit.min(MOST_DIFFERENCES + 1)).await
    }

    /// How many are open, as far as [`store::COUNTED`].
    pub async fn differences_counted(&self, _access: &AtPayments) -> Result<i64, StoreError> {
        store::count_differences(&mut self.store.read().await?.conn()).await
    }

    /// Reports that were held against our books, the youngest first.
    pub async fn reports(&self, _access: &AtPayments, limit: i64) -> Result<Vec<ReportRow>, StoreError> {
        store::list_reports(&mut self.store.read().await?.conn(), limit).await
    }

    /// Says why a difference is none any more. One that is settled stays as it is.
    pub async fn settle_difference(&self, access: &AtPayments, number: i64, reason: String) -> Result<DifferenceRow, DifferenceError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let known = store::find_difference(conn, number).await?.ok_or(DifferenceError::Unknown)?;
                if store::settle_difference(conn, number, &by.actor, Some(&reason), now).await? {
                    let note = by.note(now, "settle_difference", format!("difference:{number}"));
                    let before = Some(format!("{} {}", known.what.kind, known.what.about));
                    let private = Some(serde_json::json!({"reason": reason}).to_string());
                    store::note_audit(conn, &AuditNote { before, private, ..note }).await?;
                }
                store::find_difference(conn, number).await?.ok_or(DifferenceError::Unknown)
            })
        });
        written.await
    }
}

/// The return and order that a difference is of, where it names one of ours.
pub(super) async fn whose(conn: &mut Conn<'_>, difference: &Difference) -> Result<(Option<RmaNumber>, Option<OrderNumber>), StoreError> {
    let Some((rma, payment)): Option<(RmaNumber, PaymentNo)> = difference.name.as_deref().and_then(named) else { return Ok((None, None)) };
    let order = store::order_of_payment(conn, rma, i64::from(payment.0)).await?;
    Ok((order.is_some().then_some(rma), order))
}

/// Writes down that a gateway says of a payment of ours what cannot be so.
pub(super) async fn note_odd(
    conn: &mut Conn<'_>,
    (rma, payment): (RmaNumber, PaymentNo),
    order: Option<&OrderNumber>,
    why: &str,
    told: (&str, Money),
    ours: Option<Money>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let name = refund_name(rma, payment);
    let difference = Difference {
        kind: DifferenceKind::Odd,
        // Another that bears our name is another difference.
        about: format!("{name} {}", told.0),
        name: Some(name),
        reference: Some(told.0.to_owned()),
        ours,
        theirs: Some(told.1),
        said: why.chars().take(LONGEST_SAID).collect(),
    };
    store::put_difference(conn, &difference, (Some(rma), order), None, now).await?;
    Ok(())
}
