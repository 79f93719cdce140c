//! A Shopify order as our document.

use domain::ids::LineId;
use domain::money::{share, split};
use domain::order::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DiscountDocument, FieldProblem, LineDocument, OrderDocument,
    PaymentDocument,
};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::rest::{Address, Allocation, Fulfillment, LineItem, Order, Refund, ShippingLine, TaxLine};
use crate::import::amounts::LinePrice;
use crate::import::lenient::text_of;
use crate::import::platform::{Converted, RefundedUnits, Till, contacts, country, full_name, placed_at, refund, time};
use crate::store::Credit;

/// What a gift card is to policies: its own category.
pub(super) const GIFT_CARD: &str = "gift-card";
/// A payment taken at the door.
pub(super) const CASH_ON_DELIVERY: &str = "cash_on_delivery";

impl Order {
    /// The number customers know: `#1001`.
    pub fn number(&self) -> Option<String> {
        self.name.clone().or_else(|| self.order_number.clone()).or_else(|| self.id.clone())
    }

    /// Whether it has nothing an order has.
    pub fn is_nothing(&self) -> bool {
        self.name.is_none() && self.order_number.is_none() && self.currency.is_none() && self.line_items.is_empty()
    }

    /// The order, and what was refunded of it.
    pub fn convert(&self) -> Converted {
        if self.graphql_line_items.is_some() && self.line_items.is_empty() {
            let problem = "is in the form of Shopify's GraphQL API; the REST form has `line_items`";
            return Err(vec![FieldProblem::new("lineItems", problem)]);
        }
        let till = Till::new(self.currency.as_deref())?;
        let (field, time) =
            if self.processed_at.is_some() { ("processed_at", &self.processed_at) } else { ("created_at", &self.created_at) };
        let mut lines = self.line_items.iter().enumerate().map(|(at, item)| item.convert(at, till)).collect::<Result<Vec<_>, _>>()?;
        self.spread_tax(&mut lines, till)?;
        let (shipping, discounts) = self.shipping_and_discounts(till)?;
        let document = OrderDocument {
            number: self.number().unwrap_or_default(),
            placed_at: placed_at(field, time.as_deref(), &TimeZone::UTC)?,
            currency: till.0.code().to_owned(),
            prices_include_tax: self.taxes_included,
            channel: self.source_name.clone(),
            customer: self.customer(),
            ship_to: self.shipping_address.as_ref().map(Address::convert),
            lines,
            discounts,
            shipping: till.some(shipping),
            shipping_standard: None,
            duties: till.some(till.minor("original_total_duties_set", duties(self))?),
            payments: self.payments(till)?,
            refunds: Vec::new(),
            deliveries: self.fulfillments.iter().filter_map(|fulfillment| fulfillment.convert(&self.line_items)).collect(),
            cancelled: self.cancelled_at.is_some() || self.is("voided"),
        };
        let credits = self.credits(&document, till)?;
        Ok((document, credits))
    }

    fn is(&self, financial_status: &str) -> bool {
        self.financial_status.as_deref() == Some(financial_status)
    }

    fn customer(&self) -> CustomerDocument {
        let (bought, billed, shipped) = (self.customer.as_ref(), self.billing_address.as_ref(), self.shipping_address.as_ref());
        let name = bought.and_then(|customer| full_name(&customer.first_name, &customer.last_name));
        let mut document = CustomerDocument {
            id: bought.and_then(|customer| customer.id.clone()),
            name: name.or_else(|| billed.and_then(Address::recipient)).or_else(|| shipped.and_then(Address::recipient)),
            locale: self.customer_locale.clone(),
            ..CustomerDocument::default()
        };
        let none = None;
        let emails = [&self.email, &self.contact_email, bought.map_or(&none, |customer| &customer.email)];
        let phones = [
            &self.phone,
            bought.map_or(&none, |customer| &customer.phone),
            billed.map_or(&none, |address| &address.phone),
            shipped.map_or(&none, |address| &address.phone),
        ];
        contacts(&mut document, &emails, &phones);
        document
    }

    /// Old orders, and apps that leave them out, have no taxes by line: the order's tax is spread over the taxable lines.
    fn spread_tax(&self, lines: &mut [LineDocument], till: Till) -> Result<(), Vec<FieldProblem>> {
        if self.line_items.iter().any(|item| !item.tax_lines.is_empty()) {
            return Ok(());
        }
        let of_shipping: Decimal = self.shipping_lines.iter().map(|line| taxes(&line.tax_lines)).sum();
        let tax = till.minor("total_tax", Some((self.total_tax.unwrap_or_default() - of_shipping).max(Decimal::ZERO)))?;
        let net = |line: &LineDocument| {
            let gross = line.unit_price.0 * Decimal::from(line.quantity.max(0));
            till.minor("price", Some(gross - line.discount.unwrap_or_default().0))
        };
        let taxable = |item: &LineItem| item.taxable != Some(false.into());
        let weights = lines.iter().zip(&self.line_items).map(|(line, item)| if taxable(item) { net(line) } else { Ok(0) });
        let weights = weights.collect::<Result<Vec<_>, _>>()?;
        for (line, tax) in lines.iter_mut().zip(split(tax, &weights)) {
            line.tax = till.some(tax);
        }
        Ok(())
    }

    /// What outbound shipping cost, tax included, and discounts that no line carries.
    fn shipping_and_discounts(&self, till: Till) -> Result<(i64, Vec<DiscountDocument>), Vec<FieldProblem>> {
        let (mut shipping, mut off_shipping) = (0, 0);
        for line in &self.shipping_lines {
            let price = till.minor("shipping_lines.price", line.price)?;
            let off = line.discount(price, till)?.clamp(0, price.max(0));
            let tax = if self.taxes_included { 0 } else { till.minor("shipping_lines.tax_lines", Some(taxes(&line.tax_lines)))? };
            shipping += price - off + tax;
            off_shipping += off;
        }
        let mut on_lines = 0;
        for item in &self.line_items {
            on_lines += till.minor("line_items.discount_allocations", item.discount())?;
        }
        let codes: Decimal = self.discount_codes.iter().filter_map(|code| code.amount).sum();
        let total = till.minor("total_discounts", Some(self.total_discounts.unwrap_or(codes)))?;
        let mut rest = (total - on_lines - off_shipping).max(0);
        // Before allocations were sent, only its kind says that a code was for free shipping.
        let free_shipping = self.discount_codes.iter().filter(|code| code.kind.as_deref() == Some("shipping"));
        let free_shipping = till.minor("discount_codes.amount", Some(free_shipping.filter_map(|code| code.amount).sum()))?;
        let off = free_shipping.min(rest).min(shipping).max(0);
        (shipping, rest) = (shipping - off, rest - off);
        let codes: Vec<&str> = self.discount_codes.iter().filter_map(|code| code.code.as_deref()).collect();
        let code = (!codes.is_empty()).then(|| codes.join(", "));
        let discount = DiscountDocument { code, amount: till.some(rest), minimum_spend: None };
        Ok((shipping, if rest > 0 { vec![discount] } else { Vec::new() }))
    }

    /// What was really captured. Empty where the order does not say.
    fn payments(&self, till: Till) -> Result<Vec<PaymentDocument>, Vec<FieldProblem>> {
        let mut payments = Vec::new();
        for transaction in &self.transactions {
            let captures = matches!(transaction.kind.as_deref(), Some("sale" | "capture"));
            if captures && transaction.status.as_deref() == Some("success") {
                let amount = till.amount(till.minor("transactions.amount", transaction.amount)?);
                payments.push(PaymentDocument { id: transaction.id.clone(), method: transaction.gateway.clone(), currency: None, amount });
            }
        }
        if !payments.is_empty() {
            return Ok(payments);
        }
        let (Some(status), Some(total)) = (self.financial_status.as_deref(), self.total_price) else { return Ok(payments) };
        let gateways: Vec<String> = self.payment_gateway_names.iter().filter_map(text_of).chain(self.gateway.clone()).collect();
        let total = till.minor("total_price", Some(total))?;
        let (method, captured) = match status {
            "paid" | "refunded" | "partially_refunded" => (None, total),
            "partially_paid" => (None, total - till.minor("total_outstanding", self.total_outstanding)?.clamp(0, total.max(0))),
            // Paid at the door. Orders with payment terms are delivered first and paid later: nothing is captured yet.
            "pending" if self.is_delivered() && self.payment_terms.is_none() => (Some(CASH_ON_DELIVERY.to_owned()), total),
            _ => (None, 0),
        };
        // Gift cards pay first; what else was used says more of how the rest is refunded.
        let gateway = gateways.iter().find(|gateway| *gateway != "gift_card").or_else(|| gateways.first()).cloned();
        Ok(vec![PaymentDocument { id: None, method: method.or(gateway), currency: None, amount: till.amount(captured) }])
    }

    fn is_delivered(&self) -> bool {
        self.fulfillment_status.as_deref() == Some("fulfilled")
    }

    fn credits(&self, document: &OrderDocument, till: Till) -> Result<Vec<Credit>, Vec<FieldProblem>> {
        let mut credits = Vec::new();
        let Some(first) = document.lines.first().and_then(|line| line.id.parse::<LineId>().ok()) else { return Ok(credits) };
        for (at, refunded) in self.refunds.iter().enumerate() {
            let note = refunded.id.clone().unwrap_or_else(|| format!("{}-refund-{}", document.number, at + 1));
            let units = refunded.units(document, till)?;
            let given = refunded.given(till)?;
            credits.extend(refund(&note, units, given, &first));
        }
        Ok(credits)
    }
}

fn duties(order: &Order) -> Option<Decimal> {
    order.original_total_duties_set.as_ref()?.shop_money.as_ref()?.amount
}

fn taxes(lines: &[TaxLine]) -> Decimal {
    lines.iter().filter_map(|tax| tax.price).sum()
}

fn allocated(allocations: &[Allocation]) -> Decimal {
    allocations.iter().filter_map(|allocation| allocation.amount).sum()
}

impl ShippingLine {
    /// What was taken off its price.
    fn discount(&self, price: i64, till: Till) -> Result<i64, Vec<FieldProblem>> {
        match self.discounted_price {
            Some(discounted) if self.discount_allocations.is_empty() => {
                Ok(price - till.minor("shipping_lines.discounted_price", Some(discounted))?)
            }
            _ => till.minor("shipping_lines.discount_allocations", Some(allocated(&self.discount_allocations))),
        }
    }
}

impl Address {
    fn recipient(&self) -> Option<String> {
        self.name.clone().or_else(|| full_name(&self.first_name, &self.last_name))
    }

    fn convert(&self) -> AddressDocument {
        AddressDocument {
            name: self.recipient(),
            country: country(&self.country_code).or_else(|| country(&self.country)),
            region: self.province.clone(),
            city: self.city.clone(),
            postal_code: self.zip.clone(),
            line1: self.address1.clone(),
            line2: self.address2.clone(),
        }
    }
}

impl LineItem {
    /// What was taken off the line: its own discounts and its share of the order's.
    fn discount(&self) -> Option<Decimal> {
        if self.discount_allocations.is_empty() { self.total_discount } else { Some(allocated(&self.discount_allocations)) }
    }

    fn convert(&self, at: usize, till: Till) -> Result<LineDocument, Vec<FieldProblem>> {
        let field = |name: &str| format!("line_items[{at}].{name}");
        let missing = |name: &str| vec![FieldProblem::new(field(name), "is missing")];
        let quantity = self.quantity.ok_or_else(|| missing("quantity"))?;
        let price = self.price.ok_or_else(|| missing("price"))?;
        let subtotal = till.minor(&field("price"), price.checked_mul(Decimal::from(quantity)))?;
        let discount = till.minor(&field("discount_allocations"), self.discount())?;
        let listed = LinePrice::of(subtotal, subtotal - discount, quantity);
        let id = self.id.clone().unwrap_or_else(|| (at + 1).to_string());
        let sku = [&self.sku, &self.variant_id, &self.product_id].into_iter().flatten().next().unwrap_or(&id).clone();
        let name = self.title.clone().or_else(|| self.name.clone()).unwrap_or_else(|| sku.clone());
        Ok(LineDocument {
            sku,
            name,
            // A product without options has one variant of this name.
            variant: self.variant_title.clone().filter(|title| title != "Default Title"),
            category: self.gift_card.then(|| GIFT_CARD.to_owned()),
            tags: Vec::new(),
            quantity,
            unit_price: till.amount(listed.unit_price),
            discount: till.some(listed.discount),
            tax: till.some(till.minor(&field("tax_lines"), Some(taxes(&self.tax_lines)))?),
            final_sale: false,
            gift_with: None,
            bundle: None,
            batch: None,
            serials: Vec::new(),
            weight_grams: self.grams.and_then(|grams| i64::try_from(grams.round()).ok()).filter(|grams| *grams > 0),
            warranty_months: None,
            image: None,
            id,
        })
    }
}

impl Fulfillment {
    /// A parcel that left; nothing for one that was called off or failed.
    fn convert(&self, bought: &[LineItem]) -> Option<DeliveryDocument> {
        if matches!(self.status.as_deref(), Some("cancelled" | "error" | "failure")) {
            return None;
        }
        let units = |item: &LineItem| {
            let bought = bought.iter().find(|line| line.id.is_some() && line.id == item.id)?.quantity?;
            let quantity = item.quantity.unwrap_or(bought).min(bought);
            (quantity > 0).then(|| DeliveredLine { id: item.id.clone().unwrap_or_default(), quantity })
        };
        let lines: Vec<DeliveredLine> = self.line_items.iter().filter_map(units).collect();
        if lines.is_empty() && !self.line_items.is_empty() {
            // Only lines that were taken off the order since: a parcel without lines would mean the whole order.
            return None;
        }
        let read = |text: &Option<String>| time(text.as_deref()?, &TimeZone::UTC);
        let delivered = self.shipment_status.as_deref() == Some("delivered");
        Some(DeliveryDocument {
            id: self.name.clone().or_else(|| self.id.clone()),
            lines,
            shipped_at: read(&self.created_at),
            // The carrier's last word is what changed it last.
            delivered_at: if delivered { read(&self.updated_at) } else { None },
            warehouse: self.location_id.clone(),
            carrier: self.tracking_company.clone(),
            tracking_number: self.tracking_number.clone(),
            ..DeliveryDocument::default()
        })
    }
}

impl Refund {
    fn units(&self, document: &OrderDocument, till: Till) -> Result<Vec<RefundedUnits>, Vec<FieldProblem>> {
        let mut units = Vec::new();
        for item in &self.refund_line_items {
            let line = document.lines.iter().find(|line| Some(&line.id) == item.line_item_id.as_ref());
            let (Some(line), Some(quantity)) = (line, item.quantity) else { continue };
            let (Ok(id), Ok(quantity)) = (line.id.parse(), u32::try_from(quantity.min(line.quantity))) else { continue };
            let on_top = |tax: Option<Decimal>| if document.prices_include_tax { Decimal::ZERO } else { tax.unwrap_or_default() };
            let amount = match item.subtotal {
                Some(subtotal) => till.minor("refunds.subtotal", Some(subtotal + on_top(item.total_tax)))?,
                // Short forms do not say: the units' share of what the line cost.
                None => {
                    let price = line.unit_price.0 * Decimal::from(line.quantity) - line.discount.unwrap_or_default().0;
                    let paid = till.minor("price", Some(price + on_top(line.tax.map(|tax| tax.0))))?;
                    share(paid, i64::from(quantity), line.quantity)
                }
            };
            units.push(RefundedUnits { line: id, quantity, amount });
        }
        Ok(units)
    }

    /// The money that went back, where the refund says.
    fn given(&self, till: Till) -> Result<Option<i64>, Vec<FieldProblem>> {
        let Some(transactions) = &self.transactions else { return Ok(None) };
        let went_back = transactions.iter().filter(|transaction| {
            transaction.kind.as_deref() == Some("refund") && !matches!(transaction.status.as_deref(), Some("failure" | "error"))
        });
        till.minor("refunds.transactions.amount", Some(went_back.filter_map(|transaction| transaction.amount).sum())).map(Some)
    }
}
