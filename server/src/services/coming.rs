//! What is coming and what is due, by the shop's days (B19): what a warehouse and finance plan their work by.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::policy::local_day;
use domain::returns::{Return, TaskKind};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;

use super::Services;
use super::access::AtWork;
use super::head::Head;
use crate::store::{self, ComingParcel, QueueView, StoreError};

/// Days that are looked ahead.
pub const MOST_DAYS: i64 = 31;
/// Returns of each kind that a dock is told of at once.
const MOST_AT_DOCK: i64 = 600;

/// Parcels that are waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coming {
    /// That should have been here before today.
    pub late: i64,
    /// From today on, each day.
    pub days: Vec<(Date, i64)>,
    /// There are more than are counted here: those of later days.
    pub more: bool,
}

/// Money that somebody has to promise or to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// That was due before today.
    pub late: DueOfDay,
    /// From today on, each day.
    pub days: Vec<(Date, DueOfDay)>,
    /// There is more than is summed up here: that of later days.
    pub more: bool,
}

/// Of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueOfDay {
    /// Tasks.
    pub tasks: i64,
    /// What is at stake in them, of each currency.
    pub sums: Vec<Money>,
}

/// A parcel that is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingEntry {
    pub parcel: ComingParcel,
    pub head: Head,
}

impl Services {
    /// How many parcels are waited for, from today on, so many days.
    pub async fn coming(&self, _who: &AtWork, days: i64) -> Result<Coming, StoreError> {
        let (today, until) = self.span(days)?;
        let counted = store::parcels_coming(&mut self.store.read().await?.conn(), until).await?;
        let mut coming = Coming { days: each_day(today, days), more: counted.more, late: 0 };
        for (moment, count) in counted.counts {
            match self.place_of(moment, today, days)? {
                Some(place) => coming.days[place].1 += count,
                None => coming.late += count,
            }
        }
        Ok(coming)
    }

    /// The parcels that are waited for on a day, the earliest first, behind the last of the page before.
    pub async fn coming_on(
        &self,
        _who: &AtWork,
        day: Date,
        after: Option<&ComingParcel>,
        limit: i64,
    ) -> Result<Vec<ComingEntry>, StoreError> {
        let (from, until) = (self.start_of(day)?, self.start_of(day.saturating_add(1.day()))?);
        let mut read = self.store.read().await?;
        let parcels = store::list_coming(&mut read.conn(), from, until, after, limit).await?;
        let returns = store::find_returns(&mut read.conn(), &parcels.iter().map(|parcel| &parcel.rma).collect::<Vec<_>>()).await?;
        let heads: BTreeMap<String, Head> = returns.iter().map(|request| (request.rma.to_string(), Head::from(request))).collect();
        let entry = |parcel: ComingParcel| heads.get(&parcel.rma).cloned().map(|head| ComingEntry { parcel, head });
        Ok(parcels.into_iter().filter_map(entry).collect())
    }

    /// Returns that are looked for at the dock, those first that should have been here, and those whose goods wait there to be booked in or looked
    /// at; and whether there are more than are answered.
    pub async fn at_dock(&self, _who: &AtWork) -> Result<(Vec<Return>, bool), StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let view = QueueView::of([TaskKind::Receive, TaskKind::Inspect]);
        let tasks = store::list_tasks(conn, &view, None, MOST_AT_DOCK).await?;
        let parcels = store::list_coming(conn, i64::MIN, i64::MAX, None, MOST_AT_DOCK).await?;
        let more = tasks.len() as i64 == MOST_AT_DOCK || parcels.len() as i64 == MOST_AT_DOCK;
        let mut rmas: Vec<String> = Vec::new();
        for rma in tasks.into_iter().map(|task| task.subject).chain(parcels.into_iter().map(|parcel| parcel.rma)) {
            if !rmas.contains(&rma) {
                rmas.push(rma);
            }
        }
        let mut returns = store::find_returns(conn, &rmas.iter().collect::<Vec<_>>()).await?;
        returns.retain(|request| !request.newer);
        returns.sort_by_cached_key(|request| rmas.iter().position(|rma| *rma == request.rma.to_string()));
        Ok((returns, more))
    }

    /// What has to be paid, or promised so that it can be, from today on, so many days.
    pub async fn due(&self, _who: &AtWork, days: i64) -> Result<Due, StoreError> {
        let (today, until) = self.span(days)?;
        let counted = store::money_due(&mut self.store.read().await?.conn(), until).await?;
        let mut due = Due { days: each_day(today, days), more: counted.more, late: DueOfDay::default() };
        for money in counted.counts {
            let of_day = match self.place_of(money.due, today, days)? {
                Some(place) => &mut due.days[place].1,
                None => &mut due.late,
            };
            of_day.tasks += money.tasks;
            let Some(currency) = money.currency else { continue };
            let currency: Currency = currency.parse().map_err(|error| StoreError::corrupt("task", error))?;
            match of_day.sums.iter_mut().find(|sum| sum.currency == currency) {
                Some(sum) => sum.minor = sum.minor.saturating_add(money.value),
                None => of_day.sums.push(Money::new(money.value, currency)),
            }
        }
        Ok(due)
    }

    /// How many tasks of each kind were due before now, as far as [`store::COUNTED`]; kinds without any are left out.
    pub async fn overdue(&self, who: &AtWork) -> Result<Vec<(TaskKind, i64)>, StoreError> {
        let counts = self.queue_counts(who).await?;
        Ok(counts.kinds.into_iter().map(|(kind, _, overdue)| (kind, overdue)).filter(|(_, overdue)| *overdue > 0).collect())
    }

    /// Today, and the moment (epoch milliseconds) at which the last of so many days is over.
    fn span(&self, days: i64) -> Result<(Date, i64), StoreError> {
        let today = local_day(self.clock.now(), &self.shop_zone());
        Ok((today, self.start_of(today.saturating_add(days.clamp(1, MOST_DAYS).days()))?))
    }

    fn start_of(&self, day: Date) -> Result<i64, StoreError> {
        let start = day.to_zoned(self.shop_zone()).map_err(|error| StoreError::corrupt("day", error))?;
        Ok(start.timestamp().as_millisecond())
    }

    /// Which of the days from today on a moment is on; nothing where it is over.
    fn place_of(&self, moment: i64, today: Date, days: i64) -> Result<Option<usize>, StoreError> {
        let moment = Timestamp::from_millisecond(moment).map_err(|error| StoreError::corrupt("moment", error))?;
        let ahead =
            i64::from(local_day(moment, &self.shop_zone()).since(today).map_err(|error| StoreError::corrupt("day", error))?.get_days());
        Ok((ahead >= 0).then_some(ahead.min(days.clamp(1, MOST_DAYS) - 1) as usize))
    }
}

fn each_day<T: Default>(today: Date, days: i64) -> Vec<(Date, T)> {
    (0..days.clamp(1, MOST_DAYS)).map(|ahead| (today.saturating_add(ahead.days()), T::default())).collect()
}
