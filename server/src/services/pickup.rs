//! When the door can be called at: in areas that people at work keep, each slot for so many; without areas at fixed hours (B9, C48).

use std::collections::BTreeMap;

use app::messages::Occasion;
use domain::order::Address;
use domain::pickup::{DoorState, PickupArea, area_of};
use domain::policy::{Method, days_between, local_day};
use domain::returns::{Command, Pickup, Reception, Return, Scan, ScanStatus};
use domain::rma::RmaNumber;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Services;
use super::access::{Access, Accountable, AtPickups};
use super::later::AboutReturn;
use super::refusals::ChangeError;
use super::request::{RequestProblem, Wrong};
use crate::store::{self, AuditNote, Booking, Conn, StoreError};

/// Areas of a shop.
pub const MOST_AREAS: usize = 100;
/// Doors of a day that are listed.
pub const MOST_DOORS: i64 = 1_000;

/// When the door can be called at somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    pub days: Vec<Date>,
    pub slots: Vec<String>,
    /// Of those days and slots, what is taken.
    pub full: Vec<Pickup>,
    /// Nobody goes round there.
    pub nowhere: bool,
}

/// A door that is called at, with whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    pub booking: Booking,
    pub request: Return,
}

impl Door {
    /// By this a round's doors are called at one after the other: by slot, then by where they are.
    pub fn place(&self) -> impl Ord + use<> {
        let from = self.request.from.clone().unwrap_or_default();
        (self.booking.pickup.slot.clone(), from.postal_code, from.city, from.line1, self.booking.rma.to_string())
    }
}

impl Services {
    /// What is wrong with the time of a pickup, as far as that does not hang on what others have booked. `fixed`: the shop keeps no areas.
    pub(super) fn pickup_problem(&self, pickup: Option<&Pickup>, fixed: bool, now: Timestamp) -> Option<RequestProblem> {
        let wrong = match pickup {
            None => Wrong::Missing("day and slot of the pickup"),
            Some(pickup) if fixed && !self.can_pick_up(pickup, now) => Wrong::PickupTime,
            Some(_) => return None,
        };
        Some(RequestProblem { field: "pickup".into(), wrong })
    }

    /// Whether that is a day on which doors are called at, as far ahead as the shop looks.
    fn is_ahead(&self, day: Date, now: Timestamp) -> bool {
        let ahead = days_between(local_day(now, &self.shop_zone()), day);
        (1..=i64::from(self.config.pickup.days_ahead)).contains(&ahead)
    }

    /// Whether the door can be called at then, where the shop keeps no areas.
    pub fn can_pick_up(&self, pickup: &Pickup, now: Timestamp) -> bool {
        self.is_ahead(pickup.date, now) && self.config.pickup.slots.contains(&pickup.slot)
    }

    /// When the door can be called at that address; `but`: what is booked for that return is as good as free to it.
    pub async fn pickup_calls(&self, address: Option<&Address>, but: Option<RmaNumber>) -> Result<Calls, StoreError> {
        let today = local_day(self.clock.now(), &self.shop_zone());
        let ahead = |days: u32| today.saturating_add(i64::from(days).days());
        let days = (1..=self.config.pickup.days_ahead).map(ahead);
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let areas = store::list_pickup_areas(conn).await?;
        if areas.is_empty() {
            return Ok(Calls { days: days.collect(), slots: self.config.pickup.slots.clone(), ..Calls::default() });
        }
        let Some(area) = area_of(&areas, address) else { return Ok(Calls { nowhere: true, ..Calls::default() }) };
        let until = ahead(self.config.pickup.days_ahead);
        let taken = store::pickups_taken(conn, area.id.as_str(), (today, until), but).await?;
        Ok(offered(area, days.collect(), &taken))
    }

    /// Whether the shop keeps areas.
    pub(super) async fn keeps_areas(&self, conn: &mut Conn<'_>) -> Result<bool, StoreError> {
        store::has_pickup_areas(conn).await
    }

    /// Books the door of a return, in place of what was booked for it; what is wrong, where it cannot be. Who comes second to the last place of a slot
    /// learns so here: the area is locked until the transaction ends.
    pub(super) async fn book_pickup(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        now: Timestamp,
    ) -> Result<Option<RequestProblem>, StoreError> {
        let Some(pickup) = request.pickup.clone().filter(|_| request.method == Method::Pickup) else {
            return Ok(None);
        };
        let areas = store::list_pickup_areas(conn).await?;
        if areas.is_empty() {
            return Ok(None);
        }
        let wrong = |wrong| Ok(Some(RequestProblem { field: "pickup".into(), wrong }));
        let area = match area_of(&areas, request.from.as_ref()) {
            Some(area) => store::lock_pickup_area(conn, area.id.as_str()).await?,
            None => None,
        };
        let Some(area) = area else {
            return Ok(Some(RequestProblem { field: "method".into(), wrong: Wrong::NobodyCalls }));
        };
        let room = area.room(&pickup.slot);
        if room == 0 || !area.goes_on(pickup.date) || !self.is_ahead(pickup.date, now) {
            return wrong(Wrong::PickupTime);
        }
        let taken = store::pickups_taken(conn, area.id.as_str(), (pickup.date, pickup.date), Some(request.rma)).await?;
        if taken.get(&(pickup.date, pickup.slot.clone())).is_some_and(|taken| *taken >= room) {
            return wrong(Wrong::PickupFull);
        }
        let booking = Booking { rma: request.rma, area: area.id.to_string(), pickup, state: DoorState::Booked, note: None };
        store::put_booking(conn, &booking, now.as_millisecond()).await?;
        Ok(None)
    }

    /// The areas, by name.
    pub async fn pickup_areas(&self) -> Result<Vec<PickupArea>, StoreError> {
        store::list_pickup_areas(&mut self.store.read().await?.conn()).await
    }

    /// Puts an area in, or in place of the one of that name. False: there are too many.
    pub async fn put_pickup_area(&self, access: &AtPickups, area: PickupArea) -> Result<bool, StoreError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let areas = store::list_pickup_areas(conn).await?;
                let before = areas.iter().find(|known| known.id == area.id);
                if before == Some(&area) {
                    return Ok(true);
                }
                if before.is_none() && areas.len() >= MOST_AREAS {
                    return Ok(false);
                }
                store::put_pickup_area(conn, &area, now.as_millisecond()).await?;
                let told = |area: &PickupArea| serde_json::to_string(area).ok();
                let note = by.note(now, "put_pickup_area".to_owned(), format!("pickup_area:{}", area.id));
                store::note_audit(conn, &AuditNote { before: before.and_then(told), after: told(&area), ..note }).await?;
                Ok(true)
            })
        });
        written.await
    }

    /// Takes an area away. What is booked there stays booked. False: there is none.
    pub async fn delete_pickup_area(&self, access: &AtPickups, id: String) -> Result<bool, StoreError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if !store::delete_pickup_area(conn, &id).await? {
                    return Ok(false);
                }
                store::note_audit(conn, &by.note(now, "delete_pickup_area".to_owned(), format!("pickup_area:{id}"))).await?;
                Ok(true)
            })
        });
        written.await
    }

    /// The doors of a day, by area and slot.
    pub async fn doors(&self, _access: &AtPickups, day: Date) -> Result<Vec<Door>, StoreError> {
        self.doors_of(day, None).await
    }

    /// Likewise; `area`: of that one alone.
    pub(super) async fn doors_of(&self, day: Date, area: Option<&str>) -> Result<Vec<Door>, StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let mut booked = store::bookings_of_day(conn, day, MOST_DOORS).await?;
        booked.retain(|booking| area.is_none_or(|area| booking.area == area));
        let names: Vec<String> = booked.iter().map(|booking| booking.rma.to_string()).collect();
        let returns = store::find_returns(conn, &names.iter().collect::<Vec<_>>()).await?;
        let mut returns: BTreeMap<String, Return> = returns.into_iter().map(|request| (request.rma.to_string(), request)).collect();
        Ok(booked.into_iter().filter_map(|booking| Some(Door { request: returns.remove(&booking.rma.to_string())?, booking })).collect())
    }

    /// The courier has it: the first that is seen of the parcel. False: nothing is booked.
    pub async fn collect_door(&self, access: &AtPickups, to_scan: Access<Return>) -> Result<bool, ChangeError> {
        self.collect(access.by().clone(), to_scan, self.clock.now(), |_| true).await
    }

    /// Nobody was at home: the customer is told, and chooses another time. False: it is not booked any more.
    pub async fn miss_door(&self, access: &AtPickups, rma: RmaNumber) -> Result<bool, StoreError> {
        self.miss(access.by().clone(), rma, None, |_| true).await
    }

    /// As [`Services::collect_door`], by whoever answers for it, where what is booked `fits`. `at`: when the parcel was taken.
    pub(super) async fn collect(
        &self,
        by: Accountable,
        to_scan: Access<Return>,
        at: Timestamp,
        fits: impl Fn(&Booking) -> bool + Send + Sync + 'static,
    ) -> Result<bool, ChangeError> {
        let services = self.clone();
        let story = self.run(to_scan, None, Vec::new(), move |run| {
            Box::pin(async move {
                // The return is locked: of two who say so, the second sees what the first did.
                let found = store::find_booking(run.conn, run.request.rma).await?;
                let booking = found.filter(fits).ok_or(ChangeError::Unknown)?;
                if booking.state == DoorState::Collected {
                    return Ok::<_, ChangeError>(());
                }
                store::end_seen_booking(run.conn, &booking, DoorState::Collected, None, run.now.as_millisecond()).await?;
                if let Some(tracking_number) = run.request.parcel().map(|parcel| parcel.tracking_number.clone()) {
                    let scan = Scan { status: ScanStatus::Accepted, at, location: None };
                    return run.decide_knowing(&services, &Command::Scan { tracking_number, scan }).await;
                }
                let note = by.note(run.now, "collect_door", format!("return:{}", run.request.rma));
                Ok(store::note_audit(run.conn, &note).await?)
            })
        });
        match story.await {
            Ok(_) => Ok(true),
            Err(ChangeError::Unknown) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// As [`Services::miss_door`], by whoever answers for it, where what is booked `fits`; `said`: what was written at the door.
    pub(super) async fn miss(
        &self,
        by: Accountable,
        rma: RmaNumber,
        said: Option<String>,
        fits: impl Fn(&Booking) -> bool + Send + Sync + 'static,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let Some(seen) = store::find_booking(conn, rma).await?.filter(fits) else { return Ok(false) };
                if seen.state != DoorState::Booked {
                    return Ok::<_, StoreError>(seen.state == DoorState::Missed);
                }
                if !store::end_seen_booking(conn, &seen, DoorState::Missed, said.as_deref(), now.as_millisecond()).await? {
                    let found = store::find_booking(conn, rma).await?;
                    return Ok(found.is_some_and(|booking| booking.state == DoorState::Missed && booking.pickup == seen.pickup));
                }
                if let Some(request) = store::find_return(conn, rma).await?
                    && waits_for_door(&request)
                {
                    let told = AboutReturn::job(Occasion::PickupMissed.mail_job(), rma, request.version, now);
                    store::enqueue(conn, &told).await?;
                }
                store::note_audit(conn, &by.note(now, "miss_door", format!("return:{rma}"))).await?;
                Ok(true)
            })
        });
        let done = written.await?;
        self.wake.notify_one();
        Ok(done)
    }
}

/// What of these days an area offers: no day that has no place left.
fn offered(area: &PickupArea, days: Vec<Date>, taken: &BTreeMap<(Date, String), u32>) -> Calls {
    let is_full = |day: Date, slot: &str, room: u32| taken.get(&(day, slot.to_owned())).copied().unwrap_or(0) >= room;
    let has_room = |day: &Date| area.goes_on(*day) && area.slots.iter().any(|slot| !is_full(*day, &slot.slot, slot.room));
    let days: Vec<Date> = days.into_iter().filter(has_room).collect();
    let each = days.iter().flat_map(|day| area.slots.iter().map(move |slot| (*day, slot)));
    let full = each
        .filter(|(day, slot)| is_full(*day, &slot.slot, slot.room))
        .map(|(date, slot)| Pickup { date, slot: slot.slot.clone() })
        .collect();
    Calls { days, slots: area.slots.iter().map(|slot| slot.slot.clone()).collect(), full, nowhere: false }
}

/// Whether something of a return waits at a door.
fn waits_for_door(request: &Return) -> bool {
    let waits = request.lots().any(|(_, lot)| lot.state.is_live() && lot.state.reception == Reception::Awaiting);
    request.method == Method::Pickup && waits
}

/// Frees a place that is needed no more, or notes that the courier has it.
pub(super) async fn mind_door(conn: &mut Conn<'_>, before: &Return, after: &Return, now: Timestamp) -> Result<(), StoreError> {
    // What somebody at work took back a moment later has its place again, whoever has asked for one meanwhile.
    if !waits_for_door(before)
        && waits_for_door(after)
        && let Some(pickup) = after.pickup.clone()
    {
        let areas = store::list_pickup_areas(conn).await?;
        let Some(area) = area_of(&areas, after.from.as_ref()) else { return Ok(()) };
        let booking = Booking { rma: after.rma, area: area.id.to_string(), pickup, state: DoorState::Booked, note: None };
        return store::put_booking(conn, &booking, now.as_millisecond()).await;
    }
    if !waits_for_door(before) || waits_for_door(after) {
        return Ok(());
    }
    let came = after.lots().any(|(_, lot)| lot.state.is_live() && lot.state.reception != Reception::Awaiting);
    match came {
        true => store::end_booking(conn, after.rma, DoorState::Collected, now.as_millisecond()).await.map(drop),
        false => store::drop_booking(conn, after.rma).await,
    }
}
