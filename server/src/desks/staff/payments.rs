//! Finance's list of payments, and the file of them for its books.

use app::forms::Fields;
use app::ports::{DeskError, PaymentRow, PaymentsPage};
use domain::returns::PaymentState;
use domain::staff::Room;
use jiff::civil::Date;

use super::StaffDesk;
use crate::desks::failed;
use crate::store::{self, PaymentEntry, PaymentsWanted};
use crate::tables::Table;

/// Payments on the page.
const MOST: i64 = 100;
/// Payments in a file.
const MOST_IN_FILE: usize = 200_000;
/// Read at once.
const BATCH: i64 = 1_000;

impl StaffDesk {
    fn at_payments(&self) -> Result<(), DeskError> {
        let member = self.member()?;
        if Room::Payments.is_for(member.roles.iter()) { Ok(()) } else { Err(DeskError::NotForYou { who: Room::Payments.who().to_vec() }) }
    }

    pub(super) async fn payments(&self, state: &str) -> Result<PaymentsPage, DeskError> {
        self.at_payments()?;
        let kept = self.take_kept("/staff/payments").await?;
        let state: Option<PaymentState> = state.parse().ok();
        let wanted = PaymentsWanted { state, newest: true, limit: MOST + 1, ..PaymentsWanted::default() };
        let mut found = self.read_payments(&wanted).await?;
        let more = found.len() > MOST as usize;
        found.truncate(MOST as usize);
        let today = self.today();
        let row = |entry: PaymentEntry| {
            Some(PaymentRow {
                rma: entry.rma.parse().ok()?,
                order: entry.order,
                amount: entry.amount,
                way: entry.way,
                state: entry.state,
                reference: entry.reference,
                at: entry.at,
            })
        };
        Ok(PaymentsPage {
            rail: self.rail(kept.told).await?,
            state,
            rows: found.into_iter().filter_map(row).collect(),
            more,
            from: today.first_of_month(),
            to: today,
        })
    }

    /// All payments that were begun on days from one to another, as a file for the books (CSV, RFC 4180, UTF-8): its name, and what is in it.
    pub async fn payments_file(&self, fields: &Fields) -> Result<(String, String), DeskError> {
        self.at_payments()?;
        let day = |name: &str| fields.get(name).parse::<Date>().map_err(|_| DeskError::NotFound);
        let (from, to) = (day("from")?, day("to")?);
        let zone = self.services.shop_zone();
        let start = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond()).map_err(|_| DeskError::NotFound);
        let (start, end) = (start(from)?, start(to.tomorrow().map_err(|_| DeskError::NotFound)?)?);
        let mut wanted = PaymentsWanted { from: Some(start), to: Some(end), limit: BATCH, ..PaymentsWanted::default() };
        let head = ["begun", "return", "payment", "grant", "order", "currency", "amount", "method", "state", "reference"];
        let mut table = Table::with(head).map_err(|error| failed(&error))?;
        let mut rows = 0;
        loop {
            let found = self.read_payments(&wanted).await?;
            for entry in &found {
                let cells = [
                    entry.at.to_string(),
                    entry.rma.clone(),
                    format!("p{}", entry.payment),
                    format!("g{}", entry.grant),
                    entry.order.clone(),
                    entry.amount.currency.to_string(),
                    entry.amount.decimal(),
                    entry.way.clone(),
                    entry.state.code().to_owned(),
                    entry.reference.clone().unwrap_or_default(),
                ];
                table.row(cells).map_err(|error| failed(&error))?;
            }
            rows += found.len();
            match found.last() {
                Some(last) if found.len() == BATCH as usize && rows < MOST_IN_FILE => {
                    wanted.after = Some((last.at.as_millisecond(), last.rma.clone(), last.payment));
                }
                _ => break,
            }
        }
        Ok((format!("payments-{from}-{to}.csv"), table.text().map_err(|error| failed(&error))?))
    }

    async fn read_payments(&self, wanted: &PaymentsWanted) -> Result<Vec<PaymentEntry>, DeskError> {
        let read = async || {
            let mut read = self.services.store.read().await?;
            store::list_payments(&mut read.conn(), wanted).await
        };
        read().await.map_err(|error| failed(&error))
    }
}
