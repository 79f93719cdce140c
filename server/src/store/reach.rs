//! How customers want to be reached.

use domain::words::Locale;

use super::conn::{execute, fetch_optional};
use super::{Conn, StoreError};

/// How somebody wants to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub by_mail: bool,
    pub by_text: bool,
    /// The language of what they are told; nothing: that in which they asked for the return.
    pub locale: Option<Locale>,
    /// Their time zone (IANA), where their browser told it.
    pub zone: Option<String>,
}

/// How a customer wants to be reached who goes by these names; what was said last counts. Nothing where they said nothing.
pub async fn find_reach(conn: &mut Conn<'_>, holders: &[String]) -> Result<Option<Reach>, StoreError> {
    let holders = serde_json::json!(holders).to_string();
    let found = fetch_optional!(
        conn,
        (i64, i64, Option<String>, Option<String>),
        "SELECT by_mail, by_text, locale, zone FROM reach WHERE holder IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))
         ORDER BY changed_at DESC, holder LIMIT 1" =>
        "SELECT by_mail, by_text, locale, zone FROM reach WHERE holder IN (SELECT value FROM JSON_EACH($1))
         ORDER BY changed_at DESC, holder LIMIT 1",
        &holders
    )?;
    Ok(found.map(|(by_mail, by_text, locale, zone)| Reach {
        by_mail: by_mail == 1,
        by_text: by_text == 1,
        // One that this version does not know is as good as none.
        locale: locale.and_then(|locale| locale.parse().ok()),
        zone,
    }))
}

/// Keeps how they want to be reached, from `now` (epoch milliseconds) on.
pub async fn put_reach(conn: &mut Conn<'_>, holder: &str, reach: &Reach, now: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO reach (holder, by_mail, by_text, locale, zone, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (holder) DO UPDATE SET by_mail = excluded.by_mail, by_text = excluded.by_text, locale = excluded.locale,
           zone = excluded.zone, changed_at = excluded.changed_at",
        holder,
        i64::from(reach.by_mail),
        i64::from(reach.by_text),
        reach.locale.map(Locale::tag),
        reach.zone.as_deref(),
        now
    )?;
    Ok(())
}
