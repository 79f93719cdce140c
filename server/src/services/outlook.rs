//! What may still come back of an order, before anybody has said why.

use std::sync::Arc;

use domain::ids::LineId;
use domain::item::UNOPENED;
use domain::order::OrderLine;
use domain::policy::{Case, CaseLine, History, Policy, SaidOfLaw, Sentence, WindowState, judge};
use domain::reason::{Fault, ReasonTree};
use domain::returns::Return;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Services;
use super::held::{history_of, units_taken};
use crate::store::{self, Conn, OrderRow, StoreError};

/// An order's lines, as something that could come back.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// Version of the policy the order follows.
    pub policy_version: i64,
    /// That policy.
    pub policy: Arc<Policy>,
    /// What came back before.
    pub history: History,
    /// Lines, in the order's order.
    pub lines: Vec<LineOutlook>,
}

/// A line, as something that could come back.
#[derive(Clone, Debug)]
pub struct LineOutlook {
    /// Which.
    pub line: LineId,
    /// Units bought.
    pub quantity: u32,
    /// Units still there to return.
    pub available: u32,
    /// Live returns that hold the others, with their units.
    pub in_returns: Vec<(RmaNumber, u32)>,
    /// Without a reason.
    pub free: Answer,
    /// Where something is wrong with it.
    pub fault: Answer,
}

/// What policy would say.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Until when.
    pub window: WindowState,
    /// Why not; empty where it is possible.
    pub refusals: Vec<Sentence>,
    /// What is taken off.
    pub fee: Option<Sentence>,
    /// It is not delivered yet, and once it is there are so many days.
    pub early: Option<u32>,
}

impl Outlook {
    /// What most would ask of a line: as many units as there are, for no reason of ours.
    pub fn asked(&self, line: &OrderLine, seen: &LineOutlook, reasons: &ReasonTree) -> CaseLine {
        asked(line, seen.available, Fault::Customer, reasons)
    }

    /// How many days a line that is not delivered yet can be returned in once it is, as long as nobody opens it.
    pub fn early_unopened(&self, row: &OrderRow, asked: &CaseLine, now: Timestamp) -> Option<u32> {
        let unopened = CaseLine { condition: UNOPENED.parse().ok(), ..asked.clone() };
        answer(&self.policy, row, &self.history, unopened, now).early
    }

    /// Hands on a line of an order as a case of its own.
    pub fn case_of<T>(&self, row: &OrderRow, asked: &CaseLine, then: impl FnOnce(&Case<'_>, &CaseLine) -> T) -> T {
        let lines = std::slice::from_ref(asked);
        let history = &self.history;
        then(&Case { order: &row.order, history, lines, method: None, withdrawal: false, return_region: None, proof: None }, asked)
    }
}

fn asked(line: &OrderLine, available: u32, fault: Fault, reasons: &ReasonTree) -> CaseLine {
    CaseLine {
        line: line.id.clone(),
        quantity: available.max(1),
        reason: reasons.typical(fault, line.category.as_ref()),
        condition: None,
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }
}

impl Services {
    /// What may still come back of an order.
    pub async fn outlook(&self, row: &OrderRow) -> Result<Outlook, StoreError> {
        let mut read = self.store.read().await?;
        let returns = store::returns_of_order(&mut read.conn(), row.order.number.as_str()).await?;
        self.outlook_with(&mut read.conn(), row, &returns).await
    }

    /// An order, with what may still come back of it.
    pub async fn returnable(&self, number: &str) -> Result<Option<(OrderRow, Outlook)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some((row, returns)) = store::find_order_with_returns(&mut read.conn(), number).await? else { return Ok(None) };
        let outlook = self.outlook_with(&mut read.conn(), &row, &returns).await?;
        Ok(Some((row, outlook)))
    }

    /// What may still come back of an order on which there are `returns`.
    pub async fn outlook_with(&self, conn: &mut Conn<'_>, row: &OrderRow, returns: &[Return]) -> Result<Outlook, StoreError> {
        let (policy_version, policy) = self.policies.for_order(conn, row.order.judged_as_of(self.clock.now())).await?;
        let history = history_of(row, returns, 0);
        let now = self.clock.now();
        let lines = row.order.items().map(|line| {
            let taken = units_taken(row, returns, &line.id);
            let available = if row.order.cancelled || row.order.remedy.is_some() { 0 } else { line.quantity.saturating_sub(taken.units) };
            let answer = |fault: Fault| answer(&policy, row, &history, asked(line, available, fault, &self.reasons), now);
            LineOutlook {
                line: line.id.clone(),
                quantity: line.quantity,
                available,
                in_returns: taken.in_returns.iter().map(|rma| (*rma, held(returns, *rma, &line.id))).collect(),
                free: answer(Fault::Customer),
                fault: answer(Fault::Merchant),
            }
        });
        let lines = lines.collect();
        Ok(Outlook { policy_version, policy, history, lines })
    }
}

fn held(returns: &[Return], rma: RmaNumber, line: &LineId) -> u32 {
    let request = returns.iter().find(|request| request.rma == rma);
    request.map_or(0, |request| request.live_lines().filter(|held| held.asked.line == *line).map(|held| held.asked.quantity).sum())
}

fn answer(policy: &Policy, row: &OrderRow, history: &History, asked: CaseLine, now: Timestamp) -> Answer {
    let lines = [asked];
    let case = Case { order: &row.order, history, lines: &lines, method: None, withdrawal: false, return_region: None, proof: None };
    let verdict = judge(policy, &case, now);
    let Some(said) = verdict.lines.first() else {
        return Answer { window: WindowState::Never, refusals: Vec::new(), fee: None, early: None };
    };
    let sentences = said.sentences(policy, &case);
    // What must come along is said when it is left out, not before anything is chosen.
    let lasting = |sentence: &&Sentence| !matches!(sentence, Sentence::GiftMissing { .. } | Sentence::BundleIncomplete { .. });
    let refusals = if said.refusals.is_empty() { Vec::new() } else { sentences.iter().filter(lasting).cloned().collect() };
    let early = sentences.iter().find_map(|sentence| match sentence {
        Sentence::WindowDays { day, days, .. } if *day < 0 => Some(*days),
        _ => None,
    });
    let fee = sentences.into_iter().find(|sentence| matches!(sentence, Sentence::Fee { .. }));
    Answer { window: said.window.state, refusals, fee, early }
}
