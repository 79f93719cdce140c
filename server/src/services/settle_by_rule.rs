//! What rules do by themselves as soon as it is due (A10, P20): less is offered, an item is owed, money is promised and sent on its way. What a rule
//! leaves to a person, and what it may not, stays a task.

use domain::money::Money;
use domain::policy::{EarlyAt, PayoutEffect, Seen};
use domain::returns::{Command, Grantable, LineNo, LotNo, Reception, Return};

use super::Services;
use super::money::OfferAsked;
use super::refusals::ChangeError;
use super::run::Run;
use crate::store::StoreError;

impl Services {
    /// Does what rules say of what is due now.
    pub(super) async fn settle_by_rule(&self, run: &mut Run<'_, '_>) -> Result<(), StoreError> {
        // Somebody looks at the money first.
        if !run.request.flags.is_empty() {
            return Ok(());
        }
        let request = &run.request;
        let granted = request.grantable(None).into_iter().chain(request.grantable_early()).flat_map(|group| group.lots);
        let offered = request.offerable().into_iter().flat_map(|(_, lots)| lots);
        let owed = request.owable().into_iter().chain(request.owable_early()).flatten();
        let lots: Vec<LotNo> = granted.chain(offered).chain(owed).collect();
        if lots.is_empty() || !self.has_payouts(run).await? {
            return Ok(());
        }
        let effects = self.payouts(run, &lots).await?;
        if effects.iter().all(|(_, effect, _)| !effect.allows_any()) {
            return Ok(());
        }
        match self.carry_out_rules(run, &effects).await {
            Ok(()) => Ok(()),
            Err(ChangeError::Store(error)) => Err(error),
            // A person sees what a rule could not do.
            Err(why) => {
                tracing::info!(rma = %run.request.rma, %why, "left to a person");
                Ok(())
            }
        }
    }

    /// Whether a policy that the return follows says anything of paying out; nothing else is read where none does.
    pub(super) async fn has_payouts(&self, run: &mut Run<'_, '_>) -> Result<bool, StoreError> {
        for part in &run.request.orders {
            if self.policies.version(run.conn, part.policy_version).await?.is_some_and(|policy| !policy.payout.is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the policy's rules say of paying out for lots, and of what goes out for them before anybody looked at them.
    pub(super) async fn payouts(&self, run: &mut Run<'_, '_>, lots: &[LotNo]) -> Result<Vec<(LotNo, PayoutEffect, bool)>, StoreError> {
        let mut lines: Vec<LineNo> = lots.iter().map(|lot| lot.line).collect();
        lines.sort_unstable();
        lines.dedup();
        let request = &run.request;
        let hands = self.at_hand(run.conn, request, &lines).await?;
        let effect = |lot: &LotNo| {
            let hand = hands.iter().find(|hand| hand.line == lot.line)?;
            let (_, held) = request.lot(*lot)?;
            let seen = held.state.inspection.found().map(|found| Seen { found, grade: held.grade });
            let effect = hand.payout(seen);
            // All units of a line go out together.
            let (line, _) = request.lot(*lot)?;
            let costs = hand.costs_to_ship(request.units_held(line), line.asked.exchange_price);
            let ahead = effect.ships_ahead(costs, held.state.reception != Reception::Awaiting);
            Some((*lot, effect, ahead))
        };
        Ok(lots.iter().filter_map(effect).collect())
    }

    async fn carry_out_rules(&self, run: &mut Run<'_, '_>, effects: &[(LotNo, PayoutEffect, bool)]) -> Result<(), ChangeError> {
        let by_rule = |lot: &LotNo| effects.iter().any(|(of, effect, _)| of == lot && effect.allows_any());
        let offered: Vec<LotNo> = run.request.offerable().into_iter().flat_map(|(_, lots)| lots).filter(|lot| by_rule(lot)).collect();
        if !offered.is_empty() {
            let lines = Some(offered.iter().map(|lot| lot.line).collect());
            self.offer_in(run, OfferAsked { lines, amount: None }, true).await?;
        }
        let ahead = |lot: &LotNo| effects.iter().any(|(of, _, ahead)| of == lot && *ahead);
        let owed = run.request.owable().into_iter().filter(|lots| lots.iter().all(by_rule));
        let before = run.request.owable_early().into_iter().filter(|lots| lots.iter().all(ahead));
        for lots in owed.chain(before).collect::<Vec<Vec<LotNo>>>() {
            run.decide_by_rule(&Command::OweRemedy { lots })?;
        }
        let seen = |request: &Return, lot: &LotNo| request.lot(*lot).is_some_and(|(_, lot)| lot.state.reception == Reception::InTransit);
        let early = |request: &Return, lot: &LotNo| {
            let at = effects.iter().find(|(of, ..)| of == lot).and_then(|(_, effect, _)| effect.early);
            at == Some(EarlyAt::Submission) || (at == Some(EarlyAt::FirstScan) && seen(request, lot))
        };
        let mut groups: Vec<Grantable> = run.request.grantable(None);
        groups.extend(run.request.grantable_early().into_iter().map(|group| {
            let lots = group.lots.iter().copied().filter(|lot| early(&run.request, lot)).collect();
            Grantable { lots, ..group }
        }));
        for group in groups {
            let lots: Vec<LotNo> = group.lots.iter().copied().filter(by_rule).collect();
            if !lots.is_empty() {
                self.grant_by_rule(run, Grantable { lots, ..group }, effects).await?;
            }
        }
        Ok(())
    }

    /// Promises money by rule, and sends it on its way where nobody's hand is needed.
    async fn grant_by_rule(
        &self,
        run: &mut Run<'_, '_>,
        group: Grantable,
        effects: &[(LotNo, PayoutEffect, bool)],
    ) -> Result<(), ChangeError> {
        let (command, amount) = self.grant_of(run, &group).await?;
        let in_all = Money::new(amount.minor + run.request.granted_of(&group.order), amount.currency);
        let allowed = |lot: &LotNo| effects.iter().any(|(of, effect, _)| of == lot && effect.allows(in_all));
        if !group.lots.iter().all(allowed) || (amount.minor == 0 && run.request.goes_out_for(&group.lots)) {
            return Ok(());
        }
        run.decide_by_rule_knowing(self, &command).await?;
        self.second_look_by(run, effects).await?;
        match run.request.grants.last().map(|grant| grant.id) {
            Some(grant) => self.pay_by_rule(run, grant).await,
            None => Ok(()),
        }
    }
}
