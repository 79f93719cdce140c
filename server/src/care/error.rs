//! Why a shop could not be cared for.

use std::io;
use std::path::{Path, PathBuf};

use crate::objects::ObjectsError;
use crate::store::StoreError;

/// Why there is no backup, or why it was not restored.
#[derive(Debug, thiserror::Error)]
pub enum CareError {
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// The place for photos and documents.
    #[error("the place for photos")]
    Objects(#[from] ObjectsError),
    /// The backup is not what was written once.
    #[error("this backup is damaged: {0}")]
    Damaged(String),
    /// It was not begun: what would go wrong, and what to do.
    #[error("{0}")]
    Refused(String),
}

impl CareError {
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File(path.clone(), error)
    }
}
