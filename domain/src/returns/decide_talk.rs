//! Guards of what is written about a return: at any state, also when it is over.

use super::command::CommandKind;
use super::event::Event;
use super::refused::{Facts, Refused, written};
use super::request::Return;
use super::talk::{ANSWERED_WITHIN, MOST_UNANSWERED, Message};
use crate::policy::after;

impl Return {
    pub(super) fn write(&self, words: &str) -> Result<Vec<Event>, Refused> {
        let words = written(words)?;
        if self.talk.last == Some(Message::Shop(words.clone())) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ShopWrote { words }])
    }

    pub(super) fn answer(&self, words: &str, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let words = written(words)?;
        if self.talk.last == Some(Message::Customer(words.clone())) {
            return Ok(Vec::new());
        }
        if self.talk.unanswered >= MOST_UNANSWERED {
            return Err(Refused::Unanswered { most: MOST_UNANSWERED });
        }
        let due = after(facts.policy()?, facts.now, ANSWERED_WITHIN);
        Ok(vec![Event::CustomerWrote { words, due }])
    }

    pub(super) fn settle_talk(&self) -> Result<Vec<Event>, Refused> {
        match (self.talk.unanswered, &self.talk.last) {
            (0, Some(Message::Customer(_))) => Ok(Vec::new()),
            (0, _) => Err(self.refused(CommandKind::SettleTalk).into()),
            _ => Ok(vec![Event::TalkSettled]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, at, facts, opened};
    use super::super::*;
    use super::*;
    use crate::item::LONGEST_COMMENT;
    use crate::policy::{Decision, Resolution};

    fn request() -> Return {
        opened(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false)
    }

    /// Gives a command; what comes of it, taken in.
    fn give(request: &mut Return, command: &Command) -> Result<Vec<Event>, Refused> {
        let role = command.kind().row().who[0];
        let events = request.decide(command, role, &facts(request))?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events)
    }

    #[test]
    fn a_customer_is_answered_within_a_working_day_of_the_first_that_waits() {
        let mut request = request();
        let answer = |words: &str| Command::Answer { words: words.into() };
        // A Friday.
        assert_eq!(at(50).to_string(), "2027-01-15T08:00:50Z");
        give(&mut request, &answer("Hello?")).unwrap();
        assert_eq!(request.talk.due, Some("2027-01-18T23:59:59Z".parse().unwrap()), "on Monday");
        let later = Facts { now: at(260_000), ..facts(&request) };
        request.decide(&answer("Anybody?"), Role::Customer, &later).unwrap().iter().for_each(|event| request.evolve(event));
        assert_eq!((request.talk.unanswered, request.talk.due.unwrap().to_string().as_str()), (2, "2027-01-18T23:59:59Z"));
        give(&mut request, &Command::Write { words: "Here we are.".into() }).unwrap();
        assert_eq!((request.talk.unanswered, request.talk.due), (0, None));
        assert!(matches!(give(&mut request, &Command::SettleTalk), Err(Refused::State(_))), "nothing waits");
        give(&mut request, &answer("Thanks.")).unwrap();
        assert_eq!(give(&mut request, &Command::SettleTalk), Ok(vec![Event::TalkSettled]));
        assert_eq!((request.talk.unanswered, request.talk.due), (0, None));
        assert_eq!(give(&mut request, &Command::SettleTalk), Ok(Vec::new()), "done before");
    }

    #[test]
    fn what_is_sent_twice_is_said_once_and_what_waits_is_bounded() {
        let mut request = request();
        for (command, again) in [
            (Command::Answer { words: "Hello?".into() }, Command::Answer { words: " Hello?\r\n".into() }),
            (Command::Write { words: "Yes?".into() }, Command::Write { words: "Yes?".into() }),
        ] {
            assert_eq!(give(&mut request, &command).unwrap().len(), 1);
            assert_eq!(give(&mut request, &again), Ok(Vec::new()));
        }
        for count in 1..=MOST_UNANSWERED {
            give(&mut request, &Command::Answer { words: format!("Hello {count}?") }).unwrap();
        }
        let more = Command::Answer { words: "Hello?".into() };
        assert!(request.possible().contains(&CommandKind::Write) && !request.possible().contains(&CommandKind::Answer));
        assert_eq!(give(&mut request, &more), Err(Refused::Unanswered { most: MOST_UNANSWERED }));
        give(&mut request, &Command::Write { words: "We are here.".into() }).unwrap();
        assert_eq!(give(&mut request, &more).unwrap().len(), 1);
    }

    #[test]
    fn what_is_written_says_something_and_not_too_much() {
        let mut request = request();
        let commands: [fn(String) -> Command; 3] =
            [|note| Command::Note { note }, |words| Command::Write { words }, |words| Command::Answer { words }];
        for command in commands {
            assert!(matches!(give(&mut request, &command(" \n\0".into())), Err(Refused::Senseless(_))));
            assert_eq!(give(&mut request, &command("字".repeat(LONGEST_COMMENT + 1))), Err(Refused::TooLong { most: LONGEST_COMMENT }));
            assert_eq!(give(&mut request, &command("字".repeat(LONGEST_COMMENT))).unwrap().len(), 1);
        }
        assert!(
            request.decide(&Command::Answer { words: "Hi".into() }, Role::Customer, &Facts::at(at(0))).is_err(),
            "no day without a policy"
        );
    }

    #[test]
    fn an_ended_return_is_written_about_all_the_same_and_notes_are_for_nobody_else() {
        let mut request = request();
        give(&mut request, &Command::Cancel { lots: None, reason: None }).unwrap();
        let before = request.clone();
        let mut events = vec![];
        for command in [
            Command::Note { note: "a secret".into() },
            Command::Answer { words: "Why?".into() },
            Command::Write { words: "You asked for it.".into() },
        ] {
            events.extend(give(&mut request, &command).unwrap());
        }
        assert_eq!(request.status(), Status::Cancelled);
        assert_eq!(request.lines, before.lines);
        let recorded: Vec<Recorded> = (1..)
            .zip(events)
            .map(|(seq, event)| Recorded { seq, at: at(0), actor: Actor::System, command_id: CommandId::new("c"), event })
            .collect();
        let told = serde_json::to_string(&timeline(&request, &recorded, at(0))).unwrap();
        assert!(told.contains("Why?") && told.contains("You asked for it.") && !told.contains("a secret"), "{told}");
        assert_eq!(recorded.iter().filter(|recorded| recorded.event.is_internal()).count(), 1);
    }
}
