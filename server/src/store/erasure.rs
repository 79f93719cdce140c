//! What is held of a customer, and what is left where they asked to be forgotten. Whoever adds a table with anything of anybody's in it adds it here;
//! the test that searches every table after an erasure finds what was left out.
//! Long because every table that holds something of somebody's is named here.

use std::collections::BTreeMap;

use domain::entry::Account;
use domain::erasure::{Values, erase_event, erase_order, erase_statement};
use domain::order::{Order, OrderDocument};
use domain::returns::{History, Return};
use domain::withdrawal::Statement;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::conn::{execute, fetch_all, fetch_optional};
use super::feedback::put_feedback;
use super::order_terms::{put_terms, terms_of};
use super::projections::{self, Projection};
use super::returns::write_json;
use super::{Conn, StoreError};

/// Whom something is held of, and of which orders, returns and statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The shop's names for them.
    pub ids: Vec<String>,
    /// Mail addresses that are theirs alone, as keys.
    pub emails: Vec<String>,
    /// Numbers of their orders, in order.
    pub orders: Vec<String>,
    pub returns: Vec<String>,
    pub withdrawals: Vec<String>,
    /// The shop told of them beside their orders.
    pub told: bool,
}

impl Person {
    /// Whose ledgers are theirs.
    pub fn holders(&self) -> impl Iterator<Item = &String> {
        self.ids.iter().chain(&self.emails)
    }

    /// Nothing is held of them.
    pub fn is_nobody(&self) -> bool {
        self.orders.is_empty() && self.withdrawals.is_empty() && !self.told
    }
}

/// An erasure that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    pub id: String,
    pub at: Timestamp,
    /// `customer`, a member of staff's name in the house's books, or `key:` and a key's name.
    pub actor: String,
    pub orders: i64,
    pub returns: i64,
    /// Photos, documents and labels.
    pub files: i64,
    /// When those and the mails were gone, too.
    pub files_gone_at: Option<Timestamp>,
}

/// What is to be erased, and by what it is replaced.
#[derive(Clone, Debug)]
pub struct Erasing {
    pub row: ErasureRow,
    pub person: Person,
    /// Seals of their names.
    pub seals: Vec<String>,
    /// Who stands for each holder.
    pub stand_ins: BTreeMap<String, String>,
    /// Who stands for those that bought without a name of their own.
    pub stand_in: String,
}

/// Runs a text for each row whose last-named column is in a list.
macro_rules! of {
    ($conn:expr, $list:expr, $text:literal) => {
        execute!(
            $conn,
            concat!($text, " IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") =>
            concat!($text, " IN (SELECT value FROM JSON_EACH($1))"),
            $list
        )?
    };
}

/// Likewise, for each row whose column has one of a list in it.
macro_rules! holding {
    ($conn:expr, $list:expr, $text:literal, $column:literal) => {
        execute!(
            $conn,
            concat!($text, " WHERE EXISTS (SELECT 1 FROM JSON_ARRAY_ELEMENTS_TEXT($1::JSON) AS sought WHERE STRPOS(LOWER(", $column, "), sought) > 0)") =>
            concat!($text, " WHERE EXISTS (SELECT 1 FROM JSON_EACH($1) AS sought WHERE INSTR(LOWER(", $column, "), sought.value) > 0)"),
            $list
        )?
    };
}

/// The rows of a text with an `IN` at its end.
macro_rules! among {
    ($conn:expr, $row:ty, $list:expr, $text:literal) => {
        fetch_all!(
            $conn,
            $row,
            concat!($text, " IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))") => concat!($text, " IN (SELECT value FROM JSON_EACH($1))"),
            $list
        )?
    };
}

fn firsts(rows: Vec<(String,)>) -> Vec<String> {
    rows.into_iter().map(|(first,)| first).collect()
}

/// All that is known to be somebody's. By a mail address: its orders, and what the shop keeps by a name that has no other address. By a name: its orders,
/// and those of its mail addresses that have no name, where nobody else has that address.
pub async fn person_of(conn: &mut Conn<'_>, account: &Account) -> Result<Person, StoreError> {
    let mut person = Person::default();
    match account {
        Account::Email(key) => {
            person.emails.push(key.clone());
            person.ids = firsts(fetch_all!(
                conn,
                (String,),
                "SELECT id FROM (SELECT DISTINCT customer_ref AS id FROM orders WHERE email_key = $1 AND customer_ref IS NOT NULL
                   UNION SELECT id FROM customers WHERE email_key = $1) AS named
                 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.customer_ref = named.id AND orders.email_key <> $1)
                   AND NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = named.id AND customers.email_key <> $1)
                 ORDER BY id",
                key
            )?);
            let text = "SELECT number_key FROM orders WHERE email_key = $1 ORDER BY number_key";
            person.orders = firsts(fetch_all!(conn, (String,), text, key)?);
        }
        Account::Customer(id) => {
            person.ids.push(id.clone());
            person.emails = firsts(fetch_all!(
                conn,
                (String,),
                "SELECT email_key FROM (SELECT DISTINCT email_key FROM orders WHERE customer_ref = $1 AND email_key IS NOT NULL
                   UNION SELECT email_key FROM customers WHERE id = $1 AND email_key IS NOT NULL) AS theirs
                 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.email_key = theirs.email_key AND orders.customer_ref <> $1)
                   AND NOT EXISTS (SELECT 1 FROM customers WHERE customers.email_key = theirs.email_key AND customers.id <> $1)
                 ORDER BY email_key",
                id
            )?);
        }
    }
    let ids = write_json("name", &person.ids)?;
    person.orders.extend(firsts(among!(conn, (String,), &ids, "SELECT number_key FROM orders WHERE customer_ref")));
    person.told = !among!(conn, (String,), &ids, "SELECT id FROM customers WHERE id").is_empty();
    let emails = write_json("address", &person.emails)?;
    person.orders.extend(firsts(among!(
        conn,
        (String,),
        &emails,
        "SELECT number_key FROM orders WHERE customer_ref IS NULL AND email_key"
    )));
    person.orders.sort();
    person.orders.dedup();
    let orders = write_json("order", &person.orders)?;
    person.returns = firsts(among!(conn, (String,), &orders, "SELECT DISTINCT rma FROM return_orders WHERE order_key"));
    person.returns.sort();
    person.withdrawals = firsts(among!(conn, (String,), &orders, "SELECT id FROM withdrawal_standing WHERE order_key"));
    let statements = fetch_all!(conn, (String, String), "SELECT id, statement FROM withdrawals WHERE erased_at IS NULL")?;
    for (id, statement) in statements {
        let Ok(statement) = serde_json::from_str::<Statement>(&statement) else { continue };
        if person.emails.contains(&statement.email.key()) && !person.withdrawals.contains(&id) {
            person.withdrawals.push(id);
        }
    }
    person.withdrawals.sort();
    Ok(person)
}

/// What stands against it: money that is under way by a gateway, a question about it that is open, a statement that waits for a person.
pub async fn is_owed(conn: &mut Conn<'_>, person: &Person) -> Result<bool, StoreError> {
    let (orders, returns) = (write_json("order", &person.orders)?, write_json("return", &person.returns)?);
    let refunds = among!(
        conn,
        (String,),
        &returns,
        "SELECT id FROM gateway_refunds WHERE state IN ('asked', 'unheard', 'pending', 'requires_action') AND rma"
    );
    let checkouts =
        among!(conn, (String,), &returns, "SELECT id FROM gateway_checkouts WHERE state IN ('asked', 'open', 'waiting') AND rma");
    let questions = among!(conn, (String,), &orders, "SELECT about FROM differences WHERE state = 'open' AND order_key");
    Ok(!refunds.is_empty() || !checkouts.is_empty() || !questions.is_empty())
}

/// Their returns that wait for money: ours to them, or theirs to us.
pub async fn money_waits(conn: &mut Conn<'_>, person: &Person) -> Result<bool, StoreError> {
    let returns = write_json("return", &person.returns)?;
    Ok(!among!(
        conn,
        (String,),
        &returns,
        "SELECT kind FROM tasks WHERE subject_kind = 'return' AND kind IN ('pay', 'release', 'settle', 'check_money', 'collect_due', 'claw_back')
           AND subject"
    )
    .is_empty())
}

/// Statements of withdrawal that wait for a person.
pub async fn withdrawals_wait(conn: &mut Conn<'_>, person: &Person) -> Result<bool, StoreError> {
    let list = write_json("withdrawal", &person.withdrawals)?;
    Ok(!among!(conn, (String,), &list, "SELECT id FROM withdrawal_standing WHERE waits_for IS NOT NULL AND settled_at IS NULL AND id")
        .is_empty())
}

/// The last erasure of somebody who had one of these names.
pub async fn find_erasure(conn: &mut Conn<'_>, seals: &[String]) -> Result<Option<ErasureRow>, StoreError> {
    let rows = among!(
        conn,
        (String, i64, String, i64, i64, i64, Option<i64>),
        write_json("seal", &seals)?,
        "SELECT id, erasures.at, actor, orders, returns, files, files_gone_at FROM erasures JOIN erased_names ON erased_names.erasure = erasures.id
         WHERE seal"
    );
    let moment = |millis| Timestamp::from_millisecond(millis).map_err(|error| StoreError::corrupt("erasure", error));
    let Some((id, at, actor, orders, returns, files, gone)) = rows.into_iter().max_by_key(|row| row.1) else { return Ok(None) };
    Ok(Some(ErasureRow { id, at: moment(at)?, actor, orders, returns, files, files_gone_at: gone.map(moment).transpose()? }))
}

/// That all files of an erasure are gone.
pub async fn note_files_gone(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE erasures SET files_gone_at = $2 WHERE id = $1 AND files_gone_at IS NULL", id, now)?;
    Ok(())
}

/// Who stands for who bought each of these orders, where they were erased.
pub(super) async fn stand_ins_of(conn: &mut Conn<'_>, keys: &[&str]) -> Result<BTreeMap<String, String>, StoreError> {
    let rows =
        among!(conn, (String, String), write_json("order", &keys)?, "SELECT order_key, stands_for FROM erased_orders WHERE order_key");
    Ok(rows.into_iter().collect())
}

/// Erases somebody, within one transaction whose orders are locked. `named`: the files of a photo or document, by its id. Answers the names of the
/// files that are theirs.
pub async fn erase(conn: &mut Conn<'_>, erasing: &Erasing, named: fn(&str) -> [String; 2]) -> Result<Vec<String>, StoreError> {
    let Erasing { row, person, seals, .. } = erasing;
    let (orders, returns) = (write_json("order", &person.orders)?, write_json("return", &person.returns)?);
    let ids = write_json("name", &person.ids)?;
    let mut values = Values::default();
    person.emails.iter().for_each(|email| values.add(email));
    let mut sought: Vec<String> = person.emails.clone();
    sought.extend(person.ids.iter().map(|id| json!(id).to_string()));
    for (document, first) in among!(conn, (String, Option<String>), &orders, "SELECT document, first_document FROM orders WHERE number_key")
    {
        for document in [Some(document), first].into_iter().flatten() {
            let document: OrderDocument = serde_json::from_str(&document).map_err(|error| StoreError::corrupt("order", error))?;
            values.add_order(&document);
            sought.extend([document.customer.email, document.customer.phone].into_iter().flatten());
        }
    }
    for (document,) in among!(conn, (String,), &ids, "SELECT document FROM customers WHERE id") {
        let mut holder = OrderDocument::bare(String::new(), row.at, String::new());
        holder.customer = serde_json::from_str(&document).map_err(|error| StoreError::corrupt("customer", error))?;
        values.add_order(&holder);
        sought.extend([holder.customer.email, holder.customer.phone].into_iter().flatten());
    }
    let held = evidence_of(conn, person, &orders, &returns).await?;
    let mut files: Vec<String> = held.iter().flat_map(|id| named(id)).collect();
    files.extend(erase_returns(conn, person, &mut values, row.at).await?);
    erase_orders(conn, erasing).await?;
    erase_withdrawals(conn, person, row.at.as_millisecond()).await?;
    erase_beside(conn, &orders, &returns, &values).await?;
    rename_holders(conn, erasing).await?;
    of!(conn, &ids, "DELETE FROM customers WHERE id");
    // Names of what is theirs stand for them in what is kept for a while.
    sought.extend(person.returns.iter().chain(&person.withdrawals).cloned());
    erase_passing(conn, person, sought).await?;
    files.sort();
    files.dedup();
    let (at, count) = (row.at.as_millisecond(), files.len() as i64);
    execute!(
        conn,
        "INSERT INTO erasures (id, at, actor, orders, returns, files) VALUES ($1, $2, $3, $4, $5, $6)",
        &row.id,
        at,
        &row.actor,
        row.orders,
        row.returns,
        count
    )?;
    for seal in seals {
        execute!(
            conn,
            "INSERT INTO erased_names (seal, erasure, at) VALUES ($1, $2, $3)
             ON CONFLICT (seal) DO UPDATE SET erasure = excluded.erasure, at = excluded.at",
            seal,
            &row.id,
            at
        )?;
    }
    Ok(files)
}

/// Takes photos and documents out of the books, those of drafts among them; answers their ids.
async fn evidence_of(conn: &mut Conn<'_>, person: &Person, orders: &str, returns: &str) -> Result<Vec<String>, StoreError> {
    let drafts = firsts(among!(conn, (String,), orders, "SELECT DISTINCT draft FROM drafts_of_orders WHERE order_key"));
    let drafts = write_json("draft", &drafts)?;
    let mut held = among!(conn, (String,), returns, "SELECT id FROM evidence WHERE holder IN ('return', 'house') AND holder_id");
    held.extend(among!(conn, (String,), &drafts, "SELECT id FROM evidence WHERE holder = 'draft' AND holder_id"));
    held.extend(among!(conn, (String,), orders, "SELECT id FROM evidence WHERE holder = 'key' AND order_key"));
    let held = firsts(held);
    of!(conn, write_json("file", &held)?, "DELETE FROM evidence WHERE id");
    of!(conn, returns, "DELETE FROM uploads WHERE holder IN ('return', 'house') AND holder_id");
    of!(conn, &drafts, "DELETE FROM uploads WHERE holder = 'draft' AND holder_id");
    of!(conn, &drafts, "DELETE FROM drafts WHERE id");
    let statements = write_json("withdrawal", &person.withdrawals)?;
    of!(conn, &statements, "DELETE FROM withdrawal_drafts WHERE withdrawal");
    Ok(held)
}

/// Every event without whom it is of, and the state that these come to; answers the files of labels.
async fn erase_returns(conn: &mut Conn<'_>, person: &Person, values: &mut Values, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut files = Vec::new();
    for rma in &person.returns {
        let text = "SELECT seq, at, actor, event FROM return_events WHERE rma = $1 ORDER BY seq";
        let rows = fetch_all!(conn, (i64, i64, String, String), text, rma)?;
        let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("event", error);
        let before = read_history(&rows)?;
        if before.newer {
            return Err(StoreError::Newer);
        }
        files.extend(before.parcels.iter().filter_map(|parcel| parcel.file.clone()));
        for value in [&before.contact.name].into_iter().flatten() {
            values.add(value);
        }
        if let Some(from) = &before.from {
            [&from.name, &from.line1, &from.line2].into_iter().flatten().for_each(|value| values.add(value));
        }
        let mut left = Vec::with_capacity(rows.len());
        for (seq, at, actor, event) in rows {
            let mut value: Value = serde_json::from_str(&event).map_err(|error| corrupt(&error))?;
            erase_event(&mut value, values);
            let text = value.to_string();
            if text != event {
                execute!(conn, "UPDATE return_events SET event = $3 WHERE rma = $1 AND seq = $2", rma, seq, &text)?;
            }
            left.push((seq, at, actor, text));
        }
        let request = read_history(&left)?;
        if (request.version, request.status()) != (before.version, before.status()) {
            return Err(StoreError::corrupt("event", format!("{rma} is another without whom it is of")));
        }
        let projection = Projection::of(&request, now);
        execute!(
            conn,
            "UPDATE returns SET state = $2, email_key = NULL, next_change_at = $3 WHERE rma = $1",
            rma,
            write_json("return", &request)?,
            projection.next_change_at
        )?;
        projections::put(conn, rma, &projection).await?;
        put_feedback(conn, &request).await?;
    }
    Ok(files)
}

fn read_history(rows: &[(i64, i64, String, String)]) -> Result<Return, StoreError> {
    let mut read = Vec::with_capacity(rows.len());
    for (seq, at, actor, event) in rows {
        let at = Timestamp::from_millisecond(*at).map_err(|error| StoreError::corrupt("event", error))?;
        read.push((*seq as u64, at, actor.as_str(), event.as_str()));
    }
    Ok(History::read(read).map_err(|error| StoreError::corrupt("event", error))?.request)
}

async fn erase_orders(conn: &mut Conn<'_>, erasing: &Erasing) -> Result<(), StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::corrupt("order", error);
    for key in &erasing.person.orders {
        let text = "SELECT document, first_document, email_key, customer_ref FROM orders WHERE number_key = $1";
        let found = fetch_optional!(conn, (String, Option<String>, Option<String>, Option<String>), text, key)?;
        let Some((document, first, email, id)) = found else { continue };
        let stands_for = [id, email].into_iter().flatten().find_map(|holder| erasing.stand_ins.get(&holder)).unwrap_or(&erasing.stand_in);
        let without = |text: String| -> Result<(String, OrderDocument), StoreError> {
            let mut document: OrderDocument = serde_json::from_str(&text).map_err(corrupt)?;
            erase_order(&mut document, stands_for);
            Ok((serde_json::to_string(&document).map_err(corrupt)?, document))
        };
        let first = first.map(without).transpose()?.map(|(text, _)| text);
        let (text, document) = without(document)?;
        let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
        execute!(
            conn,
            "UPDATE orders SET document = $2, first_document = $3, email_key = NULL, phone_key = NULL, customer_ref = $4, revision = revision + 1
             WHERE number_key = $1",
            key,
            &text,
            first.as_deref(),
            stands_for
        )?;
        put_terms(conn, &[key], &[(key.as_str(), order.placed_at.as_millisecond(), &terms_of(&order))]).await?;
        execute!(
            conn,
            "INSERT INTO erased_orders (order_key, stands_for, erasure) VALUES ($1, $2, $3) ON CONFLICT (order_key) DO NOTHING",
            key,
            stands_for,
            &erasing.row.id
        )?;
    }
    Ok(())
}

async fn erase_withdrawals(conn: &mut Conn<'_>, person: &Person, now: i64) -> Result<(), StoreError> {
    for id in &person.withdrawals {
        let found = fetch_optional!(
            conn,
            (String, Option<String>),
            "SELECT statement, order_key FROM withdrawals JOIN withdrawal_standing ON withdrawal_standing.id = withdrawals.id
             WHERE withdrawals.id = $1 AND erased_at IS NULL",
            id
        )?;
        let Some((statement, order)) = found else { continue };
        let mut statement: Statement = serde_json::from_str(&statement).map_err(|error| StoreError::corrupt("withdrawal", error))?;
        erase_statement(&mut statement, order.as_deref());
        let text = "UPDATE withdrawals SET statement = $2, erased_at = $3 WHERE id = $1";
        execute!(conn, text, id, write_json("withdrawal", &statement)?, now)?;
    }
    Ok(())
}

/// What others wrote beside orders and returns, accounts that money went to, and messages.
async fn erase_beside(conn: &mut Conn<'_>, orders: &str, returns: &str, values: &Values) -> Result<(), StoreError> {
    for (number, document) in among!(conn, (i64, String), returns, "SELECT number, document FROM credit_notes WHERE rma") {
        let mut note: Value = serde_json::from_str(&document).map_err(|error| StoreError::corrupt("credit note", error))?;
        let country = note["buyer"]["address"]["country"].take();
        note["buyer"] =
            json!({"name": domain::erasure::ERASED, "address": if country.is_null() { json!({}) } else { json!({"country": country}) }});
        execute!(conn, "UPDATE credit_notes SET document = $2 WHERE number = $1", number, note.to_string())?;
    }
    for (number, steps) in among!(conn, (i64, String), returns, "SELECT number, steps FROM repairs WHERE rma") {
        let mut steps: Value = serde_json::from_str(&steps).map_err(|error| StoreError::corrupt("repair", error))?;
        for step in steps.as_array_mut().into_iter().flatten() {
            erase_event(step, values);
        }
        execute!(conn, "UPDATE repairs SET steps = $2 WHERE number = $1", number, steps.to_string())?;
    }
    of!(conn, returns, "DELETE FROM bank_accounts WHERE rma");
    of!(conn, returns, "UPDATE transfers SET payee = '' WHERE payee <> '' AND rma");
    of!(conn, orders, "UPDATE concessions SET reason = '…', note = NULL WHERE order_key");
    of!(conn, orders, "UPDATE differences SET name = NULL, reason = CASE WHEN reason IS NULL THEN NULL ELSE '…' END WHERE order_key");
    of!(conn, returns, "UPDATE differences SET name = NULL, reason = CASE WHEN reason IS NULL THEN NULL ELSE '…' END WHERE rma");
    of!(conn, returns, "UPDATE claims SET note = NULL WHERE rma");
    of!(conn, orders, "UPDATE claims SET note = NULL WHERE order_key");
    of!(conn, returns, "UPDATE claim_steps SET said = NULL WHERE (SELECT rma FROM claims WHERE claims.number = claim_steps.claim)");
    of!(conn, orders, "UPDATE claim_steps SET said = NULL WHERE (SELECT order_key FROM claims WHERE claims.number = claim_steps.claim)");
    of!(
        conn,
        returns,
        "UPDATE stray_parcels SET clues = '{}', note = NULL, reason = CASE WHEN reason IS NULL THEN NULL ELSE '…' END WHERE rma"
    );
    of!(conn, returns, "UPDATE stray_parcels SET clues = '{}', note = NULL WHERE state <> 'waiting' AND came_with");
    of!(conn, returns, "UPDATE pickup_bookings SET note = NULL WHERE rma");
    of!(conn, returns, "UPDATE bulk_items SET why = NULL WHERE rma");
    Ok(())
}

/// The ledgers under the names that stand for who had them.
async fn rename_holders(conn: &mut Conn<'_>, erasing: &Erasing) -> Result<(), StoreError> {
    for (old, new) in &erasing.stand_ins {
        for text in [
            "UPDATE credit_entries SET holder = $2, cause = REPLACE(cause, ' ' || $1, ' ' || $2) WHERE holder = $1",
            "UPDATE credit_balances SET holder = $2 WHERE holder = $1",
            "UPDATE points_entries SET holder = $2, cause = REPLACE(cause, ' ' || $1, ' ' || $2) WHERE holder = $1",
            "UPDATE points_balances SET holder = $2 WHERE holder = $1",
            "UPDATE compensations SET holder = $2 WHERE holder = $1",
            "UPDATE compensation_months SET holder = $2 WHERE holder = $1",
        ] {
            execute!(conn, text, old, new)?;
        }
        execute!(conn, "DELETE FROM reach WHERE holder = $1", old)?;
    }
    Ok(())
}

/// What is kept for a while only: sessions, drafts, answers, jobs, messages, and the private part of the trail.
async fn erase_passing(conn: &mut Conn<'_>, person: &Person, sought: Vec<String>) -> Result<(), StoreError> {
    let about = |kind: &str, names: &[String]| names.iter().map(|name| format!("{kind}:{name}")).collect::<Vec<_>>();
    let returns = write_json("return", &person.returns)?;
    let mut subjects =
        [about("return", &person.returns), about("order", &person.orders), about("withdrawal", &person.withdrawals)].concat();
    let numbered = |kind: &str, rows: Vec<(i64,)>| rows.into_iter().map(|(number,)| format!("{kind}{number}")).collect::<Vec<_>>();
    subjects.extend(numbered("claim:", among!(conn, (i64,), &returns, "SELECT number FROM claims WHERE rma")));
    subjects.extend(numbered("parcel:P", among!(conn, (i64,), &returns, "SELECT number FROM stray_parcels WHERE rma")));
    subjects.extend(numbered("repair:R", among!(conn, (i64,), &returns, "SELECT number FROM repairs WHERE rma")));
    let subjects = write_json("subject", &subjects)?;
    of!(conn, &subjects, "DELETE FROM inbox WHERE about");
    of!(conn, &subjects, "DELETE FROM audit_private WHERE (SELECT subject FROM audit WHERE audit.id = audit_private.id)");
    of!(conn, &returns, "DELETE FROM outbox WHERE (queue IN ('mail', 'sms') OR done_at IS NOT NULL OR dead_at IS NOT NULL) AND about");
    of!(conn, &returns, "UPDATE idempotency SET response = NULL WHERE answer");
    let mut sought: Vec<String> = sought.iter().map(|value| value.to_lowercase()).filter(|value| value.len() > 3).collect();
    sought.sort();
    sought.dedup();
    let named = write_json("value", &sought)?;
    // With its table: a list that is read has a column of that name as well.
    holding!(conn, &named, "DELETE FROM audit_private", "audit_private.value");
    holding!(conn, &named, "DELETE FROM outbox", "queue || ' ' || payload");
    holding!(conn, &named, "DELETE FROM withdrawal_drafts", "data");
    holding!(conn, &named, "DELETE FROM uploads", "name");
    holding!(
        conn,
        &named,
        "UPDATE idempotency SET response = '{\"status\":410,\"body\":\"{\\\"type\\\":\\\"about:blank\\\",\\\"title\\\":\\\"erased\\\",\\\"status\\\":410}\"}'",
        "response"
    );
    // Numbers of orders are as short as they like: in quotes they are one.
    sought.extend(person.orders.iter().map(|key| json!(key).to_string().to_lowercase()));
    let named = write_json("value", &sought)?;
    holding!(conn, &named, "DELETE FROM sessions", "data");
    holding!(conn, &named, "DELETE FROM drafts", "data");
    Ok(())
}

/// Whether somebody of that name was erased, and has ordered nothing by it since.
pub async fn stays_erased(conn: &mut Conn<'_>, id: &str, seals: &[String]) -> Result<bool, StoreError> {
    let Some(erased) = find_erasure(conn, seals).await? else { return Ok(false) };
    let text = "SELECT number_key FROM orders WHERE customer_ref = $1 AND placed_at > $2 LIMIT 1";
    Ok(fetch_optional!(conn, (String,), text, id, erased.at.as_millisecond())?.is_none())
}
