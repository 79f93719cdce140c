//! Dangerous goods: what no plain label may carry (N22).
//!
//! Lithium cells, liquids that burn or leak, and aerosols travel only packed, marked and declared for it (ADR chapter 3.3, IATA Dangerous
//! Goods Regulations 2.3), which no customer does at the kitchen table. Cells that are damaged or do not work must not go by post or
//! ordinary parcel at all (ADR special provision 376; IATA special provision A154).

use crate::ids::Code;

/// Why goods may not travel with a plain label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// They travel in a way that is made for them, or are brought.
    Goods,
    /// A battery that is damaged, or may be: never posted.
    DamagedBattery,
}

/// What is said of goods that tells how dangerous they are.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Their state, as the customer tells it.
    pub condition: Option<&'a Code>,
    /// Why they come back.
    pub reason: Option<&'a Code>,
    /// The same, more finely.
    pub sub_reason: Option<&'a Code>,
}

/// How dangerous goods of these kinds are to send. `hazmat` and every kind that begins with it count, and the plain words for what
/// is meant by it.
pub fn danger_of<'k>(kinds: impl IntoIterator<Item = &'k Code>, told: Told<'_>) -> Option<Danger> {
    let mut found = None;
    for kind in kinds {
        let kind = kind.as_str();
        let battery = kind.contains("lithium") || kind.contains("batter");
        if battery && told.may_be_damaged() {
            return Some(Danger::DamagedBattery);
        }
        if battery || kind.starts_with("hazmat") || ["liquid", "liquids", "aerosol", "aerosols"].contains(&kind) {
            found = Some(Danger::Goods);
        }
    }
    found
}

impl Told<'_> {
    /// Whether a battery in it may be damaged. A fault that is not told more finely may be one of the battery's.
    fn may_be_damaged(self) -> bool {
        let is = |code: Option<&Code>, known: &str| code.is_some_and(|code| code.as_str() == known);
        is(self.condition, "damaged")
            || is(self.reason, "damaged_in_transit")
            || is(self.sub_reason, "functional_fault")
            || is(self.reason, "quality") && self.sub_reason.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dangerous_and_which_batteries_are_never_posted() {
        let (goods, damaged) = (Some(Danger::Goods), Some(Danger::DamagedBattery));
        for (kinds, condition, reason, sub_reason, expected) in [
            ("apparel", "damaged", "damaged_in_transit", "", None),
            ("", "", "", "", None),
            ("hazmat-lithium", "", "", "", goods),
            ("hazmat-lithium", "unopened", "dislike", "", goods),
            ("hazmat-liquid", "damaged", "damaged_in_transit", "", goods),
            ("apparel hazmat-aerosol", "", "", "", goods),
            ("hazmat", "", "", "", goods),
            ("hazmat-corrosive", "", "", "", goods),
            ("battery", "", "late", "", goods),
            ("aerosol", "", "", "", goods),
            ("hazmat-lithium", "damaged", "", "", damaged),
            ("hazmat-lithium", "", "damaged_in_transit", "", damaged),
            ("battery", "", "quality", "functional_fault", damaged),
            ("batteries", "", "quality", "", damaged),
            ("hazmat-lithium", "", "quality", "cosmetic_flaw", goods),
            ("hazmat-liquid battery", "damaged", "", "", damaged),
        ] {
            let kinds: Vec<Code> = kinds.split_whitespace().map(|kind| kind.parse().unwrap()).collect();
            let [condition, reason, sub_reason] = [condition, reason, sub_reason].map(|code| code.parse::<Code>().ok());
            let told = Told { condition: condition.as_ref(), reason: reason.as_ref(), sub_reason: sub_reason.as_ref() };
            assert_eq!(danger_of(&kinds, told), expected, "{kinds:?} {told:?}");
        }
    }
}
