//! What customers were told, as their inbox shows it: one row a message, written by the job that tells them, under its own name.

use app::messages::Occasion;
use domain::entry::Account;
use domain::rma::RmaNumber;
use serde::{Deserialize, Serialize};

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Returns and orders of which messages are looked for, of one customer at most.
const MOST_SUBJECTS: i64 = 1_000;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// In the order of time.
    pub id: String,
    pub subject: InboxSubject,
    pub occasion: Occasion,
    /// When it was so, epoch milliseconds.
    pub at: i64,
    /// When it was read first; nothing while it was not.
    pub read_at: Option<i64>,
}

/// What a message is about; nothing of anybody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InboxSubject {
    /// A return, as it was after the event of that number.
    Return { rma: RmaNumber, event: u64 },
    /// Something that was given on top in a return.
    Gift { rma: RmaNumber, gift: String },
    /// Money that was given on an order although nothing comes back.
    Concession { order: String, id: String },
    /// Credit that an order brought, of which so much was left (minor units), and that ends.
    Credit { order: String, entry: String, left: i64 },
}

impl InboxSubject {
    fn about(&self) -> String {
        match self {
            Self::Return { rma, .. } | Self::Gift { rma, .. } => of_return(*rma),
            Self::Concession { order, .. } | Self::Credit { order, .. } => format!("{ORDER}{order}"),
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Return { event, .. } => event.to_string(),
            Self::Gift { gift, .. } => format!("{GIFT}{gift}"),
            Self::Concession { id, .. } => id.clone(),
            Self::Credit { entry, left, .. } => format!("{CREDIT}{entry}:{left}"),
        }
    }
}

pub(super) const RETURN: &str = "return:";
const ORDER: &str = "order:";
const GIFT: &str = "gift:";
const CREDIT: &str = "credit:";

/// As messages about a return are found.
pub fn of_return(rma: RmaNumber) -> String {
    format!("{RETURN}{rma}")
}

/// Puts a message in. False where it is there: nothing happens then.
pub async fn put_message(conn: &mut Conn<'_>, row: &InboxRow) -> Result<bool, StoreError> {
    let put = execute!(
        conn,
        "INSERT INTO inbox (id, about, occasion, what, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
        &row.id,
        row.subject.about(),
        row.occasion.mail_job(),
        row.subject.what(),
        row.at
    )?;
    Ok(put == 1)
}

/// Whether an earlier job than `id` told them so of a return.
pub async fn was_told(conn: &mut Conn<'_>, rma: RmaNumber, occasion: Occasion, id: &str) -> Result<bool, StoreError> {
    let text = "SELECT id FROM inbox WHERE about = $1 AND occasion = $2 AND id <> $3 LIMIT 1";
    Ok(fetch_optional!(conn, (String,), text, of_return(rma), occasion.mail_job(), id)?.is_some())
}

/// A text said it at `now` (epoch milliseconds).
pub async fn note_texted(conn: &mut Conn<'_>, subject: &InboxSubject, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE inbox SET texted_at = $1 WHERE about = $2 AND what = $3", now, subject.about(), subject.what())?;
    Ok(())
}

/// When the last text about the same was sent, epoch milliseconds.
pub async fn last_texted(conn: &mut Conn<'_>, subject: &InboxSubject) -> Result<Option<i64>, StoreError> {
    let last = fetch_optional!(conn, (Option<i64>,), "SELECT MAX(texted_at) FROM inbox WHERE about = $1", subject.about())?;
    Ok(last.and_then(|(last,)| last))
}

/// What messages to an account are about: its orders, and the returns of which all orders are its own.
pub async fn subjects_of(conn: &mut Conn<'_>, account: &Account) -> Result<Vec<String>, StoreError> {
    macro_rules! subjects {
        ($column:literal) => {
            concat!(
                "SELECT 'order:' || orders.number_key FROM orders WHERE orders.",
                $column,
                " = $1 UNION SELECT 'return:' || ours.rma FROM return_orders AS ours JOIN orders ON orders.number_key = ours.order_key
                 WHERE orders.",
                $column,
                " = $1 AND NOT EXISTS (SELECT 1 FROM return_orders AS beside JOIN orders AS other ON other.number_key = beside.order_key
                   WHERE beside.rma = ours.rma AND (other.",
                $column,
                " IS NULL OR other.",
                $column,
                " <> $1)) LIMIT $2"
            )
        };
    }
    let rows = match account {
        Account::Email(key) => fetch_all!(conn, (String,), subjects!("email_key"), key, MOST_SUBJECTS)?,
        Account::Customer(id) => fetch_all!(conn, (String,), subjects!("customer_ref"), id, MOST_SUBJECTS)?,
    };
    Ok(rows.into_iter().map(|(about,)| about).collect())
}

type Columns = (String, String, String, String, i64, Option<i64>);

/// Messages about these, the newest first, from before one of them. Those of occasions that this version does not know are left out.
pub async fn list_messages(
    conn: &mut Conn<'_>,
    subjects: &[String],
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<InboxRow>, StoreError> {
    // Materialized: found by what they are about, never by going through everybody's.
    macro_rules! theirs {
        ($subjects:literal) => {
            concat!(
                "WITH theirs AS MATERIALIZED (SELECT id, about, occasion, what, at, read_at FROM inbox WHERE about IN (",
                $subjects,
                ")) SELECT id, about, occasion, what, at, read_at FROM theirs WHERE $2 = '' OR id < $2 ORDER BY id DESC LIMIT $3"
            )
        };
    }
    let subjects = serde_json::json!(subjects).to_string();
    let rows = fetch_all!(
        conn,
        Columns,
        theirs!("SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)") => theirs!("SELECT value FROM JSON_EACH($1)"),
        &subjects,
        before.unwrap_or_default(),
        limit
    )?;
    Ok(rows.into_iter().filter_map(read).collect())
}

pub(super) fn read((id, about, occasion, what, at, read_at): Columns) -> Option<InboxRow> {
    let occasion = Occasion::ALL.iter().copied().find(|known| known.mail_job() == occasion)?;
    let subject = match (about.strip_prefix(RETURN), about.strip_prefix(ORDER)) {
        (Some(rma), _) => match what.strip_prefix(GIFT) {
            Some(gift) => InboxSubject::Gift { rma: rma.parse().ok()?, gift: gift.to_owned() },
            None => InboxSubject::Return { rma: rma.parse().ok()?, event: what.parse().ok()? },
        },
        (_, Some(order)) => match what.strip_prefix(CREDIT).and_then(|what| what.rsplit_once(':')) {
            Some((entry, left)) => InboxSubject::Credit { order: order.to_owned(), entry: entry.to_owned(), left: left.parse().ok()? },
            None => InboxSubject::Concession { order: order.to_owned(), id: what },
        },
        _ => return None,
    };
    Some(InboxRow { id, subject, occasion, at, read_at })
}

/// How many of them nobody has read, as far as `most`.
pub async fn count_unread(conn: &mut Conn<'_>, subjects: &[String], most: i64) -> Result<i64, StoreError> {
    let subjects = serde_json::json!(subjects).to_string();
    let found = fetch_optional!(
        conn,
        (i64,),
        "SELECT COUNT(*) FROM (SELECT 1 FROM inbox
           WHERE read_at IS NULL AND about IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) LIMIT $2) AS unread" =>
        "SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE read_at IS NULL AND about IN (SELECT value FROM JSON_EACH($1)) LIMIT $2) AS unread",
        &subjects,
        most
    )?;
    Ok(found.map_or(0, |(count,)| count))
}

/// They were read at `now` (epoch milliseconds).
pub async fn mark_read(conn: &mut Conn<'_>, ids: &[String], now: i64) -> Result<(), StoreError> {
    let ids = serde_json::json!(ids).to_string();
    execute!(
        conn,
        "UPDATE inbox SET read_at = $2 WHERE read_at IS NULL AND id IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
        "UPDATE inbox SET read_at = $2 WHERE read_at IS NULL AND id IN (SELECT value FROM JSON_EACH($1))",
        &ids,
        now
    )?;
    Ok(())
}
