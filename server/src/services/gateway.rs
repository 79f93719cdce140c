//! Money that a gateway gives back: what it is asked for, and what becomes of what it says. `jobs` ask it; it also tells by itself.

use domain::money::Money;
use domain::returns::{Command, Event, PaidTo, Payment, PaymentNo, PaymentState, Return};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Services;
use super::access::Access;
use super::reconcile::note_odd;
use super::refund_names::{named, refund_name};
use super::refusals::{ChangeError, or_gone};
use super::run::Run;
use crate::gateways::{GatewayEvent, RefundAsk, RefundState, Refunded};
use crate::store::{self, Conn, GatewayRefund, GatewayState, StoreError};

/// Letters of a reason that are kept.
const LONGEST_REASON: usize = 500;

/// How a payment stands that event says began.
#[derive(Clone, Debug)]
pub enum RefundDue {
    /// It is to be paid back by the gateway.
    Wanted(PaymentNo, Box<RefundAsk>),
    /// No gateway can, and none was asked: why.
    Impossible(PaymentNo, String),
    /// None can any more, and one was asked that may have paid: why.
    Stuck(String),
    /// It is known how it went, or nobody wants it any more.
    Over,
}

/// What came of what a gateway said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is written down, where it was new.
    Done,
    /// It concerns no return of ours.
    NotOurs,
    /// The return is ours, and has no such payment yet: it may be told again.
    NotYet,
    /// It cannot be as it was told; a person has to look: why.
    Odd(String),
}

fn payment_of(request: &Return, id: PaymentNo) -> Option<&Payment> {
    request.payments.iter().find(|payment| payment.id == id)
}

impl Services {
    /// How the payment stands that began with event `event` of a return.
    pub async fn refund_due_of(&self, rma: RmaNumber, event: u64) -> Result<RefundDue, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let Some(request) = store::find_return(&mut conn, rma).await? else { return Ok(RefundDue::Over) };
        if request.newer {
            return Err(StoreError::Newer);
        }
        let events = store::events_of(&mut conn, rma).await?;
        let began = events.iter().find(|recorded| recorded.seq == event).map(|recorded| &recorded.event);
        let Some(Event::PaymentStarted { payment: began }) = began else { return Ok(RefundDue::Over) };
        // What was taken back leaves its number to another.
        match payment_of(&request, began.id).filter(|payment| payment.at == began.at && payment.state == PaymentState::Pending) {
            Some(payment) => match self.ask_for(&mut conn, &request, payment).await? {
                RefundDue::Impossible(id, why) => {
                    let asked = store::find_gateway_refund(&mut conn, &refund_name(rma, id)).await?.is_some();
                    Ok(if asked { RefundDue::Stuck(why) } else { RefundDue::Impossible(id, why) })
                }
                due => Ok(due),
            },
            None => Ok(RefundDue::Over),
        }
    }

    async fn ask_for(&self, conn: &mut Conn<'_>, request: &Return, payment: &Payment) -> Result<RefundDue, StoreError> {
        let impossible = |why: &str| Ok(RefundDue::Impossible(payment.id, why.to_owned()));
        if !payment.to.is_by_gateway() {
            return Ok(RefundDue::Over);
        }
        let Some(grant) = request.grants.iter().find(|grant| grant.id == payment.grant) else { return impossible("its grant is gone") };
        let paid_by = match &payment.to {
            PaidTo::Payment { place } => {
                let row = store::find_order(conn, grant.order.as_str()).await?;
                row.as_ref().and_then(|row| row.order.payments.get(*place)).and_then(|paid| paid.id.clone())
            }
            PaidTo::Collected { payment } => Some(payment.clone()),
            PaidTo::StoreCredit | PaidTo::Manual => None,
        };
        let Some(paid_by) = paid_by else { return impossible("the order's payment has no name at a gateway") };
        match &self.gateway {
            None => impossible("no gateway is set"),
            Some(gateway) if !gateway.knows(&paid_by) => impossible("the order's payment is not one of the gateway's"),
            Some(_) => Ok(RefundDue::Wanted(
                payment.id,
                Box::new(RefundAsk {
                    id: refund_name(request.rma, payment.id),
                    payment: paid_by,
                    amount: payment.amount,
                    currency: grant.currency,
                    order: grant.order.to_string(),
                    rma: request.rma.to_string(),
                }),
            )),
        }
    }

    /// Writes down that the gateway is about to be asked. Whether it never was before.
    pub async fn refund_asked(&self, rma: RmaNumber, payment: PaymentNo) -> Result<bool, StoreError> {
        let (id, now) = (refund_name(rma, payment), self.clock.millis());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let known = store::find_gateway_refund(&mut conn, &id).await?;
                let first = known.is_none();
                let new = GatewayRefund { id, rma, payment, state: GatewayState::Asked, reference: None, asked_at: now, looked_at: now };
                // Somebody has it tried again: it is under way once more.
                let again = |known: GatewayRefund| GatewayRefund { looked_at: now, state: GatewayState::Asked, ..known };
                let stays = known.as_ref().is_some_and(|known| known.reference.is_some());
                if !stays {
                    store::put_gateway_refund(&mut conn, &known.map_or(new, again)).await?;
                }
                Ok::<_, StoreError>(first)
            })
        });
        written.await
    }

    /// Writes down that the gateway is not asked to pay again, and may have done it all the same; it is asked later how it stands.
    pub async fn refund_unheard(&self, rma: RmaNumber, payment: PaymentNo) -> Result<(), StoreError> {
        self.note_refund(refund_name(rma, payment), |state| if state == GatewayState::Asked { GatewayState::Unheard } else { state }).await
    }

    /// Writes down that the gateway was asked how a refund stands, and said nothing of it.
    pub async fn refund_looked_at(&self, id: &str) -> Result<(), StoreError> {
        self.note_refund(id.to_owned(), |state| state).await
    }

    async fn note_refund(&self, id: String, becomes: impl Fn(GatewayState) -> GatewayState + Send + 'static) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if let Some(known) = store::find_gateway_refund(&mut conn, &id).await? {
                    let state = becomes(known.state);
                    store::put_gateway_refund(&mut conn, &GatewayRefund { state, looked_at: now, ..known }).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        written.await
    }

    /// Takes in how a refund stands, as its gateway says, however often and in whatever order it says so.
    pub async fn refund_said(&self, rma: RmaNumber, payment: PaymentNo, refunded: Refunded) -> Result<Heard, ChangeError> {
        let (told, heard) = tokio::sync::oneshot::channel();
        let story = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                let (reference, theirs) = (refunded.reference.clone(), Money::new(refunded.amount, refunded.currency));
                let came = take_in(run, payment, refunded).await?;
                if let Heard::Odd(why) = &came {
                    let known = payment_of(&run.request, payment);
                    let grant = known.and_then(|known| run.request.grants.iter().find(|grant| grant.id == known.grant));
                    let ours = known.zip(grant).map(|(known, grant)| Money::new(known.amount, grant.currency));
                    let order = grant.map(|grant| grant.order.clone());
                    note_odd(run.conn, (rma, payment), order.as_ref(), why, (&reference, theirs), ours, run.now).await?;
                }
                let _ = told.send(came);
                Ok::<_, ChangeError>(())
            })
        });
        match or_gone(story.await)? {
            Some(_) => Ok(heard.await.unwrap_or(Heard::Done)),
            None => Ok(Heard::NotOurs),
        }
    }

    /// Says that a payment did not leave, so that a person pays it another way. Nothing where it is known how it went.
    pub async fn refund_given_up(&self, rma: RmaNumber, payment: PaymentNo, reason: &str) -> Result<(), ChangeError> {
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        let story = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                let known = store::find_gateway_refund(run.conn, &refund_name(rma, payment)).await?;
                if let Some(known) = known.as_ref().filter(|known| known.reference.is_none()) {
                    let looked_at = run.now.as_millisecond();
                    let row = GatewayRefund { state: GatewayState::GivenUp, looked_at, ..known.clone() };
                    store::put_gateway_refund(run.conn, &row).await?;
                }
                let said = known.is_some_and(|known| known.reference.is_some());
                match payment_of(&run.request, payment).map(|payment| payment.state) {
                    Some(PaymentState::Pending) if !said => run.decide(&Command::FailPayment { payment, reason: Some(reason) }),
                    _ => Ok(()),
                }
            })
        });
        or_gone(story.await).map(drop)
    }

    /// Takes in what the gateway tells by itself.
    pub async fn gateway_says(&self, event: GatewayEvent) -> Result<Heard, ChangeError> {
        let at = Timestamp::from_second(event.created).unwrap_or(self.clock.now());
        if let Some(said) = event.outside {
            return self.outside_refund(said, at).await;
        }
        if let Some(said) = event.dispute {
            return self.dispute(said, at).await;
        }
        if let Some(said) = event.checkout {
            let heard = self.checkout_said(&said.id, said.checkout).await?;
            if let Heard::Odd(why) = &heard {
                tracing::error!(page = said.id, event = event.id, why, "what the gateway says of a payment does not fit");
            }
            return Ok(heard);
        }
        let Some(said) = event.refund else { return Ok(Heard::NotOurs) };
        let Some((rma, payment)) = named(&said.id) else { return Ok(Heard::NotOurs) };
        let heard = self.refund_said(rma, payment, said.refunded).await?;
        if let Heard::Odd(why) = &heard {
            tracing::error!(%rma, %payment, event = event.id, why, "what the gateway says of a refund does not fit");
        }
        Ok(heard)
    }

    /// Up to `most` refunds of which it is not known how they ended, and that nobody looked at since `before` (epoch milliseconds), with how to ask
    /// for each; nothing where it cannot be asked for any more.
    pub async fn refunds_open(&self, before: i64, most: i64) -> Result<Vec<(GatewayRefund, Option<RefundAsk>)>, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let mut open = Vec::new();
        for row in store::open_gateway_refunds(&mut conn, before, most).await? {
            let request = store::find_return(&mut conn, row.rma).await?.filter(|request| !request.newer);
            let ask = match request.as_ref().and_then(|request| Some((request, payment_of(request, row.payment)?))) {
                Some((request, payment)) => match self.ask_for(&mut conn, request, payment).await? {
                    RefundDue::Wanted(_, ask) => Some(*ask),
                    RefundDue::Impossible(..) | RefundDue::Stuck(_) | RefundDue::Over => None,
                },
                None => None,
            };
            open.push((row, ask));
        }
        Ok(open)
    }
}

/// What a gateway's word makes of a payment. A refund that failed stays so: what says otherwise is older.
async fn take_in(run: &mut Run<'_, '_>, id: PaymentNo, refunded: Refunded) -> Result<Heard, ChangeError> {
    let Some(payment) = payment_of(&run.request, id).cloned() else { return Ok(Heard::NotYet) };
    if !payment.to.is_by_gateway() {
        return Ok(Heard::Odd("the payment did not go to the gateway".to_owned()));
    }
    let currency = run.request.grants.iter().find(|grant| grant.id == payment.grant).map(|grant| grant.currency);
    if refunded.amount != payment.amount || Some(refunded.currency) != currency {
        let why =
            format!("{} gave back {} {} (minor units) and not {}", refunded.reference, refunded.amount, refunded.currency, payment.amount);
        return Ok(Heard::Odd(why));
    }
    let now = run.now.as_millisecond();
    let name = refund_name(run.request.rma, id);
    let known = store::find_gateway_refund(run.conn, &name).await?;
    // It may tell by itself before its answer is here.
    let known = known.unwrap_or(GatewayRefund {
        id: name,
        rma: run.request.rma,
        payment: id,
        state: GatewayState::Asked,
        reference: None,
        asked_at: now,
        looked_at: now,
    });
    if known.reference.as_ref().is_some_and(|reference| *reference != refunded.reference) {
        let first = known.reference.unwrap_or_default();
        return Ok(Heard::Odd(format!("{first} and {} bear one name of ours", refunded.reference)));
    }
    let state = now_stands(known.state, refunded.state);
    let row = GatewayRefund { state, reference: Some(refunded.reference.clone()), looked_at: now, ..known };
    store::put_gateway_refund(run.conn, &row).await?;
    let reason = || Some(refunded.reason.clone().unwrap_or_else(|| state.code().to_owned()));
    let command = match (state, payment.state) {
        (GatewayState::Succeeded, PaymentState::Pending | PaymentState::Failed) => {
            Command::ConfirmPayment { payment: id, reference: Some(refunded.reference.clone()) }
        }
        (GatewayState::Failed | GatewayState::Canceled, PaymentState::Pending) => Command::FailPayment { payment: id, reason: reason() },
        (GatewayState::Failed | GatewayState::Canceled, PaymentState::Paid) => Command::ReversePayment { payment: id, reason: reason() },
        _ => return Ok(Heard::Done),
    };
    match run.decide(&command) {
        // Another payment took its place: the money has left twice, and nothing here can take it back.
        Err(ChangeError::Refused(_)) => Ok(Heard::Odd(format!("{} was paid, and its grant was paid another way", refunded.reference))),
        decided => decided.map(|()| Heard::Done),
    }
}

/// How a refund stands that stood so when its gateway says that it stands so. Success may turn into failure, and nothing else turns back.
fn now_stands(known: GatewayState, said: RefundState) -> GatewayState {
    let said = match said {
        RefundState::Pending => GatewayState::Pending,
        RefundState::RequiresAction => GatewayState::RequiresAction,
        RefundState::Succeeded => GatewayState::Succeeded,
        RefundState::Failed => GatewayState::Failed,
        RefundState::Canceled => GatewayState::Canceled,
    };
    match known {
        GatewayState::Failed | GatewayState::Canceled => known,
        GatewayState::Succeeded if matches!(said, GatewayState::Pending | GatewayState::RequiresAction) => known,
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_given() {
        let rma = RmaNumber::from_random(1).unwrap();
        let payment: PaymentNo = "p12".parse().unwrap();
        let name = refund_name(rma, payment);
        assert_eq!(name, format!("{rma}-p12"));
        assert_eq!(named(&name), Some((rma, payment)));
        let others = ["", "p12", "order-p1"].map(str::to_owned);
        let near = ["", "-g1", "-p0", "-p012", "-p", "-p12 "].map(|end| format!("{rma}{end}"));
        for other in others.into_iter().chain(near).chain([name.to_lowercase()]) {
            assert_eq!(named(&other), None, "{other}");
        }
    }

    #[test]
    fn whatever_order_a_gateway_tells_in_it_ends_alike() {
        use RefundState::{Failed, Pending, Succeeded};
        let end = |told: &[RefundState]| told.iter().fold(GatewayState::Asked, |known, said| now_stands(known, *said));
        for told in [
            [Pending, Succeeded, Failed],
            [Pending, Failed, Succeeded],
            [Succeeded, Pending, Failed],
            [Succeeded, Failed, Pending],
            [Failed, Pending, Succeeded],
            [Failed, Succeeded, Pending],
        ] {
            assert_eq!(end(&told), GatewayState::Failed, "{told:?}");
        }
        assert_eq!((end(&[Succeeded, Pending]), end(&[Pending, Succeeded])), (GatewayState::Succeeded, GatewayState::Succeeded));
    }
}
