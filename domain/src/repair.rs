//! Repair orders (C23, C24): who repairs what, with which parts, how far it is, and what became of it. A list of steps, and the state they lead to.
//! Long because its guards, its table of cases and its golden file stand beside it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::money::Currency;
use crate::returns::{AtWorkshop, Disposition, Entry, EntryState, Late, LotNo, Moment, RepairFor};

/// Parts of one order, at the most.
pub const MOST_PARTS: usize = 50;
/// Pieces of one part, at the most.
pub const MOST_PIECES: u32 = 10_000;
/// What all pieces of one part cost, in minor units, at the most.
pub const MOST_COST: i64 = 100_000_000;
/// Steps of one order, at the most: more is said in no repair.
const MOST_STEPS: usize = 500;

/// How far a repair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairState {
    /// Nobody has taken it.
    Waiting,
    InWork,
    /// A part is ordered.
    AwaitsParts,
    /// It was repaired.
    Done,
    /// It cannot be repaired, or is not worth it.
    GivenUp,
    /// It left the workshop otherwise, or never should have come.
    Left,
}

coded!(RepairState {
    Waiting => "waiting",
    InWork => "in_work",
    AwaitsParts => "waiting_for_parts",
    Done => "done",
    GivenUp => "given_up",
    Left => "left",
});

impl RepairState {
    /// States of an order that goes on.
    pub const OPEN: [Self; 3] = [Self::Waiting, Self::InWork, Self::AwaitsParts];

    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

/// Where goods go once they are repaired, by its name.
pub const DONE_TO: [(&str, Disposition); 2] = [("restock", Disposition::Restock), ("send_back", Disposition::SendBack)];

/// Where goods go that nobody repairs, by its name.
pub const GIVEN_UP_TO: [(&str, Disposition); 6] = [
    ("quarantine", Disposition::Quarantine),
    ("resell", Disposition::Resell),
    ("donate", Disposition::Donate),
    ("recycle", Disposition::Recycle),
    ("scrap", Disposition::Scrap),
    ("send_back", Disposition::SendBack),
];

/// A part that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its SKU, or what it is called.
    pub what: String,
    pub quantity: u32,
    /// What all of them cost, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
}

/// What happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RepairEvent {
    Opened {
        lots: Vec<LotNo>,
        units: u32,
        serves: RepairFor,
        due: Timestamp,
        /// In which parts are paid.
        currency: Currency,
    },
    /// It is for other units, or for somebody else, than was said.
    Meant {
        lots: Vec<LotNo>,
        units: u32,
        serves: RepairFor,
    },
    Taken {
        /// The account, or `key:` and a key's name.
        technician: String,
    },
    /// Work goes on, or waits.
    Moved {
        to: RepairState,
    },
    /// All parts used so far.
    PartsUsed {
        parts: Vec<Part>,
    },
    /// By when it will be done.
    Promised {
        due: Timestamp,
    },
    /// For colleagues.
    Noted {
        note: String,
    },
    Done {
        to: Disposition,
    },
    GivenUp {
        to: Disposition,
        /// Why, for colleagues.
        reason: String,
    },
    /// It is not with the workshop any more.
    Left,
    /// What ended it was taken back.
    Reopened,
}

/// A step: what happened, when, and who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairStep {
    pub at: Timestamp,
    /// The account, `key:` and a key's name, or `system`.
    pub by: String,
    #[serde(flatten)]
    pub event: RepairEvent,
}

/// What can be done about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairCommand {
    Take {
        technician: String,
    },
    /// Says what is new of it; what is left out stays as it is.
    Progress {
        /// `InWork` or `AwaitsParts`.
        to: Option<RepairState>,
        /// All parts used so far.
        parts: Option<Vec<Part>>,
        due: Option<Timestamp>,
        /// For colleagues.
        note: Option<String>,
    },
    Finish {
        to: Disposition,
    },
    GiveUp {
        to: Disposition,
        reason: String,
    },
}

/// Why nothing was done about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepairRefused {
    /// It is over, and ended otherwise.
    #[error("this repair order is {0} by now")]
    Ended(RepairState),
    /// What the customer wants repaired is not the shop's to sell.
    #[error("this belongs to the customer: repaired, it goes back to them")]
    Theirs,
    /// No such state can be told, or no such place is one for it.
    #[error("that is no way on for a repair order")]
    Senseless,
    /// More was said of it than is kept.
    #[error("more is said of this repair order than is kept")]
    Full,
}

/// A repair order, as its steps lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    pub opened_at: Timestamp,
    pub lots: Vec<LotNo>,
    pub units: u32,
    pub serves: RepairFor,
    pub state: RepairState,
    /// The account, or `key:` and a key's name.
    pub technician: Option<String>,
    pub parts: Vec<Part>,
    pub currency: Currency,
    /// By when it is to be done.
    pub due: Timestamp,
    /// Where it went, where it is over and somebody said so.
    pub to: Option<Disposition>,
    pub ended_at: Option<Timestamp>,
    pub steps: Vec<RepairStep>,
    /// As it stood before it ended.
    before: RepairState,
}

impl Repair {
    /// An order for what is with the workshop now.
    pub fn open(work: &AtWorkshop, currency: Currency, at: Timestamp, by: String) -> Option<Self> {
        let AtWorkshop { lots, units, serves, due } = work.clone();
        Self::replay(vec![RepairStep { at, by, event: RepairEvent::Opened { lots, units, serves, due, currency } }])
    }

    /// An order from its steps. Nothing where the first is not its opening.
    pub fn replay(steps: Vec<RepairStep>) -> Option<Self> {
        let mut steps = steps.into_iter();
        let first = steps.next()?;
        let RepairEvent::Opened { lots, units, serves, due, currency } = first.event.clone() else { return None };
        let mut order = Self {
            opened_at: first.at,
            lots,
            units,
            serves,
            state: RepairState::Waiting,
            technician: None,
            parts: Vec::new(),
            currency,
            due,
            to: None,
            ended_at: None,
            steps: vec![first],
            before: RepairState::Waiting,
        };
        steps.for_each(|step| order.evolve(step));
        Some(order)
    }

    /// Takes a step in.
    pub fn evolve(&mut self, step: RepairStep) {
        let at = step.at;
        match &step.event {
            RepairEvent::Opened { .. } | RepairEvent::Noted { .. } => {}
            RepairEvent::Meant { lots, units, serves } => (self.lots, self.units, self.serves) = (lots.clone(), *units, *serves),
            RepairEvent::Taken { technician } => self.technician = Some(technician.clone()),
            RepairEvent::Moved { to } => self.state = *to,
            RepairEvent::PartsUsed { parts } => self.parts.clone_from(parts),
            RepairEvent::Promised { due } => self.due = *due,
            RepairEvent::Done { to } => self.end(RepairState::Done, Some(*to), at),
            RepairEvent::GivenUp { to, .. } => self.end(RepairState::GivenUp, Some(*to), at),
            RepairEvent::Left => self.end(RepairState::Left, None, at),
            RepairEvent::Reopened => (self.state, self.to, self.ended_at) = (self.before, None, None),
        }
        self.steps.push(step);
    }

    fn end(&mut self, state: RepairState, to: Option<Disposition>, at: Timestamp) {
        self.before = self.state;
        (self.state, self.to, self.ended_at) = (state, to, Some(at));
    }

    /// Whether it should be done by now.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.due <= now
    }

    /// What a command, given by somebody, makes of it; nothing where it has been done before.
    pub fn decide(&self, command: &RepairCommand, by: &str) -> Result<Vec<RepairEvent>, RepairRefused> {
        let open = self.state.is_open();
        if open && self.steps.len() >= MOST_STEPS && matches!(command, RepairCommand::Take { .. } | RepairCommand::Progress { .. }) {
            return Err(RepairRefused::Full);
        }
        // Whoever works on what nobody has taken, has taken it.
        let taken = || self.technician.is_none().then(|| RepairEvent::Taken { technician: by.to_owned() });
        match command {
            RepairCommand::Finish { to } if !DONE_TO.iter().any(|(_, known)| known == to) => Err(RepairRefused::Senseless),
            RepairCommand::GiveUp { to, .. } if !GIVEN_UP_TO.iter().any(|(_, known)| known == to) => Err(RepairRefused::Senseless),
            RepairCommand::Finish { to } if self.state == RepairState::Done && self.to == Some(*to) => Ok(Vec::new()),
            RepairCommand::GiveUp { to, .. } if self.state == RepairState::GivenUp && self.to == Some(*to) => Ok(Vec::new()),
            _ if !open => Err(RepairRefused::Ended(self.state)),
            RepairCommand::Take { technician } => {
                let theirs = self.technician.as_ref() == Some(technician);
                let taken = (!theirs).then(|| RepairEvent::Taken { technician: technician.clone() });
                let begun = (self.state == RepairState::Waiting).then_some(RepairEvent::Moved { to: RepairState::InWork });
                Ok(taken.into_iter().chain(begun).collect())
            }
            RepairCommand::Progress { to, parts, due, note } => {
                if to.is_some_and(|to| !matches!(to, RepairState::InWork | RepairState::AwaitsParts)) {
                    return Err(RepairRefused::Senseless);
                }
                let moved = to.filter(|to| *to != self.state).map(|to| RepairEvent::Moved { to });
                let used = parts.as_ref().filter(|parts| **parts != self.parts);
                let used = used.map(|parts| RepairEvent::PartsUsed { parts: parts.clone() });
                let works = (moved.is_some() || used.is_some()).then(taken).flatten();
                let due = due.filter(|due| *due != self.due).map(|due| RepairEvent::Promised { due });
                let note =
                    note.as_ref().filter(|note| !self.was_just_noted(note, by)).map(|note| RepairEvent::Noted { note: note.clone() });
                Ok(works.into_iter().chain(moved).chain(used).chain(due).chain(note).collect())
            }
            RepairCommand::Finish { to } if *to == Disposition::Restock && self.serves == RepairFor::Customer => Err(RepairRefused::Theirs),
            RepairCommand::Finish { to } => Ok(taken().into_iter().chain([RepairEvent::Done { to: *to }]).collect()),
            RepairCommand::GiveUp { to, reason } => {
                Ok(taken().into_iter().chain([RepairEvent::GivenUp { to: *to, reason: reason.clone() }]).collect())
            }
        }
    }

    /// Whether somebody said that last: pressed twice, it stands once.
    fn was_just_noted(&self, note: &str, by: &str) -> bool {
        let last = self.steps.iter().rev().take_while(|step| step.by == by).find_map(|step| match &step.event {
            RepairEvent::Noted { note } => Some(note),
            _ => None,
        });
        last.is_some_and(|last| last == note)
    }

    fn shares(&self, lots: &[LotNo]) -> bool {
        self.lots.iter().any(|lot| lots.contains(lot))
    }
}

/// What is to be done about the orders of a return, for them to be those of what is with the workshop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    Open(AtWorkshop),
    /// An event of the order at that place.
    Step(usize, RepairEvent),
}

/// What the orders of a return, the oldest first, lack for what is with the workshop now. `undone`: what was done just before is taken back, and with it
/// the end of an order that came of it.
pub fn mend(orders: &[Repair], works: &[AtWorkshop], undone: bool) -> Vec<Mend> {
    let mut kept: Vec<usize> = Vec::new();
    let mut mends = Vec::new();
    for work in works {
        let of_it = |open: bool| {
            let fits =
                |(place, order): &(usize, &Repair)| order.state.is_open() == open && order.shares(&work.lots) && !kept.contains(place);
            orders.iter().enumerate().filter(fits).map(|(place, _)| place).collect::<Vec<_>>()
        };
        let ended = || of_it(false).pop().filter(|_| undone);
        let (place, reopens) = match (of_it(true).first().copied(), ended()) {
            (Some(place), _) => (place, false),
            (None, Some(place)) => (place, true),
            (None, None) => {
                mends.push(Mend::Open(work.clone()));
                continue;
            }
        };
        kept.push(place);
        mends.extend(reopens.then_some(Mend::Step(place, RepairEvent::Reopened)));
        let order = &orders[place];
        if (&order.lots, order.units, order.serves) != (&work.lots, work.units, work.serves) {
            let (lots, units, serves) = (work.lots.clone(), work.units, work.serves);
            mends.push(Mend::Step(place, RepairEvent::Meant { lots, units, serves }));
        }
    }
    let left = orders.iter().enumerate().filter(|(place, order)| order.state.is_open() && !kept.contains(place));
    mends.extend(left.map(|(place, _)| Mend::Step(place, RepairEvent::Left)));
    mends
}

/// Puts into a timeline what its reader is to know of repairs: of what is theirs, how far it is. Of what the shop repairs for itself, nothing.
pub fn tell(entries: &mut Vec<Entry>, orders: &[Repair], now: Timestamp) {
    let theirs = || orders.iter().filter(|order| order.serves == RepairFor::Customer && order.state != RepairState::Left);
    for order in theirs() {
        let mut last: Option<Moment> = None;
        for step in &order.steps {
            let moment = match step.event {
                RepairEvent::Opened { .. } => Moment::InWorkshop,
                RepairEvent::Moved { to: RepairState::InWork } => Moment::RepairBegun,
                RepairEvent::Moved { to: RepairState::AwaitsParts } => Moment::RepairAwaitsParts,
                _ => continue,
            };
            if last.as_ref() == Some(&moment) {
                continue;
            }
            last = Some(moment.clone());
            let later = |entry: &Entry| entry.state != EntryState::Done || entry.at.is_some_and(|at| at > step.at);
            let place = entries.iter().position(later).unwrap_or(entries.len());
            entries.insert(
                place,
                Entry { moment, state: EntryState::Done, at: Some(step.at), promised_by: None, late: None, taken_back: false },
            );
        }
    }
    let due = theirs().filter(|order| order.state.is_open()).map(|order| order.due).max();
    // What the workshop says of it is younger than what was promised when it was asked for.
    if let Some(due) = due {
        for entry in entries.iter_mut().filter(|entry| entry.moment == Moment::RepairSent && entry.promised_by.is_some()) {
            entry.promised_by = Some(due);
            entry.late = (due < now).then_some(Late::Repair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn lot(name: &str) -> LotNo {
        name.parse().unwrap()
    }

    fn work(lots: &[&str], serves: RepairFor) -> AtWorkshop {
        AtWorkshop { lots: lots.iter().map(|name| lot(name)).collect(), units: lots.len() as u32, serves, due: at(100) }
    }

    fn opened(serves: RepairFor) -> Repair {
        Repair::open(&work(&["1.1"], serves), "EUR".parse().unwrap(), at(0), "wera".into()).unwrap()
    }

    fn give(order: &mut Repair, command: &RepairCommand, by: &str) -> Result<usize, RepairRefused> {
        let events = order.decide(command, by)?;
        let count = events.len();
        events.into_iter().for_each(|event| order.evolve(RepairStep { at: at(order.steps.len() as i64), by: by.to_owned(), event }));
        Ok(count)
    }

    fn progress(to: Option<RepairState>) -> RepairCommand {
        RepairCommand::Progress { to, parts: None, due: None, note: None }
    }

    fn commands() -> Vec<(&'static str, RepairCommand)> {
        let part = Part { what: "zip".into(), quantity: 1, cost: Some(250) };
        let (due, note) = (Some(at(200)), Some("looks well".to_owned()));
        vec![
            ("take", RepairCommand::Take { technician: "toni".into() }),
            ("work", progress(Some(RepairState::InWork))),
            ("wait", progress(Some(RepairState::AwaitsParts))),
            ("said", RepairCommand::Progress { to: None, parts: Some(vec![part]), due, note }),
            ("sell", RepairCommand::Finish { to: Disposition::Restock }),
            ("back", RepairCommand::Finish { to: Disposition::SendBack }),
            ("drop", RepairCommand::GiveUp { to: Disposition::Scrap, reason: "broken".into() }),
        ]
    }

    /// One row per state, one column per command: the state it leads to, `=` where nothing is new, `x` where it is refused.
    #[test]
    fn every_state_and_command_answers_as_this_table_says() {
        let row = |from: &Repair| {
            let answer = |(_, command): &(&str, RepairCommand)| {
                let mut order = from.clone();
                match give(&mut order, command, "toni") {
                    Err(_) => "x",
                    Ok(0) => "=",
                    Ok(_) => order.state.code(),
                }
            };
            commands().iter().map(answer).collect::<Vec<_>>().join(" ")
        };
        let after = |names: &[&str], serves| {
            let mut order = opened(serves);
            for name in names {
                let (_, command) = commands().into_iter().find(|(known, _)| known == name).unwrap();
                give(&mut order, &command, "toni").unwrap();
            }
            order
        };
        let stock = RepairFor::Stock;
        for (names, expected) in [
            (&[][..], "in_work in_work waiting_for_parts waiting done done given_up"),
            (&["take"], "= = waiting_for_parts in_work done done given_up"),
            (&["take", "wait"], "= in_work = waiting_for_parts done done given_up"),
            (&["take", "said"], "= = waiting_for_parts = done done given_up"),
            (&["sell"], "x x x x = x x"),
            (&["back"], "x x x x x = x"),
            (&["take", "drop"], "x x x x x x ="),
        ] {
            assert_eq!(row(&after(names, stock)), expected, "{names:?}");
        }
        let mut left = opened(stock);
        left.evolve(RepairStep { at: at(1), by: "wera".into(), event: RepairEvent::Left });
        assert_eq!(row(&left), "x x x x x x x");
        let theirs = opened(RepairFor::Customer);
        assert_eq!(theirs.decide(&RepairCommand::Finish { to: Disposition::Restock }, "toni"), Err(RepairRefused::Theirs));
        for (to, _) in Disposition::PLACES.iter().map(|(name, to)| (*to, name)) {
            let sense = |list: &[(&str, Disposition)]| list.iter().any(|(_, known)| *known == to);
            let finish = opened(stock).decide(&RepairCommand::Finish { to }, "toni");
            assert_eq!(finish == Err(RepairRefused::Senseless), !sense(&DONE_TO), "{to:?}");
            let drop = opened(stock).decide(&RepairCommand::GiveUp { to, reason: "why".into() }, "toni");
            assert_eq!(drop == Err(RepairRefused::Senseless), !sense(&GIVEN_UP_TO), "{to:?}");
        }
        assert_eq!(opened(stock).decide(&progress(Some(RepairState::Done)), "toni"), Err(RepairRefused::Senseless));
    }

    #[test]
    fn whoever_works_on_it_has_it_and_a_colleague_can_take_it_over() {
        let mut order = opened(RepairFor::Stock);
        give(&mut order, &progress(Some(RepairState::AwaitsParts)), "toni").unwrap();
        assert_eq!(order.technician.as_deref(), Some("toni"));
        give(&mut order, &RepairCommand::Take { technician: "ulla".into() }, "ulla").unwrap();
        assert_eq!(
            (order.technician.as_deref(), order.state),
            (Some("ulla"), RepairState::AwaitsParts),
            "what it waits for it still waits for"
        );
        let note = |words: &str| RepairCommand::Progress { to: None, parts: None, due: None, note: Some(words.into()) };
        assert_eq!(give(&mut order, &note("a"), "ulla"), Ok(1));
        assert_eq!(give(&mut order, &note("a"), "ulla"), Ok(0), "pressed twice");
        assert_eq!(give(&mut order, &note("a"), "toni"), Ok(1), "somebody else says so, too");
        for place in 0..MOST_STEPS {
            let _ = give(&mut order, &note(&place.to_string()), "ulla");
        }
        assert_eq!((give(&mut order, &note("more"), "ulla"), order.steps.len()), (Err(RepairRefused::Full), MOST_STEPS));
        assert_eq!(give(&mut order, &RepairCommand::Finish { to: Disposition::Restock }, "ulla"), Ok(1), "it ends all the same");
    }

    #[test]
    fn what_ended_by_mistake_goes_on_as_it_stood() {
        let mut order = opened(RepairFor::Stock);
        give(&mut order, &progress(Some(RepairState::AwaitsParts)), "toni").unwrap();
        let before = order.clone();
        give(&mut order, &RepairCommand::Finish { to: Disposition::Restock }, "toni").unwrap();
        assert!(!order.is_late(at(1_000)) && before.is_late(at(1_000)) && !before.is_late(at(99)));
        let works = [work(&["1.1"], RepairFor::Stock)];
        assert_eq!(mend(std::slice::from_ref(&order), &[], false), [], "over is over");
        let again = mend(std::slice::from_ref(&order), &works, false);
        assert!(matches!(again.as_slice(), [Mend::Open(_)]), "it came again: {again:?}");
        assert_eq!(mend(std::slice::from_ref(&order), &works, true), [Mend::Step(0, RepairEvent::Reopened)]);
        order.evolve(RepairStep { at: at(9), by: "toni".into(), event: RepairEvent::Reopened });
        assert_eq!((order.state, order.to, order.ended_at), (before.state, before.to, before.ended_at));
    }

    #[test]
    fn orders_become_those_of_what_lies_there() {
        let order = |lots: &[&str]| Repair::open(&work(lots, RepairFor::Stock), "EUR".parse().unwrap(), at(0), "wera".into()).unwrap();
        let orders = [order(&["1.1"]), order(&["1.2"]), order(&["2.1"])];
        let both = work(&["1.1", "1.2"], RepairFor::Customer);
        let meant = RepairEvent::Meant { lots: both.lots.clone(), units: 2, serves: RepairFor::Customer };
        let mends = mend(&orders, &[both, work(&["3.1"], RepairFor::Stock)], false);
        let expected = [
            Mend::Step(0, meant),
            Mend::Open(work(&["3.1"], RepairFor::Stock)),
            Mend::Step(1, RepairEvent::Left),
            Mend::Step(2, RepairEvent::Left),
        ];
        assert_eq!(mends, expected);
    }

    /// Steps as they were written down once are read for ever: this text only grows.
    #[test]
    fn steps_of_before_are_read_as_they_were_meant() {
        let golden = r#"[
            {"at":"2027-01-15T08:00:00Z","by":"wera","step":"opened","lots":["1.1"],"units":2,"serves":"stock","due":"2027-01-29T08:00:00Z","currency":"EUR"},
            {"at":"2027-01-15T08:00:01Z","by":"system","step":"meant","lots":["1.1","1.2"],"units":3,"serves":"customer"},
            {"at":"2027-01-15T08:00:02Z","by":"toni","step":"taken","technician":"key:workshop"},
            {"at":"2027-01-15T08:00:03Z","by":"toni","step":"moved","to":"in_work"},
            {"at":"2027-01-15T08:00:04Z","by":"toni","step":"moved","to":"awaits_parts"},
            {"at":"2027-01-15T08:00:05Z","by":"toni","step":"parts_used","parts":[{"what":"ZIP-1","quantity":2,"cost":450},{"what":"thread","quantity":1}]},
            {"at":"2027-01-15T08:00:06Z","by":"toni","step":"promised","due":"2027-02-01T08:00:00Z"},
            {"at":"2027-01-15T08:00:07Z","by":"toni","step":"noted","note":"zip ordered"},
            {"at":"2027-01-15T08:00:08Z","by":"toni","step":"done","to":"send_back"},
            {"at":"2027-01-15T08:00:09Z","by":"toni","step":"reopened"},
            {"at":"2027-01-15T08:00:10Z","by":"toni","step":"given_up","to":"scrap","reason":"torn"},
            {"at":"2027-01-15T08:00:11Z","by":"toni","step":"reopened"},
            {"at":"2027-01-15T08:00:12Z","by":"wera","step":"left"}
        ]"#;
        let steps: Vec<RepairStep> = serde_json::from_str(golden).unwrap();
        assert_eq!(serde_json::to_value(&steps).unwrap(), serde_json::from_str::<serde_json::Value>(golden).unwrap());
        let order = Repair::replay(steps.clone()).unwrap();
        assert_eq!(order.steps, steps);
        assert_eq!((order.state, order.units, order.serves, order.to), (RepairState::Left, 3, RepairFor::Customer, None));
        assert_eq!(
            (order.technician.as_deref(), order.parts.len(), order.due.to_string().as_str()),
            (Some("key:workshop"), 2, "2027-02-01T08:00:00Z")
        );
        assert_eq!(Repair::replay(steps[1..].to_vec()), None);
    }

    #[test]
    fn whose_it_is_reads_how_far_it_is_and_nothing_else() {
        let done = |moment, second| Entry {
            moment,
            state: EntryState::Done,
            at: Some(at(second)),
            promised_by: None,
            late: None,
            taken_back: false,
        };
        let ahead =
            Entry { state: EntryState::Now, at: None, promised_by: Some(at(50)), late: Some(Late::Repair), ..done(Moment::RepairSent, 0) };
        let before = vec![done(Moment::Delivered, 0), done(Moment::ShopWrote { words: "hello".into() }, 3), ahead];
        let mut order = opened(RepairFor::Customer);
        for (_, command) in commands().into_iter().take(4) {
            give(&mut order, &command, "toni").unwrap();
        }
        let mut entries = before.clone();
        tell(&mut entries, std::slice::from_ref(&order), at(60));
        let told: Vec<_> = entries.iter().map(|entry| entry.moment.clone()).collect();
        let wrote = Moment::ShopWrote { words: "hello".into() };
        assert_eq!(
            told,
            [Moment::Delivered, Moment::InWorkshop, Moment::RepairBegun, wrote, Moment::RepairAwaitsParts, Moment::RepairSent]
        );
        assert_eq!((entries[5].promised_by, entries[5].late), (Some(at(200)), None), "what the workshop says is younger");
        let all = serde_json::to_string(&entries).unwrap();
        assert!(!all.contains("toni") && !all.contains("zip") && !all.contains("looks well"), "{all}");
        for ours in [opened(RepairFor::Stock), Repair { state: RepairState::Left, ..order }] {
            let mut entries = before.clone();
            tell(&mut entries, &[ours], at(60));
            assert_eq!(entries, before);
        }
    }
}
