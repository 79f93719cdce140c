//! A real shop's credit notes, settled anew: the UCI "Online Retail" data set (CC BY 4.0), a British gift wholesaler. Each note's lines were
//! linked to the invoices they were bought on by somebody else; what the books give for them is compared with what the shop gave.
//!
//! `HOMEBOUND_DATA=… cargo test --release -p domain --test replay -- --ignored --nocapture`

#![allow(clippy::unwrap_used, reason = "a test that fails")]

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::PathBuf;

use domain::money::Amount;
use domain::order::{Order, OrderDocument};
use domain::policy::{GiftRule, OutboundRefund, Resolution};
use domain::settlement::{Account, Cause, Claim, Granted, LegState, Part, Terms};
use serde_json::json;

type Rows = csv::Reader<flate2::read::GzDecoder<File>>;

fn read(name: &str) -> Rows {
    let folder = std::env::var_os("HOMEBOUND_DATA").map(PathBuf::from).expect("HOMEBOUND_DATA names the folder of the data");
    let file = File::open(folder.join("uci-online-retail/dev").join(name)).expect("the data is there");
    csv::Reader::from_reader(flate2::read::GzDecoder::new(file))
}

fn pence(price: &str) -> i64 {
    price.parse::<Amount>().unwrap().rounded_minor("GBP".parse().unwrap()).unwrap()
}

/// A line of a credit note whose purchase is known.
struct Credited {
    invoice: String,
    sku: String,
    units: u32,
    /// Pence for one unit: given, paid.
    given: i64,
    paid: i64,
}

/// An invoice with what came back of it.
struct Bought {
    order: Order,
    free: Vec<u32>,
    asked: Vec<Part>,
    grants: Vec<Granted>,
}

impl Bought {
    fn parse(number: &str, rows: &[(String, u32, i64)]) -> Option<Self> {
        // Carriage is credited by rows too: here it is a line like any other.
        let line = |(place, (sku, units, price)): (usize, &(String, u32, i64))| {
            let price = Amount::from_minor(*price, "GBP".parse().unwrap());
            json!({"id": place.to_string(), "sku": sku, "name": sku, "quantity": units, "unit_price": price})
        };
        let lines: Vec<_> = rows.iter().enumerate().map(line).collect();
        let document: OrderDocument =
            serde_json::from_value(json!({"number": number, "placed_at": "2010-12-01T00:00:00Z", "currency": "GBP",
            "customer": {"email": "a@b.org"}, "lines": lines}))
            .unwrap();
        let order = Order::parse(&document).ok()?;
        let free = order.lines.iter().map(|line| line.quantity).collect();
        Some(Self { order, free, asked: Vec::new(), grants: Vec::new() })
    }

    /// The units that a note's line is for; nothing where the invoice has not so many left at that price.
    fn claim(&mut self, line: &Credited) -> Option<Claim> {
        let mut lines = self.order.lines.iter().enumerate();
        let fits = |(place, bought): &(usize, &domain::order::OrderLine)| {
            bought.sku.as_str() == line.sku && bought.unit_price == line.paid && self.free[*place] >= line.units
        };
        let (place, bought) = lines.find(fits)?;
        self.free[place] -= line.units;
        let terms = Terms { outbound: OutboundRefund::Never, ..Terms::OUTSIDE };
        Some(Claim::of(bought.id.clone(), line.units, Resolution::Refund, terms))
    }

    /// Accepts and pays them: what was granted, by a receipt that sums to it.
    fn accept(&mut self, claims: Vec<Claim>) -> i64 {
        let part = Part { claims, ..Part::default() };
        let account = |asked| Account {
            order: &self.order,
            gifts: GiftRule::Keep,
            outside: &[],
            asked,
            accepted: &self.asked,
            grants: &self.grants,
            lowered: &[],
        };
        let settled = account(&[]).grantable(&part);
        assert_eq!(settled.receipt.iter().map(|row| row.amount).sum::<i64>(), settled.expected);
        let mut grant = Granted { id: 0, cause: Cause::Worth, amount: settled.expected, credit: 0, legs: vec![] };
        let placed = account(&[]).place(&grant, &[]);
        assert_eq!(placed.unplaced, 0);
        grant.legs = placed.legs;
        grant.legs.iter_mut().for_each(|leg| leg.state = LegState::Paid);
        self.asked.push(part);
        self.grants.push(grant);
        let books = Account {
            order: &self.order,
            gifts: GiftRule::Keep,
            outside: &[],
            asked: &self.asked,
            accepted: &self.asked,
            grants: &self.grants,
            lowered: &[],
        }
        .books();
        assert_eq!((books.paid, books.expected, books.offsets), (books.granted, 0, 0));
        assert!(books.captured >= books.granted);
        settled.expected
    }
}

#[test]
#[ignore = "needs the data: HOMEBOUND_DATA"]
fn the_books_give_what_a_real_shop_s_credit_notes_gave() {
    let mut invoices: HashMap<String, Vec<(String, u32, i64)>> = HashMap::new();
    for row in read("online_retail_2010-12_2011-06.csv.gz").records().map(Result::unwrap) {
        let (number, units, price) = (&row[0], row[3].parse::<i64>().unwrap(), pence(&row[5]));
        if let Some(units) = u32::try_from(units).ok().filter(|units| *units > 0 && price >= 0 && !number.starts_with(['C', 'A'])) {
            invoices.entry(number.to_owned()).or_default().push((row[1].to_uppercase(), units, price));
        }
    }
    let mut notes: Vec<(String, Vec<Credited>)> = Vec::new();
    let mut unlinked = 0;
    for row in read("derived_returns_linked.csv.gz").records().map(Result::unwrap) {
        if row[7].is_empty() {
            unlinked += 1;
            continue;
        }
        let line = Credited {
            invoice: row[7].to_owned(),
            sku: row[1].to_uppercase(),
            units: row[2].parse::<f64>().unwrap() as u32,
            given: pence(&row[3]),
            paid: pence(&row[10]),
        };
        match notes.last_mut().filter(|(note, _)| *note == row[0]) {
            Some((_, lines)) => lines.push(line),
            None => notes.push((row[0].to_owned(), vec![line])),
        }
    }
    let mut bought: HashMap<String, Option<Bought>> = HashMap::new();
    let (mut lines, mut notes_right, mut lines_right, mut at_another_price, mut differing) = (0, 0, 0, 0, Vec::new());
    for (note, credited) in &notes {
        let mut by_invoice: BTreeMap<&str, (Vec<Claim>, i64)> = BTreeMap::new();
        let mut whole = true;
        for line in credited {
            lines += 1;
            let invoice = bought.entry(line.invoice.clone()).or_insert_with(|| Bought::parse(&line.invoice, &invoices[&line.invoice]));
            let Some(claim) = invoice.as_mut().and_then(|invoice| invoice.claim(line)) else {
                differing.push(format!("{note}: {} × {} of {} is not there", line.sku, line.units, line.invoice));
                whole = false;
                continue;
            };
            let (claims, given) = by_invoice.entry(&line.invoice).or_default();
            claims.push(claim);
            *given += line.paid * i64::from(line.units);
            at_another_price += usize::from(line.paid != line.given);
        }
        for (invoice, (claims, right)) in by_invoice {
            let of = claims.len();
            let granted = bought.get_mut(invoice).and_then(Option::as_mut).map_or(0, |invoice| invoice.accept(claims));
            if granted == right {
                lines_right += of;
            } else {
                whole = false;
                differing.push(format!("{note}: {granted} for {right} of {invoice}"));
            }
        }
        notes_right += usize::from(whole);
    }
    eprintln!(
        "{notes_right} of {} notes, {lines_right} of {lines} lines to the penny ({at_another_price} lines were credited at another price than paid; the books give what was paid); {unlinked} lines have no purchase in the data",
        notes.len()
    );
    for line in differing.iter().take(20) {
        eprintln!("{line}");
    }
    assert_eq!(lines_right, lines, "{} differ", differing.len());
}
