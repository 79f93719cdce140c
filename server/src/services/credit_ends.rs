//! Credit that ends (P16): only where the shop says so and the law lets it, told a month before, and booked once as an entry of its own.

use app::messages::Occasion;
use domain::credit::{CreditKind, Moved, left_of};
use domain::credit_term::last_day;
use domain::money::Money;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;

use super::Services;
use super::later::AboutCredit;
use crate::store::{self, Booked, Conn, CreditEntry, NewJob, OrderRow, StoreError};

/// So long before its end the holder is told of it.
const TOLD_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Entries at once; the rest waits for the next time.
const MOST: i64 = 200;
/// How the cause of an entry that ends another, or takes it back, begins.
pub(super) const ENDS: &str = "expire:";
pub(super) const WITHDRAWS: &str = "withdraw:";

/// Credit that ends soon, as its holder is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndsSoon {
    /// What would end, if nothing more is spent.
    pub left: Money,
    /// The last day on which it can be spent, in the shop's zone.
    pub last: Date,
    /// The order that brought it.
    pub order: String,
}

impl Services {
    /// When credit ends that an order brings at that moment: with the end of its last day in the shop's zone. Nothing: never.
    pub(super) fn credit_ends_at(&self, row: &OrderRow, at: Timestamp) -> Option<Timestamp> {
        let (settings, zone) = (&self.config.credit, self.shop_zone());
        let to = row.order.ship_to.as_ref();
        let region = to.and_then(|address| address.region.as_deref());
        let last = last_day(&settings.ends_in, settings.ends_after_months, row.order.country(), region, at.to_zoned(zone.clone()).date())?;
        last.checked_add(1.day()).ok()?.to_zoned(zone).ok().map(|end| end.timestamp())
    }

    /// Ends what is over. Nothing ends while the shop's settings let nothing end.
    pub async fn end_credit(&self) -> Result<(), StoreError> {
        if !self.config.credit.ends() {
            return Ok(());
        }
        let now = self.clock.now();
        loop {
            let over = self.store.write(move |mut conn| {
                Box::pin(async move {
                    let conn = &mut conn;
                    let over = store::credit_over(conn, now.as_millisecond(), MOST).await?;
                    for entry in &over {
                        end(conn, entry, now).await?;
                    }
                    Ok::<_, StoreError>(over.len())
                })
            });
            if over.await? < MOST as usize {
                return Ok(());
            }
        }
    }

    /// Has holders told, each once, of what ends within a month.
    pub async fn tell_of_credit_ends(&self) -> Result<(), StoreError> {
        if !self.config.credit.ends() {
            return Ok(());
        }
        let now = self.clock.now();
        let by = now.checked_add(TOLD_BEFORE).unwrap_or(Timestamp::MAX).as_millisecond();
        loop {
            let told = self.store.write(move |mut conn| {
                Box::pin(async move {
                    let conn = &mut conn;
                    let soon = store::credit_to_tell(conn, by, MOST).await?;
                    for entry in &soon {
                        if store::note_credit_told(conn, entry, now.as_millisecond()).await? {
                            let about = json!(AboutCredit { entry: entry.clone() });
                            let job = NewJob::new(Occasion::CreditEnding.mail_job(), &about, now.as_millisecond());
                            store::enqueue(conn, &job).await?;
                        }
                    }
                    Ok::<_, StoreError>(soon.len())
                })
            });
            if told.await? < MOST as usize {
                return Ok(());
            }
        }
    }

    /// What of an entry would end soon; nothing where nothing is left of it, or its end is over.
    pub async fn credit_that_ends(&self, entry: &str) -> Result<Option<EndsSoon>, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let Some(known) = store::credit_entry(&mut conn, entry).await? else { return Ok(None) };
        if known.expires_at.is_none_or(|ends| ends <= self.clock.now()) {
            return Ok(None);
        }
        let left = left_of_credit(&mut conn, &known, false).await?;
        Ok(self.ends_with(&known, left).filter(|_| left > 0))
    }

    /// The end of an entry of which so much was left; nothing where it has none.
    pub(super) fn ends_with(&self, entry: &CreditEntry, left: i64) -> Option<EndsSoon> {
        // The last moment of its last day.
        let last = (entry.expires_at? - SignedDuration::from_millis(1)).to_zoned(self.shop_zone()).date();
        Some(EndsSoon { left: Money::new(left, entry.currency), last, order: entry.order.clone()? })
    }
}

/// An entry of a ledger, whatever is kept there.
pub(super) struct LedgerLine<'l> {
    pub id: &'l str,
    pub amount: i64,
    pub kind: CreditKind,
    pub expires_at: Option<Timestamp>,
    pub reference: Option<&'l str>,
    pub cause: &'l str,
}

impl<'l> From<&'l CreditEntry> for LedgerLine<'l> {
    fn from(entry: &'l CreditEntry) -> Self {
        let CreditEntry { id, amount, kind, expires_at, reference, cause, .. } = entry;
        Self { id, amount: *amount, kind: *kind, expires_at: *expires_at, reference: reference.as_deref(), cause }
    }
}

/// What is left of the entry of that `id` in a whole ledger, the oldest first.
pub(super) fn left_in<'l>(ledger: &[LedgerLine<'l>], id: &str) -> i64 {
    let place = |id: &str| ledger.iter().position(|line| line.id == id);
    let ends = |cause: &str| [ENDS, WITHDRAWS].iter().find_map(|begins| cause.strip_prefix(begins)).and_then(place);
    let moved = |line: &LedgerLine<'l>| {
        let LedgerLine { amount, kind, expires_at, reference, cause, .. } = *line;
        Moved { amount, kind, expires_at, reference, ends: ends(cause) }
    };
    let moves: Vec<Moved<'_>> = ledger.iter().map(moved).collect();
    place(id).and_then(|place| left_of(&moves).get(place).copied()).unwrap_or(0)
}

/// What is left of an entry, minor units.
pub(super) async fn left_of_credit(conn: &mut Conn<'_>, entry: &CreditEntry, locked: bool) -> Result<i64, StoreError> {
    let ledger = store::credit_ledger(conn, &entry.holder, entry.currency, locked).await?;
    Ok(left_in(&ledger.iter().map(LedgerLine::from).collect::<Vec<_>>(), &entry.id))
}

/// Ends an entry: what is left of it goes, as an entry of its own.
async fn end(conn: &mut Conn<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    if let Some(known) = store::credit_entry(conn, id).await? {
        let left = left_of_credit(conn, &known, true).await?;
        if left > 0 {
            let gone = Money::new(-left, known.currency);
            let cause = format!("{ENDS}{id}");
            let entry = CreditEntry {
                rma: known.rma,
                order: known.order.clone(),
                ..CreditEntry::new(known.holder.clone(), CreditKind::Expire, gone, cause, now)
            };
            if store::book_credit(conn, &entry).await? == Booked::TooMuch {
                return Err(StoreError::corrupt("credit", format!("its ledger has more than its balance at {id}")));
            }
        }
    }
    store::note_credit_ended(conn, id, now.as_millisecond()).await?;
    Ok(())
}
