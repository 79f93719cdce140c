//! All that is held of somebody, as they or the shop may have it in one file (GDPR, art. 15 and 20; PIPL, art. 45).

use domain::returns::{Actor, Event};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::conn::{fetch_all, fetch_optional};
use super::returns::write_json;
use super::{Conn, Person, StoreError};

/// The rows of a text with an `IN` at its end, and an order after it.
macro_rules! among {
    ($conn:expr, $row:ty, $list:expr, $text:literal, $order:literal) => {
        fetch_all!(
            $conn,
            $row,
            concat!($text, " IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) ORDER BY ", $order) =>
            concat!($text, " IN (SELECT value FROM JSON_EACH($1)) ORDER BY ", $order),
            $list
        )?
    };
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn time(millis: i64) -> Value {
    Timestamp::from_millisecond(millis).map(|at| at.to_string().into()).unwrap_or_default()
}

fn maybe_time(millis: Option<i64>) -> Value {
    millis.map(time).unwrap_or_default()
}

/// What is held of somebody. `whole`: with what people at work said to each other, which the shop looks at before it hands it out.
pub async fn export_of(conn: &mut Conn<'_>, person: &Person, whole: bool) -> Result<Map<String, Value>, StoreError> {
    let (orders, returns) = (write_json("order", &person.orders)?, write_json("return", &person.returns)?);
    let ids = write_json("name", &person.ids)?;
    let holders = write_json("holder", &person.holders().collect::<Vec<_>>())?;
    let mut file = Map::new();
    let customers = among!(conn, (String,), &ids, "SELECT document FROM customers WHERE id", "id");
    file.insert("customer".into(), customers.iter().map(|(text,)| parsed(text)).collect());
    let told = among!(conn, (String,), &orders, "SELECT document FROM orders WHERE number_key", "placed_at, number_key");
    file.insert("orders".into(), told.iter().map(|(text,)| parsed(text)).collect());
    file.insert("returns".into(), returns_of(conn, person, whole).await?);
    let goodwill = among!(
        conn,
        (String, i64, i64, String),
        &orders,
        "SELECT order_key, at, amount, reason FROM concessions WHERE order_key",
        "at, id"
    );
    let of =
        |(order, at, minor, reason): (String, i64, i64, String)| json!({"order": order, "at": time(at), "minor": minor, "reason": reason});
    file.insert("goodwill".into(), goodwill.into_iter().map(of).collect());
    let notes = among!(conn, (String,), &returns, "SELECT document FROM credit_notes WHERE rma", "number");
    file.insert("credit_notes".into(), notes.iter().map(|(text,)| parsed(text)).collect());
    let accounts = among!(conn, (String, i64, String), &returns, "SELECT rma, at, payee FROM bank_accounts WHERE rma", "rma");
    let of = |(rma, at, payee): (String, i64, String)| json!({"rma": rma, "at": time(at), "account": parsed(&payee)});
    file.insert("bank_accounts".into(), accounts.into_iter().map(of).collect());
    let doors = among!(
        conn,
        (String, String, i64, String, String, Option<String>),
        &returns,
        "SELECT rma, area, day, slot, state, note FROM pickup_bookings WHERE rma",
        "rma"
    );
    let of = |(rma, area, day, slot, state, note): (String, String, i64, String, String, Option<String>)| json!({"rma": rma, "area": area, "day": day, "slot": slot, "state": state, "note": note});
    file.insert("pickups".into(), doors.into_iter().map(of).collect());
    file.insert("withdrawals".into(), statements_of(conn, person).await?);
    file.insert("photos".into(), photos_of(conn, &returns, whole).await?);
    file.insert("messages".into(), messages_of(conn, person).await?);
    let reach = among!(
        conn,
        (i64, i64, Option<String>, Option<String>, i64),
        &holders,
        "SELECT by_mail, by_text, locale, zone, changed_at FROM reach WHERE holder",
        "holder"
    );
    let of = |(mail, text, locale, zone, at): (i64, i64, Option<String>, Option<String>, i64)| json!({"by_mail": mail == 1, "by_text": text == 1, "locale": locale, "zone": zone, "changed_at": time(at)});
    file.insert("how_reached".into(), reach.into_iter().map(of).collect());
    ledgers(conn, &holders, &mut file).await?;
    let drafts = among!(
        conn,
        (String, i64),
        &orders,
        "SELECT data, updated_at FROM drafts JOIN drafts_of_orders ON drafts_of_orders.draft = drafts.id WHERE order_key",
        "updated_at, id"
    );
    let of = |(data, at): (String, i64)| json!({"updated_at": time(at), "draft": parsed(&data)});
    file.insert("drafts".into(), drafts.into_iter().map(of).collect());
    Ok(file)
}

async fn returns_of(conn: &mut Conn<'_>, person: &Person, whole: bool) -> Result<Value, StoreError> {
    let mut returns = Vec::with_capacity(person.returns.len());
    for number in &person.returns {
        let Ok(rma) = number.parse::<RmaNumber>() else { continue };
        let Some(request) = super::find_return(conn, rma).await? else { continue };
        let text = "SELECT at, actor, event FROM return_events WHERE rma = $1 ORDER BY seq";
        let rows = fetch_all!(conn, (i64, String, String), text, number)?;
        let mut events = Vec::with_capacity(rows.len());
        for (at, actor, event) in rows {
            let event = parsed(&event);
            if !whole && event["kind"].as_str().is_none_or(Event::is_internal_kind) {
                continue;
            }
            // Who works there is somebody else.
            let by = match serde_json::from_str(&actor) {
                Ok(Actor::Customer) => "customer",
                Ok(Actor::System) => "rule",
                _ => "shop",
            };
            events.push(json!({"at": time(at), "by": by, "event": event}));
        }
        let tags = super::feedback_tags_of(conn, rma).await?;
        returns.push(json!({"rma": number, "status": request.status().code(), "opened_at": request.opened_at.to_string(),
            "feedback_tags": tags, "events": events}));
    }
    Ok(returns.into())
}

async fn statements_of(conn: &mut Conn<'_>, person: &Person) -> Result<Value, StoreError> {
    let mut statements = Vec::new();
    for id in &person.withdrawals {
        let text = "SELECT received_at, statement FROM withdrawals WHERE id = $1";
        let Some((at, statement)) = fetch_optional!(conn, (i64, String), text, id)? else { continue };
        statements.push(json!({"id": id, "received_at": time(at), "statement": parsed(&statement)}));
    }
    Ok(statements.into())
}

type Photo = (String, String, Option<String>, Option<String>, String, String, i64, i64, String);

async fn photos_of(conn: &mut Conn<'_>, returns: &str, whole: bool) -> Result<Value, StoreError> {
    let rows = among!(
        conn,
        Photo,
        returns,
        "SELECT id, holder_id, order_key, line_id, media, name, bytes, created_at, holder FROM evidence
         WHERE holder IN ('return', 'house') AND holder_id",
        "created_at, id"
    );
    let theirs = rows.into_iter().filter(|row| whole || row.8 == "return");
    let of = |(id, rma, order, line, media, name, bytes, at, holder): Photo| {
        json!({"id": id, "rma": rma, "order": order, "line": line, "media": media, "name": name, "bytes": bytes, "at": time(at),
            "by": if holder == "house" { "shop" } else { "customer" }, "link": format!("/evidence/{id}")})
    };
    Ok(theirs.map(of).collect())
}

async fn messages_of(conn: &mut Conn<'_>, person: &Person) -> Result<Value, StoreError> {
    let of_returns = person.returns.iter().map(|rma| format!("return:{rma}"));
    let about: Vec<String> = of_returns.chain(person.orders.iter().map(|key| format!("order:{key}"))).collect();
    let rows = among!(
        conn,
        (String, String, i64, Option<i64>, Option<i64>),
        write_json("subject", &about)?,
        "SELECT about, occasion, at, read_at, texted_at FROM inbox WHERE about",
        "at, id"
    );
    let of = |(about, occasion, at, read, texted): (String, String, i64, Option<i64>, Option<i64>)| json!({"about": about, "occasion": occasion, "at": time(at), "read_at": maybe_time(read), "texted_at": maybe_time(texted)});
    Ok(rows.into_iter().map(of).collect())
}

type Gift = (String, String, String, String, i64, String, Option<String>, String, Option<i64>, Option<i64>);

async fn ledgers(conn: &mut Conn<'_>, holders: &str, file: &mut Map<String, Value>) -> Result<(), StoreError> {
    let rows = among!(
        conn,
        (i64, String, i64, String, Option<String>, Option<String>, Option<i64>),
        holders,
        "SELECT at, currency, amount, kind, rma, order_key, expires_at FROM credit_entries WHERE holder",
        "id"
    );
    let of = |(at, currency, minor, kind, rma, order, until): (i64, String, i64, String, Option<String>, Option<String>, Option<i64>)| json!({"at": time(at), "currency": currency, "minor": minor, "kind": kind, "rma": rma, "order": order, "expires_at": maybe_time(until)});
    file.insert("credit".into(), rows.into_iter().map(of).collect());
    let rows = among!(
        conn,
        (i64, i64, String, Option<String>, Option<String>, Option<i64>),
        holders,
        "SELECT at, amount, kind, rma, order_key, expires_at FROM points_entries WHERE holder",
        "id"
    );
    let of = |(at, points, kind, rma, order, until): (i64, i64, String, Option<String>, Option<String>, Option<i64>)| json!({"at": time(at), "points": points, "kind": kind, "rma": rma, "order": order, "expires_at": maybe_time(until)});
    file.insert("points".into(), rows.into_iter().map(of).collect());
    let rows = among!(
        conn,
        Gift,
        holders,
        "SELECT rma, order_key, kind, currency, value, state, code, fault, given_at, expires_at FROM compensations WHERE holder",
        "id"
    );
    let of = |(rma, order, kind, currency, value, state, code, fault, at, until): Gift| {
        json!({"rma": rma, "order": order, "kind": kind, "currency": currency, "value": value, "state": state, "code": code, "fault": fault,
            "given_at": maybe_time(at), "expires_at": maybe_time(until)})
    };
    file.insert("gifts".into(), rows.into_iter().map(of).collect());
    Ok(())
}
