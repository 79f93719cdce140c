//! A WooCommerce order as our document.

use std::borrow::Cow;

use domain::ids::LineId;
use domain::order::{
    AddressDocument, CustomerDocument, DeliveryDocument, DiscountDocument, FieldProblem, LineDocument, OrderDocument, PaymentDocument,
    Quantity, card_ending,
};
use domain::plausible::plausible;
use html_escape::decode_html_entities;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::rest::{Address, LineItem, Meta, Order, Refund, Tracked};
use crate::import::amounts;
use crate::import::lenient::text_of;
use crate::import::platform::{
    Converted, RefundedUnits, Till, Told, contacts, country, full_name, is_tip_or_fee, keep_back, pieces, placed_at, refund, time,
};
use crate::store::Credit;

/// Where the shipment-tracking plugin keeps its parcels.
const TRACKING: &str = "_wc_shipment_tracking_items";
/// Which order line a refund's line gives back.
const REFUNDED_ITEM: &str = "_refunded_item_id";

/// Where plugins of gateways keep the last four digits of a card: WooPayments, and those that are made with SkyVerge's frame (Square, Braintree).
fn names_a_card(key: &str) -> bool {
    matches!(key, "last4" | "_last4" | "_card_last4") || key.starts_with("_wc_") && key.ends_with("_account_four")
}

impl Order {
    /// The order, and what was refunded of it. Times without a zone are of `site`.
    pub fn convert(&self, site: &TimeZone) -> Converted {
        if let Some(error) = &self.error {
            let said = [&error.code, &error.message].into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
            return Err(vec![FieldProblem::new("error", format!("the shop answered `{said}` instead of an order"))]);
        }
        if self.is_any(&["checkout-draft", "auto-draft", "draft"]) {
            return Err(vec![FieldProblem::new("status", "is a draft: nothing was ordered")]);
        }
        let till = Till::new(self.currency.as_deref())?;
        let created = match &self.date_created_gmt {
            Some(gmt) => placed_at("date_created_gmt", Some(gmt), &TimeZone::UTC)?,
            None => placed_at("date_created", self.date_created.as_deref(), site)?,
        };
        let lines = self.line_items.iter().enumerate().map(|(at, item)| item.convert(at, till)).collect::<Result<Vec<_>, _>>()?;
        let shipping = till.minor("shipping_total", self.shipping_total)? + till.minor("shipping_tax", self.shipping_tax)?;
        let mut notes = Vec::new();
        let document = OrderDocument {
            // Lines are always told without tax, however the shop shows its prices.
            prices_include_tax: false,
            channel: self.created_via.clone(),
            customer: self.customer(&mut notes),
            ship_to: self.ship_to(),
            lines,
            discounts: self.discounts(till)?,
            shipping: till.some(shipping),
            payments: self.payments(till)?,
            deliveries: self.deliveries(created, site),
            cancelled: self.is_any(&["cancelled", "failed", "trash"]),
            ..OrderDocument::bare(self.number().unwrap_or_default(), created, till.0.code().to_owned())
        };
        let credits = self.credits(&document, till)?;
        Ok(Told { document, credits, notes, identity: self.id.clone() })
    }

    fn customer(&self, notes: &mut Vec<FieldProblem>) -> CustomerDocument {
        let (none, nobody) = (None, Address::default());
        let billing = self.billing.as_ref().unwrap_or(&nobody);
        let mut customer = CustomerDocument {
            // 0 is everybody without an account.
            id: self.customer_id.clone().filter(|id| id != "0"),
            name: full_name(&billing.first_name, &billing.last_name).or_else(|| billing.company.clone()),
            ..CustomerDocument::default()
        };
        let phone = self.shipping.as_ref().map_or(&none, |shipping| &shipping.phone);
        contacts(&mut customer, &[&billing.email], &[&billing.phone, phone], notes);
        customer
    }

    fn ship_to(&self) -> Option<AddressDocument> {
        let somewhere = |address: &&Address| address.address_1.is_some() || address.country.is_some() || address.postcode.is_some();
        let address = self.shipping.as_ref().filter(somewhere).or_else(|| self.billing.as_ref().filter(somewhere))?;
        Some(AddressDocument {
            name: full_name(&address.first_name, &address.last_name).or_else(|| address.company.clone()),
            country: country(&address.country),
            region: address.state.clone(),
            city: address.city.clone(),
            postal_code: address.postcode.clone(),
            line1: address.address_1.clone(),
            line2: address.address_2.clone(),
        })
    }

    /// Negative fees. Coupons are in the lines' totals already.
    fn discounts(&self, till: Till) -> Result<Vec<DiscountDocument>, Vec<FieldProblem>> {
        let mut discounts = Vec::new();
        for fee in &self.fee_lines {
            let amount = till.minor("fee_lines.total", fee.total)? + till.minor("fee_lines.total_tax", fee.total_tax)?;
            if amount < 0 {
                discounts.push(DiscountDocument { code: fee.name.clone(), amount: till.some(-amount), minimum_spend: None });
            }
        }
        Ok(discounts)
    }

    /// What was captured: the whole total, or nothing yet. Tips and what paying costs are in it, and do not come back; other fees (wrapping) do,
    /// with the last of the goods.
    fn payments(&self, till: Till) -> Result<Vec<PaymentDocument>, Vec<FieldProblem>> {
        let Some(total) = self.total else { return Ok(Vec::new()) };
        let dated = self.date_paid.is_some() || self.date_paid_gmt.is_some();
        let at_the_door = self.payment_method.as_deref() == Some("cod") && self.is_any(&["processing"]);
        let unpaid = self.is_any(&["pending", "on-hold", "failed", "cancelled", "trash"]) || at_the_door;
        let captured = if dated || !unpaid { till.minor("total", Some(total))? } else { 0 };
        let (id, method) = (self.transaction_id.clone(), self.payment_method.clone());
        let card = self.meta_data.iter().find(|meta| meta.key.as_deref().is_some_and(names_a_card));
        let card_ending = card.and_then(|meta| text_of(&meta.value)).and_then(|shown| card_ending(&shown));
        let mut payments = vec![PaymentDocument { id, method, currency: None, amount: till.amount(captured), card_ending }];
        for fee in self.fee_lines.iter().filter(|fee| fee.name.as_deref().is_some_and(is_tip_or_fee)) {
            let amount = till.minor("fee_lines.total", fee.total)? + till.minor("fee_lines.total_tax", fee.total_tax)?;
            keep_back(&mut payments, amount, till);
        }
        Ok(payments)
    }

    /// Parcels the tracking plugin knows of; else, where the order is completed, one with everything.
    fn deliveries(&self, created: Timestamp, site: &TimeZone) -> Vec<DeliveryDocument> {
        let tracked = self.meta_data.iter().find(|meta| meta.key.as_deref() == Some(TRACKING));
        let tracked: Vec<Tracked> = tracked.and_then(|meta| serde_json::from_value(meta.value.clone()).ok()).unwrap_or_default();
        if !tracked.is_empty() {
            return tracked.into_iter().map(Tracked::convert).collect();
        }
        let completed = match (&self.date_completed_gmt, &self.date_completed) {
            (Some(gmt), _) => time(gmt, &TimeZone::UTC),
            (None, Some(local)) => time(local, site),
            (None, None) => None,
        };
        if !self.is_any(&["completed", "refunded"]) {
            return Vec::new();
        }
        let sent = completed.filter(|completed| *completed >= created);
        sent.map(|sent| DeliveryDocument { shipped_at: Some(sent), ..DeliveryDocument::default() }).into_iter().collect()
    }

    fn credits(&self, document: &OrderDocument, till: Till) -> Result<Vec<Credit>, Vec<FieldProblem>> {
        let Some(first) = document.lines.first().and_then(|line| line.id.parse::<LineId>().ok()) else { return Ok(Vec::new()) };
        let mut credits = Vec::new();
        for (at, refunded) in self.refunds.iter().enumerate() {
            let note = refunded.id.clone().unwrap_or_else(|| format!("{}-refund-{}", document.number, at + 1));
            let given = till.minor("refunds.total", refunded.total.or(refunded.amount))?.abs();
            credits.extend(refund(&note, refunded.units(document, till)?, Some(given), &first));
        }
        if credits.is_empty() && self.is_any(&["refunded"]) {
            let total = till.minor("total", self.total)?;
            credits.extend(refund(&format!("{}-refunded", document.number), Vec::new(), Some(total), &first));
        }
        Ok(credits)
    }
}

impl Tracked {
    fn convert(self) -> DeliveryDocument {
        DeliveryDocument {
            id: self.tracking_id,
            shipped_at: self.date_shipped.and_then(|seconds| plausible(Timestamp::from_second(seconds).ok()?).ok()),
            carrier: self.tracking_provider.or(self.custom_tracking_provider),
            tracking_number: self.tracking_number,
            ..DeliveryDocument::default()
        }
    }
}

impl LineItem {
    fn convert(&self, at: usize, till: Till) -> Result<LineDocument, Vec<FieldProblem>> {
        let field = |name: &str| format!("line_items[{at}].{name}");
        let missing = |name: &str| vec![FieldProblem::new(field(name), "is missing")];
        let quantity = Quantity(self.quantity.ok_or_else(|| missing("quantity"))?);
        let total = self.total.or(self.subtotal).ok_or_else(|| missing("total"))?;
        let total = till.minor(&field("total"), Some(total))?;
        let subtotal = self.subtotal.map_or(Ok(total), |subtotal| till.minor(&field("subtotal"), Some(subtotal)))?;
        let (unit_price, discount) = amounts::price(subtotal, total, quantity, till.0);
        let id = self.id.clone().unwrap_or_else(|| (at + 1).to_string());
        let some = |id: &Option<String>| id.clone().filter(|id| id != "0");
        let sku = self.sku.clone().or_else(|| some(&self.variation_id)).or_else(|| some(&self.product_id)).unwrap_or_else(|| id.clone());
        Ok(LineDocument {
            variant: self.variant(),
            discount,
            tax: till.some(till.minor(&field("total_tax"), self.total_tax)?),
            image: self.image.as_ref().and_then(|image| image.src.clone()),
            ..LineDocument::bare(id, sku.clone(), self.name.as_deref().map_or(sku, plain), quantity, unit_price)
        })
    }

    /// `black / M`: what was chosen. Fields that begin with `_` are the shop's own.
    fn variant(&self) -> Option<String> {
        if self.variation_id.as_deref().is_none_or(|id| id == "0") {
            return None;
        }
        let chosen = self.meta_data.iter().filter(|meta| meta.key.as_deref().is_some_and(|key| !key.starts_with('_')));
        let chosen: Vec<String> = chosen.filter_map(Meta::shown).collect();
        (!chosen.is_empty()).then(|| chosen.join(" / "))
    }
}

impl Meta {
    fn shown(&self) -> Option<String> {
        let shown = text_of(&self.display_value).filter(|shown| !shown.contains('<'));
        shown.or_else(|| text_of(&self.value)).map(|shown| plain(&shown))
    }
}

impl Refund {
    /// Units, where the refund has lines: the short form within an order has none.
    fn units(&self, document: &OrderDocument, till: Till) -> Result<Vec<RefundedUnits>, Vec<FieldProblem>> {
        let mut units = Vec::new();
        for item in &self.line_items {
            let refunded = item.meta_data.iter().find(|meta| meta.key.as_deref() == Some(REFUNDED_ITEM));
            let id = refunded.and_then(|meta| text_of(&meta.value)).or_else(|| item.id.clone());
            let line = document.lines.iter().find(|line| Some(&line.id) == id.as_ref());
            let Some(line) = line else { continue };
            let (Ok(id), quantity) = (line.id.parse(), pieces(item.quantity.unwrap_or_default(), line.quantity)) else { continue };
            let amount =
                till.minor("refunds.line_items.total", item.total)? + till.minor("refunds.line_items.total_tax", item.total_tax)?;
            units.push(RefundedUnits { line: id, quantity, amount: amount.abs() });
        }
        Ok(units)
    }
}

/// Text as people read it: `Fish &amp; chips` is `Fish & chips`.
fn plain(text: &str) -> String {
    match decode_html_entities(text.trim()) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}
