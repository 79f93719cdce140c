//! Goods on their way out: asked about from the page of an order, and answered on the page of the return that it is (P23).

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted, StaffTold};
use app::staff::{AskOutbound, OutboundForm};
use domain::returns::{CommandKind, NotOutbound, Refused};
use domain::rma::RmaNumber;

use super::{StaffDesk, StaffNext, order_path};
use crate::desks::failed;
use crate::services::{Access, ChangeError, IdempotencyKey, OpenOutbound, OutboundError, may_not, within_refunds};
use crate::store::{self, StoreError};

/// Why nothing was said.
enum NotSaid {
    Mistaken(Noted),
    Change(ChangeError),
}

impl From<ChangeError> for NotSaid {
    fn from(error: ChangeError) -> Self {
        Self::Change(error)
    }
}

impl From<StoreError> for NotSaid {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl StaffDesk {
    /// "Open the case", on the page of an order.
    pub async fn open_outbound(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let page = order_path(number);
        let typed = serde_json::to_string(&AskOutbound::typed(fields).into_iter().collect::<Vec<_>>()).unwrap_or_default();
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let found = store::find_order(&mut read.conn(), number).await.map_err(|error| failed(&error))?;
        drop(read);
        let order = found.ok_or(DeskError::NotFound)?.order;
        let lines: Vec<_> = order.lines.iter().map(|line| line.id.clone()).collect();
        let form = match AskOutbound::parse(fields, &lines) {
            Ok(form) => form,
            Err(mistake) => return self.mistaken(page, typed, vec![mistake]).await,
        };
        let seal = self.services.seal_of(self.visitor.address);
        let Some(access) = Access::staff_to_open_outbound(&member, order.number.clone(), seal) else {
            return self.mistaken(page, typed, vec![noted("", may_not(CommandKind::AnswerOutbound))]).await;
        };
        let key = Some(form.key.clone()).filter(|key| !key.is_empty()).map(|key| IdempotencyKey {
            scope: format!("staff:{}", member.id),
            key,
            digest: String::new(),
            request: Some(format!("outbound {}", order.number)),
            answer: None,
        });
        let channel = "phone".parse().map_err(|error| failed(&error))?;
        let AskOutbound { kind, delivery, lines, by, wish, until, words, note, .. } = form;
        let asked =
            OpenOutbound { kind, delivery, lines, reported_by: by, resolution: Some(wish), words, note, until, channel, locale: None };
        match self.services.open_outbound(access, asked, key).await {
            Ok(opened) => Ok(StaffNext::to(format!("/staff/returns/{}", opened.request.rma))),
            Err(OutboundError::Unknown) => Err(DeskError::NotFound),
            Err(error) => {
                let mistake = not_opened(error)?;
                self.mistaken(page, typed, vec![mistake]).await
            }
        }
    }

    /// What became of it, or that its carrier was asked, on the page of a return.
    pub async fn outbound(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let page = format!("/staff/returns/{rma}");
        let typed = serde_json::to_string(&AskOutbound::typed(fields).into_iter().collect::<Vec<_>>()).unwrap_or_default();
        let (form, version) = match OutboundForm::parse(fields) {
            Ok(form) => form,
            Err(mistake) => return self.mistaken(page, typed, vec![mistake]).await,
        };
        let kind = form.kind();
        let Some(access) = Access::of_staff(&member, rma, kind, self.services.seal_of(self.visitor.address)) else {
            return self.mistaken(page, typed, vec![noted("", may_not(kind))]).await;
        };
        let said = self.services.carry_out(access, None, move |request| {
            let wrong = |mistake| Err(NotSaid::Mistaken(noted("", mistake)));
            if version != request.version {
                return wrong(Mistake::Changed);
            }
            match within_refunds(&member.limits, request) {
                Err(mistake) if form.gives() => wrong(mistake),
                _ => Ok(form.command()),
            }
        });
        let mistake = match said.await {
            Ok(carried) => {
                let undo = carried.command.map(|command| command.to_string());
                return self.told(StaffTold::Done { rma, command: kind.code().to_owned(), undo }, page).await;
            }
            Err(NotSaid::Mistaken(mistake)) => mistake,
            Err(NotSaid::Change(ChangeError::Unknown)) => return Err(DeskError::NotFound),
            Err(NotSaid::Change(ChangeError::Refused(Refused::Day { least, most }))) => {
                noted(OutboundForm::UNTIL, Mistake::StaffDay { least, most })
            }
            Err(NotSaid::Change(ChangeError::Refused(_))) => noted("", Mistake::StaffNotNow),
            Err(NotSaid::Change(ChangeError::Store(StoreError::Newer))) => noted("", Mistake::Changed),
            Err(NotSaid::Change(error)) => return Err(failed(&error)),
        };
        self.mistaken(page, typed, vec![mistake]).await
    }
}

/// Why no case was opened, at the field where that can be mended.
fn not_opened(error: OutboundError) -> Result<Noted, DeskError> {
    let why = |code: &str| Mistake::NotOutbound { why: code.to_owned() };
    Ok(match error {
        OutboundError::Refused(refused @ (NotOutbound::UnknownDelivery | NotOutbound::WhichDelivery)) => {
            noted(AskOutbound::DELIVERY, why(refused.code()))
        }
        OutboundError::Refused(refused) => noted(AskOutbound::KIND, why(refused.code())),
        OutboundError::NothingLeft(_) => noted(AskOutbound::KIND, why("nothing_left")),
        OutboundError::UnknownLine(line) => noted(AskOutbound::units_of(line.as_str()), Mistake::OutboundUnits { left: 0 }),
        OutboundError::Units { line, available } => noted(AskOutbound::units_of(line.as_str()), Mistake::OutboundUnits { left: available }),
        OutboundError::Resolution => noted(AskOutbound::WISH, Mistake::Unanswered),
        OutboundError::Day { least, most } => noted(AskOutbound::UNTIL, Mistake::StaffDay { least, most }),
        OutboundError::KeyReused | OutboundError::Store(StoreError::Newer) => noted("", Mistake::Changed),
        OutboundError::Unknown => return Err(DeskError::NotFound),
        OutboundError::Store(error) => return Err(failed(&error)),
    })
}
