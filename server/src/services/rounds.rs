//! Rounds of couriers: links that let in to the doors of one area on one day, and what is said at them (C48).

use domain::pickup::DoorState;
use domain::policy::local_day;
use domain::rma::RmaNumber;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Services;
use super::access::{AtPickups, AtRound};
use super::links::Purpose;
use super::pickup::Door;
use super::refusals::ChangeError;
use crate::store::{self, Booking, Round, StoreError};

/// Rounds of a day that are given out at once.
pub const MOST_ROUNDS: usize = 50;
/// The hour of the day after by which what was kept in a pocket without network must have arrived.
const OVER: i8 = 12;

impl Services {
    /// Gives out a link to the doors of an area on a day; nothing where there are too many.
    pub async fn give_out_round(&self, access: &AtPickups, area: String, day: Date) -> Result<Option<Round>, StoreError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let until = day.tomorrow().and_then(|next| next.at(OVER, 0, 0, 0).to_zoned(self.shop_zone()));
        let until = until.map_err(|error| StoreError::corrupt("round", error))?.timestamp().as_millisecond();
        let id = format!("{:032x}", rand::random::<u128>());
        let round = Round { id, area, day, made_by: by.actor.clone(), made_at: now.as_millisecond(), until, ended_at: None };
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if store::rounds_of_day(conn, day, MOST_ROUNDS as i64).await?.len() >= MOST_ROUNDS {
                    return Ok(None);
                }
                store::put_round(conn, &round).await?;
                store::note_audit(conn, &by.note(now, "give_out_round", format!("round:{}", round.id))).await?;
                Ok::<_, StoreError>(Some(round))
            })
        });
        written.await
    }

    /// Its link works no more. False: there is none, or it was withdrawn before.
    pub async fn withdraw_round(&self, access: &AtPickups, id: String) -> Result<bool, StoreError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if !store::end_round(conn, &id, now.as_millisecond()).await? {
                    return Ok(false);
                }
                store::note_audit(conn, &by.note(now, "withdraw_round", format!("round:{id}"))).await?;
                Ok::<_, StoreError>(true)
            })
        });
        written.await
    }

    /// The rounds of a day that are given out, each with its link.
    pub async fn rounds(&self, _access: &AtPickups, day: Date) -> Result<Vec<(Round, String)>, StoreError> {
        let rounds = store::rounds_of_day(&mut self.store.read().await?.conn(), day, MOST_ROUNDS as i64).await?;
        Ok(rounds.into_iter().map(|round| (round.clone(), self.round_link(&round))).collect())
    }

    /// The part of its link that lets in to a round: the same each time.
    pub fn round_link(&self, round: &Round) -> String {
        let made_at = Timestamp::from_millisecond(round.made_at).unwrap_or(Timestamp::UNIX_EPOCH);
        self.sign_link_of(Purpose::Round, &round.id, made_at)
    }

    /// The doors of a round, in the order in which they are called at: by slot, then by where they are.
    pub async fn stops(&self, at: &AtRound) -> Result<Vec<Door>, StoreError> {
        let mut doors = self.doors_of(at.round.day, Some(&at.round.area)).await?;
        doors.sort_by_cached_key(Door::place);
        Ok(doors)
    }

    /// Whether doors of a round may be spoken of yet: not before its day.
    pub fn has_come(&self, at: &AtRound) -> bool {
        at.round.day <= local_day(self.clock.now(), &self.shop_zone())
    }

    /// What came of a door of a round; `when`: as the courier's phone says it, where it had no network then. False: the door is not on the round
    /// any more. Said twice it is done once.
    pub async fn say_at_door(
        &self,
        at: &AtRound,
        rma: RmaNumber,
        what: DoorState,
        note: Option<String>,
        when: Option<Timestamp>,
    ) -> Result<bool, ChangeError> {
        let Round { area, day, .. } = at.round.clone();
        let fits = move |booking: &Booking| booking.area == area && booking.pickup.date == day;
        let now = self.clock.now();
        if !self.has_come(at) {
            return Ok(false);
        }
        match what {
            DoorState::Collected => {
                // No phone's clock puts it before the day or after now.
                let began = day.to_zoned(self.shop_zone()).map_or(now, |day| day.timestamp());
                let taken = when.filter(|when| (began..=now).contains(when)).unwrap_or(now);
                self.collect(at.by(), at.to_scan(rma), taken, fits).await
            }
            DoorState::Missed => Ok(self.miss(at.by(), rma, note, fits).await?),
            DoorState::Booked => Ok(false),
        }
    }

    /// Whether a round of that day may be given out: of today, and of each day that can be chosen.
    pub fn is_round_day(&self, day: Date) -> bool {
        let today = local_day(self.clock.now(), &self.shop_zone());
        day >= today && day <= today.saturating_add(i64::from(self.config.pickup.days_ahead).days())
    }
}
