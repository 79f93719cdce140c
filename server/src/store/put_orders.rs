//! Writing orders: many in one statement, and nothing at all where nothing changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::erasure::erase_order;
use domain::order::{Order, OrderDocument};
use domain::search::TermKind;
use domain::written::loose_number;
use sqlx::{Postgres, QueryBuilder, Sqlite};

use super::conn::execute;
use super::erasure::stand_ins_of;
use super::order_terms::{Terms, put_terms, terms_of};
use super::returns::write_json;
use super::{Conn, StoreError};
use crate::contact::phone_key;

/// Rows of one statement: more gain little, and SQLite and PostgreSQL both bound how many values a statement may have.
const ROWS: usize = 50;
/// Bytes of a payment's name.
const LONGEST_PAYMENT: usize = 255;

/// An order in the form in which it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderToPut {
    /// Its number.
    pub key: String,
    /// See [`domain::written::loose_number`]; nothing where its number is that.
    found_by: Option<String>,
    placed_at: i64,
    email_key: Option<String>,
    phone_key: Option<String>,
    customer_ref: Option<String>,
    document: String,
    terms: BTreeSet<(TermKind, String)>,
    /// Names of the payments that it was paid with.
    payments: BTreeSet<String>,
}

/// What became of an order that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It differs from the document of that number, which it replaced.
    Replaced,
    /// It says what was known already; nothing was written.
    Unchanged,
}

impl Put {
    /// The machine name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Replaced => "replaced",
            Self::Unchanged => "unchanged",
        }
    }
}

impl OrderToPut {
    /// `order` and the document it was parsed from.
    pub fn new(order: &Order, document: &OrderDocument) -> Result<Self, StoreError> {
        Ok(Self {
            key: order.number.to_string(),
            found_by: Some(loose_number(order.number.as_str())).filter(|form| form != order.number.as_str()),
            placed_at: order.placed_at.as_millisecond(),
            email_key: order.customer.email.as_ref().map(|email| email.key()),
            phone_key: order.customer.phone.as_ref().map(phone_key),
            customer_ref: order.customer.id.clone(),
            document: serde_json::to_string(document).map_err(|error| StoreError::corrupt("order", error))?,
            terms: terms_of(order),
            payments: order.payments.iter().filter_map(|payment| payment.id.clone()).filter(|id| id.len() <= LONGEST_PAYMENT).collect(),
        })
    }

    fn without_customer(&self, stands_for: &str) -> Result<Self, StoreError> {
        let mut document: OrderDocument = serde_json::from_str(&self.document).map_err(|error| StoreError::corrupt("order", error))?;
        erase_order(&mut document, stands_for);
        let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
        Self::new(&order, &document)
    }

    /// As it will be stored.
    pub fn document(&self) -> &str {
        &self.document
    }
}

/// Creates or replaces orders; answers in their order. Where a number comes twice, the later one stands.
pub async fn put_orders(conn: &mut Conn<'_>, orders: &[OrderToPut], now: i64) -> Result<Vec<Put>, StoreError> {
    let orders = &without_erased(conn, orders).await?;
    // By key, as everybody locks several orders: two imports at once never wait for each other in a circle.
    let latest: BTreeMap<&str, &OrderToPut> = orders.iter().map(|order| (order.key.as_str(), order)).collect();
    let latest: Vec<&OrderToPut> = latest.into_values().collect();
    let mut changed = HashMap::new();
    for rows in latest.chunks(ROWS) {
        let written = upsert(conn, rows, now).await?;
        let anew: Vec<&str> = written.iter().filter(|(_, revision)| *revision > 1).map(|(key, _)| key.as_str()).collect();
        changed.extend(written.iter().cloned());
        let of_changed = rows.iter().filter(|order| changed.contains_key(&order.key));
        let terms: Vec<Terms<'_>> = of_changed.map(|order| (order.key.as_str(), order.placed_at, &order.terms)).collect();
        put_terms(conn, &anew, &terms).await?;
        let of_changed = rows.iter().filter(|order| changed.contains_key(&order.key));
        let paid: Vec<(&str, &str)> =
            of_changed.flat_map(|order| order.payments.iter().map(|payment| (payment.as_str(), order.key.as_str()))).collect();
        put_payments(conn, &paid).await?;
    }
    let mut before: HashMap<&str, &OrderToPut> = HashMap::new();
    let answer = |order: &'_ OrderToPut, before: Option<&OrderToPut>| match (before, changed.get(&order.key)) {
        (Some(before), _) if *before == *order => Put::Unchanged,
        (Some(_), _) => Put::Replaced,
        (None, Some(1)) => Put::Created,
        (None, Some(_)) => Put::Replaced,
        (None, None) => Put::Unchanged,
    };
    Ok(orders.iter().map(|order| answer(order, before.insert(&order.key, order))).collect())
}

/// The orders, those of customers who were erased without them: told again, an order brings nothing of its customer back.
async fn without_erased<'o>(conn: &mut Conn<'_>, orders: &'o [OrderToPut]) -> Result<Cow<'o, [OrderToPut]>, StoreError> {
    let keys: Vec<&str> = orders.iter().map(|order| order.key.as_str()).collect();
    let erased = stand_ins_of(conn, &keys).await?;
    if erased.is_empty() {
        return Ok(orders.into());
    }
    let left = |order: &OrderToPut| match erased.get(&order.key) {
        Some(stands_for) => order.without_customer(stands_for),
        None => Ok(order.clone()),
    };
    Ok(orders.iter().map(left).collect::<Result<Vec<_>, _>>()?.into())
}

/// Writes down by which payments orders were paid; what they were paid with before stays.
async fn put_payments(conn: &mut Conn<'_>, paid: &[(&str, &str)]) -> Result<(), StoreError> {
    if paid.is_empty() {
        return Ok(());
    }
    execute!(
        conn,
        "INSERT INTO order_payments (payment, order_key) SELECT value ->> 0, value ->> 1 FROM JSON_ARRAY_ELEMENTS($1::JSON) WHERE true
         ON CONFLICT DO NOTHING" =>
        "INSERT INTO order_payments (payment, order_key) SELECT value ->> 0, value ->> 1 FROM JSON_EACH($1) WHERE true ON CONFLICT DO NOTHING",
        write_json("order", &paid)?
    )?;
    Ok(())
}

/// Writes orders of different numbers. Answers which of them changed, with their revisions: the first is 1.
async fn upsert(conn: &mut Conn<'_>, orders: &[&OrderToPut], now: i64) -> Result<Vec<(String, i64)>, StoreError> {
    macro_rules! upsert {
        ($database:ty, $conn:ident) => {{
            let mut query = QueryBuilder::<$database>::new(
                "INSERT INTO orders (number_key, found_by, placed_at, email_key, phone_key, customer_ref, document, updated_at) ",
            );
            query.push_values(orders, |mut row, order| {
                row.push_bind(&order.key)
                    .push_bind(&order.found_by)
                    .push_bind(order.placed_at)
                    .push_bind(&order.email_key)
                    .push_bind(&order.phone_key)
                    .push_bind(&order.customer_ref)
                    .push_bind(&order.document)
                    .push_bind(now);
            });
            query.push(
                " ON CONFLICT (number_key) DO UPDATE SET placed_at = excluded.placed_at, email_key = excluded.email_key,
                   phone_key = excluded.phone_key, customer_ref = excluded.customer_ref,
                   first_document = CASE WHEN orders.first_document IS NULL
                     AND (EXISTS (SELECT 1 FROM return_orders WHERE return_orders.order_key = orders.number_key)
                       OR EXISTS (SELECT 1 FROM concessions WHERE concessions.order_key = orders.number_key))
                     THEN orders.document ELSE orders.first_document END,
                   document = excluded.document,
                   revision = orders.revision + 1, updated_at = excluded.updated_at
                 WHERE orders.document <> excluded.document
                 RETURNING number_key, revision",
            );
            // Only the two usual lengths are worth a place among the prepared statements. All rows are fetched: a statement that is
            // left open keeps SQLite from shortening its log.
            let query = query.build_query_as::<(String, i64)>().persistent(orders.len() == ROWS || orders.len() == 1);
            {
                let done = query.fetch_all(&mut $conn.conn).await;
                $conn.after(done)?
            }
        }};
    }
    Ok(match conn {
        Conn::Sqlite(conn) => upsert!(Sqlite, conn),
        Conn::Postgres(conn) => upsert!(Postgres, conn),
    })
}
