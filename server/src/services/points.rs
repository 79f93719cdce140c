//! Points (C35): given for what went wrong, spent by the shop's checkout, given back where nothing came of it, each once; ended when their time is over.

use domain::compensation::PointsKind;
use domain::entry::Account;
use jiff::Timestamp;

use super::Services;
use super::access::AtCredit;
use super::credit::{holders, redeemed, released};
use super::credit_ends::{ENDS, LedgerLine, left_in};
use crate::store::{self, AuditNote, Booked, Conn, PointsEntry, StoreError};

/// Entries that a page shows.
pub const MOST_POINTS_ENTRIES: usize = 100;
/// Entries at once; the rest waits for the next time.
const MOST: i64 = 200;

/// Points that are to be spent.
#[derive(Clone, Debug)]
pub struct RedeemPoints {
    /// Above 0.
    pub points: i64,
    /// The shop's name for it: plain letters, no spaces.
    pub reference: String,
    /// The order they are spent on.
    pub order: Option<String>,
}

/// What somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointsHeld {
    pub balance: i64,
    /// The newest first.
    pub entries: Vec<PointsEntry>,
}

/// Why points were not spent, or not given back.
#[derive(Debug, thiserror::Error)]
pub enum PointsError {
    #[error("there are not so many; {0} are left")]
    TooMuch(i64),
    #[error("this reference was used for something else")]
    OtherTerms,
    #[error("what was spent by this reference was given back; take another reference")]
    Released,
    #[error("nothing was spent by this reference")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// What a holder has, with up to `most` entries before one of that id.
    pub async fn points_of(&self, holder: &str, before: Option<&str>, most: i64) -> Result<PointsHeld, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let balance = store::points_balance(&mut conn, holder).await?;
        Ok(PointsHeld { balance, entries: store::points_entries(&mut conn, holder, before, most).await? })
    }

    /// What somebody has who showed that an account is theirs, by whatever name the shop keeps it.
    pub async fn points_of_account(&self, account: &Account) -> Result<PointsHeld, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let mut whole = PointsHeld::default();
        for holder in holders(&mut conn, account).await? {
            whole.balance += store::points_balance(&mut conn, &holder).await?;
            whole.entries.extend(store::points_entries(&mut conn, &holder, None, MOST_POINTS_ENTRIES as i64 + 1).await?);
        }
        whole.entries.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(whole)
    }

    /// Spends a holder's points, once for each reference.
    pub async fn redeem_points(&self, access: AtCredit, holder: &str, asked: RedeemPoints) -> Result<PointsEntry, PointsError> {
        let (holder, now) = (holder.to_owned(), self.clock.now());
        let story = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let cause = redeemed(&holder, &asked.reference);
                if let Some(known) = store::find_points_entry(conn, &cause).await? {
                    return as_before(conn, known, &asked).await;
                }
                // What is over is not spent, whether its end was booked yet or not.
                for entry in
                    store::points_ledger(conn, &holder).await?.iter().filter(|entry| entry.expires_at.is_some_and(|end| end <= now))
                {
                    end(conn, entry, now).await?;
                }
                let entry = PointsEntry {
                    reference: Some(asked.reference.clone()),
                    order: asked.order.clone(),
                    ..PointsEntry::new(holder, PointsKind::Redeem, -asked.points, cause, now)
                };
                match store::book_points(conn, &entry).await? {
                    Booked::New => {}
                    // Somebody did the same at this moment.
                    Booked::Known => {
                        let known = store::find_points_entry(conn, &entry.cause).await?.ok_or(PointsError::OtherTerms)?;
                        return as_before(conn, known, &asked).await;
                    }
                    Booked::TooMuch => return Err(PointsError::TooMuch(store::points_balance(conn, &entry.holder).await?)),
                }
                note(conn, &access, "redeem_points", &entry).await?;
                Ok(entry)
            })
        });
        story.await
    }

    /// Gives back what was spent by a reference, whole and once.
    pub async fn release_points(&self, access: AtCredit, holder: &str, reference: &str) -> Result<PointsEntry, PointsError> {
        let (holder, reference, now) = (holder.to_owned(), reference.to_owned(), self.clock.now());
        let story = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let spent = store::find_points_entry(conn, &redeemed(&holder, &reference)).await?.ok_or(PointsError::Unknown)?;
                let cause = released(&holder, &reference);
                let entry = PointsEntry {
                    reference: Some(reference),
                    order: spent.order,
                    ..PointsEntry::new(holder, PointsKind::Release, -spent.amount, cause, now)
                };
                if store::book_points(conn, &entry).await? == Booked::New {
                    note(conn, &access, "release_points", &entry).await?;
                    return Ok(entry);
                }
                store::find_points_entry(conn, &entry.cause).await?.ok_or(PointsError::Unknown)
            })
        });
        story.await
    }

    /// Ends points whose time is over.
    pub async fn end_points(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        loop {
            let over = self.store.write(move |mut conn| {
                Box::pin(async move {
                    let conn = &mut conn;
                    let over = store::points_over(conn, now.as_millisecond(), MOST).await?;
                    for id in &over {
                        match store::points_entry(conn, id).await? {
                            Some(entry) => end(conn, &entry, now).await?,
                            None => store::note_points_ended(conn, id, now.as_millisecond()).await?,
                        }
                    }
                    Ok::<_, StoreError>(over.len())
                })
            });
            if over.await? < MOST as usize {
                return Ok(());
            }
        }
    }
}

/// Ends an entry: what is left of it goes, as an entry of its own.
async fn end(conn: &mut Conn<'_>, entry: &PointsEntry, now: Timestamp) -> Result<(), StoreError> {
    let left = left_of_points(conn, entry).await?;
    if left > 0 {
        let gone = PointsEntry {
            rma: entry.rma,
            order: entry.order.clone(),
            ..PointsEntry::new(entry.holder.clone(), PointsKind::Expire, -left, format!("{ENDS}{}", entry.id), now)
        };
        if store::book_points(conn, &gone).await? == Booked::TooMuch {
            return Err(StoreError::corrupt("points", format!("their ledger has more than its balance at {}", entry.id)));
        }
    }
    store::note_points_ended(conn, &entry.id, now.as_millisecond()).await
}

impl<'l> From<&'l PointsEntry> for LedgerLine<'l> {
    fn from(entry: &'l PointsEntry) -> Self {
        let PointsEntry { id, amount, kind, expires_at, reference, cause, .. } = entry;
        Self { id, amount: *amount, kind: kind.as_credit(), expires_at: *expires_at, reference: reference.as_deref(), cause }
    }
}

/// What is left of an entry. Nobody books in its ledger before this transaction is over.
pub(super) async fn left_of_points(conn: &mut Conn<'_>, entry: &PointsEntry) -> Result<i64, StoreError> {
    let ledger = store::points_ledger(conn, &entry.holder).await?;
    Ok(left_in(&ledger.iter().map(LedgerLine::from).collect::<Vec<_>>(), &entry.id))
}

/// What was answered to that reference before, where it was asked for the same.
async fn as_before(conn: &mut Conn<'_>, known: PointsEntry, asked: &RedeemPoints) -> Result<PointsEntry, PointsError> {
    if known.amount != -asked.points || known.order != asked.order {
        return Err(PointsError::OtherTerms);
    }
    match store::find_points_entry(conn, &released(&known.holder, &asked.reference)).await? {
        Some(_) => Err(PointsError::Released),
        None => Ok(known),
    }
}

async fn note(conn: &mut Conn<'_>, access: &AtCredit, what: &str, entry: &PointsEntry) -> Result<(), StoreError> {
    let note = access.by().note(entry.at, what, format!("points:{}", entry.id));
    let after = Some(format!("{} by {}", entry.amount, entry.reference.as_deref().unwrap_or_default()));
    // Who has them may be a mail address: that can be erased.
    store::note_audit(conn, &AuditNote { after, private: Some(serde_json::json!({"holder": entry.holder}).to_string()), ..note }).await
}
