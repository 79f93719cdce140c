//! "Show us": what is asked for, what was given, and who may see it.

use app::forms::{Fields, noted};
use app::messages::Messages;
use app::ports::{DeskError, Given, ItemHead, Mistake, Noted, ShowItem, ShowPage};
use app::start_return::ShowForm;
use domain::ids::LineKey;
use domain::policy::{Decision, EvidenceKind, still_wanted};
use domain::returns::ReturnLine;
use domain::rma::RmaNumber;

use super::{Desk, Next, head, product_of};
use crate::desks::failed;
use crate::evidence::Media;
use crate::security::Incident;
use crate::services::{Assessment, Draft, DraftLine, EvidenceError, Keeper, LineAssessment, Received, Subject, Upload};
use crate::store::{EvidenceRow, Holder};

/// Who holds what is shown, and the items that something can be shown of. Only a desk makes it: for its visitor's own.
pub struct Showing {
    /// The draft or the return.
    pub keeper: Keeper,
    pub items: Vec<LineKey>,
}

/// A file of a form, read and cleaned.
pub struct Photo {
    /// What it is of.
    pub item: LineKey,
    /// What the file is called.
    pub name: String,
    pub file: Received,
}

/// A file of a form that was not kept.
#[derive(Clone, Debug)]
pub struct NotKept {
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
pub(in crate::desks) fn given(row: &EvidenceRow) -> Given {
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
        self.assess(id, &draft.without_wishes(), false).await
    }

    pub(super) async fn show_of(&self, id: &str) -> Result<ShowPage, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        let assessment = self.assess_open(id, &draft).await?;
        let items = assessment.lines.iter().filter(|line| asks_to_show(line)).filter_map(|said| {
            let (part, line) = product_of(said, &assessment)?;
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
        let held = self.services.evidence_held(&Holder::Return(request.rma)).await?;
        let item = |line: &ReturnLine| ShowItem {
            head: ItemHead {
                key: line.asked.key(),
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

    /// The draft, and the items it can be shown something of.
    pub async fn draft_to_show(&self, id: &str) -> Result<Showing, DeskError> {
        let (draft, _) = self.own_draft(id).await?;
        Ok(Showing { keeper: Keeper::Draft(id.to_owned()), items: draft.lines.iter().map(DraftLine::key).collect() })
    }

    pub async fn return_to_show(&self, rma: &str) -> Result<Showing, DeskError> {
        let access = self.own(rma).await?;
        let request = self.return_of(&access).await?;
        Ok(Showing { keeper: Keeper::Return(access), items: request.live_lines().map(|line| line.asked.key()).collect() })
    }

    /// Gives what a form brought to its holder, item by item: too many of one do not keep those of another out. What there is no place for
    /// joins the files that were not kept.
    pub async fn hold(&self, showing: &Showing, mut files: Vec<Photo>, not_kept: &mut Vec<NotKept>) -> Result<(), DeskError> {
        for item in &showing.items {
            let of_item: Vec<Photo> = files.extract_if(.., |photo| photo.item == *item).collect();
            let Some(first) = of_item.first().map(|photo| photo.name.clone()) else { continue };
            let subject = Subject::line(item.order.as_str(), item.line.as_str());
            let of_item = of_item.into_iter().map(|photo| (subject.clone(), photo.file)).collect();
            if let Err(error) = self.services.hold(showing.keeper.clone(), of_item).await {
                let code = error.code().map(str::to_owned).ok_or_else(|| failed(&error))?;
                not_kept.push(NotKept { field: ShowForm::files_of(item), file: first, code });
            }
        }
        Ok(())
    }

    /// "Show us": removes, uploads, or goes on.
    pub async fn show_us(&mut self, id: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        let (draft, version) = self.own_draft(id).await?;
        let form = ShowForm::parse(fields);
        if let Some(gone) = &form.remove {
            self.services.remove_evidence(Holder::Draft(id.to_owned()), gone).await?;
        }
        let mut mistakes = refused(not_kept);
        if !form.stay && !form.without && mistakes.is_empty() {
            mistakes = missing(&self.assess_open(id, &draft).await?);
        }
        self.answer(id, "show", draft, version, mistakes, if form.stay { "show" } else { "wish" }).await
    }

    /// "Add a photo", to a return.
    pub async fn add_photos(&mut self, rma: &str, fields: &Fields, not_kept: Vec<NotKept>) -> Result<Next, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let mistakes = refused(not_kept);
        let stay = !mistakes.is_empty() || ShowForm::parse(fields).stay;
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
        let row = self.services.evidence(id).await?.ok_or(DeskError::NotFound)?;
        let theirs = match &row.holder {
            Holder::Draft(draft) => self.draft_if_own(draft).await.is_ok(),
            Holder::Return(rma) => self.may_see(*rma).await?,
            Holder::Key(_) => false,
        };
        if theirs {
            return Ok(row);
        }
        self.note(Incident::NotTheirs, "a photo");
        Err(DeskError::NotFound)
    }

    /// Begins an upload of a file for one of the items.
    pub async fn announce(&self, showing: Showing, fields: &Fields) -> Result<Upload, EvidenceError> {
        let (line, size) = (fields.get("line"), fields.get("size").parse().unwrap_or(0));
        let item = showing.items.iter().find(|item| item.to_string() == line).ok_or(EvidenceError::Gone)?;
        self.services.announce(showing.keeper.holder(), item.order.as_str(), item.line.as_str(), fields.get("name"), size).await
    }
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
        let (part, line) = product_of(said, assessment)?;
        let name = line.name.clone();
        let field = ShowForm::files_of(&LineKey { order: part.row.order.number.clone(), line: line.id.clone() });
        let (photos, reports) = (count(EvidenceKind::Photo), count(EvidenceKind::TestReport));
        (photos + reports > 0).then(|| noted(field, Mistake::EvidenceMissing { name, photos, reports }))
    };
    assessment.lines.iter().filter(|line| asks_to_show(line)).filter_map(of_line).collect()
}
