//! Guards of looking again: at what was declined, at what more the customer shows, at the day by which it is to be sent.

use jiff::Timestamp;
use jiff::civil::Date;

use super::command::{CommandKind, Which};
use super::event::Event;
use super::line::ReturnLine;
use super::lot::{Authorization, Lot, Reception};
use super::moves::{Move, Step};
use super::number::{LineNo, LotNo};
use super::refused::{Facts, Refused, unknown, written};
use super::request::Return;
use crate::days::{local_day, plus_days};
use crate::policy::{Decision, Method, PromisedDates, Span, after, extended, promised};

/// What is asked of a customer is waited for that long.
const SHOWN_WITHIN: Span = Span::Days(7);
/// Nobody is given more days than that from today.
const FURTHEST: i64 = 90;

impl Return {
    pub(super) fn approve(&self, which: &Which, note: Option<&String>, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let lots = self.moved(CommandKind::Approve, which, Move::Approve)?;
        let is = |lot: &LotNo, authorization| self.lot(*lot).is_some_and(|(_, lot)| lot.state.authorization == authorization);
        // What was declined was free for others since.
        let declined: Vec<LotNo> = lots.iter().copied().filter(|lot| is(lot, Authorization::Declined)).collect();
        self.check_free(&declined, facts)?;
        let appealed = |lot: &LotNo| self.lot(*lot).is_some_and(|(_, lot)| lot.appeal.is_some());
        let again = lots.iter().any(|lot| declined.contains(lot) || appealed(lot));
        let mut events = Vec::new();
        // Who was told "no" has sent nothing while the time for it ran.
        if again && self.promises.sent <= facts.now {
            events.push(Event::Promised { promises: self.promised_by(Decision::Approved, facts.now, facts)? });
        }
        if !lots.is_empty() {
            events.push(Event::Approved { lots, note: note.cloned() });
        }
        Ok(events)
    }

    pub(super) fn appeal(&self, which: &Which, words: &str, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let words = written(words)?;
        let (mut lots, mut done_before) = (Vec::new(), false);
        for (_, lot) in self.named(which)?.into_iter().filter_map(|id| self.lot(id)) {
            match lot.state.authorization {
                Authorization::Declined => lots.push(lot.id),
                Authorization::InReview if lot.appeal.as_ref() == Some(&words) => done_before = true,
                _ if which.is_none() => {}
                _ => return Err(self.refused(CommandKind::Appeal).into()),
            }
        }
        if lots.is_empty() {
            return if done_before { Ok(Vec::new()) } else { Err(self.refused(CommandKind::Appeal).into()) };
        }
        self.check_free(&lots, facts)?;
        let promises = self.promised_again(&lots, facts.now, facts)?;
        Ok(vec![Event::Appealed { lots, words, promises }])
    }

    pub(super) fn ask_evidence(&self, which: &Which, note: &str, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let waits = |lot: &LotNo| self.lot(*lot).is_some_and(|(_, lot)| lot.state.authorization == Authorization::InReview);
        let lots: Vec<LotNo> = self.named(which)?.into_iter().filter(waits).collect();
        if lots.is_empty() {
            return Err(self.refused(CommandKind::AskEvidence).into());
        }
        let note = written(note)?;
        let until = after(facts.policy()?, facts.now, SHOWN_WITHIN);
        let promises = self.promised_again(&lots, until, facts)?;
        Ok(vec![Event::EvidenceAsked { lots: lots.clone(), note }, Event::Awaited { lots, until, promises }])
    }

    pub(super) fn add_evidence(&self, lines: &[LineNo], evidence: &[String], facts: &Facts) -> Result<Vec<Event>, Refused> {
        for id in lines {
            self.line(*id).ok_or_else(|| unknown("line", id))?;
            if !self.takes_evidence(*id) {
                return Err(self.refused(CommandKind::AddEvidence).into());
            }
        }
        if lines.is_empty() || evidence.is_empty() {
            return Err(Refused::Senseless("evidence is added to lines, and there must be some"));
        }
        let mut events = vec![Event::EvidenceAdded { lines: lines.to_vec(), evidence: evidence.to_vec() }];
        let awaited = self.lots().filter(|(line, lot)| lines.contains(&line.id) && lot.awaits.is_some());
        let awaited: Vec<LotNo> = awaited.map(|(_, lot)| lot.id).collect();
        // It is judged anew, within the time that a judgement takes.
        if !awaited.is_empty() {
            events.push(Event::Promised { promises: self.promised_again(&awaited, facts.now, facts)? });
        }
        Ok(events)
    }

    pub(super) fn extend(&self, until: Date, reason: &str, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let (policy, reason) = (facts.policy()?, written(reason)?);
        if !self.can_extend() {
            return Err(self.refused(CommandKind::Extend).into());
        }
        let promises = extended(policy, &self.promises, until);
        if promises.sent == self.promises.sent {
            return Ok(Vec::new());
        }
        let (today, sent) = (local_day(facts.now, &policy.time_zone), local_day(self.promises.sent, &policy.time_zone));
        let (least, most) = (plus_days(sent, 1).max(today), plus_days(today, FURTHEST));
        if !(least..=most).contains(&until) {
            return Err(Refused::Day { least, most });
        }
        Ok(vec![Event::Extended { until, reason, promises }])
    }

    /// Whether something that is to be sent is with the customer.
    pub(super) fn can_extend(&self) -> bool {
        let waits =
            |line: &ReturnLine, lot: &Lot| lot.state.is_live() && line.asked.sends_back() && lot.state.reception == Reception::Awaiting;
        self.outbound.is_none() && self.lots().any(|(line, lot)| waits(line, lot))
    }

    /// Lines of which something was declined that nobody else has taken since: the customer may say that this seems wrong.
    pub fn appealable(&self, facts: &Facts) -> Vec<LineNo> {
        let declined =
            |id: LineNo| self.lots().filter(move |(line, lot)| line.id == id && lot.state.authorization == Authorization::Declined);
        let free = |id: LineNo| {
            let lots: Vec<LotNo> = declined(id).map(|(_, lot)| lot.id).collect();
            !lots.is_empty() && self.check_free(&lots, facts).is_ok()
        };
        self.lines.iter().map(|line| line.id).filter(|id| free(*id)).collect()
    }

    /// Whether photos can be added to a line: some of it is with the customer, and not settled.
    pub fn takes_evidence(&self, id: LineNo) -> bool {
        let open = |line, lot| self.ended(line, lot).is_none() && self.step(lot, Move::Change) == Step::Already;
        self.lots().any(|(line, lot)| line.id == id && open(line, lot))
    }

    /// That units which were let go are free still, those of one order line together.
    pub(super) fn check_free(&self, lots: &[LotNo], facts: &Facts) -> Result<(), Refused> {
        for (line, lot) in lots.iter().filter_map(|lot| self.lot(*lot)) {
            let same =
                lots.iter().filter_map(|lot| self.lot(*lot)).filter(|(other, _)| other.asked.is_of(&line.asked.order, &line.asked.line));
            let (asked, there) = (same.map(|(_, lot)| lot.units).sum(), facts.free(&line.asked));
            if there < asked {
                return Err(Refused::Units { lot: lot.id, asked, there });
            }
        }
        Ok(())
    }

    /// What is promised where a person decides about lots from that moment on. What is under way keeps its dates, and so does what waits for
    /// a decision beside them.
    fn promised_again(&self, lots: &[LotNo], from: Timestamp, facts: &Facts) -> Result<PromisedDates, Refused> {
        // What a carrier is asked takes its time, whatever the customer shows meanwhile.
        if self.waits_for_outbound() {
            return Ok(self.promises);
        }
        let waits = |lot: &Lot| lot.state.authorization == Authorization::InReview && lot.awaits.is_none() && !lots.contains(&lot.id);
        if self.promises.decided.is_some_and(|decided| decided > facts.now) && self.lots().any(|(_, lot)| waits(lot)) {
            return Ok(self.promises);
        }
        let anew = self.promised_by(Decision::InReview, from, facts)?;
        let under_way = self.lots().any(|(line, lot)| self.ended(line, lot).is_none() && self.step(lot, Move::Change) != Step::Already);
        Ok(if under_way { PromisedDates { decided: anew.decided, ..self.promises } } else { anew })
    }

    fn promised_by(&self, decision: Decision, from: Timestamp, facts: &Facts) -> Result<PromisedDates, Refused> {
        // A pickup that was missed has no new day by itself.
        let pickup = self.pickup.as_ref().map(|pickup| pickup.date).filter(|_| self.promises.sent > from);
        Ok(promised(facts.policy()?, decision, self.method != Method::None, pickup, from))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, at, bought, facts, opened, opening, parcel};
    use super::super::*;
    use super::*;
    use crate::item::LONGEST_COMMENT;
    use crate::policy::Resolution;

    fn lot(line: u32) -> LotNo {
        LotNo::first(LineNo(line))
    }

    fn appeal(lots: Which, words: &str) -> Command {
        Command::Appeal { lots, words: words.into() }
    }

    fn approve(line: u32) -> Command {
        Command::Approve { lots: Some(vec![lot(line)]), note: None }
    }

    /// As many units are free of each line.
    fn free(request: &Return, units: u32) -> Facts {
        let free = request.lines.iter().map(|line| (line.asked.order.clone(), line.asked.line.clone(), units)).collect();
        Facts { free, ..facts(request) }
    }

    fn give(request: &mut Return, command: &Command, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let events = request.decide(command, command.kind().row().who[0], facts)?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events)
    }

    fn line(line: &str, units: u32, decision: Decision) -> LineAsked {
        asked(line, units, Resolution::Refund, decision)
    }

    #[test]
    fn what_was_declined_is_looked_at_again_once_for_each_decision() {
        let mut request = opened(vec![line("1", 2, Decision::Declined), line("2", 1, Decision::Approved)], false);
        let facts = free(&request, 2);
        assert_eq!(request.appealable(&facts), [LineNo(1)]);
        assert!(matches!(give(&mut request, &appeal(Some(vec![lot(2)]), "why?"), &facts), Err(Refused::State(_))), "that was approved");
        assert!(matches!(give(&mut request, &appeal(None, " "), &facts), Err(Refused::Senseless(_))));
        assert!(matches!(give(&mut request, &appeal(None, &"x".repeat(LONGEST_COMMENT + 1)), &facts), Err(Refused::TooLong { .. })));
        assert_eq!(give(&mut request, &appeal(None, "it is new"), &facts).unwrap().len(), 1);
        let looked_at = |request: &Return| {
            let lot = request.lot(lot(1)).unwrap().1;
            (lot.state.authorization, lot.appeal.clone())
        };
        assert_eq!(looked_at(&request), (Authorization::InReview, Some("it is new".into())));
        assert_eq!((request.status(), request.units_held(&request.lines[0])), (Status::InReview, 2), "its units are taken");
        assert_eq!(give(&mut request, &appeal(None, "it is new"), &facts), Ok(Vec::new()), "a form that was sent twice");
        assert!(matches!(give(&mut request, &appeal(Some(vec![lot(1)]), "and blue"), &facts), Err(Refused::State(_))), "once");
        assert_eq!(request.appealable(&facts), [LineNo(0); 0]);

        give(&mut request, &Command::Decline { lots: Some(vec![lot(1)]), reason: None, note: None }, &facts).unwrap();
        assert_eq!(looked_at(&request), (Authorization::Declined, None), "answered");
        give(&mut request, &appeal(None, "it is new"), &facts).unwrap();
        give(&mut request, &approve(1), &facts).unwrap();
        assert_eq!(looked_at(&request), (Authorization::Approved, None));
    }

    #[test]
    fn what_others_took_since_is_not_asked_for_again() {
        let twice = vec![line("1", 1, Decision::Declined), line("1", 1, Decision::Declined), line("2", 1, Decision::Approved)];
        let mut request = opened(twice, false);
        for command in [appeal(None, "why?"), Command::Approve { lots: Some(vec![lot(1), lot(2)]), note: None }] {
            for there in [0, 1] {
                let facts = free(&request, there);
                assert_eq!(give(&mut request, &command, &facts), Err(Refused::Units { lot: lot(1), asked: 2, there }), "{command:?}");
            }
        }
        assert_eq!(request.appealable(&free(&request, 0)), [LineNo(0); 0]);
        assert_eq!(request.appealable(&free(&request, 1)), [LineNo(1), LineNo(2)], "either of them");
        let facts = free(&request, 2);
        give(&mut request, &appeal(None, "why?"), &facts).unwrap();
        // They are held since.
        let none = free(&request, 0);
        give(&mut request, &approve(1), &none).unwrap();
    }

    #[test]
    fn whoever_is_told_yes_after_all_has_the_time_to_send_it() {
        let by = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        // A Friday; all was to be sent by now.
        let declined = || opened(vec![line("1", 1, Decision::Declined)], false);
        let mut request = declined();
        let facts = free(&request, 1);
        give(&mut request, &appeal(None, "why?"), &facts).unwrap();
        let promises = request.promises;
        assert_eq!((promises.decided, promises.sent), (Some(by("2027-01-18T23:59:59Z")), by("2027-02-01T23:59:59Z")));
        give(&mut request, &approve(1), &facts).unwrap();
        assert_eq!(request.promises, promises, "there is time left");

        let mut request = declined();
        let events = give(&mut request, &approve(1), &facts).unwrap();
        assert!(matches!(events[..], [Event::Promised { .. }, Event::Approved { .. }]), "{events:?}");
        assert_eq!((request.promises.decided, request.promises.sent), (None, by("2027-01-29T23:59:59Z")));
        let mut in_time = declined();
        in_time.promises.sent = at(60);
        assert_eq!(give(&mut in_time, &approve(1), &facts).unwrap().len(), 1);

        // What is on its way keeps what was promised for it.
        let mut request = opened(vec![line("1", 1, Decision::Declined), line("2", 1, Decision::Approved)], false);
        let scan = Scan { status: ScanStatus::InTransit, at: at(15), location: None };
        give(&mut request, &Command::Scan { tracking_number: "T1".into(), scan }, &facts).unwrap();
        let before = request.promises;
        give(&mut request, &appeal(None, "why?"), &facts).unwrap();
        assert_eq!(request.promises, PromisedDates { decided: Some(by("2027-01-18T23:59:59Z")), ..before });
    }

    #[test]
    fn whoever_is_asked_for_more_is_waited_for_and_what_they_show_is_judged_anew() {
        let by = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let mut request = opened(vec![line("1", 1, Decision::InReview), line("2", 1, Decision::InReview)], false);
        request.promises.decided = Some(at(60));
        let ask =
            |lines: &[u32]| Command::AskEvidence { lots: Some(lines.iter().map(|line| lot(*line)).collect()), note: "the label".into() };
        let show = |line| Command::AddEvidence { lines: vec![LineNo(line)], evidence: vec!["ev_1".into()] };
        let review =
            |request: &Return, now| tasks(request, now).0.into_iter().find(|task| task.kind == TaskKind::Review).map(|task| task.due);
        let facts = facts(&request);
        give(&mut request, &ask(&[1]), &facts).unwrap();
        assert_eq!(request.promises.decided, Some(at(60)), "the other waits for us");
        assert_eq!(review(&request, at(50)), Some(at(60)));
        give(&mut request, &ask(&[1, 2]), &facts).unwrap();
        // Asked on a Friday.
        let (until, decided) = (by("2027-01-22T23:59:59Z"), by("2027-01-25T23:59:59Z"));
        assert_eq!((request.awaits(at(50)), request.promises.decided), (Some(until), Some(decided)));
        assert_eq!((review(&request, at(50)), review(&request, until)), (None, Some(decided)), "not waited for longer than that");
        let (_, next) = tasks(&request, at(50));
        assert_eq!(next, Some(until));
        let ahead = |request: &Return, now| {
            let left = timeline(request, &[], now).into_iter().take(2).map(|entry| (entry.moment, entry.promised_by));
            left.collect::<Vec<_>>()
        };
        assert_eq!(ahead(&request, at(50)), [(Moment::Show, Some(until)), (Moment::Decision, None)]);
        assert_eq!(ahead(&request, until)[0], (Moment::Decision, Some(decided)));

        let events = give(&mut request, &show(1), &facts).unwrap();
        assert!(matches!(events[..], [Event::EvidenceAdded { .. }, Event::Promised { .. }]), "{events:?}");
        let monday = Some(by("2027-01-18T23:59:59Z"));
        assert_eq!((request.promises.decided, review(&request, at(51))), (monday, monday), "within a working day");
        assert_eq!(give(&mut request, &show(1), &facts).unwrap().len(), 1, "it promises nothing more");
        give(&mut request, &Command::Approve { lots: None, note: None }, &facts).unwrap();
        assert_eq!((request.awaits(at(50)), review(&request, until)), (None, None), "decided without");
    }

    #[test]
    fn more_time_is_given_up_to_a_day_and_what_follows_follows() {
        let by = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let extend = |until: &str| Command::Extend { until: until.parse().unwrap(), reason: "a journey".into() };
        let mut request = opened(vec![line("1", 1, Decision::Approved)], false);
        let facts = facts(&request);
        let chased = |request: &Return| tasks(request, at(50)).0.into_iter().map(|task| task.kind).collect::<Vec<_>>();
        assert_eq!(chased(&request), [TaskKind::RenewLabel]);
        let (least, most) = ("2027-01-16".parse().unwrap(), "2027-04-15".parse().unwrap());
        for day in ["2027-01-14", "2027-01-15", "2027-04-16"] {
            assert_eq!(give(&mut request, &extend(day), &facts), Err(Refused::Day { least, most }), "{day}");
        }
        let silent = Command::Extend { until: least, reason: " ".into() };
        assert!(matches!(give(&mut request, &silent, &facts), Err(Refused::Senseless(_))));
        give(&mut request, &extend("2027-02-12"), &facts).unwrap();
        let promises = request.promises;
        let days = [promises.sent, promises.label, promises.arrived, promises.inspected, promises.refunded];
        assert_eq!(days, ["12", "12", "17", "19", "23"].map(|day| by(&format!("2027-02-{day}T23:59:59Z"))));
        assert_eq!(request.parcel().unwrap().expires_at, promises.label, "our own label works as long");
        assert_eq!(chased(&request), []);
        assert_eq!(give(&mut request, &extend("2027-02-12"), &facts), Ok(Vec::new()), "done before");
        assert!(matches!(give(&mut request, &extend("2027-02-11"), &facts), Err(Refused::Day { .. })), "never less");

        let mut bought_label = Return::from_events(&Return::open(opening(vec![line("1", 1, Decision::Approved)], false))).unwrap();
        bought_label.evolve(&Event::LabelIssued { parcel: bought("T9"), promises: None });
        let expires_at = bought_label.parcel().unwrap().expires_at;
        give(&mut bought_label, &extend("2027-02-12"), &facts).unwrap();
        assert_eq!(bought_label.parcel().unwrap().expires_at, expires_at, "a carrier's works as long as the carrier says");
        assert_eq!(chased(&bought_label), [TaskKind::RenewLabel]);
        give(&mut request, &Command::Cancel { lots: None, reason: None }, &facts).unwrap();
        assert!(matches!(give(&mut request, &extend("2027-03-12"), &facts), Err(Refused::State(_))), "nothing is to be sent");
    }

    #[test]
    fn what_is_approved_after_the_parcel_left_has_a_label_of_its_own() {
        let mut request = opened(vec![line("1", 1, Decision::Declined), line("2", 1, Decision::Approved)], false);
        let facts = free(&request, 1);
        let scan =
            |number: &str, status| Command::Scan { tracking_number: number.into(), scan: Scan { status, at: at(15), location: None } };
        give(&mut request, &scan("T1", ScanStatus::InTransit), &facts).unwrap();
        give(&mut request, &appeal(None, "why?"), &facts).unwrap();
        assert!(request.takes_evidence(LineNo(1)) && !request.takes_evidence(LineNo(2)));
        assert!(!request.needs_label(), "nobody has decided");
        give(&mut request, &approve(1), &facts).unwrap();
        assert!(request.needs_label());
        request.evolve(&Event::LabelIssued { parcel: Parcel { tracking_number: "T2".into(), ..parcel() }, promises: None });
        assert!(!request.needs_label());
        // Each parcel has its own fate.
        give(&mut request, &scan("T2", ScanStatus::InTransit), &facts).unwrap();
        give(&mut request, &scan("T2", ScanStatus::Lost), &facts).unwrap();
        let reception = |line| request.lot(lot(line)).unwrap().1.state.reception;
        assert_eq!((reception(1), reception(2)), (Reception::Lost, Reception::InTransit));

        // One that was not sent yet takes it along.
        let mut request = opened(vec![line("1", 1, Decision::Declined), line("2", 1, Decision::Approved)], false);
        give(&mut request, &approve(1), &facts).unwrap();
        assert!(!request.needs_label());
        let whole = Return::from_events(&Return::open(opening(vec![line("1", 1, Decision::Declined)], false))).unwrap();
        let mut whole = whole;
        give(&mut whole, &approve(1), &facts).unwrap();
        assert!(whole.needs_label(), "its first");
    }
}
