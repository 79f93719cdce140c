//! Guards of goods on their way out (P23).

use jiff::civil::Date;

use super::command::CommandKind;
use super::event::Event;
use super::lot::{Authorization, Reception};
use super::number::LotNo;
use super::outbound::{LONGEST_REFERENCE, Outbound, OutboundKind, OutboundOutcome};
use super::refused::{Facts, Refused, written};
use super::request::Return;
use super::said::Opening;
use crate::days::{local_day, plus_days};
use crate::plain::maybe_line;
use crate::policy::{Decision, PromisedDates, after, coming_back, promised, waiting};

/// No carrier is waited for longer than that from today, in days.
const FURTHEST: i64 = 90;

impl Return {
    /// Opens a return of goods on their way out: the events that say so.
    pub fn open_outbound(opening: Opening, outbound: Outbound) -> Vec<Event> {
        let certain = outbound.kind.is_certain();
        let mut events = Self::open(opening);
        events.insert(1, Event::OutboundOpened { outbound: Outbound { pursued: None, outcome: None, ..outbound } });
        if certain {
            events.push(Event::OutboundAnswered { outcome: OutboundOutcome::ComingBack, reason: None });
        }
        events
    }

    /// Whether it waits for somebody to say what became of goods on their way out.
    pub fn waits_for_outbound(&self) -> bool {
        self.outbound.as_ref().is_some_and(Outbound::is_open) && self.lots().any(|(line, lot)| self.ended(line, lot).is_none())
    }

    /// Lots about which it can be said: those that wait for it, or come back as far as is known.
    fn outbound_lots(&self) -> Option<Vec<LotNo>> {
        let outbound = self.outbound.as_ref()?;
        let coming = outbound.outcome == Some(OutboundOutcome::ComingBack);
        let goes_on = || self.lots().filter(|(line, lot)| self.ended(line, lot).is_none());
        let waits = |authorization| matches!(authorization, Authorization::Requested | Authorization::InReview);
        let all = goes_on().all(|(_, lot)| match (lot.state.authorization, lot.state.reception) {
            (authorization, Reception::Awaiting) if waits(authorization) => true,
            (Authorization::Approved, Reception::InTransit) => coming && !self.standing(lot.id).settled,
            _ => false,
        });
        let lots: Vec<LotNo> = goes_on().map(|(_, lot)| lot.id).collect();
        (all && !lots.is_empty()).then_some(lots)
    }

    pub(super) fn can_answer_outbound(&self) -> bool {
        self.outbound_lots().is_some()
    }

    pub(super) fn can_pursue_outbound(&self) -> bool {
        self.outbound.as_ref().is_some_and(|outbound| outbound.kind.is_carried()) && self.waits_for_outbound() && self.can_answer_outbound()
    }

    pub(super) fn answer_outbound(
        &self,
        outcome: OutboundOutcome,
        reason: Option<&String>,
        note: Option<&String>,
        facts: &Facts,
    ) -> Result<Vec<Event>, Refused> {
        let kind = CommandKind::AnswerOutbound;
        let outbound = self.outbound.as_ref().ok_or_else(|| Refused::from(self.refused(kind)))?;
        if !outbound.kind.outcomes().contains(&outcome) {
            return Err(Refused::Senseless("this cannot become of it"));
        }
        let lots = self.outbound_lots();
        let waits = |lot: &LotNo| self.lot(*lot).is_some_and(|(_, lot)| lot.state.authorization != Authorization::Approved);
        let waiting = lots.iter().flatten().any(waits);
        if outbound.outcome == Some(outcome) && !waiting {
            return Ok(Vec::new());
        }
        let lots = lots.ok_or_else(|| Refused::from(self.refused(kind)))?;
        let reason = reason.map(|reason| written(reason)).transpose()?;
        let note = note.map(|note| written(note)).transpose()?;
        let answered = |reason| Event::OutboundAnswered { outcome, reason };
        if outcome.gives() {
            let policy = facts.policy()?;
            let promises = match outcome {
                OutboundOutcome::ComingBack => coming_back(policy, facts.now),
                _ => promised(policy, Decision::Approved, false, None, facts.now),
            };
            let mut events = vec![Event::Promised { promises }];
            // What was coming back is approved already.
            match note {
                note if waiting => events.push(Event::Approved { lots, note }),
                Some(note) => events.push(Event::Noted { note }),
                None => {}
            }
            events.push(answered(reason));
            return Ok(events);
        }
        if reason.is_none() {
            return Err(Refused::Senseless("whoever gets nothing is told why"));
        }
        if waiting {
            return Ok(vec![answered(reason.clone()), Event::Declined { lots, reason, note }]);
        }
        let noted = note.map(|note| Event::Noted { note });
        Ok([answered(reason), Event::Lapsed { lots }].into_iter().chain(noted).collect())
    }

    pub(super) fn pursue_outbound(&self, reference: &str, until: Option<Date>, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let policy = facts.policy()?;
        let outbound = self.outbound.as_ref().filter(|_| self.can_pursue_outbound());
        let outbound = outbound.ok_or_else(|| Refused::from(self.refused(CommandKind::PursueOutbound)))?;
        if reference.trim().chars().count() > LONGEST_REFERENCE {
            return Err(Refused::TooLong { most: LONGEST_REFERENCE });
        }
        let reference = maybe_line(Some(reference), LONGEST_REFERENCE);
        let reference = reference.ok_or(Refused::Senseless("it must be said by what name it is asked for"))?;
        let until = match until {
            Some(day) => {
                let today = local_day(facts.now, &policy.time_zone);
                let (least, most) = (today, plus_days(today, FURTHEST));
                policy.end_of(day).filter(|_| (least..=most).contains(&day)).ok_or(Refused::Day { least, most })?
            }
            None => after(policy, facts.now, policy.promises.investigation),
        };
        if outbound.pursued.as_ref() == Some(&reference) && outbound.until == until {
            return Ok(Vec::new());
        }
        Ok(vec![Event::OutboundPursued { reference, until }, Event::Promised { promises: waiting(policy, until) }])
    }
}

impl OutboundKind {
    /// What is promised of it, opened at `now`, where it is known by `until` what became of it.
    pub fn promises(self, policy: &crate::policy::Policy, until: jiff::Timestamp, now: jiff::Timestamp) -> PromisedDates {
        if self.is_certain() { coming_back(policy, now) } else { waiting(policy, until) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, at, facts, on_its_way};
    use super::super::*;
    use super::*;
    use crate::policy::Resolution;

    fn request(kind: OutboundKind) -> Return {
        Return::from_events(&on_its_way(kind, vec![asked("1", 2, Resolution::Refund, Decision::InReview)])).unwrap()
    }

    fn answer(outcome: OutboundOutcome) -> Command {
        Command::AnswerOutbound { outcome, reason: Some("Because.".into()), note: None }
    }

    fn give(request: &mut Return, command: &Command) -> Result<Vec<Event>, Refused> {
        let events = request.decide(command, command.kind().row().who[0], &facts(request))?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events)
    }

    /// One row per case and what it is after each outcome: `x` refused, else how the return stands, and whether something comes back.
    #[test]
    fn every_case_and_outcome_answers_as_this_table_says() {
        let all = OutboundOutcome::ALL;
        for (kind, expected) in [
            (OutboundKind::Cancel, "approved declined x x x"),
            (OutboundKind::Intercept, "x x in_transit+ declined+ approved"),
            (OutboundKind::Refused, "x x = lapsed+ approved"),
            (OutboundKind::NotReceived, "x x in_transit+ declined approved"),
        ] {
            let row = all.iter().map(|outcome| {
                let mut request = request(kind);
                match give(&mut request, &answer(*outcome)) {
                    Err(_) => "x".to_owned(),
                    Ok(events) if events.is_empty() => "=".to_owned(),
                    Ok(_) => {
                        assert_eq!(give(&mut request, &answer(*outcome)), Ok(Vec::new()), "said before");
                        format!("{}{}", request.status(), if request.lines[0].asked.sends_back() { "+" } else { "" })
                    }
                }
            });
            assert_eq!(row.collect::<Vec<_>>().join(" "), expected, "{kind}");
        }
    }

    #[test]
    fn who_gets_nothing_is_told_why_and_may_say_that_it_is_wrong() {
        let mut request = request(OutboundKind::NotReceived);
        let silent = Command::AnswerOutbound { outcome: OutboundOutcome::Delivered, reason: None, note: None };
        assert!(matches!(give(&mut request, &silent), Err(Refused::Senseless(_))));
        assert!(matches!(give(&mut request, &Command::Approve { lots: None, note: None }), Err(Refused::State(_))), "not by policy");
        give(&mut request, &answer(OutboundOutcome::Delivered)).unwrap();
        give(&mut request, &Command::Appeal { lots: None, words: "I was not at home.".into() }).unwrap();
        let (to_do, _) = tasks(&request, at(50));
        assert_eq!(to_do.iter().map(|task| task.kind).collect::<Vec<_>>(), [TaskKind::Review]);
        give(&mut request, &answer(OutboundOutcome::Lost)).unwrap();
        assert_eq!((request.status(), request.lines[0].asked.sends_back()), (Status::Approved, false));
        assert_eq!(tasks(&request, at(50)).0[0].kind, TaskKind::Settle, "the money goes back, and nothing is waited for");
    }

    #[test]
    fn the_clock_becomes_a_task_again_when_the_carrier_does_not_answer() {
        let mut request = request(OutboundKind::Intercept);
        let kinds = |request: &Return, now| tasks(request, now).0.iter().map(|task| (task.kind, task.due)).collect::<Vec<_>>();
        assert_eq!(kinds(&request, at(0)), [(TaskKind::TraceOutbound, at(5))], "somebody asks");
        let friday = "2027-01-29T23:59:59Z".parse().unwrap();
        let pursue = |day| Command::PursueOutbound { reference: " C-1 ".into(), until: Some(jiff::civil::date(2027, 1, day)) };
        give(&mut request, &pursue(29)).unwrap();
        assert_eq!(request.outbound.as_ref().unwrap().pursued.as_deref(), Some("C-1"));
        assert_eq!(give(&mut request, &pursue(29)), Ok(Vec::new()), "said before");
        assert!(matches!(give(&mut request, &pursue(14)), Err(Refused::Day { .. })), "yesterday");
        assert_eq!(kinds(&request, at(50)), [], "who was asked is waited for");
        assert_eq!(tasks(&request, at(50)).1, Some(friday));
        assert_eq!(kinds(&request, friday), [(TaskKind::TraceOutbound, friday)]);
        assert_eq!(request.promises.decided, Some(friday), "and the customer is told until when");
        let mut held = self::request(OutboundKind::Cancel);
        assert_eq!(kinds(&held, at(0)), [(TaskKind::StopParcel, at(45))]);
        assert!(matches!(give(&mut held, &pursue(29)), Err(Refused::State(_))), "nobody carries it");
    }

    #[test]
    fn what_comes_back_is_booked_in_like_any_return_with_no_label() {
        let mut request = request(OutboundKind::Refused);
        assert_eq!((request.status(), request.needs_label()), (Status::InTransit, false));
        let items = vec![(LotNo::first(LineNo(1)), 2, Outcome::Received)];
        give(&mut request, &Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() }).unwrap();
        assert!(matches!(give(&mut request, &answer(OutboundOutcome::Lost)), Err(Refused::State(_))), "it is here");
        assert_eq!(tasks(&request, at(50)).0[0].kind, TaskKind::Inspect);
    }
}
