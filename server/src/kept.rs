//! What is kept on this machine is for its owner alone; and the secret that is kept there.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::config::{Config, SecretText};
use crate::secrets::{self, ServerSecret};
use crate::store::{self, Store, StoreError};

/// Name of the secret's file in the data folder.
const FILE: &str = "secret";
/// Name of the row that held it in versions before.
const ROW: &str = "seal";
/// Name of the row that tells servers of one database whether they have the same one.
const CHECK: &str = "seal.check";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file.
    #[error("{}: the secret of links and codes cannot be kept there", path.display())]
    File { path: PathBuf, source: io::Error },
    /// Another server on this database has another.
    #[error(
        "the servers of this database have another secret than {}: copy that file from their data folder, or give all of them the same HOMEBOUND_SECRET",
        path.display()
    )]
    Other { path: PathBuf },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What this process makes from now on nobody else may read, whatever the shell that started it allows.
pub fn for_owner_alone() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Takes from others what versions before let them read: database, files, mails.
pub fn tighten(config: &Config) {
    let address = config.database_url();
    let lock = store::sqlite_file(&address).map(|file| PathBuf::from(format!("{}.lock", file.display())));
    for path in private(config).into_iter().chain(lock) {
        if let Err(error) = close(&path) {
            tracing::warn!(path = %path.display(), %error, "others may be able to read this");
        }
    }
}

/// What holds personal data or secrets: database, files, mails and the secret itself.
pub fn private(config: &Config) -> Vec<PathBuf> {
    let (address, objects) = (config.database_url(), config.objects_url());
    let mut paths = vec![config.data_dir.join("mail"), config.data_dir.join(FILE)];
    paths.extend(objects.strip_prefix("file://").map(PathBuf::from));
    if let Some(file) = store::sqlite_file(&address).map(Path::display) {
        paths.extend(["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{file}{end}"))));
    }
    paths
}

/// Leaves a file or folder, where it is there, to its owner; what is in a closed folder nobody else reaches.
#[cfg(unix)]
fn close(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => return Ok(()),
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mode = found.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(mode & 0o700)) }
}

#[cfg(not(unix))]
fn close(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The setting's secret, else the one in the data folder, which the first start makes. What a version before kept in the database moves there.
pub async fn secret(config: &Config, store: &Store, now: i64) -> Result<ServerSecret, SecretError> {
    let path = config.data_dir.join(FILE);
    let (set, explicit) = (ServerSecret::of(config.secret.iter().map(SecretText::expose)), !config.secret.is_empty());
    let secret = match set {
        Some(secret) => secret,
        None => in_folder(&path, store).await?,
    };
    let asked = secret.seal(CHECK, "");
    let known = store.write(move |mut conn| Box::pin(async move { store::common_secret(&mut conn, CHECK, &asked, now).await }));
    let known: Result<String, StoreError> = known.await;
    if secret.has_sealed(CHECK, "", &known?) {
        return Ok(secret);
    }
    if !explicit {
        return Err(SecretError::Other { path });
    }
    tracing::warn!("setting secret: it is another than before; links in mails sent until now do not open any more");
    Ok(secret)
}

/// From here on a secret that was set counts for the servers of this database: one of them serves with it.
pub async fn adopt(secret: &ServerSecret, store: &Store) -> Result<(), StoreError> {
    let seal = secret.seal(CHECK, "");
    store.write(move |mut conn| Box::pin(async move { store::replace_secret(&mut conn, CHECK, &seal).await })).await
}

async fn in_folder(path: &Path, store: &Store) -> Result<ServerSecret, SecretError> {
    let failed = |source| SecretError::File { path: path.to_owned(), source };
    let mut read = store.read().await?;
    let before = store::secret_of(&mut read.conn(), ROW).await?;
    drop(read);
    let kept = match read_secret(path).map_err(failed)? {
        Some(kept) => kept,
        None => keep(path, &before.clone().unwrap_or_else(secrets::token)).map_err(failed)?,
    };
    match before {
        // One server has it for itself; of several the others may not have it yet.
        Some(before) if before == kept && store.kind() == "sqlite" => {
            store.write(|mut conn| Box::pin(async move { store::delete_secret(&mut conn, ROW).await })).await?;
        }
        Some(_) if store.kind() != "sqlite" => tracing::warn!(
            "the secret of links still lies in the database, for servers of the version before; once every server has it (data folder, or \
             HOMEBOUND_SECRET), remove it there: DELETE FROM server_secrets WHERE name = 'seal'"
        ),
        _ => {}
    }
    ServerSecret::of(kept.lines()).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))
}

/// What is kept, a secret a line; the first seals.
fn read_secret(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_string(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.iter().any(|line| line.len() < 32) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds fewer than 32 characters in a line; restore it from a backup"));
    }
    Ok(Some(lines.join("\n")))
}

/// Keeps a secret, whole or not at all; where another process was first, its own is the one.
fn keep(path: &Path, secret: &str) -> io::Result<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let part = folder.join(format!("{FILE}.{}.part", secrets::token()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&part).and_then(|mut file| {
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&part, path));
    fs::remove_file(&part)?;
    match linked {
        Ok(()) => File::open(folder)?.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    read_secret(path)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_is_kept_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join(FILE);
        let (one, two) = (secrets::token(), secrets::token());
        assert_eq!(read_secret(&path).unwrap(), None);
        assert_eq!(keep(&path, &one).unwrap(), one);
        assert_eq!(keep(&path, &two).unwrap(), one, "who comes second takes what is there");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing half done is left");
        fs::write(&path, "short").unwrap();
        assert!(read_secret(&path).is_err(), "a secret that was damaged is not made anew in silence");
    }

    #[test]
    fn what_others_could_read_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        let database = folder.path().join("homebound.db");
        fs::write(&database, "").unwrap();
        fs::create_dir(folder.path().join("mail")).unwrap();
        for (path, open) in [(&database, 0o644), (&folder.path().join("mail"), 0o755)] {
            fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
        }
        tighten(&config);
        assert_eq!((mode(&database), mode(&folder.path().join("mail"))), (0o600, 0o700));
    }
}
