//! Changes to a return: items added, a new label, another way back, and what needs nothing but the return.

use app::forms::{CommandForm, Fields, noted};
use app::ports::{DeskError, Mistake, Noted, Told};
use app::start_return::WayBack;
use app::track_return::bank::BankForm;
use app::track_return::door::DoorForm;
use domain::ids::OrderNumber;
use domain::policy::Method;
use domain::returns::{Refused, Status};
use domain::rma::RmaNumber;

use super::{Desk, Next};
use crate::desks::failed;
use crate::services::{ChangeError, NoPage, OtherWay, PayPage, TransferError, Wrong};
use crate::store::StoreError;

impl Desk {
    /// "Add a forgotten item": a draft that joins the return.
    pub async fn add_items(&mut self, rma: &str, _: &Fields) -> Result<Next, DeskError> {
        let request = self.own_return(rma).await?;
        // What was cancelled is asked for anew, in a return of its own.
        let again = request.status() == Status::Cancelled;
        if !again && request.check_changeable().is_err() {
            return self.not_changed(request.rma, Mistake::NoLonger).await;
        }
        let orders: Vec<OrderNumber> = request.orders.iter().map(|part| part.number.clone()).collect();
        let session = &mut self.visitor.session;
        orders.iter().for_each(|order| session.recognise_order(order.as_str()));
        let id = self.services.start_draft(orders, (!again).then_some(request.rma)).await?;
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/return/{id}/items")))
    }

    /// "Get a new label".
    pub async fn new_label(&mut self, rma: &str, _: &Fields) -> Result<Next, DeskError> {
        let access = self.own(rma).await?;
        let rma = access.rma();
        match self.services.reissue_label(access, None).await {
            Ok(_) => self.changed(rma, "", Told::Label).await,
            Err(error) => self.change_failed(rma, error).await,
        }
    }

    /// "Pay the difference": on a page of the gateway's.
    pub async fn pay_due(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let rma = self.own(rma).await?.rma();
        let order: Option<OrderNumber> = fields.maybe("order").and_then(|order| order.parse().ok());
        match self.services.pay_page(rma, order.as_ref()).await {
            Ok(PayPage::At(url)) => Ok(Next::to(url)),
            Ok(PayPage::Nowhere) => Ok(Next::to(format!("/returns/{rma}"))),
            Err(NoPage::NotNow(why)) => {
                tracing::warn!(%rma, why, "there is no page to pay on");
                self.not_changed(rma, Mistake::PayNotNow).await
            }
            Err(NoPage::Change(error)) => self.change_failed(rma, error).await,
            Err(NoPage::Store(error)) => self.change_failed(rma, error.into()).await,
        }
    }

    /// "Send it another way".
    pub async fn switch_method(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let access = self.own(rma).await?;
        let rma = access.rma();
        let way = WayBack::parse(fields);
        let Some(method) = way.method else { return self.other_way_asked(rma, WayBack::METHOD, Mistake::MethodMissing).await };
        let from = self.typed_door(rma, false).filter(|_| method == Method::Pickup);
        match self.services.switch_method(access, OtherWay { method, pickup: way.pickup, from }, None).await {
            Ok(_) => self.changed(rma, "", Told::Way).await,
            Err(ChangeError::Problems(problems)) if problems.iter().any(|problem| matches!(problem.wrong, Wrong::NobodyCalls)) => {
                self.other_way_asked(rma, WayBack::METHOD, Mistake::NobodyCalls).await
            }
            Err(ChangeError::Problems(problems)) if problems.iter().any(|problem| matches!(problem.wrong, Wrong::PickupFull)) => {
                self.other_way_asked(rma, WayBack::PICKUP, Mistake::PickupFull).await
            }
            Err(ChangeError::Problems(problems)) if problems.iter().any(|problem| problem.field == WayBack::PICKUP) => {
                self.other_way_asked(rma, WayBack::PICKUP, Mistake::PickupMissing).await
            }
            Err(ChangeError::Problems(_)) => self.other_way_asked(rma, WayBack::METHOD, Mistake::MethodMissing).await,
            Err(error) => self.change_failed(rma, error).await,
        }
    }

    /// "Collect it there": at the day and time that were chosen before, where there is room; else another is asked for.
    pub async fn another_door(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let access = self.own(rma).await?;
        let rma = access.rma();
        let request = self.own_return(&rma.to_string()).await?;
        if request.method != Method::Pickup || request.check_changeable().is_err() {
            return self.not_changed(rma, Mistake::NoLonger).await;
        }
        let (from, mistakes) = DoorForm::parse(fields, request.from.as_ref());
        let page = format!("/{}", DoorForm::PAGE);
        self.visitor.session.data.door = Some((rma, from.clone(), false));
        if !mistakes.is_empty() {
            self.visitor.session.data.change = Some((rma, mistakes));
            self.keep_session(false).await?;
            return Ok(Next::with_session(format!("/returns/{rma}{page}")));
        }
        let address = from.line1.clone().unwrap_or_default();
        let way = OtherWay { method: Method::Pickup, pickup: request.pickup.clone(), from: Some(from.clone()) };
        match self.services.switch_method(access, way, None).await {
            Ok(_) => self.changed(rma, "", Told::Way).await,
            Err(ChangeError::Problems(problems)) => {
                let of = |field: &str| problems.iter().any(|problem| problem.field == field);
                if of(WayBack::PICKUP) {
                    self.visitor.session.data.door = Some((rma, from, true));
                    return self.other_way_asked(rma, WayBack::PICKUP, Mistake::DoorTime { address }).await;
                }
                self.told_at(rma, &page, noted(DoorForm::POSTAL, Mistake::NobodyCalls)).await
            }
            Err(error) => self.change_failed(rma, error).await,
        }
    }

    async fn other_way_asked(&mut self, rma: RmaNumber, field: &str, mistake: Mistake) -> Result<Next, DeskError> {
        self.told_at(rma, "/method", noted(field, mistake)).await
    }

    /// That page of a return, with what was wrong.
    async fn told_at(&mut self, rma: RmaNumber, page: &str, noted: Noted) -> Result<Next, DeskError> {
        self.visitor.session.data.change = Some((rma, vec![noted]));
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/returns/{rma}{page}")))
    }

    /// A page of the return; its own says on top what was done.
    pub(super) async fn changed(&mut self, rma: RmaNumber, page: &str, told: Told) -> Result<Next, DeskError> {
        let data = &mut self.visitor.session.data;
        (data.change, data.door, data.told) = (None, None, Some((rma, told)));
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/returns/{rma}{page}")))
    }

    async fn not_changed(&mut self, rma: RmaNumber, mistake: Mistake) -> Result<Next, DeskError> {
        self.told_at(rma, "", noted("", mistake)).await
    }

    async fn change_failed(&mut self, rma: RmaNumber, error: ChangeError) -> Result<Next, DeskError> {
        match error {
            ChangeError::Unknown => Err(DeskError::NotFound),
            ChangeError::Refused(Refused::Unanswered { most }) => self.not_changed(rma, Mistake::TalkFull { most }).await,
            ChangeError::Refused(_) | ChangeError::NoLabel => self.not_changed(rma, Mistake::NoLonger).await,
            ChangeError::Store(StoreError::Newer) => self.not_changed(rma, Mistake::Changed).await,
            ChangeError::TooManyLabels => self.not_changed(rma, Mistake::TooManyLabels).await,
            ChangeError::Apart | ChangeError::Problems(_) | ChangeError::Declined(_) => self.not_changed(rma, Mistake::Apart).await,
            error => Err(failed(&error)),
        }
    }

    /// "This is my account".
    pub async fn name_account(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let access = self.own(rma).await?;
        let rma = access.rma();
        let payee = match BankForm::parse(fields) {
            Ok(payee) => payee,
            Err(mistakes) => {
                self.visitor.session.data.change = Some((rma, mistakes));
                self.keep_session(false).await?;
                return Ok(Next::with_session(format!("/returns/{rma}/{}", BankForm::PAGE)));
            }
        };
        match self.services.name_account(access, payee).await {
            Ok(()) => self.changed(rma, "", Told::Account).await,
            Err(TransferError::Store(StoreError::Newer)) => self.not_changed(rma, Mistake::Changed).await,
            Err(TransferError::Store(error)) => Err(failed(&error)),
            Err(_) => self.not_changed(rma, Mistake::NoLonger).await,
        }
    }

    /// What gives a command on a return.
    pub async fn command<F: CommandForm>(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let access = self.own(rma).await?;
        let rma = access.rma();
        let form = match F::parse(fields) {
            Ok(form) => form,
            Err(noted) => return self.told_at(rma, &format!("/{}", F::PAGE), noted).await,
        };
        match self.services.carry_out(access, None, |request| Ok(form.command(request))).await {
            Ok(carried) => self.changed(rma, F::NEXT, F::told(&carried.request)).await,
            Err(error) => self.change_failed(rma, error).await,
        }
    }
}
