//! Doors that are called at, and the areas in which somebody does, as people at work see to them (B9, C48).

use app::forms::{Fields, noted};
use app::ports::{DeskError, DoorView, Mistake, PickupsPage, RoundView, StaffTold};
use app::staff::AreaForm;
use domain::pickup::DoorState;
use domain::returns::CommandKind;
use domain::rma::RmaNumber;
use domain::staff::Room;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{NoTable, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Access, AtPickups, ChangeError, Door, MOST_AREAS};
use crate::tables::Table;

const PAGE: &str = "/staff/pickups";
const MOST_FIELDS: usize = 20;

impl StaffDesk {
    fn at_pickups(&self) -> Result<AtPickups, DeskError> {
        let access = AtPickups::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Pickups.who().to_vec() })
    }

    pub(super) async fn pickups(&self, day: Option<Date>) -> Result<PickupsPage, DeskError> {
        let access = self.at_pickups()?;
        let kept = self.take_kept(PAGE).await?;
        let (day, typed) = (day.unwrap_or_else(|| self.today()), AreaForm::typed(&kept.fields()));
        let doors = self.services.doors(&access, day).await.map_err(|error| failed(&error))?;
        let areas = self.services.pickup_areas().await.map_err(|error| failed(&error))?;
        let called = |id: &str| areas.iter().find(|area| area.id.as_str() == id).map_or_else(|| id.to_owned(), |area| area.name.clone());
        let rounds = self.services.rounds(&access, day).await.map_err(|error| failed(&error))?;
        let rounds = rounds.into_iter().map(|(round, link)| RoundView {
            id: round.id,
            area: called(&round.area),
            url: self.services.config.page_in(self.visitor.locale, &format!("/round/{link}")),
            until: Timestamp::from_millisecond(round.until).unwrap_or(Timestamp::MAX),
        });
        let rounds = rounds.collect();
        Ok(PickupsPage {
            rounds,
            can_give: self.services.is_round_day(day),
            rail: self.rail(kept.told).await?,
            day,
            today: self.today(),
            doors: doors.into_iter().map(|door| view(door, called)).collect(),
            areas,
            typed,
            mistakes: kept.mistakes,
        })
    }

    /// "Save", of an area.
    pub async fn put_pickup_area(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_pickups()?;
        let mistakes = match AreaForm::parse(fields) {
            Ok(area) => {
                let name = area.name.clone();
                match self.services.put_pickup_area(&access, area).await.map_err(|error| failed(&error))? {
                    true => return self.told(StaffTold::Saved { name }, PAGE).await,
                    false => vec![noted("", Mistake::PickupAreas { most: MOST_AREAS as u32 })],
                }
            }
            Err(mistakes) => mistakes,
        };
        self.form_again(PAGE.to_owned(), String::new(), fields, MOST_FIELDS, mistakes).await
    }

    /// "Delete this area".
    pub async fn delete_pickup_area(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_pickups()?;
        match self.services.delete_pickup_area(&access, id.to_owned()).await.map_err(|error| failed(&error))? {
            true => self.told(StaffTold::Deleted, PAGE).await,
            false => Err(DeskError::NotFound),
        }
    }

    /// "Give out a link", for an area and a day.
    pub async fn give_out_round(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_pickups()?;
        let day = AreaForm::day(fields).filter(|day| self.services.is_round_day(*day));
        let areas = self.services.pickup_areas().await.map_err(|error| failed(&error))?;
        let area = areas.into_iter().find(|area| area.id.as_str() == fields.get(AreaForm::ROUND));
        let (Some(day), Some(area)) = (day, area) else { return Err(DeskError::NotFound) };
        let given = self.services.give_out_round(&access, area.id.to_string(), day).await.map_err(|error| failed(&error))?;
        match given {
            Some(_) => self.told(StaffTold::Saved { name: area.name }, format!("{PAGE}?day={day}#rounds")).await,
            None => self.form_again(PAGE.to_owned(), String::new(), fields, 0, vec![noted("", Mistake::NoLonger)]).await,
        }
    }

    /// "Withdraw", of a courier's link.
    pub async fn withdraw_round(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_pickups()?;
        let day = AreaForm::day(fields).unwrap_or_else(|| self.today());
        match self.services.withdraw_round(&access, id.to_owned()).await.map_err(|error| failed(&error))? {
            true => self.told(StaffTold::Deleted, format!("{PAGE}?day={day}#rounds")).await,
            false => Err(DeskError::NotFound),
        }
    }

    /// "Collected", "Nobody at home".
    pub async fn end_door(&mut self, rma: &str, what: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_pickups()?;
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let day = AreaForm::day(fields).unwrap_or_else(|| self.today());
        let done = match what.parse() {
            Ok(DoorState::Collected) => {
                let seal = self.services.seal_of(self.visitor.address);
                let scan = Access::of_staff(self.member()?, rma, CommandKind::Scan, seal);
                let scan = scan.ok_or(DeskError::NotForYou { who: Room::Pickups.who().to_vec() })?;
                match self.services.collect_door(&access, scan).await {
                    Ok(done) => done,
                    Err(ChangeError::Refused(_)) => false,
                    Err(ChangeError::Unknown) => return Err(DeskError::NotFound),
                    Err(error) => return Err(failed(&error)),
                }
            }
            Ok(DoorState::Missed) => self.services.miss_door(&access, rma).await.map_err(|error| failed(&error))?,
            _ => return Err(DeskError::NotFound),
        };
        let page = format!("{PAGE}?day={day}");
        match done {
            true => self.told(StaffTold::Changed { name: rma.to_string() }, page).await,
            false => self.form_again(PAGE.to_owned(), String::new(), fields, 0, vec![noted("", Mistake::NoLonger)]).await,
        }
    }

    /// The doors of a day as a file: its name, and what is in it.
    pub async fn pickups_file(&self, fields: &Fields) -> Result<(String, String), DeskError> {
        let access = self.at_pickups()?;
        let day = AreaForm::day(fields).unwrap_or_else(|| self.today());
        let doors = self.services.doors(&access, day).await.map_err(|error| failed(&error))?;
        let text = table(day, &doors).map_err(|error| failed(&error))?;
        Ok((format!("pickups-{day}.csv"), text))
    }
}

pub(crate) fn view(door: Door, called: impl Fn(&str) -> String) -> DoorView {
    let Door { booking, request } = door;
    DoorView {
        rma: booking.rma,
        state: booking.state,
        area: called(&booking.area),
        slot: booking.pickup.slot,
        name: request.from.as_ref().and_then(|from| from.name.clone()).or_else(|| request.contact.name.clone()),
        phone: request.contact.phone.as_ref().map(ToString::to_string),
        units: request.live_lines().map(|line| request.units_held(line)).sum(),
        things: request.live_lines().map(|line| (line.asked.name.clone(), request.units_held(line))).collect(),
        tracking: request.parcel().map(|parcel| parcel.tracking_number.clone()),
        note: booking.note,
        address: request.from,
    }
}

fn table(day: Date, doors: &[Door]) -> Result<String, NoTable> {
    let head = [
        "day",
        "slot",
        "area",
        "return",
        "state",
        "name",
        "street",
        "more",
        "postal_code",
        "city",
        "region",
        "country",
        "phone",
        "units",
        "tracking",
        "note",
    ];
    let mut table = Table::with(head)?;
    for door in doors {
        let (slot, area) = (door.booking.pickup.slot.clone(), door.booking.area.clone());
        let seen = view(door.clone(), str::to_owned);
        let address = seen.address.unwrap_or_default();
        let text = |text: Option<String>| text.unwrap_or_default();
        table.row([
            day.to_string(),
            slot,
            area,
            seen.rma.to_string(),
            seen.state.code().to_owned(),
            text(seen.name),
            text(address.line1),
            text(address.line2),
            text(address.postal_code),
            text(address.city),
            text(address.region),
            address.country.map(|country| country.to_string()).unwrap_or_default(),
            text(seen.phone),
            seen.units.to_string(),
            text(seen.tracking),
            text(seen.note),
        ])?;
    }
    Ok(table.text()?)
}
