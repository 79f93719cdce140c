//! What the shopper's pages show.

use app::ports::{
    AccountPage, CheckLine, CheckPage, DemoOrder, DeskError, ElsewherePage, FindPage, Item, ItemHead, ItemsOrder, ItemsPage, OfferView,
    PolicyPage, ReturnPage, SendPage, ShopperDesk, WhyItem, WhyPage, WishItem, WishPage,
};
use async_trait::async_trait;
use domain::money::{Money, share};
use domain::order::OrderLine;
use domain::policy::{Case, CaseLine, Decision, Method, Resolution, conditions_that_matter, local_day};
use domain::returns::{Authorization, Return, timeline};
use jiff::Timestamp;

use super::draft::{Draft, DraftLine};
use super::shopper::{Desk, failed};
use crate::services::{Assessment, OpenError, Wrong};
use crate::store::{self, OrderRow};

/// Categories whose fit is asked for.
const FITTED: [&str; 5] = ["apparel", "shoes", "clothes", "clothing", "fashion"];

pub(super) fn head(line: &OrderLine, order: &OrderRow, units: u32) -> ItemHead {
    ItemHead {
        key: format!("{}|{}", order.order.number, line.id),
        name: line.name.clone(),
        variant: line.variant.clone(),
        category: line.category.clone(),
        image: line.image.clone(),
        units,
    }
}

fn names(rows: &[&OrderRow]) -> Vec<(String, String)> {
    rows.iter().flat_map(|row| &row.order.lines).map(|line| (line.id.to_string(), line.name.clone())).collect()
}

#[async_trait]
impl ShopperDesk for Desk {
    async fn find_page(&self) -> Result<FindPage, DeskError> {
        let form = self.visitor.session.data.find.clone();
        if !form.mistakes.is_empty() {
            // Shown once: who comes back later starts afresh, with what they typed.
            let mut session = self.visitor.session.clone();
            session.data.find.mistakes.clear();
            session.save(&self.services, false).await.map_err(|error| failed(&error))?;
        }
        let demo = if self.services.config.demo { crate::demo::orders_to_try() } else { Vec::<DemoOrder>::new() };
        Ok(FindPage { number: form.number, contact: form.contact, rma: form.rma, mistakes: form.mistakes, demo })
    }

    async fn items_page(&self, id: &str) -> Result<ItemsPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let mut orders = Vec::new();
        for number in &draft.orders {
            let row = self.order(number).await?;
            orders.push(self.items_of(&row, &draft).await.map_err(|error| failed(&error))?);
        }
        Ok(ItemsPage { draft: id.to_owned(), orders, mistakes: draft.mistakes_of("items") })
    }

    async fn why_page(&self, id: &str) -> Result<WhyPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if draft.lines.is_empty() {
            return Err(DeskError::Moved(format!("/return/{id}/items")));
        }
        let mut items = Vec::new();
        for asked in &draft.lines {
            let row = self.order(&asked.order).await?;
            let Some(line) = row.order.line(&asked.line) else { continue };
            items.push(WhyItem {
                head: head(line, &row, asked.quantity),
                reasons: self.reasons_for(line),
                reason: asked.reason.clone(),
                sub_reason: asked.sub_reason.clone(),
                conditions: self.conditions_for(&row, asked).await.map_err(|error| failed(&error))?,
                condition: asked.condition.as_ref().map(ToString::to_string),
                ask_fit: line.category.as_ref().is_some_and(|category| FITTED.contains(&category.as_str())),
                fit: asked.fit.as_ref().map(ToString::to_string),
                comment: asked.comment.clone(),
            });
        }
        Ok(WhyPage { draft: id.to_owned(), items, mistakes: draft.mistakes_of("why") })
    }

    async fn wish_page(&self, id: &str) -> Result<WishPage, DeskError> {
        let (mut draft, _) = self.own_draft(id).await?;
        // The answer to "what is possible" must not depend on what was wished for before.
        let wishes: Vec<Option<Resolution>> = draft.lines.iter().map(|line| line.resolution).collect();
        for line in &mut draft.lines {
            line.resolution = None;
        }
        draft.method = None;
        let assessment = self.assess(id, &draft, true).await?;
        let items = assessment.lines.iter().zip(&wishes).filter_map(|(said, wish)| {
            let part = assessment.parts.iter().find(|part| part.row.order.number.key() == said.asked.order.key())?;
            let line = part.row.order.line(&said.asked.line)?;
            let kept = draft.lines.iter().find(|kept| kept.line == said.asked.line && kept.order == said.asked.order)?;
            Some(WishItem {
                head: head(line, &part.row, said.asked.quantity),
                decision: said.decision,
                why: said.why.clone(),
                offers: said
                    .offers
                    .iter()
                    .map(|offer| OfferView { resolution: offer.resolution, amount: offer.amount, bonus: offer.bonus })
                    .collect(),
                chosen: *wish,
                exchange_sku: kept.exchange_sku.clone(),
                changes: said.counterfactuals.clone(),
                means: part
                    .row
                    .order
                    .payments
                    .iter()
                    .map(|payment| payment.method.as_ref().map(ToString::to_string).unwrap_or_default())
                    .collect(),
                names: names(&[&part.row]),
            })
        });
        Ok(WishPage { draft: id.to_owned(), items: items.collect(), mistakes: draft.mistakes_of("wish") })
    }

    async fn send_page(&self, id: &str) -> Result<SendPage, DeskError> {
        let (mut draft, _) = self.own_draft(id).await?;
        let chosen = draft.method.take();
        let assessment = self.assess(id, &draft, false).await?;
        if !travels(&assessment) {
            return Err(DeskError::Moved(format!("/return/{id}/check")));
        }
        let today = assessment.parts.first().map(|part| local_day(self.services.clock.now(), &part.policy.time_zone));
        let days = today.map_or_else(Vec::new, |today| {
            (1..=i64::from(self.services.config.pickup.days_ahead))
                .filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok())
                .collect()
        });
        Ok(SendPage {
            draft: id.to_owned(),
            free: freight_is_free(&assessment),
            methods: assessment.methods.iter().map(|offered| (offered.method, offered.price)).collect(),
            chosen,
            from: assessment.parts.first().and_then(|part| part.row.order.ship_to.clone()),
            days,
            slots: self.services.config.pickup.slots.clone(),
            pickup: draft.pickup.clone(),
            label_until: assessment.promises.label,
            mistakes: draft.mistakes_of("send"),
        })
    }

    async fn check_page(&self, id: &str) -> Result<CheckPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if let Some(step) = unanswered(&draft) {
            return Err(DeskError::Moved(format!("/return/{id}/{step}")));
        }
        let assessment = self.assess(id, &draft, true).await?;
        if travels(&assessment) && draft.method.is_none() {
            return Err(DeskError::Moved(format!("/return/{id}/send")));
        }
        let goes = assessment.lines.iter().filter(|line| line.decision != Decision::Declined);
        let rows: Vec<&OrderRow> = assessment.parts.iter().map(|part| &part.row).collect();
        let lines = assessment.lines.iter().filter_map(|said| {
            let part = assessment.parts.iter().find(|part| part.row.order.number.key() == said.asked.order.key())?;
            let line = part.row.order.line(&said.asked.line)?;
            Some(CheckLine {
                head: head(line, &part.row, said.asked.quantity),
                decision: said.decision,
                why: said.why.clone(),
                resolution: said.resolution,
                review: said.review,
                policy: part.policy.clone(),
                trace: said.trace.clone(),
                changes: said.counterfactuals.clone(),
            })
        });
        Ok(CheckPage {
            draft: id.to_owned(),
            lines: lines.collect(),
            decision: goes.map(|line| line.decision).max().unwrap_or(Decision::Declined),
            settlements: assessment.parts.iter().map(|part| part.settlement.clone()).collect(),
            names: names(&rows),
            method: if travels(&assessment) { draft.method.unwrap_or(Method::SelfShip) } else { Method::None },
            pickup: draft.pickup.clone().filter(|_| draft.method == Some(Method::Pickup)),
            from: rows.first().and_then(|row| row.order.ship_to.clone()),
            email: rows.first().and_then(|row| row.order.customer.email.as_ref().map(|email| email.masked())),
            promises: assessment.promises,
            freight_free: travels(&assessment) && freight_is_free(&assessment),
            reasons: self.services.reasons.all().to_vec(),
            mistakes: draft.mistakes_of("check"),
        })
    }

    async fn return_page(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        let request = self.own_return(rma).await?;
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let events = store::events_of(&mut read.conn(), request.rma).await.map_err(|error| failed(&error))?;
        Ok(ReturnPage {
            entries: timeline(&request, &events),
            label: has_label(&request),
            can_cancel: request.can_cancel(),
            days_to_money: days(request.promises.arrived, request.promises.refunded),
            request,
        })
    }

    async fn account_page(&self) -> Result<AccountPage, DeskError> {
        self.account().await
    }

    async fn elsewhere_page(&self, id: &str) -> Result<ElsewherePage, DeskError> {
        self.elsewhere(id).await
    }

    async fn policy_page(&self) -> Result<PolicyPage, DeskError> {
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let (row, policy) =
            self.services.policies.current(&mut read.conn(), self.services.clock.now()).await.map_err(|error| failed(&error))?;
        let since = (row.effective_from > 0).then(|| Timestamp::from_millisecond(row.effective_from).ok()).flatten();
        Ok(PolicyPage { policy, version: row.version, since, reasons: self.services.reasons.all().to_vec() })
    }
}

fn days(from: Timestamp, to: Timestamp) -> i64 {
    let seconds = to.as_second() - from.as_second();
    (seconds + 86_399) / 86_400
}

/// Whether the label of a return can be printed.
pub fn has_label(request: &Return) -> bool {
    request.parcel().is_some() && request.live_lines().any(|line| line.state.authorization == Authorization::Approved)
}

/// Whether anything of it comes back in a parcel or by hand.
pub(super) fn travels(assessment: &Assessment) -> bool {
    assessment.lines.iter().any(|line| line.decision != Decision::Declined && line.resolution.is_some_and(Resolution::sends_back))
}

fn freight_is_free(assessment: &Assessment) -> bool {
    assessment.lines.iter().any(|line| line.decision != Decision::Declined && line.payer == domain::policy::Payer::Merchant)
}

/// The first page whose question is not answered yet.
pub(super) fn unanswered(draft: &Draft) -> Option<&'static str> {
    if draft.lines.is_empty() {
        Some("items")
    } else if draft.lines.iter().any(|line| line.reason.is_none()) {
        Some("why")
    } else {
        None
    }
}

impl Desk {
    /// Assesses a draft. What is wrong with it leads back to the page where it can be mended.
    pub(super) async fn assess(&self, id: &str, draft: &Draft, explain: bool) -> Result<Assessment, DeskError> {
        if let Some(step) = unanswered(draft) {
            return Err(DeskError::Moved(format!("/return/{id}/{step}")));
        }
        match self.services.quote(&draft.request(self.visitor.locale), explain).await {
            Ok(assessment) => Ok(assessment),
            Err(OpenError::Problems(problems)) => {
                let why = problems.iter().any(|problem| matches!(problem.wrong, Wrong::Reason(_)));
                Err(DeskError::Moved(format!("/return/{id}/{}", if why { "why" } else { "items" })))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    pub(super) fn reasons_for(&self, line: &OrderLine) -> Vec<domain::reason::Reason> {
        let suits = line.category.as_ref();
        let offered = self.services.reasons.offered(suits).cloned();
        offered
            .map(|mut reason| {
                reason.sub_reasons.retain(|sub| sub.suits(suits));
                reason
            })
            .collect()
    }

    /// The states of the item to ask for, where the answer depends on them.
    pub(super) async fn conditions_for(&self, row: &OrderRow, asked: &DraftLine) -> Result<Vec<&'static str>, store::StoreError> {
        const KNOWN: [&str; 8] = ["unopened", "opened", "used", "damaged", "incomplete", "dirty", "altered", "assembled"];
        let outlook = self.services.outlook(row).await?;
        let line = CaseLine {
            line: asked.line.clone(),
            quantity: asked.quantity,
            reason: None,
            condition: None,
            resolution: None,
            evidence: Vec::new(),
        };
        let lines = [line.clone()];
        let case = Case {
            order: &row.order,
            history: &outlook.history,
            lines: &lines,
            method: None,
            withdrawal: false,
            return_region: None,
            proof: None,
        };
        let states = conditions_that_matter(&outlook.policy, &case, &line, &self.services.reasons, self.services.clock.now());
        Ok(KNOWN.into_iter().filter(|known| states.iter().any(|state| state.as_str() == *known)).collect())
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
                bundle: line.bundle.is_some(),
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
