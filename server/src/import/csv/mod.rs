//! Tables: with a mapping that says what the columns mean, any shop's export can be read.

mod assemble;
mod bound;
mod condition;
mod fields;
mod joins;
mod mapping;
mod scope;
mod template;

use std::io::BufRead;
use std::path::Path;

use domain::order::FieldProblem;

pub use mapping::{Mapping, MappingError, SHIPPED_MAPPINGS};

use self::assemble::OpenOrder;
use self::bound::{Bindings, open_rows};
use self::scope::Scope;
use super::ImportError;
use super::grouping::{Groups, Place};
use super::intake::Intake;

/// Orders in a table; further files of the mapping lie in `folder`.
pub(super) fn read(text: Box<dyn BufRead + Send>, mapping: &Mapping, folder: &Path, intake: &mut Intake) -> Result<(), ImportError> {
    let mut rows = open_rows(text, mapping)?;
    let bindings = Bindings::new(mapping, rows.header(), folder)?;
    let mut orders: Groups<OpenOrder> = Groups::new(mapping.open_orders());
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(problem) => {
                intake.break_off(problem);
                break;
            }
        };
        intake.count(1);
        // Files that were put together bring their headers.
        if row.cells == *rows.header() {
            continue;
        }
        let cells = row.cells;
        let scope = Scope { joins: &bindings.joins, row: &cells, line: row.line, index: 0, at: None };
        let key = bindings.group_by.text(&scope);
        if let Some(problem) = row.problem.clone().filter(|_| key.is_empty() || key.contains('\u{FFFD}')) {
            intake.refuse(row.line, None, &[FieldProblem::new("", problem)])?;
            continue;
        }
        if key.is_empty() {
            intake.refuse(row.line, None, &[FieldProblem::new("group_by", "is empty: the row belongs to no order")])?;
            continue;
        }
        match orders.place(&key, || OpenOrder::new(&key, row.line, mapping.is_keyed()), |order| order.finish(intake))? {
            Place::Open(order) => match row.problem {
                Some(problem) => order.damaged(row.line, problem),
                None => order.row(&bindings, &cells, row.line, intake)?,
            },
            Place::Late => {
                let problem = format!("its other rows stand more than {} orders above; sort the file by it", mapping.open_orders());
                intake.refuse(row.line, Some(&key), &[FieldProblem::new("group_by", problem)])?;
            }
            Place::StillLate => {}
        }
    }
    orders.finish(|order| order.finish(intake))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::intake::{Batch, taken};

    const MAPPING: &str = r#"
        date_formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y", "%Y年%m月%d日"]
        decimal = ","
        [order]
        number = "{Order}"
        placed_at = "{Date}"
        currency = "{Currency}"
        email = "{Mail}"
        [line]
        sku = "{Sku}"
        name = "{Name}"
        quantity = "{Count}"
        unit = "{Unit}"
        unit_price = "{Price}"
        [payment]
        amount = "{Paid}"
        currency = "{In}"
        [[rows]]
        when = { Sku = "FEE" }
        as = "charge"
    "#;
    const HEADER: &str = "Order;Date;Currency;Mail;Sku;Name;Count;Unit;Price;Paid;In";

    fn read_as(mapping: &str, table: &str) -> Batch {
        let (mapping, table) = (Mapping::parse(mapping).unwrap(), table.to_owned());
        taken(|intake| read(Box::new(std::io::Cursor::new(table)), &mapping, Path::new("."), intake))
    }

    fn rows(rows: &[&str]) -> Batch {
        read_as(MAPPING, &format!("{HEADER}\n{}\n", rows.join("\n")))
    }

    #[test]
    fn dates_are_read_by_their_locale_or_not_at_all() {
        for (text, expected) in [
            ("21.11.2026 09:30", Some("2026-11-21T09:30:00Z")),
            ("1.2.2026", Some("2026-02-01T00:00:00Z")),
            ("11/21/2026", Some("2026-11-21T00:00:00Z")),
            ("2026年11月21日", Some("2026-11-21T00:00:00Z")),
            ("2026-11-21 09:30:00", Some("2026-11-21T09:30:00Z")),
            ("2026-11-21T09:30:00+08:00", Some("2026-11-21T01:30:00Z")),
            ("21.11.26", None),
            ("21.11.0026", None),
            ("21/11/2026", None),
            ("01.01.1970", None),
            ("30.12.1899", None),
            ("46347", None),
            ("", None),
        ] {
            let batch = rows(&[&format!("1;{text};EUR;;TEE;Tee;1;;9,90;;")]);
            assert_eq!(
                batch.parsed().first().map(|order| order.placed_at.to_string()).as_deref(),
                expected,
                "{text}: {:?}",
                batch.reasons()
            );
            assert_eq!(batch.refused.len(), usize::from(expected.is_none()), "{text}");
        }
        let two_digits = rows(&["1;21.11.26;EUR;;TEE;Tee;1;;9,90;;"]);
        assert!(
            two_digits.refused[0].reason.contains("0026-11-21") && two_digits.refused[0].reason.contains("`%y`"),
            "{}",
            two_digits.refused[0].reason
        );
        // Both may be in one column, where the mapping says so.
        let both = MAPPING.replace(r#""%d.%m.%Y", "#, r#""%d.%m.%Y", "%d.%m.%y", "#);
        let batch = read_as(&both, &format!("{HEADER}\n1;21.11.26;EUR;;TEE;Tee;1;;9,90;;\n2;21.11.2026;EUR;;TEE;Tee;1;;9,90;;\n"));
        assert!(batch.parsed().iter().all(|order| order.placed_at.to_string() == "2026-11-21T00:00:00Z"), "{:?}", batch.reasons());
    }

    #[test]
    fn lines_that_cannot_come_back_and_contacts_that_are_none_cost_no_order() {
        let batch = rows(&[
            "1;21.11.2026;EUR;nobody;CLOTH;Cloth;1,5;m;€ 20,00;;",
            "1;21.11.2026;EUR;nobody;TEE;Tee;0;;9,90;;",
            "1;21.11.2026;EUR;nobody;OFF;Loyal;1;;-5,00;;",
            "1;21.11.2026;EUR;nobody;;No number;2;;1’234,50;;",
        ]);
        assert_eq!(batch.reasons(), []);
        let order = &batch.parsed()[0];
        let lines: Vec<_> =
            order.lines.iter().map(|line| (line.sku.as_str(), line.variant.as_deref(), line.quantity, line.net())).collect();
        assert_eq!(lines, [("CLOTH", Some("1.5 m"), 1, 3_000), ("No number", None, 2, 246_900)]);
        assert_eq!((order.computed_total(), order.customer.email.is_none()), (3_000 + 246_900 - 500, true));
        let [(2, note)] = batch.changes()[..] else { panic!("{:?}", batch.changes()) };
        for said in
            ["customer.email: `nobody`", "lines[0]: is one piece of 1.5 m", "lines[1]: is left out", "lines[2]: costs less than nothing"]
        {
            assert!(note.contains(said), "{note}");
        }
    }

    #[test]
    fn an_order_in_two_currencies_is_refused_and_a_payment_in_another_kept_apart() {
        let batch = rows(&[
            "1;21.11.2026;EUR;;TEE;Tee;1;;9,90;;",
            "1;21.11.2026;JPY;;MUG;Mug;1;;990;;",
            "2;21.11.2026;EUR;;MUG;Mug;1;;¥ 990;;",
            "3;21.11.2026;EUR;;MUG;Mug;1;;9,90;1609;JPY",
        ]);
        assert_eq!(
            batch.reasons(),
            [
                (2, "currency: this row is in `JPY`, the first of the order in EUR (line 3)"),
                (4, "unit_price: `¥ 990` is not in EUR (line 4)"),
            ]
        );
        let order = &batch.parsed()[0];
        assert_eq!((order.captured(), order.payments_abroad[0].1.amount, order.payments_abroad[0].0.code()), (0, 1_609, "JPY"));
    }

    #[test]
    fn a_charge_was_paid_and_never_comes_back() {
        let told = |paid: &str| {
            let batch = rows(&[&format!("1;21.11.2026;EUR;;TEE;Tee;1;;100,00;{paid};"), "1;21.11.2026;EUR;;FEE;Card;1;;3,00;;"]);
            let order = batch.parsed().remove(0);
            (order.computed_total(), order.captured())
        };
        assert_eq!((told(""), told("103,00")), ((10_000, 10_000), (10_000, 10_000)));
    }

    #[test]
    fn two_orders_of_one_number_are_never_one() {
        let keyed = format!("group_by = \"{{Mail}}\"\n{MAPPING}");
        let batch =
            read_as(&keyed, &format!("{HEADER}\n1;21.11.2026;EUR;a@b.org;TEE;Tee;1;;9,90;;\n1;21.11.2026;EUR;c@d.org;MUG;Mug;1;;9,90;;\n"));
        assert_eq!(batch.reasons(), [(3, "number: is that of order `a@b.org` (line 2), which is taken: order `c@d.org` needs another")]);
    }

    #[test]
    fn a_row_that_cannot_be_read_costs_its_order_and_no_other() {
        let batch = rows(&[
            "1;21.11.2026;EUR;;TEE;Tee;1;;9,90;;",
            "1;21.11.2026;EUR;;TEE;Tee;1;;9,90;;;;x",
            "2;21.11.2026;EUR;;TEE;Tee;1;;9,90;;",
            HEADER,
            "3;21.11.2026;EUR;;TEE;Tee\0\u{1b};1;;9,90;;",
        ]);
        assert_eq!(batch.reasons(), [(2, "line 3: has 13 cells, but the header has 11")]);
        let names: Vec<_> = batch.parsed().iter().map(|order| (order.number.to_string(), order.lines[0].name.clone())).collect();
        assert_eq!(names, [("2".to_owned(), "Tee".to_owned()), ("3".to_owned(), "Tee".to_owned())]);
    }
}
