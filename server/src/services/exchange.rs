//! What can be had in exchange: other variants of the same product, with stock and price difference (P7), held at approval (P6).

use domain::ids::Sku;
use domain::money::Money;
use domain::order::Order;
use domain::policy::{Case, Resolution, Verdict};

use super::gather::Reading;
use super::request::{AgreedExchange, LineRequest, Wrong};
use crate::store::{StockRow, StoreError};

/// What a line can be exchanged for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// The shop tells its stock of this product: `choices` is all there is. Else a wish is taken as it is written.
    pub known: bool,
    /// What there is, sold-out variants included.
    pub choices: Vec<ExchangeChoice>,
    wanted: Option<Sku>,
    /// What was agreed on before.
    agreed: Option<AgreedExchange>,
}

/// Something to exchange for.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeChoice {
    /// Which.
    pub sku: Sku,
    /// Name of the product, where told.
    pub name: Option<String>,
    /// Size, colour, where told.
    pub variant: Option<String>,
    /// Units that can be promised.
    pub available: u32,
    /// Price of one, where told.
    pub price: Option<Money>,
    /// What the customer gets back for all units asked for, beside the request's other lines; negative where they pay more.
    pub difference: Option<Money>,
}

impl ExchangeChoice {
    /// What tells it from others.
    pub fn label(&self) -> Option<String> {
        match (&self.name, &self.variant) {
            (Some(name), Some(variant)) => Some(format!("{name} · {variant}")),
            (name, variant) => name.clone().or(variant.clone()),
        }
    }
}

impl Exchange {
    /// What was chosen, where the shop tells of it.
    pub fn wanted(&self) -> Option<&ExchangeChoice> {
        let wanted = self.wanted.as_ref()?;
        self.choices.iter().find(|choice| choice.sku == *wanted)
    }

    /// The price of one unit of what was chosen.
    pub(super) fn wanted_price(&self) -> Option<i64> {
        self.agreed.and_then(|agreed| agreed.price).or_else(|| self.wanted()?.price.map(|price| price.minor))
    }

    /// Whether it was agreed on before: what was known then, is.
    pub(super) fn is_agreed(&self) -> bool {
        self.agreed.is_some()
    }

    /// Whether nothing is there to exchange `units` for.
    pub(super) fn sold_out(&self, units: u32) -> bool {
        self.known && !self.choices.iter().any(|choice| choice.available >= units)
    }

    /// What is wrong with the product asked for.
    pub(super) fn wrong(&self, asked: &LineRequest) -> Option<Wrong> {
        let sku = self.wanted.as_ref().filter(|_| self.known)?;
        match self.wanted() {
            None => Some(Wrong::UnknownExchange(sku.clone())),
            Some(choice) if choice.available < asked.quantity => Some(Wrong::SoldOut { sku: sku.clone(), available: choice.available }),
            Some(_) => None,
        }
    }
}

/// For each line of a case: what it can be exchanged for. Lines for which that does not matter get nothing.
pub(super) async fn exchanges_of(
    reading: &mut Reading<'_, '_>,
    order: &Order,
    case: &Case<'_>,
    verdict: &Verdict<'_>,
    requests: &[&LineRequest],
) -> Result<Vec<Exchange>, StoreError> {
    let mut exchanges = Vec::with_capacity(case.lines.len());
    for ((asked, said), request) in case.lines.iter().zip(&verdict.lines).zip(requests) {
        if request.agreed.is_some() {
            exchanges.push(Exchange { agreed: request.agreed, ..Exchange::default() });
            continue;
        }
        let open = asked.resolution.is_none_or(|wish| wish == Resolution::Exchange);
        let possible = said.refusals.is_empty() && said.offer(Resolution::Exchange, None).is_some();
        let Some(line) = order.line(&asked.line).filter(|_| open && possible) else {
            exchanges.push(Exchange::default());
            continue;
        };
        let mut rows = reading.variants_of(&line.sku).await?;
        let known = !rows.is_empty();
        let asked_for = request.exchange_sku.as_ref().filter(|_| asked.resolution == Some(Resolution::Exchange)).cloned();
        // Another product may be named by machine.
        if let Some(sku) = asked_for.as_ref().filter(|sku| !rows.iter().any(|row| row.item.sku == **sku)) {
            rows.extend(reading.stock_of(sku).await?);
        }
        rows.retain(|row| row.item.sku != line.sku);
        let choices = choices(order, rows);
        exchanges.push(Exchange { known: known || !choices.is_empty(), choices, wanted: asked_for, agreed: None });
    }
    Ok(exchanges)
}

/// One choice for each product; all units come from one warehouse.
fn choices(order: &Order, rows: Vec<StockRow>) -> Vec<ExchangeChoice> {
    let mut choices: Vec<ExchangeChoice> = Vec::new();
    for row in rows {
        let price = row.item.price.filter(|price| price.currency == order.currency);
        let available = row.available();
        match choices.iter_mut().find(|choice| choice.sku == row.item.sku) {
            Some(choice) => choice.available = choice.available.max(available),
            None => choices.push(ExchangeChoice {
                sku: row.item.sku,
                name: row.item.name,
                variant: row.item.variant,
                available,
                price,
                difference: None,
            }),
        }
    }
    choices
}
