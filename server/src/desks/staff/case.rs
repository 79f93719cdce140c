//! All that is needed to decide about a return.

use app::messages::Occasion;
use app::ports::{
    CaseDelivery, CaseMail, CaseMove, CaseNote, CaseOrder, CasePage, CaseTask, DeskError, DockPlace, Given, MailState, OtherReturn, PaidBy,
};
use domain::credit_note::CreditNote;
use domain::entry::Account;
use domain::money::Money;
use domain::policy::Decision;
use domain::returns::{Actor, CommandKind, Event, History, LineNo, LotNo, Recorded, Return, ReturnLine, TaskKind, timeline};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::goods::{dock_of, looked_of};
use super::parcels::view;
use super::queue::{called, names_of};
use super::{Kept, StaffDesk, order_path};
use crate::desks::failed;
use crate::desks::shopper::show::given;
use crate::desks::shopper::track::{credit_notes, of_return};
use crate::services::{AtWork, NoLabel};
use crate::store::{self, EvidenceRow, Holder, MailRow, OrderRow, OutboxState, StaffRow, StockEntry, StoreError, TaskRow};

/// Orders of a customer whose returns are shown.
const MOST_ORDERS: i64 = 50;
/// Mails that are shown.
const MOST_MAILS: i64 = 50;

impl StaffDesk {
    pub(super) async fn case(&self, rma: &str, kept: Kept) -> Result<CasePage, DeskError> {
        self.case_ahead(rma, kept, false).await
    }

    /// As [`StaffDesk::case`]; `ahead`: with what is asked of goods that have not come yet, too, for a dock that may have no network when they do.
    pub(super) async fn case_ahead(&self, rma: &str, kept: Kept, ahead: bool) -> Result<CasePage, DeskError> {
        let member = self.member()?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let read = async || {
            let mut read = self.services.store.read().await?;
            let mut conn = read.conn();
            let Some(history) = store::history_of(&mut conn, rma).await? else { return Ok(None) };
            let rows = store::tasks_of(&mut conn, rma).await?;
            let mut orders = Vec::new();
            for part in &history.request.orders {
                orders.extend(store::find_order(&mut conn, part.number.as_str()).await?);
            }
            let account = history.request.contact.email.as_ref().map(|email| Account::Email(email.key()));
            let theirs = match &account {
                Some(account) => store::orders_of_account(&mut conn, account, MOST_ORDERS).await?,
                None => Vec::new(),
            };
            let moves = store::stock_moves_of(&mut conn, rma).await?;
            let came_beside = store::stray_parcels_with(&mut conn, rma).await?;
            // Without an address nothing is sent, whatever was to be told.
            let mails = match &account {
                Some(_) => store::mails_about(&mut conn, rma, MOST_MAILS).await?,
                None => Vec::new(),
            };
            let lines: Vec<LineNo> = history.request.lines.iter().map(|line| line.id).collect();
            // Nothing is looked at before it came.
            let asks = (ahead || !history.request.receipts.is_empty()) && !history.request.newer;
            let rules = if asks { self.services.at_hand(&mut conn, &history.request, &lines).await? } else { Vec::new() };
            let dock = dock_of(&history.request, &rules, ahead);
            let looked = looked_of(&history, &rules);
            Ok::<_, StoreError>(Some((history, orders, theirs, rows, (moves, came_beside), mails, dock, looked)))
        };
        let found = read().await.map_err(|error| failed(&error))?;
        let (History { request, events }, orders, theirs, rows, (moves, came_beside), mails, (dock, proposed), looked) =
            found.ok_or(DeskError::NotFound)?;
        let held = self.services.evidence_held(&Holder::Return(rma)).await.map_err(|error| failed(&error))?;
        let taken = self.services.evidence_held(&Holder::House(rma)).await.map_err(|error| failed(&error))?;
        let now = self.services.clock.now();
        let notes = events.iter().filter_map(|recorded| {
            let text = match &recorded.event {
                Event::Approved { note, .. } | Event::Declined { note, .. } => note.clone()?,
                Event::Noted { note } => note.clone(),
                Event::Held { hold } => hold.note.clone()?,
                Event::Released { note, .. } => note.clone()?,
                Event::Disposed { proposed: Some(proposed), .. } => proposed.otherwise.clone()?,
                _ => return None,
            };
            let by = match &recorded.actor {
                Actor::Staff { name } => name.clone(),
                Actor::Api { key } => key.clone(),
                Actor::Customer | Actor::System => return None,
            };
            let declined = |lot: &LotNo| request.line(lot.line).is_some_and(|line| line.asked.verdict == Decision::Declined);
            let against = match &recorded.event {
                Event::Approved { lots, .. } => lots.iter().any(declined),
                Event::Disposed { .. } => true,
                _ => false,
            };
            let instead_of = match &recorded.event {
                Event::Disposed { proposed: Some(proposed), .. } => Some(DockPlace { to: proposed.to, rule: proposed.by.rule.to_string() }),
                _ => None,
            };
            Some(CaseNote { at: recorded.at, by, text, against, instead_of })
        });
        let mut others: Vec<OtherReturn> = Vec::new();
        for other in theirs.iter().flat_map(|(_, returns)| returns).filter(|other| other.rma != rma) {
            if !others.iter().any(|known| known.rma == other.rma) {
                others.push(other_return(other));
            }
        }
        others.sort_by_key(|other| std::cmp::Reverse(other.opened_at));
        let may = |kind: &CommandKind| !request.newer && member.roles.giving(*kind).is_some();
        let reasons =
            request.lines.iter().filter_map(|line| self.reason_of(line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason).as_str()));
        let next = self.next_after(&request).await?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let (who, names) = (self.at_work()?, names_of(&people));
        let task = |row: &TaskRow| {
            let kind: TaskKind = row.kind.parse().ok()?;
            Some(CaseTask {
                kind,
                due: Timestamp::from_millisecond(row.due).ok()?,
                theirs: who.does(kind),
                has_it: row.assignee.as_ref().map(|id| (called(&names, id), *id == member.id)),
                rule: row.rule.clone(),
                sleeps: row.snoozed_until.is_some(),
                sleeps_until: row.snoozed_until.and_then(|until| Timestamp::from_millisecond(until).ok()),
            })
        };
        let to_do: Vec<CaseTask> = rows.iter().filter_map(task).collect();
        let does = |row: &StaffRow| {
            let works = AtWork::of_member(&row.member);
            row.ended_at.is_none() && row.member.id != member.id && to_do.iter().any(|task| works.does(task.kind))
        };
        let colleagues = people.iter().filter(|row| does(row)).map(|row| (row.member.id.clone(), row.member.name.clone())).collect();
        let replies = match self.writer() {
            Ok(_) => self.reply_names().await?,
            Err(_) => Vec::new(),
        };
        let due = if !request.newer && member.roles.giving(CommandKind::Grant).is_some() {
            self.services.would_grant(&request).await.map_err(|error| failed(&error))?
        } else {
            Vec::new()
        };
        let due = due.into_iter().map(|(group, settled)| (Money::new(settled.expected, settled.currency), group.credit));
        let mut entries = timeline(&request, &events, now);
        self.services.tell_repairs(&mut entries, &request).await.map_err(|error| failed(&error))?;
        self.services.tell_gifts(&mut entries, rma).await.map_err(|error| failed(&error))?;
        Ok(CasePage {
            replies,
            macros: self.own_macros().await?.into_iter().map(|found| (found.id, found.name)).collect(),
            open: kept.open,
            rail: self.rail(kept.told).await?,
            entries,
            repairs: self.repairs_of(rma).await?,
            claims: self.claims_of(rma).await?,
            gifts: self.gifts_waiting_of(rma).await?,
            given: held.iter().map(given).collect(),
            ours: ours(&events, &taken),
            orders: orders.iter().map(|row| case_order(row, Some(&request))).collect(),
            tier: orders.first().and_then(|row| row.order.customer.tier.clone()),
            others,
            tasks: to_do,
            colleagues,
            moves: moves.into_iter().filter_map(case_move).collect(),
            came_beside: came_beside.into_iter().map(|row| view(row, &names, now)).collect(),
            warehouses: member.limits.warehouses.clone(),
            notes: notes.collect(),
            credit_notes: credit_notes(&self.services, &request).await?,
            mails: mails.into_iter().filter_map(case_mail).collect(),
            can: request.possible().into_iter().filter(may).collect(),
            next,
            mistakes: kept.mistakes,
            counted: serde_json::from_str(&kept.typed).unwrap_or_default(),
            typed: kept.typed,
            beside: self.services.live.beside(rma, &member.id),
            reasons: reasons.collect(),
            dock,
            looked,
            proposed,
            due: due.collect(),
            request,
        })
    }
}

impl StaffDesk {
    /// A credit note of a return, where it is of that.
    pub async fn credit_note(&self, rma: &str, number: &str) -> Result<CreditNote, DeskError> {
        self.member()?;
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
        of_return(&self.services, &request, number).await
    }

    /// The label of goods to put away; nothing where they have not come.
    pub async fn putaway(&self, rma: &str, lot: &str) -> Result<Option<Vec<u8>>, DeskError> {
        self.member()?;
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let lot: LotNo = lot.parse().map_err(|_| DeskError::NotFound)?;
        let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
        match self.services.putaway_pdf(&request, lot, self.visitor.locale).await {
            Ok(pdf) => Ok(Some(pdf)),
            Err(NoLabel::None) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Photos that who looked at goods took, by the lots these became.
fn ours(events: &[Recorded], taken: &[EvidenceRow]) -> Vec<(LotNo, Given)> {
    let looked = events.iter().filter_map(|recorded| match &recorded.event {
        Event::Inspected { items } => Some(items),
        _ => None,
    });
    let named = looked.flatten().flat_map(|looked| looked.evidence.iter().map(|id| (looked.lot, id)));
    named.filter_map(|(lot, id)| taken.iter().find(|row| row.id == *id).map(|row| (lot, given(row)))).collect()
}

pub(super) fn other_return(request: &Return) -> OtherReturn {
    let amounts = request.expected().into_iter().map(|(currency, minor)| Money::new(minor, currency)).filter(|amount| amount.minor > 0);
    OtherReturn {
        rma: request.rma,
        opened_at: request.opened_at,
        status: request.status(),
        customer: None,
        item: request.lines.first().map(|line| line.asked.name.clone()).unwrap_or_default(),
        amounts: amounts.collect(),
    }
}

fn case_move((lot, entry): (LotNo, StockEntry)) -> Option<CaseMove> {
    let units = u32::try_from(entry.units).ok()?;
    let at = Timestamp::from_millisecond(entry.at).ok()?;
    Some(CaseMove { at, line: lot.line, units, warehouse: entry.warehouse, from: entry.from, to: entry.to })
}

fn case_mail(row: MailRow) -> Option<CaseMail> {
    let occasion = Occasion::ALL.iter().copied().find(|occasion| occasion.mail_job() == row.kind)?;
    let state = match row.state {
        OutboxState::Waiting | OutboxState::UnderWay => MailState::Waiting,
        OutboxState::Done => MailState::Sent,
        OutboxState::Parked => MailState::GivenUp,
    };
    Some(CaseMail { occasion, state, at: Timestamp::from_millisecond(row.at).ok()? })
}

/// An order beside what comes back of it in a return, where it is shown with one.
pub(super) fn case_order(row: &OrderRow, request: Option<&Return>) -> CaseOrder {
    let order = &row.order;
    let paid = order.payments.iter().map(|payment| {
        let by = PaidBy {
            method: payment.method.as_ref().map(|method| method.as_str().to_owned()).unwrap_or_default(),
            card_ending: payment.card_ending.clone(),
        };
        (by, Money::new(payment.amount, order.currency))
    });
    let comes = |line: &domain::ids::LineId| -> u32 {
        let of_it = |asked: &&ReturnLine| asked.asked.order == order.number && asked.asked.in_books() == line;
        request.iter().flat_map(|request| request.live_lines().filter(of_it).map(|asked| request.units_held(asked))).sum()
    };
    let stays =
        order.lines.iter().map(|line| (line.name.clone(), line.quantity.saturating_sub(comes(&line.id)))).filter(|(_, units)| *units > 0);
    let deliveries = order.deliveries.iter().map(|delivery| CaseDelivery {
        delivered_at: delivery.delivered_at,
        carrier: delivery.carrier.clone(),
        tracking_number: delivery.tracking_number.clone(),
        packed: [&delivery.warehouse, &delivery.picker, &delivery.packer].into_iter().flatten().cloned().collect(),
    });
    CaseOrder {
        number: order.number.to_string(),
        path: order_path(order.number.as_str()),
        placed_at: order.placed_at,
        paid: paid.collect(),
        deliveries: deliveries.collect(),
        stays: stays.collect(),
    }
}
