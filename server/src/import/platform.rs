//! What the orders of all platforms have in common: contacts, times, money given back.

use domain::ids::{CountryCode, EmailAddress, LineId, PhoneNumber};
use domain::money::{Amount, Currency, split};
use domain::order::{CustomerDocument, FieldProblem, OrderDocument};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::amounts;
use crate::store::Credit;

/// An order of a platform as our document, with what was given back of it.
pub(super) type Converted = Result<(OrderDocument, Vec<Credit>), Vec<FieldProblem>>;

/// Amounts of an order, in minor units of its currency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Till(pub Currency);

impl Till {
    /// Of the currency of that code.
    pub fn new(code: Option<&str>) -> Result<Self, Vec<FieldProblem>> {
        let code = code.ok_or_else(|| vec![FieldProblem::new("currency", "is missing")])?;
        code.parse().map(Self).map_err(|error| vec![FieldProblem::new("currency", error)])
    }

    /// The amount of `field` in minor units; nothing is 0.
    pub fn minor(self, field: &str, amount: Option<Decimal>) -> Result<i64, Vec<FieldProblem>> {
        amounts::minor(amount.unwrap_or_default(), self.0).map_err(|error| vec![FieldProblem::new(field, error)])
    }

    /// Back to a document's amount.
    pub fn amount(self, minor: i64) -> Amount {
        Amount::from_minor(minor, self.0)
    }

    /// As [`Till::amount`]; nothing where it is 0.
    pub fn some(self, minor: i64) -> Option<Amount> {
        (minor != 0).then(|| self.amount(minor))
    }
}

/// The first mail address and phone number that can be used. Where none can, the first of each as it stands, so that the refusal
/// names it.
pub(super) fn contacts(customer: &mut CustomerDocument, emails: &[&Option<String>], phones: &[&Option<String>]) {
    let usable = |texts: &[&Option<String>], fits: fn(&str) -> bool| texts.iter().copied().flatten().find(|text| fits(text)).cloned();
    let first = |texts: &[&Option<String>]| texts.iter().copied().flatten().next().cloned();
    customer.email = usable(emails, |text| text.parse::<EmailAddress>().is_ok());
    customer.phone = usable(phones, |text| text.parse::<PhoneNumber>().is_ok());
    if customer.email.is_none() && customer.phone.is_none() {
        (customer.email, customer.phone) = (first(emails), first(phones));
    }
}

/// A two-letter code, where it is one.
pub(super) fn country(text: &Option<String>) -> Option<String> {
    text.as_deref()?.parse::<CountryCode>().ok().map(|code| code.to_string())
}

/// `first` and `last` name in one.
pub(super) fn full_name(first: &Option<String>, last: &Option<String>) -> Option<String> {
    let name = [first.as_deref(), last.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// A time as platforms write it; without an offset it is one of `zone`.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// As [`time`], required.
pub(super) fn placed_at(field: &str, text: Option<&str>, zone: &TimeZone) -> Result<Timestamp, Vec<FieldProblem>> {
    let problem = |problem: String| vec![FieldProblem::new(field, problem)];
    let text = text.ok_or_else(|| problem("is missing".into()))?;
    time(text, zone).ok_or_else(|| problem(format!("`{text}` is not a time such as 2026-11-02T09:30:00Z")))
}

/// The refusal of something that is no order at all: what it has instead.
pub(super) fn no_order(what: &str, fields: &[String]) -> Vec<FieldProblem> {
    let fields: Vec<&str> = fields.iter().take(6).map(String::as_str).collect();
    let has = if fields.is_empty() { "it is no object".to_owned() } else { format!("it has the fields {}", fields.join(", ")) };
    vec![FieldProblem::new("", format!("is no {what} order; {has}"))]
}

/// Units of a line that were refunded, and what they are worth.
#[derive(Clone, Debug)]
pub(super) struct RefundedUnits {
    pub line: LineId,
    pub quantity: u32,
    pub amount: i64,
}

/// A refund as credits. `given` is the money that really went back, where that is known: less than the units are worth (a fee was
/// kept) is spread over them, more (carriage, goodwill) becomes a credit of its own, without units, on `first`.
pub(super) fn refund(note: &str, units: Vec<RefundedUnits>, given: Option<i64>, first: &LineId) -> Vec<Credit> {
    let worth: Vec<i64> = units.iter().map(|units| units.amount.max(0)).collect();
    let sum: i64 = worth.iter().sum();
    let given = given.unwrap_or(sum).max(0);
    let amounts = if given < sum { split(given, &worth) } else { worth };
    let credit = |(position, (units, amount)): (usize, (RefundedUnits, i64))| Credit {
        credit_note: note.to_owned(),
        position: position as i64,
        line: units.line,
        quantity: units.quantity,
        amount,
    };
    let mut credits: Vec<Credit> = units.into_iter().zip(amounts).enumerate().map(credit).collect();
    if given > sum {
        let position = credits.len() as i64;
        credits.push(Credit { credit_note: note.to_owned(), position, line: first.clone(), quantity: 0, amount: given - sum });
    }
    credits.retain(|credit| credit.quantity > 0 || credit.amount > 0);
    credits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(units: &[i64], given: Option<i64>) -> Vec<(u32, i64)> {
        let line: LineId = "1".parse().unwrap();
        let units = units.iter().map(|amount| RefundedUnits { line: line.clone(), quantity: 1, amount: *amount }).collect();
        refund("R1", units, given, &line).into_iter().map(|credit| (credit.quantity, credit.amount)).collect()
    }

    #[test]
    fn credits_add_up_to_the_money_that_went_back() {
        assert_eq!(amounts(&[1_000, 500], None), [(1, 1_000), (1, 500)]);
        assert_eq!(amounts(&[1_000, 500], Some(1_500)), [(1, 1_000), (1, 500)]);
        assert_eq!(amounts(&[1_000, 500], Some(1_200)), [(1, 800), (1, 400)], "a fee was kept");
        assert_eq!(amounts(&[1_000], Some(1_300)), [(1, 1_000), (0, 300)], "carriage came back too");
        assert_eq!(amounts(&[], Some(700)), [(0, 700)], "money without goods");
        assert_eq!(amounts(&[1_000], Some(0)), [(1, 0)], "units that never were paid");
        assert!(amounts(&[], Some(0)).is_empty());
    }

    #[test]
    fn an_unusable_phone_does_not_cost_the_order_but_somebody_must_be_reachable() {
        let text = |text: &str| Some(text.to_owned());
        let mut customer = CustomerDocument::default();
        contacts(&mut customer, &[&None, &text("a@example.com")], &[&text("-"), &text("0170 12345")]);
        assert_eq!((customer.email, customer.phone), (text("a@example.com"), text("0170 12345")));
        let mut customer = CustomerDocument::default();
        contacts(&mut customer, &[&text("nobody")], &[&text("-")]);
        assert_eq!((customer.email, customer.phone), (text("nobody"), text("-")), "the refusal names them");
    }

    #[test]
    fn times_without_an_offset_are_of_the_given_zone() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        for text in ["2017-03-22T16:28:02", "2017-03-22 16:28:02", "2017-03-22T19:28:02Z", "2017-03-22T15:28:02-04:00"] {
            assert_eq!(time(text, &zone).unwrap().to_string(), "2017-03-22T19:28:02Z", "{text}");
        }
        assert_eq!(time("yesterday", &zone), None);
        assert_eq!(time("", &zone), None);
    }
}
