//! Calling a return off.

use domain::returns::{Actor, Because, Command, LineNo, Refused, Return, Status};
use domain::rma::RmaNumber;

use super::Services;
use super::change_return::take_return;
use super::doing::Doing;
use super::later::JobKind;
use super::open_return::OpenError;
use crate::store::{self, Conn, StoreError};

/// Why a return was not called off.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is none of that number.
    #[error("there is no such return")]
    Unknown,
    /// It is too late for that.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What of a return is called off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Lines, by their names in the return.
    Lines(Vec<LineNo>),
}

impl Services {
    /// Calls a return off, or lines of it; the units can be returned again. Nothing happens where that has been done before.
    pub async fn cancel_return(&self, rma: RmaNumber, part: Part, actor: Actor, reason: Option<String>) -> Result<Return, CancelError> {
        let doing = Doing::begin(actor, self.clock.now());
        let services = self.clone();
        let (cancelled, others) =
            self.store.write(move |mut conn| Box::pin(async move { services.cancel(&mut conn, rma, part, reason, &doing).await })).await?;
        self.done(cancelled.rma);
        self.done_to(&others);
        Ok(cancelled)
    }

    async fn cancel(
        &self,
        conn: &mut Conn<'_>,
        rma: RmaNumber,
        part: Part,
        reason: Option<String>,
        doing: &Doing,
    ) -> Result<(Return, Vec<RmaNumber>), CancelError> {
        let mut request = take_return(conn, rma, &[]).await?.ok_or(CancelError::Unknown)?;
        let lots = match part {
            Part::Whole => None,
            Part::Lines(lines) => Some(request.lots().filter(|(line, _)| lines.contains(&line.id)).map(|(_, lot)| lot.id).collect()),
        };
        let events = request.decide(&Command::Cancel { lots, reason }, doing.role(), &doing.facts())?;
        if events.is_empty() {
            return Ok((request, Vec::new()));
        }
        doing.record(conn, &mut request, events).await?;
        let label = self.label_due(conn, &request, doing.now).await?;
        doing.by_rule().record(conn, &mut request, label.into_iter().collect()).await?;
        let over = request.status() == Status::Cancelled;
        store::release(conn, rma).await?;
        if !over {
            self.reserve(conn, &request).await.map_err(|error| match error {
                OpenError::Store(error) => CancelError::Store(error),
                // What was held a moment ago is held again.
                _ => CancelError::Store(StoreError::Stale("stock")),
            })?;
        }
        let letter = if over { JobKind::MailReturnCancelled } else { JobKind::MailReturnChanged };
        store::enqueue(conn, &letter.about(rma, doing.now)).await?;
        let orders: Vec<String> = request.orders.iter().map(|part| part.number.key()).collect();
        let because = |other| Some(if other == rma { Because::ItemsCancelled } else { Because::ReturnCancelled });
        let others = self.settle(conn, &orders, because, doing).await?;
        let request = store::find_return(conn, rma).await?.unwrap_or(request);
        Ok((request, others))
    }
}
