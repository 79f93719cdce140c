//! Finds returns and orders by what somebody typed. Each way to find them is a piece of an index, read no further than [`MOST`]: what begins as very
//! many do is found as far as that, open returns before ended ones and the newest first within a term.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::EmailAddress;
use domain::order::{Order, OrderDocument};
use domain::returns::Status;
use domain::rma::RmaNumber;
use domain::search::{TermKind, Word, beyond, phone};
use domain::written::{slipped_numbers, typed_numbers};

use super::conn::fetch_all;
use super::returns::write_json;
use super::{Conn, StoreError};
use crate::contact::phone_end;

/// Returns that are read of each way to find them.
const MOST: i64 = 1_000;
/// Letters and digits of a number or code of which the beginning is enough.
const LEAST_CODE: usize = 3;

/// Returns that a word finds, by number, with where each belongs among them as far as an index says it: whether it has ended, and when it was opened
/// (below zero, so that the newest is first).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    pub rmas: BTreeMap<String, Option<(bool, i64)>>,
    /// There may be more.
    pub more: bool,
}

/// An order that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderMatch {
    pub order: Order,
    /// How many returns there are on it.
    pub returns: i64,
}

/// Values that the texts take, of a word: `$1` a return's number, `$2` a mail address, `$3` to `$8` pairs of terms between which it is found (a name, a
/// code, a phone number), `$9` to `$12` forms of an order's number, `$13` to `$15` of a parcel's.
struct Values {
    rma: Option<String>,
    email: Option<String>,
    name: Option<String>,
    code: Option<String>,
    phone: Option<String>,
    orders: Vec<String>,
    parcels: [String; 3],
}

impl Values {
    fn of(word: &Word) -> Self {
        let typed = word.typed.as_str();
        let email = typed.contains('@').then(|| typed.parse::<EmailAddress>().ok()).flatten();
        let mut orders = typed_numbers(typed);
        orders.extend(slipped_numbers(typed));
        Self {
            rma: typed.parse::<RmaNumber>().ok().map(|rma| rma.to_string()),
            email: email.map(|email| email.key()),
            name: word.names.iter().max_by_key(|name| name.len()).cloned(),
            code: Some(word.code.clone()).filter(|code| code.chars().count() >= LEAST_CODE),
            phone: word.digits.as_ref().map(|_| phone(&phone_end(typed))),
            orders,
            parcels: [typed.to_owned(), typed.to_uppercase(), word.code.to_uppercase()],
        }
    }
}

macro_rules! of_word {
    ($conn:expr, $row:ty, $word:expr, $most:expr, $text:expr) => {{
        let values = Values::of($word);
        let until = |from: &Option<String>| from.as_deref().map(beyond);
        let (postgres, sqlite) = match &$conn {
            Conn::Postgres(_) => ($text(false), String::new()),
            Conn::Sqlite(_) => (String::new(), $text(true)),
        };
        fetch_all!(
            $conn,
            $row,
            sqlx::AssertSqlSafe(postgres.as_str()) => sqlx::AssertSqlSafe(sqlite.as_str()),
            &values.rma,
            &values.email,
            &values.name,
            until(&values.name),
            &values.code,
            until(&values.code),
            &values.phone,
            until(&values.phone),
            values.orders.first(),
            values.orders.get(1),
            values.orders.get(2),
            values.orders.get(3),
            &values.parcels[0],
            &values.parcels[1],
            &values.parcels[2],
            $most
        )
    }};
}

/// Orders by the forms of their number.
const ORDERS: &str = "SELECT number_key FROM orders WHERE number_key IN ($9, $10, $11, $12)
    UNION SELECT number_key FROM orders WHERE found_by IN ($9, $10, $11, $12)";

/// Which terms a word finds: the kind, and between which of the values.
const OF_RETURNS: [(TermKind, &str, &str); 3] = [(TermKind::Name, "$3", "$4"), (TermKind::Sku, "$5", "$6"), (TermKind::Phone, "$7", "$8")];
const OF_ORDERS: [(TermKind, &str, &str); 3] =
    [(TermKind::Serial, "$5", "$6"), (TermKind::Parcel, "$5", "$6"), (TermKind::Phone, "$7", "$8")];

/// Which more of them find orders themselves: returns have names of their own, and nobody looks for a return by a card.
const OF_ORDERS_ALONE: [(TermKind, &str, &str); 2] = [(TermKind::Name, "$3", "$4"), (TermKind::Card, "$5", "$6")];

/// Pieces by which returns are found; each says which it is, so that it is known which were not read to their end.
fn pieces(sqlite: bool) -> String {
    let by = |index: &str| if sqlite { format!(" INDEXED BY {index}") } else { String::new() };
    let mut pieces = vec![
        "SELECT rma, NULL, NULL FROM returns WHERE rma = $1".to_owned(),
        "SELECT rma, NULL, NULL FROM returns WHERE email_key = $2 ORDER BY opened_at DESC".to_owned(),
        format!("SELECT rma, NULL, NULL FROM return_orders WHERE order_key IN ({ORDERS})"),
        "SELECT rma, NULL, NULL FROM expected_parcels WHERE tracking_number IN ($13, $14, $15)".to_owned(),
    ];
    pieces.extend(OF_RETURNS.map(|(kind, from, until)| {
        let by = by("search_terms_found");
        format!(
            "SELECT rma, ended, opened_at FROM search_terms{by} WHERE kind = '{kind}' AND term >= {from} AND term < {until}
             ORDER BY kind, term, ended, opened_at DESC"
        )
    }));
    pieces.extend(OF_ORDERS.map(|(kind, from, until)| {
        let by = by("order_terms_found");
        format!(
            "SELECT return_orders.rma, NULL, NULL FROM (SELECT order_key FROM order_terms{by} WHERE kind = '{kind}' AND term >= {from} AND term < {until}
               ORDER BY kind, term, placed_at DESC LIMIT $16) AS found JOIN return_orders ON return_orders.order_key = found.order_key"
        )
    }));
    let piece = |(place, text): (usize, &String)| format!("SELECT {place}, piece.* FROM ({text} LIMIT $16) AS piece");
    let text = pieces.iter().enumerate().map(piece).collect::<Vec<_>>().join(" UNION ALL ");
    // What PostgreSQL takes for text in the first piece would have to be that in all of them.
    if sqlite { text } else { text.replace("SELECT 0,", "SELECT 0::BIGINT,").replace("NULL, NULL", "NULL::BIGINT, NULL::BIGINT") }
}

/// Returns that a word may mean: their number, their orders' numbers, contacts, parcels and serial numbers, their products, words of their
/// customers' names by their beginning.
pub async fn returns_meant(conn: &mut Conn<'_>, word: &Word) -> Result<Matches, StoreError> {
    let found = matches(of_word!(conn, Row, word, MOST, pieces)?);
    // Of what is written with a dash, one word was looked for; its others are to be there as well.
    match word.names.len() {
        0 | 1 => Ok(found),
        _ => of_all_names(conn, word, found).await,
    }
}

/// Of which piece, the return, whether it has ended, when it was opened.
type Row = (i64, String, Option<i64>, Option<i64>);

fn matches(rows: Vec<Row>) -> Matches {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    let mut found = Matches::default();
    for (piece, rma, ended, opened_at) in rows {
        *counts.entry(piece).or_default() += 1;
        let place = ended.zip(opened_at).map(|(ended, at)| (ended == 1, -at));
        let known = found.rmas.entry(rma).or_default();
        *known = known.or(place);
    }
    found.more = counts.values().any(|count| *count >= MOST);
    found
}

async fn of_all_names(conn: &mut Conn<'_>, word: &Word, found: Matches) -> Result<Matches, StoreError> {
    let code = Word { names: Vec::new(), ..word.clone() };
    let Matches { mut rmas, more } = found;
    for name in &word.names {
        let name = Word { typed: String::new(), code: String::new(), names: vec![name.clone()], digits: None };
        let meant = meant_of(conn, &rmas, &name).await?;
        rmas.retain(|rma, _| meant.contains(rma));
    }
    rmas.extend(matches(of_word!(conn, Row, &code, MOST, pieces)?).rmas);
    Ok(Matches { rmas, more })
}

/// Of these returns, those that a word means by what of it may not have been read to its end. Each is looked at by itself: very many may begin so.
pub async fn meant_of<T>(conn: &mut Conn<'_>, rmas: &BTreeMap<String, T>, word: &Word) -> Result<BTreeSet<String>, StoreError> {
    let values = Values::of(word);
    let until = |from: &Option<String>| from.as_deref().map(beyond);
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT these.rma FROM JSON_ARRAY_ELEMENTS_TEXT($1::JSON) AS these (rma) CROSS JOIN LATERAL
           (SELECT 1 FROM search_terms WHERE search_terms.rma = these.rma AND ((kind = 'name' AND term >= $2 AND term < $3)
              OR (kind = 'sku' AND term >= $4 AND term < $5) OR (kind = 'phone' AND term >= $6 AND term < $7)) LIMIT 1) AS found" =>
        "SELECT DISTINCT rma FROM search_terms WHERE rma IN (SELECT value FROM JSON_EACH($1)) AND ((+kind = 'name' AND +term >= $2 AND +term < $3)
           OR (+kind = 'sku' AND +term >= $4 AND +term < $5) OR (+kind = 'phone' AND +term >= $6 AND +term < $7))",
        write_json("return", &rmas.keys().collect::<Vec<_>>())?,
        &values.name,
        until(&values.name),
        &values.code,
        until(&values.code),
        &values.phone,
        until(&values.phone)
    )?;
    Ok(rows.into_iter().map(|(rma,)| rma).collect())
}

/// The first of these returns: open ones before those that have ended, of each the newest. Only those are read of which no index said where they belong.
pub async fn newest_of(conn: &mut Conn<'_>, matches: &Matches, limit: usize) -> Result<Vec<String>, StoreError> {
    let unknown: Vec<&String> = matches.rmas.iter().filter(|(_, place)| place.is_none()).map(|(rma, _)| rma).collect();
    let mut first: Vec<(bool, i64, String)> = Vec::with_capacity(matches.rmas.len());
    if !unknown.is_empty() {
        let rows = fetch_all!(
            conn,
            (String, String, i64),
            "SELECT rma, status, opened_at FROM returns WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
            "SELECT rma, status, opened_at FROM returns WHERE rma IN (SELECT value FROM JSON_EACH($1))",
            write_json("return", &unknown)?
        )?;
        let ended = |status: &str| status.parse::<Status>().is_ok_and(Status::is_end);
        first.extend(rows.into_iter().map(|(rma, status, at)| (ended(&status), -at, rma)));
    }
    first.extend(matches.rmas.iter().filter_map(|(rma, place)| place.map(|(ended, at)| (ended, at, rma.clone()))));
    first.sort();
    first.truncate(limit);
    Ok(first.into_iter().map(|(.., rma)| rma).collect())
}

/// Orders that a text means, with or without returns, the newest first: by their number, mail address, phone number, serial numbers, parcels, card and
/// the longest word of a name.
pub async fn orders_meant(conn: &mut Conn<'_>, word: &Word, limit: i64) -> Result<Vec<OrderMatch>, StoreError> {
    let text = |sqlite: bool| {
        let by = if sqlite { " INDEXED BY order_terms_found" } else { "" };
        let terms = OF_ORDERS.into_iter().chain(OF_ORDERS_ALONE).map(|(kind, from, until)| {
            format!(
                "SELECT * FROM (SELECT order_key FROM order_terms{by} WHERE kind = '{kind}' AND term >= {from} AND term < {until}
                   ORDER BY kind, term, placed_at DESC LIMIT $16) AS piece"
            )
        });
        format!(
            "SELECT document, (SELECT COUNT(*) FROM return_orders WHERE return_orders.order_key = orders.number_key) FROM orders
             WHERE number_key IN ({ORDERS} UNION SELECT * FROM (SELECT number_key FROM orders WHERE email_key = $2
               ORDER BY placed_at DESC LIMIT $16) AS piece UNION {})
             ORDER BY placed_at DESC, number_key LIMIT $16",
            terms.collect::<Vec<_>>().join(" UNION ")
        )
    };
    let rows = of_word!(conn, (String, i64), word, limit, text)?;
    rows.into_iter().map(|(text, returns)| Ok(OrderMatch { order: read_order(&text)?, returns })).collect()
}

fn read_order(text: &str) -> Result<Order, StoreError> {
    let document: OrderDocument = serde_json::from_str(text).map_err(|error| StoreError::corrupt("order", error))?;
    Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))
}

/// What was bought, of these orders: as many as there are of them, in one.
pub async fn orders_bought<N: AsRef<str>>(conn: &mut Conn<'_>, numbers: impl IntoIterator<Item = N>) -> Result<Vec<Order>, StoreError> {
    let numbers: BTreeSet<String> = numbers.into_iter().map(|number| number.as_ref().to_owned()).collect();
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT document FROM orders WHERE number_key IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
        "SELECT document FROM orders WHERE number_key IN (SELECT value FROM JSON_EACH($1))",
        write_json("order", &numbers)?
    )?;
    rows.iter().map(|(text,)| read_order(text)).collect()
}
