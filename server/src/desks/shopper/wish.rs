//! What would you like?

use app::forms::{Fields, noted};
use app::ports::{DeskError, ExchangeChoice, ExchangeView, Mistake, Noted, OfferView, PaidBy, WishItem, WishPage};
use app::start_return::ItemWish;
use domain::order::{OrderLine, Payment};

use super::show::asks_to_show;
use super::{Desk, Next, head, names, product_of, travels};
use crate::services::{Assessment, Draft};

impl Desk {
    pub(super) async fn wish(&self, id: &str) -> Result<WishPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let assessment = self.assess(id, &draft.without_wishes(), true).await?;
        let shown = assessment.lines.iter().any(asks_to_show);
        let mistakes = draft.mistakes_of("wish");
        Ok(WishPage { draft: id.to_owned(), shown, items: wish_items(&assessment, &draft), mistakes })
    }

    /// "What would you like?"
    pub async fn choose_wish(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mistakes = self.take_wish(id, &mut draft, fields).await?;
        let assessment = self.assess(id, &draft, false).await?;
        if draft.joins.is_none() && assessment.lacks_a_way() {
            return self.answer(id, "items", draft, version, vec![noted("", Mistake::NoSharedWay)], "items").await;
        }
        // What joins a return comes back the way that return does.
        let travels = draft.joins.is_none() && travels(&assessment);
        let next = if travels { "send" } else { "check" };
        self.answer(id, "wish", draft, version, mistakes, next).await
    }

    pub(super) async fn take_wish(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let assessment = self.assess(id, &draft.without_wishes(), false).await?;
        let mut mistakes = Vec::new();
        for item in wish_items(&assessment, draft) {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            let (ItemWish { resolution, basis, exchange }, wrong) = ItemWish::parse(fields, &item);
            mistakes.extend(wrong);
            (asked.resolution, asked.basis, asked.exchange_sku) = (resolution, basis, exchange);
        }
        Ok(mistakes)
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
