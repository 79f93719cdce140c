//! Shopify's orders: the REST form and the export with its 79 columns.
//! Long because each quirk of theirs has its case.

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
            Ok(told) => intake.order(value.line, told),
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
        taken(|intake| read_csv(Box::new(std::io::Cursor::new(csv)), &jiff::tz::TimeZone::UTC, intake))
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
        assert_eq!(order.payments[0].method, None, "a gift card and a card: nobody says which brought how much");
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
            let json = ORDER
                .replace("partially_refunded", status)
                .replace(r#""fulfillment_status":"partial""#, more)
                .replace(r#""gift_card","#, "");
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
              {"name":"#4","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[{"title":"A","quantity":"many","price":"1.00"}]},
              {"name":"#5","created_at":"2026-01-01T00:00:00Z","currency":"EUR","lineItems":{"edges":[]}},
              {"name":"#6","created_at":"0026-01-01T00:00:00Z","currency":"EUR","line_items":[{"title":"A","quantity":1,"price":"1"}]}]}"##,
        );
        assert_eq!(
            batch.reasons(),
            [
                (1, "lines: has no lines"),
                (2, "is no Shopify order; it has the fields refund"),
                (3, "created_at: is missing"),
                (4, "line_items[0].quantity: `many` is not an amount such as 12.50"),
                (5, "lineItems: is in the form of Shopify's GraphQL API; the REST form has `line_items`"),
                (6, "created_at: `0026-01-01T00:00:00Z` is not a time such as 2026-11-02T09:30:00Z"),
            ]
        );
    }

    /// An order of 100 EUR, told with this.
    fn of_100(more: &str) -> Batch {
        let total = if more.contains("total_price\"") { "" } else { r#""total_price":"100.00","# };
        orders(&format!(
            r##"{{"orders":[{{"id":7,"name":"#7","created_at":"2026-01-01T00:00:00Z","currency":"EUR","email":"a@example.com",{total}
              "financial_status":"paid","line_items":[{{"id":1,"sku":"A","title":"A","quantity":2,"price":"50.00"}}],{more}}}]}}"##
        ))
    }

    #[test]
    fn an_amount_is_never_taken_under_another_currency_s_name() {
        let abroad = |batch: &Batch| {
            let order = batch.parsed().remove(0);
            let paid: Vec<_> = order.payments_abroad.iter().map(|(currency, payment)| (currency.to_string(), payment.amount)).collect();
            let back: Vec<_> = order.refunds_abroad.iter().map(|(currency, refund)| (currency.to_string(), refund.amount)).collect();
            (order.captured(), paid, back, order.has_money_abroad())
        };
        let yen = ("JPY".to_owned(), 16_250);
        let paid = r#""transactions":[{"id":5,"kind":"sale","status":"success","amount":"16250","currency":"JPY","gateway":"card"}]"#;
        assert_eq!(abroad(&of_100(paid)), (0, vec![yen.clone()], vec![], true));
        let same = paid.replace("JPY", "eur").replace("16250", "100.00");
        assert_eq!(abroad(&of_100(&same)), (10_000, vec![], vec![], false));
        // A refund: its units are back at what they cost; the money is of no amount of ours.
        let refund = format!(
            r#"{same},"refunds":[{{"id":9,"refund_line_items":[{{"line_item_id":1,"quantity":1,"subtotal":"50.00"}}],
              "transactions":[{{"id":6,"kind":"refund","status":"success","amount":"8125","currency":"JPY"}}]}}]"#
        );
        let batch = of_100(&refund);
        assert_eq!(abroad(&batch), (10_000, vec![], vec![("JPY".to_owned(), 8_125)], true));
        assert_eq!((batch.credits[0].1[0].quantity, batch.credits[0].1[0].amount, batch.credits[0].1.len()), (1, 5_000, 1));
        // Duties and prices in another currency than the order says.
        for (more, field) in [
            (r#""original_total_duties_set":{"shop_money":{"amount":"500","currency_code":"JPY"}}"#, "original_total_duties_set"),
            (r#""total_price_set":{"shop_money":{"amount":"16250","currency_code":"JPY"}}"#, "total_price_set"),
        ] {
            assert_eq!(of_100(more).reasons(), [(1, format!("{field}: is in JPY, but the order is in EUR").as_str())]);
        }
        let line = orders(
            r##"[{"name":"#8","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[{"id":1,"title":"A","quantity":1,"price":"1",
              "price_set":{"shop_money":{"amount":"1","currency_code":"USD"}}}]}]"##,
        );
        assert_eq!(line.reasons(), [(1, "line_items[0].price_set: is in USD, but the order is in EUR")]);
        let duties = of_100(
            r#""original_total_duties_set":{"shop_money":{"amount":"5.00","currency_code":"EUR"},"presentment_money":{"amount":"800","currency_code":"JPY"}}"#,
        );
        assert_eq!(duties.parsed()[0].duties, 500);
    }

    proptest::proptest! {
        /// Whatever was paid and given back in whichever currencies: each is found again under its own name, and nowhere else.
        #[test]
        fn every_amount_keeps_its_currency(
            paid in proptest::collection::vec((1i64..1_000_000, 0usize..4, proptest::bool::ANY), 0..5),
            back in proptest::collection::vec((1i64..1_000_000, 0usize..4, proptest::bool::ANY), 0..5),
            shop in 0usize..4,
        ) {
            const CODES: [&str; 4] = ["EUR", "JPY", "KWD", "USD"];
            let currency = |at: usize| CODES[at].parse::<domain::money::Currency>().unwrap();
            let told = |kind: &str, (minor, at, succeeded): &(i64, usize, bool)| serde_json::json!({
                "kind": kind, "status": if *succeeded { "success" } else { "failure" }, "currency": CODES[*at],
                "amount": domain::money::decimal_text(*minor, currency(*at)),
            });
            let refunds: Vec<_> = back.iter().enumerate().map(|(id, refund)| serde_json::json!({"id": id, "transactions": [told("refund", refund)]})).collect();
            let document = serde_json::json!({
                "name": "7", "created_at": "2026-01-01T00:00:00Z", "currency": CODES[shop], "email": "a@example.com",
                "line_items": [{"id": 1, "title": "A", "quantity": 1, "price": "50"}],
                "transactions": paid.iter().map(|payment| told("sale", payment)).collect::<Vec<_>>(), "refunds": refunds,
            });
            let batch = orders(&document.to_string());
            let order = batch.parsed().remove(0);
            let sum = |all: &[(i64, usize, bool)], at: usize| all.iter().filter(|(_, of, done)| *of == at && *done).map(|(minor, ..)| *minor).sum::<i64>();
            for at in 0..CODES.len() {
                let code = currency(at);
                let in_payments: i64 = if at == shop { order.payments.iter().map(|payment| payment.amount).sum() } else { 0 };
                let abroad: i64 = order.payments_abroad.iter().filter(|(of, _)| *of == code).map(|(_, payment)| payment.amount).sum();
                proptest::prop_assert_eq!(in_payments + abroad, sum(&paid, at));
                let credited: i64 = if at == shop { batch.credits.iter().flat_map(|(_, credits)| credits).map(|credit| credit.amount).sum() } else { 0 };
                let abroad: i64 = order.refunds_abroad.iter().filter(|(of, _)| *of == code).map(|(_, refund)| refund.amount).sum();
                proptest::prop_assert_eq!(credited + abroad, sum(&back, at));
            }
        }
    }

    #[test]
    fn tips_do_not_come_back_and_a_payment_is_what_it_is() {
        let paid = |more: &str| {
            let order = of_100(more).parsed().remove(0);
            order.payments.iter().map(|payment| (payment.method.as_ref().map(ToString::to_string), payment.amount)).collect::<Vec<_>>()
        };
        let method = |name: &str| Some(name.to_owned());
        let tipped = r#""total_price":"110.00","total_tip_received":"10.00","payment_gateway_names":["shopify_payments"]"#;
        assert_eq!(paid(tipped), [(method("shopify_payments"), 10_000)]);
        let told = r#""total_tip_received":"10.00","transactions":[{"id":1,"kind":"sale","status":"success","amount":"30.00","gateway":"gift_card"},
          {"id":2,"kind":"sale","status":"success","amount":"80.00","gateway":"shopify_store_credit"}]"#;
        assert_eq!(paid(told), [(method("gift_card"), 3_000), (method("store_credit"), 7_000)]);
        assert_eq!(paid(r#""payment_gateway_names":["gift_card"]"#), [(method("gift_card"), 10_000)]);
        assert_eq!(paid(r#""payment_gateway_names":["gift_card","card"]"#), [(None, 10_000)]);
    }

    #[test]
    fn of_a_card_the_last_four_digits_are_read_where_one_is_told() {
        let endings = |more: &str| {
            let order = of_100(more).parsed().remove(0);
            order.payments.into_iter().map(|payment| payment.card_ending).collect::<Vec<_>>()
        };
        let card = r#""payment_details":{"credit_card_number":"•••• •••• •••• 4242","credit_card_company":"Visa"}"#;
        assert_eq!(endings(&format!(r#""payment_gateway_names":["shopify_payments"],{card}"#)), [Some("4242".to_owned())]);
        assert_eq!(
            endings(&format!(r#""payment_gateway_names":["gift_card","shopify_payments"],{card}"#)),
            [None],
            "of two nobody says which"
        );
        let told = format!(
            r#""transactions":[{{"id":1,"kind":"sale","status":"success","amount":"30.00","gateway":"gift_card"}},
              {{"id":2,"kind":"sale","status":"success","amount":"70.00","gateway":"shopify_payments",{card}}}]"#
        );
        assert_eq!(endings(&told), [None, Some("4242".to_owned())]);
        assert_eq!(endings(r#""payment_gateway_names":["bogus"],"payment_details":{"credit_card_number":"•••• •••• •••• 1"}"#), [None]);
    }

    #[test]
    fn lines_that_cannot_come_back_cost_no_order() {
        let batch = orders(
            r##"[{"id":1,"name":"#1","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[
              {"id":1,"sku":"CLOTH","title":"Cloth","variant_title":"blue","quantity":1.5,"price":"19.99"},
              {"id":1,"sku":"MUG","title":"Mug","quantity":1,"price":"5.00"},
              {"sku":"CUP","title":"Cup","quantity":1,"price":"4.00"},
              {"id":4,"title":"Removed","quantity":0,"price":"9.00"},
              {"id":5,"title":"Loyalty","quantity":1,"price":"-5.00"}],
              "fulfillments":[{"created_at":"2026-01-02T00:00:00Z","line_items":[{"id":1,"quantity":1.5},{"id":4,"quantity":0}]}]}]"##,
        );
        assert_eq!(batch.reasons(), []);
        let order = &batch.parsed()[0];
        let lines: Vec<_> = order.lines.iter().map(|line| (line.id.as_str(), line.variant.as_deref(), line.net())).collect();
        assert_eq!(lines, [("1", Some("blue / 1.5"), 2_999), ("1-2", None, 500), ("3", None, 400)]);
        assert_eq!((order.computed_total(), order.customer.email.is_none(), order.deliveries[0].lines[0].1), (3_399, true, 1));
        assert_eq!(batch.changed[0].reason.matches("; ").count() + 1, 4, "{}", batch.changed[0].reason);
    }

    #[test]
    fn two_orders_of_one_number_are_never_one() {
        let order = |id: u32, name: &str, title: &str| {
            format!(
                r#"{{"id":{id},"name":"{name}","created_at":"2026-01-01T00:00:00Z","currency":"EUR","line_items":[{{"title":"{title}","quantity":1,"price":"1"}}]}}"#
            )
        };
        let batch = orders(&[order(1, "#9", "A"), order(2, "#9", "B"), order(1, "#9", "C"), order(3, "#10", "D")].join("\n"));
        assert_eq!(batch.reasons(), [(2, "number: is that of order `1` (line 1), which is taken: order `2` needs another")]);
        let titles: Vec<_> = batch.parsed().iter().map(|order| order.lines[0].name.clone()).collect();
        assert_eq!(titles, ["A", "C", "D"], "the same order again is a correction");
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

    /// Rows of an order of a few columns.
    const SHORT: &str = "Name,Id,Email,Financial Status,Currency,Subtotal,Shipping,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price\n";

    #[test]
    fn two_orders_of_one_name_are_told_apart_by_their_ids() {
        let first = |id: &str, name: &str| format!("{name},{id},a@example.com,paid,EUR,,0,,,2026-11-02 09:30:00 +0600,1,Tee {id},10.00\n");
        let more = |name: &str, item: &str| format!("{name},,,,,,,,,2026-11-02 09:30:00 +0600,1,{item},5.00\n");
        let lines = |batch: &Batch| {
            batch.parsed().iter().map(|order| order.lines.iter().map(|line| line.name.clone()).collect()).collect::<Vec<Vec<_>>>()
        };
        let batch =
            export(&[SHORT, &first("71", "#1"), &more("#1", "Mug"), &first("72", "#1"), &more("#1", "Cup"), &first("73", "#2")].concat());
        assert_eq!(batch.reasons(), [(4, "number: is that of order `71` (line 2), which is taken: order `72` needs another")]);
        assert_eq!(lines(&batch), [vec!["Tee 71", "Mug"], vec!["Tee 73"]]);
        // Far apart as well.
        let others: String = (100..130).map(|number| first(&number.to_string(), &format!("#{number}"))).collect();
        let batch = export(&[SHORT, &first("71", "#1"), &others, &first("72", "#1"), &more("#1", "Cup")].concat());
        assert_eq!((batch.orders.len(), batch.refused.len(), batch.refused[0].line), (31, 1, 33));
        assert!(batch.refused[0].reason.contains("`71`") && batch.refused[0].reason.contains("`72`"), "{}", batch.refused[0].reason);
        // Every row filled down, and no ids at all: one order.
        let batch = export(&[SHORT, &first("71", "#1"), &first("71", "#1"), &first("", "#2"), &first("", "#2")].concat());
        assert_eq!((lines(&batch).iter().map(Vec::len).collect::<Vec<_>>(), batch.refused.len()), (vec![2, 2], 0));
    }

    #[test]
    fn a_discount_larger_than_the_goods_comes_off_the_rest() {
        let order = |subtotal: &str, shipping: &str, total: &str, off: &str, status: &str| {
            let row =
                format!("#1,,a@example.com,{status},EUR,{subtotal},{shipping},{total},{off},2026-11-02 09:30:00 +0600,1,Tee,100.00\n");
            let order = export(&format!("{SHORT}{row}")).parsed().remove(0);
            (order.computed_total(), order.captured())
        };
        assert_eq!(order("0.00", "10.00", "5.00", "105.00", ""), (500, 500), "payments are not told");
        assert_eq!(order("0.00", "10.00", "5.00", "105.00", "paid"), (500, 500));
        assert_eq!(order("90.00", "10.00", "100.00", "10.00", ""), (10_000, 10_000));
        assert_eq!(order("100.00", "0.00", "100.00", "10.00", ""), (10_000, 10_000), "free shipping is in the shipping already");
    }

    #[test]
    fn an_export_that_a_spreadsheet_program_saved_is_read_or_says_what_happened_to_it() {
        let row = |name: &str, date: &str, quantity: &str, price: &str| {
            format!("{name};71;a@example.com;paid;EUR;;4,90;24,80;;{date};{quantity};Tee, blue;{price}\n")
        };
        let text = |rows: &[String]| format!("{}{}", SHORT.replace(',', ";"), rows.concat());
        let good = row("#1", "2026-11-02 09:30:00 +0600", "1", "19,90");
        for table in [
            text(std::slice::from_ref(&good)),
            format!("\u{feff}{}", text(std::slice::from_ref(&good))),
            format!("sep=;\n{}", text(std::slice::from_ref(&good))),
            text(std::slice::from_ref(&good)).replace(';', "\t"),
            text(&[row("#1", "2026-11-02 09:30:00 +0600", "1,0", "19,9"), ";;;;;;;;;;;;\n".into()]),
        ] {
            let batch = export(&table);
            assert_eq!((batch.reasons(), batch.orders.len()), (vec![], 1), "{table}");
            let order = &batch.parsed()[0];
            assert_eq!((order.lines[0].name.as_str(), order.lines[0].unit_price, order.computed_total()), ("Tee, blue", 1_990, 2_480));
        }
        for (bad, field) in [
            (row("#2", "02.11.2026 09:30", "1", "19,90"), "Created at"),
            (row("#2", "11/2/2026 9:30", "1", "19,90"), "Created at"),
            (row("#2", "2026-11-02 09:30:00 +0600", "1", "1,99E+01"), "Lineitem price"),
            (row("#2", "2026-11-02 09:30:00 +0600", "1", "1,999"), "Lineitem price"),
        ] {
            let batch = export(&text(&[good.clone(), bad.replace(";71;", ";72;")]));
            assert_eq!((batch.orders.len(), batch.refused.len(), batch.refused[0].order.as_deref()), (1, 1, Some("#2")));
            let reason = &batch.refused[0].reason;
            assert!(reason.starts_with(field) && reason.ends_with("import the export as it was downloaded"), "{reason}");
        }
        // Numbers that were shortened name nobody, and no order.
        let header = HEADER.replace("Name,Email", "Name,Id,Email");
        let phoned = |name: &str| {
            format!(
                "{name},\"5,01E+12\",,paid,,,EUR,10.00,0.00,0.00,10.00,,0.00,2026-11-02 09:30:00 +0600,1,Mug,10.00,MUG,false,\"8,8017E+12\",,,,,bKash,0.00,Acme,0.00\n"
            )
        };
        let batch = export(&[header, phoned("#1"), phoned("#2")].concat());
        assert_eq!((batch.orders.len(), batch.refused.len(), batch.parsed()[0].customer.phone.is_none()), (2, 0, true));
        assert!(batch.changed[0].reason.starts_with("Phone: `8,8017E+12` is left out"), "{}", batch.changed[0].reason);
    }

    #[test]
    fn an_order_with_a_row_that_cannot_be_read_is_not_taken_by_half() {
        let row = |name: &str, item: &[u8]| {
            [name.as_bytes(), b",,a@example.com,paid,EUR,,0,,,2026-11-02 09:30:00 +0600,1,", item, b",10.00\n"].concat()
        };
        let file =
            [SHORT.as_bytes(), &row("#1", b"Tee"), &row("#1", b"Caf\xe9"), &row("#2", b"Mug"), &row("#3", b"a,b,c"), &row("#4", b"Cup")]
                .concat();
        let batch = taken(|intake| read_csv(Box::new(std::io::Cursor::new(file)), &jiff::tz::TimeZone::UTC, intake));
        let numbers: Vec<_> = batch.parsed().iter().map(|order| order.number.to_string()).collect();
        assert_eq!(numbers, ["#2", "#4"]);
        assert_eq!(
            batch.reasons(),
            [(2, "line 3: is not UTF-8: was it saved in another encoding?"), (5, "line 5: has 15 cells, but the header has 13"),]
        );
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
            problem = read_csv(Box::new(std::io::Cursor::new(csv)), &jiff::tz::TimeZone::UTC, intake).unwrap_err().to_string();
            Ok(())
        });
        problem
    }
}
