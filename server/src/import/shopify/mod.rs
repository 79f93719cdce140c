//! Shopify's orders: the REST form and the export with its 79 columns.

mod export;
mod order;
mod rest;

use std::io::BufRead;

pub(super) use export::read_csv;

use super::intake::Intake;
use super::platform::no_order;
use super::{ImportError, json, lenient};

/// Orders of the REST API, as answered (`{"orders":[…]}`, `{"order":{…}}`) or one a line.
pub(super) fn read_json(text: Box<dyn BufRead + Send>, intake: &mut Intake) -> Result<(), ImportError> {
    json::read_each(text, &["orders", "order", "data"], intake, |value, intake| match json::parsed::<rest::Order>(value) {
        Err(problem) => intake.refuse(value.line, None, &[problem]),
        Ok(order) if order.is_nothing() => intake.refuse(value.line, None, &no_order("Shopify", &lenient::field_names(&value.text))),
        Ok(order) => match order.convert() {
            Ok((document, credits)) => intake.order(value.line, &document, credits),
            Err(problems) => intake.refuse(value.line, order.number().as_deref(), &problems),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::intake::{Batch, taken};

    fn orders(json: &str) -> Batch {
        let json = json.to_owned();
        taken(|intake| read_json(Box::new(std::io::Cursor::new(json)), intake))
    }

    fn export(csv: &str) -> Batch {
        let csv = csv.to_owned();
        taken(|intake| read_csv(Box::new(std::io::Cursor::new(csv)), intake))
    }

    /// A discount of 10 % on everything, allocated to lines and shipping; tax on top; a gift card; partly sent; one unit refunded,
    /// with a fee kept back.
    const ORDER: &str = r##"{"order":{"id":7001,"name":"#1001","created_at":"2026-11-02T09:31:00-05:00",
      "processed_at":"2026-11-02T09:30:00-05:00","currency":"USD","taxes_included":false,"financial_status":"partially_refunded",
      "fulfillment_status":"partial","source_name":"web","email":"","phone":null,"customer_locale":"en-US",
      "customer":{"id":31,"first_name":"Ada","last_name":"Byron","email":"ada@example.com"},
      "shipping_address":{"name":"Ada Byron","address1":"1 Main St","city":"Austin","zip":"73301","province":"Texas","country_code":"US"},
      "line_items":[
        {"id":1,"sku":"TEE-M","title":"Tee","variant_title":"M","quantity":3,"price":"10.00","grams":180,"properties":"anything",
         "discount_allocations":[{"amount":"3.00"}],"tax_lines":[{"price":"1.35"},{"price":"0.27"}]},
        {"id":2,"sku":"","variant_id":99,"title":"Gift card","variant_title":"Default Title","quantity":1,"price":25,"gift_card":true,
         "taxable":false,"tax_lines":[],"discount_allocations":[{"amount":"2.50"}]}],
      "shipping_lines":[{"price":"5.00","discount_allocations":[{"amount":"0.50"}],"tax_lines":[{"price":"0.27"}]}],
      "total_discounts":"6.00","discount_codes":[{"code":"TEN","amount":"6.00","type":"percentage"}],
      "total_tax":"1.89","total_price":"55.89","total_outstanding":"0.00","payment_gateway_names":["gift_card","shopify_payments"],
      "fulfillments":[
        {"id":5,"name":"#1001.1","status":"success","shipment_status":"delivered","created_at":"2026-11-03T10:00:00Z",
         "updated_at":"2026-11-05T15:00:00Z","tracking_company":"UPS","tracking_number":"1Z","line_items":[{"id":1,"quantity":2}]},
        {"id":6,"status":"cancelled","created_at":"2026-11-03T10:00:00Z","line_items":[{"id":2,"quantity":1}]}],
      "refunds":[{"id":88,"refund_line_items":[{"line_item_id":1,"quantity":1,"subtotal":"9.00","total_tax":"0.54"}],
        "transactions":[{"kind":"refund","status":"success","amount":"8.54"}]}]}}"##;

    #[test]
    fn an_order_of_the_rest_api_adds_up_to_what_was_paid() {
        let batch = orders(ORDER);
        assert_eq!(batch.reasons(), []);
        let order = &batch.parsed()[0];
        assert_eq!((order.number.as_str(), order.placed_at.to_string().as_str()), ("#1001", "2026-11-02T14:30:00Z"));
        assert_eq!((order.computed_total(), order.captured()), (5_589, 5_589));
        assert_eq!((order.lines[0].net(), order.lines[0].tax, order.shipping, order.discounts.len()), (2_700, 162, 477, 0));
        assert_eq!(order.payments[0].method.as_ref().unwrap().as_str(), "shopify_payments");
        let card = &order.lines[1];
        assert_eq!((card.sku.as_str(), card.variant.as_deref()), ("99", None));
        assert_eq!(card.category.as_ref().unwrap().as_str(), "gift-card");
        assert_eq!(order.customer.email.as_ref().unwrap().as_str(), "ada@example.com");
        assert_eq!(order.deliveries.len(), 1, "a cancelled parcel never left");
        assert_eq!(order.delivered_at(&order.lines[0].id).unwrap().to_string(), "2026-11-05T15:00:00Z");
        let (_, credits) = &batch.credits[0];
        assert_eq!((credits[0].quantity, credits[0].amount, credits.len()), (1, 854, 1), "a dollar was kept");
    }

    #[test]
    fn only_what_was_captured_counts_as_paid() {
        let paid = |status: &str, more: &str| {
            let json = ORDER.replace("partially_refunded", status).replace(r#""fulfillment_status":"partial""#, more);
            let order = orders(&json).parsed().remove(0);
            (order.captured(), order.payments[0].method.as_ref().map(|method| method.to_string()).unwrap_or_default())
        };
        let card = "shopify_payments".to_owned();
        assert_eq!(paid("paid", r#""fulfillment_status":null"#), (5_589, card.clone()));
        assert_eq!(paid("authorized", r#""fulfillment_status":null"#), (0, card.clone()));
        assert_eq!(paid("pending", r#""fulfillment_status":null"#), (0, card.clone()));
        assert_eq!(paid("pending", r#""fulfillment_status":"fulfilled""#), (5_589, "cash_on_delivery".into()));
        assert_eq!(paid("pending", r#""fulfillment_status":"fulfilled","payment_terms":{"due_in_days":30}"#), (0, card.clone()));
        let partly =
            ORDER.replace("partially_refunded", "partially_paid").replace(r#""total_outstanding":"0.00""#, r#""total_outstanding":"5.89""#);
        assert_eq!(orders(&partly).parsed()[0].captured(), 5_000);
        let voided = ORDER.replace("partially_refunded", "voided");
        assert!(orders(&voided).parsed()[0].cancelled);
    }

    #[test]
    fn an_old_order_without_allocations_keeps_its_discount_and_spreads_its_tax() {
        let json = r#"{"orders":[{"name":"9","created_at":"2012-01-10T11:00:00-05:00","currency":"USD","email":"a@example.com",
          "line_items":[{"id":1,"title":"A","quantity":1,"price":"30.00"},{"id":2,"title":"B","quantity":2,"price":"10.00"},
            {"id":3,"title":"C","quantity":1,"price":"5.00","taxable":false}],
          "shipping_lines":[{"price":"4.00"}],"total_tax":"2.50","total_discounts":"9.00","total_price":"52.50",
          "discount_codes":[{"code":"FIVE","amount":"5.00"},{"code":"SHIP","amount":"4.00","type":"shipping"}]}]}"#;
        let order = orders(json).parsed().remove(0);
        assert_eq!(order.lines.iter().map(|line| line.tax).collect::<Vec<_>>(), [150, 100, 0]);
        assert_eq!((order.discounts[0].amount, order.shipping, order.computed_total()), (500, 0, 5_250));
        assert!(order.payments.is_empty(), "nothing is said of payment");
    }

    #[test]
    fn what_is_no_order_or_lacks_something_is_refused_with_the_true_reason() {
        let batch = orders(
            r##"{"orders":[{"id":1,"name":"#1","created_at":"2026-01-01T00:00:00Z","currency":"EUR","email":"a@example.com"},
              {"refund":{"id":1}},
              {"name":"#3","currency":"EUR","line_items":[{"title":"A","quantity":1,"price":"1.00"}]},
              {"name":"#4","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[{"title":"A","quantity":1.5,"price":"1.00"}]},
              {"name":"#5","created_at":"2026-01-01T00:00:00Z","currency":"EUR","lineItems":{"edges":[]}},
              {"name":"#6","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[{"title":"A","quantity":1,"price":"1"}]}]}"##,
        );
        assert_eq!(
            batch.reasons(),
            [
                (1, "lines: has no lines"),
                (2, "is no Shopify order; it has the fields refund"),
                (3, "created_at: is missing"),
                (4, "line_items[0].quantity: 1.5 is not a whole number"),
                (5, "lineItems: is in the form of Shopify's GraphQL API; the REST form has `line_items`"),
                (6, "customer: has neither email nor phone, so nobody could find this order"),
            ]
        );
    }

    const HEADER: &str = "Name,Email,Financial Status,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,\
        Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem taxable,Billing Phone,\
        Shipping Name,Shipping Zip,Shipping Country,Cancelled at,Payment Method,Refunded Amount,Vendor,Lineitem discount\r\n";

    #[test]
    fn an_export_is_read_with_its_continuation_rows_and_quirks() {
        let batch = export(&format!(
            "{HEADER}{}{}{}{}",
            "#1001,ada@example.com,paid,fulfilled,2026-11-03 10:00:00 +0600,BDT,900.00,60.00,96.00,1056.00,TEN,100.00,\
             2026-11-02 09:30:00 +0600,2,\"Tee, M\",300.00,TEE-M,true,'+8801700000000,Ada,'1230,BD,,bKash,56.00,Acme,0.00\r\n",
            "#1001,,,,,,,,,,,,2026-11-02 09:30:00 +0600,1,Mug,400.00,,false,,,,,,,,Acme,0.00\n",
            "EX1002,,pending,fulfilled,2026-11-04 08:00:00 -0330,BDT,400.00,0.00,0.00,400.00,,0.00,2026-11-04 07:00:00 -0330,1,Mug,400.00,MUG,false,\
             01700000001,,-,,,Cash on Delivery (COD),0.00,,0.00\r\n",
            "1003,b@example.com,voided,,,BDT,400.00,0.00,0.00,400.00,,0.00,2026-11-04 07:00:00 +0600,1,Mug,400.00,MUG,false,,,,,2026-11-05 07:00:00 +0600,,0.00,,0.00\n",
        ));
        assert_eq!(batch.reasons(), []);
        let orders = batch.parsed();
        let first = &orders[0];
        assert_eq!((first.number.as_str(), first.placed_at.to_string().as_str()), ("#1001", "2026-11-02T03:30:00Z"));
        assert_eq!(
            (first.goods_value(), first.discounts[0].amount, first.computed_total(), first.captured()),
            (100_000, 10_000, 105_600, 105_600)
        );
        assert_eq!((first.lines[0].tax, first.lines[1].tax, first.lines[1].sku.as_str()), (9_600, 0, "Mug"));
        assert_eq!(first.ship_to.as_ref().unwrap().postal_code.as_deref(), Some("1230"));
        assert_eq!(first.customer.phone.as_ref().unwrap().as_str(), "+8801700000000");
        assert_eq!(first.shipped_at(&first.lines[1].id).unwrap().to_string(), "2026-11-03T04:00:00Z");
        let (_, credits) = &batch.credits[0];
        assert_eq!((credits[0].quantity, credits[0].amount), (0, 5_600), "the export does not say for what");
        let second = &orders[1];
        assert_eq!((second.captured(), second.ship_to.is_none()), (40_000, true), "cash was paid at the door");
        assert!(orders[2].cancelled && orders[2].captured() == 0);
    }

    #[test]
    fn an_export_that_is_none_names_the_column_it_lacks() {
        let none = taken_error("Name,Email\n#1,a@example.com\n");
        assert_eq!(none, "this is not an order export of Shopify: it has no column `Created at`");
    }

    fn taken_error(csv: &str) -> String {
        let csv = csv.to_owned();
        let mut problem = String::new();
        taken(|intake| {
            problem = read_csv(Box::new(std::io::Cursor::new(csv)), intake).unwrap_err().to_string();
            Ok(())
        });
        problem
    }
}
