//! Deletes photos, labels and mails of a customer who was erased, and what the database's own file still has of them.

use async_trait::async_trait;

use super::job::{ERASE, Job, JobError, Means, Terms, payload};
use crate::services::{FilesErased, JobKind};
use crate::store::OutboxRow;

/// A database of more bytes is not written anew by itself.
const LARGE: u64 = 1 << 30;

pub(super) struct EraseFiles;

#[async_trait]
impl Job for EraseFiles {
    fn terms(&self) -> Terms {
        Terms { planned: true, patience: std::time::Duration::from_secs(200), ..Terms::of(JobKind::EraseFiles.code(), ERASE) }
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let told: FilesErased = payload(row)?;
        let services = &means.services;
        services.delete_erased_files(&told).await.map_err(|error| JobError::passing(&error))?;
        means.mailer.delete_to(|address| services.is_erased_address(&told, address)).await.map_err(|error| JobError::passing(&error))?;
        if !services.store.tidy(LARGE).await.map_err(|error| JobError::passing(&error))? {
            tracing::warn!(erasure = told.erasure, "the database is large: VACUUM at a quiet hour takes out of its file what was erased");
        }
        services.note_erased_files_gone(&told).await.map_err(|error| JobError::passing(&error))
    }
}
