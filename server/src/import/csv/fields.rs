//! Fields of rows, read as what they mean: prices, times, parcels, payments, lines of credit notes.

use domain::money::Currency;
use domain::order::{DeliveryDocument, FieldProblem, LineDocument, PaymentDocument};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::strtime::BrokenDownTime;
use rust_decimal::Decimal;

use super::bound::{Bindings, Class};
use super::mapping::LineFields;
use super::scope::{Bound, Scope};
use super::template::whole;
use crate::import::amounts::{self, LinePrice};
use crate::import::intake::NoteLine;
use crate::import::platform::{Till, time};

/// A field, or what is wrong with it.
pub(super) type Read<T> = Result<T, FieldProblem>;

/// The field's text; nothing where it is empty or not mapped.
pub(super) fn text_of(field: &Option<Bound>, scope: &Scope) -> Option<String> {
    field.as_ref().map(|bound| bound.text(scope)).filter(|text| !text.is_empty())
}

impl Bindings {
    pub fn line_of(&self, fields: &LineFields<Bound>, scope: &Scope, till: Till) -> Read<LineDocument> {
        let here = |name: &str| format!("lines[{}].{name}", scope.index - 1);
        let text = |field: &Option<Bound>| text_of(field, scope);
        let number = |name: &str, field: &Option<Bound>| self.whole(&here(name), field.as_ref(), scope);
        let quantity = number("quantity", &fields.quantity)?.ok_or_else(|| FieldProblem::new(here("quantity"), "is empty"))?;
        let minor = |name: &str, amount: Decimal| amounts::minor(amount, till.0).map_err(|error| FieldProblem::new(here(name), error));
        let (name, amount) = self.price_of(fields, scope)?;
        let subtotal = match name {
            "subtotal" => minor(name, amount)?,
            _ => minor(name, amount.checked_mul(Decimal::from(quantity)).unwrap_or(Decimal::MAX))?,
        };
        let discount = minor("discount", self.amount(fields.discount.as_ref(), scope, "discount")?)?;
        let listed = LinePrice::of(subtotal, subtotal - discount, quantity);
        let sku = text(&fields.sku).unwrap_or_default();
        let list = |field: &Option<Bound>| -> Vec<String> {
            let texts = text(field).unwrap_or_default();
            texts.split(',').map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
        };
        Ok(LineDocument {
            id: text(&fields.id).unwrap_or_else(|| scope.index.to_string()),
            name: text(&fields.name).unwrap_or_else(|| sku.clone()),
            variant: text(&fields.variant),
            category: text(&fields.category),
            tags: list(&fields.tags),
            quantity,
            unit_price: till.amount(listed.unit_price),
            discount: till.some(listed.discount),
            tax: till.some(minor("tax", self.amount(fields.tax.as_ref(), scope, "tax")?)?),
            final_sale: text(&fields.final_sale).is_some_and(|text| is_yes(&text)),
            gift_with: text(&fields.gift_with),
            bundle: text(&fields.bundle),
            batch: text(&fields.batch),
            serials: list(&fields.serials),
            // 0 is what exports write where nobody weighed it.
            weight_grams: number("weight_grams", &fields.weight_grams)?.filter(|grams| *grams > 0),
            warranty_months: number("warranty_months", &fields.warranty_months)?,
            image: text(&fields.image),
            sku,
        })
    }

    /// The price as the mapping tells it: `subtotal` of the line or `unit_price`.
    fn price_of(&self, fields: &LineFields<Bound>, scope: &Scope) -> Read<(&'static str, Decimal)> {
        let (name, field) = match &fields.subtotal {
            Some(subtotal) if fields.unit_price.is_none() => ("subtotal", subtotal),
            _ => ("unit_price", fields.unit_price.as_ref().ok_or_else(|| FieldProblem::new("unit_price", "is missing"))?),
        };
        if field.text(scope).is_empty() {
            return Err(FieldProblem::new(name, "is empty"));
        }
        Ok((name, self.amount(Some(field), scope, name)?))
    }

    /// What a row is worth that is no line: its amount, or quantity × price.
    pub fn amount_of(&self, class: &Class, scope: &Scope) -> Read<Decimal> {
        if class.amount.is_some() {
            return self.amount(class.amount.as_ref(), scope, "amount");
        }
        let (name, amount) = self.price_of(&class.line, scope)?;
        let quantity = self.whole("quantity", class.line.quantity.as_ref(), scope)?.unwrap_or(1);
        let times = if name == "subtotal" { 1 } else { quantity };
        amount.checked_mul(Decimal::from(times)).ok_or_else(|| FieldProblem::new(name, "times quantity is too large"))
    }

    pub fn note_line(&self, class: Option<&Class>, scope: &Scope, key: &str, position: i64) -> Read<NoteLine> {
        let credit = &self.credit;
        let line = class.map_or(&self.line, |class| &class.line);
        let text = |field: &Option<Bound>| text_of(field, scope);
        let currency = text(&self.order.currency).unwrap_or_default();
        let currency: Currency = currency.parse().map_err(|error| FieldProblem::new("currency", error))?;
        let at = if credit.at.is_some() { &credit.at } else { &self.order.placed_at };
        let quantity = if credit.quantity.is_some() { &credit.quantity } else { &line.quantity };
        let quantity = self.whole("quantity", quantity.as_ref(), scope)?.unwrap_or(0);
        let amount = match (&credit.amount, class) {
            (None, Some(class)) => self.amount_of(class, scope)?,
            (amount, _) => self.amount(amount.as_ref(), scope, "amount")?,
        };
        let order_line = text(&credit.line).map(|line| line.parse().map_err(|error| FieldProblem::new("line", error))).transpose()?;
        Ok(NoteLine {
            line: scope.line,
            credit_note: text(&credit.note).unwrap_or_else(|| key.to_owned()),
            position,
            order: text(&credit.order),
            customer: text(&credit.customer).or_else(|| text(&self.order.customer_id)),
            at: self.required_time("at", at, scope)?.as_millisecond(),
            sku: text(&credit.sku).or_else(|| text(&line.sku)),
            order_line,
            // Credit notes write what came back with a minus, or without: both mean the same.
            quantity: u32::try_from(quantity.unsigned_abs()).map_err(|_| FieldProblem::new("quantity", "is too large"))?,
            amount: amounts::minor(amount.abs(), currency).map_err(|error| FieldProblem::new("amount", error))?,
            currency,
        })
    }

    pub fn payments_of(&self, scope: &Scope, till: Till) -> Read<Vec<PaymentDocument>> {
        let Some(fields) = &self.payment else { return Ok(Vec::new()) };
        let mut payments = Vec::new();
        let mut add = |scope: &Scope| {
            let text = |field: &Option<Bound>| text_of(field, scope);
            if text(&fields.amount).is_some() {
                let amount = till.amount(self.minor("payments.amount", fields.amount.as_ref(), scope, till)?);
                payments.push(PaymentDocument { id: text(&fields.id), method: text(&fields.method), currency: None, amount });
            }
            Ok(())
        };
        match self.payments_from {
            None => add(scope)?,
            Some(join) => scope.rows_of(join).try_for_each(|row| add(&Scope { at: Some((join, row)), ..*scope }))?,
        }
        Ok(payments)
    }

    /// The parcel a line is in; nothing where no field of it is filled.
    pub fn parcel_of(&self, scope: &Scope) -> Read<Option<DeliveryDocument>> {
        let Some(fields) = &self.delivery else { return Ok(None) };
        let text = |field: &Option<Bound>| text_of(field, scope);
        let (shipped_at, delivered_at) =
            (self.time("shipped_at", &fields.shipped_at, scope)?, self.time("delivered_at", &fields.delivered_at, scope)?);
        let tracking_number = text(&fields.tracking_number);
        // Where it is sent from, say, is known before it is sent.
        if shipped_at.is_none() && delivered_at.is_none() && tracking_number.is_none() {
            return Ok(None);
        }
        Ok(Some(DeliveryDocument {
            id: text(&fields.id),
            lines: Vec::new(),
            shipped_at,
            delivered_at,
            warehouse: text(&fields.warehouse),
            picker: text(&fields.picker),
            packer: text(&fields.packer),
            carrier: text(&fields.carrier),
            tracking_number,
        }))
    }

    pub fn required_time(&self, name: &str, field: &Option<Bound>, scope: &Scope) -> Read<Timestamp> {
        self.time(name, field, scope)?.ok_or_else(|| FieldProblem::new(name, "is empty"))
    }

    /// A time in one of the mapping's formats, or in ISO 8601; one without an offset is of the mapping's zone.
    fn time(&self, name: &str, field: &Option<Bound>, scope: &Scope) -> Read<Option<Timestamp>> {
        let text = field.as_ref().map(|bound| bound.text(scope)).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        let in_format = |format: &String| {
            let time = BrokenDownTime::parse(format, &text).ok()?;
            if time.offset().is_some() {
                return time.to_timestamp().ok();
            }
            let date = time.to_date().ok()?;
            let civil = date.to_datetime(time.to_time().unwrap_or(Time::midnight()));
            civil.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
        };
        let read = self.date_formats.iter().find_map(in_format).or_else(|| time(&text, &self.zone));
        read.map(Some).ok_or_else(|| FieldProblem::new(name, format!("`{text}` is not a time in any of the mapping's `date_formats`")))
    }

    fn whole(&self, name: &str, field: Option<&Bound>, scope: &Scope) -> Read<Option<i64>> {
        let text = field.map(|bound| bound.text(scope)).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        let plain = self.plain(&text);
        whole(&plain).map(Some).ok_or_else(|| FieldProblem::new(name, format!("`{text}` is not a whole number")))
    }

    pub fn minor(&self, name: &str, field: Option<&Bound>, scope: &Scope, till: Till) -> Read<i64> {
        let amount = self.amount(field, scope, name)?;
        amounts::minor(amount, till.0).map_err(|error| FieldProblem::new(name, error))
    }

    /// A decimal; nothing is 0.
    fn amount(&self, field: Option<&Bound>, scope: &Scope, name: &str) -> Read<Decimal> {
        let text = field.map(|bound| bound.text(scope)).unwrap_or_default();
        if text.is_empty() {
            return Ok(Decimal::ZERO);
        }
        self.plain(&text).parse().map_err(|_| FieldProblem::new(name, format!("`{text}` is not an amount such as 12{}50", self.decimal)))
    }

    /// A number as computers write it: `1.234,50` with a decimal comma is `1234.50`.
    fn plain(&self, text: &str) -> String {
        plain(text, self.decimal)
    }
}

/// See [`Bindings::plain`]. Thousands are only read as such where they are grouped as such: `12,50` under a decimal point stays, and
/// is refused, for it cannot be told from a price that is a hundred times as high.
fn plain(text: &str, decimal: char) -> String {
    let grouping = if decimal == ',' { '.' } else { ',' };
    let dense: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\'').collect();
    let (whole, part) = dense.split_once(decimal).map_or((dense.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut groups = whole.split(grouping).rev().peekable();
    let mut grouped = whole.contains(grouping) && groups.next().is_some_and(|last| last.len() == 3);
    while let Some(group) = groups.next() {
        let digits = group.trim_start_matches(['-', '+']).len();
        grouped &= if groups.peek().is_some() { matches!(digits, 2 | 3) } else { matches!(digits, 1..=3) };
    }
    let whole = if grouped { whole.replace(grouping, "") } else { whole.to_owned() };
    part.map_or(whole.clone(), |part| format!("{whole}.{part}"))
}

/// Whether it says yes in any usual way.
pub(super) fn is_yes(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "true" | "yes" | "y" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_or_not_at_all() {
        for (text, decimal, expected) in [
            ("1234.5", '.', "1234.5"),
            ("1,234.50", '.', "1234.50"),
            ("-1,234,567", '.', "-1234567"),
            ("1,00,000.00", '.', "100000.00"),
            ("1.234,50", ',', "1234.50"),
            ("1 234,50", ',', "1234.50"),
            ("1'234.50", '.', "1234.50"),
            ("12,50", ',', "12.50"),
        ] {
            assert_eq!(plain(text, decimal), expected, "{text}");
        }
        for (text, decimal) in [("12,50", '.'), ("1,2345", '.'), ("1.2.3", ','), (",500", '.')] {
            assert!(plain(text, decimal).parse::<Decimal>().is_err(), "{text}: {}", plain(text, decimal));
        }
    }
}
