//! Who works here.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, OverrideView, PeoplePage, PersonView, StaffTold};
use app::staff::PersonForm;

use domain::returns::Disposition;

use super::queue::{called, names_of};
use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{DISPOSITION, PeopleError, PersonTold};
use crate::store::{self, StaffRow, StoreError};

const PAGE: &str = "/staff/people";
/// Decisions otherwise than policy are counted for so long.
const COUNTED_DAYS: i64 = 90;

/// Where a rule would have sent goods, as it was kept with a decision against it.
fn sent_to(kept: &str) -> Option<Disposition> {
    let kept: serde_json::Value = serde_json::from_str(kept).ok()?;
    let to = kept["to"].as_str()?;
    Disposition::PLACES.into_iter().find(|(name, _)| *name == to).map(|(_, place)| place)
}

impl StaffDesk {
    pub(super) async fn people(&self) -> Result<PeoplePage, DeskError> {
        self.admin()?;
        let kept = self.take_kept(PAGE).await?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let linked = async {
            let mut read = self.services.store.read().await?;
            store::linked_staff(&mut read.conn()).await
        };
        let linked = linked.await.map_err(|error: StoreError| failed(&error))?;
        let ready = |row: &StaffRow| row.password.is_some() || linked.contains(&row.member.id);
        let names = names_of(&people);
        let person = |row: StaffRow| PersonView { ready: ready(&row), left: row.ended_at.is_some(), member: row.member };
        let mut people: Vec<PersonView> = people.into_iter().map(person).collect();
        people.sort_by_key(|person| person.left);
        let since = self.services.clock.millis() - COUNTED_DAYS * 24 * 60 * 60 * 1_000;
        let count = async || store::count_overrides(&mut self.services.store.read().await?.conn(), since).await;
        let counted = count().await.map_err(|error: StoreError| failed(&error))?;
        let overrides = counted.into_iter().map(|counted| OverrideView {
            name: called(&names, &counted.staff),
            sentence: if counted.rule.starts_with(DISPOSITION) { None } else { serde_json::from_str(&counted.sentence).ok() },
            sent_elsewhere: counted.rule.strip_prefix(DISPOSITION).and_then(|rule| Some((rule.to_owned(), sent_to(&counted.sentence)?))),
            count: counted.count.unsigned_abs(),
        });
        let overrides = overrides.collect();
        Ok(PeoplePage { rail: self.rail(kept.told).await?, people, overrides, mistakes: kept.mistakes, name: kept.name, email: kept.typed })
    }

    /// "Add someone".
    pub async fn add_person(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        let form = PersonForm::parse(fields, true);
        let (Some(email), true) = (form.email.clone(), form.mistakes.is_empty()) else { return self.person_wrong(form, Vec::new()).await };
        let told = PersonTold { name: form.name.clone(), email, roles: form.roles.clone(), limits: form.limits.clone() };
        match self.services.add_person(Some(&by), told).await {
            Ok(made) => self.linked(made.member.name, &made.path).await,
            Err(error) => self.people_failed(form, error).await,
        }
    }

    /// "Save".
    pub async fn change_person(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        let form = PersonForm::parse(fields, false);
        if !form.mistakes.is_empty() {
            return self.person_wrong(form, Vec::new()).await;
        }
        match self.services.change_person(Some(&by), id, form.roles.clone(), form.limits.clone()).await {
            Ok(member) => self.told(StaffTold::Changed { name: member.name }, PAGE).await,
            Err(error) => self.people_failed(form, error).await,
        }
    }

    /// "Give a new link".
    pub async fn reset_person(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        let reset = async {
            match fields.maybe(PersonForm::KEEPS).is_some() {
                true => self.services.reset_password(Some(&by), id).await,
                false => self.services.reset_person(Some(&by), id).await,
            }
        };
        match reset.await {
            Ok(made) if made.member.id == by.id => Ok(StaffNext { session: Some(None), ..StaffNext::to(made.path) }),
            Ok(made) => self.linked(made.member.name, &made.path).await,
            Err(error) => self.people_failed(PersonForm::parse(fields, false), error).await,
        }
    }

    /// "Sign out everywhere".
    pub async fn sign_out_person(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        match self.services.sign_out_person(Some(&by), id).await {
            Ok(member) if member.id == by.id => Ok(StaffNext { session: Some(None), ..StaffNext::to("/staff/sign-in") }),
            Ok(member) => self.told(StaffTold::SignedOut { name: member.name }, PAGE).await,
            Err(error) => self.people_failed(PersonForm::parse(fields, false), error).await,
        }
    }

    /// "Remove".
    pub async fn end_person(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        match self.services.end_person(Some(&by), id).await {
            Ok(member) if member.id == by.id => Ok(StaffNext { session: Some(None), ..StaffNext::to("/staff/sign-in") }),
            Ok(member) => self.told(StaffTold::Ended { name: member.name }, PAGE).await,
            Err(error) => self.people_failed(PersonForm::parse(fields, false), error).await,
        }
    }

    async fn linked(&self, name: String, path: &str) -> Result<StaffNext, DeskError> {
        let address = format!("{}{path}", self.services.config.public_url);
        self.told(StaffTold::Link { name, address }, PAGE).await
    }

    async fn people_failed(&self, form: PersonForm, error: PeopleError) -> Result<StaffNext, DeskError> {
        let (field, mistake) = match error {
            PeopleError::Store(error) => return Err(failed(&error)),
            PeopleError::NotAdmin | PeopleError::Unknown => return Err(DeskError::NotFound),
            PeopleError::Name => (PersonForm::NAME, Mistake::StaffNameMissing),
            PeopleError::Roles => (PersonForm::ROLE, Mistake::StaffRolesMissing),
            PeopleError::Taken => (PersonForm::EMAIL, Mistake::StaffEmailTaken),
            PeopleError::LastAdmin => ("", Mistake::StaffLastAdmin),
            PeopleError::TooMany => ("", Mistake::StaffNotNow),
        };
        self.person_wrong(form, vec![noted(field, mistake)]).await
    }

    async fn person_wrong(&self, form: PersonForm, mut mistakes: Vec<app::ports::Noted>) -> Result<StaffNext, DeskError> {
        mistakes.extend(form.mistakes);
        self.keep(Kept { at: PAGE.to_owned(), typed: form.typed_email, name: form.name, mistakes, ..Kept::default() }).await?;
        Ok(StaffNext::to(PAGE))
    }
}
