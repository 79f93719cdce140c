//! What whoever settles a return does with it, from its page.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted};
use app::staff::{DockForm, SettleForm, collectable};
use domain::returns::{Command, CommandKind, LineNo, PaymentState, Refused, Return};
use domain::staff::Member;

use super::goods::{CASE, NotBooked, check_seen, once, or_mistakes};
use super::{StaffDesk, StaffNext};
use crate::services::{
    Access, Carried, ChangeError, HoldAsked, IdempotencyKey, OfferAsked, PayAsked, PayBy, PaymentFate, Services, may_not,
};

fn seen(fields: &Fields, request: &Return) -> Result<(), NotBooked> {
    check_seen(DockForm::version(fields).map_err(mistaken)?, request)
}

fn mistaken(mistake: Noted) -> NotBooked {
    NotBooked::Mistaken(vec![mistake])
}

/// No line is named, of a return that is as it was seen: all for which it is due.
fn every_line(sent: Fields) -> impl FnOnce(&Return) -> Result<Option<Vec<LineNo>>, NotBooked> + Send + 'static {
    move |request| {
        seen(&sent, request)?;
        Ok(None)
    }
}

/// Why it was not done, at its field.
fn told(done: Result<Carried, NotBooked>) -> Result<Carried, NotBooked> {
    let at = |field: &str, mistake: Mistake| Err(NotBooked::Mistaken(vec![noted(field, mistake)]));
    match done {
        Err(NotBooked::Change(ChangeError::OverLimit(limits))) => at("", Mistake::StaffOverLimit { limits }),
        Err(NotBooked::Change(ChangeError::ByHand(amount))) => {
            at(SettleForm::METHOD, Mistake::SettleByHand { amount: (amount.currency, amount.minor) })
        }
        Err(NotBooked::Change(ChangeError::Refused(Refused::SamePerson))) => at(SettleForm::RELEASE, Mistake::SettleSecondPerson),
        Err(NotBooked::Change(ChangeError::Disputed)) => at("", Mistake::SettleDisputed),
        Err(NotBooked::Change(ChangeError::Refused(Refused::NotPaid { currency, amount }))) => {
            at(SettleForm::STATE, Mistake::SettleNotPaid { amount: (currency, amount) })
        }
        Err(NotBooked::Change(ChangeError::AsCredit)) => at(SettleForm::METHOD, Mistake::SettleAsCredit),
        Err(NotBooked::Change(ChangeError::NotCredit)) => at(SettleForm::METHOD, Mistake::SettleNotCredit),
        Err(NotBooked::Change(ChangeError::Refused(Refused::Amount { currency, most, .. }))) => {
            at(SettleForm::AMOUNT, Mistake::SettleAmount { most: (currency, most) })
        }
        Err(NotBooked::Change(ChangeError::Problems(_))) => at(SettleForm::AMOUNT, Mistake::StaffAmountForm),
        other => other,
    }
}

/// A command that somebody gives: who they are, leave to give it, and the name by which it is taken once.
struct Settling {
    services: Services,
    member: Member,
    access: Access<Return>,
    key: Option<IdempotencyKey>,
    sent: Fields,
}

impl Settling {
    async fn hold(self, asked: fn(Option<String>) -> HoldAsked) -> Result<Carried, NotBooked> {
        let sent = self.sent;
        let what = move |request: &Return| {
            seen(&sent, request)?;
            let (grant, note) = SettleForm::hold(&sent).map_err(mistaken)?;
            Ok::<_, NotBooked>((grant, asked(note)))
        };
        self.services.hold_grant(self.access, self.member.limits, self.key, what).await
    }
}

impl StaffDesk {
    async fn settling<F>(
        &mut self,
        rma: &str,
        kind: CommandKind,
        form: &str,
        fields: &Fields,
        give: impl FnOnce(Settling) -> F + Send,
    ) -> Result<StaffNext, DeskError>
    where
        F: Future<Output = Result<Carried, NotBooked>> + Send,
    {
        let (member, rma, access) = match self.at_dock(rma, kind) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(CASE, refused?, form.to_owned(), fields, vec![noted("", may_not(kind))]).await,
        };
        let key = once(&member, kind, rma, fields);
        let done = give(Settling { services: self.services.clone(), member, access, key, sent: fields.clone() }).await;
        let tried = or_mistakes(told(done), kind, fields)?;
        self.booked(CASE, rma, kind, form.to_owned(), fields, tried).await
    }

    /// "Offer less".
    pub async fn offer(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let asked = move |request: &Return| {
                seen(&sent, request)?;
                let currency = request.orders.first().map(|part| part.settlement.currency);
                let amount = currency.map(|currency| SettleForm::amount(&sent, currency)).transpose();
                let amount = amount.map_err(mistaken)?.flatten();
                // All that is worth less and is not settled, where a person says how much.
                Ok::<_, NotBooked>(OfferAsked { lines: amount.is_some().then(|| request.lines_worth_less()), amount })
            };
            it.services.offer(it.access, it.key, asked).await
        };
        self.settling(rma, CommandKind::Offer, SettleForm::OFFER, fields, give).await
    }

    /// "Promise".
    pub async fn grant(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move { it.services.grant(it.access, it.member.limits, it.key, every_line(it.sent)).await };
        self.settling(rma, CommandKind::Grant, SettleForm::GRANT, fields, give).await
    }

    /// "Send a new one instead".
    pub async fn replace(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move { it.services.replace(it.access, it.key, every_line(it.sent)).await };
        self.settling(rma, CommandKind::OweRemedy, SettleForm::REPLACE, fields, give).await
    }

    /// "Put on hold".
    pub async fn hold(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move { it.hold(HoldAsked::Hold).await };
        self.settling(rma, CommandKind::Hold, SettleForm::HOLD, fields, give).await
    }

    /// "Release it".
    pub async fn release(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move { it.hold(HoldAsked::Release).await };
        self.settling(rma, CommandKind::Release, SettleForm::RELEASE, fields, give).await
    }

    /// "Pay".
    pub async fn pay(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let asked = move |request: &Return| {
                seen(&sent, request)?;
                let named = PayBy::NAMES.into_iter().find(|(name, _)| *name == sent.get(SettleForm::METHOD)).map(|(_, by)| by);
                let by = named.ok_or_else(|| mistaken(noted(SettleForm::METHOD, Mistake::Unanswered)))?;
                let reference = SettleForm::reference(&sent).filter(|_| by == PayBy::Manual);
                Ok::<_, NotBooked>(PayAsked { grant: None, by: Some(by), reference })
            };
            it.services.pay(it.access, it.member.limits, it.key, asked).await
        };
        self.settling(rma, CommandKind::Pay, SettleForm::PAY, fields, give).await
    }

    /// "What became of it".
    pub async fn payment(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let asked = move |request: &Return| {
                seen(&sent, request)?;
                let (payment, state, reason) = SettleForm::payment(&sent).map_err(mistaken)?;
                let fate = match state {
                    PaymentState::Failed => PaymentFate::Failed(reason),
                    PaymentState::Reversed => PaymentFate::Reversed(reason),
                    PaymentState::Paid | PaymentState::Pending => PaymentFate::Paid,
                };
                Ok::<_, NotBooked>((payment, fate, None))
            };
            it.services.payment_became(it.access, it.key, asked).await
        };
        self.settling(rma, CommandKind::ConfirmPayment, SettleForm::PAYMENT, fields, give).await
    }

    /// "The customer has paid".
    pub async fn collect(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let paid = move |request: &Return| {
                seen(&sent, request)?;
                let named = collectable(request).find(|(code, _)| code == sent.get(SettleForm::COLLECT_FOR));
                let (_, one) = named.ok_or_else(|| mistaken(noted(SettleForm::COLLECT_FOR, Mistake::Unanswered)))?;
                let currency = one.amount.currency;
                let typed = sent.amount(SettleForm::COLLECT_AMOUNT, currency).map_err(mistaken)?;
                let amount = typed.minor(currency).map_err(|_| mistaken(noted(SettleForm::COLLECT_AMOUNT, Mistake::StaffAmountForm)))?;
                let reference = SettleForm::collected_as(&sent);
                let reference = Some(reference.ok_or_else(|| mistaken(noted(SettleForm::COLLECT_REFERENCE, Mistake::Unanswered)))?);
                let (order, lots, cause) = (one.order, one.lots, one.cause);
                Ok::<_, NotBooked>(Command::Collect { order, lots, cause, currency, amount, payment: None, reference })
            };
            let done = it.services.carry_out(it.access, it.key, paid).await;
            match done {
                Err(NotBooked::Change(ChangeError::Refused(Refused::Amount { currency, most, .. }))) => {
                    Err(mistaken(noted(SettleForm::COLLECT_AMOUNT, Mistake::SettleAmount { most: (currency, most) })))
                }
                done => done,
            }
        };
        self.settling(rma, CommandKind::Collect, SettleForm::COLLECT, fields, give).await
    }

    /// "Ask for nothing back".
    pub async fn waive(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let waived = move |request: &Return| {
                seen(&sent, request)?;
                let reason = sent.maybe(SettleForm::WAIVE_REASON);
                let reason = reason.ok_or_else(|| mistaken(noted(SettleForm::WAIVE_REASON, Mistake::Unanswered)))?;
                Ok::<_, NotBooked>(Command::Waive { lots: None, reason })
            };
            it.services.carry_out(it.access, it.key, waived).await
        };
        self.settling(rma, CommandKind::Waive, SettleForm::WAIVE, fields, give).await
    }

    /// How far what goes out instead has come.
    pub async fn remedy(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let give = |it: Settling| async move {
            let sent = it.sent;
            let moved = move |request: &Return| {
                seen(&sent, request)?;
                let (remedy, to) = SettleForm::remedy(&sent).map_err(mistaken)?;
                Ok::<_, NotBooked>(Command::MoveRemedy { remedy, to, reference: SettleForm::reference(&sent), at: None })
            };
            it.services.carry_out(it.access, it.key, moved).await
        };
        self.settling(rma, CommandKind::MoveRemedy, SettleForm::REMEDY, fields, give).await
    }
}
