//! The database's file, and whether its name still leads to it.

use std::fs;
use std::io;
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

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the name leads to the same file still. True where the system does not say which file it is.
    pub(super) fn is_same(&self) -> bool {
        self.file.is_none() || self.file == file(&self.path)
    }
}

/// Makes a file, or empties one, that only its owner reads and writes.
pub(super) fn create_own(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that was there keeps the rights it had.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
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
