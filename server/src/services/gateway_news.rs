//! What a gateway tells that we did not ask for: money that somebody gave back there by hand, and payments that a customer's bank disputes. Both are
//! somebody's to look at; the first is booked as given outside, once, and while the second is open nothing more of its order is paid.

use domain::money::Money;
use domain::reconcile::{Difference, DifferenceKind};
use domain::returns::{Actor, Because, Role};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Services;
use super::doing::Doing;
use super::gateway::Heard;
use super::reconcile::whose;
use super::refusals::ChangeError;
use super::run::lock_family;
use crate::gateways::{DisputeSaid, OutsideSaid, RefundState};
use crate::store::{self, Conn, OutsideRefund, StoreError};

/// Who settles what a gateway ended.
const GATEWAY: &str = "gateway";
/// Letters of what is said.
const LONGEST_SAID: usize = 300;

impl Services {
    /// Takes in that money went back to a payment by somebody else's hand, however often it is told.
    pub(super) async fn outside_refund(&self, said: OutsideSaid, at: Timestamp) -> Result<Heard, ChangeError> {
        let (services, doing) = (self.clone(), Doing::begin(Actor::System, Role::System, self.clock.now(), self.hooks().await?));
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let refunded = said.refunded;
                // One of ours that lost our name on the way.
                if store::name_of_refund(conn, &refunded.reference).await?.is_some() {
                    return Ok((Heard::Done, Vec::new()));
                }
                let Some((order, payment)) = store::order_paid_by(conn, &said.payments).await? else {
                    return Ok((Heard::NotOurs, Vec::new()));
                };
                let gone = matches!(refunded.state, RefundState::Failed | RefundState::Canceled);
                let (amount, currency) = (refunded.amount, refunded.currency);
                let difference = Difference {
                    kind: DifferenceKind::OutsideRefund,
                    about: refunded.reference.clone(),
                    name: None,
                    reference: Some(refunded.reference.clone()),
                    ours: None,
                    theirs: Some(Money::new(amount, currency)),
                    said: payment.clone(),
                };
                let others = if gone {
                    let (kind, about) = (DifferenceKind::OutsideRefund, refunded.reference.as_str());
                    store::settle_about(conn, kind, about, GATEWAY, refunded.reason.as_deref(), doing.now).await?;
                    services.outside_gone(conn, &refunded.reference, &doing).await?
                } else {
                    // It is told again and again: only the first is news.
                    if store::difference_about(conn, DifferenceKind::OutsideRefund, &refunded.reference).await?.is_none() {
                        store::put_difference(conn, &difference, (None, Some(&order)), None, doing.now).await?;
                    }
                    let refund = OutsideRefund { reference: refunded.reference, order, payment, amount, at };
                    services.book_outside(conn, &refund, currency, &doing).await?
                };
                Ok::<_, StoreError>((Heard::Done, others))
            })
        });
        let (heard, others) = written.await?;
        self.done_to(&others);
        Ok(heard)
    }

    /// Takes in how a dispute stands, however often and in whatever order it is told: what is over stays so.
    pub(super) async fn dispute(&self, said: DisputeSaid, at: Timestamp) -> Result<Heard, ChangeError> {
        let (services, doing) = (self.clone(), Doing::begin(Actor::System, Role::System, self.clock.now(), self.hooks().await?));
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let Some((order, payment)) = store::order_paid_by(conn, &said.payments).await? else {
                    return Ok((Heard::NotOurs, Vec::new()));
                };
                let difference = Difference {
                    kind: DifferenceKind::Dispute,
                    about: said.reference.clone(),
                    name: None,
                    reference: Some(said.reference.clone()),
                    ours: None,
                    theirs: Some(Money::new(said.amount, said.currency)),
                    said: said.reason.chars().take(LONGEST_SAID).collect(),
                };
                if store::difference_about(conn, DifferenceKind::Dispute, &said.reference).await?.is_none() {
                    store::put_difference(conn, &difference, (None, Some(&order)), None, doing.now).await?;
                }
                let mut others = Vec::new();
                if said.over {
                    store::settle_about(conn, DifferenceKind::Dispute, &said.reference, GATEWAY, Some(&said.status), doing.now).await?;
                    if said.lost {
                        // The customer has the money, by their bank.
                        let refund = OutsideRefund { reference: said.reference, order, payment, amount: said.amount, at };
                        others = services.book_outside(conn, &refund, said.currency, &doing).await?;
                    }
                }
                Ok::<_, StoreError>((Heard::Done, others))
            })
        });
        let (heard, others) = written.await?;
        self.done_to(&others);
        Ok(heard)
    }

    /// Books money that went back by another's hand; what was promised on the order may be another amount now.
    async fn book_outside(
        &self,
        conn: &mut Conn<'_>,
        refund: &OutsideRefund,
        currency: domain::money::Currency,
        doing: &Doing,
    ) -> Result<Vec<RmaNumber>, StoreError> {
        let key = refund.order.to_string();
        lock_family(conn, std::slice::from_ref(&key)).await?;
        // Amounts in another currency are never added to the order's.
        let Some(row) = store::find_order(conn, &key).await?.filter(|row| row.order.currency == currency) else { return Ok(Vec::new()) };
        if !store::put_outside_refund(conn, refund).await? || row.tells(&refund.reference) {
            return Ok(Vec::new());
        }
        self.settle_others(conn, &[key], None, Because::CreditedOutside, doing).await
    }

    async fn outside_gone(&self, conn: &mut Conn<'_>, reference: &str, doing: &Doing) -> Result<Vec<RmaNumber>, StoreError> {
        match store::drop_outside_refund(conn, reference).await? {
            Some(key) => {
                lock_family(conn, std::slice::from_ref(&key)).await?;
                self.settle_others(conn, &[key], None, Because::CreditedOutside, doing).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Writes down which refunds that the shop told without a name were taken for ours: somebody has to look whether they are.
    pub(super) async fn note_guessed(&self, conn: &mut Conn<'_>, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let Some(row) = store::find_order(conn, key).await? else { return Ok(()) };
        for (refund, name) in row.guessed_echoes() {
            let amount = row.order.money(refund.amount);
            let difference = Difference {
                kind: DifferenceKind::Odd,
                about: format!("{key} {}", refund.id),
                name: Some(name),
                reference: Some(refund.id.clone()),
                ours: Some(amount),
                theirs: Some(amount),
                said: "the shop told this refund without the gateway's name for it; it is taken for ours".to_owned(),
            };
            let (rma, _) = whose(conn, &difference).await?;
            store::put_difference(conn, &difference, (rma, Some(&row.order.number)), None, now).await?;
        }
        Ok(())
    }
}
