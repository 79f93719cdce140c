//! What customers were told, to be read in the portal itself: the messages about their orders and returns, each as it was when it was told.

use std::collections::HashMap;

use app::messages::{MessageChannel, Occasion, Texts};
use domain::money::Money;
use domain::returns::{Recorded, Return};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;
use serde_json::json;

use super::Services;
use super::credit_ends::EndsSoon;
use super::later::JobKind;
use super::message_templates::OwnWords;
use super::reach::{AboutText, Theirs};
use crate::store::{self, CompensationRow, InboxRow, InboxSubject, NewJob, OutboxRow, StoreError};

/// Messages on one page.
const PAGE: usize = 30;
/// As far as what is unread is counted.
const MOST_UNREAD: i64 = 100;

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub occasion: Occasion,
    pub at: Timestamp,
    pub is_new: bool,
    /// How it was worded then.
    pub texts: Texts,
    pub said: Said,
}

/// What it is about.
#[derive(Clone, Debug)]
pub enum Said {
    /// A return with its events, as they were then.
    Return(Box<Return>, Vec<Recorded>),
    /// Something that was given on top.
    Gift(Box<CompensationRow>),
    /// Money given on an order although nothing comes back; why, in words for the customer.
    Concession { order: String, amount: Money, reason: String },
    /// Credit that ended, or will.
    Credit(EndsSoon),
}

impl Services {
    /// Notes for the inbox of whoever it concerns what the job `row` tells, and has a text sent of it where `by_text` says so; once, however often the job is
    /// done.
    pub async fn note_message(
        &self,
        row: &OutboxRow,
        occasion: Occasion,
        subject: InboxSubject,
        at: Timestamp,
        by_text: bool,
    ) -> Result<(), StoreError> {
        let rma = match &subject {
            InboxSubject::Return { rma, .. } | InboxSubject::Gift { rma, .. } => Some(*rma),
            InboxSubject::Concession { .. } | InboxSubject::Credit { .. } => None,
        };
        let about = AboutText { occasion: occasion.mail_job().to_owned(), subject: subject.clone() };
        let text = NewJob::new(JobKind::TextSend.code(), &json!(about), self.clock.millis());
        let text = match rma {
            Some(rma) => text.about(rma.to_string()),
            None => text,
        };
        let message = InboxRow { id: row.id.clone(), subject, occasion, at: at.as_millisecond(), read_at: None };
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if store::put_message(&mut conn, &message).await? && by_text {
                    store::enqueue(&mut conn, &text).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        written.await?;
        if by_text {
            self.wake.notify_one();
        }
        if let Some(rma) = rma {
            self.store.tell(rma, &self.live);
        }
        Ok(())
    }

    /// What their messages are about, as the store finds them.
    pub async fn subjects(&self, theirs: &Theirs) -> Result<Vec<String>, StoreError> {
        let mut subjects: Vec<String> = theirs.returns.iter().copied().map(store::of_return).collect();
        if let Some(account) = &theirs.account {
            let mut read = self.store.read().await?;
            subjects.extend(store::subjects_of(&mut read.conn(), account).await?);
        }
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    /// How many of these nobody has read, as far as a hundred.
    pub async fn unread(&self, subjects: &[String]) -> Result<u64, StoreError> {
        if subjects.is_empty() {
            return Ok(0);
        }
        let mut read = self.store.read().await?;
        let unread = store::count_unread(&mut read.conn(), subjects, MOST_UNREAD).await?;
        Ok(u64::try_from(unread).unwrap_or_default())
    }

    /// Their messages in a language, the newest first, from before one of them, and the last of them where there are more. They count as read from then on.
    pub async fn read_inbox(
        &self,
        theirs: &Theirs,
        locale: Locale,
        before: Option<&str>,
    ) -> Result<(Vec<Message>, Option<String>), StoreError> {
        let subjects = self.subjects(theirs).await?;
        let (messages, last) = self.messages(&subjects, locale, before, PAGE).await?;
        let new: Vec<String> = messages.iter().filter(|message| message.is_new).map(|message| message.id.clone()).collect();
        if !new.is_empty() {
            let now = self.clock.millis();
            self.store.write(move |mut conn| Box::pin(async move { store::mark_read(&mut conn, &new, now).await })).await?;
        }
        Ok((messages, last))
    }

    /// The latest of their messages, as many as `most`, and how many nobody has read. They stay unread.
    pub async fn peek_inbox(&self, theirs: &Theirs, locale: Locale, most: usize) -> Result<(Vec<Message>, u64), StoreError> {
        let subjects = self.subjects(theirs).await?;
        let (messages, _) = self.messages(&subjects, locale, None, most).await?;
        Ok((messages, self.unread(&subjects).await?))
    }

    /// Messages about these, and the last of them where there are more.
    async fn messages(
        &self,
        subjects: &[String],
        locale: Locale,
        before: Option<&str>,
        most: usize,
    ) -> Result<(Vec<Message>, Option<String>), StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let mut rows = store::list_messages(conn, subjects, before, most as i64 + 1).await?;
        let more = rows.len() > most;
        rows.truncate(most);
        let last = rows.last().map(|row| row.id.clone()).filter(|_| more);
        let occasions: Vec<Occasion> = rows.iter().map(|row| row.occasion).collect();
        let words = OwnWords::read(conn, locale, &occasions).await?;
        let mut stories: HashMap<RmaNumber, Vec<Recorded>> = HashMap::new();
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let said = match &row.subject {
                InboxSubject::Return { rma, event } => {
                    if !stories.contains_key(rma) {
                        stories.insert(*rma, store::events_of(conn, *rma).await?);
                    }
                    let story = stories.get(rma).map(Vec::as_slice).unwrap_or_default();
                    let then: Vec<Recorded> = story.iter().take_while(|recorded| recorded.seq <= *event).cloned().collect();
                    Return::replay(&then).map(|request| Said::Return(Box::new(request), then))
                }
                InboxSubject::Gift { gift, .. } => store::find_compensation(conn, gift).await?.map(|row| Said::Gift(Box::new(row))),
                InboxSubject::Credit { entry, left, .. } => {
                    store::credit_entry(conn, entry).await?.and_then(|known| self.ends_with(&known, *left)).map(Said::Credit)
                }
                InboxSubject::Concession { order, id } => {
                    let made = store::find_concession(conn, id).await?;
                    let order = store::find_order(conn, order).await?;
                    made.zip(order).map(|(made, row)| Said::Concession {
                        order: made.order.to_string(),
                        amount: row.order.money(made.amount),
                        reason: made.reason,
                    })
                }
            };
            let InboxRow { id, occasion, at, read_at, .. } = row;
            let at = Timestamp::from_millisecond(at).unwrap_or_default();
            let texts = words.texts(occasion, MessageChannel::Inbox, at);
            // What was erased since is told no more.
            messages.extend(said.map(|said| Message { id, occasion, at, is_new: read_at.is_none(), texts, said }));
        }
        Ok((messages, last))
    }
}
