//! What would you like?

use app::forms::{Fields, noted};
use app::ports::{DeskError, ExchangeChoice, ExchangeView, Mistake, Noted, OfferView, PaidBy, WishItem, WishPage};
use app::start_return::ItemWish;
use domain::order::{OrderLine, Payment};
use domain::policy::{CaseLine, Decision, SaidOfLaw, states_that_help};

use super::items::still_possible;
use super::show::asks_to_show;
use super::{Desk, Next, head, names, product_of, same_as, seen, travels};
use crate::services::{Assessment, Draft};

impl Desk {
    pub(super) async fn wish(&self, id: &str) -> Result<WishPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let assessment = self.assess(id, &draft.without_wishes(), true).await?;
        let shown = assessment.lines.iter().any(asks_to_show);
        let mistakes = draft.mistakes_of("wish");
        Ok(WishPage { draft: id.to_owned(), seen: draft.seen("wish"), shown, items: self.wish_items(&assessment, &draft).await?, mistakes })
    }

    /// "What would you like?"
    pub async fn choose_wish(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        self.on_draft(id, move |desk, mut draft, version| async move {
            if let Some(next) = desk.in_another_state(id, &mut draft, fields).await? {
                desk.kept(id, next, draft, version, Vec::new(), next).await
            } else if let Some(item) = same_as(fields) {
                desk.wish_same(id, &mut draft, fields, &item).await?;
                desk.kept(id, "wish", draft, version, Vec::new(), "wish").await
            } else if draft.still_as("wish", seen(fields).as_deref()) {
                let mistakes = desk.take_wish(id, &mut draft, fields).await?;
                let assessment = desk.assess(id, &draft, false).await?;
                if draft.joins.is_none() && assessment.lacks_a_way() {
                    desk.kept(id, "items", draft, version, vec![noted("", Mistake::NoSharedWay)], "items").await
                } else {
                    // What joins a return comes back the way that return does.
                    let travels = draft.joins.is_none() && travels(&assessment);
                    desk.kept(id, "wish", draft, version, mistakes, if travels { "send" } else { "check" }).await
                }
            } else {
                desk.overtaken(id, "wish", draft, version, Vec::new()).await
            }
        })
        .await
    }

    /// What is wished for one item goes for all that it can be had for.
    async fn wish_same(&self, id: &str, draft: &mut Draft, fields: &Fields, item: &str) -> Result<(), DeskError> {
        self.take_wish(id, draft, fields).await?;
        let Some(model) = draft.lines.iter().find(|line| line.key().to_string() == item).cloned() else { return Ok(()) };
        let assessment = self.assess(id, &draft.without_wishes(), false).await?;
        for item in wish_items(&assessment, draft) {
            let offered = item.offers.iter().any(|offer| Some(offer.resolution) == model.resolution && Some(offer.basis) == model.basis);
            if let Some(asked) = draft.lines.iter_mut().find(|asked| offered && asked.is(&item.head.key)) {
                (asked.resolution, asked.basis) = (model.resolution, model.basis);
            }
        }
        Ok(())
    }

    /// Where an item is said to be in another state than before, after all: the page that is to be asked then.
    async fn in_another_state(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Option<&'static str>, DeskError> {
        if draft.unanswered().is_some() || !draft.lines.iter().any(|line| ItemWish::says_state(fields, &line.key())) {
            return Ok(None);
        }
        let assessment = self.assess(id, &draft.without_wishes(), false).await?;
        let mut changed = false;
        for item in self.wish_items(&assessment, draft).await? {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            let ItemWish { resolution, basis, exchange } = ItemWish::parse(fields, &item).0;
            (asked.resolution, asked.basis, asked.exchange_sku) = (resolution, basis, exchange);
            if let Some(condition) = ItemWish::other_state(fields, &item) {
                asked.said.condition = condition.parse().ok();
                changed = true;
            }
        }
        if !changed {
            return Ok(None);
        }
        Ok(Some(if self.asks_to_show(id, draft).await? { "show" } else { "wish" }))
    }

    pub(super) async fn take_wish(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let assessment = self.assess(id, &draft.without_wishes(), false).await?;
        let mut mistakes = Vec::new();
        for item in self.wish_items(&assessment, draft).await? {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            let (ItemWish { resolution, basis, exchange }, wrong) = ItemWish::parse(fields, &item);
            mistakes.extend(wrong);
            (asked.resolution, asked.basis, asked.exchange_sku) = (resolution, basis, exchange);
        }
        Ok(mistakes)
    }

    /// Each line with its answer and what can be had for it; where that is nothing, in which other states it could. `assessment`: with nothing
    /// wished for.
    async fn wish_items(&self, assessment: &Assessment, draft: &Draft) -> Result<Vec<WishItem>, DeskError> {
        let mut items = wish_items(assessment, draft);
        for item in items.iter_mut().filter(|item| item.decision == Decision::Declined) {
            let Some(said) =
                assessment.lines.iter().find(|said| said.asked.order == item.head.key.order && said.asked.line == item.head.key.line)
            else {
                continue;
            };
            let ((row, outlook), now) = (self.returnable(&said.asked.order).await?, self.services.clock.now());
            let asked = CaseLine {
                line: said.asked.line.clone(),
                quantity: said.asked.quantity,
                reason: said.reason.clone(),
                condition: None,
                resolution: None,
                evidence: Vec::new(),
                law: SaidOfLaw::default(),
            };
            let states = outlook.case_of(&row, &asked, |case, asked| states_that_help(&outlook.policy, case, asked, now));
            item.states = states.into_iter().filter_map(still_possible).collect();
        }
        Ok(items)
    }
}

/// Each line with its answer and what can be had for it. `assessment`: with nothing wished for.
fn wish_items(assessment: &Assessment, draft: &Draft) -> Vec<WishItem> {
    let item = |said: &crate::services::LineAssessment| {
        let (part, line) = product_of(said, assessment)?;
        let head = head(line, &part.row, said.asked.quantity);
        let kept = draft.lines.iter().find(|kept| kept.is(&head.key))?;
        let offers = said.offers.iter();
        let payments = part.row.order.payments.iter();
        Some(WishItem {
            decision: said.decision,
            why: said.why.clone(),
            offers: offers
                .map(|offer| OfferView {
                    resolution: offer.resolution,
                    amount: offer.amount,
                    bonus: offer.bonus,
                    by: offer.by,
                    within: said.comes_back_for(offer.resolution).then(|| part.policy.promises.after_arrival()),
                    basis: offer.basis,
                    fee: offer.fee,
                    payer: offer.payer,
                })
                .collect(),
            chosen: kept.resolution.map(|resolution| (resolution, kept.basis)),
            exchange: ExchangeView {
                known: said.exchange.known,
                choices: said.exchange.choices.iter().map(|choice| choice_of(choice, line, said.asked.quantity)).collect(),
                wanted: kept.exchange_sku.clone(),
            },
            changes: said.counterfactuals.clone(),
            states: Vec::new(),
            means: payments.map(paid_by).collect(),
            names: names(&[&part.row]),
            head,
        })
    };
    assessment.lines.iter().filter_map(item).collect()
}

fn paid_by(payment: &Payment) -> PaidBy {
    PaidBy { method: payment.method.as_ref().map(ToString::to_string).unwrap_or_default(), card_ending: payment.card_ending.clone() }
}

/// Something to exchange `units` of a line for.
pub(super) fn choice_of(choice: &crate::services::ExchangeChoice, line: &OrderLine, units: u32) -> ExchangeChoice {
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
