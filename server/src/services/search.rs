//! One box that finds returns and orders by whatever somebody has of them.

use std::collections::{BTreeSet, HashMap};

use domain::ids::OrderNumber;
use domain::order::Order;
use domain::rma::RmaNumber;
use domain::scanned;
use domain::search::{self, Sought, Word, names};
use jiff::Timestamp;

use super::Services;
use super::access::AtWork;
use super::head::Head;
use crate::store::{self, Conn, Matches, OrderMatch, StoreError};

/// Returns that are shown at once, at the most.
pub const MOST_FOUND: usize = 50;
/// Orders beside them.
const MOST_ORDERS: i64 = 10;
/// Orders that are looked through for all the words of a name, of which an index knows one.
const MOST_LOOKED_THROUGH: i64 = 200;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Open ones before those that have ended, of each the newest first.
    pub returns: Vec<Head>,
    /// The newest first.
    pub orders: Vec<OrderHead>,
    /// There are more returns than these.
    pub more: bool,
}

/// An order in a list of people at work.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderHead {
    pub number: OrderNumber,
    pub placed_at: Timestamp,
    /// The customer's name.
    pub customer: Option<String>,
    /// The first item's name.
    pub item: String,
    /// How many lines there are.
    pub lines: usize,
    /// How many returns there are on it.
    pub returns: i64,
}

impl From<OrderMatch> for OrderHead {
    fn from(OrderMatch { order, returns }: OrderMatch) -> Self {
        Self {
            number: order.number,
            placed_at: order.placed_at,
            customer: order.customer.name,
            item: order.lines.first().map(|line| line.name.clone()).unwrap_or_default(),
            lines: order.lines.len(),
            returns,
        }
    }
}

impl Services {
    /// Finds returns for which each word of a text says something, or all of it does as one number; and orders that it names.
    pub async fn search(&self, _who: &AtWork, text: &str, limit: usize) -> Result<Found, StoreError> {
        let Some(sought) = Sought::read(text) else { return Ok(Found::default()) };
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let matches = matching(conn, &sought).await?;
        let limit = limit.min(MOST_FOUND);
        let mut first = store::newest_of(conn, &matches, limit + 1).await?;
        let more = matches.more || first.len() > limit;
        first.truncate(limit);
        let returns = store::find_returns(conn, &first.iter().collect::<Vec<_>>()).await?;
        let mut heads: HashMap<String, Head> = returns.iter().map(|request| (request.rma.to_string(), Head::from(request))).collect();
        let mut orders =
            store::orders_meant(conn, &sought.whole, if sought.words.len() > 1 { MOST_LOOKED_THROUGH } else { MOST_ORDERS }).await?;
        orders.retain(|found| has_all_names(&found.order, &sought));
        orders.truncate(MOST_ORDERS as usize);
        Ok(Found {
            returns: first.iter().filter_map(|rma| heads.remove(rma)).collect(),
            orders: orders.into_iter().map(OrderHead::from).collect(),
            more,
        })
    }
}

/// What a scanner read, and the returns that it can be of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meant {
    /// `return`, `parcel`, `serial`, `sku`, `order`, or `unknown`.
    pub kind: &'static str,
    /// Open ones before those that have ended, of each the newest first.
    pub returns: Vec<Head>,
}

impl Services {
    /// What a code on a parcel, a slip or a thing is.
    pub async fn identify(&self, who: &AtWork, code: &str) -> Result<Meant, StoreError> {
        let mut unknown = Meant { kind: "unknown", returns: Vec::new() };
        for form in scanned::forms(code) {
            let meant = self.identify_form(who, &form).await?;
            if meant.kind != unknown.kind {
                return Ok(meant);
            }
            if unknown.returns.is_empty() {
                unknown = meant;
            }
        }
        Ok(unknown)
    }

    /// Likewise, of one form of it.
    async fn identify_form(&self, who: &AtWork, code: &str) -> Result<Meant, StoreError> {
        let Found { mut returns, orders, .. } = self.search(who, code, MOST_FOUND).await?;
        if let Ok(rma) = code.parse::<RmaNumber>()
            && let Some(head) = returns.iter().find(|head| head.rma == rma)
        {
            return Ok(Meant { kind: "return", returns: vec![head.clone()] });
        }
        let same = |text: &str| search::code(text) == search::code(code);
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let rmas: Vec<String> = returns.iter().map(|head| head.rma.to_string()).collect();
        let requests = store::find_returns(&mut conn, &rmas.iter().collect::<Vec<_>>()).await?;
        let numbers = requests.iter().flat_map(|request| &request.orders).map(|part| part.number.as_str());
        let bought = store::orders_bought(&mut conn, numbers.collect::<Vec<_>>()).await?;
        let with_serial: Vec<&OrderNumber> = bought
            .iter()
            .filter(|order| order.lines.iter().any(|line| line.serials.iter().any(|serial| same(serial.as_str()))))
            .map(|order| &order.number)
            .collect();
        let mut kinds = [("parcel", Vec::new()), ("serial", Vec::new()), ("sku", Vec::new()), ("order", Vec::new())];
        for request in &requests {
            let serial = request.orders.iter().any(|part| with_serial.contains(&&part.number));
            let parcel = request.parcels.iter().any(|parcel| same(&parcel.tracking_number));
            let sku = request.lines.iter().any(|line| same(line.asked.sku.as_str()));
            let order = request.orders.iter().any(|part| same(part.number.as_str()));
            for ((_, of), is) in kinds.iter_mut().zip([parcel, serial, sku, order]) {
                of.extend(is.then_some(request.rma));
            }
        }
        // What it is exactly, and of which returns; what only begins so is of none of these.
        if let Some((kind, of)) = kinds.into_iter().find(|(_, of)| !of.is_empty()) {
            returns.retain(|head| of.contains(&head.rma));
            return Ok(Meant { kind, returns });
        }
        let order = orders.iter().any(|order| same(order.number.as_str()));
        Ok(Meant { kind: if order { "order" } else { "unknown" }, returns })
    }
}

/// Whether an order that one word of a name found is of somebody who has the others, too.
fn has_all_names(order: &Order, sought: &Sought) -> bool {
    let theirs = order.customer.name.iter().chain(order.ship_to.iter().filter_map(|address| address.name.as_ref()));
    let terms: Vec<String> = theirs.flat_map(|name| names(name)).collect();
    let begins = |name: &String| terms.iter().any(|term| term.starts_with(name.as_str()));
    let by_name = sought.whole.names.iter().max_by_key(|name| name.len()).is_some_and(begins);
    !by_name || sought.words.iter().flat_map(|word| &word.names).all(begins)
}

async fn matching(conn: &mut Conn<'_>, sought: &Sought) -> Result<Matches, StoreError> {
    let [first, more @ ..] = sought.words.as_slice() else { return Ok(Matches::default()) };
    if more.is_empty() {
        return store::returns_meant(conn, first).await;
    }
    let mut found: Vec<(&Word, Matches)> = Vec::with_capacity(sought.words.len());
    for word in &sought.words {
        found.push((word, store::returns_meant(conn, word).await?));
    }
    // Of what was read to its end the least is looked through.
    found.sort_by_key(|(_, matches)| (matches.more, matches.rmas.len()));
    let mut kept = found[0].1.clone();
    for (word, matches) in &found[1..] {
        let meant = if matches.more { store::meant_of(conn, &kept.rmas, word).await? } else { BTreeSet::new() };
        kept.rmas.retain(|rma, _| matches.rmas.contains_key(rma) || meant.contains(rma));
    }
    // A number that is written with spaces.
    let whole = Word { names: Vec::new(), ..sought.whole.clone() };
    let as_one = store::returns_meant(conn, &whole).await?;
    kept.rmas.extend(as_one.rmas);
    kept.more |= as_one.more;
    Ok(kept)
}
