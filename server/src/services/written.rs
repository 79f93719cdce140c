//! Order numbers as whoever asks writes them: kept exactly, looked up forgivingly.

use domain::ids::{LineId, OrderNumber};
use domain::returns::{RemedyKind, ReturnLine};

use super::Services;
use super::gather::belongs_to;
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, Conn, OrderRow, StoreError};

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
                && let Some((order, line)) = in_place_of(&mut read.conn(), meant).await?
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
pub async fn in_place_of(conn: &mut Conn<'_>, row: &OrderRow) -> Result<Option<(OrderNumber, LineId)>, StoreError> {
    let Some(named) = &row.order.remedy else { return Ok(None) };
    let Some(request) = store::find_return(conn, named.rma).await? else { return Ok(None) };
    let remedy = request.remedies.iter().find(|remedy| remedy.id.to_string() == named.remedy);
    let line = remedy.and_then(|remedy| request.line(remedy.lots.first()?.line));
    // The same again, or the same repaired, comes back as what was bought.
    let name = |line: &ReturnLine| match remedy.map(|remedy| remedy.kind) {
        Some(RemedyKind::Exchange) => line.came_as(request.rma),
        _ => line.asked.line.clone(),
    };
    Ok(line.map(|line| (line.asked.order.clone(), name(line))))
}
