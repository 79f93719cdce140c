//! An order, and what is given back on it although nothing comes back.

use app::forms::{Fields, noted};
use app::ports::{DeskError, GivenBack, Mistake, Noted, OrderItem, OrderPage, StaffTold};
use app::staff::{AskOutbound, Gives, Giving};
use domain::ids::LineId;
use domain::order::Order;
use domain::returns::{Actor, CommandKind, Return, Role};
use domain::settlement::{Concession, NotConceded};
use domain::words::Locale;
use uuid::Uuid;

use super::case::{case_order, other_return};
use super::{StaffDesk, StaffNext, order_path};
use crate::desks::failed;
use crate::services::{Access, CONCEDING, Concede, ConcedeError, IdempotencyKey, Wanted, units_taken};
use crate::store::{self, ConcessionRow, OrderRow, StoreError};

impl StaffDesk {
    pub(super) async fn order(&self, number: &str) -> Result<OrderPage, DeskError> {
        let member = self.member()?.clone();
        let read = async || {
            let mut read = self.services.store.read().await?;
            let mut conn = read.conn();
            let Some((row, returns)) = store::find_order_with_returns(&mut conn, number).await? else { return Ok(None) };
            let books = self.services.books_of(&mut conn, &row, &returns).await?;
            let given = store::concessions_of(&mut conn, row.order.number.as_str()).await?;
            Ok::<_, StoreError>(Some((row, returns, books, given)))
        };
        let (row, returns, books, given) = read().await.map_err(|error| failed(&error))?.ok_or(DeskError::NotFound)?;
        let kept = self.take_kept(&order_path(number)).await?;
        let Order { customer, .. } = &row.order;
        let typed_by_all = serde_json::from_str::<Vec<(String, String)>>(&kept.typed).unwrap_or_default();
        let typed: Fields = Fields(typed_by_all);
        // What was typed well is looked at; what it comes to may be refused.
        let (mut mistakes, mut preview) = (kept.mistakes, None);
        if mistakes.is_empty()
            && let Ok(form) = Giving::parse(&typed, row.order.currency)
        {
            match self.services.would_concede(number, &member.limits, &asked(&form)).await {
                Ok(amount) => preview = Some(amount),
                Err(error) => mistakes.push(mistake(error, &form, &row.order)?),
            }
        }
        let money = |minor| row.order.money(minor);
        Ok(OrderPage {
            rail: self.rail(kept.told).await?,
            order: case_order(&row, None),
            customer: customer.name.clone(),
            reach: [customer.email.as_ref().map(ToString::to_string), customer.phone.as_ref().map(ToString::to_string)]
                .into_iter()
                .flatten()
                .collect(),
            reads: customer.locale.unwrap_or(Locale::En),
            goes_out_for: row.order.remedy.as_ref().map(|named| named.rma),
            items: items(&row, &returns),
            captured: money(books.captured),
            outside: money(books.outside),
            expected: money(books.expected),
            granted: money(books.granted),
            goodwill: money(books.goodwill),
            left: money((books.captured - books.outside - books.granted).max(0)),
            returns: returns.iter().rev().map(other_return).collect(),
            given: given.into_iter().rev().map(|given| given_back(given, &row.order)).collect(),
            may_ask: member.roles.giving(CommandKind::AnswerOutbound).is_some(),
            may: CONCEDING.into_iter().any(|role| member.roles.has(role)),
            limits: member.limits,
            key: Uuid::now_v7().to_string(),
            typed: Giving::typed(&typed).into_iter().chain(AskOutbound::typed(&typed)).collect(),
            preview,
            mistakes,
        })
    }

    /// Money back from the page of an order: looked at first, then given.
    pub async fn concede(&mut self, number: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let page = order_path(number);
        let typed = || serde_json::to_string(&Giving::typed(fields).into_iter().collect::<Vec<_>>()).unwrap_or_default();
        let mut read = self.services.store.read().await.map_err(|error| failed(&error))?;
        let found = store::find_order(&mut read.conn(), number).await.map_err(|error| failed(&error))?;
        drop(read);
        let order = found.ok_or(DeskError::NotFound)?.order;
        let form = match Giving::parse(fields, order.currency) {
            Ok(form) => form,
            Err(mistake) => return self.mistaken(page, typed(), vec![mistake]).await,
        };
        let seal = self.services.seal_of(self.visitor.address);
        let Some(access) = Access::staff_to_concede(&member, order.number.clone(), seal) else {
            let who = CONCEDING.into_iter().map(|role: Role| role.code().to_owned()).collect();
            return self.mistaken(page, typed(), vec![noted("", Mistake::StaffMayNot { who })]).await;
        };
        if form.seen.is_none() {
            return self.mistaken(page, typed(), Vec::new()).await;
        }
        let key = IdempotencyKey {
            scope: format!("staff:{}", member.id),
            key: form.key.clone(),
            digest: String::new(),
            request: Some(order.number.to_string()),
            answer: None,
        };
        match self.services.concede(access, member.limits.clone(), asked(&form), Some(key)).await {
            Ok(given) => {
                let told =
                    StaffTold::GivenBack { order: order.number.to_string(), currency: given.amount.currency, amount: given.amount.minor };
                self.told(told, page).await
            }
            Err(error) => {
                let mistake = mistake(error, &form, &order)?;
                self.mistaken(page, typed(), vec![mistake]).await
            }
        }
    }
}

fn asked(form: &Giving) -> Concede {
    let wanted = match &form.gives {
        Gives::Goodwill { amount } => Wanted::Goodwill { amount: *amount },
        Gives::LowerPrice { line, units, price } => Wanted::LowerPrice { line: line.clone(), units: *units, price: *price },
    };
    Concede { wanted, currency: None, reason: form.reason.clone(), note: form.note.clone(), seen: form.seen }
}

/// Why nothing was given, where that can be mended.
fn mistake(error: ConcedeError, form: &Giving, order: &Order) -> Result<Noted, DeskError> {
    let amount = form.amount_field();
    Ok(match error {
        ConcedeError::Unknown => return Err(DeskError::NotFound),
        ConcedeError::Amount(_) | ConcedeError::Nothing | ConcedeError::OtherCurrency(_) => noted(amount, Mistake::StaffAmountForm),
        ConcedeError::OverLimit(limits) => noted(amount, Mistake::StaffOverLimit { limits }),
        ConcedeError::Refused(NotConceded::UnknownLine) => noted(Giving::LINE, Mistake::Unanswered),
        ConcedeError::Refused(NotConceded::NotSoMany { stay }) => noted(Giving::UNITS, Mistake::StaffUnitsStay { stay }),
        ConcedeError::Refused(NotConceded::NotLower) => noted(amount, Mistake::StaffNotLower),
        ConcedeError::Refused(NotConceded::MoreThanLeft { left }) => {
            noted(amount, Mistake::StaffMoreThanLeft { left: (order.currency, left) })
        }
        ConcedeError::Changed | ConcedeError::KeyReused | ConcedeError::Store(StoreError::Newer) => noted("", Mistake::Changed),
        ConcedeError::Store(error) => return Err(failed(&error)),
    })
}

fn items(row: &OrderRow, returns: &[Return]) -> Vec<OrderItem> {
    let taken = |line: &LineId| units_taken(row, returns, line).units;
    let lines = row.order.items().map(|line| OrderItem {
        line: line.id.to_string(),
        name: line.name.clone(),
        units: line.quantity,
        in_returns: taken(&line.id),
        paid: row.order.money(row.order.paid_for(line, line.quantity)),
        came_for: row.order.came_for(&line.id).map(|bought| bought.name.clone()),
    });
    lines.collect()
}

fn given_back(given: ConcessionRow, order: &Order) -> GivenBack {
    let by = match given.actor {
        Actor::Staff { name } => name,
        Actor::Api { key } => key,
        Actor::Customer | Actor::System => String::new(),
    };
    let lower = match given.what {
        Concession::Goodwill { .. } => None,
        Concession::LowerPrice(lower) => {
            let name = order.line(&lower.line).map(|line| line.name.clone()).unwrap_or_default();
            Some((name, lower.units, order.money(lower.price)))
        }
    };
    GivenBack { at: given.at, by, amount: order.money(given.amount), lower, reason: given.reason, note: given.note }
}
