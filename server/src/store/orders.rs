//! Orders as shops sent them.
//! Long because what is kept beside an order is read with it, in one statement.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::entry::Account;
use domain::ids::OrderNumber;
use domain::order::{Customer, CustomerDocument, Order, OrderDocument, Refund};
use domain::returns::Return;
use domain::settlement::{Concession, LowerPrice, Outside};
use domain::written::typed_numbers;

use super::concessions::{ConcededColumns, read_conceded};
use super::conn::{fetch_all, fetch_optional};
use super::credits::{CreditColumns, read_credit};
use super::returns::{read_lists, read_states, write_json};
use super::{Conn, Credit, StoreError};

/// An order with what is kept beside its document.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// The order, parsed.
    pub order: Order,
    /// As it was sent.
    pub document: OrderDocument,
    /// Counts the document's versions.
    pub revision: i64,
    /// Units credited outside, as credit notes told.
    pub credits: Vec<Credit>,
    /// What was given although nothing came back, with how much that was.
    pub conceded: Vec<(Concession, i64)>,
    /// What we, and others, gave back at the gateway, by what it is called there.
    pub seen: Vec<Seen>,
    /// The shop told other money since the first return on it was opened; the order's money is that of then.
    pub told_anew: bool,
}

/// Money that went back at the gateway, as far as it is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Ours: our name for it, the gateway's, where it said one, how much it is, and whether the gateway has not said yet that it left.
    Ours { name: String, reference: Option<String>, amount: i64, open: bool },
    /// Somebody else's: the gateway's name for it, the payment that it went back to, and how much.
    Outside { reference: String, payment: String, amount: i64 },
}

type SeenColumns = (Option<String>, Option<String>, Option<String>, i64);

fn read_seen((name, reference, payment, amount): SeenColumns) -> Option<Seen> {
    match (name, reference, payment) {
        // Of ours the column says how it stands.
        (Some(name), reference, state) => {
            let said = state.is_some_and(|state| matches!(state.as_str(), "succeeded" | "failed" | "canceled" | "given_up"));
            Some(Seen::Ours { open: !said || reference.is_none(), name, reference, amount })
        }
        (None, Some(reference), Some(payment)) => Some(Seen::Outside { reference, payment, amount }),
        (None, ..) => None,
    }
}

impl OrderRow {
    /// With what came in exchange, by all the order's returns.
    fn with_exchanged(self, returns: &[Return]) -> Self {
        Self { order: self.order.with_exchanged(returns), ..self }
    }

    /// Whether the shop told of a refund that the gateway calls so.
    pub fn tells(&self, reference: &str) -> bool {
        self.order.refunds.iter().any(|refund| refund.id == reference || refund.reference.as_deref() == Some(reference))
    }

    /// Refunds that the shop told and that are echoes of ours, by their places among those it told: each bears our name or the gateway's; or none at all,
    /// and is of the amount of one of ours of which the gateway has said nothing yet. The last are guesses, with our name.
    fn echoes(&self) -> (Vec<usize>, Vec<(usize, String)>) {
        let bears = |refund: &Refund, known: &str| refund.id == known || refund.reference.as_deref() == Some(known);
        let mut ours: Vec<(&String, Option<&String>, i64, bool)> = Vec::new();
        for seen in &self.seen {
            if let Seen::Ours { name, reference, amount, open } = seen {
                ours.push((name, reference.as_ref(), *amount, *open));
            }
        }
        let (mut named, mut guessed) = (Vec::new(), Vec::new());
        for (place, refund) in self.order.refunds.iter().enumerate() {
            let known = |(name, reference, ..): &(&String, Option<&String>, i64, bool)| {
                bears(refund, name) || reference.is_some_and(|reference| bears(refund, reference))
            };
            if let Some(at) = ours.iter().position(known) {
                // Told twice by the shop, it is ours both times, and stands for none that is still open.
                ours[at].3 = false;
                named.push(place);
            }
        }
        for (place, refund) in self.order.refunds.iter().enumerate().filter(|(place, _)| !named.contains(place)) {
            let like = |(.., amount, open): &(&String, Option<&String>, i64, bool)| *open && *amount == refund.amount;
            if refund.reference.is_none()
                && let Some(at) = ours.iter().position(like)
            {
                guessed.push((place, ours[at].0.clone()));
                ours.swap_remove(at);
            }
        }
        (named, guessed)
    }

    /// Refunds that the shop told without a name and that are taken for ours, with our name for each: somebody has to look.
    pub fn guessed_echoes(&self) -> Vec<(&Refund, String)> {
        self.echoes().1.into_iter().map(|(place, name)| (&self.order.refunds[place], name)).collect()
    }

    /// What the shop told that somebody else gave back.
    fn told_outside(&self) -> Vec<&Refund> {
        let (named, guessed) = self.echoes();
        let ours = |place: &usize| named.contains(place) || guessed.iter().any(|(guess, _)| guess == place);
        self.order.refunds.iter().enumerate().filter(|(place, _)| !ours(place)).map(|(_, refund)| refund).collect()
    }

    /// What others gave back at the gateway and the shop does not tell: by its name there, or, where it tells no name, by payment and amount.
    fn outside_seen(&self) -> Vec<Outside> {
        let unnamed = self.told_outside().into_iter().filter(|refund| refund.reference.is_none());
        let mut unnamed: Vec<(Option<&str>, i64)> = unnamed.map(|refund| (refund.payment.as_deref(), refund.amount)).collect();
        let mut more = Vec::new();
        for seen in &self.seen {
            let Seen::Outside { reference, payment, amount } = seen else { continue };
            if self.tells(reference) {
                continue;
            }
            if let Some(place) = unnamed.iter().position(|told| *told == (Some(payment.as_str()), *amount)) {
                unnamed.swap_remove(place);
                continue;
            }
            more.push(Outside { units: None, payment: Some(payment.clone()), amount: *amount });
        }
        more
    }

    /// All that somebody else gave back of it: by credit notes, by what the order itself says, and by what the gateway told; nothing twice, and nothing
    /// that was ours.
    pub fn outside(&self) -> Vec<Outside> {
        let of_note = |credit: &Credit| Outside {
            units: (credit.quantity > 0).then(|| (credit.line.clone(), credit.quantity)),
            payment: None,
            amount: credit.amount,
        };
        let mut outside: Vec<Outside> = self.credits.iter().map(of_note).collect();
        outside.extend(self.outside_seen());
        for refund in self.told_outside() {
            let mut rest = refund.amount;
            for (line, units, amount) in &refund.lines {
                let amount = (*amount).min(rest);
                rest -= amount;
                outside.push(Outside { units: Some((line.clone(), *units)), payment: refund.payment.clone(), amount });
            }
            if rest > 0 {
                outside.push(Outside { units: None, payment: refund.payment.clone(), amount: rest });
            }
        }
        outside
    }

    /// Prices that were lowered after the purchase.
    pub fn lowered(&self) -> Vec<LowerPrice> {
        let lower = |(what, _): &(Concession, i64)| match what {
            Concession::LowerPrice(lower) => Some(lower.clone()),
            Concession::Goodwill { .. } => None,
        };
        self.conceded.iter().filter_map(lower).collect()
    }

    /// Presents, in all.
    pub fn goodwill(&self) -> i64 {
        self.conceded.iter().filter(|(what, _)| matches!(what, Concession::Goodwill { .. })).map(|(_, amount)| amount).sum()
    }
}

/// An order with all that decides what can come back of it.
#[derive(Clone, Debug)]
pub struct OrderToReturn {
    /// The order.
    pub row: Arc<OrderRow>,
    /// Every return on it, the oldest first.
    pub returns: Vec<Return>,
    /// When its customer opened returns lately, of any order, called-off ones aside (epoch milliseconds).
    pub recent: Vec<i64>,
    /// Counts what changed what may come back of it.
    pub version: i64,
}

type Row = (String, Option<String>, i64, Option<String>, String, String, String);
type RowWithReturns = (String, Option<String>, i64, Option<String>, String, String, String, String);
type RowToReturn = (String, Option<String>, i64, Option<String>, String, String, String, String, String, i64);

/// What went back of an order at the gateway: ours, then what others gave.
macro_rules! seen {
    () => {
        "SELECT gateway_refunds.id AS name, gateway_refunds.reference, gateway_refunds.state AS payment, COALESCE(payments.amount, 0) AS amount
           FROM gateway_refunds LEFT JOIN payments
             ON payments.rma = gateway_refunds.rma AND 'p' || CAST(payments.payment AS TEXT) = gateway_refunds.payment
           WHERE gateway_refunds.rma IN (SELECT rma FROM return_orders WHERE return_orders.order_key = orders.number_key)
         UNION ALL
         SELECT NULL, reference, payment, amount FROM outside_refunds WHERE outside_refunds.order_key = orders.number_key"
    };
}

/// Selects orders with what is kept beside them, in one statement: what goes together is one trip to the database. Further columns for
/// each of the databases may follow, then conditions and values.
macro_rules! select {
    ($conn:expr, $method:ident, $row:ty, [$pg:expr, $sqlite:expr], $rest:literal $(, $value:expr)* $(,)?) => {
        $method!(
            $conn,
            $row,
            concat!(
                "SELECT orders.document, orders.first_document, orders.revision, customers.document,
                   (SELECT COALESCE(JSON_AGG(JSON_BUILD_ARRAY(order_key, credit_note, position, line_id, quantity, amount)), '[]')::TEXT
                      FROM credits WHERE order_key = orders.number_key),
                   (SELECT COALESCE(JSON_AGG(JSON_BUILD_ARRAY(line_id, units, price, amount)), '[]')::TEXT
                      FROM concessions WHERE order_key = orders.number_key),
                   (SELECT COALESCE(JSON_AGG(JSON_BUILD_ARRAY(name, reference, payment, amount)), '[]')::TEXT FROM (",
                seen!(), ") AS seen)",
                $pg, " FROM orders LEFT JOIN customers ON customers.id = orders.customer_ref ", $rest
            ) =>
            concat!(
                "SELECT orders.document, orders.first_document, orders.revision, customers.document,
                   (SELECT JSON_GROUP_ARRAY(JSON_ARRAY(order_key, credit_note, position, line_id, quantity, amount))
                      FROM credits WHERE order_key = orders.number_key),
                   (SELECT JSON_GROUP_ARRAY(JSON_ARRAY(line_id, units, price, amount))
                      FROM concessions WHERE order_key = orders.number_key),
                   (SELECT JSON_GROUP_ARRAY(JSON_ARRAY(name, reference, payment, amount)) FROM (",
                seen!(), ") AS seen)",
                $sqlite, " FROM orders LEFT JOIN customers ON customers.id = orders.customer_ref ", $rest
            )
            $(, $value)*
        )
    };
}

/// A column: states of the returns on it, as JSON. Whoever reads it puts them in order: a database would make a table for that.
macro_rules! returns_of_it {
    (pg) => {
        returns_of_it!("STRING_AGG(returns.state, ',')")
    };
    (sqlite) => {
        returns_of_it!("GROUP_CONCAT(returns.state, ',')")
    };
    ($states:literal) => {
        concat!(
            ", (SELECT '[' || COALESCE(",
            $states,
            ", '') || ']' FROM return_orders JOIN returns ON returns.rma = return_orders.rma
            WHERE return_orders.order_key = orders.number_key)"
        )
    };
}

/// Columns: when its customer opened returns since `$2`, as JSON, and its version. A customer is known by mail, by phone, and by the shop's own
/// name for them; so many returns as anybody counts are counted.
macro_rules! recent_and_version {
    (pg) => {
        recent_and_version!("COALESCE(JSON_AGG(opened_at), '[]')::TEXT")
    };
    (sqlite) => {
        recent_and_version!("JSON_GROUP_ARRAY(opened_at)")
    };
    ($times:literal) => {
        concat!(
            ", (SELECT ",
            $times,
            " FROM (
              SELECT returns.rma, returns.opened_at FROM returns
              WHERE returns.email_key = COALESCE(orders.email_key, customers.email_key)
                AND returns.opened_at >= $2 AND returns.status <> 'cancelled'
              UNION
              SELECT returns.rma, returns.opened_at FROM orders AS theirs
              JOIN return_orders ON return_orders.order_key = theirs.number_key JOIN returns ON returns.rma = return_orders.rma
              WHERE theirs.phone_key = orders.phone_key AND returns.opened_at >= $2 AND returns.status <> 'cancelled'
              UNION
              SELECT returns.rma, returns.opened_at FROM orders AS theirs
              JOIN return_orders ON return_orders.order_key = theirs.number_key JOIN returns ON returns.rma = return_orders.rma
              WHERE theirs.customer_ref = orders.customer_ref AND returns.opened_at >= $2 AND returns.status <> 'cancelled'
              LIMIT 1000
            ) AS lately),
          COALESCE((SELECT version FROM order_versions WHERE order_key = orders.number_key), 0)"
        )
    };
}

/// The order of exactly that number.
pub async fn find_order(conn: &mut Conn<'_>, number: &str) -> Result<Option<OrderRow>, StoreError> {
    let row = select!(conn, fetch_optional, Row, ["", ""], "WHERE orders.number_key = $1", number)?;
    row.map(read_order).transpose()
}

/// Orders whose number may be meant by what was typed, the one of exactly that number first; at most 20.
pub async fn orders_written_like(conn: &mut Conn<'_>, typed: &str) -> Result<Vec<OrderRow>, StoreError> {
    orders_of_forms(conn, typed.trim(), &typed_numbers(typed)).await
}

/// Orders that are known under one of these forms, as [`domain::written::typed_numbers`] makes them, the one of the number `exactly` first; at most 20.
pub async fn orders_of_forms(conn: &mut Conn<'_>, exactly: &str, forms: &[String]) -> Result<Vec<OrderRow>, StoreError> {
    let rows = select!(
        conn,
        fetch_all,
        Row,
        ["", ""],
        "WHERE orders.number_key IN ($1, $2, $3, $4, $5) OR orders.found_by IN ($2, $3, $4, $5)
         ORDER BY CASE orders.number_key WHEN $1 THEN 0 ELSE 1 END, orders.number_key LIMIT 20",
        exactly,
        forms.first(),
        forms.get(1),
        forms.get(2),
        forms.get(3)
    )?;
    rows.into_iter().map(read_order).collect()
}

/// The number of the order that is meant by what was typed: exactly that, else the only one that is written like it.
pub async fn number_meant(conn: &mut Conn<'_>, typed: &str) -> Result<Option<OrderNumber>, StoreError> {
    let forms = typed_numbers(typed);
    let like = fetch_all!(
        conn,
        (String,),
        "SELECT number_key FROM orders WHERE number_key IN ($1, $2, $3) OR found_by IN ($2, $3)
         ORDER BY CASE number_key WHEN $1 THEN 0 ELSE 1 END, number_key LIMIT 2",
        typed.trim(),
        forms.first(),
        forms.get(1)
    )?;
    let meant = match like.as_slice() {
        [(exactly,), ..] if exactly == typed.trim() => Some(exactly),
        [(only,)] => Some(only),
        _ => None,
    };
    meant.map(|number| number.parse().map_err(|error| StoreError::corrupt("order", error))).transpose()
}

/// The order of that number as it was told last, whatever was told at first.
pub async fn find_telling(conn: &mut Conn<'_>, number: &str) -> Result<Option<Order>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT document FROM orders WHERE number_key = $1", number)?;
    row.map(|(text,)| read_telling(&text).map(|(_, order)| order)).transpose()
}

/// The order of that number with every return on it, the oldest first.
pub async fn find_order_with_returns(conn: &mut Conn<'_>, number: &str) -> Result<Option<(OrderRow, Vec<Return>)>, StoreError> {
    let row = select!(
        conn,
        fetch_optional,
        RowWithReturns,
        [returns_of_it!(pg), returns_of_it!(sqlite)],
        "WHERE orders.number_key = $1",
        number
    )?;
    Ok(read_orders_with_returns(conn, row.into_iter().collect()).await?.pop())
}

/// The order of that number with its returns, and when its customer opened others from `since` (epoch milliseconds) on.
pub async fn find_order_to_return(conn: &mut Conn<'_>, number: &str, since: i64) -> Result<Option<OrderToReturn>, StoreError> {
    let row = select!(
        conn,
        fetch_optional,
        RowToReturn,
        [concat!(returns_of_it!(pg), recent_and_version!(pg)), concat!(returns_of_it!(sqlite), recent_and_version!(sqlite))],
        "WHERE orders.number_key = $1",
        number,
        since
    )?;
    let Some((text, first, revision, told, credits, conceded, seen, returns, recent, version)) = row else { return Ok(None) };
    let returns = read_lists(conn, [returns.as_str()]).await?.pop().unwrap_or_default();
    Ok(Some(OrderToReturn {
        row: Arc::new(read_order((text, first, revision, told, credits, conceded, seen))?.with_exchanged(&returns)),
        returns,
        recent: serde_json::from_str(&recent).map_err(|error| StoreError::corrupt("returns", error))?,
        version,
    }))
}

fn read_telling(text: &str) -> Result<(OrderDocument, Order), StoreError> {
    let document: OrderDocument = serde_json::from_str(text).map_err(|error| StoreError::corrupt("order", error))?;
    let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
    Ok((document, order))
}

fn read_order((text, first, revision, told, credits, conceded, seen): Row) -> Result<OrderRow, StoreError> {
    let (document, mut order) = read_telling(&text)?;
    let mut told_anew = false;
    if let Some(first) = first {
        let (_, first) = read_telling(&first)?;
        told_anew = !order.has_money_of(&first);
        order = order.with_money_of(first);
    }
    if let Some(told) = told {
        let told: CustomerDocument = serde_json::from_str(&told).map_err(|error| StoreError::corrupt("customer", error))?;
        let told = Customer::parse(&told).map_err(|problems| StoreError::corrupt("customer", problems[0].clone()))?;
        order.customer.take_in(told);
    }
    let mut credits: Vec<CreditColumns> = serde_json::from_str(&credits).map_err(|error| StoreError::corrupt("credit", error))?;
    credits.sort_unstable();
    let credits = credits.into_iter().map(|columns| read_credit(columns).map(|(_, credit)| credit)).collect::<Result<_, _>>()?;
    let conceded: Vec<ConcededColumns> = serde_json::from_str(&conceded).map_err(|error| StoreError::corrupt("concession", error))?;
    let conceded = conceded.into_iter().map(read_conceded).collect::<Result<_, _>>()?;
    let mut seen: Vec<SeenColumns> = serde_json::from_str(&seen).map_err(|error| StoreError::corrupt("refund", error))?;
    seen.sort_unstable();
    let seen = seen.into_iter().filter_map(read_seen).collect();
    Ok(OrderRow { order, document, revision, credits, conceded, seen, told_anew })
}

/// Orders of an account with their returns, the latest first, at most so many.
pub async fn orders_of_account(conn: &mut Conn<'_>, account: &Account, limit: i64) -> Result<Vec<(OrderRow, Vec<Return>)>, StoreError> {
    let rows = match account {
        Account::Email(key) => select!(
            conn,
            fetch_all,
            RowWithReturns,
            [returns_of_it!(pg), returns_of_it!(sqlite)],
            "WHERE orders.email_key = $1 ORDER BY orders.placed_at DESC, orders.number_key DESC LIMIT $2",
            key,
            limit
        )?,
        Account::Customer(id) => select!(
            conn,
            fetch_all,
            RowWithReturns,
            [returns_of_it!(pg), returns_of_it!(sqlite)],
            "WHERE orders.customer_ref = $1 ORDER BY orders.placed_at DESC, orders.number_key DESC LIMIT $2",
            id,
            limit
        )?,
    };
    read_orders_with_returns(conn, rows).await
}

async fn read_orders_with_returns(conn: &mut Conn<'_>, rows: Vec<RowWithReturns>) -> Result<Vec<(OrderRow, Vec<Return>)>, StoreError> {
    let returns = read_lists(conn, rows.iter().map(|(.., returns)| returns.as_str())).await?;
    let read = |((text, first, revision, told, credits, conceded, seen, _), returns): (RowWithReturns, Vec<Return>)| {
        Ok((read_order((text, first, revision, told, credits, conceded, seen))?.with_exchanged(&returns), returns))
    };
    rows.into_iter().zip(returns).map(read).collect()
}

/// Orders that share a return with any of these, themselves included where they have one.
pub async fn orders_beside(conn: &mut Conn<'_>, keys: &[String]) -> Result<Vec<String>, StoreError> {
    // A return's orders are read from itself: finding them by its number would go through all there are.
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT state FROM returns WHERE rma IN
           (SELECT rma FROM return_orders WHERE order_key IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)))" =>
        "SELECT state FROM returns WHERE rma IN (SELECT rma FROM return_orders WHERE order_key IN (SELECT value FROM JSON_EACH($1)))",
        write_json("order", &keys)?
    )?;
    let returns = read_states(conn, rows.iter().map(|(state,)| state)).await?;
    let orders: BTreeSet<String> = returns.iter().flat_map(|request| &request.orders).map(|part| part.number.to_string()).collect();
    Ok(orders.into_iter().collect())
}

/// Orders placed from `from` on and before `before` (epoch milliseconds), the oldest first: how many there are, and the first `most` with the
/// moments they were placed at.
pub async fn orders_placed(conn: &mut Conn<'_>, from: i64, before: i64, most: i64) -> Result<(i64, Vec<(OrderNumber, i64)>), StoreError> {
    let rows = fetch_all!(
        conn,
        (String, i64),
        "SELECT document, placed_at FROM orders WHERE placed_at >= $1 AND placed_at < $2 ORDER BY placed_at, number_key LIMIT $3",
        from,
        before,
        most
    )?;
    let count = fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM orders WHERE placed_at >= $1 AND placed_at < $2", from, before)?;
    let read = |(text, placed): (String, i64)| Ok((read_telling(&text)?.1.number, placed));
    Ok((count.map_or(0, |(count,)| count), rows.into_iter().map(read).collect::<Result<_, StoreError>>()?))
}

/// How many orders there are.
pub async fn count_orders(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM orders")?.map_or(0, |(count,)| count))
}
