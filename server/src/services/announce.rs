//! The warehouse is told of what was approved before it arrives (B20): each morning, by mail, of every parcel once.

use domain::returns::Role;
use jiff::Timestamp;
use serde_json::json;

use super::Services;
use super::later::{GoodsComing, JobKind, OneComing};
use crate::store::{self, NewJob, StaffRow, StoreError};

/// The hour of the shop's day from which it is told.
const MORNING: i8 = 6;
/// Parcels that are told of in one mail.
const MOST: i64 = 200;
/// Of so many it says what is in them.
const MOST_SHOWN: usize = 40;

impl Services {
    /// Tells everybody who works in the warehouse of parcels that nobody was told of, once a day.
    pub async fn announce_goods(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let zoned = now.to_zoned(self.shop_zone());
        let today = zoned.date().to_string();
        if zoned.hour() < MORNING || !self.config.mail.goods_coming {
            return Ok(());
        }
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        if store::was_announced(conn, &today).await? {
            return Ok(());
        }
        let parcels = store::parcels_to_announce(conn, now.as_millisecond(), MOST).await?;
        let returns = store::find_returns(conn, &parcels.iter().map(|parcel| &parcel.rma).collect::<Vec<_>>()).await?;
        drop(read);
        if parcels.is_empty() {
            return Ok(());
        }
        let shown = parcels.iter().take(MOST_SHOWN).filter_map(|parcel| {
            let request = returns.iter().find(|request| request.rma.to_string() == parcel.rma)?;
            let items = request.live_lines().map(|line| (line.asked.name.clone(), request.units_held(line))).collect();
            Some(OneComing { rma: request.rma, by: Timestamp::from_millisecond(parcel.expected_until).ok()?, items })
        });
        let shown: Vec<OneComing> = shown.collect();
        let more = parcels.len().saturating_sub(shown.len()) as u64;
        let told: Vec<(String, String)> = parcels.into_iter().map(|parcel| (parcel.rma, parcel.tracking_number)).collect();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                // Another server was first.
                if store::note_announced(conn, &told, &today).await? == 0 {
                    return Ok::<_, StoreError>(());
                }
                let there = |row: &StaffRow| row.ended_at.is_none() && row.member.roles.has(Role::Warehouse);
                for StaffRow { member, .. } in store::list_staff(conn).await?.into_iter().filter(there) {
                    let coming = GoodsComing { to: member.email, name: member.name, parcels: shown.clone(), more };
                    store::enqueue(conn, &NewJob::new(JobKind::MailGoodsComing.code(), &json!(coming), now.as_millisecond())).await?;
                }
                Ok(())
            })
        });
        written.await?;
        self.wake.notify_one();
        Ok(())
    }
}
