//! A backup, made while servers go on.
//!
//! The database comes first, as it is in one moment, and files after it: a file is written before the row that names it, so every row that is
//! copied finds its file, unless somebody deletes it meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::archive::{DATA, DATABASE, Manifest, OBJECTS, Packing, SETTINGS, folder_of};
use super::error::CareError;
use crate::config::Config;
use crate::objects::Objects;
use crate::services::files_of_evidence;
use crate::store::{self, sqlite_file};

/// A backup that was made.
#[derive(Debug)]
pub struct BackedUp {
    /// What is in it.
    pub manifest: Manifest,
    /// Bytes of its file.
    pub bytes: u64,
}

/// Writes a backup of all that belongs to the shop of these settings into `file`, which must not lie in the data folder.
pub async fn back_up(config: &Config, file: &Path, overwrite: bool) -> Result<BackedUp, CareError> {
    if file.exists() && !overwrite {
        return Err(CareError::Refused(format!("{} is there; take another name, or say --overwrite", file.display())));
    }
    let folder = folder_of(file).canonicalize().map_err(CareError::file(folder_of(file)))?;
    if config.data_dir.canonicalize().is_ok_and(|data| folder.starts_with(data)) {
        let data = config.data_dir.display();
        return Err(CareError::Refused(format!(
            "a backup in {data} would be lost with it, and be part of the next one: write it elsewhere"
        )));
    }
    let packing = Packing::begin(file)?;
    let part = packing.part().to_owned();
    let packed = pack(config, packing, &folder).await;
    if packed.is_err() {
        // It would be taken for one that is being written.
        let _ = fs::remove_file(part);
    }
    let manifest = packed?;
    let bytes = fs::metadata(file).map_err(CareError::file(file))?.len();
    Ok(BackedUp { manifest, bytes })
}

async fn pack(config: &Config, mut packing: Packing, folder: &Path) -> Result<Manifest, CareError> {
    let begun_at = Timestamp::now();
    let working = tempfile::Builder::new().prefix(".homebound-backup").tempdir_in(folder).map_err(CareError::file(folder))?;
    let address = config.database_url();
    let copied = store::copy_out(&address, working.path(), |name, part| {
        let bytes = part.metadata().map_err(CareError::file(working.path()))?.len();
        packing.add(&format!("{DATABASE}{name}"), bytes, part)
    });
    let copied = copied.await?;

    let objects = Objects::open(&config.objects_url())?;
    let mut kept = BTreeSet::new();
    for name in objects.names().await? {
        // It may be deleted just now.
        if let Some(bytes) = objects.get(&name).await? {
            packing.add(&format!("{OBJECTS}{name}"), bytes.len() as u64, bytes.as_ref())?;
            kept.insert(name);
        }
    }
    let missing = copied.evidence.iter().flat_map(|id| files_of_evidence(id)).filter(|name| !kept.contains(name)).collect();
    for (name, path) in files_of_shop(config)? {
        match fs::read(&path) {
            Ok(bytes) => packing.add(&name, bytes.len() as u64, bytes.as_slice())?,
            // A mail that is swept, say.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(CareError::File(path, error)),
        }
    }
    let left_out = left_out(config);
    packing.finish(|members| Manifest::of(begun_at, copied, missing, left_out, members))
}

/// Secrets that only the environment holds.
fn left_out(config: &Config) -> Vec<String> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let secrets = ["HOMEBOUND_SECRET", "HOMEBOUND_START__SECRETS", "HOMEBOUND_SMTP_URL", "HOMEBOUND_DATABASE_URL"];
    let mut left_out: Vec<String> = secrets.into_iter().filter(|name| set(name)).map(str::to_owned).collect();
    if config.config.is_none() {
        left_out.push("settings: there is no file of them (HOMEBOUND_CONFIG)".into());
    }
    left_out
}

/// Each regular file that belongs to the shop, and its name in a backup: all of the data folder but the live database, what is being written,
/// and photos (which come from where they lie); and what the settings name.
fn files_of_shop(config: &Config) -> Result<Vec<(String, PathBuf)>, CareError> {
    let mut files = Vec::new();
    for path in [&config.config, &config.shop.logo].into_iter().flatten() {
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            files.push((format!("{SETTINGS}{name}"), path.clone()));
        }
    }
    let address = config.database_url();
    let database = sqlite_file(&address).and_then(|path| path.canonicalize().ok());
    let objects = config.objects_url();
    let objects = objects.strip_prefix("file://").and_then(|folder| Path::new(folder).canonicalize().ok());
    let data = match config.data_dir.canonicalize() {
        Ok(data) => data,
        // PostgreSQL and a bucket: there is none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(CareError::File(config.data_dir.clone(), error)),
    };
    let mut folders = vec![data.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(CareError::file(&folder))? {
            let entry = entry.map_err(CareError::file(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(CareError::file(&entry.path()))?);
            if kind.is_dir() && Some(&path) != objects.as_ref() {
                folders.push(path);
            } else if kind.is_file() && !is_live(&path, database.as_deref()) {
                let name = path.strip_prefix(&data).ok().and_then(Path::to_str);
                let name = name.ok_or_else(|| CareError::Refused(format!("{}: its name is no text", path.display())))?;
                files.push((format!("{DATA}{name}"), path.clone()));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The database itself, what stands beside it while it is open, and what nobody has finished.
fn is_live(path: &Path, database: Option<&Path>) -> bool {
    let name = path.display().to_string();
    let beside = |database: &Path| {
        let database = database.display().to_string();
        ["", "-wal", "-shm", "-journal", ".lock"].iter().any(|end| name == format!("{database}{end}"))
    };
    database.is_some_and(beside) || name.ends_with(".part") || name.ends_with(".log")
}
