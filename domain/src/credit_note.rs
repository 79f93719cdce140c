//! A credit note of a payment (P26): what a shop writes down for the tax office when money goes back. Its amounts contain tax, add up to the payment to the
//! minor unit, and are parted by rate; `en16931` writes it as XML.
//! Long because what a receipt becomes by rate is put together here, with what holds of each.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{LineId, OrderNumber, Sku};
use crate::money::{Currency, split};
use crate::order::{Address, Order, OrderLine};
use crate::returns::{Grant, Payment, PaymentNo};
use crate::rma::RmaNumber;
use crate::settlement::ReceiptKind;
use crate::words::Locale;

/// A credit note's number in the shop's own row, from 1, with none left out: `CN-000012`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditNoteNo(pub u32);

impl fmt::Display for CreditNoteNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CN-{:06}", self.0)
    }
}

impl FromStr for CreditNoteNo {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix("CN-").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())).ok_or(())?;
        digits.parse().ok().filter(|number| *number > 0).map(Self).ok_or(())
    }
}

impl Serialize for CreditNoteNo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CreditNoteNo {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|()| serde::de::Error::custom("not a credit note's number"))
    }
}

/// A rate of tax in hundredths of a percent: 1900 is 19%.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaxRate(pub u32);

impl TaxRate {
    pub const NONE: Self = Self(0);

    /// In percent, as plain text: `19`, `5.5`.
    pub fn percent(self) -> String {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// What of an amount with tax is left without it, in whole minor units, rounded half away from zero.
    fn net(self, gross: i64) -> i64 {
        let (whole, part) = (i128::from(gross) * 10_000, i128::from(10_000 + self.0));
        ((whole.abs() * 2 + part) / (part * 2) * whole.signum()) as i64
    }
}

/// Rates that are in force somewhere: of the member states of the European Union (Commission, "VAT rates applied in the Member States"), Switzerland,
/// the United Kingdom, China and Japan. A rate that an order's amounts come close to is one of these.
const KNOWN_RATES: [u32; 34] = [
    2_700, 2_550, 2_500, 2_400, 2_300, 2_200, 2_100, 2_000, 1_900, 1_800, 1_700, 1_600, 1_500, 1_400, 1_350, 1_300, 1_200, 1_000, 950, 900,
    810, 800, 700, 600, 550, 500, 480, 400, 380, 300, 260, 210, 100, 50,
];

/// Who issues it, or whom it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    #[serde(default)]
    pub address: Address,
    /// Their number for value added tax, with the country before it: `DE123456789`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
}

/// What a row of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ItemKind {
    /// As the receipt of what was promised has it.
    Row { row: ReceiptKind },
    /// A part of what was promised.
    Part,
}

/// A row of a credit note, at one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub kind: ItemKind,
    /// The product, where it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// Units of it; 1 of what is not counted.
    pub units: u32,
    pub rate: TaxRate,
    /// With tax, minor units; negative where it is taken off.
    pub gross: i64,
    /// Without it.
    pub net: i64,
}

/// All of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRow {
    pub rate: TaxRate,
    /// Minor units.
    pub net: i64,
    pub tax: i64,
}

/// A credit note, as it is kept: nothing of it changes once it has its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreditNote {
    pub number: CreditNoteNo,
    /// The credit note that it takes back, because the money came back: the customer owes again what that gave. Nothing: it is one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<CreditNoteNo>,
    /// When the money left, or came back.
    pub at: Timestamp,
    /// That day, by the shop's clock.
    pub issued_on: Date,
    /// The customer's language.
    #[serde(flatten, with = "crate::words::kept")]
    pub locale: Locale,
    pub seller: Party,
    pub buyer: Party,
    pub rma: RmaNumber,
    pub payment: PaymentNo,
    pub order: OrderNumber,
    pub currency: Currency,
    pub items: Vec<Item>,
    /// By rate, the highest first.
    pub taxes: Vec<TaxRow>,
    /// With tax: the payment. Minor units.
    pub total: i64,
    /// The order tells of taxes.
    pub taxed: bool,
}

/// What a credit note is made of, besides its amounts.
#[derive(Clone, Debug)]
pub struct Heading {
    pub number: CreditNoteNo,
    pub at: Timestamp,
    pub issued_on: Date,
    pub locale: Locale,
    pub seller: Party,
    pub buyer: Party,
    pub rma: RmaNumber,
}

impl CreditNote {
    /// Of a payment of a grant, which is of that order. Where it pays all of the grant, the rows are those of its receipt; where it pays a part, one row
    /// for each rate.
    pub fn of(heading: Heading, order: &Order, grant: &Grant, payment: &Payment) -> Self {
        let rows = rows_of(order, grant);
        let rows = if payment.amount == grant.amount { rows } else { parts_of(rows, payment.amount) };
        let Heading { number, at, issued_on, locale, seller, buyer, rma } = heading;
        let items = priced(rows);
        Self {
            number,
            corrects: None,
            at,
            issued_on,
            locale,
            seller,
            buyer,
            rma,
            payment: payment.id,
            order: grant.order.clone(),
            currency: grant.currency,
            taxes: taxes_of(&items),
            items,
            total: payment.amount,
            taxed: order.lines.iter().any(|line| line.tax > 0),
        }
    }

    /// What takes it back: the same amounts, owed the other way, under a number of its own.
    pub fn taken_back(&self, number: CreditNoteNo, at: Timestamp, issued_on: Date) -> Self {
        Self { number, corrects: Some(self.number), at, issued_on, ..self.clone() }
    }

    /// Whether a row is a line of its own, and not a charge or an allowance on all: goods are; where there are none, whatever is given is.
    pub fn is_line(&self, item: &Item) -> bool {
        let goods = |item: &Item| item.net >= 0 && item.is_goods();
        goods(item) || (item.net >= 0 && !self.items.iter().any(goods))
    }

    /// Without tax, minor units.
    pub fn net(&self) -> i64 {
        self.taxes.iter().map(|row| row.net).sum()
    }

    pub fn tax(&self) -> i64 {
        self.taxes.iter().map(|row| row.tax).sum()
    }
}

impl Item {
    fn is_goods(&self) -> bool {
        let ItemKind::Row { row } = &self.kind else { return true };
        let of_goods = matches!(row, ReceiptKind::Goods { .. } | ReceiptKind::KeptItem { .. } | ReceiptKind::ExchangedItem { .. });
        of_goods || matches!(row, ReceiptKind::PriceProtection { .. })
    }
}

/// The rate at which a line was taxed, read from its amounts: that of the known ones which fits it and most of the lines beside it; else as it comes out.
fn rate_of(order: &Order, line: &OrderLine) -> TaxRate {
    if line.tax <= 0 {
        return TaxRate::NONE;
    }
    let fits = |line: &OrderLine, rate: u32| deviation(order, line, rate).is_some_and(|off| off <= 10_000);
    let beside = |rate: u32| order.lines.iter().filter(|line| line.tax > 0 && fits(line, rate)).count();
    let known = KNOWN_RATES.into_iter().filter(|rate| fits(line, *rate));
    let best = known.min_by_key(|rate| (std::cmp::Reverse(beside(*rate)), deviation(order, line, *rate)));
    best.map_or_else(|| as_it_comes(order, line), TaxRate)
}

/// Bases that the tax of a line may have been reckoned from, without it: before and after its share of the order's discounts.
fn bases(order: &Order, line: &OrderLine) -> impl Iterator<Item = i64> {
    let tax = if order.prices_include_tax { line.tax } else { 0 };
    [line.net(), order.paid_for(line, line.quantity)].into_iter().map(move |base| base - tax).filter(|base| *base > 0)
}

/// How far a rate is from the tax of a line, in ten thousandths of a minor unit; a unit either way is rounding.
fn deviation(order: &Order, line: &OrderLine, rate: u32) -> Option<i128> {
    bases(order, line).map(|base| (i128::from(base) * i128::from(rate) - i128::from(line.tax) * 10_000).abs()).min()
}

fn as_it_comes(order: &Order, line: &OrderLine) -> TaxRate {
    let rate = bases(order, line).next().map_or(0, |base| (i128::from(line.tax) * 10_000 + i128::from(base) / 2) / i128::from(base));
    TaxRate(u32::try_from(rate).unwrap_or(0).min(10_000))
}

/// A row, with tax in it, before that is taken out.
struct Gross {
    kind: ItemKind,
    name: Option<String>,
    sku: Option<Sku>,
    units: u32,
    rate: TaxRate,
    amount: i64,
}

/// The rows of a grant's receipt, each at one rate: what a line's goods cost is one row with its discount and its tax on top; what is of the whole order
/// follows the goods, in proportion.
fn rows_of(order: &Order, grant: &Grant) -> Vec<Gross> {
    let mut rows: Vec<Gross> = Vec::new();
    let mut of_all: Vec<(&ReceiptKind, i64)> = Vec::new();
    for row in &grant.receipt {
        let Some((line, units)) = line_of(&row.kind) else {
            of_all.push((&row.kind, row.amount));
            continue;
        };
        let known = order.line(line);
        let rate = known.map_or(TaxRate::NONE, |line| rate_of(order, line));
        let joins = matches!(row.kind, ReceiptKind::Goods { .. } | ReceiptKind::LineDiscount { .. } | ReceiptKind::Tax { .. });
        let same = |other: &&mut Gross| matches!(&other.kind, ItemKind::Row { row: ReceiptKind::Goods { line: of, .. } } if of == line);
        if let Some(goods) = rows.iter_mut().find(same).filter(|_| joins) {
            goods.amount += row.amount;
            goods.units += units.unwrap_or(0);
            continue;
        }
        rows.push(Gross {
            kind: ItemKind::Row { row: row.kind.clone() },
            name: known.map(|line| line.name.clone()),
            sku: known.map(|line| line.sku.clone()),
            units: units.unwrap_or(1).max(1),
            rate,
            amount: row.amount,
        });
    }
    let weights = weights_of(order, &rows);
    for (kind, amount) in of_all {
        let shares = split(amount, &weights.iter().map(|(_, weight)| *weight).collect::<Vec<_>>());
        for ((rate, _), amount) in weights.iter().zip(shares) {
            rows.push(Gross { kind: ItemKind::Row { row: kind.clone() }, name: None, sku: None, units: 1, rate: *rate, amount });
        }
    }
    rows.retain(|row| row.amount != 0);
    rows
}

/// How much of each rate there is: of what came back, or, where that is nothing, of the order. At least one.
fn weights_of(order: &Order, rows: &[Gross]) -> Vec<(TaxRate, i64)> {
    let mut weights = by_rate(rows.iter().filter(|row| row.amount > 0).map(|row| (row.rate, row.amount)));
    if weights.is_empty() {
        weights = by_rate(order.lines.iter().map(|line| (rate_of(order, line), order.paid_for(line, line.quantity).max(0))));
    }
    if weights.is_empty() { vec![(TaxRate::NONE, 1)] } else { weights }
}

fn by_rate(amounts: impl Iterator<Item = (TaxRate, i64)>) -> Vec<(TaxRate, i64)> {
    let mut sums: Vec<(TaxRate, i64)> = Vec::new();
    for (rate, amount) in amounts {
        match sums.iter_mut().find(|(known, _)| *known == rate) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((rate, amount)),
        }
    }
    sums.sort_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    sums
}

/// So much of these rows, one for each rate.
fn parts_of(rows: Vec<Gross>, amount: i64) -> Vec<Gross> {
    let sums = by_rate(rows.into_iter().map(|row| (row.rate, row.amount)));
    let shares = split(amount, &sums.iter().map(|(_, sum)| *sum).collect::<Vec<_>>());
    let part = |((rate, _), amount): ((TaxRate, i64), i64)| Gross { kind: ItemKind::Part, name: None, sku: None, units: 1, rate, amount };
    sums.into_iter().zip(shares).map(part).filter(|row| row.amount != 0).collect()
}

/// Takes the tax out: of each rate the rows without it come to exactly what their sum is without it.
fn priced(rows: Vec<Gross>) -> Vec<Item> {
    let mut sums: Vec<(TaxRate, i64)> = Vec::new();
    let mut items = Vec::with_capacity(rows.len());
    for Gross { kind, name, sku, units, rate, amount } in rows {
        let before = sums.iter().find(|(known, _)| *known == rate).map_or(0, |(_, sum)| *sum);
        sums.retain(|(known, _)| *known != rate);
        sums.push((rate, before + amount));
        let net = rate.net(before + amount) - rate.net(before);
        items.push(Item { kind, name, sku, units, rate, gross: amount, net });
    }
    items
}

fn taxes_of(items: &[Item]) -> Vec<TaxRow> {
    let gross = by_rate(items.iter().map(|item| (item.rate, item.gross)));
    gross.into_iter().map(|(rate, gross)| TaxRow { rate, net: rate.net(gross), tax: gross - rate.net(gross) }).collect()
}

/// The line that a row is of, and how many units of it, where they are counted.
fn line_of(kind: &ReceiptKind) -> Option<(&LineId, Option<u32>)> {
    match kind {
        ReceiptKind::Goods { line, units }
        | ReceiptKind::KeptItem { line, units, .. }
        | ReceiptKind::ExchangedItem { line, units }
        | ReceiptKind::NewItem { line, units }
        | ReceiptKind::PriceProtection { line, units }
        | ReceiptKind::GiftKept { line, units } => Some((line, Some(*units))),
        ReceiptKind::LineDiscount { line }
        | ReceiptKind::Tax { line }
        | ReceiptKind::Fee { line, .. }
        | ReceiptKind::Deduction { line, .. } => Some((line, None)),
        ReceiptKind::OrderDiscount { .. }
        | ReceiptKind::UnlistedDiscount
        | ReceiptKind::Shipping
        | ReceiptKind::Duties
        | ReceiptKind::OtherCharges
        | ReceiptKind::Freight
        | ReceiptKind::Collected
        | ReceiptKind::Cap => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::order::OrderDocument;
    use crate::policy::FeeKind;
    use crate::returns::{GrantCause, PaidTo, PaymentState};
    use crate::settlement::ReceiptLine;

    /// An order of lines: price of one, units, discount, tax on all; with shipping.
    pub fn bought(lines: &[(&str, u32, &str, &str)], include: bool) -> Order {
        let line = |(place, (price, units, discount, tax)): (usize, &(&str, u32, &str, &str))| {
            json!({"id": (place + 1).to_string(), "sku": format!("S{place}"), "name": format!("Thing <{place}> & more"), "quantity": units,
                "unit_price": price, "discount": discount, "tax": tax})
        };
        let lines: Vec<_> = lines.iter().enumerate().map(line).collect();
        let document: OrderDocument = serde_json::from_value(json!({
            "number": "10248", "placed_at": "2026-11-01T10:00:00Z", "currency": "EUR", "prices_include_tax": include, "lines": lines,
            "customer": {"name": "Anna Berg"}, "ship_to": {"country": "DE"}, "shipping": "4.90"
        }))
        .unwrap();
        Order::parse(&document).unwrap()
    }

    fn line(id: &str) -> LineId {
        id.parse().unwrap()
    }

    pub fn goods(id: &str, units: u32, amount: i64) -> ReceiptLine {
        ReceiptLine { kind: ReceiptKind::Goods { line: line(id), units }, amount }
    }

    pub fn row(kind: ReceiptKind, amount: i64) -> ReceiptLine {
        ReceiptLine { kind, amount }
    }

    pub fn note(order: &Order, receipt: Vec<ReceiptLine>, paid: Option<i64>) -> CreditNote {
        let amount = receipt.iter().map(|row| row.amount).sum();
        let at: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let grant = Grant {
            id: "g1".parse().unwrap(),
            at,
            order: order.number.clone(),
            lots: vec!["1.1".parse().unwrap()],
            cause: GrantCause::Settled,
            currency: order.currency,
            amount,
            bonus: 0,
            receipt,
        };
        let payment = Payment {
            id: "p1".parse().unwrap(),
            grant: grant.id,
            at,
            to: PaidTo::Manual,
            amount: paid.unwrap_or(amount),
            state: PaymentState::Paid,
            reference: None,
        };
        let address = |country: &str| Address { country: country.parse().ok(), city: Some("Köln".into()), ..Address::default() };
        let heading = Heading {
            number: CreditNoteNo(12),
            at,
            issued_on: jiff::civil::date(2026, 11, 21),
            locale: Locale::De,
            seller: Party { name: "Linden & Co.".into(), address: address("DE"), vat_id: Some("DE123456789".into()) },
            buyer: Party { name: "Anna Berg".into(), address: address("DE"), vat_id: None },
            rma: RmaNumber::from_random(7).unwrap(),
        };
        CreditNote::of(heading, order, &grant, &payment)
    }

    /// What holds of every credit note: EN 16931-1, BR-CO-10 to BR-CO-17 and BR-*-08, in minor units.
    pub fn check(note: &CreditNote) {
        let sum = |which: &dyn Fn(&Item) -> bool| note.items.iter().filter(|item| which(item)).map(|item| item.net).sum::<i64>();
        let (lines, rest) = (sum(&|item| note.is_line(item)), sum(&|item| !note.is_line(item)));
        assert_eq!(lines + rest, note.net(), "lines, charges and allowances come to the net: {note:?}");
        assert_eq!(note.net() + note.tax(), note.total, "net and tax come to the total: {note:?}");
        assert_eq!(note.items.iter().map(|item| item.gross).sum::<i64>(), note.total, "{note:?}");
        assert!(note.items.iter().any(|item| note.is_line(item)), "a line at the least: {note:?}");
        for row in &note.taxes {
            let of_rate = note.items.iter().filter(|item| item.rate == row.rate).map(|item| item.net).sum::<i64>();
            assert_eq!(of_rate, row.net, "{note:?}");
            let exact = i128::from(row.net) * i128::from(row.rate.0);
            assert!((i128::from(row.tax) * 10_000 - exact).abs() <= 10_000, "tax is the rate's, rounded: {row:?}");
        }
        let mut rates: Vec<TaxRate> = note.taxes.iter().map(|row| row.rate).collect();
        assert!(rates.is_sorted_by(|one, other| one > other), "{rates:?}");
        rates.dedup();
        assert_eq!(rates.len(), note.taxes.len());
    }

    #[test]
    fn rates_are_read_from_amounts() {
        for (price, units, discount, tax, include, rate) in [
            ("119.00", 1, "0", "19.00", true, "19"),
            ("100.00", 1, "0", "19.00", false, "19"),
            ("10.70", 3, "0", "2.10", true, "7"),
            ("9.99", 1, "0", "0.52", true, "5.5"),
            ("100.00", 2, "20.00", "23.40", false, "13"),
            ("1.00", 1, "0", "0.16", true, "19"),
            ("100.00", 1, "0", "8.88", false, "8.88"),
            ("100.00", 1, "0", "0", true, "0"),
        ] {
            // A line of the same rate beside it says what a few cents leave open.
            let lines = [(price, units, discount, tax), ("1190.00", 1, "0", if include && rate == "19" { "190.00" } else { "0" })];
            let order = bought(&lines, include);
            assert_eq!(rate_of(&order, &order.lines[0]).percent(), rate, "{price} × {units}, {tax}");
        }
        // Reckoned after the order's discount.
        let mut order = bought(&[("119.00", 1, "0", "17.10")], true);
        order.discounts = vec![crate::order::OrderDiscount { code: None, amount: 1_190, minimum_spend: None }];
        assert_eq!(rate_of(&order, &order.lines[0]).percent(), "19");
    }

    #[test]
    fn a_payment_of_all_has_the_rows_of_its_receipt() {
        let order = bought(&[("119.00", 2, "11.90", "36.10"), ("10.70", 1, "0", "0.70")], true);
        let receipt = vec![
            goods("1", 1, 11_900),
            row(ReceiptKind::LineDiscount { line: line("1") }, -595),
            goods("2", 1, 1_070),
            row(ReceiptKind::Fee { line: line("1"), fee: FeeKind::Restocking, percent: Some("10".into()) }, -1_130),
            row(ReceiptKind::Shipping, 490),
            row(ReceiptKind::Freight, -690),
        ];
        let note = note(&order, receipt, None);
        check(&note);
        let told: Vec<(i64, &str, u32, bool)> =
            note.items.iter().map(|item| (item.gross, item.rate.0.to_string().leak() as &str, item.units, note.is_line(item))).collect();
        assert_eq!(
            told,
            [
                (11_305, "1900", 1, true),
                (1_070, "700", 1, true),
                (-1_130, "1900", 1, false),
                (448, "1900", 1, false),
                (42, "700", 1, false),
                (-630, "1900", 1, false),
                (-60, "700", 1, false),
            ]
        );
        assert_eq!((note.total, note.taxes.len()), (11_045, 2));
    }

    #[test]
    fn a_payment_of_a_part_has_a_row_for_each_rate() {
        let order = bought(&[("119.00", 1, "0", "19.00"), ("10.70", 1, "0", "0.70")], true);
        let note = note(&order, vec![goods("1", 1, 11_900), goods("2", 1, 1_070)], Some(5_001));
        check(&note);
        let told: Vec<(i64, String, &ItemKind)> = note.items.iter().map(|item| (item.gross, item.rate.percent(), &item.kind)).collect();
        assert_eq!(told, [(4_588, "19".into(), &ItemKind::Part), (413, "7".into(), &ItemKind::Part)]);
    }

    #[test]
    fn tax_on_top_is_in_the_goods_it_is_of() {
        let order = bought(&[("100.00", 2, "0", "38.00")], false);
        let note = note(&order, vec![goods("1", 1, 10_000), row(ReceiptKind::Tax { line: line("1") }, 1_900)], None);
        check(&note);
        assert_eq!(note.items.iter().map(|item| (item.gross, item.net)).collect::<Vec<_>>(), [(11_900, 10_000)]);
        assert_eq!(note.taxes, [TaxRow { rate: TaxRate(1_900), net: 10_000, tax: 1_900 }]);
    }

    #[test]
    fn what_is_of_no_goods_is_a_line_where_there_are_none() {
        let order = bought(&[("119.00", 1, "0", "19.00")], true);
        let note = note(&order, vec![row(ReceiptKind::Shipping, 490), row(ReceiptKind::Freight, -100)], None);
        check(&note);
        assert_eq!(note.items.iter().map(|item| note.is_line(item)).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(CreditNoteNo(7).to_string(), "CN-000007");
        for text in ["CN-000007", "CN-7"] {
            assert_eq!(text.parse(), Ok(CreditNoteNo(7)), "{text}");
        }
        for text in ["", "7", "CN-", "CN-0", "CN--7", "CN-+7", "cn-7", "CN-99999999999"] {
            assert_eq!(text.parse::<CreditNoteNo>(), Err(()), "{text}");
        }
    }

    pub fn receipts() -> impl Strategy<Value = (Order, Vec<ReceiptLine>)> {
        let taxed = prop::collection::vec((1_i64..50_000, 1_u32..4, prop::sample::select(vec![0_i64, 700, 1_900, 2_000, 550, 888])), 1..5);
        (taxed, any::<bool>(), 0_i64..900, 0_i64..900).prop_map(|(lines, include, shipping, freight)| {
            let told: Vec<(String, u32, String)> = lines
                .iter()
                .map(|(price, units, rate)| {
                    let all = price * i64::from(*units);
                    let tax = if include { all - TaxRate(*rate as u32).net(all) } else { all * rate / 10_000 };
                    (
                        crate::money::decimal_text(*price, "EUR".parse().unwrap()),
                        *units,
                        crate::money::decimal_text(tax, "EUR".parse().unwrap()),
                    )
                })
                .collect();
            let order =
                bought(&told.iter().map(|(price, units, tax)| (price.as_str(), *units, "0", tax.as_str())).collect::<Vec<_>>(), include);
            let mut receipt: Vec<ReceiptLine> = Vec::new();
            for (place, (price, units, _)) in lines.iter().enumerate() {
                let id = (place + 1).to_string();
                receipt.push(goods(&id, *units, price * i64::from(*units)));
                if !include {
                    receipt.push(row(ReceiptKind::Tax { line: line(&id) }, order.lines[place].tax));
                }
            }
            receipt.push(row(ReceiptKind::Shipping, shipping));
            let most = receipt.iter().map(|row| row.amount).sum::<i64>() - 1;
            receipt.push(row(ReceiptKind::Freight, -freight.min(most)));
            (order, receipt)
        })
    }

    proptest! {
        #[test]
        fn every_payment_comes_out_to_the_minor_unit((order, receipt) in receipts(), part in 0.0f64..1.0) {
            let amount: i64 = receipt.iter().map(|row| row.amount).sum();
            for paid in [None, Some(((amount as f64 * part) as i64).max(1))] {
                check(&note(&order, receipt.clone(), paid));
            }
        }

        #[test]
        fn what_is_kept_is_read_again((order, receipt) in receipts()) {
            let note = note(&order, receipt, None);
            let kept = serde_json::to_string(&note).unwrap();
            prop_assert_eq!(serde_json::from_str::<CreditNote>(&kept).unwrap(), note);
        }
    }
}
