//! A Shopify order as our document.
//! Long because each part of an order has its quirks.

use std::collections::BTreeSet;

use domain::ids::LineId;
use domain::money::{Currency, share, split};
use domain::order::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DiscountDocument, FieldProblem, LineDocument, OrderDocument,
    PaymentDocument, Quantity, RefundDocument, card_ending,
};
use domain::settlement::STORE_CREDIT;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::rest::{
    Address, Allocation, Fulfillment, LineItem, MoneySet, Order, PaymentDetails, Refund, ShippingLine, TaxLine, Transaction,
};
use crate::import::amounts;
use crate::import::lenient::text_of;
use crate::import::platform::{
    Converted, RefundedUnits, Till, Told, contacts, country, full_name, keep_back, pieces, placed_at, refund, time,
};
use crate::store::Credit;

/// What a gift card is to policies: its own category.
pub(super) const GIFT_CARD: &str = "gift-card";
/// A payment of the shop's own credit, as Shopify calls it.
const SHOPIFY_CREDIT: &str = "shopify_store_credit";
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
        self.told_in(till)?;
        self.spread_tax(&mut lines, till)?;
        let mut notes = Vec::new();
        let (shipping, discounts) = self.shipping_and_discounts(till)?;
        let document = OrderDocument {
            prices_include_tax: self.taxes_included,
            channel: self.source_name.clone(),
            customer: self.customer(&mut notes),
            ship_to: self.shipping_address.as_ref().map(Address::convert),
            lines,
            discounts,
            shipping: till.some(shipping),
            duties: till.some(till.minor("original_total_duties_set", shop_money(&self.original_total_duties_set))?),
            payments: self.payments(till)?,
            refunds: self.refunds_abroad(till)?,
            deliveries: self.fulfillments.iter().filter_map(|fulfillment| fulfillment.convert(&self.line_items)).collect(),
            cancelled: self.cancelled_at.is_some() || self.is("voided"),
            ..OrderDocument::bare(
                self.number().unwrap_or_default(),
                placed_at(field, time.as_deref(), &TimeZone::UTC)?,
                till.0.code().to_owned(),
            )
        };
        let credits = self.credits(&document, till)?;
        Ok(Told { document, credits, notes, identity: self.id.clone() })
    }

    /// Refuses where amounts are in another currency than the order says.
    fn told_in(&self, till: Till) -> Result<(), Vec<FieldProblem>> {
        let lines = self.line_items.iter().enumerate().map(|(at, item)| (format!("line_items[{at}].price_set"), &item.price_set));
        let whole = [("total_price_set", &self.total_price_set), ("original_total_duties_set", &self.original_total_duties_set)];
        for (field, set) in whole.into_iter().map(|(field, set)| (field.to_owned(), set)).chain(lines) {
            let code = set.as_ref().and_then(|set| set.shop_money.as_ref()?.currency_code.as_deref());
            if let Some(code) = code.filter(|code| !till.is(code)) {
                return Err(vec![FieldProblem::new(field, format!("is in {code}, but the order is in {}", till.0))]);
            }
        }
        Ok(())
    }

    fn is(&self, financial_status: &str) -> bool {
        self.financial_status.as_deref() == Some(financial_status)
    }

    fn customer(&self, notes: &mut Vec<FieldProblem>) -> CustomerDocument {
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
        contacts(&mut document, &emails, &phones, notes);
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
            let gross = line.unit_price.0.checked_mul(line.quantity.0.max(Decimal::ZERO)).unwrap_or_default();
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

    /// What was really captured, in what it was paid in, tips aside: they do not come back. Empty where the order does not say.
    fn payments(&self, till: Till) -> Result<Vec<PaymentDocument>, Vec<FieldProblem>> {
        let mut payments = self.captured(till)?;
        keep_back(&mut payments, till.minor("total_tip_received", self.total_tip_received)?, till);
        Ok(payments)
    }

    fn captured(&self, till: Till) -> Result<Vec<PaymentDocument>, Vec<FieldProblem>> {
        let mut payments = Vec::new();
        for transaction in &self.transactions {
            let captures = matches!(transaction.kind.as_deref(), Some("sale" | "capture"));
            if captures && transaction.status.as_deref() == Some("success") {
                let (paid_in, currency) = transaction.paid_in(till)?;
                let amount = paid_in.amount(paid_in.minor("transactions.amount", transaction.amount)?);
                payments.push(PaymentDocument {
                    id: transaction.id.clone(),
                    method: transaction.gateway.as_deref().map(method_of),
                    currency,
                    amount,
                    card_ending: transaction.payment_details.as_ref().and_then(PaymentDetails::card_ending),
                });
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
        // Of several nobody says which brought how much: a person sees how the money goes back.
        let mut gateways = gateways.into_iter().collect::<BTreeSet<_>>().into_iter();
        let gateway = gateways.next().filter(|_| gateways.next().is_none()).as_deref().map(method_of);
        let one = method.is_none() && gateway.is_some();
        let card_ending = self.payment_details.as_ref().filter(|_| one).and_then(PaymentDetails::card_ending);
        Ok(vec![PaymentDocument { id: None, method: method.or(gateway), currency: None, amount: till.amount(captured), card_ending }])
    }

    fn is_delivered(&self) -> bool {
        self.fulfillment_status.as_deref() == Some("fulfilled")
    }

    fn note_of(&self, at: usize, refunded: &Refund) -> String {
        refunded.id.clone().unwrap_or_else(|| format!("{}-refund-{}", self.number().unwrap_or_default(), at + 1))
    }

    /// What went back in other currencies: no amount of ours, and a person must know of it.
    fn refunds_abroad(&self, till: Till) -> Result<Vec<RefundDocument>, Vec<FieldProblem>> {
        let abroad = self.refunds.iter().enumerate().map(|(at, refunded)| refunded.abroad(&self.note_of(at, refunded), till));
        Ok(abroad.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn credits(&self, document: &OrderDocument, till: Till) -> Result<Vec<Credit>, Vec<FieldProblem>> {
        let mut credits = Vec::new();
        let Some(first) = document.lines.first().and_then(|line| line.id.parse::<LineId>().ok()) else { return Ok(credits) };
        for (at, refunded) in self.refunds.iter().enumerate() {
            let note = self.note_of(at, refunded);
            let units = refunded.units(document, till)?;
            credits.extend(refund(&note, units, refunded.given(till)?, &first));
        }
        Ok(credits)
    }
}

/// The amount in the shop's currency, which is the order's.
fn shop_money(set: &Option<MoneySet>) -> Option<Decimal> {
    set.as_ref()?.shop_money.as_ref()?.amount
}

/// A gateway as our books know it.
fn method_of(gateway: &str) -> String {
    if gateway == SHOPIFY_CREDIT { STORE_CREDIT } else { gateway }.to_owned()
}

impl PaymentDetails {
    fn card_ending(&self) -> Option<String> {
        self.credit_card_number.as_deref().and_then(card_ending)
    }
}

impl Transaction {
    /// What it was paid in, and its code where that is not the order's currency.
    fn paid_in(&self, till: Till) -> Result<(Till, Option<String>), Vec<FieldProblem>> {
        let Some(code) = self.currency.as_deref().filter(|code| !till.is(code)) else { return Ok((till, None)) };
        let currency: Currency = code.parse().map_err(|error| vec![FieldProblem::new("transactions.currency", error)])?;
        Ok((Till(currency), Some(currency.code().to_owned())))
    }

    /// Whether it gave money back.
    fn went_back(&self) -> bool {
        self.kind.as_deref() == Some("refund") && !matches!(self.status.as_deref(), Some("failure" | "error"))
    }
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
        let quantity = Quantity(self.quantity.ok_or_else(|| missing("quantity"))?);
        let price = self.price.ok_or_else(|| missing("price"))?;
        let subtotal = till.minor(&field("price"), Some(price.checked_mul(quantity.0).unwrap_or(Decimal::MAX)))?;
        let discount = till.minor(&field("discount_allocations"), self.discount())?;
        let (unit_price, discount) = amounts::price(subtotal, subtotal - discount, quantity, till.0);
        let id = self.id.clone().unwrap_or_else(|| (at + 1).to_string());
        let sku = [&self.sku, &self.variant_id, &self.product_id].into_iter().flatten().next().unwrap_or(&id).clone();
        let name = self.title.clone().or_else(|| self.name.clone()).unwrap_or_else(|| sku.clone());
        Ok(LineDocument {
            // A product without options has one variant of this name.
            variant: self.variant_title.clone().filter(|title| title != "Default Title"),
            category: self.gift_card.then(|| GIFT_CARD.to_owned()),
            discount,
            tax: till.some(till.minor(&field("tax_lines"), Some(taxes(&self.tax_lines)))?),
            weight_grams: self.grams.and_then(|grams| i64::try_from(grams.round()).ok()).filter(|grams| *grams > 0),
            ..LineDocument::bare(id, sku, name, quantity, unit_price)
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
            (quantity > Decimal::ZERO).then(|| DeliveredLine { id: item.id.clone().unwrap_or_default(), quantity: Quantity(quantity) })
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
            let (Ok(id), quantity) = (line.id.parse(), pieces(quantity, line.quantity)) else { continue };
            let on_top = |tax: Option<Decimal>| if document.prices_include_tax { Decimal::ZERO } else { tax.unwrap_or_default() };
            let amount = match item.subtotal {
                Some(subtotal) => till.minor("refunds.subtotal", Some(subtotal + on_top(item.total_tax)))?,
                // Short forms do not say: the units' share of what the line cost.
                None => {
                    let price = line.unit_price.0.checked_mul(line.quantity.0).unwrap_or_default() - line.discount.unwrap_or_default().0;
                    let paid = till.minor("price", Some(price + on_top(line.tax.map(|tax| tax.0))))?;
                    share(paid, i64::from(quantity), line.quantity.whole().unwrap_or(1))
                }
            };
            units.push(RefundedUnits { line: id, quantity, amount });
        }
        Ok(units)
    }

    /// The money that went back, where the refund says, and says it in the order's currency.
    fn given(&self, till: Till) -> Result<Option<i64>, Vec<FieldProblem>> {
        let Some(transactions) = &self.transactions else { return Ok(None) };
        let went_back = || transactions.iter().filter(|transaction| transaction.went_back());
        if went_back().any(|transaction| transaction.currency.as_deref().is_some_and(|code| !till.is(code))) {
            return Ok(None);
        }
        till.minor("refunds.transactions.amount", Some(went_back().filter_map(|transaction| transaction.amount).sum())).map(Some)
    }

    /// The money that went back in other currencies.
    fn abroad(&self, note: &str, till: Till) -> Result<Vec<RefundDocument>, Vec<FieldProblem>> {
        let mut abroad = Vec::new();
        for (at, transaction) in self.transactions.iter().flatten().enumerate().filter(|(_, transaction)| transaction.went_back()) {
            let (paid_in, currency) = transaction.paid_in(till)?;
            if currency.is_some() {
                let id = transaction.id.clone().unwrap_or_else(|| format!("{note}-{}", at + 1));
                let amount = paid_in.amount(paid_in.minor("refunds.transactions.amount", transaction.amount)?);
                abroad.push(RefundDocument { id, at: None, payment: None, currency, amount, lines: Vec::new(), reference: None });
            }
        }
        Ok(abroad)
    }
}
