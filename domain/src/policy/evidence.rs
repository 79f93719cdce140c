//! What must be shown, and what of it is still missing (B22).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effects::Effect;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_to_spare_do_for_a_report_but_a_report_is_no_photo() {
        use EvidenceKind::{Photo, TestReport};
        let ask = |ask, at_least| EvidenceEffect { ask, of: EvidenceOf::Fault, at_least };
        let (photos, both) = (vec![ask(Photo, 1), ask(Photo, 1)], vec![ask(Photo, 1), ask(TestReport, 1)]);
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
