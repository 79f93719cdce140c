//! Deletes files that belong to nothing. A bucket is looked after by one of all servers; a folder by those that see it, each folder by itself.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};
use crate::objects::Objects;

/// What is being received has no row yet.
const YOUNG: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct Files {
    name: String,
}

impl Files {
    pub(super) fn of(objects: &Objects) -> Self {
        let name = objects.folder_name().map_or_else(|| "sweep.files".to_owned(), |folder| format!("sweep.files.{folder}"));
        Self { name }
    }
}

#[async_trait]
impl Schedule for Files {
    fn times(&self) -> Times {
        Times::hourly(self.name.as_str())
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        // By the computer's clock, as files are dated: a rehearsal's clock may be days ahead.
        let old = Timestamp::now() - YOUNG;
        means.services.delete_stray_files(old).await.map_err(|error| JobError::passing(&error))
    }
}
