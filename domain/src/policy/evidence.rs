//! What must be shown, and what of it is still missing (B22).

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effects::Effect;

/// What one photo or document shows, as whoever gives it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shows {
    Item,
    Damage,
    Packaging,
    ShippingLabel,
    SerialNumber,
    Fault,
    TestReport,
    Receipt,
}

impl Shows {
    pub const ALL: [Self; 8] =
        [Self::Item, Self::Damage, Self::Packaging, Self::ShippingLabel, Self::SerialNumber, Self::Fault, Self::TestReport, Self::Receipt];

    /// As it is written in forms, calls and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Damage => "damage",
            Self::Packaging => "packaging",
            Self::ShippingLabel => "shipping_label",
            Self::SerialNumber => "serial_number",
            Self::Fault => "fault",
            Self::TestReport => "test_report",
            Self::Receipt => "receipt",
        }
    }
}

/// It is none of [`Shows::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing that is shown is called so")]
pub struct UnknownShows;

impl FromStr for Shows {
    type Err = UnknownShows;

    fn from_str(text: &str) -> Result<Self, UnknownShows> {
        Self::ALL.into_iter().find(|shows| shows.code() == text).ok_or(UnknownShows)
    }
}

/// What kind of evidence is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Pictures.
    Photo,
    /// A test report or certificate, PDF or picture (C27).
    TestReport,
}

impl EvidenceKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Photo, Self::TestReport];
}

/// What the evidence should show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceOf {
    #[default]
    Item,
    Damage,
    Packaging,
    ShippingLabel,
    SerialNumber,
    Fault,
    /// What shows where and when it was bought.
    Receipt,
}

/// Evidence the customer is asked for. All that match are asked for together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEffect {
    /// Kind.
    pub ask: EvidenceKind,
    /// Of what.
    #[serde(default)]
    pub of: EvidenceOf,
    /// How many at least.
    #[serde(default = "one")]
    pub at_least: u32,
}

impl EvidenceEffect {
    /// What each piece that it asks for shows.
    #[must_use]
    pub const fn shows(&self) -> Shows {
        match (self.ask, self.of) {
            (EvidenceKind::TestReport, _) => Shows::TestReport,
            (_, EvidenceOf::Item) => Shows::Item,
            (_, EvidenceOf::Damage) => Shows::Damage,
            (_, EvidenceOf::Packaging) => Shows::Packaging,
            (_, EvidenceOf::ShippingLabel) => Shows::ShippingLabel,
            (_, EvidenceOf::SerialNumber) => Shows::SerialNumber,
            (_, EvidenceOf::Fault) => Shows::Fault,
            (_, EvidenceOf::Receipt) => Shows::Receipt,
        }
    }
}

impl Effect for EvidenceEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        (!(1..=10).contains(&self.at_least)).then_some(("at_least", "is between 1 and 10")).into_iter().collect()
    }
}

fn one() -> u32 {
    1
}

/// How many of each kind are still missing. Photos beyond those asked for do for test reports, which come as pictures too.
pub fn still_wanted<'e>(asked: impl IntoIterator<Item = &'e EvidenceEffect>, given: &[EvidenceKind]) -> Vec<(EvidenceKind, u32)> {
    let (mut photos, mut reports) = (0_u32, 0_u32);
    for effect in asked {
        match effect.ask {
            EvidenceKind::Photo => photos += effect.at_least,
            EvidenceKind::TestReport => reports += effect.at_least,
        }
    }
    let given = |kind: EvidenceKind| given.iter().filter(|given| **given == kind).count() as u32;
    let spare = given(EvidenceKind::Photo).saturating_sub(photos);
    let missing = [
        (EvidenceKind::Photo, photos.saturating_sub(given(EvidenceKind::Photo))),
        (EvidenceKind::TestReport, reports.saturating_sub(given(EvidenceKind::TestReport) + spare)),
    ];
    missing.into_iter().filter(|(_, missing)| *missing > 0).collect()
}

/// A piece that was given, and what it was said to show.
pub type Piece = (EvidenceKind, Option<Shows>);

/// The place of one piece that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSlot {
    pub kind: EvidenceKind,
    pub shows: Shows,
    /// Which of several of the same, from 1.
    pub nth: u32,
    /// What is there, as places in what was given. Several, where more was said to show this than is asked for.
    pub holds: Vec<usize>,
}

impl EvidenceSlot {
    fn takes(&self, kind: EvidenceKind) -> bool {
        kind == EvidenceKind::Photo || self.kind == EvidenceKind::TestReport
    }
}

/// A place for each piece that is asked for, and what was given beyond them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceSlots {
    pub asked: Vec<EvidenceSlot>,
    /// Places in what was given.
    pub beyond: Vec<usize>,
}

impl EvidenceSlots {
    /// Puts each piece where it was said to belong; the rest goes from the front to where nothing is yet. They show what is there, and are
    /// no stricter than [`still_wanted`], which alone decides: two photos of the damage do for one of it and one of the packaging.
    pub fn of<'e>(asked: impl IntoIterator<Item = &'e EvidenceEffect>, given: &[Piece]) -> Self {
        let mut slots = Self::default();
        for effect in asked {
            for _ in 0..effect.at_least {
                let nth = 1 + slots.asked.iter().filter(|slot| slot.shows == effect.shows()).count() as u32;
                slots.asked.push(EvidenceSlot { kind: effect.ask, shows: effect.shows(), nth, holds: Vec::new() });
            }
        }
        for (place, piece) in given.iter().enumerate().filter(|(_, (_, said))| said.is_some()) {
            slots.put(place, |slot| slot.takes(piece.0) && Some(slot.shows) == piece.1, true);
        }
        for (place, piece) in given.iter().enumerate() {
            if slots.holds(place) {
                continue;
            }
            // A photo does for a report, but not before it is known that no photo is wanted.
            let placed = slots.put(place, |slot| slot.kind == piece.0, false) || slots.put(place, |slot| slot.takes(piece.0), false);
            if !placed {
                slots.beyond.push(place);
            }
        }
        slots
    }

    fn holds(&self, place: usize) -> bool {
        self.asked.iter().any(|slot| slot.holds.contains(&place))
    }

    /// Puts a piece into the first fitting place where nothing is yet; else, where it may join another, into the last.
    fn put(&mut self, place: usize, fits: impl Fn(&EvidenceSlot) -> bool, joins: bool) -> bool {
        let fitting = || self.asked.iter().enumerate().filter(|(_, slot)| fits(slot));
        let open = fitting().find(|(_, slot)| slot.holds.is_empty());
        let found = open.or_else(|| fitting().last().filter(|_| joins)).map(|(found, _)| found);
        if let Some(found) = found {
            self.asked[found].holds.push(place);
        }
        found.is_some()
    }

    /// The places where something is still wanted: the first that are empty, as many as [`still_wanted`] counts.
    pub fn wanting<'s, 'e>(
        &'s self,
        asked: impl IntoIterator<Item = &'e EvidenceEffect>,
        given: &[Piece],
    ) -> impl Iterator<Item = &'s EvidenceSlot> {
        let kinds: Vec<EvidenceKind> = given.iter().map(|(kind, _)| *kind).collect();
        let wanted: u32 = still_wanted(asked, &kinds).into_iter().map(|(_, missing)| missing).sum();
        self.asked.iter().filter(|slot| slot.holds.is_empty()).take(wanted as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(ask: EvidenceKind, of: EvidenceOf, at_least: u32) -> EvidenceEffect {
        EvidenceEffect { ask, of, at_least }
    }

    #[test]
    fn each_piece_that_is_asked_has_a_place_of_its_own() {
        use EvidenceKind::{Photo, TestReport};
        let broken = vec![ask(Photo, EvidenceOf::Damage, 2), ask(Photo, EvidenceOf::Packaging, 1)];
        let reported = vec![ask(TestReport, EvidenceOf::Item, 1), ask(Photo, EvidenceOf::Fault, 1)];
        let (damage, packaging, report) = (Some(Shows::Damage), Some(Shows::Packaging), Some(Shows::TestReport));
        for (asked, given, holds, beyond) in [
            (&broken, vec![], vec![vec![], vec![], vec![]], vec![]),
            (&broken, vec![(Photo, packaging)], vec![vec![], vec![], vec![0]], vec![]),
            // What was given before anybody asked which it is: from the front.
            (&broken, vec![(Photo, None), (Photo, packaging), (Photo, None)], vec![vec![0], vec![2], vec![1]], vec![]),
            (&broken, vec![(Photo, damage); 3], vec![vec![0], vec![1, 2], vec![]], vec![]),
            // Said of something that is not asked for (any more): it counts like one of which nothing was said.
            (&broken, vec![(Photo, Some(Shows::Fault))], vec![vec![0], vec![], vec![]], vec![]),
            (&broken, vec![(TestReport, damage), (Photo, None)], vec![vec![1], vec![], vec![]], vec![0]),
            (&reported, vec![(Photo, None)], vec![vec![], vec![0]], vec![]),
            (&reported, vec![(Photo, None), (Photo, None), (TestReport, None)], vec![vec![1], vec![0]], vec![2]),
            (&reported, vec![(Photo, report), (TestReport, None)], vec![vec![0], vec![]], vec![1]),
        ] {
            let slots = EvidenceSlots::of(asked, &given);
            assert_eq!((slots.asked.iter().map(|slot| slot.holds.clone()).collect::<Vec<_>>(), slots.beyond), (holds, beyond), "{given:?}");
        }
        let slots = EvidenceSlots::of(&broken, &[]);
        assert_eq!(
            slots.asked.iter().map(|slot| (slot.shows.code(), slot.nth)).collect::<Vec<_>>(),
            [("damage", 1), ("damage", 2), ("packaging", 1)]
        );
        assert_eq!(Shows::ALL.map(|shows| shows.code().parse()), Shows::ALL.map(Ok));
    }

    #[test]
    fn places_want_as_much_as_the_policy_does_and_never_more() {
        use EvidenceKind::{Photo, TestReport};
        let asked = [
            vec![ask(Photo, EvidenceOf::Damage, 1), ask(Photo, EvidenceOf::Packaging, 1)],
            vec![ask(TestReport, EvidenceOf::Item, 1), ask(Photo, EvidenceOf::Fault, 2)],
            vec![ask(TestReport, EvidenceOf::Item, 2)],
            vec![],
        ];
        let said = [None, Some(Shows::Damage), Some(Shows::Packaging), Some(Shows::TestReport)];
        let pieces: Vec<Piece> = [Photo, TestReport].into_iter().flat_map(|kind| said.map(|shows| (kind, shows))).collect();
        for number in 0..pieces.len().pow(4) * 5 {
            let (mut digits, count) = (number / 5, number % 5);
            let given: Vec<Piece> = std::iter::repeat_with(|| {
                let piece = pieces[digits % pieces.len()];
                digits /= pieces.len();
                piece
            })
            .take(count)
            .collect();
            for asked in &asked {
                let slots = EvidenceSlots::of(asked, &given);
                let kinds: Vec<EvidenceKind> = given.iter().map(|(kind, _)| *kind).collect();
                let wanted: u32 = still_wanted(asked, &kinds).iter().map(|(_, missing)| missing).sum();
                assert_eq!(slots.wanting(asked, &given).count(), wanted as usize, "{given:?} of {asked:?}");
                let mut placed: Vec<usize> = slots.asked.iter().flat_map(|slot| slot.holds.clone()).chain(slots.beyond).collect();
                placed.sort_unstable();
                assert_eq!(placed, (0..given.len()).collect::<Vec<_>>(), "each is shown once");
            }
        }
    }

    #[test]
    fn photos_to_spare_do_for_a_report_but_a_report_is_no_photo() {
        use EvidenceKind::{Photo, TestReport};
        let fault = |kind| ask(kind, EvidenceOf::Fault, 1);
        let (photos, both) = (vec![fault(Photo), fault(Photo)], vec![fault(Photo), fault(TestReport)]);
        for (asked, given, missing) in [
            (&photos, vec![], vec![(Photo, 2)]),
            (&photos, vec![Photo], vec![(Photo, 1)]),
            (&photos, vec![Photo, TestReport], vec![(Photo, 1)]),
            (&photos, vec![Photo, Photo], vec![]),
            (&both, vec![Photo], vec![(TestReport, 1)]),
            (&both, vec![TestReport], vec![(Photo, 1)]),
            (&both, vec![Photo, TestReport], vec![]),
            (&both, vec![Photo, Photo], vec![]),
        ] {
            assert_eq!(still_wanted(asked, &given), missing, "{given:?}");
        }
    }
}
