//! Why does it come back?

use app::forms::Fields;
use app::ports::{DeskError, Noted, WhyItem, WhyPage};
use app::start_return::ItemWhy;
use domain::item::CONDITIONS;
use domain::order::OrderLine;
use domain::policy::{CaseLine, SaidOfLaw, conditions_that_matter};

use super::{Desk, Next, head, same_as, seen};
use crate::services::{Draft, DraftLine};
use crate::store::{OrderRow, StoreError};

impl Desk {
    pub(super) async fn why(&self, id: &str) -> Result<WhyPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if draft.lines.is_empty() {
            return Err(DeskError::Moved(format!("/return/{id}/items")));
        }
        let items = self.why_items(&draft.lines).await?;
        let worth = self.worth_of(&draft).await?;
        Ok(WhyPage { draft: id.to_owned(), seen: draft.seen("why"), items, worth, mistakes: draft.mistakes_of("why") })
    }

    async fn why_items<'l>(&self, lines: impl IntoIterator<Item = &'l DraftLine>) -> Result<Vec<WhyItem>, DeskError> {
        let mut items = Vec::new();
        for asked in lines {
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
        self.on_draft(id, move |desk, mut draft, version| async move {
            let mistakes = desk.take_why(&mut draft, fields).await?;
            if let Some(item) = same_as(fields) {
                desk.say_same(&mut draft, &item).await?;
                desk.kept(id, "why", draft, version, Vec::new(), "why").await
            } else if draft.still_as("why", seen(fields).as_deref()) {
                let next = if mistakes.is_empty() && desk.asks_to_show(id, &draft).await? { "show" } else { "wish" };
                desk.kept(id, "why", draft, version, mistakes, next).await
            } else {
                let kept = desk.take_why_aside(&mut draft, fields).await?;
                desk.overtaken(id, "why", draft, version, kept).await
            }
        })
        .await
    }

    pub(super) async fn take_why(&self, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let mut mistakes = Vec::new();
        let of_all = draft.still_as("why", seen(fields).as_deref());
        for item in self.why_items(&draft.lines).await? {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            // Chosen in another window since: what was said of it there stands.
            if of_all || ItemWhy::is_asked(fields, &item.head.key) {
                mistakes.extend(take(asked, fields, &item));
            }
        }
        draft.told_in_part = !mistakes.is_empty() || !of_all && draft.told_in_part;
        Ok(mistakes)
    }

    /// What is said of one item goes for all, as far as they are asked the same.
    async fn say_same(&self, draft: &mut Draft, item: &str) -> Result<(), DeskError> {
        let Some(model) = draft.lines.iter().find(|line| line.key().to_string() == item).cloned() else { return Ok(()) };
        let mut missing = false;
        for item in self.why_items(&draft.lines).await? {
            let Some(asked) = draft.lines.iter_mut().find(|asked| asked.is(&item.head.key)) else { continue };
            let reason = item.reasons.iter().find(|reason| Some(reason.code.as_str()) == model.reason.as_deref());
            if let Some(reason) = reason {
                let sub = reason.sub_reasons.iter().map(|sub| sub.code.to_string()).find(|sub| Some(sub) == model.sub_reason.as_ref());
                missing |= sub.is_none() && !reason.sub_reasons.is_empty();
                (asked.reason, asked.sub_reason, asked.resolution) = (model.reason.clone(), sub, None);
            }
            let states = model.said.condition.as_ref().filter(|state| item.conditions.contains(&state.as_str()));
            asked.said.condition = states.cloned().or(asked.said.condition.take());
            missing |= !item.conditions.is_empty() && asked.said.condition.is_none() && !reason.is_some_and(|reason| reason.never_arrived);
        }
        draft.told_in_part = missing;
        Ok(())
    }

    /// Keeps what a form says of items that are not chosen any more, and answers with their names.
    async fn take_why_aside(&self, draft: &mut Draft, fields: &Fields) -> Result<Vec<String>, DeskError> {
        let meant: Vec<DraftLine> = draft.aside.iter().filter(|line| ItemWhy::is_asked(fields, &line.key())).cloned().collect();
        let items = self.why_items(&meant).await?;
        for item in &items {
            if let Some(asked) = draft.aside.iter_mut().find(|asked| asked.is(&item.head.key)) {
                take(asked, fields, item);
            }
        }
        Ok(items.into_iter().map(|item| item.head.name).collect())
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
        let now = self.services.clock.now();
        let states =
            outlook.case_of(row, &line, |case, line| conditions_that_matter(&outlook.policy, case, line, &self.services.reasons, now));
        Ok(CONDITIONS.into_iter().filter(|known| states.iter().any(|state| state.as_str() == *known)).collect())
    }
}

/// Takes what a form says of an item.
fn take(asked: &mut DraftLine, fields: &Fields, item: &WhyItem) -> Vec<Noted> {
    let before = (asked.reason.clone(), asked.sub_reason.clone(), asked.said.condition.clone());
    let (ItemWhy { reason, sub_reason, said }, wrong) = ItemWhy::parse(fields, item);
    (asked.reason, asked.sub_reason, asked.said) = (reason, sub_reason, said);
    // Another reason may offer other things: what was wished for is asked again.
    if before != (asked.reason.clone(), asked.sub_reason.clone(), asked.said.condition.clone()) {
        asked.resolution = None;
    }
    wrong
}
