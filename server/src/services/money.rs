//! What inspection found becomes money: less is offered first, money is promised once and paid once, an item is owed instead. All of it from the
//! order's books, by people, by machines, and by rule.
//! Long because offering, promising and paying read the same books in the same way.

use domain::ids::OrderNumber;
use domain::money::{Amount, Money, split};
use domain::order::Payment as OrderPayment;
use domain::policy::BasisPoints;
use domain::returns::{
    Command, CommandKind, CommandRefused, Deduction, Event, Grant, GrantCause, GrantNo, Grantable, LineNo, LotNo, OfferState, PaidTo,
    Payment, PaymentNo, Refused, Remedy, RemedyKind, RemedyState, Return,
};
use domain::rma::RmaNumber;
use domain::settlement::{ReceiptKind, ReceiptLine, Settlement, Tender};
use domain::staff::StaffLimits;

use super::Services;
use super::access::Access;
use super::once::{Carried, IdempotencyKey};
use super::refusals::{ChangeError, or_gone};
use super::request::{RequestProblem, Wrong};
use super::run::Run;
use crate::store::{self, Conn, OrderRow, StoreError};

/// Less money than expected, to be offered.
#[derive(Clone, Debug, Default)]
pub struct OfferAsked {
    /// For which lines; nothing: all for which it is due.
    pub lines: Option<Vec<LineNo>>,
    /// What is offered in all; nothing: what is left once what was found is taken off.
    pub amount: Option<Amount>,
}

/// How money leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayBy {
    /// Back to the payments of the order, by the gateway that took them.
    Gateway,
    /// By somebody's hand: a bank transfer, cash.
    Manual,
    /// As credit in the shop.
    StoreCredit,
    /// What nobody else can bring back goes by bank transfer, in a batch, and is on its way.
    Transfer,
}

impl PayBy {
    /// As machines name them; a transfer is made with others.
    pub const NAMES: [(&'static str, Self); 3] =
        [("gateway", Self::Gateway), ("manual", Self::Manual), ("store_credit", Self::StoreCredit)];
}

/// What is to be paid.
#[derive(Clone, Debug, Default)]
pub struct PayAsked {
    /// Of one grant; nothing: of all that is promised.
    pub grant: Option<GrantNo>,
    /// Nothing: credit as credit, money by the gateway where it can.
    pub by: Option<PayBy>,
    /// What bank or till call it.
    pub reference: Option<String>,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentFate {
    Paid,
    /// It did not leave; why.
    Failed(Option<String>),
    /// It left and came back; why.
    Reversed(Option<String>),
}

/// How a grant's money leaves.
#[derive(Debug, Default)]
struct Leaving {
    /// As credit: what was promised so, and what was paid with credit.
    credit: Vec<(PaidTo, i64)>,
    /// By the gateway that took it.
    gateway: Vec<(PaidTo, i64)>,
    /// Money that no gateway can take back to where it came from.
    by_hand: i64,
}

impl Services {
    /// Offers less money than expected for what was found to be less than said (N8). The customer is told and asked.
    pub async fn offer<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<OfferAsked, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self
            .run_asked(access, key, asked, move |services, run, asked| Box::pin(async move { services.offer_in(run, asked, false).await }));
        story.await
    }

    /// `by_rule`: it follows by rule from what somebody else did.
    pub(super) async fn offer_in(&self, run: &mut Run<'_, '_>, asked: OfferAsked, by_rule: bool) -> Result<(), ChangeError> {
        let groups = match &asked.lines {
            None => run.request.offerable(),
            Some(lines) => run.request.by_order(|line, lot| lines.contains(&line.id) && lot.state.inspection.is_less()),
        };
        if groups.is_empty() {
            let standing = run.request.offers.iter().any(|offer| offer.is_open() || offer.is_agreed());
            return if standing && asked.amount.is_none() { Ok(()) } else { Err(refused(&run.request, CommandKind::Offer)) };
        }
        if asked.amount.is_some() && groups.len() > 1 {
            return Err(wrong("lines", Wrong::Missing("which order's lines the amount is for")));
        }
        for (order, lots) in groups {
            let found: Option<Vec<Deduction>> = lots.iter().map(|lot| run.request.lot(*lot)?.1.deduct).collect();
            let (row, returns) = run.with_returns(&order).await?;
            let (expected, shares) = self.expected_of(run, &row, &returns, &lots).await?;
            let (amount, off) = match (&asked.amount, found) {
                (Some(amount), _) => {
                    let amount = minor_of(amount, &row)?;
                    (amount, split((expected - amount).max(0), &shares))
                }
                (None, Some(found)) => {
                    let off: Vec<i64> = found.into_iter().zip(&shares).map(|(deduct, share)| taken_off(deduct, *share)).collect();
                    (expected - off.iter().sum::<i64>(), off)
                }
                (None, None) => {
                    return Err(wrong("amount", Wrong::Missing("how much is offered: nobody has said how much less it is worth")));
                }
            };
            let less = if amount == expected { Vec::new() } else { lots.iter().copied().zip(off).collect() };
            let until = self.answered_by(run).await?;
            let command = Command::Offer { order, lots, currency: row.order.currency, expected, amount, less, until };
            run.decide_as(by_rule, &command)?;
        }
        Ok(())
    }

    /// Till when an offer stands.
    async fn answered_by(&self, run: &mut Run<'_, '_>) -> Result<jiff::Timestamp, StoreError> {
        let version = run.request.orders.first().map_or(0, |part| part.policy_version);
        let policy = self.policies.version(run.conn, version).await?;
        let span = policy.as_ref().map_or(domain::policy::Span::Days(14), |policy| policy.promises.answer);
        Ok(policy.map_or(run.now + jiff::SignedDuration::from_hours(14 * 24), |policy| domain::policy::after(&policy, run.now, span)))
    }

    /// What those lots would bring if they were as said, and each one's share of it.
    async fn expected_of(
        &self,
        run: &mut Run<'_, '_>,
        row: &OrderRow,
        returns: &[Return],
        lots: &[LotNo],
    ) -> Result<(i64, Vec<i64>), StoreError> {
        let mut bare = run.request.clone();
        bare.offers.retain(|offer| !offer.lots.iter().any(|lot| lots.contains(lot)));
        bare.grants.retain(|grant| !grant.lots.iter().any(|lot| lots.contains(lot)));
        let mut returns = returns.to_vec();
        returns.iter_mut().filter(|other| other.rma == bare.rma).for_each(|other| other.clone_from(&bare));
        let group = |lots: Vec<LotNo>| Grantable { order: row.order.number.clone(), lots, cause: GrantCause::Settled, credit: false };
        let expected = self.comes_to_grant(run.conn, row, &returns, bare.rma, &group(lots.to_vec())).await?.expected;
        if lots.len() == 1 {
            return Ok((expected, vec![expected]));
        }
        let mut weights = Vec::with_capacity(lots.len());
        for lot in lots {
            weights.push(self.comes_to_grant(run.conn, row, &returns, bare.rma, &group(vec![*lot])).await?.expected);
        }
        if weights.iter().all(|weight| *weight == 0) {
            weights = vec![1; lots.len()];
        }
        Ok((expected, split(expected, &weights)))
    }

    /// Promises what is due: money for what was settled, and the item that is owed instead. `lines`: those alone. Where all of it is promised,
    /// nothing happens.
    pub async fn grant<E>(
        &self,
        access: Access<Return>,
        limits: StaffLimits,
        key: Option<IdempotencyKey>,
        lines: impl FnOnce(&Return) -> Result<Option<Vec<LineNo>>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, lines, move |services, run, lines| {
            Box::pin(async move {
                let lots = lines.map(|lines| run.request.lots_of(&lines));
                services.grant_in(run, lots.as_deref(), &limits).await
            })
        });
        story.await
    }

    /// Promises the same new in the place of repairs that failed, where money is due and the customer would rather have it. `lines`: those alone.
    /// Where all of it is promised, nothing happens.
    pub async fn replace<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        lines: impl FnOnce(&Return) -> Result<Option<Vec<LineNo>>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, lines, move |_, run, lines| {
            Box::pin(async move {
                let named = lines.map(|lines| run.request.lots_of(&lines));
                let meant = |lot: &LotNo| named.as_ref().is_none_or(|named| named.contains(lot));
                let failed: Vec<Vec<LotNo>> = run.request.replaceable().into_iter().filter(|lots| lots.iter().any(meant)).collect();
                let promised = |remedy: &Remedy| {
                    remedy.kind == RemedyKind::Replacement && remedy.state != RemedyState::CalledOff && remedy.lots.iter().any(meant)
                };
                if failed.is_empty() && !run.request.remedies.iter().any(promised) {
                    return Err(refused(&run.request, CommandKind::OweRemedy));
                }
                for lots in failed {
                    run.decide(&Command::OweRemedy { lots })?;
                }
                Ok(())
            })
        });
        story.await
    }

    async fn grant_in(&self, run: &mut Run<'_, '_>, named: Option<&[LotNo]>, limits: &StaffLimits) -> Result<(), ChangeError> {
        let meant = |lots: &Vec<LotNo>| named.is_none_or(|named| lots.iter().any(|lot| named.contains(lot)));
        let owed: Vec<Vec<LotNo>> = run.request.owable().into_iter().filter(meant).collect();
        for lots in &owed {
            run.decide_by_rule(&Command::OweRemedy { lots: lots.clone() })?;
        }
        let groups = run.request.grantable(named);
        if groups.is_empty() && owed.is_empty() {
            let about = |lot: &LotNo| named.is_none_or(|named| named.contains(lot));
            let mut promised = run.request.lots().filter(|(_, lot)| about(&lot.id)).map(|(_, lot)| run.request.standing(lot.id));
            let all = promised.all(|standing| standing.settled || standing.granted);
            return if all { Ok(()) } else { Err(refused(&run.request, CommandKind::Grant)) };
        }
        for group in groups {
            let (command, amount) = self.grant_of(run, &group).await?;
            if amount.minor > 0 {
                within(limits, &run.request, &group.order, amount)?;
            }
            // A rest that is nothing needs no promise of its own.
            if amount.minor > 0 || !run.request.goes_out_for(&group.lots) {
                run.decide_knowing(self, &command).await?;
                self.second_look(run).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn grant_of(&self, run: &mut Run<'_, '_>, group: &Grantable) -> Result<(Command, Money), StoreError> {
        let (row, returns) = run.with_returns(&group.order).await?;
        let Settlement { currency, expected: amount, bonus, receipt, .. } =
            self.comes_to_grant(run.conn, &row, &returns, run.request.rma, group).await?;
        let bonus = if group.credit { bonus } else { 0 };
        let Grantable { order, lots, cause, .. } = group.clone();
        // What is owed besides is no part of a promise.
        let receipt = summing_to(receipt, amount);
        Ok((Command::Grant { order, lots, cause, currency, amount, bonus, receipt }, Money::new(amount, currency)))
    }

    /// Gives more after an appeal, on top of what was promised: at most what was taken off.
    pub async fn grant_on_appeal<E>(
        &self,
        access: Access<Return>,
        limits: StaffLimits,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<(Vec<LineNo>, Amount), E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, asked, move |services, run, asked| {
            Box::pin(async move {
                let (lines, amount) = asked;
                services.grant_more_in(run, &lines, &amount, &limits).await
            })
        });
        story.await
    }

    async fn grant_more_in(
        &self,
        run: &mut Run<'_, '_>,
        lines: &[LineNo],
        amount: &Amount,
        limits: &StaffLimits,
    ) -> Result<(), ChangeError> {
        let request = run.request.clone();
        let taken = |lot: LotNo| request.reduction(lot, true);
        let lots: Vec<LotNo> = request.lots_of(lines).into_iter().filter(|lot| taken(*lot) > 0 && request.standing(*lot).settled).collect();
        let Some((line, _)) = lots.first().and_then(|lot| request.lot(*lot)) else { return Err(refused(&request, CommandKind::Grant)) };
        let order = line.asked.order.clone();
        let (row, _) = run.with_returns(&order).await?;
        let minor = minor_of(amount, &row)?;
        let most: i64 = lots.iter().map(|lot| taken(*lot)).sum();
        if !(1..=most).contains(&minor) {
            return Err(Refused::Amount { currency: row.order.currency, asked: minor, least: 1, most }.into());
        }
        within(limits, &request, &order, row.order.money(minor))?;
        let units = lots.iter().filter_map(|lot| request.lot(*lot)).map(|(_, lot)| lot.units).sum();
        let kind = ReceiptKind::Deduction { line: line.asked.in_books().clone(), units };
        let receipt = vec![ReceiptLine { kind, amount: minor }];
        let (cause, currency) = (GrantCause::Appeal, row.order.currency);
        run.decide_knowing(self, &Command::Grant { order, lots, cause, currency, amount: minor, bonus: 0, receipt }).await?;
        self.second_look(run).await
    }

    /// How what a grant owes would leave by the gateway: back to each payment what it brought.
    async fn leaving(&self, run: &mut Run<'_, '_>, grant: &Grant) -> Result<Leaving, StoreError> {
        let (row, returns) = run.with_returns(&grant.order).await?;
        self.leaving_of(run.conn, &row, &returns, run.request.rma, grant.id).await
    }

    /// What a grant of a return owes that no gateway can take back, and that is no credit; minor units.
    pub(super) async fn by_hand(&self, conn: &mut Conn<'_>, request: &Return, grant: &Grant) -> Result<i64, StoreError> {
        let Some((row, returns)) = store::find_order_with_returns(conn, grant.order.as_str()).await? else { return Ok(0) };
        Ok(self.leaving_of(conn, &row, &returns, request.rma, grant.id).await?.by_hand)
    }

    async fn leaving_of(
        &self,
        conn: &mut Conn<'_>,
        row: &OrderRow,
        returns: &[Return],
        rma: RmaNumber,
        grant: GrantNo,
    ) -> Result<Leaving, StoreError> {
        let placed = self.legs_of(conn, row, returns, rma, grant).await?;
        // Where nobody is known who could spend it, credit is paid out by hand.
        let spends = super::credit::holder_of(row).is_some();
        let mut leaving = Leaving { by_hand: placed.unplaced, ..Leaving::default() };
        for leg in placed.legs {
            let to = match &leg.to {
                Tender::Credit => Some(PaidTo::StoreCredit),
                Tender::Payment(id) => {
                    let place = row.order.payments.iter().position(|payment| payment.id == *id && id.is_some());
                    let ours = returns.iter().flat_map(|request| &request.collected).find(|collected| collected.payment == *id);
                    let ours = ours.and_then(|collected| collected.payment.clone());
                    place.map(|place| PaidTo::Payment { place }).or(ours.map(|payment| PaidTo::Collected { payment }))
                }
            };
            let paid = match &to {
                Some(PaidTo::Payment { place }) => row.order.payments.get(*place),
                _ => None,
            };
            // What was paid with credit goes back as credit.
            let as_credit = to == Some(PaidTo::StoreCredit) || paid.is_some_and(OrderPayment::is_credit);
            match to {
                Some(to) if as_credit && spends => leaving.credit.push((to, leg.amount)),
                Some(to) if self.takes_back(&to, paid) => leaving.gateway.push((to, leg.amount)),
                _ => leaving.by_hand += leg.amount,
            }
        }
        Ok(leaving)
    }

    /// Whether a gateway that is set up here took what goes back there: a payment of the order, or one that was asked for here.
    fn takes_back(&self, to: &PaidTo, paid: Option<&OrderPayment>) -> bool {
        let name = match to {
            PaidTo::Collected { payment } => Some(payment.as_str()),
            _ => paid.and_then(|paid| paid.id.as_deref()),
        };
        self.gateway.as_ref().is_some_and(|gateway| name.is_some_and(|name| gateway.knows(name)))
    }

    /// Pays what was promised, each grant once. By hand and as credit the money has left; by the gateway it is on its way.
    pub async fn pay<E>(
        &self,
        access: Access<Return>,
        limits: StaffLimits,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<PayAsked, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, asked, move |services, run, asked| {
            Box::pin(async move { services.pay_in(run, &asked, &limits).await })
        });
        story.await
    }

    pub(super) async fn pay_in(&self, run: &mut Run<'_, '_>, asked: &PayAsked, limits: &StaffLimits) -> Result<(), ChangeError> {
        if let Some(id) = asked.grant
            && run.request.grants.iter().all(|grant| grant.id != id)
        {
            return Err(Refused::Unknown { what: "grant", name: id.to_string() }.into());
        }
        if run.request.grants.is_empty() {
            return Err(refused(&run.request, CommandKind::Pay));
        }
        let owed = |request: &Return, grant: &Grant| grant.amount > request.sent_of(grant.id);
        let grants: Vec<Grant> = run
            .request
            .grants
            .iter()
            .filter(|grant| asked.grant.is_none_or(|id| id == grant.id) && owed(&run.request, grant))
            .cloned()
            .collect();
        // Of several, what is on hold waits; where nothing else is owed, or it was named, that is said.
        let (held, free): (Vec<Grant>, Vec<Grant>) = grants.into_iter().partition(|grant| run.request.held(grant.id).is_some());
        if let (true, Some(hold)) = (free.is_empty(), held.first().and_then(|grant| run.request.held(grant.id))) {
            return Err(Refused::Held { grant: hold.grant, ground: hold.ground }.into());
        }
        // What is paid at once is paid at once, in however many grants.
        for grant in &free {
            if store::is_disputed(run.conn, &grant.order).await? {
                return Err(ChangeError::Disputed);
            }
            let alike = free.iter().filter(|other| other.currency == grant.currency);
            let in_all = alike.map(|other| other.amount - run.request.sent_of(other.id)).sum();
            at_most(limits, Money::new(in_all, grant.currency))?;
        }
        for grant in free {
            let leaving = self.leaving(run, &grant).await?;
            let by_gateway: i64 = leaving.gateway.iter().map(|(_, amount)| amount).sum();
            let money = leaving.by_hand + by_gateway;
            match asked.by {
                Some(PayBy::Manual) if money == 0 => return Err(ChangeError::AsCredit),
                Some(PayBy::StoreCredit) if leaving.credit.is_empty() => return Err(ChangeError::NotCredit),
                Some(PayBy::Gateway) | None if leaving.by_hand > 0 => {
                    return Err(ChangeError::ByHand(Money::new(leaving.by_hand, grant.currency)));
                }
                Some(PayBy::Transfer) if leaving.by_hand == 0 => {
                    return Err(Refused::Senseless("nothing of this is to be paid by hand").into());
                }
                _ => {}
            }
            if asked.by == Some(PayBy::Transfer) {
                let sent = Sent { left: false, by_rule: false };
                send(run, grant.id, &[(PaidTo::Manual, leaving.by_hand)], asked.reference.as_ref(), sent)?;
                continue;
            }
            send(run, grant.id, &leaving.credit, None, Sent { left: true, by_rule: false })?;
            match asked.by {
                Some(PayBy::StoreCredit | PayBy::Transfer) => {}
                Some(PayBy::Manual) => {
                    let sent = Sent { left: true, by_rule: false };
                    send(run, grant.id, &[(PaidTo::Manual, money)], asked.reference.as_ref(), sent)?;
                }
                Some(PayBy::Gateway) | None => send(run, grant.id, &leaving.gateway, None, Sent { left: false, by_rule: false })?,
            }
        }
        Ok(())
    }

    /// Sends a promised amount on its way where nobody's hand is needed.
    pub(super) async fn pay_by_rule(&self, run: &mut Run<'_, '_>, grant: GrantNo) -> Result<(), ChangeError> {
        let known = run.request.grants.iter().find(|known| known.id == grant && run.request.held(grant).is_none());
        let Some(grant) = known.cloned() else { return Ok(()) };
        let leaving = self.leaving(run, &grant).await?;
        if leaving.by_hand > 0 || store::is_disputed(run.conn, &grant.order).await? {
            return Ok(());
        }
        send(run, grant.id, &leaving.credit, None, Sent { left: true, by_rule: true })?;
        send(run, grant.id, &leaving.gateway, None, Sent { left: false, by_rule: true })
    }

    /// Takes silence for a yes to the offer that event `event` made, where it has ended and nobody answered.
    pub async fn silence_is_yes(&self, rma: RmaNumber, event: u64) -> Result<(), ChangeError> {
        let story = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                let made = run.events().await?.into_iter().find(|recorded| recorded.seq == event);
                let Some(Event::Offered { offer }) = made.map(|recorded| recorded.event) else { return Ok(()) };
                let waits =
                    run.request.offers.iter().any(|known| known.id == offer.id && known.at == offer.at && known.state == OfferState::Made);
                if waits { run.decide(&Command::LapseOffer { offer: offer.id }) } else { Ok(()) }
            })
        });
        or_gone(story.await).map(drop)
    }

    /// Says what became of a payment.
    pub async fn payment_became<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        asked: impl FnOnce(&Return) -> Result<(PaymentNo, PaymentFate, Option<String>), E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, asked, |_, run, (payment, fate, reference)| {
            Box::pin(async move {
                let credit = |known: &Payment| known.id == payment && known.to == PaidTo::StoreCredit;
                if fate != PaymentFate::Paid && run.request.payments.iter().any(credit) {
                    return Err(Refused::Senseless("credit does not come back by itself: change it in the ledger").into());
                }
                run.decide(&match fate {
                    PaymentFate::Paid => Command::ConfirmPayment { payment, reference },
                    PaymentFate::Failed(reason) => Command::FailPayment { payment, reason },
                    PaymentFate::Reversed(reason) => Command::ReversePayment { payment, reason },
                })
            })
        });
        story.await
    }

    /// What granting now would come to, for who looks at a return: per order, money and credit apart. Nothing is written.
    pub async fn would_grant(&self, request: &Return) -> Result<Vec<(Grantable, Settlement)>, StoreError> {
        let mut read = self.store.read().await?;
        let mut found = Vec::new();
        for group in request.grantable(None) {
            let Some((row, returns)) = store::find_order_with_returns(&mut read.conn(), group.order.as_str()).await? else { continue };
            let settled = self.comes_to_grant(&mut read.conn(), &row, &returns, request.rma, &group).await?;
            found.push((group, settled));
        }
        Ok(found)
    }
}

/// How money is sent.
#[derive(Clone, Copy)]
struct Sent {
    /// It has left: there is nothing to wait for.
    left: bool,
    /// It follows by rule.
    by_rule: bool,
}

/// Starts payments of a grant: where to, and how much.
fn send(run: &mut Run<'_, '_>, grant: GrantNo, legs: &[(PaidTo, i64)], reference: Option<&String>, sent: Sent) -> Result<(), ChangeError> {
    for (to, amount) in legs {
        run.decide_as(sent.by_rule, &Command::Pay { grant, to: to.clone(), amount: *amount, reference: reference.cloned() })?;
        if let Some(payment) = run.request.payments.last().map(|payment| payment.id).filter(|_| sent.left) {
            run.decide_as(sent.by_rule, &Command::ConfirmPayment { payment, reference: None })?;
        }
    }
    Ok(())
}

/// What is promised of an order here, that amount included, is within what somebody may promise: in how many pieces is no matter.
fn within(limits: &StaffLimits, request: &Return, order: &OrderNumber, amount: Money) -> Result<(), ChangeError> {
    at_most(limits, Money::new(amount.minor + request.granted_of(order), amount.currency))
}

/// So much is within what somebody may promise, pay or let go at once.
pub(super) fn at_most(limits: &StaffLimits, amount: Money) -> Result<(), ChangeError> {
    limits.exceeded_by(amount).map_or(Ok(()), |most| Err(ChangeError::OverLimit(most.to_vec())))
}

fn minor_of(amount: &Amount, row: &OrderRow) -> Result<i64, ChangeError> {
    amount.minor(row.order.currency).map_err(|error| wrong("amount", Wrong::Amount(error)))
}

/// So much of what it would be worth is taken off.
fn taken_off(deduct: Deduction, share: i64) -> i64 {
    match deduct {
        Deduction::Percent(BasisPoints(percent)) => BasisPoints(percent).of(share),
        Deduction::Amount(amount) => amount,
    }
    .clamp(0, share.max(0))
}

/// A grant's receipt adds up to it: what the customer owes besides is paid on its own.
fn summing_to(mut receipt: Vec<ReceiptLine>, amount: i64) -> Vec<ReceiptLine> {
    let rest = amount - receipt.iter().map(|row| row.amount).sum::<i64>();
    if rest != 0 {
        receipt.push(ReceiptLine { kind: ReceiptKind::Cap, amount: rest });
    }
    receipt
}

fn refused(request: &Return, command: CommandKind) -> ChangeError {
    Refused::State(CommandRefused { command, status: request.status(), possible: request.possible() }).into()
}

fn wrong(field: &str, wrong: Wrong) -> ChangeError {
    ChangeError::Problems(vec![RequestProblem { field: field.to_owned(), wrong }])
}
