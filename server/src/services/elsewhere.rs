//! Goods that were bought elsewhere (P24): written down as an order of a kind of its own, which brings no money and gives none back, and goes on as
//! any other that a customer asks about.

use domain::ids::Sku;
use domain::money::Amount;
use domain::order::{Admitted, BoughtElsewhere, ELSEWHERE, ElsewhereDocument, Order, OrderDocument};
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
        let Some((order, document)) = self.written_down(bought, key, &by) else { return Ok(None) };
        let (now, number) = (self.clock.millis(), order.number.to_string());
        let told = OrderToPut::new(&order, &document)?;
        let note = AuditNote {
            at: now,
            actor: by.id.clone(),
            what: "bought_elsewhere".to_owned(),
            subject: format!("order:{number}"),
            address: Some(address.clone()),
            after: Some(by.channel.to_string()),
            ..AuditNote::default()
        };
        let key = number.clone();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let before = store::find_telling(&mut conn, &key).await?;
                if before.as_ref().is_some_and(|before| *before != order) {
                    return Ok::<_, StoreError>(false);
                }
                if before.is_none() {
                    store::put_orders(&mut conn, &[told], now).await?;
                    store::note_audit(&mut conn, &note).await?;
                }
                Ok(true)
            })
        });
        if !written.await? {
            return Ok(None);
        }
        self.start_for_customer(&number, by, address).await
    }

    /// The order that it is; nothing where it cannot be one.
    fn written_down(&self, bought: &BoughtElsewhere, key: &str, by: &Helper) -> Option<(Order, OrderDocument)> {
        let digits: String = secrets::digest(&format!("{} {key}", by.id)).chars().take(DIGITS).collect();
        let placed_at = bought.on.at(12, 0, 0, 0).to_zoned(self.shop_zone()).ok()?.timestamp().min(self.clock.now());
        let paid = bought.price.0.checked_mul(bought.units.into())?;
        let number = format!("E-{}", digits.to_uppercase());
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
