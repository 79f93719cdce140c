//! The clock of a rehearsal shop: moved for everybody, and still so after a restart.

use jiff::SignedDuration;

use super::Services;
use crate::store::{self, StoreError};

const CLOCK: &str = "clock_ahead";
const DAY: i64 = 86_400_000;
const FURTHEST: i64 = 3_650 * DAY;

impl Services {
    /// Moves the clock some days ahead of where it is; 0: back to today.
    pub async fn move_clock(&self, days: i64) -> Result<(), StoreError> {
        let ahead = if days == 0 { 0 } else { (self.clock.ahead() + days * DAY).min(FURTHEST) };
        self.store.write(move |mut conn| Box::pin(async move { store::set_counter(&mut conn, CLOCK, ahead).await })).await?;
        self.clock.set_ahead(SignedDuration::from_millis(ahead));
        if days == 0 {
            // What is to be done was read from a time that is now to come.
            self.store.write(|mut conn| Box::pin(async move { store::forget_projections(&mut conn).await })).await?;
        }
        store::keep_projections(&self.store, self.clock.now()).await?;
        store::wake_due_tasks(&self.store, self.clock.millis()).await?;
        Ok(())
    }

    /// Takes up the clock where it was left.
    pub async fn restore_clock(&self) -> Result<(), StoreError> {
        let mut read = self.store.read().await?;
        let ahead = store::counter(&mut read.conn(), CLOCK).await?;
        self.clock.set_ahead(SignedDuration::from_millis(ahead));
        Ok(())
    }
}
