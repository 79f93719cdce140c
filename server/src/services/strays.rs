//! Parcels that came and of which nobody knows whose they are (P22): put on a shelf with an owner and a day by which it is decided, held against returns
//! and orders, linked to the return they turn out to be of, or ended otherwise.
//! Long because what is known of a parcel, and of what it may be, is put together here.

use std::collections::HashMap;

use domain::ids::OrderNumber;
use domain::order::Order;
use domain::returns::{Command, Reception, Return, Scan, ScanStatus};
use domain::rma::RmaNumber;
use domain::search;
use domain::stray::{Clues, Fit, Known, StrayState, fits, says};
use jiff::Timestamp;

use super::Services;
use super::access::{Access, Accountable, AtParcels, AtWork};
use super::head::Head;
use super::once::{Carried, IdempotencyKey};
use super::refusals::{ChangeError, OpenError};
use super::search::{MOST_FOUND, OrderHead};
use crate::store::{self, AuditNote, Conn, OrderMatch, StoreError, StrayRow};

/// Returns, and orders, that a parcel is held against.
const MOST_HELD: usize = 60;
/// Of them, those that are shown.
const MOST_CANDIDATES: usize = 12;
/// Parcels of a list at once.
pub const MOST_PARCELS: i64 = 200;

/// What is said of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayTold {
    pub warehouse: String,
    /// Nothing: where it was; of what is new: on none yet.
    pub shelf: Option<String>,
    pub clues: Clues,
    /// For colleagues.
    pub note: Option<String>,
    /// Who sees to it; nobody named: whoever says it, or whoever did.
    pub owner: Option<String>,
    pub due: Timestamp,
}

/// What a parcel may be of.
#[derive(Clone, Debug, PartialEq)]
pub enum MayBe {
    Return(Box<Head>),
    /// Of which there is no return that waits.
    Order(OrderHead),
}

/// What a parcel may be of, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub of: MayBe,
    /// Something of it is waited for.
    pub awaited: bool,
    /// What says most first.
    pub fits: Vec<Fit>,
}

/// Why a parcel is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StrayError {
    #[error("there is no such parcel")]
    Unknown,
    #[error("there is no such return")]
    UnknownReturn,
    /// Somebody did something else with it.
    #[error("this parcel is {0} by now")]
    Ended(StrayState),
    #[error("this parcel was changed since")]
    Changed,
    /// Nobody of that name works here.
    #[error("nobody of that name works here")]
    NoOwner,
    #[error(transparent)]
    Change(ChangeError),
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError> for StrayError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::UnknownReturn,
            ChangeError::KeyReused => Self::KeyReused,
            ChangeError::Store(error) => Self::Store(error),
            other => Self::Change(other),
        }
    }
}

impl From<OpenError> for StrayError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

impl Services {
    /// Puts a parcel that nobody knows on a shelf; by the same key once.
    pub async fn shelve(&self, access: AtParcels, told: StrayTold, key: Option<IdempotencyKey>) -> Result<StrayRow, StrayError> {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if let Some(key) = &key
                    && let Some((before, _)) = key.before(conn).await?
                {
                    let number = before.answer.parse().map_err(|_| StrayError::KeyReused)?;
                    return store::find_stray_parcel(conn, number).await?.ok_or(StrayError::KeyReused);
                }
                let StrayTold { warehouse, shelf, clues, note, owner, due } = told;
                let owner = owner_of(conn, owner, access.id()).await?;
                let number = store::next_number(conn, "stray_parcels").await?;
                let (state, version) = (StrayState::Waiting, 1);
                let row = StrayRow {
                    number,
                    at: now,
                    warehouse,
                    shelf,
                    clues,
                    note,
                    owner,
                    due,
                    state,
                    rma: None,
                    reason: None,
                    ended_at: None,
                    version,
                    with: None,
                };
                put(conn, &access, "shelve_parcel", None, &row, now).await?;
                if let Some(key) = key
                    && !key.keep_name(conn, number.to_string(), now).await?
                {
                    return Err(StrayError::KeyReused);
                }
                Ok(row)
            })
        });
        written.await
    }

    /// Says something else of a parcel that waits: where it lies, what can be read of it, who sees to it, by when.
    pub async fn reshelve(&self, access: AtParcels, number: i64, seen: Option<i64>, told: StrayTold) -> Result<StrayRow, StrayError> {
        self.to_stray(access, number, seen, "change_parcel", move |conn, row| {
            Box::pin(async move {
                let StrayTold { warehouse, shelf, clues, note, owner, due } = told;
                let owner = owner_of(conn, owner, &row.owner).await?;
                let shelf = shelf.or(row.shelf);
                Ok(StrayRow { warehouse, shelf, clues, note, owner, due, ..row })
            })
        })
        .await
    }

    /// Says where a parcel went that is of no return. Said again, nothing happens.
    pub async fn end_stray(&self, access: AtParcels, number: i64, to: StrayState, reason: String) -> Result<StrayRow, StrayError> {
        let now = self.clock.now();
        self.to_stray(access, number, None, "end_parcel", move |_, row| {
            Box::pin(async move { Ok(StrayRow { state: to, reason: Some(reason), ended_at: Some(now), ..row }) })
        })
        .await
    }

    async fn to_stray<F>(
        &self,
        access: AtParcels,
        number: i64,
        seen: Option<i64>,
        what: &'static str,
        change: F,
    ) -> Result<StrayRow, StrayError>
    where
        F: for<'s, 'c> FnOnce(&'s mut Conn<'c>, StrayRow) -> futures::future::BoxFuture<'s, Result<StrayRow, StrayError>> + Send + 'static,
    {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_stray_parcel(conn, number).await?.ok_or(StrayError::Unknown)?;
                let before = row.clone();
                let changed = change(conn, row).await?;
                if before.state != StrayState::Waiting {
                    return if changed.state == before.state { Ok(before) } else { Err(StrayError::Ended(before.state)) };
                }
                if seen.is_some_and(|seen| seen != before.version) {
                    return Err(StrayError::Changed);
                }
                if changed == before {
                    return Ok(before);
                }
                let changed = StrayRow { version: before.version + 1, ..changed };
                put(conn, &access, what, Some(&before), &changed, now).await?;
                Ok(changed)
            })
        });
        written.await
    }

    /// Says of which return a parcel is, on which colleagues then read `words`; where one of its labels has the parcel's number, it was delivered.
    /// Said again, nothing happens.
    pub async fn link_stray(
        &self,
        access: AtParcels,
        to_return: Access<Return>,
        number: i64,
        key: Option<IdempotencyKey>,
        words: impl FnOnce(&StrayRow) -> String + Send + 'static,
    ) -> Result<Carried, StrayError> {
        let story = self.run(to_return, key, Vec::new(), move |run| {
            Box::pin(async move {
                let row = store::find_stray_parcel(run.conn, number).await?.ok_or(StrayError::Unknown)?;
                let rma = run.request.rma;
                match row.state {
                    StrayState::Waiting => {}
                    StrayState::Linked if row.rma == Some(rma) => return Ok(()),
                    ended => return Err(StrayError::Ended(ended)),
                }
                let (state, ended_at, version) = (StrayState::Linked, Some(run.now), row.version + 1);
                let linked = StrayRow { state, rma: Some(rma), ended_at, version, ..row.clone() };
                put(run.conn, &access, "link_parcel", Some(&row), &linked, run.now).await?;
                run.decide(&Command::Note { note: words(&row) })?;
                let same = |text: &String| row.clues.tracking_number.as_ref().is_some_and(|code| search::code(code) == search::code(text));
                let parcel = run.request.parcels.iter().rfind(|parcel| same(&parcel.tracking_number));
                let known = parcel.filter(|parcel| parcel.scans.iter().all(|scan| scan.status != ScanStatus::Delivered));
                if let Some(tracking_number) = known.map(|parcel| parcel.tracking_number.clone()) {
                    let scan = Scan { status: ScanStatus::Delivered, at: row.at, location: None };
                    run.decide(&Command::Scan { tracking_number, scan })?;
                }
                Ok(())
            })
        });
        story.await
    }

    /// A parcel by its number.
    pub async fn stray(&self, _access: &AtParcels, number: i64) -> Result<Option<StrayRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::find_stray_parcel(&mut read.conn(), number).await
    }

    /// Parcels that wait, what is due first before the rest.
    pub async fn strays(&self, _access: &AtParcels, after: (i64, i64), limit: i64) -> Result<Vec<StrayRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::stray_parcels_waiting(&mut read.conn(), after, limit.min(MOST_PARCELS + 1)).await
    }

    /// How many parcels wait, and how many of them are late, each as far as [`store::COUNTED`].
    pub async fn strays_counted(&self, _access: &AtParcels) -> Result<(i64, i64), StoreError> {
        let now = self.clock.millis();
        store::count_stray_parcels(&mut self.store.read().await?.conn(), now).await
    }

    /// Parcels that wait no more, the youngest first.
    pub async fn strays_ended(&self, _access: &AtParcels, before: i64, limit: i64) -> Result<Vec<StrayRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::stray_parcels_ended(&mut read.conn(), before, limit.min(MOST_PARCELS + 1)).await
    }

    /// What a parcel may be of: what fits best first, of that what is waited for, of that what was asked for last. What came in a return's parcel is of
    /// that return, or of what its customer bought, before anything else.
    pub async fn may_be(&self, who: &AtWork, parcel: &StrayRow) -> Result<Vec<Candidate>, StoreError> {
        let (clues, with) = (&parcel.clues, parcel.with.map(|with| with.rma));
        let mut heads: Vec<Head> = Vec::new();
        let mut orders: Vec<OrderHead> = Vec::new();
        // A number says more than a name: what it finds is looked at, however many have the name.
        for text in clues.sought() {
            let found = self.search(who, text, MOST_FOUND).await?;
            let new = |head: &Head| heads.iter().all(|known| known.rma != head.rma);
            let more: Vec<Head> = found.returns.into_iter().filter(new).collect();
            heads.extend(more);
            for order in found.orders {
                if orders.iter().all(|known| known.number != order.number) {
                    orders.push(order);
                }
            }
        }
        heads.truncate(MOST_HELD);
        orders.truncate(MOST_HELD);
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let mut with_orders: Vec<OrderNumber> = Vec::new();
        if let Some(with) = with
            && let Some(request) = store::find_return(conn, with).await?
        {
            heads.retain(|head| head.rma != with);
            heads.insert(0, Head::from(&request));
            with_orders = request.orders.iter().map(|part| part.number.clone()).collect();
            orders.retain(|order| !with_orders.contains(&order.number));
            for number in &with_orders {
                let found = store::find_order_with_returns(conn, number.as_str()).await?;
                let found = found.map(|(row, returns)| OrderMatch { order: row.order, returns: returns.len() as i64 });
                orders.splice(0..0, found.map(OrderHead::from));
            }
        }
        let rmas: Vec<String> = heads.iter().map(|head| head.rma.to_string()).collect();
        let requests = store::find_returns(conn, &rmas.iter().collect::<Vec<_>>()).await?;
        let asked = requests.iter().flat_map(|request| &request.orders).map(|part| part.number.as_str());
        let numbers: Vec<&str> = asked.chain(orders.iter().map(|order| order.number.as_str())).collect();
        let bought = store::orders_bought(conn, numbers).await?;
        let bought: HashMap<String, Order> = bought.into_iter().map(|order| (order.number.to_string(), order)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        for request in &requests {
            let Some(head) = heads.iter().find(|head| head.rma == request.rma) else { continue };
            let known = Known { came_with: Some(request.rma) == with, ..of_return(request, &bought) };
            candidates.push(Candidate { of: MayBe::Return(Box::new(head.clone())), awaited: known.awaited, fits: fits(clues, &known) });
        }
        for order in orders {
            // Who waits for one of its returns is named already.
            let waits = |candidate: &Candidate| {
                let MayBe::Return(head) = &candidate.of else { return false };
                candidate.awaited
                    && requests
                        .iter()
                        .any(|request| request.rma == head.rma && request.orders.iter().any(|part| part.number == order.number))
            };
            if candidates.iter().any(waits) {
                continue;
            }
            let Some(known) = bought.get(order.number.as_str()).map(of_order) else { continue };
            let known = Known { came_with: with_orders.contains(&order.number), ..known };
            candidates.push(Candidate { of: MayBe::Order(order), awaited: false, fits: fits(clues, &known) });
        }
        candidates.retain(|candidate| !candidate.fits.is_empty());
        let asked_at = |candidate: &Candidate| match &candidate.of {
            MayBe::Return(head) => head.opened_at,
            MayBe::Order(order) => order.placed_at,
        };
        candidates.sort_by_key(|candidate| {
            let is_order = matches!(candidate.of, MayBe::Order(_));
            (std::cmp::Reverse((says(&candidate.fits), candidate.awaited)), is_order, std::cmp::Reverse(asked_at(candidate)))
        });
        candidates.truncate(MOST_CANDIDATES);
        Ok(candidates)
    }
}

/// What is known of a return that a parcel may be of.
fn of_return(request: &Return, bought: &HashMap<String, Order>) -> Known {
    let mut known = Known::default();
    for order in request.orders.iter().filter_map(|part| bought.get(part.number.as_str())) {
        let of = of_order(order);
        known.names.extend(of.names);
        known.phones.extend(of.phones);
        known.postal_codes.extend(of.postal_codes);
        let asked = |sku: &str| request.lines.iter().any(|line| line.asked.sku.as_str() == sku);
        let lines = order.lines.iter().filter(|line| asked(line.sku.as_str()));
        known.serials.extend(lines.flat_map(|line| line.serials.iter().map(|serial| serial.to_string())));
        known.tracking_numbers.extend(of.tracking_numbers);
    }
    known.names.extend(request.contact.name.clone());
    known.names.extend(request.from.as_ref().and_then(|from| from.name.clone()));
    known.phones.extend(request.contact.phone.as_ref().map(ToString::to_string));
    known.postal_codes.extend(request.from.as_ref().and_then(|from| from.postal_code.clone()));
    known.tracking_numbers.extend(request.parcels.iter().map(|parcel| parcel.tracking_number.clone()));
    known.skus = request.lines.iter().map(|line| line.asked.sku.to_string()).collect();
    let weight = |line: &domain::returns::ReturnLine| {
        let order = bought.get(line.asked.order.as_str())?;
        let of = order.lines.iter().find(|known| known.id == line.asked.line)?;
        of.weight_grams?.checked_mul(line.asked.quantity)
    };
    known.weight_grams = request.lines.iter().map(weight).try_fold(0_u32, |sum, grams| sum.checked_add(grams?));
    let waits = |reception| matches!(reception, Reception::Awaiting | Reception::InTransit | Reception::Short | Reception::Lost);
    known.awaited = !request.status().is_end() && request.lots().any(|(_, lot)| lot.state.is_live() && waits(lot.state.reception));
    known
}

/// What is known of an order that a parcel may be of.
fn of_order(order: &Order) -> Known {
    let address = order.ship_to.as_ref();
    let lines = || order.lines.iter();
    Known {
        tracking_numbers: order.deliveries.iter().filter_map(|delivery| delivery.tracking_number.clone()).collect(),
        names: order.customer.name.iter().chain(address.and_then(|address| address.name.as_ref())).cloned().collect(),
        phones: order.customer.phone.iter().map(ToString::to_string).collect(),
        postal_codes: address.and_then(|address| address.postal_code.clone()).into_iter().collect(),
        skus: lines().map(|line| line.sku.to_string()).collect(),
        serials: lines().flat_map(|line| line.serials.iter().map(|serial| serial.to_string())).collect(),
        weight_grams: lines()
            .map(|line| line.weight_grams?.checked_mul(line.quantity))
            .try_fold(0_u32, |sum, grams| sum.checked_add(grams?)),
        awaited: false,
        came_with: false,
    }
}

/// Who sees to it: somebody who works here.
async fn owner_of(conn: &mut Conn<'_>, named: Option<String>, else_: &str) -> Result<String, StrayError> {
    let Some(id) = named.filter(|id| id != else_) else { return Ok(else_.to_owned()) };
    let row = store::find_staff(conn, &id).await?.filter(|row| row.ended_at.is_none());
    row.map(|row| row.member.id).ok_or(StrayError::NoOwner)
}

/// Writes a parcel down as it is now, and who says so.
async fn put(
    conn: &mut Conn<'_>,
    access: &AtParcels,
    what: &str,
    before: Option<&StrayRow>,
    row: &StrayRow,
    now: Timestamp,
) -> Result<(), StrayError> {
    if !store::put_stray_parcel(conn, row).await? {
        return Err(StrayError::Changed);
    }
    store::note_audit(conn, &note_of(access.by(), what, before, Some(row), now)).await?;
    Ok(())
}

/// For the audit trail: that somebody did something to a parcel, and how it stood before and after. Nothing after: it was taken out of the books.
pub(super) fn note_of(by: &Accountable, what: &str, before: Option<&StrayRow>, after: Option<&StrayRow>, now: Timestamp) -> AuditNote {
    let stands = |row: &StrayRow| {
        let rma = row.rma.map(|rma: RmaNumber| format!(" to {rma}")).unwrap_or_default();
        let with = row.with.map(|with| format!(", {} came with {} by {}", with.units, with.rma, with.receipt)).unwrap_or_default();
        format!("{} at {}, owner {}, due {}{rma}{with}", row.state, row.warehouse, row.owner, row.due)
    };
    let number = after.or(before).map_or(0, |row| row.number);
    let private = after.and_then(|row| serde_json::to_value((&row.shelf, &row.clues, &row.note, &row.reason)).ok());
    let note = by.note(now, what, format!("parcel:P{number}"));
    AuditNote { before: before.map(stands), after: after.map(stands), private: private.map(|value| value.to_string()), ..note }
}
