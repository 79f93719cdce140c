//! What comes back?

use app::find_order::OrderSought;
use app::forms::{Fields, noted};
use app::ports::{DeskError, Item, ItemsOrder, ItemsPage, Mistake};
use app::start_return::{ItemsChosen, OtherOrder};
use domain::ids::LineId;
use domain::money::{Money, share};
use domain::order::OrderLine;
use domain::policy::{BundleRule, GiftRule, local_day};
use jiff::Timestamp;

use super::guess::Recognised;
use super::{Desk, Next, head};
use crate::services::{Draft, DraftLine, Outlook};
use crate::store::{self, OrderRow};

/// Orders of one draft.
const MOST_ORDERS: usize = 10;

impl Desk {
    pub(super) async fn items(&self, id: &str) -> Result<ItemsPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let orders = self.orders_of(&draft).await?;
        let mut others = Vec::new();
        for key in &self.visitor.session.data.orders {
            if others.len() < 5 && !draft.orders.iter().any(|order| order.as_str() == *key) {
                let mut read = self.services.store.read().await?;
                let row = store::find_order(&mut read.conn(), key).await?;
                others.extend(row.map(|row| row.order.number));
            }
        }
        Ok(ItemsPage { draft: id.to_owned(), orders, joins: draft.joins, others, mistakes: draft.mistakes_of("items") })
    }

    /// "What comes back?"
    pub async fn choose_items(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let (chosen, mistakes) = ItemsChosen::parse(fields, &self.orders_of(&draft).await?);
        let line = |(key, quantity): (domain::ids::LineKey, u32)| match draft.lines.iter().find(|said| said.is(&key)) {
            Some(said) => DraftLine { quantity, ..said.clone() },
            None => DraftLine::new(key.order, key.line, quantity),
        };
        draft.lines = chosen.items.into_iter().map(line).collect();
        self.answer(id, "items", draft, version, mistakes, "why").await
    }

    /// "Something from another order?" (P9)
    pub async fn add_order(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let known = OtherOrder::parse(fields).known.filter(|known| self.visitor.session.data.knows_order(known.as_str()));
        let mut mistakes = Vec::new();
        let mut renewed = false;
        let order = match known {
            Some(known) => Some(known),
            None => {
                let (sought, wrong) = OrderSought::parse(fields);
                mistakes = wrong;
                if mistakes.is_empty() {
                    match self.recognise_order(&sought.number, &sought.contact).await? {
                        Recognised::Theirs(order) => {
                            self.visitor.session.recognise_order(order.as_str());
                            self.keep_session(true).await?;
                            renewed = true;
                            Some(order)
                        }
                        Recognised::Guarded => return self.ask_for_code(&sought.contact).await,
                        Recognised::Unclear(mistake) => {
                            mistakes.push(noted(OrderSought::FORM, mistake));
                            None
                        }
                        Recognised::NotTheirs => {
                            mistakes.push(noted(OrderSought::FORM, Mistake::NoMatch));
                            None
                        }
                    }
                } else {
                    None
                }
            }
        };
        if let Some(order) = order {
            let row = self.order(&order).await?;
            let first = match draft.orders.first() {
                Some(first) => Some(self.order(first).await?),
                None => None,
            };
            if first.is_some_and(|first| first.order.currency != row.order.currency) {
                mistakes.push(noted(OrderSought::FORM, Mistake::OtherCurrency));
            } else if draft.orders.len() < MOST_ORDERS && !draft.orders.contains(&order) {
                draft.orders.push(row.order.number);
            }
        }
        let next = self.answer(id, "items", draft, version, mistakes, "items").await?;
        Ok(Next { session: renewed, ..next })
    }

    async fn orders_of(&self, draft: &Draft) -> Result<Vec<ItemsOrder>, DeskError> {
        let mut orders = Vec::new();
        for number in &draft.orders {
            orders.push(self.items_of(&self.order(number).await?, draft).await?);
        }
        Ok(orders)
    }

    async fn items_of(&self, row: &OrderRow, draft: &Draft) -> Result<ItemsOrder, store::StoreError> {
        let outlook = self.services.outlook(row).await?;
        let day = |time: Timestamp| local_day(time, &outlook.policy.time_zone);
        let items = row.order.lines.iter().zip(&outlook.lines).map(|(line, seen)| {
            let chosen = draft.lines.iter().find(|asked| asked.line == line.id && asked.order == row.order.number);
            Item {
                head: head(line, row, line.quantity),
                price: Money::new(share(line.net(), 1, i64::from(line.quantity)), row.order.currency),
                available: seen.available,
                chosen: chosen.map_or(0, |asked| asked.quantity.min(seen.available)),
                free: seen.free.window,
                refusals: seen.free.refusals.clone(),
                fault: seen.fault.window,
                warranty: line.warranty_months.is_some(),
                fee: seen.free.fee.clone(),
                gift_of: line.gift_with.as_ref().and_then(|with| row.order.line(with)).map(|main| main.name.clone()),
                gifts: gifts_due(&outlook, row, &line.id),
                bundle: line.bundle.is_some(),
                set_with: set_with(&outlook, row, line),
                in_returns: seen.in_returns.clone(),
            }
        });
        let items = items.collect();
        let delivered = row.order.lines.iter().filter_map(|line| row.order.delivered_at(&line.id)).max();
        Ok(ItemsOrder {
            number: row.order.number.clone(),
            placed: day(row.order.placed_at),
            delivered: delivered.map(day),
            cancelled: row.order.cancelled,
            items,
        })
    }
}

/// Gifts of a line that must come back with it and are still there.
fn gifts_due(outlook: &Outlook, row: &OrderRow, line: &LineId) -> Vec<String> {
    if outlook.policy.gifts != GiftRule::Together {
        return Vec::new();
    }
    let there = |gift: &OrderLine| outlook.lines.iter().any(|seen| seen.line == gift.id && seen.available > 0);
    let gifts = row.order.lines.iter().filter(|gift| gift.gift_with.as_ref() == Some(line) && there(gift));
    gifts.map(|gift| gift.name.clone()).collect()
}

/// The other parts of a set that only comes back whole.
fn set_with(outlook: &Outlook, row: &OrderRow, line: &OrderLine) -> Vec<String> {
    if outlook.policy.bundles != BundleRule::Together || line.bundle.is_none() {
        return Vec::new();
    }
    let others = row.order.lines.iter().filter(|other| other.bundle == line.bundle && other.id != line.id);
    others.map(|other| other.name.clone()).collect()
}
