//! Shopify's order export: a row for each line, everything about the order on its first one. Read as it is downloaded, and as spreadsheet
//! programs save it, as far as that can still be understood.
//! Long because an export has its quirks, and a spreadsheet program's on top.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::BufRead;
use std::rc::Rc;

use csv::StringRecord;
use domain::ids::LineId;
use domain::money::split;
use domain::order::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DiscountDocument, FieldProblem, LineDocument, MOST_LINES,
    OrderDocument, PaymentDocument, Quantity,
};
use domain::plausible::plausible;
use encoding_rs::UTF_8;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::order::CASH_ON_DELIVERY;
use crate::import::ImportError;
use crate::import::amounts;
use crate::import::grouping::{Groups, Place};
use crate::import::intake::Intake;
use crate::import::numbers;
use crate::import::platform::{Converted, Till, Told, contacts, country, refund, time};
use crate::import::rows::Rows;

/// Exports put together from several pages do not always keep an order's rows next to each other.
const OPEN: usize = 16;

/// The columns an export always had; further ones came over the years.
const REQUIRED: [&str; 5] = ["Name", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price"];

/// What an export looks like that was opened and saved on the way.
const CHANGED: &str = "a spreadsheet program seems to have changed it; import the export as it was downloaded";

/// Shopify's order export; times that name no zone are of `zone`.
pub(in crate::import) fn read_csv(text: Box<dyn BufRead + Send>, zone: &TimeZone, intake: &mut Intake) -> Result<(), ImportError> {
    let wrong = |problem: String| ImportError::Header { expected: "an order export of Shopify", problem };
    let mut rows = Rows::open(text, None, UTF_8).map_err(wrong)?;
    let header = rows.header().clone();
    let columns: Rc<Columns> = Rc::new(header.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect());
    if let Some(missing) = REQUIRED.iter().find(|name| !columns.contains_key(**name)) {
        return Err(wrong(format!("it has no column `{missing}`")));
    }
    let mut orders: Groups<Exported> = Groups::new(OPEN);
    let mut names = Names::default();
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
        // Pages that were joined bring their headers.
        if row.cells == header {
            continue;
        }
        let cells = Cells { columns: columns.clone(), cells: row.cells };
        let name = cells.get("Name");
        let Some(name) = name.filter(|name| row.problem.is_none() || !name.contains('\u{FFFD}')) else {
            let problem = row.problem.map_or_else(|| FieldProblem::new("Name", "is empty"), |problem| FieldProblem::new("", problem));
            intake.refuse(row.line, None, &[problem])?;
            continue;
        };
        let key = names.key(&name, cells.id().as_deref());
        let begin = || Exported { line: row.line, rows: Vec::new(), problems: Vec::new() };
        match orders.place(&key, begin, |order| order.take(zone, intake))? {
            Place::Open(order) if order.rows.len() <= MOST_LINES => {
                // Without this row the order is not whole.
                order.problems.extend(row.problem.map(|problem| FieldProblem::new(format!("line {}", row.line), problem)));
                order.rows.push(cells);
            }
            // Those beyond are read past: the order is refused for them.
            Place::Open(_) => {}
            Place::Late => {
                let problem = FieldProblem::new("Name", "its other rows stand far above; rows of one order must stand together");
                intake.refuse(row.line, Some(&name), &[problem])?;
            }
            Place::StillLate => {}
        }
    }
    orders.finish(|order| order.take(zone, intake))
}

/// Which order a row is of. Shops renumber, and put exports of several shops together: two orders of one name are told apart by their id, which
/// stands in the first row of each.
#[derive(Default)]
struct Names {
    /// By the hash of a name, the hash of the id that came last.
    ids: HashMap<u64, u64>,
    hasher: RandomState,
}

impl Names {
    fn key(&mut self, name: &str, id: Option<&str>) -> String {
        let of_name = self.hasher.hash_one(name);
        if let Some(id) = id {
            self.ids.insert(of_name, self.hasher.hash_one(id));
        }
        format!("{name}\n{:x}", self.ids.get(&of_name).copied().unwrap_or_default())
    }
}

type Columns = HashMap<String, usize>;

/// A row by the names of its columns.
struct Cells {
    columns: Rc<Columns>,
    cells: StringRecord,
}

impl Cells {
    /// The cell; nothing where it is empty. Spreadsheets are told by a leading apostrophe that `'0123` is a text.
    fn get(&self, column: &str) -> Option<String> {
        let cell = self.cells.get(*self.columns.get(column)?)?;
        let cell = cell.strip_prefix('\'').unwrap_or(cell).trim();
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    /// As [`Cells::get`], without the dash that stands for nothing in addresses.
    fn part(&self, column: &str) -> Option<String> {
        self.get(column).filter(|cell| cell != "-")
    }

    fn has_line(&self) -> bool {
        self.get("Lineitem name").is_some() || self.get("Lineitem quantity").is_some()
    }

    /// Shopify's own number of the order; nothing where a spreadsheet program made `5,01E+12` of it.
    fn id(&self) -> Option<String> {
        self.get("Id").filter(|id| !is_shortened(id))
    }

    fn decimal(&self, column: &str) -> Result<Option<Decimal>, Vec<FieldProblem>> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        numbers::guessed(&cell).map(Some).map_err(|problem| {
            let changed = cell.contains(|letter: char| letter.is_ascii_digit());
            vec![FieldProblem::new(column, if changed { format!("{problem}: {CHANGED}") } else { problem })]
        })
    }

    fn time(&self, column: &str, zone: &TimeZone) -> Result<Option<Timestamp>, Vec<FieldProblem>> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        let exported = strtime::parse("%Y-%m-%d %H:%M:%S %z", &cell).and_then(|time| time.to_timestamp()).ok();
        let exported = exported.filter(|time| plausible(*time).is_ok());
        exported.or_else(|| time(&cell, zone)).map(Some).ok_or_else(|| {
            let cell: String = cell.chars().take(40).collect();
            vec![FieldProblem::new(column, format!("`{cell}` is not a time such as 2026-11-02 09:30:00 +0800: {CHANGED}"))]
        })
    }
}

/// A long number as spreadsheet programs show it: `8,80E+12`.
fn is_shortened(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ','));
    cell.to_uppercase().split_once("E+").is_some_and(|(number, power)| digits(number) && digits(power))
}

/// The rows of an order.
struct Exported {
    line: u64,
    rows: Vec<Cells>,
    /// Rows that cannot be read.
    problems: Vec<FieldProblem>,
}

impl Exported {
    fn take(self, zone: &TimeZone, intake: &mut Intake) -> Result<(), ImportError> {
        let told = if self.problems.is_empty() { self.convert(zone) } else { Err(self.problems.clone()) };
        match told {
            Ok(told) => intake.order(self.line, told),
            Err(problems) => intake.refuse(self.line, self.rows.first().and_then(|row| row.get("Name")).as_deref(), &problems),
        }
    }

    fn convert(&self, zone: &TimeZone) -> Converted {
        let Some(first) = self.rows.first() else { return Err(Vec::new()) };
        let till = Till::new(first.get("Currency").as_deref())?;
        if let Some(other) = self.rows.iter().filter_map(|row| row.get("Currency")).find(|code| !till.is(code)) {
            return Err(vec![FieldProblem::new("Currency", format!("is `{other}` in one row of the order and {} in its first", till.0))]);
        }
        let mut notes = Vec::new();
        let created = first.time("Created at", zone)?.ok_or_else(|| vec![FieldProblem::new("Created at", "is empty")])?;
        let rows: Vec<&Cells> = self.rows.iter().filter(|row| row.has_line()).collect();
        let mut lines = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            lines.push(line_of(row, at, till)?);
        }
        let total = till.minor("Total", first.decimal("Total")?)?;
        let sums = Sums::of(first, &rows, &mut lines, till)?;
        let status = first.get("Financial Status").unwrap_or_default();
        let document = OrderDocument {
            prices_include_tax: sums.prices_include_tax,
            channel: first.get("Source"),
            customer: customer(first, &mut notes),
            ship_to: ship_to(first),
            discounts: sums.discount,
            shipping: till.some(sums.shipping),
            duties: till.some(till.minor("Duties", first.decimal("Duties")?)?),
            payments: payments(first, &status, total, till)?,
            deliveries: delivery(first, &rows, &lines, zone)?.into_iter().collect(),
            cancelled: first.get("Cancelled at").is_some() || status == "voided",
            lines,
            ..OrderDocument::bare(first.get("Name").unwrap_or_default(), created, till.0.code().to_owned())
        };
        let refunded = till.minor("Refunded Amount", first.decimal("Refunded Amount")?)?;
        let line = document.lines.first().and_then(|line| line.id.parse::<LineId>().ok());
        // The export says how much went back, not for what.
        let credits = line.map(|line| refund(&format!("{}-refunded", document.number), Vec::new(), Some(refunded), &line));
        Ok(Told { document, credits: credits.unwrap_or_default(), notes, identity: first.id() })
    }
}

fn line_of(row: &Cells, at: usize, till: Till) -> Result<LineDocument, Vec<FieldProblem>> {
    let needed = |column: &'static str| row.decimal(column)?.ok_or_else(|| vec![FieldProblem::new(column, "is empty")]);
    let quantity = Quantity(needed("Lineitem quantity")?);
    let price = needed("Lineitem price")?.checked_mul(quantity.0).unwrap_or(Decimal::MAX);
    let subtotal = till.minor("Lineitem price", Some(price))?;
    let discount = till.minor("Lineitem discount", row.decimal("Lineitem discount")?)?;
    let (unit_price, discount) = amounts::price(subtotal, subtotal - discount, quantity, till.0);
    // `Organic tee - black / M`: the variant stays in the name, for a name may have a dash of its own.
    let name = row.get("Lineitem name").unwrap_or_default();
    Ok(LineDocument {
        tags: row.get("Vendor").into_iter().collect(),
        discount,
        ..LineDocument::bare((at + 1).to_string(), row.get("Lineitem sku").unwrap_or_else(|| name.clone()), name, quantity, unit_price)
    })
}

/// What the order's totals say beyond its lines.
struct Sums {
    prices_include_tax: bool,
    discount: Vec<DiscountDocument>,
    shipping: i64,
}

impl Sums {
    /// Reads the totals, and gives each taxable line its share of the tax.
    fn of(first: &Cells, rows: &[&Cells], lines: &mut [LineDocument], till: Till) -> Result<Self, Vec<FieldProblem>> {
        let sum = |column: &str| till.minor(column, first.decimal(column)?);
        let mut nets = Vec::with_capacity(lines.len());
        for line in &*lines {
            let gross = line.unit_price.0.checked_mul(line.quantity.0).unwrap_or_default();
            nets.push(till.minor("Lineitem price", Some(gross - line.discount.unwrap_or_default().0))?);
        }
        let goods: i64 = nets.iter().sum();
        let (discounts, shipping, taxes, total) = (sum("Discount Amount")?, sum("Shipping")?, sum("Taxes")?, sum("Total")?);
        // The subtotal is what the goods cost after every discount. `Discount Amount` may be one on shipping.
        let subtotal = if first.get("Subtotal").is_some() { sum("Subtotal")? } else { goods - discounts };
        let mut off = (goods - subtotal).clamp(0, goods.max(0));
        let discount = |off: i64| DiscountDocument { code: first.get("Discount Code"), amount: till.some(off), minimum_spend: None };
        let without_tax = subtotal + shipping + sum("Duties")?;
        let prices_include_tax = taxes == 0 || (total - without_tax).abs() < (total - without_tax - taxes).abs();
        let taxable = |row: &Cells| row.get("Lineitem taxable").as_deref() != Some("false");
        let any = rows.iter().any(|row| taxable(row));
        let weights: Vec<i64> = rows.iter().zip(&nets).map(|(row, net)| if taxable(row) || !any { *net } else { 0 }).collect();
        for (line, tax) in lines.iter_mut().zip(split(taxes, &weights)) {
            line.tax = till.some(tax);
        }
        // What a discount is larger than the goods comes off the rest, as far as the total says so.
        let comes_to = subtotal + shipping + sum("Duties")? + if prices_include_tax { 0 } else { taxes };
        if first.get("Total").is_some() {
            off += (comes_to - total).clamp(0, (discounts - off).max(0));
        }
        Ok(Self { prices_include_tax, discount: if off > 0 { vec![discount(off)] } else { Vec::new() }, shipping })
    }
}

fn customer(row: &Cells, notes: &mut Vec<FieldProblem>) -> CustomerDocument {
    let mut customer =
        CustomerDocument { name: row.part("Billing Name").or_else(|| row.part("Shipping Name")), ..CustomerDocument::default() };
    let phones = [row.part("Phone"), row.part("Billing Phone"), row.part("Shipping Phone")];
    if let Some(phone) = phones.iter().flatten().find(|phone| is_shortened(phone)) {
        notes.push(FieldProblem::new("Phone", format!("`{phone}` is left out: {CHANGED}")));
    }
    let phones = phones.map(|phone| phone.filter(|phone| !is_shortened(phone)));
    contacts(&mut customer, &[&row.get("Email")], &phones.each_ref(), notes);
    customer
}

fn ship_to(row: &Cells) -> Option<AddressDocument> {
    let address = AddressDocument {
        name: row.part("Shipping Name"),
        country: country(&row.part("Shipping Country")),
        region: row.part("Shipping Province Name").or_else(|| row.part("Shipping Province")),
        city: row.part("Shipping City"),
        postal_code: row.part("Shipping Zip"),
        line1: row.part("Shipping Address1").or_else(|| row.part("Shipping Street")),
        line2: row.part("Shipping Address2"),
    };
    (address != AddressDocument::default()).then_some(address)
}

/// What was captured. Nothing is said where the export does not tell.
fn payments(row: &Cells, status: &str, total: i64, till: Till) -> Result<Vec<PaymentDocument>, Vec<FieldProblem>> {
    let outstanding = till.minor("Outstanding Balance", row.decimal("Outstanding Balance")?)?.clamp(0, total.max(0));
    let at_the_door = status == "pending" && row.get("Fulfillment Status").as_deref() == Some("fulfilled");
    let captured = match status {
        "" => return Ok(Vec::new()),
        // Their outstanding balance is the whole total until somebody notes the cash.
        _ if at_the_door && row.get("Payment Terms Name").is_none() => total,
        "paid" | "refunded" | "partially_refunded" | "partially_paid" => total - outstanding,
        _ => 0,
    };
    let method = row.get("Payment Method").or_else(|| at_the_door.then(|| CASH_ON_DELIVERY.to_owned()));
    let id = row.get("Payment Reference").or_else(|| row.get("Payment References")).or_else(|| row.get("Payment ID"));
    Ok(vec![PaymentDocument { id, method, currency: None, amount: till.amount(captured), card_ending: None }])
}

/// The parcel, where anything left: all of it, or the lines that say so.
fn delivery(
    first: &Cells,
    rows: &[&Cells],
    lines: &[LineDocument],
    zone: &TimeZone,
) -> Result<Option<DeliveryDocument>, Vec<FieldProblem>> {
    let Some(shipped_at) = first.time("Fulfilled at", zone)? else { return Ok(None) };
    let left = |row: &Cells| row.get("Lineitem fulfillment status").as_deref() == Some("fulfilled");
    let mut delivered = Vec::new();
    if first.get("Fulfillment Status").as_deref() != Some("fulfilled") {
        let sent = rows.iter().zip(lines).filter(|(row, _)| left(row));
        delivered.extend(sent.map(|(_, line)| DeliveredLine { id: line.id.clone(), quantity: line.quantity }));
        if delivered.is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(DeliveryDocument {
        lines: delivered,
        shipped_at: Some(shipped_at),
        warehouse: first.part("Location"),
        ..DeliveryDocument::default()
    }))
}
