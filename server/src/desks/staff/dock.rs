//! The dock's own pages, and what is said on them: at once, or sent later by a browser that had no network (N16).

use std::collections::BTreeSet;

use app::forms::Fields;
use app::ports::{CasePage, DeskError, DockCasePage, DockPage, Expected, Noted};
use app::staff::{DockForm, InspectForm, codes};
use domain::returns::{CommandKind, Return};
use uuid::Uuid;

use super::{Kept, StaffDesk, StaffNext};
use crate::desks::{NotKept, failed};
use crate::services::Received;

const DOCK: &str = "/staff/dock";

/// What came of something that a browser sent later.
pub enum SaidLater {
    /// It was taken, now or before; the return is of that version since.
    Taken { version: u64 },
    /// Somebody else is in than who said it.
    SomebodyElse,
    /// It could not be taken: how the return stands, and why.
    Refused { page: Box<CasePage>, mistakes: Vec<Noted> },
}

/// Photos of a form, each with its field and what it is called.
pub type Photos = Vec<(String, String, Received)>;

impl StaffDesk {
    pub(super) async fn dock(&self, quiet: bool) -> Result<DockPage, DeskError> {
        let kept = if quiet { Kept::default() } else { self.take_kept(DOCK).await? };
        let (expected, more) = self.expected().await?;
        Ok(DockPage { rail: self.rail(kept.told).await?, expected, more })
    }

    pub(super) async fn dock_case(&self, rma: &str, quiet: bool) -> Result<DockCasePage, DeskError> {
        let kept = if quiet { Kept::default() } else { self.take_kept(&format!("{DOCK}/{rma}")).await? };
        Ok(DockCasePage { case: self.case_ahead(rma, kept, true).await?, key: Uuid::now_v7().to_string() })
    }

    /// What is looked for, the most urgent first, and what waits to be looked at; and whether there is more.
    pub async fn expected(&self) -> Result<(Vec<Expected>, bool), DeskError> {
        let (returns, more) = self.services.at_dock(&self.at_work()?).await.map_err(|error| failed(&error))?;
        let mut all = Vec::with_capacity(returns.len());
        for request in &returns {
            all.push(expected(request));
        }
        Ok((all, more))
    }

    /// Whose desk it is: their account's name.
    pub fn clerk(&self) -> Result<String, DeskError> {
        Ok(self.member()?.id.clone())
    }

    /// "Book in" or "Looked at", on the dock's own page.
    pub async fn say_at_dock(
        &mut self,
        rma: &str,
        kind: CommandKind,
        fields: &Fields,
        photos: Photos,
        not_kept: Vec<NotKept>,
    ) -> Result<StaffNext, DeskError> {
        let form = match kind {
            CommandKind::Receive => DockForm::RECEIVE.to_owned(),
            _ => InspectForm::line_of(fields).map(DockForm::of_line).unwrap_or_default(),
        };
        let (rma, tried) = self.tried(rma, kind, fields, photos, not_kept).await?;
        self.booked(DOCK, rma, kind, form, fields, tried).await
    }

    /// Likewise, sent by the browser by itself: it is told what came of it. It counts as said by who said it, and by nobody else.
    pub async fn say_later(
        &self,
        rma: &str,
        kind: CommandKind,
        fields: &Fields,
        photos: Photos,
        not_kept: Vec<NotKept>,
    ) -> Result<SaidLater, DeskError> {
        if fields.get(DockForm::CLERK) != self.member()?.id {
            self.services.discard(photos.into_iter().map(|(.., file)| file)).await;
            return Ok(SaidLater::SomebodyElse);
        }
        let (_, tried) = self.tried(rma, kind, fields, photos, not_kept).await?;
        match tried {
            Ok(carried) => {
                let kept =
                    carried.answer.and_then(|answer| serde_json::from_str::<serde_json::Value>(&answer.body).ok()?["version"].as_u64());
                Ok(SaidLater::Taken { version: kept.unwrap_or(carried.request.version) })
            }
            Err(mistakes) => Ok(SaidLater::Refused { page: Box::new(self.case(rma, Kept::default()).await?), mistakes }),
        }
    }

    async fn tried(
        &self,
        rma: &str,
        kind: CommandKind,
        fields: &Fields,
        photos: Photos,
        not_kept: Vec<NotKept>,
    ) -> Result<super::goods::Tried, DeskError> {
        match kind {
            CommandKind::Receive => self.try_receive(rma, fields).await,
            _ => self.try_inspect(rma, fields, photos, not_kept).await,
        }
    }
}

fn expected(request: &Return) -> Expected {
    let parcels: Vec<String> =
        request.parcels.iter().filter(|parcel| !parcel.voided).map(|parcel| parcel.tracking_number.clone()).collect();
    let rma = request.rma.to_string();
    let orders = request.orders.iter().map(|part| part.number.as_str());
    let skus = request.lines.iter().map(|line| line.asked.sku.as_str());
    let known = std::iter::once(rma.as_str()).chain(parcels.iter().map(String::as_str)).chain(orders).chain(skus);
    let photos: BTreeSet<String> = request.lines.iter().flat_map(|line| line.asked.evidence.iter().cloned()).collect();
    Expected {
        rma: request.rma,
        version: request.version,
        customer: request.contact.name.clone(),
        items: request.live_lines().map(|line| (line.asked.name.clone(), line.asked.quantity)).collect(),
        came: !request.receipts.is_empty(),
        codes: codes(known),
        photos: photos.into_iter().collect(),
        parcels,
    }
}
