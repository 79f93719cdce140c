//! What comes back?

use app::find_order::OrderSought;
use app::forms::{Fields, noted};
use app::ports::{DeskError, Item, ItemsOrder, ItemsPage, Mistake, Noted, SentDelivery, StillPossible, Worth};
use app::start_return::{ItemsChosen, OtherOrder};
use domain::ids::{LineId, LineKey};
use domain::item::CONDITIONS;
use domain::money::{Money, share};
use domain::order::{Order, OrderLine};
use domain::policy::{BundleRule, GiftRule, InState, could_come_back, local_day, states_that_help};
use domain::returns::has_left;
use jiff::Timestamp;
use jiff::civil::Date;

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
        let mistakes = draft.mistakes_of("items");
        // What was typed for an order that was not found stands there as long as that is said.
        let of_search = |noted: &Noted| [OrderSought::NUMBER, OrderSought::CONTACT, OrderSought::FORM].contains(&noted.field.as_str());
        let sought = if mistakes.iter().any(of_search) { self.visitor.session.data.sought.clone() } else { Default::default() };
        let worth = self.worth_of(&draft).await?;
        Ok(ItemsPage { draft: id.to_owned(), seen: draft.seen("items"), orders, joins: draft.joins, others, worth, sought, mistakes })
    }

    /// "What comes back?"
    pub async fn choose_items(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        self.on_draft(id, move |desk, mut draft, version| async move {
            let mistakes = desk.take_items(&mut draft, fields).await?;
            desk.kept(id, "items", draft, version, mistakes, "why").await
        })
        .await
    }

    pub(super) async fn take_items(&self, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let (chosen, mistakes) = ItemsChosen::parse(fields, &self.orders_of(draft).await?);
        let mut said: Vec<DraftLine> = draft.lines.drain(..).chain(draft.aside.drain(..)).collect();
        let line = |(key, quantity): (LineKey, u32)| {
            let known = said.extract_if(.., |said| said.is(&key)).next();
            known.map_or_else(|| DraftLine::new(key.order.clone(), key.line.clone(), quantity), |said| DraftLine { quantity, ..said })
        };
        draft.lines = chosen.items.into_iter().map(line).collect();
        draft.aside = said;
        Ok(mistakes)
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
                self.visitor.session.data.sought = (sought.number.clone(), sought.contact.clone());
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
        if mistakes.is_empty() {
            self.visitor.session.data.sought = Default::default();
        }
        self.keep_session(false).await?;
        let next = self.answer(id, "items", draft, version, mistakes, "items").await?;
        Ok(Next { session: renewed, ..next })
    }

    /// What a draft's lines were paid for; nothing where none is chosen. All orders of a draft are in one currency.
    pub(super) async fn worth_of(&self, draft: &Draft) -> Result<Option<Worth>, DeskError> {
        let mut worth: Option<Worth> = None;
        for asked in &draft.lines {
            let row = self.order(&asked.order).await?;
            let Some(line) = row.order.line(&asked.line) else { continue };
            let paid = share(line.net(), i64::from(asked.quantity), i64::from(line.quantity));
            let before = worth.map_or((0, 0), |worth| (worth.units, worth.amount.minor));
            worth = Some(Worth { units: before.0 + asked.quantity, amount: Money::new(before.1 + paid, row.order.currency) });
        }
        Ok(worth)
    }

    /// What is chosen so far comes to, while it is being chosen. It is kept, unless a page was answered since this one was shown.
    pub async fn preview_items(&self, id: &str, fields: &Fields) -> Result<Option<Worth>, DeskError> {
        let (before, version) = self.own_draft(id).await?;
        let mut draft = before.clone();
        let missing = self.take_items(&mut draft, fields).await?;
        self.keep_so_far(id, (&before, version), &mut draft, fields, &missing).await?;
        self.worth_of(&draft).await
    }

    async fn orders_of(&self, draft: &Draft) -> Result<Vec<ItemsOrder>, DeskError> {
        let mut orders = Vec::new();
        for number in &draft.orders {
            let (row, outlook) = self.returnable(number).await?;
            orders.push(self.items_of(&row, &outlook, draft));
        }
        Ok(orders)
    }

    fn items_of(&self, row: &OrderRow, outlook: &Outlook, draft: &Draft) -> ItemsOrder {
        let day = |time: Timestamp| local_day(time, &outlook.policy.time_zone);
        let delivered = |line: &OrderLine| row.order.delivered_at(&line.id).map(day);
        let together = row.order.lines.iter().all(|line| delivered(line) == row.order.lines.first().and_then(delivered));
        let now = self.services.clock.now();
        let items = row.order.items().zip(&outlook.lines).map(|(line, seen)| {
            let refused = seen.available > 0 && !seen.free.refusals.is_empty();
            let asked = outlook.asked(line, seen, &self.services.reasons);
            let in_state = refused.then(|| outlook.case_of(row, &asked, |case, asked| states_that_help(&outlook.policy, case, asked, now)));
            let over = refused
                && !seen.fault.refusals.is_empty()
                && !outlook.case_of(row, &asked, |case, asked| could_come_back(&outlook.policy, case, asked, &self.services.reasons, now));
            let came_for = row.order.came_for(&line.id);
            let chosen = draft.lines.iter().find(|asked| asked.line == line.id && asked.order == row.order.number);
            Item {
                head: head(line, row, line.quantity),
                price: Money::new(share(line.net(), 1, i64::from(line.quantity)), row.order.currency),
                total: Money::new(line.net(), row.order.currency),
                delivered: delivered(line).filter(|_| !together || came_for.is_some()),
                early: seen.free.early,
                early_unopened: seen
                    .free
                    .early
                    .and_then(|_| outlook.early_unopened(row, &asked, now))
                    .filter(|days| Some(*days) != seen.free.early),
                in_state: in_state.unwrap_or_default().into_iter().find_map(still_possible),
                over,
                available: seen.available,
                chosen: chosen.map_or(0, |asked| asked.quantity.min(seen.available)),
                free: seen.free.window,
                refusals: seen.free.refusals.clone(),
                fault: seen.fault.window,
                warranty: line.warranty_months.is_some(),
                fee: seen.free.fee.clone(),
                gift_of: line.gift_with.as_ref().and_then(|with| row.order.line(with)).map(|main| main.name.clone()),
                came_for: came_for.map(|bought| bought.name.clone()),
                gifts: gifts_due(outlook, row, &line.id),
                bundle: line.bundle.is_some(),
                set_with: set_with(outlook, row, line),
                in_returns: seen.in_returns.clone(),
            }
        });
        let items = items.collect();
        ItemsOrder {
            number: row.order.number.clone(),
            placed: day(row.order.placed_at),
            delivered: row.order.lines.first().and_then(delivered).filter(|_| together),
            cancelled: row.order.cancelled,
            items,
            sent: sent(&row.order, day),
        }
    }
}

/// What of an order has left, of which something is in no return.
fn sent(order: &Order, day: impl Fn(Timestamp) -> Date) -> Vec<SentDelivery> {
    let left = order.deliveries.iter().enumerate().filter(|(_, delivery)| has_left(delivery) && !order.cancelled);
    let sent = left.map(|(place, delivery)| SentDelivery {
        place,
        carrier: delivery.carrier.clone(),
        tracking_number: delivery.tracking_number.clone(),
        delivered: delivery.delivered_at.map(&day),
    });
    sent.collect()
}

/// As pages show it.
pub(super) fn still_possible(state: InState) -> Option<StillPossible> {
    let condition = CONDITIONS.into_iter().find(|known| *known == state.condition.as_str())?;
    Some(StillPossible { condition, window: state.window, offers: state.offers })
}

/// Gifts of a line that must come back with it and are still there.
fn gifts_due(outlook: &Outlook, row: &OrderRow, line: &LineId) -> Vec<String> {
    if outlook.policy.gifts != GiftRule::Together {
        return Vec::new();
    }
    let there = |gift: &OrderLine| outlook.lines.iter().any(|seen| seen.line == gift.id && seen.available > 0);
    let gifts = row.order.lines.iter().filter(|gift| gift.gift_with.as_ref() == Some(row.order.in_books(line)) && there(gift));
    gifts.map(|gift| gift.name.clone()).collect()
}

/// The other parts of a set that only comes back whole.
fn set_with(outlook: &Outlook, row: &OrderRow, line: &OrderLine) -> Vec<String> {
    if outlook.policy.bundles != BundleRule::Together || line.bundle.is_none() {
        return Vec::new();
    }
    let others = row.order.lines.iter().filter(|other| other.bundle == line.bundle && other.id != *row.order.in_books(&line.id));
    others.map(|other| other.name.clone()).collect()
}
