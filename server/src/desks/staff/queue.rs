//! What is to be done: lists of it, who has it, what sleeps.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, QueueAsked, QueuePage, QueueSight, StaffTold, TaskMark, TaskView};
use app::staff::{HandTo, Handing};
use domain::desk::SavedView;
use domain::money::Money;
use domain::reason::Reason;
use domain::returns::{Return, TaskKind, tasks};
use domain::rma::RmaNumber;
use domain::staff::Room;
use jiff::Timestamp;

use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{AtParcels, AtWork, QueueEntry, QueueRefused, Until};
use crate::store::{self, Asleep, Assigned, Held, QueueCounts, QueueView, StaffRow, StoreError, TaskName, TaskPosition, Whose};

/// Rows of a page.
const PAGE: i64 = 40;

impl StaffDesk {
    /// Whoever is in, at work.
    pub(super) fn at_work(&self) -> Result<AtWork, DeskError> {
        Ok(AtWork::of_member(self.member()?))
    }

    pub(super) async fn view_of(&self, asked: &QueueAsked) -> Result<QueueView, DeskError> {
        if let Some(id) = &asked.saved {
            let saved = self.own_views().await?.into_iter().find(|view| view.id == *id).ok_or(DeskError::NotFound)?;
            return self.view_kept(&saved.of);
        }
        let kinds = self.at_work()?.kinds().into_iter().filter(|kind| asked.role.is_none_or(|role| kind.role() == role));
        self.seen(kinds.collect(), asked.sight)
    }

    /// A view that was kept, as whoever is in sees it: what is theirs to do.
    pub(super) fn view_kept(&self, saved: &SavedView) -> Result<QueueView, DeskError> {
        let named = |kind: &TaskKind| saved.kinds.is_empty() || saved.kinds.iter().any(|code| code == kind.code());
        let sight = QueueSight::ALL.into_iter().find(|sight| sight.code() == saved.sight).unwrap_or_default();
        self.seen(self.at_work()?.kinds().into_iter().filter(named).collect(), sight)
    }

    fn seen(&self, kinds: Vec<TaskKind>, sight: QueueSight) -> Result<QueueView, DeskError> {
        let mut view = QueueView::of(kinds);
        match sight {
            QueueSight::All => {}
            QueueSight::Mine => view.whose = Whose::Of(self.member()?.id.clone()),
            QueueSight::Nobodys => view.whose = Whose::Nobodys,
            QueueSight::Late => view.due_before = self.services.clock.millis(),
            QueueSight::Asleep => view.asleep = Asleep::Only,
        }
        Ok(view)
    }

    pub(super) async fn counts(&self) -> Result<QueueCounts, DeskError> {
        self.services.queue_counts(&self.at_work()?).await.map_err(|error| failed(&error))
    }

    pub(super) async fn queue(&self, asked: QueueAsked) -> Result<QueuePage, DeskError> {
        let kept = self.take_kept("/staff").await?;
        let ticked = kept.typed.split(' ').filter_map(|rma| rma.parse().ok()).collect();
        let view = self.view_of(&asked).await?;
        let after = asked.after.as_deref().and_then(position);
        let mut rows = self.services.queue(&view, after.as_ref(), PAGE + 1).await.map_err(|error| failed(&error))?;
        let next = (rows.len() > PAGE as usize).then(|| {
            rows.truncate(PAGE as usize);
            rows.last().map(|row| written(&row.task.position())).unwrap_or_default()
        });
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let tasks = rows.iter().filter_map(|row| self.view(row, &names)).collect();
        let counts = self.counts().await?;
        let mark = |sight, count: i64| TaskMark { sight, count: count.unsigned_abs() };
        let marks = vec![
            mark(QueueSight::All, counts.all),
            mark(QueueSight::Mine, counts.mine),
            mark(QueueSight::Nobodys, counts.nobodys),
            mark(QueueSight::Late, counts.overdue),
            mark(QueueSight::Asleep, counts.asleep),
        ];
        let (saved, choice) = (self.saved_marks().await?, self.choice(&people).await?);
        let (strays, rail) = (self.strays_counted(&asked).await?, self.rail(kept.told).await?);
        let of_finance = asked.role.is_none_or(|role| Room::Payments.is_for([role]));
        let differences = if of_finance { self.differences_counted().await? } else { None };
        let of_claims = asked.role.is_none_or(|role| Room::Claims.is_for([role]));
        let claims = if of_claims { self.claims_counted().await? } else { None };
        let of_gifts = asked.role.is_none_or(|role| Room::Compensations.is_for([role]));
        let gifts = if of_gifts { self.gifts_counted().await? } else { None };
        let mistakes = kept.mistakes;
        Ok(QueuePage { rail, asked, tasks, next, marks, saved, choice, ticked, strays, differences, claims, gifts, mistakes })
    }

    /// Parcels that nobody knows are no tasks of a return, and have a list of their own: it is named where the tasks are of somebody who sees to them.
    async fn strays_counted(&self, asked: &QueueAsked) -> Result<Option<(u64, u64)>, DeskError> {
        let Some(access) = AtParcels::of_staff(self.member()?, String::new()) else { return Ok(None) };
        if !asked.role.is_none_or(|role| Room::Parcels.is_for([role])) {
            return Ok(None);
        }
        let (waiting, late) = self.services.strays_counted(&access).await.map_err(|error| failed(&error))?;
        Ok((waiting > 0).then_some((waiting.unsigned_abs(), late.unsigned_abs())))
    }

    /// Everybody's name, by their account's.
    pub(super) async fn names(&self) -> Result<Vec<(String, String)>, DeskError> {
        Ok(names_of(&self.services.people().await.map_err(|error| failed(&error))?))
    }

    fn view(&self, row: &QueueEntry, names: &[(String, String)]) -> Option<TaskView> {
        let QueueEntry { task, head } = row;
        let currency = task.currency.as_deref().and_then(|code| code.parse().ok());
        let moment = |millis: i64| Timestamp::from_millisecond(millis).ok();
        Some(TaskView {
            rma: head.rma,
            kind: task.kind.parse::<TaskKind>().ok()?,
            due: moment(task.due)?,
            value: task.value.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
            customer: head.customer.clone(),
            item: head.item.clone(),
            more: head.lines.saturating_sub(1),
            reason: head.reason.as_ref().and_then(|code| self.reason_of(code.as_str())),
            has_it: task.assignee.as_ref().map(|id| called(names, id)),
            sleeps_until: task.snoozed_until.and_then(moment),
            sleeps: task.snoozed_until.is_some(),
        })
    }

    pub(super) fn reason_of(&self, code: &str) -> Option<Reason> {
        let tree = self.services.reasons.all();
        tree.iter().chain(tree.iter().flat_map(|reason| &reason.sub_reasons)).find(|reason| reason.code.as_str() == code).cloned()
    }

    /// The return whose task comes after those of this one, for whoever is in.
    pub(super) async fn next_after(&self, request: &Return) -> Result<Option<RmaNumber>, DeskError> {
        let who = self.at_work()?;
        let view = QueueView::of(who.kinds());
        let (here, _) = tasks(request, self.services.clock.now());
        let last = here.iter().filter(|task| who.does(task.kind)).map(|task| {
            (task.due.as_millisecond(), task.value.map_or(0, |value| value.minor), request.rma.to_string(), task.kind.code().to_owned())
        });
        let mut after: Option<TaskPosition> = last.max_by_key(|(due, value, ..)| (*due, -*value));
        // Of one return there are a few at the most.
        for _ in 0..4 {
            let next = self.services.next_in_queue(&view, after.as_ref()).await.map_err(|error| failed(&error))?;
            let Some(next) = next else { return Ok(None) };
            if next.subject != request.rma.to_string() {
                return Ok(next.subject.parse().ok());
            }
            after = Some(next.position());
        }
        Ok(None)
    }

    pub(super) async fn found(&self, rma: RmaNumber) -> Result<Option<Return>, DeskError> {
        let read = async || store::find_return(&mut self.services.store.read().await?.conn(), rma).await;
        read().await.map_err(|error: StoreError| failed(&error))
    }

    /// "Hand over", "I take it", "Put it off": what a task of a return is to be, from its page or from the list.
    pub async fn hand(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let page = format!("/staff/returns/{rma}");
        let who = self.at_work()?;
        let form = match Handing::parse(fields) {
            Ok(form) => form,
            Err(mistake) => return self.mistaken(page, String::new(), vec![mistake]).await,
        };
        let tasks: Vec<TaskName> = form.kinds.iter().map(|kind| TaskName { rma, kind: *kind }).collect();
        let now = self.services.clock.now();
        let morning = |days: i64| self.services.morning(now, days);
        let said = match &form.to {
            HandTo::Me => self.services.assign(&who, &tasks, Some(who.id()), &Held::ByWhoever).await,
            HandTo::Nobody => self.services.assign(&who, &tasks, None, &Held::ByWhoever).await,
            HandTo::Colleague(id) => {
                if !self.names().await?.iter().any(|(known, _)| known == id) {
                    return self.mistaken(page, String::new(), vec![noted("", Mistake::StaffNotNow)]).await;
                }
                self.services.assign(&who, &tasks, Some(id), &Held::ByWhoever).await
            }
            HandTo::Sleep { days: Some(days), news: true } => self.services.snooze(&who, &tasks, Until::MomentOrNews(morning(*days))).await,
            HandTo::Sleep { days: Some(days), news: false } => self.services.snooze(&who, &tasks, Until::Moment(morning(*days))).await,
            HandTo::Sleep { days: None, .. } => self.services.snooze(&who, &tasks, Until::News).await,
            HandTo::Wake => self.services.snooze(&who, &tasks, Until::Now).await,
        };
        let said = match said {
            Ok(said) => said,
            Err(QueueRefused::Unexpected(error)) => return Err(failed(&error)),
            Err(_) => return self.mistaken(page, String::new(), vec![noted("", Mistake::StaffNotNow)]).await,
        };
        let done = said.iter().any(|(_, became)| matches!(became, Assigned::Done | Assigned::Already));
        if !done {
            let not_theirs = said.iter().find(|(_, became)| *became == Assigned::NotTheirs);
            let mistake = match not_theirs {
                Some((task, _)) => Mistake::StaffMayNot { who: vec![task.kind.role().code().to_owned()] },
                None => Mistake::StaffNotNow,
            };
            return self.mistaken(page, String::new(), vec![noted("", mistake)]).await;
        }
        let leaves = matches!(form.to, HandTo::Sleep { .. } | HandTo::Colleague(_));
        let next = match leaves {
            true => {
                let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
                self.next_after(&request).await?.map_or_else(|| "/staff".to_owned(), |next| format!("/staff/returns/{next}"))
            }
            false => page,
        };
        self.told(StaffTold::Handed { rma, what: form.to.code().to_owned() }, next).await
    }

    /// "Give me the next": what is most urgent of what nobody has.
    pub async fn take_next(&mut self, _: &Fields) -> Result<StaffNext, DeskError> {
        let who = self.at_work()?;
        let me = [who.id().to_owned()];
        for role in self.member()?.roles.of_tasks() {
            let given = self.services.assign_next(&who, role, &me).await.map_err(|error| failed(&error))?;
            if let Some((task, _)) = given {
                return Ok(StaffNext::to(format!("/staff/returns/{}", task.rma)));
            }
        }
        Ok(StaffNext::to("/staff"))
    }
}

/// What people are called, by the names of their accounts.
pub(super) fn names_of<'p>(people: impl IntoIterator<Item = &'p StaffRow>) -> Vec<(String, String)> {
    people.into_iter().map(|row| (row.member.id.clone(), row.member.name.clone())).collect()
}

/// What somebody is called; of a machine the name of its key.
pub(super) fn called(names: &[(String, String)], id: &str) -> String {
    names.iter().find(|(known, _)| known == id).map_or_else(|| id.trim_start_matches("key:").to_owned(), |(_, name)| name.clone())
}

/// As it stands in an address.
fn written((due, value, subject, kind): &TaskPosition) -> String {
    format!("{due}.{value}.{subject}.{kind}")
}

fn position(text: &str) -> Option<TaskPosition> {
    let [due, value, subject, kind] = text.splitn(4, '.').collect::<Vec<_>>().try_into().ok()?;
    let rma: RmaNumber = subject.parse().ok()?;
    Some((due.parse().ok()?, value.parse().ok()?, rma.to_string(), kind.parse::<TaskKind>().ok()?.code().to_owned()))
}
