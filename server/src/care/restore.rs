//! The way back from a backup; and whether there is one.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::archive::{DATA, DATABASE, Manifest, OBJECTS, Packed, SETTINGS, folder_of, read_whole};
use super::error::CareError;
use crate::config::Config;
use crate::objects::Objects;
use crate::services::files_of_evidence;
use crate::store::{self, CopyIn, DatabaseKind, Mended, Store, StoreError, Table, TrialSchema};

/// Where the files of settings are put: whoever restores has settings already, and compares.
const SETTINGS_FOLDER: &str = "settings-of-backup";

/// A shop that was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup holds.
    pub manifest: Manifest,
}

/// What a trial found.
#[derive(Debug)]
pub struct Verified {
    /// What the backup holds.
    pub manifest: Manifest,
    /// Returns whose events were read and compared with what is derived from them.
    pub returns: u64,
    /// What is not as it should be; nothing where the backup is good.
    pub faults: Vec<String>,
}

/// Puts a backup in the place of the (empty) shop of these settings. Nothing is changed before all of the backup was read and found whole; the
/// database comes last, so a restoration that broke off left none.
pub async fn restore(config: &Config, file: &Path, overwrite: bool) -> Result<Restored, CareError> {
    let manifest = read_whole(file)?;
    let address = config.database_url();
    fits(&manifest, &address)?;
    let objects = Objects::open(&config.objects_url())?;
    if !overwrite {
        is_free(config, &manifest, &address, &objects).await?;
    }
    let mut database = None;
    let mut packed = Packed::open(file)?;
    for member in packed.members()? {
        let (name, mut from) = member?;
        if let Some(part) = name.strip_prefix(DATABASE) {
            let copying = match &mut database {
                Some(copying) => copying,
                None => {
                    make_folder(config, &address)?;
                    database.insert(CopyIn::begin(&address, &manifest.copied, overwrite).await?)
                }
            };
            copying.take(part, &manifest.copied, &mut from).await?;
        } else if let Some(name) = name.strip_prefix(OBJECTS) {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).map_err(CareError::file(file))?;
            objects.put(name, bytes).await?;
        } else if let Some(path) = place_of(config, &name)? {
            put(&path, &mut from)?;
        }
    }
    let database = database.ok_or_else(|| CareError::Damaged("there is no database in it".into()))?;
    database.finish().await?;
    Ok(Restored { manifest })
}

fn fits(manifest: &Manifest, address: &str) -> Result<(), CareError> {
    let kind = DatabaseKind::of(address)?;
    if kind == manifest.copied.database {
        return Ok(());
    }
    let named = |kind| match kind {
        DatabaseKind::Sqlite => "SQLite",
        DatabaseKind::Postgres => "PostgreSQL",
    };
    let (from, to) = (named(manifest.copied.database), named(kind));
    Err(CareError::Refused(format!("this backup is of {from}, and database_url names {to}: set it to an empty database of the same kind")))
}

/// Nothing that is there may be lost.
async fn is_free(config: &Config, manifest: &Manifest, address: &str, objects: &Objects) -> Result<(), CareError> {
    let refused = |what: String| Err(CareError::Refused(format!("{what}; nothing was changed. Restore elsewhere, or say --overwrite")));
    if !store::is_vacant(address).await? {
        return refused("there is a database where this one would go".into());
    }
    if let Some(there) = objects.names().await?.first() {
        return refused(format!("there are photos where those of the backup would go ({there})"));
    }
    for member in &manifest.members {
        if let Some(path) = place_of(config, &member.name)?.filter(|path| path.exists()) {
            return refused(format!("{} is there", path.display()));
        }
    }
    Ok(())
}

/// Where a file of the data folder or of the settings goes; nothing for what goes elsewhere.
fn place_of(config: &Config, name: &str) -> Result<Option<PathBuf>, CareError> {
    let (folder, name) = match (name.strip_prefix(DATA), name.strip_prefix(SETTINGS)) {
        (Some(name), _) => (config.data_dir.clone(), name),
        (_, Some(name)) => (config.data_dir.join(SETTINGS_FOLDER), name),
        _ => return Ok(None),
    };
    // A backup is only as trustworthy as where it lay.
    if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(CareError::Damaged(format!("{name} leads out of its folder")));
    }
    Ok(Some(folder.join(name)))
}

fn make_folder(config: &Config, address: &str) -> Result<(), CareError> {
    let database = store::sqlite_file(address).map(folder_of);
    for folder in [Some(config.data_dir.as_path()), database].into_iter().flatten() {
        own_folder(folder)?;
    }
    Ok(())
}

/// Makes a folder that is only its owner's; one that is there stays as it is.
fn own_folder(folder: &Path) -> Result<(), CareError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(CareError::file(folder))
}

fn put(path: &Path, from: &mut impl Read) -> Result<(), CareError> {
    let folder = folder_of(path);
    own_folder(folder)?;
    let failed = CareError::file(path);
    let mut file = tempfile::Builder::new().prefix(".restored").tempfile_in(folder).map_err(&failed)?;
    std::io::copy(from, &mut file).map_err(&failed)?;
    file.flush().and_then(|()| file.as_file().sync_all()).map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Reads all of a backup, and brings its database up in a place of its own: in a folder for temporary files, or a schema of the PostgreSQL that the
/// settings name, which is gone afterwards. The shop itself is not touched.
pub async fn verify(config: &Config, file: &Path) -> Result<Verified, CareError> {
    let manifest = read_whole(file)?;
    let folder = tempfile::Builder::new().prefix("homebound-trial").tempdir().map_err(CareError::file(&std::env::temp_dir()))?;
    match manifest.copied.database {
        DatabaseKind::Sqlite => {
            let address = format!("sqlite://{}", folder.path().join("trial.db").display());
            try_at(&address, file, manifest).await
        }
        DatabaseKind::Postgres => {
            let address = config.database_url();
            if DatabaseKind::of(&address)? == DatabaseKind::Sqlite {
                let told = "this backup is of PostgreSQL: name one in HOMEBOUND_DATABASE_URL, where it is tried in a schema of its own";
                return Err(CareError::Refused(told.into()));
            }
            let schema = TrialSchema::make(&address).await?;
            let tried = try_at(&schema.address(), file, manifest).await;
            schema.remove().await?;
            tried
        }
    }
}

async fn try_at(address: &str, file: &Path, manifest: Manifest) -> Result<Verified, CareError> {
    let mut copying = CopyIn::begin(address, &manifest.copied, false).await?;
    let mut packed = Packed::open(file)?;
    for member in packed.members()? {
        let (name, mut from) = member?;
        if let Some(part) = name.strip_prefix(DATABASE) {
            copying.take(part, &manifest.copied, &mut from).await?;
        }
    }
    copying.finish().await?;
    let counted = store::count_rows(address).await?;
    let mut faults: Vec<String> = (manifest.copied.tables.iter())
        .filter(|(name, table)| counted.get(*name) != Some(&table.rows))
        .map(|(name, table)| format!("{name} has {:?} rows, and had {}", counted.get(name), table.rows))
        .collect();
    // As a server of this version would begin.
    let store = Store::open(address).await?;
    let looked = look_at(&store, &manifest).await;
    store.close().await;
    let (checked, without_file) = looked?;
    faults.extend(checked.differences.iter().map(ToString::to_string));
    faults.extend(without_file);
    Ok(Verified { returns: checked.returns, manifest, faults })
}

async fn look_at(store: &Store, manifest: &Manifest) -> Result<(Mended, Vec<String>), StoreError> {
    let now = Timestamp::now();
    store::keep_projections(store, now).await?;
    // Tasks come and go with the time, and nobody has done them since: a server would.
    let tables: Vec<Table> = Table::ALL.into_iter().filter(|table| *table != Table::tasks).collect();
    let checked = store::check_projections(store, &tables, now).await?;
    let members: BTreeSet<&str> = manifest.members.iter().filter_map(|member| member.name.strip_prefix(OBJECTS)).collect();
    let mut without_file = Vec::new();
    let mut after = String::new();
    loop {
        let mut read = store.read().await?;
        let ids = store::evidence_after(&mut read.conn(), &after, 1_000).await?;
        let Some(last) = ids.last() else { return Ok((checked, without_file)) };
        after.clone_from(last);
        let files = ids.iter().flat_map(|id| files_of_evidence(id));
        // What the manifest names was gone when the backup was made, and was told then.
        let lost = files.filter(|file| !members.contains(file.as_str()) && !manifest.missing.contains(file));
        without_file.extend(lost.map(|file| format!("{file} is named by the database, and not in the backup")));
    }
}
