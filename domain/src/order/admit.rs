//! The gate for orders that come in: lines as shops' systems write them are made plain, and what was left out or changed is said; times must
//! be ones that can be meant. What is stored went through it once, and is read by [`Order::parse`].
//! Long because each line that is none has its case.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::document::{DeliveredLine, DiscountDocument, LineDocument, OrderDocument};
use super::quantity::Quantity;
use super::{FieldProblem, Order};
use crate::money::{Amount, Currency};
use crate::plausible::plausible;

/// Letters of a product's number that a line without a name is named by: a [`crate::ids::LineId`] has room for them and a count.
const LONGEST_STEM: usize = 70;

/// An order that is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    pub order: Order,
    /// What it was parsed from: as it was told, made plain.
    pub document: OrderDocument,
    /// What was left out or changed, with its place in the document as it was told; in English, as [`FieldProblem`] is.
    pub notes: Vec<FieldProblem>,
}

impl OrderDocument {
    /// Takes an order in. Where that cannot be, every problem found is listed, never none.
    pub fn admit(mut self) -> Result<Admitted, Vec<FieldProblem>> {
        let mut notes = Vec::new();
        // What shops tell they sold themselves.
        self.elsewhere = None;
        let doubles = name_lines(&mut self.lines, &mut notes);
        if let Ok(currency) = Currency::from_str(&self.currency) {
            let measures = self.take_lines(currency, &mut notes);
            self.follow(&measures, &doubles, &mut notes);
        }
        let implausible = self.implausible();
        match Order::parse(&self) {
            Ok(order) if implausible.is_empty() => Ok(Admitted { order, document: self, notes }),
            parsed => {
                let mut problems: Vec<FieldProblem> = implausible.into_iter().chain(parsed.err().unwrap_or_default()).collect();
                if self.lines.is_empty() {
                    problems.append(&mut notes);
                }
                Err(problems)
            }
        }
    }

    /// Makes lines plain: none without a unit, none that costs less than nothing, none of which there is a part. What each line that was
    /// left out (nothing) or is one piece now was bought in.
    fn take_lines(&mut self, currency: Currency, notes: &mut Vec<FieldProblem>) -> HashMap<String, Decimal> {
        let mut measures = HashMap::new();
        if self.lines.iter().all(is_plain) {
            return measures;
        }
        let rounded = |amount: Decimal| amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero);
        let lines = std::mem::take(&mut self.lines);
        for (at, mut line) in lines.into_iter().enumerate() {
            let mut note = |what: String| notes.push(FieldProblem::new(format!("lines[{at}]"), what));
            let quantity = line.quantity.0;
            let Some(gross) = line.unit_price.0.checked_mul(quantity).filter(|_| !is_plain(&line)) else {
                self.lines.push(line);
                continue;
            };
            if quantity.is_zero() || (quantity.is_sign_negative() && gross.is_zero()) {
                note(format!("is left out: its quantity is {}", line.quantity));
                measures.insert(line.id, Decimal::ZERO);
                continue;
            }
            let discount = line.discount.map_or(Decimal::ZERO, |discount| discount.0);
            let on_top = if self.prices_include_tax { Decimal::ZERO } else { line.tax.map_or(Decimal::ZERO, |tax| tax.0) };
            let off = rounded(discount - gross - on_top);
            if gross.is_sign_negative() && off > Decimal::ZERO {
                note(format!("costs less than nothing: it is a discount of {off} on the order, and no goods"));
                self.discounts.push(DiscountDocument { code: Some(line.name), amount: Some(Amount(off)), minimum_spend: None });
                measures.insert(line.id, Decimal::ZERO);
                continue;
            }
            if line.quantity.whole().is_none() && quantity > Decimal::ZERO {
                let measure = match line.unit.take() {
                    Some(unit) => format!("{} {unit}", line.quantity),
                    None => line.quantity.to_string(),
                };
                note(format!("is one piece of {measure}: what is measured comes back whole"));
                line.variant = Some(line.variant.map_or(measure.clone(), |variant| format!("{variant} / {measure}")));
                line.unit_price = Amount(rounded(gross));
                line.weight_grams = line.weight_grams.map(|grams| {
                    let whole = Decimal::from(grams).checked_mul(quantity).and_then(|grams| i64::try_from(grams.round()).ok());
                    whole.unwrap_or(grams)
                });
                line.quantity = Quantity::from(1);
                measures.insert(line.id.clone(), quantity);
            }
            let gross = line.unit_price.0.checked_mul(line.quantity.0).unwrap_or(Decimal::MAX);
            if discount > gross && gross >= Decimal::ZERO {
                note(format!("has a discount of {discount}, which is more than its price: the rest is a discount on the order"));
                self.discounts.push(DiscountDocument { code: None, amount: Some(Amount(discount - gross)), minimum_spend: None });
                line.discount = Some(Amount(gross));
            }
            self.lines.push(line);
        }
        measures
    }

    /// Makes what names lines follow them: parcels, refunds, gifts.
    fn follow(&mut self, measures: &HashMap<String, Decimal>, doubles: &HashMap<String, Vec<String>>, notes: &mut Vec<FieldProblem>) {
        let is_gone = |id: &str| measures.get(id).is_some_and(Decimal::is_zero);
        for (at, line) in self.lines.iter_mut().enumerate() {
            if line.gift_with.as_deref().is_some_and(is_gone) {
                notes.push(FieldProblem::new(format!("lines[{at}].gift_with"), "is left out: it names a line that is left out"));
                line.gift_with = None;
            }
        }
        for refund in &mut self.refunds {
            refund.lines.retain(|line| !is_gone(&line.id));
            for line in &mut refund.lines {
                if let Some(measure) = measures.get(&line.id) {
                    line.quantity = Quantity::from(i64::from(line.quantity.0 >= *measure));
                }
            }
        }
        let mut left: HashMap<&str, Decimal> = HashMap::new();
        if !doubles.is_empty() {
            left = self.lines.iter().map(|line| (line.id.as_str(), line.quantity.0)).collect();
        }
        let mut place = 0;
        self.deliveries.retain_mut(|delivery| {
            place += 1;
            if delivery.lines.is_empty() {
                return true;
            }
            delivery.lines.retain(|line| !is_gone(&line.id) && !line.quantity.0.is_zero());
            for line in &mut delivery.lines {
                if measures.contains_key(&line.id) && line.quantity.0 > Decimal::ZERO {
                    line.quantity = Quantity::from(1);
                }
            }
            if !doubles.is_empty() {
                delivery.lines =
                    std::mem::take(&mut delivery.lines).into_iter().flat_map(|line| filled(line, doubles, &mut left)).collect();
            }
            if delivery.lines.is_empty() {
                // Without lines it would be one of the whole order.
                notes.push(FieldProblem::new(format!("deliveries[{}]", place - 1), "is left out: nothing that was bought is in it"));
            }
            !delivery.lines.is_empty()
        });
    }

    /// Times that nobody can mean.
    fn implausible(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut look = |field: &dyn Fn() -> String, time: Option<jiff::Timestamp>| {
            problems.extend(time.and_then(|time| plausible(time).err()).map(|error| FieldProblem::new(field(), error)));
        };
        look(&|| "placed_at".to_owned(), Some(self.placed_at));
        for (at, delivery) in self.deliveries.iter().enumerate() {
            look(&|| format!("deliveries[{at}].shipped_at"), delivery.shipped_at);
            look(&|| format!("deliveries[{at}].delivered_at"), delivery.delivered_at);
        }
        for (at, refund) in self.refunds.iter().enumerate() {
            look(&|| format!("refunds[{at}].at"), refund.at);
        }
        problems
    }
}

/// Nearly every line: whole units at a price, and no more off than that.
fn is_plain(line: &LineDocument) -> bool {
    let pieces = line.quantity.whole().is_some_and(|pieces| pieces > 0);
    let off =
        || line.discount.is_none_or(|discount| line.unit_price.0.checked_mul(line.quantity.0).is_some_and(|gross| discount.0 <= gross));
    pieces && !line.unit_price.0.is_sign_negative() && off()
}

/// Gives a name to every line that has none, or that of an earlier line: by its product, counted, so that the same order told again has the
/// same names. The new names by the name that several had.
fn name_lines(lines: &mut [LineDocument], notes: &mut Vec<FieldProblem>) -> HashMap<String, Vec<String>> {
    let mut doubles: HashMap<String, Vec<String>> = HashMap::new();
    let told: HashSet<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    if told.len() == lines.len() && !told.contains("") {
        return doubles;
    }
    let told: HashSet<String> = told.into_iter().map(str::to_owned).collect();
    let mut given: HashSet<String> = HashSet::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (at, line) in lines.iter_mut().enumerate() {
        let missing = line.id.is_empty();
        if !missing && given.insert(line.id.clone()) {
            continue;
        }
        let named_by = if missing { &line.sku } else { &line.id };
        let stem: String = named_by.chars().take(LONGEST_STEM).collect();
        let stem = if stem.is_empty() { (at + 1).to_string() } else { stem };
        let count = counts.entry(stem.clone()).or_insert(usize::from(!missing));
        let id = loop {
            *count += 1;
            let id = if *count == 1 { stem.clone() } else { format!("{stem}-{count}") };
            if !told.contains(&id) && given.insert(id.clone()) {
                break id;
            }
        };
        let was = if missing { "is missing".to_owned() } else { format!("`{}` is the id of an earlier line too", line.id) };
        notes.push(FieldProblem::new(format!("lines[{at}].id"), format!("{was}: it is `{id}` here")));
        if !missing {
            doubles.entry(line.id.clone()).or_default().push(id.clone());
        }
        line.id = id;
    }
    doubles
}

/// Units of a name that several lines had, put on these lines in their order, each as far as it goes; what is too much stays with the last.
fn filled(line: DeliveredLine, doubles: &HashMap<String, Vec<String>>, left: &mut HashMap<&str, Decimal>) -> Vec<DeliveredLine> {
    let Some(others) = doubles.get(&line.id) else { return vec![line] };
    let mut rest = line.quantity.0;
    let mut filled: Vec<DeliveredLine> = Vec::new();
    for id in std::iter::once(&line.id).chain(others) {
        let Some(room) = left.get_mut(id.as_str()) else { continue };
        let units = rest.min(*room);
        if units > Decimal::ZERO {
            *room -= units;
            rest -= units;
            filled.push(DeliveredLine { id: id.clone(), quantity: Quantity(units) });
        }
    }
    match filled.last_mut() {
        Some(last) => last.quantity.0 += rest,
        None => filled.push(line),
    }
    filled
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(id: &str, quantity: Value, price: &str) -> Value {
        json!({"id": id, "sku": format!("SKU-{id}"), "name": format!("Name {id}"), "quantity": quantity, "unit_price": price})
    }

    fn document(more: Value) -> OrderDocument {
        let mut told = json!({"number": "1", "placed_at": "2026-11-02T09:30:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}});
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        OrderDocument::from_json(told.to_string().as_bytes()).unwrap()
    }

    fn taken(more: Value) -> (Order, Vec<String>) {
        let Admitted { order, document, notes } = document(more).admit().unwrap();
        let again = OrderDocument::from_json(&serde_json::to_vec(&document).unwrap()).unwrap().admit().unwrap();
        assert_eq!((&again.document, again.notes.len()), (&document, 0), "what is plain stays as it is");
        (order, notes.iter().map(ToString::to_string).collect())
    }

    fn refused(more: Value) -> Vec<String> {
        document(more).admit().unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_is_changed_and_nothing_said_of_a_plain_order() {
        let told = document(
            json!({"lines": [line("1", json!(2), "5.00"), line("2", json!(1), "0")], "deliveries": [{"lines": [{"id": "1", "quantity": 1}]}]}),
        );
        let taken = told.clone().admit().unwrap();
        assert_eq!((taken.document, taken.notes), (told, Vec::new()));
    }

    #[test]
    fn lines_that_cannot_come_back_cost_no_order_and_are_told() {
        type Row<'r> = (&'r str, Value, i64, &'r [(&'r str, u32, i64)], &'r [&'r str]);
        let rows: [Row; 11] = [
            ("a quantity of 0", line("2", json!(0), "5.00"), 10_00, &[("1", 1, 10_00)], &["lines[1]: is left out: its quantity is 0"]),
            ("0.0", line("2", json!(0.0), "5.00"), 10_00, &[("1", 1, 10_00)], &["lines[1]: is left out: its quantity is 0"]),
            ("whole, as a decimal", line("2", json!(2.0), "5.00"), 20_00, &[("1", 1, 10_00), ("2", 2, 10_00)], &[]),
            (
                "measured",
                line("2", json!(1.5), "19.99"),
                39_99,
                &[("1", 1, 10_00), ("2", 1, 29_99)],
                &["lines[1]: is one piece of 1.5: what is measured comes back whole"],
            ),
            (
                "a price below 0",
                line("2", json!(1), "-5.00"),
                5_00,
                &[("1", 1, 10_00)],
                &["lines[1]: costs less than nothing: it is a discount of 5.00 on the order, and no goods"],
            ),
            (
                "a quantity below 0",
                line("2", json!(-2), "2.50"),
                5_00,
                &[("1", 1, 10_00)],
                &["lines[1]: costs less than nothing: it is a discount of 5.00 on the order, and no goods"],
            ),
            ("below 0, and free", line("2", json!(-2), "0"), 10_00, &[("1", 1, 10_00)], &["lines[1]: is left out: its quantity is -2"]),
            (
                "more off than it costs",
                {
                    let mut line = line("2", json!(2), "2.00");
                    line["discount"] = json!("7.00");
                    line
                },
                7_00,
                &[("1", 1, 10_00), ("2", 2, 0)],
                &["lines[1]: has a discount of 7.00, which is more than its price: the rest is a discount on the order"],
            ),
            (
                "no id",
                {
                    let mut line = line("2", json!(1), "5.00");
                    line["id"] = Value::Null;
                    line
                },
                15_00,
                &[("1", 1, 10_00), ("SKU-2", 1, 5_00)],
                &["lines[1].id: is missing: it is `SKU-2` here"],
            ),
            (
                "a double id",
                line("1", json!(1), "5.00"),
                15_00,
                &[("1", 1, 10_00), ("1-2", 1, 5_00)],
                &["lines[1].id: `1` is the id of an earlier line too: it is `1-2` here"],
            ),
            (
                "no id, and one has the name it would get",
                json!({"sku": "1", "name": "x", "quantity": 1, "unit_price": 5}),
                15_00,
                &[("1", 1, 10_00), ("1-2", 1, 5_00)],
                &["lines[1].id: is missing: it is `1-2` here"],
            ),
        ];
        for (what, second, total, lines, notes) in rows {
            let (order, told) = taken(json!({"lines": [line("1", json!(1), "10.00"), second]}));
            let found: Vec<_> = order.lines.iter().map(|line| (line.id.as_str(), line.quantity, line.net())).collect();
            assert_eq!(
                (order.computed_total(), found.as_slice(), told.as_slice()),
                (total, lines, notes.map_to_owned().as_slice()),
                "{what}"
            );
        }
    }

    trait MapToOwned {
        fn map_to_owned(&self) -> Vec<String>;
    }

    impl MapToOwned for &[&str] {
        fn map_to_owned(&self) -> Vec<String> {
            self.iter().map(|text| (*text).to_owned()).collect()
        }
    }

    #[test]
    fn what_is_measured_says_how_much_it_is() {
        let mut cloth = line("1", json!(1.5), "20.00");
        (cloth["unit"], cloth["variant"], cloth["weight_grams"]) = (json!("m"), json!("blue"), json!(300));
        let (order, _) = taken(json!({"lines": [cloth.clone()], "deliveries": [{"lines": [{"id": "1", "quantity": 1.5}]}],
            "refunds": [{"id": "r", "amount": "30", "lines": [{"id": "1", "quantity": 1.5}]}]}));
        assert_eq!((order.lines[0].variant.as_deref(), order.lines[0].unit_price), (Some("blue / 1.5 m"), 30_00));
        assert_eq!((order.lines[0].weight_grams, order.deliveries[0].lines[0].1, order.refunds[0].lines[0].1), (Some(450), 1, 1));
        // Part of it was given back in money: the piece may still come back.
        let (order, _) =
            taken(json!({"lines": [cloth], "refunds": [{"id": "r", "amount": "10", "lines": [{"id": "1", "quantity": 0.5}]}]}));
        assert_eq!((order.refunds[0].amount, order.refunds[0].lines[0].1), (10_00, 0));
    }

    #[test]
    fn a_discount_line_takes_its_tax_with_it() {
        let taxed = |include: bool| {
            let mut goods = line("1", json!(1), "10.00");
            goods["tax"] = json!("2.00");
            let mut off = line("2", json!(1), "-5.00");
            off["tax"] = json!("-1.00");
            taken(json!({"prices_include_tax": include, "lines": [goods, off]})).0.computed_total()
        };
        assert_eq!((taxed(false), taxed(true)), (6_00, 5_00));
    }

    #[test]
    fn what_names_a_line_follows_it() {
        let mut gift = line("3", json!(1), "0");
        gift["gift_with"] = json!("2");
        let (order, notes) = taken(json!({"lines": [line("1", json!(2), "10.00"), line("2", json!(0), "5.00"), gift],
            "deliveries": [{"lines": [{"id": "2", "quantity": 1}]}, {"lines": [{"id": "1", "quantity": 2}, {"id": "3", "quantity": 0}]}],
            "refunds": [{"id": "r", "amount": "5", "lines": [{"id": "2", "quantity": 1}]}]}));
        assert_eq!((order.lines[1].gift_with.as_ref(), order.deliveries.len(), order.refunds[0].lines.len()), (None, 1, 0));
        assert_eq!(order.deliveries[0].lines.len(), 1);
        assert_eq!(notes.len(), 3, "{notes:?}");
        // A parcel of two lines that had one name.
        let (order, _) = taken(json!({"lines": [line("1", json!(2), "10.00"), line("1", json!(3), "5.00")],
            "deliveries": [{"lines": [{"id": "1", "quantity": 1}]}, {"lines": [{"id": "1", "quantity": 4}]}]}));
        let sent: Vec<_> = order
            .deliveries
            .iter()
            .map(|parcel| parcel.lines.iter().map(|(id, units)| (id.as_str(), *units)).collect::<Vec<_>>())
            .collect();
        assert_eq!(sent, [vec![("1", 1)], vec![("1", 1), ("1-2", 3)]]);
    }

    #[test]
    fn an_order_of_which_nothing_is_left_is_refused_and_says_why() {
        assert_eq!(
            refused(json!({"lines": [line("1", json!(0), "10.00"), line("2", json!(1), "-5.00")]})),
            [
                "lines: has no lines",
                "lines[0]: is left out: its quantity is 0",
                "lines[1]: costs less than nothing: it is a discount of 5.00 on the order, and no goods",
            ]
        );
        assert_eq!(refused(json!({"lines": [line("1", json!(-1), "-10.00")]}))[0], "lines[0].unit_price: is negative");
        assert_eq!(
            refused(json!({"lines": [line("1", json!(0.0001), "10.00"), line("2", json!(1e9), "1")]})),
            ["lines[1].quantity: is not between 1 and 1000000"]
        );
    }

    #[test]
    fn every_time_of_a_document_goes_through_the_gate() {
        let lines = json!([line("1", json!(1), "10.00")]);
        for time in ["0026-11-21T00:00:00Z", "-009998-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2126-01-01T00:00:00Z"] {
            for (more, field) in [
                (json!({"placed_at": time}), "placed_at"),
                (json!({"deliveries": [{"shipped_at": time}]}), "deliveries[0].shipped_at"),
                (json!({"deliveries": [{"delivered_at": time}]}), "deliveries[0].delivered_at"),
                (json!({"refunds": [{"id": "r", "amount": "1", "at": time}]}), "refunds[0].at"),
            ] {
                let mut told = json!({"lines": lines});
                told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                let problems = refused(told);
                assert!(
                    problems[0].starts_with(&format!("{field}: ")) && problems[0].contains("is not between 1990 and 2100"),
                    "{problems:?}"
                );
            }
        }
    }
}
