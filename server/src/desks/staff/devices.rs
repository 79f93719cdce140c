//! Devices of the house that people share.

use app::forms::{Fields, noted};
use app::ports::{DeskError, DeviceView, DevicesPage, Mistake, PairPage, PairingView, StaffTold};
use app::staff::{DeviceForm, PersonForm};

use super::door::DOOR;
use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::desks::session::StaffForm;
use crate::security::Incident;
use crate::services::{NotIn, PeopleError};
use crate::store::DeviceRow;

const PAGE: &str = "/staff/devices";
const PAIR: &str = "/staff/pair";

impl StaffDesk {
    pub(super) async fn devices(&self) -> Result<DevicesPage, DeskError> {
        self.admin()?;
        let Kept { told, name, typed, mistakes, .. } = self.take_kept(PAGE).await?;
        let (told, pairing) = match told {
            Some(StaffTold::Pairing { name, code }) => {
                let address = format!("{}{PAIR}", self.services.config.public_url);
                (None, Some(PairingView { link: format!("{address}?code={code}"), name, code, address }))
            }
            told => (told, None),
        };
        let moment = |millis: i64| jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
        let view = |DeviceRow { id, name, warehouses, paired_at, used_at }| DeviceView {
            id,
            name,
            warehouses,
            paired_at: moment(paired_at),
            used_at: moment(used_at),
        };
        let devices = self.services.devices().await.map_err(|error| failed(&error))?.into_iter().map(view).collect();
        Ok(DevicesPage { rail: self.rail(told).await?, devices, pairing, name, warehouses: typed, mistakes })
    }

    /// "Pair a device"
    pub async fn make_pairing(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        let DeviceForm { name, warehouses, typed_warehouses } = DeviceForm::parse(fields);
        let mistake = match self.services.make_pairing(&by, &name, warehouses).await {
            Ok(made) => return self.told(StaffTold::Pairing { name: made.name, code: made.code }, PAGE).await,
            Err(PeopleError::Store(error)) => return Err(failed(&error)),
            Err(PeopleError::Name) => noted(PersonForm::NAME, Mistake::StaffNameMissing),
            Err(_) => noted("", Mistake::StaffNotNow),
        };
        self.keep(Kept { at: PAGE.to_owned(), typed: typed_warehouses, name, mistakes: vec![mistake], ..Kept::default() }).await?;
        Ok(StaffNext::to(PAGE))
    }

    /// "End"
    pub async fn end_device(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        match self.services.end_device(&by, id).await {
            Ok(device) => self.told(StaffTold::DeviceEnded { name: device.name }, PAGE).await,
            Err(PeopleError::Store(error)) => Err(failed(&error)),
            Err(_) => Ok(StaffNext::to(PAGE)),
        }
    }

    /// What the device is called that this is, where it is one of the house.
    pub(super) async fn shared(&self) -> Result<Option<String>, DeskError> {
        let found = self.services.shared_device(self.shared.as_deref()).await.map_err(|error| failed(&error))?;
        Ok(found.map(|device| device.name))
    }

    pub(super) async fn pair_form(&self) -> Result<PairPage, DeskError> {
        let StaffForm { email: code, link, mistakes, .. } = self.visitor.session.data.staff.clone();
        let (code, mistakes) = if link == PAIR { (code, mistakes) } else { Default::default() };
        Ok(PairPage { code, mistakes, paired: self.shared().await? })
    }

    /// "Pair"
    pub async fn pair(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let code = fields.short(DeviceForm::CODE);
        let mistake = match self.services.pair(&code, &self.came()).await {
            Ok(token) => return Ok(StaffNext { shared: Some(token), ..StaffNext::to(DOOR) }),
            Err(NotIn::Store(error)) => return Err(failed(&error)),
            Err(NotIn::TooMany) => (Mistake::SignInTooMany, Incident::TooMany),
            Err(NotIn::Wrong) => (Mistake::PairWrong, Incident::WrongGuess),
        };
        self.note(mistake.1);
        let mistakes = vec![noted(DeviceForm::CODE, mistake.0)];
        self.remember(StaffForm { email: code, link: PAIR.to_owned(), mistakes, ..StaffForm::default() }, PAIR).await
    }
}
