//! Units held for exchanges (P6).

use domain::policy::Resolution;
use domain::returns::Return;

use super::Services;
use super::refusals::OpenError;
use super::request::{RequestProblem, Wrong};
use crate::store::{self, Conn, StockRow};

impl Services {
    /// Holds what approved lines are exchanged for, so that it cannot sell out while the parcel is on its way (P6).
    pub(super) async fn reserve(&self, conn: &mut Conn<'_>, request: &Return) -> Result<(), OpenError> {
        let approved = |line: &&domain::returns::ReturnLine| line.is_approved() && line.asked.resolution == Resolution::Exchange;
        let mut wanted: Vec<_> = request.lines.iter().enumerate().filter(|(_, line)| approved(line)).collect();
        // By product, as everybody holds several: two returns never wait for each other in a circle.
        wanted.sort_by_key(|(_, line)| line.asked.exchange_sku.clone());
        for (place, line) in wanted {
            let asked = &line.asked;
            let Some(sku) = &asked.exchange_sku else { continue };
            if store::stock_of(conn, sku.as_str()).await?.is_empty() {
                continue;
            }
            if !store::reserve(conn, request.rma, asked.order.as_str(), line.id, sku, request.units_held(line)).await? {
                let available = store::stock_of(conn, sku.as_str()).await?.iter().map(StockRow::available).max().unwrap_or(0);
                let wrong = Wrong::SoldOut { sku: sku.clone(), available };
                return Err(OpenError::Problems(vec![RequestProblem { field: format!("lines[{place}].exchange_sku"), wrong }]));
            }
        }
        Ok(())
    }
}
