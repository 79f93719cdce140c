//! Where and when a courier of the shop's own calls at the door (B9, C48): areas, and how many parcels each of a day's slots takes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::ids::{Code, CountryCode};
use crate::order::Address;

/// Characters of an area's name.
pub const LONGEST_NAME: usize = 100;
/// Beginnings of postal codes of an area, and characters of one.
pub const MOST_PREFIXES: usize = 200;
pub const LONGEST_PREFIX: usize = 10;
/// Slots of a day, and parcels of a slot.
pub const MOST_SLOTS: usize = 12;
pub const MOST_ROOM: u32 = 1_000;
/// Days without any, of an area.
pub const MOST_CLOSED: usize = 60;

/// How a door that is called at stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DoorState {
    Booked,
    Collected,
    /// Nobody was at home.
    Missed,
}

coded!(DoorState { Booked => "booked", Collected => "collected", Missed => "missed" });

/// Hours of a day, and how many doors are called at in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRoom {
    /// `09-12`.
    pub slot: String,
    pub room: u32,
}

/// A part of the world in which a courier goes round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickupArea {
    pub id: Code,
    /// As people at work call it.
    pub name: String,
    pub country: CountryCode,
    /// How postal codes of it begin, in capitals, without spaces and dashes; none: all of the country.
    pub prefixes: Vec<String>,
    /// Days of the week on which somebody goes round, from 1, Monday, to 7.
    pub weekdays: Vec<i8>,
    pub slots: Vec<SlotRoom>,
    /// Days on which nobody does.
    #[serde(default)]
    pub closed: Vec<Date>,
}

/// What is wrong with an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AreaWrong {
    #[error("has 1 to {LONGEST_NAME} characters")]
    Name,
    #[error("are at most {MOST_PREFIXES}, each of 1 to {LONGEST_PREFIX} letters and digits")]
    Prefixes,
    #[error("are 1, Monday, to 7, at least one of them")]
    Weekdays,
    #[error("are 1 to {MOST_SLOTS}, each of hours such as 09-12, once, with room for 0 to {MOST_ROOM}")]
    Slots,
    #[error("are at most {MOST_CLOSED} days")]
    Closed,
}

impl AreaWrong {
    /// The field that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Prefixes => "prefixes",
            Self::Weekdays => "weekdays",
            Self::Slots => "slots",
            Self::Closed => "closed",
        }
    }
}

/// A postal code as areas hold it: in capitals, letters and digits only.
pub fn plain_postal(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Whether it is hours such as `09-12`.
pub fn is_slot(text: &str) -> bool {
    let hour = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten().filter(|hour| *hour <= 24);
    text.split_once('-').and_then(|(from, to)| Some((hour(from)?, hour(to)?))).is_some_and(|(from, to)| from < to)
}

impl PickupArea {
    /// What is sent of it, as it is kept: each once, in order.
    pub fn tidy(mut self) -> Result<Self, AreaWrong> {
        self.name = self.name.trim().to_owned();
        self.prefixes = self.prefixes.iter().map(|prefix| plain_postal(prefix)).collect();
        self.prefixes.sort();
        self.prefixes.dedup();
        self.weekdays.sort_unstable();
        self.weekdays.dedup();
        self.slots.sort_by(|one, other| one.slot.cmp(&other.slot));
        self.closed.sort_unstable();
        self.closed.dedup();
        let fits = |prefix: &String| (1..=LONGEST_PREFIX).contains(&prefix.chars().count());
        let twice = self.slots.windows(2).any(|pair| pair[0].slot == pair[1].slot);
        if !(1..=LONGEST_NAME).contains(&self.name.chars().count()) {
            return Err(AreaWrong::Name);
        }
        if self.prefixes.len() > MOST_PREFIXES || !self.prefixes.iter().all(fits) {
            return Err(AreaWrong::Prefixes);
        }
        if self.weekdays.is_empty() || !self.weekdays.iter().all(|day| (1..=7).contains(day)) {
            return Err(AreaWrong::Weekdays);
        }
        let room = |slot: &SlotRoom| is_slot(&slot.slot) && slot.room <= MOST_ROOM;
        if self.slots.is_empty() || self.slots.len() > MOST_SLOTS || twice || !self.slots.iter().all(room) {
            return Err(AreaWrong::Slots);
        }
        if self.closed.len() > MOST_CLOSED {
            return Err(AreaWrong::Closed);
        }
        Ok(self)
    }

    /// How exactly it covers an address: by so many letters of its postal code; nothing: not at all.
    fn covers(&self, address: &Address) -> Option<usize> {
        if address.country.as_ref() != Some(&self.country) {
            return None;
        }
        if self.prefixes.is_empty() {
            return Some(0);
        }
        let postal = plain_postal(address.postal_code.as_deref().unwrap_or_default());
        self.prefixes.iter().filter(|prefix| postal.starts_with(prefix.as_str())).map(|prefix| prefix.chars().count()).max()
    }

    /// Whether somebody goes round on that day.
    pub fn goes_on(&self, day: Date) -> bool {
        self.weekdays.contains(&day.weekday().to_monday_one_offset()) && !self.closed.contains(&day)
    }

    /// How many doors are called at in a slot.
    pub fn room(&self, slot: &str) -> u32 {
        self.slots.iter().find(|known| known.slot == slot).map_or(0, |known| known.room)
    }
}

/// The area that an address is in: of several the one that says so most exactly, of those the first by name.
pub fn area_of<'a>(areas: &'a [PickupArea], address: Option<&Address>) -> Option<&'a PickupArea> {
    let address = address?;
    let covering = areas.iter().filter_map(|area| Some((area.covers(address)?, area)));
    covering.max_by(|(one, a), (other, b)| one.cmp(other).then_with(|| b.id.as_str().cmp(a.id.as_str()))).map(|(_, area)| area)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(id: &str, country: &str, prefixes: &[&str]) -> PickupArea {
        PickupArea {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            country: country.parse().unwrap(),
            prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
            weekdays: vec![1, 2, 3, 4, 5],
            slots: vec![SlotRoom { slot: "09-12".into(), room: 2 }],
            closed: Vec::new(),
        }
    }

    fn at(country: &str, postal: &str) -> Address {
        Address { country: Some(country.parse().unwrap()), postal_code: Some(postal.to_owned()), ..Address::default() }
    }

    #[test]
    fn an_address_is_in_the_area_that_says_so_most_exactly() {
        let areas =
            [area("all", "DE", &[]), area("berlin", "DE", &["10", "12"]), area("mitte", "DE", &["101"]), area("london", "GB", &["SW1A"])];
        let named = |country: &str, postal: &str| area_of(&areas, Some(&at(country, postal))).map(|area| area.id.as_str().to_owned());
        for (country, postal, expected) in [
            ("DE", "10115", Some("mitte")),
            ("DE", "10999", Some("berlin")),
            ("DE", "80331", Some("all")),
            ("DE", "", Some("all")),
            ("GB", "sw1a 2aa", Some("london")),
            ("GB", "N1 9GU", None),
            ("CN", "310000", None),
        ] {
            assert_eq!(named(country, postal).as_deref(), expected, "{country} {postal}");
        }
        assert_eq!(area_of(&areas, None), None);
        assert_eq!(area_of(&[area("b", "DE", &["1"]), area("a", "DE", &["1"])], Some(&at("DE", "1"))).unwrap().id.as_str(), "a");
    }

    #[test]
    fn a_day_is_gone_round_on_by_its_weekday_unless_it_is_closed() {
        let mut area = area("a", "DE", &[]);
        area.closed = vec!["2026-12-25".parse().unwrap()];
        // A Friday, a Thursday, a Saturday.
        for (day, goes) in [("2026-12-25", false), ("2026-12-24", true), ("2026-12-26", false)] {
            assert_eq!(area.goes_on(day.parse().unwrap()), goes, "{day}");
        }
        assert_eq!((area.room("09-12"), area.room("13-18")), (2, 0));
    }

    #[test]
    fn what_is_sent_of_an_area_is_tidied_and_bounded() {
        let mut sent = area("a", "GB", &["sw1a", "SW-1A", "n1"]);
        (sent.weekdays, sent.name) = (vec![5, 1, 5], "  London ".into());
        let kept = sent.clone().tidy().unwrap();
        assert_eq!((kept.name.as_str(), kept.prefixes, kept.weekdays), ("London", vec!["N1".to_owned(), "SW1A".to_owned()], vec![1, 5]));
        type Spoil = fn(&mut PickupArea);
        let spoilt: [(Spoil, AreaWrong); 10] = [
            (|area| area.name = " ".into(), AreaWrong::Name),
            (|area| area.name = "字".repeat(LONGEST_NAME + 1), AreaWrong::Name),
            (|area| area.prefixes = vec!["--".into()], AreaWrong::Prefixes),
            (|area| area.prefixes = (0..=MOST_PREFIXES).map(|place| place.to_string()).collect(), AreaWrong::Prefixes),
            (|area| area.weekdays = vec![0], AreaWrong::Weekdays),
            (|area| area.weekdays.clear(), AreaWrong::Weekdays),
            (|area| area.slots.clear(), AreaWrong::Slots),
            (|area| area.slots[0].slot = "12-09".into(), AreaWrong::Slots),
            (|area| area.slots.push(area.slots[0].clone()), AreaWrong::Slots),
            (|area| area.slots[0].room = MOST_ROOM + 1, AreaWrong::Slots),
        ];
        for (spoil, wrong) in spoilt {
            let mut area = sent.clone();
            spoil(&mut area);
            assert_eq!(area.tidy().err(), Some(wrong));
        }
    }

    #[test]
    fn slots_are_hours() {
        for (text, is) in
            [("09-12", true), ("00-24", true), ("9-12", false), ("12-12", false), ("18-13", false), ("09-25", false), ("morning", false)]
        {
            assert_eq!(is_slot(text), is, "{text}");
        }
    }
}
