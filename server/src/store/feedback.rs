//! What customers said of how their returns went (A13, C37), what it is about, and what people at work sort it by.

use std::collections::{BTreeMap, BTreeSet};

use app::ports::{Facet, Score, Scored};
use domain::returns::{Feedback, Return};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::Serialize;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Values of a facet that are told, those with the most ratings first.
const MOST_VALUES: i64 = 20;

/// A rating, with what it is about and its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackRow {
    pub rma: RmaNumber,
    pub feedback: Feedback,
    /// By facet and value, each once.
    pub about: Vec<(String, String)>,
    pub tags: Vec<String>,
}

/// Which ratings to list, the newest first.
#[derive(Clone, Debug)]
pub struct FeedbackWanted {
    /// From then until before then, epoch milliseconds.
    pub from: i64,
    pub until: i64,
    /// Only with this tag.
    pub tag: Option<String>,
    /// After the one of that time (epoch milliseconds) and return.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

/// A stretch of time, epoch milliseconds: from then until before then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Within {
    pub from: i64,
    pub until: i64,
}

#[derive(Serialize)]
struct About {
    facet: &'static str,
    value: String,
    name: Option<String>,
}

/// What a rating of a return is about: what came back and why, who brought it, and where it was booked in.
fn about(request: &Return) -> Vec<About> {
    let mut found: BTreeMap<(&'static str, String), Option<String>> = BTreeMap::new();
    for line in request.lines.iter().filter(|line| !line.is_declined()) {
        found.insert((Facet::Reason.code(), line.asked.reason.to_string()), None);
        found.insert((Facet::Product.code(), line.asked.sku.to_string()), Some(line.asked.name.clone()));
    }
    let carried = request.parcels.iter().filter(|parcel| !parcel.voided).map(|parcel| (Facet::Carrier, parcel.carrier.clone()));
    let booked = request.receipts.iter().filter_map(|receipt| receipt.warehouse.clone()).map(|place| (Facet::Warehouse, place));
    found.extend(carried.chain(booked).map(|(facet, value)| ((facet.code(), value), None)));
    found.into_iter().map(|((facet, value), name)| About { facet, value, name }).collect()
}

/// Writes what a return's customer said of it last, and what that is about, in place of what they said before.
pub async fn put_feedback(conn: &mut Conn<'_>, request: &Return) -> Result<(), StoreError> {
    let Some(said) = &request.feedback else { return Ok(()) };
    let rma = request.rma.to_string();
    execute!(
        conn,
        "INSERT INTO feedback (rma, stars, words, given_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (rma) DO UPDATE SET stars = excluded.stars, words = excluded.words, given_at = excluded.given_at",
        &rma,
        i64::from(said.stars),
        said.words.as_deref(),
        said.at.as_millisecond()
    )?;
    let rows = serde_json::to_string(&about(request)).map_err(|error| StoreError::corrupt("feedback", error))?;
    execute!(conn, "DELETE FROM feedback_about WHERE rma = $1", &rma)?;
    execute!(
        conn,
        "INSERT INTO feedback_about (rma, facet, value, name)
           SELECT $1, value ->> 'facet', value ->> 'value', value ->> 'name' FROM JSON_ARRAY_ELEMENTS($2::JSON)" =>
        "INSERT INTO feedback_about (rma, facet, value, name)
           SELECT $1, value ->> 'facet', value ->> 'value', value ->> 'name' FROM JSON_EACH($2)",
        &rma,
        &rows
    )?;
    Ok(())
}

/// The tags of a rating from now on, whoever gave them before. False: there is no such rating.
pub async fn put_feedback_tags(conn: &mut Conn<'_>, rma: RmaNumber, tags: &[String], who: &str, now: i64) -> Result<bool, StoreError> {
    let rma = rma.to_string();
    if fetch_optional!(conn, (i64,), "SELECT stars FROM feedback WHERE rma = $1", &rma)?.is_none() {
        return Ok(false);
    }
    let told = serde_json::json!(tags).to_string();
    execute!(
        conn,
        "DELETE FROM feedback_tags WHERE rma = $1 AND tag NOT IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($2::JSON))" =>
        "DELETE FROM feedback_tags WHERE rma = $1 AND tag NOT IN (SELECT value FROM JSON_EACH($2))",
        &rma,
        &told
    )?;
    execute!(
        conn,
        "INSERT INTO feedback_tags (rma, tag, who, at) SELECT $1, value, $3, $4 FROM JSON_ARRAY_ELEMENTS_TEXT($2::JSON) WHERE true
         ON CONFLICT (rma, tag) DO NOTHING" =>
        "INSERT INTO feedback_tags (rma, tag, who, at) SELECT $1, value, $3, $4 FROM JSON_EACH($2) WHERE true
         ON CONFLICT (rma, tag) DO NOTHING",
        &rma,
        &told,
        who,
        now
    )?;
    Ok(true)
}

/// The tags of a rating.
pub async fn feedback_tags_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT tag FROM feedback_tags WHERE rma = $1 ORDER BY tag", rma.to_string())?;
    Ok(rows.into_iter().map(|(tag,)| tag).collect())
}

type Columns = (String, i64, Option<String>, i64);

/// Ratings, the newest first, with what they are about and their tags.
pub async fn list_feedback(conn: &mut Conn<'_>, wanted: &FeedbackWanted) -> Result<Vec<FeedbackRow>, StoreError> {
    let (at, after) = wanted.after.clone().unwrap_or((i64::MAX, String::new()));
    let rows = fetch_all!(
        conn,
        Columns,
        "SELECT rma, stars, words, given_at FROM feedback
         WHERE given_at >= $1 AND given_at < $2 AND (given_at < $4 OR (given_at = $4 AND rma < $5))
           AND ($3 = '' OR EXISTS (SELECT 1 FROM feedback_tags AS its WHERE its.rma = feedback.rma AND its.tag = $3))
         ORDER BY given_at DESC, rma DESC LIMIT $6",
        wanted.from,
        wanted.until,
        wanted.tag.as_deref().unwrap_or_default(),
        at,
        &after,
        wanted.limit
    )?;
    let numbers = serde_json::json!(rows.iter().map(|(rma, ..)| rma).collect::<Vec<_>>()).to_string();
    let of_them = fetch_all!(
        conn,
        (String, String, String),
        "SELECT rma, facet, value FROM feedback_about WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))
         UNION ALL SELECT rma, 'tag', tag FROM feedback_tags WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
        "SELECT rma, facet, value FROM feedback_about WHERE rma IN (SELECT value FROM JSON_EACH($1))
         UNION ALL SELECT rma, 'tag', tag FROM feedback_tags WHERE rma IN (SELECT value FROM JSON_EACH($1))",
        &numbers
    )?;
    let mut sorted: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (rma, facet, value) in of_them {
        sorted.entry(rma).or_default().insert((facet, value));
    }
    let row = |(rma, stars, words, given_at): Columns| {
        let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("feedback", error);
        let (tags, about) =
            sorted.remove(&rma).unwrap_or_default().into_iter().partition::<Vec<_>, _>(|(facet, _)| facet == Facet::Tag.code());
        Ok(FeedbackRow {
            feedback: Feedback {
                at: Timestamp::from_millisecond(given_at).map_err(|error| corrupt(&error))?,
                stars: u8::try_from(stars).map_err(|error| corrupt(&error))?,
                words,
            },
            rma: rma.parse().map_err(|_| corrupt(&rma))?,
            about,
            tags: tags.into_iter().map(|(_, tag)| tag).collect(),
        })
    };
    rows.into_iter().map(row).collect()
}

// Of a rating: whether it is of those that are meant.
macro_rules! meant {
    () => {
        "($3 = '' OR EXISTS (SELECT 1 FROM feedback_tags AS its WHERE its.rma = feedback.rma AND its.tag = $3))"
    };
}

macro_rules! score {
    () => {
        "COUNT(*), CAST(COALESCE(SUM(stars), 0) AS BIGINT), COUNT(*) FILTER (WHERE stars <= 2)"
    };
}

fn score(count: i64, stars: i64, low: i64) -> Score {
    Score { count: count.unsigned_abs(), stars: stars.unsigned_abs(), low: low.unsigned_abs() }
}

/// The ratings of a time together, those of a tag or all.
pub async fn feedback_score(conn: &mut Conn<'_>, within: Within, tag: &str) -> Result<Score, StoreError> {
    let text = concat!("SELECT ", score!(), " FROM feedback WHERE given_at >= $1 AND given_at < $2 AND ", meant!());
    let found = fetch_optional!(conn, (i64, i64, i64), text, within.from, within.until, tag)?;
    Ok(found.map(|(count, stars, low)| score(count, stars, low)).unwrap_or_default())
}

/// Likewise of each of several times, by its beginning, where there are ratings in it.
pub async fn feedback_by_time(conn: &mut Conn<'_>, times: &[Within], tag: &str) -> Result<Vec<(i64, Score)>, StoreError> {
    let told = serde_json::to_string(times).map_err(|error| StoreError::corrupt("feedback", error))?;
    macro_rules! by_time {
        ($times:literal) => {
            concat!(
                "SELECT span.since, ",
                score!(),
                " FROM (SELECT CAST(value ->> 'from' AS BIGINT) AS since, CAST(value ->> 'until' AS BIGINT) AS before FROM ",
                $times,
                ") AS span JOIN feedback ON given_at >= span.since AND given_at < span.before
                 WHERE ($2 = '' OR EXISTS (SELECT 1 FROM feedback_tags AS its WHERE its.rma = feedback.rma AND its.tag = $2))
                 GROUP BY span.since ORDER BY span.since"
            )
        };
    }
    let rows = fetch_all!(
        conn,
        (i64, i64, i64, i64),
        by_time!("JSON_ARRAY_ELEMENTS($1::JSON)") => by_time!("JSON_EACH($1)"),
        &told,
        tag
    )?;
    Ok(rows.into_iter().map(|(since, count, stars, low)| (since, score(count, stars, low))).collect())
}

/// Likewise by the values of a facet, with what each is called; those with the most ratings first.
pub async fn feedback_by_facet(conn: &mut Conn<'_>, within: Within, tag: &str, facet: Facet) -> Result<Vec<Scored>, StoreError> {
    macro_rules! by_value {
        ($value:literal, $name:literal, $about:literal) => {
            concat!(
                "SELECT ",
                $value,
                ", COALESCE(",
                $name,
                ", ",
                $value,
                "), ",
                score!(),
                " FROM feedback JOIN ",
                $about,
                " WHERE given_at >= $1 AND given_at < $2 AND ",
                meant!(),
                " GROUP BY ",
                $value,
                " ORDER BY COUNT(*) DESC, ",
                $value,
                " LIMIT $4"
            )
        };
    }
    let (from, until) = (within.from, within.until);
    let rows = match facet {
        Facet::Tag => {
            let text = by_value!("about.tag", "MAX(about.tag)", "feedback_tags AS about ON about.rma = feedback.rma");
            fetch_all!(conn, (String, String, i64, i64, i64), text, from, until, tag, MOST_VALUES)?
        }
        facet => {
            let text =
                by_value!("about.value", "MAX(about.name)", "feedback_about AS about ON about.rma = feedback.rma AND about.facet = $5");
            fetch_all!(conn, (String, String, i64, i64, i64), text, from, until, tag, MOST_VALUES, facet.code())?
        }
    };
    Ok(rows.into_iter().map(|(value, name, count, stars, low)| (value, name, score(count, stars, low))).collect())
}

/// Of returns of which money was paid in a time, how long it took from request to money in the middle, milliseconds (C38).
pub async fn middle_time_to_money(conn: &mut Conn<'_>, within: Within) -> Result<Option<i64>, StoreError> {
    // The last payment counts: until then they wait. What a gateway was asked for is counted from there, not from its answer.
    let counted = fetch_optional!(
        conn,
        (i64,),
        "SELECT COUNT(DISTINCT rma) FROM payments WHERE state = 'paid' AND started_at >= $1 AND started_at < $2",
        within.from,
        within.until
    )?;
    let count = counted.map_or(0, |(count,)| count);
    if count == 0 {
        return Ok(None);
    }
    let found = fetch_optional!(
        conn,
        (i64,),
        "SELECT MAX(payments.started_at) - MIN(returns.opened_at) AS took FROM payments JOIN returns ON returns.rma = payments.rma
         WHERE payments.state = 'paid' AND payments.started_at >= $1 AND payments.started_at < $2
         GROUP BY payments.rma ORDER BY took LIMIT 1 OFFSET $3",
        within.from,
        within.until,
        (count - 1) / 2
    )?;
    Ok(found.map(|(took,)| took.max(0)))
}
