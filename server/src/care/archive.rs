//! A backup is one file: a gzipped tar of members, and last a manifest that says what they are and their digests. A file that was cut off has
//! none, and is known by that.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::CareError;
use crate::store::Copied;

/// The member that is last.
const MANIFEST: &str = "manifest.json";
/// The form of a backup that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;
/// The folder of members that are the database.
pub(super) const DATABASE: &str = "database/";
/// That of photos and documents.
pub(super) const OBJECTS: &str = "objects/";
/// That of the data folder's other files.
pub(super) const DATA: &str = "data/";
/// That of files that the settings name, and theirs.
pub(super) const SETTINGS: &str = "settings/";

/// What a backup holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub homebound_backup: u32,
    /// Which version made it.
    pub version: String,
    /// When it began. All that was acknowledged before is in it.
    pub begun_at: jiff::Timestamp,
    /// The database.
    #[serde(flatten)]
    pub copied: Copied,
    /// Files of evidence that were deleted while it was made, or missing before.
    pub missing: Vec<String>,
    /// What belongs to the shop and is not in it.
    pub left_out: Vec<String>,
    /// All that is in it.
    pub members: Vec<Member>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path there.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Hands on what is read, and takes its digest.
struct Digesting<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Digesting<R> {
    fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new(), bytes: 0 }
    }

    fn member(self, name: &str) -> Member {
        let sha256 = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Member { name: name.to_owned(), bytes: self.bytes, sha256 }
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.digest.update(&buffer[..length]);
        self.bytes += length as u64;
        Ok(length)
    }
}

/// A backup that is being written, as `FILE.part`.
pub(super) struct Packing {
    tar: tar::Builder<GzEncoder<BufWriter<File>>>,
    members: Vec<Member>,
    part: PathBuf,
    file: PathBuf,
}

impl Packing {
    /// Begins one. Only its owner reads it, from the first byte on.
    pub fn begin(file: &Path) -> Result<Self, CareError> {
        let part = PathBuf::from(format!("{}.part", file.display()));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let writer = options.open(&part).map_err(CareError::file(&part))?;
        // What an earlier one left keeps the rights it had.
        #[cfg(unix)]
        writer.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(CareError::file(&part))?;
        // Photos do not get smaller, and the rest does at once.
        let packed = GzEncoder::new(BufWriter::with_capacity(1 << 20, writer), Compression::fast());
        Ok(Self { tar: tar::Builder::new(packed), members: Vec::new(), part, file: file.to_owned() })
    }

    /// Where it is until it is whole.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Adds a member of so many bytes.
    pub fn add(&mut self, name: &str, bytes: u64, from: impl Read) -> Result<(), CareError> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(jiff::Timestamp::now().as_second().unsigned_abs());
        let mut from = Digesting::new(from);
        self.tar.append_data(&mut header, name, &mut from).map_err(CareError::file(&self.part))?;
        self.members.push(from.member(name));
        Ok(())
    }

    /// Writes the manifest, sees that all of it is on the disk, and gives it its name.
    pub fn finish(mut self, manifest: impl FnOnce(Vec<Member>) -> Manifest) -> Result<Manifest, CareError> {
        let failed = CareError::file(&self.part);
        let manifest = manifest(std::mem::take(&mut self.members));
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.into()))?;
        self.add(MANIFEST, text.len() as u64, text.as_slice())?;
        let packed = self.tar.into_inner().map_err(&failed)?;
        let file = packed.finish().map_err(&failed)?.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(&failed)?;
        fs::rename(&self.part, &self.file).map_err(&failed)?;
        File::open(folder_of(&self.file)).and_then(|folder| folder.sync_all()).map_err(&failed)?;
        Ok(manifest)
    }
}

/// The folder that a file lies in.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A backup that is read.
pub(super) struct Packed {
    tar: tar::Archive<GzDecoder<BufReader<File>>>,
}

impl Packed {
    pub fn open(file: &Path) -> Result<Self, CareError> {
        let reader = BufReader::with_capacity(1 << 20, File::open(file).map_err(CareError::file(file))?);
        Ok(Self { tar: tar::Archive::new(GzDecoder::new(reader)) })
    }

    /// Its members, in their order.
    pub fn members(&mut self) -> Result<impl Iterator<Item = Result<(String, impl Read), CareError>>, CareError> {
        let entries = self.tar.entries().map_err(damaged)?;
        Ok(entries.map(|entry| {
            let entry = entry.map_err(damaged)?;
            let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|error| CareError::Damaged(error.to_string()))?;
            Ok((name, entry))
        }))
    }

    /// What follows the last member: gzip's own check stands there.
    fn end(self) -> Result<(), CareError> {
        io::copy(&mut self.tar.into_inner(), &mut io::sink()).map(|_| ()).map_err(damaged)
    }
}

/// Of a file that was opened: what is read from it cannot be.
fn damaged(error: io::Error) -> CareError {
    CareError::Damaged(error.to_string())
}

/// Reads the whole of a backup, and compares it with its manifest.
pub(super) fn read_whole(file: &Path) -> Result<Manifest, CareError> {
    let mut packed = Packed::open(file)?;
    let (mut found, mut manifest) = (Vec::new(), None);
    for member in packed.members()? {
        let (name, mut from) = member?;
        if name == MANIFEST {
            let mut text = Vec::new();
            from.read_to_end(&mut text).map_err(damaged)?;
            manifest = Some(text);
            continue;
        }
        let mut from = Digesting::new(from);
        io::copy(&mut from, &mut io::sink()).map_err(damaged)?;
        found.push(from.member(&name));
    }
    packed.end()?;
    let text = manifest.ok_or_else(|| CareError::Damaged("it has no manifest: it is no backup, or only the beginning of one".into()))?;
    let format = serde_json::from_slice::<serde_json::Value>(&text).ok().and_then(|text| text["homebound_backup"].as_u64());
    if format != Some(u64::from(FORMAT)) {
        return Err(CareError::Refused("this backup is of a form that only another version of this program reads".into()));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| CareError::Damaged(format!("its manifest: {error}")))?;
    let differs = manifest.members.iter().find(|member| !found.contains(member));
    let beyond = found.iter().find(|member| !manifest.members.contains(member));
    match differs.or(beyond) {
        Some(member) => Err(CareError::Damaged(format!("{} is not what its manifest says", member.name))),
        None => Ok(manifest),
    }
}

impl Manifest {
    /// Of a backup that is being made.
    pub(super) fn of(begun_at: jiff::Timestamp, copied: Copied, missing: Vec<String>, left_out: Vec<String>, members: Vec<Member>) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { homebound_backup: FORMAT, version, begun_at, copied, missing, left_out, members }
    }

    /// Bytes of all that is in it.
    pub fn bytes(&self) -> u64 {
        self.members.iter().map(|member| member.bytes).sum()
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.copied.tables.values().map(|table| table.rows).sum()
    }
}
