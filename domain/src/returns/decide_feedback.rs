//! Guards of what the customer says of how a return went, once it is over (A13, C37).

use jiff::Timestamp;

use super::command::CommandKind;
use super::event::Event;
use super::feedback::{Feedback, MOST_STARS};
use super::refused::{Facts, Refused, written};
use super::request::Return;
use super::status::Status;
use super::talk::ANSWERED_WITHIN;
use crate::policy::after;

impl Return {
    /// Whether it is over, and there is something to say of how it went: nobody is asked before their money has left.
    pub fn is_rateable(&self) -> bool {
        matches!(self.status(), Status::Completed | Status::SentBack) || self.feedback.is_some()
    }

    /// Whether the customer may say it, or say it otherwise, at `now`.
    pub fn takes_feedback(&self, now: Timestamp) -> bool {
        self.is_rateable() && self.feedback.as_ref().is_none_or(|said| said.is_open(now))
    }

    pub(super) fn rate(&self, stars: u8, words: Option<&String>, facts: &Facts) -> Result<Vec<Event>, Refused> {
        if !(1..=MOST_STARS).contains(&stars) {
            return Err(Refused::Senseless("it is rated with 1 to 5 stars"));
        }
        let words = words.filter(|words| !words.trim().is_empty()).map(|words| written(words)).transpose()?;
        let before = self.feedback.as_ref();
        let feedback = Feedback { at: before.map_or(facts.now, |before| before.at), stars, words };
        if before == Some(&feedback) {
            return Ok(Vec::new());
        }
        if !self.is_rateable() {
            return Err(self.refused(CommandKind::Rate).into());
        }
        if !self.takes_feedback(facts.now) {
            return Err(Refused::RatedBefore);
        }
        // Who was unhappy before is seen to already.
        let newly_low = feedback.is_low() && !before.is_some_and(Feedback::is_low);
        let due = newly_low.then(|| facts.policy().map(|policy| after(policy, facts.now, ANSWERED_WITHIN))).transpose()?;
        Ok(vec![Event::FeedbackGiven { feedback, due }])
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::golden::held_back;
    use super::super::testing::{asked, at, facts, opened};
    use super::super::*;
    use super::*;
    use crate::item::LONGEST_COMMENT;
    use crate::policy::{Decision, Resolution};

    fn over() -> Return {
        Return::from_events(&held_back()).unwrap()
    }

    fn rate(request: &mut Return, stars: u8, words: Option<&str>, now: Timestamp) -> Result<usize, Refused> {
        let command = Command::Rate { stars, words: words.map(str::to_owned) };
        let facts = Facts { now, ..facts(request) };
        let events = request.decide(&command, Role::Customer, &facts)?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events.len())
    }

    fn kinds(request: &Return) -> Vec<TaskKind> {
        tasks(request, at(60)).0.iter().map(|task| task.kind).collect()
    }

    #[test]
    fn nobody_says_how_it_went_before_it_is_over() {
        let mut going = opened(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false);
        assert!(matches!(rate(&mut going, 5, None, at(50)), Err(Refused::State(_))));
        assert!(!going.possible().contains(&CommandKind::Rate) && over().possible().contains(&CommandKind::Rate));
        for role in Role::ALL.into_iter().filter(|role| !CommandKind::Rate.is_for(*role)) {
            let refused = over().decide(&Command::Rate { stars: 5, words: None }, role, &facts(&over()));
            assert!(matches!(refused, Err(Refused::Role { .. })), "{role:?}");
        }
    }

    #[test]
    fn it_is_one_to_five_once_and_may_be_said_otherwise_for_thirty_days() {
        let mut request = over();
        for stars in [0, 6, 255] {
            assert!(matches!(rate(&mut request, stars, None, at(50)), Err(Refused::Senseless(_))), "{stars}");
        }
        assert_eq!(rate(&mut request, 4, Some(&"字".repeat(LONGEST_COMMENT + 1)), at(50)), Err(Refused::TooLong { most: LONGEST_COMMENT }));
        assert_eq!(rate(&mut request, 4, Some(" Quick.\r\n"), at(50)), Ok(1));
        assert_eq!(rate(&mut request, 4, Some("Quick."), at(51)), Ok(0), "sent twice");
        assert_eq!(rate(&mut request, 5, Some("  "), at(52)), Ok(1), "blank words are none");
        let said = Feedback { at: at(50), stars: 5, words: None };
        assert_eq!(request.feedback, Some(said));
        let end = at(50) + CHANGED_WITHIN;
        assert_eq!(rate(&mut request, 3, None, end), Err(Refused::RatedBefore));
        assert_eq!(rate(&mut request, 5, None, end), Ok(0), "the same changes nothing, whenever it comes");
        assert_eq!(rate(&mut request, 3, None, end - SignedDuration::from_secs(1)), Ok(1));
        assert!(!request.takes_feedback(end) && request.takes_feedback(at(60)));
    }

    #[test]
    fn who_is_unhappy_is_answered_once() {
        for (stars, asks) in [(1, true), (2, true), (3, false), (4, false), (5, false)] {
            let mut request = over();
            assert_eq!(rate(&mut request, stars, None, at(50)), Ok(1));
            assert_eq!(kinds(&request).contains(&TaskKind::AnswerCustomer), asks, "{stars}");
        }
        let mut request = over();
        rate(&mut request, 2, None, at(50)).unwrap();
        assert_eq!(request.talk.due, Some("2027-01-18T23:59:59Z".parse().unwrap()), "within a working day of a Friday");
        let settled = request.decide(&Command::SettleTalk, Role::Support, &facts(&request)).unwrap();
        settled.iter().for_each(|event| request.evolve(event));
        assert_eq!(kinds(&request), []);
        rate(&mut request, 1, Some("Still."), at(55)).unwrap();
        assert_eq!(kinds(&request), [], "it was seen to");
        rate(&mut request, 4, None, at(56)).unwrap();
        rate(&mut request, 1, None, at(57)).unwrap();
        assert_eq!(kinds(&request), [TaskKind::AnswerCustomer], "they were content between");
    }
}
