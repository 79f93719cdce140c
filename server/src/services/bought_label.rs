//! Labels that a carrier sells: what it is told, and what becomes of its answer. `jobs` ask it.

use domain::order::Address;
use domain::returns::{Command, Parcel, Return, ReturnLine};
use domain::rma::RmaNumber;

use super::Services;
use super::access::Access;
use super::parcels::shipment;
use super::refusals::ChangeError;
use crate::carriers::{Bought, Consignment, Packed};
use crate::objects::ObjectsError;
use crate::store::{self, StoreError};

/// A label that somebody wanted, as it stands now.
#[derive(Clone, Debug)]
pub enum LabelDue {
    /// It is wanted.
    Wanted(Box<Consignment>),
    /// It is there.
    Made,
    /// Nobody wants it any more.
    Gone,
}

/// Why what a carrier said was not written. Nothing has happened then.
#[derive(Debug, thiserror::Error)]
pub enum NotBought {
    /// The return.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The place for files.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
}

/// Our name for a label, the same however often it is asked for: of the return, and of the event that wants it.
pub fn label_key(rma: RmaNumber, event: u64) -> String {
    format!("{rma}-{event}")
}

fn file_of(rma: RmaNumber, event: u64) -> String {
    format!("labels/{}", label_key(rma, event))
}

impl Services {
    /// How the label stands that event `event` of a return wants.
    pub async fn label_due_of(&self, rma: RmaNumber, event: u64) -> Result<LabelDue, StoreError> {
        let mut read = self.store.read().await?;
        let Some(request) = store::find_return(&mut read.conn(), rma).await? else { return Ok(LabelDue::Gone) };
        drop(read);
        let file = file_of(rma, event);
        if request.parcels.iter().any(|parcel| parcel.file.as_ref() == Some(&file)) {
            return Ok(LabelDue::Made);
        }
        let open = request.wanted.as_ref().filter(|wanted| wanted.event == event && wanted.refused.is_none());
        let until = open.map(|wanted| wanted.promises.unwrap_or(request.promises).label);
        Ok(until.map_or(LabelDue::Gone, |until| LabelDue::Wanted(Box::new(self.consignment(&request, until)))))
    }

    fn consignment(&self, request: &Return, until: jiff::Timestamp) -> Consignment {
        let packed = |line: &&ReturnLine| line.is_approved() && line.asked.sends_back();
        let contents = request.live_lines().filter(packed).map(|line| Packed {
            sku: line.asked.sku.to_string(),
            name: line.asked.name.clone(),
            units: request.units_held(line),
        });
        Consignment {
            shipment: shipment(request),
            from: request.from.clone(),
            // A setting that cannot be parsed stops the server's start.
            to: Address::parse(&self.config.shop.address).unwrap_or_default(),
            email: request.contact.email.as_ref().map(ToString::to_string),
            phone: request.contact.phone.as_ref().map(ToString::to_string),
            method: request.method,
            pickup: request.pickup.clone(),
            until,
            contents: contents.collect(),
        }
    }

    /// Keeps a label that was bought for event `event`. False where nobody wants it any more: nothing is kept then.
    pub async fn label_bought(&self, rma: RmaNumber, event: u64, bought: Bought) -> Result<bool, NotBought> {
        let file = file_of(rma, event);
        // There before the return says so: who asks for it then gets it.
        self.objects.put(&file, bought.label).await?;
        let (carrier, kept) = (self.carrier.code().to_owned(), file.clone());
        let carried = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                let open = run.request.wanted.clone().filter(|wanted| wanted.event == event && wanted.refused.is_none());
                let Some(wanted) = open else { return Ok(()) };
                let parcel = Parcel {
                    carrier,
                    tracking_number: bought.tracking_number,
                    reference: Some(bought.reference),
                    file: Some(file),
                    voided: false,
                    issued_at: run.now,
                    expires_at: bought.expires_at.unwrap_or(wanted.promises.unwrap_or(run.request.promises).label),
                    contents: Vec::new(),
                    scans: Vec::new(),
                };
                run.decide(&Command::IssueLabel { parcel, promises: wanted.promises })
            })
        });
        let made = match carried.await {
            Ok(carried) => carried.request.parcels.iter().any(|parcel| parcel.file.as_ref() == Some(&kept)),
            Err(ChangeError::Unknown) => false,
            Err(error) => return Err(error.into()),
        };
        if !made {
            self.objects.delete(&kept).await?;
        }
        Ok(made)
    }

    /// Says that no label comes of event `event`, so that a person sees to it.
    pub async fn label_refused(&self, rma: RmaNumber, event: u64, reason: String) -> Result<(), ChangeError> {
        let story = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move {
                match &run.request.wanted {
                    Some(wanted) if wanted.event == event => run.decide(&Command::RefuseLabel { reason }),
                    _ => Ok(()),
                }
            })
        });
        story.await.map(drop)
    }

    /// Parcels of a return whose labels are to be called off now.
    pub async fn labels_to_void(&self, rma: RmaNumber) -> Result<Vec<Parcel>, StoreError> {
        let mut read = self.store.read().await?;
        let request = store::find_return(&mut read.conn(), rma).await?;
        Ok(request.iter().flat_map(Return::labels_to_void).cloned().collect())
    }

    /// Says that a parcel's label was called off with its carrier. Its file is deleted.
    pub async fn label_voided(&self, rma: RmaNumber, parcel: &Parcel) -> Result<(), NotBought> {
        if let Some(file) = &parcel.file {
            self.objects.delete(file).await?;
        }
        let tracking_number = parcel.tracking_number.clone();
        let story = self.run(Access::of_system(rma), None, Vec::new(), move |run| {
            Box::pin(async move { run.decide(&Command::VoidLabel { tracking_number }) })
        });
        Ok(story.await.map(drop)?)
    }
}
