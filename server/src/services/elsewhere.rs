//! Goods that were bought elsewhere (P24): written down as an order of a kind of its own, which brings no money and gives none back, and goes on as
//! any other that a customer asks about.

use domain::ids::{OrderNumber, Sku};
use domain::money::Amount;
use domain::order::{Admitted, BoughtElsewhere, ELSEWHERE, ElsewhereDocument, Order, OrderDocument};
use domain::policy::local_day;
use serde_json::json;

use super::Services;
use super::drafts::Helper;
use crate::secrets;
use crate::store::{self, AuditNote, OrderToPut, StoreError};

/// Of a number's digits that are told by nothing else than the form it was written down with.
const DIGITS: usize = 10;

impl Services {
    /// Writes down what was bought elsewhere and begins a draft about it, which somebody at work writes for the customer; sent twice by the same key,
    /// it is one order. Nothing where the form was sent before with something else in it.
    pub async fn start_elsewhere(
        &self,
        bought: &BoughtElsewhere,
        key: &str,
        by: Helper,
        address: String,
    ) -> Result<Option<String>, StoreError> {
        let Some(number) = self.write_down(bought, key, &by, Some(address.clone())).await? else { return Ok(None) };
        self.start_for_customer(number.as_str(), by, address).await
    }

    /// Writes down what was bought elsewhere; by the same key, once. Nothing where something else was written down by it before.
    pub async fn write_down(
        &self,
        bought: &BoughtElsewhere,
        key: &str,
        by: &Helper,
        address: Option<String>,
    ) -> Result<Option<OrderNumber>, StoreError> {
        let Some((order, document)) = self.written_down(bought, key, by) else { return Ok(None) };
        let (now, number, zone, on) = (self.clock.millis(), order.number.clone(), self.shop_zone(), bought.on);
        let told = OrderToPut::new(&order, &document)?;
        let note = AuditNote {
            at: now,
            actor: by.id.clone(),
            what: "bought_elsewhere".to_owned(),
            subject: format!("order:{number}"),
            address,
            after: Some(by.channel.to_string()),
            ..AuditNote::default()
        };
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if let Some(before) = store::find_telling(&mut conn, order.number.as_str()).await? {
                    // Of what was bought today nobody knows the hour, and the day goes on.
                    let same_day = local_day(before.placed_at, &zone) == on;
                    let (placed_at, deliveries) = (before.placed_at, before.deliveries.clone());
                    let order = if same_day { Order { placed_at, deliveries, ..order } } else { order };
                    return Ok::<_, StoreError>(before == order);
                }
                store::put_orders(&mut conn, &[told], now).await?;
                store::note_audit(&mut conn, &note).await?;
                Ok(true)
            })
        });
        Ok(written.await?.then_some(number))
    }

    /// What an order of that key is called.
    pub fn number_elsewhere(&self, by: &Helper, key: &str) -> String {
        let digits: String = secrets::digest(&format!("{} {key}", by.id)).chars().take(DIGITS).collect();
        format!("E-{}", digits.to_uppercase())
    }

    /// The order that it is; nothing where it cannot be one.
    fn written_down(&self, bought: &BoughtElsewhere, key: &str, by: &Helper) -> Option<(Order, OrderDocument)> {
        let placed_at = bought.on.at(12, 0, 0, 0).to_zoned(self.shop_zone()).ok()?.timestamp().min(self.clock.now());
        let paid = bought.price.0.checked_mul(bought.units.into())?;
        let number = self.number_elsewhere(by, key);
        // What nobody here knows is like nothing else.
        let sku = bought.sku.as_ref().map_or(number.as_str(), Sku::as_str);
        let document = json!({
            "number": number, "placed_at": placed_at, "currency": bought.currency.code(), "channel": ELSEWHERE,
            "customer": {"name": bought.name, "email": bought.email.to_string()},
            "lines": [{"id": "1", "sku": sku, "name": bought.item, "variant": bought.shop, "category": bought.category, "quantity": bought.units,
                "unit_price": bought.price}],
            "payments": [{"id": ELSEWHERE, "method": ELSEWHERE, "amount": Amount(paid)}],
            // It is with the customer, whoever brought it.
            "deliveries": [{"delivered_at": placed_at}],
        });
        let document = OrderDocument::from_json(document.to_string().as_bytes()).ok()?;
        let Admitted { order, document, .. } = document.admit().ok()?;
        let elsewhere = ElsewhereDocument { shop: bought.shop.clone(), by: by.id.clone() };
        Some((Order { elsewhere: true, ..order }, OrderDocument { elsewhere: Some(elsewhere), ..document }))
    }
}
