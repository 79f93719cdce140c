//! A shop's own words for what customers are told, with all their versions.

use std::collections::BTreeMap;

use app::messages::{MessageChannel, Occasion, Part, TemplateOf};
use domain::words::Locale;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, InboxRow, InboxSubject, StoreError};

/// A version of a shop's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRow {
    pub of: TemplateOf,
    /// From 1.
    pub version: i64,
    /// Nothing: the product's words came back.
    pub parts: Option<BTreeMap<Part, String>>,
    pub made_by: String,
    /// Epoch milliseconds; it holds for what happens from then on.
    pub made_at: i64,
}

/// Parts that a version does not know are left out.
fn parts_of(json: Option<String>) -> Result<Option<BTreeMap<Part, String>>, StoreError> {
    let Some(json) = json else { return Ok(None) };
    let corrupt = |error: serde_json::Error| StoreError::Corrupt { what: "message template", why: error.to_string() };
    let parts: BTreeMap<String, String> = serde_json::from_str(&json).map_err(corrupt)?;
    Ok(Some(parts.into_iter().filter_map(|(part, text)| Some((Part::named(&part)?, text))).collect()))
}

fn json_of(parts: &BTreeMap<Part, String>) -> String {
    let parts: BTreeMap<&str, &String> = parts.iter().map(|(part, text)| (part.code(), text)).collect();
    serde_json::json!(parts).to_string()
}

/// Puts a version in. False where another took its number.
pub async fn put_template(conn: &mut Conn<'_>, row: &TemplateRow) -> Result<bool, StoreError> {
    let put = execute!(
        conn,
        "INSERT INTO message_templates (occasion, locale, channel, version, parts, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (occasion, locale, channel, version) DO NOTHING",
        row.of.occasion.code(),
        row.of.locale.tag(),
        row.of.channel.code(),
        row.version,
        row.parts.as_ref().map(json_of),
        &row.made_by,
        row.made_at
    )?;
    Ok(put == 1)
}

/// Versions of one, the latest first.
pub async fn list_templates(conn: &mut Conn<'_>, of: TemplateOf, most: i64) -> Result<Vec<TemplateRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, Option<String>, String, i64),
        "SELECT version, parts, made_by, made_at FROM message_templates WHERE occasion = $1 AND locale = $2 AND channel = $3
         ORDER BY version DESC LIMIT $4",
        of.occasion.code(),
        of.locale.tag(),
        of.channel.code(),
        most
    )?;
    let row = |(version, parts, made_by, made_at)| Ok(TemplateRow { of, version, parts: parts_of(parts)?, made_by, made_at });
    rows.into_iter().map(row).collect()
}

/// All versions of what these occasions say in a language, by whatever channel, the latest first. What this version does not know is left out.
pub async fn templates_of(conn: &mut Conn<'_>, locale: Locale, occasions: &[Occasion]) -> Result<Vec<TemplateRow>, StoreError> {
    let codes: Vec<&str> = occasions.iter().map(|occasion| occasion.code()).collect();
    let rows = fetch_all!(
        conn,
        (String, String, i64, Option<String>, String, i64),
        "SELECT occasion, channel, version, parts, made_by, made_at FROM message_templates
         WHERE occasion IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) AND locale = $2 ORDER BY version DESC" =>
        "SELECT occasion, channel, version, parts, made_by, made_at FROM message_templates
         WHERE occasion IN (SELECT value FROM JSON_EACH($1)) AND locale = $2 ORDER BY version DESC",
        serde_json::json!(codes).to_string(),
        locale.tag()
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for (occasion, channel, version, parts, made_by, made_at) in rows {
        if let (Some(occasion), Some(channel)) = (Occasion::named(&occasion), MessageChannel::named(&channel)) {
            let of = TemplateOf { occasion, locale, channel };
            found.push(TemplateRow { of, version, parts: parts_of(parts)?, made_by, made_at });
        }
    }
    Ok(found)
}

/// What has words of the shop's own now: occasion, language, channel, as stored.
pub async fn own_templates(conn: &mut Conn<'_>) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(fetch_all!(
        conn,
        (String, String, String),
        "SELECT occasion, locale, channel FROM message_templates AS mine WHERE parts IS NOT NULL AND version =
           (SELECT MAX(version) FROM message_templates AS its
            WHERE its.occasion = mine.occasion AND its.locale = mine.locale AND its.channel = mine.channel)
         ORDER BY occasion, locale, channel"
    )?)
}

/// What the last message on an occasion was about.
pub async fn last_told(conn: &mut Conn<'_>, occasion: Occasion) -> Result<Option<InboxSubject>, StoreError> {
    let found = fetch_optional!(
        conn,
        (String, String, String, String, i64, Option<i64>),
        "SELECT id, about, occasion, what, at, read_at FROM inbox WHERE occasion = $1 ORDER BY id DESC LIMIT 1",
        occasion.mail_job()
    )?;
    Ok(found.and_then(super::inbox::read).map(|InboxRow { subject, .. }| subject))
}
