//! Shopify's order export: a row for each line, everything about the order on its first one.

use std::collections::HashMap;
use std::io::BufRead;
use std::rc::Rc;

use csv::StringRecord;
use domain::ids::LineId;
use domain::money::split;
use domain::order::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DiscountDocument, FieldProblem, LineDocument, MOST_LINES,
    OrderDocument, PaymentDocument,
};
use encoding_rs::UTF_8;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::order::CASH_ON_DELIVERY;
use crate::import::ImportError;
use crate::import::amounts::LinePrice;
use crate::import::grouping::{Groups, Place};
use crate::import::intake::Intake;
use crate::import::platform::{Converted, Till, contacts, country, refund, time};
use crate::import::rows::Rows;

/// Exports put together from several pages do not always keep an order's rows next to each other.
const OPEN: usize = 16;

/// The columns an export always had; further ones came over the years.
const REQUIRED: [&str; 5] = ["Name", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price"];

/// Shopify's order export.
pub(in crate::import) fn read_csv(text: Box<dyn BufRead + Send>, intake: &mut Intake) -> Result<(), ImportError> {
    let wrong = |problem: String| ImportError::Header { expected: "an order export of Shopify", problem };
    let mut rows = Rows::open(text, b',', UTF_8).map_err(wrong)?;
    let header = rows.header().clone();
    let columns: Rc<Columns> = Rc::new(header.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect());
    if let Some(missing) = REQUIRED.iter().find(|name| !columns.contains_key(**name)) {
        return Err(wrong(format!("it has no column `{missing}`")));
    }
    let mut orders: Groups<Exported> = Groups::new(OPEN);
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
        let cells = match row.cells {
            // Pages that were joined bring their headers.
            Ok(cells) if cells == header => continue,
            Ok(cells) => Cells { columns: columns.clone(), cells },
            Err(problem) => {
                intake.refuse(row.line, None, &[FieldProblem::new("", problem)])?;
                continue;
            }
        };
        let Some(name) = cells.get("Name") else {
            intake.refuse(row.line, None, &[FieldProblem::new("Name", "is empty")])?;
            continue;
        };
        let begin = || Exported { line: row.line, rows: Vec::new() };
        match orders.place(&name, begin, |order| order.take(intake))? {
            Place::Open(order) if order.rows.len() <= MOST_LINES => order.rows.push(cells),
            // Those beyond are read past: the order is refused for them.
            Place::Open(_) => {}
            Place::Late => {
                let problem = FieldProblem::new("Name", "its other rows stand far above; rows of one order must stand together");
                intake.refuse(row.line, Some(&name), &[problem])?;
            }
            Place::StillLate => {}
        }
    }
    orders.finish(|order| order.take(intake))
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

    fn decimal(&self, column: &str) -> Result<Option<Decimal>, Vec<FieldProblem>> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        cell.parse().map(Some).map_err(|_| vec![FieldProblem::new(column, format!("`{cell}` is not an amount such as 12.50"))])
    }

    fn time(&self, column: &str) -> Result<Option<Timestamp>, Vec<FieldProblem>> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        let exported = strtime::parse("%Y-%m-%d %H:%M:%S %z", &cell).and_then(|time| time.to_timestamp()).ok();
        let problem = || vec![FieldProblem::new(column, format!("`{cell}` is not a time such as 2026-11-02 09:30:00 +0800"))];
        exported.or_else(|| time(&cell, &TimeZone::UTC)).map(Some).ok_or_else(problem)
    }
}

/// The rows of an order.
struct Exported {
    line: u64,
    rows: Vec<Cells>,
}

impl Exported {
    fn take(self, intake: &mut Intake) -> Result<(), ImportError> {
        match self.convert() {
            Ok((document, credits)) => intake.order(self.line, &document, credits),
            Err(problems) => intake.refuse(self.line, self.rows.first().and_then(|row| row.get("Name")).as_deref(), &problems),
        }
    }

    fn convert(&self) -> Converted {
        let Some(first) = self.rows.first() else { return Err(Vec::new()) };
        let till = Till::new(first.get("Currency").as_deref())?;
        let created = first.time("Created at")?.ok_or_else(|| vec![FieldProblem::new("Created at", "is empty")])?;
        let rows: Vec<&Cells> = self.rows.iter().filter(|row| row.has_line()).collect();
        let mut lines = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            lines.push(line_of(row, at, till)?);
        }
        let total = till.minor("Total", first.decimal("Total")?)?;
        let sums = Sums::of(first, &rows, &mut lines, till)?;
        let status = first.get("Financial Status").unwrap_or_default();
        let document = OrderDocument {
            number: first.get("Name").unwrap_or_default(),
            placed_at: created,
            currency: till.0.code().to_owned(),
            prices_include_tax: sums.prices_include_tax,
            channel: first.get("Source"),
            customer: customer(first),
            ship_to: ship_to(first),
            discounts: sums.discount,
            shipping: till.some(sums.shipping),
            shipping_standard: None,
            duties: till.some(till.minor("Duties", first.decimal("Duties")?)?),
            payments: payments(first, &status, total, till)?,
            refunds: Vec::new(),
            deliveries: delivery(first, &rows, &lines)?.into_iter().collect(),
            cancelled: first.get("Cancelled at").is_some() || status == "voided",
            lines,
        };
        let refunded = till.minor("Refunded Amount", first.decimal("Refunded Amount")?)?;
        let line = document.lines.first().and_then(|line| line.id.parse::<LineId>().ok());
        // The export says how much went back, not for what.
        let credits = line.map(|line| refund(&format!("{}-refunded", document.number), Vec::new(), Some(refunded), &line));
        Ok((document, credits.unwrap_or_default()))
    }
}

fn line_of(row: &Cells, at: usize, till: Till) -> Result<LineDocument, Vec<FieldProblem>> {
    let needed = |column: &'static str| row.decimal(column)?.ok_or_else(|| vec![FieldProblem::new(column, "is empty")]);
    let quantity = needed("Lineitem quantity")?;
    let whole = i64::try_from(quantity.normalize()).ok().filter(|_| quantity.normalize().scale() == 0);
    let whole = whole.ok_or_else(|| vec![FieldProblem::new("Lineitem quantity", format!("{quantity} is not a whole number"))])?;
    let subtotal = till.minor("Lineitem price", needed("Lineitem price")?.checked_mul(quantity))?;
    let discount = till.minor("Lineitem discount", row.decimal("Lineitem discount")?)?;
    let listed = LinePrice::of(subtotal, subtotal - discount, whole);
    // `Organic tee - black / M`: the variant stays in the name, for a name may have a dash of its own.
    let name = row.get("Lineitem name").unwrap_or_default();
    Ok(LineDocument {
        id: (at + 1).to_string(),
        sku: row.get("Lineitem sku").unwrap_or_else(|| name.clone()),
        name,
        variant: None,
        category: None,
        tags: row.get("Vendor").into_iter().collect(),
        quantity: whole,
        unit_price: till.amount(listed.unit_price),
        discount: till.some(listed.discount),
        tax: None,
        final_sale: false,
        gift_with: None,
        bundle: None,
        batch: None,
        serials: Vec::new(),
        weight_grams: None,
        warranty_months: None,
        image: None,
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
            let gross = line.unit_price.0 * Decimal::from(line.quantity);
            nets.push(till.minor("Lineitem price", Some(gross - line.discount.unwrap_or_default().0))?);
        }
        let goods: i64 = nets.iter().sum();
        let (discounts, shipping, taxes, total) = (sum("Discount Amount")?, sum("Shipping")?, sum("Taxes")?, sum("Total")?);
        // The subtotal is what the goods cost after every discount. `Discount Amount` may be one on shipping.
        let subtotal = if first.get("Subtotal").is_some() { sum("Subtotal")? } else { goods - discounts };
        let off = (goods - subtotal).clamp(0, goods.max(0));
        let discount = DiscountDocument { code: first.get("Discount Code"), amount: till.some(off), minimum_spend: None };
        let without_tax = subtotal + shipping + sum("Duties")?;
        let prices_include_tax = taxes == 0 || (total - without_tax).abs() < (total - without_tax - taxes).abs();
        let taxable = |row: &Cells| row.get("Lineitem taxable").as_deref() != Some("false");
        let any = rows.iter().any(|row| taxable(row));
        let weights: Vec<i64> = rows.iter().zip(&nets).map(|(row, net)| if taxable(row) || !any { *net } else { 0 }).collect();
        for (line, tax) in lines.iter_mut().zip(split(taxes, &weights)) {
            line.tax = till.some(tax);
        }
        Ok(Self { prices_include_tax, discount: if off > 0 { vec![discount] } else { Vec::new() }, shipping })
    }
}

fn customer(row: &Cells) -> CustomerDocument {
    let mut customer =
        CustomerDocument { name: row.part("Billing Name").or_else(|| row.part("Shipping Name")), ..CustomerDocument::default() };
    let phones = [row.part("Phone"), row.part("Billing Phone"), row.part("Shipping Phone")];
    contacts(&mut customer, &[&row.get("Email")], &phones.each_ref());
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
    Ok(vec![PaymentDocument { id, method, currency: None, amount: till.amount(captured) }])
}

/// The parcel, where anything left: all of it, or the lines that say so.
fn delivery(first: &Cells, rows: &[&Cells], lines: &[LineDocument]) -> Result<Option<DeliveryDocument>, Vec<FieldProblem>> {
    let Some(shipped_at) = first.time("Fulfilled at")? else { return Ok(None) };
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
