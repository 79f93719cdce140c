//! A decision about a return: by whoever may, on the state that they looked at, within their limits.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted, StaffTold};
use app::staff::{Decide, TAKEN_BACK};
use domain::returns::{Command, CommandId, CommandKind, Refused};
use domain::rma::RmaNumber;

use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Access, ChangeError, may_not, within_limits};
use crate::store::StoreError;

/// Why a decision was not taken.
enum NotDecided {
    Mistaken(Noted),
    Change(ChangeError),
}

impl From<ChangeError> for NotDecided {
    fn from(error: ChangeError) -> Self {
        Self::Change(error)
    }
}

impl From<StoreError> for NotDecided {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl StaffDesk {
    /// A decision from the page of a return.
    pub async fn decide(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let page = format!("/staff/returns/{rma}");
        let typed = Decide::typed(fields);
        let form = match Decide::parse(fields) {
            Ok(form) => form,
            Err(mistake) => return self.mistaken(page, typed, vec![mistake]).await,
        };
        let kind = form.decision.kind();
        let Some(access) = Access::of_staff(&member, rma, kind, self.services.seal_of(self.visitor.address)) else {
            return self.mistaken(page, typed, vec![noted("", may_not(kind))]).await;
        };
        // Looked up before: afterwards it is not in the queue any more.
        let next = match self.found(rma).await? {
            Some(request) => self.next_after(&request).await?,
            None => return Err(DeskError::NotFound),
        };
        let (words_at, decides) = (form.words_field(), form.decision.decides());
        let decided = self
            .services
            .carry_out(access, None, move |request| {
                within_limits(&member, &form, request).map_err(|mistake| NotDecided::Mistaken(noted("", mistake)))?;
                Ok::<Command, NotDecided>(form.command(request))
            })
            .await;
        match decided {
            Ok(carried) => {
                let next = match decides {
                    true => next.map_or_else(|| "/staff".to_owned(), |next| format!("/staff/returns/{next}")),
                    false => page,
                };
                self.told(
                    StaffTold::Done { rma, command: kind.code().to_owned(), undo: carried.command.map(|command| command.to_string()) },
                    next,
                )
                .await
            }
            Err(NotDecided::Mistaken(mut mistake)) => {
                if mistake.field.is_empty() && mistake.mistake == Mistake::StaffOverrideReason {
                    mistake.field = words_at.to_owned();
                }
                self.mistaken(page, typed, vec![mistake]).await
            }
            Err(NotDecided::Change(ChangeError::Unknown)) => Err(DeskError::NotFound),
            Err(NotDecided::Change(ChangeError::Refused(Refused::Day { least, most }))) => {
                self.mistaken(page, typed, vec![noted(Decide::UNTIL, Mistake::StaffDay { least, most })]).await
            }
            Err(NotDecided::Change(ChangeError::Refused(_))) => self.mistaken(page, typed, vec![noted("", Mistake::StaffNotNow)]).await,
            Err(NotDecided::Change(ChangeError::Store(StoreError::Newer))) => {
                self.mistaken(page, typed, vec![noted("", Mistake::Changed)]).await
            }
            Err(NotDecided::Change(error)) => Err(failed(&error)),
        }
    }
}

impl StaffDesk {
    /// "Undo", beside what was just done.
    pub async fn take_back(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let page = format!("/staff/returns/{rma}");
        let kind = CommandKind::TakeBack;
        let Some(access) = Access::of_staff(&member, rma, kind, self.services.seal_of(self.visitor.address)) else {
            return self.mistaken(page, String::new(), vec![noted("", may_not(kind))]).await;
        };
        match self.services.take_back(access, CommandId::new(fields.get(TAKEN_BACK))).await {
            Ok(_) => self.told(StaffTold::Done { rma, command: kind.code().to_owned(), undo: None }, page).await,
            Err(ChangeError::Unknown) => Err(DeskError::NotFound),
            Err(ChangeError::Refused(_)) => self.mistaken(page, String::new(), vec![noted("", Mistake::StaffTooLate)]).await,
            Err(error) => Err(failed(&error)),
        }
    }
}
