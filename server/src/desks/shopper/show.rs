//! "Show us": what is asked for, what was given, and who may see it.

use app::forms::{Fields, noted};
use app::messages::Messages;
use app::ports::{DeskError, Given, ItemHead, Mistake, Noted, ShowItem, ShowPage, ShowSlot};
use app::start_return::{FilesField, ShowForm};
use domain::ids::LineKey;
use domain::policy::{Decision, EvidenceEffect, EvidenceKind, EvidenceSlot, EvidenceSlots, Piece, still_wanted};
use domain::returns::{Event, History, Recorded, ReturnLine};
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
    /// What it is of, and shows.
    pub of: FilesField,
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
    Given { id: row.id.clone(), name: row.name.clone(), pages: (row.media == Media::Pdf).then_some(row.pages), shows: row.shows }
}

fn pieces<'r>(held: impl IntoIterator<Item = &'r EvidenceRow>) -> Vec<Piece> {
    held.into_iter().map(|row| (crate::services::kind(row), row.shows)).collect()
}

/// An item to show something of: each piece that was given in the place that asks for it.
fn show_item(head: ItemHead, wanted: &[EvidenceEffect], held: &[&EvidenceRow]) -> ShowItem {
    let pieces = pieces(held.iter().copied());
    let kinds: Vec<EvidenceKind> = pieces.iter().map(|(kind, _)| *kind).collect();
    let slots = EvidenceSlots::of(wanted, &pieces);
    let there = |places: &[usize]| places.iter().map(|place| given(held[*place])).collect();
    let slot = |slot: &EvidenceSlot| ShowSlot { shows: slot.shows, nth: slot.nth, given: there(&slot.holds) };
    ShowItem {
        head,
        slots: slots.asked.iter().map(slot).collect(),
        beyond: there(&slots.beyond),
        complete: still_wanted(wanted, &kinds).is_empty(),
    }
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
            let held: Vec<&EvidenceRow> = said.given.iter().collect();
            Some(show_item(head(line, &part.row, said.asked.quantity), &said.evidence, &held))
        });
        let items: Vec<ShowItem> = items.collect();
        if items.is_empty() {
            return Err(DeskError::Moved(format!("/return/{id}/wish")));
        }
        let most_bytes = self.services.config.limits.evidence.bytes;
        Ok(ShowPage { draft: Some(id.to_owned()), rma: None, asked: None, items, most_bytes, mistakes: draft.mistakes_of("show") })
    }

    pub(super) async fn photos_of(&self, rma: &str) -> Result<ShowPage, DeskError> {
        let History { request, events } = self.own_history(rma).await?;
        let shown = || request.live_lines().filter(|line| request.takes_evidence(line.id));
        if shown().next().is_none() {
            return Err(DeskError::Moved(format!("/returns/{}", request.rma)));
        }
        let held = self.services.evidence_held(&Holder::Return(request.rma)).await?;
        let item = |line: &ReturnLine| {
            let head = ItemHead {
                key: line.asked.key(),
                name: line.asked.name.clone(),
                variant: line.asked.variant.clone(),
                category: line.asked.category.clone(),
                image: line.asked.image.clone(),
                units: line.asked.quantity,
            };
            let of_line: Vec<&EvidenceRow> = held.iter().filter(|row| line.asked.evidence.contains(&row.id)).collect();
            show_item(head, &line.asked.evidence_wanted, &of_line)
        };
        let most_bytes = self.services.config.limits.evidence.bytes;
        let items = shown().map(item).collect();
        let said = |recorded: &Recorded| match &recorded.event {
            Event::EvidenceAsked { note, .. } => Some(note.clone()),
            _ => None,
        };
        let awaited = request.lots().any(|(_, lot)| lot.awaits.is_some());
        let asked = events.iter().rev().find_map(said).filter(|_| awaited);
        Ok(ShowPage { draft: None, rma: Some(request.rma), asked, items, most_bytes, mistakes: self.change_mistakes(request.rma) })
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
            let of_item: Vec<Photo> = files.extract_if(.., |photo| photo.of.item == *item).collect();
            let Some((field, first)) = of_item.first().map(|photo| (photo.of.clone(), photo.name.clone())) else { continue };
            let subject = |of: &FilesField| Subject::line(of.item.order.as_str(), of.item.line.as_str(), of.shows());
            let of_item = of_item.into_iter().map(|photo| (subject(&photo.of), photo.file)).collect();
            if let Err(error) = self.services.hold(showing.keeper.clone(), of_item).await {
                let code = error.code().map(str::to_owned).ok_or_else(|| failed(&error))?;
                not_kept.push(NotKept { field: field.name(), file: first, code });
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
            Holder::Key(_) | Holder::House(_) => false,
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
        let shows = fields.get("shows").parse().ok();
        self.services.announce(showing.keeper.holder(), item, shows, fields.get("name"), size).await
    }
}

/// Said at the fields of files that were not kept.
pub(in crate::desks) fn refused(not_kept: Vec<NotKept>) -> Vec<Noted> {
    not_kept.into_iter().map(|file| noted(file.field, Mistake::EvidenceRefused { file: file.file, code: file.code })).collect()
}

/// What is asked for and not there yet, place by place.
fn missing(assessment: &Assessment) -> Vec<Noted> {
    let of_line = |said: &LineAssessment| {
        let (part, line) = product_of(said, assessment)?;
        let item = LineKey { order: part.row.order.number.clone(), line: line.id.clone() };
        let pieces = pieces(&said.given);
        let slots = EvidenceSlots::of(&said.evidence, &pieces);
        let noted = slots.wanting(&said.evidence, &pieces).map(|slot| {
            let (photos, reports) = if slot.kind == EvidenceKind::Photo { (1, 0) } else { (0, 1) };
            let missing = Mistake::EvidenceMissing { name: line.name.clone(), photos, reports, shows: Some(slot.shows.code().to_owned()) };
            noted(FilesField::slot(item.clone(), slot.shows, slot.nth).name(), missing)
        });
        Some(noted.collect::<Vec<_>>())
    };
    assessment.lines.iter().filter(|line| asks_to_show(line)).filter_map(of_line).flatten().collect()
}
