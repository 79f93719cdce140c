//! From a shop's document to an [`Order`]: every problem is named with its field, so that a sender can mend them all at once.
//! Long because each field of the document is read here.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::contract::contract_of;
use super::document::{OrderDocument, RefundDocument};
use super::parts::{address_of, customer_of, delivery_of, order_line};
use super::problem::{Amounts, FieldProblem, Problems, parsed};
use super::{Order, OrderDiscount, OrderLine, Payment, Refund};
use crate::ids::{Code, LineId};
use crate::json;
use crate::money::{Currency, LARGEST_MINOR};
use crate::plain::{LONGEST_NAME, maybe_line, one_line};

/// The most lines an order may have, and discounts, payments, refunds and deliveries.
pub const MOST_LINES: usize = 5_000;

impl OrderDocument {
    /// Reads one order from JSON text. The first field of a wrong type is named; what the values mean is checked by
    /// [`Order::parse`].
    pub fn from_json(json: &[u8]) -> Result<Self, FieldProblem> {
        json::read(json).map_err(FieldProblem::not_read)
    }
}

impl Order {
    /// Checks a document; on refusal every problem found is listed, never none.
    pub fn parse(document: &OrderDocument) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Problems(Vec::new());
        let order = order(document, &mut problems);
        match order {
            Some(order) if problems.0.is_empty() => Ok(order),
            _ => Err(problems.0),
        }
    }
}

fn order(document: &OrderDocument, problems: &mut Problems) -> Option<Order> {
    let number = problems.keep("number", parsed(&document.number));
    let currency = problems.keep("currency", Currency::from_str(&document.currency));
    let customer = customer_of(&document.customer, "customer.", problems);
    if document.lines.is_empty() {
        problems.add("lines", "has no lines");
    } else if document.lines.len() > MOST_LINES {
        problems.add("lines", format!("has more than {MOST_LINES} lines"));
        return None;
    }
    for (field, many) in [
        ("discounts", document.discounts.len()),
        ("payments", document.payments.len()),
        ("refunds", document.refunds.len()),
        ("deliveries", document.deliveries.len()),
    ] {
        if many > MOST_LINES {
            problems.add(field, format!("has more than {MOST_LINES}"));
            return None;
        }
    }
    let (number, currency) = (number?, currency?);
    let mut ids = BTreeSet::new();
    let lines: Vec<OrderLine> = document
        .lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| {
            let parsed = order_line(line, &format!("lines[{index}]"), currency, problems)?;
            if !ids.insert(parsed.id.clone()) {
                problems.add(format!("lines[{index}].id"), format!("`{}` is the id of an earlier line too", parsed.id));
            }
            Some(parsed)
        })
        .collect();
    for (index, line) in lines.iter().enumerate() {
        if line.gift_with.as_ref().is_some_and(|with| *with == line.id || !ids.contains(with)) {
            problems.add(format!("lines[{index}].gift_with"), "names no other line of this order");
        }
    }
    let mut amounts = Amounts { currency, problems };
    let discounts = document
        .discounts
        .iter()
        .enumerate()
        .map(|(index, discount)| {
            let field = format!("discounts[{index}]");
            OrderDiscount {
                code: maybe_line(discount.code.as_deref(), LONGEST_NAME),
                amount: amounts.positive(&format!("{field}.amount"), discount.amount),
                minimum_spend: discount.minimum_spend.map(|spend| amounts.positive(&format!("{field}.minimum_spend"), Some(spend))),
            }
        })
        .collect();
    let (mut payments, mut payments_abroad) = (Vec::new(), Vec::new());
    for (index, told) in document.payments.iter().enumerate() {
        let paid_in = told.currency.as_deref().map_or(Ok(currency), Currency::from_str);
        let Some(paid_in) = amounts.problems.keep(format!("payments[{index}].currency"), paid_in) else { continue };
        let amount =
            Amounts { currency: paid_in, problems: amounts.problems }.positive(&format!("payments[{index}].amount"), Some(told.amount));
        let payment = Payment {
            id: maybe_line(told.id.as_deref(), LONGEST_NAME),
            method: told.method.as_deref().and_then(Code::from_words),
            amount,
            card_ending: told.card_ending.clone(),
        };
        if paid_in == currency { payments.push(payment) } else { payments_abroad.push((paid_in, payment)) }
    }
    let (mut refunds, mut refunds_abroad) = (Vec::new(), Vec::new());
    for (index, told) in document.refunds.iter().enumerate() {
        let field = format!("refunds[{index}]");
        let paid_in = told.currency.as_deref().map_or(Ok(currency), Currency::from_str);
        let Some(paid_in) = amounts.problems.keep(format!("{field}.currency"), paid_in) else { continue };
        let refund = refund_of(told, &field, &lines, &mut Amounts { currency: paid_in, problems: amounts.problems });
        if paid_in == currency { refunds.push(refund) } else { refunds_abroad.push((paid_in, refund)) }
    }
    let shipping = amounts.positive("shipping", document.shipping);
    let shipping_standard = document.shipping_standard.map(|rate| amounts.positive("shipping_standard", Some(rate)));
    let duties = amounts.positive("duties", document.duties);
    let deliveries = document
        .deliveries
        .iter()
        .enumerate()
        .map(|(index, delivery)| delivery_of(delivery, index, &lines, document.placed_at, problems))
        .collect();
    let mut order = Order {
        number,
        placed_at: document.placed_at,
        currency,
        prices_include_tax: document.prices_include_tax,
        channel: document.channel.as_deref().and_then(Code::from_words),
        customer,
        ship_to: document.ship_to.as_ref().map(|address| address_of(address, "ship_to", problems)),
        lines,
        discounts,
        shipping,
        shipping_standard,
        duties,
        payments,
        payments_abroad,
        refunds,
        refunds_abroad,
        deliveries,
        contract: contract_of(document, problems),
        cancelled: document.cancelled,
        elsewhere: document.elsewhere.is_some(),
        remedy: document.remedy.as_deref().and_then(|named| problems.keep("remedy", named.parse())),
        exchanged: Vec::new(),
    };
    if order.remedy.is_some() {
        // What a shop's system writes on it was paid for what was bought.
        order.payments.clear();
        order.payments_abroad.clear();
    }
    let sum = order.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.net())).filter(|sum| *sum <= LARGEST_MINOR);
    if sum.is_none() {
        problems.add("lines", "add up to more than any order we take");
    }
    Some(order)
}

/// A refund, in the currency it was made in.
fn refund_of(told: &RefundDocument, field: &str, bought: &[OrderLine], amounts: &mut Amounts<'_>) -> Refund {
    let amount = amounts.positive(&format!("{field}.amount"), Some(told.amount));
    let mut units = Vec::with_capacity(told.lines.len());
    for (place, line) in told.lines.iter().enumerate() {
        let field = format!("{field}.lines[{place}]");
        let given = amounts.positive(&format!("{field}.amount"), line.amount);
        match (line.id.parse::<LineId>(), line.quantity.whole().and_then(|units| u32::try_from(units).ok())) {
            (Ok(id), Some(quantity)) if bought.iter().any(|bought| bought.id == id) => units.push((id, quantity, given)),
            (Ok(_), Some(_)) => amounts.problems.add(format!("{field}.id"), format!("the order has no line `{}`", line.id)),
            (Err(error), _) => amounts.problems.add(format!("{field}.id"), error),
            (_, None) => amounts.problems.add(format!("{field}.quantity"), "is not a number of units"),
        }
    }
    // Both made to fit as the payment's own name is, so that they still agree.
    Refund {
        id: one_line(&told.id, LONGEST_NAME),
        payment: maybe_line(told.payment.as_deref(), LONGEST_NAME),
        reference: maybe_line(told.reference.as_deref(), LONGEST_NAME),
        amount,
        lines: units,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::MOST_WORDS;
    use super::*;

    /// The example of the interface's description.
    const EXAMPLE: &str = r#"{"number":"10248","placed_at":"2026-11-02T09:30:00Z","currency":"CNY","prices_include_tax":true,"channel":"web",
 "customer":{"id":"c-17850","name":"王小明","email":"wang@example.com","phone":"+8613800000000","tier":"diamond","locale":"zh-CN"},
 "ship_to":{"country":"CN","region":"浙江省","city":"杭州市","postal_code":"310000","line1":"文三路 90 号","line2":null},
 "lines":[{"id":"1","sku":"TEE-BLK-M","name":"Organic tee","variant":"black / M","category":"apparel","tags":["summer"],
   "quantity":2,"unit_price":"99.00","discount":"20.00","tax":"0.00","final_sale":false,"gift_with":null,"bundle":null,
   "batch":"2026-W40","serials":[],"weight_grams":180,"warranty_months":null,"image":null}],
 "discounts":[{"code":"618","amount":"0.00","minimum_spend":null}],
 "shipping":"10.00","duties":"0.00",
 "payments":[{"id":"pi_123","method":"card","amount":"188.00"}],
 "deliveries":[{"id":"d1","lines":[{"id":"1","quantity":2}],"shipped_at":"2026-11-03T02:00:00Z","delivered_at":"2026-11-05T03:00:00Z",
   "warehouse":"HZ1","picker":"p07","packer":"k03","carrier":"sf","tracking_number":"SF1234567890"}],
 "cancelled":false,"future_field":{"ignored":true}}"#;

    fn refused(json: &str) -> Vec<String> {
        match OrderDocument::from_json(json.as_bytes()) {
            Ok(document) => Order::parse(&document).unwrap_err().iter().map(ToString::to_string).collect(),
            Err(problem) => vec![problem.to_string()],
        }
    }

    #[test]
    fn the_example_of_the_interface_is_an_order() {
        let document = OrderDocument::from_json(EXAMPLE.as_bytes()).unwrap();
        let order = Order::parse(&document).unwrap();
        assert_eq!((order.goods_value(), order.computed_total(), order.captured()), (17_800, 18_800, 18_800));
        assert_eq!(order.customer.tier.as_ref().unwrap().as_str(), "diamond");
        let line = &order.lines[0].id;
        assert_eq!(order.delivered_at(line).unwrap().to_string(), "2026-11-05T03:00:00Z");
        let again = serde_json::to_vec(&document).unwrap();
        assert_eq!(OrderDocument::from_json(&again).unwrap(), document, "what is stored reads back the same");
    }

    #[test]
    fn the_smallest_order_needs_only_what_the_interface_requires() {
        let json = r#"{"number":77,"placed_at":"2026-11-02T09:30:00+08:00","currency":"eur","customer":{"phone":13800000000},
            "lines":[{"id":1,"sku":"A","name":"A","quantity":1,"unit_price":9.9}]}"#;
        let order = Order::parse(&OrderDocument::from_json(json.as_bytes()).unwrap()).unwrap();
        assert_eq!((order.number.as_str(), order.captured(), order.prices_include_tax), ("77", 990, true));
        assert_eq!(order.delivered_at(&order.lines[0].id), None);
    }

    #[test]
    fn of_a_card_only_the_last_four_digits_are_kept() {
        let paid = |ending: &str| EXAMPLE.replace(r#""amount":"188.00"}"#, &format!(r#""amount":"188.00","card_ending":{ending}}}"#));
        let plain = Order::parse(&OrderDocument::from_json(EXAMPLE.as_bytes()).unwrap()).unwrap();
        for (told, kept) in [
            (r#""4242""#, Some("4242")),
            (r#""•••• •••• •••• 0042 ""#, Some("0042")),
            (r#""XXXX-XXXX-XXXX-4242""#, Some("4242")),
            (r#""4111111111114242""#, Some("4242")),
            ("4242", Some("4242")),
            ("42", None),
            (r#""•••• 1""#, None),
            (r#""Visa""#, None),
            (r#""""#, None),
            ("null", None),
        ] {
            let document = OrderDocument::from_json(paid(told).as_bytes()).unwrap();
            let order = Order::parse(&document).unwrap();
            assert_eq!(order.payments[0].card_ending.as_deref(), kept, "{told}");
            assert!(!serde_json::to_string(&document).unwrap().contains("4111"), "no more of a number is kept");
            assert!(order.has_money_of(&plain), "{told}: the money is the same");
        }
    }

    #[test]
    fn what_was_paid_in_another_currency_is_kept_and_never_added() {
        let abroad = |currency: &str, amount: &str| {
            EXAMPLE.replace(
                r#""amount":"188.00"}"#,
                &format!(r#""amount":"188.00"}},{{"id":"pi_2","currency":"{currency}","amount":"{amount}"}}"#),
            )
        };
        let document = OrderDocument::from_json(abroad("JPY", "500").as_bytes()).unwrap();
        let order = Order::parse(&document).unwrap();
        assert_eq!((order.captured(), order.payments.len()), (18_800, 1));
        assert_eq!((order.payments_abroad[0].0.code(), order.payments_abroad[0].1.amount), ("JPY", 500));
        let again = serde_json::to_vec(&document).unwrap();
        assert_eq!(OrderDocument::from_json(&again).unwrap(), document, "and told back");
        let only = EXAMPLE.replace(r#""amount":"188.00"}"#, r#""currency":"EUR","amount":"24.00"}"#);
        let only = Order::parse(&OrderDocument::from_json(only.as_bytes()).unwrap()).unwrap();
        assert_eq!((only.captured(), only.computed_total()), (0, 18_800), "nothing was captured, not the computed total");
        assert!(!only.has_money_of(&order) && only.with_money_of(order).captured() == 0, "the lower of both");
        let same = Order::parse(&OrderDocument::from_json(abroad("cny", "5").as_bytes()).unwrap()).unwrap();
        assert_eq!((same.captured(), same.payments_abroad.len()), (19_300, 0));
        assert_eq!(refused(&abroad("JPY", "5.5")), ["payments[1].amount: 5.5 has more decimals than JPY (0) has"]);
        assert!(refused(&abroad("RMB", "5"))[0].starts_with("payments[1].currency: `RMB` is not a currency code"));
    }

    #[test]
    fn every_problem_is_named_with_its_field() {
        let json = EXAMPLE
            .replace(r#""unit_price":"99.00""#, r#""unit_price":"99.005""#)
            .replace(r#""email":"wang@example.com""#, r#""email":"wang""#)
            .replace(r#""shipping":"10.00""#, r#""shipping":"-1""#)
            .replace(r#"[{"id":"1","quantity":2}]"#, r#"[{"id":"9","quantity":2}]"#);
        assert_eq!(
            refused(&json),
            [
                "customer.email: is not a mail address such as name@example.com",
                "lines[0].unit_price: 99.005 has more decimals than CNY (2) has",
                "lines[0].discount: is more than the line's price",
                "shipping: is negative",
                "deliveries[0].lines[0].id: `9` is no line of this order",
            ]
        );
    }

    #[test]
    fn what_cannot_be_an_order_says_why() {
        for (from, to, expected) in [
            (r#""number":"10248""#, r#""number":"""#, "number: is empty"),
            (r#""currency":"CNY""#, r#""currency":"RMB""#, "currency: `RMB` is not a currency code of ISO 4217, such as CNY or EUR"),
            (r#""quantity":2,"#, r#""quantity":0,"#, "lines[0].quantity: is not between 1 and 1000000"),
            (r#""gift_with":null"#, r#""gift_with":"7""#, "lines[0].gift_with: names no other line of this order"),
            (
                r#""delivered_at":"2026-11-05T03:00:00Z""#,
                r#""delivered_at":"2026-11-01T03:00:00Z""#,
                "deliveries[0].delivered_at: is before shipped_at",
            ),
            (
                r#""quantity":2,"#,
                r#""quantity":"two","#,
                "lines[0].quantity: invalid type: string \"two\", expected a number of units at line 5 column 19",
            ),
            (r#""placed_at":"2026-11-02T09:30:00Z","#, "", "missing field `placed_at` at line 12 column 51"),
        ] {
            assert!(EXAMPLE.contains(from), "{from}");
            assert_eq!(refused(&EXAMPLE.replacen(from, to, 1)).first().map(String::as_str), Some(expected));
        }
        let nobody = r#"{"number":"7","placed_at":"2026-11-02T09:30:00Z","currency":"EUR","customer":{},"lines":[]}"#;
        assert_eq!(refused(nobody), ["lines: has no lines"]);
    }

    #[test]
    fn an_order_without_any_contact_is_an_order() {
        for customer in [r#""customer":{},"#, r#""customer":null,"#, ""] {
            let json = format!(
                r#"{{"number":"7","placed_at":"2026-11-02T09:30:00Z","currency":"EUR",{customer}
                    "lines":[{{"id":"1","sku":"A","name":"A","quantity":1,"unit_price":"1"}}]}}"#
            );
            let order = Order::parse(&OrderDocument::from_json(json.as_bytes()).unwrap()).unwrap();
            assert_eq!((order.customer.email, order.customer.phone), (None, None), "{customer}");
        }
    }

    #[test]
    fn what_was_given_back_in_another_currency_is_kept_and_never_added() {
        let refunded = |currency: &str, amount: &str| {
            EXAMPLE.replace(
                r#""cancelled":false"#,
                &format!(r#""refunds":[{{"id":"r1","currency":"{currency}","amount":"{amount}","lines":[{{"id":"1","quantity":1}}]}}]"#),
            )
        };
        let order = Order::parse(&OrderDocument::from_json(refunded("JPY", "500").as_bytes()).unwrap()).unwrap();
        assert_eq!((order.refunds.len(), order.refunds_abroad[0].0.code(), order.refunds_abroad[0].1.amount), (0, "JPY", 500));
        assert!(order.has_money_abroad());
        let same = Order::parse(&OrderDocument::from_json(refunded("cny", "5").as_bytes()).unwrap()).unwrap();
        assert_eq!((same.refunds[0].amount, same.refunds_abroad.len(), same.has_money_abroad()), (500, 0, false));
        assert_eq!(refused(&refunded("JPY", "5.5")), ["refunds[0].amount: 5.5 has more decimals than JPY (0) has"]);
        assert!(refused(&refunded("RMB", "5"))[0].starts_with("refunds[0].currency: `RMB` is not a currency code"));
    }

    #[test]
    fn whatever_names_something_is_one_line_that_fits() {
        let long = format!("\u{202e}a\\n{}", "b".repeat(300));
        let fits = format!("a {}", "b".repeat(LONGEST_NAME - 2));
        let json = EXAMPLE
            .replace(r#""bundle":null"#, &format!(r#""bundle":"{long}""#))
            .replace("2026-W40", &long)
            .replace(r#""serials":[]"#, &format!(r#""serials":["{long}"," \u0007"]"#))
            .replace("\"618\"", &format!("\"{long}\""))
            .replace("pi_123", &long)
            .replace(r#""id":"d1""#, &format!(r#""id":"{long}""#))
            .replace(r#""cancelled""#, &format!(r#""refunds":[{{"id":"{long}","payment":"{long}","amount":"1.00"}}],"cancelled""#));
        let order = Order::parse(&OrderDocument::from_json(json.as_bytes()).unwrap()).unwrap();
        let line = &order.lines[0];
        for (name, text) in [
            ("bundle", line.bundle.as_ref()),
            ("batch", line.batch.as_ref()),
            ("code", order.discounts[0].code.as_ref()),
            ("payment", order.payments[0].id.as_ref()),
            ("delivery", order.deliveries[0].id.as_ref()),
            ("refund", Some(&order.refunds[0].id)),
            ("refunded payment", order.refunds[0].payment.as_ref()),
        ] {
            assert_eq!(text, Some(&fits), "{name}");
        }
        assert_eq!(line.serials, [fits]);
    }

    #[test]
    fn an_order_has_no_more_parts_than_can_be_read() {
        let many = |part: &str| vec![part; MOST_LINES + 1].join(",");
        for (from, part, field) in [
            (r#"[{"code":"618","amount":"0.00","minimum_spend":null}]"#, "{}", "discounts"),
            (r#"[{"id":"pi_123","method":"card","amount":"188.00"}]"#, r#"{"amount":"1"}"#, "payments"),
            ("false,\"future_field", r#"{"id":"1","amount":"0"}"#, "refunds"),
        ] {
            let to = format!("[{}]", many(part));
            let to = if field == "refunds" { format!("false,\"refunds\":{to},\"future_field") } else { to };
            assert!(EXAMPLE.contains(from), "{from}");
            assert_eq!(refused(&EXAMPLE.replace(from, &to)), [format!("{field}: has more than {MOST_LINES}")]);
        }
        let words = vec!["\"s\""; MOST_WORDS + 1].join(",");
        let json = EXAMPLE.replace(r#""serials":[]"#, &format!(r#""serials":[{words}]"#)).replace(r#"["summer"]"#, &format!("[{words}]"));
        let order = Order::parse(&OrderDocument::from_json(json.as_bytes()).unwrap()).unwrap();
        assert_eq!((order.lines[0].serials.len(), order.lines[0].tags.len()), (MOST_WORDS, MOST_WORDS));
    }

    #[test]
    fn two_lines_cannot_share_an_id() {
        let line = r#"{"id":"1","sku":"A","name":"A","quantity":1,"unit_price":"1"}"#;
        let json = format!(
            r#"{{"number":"7","placed_at":"2026-11-02T09:30:00Z","currency":"EUR","customer":{{"email":"a@b.org"}},"lines":[{line},{line}]}}"#
        );
        assert_eq!(refused(&json), ["lines[1].id: `1` is the id of an earlier line too"]);
    }
}
