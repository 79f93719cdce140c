//! Credit notes as electronic invoices, one file each below `target/papers`, for a judge from outside: `tools/try-papers` has the rules of EN 16931.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use domain::bank::Iban;
use domain::credit_note::{CreditNote, CreditNoteNo, Heading, Party};
use domain::en16931::{Words, ubl};
use domain::money::decimal_text;
use domain::order::{Address, Order, OrderDocument};
use domain::pain::{Transfer, Transfers, pain001};
use domain::policy::FeeKind;
use domain::returns::{Grant, GrantCause, PaidTo, Payment, PaymentState};
use domain::rma::RmaNumber;
use domain::settlement::{ReceiptKind, ReceiptLine};
use domain::words::Locale;
use serde_json::json;

/// Numbers that are the same in each run (Knuth, MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % most
    }
}

/// An order of one to four lines at rates of Europe, with tax in the prices or on top of them; all of it comes back, but for fees and freight.
fn made(chance: &mut Chance) -> (Order, Vec<ReceiptLine>) {
    let include = chance.below(2) == 0;
    let eur = "EUR".parse().unwrap();
    let taxed = chance.below(8) > 0;
    let mut lines = Vec::new();
    let mut receipt = Vec::new();
    for place in 0..=chance.below(4) {
        let (price, units) = (1 + chance.below(50_000), 1 + chance.below(4));
        let rate = if taxed { [0, 700, 1_900, 2_100, 550, 2_550][chance.below(6) as usize] } else { 0 };
        let all = price * units;
        let tax = if include { all - all * 10_000 / (10_000 + rate) } else { all * rate / 10_000 };
        lines.push(json!({"id": place.to_string(), "sku": format!("S-{place}"), "name": "Tee <red> & blue", "quantity": units,
            "unit_price": decimal_text(price, eur), "tax": decimal_text(tax, eur)}));
        let line = || place.to_string().parse().unwrap();
        receipt.push(ReceiptLine { kind: ReceiptKind::Goods { line: line(), units: units as u32 }, amount: all });
        if !include {
            receipt.push(ReceiptLine { kind: ReceiptKind::Tax { line: line() }, amount: tax });
        }
        if chance.below(3) == 0 {
            let fee = ReceiptKind::Fee { line: line(), fee: FeeKind::Restocking, percent: Some("10".into()) };
            receipt.push(ReceiptLine { kind: fee, amount: -(all / 10) });
        }
    }
    for kind in [ReceiptKind::Shipping, ReceiptKind::Duties] {
        if chance.below(2) == 0 {
            receipt.push(ReceiptLine { kind, amount: 1 + chance.below(900) });
        }
    }
    let most: i64 = receipt.iter().map(|row| row.amount).sum();
    if chance.below(2) == 0 && most > 1_000 {
        receipt.push(ReceiptLine { kind: ReceiptKind::Freight, amount: -690 });
    }
    let document: OrderDocument = serde_json::from_value(json!({
        "number": "10248", "placed_at": "2026-11-01T10:00:00Z", "currency": "EUR", "prices_include_tax": include, "lines": lines,
        "shipping": "9.00", "duties": "9.00",
    }))
    .unwrap();
    (Order::parse(&document).unwrap(), receipt)
}

fn note(number: u32, order: &Order, receipt: Vec<ReceiptLine>, part: bool) -> CreditNote {
    let amount: i64 = receipt.iter().map(|row| row.amount).sum();
    let at = "2026-11-21T12:00:00Z".parse().unwrap();
    let (id, lots) = ("g1".parse().unwrap(), vec!["1.1".parse().unwrap()]);
    let (currency, cause) = (order.currency, GrantCause::Settled);
    let grant = Grant { id, at, order: order.number.clone(), lots, cause, currency, amount, bonus: 0, receipt };
    let (id, to, state) = ("p1".parse().unwrap(), PaidTo::Manual, PaymentState::Paid);
    let paid = if part { (amount / 3).max(1) } else { amount };
    let payment = Payment { id, grant: grant.id, at, to, amount: paid, state, reference: None };
    let address = Address { country: "DE".parse().ok(), city: Some("Köln".into()), line1: Some("Am Ring 1".into()), ..Address::default() };
    let heading = Heading {
        number: CreditNoteNo(number),
        at,
        issued_on: jiff::civil::date(2026, 11, 21),
        locale: Locale::De,
        seller: Party { name: "Linden & Co.".into(), address: address.clone(), vat_id: Some("DE123456789".into()) },
        buyer: Party { name: String::new(), address, vat_id: None },
        rma: RmaNumber::from_random(7).unwrap(),
    };
    CreditNote::of(heading, order, &grant, &payment)
}

#[test]
fn electronic_credit_notes_lie_ready_for_a_judge() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/papers");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    let mut chance = Chance(16_931);
    let (mut several, mut outside) = (0, 0);
    for number in 1..=120 {
        let (order, receipt) = made(&mut chance);
        let note = note(number, &order, receipt, number % 3 == 0);
        assert_eq!(note.net() + note.tax(), note.total);
        several += u32::from(note.taxes.len() > 1);
        outside += u32::from(!note.taxed);
        let items = note.items.iter().map(|item| format!("{:?}", item.kind)).collect();
        let (terms, about, somebody) = ("Erstattet".into(), "Rücksendung".into(), "Kundin".into());
        let words = Words { items, terms, about, somebody, seller_id: "returns.linden.example".into() };
        fs::write(place.join(format!("{}.xml", note.number)), ubl(&note, &words).unwrap()).unwrap();
        // The money of some came back.
        if number % 5 == 0 {
            let back = note.taken_back(CreditNoteNo(1_000 + number), note.at, note.issued_on);
            fs::write(place.join(format!("{}.xml", back.number)), ubl(&back, &words).unwrap()).unwrap();
        }
    }
    assert!(several > 30 && outside > 5, "many kinds are tried: {several}, {outside}");
}

#[test]
fn files_for_a_bank_lie_ready_for_a_judge() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/papers-of-banks");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    let accounts = ["DE89370400440532013000", "FR1420041010050500013M02606", "GB29NWBK60161331926819", "MT84MALT011000012345MTLCAST001S"];
    let accounts: Vec<Iban> = accounts.iter().map(|iban| iban.parse().unwrap()).collect();
    let names = [
        "Anna Müller & Söhne <GmbH>",
        "王芳",
        "  //Zoë  O'Hara//  ",
        "A name that is far longer than the seventy letters which a bank takes of anybody’s name",
    ];
    let mut chance = Chance(20_022);
    for number in 1..=40 {
        let transfer = |place: i64| Transfer {
            id: format!("R-7KQ4-M2XD-p{place}"),
            amount: 1 + (number * 7_919 + place) % 1_000_000,
            holder: names[(place % 4) as usize].to_owned(),
            to: accounts[(place % 4) as usize].clone(),
            about: format!("#1024{place} R-7KQ4-M2XD €"),
        };
        let all = Transfers {
            id: format!("T{number}"),
            at: "2026-11-27T16:00:01.25Z".parse().unwrap(),
            on: jiff::civil::date(2026, 11, 30),
            debtor: "椴木生活 Linden & Co.".into(),
            from: accounts[0].clone(),
            bic: (number % 2 == 0).then(|| "COBADEFFXXX".to_owned()),
            currency: "EUR".parse().unwrap(),
            transfers: (0..=chance.below(9)).map(transfer).collect(),
        };
        fs::write(place.join(format!("T{number}.xml")), pain001(&all)).unwrap();
    }
}
