//! Find my order, or a return that was asked for before.

use app::find_order::{OrderSought, ReturnSought};
use app::forms::{Fields, noted};
use app::ports::{DemoDepartment, DeskError, FindPage, Mistake};
use app::ui::CONTACT;
use domain::entry::Wanted;
use domain::ids::OrderNumber;
use domain::rma::RmaNumber;

use super::guess::Recognised;
use super::{Desk, Next};
use crate::desks::session::FindForm;
use crate::services::{Draft, DraftLine, in_place_of};
use crate::store::{self, StoreError};

impl Desk {
    pub(super) async fn find(&self) -> Result<FindPage, DeskError> {
        let form = self.visitor.session.data.find.clone();
        if !form.mistakes.is_empty() {
            // Shown once: who comes back later starts afresh, with what they typed.
            let mut session = self.visitor.session.clone();
            session.data.find.mistakes.clear();
            self.kept_if_it_lives(session).await?;
        }
        let demo = if self.services.config.demo { crate::demo::orders_to_try() } else { Vec::<DemoDepartment>::new() };
        Ok(FindPage {
            number: form.number,
            contact: form.contact,
            rma: form.rma,
            rma_contact: form.rma_contact,
            mistakes: form.mistakes,
            demo,
        })
    }

    /// "Find my order": recognises the visitor and starts (or finds again) a draft.
    pub async fn find_order(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let (OrderSought { number, contact }, mut mistakes) = OrderSought::parse(fields);
        if mistakes.is_empty() {
            match self.recognise_order(&number, &contact).await? {
                Recognised::Theirs(order) => return self.begin(order, None).await,
                Recognised::Guarded => return self.ask_for_code(&contact).await,
                Recognised::Unclear(mistake) => mistakes.push(noted(OrderSought::FORM, mistake)),
                Recognised::NotTheirs => mistakes.push(noted(OrderSought::FORM, Mistake::NoMatch)),
            }
        }
        self.visitor.session.data.find = FindForm { number, contact, mistakes, ..FindForm::default() };
        self.keep_session(false).await?;
        Ok(Next::with_session("/"))
    }

    /// Recognises the visitor for an order and leads to its draft: the one they have begun (if need be in a session that has ended), or a new one.
    pub(super) async fn begin(&mut self, order: OrderNumber, wanted: Option<&Wanted>) -> Result<Next, DeskError> {
        let order = self.bought_with(order).await?;
        let key = order.to_string();
        let session = &mut self.visitor.session;
        let known = session.data.drafts.iter().find(|(of, _)| *of == key).map(|(_, draft)| draft.clone());
        let usable = match known {
            Some(id) => self.services.draft(&id).await?.filter(|(draft, _)| draft.rma.is_none()).map(|_| id),
            None => None,
        };
        // Whose session has ended goes on where they were.
        let data = &session.data;
        let begun = match usable {
            Some(_) => None,
            None => self.services.begun(&order, |other| *other == order || data.knows_order(other.as_str())).await?,
        };
        let page = begun.as_ref().filter(|_| wanted.is_none()).map_or("items", Draft::stands_at);
        let id = match usable.or_else(|| begun.as_ref().map(|draft| draft.id.clone())) {
            Some(id) => id,
            None => self.services.start_draft(vec![order], None).await?,
        };
        session.hold_draft(&key, &id);
        session.data.find = FindForm::default();
        self.keep_session(true).await?;
        if let Some(wanted) = wanted {
            self.choose_beforehand(&id, wanted).await?;
        }
        Ok(Next::with_session(format!("/return/{id}/{page}")))
    }

    /// The order to which goods belong that go out for a return: whoever is known by the one is by the other, if both are of the same customer.
    async fn bought_with(&self, order: OrderNumber) -> Result<OrderNumber, DeskError> {
        let mut read = self.services.store.read().await?;
        let mut conn = read.conn();
        let Some(told) = store::find_telling(&mut conn, order.as_str()).await? else { return Ok(order) };
        let Some((bought, _)) = in_place_of(&mut conn, &told).await? else { return Ok(order) };
        let Some(row) = store::find_order(&mut conn, bought.as_str()).await? else { return Ok(order) };
        Ok(if row.order.customer.is_also(&told.customer) { bought } else { order })
    }

    /// Chooses one unit of an item in a draft in which nothing is chosen yet.
    async fn choose_beforehand(&self, id: &str, wanted: &Wanted) -> Result<(), DeskError> {
        let found = self.services.draft(id).await?;
        let Some((mut draft, version)) = found.filter(|(draft, _)| draft.lines.is_empty()) else { return Ok(()) };
        for number in &draft.orders {
            let (row, outlook) = self.returnable(number).await?;
            let meant = row.order.items().zip(&outlook.lines).find(|(line, seen)| {
                seen.available > 0
                    && match wanted {
                        Wanted::Line(id) => line.id == *id,
                        Wanted::Sku(sku) => line.sku == *sku,
                    }
            });
            draft.lines.extend(meant.map(|(line, _)| DraftLine::new(number.clone(), line.id.clone(), 1)));
        }
        match self.services.keep_draft(id, &draft, version).await {
            Ok(()) | Err(StoreError::Stale(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// "Show my return".
    pub async fn find_return(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let (ReturnSought { typed, contact, rma }, mut mistakes) = ReturnSought::parse(fields);
        if let (true, Some(rma)) = (mistakes.is_empty(), rma) {
            match self.recognise_return(rma, &contact).await? {
                Recognised::Theirs(()) => return self.show(rma).await,
                Recognised::Guarded => return self.ask_for_code(&contact).await,
                Recognised::NotTheirs | Recognised::Unclear(_) => mistakes.push(noted(ReturnSought::RMA, Mistake::ReturnNoMatch)),
            }
        }
        self.visitor.session.data.find = FindForm { rma: typed, rma_contact: contact, mistakes, ..FindForm::default() };
        self.keep_session(false).await?;
        Ok(Next::with_session("/"))
    }

    /// "Is this your return?"
    pub async fn verify(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let contact = fields.short(CONTACT);
        let mistake = if contact.is_empty() {
            Mistake::ContactMissing
        } else {
            match self.recognise_return(rma, &contact).await? {
                Recognised::Theirs(()) => return self.show(rma).await,
                Recognised::Guarded => return self.ask_for_code(&contact).await,
                Recognised::NotTheirs | Recognised::Unclear(_) => Mistake::VerifyNoMatch,
            }
        };
        let data = &mut self.visitor.session.data;
        (data.verify, data.verify_typed) = (Some((rma, noted(CONTACT, mistake))), contact);
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/returns/{rma}")))
    }

    pub(super) async fn show(&mut self, rma: RmaNumber) -> Result<Next, DeskError> {
        self.show_at(rma, "").await
    }

    /// Likewise, on a page of it.
    pub(super) async fn show_at(&mut self, rma: RmaNumber, page: &str) -> Result<Next, DeskError> {
        let session = &mut self.visitor.session;
        session.recognise_return(rma);
        session.data.find = FindForm::default();
        (session.data.verify, session.data.verify_typed) = (None, String::new());
        self.keep_session(true).await?;
        Ok(Next::with_session(format!("/returns/{rma}{page}")))
    }
}
