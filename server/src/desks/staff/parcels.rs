//! Parcels that nobody knows, as people at work see to them (P22).

use app::forms::{Fields, noted};
use app::ports::{DeskError, MayBeView, Mistake, Noted, ParcelPage, ParcelView, ParcelsPage, StaffTold};
use app::staff::{EndForm, LinkForm, ParcelForm};
use domain::ids::Sku;
use domain::returns::CommandKind;
use domain::rma::RmaNumber;
use domain::staff::Room;
use domain::stray::{KEPT_DAYS, StrayState};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext, number_of, order_path};
use crate::desks::failed;
use crate::services::{Access, AtParcels, Candidate, IdempotencyKey, MayBe, StrayError, StrayTold};
use crate::store::{CameWith, MAIN_WAREHOUSE, StrayRow};

const PAGE: &str = "/staff/parcels";
/// Parcels of a list, and of those that are settled.
const MOST: i64 = 100;
const MOST_ENDED: i64 = 20;
const MOST_FIELDS: usize = 40;

fn page_of(number: i64) -> String {
    format!("{PAGE}/P{number}")
}

impl StaffDesk {
    fn at_parcels(&self) -> Result<AtParcels, DeskError> {
        let access = AtParcels::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Parcels.who().to_vec() })
    }

    pub(super) async fn parcels(&self) -> Result<ParcelsPage, DeskError> {
        let access = self.at_parcels()?;
        let kept = self.take_kept(PAGE).await?;
        let mut waiting = self.services.strays(&access, (i64::MIN, 0), MOST + 1).await.map_err(|error| failed(&error))?;
        let ended = self.services.strays_ended(&access, i64::MAX, MOST_ENDED).await.map_err(|error| failed(&error))?;
        let more = waiting.len() as i64 > MOST;
        waiting.truncate(MOST as usize);
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let now = self.services.clock.now();
        let typed = kept.fields();
        Ok(ParcelsPage {
            rail: self.rail(kept.told).await?,
            waiting: waiting.into_iter().map(|row| view(row, &names, now)).collect(),
            more,
            ended: ended.into_iter().map(|row| view(row, &names, now)).collect(),
            key: Uuid::now_v7().to_string(),
            typed: ParcelForm::typed(&typed),
            mistakes: kept.mistakes,
        })
    }

    pub(super) async fn parcel(&self, number: &str) -> Result<ParcelPage, DeskError> {
        let access = self.at_parcels()?;
        let number = number_of('P', number)?;
        let kept = self.take_kept(&page_of(number)).await?;
        let row = self.services.stray(&access, number).await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)?;
        let candidates = match row.state {
            StrayState::Waiting => self.services.may_be(&self.at_work()?, &row).await.map_err(|error| failed(&error))?,
            _ => Vec::new(),
        };
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let sees = |member: &domain::staff::Member| AtParcels::of_staff(member, String::new()).is_some();
        let mut colleagues: Vec<(String, String)> = people
            .iter()
            .filter(|row| row.ended_at.is_none() && sees(&row.member))
            .map(|row| (row.member.id.clone(), row.member.name.clone()))
            .collect();
        // Who has it stays chosen, be it a machine or somebody who has left.
        if colleagues.iter().all(|(id, _)| *id != row.owner) {
            colleagues.push((row.owner.clone(), called(&names, &row.owner)));
        }
        let typed = kept.fields();
        let mut shown = ParcelForm::typed(&typed);
        shown.extend([LinkForm::RMA, EndForm::REASON].into_iter().filter_map(|name| Some((name.to_owned(), typed.maybe(name)?))));
        Ok(ParcelPage {
            rail: self.rail(kept.told).await?,
            parcel: view(row, &names, self.services.clock.now()),
            candidates: candidates.into_iter().map(may_be).collect(),
            colleagues,
            typed: shown,
            mistakes: kept.mistakes,
        })
    }

    fn told_of(&self, form: ParcelForm) -> Result<StrayTold, Noted> {
        let member = self.member().map_err(|_| noted("", Mistake::Changed))?;
        let warehouse = match form.warehouse {
            // A warehouse's name has the form of a product's.
            Some(name) => name.parse::<Sku>().map_err(|_| noted(ParcelForm::WAREHOUSE, Mistake::Unanswered))?.to_string(),
            None => member.limits.warehouses.first().cloned().unwrap_or_else(|| MAIN_WAREHOUSE.to_owned()),
        };
        if !member.limits.allows_warehouse(Some(&warehouse)) {
            return Err(noted(ParcelForm::WAREHOUSE, Mistake::DockElsewhere));
        }
        let kept = self.services.clock.now().saturating_add(SignedDuration::from_hours(24 * KEPT_DAYS)).unwrap_or(Timestamp::MAX);
        let due = form.due.map_or(kept, |day| self.last_of(day).unwrap_or(kept));
        Ok(StrayTold { warehouse, shelf: Some(form.shelf), clues: form.clues, note: form.note, owner: form.owner, due })
    }

    /// "Put it on the shelf".
    pub async fn shelve_parcel(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_parcels()?;
        let form = match ParcelForm::parse(fields, self.today()) {
            Ok(form) => form,
            Err(mistakes) => return self.parcel_mistaken(PAGE.to_owned(), fields, mistakes).await,
        };
        let key = (!form.key.is_empty()).then(|| IdempotencyKey {
            scope: format!("staff:{}", access.id()),
            key: form.key.clone(),
            digest: String::new(),
            request: Some("shelve".to_owned()),
            answer: None,
        });
        let told = match self.told_of(form) {
            Ok(told) => told,
            Err(mistake) => return self.parcel_mistaken(PAGE.to_owned(), fields, vec![mistake]).await,
        };
        match self.services.shelve(access, told, key).await {
            Ok(row) => self.told(StaffTold::Shelved { number: row.number }, page_of(row.number)).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.parcel_mistaken(PAGE.to_owned(), fields, vec![mistake]).await
            }
        }
    }

    /// "Save".
    pub async fn change_parcel(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.at_parcels()?, number_of('P', number)?);
        let form = match ParcelForm::parse(fields, self.today()) {
            Ok(form) => form,
            Err(mistakes) => return self.parcel_mistaken(page_of(number), fields, mistakes).await,
        };
        let seen = form.version;
        let changed = match self.told_of(form) {
            Ok(told) => self.services.reshelve(access, number, seen, told).await.map_err(mistake),
            Err(mistake) => Err(Ok(mistake)),
        };
        match changed {
            Ok(_) => self.told(StaffTold::ParcelChanged { number }, page_of(number)).await,
            Err(mistake) => {
                let mistake = mistake?;
                self.parcel_mistaken(page_of(number), fields, vec![mistake]).await
            }
        }
    }

    /// "It is of this one".
    pub async fn link_parcel(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.at_parcels()?, number_of('P', number)?);
        let Ok(rma) = fields.get(LinkForm::RMA).parse::<RmaNumber>() else {
            return self.parcel_mistaken(page_of(number), fields, vec![noted(LinkForm::RMA, Mistake::NoReturn)]).await;
        };
        let member = self.member()?;
        let seal = self.services.seal_of(self.visitor.address);
        let to =
            Access::of_staff(member, rma, CommandKind::Scan, seal).ok_or(DeskError::NotForYou { who: Room::Parcels.who().to_vec() })?;
        let m = app::messages::Messages::new(self.visitor.locale);
        let words = move |row: &StrayRow| match (&row.shelf, format!("P{}", row.number)) {
            (Some(shelf), number) => m.stray_link_note(number, shelf, &row.warehouse),
            (None, number) => m.stray_link_note_unshelved(number, &row.warehouse),
        };
        match self.services.link_stray(access, to, number, None, words).await {
            Ok(_) => self.told(StaffTold::ParcelLinked { rma, number }, format!("/staff/returns/{rma}")).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.parcel_mistaken(page_of(number), fields, vec![mistake]).await
            }
        }
    }

    /// "Settle it".
    pub async fn end_parcel(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, number) = (self.at_parcels()?, number_of('P', number)?);
        let (to, reason) = match EndForm::parse(fields) {
            Ok(form) => form,
            Err(mistake) => return self.parcel_mistaken(page_of(number), fields, vec![mistake]).await,
        };
        match self.services.end_stray(access, number, to, reason).await {
            Ok(_) => self.told(StaffTold::ParcelEnded { number }, PAGE).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.parcel_mistaken(page_of(number), fields, vec![mistake]).await
            }
        }
    }

    /// Back to the form, with what was typed.
    async fn parcel_mistaken(&self, path: String, fields: &Fields, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        self.form_again(path, String::new(), fields, MOST_FIELDS, mistakes).await
    }
}

fn mistake(error: StrayError) -> Result<Noted, DeskError> {
    match error {
        StrayError::Unknown => Err(DeskError::NotFound),
        StrayError::UnknownReturn => Ok(noted(LinkForm::RMA, Mistake::NoReturn)),
        StrayError::Ended(_) => Ok(noted("", Mistake::ParcelEnded)),
        StrayError::Changed | StrayError::KeyReused => Ok(noted("", Mistake::Changed)),
        StrayError::NoOwner => Ok(noted(ParcelForm::OWNER, Mistake::ColleagueGone)),
        StrayError::Change(_) => Ok(noted("", Mistake::StaffNotNow)),
        StrayError::Store(error) => Err(failed(&error)),
    }
}

pub(super) fn view(row: StrayRow, names: &[(String, String)], now: Timestamp) -> ParcelView {
    let late = row.state == StrayState::Waiting && row.due <= now;
    let name = called(names, &row.owner);
    let StrayRow { number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version, with } = row;
    let came_with = with.map(|CameWith { rma, units, .. }| (rma, units));
    ParcelView {
        number,
        at,
        warehouse,
        shelf,
        clues,
        note,
        owner: (owner, name),
        due,
        late,
        state,
        rma,
        reason,
        ended_at,
        version,
        came_with,
    }
}

fn may_be(candidate: Candidate) -> MayBeView {
    let Candidate { of, awaited, fits } = candidate;
    match of {
        MayBe::Return(head) => MayBeView {
            found: Some((head.rma, head.status)),
            order: None,
            customer: head.customer,
            item: head.item,
            at: head.opened_at,
            awaited,
            fits,
        },
        MayBe::Order(order) => {
            let search = format!("/staff/search?q={}", utf8_percent_encode(order.number.as_str(), NON_ALPHANUMERIC));
            MayBeView {
                found: None,
                order: Some((order.number.to_string(), order_path(order.number.as_str()), search)),
                customer: order.customer,
                item: order.item,
                at: order.placed_at,
                awaited,
                fits,
            }
        }
    }
}
