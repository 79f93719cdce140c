//! Orders come in by the file: whole or not at all, refusals explained, and twice is as good as once.
//! Long because each shop's files have their case.

use std::io::Write;
use std::path::PathBuf;

use domain::law::{Concluded, Copy, Digital, Informed};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::date;
use server::import::{self, Format, ImportError, Mapping, Options, RefusalsTo, Report, Source};
use server::store::{self, OrderRow, Store};

use crate::databases::{on_both, sqlite};

const NOW: i64 = 1_790_000_000_000;

pub async fn import_with(store: &Store, source: Source, options: Options) -> Result<Report, ImportError> {
    import::run(store, NOW, source, options, &mut |_| {}).await
}

async fn import_text(store: &Store, format: Format, text: &str) -> Report {
    import_with(store, Source::bytes(text.to_owned()), Options::new(format)).await.unwrap()
}

async fn import_table(store: &Store, mapping: &str, table: &str) -> Report {
    let options = Options { mapping: Some(Mapping::parse(mapping).unwrap()), ..Options::new(Format::Csv) };
    import_with(store, Source::bytes(table.to_owned()), options).await.unwrap()
}

async fn find(store: &Store, number: &str) -> Option<OrderRow> {
    let mut read = store.read().await.unwrap();
    store::find_order(&mut read.conn(), number).await.unwrap()
}

async fn credited(store: &Store, number: &str) -> Vec<(String, String, u32, i64)> {
    let credits = find(store, number).await.unwrap().credits;
    credits.into_iter().map(|credit| (credit.credit_note, credit.line.to_string(), credit.quantity, credit.amount)).collect()
}

fn order(number: &str, price: &str) -> String {
    format!(
        r#"{{"number":"{number}","placed_at":"2026-11-02T09:30:00Z","currency":"EUR","customer":{{"email":"a@example.com"}},
           "lines":[{{"id":"1","sku":"TEE","name":"Tee","quantity":2,"unit_price":"{price}"}}]}}"#
    )
    .replace('\n', " ")
}

on_both! {
    async fn what_is_wrong_is_refused_with_its_line_and_the_rest_goes_in(database: Database) {
        let store = database.store;
        let feed = [order("1", "9.90"), "{\"number\":\"2\"".into(), order("3", "9.905"), String::new(), order("4", "5")].join("\n");
        let report = import_text(&store, Format::Json, &feed).await;
        assert_eq!((report.rows, report.created, report.refused, report.order_lines), (4, 2, 2, 2));
        let refused: Vec<_> = report.refusals.iter().map(|refusal| (refusal.line, refusal.order.as_deref(), refusal.reason.as_str())).collect();
        assert_eq!(
            refused,
            [
                (2, None, "EOF while parsing an object"),
                (3, Some("3"), "lines[0].unit_price: 9.905 has more decimals than EUR (2) has"),
            ]
        );
        assert!(find(&store, "1").await.is_some() && find(&store, "4").await.is_some());
        assert!(find(&store, "2").await.is_none() && find(&store, "3").await.is_none());
    }
}

on_both! {
    async fn the_same_file_again_changes_nothing_and_a_corrected_one_replaces(database: Database) {
        let store = database.store;
        let feed = (0..1_200).map(|number| order(&number.to_string(), "9.90")).collect::<Vec<_>>().join("\n");
        let first = import_text(&store, Format::Json, &feed).await;
        assert_eq!((first.created, first.orders()), (1_200, 1_200));
        let before = find(&store, "77").await.unwrap();
        let again = import_text(&store, Format::Json, &feed).await;
        assert_eq!((again.created, again.replaced, again.unchanged), (0, 0, 1_200));
        assert_eq!(find(&store, "77").await.unwrap().revision, before.revision, "nothing was written");
        let corrected = import_text(&store, Format::Json, &feed.replacen("9.90", "8.80", 1)).await;
        assert_eq!((corrected.replaced, corrected.unchanged), (1, 1_199));
        assert_eq!(find(&store, "0").await.unwrap().order.lines[0].unit_price, 880);
    }
}

on_both! {
    async fn of_two_documents_of_one_number_in_a_feed_the_later_stands(database: Database) {
        let store = database.store;
        let report = import_text(&store, Format::Json, &format!("[{},{},{}]", order("7", "1"), order("8", "1"), order("7", "2"))).await;
        assert_eq!((report.created, report.replaced), (2, 1));
        assert_eq!(find(&store, "7").await.unwrap().order.lines[0].unit_price, 200);
    }
}

on_both! {
    async fn imports_at_the_same_time_do_not_block_each_other(database: Database) {
        let numbers: Vec<u32> = (0..600).collect();
        let feed = |numbers: Vec<u32>, price: &str| numbers.iter().map(|number| order(&number.to_string(), price)).collect::<Vec<_>>().join("\n");
        let forth = feed(numbers.clone(), "1");
        let back = feed(numbers.into_iter().rev().collect(), "2");
        let store = &database.store;
        let imports = [&forth, &back, &forth, &back].map(|feed| import_text(store, Format::Json, feed));
        let reports = futures::future::join_all(imports).await;
        assert!(reports.iter().all(|report| report.orders() == 600 && report.refused == 0));
    }
}

#[tokio::test]
async fn refusals_are_written_to_a_file_that_is_only_there_where_something_was_refused() {
    let database = sqlite().await;
    let path = database.folder.path().join("refused.csv");
    let options = || Options { refusals: RefusalsTo::File(path.clone()), ..Options::new(Format::Json) };
    let feed = format!("{}\n{}", order("1", "1"), order("2", "1").replace("\"quantity\"", "\"tax\":\"-1\",\"quantity\""));
    let report = import_with(&database.store, Source::bytes(feed), options()).await.unwrap();
    assert_eq!((report.refusals_file.as_ref(), report.refusals.len()), (Some(&path), 0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "line,order,reason\n2,2,lines[0].tax: is negative\n");
    assert_eq!(report.refused_by_reason["lines.tax: is negative"], 1);
    let report = import_with(&database.store, Source::bytes(order("1", "1")), options()).await.unwrap();
    assert_eq!((report.refusals_file, path.exists()), (None, false));
    // What was left out of an order that is in stands there as well.
    let noted = order("3", "1").replace("}]}", "},{\"id\":\"2\",\"sku\":\"MUG\",\"name\":\"Mug\",\"quantity\":0,\"unit_price\":\"1\"}]}");
    let report = import_with(&database.store, Source::bytes(noted), options()).await.unwrap();
    assert_eq!((report.orders(), report.noted, report.notes.len()), (1, 1, 0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "line,order,reason\n1,3,\"taken, but lines[1]: is left out: its quantity is 0\"\n");
}

#[tokio::test]
async fn a_file_that_breaks_off_keeps_what_came_before_and_says_so() {
    let database = sqlite().await;
    let feed = (0..20_000).map(|number| order(&number.to_string(), "9.90")).collect::<Vec<_>>().join("\n");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(feed.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let path = database.folder.path().join("orders.ndjson.gz");
    std::fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    let mut told = Vec::new();
    let source = Source::file(&path).unwrap();
    let report = import::run(&database.store, NOW, source, Options::new(Format::Json), &mut |progress| told.push(progress.clone())).await;
    let report = report.unwrap();
    assert!(report.created > 1_000 && report.created < 20_000, "{}", report.created);
    assert!(report.broken_off.is_some());
    assert!(told.windows(2).all(|two| two[0].rows <= two[1].rows) && told.last().unwrap().orders == report.created);
    assert!(matches!(Source::file(&database.folder.path().join("nowhere")), Err(ImportError::File { .. })));
}

/// The blocks of that kind in the mappings' description.
fn blocks(kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/README.md")).unwrap();
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

on_both! {
    async fn the_example_of_the_description_is_read_as_described(database: Database) {
        let store = database.store;
        let (table, mapping) = (&blocks("csv")[0], &blocks("toml")[0]);
        let report = import_table(&store, mapping, table).await;
        assert_eq!((report.rows, report.created, report.order_lines, report.recognised["carriage"]), (3, 2, 2, 1));
        let first = find(&store, "1001").await.unwrap().order;
        assert_eq!((first.placed_at.to_string().as_str(), first.computed_total()), ("2026-11-02T08:30:00Z", 4_470));
        assert_eq!(find(&store, "1002").await.unwrap().order.computed_total(), 101_200);
    }
}

on_both! {
    async fn what_the_law_asks_of_an_order_has_columns(database: Database) {
        let store = database.store;
        let mapping = r#"
[order]
number = "{No}"
placed_at = "{Date}"
currency = "EUR"
concluded = "{How}"
consumer = "{Private}"
informed_of_withdrawal = "{Told}"
informed_of_return_cost = "{ToldCost}"
policy_displayed = "{Shown}"
contract_copy = "{Copy}"
disclosure_defective = "{Lacking}"
[line]
sku = "{Sku}"
quantity = "1"
unit_price = "5"
kinds = "{Kinds}"
sealed_on_delivery = "{Sealed}"
exclusion_confirmed = "{Agreed}"
digital_started = "{Started}"
digital_consented = "{Consented}"
digital_confirmed = "{Confirmed}"
"#;
        let table = "\
No,Date,How,Private,Told,ToldCost,Shown,Copy,Lacking,Sku,Kinds,Sealed,Agreed,Started,Consented,Confirmed
1,2026-11-02,distance,no,2026-11-05,no,no,2026-11-04,yes,A,\"perishable, battery\",no,yes,yes,yes,
2,2026-11-02,,,,,,,,A,,,,,,
3,2026-11-02,,,no,,,no,,A,,,,,,
4,2026-11-02,,maybe,soon,,,,,A,,,,,,
5,2026-11-02,,,,,,,,A,,perhaps,,,,
6,2026-11-02,by post,,,,,,,A,,,,,,
";
        let report = import_table(&store, mapping, table).await;
        let order = find(&store, "1").await.unwrap().order;
        let (terms, line) = (&order.contract, &order.lines[0]);
        assert_eq!((terms.concluded, terms.consumer), (Concluded::Distance, false));
        assert_eq!((terms.informed, terms.copy), (Informed::Late(date(2026, 11, 5)), Copy::On(date(2026, 11, 4))));
        assert_eq!((terms.informed_of_return_cost, terms.policy_displayed, terms.disclosure_defective), (false, false, true));
        assert_eq!(line.kinds.iter().map(domain::ids::Code::as_str).collect::<Vec<_>>(), ["perishable", "battery"]);
        assert_eq!((line.sealed_on_delivery, line.exclusion_confirmed), (Some(false), Some(true)));
        assert_eq!(line.digital, Some(Digital { started: true, consented: true, confirmed: false }));
        let bare = find(&store, "2").await.unwrap().order;
        assert_eq!(bare.contract, domain::order::ContractTerms::default());
        assert_eq!((bare.lines[0].sealed_on_delivery, bare.lines[0].digital), (None, None));
        let never = find(&store, "3").await.unwrap().order.contract;
        assert_eq!((never.informed, never.copy, never.informed_of_return_cost), (Informed::Never, Copy::Never, false));
        let refused: Vec<String> = report.refusals.iter().map(|refused| refused.reason.clone()).collect();
        for part in ["consumer: `maybe` is not yes or no", "informed_of_withdrawal: `soon` is not yes, no or a day", "lines[0].sealed_on_delivery: `perhaps`", "concluded: `by post` is not one of"] {
            assert!(refused.iter().any(|problem| problem.contains(part)), "{part}: {refused:?}");
        }
        assert_eq!((report.created, report.refusals.len()), (3, 3));
    }
}

const SHOP: &str = r#"
date_formats = ["%Y-%m-%d"]
open_orders = 2
[order]
number = "{Invoice}"
placed_at = "{Date}"
currency = "GBP"
customer_id = "{Customer}"
email = "{Customer}@customers.example"
[line]
sku = "{Sku}"
name = ["{Name}", "{Sku}"]
quantity = "{Quantity}"
unit_price = "{Price}"
[[rows]]
when = { Invoice = "C.*" }
as = "credit"
label = "credit notes"
[[rows]]
when = { Quantity = "< 0" }
as = "skip"
label = "written off"
[[rows]]
when = { Sku = "POST" }
as = "shipping"
[[rows]]
when = { Sku = "FEE" }
as = "charge"
label = "fees"
[[rows]]
when = { Sku = "gift.*" }
as = "line"
set = { category = "gift-card" }
"#;

const TABLE: &str = "\
Invoice,Date,Customer,Sku,Name,Quantity,Price
C9,2026-02-09,c1,MUG,,-3,5.00
1,2026-01-01,c1,MUG,Mug,2,5.00
1,2026-01-01,c1,POST,Postage,1,3.00
2,2026-01-02,c1,MUG,Mug,4,4.00
1,2026-01-01,c1,FEE,Bank,1,1.50
2,2026-01-02,c1,gift_10,Voucher,1,10.00
3,2026-01-03,c2,MUG,Mug,-4,0
4,2026-01-03,c2,POST,Postage,1,3.00
5,2026-01-03,c2,MUG,Mug,1,5.125
1,2026-01-01,c1,CUP,Cup,1,1.00
1,2026-01-01,c1,CUP,Cup,2,1.00
6,2026-01-03,c2,MUG,Mug,two,5.00
7,soon,c2,MUG,Mug,1,5.00
C8,2026-02-10,c1,CUP,,-1,1.00
C8,2026-02-10,c1,MUG,,-9,4.00
C7,2026-02-10,,MUG,,-1,4.00
";

on_both! {
    async fn rows_are_taken_for_what_they_are(database: Database) {
        let store = database.store;
        let report = import_table(&store, SHOP, TABLE).await;
        let refused: Vec<_> = report.refusals.iter().map(|refusal| (refusal.line, refusal.reason.as_str())).collect();
        assert_eq!(
            refused,
            [
                (11, "group_by: its other rows stand more than 2 orders above; sort the file by it"),
                (9, "lines: has no goods, only shipping"),
                (13, "lines[0].quantity: `two` is not a number (line 13)"),
                (14, "placed_at: `soon` is not a time in any of the mapping's `date_formats`"),
                (15, "there is no `CUP` in earlier purchases of customer `c1` in GBP"),
                (16, "only 3 of 9 units are left of `MUG` in earlier purchases of customer `c1`"),
                (17, "this credit note names neither an order nor a customer"),
            ]
        );
        assert_eq!((report.rows, report.created, report.refused, report.order_lines), (16, 3, 4, 4));
        assert_eq!((report.skipped["written off"], report.recognised["fees"], report.recognised["credit notes"]), (1, 1, 4));
        let (matched, unmatched) = ((report.credits.matched, report.credits.matched_units), (report.credits.unmatched, report.credits.unmatched_units));
        assert_eq!((matched, unmatched), ((1, 6), (3, 8)));
        let first = find(&store, "1").await.unwrap().order;
        assert_eq!((first.lines.len(), first.shipping, first.computed_total(), first.captured()), (1, 300, 1_300, 1_300), "a charge never comes back");
        let second = find(&store, "2").await.unwrap().order;
        assert_eq!(second.lines[1].category.as_ref().unwrap().as_str(), "gift-card");
        let fine = find(&store, "5").await.unwrap().order;
        assert_eq!(fine.lines[0].net(), 513, "half a penny is rounded up");
        assert!(find(&store, "3").await.is_none(), "stock that was written off is nobody's order");
    }
}

on_both! {
    async fn credit_notes_find_their_purchases_wherever_they_stand_and_only_once(database: Database) {
        let store = database.store;
        // The note's 3 units cost 5.00 each: no purchase has so many at that price, the later one has enough at another.
        let expected = [("C9".to_owned(), "1".to_owned(), 3, 1_500)];
        for _ in 0..3 {
            import_table(&store, SHOP, &TABLE.lines().take(7).map(|line| format!("{line}\n")).collect::<String>()).await;
            assert_eq!(credited(&store, "2").await, expected);
            assert!(credited(&store, "1").await.is_empty());
        }
        let revision = find(&store, "2").await.unwrap().revision;
        let report = import_table(&store, SHOP, "Invoice,Date,Customer,Sku,Name,Quantity,Price\nC10,2026-03-01,c1,mug,,2,5\n").await;
        assert_eq!((report.credits.matched, report.orders()), (1, 0), "a later file brings more notes");
        assert_eq!(credited(&store, "1").await, [("C10".to_owned(), "1".to_owned(), 2, 1_000)]);
        assert_eq!(find(&store, "2").await.unwrap().revision, revision);
    }
}

on_both! {
    async fn refunds_come_with_their_order_and_follow_its_corrections(database: Database) {
        let store = database.store;
        let feed = |refunded: &str| {
            format!(
                r#"{{"id":727,"number":"727","status":"completed","currency":"EUR","date_created_gmt":"2026-03-22T15:28:02","total":"20.00",
                "billing":{{"email":"jo@example.com"}},"line_items":[{{"id":315,"name":"Tee","quantity":2,"subtotal":"20.00","total":"20.00"}}],
                "refunds":[{{"id":9,"total":"-{refunded}"}}]}}"#
            )
        };
        for (amount, minor) in [("5.00", 500), ("5.00", 500), ("7.00", 700)] {
            let report = import_text(&store, Format::WoocommerceJson, &feed(amount)).await;
            assert_eq!((report.credits.refunds, report.credits.refund_units), (1, 0));
            assert_eq!(credited(&store, "727").await, [("9".to_owned(), "315".to_owned(), 0, minor)]);
        }
    }
}

#[tokio::test]
async fn further_files_are_joined_and_lines_find_their_parcels() {
    let database = sqlite().await;
    let folder = database.folder.path();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("orders.csv", "id;when;who\nA1;2026-01-01;p1\nA2;2026-01-02;p2\n");
    write("people.csv", "who;mail\np1;one@example.com\np2;\n");
    write(
        "items.csv",
        "order;sku;price;freight;seller;sent\nA1;x;10,00;1,50;s1;2026-01-03\nA1;y;5,00;0,50;s2;\nA1;z;1,00;;s1;2026-01-03\n",
    );
    write("pay.csv", "order;kind;amount\nA1;void;99\nA1;sale;10,00\nA1;sale;8,00\n");
    let mapping = r#"
        delimiter = ";"
        decimal = ","
        lines_from = "items"
        payments_from = "pay"
        joins = [
          { name = "people", file = "people.csv", key = "{who}", on = "who" },
          { name = "items", file = "items.csv", key = "{id}", on = "order", many = true },
          { name = "pay", file = "pay.csv", key = "{id}", on = "order", when = { kind = "sale" }, many = true },
        ]
        [order]
        number = "{id}"
        placed_at = "{when}"
        currency = "EUR"
        email = ["{people.mail}", "{who}@customers.example"]
        [line]
        sku = "{items.sku}"
        quantity = 1
        unit_price = "{items.price}"
        shipping = "{items.freight}"
        [delivery]
        shipped_at = "{items.sent}"
        warehouse = "{items.seller}"
        [payment]
        method = "{pay.kind}"
        amount = "{pay.amount}"
    "#;
    let import = |mapping: String| {
        let options = Options { mapping: Some(Mapping::parse(&mapping).unwrap()), ..Options::new(Format::Csv) };
        let source = Source::file(&folder.join("orders.csv")).unwrap();
        import_with(&database.store, source, options)
    };
    let report = import(mapping.to_owned()).await.unwrap();
    assert_eq!((report.created, report.refusals[0].line, report.refusals[0].reason.as_str()), (1, 3, "lines: has no lines"));
    let order = find(&database.store, "A1").await.unwrap().order;
    assert_eq!((order.computed_total(), order.captured(), order.payments.len(), order.shipping), (1_800, 1_800, 2, 200));
    assert_eq!(order.customer.email.as_ref().unwrap().as_str(), "one@example.com");
    let parcels: Vec<_> = order.deliveries.iter().map(|parcel| (parcel.warehouse.as_deref(), parcel.lines.len())).collect();
    assert_eq!(parcels, [(Some("s1"), 2)], "what was not sent is in no parcel");
    let problem = |mapping: String| async { import(mapping).await.unwrap_err().to_string() };
    assert_eq!(
        problem(mapping.replace("{items.price}", "{items.pirce}")).await,
        "the mapping does not fit: [line] unit_price: there is no column `pirce`; did you mean `price`?"
    );
    assert_eq!(
        problem(mapping.replace("on = \"who\"", "on = \"mial\"")).await,
        "the mapping does not fit: join `people`, on: there is no column `mial`; did you mean `mail`?"
    );
    assert!(problem(mapping.replace("items.csv", "gone.csv")).await.contains("gone.csv"));
    let none = import_with(&database.store, Source::bytes("a,b\n"), Options::new(Format::Csv)).await.unwrap_err();
    assert!(none.to_string().contains("uci-online-retail"), "{none}");
}

/// A file of the real data, where it is at hand.
pub fn data(path: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder = std::env::var_os("HOMEBOUND_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {path:?} is not at hand (HOMEBOUND_DATA names the folder)");
    None
}

async fn import_mapped(store: &Store, path: &std::path::Path, mapping: &str) -> Report {
    let options = Options { mapping: Some(Mapping::find(mapping.as_ref()).unwrap()), ..Options::new(Format::Csv) };
    let report = import_with(store, Source::file(path).unwrap(), options).await.unwrap();
    println!("{report}");
    report
}

#[tokio::test]
async fn a_gift_wholesaler_s_invoices_import_every_row_accounted_for() {
    let Some(path) = data("uci-online-retail/dev/online_retail_2010-12_2011-06.csv.gz") else { return };
    let database = sqlite().await;
    let report = import_mapped(&database.store, &path, "uci-online-retail").await;
    let others: u64 = report.recognised.values().chain(report.skipped.values()).sum();
    assert_eq!((report.rows, report.order_lines + others), (245_903, 245_903));
    assert_eq!((report.created, report.refused, report.broken_off), (9_603, 59, None));
    let notes = &report.credits;
    assert_eq!(notes.matched + notes.unmatched, report.recognised["credit notes over goods"]);
    assert_eq!((notes.matched_units, notes.unmatched_units), (109_614, 17_995));
}

/// The linking that came with the data agrees wherever it found a purchase of goods.
#[tokio::test]
async fn credit_notes_are_matched_as_an_independent_linking_matched_them() {
    let Some(path) = data("uci-online-retail/dev/online_retail_2010-12_2011-06.csv.gz") else { return };
    let Some(linked) = data("uci-online-retail/dev/derived_returns_linked.csv.gz") else { return };
    let database = sqlite().await;
    import_mapped(&database.store, &path, "uci-online-retail").await;
    let mut rows = csv::Reader::from_reader(flate2::read::GzDecoder::new(std::fs::File::open(linked).unwrap()));
    let (mut agreed, mut differing) = (0, Vec::new());
    for row in rows.records().map(Result::unwrap) {
        let (note, sku, units, original) = (&row[0], row[1].to_uppercase(), row[2].parse::<u32>().unwrap(), &row[7]);
        // Carriage, discounts and fees are no goods: the linking matched them too.
        if original.is_empty() || ["POST", "DOT", "C2", "D", "M", "S"].contains(&sku.as_str()) {
            continue;
        }
        let row = find(&database.store, original).await.unwrap();
        let line_of = |credit: &&store::Credit| row.order.line(&credit.line).is_some_and(|line| line.sku.as_str() == sku);
        let credited: u32 =
            row.credits.iter().filter(|credit| credit.credit_note == *note).filter(line_of).map(|credit| credit.quantity).sum();
        if credited >= units { agreed += 1 } else { differing.push((note.to_owned(), sku)) }
    }
    assert!(agreed > 3_200, "{agreed}");
    assert_eq!(differing, []);
}

on_both! {
    async fn a_marketplace_s_tables_import_but_for_orders_without_goods(database: Database) {
        let Some(path) = data("olist/dev-sample-3000-orders/olist_orders_dataset.csv") else { return };
        let report = import_mapped(&database.store, &path, "olist").await;
        assert_eq!((report.rows, report.created, report.refused, report.order_lines), (3_000, 2_976, 24, 3_397));
        assert_eq!(report.refused_by_reason["lines: has no lines"], 24);
        let again = import_mapped(&database.store, &path, "olist").await;
        assert_eq!((again.unchanged, again.created + again.replaced), (2_976, 0));
    }
}

#[tokio::test]
async fn every_order_of_the_platforms_samples_is_taken_or_refused_with_a_reason() {
    let database = sqlite().await;
    let mut taken = 0;
    for (folder, name, format) in [
        ("shopify/python-api-fixtures", "order", Format::ShopifyJson),
        ("woocommerce/rest-docs/wp-api-v1", "orders-", Format::WoocommerceJson),
        ("woocommerce/rest-docs/wp-api-v3", "orders-", Format::WoocommerceJson),
    ] {
        let Some(folder) = data(folder) else { return };
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if !path.file_name().unwrap().to_string_lossy().starts_with(name) {
                continue;
            }
            let report = import_with(&database.store, Source::file(&path).unwrap(), Options::new(format)).await.unwrap();
            let deleted: u64 = report.skipped.values().sum();
            assert_eq!((report.rows, &report.broken_off), (report.orders() + report.refused + deleted, &None), "{path:?}");
            assert!(report.refusals.iter().all(|refusal| !refusal.reason.is_empty()), "{path:?}");
            taken += report.orders();
        }
    }
    assert!(taken >= 19, "{taken}");
}
