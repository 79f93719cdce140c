//! Taking back what was done just now, before it takes effect outside.

use super::event::Event;
use super::number::{CommandId, LotNo};
use super::refused::{Facts, Refused};
use super::request::Return;

impl Return {
    pub(super) fn take_back(&self, command: &CommandId, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let last = facts.last.as_ref().filter(|last| last.command == *command && last.from > 1).ok_or(Refused::TooLate)?;
        let lives = |request: &Self, id| request.lot(id).is_some_and(|(_, lot)| lot.state.is_live());
        // What was let go was free for others since.
        let back: Vec<LotNo> =
            last.before.lots().map(|(_, lot)| lot.id).filter(|id| lives(&last.before, *id) && !lives(self, *id)).collect();
        self.check_free(&back, facts)?;
        Ok(vec![Event::TakenBack { from: last.from }])
    }

    /// As it was before, with all that happened since counted.
    pub fn set_back(&mut self, before: Self) {
        *self = Self { version: self.version, newer: self.newer, ..before };
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;
    use super::*;
    use crate::policy::{Decision, Resolution};

    fn command(name: &str) -> CommandId {
        CommandId::new(name)
    }

    fn recorded(events: &[Event], name: &str, first: u64) -> Vec<Recorded> {
        let actor = Actor::Staff { name: "Li".into() };
        let record = |(event, seq): (&Event, u64)| Recorded {
            seq,
            at: at(seq as i64),
            actor: actor.clone(),
            command_id: command(name),
            event: event.clone(),
        };
        events.iter().zip(first..).map(record).collect()
    }

    /// Whatever can be done to a return in any state that a few commands lead to: taken back, it is as it was, and so it is read again.
    #[test]
    fn whatever_was_done_is_taken_back_whole() {
        let lines = vec![asked("1", 2, Resolution::Refund, Decision::Approved), asked("2", 1, Resolution::Exchange, Decision::InReview)];
        let mut states = vec![recorded(&Return::open(opening(lines, false)), "open", 1)];
        let mut taken = std::collections::BTreeSet::new();
        for place in 0..400 {
            let Some(history) = states.get(place).cloned() else { break };
            let here = Return::replay(&history).unwrap();
            for given in commands(&here, Choices::One) {
                let Ok(done) = here.decide(&given, role_for(&given), &facts(&here)) else { continue };
                if done.is_empty() {
                    continue;
                }
                let name = format!("{place}");
                let mut since = recorded(&done, &name, here.version + 1);
                let mut whole = [history.clone(), since.clone()].concat();
                let there = Return::replay(&whole).unwrap();
                let last = Last { command: command(&name), from: here.version + 1, before: Box::new(here.clone()) };
                let free = here.lines.iter().map(|line| (line.asked.order.clone(), line.asked.line.clone(), line.asked.quantity));
                let known = Facts { last: Some(last), free: free.collect(), ..facts(&there) };
                let back = there.decide(&Command::TakeBack { command: command(&name) }, Role::Support, &known).unwrap();
                let undone = recorded(&back, "back", there.version + 1);
                whole.extend(undone);
                let after = Return::replay(&whole).unwrap();
                assert_eq!(after.version, whole.len() as u64);
                assert_eq!(Return { version: here.version, ..after.clone() }, here, "{given:?}");
                let rows: Vec<_> = whole.iter().map(|recorded| (recorded, write_event(recorded).unwrap())).collect();
                let actor = serde_json::to_string(&Actor::System).unwrap();
                let read = History::read(rows.iter().map(|(recorded, text)| (recorded.seq, recorded.at, actor.as_str(), text.as_str())));
                assert_eq!(read.unwrap().request, after);
                let entries = timeline(&after, &whole, at(900));
                assert!(entries.iter().any(|entry| entry.moment == Moment::TakenBack), "{given:?}");
                // Another name, or nobody who may: nothing.
                let other = Command::TakeBack { command: command("other") };
                assert_eq!(there.decide(&other, Role::Support, &known), Err(Refused::TooLate));
                assert_eq!(there.decide(&other, Role::Support, &facts(&there)), Err(Refused::TooLate));
                taken.insert(given.kind());
                if states.len() < 400 {
                    states.push([history.clone(), std::mem::take(&mut since)].concat());
                }
            }
        }
        assert!(taken.len() > 12, "{taken:?}");
    }

    #[test]
    fn units_that_others_took_meanwhile_are_not_taken_twice() {
        let history = recorded(&Return::open(opening(vec![asked("1", 2, Resolution::Refund, Decision::InReview)], false)), "open", 1);
        let here = Return::replay(&history).unwrap();
        let decline = Command::Decline { lots: None, reason: Some("worn".into()), note: None };
        let mut there = here.clone();
        there.decide(&decline, Role::Support, &facts(&here)).unwrap().iter().for_each(|event| there.evolve(event));
        let last = Last { command: command("1"), from: here.version + 1, before: Box::new(here.clone()) };
        let known = |units| Facts {
            last: Some(last.clone()),
            free: here.lines.iter().map(|line| (line.asked.order.clone(), line.asked.line.clone(), units)).collect(),
            ..facts(&there)
        };
        let back = Command::TakeBack { command: command("1") };
        assert!(matches!(there.decide(&back, Role::Support, &known(1)), Err(Refused::Units { asked: 2, there: 1, .. })));
        assert!(there.decide(&back, Role::Support, &known(2)).is_ok());
    }

    #[test]
    fn what_was_written_by_mistake_is_not_told() {
        let mut events = Return::open(opening(vec![asked("1", 1, Resolution::Refund, Decision::InReview)], false));
        let from = events.len() as u64 + 1;
        events.push(Event::ShopWrote { words: "For somebody else".into() });
        events.push(Event::TakenBack { from });
        let history: Vec<Recorded> = recorded(&events, "1", 1);
        let request = Return::replay(&history).unwrap();
        assert_eq!(request.talk, Talk::default());
        let entries = timeline(&request, &history, at(900));
        let told: Vec<_> = entries.iter().map(|entry| (&entry.moment, entry.taken_back)).collect();
        assert!(told.contains(&(&Moment::ShopWrote { words: String::new() }, true)), "{told:?}");
        assert!(told.contains(&(&Moment::TakenBack, false)));
    }
}
