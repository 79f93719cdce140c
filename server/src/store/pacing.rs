//! How many of something may begin in a minute, over all servers: what a mail server or a platform of texts takes from one sender.

use super::conn::{execute, fetch_optional};
use super::counters::set_counter;
use super::{Conn, StoreError};

const MINUTE: i64 = 60_000_000;

/// So many within any minute, the most of them spread over it: up to a tenth go at once.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    name: &'static str,
    /// At once, at least 1.
    burst: i64,
    /// Microseconds after which there is room for one more.
    every: i64,
}

impl Allowance {
    /// `per_minute` of what is called so; nothing where there is no limit.
    pub fn of(name: &'static str, per_minute: u32) -> Option<Self> {
        let burst = per_minute.div_ceil(10);
        let every = MINUTE.unsigned_abs().div_ceil(u64::from(per_minute.saturating_sub(burst)) + 1);
        let allowance = || Self { name, burst: i64::from(burst), every: i64::try_from(every).unwrap_or(MINUTE) };
        (per_minute > 0).then(allowance)
    }

    fn counter(&self) -> String {
        format!("pace.{}", self.name)
    }
}

/// How many may begin now (epoch milliseconds). Other servers wait for this transaction before they ask.
pub async fn room(conn: &mut Conn<'_>, allowance: &Allowance, now: i64) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        conn,
        (i64,),
        "INSERT INTO counters (name, value) VALUES ($1, 0) ON CONFLICT (name) DO UPDATE SET value = counters.value RETURNING value",
        allowance.counter()
    )?;
    let full = row.map_or(0, |(full,)| full);
    let (now, most) = (now.saturating_mul(1_000), allowance.burst * allowance.every);
    // Further ahead than it can be filled: by a clock that was set back since.
    if full > now + most {
        set_counter(conn, &allowance.counter(), now).await?;
        return Ok(allowance.burst);
    }
    Ok((now + most - full.max(now)) / allowance.every)
}

/// So many begin now.
pub async fn take_room(conn: &mut Conn<'_>, allowance: &Allowance, taken: usize, now: i64) -> Result<(), StoreError> {
    let (now, more) = (now.saturating_mul(1_000), allowance.every * i64::try_from(taken).unwrap_or(i64::MAX / allowance.every));
    execute!(
        conn,
        "UPDATE counters SET value = CASE WHEN value > $2 THEN value ELSE $2 END + $3 WHERE name = $1",
        allowance.counter(),
        now,
        more
    )?;
    Ok(())
}

/// One that had begun was none.
pub async fn give_room_back(conn: &mut Conn<'_>, allowance: &Allowance) -> Result<(), StoreError> {
    execute!(conn, "UPDATE counters SET value = value - $2 WHERE name = $1", allowance.counter(), allowance.every)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that begin within a minute, where each goes as soon as there is room.
    fn most(per_minute: u32) -> i64 {
        let allowance = Allowance::of("test", per_minute).unwrap();
        allowance.burst + (MINUTE - 1) / allowance.every
    }

    #[test]
    fn a_minute_never_has_more_and_hardly_fewer() {
        assert!(Allowance::of("test", 0).is_none());
        for per_minute in (1..2_000).chain([60_000, 1_000_000]) {
            let most = most(per_minute);
            assert!(most <= i64::from(per_minute) && most * 100 >= i64::from(per_minute) * 99, "{per_minute}: {most}");
        }
    }
}
