//! "Show us": what is asked for, what was given, and who may see it.

use app::messages::Messages;
use app::ports::{DeskError, Given, ItemHead, Mistake, Noted, ShowItem, ShowPage};
use domain::policy::{Decision, EvidenceKind, still_wanted};
use domain::returns::{Actor, ReturnLine};
use domain::rma::RmaNumber;

use super::draft::Draft;
use super::forms::{Fields, Next};
use super::shopper::{Desk, failed, noted};
use super::views::head;
use crate::evidence::Media;
use crate::services::{Assessment, EvidenceError, LineAssessment, Received, Subject, Upload};
use crate::store::{EvidenceRow, Holder};

/// A file of a form that was not kept.
#[derive(Clone, Debug)]
pub struct NotKept {
    /// The form's field.
    pub field: String,
    /// What the file is called.
    pub file: String,
    /// Why: a code of the catalogue.
    pub code: String,
}

/// Whether policy asks to be shown something of a line.
pub(super) fn asks_to_show(line: &LineAssessment) -> bool {
    line.decision != Decision::Declined && !line.evidence.is_empty()
}

/// As pages show it.
pub(super) fn given(row: &EvidenceRow) -> Given {
    Given { id: row.id.clone(), name: row.name.clone(), pages: (row.media == Media::Pdf).then_some(row.pages) }
}

/// What a visitor is told where a file was not kept; none where it is our fault.
pub fn sentence_of(locale: domain::words::Locale, code: &str) -> Option<&'static str> {
    Messages::new(locale).evidence_error(code)
}

impl Desk {
    /// Whether something should be shown before anything is wished for: the answer does not depend on a wish.
    pub(super) async fn asks_to_show(&self, id: &str, draft: &Draft) -> Result<bool, DeskError> {
        Ok(self.assess_open(id, draft).await?.lines.iter().any(asks_to_show))
    }

    async fn assess_open(&self, id: &str, draft: &Draft) -> Result<Assessment, DeskError> {
        let mut open = draft.clone();
        open.method = None;
        open.lines.iter_mut().for_each(|line| line.resolution = None);
        self.assess(id, &open, false).await
    }

    pub(super) async fn show_of(&self, id: &str) -> Result<ShowPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let assessment = self.assess_open(id, &draft).await?;
        let items = assessment.lines.iter().filter(|line| asks_to_show(line)).filter_map(|said| {
            let part = assessment.parts.iter().find(|part| part.row.order.number.key() == said.asked.order.key())?;
            let line = part.row.order.line(&said.asked.line)?;
            Some(ShowItem {
                head: head(line, &part.row, said.asked.quantity),
                wanted: said.evidence.clone(),
                given: said.given.iter().map(given).collect(),
            })
        });
        let items: Vec<ShowItem> = items.collect();
        if items.is_empty() {
            return Err(DeskError::Moved(format!("/return/{id}/wish")));
        }
        let most_bytes = self.services.config.limits.evidence.bytes;
        Ok(ShowPage { draft: Some(id.to_owned()), rma: None, items, most_bytes, mistakes: draft.mistakes_of("show") })
    }

    pub(super) async fn photos_of(&self, rma: &str) -> Result<ShowPage, DeskError> {
        let request = self.own_return(rma).await?;
        if request.check_changeable().is_err() {
            return Err(DeskError::Moved(format!("/returns/{}", request.rma)));
        }
        let held = self.services.evidence_held(&Holder::Return(request.rma)).await.map_err(|error| failed(&error))?;
        let item = |line: &ReturnLine| ShowItem {
            head: ItemHead {
                key: format!("{}|{}", line.asked.order, line.asked.line),
                name: line.asked.name.clone(),
                variant: line.asked.variant.clone(),
                category: line.asked.category.clone(),
                image: line.asked.image.clone(),
                units: line.asked.quantity,
            },
            wanted: line.asked.evidence_wanted.clone(),
            given: held.iter().filter(|row| line.asked.evidence.contains(&row.id)).map(given).collect(),
        };
        let most_bytes = self.services.config.limits.evidence.bytes;
        let items = request.live_lines().map(item).collect();
        Ok(ShowPage { draft: None, rma: Some(request.rma), items, most_bytes, mistakes: self.change_mistakes(request.rma) })
    }

    /// The draft as a holder of evidence, with the lines it can be of (`order|line`).
    pub async fn draft_to_show(&self, id: &str) -> Result<(Holder, Vec<String>), DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        Ok((Holder::Draft(id.to_owned()), draft.lines.iter().map(super::draft::DraftLine::key).collect()))
    }

    /// The return as a holder of evidence, with the lines it can be of.
    pub async fn return_to_show(&self, rma: &str) -> Result<(Holder, Vec<String>), DeskError> {
        let request = self.own_return(rma).await?;
        let lines = request.live_lines().map(|line| format!("{}|{}", line.asked.order, line.asked.line)).collect();
        Ok((Holder::Return(request.rma), lines))
    }

    /// Gives what a form brought to its holder. What there is no place for joins the files that were not kept.
    pub async fn hold(&self, holder: Holder, files: Vec<(String, String, Received)>, not_kept: &mut Vec<NotKept>) -> Result<(), DeskError> {
        // Line by line: too many of one do not keep those of another out.
        let mut lines: Vec<(String, Vec<(String, Received)>)> = Vec::new();
        for (field, name, file) in files {
            match lines.iter_mut().find(|(known, _)| *known == field) {
                Some((_, of_line)) => of_line.push((name, file)),
                None => lines.push((field, vec![(name, file)])),
            }
        }
        for (field, files) in lines {
            let name = files.first().map(|(name, _)| name.clone()).unwrap_or_default();
            let Some(subject) = subject_of(&field) else { continue };
            let files = files.into_iter().map(|(_, file)| (subject.clone(), file)).collect();
            match self.services.hold(holder.clone(), files, Actor::Customer).await {
                Ok(_) => {}
                Err(error) => match error.code() {
                    Some(code) => not_kept.push(NotKept { field, file: name, code: code.to_owned() }),
                    None => return Err(failed(&error)),
                },
            }
        }
        Ok(())
    }

    /// "Show us": removes, uploads, or goes on.
    pub async fn show_us(&mut self, id: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        let (draft, version) = self.own_draft(id).await?;
        let remove = fields.maybe("remove");
        if let Some(gone) = &remove {
            self.services.remove_evidence(Holder::Draft(id.to_owned()), gone).await.map_err(|error| failed(&error))?;
        }
        let stay = remove.is_some() || !fields.get("action").is_empty();
        let mut mistakes = refused(not_kept);
        if !stay && mistakes.is_empty() && fields.get("without").is_empty() {
            mistakes = missing(&self.assess_open(id, &draft).await?);
        }
        self.answer(id, "show", draft, version, mistakes, if stay { "show" } else { "wish" }).await
    }

    /// "Add a photo", to a return.
    pub async fn add_photos(&mut self, rma: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let mistakes = refused(not_kept);
        let stay = !mistakes.is_empty() || !fields.get("action").is_empty();
        let page = if stay { format!("/returns/{rma}/photos") } else { format!("/returns/{rma}") };
        let change = &mut self.visitor.session.data.change;
        if mistakes.is_empty() && change.is_none() {
            return Ok(Next::to(page));
        }
        *change = (!mistakes.is_empty()).then_some((rma, mistakes));
        self.keep_session(false).await?;
        Ok(Next::with_session(page))
    }

    /// Evidence that this visitor may see.
    pub async fn evidence(&self, id: &str) -> Result<EvidenceRow, DeskError> {
        let row = self.services.evidence(id).await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)?;
        let theirs = match &row.holder {
            Holder::Draft(draft) => self.own_draft(draft).await.is_ok(),
            Holder::Return(rma) => self.visitor.session.data.knows_return(*rma),
            Holder::Key(_) => false,
        };
        if theirs { Ok(row) } else { Err(DeskError::NotFound) }
    }

    /// Begins an upload of a file for one of the holder's lines.
    pub async fn announce(&self, (holder, lines): (Holder, Vec<String>), fields: &Fields) -> Result<Upload, EvidenceError> {
        let (line, size) = (fields.get("line"), fields.get("size").parse().unwrap_or(0));
        let Some((order, line)) = lines.iter().find(|known| *known == line).and_then(|line| line.rsplit_once('|')) else {
            return Err(EvidenceError::Gone);
        };
        self.services.announce(holder, order, line, fields.get("name"), size).await
    }
}

/// The line a field for files is about.
pub(super) fn subject_of(field: &str) -> Option<Subject> {
    let (order, line) = field.strip_prefix("files|")?.rsplit_once('|')?;
    Some(Subject::line(order, line))
}

fn refused(not_kept: Vec<NotKept>) -> Vec<Noted> {
    not_kept.into_iter().map(|file| noted(file.field, Mistake::EvidenceRefused { file: file.file, code: file.code })).collect()
}

/// What is asked for and not there yet, line by line.
fn missing(assessment: &Assessment) -> Vec<Noted> {
    let of_line = |said: &LineAssessment| {
        let kinds = crate::services::kinds(&said.given);
        let missing = still_wanted(&said.evidence, &kinds);
        let count = |kind| missing.iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| *count);
        let part = assessment.parts.iter().find(|part| part.row.order.number.key() == said.asked.order.key())?;
        let name = part.row.order.line(&said.asked.line)?.name.clone();
        let field = format!("files|{}|{}", part.row.order.number, said.asked.line);
        let (photos, reports) = (count(EvidenceKind::Photo), count(EvidenceKind::TestReport));
        (photos + reports > 0).then(|| noted(field, Mistake::EvidenceMissing { name, photos, reports }))
    };
    assessment.lines.iter().filter(|line| asks_to_show(line)).filter_map(of_line).collect()
}
