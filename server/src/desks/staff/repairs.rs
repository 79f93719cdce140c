//! Repair orders, as people at work see to them (C23, C24).

use std::collections::BTreeMap;

use app::forms::{Fields, noted};
use app::ports::{CaseRepair, DeskError, Mistake, Noted, RepairPage, RepairView, RepairsPage, StaffTold};
use app::staff::{RepairDoneForm, RepairForm, RepairGiveUpForm, RepairProgressForm, RepairTakeForm};
use domain::money::Money;
use domain::policy::local_day;
use domain::repair::{RepairCommand, RepairEvent, RepairRefused};
use domain::returns::{CommandKind, Refused};
use domain::rma::RmaNumber;
use domain::staff::{Member, Room};
use jiff::Timestamp;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext, number_of};
use crate::desks::failed;
use crate::services::{Access, AtRepairs, ChangeError, RepairEnd, RepairError};
use crate::store::{RepairRow, StaffRow};

const PAGE: &str = "/staff/repairs";
/// Orders of a list, and of those that are over.
const MOST: i64 = 100;
const MOST_ENDED: i64 = 20;
/// Fields of a form, with as many parts as there can be.
const MOST_FIELDS: usize = 200;

fn page_of(number: i64) -> String {
    format!("{PAGE}/R{number}")
}

impl StaffDesk {
    fn at_repairs(&self) -> Result<AtRepairs, DeskError> {
        let access = AtRepairs::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Repairs.who().to_vec() })
    }

    /// Leave to work on an order, the order, and what keeps whoever asks from it, if anything does.
    async fn at_bench(&self, number: &str) -> Result<(AtRepairs, RepairRow, Option<Noted>), DeskError> {
        let access = self.at_repairs()?;
        let row =
            self.services.repair(&access, number_of('R', number)?).await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)?;
        if !access.also(Room::Bench) {
            return Err(DeskError::NotForYou { who: Room::Bench.who().to_vec() });
        }
        let elsewhere = !self.member()?.limits.allows_warehouse(Some(&row.warehouse));
        Ok((access, row, elsewhere.then(|| noted("", Mistake::DockElsewhere))))
    }

    pub(super) async fn repairs(&self) -> Result<RepairsPage, DeskError> {
        let access = self.at_repairs()?;
        let kept = self.take_kept(PAGE).await?;
        let mut open = self.services.repairs(&access, (i64::MIN, 0), MOST + 1).await.map_err(|error| failed(&error))?;
        let ended = self.services.repairs_ended(&access, i64::MAX, MOST_ENDED).await.map_err(|error| failed(&error))?;
        let more = open.len() as i64 > MOST;
        open.truncate(MOST as usize);
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let now = self.services.clock.now();
        Ok(RepairsPage {
            rail: self.rail(kept.told).await?,
            open: open.iter().map(|row| view(row, &names, now)).collect(),
            more,
            ended: ended.iter().map(|row| view(row, &names, now)).collect(),
        })
    }

    pub(super) async fn repair(&self, number: &str) -> Result<RepairPage, DeskError> {
        let access = self.at_repairs()?;
        let number = number_of('R', number)?;
        let kept = self.take_kept(&page_of(number)).await?;
        let row = self.services.repair(&access, number).await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let works = |member: &Member| AtRepairs::of_staff(member, String::new()).is_some_and(|access| access.also(Room::Bench));
        let can = |row: &&StaffRow| row.ended_at.is_none() && works(&row.member);
        let mut colleagues: Vec<(String, String)> =
            people.iter().filter(can).map(|row| (row.member.id.clone(), row.member.name.clone())).collect();
        // Who has it stays chosen, be it a machine or somebody who has left.
        if let Some(id) = row.repair.technician.as_ref().filter(|id| colleagues.iter().all(|(known, _)| known != *id)) {
            colleagues.push((id.clone(), called(&names, id)));
        }
        let named = row.repair.steps.iter().filter_map(|step| match &step.event {
            RepairEvent::Taken { technician } => Some((technician.clone(), called(&names, technician))),
            _ => None,
        });
        let currency = row.repair.currency;
        let parts = row.repair.parts.iter();
        let typed = kept.fields();
        Ok(RepairPage {
            rail: self.rail(kept.told).await?,
            repair: view(&row, &names, self.services.clock.now()),
            parts: parts
                .map(|part| (part.what.clone(), part.quantity, part.cost.map(|minor| Money::new(minor, currency).decimal())))
                .collect(),
            currency: currency.to_string(),
            steps: row.repair.steps.iter().map(|step| (step.clone(), called(&names, &step.by))).collect(),
            names: named.collect::<BTreeMap<_, _>>().into_iter().collect(),
            may: access.also(Room::Bench),
            me: access.id().to_owned(),
            colleagues,
            typed: RepairForm::typed(&typed),
            mistakes: kept.mistakes,
        })
    }

    /// Repair orders of a return, for its page: of whoever may read them.
    pub(super) async fn repairs_of(&self, rma: RmaNumber) -> Result<Vec<CaseRepair>, DeskError> {
        if self.at_repairs().is_err() {
            return Ok(Vec::new());
        }
        let rows = self.services.repairs_of(rma).await.map_err(|error| failed(&error))?;
        let one = |row: RepairRow| CaseRepair { number: row.number, name: row.name, units: row.repair.units, state: row.repair.state };
        Ok(rows.into_iter().map(one).collect())
    }

    /// "Take it".
    pub async fn take_repair(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, row, kept_from) = self.at_bench(number).await?;
        if let Some(mistake) = kept_from {
            return self.repair_mistaken(row.number, fields, vec![mistake]).await;
        }
        let taken = self.services.take_repair(access, row.number, RepairTakeForm::parse(fields), None).await;
        self.repaired(row.number, fields, taken.map(drop)).await
    }

    /// "Save".
    pub async fn progress_repair(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let (access, row, kept_from) = self.at_bench(number).await?;
        let zone = self.services.shop_zone();
        let parsed = RepairProgressForm::parse(fields, row.repair.currency, self.today());
        let form = match (kept_from, parsed) {
            (Some(mistake), _) => return self.repair_mistaken(row.number, fields, vec![mistake]).await,
            (None, Err(mistakes)) => return self.repair_mistaken(row.number, fields, mistakes).await,
            (None, Ok(form)) => form,
        };
        // The day on which it was promised is no other promise.
        let due = form.due.filter(|day| *day != local_day(row.repair.due, &zone)).and_then(|day| self.last_of(day));
        let command = RepairCommand::Progress { to: form.to, parts: Some(form.parts), due, note: form.note };
        let told = self.services.progress_repair(access, row.number, RepairForm::seen(fields), command, None).await;
        self.repaired(row.number, fields, told.map(drop)).await
    }

    /// "It is repaired".
    pub async fn finish_repair(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = RepairDoneForm::parse(fields);
        self.end_repair(number, fields, form.map(|form| RepairEnd::Done { to: form.to, tracking_number: form.tracking_number })).await
    }

    /// "Give up".
    pub async fn give_up_repair(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = RepairGiveUpForm::parse(fields);
        let end = form.map(|form| RepairEnd::GivenUp { to: form.to, ground: form.ground, reason: form.reason });
        self.end_repair(number, fields, end).await
    }

    async fn end_repair(&mut self, number: &str, fields: &Fields, end: Result<RepairEnd, Vec<Noted>>) -> Result<StaffNext, DeskError> {
        let (access, row, kept_from) = self.at_bench(number).await?;
        let end = match (kept_from, end) {
            (Some(mistake), _) => return self.repair_mistaken(row.number, fields, vec![mistake]).await,
            (None, Err(mistakes)) => return self.repair_mistaken(row.number, fields, mistakes).await,
            (None, Ok(end)) => end,
        };
        let seal = self.services.seal_of(self.visitor.address);
        let to = Access::of_staff(self.member()?, row.rma, CommandKind::Dispose, seal);
        let to = to.ok_or(DeskError::NotForYou { who: Room::Bench.who().to_vec() })?;
        let ended = self.services.end_repair(access, to, row.number, RepairForm::seen(fields), end, None).await;
        self.repaired(row.number, fields, ended.map(drop)).await
    }

    async fn repaired(&self, number: i64, fields: &Fields, told: Result<(), RepairError>) -> Result<StaffNext, DeskError> {
        match told {
            Ok(()) => self.told(StaffTold::RepairChanged { number }, page_of(number)).await,
            Err(error) => {
                let mistake = mistake(error)?;
                self.repair_mistaken(number, fields, vec![mistake]).await
            }
        }
    }

    /// Back to the form, with what was typed.
    async fn repair_mistaken(&self, number: i64, fields: &Fields, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        self.form_again(page_of(number), String::new(), fields, MOST_FIELDS, mistakes).await
    }
}

fn mistake(error: RepairError) -> Result<Noted, DeskError> {
    match error {
        RepairError::Unknown => Err(DeskError::NotFound),
        RepairError::NotTheirs => Err(DeskError::NotForYou { who: Room::Bench.who().to_vec() }),
        RepairError::Refused(RepairRefused::Ended(_)) => Ok(noted("", Mistake::RepairEnded)),
        RepairError::Refused(RepairRefused::Theirs) => Ok(noted("", Mistake::DockTheirs)),
        RepairError::Change(ChangeError::Refused(Refused::NoGround)) => Ok(noted(RepairGiveUpForm::GROUND, Mistake::DockGround)),
        RepairError::Refused(_) | RepairError::Change(_) => Ok(noted("", Mistake::StaffNotNow)),
        RepairError::Changed | RepairError::KeyReused => Ok(noted("", Mistake::Changed)),
        RepairError::NoTechnician => Ok(noted("technician", Mistake::ColleagueGone)),
        RepairError::Store(error) => Err(failed(&error)),
    }
}

fn view(row: &RepairRow, names: &[(String, String)], now: Timestamp) -> RepairView {
    let repair = &row.repair;
    RepairView {
        number: row.number,
        rma: row.rma,
        name: row.name.clone(),
        sku: row.sku.clone(),
        units: repair.units,
        warehouse: row.warehouse.clone(),
        serves: repair.serves,
        state: repair.state,
        technician: repair.technician.as_ref().map(|id| (id.clone(), called(names, id))),
        opened_at: repair.opened_at,
        due: repair.due,
        late: repair.is_late(now),
        to: repair.to,
        version: row.version,
    }
}
