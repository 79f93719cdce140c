//! The parts of an order's document: customer, address, line, delivery.

use std::str::FromStr;

use jiff::Timestamp;

use super::document::{AddressDocument, CustomerDocument, DeliveryDocument, LineDocument};
use super::problem::{Amounts, FieldProblem, Problems, parsed};
use super::{Address, Customer, Delivery, OrderLine};
use crate::ids::{Code, CountryCode, EmailAddress, PhoneNumber};
use crate::law::Digital;
use crate::money::{Currency, LARGEST_MINOR};
use crate::plain::{LONGEST_NAME, LONGEST_PRODUCT, maybe_line, one_line, picture};

/// The most units a line may have.
pub const LARGEST_QUANTITY: i64 = 1_000_000;
/// The most tags and serial numbers that are read of a line; further ones decide nothing.
pub(super) const MOST_WORDS: usize = 5_000;
/// Kinds that are read of a line.
const MOST_KINDS: usize = 50;

pub(super) fn customer_of(document: &CustomerDocument, at: &str, problems: &mut Problems) -> Customer {
    Customer {
        id: maybe_line(document.id.as_deref(), LONGEST_NAME),
        name: maybe_line(document.name.as_deref(), LONGEST_NAME),
        email: document.email.as_deref().and_then(|email| problems.keep(format!("{at}email"), parsed::<EmailAddress>(email))),
        phone: document.phone.as_deref().and_then(|phone| problems.keep(format!("{at}phone"), parsed::<PhoneNumber>(phone))),
        tier: document.tier.as_deref().and_then(Code::from_words),
        tier_then: None,
        locale: document.locale.as_deref().and_then(|locale| locale.parse().ok()),
    }
}

pub(super) fn address_of(document: &AddressDocument, field: &str, problems: &mut Problems) -> Address {
    let line = |text: &Option<String>| maybe_line(text.as_deref(), LONGEST_NAME);
    Address {
        name: line(&document.name),
        country: document.country.as_deref().and_then(|country| problems.keep(format!("{field}.country"), CountryCode::from_str(country))),
        region: line(&document.region),
        city: line(&document.city),
        postal_code: line(&document.postal_code),
        line1: line(&document.line1),
        line2: line(&document.line2),
    }
}

impl Customer {
    /// Checks a customer told apart from any order.
    pub fn parse(document: &CustomerDocument) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Problems(Vec::new());
        let customer = customer_of(document, "", &mut problems);
        if problems.0.is_empty() { Ok(customer) } else { Err(problems.0) }
    }
}

impl Address {
    /// Checks an address given by somebody.
    pub fn parse(document: &AddressDocument) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Problems(Vec::new());
        let address = address_of(document, "address", &mut problems);
        if problems.0.is_empty() { Ok(address) } else { Err(problems.0) }
    }
}

pub(super) fn order_line(document: &LineDocument, field: &str, currency: Currency, problems: &mut Problems) -> Option<OrderLine> {
    let id = problems.keep(format!("{field}.id"), parsed(&document.id));
    let sku = problems.keep(format!("{field}.sku"), parsed(&document.sku));
    let name = one_line(&document.name, LONGEST_PRODUCT);
    if name.is_empty() {
        problems.add(format!("{field}.name"), "is empty");
    }
    let mut amounts = Amounts { currency, problems };
    let unit_price = amounts.positive(&format!("{field}.unit_price"), Some(document.unit_price));
    let discount = amounts.positive(&format!("{field}.discount"), document.discount);
    let tax = amounts.positive(&format!("{field}.tax"), document.tax);
    let Some(quantity) = document.quantity.whole().filter(|units| (1..=LARGEST_QUANTITY).contains(units)) else {
        problems.add(format!("{field}.quantity"), format!("is not between 1 and {LARGEST_QUANTITY}"));
        return None;
    };
    let Some(gross) = unit_price.checked_mul(quantity).filter(|gross| *gross <= LARGEST_MINOR) else {
        problems.add(format!("{field}.unit_price"), "times quantity is larger than any amount we take");
        return None;
    };
    if discount > gross {
        problems.add(format!("{field}.discount"), "is more than the line's price");
    }
    let gift_with = document.gift_with.as_deref().and_then(|with| problems.keep(format!("{field}.gift_with"), parsed(with)));
    Some(OrderLine {
        id: id?,
        sku: sku?,
        name,
        variant: maybe_line(document.variant.as_deref(), LONGEST_PRODUCT),
        category: document.category.as_deref().and_then(Code::from_words),
        tags: document.tags.iter().filter_map(|tag| Code::from_words(tag)).take(MOST_WORDS).collect(),
        quantity: quantity as u32,
        unit_price,
        discount,
        tax,
        final_sale: document.final_sale,
        gift_with,
        bundle: maybe_line(document.bundle.as_deref(), LONGEST_NAME),
        batch: maybe_line(document.batch.as_deref(), LONGEST_NAME),
        serials: document.serials.iter().filter_map(|serial| maybe_line(Some(serial), LONGEST_NAME)).take(MOST_WORDS).collect(),
        weight_grams: document.weight_grams.and_then(|grams| u32::try_from(grams).ok()),
        warranty_months: document.warranty_months.and_then(|months| u32::try_from(months).ok()),
        image: document.image.as_deref().and_then(picture),
        kinds: document.kinds.iter().filter_map(|kind| Code::from_words(kind)).take(MOST_KINDS).collect(),
        sealed_on_delivery: document.sealed_on_delivery,
        digital: document.digital.map(|told| Digital { started: told.started, consented: told.consented, confirmed: told.confirmed }),
        exclusion_confirmed: document.exclusion_confirmed,
    })
}

pub(super) fn delivery_of(
    document: &DeliveryDocument,
    index: usize,
    lines: &[OrderLine],
    placed_at: Timestamp,
    problems: &mut Problems,
) -> Delivery {
    let field = format!("deliveries[{index}]");
    let mut units = Vec::with_capacity(document.lines.len());
    for (place, delivered) in document.lines.iter().enumerate() {
        let here = format!("{field}.lines[{place}]");
        let Some(line) = lines.iter().find(|line| line.id.as_str() == delivered.id) else {
            problems.add(format!("{here}.id"), format!("`{}` is no line of this order", delivered.id));
            continue;
        };
        match delivered.quantity.whole().and_then(|units| u32::try_from(units).ok()) {
            Some(quantity) if (1..=line.quantity).contains(&quantity) => units.push((line.id.clone(), quantity)),
            _ => problems.add(format!("{here}.quantity"), format!("is not between 1 and the {} bought", line.quantity)),
        }
    }
    if let (Some(shipped), Some(delivered)) = (document.shipped_at, document.delivered_at)
        && delivered < shipped
    {
        problems.add(format!("{field}.delivered_at"), "is before shipped_at");
    }
    if document.delivered_at.is_some_and(|delivered| delivered < placed_at) {
        problems.add(format!("{field}.delivered_at"), "is before placed_at");
    }
    Delivery {
        id: maybe_line(document.id.as_deref(), LONGEST_NAME),
        lines: units,
        shipped_at: document.shipped_at,
        delivered_at: document.delivered_at,
        warehouse: maybe_line(document.warehouse.as_deref(), LONGEST_NAME),
        picker: maybe_line(document.picker.as_deref(), LONGEST_NAME),
        packer: maybe_line(document.packer.as_deref(), LONGEST_NAME),
        carrier: maybe_line(document.carrier.as_deref(), LONGEST_NAME),
        tracking_number: maybe_line(document.tracking_number.as_deref(), LONGEST_NAME),
    }
}
