//! What customers show: read, cleaned, kept beside the return it belongs to; whole, or piece by piece over a bad connection.

use bytes::Bytes;
use domain::ids::order_key;
use domain::policy::EvidenceKind;
use domain::returns::{Actor, Command, LineAsked, LineNo, Refused};
use jiff::Timestamp;

use super::Services;
use super::change_return::take_return;
use super::doing::Doing;
use super::request::{LineRequest, RequestProblem, ReturnRequest, Shown, Wrong};
use crate::evidence::{Media, Unreadable, clean};
use crate::objects::ObjectsError;
use crate::store::{self, Conn, EvidenceRow, Holder, StoreError, UploadRow};

/// How long an upload waits to be taken up again.
const UPLOAD_LIFE: i64 = 2 * 3_600_000;
/// How long what a machine uploaded waits to be named in a return.
const KEY_LIFE: i64 = 7 * 86_400_000;
/// In which the bytes of one address are counted.
const HOUR: i64 = 3_600_000;
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
    /// The place for files.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
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
            Self::Offset { .. } | Self::Objects(_) | Self::Store(_) => None,
        }
    }
}

/// A file that was read and lies in its place. Nobody holds it yet.
#[derive(Clone, Debug)]
pub struct Received {
    id: String,
    media: Media,
    name: String,
    bytes: i64,
    width: u32,
    height: u32,
    pages: u32,
}

/// What a file is of: a line, a whole order, or all of a return.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Key of the order.
    pub order: Option<String>,
    /// Its line.
    pub line: Option<String>,
}

impl Subject {
    /// A line of an order.
    pub fn line(order: &str, line: &str) -> Self {
        Self { order: Some(order_key(order)), line: Some(line.to_owned()) }
    }

    fn is(&self, line: &LineAsked) -> bool {
        self.order.as_deref().is_none_or(|key| key == line.order.key()) && self.line.as_deref().is_none_or(|id| id == line.line.as_str())
    }
}

/// An upload as it stands.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name.
    pub id: String,
    /// Bytes announced.
    pub size: i64,
    /// Bytes there are.
    pub received: i64,
    /// What became of it, once all of it was there: evidence, or the code of why not.
    pub outcome: Option<Result<EvidenceRow, String>>,
}

/// Kinds of evidence as policy counts them.
pub fn kinds(given: &[EvidenceRow]) -> Vec<EvidenceKind> {
    let kind = |row: &EvidenceRow| match row.media {
        Media::Jpeg => EvidenceKind::Photo,
        Media::Pdf => EvidenceKind::TestReport,
    };
    given.iter().map(kind).collect()
}

/// A file's name without what could trick a reader or a file system: the last part of a path, plain letters, not too long.
fn harmless(name: &str) -> String {
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

fn file_of(id: &str) -> String {
    format!("evidence/{id}")
}

fn preview_of(id: &str) -> String {
    format!("evidence/{id}.preview")
}

impl Services {
    /// Reads an upload, cleans it and puts it in its place.
    pub async fn receive(&self, name: &str, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Received, EvidenceError> {
        let limits = self.config.limits.evidence;
        let reader = self.readers.clone().acquire_owned().await.map_err(|_| StoreError::Stopping)?;
        // The place among the readers is held until the reading ends, even where nobody waits for it any more.
        let reading = tokio::task::spawn_blocking(move || {
            let cleaned = clean(bytes.as_ref(), &limits);
            drop(reader);
            cleaned
        });
        let cleaned = reading.await.map_err(|_| StoreError::Stopping)?;
        if let Err(unreadable) = &cleaned {
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
    pub async fn hold(&self, holder: Holder, files: Vec<(Subject, Received)>, actor: Actor) -> Result<Vec<EvidenceRow>, EvidenceError> {
        let ids: Vec<String> = files.iter().map(|(_, file)| file.id.clone()).collect();
        let (services, to) = (self.clone(), holder.clone());
        let held = self.store.write(move |mut conn| Box::pin(async move { services.hold_in(&mut conn, &to, files, &actor).await })).await;
        match (&held, holder) {
            (Ok(_), Holder::Return(rma)) => self.done(rma),
            (Ok(_), _) => {}
            (Err(_), _) => self.delete_files(&ids).await,
        }
        held
    }

    async fn hold_in(
        &self,
        conn: &mut Conn<'_>,
        holder: &Holder,
        files: Vec<(Subject, Received)>,
        actor: &Actor,
    ) -> Result<Vec<EvidenceRow>, EvidenceError> {
        let (now, limits) = (self.clock.now(), self.config.limits.evidence);
        let mut request = match holder {
            Holder::Draft(id) if !store::touch_draft(conn, id, now.as_millisecond()).await? => return Err(EvidenceError::Gone),
            Holder::Draft(_) | Holder::Key(_) => None,
            Holder::Return(rma) => {
                let request = take_return(conn, *rma, &[]).await?.ok_or(EvidenceError::Gone)?;
                request.check_changeable().map_err(Refused::from)?;
                Some(request)
            }
        };
        // What a machine uploads ahead is counted when a return names it.
        let mut held = if matches!(holder, Holder::Key(_)) { Vec::new() } else { store::evidence_of(conn, holder).await? };
        let mut added = Vec::with_capacity(files.len());
        let mut added_to: Vec<(Vec<LineNo>, Vec<String>)> = Vec::new();
        for (subject, file) in files {
            if let Some(request) = &request {
                let lines: Vec<LineNo> = request.live_lines().filter(|line| subject.is(&line.asked)).map(|line| line.id).collect();
                if lines.is_empty() {
                    return Err(EvidenceError::Gone);
                }
                match added_to.iter_mut().find(|(known, _)| *known == lines) {
                    Some((_, ids)) => ids.push(file.id.clone()),
                    None => added_to.push((lines, vec![file.id.clone()])),
                }
            }
            let of_line = held.iter().filter(|row| row.order_key == subject.order && row.line_id == subject.line).count();
            if !matches!(holder, Holder::Key(_)) && (of_line >= limits.per_line || held.len() >= limits.per_return) {
                return Err(EvidenceError::TooMany { most: if of_line >= limits.per_line { limits.per_line } else { limits.per_return } });
            }
            let row = EvidenceRow {
                id: file.id,
                holder: holder.clone(),
                order_key: subject.order,
                line_id: subject.line,
                media: file.media,
                name: file.name,
                bytes: file.bytes,
                width: file.width,
                height: file.height,
                pages: file.pages,
                created_at: now.as_millisecond(),
            };
            store::insert_evidence(conn, &row).await?;
            held.push(row.clone());
            added.push(row);
        }
        if let Some(request) = &mut request {
            let doing = Doing::begin(actor.clone(), now);
            let mut events = Vec::new();
            for (lines, evidence) in added_to {
                events.extend(request.decide(&Command::AddEvidence { lines, evidence }, doing.role(), &doing.facts())?);
            }
            doing.record(conn, request, events).await?;
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
    async fn delete_files(&self, ids: &[String]) {
        for id in ids {
            for file in [file_of(id), preview_of(id)] {
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

    /// Begins an upload of `size` bytes.
    pub async fn announce(&self, holder: Holder, order: &str, line: &str, name: &str, size: i64) -> Result<Upload, EvidenceError> {
        let limits = self.config.limits.evidence;
        if size <= 0 {
            return Err(Unreadable::Empty.into());
        }
        if size > limits.bytes as i64 {
            return Err(Unreadable::TooLarge { bytes: usize::try_from(size).unwrap_or(usize::MAX), most: limits.bytes }.into());
        }
        let row = UploadRow {
            id: format!("up_{:032x}", rand::random::<u128>()),
            holder: holder.clone(),
            order_key: order_key(order),
            line_id: line.to_owned(),
            name: harmless(name),
            size,
            received: 0,
            outcome: None,
            expires_at: self.clock.millis() + UPLOAD_LIFE,
        };
        let upload = Upload { id: row.id.clone(), size, received: 0, outcome: None };
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let held = store::evidence_of(&mut conn, &holder).await?;
                    let of_line = held.iter().filter(|held| held.is_of(&row.order_key, &row.line_id)).count();
                    let most = if of_line >= limits.per_line { limits.per_line } else { limits.per_return };
                    // Given up ones are counted until they are forgotten: a few tries are free.
                    let under_way = store::count_open_uploads(&mut conn, &holder).await?;
                    if of_line >= limits.per_line || held.len() >= limits.per_return || under_way >= 3 * limits.per_return {
                        return Err(EvidenceError::TooMany { most });
                    }
                    Ok(store::insert_upload(&mut conn, &row).await?)
                })
            })
            .await?;
        Ok(upload)
    }

    /// An upload as it stands: where to go on after a broken connection.
    pub async fn upload(&self, holder: &Holder, id: &str) -> Result<Upload, EvidenceError> {
        let mut read = self.store.read().await?;
        let row = store::find_upload(&mut read.conn(), id, holder).await?.ok_or(EvidenceError::Gone)?;
        let outcome = match row.outcome.as_deref() {
            None => None,
            Some(ended) => Some(match ended.strip_prefix('!') {
                Some(code) => Err(code.to_owned()),
                None => store::find_evidence(&mut read.conn(), ended).await?.ok_or_else(|| "gone".to_owned()),
            }),
        };
        Ok(Upload { id: row.id, size: row.size, received: row.received, outcome })
    }

    /// The next piece of an upload. With the last one (or an empty one after it) the file is read and held; asked again, the same is
    /// answered.
    pub async fn add_part(
        &self,
        holder: Holder,
        id: &str,
        offset: i64,
        bytes: Bytes,
        address: std::net::IpAddr,
        actor: Actor,
    ) -> Result<Upload, EvidenceError> {
        let (now, most) = (self.clock.millis(), self.config.limits.evidence.bytes_per_hour);
        let (name, whose) = (id.to_owned(), holder.clone());
        let added = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    store::find_upload(&mut conn, &name, &whose).await?.ok_or(EvidenceError::Gone)?;
                    if !store::add_upload_part(&mut conn, &name, offset, &bytes, now + UPLOAD_LIFE).await? {
                        return Ok(false);
                    }
                    let count = store::count_more(&mut conn, &bytes_of(address), bytes.len() as i64, HOUR, now).await?;
                    if count > most { Err(EvidenceError::TooMuch) } else { Ok(true) }
                })
            })
            .await?;
        let upload = self.upload(&holder, id).await?;
        if upload.outcome.is_some() {
            return Ok(upload);
        }
        if !added {
            return Err(EvidenceError::Offset { received: upload.received });
        }
        if upload.received < upload.size {
            return Ok(upload);
        }
        self.finish(&holder, id, actor).await?;
        self.upload(&holder, id).await
    }

    /// Reads a file that is all there.
    async fn finish(&self, holder: &Holder, id: &str, actor: Actor) -> Result<(), EvidenceError> {
        let mut read = self.store.read().await?;
        let row = store::find_upload(&mut read.conn(), id, holder).await?.ok_or(EvidenceError::Gone)?;
        let bytes = store::upload_parts(&mut read.conn(), id).await?;
        drop(read);
        let held = match self.receive(&row.name, bytes).await {
            Ok(received) => self.hold_upload(&row, received, actor).await,
            Err(error) => Err(error),
        };
        let Err(error) = held else { return Ok(()) };
        let Some(code) = error.code() else { return Err(error) };
        let (name, outcome) = (row.id, format!("!{code}"));
        self.store.write(move |mut conn| Box::pin(async move { store::finish_upload(&mut conn, &name, &outcome).await })).await?;
        Ok(())
    }

    async fn hold_upload(&self, row: &UploadRow, received: Received, actor: Actor) -> Result<(), EvidenceError> {
        let (services, upload, file) = (self.clone(), row.clone(), received.id.clone());
        let held = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    // Somebody who sent the last piece twice gets one picture.
                    if !store::finish_upload(&mut conn, &upload.id, &received.id).await? {
                        return Ok(false);
                    }
                    let subject = Subject { order: Some(upload.order_key), line: Some(upload.line_id) };
                    services.hold_in(&mut conn, &upload.holder, vec![(subject, received)], &actor).await?;
                    Ok::<_, EvidenceError>(true)
                })
            })
            .await;
        match (&held, &row.holder) {
            (Ok(true), Holder::Return(rma)) => self.done(*rma),
            (Ok(true), _) => {}
            (Ok(false) | Err(_), _) => self.delete_files(&[file]).await,
        }
        held.map(|_| ())
    }

    /// Gives an upload up.
    pub async fn give_up_upload(&self, holder: Holder, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.store.write(move |mut conn| Box::pin(async move { store::delete_upload(&mut conn, &id, &holder).await })).await
    }

    /// For each line of a request: the evidence there is of it. What is named and is not there, or not the caller's, is a problem.
    pub(super) async fn given(
        &self,
        conn: &mut Conn<'_>,
        request: &ReturnRequest,
        problems: &mut Vec<RequestProblem>,
    ) -> Result<Vec<Vec<EvidenceRow>>, StoreError> {
        let most = self.config.limits.evidence.per_line;
        let mut drafts: Vec<(Holder, Vec<EvidenceRow>)> = Vec::new();
        let mut given = Vec::with_capacity(request.lines.len());
        for (place, line) in request.lines.iter().enumerate() {
            let mut problem = |wrong| problems.push(RequestProblem { field: format!("lines[{place}].evidence"), wrong });
            let mut of_line: Vec<EvidenceRow> = Vec::new();
            match &line.evidence {
                Shown::Nothing => {}
                Shown::InDraft(id) => {
                    let holder = Holder::Draft(id.clone());
                    if !drafts.iter().any(|(known, _)| *known == holder) {
                        drafts.push((holder.clone(), store::evidence_of(conn, &holder).await?));
                    }
                    let held = drafts.iter().find(|(known, _)| *known == holder).map(|(_, rows)| rows.as_slice()).unwrap_or_default();
                    of_line.extend(held.iter().filter(|row| is_of(row, line)).cloned());
                }
                Shown::Named { ids, .. } if ids.len() > most => problem(Wrong::TooMuchEvidence(most)),
                Shown::Named { ids, key } => {
                    for id in ids {
                        let found = store::find_evidence(conn, id).await?;
                        match found.filter(|row| row.holder == Holder::Key(key.clone()) && is_of(row, line)) {
                            Some(row) if !of_line.contains(&row) => of_line.push(row),
                            Some(_) => {}
                            None => problem(Wrong::UnknownEvidence(id.clone())),
                        }
                    }
                }
                // What the return has, it keeps.
                Shown::Agreed(ids) => {
                    for id in ids {
                        of_line.extend(store::find_evidence(conn, id).await?);
                    }
                }
            }
            given.push(of_line);
        }
        Ok(given)
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
        for folder in ["", "evidence"] {
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

fn is_of(row: &EvidenceRow, line: &LineRequest) -> bool {
    row.is_of(&line.order.key(), line.line.as_str())
}

fn bytes_of(address: std::net::IpAddr) -> String {
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
