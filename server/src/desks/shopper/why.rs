//! Why does it come back?

use app::forms::Fields;
use app::ports::{DeskError, Noted, WhyItem, WhyPage};
use app::start_return::ItemWhy;
use domain::item::CONDITIONS;
use domain::order::OrderLine;
use domain::policy::{Case, CaseLine, SaidOfLaw, conditions_that_matter};

use super::{Desk, Next, head};
use crate::services::{Draft, DraftLine};
use crate::store::{OrderRow, StoreError};

impl Desk {
    pub(super) async fn why(&self, id: &str) -> Result<WhyPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if draft.lines.is_empty() {
            return Err(DeskError::Moved(format!("/return/{id}/items")));
        }
        let items = self.why_items(&draft).await?;
        Ok(WhyPage { draft: id.to_owned(), items, mistakes: draft.mistakes_of("why") })
    }

    async fn why_items(&self, draft: &Draft) -> Result<Vec<WhyItem>, DeskError> {
        let mut items = Vec::new();
        for asked in &draft.lines {
            let row = self.order(&asked.order).await?;
            let Some(line) = row.order.line(&asked.line) else { continue };
            items.push(WhyItem {
                head: head(line, &row, asked.quantity),
                reasons: self.reasons_for(line),
                reason: asked.reason.clone(),
                sub_reason: asked.sub_reason.clone(),
                conditions: self.conditions_for(&row, asked).await?,
                ask_seal: line.sealed_on_delivery != Some(false) && line.kinds.iter().any(|kind| kind.as_str().starts_with("sealed")),
                ask_fit: self.services.reasons.asks_fit(line.category.as_ref()),
                said: asked.said.clone(),
            });
        }
        Ok(items)
    }

    /// "Why?"
    pub async fn tell_why(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mistakes = self.take_why(&mut draft, fields).await?;
        let next = if mistakes.is_empty() && self.asks_to_show(id, &draft).await? { "show" } else { "wish" };
        self.answer(id, "why", draft, version, mistakes, next).await
    }

    pub(super) async fn take_why(&self, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let mut mistakes = Vec::new();
        for item in self.why_items(draft).await? {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            let before = (asked.reason.clone(), asked.sub_reason.clone(), asked.said.condition.clone());
            let (ItemWhy { reason, sub_reason, said }, wrong) = ItemWhy::parse(fields, &item);
            mistakes.extend(wrong);
            (asked.reason, asked.sub_reason, asked.said) = (reason, sub_reason, said);
            // Another reason may offer other things: what was wished for is asked again.
            if before != (asked.reason.clone(), asked.sub_reason.clone(), asked.said.condition.clone()) {
                asked.resolution = None;
            }
        }
        Ok(mistakes)
    }

    fn reasons_for(&self, line: &OrderLine) -> Vec<domain::reason::Reason> {
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
    async fn conditions_for(&self, row: &OrderRow, asked: &DraftLine) -> Result<Vec<&'static str>, StoreError> {
        let outlook = self.services.outlook(row).await?;
        let line = CaseLine {
            line: asked.line.clone(),
            quantity: asked.quantity,
            reason: None,
            condition: None,
            resolution: None,
            evidence: Vec::new(),
            law: SaidOfLaw::default(),
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
        Ok(CONDITIONS.into_iter().filter(|known| states.iter().any(|state| state.as_str() == *known)).collect())
    }
}
