//! WooCommerce's orders: the REST form of every version, with or without its wrapper.

mod order;
mod rest;

use std::io::BufRead;

use jiff::tz::TimeZone;

use super::intake::Intake;
use super::platform::no_order;
use super::{ImportError, json, lenient};

/// Orders as the REST API answers them; times that name no zone are of `site`.
pub(super) fn read(text: Box<dyn BufRead + Send>, site: &TimeZone, intake: &mut Intake) -> Result<(), ImportError> {
    let wrappers = &["data", "orders", "order", "create", "update", "delete"];
    json::read_each(text, wrappers, intake, |value, intake| {
        if value.wrapper == Some("delete") {
            // A batch's answer names what it deleted.
            intake.skip("orders deleted in the shop");
            return Ok(());
        }
        match json::parsed::<rest::Order>(value) {
            Err(problem) => intake.refuse(value.line, None, &[problem]),
            Ok(order) if order.is_nothing() => {
                intake.refuse(value.line, None, &no_order("WooCommerce", &lenient::field_names(&value.text)))
            }
            Ok(order) => match order.convert(site) {
                Ok(told) => intake.order(value.line, told),
                Err(problems) => intake.refuse(value.line, order.number().as_deref(), &problems),
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::intake::{Batch, taken};

    fn orders(json: &str, zone: &str) -> Batch {
        let (json, zone) = (json.to_owned(), TimeZone::get(zone).unwrap());
        taken(|intake| read(Box::new(std::io::Cursor::new(json)), &zone, intake))
    }

    /// Prices that do not divide, a coupon, tax to four decimals, a fee that is a discount, a variation.
    const ORDER: &str = r#"{"id":727,"number":"727","status":"completed","currency":"EUR","date_created":"2026-03-22T16:28:02",
      "date_created_gmt":"2026-03-22T15:28:02","date_paid_gmt":"2026-03-22T15:30:00","date_completed_gmt":"2026-03-24T08:00:00",
      "shipping_total":"4.20","shipping_tax":"0.7980","total":"26.42","prices_include_tax":true,"customer_id":0,"created_via":"checkout",
      "billing":{"first_name":"Jo","last_name":"Doe","email":"jo@example.com","phone":"0170 1234567","country":"DE"},
      "shipping":{"first_name":"","address_1":"","country":""},
      "payment_method":"paypal","transaction_id":"T1","meta_data":[{"key":"x","value":{"any":[1]}}],
      "line_items":[
        {"id":315,"name":"Fish &amp; Chips &ndash; small","product_id":93,"variation_id":0,"quantity":3,"subtotal":"10.00","total":"9.00",
         "total_tax":"1.7100","sku":"","meta_data":[{"key":"_x","value":1}],"price":3},
        {"id":"316","name":"Tee","product_id":22,"variation_id":23,"quantity":"1","subtotal":10,"total":10,"total_tax":1.9,"sku":"",
         "meta_data":[{"key":"pa_color","value":"black","display_value":"Black"},{"key":"size","value":"M"},{"key":"_secret","value":"z"}]}],
      "fee_lines":[{"name":"Loyal","total":"-2.00","total_tax":"-0.38"},{"name":"Wrapping","total":"1.00","total_tax":"0.19"}],
      "refunds":[{"id":9,"reason":"","total":"-5.00"}]}"#;

    #[test]
    fn of_a_card_the_last_four_digits_are_read_where_a_gateways_plugin_keeps_them() {
        for (key, value, ending) in [
            ("last4", r#""4242""#, Some("4242")),
            ("_wc_square_credit_card_account_four", "1881", Some("1881")),
            ("_account_four", r#""4242""#, None),
            ("_wc_braintree_credit_card_account_four", r#"["4242"]"#, None),
        ] {
            let json = ORDER.replace(r#"{"key":"x","value":{"any":[1]}}"#, &format!(r#"{{"key":"{key}","value":{value}}}"#));
            let order = orders(&json, "UTC").parsed().remove(0);
            assert_eq!(order.payments[0].card_ending.as_deref(), ending, "{key}");
        }
    }

    #[test]
    fn an_order_costs_what_it_cost_though_its_prices_do_not_divide() {
        let batch = orders(ORDER, "UTC");
        assert_eq!(batch.reasons(), []);
        let order = &batch.parsed()[0];
        assert_eq!(order.placed_at.to_string(), "2026-03-22T15:28:02Z");
        let fish = &order.lines[0];
        assert_eq!((fish.name.as_str(), fish.sku.as_str()), ("Fish & Chips – small", "93"));
        assert_eq!((fish.unit_price, fish.discount, fish.net(), fish.tax), (334, 102, 900, 171));
        assert_eq!((order.lines[1].variant.as_deref(), order.lines[1].sku.as_str()), (Some("Black / M"), "23"));
        assert_eq!((order.shipping, order.discounts[0].amount, order.prices_include_tax), (500, 238, false));
        assert_eq!((order.computed_total(), order.captured()), (2_523, 2_642), "wrapping is paid, but is no line");
        assert_eq!(order.customer.id, None, "a guest");
        assert_eq!(order.ship_to.as_ref().unwrap().country.unwrap().as_str(), "DE");
        assert_eq!(order.shipped_at(&fish.id).unwrap().to_string(), "2026-03-24T08:00:00Z");
        let (_, credits) = &batch.credits[0];
        assert_eq!((credits[0].credit_note.as_str(), credits[0].quantity, credits[0].amount), ("9", 0, 500));
    }

    #[test]
    fn the_site_s_zone_counts_where_no_other_is_said() {
        let local = ORDER.replace(r#""date_created_gmt":"2026-03-22T15:28:02","#, "").replace("date_completed_gmt", "x");
        assert_eq!(orders(&local, "Europe/Berlin").parsed()[0].placed_at.to_string(), "2026-03-22T15:28:02Z");
        assert_eq!(orders(&local, "UTC").parsed()[0].placed_at.to_string(), "2026-03-22T16:28:02Z");
    }

    #[test]
    fn a_status_says_what_was_paid_and_what_is_over() {
        let state = |status: &str, paid: bool| {
            let mut json = ORDER.replace("completed\"", &format!("{status}\""));
            if !paid {
                json = json.replace("date_paid_gmt", "x");
            }
            let batch = orders(&json, "UTC");
            let order = batch.parsed().remove(0);
            (order.captured(), order.cancelled, batch.credits[0].1[0].amount)
        };
        assert_eq!(state("processing", true), (2_642, false, 500));
        assert_eq!(state("on-hold", false), (0, false, 500));
        assert_eq!(state("wc-failed", false), (0, true, 500));
        assert_eq!(state("cancelled", true), (2_642, true, 500));
        let refunded = ORDER.replace("completed\"", "refunded\"").replace(r#"{"id":9,"reason":"","total":"-5.00"}"#, "");
        assert_eq!(orders(&refunded, "UTC").credits[0].1[0].amount, 2_642, "all of it");
        let at_the_door = ORDER.replace("completed\"", "processing\"").replace("paypal", "cod").replace("date_paid_gmt", "x");
        assert_eq!(orders(&at_the_door, "UTC").parsed()[0].captured(), 0);
    }

    #[test]
    fn a_refund_with_lines_gives_back_their_units() {
        let lines = r#""total":"-10.80","line_items":[{"id":400,"quantity":-2,"total":"-6.00","total_tax":"-1.14",
          "meta_data":[{"key":"_refunded_item_id","value":"315"}]},{"id":999,"quantity":-1,"total":"-1.00"}]"#;
        let batch = orders(&ORDER.replace(r#""total":"-5.00""#, lines), "UTC");
        let credits: Vec<_> = batch.credits[0].1.iter().map(|credit| (credit.line.as_str(), credit.quantity, credit.amount)).collect();
        assert_eq!(credits, [("315", 2, 714), ("315", 0, 366)]);
    }

    #[test]
    fn parcels_come_from_the_tracking_plugin_where_a_shop_has_it() {
        let meta = r#""meta_data":[{"key":"_wc_shipment_tracking_items","value":[{"tracking_id":"a1","tracking_provider":"DHL",
          "tracking_number":"00340","date_shipped":"1774310400"}]}]"#;
        let order = orders(&ORDER.replacen(r#""meta_data":[{"key":"x","value":{"any":[1]}}]"#, meta, 1), "UTC").parsed().remove(0);
        let parcel = &order.deliveries[0];
        assert_eq!((parcel.carrier.as_deref(), parcel.tracking_number.as_deref()), (Some("DHL"), Some("00340")));
        assert_eq!(parcel.shipped_at.unwrap().to_string(), "2026-03-24T00:00:00Z");
    }

    #[test]
    fn tips_and_what_paying_costs_do_not_come_back() {
        let captured = |name: &str| orders(&ORDER.replace("Wrapping", name), "UTC").parsed()[0].captured();
        assert_eq!((captured("Wrapping"), captured("Tip"), captured("Credit card fee")), (2_642, 2_523, 2_523));
    }

    #[test]
    fn lines_that_cannot_come_back_cost_no_order() {
        let lines = r#""line_items":[
            {"id":1,"name":"Cloth","sku":"C","quantity":1.5,"subtotal":"29.99","total":"29.99","total_tax":"5.70"},
            {"id":2,"name":"Mug","sku":"M","quantity":0,"subtotal":"0","total":"0"},
            {"id":2,"name":"Cup","sku":"U","quantity":2,"subtotal":"8.00","total":"8.00"},
            {"id":4,"name":"Deposit back","sku":"D","quantity":-1,"subtotal":"-5.00","total":"-5.00","total_tax":"-0.95"}]"#;
        let order = format!(
            r#"{{"id":8,"number":"8","status":"completed","currency":"EUR","date_created_gmt":"2026-03-22T15:28:02","billing":{{}},{lines},
              "refunds":[{{"id":9,"total":"-35.69","line_items":[{{"id":1,"quantity":-1.5,"total":"-29.99","total_tax":"-5.70"}}]}}],
              "meta_data":[{{"key":"_wc_shipment_tracking_items","value":[{{"tracking_number":"00340","date_shipped":"0"}}]}}]}}"#
        );
        let batch = orders(&order, "UTC");
        assert_eq!(batch.reasons(), []);
        let order = &batch.parsed()[0];
        let lines: Vec<_> = order.lines.iter().map(|line| (line.id.as_str(), line.variant.as_deref(), line.quantity, line.net())).collect();
        assert_eq!(lines, [("1", Some("1.5"), 1, 2_999), ("2-2", None, 2, 800)]);
        assert_eq!((order.computed_total(), order.deliveries[0].shipped_at), (2_999 + 570 + 800 - 595, None));
        assert_eq!((batch.credits[0].1[0].quantity, batch.credits[0].1[0].amount), (1, 3_569));
    }

    #[test]
    fn two_orders_of_one_number_are_never_one() {
        let other = ORDER.replace(r#""id":727,"#, r#""id":728,"#);
        let batch = orders(&format!("[{ORDER},{other},{ORDER}]"), "UTC");
        assert_eq!((batch.orders.len(), batch.refused.len()), (2, 1));
        assert!(batch.refused[0].reason.contains("`727`") && batch.refused[0].reason.contains("`728`"), "{}", batch.refused[0].reason);
    }

    #[test]
    fn wrappers_and_batches_are_opened_and_what_is_no_order_is_refused() {
        let batch = orders(&format!(r#"{{"data":[{ORDER}]}}"#), "UTC");
        assert_eq!((batch.orders.len(), batch.rows), (1, 1));
        let batch =
            orders(&format!(r#"{{"create":[{ORDER},{{"id":0,"error":{{"code":"x","message":"no"}}}}],"delete":[{ORDER}]}}"#), "UTC");
        assert_eq!((batch.orders.len(), batch.skipped.values().sum::<u64>()), (1, 1));
        assert_eq!(batch.refused[0].reason, "error: the shop answered `x: no` instead of an order");
        let batch = orders(
            r#"[{"id":1,"note":"x"},{"id":2,"number":"2","status":"checkout-draft","currency":"EUR"},
              {"id":3,"status":"completed","currency":"","line_items":[{"id":1}]},
              {"id":4,"status":"completed","currency":"EUR","date_created_gmt":"soon"},
              {"id":5,"status":"completed","currency":"EUR","date_created_gmt":"2026-03-22T15:28:02","line_items":[{"id":1,"name":"A"}]}]"#,
            "UTC",
        );
        assert_eq!(
            batch.reasons(),
            [
                (1, "is no WooCommerce order; it has the fields id, note"),
                (1, "status: is a draft: nothing was ordered"),
                (2, "currency: is missing"),
                (3, "date_created_gmt: `soon` is not a time such as 2026-11-02T09:30:00Z"),
                (4, "line_items[0].quantity: is missing"),
            ]
        );
    }
}
