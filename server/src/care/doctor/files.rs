//! Files: who may read them, and whether each is there that should be.

use std::collections::BTreeSet;
#[cfg(unix)]
use std::path::PathBuf;

use super::finding::Finding;
use crate::care::error::CareError;
use crate::config::Config;
#[cfg(unix)]
use crate::kept;
use crate::services::{Services, files_of_evidence};
use crate::store;

/// Names of evidence that are read together.
const PAGE: i64 = 1_000;
/// Findings of one kind that are told one by one.
const TOLD: usize = 20;

/// Files and folders that others on this machine may look into.
#[cfg(unix)]
pub(super) fn rights(config: &Config, fix: bool) -> Vec<Finding> {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let mut findings = Vec::new();
    for (path, others) in private(config) {
        let Ok(known) = metadata(&path) else { continue };
        let mode = known.permissions().mode() & 0o777;
        if mode & others == 0 {
            continue;
        }
        let right = if known.is_dir() { 0o700 } else { mode & !others & !0o111 };
        let text = format!("{} can be read by others on this machine ({mode:04o})", path.display());
        let mended = fix && set_permissions(&path, Permissions::from_mode(right)).is_ok();
        findings.push(Finding { mended, ..Finding::warning("rights", text, format!("chmod {right:04o} {}", path.display())) });
    }
    findings
}

/// Other systems have other rights.
#[cfg(not(unix))]
pub(super) fn rights(_: &Config, _: bool) -> Vec<Finding> {
    Vec::new()
}

/// What holds personal data or secrets, and which rights nobody else should have.
#[cfg(unix)]
fn private(config: &Config) -> Vec<(PathBuf, u32)> {
    const NOBODY_ELSE: u32 = 0o077;
    let paths = std::iter::once(config.data_dir.clone()).chain(kept::private(config));
    let mut private: Vec<_> = paths.map(|path| (path, NOBODY_ELSE)).collect();
    // A group may be how the server comes to read it.
    private.extend(config.config.clone().map(|file| (file, 0o007)));
    private
}

/// Evidence without its files; and files without evidence, which a sweep takes once they are old.
pub(super) async fn evidence(services: &Services) -> Result<Vec<Finding>, CareError> {
    // Files first: a row that is written meanwhile has its file before.
    let mut beyond: BTreeSet<String> = services.objects.names().await?.into_iter().filter(|name| name.starts_with("evidence/")).collect();
    let mut lost = Vec::new();
    let mut after = String::new();
    loop {
        let mut read = services.store.read().await?;
        let ids = store::evidence_after(&mut read.conn(), &after, PAGE).await?;
        drop(read);
        let Some(last) = ids.last() else { break };
        after.clone_from(last);
        for id in &ids {
            for file in files_of_evidence(id) {
                if !beyond.remove(&file) && services.objects.get(&file).await?.is_none() {
                    lost.push(id.clone());
                }
            }
        }
    }
    lost.dedup();
    let mut findings = Vec::new();
    for id in still_named(services, &lost).await? {
        let text = format!("{id} was shown by a customer, and its file is gone");
        findings.push(Finding::error("evidence_lost", text, "take it from a backup; else ask the customer for it once more"));
    }
    let more = findings.len().saturating_sub(TOLD);
    if more > 0 {
        findings.truncate(TOLD);
        findings.push(Finding::error("evidence_lost", format!("and {more} more"), "see above"));
    }
    if beyond.len() > TOLD {
        let text = format!("{} files of evidence belong to nobody", beyond.len());
        findings.push(Finding::warning("evidence_beyond", text, "none is needed: a worker sweeps them after a day; see that one runs"));
    }
    Ok(findings)
}

/// Those that were not deleted while the files were looked at.
async fn still_named(services: &Services, ids: &[String]) -> Result<Vec<String>, CareError> {
    let mut named = Vec::new();
    for some in ids.chunks(500) {
        let mut read = services.store.read().await?;
        named.extend(store::known_evidence(&mut read.conn(), some).await?);
    }
    Ok(named)
}
