//! What the orders of all platforms have in common: contacts, times, money given back.

use std::fmt;
use std::str::FromStr;

use domain::ids::{CountryCode, EmailAddress, LineId, PhoneNumber};
use domain::money::{Amount, Currency, split};
use domain::order::{CustomerDocument, FieldProblem, OrderDocument, PaymentDocument, Quantity};
use domain::plain::{LONGEST_NAME, one_line};
use domain::plausible::plausible;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::amounts;
use crate::store::Credit;

/// An order as our document, with what was told beside it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub document: OrderDocument,
    /// What was given back of it.
    pub credits: Vec<Credit>,
    /// What was left out or changed on the way.
    pub notes: Vec<FieldProblem>,
    /// What the source itself knows the order by, where that is not its number.
    pub identity: Option<String>,
}

impl Told {
    /// The document and nothing else.
    pub fn only(document: OrderDocument) -> Self {
        Self { document, credits: Vec::new(), notes: Vec::new(), identity: None }
    }
}

/// An order of a platform.
pub(super) type Converted = Result<Told, Vec<FieldProblem>>;

/// Amounts of an order, in minor units of its currency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Till(pub Currency);

impl Till {
    /// Of the currency of that code.
    pub fn new(code: Option<&str>) -> Result<Self, Vec<FieldProblem>> {
        let code = code.ok_or_else(|| vec![FieldProblem::new("currency", "is missing")])?;
        code.parse().map(Self).map_err(|error| vec![FieldProblem::new("currency", error)])
    }

    /// Whether that is the currency of this code.
    pub fn is(self, code: &str) -> bool {
        self.0.code().eq_ignore_ascii_case(code.trim())
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

/// The first mail address and phone number that can be used; one that cannot costs no order, and is told where no other can.
pub(super) fn contacts(
    customer: &mut CustomerDocument,
    emails: &[&Option<String>],
    phones: &[&Option<String>],
    notes: &mut Vec<FieldProblem>,
) {
    fn usable<T: FromStr<Err: fmt::Display>>(field: &str, texts: &[&Option<String>], notes: &mut Vec<FieldProblem>) -> Option<String> {
        let mut texts = texts.iter().copied().flatten().filter(|text| !text.trim().is_empty());
        let first = texts.clone().next()?;
        let found = texts.find(|text| text.parse::<T>().is_ok()).cloned();
        if let (None, Err(error)) = (&found, first.parse::<T>()) {
            let first: String = first.chars().take(80).collect();
            notes.push(FieldProblem::new(field, format!("`{first}` {error}: it is left out")));
        }
        found
    }
    customer.email = usable::<EmailAddress>("customer.email", emails, notes);
    customer.phone = usable::<PhoneNumber>("customer.phone", phones, notes);
}

/// Whole units that came back, of what was bought: of what is measured the one piece, or nothing.
pub(super) fn pieces(back: Decimal, bought: Quantity) -> u32 {
    match bought.whole() {
        Some(_) => back.abs().min(bought.0).trunc().to_u32().unwrap_or(0),
        None => u32::from(bought.0 > Decimal::ZERO && back.abs() >= bought.0),
    }
}

/// Takes `amount` off the payments, the last first: it was paid, and does not come back.
pub(super) fn keep_back(payments: &mut [PaymentDocument], amount: i64, till: Till) {
    let mut rest = Amount::from_minor(amount.max(0), till.0).0;
    for payment in payments.iter_mut().rev().filter(|payment| payment.currency.is_none()) {
        let off = rest.min(payment.amount.0.max(Decimal::ZERO));
        payment.amount = Amount(payment.amount.0 - off);
        rest -= off;
    }
}

/// Whether a charge of that name is a tip, or what paying in some way costs: neither comes back with the goods.
pub(super) fn is_tip_or_fee(name: &str) -> bool {
    const TIPS: [&str; 10] = ["tip", "tips", "gratuity", "trinkgeld", "pourboire", "propina", "mancia", "小费", "小費", "チップ"];
    const FEES: [&str; 16] = [
        "payment fee",
        "card fee",
        "card surcharge",
        "payment surcharge",
        "gateway fee",
        "paypal fee",
        "stripe fee",
        "processing fee",
        "transaction fee",
        "cod fee",
        "cash on delivery fee",
        "nachnahmegebühr",
        "zahlungsgebühr",
        "kartengebühr",
        "手续费",
        "手數料",
    ];
    let name = name.to_lowercase();
    let is_word = |word: &&str| {
        if word.is_ascii() { name.split(|letter: char| !letter.is_alphabetic()).any(|part| part == *word) } else { name.contains(*word) }
    };
    TIPS.iter().any(is_word) || FEES.iter().any(|fee| name.contains(fee))
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

/// A time as platforms write it, that can be meant; without an offset it is one of `zone`. WordPress and MySQL write `0000-00-00 00:00:00`
/// where there is none.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>().ok().or_else(civil).filter(|time| plausible(*time).is_ok())
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
    let note = &one_line(note, LONGEST_NAME);
    let worth: Vec<i64> = units.iter().map(|units| units.amount.max(0)).collect();
    let sum: i64 = worth.iter().sum();
    let given = given.unwrap_or(sum).max(0);
    let amounts = if given < sum { split(given, &worth) } else { worth };
    let credit = |(position, (units, amount)): (usize, (RefundedUnits, i64))| Credit {
        credit_note: note.clone(),
        position: position as i64,
        line: units.line,
        quantity: units.quantity,
        amount,
    };
    let mut credits: Vec<Credit> = units.into_iter().zip(amounts).enumerate().map(credit).collect();
    if given > sum {
        let position = credits.len() as i64;
        credits.push(Credit { credit_note: note.clone(), position, line: first.clone(), quantity: 0, amount: given - sum });
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
    fn a_contact_that_cannot_be_used_costs_no_order_and_is_told() {
        let text = |text: &str| Some(text.to_owned());
        let read = |emails: &[&Option<String>], phones: &[&Option<String>]| {
            let (mut customer, mut notes) = (CustomerDocument::default(), Vec::new());
            contacts(&mut customer, emails, phones, &mut notes);
            (customer.email, customer.phone, notes.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let found = read(&[&None, &text("nobody"), &text("a@example.com")], &[&text("-"), &text("0170 12345")]);
        assert_eq!(found, (text("a@example.com"), text("0170 12345"), Vec::new()));
        let (email, phone, notes) = read(&[&text("nobody")], &[&None, &text("-")]);
        assert_eq!((email, phone, notes.len()), (None, None, 2), "{notes:?}");
        assert!(notes[0].starts_with("customer.email: `nobody` is not") && notes[1].starts_with("customer.phone: `-` is"), "{notes:?}");
        assert_eq!(read(&[&None], &[&text(" ")]), (None, None, Vec::new()), "a counter sale");
    }

    #[test]
    fn tips_and_what_paying_costs_are_known_by_their_names() {
        for name in ["Tip", "tip (10 %)", "Trinkgeld", "Credit card fee", "PayPal fee", "Nachnahmegebühr", "支付手续费"] {
            assert!(is_tip_or_fee(name), "{name}");
        }
        for name in ["Gift wrapping", "Tipi assembly", "Express", "Coffee"] {
            assert!(!is_tip_or_fee(name), "{name}");
        }
    }

    #[test]
    fn what_is_kept_back_comes_off_the_last_payment() {
        let till = Till::new(Some("EUR")).unwrap();
        let payment = |amount: i64, currency: Option<&str>| PaymentDocument {
            id: None,
            method: None,
            currency: currency.map(str::to_owned),
            amount: till.amount(amount),
            card_ending: None,
        };
        let mut payments = [payment(3_000, None), payment(500, None), payment(9_900, Some("JPY"))];
        keep_back(&mut payments, 700, till);
        assert_eq!(
            payments.map(|payment| payment.amount),
            [till.amount(2_800), till.amount(0), till.amount(9_900)],
            "another currency is not touched"
        );
    }

    #[test]
    fn times_without_an_offset_are_of_the_given_zone() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        for text in ["2017-03-22T16:28:02", "2017-03-22 16:28:02", "2017-03-22T19:28:02Z", "2017-03-22T15:28:02-04:00"] {
            assert_eq!(time(text, &zone).unwrap().to_string(), "2017-03-22T19:28:02Z", "{text}");
        }
        assert_eq!(time("yesterday", &zone), None);
        for text in ["", "0000-00-00 00:00:00", "0026-11-21T00:00:00", "1970-01-01T00:00:00Z"] {
            assert_eq!(time(text, &zone), None, "{text}");
        }
    }
}
