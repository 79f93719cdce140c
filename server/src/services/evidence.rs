//! What customers show: read, cleaned, kept beside the return it belongs to; whole, or piece by piece over a bad connection.

use std::io;

use bytes::Bytes;
use domain::policy::Shows;
use domain::returns::{Command, LineAsked, LineNo, Refused};
use jiff::Timestamp;

use super::Services;
use super::access::Keeper;
use super::refusals::ChangeError;
use crate::evidence::{Media, Unreadable};
use crate::objects::ObjectsError;
use crate::reading::ReadError;
use crate::store::{self, Conn, EvidenceRow, Holder, StoreError};

/// How long what a machine uploaded waits to be named in a return.
const KEY_LIFE: i64 = 7 * 86_400_000;
/// In which the bytes of one address are counted.
pub(super) const HOUR: i64 = 3_600_000;
/// Letters of a file's name that are kept.
const NAME: usize = 100;
/// Names of files looked up at once.
const SWEEP: usize = 500;

/// Why evidence was not kept. Nothing has happened then.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file is none we can show.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// There are as many as there can be.
    #[error("at most {most} files are taken here")]
    TooMany {
        /// So many.
        most: usize,
    },
    /// A lot came from one place in a short time.
    #[error("too much was uploaded from one address within an hour")]
    TooMuch,
    /// There is no such draft, return, line or upload (any more).
    #[error("there is nothing here to add it to")]
    Gone,
    /// The return has moved on.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The piece does not continue the upload.
    #[error("the upload has come to byte {received}")]
    Offset {
        /// Bytes there are.
        received: i64,
    },
    /// Who reads uploads.
    #[error(transparent)]
    Reader(#[from] io::Error),
    /// The place for files.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReadError> for EvidenceError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable(unreadable) => Self::Unreadable(unreadable),
            ReadError::Reader(error) => Self::Reader(error),
        }
    }
}

impl From<ChangeError> for EvidenceError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Store(error) => Self::Store(error),
            _ => Self::Gone,
        }
    }
}

impl Received {
    /// What it is called: `ev_` and 128 random bits.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn row(self, holder: &Holder, of: Subject, now: Timestamp) -> EvidenceRow {
        EvidenceRow {
            id: self.id,
            holder: holder.clone(),
            order_key: of.order,
            line_id: of.line,
            shows: of.shows,
            media: self.media,
            name: self.name,
            bytes: self.bytes,
            width: self.width,
            height: self.height,
            pages: self.pages,
            created_at: now.as_millisecond(),
        }
    }
}

impl EvidenceError {
    /// The key of its sentence in the catalogue, area `evidence_error`; none where it is our fault.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable(unreadable) => Some(unreadable.code()),
            Self::TooMany { .. } => Some("too_many"),
            Self::TooMuch => Some("too_much"),
            Self::Refused(_) => Some("late"),
            Self::Gone => Some("gone"),
            Self::Offset { .. } | Self::Reader(_) | Self::Objects(_) | Self::Store(_) => None,
        }
    }
}

/// A file that was read and lies in its place. Nobody holds it yet.
#[derive(Clone, Debug)]
pub struct Received {
    pub(super) id: String,
    media: Media,
    name: String,
    bytes: i64,
    width: u32,
    height: u32,
    pages: u32,
}

/// What a file is of (a line, a whole order, or all of a return), and what it shows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Number of the order.
    pub order: Option<String>,
    /// Its line.
    pub line: Option<String>,
    /// What it was said to show.
    pub shows: Option<Shows>,
}

impl Subject {
    /// A line of an order.
    pub fn line(order: &str, line: &str, shows: Option<Shows>) -> Self {
        Self { order: Some(order.to_owned()), line: Some(line.to_owned()), shows }
    }

    /// Whether that line is meant.
    pub fn is(&self, line: &LineAsked) -> bool {
        self.order.as_deref().is_none_or(|key| key == line.order.as_str()) && self.line.as_deref().is_none_or(|id| id == line.line.as_str())
    }
}

/// A file's name without what could trick a reader or a file system: the last part of a path, plain letters, not too long.
pub(super) fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let unseen = |letter: char| matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    let plain = |letter: &char| !letter.is_control() && !unseen(*letter) && !matches!(letter, '"' | '<' | '>' | '|' | ':' | '*' | '?');
    let kept: String = last.chars().filter(plain).collect();
    let kept = kept.trim().trim_start_matches('.');
    let (stem, end) = kept.rsplit_once('.').filter(|(_, end)| end.len() <= 5).unwrap_or((kept, ""));
    let stem: String = stem.chars().take(NAME).collect();
    match (stem.trim(), end) {
        ("", _) => "photo".to_owned(),
        (stem, "") => stem.to_owned(),
        (stem, end) => format!("{stem}.{end}"),
    }
}

/// Names of the files that belong to evidence: itself, and its preview.
pub fn files_of_evidence(id: &str) -> [String; 2] {
    [file_of(id), preview_of(id)]
}

fn file_of(id: &str) -> String {
    format!("evidence/{id}")
}

fn preview_of(id: &str) -> String {
    format!("evidence/{id}.preview")
}

impl Services {
    /// Reads an upload, cleans it and puts it in its place.
    pub async fn receive(&self, name: &str, bytes: impl Into<Bytes>) -> Result<Received, EvidenceError> {
        let cleaned = self.reading.read(bytes.into()).await;
        if let Err(ReadError::Unreadable(unreadable)) = &cleaned {
            tracing::info!(%unreadable, "an upload was not kept");
        }
        let cleaned = cleaned?;
        let id = format!("ev_{:032x}", rand::random::<u128>());
        let received = Received {
            id,
            media: cleaned.media,
            name: harmless(name),
            bytes: cleaned.bytes.len() as i64,
            width: cleaned.width,
            height: cleaned.height,
            pages: cleaned.pages,
        };
        let (file, preview) = (file_of(&received.id), preview_of(&received.id));
        tokio::try_join!(self.objects.put(&file, cleaned.bytes), self.objects.put(&preview, cleaned.preview))?;
        metrics::counter!("evidence_received_total", "media" => received.media.mime()).increment(1);
        Ok(received)
    }

    /// Gives files that were received to a draft, a return or a key: all of them, or (where one cannot be) none.
    pub async fn hold(&self, keeper: Keeper, files: Vec<(Subject, Received)>) -> Result<Vec<EvidenceRow>, EvidenceError> {
        let ids: Vec<String> = files.iter().map(|(_, file)| file.id.clone()).collect();
        let (services, holder) = (self.clone(), keeper.holder());
        let held = self.store.write(move |mut conn| Box::pin(async move { services.hold_in(&mut conn, keeper, files).await })).await;
        match (&held, holder) {
            (Ok(_), Holder::Return(rma)) => self.done(rma),
            (Ok(_), _) => {}
            (Err(_), _) => self.delete_files(&ids).await,
        }
        held
    }

    pub(super) async fn hold_in(
        &self,
        conn: &mut Conn<'_>,
        keeper: Keeper,
        files: Vec<(Subject, Received)>,
    ) -> Result<Vec<EvidenceRow>, EvidenceError> {
        let (now, holder) = (self.clock.now(), keeper.holder());
        let access = match keeper {
            Keeper::Draft(id) if !store::touch_draft(conn, &id, now.as_millisecond()).await? => return Err(EvidenceError::Gone),
            Keeper::Draft(_) | Keeper::Key(_) => return self.insert_evidence(conn, &holder, files, now).await,
            Keeper::Return(access) => access,
        };
        let services = self.clone();
        let (send, held) = tokio::sync::oneshot::channel();
        let story = self.run_in(conn, access, None, &[], move |run| {
            Box::pin(async move {
                let mut added_to: Vec<(Vec<LineNo>, Vec<String>)> = Vec::new();
                for (subject, file) in &files {
                    let of: Vec<LineNo> = run.request.live_lines().filter(|line| subject.is(&line.asked)).map(|line| line.id).collect();
                    let lines: Vec<LineNo> = of.iter().copied().filter(|line| run.request.takes_evidence(*line)).collect();
                    if lines.is_empty() {
                        run.request.check_changeable().map_err(Refused::from)?;
                        return Err(EvidenceError::Gone);
                    }
                    match added_to.iter_mut().find(|(known, _)| *known == lines) {
                        Some((_, ids)) => ids.push(file.id.clone()),
                        None => added_to.push((lines, vec![file.id.clone()])),
                    }
                }
                let _ = send.send(services.insert_evidence(run.conn, &holder, files, now).await?);
                for (lines, evidence) in added_to {
                    run.decide_knowing(&services, &Command::AddEvidence { lines, evidence }).await?;
                }
                Ok(())
            })
        });
        story.await?;
        held.await.map_err(|_| EvidenceError::Gone)
    }

    async fn insert_evidence(
        &self,
        conn: &mut Conn<'_>,
        holder: &Holder,
        files: Vec<(Subject, Received)>,
        now: Timestamp,
    ) -> Result<Vec<EvidenceRow>, EvidenceError> {
        let limits = self.config.limits.evidence;
        // What a machine uploads ahead is counted when a return names it.
        let mut held = if matches!(holder, Holder::Key(_)) { Vec::new() } else { store::evidence_of(conn, holder).await? };
        let mut added = Vec::with_capacity(files.len());
        for (subject, file) in files {
            let of_line = held.iter().filter(|row| row.order_key == subject.order && row.line_id == subject.line).count();
            if !matches!(holder, Holder::Key(_)) && (of_line >= limits.per_line || held.len() >= limits.per_return) {
                return Err(EvidenceError::TooMany { most: if of_line >= limits.per_line { limits.per_line } else { limits.per_return } });
            }
            let row = file.row(holder, subject, now);
            store::insert_evidence(conn, &row).await?;
            held.push(row.clone());
            added.push(row);
        }
        Ok(added)
    }

    /// All that somebody holds.
    pub async fn evidence_held(&self, holder: &Holder) -> Result<Vec<EvidenceRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::evidence_of(&mut read.conn(), holder).await
    }

    /// The evidence of that name.
    pub async fn evidence(&self, id: &str) -> Result<Option<EvidenceRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::find_evidence(&mut read.conn(), id).await
    }

    /// The file of evidence, or its preview (a small JPEG).
    pub async fn evidence_file(&self, row: &EvidenceRow, preview: bool) -> Result<Option<Bytes>, ObjectsError> {
        self.objects.get(&if preview { preview_of(&row.id) } else { file_of(&row.id) }).await
    }

    /// Forgets evidence of a draft. Nothing happens where it is gone already, or somebody else's.
    pub async fn remove_evidence(&self, holder: Holder, id: &str) -> Result<(), StoreError> {
        let name = id.to_owned();
        let removed =
            self.store.write(move |mut conn| Box::pin(async move { store::delete_evidence(&mut conn, &name, &holder).await })).await?;
        if removed {
            self.delete_files(&[id.to_owned()]).await;
        }
        Ok(())
    }

    /// What cannot be deleted now is found by the sweep.
    pub(super) async fn delete_files(&self, ids: &[String]) {
        for id in ids {
            for file in files_of_evidence(id) {
                if let Err(error) = self.objects.delete(&file).await {
                    tracing::warn!(%error, file, "a file could not be deleted");
                }
            }
        }
    }

    /// Whether `more` bytes may still come from an address; counts them.
    pub async fn count_bytes(&self, address: std::net::IpAddr, more: usize) -> Result<(), EvidenceError> {
        let (now, most) = (self.clock.millis(), self.config.limits.evidence.bytes_per_hour);
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let count = store::count_more(&mut conn, &bytes_of(address), more as i64, HOUR, now).await?;
                    if count > most { Err(EvidenceError::TooMuch) } else { Ok(()) }
                })
            })
            .await
    }

    /// Forgets up to `most` pieces of evidence that no return will have, and says how many: of drafts that are gone, and what machines
    /// uploaded and never named.
    pub async fn forget_abandoned(&self, most: i64) -> Result<usize, EvidenceError> {
        let before = self.clock.millis() - KEY_LIFE;
        let forget =
            self.store.write(move |mut conn| Box::pin(async move { store::delete_abandoned_evidence(&mut conn, before, most).await }));
        let forgotten = forget.await?;
        self.delete_files(&forgotten).await;
        Ok(forgotten.len())
    }

    /// Deletes files without a row, or never finished, that were written before a moment: what is being received just now has no row yet.
    pub async fn delete_stray_files(&self, files_before: Timestamp) -> Result<(), EvidenceError> {
        for folder in ["", "evidence", "labels"] {
            self.objects.delete_unfinished(folder, files_before).await?;
        }
        for files in self.objects.before("evidence", files_before, SWEEP).await? {
            let id = |file: &String| file.trim_start_matches("evidence/").trim_end_matches(".preview").to_owned();
            let ids: Vec<String> = files.iter().map(id).collect();
            let mut read = self.store.read().await?;
            let known = store::known_evidence(&mut read.conn(), &ids).await?;
            drop(read);
            for (file, id) in files.iter().zip(ids) {
                if !known.contains(&id) {
                    self.objects.delete(file).await?;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn bytes_of(address: std::net::IpAddr) -> String {
    format!("bytes:{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_made_harmless() {
        for (name, kept) in [
            ("IMG_0001.JPG", "IMG_0001.JPG"),
            ("C:\\Users\\me\\Pictures\\flaw.png", "flaw.png"),
            ("../../etc/passwd", "passwd"),
            ("划痕 照片.jpeg", "划痕 照片.jpeg"),
            ("evil\u{202E}gpj.exe", "evilgpj.exe"),
            ("a\"b\r\nSet-Cookie: x.jpg", "abSet-Cookie x.jpg"),
            (".htaccess", "htaccess"),
            ("", "photo"),
            (" .jpg", "jpg"),
        ] {
            assert_eq!(harmless(name), kept, "{name:?}");
        }
        assert_eq!(harmless(&format!("{}.jpg", "x".repeat(500))).len(), NAME + 4);
    }
}
