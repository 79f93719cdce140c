//! "It did not arrive" (P23).

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake};
use app::start_return::NotArrived;
use domain::returns::{OutboundKind, ReportedBy};

use super::{Desk, Next};
use crate::desks::failed;
use crate::desks::staff::order_path;
use crate::services::{Access, OpenOutbound, OutboundError, web};

impl Desk {
    /// Asks where a delivery is that an order of the draft tells of. Pressed twice it is one case: its units are taken then.
    pub async fn not_arrived(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (draft, version) = self.own_draft(id).await?;
        let form = match NotArrived::parse(fields) {
            Ok(form) => form,
            Err(mistake) => {
                let next = self.kept(id, "items", draft, version, vec![mistake], "items").await?;
                return Ok(next.unwrap_or_else(|| Next::to(format!("/return/{id}/items"))));
            }
        };
        let order = draft.orders.iter().find(|number| number.as_str() == form.order).cloned().ok_or(DeskError::NotFound)?;
        // Colleagues have a page for it, with more to say.
        if draft.by.is_some() {
            return Err(DeskError::Moved(order_path(order.as_str())));
        }
        let asked = OpenOutbound {
            kind: OutboundKind::NotReceived,
            delivery: Some(form.delivery),
            lines: Vec::new(),
            reported_by: ReportedBy::Customer,
            resolution: Some(form.wish),
            words: form.words,
            note: None,
            until: None,
            channel: web(),
            locale: Some(self.visitor.locale),
        };
        let why = match self.services.open_outbound(Access::shopper_to_report(order), asked, None).await {
            Ok(opened) => {
                let rma = opened.request.rma;
                self.visitor.session.recognise_return(rma);
                self.keep_session(false).await?;
                return Ok(Next::with_session(format!("/returns/{rma}")));
            }
            Err(OutboundError::NothingLeft(returns)) => match returns.first() {
                Some(rma) => return Ok(Next::to(format!("/returns/{rma}"))),
                None => "nothing_left",
            },
            Err(OutboundError::Refused(refused)) => refused.code(),
            Err(OutboundError::Store(error)) => return Err(failed(&error)),
            Err(_) => return Err(DeskError::NotFound),
        };
        let mistake = noted(NotArrived::FORM, Mistake::NotOutbound { why: why.to_owned() });
        let next = self.kept(id, "items", draft, version, vec![mistake], "items").await?;
        Ok(next.unwrap_or_else(|| Next::to(format!("/return/{id}/items"))))
    }
}
