//! What customers say of how their returns went: read as a report, sorted by tags, and held against what changed (A13, C37, C38).

use std::collections::BTreeSet;

use app::ports::{Facet, FeedbackAsked, Score, Scored, Span};
use domain::returns::{Event, Recorded, Return};
use domain::rma::RmaNumber;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Services;
use super::access::AtFeedback;
use crate::store::{self, AuditNote, Conn, FeedbackRow, FeedbackWanted, StoreError, Within};

/// Days that are looked at where nobody says which, and before and since a change.
const DAYS: i64 = 90;
/// The longest time of a report, days.
const MOST_DAYS: i64 = 366;
/// Ratings of a list at once.
pub const MOST_FEEDBACK: i64 = 1_000;

/// A report.
#[derive(Clone, Debug)]
pub struct FeedbackReport {
    pub whole: Span,
    /// By Monday.
    pub weeks: Vec<(Date, Score)>,
    pub by: Vec<(Facet, Vec<Scored>)>,
    /// Before and since.
    pub changed: Option<(Span, Span)>,
}

/// Notes what a customer said just now of how it went, where they did, beside the return.
pub(super) async fn mind_feedback(conn: &mut Conn<'_>, request: &Return, recorded: &[Recorded]) -> Result<(), StoreError> {
    if recorded.iter().any(|recorded| matches!(recorded.event, Event::FeedbackGiven { .. })) {
        store::put_feedback(conn, request).await?;
    }
    Ok(())
}

impl Services {
    /// The first and the last day that are meant, no more than a year of them.
    pub fn feedback_days(&self, asked: &FeedbackAsked) -> (Date, Date) {
        let to = asked.to.unwrap_or_else(|| self.day_here());
        let from = asked.from.unwrap_or_else(|| to.saturating_sub((DAYS - 1).days())).min(to);
        (from.max(to.saturating_sub((MOST_DAYS - 1).days())), to)
    }

    fn day_here(&self) -> Date {
        self.clock.now().to_zoned(self.shop_zone()).date()
    }

    /// From the beginning of a day to the end of another, in the shop's zone.
    pub fn feedback_within(&self, from: Date, to: Date) -> Within {
        let starts = |day: Date| day.to_zoned(self.shop_zone()).map_or(Timestamp::MAX, |start| start.timestamp()).as_millisecond();
        Within { from: starts(from), until: starts(to.saturating_add(1.days())) }
    }

    /// The report of what is asked.
    pub async fn feedback_report(&self, asked: &FeedbackAsked) -> Result<FeedbackReport, StoreError> {
        let (from, to) = self.feedback_days(asked);
        let tag = asked.tag.clone().unwrap_or_default();
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let whole = self.told_between(conn, from, to, &tag).await?;
        let mondays: BTreeSet<Date> = (0..=i64::from((to - from).get_days()))
            .map(|day| from.saturating_add(day.days()))
            .map(|day| day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days()))
            .collect();
        let times: Vec<(Date, Within)> = mondays
            .into_iter()
            .map(|monday| (monday, self.feedback_within(monday.max(from), monday.saturating_add(6.days()).min(to))))
            .collect();
        let found = store::feedback_by_time(conn, &times.iter().map(|(_, within)| *within).collect::<Vec<_>>(), &tag).await?;
        let monday = |since: i64| times.iter().find(|(_, within)| within.from == since).map(|(monday, _)| *monday);
        let weeks = found.into_iter().filter_map(|(since, score)| Some((monday(since)?, score))).collect();
        let mut by = Vec::with_capacity(Facet::ALL.len());
        for facet in Facet::ALL {
            by.push((facet, store::feedback_by_facet(conn, self.feedback_within(from, to), &tag, facet).await?));
        }
        let changed = match asked.since {
            None => None,
            Some(day) => {
                let since = self.told_between(conn, day, day.saturating_add((DAYS - 1).days()).min(self.day_here().max(day)), &tag).await?;
                let before = self.told_between(conn, day.saturating_sub(DAYS.days()), day.saturating_sub(1.days()), &tag).await?;
                Some((before, since))
            }
        };
        Ok(FeedbackReport { whole, weeks, by, changed })
    }

    async fn told_between(&self, conn: &mut Conn<'_>, from: Date, to: Date, tag: &str) -> Result<Span, StoreError> {
        let within = self.feedback_within(from, to);
        let score = store::feedback_score(conn, within, tag).await?;
        let took = store::middle_time_to_money(conn, within).await?;
        let hours = took.map(|took| SignedDuration::from_millis(took).as_hours().unsigned_abs());
        Ok(Span { from, to, score, hours })
    }

    /// What customers said, the newest first.
    pub async fn feedback(&self, wanted: FeedbackWanted) -> Result<Vec<FeedbackRow>, StoreError> {
        let wanted = FeedbackWanted { limit: wanted.limit.min(MOST_FEEDBACK), ..wanted };
        store::list_feedback(&mut self.store.read().await?.conn(), &wanted).await
    }

    /// Sorts what was said of a return by these tags from now on. False: nobody said anything of it.
    pub async fn tag_feedback(&self, access: &AtFeedback, rma: RmaNumber, tags: Vec<String>) -> Result<bool, StoreError> {
        let (now, by) = (self.clock.now(), access.by().clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let before = store::feedback_tags_of(conn, rma).await?;
                if !store::put_feedback_tags(conn, rma, &tags, &by.actor, now.as_millisecond()).await? {
                    return Ok(false);
                }
                if before != tags {
                    let note = by.note(now, "tag_feedback".to_owned(), format!("return:{rma}"));
                    let private = serde_json::json!({"before": before, "after": tags}).to_string();
                    store::note_audit(conn, &AuditNote { private: Some(private), ..note }).await?;
                }
                Ok(true)
            })
        });
        written.await
    }
}
