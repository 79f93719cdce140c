//! Credit in the shop (P16): spent by the shop's checkout, given back where nothing came of it, each once; shown to whom it belongs.

use domain::credit::CreditKind;
use domain::entry::Account;
use domain::money::Money;
use domain::returns::{Event, PaidTo, Recorded, Return};

use super::Services;
use super::access::AtCredit;
use crate::store::{self, AuditNote, Booked, Conn, CreditEntry, OrderRow, StoreError};

/// Entries that a page shows.
pub const MOST_CREDIT_ENTRIES: usize = 100;

/// Credit that is to be spent.
#[derive(Clone, Debug)]
pub struct Redeem {
    /// Above 0.
    pub amount: Money,
    /// The shop's name for it: plain letters, no spaces.
    pub reference: String,
    /// The order it is spent on.
    pub order: Option<String>,
}

/// What somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// By currency; what is nothing aside.
    pub balances: Vec<Money>,
    /// The newest first.
    pub entries: Vec<CreditEntry>,
}

/// Why credit was not spent, or not given back.
#[derive(Debug, thiserror::Error)]
pub enum CreditError {
    #[error("there is not so much; {} {} is left", .0.decimal(), .0.currency)]
    TooMuch(Money),
    #[error("this reference was used for something else")]
    OtherTerms,
    #[error("what was spent by this reference was given back; take another reference")]
    Released,
    #[error("nothing was spent by this reference")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose credit an order brings: its customer's, by the shop's name for them, else by their mail address; nobody's where neither is known.
pub fn holder_of(row: &OrderRow) -> Option<String> {
    let customer = &row.order.customer;
    customer.id.clone().or_else(|| customer.email.as_ref().map(|email| email.key()))
}

/// The cause of an entry that was spent by a reference. That has no spaces: no reference and holder are taken for another pair.
pub(super) fn redeemed(holder: &str, reference: &str) -> String {
    format!("redeem:{reference} {holder}")
}

/// Likewise of one that was given back.
pub(super) fn released(holder: &str, reference: &str) -> String {
    format!("release:{reference} {holder}")
}

impl Services {
    /// Books each payment that was recorded and left as credit, within the transaction that records it, with the shop's present on top.
    pub(super) async fn book_paid_credit(&self, conn: &mut Conn<'_>, request: &Return, recorded: &[Recorded]) -> Result<(), StoreError> {
        for recorded in recorded {
            let Event::PaymentMade { payment, .. } = &recorded.event else { continue };
            let made = request.payments.iter().find(|known| known.id == *payment);
            let Some((payment, grant)) = made.and_then(|made| Some((made, request.grants.iter().find(|grant| grant.id == made.grant)?)))
            else {
                continue;
            };
            if matches!(payment.to, PaidTo::Manual | PaidTo::Collected { .. }) {
                continue;
            }
            let Some(row) = store::find_order(conn, grant.order.as_str()).await? else { continue };
            if let PaidTo::Payment { place } = payment.to
                && !row.order.payments.get(place).is_some_and(domain::order::Payment::is_credit)
            {
                continue;
            }
            let Some(holder) = holder_of(&row) else { continue };
            let name = format!("{}-{}", request.rma, payment.id);
            let ends = self.credit_ends_at(&row, recorded.at);
            let of = |kind, minor, cause: String| CreditEntry {
                expires_at: ends,
                rma: Some(request.rma),
                order: Some(grant.order.to_string()),
                ..CreditEntry::new(holder.clone(), kind, Money::new(minor, grant.currency), cause, recorded.at)
            };
            store::book_credit(conn, &of(CreditKind::Refund, payment.amount, name)).await?;
            if grant.bonus > 0 && payment.to == PaidTo::StoreCredit {
                let cause = format!("{}-{}-bonus", request.rma, grant.id);
                store::book_credit(conn, &of(CreditKind::Bonus, grant.bonus, cause)).await?;
            }
        }
        Ok(())
    }

    /// What a holder has, with up to `most` entries before one of that id.
    pub async fn credit_of(&self, holder: &str, before: Option<&str>, most: i64) -> Result<Credit, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let balances = store::credit_balances(&mut conn, holder).await?;
        Ok(Credit { balances, entries: store::credit_entries(&mut conn, holder, before, most).await? })
    }

    /// What somebody has who showed that an account is theirs. By a mail address they see what the shop keeps by its own name for them as well, where it
    /// knows no other address of that customer's.
    pub async fn credit_of_account(&self, account: &Account) -> Result<Credit, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let holders = holders(&mut conn, account).await?;
        let mut whole = Credit::default();
        for holder in holders {
            for balance in store::credit_balances(&mut conn, &holder).await? {
                match whole.balances.iter_mut().find(|known| known.currency == balance.currency) {
                    Some(known) => known.minor += balance.minor,
                    None => whole.balances.push(balance),
                }
            }
            whole.entries.extend(store::credit_entries(&mut conn, &holder, None, MOST_CREDIT_ENTRIES as i64 + 1).await?);
        }
        whole.entries.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(whole)
    }

    /// Spends a holder's credit, once for each reference.
    pub async fn redeem_credit(&self, access: AtCredit, holder: &str, asked: Redeem) -> Result<CreditEntry, CreditError> {
        let (holder, now) = (holder.to_owned(), self.clock.now());
        let story = self.store.write(move |mut conn| {
            Box::pin(async move {
                let cause = redeemed(&holder, &asked.reference);
                if let Some(known) = store::find_credit_entry(&mut conn, &cause).await? {
                    return as_before(&mut conn, known, &asked).await;
                }
                let spent = Money::new(-asked.amount.minor, asked.amount.currency);
                let entry = CreditEntry {
                    reference: Some(asked.reference.clone()),
                    order: asked.order.clone(),
                    ..CreditEntry::new(holder, CreditKind::Redeem, spent, cause, now)
                };
                match store::book_credit(&mut conn, &entry).await? {
                    Booked::New => {}
                    // Somebody did the same at this moment.
                    Booked::Known => {
                        let known = store::find_credit_entry(&mut conn, &entry.cause).await?.ok_or(CreditError::OtherTerms)?;
                        return as_before(&mut conn, known, &asked).await;
                    }
                    Booked::TooMuch => {
                        let balances = store::credit_balances(&mut conn, &entry.holder).await?;
                        let left = balances.into_iter().find(|balance| balance.currency == entry.currency);
                        return Err(CreditError::TooMuch(left.unwrap_or(Money::zero(entry.currency))));
                    }
                }
                note(&mut conn, &access, "redeem_credit", &entry).await?;
                Ok(entry)
            })
        });
        story.await
    }

    /// Gives back what was spent by a reference, whole and once.
    pub async fn release_credit(&self, access: AtCredit, holder: &str, reference: &str) -> Result<CreditEntry, CreditError> {
        let (holder, reference, now) = (holder.to_owned(), reference.to_owned(), self.clock.now());
        let story = self.store.write(move |mut conn| {
            Box::pin(async move {
                let spent = store::find_credit_entry(&mut conn, &redeemed(&holder, &reference)).await?;
                let spent = spent.ok_or(CreditError::Unknown)?;
                let cause = released(&holder, &reference);
                let back = Money::new(-spent.amount, spent.currency);
                let entry = CreditEntry {
                    reference: Some(reference),
                    order: spent.order,
                    ..CreditEntry::new(holder, CreditKind::Release, back, cause, now)
                };
                if store::book_credit(&mut conn, &entry).await? == Booked::New {
                    note(&mut conn, &access, "release_credit", &entry).await?;
                    return Ok(entry);
                }
                store::find_credit_entry(&mut conn, &entry.cause).await?.ok_or(CreditError::Unknown)
            })
        });
        story.await
    }
}

/// What was answered to that reference before, where it was asked for the same.
async fn as_before(conn: &mut Conn<'_>, known: CreditEntry, asked: &Redeem) -> Result<CreditEntry, CreditError> {
    if known.amount != -asked.amount.minor || known.currency != asked.amount.currency || known.order != asked.order {
        return Err(CreditError::OtherTerms);
    }
    match store::find_credit_entry(conn, &released(&known.holder, &asked.reference)).await? {
        Some(_) => Err(CreditError::Released),
        None => Ok(known),
    }
}

async fn note(conn: &mut Conn<'_>, access: &AtCredit, what: &str, entry: &CreditEntry) -> Result<(), StoreError> {
    let note = access.by().note(entry.at, what, format!("credit:{}", entry.id));
    let after = Some(format!("{} {} by {}", entry.money().decimal(), entry.currency, entry.reference.as_deref().unwrap_or_default()));
    // Who has it may be a mail address: that can be erased.
    store::note_audit(conn, &AuditNote { after, private: Some(serde_json::json!({"holder": entry.holder}).to_string()), ..note }).await
}

pub(super) async fn holders(conn: &mut Conn<'_>, account: &Account) -> Result<Vec<String>, StoreError> {
    Ok(match account {
        Account::Customer(id) => vec![id.clone()],
        Account::Email(key) => {
            let mut holders = store::customers_of_email(conn, key).await?;
            if !holders.contains(key) {
                holders.push(key.clone());
            }
            holders
        }
    })
}
