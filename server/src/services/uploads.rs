//! Files that come piece by piece over a bad connection.

use bytes::Bytes;
use domain::ids::LineKey;
use domain::policy::Shows;

use super::Services;
use super::access::Keeper;
use super::evidence::{EvidenceError, HOUR, Received, Subject, bytes_of, harmless};
use crate::evidence::Unreadable;
use crate::store::{self, EvidenceRow, Holder, StoreError, UploadRow};

/// How long an upload waits to be taken up again, in milliseconds.
pub const UPLOAD_LIFE: i64 = 2 * 3_600_000;

/// An upload as it stands.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name.
    pub id: String,
    /// Bytes announced.
    pub size: i64,
    /// Bytes there are.
    pub received: i64,
    /// What became of it, once all of it was there: evidence, or the code of why not.
    pub outcome: Option<Result<EvidenceRow, String>>,
}

impl Services {
    /// Begins an upload of `size` bytes.
    pub async fn announce(
        &self,
        holder: Holder,
        of: &LineKey,
        shows: Option<Shows>,
        name: &str,
        size: i64,
    ) -> Result<Upload, EvidenceError> {
        let limits = self.config.limits.evidence;
        if size <= 0 {
            return Err(Unreadable::Empty.into());
        }
        if size > limits.bytes as i64 {
            return Err(Unreadable::TooLarge { bytes: usize::try_from(size).unwrap_or(usize::MAX), most: limits.bytes }.into());
        }
        let row = UploadRow {
            id: format!("up_{:032x}", rand::random::<u128>()),
            holder: holder.clone(),
            order_key: of.order.to_string(),
            line_id: of.line.to_string(),
            shows,
            name: harmless(name),
            size,
            received: 0,
            outcome: None,
            expires_at: self.clock.millis() + UPLOAD_LIFE,
        };
        let upload = Upload { id: row.id.clone(), size, received: 0, outcome: None };
        let latest = row.expires_at + UPLOAD_LIFE;
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let held = store::evidence_of(&mut conn, &holder).await?;
                    let of_line = held.iter().filter(|held| held.is_of(&row.order_key, &row.line_id)).count();
                    let most = if of_line >= limits.per_line { limits.per_line } else { limits.per_return };
                    // Given up ones are counted until they are forgotten: a few tries are free.
                    let under_way = store::count_open_uploads(&mut conn, &holder, latest).await?;
                    if of_line >= limits.per_line || held.len() >= limits.per_return || under_way >= 3 * limits.per_return {
                        return Err(EvidenceError::TooMany { most });
                    }
                    Ok(store::insert_upload(&mut conn, &row).await?)
                })
            })
            .await?;
        Ok(upload)
    }

    /// An upload as it stands: where to go on after a broken connection.
    pub async fn upload(&self, holder: &Holder, id: &str) -> Result<Upload, EvidenceError> {
        let mut read = self.store.read().await?;
        let row = store::find_upload(&mut read.conn(), id, holder).await?.ok_or(EvidenceError::Gone)?;
        let outcome = match row.outcome.as_deref() {
            None => None,
            Some(ended) => Some(match ended.strip_prefix('!') {
                Some(code) => Err(code.to_owned()),
                None => store::find_evidence(&mut read.conn(), ended).await?.ok_or_else(|| "gone".to_owned()),
            }),
        };
        Ok(Upload { id: row.id, size: row.size, received: row.received, outcome })
    }

    /// The next piece of an upload. With the last one (or an empty one after it) the file is read and held; asked again, the same is
    /// answered.
    pub async fn add_part(
        &self,
        keeper: Keeper,
        id: &str,
        offset: i64,
        bytes: Bytes,
        address: std::net::IpAddr,
    ) -> Result<Upload, EvidenceError> {
        let holder = keeper.holder();
        let (now, most) = (self.clock.millis(), self.config.limits.evidence.bytes_per_hour);
        let (name, whose) = (id.to_owned(), holder.clone());
        let added = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    store::find_upload(&mut conn, &name, &whose).await?.ok_or(EvidenceError::Gone)?;
                    if !store::add_upload_part(&mut conn, &name, offset, &bytes, now + UPLOAD_LIFE).await? {
                        return Ok(false);
                    }
                    let count = store::count_more(&mut conn, &bytes_of(address), bytes.len() as i64, HOUR, now).await?;
                    if count > most { Err(EvidenceError::TooMuch) } else { Ok(true) }
                })
            })
            .await?;
        let upload = self.upload(&holder, id).await?;
        if upload.outcome.is_some() {
            return Ok(upload);
        }
        if !added {
            return Err(EvidenceError::Offset { received: upload.received });
        }
        if upload.received < upload.size {
            return Ok(upload);
        }
        self.finish(keeper, id).await?;
        self.upload(&holder, id).await
    }

    /// Reads a file that is all there.
    async fn finish(&self, keeper: Keeper, id: &str) -> Result<(), EvidenceError> {
        let mut read = self.store.read().await?;
        let row = store::find_upload(&mut read.conn(), id, &keeper.holder()).await?.ok_or(EvidenceError::Gone)?;
        let bytes = store::upload_parts(&mut read.conn(), id).await?;
        drop(read);
        let held = match self.receive(&row.name, bytes).await {
            Ok(received) => self.hold_upload(&row, received, keeper).await,
            Err(error) => Err(error),
        };
        let Err(error) = held else { return Ok(()) };
        let Some(code) = error.code() else { return Err(error) };
        let (name, outcome) = (row.id, format!("!{code}"));
        self.store.write(move |mut conn| Box::pin(async move { store::finish_upload(&mut conn, &name, &outcome).await })).await?;
        Ok(())
    }

    async fn hold_upload(&self, row: &UploadRow, received: Received, keeper: Keeper) -> Result<(), EvidenceError> {
        let (services, upload, file) = (self.clone(), row.clone(), received.id.clone());
        let held = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    // Somebody who sent the last piece twice gets one picture.
                    if !store::finish_upload(&mut conn, &upload.id, &received.id).await? {
                        return Ok(false);
                    }
                    let subject = Subject::line(&upload.order_key, &upload.line_id, upload.shows);
                    services.hold_in(&mut conn, keeper, vec![(subject, received)]).await?;
                    Ok::<_, EvidenceError>(true)
                })
            })
            .await;
        match (&held, &row.holder) {
            (Ok(true), Holder::Return(rma)) => self.done(*rma),
            (Ok(true), _) => {}
            (Ok(false) | Err(_), _) => self.delete_files(&[file]).await,
        }
        held.map(|_| ())
    }

    /// Gives an upload up.
    pub async fn give_up_upload(&self, holder: Holder, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.store.write(move |mut conn| Box::pin(async move { store::delete_upload(&mut conn, &id, &holder).await })).await
    }
}
