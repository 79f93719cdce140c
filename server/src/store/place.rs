//! The database's file, and whether its name still leads to it.

use std::fs;
use std::path::{Path, PathBuf};

/// An SQLite file that is open. Who deletes it or puts another in its place does so behind an open connection's back: what is written from
/// then on would be gone with the process, though it was acknowledged.
pub(super) struct Place {
    path: PathBuf,
    file: Option<File>,
}

/// Names a file for as long as it is open: its device, and its number there.
type File = (u64, u64);

impl Place {
    /// The file of that name as it is now.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: file(path) }
    }

    /// Whether the name leads to the same file still. True where the system does not say which file it is.
    pub(super) fn is_same(&self) -> bool {
        self.file.is_none() || self.file == file(&self.path)
    }
}

#[cfg(unix)]
fn file(path: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|known| (known.dev(), known.ino()))
}

#[cfg(not(unix))]
fn file(_: &Path) -> Option<File> {
    None
}
