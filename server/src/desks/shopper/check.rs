//! Check, and send it off.

use app::forms::{Fields, noted};
use app::ports::{CheckLine, CheckPage, DeskError, Mistake, Told, Wanted};
use app::start_return::WayBack;
use domain::order::OrderLine;
use domain::policy::{Decision, Method, Resolution};
use domain::returns::{Actor, Return};
use domain::rma::RmaNumber;

use super::wish::choice_of;
use super::{Desk, Next, freight_is_free, head, names, product_of, seen, travels};
use crate::desks::failed;
use crate::services::{Assessment, ChangeError, Draft, IdempotencyKey, LineAssessment, OpenError, Wrong};
use crate::store::{OrderRow, SENT_OFF, StoreError};

/// What is wanted in exchange: one of what there is, or what was written.
fn exchange_of(said: &LineAssessment, line: &OrderLine) -> Option<Wanted> {
    if said.resolution != Some(Resolution::Exchange) {
        return None;
    }
    let named = said.exchange.wanted().map(|choice| Wanted::Named(choice_of(choice, line, 1).label));
    named.or_else(|| said.asked.exchange_sku.as_ref().map(|words| Wanted::Words(words.to_string())))
}

impl Desk {
    pub(super) async fn check(&self, id: &str) -> Result<CheckPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        if let Some(step) = draft.unanswered() {
            return Err(DeskError::Moved(format!("/return/{id}/{step}")));
        }
        let page = self.check_of(id, &draft).await?;
        if page.method != Method::None && draft.method.is_none() && draft.joins.is_none() {
            return Err(DeskError::Moved(format!("/return/{id}/send")));
        }
        Ok(page)
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
        let rows: Vec<&OrderRow> = settled.parts.iter().map(|part| &*part.row).collect();
        let lines = assessment.lines.iter().filter_map(|said| {
            let (part, line) = product_of(said, &assessment)?;
            Some(CheckLine {
                head: head(line, &part.row, said.asked.quantity),
                decision: said.decision,
                why: said.why.clone(),
                resolution: said.resolution,
                exchange: exchange_of(said, line),
                review: said.review,
                policy: part.policy.clone(),
                trace: said.trace.clone(),
                changes: said.counterfactuals.clone(),
            })
        });
        Ok(CheckPage {
            draft: id.to_owned(),
            seen: draft.seen("check"),
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

    /// What the answers on a page would come to, while they are being given; nothing where nothing can be said yet. They are kept as far as
    /// they go, unless a page was answered since this one was shown.
    pub async fn preview(&self, id: &str, step: &str, fields: &Fields) -> Result<Option<CheckPage>, DeskError> {
        let (before, version) = self.own_draft(id).await?;
        let mut draft = before.clone();
        if !draft.still_as(step, seen(fields).as_deref()) {
            return Ok(None);
        }
        let missing = match step {
            "why" => self.take_why(&mut draft, fields).await?,
            "wish" => self.take_wish(id, &mut draft, fields).await?,
            "send" => self.take_method(id, &mut draft, fields).await?,
            _ => return Err(DeskError::NotFound),
        };
        self.keep_so_far(id, (&before, version), &mut draft, fields, &missing).await?;
        // Nothing is decided before all of it is chosen.
        if !missing.is_empty() || draft.unanswered().is_some() {
            return Ok(None);
        }
        if step != "send" {
            draft.method = None;
        }
        self.check_of(id, &draft).await.map(Some)
    }

    /// "Send it back": opens the return, once, however often the button is pressed. Opening judges it; what it says leads back to where it can
    /// be mended.
    pub async fn submit(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (draft, version) = self.own_draft(id).await.map_err(|error| match error {
            DeskError::Moved(path) if path.starts_with("/returns/") => DeskError::Moved(format!("{path}/done")),
            error => error,
        })?;
        if let Some(rma) = draft.rma {
            return self.sent_off(id, draft, version, rma, format!("/returns/{rma}/done")).await;
        }
        // Only what was shown is sent off.
        if !draft.still_as("check", seen(fields).as_deref()) {
            let next = self.overtaken(id, "check", draft, version, Vec::new()).await?;
            return Ok(next.unwrap_or_else(|| Next::to(format!("/return/{id}/check"))));
        }
        if let Some(page) = draft.unanswered() {
            return Ok(Next::to(format!("/return/{id}/{page}")));
        }
        let request = draft.request(self.visitor.locale);
        let key = IdempotencyKey { scope: SENT_OFF.into(), key: id.to_owned(), digest: String::new(), request: None, answer: None };
        if let Some(rma) = draft.joins {
            return match self.services.add_lines(self.own(&rma.to_string()).await?, request.lines, Some(key)).await {
                Ok(_) => {
                    self.visitor.session.data.told = Some((rma, Told::Added));
                    self.sent_off(id, draft, version, rma, format!("/returns/{rma}")).await
                }
                Err(error) => self.joining_failed(id, rma, draft, version, error).await,
            };
        }
        let actor = draft.by.as_ref().map_or(Actor::Customer, |by| Actor::Staff { name: by.name.clone() });
        match self.services.open_return(request, actor, Some(key)).await {
            Ok(opened) if draft.by.is_some() => Ok(Next::to(format!("/staff/returns/{}", opened.request.rma))),
            Ok(opened) => {
                let rma = opened.request.rma;
                self.sent_off(id, draft, version, rma, format!("/returns/{rma}/done")).await
            }
            // The last page says of each item why.
            Err(OpenError::NothingToReturn(_)) => Ok(Next::to(format!("/return/{id}/check"))),
            Err(OpenError::Problems(problems)) if problems.iter().any(|problem| matches!(problem.wrong, Wrong::Reason(_))) => {
                Ok(Next::to(format!("/return/{id}/why")))
            }
            // Somebody else took the last place of the slot: all else stays as it was said.
            Err(OpenError::Problems(problems)) if problems.iter().all(|problem| matches!(problem.wrong, Wrong::PickupFull)) => {
                self.answer(id, "send", draft, version, vec![noted(WayBack::PICKUP, Mistake::PickupFull)], "send").await
            }
            // What was possible a moment ago is not any more (somebody else took the units, a pickup day has passed): the pages say what.
            Err(OpenError::Problems(_)) => self.answer(id, "items", draft, version, vec![noted("", Mistake::Changed)], "items").await,
            Err(error) => Err(failed(&error)),
        }
    }

    /// The draft has become a return, or part of one.
    async fn sent_off(&mut self, id: &str, draft: Draft, version: i64, rma: RmaNumber, next: String) -> Result<Next, DeskError> {
        let done = Draft { rma: Some(rma), mistakes: Vec::new(), ..draft };
        if let Err(error) = self.services.keep_draft(id, &done, version).await
            && !matches!(error, StoreError::Stale(_))
        {
            return Err(failed(&error));
        }
        self.visitor.session.recognise_return(rma);
        self.visitor.session.data.drafts.retain(|(_, draft)| draft != id);
        self.keep_session(false).await?;
        Ok(Next::with_session(next))
    }

    /// Items could not join their return: back to where that can be mended, with the reason.
    pub(super) async fn joining_failed(
        &self,
        id: &str,
        rma: RmaNumber,
        draft: Draft,
        version: i64,
        error: ChangeError,
    ) -> Result<Next, DeskError> {
        let mistake = match error {
            ChangeError::Refused(_) | ChangeError::Unknown => return Ok(Next::to(format!("/returns/{rma}"))),
            // The last page says of each item why.
            ChangeError::Declined(_) => return Ok(Next::to(format!("/return/{id}/check"))),
            ChangeError::Apart => Mistake::Apart,
            ChangeError::Problems(problems) if problems.iter().any(|problem| matches!(problem.wrong, Wrong::Method(_))) => Mistake::Apart,
            ChangeError::Problems(_) | ChangeError::KeyReused => Mistake::Changed,
            error => return Err(failed(&error)),
        };
        self.answer(id, "items", draft, version, vec![noted("", mistake)], "items").await
    }
}
