//! A gateway's report of money that went back, as a table: Stripe's itemised balance changes, its balance history and its list of refunds, and whatever
//! else names its columns so. Amounts are decimals.

use std::collections::HashMap;

use domain::money::{Amount, Currency, Money};
use domain::plain::one_line;
use domain::reconcile::{Stands, Theirs};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::stripe::LONGEST_NAME;

/// Rows of a table.
pub const MOST_ROWS: usize = 20_000;
/// Columns of a table.
const MOST_COLUMNS: usize = 400;
/// Bytes of a cell that is read.
const LONGEST_CELL: usize = 1_000;
/// Rows that are told of those that cannot be read.
const MOST_WRONG: usize = 20;

/// What columns are called, in lower case, words parted by `_`; the first that is there counts.
/// (docs.stripe.com/reports/report-types: `balance_change_from_activity.itemized`; dashboard: balance history, payments and refunds.)
const REFERENCE: [&str; 4] = ["refund_id", "source_id", "source", "id"];
const NAME: [&str; 4] = ["refund_metadata_refund", "refund_metadata", "metadata_refund", "our_reference"];
const KIND: [&str; 2] = ["reporting_category", "type"];
const STATE: [&str; 1] = ["status"];
const AT: [&str; 3] = ["created_utc", "created", "created_at"];
/// Amount and currency, as the customer sees it before as it is settled.
const MONEY: [(&str, &str); 3] = [("customer_facing_amount", "customer_facing_currency"), ("gross", "currency"), ("amount", "currency")];

/// What of a report is a refund, and what takes one back.
const REFUNDS: [&str; 4] = ["refund", "payment_refund", "partial_capture_reversal", "payment_reversal"];
const FAILURES: [&str; 3] = ["refund_failure", "payment_refund_failure", "payment_failure_refund"];

/// Why a report cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no table in UTF-8 with a line of names: {0}")]
    NoTable(String),
    #[error("it has no column for {0}")]
    NoColumn(&'static str),
    #[error("it has more than {MOST_ROWS} rows")]
    TooLong,
    /// Lines, and what is wrong with each.
    #[error("{} rows cannot be read; line {}: {}", .0.len(), .0[0].0, .0[0].1)]
    Rows(Vec<(u64, String)>),
}

/// Reads a report: each refund in it once, with how often it is there.
pub fn read_statement(bytes: &[u8]) -> Result<Vec<Theirs>, Unreadable> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text);
    let no_table = |error: &csv::Error| Unreadable::NoTable(one_line(&error.to_string(), 200));
    let names: Vec<String> = reader.headers().map_err(|error| no_table(&error))?.iter().take(MOST_COLUMNS + 1).map(folded).collect();
    if names.len() > MOST_COLUMNS {
        return Err(Unreadable::NoTable(format!("it has more than {MOST_COLUMNS} columns")));
    }
    let place = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
    let reference = place(&REFERENCE).ok_or(Unreadable::NoColumn("the refund's name (`refund_id`, `source_id`, `id`)"))?;
    let money: Vec<(usize, usize)> =
        MONEY.iter().filter_map(|(amount, currency)| Some((place(&[*amount])?, place(&[*currency])?))).collect();
    if money.is_empty() {
        return Err(Unreadable::NoColumn("amount and currency (`gross`, `amount`, `currency`)"));
    }
    let (name, kind, state, at) = (place(&NAME), place(&KIND), place(&STATE), place(&AT));
    let mut found: Vec<Theirs> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut wrong: Vec<(u64, String)> = Vec::new();
    let mut rows = 0;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| no_table(&error))? {
        rows += 1;
        if rows > MOST_ROWS {
            return Err(Unreadable::TooLong);
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: Option<usize>| place.and_then(|place| record.get(place)).map(str::trim).unwrap_or_default();
        let category = folded(cell(kind));
        let failure = FAILURES.contains(&category.as_str());
        if kind.is_some() && !failure && !REFUNDS.contains(&category.as_str()) {
            continue;
        }
        let read = || -> Result<Theirs, String> {
            if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
                return Err(format!("a cell has more than {LONGEST_CELL} bytes"));
            }
            let reference = plain(cell(Some(reference)), "the refund's name")?;
            let name = Some(cell(name)).filter(|name| !name.is_empty()).map(|name| plain(name, "our name for it")).transpose()?;
            let (amount, currency) = money
                .iter()
                .map(|(amount, currency)| (cell(Some(*amount)), cell(Some(*currency))))
                .find(|(amount, currency)| !amount.is_empty() && !currency.is_empty())
                .ok_or("it has no amount")?;
            let currency: Currency = currency.parse().map_err(|error| format!("{error}"))?;
            // What leaves is negative in a balance, and positive in a list of refunds.
            let amount: Amount = amount.trim_start_matches('-').parse().map_err(|error| format!("amount: {error}"))?;
            let minor = amount.minor(currency).map_err(|error| format!("amount: {error}"))?;
            if minor <= 0 {
                return Err("its amount is not above 0".to_owned());
            }
            let word = cell(state);
            let stands = if failure { Some(Stands::Failed) } else { Stands::of(word) };
            let stands = stands.ok_or_else(|| format!("`{}` is no state of a refund", one_line(word, 40)))?;
            let at = Some(cell(at)).filter(|at| !at.is_empty()).map(moment).transpose()?;
            Ok(Theirs { line, reference, name, amount: Money::new(minor, currency), stands, at, times: u32::from(!failure) })
        };
        match read() {
            Err(why) if wrong.len() < MOST_WRONG => wrong.push((line, why)),
            Err(_) => {}
            Ok(told) => match places.get(&told.reference).and_then(|place| found.get_mut(*place)) {
                Some(known) => take_in(known, told),
                None => {
                    places.insert(told.reference.clone(), found.len());
                    found.push(told);
                }
            },
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(Unreadable::Rows(wrong)) }
}

/// Another row of the same refund.
fn take_in(known: &mut Theirs, told: Theirs) {
    known.times += told.times;
    known.name = known.name.take().or(told.name);
    known.at = match (known.at, told.at) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    if told.stands == Stands::Failed {
        known.stands = Stands::Failed;
    } else if known.times == told.times {
        // So far only that it failed was read; how much it was stands in both.
        known.amount = told.amount;
    }
}

/// `Created (UTC)` and `refund_metadata[refund]` as `created_utc` and `refund_metadata_refund`.
fn folded(name: &str) -> String {
    let mut written = String::new();
    for letter in name.trim().chars().take(200) {
        match letter {
            letter if letter.is_ascii_alphanumeric() => written.push(letter.to_ascii_lowercase()),
            _ if written.ends_with('_') || written.is_empty() => {}
            _ => written.push('_'),
        }
    }
    written.truncate(written.trim_end_matches('_').len());
    written
}

/// A name of theirs or ours.
fn plain(text: &str, what: &str) -> Result<String, String> {
    let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err(format!("{what} is missing, or no name")) }
}

/// As reports write moments: by UTC, with or without seconds, or as seconds since 1970.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(at) = text.parse::<i64>().map(Timestamp::from_second) {
        return at.map_err(|_| "its moment is out of reach".to_owned());
    }
    let civil = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"].iter().find_map(|form| DateTime::strptime(form, text).ok());
    let zoned = civil.and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
    zoned.map(|zoned| zoned.timestamp()).ok_or_else(|| "its moment is none".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Vec<(String, Option<String>, String, Stands, u32)> {
        let read = read_statement(text.as_bytes()).unwrap();
        read.into_iter().map(|told| (told.reference, told.name, told.amount.to_string(), told.stands, told.times)).collect()
    }

    #[test]
    fn reports_as_stripe_writes_them_are_read() {
        let itemised = "balance_transaction_id,created_utc,created,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,\
            customer_facing_currency,charge_id,refund_metadata[refund]\n\
            txn_1,2026-11-20 10:00:00,2026-11-20 18:00:00,eur,100.00,-1.00,99.00,charge,ch_1,Order 1,100.00,eur,ch_1,\n\
            txn_2,2026-11-21 10:00:00,2026-11-21 18:00:00,eur,-12.34,0.00,-12.34,refund,re_1,Refund,-89.00,cny,ch_1,R-7KQ4-M2XD-p1\n\
            txn_3,2026-11-22 10:00:00,2026-11-22 18:00:00,eur,12.34,0.00,12.34,refund_failure,re_1,Refund failed,89.00,cny,ch_1,R-7KQ4-M2XD-p1\n\
            txn_4,2026-11-22 10:00:00,2026-11-22 18:00:00,eur,-5.00,0.00,-5.00,refund,re_2,Refund,,,ch_1,\n";
        let name = Some("R-7KQ4-M2XD-p1".to_owned());
        assert_eq!(
            told(itemised),
            [
                ("re_1".to_owned(), name.clone(), "89.00 CNY".to_owned(), Stands::Failed, 1),
                ("re_2".to_owned(), None, "5.00 EUR".to_owned(), Stands::Left, 1)
            ]
        );
        let history = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Customer Facing Amount,Customer Facing Currency,\
            refund (metadata)\n\
            txn_1,refund,re_1,-89.00,0.00,-89.00,cny,2026-11-21 10:00,2026-11-21 10:00,REFUND,-89.00,cny,\n\
            txn_9,refund,re_1,-89.00,0.00,-89.00,cny,2026-11-21 10:00,2026-11-21 10:00,REFUND,-89.00,cny,\n\
            txn_2,payout,po_1,-50.00,0.00,-50.00,cny,2026-11-21 10:00,2026-11-21 10:00,STRIPE PAYOUT,,,\n";
        assert_eq!(told(history), [("re_1".to_owned(), None, "89.00 CNY".to_owned(), Stands::Left, 2)]);
        let refunds = "id,amount,currency,status,created,metadata[refund]\nre_1,89.00,cny,succeeded,1763719200,R-7KQ4-M2XD-p1\nre_2,500,jpy,canceled,2026-11-21T10:00:00Z,\n";
        assert_eq!(
            told(refunds),
            [
                ("re_1".to_owned(), name, "89.00 CNY".to_owned(), Stands::Succeeded, 1),
                ("re_2".to_owned(), None, "500 JPY".to_owned(), Stands::Failed, 1)
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let refused = |text: &str| read_statement(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("").contains("no column"), "{}", refused(""));
        assert!(refused("id,currency\nre_1,eur\n").contains("amount and currency"));
        assert!(refused("amount,currency\n1,eur\n").contains("refund's name"));
        assert!(refused("id,amount,currency\nre_1,1\n").contains("no table"), "rows are as long as the line of names");
        for (row, why) in [
            ("re_1,x,eur,", "line 2: amount"),
            ("re_1,1.005,eur,", "line 2: amount"),
            ("re_1,0.00,eur,", "not above 0"),
            ("re_1,1.00,euro,", "line 2"),
            ("\"re 1\",1.00,eur,", "name"),
            (",1.00,eur,", "name"),
            ("re_1,1.00,eur,maybe", "no state"),
            ("re_1,99999999999999999999,eur,", "amount"),
        ] {
            let told = refused(&format!("id,amount,currency,status\n{row}\n"));
            assert!(told.contains(why), "{row}: {told}");
        }
        let many = format!("id,amount,currency\n{}", "re_1,1,eur\n".repeat(MOST_ROWS + 1));
        assert_eq!(refused(&many), Unreadable::TooLong.to_string());
        assert_eq!(
            read_statement(b"id,amount,currency\n\xff,1,eur\n").unwrap_err().to_string().split(':').next(),
            Some("it is no table in UTF-8 with a line of names")
        );
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..400), rows in "(?s)(re_[0-9]|[-,\"\\n0-9a-z\\. ]){0,200}") {
            let _ = read_statement(&bytes);
            let _ = read_statement(format!("id,amount,currency,status,created\n{rows}").as_bytes());
        }
    }
}
