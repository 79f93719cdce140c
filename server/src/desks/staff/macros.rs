//! Macros: kept by each role for itself; shown as what they would do, then done as whoever presses them.

use app::forms::{Fields, noted};
use app::ports::{DeskError, MacroPage, MacroSeen, MacroView, MacrosPage, Mistake, StaffTold};
use app::staff::MacroForm;
use domain::desk::{Act, Deed};
use domain::returns::Role;
use domain::rma::RmaNumber;

use super::queue::names_of;
use super::shared::typed_again;
use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::secrets;
use crate::services::{IdempotencyKey, Looked, NotDone, Shared, SharedKind, is_shared_name, new_shared};
use crate::store::StaffRow;

const PAGE: &str = "/staff/macros";

impl StaffDesk {
    /// Macros of whoever is in: those of their roles.
    pub(super) async fn own_macros(&self) -> Result<Vec<Shared<Deed>>, DeskError> {
        let roles = self.member()?.roles.of_tasks();
        let all = self.services.shared::<Deed>().await.map_err(|error| failed(&error))?;
        Ok(all.into_iter().filter(|found| roles.contains(&found.role)).collect())
    }

    /// Names of saved replies, and of colleagues who are there.
    pub(super) async fn chosen_from(&self) -> Result<(Vec<(String, String)>, Vec<(String, String)>), DeskError> {
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        Ok((self.reply_names().await?, names_here(&people)))
    }

    /// What a deed is, with the text of its reply as that is now.
    pub(super) async fn act_of(&self, deed: &Deed) -> Result<Result<Act, Mistake>, DeskError> {
        let Some(id) = &deed.reply else { return Ok(Ok(deed.clone().with(Default::default()))) };
        let reply = self.saved_replies().await?.into_iter().find(|reply| reply.id == *id);
        Ok(reply.map(|reply| deed.clone().with(reply.of)).ok_or(Mistake::ReplyGone))
    }

    pub(super) async fn macros(&self) -> Result<MacrosPage, DeskError> {
        let kept = self.take_kept(PAGE).await?;
        let roles = self.member()?.roles.of_tasks();
        let view = |found: Shared<Deed>| MacroView { id: found.id, name: found.name, role: found.role, deed: found.of };
        let mut macros: Vec<MacroView> = self.own_macros().await?.into_iter().map(view).collect();
        let role = roles.first().copied().unwrap_or(Role::Support);
        let mut new = MacroView { id: new_shared(), name: String::new(), role, deed: Deed::default() };
        let typed = |name, code: &str, deed| {
            let role = roles.iter().copied().find(|known| known.code() == code).unwrap_or(role);
            MacroView { id: kept.open.clone(), name, role, deed }
        };
        typed_again(&kept, &mut macros, &mut new, |found| &found.id, typed);
        let (replies, colleagues) = self.chosen_from().await?;
        let (rail, most) = (self.rail(kept.told).await?, Deed::MOST);
        Ok(MacrosPage { rail, macros, new, open: kept.open, most, replies, colleagues, mistakes: kept.mistakes })
    }

    /// "Save".
    pub async fn put_macro(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.member()?.clone();
        let form = MacroForm::parse(fields);
        let there = self.services.shared::<Deed>().await.map_err(|error| failed(&error))?;
        let roles = by.roles.of_tasks();
        let theirs = |role: &Role| roles.contains(role);
        if !is_shared_name(id) || there.iter().any(|found| found.id == id && !theirs(&found.role)) {
            return Err(DeskError::NotFound);
        }
        let Some(role) = form.role.filter(theirs) else { return Err(DeskError::NotFound) };
        let found = Shared { id: id.to_owned(), role, name: form.name, made_by: by.id.clone(), of: form.deed };
        self.save(PAGE, &by, found, form.mistakes).await
    }

    /// "Delete".
    pub async fn drop_macro(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.member()?.clone();
        if self.own_macros().await?.iter().any(|found| found.id == id) {
            self.services.share_no_more::<Deed>(&by, id).await.map_err(|error| failed(&error))?;
        }
        self.told(StaffTold::Deleted, PAGE).await
    }

    /// What a macro would do to a return, or why it cannot.
    pub(super) async fn macro_ahead(&self, rma: &str, id: &str) -> Result<MacroPage, DeskError> {
        let kept = self.take_kept(&format!("/staff/returns/{rma}/macro?macro={id}")).await?;
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let found = self.own_macros().await?.into_iter().find(|found| found.id == id).ok_or(DeskError::NotFound)?;
        let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
        let looked = self.looked(rma, request.version)?;
        let (seal, tried) = match self.act_of(&found.of).await? {
            Ok(act) => (sealed(&act)?, self.services.try_act(&looked, &act).await),
            Err(mistake) => (String::new(), Err(NotDone::Refused(mistake))),
        };
        let (words, idle, refused) = match tried {
            Ok(tried) => (tried.words, tried.idle, None),
            Err(error) => (None, false, Some(error.told().map_err(|error| failed(&error))?)),
        };
        let (replies, colleagues) = self.chosen_from().await?;
        let press = MacroSeen { id: found.id, version: request.version, key: new_shared(), seal };
        let (rail, name, deed) = (self.rail(kept.told).await?, found.name, found.of);
        Ok(MacroPage { rail, rma, name, deed, replies, colleagues, words, idle, refused, press, mistakes: kept.mistakes })
    }

    /// "Do it".
    pub async fn press_macro(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let (seen, page) = (MacroSeen::parse(fields), format!("/staff/returns/{rma}"));
        if !is_shared_name(&seen.key) {
            return Err(DeskError::NotFound);
        }
        let found = self.own_macros().await?.into_iter().find(|found| found.id == seen.id).ok_or(DeskError::NotFound)?;
        let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
        let next = self.next_after(&request).await?;
        let done = match self.act_of(&found.of).await? {
            Ok(act) if sealed(&act)? == seen.seal => {
                let looked = self.looked(rma, seen.version)?;
                let scope = format!("macro:{}", looked.member.id);
                let key = IdempotencyKey { scope, key: seen.key, digest: seen.seal, request: None, answer: None };
                self.services.act(looked, act, key).await
            }
            Ok(_) => Err(NotDone::Refused(Mistake::MacroChanged)),
            Err(mistake) => Err(NotDone::Refused(mistake)),
        };
        match done {
            Ok(carried) if carried.again => self.told(StaffTold::Already { rma }, page).await,
            Ok(carried) => {
                let leaves = found.of.ruling.is_some() || found.of.hand.is_some();
                let next = if leaves { next.map_or_else(|| "/staff".to_owned(), |next| format!("/staff/returns/{next}")) } else { page };
                self.told(StaffTold::Acted { rma, name: found.name, undo: carried.command.map(|command| command.to_string()) }, next).await
            }
            Err(error) => {
                let mistake = error.told().map_err(|error| failed(&error))?;
                self.mistaken(format!("{page}/macro?macro={}", found.id), String::new(), vec![noted("", mistake)]).await
            }
        }
    }

    /// What whoever is in has looked at.
    pub(super) fn looked(&self, rma: RmaNumber, version: u64) -> Result<Looked, DeskError> {
        Ok(Looked { member: self.member()?.clone(), address: self.services.seal_of(self.visitor.address), rma, version })
    }
}

/// Says what an act was when it was seen.
fn sealed(act: &Act) -> Result<String, DeskError> {
    Ok(secrets::digest(&serde_json::to_string(act).map_err(|error| failed(&error))?))
}

/// What colleagues are called who are there.
pub(super) fn names_here(people: &[StaffRow]) -> Vec<(String, String)> {
    names_of(people.iter().filter(|row| row.ended_at.is_none()))
}
