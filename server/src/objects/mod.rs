//! Where files lie: a folder of this machine, or a bucket that speaks S3. Private: only this server hands them out.

use std::future::ready;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

/// A file that could not be kept, read or deleted; or an address that names no place.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// The address is of no kind this program knows.
    #[error("must start with file:// or s3://")]
    Address,
    /// A bucket, and this program was built without what speaks to one.
    #[error("this build has no S3: use `make dist`, or build with --features s3")]
    NoBuckets,
    /// The folder cannot be made.
    #[error("{path}: {source}")]
    Folder {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The place itself.
    #[error("the store of files failed")]
    Store(#[from] object_store::Error),
}

/// A place for files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Where it is a folder of this machine.
    folder: Option<PathBuf>,
    /// What that folder calls itself.
    folder_name: Option<String>,
}

/// A folder's own name stands in this file: servers that see the same folder know it by that.
const NAME: &str = "name";
/// What [`Objects::try_it`] writes.
const READY: &str = "ready";
/// Files that are no shop's.
const OWN: [&str; 2] = [NAME, READY];

impl Objects {
    /// The place at `address`: `file://folder` (made where it is not there), or `s3://bucket/folder` with credentials from the
    /// environment.
    pub fn open(address: &str) -> Result<Self, ObjectsError> {
        ready_for_tls();
        if let Some(folder) = address.strip_prefix("file://") {
            let made = std::fs::create_dir_all(folder).and_then(|()| own_only(FilePath::new(folder)));
            made.map_err(|source| ObjectsError::Folder { path: folder.to_owned(), source })?;
            // A row is only written once its file survives a power cut.
            let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
            let name = name_of(FilePath::new(folder));
            let name = name.map_err(|source| ObjectsError::Folder { path: folder.to_owned(), source })?;
            return Ok(Self { store: Arc::new(store), folder: Some(folder.into()), folder_name: Some(name) });
        }
        let Some(place) = address.strip_prefix("s3://") else { return Err(ObjectsError::Address) };
        Ok(Self { store: bucket(address, place)?, folder: None, folder_name: None })
    }

    /// Names the folder among those of all servers; nothing where it is a bucket, of which all see the same.
    pub fn folder_name(&self) -> Option<&str> {
        self.folder_name.as_deref()
    }

    /// Keeps a file; one of that name is replaced.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), ObjectsError> {
        self.store.put(&Path::from(name), bytes.into()).await?;
        Ok(())
    }

    /// A file; nothing where there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, ObjectsError> {
        match self.store.get(&Path::from(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a file, where there is one.
    pub async fn delete(&self, name: &str) -> Result<(), ObjectsError> {
        match self.store.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Names of the files in a folder that were written before a moment, `most` at a time.
    pub async fn before(&self, folder: &str, moment: Timestamp, most: usize) -> Result<Vec<Vec<String>>, ObjectsError> {
        let files = self.store.list(Some(&Path::from(folder)));
        let old = files.try_filter_map(|file| async move {
            let name = (file.last_modified.timestamp_millis() < moment.as_millisecond()).then(|| file.location.to_string());
            Ok(name)
        });
        Ok(old.try_chunks(most).map(|chunk| chunk.map_err(|error| error.1)).try_collect().await?)
    }

    /// Names of all files that belong to the shop, in order; not what this place keeps for itself.
    pub async fn names(&self) -> Result<Vec<String>, ObjectsError> {
        let files = self.store.list(None).map_ok(|file| file.location.to_string());
        let mut names: Vec<String> = files.try_filter(|name| ready(!OWN.contains(&name.as_str()))).try_collect().await?;
        names.sort();
        Ok(names)
    }

    /// Deletes what was begun before a moment and never finished. A server that is killed while it writes leaves a part of a file, under a
    /// name (`file#1`) that is never listed; buckets keep only whole files.
    pub async fn delete_unfinished(&self, folder: &str, moment: Timestamp) -> Result<(), ObjectsError> {
        let Some(place) = self.folder.as_ref().map(|root| root.join(folder)) else { return Ok(()) };
        let path = place.display().to_string();
        let deleted = tokio::task::spawn_blocking(move || delete_parts(&place, moment.into())).await;
        deleted.unwrap_or_else(|failed| Err(std::io::Error::other(failed))).map_err(|source| ObjectsError::Folder { path, source })
    }

    /// Why no files can be kept, where none can. A folder is tried by writing to it (an empty file fits on a full disk); a bucket by asking for
    /// a file, which takes credentials too.
    pub async fn try_it(&self) -> Result<(), ObjectsError> {
        if self.folder.is_some() {
            return self.put(READY, b"ready".to_vec()).await;
        }
        match self.store.head(&Path::from(READY)).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(feature = "s3")]
fn bucket(address: &str, place: &str) -> Result<Arc<dyn ObjectStore>, ObjectsError> {
    let bucket = object_store::aws::AmazonS3Builder::from_env().with_url(address).build()?;
    let folder = place.split_once('/').map_or("", |(_, folder)| folder);
    Ok(Arc::new(object_store::prefix::PrefixStore::new(bucket, Path::parse(folder).map_err(object_store::Error::from)?)))
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &str, _: &str) -> Result<Arc<dyn ObjectStore>, ObjectsError> {
    Err(ObjectsError::NoBuckets)
}

/// For all of this process that speaks TLS by reqwest. Somebody else may have been first; any provider will do.
pub fn ready_for_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn delete_parts(folder: &FilePath, before: SystemTime) -> std::io::Result<()> {
    // Whoever was writing may have finished meanwhile.
    let gone = |error: std::io::Error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) };
    if !folder.is_dir() {
        return Ok(());
    }
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name();
        let is_part = name.to_str().and_then(|name| name.rsplit_once('#')).is_some_and(|(_, number)| number.parse::<u32>().is_ok());
        if !is_part {
            continue;
        }
        match file.metadata().and_then(|known| known.modified()) {
            Ok(written) if written < before => std::fs::remove_file(file.path()).or_else(gone)?,
            Ok(_) => {}
            Err(error) => gone(error)?,
        }
    }
    Ok(())
}

/// The name a folder was given when it was first opened. Of two that open it in that moment both may be right until the next start.
fn name_of(folder: &FilePath) -> std::io::Result<String> {
    let file = folder.join(NAME);
    match std::fs::read_to_string(&file) {
        Ok(name) if !name.is_empty() => Ok(name),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => {
            let name = uuid::Uuid::new_v4().simple().to_string();
            std::fs::write(&file, &name).map(|()| name)
        }
    }
}

/// Nobody else on this machine looks into the folder.
#[cfg(unix)]
fn own_only(folder: &FilePath) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn own_only(_: &FilePath) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_kept_listed_by_age_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new/objects");
        let objects = Objects::open(&format!("file://{}", place.display())).unwrap();
        objects.try_it().await.unwrap();
        objects.put("evidence/a", b"one".to_vec()).await.unwrap();
        objects.put("evidence/b", b"two".to_vec()).await.unwrap();
        assert_eq!(objects.get("evidence/a").await.unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(objects.get("evidence/c").await.unwrap(), None);
        let tomorrow = Timestamp::now() + jiff::SignedDuration::from_hours(24);
        assert_eq!(objects.before("evidence", tomorrow, 1).await.unwrap().concat().len(), 2);
        assert!(objects.before("evidence", Timestamp::UNIX_EPOCH, 10).await.unwrap().is_empty());
        objects.delete("evidence/a").await.unwrap();
        objects.delete("evidence/a").await.unwrap();
        assert_eq!(objects.get("evidence/a").await.unwrap(), None);
        let again = Objects::open(&format!("file://{}", place.display())).unwrap();
        assert!(objects.folder_name().is_some() && again.folder_name() == objects.folder_name());
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&place).unwrap().permissions()) & 0o777, 0o700);
    }

    #[tokio::test]
    async fn what_was_never_finished_is_deleted_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(&format!("file://{}", folder.path().display())).unwrap();
        objects.delete_unfinished("evidence", Timestamp::now()).await.unwrap();
        objects.put("evidence/a", b"one".to_vec()).await.unwrap();
        for part in ["evidence/b#1", "evidence/b.preview#12", "ready#1"] {
            std::fs::write(folder.path().join(part), b"tw").unwrap();
        }
        let tomorrow = Timestamp::now() + jiff::SignedDuration::from_hours(24);
        assert_eq!(objects.before("evidence", tomorrow, 10).await.unwrap().concat(), ["evidence/a"], "nobody lists them");
        let left = || std::fs::read_dir(folder.path().join("evidence")).unwrap().count();
        objects.delete_unfinished("evidence", Timestamp::now() - jiff::SignedDuration::from_hours(24)).await.unwrap();
        assert_eq!(left(), 3, "somebody may be writing just now");
        objects.delete_unfinished("evidence", tomorrow).await.unwrap();
        objects.delete_unfinished("", tomorrow).await.unwrap();
        assert_eq!((left(), folder.path().join("ready#1").exists()), (1, false));
    }

    #[test]
    fn an_address_of_no_known_kind_is_refused() {
        assert!(matches!(Objects::open("ftp://x"), Err(ObjectsError::Address)));
    }

    #[test]
    fn a_bucket_is_for_builds_with_s3() {
        let opened = Objects::open("s3://photos/of/returns");
        if cfg!(feature = "s3") {
            assert!(opened.is_ok_and(|objects| objects.folder.is_none()));
        } else {
            assert!(matches!(opened, Err(ObjectsError::NoBuckets)));
        }
    }
}
