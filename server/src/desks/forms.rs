//! The shopper's forms: each answer is checked, kept in the draft with what is wrong with it, and leads to the next page.

use app::ports::{CheckPage, DeskError, Mistake, Noted};
use domain::entry::Wanted;
use domain::ids::{Code, OrderNumber, phone_key};
use domain::item::{FITS, LONGEST_COMMENT};
use domain::policy::{Decision, Method, Resolution};
use domain::returns::{Actor, LineNo, Pickup};
use domain::rma::RmaNumber;
use domain::words::Locale;

use super::draft::{Draft, DraftLine};
use super::session::FindForm;
use super::shopper::{Desk, failed, noted};
use super::views::{has_label, travels, unanswered};
use crate::services::{ChangeError, IdempotencyKey, OpenError, PartCancelled, Wrong};
use crate::store::{SENT_OFF, StoreError};

/// How long anything else may be; mail addresses have at most 254 characters.
const SHORT: usize = 300;
/// Orders of one draft.
const MOST_ORDERS: usize = 10;

/// What a form sent: names and values, in order.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of a field, trimmed; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The beginning of a field that is kept as it was typed: longer than any number, name or address.
    pub fn short(&self, name: &str) -> String {
        self.get(name).chars().take(SHORT).collect()
    }

    /// The value of a field, where it was sent and is not empty.
    pub fn maybe(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

/// Where the browser goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Path.
    pub path: String,
    /// The session changed, or ended: its cookie is sent, or taken back.
    pub session: bool,
    /// The visitor's language from here on, where the way they came says it.
    pub language: Option<Locale>,
}

impl Next {
    pub(super) fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), session: false, language: None }
    }

    pub(super) fn with_session(path: impl Into<String>) -> Self {
        Self { path: path.into(), session: true, language: None }
    }
}

/// What is wrong with an order's number and contact as typed.
fn contact_mistakes(number: &str, contact: &str) -> Vec<Noted> {
    let mut mistakes = Vec::new();
    if number.is_empty() {
        mistakes.push(noted("number", Mistake::NumberMissing));
    }
    if contact.is_empty() {
        mistakes.push(noted("contact", Mistake::ContactMissing));
    } else if !contact.contains(['@', '＠']) && phone_key(contact).is_none() {
        mistakes.push(noted("contact", Mistake::ContactForm));
    }
    mistakes
}

impl Desk {
    /// "Find my order": recognises the visitor and starts (or finds again) a draft.
    pub async fn find_order(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let (number, contact) = (fields.short("number"), fields.short("contact"));
        let mut mistakes = contact_mistakes(&number, &contact);
        if mistakes.is_empty() {
            if let Some(order) = self.recognise_order(&number, &contact).await? {
                return self.begin(order, None).await;
            }
            mistakes.push(noted("find", Mistake::NoMatch));
        }
        self.visitor.session.data.find = FindForm { number, contact, rma: String::new(), mistakes };
        self.keep_session(false).await?;
        Ok(Next::with_session("/"))
    }

    pub(super) async fn keep_session(&mut self, renew: bool) -> Result<(), DeskError> {
        self.visitor.session.save(&self.services, renew).await.map_err(|error| failed(&error))
    }

    /// Recognises the visitor for an order and leads to its draft: the one they have begun, or a new one.
    pub(super) async fn begin(&mut self, order: OrderNumber, wanted: Option<&Wanted>) -> Result<Next, DeskError> {
        let key = order.key();
        let session = &mut self.visitor.session;
        let renew = !session.data.knows_order(&key);
        let known = session.data.drafts.iter().find(|(of, _)| *of == key).map(|(_, draft)| draft.clone());
        let usable = match known {
            Some(id) => {
                self.services.draft(&id).await.map_err(|error| failed(&error))?.filter(|(draft, _)| draft.rma.is_none()).map(|_| id)
            }
            None => None,
        };
        let id = match usable {
            Some(id) => id,
            None => self.services.start_draft(vec![order], None).await.map_err(|error| failed(&error))?,
        };
        session.data.hold_draft(key, id.clone());
        session.data.find = FindForm::default();
        self.keep_session(renew).await?;
        if let Some(wanted) = wanted {
            self.choose_beforehand(&id, wanted).await?;
        }
        Ok(Next::with_session(format!("/return/{id}/items")))
    }

    /// Chooses one unit of an item in a draft in which nothing is chosen yet.
    async fn choose_beforehand(&self, id: &str, wanted: &Wanted) -> Result<(), DeskError> {
        let found = self.services.draft(id).await.map_err(|error| failed(&error))?;
        let Some((mut draft, version)) = found.filter(|(draft, _)| draft.lines.is_empty()) else { return Ok(()) };
        for number in &draft.orders {
            let row = self.order(number).await?;
            let outlook = self.services.outlook(&row).await.map_err(|error| failed(&error))?;
            let meant = row.order.lines.iter().zip(&outlook.lines).find(|(line, seen)| {
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
            Err(error) => Err(failed(&error)),
        }
    }

    /// "Show my return".
    pub async fn find_return(&mut self, fields: &Fields) -> Result<Next, DeskError> {
        let (typed, contact) = (fields.short("rma"), fields.short("rma_contact"));
        let parsed = typed.parse::<RmaNumber>();
        let mut mistakes = Vec::new();
        match &parsed {
            _ if typed.is_empty() => mistakes.push(noted("rma", Mistake::ReturnMissing)),
            Err(_) => mistakes.push(noted("rma", Mistake::ReturnSlip)),
            Ok(_) => {}
        }
        if contact.is_empty() {
            mistakes.push(noted("rma_contact", Mistake::ContactMissing));
        }
        if let (true, Ok(rma)) = (mistakes.is_empty(), parsed) {
            if self.recognise_return(rma, &contact).await? {
                return self.show(rma).await;
            }
            mistakes.push(noted("rma", Mistake::ReturnNoMatch));
        }
        self.visitor.session.data.find = FindForm { rma: typed, mistakes, ..FindForm::default() };
        self.keep_session(false).await?;
        Ok(Next::with_session("/"))
    }

    /// "Is this your return?"
    pub async fn verify(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let contact = fields.get("contact").to_owned();
        let mistake = if contact.is_empty() {
            Mistake::ContactMissing
        } else if self.recognise_return(rma, &contact).await? {
            return self.show(rma).await;
        } else {
            Mistake::VerifyNoMatch
        };
        self.visitor.session.data.verify = Some((rma, noted("contact", mistake)));
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/returns/{rma}")))
    }

    pub(super) async fn show(&mut self, rma: RmaNumber) -> Result<Next, DeskError> {
        let session = &mut self.visitor.session;
        session.data.recognise_return(rma);
        session.data.find = FindForm::default();
        session.data.verify = None;
        self.keep_session(true).await?;
        Ok(Next::with_session(format!("/returns/{rma}")))
    }

    /// Keeps an answer and says where to go: on, or back to the page with what is wrong.
    pub(super) async fn answer(
        &self,
        id: &str,
        page: &str,
        mut draft: Draft,
        version: i64,
        mistakes: Vec<Noted>,
        next: &str,
    ) -> Result<Next, DeskError> {
        let stay = !mistakes.is_empty();
        draft.mistakes = mistakes;
        draft.mistakes_on = page.to_owned();
        match self.services.keep_draft(id, &draft, version).await {
            Ok(()) => Ok(Next::to(format!("/return/{id}/{}", if stay { page } else { next }))),
            // Another window was faster: its answer stands, and this one is asked again with it.
            Err(StoreError::Stale(_)) => Ok(Next::to(format!("/return/{id}/{page}"))),
            Err(error) => Err(failed(&error)),
        }
    }

    /// "What comes back?"
    pub async fn choose_items(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mut chosen: Vec<DraftLine> = Vec::new();
        let mut mistakes = Vec::new();
        for number in draft.orders.clone() {
            let row = self.order(&number).await?;
            let outlook = self.services.outlook(&row).await.map_err(|error| failed(&error))?;
            for (line, seen) in row.order.lines.iter().zip(&outlook.lines) {
                let key = format!("{number}|{}", line.id);
                if fields.get(&format!("units|{key}")).is_empty() {
                    continue;
                }
                let available = seen.available;
                let units = fields.maybe(&format!("count|{key}")).map_or(1, |count| count.parse().unwrap_or(0));
                if units == 0 || units > available {
                    mistakes.push(noted(format!("units|{key}"), Mistake::TooMany { available }));
                }
                let said = draft.lines.iter().find(|said| said.order == number && said.line == line.id);
                let mut line = said.cloned().unwrap_or_else(|| DraftLine::new(number.clone(), line.id.clone(), units));
                line.quantity = units.clamp(1, available.max(1));
                chosen.push(line);
            }
        }
        if chosen.is_empty() {
            mistakes.push(noted("items", Mistake::NothingChosen));
        }
        draft.lines = chosen;
        self.answer(id, "items", draft, version, mistakes, "why").await
    }

    /// "Why?"
    pub async fn tell_why(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mistakes = self.take_why(&mut draft, fields).await?;
        let next = if mistakes.is_empty() && self.asks_to_show(id, &draft).await? { "show" } else { "wish" };
        self.answer(id, "why", draft, version, mistakes, next).await
    }

    async fn take_why(&self, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let mut mistakes = Vec::new();
        for asked in &mut draft.lines {
            let row = self.order(&asked.order).await?;
            let Some(line) = row.order.line(&asked.line) else { continue };
            let key = asked.key();
            let field = |name: &str| format!("{name}|{key}");
            let reasons = self.reasons_for(line);
            let before = (asked.reason.clone(), asked.sub_reason.clone(), asked.condition.clone());
            let chosen = reasons.iter().find(|reason| reason.code.as_str() == fields.get(&field("reason")));
            asked.reason = chosen.map(|reason| reason.code.to_string());
            asked.sub_reason = None;
            match chosen {
                None => mistakes.push(noted(field("reason"), Mistake::ReasonMissing { name: line.name.clone() })),
                Some(reason) if !reason.sub_reasons.is_empty() => {
                    let typed = fields.get(&format!("{}|{}", field("sub_reason"), reason.code)).to_owned();
                    match reason.sub_reasons.iter().find(|sub| sub.code.as_str() == typed) {
                        Some(sub) => asked.sub_reason = Some(sub.code.to_string()),
                        None => mistakes.push(noted(field("sub_reason"), Mistake::SubReasonMissing)),
                    }
                }
                Some(_) => {}
            }
            // What never arrived is in no state.
            let never_arrived = chosen.is_some_and(|reason| reason.never_arrived);
            let states = if never_arrived { Vec::new() } else { self.conditions_for(&row, asked).await.map_err(|error| failed(&error))? };
            asked.condition =
                states.iter().find(|state| **state == fields.get(&field("condition"))).and_then(|state| state.parse::<Code>().ok());
            if !states.is_empty() && asked.condition.is_none() {
                mistakes.push(noted(field("condition"), Mistake::ConditionMissing));
            }
            asked.fit = FITS.into_iter().find(|fit| *fit == fields.get(&field("fit"))).and_then(|fit| fit.parse().ok());
            let comment = fields.get(&field("comment"));
            asked.comment = comment.chars().filter(|letter| !letter.is_control() || *letter == '\n').take(LONGEST_COMMENT).collect();
            if comment.chars().count() > LONGEST_COMMENT {
                mistakes.push(noted(field("comment"), Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
            }
            // Another reason may offer other things: what was wished for is asked again.
            if before != (asked.reason.clone(), asked.sub_reason.clone(), asked.condition.clone()) {
                asked.resolution = None;
            }
        }
        Ok(mistakes)
    }

    /// "What would you like?"
    pub async fn choose_wish(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mistakes = self.take_wish(id, &mut draft, fields).await?;
        // What joins a return comes back the way that return does.
        let travels = draft.joins.is_none() && travels(&self.assess(id, &draft, false).await?);
        let next = if travels { "send" } else { "check" };
        self.answer(id, "wish", draft, version, mistakes, next).await
    }

    async fn take_wish(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        let mut open = draft.clone();
        for line in &mut open.lines {
            line.resolution = None;
        }
        open.method = None;
        let assessment = self.assess(id, &open, false).await?;
        let mut mistakes = Vec::new();
        for (asked, said) in draft.lines.iter_mut().zip(&assessment.lines) {
            if said.decision == Decision::Declined {
                asked.resolution = None;
                continue;
            }
            let key = asked.key();
            let name = assessment
                .parts
                .iter()
                .find(|part| part.row.order.number.key() == asked.order.key())
                .and_then(|part| part.row.order.line(&asked.line))
                .map(|line| line.name.clone())
                .unwrap_or_default();
            let field = format!("wish|{key}");
            let wish = fields.get(&field).parse::<Resolution>().ok();
            asked.resolution = wish.filter(|wish| said.offers.iter().any(|offer| offer.resolution == *wish));
            asked.exchange_sku = fields.get(&format!("exchange|{key}")).chars().filter(|letter| !letter.is_control()).take(120).collect();
            match asked.resolution {
                None => mistakes.push(noted(field, Mistake::WishMissing { name })),
                Some(Resolution::Exchange) => {
                    let field = format!("exchange|{key}");
                    let known = said.exchange.known.then_some(&said.exchange.choices);
                    let choice = known.map(|choices| choices.iter().find(|choice| choice.sku.as_str() == asked.exchange_sku));
                    match choice {
                        None if !asked.exchange_sku.is_empty() => {}
                        Some(Some(choice)) if choice.available >= asked.quantity => {}
                        Some(Some(_)) => mistakes.push(noted(field, Mistake::ExchangeGone { name })),
                        _ => mistakes.push(noted(field, Mistake::ExchangeMissing { name })),
                    }
                    if mistakes.last().is_some_and(|noted| noted.field == format!("exchange|{key}")) {
                        asked.exchange_sku.clear();
                    }
                }
                Some(_) => {}
            }
        }
        Ok(mistakes)
    }

    /// "Something from another order?" (P9)
    pub async fn add_order(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let known = fields.get("known").parse::<OrderNumber>().ok().filter(|known| self.visitor.session.data.knows_order(&known.key()));
        let (number, contact) = (fields.short("number"), fields.short("contact"));
        let mut mistakes = Vec::new();
        let mut renewed = false;
        let order = match known {
            Some(known) => Some(known),
            None => {
                mistakes = contact_mistakes(&number, &contact);
                let found = if mistakes.is_empty() { self.recognise_order(&number, &contact).await? } else { None };
                if found.is_none() && mistakes.is_empty() {
                    mistakes.push(noted("find", Mistake::NoMatch));
                }
                if let Some(order) = &found {
                    self.visitor.session.data.recognise_order(order.key());
                    self.keep_session(true).await?;
                    renewed = true;
                }
                found
            }
        };
        if let Some(order) = order {
            let row = self.order(&order).await?;
            let first = match draft.orders.first() {
                Some(first) => Some(self.order(first).await?),
                None => None,
            };
            if first.is_some_and(|first| first.order.currency != row.order.currency) {
                mistakes.push(noted("find", Mistake::OtherCurrency));
            } else if draft.orders.len() < MOST_ORDERS && !draft.orders.iter().any(|known| known.key() == order.key()) {
                draft.orders.push(row.order.number);
            }
        }
        let next = self.answer(id, "items", draft, version, mistakes, "items").await?;
        Ok(Next { session: renewed, ..next })
    }

    /// "How does it come back?"
    pub async fn choose_method(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        let (mut draft, version) = self.own_draft(id).await?;
        let mistakes = self.take_method(id, &mut draft, fields).await?;
        self.answer(id, "send", draft, version, mistakes, "check").await
    }

    /// What the answers on a page would come to, while they are being given; nothing where nothing can be said yet.
    pub async fn preview(&self, id: &str, step: &str, fields: &Fields) -> Result<Option<CheckPage>, DeskError> {
        let (mut draft, _) = self.own_draft(id).await?;
        match step {
            "why" => {
                self.take_why(&mut draft, fields).await?;
                draft.method = None;
            }
            "wish" => {
                self.take_wish(id, &mut draft, fields).await?;
                draft.method = None;
            }
            "send" => {
                self.take_method(id, &mut draft, fields).await?;
            }
            _ => return Err(DeskError::NotFound),
        }
        if draft.lines.is_empty() || unanswered(&draft).is_some() {
            return Ok(None);
        }
        self.check_of(id, &draft).await.map(Some)
    }

    async fn take_method(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        draft.method = None;
        let assessment = self.assess(id, draft, false).await?;
        let chosen = fields.get("method").parse::<Method>().ok();
        draft.method = chosen.filter(|chosen| assessment.methods.iter().any(|offered| offered.method == *chosen));
        let date = fields.get("pickup_date").parse().ok();
        draft.pickup = date.map(|date| Pickup { date, slot: fields.short("pickup_slot") });
        let mut mistakes = Vec::new();
        let fits = |pickup: &Pickup| self.services.can_pick_up(pickup, self.services.clock.now());
        match draft.method {
            None => mistakes.push(noted("method", Mistake::MethodMissing)),
            Some(Method::Pickup) if !draft.pickup.as_ref().is_some_and(fits) => mistakes.push(noted("pickup", Mistake::PickupMissing)),
            Some(_) => {}
        }
        Ok(mistakes)
    }

    /// "Send it back": opens the return, once, however often the button is pressed.
    pub async fn submit(&mut self, id: &str, _: &Fields) -> Result<Next, DeskError> {
        let done = |error| match error {
            DeskError::Moved(path) => DeskError::Moved(format!("{path}/done")),
            error => error,
        };
        let (draft, _) = self.own_draft(id).await.map_err(done)?;
        let assessment = self.assess(id, &draft, false).await;
        // It may have been sent off: by a press whose answer never came, or by another one just now, which took the units.
        let (draft, version) = self.own_draft(id).await.map_err(done)?;
        if let Some(rma) = draft.rma {
            return self.sent_off(id, draft, version, rma, format!("/returns/{rma}/done")).await;
        }
        let assessment = assessment?;
        if !assessment.lines.iter().any(|line| line.decision != Decision::Declined) {
            return Ok(Next::to(format!("/return/{id}/check")));
        }
        let key = IdempotencyKey { scope: SENT_OFF.into(), key: id.to_owned(), digest: String::new(), request: None, answer: None };
        if let Some(rma) = draft.joins {
            let lines = draft.request(self.visitor.locale).lines;
            match self.services.add_lines(self.own(rma).await?, lines, Some(key)).await {
                Ok(_) => {}
                Err(error) => return self.joining_failed(id, rma, draft, version, error).await,
            }
            return self.sent_off(id, draft, version, rma, format!("/returns/{rma}")).await;
        }
        let opened = match self.services.open_return(draft.request(self.visitor.locale), Actor::Customer, Some(key)).await {
            Ok(opened) => opened,
            // The last page says of each item why.
            Err(OpenError::NothingToReturn(_)) => return Ok(Next::to(format!("/return/{id}/check"))),
            // What was possible a moment ago is not any more (somebody else took the units, a pickup day has passed): the pages say what.
            Err(OpenError::Problems(_)) => {
                return self.answer(id, "items", draft, version, vec![noted("", Mistake::Changed)], "items").await;
            }
            Err(error) => return Err(failed(&error)),
        };
        let rma = opened.request.rma;
        self.sent_off(id, draft, version, rma, format!("/returns/{rma}/done")).await
    }

    /// The draft has become a return, or part of one.
    async fn sent_off(&mut self, id: &str, draft: Draft, version: i64, rma: RmaNumber, next: String) -> Result<Next, DeskError> {
        let done = Draft { rma: Some(rma), mistakes: Vec::new(), ..draft };
        if let Err(error) = self.services.keep_draft(id, &done, version).await
            && !matches!(error, StoreError::Stale(_))
        {
            return Err(failed(&error));
        }
        self.visitor.session.data.recognise_return(rma);
        self.visitor.session.data.drafts.retain(|(_, draft)| draft != id);
        self.keep_session(false).await?;
        Ok(Next::with_session(next))
    }

    /// Items could not join their return: back to where that can be mended, with the reason.
    pub(super) async fn joining_failed(
        &self,
        id: &str,
        rma: RmaNumber,
        draft: Draft,
        version: i64,
        error: ChangeError,
    ) -> Result<Next, DeskError> {
        let mistake = match error {
            ChangeError::Refused(_) | ChangeError::Unknown => return Ok(Next::to(format!("/returns/{rma}"))),
            // The last page says of each item why.
            ChangeError::Declined(_) => return Ok(Next::to(format!("/return/{id}/check"))),
            ChangeError::Apart => Mistake::Apart,
            ChangeError::Problems(problems) if problems.iter().any(|problem| matches!(problem.wrong, Wrong::Method(_))) => Mistake::Apart,
            ChangeError::Problems(_) | ChangeError::KeyReused => Mistake::Changed,
            error => return Err(failed(&error)),
        };
        self.answer(id, "items", draft, version, vec![noted("", mistake)], "items").await
    }

    /// "Add a forgotten item": a draft that joins the return.
    pub async fn add_items(&mut self, rma: &str, _: &Fields) -> Result<Next, DeskError> {
        let request = self.own_return(rma).await?;
        if request.check_changeable().is_err() {
            return self.not_changed(request.rma, Mistake::NoLonger).await;
        }
        let orders: Vec<OrderNumber> = request.orders.iter().map(|part| part.number.clone()).collect();
        let session = &mut self.visitor.session;
        orders.iter().for_each(|order| session.data.recognise_order(order.key()));
        let id = self.services.start_draft(orders, Some(request.rma)).await.map_err(|error| failed(&error))?;
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/return/{id}/items")))
    }

    /// "Get a new label".
    pub async fn new_label(&mut self, rma: &str, _: &Fields) -> Result<Next, DeskError> {
        let request = self.own_return(rma).await?;
        match self.services.reissue_label(self.own(request.rma).await?, None).await {
            Ok(_) => self.changed(request.rma).await,
            Err(error) => self.change_failed(request.rma, error).await,
        }
    }

    /// "Send it another way".
    pub async fn switch_method(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let request = self.own_return(rma).await?;
        let Ok(method) = fields.get("method").parse::<Method>() else {
            self.visitor.session.data.change = Some((request.rma, vec![noted("method", Mistake::MethodMissing)]));
            self.keep_session(false).await?;
            return Ok(Next::with_session(format!("/returns/{}/method", request.rma)));
        };
        let date = fields.get("pickup_date").parse().ok();
        let pickup = date.map(|date| Pickup { date, slot: fields.short("pickup_slot") });
        match self.services.switch_method(self.own(request.rma).await?, method, pickup, None).await {
            Ok(_) => self.changed(request.rma).await,
            Err(ChangeError::Problems(problems)) => {
                let pickup = problems.iter().any(|problem| problem.field == "pickup");
                let mistake = if pickup { noted("pickup", Mistake::PickupMissing) } else { noted("method", Mistake::MethodMissing) };
                self.visitor.session.data.change = Some((request.rma, vec![mistake]));
                self.keep_session(false).await?;
                Ok(Next::with_session(format!("/returns/{}/method", request.rma)))
            }
            Err(error) => self.change_failed(request.rma, error).await,
        }
    }

    async fn changed(&mut self, rma: RmaNumber) -> Result<Next, DeskError> {
        if self.visitor.session.data.change.take().is_some() {
            self.keep_session(false).await?;
        }
        Ok(Next::to(format!("/returns/{rma}")))
    }

    async fn not_changed(&mut self, rma: RmaNumber, mistake: Mistake) -> Result<Next, DeskError> {
        self.visitor.session.data.change = Some((rma, vec![noted("", mistake)]));
        self.keep_session(false).await?;
        Ok(Next::with_session(format!("/returns/{rma}")))
    }

    async fn change_failed(&mut self, rma: RmaNumber, error: ChangeError) -> Result<Next, DeskError> {
        match error {
            ChangeError::Unknown => Err(DeskError::NotFound),
            ChangeError::Refused(_) | ChangeError::NoLabel => self.not_changed(rma, Mistake::NoLonger).await,
            ChangeError::Store(StoreError::Newer) => self.not_changed(rma, Mistake::Changed).await,
            ChangeError::TooManyLabels => self.not_changed(rma, Mistake::TooManyLabels).await,
            ChangeError::Apart | ChangeError::Problems(_) | ChangeError::Declined(_) => self.not_changed(rma, Mistake::Apart).await,
            error => Err(failed(&error)),
        }
    }

    /// "Call it off": all of it, or the items that were ticked.
    pub async fn cancel(&mut self, rma: &str, fields: &Fields) -> Result<Next, DeskError> {
        let request = self.own_return(rma).await?;
        let ticked: Vec<LineNo> =
            fields.0.iter().filter(|(name, _)| name == "line").filter_map(|(_, line)| line.trim().parse().ok()).collect();
        if ticked.is_empty() && !fields.get("choose").is_empty() {
            return self.not_changed(request.rma, Mistake::NothingChosen).await;
        }
        let all = ticked.is_empty() || request.live_lines().all(|line| ticked.contains(&line.id));
        let part = if all { PartCancelled::Whole } else { PartCancelled::Lines(ticked) };
        match self.services.cancel_return(self.own(request.rma).await?, part, None, None).await {
            Ok(_) => Ok(Next::to(format!("/returns/{}", request.rma))),
            Err(ChangeError::Store(StoreError::Newer)) => self.not_changed(request.rma, Mistake::Changed).await,
            Err(ChangeError::Refused(_)) => Ok(Next::to(format!("/returns/{}/cancel", request.rma))),
            Err(ChangeError::Unknown) => Err(DeskError::NotFound),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The return whose label is wanted, where there is one.
    pub async fn label(&self, rma: &str) -> Result<domain::returns::Return, DeskError> {
        let request = self.own_return(rma).await?;
        if has_label(&request) { Ok(request) } else { Err(DeskError::NotFound) }
    }
}
