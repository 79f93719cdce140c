//! What is looked for, and what is coming.

use app::ports::{ComingDay, ComingPage, DeskError, FoundOrder, OtherReturn, SearchPage};
use app::staff::ElsewhereForm;
use uuid::Uuid;

use super::{StaffDesk, order_path};
use crate::desks::failed;
use crate::services::Head;

/// Returns of a search, and days ahead.
const MOST: usize = 30;
const DAYS: i64 = 14;

/// A return in a list of what was found.
pub(super) fn listed(head: Head) -> OtherReturn {
    OtherReturn {
        rma: head.rma,
        opened_at: head.opened_at,
        status: head.status,
        customer: head.customer,
        item: head.item,
        amounts: Vec::new(),
    }
}

impl StaffDesk {
    pub(super) async fn search(&self, text: &str) -> Result<SearchPage, DeskError> {
        let kept = self.take_kept("/staff/search").await?;
        let typed = ElsewhereForm::typed(&kept.fields());
        let found = self.services.search(&self.at_work()?, text, MOST).await.map_err(|error| failed(&error))?;
        let orders = found.orders.into_iter().map(|order| FoundOrder {
            path: order_path(order.number.as_str()),
            number: order.number.to_string(),
            placed_at: order.placed_at,
            customer: order.customer,
            item: order.item,
            returns: order.returns.unsigned_abs(),
        });
        Ok(SearchPage {
            rail: self.rail(kept.told).await?,
            text: text.to_owned(),
            returns: found.returns.into_iter().map(listed).collect(),
            more: found.more,
            orders: orders.collect(),
            typed,
            key: Uuid::now_v7().to_string(),
            mistakes: kept.mistakes,
        })
    }

    pub(super) async fn coming(&self) -> Result<ComingPage, DeskError> {
        let kept = self.take_kept("/staff/coming").await?;
        let who = self.at_work()?;
        let parcels = self.services.coming(&who, DAYS).await.map_err(|error| failed(&error))?;
        let due = self.services.due(&who, DAYS).await.map_err(|error| failed(&error))?;
        let overdue = self.services.overdue(&who).await.map_err(|error| failed(&error))?;
        let days = parcels.days.into_iter().zip(due.days).map(|((day, parcels), (_, money))| ComingDay {
            day,
            parcels: parcels.unsigned_abs(),
            money: money.sums,
        });
        Ok(ComingPage {
            rail: self.rail(kept.told).await?,
            parcels_late: parcels.late.unsigned_abs(),
            days: days.collect(),
            money_late: due.late.sums,
            overdue: overdue.into_iter().map(|(kind, count)| (kind, count.unsigned_abs())).collect(),
            more: parcels.more || due.more,
        })
    }
}
