//! Files of orders: our own documents, tables with a mapping, what Shopify and WooCommerce give out.

use std::cell::RefCell;

use server::import::{Format, ImportError, Mapping, Options, RefusalsTo, Report, SHIPPED_MAPPINGS, Source, run};
use server::store::Store;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Refusals that are told one by one.
const MOST: usize = 20;
/// A database that grew for so many files is replaced.
const FILES: usize = 2_000;

struct Warehouse {
    runtime: Runtime,
    store: Store,
    folder: TempDir,
    files: usize,
}

thread_local! {
    static WAREHOUSE: RefCell<Option<Warehouse>> = const { RefCell::new(None) };
}

impl Warehouse {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("orders.db").display());
        let store = runtime.block_on(Store::open(&address)).unwrap();
        Self { runtime, store, folder, files: 0 }
    }

    /// Imports it; every row must be accounted for.
    fn import(&mut self, format: Format, mapping: Option<Mapping>, data: &[u8]) -> Option<Report> {
        self.files += 1;
        let mut options = Options::new(format);
        (options.mapping, options.joins_from) = (mapping, Some(self.folder.path().to_owned()));
        options.refusals = RefusalsTo::Report { most: MOST };
        let mut seen = 0;
        let source = Source::bytes(data.to_vec());
        let report = self.runtime.block_on(run(&self.store, 1_790_000_000_000, source, options, &mut |progress| {
            assert!(progress.rows >= seen, "progress goes on");
            seen = progress.rows;
        }));
        match report {
            Ok(report) => {
                account(&report);
                Some(report)
            }
            Err(ImportError::Mapping(_) | ImportError::Header { .. } | ImportError::File { .. }) => None,
            Err(error) => panic!("the import failed: {error}"),
        }
    }
}

fn account(report: &Report) {
    assert_eq!(report.refused_by_reason.values().sum::<u64>(), report.refused, "{report:?}");
    let told = report.refused + report.credits.unmatched;
    assert_eq!(report.refusals.len() as u64, told.min(MOST as u64), "{report:?}");
    assert!(report.refusals.iter().all(|refusal| refusal.line >= 1 && !refusal.reason.is_empty()), "{report:?}");
    assert!(report.order_lines >= report.orders(), "an order without a line: {report:?}");
    assert!(!report.to_string().is_empty());
}

fn with<T>(what: impl FnOnce(&mut Warehouse) -> T) -> T {
    WAREHOUSE.with_borrow_mut(|kept| {
        if kept.as_ref().is_some_and(|warehouse| warehouse.files >= FILES) {
            *kept = None;
        }
        what(kept.get_or_insert_with(Warehouse::open))
    })
}

fn import(format: Format, mapping: Option<Mapping>, data: &[u8]) -> Option<Report> {
    with(|warehouse| warehouse.import(format, mapping, data))
}

/// Where a row is an order, each is taken, refused or left out.
fn one_by_one(format: Format, data: &[u8]) {
    let Some(report) = import(format, None, data) else { return };
    assert_eq!(report.rows, report.orders() + report.refused + report.skipped.values().sum::<u64>(), "{report:?}");
    // The same again changes nothing.
    let again = import(format, None, data).unwrap();
    assert_eq!((again.rows, again.refused, again.created), (report.rows, report.refused, 0), "{again:?}");
}

/// Order documents: in a list, one a line, one after the other.
pub fn json(data: &[u8]) {
    one_by_one(Format::Json, data);
}

/// Shopify's orders, as its interface gives them out.
pub fn shopify_json(data: &[u8]) {
    one_by_one(Format::ShopifyJson, data);
}

/// Shopify's orders, as its staff save them.
pub fn shopify_csv(data: &[u8]) {
    import(Format::ShopifyCsv, None, data);
}

/// WooCommerce's orders.
pub fn woocommerce(data: &[u8]) {
    one_by_one(Format::WoocommerceJson, data);
}

/// A table; its first line names one of the mappings that are part of the program.
pub fn csv(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (name, table) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    let Some((_, mapping)) = SHIPPED_MAPPINGS.iter().find(|(shipped, _)| *shipped == name.trim()) else { return };
    import(Format::Csv, Some(Mapping::parse(mapping).unwrap()), table);
}

/// A mapping, after a line of `%%` a table, and after another one the table that is joined to it.
pub fn mapping(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, "\n%%\n");
    let Ok(mapping) = Mapping::parse(parts.next().unwrap_or_default()) else { return };
    let (table, joined) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    with(|warehouse| {
        std::fs::write(warehouse.folder.path().join("joined.csv"), joined).unwrap();
        warehouse.import(Format::Csv, Some(mapping), table.as_bytes());
    });
}
