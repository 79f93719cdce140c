//! The clock of a rehearsal or test shop: moved for everybody, and still so after a restart; and what carriers would say.

use domain::returns::{Command, Return, Scan, ScanStatus};
use domain::rma::RmaNumber;
use jiff::SignedDuration;

use super::Services;
use super::access::Access;
use super::once::Carried;
use super::refusals::ChangeError;
use crate::store::{self, StoreError};

const CLOCK: &str = "clock_ahead";
const DAY: i64 = 86_400_000;
const FURTHEST: i64 = 3_650 * DAY;

impl Services {
    /// Moves the clock some days ahead of where it is; 0: back to today.
    pub async fn move_clock(&self, days: i64) -> Result<(), StoreError> {
        self.move_clock_by(days * DAY).await
    }

    /// Likewise, by milliseconds.
    pub async fn move_clock_by(&self, by: i64) -> Result<(), StoreError> {
        let ahead = if by == 0 { 0 } else { (self.clock.ahead() + by).min(FURTHEST) };
        self.store.write(move |mut conn| Box::pin(async move { store::set_counter(&mut conn, CLOCK, ahead).await })).await?;
        self.clock.set_ahead(SignedDuration::from_millis(ahead));
        if by == 0 {
            // What is to be done was read from a time that is now to come.
            self.store.write(|mut conn| Box::pin(async move { store::forget_projections(&mut conn).await })).await?;
        }
        store::keep_projections(&self.store, self.clock.now()).await?;
        store::wake_due_tasks(&self.store, self.clock.millis()).await?;
        Ok(())
    }

    /// As if the carrier of a return's last parcel had said so.
    pub async fn simulate_scan(&self, rma: RmaNumber, status: ScanStatus, location: Option<String>) -> Result<Carried, ChangeError> {
        let at = self.clock.now();
        let told = move |request: &Return| {
            let parcel = request.parcels.iter().rfind(|parcel| !parcel.voided).ok_or(ChangeError::NoLabel)?;
            Ok(Command::Scan { tracking_number: parcel.tracking_number.clone(), scan: Scan { status, at, location } })
        };
        self.carry_out(Access::of_system(rma), None, told).await
    }

    /// Takes up the clock where it was left.
    pub async fn restore_clock(&self) -> Result<(), StoreError> {
        let mut read = self.store.read().await?;
        let ahead = store::counter(&mut read.conn(), CLOCK).await?;
        self.clock.set_ahead(SignedDuration::from_millis(ahead));
        Ok(())
    }
}
