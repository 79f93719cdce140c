//! Devices of the house, such as the tablet at a dock: an admin lets one become such by a code that is typed there, and on it somebody of the warehouse
//! comes in by their password alone. The device is the second factor; what they may there is what the warehouse may.

use domain::ids::EmailAddress;
use domain::plain::maybe_line;
use domain::staff::Member;
use uuid::Uuid;

use super::password;
use super::people::{LONGEST_STAFF_NAME, PeopleError, actor};
use super::sign_in::{Came, NotIn, SignIn};
use crate::secrets;
use crate::services::Services;
use crate::store::{self, AuditNote, DeviceRow, StoreError};

/// How long a code waits to be typed, milliseconds.
const PAIRING_LIFE: i64 = 10 * 60 * 1000;
/// What a code is sealed for.
const PURPOSE: &str = "staff.pairing";
/// Devices: more are a slip.
const MOST: usize = 500;
/// Letters of a code: none that is taken for another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// So many: 40 bits, of which an address may try ten in a quarter of an hour.
const LENGTH: usize = 8;

/// What is to be typed on a device.
#[derive(Clone, Debug)]
pub struct PairingMade {
    pub name: String,
    pub code: String,
}

fn subject(id: &str) -> String {
    format!("device:{id}")
}

/// A code as it is compared: however it was typed.
fn bare(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

impl Services {
    pub async fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_devices(&mut read.conn()).await
    }

    /// Lets a device be paired; `warehouses`: where it stands, none named: wherever whoever uses it works.
    pub async fn make_pairing(&self, by: &Member, name: &str, warehouses: Vec<String>) -> Result<PairingMade, PeopleError> {
        let actor = actor(Some(by))?;
        let name = maybe_line(Some(name), LONGEST_STAFF_NAME).ok_or(PeopleError::Name)?;
        let code: String = (0..LENGTH).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
        let (seal, now) = (self.secret.seal(PURPOSE, &code), self.clock.millis());
        let device =
            DeviceRow { id: format!("d_{}", Uuid::now_v7().simple()), name: name.clone(), warehouses, paired_at: now, used_at: now };
        let note = self.device_note(actor, "make_pairing", &device);
        let made = self.store.write(move |mut conn| {
            Box::pin(async move {
                let all = store::list_devices(&mut conn).await?.len();
                if all >= MOST || !store::put_pairing(&mut conn, &seal, &device, now + PAIRING_LIFE, now).await? {
                    return Err(PeopleError::TooMany);
                }
                Ok(store::note_audit(&mut conn, &note).await?)
            })
        });
        made.await?;
        Ok(PairingMade { name, code: format!("{}-{}", &code[..LENGTH / 2], &code[LENGTH / 2..]) })
    }

    /// Makes whatever a code is typed on a device of the house; answers what it keeps.
    pub async fn pair(&self, code: &str, came: &Came) -> Result<String, NotIn> {
        let counted = self.count_tries(came, &format!("pairing:{}", came.address), None).await?;
        let (seal, token, now) = (self.secret.seal(PURPOSE, &bare(code)), secrets::token(), self.clock.millis());
        let (digest, services, address) = (secrets::digest(&token), self.clone(), self.seal_of(came.address));
        let paired = self.store.write(move |mut conn| {
            Box::pin(async move {
                let device = store::pair_device(&mut conn, &seal, &digest, now).await?.ok_or(NotIn::Wrong)?;
                for subject in &counted {
                    store::give_back(&mut conn, subject).await?;
                }
                let note = services.device_note(device.id.clone(), "pair_device", &device);
                Ok::<_, NotIn>(store::note_audit(&mut conn, &AuditNote { address: Some(address), ..note }).await?)
            })
        });
        paired.await?;
        Ok(token)
    }

    /// It is a device of the house no longer, and who was in on it is out.
    pub async fn end_device(&self, by: &Member, id: &str) -> Result<DeviceRow, PeopleError> {
        let actor = actor(Some(by))?;
        let device = self.devices().await?.into_iter().find(|device| device.id == id).ok_or(PeopleError::Unknown)?;
        let (note, ended) = (self.device_note(actor, "end_device", &device), device.id.clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if !store::end_device(&mut conn, &ended).await? {
                    return Err(PeopleError::Unknown);
                }
                Ok(store::note_audit(&mut conn, &note).await?)
            })
        });
        written.await?;
        Ok(device)
    }

    /// Which of them that is; `token`: what it keeps.
    pub async fn shared_device(&self, token: Option<&str>) -> Result<Option<DeviceRow>, StoreError> {
        let Some(token) = token else { return Ok(None) };
        let mut read = self.store.read().await?;
        store::device_of(&mut read.conn(), &secrets::digest(token)).await
    }

    pub(super) async fn sign_in_on(&self, device: DeviceRow, email: &str, password: String, came: &Came) -> Result<SignIn, NotIn> {
        let key = email.parse::<EmailAddress>().map_or_else(|_| String::new(), |email| email.key());
        let counted = self.count_tries(came, &key, Some(&format!("{}.{key}", device.id))).await?;
        let mut read = self.store.read().await?;
        let found = store::find_staff_of_email(&mut read.conn(), &key).await?.filter(|row| row.ended_at.is_none());
        drop(read);
        let fits = password::fits(password, found.as_ref().and_then(|row| row.password.clone())).await;
        let Some(row) = found else { return Err(NotIn::Wrong) };
        let id = row.member.id.clone();
        let Some(member) = row.member.on_shared_device(&device.warehouses).filter(|_| fits) else {
            self.audit_sign_in(&id, "sign_in_refused", came).await?;
            return Err(NotIn::Wrong);
        };
        let (token, mut session) = self.session_from(came);
        session.device = Some(device.id.clone());
        let after = serde_json::json!({ "device": device.id }).to_string();
        let note = AuditNote { after: Some(after), ..self.note_of_sign_in(&id, "sign_in_on_device", came) };
        let now = self.clock.millis();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                store::begin_staff_session(&mut conn, &id, &session).await?;
                store::note_use_of_device(&mut conn, &device.id, now).await?;
                for subject in &counted {
                    store::give_back(&mut conn, subject).await?;
                }
                store::note_audit(&mut conn, &note).await
            })
        });
        written.await.map_err(|error: StoreError| NotIn::Store(error))?;
        let kept = self.known_device(came, &key).map_or_else(|| self.device_of(&key), str::to_owned);
        Ok(SignIn { member, token, device: kept })
    }

    fn device_note(&self, actor: String, what: &str, device: &DeviceRow) -> AuditNote {
        let stands = serde_json::json!({ "name": device.name, "warehouses": device.warehouses }).to_string();
        AuditNote {
            at: self.clock.millis(),
            actor,
            what: what.to_owned(),
            subject: subject(&device.id),
            after: Some(stands),
            ..AuditNote::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["ABCD-2345", "abcd2345", " abcd 2345 ", "AbCd–2345"] {
            assert_eq!(bare(typed), "ABCD2345");
        }
    }
}
