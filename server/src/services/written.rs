//! Order numbers as whoever asks writes them: kept exactly, looked up forgivingly.

use super::Services;
use super::gather::belongs_to;
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, StoreError};

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
            if let [meant] = like.as_slice() {
                let of_it = written.lines.iter_mut().filter(|line| line.order == *typed);
                of_it.for_each(|line| line.order = meant.order.number.clone());
            }
        }
        Ok((written != *request).then_some(written))
    }
}
