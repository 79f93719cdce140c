//! A decision about a return: by whoever may, on the state that they looked at, within their limits.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted, StaffTold};
use app::staff::Decide;
use domain::returns::Command;
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
            Ok(_) => {
                let next = match decides {
                    true => next.map_or_else(|| "/staff".to_owned(), |next| format!("/staff/returns/{next}")),
                    false => page,
                };
                self.told(StaffTold::Done { rma, command: kind.code().to_owned() }, next).await
            }
            Err(NotDecided::Mistaken(mut mistake)) => {
                if mistake.field.is_empty() && mistake.mistake == Mistake::StaffOverrideReason {
                    mistake.field = words_at.to_owned();
                }
                self.mistaken(page, typed, vec![mistake]).await
            }
            Err(NotDecided::Change(ChangeError::Unknown)) => Err(DeskError::NotFound),
            Err(NotDecided::Change(ChangeError::Refused(_))) => self.mistaken(page, typed, vec![noted("", Mistake::StaffNotNow)]).await,
            Err(NotDecided::Change(ChangeError::Store(StoreError::Newer))) => {
                self.mistaken(page, typed, vec![noted("", Mistake::Changed)]).await
            }
            Err(NotDecided::Change(error)) => Err(failed(&error)),
        }
    }
}
