//! What came to a customer in exchange, as the returns of an order say: it may come back in the place of what was bought.

use super::line::ReturnLine;
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use crate::ids::LineId;
use crate::order::{Order, RemedyRef, Successor};
use crate::rma::RmaNumber;

impl ReturnLine {
    /// What came in exchange for it is called so among the lines of its order: by its return and its place there, `R-7KQ4-M2XD/1`.
    pub fn came_as(&self, rma: RmaNumber) -> LineId {
        LineId::made(format!("{rma}/{}", self.id))
    }
}

impl Return {
    /// The remedy of that name, as an order that is told of it names it.
    pub fn remedy_named(&self, named: &RemedyRef) -> Option<&Remedy> {
        self.remedies.iter().find(|remedy| self.rma == named.rma && remedy.id.to_string() == named.remedy)
    }
}

impl Order {
    /// The order with what came in exchange for its goods.
    #[must_use]
    pub fn with_exchanged<'r>(self, returns: impl IntoIterator<Item = &'r Return>) -> Self {
        let exchanged = returns.into_iter().flat_map(|request| successors(&self, request)).collect();
        Self { exchanged, ..self }
    }
}

/// What left, or arrived, in exchange for lines of the order that are on that return: one for each line, named by both.
fn successors(order: &Order, request: &Return) -> Vec<Successor> {
    let mut found: Vec<Successor> = Vec::new();
    for line in request.lines.iter().filter(|line| line.asked.order == order.number) {
        let asked = &line.asked;
        let Some(bought) = order.lines.iter().find(|bought| bought.id == *asked.in_books()) else { continue };
        let gone = request.remedies.iter().filter(|remedy| {
            let goes = matches!(remedy.state, RemedyState::Shipped | RemedyState::Delivered);
            remedy.kind == RemedyKind::Exchange && goes && remedy.lots.iter().any(|lot| lot.line == line.id)
        });
        let (mut units, mut sku, mut shipped_at, mut delivered_at) = (0, None, None, None);
        let mut all_there = true;
        for remedy in gone {
            units += line.lots.iter().filter(|lot| remedy.lots.contains(&lot.id)).map(|lot| lot.units).sum::<u32>();
            sku = remedy.sku.clone().or(sku);
            // What is of a time when nobody wrote that down left when it was due.
            let there = remedy.state == RemedyState::Delivered;
            delivered_at = delivered_at.max(there.then_some(remedy.delivered_at.unwrap_or(remedy.at)));
            shipped_at = shipped_at.max(Some(remedy.shipped_at.or(remedy.delivered_at).unwrap_or(remedy.at)));
            all_there &= there;
        }
        if units == 0 {
            continue;
        }
        let mut new = bought.exchanged_for(units, asked.exchange_price);
        new.id = line.came_as(request.rma);
        if let Some(sku) = sku.or_else(|| asked.exchange_sku.clone()) {
            new.sku = sku;
        }
        if let Some(name) = &asked.exchange_name {
            (new.name, new.variant) = (name.clone(), None);
        }
        let delivered_at = delivered_at.filter(|_| all_there);
        found.push(Successor { line: new, of: bought.id.clone(), price: asked.exchange_price, shipped_at, delivered_at });
    }
    found
}
