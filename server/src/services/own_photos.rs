//! Photos that the house takes of goods itself, while they are looked at (N8): its own, beside the customer's, who does not see them.

use domain::returns::{LineNo, Return};

use super::Services;
use super::evidence::{Received, Subject};
use super::refusals::ChangeError;
use crate::store::{self, Conn, Holder, StoreError};

/// Photos of the house's own that come with what was found, which names them.
#[derive(Clone, Debug, Default)]
pub struct OwnPhotos {
    /// Read just now, each of a line; nobody holds them yet.
    pub new: Vec<(LineNo, Received)>,
    /// Who uploaded those that were not: the digest of a key.
    pub key: Option<String>,
}

impl Services {
    /// Gives the house its own photos of a return's goods, with what is said of these: those that were read just now, and those that a key uploaded
    /// before, by their names.
    pub(super) async fn hold_for_house(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        photos: OwnPhotos,
        named: &[String],
    ) -> Result<(), ChangeError> {
        let (house, now, most) = (Holder::House(request.rma), self.clock.now(), self.config.limits.evidence.per_return);
        let OwnPhotos { new, key } = photos;
        let held = store::evidence_of(conn, &house).await?;
        let is_there = |id: &&String| held.iter().any(|row| row.id == **id) || new.iter().any(|(_, file)| file.id == **id);
        let mut uploaded: Vec<&String> = named.iter().filter(|id| !is_there(id)).collect();
        uploaded.sort();
        uploaded.dedup();
        if held.len() + new.len() + uploaded.len() > most {
            return Err(ChangeError::TooManyPhotos(most));
        }
        for id in uploaded {
            let from = key.clone().map(Holder::Key).ok_or(StoreError::Stale("evidence"))?;
            store::hand_over_evidence(conn, id, &from, &house).await?;
        }
        for (line, file) in new {
            let of = request.line(line).map(|line| Subject::line(line.asked.order.as_str(), line.asked.line.as_str(), None));
            store::insert_evidence(conn, &file.row(&house, of.unwrap_or_default(), now)).await?;
        }
        Ok(())
    }

    /// Forgets files that were received and that nobody will hold.
    pub async fn discard(&self, files: impl IntoIterator<Item = Received>) {
        let ids: Vec<String> = files.into_iter().map(|file| file.id).collect();
        self.delete_files(&ids).await;
    }
}
