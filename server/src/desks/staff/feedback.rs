//! What customers say of how their returns went, as people at work read it; and the table of it (A13, C37).

use app::forms::Fields;
use app::ports::{DeskError, Facet, FeedbackAsked, FeedbackPage, SaidView, StaffTold};
use app::staff::{FeedbackForm, TagsForm};
use domain::rma::RmaNumber;
use domain::staff::Room;

use super::{NoTable, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{AtFeedback, MOST_FEEDBACK, Services};
use crate::store::{FeedbackRow, FeedbackWanted};
use crate::tables::Table;

const PAGE: &str = "/staff/reports/feedback";
/// Ratings of the page.
const MOST: i64 = 100;
/// Ratings in a file.
const MOST_IN_FILE: usize = 200_000;

fn wanted(services: &Services, asked: &FeedbackAsked, limit: i64) -> FeedbackWanted {
    let (from, to) = services.feedback_days(asked);
    let within = services.feedback_within(from, to);
    FeedbackWanted { from: within.from, until: within.until, tag: asked.tag.clone(), after: None, limit }
}

impl StaffDesk {
    fn at_feedback(&self) -> Result<AtFeedback, DeskError> {
        let access = AtFeedback::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Feedback.who().to_vec() })
    }

    pub(super) async fn feedback(&self, asked: FeedbackAsked) -> Result<FeedbackPage, DeskError> {
        self.at_feedback()?;
        let kept = self.take_kept(PAGE).await?;
        let report = self.services.feedback_report(&asked).await.map_err(|error| failed(&error))?;
        let mut said = self.services.feedback(wanted(&self.services, &asked, MOST + 1)).await.map_err(|error| failed(&error))?;
        let more = said.len() as i64 > MOST;
        said.truncate(MOST as usize);
        let typed = kept.fields();
        Ok(FeedbackPage {
            rail: self.rail(kept.told).await?,
            asked,
            whole: report.whole,
            weeks: report.weeks,
            by: report.by,
            changed: report.changed,
            said: said.into_iter().map(|row| SaidView { rma: row.rma, feedback: row.feedback, tags: row.tags }).collect(),
            more,
            today: self.today(),
            typed: typed.maybe(TagsForm::RMA).map(|rma| (rma, typed.get(TagsForm::TAGS).to_owned())),
            mistakes: kept.mistakes,
        })
    }

    /// "Save tags".
    pub async fn tag_feedback(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_feedback()?;
        let rma: RmaNumber = fields.get(TagsForm::RMA).parse().map_err(|_| DeskError::NotFound)?;
        let TagsForm(tags) = match TagsForm::parse(fields) {
            Ok(form) => form,
            Err(mistake) => return self.form_again(PAGE.to_owned(), String::new(), fields, 4, vec![mistake]).await,
        };
        match self.services.tag_feedback(&access, rma, tags).await {
            Ok(true) => self.told(StaffTold::Changed { name: rma.to_string() }, PAGE).await,
            Ok(false) => Err(DeskError::NotFound),
            Err(error) => Err(failed(&error)),
        }
    }

    /// What the page shows, all of it, as a file: its name, and what is in it.
    pub async fn feedback_file(&self, fields: &Fields) -> Result<(String, String), DeskError> {
        self.at_feedback()?;
        let asked = FeedbackForm::asked(fields);
        let text = feedback_table(&self.services, wanted(&self.services, &asked, MOST_FEEDBACK)).await;
        Ok((format!("feedback-{}.csv", self.today()), text.map_err(|error| failed(&error))?))
    }
}

/// Ratings as a table (CSV, RFC 4180, UTF-8).
async fn feedback_table(services: &Services, mut wanted: FeedbackWanted) -> Result<String, NoTable> {
    let mut table = Table::with(["return", "given", "stars", "words", "reasons", "products", "carriers", "warehouses", "tags"])?;
    let mut rows = 0;
    loop {
        let found = services.feedback(wanted.clone()).await?;
        for row in &found {
            table.row(cells(row))?;
        }
        rows += found.len();
        match found.last() {
            Some(last) if found.len() as i64 == MOST_FEEDBACK && rows < MOST_IN_FILE => {
                wanted.after = Some((last.feedback.at.as_millisecond(), last.rma.to_string()));
            }
            _ => break,
        }
    }
    Ok(table.text()?)
}

fn cells(row: &FeedbackRow) -> [String; 9] {
    let of = |facet: Facet| {
        let values: Vec<&str> = row.about.iter().filter(|(of, _)| of == facet.code()).map(|(_, value)| value.as_str()).collect();
        values.join("; ")
    };
    [
        row.rma.to_string(),
        row.feedback.at.to_string(),
        row.feedback.stars.to_string(),
        row.feedback.words.clone().unwrap_or_default(),
        of(Facet::Reason),
        of(Facet::Product),
        of(Facet::Carrier),
        of(Facet::Warehouse),
        row.tags.join("; "),
    ]
}
