//! Many cases at once, from the list: looked at first, then done.

use app::forms::{Fields, noted};
use app::ports::{BulkCase, BulkChoice, BulkPage, DeskError, Mistake};
use app::staff::{BulkForm, asked, list_address};
use domain::desk::{Act, Deed};
use domain::rma::RmaNumber;

use super::macros::names_here;
use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Bulk, ChangeError, Head, MOST_TASKS, NotDone, can_be_taken_back, new_shared};
use crate::store::{self, BulkItem, BulkRun, BulkState, StaffRow, StoreError};

/// Letters that are shown before they are sent: enough to see what all are like.
const LETTERS: usize = 3;

impl StaffDesk {
    pub(super) async fn choice(&self, people: &[StaffRow]) -> Result<BulkChoice, DeskError> {
        let (replies, colleagues) = (self.reply_names().await?, names_here(people));
        let macros = self.own_macros().await?.into_iter().map(|found| (found.id, found.name)).collect();
        Ok(BulkChoice { key: new_shared(), most: MOST_TASKS, macros, replies, colleagues })
    }

    /// "Look at it first."
    pub async fn look_ahead(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let form = BulkForm::parse(fields);
        let mut cases = form.cases;
        let ticked: Vec<String> = cases.iter().map(ToString::to_string).collect();
        let asked = asked(|name| fields.maybe(name));
        if form.all {
            let view = self.view_of(&asked).await?;
            let rows = self.services.queue(&view, None, MOST_TASKS as i64).await.map_err(|error| failed(&error))?;
            cases = rows.into_iter().map(|row| row.head.rma).collect();
        }
        let mut mistakes: Vec<Mistake> = form.mistakes.into_iter().map(|noted| noted.mistake).collect();
        if cases.is_empty() {
            mistakes.push(Mistake::BulkNothing);
        }
        let (name, deed) = match form.of_macro {
            Some(id) => {
                let found = self.own_macros().await?.into_iter().find(|found| found.id == id).ok_or(DeskError::NotFound)?;
                (found.name, found.of)
            }
            None => (String::new(), form.deed),
        };
        let act = self.act_of(&deed).await?;
        mistakes.extend(act.as_ref().err().cloned());
        let (Ok(act), true) = (act, mistakes.is_empty()) else {
            let mistakes = mistakes.into_iter().map(|mistake| noted("", mistake)).collect();
            self.keep(Kept { at: "/staff".to_owned(), typed: ticked.join(" "), mistakes, ..Kept::default() }).await?;
            return Ok(StaffNext::to(list_address(&asked)));
        };
        let address = self.services.seal_of(self.visitor.address);
        let bulk = Bulk { name, deed, act, cases };
        let id = self.services.look_ahead(&member, address, bulk, &form.key).await.map_err(|error| failed(&error))?;
        Ok(StaffNext::to(format!("/staff/bulk/{id}")))
    }

    /// "Do it."
    pub async fn begin_bulk(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let (run, _) = self.own_bulk(id).await?;
        self.services.begin_bulk(&run).await.map_err(|error| failed(&error))?;
        Ok(StaffNext::to(format!("/staff/bulk/{id}")))
    }

    /// "Take all of it back".
    pub async fn take_back_bulk(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let (run, _) = self.own_bulk(id).await?;
        let (member, page) = (self.member()?.clone(), format!("/staff/bulk/{id}"));
        match self.services.take_back_bulk(&member, self.services.seal_of(self.visitor.address), &run).await {
            Ok(()) => Ok(StaffNext::to(page)),
            Err(ChangeError::Refused(_)) => self.mistaken(page, String::new(), vec![noted("", Mistake::StaffTooLate)]).await,
            Err(error) => Err(failed(&error)),
        }
    }

    /// It is theirs alone: each is done as whoever wanted it.
    async fn own_bulk(&self, id: &str) -> Result<(BulkRun, Vec<BulkItem>), DeskError> {
        let member = self.member()?;
        let found = self.services.bulk(id).await.map_err(|error| failed(&error))?;
        found.filter(|(run, _)| run.staff == member.id).ok_or(DeskError::NotFound)
    }

    pub(super) async fn bulk(&self, id: &str) -> Result<BulkPage, DeskError> {
        let kept = self.take_kept(&format!("/staff/bulk/{id}")).await?;
        let (run, items) = self.own_bulk(id).await?;
        let deed: Deed = serde_json::from_str(&run.deed).map_err(|error| failed(&error))?;
        let act: Act = serde_json::from_str(&run.act).map_err(|error| failed(&error))?;
        let heads = self.heads(&items).await?;
        let of = |state: BulkState| {
            let case = |item: &BulkItem| BulkCase {
                rma: item.rma,
                who: heads.iter().find(|(rma, _)| *rma == item.rma).map(|(_, who)| who.clone()).unwrap_or_default(),
                why: item.why.as_deref().and_then(|why| serde_json::from_str(why).ok()),
            };
            items.iter().filter(|item| item.state == state).map(case).collect::<Vec<_>>()
        };
        let mut letters = Vec::new();
        if run.began_at.is_none() && !act.words.is_empty() {
            for item in items.iter().filter(|item| item.state == BulkState::Fits).take(LETTERS) {
                match self.services.try_act(&self.looked(item.rma, item.version)?, &act).await {
                    Ok(tried) => letters.extend(tried.words.map(|words| (item.rma, words))),
                    Err(NotDone::Refused(_)) => {}
                    Err(error) => drop(error.told().map_err(|error| failed(&error))?),
                }
            }
        }
        let (replies, colleagues) = self.chosen_from().await?;
        Ok(BulkPage {
            rail: self.rail(kept.told).await?,
            id: run.id.clone(),
            name: run.name.clone(),
            deed,
            replies,
            colleagues,
            begun: run.began_at.is_some(),
            can_take_back: can_be_taken_back(&run, self.services.clock.millis()),
            fit: of(BulkState::Fits),
            refused: of(BulkState::Refused),
            done: of(BulkState::Done),
            failed: of(BulkState::Failed),
            capped: items.len() >= MOST_TASKS,
            most: MOST_TASKS,
            letters,
            mistakes: kept.mistakes,
        })
    }

    /// Whose return each is.
    async fn heads(&self, items: &[BulkItem]) -> Result<Vec<(RmaNumber, String)>, DeskError> {
        let numbers: Vec<String> = items.iter().map(|item| item.rma.to_string()).collect();
        let numbers: Vec<&String> = numbers.iter().collect();
        let read = async || store::find_returns(&mut self.services.store.read().await?.conn(), &numbers).await;
        let returns = read().await.map_err(|error: StoreError| failed(&error))?;
        let who = |head: Head| [head.customer, Some(head.item)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Ok(returns.iter().map(|request| (request.rma, who(Head::from(request)))).collect())
    }
}
