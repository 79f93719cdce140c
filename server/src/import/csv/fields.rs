//! Fields of rows, read as what they mean: prices, times, parcels, payments, lines of credit notes.

use domain::money::Currency;
use domain::order::{DeliveryDocument, DigitalDocument, FieldProblem, LineDocument, PaymentDocument, Quantity, Told, card_ending};
use domain::plain::{LONGEST_NAME, one_line};
use domain::plausible::plausible;
use domain::policy::local_day;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::strtime::BrokenDownTime;
use rust_decimal::Decimal;

use super::bound::{Bindings, Class};
use super::mapping::LineFields;
use super::scope::{Bound, Scope};
use crate::import::amounts;
use crate::import::intake::NoteLine;
use crate::import::numbers;
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
        let quantity = self.number(&here("quantity"), fields.quantity.as_ref(), scope)?;
        let quantity = Quantity(quantity.ok_or_else(|| FieldProblem::new(here("quantity"), "is empty"))?);
        let minor = |name: &str, amount: Decimal| amounts::minor(amount, till.0).map_err(|error| FieldProblem::new(here(name), error));
        let (name, amount) = self.price_of(fields, scope, till)?;
        let subtotal = match name {
            "subtotal" => minor(name, amount)?,
            _ => minor(name, amount.checked_mul(quantity.0).unwrap_or(Decimal::MAX))?,
        };
        let discount = minor("discount", self.amount(fields.discount.as_ref(), scope, "discount", till)?)?;
        let (unit_price, discount) = amounts::price(subtotal, subtotal - discount, quantity, till.0);
        // What has no number of its own is known by its name.
        let sku = text(&fields.sku).or_else(|| text(&fields.name)).unwrap_or_default();
        let list = |field: &Option<Bound>| -> Vec<String> {
            let texts = text(field).unwrap_or_default();
            texts.split(',').map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
        };
        let id = text(&fields.id).unwrap_or_else(|| scope.index.to_string());
        let told = |name: &str, field: &Option<Bound>| yes_or_no(&here(name), field, scope);
        let (started, consented, confirmed) = (
            told("digital_started", &fields.digital_started)?,
            told("digital_consented", &fields.digital_consented)?,
            told("digital_confirmed", &fields.digital_confirmed)?,
        );
        let name = text(&fields.name).unwrap_or_else(|| sku.clone());
        Ok(LineDocument {
            variant: text(&fields.variant),
            category: text(&fields.category),
            tags: list(&fields.tags),
            unit: text(&fields.unit),
            discount,
            tax: till.some(minor("tax", self.amount(fields.tax.as_ref(), scope, "tax", till)?)?),
            final_sale: text(&fields.final_sale).is_some_and(|text| is_yes(&text)),
            gift_with: text(&fields.gift_with),
            bundle: text(&fields.bundle),
            batch: text(&fields.batch),
            serials: list(&fields.serials),
            // 0 is what exports write where nobody weighed it.
            weight_grams: number("weight_grams", &fields.weight_grams)?.filter(|grams| *grams > 0),
            warranty_months: number("warranty_months", &fields.warranty_months)?,
            image: text(&fields.image),
            kinds: list(&fields.kinds),
            sealed_on_delivery: told("sealed_on_delivery", &fields.sealed_on_delivery)?,
            exclusion_confirmed: told("exclusion_confirmed", &fields.exclusion_confirmed)?,
            digital: digital(started, consented, confirmed),
            ..LineDocument::bare(id, sku, name, quantity, unit_price)
        })
    }

    /// The price as the mapping tells it: `subtotal` of the line or `unit_price`.
    fn price_of(&self, fields: &LineFields<Bound>, scope: &Scope, till: Till) -> Read<(&'static str, Decimal)> {
        let (name, field) = match &fields.subtotal {
            Some(subtotal) if fields.unit_price.is_none() => ("subtotal", subtotal),
            _ => ("unit_price", fields.unit_price.as_ref().ok_or_else(|| FieldProblem::new("unit_price", "is missing"))?),
        };
        if field.text(scope).is_empty() {
            return Err(FieldProblem::new(name, "is empty"));
        }
        Ok((name, self.amount(Some(field), scope, name, till)?))
    }

    /// What a row is worth that is no line: its amount, or quantity × price.
    pub fn amount_of(&self, class: &Class, scope: &Scope, till: Till) -> Read<Decimal> {
        if class.amount.is_some() {
            return self.amount(class.amount.as_ref(), scope, "amount", till);
        }
        let (name, amount) = self.price_of(&class.line, scope, till)?;
        let quantity = self.number("quantity", class.line.quantity.as_ref(), scope)?.unwrap_or(Decimal::ONE);
        let times = if name == "subtotal" { Decimal::ONE } else { quantity };
        amount.checked_mul(times).ok_or_else(|| FieldProblem::new(name, "times quantity is too large"))
    }

    pub fn note_line(&self, class: Option<&Class>, scope: &Scope, key: &str, position: i64) -> Read<NoteLine> {
        let credit = &self.credit;
        let line = class.map_or(&self.line, |class| &class.line);
        let text = |field: &Option<Bound>| text_of(field, scope);
        // As an order keeps them: what a database would not take finds nothing either.
        let name = |field: &Option<Bound>| text(field).map(|text| one_line(&text, LONGEST_NAME)).filter(|name| !name.is_empty());
        let currency = text(&self.order.currency).unwrap_or_default();
        let currency: Currency = currency.parse().map_err(|error| FieldProblem::new("currency", error))?;
        let at = if credit.at.is_some() { &credit.at } else { &self.order.placed_at };
        let quantity = if credit.quantity.is_some() { &credit.quantity } else { &line.quantity };
        let quantity = self.whole("quantity", quantity.as_ref(), scope)?.unwrap_or(0);
        let amount = match (&credit.amount, class) {
            (None, Some(class)) => self.amount_of(class, scope, Till(currency))?,
            (amount, _) => self.amount(amount.as_ref(), scope, "amount", Till(currency))?,
        };
        let order_line = text(&credit.line).map(|line| line.parse().map_err(|error| FieldProblem::new("line", error))).transpose()?;
        Ok(NoteLine {
            line: scope.line,
            credit_note: name(&credit.note).unwrap_or_else(|| one_line(key, LONGEST_NAME)),
            position,
            order: name(&credit.order),
            customer: name(&credit.customer).or_else(|| name(&self.order.customer_id)),
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
                let currency = text(&fields.currency).filter(|code| !code.eq_ignore_ascii_case(till.0.code()));
                let paid_in = currency.as_deref().map_or(Ok(till.0), str::parse);
                let paid_in = Till(paid_in.map_err(|error| FieldProblem::new("payments.currency", error))?);
                let amount = paid_in.amount(self.minor("payments.amount", fields.amount.as_ref(), scope, paid_in)?);
                let card_ending = text(&fields.card_ending).as_deref().and_then(card_ending);
                payments.push(PaymentDocument { id: text(&fields.id), method: text(&fields.method), currency, amount, card_ending });
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
        // A format that reads a year of two digits as one of four is not the one it is written in.
        let meant = |format: &String| in_format(format).filter(|time| plausible(*time).is_ok());
        let read = self.date_formats.iter().find_map(meant).or_else(|| time(&text, &self.zone));
        read.map(Some).ok_or_else(|| {
            let text: String = text.chars().take(40).collect();
            let why = match self.date_formats.iter().find_map(in_format).and_then(|time| plausible(time).err()) {
                Some(error) => format!("`{text}`: {error} (`%y` in `date_formats` is a year of two digits)"),
                None => format!("`{text}` is not a time in any of the mapping's `date_formats`"),
            };
            FieldProblem::new(name, why)
        })
    }

    /// Yes, no, or since a day.
    pub fn told(&self, name: &str, field: &Option<Bound>, scope: &Scope) -> Read<Option<Told>> {
        match yes_or_no(name, field, scope) {
            Ok(told) => Ok(told.map(Told::Yes)),
            Err(_) => match self.time(name, field, scope) {
                Ok(time) => Ok(time.map(|time| Told::On(local_day(time, &self.zone)))),
                Err(_) => Err(not_one_of(name, field, scope, "yes, no or a day")),
            },
        }
    }

    fn whole(&self, name: &str, field: Option<&Bound>, scope: &Scope) -> Read<Option<i64>> {
        let Some(number) = self.number(name, field, scope)? else { return Ok(None) };
        let whole = Quantity(number).whole();
        whole.map(Some).ok_or_else(|| FieldProblem::new(name, format!("`{}` is not a whole number", number.normalize())))
    }

    fn number(&self, name: &str, field: Option<&Bound>, scope: &Scope) -> Read<Option<Decimal>> {
        let text = field.map(|bound| bound.text(scope)).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        numbers::number(&text, self.decimal).map(Some).ok_or_else(|| {
            let text: String = text.chars().take(24).collect();
            FieldProblem::new(name, format!("`{text}` is not a number"))
        })
    }

    pub fn minor(&self, name: &str, field: Option<&Bound>, scope: &Scope, till: Till) -> Read<i64> {
        let amount = self.amount(field, scope, name, till)?;
        amounts::minor(amount, till.0).map_err(|error| FieldProblem::new(name, error))
    }

    /// A decimal; nothing is 0. What is written in another currency is none.
    fn amount(&self, field: Option<&Bound>, scope: &Scope, name: &str, till: Till) -> Read<Decimal> {
        let text = field.map(|bound| bound.text(scope)).unwrap_or_default();
        if text.is_empty() {
            return Ok(Decimal::ZERO);
        }
        numbers::amount(&text, self.decimal, till.0).map_err(|problem| FieldProblem::new(name, problem))
    }
}

/// Whether it says yes in any usual way.
pub(super) fn is_yes(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "true" | "yes" | "y" | "1")
}

/// Yes, no, or nothing where the cell is empty.
pub(super) fn yes_or_no(name: &str, field: &Option<Bound>, scope: &Scope) -> Read<Option<bool>> {
    let Some(text) = text_of(field, scope) else { return Ok(None) };
    match text.trim().to_lowercase().as_str() {
        _ if is_yes(&text) => Ok(Some(true)),
        "false" | "no" | "n" | "0" => Ok(Some(false)),
        _ => Err(not_one_of(name, field, scope, "yes or no")),
    }
}

fn not_one_of(name: &str, field: &Option<Bound>, scope: &Scope, wanted: &str) -> FieldProblem {
    let text: String = text_of(field, scope).unwrap_or_default().chars().take(24).collect();
    FieldProblem::new(name, format!("`{text}` is not {wanted}"))
}

/// Of content that is told of: what is not told of it was not done.
fn digital(started: Option<bool>, consented: Option<bool>, confirmed: Option<bool>) -> Option<DigitalDocument> {
    let told = [started, consented, confirmed].iter().any(Option::is_some);
    let done = |told: Option<bool>| told.unwrap_or(false);
    told.then(|| DigitalDocument { started: done(started), consented: done(consented), confirmed: done(confirmed) })
}
