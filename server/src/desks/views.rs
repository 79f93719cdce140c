//! What the shopper's pages show.

use app::ports::{
    AccountPage, CheckLine, CheckPage, DemoDepartment, DeskError, ElsewherePage, ExchangeChoice, ExchangeView, FindPage, Item, ItemHead,
    ItemsOrder, ItemsPage, Noted, OfferView, PolicyPage, ReturnPage, SendPage, ShopperDesk, ShowPage, WhyItem, WhyPage, WishItem, WishPage,
};
use async_trait::async_trait;
use domain::ids::LineId;
use domain::money::{Money, share};
use domain::order::OrderLine;
use domain::policy::{BundleRule, Case, CaseLine, Decision, GiftRule, Method, Resolution, conditions_that_matter, local_day};
use domain::reason::Reason;
use domain::returns::{Pickup, Return, Status, timeline};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::draft::{Draft, DraftLine};
use super::shopper::{Desk, failed};
use super::show::{asks_to_show, given};
pub(super) use crate::labels::has_label;
use crate::services::{Assessment, ChangeError, LineAssessment, OpenError, Outlook, Wrong};
use crate::store::{self, Holder, OrderRow};

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

fn choice_of(choice: &crate::services::ExchangeChoice, line: &OrderLine, units: u32) -> ExchangeChoice {
    // The product's name is said where it is another product.
    let other = choice.name.as_ref().filter(|name| **name != line.name);
    let label = match (other, &choice.variant) {
        (None, Some(variant)) => variant.clone(),
        _ => choice.label().unwrap_or_else(|| choice.sku.to_string()),
    };
    ExchangeChoice {
        sku: choice.sku.to_string(),
        label,
        available: choice.available,
        enough: choice.available >= units,
        difference: choice.difference,
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
        let demo = if self.services.config.demo { crate::demo::orders_to_try() } else { Vec::<DemoDepartment>::new() };
        Ok(FindPage { number: form.number, contact: form.contact, rma: form.rma, mistakes: form.mistakes, demo })
    }

    async fn items_page(&self, id: &str) -> Result<ItemsPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let mut orders = Vec::new();
        for number in &draft.orders {
            let row = self.order(number).await?;
            orders.push(self.items_of(&row, &draft).await.map_err(|error| failed(&error))?);
        }
        let mut others = Vec::new();
        for key in &self.visitor.session.data.orders {
            if others.len() < 5 && !draft.orders.iter().any(|order| order.key() == *key) {
                let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
                let row = store::find_order(&mut read.conn(), key).await.map_err(|error| failed(&error))?;
                others.extend(row.map(|row| row.order.number));
            }
        }
        Ok(ItemsPage { draft: id.to_owned(), orders, joins: draft.joins, others, mistakes: draft.mistakes_of("items") })
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

    async fn show_page(&self, id: &str) -> Result<ShowPage, DeskError> {
        self.show_of(id).await
    }

    async fn photos_page(&self, rma: &str) -> Result<ShowPage, DeskError> {
        self.photos_of(rma).await
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
                    .map(|offer| OfferView { resolution: offer.resolution, amount: offer.amount, bonus: offer.bonus, by: offer.by })
                    .collect(),
                chosen: *wish,
                exchange: ExchangeView {
                    known: said.exchange.known,
                    choices: said.exchange.choices.iter().map(|choice| choice_of(choice, line, said.asked.quantity)).collect(),
                    wanted: kept.exchange_sku.clone(),
                },
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
        let shown = assessment.lines.iter().any(asks_to_show);
        Ok(WishPage { draft: id.to_owned(), shown, items: items.collect(), mistakes: draft.mistakes_of("wish") })
    }

    async fn send_page(&self, id: &str) -> Result<SendPage, DeskError> {
        let (mut draft, _) = self.own_draft(id).await?;
        let chosen = draft.method.take();
        let assessment = self.assess(id, &draft, false).await?;
        if !travels(&assessment) || draft.joins.is_some() {
            return Err(DeskError::Moved(format!("/return/{id}/check")));
        }
        let page = self.ways(&assessment, chosen, draft.pickup.clone());
        Ok(SendPage { draft: Some(id.to_owned()), mistakes: draft.mistakes_of("send"), ..page })
    }

    async fn method_page(&self, rma: &str) -> Result<SendPage, DeskError> {
        let request = self.own_return(rma).await?;
        let back = || DeskError::Moved(format!("/returns/{}", request.rma));
        if request.check_changeable().is_err() {
            return Err(back());
        }
        let assessment = self.services.ways_back(&request).await.map_err(|error| failed(&error))?.ok_or_else(back)?;
        let page = self.ways(&assessment, Some(request.method), request.pickup.clone());
        let from = request.from.clone().or(page.from);
        Ok(SendPage { rma: Some(request.rma), mistakes: self.change_mistakes(request.rma), from, ..page })
    }

    async fn check_page(&self, id: &str) -> Result<CheckPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if let Some(step) = unanswered(&draft) {
            return Err(DeskError::Moved(format!("/return/{id}/{step}")));
        }
        let page = self.check_of(id, &draft).await?;
        if page.method != Method::None && draft.method.is_none() && draft.joins.is_none() {
            return Err(DeskError::Moved(format!("/return/{id}/send")));
        }
        Ok(page)
    }

    async fn return_page(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        let request = self.own_return(rma).await?;
        let held = self.services.evidence_held(&Holder::Return(request.rma)).await.map_err(|error| failed(&error))?;
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let events = store::events_of(&mut read.conn(), request.rma).await.map_err(|error| failed(&error))?;
        Ok(ReturnPage {
            entries: timeline(&request, &events),
            given: held.iter().map(given).collect(),
            label: has_label(&request),
            label_expired: request.parcel().is_some_and(|parcel| parcel.expires_at < self.services.clock.now())
                && request.status() == Status::Approved,
            can_change: !request.newer && request.check_changeable().is_ok(),
            mistakes: self.change_mistakes(request.rma),
            can_cancel: !request.newer && request.can_cancel(),
            days_to_money: days(request.promises.arrived, request.promises.refunded),
            reasons: self.reasons_of(&request),
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

/// Whether anything of it comes back in a parcel or by hand.
pub(super) fn travels(assessment: &Assessment) -> bool {
    assessment.lines.iter().any(LineAssessment::sends_back)
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
    /// Ways back, with the days and hours of a pickup.
    fn ways(&self, assessment: &Assessment, chosen: Option<Method>, pickup: Option<Pickup>) -> SendPage {
        let today = local_day(self.services.clock.now(), &self.services.shop_zone());
        let ahead = 1..=i64::from(self.services.config.pickup.days_ahead);
        let days = ahead.filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok()).collect();
        SendPage {
            draft: None,
            rma: None,
            free: freight_is_free(assessment),
            methods: assessment.methods.iter().map(|offered| (offered.method, offered.price)).collect(),
            chosen,
            from: assessment.parts.first().and_then(|part| part.row.order.ship_to.clone()),
            days,
            slots: self.services.config.pickup.slots.clone(),
            pickup,
            label_until: assessment.promises.label,
            mistakes: Vec::new(),
        }
    }

    /// What a draft comes to, as it stands.
    pub(super) async fn check_of(&self, id: &str, draft: &Draft) -> Result<CheckPage, DeskError> {
        let (assessment, joined) = match draft.joins {
            Some(rma) => {
                let (request, added, whole) = self.joined(id, draft, rma).await?;
                (added, Some((request, whole)))
            }
            None => (self.assess(id, draft, true).await?, None),
        };
        let goes = assessment.lines.iter().filter(|line| line.decision != Decision::Declined);
        let settled = joined.as_ref().and_then(|(_, whole)| whole.as_ref()).unwrap_or(&assessment);
        let (method, pickup) = match &joined {
            Some((request, _)) => (Some(request.method), request.pickup.clone()),
            None => (draft.method, draft.pickup.clone()),
        };
        let rows: Vec<&OrderRow> = settled.parts.iter().map(|part| &part.row).collect();
        let lines = assessment.lines.iter().filter_map(|said| {
            let part = assessment.parts.iter().find(|part| part.row.order.number.key() == said.asked.order.key())?;
            let line = part.row.order.line(&said.asked.line)?;
            Some(CheckLine {
                head: head(line, &part.row, said.asked.quantity),
                decision: said.decision,
                why: said.why.clone(),
                resolution: said.resolution,
                exchange: said
                    .exchange
                    .wanted()
                    .filter(|_| said.resolution == Some(Resolution::Exchange))
                    .map(|choice| choice_of(choice, line, 1).label),
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
            settlements: settled.parts.iter().map(|part| part.settlement.clone()).collect(),
            names: names(&rows),
            joins: draft.joins,
            method: if travels(&assessment) { method.unwrap_or(Method::SelfShip) } else { Method::None },
            pickup: pickup.filter(|_| method == Some(Method::Pickup)),
            from: rows.first().and_then(|row| row.order.ship_to.clone()),
            email: rows.first().and_then(|row| row.order.customer.email.as_ref().map(|email| email.masked())),
            promises: assessment.promises,
            freight_free: travels(&assessment) && freight_is_free(&assessment),
            reasons: self.services.reasons.all().to_vec(),
            mistakes: draft.mistakes_of("check"),
        })
    }

    pub(super) fn change_mistakes(&self, rma: RmaNumber) -> Vec<Noted> {
        let change = self.visitor.session.data.change.as_ref();
        change.filter(|(of, _)| *of == rma).map(|(_, mistakes)| mistakes.clone()).unwrap_or_default()
    }

    /// What a draft that joins a return comes to: its items, and all of that return together.
    async fn joined(&self, id: &str, draft: &Draft, rma: RmaNumber) -> Result<(Return, Assessment, Option<Assessment>), DeskError> {
        let request = self.own_return(&rma.to_string()).await?;
        match self.services.quote_added(&request, draft.request(self.visitor.locale).lines, true).await {
            Ok((added, whole)) => Ok((request, added, whole)),
            Err(ChangeError::Refused(_)) => Err(DeskError::Moved(format!("/returns/{rma}"))),
            Err(ChangeError::Store(error)) => Err(failed(&error)),
            Err(_) => Err(DeskError::Moved(format!("/return/{id}/items"))),
        }
    }

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

impl Desk {
    /// The reasons that a return's lines name, the finer ones where they were told.
    fn reasons_of(&self, request: &Return) -> Vec<Reason> {
        let named = |reason: &&Reason| {
            let codes = request.lines.iter().map(|line| line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason));
            codes.into_iter().any(|code| *code == reason.code)
        };
        let tree = self.services.reasons.all();
        tree.iter().chain(tree.iter().flat_map(|reason| &reason.sub_reasons)).filter(named).cloned().collect()
    }
}
