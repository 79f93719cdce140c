//! What pages show of people at work themselves.

use domain::ids::EmailAddress;
use domain::policy::Sentence;
use domain::returns::Disposition;
use domain::staff::{Member, StaffLimits};
use jiff::Timestamp;

use super::{Noted, Rail};

/// `/staff/me`
#[derive(Clone, Debug)]
pub struct MePage {
    pub rail: Rail,
    pub email: EmailAddress,
    pub limits: StaffLimits,
    /// They sign in with a password of ours, and codes.
    pub has_password: bool,
    pub sessions: Vec<SessionView>,
}

/// `/staff/me/password`
#[derive(Clone, Debug)]
pub struct PasswordPage {
    pub rail: Rail,
    pub email: EmailAddress,
    pub mistakes: Vec<Noted>,
}

/// `/staff/me/factor`
#[derive(Clone, Debug)]
pub struct FactorPage {
    pub rail: Rail,
    /// What the new app's codes are made of, locked: the form brings it back.
    pub factor: String,
    /// What the app reads from a QR code.
    pub address: String,
    /// The same, to be typed.
    pub key: String,
    pub mistakes: Vec<Noted>,
}

/// Somewhere that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Its name in forms.
    pub id: String,
    pub agent: String,
    pub began_at: Timestamp,
    pub used_at: Timestamp,
    /// The one that reads this.
    pub here: bool,
}

/// `/staff/people`
#[derive(Clone, Debug)]
pub struct PeoplePage {
    pub rail: Rail,
    pub people: Vec<PersonView>,
    /// Who decided otherwise than policy in the last 90 days, and against what.
    pub overrides: Vec<OverrideView>,
    pub mistakes: Vec<Noted>,
    /// As typed.
    pub name: String,
    pub email: String,
}

/// How often somebody decided otherwise than a rule of the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct OverrideView {
    pub name: String,
    /// The rule, as the customer of the last of these was told it.
    pub sentence: Option<Sentence>,
    /// The rule that says where goods go, and where, if it was that.
    pub sent_elsewhere: Option<(String, Disposition)>,
    pub count: u64,
}

/// Somebody who works here, or did.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub member: Member,
    /// They have chosen a password.
    pub ready: bool,
    pub left: bool,
}

/// `/staff/devices`
#[derive(Clone, Debug)]
pub struct DevicesPage {
    pub rail: Rail,
    pub devices: Vec<DeviceView>,
    /// A code that was just made; it is shown once.
    pub pairing: Option<PairingView>,
    pub mistakes: Vec<Noted>,
    /// As typed.
    pub name: String,
    pub warehouses: String,
}

/// A device of the house that people share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    pub id: String,
    pub name: String,
    pub warehouses: Vec<String>,
    pub paired_at: Timestamp,
    pub used_at: Timestamp,
}

/// A code that is to be typed on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingView {
    pub name: String,
    pub code: String,
    /// Where it is typed, and the same with the code.
    pub address: String,
    pub link: String,
}

/// `/staff/pair`
#[derive(Clone, Debug)]
pub struct PairPage {
    /// As typed.
    pub code: String,
    pub mistakes: Vec<Noted>,
    /// What it is called, where it is paired already.
    pub paired: Option<String>,
}
