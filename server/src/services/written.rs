//! Order numbers as whoever asks writes them: kept exactly, looked up forgivingly.

use domain::ids::{LineId, OrderNumber};
use domain::order::Order;
use domain::returns::{RemedyKind, ReturnLine};

use super::Services;
use super::gather::belongs_to;
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, Conn, StoreError};

impl Services {
    /// A request that was refused for orders nobody knows, with the numbers that were meant: of those that are written like it the only one that
    /// is of who asks. Nothing where there is none to put right.
    pub(super) async fn as_written(
        &self,
        request: &ReturnRequest,
        problems: &[RequestProblem],
    ) -> Result<Option<ReturnRequest>, StoreError> {
        let mut written = request.clone();
        let mut read = self.store.read().await?;
        for problem in problems {
            let Wrong::UnknownOrder(typed) = &problem.wrong else { continue };
            let mut like = store::orders_written_like(&mut read.conn(), typed.as_str()).await?;
            like.retain(|row| belongs_to(row, request));
            if let [meant] = like.as_slice()
                && let Some((order, line)) = in_place_of(&mut read.conn(), &meant.order).await?
            {
                let of_it = written.lines.iter_mut().filter(|line| line.order == *typed);
                of_it.for_each(|asked| (asked.order, asked.line) = (order.clone(), line.clone()));
            } else if let [meant] = like.as_slice() {
                let of_it = written.lines.iter_mut().filter(|line| line.order == *typed);
                of_it.for_each(|line| line.order = meant.order.number.clone());
            }
        }
        Ok((written != *request).then_some(written))
    }
}

/// Where an order tells of goods that go out for a return: the order for which, and what they are called there.
pub async fn in_place_of(conn: &mut Conn<'_>, order: &Order) -> Result<Option<(OrderNumber, LineId)>, StoreError> {
    let Some(named) = &order.remedy else { return Ok(None) };
    let Some(request) = store::find_return(conn, named.rma).await? else { return Ok(None) };
    let Some(remedy) = request.remedy_named(named) else { return Ok(None) };
    let line = remedy.lots.first().and_then(|lot| request.line(lot.line));
    // The same again, or the same repaired, comes back as what was bought.
    let name = |line: &ReturnLine| match remedy.kind {
        RemedyKind::Exchange => line.came_as(request.rma),
        RemedyKind::Replacement | RemedyKind::Repair => line.asked.line.clone(),
    };
    Ok(line.map(|line| (line.asked.order.clone(), name(line))))
}
