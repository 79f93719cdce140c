//! Promised money that is stopped, looked at by a second person, and let go.

use domain::money::Money;
use domain::policy::PayoutEffect;
use domain::returns::{Command, Event, Grant, GrantNo, HoldGround, LotNo, Return};
use domain::staff::StaffLimits;

use super::Services;
use super::access::Access;
use super::money::at_most;
use super::once::{Carried, IdempotencyKey};
use super::refusals::ChangeError;
use super::run::Run;
use crate::store::StoreError;

/// What is to become of promised money that has not left; with words for who works on it.
#[derive(Clone, Debug)]
pub enum HoldAsked {
    /// It is not paid for now.
    Hold(Option<String>),
    /// It may be paid.
    Release(Option<String>),
}

impl Services {
    /// Stops a grant, or lets it go: what rules pay is then sent on its way.
    pub async fn hold_grant<E>(
        &self,
        access: Access<Return>,
        limits: StaffLimits,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<(GrantNo, HoldAsked), E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, asked, move |services, run, (grant, asked)| {
            Box::pin(async move {
                let by = run.actor().clone();
                match asked {
                    HoldAsked::Hold(note) => run.decide(&Command::Hold { grant, ground: HoldGround::Stopped, note, by }),
                    HoldAsked::Release(note) => {
                        let held = run.request.held(grant).is_some();
                        let known = run.request.grants.iter().find(|known| known.id == grant);
                        if let Some(known) = known {
                            at_most(&limits, Money::new(known.amount, known.currency))?;
                        }
                        run.decide(&Command::Release { grant, note, by })?;
                        if held { services.pay_released(run, grant).await } else { Ok(()) }
                    }
                }
            })
        });
        story.await
    }

    /// Has somebody else look at what was just promised, where it is so much that the policy wants that.
    pub(super) async fn second_look(&self, run: &mut Run<'_, '_>) -> Result<(), ChangeError> {
        let Some(grant) = just_promised(run).filter(|grant| grant.amount > 0) else { return Ok(()) };
        if !self.has_payouts(run).await? {
            return Ok(());
        }
        let effects = self.payouts(run, &grant.lots).await?;
        self.second_look_by(run, &effects).await
    }

    /// As [`Services::second_look`], by what rules say of its lots.
    pub(super) async fn second_look_by(&self, run: &mut Run<'_, '_>, effects: &[(LotNo, PayoutEffect, bool)]) -> Result<(), ChangeError> {
        let Some(grant) = just_promised(run).filter(|grant| grant.amount > 0) else { return Ok(()) };
        if effects.iter().all(|(_, effect, _)| effect.second_look_above.is_none()) {
            return Ok(());
        }
        let in_all = self.promised_of(run, &grant).await?;
        if effects.iter().any(|(lot, effect, _)| grant.lots.contains(lot) && effect.wants_second_look(in_all)) {
            let by = run.actor().clone();
            run.decide_by_rule(&Command::Hold { grant: grant.id, ground: HoldGround::SecondLook, note: None, by })?;
        }
        Ok(())
    }

    /// What is promised of a grant's order, over all its returns: in how many pieces is no matter.
    async fn promised_of(&self, run: &mut Run<'_, '_>, grant: &Grant) -> Result<Money, StoreError> {
        let (_, returns) = run.with_returns(&grant.order).await?;
        Ok(Money::new(returns.iter().map(|request| request.granted_of(&grant.order)).sum(), grant.currency))
    }

    async fn pay_released(&self, run: &mut Run<'_, '_>, id: GrantNo) -> Result<(), ChangeError> {
        let Some(grant) = run.request.grants.iter().find(|known| known.id == id).cloned() else { return Ok(()) };
        if !run.request.flags.is_empty() || !self.has_payouts(run).await? {
            return Ok(());
        }
        let in_all = Money::new(run.request.granted_of(&grant.order), grant.currency);
        let effects = self.payouts(run, &grant.lots).await?;
        if !effects.is_empty() && effects.iter().all(|(_, effect, _)| effect.allows(in_all)) {
            self.pay_by_rule(run, id).await?;
        }
        Ok(())
    }
}

/// What the command that is being carried out promised last.
fn just_promised(run: &Run<'_, '_>) -> Option<Grant> {
    run.since().iter().rev().find_map(|recorded| match &recorded.event {
        Event::Granted { grant } => Some(grant.clone()),
        _ => None,
    })
}
